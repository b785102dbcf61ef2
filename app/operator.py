"""What who runs the server does in process, without a token: through the same door as everybody, and in the trail."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from app.access import Access, Kind
from app.errors import NotFound
from app.main import furnish
from app.policy import matrix
from app.records import Door, Records, RequestFacts, destroying, orphans, proving, windows
from app.resources import ins

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from asyncpg import Record

    from app.records.windows import Opened
    from app.settings import Settings

OPERATOR = Access(kind=Kind.OPERATOR, subject="software|operator")


@asynccontextmanager
async def at_the_door(settings: Settings) -> AsyncIterator[Records]:
    """The records as the operator may see and change them, on a database that answers."""
    async with furnish(settings) as office:
        yield Door(office).open(OPERATOR, RequestFacts())


async def record_by_ins(settings: Settings, number: str) -> str:
    """Patient id of the holder of an INS, whichever system it stands in; NotFound."""
    async with at_the_door(settings) as records:
        for system in ins.SYSTEMS:
            page = await records.search("Patient", [("identifier", f"{system}|{number}")], strict=True)
            if page.matches:
                return page.matches[0].id
    raise NotFound("no record has this INS")


async def destroy(settings: Settings, key: str, reason: str) -> None:
    """Destroy a record, whose holder was heard: for fraud or malfunction."""
    async with at_the_door(settings) as records:
        await destroying.destroy(records, key, reason)


async def journal(settings: Settings, key: str) -> dict[str, Any]:
    """The journal of a record as its holder may read it, with proofs: at his request."""
    async with furnish(settings) as office:
        return await proving.journal(office, key, OPERATOR)


async def hold(settings: Settings, key: str, why: str) -> None:
    """Keep a record from every destruction; "" lets it go."""
    async with at_the_door(settings) as records:
        await destroying.hold(records, key, why)


async def emergency_windows(settings: Settings, since: datetime) -> list[Opened]:
    """The emergency windows opened since then."""
    async with at_the_door(settings) as records:
        return await windows.review(records, since)


class InForce(NamedTuple):
    """The habilitation matrix in force: its version, the SHA-256 of its file, its cells as rows."""

    version: int
    digest: str
    cells: list[Record]


async def matrix_in_force(settings: Settings) -> InForce:
    """The matrix that every worker judges by."""
    async with furnish(settings) as office, office.database.link() as link:
        return InForce(await matrix.VERSION.value(link), await matrix.DIGEST.value(link), await matrix.CELLS.rows(link))


async def replace_matrix(settings: Settings, text: str) -> int:
    """Put another matrix in force, for the very next request of every worker; returns its version."""
    async with furnish(settings) as office, office.database.link() as link:
        return await matrix.load(link, text)


async def contents(settings: Settings, *, delete: bool) -> orphans.Found:
    """What of the contents no row names, deleted if so asked, and what rows name in vain."""
    async with furnish(settings) as office:
        found = await orphans.look(office)
        if delete:
            await orphans.drop(office, found.orphans)
        return found
