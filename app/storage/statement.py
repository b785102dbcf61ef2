"""A SQLAlchemy statement compiled once and run by asyncpg itself.

Compiling and running a select through the SQLAlchemy session costs 190 µs, through asyncpg 30 µs. So statements are
SQLAlchemy expressions, compiled to `$n` text when they are made, and handed to the driver with their parameters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard
from zlib import compress, decompress

from sqlalchemy import Integer, Text, case, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import asyncpg as dialect

from app.errors import Unavailable
from app.storage import fence
from app.storage.bits import Bits
from app.storage.fence import OF

if TYPE_CHECKING:
    from asyncpg import Connection, Record
    from asyncpg.pool import PoolConnectionProxy
    from sqlalchemy import ColumnElement, Label
    from sqlalchemy.sql import Executable

    from app.storage.fence import Unjudged
    from app.storage.held import Held
    from app.storage.pipeline import Pipeline

    Connected: TypeAlias = Connection[Record] | PoolConnectionProxy[Record] | Held
    Link: TypeAlias = Connected | Pipeline

PLAIN = re.compile(r"[A-Za-z0-9_./:$-]*")
HURRY = "50ms"
"""How long a statement that goes along with others waits for a lock."""
DIALECT = dialect.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
DIALECT.statement_compiler = fence.Compiler


def constant(value: int | str) -> ColumnElement[Any]:
    """A value written into the text of a statement, for what never changes: a bound one is encoded each time."""
    if isinstance(value, int):
        return literal_column(str(int(value)), Integer)
    if not PLAIN.fullmatch(value):
        raise ValueError(value)
    return literal_column(f"'{value}'", Text)


def asker() -> Label[int]:
    """Whose row it is: with this column a statement may go to the database together with others of its kind."""
    return OF.label(OF.key)


def hurried() -> ColumnElement[bool]:
    """Lets a statement that goes along with others wait for a lock for a moment and no longer; a condition of its rows.

    What it waits for is somebody's transaction, and nobody else has to wait for that.
    """
    soon = func.set_config(constant("lock_timeout"), constant(HURRY), true())
    return select(case((constant(0) > OF, constant("")), else_=soon)).scalar_subquery().is_not(None)


def _compiled(expression: Executable) -> fence.Compiler:
    compiled: fence.Compiler = expression.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    return compiled


def _shares(link: Link) -> TypeGuard[Pipeline | Held]:
    return hasattr(type(link), "together")


class Statement:
    """One statement: its text, and its parameters in the order in which the driver wants them.

    Parameters are the names of its `bindparam`s; a value written into the expression is its own default. One that
    touches clinical rows without a verdict on them is refused (`fence.TripError`) unless it says why, and one that is
    bound to a record is let at the rows of that record alone. It has a second text for callers whose tokens are
    restricted (`app.policy.ceiling`), kept small until one comes.
    """

    __slots__ = ("_bits", "_leave", "_leave_restricted", "_of", "_restricted", "_whole", "defaults", "names", "sql")

    def __init__(self, expression: Executable, unjudged: Unjudged | None = None) -> None:
        compiled = _compiled(fence.opened(expression, unjudged))
        fence.check(compiled, unjudged)
        text = str(compiled)
        self.sql: str = fence.unrestricted(text)
        self._whole = compress(text.encode()) if text != self.sql else b""
        self._restricted = ""
        if "POSTCOMPILE" in self.sql:
            raise ValueError("an IN over values is expanded at each run: compare with ANY(array)")
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        # SQLAlchemy gives None for a parameter without a value: given by nobody, it must fail and not be null
        self.defaults: dict[str, Any] = {
            name: value for name, value in compiled.params.items() if not compiled.binds[name].required
        }
        self._of = self.names.index(OF.key) if OF.key in self.names else -1
        self._bits = Bits(self.names)
        self._leave = fence.known.setdefault(self.sql, fence.Leave(frozenset(compiled.tables), self.names))

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """Values in the driver's order; a name that is neither given nor a default is a KeyError."""
        defaults = self.defaults
        if self._bits:
            values = self._bits.added(values)
        return [values[name] if name in values else defaults[name] for name in self.names]

    @property
    def restricted(self) -> str:
        """The text for callers whose tokens are restricted: `ceilings` is its last parameter."""
        if not self._restricted:
            self._restricted = fence.restricted(decompress(self._whole).decode(), len(self.names) + 1)
            leave = fence.Leave(self._leave.tables, (*self.names, "ceilings"))
            self._leave_restricted = fence.known.setdefault(self._restricted, leave)
        return self._restricted

    def said(self, values: dict[str, Any]) -> tuple[str, list[Any]]:
        """Text and arguments for a caller: his values hold `ceilings` where his token is restricted."""
        if "ceilings" in values and self._whole:
            return self.restricted, [*self.arguments(values), values["ceilings"]]
        return self.sql, self.arguments(values)

    async def rows(self, link: Link, **values: Any) -> list[Record]:  # noqa: ANN401 - SQL values
        """Every row."""
        text, arguments = self.said(values)
        if self._of >= 0 and _shares(link):
            return await link.together(text, arguments, self._of)
        return await link.fetch(text, *arguments)

    async def row(self, link: Link, **values: Any) -> Record | None:  # noqa: ANN401
        """The first row, or None."""
        text, arguments = self.said(values)
        if self._of >= 0 and _shares(link):
            rows = await link.together(text, arguments, self._of)
            return rows[0] if rows else None
        return await link.fetchrow(text, *arguments)

    async def value(self, link: Link, **values: Any) -> Any:  # noqa: ANN401
        """First column of the first row, or None."""
        text, arguments = self.said(values)
        return await link.fetchval(text, *arguments)

    async def many(self, link: Link, rows: list[dict[str, Any]]) -> None:
        """Run for effect once for each set of parameters, in one exchange with the database."""
        await link.executemany(self.sql, [self.arguments(values) for values in rows])

    async def each(self, link: Link, rows: list[dict[str, Any]]) -> list[Record]:
        """As `many`, with the rows that they return."""
        found: list[Record] = await link.fetchmany(self.sql, [self.arguments(values) for values in rows])
        return found

    async def row_each(self, link: Link, rows: list[dict[str, Any]]) -> list[Record]:
        """The one row of each set of parameters, in their order; Unavailable where one of them has none any more."""
        found = await self.each(link, rows)
        if len(found) != len(rows):
            raise Unavailable("what was there a moment ago is gone, try again", headers={"Retry-After": "1"})
        return found

    async def run(self, link: Link, **values: Any) -> str:  # noqa: ANN401
        """Run for effect; returns the command tag (`UPDATE 1`)."""
        text, arguments = self.said(values)
        return await link.execute(text, *arguments)
