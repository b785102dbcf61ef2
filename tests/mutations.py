"""Small changes of a rule that a test must notice: of a table, of a condition, of a comparison."""

from __future__ import annotations

import operator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, ColumnClause, ColumnElement, Select, column, false, not_, true
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList

from app.policy.facts import Facts, Flag
from app.policy.rules import DENY, PERMIT, Rule
from app.policy.writes import BROKEN, FORBIDDEN, Refuse, Situation
from app.storage.statement import constant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Condition = ColumnElement[bool]

TURNED: dict[Any, tuple[Any, ...]] = {
    operator.lt: (operator.le, operator.gt),
    operator.le: (operator.lt, operator.ge),
    operator.gt: (operator.ge, operator.lt),
    operator.ge: (operator.gt, operator.le),
}
"""A comparison of order, and what it may be mistaken for."""


# of an expression


def parts(expression: Any) -> Iterator[tuple[str, Any, Any]]:
    """What may be changed in an expression: what it is, the element, and what stands there instead."""
    for element in visitors.iterate(expression):
        if isinstance(element, BooleanClauseList) and element.operator is operators.and_:
            yield from (("conjunct dropped", clause, true()) for clause in element.clauses)
        elif isinstance(element, BooleanClauseList) and element.operator is operators.or_:
            yield from (("disjunct dropped", clause, false()) for clause in element.clauses)
        elif isinstance(element, Select):
            inner = [one for one in element.get_children() if isinstance(one, ColumnElement)]
            inner = [one for one in inner if isinstance(one.type, Boolean)]
            yield from (("condition dropped", one, true()) for one in inner if len(inner) > 1)
        elif isinstance(element, BinaryExpression):
            yield from _compared(element)


def _compared(element: BinaryExpression[Any]) -> Iterator[tuple[str, Any, Any]]:
    for other in TURNED.get(element.operator, ()):
        turned = BinaryExpression(element.left, element.right, other, type_=element.type)
        yield f"comparison turned to {other.__name__}", element, turned
    if getattr(element.operator, "opstring", "") == "&" and isinstance(element.right, ColumnClause):
        bits = Flag(int(element.right.name))
        for bit in bits if len(bits) > 1 else ():
            yield f"{bit.name} dropped", element.right, constant(int(bits & ~bit))


def changed(expression: Any) -> Iterator[tuple[str, Any]]:
    """Every change of one part: what was changed, and the expression with it."""
    seen: set[str] = set()
    for number, (what, element, instead) in enumerate(parts(expression)):
        name = f"{what}: {' '.join(str(element).split())[:60]}"
        name = f"{name} ({number})" if name in seen else name
        seen.add(name)

        def other(found: Any, element: Any = element, instead: Any = instead, **_: object) -> Any:
            return instead if found is element else None

        yield name, _replaced(expression, other)


def _replaced(expression: Any, by: Callable[..., Any]) -> Any:
    return visitors.replacement_traverse(expression, {}, by)


# of a condition over facts

READ = Facts(**{one.name: column(f"read_{one.name}", Boolean) for one in fields(Facts)})
"""Each fact as a mark, so that a condition is changed and the facts that it reads are left alone."""
MARKS = Situation(read=READ, **{one.name: column(one.name, Boolean) for one in fields(Situation) if one.name != "read"})


def conditions(when: Callable[[Any], Condition], marks: Any) -> Iterator[tuple[str, Callable[[Any], Condition]]]:
    """A condition negated, and each conjunct and disjunct of it dropped."""
    yield "negated", lambda facts: not_(when(facts))
    for what, mutant in changed(when(marks)):
        yield what, lambda facts, mutant=mutant: _filled(mutant, facts)  # type: ignore[misc]


def _filled(marked: Condition, facts: Any) -> Condition:
    """A condition over marks, with the facts themselves."""
    read = facts.read if isinstance(facts, Situation) else facts

    def fact(found: Any, **_: object) -> Any:
        if not isinstance(found, ColumnClause) or found.table is not None:
            return None
        name = found.name
        return (
            getattr(read, name.removeprefix("read_"), None) if name.startswith("read_") else getattr(facts, name, None)
        )

    filled: Condition = _replaced(marked, fact)
    return filled


# of a table


def tables(table: tuple[Rule, ...]) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    """A table of rules with one rule dropped, two neighbours swapped, a verdict turned, or a condition changed."""
    for n, rule in enumerate(table):
        yield f"{rule.name} dropped", table[:n] + table[n + 1 :]
        other = DENY if rule.verdict is PERMIT else PERMIT
        yield f"{rule.name} turned", (*table[:n], replace(rule, verdict=other), *table[n + 1 :])
    for n in range(len(table) - 1):
        first, second = table[n : n + 2]
        yield f"{first.name} and {second.name} swapped", (*table[:n], second, first, *table[n + 2 :])
        for what, when in conditions(first.when, READ):
            yield f"{first.name}: {what}", (*table[:n], replace(first, when=when), *table[n + 1 :])


def refusals(table: tuple[Refuse, ...]) -> Iterator[tuple[str, tuple[Refuse, ...]]]:
    """An act's refusals with one dropped, two neighbours swapped, a weight turned, or a condition changed."""
    for n, one in enumerate(table):
        yield f"{one.name} dropped", table[:n] + table[n + 1 :]
        other = BROKEN if one.weight is FORBIDDEN else FORBIDDEN
        yield f"{one.name} of another weight", (*table[:n], replace(one, weight=other), *table[n + 1 :])
        for what, when in conditions(one.when, MARKS):
            yield f"{one.name}: {what}", (*table[:n], replace(one, when=when), *table[n + 1 :])
    for n in range(len(table) - 1):
        yield f"{table[n].name} and {table[n + 1].name} swapped", (*table[:n], table[n + 1], table[n], *table[n + 2 :])
