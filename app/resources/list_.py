"""List: a submission set or a folder of documents (IHE MHD)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.resources.definition import Definition, Parameter, Resource, Scope, Search
from app.resources.guides import (
    AUTHOR_ORGANIZATION,
    DESIGNATION_TYPE,
    IDENTIFIER_TYPES,
    INTENDED_RECIPIENT,
    IS_ARCHIVED,
    LIST_TYPES,
    MHD,
    PDSM,
    PDSM_RECIPIENT,
    SOURCE_ID,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def unique_id(tree: Resource) -> str | None:
    """The uniqueId of a List as `system|value`, told by `use` (MHD 4.2.3) or by `type` (later); None without one."""
    for one in tree.get("identifier", []):
        codings = one.get("type", {}).get("coding", [])
        typed = any((c.get("system"), c.get("code")) == (IDENTIFIER_TYPES, "uniqueId") for c in codings)
        if (typed or one.get("use") == "usual") and one.get("system") and one.get("value"):
            return f"{one['system']}|{one['value']}"
    return None


def _is_of(tree: Resource, code: str) -> bool:
    codings = tree.get("code", {}).get("coding", [])
    return any((one.get("system"), one.get("code")) == (LIST_TYPES, code) for one in codings)


def is_submission_set(tree: Resource) -> bool:
    """Whether a resource is a List of what was deposited together."""
    return tree.get("resourceType") == "List" and _is_of(tree, "submissionset")


def recipients(tree: Resource) -> Iterator[tuple[int, dict[str, Any]]]:
    """References to whom a submission set is meant for, each with the place of its extension."""
    for place, one in enumerate(tree.get("extension", [])):
        if one.get("url") in {INTENDED_RECIPIENT, PDSM_RECIPIENT} and "valueReference" in one:
            yield place, one["valueReference"]


LIST = Definition(
    type="List",
    scope=Scope.RECORD,
    compartment="subject",
    parameters=(
        Parameter(
            "authorOrg",
            Search.REFERENCE,
            # PDSm reads it on the List, MHD puts it on `source`
            f"extension[url={AUTHOR_ORGANIZATION}].valueReference"
            f" | source.extension[url={AUTHOR_ORGANIZATION}].valueReference",
            targets=("Organization",),
            url=f"{PDSM}/SearchParameter/PDSm-List-authorOrg",
        ),
        Parameter("code", Search.TOKEN, "code"),
        Parameter("date", Search.DATE, "date"),
        Parameter(
            "designationType",
            Search.TOKEN,
            f"extension[url={DESIGNATION_TYPE}].valueCodeableConcept",
            url=f"{MHD}/SearchParameter/List-DesignationType",
        ),
        Parameter("empty-reason", Search.TOKEN, "emptyReason"),
        Parameter("encounter", Search.REFERENCE, "encounter", targets=("Encounter", "EpisodeOfCare")),
        Parameter("identifier", Search.TOKEN, "identifier"),
        Parameter(
            "isArchived",
            Search.TOKEN,
            f"extension[url={IS_ARCHIVED}].valueBoolean",
            url=f"{PDSM}/SearchParameter/PDSm-isArchived",
        ),
        Parameter("item", Search.REFERENCE, "entry.item"),
        Parameter("notes", Search.STRING, "note.text"),
        Parameter("patient", Search.REFERENCE, "subject", targets=("Patient",)),
        Parameter(
            "source", Search.REFERENCE, "source", targets=("Practitioner", "Device", "Patient", "PractitionerRole")
        ),
        Parameter(
            "sourceId",
            Search.TOKEN,
            f"extension[url={SOURCE_ID}].valueIdentifier",
            url=f"{MHD}/SearchParameter/List-SourceId",
        ),
        Parameter("status", Search.TOKEN, "status", system="http://hl7.org/fhir/list-status"),
        Parameter("subject", Search.REFERENCE, "subject", targets=("Group", "Device", "Patient", "Location")),
        Parameter("title", Search.STRING, "title"),
    ),
    filtered=("entry.item",),
)
