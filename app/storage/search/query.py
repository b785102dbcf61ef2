"""A search, read from the pairs of its query string (search.html; api.md sections 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.errors import BadValue, TooCostly, Unsupported
from app.storage.search import result
from app.storage.search.piece import clean
from app.storage.search.result import Include, Sort, Summary, Total
from app.storage.search.term import NAME_SHOWN, Term, Unknown, links, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.definition import Definition
    from app.settings import Settings

CURSOR = "_cursor"
SILENT = frozenset({"_format", "_pretty"})
"""Read elsewhere."""
REFUSED = frozenset({"_contained", "_containedType", "_content", "_filter", "_list", "_query", "_text"})
"""Never ignored: who sends one counts on it."""
TOLERANT = frozenset({"DocumentReference", "List"})
"""Types whose unknown parameters are named in the answer and not refused (ITI-66, ITI-67)."""
NOT_CONTAINED = ("_contained", "false")
"""What is done anyway: no contained resource is found by itself."""
INCLUDES = frozenset({"_include", "_revinclude"})
SINGLE = frozenset({"_count", "_summary", "_total", "_elements", "_sort", CURSOR})
MOST_TERMS = 40
MOST_BRANCHES = 12
READABLE = ":/,$"


@dataclass(frozen=True, slots=True)
class Query:
    """One search of one type.

    `terms` must all hold. `count` is the size of a page, 0 for a bare total. `ignored` names the parameters that had no
    effect. An empty `sort` is the newest first.
    """

    type: str
    terms: tuple[Term, ...] = ()
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 20
    summary: Summary = Summary.FALSE
    elements: tuple[str, ...] = ()
    total: Total = Total.UNSAID
    cursor: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What the pairs have said so far."""

    definition: Definition
    settings: Settings
    tolerant: bool
    terms: list[Term] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    revincludes: list[Include] = field(default_factory=list)
    single: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def take(self, name: str, value: str) -> None:
        """One pair of the query string."""
        clean(name, value)
        code, _, modifier = name.partition(":")
        if code in REFUSED and (name, value) != NOT_CONTAINED:
            raise Unsupported(f"parameter `{code}` is not supported")
        if code in INCLUDES:
            self._include(code, modifier, value)
        elif code in SINGLE:
            self._single(code, modifier, value)
        elif name not in SILENT and code not in REFUSED:
            self._term(name, value)

    def _include(self, code: str, modifier: str, value: str) -> None:
        if modifier not in {"", "iterate"}:
            raise Unsupported(f"modifier `:{modifier}` of `{code}` is not supported")
        if value:
            asked, read_include = (
                (self.includes, result.include) if code == "_include" else (self.revincludes, result.revinclude)
            )
            asked.append(read_include(self.definition, value, iterate=bool(modifier)))

    def _single(self, code: str, modifier: str, value: str) -> None:
        if modifier:
            raise Unsupported(f"modifier `:{modifier}` of `{code}` is not supported")
        if code in self.single:
            raise BadValue(f"`{code}` is given more than once")
        if value:
            self.single[code] = value

    def _term(self, name: str, value: str) -> None:
        try:
            term = read(self.definition, name, value, self.settings.fhir_base)
        except Unknown:
            if not self.tolerant:
                raise
            self.ignored.append(name[:NAME_SHOWN])
        else:
            self.terms += [term] if term else []

    def query(self) -> Query:
        """The search that they say together."""
        if len(self.terms) > MOST_TERMS or len(self.includes) + len(self.revincludes) > MOST_TERMS:
            raise TooCostly(f"a search has at most {MOST_TERMS} parameters")
        if sum(links(term.test) for term in self.terms) > MOST_BRANCHES:
            raise TooCostly(
                f"the chains of a search look at more than {MOST_BRANCHES} types: name those that are meant"
            )
        said = self.single
        return _settled(
            Query(
                type=self.definition.type,
                terms=tuple(self.terms),
                includes=tuple(self.includes),
                revincludes=tuple(self.revincludes),
                sort=result.sort(self.definition, said.get("_sort", "")),
                count=self._count(),
                summary=result.summary(said.get("_summary", "false")),
                elements=result.elements(said.get("_elements", "")),
                total=result.total(said["_total"]) if "_total" in said else Total.UNSAID,
                cursor=said.get(CURSOR, ""),
                ignored=tuple(dict.fromkeys(self.ignored)),
            )
        )

    def _count(self) -> int:
        if "_count" in self.single:
            return result.count(self.single["_count"], self.settings.page_limit)
        return min(self.settings.page_size, self.settings.page_limit)


def _settled(query: Query) -> Query:
    """`_count=0` and `_summary=count` are the same; `_summary=text` includes nothing (search.html 3.1.1.6.7)."""
    if query.summary is Summary.TEXT and (query.includes or query.revincludes):
        raise BadValue("`_summary=text` cannot be combined with `_include` or `_revinclude`")
    if query.count == 0 or query.summary is Summary.COUNT:
        return replace(query, count=0, summary=Summary.COUNT)
    return query


def parse(
    definition: Definition, pairs: Iterable[tuple[str, str]], *, strict: bool | None, settings: Settings
) -> Query:
    """Read a search of one type from decoded names and values, in their order.

    `strict` is the caller's `Prefer: handling`: True refuses unknown parameters, False ignores and names them, None
    does as the type does (api.md section 2).

    Raises:
        Unsupported: an unknown parameter, where it is not ignored; a modifier, chain, include or sort key not served.
        BadValue: a value that its type does not allow, or a parameter given twice that may be given once.
        TooCostly: more than 40 parameters, 100 values of one, or three references in a chain.
    """
    tolerant = definition.type in TOLERANT if strict is None else not strict
    reading = _Reading(definition, settings, tolerant)
    for name, value in pairs:
        reading.take(name, value)
    return reading.query()


def self_query(query: Query) -> str:
    """The parameters actually used, URL-encoded, as a self link shows them (search.html section 3.1.1.3.1)."""
    return "&".join(f"{quote(name, safe=READABLE)}={quote(value, safe=READABLE)}" for name, value in _used(query))


def next_query(query: Query, cursor: str) -> str:
    """The same for the page that begins after a cursor."""
    return self_query(replace(query, cursor=cursor))


def _used(query: Query) -> Iterable[tuple[str, str]]:
    yield from ((term.name, term.value) for term in query.terms)
    for name, includes in (("_include", query.includes), ("_revinclude", query.revincludes)):
        yield from ((f"{name}:iterate" if each.iterate else name, str(each)) for each in includes)
    shaping = {
        "_sort": ",".join(map(str, query.sort)),
        "_summary": "" if query.summary is Summary.FALSE else str(query.summary),
        "_elements": ",".join(query.elements),
        "_total": str(query.total),
        "_count": str(query.count) if query.count else "",
        CURSOR: query.cursor,
    }
    yield from ((name, value) for name, value in shaping.items() if value)
