"""List: a submission set or a folder of documents (IHE MHD)."""

from __future__ import annotations

from app.resources.definition import Definition, Parameter, Scope, Search
from app.resources.guides import AUTHOR_ORGANIZATION, DESIGNATION_TYPE, IS_ARCHIVED, MHD, PDSM, SOURCE_ID

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
