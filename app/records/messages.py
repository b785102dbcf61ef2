"""Messages on their way: each is sent by one sender at a time, and gone when it was taken.

A sender holds the rows' locks while it sends, whatever the clock says; of one that dies the next takes them over.
Between the other side's yes and our commit, half a second at most, a crash sends a message again, under the same id:
whoever receives it can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import Integer, Text, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.facts import NOW
from app.records import contacts
from app.records.naming import new_key
from app.resources.validation import parse
from app.storage.keys import Unreadable, unwrap, wrap
from app.storage.outbox import message
from app.storage.rows import PAST
from app.storage.statement import Statement
from app.storage.tables import INSTANT, TABLES, identity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from asyncpg import Record

    from app.records.contacts import Contact
    from app.records.office import Office
    from app.resources.definition import Resource
    from app.storage.session import Link

OWN_KEY = "notices"
"""The server's own key: it seals the address of what is sent when its record's key is gone."""
SECURE_TYPE = "https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
SECURE_DOMAIN = ".mssante.fr"
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 6 * 3600.0
"""Seconds until a message that was not taken is tried again: from the first, twice as long each time."""
MOST, LONGEST = 25, 0.5
"""Messages that are claimed at once, and seconds after which no other of them is sent before those are marked."""
ID = bindparam("id", type_=Text)

CLAIM = Statement(
    select(*message.c)
    .where(message.c.way == bindparam("way", type_=Text), message.c.failed_at.is_(None), message.c.due <= NOW)
    .order_by(message.c.due)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
TAKEN = Statement(delete(message).where(message.c.id == func.any(bindparam("ids", type_=ARRAY(Text)))))
_pause = func.make_interval(
    0, 0, 0, 0, 0, 0, func.least(FIRST_PAUSE * func.power(2, func.least(message.c.tries, 12)), LONGEST_PAUSE)
)
_over = message.c.made_at < NOW - func.make_interval(0, 0, 0, bindparam("days", type_=Integer))
LATER = Statement(
    update(message)
    .where(message.c.id == ID)
    .values(
        tries=message.c.tries + 1,
        due=NOW + _pause,
        failed_at=case((_over, NOW), else_=None),
        fault=bindparam("why", type_=Text),
    )
)
FAILED = Statement(
    update(message)
    .where(message.c.id == ID)
    .values(tries=message.c.tries + 1, failed_at=NOW, fault=bindparam("why", type_=Text))
)
_posted = {n: bindparam(n, type_=message.c[n].type) for n in ("id", "record", "kind", "sealed", "way", "language")}
POST = Statement(message.insert().values(**_posted, due=func.coalesce(bindparam("due", type_=INSTANT), NOW)))
WAITING = Statement(
    select(
        message.c.way,
        func.count().label("count"),
        func.count(message.c.failed_at).label("failed"),
        func.max(message.c.tries).label("tries"),
        func.min(message.c.made_at).label("oldest"),
    )
    .group_by(message.c.way)
    .order_by(message.c.way)
)
KNOWN = Statement(select(identity.c.type, identity.c.id).where(identity.c.key == bindparam("key", type_=Text)))
_roles = TABLES["PractitionerRole"]
REACHED = {
    kind: Statement(select(TABLES[kind].c.body).where(TABLES[kind].c.id == ID))
    for kind in ("Practitioner", "Organization")
}
ROLES = Statement(
    select(_roles.c.body)
    .where(func.concat("Practitioner/", ID) == func.any(_roles.c.p_practitioner))
    .order_by(_roles.c.id)
)


class Fate(StrEnum):
    """What became of one attempt to send."""

    SENT = "sent"
    LATER = "later"
    FAILED = "failed"
    """it will never arrive"""
    NOBODY = "nobody"
    """there is no address any more"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as a channel sends it. `id` is the same each time; `about` is a record's id for a professional."""

    id: str
    kind: str
    count: int
    address: str
    language: str
    made_at: datetime
    about: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other side answered: the fate, and its code."""

    fate: Fate
    why: str = ""


async def deliver(
    office: Office, way: str, send: Callable[[Outgoing], Awaitable[Answered]], most: int = MOST
) -> list[Fate]:
    """Send the next messages of a way, at most so many; none where none is due.

    What `send` raises leaves its message as it was, and is raised when those before it are marked.
    """
    done: list[tuple[str, Answered]] = []
    stopped: Exception | None = None
    async with office.database.transaction() as link:
        rows = await CLAIM.rows(link, way=way, most=most)
        until = monotonic() + LONGEST
        try:
            for row in rows:
                outgoing = await _outgoing(office, link, row)
                done.append((row["id"], await send(outgoing) if outgoing else Answered(Fate.NOBODY)))
                if monotonic() > until:
                    break
        except Exception as error:  # noqa: BLE001 - whatever it is, what was taken is marked first
            stopped = error
        await _mark(office, link, done)
    if stopped is not None:
        raise stopped
    return [answered.fate for _, answered in done]


async def _mark(office: Office, link: Link, done: list[tuple[str, Answered]]) -> None:
    """Keep what became of the messages of one claim."""
    taken = [name for name, answered in done if answered.fate in {Fate.SENT, Fate.NOBODY}]
    if taken:
        await TAKEN.run(link, ids=taken)
    for name, answered in done:
        if answered.fate is Fate.LATER:
            await LATER.run(link, id=name, why=answered.why, days=office.settings.notice_days)
        elif answered.fate is Fate.FAILED:
            await FAILED.run(link, id=name, why=answered.why)


async def post(
    office: Office, link: Link, key: str, kind: str, way: str, address: str, language: str, words: str = ""
) -> None:
    """Send to an address of its own, in the transaction of `link`: of a record that is gone, or before it has one.

    `words` are put into the message as they are, such as a one-time code: somebody waits for it, so that it goes before
    whatever else waits.
    """
    secret = orjson.dumps({"address": address, "words": words})
    name = new_key(26)
    sealed = wrap(await office.keys.get_or_create(OWN_KEY), secret, f"message|{name}")
    due = PAST if words else None
    await POST.run(link, id=name, record=key, kind=kind, sealed=sealed, way=way, language=language, due=due)


async def farewell(office: Office, link: Link, key: str, before: Contact | None, now: Contact | None) -> None:
    """Tell the addresses of a contact that are used no more: who did not change it hears of it there alone."""
    if before is None:
        return
    email, mobile = (now.email, now.mobile) if now else ("", "")
    for way, former, new in ((contacts.MAIL, before.email, email), (contacts.SMS, before.mobile, mobile)):
        if former and former != new:
            await post(office, link, key, "contact", way, former, before.language)


async def _outgoing(office: Office, link: Link, row: Record) -> Outgoing | None:
    """A message with its address; None where it has none any more."""
    address = words = about = ""
    if row["sealed"] is not None:
        try:
            said = orjson.loads(unwrap(await office.keys.get(OWN_KEY), row["sealed"], f"message|{row['id']}"))
        except Unreadable:
            return None
        address, words = said["address"], said["words"]
    elif "|" in row["party"]:
        address, about = await secure_address(link, row["party"]), row["record"]
    else:
        known = await contacts.KEPT.row(link, record=row["record"], party=row["party"])
        found = await contacts.addresses(office, row["record"], row["party"], known["sealed"] if known else None)
        address = found[row["way"] != contacts.MAIL]
    language = row["language"] or contacts.LANGUAGES[0]
    made = Outgoing(row["id"], row["kind"], row["count"], address, language, row["made_at"], about, words)
    return made if address else None


async def secure_address(link: Link, key: str) -> str:
    """The MSSanté address that the directory has of a professional or structure, ""  where it has none."""
    for row in await KNOWN.rows(link, key=key):
        bodies = await REACHED[row["type"]].rows(link, id=row["id"]) if row["type"] in REACHED else []
        bodies += await ROLES.rows(link, id=row["id"]) if row["type"] == "Practitioner" else []
        for body in bodies:
            found = next(filter(None, map(_secure, parse(body["body"]).get("telecom", []))), "")
            if found:
                return found
    return ""


def _secure(telecom: Resource) -> str:
    """The address of a `telecom` of MSSanté (TRE_R256, or its domain), "" of any other."""
    value = str(telecom.get("value", ""))
    codings = [one.get("valueCoding", {}) for one in telecom.get("extension", [])]
    typed = any(one.get("system") == SECURE_TYPE and one.get("code") == "MSSANTE" for one in codings)
    named = value.rpartition("@")[2].casefold().endswith(SECURE_DOMAIN)
    return value if (typed or named) and contacts.ADDRESS.fullmatch(value) else ""


async def waiting(link: Link) -> list[Record]:
    """How many messages wait by each way, how many of them failed, and since when."""
    return await WAITING.rows(link)
