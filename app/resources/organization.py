"""Organization: a structure of the national directory."""

from __future__ import annotations

from app.resources.contact import ACTIVE, ADDRESS, IDENTIFIER
from app.resources.definition import Definition, Parameter, Scope, Search
from app.resources.practitioner import DIRECTORY

ORGANIZATION = Definition(
    type="Organization",
    scope=Scope.DIRECTORY,
    compartment="",
    parameters=(
        ACTIVE,
        *ADDRESS,
        Parameter("endpoint", Search.REFERENCE, "endpoint", targets=("Endpoint",)),
        IDENTIFIER,
        Parameter("name", Search.STRING, "name | alias"),
        Parameter("partof", Search.REFERENCE, "partOf", targets=("Organization",)),
        Parameter("phonetic", Search.STRING, "name"),
        Parameter("type", Search.TOKEN, "type"),
    ),
    interactions=DIRECTORY,
)
