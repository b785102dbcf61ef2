"""Tests of single bits of a bound integer, which a statement has as parameters of their own.

PostgreSQL makes every operator of a prepared statement ready anew whenever it runs, some tenth of a microsecond each. A
verdict tests twenty bits of its caller's flags, several times over. A boolean parameter costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Boolean, bindparam, not_
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, ColumnClause, Grouping

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

BETWEEN = "&"
"""Stands in the name of such a parameter between that of the integer and the bits of which one must be set."""
KEPT = 64
"""Integers whose bits a statement remembers."""


def tested(binary: BinaryExpression[Any]) -> ColumnElement[bool] | None:
    """The parameter that a test of bits (`(:flags & 2048) != 0`) may be instead; None where it is no such test."""
    if binary.operator not in {operators.ne, operators.eq}:
        return None
    masked = binary.left.element if isinstance(binary.left, Grouping) else binary.left
    if not isinstance(masked, BinaryExpression) or getattr(masked.operator, "opstring", "") != "&":
        return None
    flags, bits, nothing = masked.left, masked.right, binary.right
    if not isinstance(flags, BindParameter) or flags.value is not None:
        return None
    if not (isinstance(bits, ColumnClause) and isinstance(nothing, ColumnClause) and nothing.name == "0"):
        return None
    told: ColumnElement[bool] = bindparam(f"{flags.key}{BETWEEN}{int(bits.name)}", type_=Boolean)
    return told if binary.operator is operators.ne else not_(told)


class Bits:
    """The tests that a statement has among its parameters; `added` gives them their values."""

    __slots__ = ("_known", "_tests", "_whose")

    def __init__(self, names: tuple[str, ...]) -> None:
        self._tests = {name: int(name.partition(BETWEEN)[2]) for name in names if BETWEEN in name}
        whose = {name.partition(BETWEEN)[0] for name in self._tests}
        if len(whose) > 1:
            raise ValueError(whose)
        self._whose = next(iter(whose), "")
        self._known: dict[int, dict[str, bool]] = {}

    def __bool__(self) -> bool:
        return bool(self._tests)

    def added(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a statement with those of its tests."""
        flags = values[self._whose]
        told = self._known.get(flags)
        if told is None:
            if len(self._known) > KEPT:
                self._known.clear()
            told = self._known[flags] = {name: bool(flags & bits) for name, bits in self._tests.items()}
        return values | told
