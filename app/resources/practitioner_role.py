"""PractitionerRole: a professional's work in one structure."""

from __future__ import annotations

from app.resources.contact import ACTIVE, IDENTIFIER, TELECOM
from app.resources.definition import Definition, Parameter, Scope, Search
from app.resources.practitioner import DIRECTORY

PRACTITIONER_ROLE = Definition(
    type="PractitionerRole",
    scope=Scope.DIRECTORY,
    compartment="",
    parameters=(
        ACTIVE,
        Parameter("date", Search.DATE, "period"),
        Parameter("endpoint", Search.REFERENCE, "endpoint", targets=("Endpoint",)),
        IDENTIFIER,
        Parameter("location", Search.REFERENCE, "location", targets=("Location",)),
        Parameter("organization", Search.REFERENCE, "organization", targets=("Organization",)),
        Parameter("practitioner", Search.REFERENCE, "practitioner", targets=("Practitioner",)),
        Parameter("role", Search.TOKEN, "code"),
        Parameter("service", Search.REFERENCE, "healthcareService", targets=("HealthcareService",)),
        Parameter("specialty", Search.TOKEN, "specialty"),
        *TELECOM,
    ),
    interactions=DIRECTORY,
)
