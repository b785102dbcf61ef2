"""What one worker is made of, as the FHIR surface sees it. Built in the lifespan and handed down."""

from __future__ import annotations

from asyncio import Semaphore
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from app.rest.metrics import Metrics
from app.rest.pace import Pace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import ASGIApp

    from app.access import Access
    from app.auth.server.office import Authority
    from app.errors import Issue
    from app.records.answer import Entry, Page, RequestFacts, Stored, Versions, Written
    from app.records.patching import Patch
    from app.records.several import Asked as Several
    from app.records.validating import Asked
    from app.records.whole import Asked as Copy
    from app.resources.definition import Resource
    from app.settings import Settings
    from app.storage.audit import Act

BUNDLES = 8
"""Bundles that a worker takes apart at once. One that waits is the bytes it came in: a twentieth of what it becomes."""


class Verifier(Protocol):
    """Turns an Authorization header into an Access, or raises Unauthenticated (`app.auth.token`)."""

    def verify(
        self, authorization: str | None, now: float | None = None, certificate: Callable[[], str] = ...
    ) -> Access:
        """Caller of a request; `certificate` gives the thumbprint of the one that its client has shown."""


class Records(Protocol):
    """The one door to clinical rows, opened for one Access (`app.records`). Every method judges and keeps the trail."""

    async def refused(self, act: Act) -> Act:
        """Return the act of a refusal as the trail keeps it."""

    async def read(self, type: str, id: str) -> Stored:
        """Return the current version."""

    async def vread(self, type: str, id: str, version_id: str) -> Stored:
        """Return one version."""

    async def history(self, type: str, id: str, pairs: list[tuple[str, str]], types: tuple[str, ...] = ()) -> Versions:
        """Return versions, newest first: of one resource, of a type, or of several."""

    async def search(self, type: str, pairs: list[tuple[str, str]], *, strict: bool | None, within: str = "") -> Page:
        """Return one page of matches, in a compartment if `within` names one."""

    async def search_several(self, asked: Several) -> Page:
        """Return one page of matches among several types."""

    async def everything(self, asked: Copy) -> Page:
        """Return one page of a record."""

    async def meta(self, type: str, id: str, types: tuple[str, ...] = ()) -> Resource:
        """Return the Meta of one resource, or what those of types hold together."""

    async def create(self, type: str, tree: Resource, *, if_none_exist: str | None = None) -> Written:
        """Keep a new resource."""

    async def update(self, type: str, id: str, tree: Resource, *, if_match: str | None) -> Written:
        """Keep a new version."""

    async def update_where(self, type: str, query: str, tree: Resource, *, if_match: str | None = None) -> Written:
        """Keep a new version of the one match, or a new resource."""

    async def patch(self, type: str, id: str, patch: Patch, *, if_match: str | None) -> Written:
        """Keep what a patch makes of a resource."""

    async def patch_where(self, type: str, query: str, patch: Patch, *, if_match: str | None) -> Written:
        """The same of the one match."""

    async def delete(self, type: str, id: str, *, if_match: str | None = None) -> Written:
        """Delete a resource."""

    async def delete_where(self, type: str, query: str, *, if_match: str | None = None) -> Written:
        """Delete the one match."""

    async def transaction(self, entries: list[Entry]) -> list[object]:
        """Do all entries or none; answers, Written or what a question gave, are in the order of the entries."""

    async def operation(self, name: str, type: str, id: str, parameters: Resource | None) -> Resource:
        """Do an operation, named without its `$`, on one instance."""

    async def validate(self, type: str, id: str, asked: Asked) -> list[Issue]:
        """Return what stands against a resource, or against what stands there; nothing is written."""

    async def deposit_binary(self, content_type: str, chunks: AsyncIterator[bytes], security_context: str) -> Written:
        """Keep raw bytes."""

    async def content(self, id: str) -> tuple[str, int, AsyncIterator[bytes], Stored]:
        """Return media type, size and bytes of a raw resource, and its version."""


class Door(Protocol):
    """Opens `Records` for a caller."""

    def open(self, access: Access, facts: RequestFacts) -> Records:
        """Records as this caller may see and change them."""


class Trail(Protocol):
    """The durable audit log (`app.storage.audit`)."""

    def enter(self) -> None:
        """A request is under way, which may bring acts."""

    def leave(self) -> None:
        """It is answered."""

    async def durable(self, *acts: Act) -> None:
        """Return when these acts are on disk; Unavailable when they are not."""


@dataclass(frozen=True, slots=True)
class Server:
    """Everything that a request needs. `missing` names the parts that do not answer; `authority` is of other pages.

    `exhausted` is told when there is no memory left; `around` is put around the surface that answers. `bundles` lets in
    as many of them as are taken apart at once.
    """

    settings: Settings
    verifier: Verifier
    door: Door
    trail: Trail
    missing: Callable[[], Awaitable[tuple[str, ...]]]
    metrics: Metrics = field(default_factory=Metrics)
    authority: Authority | None = None
    exhausted: Callable[[], None] = lambda: None
    pace: Pace = field(default_factory=lambda: Pace(0, 1))
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app
    bundles: Semaphore = field(default_factory=lambda: Semaphore(BUNDLES))
