"""SMART scopes, read to the ceiling that `Access` keeps (SMART App Launch 2.2, section 3.0 "Scopes").

Both spellings are taken: version 2 (`user/DocumentReference.rs`) and version 1 (`user/DocumentReference.read`).

A scope may be restricted by token parameters of its type (`patient/DocumentReference.rs?category=…`): several values
of one are alternatives, several parameters hold together, several scopes add up. A restriction that this server cannot
enforce (another kind of parameter, a modifier, a chain, any on `*` or on a type of the directory, which is judged by
no verdict) makes its scope grant nothing: granting the whole type instead would give more than was asked. Unknown
scopes are ignored, as OAuth wants (RFC 6749 section 3.3). Neither is an error: the request that such a scope was meant
for is then refused for want of scope.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from app.access import Kind, Limit
from app.errors import BadValue
from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Scope, Search
from app.storage.search import token
from app.storage.search.piece import split

if TYPE_CHECKING:
    from app.access import Test
    from app.resources.definition import Parameter

SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(\*|[a-z]{1,5})(?:\?([!#-\[\]-~]{1,1000}))?")
LETTERS = re.compile(r"c?r?u?d?s?")  # in this order only: SMART leaves `dus` undefined
VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
PERSONS = frozenset(
    {Kind.HOLDER, Kind.REPRESENTATIVE, Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN, Kind.DESK},
)
WITHOUT_PERSON = frozenset({Kind.SOFTWARE, Kind.INSURER})
OPENID, FHIR_USER, LAUNCH, LAUNCH_PATIENT = "openid", "fhirUser", "launch", "launch/patient"
OFFLINE, ONLINE = "offline_access", "online_access"
SESSIONS, LAUNCHER = "__sessions", "__launch"
"""Scopes of our own: a person's sessions, and making EHR launches."""
PLAIN = frozenset({OPENID, FHIR_USER, LAUNCH, LAUNCH_PATIENT, OFFLINE, ONLINE, SESSIONS, LAUNCHER})
"""Scopes that are not about resources."""
MOST_LIMITS = 50
"""Restricted scopes of one token: each is weighed on each row."""


@dataclass(frozen=True, slots=True)
class Right:
    """One scope about resources: who it is for, a type or `*`, letters of `cruds`, and what rows must hold."""

    level: str
    type: str
    letters: str
    tests: tuple[Test, ...] = ()

    def covers(self, other: Right) -> bool:
        """Whether whatever the other grants, this grants as well, letters apart."""
        wide = self.type in {"*", other.type} and set(self.tests) <= set(other.tests)
        return wide and self.level == other.level


@lru_cache(maxsize=2000)
def right(scope: str) -> Right | None:
    """What one scope means; None for one that is not about resources, or that grants nothing."""
    match = SCOPE.fullmatch(scope)
    if match is None:
        return None
    level, kind, permission, query = match.groups()
    letters = VERSION_1.get(permission) or (permission if LETTERS.fullmatch(permission) else "")
    tests = () if query is None else _tests(kind, query)
    return Right(level, kind, letters, tests) if letters and tests is not None else None


def _tests(kind: str, query: str) -> tuple[Test, ...] | None:
    """The restriction of a scope; None for one that cannot be enforced."""
    pairs = parse_qsl(query, keep_blank_values=True)
    definition = DEFINITIONS.get(kind)
    if definition is None or definition.scope is Scope.DIRECTORY or not pairs:
        return None
    tests = []
    for name, value in pairs:
        parameter = next((p for p in (*definition.parameters, *COMMON) if p.name == name), None)
        keys = _keys(parameter, value) if parameter else None
        if parameter is None or not keys:
            return None
        tests.append((parameter.column, keys))
    return tuple(sorted(set(tests)))


def _keys(parameter: Parameter, value: str) -> tuple[str, ...] | None:
    if parameter.type is not Search.TOKEN or not value.isprintable():
        return None
    try:
        pieces = split(value, ",")
        found = {key for piece in pieces for key in token.keys(parameter.name, piece)}
    except BadValue:
        return None
    return tuple(sorted(found)) if "" not in found else None


def granted(scope: str, kind: Kind, record: str) -> frozenset[str]:
    """Return what a `scope` claim grants whole to a caller, as `<Type or *>.<one of c r u d s>`.

    `user/` grants to a person, `system/` to software and the insurer, `patient/` to a person whose token names a
    record; elsewhere they grant nothing.
    """
    found = _rights(scope, kind, record)
    return frozenset(f"{one.type}.{letter}" for one in found if not one.tests for letter in one.letters)


def limited(scope: str, kind: Kind, record: str) -> tuple[Limit, ...]:
    """Return what a `scope` claim grants of some rows of a type."""
    found = [one for one in _rights(scope, kind, record) if one.tests]
    return tuple(Limit(one.type, one.letters, one.tests) for one in found[:MOST_LIMITS])


def _rights(scope: str, kind: Kind, record: str) -> list[Right]:
    levels = _levels(kind, record)
    found = (right(part) for part in scope.split(" "))
    return [one for one in found if one and one.level in levels]


def _levels(kind: Kind, record: str) -> tuple[str, ...]:
    if kind in PERSONS:
        return ("user", "patient") if record else ("user",)
    return ("system",) if kind in WITHOUT_PERSON else ()


def is_known(scope: str) -> bool:
    """Whether one scope means something here."""
    return scope in PLAIN or right(scope) is not None


def within(scope: str, ceiling: str) -> bool:
    """Whether one scope gives nothing that the scopes of `ceiling` do not give."""
    most = ceiling.split(" ")
    if scope in PLAIN:
        return scope in most
    asked = right(scope)
    if asked is None:
        return False
    wider = [one for one in map(right, most) if one and one.covers(asked)]
    return set(asked.letters) <= {letter for one in wider for letter in one.letters}


def offered(scope: str, kind: Kind) -> str:
    """Of some scopes, those that mean something to a caller of that kind (whose token may yet name a record)."""
    levels = _levels(kind, "any")
    parts = [(part, right(part)) for part in scope.split(" ")]
    return " ".join(part for part, one in parts if part in PLAIN or (one is not None and one.level in levels))


def names_record(scope: str) -> bool:
    """Whether scopes make no sense without a record in the token: SMART wants a patient context with them."""
    return any(part == LAUNCH_PATIENT or part.startswith("patient/") for part in scope.split(" "))
