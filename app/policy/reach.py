"""Reach: a wide condition that indexes serve, for statements across records. Whatever is permitted is in reach.

It names records, not rows: those to which the caller has a relation, in which he deposited, or whose Consents and Tasks
name him. They are gathered first, by index, and the rows of their records are found by primary key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, bindparam, cast, func, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.policy.facts import DEPOSITOR, HOLDER_OF, STRUCTURE, SUBJECT, Condition, Flag, bit
from app.storage.statement import constant
from app.storage.tables import TABLES, record, relation

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

REACH = bindparam("reach", type_=ARRAY(Text))
"""Keys by which a relation may cover the caller."""
LIMIT = bindparam("limit", type_=Text)
"""The only record that the caller's token reaches (SMART launch context), "" for any."""
DEPOSITED = {
    "DocumentReference": ("DocumentReference",),
    "Binary": ("Binary", "DocumentReference"),
    "List": ("List", "DocumentReference"),
    "Provenance": ("Provenance", "DocumentReference"),
}
"""Types seen by their depositor, or for a document of his that they are of."""
NAMING = frozenset({"Consent", "List", "Provenance"})
"""Types seen because a Consent names the caller: itself, or a list of it."""


def _deposited(kind: str) -> Select[tuple[str]]:
    row = TABLES[kind].alias()
    return select(row.c.record).where(row.c.depositor == DEPOSITOR)


def names_caller(names: ColumnElement[list[str]]) -> Condition:
    """Whether an array of keys names the caller, as a GIN index serves it."""
    return names.contains(cast(array([SUBJECT]), ARRAY(Text)))


def _named() -> Select[tuple[str]]:
    will = TABLES["Consent"].alias()
    return select(will.c.record).where(names_caller(will.c.names))


def _tasked() -> Select[tuple[str]]:
    task = TABLES["Task"].alias()
    return select(task.c.record).where(
        or_(task.c.requester == SUBJECT, task.c.owner == SUBJECT, task.c.owner == STRUCTURE)
    )


def _records(resource_type: str) -> list[Select[tuple[str]]]:
    ways = [
        select(relation.c.record).where(relation.c.subject == func.any(REACH)),
        select(HOLDER_OF),
        select(record.c.id).where(bit(Flag.REGULATOR)),  # every record is his, unless it is opposed
    ]
    ways += [_deposited(kind) for kind in DEPOSITED.get(resource_type, ())]
    if resource_type in NAMING:
        ways.append(_named())
    if resource_type == "Task":
        ways.append(_tasked())
    return ways


def in_reach(row: FromClause, resource_type: str) -> Condition:
    """Whether a row may be permitted: a superset of what is, chosen by index."""
    gathered = func.array(union(*_records(resource_type)).scalar_subquery(), type_=ARRAY(Text))
    limited = LIMIT.in_([constant(""), row.c.record])
    inside = and_(row.c.record == func.any(gathered), limited)
    return or_(row.c.subject == SUBJECT, inside) if resource_type == "AuditEvent" else inside
