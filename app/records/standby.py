"""A search whose rows a standby finds, and the primary judges.

A standby lags: somebody may be authorised there who no longer is, a document be seen that was masked since. So what it
gives are candidates. The primary is asked for each of them, by the guard and under a standing that its own statement
finds fresh, whether the caller sees it now and whether it is the version that was found; and for the relation of the
caller to the record. Where anything differs, the primary is asked for the whole. So nothing leaves that the primary did
not permit after the request came, by its own clock, and nothing is kept back on account of a permission that has not
arrived; what was deposited in the last moments may be missing.

It is done for what this covers: a search of documents in one record, whose matches fit on one page and depend on
nothing beside their own rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.policy import entries
from app.records.asking import Ask, confirming, in_one
from app.records.statements import cached
from app.storage.search import Match, Summary, Total

if TYPE_CHECKING:
    from asyncpg import Record

    from app.storage.statement import Link

TYPE = "DocumentReference"


def serves(ask: Ask) -> bool:
    """Whether a standby may be asked."""
    query = ask.query
    plain = not (query.cursor or query.includes or query.revincludes) and query.summary is not Summary.COUNT
    alone = all(isinstance(term.test, Match) for term in query.terms) and not entries.wanted(query)
    return query.type == TYPE and bool(ask.record) and plain and alone and query.total is not Total.ACCURATE


async def rows(ask: Ask, link: Link, bound: dict[str, Any]) -> list[Record] | None:
    """Rows as `in_one` gives them, found by the standby and permitted by the primary; None where it must be asked."""
    replica = ask.office.replica
    if replica is None or not replica.sound or not serves(ask):
        return None
    values = ask.caller.one(ask.record, await ask.caller.standing(link, ask.record))
    found = await replica.rows(cached(ask.name("rows"), lambda: in_one(ask)), **values, **bound)
    if not found or not _holds(ask, found[0]):
        return None
    there = [row for row in found if row["id"] is not None]
    if len(there) > ask.query.count or any(row["filtered"] for row in there):
        return None
    statement = cached(("confirming", TYPE), lambda: confirming(TYPE))
    said = await statement.rows(link, **values, ids=[row["id"] for row in there])
    if not said or not _holds(ask, said[0]) or not _same(found, said):
        return None
    replica.found += 1
    return found


def _holds(ask: Ask, first: Record) -> bool:
    return bool(first["fresh"]) and first["newest_matrix"] == ask.caller.matrix.version


def _same(found: list[Record], said: list[Record]) -> bool:
    """Whether the primary says of the caller and of each row what the standby said."""
    return _told(found) == _told(said)


def _told(rows: list[Record]) -> set[tuple[object, ...]]:
    names = ("relation", "break_glass", "id", "version_id", "verdict", "filtered")
    return {tuple(row[name] for name in names) for row in rows}
