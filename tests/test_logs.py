"""The log: one JSON object a line, with the request that it is about, and nobody in it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import logs
from app.settings import Settings
from tests.serving import NIRS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SAID = re.compile(
    "|".join((*NIRS, "2800175[0-9]{8}", "Pat-Trois", "Pat-Mère", "Dominique", "Camille", "Dupont", "Jeanne",
              "ClinicalDocument", "Compte rendu", "inconscient", "Bearer ", "eyJ", "8[0-9]{11}", "DETAIL"))
)  # fmt: skip
"""Numbers, names, words and contents that the tests send, and what a token or a database's detail looks like."""


@pytest.fixture
def written(tmp_path: Path) -> Iterator[io.StringIO]:
    """What the server writes to its log, as its settings begin."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure(Settings(data=tmp_path, access_log=True), stream)
    yield stream
    root.handlers = before
    root.setLevel(level)


async def test_a_line_is_json_and_names_the_request_and_nobody(written: io.StringIO) -> None:
    logs.REQUEST.set("r-1")
    logging.getLogger("app.rest").warning("no answer from %s", "a part below")
    logging.getLogger("asyncpg").warning("row of %s", "Jeanne Dupont")
    try:
        int("Jeanne Dupont")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    await asyncio.to_thread(logging.getLogger("app.records").info, "answered", extra={"status": 200})
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "no answer from a part below", "row of %s", "Exception in ASGI application", "answered",
    ]  # fmt: skip
    assert {line["request"] for line in lines} == {"r-1"}
    assert (lines[2]["error"], lines[3]["status"], lines[3]["level"]) == ("ValueError", 200, "info")
    assert all(line["time"].endswith("Z") for line in lines)
    assert "Jeanne" not in written.getvalue()


@pytest.mark.slow
def test_a_run_of_the_rest_tests_logs_nobody(tmp_path: Path, inner_run: dict[str, str]) -> None:
    kept = tmp_path / "log"
    run = ["tests/test_rest_http.py", "tests/test_bad_input.py", "tests/test_rest_e2e.py", "tests/test_hostile.py",
           "tests/test_contents_http.py", "tests/test_notices_bad_days.py", "tests/test_entrance.py"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", f"--log-file={kept}",
         "--log-file-level=INFO", "--log-file-format=%(name)s %(message)s", *run],
        cwd=ROOT, env=inner_run, capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in kept.read_text(encoding="utf-8").splitlines() if not line.startswith(("httpx", "faker"))]
    assert len(ours) > 10, done.stdout[-2000:]
    assert [line for line in ours if SAID.search(line)] == []
