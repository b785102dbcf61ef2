"""How a holder or a representative signs in: a number and a password, then a one-time code by another way.

A password that is right is followed by a code; a password is typed on a page and never sent. Which record he
acts for is said after both: his own, or that of somebody whom he represents today.

Nobody learns here whether a number has a record or an account: answers are the same in words, and in time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from app.auth.people import codes, pace
from app.auth.people.person import ACR, PROVEN, account_of, number_of, of_number, wrong_code
from app.auth.server import subject
from app.errors import BadValue, Forbidden
from app.records import holders, messages
from app.records.contacts import MAIL, SMS
from app.storage.auth import accounts

if TYPE_CHECKING:
    from app.auth.people.person import Account
    from app.auth.server.office import Asker, Authority
    from app.auth.server.subject import Subject

NOBODY = "represents-nobody"
TICKET = 24
"""Bytes of the secret that stands for somebody who proved himself and has to say as whom he signs in."""


async def begin(authority: Authority, who: Asker, handle: str, typed: str, password: str, client: str) -> None:
    """The first half of a sign-in: a number and a password; a code is on its way then. BadValue for wrong ones."""
    number = number_of(typed)
    await pace.attempt(authority, who, pace.PASSWORD, number)
    async with authority.office.database.link() as link:
        account = await of_number(authority, link, number)
    right = await authority.hasher.verify(account.password if account else "", password)
    if account is None or not right:
        person = account.subject() if account and account.opened else None
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
        account = await account_of(authority, await accounts.find(link, row["account"])) if row and waits else None
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
        account = await account_of(authority, await accounts.find(link, row["account"])) if row else None
    if account is None:
        raise wrong_code()
    await pace.keep(authority, pace.GUESSED, account.id)
    ticket = secrets.token_urlsafe(TICKET)
    if await codes.right(authority, codes.LOGIN, handle, code, ticket) != account.id:
        await authority.flow.failed(who.facts, "bad-code", client=client, subject=account.subject())
        raise wrong_code()
    choices = await _choices(authority, account)
    if not choices:
        await authority.flow.failed(who.facts, NOBODY, client=client, subject=account.subject())
        raise Forbidden("nobody whom he represents today", reason=NOBODY)
    return Proven(ticket, account.id, choices)


async def stands_for(authority: Authority, person: Subject) -> tuple[Subject, ...]:
    """Whom somebody who signed in with an account may act as: himself first, and those whom he represents today."""
    found = await mine(authority, person.account)
    return await _choices(authority, found, person.device) if found else (person,)


async def mine(authority: Authority, identifier: str) -> Account | None:
    """An account that is open, by its id; None for none."""
    if not identifier:
        return None
    async with authority.office.database.link() as link:
        found = await account_of(authority, await accounts.find(link, identifier))
    return found if found and found.opened else None


async def _choices(authority: Authority, account: Account, device: str = "") -> tuple[Subject, ...]:
    """Himself, where he has a record of his own, and those whom he represents today."""
    async with authority.office.database.link() as link:
        people = [str(row["related_person"]) for row in await accounts.relations(link, account.id)]
        found = await holders.represented(link, people) if people else []
    said = {"account": account.id, "acr": ACR, "amr": PROVEN, "device": device}
    others = tuple(subject.representative(person, patient, **said) for person, patient in found)  # type: ignore[arg-type]
    return others if account.related else (account.subject(device), *others)


async def choose(authority: Authority, who: Asker, handle: str, ticket: str, chosen: str, browser: Browser) -> str:
    """Sign in as one of the choices, by its key, with a ticket that is used so; gives the handle of what follows.

    A browser that is new to the account is told to its holder.
    """
    place = codes.LOGIN.place(handle)
    async with authority.office.database.transaction() as link:
        found = await accounts.ticket(link, place, codes.keyed(authority, place, ticket))
        account = await account_of(authority, await accounts.find(link, found)) if found else None
        if account is None:
            raise wrong_code()
        device, new = await accounts.meet(link, account.id, browser.secret, browser.label)
        if new:
            way = MAIL if account.email else SMS
            words = ("new-device", way, account.address(way), account.language)
            await messages.post(authority.office, link, account.record, *words)
    person = next((one for one in await _choices(authority, account, device) if one.key == chosen), None)
    if person is None:
        raise wrong_code()
    return await authority.flow.signed_in(handle, person, who.facts)
