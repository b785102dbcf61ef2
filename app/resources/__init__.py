"""What exists: the declaration of every resource type that the server keeps."""

from __future__ import annotations

from app.resources.audit_event import AUDIT_EVENT
from app.resources.binary import BINARY
from app.resources.care_team import CARE_TEAM
from app.resources.consent import CONSENT
from app.resources.definition import COMMON, Definition
from app.resources.document_reference import DOCUMENT_REFERENCE
from app.resources.list_ import LIST
from app.resources.organization import ORGANIZATION
from app.resources.patient import PATIENT
from app.resources.practitioner import PRACTITIONER
from app.resources.practitioner_role import PRACTITIONER_ROLE
from app.resources.provenance import PROVENANCE
from app.resources.related_person import RELATED_PERSON
from app.resources.task import TASK

__all__ = ["COMMON", "COMPARTMENT", "DEFINITIONS"]

DEFINITIONS: dict[str, Definition] = {
    definition.type: definition
    for definition in (
        PATIENT,
        RELATED_PERSON,
        CARE_TEAM,
        CONSENT,
        DOCUMENT_REFERENCE,
        BINARY,
        LIST,
        AUDIT_EVENT,
        PROVENANCE,
        TASK,
        PRACTITIONER,
        PRACTITIONER_ROLE,
        ORGANIZATION,
    )
}
"""Declaration of each stored type, by name."""

COMPARTMENT: dict[str, str] = {
    "RelatedPerson": "patient",
    "CareTeam": "patient",
    "Consent": "patient",
    "DocumentReference": "subject",
    "List": "subject",
    "AuditEvent": "patient",
    "Provenance": "patient",
}
"""The Patient compartment (R4, CompartmentDefinition/patient): its types, and the parameter that leads to the Patient.

R4 names further ones (author of a document, source of a list, participant of a care team). No reference leads from one
record to the Patient of another, so that they add nothing: whatever of a record they find, this one finds.
"""
