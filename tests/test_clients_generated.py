"""Clients that generators make of the OpenAPI document, compiled, and used against a server on a real socket."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from tests.running import listening
from tests.serving import NIRS, TEST_INS, Carnet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "openapi" / "carnet.json"
CLIENTS = ROOT / "tests" / "clients"
VENV = ROOT / ".extras" / "clients"
MODULES = CLIENTS / "node" / "node_modules"
DOCTOR, PHARMACIST = ("810000000001", "10"), ("810000000021", "21")
STRICT = {
    "strict": True, "noUncheckedIndexedAccess": True, "skipLibCheck": False, "target": "es2022", "module": "nodenext"
}  # fmt: skip
PATIENCE = 300

Tree = dict[str, Any]


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with listening(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


def needs(*things: str | Path) -> None:
    """Skip where a program or a folder is missing."""
    for thing in things:
        there = thing.exists() if isinstance(thing, Path) else shutil.which(thing)
        if not there:
            pytest.skip(f"{thing} is missing: scripts/extras installs it")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a program prints, which ends well."""
    named = {**os.environ, **environment}
    done = subprocess.run(command, cwd=cwd, env=named, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


async def lived(carnet: Carnet, number: int, *command: str | Path, cwd: Path) -> None:
    """A life of a record by a client, and what it must have met (tests/clients/README.md)."""
    task = {
        "CARNET_URL": carnet.settings.public_url,
        "CARNET_CODES": carnet.settings.codesystem_base,
        "CARNET_INS": f"{TEST_INS}|{NIRS[number]}",
        "DOCTOR": carnet.token(mint.professional(DOCTOR[0], profession=DOCTOR[1], structure="1750000001")),
        "PHARMACIST": carnet.token(mint.professional(PHARMACIST[0], profession=PHARMACIST[1], structure="1750000002")),
    }
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env={**os.environ, **task}, stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert program.stdout
    assert program.stderr
    record = (await program.stdout.readline()).decode().strip()
    assert record, (await program.stderr.read()).decode()
    token = carnet.token(mint.holder(record))
    out, err = await asyncio.wait_for(program.communicate(f"{token}\n".encode()), PATIENCE)
    assert program.returncode == 0, err.decode()
    await met(carnet, record, json.loads(out.decode().splitlines()[-1]))


async def met(carnet: Carnet, record: str, told: Tree) -> None:
    documents = told["documents"]
    assert (told["record"], len(documents), told["masked"]) == (record, 3, documents[1])
    assert told["seen"] == sorted({*documents} - {told["masked"]})
    assert told["refused"] == "not-found"
    assert told["journal"] >= 8
    assert sorted(await carnet.doctor().found(f"DocumentReference?patient={record}")) == sorted(documents)
    masked = await carnet.holder(record).get(f"DocumentReference/{told['masked']}")
    assert masked.json()["securityLabel"][0]["coding"][0]["code"] == "MASQUE_PS"


async def test_openapi_python_client(carnet: Carnet, tmp_path: Path) -> None:
    program = VENV / "bin" / "python"
    needs(program)
    config = CLIENTS / "python" / "config.json"
    generate = ("generate", "--path", DOCUMENT, "--config", config, "--meta", "none")
    told = run(VENV / "bin" / "openapi-python-client", *generate, "--output-path", "carnet_client", cwd=tmp_path)
    assert "ERROR" not in told
    # What it leaves out: the other way to say the same.
    assert (
        told.count("WARNING")
        == len(re.findall(r"Unsupported content type application/(fhir|xml-patch)\+xml", told))
        > 0
    )
    life = CLIENTS / "python" / "life.py"
    options = ("--strict", "--python-executable", program, "--cache-dir", tmp_path / "cache")
    run(sys.executable, "-m", "mypy", "--config-file=", *options, life, cwd=tmp_path, MYPYPATH=str(tmp_path))
    run(program, "-W", "error", "-m", "compileall", "-q", "carnet_client", cwd=tmp_path)
    await lived(carnet, 0, "env", f"PYTHONPATH={tmp_path}", program, life, cwd=tmp_path)


async def test_hey_api_openapi_ts(carnet: Carnet, tmp_path: Path) -> None:
    needs("node", MODULES)
    shutil.copy(CLIENTS / "node" / "life.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="ascii")
    options = {"typeRoots": [str(MODULES / "@types")], "types": ["node"], "outDir": "made", **STRICT}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options}), encoding="utf-8")
    config = CLIENTS / "node" / "openapi-ts.config.mjs"
    told = run(MODULES / ".bin" / "openapi-ts", "-f", config, cwd=tmp_path, CARNET_DOCUMENT=str(DOCUMENT))
    assert "warn" not in told.lower()
    run(MODULES / ".bin" / "tsc", cwd=tmp_path)
    await lived(carnet, 1, "node", "made/life.js", cwd=tmp_path)


async def test_openapi_generator(carnet: Carnet, tmp_path: Path) -> None:
    needs("java", "javac", VENV)
    (jar,) = VENV.rglob("openapi-generator.jar")
    made = "openApiNullable=false,containerDefaultToNull=true,useSingleRequestParameter=true"
    which = "models,apis,supportingFiles,modelDocs=false,apiDocs=false,modelTests=false,apiTests=false"
    generate = ("generate", "-g", "java", "--library", "native", "-i", DOCUMENT, "-o", "client")
    told = run(
        "java", "-jar", jar, *generate, "--additional-properties", made, "--global-property", which, cwd=tmp_path
    )
    assert " ERROR " not in told
    sources = [*(tmp_path / "client" / "src" / "main").rglob("*.java"), *(CLIENTS / "java").rglob("*.java")]
    run("javac", "-proc:none", "-nowarn", "-cp", jar, "-d", "made", *sources, cwd=tmp_path)
    await lived(carnet, 2, "java", "-cp", f"made{os.pathsep}{jar}", "Life", cwd=tmp_path)
