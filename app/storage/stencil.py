"""Stencils: rows that the server wrote, cut along what is particular to them, so that others are filled in like them.

What was written once through every check says how the next one would have been written; only names, moments and what
the sender said differ. A stencil knows where these stand, in bodies, search columns and policy columns alike.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.storage.rows import FUTURE, PAST, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Rows by the name of their table."""
Fill = dict[str, Any]
"""What stands in each slot: texts, dates, and under `AGE` how much later than the pattern this one was written."""
AGE = "age"


class Cut:
    """A text with slots; `fill` makes it whole with what stands in them, `holes` says whether there are any."""

    def __init__(self, text: str, slots: Mapping[str, str], pattern: re.Pattern[str]) -> None:
        pieces = pattern.split(text.replace("%", "%%"))  # every second piece is a literal that was found
        self.holes = len(pieces) > 1
        pieces[1::2] = [f"%({slots[piece]})s" for piece in pieces[1::2]]
        self.fill: Callable[[Fill], str] = "".join(pieces).__mod__


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is particular to rows: `slots` by literal text, `dates` by typed value, `hashed` texts by their SHA-256.

    `moving` moments are those of the writing: they move with `AGE`, the others stay.
    """

    slots: Mapping[str, str]
    dates: Mapping[date, str]
    hashed: Mapping[str, str]
    moving: AbstractSet[datetime]


class Stencil:
    """Rows of some tables, to be filled in again and again; `columns` are those that are filled, by table."""

    def __init__(self, rows: Rows, columns: Mapping[str, Sequence[str]], pattern: Pattern) -> None:
        moments = {one: f"{AGE}.{instant(one)}" for one in pattern.moving}
        self._instants = {slot: one for one, slot in moments.items()}
        self._slots = {**pattern.slots, **{instant(one): slot for one, slot in moments.items()}}
        self._pattern = pattern
        literals = sorted(self._slots, key=len, reverse=True)
        self._cut = re.compile("(" + "|".join(map(re.escape, literals)) + ")")
        self._rows = [(name, *self._row(row, columns[name])) for name, table in rows.items() for row in table]

    def fill(self, values: Fill) -> list[tuple[str, list[Any]]]:
        """Each row with its table, its columns in their order."""
        age: timedelta = values[AGE]
        values |= {slot: instant(moment + age) for slot, moment in self._instants.items()}
        filled = []
        for name, base, fillers in self._rows:
            row = base.copy()
            for place, filler in fillers:
                row[place] = filler(values)
            filled.append((name, row))
        return filled

    def _row(self, row: Row, columns: Sequence[str]) -> tuple[list[Any], list[tuple[int, Callable[[Fill], Any]]]]:
        base = [row[name] for name in columns]
        found = [(place, self._filler(value)) for place, value in enumerate(base)]
        return base, [(place, filler) for place, filler in found if filler is not None]

    def _filler(self, value: Any) -> Callable[[Fill], Any] | None:  # noqa: ANN401 - what a column holds
        """What makes the column anew; None where it is the same in every row."""
        if isinstance(value, str) and value in self._pattern.hashed:
            sent = self._text(self._pattern.hashed[value])
            return lambda values: hashlib.sha256(sent.fill(values).encode()).hexdigest()
        if isinstance(value, str):
            text = self._text(value)
            return text.fill if text.holes else None
        if isinstance(value, bytes):
            body = self._text(value.decode())
            return lambda values: body.fill(values).encode()
        if isinstance(value, list):
            return self._list(value)
        return self._moment(value)

    def _list(self, value: list[str]) -> Callable[[Fill], Any] | None:
        texts = [(place, text) for place, text in enumerate(map(self._text, value)) if text.holes]
        if not texts:
            return None

        def fill(values: Fill) -> list[str]:
            filled = value.copy()
            for place, text in texts:
                filled[place] = text.fill(values)
            return filled

        return fill

    def _moment(self, value: Any) -> Callable[[Fill], Any] | None:  # noqa: ANN401 - what a column holds
        if value in {PAST, FUTURE}:
            return None
        if value in self._pattern.moving:
            return lambda values: value + values[AGE]
        slot = self._pattern.dates.get(value) if isinstance(value, date) else None
        return (lambda values: values[slot]) if slot else None

    def _text(self, text: str) -> Cut:
        return Cut(text, self._slots, self._cut)
