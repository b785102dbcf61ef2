"""Strings are folded as French needs, and what a code reads is kept beside it: rows that are there get both.

Bodies are read again, in portions by key, and only what is found otherwise is written. Columns that this schema does
not have yet are left to the migration that adds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from alembic import op

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Search
from app.resources.extraction import TEXT, TYPED, extract
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row, Table

    from app.resources.definition import Definition

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PORTION = 500
MARKS = (TEXT, TYPED)


def upgrade() -> None:
    bind = op.get_bind()
    for kind, table in TABLES.items():
        there = {column["name"] for column in sa.inspect(bind).get_columns(table.name)}
        for row in _rows(bind, table):
            changed = _changed(DEFINITIONS[kind], row, there)
            if changed:
                keys = [column == getattr(row, column.name) for column in table.primary_key]
                bind.execute(sa.update(table).where(*keys).values(changed))


def downgrade() -> None:
    """What is found more by is no harm."""


def _rows(bind: Connection, table: Table) -> Iterator[Row[Any]]:
    """Every row that was not deleted, by key."""
    keys = sa.tuple_(*table.primary_key)
    wanted = [table.c.body, *[c for c in table.c if c.name.startswith("p_")]]
    there = {column["name"] for column in sa.inspect(bind).get_columns(table.name)}
    columns = [*table.primary_key, *[c for c in wanted if c.name in there]]
    portion = sa.select(*columns).order_by(*table.primary_key).limit(PORTION)
    found = bind.execute(portion).all()
    while found:
        yield from found
        last = [sa.literal(getattr(found[-1], column.name)) for column in table.primary_key]
        found = bind.execute(portion.where(keys > sa.tuple_(*last))).all()


def _changed(definition: Definition, row: Row[Any], there: set[str]) -> dict[str, list[str]]:
    """The columns of strings and tokens that are found otherwise now, of those that the table has."""
    if not row.body.startswith(b"{"):
        return {}
    found = extract(definition, orjson.loads(row.body), {})
    changed: dict[str, list[str]] = {}
    for parameter in (*definition.parameters, *COMMON):
        if parameter.column not in there or parameter.type not in {Search.STRING, Search.TOKEN}:
            continue
        stored, now = getattr(row, parameter.column), list(found[parameter.column])  # type: ignore[call-overload]
        if parameter.type is Search.TOKEN:
            now = stored + [one for one in now if one.startswith(MARKS) and one not in stored]
        if now != stored:
            changed[parameter.column] = now
    return changed
