"""Patient: the holder of a record. Its id is the key of the record."""

from __future__ import annotations

from app.resources.contact import ACTIVE, ADDRESS, GENDER, IDENTIFIER, NAME, NAME_PARTS, TELECOM
from app.resources.definition import Definition, Operation, Parameter, Scope, Search

PATIENT = Definition(
    type="Patient",
    scope=Scope.RECORD,
    compartment="",
    parameters=(
        ACTIVE,
        *ADDRESS,
        Parameter("birthdate", Search.DATE, "birthDate"),
        Parameter("death-date", Search.DATE, "deceasedDateTime"),
        Parameter("deceased", Search.TOKEN, "exists(deceasedBoolean | deceasedDateTime)"),
        GENDER,
        Parameter(
            "general-practitioner",
            Search.REFERENCE,
            "generalPractitioner",
            targets=("Practitioner", "Organization", "PractitionerRole"),
        ),
        IDENTIFIER,
        Parameter("language", Search.TOKEN, "communication.language"),
        Parameter("link", Search.REFERENCE, "link.other", targets=("Patient", "RelatedPerson")),
        *NAME,
        *NAME_PARTS,
        Parameter("organization", Search.REFERENCE, "managingOrganization", targets=("Organization",)),
        *TELECOM,
    ),
    interactions=("read", "vread", "create", "update", "patch", "history-instance", "history-type", "search-type"),
    operations=(
        Operation("access", changes=False),
        Operation("break-glass"),
        Operation("end-break-glass"),
        Operation("close"),
        Operation("contact"),
        Operation("reopen"),
        Operation("destroy"),
        Operation("declare-treating-physician"),
        Operation("who-can-see", changes=False),
        Operation("what-if", changes=False),
        Operation("everything", changes=False, url="http://hl7.org/fhir/OperationDefinition/Patient-everything"),
    ),
)
