"""Cells of an act: the product of the facts that its refusals read, made and judged by PostgreSQL.

A fact that no refusal of the act reads comes and goes from cell to cell all the same: where the law reads it, the
oracle will differ somewhere. A cell is one number, out of which both sides work out the value of each fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache, cached_property
from math import ceil, prod
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, case, cast, func, literal, select

from app.policy.facts import NOW, Flag
from app.policy.writes import BECOMES, Act, Situation, refusal, situation
from app.storage.statement import DIALECT, constant
from tests.cells import CALLERS, ME, OTHER, RELATION_FLAGS, STATUSES, STRUCTURE, TICK, substituted
from tests.oracle import Relations
from tests.oracle_writes import After, Before, Write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Subquery

WHO = sorted({int(flags) for flags in CALLERS.values()})
"""Every set of flags that a token can give."""
CALLERS_OF = [[caller for caller, flags in CALLERS.items() if flags == who] for who in WHO]
FLAGS = {**RELATION_FLAGS, "group_blocked": Flag.GROUP_BLOCKED, "opening": Flag.OPENING, "minor": Flag.MINOR}
KEYS = ("", OTHER, ME, STRUCTURE)
SIZES = {"status": len(STATUSES), "who": len(WHO), "requester": len(KEYS), "owner": len(KEYS)}
"""How many values a fact has; two unless told otherwise."""
DOCUMENT = ("withdrawn", "pending", "deposited", "masked_by_him", "seen_by_holder", "month_over", "masked", "hidden")
SHAPES = {"new": (), "document": DOCUMENT, "other": ("deposited", "requester", "owner")}
"""What an act is judged on: nothing yet; a document's row; another row, which may have a requester and an owner."""
COLUMN_OF = {
    "announce_at": "pending",
    "depositor": "deposited",
    "masked_by": "masked_by_him",
    "deposited_at": "month_over",
}
"""The fact that a column holds, where its name is another."""
LEAST = 1000
"""Cells of an act at least, so that what it does not read comes and goes in many ways."""
PRIMES = [n for n in range(101, 1000) if all(n % m for m in range(2, 32))]
MONTH = func.make_interval(0, 1)


@dataclass(frozen=True)
class ActCells:
    """The cells of one act on one shape of row; `make` builds the expression judged, that of production unless told."""

    act: Act
    shape: str

    @cached_property
    def read(self) -> list[str]:
        """The facts that the refusals read: they vary each with every other."""
        cell = self._cell([], 1)
        sql = str(self.judged(cell).compile(dialect=DIALECT))
        bits = Flag(sum({int(bit) for bit in re.findall(r"cell\.flags & (\d+)", sql)}))
        columns = {COLUMN_OF.get(name, name) for name in re.findall(r"cell\.(\w+)", sql)} - {"flags"}
        return ["who", *[name for name, flag in FLAGS.items() if flag & bits], *sorted(columns)]

    @cached_property
    def count(self) -> int:
        """How many cells there are."""
        if self.shape != "new" and not set(SHAPES[self.shape]) & set(self.read):
            return LEAST  # the same expression as on nothing: only to see what of the row it should have read
        full = prod(SIZES.get(name, 2) for name in self.read)
        return full * ceil(LEAST / full)

    @cached_property
    def cell(self) -> Subquery:
        """The cells, as something to select from."""
        return self._cell(self.read, self.count)

    def judged(self, cell: Subquery) -> ColumnElement[str]:
        """The refusal of a cell: the expression of production, what it binds being the facts of the cell."""
        return self.bound(cell, refusal(self.act, self.situation(cell)))

    def situation(self, cell: Subquery) -> Situation:
        """What the refusals read of a cell."""
        return situation(cell.c.status, None if self.shape == "new" else cell)

    @staticmethod
    def bound(cell: Subquery, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        """An expression of production with what it binds replaced by the facts of the cell."""
        by = {name: cell.c[name] for name in ("flags", "structure", *BECOMES)}
        me = {name: literal(ME) for name in ("subject", "depositor")}
        return substituted(expression, **by, **me, announcement_months=literal(1))

    def situations(self) -> Iterator[Write]:
        """The same cells in the oracle's words."""
        steps = self._steps(self.read)
        for number in range(self.count):
            facts = {name: number * factor // step % size for name, (factor, step, size) in steps.items()}
            yield self._said(number, facts)

    def _steps(self, read: list[str]) -> dict[str, tuple[int, int, int]]:
        """For each fact: factor, step and size, of which its value in cell n is n * factor / step mod size."""
        made: dict[str, tuple[int, int, int]] = {}
        step = 1
        for prime, name in zip(
            PRIMES, ("status", "who", *FLAGS, "structure", *SHAPES[self.shape], *BECOMES), strict=False
        ):
            made[name] = (prime, 7, SIZES.get(name, 2))
        for name in read:
            made[name] = (1, step, SIZES.get(name, 2))
            step *= SIZES.get(name, 2)
        return made

    def _cell(self, read: list[str], count: int) -> Subquery:
        n: ColumnElement[Any] = func.generate_series(0, count - 1, type_=Integer).column_valued("n")
        number = cast(n, BigInteger)
        at: dict[str, ColumnElement[Any]] = {
            name: cast(number * constant(factor) // constant(step) % constant(size), Integer)
            for name, (factor, step, size) in self._steps(read).items()
        }
        flags: ColumnElement[Any] = case(*[(at["who"] == constant(n), constant(who)) for n, who in enumerate(WHO)])
        for name, flag in FLAGS.items():
            flags = flags.op("|")(at[name] * constant(int(flag)))
        columns = {"status": _one_of(at["status"], STATUSES), "flags": flags, **self._row(at)}
        columns |= {"structure": _one_of(at["structure"], ("", STRUCTURE))}
        columns |= {name: at[name] == constant(1) for name in BECOMES}
        return select(n, *[made.label(name) for name, made in columns.items()]).offset(0).subquery("cell")

    def _row(self, at: dict[str, ColumnElement[Any]]) -> dict[str, ColumnElement[Any]]:
        """Columns of the row before; T and the end of the month are now, or one tick later."""
        if self.shape == "new":
            return {}
        depositor = {"depositor": _one_of(at["deposited"], (OTHER, ME))}
        if self.shape == "other":
            return depositor | {name: _one_of(at[name], KEYS) for name in ("requester", "owner")}
        held = {name: at[name] == constant(1) for name in ("withdrawn", "seen_by_holder", "masked", "hidden")}
        return depositor | held | {
            "masked_by": _one_of(at["masked_by_him"], (OTHER, ME)),
            "announce_at": NOW + TICK * at["pending"],
            "deposited_at": NOW - MONTH + TICK * (constant(1) - at["month_over"]),
            "kind": literal(1),
        }  # fmt: skip

    def _said(self, number: int, facts: dict[str, int]) -> Write:
        callers = CALLERS_OF[facts["who"]]
        structure = ("", STRUCTURE)[facts["structure"]]
        named = KEYS[facts.get("owner", 0)] in {ME, structure or ME}
        return Write(
            STATUSES[facts["status"]],
            callers[number % len(callers)],
            _relations(*[facts[name] == 1 for name in RELATION_NAMES]),
            structure != "",
            facts["opening"] == 1,
            facts["minor"] == 1,
            _before(*[facts.get(name, 0) == 1 for name in DOCUMENT[:6]], named),
            _after(*[facts[name] == 1 for name in BECOMES[:6]]),
            facts["cumulation"] == 1,
            facts["erases_own_only"] == 1,
        )


RELATION_NAMES = tuple(one.name for one in fields(Relations))
_relations, _before = cache(Relations), cache(Before)


def _one_of(place: ColumnElement[Any], names: tuple[str, ...]) -> ColumnElement[Any]:
    return case(*[(place == constant(n), literal(name)) for n, name in enumerate(names)])


@cache
def _after(*facts: bool) -> After:
    return After(**{name.removeprefix("becomes_"): fact for name, fact in zip(BECOMES[:6], facts, strict=True)})
