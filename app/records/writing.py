"""Writing, inside one transaction of one caller: validated, resolved, judged before and after, kept, and in the trail.

The way of a new resource: `draft` (validate, resolve references, find the record), its type's own preparation, the lock
and the judgement, the row, its effects on relations, the act. A change goes the same way on a row locked first.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.errors import Forbidden, NotAllowed, NotFound, Refusal, StaleVersion, TooLarge
from app.policy.ceiling import reaches
from app.policy.rules import PATIENT_REDUCED
from app.policy.writes import Act
from app.records import filing
from app.records.answer import Stored, Written
from app.records.draft import Draft, new_id
from app.records.judging import BLIND, Bench
from app.records.kinds import KINDS, reimport
from app.records.naming import new_version, record_of
from app.records.reading import not_found
from app.records.redaction import redact, reduce
from app.records.references import Resolver, unresolved
from app.records.relations import Relations
from app.records.touching import judged_by, meant_by
from app.records.wills import refuse_alone
from app.resources import DEFINITIONS, profiles
from app.resources.definition import Scope
from app.resources.extraction import extract
from app.resources.validation import as_warning, dump, parse, refuse, validate
from app.settings import Profiles
from app.storage.audit import Act as Event
from app.storage.audit import columns_of
from app.storage.rows import CLOCK, DELETION, added, blank, changed, kept, later, removed, said, stamp
from app.storage.tables import TABLES, version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from asyncpg import Record

    from app.policy.standing import Caller, Standing
    from app.records.answer import RequestFacts
    from app.records.office import Office
    from app.records.patching import Patch
    from app.resources.definition import Resource
    from app.resources.structure import Survey
    from app.storage.contents import Content
    from app.storage.held import Held
    from app.storage.statement import Statement

RELATING = frozenset({"Patient", "Consent", "CareTeam", "RelatedPerson"})
"""Types that relations are derived from: their writes have the record to themselves."""
HELD = frozenset({"Consent", "CareTeam", "RelatedPerson", "Provenance"})
"""Types whose new rows nothing stands against: they wait for each other."""
WRITERS_TRAIL = "the trail is written by the server alone"


def _unseen(row: Record) -> NotFound:
    """The refusal of a locked row that the caller does not see; of a document it names it for the trail."""
    return not_found(row["reason"], row["record"], row["id"] if "announce_at" in row else "")


class Unit:
    """One transaction.

    `acts` are what the trail will say of it, inserted before it commits. `contents` are the objects put so far, to be
    deleted if it fails, `brought` those put before it, which outlive an attempt that lost against another, `rows` their
    rows that wait to be inserted; `contents_unused` those to be deleted once it committed. `binaries` are entries that
    wait for the document that cites them, `pending` contents that wait for their row, `repeated` the first deposit of
    each document that was there already. `opening` are the records that a later entry opens, `begun` those that it did
    open, `made` the Patients, as rows, whose records this transaction made: nothing else is in these yet; `identities`
    are those that an INS was found to have, None for a new one. `alone` says that no transaction has begun, `sent` that
    what was asked of the database may be kept, whatever comes back. `about` is the record that the last write was
    about, for the trail of one that is refused, `sought` that of each condition; `touched` are the rows that were
    meant, by type, id and body, `drafted` the trees of new resources.
    """

    def __init__(self, office: Office, caller: Caller, facts: RequestFacts, link: Held, stack: AsyncExitStack) -> None:
        settings = office.settings
        self.office = office
        self.caller = caller
        self.access = caller.access
        self.link = link
        self.facts = facts
        self.alone = True
        self.sent = False
        self._stack = stack
        self.bench = Bench(link, self.caller, office.rules)
        self.relations = Relations(link, settings)
        self.resolver = Resolver(link, self.caller, office.directory, settings.fhir_base, self.begin)
        self.acts: list[Any] = []
        self.contents: list[str] = []
        self.brought: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self.contents_unused: list[str] = []
        self.binaries: dict[str, Resource] = {}
        self.pending: dict[str, tuple[str, str, Content]] = {}
        self.repeated: dict[str, str] = {}
        self.kept: dict[str, Written] = {}
        self.opening: set[str] = set()
        self.begun: set[str] = set()
        self.made: dict[str, dict[str, Any]] = {}
        self.identities: dict[str, Record | None] = {}
        self.about = ""
        self.sought: dict[tuple[str, str], str] = {}
        self.touched: list[tuple[str, str, bytes]] = []
        self.drafted: list[Resource] = []

    async def begin(self) -> None:
        """Begin the transaction, if it has not begun: whatever writes or locks by more than one statement needs it."""
        if self.alone:
            self.alone = False
            self.link.take(await self._stack.enter_async_context(self.office.database.link()))
            await self._stack.enter_async_context(self.link.transaction())

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[Unit]:
        """The same caller within the same transaction, who tries something of which nothing is kept."""
        await self.link.settle()
        savepoint = self.link.transaction()
        await savepoint.start()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(savepoint.rollback)
            stack.callback(self.link.drop)
            tried = Unit(self.office, self.caller.within(), self.facts, self.link, stack)
            tried.alone = False
            yield tried

    async def finish(self) -> None:
        """Insert what waits: rows, those of contents once these are on disk, and the acts."""
        if self.begun:
            await refuse_alone(self)
        await self.link.settle()
        if self.rows:
            await self.office.contents.settle([*self.contents, *self.brought])
            await added("Binary", tuple(self.rows[0])).many(self.link, self.rows)
            self.rows.clear()
        if self.acts:
            await self.office.trail.insert(self.link, self.acts)
            self.acts.clear()
        self.sent = True

    async def draft(
        self, tree: Resource, identifier: str = "", survey: Survey | None = None, before: Resource | None = None
    ) -> Draft:
        """A valid resource with resolved references; raises Malformed, Invalid or BrokenRule.

        `survey` is what a walk over this very tree found, where it was judged before; `before` is what a change starts
        from.
        """
        definition = DEFINITIONS[tree["resourceType"]]
        if definition.type == "AuditEvent":
            raise Forbidden(WRITERS_TRAIL, reason="not-yours-to-do")
        survey = survey or validate(definition, tree, self.office.settings.codesystem_base)
        self._check_profiles(tree, before, survey)
        self.about = record_of(definition.type, identifier) or await self._meant(tree, survey)
        if not identifier or f"{definition.type}/{identifier}" in self.resolver.new:
            self.drafted.append(tree)
        resolved = await self.resolver.resolve(definition, tree, survey)
        key = record_of(definition.type, identifier) or self._record(definition.type, resolved)
        self.about = key
        made = identifier or new_id(key)
        return Draft(definition, tree, survey, resolved, key, made, warnings=tuple(survey.warnings))

    def meant(self) -> list[frozenset[str] | None]:
        """The documents of each write, by which it is judged who may know of this transaction where it is refused."""
        new = self.resolver.new
        met = [judged_by(type, id, body, record_of(type, id)) for type, id, body in self.touched]
        return [*met, *(meant_by(tree, self.about, new) for tree in self.drafted)]

    def _check_profiles(self, tree: Resource, before: Resource | None, survey: Survey) -> None:
        """Refuse what breaks a profile that it names, or warn who asked to be told, as the setting says."""
        settings = self.office.settings
        refused = settings.profiles is Profiles.REFUSE
        if not (refused or self.facts.told):
            return
        found = profiles.check(tree, settings.codesystem_base, before)
        if refused:
            refuse(found)
        survey.warnings.extend(map(as_warning, found))

    async def _meant(self, tree: Resource, survey: Survey) -> str:
        """The record that a new resource names, whether or not its references lead anywhere."""
        definition = DEFINITIONS[tree["resourceType"]]
        if definition.scope is Scope.DIRECTORY or definition.type in {"Patient", "Binary"}:
            return ""
        own = [one for one in survey.references if definition.compartment and one.path == definition.compartment]
        with suppress(Refusal):
            for one in own or survey.references:
                if key := await self.resolver.record_meant(tree, one):
                    return key
        return ""

    def _record(self, resource_type: str, resolved: Any) -> str:  # noqa: ANN401
        if DEFINITIONS[resource_type].scope is Scope.DIRECTORY or resource_type in {"Patient", "Binary"}:
            return ""
        inside = [record_of(kind, identifier) for _, kind, identifier in resolved.inside]
        key: str = resolved.record or next(iter(inside), "")
        if not key:
            raise unresolved(f"{resource_type}.{DEFINITIONS[resource_type].compartment or 'target'}")
        return key

    async def create(self, tree: Resource, identifier: str = "", survey: Survey | None = None) -> Written:
        """Keep a new resource."""
        draft = await self.draft(tree, identifier, survey)
        if not KINDS[draft.type].whole(draft, self.resolver.base):
            await self.begin()
        return await KINDS[draft.type].create(self, draft)

    async def judge_new(self, draft: Draft, acts: Iterable[Act]) -> datetime:
        """Lock the record and judge each act; returns the transaction's clock."""
        moment = None
        for act in acts:
            exclusive = draft.type in RELATING
            row = await self.bench.new(act, draft.record, exclusive=exclusive, becomes=draft.becomes)
            moment = row["now"]
        if moment is None:
            raise RuntimeError
        return later(moment)

    def _row(self, draft: Draft, moment: datetime, method: str) -> dict[str, Any]:
        """The row of a draft; TooLarge for one that a page of its like would not fit into memory with."""
        values = draft.row(self.access, moment, method)
        limit = self.office.settings.resource_limit
        if len(values["body"]) > limit:
            raise TooLarge(f"a resource may have at most {limit} bytes, less the contents that it brings")
        return values

    async def insert(
        self,
        draft: Draft,
        moment: datetime,
        adding: Callable[[tuple[str, ...]], Statement] | None = None,
        **more: object,
    ) -> Written | None:
        """Keep the row of a draft, derive relations, add the act; None when its master identifier is taken.

        `adding` makes the statement of its columns, where that adds something besides by the parameters `more`.
        """
        values = self._row(draft, moment, "POST")
        names = said(draft.type, values)
        if draft.type in HELD:
            self.link.hold(draft.type, values)
        elif await (adding(names) if adding else added(draft.type, names)).value(self.link, **values, **more) is None:
            return None
        if draft.type in RELATING and draft.record:
            await self._relate_new(draft, values)
        return self.wrote("create", draft, values, 201)

    async def _relate_new(self, draft: Draft, values: dict[str, Any]) -> None:
        """Derive the relations that a new resource brings: of a Patient, whose record is new as well, comes none."""
        if draft.type == "Patient":
            self.relations.begin(draft.record)
            self.made[draft.record] = values
        elif draft.facts.get("active", True):
            await self.relations.add(draft.type, draft.record, draft.id, draft.tree, values["last_updated"])
        self.bench.change(draft.record)

    async def insert_documents(self, drafts: list[tuple[Draft, datetime]]) -> list[Written | None]:
        """As `insert`, for documents that do not touch each other, in one exchange with the database."""
        rows = [self._row(draft, moment, "POST") for draft, moment in drafts]
        names = dict.fromkeys(name for values in rows for name in said("DocumentReference", values))
        kept = {row["id"] for row in await added("DocumentReference", tuple(names)).each(self.link, rows)}
        pairs = zip(drafts, rows, strict=True)
        return [self.wrote("create", draft, row, 201) if draft.id in kept else None for (draft, _), row in pairs]

    async def file(self, draft: Draft, binary: dict[str, Any] | None) -> Written | None:
        """Judge and keep a deposit in one statement; None when its master identifier is taken.

        `binary` is the row of the one content that it brings.
        """
        values = self._row(draft, filing.UNSET, "POST")
        written = self.wrote("create", draft, values, 201)
        names, content = filing.given(draft.type, values), filing.given("Binary", binary) if binary else ()
        act = self.acts.pop()
        told = {f"act_{name}": value for name, value in columns_of(act).items()}

        def filed(standing: Standing) -> Statement:
            return filing.filed(names, content, telling=bool(act.notice and standing.ears))

        told |= filing.parameters("row", names, values) | (filing.parameters("bin", content, binary) if binary else {})
        await self.office.contents.settle(self.contents)
        self.sent = True
        row = await self.bench.allowed(Act.DEPOSIT, draft.record, filed, **draft.becomes, **told)
        if not row["filed"]:
            return None
        self.contents.clear()  # kept for good: what fails from here on deletes none of them
        return filing.at(written, row["moment"])

    async def relate(self, resource_type: str, key: str, identifier: str) -> None:
        """Derive the relations of a record anew after a resource was written, if its type bears on them."""
        self.made.pop(key, None)
        if resource_type in RELATING and key:
            await self.relations.derive(key, f"{resource_type}/{identifier}")
            self.bench.change(key)

    def note(  # noqa: PLR0913 - what one act says
        self,
        interaction: str,
        resource_type: str,
        identifier: str,
        version_id: str,
        key: str,
        documents: tuple[str, ...] = (),
        *,
        secret: bool = False,
        detail: str = "",
        emergency: bool = False,
        notice: str = "",
    ) -> None:
        """Add an act to what the trail will say, and to what is told where it has a kind of `notice`."""
        event = Event(
            interaction=interaction,
            record=key,
            resource_type=resource_type,
            resource_id=identifier,
            resource_version=version_id,
            documents=documents,
            secret=secret,
            detail=detail,
            emergency=emergency,
            notice=notice,
        )
        self.acts.append(event.by(self.access, self.facts))

    def wrote(self, interaction: str, draft: Draft, values: dict[str, Any], status: int) -> Written:
        """Add the act of a write, and say what was written."""
        self.note(
            interaction,
            draft.type,
            draft.id,
            values["version_id"],
            draft.record,
            draft.documents,
            secret=values["secret"],
            notice=draft.notice,
        )
        stored = Stored(draft.type, draft.id, values["version_id"], values["last_updated"], values["body"])
        return self.written(stored, status, draft.warnings, filtered=values["filtered"])

    def written(self, stored: Stored, status: int, warnings: tuple[Any, ...] = (), *, filtered: bool = True) -> Written:
        """A write's answer, without a body for a caller who reads nothing."""
        location = f"{stored.type}/{stored.id}/_history/{stored.version_id}"
        shown = None if self.office.writes_only(self.access) else stored
        return Written(shown, status, location, stored.version_id, stored.last_updated, warnings, filtered)

    async def locked(self, resource_type: str, identifier: str, letter: str = "u") -> Record:
        """The row of a write, locked; NotFound when it is neither visible nor the caller's own to act on unseen.

        `letter` is the right of SMART that the write needs: a row beyond what a restricted token may change is unseen.
        """
        key = record_of(resource_type, identifier)
        self.about = ""
        if self.access.record not in {"", key}:
            raise not_found()
        self.about = key
        row = await self.bench.row(resource_type, key, identifier, exclusive=resource_type in RELATING)
        if row is None:  # filed under the record like what is there and unseen
            raise not_found("", key if key and (await self.bench.standing(key)).status else "")
        self.touched.append((resource_type, identifier, row["body"]))
        if not (row["visible"] or row["blind"]) or not reaches(self.access, resource_type, letter, row):
            raise _unseen(row)
        return row

    def check_acts(self, row: Record, acts: Iterable[Act]) -> None:
        """Refuse as absent what a blocked depositor may not do on what he no longer sees."""
        acts = set(acts)
        if not row["visible"] and not self.operates and not (acts and acts <= BLIND):
            raise _unseen(row)

    def check_version(self, row: Record, if_match: str | None) -> None:
        """Refuse a change of another version than the one in force (RFC 9110 section 13.1.1)."""
        if if_match is not None and if_match != row["version_id"]:
            self.check_acts(row, ())
            raise StaleVersion("the resource has another version now", reason="stale-version")

    async def update(self, resource_type: str, identifier: str, tree: Resource, if_match: str | None) -> Written:
        """Keep a new version of what stands there."""
        if DEFINITIONS[resource_type].scope is Scope.DIRECTORY:
            return await reimport(self, await self.draft(tree, identifier), if_match)
        row = await self.locked(resource_type, identifier)
        self.check_version(row, if_match)
        return await self._change(row, await self.shown(resource_type, row), lambda _: tree, "update")

    async def patch(self, resource_type: str, identifier: str, patch: Patch, if_match: str | None) -> Written:
        """Keep a new version that a patch makes of what stands there."""
        if DEFINITIONS[resource_type].scope is Scope.DIRECTORY:
            raise Forbidden("this act is not yours to do", reason="not-yours-to-do")
        row = await self.locked(resource_type, identifier)
        self.check_version(row, if_match)

        def patched(before: Resource) -> Resource:
            if not row["visible"]:
                patch.check_unseen(resource_type, alone=not self.operates)
            after = patch(before)
            if (after.get("resourceType"), after.get("id")) != (resource_type, identifier):
                message = "a patch cannot change type or id"
                raise NotAllowed(message, reason="element-settled", headers={"Allow": "GET, PUT"})
            return after

        return await self._change(row, await self.shown(resource_type, row), patched, "patch")

    async def shown(self, resource_type: str, row: Record) -> Resource:
        """The tree of a locked row as the caller sees it: what he changes, and all that a patch may test."""
        if resource_type == "Patient" and row["reason"] == PATIENT_REDUCED.name:
            return parse(reduce(row["body"]))
        if row["filtered"] and row["visible"]:
            return parse(await redact(self.link, self.caller, row["record"], resource_type, row["body"]))
        return parse(row["body"])

    async def _change(
        self, row: Record, shown: Resource, change: Callable[[Resource], Resource], interaction: str
    ) -> Written:
        """Keep what a change makes of a locked row; what its caller could not see in it stays.

        To a depositor whom a block names, whatever does not succeed is as if nothing were there.
        """
        resource_type, identifier = shown["resourceType"], shown["id"]
        try:
            draft = await self.draft(change(shown), identifier, before=shown)
            if draft.resolved.record not in {"", draft.record}:
                raise unresolved(f"{resource_type}.{draft.definition.compartment}")
            if row["filtered"]:
                restore(draft.tree, parse(row["body"]), shown, draft.definition.filtered)
            return await KINDS[resource_type].update(self, draft, row, interaction)
        except Refusal as refusal:
            if row["visible"] or self.operates or isinstance(refusal, NotFound):
                raise
            raise _unseen(row) from None

    @property
    def operates(self) -> bool:
        """Whether the caller may write what he does not read: software, the insurer, the operator."""
        return self.office.writes_only(self.access) or self.access.kind is Kind.OPERATOR

    async def judge_row(self, draft: Draft, row: Record, acts: Iterable[Act]) -> datetime:
        """Judge each act on a locked row; returns the moment of the new version, after that of the old one."""
        acts = tuple(acts)
        self.check_acts(row, acts)
        for act in acts:
            await self.bench.act(act, draft.type, draft.record, draft.id, draft.becomes)
        return later(row["now"], row["last_updated"])

    async def replace(self, draft: Draft, row: Record, moment: datetime, interaction: str) -> Written:
        """Keep the old version, put the draft in its place."""
        method = {"patch": "PATCH"}.get(interaction, "PUT")
        values = self._row(draft, moment, method)
        for name in ("depositor", "depositor_structure", *draft.carried):
            values[name] = row[name]
        values |= draft.facts
        values["secret"] = row["secret"] or self.access.secret
        await kept(draft.type).run(self.link, record=draft.record, id=draft.id)
        new = {f"new_{name}": value for name, value in values.items()}
        await changed(draft.type).run(self.link, record=draft.record, id=draft.id, **new)
        await self.relate(draft.type, draft.record, draft.id)
        whole = row["visible"] and row["reason"] != PATIENT_REDUCED.name
        if whole and row["filtered"]:
            values["body"] = await redact(self.link, self.caller, draft.record, draft.type, values["body"])
        written = self.wrote(interaction, draft, values, 200)
        return written if whole else Written(None, 200, written.location, written.version_id, moment)

    async def delete(self, resource_type: str, identifier: str, if_match: str | None) -> Written:
        """Take away what stands there, as far as its type allows."""
        if DEFINITIONS[resource_type].scope is Scope.DIRECTORY or resource_type == "AuditEvent":
            raise Forbidden("this act is not yours to do", reason="not-yours-to-do")
        row = await self.locked(resource_type, identifier, "d")
        if not row["visible"] and not self.operates:
            raise _unseen(row)
        self.check_version(row, if_match)
        return await KINDS[resource_type].delete(self, row)

    async def remove(self, resource_type: str, row: Record, *, notice: str = "") -> Written:
        """Move a row to the older versions, with its deletion after it."""
        key, identifier = row["record"], row["id"]
        await kept(resource_type).run(self.link, record=key, id=identifier)
        moment = later(row["now"], row["last_updated"])
        names = [column.name for column in version.columns]
        values = {**blank(version), **{name: row[name] for name in names if name in row}}
        values |= {
            "type": resource_type,
            "version_id": new_id(""),
            "last_updated": moment,
            "method": "DELETE",
            "body": None,
        }
        await DELETION.run(self.link, **values)
        await removed(resource_type).run(self.link, record=key, id=identifier)
        await self.relate(resource_type, key, identifier)
        listed = [one.partition("/") for one in row.get("p_item") or ()]
        listed.append((resource_type, "", identifier))
        documents = tuple(name for kind, _, name in listed if kind == "DocumentReference")
        self.note("delete", resource_type, identifier, values["version_id"], key, documents, secret=row["secret"],
            notice=notice)  # fmt: skip
        return Written(None, 204, version_id=values["version_id"], last_updated=moment)

    def kept_binary(self, identifier: str) -> Written:
        """Answer for a Binary that was kept with the document that cites it."""
        return self.kept.get(identifier) or Written(None, 200)

    async def rewrite(
        self, resource_type: str, row: Record, tree: Resource, facts: dict[str, Any] | None = None
    ) -> str:
        """Keep a new version that another act makes of a row, and derive the relations anew; returns its version.

        What it refers to was judged when it was written: nothing is resolved again. Policy columns stay but `facts`.
        """
        definition = DEFINITIONS[resource_type]
        version_id, moment = new_version(), later(await CLOCK.value(self.link), row["last_updated"])
        stamp(tree, row["id"], version_id, moment)
        values = {column.name: row[column.name] for column in TABLES[resource_type].columns}
        values |= extract(definition, tree, await self.resolver.aliases(tree)) | (facts or {})
        values |= {"version_id": version_id, "last_updated": moment, "method": "PUT", "body": dump(tree)}
        await kept(resource_type).run(self.link, record=row["record"], id=row["id"])
        new = {f"new_{name}": value for name, value in values.items()}
        await changed(resource_type).run(self.link, record=row["record"], id=row["id"], **new)
        await self.relate(resource_type, row["record"], row["id"])
        return version_id

    def gone(self, row: Record) -> Written:
        """Answer of a deletion that keeps the row as something inactive."""
        return Written(None, 204, version_id=row["version_id"], last_updated=row["last_updated"])


def restore(tree: Resource, stored: Resource, shown: Resource, paths: tuple[str, ...]) -> None:
    """Put back what was left out of the answer that a change starts from: a PUT cannot take away what it never saw."""
    for head in {path.partition(".")[0] for path in paths}:
        whole, seen = stored.get(head), shown.get(head)
        if whole == seen:
            continue
        if tree.get(head) == seen:
            tree[head] = whole
        elif isinstance(whole, list):
            tree[head] = [*tree.get(head, []), *(one for one in whole if one not in (seen or []))]
        elif head not in tree:
            tree[head] = whole
