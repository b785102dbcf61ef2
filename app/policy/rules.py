"""The rules: who may read what. Read this file beside policy.md sections 3 and 4.

A table of rules is tried from the top; the first whose condition holds decides, and its name is the reason code of the
verdict. Each table compiles to one SQL expression that yields the reason code: the only evaluator in production.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, false, not_, or_, true

from app.storage.statement import constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.policy.facts import Condition, Facts


class Verdict(StrEnum):
    """What a rule decides. `reduced` shows a Patient by identifier alone (policy.md section 4)."""

    PERMIT = "permit"
    REDUCED = "reduced"
    DENY = "deny"


PERMIT, REDUCED, DENY = Verdict.PERMIT, Verdict.REDUCED, Verdict.DENY


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table: its name is the reason code, `when` its condition, `source` where it comes from.

    `words` say the condition in English, for `docs/policy.md`: "he" is the caller.
    """

    name: str
    words: str
    when: Callable[[Facts], Condition]
    verdict: Verdict
    source: str


RECORD_NOT_OPEN = Rule(
    "record-not-open",
    "the record is not open",
    lambda f: not_(f.record_open),
    DENY,
    "P4D «statut actif» (TD2, TD3); ten years: L.1111-18",
)
EXCLUDED_PARTY = Rule(
    "excluded-party",
    "he is an insurer, a desk agent, software without a person, or the operator",
    lambda f: f.excluded,
    DENY,
    "L.1111-18, S002, S004",
)

DOCUMENT: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    Rule(
        "withdrawn",
        "the document is withdrawn, and he is not the professional or occupational physician who deposited it",
        lambda f: and_(f.withdrawn, not_(and_(f.deposited, or_(f.professional, f.occupational)))),
        DENY,
        "P4D TD3.3c, S004; the depositor's sight is our inference",
    ),
    Rule(
        "announcement-pending",
        "he is the holder or represents him, and the document awaits announcement: T is still to come",
        lambda f: and_(or_(f.holder, f.represents), f.pending),
        DENY,
        "R.1111-53, S003",
    ),
    Rule("holder", "he is the holder", lambda f: f.holder, PERMIT, "L.1111-19"),
    Rule(
        "hidden-from-representatives",
        "he represents the holder, and the document is hidden from representatives",
        lambda f: and_(f.represents, f.hidden),
        DENY,
        "R.1111-6, R.1111-40",
    ),
    Rule(
        "representative",
        "he represents the holder, by a link that holds today",
        lambda f: f.represents,
        PERMIT,
        "L.1111-14",
    ),
    Rule(
        "not-a-professional",
        "he is neither a professional nor an occupational physician",
        lambda f: not_(or_(f.professional, f.occupational)),
        DENY,
        "S002",
    ),
    Rule(
        "treating-physician",
        "he is the treating physician, and a doctor (profession 10); never an occupational physician",
        lambda f: and_(f.treating, f.doctor, f.professional),
        PERMIT,
        "L.1111-16, S000, S003, S004",
    ),
    Rule("blocked", "a block in force names him", lambda f: f.blocked, DENY, "P4D td02 NB1, S001"),
    Rule(
        "full-access",
        "an unexpired full access names him; never an occupational physician",
        lambda f: and_(f.full_access, f.professional),
        PERMIT,
        "S003",
    ),
    Rule("depositor", "he deposited the document", lambda f: f.deposited, PERMIT, "R.1111-49"),
    Rule("masked", "the document is masked", lambda f: f.masked, DENY, "R.1111-49, S000"),
    Rule(
        "outside-profession",
        "the matrix does not give his profession this kind of document: type beats class beats any, every recognised"
        " coding must permit, and without a recognised one nothing is given",
        lambda f: not_(f.in_matrix),
        DENY,
        "R.1111-46, S003",
    ),
    Rule(
        "authorised",
        "an unexpired authorisation names him (where it names him within a structure: acting in that structure); or"
        " one covers his structure, profession or specialty, or names a care team of which he is a member today, and"
        " no block covers his profession or specialty. An occupational physician by name alone",
        lambda f: f.authorised,
        PERMIT,
        "R.1111-46, S001, S004",
    ),
    Rule(
        "break-glass",
        "his window on this record is open, and break-glass is not opposed; never an occupational physician",
        lambda f: and_(f.window, f.professional, not_(f.break_glass_opposed)),
        PERMIT,
        "L.1111-17 I, S001",
    ),
    Rule(
        "regulation",
        "he is a regulator with purpose ETREAT, and regulation is not opposed",
        lambda f: and_(f.regulator, not_(f.regulation_opposed)),
        PERMIT,
        "L.1111-17 I, S004",
    ),
    Rule(
        "emergency-opposed",
        "his window is open or he is such a regulator, and the holder opposed it",
        lambda f: or_(and_(f.window, f.professional), f.regulator),
        DENY,
        "L.1111-17 I",
    ),
    Rule("not-authorised", "otherwise", lambda _: true(), DENY, "S004"),
)
"""policy.md section 3. A document that nothing keeps from anyone, judged by it, tells the caller's permit relation."""

EMERGENCY = frozenset({"break-glass", "regulation"})
"""Reasons that mark an access as an emergency one."""

SECRET_CONNECTION = Rule(
    "secret-connection",
    "he represents the holder, and the row was written in a secret connection or tells of one",
    lambda f: and_(f.represents, f.secret),
    DENY,
    "R.1111-6; policy.md section 4",
)
HOLDER = Rule("holder", "he is the holder", lambda f: f.holder, PERMIT, "L.1111-19")
REPRESENTATIVE = Rule(
    "representative",
    "he represents the holder, by a link that holds today",
    lambda f: f.represents,
    PERMIT,
    "L.1111-14",
)
TREATING = Rule(
    "treating-physician",
    "he is the treating physician, and a doctor (profession 10); never an occupational physician",
    lambda f: and_(f.treating, f.doctor, f.professional),
    PERMIT,
    "L.1111-16; policy.md section 4",
)
BLOCKED = Rule(
    "blocked",
    "a block in force names him",
    lambda f: f.blocked,
    DENY,
    "P4D td02 NB1, S001; policy.md section 3, notes",
)
"""For types where nothing a treating physician has stands before it: he cannot be blocked."""
NOT_AUTHORISED = Rule("not-authorised", "otherwise", lambda _: true(), DENY, "S004; policy.md section 4")

CONSENT: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    HOLDER,
    SECRET_CONNECTION,
    REPRESENTATIVE,
    TREATING,
    Rule(
        "named",
        "he is a professional or an occupational physician, and the Consent names him",
        lambda f: and_(or_(f.professional, f.occupational), f.named),
        PERMIT,
        "R.1111-46; policy.md section 4",
    ),
    NOT_AUTHORISED,
)

AUDIT: tuple[Rule, ...] = (
    Rule(
        "announcement-pending",
        "he is the holder or represents him, and the event is about a document that awaits announcement, or tells, in"
        " the month after, that one was refused because it was to await it; unless it is his own refused act",
        lambda f: and_(or_(f.holder, f.represents), f.pending),
        DENY,
        "R.1111-53",
    ),
    Rule("holder", "he is the holder", lambda f: f.holder, PERMIT, "L.1111-19, R.1111-43"),
    SECRET_CONNECTION,
    Rule(
        "hidden-from-representatives",
        "he represents the holder, and the event is about a document hidden from representatives, unless it is his"
        " own refused act",
        lambda f: and_(f.represents, f.hidden),
        DENY,
        "R.1111-6",
    ),
    REPRESENTATIVE,
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    TREATING,
    Rule(
        "own-act",
        "he is a professional or an occupational physician, and the act is his own",
        lambda f: and_(or_(f.professional, f.occupational), f.named),
        PERMIT,
        "R.1111-43; policy.md section 4",
    ),
    NOT_AUTHORISED,
)

DEPOSITOR = Rule(
    "depositor",
    "he deposited it, and is a professional, an occupational physician, the holder, or represents him today",
    lambda f: and_(f.deposited, or_(f.professional, f.occupational, f.holder, f.represents)),
    PERMIT,
    "R.1111-49; policy.md section 4; who represents no more is nobody here (L.1111-14)",
)
"""For types that are in no document's rules: a deposit alone gives a former representative nothing."""

LISTING: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    SECRET_CONNECTION,
    Rule(
        "entries",
        "he sees an entry or target in the record; or he has a permit relation, and none of them is in the record, or"
        " one leads out of it",
        lambda f: f.showing,
        PERMIT,
        "R.1111-46; policy.md section 4",
    ),
    BLOCKED,
    DEPOSITOR,
    Rule("nothing-visible", "otherwise", lambda _: true(), DENY, "S004; policy.md section 4"),
)
"""List and Provenance: as much as their entries and targets."""

TASK: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    Rule(
        "named",
        "the Task names him, or the structure he acts in, as requester or owner, and he is a professional, an"
        " occupational physician, the holder, or represents him today",
        lambda f: and_(f.named, or_(f.professional, f.occupational, f.holder, f.represents)),
        PERMIT,
        "R.1111-51; policy.md section 5, rectification; who represents no more is nobody here (L.1111-14)",
    ),
    NOT_AUTHORISED,
)

UNCITED: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    BLOCKED,
    DEPOSITOR,
    NOT_AUTHORISED,
)
"""A Binary that no document cites yet."""

PATIENT_REDUCED = Rule(
    "identity-only",
    "no rule above permits, and he is a professional, an occupational physician, a desk agent, software or the"
    " operator; or the holder, or represents him",
    lambda f: f.reduced,
    REDUCED,
    "P4D TD0.2; policy.md section 4",
)


def permits(table: tuple[Rule, ...]) -> frozenset[str]:
    """Names of the rules of a table that permit."""
    return frozenset(rule.name for rule in table if rule.verdict is PERMIT)


def reason(table: tuple[Rule, ...], f: Facts) -> ColumnElement[str]:
    """The table as one SQL expression: the name of the first rule that holds."""
    return case(*[(rule.when(f), constant(rule.name)) for rule in table[:-1]], else_=constant(table[-1].name))


def _boolean(rule: Rule) -> Condition:
    return true() if rule.verdict is PERMIT else false()


def permitted(table: tuple[Rule, ...], f: Facts) -> Condition:
    """The table as one SQL condition: whether the first rule that holds permits."""
    return case(
        *[(rule.when(f), _boolean(rule)) for rule in table[:-1]],
        else_=_boolean(table[-1]),
    )
