"""Binary: the content of a document. It has no search parameter (R4) and follows the document that first cited it."""

from __future__ import annotations

from app.resources.definition import Definition, Scope

BINARY = Definition(
    type="Binary",
    scope=Scope.RECORD,
    compartment="",
    parameters=(),
    interactions=("read", "vread", "create", "history-instance"),
    raw=True,
)
