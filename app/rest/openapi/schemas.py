"""Thin schemas of the bodies: what a client reads and writes most of, the rest let through.

Each resource type shows its mandatory elements and those that its search parameters read. No schema refers to itself,
there is no union of all resources, and the siblings `_element` of primitives are not named: code generators break on
each of the three. A schema here never refuses what FHIR allows; the server checks every body far more strictly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.resources import DEFINITIONS
from app.resources.structure import elements
from app.rest.summary import known_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.definition import Definition
    from app.resources.structure import Element

Schema = dict[str, Any]

INSTANT = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T.+(Z|[+-][0-9]{2}:[0-9]{2})$"}
"""Not the format `date-time`: clients would parse it and write it in another way, which is a change of the document."""
SPECIAL: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer"},
    "positiveInt": {"type": "integer", "minimum": 1},
    "unsignedInt": {"type": "integer", "minimum": 0},
    "instant": INSTANT,
    "date": {"type": "string", "description": "a day, a month or a year: `1979-03-05`, `1979-03`, `1979`"},
    "dateTime": {"type": "string", "description": "a moment, a day, a month or a year"},
    "base64Binary": {"type": "string", "contentEncoding": "base64"},
}
"""Primitives that are more than a string. A FHIR date may be partial, which the JSON schema format `date` is not."""
DATATYPES = {
    "Address": ("use", "text", "line", "city", "postalCode", "country", "period"),
    "Attachment": ("contentType", "language", "data", "url", "size", "hash", "title", "creation"),
    "CodeableConcept": ("coding", "text"),
    "Coding": ("system", "version", "code", "display"),
    "ContactPoint": ("system", "value", "use"),
    "HumanName": ("use", "text", "family", "given", "prefix", "suffix", "period"),
    "Identifier": ("use", "type", "system", "value", "period"),
    "Meta": ("versionId", "lastUpdated", "source", "profile", "security", "tag"),
    "Period": ("start", "end"),
    "Reference": ("reference", "type", "identifier", "display"),
}
"""Data types that are named, with the elements shown of each; none leads back to itself (datatypes.html)."""
BESIDES = {"Binary": ("securityContext", "data"), "Consent": ("policy", "policyRule")}
"""Elements that no search parameter reads and that a client needs all the same."""
HIDDEN = frozenset({"id", "extension", "modifierExtension"})
ROOT = re.compile(r"exists\((.*)\)")
ANY = {"$ref": "#/components/schemas/Resource"}


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def open_object(properties: Schema, required: Iterable[str] = (), description: str = "") -> Schema:
    """An object that may hold more than what is shown."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": True}
    if needed := list(required):
        schema["required"] = needed
    return schema | ({"description": description} if description else {})


def many(schema: Schema) -> Schema:
    """A list, which FHIR never leaves empty (json.html section 2.6.2)."""
    return {"type": "array", "items": schema, "minItems": 1}


def _value(element: Element, inside: frozenset[str]) -> Schema:
    """Schema of one value of an element; a backbone element that holds itself is any object there."""
    if element.codes:
        return {"type": "string", "enum": sorted(element.codes)}
    if element.kind in DATATYPES:
        return ref(element.kind)
    if element.check is not None:
        return dict(SPECIAL.get(element.kind, {"type": "string"}))
    if "_" in element.kind and element.kind not in inside:
        return open_object(_properties(element.kind, elements(element.kind).keys() - HIDDEN, inside))
    return {"type": "object", "additionalProperties": True}


def _properties(kind: str, names: Iterable[str], inside: frozenset[str] = frozenset()) -> Schema:
    """Schemas of the named elements, in the order that FHIR has them in; `inside` are the kinds that lead here."""
    wanted, around = frozenset(names), inside | {kind}
    shown = {name: _value(element, around) for name, element in elements(kind).items() if name in wanted}
    return {name: many(schema) if elements(kind)[name].many else schema for name, schema in shown.items()}


def roots(definition: Definition) -> frozenset[str]:
    """Root elements that the search parameters of a type read."""
    paths = [ROOT.sub(r"\1", parameter.path) for parameter in definition.parameters]
    return frozenset(re.split(r"[.\[]", part.strip())[0] for path in paths for part in path.split("|"))


def _resource(definition: Definition) -> Schema:
    kind = definition.type
    mandatory: list[str] = known_types()[kind]["mandatory"]
    own = {"id", "meta", *mandatory, *roots(definition), *BESIDES.get(kind, ())} - {"extension"}
    return open_object(
        {"resourceType": {"type": "string", "const": kind}, **_properties(kind, own)},
        ["resourceType", *mandatory],
        f"{kind} (https://hl7.org/fhir/R4/{kind.lower()}.html). Elements that are not shown here are kept as well.",
    )


def _entry() -> Schema:
    request = open_object(
        {
            "method": {"type": "string", "enum": ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]},
            "url": {"type": "string"},
            "ifMatch": {"type": "string"},
            "ifNoneMatch": {"type": "string"},
            "ifModifiedSince": INSTANT,
            "ifNoneExist": {"type": "string"},
        },
        ["method", "url"],
    )
    response = open_object(
        {
            "status": {"type": "string"},
            "location": {"type": "string"},
            "etag": {"type": "string"},
            "lastModified": INSTANT,
            "outcome": ANY,
        },
        ["status"],
    )
    search = open_object({"mode": {"type": "string", "enum": ["match", "include", "outcome"]}})
    return open_object(
        {"fullUrl": {"type": "string"}, "resource": ANY, "search": search, "request": request, "response": response}
    )


def _bundle() -> Schema:
    kinds = ["batch", "batch-response", "history", "searchset", "transaction", "transaction-response"]
    link = open_object({"relation": {"type": "string"}, "url": {"type": "string"}}, ["relation", "url"])
    return open_object(
        {
            "resourceType": {"type": "string", "const": "Bundle"},
            "type": {"type": "string", "enum": kinds},
            "total": {"type": "integer", "minimum": 0},
            "link": many(link),
            "entry": many(ref("BundleEntry")),
        },
        ["resourceType", "type"],
        "A page of matches, a history, or many requests and their answers (bundle.html). The link `next` leads to the "
        "next page; without it there is none.",
    )


def _outcome() -> Schema:
    issue = open_object(
        {
            "severity": {"type": "string", "enum": ["fatal", "error", "warning", "information"]},
            "code": {"type": "string"},
            "details": ref("CodeableConcept"),
            "diagnostics": {"type": "string"},
            "expression": many({"type": "string"}),
        },
        ["severity", "code"],
    )
    return open_object(
        {"resourceType": {"type": "string", "const": "OperationOutcome"}, "issue": many(issue)},
        ["resourceType", "issue"],
        "What was refused and why (operationoutcome.html): `details.coding` holds the reason code, `details.text` a "
        "sentence in the language of `Accept-Language`, `expression` the element at fault.",
    )


def _parameters() -> Schema:
    kinds = {"valueString": "string", "valueCode": "string", "valueBoolean": "boolean", "valueInstant": "string"}
    values = {name: {"type": kind} for name, kind in kinds.items()}
    part = {"part": many({"type": "object", "additionalProperties": True})}
    return open_object(
        {
            "resourceType": {"type": "string", "const": "Parameters"},
            "parameter": many(open_object({"name": {"type": "string"}, **values, **part}, ["name"])),
        },
        ["resourceType"],
        "What an operation is given and answers, or a FHIRPath Patch (parameters.html, fhirpatch.html).",
    )


def _patch() -> Schema:
    operation = {
        "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
        "path": {"type": "string"},
        "from": {"type": "string"},
        "value": {},
    }
    return {
        "type": "array",
        "minItems": 1,
        "items": open_object(operation, ["op", "path"]),
        "description": "A JSON Patch (RFC 6902).",
    }


def _capabilities() -> Schema:
    return open_object(
        {
            "resourceType": {"type": "string", "enum": ["CapabilityStatement", "TerminologyCapabilities"]},
            "status": {"type": "string"},
            "fhirVersion": {"type": "string"},
            "format": many({"type": "string"}),
            "rest": many({"type": "object", "additionalProperties": True}),
        },
        ["resourceType", "status"],
        "What the server can do (capabilitystatement.html), or which codes it knows (terminologycapabilities.html).",
    )


def _form() -> Schema:
    # Without `additionalProperties`, which openapi-generator refuses in a form, and without the names, which clash with
    # its own (`entity`): the parameters of the search by URL tell them.
    return {
        "type": "object",
        "description": "The parameters of the search, by the names that they have in a URL; a repeated one is a list.",
    }


def schemas() -> Schema:
    """Every schema of the document, by name."""
    any_resource = open_object(
        {"resourceType": {"type": "string"}, "id": {"type": "string"}, "meta": ref("Meta")},
        ["resourceType"],
        "A resource of any type, told apart by `resourceType`.",
    )
    return {
        **{definition.type: _resource(definition) for definition in DEFINITIONS.values()},
        "Resource": any_resource,
        "Bundle": _bundle(),
        "BundleEntry": _entry(),
        "OperationOutcome": _outcome(),
        "Parameters": _parameters(),
        "JsonPatch": _patch(),
        "SearchForm": _form(),
        "CapabilityStatement": _capabilities(),
        **{name: open_object(_properties(name, shown)) for name, shown in DATATYPES.items()},
    }
