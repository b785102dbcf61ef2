"""What goes through the one door: facts of the request going in, versions, writes and pages coming out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from app.storage.audit import Circumstances as RequestFacts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from app.errors import Issue
    from app.records.patching import Patch
    from app.resources.definition import Resource

__all__ = ["Entry", "Page", "RequestFacts", "Stored", "Versions", "Written"]


class Stored(NamedTuple):
    """One version of one resource, as it leaves.

    `body` already holds id and meta; it is empty for a deletion. `method` says how the version came (POST, PUT, PATCH
    or DELETE).
    """

    type: str
    id: str
    version_id: str
    last_updated: datetime
    body: bytes
    method: str = "PUT"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did.

    `stored` is None after a deletion, and where the caller may write but not read. `status` is 200, 201 or 204,
    `location` is `Type/id/_history/version`. `filtered` says that the row may hold references which the caller may not
    see.
    """

    stored: Stored | None
    status: int
    location: str = ""
    version_id: str = ""
    last_updated: datetime | None = None
    warnings: tuple[Issue, ...] = ()
    filtered: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """The answer of a search.

    `self_query` holds the parameters actually used, url-encoded. `outcome` is shown in one entry whose
    `search.mode` is `outcome`; its issues are warnings or information.
    """

    matches: list[Stored]
    included: list[Stored]
    total: int | None
    self_query: str
    next_cursor: str | None = None
    outcome: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """A page of a history, the newest first. `total` counts all pages, and is None where that would cost."""

    found: list[Stored]
    total: int | None = None
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a transaction.

    `url` is relative to the FHIR base. `ask` puts the question of a GET to the records as they are after the writes;
    what it gives is the answer. `patch` is that of a PATCH. `if_match` is a version id. `shown`
    says that what is written goes into the answer.
    """

    method: str
    url: str
    tree: Resource | None = None
    full_url: str = ""
    if_match: str | None = None
    if_none_exist: str | None = None
    patch: Patch | None = None
    ask: Callable[[Any], Awaitable[object]] | None = None  # of a `Records`, as the surface knows them by its own face
    shown: bool = False
