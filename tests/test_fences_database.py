"""The fence of the database (migration 0002), with the guard and the tripwire taken away.

To the serving role a clinical table is a view, which holds the rows of the records that the statement itself names.
Where a test says that nothing is seen, it is run again as the owner, whom no fence holds, and then all is seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import bindparam, select

import app
from app.policy.facts import Flag
from app.policy.guard import JUDGES, Binding, across, visible
from app.policy.reach import RELATED
from app.records import deposits, documents, life, past, people, physician, reading, relations, tags, whole, wills
from app.records.judging import row_of, shows
from app.records.redaction import visible_ids
from app.storage.fence import CLINICAL, SEARCH_PATH, UNFENCED
from app.storage.migrate import check, upgrade
from app.storage.rows import blank, changed, kept, removed
from app.storage.statement import Statement
from app.storage.tables import SEALED, TABLES, metadata
from app.storage.ways import uncited
from tests.breach import YES, forgotten, open_database
from tests.conftest import PARTS
from tests.serving import TEST_INS, document, serving
from tests.world import DOCTOR, OTHER, listing, nir, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx import Response

    from app.storage.embedded import Urls
    from tests.serving import Carnet

    Link = asyncpg.Connection[asyncpg.Record]

ROOT = Path(app.__file__).resolve().parents[1]
FENCED = sorted(table.name for table in CLINICAL - {uncited})


async def _serving(urls: Urls) -> Link:
    """A connection as the server has them, but for the tripwire."""
    settings = {"search_path": SEARCH_PATH, "plan_cache_mode": "force_generic_plan"}
    link: Link = await asyncpg.connect(urls.serve, server_settings=settings)
    return link


# what a stranger gets

BASE = "https://example.org/paper"
NAMED = f"{BASE}|named"


@dataclass(frozen=True, slots=True)
class World:
    """A record with two documents, one of them changed, and a list of both; its depositor is the treating physician."""

    record: str
    ins: str
    document: str
    other: str
    listed: str

    def paths(self) -> list[str]:
        """Every way to what is in the record."""
        return [
            f"DocumentReference/{self.document}",
            f"DocumentReference/{self.document}/_history",
            f"DocumentReference?patient={self.record}",
            f"DocumentReference?patient={self.record}&_summary=count",
            f"DocumentReference?_id={self.document},{self.other}",
            f"DocumentReference?identifier={NAMED}",
            "DocumentReference",
            "DocumentReference?_summary=count",
            "DocumentReference?type=11488-4&_sort=-date",
            f"List/{self.listed}",
            f"List?patient={self.record}&_include=List:item",
            "List?_include=List:item",
            f"Consent?patient={self.record}",
            "Consent",
            "CareTeam",
            "Patient?birthdate=gt1900-01-01",
            f"Patient?_id={self.record}&_revinclude=DocumentReference:patient",
            f"Patient?identifier={TEST_INS}|{self.ins}&_revinclude=DocumentReference:patient",
            f"AuditEvent?patient={self.record}&_count=200",
        ]


async def _world(carnet: Carnet) -> World:
    depositor, ins = carnet.doctor(OTHER), nir()
    record = await opened(carnet, treating=OTHER, ins=ins)
    mark = {"identifier": [{"system": BASE, "value": "named"}]}
    one, other = [await depositor.make(document(record, **mark)) for _ in range(2)]
    changed_ = {**(await depositor.get(f"DocumentReference/{one}")).json(), "description": "Compte rendu"}
    answer = await depositor.put(f"DocumentReference/{one}", changed_)
    assert answer.status_code == 200, answer.text
    return World(record, ins, one, other, await depositor.make(listing(record, one, other)))


def _shown(answer: Response, stranger: str) -> bool:
    """Whether an answer gives anything of the record away: an identity, and his own acts, are the stranger's to see."""
    assert answer.status_code in {200, 404}, answer.text
    if answer.status_code == 404:
        return False
    body = answer.json()
    if body["resourceType"] != "Bundle":
        return True
    given = [e["resource"] for e in body.get("entry", []) if e.get("search", {}).get("mode") != "outcome"]
    others = [tree for tree in given if not _his(tree, stranger)]
    return bool(others) or bool(body.get("total") and not given)


def _his(tree: dict[str, Any], stranger: str) -> bool:
    agents = json.dumps(tree.get("agent", ""))
    return tree["resourceType"] == "Patient" or (tree["resourceType"] == "AuditEvent" and stranger in agents)


async def _seen(carnet: Carnet) -> dict[str, bool]:
    """Which ways show a stranger something, with the guard and the tripwire gone."""
    world, stranger = await _world(carnet), carnet.doctor(DOCTOR)
    before = [_shown(await stranger.get(path), DOCTOR) for path in world.paths()]
    assert not any(before), "the guard shows him nothing"
    with forgotten(tripwire=False):
        return {path: _shown(await stranger.get(path), DOCTOR) for path in world.paths()}


async def test_without_guard_and_tripwire_a_stranger_sees_nothing(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        seen = await _seen(carnet)
    assert [path for path, shown in seen.items() if shown] == []


async def test_without_any_fence_he_sees_it_all(database_urls: Urls, tmp_path: Path) -> None:
    with open_database(database_urls) as urls:
        async with serving(urls, tmp_path) as carnet:
            seen = await _seen(carnet)
    assert [path for path, shown in seen.items() if not shown] == ["Patient?birthdate=gt1900-01-01"]


async def test_the_fence_lets_identities_be_looked_up(database_urls: Urls, tmp_path: Path) -> None:
    """Across records as well, reduced, and with nothing of their records beside them."""
    async with serving(database_urls, tmp_path) as carnet:
        numbers = [nir() for _ in range(2)]
        records = sorted([await opened(carnet, ins=number) for number in numbers])
        stranger = carnet.doctor(DOCTOR)
        tokens = ",".join(f"{TEST_INS}|{number}" for number in numbers)
        for query in (f"Patient?identifier={tokens}", f"Patient?_id={','.join(records)}"):
            assert sorted(await stranger.found(query)) == records
            answer = (await stranger.get(f"{query}&_revinclude=Consent:patient&_total=accurate")).json()
            assert {entry["resource"]["resourceType"] for entry in answer["entry"]} == {"Patient"}
            assert answer["total"] == 2


# what a statement gets


@pytest.fixture
async def rows(database_urls: Urls) -> Urls:
    """One row in each clinical table for each of two records, `one` and `two`."""
    link = await asyncpg.connect(database_urls.owner)
    for record in ("one", "two"):
        for table in CLINICAL - {uncited}:
            values = blank(table) | {"record": record, "id": f"{record}.x"}
            values |= {name: value for name, value in (("body", b"{}"), ("ins", record)) if name in table.c}
            names, places = ", ".join(values), ", ".join(f"${n}" for n, _ in enumerate(values, start=1))
            await link.execute(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', *values.values())
        await link.execute("INSERT INTO record (id, status) VALUES ($1, 'open')", record)
    await link.close()
    return database_urls


@pytest.mark.parametrize("table", FENCED)
async def test_the_serving_role_has_the_rows_that_it_names(rows: Urls, table: str) -> None:
    link = await _serving(rows)

    async def records() -> set[str]:
        return {row["record"] for row in await link.fetch(f'SELECT record FROM "{table}"')}

    async def name(**settings: str) -> set[str]:
        async with link.transaction():
            for setting, value in settings.items():
                await link.execute("SELECT set_config($1, $2, true)", f"carnet.{setting}", value)
            return await records()

    assert await records() == set()
    assert await name(record="one") == {"one"}
    assert await name(record="none") == set()
    assert await name(record="") == set()
    assert await name(reach="two three") == {"two"}
    assert await name(reach="*") == {"one", "two"}
    assert await name(identity="one") == ({"one"} if table == "patient" else set())
    assert await records() == set(), "a setting ends with its transaction"
    await link.close()


@pytest.mark.parametrize("table", FENCED)
async def test_it_changes_what_it_names_and_the_trail_never(rows: Urls, table: str) -> None:
    link = await _serving(rows)
    for change in (f'UPDATE "{table}" SET id = id', f'DELETE FROM "{table}"'):
        if table == "audit_event":
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await link.execute(change)
            continue
        assert await link.execute(change) in {"UPDATE 0", "DELETE 0"}
        async with link.transaction():
            await link.execute("SELECT set_config('carnet.record', 'one', true)")
            assert await link.execute(change) in {"UPDATE 1", "DELETE 1"}
    await link.close()


async def test_the_serving_role_has_no_right_beside_the_fence(rows: Urls) -> None:
    owner, link = await asyncpg.connect(rows.owner), await _serving(rows)
    await owner.execute(
        "CREATE TABLE audit_event_2026_01 PARTITION OF audit_event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
    )
    tables = await link.fetch(
        "SELECT c.oid::regclass::text AS name, c.relname AS plain,"
        " has_table_privilege(c.oid, 'SELECT, UPDATE, DELETE, TRUNCATE') AS open"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'record'"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    )
    assert {row["plain"] for row in tables if row["open"]} == {*UNFENCED} - {"window"}
    assert {row["plain"] for row in tables} >= {*FENCED, *UNFENCED, "audit_event_default", "audit_event_2026_01"}
    await owner.close()
    await link.close()


async def test_the_fence_shows_every_column(database_urls: Urls) -> None:
    """A view keeps the columns that its table had: a migration that adds one makes the view anew."""
    link = await asyncpg.connect(database_urls.owner)
    columns = await link.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'fence'"
    )
    found = {(row["table_name"], row["column_name"]) for row in columns if row["table_name"] != "uncited"}
    apart = {("audit_event", name) for name in SEALED}  # what the chain knows of a row is for nobody who serves
    assert found == {(name, column.name) for name in FENCED for column in metadata.tables[name].c} - apart
    await link.close()


KINDS = ["Patient", "DocumentReference", "List", "Consent"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_statement_that_forgets_its_record_is_kept_to_it(rows: Urls, kind: str) -> None:
    """Its verdict says yes to every row; without a relation to the record it has the identity alone."""
    row = TABLES[kind].alias()
    loose = Statement(select(row.c.record).where(YES.on(kind, row, Binding.ONE).visible, bindparam("record") != ""))
    caller = {"depositor": "x", "subject": "x", "structure": "", "record": "one"}
    link, owner = await _serving(rows), await asyncpg.connect(rows.owner)
    for flag in Flag:
        if flag in RELATED:
            assert [r["record"] for r in await loose.rows(link, **caller, flags=int(flag))] == ["one"]
    unrelated = await loose.rows(link, **caller, flags=int(~RELATED & Flag.PROFESSIONAL))
    assert [r["record"] for r in unrelated] == (["one"] if kind == "Patient" else [])
    assert await link.fetch(f'SELECT 1 FROM "{TABLES[kind].name}"') == [], "nothing lingers on the connection"
    assert len(await loose.rows(owner, **caller, flags=0)) == 2
    await link.close()
    await owner.close()


# every statement opens the fence before it looks


def _statements() -> Iterator[tuple[str, Statement]]:
    kinds = sorted(set(JUDGES) - {"AuditEvent"})
    for kind in kinds:
        made: dict[str, Callable[[str], Statement]] = {
            "by_id": reading.by_id, "versions": reading.versions, "why": reading._why, "row_of": row_of,  # noqa: SLF001
            "ids": visible_ids, "changed": changed, "removed": removed, "kept": kept,
        }  # fmt: skip
        yield from ((f"{name} {kind}", make(kind)) for name, make in made.items())
        for binding in Binding:
            yield f"visible {kind} {binding.value}", Statement(visible(kind, binding)[1])
            if binding in {Binding.ONE, across(kind)}:
                yield f"past {kind} {binding.value}", past.of_type(kind, binding)
        yield f"tags {kind}", tags._of_type(kind, None)  # noqa: SLF001
    yield "kept from the holder", whole._held()  # noqa: SLF001
    yield "shows", shows()
    yield "unfiled", reading.unfiled()
    for module in (deposits, documents, life, people, physician, reading, relations, wills):
        yield from ((f"{module.__name__} {n}", s) for n, s in vars(module).items() if isinstance(s, Statement))


def _ungated(node: dict[str, Any], *, gated: bool = False) -> Iterator[str]:
    """Scans that the fence filters and no one-time filter stands above."""
    gated = gated or "IS NOT NULL" in node.get("One-Time Filter", "")
    if "carnet.record" in json.dumps([value for value in node.values() if isinstance(value, str)]) and not gated:
        yield node.get("Relation Name", node["Node Type"])
    for below in node.get("Plans", []):
        yield from _ungated(below, gated=gated)


@pytest.mark.skipif(PARTS in os.environ, reason="in parts the filter stands above each part, and not above all")
async def test_every_statement_opens_the_fence_before_it_looks(rows: Urls) -> None:
    """PostgreSQL evaluates a one-time filter before it starts what is below it: so the setting is there in time."""
    link, count = await _serving(rows), 0
    for name, statement in _statements():
        await link.execute(f"PREPARE looked AS {statement.sql}")
        given = ", ".join("'one'" if one == "record" else "NULL" for one in statement.names)
        plan = await link.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked{given and f'({given})'}")
        await link.execute("DEALLOCATE looked")
        count += "carnet.record" in plan
        assert list(_ungated(json.loads(plan)[0]["Plan"])) == [], name
    assert count > 80
    await link.close()


# the start, and the schema


async def test_a_role_that_reads_past_the_fence_does_not_serve(database_urls: Urls, tmp_path: Path) -> None:
    owner = await asyncpg.connect(database_urls.owner)
    await owner.execute("GRANT SELECT ON document_reference TO carnet_serve")
    await owner.close()
    with pytest.raises(RuntimeError, match="serving role"):
        async with serving(database_urls, tmp_path):
            pass
    await upgrade(database_urls.owner)
    async with serving(database_urls, tmp_path):
        pass


async def test_the_fence_goes_and_comes_on_a_filled_database(rows: Urls) -> None:
    program = [sys.executable, "-m", "alembic", "-x", f"url={rows.owner}", "downgrade", "0001"]
    down = await asyncio.create_subprocess_exec(*program, cwd=ROOT)
    assert await down.wait() == 0
    owner = await asyncpg.connect(rows.owner)
    assert await owner.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname IN ('fence', 'way')") == 0
    await upgrade(rows.owner)
    assert await check(rows.owner) == ()
    assert await owner.fetchval("SELECT count(*) FROM document_reference") == 2
    await owner.close()
    link = await _serving(rows)
    assert await link.fetch("SELECT 1 FROM document_reference") == []
    await link.close()
