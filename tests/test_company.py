"""Statements of different callers in one exchange: nobody has anything of his neighbour's, nor pays for him."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, func, select, true

from app.auth import mint
from app.policy.facts import Flag
from app.policy.reach import RECORD, within_reach
from app.storage import fence
from app.storage.fence import marked
from app.storage.pipeline import LANES
from app.storage.statement import Statement, asker
from app.storage.tables import TABLES
from tests.serving import actor, consent, deny, document, permit, serving, transaction
from tests.world import NURSE, OTHER, opened

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from app.storage.pipeline import Pipeline
    from app.storage.session import Database
    from tests.serving import Caller, Carnet

CLOSING = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "wish"}]}
LEFT = Statement(select(func.current_setting(bindparam("name", type_=Text), true())))
READY = b"Z\x00\x00\x00\x05"
"""How a message that an exchange is done begins (PostgreSQL's protocol)."""

PATIENT = TABLES["Patient"].alias()
FORGOTTEN = Statement(
    select(PATIENT.c.record, RECORD.label("asked"), asker()).where(marked(true(), PATIENT, within_reach()))
)
"""Every Patient that the database's fence lets a statement at: all conditions of its own are forgotten."""


class Wire:
    """A way to the database that is cut where it would tell what became of an exchange in which `word` was sent.

    Or of the next one after it in which `end` was.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self.word = self.end = b""
        self.cuts = 0
        self.url = ""
        self._served: set[asyncio.Task[None] | None] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[None]:
        """A while in which `url` leads over it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        self.url = f"postgresql://{user}@127.0.0.1:{port}{self._parts.path}?sslmode=disable"
        yield
        server.close()
        left = [task for task in self._served if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, asked: StreamReader, answers: StreamWriter) -> None:
        place = parse_qs(self._parts.query)
        if "host" in place:
            found = await asyncio.open_unix_connection(f"{place['host'][0]}/.s.PGSQL.{place['port'][0]}")
        else:
            found = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        cut = asyncio.Event()
        self._served.add(asyncio.current_task())
        try:
            with suppress(ConnectionError):
                await asyncio.gather(self._forth(asked, found[1], cut), self._back(found[0], answers, cut))
        finally:  # or the sweeper finds them in the middle of another test
            for writer in (found[1], answers):
                writer.close()
            for writer in (found[1], answers):
                with suppress(ConnectionError):
                    await writer.wait_closed()
            self._served.discard(asyncio.current_task())

    async def _forth(self, asked: StreamReader, database: StreamWriter, cut: asyncio.Event) -> None:
        end: bytes | None = None
        while said := await asked.read(1 << 20):
            if self.word and self.word in said:
                self.word, end = b"", self.end
            if end is not None and end in said:
                cut.set()
            database.write(said)
        database.close()

    async def _back(self, database: StreamReader, answers: StreamWriter, cut: asyncio.Event) -> None:
        while said := await database.read(1 << 20):
            if not cut.is_set():
                answers.write(said)
            elif READY in said:
                self.cuts += 1
                break
        answers.close()


def database_of(carnet: Carnet) -> Database:
    """What a server asks."""
    found: Database = carnet.app.state.server.door._office.database  # noqa: SLF001
    return found


@asynccontextmanager
async def gathered(pipeline: Pipeline, number: int) -> AsyncIterator[None]:
    """A while in which nothing goes, until so many statements of one text wait: then they go in one exchange."""
    async with asyncio.timeout(60):
        while pipeline._free < LANES:  # noqa: ASYNC110, SLF001
            await asyncio.sleep(0.001)
        pipeline._free = 0  # noqa: SLF001
        yield
        while max(map(len, pipeline._waiting.values()), default=0) < number:  # noqa: ASYNC110, SLF001
            await asyncio.sleep(0.001)
    pipeline._free = LANES  # noqa: SLF001
    pipeline._go()  # noqa: SLF001


@pytest.fixture(scope="module")
async def wire(module_database_urls: Urls) -> AsyncIterator[Wire]:
    made = Wire(module_database_urls.serve)
    async with made.laid():
        yield made


@pytest.fixture(scope="module")
async def carnet(
    wire: Wire, module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    urls = module_database_urls._replace(serve=wire.url)
    async with serving(urls, tmp_path_factory.mktemp("carnet"), notices=False) as made:
        yield made


async def test_what_may_have_been_kept_is_not_asked_again(carnet: Carnet, wire: Wire) -> None:
    """The database commits an exchange of deposits, and nobody hears: all are told so, and none is filed twice.

    On a cluster the exchange is in a transaction of its own, which nobody is left to end.
    """
    record, doctor = await opened(carnet), carnet.doctor()
    await doctor.make(document(record, content=b"<hello/>"))
    wire.word, wire.end = b"said-and-not-heard", b""
    trees = [document(record, description="said-and-not-heard", content=b"<hello/>") for _ in range(8)]
    async with gathered(database_of(carnet).pipeline, 8):
        sent = [asyncio.ensure_future(doctor.post("DocumentReference", one)) for one in trees]
    answers = await asyncio.gather(*sent)
    assert wire.cuts == 1
    assert {(one.status_code, one.headers.get("retry-after")) for one in answers} == {(503, "1")}
    await whole(doctor, record, 1 + (0 if database_of(carnet).spread else 8))


async def whole(reader: Caller, record: str, number: int) -> None:
    """A record has so many documents, each with its content."""
    found = (await reader.get(f"DocumentReference?patient={record}&_count=50")).json()
    documents = [one["resource"] for one in found["entry"] if one["search"]["mode"] == "match"]
    contents = [one["content"][0]["attachment"]["url"] for one in documents]
    assert len(contents) == number
    for one in contents:
        answer = await reader.get(one, headers={"Accept": "*/*"})
        assert (answer.status_code, answer.content) == (200, b"<hello/>")


async def test_a_transaction_whose_commit_nobody_heard_of_stands_and_is_told_so(carnet: Carnet, wire: Wire) -> None:
    record, doctor, cuts = await opened(carnet), carnet.doctor(), wire.cuts
    await doctor.make(document(record, content=b"<hello/>"))
    wire.word, wire.end = b"in-a-transaction", b"COMMIT"
    tree = document(record, description="in-a-transaction", content=b"<hello/>")
    answer = await doctor.post("", transaction(*[(f"urn:uuid:{uuid4()}", tree) for _ in range(2)]))
    assert wire.cuts == cuts + 1
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")
    await whole(doctor, record, 3)


async def test_the_fence_holds_between_callers_of_one_exchange(carnet: Carnet) -> None:
    """What the fence was opened to for one of them is shut when the next one's statement runs."""
    records = [await opened(carnet) for _ in range(4)]
    pipeline, him = database_of(carnet).pipeline, {"depositor": "d", "subject": "s", "structure": "t"}
    flags = [Flag(0), Flag.HOLDER, Flag(0), Flag.AUTHORISED]
    async with gathered(pipeline, 4):
        asked = [
            asyncio.ensure_future(FORGOTTEN.rows(pipeline, record=key, flags=int(some), **him))
            for key, some in zip(records, flags, strict=True)
        ]
    found = [await one for one in asked]
    if database_of(carnet).spread:  # there a statement that forgot its record goes to all workers, and opens none
        assert found == [[]] * 4
        return
    assert [{row["record"] for row in rows} for rows in found] == [{key} for key in records]
    assert [{row["of"] for row in rows} for rows in found] == [{number} for number in range(4)]


@asynccontextmanager
async def locked(url: str, record: str) -> AsyncIterator[None]:
    """A while in which somebody has a record to himself."""
    link = await asyncpg.connect(url)
    try:
        async with link.transaction():
            await link.execute("SELECT FROM public.record WHERE id = $1 FOR UPDATE", record)
            yield
    finally:
        await link.close()


async def test_deposits_of_all_sorts_in_one_exchange_are_those_asked_alone(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    """Kept, refused and waiting for somebody, by callers of very different rights: each answered and told as alone."""
    record, other, closed = [await opened(carnet) for _ in range(3)]
    assert (await carnet.holder(closed).post(f"Patient/{closed}/$close", CLOSING)).status_code == 200
    kinds = {
        "a doctor": (carnet.doctor(), record),
        "its holder": (carnet.holder(record), record),
        "an insurer": (carnet.caller(mint.insurer("1750000080")), record),
        "software": (carnet.caller(mint.software("ehr", "1750000001")), record),
        "a desk agent": (carnet.caller(mint.desk("1750000001")), record),
        "in a closed record": (carnet.doctor(), closed),
        "in no record": (carnet.doctor(), "a" * 20),
        "in a locked record": (carnet.doctor(), other),
    }

    async def ask(who: str, name: str) -> tuple[int, list[str]]:
        caller, key = kinds[who]
        answer = await caller.post("DocumentReference", document(key), headers={"X-Request-Id": name})
        refused = answer.json()["issue"] if answer.status_code != 201 else []
        return answer.status_code, [one["details"]["text"] for one in refused]

    alone = [await ask(who, f"alone-{number}") for number, who in enumerate(kinds)]
    assert {code for code, _ in alone} == {201, 403, 422}
    async with locked(module_database_urls.owner, other), gathered(database_of(carnet).pipeline, 6):
        sent = [asyncio.ensure_future(ask(who, f"company-{number}")) for number, who in enumerate(kinds)]
    assert [await one for one in sent] == alone
    link = await asyncpg.connect(module_database_urls.owner)
    told = {
        way: await link.fetch(
            "SELECT substr(request_id, strpos(request_id, '-')) AS name, record, outcome, reason, subject"
            " FROM public.audit_event WHERE request_id LIKE $1 ORDER BY request_id", f"{way}-%"
        )
        for way in ("alone", "company")
    }  # fmt: skip
    await link.close()
    assert told["alone"] == told["company"]
    assert len(told["alone"]) == len(kinds)


async def test_an_exchange_leaves_nothing_on_its_connection(carnet: Carnet, module_database_urls: Urls) -> None:
    database, doctor, record = database_of(carnet), carnet.doctor(), await opened(carnet)
    await doctor.make(document(record))
    async with gathered(database.pipeline, 4):
        sent = [asyncio.ensure_future(doctor.make(document(record))) for _ in range(4)]
    await asyncio.gather(*sent)
    async with locked(module_database_urls.owner, record):
        sent = [asyncio.ensure_future(doctor.make(document(record)))]  # with nobody beside it
        await asyncio.sleep(0.1)
        async with gathered(database.pipeline, 4):
            sent += [asyncio.ensure_future(doctor.make(document(record))) for _ in range(4)]
        await asyncio.sleep(0.2)  # longer than any of them waits in company
        assert not any(one.done() for one in sent)
    await asyncio.gather(*sent)
    async with AsyncExitStack() as stack:
        links = [await stack.enter_async_context(database.link()) for _ in range(database.pool.get_size())]
        for name in ("lock_timeout", "carnet.record", "carnet.identity", "carnet.depositor"):
            left = {await LEFT.value(link, name=name) for link in links}
            assert left <= {"0", "", None}, name


async def test_what_is_hidden_takes_the_statements_of_what_is_nowhere(
    carnet: Carnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks: somebody authorised, a stranger, and a depositor whom a block names."""
    record, doctor = await opened(carnet), carnet.doctor()
    nurse, blocked = carnet.professional(NURSE, "60", structure="1750000060"), carnet.doctor(OTHER)
    will = partial(consent, record, base=carnet.settings.codesystem_base)
    hidden = await blocked.make(document(record, label="MASQUE_PS"))
    await carnet.holder(record).make(will("authorisation", permit(actor(NURSE))))
    await carnet.holder(record).make(will("block", deny(actor(OTHER))))
    shown = (await carnet.holder(record).get(f"DocumentReference/{hidden}")).json()
    binary, version = shown["content"][0]["attachment"]["url"].partition("/")[2], shown["meta"]["versionId"]
    texts: list[str] = []
    admit = fence.admit

    def counted(text: str) -> None:
        if text in fence.known and fence.known[text].tables & {"document_reference", "binary", "version"}:
            texts.append(text)
        admit(text)

    async def asked(caller: Caller, path: str) -> tuple[int, str, int]:
        """Status, body, and how many statements looked for it once his standing is known."""
        await caller.get(path)
        texts.clear()
        answer = await caller.get(path)
        return answer.status_code, answer.text, len(texts)

    monkeypatch.setattr(fence, "admit", counted)
    absent = f"{record}.{'b' * 20}"
    paths = ["DocumentReference/{}", "DocumentReference/{}/_history", f"DocumentReference/{{}}/_history/{version}"]
    for caller in (nurse, carnet.doctor("810000000077", structure="1750000077"), blocked, doctor):
        for path in paths:
            assert await asked(caller, path.format(hidden)) == await asked(caller, path.format(absent))
        assert await asked(caller, f"Binary/{binary}") == await asked(caller, f"Binary/{absent}")
