"""Backup and restore as docs/operating.md says: everything is there again, and what was destroyed stays destroyed."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.faults.stack import DOCTOR, ROOT, Load, Stack, verify
from tests.serving import NIRS, document, open_record

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder where PostgreSQL's own account can pass."""
    with tempfile.TemporaryDirectory(prefix="carnet-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def run(*command: str | Path, stack: Stack) -> str:
    """What a program says, which must succeed."""
    done = subprocess.run(list(map(str, command)), env=stack.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_a_backup_under_load_is_restored(place: Path) -> None:
    stack = Stack(place / "data")
    carnet = (sys.executable, "-P", "-m", "app.cli")
    try:
        stack.start()
        async with httpx.AsyncClient(base_url=stack.url, timeout=30, trust_env=False) as http:
            load = Load(stack.carnet(http), random.Random(3))
            await load.open()
            doomed = await open_record(load.doctor, NIRS[1], treating=DOCTOR)
            secret = await load.doctor.make(document(doomed, content=b"what nobody will read again"))
            over = asyncio.Event()
            asking = asyncio.create_task(load.run(4, over))
            await asyncio.sleep(1)
            kept = dict(load.written)
            told = list(load.answered)
            script = ROOT / "scripts" / "backup"
            await asyncio.to_thread(run, script, stack.data, place / "backup", place / "apart", stack=stack)
            over.set()
            await asking
            assert "master" in {path.name for path in (place / "apart" / "keys").iterdir()}
            assert not (place / "backup" / "keys").exists()
            run(*carnet, "record", "destroy", doomed, "--reason", "fraud", "--heard", stack=stack)
            assert (await load.doctor.get(f"DocumentReference/{secret}")).status_code == 404
            assert "FAIL" not in run(*carnet, "doctor", stack=stack)
            stack.stop()
            shutil.move(stack.data, place / "lost")
            # The keys of today, not those of the backup: they know what was destroyed since.
            run(ROOT / "scripts" / "restore", place / "backup", place / "lost", stack.data, stack=stack)
            stack.start()
            load.carnet = stack.carnet(http)
            load.written = kept
            load.answered = told
            load.committed = set()
            await verify(stack, load, contents=100)
            for path in (f"DocumentReference/{secret}", f"Patient/{doomed}"):
                assert (await load.doctor.get(path)).status_code == 404, path
            rows = await stack.rows("SELECT id FROM public.document_reference WHERE record = $1", doomed)
            assert rows == []
            count = await stack.rows("SELECT count(*) AS n FROM public.audit_event WHERE interaction = '$destroy'")
            assert count[0]["n"] == 1
            assert "FAIL" not in run(*carnet, "doctor", stack=stack)
            assert "0 missing" in run(*carnet, "contents", stack=stack)
    finally:
        stack.stop()


def test_a_restore_upon_what_is_in_use_is_refused(place: Path) -> None:
    (place / "data" / "postgres").mkdir(parents=True)
    command = [str(ROOT / "scripts" / "restore"), str(place), str(place), str(place / "data")]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert (done.returncode, "in use" in done.stderr) == (1, True)
