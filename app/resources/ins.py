"""The INS: the national identity of the holder (matricule INS: NIR or NIA), and its key.

A value is 15 characters, the last two the key: 97 minus the 13 first modulo 97, where `2A` counts as 19 and `2B` as 18
(facts of the NIR, INSEE).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stdnum.exceptions import ValidationError
from stdnum.fr import nir

from app.errors import Issue
from app.settings import InsKey

if TYPE_CHECKING:
    from collections.abc import Iterable

NIR = "urn:oid:1.2.250.1.213.1.4.8"
NIA = "urn:oid:1.2.250.1.213.1.4.9"
TEST = "urn:oid:1.2.250.1.213.1.4.10"
DEMO = "urn:oid:1.2.250.1.213.1.4.11"
SYSTEMS = (NIR, NIA, TEST, DEMO)
"""Systems of an INS, the real ones first."""
REAL = frozenset({NIR, NIA})
BILLING = "NH"
"""Identifier type of the billing number, which FR Core 2.1.0 put under the system of the INS: it is no INS."""
LENGTH = 15
BODY_LENGTH = 13


def is_ins(identifier: dict[str, Any]) -> bool:
    """Whether an identifier is an INS in force: of one of its systems, not `old`, not the billing number."""
    if identifier.get("system") not in SYSTEMS or not identifier.get("value") or identifier.get("use") == "old":
        return False
    codings = (identifier.get("type") or {}).get("coding") or []
    return not any(coding.get("code") == BILLING for coding in codings)


def key_is_right(value: str) -> bool:
    """Whether a value is 15 characters of a NIR with the right key."""
    if len(value) != LENGTH:
        return False
    try:
        nir.validate(value)
    except ValidationError:
        return False
    return True


def _fault(value: str) -> str:
    """What is wrong with a value, or ""; never the value itself."""
    if len(value) == BODY_LENGTH:
        return "an INS is written with its key, 15 characters"
    return "" if key_is_right(value) else "the key of the INS is wrong"


def check_ins(identifiers: Iterable[dict[str, Any]], ins_key: InsKey) -> tuple[str | None, tuple[Issue, ...]]:
    """The INS of a Patient as `system|value`, or None, and what is to be said of it.

    A wrong key under a real system is an error where `ins_key` refuses, else a warning; under the test and demo systems
    it is always a warning. Two different INS in force are an error. A NIR stands before a NIA, which it replaces.
    """
    found = sorted(
        {(SYSTEMS.index(i["system"]), i["value"]) for i in identifiers if is_ins(i)},
    )
    if not found:
        return None, ()
    issues = [issue for index, value in found if (issue := _key_issue(SYSTEMS[index], value, ins_key))]
    first = found[0][0]
    if len([index for index, _ in found if index == first]) > 1:
        message = "a Patient has one INS of a system; a former one has the use `old`"
        issues.append(Issue("business-rule", message, "ins-twice", ("Patient.identifier",)))
    return f"{SYSTEMS[first]}|{found[0][1]}", tuple(issues)


def _key_issue(system: str, value: str, ins_key: InsKey) -> Issue | None:
    fault = _fault(value)
    if not fault:
        return None
    severity = "error" if system in REAL and ins_key is InsKey.REFUSE else "warning"
    return Issue("business-rule", fault, "ins-key", ("Patient.identifier",), severity)
