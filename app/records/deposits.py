"""Deposits: documents and their contents, as rows of the record (policy.md section 5)."""

from __future__ import annotations

import base64
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, delete, insert, or_, select

from app.errors import BrokenRule, Duplicate, Invalid, Unavailable
from app.policy.facts import DEPOSITOR, Flag, bit
from app.policy.guard import JUDGES, RECORD, Binding
from app.policy.writes import Act, refused
from app.records import account, documents, secrecy, telling
from app.records.answer import Stored, Written
from app.records.draft import new_id
from app.records.filing import UNSET
from app.records.judging import NOTHING
from app.records.naming import new_version, record_of
from app.records.reading import Seen
from app.records.redaction import listed
from app.records.references import unresolved
from app.resources import labels, terminology
from app.resources.labels import Labels
from app.resources.validation import dump, parse
from app.settings import HolderDeletion
from app.storage.fence import Unjudged, named
from app.storage.keys import DestroyedKey
from app.storage.rows import blank, later, stamp
from app.storage.statement import Statement
from app.storage.tables import TABLES, record, version

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator
    from datetime import datetime

    from asyncpg import Record

    from app.policy.standing import Caller
    from app.records.draft import Draft
    from app.records.office import Office
    from app.records.writing import Unit
    from app.resources.definition import Resource
    from app.storage.contents import Content
    from app.storage.session import Link

BINARY = TABLES["Binary"]
DOCUMENT = TABLES["DocumentReference"]
_binary = BINARY.alias()
CITABLE = Statement(
    select(*[_binary.c[name] for name in ("record", "id", "content", "size", "sha1", "sha256", "document")])
    .select_from(_binary.outerjoin(record, record.c.id == _binary.c.record))
    .where(
        _binary.c.id == bindparam("id", type_=Text),
        _binary.c.depositor == DEPOSITOR,
        named(depositor=DEPOSITOR),
        or_(_binary.c.record == "", _binary.c.record == RECORD),
        or_(
            _binary.c.document == "",
            JUDGES["Binary"](_binary, record.c.status, Binding.ONE).visible,
            bit(Flag.SOFTWARE | Flag.INSURER),
        ),
    )
    .with_for_update(of=_binary)
)
"""A content that its depositor may cite: of this record or of none, and seen if a document cites it already."""
_unfiled = and_(
    or_(BINARY.c.record == "", BINARY.c.record == RECORD),
    BINARY.c.id == bindparam("id", type_=Text),
    BINARY.c.document == "",
    named(record=RECORD),
)
_content = select(*BINARY.c).where(_unfiled).cte("content")
_taken = delete(BINARY).where(_unfiled).returning(BINARY.c.id).cte("taken")
_place = {name: bindparam(name, type_=BINARY.c[name].type) for name in ("record", "document", "content")}
_filed = select(*[_place.get(one.name, one) for one in _content.c]).join(_taken, _taken.c.id == _content.c.id)
CITE = Statement(insert(BINARY).from_select([*BINARY.c.keys()], _filed), Unjudged.LOCKED)
"""Files a content with the document that cites it: taken out and put in, since its record may lie elsewhere."""
CITED = "INSERT 0 1"
ERASE_VERSIONS = Statement(
    delete(version).where(
        version.c.record == RECORD, version.c.id == bindparam("id", type_=Text), version.c.method != "DELETE"
    ),
    Unjudged.LOCKED,
)
CONTENTS_OF = Statement(
    select(BINARY.c.id, BINARY.c.content)
    .where(BINARY.c.record == bindparam("record", type_=Text), BINARY.c.document == bindparam("document", type_=Text))
    .order_by(BINARY.c.last_updated, BINARY.c.id),
    Unjudged.LOCKED,
)
ERASE_BINARIES = Statement(
    delete(BINARY).where(
        BINARY.c.record == bindparam("record", type_=Text), BINARY.c.document == bindparam("document", type_=Text)
    ),
    Unjudged.LOCKED,
)


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Bytes as a stream of one chunk."""
    yield data


@dataclass(frozen=True, slots=True)
class Deposit:
    """A document that is judged and ready to be inserted.

    `found` are its labels, `old` the rows that it replaces, `cited` those of the Binaries that it cites first.
    """

    draft: Draft
    moment: datetime
    found: Labels
    old: list[Record]
    cited: list[Record]


async def create(unit: Unit, draft: Draft) -> Written:
    """Deposit a document; the same again under its master identifier is answered with the first."""
    deposit = await prepare(unit, draft)
    written = await (_file(unit, draft) if unit.alone else unit.insert(draft, deposit.moment))
    return await conclude(unit, deposit, written)


async def prepare(unit: Unit, draft: Draft) -> Deposit:
    """Judge a deposit, put its contents, and settle its policy columns."""
    tree = draft.tree
    await documents.check_author(unit.link, tree, unit.access)
    tree["status"] = tree.get("status", "current")
    sent = dict(tree)
    await _identified(unit, draft)
    stated = labels.normalise(tree)
    draft.becomes = documents.becomes(tree, stated, pending=stated.announcement)
    moment = UNSET if unit.alone else await unit.judge_new(draft, [Act.DEPOSIT])
    draft.facts["kind"] = unit.office.kind(terminology.document_kind(tree))
    master = tree.get("masterIdentifier")
    draft.facts["master_identifier"] = f"{master['system']}|{master['value']}" if master else None
    repeats = master and documents.replaced(tree) and await _first(unit, draft)
    old = [] if repeats else await _replaced(unit, draft)
    found = _inherit(tree, stated, old)
    digests, cited = await _attach(unit, draft)
    draft.facts["digest"] = documents.sent_digest(sent, digests)
    draft.facts["deposited_at"] = min(moment, *[row["deposited_at"] for row in old]) if old else moment
    await _settle(unit, draft, found, masker=_masker(unit, old))
    draft.documents = (draft.id,)
    draft.notice = "" if found.announcement else telling.NEW
    return Deposit(draft, moment, found, old, cited)


async def conclude(unit: Unit, deposit: Deposit, written: Written | None) -> Written:
    """What follows from a deposit that was inserted, or from one that was there already (`written` is None)."""
    if written is None:
        return await _repeated(unit, deposit.draft)
    await _keep_binaries(unit, deposit.draft, deposit.moment, deposit.cited)
    if deposit.found.announcement:
        facts = deposit.draft.facts
        await telling.schedule(
            unit.office, unit.link, deposit.draft.record, deposit.draft.id, facts["deposited_at"], facts["announce_at"]
        )
    for row in deposit.old:
        await _supersede(unit, row, deposit.found)
    return written


def is_whole(draft: Draft, base: str) -> bool:
    """Whether a deposit is kept by one statement: it brings one content at most, and touches nothing that is there."""
    tree = draft.tree
    if labels.read(tree).announcement or documents.replaced(tree):
        return False
    attachments = [content["attachment"] for content in tree["content"]]
    urls = [str(one.get("url", "")).removeprefix(base) for one in attachments]
    return sum("data" in one for one in attachments) <= 1 and not any(
        url.startswith(("Binary/", "urn:uuid:")) for url in urls
    )


async def _file(unit: Unit, draft: Draft) -> Written | None:
    """Keep a deposit by one statement, with the content that it brings."""
    brought = list(unit.pending.items())
    for identifier, (document, content_type, content) in brought:
        keep_binary(unit, identifier, draft.record, document, content_type, content, UNSET)
    written = await unit.file(draft, unit.rows.pop() if brought else None)
    if written is not None:
        unit.pending.clear()
    return written


def _inherit(tree: Resource, stated: Labels, old: list[Record]) -> Labels:
    """Mask and hiding that a new version takes over from those that it replaces."""
    found = stated
    for row in old:
        found = documents.inherited(found, row)
    labels.write(tree, found)
    return found


def _masker(unit: Unit, old: list[Record]) -> str:
    """Who masks a new version, if it is masked: who masked the one that it replaces, else who deposits it."""
    others = [row["masked_by"] for row in old if row["masked"] and row["masked_by"] != unit.access.depositor]
    return others[0] if others else unit.access.depositor


async def _settle(unit: Unit, draft: Draft, found: Labels, *, masker: str) -> None:
    """Policy columns of a document from its labels, and the end of its announcement."""
    base = unit.office.settings.codesystem_base
    deposited_at, end = draft.facts["deposited_at"], None
    if found.announcement:
        end = await documents.end_of(unit.link, unit.office.settings, deposited_at)
    labels.write_announcement_end(draft.tree, base, end)
    references = [reference for _, _, reference in listed(draft.tree, draft.definition.filtered)]
    draft.facts |= documents.label_facts(found, end)
    draft.facts |= {
        "masked_by": masker if found.masked else "",
        "withdrawn": labels.is_withdrawn(draft.tree),
        "filtered": any(one.partition("/")[2].startswith(f"{draft.record}.") for one in references),
    }


async def _identified(unit: Unit, draft: Draft) -> None:
    """Give each related document that is named by identifier alone its reference, where exactly one bears it.

    The caller's own deposit of that master identifier is meant before what else he sees; another name stays as sent.
    """
    related = draft.tree.get("relatesTo", [])
    for place, one in enumerate(related):
        name = one["target"].get("identifier", {})
        if "reference" in one["target"] or not (name.get("system") and name.get("value")):
            continue
        found = await _bearer(unit, draft.record, f"{name['system']}|{name['value']}")
        if found:
            target = {**one["target"], "reference": f"DocumentReference/{found}"}
            draft.tree["relatesTo"] = related = [*related[:place], {**one, "target": target}, *related[place + 1 :]]


async def _bearer(unit: Unit, key: str, name: str) -> str:
    """The one document of a record that bears an identifier, as far as the caller knows; "" otherwise."""
    own = await documents.FIRST.row(unit.link, record=key, depositor=unit.access.depositor, master_identifier=name)
    if own is not None and await unit.resolver.exists("DocumentReference", own["id"]):
        return str(own["id"])
    seen = await unit.bench.confirmed(key, documents.named_so(), tokens=[name])
    return str(seen["ids"][0]) if seen is not None and len(seen["ids"]) == 1 else ""


async def _replaced(unit: Unit, draft: Draft) -> list[Record]:
    """Lock the documents that a new one replaces, and judge that it may."""
    rows = []
    for index, identifier in enumerate(documents.replaced(draft.tree)):
        row = await unit.bench.row("DocumentReference", draft.record, identifier, exclusive=False)
        if row is None or not (row["visible"] or (row["blind"] and unit.operates)):
            raise unresolved(f"DocumentReference.relatesTo[{index}].target")
        await unit.bench.act(Act.REPLACE, "DocumentReference", draft.record, identifier, draft.becomes)
        replacing = [f"replaces$DocumentReference/{identifier}"]
        if await documents.REPLACING.value(
            unit.link, record=draft.record, depositor=unit.access.depositor, relations=replacing
        ):
            message = "another version has replaced this document already"
            where = (f"DocumentReference.relatesTo[{index}].target",)
            raise BrokenRule(message, reason="XDSRegistryDeprecatedDocumentError", expression=where)
        rows.append(row)
    return rows


async def _supersede(unit: Unit, row: Record, found: Labels) -> None:
    """The replaced version becomes superseded, and takes mask and hiding of the new one."""
    tree = parse(row["body"])
    tree["status"] = "superseded"
    old = labels.read(tree)
    hidden = found.hidden_from_representatives or old.hidden_from_representatives
    labels.write(tree, Labels(found.masked or old.masked, old.announcement, hidden))
    masker = row["masked_by"] or (unit.access.depositor if found.masked else "")
    facts = {"masked": found.masked or old.masked, "hidden": hidden, "masked_by": masker}
    version_id = await unit.rewrite("DocumentReference", row, tree, facts)
    unit.note("update", "DocumentReference", row["id"], version_id, row["record"], (row["id"],), secret=row["secret"])


async def _attach(unit: Unit, draft: Draft) -> tuple[dict[int, str], list[Record]]:
    """Split off the data of attachments, find the Binaries that they name.

    Returns the digests of the contents by index, and the rows that the document cites first.
    """
    digests: dict[int, str] = {}
    cited: list[Record] = []
    for index, content in enumerate(draft.tree["content"]):
        attachment, path = content["attachment"], f"DocumentReference.content[{index}].attachment"
        url = attachment.get("url", "")
        if "data" in attachment:
            kept_content = await _put(unit, draft.record, base64.b64decode(attachment.pop("data")))
            digests[index] = kept_content.sha256
            _measure(attachment, kept_content.size, kept_content.hash, path)
            identifier = new_id(draft.record)
            attachment["url"] = f"Binary/{identifier}"
            unit.pending[identifier] = (draft.id, attachment["contentType"], kept_content)
        elif url.removeprefix(unit.resolver.base).startswith("Binary/"):
            digests[index] = await _cite(unit, draft, attachment, path, cited)
        elif url.startswith("urn:uuid:"):
            raise unresolved(f"{path}.url")
    return digests, cited


async def put(office: Office, key: str, chunks: AsyncIterable[bytes]) -> Content:
    """Keep a content of a record; refused where the record was destroyed, and its key with it."""
    try:
        return await office.contents.put(key, chunks, limit=office.settings.binary_limit)
    except DestroyedKey:
        raise refused(Act.DEPOSIT, "record-not-open").about(key, "record-not-open") from None


async def _put(unit: Unit, key: str, data: bytes) -> Content:
    content = await put(unit.office, key, once(data))
    unit.contents.append(content.key)
    return content


def _measure(attachment: dict[str, Any], size: int, sha1: str, path: str) -> None:
    """Size and hash of an attachment are those of its content (IHE ITI-65)."""
    if attachment.setdefault("size", size) != size:
        raise Invalid("the size is not that of the content", reason="XDSNonIdenticalSize", expression=(f"{path}.size",))
    if attachment.setdefault("hash", sha1) != sha1:
        raise Invalid("the hash is not that of the content", reason="XDSNonIdenticalHash", expression=(f"{path}.hash",))


async def _cite(unit: Unit, draft: Draft, attachment: dict[str, Any], path: str, cited: list[Record]) -> str:
    """Digest of the Binary that an attachment cites: one of this transaction, or the caller's own.

    Another's, an unseen and an unknown one get the same refusal.
    """
    identifier = attachment["url"].removeprefix(unit.resolver.base).removeprefix("Binary/").partition("/")[0]
    attachment["url"] = f"Binary/{identifier}"
    entry = unit.binaries.pop(identifier, None)
    if entry is not None:
        content = await _put(unit, draft.record, base64.b64decode(entry.get("data", "")))
        unit.pending[identifier] = (draft.id, entry["contentType"], content)
    if identifier in unit.pending:
        content = unit.pending[identifier][2]
        _measure(attachment, content.size, content.hash, path)
        return content.sha256
    row = await CITABLE.row(unit.link, **await unit.bench.values(draft.record), id=identifier)
    if row is None:
        raise unresolved(f"{path}.url")
    _measure(attachment, row["size"], row["sha1"], path)
    if not row["document"]:
        cited.append(row)
    return str(row["sha256"])


async def _keep_binaries(unit: Unit, draft: Draft, moment: datetime, cited: list[Record]) -> None:
    """Rows of the contents that a deposit brought along, and those that it cites first, which are filed with it."""
    for row in cited:
        key = row["content"]
        if row["record"] != draft.record:
            key = await unit.office.contents.refile(key, row["record"], draft.record)
        done = await CITE.run(unit.link, id=row["id"], record=draft.record, document=draft.id, content=key)
        if done != CITED:
            raise Unavailable("the content was filed a moment ago, try again", headers={"Retry-After": "1"})
    for identifier, (document, content_type, content) in unit.pending.items():
        if document == draft.id:
            stored = keep_binary(unit, identifier, draft.record, document, content_type, content, moment)
            unit.kept[identifier] = unit.written(stored, 201)


def keep_binary(
    unit: Unit, identifier: str, key: str, document: str, content_type: str, content: Content, moment: datetime,
    context: str = "",
) -> Stored:  # fmt: skip
    """The row of one content. Its body is the resource less its data, which is read from the contents."""
    version_id = new_version()
    tree: Resource = {"resourceType": "Binary", "contentType": content_type}
    if document or context:
        tree["securityContext"] = {"reference": f"DocumentReference/{document}" if document else context}
    stamp(tree, identifier, version_id, moment)
    values = blank(BINARY) | {
        "record": key, "id": identifier, "version_id": version_id, "last_updated": moment, "method": "POST",
        "body": dump(tree), "depositor": unit.access.depositor, "depositor_structure": unit.access.structure,
        "secret": unit.access.secret, "document": document, "content": content.key, "content_type": content_type,
        "size": content.size, "sha1": content.hash, "sha256": content.sha256, "security_context": context,
    }  # fmt: skip
    unit.rows.append(values)
    return Stored("Binary", identifier, version_id, moment, values["body"])


CONTENT = Statement(
    select(BINARY.c.content, BINARY.c.content_type, BINARY.c.size).where(
        BINARY.c.record == bindparam("record", type_=Text),
        BINARY.c.id == bindparam("id", type_=Text),
        named(depositor=DEPOSITOR),  # he may hold it yet, in no record
    ),
    Unjudged.SHOWN,
)


async def context_record(link: Link, caller: Caller, context: str) -> str:
    """The record that `X-Security-Context` names: a Patient, or something in a record.

    Without it, the one that the caller's token is limited to; "" where there is none.
    """
    if not context:
        return caller.access.record
    kind, _, identifier = context.partition("/")
    key = record_of(kind, identifier)
    standing = await caller.standing(link, key) if key else None
    if standing is None or not standing.status or caller.access.record not in {"", key}:
        raise unresolved("Binary.securityContext")
    return key


async def hold(unit: Unit, identifier: str, key: str, content_type: str, content: Content, context: str) -> Written:
    """The row of a content that no document cites yet."""
    if key:
        becomes = NOTHING | {"holder_type": True, "reimbursement": True, "becomes_hidden": unit.access.secret}
        moment = later((await unit.bench.new(Act.DEPOSIT, key, exclusive=False, becomes=becomes))["now"])
    else:
        moment = later((await unit.bench.alone(Act.HOLD))["now"])
    stored = keep_binary(unit, identifier, key, "", content_type, content, moment, context)
    unit.note("create", "Binary", stored.id, stored.version_id, key)
    return unit.written(stored, 201)


async def create_binary(unit: Unit, draft: Draft) -> Written:
    """A Binary of its own: held by its depositor until a document cites it."""
    tree = draft.tree
    context = tree.get("securityContext", {}).get("reference", "")
    draft.record = draft.record or await context_record(unit.link, unit.caller, context)
    content = await _put(unit, draft.record, base64.b64decode(tree.get("data", "")))
    identifier = draft.id if record_of("Binary", draft.id) == draft.record else new_id(draft.record)
    return await hold(unit, identifier, draft.record, tree["contentType"], content, context)


async def _first(unit: Unit, draft: Draft) -> Record | None:
    """What the same depositor deposited under the master identifier of a draft."""
    master = draft.facts["master_identifier"]
    return await documents.FIRST.row(
        unit.link, record=draft.record, depositor=unit.access.depositor, master_identifier=master
    )


async def _repeated(unit: Unit, draft: Draft) -> Written:
    """The first deposit under this master identifier, when it had the same content; Duplicate otherwise."""
    row = await _first(unit, draft)
    if row is None or row["digest"] != draft.facts["digest"]:
        first = (row["id"],) if row else ()
        beside = row is not None and f"DocumentReference/{row['id']}" in unit.resolver.new
        reason = "XDSRepositoryDuplicateUniqueIdInMessage" if beside else "XDSDuplicateUniqueIdInRegistry"
        raise Duplicate("another content has this masterIdentifier already", reason=reason,
            expression=("DocumentReference.masterIdentifier",)).about(draft.record, documents=first)  # fmt: skip
    unit.repeated[draft.id] = row["id"]
    first = parse(row["body"])["content"]
    for index, content in enumerate(draft.tree["content"]):
        identifier = str(content["attachment"].get("url", "")).removeprefix("Binary/")
        if identifier in unit.pending and unit.pending[identifier][0] == draft.id:
            unit.contents_unused.append(unit.pending.pop(identifier)[2].key)
            unit.kept[identifier] = Written(None, 201, first[index]["attachment"]["url"])
    unit.note("create", "DocumentReference", row["id"], row["version_id"], draft.record, (row["id"],))
    stored = Stored("DocumentReference", row["id"], row["version_id"], row["last_updated"], row["body"])
    now = await unit.bench.row("DocumentReference", draft.record, row["id"], exclusive=False)
    written = unit.written(stored, 200)
    return written if now is not None and now["visible"] else replace(written, stored=None)


def _says_the_same(before: Resource, after: Resource) -> bool:
    one, other = ({k: v for k, v in tree.items() if k not in {"id", "meta"}} for tree in (before, after))
    return one == other  # whatever the order of their elements: what the caller did not see was put back at the end


async def unchanged(unit: Unit, row: Record, interaction: str) -> Written:
    """Answer of a change that changes nothing: nobody need be allowed it, and there is no new version.

    It shows the document, and is in the trail as what does.
    """
    unit.check_acts(row, [Act.REVISE])
    stored = Stored("DocumentReference", row["id"], row["version_id"], row["last_updated"], row["body"], row["method"])
    act = account.shown(interaction, Seen(stored, row["reason"] if row["visible"] else "", row["id"], row["record"]))
    for kept in await secrecy.kept(lambda: nullcontext(unit.link), unit.caller, [act]):
        unit.acts.append(account.heard(unit.caller, kept).by(unit.access, unit.facts))
    return unit.written(stored, 200)


async def update(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    """A change of visibility, status, marks or description: each difference is an act of its own."""
    before = parse(row["body"])
    labels.normalise(draft.tree)
    base = unit.office.settings.codesystem_base
    documents.refuse_changes(before, draft.tree, base, patched=interaction == "patch")
    was, now = documents.state(before), documents.state(draft.tree)
    acts = tuple(documents.acts(was, now))
    if _says_the_same(before, draft.tree) or (not acts and documents.differ_in_normal(before, draft.tree)):
        return await unchanged(unit, row, interaction)
    acts = acts or (Act.REVISE,)
    pending = now.labels.announcement and (not was.labels.announcement or row["announce_at"] > row["now"])
    draft.becomes = documents.becomes(draft.tree, now.labels, pending=pending)
    moment = await unit.judge_row(draft, row, acts)
    await _carry(unit, draft, row, was, now)
    draft.documents = (row["id"],)
    if Act.ANNOUNCE in acts and row["announce_at"] > row["now"]:
        draft.notice = telling.VISIBLE
        await telling.lift(unit.link, row["record"], row["id"])
    elif Act.SET_ANNOUNCEMENT in acts:
        end = draft.facts["announce_at"]
        await telling.schedule(unit.office, unit.link, row["record"], row["id"], row["deposited_at"], end)
    written = await unit.replace(draft, row, moment, interaction)
    if Act.WITHDRAW in acts:
        await _withdraw_replaced(unit, before, row)
    return written


async def _carry(unit: Unit, draft: Draft, row: Record, was: documents.State, now: documents.State) -> None:
    """Policy columns of a changed document: what the change does not touch stays."""
    draft.carried = ("kind", "master_identifier", "digest", "deposited_at", "seen_by_holder", "filtered", "p_author",
        "p_authenticator", "p_location")  # fmt: skip
    base = unit.office.settings.codesystem_base
    end: datetime | None = row["announce_at"] if was.labels.announcement and now.labels.announcement else None
    if now.labels.announcement and not was.labels.announcement:
        end = await documents.end_of(unit.link, unit.office.settings, row["deposited_at"])
    labels.write_announcement_end(draft.tree, base, end)
    masker = row["masked_by"] if was.labels.masked else unit.access.depositor
    draft.facts |= documents.label_facts(now.labels, end)
    draft.facts |= {"withdrawn": row["withdrawn"] or now.withdrawn, "masked_by": masker if now.labels.masked else ""}


async def _withdraw_replaced(unit: Unit, tree: Resource, row: Record) -> None:
    """All versions that a withdrawn document replaced go with it."""
    ids, seen = documents.replaced(tree), set[str]()
    while ids:
        seen |= set(ids)
        rows = await documents.WITHDRAW_OLD.rows(unit.link, record=row["record"], ids=ids, depositor=row["depositor"])
        ids = [one for old in rows for one in documents.replaced(parse(old["body"])) if one not in seen]


async def erase(unit: Unit, row: Record) -> Written:
    """The holder's deletion: his own deposits are erased, the others leave everybody's view but their depositor's."""
    own_only = unit.office.settings.holder_deletion is HolderDeletion.OWN
    becomes = NOTHING | {"erases_own_only": own_only}
    await unit.bench.act(Act.ERASE, "DocumentReference", row["record"], row["id"], becomes)
    tree = parse(row["body"])
    await _withdraw_replaced(unit, tree, row)
    if row["depositor"] == unit.access.depositor:
        return await _erase(unit, row)
    version_id = await unit.rewrite("DocumentReference", row, tree, {"withdrawn": True})
    unit.note("delete", "DocumentReference", row["id"], version_id, row["record"], (row["id"],), secret=row["secret"])
    return Written(None, 204, version_id=version_id)


async def _erase(unit: Unit, row: Record) -> Written:
    """Erase a deposit of the holder's own: body, older versions and contents."""
    written = await unit.remove("DocumentReference", row)
    await ERASE_VERSIONS.run(unit.link, record=row["record"], id=row["id"])
    for binary in await CONTENTS_OF.rows(unit.link, record=row["record"], document=row["id"]):
        unit.contents_unused.append(binary["content"])
    await ERASE_BINARIES.run(unit.link, record=row["record"], document=row["id"])
    return written
