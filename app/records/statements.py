"""Statements that searches were compiled to, by their shape; the least recently used are forgotten."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from app.storage.statement import Statement

KEPT = 2000
_statements: OrderedDict[Hashable, Statement] = OrderedDict()


def cached(name: Hashable, make: Callable[[], Statement]) -> Statement:
    """The statement of that name, made when it is not there."""
    statement = _statements.get(name)
    if statement is None:
        statement = _statements[name] = make()
        if len(_statements) > KEPT:
            _statements.popitem(last=False)
    else:
        _statements.move_to_end(name)
    return statement
