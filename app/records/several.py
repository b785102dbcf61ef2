"""A search of several types: of the system, or of everything in a compartment (http.html sections 3.1.0.9, 3.1.0.9.1).

Each type is searched by the statement that serves it alone, and the matches are merged: the newest first, or as
`_sort` says by what all types have. Types keep their own places in the page token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.errors import Unsupported
from app.records import judged, paging, searching, whose
from app.records.answer import Page
from app.records.bounds import bounded
from app.records.including import Including
from app.records.stream import Item, Place, Stream, merged, packed, unpacked
from app.records.touching import UNSAID, gathered
from app.resources import COMPARTMENT, DEFINITIONS
from app.resources.definition import Scope
from app.storage import search

if TYPE_CHECKING:
    from app.errors import Issue
    from app.policy.standing import Caller
    from app.records.including import Found
    from app.records.office import Office
    from app.records.searching import Look
    from app.records.touching import Touched
    from app.storage.search import Query
    from app.storage.session import Link

    Pairs = list[tuple[str, str]]

INCLUDES = frozenset({"_include", "_revinclude", "_include:iterate", "_revinclude:iterate"})
SORTED = frozenset({"_lastUpdated", "_id"})
"""What every type can be sorted by."""
SHAPE = frozenset({"_type", "_cursor"})
READ_ELSEWHERE = frozenset({"_format", "_pretty"})
READABLE = ":/,$"
WIDTH = 3
"""Keys of a place: that of the order, the record, the id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search of several `types` by these pairs, in the compartment of the Patient `within` if one is named."""

    types: tuple[str, ...]
    pairs: Pairs
    strict: bool | None = None
    within: str = ""

    @property
    def cursor(self) -> str:
        """The page token, "" for the first page."""
        return next((value for name, value in self.pairs if name == "_cursor"), "")


class _Source:
    """One type of the search: its query, its record, and what was said of it with its first rows."""

    def __init__(self, query: Query, key: str | None) -> None:
        self.query = query
        self.key = key
        self.first: Look | None = None

    async def fetch(
        self, office: Office, link: Link, caller: Caller, after: Place | None, count: int
    ) -> list[Item[Found]]:
        if self.key is None:
            return []
        asked = replace(self.query, count=count, cursor="")
        looked = await searching.look(office, link, caller, _at(office, caller, asked, after), self.key)
        self.first = self.first or looked
        return [Item(place(self.query, one), one) for one in looked.matches]

    async def total(self, link: Link) -> int | None:
        """Matches of the type."""
        if self.key is None or self.first is None:
            return searching.nowhere(self.query).total
        return await self.first.total(link)


def place(query: Query, found: Found) -> Place:
    """Where a match stands among those of its type (`app.storage.search.order`)."""
    stored = found.stored
    key = stored.id if query.sort and query.sort[0].parameter.name == "_id" else stored.last_updated
    return key, found.record, stored.id


def _at(office: Office, caller: Caller, query: Query, after: Place | None) -> Query:
    """The query of the rows after a place, by a page token of its own."""
    if after is None:
        return query
    keys = after if DEFINITIONS[query.type].scope is Scope.RECORD else (after[0], after[2])
    return replace(query, cursor=search.seal(query, [None, *keys], secret=office.secret, subject=caller.access.subject))


async def find(office: Office, link: Link, caller: Caller, asked: Asked) -> tuple[Page, list[Touched]]:
    """The page that the caller may see, and what the trail says of each record touched."""
    async with bounded(office):
        return await _find(office, link, caller, asked)


async def _find(office: Office, link: Link, caller: Caller, asked: Asked) -> tuple[Page, list[Touched]]:
    queries = [whose.below(caller.access, _query(office, asked, kind)) for kind in asked.types]
    _check(asked, queries)
    said = _said(caller, asked)
    places = unpacked(await paging.opened(office, link, said, asked.cursor), WIDTH)
    sources = [_Source(query, await whose.named(link, caller, query)) for query in queries]
    count = min(query.count for query in queries)
    streams = [
        Stream(
            one.query.type,
            partial(one.fetch, office, link, caller.reaching(one.query.type, "s")),
            places.get(one.query.type),
            max(count, 1),
        )
        for one in sources
    ]
    matches, more = await _merged(streams, queries, count)
    included, cut = await _included(link, caller, sources, matches)
    page = Page(
        [one.stored for one in matches],
        [one.stored for one in included],
        await _total(link, sources),
        _self_query(asked, queries),
        await paging.closed(office, link, said, packed(streams)) if more and count else None,
        (*_remarks(sources, queries), *cut),
    )
    key, relation, ids = await _about(link, caller, sources)
    stands = await judged.by_ids(link, asked.types, key, ids) if ids and not (matches or included) else UNSAID
    return page, gathered(matches, included, key, relation, ids, stands)


async def _about(link: Link, caller: Caller, sources: list[_Source]) -> tuple[str, str, tuple[str, ...]]:
    """The record that the search is about, if it is about one: the relation to it, and the ids that alone led there."""
    asked = [one for one in sources if one.key and one.first and one.first.found.relation]
    keys = {one.key for one in asked}
    looked = next((one.first for one in asked if one.first), None)
    if looked is None or len(keys) > 1:
        return "", "", ()
    relation = looked.found.relation
    by_ids = [await whose.by_id(link, caller, one.query) for one in asked]
    ids = dict.fromkeys(name for names in by_ids for name in names) if all(by_ids) else ()
    return looked.ask.record, relation if relation in searching.PERMITTING else "", tuple(ids)


def _query(office: Office, asked: Asked, kind: str) -> Query:
    """The search of one type: what leads out of another type only is left to that."""
    definition = DEFINITIONS[kind]
    pairs = [(n, v) for n, v in asked.pairs if n not in SHAPE and (n not in INCLUDES or _leads(office, kind, n, v))]
    if asked.within:
        pairs.insert(0, (COMPARTMENT[kind], f"Patient/{asked.within}"))
    strict = asked.strict is not False  # what one type knows and another does not is for no type to ignore unasked
    return search.parse(definition, pairs, strict=strict, settings=office.settings)


def _leads(office: Office, kind: str, name: str, value: str) -> bool:
    try:
        search.parse(DEFINITIONS[kind], [(name, value)], strict=True, settings=office.settings)
    except Unsupported:
        return False
    return True


def _check(asked: Asked, queries: list[Query]) -> None:
    """Refuse an include that leads out of none of the types, and an order that they do not share."""
    for name, value in asked.pairs:
        if name in INCLUDES and value and not any(query.includes or query.revincludes for query in queries):
            raise Unsupported(f"`{name}` of `{value[:64]}` leads out of none of the types searched")
    for query in queries:
        if len(query.sort) > 1 or any(one.parameter.name not in SORTED for one in query.sort):
            raise Unsupported("a search of several types is sorted by `_lastUpdated` or `_id`")


def _said(caller: Caller, asked: Asked) -> list[str]:
    """What a page token is bound to."""
    pairs = [f"{name}={value}" for name, value in asked.pairs if name not in {"_cursor", *READ_ELSEWHERE}]
    return [caller.access.subject, "several", asked.within, *asked.types, "", *pairs]


async def _merged(streams: list[Stream[Found]], queries: list[Query], count: int) -> tuple[list[Found], bool]:
    sort = queries[0].sort
    return await merged(streams, count, descending=not sort or sort[0].descending)


async def _included(
    link: Link, caller: Caller, sources: list[_Source], matches: list[Found]
) -> tuple[list[Found], list[Issue]]:
    """What the matches of each type bring along, each once; and that there is more, if there is."""
    known = {one.name for one in matches}
    found: dict[str, Found] = {}
    cut: list[Issue] = []
    for one in sources:
        own = [match for match in matches if match.stored.type == one.query.type]
        if own and (one.query.includes or one.query.revincludes):
            including = Including(link, caller.reaching(one.query.type, "s"), one.key or "")
            for brought in await including.run(one.query, own):
                found.setdefault(brought.name, brought)
            cut = searching.cut(including) or cut
    return [one for name, one in found.items() if name not in known], cut


async def _total(link: Link, sources: list[_Source]) -> int | None:
    totals = [await one.total(link) for one in sources]
    return sum(one for one in totals if one is not None) if None not in totals else None


def _remarks(sources: list[_Source], queries: list[Query]) -> tuple[Issue, ...]:
    """What is to be said of the search, once: it is the same of each type."""
    told = [remark for one in sources if one.first for remark in one.first.remarks()]
    names = dict.fromkeys(name for query in queries for name in query.ignored)
    ignored = searching.ignored(tuple(names))
    return (*ignored, *dict.fromkeys(told))


def _self_query(asked: Asked, queries: list[Query]) -> str:
    """The parameters actually used, as they were sent."""
    ignored = {name for query in queries for name in query.ignored}
    used = [(n, v) for n, v in asked.pairs if v and n not in READ_ELSEWHERE and n[:64] not in ignored]
    return "&".join(f"{quote(name, safe=READABLE)}={quote(value, safe=READABLE)}" for name, value in used)
