"""What a search brings along by `_include` and `_revinclude`, as far as the caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.guard import Binding, visible
from app.records.answer import Stored
from app.records.redaction import redact
from app.records.statements import cached
from app.resources import DEFINITIONS
from app.resources.definition import Scope, Search
from app.storage.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.policy.standing import Caller
    from app.storage.search import Query
    from app.storage.search.result import Include
    from app.storage.session import Link

MOST = 1000
"""Resources that one search brings along at most."""
ROUNDS = 5
"""How far `:iterate` goes."""
NAMES = bindparam("names", type_=ARRAY(Text))


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that a search shows: where it points, by column, why it is shown, and its record."""

    stored: Stored
    points: Mapping[str, list[str]]
    verdict: str = ""
    record: str = ""

    @property
    def name(self) -> str:
        """`Type/id`."""
        return f"{self.stored.type}/{self.stored.id}"


def reference_columns(resource_type: str, parameter: str = "*") -> list[str]:
    """Columns of the reference parameters that an include may follow."""
    parameters = DEFINITIONS[resource_type].parameters
    return [p.column for p in parameters if p.type is Search.REFERENCE and parameter in {"*", p.name}]


class Including:
    """One search on its way to what it brings along: bound to the record `key`, or to none with ""."""

    def __init__(self, link: Link, caller: Caller, key: str) -> None:
        self._link = link
        self._caller = caller
        self._key = key

    async def run(self, query: Query, matches: list[Found]) -> list[Found]:
        """Everything that the matches bring along, each once; what `:iterate` adds to that."""
        known = {one.name: one for one in matches}
        fresh = await self._round(query, matches, known, iterate=False)
        found = list(fresh)
        for _ in range(ROUNDS):
            fresh = await self._round(query, fresh, known, iterate=True) if len(found) < MOST else []
            if not fresh:
                break
            found += fresh
        return found[:MOST]

    async def _round(
        self, query: Query, sources: list[Found], known: dict[str, Found], *, iterate: bool
    ) -> list[Found]:
        """One step from some resources: all includes from the matches, afterwards those that iterate."""
        found: list[Found] = []
        for include in query.includes:
            if include.iterate or not iterate:
                found += await self._targets(include, [s for s in sources if include.source in {"*", s.stored.type}])
        for include in query.revincludes:
            if include.iterate or not iterate:
                found += await self._sources(include, sources)
        new: dict[str, Found] = {}
        for one in found:
            if one.name not in known:
                known[one.name] = new[one.name] = one
        return list(new.values())

    async def _targets(self, include: Include, sources: list[Found]) -> list[Found]:
        wanted: dict[str, list[str]] = {}
        for one in sources:
            for column in reference_columns(one.stored.type, include.parameter):
                for reference in one.points.get(column, ()):
                    kind, slash, identifier = reference.partition("/")
                    if slash and kind in DEFINITIONS and include.target in {"", kind} and kind != "AuditEvent":
                        wanted.setdefault(kind, []).append(identifier)
        return [one for kind, ids in wanted.items() for one in await self._fetch(kind, "", ids)]

    async def _sources(self, include: Include, targets: list[Found]) -> list[Found]:
        kinds = [include.source] if include.source in DEFINITIONS else []
        names = [one.name for one in targets if include.target in {"", one.stored.type}]
        found: list[Found] = []
        for kind in kinds if names else []:
            if kind != "AuditEvent":
                for column in reference_columns(kind, include.parameter):
                    found += await self._fetch(kind, column, names)
        return found

    async def _fetch(self, kind: str, column: str, names: list[str]) -> list[Found]:
        """Visible rows of a type by id, or by what a column of references holds."""
        scoped = DEFINITIONS[kind].scope is Scope.RECORD
        binding = Binding.ONE if self._key and scoped else Binding.MANY
        statement = cached(("include", kind, column, binding), lambda: _statement(kind, column, binding))
        rows = await statement.rows(self._link, **await self._bound(binding), names=names)
        found = []
        for row in rows:
            key = row["record"] if scoped else ""
            body = row["body"]
            if row["filtered"]:
                body = await redact(self._link, self._caller, key, kind, body)
            stored = Stored(kind, row["id"], row["version_id"], row["last_updated"], body)
            points = {name: row[name] for name in reference_columns(kind)}
            found.append(Found(stored, points, row["verdict"] if scoped else "", key))
        return found

    async def _bound(self, binding: Binding) -> dict[str, Any]:
        if binding is Binding.MANY:
            return self._caller.many()
        return self._caller.one(self._key, await self._caller.standing(self._link, self._key))


def _statement(kind: str, column: str, binding: Binding) -> Statement:
    row, rows = visible(kind, binding)
    there = row.c[column].overlap(NAMES) if column else row.c.id == func.any(NAMES)
    return Statement(rows.where(there).order_by(row.c.id).limit(MOST))  # not as they lie: unseen rows move the others
