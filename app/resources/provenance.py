"""Provenance: where a resource of the record comes from. It finds its record by its targets."""

from __future__ import annotations

from app.resources.definition import Definition, Parameter, Scope, Search

PROVENANCE = Definition(
    type="Provenance",
    scope=Scope.RECORD,
    compartment="",
    parameters=(
        Parameter(
            "agent",
            Search.REFERENCE,
            "agent.who",
            targets=("Practitioner", "Organization", "Device", "Patient", "PractitionerRole", "RelatedPerson"),
        ),
        Parameter("agent-role", Search.TOKEN, "agent.role"),
        Parameter("agent-type", Search.TOKEN, "agent.type"),
        Parameter("entity", Search.REFERENCE, "entity.what"),
        Parameter("location", Search.REFERENCE, "location", targets=("Location",)),
        Parameter("patient", Search.REFERENCE, "target", targets=("Patient",)),
        Parameter("recorded", Search.DATE, "recorded"),
        Parameter("signature-type", Search.TOKEN, "signature.type"),
        Parameter("target", Search.REFERENCE, "target"),
        Parameter("when", Search.DATE, "occurredDateTime"),
    ),
    filtered=("target", "entity.what"),
    interactions=("read", "vread", "create", "history-instance", "history-type", "search-type"),
)
