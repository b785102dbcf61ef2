"""What the operations of the document share: parameters, headers, refusals, and who may ask."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

from app.records.validating import Mode
from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Search
from app.rest.openapi.schemas import Schema, ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.definition import Definition, Parameter

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
NUMBER = {"type": "integer", "minimum": 0}

KINDS = {
    Search.TOKEN: "A token: `code`, `system|code`, `system|` or `|code` (search.html section 3.1.1.4.10).",
    Search.STRING: "Begins with this text, case and accents aside; `:exact`, `:contains` (search.html 3.1.1.4.8).",
    Search.DATE: "A date or a moment, with `eq`, `ne`, `lt`, `gt`, `le`, `ge`, `sa`, `eb` before it (search.html "
    "section 3.1.1.4.7).",
    Search.REFERENCE: "A reference: `id`, `Type/id` or a URL; `name.parameter` follows it, `:identifier` asks for a "
    "logical one (search.html section 3.1.1.4.12).",
    Search.URI: "A URI, matched whole; `:below`, `:above` (search.html section 3.1.1.4.14).",
    Search.COMPOSITE: "Two values of one element, joined by `$` (search.html section 3.1.1.4.13).",
}
ACTOR = (
    "Whom the question is about: `Practitioner/id`, `PractitionerRole/id`, `Organization/id`, `RelatedPerson/id`, "
    "`Patient/id`; `system|value` of a professional, a structure, a profession or a specialty; `holder`, "
    "`professional` (any), `emergency` (one who broke the glass), `regulator`."
)
OWN: dict[str, tuple[str, Schema]] = {
    "_id": ("Id of the resource.", TEXTS),
    "_lastUpdated": (f"When the resource last changed. {KINDS[Search.DATE]}", TEXTS),
    "_include": ("`Type:parameter[:Target]`: what the matches refer to comes with them; `*` for all of it.", TEXTS),
    "_revinclude": ("`Type:parameter[:Target]`: what refers to the matches comes with them.", TEXTS),
    "_sort": ("Names of parameters, joined by commas, `-` before one that descends. The newest first otherwise.", TEXT),
    "_count": ("Entries of a page, or versions of a history.", NUMBER),
    "_total": ("How the matches are counted.", {"type": "string", "enum": ["none", "estimate", "accurate"]}),
    "_summary": (
        "Which part of each resource is shown (search.html section 3.1.1.6.7).",
        {"type": "string", "enum": ["true", "text", "data", "count", "false"]},
    ),
    "_elements": ("Names of the root elements that are shown, joined by commas.", TEXT),
    "_type": ("Names of types, joined by commas.", TEXTS),
    "_since": ("Only what changed then or later: an instant, or a date.", TEXT),
    "_at": ("Only versions that were in force at some moment of this time: a date, a month, an instant.", TEXT),
    "start": ("Only care on this day or later.", TEXT),
    "_cursor": ("Where the page begins: only ever copied from the link `next`.", TEXT),
    "actor": (ACTOR, TEXT),
    "profession": ("Profession of the actor: `system|code`, or a code of TRE_G15.", TEXT),
    "specialty": ("Specialty of the actor: `system|code`, or a code of TRE_R38.", TEXT),
    "structure": ("Structure in which the actor acts: `system|value`, or an IDNST.", TEXT),
    "refused": ("`true` names those as well who do not see.", {"type": "string", "enum": ["true", "false"]}),
    "profile": ("Canonical of a profile that is judged as well.", TEXTS),
    "mode": (
        "Which statement: `full`, `normative` (the same) or `terminology`.",
        {"type": "string", "enum": ["full", "normative", "terminology"]},
    ),
    "label": ("Visibility code that is tried; `N` for none.", TEXTS),
    "end": ("Of `$everything` the last day of care; of `$what-if`, `Consent/id`: a Consent that would end.", TEXTS),
    "_format": ("Format of the answer, in the place of `Accept`: `json` or `xml`, or a media type of either.", TEXT),
    "_pretty": ("`true` breaks the answer into lines.", {"type": "string", "enum": ["true", "false"]}),
}
PUBLISHED = {
    "url": f"Canonical of what is published. {KINDS[Search.URI]}",
    "name": f"Name for programs. {KINDS[Search.STRING]}",
    "title": f"Name for people. {KINDS[Search.STRING]}",
    "version": f"Version of the build. {KINDS[Search.TOKEN]}",
    "status": f"Always `active`. {KINDS[Search.TOKEN]}",
    "system": f"Canonical of the codes. {KINDS[Search.URI]}",
    "code": f"Name of the operation or of the parameter. {KINDS[Search.TOKEN]}",
    "type": f"Type that it is of or for. {KINDS[Search.TOKEN]}",
    "base": "What it is for, or what it is derived from.",
    "derivation": f"`constraint`. {KINDS[Search.TOKEN]}",
    "kind": f"`resource` or `complex-type`. {KINDS[Search.TOKEN]}",
}
"""What may be asked of what the server publishes of itself."""
SHAPING = ("_include", "_revinclude", "_sort", "_count", "_total", "_summary", "_elements", "_cursor")
HEADERS = {
    "If-Match": 'The version that is changed, as `W/"version"`; 412 when another one is in force (http.html 3.1.0.4).',
    "If-None-Match": "Versions that the client has: 304 when the answer would be one of them.",
    "If-Modified-Since": "304 when the resource is not newer than this HTTP date.",
    "If-None-Exist": "Search parameters: the resource is created only where nothing that the caller sees matches "
    "(http.html section 3.1.0.8.1).",
    "Prefer": "`return=minimal`, `representation` or `OperationOutcome` for the body of a write's answer; "
    "`handling=strict` refuses unknown search parameters, `lenient` leaves them out and says so (RFC 7240).",
    "X-Security-Context": "`Patient/id`: the record of raw content. Without it the depositor holds it until a document "
    "cites it, for 24 hours at most.",
}
PATH = {
    "id": "Id of the resource; the server gives it.",
    "vid": "Id of the version: what stands in its `ETag`.",
}
ID = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}

ANSWERED = {
    "ETag": 'Version of the resource, as `W/"version"`.',
    "Last-Modified": "When that version was made.",
    "Location": "URL of the version that was made.",
    "WWW-Authenticate": "Why the token was not enough (RFC 6750).",
    "Allow": "Methods that may be used here.",
    "Accept": "Media types that may be sent here.",
    "Accept-Patch": "Media types of a patch that may be sent here (RFC 5789).",
    "Retry-After": "Seconds to wait.",
}
VERSION = ("ETag", "Last-Modified")

REFUSALS: dict[int, tuple[str, str, tuple[str, ...]]] = {
    400: ("BadRequest", "Not FHIR R4, an impossible value, or a parameter that is not supported.", ()),
    401: ("Unauthenticated", "No token, or one that does not hold.", ("WWW-Authenticate",)),
    403: (
        "Forbidden",
        "The scope, the kind of caller, or an act that is another's on what he sees.",
        ("WWW-Authenticate",),
    ),
    404: ("NotFound", "Absent, or not to be seen by the caller: the same answer.", ()),
    405: ("NotAllowed", "This cannot be changed this way, or the id is not there to be updated.", ("Allow",)),
    406: ("NotAcceptable", "Only `application/fhir+json` and `application/fhir+xml` of FHIR 4.0 are served.", ()),
    409: ("Conflict", "The same is there with another content, or another change came first.", ()),
    410: ("Gone", "Deleted; said only to who could see the last version.", ()),
    412: ("PreconditionFailed", "Another version is in force, or several resources match.", ()),
    413: ("TooLarge", "The body or the Bundle is larger than the server takes.", ()),
    415: ("WrongMediaType", "The body is of a media type that is not taken here.", ("Accept", "Accept-Patch")),
    422: ("Unprocessable", "Well-formed, but it breaks a rule of FHIR, of its type or of the record.", ()),
    500: ("InternalError", "A fault of the server; it says nothing more.", ()),
    503: ("Unavailable", "The database or the trail cannot answer now.", ("Retry-After",)),
}
"""Name, meaning and headers of each refusal, by its status (`app.errors`)."""

SCOPES = """\
A JWT of SMART App Launch 2.2, signed with RS384 or ES384, whose `aud` is the FHIR base URL. It says who asks and for
what purpose (claims `kind`, `patient`, `extensions.ihe_iua`), and what it may be used for: `patient/`, `user/` or
`system/`, then `Type.letters` with the letters `c` create, `r` read and history, `u` update, patch and operations that
change something, `d` delete, `s` search, in that order; a condition (`If-None-Exist`, or parameters in the place of
an id) needs `s` beside. `user/DocumentReference.rs` reads and finds documents;
`patient/*.cruds` does everything that the policy lets the holder do. The scopes of version 1 (`read`, `write`, `*`) are
taken as well. `/.well-known/openid-configuration` and `/fhir/.well-known/smart-configuration` tell where tokens are
had, and by which grants. Each operation names what it needs, as `Type.letter`. A scope is a ceiling: the policy of the
record decides below it.
"""


def link(section: str, name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def fhir(schema: Schema, *examples: str) -> Schema:
    """Content that is FHIR, in JSON or XML; the schema of XML is R4's own (https://hl7.org/fhir/R4/fhir-all.xsd)."""
    shown = {"examples": {name: link("examples", name) for name in examples}} if examples else {}
    return {FHIR_JSON: {"schema": schema, **shown}, FHIR_XML: {"schema": TEXT}}


def answer(description: str, content: Schema | None, *headers: str) -> Schema:
    """A response, with the names of the headers that it has."""
    told: Schema = {"description": description}
    if headers:
        told["headers"] = {name: link("headers", name) for name in headers}
    return told | ({"content": content} if content else {})


def refusals(statuses: Iterable[int]) -> Schema:
    """The refusals of an operation, by status."""
    return {str(status): link("responses", REFUSALS[status][0]) for status in statuses}


def asked(*names: str) -> list[Schema]:
    """References to parameters of the document."""
    return [link("parameters", name) for name in names]


def search_parameters(definition: Definition) -> list[Schema]:
    """What a search of a type may ask for, in its URL."""
    own = [f"{definition.type}.{parameter.name}" for parameter in definition.parameters]
    return asked(*own, "_id", "_lastUpdated", *[parameter.name for parameter in COMMON])


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _search(parameter: Parameter) -> Schema:
    source = f" Ours, or of a guide: {parameter.url}." if parameter.url else ""
    towards = f" Points to {', '.join(parameter.targets)}." if parameter.targets else ""
    description = f"Matches `{parameter.path}`.{towards}{source} {KINDS[parameter.type]}"
    return _query(parameter.name, description, TEXTS)


def _parameters() -> Schema:
    named = {p.name: _search(p) for p in COMMON}
    named |= {f"{d.type}.{p.name}": _search(p) for d in DEFINITIONS.values() for p in d.parameters}
    named |= {name: _query(name, *shown) for name, shown in OWN.items()}
    modes = {"type": "string", "enum": [*Mode]}
    named |= {"mode-of-validation": _query("mode", "What the resource is validated for.", modes)}
    named |= {f"Published.{name}": _query(name, text, TEXTS) for name, text in PUBLISHED.items()}
    named |= {n: {"name": n, "in": "header", "description": text, "schema": TEXT} for n, text in HEADERS.items()}
    return named | {
        n: {"name": n, "in": "path", "required": True, "description": text, "schema": ID} for n, text in PATH.items()
    }


@cache
def examples() -> dict[str, Any]:
    """The examples of the document, by name: what each shows, and its value."""
    data: dict[str, Any] = orjson.loads((files("app.rest") / "data" / "examples.json").read_bytes())
    return data


def components(schemas: Schema) -> Schema:
    """Everything that operations refer to."""
    return {
        "schemas": schemas,
        "parameters": _parameters(),
        "headers": {name: {"description": text, "schema": TEXT} for name, text in ANSWERED.items()},
        "responses": {
            name: answer(text, fhir(ref("OperationOutcome"), "OperationOutcome"), *names)
            for name, text, names in REFUSALS.values()
        },
        "examples": examples(),
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": SCOPES}
        },
    }
