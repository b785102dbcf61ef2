"""`carnet sample --records N`: a multitude of records, entered at once, as the server would have written each of them.

The first record of each shape (`app.shapes`) is made by requests, in process. The rows that they left are stencils
(`app.storage.stencil`), of which all others are filled in and entered by COPY. Names, days and how many documents a
record has come of a seed: twice the same seed is twice the same records, but for moments and the keys of contents.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import math
import re
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

import httpx

from app.auth import mint
from app.auth.keys import SigningKeys
from app.loading import FHIR_JSON, TTL, reason
from app.main import create_app, store
from app.records.documents import sent
from app.records.naming import DIGITS
from app.resources.extraction import fold
from app.resources.moment import interval
from app.shapes import FIRST, MOST, SHAPES, WEIGHTS, Holder, Request, Said, Shape
from app.storage import copying
from app.storage.contents import Contents
from app.storage.keys import KeyStore
from app.storage.stencil import AGE, Fill, Pattern, Rows, Stencil

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from app.settings import Settings
    from app.shapes import Unit
    from app.storage.copying import Link

BATCH = 2000
"""Documents of one COPY, at least."""
LINKS = 3
"""Connections that rows are entered by: one waits for the disk or for Python while others work."""
AT_ONCE = 3
"""First records that are made at a time: each connection of the database prepares every statement for itself."""
MIDDLE, SPREAD = 9.0, 1.25
"""Documents of a record: median, and spread of their logarithm. Ten times as many as the median are no rarity."""
LARGE, EVERY = 2000, 500
"""One record in so many has that many documents."""
TICK = timedelta(milliseconds=1)
"""Between two things that are written."""
DRAWN = ("id", "version_id", "request_id", "event")
"""Columns whose names the server draws."""
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
FIRST_DAY = datetime(2016, 1, 1, tzinfo=UTC)
DAYS = 3800
SECOND = timedelta(seconds=1)
"""How long a moment lasts that is said to the second."""


class NotMadeError(RuntimeError):
    """The sample cannot be made; the message says why."""


def count(seed: int, place: int) -> int:
    """How many units the record at a place of the sample has: few, most of them, and some very many."""
    if place % EVERY == EVERY // 2:
        return LARGE
    draw = Random(f"{seed}.{place}.units")  # noqa: S311 - to be drawn again
    return min(LARGE, int(math.exp(draw.gauss(math.log(MIDDLE), SPREAD))))


def said(draw: Random) -> Said:
    """What is particular to a unit."""
    what = particular(draw)
    return Said(what["day"], (what["name.0"], what["name.1"]))


def particular(draw: Random) -> Fill:
    """The same in slots: the day as it is said, and as it is searched by."""
    moment = FIRST_DAY + timedelta(minutes=draw.randrange(DAYS * 24 * 60))
    day, names = moment.isoformat(), draw.randbytes(32).hex()
    return {
        "day": day, "day.lo": day, "day.hi": (moment + SECOND).isoformat(),
        "name.0": _uuid(names[:32]), "name.1": _uuid(names[32:]),
    }  # fmt: skip


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class Part:
    """One stencil of a shape: its rows, how many documents it has, what of it is random, and its content if any.

    `fresh` are slots with the piece of so many random letters that stands in each; `written` is when its pattern was.
    """

    stencil: Stencil
    fresh: dict[str, slice]
    written: datetime
    documents: int = 0
    content: bytes = b""
    still: bool = False

    @property
    def letters(self) -> int:
        """How many letters are drawn for it."""
        return max((piece.stop for piece in self.fresh.values()), default=0)


@dataclass(frozen=True, slots=True)
class Kind:
    """A shape in stencils: the record itself, and its units."""

    shape: Shape
    head: Part
    units: tuple[Part, ...]


# -- the patterns ----------------------------------------------------------------------------------------------------


class Sender:
    """Sends requests to an application of its own, each as its caller."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._keys = SigningKeys.load(settings.data)
        self._tokens: dict[str, str] = {}

    async def send(self, request: Request) -> list[tuple[str, str]]:
        """Type and id of what a request made; NotMadeError where it made nothing."""
        who = repr(request.claims)  # a token is signed once: that takes as long as half a request
        token = self._tokens.get(who) or mint.mint(self._keys, self._settings, request.claims, TTL)
        self._tokens[who] = token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR_JSON}
        answer = await self._http.post(f"/fhir/{request.path}".rstrip("/"), json=request.tree, headers=headers)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise NotMadeError(f"a record of the sample was refused: {answer.status_code} {reason(answer.json())}")
        said = [one["response"] for one in answer.json()["entry"]] if not request.path else [answer.headers]
        if any(one.get("status", "201")[:3] != "201" for one in said) or answer.status_code not in {200, 201}:
            raise NotMadeError("a holder of this sample has a record already: choose another seed")
        found = [one["location"].removeprefix(self._settings.fhir_base).strip("/").split("/") for one in said]
        return [(kind, identifier) for kind, identifier, *_ in found]


@asynccontextmanager
async def sender(settings: Settings) -> AsyncIterator[Sender]:
    """A sender, to an application that tells nobody of anything meanwhile."""
    app = create_app(settings.model_copy(update={"notices": False}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url) as http,
    ):
        yield Sender(http, settings)


@dataclass
class Making:
    """The pattern of one shape while it is made: its rows are told apart by the ids that each step made."""

    record: str
    holder: Holder
    units: list[tuple[Unit, Said, list[str], list[Request]]]


async def made(send: Sender, shape: Shape, holder: Holder, draw: Random) -> Making:
    """Make the first record of a shape, by requests."""
    opened = await send.send(shape.opening(holder))
    record = dict(opened)["Patient"]
    for request in shape.wills(record):
        await send.send(request)
    making = Making(record, holder, [])
    for unit in shape.units():
        what, ids, sent_ones = said(draw), list[str](), list[Request]()
        for step in unit.steps:
            sent_ones.append(step(record, holder, what, ids))
            ids += [identifier for _, identifier in await send.send(sent_ones[-1])]
        making.units.append((unit, what, ids, sent_ones))
    return making


def parts(shape: Shape, making: Making, rows: Rows, columns: dict[str, tuple[str, ...]]) -> Kind:
    """The stencils of a shape, of the rows that its first record left."""
    head, *units = _apart(rows, [ids for _, _, ids, _ in making.units])
    made_of = zip(units, making.units, strict=True)
    return Kind(
        shape,
        _part(making, head, columns),
        tuple(_part(making, own, columns, unit, what, requests) for own, (unit, what, _, requests) in made_of),
    )


def _apart(rows: Rows, units: list[list[str]]) -> list[Rows]:
    """The rows that say none of the ids of any unit, then those of each unit."""
    place_of = {one: place for place, ids in enumerate(units, 1) for one in ids}
    any_of = re.compile("|".join(place_of))
    found: list[Rows] = [{name: [] for name in rows} for _ in range(len(units) + 1)]
    for name, some in rows.items():
        for row in some:
            text = "\n".join(str(value) for value in row.values() if isinstance(value, str | list | bytes))
            place = min((place_of[one] for one in any_of.findall(text)), default=0)
            found[place][name].append(row)
    return found


def _part(
    making: Making, rows: Rows, columns: dict[str, tuple[str, ...]], unit: Unit | None = None,
    what: Said | None = None, requests: list[Request] | None = None,
) -> Part:  # fmt: skip
    written = min(row["last_updated"] for some in rows.values() for row in some if "last_updated" in row)
    slots, fresh = drawn(making.record, rows)
    dates: dict[date, str] = {}
    hashed = {}
    if unit and what:
        slots |= {name: f"name.{place}" for place, name in enumerate(what.names)} | {what.day: "day"}
        dates |= dict(zip(interval(what.day), ("day.lo", "day.hi"), strict=True))
        hashed = dict(_digest(request, unit.content) for request in requests or ())
        slots |= {row["content"]: "content" for row in rows["binary"]}
    slots |= _of_holder(making.holder, {making.record: "record"})
    birth = date.fromisoformat(making.holder.birth)
    dates |= {birth: "birth.text"} | dict(zip(interval(making.holder.birth), ("birth.lo", "birth.hi"), strict=True))
    moving = frozenset(_moving(rows, written))
    pattern = Pattern(slots, dates, hashed, moving)
    documents = len(rows["document_reference"])
    still, content = (unit.still, unit.content) if unit else (False, b"")
    return Part(Stencil(rows, columns, pattern), fresh, written, documents, content, still)


def _moving(rows: Rows, written: datetime) -> Iterator[datetime]:
    """The moments that rows name as their own writing, and those that are counted from it."""
    own = ("last_updated", "recorded")
    last = max(row[name] for some in rows.values() for row in some for name in own if row.get(name))
    for name, some in rows.items():
        for moment in (value for row in some for value in row.values() if isinstance(value, datetime)):
            if written <= moment <= last or name == "notice":
                yield moment


def drawn(record: str, rows: Rows) -> tuple[dict[str, str], dict[str, slice]]:
    """The names that the server drew, with a slot for each and which of the letters stand in it.

    The slots are in the order of what the rows say besides, so that a seed draws the same letters for the same row.
    """
    found = {
        str(row.get(name) or "").removeprefix(f"{record}."): (table, name, row)
        for table, some in rows.items() for row in some for name in DRAWN
    }  # fmt: skip
    bare = found.keys() - {"", record}
    names = re.compile("|".join([record, *bare]))

    def order(name: str) -> tuple[str, str, str]:
        table, column, row = found[name]
        steady = [value for key, value in row.items() if key != "jti" and not isinstance(value, datetime)]
        return table, column, MOMENT.sub("", names.sub("", repr(steady)))

    slots = {name: f"fresh.{place}" for place, name in enumerate(sorted(bare, key=order))}
    ends = list(accumulate(map(len, slots)))
    return slots, {slot: slice(end - len(name), end) for (name, slot), end in zip(slots.items(), ends, strict=True)}


def _of_holder(holder: Holder, more: dict[str, str]) -> dict[str, str]:
    """Slots of what is particular to a holder, as sent and as it is searched by."""
    said = {holder.number: "number", holder.family: "family", holder.given: "given", holder.birth: "birth.text"}
    return {**said, fold(holder.family): "family.folded", fold(holder.given): "given.folded", **more}


def _digest(request: Request, content: bytes) -> tuple[str, str]:
    """Digest of a deposit, and the text that it is of."""
    tree, contents = request.tree, dict[int, str]()
    if content:
        contents[0] = hashlib.sha256(content).hexdigest()
        sha1 = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
        measured = tree["content"][0]["attachment"] | {"size": len(content), "hash": sha1}
        tree = tree | {"content": [{"attachment": measured}]}
    text = sent(tree, contents)
    return hashlib.sha256(text).hexdigest(), text.decode()


# -- the multitude ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Copied:
    """One record of the sample: its holder, what was filled in, with which parts."""

    kind: Kind
    holder: Holder
    head: Fill
    units: list[tuple[int, Fill]]

    @property
    def documents(self) -> int:
        """How many documents it has."""
        return sum(self.kind.units[place].documents for place, _ in self.units)

    def contents(self) -> Iterator[tuple[Fill, bytes]]:
        """The contents that it brings, each with what the text that names it is to be told to."""
        for place, values in self.units:
            if content := self.kind.units[place].content:
                yield values, content

    def texts(self) -> Iterator[tuple[str, str]]:
        """Its rows as COPY reads them, texts with their tables."""
        yield from self.kind.head.stencil.fill(self.head)
        for place, values in self.units:
            yield from self.kind.units[place].stencil.fill(values)


class Multitude:
    """The records of a sample after the first of each shape, by their place in it.

    `began` is the moment from which on they were written, a tick apart.
    """

    def __init__(self, kinds: list[Kind], seed: int, began: datetime) -> None:
        self._kinds = kinds
        self._seed = seed
        self._now = began.replace(microsecond=began.microsecond // 1000 * 1000)  # as bodies have it
        self._weights = list(accumulate(WEIGHTS))

    def record(self, place: int) -> Copied:
        """The record at a place; each is drawn from the seed and its place alone."""
        draw = Random(f"{self._seed}.{place}")  # noqa: S311 - to be drawn again
        kind = self._kinds[place % len(self._kinds)]
        holder = Holder.of(place, draw, self._seed, kind.shape)
        birth = interval(holder.birth)
        mine: Fill = {
            "record": _letters(draw, 20), "number": holder.number, "family": holder.family, "given": holder.given,
            "family.folded": fold(holder.family), "given.folded": fold(holder.given), "birth.text": holder.birth,
            "birth.lo": birth[0].isoformat(), "birth.hi": birth[1].isoformat(),
        }  # fmt: skip
        copied = Copied(kind, holder, self._filled(kind.head, mine, draw), [])
        for chosen in draw.choices(range(len(kind.units)), cum_weights=self._weights, k=count(self._seed, place)):
            copied.units.append((chosen, self._filled(kind.units[chosen], mine, draw)))
        return copied

    def _filled(self, part: Part, mine: Fill, draw: Random) -> Fill:
        values = dict(mine)
        if part.documents:
            values |= particular(draw)
        letters = _letters(draw, part.letters)
        for slot, piece in part.fresh.items():
            values[slot] = letters[piece]
        self._now += TICK
        values[AGE] = timedelta() if part.still else self._now - part.written
        return values


def _letters(draw: Random, length: int) -> str:
    """A name such as the server draws."""
    return draw.randbytes(length).translate(DIGITS).decode()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made: so many records, by this seed. `told` hears how many documents more were entered."""

    records: int
    seed: int
    told: Callable[[int], object] = lambda _: None
    kinds: tuple[int, ...] = tuple(range(SHAPES))

    @property
    def shapes(self) -> tuple[int, ...]:
        """The numbers of the shapes, whose first records are made by requests."""
        return self.kinds[: self.records]

    @property
    def copies(self) -> range:
        """The places of the other records."""
        return range(len(self.shapes), self.records)

    @property
    def units(self) -> int:
        """How many units these have."""
        return sum(count(self.seed, place) for place in self.copies)


def expected(plan: Plan) -> int:
    """How many documents a sample has, nearly: some units are two."""
    return round((plan.units + len(plan.shapes) * len(WEIGHTS)) * (1 + WEIGHTS[-1] / sum(WEIGHTS)))


async def make(settings: Settings, plan: Plan) -> int:
    """Make a sample on a database whose owner the settings name; returns how many documents it has.

    Raises:
        NotMadeError: a record was refused, or is there already.
    """
    if not 0 < plan.records <= MOST:
        raise NotMadeError(f"a sample has 1 to {MOST} records")
    links = [await copying.connect(settings.database_owner_url) for _ in range(LINKS)]
    try:
        kinds, columns = await patterns(settings, plan, links[0])
        gc.freeze()  # what making them left is here to stay: to look through it again and again takes half of the rest
        began = _before(plan.units + len(plan.copies))
        entered = sum(part.documents for kind in kinds for part in kind.units)
        plan.told(entered)
        contents = Contents(store(settings), KeyStore(settings.data / "keys"))
        entering = Entering(links, columns, contents, plan.told)
        multitude = Multitude(kinds, plan.seed, began)
        for place in plan.copies:
            await entering.enter(multitude.record(place))
        await entering.finish()
        await copying.analyse(links)
        return entered + entering.documents
    finally:
        for link in links:
            await link.close()


def _before(ticks: int) -> datetime:
    """When so many things began to be written, the last of them now."""
    return datetime.now(UTC) - ticks * TICK


async def patterns(settings: Settings, plan: Plan, link: Link) -> tuple[list[Kind], dict[str, tuple[str, ...]]]:
    """Make the first record of each shape, and cut its rows; with the columns that the stencils fill."""
    shapes = [Shape(number, settings.codesystem_base) for number in plan.shapes]
    makings = await firsts(settings, plan.seed, shapes)
    rows = [await copying.rows_of(link, making.record) for making in makings]
    columns = copying.columns(rows)
    return [parts(*each, columns) for each in zip(shapes, makings, rows, strict=True)], columns


async def firsts(settings: Settings, seed: int, shapes: list[Shape]) -> list[Making]:
    """Make the first record of each shape, some at a time; NotMadeError where one is refused."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def first(send: Sender, place: int, shape: Shape) -> Making:
        draw = Random(f"{seed}.{place}.first")  # noqa: S311 - to be drawn again
        holder = Holder.of(place, draw, seed, shape, names=FIRST)
        async with turns:
            return await made(send, shape, holder, draw)

    try:
        async with sender(settings) as send, asyncio.TaskGroup() as group:
            making = [group.create_task(first(send, place, shape)) for place, shape in enumerate(shapes)]
    except* NotMadeError as refused:
        raise refused.exceptions[0] from None
    return [task.result() for task in making]


class Entering:
    """Enters records by batches, the next one made while the database takes the one before."""

    def __init__(
        self, links: list[Link], columns: dict[str, tuple[str, ...]], contents: Contents, told: Callable[[int], object]
    ) -> None:
        self.documents = 0
        self._links = deque(links)
        self._columns = columns
        self._contents = contents
        self._told = told
        self._batch: list[Copied] = []
        self._size = 0
        self._under_way: deque[asyncio.Task[None]] = deque()

    async def enter(self, copied: Copied) -> None:
        """Enter one record, with the next batch that is full."""
        self._batch.append(copied)
        self._size += copied.documents
        if self._size >= BATCH:
            await self._next()
        await asyncio.sleep(0)

    async def finish(self) -> None:
        """Enter what is left."""
        await self._next()
        await asyncio.gather(*self._under_way)

    async def _next(self) -> None:
        if len(self._under_way) == len(self._links):
            await self._under_way.popleft()
        batch, size = self._batch, self._size
        self._batch, self._size = [], 0
        self._under_way.append(asyncio.create_task(self._copy(self._links[0], batch, size)))
        self._links.rotate()

    async def _copy(self, link: Link, batch: list[Copied], size: int) -> None:
        await self._keep(batch)
        texts: dict[str, list[str]] = {}
        for copied in batch:
            for name, text in copied.texts():
                texts.setdefault(name, []).append(text)
            await asyncio.sleep(0)  # the batch before is on its way meanwhile
        await copying.copy(link, texts, self._columns)
        self.documents += size
        self._told(size)

    async def _keep(self, batch: list[Copied]) -> None:
        """Keep the contents that a batch brings, before any row names them."""
        brought = [one for copied in batch for one in copied.contents()]
        await asyncio.gather(*(self._put(values, content) for values, content in brought))
        await self._contents.settle([values["content"] for values, _ in brought])

    async def _put(self, values: Fill, content: bytes) -> None:
        kept = await self._contents.put(values["record"], _once(content), limit=len(content))
        values["content"] = kept.key


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
