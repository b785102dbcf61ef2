"""What may be asked of a type, as the CapabilityStatement says it: made from what the search itself reads.

R4's statement has no element for modifiers and chains of a parameter: they stand in its `documentation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Search
from app.storage.search import ID, LAST_UPDATED, PREFIXES, UNBROUGHT, chained, modifiers

if TYPE_CHECKING:
    from app.resources.definition import Definition, Parameter
    from app.settings import Settings

Tree = dict[str, Any]
R4 = "http://hl7.org/fhir/SearchParameter"
PEOPLE = frozenset({"Patient", "Practitioner", "PractitionerRole", "RelatedPerson"})
OF_PEOPLE = frozenset({
    "address", "address-city", "address-country", "address-postalcode", "address-state", "address-use", "birthdate",
    "email", "family", "gender", "given", "phone", "phonetic", "telecom",
})  # fmt: skip
CLINICAL = {
    "code": {"List"},
    "date": {"CareTeam", "Consent", "List"},
    "encounter": {"DocumentReference", "List"},
    "identifier": {"CareTeam", "Consent", "DocumentReference", "List"},
    "patient": {"CareTeam", "Consent", "DocumentReference", "List"},
    "type": {"DocumentReference"},
}
"""Parameters that R4 defines once for several types (search-parameters.json of 4.0.1)."""
SHARED = (ID, LAST_UPDATED, *COMMON)
"""Parameters of every type."""


def canonical(url: str, settings: Settings) -> str:
    """A canonical URL: ours are written below our base."""
    return url if "://" in url else f"{settings.codesystem_base}/{url}"


def definition_of(type: str, parameter: Parameter, settings: Settings) -> str:
    """Canonical URL of the SearchParameter that defines it: a guide's, ours, or R4's."""
    if parameter.url:
        return canonical(parameter.url, settings)
    if parameter in SHARED:
        return f"{R4}/Resource-{parameter.name[1:]}"
    if type in PEOPLE and parameter.name in OF_PEOPLE:
        return f"{R4}/individual-{parameter.name}"
    return f"{R4}/{'clinical' if type in CLINICAL.get(parameter.name, ()) else type}-{parameter.name}"


def told(type: str, parameter: Parameter, settings: Settings) -> Tree:
    """One `searchParam` of the statement."""
    said = {
        "modifiers": modifiers(parameter),
        "prefixes": PREFIXES if parameter.type is Search.DATE else (),
        "chains through": chained(parameter),
    }
    tree = {
        "name": parameter.name,
        "definition": definition_of(type, parameter, settings),
        "type": str(parameter.type),
    }
    words = "; ".join(f"{name}: {', '.join(found)}" for name, found in said.items() if found)
    return tree | ({"documentation": words} if words else {})


def of_type(definition: Definition, settings: Settings) -> Tree:
    """Parameters of a type, what it brings along and what brings it along."""
    references = [one for one in definition.parameters if one.type is Search.REFERENCE]
    found: Tree = {
        "searchInclude": ["*", *(f"{definition.type}:{one.name}" for one in references)] if references else [],
        "searchRevInclude": ["*", *pointing(definition.type)],
        "searchParam": [told(definition.type, one, settings) for one in (*SHARED, *definition.parameters)],
    }
    return {name: value for name, value in found.items() if value}


def pointing(type: str) -> list[str]:
    """The references by which other resources point at a type (`_revinclude`); events of the trail are not brought."""
    return [
        f"{kind}:{one.name}"
        for kind, other in DEFINITIONS.items()
        if kind != UNBROUGHT
        for one in other.parameters
        if one.type is Search.REFERENCE and type in (one.targets or DEFINITIONS)
    ]
