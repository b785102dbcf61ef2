"""The policy explained: what the rules say of callers who are not here, now or later, or after a change.

The expressions are those that decide a read (`facts.standing_select`, `rules.reason`): of them only the parameters that
name the caller, and the clock, are replaced by columns. So PostgreSQL evaluates the same rules for many hypothetical
callers in one statement, and nothing here repeats one of them.

What a representative may not know of stands outside: relations that a Consent of a secret connection makes are not
there for him, as that Consent is not (policy.md section 4). What is judged are the documents that the caller himself
sees, and no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import replacement_traverse

from app.policy.facts import NOW, Flag, Relation, bit, caller_flags, caller_values, facts, standing_select
from app.policy.guard import RECORD, Binding, visible
from app.policy.rules import DOCUMENT, reason
from app.policy.standing import fresh, newest_matrix
from app.storage.fence import Unjudged
from app.storage.statement import Statement, constant
from app.storage.tables import TABLES, record, relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import CTE, ColumnElement, FromClause, Select, Subquery

    from app.access import Access
    from app.policy.facts import Condition
    from app.policy.matrix import Matrix
    from app.settings import Settings

NONE = Flag(0)
SOMEBODY = "somebody|"
"""Subject of a caller who is nobody in particular: no relation and no deposit is his."""
PERSONAL = ("person|", "related|")
"""Subjects that are one person."""
TELLERS = frozenset({"holder", "representative", "treating-physician"})
"""Reasons by which a caller sees that let him know who else sees: those that let him see the Consents, which say it
(policy.md section 4)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could change about a verdict: flags gained and lost, and what the labels would say.

    `masked` and `hidden` are None where they stay as they are. `kind` is the relation that it makes or ends.
    """

    name: str
    gains: Flag = NONE
    loses: Flag = NONE
    masked: bool | None = None
    hidden: bool | None = None
    announced: bool = False
    kind: Relation | None = None
    by_name: bool = False
    """it is about one person, and not about a group"""

    def __and__(self, other: Change) -> Change:
        """Both at once."""
        return Change(
            f"{self.name} {other.name}",
            self.gains | other.gains,
            self.loses | other.loses,
            self.masked if other.masked is None else other.masked,
            self.hidden if other.hidden is None else other.hidden,
            self.announced or other.announced,
        )


NOTHING_CHANGED = Change("")
OPENING_UP: tuple[Change, ...] = (
    Change("unblock", loses=Flag.BLOCKED, kind=Relation.BLOCKED, by_name=True),
    Change("unmask", masked=False),
    Change("show", hidden=False),
    Change("announce", announced=True),
    Change("authorise", gains=Flag.AUTHORISED),
    Change("give-full-access", gains=Flag.FULL_ACCESS, by_name=True),
    Change("allow-break-glass", loses=Flag.BREAK_GLASS_OPPOSED, kind=Relation.OPPOSED),
    Change("allow-regulation", loses=Flag.REGULATION_OPPOSED, kind=Relation.OPPOSED),
    Change("break-glass", gains=Flag.WINDOW, by_name=True),
)
"""What may turn a denial into a permit, alone or two at once."""
CLOSING_DOWN: tuple[Change, ...] = (
    Change("block", gains=Flag.BLOCKED, by_name=True),
    Change("mask", masked=True),
    Change("hide", hidden=True),
    Change("end-authorisation", loses=Flag.AUTHORISED, kind=Relation.AUTHORISED),
    Change("end-full-access", loses=Flag.FULL_ACCESS, kind=Relation.FULL_ACCESS, by_name=True),
    Change("change-treating-physician", loses=Flag.TREATING, kind=Relation.TREATING, by_name=True),
    Change("end-representation", loses=Flag.REPRESENTS, kind=Relation.REPRESENTS, by_name=True),
    Change("oppose-break-glass", gains=Flag.BREAK_GLASS_OPPOSED),
    Change("oppose-regulation", gains=Flag.REGULATION_OPPOSED),
)
"""What may turn a permit into a denial."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A caller who is not here, as his token would say; `gains` are flags that he has besides."""

    access: Access
    gains: Flag = NONE

    def row(self, place: int, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """His row among the callers of a statement."""
        values = caller_values(self.access)
        return {
            "place": place,
            "subject": values["subject"],
            "structure": values["structure"],
            "groups": values["groups"],
            "holder_of": values["holder_of"],
            "flags": int(caller_flags(self.access, settings) | self.gains),
            "matrix": f"\\x{matrix.values(self.access.profession)['matrix'].hex()}",
        }


def callers(hypotheses: Iterable[Hypothesis], settings: Settings, matrix: Matrix) -> str:
    """The parameter `callers` of a statement: its rows are numbered in this order."""
    return json.dumps([one.row(place, settings, matrix) for place, one in enumerate(hypotheses)])


def changes(tried: Iterable[Change]) -> str:
    """The parameter `changes` of a statement, in this order."""
    return json.dumps(
        [
            {
                "place": place,
                "gains": int(one.gains),
                "loses": int(one.loses),
                "masked": one.masked,
                "hidden": one.hidden,
                "announced": one.announced,
            }
            for place, one in enumerate(tried)
        ]
    )


AT_ONCE: ColumnElement[Any] = literal_column("MATERIALIZED")
"""A part of a statement that is evaluated once, whatever reads it."""
CALLER: dict[str, Any] = {
    "place": Integer,
    "subject": Text,
    "structure": Text,
    "groups": ARRAY(Text),
    "holder_of": Text,
    "flags": Integer,
    "matrix": BYTEA,
}
CHANGE: dict[str, Any] = {
    "place": Integer,
    "gains": Integer,
    "loses": Integer,
    "masked": Boolean,
    "hidden": Boolean,
    "announced": Boolean,
}
INSTEAD = {
    "subject": "caller.subject",
    "depositor": "caller.subject",
    "structure": "caller.structure",
    "groups": "caller.groups",
    "holder_of": "caller.holder_of",
    "flags": "caller.flags",
    "matrix": "caller.matrix",
}
"""The column of a hypothetical caller that stands for each parameter of a real one.

They are written as text, so that a sub-select takes them from wherever it stands."""


def hypothetical(expression: Any, moment: str, **more: str) -> Any:  # noqa: ANN401 - whatever goes in comes out
    """The same expression about the caller of the row `caller`, at the instant that the column `moment` holds."""
    columns = INSTEAD | more

    def replace(element: Any, **_: Any) -> Any:  # noqa: ANN401 - any part of an expression
        if isinstance(element, BindParameter) and element.key in columns:
            return literal_column(columns[element.key], element.type)
        if isinstance(element, FunctionElement) and element.compare(NOW):
            return literal_column(moment, DateTime(timezone=True))
        return None

    return replacement_traverse(expression, {}, replace)


def _given(name: str, columns: Mapping[str, Any], alias: str) -> FromClause:
    """The rows of a JSON parameter."""
    rows = func.jsonb_to_recordset(cast(bindparam(name, type_=Text), JSONB))
    made = rows.table_valued(*[column(n, kind) for n, kind in columns.items()])
    return made.render_derived(name=alias, with_types=True)


def known(row: FromClause) -> Condition:
    """Whether the caller may know of a relation of his record: not a representative, of what was made in secret."""
    will = TABLES["Consent"].alias()
    secret = (
        select(constant("Consent/") + will.c.id)
        .where(will.c.record == RECORD, will.c.secret)
        .correlate(None)
        .scalar_subquery()
    )
    return not_(and_(bit(Flag.REPRESENTS), row.c.source == func.any(func.array(secret, type_=ARRAY(Text)))))


def _relations() -> CTE:
    """The relations of the record that the caller may know of, less those of people who are not asked about.

    It has the name of their table, which it stands before: every sub-select of the facts reads it in its place. What
    names another person bears on nobody else, and each of those sub-selects would read it for each of the callers.
    """
    asked = _given("callers", {"subject": Text}, "named")
    personal = or_(*[func.starts_with(relation.c.subject, one) for one in PERSONAL])
    his = or_(not_(personal), relation.c.subject.in_(select(asked.c.subject)))
    rows = select(relation).where(relation.c.record == RECORD, known(relation), his)
    return rows.cte("relation").prefix_with(AT_ONCE)


def _held() -> CTE:
    """The documents asked about that the caller himself sees, those alike in every fact taken together.

    Who deposited them is a fact where he is one of the callers, and else nobody's.
    """
    row = visible("DocumentReference", Binding.ONE)[1].subquery()
    wanted = or_(bindparam("every", type_=Boolean), row.c.id == func.any(bindparam("documents", type_=ARRAY(Text))))
    asked = _given("callers", {"subject": Text}, "asked")
    depositor = case((row.c.depositor.in_(select(asked.c.subject)), row.c.depositor), else_=constant(""))
    facts_of = [row.c[name] for name in ("withdrawn", "announce_at", "hidden", "masked", "kind")]
    one = select(row.c.id, *facts_of, depositor.label("depositor")).where(wanted).subquery()
    alike = [fact for fact in one.c if fact.name != "id"]
    rows = select(*alike, func.array_agg(one.c.id, type_=ARRAY(Text)).label("ids")).group_by(*alike)
    return rows.cte("held").prefix_with(AT_ONCE)


def _moments(held: CTE | None) -> FromClause:
    """Now, and where they are asked for the later instants at which something changes for the caller of the row."""
    now = NOW.label("at")
    row = relation.alias()
    his = or_(
        row.c.subject == literal_column("caller.subject", Text),
        row.c.subject == func.any(literal_column("caller.groups", ARRAY(Text))),
        func.starts_with(row.c.subject, "team|"),
    )
    later = [
        select(edge).where(bindparam("later", type_=Boolean), his, edge > NOW, func.isfinite(edge))
        for edge in (row.c.starts, row.c.ends)
    ]
    if held is not None:
        edge = held.c.announce_at
        later.append(select(edge).where(bindparam("later", type_=Boolean), edge > NOW))
    return union(select(now), *later).lateral("moment")


def _callers(held: CTE | None) -> CTE:
    """Each hypothetical caller at each moment, with his standing in the record."""
    given = _given("callers", CALLER, "caller")
    moment = _moments(held)
    standing = hypothetical(standing_select(), "moment.at").lateral("standing")
    flags = given.c.flags.op("|")(standing.c.relations).label("flags")
    columns = [given.c[name] for name in CALLER if name != "flags"]
    rows = select(*columns, flags, moment.c.at, standing.c.status).select_from(
        given.join(moment, true()).join(standing, true())
    )
    return rows.cte("caller").prefix_with(AT_ONCE)


def _tried(held: CTE) -> Subquery:
    """Each kind of document after each change."""
    change = _given("changes", CHANGE, "change")
    at_once = cast(literal_column("'-infinity'"), DateTime(timezone=True))
    return (
        select(
            held.c.ids,
            held.c.withdrawn,
            held.c.kind,
            held.c.depositor,
            func.coalesce(change.c.masked, held.c.masked).label("masked"),
            func.coalesce(change.c.hidden, held.c.hidden).label("hidden"),
            case((change.c.announced, at_once), else_=held.c.announce_at).label("announce_at"),
            change.c.place.label("change"),
            change.c.gains,
            change.c.loses,
        )
        .select_from(held.join(change, true()))
        .subquery("tried")
    )


@cache
def verdicts(*, documents: bool) -> Statement:
    """The reason code of every hypothetical caller, at every moment, of every document after every change.

    Without `documents`: of a document that nothing keeps from anyone, which tells his relation to the record.
    Parameters besides the caller's own: `callers`, `changes` and `later`; `documents` (ids) and `every`. There is one
    row at least, which says whether the standing was `fresh`.
    """
    held = _held() if documents else None
    caller = _callers(held)
    tried = _tried(held) if held is not None else None
    columns: list[Any] = [caller.c.place, caller.c.at, caller.c.flags]
    joined: FromClause = caller
    if tried is not None:
        columns += [tried.c.ids, tried.c.change]
        joined = caller.join(tried, true())
    judged = reason(DOCUMENT, facts(caller.c.status, tried))
    flags = "((caller.flags | tried.gains) & ~tried.loses)" if documents else "caller.flags"
    why = hypothetical(judged, "caller.at", flags=flags)
    judging = _always(select(*columns, why.label("reason")).select_from(joined).subquery("judged"))
    return Statement(judging, Unjudged.FACT)


def _always(judged: Subquery) -> Select[Any]:
    head: list[Any] = [fresh().label("fresh"), newest_matrix().label("matrix_version")]
    rows = select(*head, *judged.c).select_from(record.outerjoin(judged, true())).where(record.c.id == RECORD)
    return rows.order_by(judged.c.at).add_cte(_relations())


def _tie_columns() -> list[ColumnElement[Any]]:
    return [relation.c[name] for name in ("kind", "subject", "within", "source", "starts", "ends")]


TIES = Statement(
    select(*_tie_columns())
    .where(relation.c.record == RECORD, relation.c.ends > NOW, known(relation))
    .order_by(relation.c.kind, relation.c.subject, relation.c.source),
    Unjudged.FACT,
)
"""The relations of a record, of today and to come, that the caller may know of."""


@cache
def depositors() -> Statement:
    """Who deposited the documents asked about that the caller sees."""
    row = visible("DocumentReference", Binding.ONE)[1].subquery()
    asked = row.c.id == func.any(bindparam("documents", type_=ARRAY(Text)))
    return Statement(select(row.c.depositor).where(asked).distinct())
