"""Tables of records in hash partitions: the same server, and each of its hot statements in one part."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.records import destroying
from app.storage import audit, session
from app.storage.migrate import SERVING, check
from app.storage.parts import KEYS, counted, distribute
from app.storage.statement import Statement
from tests.requests import work
from tests.serving import document, serving
from tests.world import OTHER, nir, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.conftest import Cluster

    Plan = dict[str, Any]

COUNT = 4
PART = re.compile(rf"({'|'.join(KEYS)})_{COUNT}_(\d+)")
CROWD = 200
EXPLAINING = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}
ACROSS = {s.sql for s in vars(destroying).values() if isinstance(s, Statement)} | {audit._TELL.sql}  # noqa: SLF001
"""What is of several records by its nature: the sweep, and whether anybody listens to one of a batch of acts."""


async def _rows(link: asyncpg.Connection[asyncpg.Record]) -> dict[str, list[str]]:
    """Every row of a record, as text."""
    return {name: sorted(map(str, await link.fetch(f'SELECT * FROM public."{name}"'))) for name in KEYS}


async def _standing(link: asyncpg.Connection[asyncpg.Record]) -> dict[str, set[tuple[str, ...]]]:
    """What stands on the tables of records: indexes, rights, constraints."""
    names = list(KEYS)
    indexes = (
        "SELECT tablename, indexname, replace(indexdef, 'ON ONLY', 'ON') FROM pg_indexes WHERE tablename = ANY($1)"
    )
    rights = (
        "SELECT table_schema, table_name, grantee, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema IN ('public', 'fence', 'way')"
    )
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = ANY($1) ORDER BY table_name, ordinal_position"
    )
    return {
        "indexes": {tuple(row) for row in await link.fetch(f"{indexes} AND schemaname = 'public'", names)},
        "rights": {tuple(row) for row in await link.fetch(rights)},
        "columns": {tuple(row) for row in await link.fetch(columns, names)},
    }


@pytest.mark.slow
async def test_a_filled_database_goes_into_parts_and_back(database_urls: Urls, tmp_path: Path) -> None:
    """While it is served: the same rows, indexes, rights and answers, in four parts, in three, and whole again."""
    await distribute(database_urls.owner, 1)
    owner = await asyncpg.connect(database_urls.owner)
    async with serving(database_urls, tmp_path) as carnet:
        doctor, ins = carnet.doctor(OTHER), nir()
        record = await opened(carnet, treating=OTHER, ins=ins)
        one = await doctor.make(document(record))
        rows, stands = await _rows(owner), await _standing(owner)
        for count in (COUNT, 3, 1):
            assert await distribute(database_urls.owner, count) == sorted(KEYS)
            assert await distribute(database_urls.owner, count) == []
            assert set((await counted(database_urls.owner)).values()) == {count}
            assert await _rows(owner) == rows
            found = await _standing(owner)
            assert found["rights"] == stands["rights"]
            assert found["columns"] == stands["columns"]
            assert {name for _, name, _ in found["indexes"]} == {name for _, name, _ in stands["indexes"]}
            assert await check(database_urls.owner) == ()
            assert (await doctor.get(f"DocumentReference/{one}")).status_code == 200
            await doctor.make(document(record))
            assert len(await doctor.found(f"DocumentReference?patient={record}")) == len(rows["document_reference"]) + 1
            rows = await _rows(owner)
        assert (await _standing(owner)) == stands
        assert await owner.fetch("SELECT FROM pg_class WHERE relnamespace = 'shard'::regnamespace") == []
    await owner.close()


async def test_an_ins_has_one_record_in_parts_too(database_urls: Urls) -> None:
    await distribute(database_urls.owner, COUNT)
    link = await asyncpg.connect(database_urls.owner)
    make = (
        "INSERT INTO patient (record, id, version_id, last_updated, method, body, ins)"
        " VALUES ($1, $1, '1', now(), 'POST', '', $2)"
    )
    for number in range(8):
        await link.execute(make, f"r{number}", None)
    await link.execute(make, "one", "x|1")
    with pytest.raises(asyncpg.UniqueViolationError):
        await link.execute(make, "two", "x|1")
    await link.execute("UPDATE patient SET ins = 'x|2' WHERE record = 'one'")
    await link.execute("UPDATE patient SET version_id = '2', ins = 'x|2' WHERE record = 'one'")
    with pytest.raises(asyncpg.UniqueViolationError):
        await link.execute("UPDATE patient SET ins = 'x|2' WHERE record = 'r1'")
    await link.execute(make, "three", "x|1")
    await link.execute("DELETE FROM patient WHERE record = 'one'")
    await link.execute("UPDATE patient SET ins = 'x|2' WHERE record = 'r1'")
    assert [tuple(row) for row in await link.fetch("SELECT * FROM shard.ins ORDER BY ins")] == [
        ("x|1", "three"),
        ("x|2", "r1"),
    ]
    await link.close()
    serve = await asyncpg.connect(database_urls.serve)
    for name in ("patient_4_0", "ins"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await serve.fetch(f"SELECT FROM shard.{name}")
    await serve.close()


# one part


@pytest.fixture
def plans(cluster: Cluster, database_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Each plan that a statement of the server has run by, as PostgreSQL itself tells it (auto_explain), in order."""
    name = urlsplit(database_urls.serve).path.strip("/")
    told = [f"ALTER ROLE {SERVING} IN DATABASE \"{name}\" SET {key} TO '{value}'" for key, value in EXPLAINING.items()]
    cluster.run(*told)
    found: list[Plan] = []

    class Telling(session.Tripwire):
        def _process_log_message(self, fields: dict[str, str], _: str) -> None:
            _, plan, text = fields["M"].partition("plan:")
            if plan:
                found.append(json.loads(text))

    monkeypatch.setattr(session, "Tripwire", Telling)
    return found


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def looked_into(plan: Plan) -> dict[str, set[int]]:
    """The parts that a plan looked into, by table; not those of a node that was never run."""
    found: dict[str, set[int]] = {}
    for node in _nodes(plan["Plan"]):
        part = PART.fullmatch(node.get("Relation Name", ""))
        if part and node["Actual Loops"]:
            found.setdefault(part[1], set()).add(int(part[2]))
    return found


async def _crowd(url: str) -> None:
    """Each row that there is, again and again with other keys: so many that plans are what they are among many."""
    link = await asyncpg.connect(url)
    await link.execute("INSERT INTO contact (record, sealed, way, language) SELECT id, '', 'mail', 'fr' FROM record")
    for name, key in KEYS.items():
        columns = await link.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1", name
        )
        again = {key, "ins", "master_identifier"}
        names = [row["column_name"] for row in columns]
        values = [f"{one} || '.' || n" if one in again else one for one in names]
        rows = f'SELECT {", ".join(values)} FROM "{name}", generate_series(1, {CROWD}) n'
        await link.execute(f'INSERT INTO "{name}" ({", ".join(names)}) {rows}')
    await link.close()


@pytest.mark.slow
async def test_each_hot_statement_looks_into_one_part(database_urls: Urls, plans: list[Plan], tmp_path: Path) -> None:
    """And into the part of the same number, whichever tables it joins."""
    await distribute(database_urls.owner, 1)
    async with serving(database_urls, tmp_path / "data") as carnet:
        record = await opened(carnet, treating=OTHER)
        await work(carnet.doctor(OTHER), record)
    await _crowd(database_urls.owner)
    await distribute(database_urls.owner, COUNT)
    async with serving(database_urls, tmp_path / "data", notices=False) as carnet:
        plans.clear()  # of the sweep of the start, which is across records
        await work(carnet.doctor(OTHER), record)
        asked = [(plan["Query Text"], looked_into(plan)) for plan in plans]
    assert len([text for text, parts in asked if parts]) > 60
    spread = {text: parts for text, parts in asked if len(set().union(*parts.values())) > 1 and text not in ACROSS}
    assert spread == {}
