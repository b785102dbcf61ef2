"""Sessions, their refresh tokens, and what was revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Interval, Text, bindparam, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage.auth.flows import digest
from app.storage.auth.tables import client, refresh_token, replay, revocation, session
from app.storage.statement import Statement

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg import Record

    from app.storage.statement import Link

NOW = func.carnet.now()
ID = bindparam("id", type_=Text)
TEXTS = (
    "id", "client", "account", "subject", "kind", "patient", "claims", "scope", "acr", "device", "address",
    "thumbprint", "provider",
)  # fmt: skip
LIFE = bindparam("life", type_=Interval)
UNTIL = bindparam("until", type_=DateTime(timezone=True))
OVERLAP = literal(timedelta(seconds=30), Interval)
"""How far back revocations are read again: a transaction that took so long to commit is still seen."""

STARTED = Statement(
    insert(session).values(
        signed_in_at=NOW, used_at=NOW, ends_at=NOW + LIFE, **{name: bindparam(name, type_=Text) for name in TEXTS}
    )
)
ALIVE = session.c.ended_at.is_(None) & (session.c.ends_at > NOW)
FIND = Statement(select(session, ALIVE.label("alive")).where(session.c.id == ID))
USED = Statement(update(session).where(session.c.id == ID, ALIVE).values(used_at=NOW, ends_at=NOW + LIFE))
ENDED = Statement(
    update(session)
    .where(session.c.id == ID, session.c.ended_at.is_(None))
    .values(ended_at=NOW, reason=bindparam("why", type_=Text))
    .returning(session.c.id)
)
OF_PERSON = Statement(
    select(session, func.coalesce(client.c.name, "").label("name"))
    .outerjoin(client, client.c.id == session.c.client)
    .where(
        ALIVE,
        or_(
            (session.c.account == bindparam("account", type_=Text)) & (session.c.account != ""),
            session.c.subject == bindparam("subject", type_=Text),
        ),
    )
    .order_by(session.c.signed_in_at.desc())
)
GIVEN = Statement(
    insert(refresh_token).values(
        id=ID,
        session=bindparam("session", type_=Text),
        thumbprint=bindparam("thumbprint", type_=Text),
        expires_at=NOW + LIFE,
    )
)
TOKEN = Statement(
    select(refresh_token, (refresh_token.c.expires_at > NOW).label("holds"))
    .where(refresh_token.c.id == ID)
    .with_for_update()
)
"""Locked: of two requests with one refresh token, the second finds it used."""
SPENT = Statement(update(refresh_token).where(refresh_token.c.id == ID).values(used_at=NOW))
ONCE = Statement(upsert(replay).values(id=ID, expires_at=UNTIL).on_conflict_do_nothing().returning(replay.c.id))
_REVOKED = upsert(revocation).values(id=ID, revoked_at=NOW, ends_at=UNTIL)
REVOKED = Statement(
    _REVOKED.on_conflict_do_update(
        index_elements=[revocation.c.id],
        set_={"revoked_at": NOW, "ends_at": func.greatest(revocation.c.ends_at, _REVOKED.excluded.ends_at)},
    )
)
IN_FORCE = Statement(
    select(revocation.c.id, revocation.c.revoked_at, revocation.c.ends_at).where(revocation.c.ends_at > NOW)
)
NEWEST = Statement(
    select(revocation.c.id, revocation.c.revoked_at, revocation.c.ends_at).where(
        revocation.c.revoked_at > NOW - OVERLAP
    )
)


async def start(link: Link, life: timedelta, **values: str) -> None:
    """Keep a new session that ends after `life` unless it is used; values are its text columns."""
    await STARTED.run(link, life=life, **values)


async def find(link: Link, identifier: str) -> Record | None:
    """One session; `alive` says whether it has not ended."""
    return await FIND.row(link, id=identifier)


async def used(link: Link, identifier: str, life: timedelta) -> None:
    """A session was used: it ends after `life` from now."""
    await USED.run(link, id=identifier, life=life)


async def end(link: Link, identifier: str, why: str) -> bool:
    """End a session; whether it had not ended before."""
    return await ENDED.value(link, id=identifier, why=why) is not None


async def of_person(link: Link, *, subject: str, account: str = "") -> list[Record]:
    """The sessions that one person has, newest first; `name` is that of their software."""
    return await OF_PERSON.rows(link, subject=subject, account=account)


async def give(link: Link, secret: str, session_id: str, life: timedelta, thumbprint: str = "") -> None:
    """Keep a refresh token of a session."""
    await GIVEN.run(link, id=digest(secret), session=session_id, life=life, thumbprint=thumbprint)


async def token(link: Link, secret: str) -> Record | None:
    """A refresh token, locked, used or not; `holds` says whether its time is not over."""
    return await TOKEN.row(link, id=digest(secret))


async def spend(link: Link, secret: str) -> None:
    """The refresh token was used."""
    await SPENT.run(link, id=digest(secret))


async def once(link: Link, name: str, until: datetime) -> bool:
    """Whether something comes for the first time; it is remembered `until` it means nothing any more."""
    return await ONCE.value(link, id=digest(name), until=until) is not None


async def revoke(link: Link, key: str, until: datetime) -> None:
    """Revoke a key of `app.auth.revocations`, until the last token that it may be about has ended."""
    await REVOKED.run(link, id=key, until=until)


async def revoked(link: Link, *, newest: bool) -> list[Record]:
    """What is revoked: all that is in force, or the newest of it."""
    return await (NEWEST if newest else IN_FORCE).rows(link)
