"""Invariants of profiles that no rule of an element can say (FR Core 2.1.0 and 2.2.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Node = dict[str, Any]

FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition"
RELIABILITY = f"{FR_CORE}/fr-core-identity-reliability"
INSEE = f"{FR_CORE}/fr-core-address-insee-code"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
VALIDATED = "VALI"
INS_SYSTEMS = frozenset(f"urn:oid:1.2.250.1.213.1.4.{number}" for number in (8, 9, 10, 11))
"""The real INS (NIR, NIA), and those of tests and demonstrations: 2.1.0 names one of these twice and means both."""
NOWHERE = "99999"
"""The code of a commune or country that is not known (COG)."""


def _extensions(node: Node, url: str) -> Iterator[Node]:
    return (one for one in node.get("extension", []) if isinstance(one, dict) and one.get("url") == url)


def _is_validated(patient: Node) -> bool:
    """Whether the identity is said to be validated (statut `VALI`)."""
    codings = (
        part.get("valueCoding", {}).get("code")
        for one in _extensions(patient, RELIABILITY)
        for part in _extensions(one, "identityStatus")
    )
    return VALIDATED in codings


def _identifiers(patient: Node, member: str, wanted: frozenset[str]) -> int:
    return sum(one.get(member) in wanted for one in patient.get("identifier", []))


def _has_ins(patient: Node) -> bool:
    return not _is_validated(patient) or _identifiers(patient, "system", INS_SYSTEMS) > 0


def _has_one_official(patient: Node) -> bool:
    return not _is_validated(patient) or _identifiers(patient, "use", frozenset({"official"})) == 1


def _is_born_somewhere(patient: Node) -> bool:
    if not _is_validated(patient):
        return True
    codes = [
        insee.get("valueCoding", {}).get("code")
        for place in _extensions(patient, BIRTH_PLACE)
        for insee in _extensions(place.get("valueAddress", {}), INSEE)
    ]
    return NOWHERE not in codes


INVARIANTS: dict[str, tuple[Callable[[Node], bool], str, str]] = {
    "fr-core-1": (_has_ins, "error", "a validated identity has an INS"),
    "fr-core-2": (_has_one_official, "error", "a validated identity has exactly one official identifier"),
    "fr-core-3": (_is_born_somewhere, "warning", "a validated identity has a place of birth that is known"),
}
"""By key: whether it holds of an object, how heavy it weighs, and what is said when it does not."""
