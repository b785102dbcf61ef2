"""One measured load: wrk with a script that judges every answer, and the CPU time that it cost."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import cpu

if TYPE_CHECKING:
    from benchmarks.servers import Server

FOLDER = Path(__file__).parent
CONNECTIONS = 16
WARM_UP = 2
SETTLE = 0.5
MICRO = 1e6


class WrongAnswersError(Exception):
    """A load got an answer that is not the right one: its figures mean nothing."""


class NoAnswersError(WrongAnswersError):
    """A load got no answer at all in its time."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent to one server: a script of this folder and the words of its plan (`answers.lua`)."""

    name: str
    server: Server
    script: str
    plan: dict[str, str]
    connections: int = CONNECTIONS

    def command(self, seconds: int, run: int) -> list[str]:
        """The wrk call of one run; `run` seeds the draws and makes what is written unique."""
        # One thread: the two cores are the server's, and wrk's own time is not counted.
        wrk = shutil.which("wrk") or "wrk"
        options = ["-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(FOLDER / self.script)]
        words = [f"{key}={value}" for key, value in (self.plan | {"seed": str(run), "run": str(run)}).items()]
        return [wrk, *options, self.server.url, "--", *words]


@dataclass(frozen=True, slots=True)
class Measure:
    """What one run came to: CPU in µs a request, requests a second, latencies in ms."""

    name: str
    requests: int
    server_us: float
    database_us: float
    rate: float
    p50_ms: float
    p99_ms: float
    total_us: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total_us", self.server_us + self.database_us)


def _run(load: Load, seconds: int, run: int) -> dict[str, float]:
    finished = subprocess.run(  # noqa: S603 - our own command
        load.command(seconds, run), cwd=FOLDER.parent, check=False, capture_output=True, text=True
    )
    lines = [line for line in finished.stdout.splitlines() if line.startswith("RESULT ")]
    if finished.returncode or not lines:
        raise RuntimeError(f"wrk failed: {finished.stdout}{finished.stderr}")
    result: dict[str, float] = json.loads(lines[-1].removeprefix("RESULT "))
    if not (result["good"] or result["wrong"] or result["broken"]):
        raise NoAnswersError(f"{load.name}: {result}")
    if result["wrong"] or result["broken"] or not result["good"]:
        raise WrongAnswersError(f"{load.name}: {result}")
    return result


def _spent(server: Server) -> cpu.Spent:
    return cpu.spent(server.process.pid, server.postmaster)


def measure(load: Load, seconds: int, run: int, warm_up: int = WARM_UP) -> Measure:
    """Warm up, then count CPU before and after `seconds` of load; WrongAnswersError at the first wrong answer.

    The second reading waits half a second, so that work put off after an answer is counted too.
    """
    _run(load, warm_up, run * 2)
    time.sleep(SETTLE)
    before = _spent(load.server)
    result = _run(load, seconds, run * 2 + 1)
    time.sleep(SETTLE)
    used = _spent(load.server) - before
    good = int(result["good"])
    return Measure(
        name=load.name,
        requests=good,
        server_us=used.server / good * MICRO,
        database_us=used.database / good * MICRO,
        rate=good / result["seconds"],
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
    )
