"""A deposit as one statement: the record locked, the act judged, the document kept and the trail told, or none of it.

What a transaction of five exchanges with the database does for a deposit that replaces nothing, one exchange does at
two thirds of the cost. The moment of the deposit is the database's, so that the statement itself writes it into the
body, between the two parts that it is given.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, func, insert, literal_column, select
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.dialects.postgresql import insert as upsert

from app.policy.writes import Act
from app.records.judging import judged
from app.storage import audit, outbox
from app.storage.fence import Unjudged
from app.storage.rows import PAST, instant, said
from app.storage.statement import Statement, asker, hurried
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import CTE, ColumnElement, Insert, Table

    from app.records.answer import Written

UNSET = PAST
"""Stands in a body and in a row where the statement writes the moment."""
MARK = instant(UNSET).encode()
FORMAT = '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\''
OWN = ("last_updated", "deposited_at", "body")
"""Columns that the statement itself makes."""


def _made(prefix: str, moment: ColumnElement[datetime]) -> dict[str, ColumnElement[Any]]:
    """The columns that hold the moment."""
    text = func.convert_to(
        func.to_char(func.timezone(literal_column("'UTC'", Text), moment), literal_column(FORMAT, Text)),
        literal_column("'UTF8'", Text),
    )
    head, tail = (bindparam(f"{prefix}_{part}", type_=BYTEA) for part in ("head", "tail"))
    return {"last_updated": moment, "deposited_at": moment, "body": cast(head.op("||")(text).op("||")(tail), BYTEA)}


def _row(table: Table, names: tuple[str, ...], prefix: str, source: CTE, *conditions: Any) -> Insert:  # noqa: ANN401
    """Inserts into a table one row of parameters, if the source has one."""
    own = {name: value for name, value in _made(prefix, source.c.moment).items() if name in table.c}
    given = {name: bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in names}
    values = own | given
    row = select(*values.values()).select_from(source).where(*conditions)
    return (upsert if "master_identifier" in table.c else insert)(table).from_select(list(values), row)


@lru_cache(maxsize=256)
def filed(names: tuple[str, ...], content: tuple[str, ...], *, telling: bool = False) -> Statement:
    """Judges the deposit of a document and does it; says as `filed` whether its row was kept.

    `names` are the columns that are given, prefixed with `row_`, the body as `row_head` and `row_tail`; likewise
    `content` those of the one Binary that comes with it, if any, with the prefix `bin_`. The act's have the prefix
    `act_`. With `telling` the deposit leaves a notice as well. Nothing is kept under a standing that is not fresh, nor
    where the act is refused.
    """
    table = TABLES["DocumentReference"]
    moment = func.date_trunc(literal_column("'milliseconds'", Text), func.carnet.now()).label("moment")
    found = judged(Act.DEPOSIT).add_columns(moment).where(hurried()).cte("judged")
    row = _row(table, names, "row", found, found.c.fresh, found.c.refusal == literal_column("''", Text))
    kept = row.on_conflict_do_nothing(index_elements=["record", "depositor", "master_identifier"])  # type: ignore[attr-defined]
    made = kept.returning(table.c.id, table.c.last_updated.label("moment")).cte("made")
    more = [audit.telling(made).cte("told")]
    if telling:
        more.append(outbox.deposited(made).cte("noticed"))
    if content:
        more.append(_row(TABLES["Binary"], content, "bin", made).cte("brought"))
    done = select(made.c.id).exists().label("filed")
    return Statement(select(*found.c, done, asker()).add_cte(*more), Unjudged.ADDED)


def given(resource_type: str, values: dict[str, Any]) -> tuple[str, ...]:
    """The columns of a row that say something, less those that the statement makes."""
    return tuple([name for name in said(resource_type, values) if name not in OWN])


def parameters(prefix: str, names: tuple[str, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a row: its columns, and the two parts of its body between which the moment stands."""
    head, _, tail = values["body"].partition(MARK)
    return {f"{prefix}_{name}": values[name] for name in names} | {f"{prefix}_head": head, f"{prefix}_tail": tail}


def at(written: Written, moment: datetime) -> Written:
    """What was written, with the moment that the statement gave it."""
    stored = written.stored
    if stored is not None:
        body = stored.body.replace(MARK, instant(moment).encode(), 1)
        stored = stored._replace(last_updated=moment, body=body)
    return replace(written, stored=stored, last_updated=moment)
