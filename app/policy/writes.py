"""The acts: who may write what, and when. Read this file beside policy.md section 5.

An act is judged on the row before and on what it would become, in the transaction that writes it, by one SQL
expression that yields the name of the first refusal that holds, or "". A refusal is `FORBIDDEN` (403: never this
caller's to do) or `BROKEN` (422: a rule of the record stands against it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, case, false, not_, or_

from app.errors import BrokenRule, Forbidden, Refusal
from app.policy.facts import DEPOSITOR, NOW, STRUCTURE, SUBJECT, Condition, Facts, Flag, announcement_end, bit, facts
from app.storage.statement import constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import FromClause


class Act(StrEnum):
    """Everything that a caller may do to a record (policy.md section 5)."""

    DEPOSIT = "deposit"
    HOLD = "hold"
    """keep a content that no document cites yet"""
    MASK = "mask"
    UNMASK = "unmask"
    SET_ANNOUNCEMENT = "set-announcement"
    ANNOUNCE = "announce"
    HIDE = "hide"
    SHOW = "show"
    ARCHIVE = "archive"
    WITHDRAW = "withdraw"
    REVISE = "revise"
    REPLACE = "replace"
    ERASE = "erase"
    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"
    CREATE_IDENTITY = "create-identity"
    IDENTIFY = "identify"
    CHANGE_TRAITS = "change-identity-traits"
    """change what a qualified INS stands for: name, birth date, sex, the INS itself"""
    RELATE = "relate"
    NAME_REPRESENTATIVE = "name-representative"
    CHANGE_TEAM = "change-team"
    NAME_TREATING = "name-treating-physician"
    DECLARE_TREATING = "declare-treating-physician"
    AUTHORISE = "authorise"
    END_AUTHORISATION = "end-authorisation"
    GIVE_FULL_ACCESS = "give-full-access"
    BLOCK = "block"
    OPPOSE = "oppose"
    RESTORE = "restore"
    BREAK_GLASS = "break-glass"
    ASK_RECTIFICATION = "ask-rectification"
    ANSWER_RECTIFICATION = "answer-rectification"
    IMPORT = "import"


class Weight(Enum):
    """What a refusal means on the wire."""

    FORBIDDEN = Forbidden
    BROKEN = BrokenRule


FORBIDDEN, BROKEN = Weight.FORBIDDEN, Weight.BROKEN


@dataclass(frozen=True, slots=True)
class Situation:
    """What a write rule may read: the reading facts of the row before, and these."""

    read: Facts
    desk: Condition
    insurer: Condition
    software: Condition
    operator: Condition
    strong: Condition
    secret_connection: Condition
    opening: Condition
    minor: Condition
    group_blocked: Condition
    mine_masked: Condition
    seen_by_holder: Condition
    announcement_over: Condition
    """the month after the deposit is over"""
    structure: Condition
    """the caller acts for a structure"""
    becomes_masked: Condition
    becomes_pending: Condition
    becomes_hidden: Condition
    beyond_persons: Condition
    """the authorisation names a structure, a care team, a profession or a specialty"""
    reimbursement: Condition
    holder_type: Condition
    cumulation: Condition
    erases_own_only: Condition


@dataclass(frozen=True, slots=True)
class Refuse:
    """One reason against an act: name, condition, weight, English diagnostics."""

    name: str
    when: Callable[[Situation], Condition]
    weight: Weight
    diagnostics: str


def _unless(*allowed: Callable[[Situation], Condition], name: str = "not-yours-to-do") -> Refuse:
    def when(s: Situation) -> Condition:
        return not_(or_(*[one(s) for one in allowed]))

    return Refuse(name, when, FORBIDDEN, "this act is not yours to do")


def _holder(s: Situation) -> Condition:
    return s.read.holder


def _representative(s: Situation) -> Condition:
    return s.read.represents


def _professional(s: Situation) -> Condition:
    return s.read.professional


def _occupational(s: Situation) -> Condition:
    return s.read.occupational


def _treating(s: Situation) -> Condition:
    return and_(s.read.treating, s.read.doctor, s.read.professional)


def _depositor(s: Situation) -> Condition:
    return s.read.deposited


def _operator(s: Situation) -> Condition:
    return s.operator


def _opening(s: Situation) -> Condition:
    return and_(s.opening, or_(s.read.professional, s.desk))


def _desk(s: Situation) -> Condition:
    return s.desk


def _structure(s: Situation) -> Condition:
    return and_(s.structure, or_(s.desk, s.software, s.insurer))


def _announced(s: Situation) -> Condition:
    """After T an announcement's label means nothing: who may change the labels may drop it."""
    return and_(not_(s.read.pending), or_(s.read.holder, s.read.represents))


NOT_OPEN = Refuse("record-not-open", lambda s: not_(s.read.record_open), BROKEN, "the record is not open")
CUMULATION = Refuse(
    "visibility-cumulation",
    lambda s: and_(s.becomes_masked, s.becomes_pending, not_(s.cumulation)),
    BROKEN,
    "a document cannot be masked and await its announcement together",
)
NOT_A_MINOR = Refuse(
    "not-a-minor",
    lambda s: and_(s.becomes_hidden, not_(s.minor)),
    BROKEN,
    "only a minor's documents are hidden from representatives",
)
SECRET_ONLY = Refuse(
    "secret-connection",
    lambda s: and_(s.secret_connection, not_(s.becomes_hidden)),
    BROKEN,
    "a secret connection deposits only documents hidden from representatives",
)
WITHDRAWN = Refuse(
    "withdrawn", lambda s: s.read.withdrawn, BROKEN, "a document that was withdrawn does not change any more"
)
BLOCKED = Refuse("blocked", lambda s: s.read.blocked, FORBIDDEN, "this act is not yours to do")

ACTS: dict[Act, tuple[Refuse, ...]] = {
    Act.DEPOSIT: (
        _unless(_professional, _occupational, _structure, _holder, _representative),
        Refuse(
            "reimbursement-only",
            lambda s: and_(s.insurer, not_(s.reimbursement)),
            FORBIDDEN,
            "the insurer deposits reimbursement data only",
        ),
        Refuse(
            "holder-type",
            lambda s: and_(or_(s.read.holder, s.read.represents), not_(s.holder_type)),
            FORBIDDEN,
            "the holder deposits documents of his own types only",
        ),
        NOT_OPEN,
        Refuse(
            "announcement-by-holder",
            lambda s: and_(or_(s.read.holder, s.read.represents), s.becomes_pending),
            BROKEN,
            "the holder's own document awaits no announcement",
        ),
        CUMULATION,
        NOT_A_MINOR,
        SECRET_ONLY,
    ),
    Act.HOLD: (_unless(_professional, _occupational, _structure),),
    Act.MASK: (_unless(_holder, _representative, _depositor, _treating), WITHDRAWN, CUMULATION),
    Act.UNMASK: (_unless(_holder, _representative, lambda s: and_(s.read.deposited, s.mine_masked)), WITHDRAWN),
    Act.SET_ANNOUNCEMENT: (
        _unless(lambda s: and_(s.read.deposited, not_(s.read.holder), not_(s.read.represents))),
        WITHDRAWN,
        Refuse("seen-by-holder", lambda s: s.seen_by_holder, BROKEN, "the holder has opened this document"),
        Refuse(
            "announcement-over",
            lambda s: s.announcement_over,
            BROKEN,
            "an announcement ends a month after the deposit, which is over",
        ),
        CUMULATION,
    ),
    Act.ANNOUNCE: (_unless(_depositor, _treating, _announced),),
    Act.HIDE: (_unless(_depositor, _holder), WITHDRAWN, NOT_A_MINOR),
    Act.SHOW: (_unless(_depositor, _holder), WITHDRAWN, SECRET_ONLY),
    Act.ARCHIVE: (_unless(_depositor, _holder), WITHDRAWN),
    Act.WITHDRAW: (_unless(_depositor),),
    Act.REVISE: (_unless(_depositor), WITHDRAWN),
    Act.REPLACE: (
        _unless(_depositor),
        WITHDRAWN,
        Refuse(
            "announcement-replaces",
            lambda s: and_(s.becomes_pending, not_(s.read.pending)),
            BROKEN,
            "what the holder may see is not replaced by what awaits its announcement",
        ),
    ),
    Act.ERASE: (
        _unless(_holder, _representative),
        Refuse(
            "not-yours-to-erase",
            lambda s: and_(s.erases_own_only, not_(s.read.deposited)),
            FORBIDDEN,
            "the holder deletes his own deposits only",
        ),
    ),
    Act.OPEN: (_unless(_professional, _occupational, _desk, _holder, _representative),),
    Act.CLOSE: (_unless(_professional, _holder, _representative), BLOCKED, NOT_OPEN),
    Act.REOPEN: (_unless(_professional, _holder, _representative), BLOCKED),
    Act.CREATE_IDENTITY: (_unless(_professional, _occupational, _desk, _operator),),
    Act.IDENTIFY: (_unless(_holder, _representative, _treating, _desk, _operator), NOT_OPEN),
    Act.CHANGE_TRAITS: (_unless(_treating, _desk, _operator, name="identity-traits"), NOT_OPEN),
    Act.RELATE: (_unless(_holder, _representative, _treating, _opening), NOT_OPEN),
    Act.NAME_REPRESENTATIVE: (_unless(_operator, _opening), NOT_OPEN),
    Act.CHANGE_TEAM: (_unless(_holder, _representative, _treating, _opening), NOT_OPEN),
    Act.NAME_TREATING: (_unless(_holder, _representative, _opening), NOT_OPEN),
    Act.DECLARE_TREATING: (
        _unless(lambda s: and_(s.read.professional, s.read.doctor)),
        BLOCKED,
        NOT_OPEN,
    ),
    Act.AUTHORISE: (
        _unless(_holder, _representative, _professional, _occupational, _opening),
        Refuse(
            "blocked",
            lambda s: and_(or_(s.read.blocked, s.group_blocked), not_(_treating(s))),
            FORBIDDEN,
            "this act is not yours to do",
        ),
        Refuse(
            "attested-by-name",
            lambda s: and_(s.beyond_persons, not_(or_(s.read.holder, s.read.represents))),
            FORBIDDEN,
            "an attested authorisation is for professionals by name",
        ),
        NOT_OPEN,
    ),
    Act.END_AUTHORISATION: (_unless(_holder, _representative), NOT_OPEN),
    Act.GIVE_FULL_ACCESS: (_unless(_holder, _representative), NOT_OPEN),
    Act.BLOCK: (_unless(_holder, _representative, _treating), NOT_OPEN),
    Act.OPPOSE: (_unless(_holder, _representative, _opening), NOT_OPEN),
    Act.RESTORE: (_unless(_holder, _representative), NOT_OPEN),
    Act.BREAK_GLASS: (
        _unless(_professional),
        replace(NOT_OPEN, weight=FORBIDDEN),
        BLOCKED,
        Refuse(
            "strong-authentication", lambda s: not_(s.strong), FORBIDDEN, "this act needs direct strong authentication"
        ),
        Refuse("emergency-opposed", lambda s: s.read.break_glass_opposed, FORBIDDEN, "the holder opposed break-glass"),
    ),
    Act.ASK_RECTIFICATION: (_unless(_holder, _representative), NOT_OPEN),
    Act.ANSWER_RECTIFICATION: (_unless(lambda s: s.read.named), NOT_OPEN),
    Act.IMPORT: (_unless(_operator),),
}
"""What stands against each act, in the order of the answers of policy.md section 5: who first, then what."""


def _bound(name: str) -> Condition:
    return bindparam(name, type_=Boolean)


BECOMES = (
    "becomes_masked",
    "becomes_pending",
    "becomes_hidden",
    "beyond_persons",
    "reimbursement",
    "holder_type",
    "erases_own_only",
    "cumulation",
)
"""Boolean parameters of every judging statement, besides the bound standing."""


def _before(status: ColumnElement[str], row: FromClause | None) -> Facts:
    if row is None or "masked" in row.c:
        return facts(status, row)
    keys = [row.c[name] for name in ("requester", "owner") if name in row.c]
    named = [and_(key != constant(""), or_(key == SUBJECT, key == STRUCTURE)) for key in keys]
    return replace(facts(status, None), deposited=row.c.depositor == DEPOSITOR, named=or_(false(), *named))


def situation(status: ColumnElement[str], row: FromClause | None) -> Situation:
    """The facts of a write: the row before (None for a new one), the bound standing, and what the row becomes."""
    document = row is not None and "masked" in row.c
    return Situation(
        read=_before(status, row),
        desk=bit(Flag.DESK),
        insurer=bit(Flag.INSURER),
        software=bit(Flag.SOFTWARE),
        operator=bit(Flag.OPERATOR),
        strong=bit(Flag.STRONG),
        secret_connection=bit(Flag.SECRET),
        opening=bit(Flag.OPENING),
        minor=bit(Flag.MINOR),
        group_blocked=bit(Flag.GROUP_BLOCKED),
        structure=constant("") != STRUCTURE,
        mine_masked=row.c.masked_by == DEPOSITOR if document and row is not None else false(),
        seen_by_holder=row.c.seen_by_holder if document and row is not None else false(),
        announcement_over=announcement_end(row.c.deposited_at) <= NOW if document and row is not None else false(),
        becomes_masked=_bound("becomes_masked"),
        becomes_pending=_bound("becomes_pending"),
        becomes_hidden=_bound("becomes_hidden"),
        beyond_persons=_bound("beyond_persons"),
        reimbursement=_bound("reimbursement"),
        holder_type=_bound("holder_type"),
        cumulation=_bound("cumulation"),
        erases_own_only=_bound("erases_own_only"),
    )


def refusal(act: Act, s: Situation) -> ColumnElement[str]:
    """The act as one SQL expression: the name of the first refusal that holds, or ""."""
    return case(*[(one.when(s), constant(one.name)) for one in ACTS[act]], else_=constant(""))


def refused(act: Act, name: str) -> Refusal:
    """The error that answers an act refused under that name."""
    one = next(one for one in ACTS[act] if one.name == name)
    error: type[Refusal] = one.weight.value
    return error(one.diagnostics, reason=one.name)
