"""One condition of a search: what was asked, and how its values reach the statement.

A condition is kept in two halves, so that the text of a statement can be compiled once and used again: `form` is all
that shows in the SQL, `values` are bound in the order in which the condition asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Text, any_, exists, func, not_
from sqlalchemy.dialects.postgresql import ARRAY

from app.errors import Unsupported
from app.resources.definition import Parameter, Search

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sqlalchemy import BindParameter, ColumnElement, FromClause, TableValuedColumn
    from sqlalchemy.types import TypeEngine

    from app.resources.definition import Definition

    Bind = Callable[[TypeEngine[Any]], BindParameter[Any]]
    """Gives the next bound parameter of a statement, of that SQL type."""

TEXTS = ARRAY(Text)
ID = Parameter("_id", Search.TOKEN, "id")
LAST_UPDATED = Parameter("_lastUpdated", Search.DATE, "meta.lastUpdated")


@dataclass(frozen=True, slots=True)
class Question:
    """One parameter as asked: `pieces` are its alternatives, escapes kept; `base` is our own FHIR base URL."""

    definition: Definition
    parameter: Parameter
    modifier: str
    pieces: tuple[str, ...]
    base: str

    def match(self, *values: object, form: Hashable = ()) -> Match:
        """The condition that answers this question."""
        return Match(self.parameter, self.modifier, values, form)

    def unsupported(self) -> Unsupported:
        """The refusal of a modifier that means nothing for this parameter."""
        return Unsupported(f"modifier `:{self.modifier}` of `{self.parameter.name}` is not supported")


@dataclass(frozen=True, slots=True)
class Match:
    """A condition on one parameter of a row."""

    parameter: Parameter
    modifier: str
    values: tuple[object, ...]
    form: Hashable = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A condition on the target of a reference: true where one target of one of the types meets its test.

    `inside` asks the same of a target that is contained in the row.
    """

    parameter: Parameter
    branches: tuple[tuple[str, Test], ...]
    inside: Match | None = None


@dataclass(frozen=True, slots=True)
class Has:
    """A condition on what points at a row: true where one row of type `kind` refers to it and meets the test.

    `parameter` is the reference of that type, `target` the type of the row pointed at.
    """

    parameter: Parameter
    kind: str
    target: str
    test: Test


Test = Match | Chain | Has


class Kind(Protocol):
    """What the module of a search type offers: the modifiers it knows, and the two halves of a condition."""

    MODIFIERS: frozenset[str]

    def match(self, question: Question, /) -> Match:
        """Read the alternatives; a BadValue says which parameter has one that its type does not allow."""

    def condition(self, table: FromClause, match: Match, bind: Bind, /) -> ColumnElement[bool]:
        """The condition over the columns of a table."""


def overlap(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """Whether the column holds one of the values: one array whatever their number, served by a GIN index."""
    return table.c[match.parameter.column].bool_op("&&")(bind(TEXTS))


def unlike(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """Whether the column holds none of the values, or nothing."""
    return not_(overlap(table, match, bind))


def like(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """Whether one entry of the column is like one of the patterns."""
    entry = entries(table, match.parameter)
    return exists().where(entry.like(any_(bind(TEXTS))))


def entries(table: FromClause, parameter: Parameter) -> TableValuedColumn[str]:
    """Each entry of a parameter's column, as a row of its own."""
    return func.unnest(table.c[parameter.column], type_=Text).column_valued("entry")


def pattern(text: str) -> str:
    """LIKE pattern that matches exactly this text."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
