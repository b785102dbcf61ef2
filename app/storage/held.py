"""A connection that holds rows back: those of one type are added together, before any statement that could see them.

A transaction that opens a record adds a dozen rows of four types, and asks in between of none of them. Each alone is an
exchange with the database, which costs more than the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.storage import fence
from app.storage.pipeline import Pipeline
from app.storage.rows import added, said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy
    from asyncpg.transaction import Transaction

APART = frozenset(
    {
        "record", "relation", "identity", "matrix_version", "contact", "told", "notice", "care", "patient",
        "practitioner", "practitioner_role", "organization",
    }
)  # fmt: skip
"""Tables whose rows, and whose views, say nothing of what may be held back."""


class Held:
    """A link of one transaction. `hold` keeps a row back; whatever looks elsewhere than `APART` writes it first.

    Before it has a connection of its own (`take`) its statements stand alone, and may go along with others'.
    """

    def __init__(self, link: PoolConnectionProxy[Record] | Pipeline) -> None:
        self.link = link
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def take(self, link: PoolConnectionProxy[Record]) -> None:
        """Go on over a connection of its own."""
        self.link = link

    def hold(self, resource_type: str, values: dict[str, Any]) -> None:
        """Add a row of a type that nothing stands against, no later than it could be seen."""
        self._rows.setdefault(resource_type, []).append(values)

    async def settle(self) -> None:
        """Add what is held back."""
        held, self._rows = self._rows, {}
        for resource_type, rows in held.items():
            statement = added(
                resource_type, tuple(dict.fromkeys(name for row in rows for name in said(resource_type, row)))
            )
            if len(rows) == 1:
                await statement.run(self.link, **rows[0])
            else:
                await statement.many(self.link, rows)

    def drop(self) -> None:
        """Forget what is held back: the savepoint that it belongs to is undone."""
        self._rows = {}

    async def _after(self, ask: Callable[..., Awaitable[Any]], text: str, *values: Any) -> Any:  # noqa: ANN401
        """Ask, once what it could see is there."""
        leave = fence.known.get(text)
        if leave is None or not leave.tables <= APART:
            await self.settle()
        return await ask(text, *values)

    def is_in_transaction(self) -> bool:
        """Whether a transaction has begun."""
        return not isinstance(self.link, Pipeline) and self.link.is_in_transaction()

    def transaction(self, **more: Any) -> Transaction:  # noqa: ANN401
        """A transaction, or a savepoint within one: what was held back before it is no part of it."""
        if self._rows or isinstance(self.link, Pipeline):
            raise RuntimeError
        return self.link.transaction(**more)

    def together(self, text: str, arguments: list[Any], of: int) -> Awaitable[list[Record]]:
        """The rows of a statement, which goes along with others' where it stands alone."""
        if isinstance(self.link, Pipeline):
            return self.link.together(text, arguments, of)
        return self.fetch(text, *arguments)

    def execute(self, text: str, *values: Any) -> Awaitable[Any]:  # noqa: ANN401
        """As asyncpg does."""
        return self._after(self.link.execute, text, *values) if self._rows else self.link.execute(text, *values)

    def fetch(self, text: str, *values: Any) -> Awaitable[Any]:  # noqa: ANN401
        """As asyncpg does."""
        return self._after(self.link.fetch, text, *values) if self._rows else self.link.fetch(text, *values)

    def fetchrow(self, text: str, *values: Any) -> Awaitable[Any]:  # noqa: ANN401
        """As asyncpg does."""
        return self._after(self.link.fetchrow, text, *values) if self._rows else self.link.fetchrow(text, *values)

    def fetchval(self, text: str, *values: Any) -> Awaitable[Any]:  # noqa: ANN401
        """As asyncpg does."""
        return self._after(self.link.fetchval, text, *values) if self._rows else self.link.fetchval(text, *values)

    def executemany(self, text: str, rows: list[list[Any]]) -> Awaitable[Any]:
        """As asyncpg does."""
        return self._after(self.link.executemany, text, rows) if self._rows else self.link.executemany(text, rows)

    def fetchmany(self, text: str, rows: list[list[Any]]) -> Awaitable[Any]:
        """As asyncpg does."""
        return self._after(self.link.fetchmany, text, rows) if self._rows else self.link.fetchmany(text, rows)
