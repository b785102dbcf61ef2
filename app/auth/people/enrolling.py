"""Somebody says that he represents another, and proves it with the address that the other's record has of him.

The record names its representatives (policy.md section 5): at its opening or by the operator, who checked who they are.
Somebody with an account of his own gives the number of that record. Where it is told at an address of this very account
where one of them is reached, a code goes there; with the code he may choose that record from then on, as long as he
represents there. An address that two of them share is nobody's. Whoever asks is answered alike, in words and in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.people import codes, holder, pace
from app.auth.server import told
from app.records import holders
from app.records.contacts import MAIL, SMS
from app.storage.auth import accounts

if TYPE_CHECKING:
    from app.auth.people.holder import Account
    from app.auth.server.office import Asker, Authority
    from app.auth.server.subject import Subject
    from app.storage.session import Link


async def ask(authority: Authority, who: Asker, person: Subject, typed: str) -> None:
    """Send the code that says whom this account represents in the record of a number; for nobody, it looks alike."""
    account = await _paced(authority, who, person)
    async with holder.even(), authority.office.database.transaction() as link:
        _, related, way = await _found(authority, link, account, holder.number_of(typed))
        if related:
            await codes.send(authority, link, codes.ENROL, f"{account.id}|{related}", account, way)


async def prove(authority: Authority, who: Asker, person: Subject, typed: str, code: str) -> None:
    """He has the code: this account stands for that representative. BadValue for a wrong one."""
    account = await _paced(authority, who, person)
    async with holder.even():
        async with authority.office.database.link() as link:
            patient, related, _ = await _found(authority, link, account, holder.number_of(typed))
        proven = related and await codes.right(authority, codes.ENROL, f"{account.id}|{related}", code) == account.id
        if not proven:
            await authority.flow.failed(who.facts, "bad-code", subject=person)
            raise holder.wrong_code()
        async with authority.office.database.transaction() as link:
            await accounts.relate(link, account.id, related, patient)
            act = told.done(told.ACCOUNT, person.access, who.facts, detail=codes.ENROL.name)
            await authority.office.trail.insert(link, [act])


async def _paced(authority: Authority, who: Asker, person: Subject) -> Account:
    await pace.keep(authority, pace.ADDRESS, pace.site(who.facts.address))
    await pace.keep(authority, pace.ENROLLED, person.account)
    account = await holder.mine(authority, person.account)
    if account is None:
        raise holder.wrong_code()
    return account


async def _found(authority: Authority, link: Link, account: Account, number: str) -> tuple[str, str, str]:
    """Patient id, RelatedPerson id and way of the one representative whom an account's address reaches, or ""."""
    patient = await holders.of_ins(link, number) if number else ""
    reached: dict[str, list[str]] = {SMS: [], MAIL: []}
    for person in await holders.representatives(link, patient) if patient else ():
        email, mobile = await holders.told_at(authority.office, link, patient, person)
        if mobile and mobile == account.mobile:
            reached[SMS].append(person)
        if email and email == account.email:
            reached[MAIL].append(person)
    for way, people in reached.items():
        if len(people) == 1:
            return patient, people[0], way
    return patient, "", ""
