"""Sessions: how long they last, who has which, and their end on every worker at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.auth.revocations import of_session
from app.auth.scopes import OFFLINE
from app.auth.token import LEEWAY, LIFETIME
from app.storage.auth import flows, sessions

if TYPE_CHECKING:
    from app.auth.server.office import Authority
    from app.settings import Settings
    from app.storage.session import Link


def life(settings: Settings, scope: str) -> timedelta:
    """How long a session lasts that nobody uses."""
    if OFFLINE in scope.split(" "):
        return timedelta(days=settings.offline_days)
    return timedelta(hours=settings.session_hours)


def last_token() -> datetime:
    """When the last token that was made until now has ended."""
    return datetime.now(UTC) + timedelta(seconds=LIFETIME + 2 * LEEWAY)


async def end(link: Link, session: str, why: str) -> bool:
    """End a session with all its tokens, on every worker within a second; whether it had not ended before."""
    ended = await sessions.end(link, session, why)
    await sessions.revoke(link, of_session(session), last_token())
    return ended


async def of_person(authority: Authority, subject: str, account: str = "") -> list[dict[str, Any]]:
    """The sessions of one person, newest first, as he is shown them; `subject` is his key of `app.access`."""
    async with authority.office.database.link() as link:
        rows = await sessions.of_person(link, subject=subject, account=account)
    return [
        {
            "id": row["id"],
            "client": row["client"],
            "name": row["name"],
            "scope": row["scope"],
            "acr": row["acr"],
            "address": row["address"],
            "device": row["device"],
            "kind": row["kind"],
            "signed_in_at": row["signed_in_at"].isoformat(),
            "used_at": row["used_at"].isoformat(),
            "ends_at": row["ends_at"].isoformat(),
        }
        for row in rows
    ]


async def end_own(authority: Authority, session: str, subject: str, account: str = "") -> bool:
    """End a session of one person; False where he has no such one."""
    async with authority.office.database.transaction() as link:
        mine = await sessions.of_person(link, subject=subject, account=account)
        if session not in {row["id"] for row in mine}:
            return False
        return await end(link, session, "by-holder")


async def end_all(authority: Authority, subject: str, account: str = "", *, but: str = "") -> int:
    """End every session of one person, as after a change of password, and what he signs in to but for the handle `but`.

    Returns how many sessions there were.
    """
    async with authority.office.database.transaction() as link:
        await flows.abandon(link, account, but)
        mine = await sessions.of_person(link, subject=subject, account=account)
        return sum([await end(link, row["id"], "all-ended") for row in mine])
