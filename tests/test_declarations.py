"""A resource type that does not say everything about itself is refused here."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from app.errors import Refusal
from app.policy.guard import JUDGES
from app.records.kinds import KINDS
from app.resources import DEFINITIONS
from app.resources.definition import Definition, Resource, Scope
from app.resources.structure import elements
from app.resources.validation import parse, validate
from app.rest.capabilities import statement
from app.rest.openapi import BASE, document
from app.rest.openapi.texts import OPERATIONS
from app.rest.paths import PUBLIC_TYPES
from app.rest.summary import known_types
from app.settings import Settings
from app.storage.tables import TABLES, audit_event

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
SETTINGS = Settings(data=ROOT)
TYPES = pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)
WRITES = {"create", "update", "patch", "delete"}
BY_THE_TRAIL = {"AuditEvent"}
"""Written by the server alone, into a table of its own."""
STATED = {resource["type"]: resource for resource in orjson.loads(statement(SETTINGS).body)["rest"][0]["resource"]}
DOCUMENT = document()


@TYPES
def test_the_policy_judges_it_or_it_is_in_the_directory(definition: Definition) -> None:
    assert (definition.type in JUDGES) is (definition.scope is Scope.RECORD)


@TYPES
def test_how_it_is_written_is_said(definition: Definition) -> None:
    assert (definition.type in KINDS) is (definition.type not in BY_THE_TRAIL)
    if definition.type in BY_THE_TRAIL:
        assert not WRITES & {*definition.interactions}


@TYPES
def test_it_has_a_table(definition: Definition) -> None:
    table = audit_event if definition.type in BY_THE_TRAIL else TABLES[definition.type]
    assert ("record" in table.c) is (definition.scope is Scope.RECORD)


@TYPES
def test_its_record_can_be_found(definition: Definition) -> None:
    """By the element that its compartment names; the few that have none find it in a way of their own."""
    if definition.compartment:
        assert elements(definition.type)[definition.compartment].kind == "Reference"
    elif definition.scope is Scope.RECORD:
        assert definition.type in {"Patient", "Binary", "AuditEvent", "Provenance"}


@TYPES
def test_the_capability_statement_has_it(definition: Definition) -> None:
    stated = STATED[definition.type]
    assert [one["code"] for one in stated["interaction"]] == [*definition.interactions]
    named = {one["name"] for one in stated.get("searchParam", [])}
    assert {parameter.name for parameter in definition.parameters} <= named
    assert [one["name"] for one in stated.get("operation", [])] == [
        *(one.name for one in definition.operations),
        "meta",
        "validate",
    ]


@TYPES
def test_the_openapi_document_has_it(definition: Definition) -> None:
    assert definition.type in DOCUMENT["components"]["schemas"]
    assert definition.type in DOCUMENT["components"]["examples"]
    assert definition.type in {tag["name"] for tag in DOCUMENT["tags"]}
    assert f"{BASE}/{definition.type}" in DOCUMENT["paths"]
    assert {operation.name for operation in definition.operations} <= OPERATIONS.keys()


@TYPES
def test_its_summary_is_known(definition: Definition) -> None:
    assert definition.type in known_types()


def examples(type: str) -> list[Resource]:
    """Every resource of a type under tests/data, alone in its file or in a Bundle, that the server takes."""
    trees = [orjson.loads(path.read_bytes()) for path in DATA.rglob("*.json")]
    inside = [entry.get("resource", {}) for tree in trees if "resourceType" in tree for entry in tree.get("entry", [])]
    return [tree for tree in (*trees, *inside) if tree.get("resourceType") == type and is_taken(tree)]


def is_taken(tree: Resource) -> bool:
    try:
        validate(DEFINITIONS[tree["resourceType"]], parse(orjson.dumps(tree)), SETTINGS.codesystem_base)
    except Refusal:
        return False
    return True


@TYPES
def test_it_has_an_example_that_is_taken(definition: Definition) -> None:
    assert examples(definition.type)


@pytest.mark.parametrize("said", [JUDGES, KINDS, TABLES], ids=["judges", "kinds", "tables"])
def test_nothing_is_said_of_a_type_that_is_not(said: dict[str, object]) -> None:
    assert said.keys() <= DEFINITIONS.keys()


def test_the_capability_statement_has_no_other_type() -> None:
    assert [*STATED] == [*DEFINITIONS, "Bundle", *PUBLIC_TYPES]
