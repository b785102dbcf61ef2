"""Stencils: rows that the server wrote, cut along what is particular to them, so that others are filled in like them.

What was written once through every check says how the next one would have been written; only names, moments and what
the sender said differ. A stencil knows where these stand, in bodies, search columns and policy columns alike. It is
kept as the text that COPY reads, so that to fill it in is to format one text for each table.
"""

from __future__ import annotations

import hashlib
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
"""What stands in each slot: texts, and under `AGE` how much later than the pattern this one was written.

Nothing in them means anything to COPY: letters, digits, hyphens, dates.
"""
AGE = "age"
FIRST_MARK = 0xE000
"""Where the private use area of Unicode begins: a mark passes through every escape and stands in no text of ours."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is particular to rows: `slots` by literal text, `dates` by typed value, `hashed` texts by their SHA-256.

    `moving` moments are those of the writing: they move with `AGE`, the others stay.
    """

    slots: Mapping[str, str]
    dates: Mapping[date, str]
    hashed: Mapping[str, str]
    moving: AbstractSet[datetime]


class Marks:
    """Marks that stand for slots while a text is escaped."""

    def __init__(self, slots: Mapping[str, str]) -> None:
        self._of: dict[str, str] = {}
        longest = sorted(slots, key=len, reverse=True)
        self._literals = {literal: self.mark(slots[literal]) for literal in longest}

    def mark(self, slot: str) -> str:
        """The mark of a slot."""
        return self._of.setdefault(slot, chr(FIRST_MARK + len(self._of)))

    def put(self, text: str) -> str:
        """The text with a mark for each literal."""
        for literal, mark in self._literals.items():
            text = text.replace(literal, mark)
        return text

    def filler(self, text: str) -> Callable[[Fill], str]:
        """What makes the text whole with what stands in the slots."""
        slots = {ord(mark): f"%({slot})s" for slot, mark in self._of.items()}
        return text.translate({ord("%"): "%%"} | slots).__mod__


class Stencil:
    """Rows of some tables, to be filled in again and again; `columns` are those that are filled, by table."""

    def __init__(self, rows: Rows, columns: Mapping[str, Sequence[str]], pattern: Pattern) -> None:
        self._pattern = pattern
        self._instants = {f"{AGE}.{one.isoformat()}": one for one in pattern.moving}
        said = {instant(one): slot for slot, one in self._instants.items() if one.microsecond % 1000 == 0}
        # A body has milliseconds: a moment of microseconds is said there as its own, cut.
        cut = {instant(one): f"{AGE}.{instant(one)}" for one in pattern.moving if instant(one) not in said}
        self._cut = {slot: datetime.fromisoformat(text) for text, slot in cut.items()}
        self._marks = Marks({**pattern.slots, **said, **cut})
        self._digests: dict[str, Callable[[Fill], str]] = {}
        lines = {name: self._lines(some, columns[name]) for name, some in rows.items() if some}
        self._tables = [(name, self._marks.filler(text)) for name, text in lines.items()]

    def fill(self, values: Fill) -> list[tuple[str, str]]:
        """The rows of each table that has any, as COPY reads them: columns in their order."""
        age: timedelta = values[AGE]
        for slot, moment in self._instants.items():
            values[slot] = said(moment + age)
        for slot, moment in self._cut.items():
            values[slot] = instant(moment + age)
        for slot, sent in self._digests.items():
            values[slot] = hashlib.sha256(sent(values).encode()).hexdigest()
        return [(name, filler(values)) for name, filler in self._tables]

    def _lines(self, rows: Sequence[Row], columns: Sequence[str]) -> str:
        return "".join("\t".join([self._field(row[name]) for name in columns]) + "\n" for row in rows)

    def _field(self, value: Any) -> str:  # noqa: ANN401 - what a column holds
        if isinstance(value, str) and value in self._pattern.hashed:
            return self._digest(value)
        if isinstance(value, str):
            value = self._marks.put(value)
        elif isinstance(value, bytes):
            value = self._marks.put(value.decode()).encode()
        elif isinstance(value, list):
            value = [self._marks.put(one) for one in value]
        elif isinstance(value, date) and value not in {PAST, FUTURE} and (slot := self._slot(value)):
            return self._marks.mark(slot)
        return written(value)

    def _slot(self, value: date) -> str | None:
        """The slot of a date or moment; None where it is the same in every row."""
        if isinstance(value, datetime) and value in self._pattern.moving:
            return f"{AGE}.{value.isoformat()}"
        return self._pattern.dates.get(value)

    def _digest(self, value: str) -> str:
        slot = f"digest.{value}"
        if slot not in self._digests:
            self._digests[slot] = self._marks.filler(self._marks.put(self._pattern.hashed[value]))
        return self._marks.mark(slot)


def said(moment: datetime) -> str:
    """A moment, in bodies as in columns: with microseconds where it has any beyond milliseconds."""
    return moment.isoformat() if moment.microsecond % 1000 else instant(moment)


# -- as text ----------------------------------------------------------------------------------------------------------

ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})
ENDS = {PAST: "-infinity", FUTURE: "infinity"}


def written(value: Any) -> str:  # noqa: ANN401 - what a column holds
    """A value as COPY reads it (PostgreSQL 18, COPY, "Text Format"); bytes must be UTF-8."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes):  # the escape format of bytea: what is no backslash stands for itself
        value = value.decode().replace("\\", "\\\\")
    elif isinstance(value, list):
        value = "{" + ",".join(f'"{one.translate(QUOTED)}"' for one in value) + "}"
    elif isinstance(value, datetime):
        return ENDS.get(value) or value.isoformat()
    return str(value).translate(ESCAPED)
