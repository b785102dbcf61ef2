"""Registered software, for who runs the server: what `carnet client` does, each change in the trail."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from app.auth.revocations import of_client
from app.auth.server import told
from app.auth.server.party import Client, fault
from app.auth.token import LEEWAY, LIFETIME
from app.errors import BadValue, Duplicate, NotFound
from app.main import furnish
from app.operator import OPERATOR
from app.storage.audit import Circumstances
from app.storage.auth import clients, sessions

if TYPE_CHECKING:
    from app.records.office import Office
    from app.settings import Settings
    from app.storage.session import Link

PROOF = clients.PROOF


async def add(settings: Settings, values: dict[str, Any]) -> str:
    """Register software; returns its id. BadValue for what is wrong with it, Duplicate for an id that is taken.

    `values` are fields of `app.auth.server.party.Client`; without an `id` it gets a random one.
    """
    values = {"id": secrets.token_hex(10), **{name: value for name, value in values.items() if value}}
    wrong = fault(values)
    if wrong:
        raise BadValue(wrong)
    made = Client(**values)
    row = {name: getattr(made, name) for name in Client.__slots__ if name != "disabled"}
    row |= {name: list(value) for name, value in row.items() if isinstance(value, tuple)}
    async with furnish(settings) as office, office.database.transaction() as link:
        try:
            await clients.add(link, row)
        except asyncpg.UniqueViolationError:
            raise Duplicate("a client has this id already") from None
        await _tell(office, link, made.id, "registered")
    return made.id


async def everyone(settings: Settings) -> list[Client]:
    """All software, disabled or not."""
    async with furnish(settings) as office, office.database.link() as link:
        return [Client.of(row) for row in await clients.everyone(link)]


async def rotate(settings: Settings, identifier: str, proof: dict[str, Any]) -> None:
    """Put other keys or another certificate in the place of what a client proves itself by; NotFound, BadValue."""
    async with furnish(settings) as office, office.database.transaction() as link:
        row = await clients.find(link, identifier)
        if row is None or row["disabled_at"] is not None:
            raise NotFound("no such client, or a disabled one")
        known = Client.of(row)
        kept = {name: getattr(known, name) for name in Client.__slots__ if name not in {"disabled", *PROOF}}
        wrong = fault(kept | proof)
        if wrong:
            raise BadValue(wrong)
        blank = {name: [] if name == "thumbprints" else "" for name in PROOF}
        await clients.rotate(link, identifier, blank | {name: _plain(value) for name, value in proof.items()})
        await _tell(office, link, identifier, "rotated")


async def disable(settings: Settings, identifier: str) -> None:
    """Take all rights of a client away, its tokens within a second; NotFound."""
    async with furnish(settings) as office, office.database.transaction() as link:
        if not await clients.disable(link, identifier):
            raise NotFound("no such client, or a disabled one")
        until = datetime.now(UTC) + timedelta(seconds=LIFETIME + 2 * LEEWAY)
        await sessions.revoke(link, of_client(identifier), until)
        await _tell(office, link, identifier, "disabled")


async def _tell(office: Office, link: Link, identifier: str, what: str) -> None:
    act = told.done(told.SOFTWARE, OPERATOR, Circumstances(), client=identifier, detail=what)
    await office.trail.insert(link, [act])


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
