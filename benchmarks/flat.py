"""Whether a search of one record costs the same among few other people's records and among many.

    python -m benchmarks.flat --keep FOLDER [--few 1000] [--many 100000] [--write]

Two embedded PostgreSQL are filled (`crowd.py`) with so many records of twenty documents. Every search parameter of
every type is asked alone, and with others of its type, in one record by its treating physician: the same search is run
in both by turns, each time in another record. A plan that reads a table from end to end fails the run
(`matrix_version`, of one row, aside), as does a median that grows by more than half. `--write` puts the figures into
`docs/scale.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import asyncpg

from app.access import DOCTOR, Access, Kind
from app.policy.matrix import Matrix
from app.policy.standing import Caller, Standings
from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Parameter, Scope, Search
from app.storage import search
from app.storage.embedded import ADMIN, DATABASE, Embedded
from app.storage.fence import SEARCH_PATH
from benchmarks import crowd, plans
from benchmarks import statements as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.storage.statement import Statement

    Link = asyncpg.Connection[asyncpg.Record]

DOCS = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
RECORDS, ROUNDS = 12, 13
MOST_PAIRS = 60
MOST_GROWTH = 1.5
SMALL_TABLES = frozenset({"matrix_version"})
VALUES = {
    Search.TOKEN: "x7",
    Search.STRING: "compte",
    Search.DATE: "ge2025-01-01",
    Search.URI: "https://ehr.example",
    Search.COMPOSITE: "appends$DocumentReference/d1",
}
MORE = (
    ("DocumentReference", "author.name=durand"),
    ("DocumentReference", "author:Practitioner.identifier=urn:oid:1.2.250.1.71.4.2.1|810000000007"),
    ("DocumentReference", "_has:List:item:status=current"),
    ("DocumentReference", "_sort=-date,type"),
    ("DocumentReference", "_sort=author"),
    ("DocumentReference", "description:contains=rendu"),
    ("DocumentReference", "type:text=compte"),
    ("DocumentReference", "type:not=x7"),
    ("List", "item:DocumentReference.type=x7"),
    ("Patient", "_has:DocumentReference:patient:type=x7"),
)
"""Chains, orders and modifiers beside the parameters."""


@dataclass
class Case:
    """One search, and what it took in each database, in ms."""

    type: str
    asked: str
    kind: str
    statement: Statement
    times: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    scanned: set[str] = field(default_factory=set)

    @property
    def medians(self) -> tuple[float, float]:
        """Among few records, and among many."""
        return median(self.times[0]), median(self.times[1])

    @property
    def growth(self) -> float:
        """How much longer it takes among many."""
        few, many = self.medians
        return many / few


def value(parameter: Parameter) -> str:
    """Something to ask a parameter for."""
    if parameter.type is not Search.REFERENCE:
        return VALUES[parameter.type]
    kind = next((one for one in parameter.targets if one in DEFINITIONS), "Practitioner")
    return f"{kind}/p1"


def cases() -> Iterator[Case]:
    """Every parameter alone, pairs of them drawn by a fixed seed, and some that are asked in other ways."""
    draw = Random(1)
    for kind, definition in DEFINITIONS.items():
        if definition.scope is not Scope.RECORD or "search-type" not in definition.interactions:
            continue
        alone = [f"{one.name}={value(one)}" for one in (*definition.parameters, *COMMON)]
        pairs = [f"{one}&{other}" for one, other in combinations(alone, 2)]
        for asked in alone:
            yield Case(kind, asked, "alone", made.within(kind, asked))
        for asked in draw.sample(pairs, min(MOST_PAIRS, len(pairs))):
            yield Case(kind, asked, "pairs", made.within(kind, asked))
    for kind, asked in MORE:
        yield Case(kind, asked, "more", made.within(kind, asked))


EMPTY = "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) = 0"


class Side:
    """One database: a connection as the server has it, and a treating physician bound to each of some records."""

    def __init__(self, link: Link, bound: list[dict[str, Any]], empty: set[str]) -> None:
        self.link = link
        self.bound = bound
        self.empty = empty  # tables without a row, such as the months of the trail to come: to read one costs nothing

    @classmethod
    async def of(cls, url: str, records: int) -> Side:
        """Connect, and find the standings."""
        link = await asyncpg.connect(
            url,
            statement_cache_size=2000,
            max_cacheable_statement_size=1 << 18,
            server_settings={"search_path": SEARCH_PATH, "plan_cache_mode": "force_generic_plan"},
        )
        matrix, bound = Matrix(), []
        await matrix.refresh(link)
        for number in range(1, records, records // RECORDS)[:RECORDS]:
            who, key = crowd.person(number), plans.made_key(number)
            access = Access(Kind.PROFESSIONAL, who, structure=crowd.structure(1), profession=DOCTOR, acr="eidas1")
            caller = Caller(access, made.SETTINGS, matrix, Standings())
            bound.append(caller.one(key, await caller.standing(link, key)))
        return cls(link, bound, {row["relname"] for row in await link.fetch(EMPTY)})

    async def time(self, case: Case, turn: int) -> float:
        """Milliseconds of one run."""
        values = search.values(made.query(case.type, case.asked)) | plans.PAGE
        bound = self.bound[turn % len(self.bound)]
        started = perf_counter()
        await case.statement.rows(self.link, **bound, **values)
        return (perf_counter() - started) * 1000

    async def scanned(self, case: Case) -> set[str]:
        """Tables that its plan reads from end to end."""
        values = self.bound[0] | search.values(made.query(case.type, case.asked)) | plans.PAGE
        given = ", ".join(plans.literal(one) for one in case.statement.arguments(values))
        await self.link.execute(f"PREPARE looked_at AS {case.statement.sql}")
        text = await self.link.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at({given})")
        await self.link.execute("DEALLOCATE looked_at")
        nodes = plans.nodes(json.loads(text)[0]["Plan"])
        read = {one["Relation Name"] for one in nodes if one["Node Type"] == "Seq Scan"}
        return read - SMALL_TABLES - self.empty


async def measured(few: Side, many: Side) -> list[Case]:
    """Every case, run in both by turns; the first run of each plans the statement and is not counted."""
    found = []
    for case in cases():
        for turn in range(ROUNDS + 1):
            for side, times in zip((few, many), case.times, strict=True):
                took = await side.time(case, turn)
                if turn:
                    times.append(took)
        case.scanned = await many.scanned(case)
        found.append(case)
    return found


HEAD = """\
## One record among many

Made by `python -m benchmarks.flat --write` on {day}: searches of one record by its treating physician, among {few}
records and among {many}, twenty documents each. Each search is run {rounds} times in each database by turns, in
{records} records; ms are medians of what the database and the way to it take. {count} searches; {scans} of their plans
read a table from end to end (`matrix_version`, of one row, aside).

| type | searches | | few, ms | many, ms | growth at the median | at worst |
|---|---|---:|---:|---:|---:|---:|
"""


def page(found: list[Case], few: int, many: int) -> str:
    """The page of figures."""
    scans = sum(bool(one.scanned) for one in found)
    text = HEAD.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}", few=few, many=many, rounds=ROUNDS, records=RECORDS, count=len(found),
        scans=scans,
    )  # fmt: skip
    groups: dict[tuple[str, str], list[Case]] = {}
    for one in found:
        groups.setdefault((one.type if one.kind != "more" else "chains, orders, modifiers", one.kind), []).append(one)
    for (kind, how), some in [*groups.items(), (("all", "all"), found)]:
        before, after = (median(one.medians[side] for one in some) for side in (0, 1))
        growth = [one.growth for one in some]
        numbers = f"{len(some)} | {before:.2f} | {after:.2f} | {median(growth):.2f} | {max(growth):.2f}"
        text += f"| {kind} | {how} | {numbers} |\n"
    return text


async def run(few: tuple[Embedded, int], many: tuple[Embedded, int]) -> list[Case]:
    """Connect to both and measure."""
    sides = [await Side.of(server.urls.serve, records) for server, records in (few, many)]
    try:
        return await measured(sides[0], sides[1])
    finally:
        for side in sides:
            await side.link.close()


def filled(server: Embedded, folder: Path, records: int) -> None:
    """Fill a database that is not."""
    if not (folder / "filled").exists():
        asyncio.run(plans.fill(server.urls.owner, server.url(ADMIN, DATABASE), records * crowd.EACH))
        (folder / "filled").write_text(str(records), encoding="ascii")


def main() -> None:
    """Fill, measure, print; exit status 1 where a search grows or reads a table from end to end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flat", description=__doc__)
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="folder to keep the databases in, and to use again if it has them")
    parser.add_argument("--write", action="store_true", help="write docs/scale.md")
    options = parser.parse_args()
    with plans.folder_of(options.keep) as folder:
        places = [folder / str(records) for records in (options.few, options.many)]
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
        with Embedded(places[0]) as few, Embedded(places[1]) as many:
            for server, place, records in zip((few, many), places, (options.few, options.many), strict=True):
                filled(server, place, records)
            found = asyncio.run(run((few, options.few), (many, options.many)))
    text = page(found, options.few, options.many)
    if options.write:
        others = DOCS.read_text(encoding="utf-8").partition(HEAD.splitlines()[0])[0]
        DOCS.write_text(others + text, encoding="utf-8")
    print(text)
    for one in sorted(found, key=lambda one: -one.growth)[:8]:
        print(f"{one.growth:5.2f}  {one.medians[0]:.2f} → {one.medians[1]:.2f} ms  {one.type}?{one.asked}")
    for one in found:
        if one.scanned:
            print(f"read from end to end: {', '.join(sorted(one.scanned))}: {one.type}?{one.asked}")
    sys.exit(1 if any(one.scanned for one in found) or median(one.growth for one in found) > MOST_GROWTH else 0)


if __name__ == "__main__":
    main()
