"""Reach: a wide condition that indexes serve, for statements across records. Whatever is permitted is in reach.

It names records, not rows: those to which the caller has a relation, in which he deposited, or whose Consents and Tasks
name him. They are gathered first, by index, and the rows of their records are found by primary key.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.policy.facts import (
    DEPOSITOR,
    HOLDER_OF,
    STRUCTURE,
    SUBJECT,
    Condition,
    Flag,
    Relation,
    bit,
    relations_toward,
)
from app.storage.fence import named, settings
from app.storage.statement import constant
from app.storage.tables import TABLES, record
from app.storage.ways import consent_way, deposit_ways, named_ways, relation_way, task_way

if TYPE_CHECKING:
    from sqlalchemy import CTE, ColumnElement, FromClause, Select

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
PERSONAL = frozenset({"Consent", "AuditEvent", "Task"})
"""Types that no authorisation and no emergency shows: seen by who is named, or as holder, representative or treating
physician (Tasks by who is named alone). A doctor of a hospital reaches few of their records, and many of the others."""
NAMING = frozenset({"Consent", "List", "Provenance"})
"""Types seen because a Consent names the caller: itself, or a list of it."""


RECORD = bindparam("record", type_=Text)
RELATED = (
    Flag.HOLDER | Flag.REPRESENTS | Flag.TREATING | Flag.FULL_ACCESS | Flag.AUTHORISED | Flag.WINDOW
    | Flag.REGULATOR | Flag.OPERATOR | Flag.OPENING
)  # fmt: skip
"""Without one of these nothing of a record is permitted but what is the caller's own in it, and the reduced Patient."""


def within_reach() -> Condition:
    """Lets a statement bound to one record at its rows; without a relation to it, at the caller's own and the identity.

    Whatever is permitted is among them, and nothing here permits: rules may be wrong, and still show no stranger a row.
    """
    own = settings(record=constant(""), identity=RECORD, depositor=DEPOSITOR, subject=SUBJECT, structure=STRUCTURE)
    gate = case((bit(RELATED), settings(record=RECORD)[0]), else_=func.concat(*own))
    return select(gate).scalar_subquery().is_not(None)


def names_caller(names: ColumnElement[list[str]]) -> Condition:
    """Whether an array of keys names the caller, as a GIN index serves it."""
    return names.contains(cast(array([SUBJECT]), ARRAY(Text)))


def _deposited(kind: str) -> Select[tuple[str]]:
    row = deposit_ways[TABLES[kind].name]
    # Between, and not equal: no plan knows who deposited, and where few people made many deposits one of them counts as
    # so many rows that PostgreSQL would rather skip through all of the unique index, which begins with the record.
    return select(row.c.record).where(row.c.depositor.between(DEPOSITOR, DEPOSITOR))


def _named() -> Select[tuple[str]]:
    return select(consent_way.c.record).where(names_caller(consent_way.c.names))


def _tasked() -> Select[tuple[str]]:
    row = task_way
    return select(row.c.record).where(
        or_(*[key == whom for key in (row.c.requester, row.c.owner) for whom in (SUBJECT, STRUCTURE)])
    )


def _personal() -> Select[tuple[str]]:
    kinds = [relation_way.c.kind == constant(kind.value) for kind in (Relation.REPRESENTS, Relation.TREATING)]
    return select(relation_way.c.record).where(relation_way.c.subject == SUBJECT, or_(*kinds))


def _records(resource_type: str) -> list[Select[tuple[str]]]:
    if resource_type == "Task":
        return [_tasked()]
    ways: list[Select[tuple[str]]] = [select(HOLDER_OF)]
    if resource_type in PERSONAL:
        ways.append(_personal())
    else:
        ways.append(select(relation_way.c.record).where(relation_way.c.subject == func.any(REACH)))
        ways.append(select(record.c.id).where(bit(Flag.REGULATOR)))  # every record is his, unless it is opposed
    ways += [_deposited(kind) for kind in DEPOSITED.get(resource_type, ())]
    if resource_type in NAMING:
        ways.append(_named())
    return ways


@cache
def _gathered(resource_type: str) -> CTE:
    """Keys of the records in reach, found once for a statement however often it looks at that type."""
    ways = _records(resource_type)
    found = union(*ways) if len(ways) > 1 else ways[0]
    return select(func.array(found.scalar_subquery(), type_=ARRAY(Text)).label("found")).cte(f"reach_{resource_type}")


def _fenced(resource_type: str, within: CTE) -> Condition:
    """Lets the rest of a statement at the records within reach, and at what belongs to the caller and to no record.

    They are added to those that the statement reaches for other types: each type is read after its own are there.
    """
    keys = func.array_to_string(func.array_remove(within.c.found, ""), " ")
    more = func.concat_ws(" ", func.current_setting("carnet.reach", true()), keys)
    reach = select(case((bit(Flag.REGULATOR), literal("*")), else_=more)).scalar_subquery()
    own = {"AuditEvent": {"subject": SUBJECT}, "Binary": {"depositor": DEPOSITOR}}.get(resource_type, {})
    return named(reach=reach, **own)


def _limited(row: FromClause) -> Condition:
    return LIMIT.in_([constant(""), row.c.record])


def in_reach(row: FromClause, resource_type: str) -> Condition:
    """Whether a row may be permitted: a superset of what is, chosen by index."""
    gathered = cast(select(_gathered(resource_type).c.found).scalar_subquery(), ARRAY(Text))
    inside = and_(row.c.record == func.any(gathered), _limited(row))
    there = or_(row.c.subject == SUBJECT, inside) if resource_type == "AuditEvent" else inside
    return and_(_fenced(resource_type, _gathered(resource_type)), there)


def let_in(row: FromClause, resource_type: str) -> Condition:
    """The same for a row that was joined with `NEAR`, which is where its records were chosen."""
    return and_(_fenced(resource_type, _gathered(resource_type)), _limited(row))


@dataclass(frozen=True, slots=True)
class Lead:
    """What leads to a few rows wherever they lie: the `values` of a condition on ids, or else on identifiers."""

    values: ColumnElement[list[str]]
    by_id: bool = False


def _asked(resource_type: str, lead: Lead) -> CTE:
    """Ids that are asked for and the records that they are in, seen or not: keys alone, found by index.

    An id says its record. An identifier that fewer rows of others have than it has values brings the record of somebody
    beside, so that one which is nowhere takes as many looks as one which is in a record that the caller does not reach.
    """
    name = f"reach_asked_{resource_type}"
    if lead.by_id:
        one = func.unnest(lead.values, type_=Text).column_valued("one")
        keys = select(func.split_part(one, constant("."), 1))
        return select(func.array(keys.scalar_subquery()).label("records"), lead.values.label("ids")).cte(name)
    way = named_ways[TABLES[resource_type].name]
    meets = way.c.p_identifier.overlap(lead.values)
    others = func.count().filter(way.c.depositor != DEPOSITOR)
    found = select(
        func.array_agg(way.c.record).label("records"), func.array_agg(way.c.id).label("ids"), others.label("others")
    ).where(meets)
    there = found.cte(f"reach_found_{resource_type}")
    beside = way.alias()
    place = func.md5(func.array_to_string(lead.values, constant("")))
    some = (
        select(beside.c.record)
        .where(beside.c.record > place, not_(beside.c.p_identifier.overlap(lead.values)))
        .order_by(beside.c.record)
        .limit(select(func.greatest(func.cardinality(lead.values) - there.c.others, constant(0))).scalar_subquery())
    )
    return select(
        func.array_cat(there.c.records, func.array(some.scalar_subquery())).label("records"), there.c.ids
    ).cte(name)


def led(row: FromClause, resource_type: str, lead: Lead) -> Condition:
    """Whether a row is one that is asked for and may be permitted: those asked for come first, then what is in reach.

    Nothing is gathered of all that the caller reaches; the ways to a record are those of other searches. The rows are
    found by primary key. Were the condition that leads to them on the row as well, a plan might begin with it, and
    judge what is in no record within reach.
    """
    asked = _asked(resource_type, lead)
    keys = cast(select(asked.c.records).scalar_subquery(), ARRAY(Text))
    ways = [way.where(way.selected_columns[0] == func.any(keys)) for way in _records(resource_type)]
    found = union(*ways) if len(ways) > 1 else ways[0]
    within = select(func.array(found.scalar_subquery(), type_=ARRAY(Text)).label("found"))
    inside = within.cte(f"reach_led_{resource_type}")
    reached = cast(select(inside.c.found).scalar_subquery(), ARRAY(Text))
    pairs = select(func.unnest(asked.c.records).label("record"), func.unnest(asked.c.ids).label("id")).subquery("pair")
    rows = select(pairs.c.record, pairs.c.id).where(pairs.c.record == func.any(reached))
    return and_(_fenced(resource_type, inside), tuple_(row.c.record, row.c.id).in_(rows), _limited(row))


def _near() -> CTE:
    """Each record in reach by any type that a caller may reach many of, its state, the caller's relations to it.

    It is MATERIALIZED, and what it is joined with is found by the record: so it is made once for a statement, a record
    costs one look at its relations however many rows it has, and no plan asks it row by row.
    """
    kinds = ("DocumentReference", "List", "Provenance")
    ways = {str(way): way for kind in kinds for way in _records(kind)}
    keys = func.unnest(func.array(union(*ways.values()).scalar_subquery(), type_=ARRAY(Text)), type_=Text)
    key = select(keys.label("id")).subquery("key")
    toward = relations_toward(record.c.id)
    found = select(record.c.id, record.c.status, toward.c.relations)
    joined = found.select_from(key).join(record, record.c.id == key.c.id).join(toward, true())
    return joined.cte("near").prefix_with(literal_column("MATERIALIZED"))


NEAR = _near()


def near(flag: Flag) -> Condition:
    """A relation fact of the record that a row was joined with."""
    return bit(flag, NEAR.c.relations)
