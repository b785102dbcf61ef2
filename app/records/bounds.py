"""How long a question may keep the database: one statement its own limit, all statements of an answer twice that."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from asyncpg import QueryCanceledError

from app.errors import TooCostly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.records.office import Office

MORE = 2 / 1000
"""Seconds of an answer for each millisecond of a statement: what asks many types runs many."""


@asynccontextmanager
async def bounded(office: Office, *, many: bool = True) -> AsyncIterator[None]:
    """TooCostly where the database gives a statement up, or `many` of them together take too long."""
    limit = asyncio.timeout(office.settings.statement_timeout * MORE if many else None)
    try:
        async with limit:
            yield
    except (QueryCanceledError, TimeoutError) as late:
        if isinstance(late, TimeoutError) and not limit.expired():
            raise
        message = "the search takes longer than is allowed here: name a record, or ask for less"
        raise TooCostly(message, reason="search-timeout") from None
