"""Our CodeSystems, each with the value set of all its codes, and the value sets that our profiles bind to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.resources import DEFINITIONS, consent, labels
from app.resources.profiles.ours import DESCRIPTIONS, EMERGENCY_SET, TITLES, VISIBILITY_SET
from app.rest.reasons import CHANGES, PERMITS, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.settings import Settings

Tree = dict[str, Any]

KINDS = {
    Kind.HOLDER: "the person whose record it is",
    Kind.REPRESENTATIVE: "a legal representative of a minor or protected adult",
    Kind.PROFESSIONAL: "a health professional",
    Kind.OCCUPATIONAL_PHYSICIAN: "an occupational physician",
    Kind.DESK: "a desk agent of a structure",
    Kind.INSURER: "the insurer, which feeds reimbursements",
    Kind.SOFTWARE: "software without a person",
    Kind.OPERATOR: "who runs the server",
}


def systems(settings: Settings) -> dict[str, Tree]:
    """Every CodeSystem, by id."""
    said = {name: _sentences(table) for name, table in (("reason", REASONS | PERMITS), ("change", CHANGES))}
    plain = {
        "record-consent": [
            {"code": one.value, "display": TITLES[one], "definition": DESCRIPTIONS[one]} for one in consent.Category
        ],
        "caller-kind": [{"code": one.value, "display": KINDS[one]} for one in Kind],
        "operation": [{"code": name, "display": f"${name}"} for name in _operations()],
    }
    return {name: _system(name, concepts, settings) for name, concepts in (said | plain).items()}


def _operations() -> list[str]:
    """Names of the operations, as the trail tells them, without their `$`."""
    return sorted({one.name for definition in DEFINITIONS.values() for one in definition.acts} | {"validate"})


def _sentences(table: dict[str, tuple[str, str]]) -> list[Tree]:
    """Concepts whose display is the English sentence, with the French one beside."""
    return [
        {"code": code, "display": english, "designation": [{"language": "fr", "value": french}]}
        for code, (french, english) in table.items()
    ]


TITLE = {
    "reason": ("Reason", "Why a request was refused, or by which rule somebody sees (`OperationOutcome`, `$explain`)."),
    "change": ("Change", "What would turn a verdict (`$explain`)."),
    "record-consent": ("RecordConsent", "What a Consent of a record is for."),
    "caller-kind": ("CallerKind", "Who asks: the claim `kind` of a token, and AuditEvent.agent.role."),
    "operation": ("Operation", "Names of operations, as the trail tells them (AuditEvent.subtype)."),
}
"""Name and description of each CodeSystem."""


def _system(id: str, concepts: list[Tree], settings: Settings) -> Tree:
    name, description = TITLE[id]
    return {
        "id": id,
        "url": f"{settings.codesystem_base}/CodeSystem/{id}",
        "name": name,
        "title": name,
        "status": "active",
        "description": description,
        "caseSensitive": True,
        "valueSet": f"{settings.codesystem_base}/ValueSet/{id}",
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


def sets(settings: Settings) -> dict[str, Tree]:
    """Every ValueSet, by id."""
    base = settings.codesystem_base
    all_of = {id: _set(id, *TITLE[id], [{"system": f"{base}/CodeSystem/{id}"}], base) for id in TITLE}
    visible = [_include(labels.VISIBILITY, labels.CODES), _include(labels.CONFIDENTIALITY, (labels.NORMAL,))]
    emergency = [_include(consent.ACT_REASON, sorted(consent.OPPOSABLE))]
    of_others = {
        "DocumentVisibility": (VISIBILITY_SET, "Labels that decide who sees a document.", visible),
        "EmergencyPurpose": (EMERGENCY_SET, "Purposes that a holder may oppose.", emergency),
    }
    for name, (path, description, include) in of_others.items():
        id = path.rpartition("/")[2]
        all_of[id] = _set(id, name, description, include, base)
    return all_of


def _include(system: str, codes: Iterable[str]) -> Tree:
    return {"system": system, "concept": [{"code": code} for code in codes]}


def _set(id: str, name: str, description: str, include: list[Tree], base: str) -> Tree:
    return {
        "id": id,
        "url": f"{base}/ValueSet/{id}",
        "name": name,
        "title": name,
        "status": "active",
        "description": description,
        "compose": {"include": include},
    }
