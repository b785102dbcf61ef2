"""What a server does that is asked for more than it can do.

    python -m benchmarks.flood [--records 100] [--workers 2] [--seconds 10] [--keep FOLDER]

The best rate is found first, with a few connections that ask without pause. Then come floods: many connections that
ask at a fixed pace, two, four and eight times that rate together. What is answered well must stay above 80 % of the
best; what is turned away is told so at once (503); and a caller beside the flood, who asks one read after the other, is
timed. How evenly connections come to the workers is read from their processor time.

Who asks shares the processors with who answers, and asks more the more he is turned away. So it is judged by what the
server makes of the processor time that it has: good answers for a second of it, refusals included. The rate is told
beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Self

import httpx
import psutil

from benchmarks import bodies, cpu
from benchmarks.__main__ import carnet_loads, say, seeded, tokens, workplace

if TYPE_CHECKING:
    from benchmarks.servers import Server

FOLDER = Path(__file__).parent
CALM, CROWD = (8, 16, 32), 1000
FLOODS = (2, 4, 8)
LEAST = 0.8
SOON = 0.1
"""Seconds within which half of those beside a flood must have an answer, of whatever kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """Answers a second, good and 503, those that were neither, the busier worker's share, ms of CPU for a good one."""

    good: float
    full: float
    wrong: int
    share: float
    cost: float


def arguments() -> argparse.Namespace:
    """What the caller may choose."""
    parser = argparse.ArgumentParser(prog="benchmarks.flood", description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="folder to keep the seeded data in, and to use again if it has any")
    return parser.parse_args()


def workers(server: Server) -> list[psutil.Process]:
    """The processes that answer."""
    main = psutil.Process(server.process.pid)
    return [one for one in main.children(recursive=True) if one.children() == []]


def spent(server: Server) -> dict[int, float]:
    """Processor time of each worker so far."""
    return {one.pid: sum(one.cpu_times()[:2]) for one in workers(server)}


def pour(server: Server, plan: dict[str, str], connections: int, pause: int, seconds: int, run: int) -> Found:
    """One load."""
    before, whole = spent(server), cpu.spent(server.process.pid, server.postmaster)
    wrk = [shutil.which("wrk") or "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    words = plan | {"pause": str(pause), "seed": str(run), "run": str(run)}
    command = [*wrk, "-s", str(FOLDER / "flood.lua"), server.url, "--", *(f"{k}={v}" for k, v in words.items())]
    said = subprocess.run(command, cwd=FOLDER.parent, check=True, capture_output=True, text=True).stdout  # noqa: S603
    result = json.loads(next(line for line in said.splitlines() if line.startswith("RESULT "))[7:])
    used = [after - before.get(pid, 0.0) for pid, after in spent(server).items()]
    took = result["seconds"]
    cost = (cpu.spent(server.process.pid, server.postmaster) - whole).total * 1000 / max(result["good"], 1)
    return Found(result["good"] / took, result["full"] / took, result["wrong"], max(used) / sum(used), cost)


class Beside:
    """A caller who asks one read after the other while a flood goes on; None is a read that got no answer."""

    def __init__(self, url: str, token: str, path: str) -> None:
        self.times: list[tuple[int, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(url, token, path))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self, url: str, token: str, path: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=10, trust_env=False) as http:
            while not self._over.wait(0.05):
                started = time.perf_counter()
                status = http.get(path).status_code
                self.times.append((status, time.perf_counter() - started))

    def told(self) -> str:
        """How long he waited, in ms: half of his answers at most, and nearly all."""
        took = [seconds * 1000 for _, seconds in self.times]
        good = sum(status == httpx.codes.OK for status, _ in self.times)
        cut = quantiles(took, n=100)
        return f"{good} of {len(took)} good, p50 {cut[49]:.0f} ms, p99 {cut[98]:.0f} ms"


def run(options: argparse.Namespace) -> int:
    """Everything in order; the exit status says whether it held."""
    number = int(time.time())
    with workplace(options) as work, ExitStack() as stack:
        made, _ = seeded(work, options)
        server = work.carnet.start()
        stack.callback(server.stop)
        callers = tokens(work.carnet, made.read[0].id)
        loads = carnet_loads(work, server, made, callers, bodies.document("elsewhere"))
        plan = loads["create"].plan | {
            "reader": loads["read"].plan["token"],
            "reads": loads["read"].plan["targets"],
            "searches": loads["search"].plan["targets"],
        }
        pour(server, plan, CALM[0], 0, 5, number)  # the second worker may still be starting
        best, cheapest = 0.0, float("inf")
        for turn, connections in enumerate(CALM):
            found = pour(server, plan, connections, 0, options.seconds, number + turn + 1)
            say(f"{connections} connections: {found.good:.0f}/s, {found.cost:.2f} ms, busier worker {found.share:.0%}")
            best, cheapest = max(best, found.good), min(cheapest, found.cost)
        held = True
        for turn, times in enumerate(FLOODS):
            pause = int(1000 * CROWD / (times * best))
            path = f"/fhir/DocumentReference/{made.read[0].documents[0]}"
            with Beside(server.url, callers["reader"], path) as beside:
                found = pour(server, plan, CROWD, pause, options.seconds, number + 10 + turn)
            offered = (found.good + found.full) / best
            say(
                f"flood, {offered:.1f} times the best rate: {found.good:.0f}/s good ({found.good / best:.0%}), "
                f"{found.cost:.2f} ms of CPU each ({cheapest / found.cost:.0%} of the best for a second of CPU), "
                f"{found.full:.0f}/s turned away, {found.wrong} wrong; beside it {beside.told()}; "
                f"busier worker {found.share:.0%}"
            )
            held = held and cheapest >= LEAST * found.cost and not found.wrong
        resident = [one.memory_info().rss >> 20 for one in workers(server)]
        say(f"memory of the workers after it: {resident} MiB")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(run(arguments()))
