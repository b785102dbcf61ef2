"""`carnet load`: resources of files, entered through the API as one caller, and the directory as the operator.

Files are Bundles or single resources (`.json`) and NDJSON (`.ndjson`, `.jsonl`). A transaction or batch Bundle stays
one request; every other Bundle falls into its resources. The ids of a file are not the server's: whatever refers to an
entered resource is rewritten to the server's id, so what is referred to is entered first. What is refused is counted
with its reason; nothing of a resource's content is ever printed.
"""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import httpx

from app.auth import mint
from app.auth.keys import SigningKeys
from app.errors import Refusal
from app.main import create_app
from app.operator import at_the_door
from app.resources.validation import dump, parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from pathlib import Path

    from app.records import Records
    from app.resources.definition import Resource
    from app.settings import Settings

LINES = {".ndjson", ".jsonl"}
SUFFIXES = {".json"} | LINES
DIRECTORY = ("Organization", "Practitioner", "PractitionerRole")
ORDER = (*DIRECTORY, "Patient", "Consent", "RelatedPerson", "CareTeam", "Binary", "DocumentReference", "List")
"""Types in the order in which they are entered, where no reference says otherwise; the others come last."""
ATOMIC = {"transaction", "batch"}
FHIR_JSON = "application/fhir+json"
TTL = 24 * 3600


class Fate(NamedTuple):
    """What became of a resource: its type, status of the answer, and for a refusal its reason and FHIRPath."""

    type: str
    status: int
    reason: str = ""
    expression: str = ""

    @property
    def refused(self) -> bool:
        """Whether it was not taken."""
        return self.status >= HTTPStatus.BAD_REQUEST


@dataclass
class Unit:
    """What is entered by one request: a resource, or a transaction or batch. `names` are what a file calls it."""

    tree: Resource
    names: set[str] = field(default_factory=set)

    @property
    def rank(self) -> int:
        """Place of its type in `ORDER`."""
        kind = self.tree["resourceType"]
        return ORDER.index(kind) if kind in ORDER else len(ORDER)


@dataclass
class Lot:
    """What was read of all files, in the order of entry; `broken` are the fates of what could not be read."""

    units: list[Unit] = field(default_factory=list)
    broken: list[Fate] = field(default_factory=list)


def read(paths: Iterable[Path]) -> Lot:
    """Read files and folders, and put what refers after what it refers to."""
    lot = Lot()
    for path in _files(paths):
        data = path.read_bytes()
        for text in data.splitlines() if path.suffix in LINES else [data]:
            if text.strip():
                _take(lot, text)
    lot.units = list(_ordered(lot.units))
    return lot


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES and one.is_file())
        else:
            yield path


def _take(lot: Lot, text: bytes) -> None:
    try:
        tree = parse(text)
    except Refusal as refusal:
        lot.broken.append(_fate("(unread)", refusal))
        return
    if not isinstance(tree.get("resourceType"), str):
        lot.broken.append(Fate("(unread)", HTTPStatus.BAD_REQUEST, "structure"))
    elif tree["resourceType"] != "Bundle":
        lot.units.append(_single(tree))
    elif tree.get("type") in ATOMIC:
        lot.units.extend(_atomic(tree))
    else:
        lot.units.extend(_single(one["resource"], one.get("fullUrl", "")) for one in _entries(tree))


def _entries(bundle: Resource) -> list[Any]:
    """The entries that hold a resource."""
    found = bundle.get("entry", [])
    whole = [one for one in found if isinstance(one, dict) and isinstance(one.get("resource"), dict)]
    return [one for one in whole if isinstance(one["resource"].get("resourceType"), str)]


def _single(tree: Resource, url: str = "") -> Unit:
    return Unit(tree, _names(tree, url))


def _names(tree: Resource, url: str) -> set[str]:
    own = f"{tree['resourceType']}/{tree['id']}" if tree.get("id") else ""
    return {name for name in (url, own) if name}


def _atomic(bundle: Resource) -> Iterator[Unit]:
    """A transaction or batch without its directory resources, which the operator enters before it."""
    kept = []
    names: set[str] = set()
    for entry in bundle.get("entry", []):
        tree = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(tree, dict) and tree.get("resourceType") in DIRECTORY:
            yield _single(tree, entry.get("fullUrl", ""))
        else:
            kept.append(_posted(entry))
            names |= (
                _names(tree, entry.get("fullUrl", "")) if isinstance(tree, dict) and "resourceType" in tree else set()
            )
    if kept:
        yield Unit(bundle | {"entry": kept}, names)


def _posted(entry: Any) -> Any:  # noqa: ANN401 - JSON
    """An entry that puts a resource under an id of its own, as one that posts it: ids are the server's."""
    request = entry.get("request", {}) if isinstance(entry, dict) else {}
    tree = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(tree, dict) or "?" in request.get("url", "?") or request.get("method") not in {"POST", "PUT"}:
        return entry
    url = entry.get("fullUrl") or f"urn:uuid:{uuid4()}"
    return entry | {"fullUrl": url, "request": request | {"method": "POST", "url": tree.get("resourceType", "")}}


def _ordered(units: list[Unit]) -> Iterator[Unit]:
    """By type, and what is referred to before what refers; a circle is entered as it comes."""
    by_name = {name: unit for unit in units for name in unit.names}
    met: set[int] = set()

    def visit(unit: Unit) -> Iterator[Unit]:
        if id(unit) in met:
            return
        met.add(id(unit))
        for name in _references(unit.tree):
            if name in by_name:
                yield from visit(by_name[name])
        yield unit

    for unit in sorted(units, key=_first):
        yield from visit(unit)


def _first(unit: Unit) -> tuple[int, bool]:
    """Rank; of Consents the opening ones come first, since nothing else is taken before."""
    categories = unit.tree.get("category", []) if unit.tree["resourceType"] == "Consent" else []
    codes = {c.get("code") for one in categories if isinstance(one, dict) for c in one.get("coding", [])}
    return unit.rank, "opening" not in codes


def _references(tree: object) -> Iterator[str]:
    if isinstance(tree, list):
        for one in tree:
            yield from _references(one)
    elif isinstance(tree, dict):
        for name, value in tree.items():
            if name in {"reference", "url"} and isinstance(value, str):
                yield value
            else:
                yield from _references(value)


def rewritten(tree: Any, known: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    """The tree with each reference to an entered resource replaced by the server's."""
    if isinstance(tree, list):
        return [rewritten(one, known) for one in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        name: known.get(value, value)
        if name in {"reference", "url"} and isinstance(value, str)
        else rewritten(value, known)
        for name, value in tree.items()
    }


@dataclass
class Loader:
    """Enters units one after another; `known` says which server reference each name of the files became."""

    http: httpx.AsyncClient
    operator: Records
    known: dict[str, str] = field(default_factory=dict)

    async def enter(self, unit: Unit) -> list[Fate]:
        """Enter one unit, and tell the fate of each of its resources."""
        tree = rewritten(unit.tree, self.known)
        if tree["resourceType"] in DIRECTORY:
            return [await self._list(unit, tree)]
        if tree["resourceType"] == "Bundle":
            return await self._together(tree)
        answer = await self.http.post(f"/fhir/{tree['resourceType']}", content=dump(_new(tree)))
        self._learn(unit.names, answer.headers.get("location", "").partition("/fhir/")[2])
        return [_answered(tree["resourceType"], answer.status_code, answer)]

    async def _list(self, unit: Unit, tree: Resource) -> Fate:
        try:
            written = await self.operator.create(tree["resourceType"], _new(tree))
        except Refusal as refusal:
            return _fate(tree["resourceType"], refusal)
        self._learn(unit.names, written.location)
        return Fate(tree["resourceType"], written.status)

    async def _together(self, bundle: Resource) -> list[Fate]:
        answer = await self.http.post("/fhir", content=dump(bundle))
        entries = bundle["entry"]
        if answer.status_code != HTTPStatus.OK:
            return [_answered(_kind(one), answer.status_code, answer) for one in entries]
        fates = []
        for entry, told in zip(entries, answer.json().get("entry", []), strict=True):
            response = told["response"]
            names = _names(entry["resource"], entry.get("fullUrl", "")) if "resource" in entry else set()
            self._learn(names, response.get("location", ""))
            fates.append(_outcome(_kind(entry), int(response["status"][:3]), response.get("outcome")))
        return fates

    def _learn(self, names: set[str], location: str) -> None:
        if location:
            self.known |= dict.fromkeys(names, "/".join(location.split("/")[:2]))


def _kind(entry: Any) -> str:  # noqa: ANN401 - JSON
    tree = entry.get("resource") if isinstance(entry, dict) else None
    return str(tree.get("resourceType", "")) if isinstance(tree, dict) else ""


def _new(tree: Resource) -> Resource:
    """The resource without the id and meta versions that another server gave it."""
    meta = {name: value for name, value in tree.get("meta", {}).items() if name not in {"versionId", "lastUpdated"}}
    bare = {name: value for name, value in tree.items() if name not in {"id", "meta"}}
    return bare | ({"meta": meta} if meta else {})


def _fate(kind: str, refusal: Refusal) -> Fate:
    issue = refusal.issues[0]
    return Fate(kind, refusal.status, issue.reason or issue.code, next(iter(issue.expression), ""))


def _answered(kind: str, status: int, answer: httpx.Response) -> Fate:
    if status < HTTPStatus.BAD_REQUEST:
        return Fate(kind, status)
    try:
        return _outcome(kind, status, answer.json())
    except ValueError:
        return Fate(kind, status)


def _outcome(kind: str, status: int, outcome: Any) -> Fate:  # noqa: ANN401 - JSON
    """What an OperationOutcome says of a refusal."""
    if status < HTTPStatus.BAD_REQUEST or not outcome:
        return Fate(kind, status)
    issue = outcome["issue"][0]
    return Fate(kind, status, reason(outcome), next(iter(issue.get("expression", [])), ""))


def reason(outcome: Resource) -> str:
    """The reason code of an OperationOutcome, else its issue code."""
    issue = outcome["issue"][0]
    codings = issue.get("details", {}).get("coding") or [issue]
    return str(codings[0].get("code", ""))


@asynccontextmanager
async def loader(settings: Settings, claims: mint.Claims) -> AsyncIterator[Loader]:
    """A loader that speaks as the caller of these claims, in process: no server needs to run."""
    app = create_app(settings)
    token = mint.mint(SigningKeys.load(settings.data), settings, claims, TTL)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR_JSON, "Accept": FHIR_JSON}
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        at_the_door(settings) as operator,
        httpx.AsyncClient(transport=transport, base_url=settings.public_url, headers=headers) as http,
    ):
        yield Loader(http, operator)


async def load(
    settings: Settings, claims: mint.Claims, lot: Lot, told: Callable[[], object] = lambda: None
) -> Counter[Fate]:
    """Enter a lot; `told` is called after each unit. Returns how often each fate befell."""
    fates = Counter(lot.broken)
    async with loader(settings, claims) as entering:
        for unit in lot.units:
            fates.update(await entering.enter(unit))
            told()
    return fates
