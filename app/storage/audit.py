"""The trail: who did what, durable before an answer leaves (CSP R.1111-43, api.md section 8).

An `Act` is one row of `audit_event`. A write's acts go in with `Trail.insert`, in the write's own transaction; a
read's and a refusal's through `Trail.durable`, which returns when they are on disk. One background task commits
everything that waits in one statement, so that requests in flight share one durable write: it waits a moment for those
that are on their way, and where there are none an act goes at once. One act touches one record at most: a search over
several records is several acts.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, NamedTuple

from asyncpg import CheckViolationError
from sqlalchemy import Boolean, Integer, Interval, bindparam, func, insert, literal, select
from sqlalchemy.types import UserDefinedType

from app.errors import Unavailable
from app.storage import outbox
from app.storage.entropy import random_bytes
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import audit_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from asyncpg import Connection, Record
    from sqlalchemy import CTE, Insert

    from app.access import Access
    from app.errors import Refusal
    from app.storage.statement import Link

    Connect = Callable[[], Awaitable[Connection[Record]]]

SUCCESS, FAILED, DENIED, BROKEN = "0", "4", "8", "12"
"""AuditEvent.outcome: done; refused for a fault of the request; refused by the policy; refused for a fault of ours."""

BY_THE_WAY = "by-the-way"
"""The `detail` of a search that did not ask about the record: it is in its journal for what it showed of it."""
BESIDE = ":"
"""Stands, among the documents of an act, before one that it did not show: it is judged by it, and never names it."""
AWAITING, HIDDEN, AWAITING_HIDDEN = BESIDE + "awaiting", BESIDE + "hidden", BESIDE + "awaiting-hidden"
"""Among the documents of a refusal: one that came to nothing, and was to await its announcement, or to be hidden from
representatives, or both."""

QUERY_LIMIT = 16_384
"""Characters of a query string that are kept: a POST `_search` may carry megabytes."""

SOUND_AGAIN = 5.0
"""Seconds after a failure in which the trail is not called sound, though it tries again at once."""
COMPANY = 0.002
"""Seconds that an act waits for those of other requests at most."""

ID_LIMIT = 64
"""Characters of a type or id that are kept: a refused address may hold anything."""

ACTIONS = {
    "create": "C",
    "read": "R",
    "vread": "R",
    "history-instance": "R",
    "history-type": "R",
    "history-system": "R",
    "update": "U",
    "patch": "U",
    "delete": "D",
}
"""AuditEvent.action of each interaction; what is not named here (searches, operations) is an E, execute."""

_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(ascii_letters + digits + "-._~")

_log = logging.getLogger(__name__)


def spelt(query: str) -> str:
    """The query string without the escapes that need not be (RFC 3986 section 6.2.2.2).

    Ids and names of parameters have one spelling then: what names a document is found however it was sent.
    """

    def plain(escape: re.Match[str]) -> str:
        letter = chr(int(escape[1], 16))
        return letter if letter in _UNRESERVED else escape[0]

    return _ESCAPE.sub(plain, query) if "%" in query else query


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an act takes from the HTTP request: X-Request-Id, the client's network address, the raw query string.

    `told` says that the client wants to be told what may be said against a write that is taken; no act keeps that.
    """

    request_id: str = ""
    address: str = ""
    query: str = ""
    told: bool = False


class Act(NamedTuple):
    """One act on at most one record: the columns of `audit_event` less what the trail gives itself.

    `interaction` is a code of http://hl7.org/fhir/restful-interaction, `$name` for an operation, `login` or `logout`.
    `reason` is the true reason: the rule that permitted, or the reason code of the refusal. `detail` is what a refused
    caller was told instead, or the reason he gave when he broke the glass. `record` is "" when none was touched: an act
    is filed under no record that does not exist. `notice` is the kind of notice that it is told by, "" for one that
    nobody is told of; it is no column. A tuple, because a batch of them is turned into columns.
    """

    interaction: str
    record: str = ""
    outcome: str = SUCCESS
    reason: str = ""
    detail: str = ""
    caller_kind: str = ""
    subject: str = ""
    name: str = ""
    profession: str = ""
    specialty: str = ""
    structure: str = ""
    purpose: str = ""
    client: str = ""
    jti: str = ""
    acr: str = ""
    resource_type: str = ""
    resource_id: str = ""
    resource_version: str = ""
    documents: tuple[str, ...] = ()
    query: str = ""
    secret: bool = False
    emergency: bool = False
    request_id: str = ""
    address: str = ""
    notice: str = ""

    def by(self, access: Access | None, circumstances: Circumstances) -> Act:
        """The act with its caller, None before a token was verified; within a secret connection it is secret."""
        act = self._replace(
            query=spelt(circumstances.query)[:QUERY_LIMIT],
            request_id=circumstances.request_id,
            address=circumstances.address,
        )
        if access is None:
            return act
        return act._replace(
            caller_kind=access.kind.value,
            subject=access.subject,
            name=access.name,
            profession=access.profession,
            specialty=access.specialty,
            structure=access.structure,
            purpose=access.purpose,
            client=access.client,
            jti=access.jti,
            acr=access.acr,
            secret=act.secret or access.secret,
        )


def performed(  # noqa: PLR0913 - who, whence, what was done to what, and why he could
    access: Access | None,
    circumstances: Circumstances,
    interaction: str,
    resource_type: str = "",
    resource_id: str = "",
    *,
    version: str = "",
    record: str = "",
    outcome: str = SUCCESS,
    reason: str = "",
    detail: str = "",
    documents: tuple[str, ...] = (),
    secret: bool = False,
    emergency: bool = False,
) -> Act:
    """The act of this caller; `secret` marks what concerns a secret connection, as all does that is done within one."""
    return Act(
        interaction=interaction,
        record=record,
        outcome=outcome,
        reason=reason,
        detail=detail,
        resource_type=resource_type,
        resource_id=resource_id,
        resource_version=version,
        documents=documents,
        secret=secret,
        emergency=emergency,
    ).by(access, circumstances)


def refusal(
    access: Access | None,
    circumstances: Circumstances,
    interaction: str,
    resource_type: str,
    resource_id: str,
    cause: Refusal,
) -> Act:
    """The act of a refusal.

    `cause.verdict` is the true reason where the caller is told less, `cause.record` the record that was meant. An
    absent resource and an unseen one must name it alike, or the caller's own acts would tell them apart. It is
    kept from whoever may not know of one of `cause.documents`.
    """
    told = cause.reason or cause.code
    return performed(
        access,
        circumstances,
        interaction,
        resource_type[:ID_LIMIT],
        resource_id[:ID_LIMIT],
        record=cause.record,
        outcome=_outcome(cause.status, cause.verdict),
        reason=cause.verdict or told,
        detail=told,
        documents=cause.documents,
        secret=cause.secret,
    )


def _outcome(status: int, verdict: str) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return BROKEN
    return DENIED if verdict or status == HTTPStatus.FORBIDDEN else FAILED


COLUMNS = Act._fields[:-1]
"""What the row of an act takes from it."""
_TYPES = {"secret": Boolean, "emergency": Boolean}
LISTED = Act._fields.index("documents")
_TEXTS = [name for name in COLUMNS if name not in {"documents", *_TYPES}]


class _Acts(UserDefinedType[Any]):
    """An array of acts, in a type of their own: an array for each column would cost more to send and to take in."""

    cache_ok: bool | None = True
    render_bind_cast = True

    def get_col_spec(self, **_: object) -> str:
        """Its name in SQL (migration 0037)."""
        return "carnet.act[]"


MEMBERS = ("id", "action", *Act._fields)
"""What such an act is made of."""


def _insertion(*, telling: bool) -> Statement:
    """Inserts a batch of acts, and what is to be told of them."""
    names = ["id", "action", *COLUMNS]
    given = func.unnest(bindparam("acts", type_=_Acts()))
    acts = given.table_valued(*MEMBERS, with_ordinality="n", name="act").render_derived()
    # The clock is the database's. Counting down within a batch keeps the order of acts and never names the future;
    # writing n acts takes longer than n microseconds, so one batch never reaches back into the one before.
    age = (bindparam("size", type_=Integer) - acts.c.n) * literal(timedelta(microseconds=1), Interval)
    values = {
        **{name: acts.c[name] for name in names},
        "recorded": func.carnet.now() - age,
    }
    added = insert(audit_event).from_select(list(values), select(*values.values()))
    if not telling:
        return Statement(added, Unjudged.ADDED)
    return Statement(outbox.noticing(acts, values["recorded"]).add_cte(added.cte("added")), Unjudged.ADDED)


_INSERT, _TELL = _insertion(telling=False), _insertion(telling=True)
_ONE = Statement(
    insert(audit_event).values(
        recorded=func.carnet.now(), **{name: bindparam(name) for name in ("id", "action", *COLUMNS)}
    ),
    Unjudged.ADDED,
)
"""One act alone, as most writes have: half of what the arrays of a batch cost."""


def telling(source: CTE) -> Insert:
    """Inserts one act, its columns prefixed with `act_`, if the source has a row."""
    columns = ["id", "action", *COLUMNS]
    values = {name: bindparam(f"act_{name}", type_=audit_event.c[name].type) for name in columns}
    told = select(func.carnet.now(), *values.values()).select_from(source)
    return insert(audit_event).from_select(["recorded", *values], told)


_DIGITS = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in range(256))


def _key(record: str) -> str:
    # 20 base32 digits, 100 random bits; a table does it in a quarter of the time of base64.b32encode
    unique = random_bytes(20).translate(_DIGITS).decode()
    return f"{record}.{unique}" if record else unique


def _sound(column: Sequence[str]) -> Sequence[str]:
    """The column as PostgreSQL can hold it: one NUL or lone surrogate in a query would fail everybody's batch."""
    whole = "".join(column)
    if "\0" not in whole:
        with suppress(UnicodeEncodeError):
            whole.encode()
            return column
    return [value.replace("\0", "�").encode(errors="replace").decode() for value in column]


def _sound_value(value: Any) -> Any:  # noqa: ANN401 - any member of an act
    return _sound([value])[0] if isinstance(value, str) else value


async def _write(link: Link, acts: Sequence[Act]) -> None:
    telling = any(act.notice for act in acts)
    if len(acts) == 1 and not telling:
        await _write_one(link, acts[0])
        return
    rows = _rows(acts)
    if telling:
        await _TELL.run(link, size=len(acts), acts=rows, record=[act.record for act in acts])
    else:
        await _INSERT.run(link, size=len(acts), acts=rows)


def _rows(acts: Sequence[Act]) -> list[tuple[object, ...]]:
    """Acts by their `MEMBERS`."""
    said = [value for act in acts for value in act if isinstance(value, str)]
    if _sound(said) is not said:
        acts = [Act(*map(_sound_value, act)) for act in acts]
    return [
        (_key(act.record), ACTIONS.get(act.interaction, "E"), *act[:LISTED], list(act.documents), *act[LISTED + 1 :])
        for act in acts
    ]


async def _write_one(link: Link, act: Act) -> None:
    await _ONE.run(link, **columns_of(act))


def columns_of(act: Act) -> dict[str, object]:
    """The row of one act, less the moment."""
    columns: dict[str, object] = dict(zip(COLUMNS, act, strict=False))
    texts = _sound([columns[name] for name in _TEXTS])  # type: ignore[misc] # every column in _TEXTS holds text
    columns |= dict(zip(_TEXTS, texts, strict=True))
    columns |= {"id": _key(act.record), "action": ACTIONS.get(act.interaction, "E"), "documents": list(act.documents)}
    return columns


class Trail:
    """The group commit of one worker, over a connection of its own.

    Requests `enter` and `leave`: an act waits until all that are under way brought theirs. Those that take long
    hold the others up by `COMPANY` at most.

    `connect` opens that connection: a pool shared with requests could deadlock, each of them holding one while it waits
    for the trail. `limit` bounds the acts that wait, `batch` those of one statement, `patience` is the longest that one
    statement may take, in seconds.
    """

    def __init__(self, connect: Connect, *, limit: int = 10_000, batch: int = 256, patience: float = 5.0) -> None:
        self._connect = connect
        self._limit = limit
        self._batch = batch
        self._patience = patience
        self._waiting: deque[tuple[tuple[Act, ...], asyncio.Future[None]]] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._link: Connection[Record] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._failed_at = float("-inf")
        self._patient: asyncio.TimerHandle | None = None
        self._underway = 0

    async def start(self) -> None:
        """Connect and begin to commit; raises what `connect` raises."""
        await self._linked()
        self._task = asyncio.create_task(self._run(), name="trail")

    async def stop(self) -> None:
        """Take no more acts, commit those that wait, and leave."""
        self._closing = True
        self._go()
        if self._task is not None:
            await asyncio.wait([self._task])
        if self._link is not None:
            await self._link.close(timeout=self._patience)

    async def durable(self, *acts: Act) -> None:
        """Return when these acts are on disk, all of them; Unavailable (503) when they are not.

        A caller that is cancelled meanwhile leaves its acts to be written: what was done stays said.
        """
        if not acts:
            return
        running = self._task is not None and not self._task.done() and not self._closing
        if not running or self._size + len(acts) > self._limit:
            raise _unavailable()
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((acts, done))
        self._size += len(acts)
        self._gather()
        await done

    def sound(self) -> bool:
        """Whether it takes acts, and wrote what it had to write of late."""
        running = self._task is not None and not self._task.done() and not self._closing
        return running and time.monotonic() - self._failed_at > SOUND_AGAIN

    async def probe(self, link: Link) -> None:
        """Write no act, in the way that acts are written: raises what stands against it, such as a read-only server."""
        await _INSERT.run(link, size=0, acts=[])

    async def insert(self, link: Link, acts: Iterable[Act]) -> None:
        """Write the acts in the caller's own transaction: they stand or fall with it."""
        rows = list(acts)
        if rows:
            await _write(link, rows)

    async def _run(self) -> None:
        try:
            while self._waiting or not self._closing:
                await self._wake.wait()
                self._wake.clear()
                if self._waiting:
                    await self._commit()
                if self._waiting or self._closing:
                    self._gather()
        finally:  # cancelled with the loop: nobody is left waiting for an answer
            _settle([done for _, done in self._waiting], failed=True)

    def enter(self) -> None:
        """A request is under way, which may bring acts."""
        self._underway += 1

    def leave(self) -> None:
        """It is answered."""
        self._underway -= 1
        if self._waiting:
            self._gather()

    def _gather(self) -> None:
        """Commit what waits, at once or when those that are on their way had the time to come.

        All of them, though nothing is done meanwhile but to wait: a write costs ten times what one act more does.
        """
        if len(self._waiting) >= self._underway or self._size >= self._batch or self._closing:
            self._go()
        elif self._patient is None:
            self._patient = asyncio.get_running_loop().call_later(COMPANY, self._go)

    def _go(self) -> None:
        if self._patient is not None:
            self._patient.cancel()
            self._patient = None
        self._wake.set()

    async def _commit(self) -> None:
        acts, waiters = self._take()
        try:
            async with asyncio.timeout(self._patience):
                await self._written(acts)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody is answered and the next batch is tried
            # its text may quote a row, and so a person: only the kind of error is logged
            _log.error("%d acts could not be written: %s", len(acts), type(error).__name__)
            self._failed_at = time.monotonic()
            self._drop()
        else:
            _settle(waiters, failed=False)
        finally:
            _settle(waiters, failed=True)  # those that are not settled yet

    async def _written(self, acts: Sequence[Act]) -> None:
        """Write acts, and once more where their month was made while they were on their way to where they had none."""
        with suppress(CheckViolationError):
            await _write(await self._linked(), acts)
            return
        await _write(await self._linked(), acts)

    def _take(self) -> tuple[list[Act], list[asyncio.Future[None]]]:
        acts: list[Act] = []
        waiters: list[asyncio.Future[None]] = []
        while self._waiting and (not acts or len(acts) + len(self._waiting[0][0]) <= self._batch):
            more, done = self._waiting.popleft()
            acts += more
            waiters.append(done)
        self._size -= len(acts)
        return acts, waiters

    async def _linked(self) -> Connection[Record]:
        if self._link is None or self._link.is_closed():
            self._link = await self._connect()
            # whatever the server's default is: an answer leaves only after what is said of it is on disk
            await self._link.execute("SET synchronous_commit = on")
        return self._link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.terminate()
            self._link = None


def _settle(waiters: Iterable[asyncio.Future[None]], *, failed: bool) -> None:
    for done in waiters:
        if done.done():  # its request was cancelled
            continue
        if failed:
            done.set_exception(_unavailable())
        else:
            done.set_result(None)


def _unavailable() -> Unavailable:
    return Unavailable("the audit log cannot be written now", reason="audit-unavailable", headers={"Retry-After": "1"})
