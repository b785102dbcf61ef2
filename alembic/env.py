"""What Alembic runs: the tables of `app.storage.tables` against one database, over asyncpg.

`app.storage.migrate` hands over an open connection. The `alembic` command has none: it connects to `-x url=…`, or to
`CARNET_DATABASE_OWNER_URL`.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from alembic import context

from app.storage.migrate import engine, is_ours
from app.storage.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection


def migrate(connection: Connection) -> None:
    """Run the migrations that the command asked for."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def url() -> str:
    """Where the `alembic` command connects to."""
    given = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("CARNET_DATABASE_OWNER_URL")
    if not given:
        raise SystemExit("say where the database is: -x url=postgresql://…, or CARNET_DATABASE_OWNER_URL")
    return given


async def connect_and_migrate() -> None:
    """For the command line."""
    async with engine(url()) as link, link.begin() as connection:
        await connection.run_sync(migrate)


if context.is_offline_mode():
    raise SystemExit("migrations run against a database: they have no --sql mode")
if (handed := context.config.attributes.get("connection")) is not None:
    migrate(handed)
else:
    asyncio.run(connect_and_migrate())
