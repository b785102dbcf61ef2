"""Statements: compiled once, and never run with a parameter that nobody gave."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import Integer, bindparam, column, insert, not_, select, table
from sqlalchemy.sql.visitors import replacement_traverse

from app.policy.facts import FLAGS, Flag, bit
from app.storage.statement import Statement
from tests.serving import document, serving
from tests.world import DOCTOR, opened

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import ColumnElement

    from app.storage.embedded import Urls

ROW = table("row", column("id", Integer), column("size", Integer))


def test_arguments_stand_in_the_order_of_the_text() -> None:
    statement = Statement(select(ROW.c.id).where(ROW.c.size == bindparam("size"), ROW.c.id == bindparam("id")))
    assert statement.arguments({"id": 1, "size": 2}) == [2, 1]


def test_a_value_in_the_expression_is_its_own_default() -> None:
    assert Statement(select(ROW.c.id).where(ROW.c.size == 7)).arguments({}) == [7]


@pytest.mark.parametrize("statement", [Statement(select(bindparam("id", type_=Integer))), Statement(insert(ROW))])
def test_a_parameter_that_nobody_gives_is_no_null(statement: Statement) -> None:
    with pytest.raises(KeyError):
        statement.arguments({"size": 1})


def test_null_is_a_value_where_it_is_given() -> None:
    assert Statement(select(bindparam("id", type_=Integer))).arguments({"id": None}) == [None]


MASKED = [bit(flag) for flag in Flag] + [bit(Flag.DESK | Flag.INSURER), not_(bit(Flag.SECRET)), ~bit(Flag.HOLDER)]


def test_a_test_of_a_bit_is_a_parameter_of_its_own() -> None:
    statement = Statement(select(*MASKED))
    assert "&" not in statement.sql
    assert "flags" not in statement.names
    assert statement.arguments({"flags": int(Flag.DESK)}) == [
        name in {"flags&16", "flags&48"} for name in statement.names
    ]


def test_an_integer_that_is_more_than_tested_stays_beside_its_tests() -> None:
    statement = Statement(select(bit(Flag.HOLDER), FLAGS))
    assert statement.arguments({"flags": 2048}) == [True, 2048]


async def test_tests_of_bits_are_true_where_the_database_finds_them_so(module_database_urls: Urls) -> None:
    dice = Random(7)
    link = await asyncpg.connect(module_database_urls.serve)
    try:
        for flags in (0, ~Flag(0), *(Flag(dice.getrandbits(22)) for _ in range(40))):
            bound = bindparam("flags", int(flags), type_=Integer)  # one with a value is tested by the database itself
            asked, found = Statement(select(*MASKED)), Statement(select(*(replaced(one, bound) for one in MASKED)))
            assert "&" in found.sql
            there = await link.fetch(found.sql, *found.arguments({}))
            told = await link.fetch(asked.sql, *asked.arguments({"flags": int(flags)}))
            assert [list(row) for row in told] == [list(row) for row in there]
    finally:
        await link.close()


def replaced(condition: ColumnElement[bool], flags: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition about other flags."""

    def instead(element: Any, **_: Any) -> Any:
        return flags if element is FLAGS else None

    return replacement_traverse(condition, {}, instead)


async def test_the_body_of_a_document_lies_in_its_row(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        record = await opened(carnet)
        await carnet.doctor(DOCTOR).make(document(record, description=" ".join(str(number) for number in range(200))))
        link = await asyncpg.connect(database_urls.owner)
        size = "pg_relation_size(oid) AS rows, pg_relation_size(reltoastrelid) AS beside"
        found = await link.fetchrow(f"SELECT {size} FROM pg_class WHERE oid = 'public.document_reference'::regclass")
        await link.close()
    assert found
    assert found["rows"]
    assert not found["beside"]
