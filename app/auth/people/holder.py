"""The holder's account: how it is opened, how he signs in, and how he has it back.

A record's holder proves who he is by a one-time code sent to the address that his record has of him; he then chooses
a password. He signs in with both: a password that is right is followed by a code. A password is typed on a page and
never sent; the code that lets him choose another goes to his mailbox, and only where login codes go to his mobile:
whoever has one of his two channels has not the other.

Nobody learns here whether a number has a record or an account: answers are the same in words, and in time.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64decode, b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import orjson

from app.auth.people import codes, pace
from app.auth.people.passwords import check
from app.auth.server import subject, told
from app.auth.server.sessions import end_all
from app.errors import BadValue
from app.records import contacts, holders, messages
from app.records.contacts import MAIL, SMS
from app.records.naming import new_key
from app.resources.ins import LENGTH
from app.storage.auth import accounts
from app.storage.keys import Unreadable, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Record

    from app.auth.people.codes import Purpose
    from app.auth.server.office import Asker, Authority
    from app.auth.server.subject import Subject
    from app.storage.session import Link

EVEN = 0.25
"""Seconds that an answer takes at least where its time would tell whether there is an account."""
ACR = "eidas1"
PROVEN = ("pwd", "otp")
TICKET = 24
"""Bytes of the secret that stands for somebody who proved himself and has to say as whom he signs in."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its addresses in the clear: never kept, never shown."""

    id: str
    patient: str
    email: str
    mobile: str
    password: str
    language: str
    opened: bool

    @property
    def way(self) -> str:
        """How login codes go."""
        return SMS if self.mobile else MAIL

    def address(self, way: str) -> str:
        """Where that way leads, "" for nowhere."""
        return self.email if way == MAIL else self.mobile


@asynccontextmanager
async def even() -> AsyncIterator[None]:
    """Whatever is done within takes the same time, unless it takes longer than that."""
    pause = asyncio.ensure_future(asyncio.sleep(EVEN))
    try:
        yield
    finally:
        await pause


async def _account(authority: Authority, row: Record | None) -> Account | None:
    if row is None:
        return None
    try:
        sealed = b64decode(row["email"] or "")
        said = (
            orjson.loads(unwrap(await _key(authority, row["patient"]), sealed, _context(row["id"]))) if sealed else {}
        )
    except Unreadable:  # the record was destroyed, and with it what its account was
        return None
    addresses = (said.get("email", ""), said.get("mobile", ""))
    language = row["language"] or "fr"
    return Account(row["id"], row["patient"] or "", *addresses, row["password"], language, row["opened_at"] is not None)


async def _key(authority: Authority, patient: str) -> bytes:
    return await authority.office.keys.get(patient)


def _context(identifier: str) -> str:
    return f"account|{identifier}"


async def _of_number(authority: Authority, link: Link, number: str) -> Account | None:
    """The account of a NIR."""
    patient = await holders.of_ins(link, number)
    return await _account(authority, await accounts.of_record(link, patient)) if patient else None


def number_of(text: str) -> str:
    """A NIR as it is typed, without blanks; "" for what cannot be one."""
    plain = "".join(text.split()).upper()
    return plain if len(plain) == LENGTH and plain.isascii() and plain.isalnum() else ""


def _person(account: Account, device: str = "") -> Subject:
    return subject.holder(account.patient, account=account.id, acr=ACR, amr=PROVEN, device=device)


async def _paced(authority: Authority, who: Asker, what: pace.Pace, number: str) -> None:
    await pace.keep(authority, pace.ADDRESS, pace.site(who.facts.address))
    await pace.keep(authority, what, number)


async def ask(authority: Authority, who: Asker, typed: str, address: str, language: str) -> None:
    """Send the code that opens an account, or gives it back; done for nobody, it looks the same.

    Who has no open record yet types one of the addresses that his identity was made with, and gets the code there.
    """
    number = number_of(typed)
    await _paced(authority, who, pace.ASKED, number)
    async with even(), authority.office.database.transaction() as link:
        patient = await holders.of_ins(link, number)
        if patient:
            await _send_proof(authority, link, patient, address, language)


async def _send_proof(authority: Authority, link: Link, patient: str, address: str, language: str) -> None:
    known = await _account(authority, await accounts.of_record(link, patient))
    if known is not None and known.opened:
        if known.email and known.mobile:  # else login codes go the same way, and one channel would be enough
            await codes.send(authority, link, codes.RECOVER, known.id, known, MAIL)
        return
    email, mobile = await holders.reached(authority.office, link, patient)
    way = (MAIL if email else SMS) if email or mobile else ""
    if await holders.unopened(link, patient):
        way = contacts.way_of(address, email, mobile)
    await accounts.make(link, new_key(), patient, language)
    row = await accounts.of_record(link, patient)
    if row is not None and way:
        made = Account(row["id"], patient, email, mobile, "", language, opened=False)
        await codes.send(authority, link, codes.OPEN, made.id, made, way)


async def finish(authority: Authority, who: Asker, typed: str, code: str, password: str) -> None:
    """Open the account, or give it back, with the code and a new password; BadValue, BrokenRule for the password."""
    number = number_of(typed)
    check(password, number=number)
    await _paced(authority, who, pace.PROVEN, number)
    async with even():
        async with authority.office.database.link() as link:
            account = await _of_number(authority, link, number)
        purpose = codes.RECOVER if account and account.opened else codes.OPEN
        proven = account is not None and await codes.right(authority, purpose, account.id, code) == account.id
        if account is None or not proven:
            await authority.flow.failed(who.facts, "bad-code", subject=_person(account) if account else None)
            raise wrong_code()
    await _settle(authority, who, account, purpose, await authority.hasher.hash(password))


async def _settle(authority: Authority, who: Asker, account: Account, purpose: Purpose, password: str) -> None:
    """The new password holds from now on; after a loss no session of before does."""
    async with authority.office.database.transaction() as link:
        email, mobile = account.email, account.mobile
        if purpose is codes.OPEN:
            email, mobile = await holders.reached(authority.office, link, account.patient)
        secret = orjson.dumps({"email": email, "mobile": mobile})
        key = await authority.office.keys.get_or_create(account.patient)
        sealed = wrap(key, secret, _context(account.id))
        await accounts.opened(link, account.id, email=b64encode(sealed).decode(), mobile="", password=password)
        act = told.done(told.ACCOUNT, _person(account).access, who.facts, detail=purpose.name)
        await authority.office.trail.insert(link, [act])
        if purpose is codes.RECOVER:
            way, where = (SMS, mobile)
            words = ("password", way, where, account.language)
            await messages.post(authority.office, link, account.patient, *words)
    if purpose is codes.RECOVER:
        await end_all(authority, _person(account).key, account.id)


async def begin(authority: Authority, who: Asker, handle: str, typed: str, password: str, client: str) -> None:
    """The first half of a sign-in: a number and a password; a code is on its way then. BadValue for wrong ones."""
    number = number_of(typed)
    await _paced(authority, who, pace.PASSWORD, number)
    async with authority.office.database.link() as link:
        account = await _of_number(authority, link, number)
    right = await authority.hasher.verify(account.password if account else "", password)
    if account is None or not right:
        person = _person(account) if account and account.opened else None
        await authority.flow.failed(who.facts, "bad-password", client=client, subject=person)
        raise BadValue("the number or the password is wrong", reason="bad-password")
    await _send_login(authority, handle, account)


async def _send_login(authority: Authority, handle: str, account: Account) -> None:
    await pace.keep(authority, pace.SENT, account.id)
    async with authority.office.database.transaction() as link:
        await codes.send(authority, link, codes.LOGIN, handle, account, account.way)


async def again(authority: Authority, handle: str) -> None:
    """Send another code for a sign-in whose password was right."""
    async with authority.office.database.link() as link:
        row = await accounts.code(link, codes.LOGIN.place(handle))
        waits = row is not None and row["used_at"] is None
        account = await _account(authority, await accounts.find(link, row["account"])) if row and waits else None
    if account is None:
        raise wrong_code()
    await _send_login(authority, handle, account)


async def awaits_code(authority: Authority, handle: str) -> bool:
    """Whether a sign-in waits for its code."""
    async with authority.office.database.link() as link:
        row = await accounts.code(link, codes.LOGIN.place(handle))
    return row is not None and row["used_at"] is None


class Browser(NamedTuple):
    """A browser: the secret of its cookie, and what its holder knows it by."""

    secret: str
    label: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody who proved himself: whom he may sign in as (himself first), and the ticket that says so."""

    ticket: str
    account: str
    choices: tuple[Subject, ...]


async def prove(authority: Authority, who: Asker, handle: str, code: str, client: str) -> Proven:
    """The second half of a sign-in: the code. BadValue for a wrong one, and for the sixth that is tried."""
    async with authority.office.database.link() as link:
        row = await accounts.code(link, codes.LOGIN.place(handle))
        account = await _account(authority, await accounts.find(link, row["account"])) if row else None
    if account is None:
        raise wrong_code()
    await pace.keep(authority, pace.GUESSED, account.id)
    ticket = secrets.token_urlsafe(TICKET)
    if await codes.right(authority, codes.LOGIN, handle, code, ticket) != account.id:
        await authority.flow.failed(who.facts, "bad-code", client=client, subject=_person(account))
        raise wrong_code()
    return Proven(ticket, account.id, await _choices(authority, account))


async def stands_for(authority: Authority, person: Subject) -> tuple[Subject, ...]:
    """Whom somebody who signed in with an account may act as: himself first, and those whom he represents today."""
    found = await mine(authority, person.account)
    return await _choices(authority, found, person.device) if found else (person,)


async def mine(authority: Authority, identifier: str) -> Account | None:
    """An account that is open, by its id; None for none."""
    if not identifier:
        return None
    async with authority.office.database.link() as link:
        found = await _account(authority, await accounts.find(link, identifier))
    return found if found and found.opened else None


async def _choices(authority: Authority, account: Account, device: str = "") -> tuple[Subject, ...]:
    """Himself, and those whom he represents today."""
    async with authority.office.database.link() as link:
        people = [str(row["related_person"]) for row in await accounts.relations(link, account.id)]
        found = await holders.represented(link, people) if people else []
    said = {"account": account.id, "acr": ACR, "amr": PROVEN, "device": device}
    others = tuple(subject.representative(person, patient, **said) for person, patient in found)  # type: ignore[arg-type]
    return (_person(account, device), *others)


async def choose(authority: Authority, who: Asker, handle: str, ticket: str, chosen: str, browser: Browser) -> str:
    """Sign in as one of the choices, by its key, with a ticket that is used so; gives the handle of what follows.

    A browser that is new to the account is told to its holder.
    """
    place = codes.LOGIN.place(handle)
    async with authority.office.database.transaction() as link:
        found = await accounts.ticket(link, place, codes.keyed(authority, place, ticket))
        account = await _account(authority, await accounts.find(link, found)) if found else None
        if account is None:
            raise wrong_code()
        device, new = await accounts.meet(link, account.id, browser.secret, browser.label)
        if new:
            way = MAIL if account.email else SMS
            words = ("new-device", way, account.address(way), account.language)
            await messages.post(authority.office, link, account.patient, *words)
    person = next((one for one in await _choices(authority, account, device) if one.key == chosen), None)
    if person is None:
        raise wrong_code()
    return await authority.flow.signed_in(handle, person, who.facts)


def wrong_code() -> BadValue:
    """The one answer to a code that is wrong, used, too old, or nobody's."""
    return BadValue("the code is wrong or too old", reason="bad-code")
