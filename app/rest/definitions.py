"""What each operation takes and answers, as OperationDefinitions (operationdefinition.html): public, and made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.resources import DEFINITIONS
from app.resources.definition import Level
from app.rest.openapi.texts import OPERATIONS

if TYPE_CHECKING:
    from app.resources.definition import Definition, Operation
    from app.settings import Settings

Tree = dict[str, Any]

ONE, MAYBE, MANY = (1, "1"), (0, "1"), (0, "*")
SIGHT = ("verdict code", "rule code", "sentence string", "source string", "way[]", "until? instant", "then? code")
ACTOR = ("kind? code", "actor? Element")
PAIR = ("before", "after")
TAKEN: dict[str, tuple[str, ...]] = {
    "access": (),
    "break-glass": ("reason string", "motive? code"),
    "close": ("reason? code", "comment? string"),
    "reopen": (),
    "end-break-glass": (),
    "destroy": ("reason code",),
    "contact": ("email? string", "mobile? string", "way? code", "language? code", "choice[] code", "none? boolean"),
    "declare-treating-physician": (),
    "explain": ("actor? Element", "profession? Element", "specialty? Element", "structure? Element"),
    "decision": (),
    "who-can-see": ("refused? boolean",),
    "what-if": ("label[] code", "document[]", "consent[] Consent", "end[] Reference"),
    "generate-metadata": ("document Resource",),
}
"""Parameters in, by operation: name, `?` for none or one, `[]` for any number, and type; without one it has parts."""
GIVEN: dict[str, tuple[str, ...]] = {
    "access": (
        "status code",
        "authorisation code",
        "treatingPhysician boolean",
        "fullAccess boolean",
        "regulation boolean",
        "breakGlass boolean",
        "until? instant",
    ),
    "break-glass": ("until instant",),
    "close": ("status code",),
    "reopen": ("status code",),
    "end-break-glass": ("until instant",),
    "destroy": ("status code",),
    "contact": ("email? string", "mobile? string", "way? code", "language? code", "choice[] code"),
    "declare-treating-physician": ("treatingPhysician boolean",),
    "explain": (*ACTOR, *SIGHT, "change[]"),
    "decision": ("return AuditEvent",),
    "who-can-see": ("reader[]",),
    "what-if": ("difference[]",),
    "generate-metadata": ("DocumentReference Reference",),
}
"""Parameters out, in the same manner."""
PARTS: dict[str, tuple[str, ...]] = {
    "way": ("profession? Coding", "specialty? Coding", "structure? Identifier"),
    "change": ("act[] code", "sentence[] string", "via[] Reference"),
    "reader": (*ACTOR, *SIGHT, "via[] Reference"),
    "difference": (*ACTOR, "record?", "document[]"),
    "record": PAIR,
    "before": SIGHT,
    "after": SIGHT,
}
"""Parts of the parameters that have some, by name."""
DOCUMENT = {"in": ("reference Reference", "label[] code"), "out": ("reference[] Reference", *PAIR)}
"""Parts of `document`, which is taken and answered."""


def definitions(settings: Settings) -> dict[str, Tree]:
    """The OperationDefinition of every operation of ours, by id: `Type-name`; R4 defines the others itself."""
    pairs = [(one, operation) for one in DEFINITIONS.values() for operation in one.operations if not operation.url]
    made = [_definition(definition, operation, settings) for definition, operation in pairs]
    return {tree["id"]: tree for tree in made}


def _definition(definition: Definition, operation: Operation, settings: Settings) -> Tree:
    text, identifier = OPERATIONS[operation.name], f"{definition.type}-{operation.name}"
    tree: Tree = {
        "resourceType": "OperationDefinition",
        "id": identifier,
        "url": f"{settings.codesystem_base}/OperationDefinition/{identifier}",
        "name": f"{definition.type}{text.id}",
        "title": text.summary,
        "status": "active",
        "kind": "operation",
        "description": text.description,
        "affectsState": operation.changes,
        "code": operation.name,
        "resource": [definition.type],
        "system": Level.SYSTEM in operation.levels,
        "type": Level.TYPE in operation.levels,
        "instance": Level.INSTANCE in operation.levels,
    }
    parameters = [_parameter(one, "in") for one in TAKEN[operation.name]]
    return tree | {"parameter": parameters + [_parameter(one, "out") for one in GIVEN[operation.name]]}


def _parameter(told: str, use: str) -> Tree:
    """One parameter of its short form, with its parts."""
    head, _, kind = told.partition(" ")
    name = head.rstrip("?[]")
    least, most = MANY if head.endswith("[]") else MAYBE if head.endswith("?") else ONE
    tree: Tree = {"name": name, "use": use, "min": least, "max": most}
    if kind:
        return tree | {"type": kind}
    return tree | {"part": [_parameter(one, use) for one in (DOCUMENT[use] if name == "document" else PARTS[name])]}
