"""`$everything`: a record as its reader may have a copy of it (policy.md section 5; patient-operation-everything.html).

The Patient, then what is in the record by type, the newest first within each, and the professionals and structures
that a page names. Who is neither the holder nor represents him gets what the holder may read as well: no document that
awaits its announcement or was withdrawn, no reference to one, and not the journal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import jiter
from sqlalchemy import Text, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import Kind
from app.errors import BadValue, Issue
from app.policy.facts import NOW
from app.policy.guard import RECORD, Binding, visible
from app.policy.standing import fresh, newest_matrix
from app.records import paging, reading, searching
from app.records.answer import Page
from app.records.bounds import bounded
from app.records.including import Found, Including
from app.records.redaction import is_bare, less
from app.records.several import place
from app.records.stream import Item, Place, Stream, in_turn, packed, unpacked
from app.records.touching import gathered
from app.resources import COMPARTMENT, DEFINITIONS, moment
from app.resources.definition import Scope
from app.storage import search
from app.storage.search import Include
from app.storage.statement import Statement
from app.storage.tables import record

if TYPE_CHECKING:
    from app.policy.standing import Caller
    from app.records.office import Office
    from app.records.touching import Touched
    from app.resources.definition import Resource
    from app.storage.search import Query
    from app.storage.session import Link

TYPES = ("Patient", *COMPARTMENT)
"""What is in a record, in the order of the answer."""
NAMED = tuple(name for name, one in DEFINITIONS.items() if one.scope is Scope.DIRECTORY)
"""What comes along with what names it."""
CARE = {"DocumentReference": ("context.period", "date"), "CareTeam": ("period",), "List": ("date",)}
"""When the care was that a resource is about: the first of these elements that it has."""
WIDTH = 3
LEFT_OUT = Issue(
    "informational",
    "a copy of the record holds what its holder may read as well",
    "copy-as-the-holder-reads",
    severity="information",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one record: types (of `TYPES` and `NAMED`), changed since when, care between which days."""

    key: str
    types: tuple[str, ...]
    since: str = ""
    start: str = ""
    end: str = ""
    count: int = 20
    cursor: str = ""

    def covers(self, found: Found) -> bool:
        """Whether the care was between the days; what is about no care always is."""
        if not (self.start or self.end):
            return True
        tree = jiter.from_json(found.stored.body)
        low, high = next(
            (moment.bounds(v) for p in CARE.get(found.stored.type, ()) if (v := _at(tree, p))), (None, None)
        )
        before = self.end and low is not None and low >= moment.interval(self.end)[1]
        after = self.start and high is not None and high <= moment.interval(self.start)[0]
        return not (before or after)


def _at(tree: Resource, path: str) -> Any:  # noqa: ANN401 - JSON
    head, _, tail = path.partition(".")
    value = tree.get(head)
    return _at(value, tail) if tail and isinstance(value, dict) else None if tail else value


def check(asked: Asked) -> None:
    """Refuse what is no date."""
    for name, value in (("_since", asked.since), ("start", asked.start), ("end", asked.end)):
        try:
            moment.interval(value or "2000")
        except ValueError:
            raise BadValue(f"`{name}` is a date, or an instant with its zone") from None


@cache
def _held() -> Statement:
    """Documents that the caller sees and the holder does not, under a standing that it checks."""
    row, rows = visible("DocumentReference", Binding.ONE)
    kept = rows.with_only_columns(row.c.id).where(or_(row.c.announce_at > NOW, row.c.withdrawn))
    ids = func.array(kept.correlate(None).scalar_subquery(), type_=ARRAY(Text))
    found = select(fresh().label("fresh"), newest_matrix().label("matrix_version"), ids.label("ids"))
    return Statement(found.select_from(record).where(record.c.id == RECORD))


class _Copy:
    """One record on its way to one page."""

    def __init__(self, office: Office, link: Link, caller: Caller, asked: Asked) -> None:
        self.office = office
        self.link = link
        self.caller = caller
        self.asked = asked
        self.own = caller.access.kind in {Kind.HOLDER, Kind.REPRESENTATIVE}

    def query(self, kind: str) -> Query:
        """The search of one type of the record."""
        pairs = [("_id", self.asked.key)] if kind == "Patient" else []
        if self.asked.since and kind != "Patient":  # of a reduced Patient only `_id` matches
            pairs.append(("_lastUpdated", f"ge{self.asked.since}"))
        query = search.parse(DEFINITIONS[kind], pairs, strict=True, settings=self.office.settings)
        named = tuple(Include(kind, "*", one) for one in NAMED if one in self.asked.types)
        return replace(query, includes=named, count=self.asked.count)

    async def fetch(self, kind: str, after: Place | None, count: int) -> list[Item[Found]]:
        """So many rows of a type."""
        query = replace(self.query(kind), count=count)
        if after:
            sealed = search.seal(query, [None, *after], secret=self.office.secret, subject=self.caller.access.subject)
            query = replace(query, cursor=sealed)
        caller = self.caller.reaching(kind, "r")
        looked = await searching.look(self.office, self.link, caller, query, self.asked.key)
        held = frozenset() if self.own else await self._kept_from_holder()
        return [Item(place(query, one), self._copied(one, held)) for one in looked.matches]

    async def _kept_from_holder(self) -> frozenset[str]:
        """Looked up after the rows: what awaits now has awaited then."""
        row = await reading.confirmed(self.link, self.caller, self.asked.key, _held())
        return frozenset(row["ids"] if row else ())

    def _copied(self, one: Found, held: frozenset[str]) -> Found | None:
        """The same as it is in the copy; None for what is not."""
        stored = one.stored
        if stored.id in held or not self.asked.covers(one):
            return None
        if stored.type == "Patient" and self.asked.since and stored.last_updated < moment.interval(self.asked.since)[0]:
            return None
        body = less(stored.type, stored.body, {f"DocumentReference/{id}" for id in held}) if held else stored.body
        if body is not stored.body and is_bare(stored.type, body):
            return None
        return one._replace(stored=stored._replace(body=body))

    async def brought(self, matches: list[Found]) -> list[Found]:
        """Professionals and structures that the matches name."""
        found: dict[str, Found] = {}
        for kind in dict.fromkeys(one.stored.type for one in matches):
            own = [one for one in matches if one.stored.type == kind]
            for one in await Including(self.link, self.caller.reaching(kind, "r"), self.asked.key).run(
                self.query(kind), own
            ):
                found.setdefault(one.name, one)
        return list(found.values())


async def read(office: Office, link: Link, caller: Caller, asked: Asked) -> tuple[Page, list[Touched]]:
    """A page of the record; NotFound where the caller may not know of it."""
    check(asked)
    async with bounded(office):
        return await _read(office, link, caller, asked)


async def _read(office: Office, link: Link, caller: Caller, asked: Asked) -> tuple[Page, list[Touched]]:
    seen = await reading.read(link, caller.reaching("Patient", "r"), "Patient", asked.key)
    said = [caller.access.subject, "everything", *(str(one) for one in _terms(asked))]
    places = unpacked(await paging.opened(office, link, said, asked.cursor), WIDTH)
    copy = _Copy(office, link, caller, asked)
    kinds = [one for one in TYPES if one in asked.types and (copy.own or one != "AuditEvent")]
    streams = [Stream(one, partial(copy.fetch, one), places.get(one), asked.count) for one in kinds]
    matches, more = await in_turn(streams, asked.count)
    brought = await copy.brought(matches)
    page = Page(
        [one.stored for one in matches],
        [one.stored for one in brought],
        None if more or asked.cursor else len(matches),
        "",
        await paging.closed(office, link, said, packed(streams)) if more else None,
        () if copy.own else (LEFT_OUT,),
    )
    return page, gathered(matches, brought, asked.key, seen.reason)


def _terms(asked: Asked) -> tuple[object, ...]:
    return asked.key, asked.types, asked.since, asked.start, asked.end, asked.count
