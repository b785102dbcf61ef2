"""Twin worlds: two servers on two databases that differ only in what some callers may not see (policy.md section 8).

Both are made by the same steps with the same chance and the same clock; the fuller one gets some more. Then both are
asked the same in the same order, and every answer must be the same to the byte, `Date` and the request's id aside.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import shutil
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import asyncpg
import pytest

from app.auth import revocations
from app.resources import DEFINITIONS
from app.storage import entropy
from app.storage.keys import KeyStore
from tests.serving import keys_of, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Carnet, Tree

MORNING = datetime(2026, 6, 15, 8, tzinfo=UTC)
"""The first instant of both worlds."""
VOLATILE = frozenset({b"date", b"x-request-id"})
PATIENCE = 60.0
PATIENT = {"statement_timeout": 60_000, "request_timeout": 300_000}
"""A machine that is busy must not have one of the worlds alone give something up: seconds, and settings."""
DAY = 24 * 3600
SHOWN = 4000
"""Characters of a difference that are shown."""
IN_RECORDS = tuple(name for name, one in DEFINITIONS.items() if one.scope == "record")

_KEPT = [
    *(f'SELECT count(*), sum(hashtext(version_id)) FROM "{DEFINITIONS[name].table}" WHERE record = $1'
      for name in IN_RECORDS if name != "AuditEvent"),
    "SELECT count(*), sum(hashtext(version_id)) FROM version WHERE record = $1",
    "SELECT count(*), sum(hashtext(concat(source, kind, subject))) FROM relation WHERE record = $1",
    "SELECT policy_version, hashtext(status) FROM record WHERE id = $1",
]  # fmt: skip
KEPT = " UNION ALL ".join(_KEPT)
"""What a record holds, as numbers; not what is told, which reads leave as well."""


class Chance:
    """Bytes that depend on the step, their number and how many draws of that number the step made before.

    So what happens in one world alone shifts no name of what happens in both.
    """

    def __init__(self, seed: int) -> None:
        self._seed = str(seed).encode()
        self._drawn: Counter[int] = Counter()
        self._step = b""
        self._own: ContextVar[tuple[bytes, Counter[int]] | None] = ContextVar("own", default=None)

    def begin(self, step: str) -> None:
        """Enter a step: the same step draws the same in either world."""
        self._step = step.encode()
        self._drawn.clear()

    def apart(self, step: str) -> None:
        """Enter a step for this task alone, beside others that are under way."""
        self._own.set((step.encode(), Counter()))

    def take(self, size: int) -> bytes:
        """The next bytes of the step."""
        step, drawn = self._own.get() or (self._step, self._drawn)
        drawn[size] += 1
        name = b"|".join((step, str(size).encode(), str(drawn[size]).encode()))
        parts = [blake2b(name + bytes([part]), key=self._seed).digest() for part in range(size // 64 + 1)]
        return b"".join(parts)[:size]


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a grammar: `production` made it, `exits` are those of policy.md section 7 that it goes through."""

    production: str
    exits: tuple[int, ...]
    method: str
    path: str
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, method: str, path: str, body: Tree | list[Any] | None = None, **headers: str) -> Request:
        """A request outside of a grammar; a body goes out as FHIR JSON unless its type is said."""
        lines = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            lines.setdefault("content-type", "application/fhir+json")
        content = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
        return cls("", (), method, path, content, tuple(lines.items()))

    def __str__(self) -> str:
        lines = "".join(f"\n    {name}: {value}" for name, value in self.headers)
        content = f"\n    {self.content.decode('utf-8', 'replace')}" if self.content else ""
        return f"{self.method} /fhir/{unquote(self.path)}{lines}{content}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, less what is allowed to differ; `seconds` it took."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    seconds: float = field(compare=False)

    def header(self, name: bytes) -> str:
        """Value of a header, or ""."""
        return next((value.decode() for key, value in self.headers if key == name), "")

    def tree(self) -> Tree:
        """The body as JSON, {} where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def lines(self) -> list[str]:
        """Everything that may not differ, a line each."""
        body = json.dumps(self.tree(), indent=1, ensure_ascii=False) if self.tree() else repr(self.body)
        return [str(self.status), *[f"{k.decode()}: {v.decode()}" for k, v in self.headers], *body.splitlines()]


@dataclass(frozen=True, slots=True)
class Difference:
    """One request that was answered differently: a leak."""

    caller: str
    request: Request
    full: Answer
    lean: Answer

    def __str__(self) -> str:
        lines = difflib.unified_diff(self.lean.lines(), self.full.lines(), "without", "with", lineterm="", n=1)
        return f"{self.caller} ({self.request.production}) {self.request}\n" + "\n".join(lines)[:SHOWN]

    @property
    def weight(self) -> int:
        """How much there is to read: the shortest report is the one to begin with."""
        return len(str(self))


@dataclass
class Tally:
    """What a run asked: pairs by exit and production, which of them succeeded, times by exit and world, differences."""

    pairs: int = 0
    exits: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    times: dict[int, tuple[list[float], list[float]]] = field(default_factory=lambda: defaultdict(lambda: ([], [])))
    differences: list[Difference] = field(default_factory=list)

    def count(self, caller: str, request: Request, full: Answer, lean: Answer) -> None:
        """Add one pair."""
        self.pairs += 1
        self.exits.update(request.exits)
        self.asked[request.production] += 1
        self.done[request.production] += full.status < 400
        self.statuses[full.status] += 1
        for exit_ in request.exits:
            self.times[exit_][0].append(full.seconds)
            self.times[exit_][1].append(lean.seconds)
        if full != lean:
            self.differences.append(Difference(caller, request, full, lean))

    def report(self) -> str:
        """The differences, one of each production, the shortest first."""
        first: dict[str, Difference] = {}
        for one in sorted(self.differences, key=lambda one: one.weight):
            first.setdefault(one.request.production, one)
        head = f"{len(self.differences)} of {self.pairs} pairs differ"
        return "\n\n".join([head, *map(str, first.values())])


class Twins:
    """Both servers. `full` holds what `lean` does not."""

    def __init__(self, full: Carnet, lean: Carnet, clocks: tuple[asyncpg.Connection[Any], ...], chance: Chance) -> None:
        self.full = full
        self.lean = lean
        self.links = clocks
        self.now = MORNING
        self._chance = chance
        self._steps = 0
        self._headers: dict[str, bytes] = {}

    def introduce(self, name: str, claims: Tree) -> None:
        """Give somebody a token; both servers know the same one."""
        self._headers[name] = f"Bearer {self.full.token(claims, 30 * DAY)}".encode()

    async def move(self, seconds: float) -> None:
        """Move both clocks."""
        self.now += timedelta(seconds=seconds)
        body = "CREATE OR REPLACE FUNCTION carnet.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS"
        for link in self.links:
            await link.execute(f"{body} $$SELECT timestamptz '{self.now.isoformat()}'$$")

    async def ask(self, caller: str, request: Request) -> tuple[Answer, Answer]:
        """The same request to both, with the same chance: what the fuller and the leaner world answer."""
        self._steps += 1
        return await self._send(self.full, caller, request), await self._send(self.lean, caller, request)

    async def more(self, caller: str, request: Request) -> Answer:
        """A request to the fuller world alone."""
        self._steps += 1
        return await self._send(self.full, caller, request)

    async def varied(self, caller: str, full: Request, lean: Request) -> tuple[Answer, Answer]:
        """Two requests that make the same, but for what is not to be seen."""
        self._steps += 1
        return await self._send(self.full, caller, full), await self._send(self.lean, caller, lean)

    async def company(
        self, whole: Carnet, single: Carnet, asked: list[tuple[str, Request]]
    ) -> tuple[list[Answer], list[Answer]]:
        """The same requests at once in one world and one after the other in the other: what both answer to each."""
        self._steps += 1
        self._chance.begin(f"s{self._steps}")  # for what runs beside the requests

        async def ask(carnet: Carnet, number: int) -> Answer:
            step = f"s{self._steps}.{number}"
            self._chance.apart(step)
            return await self._call(carnet, *asked[number], step)

        together = await asyncio.gather(*[ask(whole, number) for number in range(len(asked))])
        return together, [await asyncio.create_task(ask(single, number)) for number in range(len(asked))]

    async def _send(self, carnet: Carnet, caller: str, request: Request) -> Answer:
        step = f"s{self._steps}"
        self._chance.begin(step)
        return await self._call(carnet, caller, request, step)

    async def _call(self, carnet: Carnet, caller: str, request: Request, step: str) -> Answer:
        path, _, query = request.path.partition("?")
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        scope = {
            "type": "http",
            "method": request.method,
            "path": f"/fhir/{unquote(path)}".rstrip("/"),
            "query_string": query.encode(),
            "headers": [(b"authorization", self._headers[caller]), (b"x-request-id", step.encode()), *headers],
            "client": ("192.0.2.1", 1),
        }
        started = perf_counter()
        sent = await call(carnet, scope, request.content)
        return Answer(*sent, perf_counter() - started)

    async def kept(self, record: str) -> list[list[object]]:
        """What each world keeps in a record, and how many contents in all: the same as before where nothing is kept."""
        found: list[list[object]] = []
        for link, carnet in zip(self.links, (self.full, self.lean), strict=True):
            rows = await link.fetch(KEPT, record)
            contents = sum(one.is_file() for one in (carnet.settings.data / "contents").rglob("*"))
            found.append([*[tuple(row.values()) for row in rows], contents])
        return found

    async def only(self, resource_type: str) -> list[tuple[str, str]]:
        """Record and id of what the fuller world alone has of a type."""
        table = DEFINITIONS[resource_type].table
        rows = [await link.fetch(f'SELECT record, id FROM "{table}"') for link in self.links]
        full, lean = ({(row["record"], row["id"]) for row in some} for some in rows)
        assert lean <= full, f"{resource_type}: the leaner world has what the fuller has not"
        return sorted(full - lean)

    async def only_versions(self) -> list[tuple[str, str, str]]:
        """Type, id and version id of the older versions that the fuller world alone has."""
        rows = [await link.fetch("SELECT type, id, version_id FROM version") for link in self.links]
        full, lean = ({tuple(row.values()) for row in some} for some in rows)
        return sorted(full - lean)


async def call(
    carnet: Carnet, scope: dict[str, Any], content: bytes
) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes]:
    """One request straight to the application: status, headers less the volatile ones, body."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await carnet.app(scope, receive, send)  # type: ignore[arg-type] # messages are plain dicts
    headers = tuple(line for line in sent[0]["headers"] if line[0] not in VOLATILE)
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


@asynccontextmanager
async def twins(
    urls: tuple[Urls, Urls],
    admins: tuple[str, str],
    folder: Path,
    seed: int,
    settings: tuple[dict[str, Any], dict[str, Any]] = ({}, {}),
) -> AsyncIterator[Twins]:
    """Two servers with the same keys on two empty databases; `admins` reach the databases as their superuser."""
    places = await _places(folder)
    chance = Chance(seed)
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(entropy, "_page", chance)
        patch.setattr(revocations, "PATIENCE", PATIENCE)
        clocks = [await asyncpg.connect(url) for url in admins]
        for link in clocks:
            stack.push_async_callback(link.close)
        chance.begin("start")
        full, lean = [
            await stack.enter_async_context(serving(one, place, **(PATIENT | more)))
            for one, place, more in zip(urls, places, settings, strict=True)
        ]
        for one in (full, lean):
            patch.setattr(one.app.state.server.trail, "_patience", PATIENCE)
        made = Twins(full, lean, tuple(clocks), chance)
        await made.move(0)
        yield made


async def _places(folder: Path) -> tuple[Path, Path]:
    """Data folders with the same signing key and the same key of page tokens."""
    full, lean = folder / "full", folder / "lean"
    full.mkdir(parents=True)
    keys_of(full)
    await KeyStore(full / "keys").get_or_create("pages")
    shutil.copytree(full, lean)
    return full, lean
