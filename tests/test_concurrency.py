"""Acts at once, on two workers of one database: whatever comes out is what one after the other would give.

A race is two requests on a fresh record. Both orders are done for real, one after the other: their answers and what
they leave in the database are all that is allowed. Then the two are let loose at once, many times: queued behind a row
lock in either order, and freely. No deadlock, no fault of ours, nothing half-written (policy.md section 5).
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.policy import matrix
from tests.acts import reason, relabel, restate
from tests.serving import Caller, Carnet, actor, care_team, consent, deny, document, opposition, permit, serving
from tests.world import base, opened, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from httpx import Response

    from app.storage.embedded import Urls
    from tests.serving import Tree

    Request = Callable[[Carnet, "Scene"], Awaitable[Response]]
    Link = asyncpg.Connection[asyncpg.Record]

TREATING, DEPOSITOR, BOB, CYD = (f"81000000020{number}" for number in range(4))
FREE = 4
"""Times that a race is let loose freely, beside twice in a queue in either order."""
MOST = 30
"""Times that it is queued at most until both outcomes were seen: two that share a lock are let go together."""
PATIENCE = 30.0
"""Seconds within which a request either answers or waits for a lock."""
MASTER = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.5"}
ATTACHED = {"contentType": "application/xml", "url": "https://archive.example/1"}
"""A content that its producer keeps, so that a race does not wait for the disk."""


class Server(Protocol):
    """The test cluster, as the fixture of that name gives it."""

    admin: str


@dataclass(frozen=True)
class Workers:
    """Two workers on one database and one data folder; two links of a superuser, one to look and one to hold locks."""

    one: Carnet
    two: Carnet
    link: Link
    other: Link
    data: Path


@dataclass(frozen=True)
class Scene:
    """A fresh record: its key, a document in it, a Consent, and the version that both callers know."""

    record: str
    document: str = ""
    consent: str = ""
    etag: str = ""
    tree: Tree = field(default_factory=dict)


@dataclass(frozen=True)
class Race:
    """Two requests, and the scene that they find. `held` is the table whose row they queue for.

    One that only reads queues for nothing, so that chance says which outcome is seen; else both must be (`queues`).
    """

    left: Request
    right: Request
    prepare: Callable[[Carnet], Awaitable[Scene]]
    held: str = "record"
    queues: bool = True


@pytest.fixture(scope="module")
async def workers(
    module_database_urls: Urls, cluster: Server, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Workers]:
    name = urlsplit(module_database_urls.owner).path
    admin = urlsplit(cluster.admin)._replace(path=name).geturl()
    data = tmp_path_factory.mktemp("carnet")
    link, other = await asyncpg.connect(admin), await asyncpg.connect(admin)
    async with serving(module_database_urls, data) as one, serving(module_database_urls, data) as two:
        yield Workers(one, two, link, other, data)
    await link.close()
    await other.close()


# What there is


def depositor(carnet: Carnet) -> Caller:
    return carnet.doctor(DEPOSITOR, structure="1750000099")


async def bare(carnet: Carnet) -> Scene:
    """An open record with a treating physician."""
    return Scene(await opened(carnet, treating=TREATING))


async def unnamed(carnet: Carnet) -> Scene:
    """An open record without one."""
    return Scene(await opened(carnet))


async def with_document(carnet: Carnet) -> Scene:
    """A document, which Bob is authorised to read, and the version that its depositor knows."""
    record = await opened(carnet, treating=TREATING)
    given = await will(carnet.holder(record), record, "authorisation", permit(actor(BOB)))
    answer = await depositor(carnet).post("DocumentReference", _elsewhere(document(record)))
    assert answer.status_code == 201, answer.text
    tree = answer.json()
    return Scene(record, tree["id"], given, answer.headers["etag"], tree)


def _elsewhere(tree: Tree) -> Tree:
    return tree | {"content": [{"attachment": ATTACHED}]}


# What is done


def declare(idnps: str) -> Request:
    return lambda carnet, scene: carnet.doctor(idnps).send(
        "POST", f"Patient/{scene.record}/$declare-treating-physician"
    )


def name_treating(idnps: str) -> Request:
    return lambda carnet, scene: carnet.holder(scene.record).post("CareTeam", care_team(scene.record, idnps))


def wish(category: str, provision: Tree, by: str = "") -> Request:
    """A Consent, of the holder or attested by a doctor."""

    async def write(carnet: Carnet, scene: Scene) -> Response:
        caller = carnet.doctor(by) if by else carnet.holder(scene.record)
        return await caller.post("Consent", consent(scene.record, category, provision, base=base(carnet)))

    return write


def break_glass(idnps: str) -> Request:
    given = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "inconscient"}]}
    return lambda carnet, scene: carnet.doctor(idnps).post(f"Patient/{scene.record}/$break-glass", given)


def act(name: str) -> Request:
    return lambda carnet, scene: carnet.holder(scene.record).send("POST", f"Patient/{scene.record}/${name}")


def deposit(**more: Any) -> Request:
    return lambda carnet, scene: depositor(carnet).post("DocumentReference", document(scene.record, **more))


async def replacement(carnet: Carnet, scene: Scene) -> Response:
    """The depositor replaces his document."""
    old = [{"code": "replaces", "target": {"reference": f"DocumentReference/{scene.document}"}}]
    return await depositor(carnet).post("DocumentReference", _elsewhere(document(scene.record, relatesTo=old)))


def patch(operations: list[Tree], *, holder: bool = False) -> Request:
    """A change of the document's labels or status."""

    async def write(carnet: Carnet, scene: Scene) -> Response:
        caller = carnet.holder(scene.record) if holder else depositor(carnet)
        return await caller.patch(f"DocumentReference/{scene.document}", operations)

    return write


def describe(words: str) -> Request:
    """PUT on the version that both know."""

    async def write(carnet: Carnet, scene: Scene) -> Response:
        tree = scene.tree | {"description": words}
        return await depositor(carnet).put(
            f"DocumentReference/{scene.document}", tree, headers={"If-Match": scene.etag}
        )

    return write


async def erase(carnet: Carnet, scene: Scene) -> Response:
    """The holder deletes the document."""
    return await carnet.holder(scene.record).delete(f"DocumentReference/{scene.document}")


async def end(carnet: Carnet, scene: Scene) -> Response:
    """The holder takes his authorisation back."""
    return await carnet.holder(scene.record).delete(f"Consent/{scene.consent}")


async def hold_read(carnet: Carnet, scene: Scene) -> Response:
    """The holder opens the document."""
    return await carnet.holder(scene.record).get(f"DocumentReference/{scene.document}")


async def read(carnet: Carnet, scene: Scene) -> Response:
    """Bob reads the document."""
    return await carnet.doctor(BOB).get(f"DocumentReference/{scene.document}")


async def search(carnet: Carnet, scene: Scene) -> Response:
    """Bob searches the record."""
    return await carnet.doctor(BOB).get(f"DocumentReference?patient={scene.record}")


async def search_everywhere(carnet: Carnet, scene: Scene) -> Response:
    """Bob searches across records."""
    return await carnet.doctor(BOB).get(f"DocumentReference?_id={scene.document},{scene.record}.none")


MASK = relabel("MASQUE_PS")
RACES = {
    "two treating physicians are named": Race(name_treating(BOB), name_treating(CYD), unnamed),
    "two treating physicians declare themselves": Race(declare(BOB), declare(CYD), bare),
    "one is named, another declares himself": Race(name_treating(BOB), declare(CYD), unnamed),
    "he is blocked and declares himself": Race(wish("block", deny(actor(BOB))), declare(BOB), bare),
    "he is blocked and authorised": Race(
        wish("block", deny(actor(BOB))), wish("authorisation", permit(actor(BOB)), TREATING), bare
    ),
    "he is blocked and breaks the glass": Race(wish("block", deny(actor(BOB))), break_glass(BOB), bare),
    "break-glass is opposed and done": Race(wish("emergency-opposition", opposition("BTG")), break_glass(BOB), bare),
    "it is closed during a deposit": Race(act("close"), deposit(), bare),
    "it is closed twice": Race(act("close"), act("close"), bare),
    "it is closed while the glass is broken": Race(act("close"), break_glass(BOB), bare),
    "it is masked and read": Race(patch(MASK, holder=True), read, with_document, queues=False),
    "it is masked and searched": Race(patch(MASK, holder=True), search, with_document, queues=False),
    "it is masked and searched across records": Race(
        patch(MASK, holder=True), search_everywhere, with_document, queues=False
    ),
    "it is masked and replaced": Race(patch(MASK, holder=True), replacement, with_document, "document_reference"),
    "it is withdrawn and replaced": Race(
        patch(restate("entered-in-error")), replacement, with_document, "document_reference"
    ),
    "it is replaced twice": Race(replacement, replacement, with_document, "document_reference"),
    "it is deleted by the holder and masked": Race(erase, patch(MASK), with_document, "document_reference"),
    "it is opened by the holder and announced": Race(
        hold_read, patch(relabel("INVISIBLE_PATIENT")), with_document, "document_reference"
    ),
    "it is changed twice from one version": Race(describe("a"), describe("b"), with_document, "document_reference"),
    "the same is deposited twice": Race(deposit(masterIdentifier=MASTER), deposit(masterIdentifier=MASTER), bare),
    "two contents have one identifier": Race(
        deposit(masterIdentifier=MASTER), deposit(masterIdentifier=MASTER, content=b"b"), bare
    ),
    "an authorisation ends during a read": Race(end, read, with_document, queues=False),
    "an authorisation ends during a search": Race(end, search, with_document, queues=False),
    "an authorisation ends during a search across records": Race(end, search_everywhere, with_document, queues=False),
    "an authorisation ends twice": Race(end, end, with_document),
}


# What comes out

Outcome = tuple[str, str, tuple[str, ...]]
BODY = "convert_from(body, 'UTF8')::jsonb"
LOOKS = {
    "record": "SELECT status, policy_version FROM record WHERE id = $1",
    "relation": "SELECT kind, subject, split_part(source, '/', 1) FROM relation WHERE record = $1",
    "consent": "SELECT category, active FROM consent WHERE record = $1",
    "team": f"SELECT {BODY} ->> 'status' FROM care_team WHERE record = $1",
    "document": f"SELECT {BODY} ->> 'status', {BODY} ->> 'description', masked, masked_by, hidden, withdrawn,"
    " seen_by_holder, announce_at > carnet.now() FROM document_reference WHERE record = $1",
    "binary": 'SELECT d.id IS NOT NULL FROM "binary" b LEFT JOIN document_reference d'
    " ON (d.record, d.id) = (b.record, b.document) WHERE b.record = $1",
    "version": "SELECT type, method, masked, withdrawn FROM version WHERE record = $1",
    "window": 'SELECT subject FROM "window" WHERE record = $1',
    "trail": "SELECT interaction, outcome, reason, subject, resource_type FROM audit_event WHERE record = $1",
}


async def left_behind(workers: Workers, record: str) -> tuple[str, ...]:
    """Everything that a record holds, without what chance made: keys, ids, times."""
    lines = []
    for name, sql in LOOKS.items():
        rows = await workers.link.fetch(sql, record)
        lines += sorted(re.sub(rf"{record}[.\w-]*", "…", f"{name} {tuple(row)}") for row in rows)
    return tuple(lines)


def told(answer: Response) -> str:
    """Status and reason of a refusal, status and number of matches of a search, or the status."""
    if answer.status_code >= 400:
        return " ".join(map(str, reason(answer)))
    body = answer.json() if answer.content else {}
    matches = [one for one in body.get("entry", []) if one.get("search", {}).get("mode") == "match"]
    return (
        f"{answer.status_code} {len(matches)} found"
        if body.get("resourceType") == "Bundle"
        else str(answer.status_code)
    )


async def in_turn(workers: Workers, race: Race, *, reverse: bool) -> Outcome:
    """Both, one after the other."""
    scene = await race.prepare(workers.one)
    if reverse:
        right = await race.right(workers.two, scene)
        left = await race.left(workers.one, scene)
    else:
        left = await race.left(workers.one, scene)
        right = await race.right(workers.two, scene)
    return told(left), told(right), await left_behind(workers, scene.record)


async def at_once(workers: Workers, race: Race, chance: random.Random) -> Outcome:
    """Both, let loose within some milliseconds."""
    scene = await race.prepare(workers.one)

    async def later(request: Request, carnet: Carnet) -> Response:
        await asyncio.sleep(chance.choice([0, 0, 0.001, 0.003, 0.006]))
        return await request(carnet, scene)

    left, right = await asyncio.gather(later(race.left, workers.one), later(race.right, workers.two))
    return told(left), told(right), await left_behind(workers, scene.record)


async def queued(workers: Workers, race: Race, *, reverse: bool) -> Outcome:
    """Both, started one after the other while a row that they want is locked, then let go."""
    scene = await race.prepare(workers.one)
    requests = [(race.left, workers.one), (race.right, workers.two)]
    tasks: list[asyncio.Task[Response]] = []
    async with workers.other.transaction():
        await workers.other.execute(f"SELECT 1 FROM {race.held} WHERE {_key(race)} = $1 FOR UPDATE", scene.record)
        for request, carnet in requests[::-1] if reverse else requests:
            tasks.append(asyncio.create_task(_response(request(carnet, scene))))
            await _stuck(workers, tasks)
    first, second = await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    left, right = (second, first) if reverse else (first, second)
    return told(left), told(right), await left_behind(workers, scene.record)


def _key(race: Race) -> str:
    return "id" if race.held == "record" else "record"


async def _response(request: Awaitable[Response]) -> Response:
    return await request


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def _stuck(workers: Workers, tasks: list[asyncio.Task[Response]]) -> None:
    """Wait until each request has answered, or stands in the queue."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await workers.link.fetchval(WAITING) >= sum(not task.done() for task in tasks):
                return
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("name", RACES)
async def test_at_once_is_as_one_after_the_other(workers: Workers, name: str) -> None:
    race = RACES[name]
    serial = [await in_turn(workers, race, reverse=reverse) for reverse in (False, True)]
    chance = random.Random(name)
    seen = [await queued(workers, race, reverse=reverse) for reverse in (False, True, False, True)]
    seen += [await at_once(workers, race, chance) for _ in range(FREE)]
    while race.queues and len(seen) < MOST and set(seen) < set(serial):
        seen.append(await queued(workers, race, reverse=bool(len(seen) % 2)))
    for outcome in seen:
        assert outcome in serial, f"{outcome[:2]} is neither {serial[0][:2]} nor {serial[1][:2]}"
    if race.queues:
        assert set(seen) == set(serial), "one of the two orders never came out"


# Nothing stale


class Watch:
    """Reads without a pause, each known by the moment at which it began, until it is told to stop."""

    def __init__(self, *requests: Callable[[], Awaitable[Response]]) -> None:
        self.requests = requests
        self.seen: list[tuple[float, bool]] = []
        self._stop = asyncio.Event()
        self._news = asyncio.Condition()

    async def _read(self, request: Callable[[], Awaitable[Response]]) -> None:
        while not self._stop.is_set():
            began = time.perf_counter()
            answer = await request()
            assert answer.status_code in {200, 404}, answer.text
            found = answer.status_code == 200 and answer.json().get("total", 1) > 0
            async with self._news:
                self.seen.append((began, found))
                self._news.notify_all()

    async def around(self, change: Awaitable[Any]) -> float:
        """Let them read, make the change, let them read on; returns when the change was answered."""
        async with asyncio.TaskGroup() as group:
            for request in self.requests:
                group.create_task(self._read(request))
            await self._more()
            await change
            answered = time.perf_counter()
            await self._more()
            self._stop.set()
        return answered

    async def _more(self) -> None:
        enough = len(self.seen) + 3 * len(self.requests)
        async with self._news:
            await self._news.wait_for(lambda: len(self.seen) >= enough)


async def test_what_ended_on_one_worker_is_never_shown_by_another(workers: Workers) -> None:
    for _ in range(5):
        scene = await with_document(workers.one)
        requests = [partial(request, workers.two, scene) for request in (read, search, search_everywhere)]
        watch = Watch(*requests, partial(read, workers.one, scene))
        answered = await watch.around(end(workers.one, scene))
        assert any(found for began, found in watch.seen if began < answered)
        assert not any(found for began, found in watch.seen if began > answered)


async def test_what_was_given_on_one_worker_is_shown_by_another_at_once(workers: Workers) -> None:
    for _ in range(5):
        scene = await with_document(workers.one)
        await end(workers.two, scene)
        watch = Watch(partial(read, workers.two, scene), partial(search, workers.two, scene))
        answered = await watch.around(wish("authorisation", permit(actor(BOB)))(workers.one, scene))
        assert all(found for began, found in watch.seen if began > answered)


async def test_a_matrix_loaded_meanwhile_holds_for_every_worker_at_once(workers: Workers) -> None:
    default = files("app.policy").joinpath("data/habilitation_matrix.csv").read_text("utf-8")
    strict = "\n".join(line for line in default.splitlines() if ",10,any,*," not in line)
    scene = await with_document(workers.one)
    for _ in range(2):
        for text, granted in ((strict, False), (default, True)):
            readers = [
                partial(request, carnet, scene) for request in (read, search) for carnet in (workers.one, workers.two)
            ]
            watch = Watch(*readers)
            answered = await watch.around(matrix.load(workers.other, text))
            after = {found for began, found in watch.seen if began > answered}
            assert after == {granted}


async def test_every_content_that_is_kept_has_its_row(workers: Workers) -> None:
    """Deposits that were refused, or that lost, leave no object behind, and those that won have theirs."""
    scene = await bare(workers.one)
    requests = [deposit(content=bytes([65 + n])) for n in range(6)] + [deposit(masterIdentifier=MASTER)] * 4
    carnets = [workers.one, workers.two] * 5
    await asyncio.gather(
        act("close")(workers.two, scene), *[r(c, scene) for r, c in zip(requests, carnets, strict=True)]
    )
    rows = {row["content"].partition(".")[0] for row in await workers.link.fetch('SELECT content FROM "binary"')}
    folder = workers.data / "contents"
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert kept == rows
