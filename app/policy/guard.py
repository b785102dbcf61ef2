"""The guard: how each resource type is judged, and the selects that hold only what the caller may see.

Every type says here how the policy judges its rows. A statement is bound in one of two ways: to one record, with the
caller's standing as flags (`ONE`), or across records, with relations looked up for each row (`MANY`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, case, exists, false, func, not_, or_, select

from app.policy import trail
from app.policy.ceiling import BEYOND, within
from app.policy.facts import DEPOSITOR, STRUCTURE, SUBJECT, Condition, Facts, Related, among, bit, facts, live
from app.policy.reach import NEAR, in_reach, let_in, near, within_reach
from app.policy.rules import AUDIT, CONSENT, DOCUMENT, LISTING, PATIENT_REDUCED, TASK, UNCITED, Rule, permitted, reason
from app.policy.standing import fresh
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage import journal
from app.storage.fence import Ceiling, marked
from app.storage.statement import constant
from app.storage.tables import TABLES, audit_event, record, version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import ColumnElement, FromClause, Select

    from app.storage.balp import Renderer

    Judge = Callable[[FromClause, ColumnElement[str], "Binding"], "Judgement"]

RECORD = bindparam("record", type_=Text)


class Binding(Enum):
    """Whether a statement reads one record with a bound standing, or many with relations that it looks up.

    Across records they are looked up beside each row that it comes upon (`MANY`); or, where these may be all rows of
    all records in reach, once for each record, which its rows are then joined with (`JOINED`).
    """

    ONE = "one"
    MANY = "many"
    JOINED = "joined"

    @property
    def status(self) -> ColumnElement[str]:
        """State of the record of a row, in the tables that `around` gives."""
        status: ColumnElement[str] = (NEAR if self is Binding.JOINED else record).c.status
        return status


def around(row: FromClause, binding: Binding) -> FromClause:
    """A row with its record."""
    if binding is Binding.JOINED:
        return NEAR.join(row, row.c.record == NEAR.c.id)
    return row.outerjoin(record, record.c.id == row.c.record)


def related_by(row: FromClause, binding: Binding) -> Related:
    """How the verdict on a row has the caller's relations to its record."""
    if binding is Binding.ONE:
        return bit
    return near if binding is Binding.JOINED else live(row.c.record)


def key_of(row: FromClause, binding: Binding) -> ColumnElement[str]:
    """Key of the record of a row: the bound one where there is one.

    What is looked up beside the row is then led to one part of each table before anything is read, and not row by row.
    """
    key: ColumnElement[str] = RECORD if binding is Binding.ONE else row.c.record
    return key


FEW = frozenset({"AuditEvent", "Binary", "Consent", "Task"})
"""Types of which a caller reaches few records: relations are not looked up for all that he reaches otherwise."""


def across(resource_type: str) -> Binding:
    """How a search of a type across records has relations, where no index leads to a few rows."""
    return Binding.MANY if resource_type in FEW else Binding.JOINED


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one row is judged: the reason code, and whether it is visible whole."""

    reason: ColumnElement[str]
    visible: Condition

    @classmethod
    def of(cls, table: tuple[Rule, ...], f: Facts) -> Judgement:
        """By a table of rules."""
        return cls(reason(table, f), permitted(table, f))

    def on(self, resource_type: str, row: FromClause, binding: Binding) -> Judgement:
        """The same with the guard's mark: a statement that reads a row holds the verdict on it, or is refused."""
        why = _mark(self.reason, resource_type, row, binding, BEYOND)
        return Judgement(why, _mark(self.visible, resource_type, row, binding))


def _mark(
    decided: ColumnElement[Any], resource_type: str, row: FromClause, binding: Binding, beyond: str = ""
) -> ColumnElement[Any]:
    ceiling = Ceiling(row, lambda: within(resource_type, row), beyond)
    return marked(decided, row, within_reach() if binding is Binding.ONE else None, ceiling)


def _marking(resource_type: str, judge: Judge) -> Judge:
    return lambda row, status, binding: judge(row, status, binding).on(resource_type, row, binding)


def _document(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    return Judgement.of(DOCUMENT, facts(status, row, related_by(row, binding)))


def _related(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    return Judgement.of(DOCUMENT, facts(status, None, related_by(row, binding)))


def _patient(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    f = facts(status, None, related_by(row, binding))
    whole = Judgement.of(DOCUMENT, f)
    some = or_(PATIENT_REDUCED.when(f), f.holder, f.represents)
    why = case((whole.visible, whole.reason), (some, constant(PATIENT_REDUCED.name)), else_=whole.reason)
    return Judgement(why, whole.visible)


def reduced(row: FromClause, status: ColumnElement[str], binding: Binding) -> Condition:
    """Whether a Patient may be shown at least by its identifier."""
    f = facts(status, None, related_by(row, binding))
    return _mark(or_(permitted(DOCUMENT, f), f.reduced, f.holder, f.represents), "Patient", row, binding)


def reached_by_token(condition: Condition, resource_type: str, row: FromClause, binding: Binding) -> Condition:
    """A condition on a row that is no verdict (he deposited it), as far as the token of the caller reaches the row."""
    return _mark(condition, resource_type, row, binding)


def _consent(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    f = facts(status, None, related_by(row, binding))
    named = SUBJECT == func.any(row.c.names)  # noqa: SIM300 - SQL takes ANY on the right only
    return Judgement.of(CONSENT, replace(f, secret=row.c.secret, named=named))


def _task(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    f = facts(status, None, related_by(row, binding))
    mine = [and_(key != constant(""), or_(key == SUBJECT, key == STRUCTURE)) for key in (row.c.requester, row.c.owner)]
    return Judgement.of(TASK, replace(f, named=or_(*mine)))


def _binary(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    document = TABLES["DocumentReference"].alias()
    verdict = _document(document, status, binding).on("DocumentReference", document, binding)
    cited = and_(document.c.record == key_of(row, binding), document.c.id == row.c.document)
    there = func.coalesce(status, constant("open"))  # it may be in no record yet
    alone = facts(there, None, related_by(row, binding))
    uncited = Judgement.of(UNCITED, replace(alone, deposited=row.c.depositor == DEPOSITOR))
    free = row.c.document == constant("")
    why = select(verdict.reason).where(cited).correlate_except(document).scalar_subquery()
    return Judgement(
        case((free, uncited.reason), else_=func.coalesce(why, constant("not-authorised"))),
        case((free, uncited.visible), else_=among(document, cited, verdict.visible)),
    )


TARGETS = ("DocumentReference", "Consent", "CareTeam", "RelatedPerson")
"""Types whose rows a List or Provenance may list and the caller may not see."""


def seen(reference: ColumnElement[str], row: FromClause, kinds: Iterable[str], binding: Binding) -> Condition:
    """Whether a reference from a row (`Type/id`) leads to a row of its record that the caller may see."""
    ways = []
    for kind in kinds:
        other = TABLES[kind].alias()
        verdict = JUDGES[kind](other, binding.status, binding)
        named = constant(f"{kind}/") + other.c.id == reference
        ways.append(among(other, other.c.record == key_of(row, binding), named, verdict.visible))
    return or_(false(), *ways)


def _listing(column: str) -> Judge:
    def judge(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
        f = facts(status, None, related_by(row, binding))
        relation = Judgement.of(DOCUMENT, f)
        stored = row.c[f"raw_{column}" if f"raw_{column}" in row.c else column]
        left = or_(
            seen(func.any(stored), row, TARGETS, binding),
            and_(relation.visible, trail.leads_out(stored, key_of(row, binding))),
        )
        showing = case((row.c.filtered, left), else_=relation.visible)
        deposited = row.c.depositor == DEPOSITOR
        shown = Judgement.of(LISTING, replace(f, secret=row.c.secret, showing=showing, deposited=deposited))
        # what lets him see the entries is why he sees their list: an emergency is to be marked as one
        by_entries = and_(shown.reason == constant("entries"), relation.visible)
        # of his own list it says the same whether or not he sees entries of it that others do not
        own = and_(shown.reason == constant("entries"), deposited)
        why = case((by_entries, relation.reason), (own, constant("depositor")), else_=shown.reason)
        return Judgement(why, shown.visible)

    return judge


def _event(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
    f = facts(func.coalesce(status, constant("open")), None, related_by(row, binding))
    kept = trail.kept_from(row, key_of(row, binding))
    return Judgement.of(
        AUDIT, replace(f, secret=kept.secret, pending=kept.pending, hidden=kept.hidden, named=row.c.subject == SUBJECT)
    )


JUDGES: dict[str, Judge] = {
    "Patient": _marking("Patient", _patient),
    "RelatedPerson": _marking("RelatedPerson", _related),
    "CareTeam": _marking("CareTeam", _related),
    "Consent": _marking("Consent", _consent),
    "DocumentReference": _marking("DocumentReference", _document),
    "Binary": _marking("Binary", _binary),
    "List": _marking("List", _listing("p_item")),
    "Provenance": _marking("Provenance", _listing("p_target")),
    "Task": _marking("Task", _task),
    "AuditEvent": _marking("AuditEvent", _event),
}
"""How each type of a record is judged. Directory types are open to every authenticated caller (policy.md section 4)."""


def _older(resource_type: str, seen: FromClause | None = None) -> Judge:
    """An older version of what carries no facts of its own in `version`: the row of today decides, or its depositor.

    `seen` holds the rows of today that the caller sees, where a statement has found them already.
    """

    def judge(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
        now = TABLES[resource_type].alias()
        same = and_(now.c.record == key_of(row, binding), now.c.id == row.c.id)
        if seen is None:
            showing = among(now, same, JUDGES[resource_type](now, status, binding).visible)
        else:
            showing = _is_among(seen, row)
        f = facts(status, None, related_by(row, binding))
        gone = and_(not_(among(now, same)), row.c.depositor == DEPOSITOR)
        return Judgement.of(LISTING, replace(f, secret=row.c.secret, showing=showing, deposited=gone))

    return judge


def _is_among(seen: FromClause, row: FromClause) -> Condition:
    """Whether the resource of a row is one of those that the caller sees."""
    return exists().where(seen.c.record == row.c.record, seen.c.id == row.c.id).correlate_except(seen)


FACTLESS = ("Binary", "List", "Provenance", "Task")
"""Types whose older versions keep no facts that they could be judged by."""
OLDER: dict[str, Judge] = {
    "Patient": _marking("Patient", _related),
    "RelatedPerson": _marking("RelatedPerson", _related),
    "CareTeam": _marking("CareTeam", _related),
    "Consent": _marking("Consent", _consent),
    "DocumentReference": _marking("DocumentReference", _document),
    **{kind: _marking(kind, _older(kind)) for kind in FACTLESS},
}
"""How a row of the table `version` is judged by itself; that the current one must be visible too is the reader's."""


def former(resource_type: str, row: FromClause, seen: FromClause, binding: Binding) -> Judgement:
    """How a row of `version` is judged with the resource as it is today: `seen` are the current rows that he sees.

    Both must be visible; where there is no current row any more, its deletion must be.
    """
    status = binding.status
    if resource_type in FACTLESS:
        return _marking(resource_type, _older(resource_type, seen))(row, status, binding)
    now, end = TABLES[resource_type].alias(), version.alias()
    verdict = OLDER[resource_type](row, status, binding)
    ended = OLDER[resource_type](end, status, binding).visible
    key = key_of(row, binding)
    its = [end.c.record == key, end.c.type == row.c.type, end.c.id == row.c.id]
    gone = not_(among(now, now.c.record == key, now.c.id == row.c.id))
    deleted = among(end, *its, end.c.method == constant("DELETE"), ended)
    today = or_(_is_among(seen, row), and_(gone, deleted))
    return Judgement(verdict.reason, and_(verdict.visible, today))


def source(
    resource_type: str,
    renderer: Renderer | None = None,
    binding: Binding = Binding.MANY,
    identifier: ColumnElement[str] | None = None,
) -> FromClause:
    """The rows of a type, unguarded: only for statements that judge them.

    AuditEvents need their renderer; bound to ONE record they are those of `:record`, or the one with an `identifier`.
    """
    if resource_type != "AuditEvent":
        return TABLES[resource_type].alias()
    if renderer is None:
        raise RuntimeError
    acts = journal.of_record(RECORD, identifier) if binding is Binding.ONE else audit_event
    hidden = func.array(trail.concealed(acts, key_of(acts, binding)).scalar_subquery())
    return journal.selectable(renderer, hidden, acts.c.subject == SUBJECT, acts)


def reached(row: FromClause, resource_type: str, binding: Binding) -> Condition:
    """Whether a row across records may be permitted: a superset of what is."""
    return let_in(row, resource_type) if binding is Binding.JOINED else in_reach(row, resource_type)


def visible(resource_type: str, binding: Binding, row: FromClause | None = None) -> tuple[FromClause, Select[Any]]:
    """A select of the rows of a type that the caller may see whole, and the row alias that its columns belong to.

    Bound to ONE record it takes `:record`, and is empty under a standing that is not fresh; across MANY it joins each
    row's record. The column `verdict` says why a row of a record is shown.
    """
    row = TABLES[resource_type].alias() if row is None else row
    if DEFINITIONS[resource_type].scope is Scope.DIRECTORY:
        return row, select(row)
    verdict = JUDGES[resource_type](row, binding.status, binding)
    shown = select(*row.c, verdict.reason.label("verdict")).select_from(around(row, binding)).where(verdict.visible)
    if binding is Binding.ONE:
        return row, shown.where(row.c.record == RECORD, fresh())
    return row, shown.where(reached(row, resource_type, binding))


def guarded(resource_type: str, binding: Binding, row: FromClause | None = None) -> FromClause:
    """The rows that the caller may see, as something to select from: for chains, `_include` and reference checks."""
    return visible(resource_type, binding, row)[1].subquery()
