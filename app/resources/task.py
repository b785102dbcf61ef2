"""Task: a rectification that the holder asks and the depositor answers."""

from __future__ import annotations

from app.resources.definition import Definition, Parameter, Scope, Search

TASK = Definition(
    type="Task",
    scope=Scope.RECORD,
    compartment="for",
    parameters=(
        Parameter("authored-on", Search.DATE, "authoredOn"),
        Parameter("based-on", Search.REFERENCE, "basedOn"),
        Parameter("business-status", Search.TOKEN, "businessStatus"),
        Parameter("code", Search.TOKEN, "code"),
        Parameter("encounter", Search.REFERENCE, "encounter", targets=("Encounter",)),
        Parameter("focus", Search.REFERENCE, "focus"),
        Parameter("group-identifier", Search.TOKEN, "groupIdentifier"),
        Parameter("identifier", Search.TOKEN, "identifier"),
        Parameter("intent", Search.TOKEN, "intent", system="http://hl7.org/fhir/request-intent"),
        Parameter("modified", Search.DATE, "lastModified"),
        Parameter(
            "owner",
            Search.REFERENCE,
            "owner",
            targets=(
                "Practitioner",
                "Organization",
                "CareTeam",
                "Device",
                "Patient",
                "HealthcareService",
                "PractitionerRole",
                "RelatedPerson",
            ),
        ),
        Parameter("part-of", Search.REFERENCE, "partOf", targets=("Task",)),
        Parameter("patient", Search.REFERENCE, "for", targets=("Patient",)),
        Parameter("performer", Search.TOKEN, "performerType"),
        Parameter("period", Search.DATE, "executionPeriod"),
        Parameter("priority", Search.TOKEN, "priority", system="http://hl7.org/fhir/request-priority"),
        Parameter(
            "requester",
            Search.REFERENCE,
            "requester",
            targets=("Practitioner", "Organization", "Device", "Patient", "PractitionerRole", "RelatedPerson"),
        ),
        Parameter("status", Search.TOKEN, "status", system="http://hl7.org/fhir/task-status"),
        Parameter("subject", Search.REFERENCE, "for"),
    ),
    filtered=("focus", "basedOn", "reasonReference"),
    interactions=("read", "vread", "create", "update", "patch", "history-instance", "history-type", "search-type"),
)
