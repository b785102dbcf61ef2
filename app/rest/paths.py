"""From a method and a path to an interaction: the addresses of the FHIR surface (http.html section 3.1.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Issue, NotAllowed, NotFound
from app.resources import COMPARTMENT, DEFINITIONS
from app.resources.definition import META, Level

if TYPE_CHECKING:
    from app.resources.definition import Definition, Operation

JSON_TYPES = frozenset({"application/fhir+json", "application/json", "text/json"})
XML_TYPES = frozenset({"application/fhir+xml", "application/xml", "text/xml"})
FHIR_TYPES = JSON_TYPES | XML_TYPES
JSON_PATCH = "application/json-patch+json"
XML_PATCH = "application/xml-patch+xml"
PATCH_TYPES = frozenset({JSON_PATCH, XML_PATCH, *FHIR_TYPES})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded"})
ANY_TYPE = frozenset({"*/*"})
NO_TYPES: frozenset[str] = frozenset()

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Interaction:
    """One kind of request.

    `name` is unique and chooses the code that serves it; `code` is what FHIR and the trail call it, and what a
    Definition lists when it is served. `letters` are the SMART rights that it needs on the type (SMART App Launch
    2.2), `media` the media types that its body may have, none when it takes no body. A body may be `optional`.
    """

    name: str
    code: str
    letters: str = ""
    media: frozenset[str] = NO_TYPES
    optional: bool = False


READ = Interaction("read", "read", "r")
VREAD = Interaction("vread", "vread", "r")
HISTORY = Interaction("history", "history-instance", "r")
HISTORY_TYPE = Interaction("history", "history-type", "s")
HISTORY_SYSTEM = Interaction("history", "history-system")
SEARCH_SYSTEM = Interaction("search-several", "search-system")
SEARCH_SYSTEM_FORM = Interaction("search-several-form", "search-system", "", FORM_TYPES)
SEARCH = Interaction("search", "search-type", "s")
SEARCH_FORM = Interaction("search-form", "search-type", "s", FORM_TYPES)
CREATE = Interaction("create", "create", "c", FHIR_TYPES)
UPDATE = Interaction("update", "update", "u", FHIR_TYPES)
UPDATE_WHERE = Interaction("update-where", "update", "cus", FHIR_TYPES)
PATCH = Interaction("patch", "patch", "u", PATCH_TYPES)
PATCH_WHERE = Interaction("patch-where", "patch", "us", PATCH_TYPES)
DELETE = Interaction("delete", "delete", "d")
DELETE_WHERE = Interaction("delete-where", "delete", "ds")
ASK = Interaction("operation", "operation", "r", FHIR_TYPES, optional=True)
ACT = Interaction("operation", "operation", "u", FHIR_TYPES, optional=True)
MAKING = Interaction("operation", "operation", "c", FHIR_TYPES)
CONTENT = Interaction("content", "read", "r")
WHOLE = Interaction("whole", "read", "r")
DEPOSIT = Interaction("deposit", "create", "c", ANY_TYPE)
BUNDLE = Interaction("bundle", "transaction", "", FHIR_TYPES)
CAPABILITIES = Interaction("capabilities", "capabilities")
SMART = Interaction("smart", "capabilities")
VALIDATE = Interaction("validate", "operation", "c", FHIR_TYPES)
VALIDATE_CHANGE = Interaction("validate-change", "operation", "u", FHIR_TYPES)
VALIDATE_KEPT = Interaction("validate-kept", "operation", "r")
VALIDATE_BUNDLE = Interaction("validate-bundle", "operation", "", FHIR_TYPES)
PUBLISHED = Interaction("published", "capabilities")
CATALOGUE = Interaction("catalogue", "capabilities")
CATALOGUE_FORM = Interaction("catalogue-form", "capabilities", "", FORM_TYPES)

ON_SYSTEM = {"GET": SEARCH_SYSTEM, "POST": BUNDLE}
ON_SYSTEM_SEARCH = {"POST": SEARCH_SYSTEM_FORM}
ON_SYSTEM_HISTORY = {"GET": HISTORY_SYSTEM}
ON_COMPARTMENT = {"GET": SEARCH_SYSTEM}
ON_COMPARTMENT_TYPE = {"GET": SEARCH}
ON_METADATA = {"GET": CAPABILITIES}
ON_SMART = {"GET": SMART}
ON_VALIDATE = {"POST": VALIDATE}
ON_VALIDATE_INSTANCE = {"GET": VALIDATE_KEPT, "POST": VALIDATE_CHANGE}
ON_VALIDATE_BUNDLE = {"POST": VALIDATE_BUNDLE}
ON_PUBLISHED = {"GET": PUBLISHED}
ON_CATALOGUE = {"GET": CATALOGUE}
ON_CATALOGUE_SEARCH = {"POST": CATALOGUE_FORM}
ON_TYPE = {"GET": SEARCH, "POST": CREATE, "PUT": UPDATE_WHERE, "PATCH": PATCH_WHERE, "DELETE": DELETE_WHERE}
ON_SEARCH = {"POST": SEARCH_FORM}
ON_INSTANCE = {"GET": READ, "PUT": UPDATE, "PATCH": PATCH, "DELETE": DELETE}
ON_TYPE_HISTORY = {"GET": HISTORY_TYPE}
ON_HISTORY = {"GET": HISTORY}
ON_VERSION = {"GET": VREAD}
ON_QUESTION = {"GET": ASK, "POST": ASK}
ON_ACT = {"POST": ACT}
ON_MAKING = {"POST": MAKING}

PUBLIC_TYPES = ("CodeSystem", "OperationDefinition", "SearchParameter", "StructureDefinition", "ValueSet")
"""Types of what the server publishes of itself (`app.rest.conformance`): read and searched without a token."""
ANYTHING = "*"
"""Stands for every type of a compartment."""
HOLDS = "Patient"
"""The type whose compartment is searched: it is the record."""
SYSTEM_OPERATIONS = (META,)
FIXED = frozenset({"$meta-add", "$meta-delete"})
"""Operations of R4 that would change a resource without a new version, around the rules of its labels."""
OWN_PATHS = {
    (): ON_SYSTEM,
    ("_search",): ON_SYSTEM_SEARCH,
    ("_history",): ON_SYSTEM_HISTORY,
    ("metadata",): ON_METADATA,
    (".well-known", "smart-configuration"): ON_SMART,
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes: its interaction, the type (None for the whole system), and what the path names.

    `published` is the type of what the server publishes of itself, which no caller owns and no table keeps; `within`
    the id of the Patient whose compartment is searched.
    """

    interaction: Interaction
    definition: Definition | None = None
    id: str = ""
    version_id: str = ""
    operation: str = ""
    published: str = ""
    within: str = ""

    @property
    def type(self) -> str:
        """Name of the resource type, or ""."""
        return self.definition.type if self.definition else ""


def segments(path: str) -> tuple[str, ...]:
    """Parts of a path below the base; one slash at the end changes nothing."""
    parts = path.strip("/").split("/") if path.strip("/") else []
    return tuple(parts)


def resolve(method: str, parts: tuple[str, ...]) -> Route:
    """The route of a request; raises NotFound for an unknown type or path, NotAllowed for a method not served."""
    verb = "GET" if method == "HEAD" else method
    own = OWN_PATHS.get(parts)
    if own is not None:
        return Route(_choose(verb, method, own))
    if len(parts) == 1 and parts[0][:1] == "$":
        operation = _operation(SYSTEM_OPERATIONS, Level.SYSTEM, parts[0])
        return Route(_choose(verb, method, table_of(operation)), operation=parts[0])
    definition = DEFINITIONS.get(parts[0])
    if definition is None:
        return _resolve_published(verb, method, parts)
    if len(parts) == 2 and parts[1][:1] not in "_$":  # noqa: PLR2004 - the commonest path first
        return Route(_choose(verb, method, ON_INSTANCE, definition), definition, parts[1])
    return _resolve_rest(verb, method, parts, definition)


def _resolve_published(verb: str, method: str, parts: tuple[str, ...]) -> Route:
    if parts == ("Bundle", "$validate"):
        return Route(_choose(verb, method, ON_VALIDATE_BUNDLE), operation=parts[1])
    if parts[0] not in PUBLIC_TYPES:
        raise _unknown("the resource type is not supported")
    match parts[1:]:
        case ():
            return Route(_choose(verb, method, ON_CATALOGUE), published=parts[0])
        case ("_search",):
            return Route(_choose(verb, method, ON_CATALOGUE_SEARCH), published=parts[0])
        case (id,) if id[:1] not in "_$":
            return Route(_choose(verb, method, ON_PUBLISHED), id=id, published=parts[0])
        case _:
            raise _unknown("the path is not supported")


ON_A_TYPE = {(): ON_TYPE, ("_search",): ON_SEARCH, ("_history",): ON_TYPE_HISTORY}
"""What is below the name of a type and not below an id."""


def _resolve_rest(verb: str, method: str, parts: tuple[str, ...], definition: Definition) -> Route:
    table = ON_A_TYPE.get(parts[1:])
    if table is not None:
        return Route(_choose(verb, method, table, definition), definition)
    match parts[1:]:
        case (name,) if name.startswith("$"):
            return _operated(verb, method, definition, "", name)
        case (id, "_history"):
            return Route(_choose(verb, method, ON_HISTORY, definition), definition, id)
        case (id, "_history", version_id):
            return Route(_choose(verb, method, ON_VERSION, definition), definition, id, version_id)
        case (id, name) if name.startswith("$"):
            return _operated(verb, method, definition, id, name)
        case (id, kind, *rest) if definition.type == HOLDS and kind in (ANYTHING, "_search", *COMPARTMENT):
            return _compartment(verb, method, id, kind, tuple(rest))
        case _:
            raise _unknown("the path is not supported")


def table_of(operation: Operation) -> dict[str, Interaction]:
    """The methods of an operation, each with its interaction."""
    if operation.creates:
        return ON_MAKING
    return ON_ACT if operation.changes else ON_QUESTION


def _operated(verb: str, method: str, definition: Definition, id: str, name: str) -> Route:
    if name == "$validate":  # of every type
        table = ON_VALIDATE_INSTANCE if id else ON_VALIDATE
    else:
        table = table_of(_operation(definition.acts, Level.INSTANCE if id else Level.TYPE, name))
    return Route(_choose(verb, method, table), definition, id, operation=name)


def _operation(served: tuple[Operation, ...], level: Level, name: str) -> Operation:
    if name in FIXED:
        message = "labels and tags are changed with their resource, by PUT or PATCH"
        raise NotAllowed(message, headers={"Allow": ""})
    for operation in served:
        if name == f"${operation.name}" and level in operation.levels:
            return operation
    raise _unknown("the operation is not supported")


def _compartment(verb: str, method: str, id: str, kind: str, rest: tuple[str, ...]) -> Route:
    """`Patient/[id]/[type]`, `Patient/[id]/*`, and both by a form (http.html section 3.1.0.9.1)."""
    definition = DEFINITIONS.get(kind)
    if kind == "_search" and not rest:
        return Route(_choose(verb, method, ON_SYSTEM_SEARCH), within=id)
    if kind != "_search" and rest in ((), ("_search",)):
        forms = ON_SEARCH if definition else ON_SYSTEM_SEARCH
        table = forms if rest else ON_COMPARTMENT_TYPE if definition else ON_COMPARTMENT
        return Route(_choose(verb, method, table), definition, within=id)
    raise _unknown("the path is not supported")


def is_public(parts: tuple[str, ...]) -> bool:
    """Whether a path is read by anybody."""
    return OWN_PATHS.get(parts) in (ON_METADATA, ON_SMART) or (bool(parts) and parts[0] in PUBLIC_TYPES)


def methods(parts: tuple[str, ...]) -> str:
    """The methods that a path knows, as `Allow` lists them; NotFound for an unknown path."""
    try:
        resolve("", parts)
    except NotAllowed as refusal:
        return f"{refusal.headers['Allow']}, OPTIONS"
    raise RuntimeError


def _choose(verb: str, method: str, table: dict[str, Interaction], definition: Definition | None = None) -> Interaction:
    interaction = table.get(verb)
    if interaction and (definition is None or interaction.code in definition.interactions):
        return interaction
    served = [v for v, i in table.items() if definition is None or i.code in definition.interactions]
    allow = ", ".join([*served, "HEAD"] if "GET" in served else served)
    raise NotAllowed(f"method `{method[:16]}` is not allowed here", headers={"Allow": allow})


def _unknown(message: str) -> NotFound:
    return NotFound(message, issues=(Issue("not-supported", message),))
