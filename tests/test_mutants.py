"""Every small change of a rule that changes a verdict is killed: some cell tells it from the rule in force.

That the rules in force are the law's in each cell is `test_exhaustive*.py`; so a cell that tells a mutant from them
tells it from the law. What no cell tells apart stands in `EQUIVALENT` with the reason, and must stay so.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import and_, case, func, literal, or_, select, true

from app.policy import guard
from app.policy.facts import Facts, facts, is_minor, relation_facts, standing_select
from app.policy.guard import Binding
from app.policy.rules import AUDIT, CONSENT, DOCUMENT, LISTING, PATIENT_REDUCED, TASK, UNCITED, permitted, reason
from app.policy.writes import ACTS, Act
from app.storage.statement import Statement
from app.storage.tables import record
from tests import relation_cases, type_cells
from tests.act_cells import SHAPES, ActCells
from tests.cells import SELF, stopped, substituted
from tests.mutations import READ, changed, conditions, refusals, tables
from tests.test_exhaustive_facts import put_births, reader_values

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import ColumnElement, FromClause

    from app.policy.rules import Rule
    from app.policy.writes import Refuse
    from app.storage.embedded import Urls
    from tests.cells import Link
    from tests.conftest import Cluster
    from tests.type_cells import TypeCells

    Mutants = dict[str, list[tuple[ColumnElement[Any], ColumnElement[Any]]]]
    """By name: expressions of the mutant, each beside that of the rule in force."""

DOCTORS = "a token makes nobody but a professional a doctor (`caller_flags`), so the flag of doctors says it already"
OTHERS = "only a professional is a treating physician, so both conditions never hold together and either may come first"
EQUIVALENT: dict[str, dict[str, str]] = {
    "DOCUMENT": {
        "not-a-professional and treating-physician swapped": OTHERS,
        "treating-physician: conjunct dropped: read_professional": DOCTORS,
    },
    "CONSENT": {"treating-physician: conjunct dropped: read_professional": DOCTORS},
    "AUDIT": {
        "excluded-party and treating-physician swapped": OTHERS,
        "treating-physician: conjunct dropped: read_professional": DOCTORS,
    },
    "PATIENT": {
        "way 0 dropped": "whoever sees a Patient whole is its holder, represents him, or is of a kind that"
        " sees it reduced"
    },
    "STANDING": {
        "minor: conjunct dropped: patient.birth_date IS NOT NULL": "an unknown birth date makes the other condition"
        " unknown, which EXISTS takes as no"
    },
    "ACTS: deposit": {
        "not-a-minor and secret-connection swapped": "one asks for a document that becomes hidden, the other"
        " for one that does not"
    },
    "ACTS: authorise": {
        "blocked: conjunct dropped: read_professional": DOCTORS,
        "not-yours-to-do: disjunct dropped: read_professional (7)": "of those who open the record: every"
        " professional may authorise by attestation anyway",
    },
    "ACTS: declare-treating-physician": {"not-yours-to-do: conjunct dropped: read_professional": DOCTORS},
    "ACTS: change-identity-traits": {"identity-traits: conjunct dropped: read_professional": DOCTORS},
    **{
        f"ACTS: {act}": {"not-yours-to-do: conjunct dropped: read_professional": DOCTORS}
        for act in ("mask", "announce", "identify", "relate", "change-team", "block")
    },
}
"""Mutants that no cell can tell from the rule in force, by what they are of, each with the reason."""
AT_ONCE = 40
"""Mutants in one statement."""
FEW = func.hashtext(record.c.id).op("&")(literal(63)) == literal(0)
"""One case of relations in 64."""


@pytest.fixture(scope="module")
async def link(module_database_urls: Urls, cluster: Cluster) -> AsyncIterator[Link]:
    async with stopped(module_database_urls, cluster) as made:
        await type_cells.put_rows(made)
        await relation_cases.put_cases(made)
        await put_births(made)
        yield made


async def survivors(
    link: Link, source: FromClause, mutants: Mutants, where: ColumnElement[bool], values: dict[str, object]
) -> Mutants:
    """The mutants that differ from the rule nowhere in the source."""
    left: Mutants = {}
    names = list(mutants)
    for start in range(0, len(names), AT_ONCE):
        batch = names[start : start + AT_ONCE]
        differs = [or_(*[one.is_distinct_from(own) for one, own in mutants[name]]) for name in batch]
        told = select(*[func.bool_or(one).label(f"m{n}") for n, one in enumerate(differs)]).select_from(source)
        row = await Statement(told.where(where)).row(link, **SELF | values)
        assert row is not None
        left |= {name: mutants[name] for n, name in enumerate(batch) if not row[f"m{n}"]}
    return left


def settle(of: str, mutants: Mutants, left: Mutants) -> None:
    """Every survivor is a known equivalent, and every known equivalent survives."""
    print(f"\n{of}: {len(mutants)} mutants, {len(mutants) - len(left)} killed, {len(left)} equivalent", end="")  # noqa: T201
    assert len(mutants) > len(left)
    assert set(left) == set(EQUIVALENT.get(of, {}))


def few(of: TypeCells) -> ColumnElement[bool]:
    """One cell in 128: they kill most mutants, so that few are asked of all cells."""
    cell = of.cells.cell
    return func.hashint4(cell.c.number * literal(of.rows) + cell.c.place).op("&")(literal(127)) == literal(0)


async def on_cells(link: Link, of: TypeCells, mutants: Mutants) -> Mutants:
    """The mutants that no cell of a type tells apart."""
    left = await survivors(link, of.cells.source, mutants, few(of), of.values)
    return await survivors(link, of.cells.source, left, true(), of.values)


# the tables of reading


def verdict(of: TypeCells) -> list[ColumnElement[Any]]:
    """A type's reason code and visibility, as production has them now, over the cells."""
    judged = of.judge(of.cells.cell, record.c.status, Binding.ONE)
    return [of.cells.bound(judged.reason), of.cells.bound(judged.visible)]


TABLES: dict[str, tuple[tuple[Rule, ...], Any]] = {
    "DOCUMENT": (DOCUMENT, type_cells.document),
    "CONSENT": (CONSENT, type_cells.consent),
    "AUDIT": (AUDIT, type_cells.event),
    "LISTING": (LISTING, type_cells.listing),
    "TASK": (TASK, type_cells.task),
    "UNCITED": (UNCITED, type_cells.binary),
}


def facts_of(of: TypeCells, table: tuple[Rule, ...]) -> dict[str, ColumnElement[Any]]:
    """The facts that a type's judge hands to a table, over the cells."""
    read: list[Facts] = []

    def spy(judged: tuple[Rule, ...], given: Facts) -> ColumnElement[str]:
        if judged is table:
            read.append(given)
        return reason(judged, given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "reason", spy)
        of.judge(of.cells.cell, record.c.status, Binding.ONE)
    return {one.name: of.cells.bound(getattr(read[0], one.name)) for one in fields(Facts)}


@pytest.mark.parametrize("name", TABLES)
async def test_mutants_of_a_table(link: Link, name: str) -> None:
    """Over what the facts of the cells come to: each set of facts once."""
    table, make = TABLES[name]
    of = make()
    read = [fact.label(key) for key, fact in facts_of(of, table).items()]
    mutants = dict(tables(table))
    made: Mutants = {}
    left: Mutants = {}
    for where in (few(of), true()):
        cells = select(*read).select_from(of.cells.source).where(where).distinct().subquery("told")
        told = Facts(**{one.name: cells.c[one.name] for one in fields(Facts)})
        rule: list[ColumnElement[Any]] = [reason(table, told), permitted(table, told)]
        asked = list(left) if made else list(mutants)
        made |= {
            key: list(zip([reason(mutants[key], told), permitted(mutants[key], told)], rule, strict=True))
            for key in asked
        }
        left = await survivors(link, cells, {key: made[key] for key in asked}, true(), of.values)
    settle(name, made, left)


async def test_mutants_of_the_reduced_patient(link: Link) -> None:
    """Its rule, the ways to be shown at least the identifier, and the reason that tells of it."""
    of = type_cells.patient_reduced()
    rule = verdict(of)
    made: Mutants = {}
    for what, when in conditions(PATIENT_REDUCED.when, READ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(guard, "PATIENT_REDUCED", replace(PATIENT_REDUCED, when=when))
            made[what] = list(zip(verdict(of), rule, strict=True))
    ways = rule[1].clauses
    for n in range(len(ways)):
        made[f"way {n} dropped"] = [(or_(*ways[:n], *ways[n + 1 :]), rule[1])]
    whole, (some, name) = rule[0].whens
    for what, mutant in changed(some):
        made[f"reason: {what}"] = [(case(whole, (mutant, name), else_=rule[0].else_), rule[0])]
    settle("PATIENT", made, await on_cells(link, of, made))


# the facts


async def test_mutants_of_the_facts_of_a_cell(link: Link) -> None:
    """Flags taken out of a set of them, comparisons with the clock, with the matrix, with the depositor."""
    of = type_cells.document()
    read = facts(record.c.status, of.cells.cell)
    made: Mutants = {}
    for one in fields(read):
        fact = getattr(read, one.name)
        for what, mutant in changed(fact):
            made[f"{one.name}: {what}"] = [(of.cells.bound(mutant), of.cells.bound(fact))]
    settle("FACTS", made, await on_cells(link, of, made))


async def test_mutants_of_the_relations(link: Link) -> None:
    """Of each EXISTS: every condition dropped, every comparison with the clock turned."""
    made: Mutants = {}
    for flag, fact in relation_facts(record.c.id).items():
        made |= {f"{flag.name}: {what}": [(mutant, fact)] for what, mutant in changed(fact)}
    cases = record.c.id.like("case-%")
    left = made
    for where in (and_(cases, FEW), cases):  # a mutant that looks into every record is slow, and dies early
        for reader in relation_cases.READERS.values():
            left = await survivors(link, record, left, where, reader_values(reader))
    settle("RELATIONS", made, left)


async def test_mutants_of_majority_and_of_the_end_of_a_standing(link: Link) -> None:
    """In a time zone where a day begins at the moment at which the clock stands."""
    await link.execute("SET TIME ZONE 'Etc/GMT+10'")
    minor, standing = is_minor(record.c.id), standing_select()
    expiry = substituted(standing.selected_columns["expiry"].element, record=record.c.id)
    made: Mutants = {f"minor: {what}": [(mutant, minor)] for what, mutant in changed(minor)}
    made |= {f"expiry: {what}": [(mutant, expiry)] for what, mutant in changed(expiry)}
    reader = relation_cases.READERS["a pharmacist"]
    left = await survivors(link, record, made, record.c.id.like("case-%"), reader_values(reader))
    await link.execute("SET TIME ZONE 'UTC'")
    settle("STANDING", made, left)


# the acts


def answer(cells: ActCells, refusals_: tuple[Refuse, ...]) -> ColumnElement[Any]:
    """What stands against an act, with its weight."""
    why = cells.judged(cells.cell) if refusals_ else literal("")
    said = [(why == literal(one.name), literal(f"{one.name} {one.weight.name}")) for one in refusals_]
    return case(*said, else_=literal("")) if said else literal("")


@pytest.mark.parametrize("act", list(Act))
async def test_mutants_of_an_act(link: Link, act: Act) -> None:
    mutants = dict(refusals(ACTS[act]))
    made: Mutants = {}
    left = list(mutants)
    for shape in SHAPES:
        cells = ActCells(act, shape)
        rule = answer(cells, ACTS[act])
        some = func.hashint4(cells.cell.c.n).op("&")(literal(15)) == literal(0)
        for where in (some, true()):
            for what in left:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setitem(ACTS, act, mutants[what])
                    made[what] = [(answer(cells, mutants[what]), rule)]
            left = list(await survivors(link, cells.cell, {what: made[what] for what in left}, where, {}))
    settle(f"ACTS: {act.value}", made, {what: made[what] for what in left})


async def test_mutants_of_the_facts_of_a_write(link: Link) -> None:
    made: Mutants = {}
    cells = ActCells(Act.SET_ANNOUNCEMENT, "document")
    read = cells.situation(cells.cell)
    for one in fields(read):
        fact = getattr(read, one.name)
        for what, mutant in changed(fact) if one.name != "read" else ():
            made[f"{one.name}: {what}"] = [(cells.bound(cells.cell, mutant), cells.bound(cells.cell, fact))]
    settle("SITUATION", made, await survivors(link, cells.cell, made, true(), {}))


def test_every_equivalent_is_of_something() -> None:
    assert {of.removeprefix("ACTS: ") for of in EQUIVALENT} <= {*TABLES, *Act, "PATIENT", "STANDING"}
