"""Accounts of people, for who runs the server: what `carnet account` does, each change in the trail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.auth.people.person import number_of
from app.auth.revocations import of_session
from app.auth.server import told
from app.auth.token import LEEWAY, LIFETIME
from app.errors import NotFound
from app.main import furnish
from app.operator import OPERATOR
from app.records import contacts, holders, messages
from app.records.naming import record_of
from app.storage.audit import Circumstances
from app.storage.auth import accounts, flows, sessions

if TYPE_CHECKING:
    from asyncpg import Record

    from app.records.office import Office
    from app.settings import Settings
    from app.storage.session import Link


async def represent(settings: Settings, number: str, related_person: str) -> None:
    """Say that the owner of an account is a RelatedPerson: he may choose the record that he represents; NotFound.

    Who checked his identity says it. Whether he represents today stays the record's to say, at each sign-in.
    """
    async with furnish(settings) as office, office.database.transaction() as link:
        found = await _of(link, number)
        if not await holders.represented(link, [related_person]):
            raise NotFound("no such RelatedPerson represents anybody today")
        await accounts.relate(link, found["id"], related_person, record_of("RelatedPerson", related_person))
        await _tell(office, link, "represents")


async def reach(settings: Settings, number: str, email: str, mobile: str) -> None:
    """Say where the holder of a NIR is reached, or a representative by the number of his account; NotFound, BrokenRule.

    For who was identified in person and has another address than his record knows. The former one is told.
    """
    plain = number_of(number)
    async with furnish(settings) as office, office.database.transaction() as link:
        key, party = await holders.of_ins(link, plain), ""
        if not key and (row := await accounts.of_number(link, plain)):
            key, party = row["represented"], row["related_person"]
        if not key:
            raise NotFound("no record and no account has this number")
        former = await contacts.kept(office, link, key, party)
        known = former or contacts.Contact()
        given = contacts.made(email, mobile, "", known.language, known.choices)
        await contacts.put(office, link, key, party, given)
        await messages.farewell(office, link, key, former, given)
        await _tell(office, link, "reached")


async def reset(settings: Settings, number: str) -> int:
    """Shut an account, by NIR or its own number, until a new code opens it; returns how many sessions end; NotFound.

    For who lost his access and has one channel alone, or none: he is identified in person, and his record is told
    where he is reached from now on.
    """
    until = datetime.now(UTC) + timedelta(seconds=LIFETIME + 2 * LEEWAY)
    async with furnish(settings) as office, office.database.transaction() as link:
        found = await _of(link, number)
        await accounts.shut(link, found["id"])
        await flows.abandon(link, found["id"])
        own = f"related|{found['related_person']}" if found["related_person"] else f"holder|{found['patient']}"
        mine = await sessions.of_person(link, subject=own, account=found["id"])
        for row in mine:
            await sessions.end(link, row["id"], "account-reset")
            await sessions.revoke(link, of_session(row["id"]), until)
        await _tell(office, link, "reset")
    return len(mine)


async def _of(link: Link, number: str) -> Record:
    plain = number_of(number)
    patient = await holders.of_ins(link, plain)
    row = await (accounts.of_record(link, patient) if patient else accounts.of_number(link, plain))
    if row is None:
        raise NotFound("no account has this number")
    return row


async def _tell(office: Office, link: Link, what: str) -> None:
    await office.trail.insert(link, [told.done(told.ACCOUNT, OPERATOR, Circumstances(), detail=what)])
