"""The one door to clinical rows.

`Door.open` gives the `Records` of one caller for one request; there is no other way in. Policy is how they read, not
something they call: every statement behind this door is made by `app.policy.guard`. Every method leaves its act in the
trail before it returns: a write's in its own transaction, a read's in the group commit.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from app.errors import BadValue, Issue, ManyMatches, NotFound, StaleVersion, Unsupported
from app.policy.writes import Act
from app.records import (
    account,
    attempt,
    deposits,
    events,
    past,
    reading,
    searching,
    secrecy,
    several,
    submissions,
    tags,
    transaction,
    validating,
    whole,
)
from app.records.answer import Entry, Page, RequestFacts, Stored, Versions, Written
from app.records.attempt import Sent
from app.records.draft import new_id
from app.records.naming import record_of
from app.records.people import AlreadyThere
from app.records.redaction import redact
from app.records.several import Asked as Several
from app.records.status import Status, status
from app.records.touching import gathered
from app.records.whole import Asked as Copy
from app.resources import COMPARTMENT, DEFINITIONS
from app.resources.validation import parse as parse_body
from app.storage.audit import Act as Event
from app.storage.keys import Unreadable
from app.storage.rows import later
from app.storage.search import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from app.access import Access
    from app.policy.standing import Caller
    from app.records.office import Office
    from app.records.patching import Patch
    from app.records.reading import Seen
    from app.records.validating import Asked
    from app.records.writing import Unit
    from app.resources.definition import Resource
    from app.storage.session import Link
    from app.storage.statement import Link as Reading

    Operation = Callable[["Records", str, str, Resource | None], Awaitable[Resource]]

__all__ = [
    "Copy",
    "Door",
    "Entry",
    "Page",
    "Records",
    "RequestFacts",
    "Several",
    "Status",
    "Stored",
    "Versions",
    "Written",
]

T = TypeVar("T")
NOTICES = {Act.CLOSE: "closed", Act.REOPEN: "reopened", Act.BREAK_GLASS: "break-glass"}
"""What an act that is more than a write is told by."""


class Door:
    """Opens the records for a caller. `operations` are those of `app.lifecycle`, by name."""

    def __init__(self, office: Office, operations: Mapping[str, Operation] | None = None) -> None:
        self._office = office
        self._operations = operations or {}

    def open(self, access: Access, facts: RequestFacts) -> Records:
        """The records as this caller may see and change them."""
        return Records(self._office, access, facts, self._operations)


class Records:
    """The records as one caller may see and change them, within one request.

    A search that stands `apart` may look elsewhere for what it asks.
    """

    apart = True

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

    def _reading(self) -> AbstractContextManager[Reading]:
        """What a statement that stands alone goes by."""
        return self.office.database.together()

    async def _tell(self, *acts: Event, about: str = "") -> None:
        """Make acts durable: the answer leaves after them (api.md section 8). `about` is the record of the address."""
        await self.office.trail.durable(*await self._said(acts, about))

    async def _said(self, acts: Sequence[Event], about: str) -> list[Any]:
        """Acts as the trail keeps them, each with the notice that it is told by."""
        named = f"{self.facts.query} {about}"
        kept = await secrecy.kept(self._link, self.caller, acts, named)
        heard = [account.heard(self.caller, act, named) for act in kept]
        return [act.by(self.access, self.facts) for act in heard]

    async def refused(self, act: Event) -> Event:
        """The act of a refusal as the trail keeps it."""
        return (await secrecy.kept(self._link, self.caller, [act]))[0]

    async def read(self, type: str, id: str) -> Stored:
        """The current version; NotFound for what is absent or unseen, Gone for what the caller saw before it went."""
        await attempt.meet(self.office, self.access)
        with self._reading() as link:
            seen = await self._read(link, self.caller.reaching(type, "r"), type, id)
        await self._tell(account.shown("read", seen))
        return seen.stored

    async def _read(self, link: Reading, caller: Caller, type: str, id: str, *, opens: bool = True) -> Seen:
        if type == "AuditEvent":
            return await events.read(self.office, link, caller, id)
        return await reading.read(link, caller, type, id, opens=opens)

    async def vread(self, type: str, id: str, version_id: str) -> Stored:
        """One version, where both it and the current one may be seen."""
        async with self._link() as link:
            if type == "AuditEvent":
                seen = await events.read(self.office, link, self.caller.reaching(type, "r"), id)
                if seen.stored.version_id != version_id:
                    raise reading.not_found()
            else:
                seen = await reading.vread(link, self.caller.reaching(type, "r"), type, id, version_id)
        await self._tell(account.shown("vread", seen))
        return seen.stored

    async def history(self, type: str, id: str, pairs: list[tuple[str, str]], types: tuple[str, ...] = ()) -> Versions:
        """The versions that may be seen, newest first: of one resource, of a type, or with no type of these `types`."""
        question = past.asked(self.office, types or (type,), id, pairs)
        async with self._link() as link:
            if id:
                caller = self.caller.reaching(type, "r")
                versions, seen = await past.of_one(self.office, link, caller, question)
                acts = [account.shown("history-instance", seen)]
            else:
                versions, found = await past.of_types(self.office, link, self.caller, question)
                name = "history-type" if type else "history-system"
                acts = account.found(type, gathered(found), name)
        await self._tell(*acts)
        return versions

    async def search_several(self, asked: Several) -> Page:
        """One page of what matches among several types."""
        async with self._link() as link:
            page, touched = await several.find(self.office, link, self.caller, asked)
        await self._tell(*account.found("", touched, "search-system"), about=asked.within)
        return page

    async def everything(self, asked: Copy) -> Page:
        """One page of a record, as a copy of it may be had."""
        async with self._link() as link:
            page, touched = await whole.read(self.office, link, self.caller, asked)
        await self._tell(*account.found("Patient", touched, "$everything", asked.key))
        return page

    async def meta(self, type: str, id: str, types: tuple[str, ...] = ()) -> Resource:
        """Of one resource its Meta; of a type, or of these `types`, profiles, labels and tags of what may be seen."""
        async with self._link() as link:
            if id:
                seen = await self._read(link, self.caller.reaching(type, "r"), type, id, opens=False)
                act, told = account.shown("$meta", seen), parse_body(seen.stored.body).get("meta", {})
            else:
                told = await tags.of_types(self.office, link, self.caller, types or (type,))
                act = Event("$meta", resource_type=type)
        await self._tell(act)
        parameters = [{"name": "return", "valueMeta": told}] if told else []
        return {"resourceType": "Parameters"} | ({"parameter": parameters} if parameters else {})

    async def search(self, type: str, pairs: list[tuple[str, str]], *, strict: bool | None, within: str = "") -> Page:
        """One page of what matches and may be seen, in the compartment of the Patient `within` if one is named."""
        leads = [(COMPARTMENT[type], f"Patient/{within}")] if within else []
        query = parse(DEFINITIONS[type], [*leads, *pairs], strict=strict, settings=self.office.settings)
        await attempt.meet(self.office, self.access)
        with self._reading() as link:
            page, touched = await searching.find(
                self.office, link, self.caller.reaching(type, "s"), query, apart=self.apart
            )
        await self._tell(*account.found(type, touched), about=within)
        return replace(page, self_query=page.self_query.partition("&")[2]) if within else page

    async def _write(self, work: Callable[[Unit], Awaitable[Written]], *, begun: bool = True) -> Written:
        """One write in a transaction of its own, begun already or where the work needs it."""

        async def redacted(unit: Unit) -> Written:
            return await self.redacted(unit, await work(unit))

        try:
            return await self._transact(redacted, begun=begun)
        except AlreadyThere as known:
            return known.written

    async def redacted(self, unit: Unit, written: Written) -> Written:
        """The answer of a write less the references that its caller may not see, for all that he may change the row."""
        stored = written.stored
        if stored is None or not stored.body or not (written.filtered and DEFINITIONS[stored.type].filtered):
            return written
        key = record_of(stored.type, stored.id)
        body = await redact(unit.link, unit.caller, key, stored.type, stored.body)
        return replace(written, stored=stored._replace(body=body))

    async def _transact(self, work: Callable[[Unit], Awaitable[T]], *, begun: bool = True) -> T:
        return await attempt.commit(self.office, self.caller, self.facts, work, begun=begun)

    async def create(self, type: str, tree: Resource, *, if_none_exist: str | None = None) -> Written:
        """Keep a new resource; with a condition, only where nothing matches it."""
        sent = Sent(tree)

        async def work(unit: Unit) -> Written:
            found = await self.one_match(unit, type, if_none_exist) if if_none_exist else ""
            if found:
                return await self.matched(unit, type, found)
            new = sent.tree()
            return await (submissions.publish(unit, new) if submissions.is_simplified(new) else unit.create(new))

        return await self._write(work, begun=bool(if_none_exist))

    async def publish(self, tree: Resource) -> str:
        """Keep a new document, and a submission set made for it (ITI-105); returns where it, or the first such, is."""
        sent = Sent(tree)
        written = await self._write(lambda unit: submissions.publish(unit, sent.tree()))
        return written.location.partition("/_history")[0]

    async def update(self, type: str, id: str, tree: Resource, *, if_match: str | None) -> Written:
        """Keep a new version; NotAllowed (405) for what is absent or unseen, since ids are the server's."""
        sent = Sent(tree)
        try:
            return await self._write(lambda unit: unit.update(type, id, sent.tree(), if_match))
        except NotFound as unseen:
            raise reading.no_such_place(unseen) from None

    async def update_where(self, type: str, query: str, tree: Resource, *, if_match: str | None = None) -> Written:
        """Keep a new version of the one match, or a new resource where there is none and no version is meant."""
        sent = Sent(tree)

        async def work(unit: Unit) -> Written:
            new = sent.tree()
            found = await self.one_match(unit, type, query)
            if found and new.get("id", found) != found:
                raise BadValue("the id is not that of the match", expression=(f"{type}.id",))
            if found:
                return await unit.update(type, found, {**new, "id": found}, if_match)
            if if_match is not None:
                raise StaleVersion("nothing matches, and a version is meant", reason="stale-version")
            return await unit.create(new)

        return await self._write(work)

    async def patch(self, type: str, id: str, patch: Patch, *, if_match: str | None) -> Written:
        """Keep a new version that a patch makes."""
        return await self._write(lambda unit: unit.patch(type, id, patch, if_match))

    async def patch_where(self, type: str, query: str, patch: Patch, *, if_match: str | None) -> Written:
        """The same on the one match; NotFound where there is none."""

        async def work(unit: Unit) -> Written:
            found = await self.one_match(unit, type, query)
            if not found:
                raise reading.not_found()
            return await unit.patch(type, found, patch, if_match)

        return await self._write(work)

    async def delete(self, type: str, id: str, *, if_match: str | None = None) -> Written:
        """Delete, as far as the type and the caller's rights allow."""
        return await self._write(lambda unit: unit.delete(type, id, if_match))

    async def delete_where(self, type: str, query: str, *, if_match: str | None = None) -> Written:
        """Delete the one match; 204 where there is none."""

        async def work(unit: Unit) -> Written:
            found = await self.one_match(unit, type, query)
            return await unit.delete(type, found, if_match) if found else self.missed(unit, type, query)

        return await self._write(work)

    def missed(self, unit: Unit, type: str, query: str) -> Written:
        """The answer of a conditional deletion that nothing matches: it tells so like a search, and the trail too."""
        act = Event("search-type", record=unit.sought.get((type, query), ""), resource_type=type)
        unit.acts.append(act.by(self.access, replace(self.facts, query=query)))
        return Written(None, 204)

    async def one_match(self, unit: Unit, type: str, query: str) -> str:
        """The id of the one resource that the caller sees and that matches, "" where none does; ManyMatches."""
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = parse(DEFINITIONS[type], pairs, strict=True, settings=self.office.settings)
        if not asked.terms:
            raise BadValue("a condition names what it looks for")
        caller = unit.caller.reaching(type, "s")
        page, touched = await searching.find(self.office, unit.link, caller, replace(asked, count=2, sort=()))
        unit.about = unit.sought[type, query] = next((key for key, *_ in touched if key), "")
        unit.touched += [(one.type, one.id, one.body) for one in page.matches]
        if len(page.matches) > 1:
            raise ManyMatches("more than one resource matches")
        return page.matches[0].id if page.matches else ""

    async def matched(self, unit: Unit, type: str, id: str) -> Written:
        """The answer of a conditional create whose condition matched: 200, the POST has no effect."""
        seen = await self._read(unit.link, unit.caller.reaching(type, "s"), type, id)
        unit.acts += await self._said([account.shown("read", seen)], "")
        return unit.written(seen.stored, 200)

    def inside(self, unit: Unit, query: str) -> Records:
        """The same as a question inside a transaction finds them, after its writes, which the trail keeps with it.

        `query` is what the question asks, for the trail.
        """
        return Inside(self, unit, query)

    async def transaction(self, entries: list[Entry]) -> list[object]:
        """Every entry or none; the answers, Written or what a question gave, are in the order of the entries."""
        trees = [Sent(entry.tree) if entry.tree is not None else None for entry in entries]

        async def work(unit: Unit) -> list[object]:
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

    async def act(
        self,
        act: Act,
        key: str,
        work: Callable[[Unit, datetime], Awaitable[T]],
        *,
        detail: str = "",
        emergency: bool = False,
    ) -> T:
        """Do an act on a record that is more than a write, in one transaction: locked, judged, done, in the trail.

        NotFound where the caller may not know of the record, else the act's own refusals. `work` gets the transaction
        and its moment; `detail` and `emergency` are for the trail.
        """

        async def judged(unit: Unit) -> T:
            await unit.bench.meant(key)
            row = await unit.bench.new(act, key, exclusive=True)
            if row["status"] == "destroyed":  # by another, since it was looked at
                raise reading.not_found("record-not-open", key)
            done = await work(unit, later(row["now"]))
            told = NOTICES.get(act, "")
            unit.note(f"${act.value}", "Patient", key, "", key, detail=detail, emergency=emergency, notice=told)
            return done

        return await self._transact(judged)

    async def question(self, name: str, work: Callable[[Link], Awaitable[tuple[Seen, T]]]) -> T:
        """The answer to a question `$name` that shows nothing but who may see, once it is in the trail.

        `work` gives what the question was about, as the caller sees it, with the answer.
        """
        async with self._link() as link:
            seen, answer = await work(link)
        await self._tell(account.shown(f"${name}", seen))
        return answer

    async def suppose(
        self, name: str, type: str, id: str, documents: tuple[str, ...], work: Callable[[Unit], Awaitable[T]]
    ) -> T:
        """The answer to a question `$name` that is tried out in a transaction, of which only its own act is kept.

        `documents` are those that it is about.
        """

        async def tried(unit: Unit) -> T:
            answer = await work(unit)
            unit.note(f"${name}", type, id, "", record_of(type, id), documents)
            return answer

        return await self._transact(tried)

    async def validate(self, type: str, id: str, asked: Asked) -> list[Issue]:
        """What stands against a resource of a type, against what would replace `id`, or against what stands there.

        NotFound, or Gone, where the caller does not see `id`. Nothing is written but the act.
        """
        async with self._link() as link:
            caller = self.caller.reaching(type, "r" if asked.tree is None else "u")
            seen = await self._read(link, caller, type, id, opens=False) if id else None
            issues, key = await validating.validate(self.office, link, self.caller, type, asked, seen)
        act = account.shown("$validate", seen) if seen else None
        kept = type if type in DEFINITIONS else ""
        await self._tell(act or Event("$validate", record=key, resource_type=kept))
        return issues

    async def status(self, key: str) -> Status:
        """What a record is and what the caller may do in it; NotFound where he may not know of it."""
        async with self._link() as link:
            if self.access.limits:  # what a restricted token does not show of it
                await self._read(link, self.caller.reaching("Patient", "r"), "Patient", key)
            answer = await status(link, self.caller, self.office.rules, key)
        await self._tell(Event("$access", record=key, resource_type="Patient", resource_id=key))
        return answer

    async def deposit_binary(self, content_type: str, chunks: AsyncIterator[bytes], security_context: str) -> Written:
        """Keep raw bytes, streamed. `security_context` names the record; without it its depositor holds the content."""
        context = security_context.removeprefix(f"{self.office.settings.fhir_base}/")
        async with self._link() as link:
            key = await deposits.context_record(link, self.caller, context)
        content = await deposits.put(self.office, key, chunks)

        last: Unit | None = None

        async def work(unit: Unit) -> Written:
            nonlocal last
            last = unit
            unit.brought.append(content.key)
            return await deposits.hold(unit, new_id(key), key, content_type, content, context)

        try:
            return await self._write(work)
        except BaseException as error:
            if attempt.undone(error, last):
                await attempt.discard(self.office, [content.key])
            raise

    async def content(self, id: str) -> tuple[str, int, AsyncIterator[bytes], Stored]:
        """Media type, size and bytes of a Binary that the caller may see, and its version."""
        async with self._link() as link:
            seen = await self._read(link, self.caller.reaching("Binary", "r"), "Binary", id)
            row = await deposits.CONTENT.row(link, id=id, record=seen.record, depositor=self.access.depositor)
        if row is None:
            raise reading.not_found()
        await self._tell(account.shown("read", seen))
        try:
            stream = await self.office.contents.open(seen.record, row["content"])
        except Unreadable:
            raise reading.not_found() from None
        return row["content_type"], row["size"], stream, seen.stored


class Inside(Records):
    """The records as a question inside a transaction finds them."""

    apart = False

    def __init__(self, outer: Records, unit: Unit, query: str) -> None:
        super().__init__(outer.office, outer.access, replace(outer.facts, query=query), {})
        self._operations = outer._operations  # noqa: SLF001 - the same, of the same class
        self.caller = unit.caller
        self._unit = unit

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[Link]:
        yield self._unit.link

    def _reading(self) -> AbstractContextManager[Reading]:
        return nullcontext(self._unit.link)

    async def _tell(self, *acts: Event, about: str = "") -> None:
        self._unit.acts += await self._said(acts, about)

    async def _transact(self, work: Callable[[Unit], Awaitable[T]], *, begun: bool = True) -> T:  # noqa: ARG002
        raise Unsupported("this is not asked inside a transaction")
