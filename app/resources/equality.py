"""Whether two JSON values are the same as JSON means it: a truth is no number, `1.0` is `1`, members have no order."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING

from jiter import LosslessFloat

if TYPE_CHECKING:
    from collections.abc import Callable

Number = int | float | Decimal


def number(value: object) -> Number | None:
    """The number that a JSON value is; None where it is none, or one that no decimal can hold."""
    if isinstance(value, LosslessFloat):
        try:
            return value.as_decimal()
        except (DecimalException, ValueError):
            return None
    return value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def same(one: object, other: object, spend: Callable[[int], None] = lambda _: None) -> bool:
    """Whether two trees say the same (RFC 6902 section 4.6). `spend` is told of every value that is compared."""
    spend(1)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name], spend) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b, spend) for a, b in zip(one, other, strict=True))
    left, right = number(one), number(other)
    if left is not None and right is not None:
        return left == right
    return type(one) is type(other) and one == other
