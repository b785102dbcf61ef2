"""Whether a request costs the same among few records and among many.

    python -m benchmarks.growth --keep FOLDER [--few 1000] [--many 100000] [--rounds 5] [--seconds 4] [--write]

Two servers, each with a database of its own: in both the same 300 records of twenty documents that are asked for and 50
that are written to, all of them patients of one practitioner, and around them a sample (`carnet sample`) of few records
and one of many. Each workload of the matrix is run on the one and on the other by turns, and which comes first changes
from round to round. What is compared is the CPU time of a request, server and database together, within a round; the
median of the rounds may be 1.2. `--write` puts the figures into `docs/scale.md`. The greater database takes 15 GB.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.__main__ import say, seeded, workplace
from benchmarks.load import WrongAnswersError, measure
from benchmarks.matrix import PATCHED, crowd, workloads

if TYPE_CHECKING:
    from benchmarks.load import Load, Measure

DOCS = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
MOST_GROWTH = 1.2
Pair = tuple["Measure", "Measure"]
"""The same load among few records, and among many."""


def arguments() -> argparse.Namespace:
    """What the caller may choose."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--records", type=int, default=300, help="records of twenty documents that are asked for")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="length of each measured load")
    parser.add_argument("--only", default="", help="workloads, by comma")
    parser.add_argument("--keep", type=Path, required=True, help="folder of the databases, used again if it has them")
    parser.add_argument("--write", action="store_true", help="write docs/scale.md")
    options = parser.parse_args()
    options.documents = 20
    return options


def started(options: argparse.Namespace, records: int, stack: ExitStack) -> dict[str, Load]:
    """The workloads on a server among so many records, which is filled if it is not."""
    chosen = argparse.Namespace(**vars(options) | {"keep": options.keep / str(records)})
    work = stack.enter_context(workplace(chosen))
    new = not work.seeded.exists()
    made, _ = seeded(work, chosen, patched=PATCHED)
    if new:
        crowd(work, records)
    work.carnet.cluster.start()
    stack.callback(work.carnet.cluster.stop)
    work.carnet.analyse()
    server = work.carnet.start()
    stack.callback(server.stop)
    return workloads(work, made, server, int(time.time()), options.only)


def measured(few: dict[str, Load], many: dict[str, Load], options: argparse.Namespace) -> dict[str, list[Pair]]:
    """Every workload on both, by turns."""
    found: dict[str, list[Pair]] = {name: [] for name in few}
    number = int(time.time()) + 1
    for each in range(options.rounds):
        for name, load in few.items():
            turns = [(0, load), (1, many[name])]
            pair = {
                side: measure(one, options.seconds, number := number + 1, warm_up=1)
                for side, one in (turns if each % 2 else turns[::-1])
            }
            found[name].append((pair[0], pair[1]))
            say(f"round {each + 1}: {name}: {pair[0].total_us:.0f} µs among few, {pair[1].total_us:.0f} among many")
    return found


HEAD = "## The server among many records"
TEXT = """{head}

Made by `python -m benchmarks.growth --write` on {day}: CPU µs of a request, through the server, among {few} records of
a sample and among {many}; medians of {rounds} rounds of {seconds} s, 16 connections, two workers. Both have the same
{records} records that are asked for, all of one practitioner: "my patients" is his search over all of them. A ratio is
taken within its round; the table has its median, and the lowest and highest. It may be {most}.

| load | few | server | database | many | server | database | ratio | spread | |
|---|---:|---:|---:|---:|---:|---:|---:|---|---|
"""


def ratio(pairs: list[Pair]) -> float:
    """By how much more a request costs among many, at the median."""
    return median(many.total_us / few.total_us for few, many in pairs)


def page(found: dict[str, list[Pair]], options: argparse.Namespace) -> str:
    """The section of figures."""
    sizes = {name: getattr(options, name) for name in ("few", "many", "records", "rounds", "seconds")}
    text = TEXT.format(head=HEAD, day=f"{datetime.now(UTC):%Y-%m-%d}", most=MOST_GROWTH, **sizes)
    for name, pairs in found.items():
        ratios = [many.total_us / few.total_us for few, many in pairs]
        figures = " | ".join(
            f"{median(getattr(pair[side], what) for pair in pairs):.0f}"
            for side in (0, 1)
            for what in ("total_us", "server_us", "database_us")
        )
        held = "held" if ratio(pairs) <= MOST_GROWTH else "missed"
        text += f"| {name} | {figures} | {ratio(pairs):.2f} | {min(ratios):.2f} to {max(ratios):.2f} | {held} |\n"
    return text


def placed(whole: str, section: str) -> str:
    """The page with the section in the place of the former one, else before the last."""
    before, _, rest = whole.partition(HEAD)
    if not rest:
        before, mark, last = whole.rpartition("\n## ")
        return f"{before}\n{section}{mark}{last}"
    _, mark, after = rest.partition("\n## ")
    return before + section + mark + after


def main() -> None:
    """Fill, measure, print; exit status 1 where a workload costs too much more among many."""
    options = arguments()
    try:
        with ExitStack() as stack:
            few, many = (started(options, records, stack) for records in (options.few, options.many))
            found = measured(few, many, options)
    except (RuntimeError, WrongAnswersError) as error:
        sys.exit(f"benchmarks: {error}")
    text = page(found, options)
    print(text)
    if options.write:
        DOCS.write_text(placed(DOCS.read_text(encoding="utf-8"), text), encoding="utf-8")
    sys.exit(0 if all(ratio(pairs) <= MOST_GROWTH for pairs in found.values()) else 1)


if __name__ == "__main__":
    main()
