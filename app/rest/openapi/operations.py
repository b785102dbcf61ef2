"""The operations of the document: every interaction of every type, as `app.rest.paths` routes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.resources.definition import Level
from app.rest.openapi.components import VERSION, answer, asked, fhir, refusals, search_parameters
from app.rest.openapi.schemas import Schema, ref
from app.rest.openapi.texts import ALWAYS, BODY, CHANGE, OPERATIONS, PLAIN, SIGHT, TEXTS, Text
from app.rest.paths import (
    JSON_PATCH,
    ON_HISTORY,
    ON_INSTANCE,
    ON_SEARCH,
    ON_TYPE,
    ON_VALIDATE,
    ON_VALIDATE_INSTANCE,
    ON_VERSION,
    XML_PATCH,
    table_of,
)

if TYPE_CHECKING:
    from app.resources.definition import Definition, Operation
    from app.rest.paths import Interaction

FORM = "application/x-www-form-urlencoded"
BYTES = "application/octet-stream"
TYPE_PATHS = (
    ("", ON_TYPE),
    ("/_search", ON_SEARCH),
    ("/{id}", ON_INSTANCE),
    ("/{id}/_history", ON_HISTORY),
    ("/{id}/_history/{vid}", ON_VERSION),
)
"""Paths of a type, below its name."""


def paths_of(definition: Definition, base: str) -> Schema:
    """Every path of a type."""
    found: Schema = {}
    for suffix, table in TYPE_PATHS:
        served = {m: i for m, i in table.items() if i.code in definition.interactions}
        if served:
            item = {method.lower(): _operation(definition, interaction) for method, interaction in served.items()}
            found[f"{base}/{definition.type}{suffix}"] = _with_path(suffix, item)
    for suffix, table in (("/$validate", ON_VALIDATE), ("/{id}/$validate", ON_VALIDATE_INSTANCE)):
        item = {method.lower(): _operation(definition, interaction) for method, interaction in table.items()}
        found[f"{base}/{definition.type}{suffix}"] = _with_path(suffix, item)
    for operation in definition.operations:
        item = {m.lower(): _act(definition, operation, m, i) for m, i in table_of(operation).items()}
        for level in operation.levels:
            place = "/{id}" if level is Level.INSTANCE else ""
            found[f"{base}/{definition.type}{place}/${operation.name}"] = _with_path(place, item)
    return found


def _with_path(path: str, item: Schema) -> Schema:
    """The operations of a path, behind the parameters that it holds."""
    named = [name for name in ("id", "vid") if f"{{{name}}}" in path]
    return {"parameters": asked(*named), **item} if named else item


def _operation(definition: Definition, interaction: Interaction) -> Schema:
    text = TEXTS[interaction.name]
    operation: Schema = {
        "operationId": text.id.format(type=definition.type),
        "tags": [definition.type],
        "summary": text.summary.format(type=definition.type),
        "description": text.description,
        "security": _security(definition, interaction),
        "parameters": _asked(definition, text, interaction),
    }
    if interaction.media:
        operation["requestBody"] = {"required": True, "content": _given(definition, interaction)}
    refused = sorted({*ALWAYS, *text.refused})
    operation["responses"] = {**_answers(definition, interaction), **refusals(refused)}
    return operation


def _security(definition: Definition, interaction: Interaction) -> list[Schema]:
    return [{"bearer": [f"{definition.type}.{letter}" for letter in interaction.letters]}]


def _asked(definition: Definition, text: Text, interaction: Interaction) -> list[Schema]:
    names = list(text.parameters)
    if "search-type" not in definition.interactions:
        names = [name for name in names if name != "If-None-Exist"]
    if definition.raw and interaction.code == "create":
        names.append("X-Security-Context")
    return [*(search_parameters(definition) if text.searching else []), *asked(*names)]


def _given(definition: Definition, interaction: Interaction) -> Schema:
    """Body of a request."""
    if interaction.name == "search-form":
        return {FORM: {"schema": ref("SearchForm")}}
    if interaction.code == "patch":
        patch = {"schema": ref("JsonPatch"), "examples": {"Patch": {"$ref": "#/components/examples/Patch"}}}
        return {JSON_PATCH: patch, XML_PATCH: _text(), **fhir(ref("Parameters"))}
    body = fhir(ref(definition.type), definition.type)
    return {**body, **_bytes()} if definition.raw and interaction.code == "create" else body


def _text() -> Schema:
    """An XML Patch, which a JSON schema cannot tell."""
    return {"schema": {"type": "string"}}


def _bytes() -> Schema:
    """Raw content: any other media type means the bytes themselves (binary.html section 2.42.3)."""
    return {BYTES: {"schema": {"type": "string", "format": "binary"}}}


def _answers(definition: Definition, interaction: Interaction) -> Schema:
    """What comes of an interaction that is not refused, by status."""
    if interaction.code in ("search-type", "history-instance"):
        return {"200": answer("A Bundle, with what the caller may see.", fhir(ref("Bundle")))}
    if interaction.code == "operation":
        return {"200": answer("Everything that stands against it.", fhir(ref("OperationOutcome")))}
    shown = fhir(ref(definition.type), definition.type)
    if interaction.code in ("read", "vread"):
        content = {**shown, **_bytes()} if definition.raw and interaction.code == "read" else shown
        return {
            "200": answer(f"The {definition.type}.", content, *VERSION),
            "304": answer("The client has this version.", None, *VERSION),
        }
    if interaction.code == "delete":
        return {
            "200": answer("Deleted; the body was preferred.", fhir(ref("OperationOutcome")), *VERSION),
            "204": answer("Deleted, or nothing was there to delete.", None, *VERSION),
        }
    return _written(interaction, shown)


def _written(interaction: Interaction, content: Schema) -> Schema:
    """Answers of a write. Who may write and not read gets no body; `Prefer` chooses another one."""
    said = "Without a body where the caller may not read it, or prefers so."
    made = ("Location", *VERSION)
    answers = {"200": answer(f"The version in force now. {said}", content, *made)}
    if interaction.name in ("create", "update-where"):
        answers["201"] = answer(f"Created. {said}", content, *made)
    return answers


def _act(definition: Definition, operation: Operation, method: str, interaction: Interaction) -> Schema:
    """One operation by one method (operations.html section 3.2)."""
    text = OPERATIONS[operation.name]
    told: Schema = {
        "operationId": f"{'ask' if method == 'GET' else 'post'}{definition.type}{text.id}",
        "tags": [definition.type],
        "summary": text.summary,
        "description": text.description,
        "security": _security(definition, interaction),
        "parameters": asked(*text.parameters, *(text.asked if method == "GET" else ())),
    }
    if method == "POST":
        told["requestBody"] = {
            "required": not interaction.optional,
            "content": fhir(ref("Parameters"), f"{text.id}Request"),
        }
    refused = {*ALWAYS, *SIGHT, *text.refused, *(BODY if method == "POST" else ())}
    answered = answer("What came of it.", fhir(ref("Parameters"), f"{text.id}Answer"))
    return told | {"responses": {"200": answered, **refusals(sorted(refused))}}


def _public(
    id: str, summary: str, description: str, content: Schema, refused: tuple[int, ...] = (), more: tuple[str, ...] = ()
) -> Schema:
    """A page that needs no token, and is the same for everybody."""
    return {
        "operationId": id,
        "tags": ["System"],
        "summary": summary,
        "description": description,
        "parameters": asked(*(PLAIN if refused else ()), *more, "If-None-Match"),
        "responses": {
            "200": answer(description, content, "ETag"),
            "304": answer("The client has it.", None, "ETag"),
            **refusals(refused),
        },
    }


BATCH = {
    "operationId": "postBundle",
    "tags": ["System"],
    "summary": "Do many requests at once",
    "description": "A `transaction` does all of its entries or none, a `batch` each on its own (http.html section "
    "3.1.0.11). Each entry needs the scopes of its own interaction. This is how a record is opened, and how IHE MHD "
    "deposits (ITI-65).",
    "security": [{"bearer": []}],
    "parameters": asked(*PLAIN, "Prefer"),
    "requestBody": {"required": True, "content": fhir(ref("Bundle"), "Opening")},
    "responses": {
        "200": answer("A Bundle with an answer for each entry, in their order.", fhir(ref("Bundle"))),
        **refusals(sorted({*ALWAYS, *BODY, *CHANGE, 405, 410})),
    },
}
VALIDATE_BUNDLE = {
    "operationId": "validateBundle",
    "tags": ["System"],
    "summary": "Say what stands against a Bundle",
    "description": "What R4, our rules and the profiles that it names (ITI-65) hold against a Bundle and what is in "
    "it; where its references lead is not judged (operation-resource-validate.html). Nothing is written.",
    "security": [{"bearer": []}],
    "parameters": asked(*PLAIN, "mode-of-validation", "profile"),
    "requestBody": {"required": True, "content": fhir(ref("Bundle"), "Opening")},
    "responses": {
        "200": answer("Everything that stands against it.", fhir(ref("OperationOutcome"))),
        **refusals(sorted({*ALWAYS, *BODY})),
    },
}
PUBLIC = {
    "/metadata": _public(
        "readCapabilityStatement",
        "Read what the server can do",
        "The CapabilityStatement (http.html section 3.1.0.12); with `mode=terminology` the TerminologyCapabilities.",
        fhir(ref("CapabilityStatement")),
        (400, 406, 500),
        ("mode",),
    ),
    "/.well-known/smart-configuration": _public(
        "readSmartConfiguration",
        "Read how tokens are had",
        "The SMART configuration (SMART App Launch 2.2).",
        {"application/json": {"schema": {"type": "object", "additionalProperties": True}}},
    ),
}
"""Public pages of the FHIR surface, below its base."""
