"""AuditEvent: what was done, by whom and why. Written by the server alone."""

from __future__ import annotations

from app.resources.definition import Definition, Operation, Parameter, Scope, Search

AGENTS = ("Practitioner", "Organization", "Device", "Patient", "PractitionerRole", "RelatedPerson")

AUDIT_EVENT = Definition(
    type="AuditEvent",
    scope=Scope.RECORD,
    compartment="",
    parameters=(
        Parameter("action", Search.TOKEN, "action", system="http://hl7.org/fhir/audit-event-action"),
        Parameter("address", Search.STRING, "agent.network.address"),
        Parameter("agent", Search.REFERENCE, "agent.who", targets=AGENTS),
        Parameter("agent-name", Search.STRING, "agent.name"),
        Parameter("agent-role", Search.TOKEN, "agent.role"),
        Parameter("altid", Search.TOKEN, "agent.altId"),
        Parameter("date", Search.DATE, "recorded"),
        Parameter("entity", Search.REFERENCE, "entity.what"),
        Parameter("entity-name", Search.STRING, "entity.name"),
        Parameter("entity-role", Search.TOKEN, "entity.role"),
        Parameter("entity-type", Search.TOKEN, "entity.type"),
        Parameter("outcome", Search.TOKEN, "outcome", system="http://hl7.org/fhir/audit-event-outcome"),
        Parameter("patient", Search.REFERENCE, "agent.who | entity.what", targets=("Patient",)),
        Parameter("policy", Search.URI, "agent.policy"),
        Parameter(
            "purpose-of-use",
            Search.TOKEN,
            "purposeOfEvent | agent.purposeOfUse",
            url="SearchParameter/AuditEvent-purpose-of-use",
        ),
        Parameter("site", Search.TOKEN, "source.site"),
        Parameter("source", Search.REFERENCE, "source.observer", targets=AGENTS),
        Parameter("subtype", Search.TOKEN, "subtype"),
        Parameter("type", Search.TOKEN, "type"),
    ),
    interactions=("read", "search-type"),
    operations=(Operation("decision", changes=False),),
)
