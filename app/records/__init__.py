"""The one door to clinical rows.

`Door.open` gives the `Records` of one caller for one request; there is no other way in. Policy is how they read, not
something they call: every statement behind this door is made by `app.policy.guard`. Every method leaves its act in the
trail before it returns: a write's in its own transaction, a read's in the group commit.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl

import asyncpg

from app.errors import BadValue, Conflict, Issue, ManyMatches, NotFound, Refusal
from app.policy.rules import EMERGENCY
from app.records import deposits, events, reading, searching, transaction
from app.records.answer import Entry, Page, RequestFacts, Stored, Written
from app.records.draft import new_id
from app.records.naming import record_of
from app.records.office import NewKind
from app.records.patching import change
from app.records.people import AlreadyThere
from app.records.redaction import redact
from app.records.writing import Unit
from app.resources import DEFINITIONS
from app.resources.validation import dump
from app.resources.validation import parse as read_body
from app.storage.audit import Act
from app.storage.keys import Unreadable
from app.storage.search import parse
from app.storage.session import RETRIES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from app.access import Access
    from app.policy.standing import Caller
    from app.records.office import Office
    from app.records.reading import Seen
    from app.resources.definition import Resource
    from app.storage.session import Link

    Operation = Callable[["Records", str, str, Resource | None], Awaitable[Resource]]

__all__ = ["Door", "Entry", "Page", "Records", "RequestFacts", "Stored", "Written"]

T = TypeVar("T")
ATTEMPTS = 3
"""Times a transaction is begun when it loses against another one."""


class Door:
    """Opens the records for a caller. `operations` are those of `app.lifecycle`, by name."""

    def __init__(self, office: Office, operations: Mapping[str, Operation] | None = None) -> None:
        self._office = office
        self._operations = operations or {}

    def open(self, access: Access, facts: RequestFacts) -> Records:
        """The records as this caller may see and change them."""
        return Records(self._office, access, facts, self._operations)


class Records:
    """The records as one caller may see and change them, within one request."""

    def __init__(
        self, office: Office, access: Access, facts: RequestFacts, operations: Mapping[str, Operation]
    ) -> None:
        self.office = office
        self._operations = operations
        self.access = access
        self.facts = facts
        self.caller = office.caller(access)

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[Link]:
        async with self.office.database.link() as link:
            await self.office.directory.meet(link, self.access)
            yield link

    async def _tell(self, *acts: Act) -> None:
        """Make acts durable: the answer leaves after them (api.md section 8)."""
        await self.office.trail.durable(*[act.by(self.access, self.facts) for act in acts])

    async def read(self, type: str, id: str) -> Stored:
        """The current version; NotFound for what is absent or unseen, Gone for what the caller saw before it went."""
        async with self._link() as link:
            seen = await self._read(link, self.caller, type, id)
        await self._tell(_shown("read", seen))
        return seen.stored

    async def _read(self, link: Link, caller: Caller, type: str, id: str) -> Seen:
        if type == "AuditEvent":
            return await events.read(self.office, link, caller, id)
        seen = await reading.read(link, caller, type, id)
        if seen.document and seen.reason in {"holder", "representative"}:
            await reading.SEEN.run(link, record=seen.record, id=seen.document)
        return seen

    async def vread(self, type: str, id: str, version_id: str) -> Stored:
        """One version, where both it and the current one may be seen."""
        async with self._link() as link:
            if type == "AuditEvent":
                seen = await events.read(self.office, link, self.caller, id)
                if seen.stored.version_id != version_id:
                    raise reading.not_found()
            else:
                seen = await reading.vread(link, self.caller, type, id, version_id)
        await self._tell(_shown("vread", seen))
        return seen.stored

    async def history(self, type: str, id: str, pairs: list[tuple[str, str]]) -> list[Stored]:
        """The versions that may be seen, newest first."""
        async with self._link() as link:
            found, current = await reading.history(link, self.caller, type, id)
        if not found:
            raise reading.not_found()
        seen = current or reading.Seen(found[0], record=record_of(type, id))
        await self._tell(_shown("history-instance", seen))
        return found[: _count(pairs, self.office.settings.page_limit)]

    async def search(self, type: str, pairs: list[tuple[str, str]], *, strict: bool | None) -> Page:
        """One page of what matches and may be seen."""
        query = parse(DEFINITIONS[type], pairs, strict=strict, settings=self.office.settings)
        async with self._link() as link:
            page, touched = await searching.find(self.office, link, self.caller, query)
        await self._tell(*_found(type, touched))
        return page

    async def _write(self, work: Callable[[Unit], Awaitable[Written]]) -> Written:
        """One write in a transaction of its own."""

        async def shown(unit: Unit) -> Written:
            return await self.redacted(unit, await work(unit))

        try:
            return await self._transact(shown)
        except AlreadyThere as known:
            return known.written

    async def redacted(self, unit: Unit, written: Written) -> Written:
        """The answer of a write less the references that its caller may not see, for all that he may change the row."""
        stored = written.stored
        if stored is None or not stored.body or not DEFINITIONS[stored.type].filtered:
            return written
        key = record_of(stored.type, stored.id)
        body = await redact(unit.link, unit.caller, key, stored.type, stored.body)
        return replace(written, stored=replace(stored, body=body))

    async def _transact(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run work in one transaction, its acts with it; begun again when it lost against another.

        Work changes the trees it is given, so that it takes them from a `Sent` each time.
        """
        await self._meet()
        attempt = 0
        while True:
            unit: Unit | None = None
            try:
                async with self.office.database.transaction() as link:
                    unit = Unit(self.office, self.caller.within(), link, self.facts)
                    answers = await work(unit)
                    await self.office.trail.insert(link, unit.acts)
            except AlreadyThere as known:
                await self._discard(unit.contents if unit else [])
                await self._tell(Act("create", resource_type="Patient", record=known.written.location.split("/")[1]))
                raise
            except RETRIES:
                await self._discard(unit.contents if unit else [])
                attempt += 1
                if attempt == ATTEMPTS:
                    raise Conflict("another change came first", reason="concurrent-change") from None
            except NewKind as new:
                await self._discard(unit.contents if unit else [])
                async with self.office.database.link() as link:
                    await self.office.matrix.kind(link, new.codings)
            except asyncpg.IntegrityConstraintViolationError as error:
                await self._discard(unit.contents if unit else [])
                raise _violation(error) from None
            except BaseException:
                await self._discard(unit.contents if unit else [])
                raise
            else:
                await self._discard(unit.contents_unused)
                for key in unit.bench.changed:
                    self.office.standings.forget(self.access, key)
                return answers

    async def _meet(self) -> None:
        """Enter the caller in the directory before his transaction: a stub that is rolled back would be remembered."""
        if not self.office.directory.knows(self.access):
            async with self.office.database.link() as link:
                await self.office.directory.meet(link, self.access)

    async def _discard(self, contents: list[str]) -> None:
        """Delete objects that no row names."""
        for key in contents:
            await self.office.contents.delete(key)

    async def create(self, type: str, tree: Resource, *, if_none_exist: str | None = None) -> Written:
        """Keep a new resource; with a condition, only where nothing matches it."""
        sent = Sent(tree)

        async def work(unit: Unit) -> Written:
            found = await self.one_match(unit, type, if_none_exist) if if_none_exist else ""
            return await self.matched(unit, type, found) if found else await unit.create(sent.tree())

        return await self._write(work)

    async def update(self, type: str, id: str, tree: Resource, *, if_match: str | None) -> Written:
        """Keep a new version; NotAllowed (405) for what is absent or unseen, since ids are the server's."""
        sent = Sent(tree)
        try:
            return await self._write(lambda unit: unit.update(type, id, sent.tree(), if_match))
        except NotFound as unseen:
            raise reading.no_such_place(unseen) from None

    async def update_where(self, type: str, query: str, tree: Resource) -> Written:
        """Keep a new version of the one match, or a new resource where there is none."""
        sent = Sent(tree)

        async def work(unit: Unit) -> Written:
            new = sent.tree()
            found = await self.one_match(unit, type, query)
            if found and new.get("id", found) != found:
                raise BadValue("the id is not that of the match", expression=(f"{type}.id",))
            if not found:
                return await unit.create(new)
            return await unit.update(type, found, {**new, "id": found}, None)

        return await self._write(work)

    async def patch(self, type: str, id: str, operations: list[dict[str, object]], *, if_match: str | None) -> Written:
        """Keep a new version that a JSON Patch makes."""
        return await self._write(lambda unit: unit.patch(type, id, change(type, operations), if_match))

    async def patch_where(
        self, type: str, query: str, operations: list[dict[str, object]], *, if_match: str | None
    ) -> Written:
        """The same on the one match; NotFound where there is none."""

        async def work(unit: Unit) -> Written:
            found = await self.one_match(unit, type, query)
            if not found:
                raise reading.not_found()
            return await unit.patch(type, found, change(type, operations), if_match)

        return await self._write(work)

    async def delete(self, type: str, id: str, *, if_match: str | None = None) -> Written:
        """Delete, as far as the type and the caller's rights allow."""
        return await self._write(lambda unit: unit.delete(type, id, if_match))

    async def delete_where(self, type: str, query: str) -> Written:
        """Delete the one match; 204 where there is none."""

        async def work(unit: Unit) -> Written:
            found = await self.one_match(unit, type, query)
            return await unit.delete(type, found, None) if found else Written(None, 204)

        return await self._write(work)

    async def one_match(self, unit: Unit, type: str, query: str) -> str:
        """The id of the one resource that the caller sees and that matches, "" where none does; ManyMatches."""
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = parse(DEFINITIONS[type], pairs, strict=True, settings=self.office.settings)
        if not asked.terms:
            raise BadValue("a condition names what it looks for")
        page, _ = await searching.find(self.office, unit.link, unit.caller, replace(asked, count=2, sort=()))
        if len(page.matches) > 1:
            raise ManyMatches("more than one resource matches")
        return page.matches[0].id if page.matches else ""

    async def matched(self, unit: Unit, type: str, id: str) -> Written:
        """The answer of a conditional create whose condition matched: 200, the POST has no effect."""
        seen = await self._read(unit.link, unit.caller, type, id)
        unit.acts.append(_shown("read", seen).by(self.access, self.facts))
        return unit.written(seen.stored, 200)

    async def asked(self, unit: Unit, type: str, id: str, query: str) -> Stored | Page:
        """A read or a search inside a transaction, after its writes."""
        if id:
            seen = await self._read(unit.link, unit.caller, type, id)
            unit.acts.append(_shown("read", seen).by(self.access, self.facts))
            return seen.stored
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = parse(DEFINITIONS[type], pairs, strict=None, settings=self.office.settings)
        page, touched = await searching.find(self.office, unit.link, unit.caller, asked)
        unit.acts += [act.by(self.access, self.facts) for act in _found(type, touched)]
        return page

    async def transaction(self, entries: list[Entry]) -> list[Written | Stored | Page]:
        """Every entry or none; the answers are in the order of the entries."""
        trees = [Sent(entry.tree) if entry.tree is not None else None for entry in entries]

        async def work(unit: Unit) -> list[Written | Stored | Page]:
            return await transaction.run(
                self,
                unit,
                [replace(e, tree=sent.tree() if sent else None) for e, sent in zip(entries, trees, strict=True)],
            )

        try:
            return await self._transact(work)
        except AlreadyThere as known:
            told = Issue(
                "informational", "the record is open already: not applied", "record-open", severity="information"
            )
            rest = Written(None, 200, warnings=(told,))
            return [known.written if place == known.place else rest for place, _ in enumerate(entries)]

    async def operation(self, name: str, type: str, id: str, parameters: Resource | None) -> Resource:
        """Do `$name` on one instance."""
        return await self._operations[name](self, type, id, parameters)

    def change(self, type: str, operations: list[dict[str, object]]) -> Callable[[Resource], Resource]:
        """What a patch makes of a tree."""
        return change(type, operations)

    async def within(self, work: Callable[[Unit], Awaitable[Written]]) -> Written:
        """One act of `app.lifecycle`, in one transaction with its trail."""
        return await self._write(work)

    async def tell(self, act: Act) -> None:
        """Make one act of `app.lifecycle` durable that wrote nothing."""
        await self._tell(act)

    @asynccontextmanager
    async def link(self) -> AsyncIterator[Link]:
        """A link for the questions of `app.lifecycle`, which ask about standing and never about clinical rows."""
        async with self._link() as link:
            yield link

    async def deposit_binary(self, content_type: str, chunks: AsyncIterator[bytes], security_context: str) -> Written:
        """Keep raw bytes, streamed. `security_context` names the record; without it its depositor holds the content."""
        context = security_context.removeprefix(f"{self.office.settings.fhir_base}/")
        async with self._link() as link:
            key = await deposits.context_record(link, self.caller, context)
        content = await self.office.contents.put(key, chunks, limit=self.office.settings.binary_limit)

        async def work(unit: Unit) -> Written:
            unit.contents.append(content.key)
            return await deposits.hold(unit, new_id(key), key, content_type, content, context)

        try:
            return await self._write(work)
        except BaseException:
            await self._discard([content.key])
            raise

    async def content(self, id: str) -> tuple[str, int, AsyncIterator[bytes], Stored]:
        """Media type, size and bytes of a Binary that the caller may see, and its version."""
        async with self._link() as link:
            seen = await self._read(link, self.caller, "Binary", id)
            row = await deposits.CONTENT.row(link, id=id, record=seen.record)
        if row is None:
            raise reading.not_found()
        await self._tell(_shown("read", seen))
        try:
            stream = await self.office.contents.open(seen.record, row["content"])
        except Unreadable:
            raise reading.not_found() from None
        return row["content_type"], row["size"], stream, seen.stored


class Sent:
    """A tree as it was sent, for one attempt after the other: each of them changes the one that it gets."""

    __slots__ = ("_body", "_tree")

    def __init__(self, tree: Resource) -> None:
        self._body = dump(tree)
        self._tree: Resource | None = tree

    def tree(self) -> Resource:
        """The tree, as nobody has changed it yet."""
        tree, self._tree = self._tree, None
        return read_body(self._body) if tree is None else tree


def _shown(interaction: str, seen: Seen) -> Act:
    """What the trail says of one resource that was shown."""
    stored = seen.stored
    return Act(
        interaction=interaction,
        record=seen.record,
        reason=seen.reason,
        resource_type=stored.type,
        resource_id=stored.id,
        resource_version=stored.version_id,
        documents=(seen.document,) if seen.document else (),
        emergency=seen.reason in EMERGENCY,
    )


def _found(type: str, touched: list[searching.Touched]) -> list[Act]:
    """What the trail says of a search, one act for each record that it touched."""
    return [
        Act(
            interaction="search-type",
            record=key,
            resource_type=type,
            reason=reasons[0] if reasons else "",
            documents=documents,
            emergency=any(reason in EMERGENCY for reason in reasons),
        )
        for key, reasons, documents in touched
    ]


def _count(pairs: list[tuple[str, str]], limit: int) -> int:
    asked = next((value for name, value in pairs if name == "_count"), "")
    if asked and not (asked.isascii() and asked.isdigit()):
        raise BadValue("`_count` is a number that is not negative")
    return min(int(asked), limit) if asked else limit


def _violation(error: asyncpg.IntegrityConstraintViolationError) -> Refusal:
    """A key that a concurrent write took first: the same answer as if that write had been seen."""
    if "treating" in (error.constraint_name or ""):
        return Conflict("the record has a treating physician already", reason="second-treating-physician")
    return Conflict("another change came first", reason="concurrent-change")
