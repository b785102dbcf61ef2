"""Reading one resource: by id, by version, its history. A row that the caller may not see is not there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, bindparam, case, cast, exists, false, literal, not_, null, select, update

from app.errors import Gone, NotAllowed, NotFound, Unavailable
from app.policy.facts import DEPOSITOR, NOW, Condition
from app.policy.guard import JUDGES, OLDER, RECORD, Binding, reduced
from app.policy.reach import RELATED
from app.policy.rules import PATIENT_REDUCED
from app.policy.standing import fresh, newest_matrix
from app.records.answer import Stored
from app.records.naming import record_of
from app.records.redaction import is_bare, redact, reduce
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.storage.fence import Unjudged, marked, named
from app.storage.statement import Statement, asker, constant
from app.storage.tables import TABLES, record, version
from app.storage.ways import binary_way

if TYPE_CHECKING:
    from asyncpg import Record
    from sqlalchemy import FromClause

    from app.policy.standing import Caller
    from app.storage.statement import Link

ID = bindparam("id", type_=Text)
DOCUMENT = TABLES["DocumentReference"]
TRIES = 4
"""A standing that is stale that many times in a row means a record written without pause."""


def not_found(verdict: str = "", key: str = "", document: str = "") -> NotFound:
    """The one answer for what is absent and what is unseen. The true reason goes to the trail alone.

    `document` is the unseen document: within a transaction the trail has no other name of what its reason betrays.
    """
    refusal = NotFound("no such resource", reason="not-found")
    refusal.verdict, refusal.record, refusal.documents = verdict, key, (document,) if document else ()
    return refusal


def no_such_place(unseen: NotFound) -> NotAllowed:
    """PUT where the caller sees nothing: ids are the server's, so absent and unseen are the same (api.md section 1)."""
    headers = {"Allow": "GET, HEAD, PATCH, DELETE"}
    refusal = NotAllowed("ids are given by the server", reason="ids-are-the-servers", headers=headers)
    refusal.verdict, refusal.record, refusal.documents = unseen.verdict, unseen.record, unseen.documents
    return refusal


def document_of(resource_type: str, identifier: str) -> str:
    """The id of a document, "" of anything else."""
    return identifier if resource_type == "DocumentReference" else ""


@cache
def by_id(resource_type: str) -> Statement:
    """Reads one row of a record with its verdict: one statement, which also checks the standing it was given."""
    row = TABLES[resource_type].alias()
    verdict = JUDGES[resource_type](row, record.c.status, Binding.ONE)
    shown = reduced(row, record.c.status, Binding.ONE) if resource_type == "Patient" else verdict.visible
    ok = fresh()
    document = row.c.document if resource_type == "Binary" else literal("", Text)
    return Statement(
        select(
            ok.label("fresh"),
            newest_matrix().label("matrix_version"),
            verdict.reason.label("reason"),
            case((and_(ok, shown), row.c.body), else_=null()).label("body"),
            row.c.version_id,
            row.c.last_updated,
            row.c.method,
            row.c.filtered,
            document.label("document"),
            _unopened(resource_type, row).label("unopened"),
            asker(),
        )
        .select_from(record.outerjoin(row, and_(row.c.record == record.c.id, row.c.id == ID)))
        .where(record.c.id == RECORD)
    )


@cache
def _why(resource_type: str) -> Statement:
    """Why the caller does not see a row that the fence keeps from him; nothing of the row itself."""
    row = TABLES[resource_type].alias()
    verdict = JUDGES[resource_type](row, record.c.status, Binding.ONE)
    joined = record.join(row, and_(row.c.record == record.c.id, row.c.id == ID))
    return Statement(select(verdict.reason).select_from(joined).where(record.c.id == RECORD), Unjudged.FACT)


def _unopened(resource_type: str, row: FromClause) -> Condition:
    """Whether a row is a document that the holder has not opened, or the content of one."""
    if resource_type == "DocumentReference":
        return not_(row.c.seen_by_holder)
    if resource_type != "Binary":
        return false()
    of = DOCUMENT.alias()
    return exists().where(marked(of.c.record == RECORD, of), of.c.id == row.c.document, not_(of.c.seen_by_holder))


BINARY = TABLES["Binary"].alias()
FILED = Statement(select(binary_way.c.record).where(binary_way.c.id == ID))
"""The record of a content; "" for one that its depositor holds and no document cites."""


@cache
def unfiled() -> Statement:
    """Reads one content that is in no record, with its verdict."""
    verdict = JUDGES["Binary"](BINARY, cast(null(), Text), Binding.MANY)
    shown = case((verdict.visible, BINARY.c.body), else_=null()).label("body")
    columns = [BINARY.c.version_id, BINARY.c.last_updated, verdict.reason.label("reason"), shown]
    held = named(depositor=DEPOSITOR)
    return Statement(select(*columns).where(held, BINARY.c.record == constant(""), BINARY.c.id == ID))


@cache
def in_directory(resource_type: str) -> Statement:
    """Reads one directory row."""
    row = TABLES[resource_type]
    return Statement(select(row.c.id, row.c.version_id, row.c.last_updated, row.c.body).where(row.c.id == ID))


@cache
def versions(resource_type: str) -> Statement:
    """Older versions of one resource that the caller may see, newest first, deletions included."""
    row = version.alias()
    conditions = [row.c.record == RECORD, row.c.type == resource_type, row.c.id == ID]
    columns = [row.c.version_id, row.c.last_updated, row.c.method, row.c.body, row.c.filtered, row.c.depositor]
    if DEFINITIONS[resource_type].scope is Scope.DIRECTORY:
        found = select(*columns).where(*conditions).order_by(row.c.last_updated.desc())
        return Statement(found, Unjudged.DIRECTORY)
    visible = OLDER[resource_type](row, record.c.status, Binding.ONE).visible
    joined = row.join(record, record.c.id == row.c.record)
    return Statement(
        select(*columns).select_from(joined).where(*conditions, visible).order_by(row.c.last_updated.desc())
    )


SEEN = Statement(
    update(DOCUMENT)
    .where(
        DOCUMENT.c.record == RECORD,
        DOCUMENT.c.id == ID,
        not_(DOCUMENT.c.seen_by_holder),
        not_(DOCUMENT.c.announce_at > NOW),
    )
    .values(seen_by_holder=True)
    .returning(DOCUMENT.c.id),
    Unjudged.SHOWN,
)
"""The holder opened a document: from then on it cannot be kept from him (policy.md section 5).

It waits for who changes the document at this moment, and does nothing where he kept it from the holder.
"""
OPENING = frozenset({"holder", "representative"})
"""Reasons of a read by which the holder, or who represents him, opens a document."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a read showed, and what the trail says of it: reason code, the document concerned, the record.

    An act of the trail is judged by documents `beside` it, and may come of a `secret` connection.
    """

    stored: Stored
    reason: str = ""
    document: str = ""
    record: str = ""
    beside: tuple[str, ...] = ()
    secret: bool = False


async def confirmed(link: Link, caller: Caller, key: str, statement: Statement, **values: object) -> Record | None:
    """The first row of a statement bound to one record, under a standing and a matrix that it found fresh."""
    standing = await caller.standing(link, key)
    row = None
    for _ in range(TRIES):
        row = await statement.row(link, **caller.one(key, standing), **values)
        if row is None or row["fresh"]:
            return row
        if row["matrix_version"] != caller.matrix.version:
            await caller.matrix.refresh(link)
        standing = await caller.standing(link, key, again=True)
    message = "the record is changing too fast"
    raise Unavailable(message, headers={"Retry-After": "1"})


async def key_of(link: Link, caller: Caller, resource_type: str, identifier: str) -> str:
    """The record that an id belongs to; NotFound where the token does not reach it.

    The id of a content that was held before a document cited it does not say its record.
    """
    key = record_of(resource_type, identifier)
    if not key and resource_type == "Binary":
        key = await FILED.value(link, id=identifier) or ""
    if caller.access.record and key != caller.access.record:
        raise not_found()
    return key


async def read(link: Link, caller: Caller, resource_type: str, identifier: str, *, opens: bool = False) -> Seen:
    """One resource as the caller may see it; NotFound, or Gone for what he saw before it was deleted.

    Where that shows it to him, the holder or who represents him `opens` a document by it.
    """
    if DEFINITIONS[resource_type].scope is Scope.DIRECTORY:
        found = await in_directory(resource_type).row(link, id=identifier)
        if found is None:
            raise not_found()
        return Seen(_stored(resource_type, identifier, found, found["body"]))
    key = await key_of(link, caller, resource_type, identifier)
    if not key and resource_type == "Binary":
        return await _held(link, caller, identifier)
    for _ in range(TRIES):
        row = await _row(link, caller, key, resource_type, identifier)
        document = identifier if resource_type == "DocumentReference" else row["document"]
        first = opens and row["reason"] in OPENING and row["unopened"]
        if first and await SEEN.row(link, record=key, id=document) is None:
            continue  # another opened it, or keeps it from him since
        body = await shown(link, caller, key, resource_type, row)
        return Seen(_stored(resource_type, identifier, row, body, row["method"]), row["reason"], document, key)
    raise Unavailable("the document is changing too fast", headers={"Retry-After": "1"})


async def _row(link: Link, caller: Caller, key: str, resource_type: str, identifier: str) -> Record:
    """The row of a resource that the caller may see; of one that he may not, as much is asked as of one that is not."""
    row = await confirmed(link, caller, key, by_id(resource_type), id=identifier)
    if row is not None and row["body"] is not None:
        return row
    hidden = row is not None and row["version_id"] is not None
    old = await _versions(link, caller, key, resource_type, identifier)
    if old and old[0]["method"] == "DELETE" and not hidden:  # he may see the last version (policy.md section 7)
        message = "this resource was deleted"
        raise Gone(message, reason="deleted")
    why = await _refused(link, caller, key, resource_type, identifier) if row else ""
    if row is not None and hidden:
        raise not_found(row["reason"], key, document_of(resource_type, identifier) or row["document"])
    raise not_found(why, key if row else "", document_of(resource_type, identifier) if why else "")


async def _held(link: Link, caller: Caller, identifier: str) -> Seen:
    """A content that is in no record: its depositor's alone."""
    row = await unfiled().row(link, **caller.many(), id=identifier)
    if row is None or row["body"] is None:
        raise not_found()
    return Seen(_stored("Binary", identifier, row, row["body"]), row["reason"])


async def shown(link: Link, caller: Caller, key: str, resource_type: str, row: Record) -> bytes:
    """The body of a row as it leaves: whole, reduced to the identifier, or less the references that may not be seen."""
    body: bytes = row["body"]
    if resource_type == "Patient" and row["reason"] == PATIENT_REDUCED.name:
        return reduce(body)
    return await redact(link, caller, key, resource_type, body) if row["filtered"] else body


def _stored(resource_type: str, identifier: str, row: Record, body: bytes, method: str = "PUT") -> Stored:
    return Stored(resource_type, identifier, row["version_id"], row["last_updated"], body, method)


async def _refused(link: Link, caller: Caller, key: str, resource_type: str, identifier: str) -> str:
    """The true reason, for the trail, where the fence kept a row back; asked of the absent and of the unseen alike."""
    standing = await caller.standing(link, key)
    if standing.flags & RELATED:
        return ""
    return await _why(resource_type).value(link, **caller.one(key, standing), id=identifier) or ""


async def _versions(link: Link, caller: Caller, key: str, resource_type: str, identifier: str) -> list[Record]:
    standing = await caller.standing(link, key)
    return await versions(resource_type).rows(link, **caller.one(key, standing), id=identifier)


async def history(
    link: Link, caller: Caller, resource_type: str, identifier: str, *, opens: bool = False
) -> tuple[list[Stored], Seen | None]:
    """Every version that the caller may see, newest first: the current one and each older one decide, either denies."""
    directory = DEFINITIONS[resource_type].scope is Scope.DIRECTORY
    current: Seen | None = None
    with suppress(Gone):
        current = await read(link, caller, resource_type, identifier, opens=opens)
    key = "" if directory else await key_of(link, caller, resource_type, identifier)
    found = [current.stored] if current else []
    if current is None or current.reason != PATIENT_REDUCED.name:
        found += await _older(link, caller, key, resource_type, identifier)
    return found, current


async def _older(link: Link, caller: Caller, key: str, resource_type: str, identifier: str) -> list[Stored]:
    """Older versions less what may not be seen; one of which nothing is left is not there, as its like today."""
    found = []
    for row in await _versions(link, caller, key, resource_type, identifier):
        body = row["body"] or b""
        if row["filtered"] and body:
            body = await redact(link, caller, key, resource_type, body)
            if row["depositor"] != caller.access.depositor and is_bare(resource_type, body):
                continue
        found.append(_stored(resource_type, identifier, row, body, row["method"]))
    return found


async def vread(link: Link, caller: Caller, resource_type: str, identifier: str, version_id: str) -> Seen:
    """One version; Gone where that version is the deletion."""
    found, current = await history(link, caller, resource_type, identifier)
    one = next((stored for stored in found if stored.version_id == version_id), None)
    if one is None:
        raise not_found()
    if not one.body:
        message = "this resource was deleted"
        raise Gone(message, reason="deleted")
    if current is None:
        return Seen(one, record=record_of(resource_type, identifier))
    if current.reason in OPENING:
        current = await read(link, caller, resource_type, identifier, opens=True)
    return replace(current, stored=one)
