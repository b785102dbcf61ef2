"""What the tests of the HTTP surface stand on: the face of `Records` over a dict, without policy and database."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from app.auth.mint import mint, professional
from app.auth.token import Verifier
from app.errors import Gone, Issue, ManyMatches, NotFound, StaleVersion, Unavailable
from app.records.answer import Entry, Page, RequestFacts, Stored, Versions, Written
from app.rest.router import Fhir
from app.rest.server import Server
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.access import Access
    from app.auth.keys import SigningKeys
    from app.records import Copy, Several
    from app.records.patching import Patch
    from app.records.validating import Asked
    from app.resources.definition import Resource
    from app.storage.audit import Act

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
Pairs = list[tuple[str, str]]


@dataclass
class Shelf:
    """Versions of resources by (type, id), oldest first; `asked` is what the surface asked for."""

    versions: dict[tuple[str, str], list[Stored]] = field(default_factory=dict)
    raw: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    facts: RequestFacts | None = None
    fault: Exception | None = None

    def open(self, access: Access, facts: RequestFacts) -> Shelf:
        assert access.subject
        self.facts = facts
        if self.fault:
            raise self.fault
        return self

    def put(self, type: str, id: str, tree: Resource, method: str = "PUT") -> Stored:
        kept = self.versions.setdefault((type, id), [])
        version = f"v{len(kept) + 1}"
        whole = tree | {"id": id, "meta": {"versionId": version}}
        body = b"" if method == "DELETE" else json.dumps(whole, separators=(",", ":")).encode()
        kept.append(Stored(type, id, version, MOMENT, body, method))
        return kept[-1]

    def written(self, stored: Stored, status: int, *warnings: Issue) -> Written:
        place = f"{stored.type}/{stored.id}/_history/{stored.version_id}"
        shown = None if stored.method == "DELETE" else stored
        return Written(shown, status, place, stored.version_id, MOMENT, warnings)

    async def refused(self, act: Act) -> Act:
        return act

    async def read(self, type: str, id: str) -> Stored:
        kept = self.versions.get((type, id))
        if not kept:
            raise NotFound("the resource does not exist")
        if kept[-1].method == "DELETE":
            raise Gone("the resource was deleted")
        return kept[-1]

    async def vread(self, type: str, id: str, version_id: str) -> Stored:
        for stored in self.versions.get((type, id), []):
            if stored.version_id == version_id:
                return stored
        raise NotFound("the version does not exist")

    async def history(self, type: str, id: str, pairs: Pairs, types: tuple[str, ...] = ()) -> Versions:
        self.asked.append((pairs, types) if types else pairs)
        return Versions(self.versions[type, id][::-1])

    async def search_several(self, asked: Several) -> Page:
        self.asked.append(asked)
        return Page([], [], 0, "_type=Patient")

    async def everything(self, asked: Copy) -> Page:
        self.asked.append(asked)
        return Page([await self.read("Patient", asked.key)], [], None, "", "a b/c")

    async def meta(self, type: str, id: str, types: tuple[str, ...] = ()) -> Resource:
        self.asked.append((type, id, types))
        return {"resourceType": "Parameters"}

    async def search(self, type: str, pairs: Pairs, *, strict: bool | None, within: str = "") -> Page:
        self.asked.append((type, pairs, strict, within) if within else (type, pairs, strict))
        matches = [kept[-1] for (kind, _), kept in self.versions.items() if kind == type]
        included = [kept[-1] for (kind, _), kept in self.versions.items() if kind == "Practitioner"]
        remarks = tuple(Issue("informational", "ignored", severity="warning") for n, _ in pairs if n == "odd")
        return Page(matches, included, len(matches), "status=current&_cursor=old", "a b/c", remarks)

    async def create(self, type: str, tree: Resource, *, if_none_exist: str | None = None) -> Written:
        self.asked.append(if_none_exist)
        stored = self.put(type, f"new{len(self.versions)}", tree, "POST")
        return self.written(stored, 201, Issue("informational", "taken as it is", severity="warning"))

    async def update(self, type: str, id: str, tree: Resource, *, if_match: str | None) -> Written:
        current = await self.read(type, id)
        if if_match not in (None, current.version_id):
            raise StaleVersion("the resource has another version")
        return self.written(self.put(type, id, tree), 200)

    async def update_where(self, type: str, query: str, tree: Resource, *, if_match: str | None = None) -> Written:
        self.asked.append((query, if_match) if if_match else query)
        return await self.create(type, tree)

    async def patch(self, type: str, id: str, patch: Patch, *, if_match: str | None) -> Written:
        self.asked.append((patch.said, if_match))
        tree = patch(json.loads((await self.read(type, id)).body))
        return self.written(self.put(type, id, tree, "PATCH"), 200)

    async def patch_where(self, type: str, query: str, patch: Patch, *, if_match: str | None) -> Written:
        self.asked.append((type, query, patch.said, if_match))
        raise ManyMatches("several resources match")

    async def delete(self, type: str, id: str, *, if_match: str | None = None) -> Written:
        assert if_match in (None, (await self.read(type, id)).version_id)
        return self.written(self.put(type, id, {}, "DELETE"), 204)

    async def delete_where(self, type: str, query: str, *, if_match: str | None = None) -> Written:
        self.asked.append((type, query, if_match) if if_match else (type, query))
        return Written(None, 204)

    async def transaction(self, entries: list[Entry]) -> list[object]:
        self.asked.append(entries)
        return [await self.entry(entry) for entry in entries]

    async def entry(self, entry: Entry) -> object:
        type, _, id = entry.url.partition("?")[0].partition("/")
        if entry.ask is not None:
            return await entry.ask(self)
        if entry.patch is not None:
            return await self.patch(type, id, entry.patch, if_match=entry.if_match)
        return await self.create(type, entry.tree or {})

    async def operation(self, name: str, type: str, id: str, parameters: Resource | None) -> Resource:
        self.asked.append((name, type, id, parameters))
        return {"resourceType": "Parameters", "parameter": [{"name": "status", "valueCode": "open"}]}

    async def validate(self, type: str, id: str, asked: Asked) -> list[Issue]:
        self.asked.append((type, id, asked))
        return []

    async def deposit_binary(self, content_type: str, chunks: AsyncIterator[bytes], security_context: str) -> Written:
        self.asked.append(security_context)
        data = b"".join([chunk async for chunk in chunks])
        stored = self.put("Binary", f"raw{len(self.raw)}", {"resourceType": "Binary", "contentType": content_type})
        self.raw[stored.id] = (content_type, data)
        return self.written(stored, 201)

    async def content(self, id: str) -> tuple[str, int, AsyncIterator[bytes], Stored]:
        stored = await self.read("Binary", id)
        kind, data = self.raw[id]
        return kind, len(data), self.pieces(data), stored

    async def pieces(self, data: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(data), 4):
            yield data[start : start + 4]


@dataclass
class Journal:
    """The trail in memory; `broken` as when it cannot be durable."""

    acts: list[Act] = field(default_factory=list)
    broken: bool = False

    async def durable(self, *acts: Act) -> None:
        if self.broken:
            raise Unavailable("the trail cannot be written")
        self.acts += acts

    def enter(self) -> None:
        """Nobody waits here for company."""

    def leave(self) -> None:
        """The same."""


@dataclass
class Site:
    """One FHIR surface with its shelf, its journal and a client that carries a professional's token."""

    server: Server
    fhir: Fhir
    shelf: Shelf
    journal: Journal
    client: httpx.AsyncClient
    keys: SigningKeys

    def token(self, scope: str) -> dict[str, str]:
        """Authorization header with a narrower scope."""
        claims = professional("899700218896") | {"scope": scope}
        return {"Authorization": f"Bearer {mint(self.keys, self.server.settings, claims)}"}


@asynccontextmanager
async def opened(
    folder: Path, keys: SigningKeys, *, body_limit: int = 8192, binary_limit: int = 8192, bundle_limit: int = 5
) -> AsyncIterator[Site]:
    """A site with small limits."""
    settings = Settings(
        data=folder,
        base_url="https://carnet.test",
        body_limit=body_limit,
        binary_limit=binary_limit,
        bundle_limit=bundle_limit,
    )
    shelf, journal = Shelf(), Journal()

    async def missing() -> tuple[str, ...]:
        return ("trail",) if journal.broken else ()

    server = Server(settings, Verifier(settings, keys), shelf, journal, missing)
    fhir = Fhir(server)
    header = {"Authorization": f"Bearer {mint(keys, settings, professional('899700218896'))}"}
    transport = httpx.ASGITransport(app=fhir)
    async with httpx.AsyncClient(transport=transport, base_url="https://carnet.test/fhir/", headers=header) as client:
        yield Site(server, fhir, shelf, journal, client, keys)
