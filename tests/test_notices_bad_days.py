"""Notices on bad days: servers that are down or refuse, a worker that dies, two workers, a clock that jumps."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.notices import channels, keep_telling
from app.records import messages
from app.records.messages import Answered, Fate, deliver
from app.records.telling import spread
from tests.post import empty, mailbox, office, phones
from tests.serving import document, serving
from tests.world import moved, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.records.messages import Outgoing
    from app.records.office import Office
    from app.storage.embedded import Urls
    from tests.serving import Carnet

MANY = 60
LEFT = "SELECT EXISTS (SELECT FROM told UNION ALL SELECT FROM message)"
"""Whether anything happened that nobody was told of yet."""


@pytest.fixture
async def carnet(database_urls: Urls, tmp_path: Path) -> AsyncIterator[Carnet]:
    async with serving(database_urls, tmp_path, notices=False) as made:
        yield made


async def a_notice(carnet: Carnet, system: str = "email", value: str = "one@mail.example") -> str:
    """A record whose holder is told that it was opened."""
    return await opened(
        carnet, telecom=[{"system": system, "use": "mobile" if system == "phone" else "home", "value": value}]
    )


async def waiting(made: Office) -> dict[str, tuple[int, int]]:
    """Messages by way: how many, and how many of them failed."""
    async with made.database.link() as link:
        return {row["way"]: (row["count"], row["failed"]) for row in await messages.waiting(link)}


async def test_a_server_that_is_down_for_a_day_loses_nothing(carnet: Carnet, database_urls: Urls) -> None:
    await a_notice(carnet)
    async with mailbox() as box:
        settings = carnet.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{box.port}"})
        down = carnet.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
        async with office(down) as made:
            for _ in range(3):
                with pytest.raises(channels.Down):
                    await empty(made)
            assert await waiting(made) == {"mail": (1, 0)}
        async with office(settings) as made, moved(database_urls.owner, "1 day"):
            await empty(made)
            assert len(box.mails) == 1
            assert await waiting(made) == {}


async def test_a_passing_refusal_is_tried_again_and_a_lasting_one_is_kept(carnet: Carnet, database_urls: Urls) -> None:
    for name in ("busy", "gone", "fine"):
        await a_notice(carnet, value=f"{name}@mail.example")
    async with mailbox() as box:
        box.answers = {"busy@mail.example": "451 later", "gone@mail.example": "550 nobody"}
        async with office(carnet.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{box.port}"})) as made:
            await empty(made)
            assert [one["To"] for one in box.mails] == ["fine@mail.example"]
            assert await waiting(made) == {"mail": (2, 1)}
            box.answers.clear()
            await empty(made)
            assert len(box.mails) == 1, "it has to wait"
            async with moved(database_urls.owner, "1 minute"):
                await empty(made)
            assert [one["To"] for one in box.mails] == ["fine@mail.example", "busy@mail.example"]
            assert await waiting(made) == {"mail": (1, 1)}


async def test_what_is_never_taken_is_given_up_after_a_week(carnet: Carnet, database_urls: Urls) -> None:
    await a_notice(carnet, "phone", "0611223344")
    with phones() as sms:
        sms.status = 429
        async with office(carnet.settings.model_copy(update={"sms_url": sms.url})) as made:
            for interval in ("0 days", "1 day", "6 days"):
                async with moved(database_urls.owner, interval):
                    await empty(made)
                    assert await waiting(made) == {"sms": (1, 0)}
            async with moved(database_urls.owner, "8 days"):
                await empty(made)
            assert await waiting(made) == {"sms": (1, 1)}
            assert len({key for key, _ in sms.asked}) == 1


async def test_a_worker_that_dies_between_sending_and_marking_sends_the_same_again(carnet: Carnet) -> None:
    await a_notice(carnet)
    await a_notice(carnet, "phone", "0611223344")
    async with mailbox() as box:
        with phones() as sms:
            ways = {"smtp_url": f"smtp://127.0.0.1:{box.port}", "sms_url": sms.url}
            async with office(carnet.settings.model_copy(update=ways)) as made:
                await spread(made)
                for channel in channels.configured(made.settings):
                    async with channel.sender() as sender:

                        async def dies(outgoing: Outgoing, sender: channels.Sender = sender) -> Answered:
                            await sender.send(outgoing)
                            raise asyncio.CancelledError

                        with pytest.raises(asyncio.CancelledError):
                            await deliver(made, channel.way, dies)
                await empty(made)
                assert await waiting(made) == {}
            assert len(box.mails) == 2
            assert len({one["Message-ID"] for one in box.mails}) == 1
            assert len(sms.asked) == 2
            assert len(sms.taken) == 1


async def test_what_is_being_sent_is_nobody_else_s_whatever_the_clock_says(carnet: Carnet, database_urls: Urls) -> None:
    await a_notice(carnet)
    async with office(carnet.settings) as one, office(carnet.settings) as two:
        await spread(one)
        begun, end = asyncio.Event(), asyncio.Event()

        async def slow(_: Outgoing) -> Answered:
            begun.set()
            await end.wait()
            return Answered(Fate.SENT)

        async def refuse(_: Outgoing) -> Answered:
            raise AssertionError

        task = asyncio.create_task(deliver(one, "mail", slow))
        await begun.wait()
        for interval in ("2 days", "-2 days"):
            async with moved(database_urls.owner, interval):
                assert await deliver(two, "mail", refuse) == []
        end.set()
        assert await task == [Fate.SENT]
        assert await deliver(two, "mail", refuse) == []


async def test_two_workers_tell_everything_once(carnet: Carnet) -> None:
    record = await opened(carnet, telecom=[{"system": "email", "value": "one@mail.example"}])
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    await link.execute("INSERT INTO message (id, record, kind, way) SELECT 'm' || n, $1, 'rights', 'mail'"
        " FROM generate_series(1, $2) n", record, MANY)  # fmt: skip
    async with mailbox() as box:
        settings = carnet.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{box.port}"})
        async with office(settings) as one, office(settings) as two:
            workers = [asyncio.create_task(keep_telling(made)) for made in (one, two)]
            async with asyncio.timeout(60):
                while await link.fetchval(LEFT):  # noqa: ASYNC110 - the database has no event
                    await asyncio.sleep(0.02)
            for worker in workers:
                worker.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
        await link.close()
        told = Counter(mail["Message-ID"] for mail in box.mails)
        assert len(told) == MANY + 1, "the opening is told as well"
        assert set(told.values()) == {1}


async def test_two_workers_tell_a_first_access_once(carnet: Carnet, database_urls: Urls) -> None:
    """Each left a notice of it in the same instant, and each tells the one that it finds."""
    record = await a_notice(carnet)
    link, other = [await asyncpg.connect(database_urls.owner) for _ in range(2)]
    held = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE NOT granted AND datname = $1"
    name = await link.fetchval("SELECT current_database()")
    async with office(carnet.settings) as one, office(carnet.settings) as two:
        await spread(one)
        async with link.transaction():
            await link.execute("LOCK TABLE told IN SHARE MODE")
            telling = []
            for number, made in enumerate((one, two), start=1):
                await other.execute("INSERT INTO notice (record, kind, subject) VALUES ($1, $2, 'person|system|1')",
                    record, "first-access")  # fmt: skip
                telling.append(asyncio.create_task(spread(made)))
                async with asyncio.timeout(60):
                    while await other.fetchval(held, name) < number:  # noqa: ASYNC110 - the database has no event
                        await asyncio.sleep(0.01)
        assert await asyncio.gather(*telling) == [1, 1]
    said = await other.fetch("SELECT count FROM message WHERE record = $1 AND kind = 'first-access'", record)
    assert [row["count"] for row in said] == [1]
    for each in (link, other):
        await each.close()


async def test_a_code_goes_before_a_backlog(carnet: Carnet) -> None:
    record = await opened(carnet, telecom=[{"system": "email", "value": "one@mail.example"}])
    sent: list[str] = []

    async def take(outgoing: Outgoing) -> Answered:
        sent.append(outgoing.words)
        return Answered(Fate.SENT)

    async with office(carnet.settings) as made:
        await spread(made)
        async with made.database.transaction() as link:
            await messages.post(made, link, record, "code", "mail", "two@mail.example", "fr", "123456")
        assert await deliver(made, "mail", take) == [Fate.SENT] * 2
    assert sent == ["123456", ""]


async def test_an_act_that_fails_leaves_no_notice(carnet: Carnet) -> None:
    record = await opened(carnet, telecom=[{"system": "email", "value": "one@mail.example"}])
    sound, broken = document(record), document(record) | {"status": "nope"}
    entries = [{"request": {"method": "POST", "url": "DocumentReference"}, "resource": one} for one in (sound, broken)]
    answer = await carnet.doctor().post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 422
    async with office(carnet.settings) as made:
        assert await spread(made) == 1, "of the opening alone"


async def test_the_server_tells_by_itself(database_urls: Urls, tmp_path: Path) -> None:
    async with mailbox() as box, serving(database_urls, tmp_path, smtp_url=f"smtp://127.0.0.1:{box.port}") as carnet:
        await a_notice(carnet)
        async with asyncio.timeout(60):
            await box.arrived.wait()
