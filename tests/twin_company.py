"""Company in the twin worlds: many callers ask at once in one of them, and one after the other in the other.

Every answer must be the same to the byte: what somebody may not see changes nothing, and neither does who asks beside
him. In turns it is the fuller world and the leaner one that is asked at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.storage import pipeline
from tests.grammar import PRODUCTIONS
from tests.grammar_searches import search
from tests.twin_people import PROFESSIONALS, ROLES, paper
from tests.twin_runs import SEARCHES, Run
from tests.twins import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from app.storage.pipeline import Waiting
    from app.storage.statement import Connected
    from tests.grammar import Sight
    from tests.twin_people import Role
    from tests.twin_worlds import Worlds

MOST = 16
"""Callers of a group."""
DRAWN = 40
"""Times a request is drawn again that does not only read, before its caller stays away."""
DEPOSITS = 9
"""Groups after which all deposit."""
DEPOSITORS = [role.name for role in ROLES if role.name in PROFESSIONALS or role.name in {"software", "insurer"}]


class Company(Run):
    """One run over both worlds, in groups; `alone` and `shared` are the statements that went alone and together."""

    def __init__(self, made: Worlds, seed: int, patch: pytest.MonkeyPatch, *, most: int = 0) -> None:
        super().__init__(made, seed, most=most)
        self._sights = {role.name: self.sight(role) for role in ROLES}
        self._turn = 0
        self.alone = self.shared = 0
        inner = pipeline._at_once  # noqa: SLF001

        async def counted(link: Connected, text: str, batch: list[Waiting]) -> bool:
            self.alone += len(batch) == 1
            self.shared += len(batch) if len(batch) > 1 else 0
            return await inner(link, text, batch)

        patch.setattr(pipeline, "_at_once", counted)
        for one in (made.twins.full, made.twins.lean):  # one exchange at a time: the others gather meanwhile
            patch.setattr(one.app.state.server.door._office.database.pipeline, "_free", 1)  # noqa: SLF001

    async def plain(self) -> None:
        """What goes together: reads by id, searches in a record, deposits."""
        for turn, ask in enumerate(PLAIN):
            await self.group([(role.name, ask(self._sights[role.name])) for role in self._some()])
            if turn % 2:
                await self._deposits(turn)

    async def groups(self, number: int) -> None:
        """So many groups that read anything, and deposits between them."""
        for turn in range(number):
            if turn % DEPOSITS == 0:
                await self._deposits(len(PLAIN) + turn)
            await self.group(self._read())

    async def group(self, asked: list[tuple[str, Request]]) -> None:
        """Ask both worlds, compare, learn. Of the trail nothing: it tells in which order all was asked."""
        twins = self.made.twins
        self._turn += 1
        worlds = (twins.full, twins.lean) if self._turn % 2 else (twins.lean, twins.full)
        pairs = zip(asked, *await twins.company(*worlds, asked), strict=True)
        for (caller, request), together, single in pairs:
            full, lean = (together, single) if self._turn % 2 else (single, together)
            if ACT in full.body and ACT in lean.body:
                continue
            self.tally.count(caller, request, full, lean)
            if full == lean:
                self._sights[caller].learn(request, full)

    async def _deposits(self, turn: int) -> None:
        """Documents of one sort, each for his own record, so that what keeps them goes together."""
        await self.group(
            [
                (name, Request.of("POST", "DocumentReference", paper(self._sights[name].record, 2_000 + 300 * turn)))
                for name in DEPOSITORS
            ]
        )

    def _some(self) -> list[Role]:
        return self._draw.sample(ROLES, MOST)

    def _read(self) -> list[tuple[str, Request]]:
        """One question by many callers, each about his own: so that their statements go together."""
        searching = self._draw.random() < SEARCHES
        shape, one = self._draw.choice(self._pool), self._draw.choice(READING)

        def ask(role: Role) -> Request | None:
            sight = self._sights[role.name]
            made = (search(sight, shape) if searching else one.of(sight) for _ in range(DRAWN))
            return next(filter(reads, made), None)

        drawn = [(role.name, ask(role)) for role in self._some() if searching or one.when(role)]
        return [(name, made) for name, made in drawn if made is not None]


ACT = b'"resourceType":"AuditEvent"'
READING = [one for one in PRODUCTIONS if 22 not in one.exits]


def reads(request: Request) -> bool:
    """Whether a request changes nothing and does not ask about the trail."""
    safe = request.method in {"GET", "HEAD"} or request.path.endswith("/_search")
    return safe and "AuditEvent" not in request.path and "/*" not in request.path


def _of(path: str) -> Callable[[Sight], Request]:
    """A question about his record, and about one of what he sees, what is kept from him and what is nowhere."""

    def ask(sight: Sight) -> Request:
        kind = path.partition("/")[0]
        return Request.of("GET", path.format(one=sight.any(kind), record=sight.subject()))

    return ask


PLAIN = [_of("DocumentReference?patient={record}"), _of("DocumentReference/{one}"), _of("Binary/{one}")]
