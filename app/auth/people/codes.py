"""One-time codes: six digits, five guesses, used once, kept only as a keyed digest.

A code has a place, where a new one takes that of the former: the sign-in under way for a login, the account for what
opens it or gives it back.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from app.auth.people.person import GROUP, written
from app.records import messages
from app.storage.auth import accounts

if TYPE_CHECKING:
    from app.auth.people.person import Account
    from app.auth.server.office import Authority
    from app.storage.session import Link


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a code is for, and how long it holds."""

    name: str
    life: timedelta

    def place(self, key: str) -> str:
        """Where its code is, by the handle of a sign-in or the id of an account."""
        return f"{self.name}|{key}"


OPEN = Purpose("open", timedelta(hours=2))
RECOVER = Purpose("recover", timedelta(minutes=10))
ENROL = Purpose("enrol", timedelta(minutes=10))
LOGIN = Purpose("login", timedelta(minutes=10))


def keyed(authority: Authority, place: str, code: str) -> str:
    """What is kept of a code: six digits are soon tried, so a secret of the server is in it."""
    return hmac.digest(authority.secret, f"code|{place}|{code}".encode(), "sha256").hex()


async def send(authority: Authority, link: Link, purpose: Purpose, key: str, account: Account, way: str) -> None:
    """Send a new code by one way, in the transaction of `link`."""
    place, code = purpose.place(key), f"{secrets.randbelow(1_000_000):06d}"
    kept = {"account": account.id, "purpose": purpose.name, "channel": way, "code": keyed(authority, place, code)}
    await accounts.sent(link, place, purpose.life, **kept)
    kind, words = ("code-numbered", f"{_named(purpose, account)} {code}") if account.number else ("code", code)
    address = account.address(way)
    await messages.post(authority.office, link, account.record, kind, way, address, account.language, words)


def _named(purpose: Purpose, account: Account) -> str:
    """Of which account a code is: its number where he needs it, else the end of it, for who shares a telephone."""
    return written(account.number) if purpose in {OPEN, RECOVER} else f"… {account.number[-GROUP:]}"


async def right(authority: Authority, purpose: Purpose, key: str, code: str, ticket: str = "") -> str:
    """The account whose code this is, which is used from now on; "" for a wrong one, which is counted."""
    place = purpose.place(key)
    async with authority.office.database.transaction() as link:
        row = await accounts.tried(link, place)
        if row is None or not hmac.compare_digest(row["code"], keyed(authority, place, code)):
            return ""
        await accounts.used(link, place, keyed(authority, place, ticket) if ticket else "")
    return str(row["account"])
