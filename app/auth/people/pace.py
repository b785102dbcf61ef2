"""How often something may be tried: one count for all workers, in the database.

What is counted is named by a keyed digest: who reads the table learns no number and no address.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from app.errors import Throttled
from app.storage.auth import accounts

if TYPE_CHECKING:
    from app.auth.server.office import Asker, Authority

SITE = 64
"""Bits of an IPv6 address that one subscriber has."""


class Pace(NamedTuple):
    """At most so many times in a window."""

    name: str
    most: int
    window: timedelta


QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
PASSWORD = Pace("password", 10, QUARTER)
"""Passwords for one number, right or wrong: nobody learns by it whether the number has an account."""
ADDRESS = Pace("address", 100, QUARTER)
"""Passwords, requests for a code and codes from one address."""
ASKED = Pace("asked", 5, timedelta(hours=2))
"""Requests for a code to open an account or to have it back."""
PROVEN = Pace("proven", 15, DAY)
"""Guesses at such a code, for one number."""
SENT = Pace("sent", 8, timedelta(hours=1))
"""Login codes sent to one account."""
GUESSED = Pace("guessed", 30, DAY)
"""Guesses at login codes of one account."""

ENROLLED = Pace("enrolled", 10, DAY)
"""Codes asked for, and guesses at them, by one account that says whom it represents."""


async def attempt(authority: Authority, who: Asker, pace: Pace, number: str) -> None:
    """Count one more by whence it comes, and by the number that it is about; Throttled."""
    await keep(authority, ADDRESS, site(who.facts.address))
    await keep(authority, pace, number)


async def keep(authority: Authority, pace: Pace, what: str) -> None:
    """Count one more; Throttled past what is allowed, whoever it is about."""
    if not what:
        return
    name = hmac.digest(authority.secret, f"pace|{pace.name}|{what}".encode(), "sha256").hex()
    async with authority.office.database.link() as link:
        times, seconds = await accounts.count(link, name, pace.window)
    if times > pace.most:
        headers = {"Retry-After": str(max(seconds, 1))}
        raise Throttled("too many attempts: try again later", reason="too-many-attempts", headers=headers)


def site(address: str) -> str:
    """Whom an address belongs to: itself, or the network of one IPv6 subscriber; "" for what is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, SITE), strict=False)) if found.version == 6 else str(found)  # noqa: PLR2004
