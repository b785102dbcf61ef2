"""The operations of the document: every interaction of every type, as `app.rest.paths` routes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.resources import COMPARTMENT, DEFINITIONS
from app.resources.definition import Level
from app.rest.openapi.components import VERSION, answer, asked, fhir, refusals, search_parameters
from app.rest.openapi.schemas import Schema, ref
from app.rest.openapi.texts import ALWAYS, BODY, CHANGE, OPERATIONS, PLAIN, SIGHT, TEXTS, Text
from app.rest.paths import (
    HISTORY_SYSTEM,
    JSON_PATCH,
    ON_HISTORY,
    ON_INSTANCE,
    ON_SEARCH,
    ON_TYPE,
    ON_TYPE_HISTORY,
    ON_VALIDATE,
    ON_VALIDATE_INSTANCE,
    ON_VERSION,
    SEARCH,
    SEARCH_FORM,
    SEARCH_SYSTEM,
    SEARCH_SYSTEM_FORM,
    SYSTEM_OPERATIONS,
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
    ("/_history", ON_TYPE_HISTORY),
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
    for operation in definition.acts:
        for level in operation.levels:
            if level is not Level.SYSTEM:
                place = f"{definition.type}/{{id}}" if level is Level.INSTANCE else definition.type
                item = _acts(definition, operation, level)
                found[f"{base}/{place}/${operation.name}"] = _with_path(place, item)
    return found


def system_paths(base: str) -> Schema:
    """Paths of the whole system, and of the compartment of a Patient."""
    found: Schema = {
        f"{base}/_search": {"post": _of_several("search-several-form", SEARCH_SYSTEM_FORM)},
        f"{base}/_history": {"get": _of_several("history-system", HISTORY_SYSTEM)},
    }
    for operation in SYSTEM_OPERATIONS:
        found[f"{base}/${operation.name}"] = _acts(None, operation, Level.SYSTEM)
    place = f"{base}/Patient/{{id}}"
    found[f"{place}/_search"] = _with_path("{id}", {"post": _in_record("search-several-form", SEARCH_SYSTEM_FORM)})
    found[f"{place}/*"] = _with_path("{id}", {"get": _in_record("search-several", SEARCH_SYSTEM)})
    form = _in_record("search-several-form", SEARCH_SYSTEM_FORM)
    found[f"{place}/*/_search"] = _with_path("{id}", {"post": form | {"operationId": "searchAnythingOfPatientByForm"}})
    for kind in COMPARTMENT:
        definition = DEFINITIONS[kind]
        found[f"{place}/{kind}"] = _with_path("{id}", {"get": _operation(definition, SEARCH, "compartment")})
        by_form = {"post": _operation(definition, SEARCH_FORM, "compartment-form")}
        found[f"{place}/{kind}/_search"] = _with_path("{id}", by_form)
    return found


def _of_several(name: str, interaction: Interaction) -> Schema:
    """An interaction on several types: each needs the scope of its own."""
    text = TEXTS[name]
    told: Schema = {
        "operationId": text.id,
        "tags": ["System"],
        "summary": text.summary,
        "description": text.description,
        "security": [{"bearer": []}],
        "parameters": asked(*text.parameters),
    }
    if interaction.media:
        told["requestBody"] = {"required": True, "content": {FORM: {"schema": ref("SearchForm")}}}
    answered = answer("A Bundle, with what the caller may see.", fhir(ref("Bundle")))
    return told | {"responses": {"200": answered, **refusals(sorted({*ALWAYS, *text.refused}))}}


def _in_record(name: str, interaction: Interaction) -> Schema:
    """The same in the compartment of a Patient."""
    told = _of_several(name, interaction)
    return told | {
        "operationId": told["operationId"].replace("System", "AllOfPatient"),
        "tags": ["Patient"],
        "summary": "Search everything in a record" + (" by a form" if interaction.media else ""),
    }


def _acts(definition: Definition | None, operation: Operation, level: Level) -> Schema:
    """An operation by each of its methods."""
    return {m.lower(): _act(definition, operation, level, m, i) for m, i in table_of(operation).items()}


def _with_path(path: str, item: Schema) -> Schema:
    """The operations of a path, behind the parameters that it holds."""
    named = [name for name in ("id", "vid") if f"{{{name}}}" in path]
    return {"parameters": asked(*named), **item} if named else item


def _operation(definition: Definition, interaction: Interaction, name: str = "") -> Schema:
    text = TEXTS[name or ("history-type" if interaction.code == "history-type" else interaction.name)]
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
    if interaction.code in ("search-type", "history-instance", "history-type"):
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
    said = "Without a body where the caller may not read it, or prefers so; or the OperationOutcome that he prefers."
    made = ("Location", *VERSION)
    answers = {"200": answer(f"The version in force now. {said}", content, *made)}
    if interaction.name in ("create", "update-where"):
        answers["201"] = answer(f"Created. {said}", content, *made)
    return answers


def _act(
    definition: Definition | None, operation: Operation, level: Level, method: str, interaction: Interaction
) -> Schema:
    """One operation by one method (operations.html section 3.2)."""
    text, own = OPERATIONS[operation.name], not operation.url
    about = {Level.SYSTEM: "System", Level.TYPE: "All", Level.INSTANCE: ""}[level]
    told: Schema = {
        "operationId": f"{'ask' if method == 'GET' else 'post'}{about}{definition.type if definition else ''}{text.id}",
        "tags": [definition.type if definition else "System"],
        "summary": text.summary,
        "description": text.description,
        "security": _security(definition, interaction) if definition else [{"bearer": []}],
        "parameters": asked(*text.parameters, *(text.asked if method == "GET" else ())),
    }
    if method == "POST":
        shown = [f"{text.id}Request"] if own else []
        told["requestBody"] = {
            "required": not interaction.optional,
            "content": fhir(ref("Parameters"), *shown),
        }
    refused = {*ALWAYS, *(SIGHT if level is Level.INSTANCE else ()), *text.refused, *(BODY if method == "POST" else ())}
    answered = answer("What came of it.", _answered(operation, text))
    return told | {"responses": {"200": answered, **refusals(sorted(refused))}}


def _answered(operation: Operation, text: Text) -> Schema:
    """What an operation answers; examples are of those that are ours."""
    schema = ref({"everything": "Bundle", "decision": "AuditEvent"}.get(operation.name, "Parameters"))
    return fhir(schema) if operation.url else fhir(schema, f"{text.id}Answer")


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
SEVERAL = _of_several("search-several", SEARCH_SYSTEM)
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
