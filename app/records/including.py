"""What a search brings along by `_include` and `_revinclude`, as far as the caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Text, bindparam, func, or_
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.ceiling import SEEING
from app.policy.guard import Binding, visible
from app.records.answer import Stored
from app.records.redaction import redact
from app.records.statements import cached
from app.resources import DEFINITIONS
from app.resources.definition import Scope, Search
from app.storage.search.result import ANY, UNBROUGHT
from app.storage.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from app.policy.standing import Caller
    from app.resources.definition import Parameter
    from app.storage.search import Query
    from app.storage.search.result import Include
    from app.storage.statement import Link

POINTING = tuple(name for name in DEFINITIONS if name != UNBROUGHT)
"""Types that a search may bring along because they point at what it found."""
MOST = 1000
"""Resources that one search brings along at most."""
ROUNDS = 5
"""How far `:iterate` goes."""
NAMES = bindparam("names", type_=ARRAY(Text))


class Found(NamedTuple):
    """A resource that a search shows: where it points, by column, why it is shown, and its record.

    `secret` is what comes of a secret connection; an act of the trail says the documents that it is `about`, None where
    it is about none.
    """

    stored: Stored
    points: Mapping[str, list[str]]
    verdict: str = ""
    record: str = ""
    secret: bool = False
    about: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """`Type/id`."""
        return f"{self.stored.type}/{self.stored.id}"


def reference_columns(resource_type: str, parameter: str = ANY, targets: Collection[str] = ()) -> list[str]:
    """Columns of the reference parameters that an include may follow, to one of these targets if any are named."""
    parameters = (p for p in DEFINITIONS[resource_type].parameters if p.type is Search.REFERENCE)
    wanted = frozenset(targets)
    return [p.column for p in parameters if parameter in {ANY, p.name} and _may_lead(p, wanted)]


def _may_lead(parameter: Parameter, targets: frozenset[str]) -> bool:
    return not targets or not parameter.targets or not targets.isdisjoint(parameter.targets)


class Including:
    """One search on its way to what it brings along: bound to the record `key`, or to none with ""."""

    def __init__(self, link: Link, caller: Caller, key: str) -> None:
        self._link = link
        self._caller = caller
        self._key = key
        self.cut = False
        """Whether there is more than is brought along."""

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
        self.cut = self.cut or len(found) > MOST
        return found[:MOST]

    async def _round(
        self, query: Query, sources: list[Found], known: dict[str, Found], *, iterate: bool
    ) -> list[Found]:
        """One step from some resources: all includes from the matches, afterwards those that iterate."""
        found: list[Found] = []
        for include in query.includes:
            if include.iterate or not iterate:
                found += await self._targets(include, [s for s in sources if include.source in {ANY, s.stored.type}])
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
                    if slash and kind in DEFINITIONS and include.target in {"", kind} and kind != UNBROUGHT:
                        wanted.setdefault(kind, []).append(identifier)
        return [one for kind in sorted(wanted) for one in await self._fetch(kind, (), wanted[kind])]

    async def _sources(self, include: Include, targets: list[Found]) -> list[Found]:
        wanted = [one for one in targets if include.target in {"", one.stored.type}]
        names, types = [one.name for one in wanted], {one.stored.type for one in wanted}
        found: list[Found] = []
        for kind in POINTING if include.source == ANY else (include.source,):
            columns = tuple(reference_columns(kind, include.parameter, types))
            if names and columns:
                found += await self._fetch(kind, columns, names)
        return found

    async def _fetch(self, kind: str, columns: tuple[str, ...], names: list[str]) -> list[Found]:
        """Visible rows of a type by id, or by what one of some columns of references holds; none beyond the scope."""
        if not any(self._caller.access.allows(kind, letter) for letter in SEEING):
            return []
        scoped = DEFINITIONS[kind].scope is Scope.RECORD
        binding = Binding.ONE if self._key and scoped else Binding.MANY
        statement = cached(("include", kind, columns, binding), lambda: _statement(kind, columns, binding))
        rows = await statement.rows(self._link, **await self._bound(binding), names=names)
        found = []
        self.cut = self.cut or len(rows) == MOST
        for row in rows:
            key = row["record"] if scoped else ""
            body = row["body"]
            if row["filtered"]:
                body = await redact(self._link, self._caller, key, kind, body)
            stored = Stored(kind, row["id"], row["version_id"], row["last_updated"], body)
            points = {name: row[name] for name in reference_columns(kind)}
            found.append(Found(stored, points, row["verdict"] if scoped else "", key, scoped and row["secret"]))
        return found

    async def _bound(self, binding: Binding) -> dict[str, Any]:
        if binding is Binding.MANY:
            return self._caller.many()
        return self._caller.one(self._key, await self._caller.standing(self._link, self._key))


def _statement(kind: str, columns: tuple[str, ...], binding: Binding) -> Statement:
    row, rows = visible(kind, binding)
    there = or_(*(row.c[column].overlap(NAMES) for column in columns)) if columns else row.c.id == func.any(NAMES)
    return Statement(rows.where(there).order_by(row.c.id).limit(MOST))  # not as they lie: unseen rows move the others
