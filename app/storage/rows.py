"""Rows as they are written: what a column holds by default, and the statements that keep older versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, DateTime, Integer, Text, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage.fence import Unjudged, named
from app.storage.statement import Statement
from app.storage.tables import TABLES, version

if TYPE_CHECKING:
    from sqlalchemy import Table

    from app.resources.definition import Resource

PAST = datetime.min.replace(tzinfo=UTC)
FUTURE = datetime.max.replace(tzinfo=UTC)
"""How the driver writes -infinity and infinity."""


@cache
def _blank(table: Table) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.nullable or isinstance(column.type, ARRAY):
            values[column.name] = None if column.nullable else []
        elif isinstance(column.type, Boolean):
            values[column.name] = False
        elif isinstance(column.type, Integer):
            values[column.name] = 0
        elif isinstance(column.type, DateTime):
            values[column.name] = PAST
        elif isinstance(column.type, Text):
            values[column.name] = ""
    return values


def blank(table: Table) -> dict[str, Any]:
    """A value for each column: what it has when nothing is said."""
    return dict(_blank(table))


def instant(moment: datetime) -> str:
    """An instant as FHIR writes it, in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def later(moment: datetime, before: datetime = PAST) -> datetime:
    """The instant of a new version, in milliseconds as `meta.lastUpdated` has it, and after that of the old one."""
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return moment if moment > before else before + timedelta(milliseconds=1)


def stamp(tree: Resource, identifier: str, version_id: str, moment: datetime) -> None:
    """Give a tree its id and meta, after resourceType; what was sent in meta besides is kept."""
    meta = {"versionId": version_id, "lastUpdated": instant(moment)}
    sent = tree.pop("meta", {})
    meta.update({name: value for name, value in sent.items() if name not in meta})
    tree.pop("id", None)
    rest = [(name, value) for name, value in tree.items() if name != "resourceType"]
    kind = tree["resourceType"]
    tree.clear()
    tree.update({"resourceType": kind, "id": identifier, "meta": meta})
    tree.update(rest)


def said(resource_type: str, values: dict[str, Any]) -> tuple[str, ...]:
    """The columns of a row that hold more than the database puts there by itself: fewer parameters to send."""
    silent = _blank(TABLES[resource_type])
    return tuple([name for name, value in values.items() if name not in silent or value != silent[name]])


@lru_cache(maxsize=512)
def added(resource_type: str, names: tuple[str, ...]) -> Statement:
    """Inserts one row of these columns.

    A document or list whose master identifier the depositor used already inserts nothing.
    """
    table = TABLES[resource_type]
    given = {name: bindparam(name, type_=table.c[name].type) for name in names}
    row = insert(table).values(given)
    if "master_identifier" in table.c:
        taken = ["record", "depositor", "master_identifier"]
        row = upsert(table).values(given).on_conflict_do_nothing(index_elements=taken)
    return Statement(row.returning(table.c.id), Unjudged.ADDED)


@cache
def changed(resource_type: str) -> Statement:
    """Updates every column of one row but its key."""
    table = TABLES[resource_type]
    key = [column.name for column in table.primary_key]
    values = {c.name: bindparam(f"new_{c.name}", type_=c.type) for c in table.columns if c.name not in key}
    return Statement(update(table).where(*_is(table, key)).values(values), Unjudged.LOCKED)


@cache
def removed(resource_type: str) -> Statement:
    """Deletes one row."""
    table = TABLES[resource_type]
    return Statement(delete(table).where(*_is(table, [column.name for column in table.primary_key])), Unjudged.LOCKED)


def _is(table: Table, key: list[str]) -> list[Any]:
    return [table.c[name] == bindparam(name, type_=Text) for name in key]


@cache
def kept(resource_type: str) -> Statement:
    """Copies the current row to the older versions."""
    table = TABLES[resource_type]
    key = [column.name for column in table.primary_key]
    own = {"type": literal(resource_type), "record": table.c.record if "record" in key else literal("")}
    names = [c.name for c in version.columns if c.name in own or c.name in table.c]
    rows = select(*[own[name] if name in own else table.c[name] for name in names]).where(*_is(table, key))
    if "record" in key:
        rows = rows.where(named(record=bindparam("record", type_=Text)))
    return Statement(insert(version).from_select(names, rows), Unjudged.LOCKED)


CLOCK = Statement(select(func.carnet.now()))
"""The only clock of the policy."""

DELETION = Statement(insert(version), Unjudged.ADDED)
"""Adds a deletion to the versions of a resource."""
