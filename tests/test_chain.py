"""The chain over the trail: what is sealed and when, and what a verification finds of every kind of tampering."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from typer.testing import CliRunner

from app.access import Access, Kind
from app.evidence import audit
from app.lifecycle import sealing
from app.main import furnish
from app.records import destroying
from app.records.asking import Ask, in_one
from app.records.proving import journal
from app.resources.audit_event import AUDIT_EVENT
from app.rest.metrics import Metrics
from app.storage.audit import Act
from app.storage.chain import KEY, Block, Ring, Signer, path, root, signed, split
from app.storage.chain import Kind as Sort
from app.storage.embedded import Urls
from app.storage.keys import KeyStore
from app.storage.sealing import LOCK, Head
from app.storage.search import parse
from app.storage.session import parameters
from app.storage.verifying import Known, Report, verify
from tests.acts import grant
from tests.serving import actor, document, serving
from tests.world import DOCTOR, OTHER, moved, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from app.records.office import Office
    from app.settings import Settings

OPERATOR = Access(Kind.OPERATOR, "software|operator")
SCRIPT = Path(__file__).parents[1] / "scripts" / "journal"
TABLES = ("audit_event", "audit_block", "audit_leaf")
LAST = "(SELECT max(number) FROM audit_block)"


class Scene:
    """A server that wrote a trail and has ended, and ways to look at what it left."""

    def __init__(self, settings: Settings, record: str) -> None:
        self.settings = settings
        self.record = record

    async def verified(self, **known: Any) -> Report:
        """What a verification finds now."""
        keys, home = KeyStore(self.settings.data / "keys"), self.settings.data / "trail"
        head = Head(home / "head").read()
        given = {"anchored": [head] if head else [], "destroyed": keys.destroyed(), **known}
        return await verify(self.settings.database_owner_url, Known(await self.keys(), **given), 2)

    async def keys(self) -> Any:
        ring = await Ring.load(KeyStore(self.settings.data / "keys"))
        return tuple(one.public for one in ring.signers)

    async def found(self, **known: Any) -> dict[str, list[str]]:
        """Places by what was found there."""
        found: dict[str, list[str]] = {}
        for one in (await self.verified(**known)).findings:
            found.setdefault(one.what, []).append(one.where)
        return found

    async def newest(self) -> Block:
        """The last block."""
        [row] = await self.run("SELECT number, header, signature FROM audit_block ORDER BY number DESC LIMIT 1")
        return Block(row["number"], row["header"], row["signature"])

    async def run(self, *statements: str) -> list[asyncpg.Record]:
        """As somebody does who has the owner's password; the rows of the last statement."""
        link = await asyncpg.connect(self.settings.database_owner_url)
        try:
            for statement in statements[:-1]:
                await link.execute(statement)
            return await link.fetch(statements[-1])
        finally:
            await link.close()

    @asynccontextmanager
    async def office(self) -> AsyncIterator[Office]:
        async with furnish(self.settings) as made:
            yield made

    async def act(self, **said: Any) -> None:
        """One act more, sealed."""
        async with self.office() as made:
            await made.trail.durable(Act("read", **said))


@pytest.fixture(scope="module")
async def scene(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    data = tmp_path_factory.mktemp("chain")
    async with serving(module_database_urls, data, notices=False) as carnet:
        record = await opened(carnet, treating=DOCTOR)
        await grant(carnet.holder(record), record, actor(OTHER))
        doctor = carnet.doctor()
        there = await doctor.make(document(record))
        await doctor.make(document(record, label="INVISIBLE_PATIENT", description='Zoé é\x7f"\\'))
        for _ in range(2):
            await carnet.app.state.server.door._office.sealer.all()  # noqa: SLF001
            await asyncio.gather(*(doctor.get(f"DocumentReference/{there}") for _ in range(8)))
        await carnet.doctor(OTHER).get(f"DocumentReference?patient={record}&identifier=x")
        await carnet.doctor(OTHER).get(f"DocumentReference?patient={record}")
        await carnet.holder(record).get(f"DocumentReference/{record}.{'a' * 20}")
        return Scene(carnet.settings, record)


@pytest.fixture
async def untouched(scene: Scene) -> AsyncIterator[Scene]:
    """The scene, whose trail is put back after the test."""
    head = (scene.settings.data / "trail" / "head").read_bytes()
    await scene.run(*[f"CREATE TABLE saved_{one} AS SELECT * FROM {one}" for one in TABLES])
    yield scene
    for one in TABLES:
        await scene.run(f"TRUNCATE {one}", f"INSERT INTO {one} SELECT * FROM saved_{one}", f"DROP TABLE saved_{one}")
    (scene.settings.data / "trail" / "head").write_bytes(head)


def test_a_way_leads_from_every_digest_to_the_root() -> None:
    """And to no other place, whatever the number of digests."""
    for size in (*range(1, 18), 100):
        leaves = b"".join(sha256(bytes([number])).digest() for number in range(size))
        for index, leaf in enumerate(split(leaves)):
            at = leaf
            for step in path(leaves, index):
                other = bytes.fromhex(step[1:])
                at = sha256(b"\1" + (other + at if step[0] == "l" else at + other)).digest()
            assert at.hex() == root(leaves)


async def test_every_act_is_in_one_block_and_nothing_was_changed(scene: Scene) -> None:
    report = await scene.verified()
    assert report.findings == []
    assert (report.waiting, report.notes) == (0, [])
    [counted] = await scene.run(
        "SELECT count(*), (SELECT sum(octet_length(leaves)) / 32 FROM audit_leaf) FROM audit_event"
    )
    assert report.rows == counted[0] == counted[1] > 15
    assert report.blocks > 1


A_ROW = "(record, recorded, id) = (SELECT record, recorded, id FROM audit_event WHERE interaction = 'read' LIMIT 1)"
SWAPPED = (
    "WITH two AS (SELECT id, recorded, row_number() OVER (ORDER BY recorded) AS n FROM audit_event"
    " WHERE interaction = 'read' LIMIT 2) UPDATE audit_event e SET recorded = b.recorded FROM two a, two b"
    " WHERE e.id = a.id AND a.n <> b.n"
)
COPIED = (
    "INSERT INTO audit_event SELECT (e).* FROM (SELECT jsonb_populate_record(a, jsonb_build_object('id', a.id || 'x'))"
    " AS e FROM audit_event a WHERE a.interaction = 'read' LIMIT 1) s"
)
FORGED = 'UPDATE audit_block SET header = replace(header, \'"made":"20\', \'"made":"19\') WHERE number = 2'
FORGOTTEN = (
    "UPDATE audit_event SET was = sha256('x'), query = '', xact = pg_current_xact_id()::text::bigint"
    " WHERE interaction = 'search-type'"
)
TAMPERINGS: dict[str, tuple[list[str], dict[str, int]]] = {
    "a changed subject": ([f"UPDATE audit_event SET subject = 'person|1' WHERE {A_ROW}"], {"row-changed": 1}),
    "a changed time": (
        [f"UPDATE audit_event SET recorded = recorded + interval '1 s' WHERE {A_ROW}"],
        {"row-changed": 1},
    ),
    "documents taken out of a search": (
        ["UPDATE audit_event SET documents = '{}' WHERE interaction = 'search-type' AND documents <> '{}'"],
        {"row-changed": 1},
    ),
    "a deleted row": ([f"DELETE FROM audit_event WHERE {A_ROW}"], {"row-missing": 1}),
    "two rows that changed places": ([SWAPPED], {"row-changed": 2}),
    "a row that was added as an old one": ([COPIED], {"row-added": 1}),
    "a changed block": ([FORGED], {"block-changed": 1, "block-order": 1}),
    "a block taken out": (["DELETE FROM audit_block WHERE number = 2"], {"block-missing": 1, "leaves-added": 1}),
    "digests made anew for a changed row": (
        [f"UPDATE audit_event SET subject = 'x' WHERE {A_ROW}", "UPDATE audit_leaf SET leaves = sha256(leaves)"],
        {},
    ),
    "digests taken away": (["DELETE FROM audit_leaf WHERE number = 2"], {"leaves-missing": 1}),
    "the end of the chain cut off, with its rows": (
        [
            "DELETE FROM audit_event e USING audit_leaf l WHERE l.number = " + LAST + " AND e.recorded >= l.earliest",
            f"DELETE FROM audit_leaf WHERE number = {LAST}",
            f"DELETE FROM audit_block WHERE number = {LAST}",
        ],
        {"anchor": 1},
    ),
    "rows forgotten under no destruction": (
        [FORGOTTEN],
        {"forgotten": 1, "row-missing": 2},
    ),
    "the trail emptied": ([f"TRUNCATE {', '.join(TABLES)}"], {"anchor": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_tampering_is_found_and_named(untouched: Scene, name: str) -> None:
    statements, wanted = TAMPERINGS[name]
    await untouched.run(*statements)
    if "forgotten" in wanted:  # a server that is alive seals what it finds
        await untouched.act()
    found = await untouched.found()
    assert found, name
    for what, count in wanted.items():
        assert len(found.pop(what)) == count, (what, found)
    if wanted:
        assert not found.keys() - {"row-missing", "row-added"}, found


async def test_what_was_found_says_where(untouched: Scene) -> None:
    [row] = await untouched.run(f"SELECT id, recorded FROM audit_event WHERE {A_ROW}")
    await untouched.run(f"UPDATE audit_event SET address = '10.0.0.1' WHERE {A_ROW}")
    [place] = (await untouched.found())["row-changed"]
    assert row["id"] in place
    assert "of block " in place


async def test_the_chain_of_another_key_is_none(scene: Scene) -> None:
    report = await verify(scene.settings.database_owner_url, Known((Signer(b"x" * 32).public,)), 1)
    assert {one.what for one in report.findings} == {"block-changed"}
    assert len(report.findings) == report.blocks


async def test_an_act_is_sealed_when_its_transaction_ended(untouched: Scene) -> None:
    """However late that is, and only then; an act that was rolled back never was."""
    async with untouched.office() as made:
        slow = await asyncpg.connect(untouched.settings.database_url, server_settings={"search_path": "fence, public"})
        late, lost = slow.transaction(), slow.transaction()
        await late.start()
        await made.trail.insert(slow, [Act("create", client="late")])
        await lost.start()
        await made.trail.insert(slow, [Act("create", client="lost")])
        await lost.rollback()
        await made.trail.durable(Act("read"))
        assert await made.sealer.seal() == 1
        assert await made.sealer.seal() == 0
        await late.commit()
        await slow.close()
        sealed = await asyncio.gather(*(made.sealer.seal() for _ in range(4)))
        assert sorted(sealed) == [0, 0, 0, 1]
    assert (await untouched.verified()).findings == []


async def test_two_workers_seal_each_row_once(untouched: Scene) -> None:
    async with untouched.office() as one, untouched.office() as two:

        async def load(made: Office) -> int:
            count = 0
            for _ in range(15):
                await asyncio.gather(*(made.trail.durable(Act("read", client=str(n))) for n in range(8)))
                count += await made.sealer.seal()
            return count

        counts = await asyncio.gather(load(one), load(two))
        await one.sealer.all()
        assert sum(counts) <= 240
    report = await untouched.verified()
    assert (report.findings, report.waiting) == ([], 0)


async def test_what_is_in_no_block_yet_is_told_apart(untouched: Scene) -> None:
    """As a killed worker leaves it; the next one to start seals it."""
    await untouched.run(
        "INSERT INTO audit_event (record, id, recorded, action, interaction, outcome, caller_kind, subject)"
        " VALUES ('', 'x', now(), 'R', 'read', '0', '', '')"
    )
    report = await untouched.verified()
    assert (report.findings, report.waiting) == ([], 1)
    await untouched.act()
    report = await untouched.verified()
    assert (report.findings, report.waiting) == ([], 0)


async def test_it_is_told_how_long_acts_have_been_in_no_block(untouched: Scene) -> None:
    metrics, waits = Metrics(), re.compile(r"carnet_trail_unsealed_seconds ([0-9.]+)")
    link = await asyncpg.connect(untouched.settings.database_owner_url)
    async with untouched.office() as made:
        metrics.watch(made.sealer.age)
        await link.execute(f"SELECT pg_advisory_lock({LOCK})")  # as a sealer that hangs
        await made.trail.durable(Act("read"))
        await asyncio.sleep(0.3)
        assert await made.sealer.seal() == 0
        assert float(waits.findall(metrics.text().decode())[0]) > 0.3
        await link.fetch(f"SELECT pg_advisory_unlock({LOCK})")
        await link.close()
        assert await made.sealer.seal() == 1
        assert float(waits.findall(metrics.text().decode())[0]) < 0.3


async def test_a_chain_that_was_cut_goes_on_and_says_so(untouched: Scene) -> None:
    """Somebody cut it, or restored an older database: who runs the server says which."""
    newest = Head(untouched.settings.data / "trail" / "head").read()
    assert newest is not None
    await untouched.run(*TAMPERINGS["the end of the chain cut off, with its rows"][0])
    await untouched.act()
    found = await untouched.found(anchored=[newest])
    assert (len(found["cut"]), len(found["anchor"])) == (1, 1)
    async with untouched.office() as made:
        await made.sealer.enter(Sort.RESTORED, reason="backup of the night")
    report = await untouched.verified(anchored=[newest])
    assert report.findings == []
    assert "backup of the night" in report.notes[-1]
    forged = Block(newest.number, newest.header.replace("rows", "cut!"), newest.signature)
    assert "anchor" in await untouched.found(anchored=[forged])


async def test_a_false_last_block_is_not_built_on(untouched: Scene) -> None:
    (untouched.settings.data / "trail" / "head").unlink()
    await untouched.run(f"UPDATE audit_block SET signature = sha512('') WHERE number = {LAST}")
    await untouched.act()
    found = await untouched.found()
    assert (len(found["cut"]), len(found["block-changed"])) == (1, 1)


async def test_months_are_made_ahead_and_go_after_their_term(untouched: Scene) -> None:
    """What goes is said in the chain, and nothing else than it may be missing; a year at least is kept."""
    owner = untouched.settings.database_owner_url
    async with untouched.office() as made:
        async with moved(owner, "5 months"):
            await made.trail.durable(*[Act("read", client="in no month's partition")] * 3)
            await made.sealer.all()
            assert (await untouched.run("SELECT count(*) FROM audit_event_default"))[0][0] == 3
            await made.sealer.ahead()
            assert (await untouched.run("SELECT count(*) FROM audit_event_default"))[0][0] == 0
        assert (await untouched.verified()).findings == []
        assert await made.sealer.drop(1) == []
        async with moved(owner, "37 months"):
            assert await made.sealer.drop(0) == []
            [gone] = await made.sealer.drop(3)
            assert len(await made.sealer.drop(1)) == 1
        report = await untouched.verified()
        assert report.findings == []
        assert len(report.notes) == 2
        with pytest.raises(asyncpg.PostgresError, match="a year has not passed"):
            await untouched.run(f"SELECT carnet.trail_drop('{gone}')")
        await made.sealer.ahead()


async def test_what_the_policy_asks_of_an_act_is_asked_above_the_months(scene: Scene) -> None:
    """In each of them stands one sub-select, the fence's, or a journal would cost more with each month that is kept."""
    async with scene.office() as made:
        caller = made.caller(Access(Kind.HOLDER, f"holder|{scene.record}"))
        asked = [("patient", f"Patient/{scene.record}"), ("action", "R")]
        query = parse(AUDIT_EVENT, asked, strict=None, settings=made.settings)
    statement = in_one(Ask(made, caller, query, scene.record))
    link = await asyncpg.connect(scene.settings.database_url, server_settings=parameters(scene.settings))
    await link.execute(f"PREPARE looked AS {statement.sql}")
    plan = await link.fetch(f"EXPLAIN EXECUTE looked({', '.join(['NULL'] * len(statement.names))})")
    await link.close()
    lines = [row[0].strip() for row in plan]
    places = [number for number, line in enumerate(lines) if " on audit_event_" in line]
    asked = [next(line for line in lines[number:] if line.startswith("Filter: ")) for number in places]
    assert len(asked) >= 4
    assert {line.count("SubPlan") for line in asked} == {1}


async def test_an_act_that_is_on_its_way_while_its_month_is_made_is_kept(untouched: Scene) -> None:
    """And so is a write with its act: PostgreSQL refuses what it had dealt to the partition of no month."""
    owner, serve = untouched.settings.database_owner_url, untouched.settings.database_url
    async with serving(Urls(owner, serve), untouched.settings.data, notices=False) as carnet, moved(owner, "9 months"):
        link = await asyncpg.connect(owner)
        async with link.transaction():
            assert await link.fetchval("SELECT carnet.trail_ahead(1)")
            made = asyncio.create_task(carnet.doctor().make(document(untouched.record)))
            kept = asyncio.create_task(carnet.app.state.server.trail.durable(Act("read", client="on its way")))
            waiting = "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
            while await link.fetchval(f"{waiting} AND datname = current_database()") < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.gather(made, kept)
        await link.close()
        kinds = await untouched.run("SELECT interaction FROM audit_event WHERE recorded > now() + interval '8 months'")
        assert {row["interaction"] for row in kinds} >= {"create", "read"}


async def test_a_cluster_that_counts_its_transactions_anew_seals_on(untouched: Scene) -> None:
    """As a dump does that is restored elsewhere: what it holds is not sealed twice, what comes is not left out."""
    far = 1_000_000_000
    sealed = "SELECT sum(octet_length(leaves)) / 32 FROM audit_leaf"
    [[before]] = await untouched.run(sealed)
    async with untouched.office() as made:
        await made.sealer.enter(Sort.RENUMBERED, until=f"{far}:{far}:")
    await untouched.run(
        f"UPDATE audit_event SET xact = {far} - 1",
        "INSERT INTO audit_event (record, id, recorded, action, interaction, outcome, caller_kind, subject, xact)"
        f" VALUES ('', 'last', now(), 'R', 'read', '0', '', '', {far} + 1)",
    )
    async with untouched.office() as made:
        await made.trail.durable(Act("read"))
        await made.sealer.all()  # the row is sealed at the start where another transaction ended meanwhile, or else now
    assert [tuple(row) for row in await untouched.run(sealed)] == [(before + 2,)]
    report = await untouched.verified()
    assert (report.findings, report.waiting) == ([], 0)


def checked(journal: dict[str, Any], file: Path, *more: str) -> tuple[int, str]:
    file.write_text(json.dumps(journal))
    done = subprocess.run([sys.executable, "-I", SCRIPT, file, *more], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "the caller": lambda act: act["shown"].update(subject="person|1"),
    "the rule": lambda act: act["judged"].update(reason="holder"),
    "what it named": lambda act: act.update(named_digest="00" * 32),
    "the event": lambda act: act["event"].update(recorded="2026-01-01T00:00:00Z"),
    "another event": lambda act: act["event"].update(id="x"),
    "the way": lambda act: act["path"].reverse(),
    "no proof": lambda act: act.pop("block"),
    "not even an act": lambda act: act.clear(),
}


async def test_a_journal_is_proved_without_the_server(untouched: Scene, tmp_path: Path) -> None:
    async with untouched.office() as made:
        whole = await journal(made, untouched.record, OPERATOR)
    text = json.dumps(whole)
    assert len(whole["acts"]) > 15
    assert checked(whole, tmp_path / "journal", "--key", whole["public_key"])[0] == 0
    assert checked(whole, tmp_path / "journal", "--key", "11" * 32)[0] == 1
    told = [act for act in whole["acts"] if act["event"]["outcome"] == "0" and len(act["path"]) > 1]
    for name, change in CHANGES.items():
        before = json.dumps(told[0])
        change(told[0])
        status, said = checked(whole, tmp_path / "journal")
        assert (status, said.splitlines()[-1]) == (1, f"{len(whole['acts']) - 1} of {len(whole['acts'])} acts hold"), (
            name
        )
        told[0].clear()
        told[0].update(json.loads(before))
    own = {act["event"]["outcome"] != "0" for act in whole["acts"] if "judged" not in act}
    assert own == {True}, "nothing is kept back but why he himself was refused, and what names documents"
    assert all("named_digest" in act and not {"query", "documents"} & act["shown"].keys() for act in whole["acts"])
    pending = await untouched.run("SELECT id FROM document_reference WHERE announce_at > now()")
    assert len(pending) == 1
    assert pending[0]["id"] not in text
    kept = await untouched.run(f"SELECT salt FROM audit_event WHERE record = '{untouched.record}'")
    assert not any(row["salt"].hex in text for row in kept)
    [act] = await untouched.run("SELECT subject, interaction FROM audit_event WHERE interaction = '$journal'")
    assert act["subject"] == "software|operator"


@pytest.fixture
def rotating(untouched: Scene) -> Iterator[Scene]:
    """The scene, whose second key goes after the test."""
    yield untouched
    (untouched.settings.data / "keys" / "tr" / "trail-2").unlink(missing_ok=True)


async def test_another_key_signs_and_the_old_one_is_still_known(rotating: Scene, tmp_path: Path) -> None:
    async with rotating.office() as other:
        async with rotating.office() as one:
            block = await one.sealer.rotate()
        assert block.said["public_key"] == (await Ring.load(KeyStore(rotating.settings.data / "keys"))).public_keys[1]
        await other.trail.durable(Act("read", record=rotating.record, subject=f"holder|{rotating.record}"))
        assert await other.sealer.seal()  # a worker that runs reads the new key when the chain names it
        whole = await journal(other, rotating.record, OPERATOR)
    old, new = await rotating.keys()
    newest = await rotating.newest()
    assert ((await rotating.verified()).findings, signed(new, newest), signed(old, newest)) == ([], True, False)
    assert checked(whole, tmp_path / "journal")[0] == 0
    assert checked(whole, tmp_path / "journal", "--key", whole["public_key"])[0] == 1, "the old blocks need the old key"
    both = [word for key in whole["public_keys"] for word in ("--key", key)]
    assert checked(whole, tmp_path / "journal", *both)[0] == 0


async def test_who_has_the_old_key_makes_no_blocks(rotating: Scene) -> None:
    async with rotating.office() as made:
        first = made.sealer.ring.signers[0]
        await made.sealer.rotate()
        await made.trail.durable(Act("read"))
    last = await rotating.newest()
    forged = first.next(last, Sort.RESTORED, datetime.now(UTC), last.until, reason="x")
    add = "INSERT INTO audit_block VALUES ({}, '{}', '\\x{}')"
    await rotating.run(add.format(forged.number, forged.header, forged.signature.hex()))
    assert "block-changed" in await rotating.found(anchored=[])
    # all that came after the first key, cut off: nothing but the key itself tells
    named = "SELECT number FROM audit_block WHERE header LIKE '%\"rekeyed\"%'"
    await rotating.run(f"DELETE FROM audit_block WHERE number >= ({named})")
    assert "key" in await rotating.found(anchored=[])


@pytest.mark.slow
async def test_a_rotation_that_broke_off_is_done_by_the_next(rotating: Scene) -> None:
    keys = KeyStore(rotating.settings.data / "keys")
    made = await keys.get_or_create(f"{KEY}-2")
    assert "key" in await rotating.found()
    await rotating.act()
    async with rotating.office() as office:
        assert (await office.sealer.rotate()).said["public_key"] == Signer(made).public_key
    assert (await rotating.verified()).findings == []


@pytest.mark.slow
async def test_a_restored_database_goes_on_under_the_newest_key(rotating: Scene) -> None:
    before = await rotating.newest()
    async with rotating.office() as made:
        await made.sealer.rotate()
        await made.trail.durable(Act("read"))
    await rotating.run(f"DELETE FROM audit_leaf WHERE number > {before.number}",
                       f"DELETE FROM audit_block WHERE number > {before.number}")  # fmt: skip
    async with rotating.office() as made:
        await made.sealer.enter(Sort.RESTORED, reason="a test")
    report = await rotating.verified()
    assert [one.what for one in report.findings if one.what != "added"] == []
    assert signed((await rotating.keys())[1], await rotating.newest())


async def test_the_command_line_tells_it(untouched: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = untouched.settings
    for name in ("database_url", "database_owner_url", "data"):
        monkeypatch.setenv(f"CARNET_{name.upper()}", str(getattr(settings, name)))

    async def run(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, audit, words)
        return done.exit_code, done.output

    status, said = await run("verify")
    assert (status, said.splitlines()[-1]) == (0, "nothing was changed"), said
    status, said = await run("export", untouched.record, "--out", str(tmp_path / "journal"))
    assert (status, (tmp_path / "journal").stat().st_mode & 0o777) == (0, 0o600), said
    key = (await run("key"))[1].strip()
    assert checked(json.loads((tmp_path / "journal").read_text()), tmp_path / "copy", "--key", key)[0] == 0
    assert (await run("export", "a" * 20, "--out", str(tmp_path / "none")))[0] == 1
    assert not (tmp_path / "none").exists()
    await untouched.run(*TAMPERINGS["the end of the chain cut off, with its rows"][0])
    status, said = await run("verify", "--jobs", "1")
    assert (status, said.splitlines()[-1]) == (1, "1 findings"), said
    assert (await run("restored", "--reason", "a test"))[0] == 0
    assert (await run("verify"))[0] == 0


async def test_what_is_new_is_found_by_its_index(scene: Scene) -> None:
    """Where nothing is, no table is read to its end, whether it has statistics or not."""
    link = await asyncpg.connect(scene.settings.database_owner_url)
    [newest] = await link.fetch("SELECT header FROM audit_block ORDER BY number DESC LIMIT 1")
    until = json.loads(newest["header"])["until"]
    async with link.transaction():
        for question in ("SELECT carnet.waiting($1)", "SELECT count(*) FROM carnet.unsealed($1, 100)"):
            assert not await link.fetchval(question, until)
        scans = "SELECT sum(pg_stat_get_xact_numscans(inhrelid)) FROM pg_inherits WHERE inhparent = $1::text::regclass"
        assert await link.fetchval(scans, "audit_event") == 0
    await link.close()


async def test_the_serving_role_takes_nothing_out_of_the_chain(scene: Scene) -> None:
    link = await asyncpg.connect(scene.settings.database_url)
    for table in ("audit_block", "audit_leaf"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET number = 0", f"TRUNCATE {table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await link.execute(statement)
    for column in ("salt", "was", "xact"):
        with pytest.raises(asyncpg.UndefinedColumnError):
            await link.execute(f"SELECT {column} FROM fence.audit_event")
    await link.close()


async def test_a_destroyed_record_is_no_break(untouched: Scene) -> None:
    """Its acts say less than what was sealed, and the chain says why; so does one that was not sealed yet."""
    async with untouched.office() as made:
        await made.trail.durable(Act("read", untouched.record, query="secret"))
        async with made.database.transaction() as link:
            await destroying.erase(link, untouched.record)
            await made.trail.insert(link, [Act("$destroy", untouched.record)])
        await made.keys.destroy(untouched.record)
    report = await untouched.verified()
    assert (report.findings, report.waiting) == ([], 0)
    rows = await untouched.run(
        f"SELECT query, was FROM audit_event WHERE record = '{untouched.record}' ORDER BY recorded"
    )
    assert {row["query"] for row in rows} == {""}
    assert [bool(row["was"]) for row in rows] == [True] * (len(rows) - 1) + [False]
    await untouched.run("UPDATE audit_event SET subject = 'x' WHERE was <> '' AND interaction = 'create'")
    assert (await untouched.found()).keys() == {"row-changed"}


async def test_sealing_keeps_its_pace_under_load(untouched: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acts that come while a block is made are the next one's: a block for each of them would cost more than they."""
    monkeypatch.setattr(sealing, "PAUSE", 0.2)
    blocks = "SELECT count(*) FROM audit_block"
    async with untouched.office() as made:
        [[before]] = await untouched.run(blocks)
        keeper, begun = asyncio.ensure_future(sealing.keep_sealing(made)), time.monotonic()
        while time.monotonic() < begun + 1 or (await untouched.run(blocks))[0][0] == before:
            await made.trail.durable(Act("read"))
        keeper.cancel()
    assert (await untouched.run(blocks))[0][0] - before <= (time.monotonic() - begun) / sealing.PAUSE + 2
