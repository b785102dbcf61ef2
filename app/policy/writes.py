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
    CONTACT = "contact"
    """say where he is told of what happens"""
    DESTROY = "destroy"
    RETAIN = "retain"
    """keep a record from every destruction: a legal hold"""
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
    END_WINDOW = "end-break-glass"
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
    """One reason against an act: name, condition in words, condition, weight, English diagnostics, where it comes from.

    In its words "he" is the caller, and the document or row is the one that the act is about.
    """

    name: str
    words: str
    when: Callable[[Situation], Condition]
    weight: Weight
    diagnostics: str
    source: str


@dataclass(frozen=True, slots=True)
class Party:
    """Who may do an act: what he is in words, and the condition that the caller is it."""

    words: str
    when: Callable[[Situation], Condition]


def _unless(*allowed: Party, source: str, name: str = "not-yours-to-do") -> Refuse:
    def when(s: Situation) -> Condition:
        return not_(or_(*[one.when(s) for one in allowed]))

    words = f"he is not {'; nor '.join(one.words for one in allowed)}"
    return Refuse(name, words, when, FORBIDDEN, "this act is not yours to do", source)


_HOLDER = Party("the holder", lambda s: s.read.holder)
_REPRESENTATIVE = Party("who represents the holder today", lambda s: s.read.represents)
_PROFESSIONAL = Party("a professional", lambda s: s.read.professional)
_OCCUPATIONAL = Party("an occupational physician", lambda s: s.read.occupational)
_TREATING = Party("the treating physician", lambda s: and_(s.read.treating, s.read.doctor, s.read.professional))
_DEPOSITOR = Party("the depositor", lambda s: s.read.deposited)
_OPERATOR = Party("the operator", lambda s: s.operator)
_OPENING = Party(
    "a professional or desk agent in the transaction that opens the record",
    lambda s: and_(s.opening, or_(s.read.professional, s.desk)),
)
_DESK = Party("a desk agent", lambda s: s.desk)
_STRUCTURE = Party(
    "a desk agent, software or the insurer's feed acting for a structure",
    lambda s: and_(s.structure, or_(s.desk, s.software, s.insurer)),
)
_MASKER = Party("the depositor, where he masked the document himself", lambda s: and_(s.read.deposited, s.mine_masked))
_ANNOUNCER = Party(
    "the depositor, other than the holder and his representatives",
    lambda s: and_(s.read.deposited, not_(s.read.holder), not_(s.read.represents)),
)
_ANNOUNCED = Party(
    "the holder or who represents him, when T is over",
    # after T an announcement's label means nothing: who may change the labels may drop it
    lambda s: and_(not_(s.read.pending), or_(s.read.holder, s.read.represents)),
)
_DOCTOR = Party("a professional who is a doctor (profession 10)", lambda s: and_(s.read.professional, s.read.doctor))
_OWNER = Party("its owner, in person or by the structure he acts in", lambda s: s.read.named)

ACTIVE_ONLY = "P4D «statut actif» (TD2, TD3); L.1111-18"
MINORS = "R.1111-6, L.1111-5, L.1111-5-1"
NOT_OPEN = Refuse(
    "record-not-open",
    "the record is not open",
    lambda s: not_(s.read.record_open),
    BROKEN,
    "the record is not open",
    ACTIVE_ONLY,
)
CUMULATION = Refuse(
    "visibility-cumulation",
    "the document would be masked and await announcement together, and the setting does not allow it",
    lambda s: and_(s.becomes_masked, s.becomes_pending, not_(s.cumulation)),
    BROKEN,
    "a document cannot be masked and await its announcement together",
    "P4D TD2 (EX_2.1-1050)",
)
NOT_A_MINOR = Refuse(
    "not-a-minor",
    "the document would be hidden from representatives, and the holder is not a minor",
    lambda s: and_(s.becomes_hidden, not_(s.minor)),
    BROKEN,
    "only a minor's documents are hidden from representatives",
    MINORS,
)
SECRET_ONLY = Refuse(
    "secret-connection",
    "he acts in a secret connection, and the document would not be hidden from representatives",
    lambda s: and_(s.secret_connection, not_(s.becomes_hidden)),
    BROKEN,
    "a secret connection deposits only documents hidden from representatives",
    "R.1111-6 (EX_0.1-1100)",
)
WITHDRAWN = Refuse(
    "withdrawn",
    "the document is withdrawn",
    lambda s: s.read.withdrawn,
    BROKEN,
    "a document that was withdrawn does not change any more",
    "P4D TD3.3c",
)
BLOCKED = Refuse(
    "blocked",
    "a block in force names him",
    lambda s: s.read.blocked,
    FORBIDDEN,
    "this act is not yours to do",
    "P4D td02 NB1, S001",
)

ACTS: dict[Act, tuple[Refuse, ...]] = {
    Act.DEPOSIT: (
        _unless(
            _PROFESSIONAL,
            _OCCUPATIONAL,
            _STRUCTURE,
            _HOLDER,
            _REPRESENTATIVE,
            source="L.1111-15, L.1111-17 IV, R.1111-42, S003",
        ),
        Refuse(
            "reimbursement-only",
            "he is the insurer's feed, and the document is not of type REMB",
            lambda s: and_(s.insurer, not_(s.reimbursement)),
            FORBIDDEN,
            "the insurer deposits reimbursement data only",
            "L.1111-15, R.1111-42",
        ),
        Refuse(
            "holder-type",
            "he is the holder or represents him, and the document is not of the holder's own types",
            lambda s: and_(or_(s.read.holder, s.read.represents), not_(s.holder_type)),
            FORBIDDEN,
            "the holder deposits documents of his own types only",
            "R.1111-42, S000",
        ),
        NOT_OPEN,
        Refuse(
            "announcement-by-holder",
            "he is the holder or represents him, and the document would await announcement",
            lambda s: and_(or_(s.read.holder, s.read.represents), s.becomes_pending),
            BROKEN,
            "the holder's own document awaits no announcement",
            "R.1111-53",
        ),
        CUMULATION,
        NOT_A_MINOR,
        SECRET_ONLY,
    ),
    Act.HOLD: (_unless(_PROFESSIONAL, _OCCUPATIONAL, _STRUCTURE, source="L.1111-15; policy.md section 4, Binary"),),
    Act.MASK: (
        _unless(_HOLDER, _REPRESENTATIVE, _DEPOSITOR, _TREATING, source="R.1111-49, P4D TD3.3a"),
        WITHDRAWN,
        CUMULATION,
    ),
    Act.UNMASK: (_unless(_HOLDER, _REPRESENTATIVE, _MASKER, source="R.1111-49, P4D TD3.3a"), WITHDRAWN),
    Act.SET_ANNOUNCEMENT: (
        _unless(_ANNOUNCER, source="R.1111-53, P4D TD3.3b"),
        WITHDRAWN,
        Refuse(
            "seen-by-holder",
            "the holder, or who represents him, has opened the document",
            lambda s: s.seen_by_holder,
            BROKEN,
            "the holder has opened this document",
            "R.1111-53",
        ),
        Refuse(
            "announcement-over",
            "the month after the deposit is over",
            lambda s: s.announcement_over,
            BROKEN,
            "an announcement ends a month after the deposit, which is over",
            "R.1111-53",
        ),
        CUMULATION,
    ),
    Act.ANNOUNCE: (_unless(_DEPOSITOR, _TREATING, _ANNOUNCED, source="R.1111-53, S003"),),
    Act.HIDE: (_unless(_DEPOSITOR, _HOLDER, source=MINORS), WITHDRAWN, NOT_A_MINOR),
    Act.SHOW: (_unless(_DEPOSITOR, _HOLDER, source=MINORS), WITHDRAWN, SECRET_ONLY),
    Act.ARCHIVE: (_unless(_DEPOSITOR, _HOLDER, source="P4D TD3.3d"), WITHDRAWN),
    Act.WITHDRAW: (_unless(_DEPOSITOR, source="P4D TD3.3c, R.1111-51"),),
    Act.REVISE: (_unless(_DEPOSITOR, source="R.1111-51"), WITHDRAWN),
    Act.REPLACE: (
        _unless(_DEPOSITOR, source="P4D TD2.1, R.1111-51"),
        WITHDRAWN,
        Refuse(
            "announcement-replaces",
            "the new document would await announcement, and the one that it replaces does not",
            lambda s: and_(s.becomes_pending, not_(s.read.pending)),
            BROKEN,
            "what the holder may see is not replaced by what awaits its announcement",
            "R.1111-53",
        ),
    ),
    Act.ERASE: (
        _unless(_HOLDER, _REPRESENTATIVE, source="S004, R.1111-51"),
        Refuse(
            "not-yours-to-erase",
            "the setting `holder_deletion` is `own`, and he did not deposit the document",
            lambda s: and_(s.erases_own_only, not_(s.read.deposited)),
            FORBIDDEN,
            "the holder deletes his own deposits only",
            "R.1111-51",
        ),
    ),
    Act.OPEN: (
        _unless(_PROFESSIONAL, _OCCUPATIONAL, _DESK, _HOLDER, _REPRESENTATIVE, source="L.1111-14, S000, P4D TD1.1"),
    ),
    Act.CLOSE: (_unless(_PROFESSIONAL, _HOLDER, _REPRESENTATIVE, source="S000, S001, S003"), BLOCKED, NOT_OPEN),
    Act.REOPEN: (_unless(_PROFESSIONAL, _HOLDER, _REPRESENTATIVE, source="L.1111-18, S000, S004"), BLOCKED),
    Act.CONTACT: (_unless(_HOLDER, _REPRESENTATIVE, source="R.1111-48, R.1111-53; policy.md section 6"),),
    Act.DESTROY: (_unless(_HOLDER, _OPERATOR, source="R.1111-40; policy.md section 5, destroy"),),
    Act.RETAIN: (_unless(_OPERATOR, source="R.1111-41; L.1111-18 (use as evidence)"),),
    Act.CREATE_IDENTITY: (_unless(_PROFESSIONAL, _OCCUPATIONAL, _DESK, _OPERATOR, source="L.1111-14, P4D TD1.1"),),
    Act.IDENTIFY: (
        _unless(_HOLDER, _REPRESENTATIVE, _TREATING, _DESK, _OPERATOR, source="R.1111-42; policy.md section 5"),
        NOT_OPEN,
    ),
    Act.CHANGE_TRAITS: (
        _unless(_TREATING, _DESK, _OPERATOR, source="R.1111-42; policy.md section 5", name="identity-traits"),
        NOT_OPEN,
    ),
    Act.RELATE: (
        _unless(_HOLDER, _REPRESENTATIVE, _TREATING, _OPENING, source="L.1111-14; policy.md section 5"),
        NOT_OPEN,
    ),
    Act.NAME_REPRESENTATIVE: (_unless(_OPERATOR, _OPENING, source="L.1111-14, R.1111-40"), NOT_OPEN),
    Act.CHANGE_TEAM: (
        _unless(_HOLDER, _REPRESENTATIVE, _TREATING, _OPENING, source="L.1110-12, R.1111-46"),
        NOT_OPEN,
    ),
    Act.NAME_TREATING: (_unless(_HOLDER, _REPRESENTATIVE, _OPENING, source="L.1111-16, S001"), NOT_OPEN),
    Act.DECLARE_TREATING: (_unless(_DOCTOR, source="L.1111-16, L.1111-17 II"), BLOCKED, NOT_OPEN),
    Act.AUTHORISE: (
        _unless(
            _HOLDER,
            _REPRESENTATIVE,
            _PROFESSIONAL,
            _OCCUPATIONAL,
            _OPENING,
            source="L.1111-19, L.1111-17 II, R.1111-46",
        ),
        Refuse(
            "blocked",
            "a block in force names him or covers his profession or specialty, and he is not the treating physician",
            lambda s: and_(or_(s.read.blocked, s.group_blocked), not_(_TREATING.when(s))),
            FORBIDDEN,
            "this act is not yours to do",
            "P4D td02 NB1, S001",
        ),
        Refuse(
            "attested-by-name",
            "he is neither the holder nor represents him, and the authorisation is not of professionals by name alone",
            lambda s: and_(s.beyond_persons, not_(or_(s.read.holder, s.read.represents))),
            FORBIDDEN,
            "an attested authorisation is for professionals by name",
            "L.1111-17 II, R.1111-46",
        ),
        NOT_OPEN,
    ),
    Act.END_AUTHORISATION: (_unless(_HOLDER, _REPRESENTATIVE, source="L.1111-19"), NOT_OPEN),
    Act.GIVE_FULL_ACCESS: (_unless(_HOLDER, _REPRESENTATIVE, source="S003, L.1111-19"), NOT_OPEN),
    Act.BLOCK: (_unless(_HOLDER, _REPRESENTATIVE, _TREATING, source="L.1111-19, S001"), NOT_OPEN),
    Act.OPPOSE: (_unless(_HOLDER, _REPRESENTATIVE, _OPENING, source="L.1111-17 I, R.1111-48"), NOT_OPEN),
    Act.RESTORE: (_unless(_HOLDER, _REPRESENTATIVE, source="L.1111-19, L.1111-17 I"), NOT_OPEN),
    Act.BREAK_GLASS: (
        _unless(_PROFESSIONAL, source="L.1111-17 I, S001"),
        replace(NOT_OPEN, weight=FORBIDDEN),
        BLOCKED,
        Refuse(
            "strong-authentication",
            "he is not identified by direct strong authentication",
            lambda s: not_(s.strong),
            FORBIDDEN,
            "this act needs direct strong authentication",
            "L.1111-17 I (direct CPS authentication alone)",
        ),
        Refuse(
            "emergency-opposed",
            "the holder opposed break-glass",
            lambda s: s.read.break_glass_opposed,
            FORBIDDEN,
            "the holder opposed break-glass",
            "L.1111-17 I, R.1111-48",
        ),
    ),
    Act.END_WINDOW: (_unless(_PROFESSIONAL, source="L.1111-17 I"),),
    Act.ASK_RECTIFICATION: (_unless(_HOLDER, _REPRESENTATIVE, source="R.1111-51, S003"), NOT_OPEN),
    Act.ANSWER_RECTIFICATION: (_unless(_OWNER, source="R.1111-51, S003"), NOT_OPEN),
    Act.IMPORT: (_unless(_OPERATOR, source="R.1111-41; policy.md section 5, directory"),),
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
    found = replace(facts(status, None), deposited=row.c.depositor == DEPOSITOR)
    if "owner" not in row.c:
        return found
    owner = row.c.owner
    return replace(found, named=and_(owner != constant(""), or_(owner == SUBJECT, owner == STRUCTURE)))


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
