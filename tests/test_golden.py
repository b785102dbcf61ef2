"""The text of the statements that matter, kept: whoever changes one sees what PostgreSQL is asked, and says so.

`pytest tests/test_golden.py --golden` writes `tests/golden` anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.policy import rules
from app.policy.facts import facts
from app.policy.guard import Binding, related_by
from app.storage.bits import BETWEEN
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES
from benchmarks import statements as made
from tests.golden import pretty

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "golden"
TABLE_NAMES = ("DOCUMENT", "CONSENT", "AUDIT", "LISTING", "TASK", "UNCITED")
LONG = frozenset({"events", "events of a document", "AuditEvent", "AuditEvent of no record", "chain in the record"})
"""Too long to be read: those of the trail hold its columns as `app.storage.balp` tells them, and are compared there."""
ACROSS = ("all", "token", "chain", "consents", "rectifications")


def verdicts() -> dict[str, Statement]:
    """The reason code of each table, bound to one record and across."""
    found = {}
    for name in TABLE_NAMES:
        for binding in Binding:
            row = TABLES["DocumentReference"].alias()
            f = facts(binding.status, row, related_by(row, binding))
            found[f"{name} {binding.value}"] = Statement(select(rules.reason(getattr(rules, name), f)), Unjudged.FACT)
    return found


@cache
def brought() -> dict[str, Statement]:
    """Includes and counts."""
    return {
        "include one": made.bringing("DocumentReference", "", Binding.ONE),
        "include many": made.bringing("DocumentReference", "", Binding.MANY),
        "revinclude one": made.bringing("Consent", "p_source_reference", Binding.ONE),
        "count one": made.counting("DocumentReference", "status=current", "one"),
        "count many": made.counting("DocumentReference", "status=current"),
        "by identifier": made.across("DocumentReference", "identifier=urn:oid:1.2.3|1&status=current"),
        "by ids": made.across("DocumentReference", "_id=a.1,b.2"),
        "by INS": made.across("Patient", "identifier=urn:oid:1.2.250.1.213.1.4.10|1"),
    }


def kept(statements: dict[str, Statement], *names: str) -> dict[str, Statement]:
    return {name: one for name, one in statements.items() if name not in LONG and (not names or name in names)}


reads, histories = cache(made.reads), cache(made.histories)
within, across = cache(lambda: made.searches(made.within)), cache(lambda: made.searches(made.across))
rows, checks = cache(made.on_rows), cache(made.checks)
"""Each compiles for a second."""
FILES: dict[str, Callable[[], dict[str, Statement]]] = {
    "verdicts": cache(verdicts),
    "reads": lambda: kept(reads()),
    "histories": histories,
    "searches_within": lambda: kept(within()),
    "searches_across": lambda: kept(across(), *ACROSS),
    "includes_and_counts": brought,
    "acts": cache(made.on_records),
    "judging": lambda: rows() | checks(),
}


def everything() -> dict[str, Statement]:
    """Every statement of the catalogue, the long ones too."""
    searches = {f"within {name}": one for name, one in within().items()}
    searches |= {f"across {name}": one for name, one in across().items()}
    return reads() | histories() | searches | rows() | checks() | brought()


def legible(one: Statement) -> str:
    """Its text, with what each test of a bit is of: `[flags&2048]` is a boolean parameter."""
    names = {f"${number}": name for number, name in enumerate(one.names, start=1) if BETWEEN in name}
    return re.sub(r"(\$\d+)::BOOLEAN", lambda found: f"[{names[found[1]]}]" if found[1] in names else found[0], one.sql)


def text(name: str) -> str:
    """A golden file: each statement under its name."""
    return "\n".join(f"-- {title}\n{pretty(legible(one))}" for title, one in FILES[name]().items())


@pytest.mark.parametrize("name", FILES)
def test_the_statements_are_those_that_were_agreed_to(name: str, request: pytest.FixtureRequest) -> None:
    path, now = FOLDER / f"{name}.sql", text(name)
    if request.config.getoption("--golden"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8").splitlines() == now.splitlines()


def test_there_is_no_golden_file_of_nothing() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_laying_out_changes_no_word(name: str) -> None:
    for one in FILES[name]().values():
        assert re.sub(r"\s+", "", pretty(one.sql)) == re.sub(r"\s+", "", one.sql)


JOINED = re.compile(r'FROM ((?:\w+|"\w+")(?: AS \w+)?(?:, (?:\w+|"\w+")(?: AS \w+)?)+)')
TOGETHER = {frozenset({"binary", "document_reference"})}
"""Tables that a statement does read side by side: the content of a document, in `app.policy.trail.concealed`."""


def test_a_rule_asked_from_within_looks_at_its_own_record() -> None:
    """No EXISTS has a table beside its own: that would be the whole of it, every other record's rows included."""
    strange = []
    for name, one in everything().items():
        for found in JOINED.finditer(one.sql):
            tables = [part.split(" AS ")[0].strip('"') for part in found[1].split(", ")]
            if len(set(tables)) < len(tables) or frozenset(tables) not in TOGETHER:
                strange.append((name, found[0]))
    assert strange == []
