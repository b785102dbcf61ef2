"""The statements that the server asks most, by name, as its own code compiles them.

Their plans are looked at over a million documents (`plans.py`), and their text is kept (`tests/golden`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from app.policy.guard import JUDGES, OLDER, Binding
from app.policy.standing import STANDING
from app.policy.writes import ACTS, Act
from app.records import events, including, judging, past, reading, redaction, references
from app.records.asking import Ask, counted, in_directory, in_many, in_one
from app.resources import DEFINITIONS
from app.settings import Settings
from app.storage.balp import Renderer
from app.storage.search import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.storage.search import Query
    from app.storage.statement import Statement

BASE = "https://carnet.example"
SETTINGS = Settings(data=Path("unused"), base_url=BASE)
RENDERER = Renderer(SETTINGS.fhir_base, SETTINGS.codesystem_base)
OFFICE = cast("Office", SimpleNamespace(renderer=RENDERER))
"""All that a search needs of an office to be compiled."""

LOINC, IDNPS = "http://loinc.org", "urn:oid:1.2.250.1.71.4.2.1"
SEARCHES: dict[str, tuple[str, str]] = {
    "all": ("DocumentReference", ""),
    "token": ("DocumentReference", f"type={LOINC}|11488-4"),
    "token not": ("DocumentReference", f"type:not={LOINC}|11488-4"),
    "string": ("DocumentReference", "description=compte"),
    "date": ("DocumentReference", "date=ge2026-01-01"),
    "reference": ("DocumentReference", "author=Practitioner/p1"),
    "uri": ("DocumentReference", "_source=https://ehr.example"),
    "composite": ("DocumentReference", "relationship=DocumentReference/d1$replaces"),
    "missing": ("DocumentReference", "period:missing=true"),
    "sorted": ("DocumentReference", "_sort=-date,type"),
    "chain": ("DocumentReference", "author.name=durand"),
    "chain in the record": ("List", f"item:DocumentReference.type={LOINC}|11488-4"),
    "events": ("AuditEvent", "_sort=-date"),
    "events of a document": ("AuditEvent", "entity=DocumentReference/d1"),
    "lists": ("List", "status=current"),
    "consents": ("Consent", "category=authorisation"),
    "rectifications": ("Task", "status=requested"),
}
"""One search of each kind: its type and what it asks."""


def query(resource_type: str, asked: str) -> Query:
    """A search as the server parses it."""
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in asked.split("&") if pair)]
    return parse(DEFINITIONS[resource_type], pairs, strict=True, settings=SETTINGS)


def ask(resource_type: str, asked: str, record: str = "") -> Ask:
    """A search on its way, within a record or across all."""
    return Ask(OFFICE, cast("Caller", None), query(resource_type, asked), record)


def within(resource_type: str, asked: str) -> Statement:
    """The statement of a search of one record."""
    return in_one(ask(resource_type, asked, "one"))


def listed(resource_type: str, asked: str) -> Statement:
    """The statement of a search of the directory."""
    return in_directory(ask(resource_type, asked))


def across(resource_type: str, asked: str) -> Statement:
    """The statement of a search across records."""
    return in_many(ask(resource_type, asked))


def counting(resource_type: str, asked: str, record: str = "") -> Statement:
    """The statement that counts a search."""
    found = ask(resource_type, asked, record)
    return counted(replace(found, query=replace(found.query, cursor="")))


def bringing(resource_type: str, column: str, binding: Binding) -> Statement:
    """The statement of an include: rows by id, or by what a column of references holds."""
    return including._statement(resource_type, (column,) if column else (), binding)  # noqa: SLF001 - the text is what is looked at


def reads() -> dict[str, Statement]:
    """Reading by id, of each type; an event; a content in no record; the standing that the others are bound to."""
    found = {kind: reading.by_id(kind) for kind in JUDGES if kind != "AuditEvent"}
    more = {
        "AuditEvent": events._by_id(RENDERER),  # noqa: SLF001
        "AuditEvent of no record": events._of_nobody(RENDERER),  # noqa: SLF001
        "documents hidden in an event": events._hidden(),  # noqa: SLF001
        "Binary of no record": reading.unfiled(),
        "Practitioner": reading.in_directory("Practitioner"),
        "standing": STANDING,
    }
    return found | more


def histories() -> dict[str, Statement]:
    """Older versions of a resource, of each type that has them; and of a whole type."""
    whole = {
        f"every {kind}": past.of_type(kind, binding)
        for kind, binding in (("DocumentReference", Binding.JOINED), ("Practitioner", Binding.ONE))
    }
    return {kind: reading.versions(kind) for kind in OLDER} | whole


def searches(make: Callable[[str, str], Statement]) -> dict[str, Statement]:
    """Each search of `SEARCHES`, within a record or across."""
    return {name: make(*asked) for name, asked in SEARCHES.items()}


def checks() -> dict[str, Statement]:
    """What a write asks of the rows around it."""
    return {
        "shows": judging.shows(),
        "lock": judging.lock(exclusive=True),
        "reference": references._seen("DocumentReference"),  # noqa: SLF001
        "left out": redaction.visible_ids("DocumentReference"),
    }


def on_records() -> dict[str, Statement]:
    """Judging each act that makes something new in a record."""
    return {act.value: judging.on_record(act, exclusive=False) for act in ACTS}


def on_rows() -> dict[str, Statement]:
    """Locking a row, and judging acts on it."""
    rows = {f"row of {kind}": judging.row_of(kind) for kind in JUDGES if kind != "AuditEvent"}
    acts = (Act.MASK, Act.UNMASK, Act.SET_ANNOUNCEMENT, Act.WITHDRAW, Act.ERASE)
    return (
        rows
        | {f"{act} of a document": judging.on_row("DocumentReference", act) for act in acts}
        | {"answer-rectification": judging.on_row("Task", Act.ANSWER_RECTIFICATION)}
    )
