"""DocumentReference: one version of one document of the record, and who may see it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from app.errors import Issue
from app.resources import labels
from app.resources.definition import Definition, Level, Operation, Parameter, Resource, Scope, Search
from app.resources.guides import IS_ARCHIVED, MHD, PDSM

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(tree: Resource, _base: str) -> Iterator[Issue]:
    """What we need of IHE MHD's Minimal.DocumentReference, and no visibility that we could not honour.

    `masterIdentifier` may be absent. Of an attachment with `data`, `size` (octets) and `hash` (SHA-1) must be right;
    those of a `url` are checked with the content.
    """
    for code in labels.unknown(tree):
        message = f"the visibility `{code[:64]}` is not one of: {', '.join(labels.CODES)}"
        yield Issue("code-invalid", message, expression=("DocumentReference.securityLabel",))
    master = tree.get("masterIdentifier")
    if master is not None and not (master.get("system") and master.get("value")):
        yield _issue(".masterIdentifier", "needs a system and a value")
    for index, content in enumerate(tree["content"]):
        yield from _check_attachment(content.get("attachment") or {}, f".content[{index}].attachment")


def _issue(path: str, message: str) -> Issue:
    return Issue("invariant", message, expression=(f"DocumentReference{path}",))


def _unlike(path: str, message: str, reason: str) -> Issue:
    return Issue("invariant", message, reason, (f"DocumentReference{path}",))


def _check_attachment(attachment: dict[str, Any], path: str) -> Iterator[Issue]:
    if ("data" in attachment) == ("url" in attachment):
        yield _issue(path, "needs either data or a url")
    if "contentType" not in attachment:
        yield _issue(path, "needs a contentType")
    if "data" in attachment:
        content = base64.b64decode(attachment["data"])
        if attachment.get("size", len(content)) != len(content):
            yield _unlike(f"{path}.size", "is not the number of octets of the data", "XDSNonIdenticalSize")
        if "hash" in attachment and attachment["hash"] != digest(content):
            yield _unlike(f"{path}.hash", "is not the SHA-1 of the data", "XDSNonIdenticalHash")


def digest(content: bytes) -> str:
    """`Attachment.hash` of a content: SHA-1 in base64 (datatypes.html, Attachment)."""
    return base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


DOCUMENT_REFERENCE = Definition(
    type="DocumentReference",
    scope=Scope.RECORD,
    compartment="subject",
    parameters=(
        Parameter(
            "authenticator",
            Search.REFERENCE,
            "authenticator",
            targets=("Practitioner", "Organization", "PractitionerRole"),
        ),
        Parameter(
            "author",
            Search.REFERENCE,
            "author",
            targets=("Practitioner", "Organization", "Device", "Patient", "PractitionerRole", "RelatedPerson"),
        ),
        Parameter("category", Search.TOKEN, "category"),
        Parameter("contenttype", Search.TOKEN, "content.attachment.contentType", system="urn:ietf:bcp:13"),
        Parameter(
            "creation",
            Search.DATE,
            "content.attachment.creation",
            url=f"{MHD}/SearchParameter/DocumentReference-Creation",
        ),
        Parameter("custodian", Search.REFERENCE, "custodian", targets=("Organization",)),
        Parameter("date", Search.DATE, "date"),
        Parameter("description", Search.STRING, "description"),
        Parameter("encounter", Search.REFERENCE, "context.encounter", targets=("Encounter", "EpisodeOfCare")),
        Parameter("event", Search.TOKEN, "context.event"),
        Parameter("facility", Search.TOKEN, "context.facilityType"),
        Parameter("format", Search.TOKEN, "content.format"),
        Parameter("identifier", Search.TOKEN, "masterIdentifier | identifier"),
        Parameter(
            "isArchived",
            Search.TOKEN,
            f"extension[url={IS_ARCHIVED}].valueBoolean",
            url=f"{PDSM}/SearchParameter/PDSm-isArchived",
        ),
        Parameter("language", Search.TOKEN, "content.attachment.language", system="urn:ietf:bcp:47"),
        Parameter("location", Search.URI, "content.attachment.url"),
        Parameter("patient", Search.REFERENCE, "subject", targets=("Patient",)),
        Parameter("period", Search.DATE, "context.period"),
        Parameter(
            "period-end",
            Search.DATE,
            "context.period.end",
            url=f"{PDSM}/SearchParameter/PDSm-DocumentReference-period-end",
        ),
        Parameter(
            "period-start",
            Search.DATE,
            "context.period.start",
            url=f"{PDSM}/SearchParameter/PDSm-DocumentReference-period-start",
        ),
        Parameter("related", Search.REFERENCE, "context.related"),
        Parameter("relatesto", Search.REFERENCE, "relatesTo.target", targets=("DocumentReference",)),
        Parameter("relation", Search.TOKEN, "relatesTo.code", system="http://hl7.org/fhir/document-relationship-type"),
        Parameter("relationship", Search.COMPOSITE, "relatesTo", parts=("code", "target")),
        Parameter("security-label", Search.TOKEN, "securityLabel"),
        Parameter("setting", Search.TOKEN, "context.practiceSetting"),
        Parameter("status", Search.TOKEN, "status", system="http://hl7.org/fhir/document-reference-status"),
        Parameter("subject", Search.REFERENCE, "subject", targets=("Practitioner", "Group", "Device", "Patient")),
        Parameter("type", Search.TOKEN, "type"),
    ),
    filtered=("relatesTo.target", "context.related"),
    check=check,
    operations=(
        Operation("explain", changes=False),
        Operation("who-can-see", changes=False),
        Operation("what-if", changes=False),
        Operation("generate-metadata", levels=(Level.TYPE,), creates=True),
    ),
)
