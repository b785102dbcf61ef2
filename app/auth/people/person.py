"""Whose an account is, in the clear: where its owner is reached, and the number that he types.

A holder types the number of his record. A representative who has no record of his own has a number of his account,
made at his first code and sent with it: it names nobody, and two who share a telephone are not taken for each other.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64decode
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from app.auth.server import subject
from app.errors import BadValue
from app.records import holders
from app.records.contacts import MAIL, SMS
from app.resources.ins import LENGTH
from app.storage.auth import accounts
from app.storage.keys import Unreadable, unwrap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Record

    from app.auth.server.office import Authority
    from app.auth.server.subject import Subject
    from app.storage.session import Link

EVEN = 0.25
"""Seconds that an answer takes at least where its time would tell whether there is an account."""
ACR = "eidas1"
PROVEN = ("pwd", "otp")
DIGITS, GROUP = 12, 4
"""Digits of an account's number, and how many are written together."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its addresses in the clear: never kept, never shown.

    `record` is the record that knows where he is reached, and whose key seals it: his own; or, of a representative
    without one, that of whom he represents as the RelatedPerson `related`, and `number` is what he signs in with.
    """

    id: str
    record: str
    email: str
    mobile: str
    password: str
    language: str
    opened: bool
    related: str = ""
    number: str = ""

    @property
    def way(self) -> str:
        """How login codes go."""
        return SMS if self.mobile else MAIL

    def address(self, way: str) -> str:
        """Where that way leads, "" for nowhere."""
        return self.email if way == MAIL else self.mobile

    def subject(self, device: str = "") -> Subject:
        """Who he is before he chooses: the holder of his record, or the representative that he was invited as."""
        if self.related:
            return subject.representative(
                self.related, self.record, account=self.id, acr=ACR, amr=PROVEN, device=device
            )
        return subject.holder(self.record, account=self.id, acr=ACR, amr=PROVEN, device=device)


@asynccontextmanager
async def even() -> AsyncIterator[None]:
    """Whatever is done within takes the same time, unless it takes longer than that."""
    pause = asyncio.ensure_future(asyncio.sleep(EVEN))
    try:
        yield
    finally:
        await pause


def context(identifier: str) -> str:
    """What the addresses of an account are sealed with, beside the key."""
    return f"account|{identifier}"


async def account_of(authority: Authority, row: Record | None) -> Account | None:
    """The account of a row; None for none, or when its record was destroyed, and with it what the account was."""
    if row is None:
        return None
    record, sealed, said = row["patient"] or row["represented"], b64decode(row["email"] or ""), {}
    try:
        if sealed:
            said = orjson.loads(unwrap(await authority.office.keys.get(record), sealed, context(row["id"])))
    except Unreadable:
        return None
    return Account(
        row["id"], record, said.get("email", ""), said.get("mobile", ""), row["password"], row["language"] or "fr",
        row["opened_at"] is not None, row["related_person"] or "", row["number"] or "",
    )  # fmt: skip


def number_of(text: str) -> str:
    """A NIR or an account's number as it is typed, without blanks; "" for what cannot be one."""
    plain = "".join(text.split()).upper()
    return plain if len(plain) in {LENGTH, DIGITS} and plain.isascii() and plain.isalnum() else ""


def new_number() -> str:
    """A number for an account: random, so that it says nothing of its owner."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def written(number: str) -> str:
    """An account's number as it is read out."""
    return " ".join(number[place : place + GROUP] for place in range(0, DIGITS, GROUP))


async def of_number(authority: Authority, link: Link, number: str) -> Account | None:
    """The account of a NIR, or of a number of its own."""
    if len(number) == DIGITS:
        return await account_of(authority, await accounts.of_number(link, number))
    patient = await holders.of_ins(link, number)
    return await account_of(authority, await accounts.of_record(link, patient)) if patient else None


def wrong_code() -> BadValue:
    """The one answer to a code that is wrong, used, too old, or nobody's."""
    return BadValue("the code is wrong or too old", reason="bad-code")
