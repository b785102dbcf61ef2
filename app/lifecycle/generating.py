"""`$generate-metadata`: a document is kept, and what is said of it is read in it (IHE MHD ITI-106)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from app.errors import BadValue
from app.lifecycle import parameters
from app.resources.validation import parse

if TYPE_CHECKING:
    from app.records import Records
    from app.resources.definition import Resource

TAKEN = frozenset({"document"})
XML = frozenset({"text/xml", "application/xml", "application/hl7-v3+xml", "application/hl7-cda+xml"})
JSON = frozenset({"application/fhir+json", "application/json"})


async def generate_metadata(records: Records, _: str, __: str, given: Resource | None) -> Resource:
    """Keep a document, with a DocumentReference and a submission set made from it; answers the DocumentReference.

    `document` is a Binary with a CDA R2 or with a FHIR document in JSON, or the FHIR document itself, a Bundle.
    """
    named = parameters.named(given, TAKEN)
    tree = metadata(parameters.single(named.get("document", []), "document").get("resource", {}))
    place = await records.publish(tree)
    return parameters.of(DocumentReference={"valueReference": {"reference": place}})


def metadata(document: Resource) -> Resource:
    """The DocumentReference of a document; `Invalid` with `InvalidDocumentContent` where none can be made."""
    from app.resources import composed, generated  # noqa: PLC0415 - few workers ever generate
    from app.resources.cda import no_cda  # noqa: PLC0415

    kind = document.get("resourceType")
    if kind == "Bundle":
        return composed.from_document(document)
    if kind != "Binary":
        raise BadValue("`document` holds a Binary or a document Bundle", expression=("Parameters.parameter[0]",))
    content, declared = _content(document), str(document.get("contentType", ""))
    media = declared.partition(";")[0].strip().lower()
    if media in JSON:
        return composed.from_document(parse(content))
    if media not in XML:
        raise no_cda("a document is a CDA in XML or a FHIR document in JSON", "Binary.contentType")
    tree = generated.from_cda(content, declared)
    tree["content"][0]["attachment"]["data"] = document["data"]
    return tree


def _content(binary: Resource) -> bytes:
    """The bytes of a Binary."""
    try:
        return base64.b64decode("".join(str(binary.get("data", "")).split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadValue("the data of the Binary is not base64", expression=("Binary.data",)) from None
