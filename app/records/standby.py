"""A search whose rows a standby finds, and the primary judges.

A standby lags: somebody may be authorised there who no longer is, a document be seen that was masked since. So what it
gives are candidates. The primary is asked for each of them, by the guard and under a standing that its own statement
finds fresh, whether the caller sees it now and whether it is the version that was found; and for the relation of the
caller to the record. Where anything differs, the primary is asked for the whole. The standby finds under the standing
that the primary gives, whatever its own is: else it would be passed over where somebody's relation to the record has
just changed, and who deposits and searches at once would feel that. So nothing leaves that the primary did
not permit after the request came, by its own clock, and nothing is kept back on account of a permission that has not
arrived; what was deposited in the last moments may be missing.

It is done for what this covers: a search of documents in one record, whose matches fit on one page and depend on
nothing beside their own rows. What a match names and the caller may not see is left out by the primary as ever: were
the standby passed over for it, who deposits and searches at once would feel that there is something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.policy import entries
from app.records.asking import Ask, candidates, confirming
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
    for again in (False, True):
        values = ask.caller.one(ask.record, await ask.caller.standing(link, ask.record, again=again))
        found = await replica.rows(cached(ask.name("candidates"), lambda: candidates(ask)), **values, **bound)
        if not found or not _usable(ask, found):
            return None
        there = [row["id"] for row in found if row["id"] is not None]
        said = await cached(("confirming", TYPE), lambda: confirming(TYPE)).rows(link, **values, ids=there)
        if not _usable(ask, said):
            return None
        if said[0]["fresh"]:
            same = _told(found) == _told(said)
            replica.found += same
            return found if same else None
    return None


def _usable(ask: Ask, rows: list[Record]) -> bool:
    """Whether an answer is about this record, under the matrix in force, and of no more than one page."""
    there = bool(rows) and rows[0]["newest_matrix"] == ask.caller.matrix.version
    return there and (rows[0]["id"] is None or len(rows) <= ask.query.count)


def _told(rows: list[Record]) -> set[tuple[object, ...]]:
    """What is said of the caller and of each row: by the standby, and by the primary, which must say the same."""
    names = ("relation", "break_glass", "id", "version_id", "verdict", "filtered")
    return {tuple(row[name] for name in names) for row in rows}
