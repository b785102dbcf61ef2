"""Two of the four fences around clinical rows (policy.md section 8): the tripwire, and the way into the database's own.

The tripwire refuses a statement when it is made: one that touches clinical rows on which the guard has put no verdict
and which is not excused for a reason of the closed list below. A connection of the server (`app.storage.session`) runs
the text of such statements and nothing else.

The database's fence is migration 0002: to the serving role a clinical table is a view, empty but for the records that
the statement itself names. A statement bound to one record (`:record`) names that one: `opened` adds a condition which
PostgreSQL evaluates once, before any row is looked at, and whose setting ends with the transaction. A statement across
records names those within its caller's reach (`app.policy.reach`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from sqlalchemy import (
    Boolean,
    Delete,
    Integer,
    Join,
    Select,
    Subquery,
    Table,
    Text,
    Update,
    bindparam,
    case,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg
from sqlalchemy.sql.elements import ColumnElement, Grouping

from app.storage.bits import tested
from app.storage.pipeline import ALONE
from app.storage.tables import metadata
from app.storage.ways import uncited

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Alias, BindParameter, FromClause
    from sqlalchemy.sql import Executable

    Gate = ColumnElement[bool]

UNFENCED = frozenset({"relation", "window", "contact", "notice", "message", "told", "care"})
"""Tables that no exit serves: what verdicts are made of, the reasons given for a window, which are only added, what
somebody is told without a word of any document, and when the feed is asked."""
CLINICAL = frozenset({t for t in metadata.tables.values() if "record" in t.c and t.name not in UNFENCED} | {uncited})
"""Tables that hold rows of a record."""
SEARCH_PATH = "fence, public"
"""Where the serving role finds tables: views of the fence first. On the clinical tables themselves it has no right."""
NAMES: dict[str, ColumnElement[str]] = {
    name: literal_column(f"'carnet.{name}'", Text)
    for name in ("record", "reach", "identity", "depositor", "subject", "structure")
}
"""What the views of the fence read."""
OF: BindParameter[int] = bindparam("of", value=ALONE, type_=Integer)
"""The number of a statement in its exchange (`app.storage.pipeline`)."""


class Unjudged(Enum):
    """Why a statement may touch clinical rows without a verdict on them. There is no other reason."""

    ADDED = "it adds what its act judged"
    LOCKED = "it is about a row that its transaction has locked and judged"
    SHOWN = "it is about a row that its request has just read under the guard"
    OWN = "it reads back what the caller himself deposited"
    FACT = "it reads what rules are made of, and shows nothing of it"
    ACT = "the table of acts judges it"
    IDENTITY = "it finds the one identity of an INS, which is answered reduced"
    DIRECTORY = "it reads older versions of the directory, open to every authenticated caller"
    SWEPT = "it is the server's own act, for no caller"


class TripError(RuntimeError):
    """A statement that no verdict guards, or a text that is no statement's: a fault of ours, never of a caller."""


class Marked(Grouping[Any]):
    """A verdict, or a fact that one is made of, with the rows that it is about; the same in parentheses."""

    def __init__(
        self, element: ColumnElement[Any], rows: frozenset[FromClause], gate: Gate | None, ceiling: Ceiling | None
    ) -> None:
        super().__init__(element)
        self.rows = rows
        self.gate = gate
        self.ceiling = ceiling


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a restricted token has to meet beside a verdict: a condition on its row; `beyond` is the reason where not.

    A verdict that is a condition holds together with this one; one that is a reason code gives way to `beyond`.
    """

    row: FromClause
    condition: Callable[[], ColumnElement[bool]]
    beyond: str = ""


def marked(
    element: ColumnElement[Any], row: FromClause, gate: Gate | None = None, ceiling: Ceiling | None = None
) -> ColumnElement[Any]:
    """The guard's mark: `element` is what is decided on a row, or one of the facts that this is made of.

    `gate` lets the whole statement at the rows that it may have; `ceiling` is part of the text for restricted callers.
    """
    return Marked(element, _sources(row), gate, ceiling)


@lru_cache(maxsize=16)  # several verdicts are made of one row, and what a sub-select is made of takes long to learn
def _sources(row: FromClause) -> frozenset[FromClause]:
    """A row source itself, or what a sub-select takes its rows from."""
    if isinstance(row, Join):
        return _sources(row.left) | _sources(row.right)
    if isinstance(row, Subquery) and isinstance(row.element, Select):
        return frozenset().union(*map(_sources, row.element.get_final_froms()))
    return frozenset((row,))


_plain: Any = PGCompiler_asyncpg


class Compiler(PGCompiler_asyncpg):
    """Compiles, and keeps which clinical rows the text touches (`touched`) and which of them are judged.

    `tables` are the names of all tables in it.
    """

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        self.touched: set[FromClause] = set()
        self.tables: set[str] = set()
        self.judged: set[FromClause] = set()
        self.gate: Gate | None = None
        self._alias: Alias | None = None
        self._ceilings: dict[FromClause, str] = {}
        super().__init__(*given, **more)

    def visit_table(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401
        """A table in FROM, under its own name or under that of an alias."""
        self.tables.add(given[0].fullname)
        if more.get("asfrom") and given[0] in CLINICAL:
            self.touched.add(given[0] if self._alias is None else self._alias)
        return _plain.visit_table(self, *given, **more)

    def visit_alias(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401
        """An alias of a table, or of a sub-select."""
        outer, self._alias = self._alias, given[0] if isinstance(given[0].element, Table) else None
        try:
            return _plain.visit_alias(self, *given, **more)
        finally:
            self._alias = outer

    def visit_insert(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401
        """A table that rows are added to."""
        if given[0].table in CLINICAL:
            self.touched.add(given[0].table)
        return _plain.visit_insert(self, *given, **more)

    def visit_binary(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401
        """A test of a bit of a parameter is a parameter itself."""
        told = tested(given[0])
        return _plain.visit_binary(self, *given, **more) if told is None else self.process(told, **more)

    def visit_grouping(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401
        """A mark."""
        plain = _plain.visit_grouping(self, *given, **more)
        if not isinstance(given[0], Marked):
            return plain
        mark = given[0]
        self.judged |= mark.rows
        self.gate = mark.gate if mark.gate is not None else self.gate
        return plain if mark.ceiling is None else self._under(mark.ceiling, plain)

    def _under(self, ceiling: Ceiling, plain: str) -> str:
        """A verdict, and between marks what makes it that of a restricted caller."""
        condition = self._ceilings.get(ceiling.row)
        if condition is None:  # what is said of a row is said of it more than once
            condition = self._ceilings[ceiling.row] = str(self.process(ceiling.condition()))
        if not ceiling.beyond:
            return f"{OPEN}({CLOSE}{plain}{OPEN} AND {condition}){CLOSE}"
        return f"{OPEN}CASE WHEN {condition} THEN {CLOSE}{plain}{OPEN} ELSE '{ceiling.beyond}' END{CLOSE}"

    def visit_opening(self, *given: Any, **more: Any) -> str:  # noqa: ANN401
        """What lets the statement at its rows."""
        if not self.touched or "record" not in self.binds:
            return ""
        excused = given[0].unjudged is not None
        gate = named(record=bindparam("record", type_=Text)) if excused else self.gate
        if gate is not None and OF.key in self.binds:
            gate = case((_apart(), gate), else_=false())
        return "" if gate is None else str(self.process(gate, **more))

    def visit_textclause(self, *given: Any, **_: Any) -> Any:  # noqa: ANN401
        """Text of which nobody can say what it touches."""
        raise TripError(f"a statement is no text: {given[0].text}")


OPEN, CLOSE, PLACE = "\x01", "\x02", "\x03"
"""In a compiled text: what is for restricted callers alone, and where their ceilings stand in it."""
CEILINGS: ColumnElement[Any] = literal_column(PLACE, JSONB)
_RESTRICTED = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")


def unrestricted(text: str) -> str:
    """The text for callers whose tokens are not restricted, as nearly all are."""
    return _RESTRICTED.sub("", text)


def restricted(text: str, position: int) -> str:
    """The text for the others; their ceilings are its parameter number `position`."""
    return text.replace(PLACE, f"${position}::jsonb").translate({ord(OPEN): None, ord(CLOSE): None})


def check(compiled: Compiler, unjudged: Unjudged | None) -> None:
    """Refuse a statement that touches clinical rows without a verdict; TripError."""
    bare = compiled.touched - compiled.judged
    if bare and unjudged is None:
        names = ", ".join(sorted({str(getattr(row, "element", row)) for row in bare}))
        raise TripError(f"no verdict guards what this statement reads of: {names}")


class Opening(ColumnElement[bool]):
    """A condition that lets its statement at the rows that it may have; nothing where the statement needs none.

    It is written last, when all that comes before it is known: so a statement is compiled once. Only one that is bound
    to a record is opened: under a verdict at what the guard's mark says of it, and where it is excused from one, at
    that record.
    """

    __visit_name__ = "opening"
    inherit_cache: bool | None = False

    def __init__(self, unjudged: Unjudged | None) -> None:
        self.type = Boolean()
        self.unjudged = unjudged


def opened(expression: Executable, unjudged: Unjudged | None) -> Executable:
    """The same statement, let at the rows that it may have."""
    return expression.where(Opening(unjudged)) if isinstance(expression, Select | Update | Delete) else expression


def named(**keys: ColumnElement[str]) -> ColumnElement[bool]:
    """Lets the rest of a statement at what these settings name; they hold to the end of its transaction.

    A sub-select that depends on no row becomes an InitPlan, and a condition on nothing else a one-time filter on top of
    the plan: so it runs before the rows below it are looked at. `tests/test_fences_database.py` looks at the plans.
    """
    return select(func.concat(*settings(**keys))).scalar_subquery().is_not(None)


def _apart() -> ColumnElement[bool]:
    """Shuts what was opened for the callers that went before in the same exchange; the first one found all shut."""
    shut = func.concat(*settings(**dict.fromkeys(NAMES, literal_column("''", Text))))
    nothing = literal_column("''", Text)
    return select(case((literal_column("0", Integer) < OF, shut), else_=nothing)).scalar_subquery().is_not(None)


def settings(**keys: ColumnElement[str]) -> list[ColumnElement[str]]:
    """Each setting made, when it is evaluated."""
    return [func.set_config(NAMES[name], key, true()) for name, key in keys.items()]


class Leave:
    """That a text may run: held by every statement with that text, and gone with the last of them.

    `tables` are those that it looks at, each with its schema if it has one; `names` are its parameters, in their order.
    """

    __slots__ = ("__weakref__", "names", "tables")

    def __init__(self, tables: frozenset[str], names: tuple[str, ...]) -> None:
        self.tables = tables
        self.names = names


known: WeakValueDictionary[str, Leave] = WeakValueDictionary()
"""The texts of the statements that there are."""
PRIVILEGED = (
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_catalog.pg_class c"
    " WHERE c.relname = 'record' AND c.relowner = a.oid)"
    " OR coalesce(has_table_privilege(to_regclass('public.document_reference'),"
    " CASE WHEN to_regprocedure('carnet.let(text, text)') IS NULL THEN 'SELECT, UPDATE, DELETE' ELSE 'SELECT' END),"
    " false)"
    " FROM pg_catalog.pg_roles a WHERE rolname = current_user"
)
"""Whether this role could step around the database's fence (house.md section 6)."""
SPREAD = "SELECT to_regprocedure('carnet.let(text, text)') IS NOT NULL"
"""Whether the tables lie on a cluster: who brings them there makes that function (`app.storage.citus`)."""
PLAIN = frozenset(
    {
        PRIVILEGED, SPREAD,
        "BEGIN;", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;", "COMMIT;", "ROLLBACK;", "ROLLBACK",
        "SELECT true", "SET synchronous_commit = on",
        "LOCK TABLE matrix_version IN SHARE ROW EXCLUSIVE MODE",
    }
)  # fmt: skip
"""The texts that are no statement of ours and touch no clinical row."""
NESTED = ("SAVEPOINT __asyncpg", "RELEASE SAVEPOINT __asyncpg", "ROLLBACK TO __asyncpg")
"""How asyncpg begins and ends a transaction within another."""


def admit(text: str) -> None:
    """Refuse a text that is neither a statement's nor a plain one; TripError."""
    if text not in known and text not in PLAIN and not text.startswith(NESTED):
        raise TripError("a connection runs statements, and this text is none")
