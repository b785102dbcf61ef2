"""Runs: every caller of the twin worlds asks his part of the grammar, and reads his own journal at the end."""

from __future__ import annotations

import secrets
from collections import Counter
from contextlib import asynccontextmanager
from random import Random
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.storage.embedded import OWNER, SERVE, Urls
from tests import grammar_refused, grammar_writes
from tests.grammar import DIRECTORY, PRODUCTIONS, Sight, drawn
from tests.grammar_searches import Shape, search, shapes
from tests.twin_beside import MARKS, deeds
from tests.twin_people import ROLES, Role
from tests.twin_worlds import Worlds, built
from tests.twins import IN_RECORDS, Request, Tally, twins

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.conftest import Cluster

SEARCHES = 0.45
"""Share of the requests that are searches of the drawn shapes."""
JOURNALS = ("adult", "minor", "family")
"""Records whose whole journal a caller reads: nobody else who reads one asks there about what he may not know."""
PAGES = 40
STOLEN = 15
LAG = 600.0
"""Seconds that a standby may lag: so long that only what the primary says counts."""
BY_ITSELF = 27
"""The exit that every pair goes through: how long it takes."""
WRITES = grammar_writes.MASTERS
"""Numbers of the papers that the writing part of the grammar, imported here to be part of it, deposits again."""
EACH = 1
"""Times that each deed is done beside who reads a journal."""
WHOLE = grammar_refused.refused_transaction.__name__
"""The production of which nothing may be kept."""


@asynccontextmanager
async def opened(
    cluster: Cluster, template: str, folder: Path, seed: int, standby: Callable[[str], str] | None = None
) -> AsyncIterator[Worlds]:
    """Both worlds on two fresh databases, dropped at the end; `standby` says where a database's replica is."""
    names = [f"twin_{secrets.token_hex(6)}" for _ in range(2)]
    try:
        for name in names:
            cluster.make(name, template)
        full, lean = (Urls(cluster.url(OWNER, name), cluster.url(SERVE, name)) for name in names)
        admins = [urlsplit(cluster.admin)._replace(path=f"/{name}").geturl() for name in names]
        more = [{"replica_url": standby(name), "replica_lag": LAG} if standby else {} for name in names]
        async with twins((full, lean), (admins[0], admins[1]), folder, seed, (more[0], more[1])) as made:
            yield await built(made)
    finally:
        for name in names:
            cluster.drop(name)


class Run:
    """One run over both worlds."""

    def __init__(self, made: Worlds, seed: int, *, most: int = 0) -> None:
        """Draw the shapes of the searches, at most so many; 0: each of them."""
        self.made = made
        self.tally = Tally()
        self._draw = Random(seed)
        self._pool = shapes(self._draw)
        self._draw.shuffle(self._pool)
        self._pool = self._pool[: most or None]
        self._place = 0
        self._stolen: list[str] = []
        self.deeds: Counter[bool] = Counter()
        """what others did beside: those that were refused, and those that were not"""

    async def all(self, pairs: int) -> Tally:
        """So many pairs, shared among the callers."""
        for number, role in enumerate(ROLES):
            if number == len(ROLES) // 2:
                await self.made.twins.move(1)  # not more often: every statement is planned anew
            await self.role(role, -(-pairs // len(ROLES)))
        for kind in IN_RECORDS:
            if kind != "AuditEvent":  # who asks for an unknown record is filed under it where it is there
                await self.made.twins.only(kind)
        return self.tally

    async def role(self, role: Role, pairs: int) -> None:
        """The part of one caller."""
        sight = self.sight(role)
        for request in _first(sight):
            await self.pair(sight, request)
        for _ in range(pairs):
            searching = self._draw.random() < SEARCHES
            await self.pair(sight, self._search(sight) if searching else drawn(sight))
        if role.record in MARKS:
            await self.beside(sight)
        await self.journal(sight)
        self._stolen += sight.pages[-STOLEN:]

    async def beside(self, sight: Sight, each: int = EACH) -> None:
        """What others do, in the fuller world alone, about what is kept from him: nothing of it is in his journal."""
        path = f"AuditEvent?patient={sight.record}&_count=5&_total=accurate"
        for by, made, doer in deeds(sight, each):
            request, before = made(doer), await self.made.twins.kept(sight.record)
            answer = await self.made.twins.more(by, request)
            self.deeds[answer.status < 400] += 1
            assert await self.made.twins.kept(sight.record) == before, f"{by}: {request}"
            await self.pair(sight, Request(f"after {by}: {request}"[:300], (22,), "GET", path))

    async def pair(self, sight: Sight, request: Request) -> None:
        """Ask both, compare, learn."""
        whole = request.production == WHOLE
        before = await self.made.twins.kept(sight.record) if whole else []
        full, lean = await self.made.twins.ask(sight.role.name, request)
        if whole and full.status >= 400:
            assert await self.made.twins.kept(sight.record) == before, request
        self.tally.count(sight.role.name, request, full, lean)
        if full == lean:
            sight.learn(request, full)

    def _search(self, sight: Sight) -> Request:
        shape = self._pool[self._place % len(self._pool)]
        self._place += 1
        made = search(sight, shape)
        return Request(_name(shape), shape.exits, made.method, made.path, made.content, made.headers)

    async def journal(self, sight: Sight) -> None:
        """His own journal, to its end (policy.md section 7, exit 22)."""
        path = f"AuditEvent?patient={sight.record}&_count=50&_total=accurate"
        for _ in range(PAGES):
            sight.pages.clear()
            await self.pair(sight, Request("own_journal", (1, 2, 22), "GET", path))
            if not sight.pages:
                return
            path = sight.pages[0]

    def sight(self, role: Role) -> Sight:
        """What a caller may ask about."""
        made = self.made
        own = made.records[role.record]
        others = [made.records[name] for name in made.records if not (role.journal and name in JOURNALS)]
        if not role.looks_up:
            others += made.unknown
        hidden: dict[str, list[str]] = {}
        for key in (*others, "", own, own, own):
            for kind, names in made.hidden.get(key, {}).items():
                hidden[kind] = [*hidden.get(kind, []), *names]
        settings = made.twins.full.settings
        return Sight(
            role=role,
            record=own,
            base=settings.fhir_base,
            codes=settings.codesystem_base,
            draw=Random(self._draw.random()),
            hidden=hidden,
            records=[*others, own, "a" * len(own)],
            stolen=list(self._stolen),
            related=made.related.get(role.record, "") if role.name == "representative" else "",
        )


def _name(shape: Shape) -> str:
    said = [one.name for one in shape.asked] or ["=".join(one) for one in shape.more]
    return f"{shape.type}?{'&'.join(said)}"


def _first(sight: Sight) -> Iterator[Request]:
    """Everything of his record, page by page, and of all records."""
    for kind in IN_RECORDS:
        if kind == "Binary":
            continue
        within = "_id" if kind == "Patient" else "patient"
        for path in (f"{kind}?{within}={sight.record}&_count=20", f"{kind}?_count=5&_total=accurate"):
            yield Request("everything", (1, 2), "GET", path)
    for kind in DIRECTORY:
        yield Request("directory", (28,), "GET", f"{kind}?_count=50")


def refused(tally: Tally) -> list[str]:
    """Productions that got nothing but errors."""
    return sorted(name for name, asked in tally.asked.items() if asked and not tally.done[name])


def untouched(tally: Tally) -> list[int]:
    """Exits of policy.md section 7 that no pair went through."""
    return [number for number in range(1, 29) if not tally.exits[number] and number != BY_ITSELF]


def ratios(tally: Tally) -> dict[int, float]:
    """How much longer the fuller world takes than the leaner one, or the other way round: medians, by exit."""
    found = {}
    for number, (full, lean) in tally.times.items():
        one, other = median(full), median(lean)
        found[number] = max(one / other, other / one)
    return found


def silent(tally: Tally) -> list[str]:
    """Productions that were never asked."""
    return sorted(one.name for one in PRODUCTIONS if not tally.asked[one.name])
