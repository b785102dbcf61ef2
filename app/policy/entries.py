"""Search columns of references that the caller may not see (policy.md section 7, exits 5, 21 and 25).

A row flagged `filtered` holds references into its record that leave only as far as their targets may be seen. Its
search columns say no more than its body does: what is asked of them is asked of the references that are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, case, func, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.guard import JUDGES, RECORD, TARGETS, Binding, around, key_of, seen
from app.resources import DEFINITIONS
from app.storage.search import Has
from app.storage.statement import constant
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.resources.definition import Parameter
    from app.storage.search import Query
    from app.storage.search.match import Test

PAIR = "relationship"
CODE = "relation"
"""Parameters of DocumentReference that tell of `relatesTo` without being its reference."""
ANYTHING = (*TARGETS, "Binary", "List")


def told(resource_type: str) -> tuple[Parameter, ...]:
    """Parameters of a type whose values may betray what a filtered reference leads to."""
    definition = DEFINITIONS[resource_type]
    return tuple(p for p in definition.parameters if (p.path in definition.filtered and _leads_inside(p)) or _tells(p))


def _leads_inside(parameter: Parameter) -> bool:
    return parameter.targets != ("Patient",)


def _tells(parameter: Parameter) -> bool:
    return parameter.name in {PAIR, CODE} and parameter.path.startswith("relatesTo")


def asks(resource_type: str, test: Test) -> bool:
    """Whether a condition asks for such a value; what points at a row that is seen is told by its own."""
    return not isinstance(test, Has) and test.parameter in told(resource_type)


def wanted(query: Query) -> bool:
    """Whether a search looks at such a value, in a condition or in its order."""
    tests = [term.test for term in query.terms]
    return any(asks(query.type, test) for test in tests) or any(s.parameter in told(query.type) for s in query.sort)


def shown(resource_type: str, binding: Binding) -> FromClause:
    """The rows of a type, unguarded, with such columns less what may not be seen; the stored ones beside as `raw_…`."""
    row = TABLES[resource_type].alias()
    limited = {p.column: _left(p, row, binding) for p in told(resource_type)}
    columns: list[ColumnElement[Any]] = []
    for column in row.c:
        left = limited.get(column.name)
        columns += [column] if left is None else [left.label(column.name), column.label(f"raw_{column.name}")]
    rows = select(*columns).select_from(around(row, binding))
    return (rows.where(row.c.record == RECORD) if binding is Binding.ONE else rows).subquery()


def _left(parameter: Parameter, row: FromClause, binding: Binding) -> ColumnElement[Any]:
    column = "p_relationship" if parameter.name == CODE else parameter.column
    entry = func.unnest(row.c[column], type_=Text).column_valued("entry")
    value, reference = _read(parameter, entry)
    kinds = [kind for kind in parameter.targets or ANYTHING if kind in JUDGES and kind in TABLES]
    if parameter.name in {PAIR, CODE}:
        kinds = ["DocumentReference"]
    inside = func.starts_with(func.split_part(reference, constant("/"), 2), key_of(row, binding) + constant("."))
    left = select(value).where(or_(not_(inside), seen(reference, row, kinds, binding)))
    return case((row.c.filtered, func.array(left.scalar_subquery(), type_=ARRAY(Text))), else_=row.c[parameter.column])


def _read(parameter: Parameter, entry: ColumnElement[str]) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """What an entry says, and the reference that it says it of: `code$reference` and `reference$code` hold both."""
    if parameter.name not in {PAIR, CODE}:
        return entry, entry
    first, second = (func.split_part(entry, "$", number) for number in (1, 2))
    led = first.like("DocumentReference/%")
    code, reference = case((led, second), else_=first), case((led, first), else_=second)
    return (entry if parameter.name == PAIR else code), reference
