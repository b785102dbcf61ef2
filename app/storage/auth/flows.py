"""What is under way: authorisation requests, launches, codes. Each is found by the digest of its secret."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Interval, Text, bindparam, delete, func, insert, literal, select, update

from app.storage.auth.tables import (
    EXPIRING,
    attempt,
    authorisation_code,
    launch,
    provider_state,
    revocation,
    session,
    sign_in,
)
from app.storage.statement import Statement

if TYPE_CHECKING:
    from asyncpg import Record

    from app.storage.statement import Link

NOW = func.carnet.now()
ID = bindparam("id", type_=Text)
NEW = bindparam("new", type_=Text)
TEN_MINUTES = literal(timedelta(minutes=10), Interval)
CODE_LIFE = literal(timedelta(minutes=1), Interval)
"""SMART App Launch 2.2: about a minute."""
FORGOTTEN = literal(timedelta(days=90), Interval)
"""How long an ended session is kept, for its holder to see that it was there."""

BEGUN = Statement(
    insert(sign_in).values(
        id=ID,
        client=bindparam("client", type_=Text),
        request=bindparam("request", type_=Text),
        created_at=NOW,
        expires_at=NOW + TEN_MINUTES,
    )
)
PENDING = Statement(select(sign_in).where(sign_in.c.id == ID, sign_in.c.expires_at > NOW))
KNOWN = Statement(
    update(sign_in)
    .where(sign_in.c.id == ID, sign_in.c.expires_at > NOW)
    .values(
        id=NEW,
        subject=bindparam("subject", type_=Text),
        account=bindparam("account", type_=Text),
        expires_at=NOW + TEN_MINUTES,
    )
    .returning(sign_in.c.id)
)
"""The handle changes when its holder is known: one that an attacker planted before is worth nothing after."""
DONE = Statement(delete(sign_in).where(sign_in.c.id == ID, sign_in.c.expires_at > NOW).returning(sign_in))

ABANDONED = Statement(
    delete(sign_in).where(
        sign_in.c.account == bindparam("account", type_=Text), sign_in.c.account != "", sign_in.c.id != ID
    )
)

LAUNCHED = Statement(
    insert(launch).values(
        expires_at=NOW + TEN_MINUTES,
        secret=bindparam("secret", type_=Boolean),
        **{name: bindparam(name, type_=Text) for name in ("id", "client", "subject", "patient", "context")},
    )
)
LAUNCHING = Statement(
    select(launch).where(
        launch.c.id == ID, launch.c.client == bindparam("client", type_=Text), launch.c.expires_at > NOW
    )
)
LANDED = Statement(delete(launch).where(launch.c.id == ID, launch.c.expires_at > NOW).returning(launch.c.id))

CODED = Statement(
    insert(authorisation_code).values(
        expires_at=NOW + CODE_LIFE,
        **{
            name: bindparam(name, type_=Text)
            for name in ("id", "session", "client", "redirect_uri", "challenge", "nonce", "context")
        },
    )
)
CODE = Statement(
    select(authorisation_code, (authorisation_code.c.expires_at > NOW).label("holds"))
    .where(authorisation_code.c.id == ID)
    .with_for_update()
)
"""Locked: of two requests with one code, the second finds it used."""
AWAY = Statement(
    insert(provider_state).values(
        expires_at=NOW + TEN_MINUTES,
        **{name: bindparam(name, type_=Text) for name in ("id", "sign_in", "issuer", "nonce", "verifier")},
    )
)
ARRIVED = Statement(
    delete(provider_state).where(provider_state.c.id == ID, provider_state.c.expires_at > NOW).returning(provider_state)
)
SPENT = Statement(update(authorisation_code).where(authorisation_code.c.id == ID).values(used_at=NOW))
SWEPT = (
    *(Statement(delete(table).where(table.c.expires_at < NOW - TEN_MINUTES)) for table in EXPIRING),
    Statement(delete(attempt).where(attempt.c.resets_at < NOW)),
    Statement(delete(revocation).where(revocation.c.ends_at < NOW - TEN_MINUTES)),
    Statement(delete(session).where(session.c.ends_at < NOW - FORGOTTEN)),
)


def digest(secret: str) -> str:
    """What is kept of a secret of 128 bits or more, which no table of guesses holds."""
    return sha256(secret.encode()).hexdigest()


async def begin(link: Link, handle: str, client: str, request: str) -> None:
    """Keep an authorisation request (JSON) under a new handle, for ten minutes."""
    await BEGUN.run(link, id=digest(handle), client=client, request=request)


async def pending(link: Link, handle: str) -> Record | None:
    """The sign-in of a handle, if it is still under way."""
    return await PENDING.row(link, id=digest(handle))


async def known(link: Link, handle: str, new: str, subject: str, account: str) -> bool:
    """Say who signed in, and give the sign-in another handle; whether it was still under way."""
    values = {"id": digest(handle), "new": digest(new), "subject": subject, "account": account}
    return await KNOWN.value(link, **values) is not None


async def finish(link: Link, handle: str) -> Record | None:
    """Take a sign-in away, once: of two that answer, one gets it."""
    return await DONE.row(link, id=digest(handle))


async def abandon(link: Link, account: str, but: str = "") -> None:
    """Take away every sign-in under way of an account, but for that of one handle."""
    await ABANDONED.run(link, id=digest(but), account=account)


async def launched(link: Link, handle: str, values: dict[str, str], *, secret: bool = False) -> None:
    """Keep a launch: `client`, `subject`, `patient`, `context`; and whether it is within a secret connection."""
    await LAUNCHED.run(link, id=digest(handle), secret=secret, **values)


async def launching(link: Link, secret: str, client: str) -> Record | None:
    """The launch of an app, if it still waits."""
    return await LAUNCHING.row(link, id=digest(secret), client=client)


async def landed(link: Link, secret: str) -> bool:
    """Use a launch, once."""
    return await LANDED.value(link, id=digest(secret)) is not None


async def coded(link: Link, secret: str, values: dict[str, str]) -> None:
    """Keep an authorisation code: `session`, `client`, `redirect_uri`, `challenge`, `nonce`, `context`."""
    await CODED.run(link, id=digest(secret), **values)


async def code(link: Link, secret: str) -> Record | None:
    """The code, locked, used or not; `holds` says whether its minute is not over."""
    return await CODE.row(link, id=digest(secret))


async def spent(link: Link, secret: str) -> None:
    """The code was used."""
    await SPENT.run(link, id=digest(secret))


async def sent_away(link: Link, state: str, values: dict[str, str]) -> None:
    """Keep what a sign-in waits for of another provider: `sign_in` (digest), `issuer`, `nonce`, `verifier`."""
    await AWAY.run(link, id=digest(state), **values)


async def came_back(link: Link, state: str) -> Record | None:
    """Take away what was kept under a state, once."""
    return await ARRIVED.row(link, id=digest(state))


async def sweep(link: Link) -> None:
    """Delete what is over."""
    for statement in SWEPT:
        await statement.run(link)
