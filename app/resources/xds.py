"""What IHE calls a refusal of a document or of a List (ITI TF-3 table 4.2.4.1-2): said beside our own reason code.

It is made of what the refusal says already, and of nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.errors import Issue

UNRESOLVED = "unresolved-reference"
NAMES = (
    (UNRESOLVED, re.compile(r"(DocumentReference|List)\.subject"), "XDSUnknownPatientId"),
    ("no-record", re.compile(r"(DocumentReference|List)\.subject"), "XDSUnknownPatientId"),
    (UNRESOLVED, re.compile(r"DocumentReference\.content\[\d+]\.attachment\.url"), "XDSMissingDocument"),
    (UNRESOLVED, re.compile(r"(DocumentReference|List)\..+"), "UnresolvedReferenceException"),
)
"""Reason code, element at fault, and its name; the first that fits."""
METADATA = re.compile(r"(DocumentReference|List)(\..+)?")
FAULTS = frozenset({"structure", "value", "required", "invariant", "code-invalid"})
"""Issue codes of what is wrong with the metadata themselves."""


def name_of(issue: Issue) -> str:
    """IHE's name of an issue, "" where it has none."""
    if issue.severity != "error" or not issue.expression:
        return ""
    for reason, element, name in NAMES:
        if issue.reason == reason and element.fullmatch(issue.expression[0]):
            return name
    own = issue.reason and issue.reason != "profile"
    known = not own and issue.code in FAULTS and METADATA.fullmatch(issue.expression[0])
    return "XDSRepositoryMetadataError" if known else ""
