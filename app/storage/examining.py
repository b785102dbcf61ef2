"""What the operator should know of his database: its version, settings, clock, schema and the trail's partitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy import column as plain
from sqlalchemy import table as named

from app.storage.migrate import PARTITIONS, check, engine
from app.storage.parts import counted

LETTERS = ("ŒŁΩ", "œłω")
"""As they are and in lower case, as the trail folds names that are searched for (`app.storage.journal`)."""
SETTINGS = ("fsync", "full_page_writes", "synchronous_commit", "server_version_num", "max_connections", "archive_mode")
_settings = named("pg_settings", plain("name"), plain("setting"))
_tables = named("pg_class", plain("relname"), plain("relkind"))


class Seen(NamedTuple):
    """One look: settings by name, how far its clock is away, months (`2026_11`) of the trail, differences.

    `lettered` says whether its locale knows letters beyond ASCII. `parts` are the numbers of parts that tables of
    records are in: one number, if all are in as many.
    """

    settings: dict[str, str]
    away: timedelta
    moved: bool
    lettered: bool
    months: frozenset[str]
    differences: tuple[str, ...]
    parts: frozenset[int]


async def examine(owner_url: str) -> Seen:
    """Look at a database as the role that owns it; `moved` where `carnet.now()` is not the database's own clock.

    Raises:
        OSError, sqlalchemy.exc.DBAPIError: it does not answer.
        alembic.util.CommandError: migrations are pending.
    """
    async with engine(owner_url) as link, link.connect() as connection:
        found = await connection.execute(select(_settings.c.name, _settings.c.setting))
        settings = {name: setting for name, setting in found if name in SETTINGS}
        clock = select(func.clock_timestamp(), func.now() != func.carnet.now())
        before = datetime.now(UTC)
        now, moved = (await connection.execute(clock)).one()
        after = datetime.now(UTC)
        lettered = (await connection.execute(select(func.lower(LETTERS[0]) == LETTERS[1]))).scalar_one()
        name = cast(_tables.c.relname, Text)
        parts = await connection.execute(
            select(name).where(func.starts_with(name, literal(PARTITIONS[0])), _tables.c.relkind == literal("r"))
        )
        months = frozenset(part.removeprefix(PARTITIONS[0]) for (part,) in parts)
    away = max(before - now, now - after, timedelta())
    parted = frozenset((await counted(owner_url)).values())
    return Seen(settings, away, moved, lettered, months, await check(owner_url), parted)
