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
    """One line of a table: its name is the reason code, `when` its condition, `source` where it comes from."""

    name: str
    when: Callable[[Facts], Condition]
    verdict: Verdict
    source: str


RECORD_NOT_OPEN = Rule(
    "record-not-open", lambda f: not_(f.record_open), DENY, "P4D «statut actif» (TD2, TD3); ten years: L.1111-18"
)
EXCLUDED_PARTY = Rule("excluded-party", lambda f: f.excluded, DENY, "L.1111-18, S002, S004")

DOCUMENT: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    Rule(
        "withdrawn",
        lambda f: and_(f.withdrawn, not_(and_(f.deposited, or_(f.professional, f.occupational)))),
        DENY,
        "P4D TD3.3c, S004; the depositor's sight is our inference",
    ),
    Rule("announcement-pending", lambda f: and_(or_(f.holder, f.represents), f.pending), DENY, "R.1111-53, S003"),
    Rule("holder", lambda f: f.holder, PERMIT, "L.1111-19"),
    Rule("hidden-from-representatives", lambda f: and_(f.represents, f.hidden), DENY, "R.1111-6, R.1111-40"),
    Rule("representative", lambda f: f.represents, PERMIT, "L.1111-14"),
    Rule("not-a-professional", lambda f: not_(or_(f.professional, f.occupational)), DENY, "S002"),
    Rule(
        "treating-physician",
        lambda f: and_(f.treating, f.doctor, f.professional),
        PERMIT,
        "L.1111-16, S000, S003, S004",
    ),
    Rule("blocked", lambda f: f.blocked, DENY, "P4D td02 NB1, S001"),
    Rule("full-access", lambda f: and_(f.full_access, f.professional), PERMIT, "S003"),
    Rule("depositor", lambda f: f.deposited, PERMIT, "R.1111-49"),
    Rule("masked", lambda f: f.masked, DENY, "R.1111-49, S000"),
    Rule("outside-profession", lambda f: not_(f.in_matrix), DENY, "R.1111-46, S003"),
    Rule("authorised", lambda f: f.authorised, PERMIT, "R.1111-46, S001, S004"),
    Rule(
        "break-glass",
        lambda f: and_(f.window, f.professional, not_(f.break_glass_opposed)),
        PERMIT,
        "L.1111-17 I, S001",
    ),
    Rule("regulation", lambda f: and_(f.regulator, not_(f.regulation_opposed)), PERMIT, "L.1111-17 I, S004"),
    Rule("emergency-opposed", lambda f: or_(and_(f.window, f.professional), f.regulator), DENY, "L.1111-17 I"),
    Rule("not-authorised", lambda _: true(), DENY, "S004"),
)
"""policy.md section 3. A document that nothing keeps from anyone, judged by it, tells the caller's permit relation."""

EMERGENCY = frozenset({"break-glass", "regulation"})
"""Reasons that mark an access as an emergency one."""

SECRET_CONNECTION = Rule(
    "secret-connection", lambda f: and_(f.represents, f.secret), DENY, "R.1111-6; policy.md section 4"
)
HOLDER = Rule("holder", lambda f: f.holder, PERMIT, "L.1111-19")
REPRESENTATIVE = Rule("representative", lambda f: f.represents, PERMIT, "L.1111-14")
TREATING = Rule(
    "treating-physician", lambda f: and_(f.treating, f.doctor, f.professional), PERMIT, "L.1111-16; policy.md section 4"
)
BLOCKED = Rule("blocked", lambda f: f.blocked, DENY, "policy.md section 3, notes")
"""For types where nothing a treating physician has stands before it: he cannot be blocked."""
NOT_AUTHORISED = Rule("not-authorised", lambda _: true(), DENY, "policy.md section 4")

CONSENT: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    HOLDER,
    SECRET_CONNECTION,
    REPRESENTATIVE,
    TREATING,
    Rule("named", lambda f: and_(or_(f.professional, f.occupational), f.named), PERMIT, "policy.md section 4"),
    NOT_AUTHORISED,
)

AUDIT: tuple[Rule, ...] = (
    Rule("announcement-pending", lambda f: and_(or_(f.holder, f.represents), f.pending), DENY, "R.1111-53"),
    Rule("holder", lambda f: f.holder, PERMIT, "L.1111-19, R.1111-43"),
    SECRET_CONNECTION,
    Rule("hidden-from-representatives", lambda f: and_(f.represents, f.hidden), DENY, "R.1111-6"),
    REPRESENTATIVE,
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    TREATING,
    Rule("own-act", lambda f: and_(or_(f.professional, f.occupational), f.named), PERMIT, "policy.md section 4"),
    NOT_AUTHORISED,
)

DEPOSITOR = Rule(
    "depositor",
    lambda f: and_(f.deposited, or_(f.professional, f.occupational, f.holder, f.represents)),
    PERMIT,
    "policy.md section 4; who represents no more is nobody here (L.1111-14)",
)
"""For types that are in no document's rules: a deposit alone gives a former representative nothing."""

LISTING: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    SECRET_CONNECTION,
    Rule("entries", lambda f: f.showing, PERMIT, "policy.md section 4"),
    BLOCKED,
    DEPOSITOR,
    Rule("nothing-visible", lambda _: true(), DENY, "policy.md section 4"),
)
"""List and Provenance: as much as their entries and targets."""

TASK: tuple[Rule, ...] = (
    RECORD_NOT_OPEN,
    EXCLUDED_PARTY,
    Rule(
        "named",
        lambda f: and_(f.named, or_(f.professional, f.occupational, f.holder, f.represents)),
        PERMIT,
        "policy.md section 5, rectification; who represents no more is nobody here (L.1111-14)",
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

PATIENT_REDUCED = Rule("identity-only", lambda f: f.reduced, REDUCED, "P4D TD0.2; policy.md section 4")


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
