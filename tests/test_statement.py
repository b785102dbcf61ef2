"""Statements: compiled once, and never run with a parameter that nobody gave."""

from __future__ import annotations

import pytest
from sqlalchemy import Integer, bindparam, column, insert, select, table

from app.storage.statement import Statement

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
