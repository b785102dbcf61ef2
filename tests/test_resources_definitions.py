import json
from pathlib import Path

import pytest

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Definition, Scope

STANDARD = json.loads((Path(__file__).parent / "data/search_parameters.json").read_text())
OURS = {
    "DocumentReference": {"creation", "isArchived", "period-start", "period-end"},
    "List": {"authorOrg", "designationType", "isArchived", "sourceId"},
    "AuditEvent": {"purpose-of-use"},
}
TYPES = pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)


@TYPES
def test_every_parameter_of_r4_is_declared(definition: Definition) -> None:
    declared = {p.name: [str(p.type), *sorted(p.targets)] for p in definition.parameters if not p.url}
    standard = {name: [part for part in parts if part != "*"] for name, parts in STANDARD[definition.type].items()}

    assert declared == standard


@TYPES
def test_other_parameters_have_a_canonical_of_their_own(definition: Definition) -> None:
    ours = {p.name: p.url for p in definition.parameters if p.url}

    assert ours.keys() == OURS.get(definition.type, set())
    assert len(set(ours.values())) == len(ours)


@TYPES
def test_columns_are_distinct(definition: Definition) -> None:
    columns = [p.column for p in (*definition.parameters, *COMMON)]

    assert len(set(columns)) == len(columns)
    assert all(len(column) <= 63 - len("_lo") for column in columns)  # PostgreSQL cuts longer names


def test_only_the_directory_is_outside_records() -> None:
    outside = {d.type for d in DEFINITIONS.values() if d.scope is Scope.DIRECTORY}

    assert outside == {"Practitioner", "PractitionerRole", "Organization"}


def test_nobody_writes_the_audit_trail_or_the_directory() -> None:
    readable = {d.type for d in DEFINITIONS.values() if not {"create", "update", "patch", "delete"} & {*d.interactions}}

    assert readable == {"AuditEvent", "Practitioner", "PractitionerRole", "Organization"}


def test_table_names_follow_the_type() -> None:
    assert DEFINITIONS["DocumentReference"].table == "document_reference"
    assert DEFINITIONS["List"].table == "list"


def test_filtered_paths_are_references() -> None:
    assert DEFINITIONS["DocumentReference"].filtered == ("relatesTo.target", "context.related")
    assert DEFINITIONS["List"].filtered == ("entry.item",)
    assert DEFINITIONS["Provenance"].filtered == ("target", "entity.what")
