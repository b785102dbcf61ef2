"""Two FHIR clients of npm as their users call them, against a server on a real socket."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.running import listening
from tests.serving import NIRS, Carnet, consent, document, patient, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parent / "clients" / "node"
HOLDER = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    if not (shutil.which("node") and (FOLDER / "node_modules").exists()):
        pytest.skip("node or its packages are missing: scripts/extras installs them")
    async with listening(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.mark.parametrize(("name", "number"), [("kit", 0), ("smart", 1)])
async def test_a_client_of_npm(carnet: Carnet, name: str, number: int) -> None:
    will = consent(HOLDER, "opening", base=carnet.settings.codesystem_base)
    task = {
        "url": carnet.settings.public_url,
        "doctor": carnet.token(mint.professional("810000000001", structure="1750000001")),
        "nurse": carnet.token(mint.professional("810000000031", profession="60", structure="1750000001")),
        "opening": transaction((HOLDER, patient(NIRS[number])), (HOLDER[:-1] + "2", will)),
        "documents": [document("", description=f"document {n}") for n in range(3)],
    }
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        "node", FOLDER / f"{name}.mjs", env={**os.environ, "CARNET_TASK": json.dumps(task)}, stdout=pipe, stderr=pipe
    )
    out, err = await asyncio.wait_for(program.communicate(), 300)
    assert program.returncode == 0, err.decode()
    told = json.loads(out)
    found = await carnet.doctor().found(f"DocumentReference?patient={told['record']}&_sort=_lastUpdated")
    assert sorted(found) == sorted(told["documents"])
    assert len(found) == 3
