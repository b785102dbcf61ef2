"""RelatedPerson: someone close to the holder; some of them may represent him.

A RelatedPerson represents only through an active `representation` Consent, and only in a relation that can: mother or
father while the holder is a minor, guardian, or MSVG (mandataire de sauvegarde de justice).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.resources.contact import ACTIVE, ADDRESS, GENDER, IDENTIFIER, NAME, TELECOM
from app.resources.definition import Definition, Parameter, Resource, Scope, Search
from app.resources.moment import bounds

if TYPE_CHECKING:
    from datetime import datetime

FAMILY = frozenset(
    {
        "https://mos.esante.gouv.fr/NOS/TRE_R216-HL7RoleCode/FHIR/TRE-R216-HL7RoleCode",
        "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
    }
)
PROTECTION = "https://mos.esante.gouv.fr/NOS/TRE_R217-ProtectionJuridique/FHIR/TRE-R217-ProtectionJuridique"
PARENTS = frozenset({"MTH", "FTH"})
GUARDIANS = frozenset({"TUTEUR", "MSVG"})


@dataclass(frozen=True, slots=True)
class Representation:
    """As what one can represent: parent of a minor, guardian; from `starts` until `ends` (first instant after)."""

    parent: bool
    guardian: bool
    starts: datetime | None
    ends: datetime | None


def representation(tree: Resource) -> Representation | None:
    """How this person can represent the holder; None for other relations, the curator's too, and when not active."""
    parent, guardian = _relations(tree)
    if tree.get("active") is False or not (parent or guardian):
        return None
    return Representation(parent, guardian, *bounds(tree.get("period")))


def is_parent_or_guardian(tree: Resource) -> bool:
    """Whether this is one who may represent the holder, does, or did."""
    return any(_relations(tree))


def _relations(tree: Resource) -> tuple[bool, bool]:
    """Whether it is a parent, and whether a guardian."""
    codings = [coding for concept in tree.get("relationship") or [] for coding in concept.get("coding") or []]
    parent = any(c.get("system") in FAMILY and c.get("code") in PARENTS for c in codings)
    return parent, any(c.get("system") == PROTECTION and c.get("code") in GUARDIANS for c in codings)


RELATED_PERSON = Definition(
    type="RelatedPerson",
    scope=Scope.RECORD,
    compartment="patient",
    parameters=(
        ACTIVE,
        *ADDRESS,
        Parameter("birthdate", Search.DATE, "birthDate"),
        GENDER,
        IDENTIFIER,
        *NAME,
        Parameter("patient", Search.REFERENCE, "patient", targets=("Patient",)),
        Parameter("relationship", Search.TOKEN, "relationship"),
        *TELECOM,
    ),
)
