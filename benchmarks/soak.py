"""An hour of modest load: is memory flat, is everything answered?

    python -m benchmarks.soak [--minutes 60] [--rate 150] [--workers 2] [--crowd 1000] [--keep FOLDER] [--write]

Requests are sent at a steady rate, whether those before are answered or not, in the mix of the matrix: 60 reads, 25
searches of 20 documents, 10 creates, 5 transactions of ten. A latency counts from the moment when its request was due.
Each minute the memory of each worker is told, with errors and latencies. In the end a line is laid through the memory
of the last three quarters: it is flat where that rises by less than 3 % an hour, and the exit status says so. All of
it runs at a niceness of 10. `--write` puts the table into `benchmarks/soak.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression, median, quantiles
from typing import TYPE_CHECKING

from benchmarks import bodies
from benchmarks.__main__ import say, seeded, tokens, workplace
from benchmarks.flood import workers
from benchmarks.matrix import crowd
from benchmarks.report import MIB, machine
from benchmarks.seed import FHIR_JSON
from benchmarks.servers import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.seed import Seeded
    from benchmarks.servers import Server

MIX = {"read": 60, "search": 25, "create": 10, "transaction": 5}
SETTLED = 0.25
"""The first part of the time, in which caches fill: it is not judged."""
MOST_GROWTH = 0.03
"""Part of a worker's memory by which it may grow in an hour."""
MOST_MEMORY = 150e6
"""Bytes of a worker."""
MOST_UNDER_WAY = 1000
LINES = 32
LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)
UNSENT = "not sent"
"""What the machine left no time to ask for: told, but no fault of the server."""
PAGE = Path(__file__).parent / "soak.md"


def arguments() -> argparse.Namespace:
    """What the caller may choose."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rate", type=float, default=150, help="requests a second")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--records", type=int, default=300, help="records of twenty documents that are asked for")
    parser.add_argument("--crowd", type=int, default=1000, help="records of a sample around them")
    parser.add_argument("--keep", type=Path, help="folder to keep the data in, and to use again if it has any")
    parser.add_argument("--write", action="store_true", help="write benchmarks/soak.md")
    options = parser.parse_args()
    options.documents = 20
    return options


@dataclass(frozen=True, slots=True)
class Minute:
    """What one minute came to: answers, what went wrong by kind, latencies in ms, memory of each worker in bytes."""

    answered: int
    wrong: dict[str, int]
    p50: float
    p99: float
    resident: tuple[int, ...]
    own: tuple[int, ...]


class Line:
    """One connection, which asks one thing after the other: a client that costs less than what it asks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """Status of the answer, which is read to its end; OSError or EOFError where there is none.

        A connection that was idle may have been closed meanwhile: then it is asked again, over a new one.
        """
        used = self._open is not None
        try:
            return await self._ask(request)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.close()
            if not used or (isinstance(error, asyncio.IncompleteReadError) and error.partial):
                raise
            return await self._ask(request)

    async def _ask(self, request: bytes) -> int:
        self._open = self._open or await asyncio.open_connection(HOST, self._port, limit=1 << 20)
        reader, writer = self._open
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if found := LENGTH.search(head):
            await reader.readexactly(int(found[1]))
        return int(head[9:12])

    def close(self) -> None:
        """End the connection."""
        if self._open:
            self._open[1].close()
            self._open = None


@dataclass
class Pouring:
    """Requests at a steady rate over some lines; `due` draws the next one."""

    lines: asyncio.LifoQueue[Line]
    due: Callable[[], bytes]
    times: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def minute(self, rate: float, seconds: float) -> None:
        """Send for so many seconds; what is under way at their end is answered in the next."""
        started = time.perf_counter()
        for number in range(int(rate * seconds)):
            moment = started + number / rate
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            if len(self.under_way) >= MOST_UNDER_WAY or time.perf_counter() > started + seconds:
                self.wrong[UNSENT] += 1
                continue
            task = asyncio.create_task(self._ask(self.due(), moment))
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)

    async def _ask(self, request: bytes, moment: float) -> None:
        line = await self.lines.get()
        try:
            status = await line.ask(request)
        except (OSError, EOFError) as error:
            line.close()
            self.wrong[type(error).__name__] += 1
            return
        finally:
            self.lines.put_nowait(line)
        if status in {200, 201}:
            self.times.append((time.perf_counter() - moment) * 1000)
        else:
            self.wrong[str(status)] += 1

    def told(self, server: Server) -> Minute:
        """What came since the last time."""
        cut = quantiles(self.times or [0.0, 0.0], n=100)
        memory = [one.memory_full_info() for one in sorted(workers(server), key=lambda one: one.pid)]
        resident, own = tuple(one.rss for one in memory), tuple(one.pss for one in memory)
        minute = Minute(len(self.times), dict(self.wrong), cut[49], cut[98], resident, own)
        self.times, self.wrong = [], Counter()
        return minute


def mix(made: Seeded, callers: dict[str, str], run: int) -> Callable[[], bytes]:
    """What draws one request after the other."""
    draw = random.Random(run)
    documents = [one for record in made.read for one in record.documents]
    templates = {"create": bodies.document("elsewhere"), "transaction": bodies.template("lot")}
    paths = {"create": "/fhir/DocumentReference", "transaction": "/fhir"}
    count = 0

    def due() -> bytes:
        nonlocal count
        count += 1
        kind = draw.choices(list(MIX), list(MIX.values()))[0]
        if kind == "read":
            return said("GET", f"/fhir/DocumentReference/{draw.choice(documents)}", callers["reader"])
        if kind == "search":
            return said("GET", f"/fhir/DocumentReference?patient={draw.choice(made.read).id}", callers["reader"])
        record = draw.choice(made.written)
        body = bodies.filled(templates[kind], record=record.id, ins=record.ins, number=f"{run}.{count}")
        return said("POST", paths[kind], callers["depositor"], body.encode())

    return due


def said(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A request as it goes over the line."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: {FHIR_JSON}\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{head}\r\n".encode() + body


async def pour(server: Server, made: Seeded, callers: dict[str, str], options: argparse.Namespace) -> list[Minute]:
    """The whole time, minute by minute."""
    minutes: list[Minute] = []
    lines: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(LINES):
        lines.put_nowait(Line(server.port))
    pouring = Pouring(lines, mix(made, callers, int(time.time())))
    for number in range(options.minutes):
        await pouring.minute(options.rate, 60)
        minutes.append(pouring.told(server))
        say(row(number + 1, minutes[-1]))
    await asyncio.gather(*pouring.under_way)
    while not lines.empty():
        lines.get_nowait().close()
    return minutes


HEAD = """| minute | answered | wrong | p50 ms | p99 ms | resident, MiB | own, MiB |
|---:|---:|---|---:|---:|---|---|
"""


def row(number: int, one: Minute) -> str:
    """A line of the table."""
    wrong = ", ".join(f"{count} {name}" for name, count in one.wrong.items()) or "0"
    sizes = [", ".join(f"{size / MIB:.1f}" for size in some) for some in (one.resident, one.own)]
    return f"| {number} | {one.answered} | {wrong} | {one.p50:.1f} | {one.p99:.1f} | {' | '.join(sizes)} |"


def slopes(minutes: list[Minute]) -> list[float]:
    """By which part of its memory each worker grew in an hour, by a line through all but the first quarter."""
    judged = minutes[int(len(minutes) * SETTLED) :]
    found = []
    for sizes in zip(*(one.resident for one in judged), strict=True):
        slope = linear_regression(range(len(sizes)), sizes).slope
        found.append(slope * 60 / median(sizes))
    return found


def verdict(minutes: list[Minute]) -> tuple[bool, str]:
    """Whether it held, and in words."""
    if len({len(one.resident) for one in minutes}) > 1:
        return False, "not the same workers all the time: one ended"
    grown, largest = slopes(minutes), max(max(one.resident) for one in minutes)
    flat = all(one < MOST_GROWTH for one in grown)
    wrong = sum(count for one in minutes for kind, count in one.wrong.items() if kind != UNSENT)
    said = (
        f"{'flat' if flat else 'not flat'}: {', '.join(f'{one:+.1%}' for one in grown)} an hour after the first "
        f"quarter; the largest worker had {largest / MIB:.0f} MiB ({largest / 1e6:.0f} MB, at most "
        f"{MOST_MEMORY / 1e6:.0f}); {sum(one.answered for one in minutes)} answers, {wrong} wrong"
    )
    return flat and largest < MOST_MEMORY and not wrong, said


def page(minutes: list[Minute], said: str, options: argparse.Namespace) -> str:
    """The page of figures."""
    about = {"made": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"} | machine()
    about |= {name: getattr(options, name) for name in ("rate", "workers", "records", "crowd")}
    rows = "\n".join(row(number, one) for number, one in enumerate(minutes, 1))
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    command = f"python -m benchmarks.soak --minutes {options.minutes} --rate {options.rate:g} --write"
    return f"# Under load for long\n\nMade by `{command}`. {said[0].upper()}{said[1:]}.\n\n{HEAD}{rows}\n\n{facts}\n"


def main() -> None:
    """Seed, pour, judge; exit status 1 where memory grows, a worker is too large or an answer was wrong."""
    options = arguments()
    os.nice(10)
    with workplace(options) as work, ExitStack() as stack:
        new = not work.seeded.exists()
        made, _ = seeded(work, options)
        if new:
            crowd(work, options.crowd)
        server = work.carnet.start()
        stack.callback(server.stop)
        callers = tokens(work.carnet, made.read[0].id)
        minutes = asyncio.run(pour(server, made, callers, options))
    held, said = verdict(minutes)
    print(said)
    if options.write:
        PAGE.write_text(page(minutes, said, options), encoding="utf-8")
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
