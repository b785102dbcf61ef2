"""SMART scopes, read to the ceiling that `Access.allows` applies (SMART App Launch 2.2, section 3.0 "Scopes").

Both spellings are taken: version 2 (`user/DocumentReference.rs`) and version 1 (`user/DocumentReference.read`).

A scope with a restriction (`patient/Observation.rs?category=…`) grants nothing: restrictions are not enforced, and
granting the whole type instead would give more than was asked. Unknown scopes are ignored, as OAuth wants (RFC 6749
section 3.3). Neither is an error: the request that such a scope was meant for is then refused for want of scope.
"""

from __future__ import annotations

import re

from app.access import Kind

SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(\*|[a-z]{1,5})")
LETTERS = re.compile(r"c?r?u?d?s?")  # in this order only: SMART leaves `dus` undefined
VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
PERSONS = frozenset(
    {Kind.HOLDER, Kind.REPRESENTATIVE, Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN, Kind.DESK},
)
WITHOUT_PERSON = frozenset({Kind.SOFTWARE, Kind.INSURER})


def granted(scope: str, kind: Kind, record: str) -> frozenset[str]:
    """Return what a `scope` claim grants to a caller, as `<Type or *>.<one of c r u d s>`.

    `user/` grants to a person, `system/` to software and the insurer, `patient/` to a person whose token names a
    record; elsewhere they grant nothing.
    """
    levels = _levels(kind, record)
    found = (SCOPE.fullmatch(part) for part in scope.split(" "))
    return frozenset(
        f"{match[2]}.{letter}" for match in found if match and match[1] in levels for letter in _letters(match[3])
    )


def _levels(kind: Kind, record: str) -> tuple[str, ...]:
    if kind in PERSONS:
        return ("user", "patient") if record else ("user",)
    return ("system",) if kind in WITHOUT_PERSON else ()


def _letters(permission: str) -> str:
    if permission in VERSION_1:
        return VERSION_1[permission]
    return permission if LETTERS.fullmatch(permission) else ""
