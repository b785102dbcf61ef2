"""Reach and bindings, on generated rows: whatever is permitted is in reach, and both bindings decide alike."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, func, not_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import DOCTOR, PHARMACIST, Access, Kind
from app.policy.facts import Relation
from app.policy.guard import JUDGES, Binding, across, visible
from app.policy.matrix import Matrix, seed
from app.policy.reach import Lead, _deposited, in_reach, led
from app.policy.standing import Caller, Standings
from app.records.reading import by_id
from app.settings import Settings
from app.storage import search
from app.storage.fence import SEARCH_PATH, Unjudged
from app.storage.rows import added, blank
from app.storage.statement import Statement
from app.storage.tables import TABLES, audit_event, record
from benchmarks import statements as made
from benchmarks.crowd import INS
from benchmarks.plans import literal, nodes, touched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import ColumnElement

    from app.storage.embedded import Urls

RECORDS = 60
PEOPLE = [f"person|81000000070{number}" for number in range(4)]
STRUCTURES = ["structure|1750000701", "structure|1750000702"]
GROUPS = [*STRUCTURES, DOCTOR, PHARMACIST]
TYPES = sorted(set(JUDGES) - {"AuditEvent"})
SOME = [pytest.param(kind, marks=pytest.mark.slow) if kind in {"List", "Provenance"} else kind for kind in TYPES]
"""The others are asked in the whole run: the longest statements."""
NOW = datetime.now(UTC)
BUSY = Access(Kind.PROFESSIONAL, "person|busy", profession=DOCTOR)
SPANS = [
    (NOW - timedelta(days=2), NOW + timedelta(days=2)),
    (NOW - timedelta(days=2), NOW - timedelta(days=1)),
    (NOW + timedelta(days=1), NOW + timedelta(days=2)),
]


def key(number: int) -> str:
    return f"record{number:014d}"


@dataclass
class World:
    """A database with generated rows, and whoever asks."""

    link: asyncpg.Connection[asyncpg.Record]
    callers: list[Caller]


def accesses() -> list[Access]:
    found = [
        Access(
            Kind.PROFESSIONAL, person, structure=STRUCTURES[number % 2], profession=GROUPS[2 + number % 2], acr="eidas1"
        )
        for number, person in enumerate(PEOPLE)
    ]
    found.append(Access(Kind.PROFESSIONAL, PEOPLE[0], profession=DOCTOR, regulator=True, purpose="ETREAT"))
    found.append(Access(Kind.OCCUPATIONAL_PHYSICIAN, PEOPLE[1], structure=STRUCTURES[0], profession=DOCTOR))
    found += [Access(kind, STRUCTURES[0], structure=STRUCTURES[0]) for kind in (Kind.DESK, Kind.INSURER)]
    found.append(Access(Kind.SOFTWARE, "software|robot", structure=STRUCTURES[1]))
    found += [Access(Kind.HOLDER, f"holder|{key(n)}", record=key(n)) for n in range(4)]
    found += [Access(Kind.REPRESENTATIVE, f"related|{key(n)}.rp", record=key(n)) for n in range(4)]
    return found


async def _relate(link: asyncpg.Connection[asyncpg.Record], draw: random.Random, number: int) -> None:
    people = [*PEOPLE, f"related|{key(number)}.rp"]
    for source in range(draw.randrange(5)):
        kind = draw.choice(list(Relation))
        subjects = {
            Relation.OPPOSED: ["BTG", "ETREAT"],
            Relation.REPRESENTS: people[-1:],
            Relation.AUTHORISED: [*PEOPLE, *GROUPS, "team|T"],
            Relation.BLOCKED: [*PEOPLE, *GROUPS],
        }.get(kind, PEOPLE)
        starts, ends = draw.choice(SPANS)
        origin = "CareTeam/T" if kind is Relation.MEMBER else f"Consent/{source}"
        within = draw.choice(["", "", STRUCTURES[0]]) if kind in {Relation.AUTHORISED, Relation.MEMBER} else ""
        query = "INSERT INTO relation VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
        await link.execute(query, key(number), origin, kind.value, draw.choice(subjects), within, starts, ends)


async def _fill(link: asyncpg.Connection[asyncpg.Record], draw: random.Random, number: int) -> None:
    status = draw.choice(["open", "open", "open", "open", "closed", "not-opened"])
    await link.execute("INSERT INTO record (id, status) VALUES ($1, $2)", key(number), status)
    await _relate(link, draw, number)
    names = [f"{key(number)}.doc{place}" for place in range(3)]
    for kind in TYPES:
        for place in range(1 if kind == "Patient" else 3):
            identifier = {"Patient": key(number), "DocumentReference": names[place]}.get(
                kind, f"{key(number)}.{kind.lower()}{place}"
            )
            values: dict[str, Any] = blank(TABLES[kind]) | {
                "record": key(number),
                "id": identifier,
                "version_id": "1",
                "last_updated": NOW,
                "method": "POST",
                "body": b"{}",
                "secret": draw.random() < 0.2,
                "depositor": draw.choice([*PEOPLE, *STRUCTURES, f"holder|{key(number)}"]),
            }
            flags = [name for name in ("masked", "hidden", "withdrawn") if name in values]
            values |= {name: draw.random() < 0.25 for name in flags}
            listed = [f"DocumentReference/{one}" for one in names if draw.random() < 0.5]
            more: dict[str, dict[str, Any]] = {
                "DocumentReference": {"kind": draw.randrange(3), "announce_at": draw.choice(SPANS)[1]},
                "Consent": {"names": draw.sample(PEOPLE, draw.randrange(3))},
                "Binary": {"document": draw.choice(["", *names])},
                "List": {"filtered": bool(listed), "p_item": listed},
                "Provenance": {"filtered": bool(listed), "p_target": listed},
                "Task": {"requester": f"holder|{key(number)}", "owner": draw.choice([*PEOPLE, *STRUCTURES])},
            }
            values |= more.get(kind, {})
            if "p_identifier" in values:
                values["p_identifier"] = [f"s|{draw.randrange(40)}", f"s|{number}.{place}"]
            await added(kind, tuple(values)).value(link, **values)


@pytest.fixture(scope="module")
async def world(module_database_urls: Urls) -> AsyncIterator[World]:
    link = await asyncpg.connect(module_database_urls.owner)
    draw = random.Random(1111)
    await seed(link)
    matrix = Matrix()
    await matrix.refresh(link)
    for codings in ("type:11488-4", "type:34842-5"):
        await matrix.kind(link, codings)
    for number in range(RECORDS):
        await _fill(link, draw, number)
    settings, standings = Settings(data=Path("unused")), Standings()
    yield World(link, [Caller(access, settings, matrix, standings) for access in accesses()])
    await link.close()


def _within(access: Access, name: str) -> bool:
    return access.record in {"", name}


@pytest.mark.parametrize("kind", TYPES)
async def test_whatever_is_permitted_is_in_reach(world: World, kind: str) -> None:
    row = TABLES[kind].alias()
    verdict = JUDGES[kind](row, record.c.status, Binding.MANY).visible
    joined = row.outerjoin(record, record.c.id == row.c.record)
    seen = Statement(select(func.count()).select_from(joined).where(verdict))
    missed = Statement(select(row.c.id).select_from(joined).where(verdict, not_(in_reach(row, kind))))
    total = 0
    for caller in world.callers:
        if not caller.access.record:  # a token limited to one record never searches across
            total += await seen.value(world.link, **caller.many())
            assert await missed.rows(world.link, **caller.many()) == [], caller.access
    assert total > 20


async def test_whatever_event_is_permitted_is_in_reach(world: World) -> None:
    subjects = [*PEOPLE, *STRUCTURES, "software|robot"]
    for number in range(400):
        await world.link.execute(
            "INSERT INTO audit_event (record, id, recorded, action, interaction, outcome, caller_kind, subject)"
            " VALUES ($1, $2, now(), 'R', 'read', '0', 'professional', $3)",
            *("" if number % 7 == 0 else key(number % RECORDS), str(number), subjects[number % len(subjects)]),
        )
    row = audit_event.alias()
    verdict = JUDGES["AuditEvent"](row, record.c.status, Binding.MANY).visible
    joined = row.outerjoin(record, record.c.id == row.c.record)
    seen = Statement(select(row.c.subject).select_from(joined).where(verdict))
    missed = Statement(select(row.c.id).select_from(joined).where(verdict, not_(in_reach(row, "AuditEvent"))))
    others = 0
    for caller in world.callers:
        if not caller.access.record:
            found = await seen.rows(world.link, **caller.many())
            others += sum(one["subject"] != caller.access.subject for one in found)
            assert await missed.rows(world.link, **caller.many()) == [], caller.access
    assert others > 20


def seen(kind: str, binding: Binding) -> Statement:
    """The rows of a type that a caller sees, by their ids."""
    row, rows = visible(kind, binding)
    return Statement(rows.order_by(row.c.id))


@pytest.mark.parametrize("kind", SOME)
async def test_both_bindings_decide_alike(world: World, kind: str) -> None:
    one, many, joined = (seen(kind, binding) for binding in Binding)
    total = 0
    for caller in world.callers:
        rows = await many.rows(world.link, **caller.many())
        if across(kind) is Binding.JOINED:
            assert [*map(dict, rows)] == [*map(dict, await joined.rows(world.link, **caller.many()))], caller.access
        reached = {row["id"] for row in rows}
        found: set[str] = set()
        for number in range(RECORDS):
            if _within(caller.access, key(number)):
                standing = await caller.standing(world.link, key(number))
                found |= {row["id"] for row in await one.rows(world.link, **caller.one(key(number), standing))}
        if caller.access.record:
            reached = {name for name in reached if name.partition(".")[0] == caller.access.record}
        assert found == reached, caller.access
        total += len(found)
    assert total > 20


def led_to(kind: str, *, by_id: bool) -> Statement:
    """Those of them that have one of these ids, or of these identifiers."""
    row = TABLES[kind].alias()
    values: ColumnElement[Any] = bindparam("values", type_=ARRAY(Text))
    verdict = JUDGES[kind](row, record.c.status, Binding.MANY).visible
    joined = row.outerjoin(record, record.c.id == row.c.record)
    where = (led(row, kind, Lead(values, by_id=by_id)), verdict)
    return Statement(select(row.c.id).select_from(joined).where(*where).order_by(row.c.id))


@pytest.mark.parametrize("kind", [kind for kind in SOME if kind != "Binary"])
async def test_what_is_led_to_by_its_ids_or_identifiers_is_what_is_visible(
    world: World, module_database_urls: Urls, kind: str
) -> None:
    serving = await asyncpg.connect(module_database_urls.serve, server_settings={"search_path": SEARCH_PATH})
    many, by_id = seen(kind, Binding.MANY), led_to(kind, by_id=True)
    identified = [led_to(kind, by_id=False)] if "p_identifier" in TABLES[kind].c else []
    ids = [row["id"] for row in await world.link.fetch(f'SELECT id FROM "{TABLES[kind].name}"')]
    total = 0
    for caller in world.callers:
        if caller.access.record:
            continue
        shown = await many.rows(world.link, **caller.many())
        found = await by_id.rows(serving, **caller.many(), values=[*ids, "nowhere", "no.where"])
        assert [row["id"] for row in found] == [row["id"] for row in shown], caller.access
        for one, asked in product(identified, (["s|7", "s|3.1", "s|nowhere"], ["s|11"], ["s|nowhere"])):
            found = await one.rows(serving, **caller.many(), values=asked)
            assert [row["id"] for row in found] == [row["id"] for row in shown if {*asked} & {*row["p_identifier"]}]
        total += len(shown)
    await serving.close()
    assert total > 20


@pytest.mark.parametrize("kind", SOME)
async def test_the_fence_holds_back_nothing_that_is_permitted(
    world: World, module_database_urls: Urls, kind: str
) -> None:
    """As the serving role, to whom the tables are views, the same rows are found as by the owner of the tables."""
    serving = await asyncpg.connect(module_database_urls.serve, server_settings={"search_path": SEARCH_PATH})
    one, *all_records = (seen(kind, binding) for binding in (Binding.ONE, Binding.MANY, across(kind)))
    total = 0
    for caller in world.callers:
        links = (world.link, serving)
        if not caller.access.record:
            for many in all_records:
                owned, fenced = [[row["id"] for row in await many.rows(link, **caller.many())] for link in links]
                assert owned == fenced, caller.access
                total += len(fenced)
        for number in range(RECORDS):
            if _within(caller.access, key(number)):
                bound = caller.one(key(number), await caller.standing(world.link, key(number)))
                owned, fenced = [[row["id"] for row in await one.rows(link, **bound)] for link in links]
                assert owned == fenced, caller.access
    await serving.close()
    assert total > 20


@pytest.fixture(scope="module")
async def crowd(world: World) -> World:
    """The same beside 20 000 documents and lists of others; somebody deposited every tenth of them."""
    own = {"record": "'crowd' || n % 500", "id": "'crowd' || n % 500 || '.' || n", "p_identifier": "ARRAY['c|' || n]"}
    own["depositor"] = f"CASE n % 10 WHEN 3 THEN '{BUSY.subject}' ELSE 'person|' || n % 900 END"
    for kind in ("DocumentReference", "List", "Consent", "Binary"):
        table = TABLES[kind]
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        values = ", ".join(own.get(column.name, f'"{column.name}"') for column in table.columns)
        await world.link.execute(
            f'INSERT INTO "{table.name}" ({names}) SELECT {values}'
            f' FROM (SELECT * FROM "{table.name}" LIMIT 1) one, generate_series(1, 20000) n'
        )
    await world.link.execute(
        "INSERT INTO record (id, status) SELECT 'crowd' || n, 'open' FROM generate_series(0, 499) n"
    )
    await world.link.execute("ANALYZE")
    # As the embedded server and `compose.yaml` have it; another that the tests run on may count on slow disks.
    await world.link.execute("SET plan_cache_mode = force_generic_plan; SET random_page_cost = 1.1")
    return world


async def _plan(world: World, statement: Statement, values: dict[str, Any]) -> str:
    rows = await world.link.fetch(f"EXPLAIN {statement.sql}", *statement.arguments(values))
    return "\n".join(row[0] for row in rows)


SCANNED = re.compile(r'Seq Scan on "?(document_reference|list|consent|binary)')


@pytest.mark.parametrize("kind", ["DocumentReference", "List", "Consent", "Binary"])
@pytest.mark.parametrize("binding", list(Binding))
async def test_indexes_serve_what_is_visible(crowd: World, kind: str, binding: Binding) -> None:
    caller = crowd.callers[0]
    name = "crowd7"
    one = caller.one(name, await caller.standing(crowd.link, name))
    plan = await _plan(crowd, Statement(visible(kind, binding)[1]), one if binding is Binding.ONE else caller.many())
    assert not SCANNED.search(plan), plan


@pytest.mark.parametrize("kind", ["DocumentReference", "List", "Consent", "Binary"])
async def test_an_index_serves_a_read_by_id(crowd: World, kind: str) -> None:
    caller = crowd.callers[0]
    values = caller.one("crowd7", await caller.standing(crowd.link, "crowd7")) | {"id": "crowd7.507"}
    plan = await _plan(crowd, by_id(kind), values)
    assert not SCANNED.search(plan), plan


def among_crowd(number: int) -> str:
    return f"c|{number}"


async def _looked(world: World, asked: str, kind: str = "DocumentReference") -> dict[str, Any]:
    """The plan of a search across records for an identifier, run by who deposited thousands of documents."""
    settings = Settings(data=Path("unused"))
    caller = Caller(BUSY, settings, world.callers[0].matrix, Standings())
    query = made.query(kind, f"identifier={asked}")
    statement = made.across(kind, f"identifier={asked}")
    values = caller.many() | search.values(query) | {"page_limit": 3}
    arguments = ", ".join(map(literal, statement.arguments(values)))
    await world.link.execute(f"PREPARE looked_at AS {statement.sql}")
    for _ in range(2):
        found = await world.link.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE looked_at({arguments})")
    await world.link.execute("DEALLOCATE looked_at")
    plan: dict[str, Any] = json.loads(found)[0]["Plan"]
    return plan


async def _pages(world: World, asked: str) -> int:
    return touched(await _looked(world, asked))


async def test_an_identifier_leads_before_all_that_is_in_reach(crowd: World) -> None:
    """A condition on a label's document is one: it looked through every document that the caller had deposited."""
    assert await _pages(crowd, among_crowd(13)) < 100


PEOPLE_OF_CROWD = f"""INSERT INTO patient (record, id, version_id, last_updated, method, body, p_identifier)
SELECT 'crowd' || n, 'crowd' || n, '1', now(), 'POST', '', ARRAY['{INS}|' || n] FROM generate_series(0, 1999) n"""


async def test_who_is_asked_for_by_his_identifier_counts_as_one_among_many(crowd: World) -> None:
    """He counted as one in a hundred, and where there are many the state of every record was read for it."""
    await crowd.link.execute(f"{PEOPLE_OF_CROWD}; ANALYZE patient")
    plan = await _looked(crowd, f"{INS}|13", "Patient")
    (found,) = (one for one in nodes(plan) if one["Node Type"] == "Sort")
    assert (found["Plan Rows"], found["Actual Rows"]) == (1, 1)


async def test_an_identifier_that_is_hidden_takes_as_many_looks_as_one_that_is_nowhere(crowd: World) -> None:
    """Alone, twice, and beside one of his own: who deposits the same first is not told by it either."""
    hidden, nowhere, own = among_crowd(12), among_crowd(-12), among_crowd(13)
    for before, after in (("", ""), ("", f",{among_crowd(22)}"), (f"{own},", "")):
        one, other = [await _pages(crowd, f"{before}{which}{after}") for which in (hidden, nowhere)]
        assert abs(one - other) <= 4, (one, other)


MANY = """INSERT INTO public.document_reference
    (record, id, version_id, last_updated, method, body, depositor, master_identifier)
SELECT 'record' || n / 10, 'd' || n, '1', now(), 'POST', '', 'person|' || n % 4, n::text
FROM generate_series(1, 20000) AS n"""


@pytest.mark.slow
async def test_a_depositor_counts_as_few_rows_however_few_depositors_there_are(database_urls: Urls) -> None:
    """Where he counted as a quarter of the documents, all of their unique index was skipped through."""
    link = await asyncpg.connect(
        database_urls.owner, server_settings={"search_path": SEARCH_PATH, "plan_cache_mode": "force_generic_plan"}
    )
    await link.execute(MANY)
    await link.execute("VACUUM ANALYZE public.document_reference")
    await link.execute(f"PREPARE looked_at AS {Statement(_deposited('DocumentReference'), Unjudged.SWEPT).sql}")
    plan = json.loads(await link.fetchval("EXPLAIN (FORMAT JSON) EXECUTE looked_at('person|5')"))[0]["Plan"]
    assert plan["Plan Rows"] <= 20000 / 100
    await link.close()
