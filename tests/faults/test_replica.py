"""Searches whose rows a standby finds: a real one, made by pg_basebackup, that streams, lags, dies and comes back."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable  # noqa: TC003 - of a variable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import asyncpg
import psutil
import pytest

from app.storage.embedded import ACCOUNT, ADMIN, OWNER, SERVE, Embedded, binaries
from app.storage.migrate import upgrade
from app.storage.replica import Replica
from tests.acts import PHARMACIST, a_record, grant, pharmacist, relabel
from tests.conftest import Cluster
from tests.grammar_searches import search, shapes
from tests.serving import Caller, Carnet, actor, consent, deny, document, serving
from tests.twin_people import AWAITING, HIDDEN, MASKED, ROLES, paper
from tests.twin_runs import Run, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.grammar_searches import Shape

pytestmark = pytest.mark.slow
PATIENCE = 30.0
LONG, SHORT = 600.0, 2.0
"""Seconds by which the standby may lag: so long that only what the primary says counts, or short."""


class Pair:
    """A primary and its standby."""

    def __init__(self, home: Path) -> None:
        self.data = home / "data"
        self.primary, self.standby = Embedded(home / "one"), Embedded(home / "two")

    def begin(self) -> None:
        self.primary.start()
        asyncio.run(upgrade(self.primary.urls.owner))
        self.standby.home.mkdir(parents=True, mode=0o700)
        command = [str(binaries() / "pg_basebackup"), "-d", self.primary.url(ADMIN, "postgres")]
        subprocess.run([*command, "-D", str(self.standby.cluster), "-R", "-c", "fast"], check=True, capture_output=True)
        if self.standby._account is not None:  # noqa: SLF001 - we are root, and PostgreSQL may not be
            for path in (self.standby.home, *self.standby.home.rglob("*")):
                shutil.chown(path, ACCOUNT)
        self.standby.start()

    def end(self) -> None:
        for one in (self.standby, self.primary):
            one.stop()

    async def on_standby(self, question: str) -> object:
        """What it answers its superuser."""
        link = await asyncpg.connect(self.standby.url(ADMIN))
        try:
            return await link.fetchval(question)
        finally:
            await link.close()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """A while in which it takes nothing over."""
        await self.on_standby("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            await self.on_standby("SELECT pg_wal_replay_resume()")

    @asynccontextmanager
    async def served(self, lag: float, url: str = "") -> AsyncIterator[tuple[Carnet, Replica]]:
        """A server that knows both."""
        given = {"replica_url": url or self.standby.urls.serve, "replica_lag": lag, "notices": False}
        async with serving(self.primary.urls, self.data, **given) as carnet:
            replica = carnet.app.state.server.door._office.replica  # noqa: SLF001
            yield carnet, replica

    async def caught_up(self, replica: Replica) -> None:
        """Return once the standby has come to where the primary is now, and the server knows that it lags by little."""
        await until(lambda: replica.sound)
        await self.replayed()

    async def replayed(self) -> None:
        """Return once the standby has come to where the primary is now."""
        link = await asyncpg.connect(self.primary.url(ADMIN))
        here = await link.fetchval("SELECT pg_current_wal_lsn()::text")
        await link.close()
        deadline = time.monotonic() + PATIENCE
        while not await self.on_standby(f"SELECT pg_last_wal_replay_lsn() >= '{here}'"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="carnet-") as folder:
        Path(folder).chmod(0o711)
        made = Pair(Path(folder))
        made.begin()
        try:
            yield made
        finally:
            made.end()


async def filled(carnet: Carnet) -> tuple[str, list[str]]:
    """A record with three documents, one of them masked; a pharmacist is authorised by name."""
    record = await a_record(carnet)
    doctor = carnet.doctor()
    labels = ("", "", "MASQUE_PS")
    made = [await doctor.make(document(record, **({"label": one} if one else {}))) for one in labels]
    await grant(carnet.holder(record), record, actor(PHARMACIST))
    return record, made


QUESTIONS = (
    "patient={}", "patient={}&_sort=date", "patient={}&_count=2", "patient={}&_summary=count",
    "patient={}&status=current", "patient={}&_total=accurate", "patient={}&_include=DocumentReference:patient",
    "patient.gender=male&patient={}",
    "patient={}&_elements=status", "patient={}&type=nothing", "patient={}&relatesto=DocumentReference/x",
)  # fmt: skip
CALLERS: dict[str, Callable[[Carnet, str], Caller]] = {
    "doctor": lambda carnet, _: carnet.doctor(),
    "pharmacist": lambda carnet, _: pharmacist(carnet),
    "holder": lambda carnet, record: carnet.holder(record),
    "stranger": lambda carnet, _: stranger(carnet),
}


async def test_what_it_finds_is_answered_as_the_primary_would_and_is_in_the_trail(pair: Pair) -> None:
    async with pair.served(LONG) as (carnet, replica), serving(pair.primary.urls, pair.data, notices=False) as alone:
        record, _ = await filled(carnet)
        await pair.caught_up(replica)
        for (who, caller), question in product(CALLERS.items(), QUESTIONS):
            path = f"DocumentReference?{question.format(record)}"
            name = {"X-Request-Id": f"asked-{who}-{QUESTIONS.index(question)}"}
            one = await caller(carnet, record).get(path, headers=name)
            other = await caller(alone, record).get(path)
            assert (one.status_code, one.content) == (other.status_code, other.content), path
        assert replica.found >= 4 * 4
        link = await asyncpg.connect(pair.primary.url(ADMIN))
        asked = await link.fetchval(
            "SELECT count(DISTINCT request_id) FROM audit_event WHERE request_id LIKE 'asked-%'"
        )
        await link.close()
        assert asked == 4 * len(QUESTIONS)


def stranger(carnet: Carnet) -> Caller:
    return carnet.doctor("810000000077", structure="1750000077")


async def test_no_change_of_who_may_see_what_is_read_late(pair: Pair) -> None:
    """The standby stands still, and counts as sound: what was changed since holds for the very next search."""
    async with pair.served(LONG) as (carnet, replica):
        record, [first, second, masked] = await filled(carnet)
        holder, doctor, reader = carnet.holder(record), carnet.doctor(), pharmacist(carnet)
        query = f"DocumentReference?patient={record}"
        await pair.caught_up(replica)

        async def sees(caller: Caller, *documents: str, there: bool = False) -> None:
            """He finds these, where the standby helped or where it could not."""
            before = replica.found
            assert replica.sound
            assert set(await caller.found(query)) == set(documents)
            assert (replica.found > before) == there

        await sees(reader, first, second, there=True)
        async with pair.paused():
            late = await doctor.make(document(record))
            await sees(reader, first, second, there=True)  # it has not arrived: the standby is what answers
            assert (await doctor.patch(f"DocumentReference/{first}", relabel("MASQUE_PS"))).status_code == 200
            await sees(reader, second, late)
            await sees(doctor, first, second, masked, late)
            assert (await doctor.patch(f"DocumentReference/{first}", relabel(""))).status_code == 200
            await sees(reader, first, second, late)
            assert (await holder.delete(f"DocumentReference/{second}")).status_code < 300
            await sees(reader, first, late)
            base = carnet.settings.codesystem_base
            block = await holder.make(consent(record, "block", deny(actor(PHARMACIST)), base=base))
            await sees(reader, there=True)
            other = stranger(carnet)
            await sees(other, there=True)
            await grant(holder, record, actor("810000000077"))
            await sees(other, first, late)
            gone = consent(record, "block", deny(actor(PHARMACIST)), base=base) | {"id": block, "status": "inactive"}
            assert (await holder.put(f"Consent/{block}", gone)).status_code == 200
            await sees(reader, first, late)
            closing = {"resourceType": "Parameters", "parameter": []}
            assert (await holder.post(f"Patient/{record}/$close", closing)).status_code < 300
            await sees(reader)
        await pair.caught_up(replica)
        await sees(reader, there=True)


async def test_a_standby_that_lags_or_dies_is_not_asked(pair: Pair) -> None:
    async with pair.served(SHORT) as (carnet, replica):
        record, made = await filled(carnet)
        reader, query = pharmacist(carnet), f"DocumentReference?patient={record}"
        await pair.caught_up(replica)
        async with pair.paused():
            late = await carnet.doctor().make(document(record))
            await until(lambda: not replica.sound)
            assert set(await reader.found(query)) == {*made[:2], late}
        await pair.caught_up(replica)
        before = replica.found
        assert set(await reader.found(query)) == {*made[:2], late}
        assert replica.found == before + 1
        number = int((pair.standby.cluster / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        psutil.Process(number).kill()
        for _ in range(3):
            assert set(await reader.found(query)) == {*made[:2], late}
        assert not replica.sound
        with Embedded(pair.standby.home.parent):
            await pair.caught_up(replica)
            assert set(await reader.found(query)) == {*made[:2], late}
            assert replica.found > before + 1


@pytest.mark.parametrize("which", ["primary", "superuser"])
async def test_what_is_no_standby_or_has_too_many_rights_is_never_asked(pair: Pair, which: str) -> None:
    url = pair.primary.urls.serve if which == "primary" else pair.standby.url(ADMIN)
    async with pair.served(LONG, url) as (carnet, replica):
        await asyncio.sleep(2.5)
        assert not replica.sound
        record, made = await filled(carnet)
        assert set(await pharmacist(carnet).found(f"DocumentReference?patient={record}")) == set(made[:2])
        assert replica.found == 0


HIDES = {"adult": AWAITING, "minor": HIDDEN, "ward": MASKED, "bedside": MASKED}
"""What keeps a document from those whose record it is, by record."""


async def test_a_standby_tells_nothing_of_what_is_hidden(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin worlds whose standby stands still: the same answers, and the standby asked for the same questions.

    Were it asked in one world alone, what was deposited a moment ago would be missing there and not in the other.
    """
    cluster, seed = Cluster(pair.primary.url(ADMIN, "postgres")), 20_260_615
    cluster.make("twins")
    await upgrade(cluster.url(OWNER, "twins"))
    asked = [False]
    monkeypatch.setattr(Replica, "sound", property(lambda _: asked[0]))
    place = partial(pair.standby.url, SERVE)
    async with opened(cluster, "twins", tmp_path, seed, place) as made:
        worlds = (made.twins.full, made.twins.lean)
        full, lean = (one.app.state.server.door._office.replica for one in worlds)  # noqa: SLF001
        await pair.replayed()
        async with pair.paused():
            for name, label in HIDES.items():
                await made.make("a depositor", paper(made.records[name], 21_300))
                await made.add("a depositor", paper(made.records[name], 21_600, label=label))
            asked[0] = True
            run = Run(made, seed)
            for role, shape in product([one for one in ROLES if one.record in HIDES], searches()):
                before = full.found, lean.found
                request = search(run.sight(role), shape)
                await run.pair(run.sight(role), replace(request, production=role.name))
                assert full.found - before[0] == lean.found - before[1], f"{role.name}: {request}"
    assert not run.tally.differences, run.tally.report()
    assert full.found > run.tally.pairs / 4


def searches() -> list[Shape]:
    """Searches of documents in one record, of all shapes."""
    return [one for one in shapes(Random(1)) if one.type == "DocumentReference" and one.within]
