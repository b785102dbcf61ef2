"""Cells: the product of the facts of policy.md section 2, made by PostgreSQL and judged there by the rules in force.

What production binds as parameters of one caller (his flags, his structure) is a column here: the expression is that of
production, with these parameters replaced and nothing else. Beside each axis in SQL stands what the oracle is asked.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import (
    BindParameter,
    Boolean,
    Integer,
    Text,
    case,
    column,
    func,
    insert,
    literal,
    select,
    true,
    values,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql import visitors

from app.access import DOCTOR, PHARMACIST, Access, Kind
from app.policy.facts import NOW, Flag, caller_flags
from app.policy.guard import Binding
from app.settings import Settings
from app.storage.fence import Unjudged
from app.storage.statement import Statement, constant
from app.storage.tables import TABLES, record
from tests.oracle import Caller, Document, Relations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from sqlalchemy import ColumnElement, FromClause
    from sqlalchemy.sql.visitors import ExternallyTraversible

    from app.policy.guard import Judge
    from app.storage.embedded import Urls
    from tests.conftest import Cluster

    Link = asyncpg.Connection[asyncpg.Record]
    Columns = Callable[[FromClause, ColumnElement[str]], dict[str, ColumnElement[Any]]]

_Any = TypeVar("_Any", bound="ExternallyTraversible")
CLOCK = "2026-06-12 10:00:00+00"
"""The instant at which the clock of the policy stands still."""
TICK = func.make_interval(0, 0, 0, 0, 0, 0, literal(1e-6))
STATUSES = ("open", "not-opened", "closed", "destroyed")
"""Each of them is the id of a record of that status as well."""
ME, OTHER, STRUCTURE = "person|810000000011", "person|810000000029", "structure|1750000001"
SELF: dict[str, object] = {
    "subject": ME,
    "depositor": ME,
    "structure": STRUCTURE,
    "groups": [STRUCTURE, DOCTOR],
    "holder_of": "-",
    "matrix": b"\x06",
    "kinds": 2,
    "majority_years": 18,
    "announcement_months": 1,
}
"""The parameters of one caller that are no axis. Kind 1 of a document is in his column of the matrix and kind 0 is not;
kind 2 is none that his worker knows, whatever the bit after the last says."""

# the caller


def _access(kind: Kind, *, doctor: bool, regulator: bool, purpose: str, secret: bool, strong: bool) -> Access:
    return Access(
        kind=kind,
        subject=ME,
        profession=DOCTOR if doctor else PHARMACIST,
        regulator=regulator,
        purpose=purpose,
        secret=secret,
        acr="eidas1" if strong else "password",
    )


def _callers(settings: Settings) -> dict[Caller, Flag]:
    made = {}
    axes = product(Kind, (False, True), (False, True), ("TREAT", "ETREAT"), (False, True), (False, True))
    for kind, doctor, regulator, purpose, secret, strong in axes:
        said: dict[str, Any] = {"doctor": doctor, "regulator": regulator, "purpose": purpose}
        said |= {"secret": secret, "strong": strong}
        made[Caller(kind.value, **said)] = caller_flags(_access(kind, **said), settings)
    return made


CALLERS: dict[Caller, Flag] = _callers(Settings(data=Path()))
"""Everything that a token can say of a caller, and the flags that production makes of it."""
TOKEN_ONLY = Flag.STRONG | Flag.SECRET
"""Flags of the caller that no rule of reading reads: noise in a cell, as are those of acts."""
NOISE = TOKEN_ONLY | Flag.OPENING | Flag.GROUP_BLOCKED | Flag.MINOR
READERS: dict[int, list[Caller]] = {}
"""Callers who are alike to a rule of reading, by their flags."""
for _caller, _flags in CALLERS.items():
    if not (_caller.secret or _caller.strong):
        READERS.setdefault(int(_flags), []).append(_caller)

# his relations

RELATION_FLAGS = {
    "holder": Flag.HOLDER,
    "represents": Flag.REPRESENTS,
    "treating": Flag.TREATING,
    "full_access": Flag.FULL_ACCESS,
    "authorised": Flag.AUTHORISED,
    "blocked": Flag.BLOCKED,
    "window": Flag.WINDOW,
    "break_glass_opposed": Flag.BREAK_GLASS_OPPOSED,
    "regulation_opposed": Flag.REGULATION_OPPOSED,
}
"""The relations that a rule of reading reads: `group_blocked` is within `authorised`, and noise by itself."""


def _subsets(sizes: Iterable[int]) -> dict[Relations, Flag]:
    made = {}
    for size in sizes:
        for names in combinations(RELATION_FLAGS, size):
            flags = Flag(0)
            for name in names:
                flags |= RELATION_FLAGS[name]
            made[Relations(**dict.fromkeys(names, True))] = flags
    return made


RELATIONS = _subsets(range(len(RELATION_FLAGS) + 1))
"""All subsets of relations."""
FEW_RELATIONS = _subsets((0, 1, 2, len(RELATION_FLAGS)))
"""No relation, each one, each pair, all: for what costs a look into tables in each cell."""

# the document

DOCUMENTS = [
    Document(*facts) for facts in product((False, True), repeat=len(fields(Document)))
]  # the order of the fields is that of the columns below
DOCUMENT_NAMES = tuple(one.name for one in fields(Document))


def document_columns(row: FromClause, _: ColumnElement[str] | None = None) -> dict[str, ColumnElement[Any]]:
    """A document's facts as its columns: T one tick after now or now, deposited by him or another, its kind."""
    return {
        "withdrawn": row.c.withdrawn,
        "announce_at": case((row.c.pending, NOW + TICK), else_=NOW),
        "hidden": row.c.hidden,
        "depositor": case((row.c.deposited, literal(ME)), else_=literal(OTHER)),
        "masked": row.c.masked,
        "kind": case((row.c.in_matrix, literal(1)), (row.c.hidden, literal(2)), else_=literal(0)),
    }


def some_documents() -> dict[str, Document]:
    """One document of which nothing holds but its column, one for each other fact, one of all: by id."""
    plain = Document()
    made = {name: replace(plain, **{name: True}) for name in DOCUMENT_NAMES if name != "in_matrix"}
    return {"plain": plain, **made, "outside": replace(plain, in_matrix=False), "all": Document(*[True] * 6)}


async def put_documents(link: Link, documents: dict[str, Document]) -> None:
    """Rows of these documents in the record of each status."""
    table = TABLES["DocumentReference"]
    facts = axis("facts", {"id": Text, **dict.fromkeys(DOCUMENT_NAMES, Boolean)}, [
        (name, *[getattr(one, fact) for fact in DOCUMENT_NAMES]) for name, one in documents.items()
    ])  # fmt: skip
    given = {"record": record.c.id, "id": id_of(record.c.id, facts.c.id), **blank(), **document_columns(facts)}
    rows = select(*given.values()).select_from(record.join(facts, true()))
    await Statement(insert(table).from_select(list(given), rows), Unjudged.ADDED).run(link)


def id_of(key: ColumnElement[str], name: ColumnElement[str] | str) -> ColumnElement[str]:
    """Id of a resource of a record."""
    return key + literal(".") + name


def blank() -> dict[str, ColumnElement[Any]]:
    """The columns that every row of a resource has and no rule reads."""
    return {
        "version_id": literal("1"),
        "last_updated": NOW,
        "method": literal("POST"),
        "body": literal(b"{}"),
    }


def truths(names: Sequence[str]) -> list[tuple[bool, ...]]:
    """All rows of that many booleans."""
    return list(product((False, True), repeat=len(names)))


# the product


def axis(name: str, types: dict[str, Any], rows: Sequence[tuple[Any, ...]]) -> FromClause:
    """Rows of values beside their number `n`."""
    columns = [column("n", Integer), *[column(key, type_) for key, type_ in types.items()]]
    data = [(number, *row) for number, row in enumerate(rows)]
    return values(*columns, name=name, literal_binds=True).data(data).alias(name)


@dataclass(frozen=True)
class Grid:
    """The cells of one type. `groups` are (status, flags of the caller, relations): a row's facts vary within one."""

    groups: list[tuple[str, int, Relations]]
    cell: FromClause
    source: FromClause

    def bound(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        """An expression of production with the flags and the record that it binds replaced by those of the cell."""
        return substituted(expression, flags=self.cell.c.flags, record=self.cell.c.record)

    def verdicts(self, judge: Judge) -> Statement:
        """For each group, by number: one word a cell, `+` or `-` and the reason code."""
        judged = judge(self.cell, record.c.status, Binding.ONE)
        sign = case((judged.visible, literal("+")), else_=literal("-"))
        word = self.bound(sign.concat(judged.reason))
        line = func.string_agg(word, aggregate_order_by(literal(" "), self.cell.c.place))
        return Statement(
            select(self.cell.c.number, line.label("line"))
            .select_from(self.source)
            .group_by(self.cell.c.number)
            .order_by(self.cell.c.number)
        )


def substituted(expression: _Any, **by: ColumnElement[Any]) -> _Any:
    """An expression or statement with parameters replaced by name."""

    def other(element: Any, **_: object) -> Any:
        return by.get(element.key) if isinstance(element, BindParameter) else None

    return cast("_Any", visitors.replacement_traverse(expression, {}, other))


def grid(
    names: tuple[str, ...],
    columns: Columns,
    relations: dict[Relations, Flag],
    rows: Sequence[tuple[Any, ...]] | None = None,
    types: dict[str, Any] | None = None,
    statuses: tuple[str, ...] = STATUSES,
    noise: Flag = NOISE,
) -> Grid:
    """The product of status, caller, relations and a row of `names` (booleans unless told otherwise), as `columns`.

    `noise` are flags that no rule of this type may read: they come and go from cell to cell. Status "" is no record.
    """
    rows = truths(names) if rows is None else rows
    status = axis("status", {"record": Text}, [(one,) for one in statuses])
    caller = axis("caller", {"flags": Integer}, [(flags,) for flags in READERS])
    related = axis("related", {"flags": Integer}, [(int(flags),) for flags in relations.values()])
    row = axis("facts", types or dict.fromkeys(names, Boolean), rows)
    number = (status.c.n * literal(len(READERS)) + caller.c.n) * literal(len(relations)) + related.c.n
    flickering = func.hashint4(number * literal(len(rows)) + row.c.n).op("&")(constant(int(noise)))
    cell = (
        select(
            number.label("number"),
            row.c.n.label("place"),
            status.c.record,
            caller.c.flags.op("|")(related.c.flags).op("|")(flickering).label("flags"),
            *[made.label(name) for name, made in columns(row, status.c.record).items()],
        )
        .select_from(status.join(caller, true()).join(related, true()).join(row, true()))
        .offset(0)  # each column is worked out once a cell
        .subquery("cell")
    )
    groups = [(one, flags, rel) for one, flags, rel in product(statuses, READERS, relations)]
    return Grid(groups, cell, cell.outerjoin(record, record.c.id == cell.c.record))


# the database


async def stop_clock(link: Link) -> None:
    """Let the clock of the policy stand still, so that a row can end exactly now."""
    await link.execute(
        "CREATE OR REPLACE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE"
        f" AS $$SELECT '{CLOCK}'::timestamptz$$"
    )


@asynccontextmanager
async def stopped(urls: Urls, cluster: Cluster) -> AsyncIterator[Link]:
    """A superuser's connection to a fresh database, with a record of each status and the clock stopped."""
    place = urlsplit(cluster.admin)._replace(path=urlsplit(urls.owner).path).geturl()
    link = await asyncpg.connect(place, server_settings={"jit": "off", "timezone": "UTC"})
    try:
        await stop_clock(link)
        for status in STATUSES:
            await link.execute("INSERT INTO record (id, status) VALUES ($1, $1)", status)
        yield link
    finally:
        await link.close()
