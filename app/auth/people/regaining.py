"""How an account is opened, and had back: by a code sent to the address that a record has of its owner.

A holder types the number of his record. A representative without a record of his own types that of whom he represents,
his date of birth and the address that he gave at its opening (policy.md section 5: whoever opened it verified who he
is); with the code comes the number that he signs in with from then on. The password that both choose is never sent. The
code that lets somebody choose another goes to his mailbox, and only where login codes go to his mobile: whoever has one
of his two channels has not the other.

Nobody learns here whether a number has a record or an account: answers are the same in words, and in time.
"""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import orjson

from app.auth.people import codes, pace
from app.auth.people.passwords import check
from app.auth.people.person import (
    Account,
    account_of,
    context,
    even,
    new_number,
    number_of,
    of_number,
    written,
    wrong_code,
)
from app.auth.server import told
from app.auth.server.sessions import end_all
from app.records import contacts, holders, messages
from app.records.contacts import MAIL, SMS
from app.records.naming import new_key
from app.storage.auth import accounts
from app.storage.keys import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.auth.people.codes import Purpose
    from app.auth.server.office import Asker, Authority
    from app.records.holders import Representative
    from app.storage.session import Link

NATIONAL = re.compile(
    r"(?P<day>[0-9]{1,2})(?P<mark>[ /.-]|(?<=[0-9]{2})(?=[0-9]{6}))(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})"
)
"""A date as it is written in France."""


async def ask(authority: Authority, who: Asker, typed: str, address: str, language: str) -> None:
    """Send the code that opens an account, or gives it back; done for nobody, it looks the same.

    Who has no open record yet types one of the addresses that his identity was made with, and gets the code there.
    """
    number = number_of(typed)
    await pace.attempt(authority, who, pace.ASKED, number)
    async with even(), authority.office.database.transaction() as link:
        known = await of_number(authority, link, number)
        if known is not None and known.opened:
            await _recover(authority, link, known)
        elif known is not None and known.related:
            await _invite_again(authority, link, known)
        elif patient := await holders.of_ins(link, number):
            await _send_proof(authority, link, patient, address, language)


async def _send_proof(authority: Authority, link: Link, patient: str, address: str, language: str) -> None:
    email, mobile = await holders.reached(authority.office, link, patient)
    way = (MAIL if email else SMS) if email or mobile else ""
    if await holders.unopened(link, patient):
        way = contacts.way_of(address, email, mobile)
    await accounts.make(link, new_key(), patient, language)
    row = await accounts.of_record(link, patient)
    if row is not None and way:
        made = Account(row["id"], patient, email, mobile, "", language, opened=False)
        await codes.send(authority, link, codes.OPEN, made.id, made, way)


async def represent(authority: Authority, who: Asker, typed: str, born: str, address: str, language: str) -> None:
    """The same for a representative without a record of his own; `typed` is the number of whom he represents.

    Where the record's own representatives are reached at one address, the date of birth says who of them asks.
    """
    number, day = number_of(typed), day_of(born)
    await pace.attempt(authority, who, pace.ASKED, f"{number}|{day}" if number else "")
    async with even(), authority.office.database.transaction() as link:
        patient = await holders.of_ins(link, number)
        people = await holders.representatives(authority.office, link, patient) if patient else []
        asks = the_one([one for one in people if contacts.way_of(address, one.email, one.mobile)], day)
        if asks is not None:
            await _invite(authority, link, patient, asks, people, language)


def day_of(text: str) -> str:
    """A date as FHIR writes it, "" for what is none; typed so, or as it is written in France."""
    plain = text.strip()
    written_in_france = NATIONAL.fullmatch(plain)
    with suppress(ValueError):
        if written_in_france:
            day, month, year = map(int, written_in_france.group("day", "month", "year"))
            return date(year, month, day).isoformat()
        return date.fromisoformat(plain).isoformat()
    return ""


def the_one(reached: Sequence[Representative], born: str) -> Representative | None:
    """Of the representatives who are reached at one address, the one born on that day; None where that is nobody.

    One of whom the record has no such day must be alone at that address.
    """
    same = [one for one in reached if born and one.born == born]
    if len(same) == 1:
        return same[0]
    return reached[0] if len(reached) == 1 and not reached[0].born else None


async def _invite(
    authority: Authority,
    link: Link,
    patient: str,
    person: Representative,
    people: Sequence[Representative],
    language: str,
) -> None:
    await accounts.invite(link, new_key(), new_number(), person.id, patient, language)
    account = await account_of(authority, await accounts.of_related(link, person.id))
    if account is None:  # another has that number: he asks again
        return
    if not account.opened:
        await _send_invitation(authority, link, account, person, people)
    elif not await _recover(authority, link, account):
        way, number = MAIL if account.email else SMS, written(account.number)
        words = ("number", way, account.address(way), account.language, number)
        await messages.post(authority.office, link, account.record, *words)


async def _invite_again(authority: Authority, link: Link, account: Account) -> None:
    people = await holders.representatives(authority.office, link, account.record)
    for one in people:
        if one.id == account.related:
            await _send_invitation(authority, link, account, one, people)


async def _send_invitation(
    authority: Authority, link: Link, account: Account, person: Representative, people: Sequence[Representative]
) -> None:
    """The code goes by a way that is his alone, where he has one: who shares an address may know his day of birth."""
    made = replace(account, email=person.email, mobile=person.mobile)
    ways = [way for way in (MAIL, SMS) if made.address(way)]
    others = [one for one in people if one.id != person.id]
    alone = [
        way for way in ways if not any(contacts.way_of(made.address(way), one.email, one.mobile) for one in others)
    ]
    if ways:
        await codes.send(authority, link, codes.OPEN, made.id, made, (alone or ways)[0])


async def _recover(authority: Authority, link: Link, account: Account) -> bool:
    """Send the code that gives an account back, by the channel that login codes do not go by; whether there is one."""
    if not account.email or not account.mobile:  # else one channel would be enough
        return False
    if account.related:  # a mailbox that another representative reads as well gives nothing back
        people = await holders.representatives(authority.office, link, account.record)
        readers = [one for one in people if contacts.way_of(account.email, one.email, "")]
        if [one.id for one in readers] != [account.related]:
            return False
    await codes.send(authority, link, codes.RECOVER, account.id, account, MAIL)
    return True


async def finish(authority: Authority, who: Asker, typed: str, code: str, password: str) -> None:
    """Open the account, or give it back, with the code and a new password; BadValue, BrokenRule for the password."""
    number = number_of(typed)
    check(password, number=number)
    await pace.attempt(authority, who, pace.PROVEN, number)
    async with even():
        async with authority.office.database.link() as link:
            account = await of_number(authority, link, number)
        purpose = codes.RECOVER if account and account.opened else codes.OPEN
        proven = account is not None and await codes.right(authority, purpose, account.id, code) == account.id
        if account is None or not proven:
            await authority.flow.failed(who.facts, "bad-code", subject=account.subject() if account else None)
            raise wrong_code()
    await _settle(authority, who, account, purpose, await authority.hasher.hash(password))


async def _settle(authority: Authority, who: Asker, account: Account, purpose: Purpose, password: str) -> None:
    """The new password holds from now on; after a loss no session of before does."""
    async with authority.office.database.transaction() as link:
        email, mobile = account.email, account.mobile
        if purpose is codes.OPEN:
            email, mobile = await _known(authority, link, account)
        secret = orjson.dumps({"email": email, "mobile": mobile})
        key = await authority.office.keys.get_or_create(account.record)
        sealed = wrap(key, secret, context(account.id))
        await accounts.opened(link, account.id, email=b64encode(sealed).decode(), mobile="", password=password)
        if account.related:
            await accounts.relate(link, account.id, account.related, account.record)
        act = told.done(told.ACCOUNT, account.subject().access, who.facts, detail=purpose.name)
        await authority.office.trail.insert(link, [act])
        if purpose is codes.RECOVER:
            words = ("password", SMS, mobile, account.language)
            await messages.post(authority.office, link, account.record, *words)
    if purpose is codes.RECOVER:
        await end_all(authority, account.subject().key, account.id)


async def _known(authority: Authority, link: Link, account: Account) -> tuple[str, str]:
    """Where the record says that the owner of an account is reached."""
    if account.related:
        return await holders.told_at(authority.office, link, account.record, account.related)
    return await holders.reached(authority.office, link, account.record)
