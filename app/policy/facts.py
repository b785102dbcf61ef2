"""What a rule may read (policy.md section 2): facts of the caller, of his relations to a record, and of a document.

Facts of the caller and of his relations are the bits of one integer, the caller's flags. They are had in two ways from
the same expressions: bound as a parameter once they were read for one record (his standing, checked by the statement
that uses it), or computed for each row where a search crosses records. Facts of a document are columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum, auto
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from app.access import DOCTOR, Access, Kind
from app.storage.fence import marked
from app.storage.outbox import ears
from app.storage.statement import constant
from app.storage.tables import TABLES, record, relation

if TYPE_CHECKING:
    from sqlalchemy import FromClause, Select
    from sqlalchemy.sql.selectable import LateralFromClause

    from app.settings import Settings

Condition = ColumnElement[bool]
Whom = Callable[["FromClause"], Condition]
"""A condition on a row of `relation`: of whom it is."""

NOW: ColumnElement[Any] = func.carnet.now()
"""The only clock of the policy."""


class Relation(StrEnum):
    """Kinds of rows in the table `relation`."""

    REPRESENTS = "represents"
    TREATING = "treating"
    FULL_ACCESS = "full-access"
    AUTHORISED = "authorised"
    BLOCKED = "blocked"
    MEMBER = "member"
    OPPOSED = "opposed"
    WINDOW = "window"


BREAK_GLASS = "BTG"
EMERGENCY_TREATMENT = "ETREAT"


class Flag(IntFlag):
    """One bit a fact. The first ones are of the caller, the next of his relations to one record."""

    PROFESSIONAL = auto()
    OCCUPATIONAL = auto()
    DOCTOR = auto()
    REGULATOR = auto()
    DESK = auto()
    INSURER = auto()
    SOFTWARE = auto()
    OPERATOR = auto()
    STRONG = auto()
    SECRET = auto()
    OPENING = auto()
    """this transaction opens the record"""
    HOLDER = auto()
    REPRESENTS = auto()
    TREATING = auto()
    BLOCKED = auto()
    GROUP_BLOCKED = auto()
    FULL_ACCESS = auto()
    AUTHORISED = auto()
    WINDOW = auto()
    BREAK_GLASS_OPPOSED = auto()
    REGULATION_OPPOSED = auto()
    MINOR = auto()


KIND_FLAGS = {
    Kind.PROFESSIONAL: Flag.PROFESSIONAL,
    Kind.OCCUPATIONAL_PHYSICIAN: Flag.OCCUPATIONAL,
    Kind.DESK: Flag.DESK,
    Kind.INSURER: Flag.INSURER,
    Kind.SOFTWARE: Flag.SOFTWARE,
    Kind.OPERATOR: Flag.OPERATOR,
}


def caller_flags(access: Access, settings: Settings) -> Flag:
    """The bits that the token alone decides."""
    flags = KIND_FLAGS.get(access.kind, Flag(0))
    if access.kind is Kind.PROFESSIONAL:
        if access.profession == DOCTOR:
            flags |= Flag.DOCTOR
        if access.regulator and access.purpose == EMERGENCY_TREATMENT:
            flags |= Flag.REGULATOR
        if access.acr in settings.strong_acr:
            flags |= Flag.STRONG
    return flags | Flag.SECRET if access.secret else flags


NOBODY = "-"
"""Stands where no record is the caller's own: it is no record's key."""


def caller_values(access: Access) -> dict[str, object]:
    """Parameters of the caller that relation and document facts compare with."""
    return {
        "subject": access.subject,
        "depositor": access.depositor,
        "structure": access.structure,
        "groups": list(access.groups),
        "holder_of": access.record if access.kind is Kind.HOLDER else NOBODY,
    }


SUBJECT = bindparam("subject", type_=Text)
DEPOSITOR = bindparam("depositor", type_=Text)
STRUCTURE = bindparam("structure", type_=Text)
GROUPS = bindparam("groups", type_=ARRAY(Text))
HOLDER_OF = bindparam("holder_of", type_=Text)
FLAGS = bindparam("flags", type_=Integer)
MATRIX = bindparam("matrix", type_=BYTEA)
KINDS = bindparam("kinds", type_=Integer)


def among(row: FromClause, *conditions: Condition) -> Condition:
    """Whether a row of that table meets the conditions; every other table that they name is the statement's around it.

    Said plainly, because SQLAlchemy by itself looks one select up: what a rule asks from deeper within would be joined
    with the whole of that table again, whose rows are other records. What is found is a fact, which carries the guard's
    mark: it tells no more of the row than that it is there.
    """
    return exists().where(marked(and_(*conditions), row)).correlate_except(row)


def _holds(row: FromClause, kind: Relation, whom: Whom) -> Condition:
    """Whether a row is a relation of that kind that holds now, of whom the condition on it says."""
    current = and_(row.c.starts <= NOW, row.c.ends > NOW)
    return and_(row.c.kind == constant(kind.value), current, whom(row))


def _related(key: ColumnElement[str], kind: Relation, whom: Whom) -> Condition:
    """Whether such a relation holds between the record and somebody."""
    row = relation.alias()
    return among(row, row.c.record == key, _holds(row, kind, whom))


def _named(row: FromClause) -> Condition:
    return and_(row.c.subject == SUBJECT, or_(row.c.within == constant(""), row.c.within == STRUCTURE))


def _subject(row: FromClause) -> Condition:
    return row.c.subject == SUBJECT


def _group(row: FromClause) -> Condition:
    return row.c.subject == func.any(GROUPS)


def _team(row: FromClause, key: ColumnElement[str]) -> Condition:
    member = relation.alias()
    return among(
        member,
        member.c.record == key,
        member.c.kind == constant(Relation.MEMBER.value),
        func.concat("team|", func.split_part(member.c.source, "/", 2)) == row.c.subject,
        member.c.starts <= NOW,
        member.c.ends > NOW,
        _named(member),
    )


def _opposed(purpose: str) -> Any:  # noqa: ANN401
    return lambda row: row.c.subject == constant(purpose)


def relation_facts(key: ColumnElement[str]) -> dict[Flag, Condition]:
    """The relation facts of the caller toward the record `key`, as EXISTS over the table `relation`."""
    return _relation_facts(key, lambda kind, whom: _related(key, kind, whom))


def relations_toward(key: ColumnElement[str]) -> LateralFromClause:
    """The same facts as the bits of one integer, `relations`: one look at the relations of a record and not ten."""
    row = relation.alias()
    found = _relation_facts(key, lambda kind, whom: func.coalesce(func.bool_or(_holds(row, kind, whom)), false()))
    return select(_together(found).label("relations")).where(row.c.record == key).lateral("toward")


def _relation_facts(key: ColumnElement[str], held: Callable[[Relation, Whom], Condition]) -> dict[Flag, Condition]:
    group_blocked = held(Relation.BLOCKED, _group)
    by_name = held(Relation.AUTHORISED, _named)
    by_group = held(Relation.AUTHORISED, lambda row: or_(_group(row), _team(row, key)))
    occupational = bit(Flag.OCCUPATIONAL)
    return {
        Flag.HOLDER: key == HOLDER_OF,
        Flag.REPRESENTS: held(Relation.REPRESENTS, _subject),
        Flag.TREATING: held(Relation.TREATING, _subject),
        Flag.BLOCKED: held(Relation.BLOCKED, _subject),
        Flag.GROUP_BLOCKED: group_blocked,
        Flag.FULL_ACCESS: held(Relation.FULL_ACCESS, _subject),
        Flag.AUTHORISED: or_(by_name, and_(not_(occupational), by_group, not_(group_blocked))),
        Flag.WINDOW: held(Relation.WINDOW, _subject),
        Flag.BREAK_GLASS_OPPOSED: held(Relation.OPPOSED, _opposed(BREAK_GLASS)),
        Flag.REGULATION_OPPOSED: held(Relation.OPPOSED, _opposed(EMERGENCY_TREATMENT)),
    }


SECRETIVE = (
    Flag.BLOCKED,
    Flag.GROUP_BLOCKED,
    Flag.FULL_ACCESS,
    Flag.AUTHORISED,
    Flag.BREAK_GLASS_OPPOSED,
    Flag.REGULATION_OPPOSED,
)
"""Relation facts that a Consent makes, which may have been made in a secret connection."""


def known_relations(key: ColumnElement[str]) -> ColumnElement[int]:
    """Those facts as they were without Consents of secret connections, as the bits of one integer.

    -1 where the record has no such Consent, which is nearly everywhere: then they are looked up once and not twice.
    """
    found = _relation_facts(key, lambda kind, whom: _related(key, kind, lambda row: and_(whom(row), known(row, key))))
    return case((secret_wills(key).exists(), _together({flag: found[flag] for flag in SECRETIVE})), else_=constant(-1))


def known(row: FromClause, key: ColumnElement[str]) -> Condition:
    """Whether a relation of the record is none that a Consent of a secret connection made."""
    wills = secret_wills(key).correlate(None).scalar_subquery()
    return not_(row.c.source == func.any(func.array(wills, type_=ARRAY(Text))))


def secret_wills(key: ColumnElement[str]) -> Select[tuple[str]]:
    """The Consents of a record that were made in a secret connection, as relations name them."""
    will = TABLES["Consent"].alias()
    return select(constant("Consent/") + will.c.id).where(marked(will.c.record == key, will), will.c.secret)


def _together(flags: dict[Flag, Condition]) -> ColumnElement[int]:
    """Those that hold, as the bits of one integer."""
    bits = [case((fact, constant(flag.value)), else_=constant(0)) for flag, fact in flags.items()]
    total: ColumnElement[Any] = bits[0]
    for one in bits[1:]:
        total = total + one
    return cast(total, Integer)


def is_minor(key: ColumnElement[str]) -> Condition:
    """The holder of the record is a minor today; unknown birth date: no."""
    patient = TABLES["Patient"]
    return among(
        patient, patient.c.record == key, patient.c.birth_date.is_not(None), majority(patient.c.birth_date) > NOW
    )


def majority(birth_date: ColumnElement[Any]) -> ColumnElement[Any]:
    """Instant of majority of somebody born that day."""
    years = bindparam("majority_years", type_=Integer)
    return cast(birth_date + func.make_interval(years), record.c.opened_at.type)


def announcement_end(deposited_at: ColumnElement[Any]) -> ColumnElement[Any]:
    """The latest end T of an announcement, in months of the calendar after the deposit (R.1111-53)."""
    months = bindparam("announcement_months", type_=Integer)
    return cast(deposited_at + func.make_interval(0, months), record.c.opened_at.type)


def bit(flag: Flag, flags: ColumnElement[int] = FLAGS) -> Condition:
    """Whether flags hold a bit: the bound ones, unless others are told."""
    return flags.op("&")(constant(flag.value)) != constant(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """Every fact a reading rule may read, as SQL conditions that are never null."""

    record_open: Condition
    professional: Condition
    occupational: Condition
    doctor: Condition
    regulator: Condition
    excluded: Condition
    reduced: Condition
    holder: Condition
    represents: Condition
    treating: Condition
    blocked: Condition
    full_access: Condition
    authorised: Condition
    window: Condition
    break_glass_opposed: Condition
    regulation_opposed: Condition
    withdrawn: Condition
    pending: Condition
    hidden: Condition
    deposited: Condition
    masked: Condition
    in_matrix: Condition
    secret: Condition = field(default_factory=false)
    """written in a secret connection, or about such a thing"""
    named: Condition = field(default_factory=false)
    """the row names the caller, or is his own"""
    showing: Condition = field(default_factory=false)
    """something that the row lists is visible to the caller"""


Related = Callable[[Flag], Condition]
"""How to have a relation fact."""


def live(key: ColumnElement[str]) -> Related:
    """Looked up for the record `key` beside each row: for statements that come upon few rows."""
    found = relation_facts(key)
    return lambda flag: found[flag]


def facts(status: ColumnElement[str], row: FromClause | None, related: Related = bit) -> Facts:
    """Facts with document facts from `row` (None: those of a document that nothing keeps from anyone).

    `status` is the record's; relation facts are `related`, or the bound flags.
    """
    return Facts(
        record_open=status == constant("open"),
        professional=bit(Flag.PROFESSIONAL),
        occupational=bit(Flag.OCCUPATIONAL),
        doctor=bit(Flag.DOCTOR),
        regulator=bit(Flag.REGULATOR),
        excluded=bit(Flag.DESK | Flag.INSURER | Flag.SOFTWARE | Flag.OPERATOR),
        reduced=bit(Flag.PROFESSIONAL | Flag.OCCUPATIONAL | Flag.DESK | Flag.SOFTWARE | Flag.OPERATOR),
        holder=related(Flag.HOLDER),
        represents=related(Flag.REPRESENTS),
        treating=related(Flag.TREATING),
        blocked=related(Flag.BLOCKED),
        full_access=related(Flag.FULL_ACCESS),
        authorised=related(Flag.AUTHORISED),
        window=related(Flag.WINDOW),
        break_glass_opposed=related(Flag.BREAK_GLASS_OPPOSED),
        regulation_opposed=related(Flag.REGULATION_OPPOSED),
        withdrawn=false() if row is None else row.c.withdrawn,
        pending=false() if row is None else row.c.announce_at > NOW,
        hidden=false() if row is None else row.c.hidden,
        deposited=false() if row is None else row.c.depositor == DEPOSITOR,
        masked=false() if row is None else row.c.masked,
        in_matrix=true() if row is None else in_matrix(row.c.kind),
    )


def in_matrix(kind: ColumnElement[int]) -> Condition:
    """Whether the caller's column of the matrix, handed over as bits by document kind, permits this kind."""
    return case((kind < KINDS, func.get_bit(MATRIX, kind) == constant(1)), else_=false())


def standing_select() -> Any:  # noqa: ANN401
    """The caller's flags toward one record, its state, when a relation next changes by time, and who listens there."""
    key = bindparam("record", type_=Text)
    total = _together({**relation_facts(key), Flag.MINOR: is_minor(key)})
    edges = [
        select(func.min(edge)).where(relation.c.record == key, edge > NOW).scalar_subquery()
        for edge in (relation.c.starts, relation.c.ends)
    ]
    patient = TABLES["Patient"]
    born = select(func.min(majority(patient.c.birth_date))).where(
        patient.c.record == key, majority(patient.c.birth_date) > NOW
    )
    return select(
        record.c.status,
        record.c.policy_version,
        total.label("relations"),
        func.least(*edges, born.scalar_subquery()).label("expiry"),
        ears(key, SUBJECT).label("ears"),
    ).where(record.c.id == key)
