"""Somebody says that he represents another, and proves it with the address that the other's record has of him.

The record names its representatives (policy.md section 5): at its opening or by the operator, who checked who they are.
Somebody with an account of his own gives the number of that record. Where it is told at an address of this very account
where one of them is reached, a code goes there; with the code he may choose that record from then on, as long as he
represents there. Whom the record knows the birthday of must share it, so that an address which two of them have
leads each to himself; where it does not, it leads to nobody. Whoever asks is answered alike, in words and in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.people import codes, holder, pace
from app.auth.people.person import even, number_of, wrong_code
from app.auth.people.regaining import the_one
from app.auth.server import told
from app.records import contacts, holders
from app.records.contacts import MAIL, SMS
from app.storage.auth import accounts

if TYPE_CHECKING:
    from app.auth.people.person import Account
    from app.auth.server.office import Asker, Authority
    from app.auth.server.subject import Subject
    from app.records.holders import Representative
    from app.storage.session import Link


async def ask(authority: Authority, who: Asker, person: Subject, typed: str) -> None:
    """Send the code that says whom this account represents in the record of a number; for nobody, it looks alike."""
    account = await _paced(authority, who, person)
    async with even(), authority.office.database.transaction() as link:
        _, related, way = await _found(authority, link, account, number_of(typed))
        if related:
            await codes.send(authority, link, codes.ENROL, f"{account.id}|{related}", account, way)


async def prove(authority: Authority, who: Asker, person: Subject, typed: str, code: str) -> None:
    """He has the code: this account stands for that representative. BadValue for a wrong one."""
    account = await _paced(authority, who, person)
    async with even():
        async with authority.office.database.link() as link:
            patient, related, _ = await _found(authority, link, account, number_of(typed))
        proven = related and await codes.right(authority, codes.ENROL, f"{account.id}|{related}", code) == account.id
        if not proven:
            await authority.flow.failed(who.facts, "bad-code", subject=person)
            raise wrong_code()
        async with authority.office.database.transaction() as link:
            await accounts.relate(link, account.id, related, patient)
            act = told.done(told.ACCOUNT, person.access, who.facts, detail=codes.ENROL.name)
            await authority.office.trail.insert(link, [act])


async def _paced(authority: Authority, who: Asker, person: Subject) -> Account:
    await pace.attempt(authority, who, pace.ENROLLED, person.account)
    account = await holder.mine(authority, person.account)
    if account is None:
        raise wrong_code()
    return account


async def _found(authority: Authority, link: Link, account: Account, number: str) -> tuple[str, str, str]:
    """Patient id, RelatedPerson id and way of the one representative whom an account's address reaches, or ""."""
    patient = await holders.of_ins(link, number) if number else ""
    people = await holders.representatives(authority.office, link, patient) if patient else []
    born = await holders.born(link, account.record, account.related)
    for way in (SMS, MAIL):
        reached = [one for one in people if _reached(one, account, way)]
        if found := the_one(reached, born):
            return patient, found.id, way
    return patient, "", ""


def _reached(one: Representative, account: Account, way: str) -> bool:
    """Whether a representative is told at that address of an account."""
    email, mobile = (one.email, "") if way == MAIL else ("", one.mobile)
    return bool(contacts.way_of(account.address(way), email, mobile))
