"""Every cell of the facts of policy.md section 2: PostgreSQL, by the expression of production, equal to the oracle.

A cell is one caller, his relations to a record, the record's state and the facts of one row. Facts that never meet (a
holder who is a regulator) meet here. That the facts themselves are what the tables say is `test_exhaustive_facts.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.policy.guard import JUDGES, Binding, around, visible
from app.policy.rules import AUDIT, CONSENT, DOCUMENT, LISTING, TASK, UNCITED
from app.records.judging import row_of
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage.statement import Statement
from app.storage.tables import TABLES
from tests import oracle, type_cells
from tests.cells import READERS, SELF, STRUCTURE, stopped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import FromClause

    from app.policy.rules import Rule
    from app.storage.embedded import Urls
    from tests.cells import Link
    from tests.conftest import Cluster
    from tests.oracle import Verdict
    from tests.type_cells import TypeCells


@pytest.fixture(scope="module")
async def link(module_database_urls: Urls, cluster: Cluster) -> AsyncIterator[Link]:
    async with stopped(module_database_urls, cluster) as made:
        await type_cells.put_rows(made)
        yield made


def word(verdict: Verdict) -> str:
    """One cell, as `Grid.verdicts` says it."""
    return f"{'+' if verdict[0] else '-'}{verdict[1]}"


async def equal(link: Link, of: TypeCells) -> set[str]:
    """Every cell of a grid as the oracle says; returns the names of the rules that decided.

    Each group is asked of every caller whose flags it has; in a record that is not open, one caller stands for them.
    """
    rows = await of.cells.verdicts(of.judge).rows(link, **SELF | of.values)
    assert [row["number"] for row in rows] == list(range(len(of.cells.groups)))
    count = 0
    reasons: set[str] = set()
    for (status, flags, rel), row in zip(of.cells.groups, rows, strict=True):
        for caller in READERS[flags] if status == oracle.OPEN else READERS[flags][:1]:
            said = [word(of.say(status, caller, rel, place)) for place in range(of.rows)]
            if row["line"] != " ".join(said):
                each = zip(range(of.rows), row["line"].split(" "), said, strict=True)
                wrong = [one for one in each if one[1] != one[2]]
                pytest.fail(f"{of.name}: {status}, {caller}, {rel}: (row, in force, law) {wrong[:3]}")
            count += of.rows
            reasons.update(said)
    print(f"\n{of.name}: {count} cells, {len(reasons)} different verdicts", end="")  # noqa: T201 - the proof says its size
    return {said[1:] for said in reasons}


def names(*tables: tuple[Rule, ...]) -> set[str]:
    """The rules of tables: each of them decides somewhere."""
    return {rule.name for table in tables for rule in table}


async def test_a_document_in_every_cell(link: Link) -> None:
    assert await equal(link, type_cells.document()) == names(DOCUMENT)


@pytest.mark.parametrize("kind", ["RelatedPerson", "CareTeam"])
async def test_a_related_person_and_a_care_team_in_every_cell(link: Link, kind: str) -> None:
    of_documents = {"withdrawn", "announcement-pending", "hidden-from-representatives", "depositor", "masked"}
    assert await equal(link, type_cells.related(kind)) == names(DOCUMENT) - of_documents - {"outside-profession"}


async def test_a_patient_whole_in_every_cell(link: Link) -> None:
    assert "identity-only" in await equal(link, type_cells.patient_whole())


async def test_a_patient_at_least_reduced_in_every_cell(link: Link) -> None:
    assert "identity-only" in await equal(link, type_cells.patient_reduced())


async def test_a_consent_in_every_cell(link: Link) -> None:
    assert await equal(link, type_cells.consent()) == names(CONSENT)


@pytest.mark.parametrize("structure", ["", STRUCTURE])
async def test_a_task_in_every_cell(link: Link, structure: str) -> None:
    assert await equal(link, type_cells.task(structure)) == names(TASK)


async def test_a_binary_in_every_cell(link: Link) -> None:
    assert await equal(link, type_cells.binary()) == names(UNCITED, DOCUMENT)


@pytest.mark.parametrize(("kind", "column"), [("List", "p_item"), ("Provenance", "p_target")])
async def test_a_list_and_a_provenance_in_every_cell(link: Link, kind: str, column: str) -> None:
    assert await equal(link, type_cells.listing(kind, column)) >= names(LISTING)


async def test_an_event_in_every_cell(link: Link) -> None:
    assert await equal(link, type_cells.event()) == names(AUDIT)


# what production runs


def normal(sql: str) -> str:
    """A statement's text without the numbers of parameters and aliases, which count what stands before them."""
    return re.sub(r"(?<=\$)\d+|(?<=_)\d+\b", "", sql)


def of_one_row(kind: str, row: FromClause, binding: Binding) -> tuple[str, str]:
    """The expressions of a row's visibility and reason, as text."""
    judged = JUDGES[kind](row, binding.status, binding)
    placed = around(row, binding)
    made = [
        normal(Statement(select(one.label("it")).select_from(placed)).sql) for one in (judged.visible, judged.reason)
    ]
    inner = [one.rpartition("\n SELECT ")[2].removeprefix("SELECT ") for one in made]  # a CTE stands before
    visible_, reason = [one.rpartition(" AS it")[0] for one in inner]
    return visible_, reason


@pytest.mark.parametrize("binding", list(Binding))
@pytest.mark.parametrize("kind", sorted(JUDGES.keys() - {"AuditEvent"}))
def test_what_production_selects_is_filtered_by_that_very_expression(kind: str, binding: Binding) -> None:
    row, shown = visible(kind, binding)
    condition, reason = of_one_row(kind, row, binding)
    sql = normal(Statement(shown).sql)
    assert f"WHERE {condition} AND" in sql
    assert f"{reason} AS verdict" in sql


@pytest.mark.parametrize("kind", sorted(JUDGES.keys() - {"AuditEvent", "Patient"}))
def test_what_production_writes_is_seen_by_that_very_expression(kind: str) -> None:
    condition, reason = of_one_row(kind, TABLES[kind].alias(), Binding.ONE)
    sql = normal(row_of(kind).sql)
    assert f"{condition} AS visible" in sql
    assert f"{reason} AS reason" in sql


def test_every_type_of_a_record_is_judged() -> None:
    assert JUDGES.keys() == {kind for kind, one in DEFINITIONS.items() if one.scope is Scope.RECORD}
