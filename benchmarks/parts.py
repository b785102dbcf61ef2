"""What hash partitions cost: the statements of one record, on tables that are whole and on tables in parts.

    python -m benchmarks.parts --keep FOLDER [--documents 100000] [--counts 1,4,8,16,32]

A database is filled (`crowd.py`) and brought into each number of parts. Statements of one record of `plans.py` run as
the server runs them; ms are what the database and the way to it take, the tenth percentile of 60 runs, since others
may use the machine. The first run is told apart: it holds the planning, which every connection does once. So is the
memory of the connection's process after all of them.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

import asyncpg

from app.storage.embedded import ADMIN, DATABASE, Embedded
from app.storage.fence import SEARCH_PATH
from app.storage.migrate import upgrade
from app.storage.parts import distribute
from benchmarks import plans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.storage.embedded import Urls
    from benchmarks.plans import Case

    Times = dict[str, list[float]]

RUNS = 60
SHOWN = {
    "read DocumentReference": "read by id",
    "read Binary": "read of a Binary",
    "standing": "standing",
    "all, one record: DocumentReference": "search of 20 documents",
    "token, one record": "search by type",
    "lists, one record": "search of lists",
    "events, one record": "search of the journal",
    "by INS, one record": "Patient by INS",
}
HEAD = "| parts | {names} | first runs | memory |\n|---:|{lines}---:|---:|\n"


def called(case: Case) -> str:
    """Its name in the table, "" for one that is not shown."""
    if case.who != "treating physician":
        return ""
    return next((name for start, name in SHOWN.items() if case.name == start or case.name.startswith(f"{start}:")), "")


async def measured(urls: Urls) -> tuple[Times, float, float]:
    """Milliseconds of each statement; of all first runs; MiB of the connection's process at the end."""
    settings = {"search_path": SEARCH_PATH, "plan_cache_mode": "force_generic_plan", "jit": "off"}
    link = await asyncpg.connect(
        urls.serve, server_settings=settings, statement_cache_size=500, max_cacheable_statement_size=1 << 18
    )
    cases = {name: case for case in await plans.cases(link) if (name := called(case))}
    times: Times = {name: [] for name in cases}
    first = 0.0
    for turn in range(RUNS + 1):
        for name, case in cases.items():
            started = perf_counter()
            await case.statement.rows(link, **case.values)
            took = (perf_counter() - started) * 1000
            if turn:
                times[name].append(took)
            else:
                first += took
    memory = _memory(link.get_server_pid())
    await link.close()
    return times, first, memory


def _memory(number: int) -> float:
    """Memory of a process that is its own, in MiB."""
    rows = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith(("Private_Clean", "Private_Dirty"))) / 1024


async def run(urls: Urls, counts: Iterable[int]) -> str:
    """The table."""
    found = ""
    for count in counts:
        started = perf_counter()
        await distribute(urls.owner, count)
        plans.say(f"{count} parts after {perf_counter() - started:.0f} s")
        times, first, memory = await measured(urls)
        if not found:
            found = HEAD.format(names=" | ".join(times), lines="---:|" * len(times))
        values = " | ".join(f"{quantiles(one, n=10)[0]:.3f}" for one in times.values())
        found += f"| {count} | {values} | {first:.0f} | {memory:.0f} |\n"
    return found


def main() -> None:
    """Fill, bring into parts, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--counts", default="1,4,8,16,32", help="numbers of parts, by comma")
    parser.add_argument("--keep", type=Path, help="folder to keep the database in, and to use again if it has one")
    options = parser.parse_args()
    with plans.folder_of(options.keep) as folder, Embedded(folder) as server:
        filled = folder / "filled"
        if not filled.exists():
            asyncio.run(plans.fill(server.urls.owner, server.url(ADMIN, DATABASE), options.documents))
            filled.write_text(str(options.documents), encoding="ascii")
        asyncio.run(upgrade(server.urls.owner))
        print(asyncio.run(run(server.urls, [int(one) for one in options.counts.split(",")])))


if __name__ == "__main__":
    main()
