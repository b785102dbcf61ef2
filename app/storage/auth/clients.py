"""Registered software, as the server keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, func, insert, select, update

from app.storage.auth.tables import client
from app.storage.statement import Statement

if TYPE_CHECKING:
    from asyncpg import Record

    from app.storage.statement import Link

NOW = func.carnet.now()
ID = bindparam("id", type_=Text)
FIND = Statement(select(client).where(client.c.id == ID))
ALL = Statement(select(client).order_by(client.c.id))
ORIGINS = Statement(
    select(func.array_agg(func.distinct(func.unnest(client.c.origins).column_valued("origin"))))
    .select_from(client)
    .where(client.c.disabled_at.is_(None))
)
ADDED = Statement(
    insert(client).values(
        created_at=NOW,
        changed_at=NOW,
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in client.columns
            if not column.name.endswith("_at")
        },
    )
)
PROOF = ("jwks", "jwks_uri", "subject_dn", "thumbprints")
"""What a client proves itself by."""
ROTATED = Statement(
    update(client)
    .where(client.c.id == ID, client.c.disabled_at.is_(None))
    .values(changed_at=NOW, **{name: bindparam(f"new_{name}", type_=client.c[name].type) for name in PROOF})
    .returning(client.c.id)
)
DISABLED = Statement(
    update(client)
    .where(client.c.id == ID, client.c.disabled_at.is_(None))
    .values(changed_at=NOW, disabled_at=NOW)
    .returning(client.c.id)
)


async def find(link: Link, identifier: str) -> Record | None:
    """One client, disabled ones too."""
    return await FIND.row(link, id=identifier)


async def everyone(link: Link) -> list[Record]:
    """Every client, by id."""
    return await ALL.rows(link)


async def origins(link: Link) -> set[str]:
    """The origins of web pages that any client is registered for."""
    return set(await ORIGINS.value(link) or ())


async def add(link: Link, values: dict[str, object]) -> None:
    """Register a client; asyncpg's UniqueViolationError where its id is taken."""
    await ADDED.run(link, **values)


async def rotate(link: Link, identifier: str, proof: dict[str, object]) -> bool:
    """Put what a client proves itself by in the place of what it had; whether there is such a client."""
    new = {f"new_{name}": value for name, value in proof.items()}
    return await ROTATED.value(link, id=identifier, **new) is not None


async def disable(link: Link, identifier: str) -> bool:
    """Take a client's rights away; whether there was one that had them."""
    return await DISABLED.value(link, id=identifier) is not None
