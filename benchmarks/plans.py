"""How PostgreSQL runs the statements that are asked most, over a million documents.

    python -m benchmarks.plans --keep FOLDER [--write]

An embedded PostgreSQL is filled (`crowd.py`) and analysed; each statement is prepared as the server prepares it, under
a generic plan, run three times as its caller, and its third run explained. A clinical table read from end to end
fails the run. `--write` puts the table of figures into `docs/plans.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from app.access import DOCTOR, Access, Kind
from app.policy.guard import Binding
from app.policy.matrix import Matrix, seed
from app.policy.standing import NEVER, STANDING, Caller, Standings
from app.policy.writes import Act
from app.records import events, judging, reading, redaction, references
from app.records.judging import NOTHING
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage import search
from app.storage.embedded import ADMIN, DATABASE, Embedded
from app.storage.fence import SEARCH_PATH
from app.storage.migrate import upgrade
from app.storage.tables import TABLES
from benchmarks import crowd
from benchmarks import statements as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.storage.embedded import Urls
    from app.storage.statement import Statement

    Link = asyncpg.Connection[asyncpg.Record]

DOCS = Path(__file__).resolve().parents[1] / "docs" / "plans.md"
RUNS = 3
CLINICAL = {TABLES[name].name for name, one in DEFINITIONS.items() if one.scope is Scope.RECORD and name in TABLES} | {
    "version",
    "relation",
    "audit_event",
    "practitioner",
    "practitioner_role",
}
"""What no statement that is asked much may read from end to end: clinical rows, and the directory of all of France."""
RECORD = 7
PAGE = {"page_limit": 21}


@dataclass(frozen=True, slots=True)
class Case:
    """One statement as one caller asks it: what it is called, and its parameters."""

    name: str
    who: str
    statement: Statement
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a case came to: ms of execution, pages of 8 kB touched, rows, and the tables read from end to end."""

    case: Case
    ms: float
    pages: int
    rows: int
    scanned: tuple[str, ...]

    @property
    def bad(self) -> bool:
        """Whether a clinical table was read from end to end."""
        return any(name in CLINICAL or name.startswith("audit_event") for name in self.scanned)


def callers() -> dict[str, Access]:
    """Who asks: each has the relations that `crowd.py` gives him."""
    mine = made_key(RECORD)
    doctor, house = crowd.person(RECORD), crowd.structure(1)
    return {
        "treating physician": Access(Kind.PROFESSIONAL, doctor, structure=house, profession=DOCTOR, acr="eidas1"),
        "hospital doctor": Access(Kind.PROFESSIONAL, crowd.person(4321), structure=crowd.HOSPITAL, profession=DOCTOR),
        "holder": Access(Kind.HOLDER, f"holder|{mine}", record=mine),
        "software": Access(Kind.SOFTWARE, "software|ehr", structure=crowd.structure(3)),
    }


def made_key(number: int) -> str:
    """Key of a record of the crowd."""
    return hashlib.md5(f"record{number}".encode(), usedforsecurity=False).hexdigest()[:20]


class Asking:
    """Makes the cases of one caller: statements bound to the record, and across records."""

    def __init__(self, who: str, caller: Caller, bound: dict[str, Any]) -> None:
        self.who = who
        self.caller = caller
        self.bound = bound

    def one(self, name: str, statement: Statement, **values: object) -> Case:
        """A statement of one record."""
        return Case(name, self.who, statement, self.bound | values)

    def many(self, name: str, statement: Statement, **values: object) -> Case:
        """A statement across records."""
        return Case(name, self.who, statement, self.caller.many() | values)

    def search(self, name: str, resource_type: str, asked: str) -> Iterator[Case]:
        """A search of the record and the same across records, with their counts."""
        values = search.values(made.query(resource_type, asked)) | PAGE
        where = f"{resource_type}?{asked}" if asked else resource_type
        yield self.one(f"{name}, one record: {where}", made.within(resource_type, asked), **values)
        yield self.many(f"{name}, across: {where}", made.across(resource_type, asked), **values)

    def count(self, name: str, resource_type: str, asked: str) -> Iterator[Case]:
        """What a search counts to."""
        values = search.values(made.query(resource_type, asked))
        yield self.one(f"{name}, counted in one record", made.counting(resource_type, asked, "one"), **values)
        yield self.many(f"{name}, counted across", made.counting(resource_type, asked), **values)


async def _reads(link: Link, asking: Asking, key: str) -> list[Case]:
    ids = {"DocumentReference": f"{key}.d125", "Patient": key, "List": f"{key}.l", "Consent": f"{key}.c1"}
    ids |= {"Binary": f"{key}.b61", "Provenance": f"{key}.p", "Task": f"{key}.k"}
    found = [asking.one(f"read {kind}", reading.by_id(kind), id=identifier) for kind, identifier in ids.items()]
    event = asking.one("read AuditEvent", events._by_id(made.RENDERER), id=f"{key}.e241")  # noqa: SLF001
    row = await event.statement.row(link, **event.values)
    its = {"id": row["id"], "recorded": row["recorded"]} if row else {}
    return [
        *found,
        asking.one("history", reading.versions("DocumentReference"), id=f"{key}.d121"),
        event,
        asking.one("what an event hides", events._hidden(), **its),  # noqa: SLF001
        Case("standing", asking.who, STANDING, asking.caller.values | {"record": key, "flags": 1}),
    ]


def _searches(asking: Asking) -> Iterator[Case]:
    for name, (resource_type, asked) in made.SEARCHES.items():
        yield from asking.search(name, resource_type, asked)
    yield from asking.count("all", "DocumentReference", "")
    asked = f"identifier={crowd.INS}|000000000000007"
    yield from asking.search("by INS", "Patient", asked)
    yield from asking.search("by name", "Patient", "name=durand")
    yield from _named(asking)


def _named(asking: Asking) -> Iterator[Case]:
    """What leads to one row or two, wherever they are; or to none."""
    yield from asking.search("by identifier", "DocumentReference", "identifier=urn:oid:1.2.3|125")
    yield from asking.search("by no identifier", "DocumentReference", "identifier=urn:oid:1.2.3|none")
    ids = ",".join(f"{made_key(number)}.d{20 * number}" for number in (RECORD, RECORD + 1))
    yield from list(asking.search("by ids", "DocumentReference", f"_id={ids}"))[1:]


def _around(asking: Asking, key: str) -> Iterator[Case]:
    names = [f"{key}.d{n}" for n in range(121, 141)]
    yield asking.one("include by id", made.bringing("DocumentReference", "", Binding.ONE), names=names)
    yield asking.many("include by id, across", made.bringing("DocumentReference", "", Binding.MANY), names=names)
    listed = [f"DocumentReference/{name}" for name in names]
    yield asking.one("revinclude", made.bringing("List", "p_item", Binding.ONE), names=listed)
    yield asking.many("revinclude, across", made.bringing("List", "p_item", Binding.MANY), names=listed)
    yield asking.one("references left out", redaction.visible_ids("DocumentReference"), ids=names)
    yield asking.one("reference seen", references._seen("DocumentReference"), id=names[0])  # noqa: SLF001
    yield Case("record of an INS", asking.who, references.BY_INS, {"ins": f"{crowd.INS}|000000000000007"})


DIRECTORY = (
    ("Practitioner", "name=durand 43"),
    ("Practitioner", "name:contains=b1c"),
    ("Practitioner", "name:exact=Durand 77"),
    ("PractitionerRole", "practitioner=Practitioner/p77"),
    ("PractitionerRole", "practitioner.name=durand 77&role=x37"),
    ("PractitionerRole", "organization.name=durand 77"),
    ("Practitioner", "_has:PractitionerRole:practitioner:organization=Organization/o7"),
)
"""Searches of IHE mCSD (ITI-90)."""


def _directory(asking: Asking) -> Iterator[Case]:
    for kind, asked in DIRECTORY:
        values = search.values(made.query(kind, asked)) | PAGE
        yield asking.many(f"the directory: {kind}?{asked}", made.listed(kind, asked), **values)
    people = [f"Practitioner/p{n}" for n in range(20)]
    role = made.bringing("PractitionerRole", "p_practitioner", Binding.MANY)
    yield asking.many("the directory: roles of twenty people", role, names=people)


def _acts(asking: Asking, key: str) -> Iterator[Case]:
    settings = NOTHING | {"cumulation": False}
    document = f"{key}.d125"
    yield asking.one("judge a deposit", judging.on_record(Act.DEPOSIT, exclusive=False), **settings)
    yield asking.one("lock and judge a row", judging.row_of("DocumentReference"), id=document)
    yield asking.one("judge a mask", judging.on_row("DocumentReference", Act.MASK), **settings, id=document)


async def cases(link: Link) -> list[Case]:
    """Everything that is looked at."""
    matrix, standings, key = Matrix(), Standings(), made_key(RECORD)
    await matrix.refresh(link)
    found: list[Case] = []
    for who, access in callers().items():
        caller = Caller(access, made.SETTINGS, matrix, standings)
        asking = Asking(who, caller, caller.one(key, await caller.standing(link, key)))
        if who == "treating physician":
            found += [*await _reads(link, asking, key), *_searches(asking), *_around(asking, key), *_acts(asking, key)]
            found += _directory(asking)
        if who == "hospital doctor":
            for name in ("all", "token", "lists", "consents", "rectifications", "events"):
                found += list(asking.search(name, *made.SEARCHES[name]))[1:]
            found += asking.count("all", "DocumentReference", "")
            found += list(_named(asking))[1:]
        if who == "holder":
            found += list(asking.search("events", *made.SEARCHES["events"]))[:1]
            found += list(asking.search("events of a document", *made.SEARCHES["events of a document"]))[:1]
        if who == "software":
            found.append(asking.one("lock and judge a row", judging.row_of("DocumentReference"), id=f"{key}.d130"))
    return found


def literal(value: object) -> str:
    """A value as SQL writes it: EXECUTE takes no parameters."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    if isinstance(value, datetime):
        return f"'{'infinity' if value == NEVER else value.isoformat()}'"
    if isinstance(value, list | tuple):
        return f"ARRAY[{', '.join(literal(one) for one in value)}]::text[]"
    return "'" + str(value).replace("'", "''") + "'"


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def touched(node: dict[str, Any]) -> int:
    """Pages that a node and those below it looked at; none of a month to come, which has no rows yet."""
    return int(node["Shared Hit Blocks"] + node["Shared Read Blocks"])


async def figure(link: Link, case: Case) -> Figure:
    """Run a case, and say what its last run took."""
    arguments = ", ".join(literal(one) for one in case.statement.arguments(case.values))
    await link.execute(f"PREPARE looked_at AS {case.statement.sql}")
    try:
        for _ in range(RUNS):
            text = await link.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE looked_at({arguments})")
    finally:
        await link.execute("DEALLOCATE looked_at")
    (told,) = json.loads(text)
    plan = told["Plan"]
    scanned = {one["Relation Name"] for one in nodes(plan) if one["Node Type"] == "Seq Scan" and touched(one)}
    return Figure(case, told["Execution Time"], touched(plan), int(plan["Actual Rows"]), tuple(sorted(scanned)))


def say(sentence: str) -> None:
    """One line of what is being done."""
    print(f"[{time.strftime('%H:%M:%S')}] {sentence}", file=sys.stderr, flush=True)


async def fill(owner: str, admin: str, documents: int) -> None:
    """Migrate an empty database and fill it."""
    await upgrade(owner)
    link = await asyncpg.connect(owner)
    await seed(link)
    await link.close()
    link = await asyncpg.connect(admin)
    for statement in crowd.statements(documents):
        started = time.monotonic()
        await link.execute(statement)
        say(f"{statement.split('(', 1)[0]}: {time.monotonic() - started:.0f} s")
    await link.execute("VACUUM ANALYZE")
    await link.close()


async def look(urls: Urls) -> tuple[list[Figure], str]:
    """Every figure, as the serving role, under generic plans as the server asks for them; and PostgreSQL's version."""
    await upgrade(urls.owner)
    settings = {"search_path": SEARCH_PATH, "plan_cache_mode": "force_generic_plan"}
    link = await asyncpg.connect(urls.serve, server_settings=settings)
    try:
        found = []
        for case in await cases(link):
            one = await figure(link, case)
            found.append(one)
            say(f"{one.ms:9.2f} ms {one.pages:7} pages  {case.who}: {case.name}" + (" SEQ SCAN" if one.bad else ""))
        return found, str(await link.fetchval("SHOW server_version"))
    finally:
        await link.close()


HEAD = """\
# Plans

Made by `python -m benchmarks.plans --write`: what the statements that are asked most cost PostgreSQL {version} over
{documents} documents in {records} records, on {day}. Each is prepared as the server prepares it and run under a
generic plan; ms and pages (of 8 kB) are those of its third run, without the network and without parsing. A clinical
table, or the directory, read from end to end fails the run.

| statement | caller | rows | ms | pages | read from end to end |
|---|---|---:|---:|---:|---|
"""


def page(figures: list[Figure], version: str, documents: int) -> str:
    """The page of figures."""
    rows = [
        f"| {one.case.name.replace('|', chr(92) + '|')} | {one.case.who} | {one.rows} | {one.ms:.2f} | {one.pages}"
        f" | {', '.join(one.scanned)} |\n"
        for one in figures
    ]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    head = HEAD.format(version=version, documents=documents, records=documents // crowd.EACH, day=day)
    return head + "".join(rows)


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    """The folder to work in: the one to keep, or one that is removed at the end."""
    folder = kept.resolve() if kept else Path(tempfile.mkdtemp(prefix="carnet-plans-"))
    try:
        yield folder
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Fill, look, print; exit status 1 where a clinical table is read from end to end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plans", description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="folder to keep the database in, and to use again if it has one")
    parser.add_argument("--write", action="store_true", help="write docs/plans.md")
    options = parser.parse_args()
    with folder_of(options.keep) as folder, Embedded(folder) as server:
        admin, filled = server.url(ADMIN, DATABASE), folder / "filled"
        if not filled.exists():
            asyncio.run(fill(server.urls.owner, admin, options.documents))
            filled.write_text(str(options.documents), encoding="ascii")
        figures, version = asyncio.run(look(server.urls))
        text = page(figures, version, int(filled.read_text(encoding="ascii")))
    if options.write:
        DOCS.write_text(text, encoding="utf-8")
    print(text)
    sys.exit(1 if any(one.bad for one in figures) else 0)


if __name__ == "__main__":
    main()
