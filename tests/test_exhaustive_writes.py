"""Every cell of the facts that an act is judged by: PostgreSQL, by the refusals in force, equal to the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.policy.writes import ACTS, Act, refusal, refused, situation
from app.records.judging import on_nothing, on_record, on_row
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, record
from tests import oracle_writes
from tests.act_cells import SHAPES, ActCells
from tests.cells import stopped
from tests.test_exhaustive import normal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.cells import Link
    from tests.conftest import Cluster


@pytest.fixture(scope="module")
async def link(module_database_urls: Urls, cluster: Cluster) -> AsyncIterator[Link]:
    async with stopped(module_database_urls, cluster) as made:
        yield made


def test_the_law_knows_every_act() -> None:
    assert oracle_writes.ACTS.keys() == {act.value for act in Act} == {act.value for act in ACTS}


@pytest.mark.parametrize("act", list(Act))
async def test_an_act_in_every_cell(link: Link, act: Act) -> None:
    """On nothing yet, on a document, on another row: who may, what stands against it, and how it is answered."""
    law = oracle_writes.ACTS[act.value]
    count = 0
    reached = set()
    for shape in SHAPES:
        cells = ActCells(act, shape)
        judged = select(cells.judged(cells.cell).label("why")).select_from(cells.cell).order_by(cells.cell.c.n)
        found = await Statement(judged).rows(link)
        count += cells.count
        for row, write in zip(found, cells.situations(), strict=True):
            why = row["why"]
            status = refused(act, why).status if why else 200
            assert (why, status) == law(write), (shape, write)
            reached.add(why)
    print(f"\n{act.value}: {count} cells", end="")  # noqa: T201 - the proof says its size
    assert reached == {"", *[one.name for one in ACTS[act]]}


@pytest.mark.parametrize("act", list(Act))
def test_what_production_runs_holds_that_very_expression(act: Act) -> None:
    new = Statement(select(refusal(act, situation(record.c.status, None)).label("refusal")).select_from(record)).sql
    assert normal(new).removeprefix("SELECT ").partition(" \nFROM")[0] in normal(on_record(act, exclusive=True).sql)
    assert "refusal" in on_nothing(act).sql
    for kind in ("DocumentReference", "Task"):
        row = TABLES[kind].alias()
        joined = record.join(row, row.c.record == record.c.id)
        why = refusal(act, situation(record.c.status, row)).label("refusal")
        old = Statement(select(why).select_from(joined), Unjudged.ACT).sql
        assert normal(on_row(kind, act).sql).startswith(normal(old))
