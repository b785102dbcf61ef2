"""What a contained author is called stands in the column of the reference to him: rows that are there get it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from alembic import op

from app.resources import DEFINITIONS
from app.resources.definition import Search
from app.resources.extraction import INSIDE, extract
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PORTION = 500
CONTAINED = b'"contained":'


def upgrade() -> None:
    bind = op.get_bind()
    for kind, table in TABLES.items():
        columns = [p.column for p in DEFINITIONS[kind].parameters if p.type is Search.REFERENCE]
        there = {column["name"] for column in sa.inspect(bind).get_columns(table.name)}
        columns = [name for name in columns if name in there]
        for row in _rows(bind, kind, columns) if columns else ():
            changed = _changed(kind, row, columns)
            if changed:
                keys = [column == getattr(row, column.name) for column in table.primary_key]
                bind.execute(sa.update(table).where(*keys).values(changed))


def downgrade() -> None:
    """What is found more by is no harm."""


def _rows(bind: Connection, kind: str, columns: list[str]) -> Iterator[Row[Any]]:
    """Every row that holds a contained resource, by key."""
    table = TABLES[kind]
    keys = sa.tuple_(*table.primary_key)
    portion = sa.select(*table.primary_key, table.c.body, *[table.c[name] for name in columns])
    portion = portion.order_by(*table.primary_key).limit(PORTION)
    found = bind.execute(portion).all()
    while found:
        yield from (row for row in found if CONTAINED in row.body)
        last = [sa.literal(getattr(found[-1], column.name)) for column in table.primary_key]
        found = bind.execute(portion.where(keys > sa.tuple_(*last))).all()


def _changed(kind: str, row: Row[Any], columns: list[str]) -> dict[str, list[str]]:
    """The columns that get names."""
    found: dict[str, Any] = extract(DEFINITIONS[kind], orjson.loads(row.body), {})
    changed: dict[str, list[str]] = {}
    for name in columns:
        stored = list(getattr(row, name))
        more = [one for one in found[name] if one.startswith(INSIDE) and one not in stored]
        if more:
            changed[name] = stored + more
    return changed
