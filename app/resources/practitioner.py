"""Practitioner: a professional of the national directory."""

from __future__ import annotations

from app.resources.contact import ACTIVE, ADDRESS, GENDER, IDENTIFIER, NAME, NAME_PARTS, TELECOM
from app.resources.definition import Definition, Parameter, Scope, Search

DIRECTORY = ("read", "vread", "history-instance", "history-type", "search-type")
"""The directory is imported by the operator: the API reads it."""

PRACTITIONER = Definition(
    type="Practitioner",
    scope=Scope.DIRECTORY,
    compartment="",
    parameters=(
        ACTIVE,
        *ADDRESS,
        Parameter("communication", Search.TOKEN, "communication"),
        GENDER,
        IDENTIFIER,
        *NAME,
        *NAME_PARTS,
        *TELECOM,
    ),
    interactions=DIRECTORY,
)
