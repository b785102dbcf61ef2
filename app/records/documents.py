"""Documents on their way in: deposit, replacement, visibility, withdrawal (policy.md section 5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Text, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import Kind
from app.errors import BrokenRule, NotAllowed
from app.policy.facts import announcement_end
from app.policy.guard import JUDGES, RECORD, Binding
from app.policy.standing import fresh, newest_matrix
from app.policy.writes import Act
from app.records.judging import NOTHING
from app.records.relations import subjects
from app.resources import labels, terminology
from app.resources.guides import IS_ARCHIVED, IS_DELETED
from app.resources.labels import Labels
from app.storage.fence import Unjudged, named
from app.storage.rows import PAST
from app.storage.statement import Statement
from app.storage.tables import INSTANT, TABLES, identity, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from asyncpg import Record
    from sqlalchemy import ColumnElement

    from app.access import Access
    from app.resources.definition import Resource
    from app.settings import Settings
    from app.storage.session import Link

DOCUMENT = TABLES["DocumentReference"]
ROLES = TABLES["PractitionerRole"]


def _addresses(kind: str, name: str) -> ColumnElement[Any]:
    """The directory address, in an array, of whom the key `name` stands for."""
    address = select(func.concat(f"{kind}/", identity.c.id)).where(identity.c.key == bindparam(name, type_=Text))
    return func.array(address.scalar_subquery(), type_=ARRAY(Text))


FIRST = Statement(
    select(DOCUMENT.c.id, DOCUMENT.c.version_id, DOCUMENT.c.last_updated, DOCUMENT.c.digest, DOCUMENT.c.body).where(
        DOCUMENT.c.record == bindparam("record", type_=Text),
        DOCUMENT.c.depositor == bindparam("depositor", type_=Text),
        DOCUMENT.c.master_identifier == bindparam("master_identifier", type_=Text),
    ),
    Unjudged.OWN,
)
"""What the same depositor deposited under a master identifier."""

REPLACING = Statement(
    select(DOCUMENT.c.id)
    .where(
        DOCUMENT.c.record == bindparam("record", type_=Text),
        DOCUMENT.c.depositor == bindparam("depositor", type_=Text),
        DOCUMENT.c.p_relationship.overlap(bindparam("relations", type_=ARRAY(Text))),
    )
    .limit(1),
    Unjudged.OWN,
)
"""What the same depositor deposited in the place of a document."""

NAMED = bindparam("tokens", type_=ARRAY(Text))


@cache
def named_so() -> Statement:
    """The documents of a record that bear an identifier and that the caller sees; checks the standing given."""
    row = DOCUMENT.alias()
    sight = JUDGES["DocumentReference"](row, record.c.status, Binding.ONE).visible
    bears = and_(row.c.record == record.c.id, row.c.p_identifier.overlap(NAMED), sight)
    found = func.array(select(row.c.id).where(bears).limit(2).correlate(record).scalar_subquery(), type_=ARRAY(Text))
    ok, newest = fresh().label("fresh"), newest_matrix().label("matrix_version")
    return Statement(select(ok, newest, found.label("ids")).where(record.c.id == RECORD))


END = Statement(select(announcement_end(bindparam("deposited_at", type_=INSTANT))))
"""End of the announcement of what was deposited at that moment."""

_HERE = and_(DOCUMENT.c.record == bindparam("record", type_=Text), named(record=bindparam("record", type_=Text)))
_withdrawn = (
    update(DOCUMENT)
    .where(
        _HERE,
        DOCUMENT.c.id == func.any(bindparam("ids", type_=ARRAY(Text))),
        DOCUMENT.c.depositor == bindparam("depositor", type_=Text),
    )
    .values(withdrawn=True)
    .returning(DOCUMENT.c.id)
    .cte("withdrawn")
)
WITHDRAW_OLD = Statement(
    select(DOCUMENT.c.body).where(_HERE, DOCUMENT.c.id.in_(select(_withdrawn.c.id))), Unjudged.LOCKED
)
"""Withdraws what its depositor replaced, and says what it was: who writes reads nothing but by a select."""
PATCHABLE = frozenset({"status", "securityLabel", "extension", "id", "meta"})
CHANGEABLE = PATCHABLE | {"description", "text"}
"""Elements of a document that may change after its deposit, by PATCH and by PUT (api.md section 3)."""
OWN_EXTENSIONS = frozenset({IS_ARCHIVED, IS_DELETED})


@dataclass(frozen=True, slots=True)
class State:
    """What a document's labels, status and marks say together."""

    labels: Labels
    status: str
    archived: bool
    deleted: bool
    withdrawn: bool
    rest: Resource
    """everything that no act but a revision changes"""
    wording: list[Any]
    """what labels and marks say beyond their code or flag"""


SERVERS_META = frozenset({"versionId", "lastUpdated"})
NAMED_CODES = {**labels.DISPLAYS, labels.NORMAL: "normal"}


def state(tree: Resource) -> State:
    """Read the state of a document whose labels are in order."""
    said = [one for one in tree.get("securityLabel", []) if _code(one)]
    marks = [one for one in tree.get("extension", []) if one.get("url") in OWN_EXTENSIONS]
    return State(
        labels.read(tree),
        tree["status"],
        labels.is_archived(tree),
        labels.is_deleted(tree),
        labels.is_withdrawn(tree),
        _rest(tree),
        [one for one in said if not _plain_label(one)]
        + [one for one in marks if one.keys() != {"url", "valueBoolean"}],
    )


def _code(label: dict[str, Any]) -> str:
    """Code of a label that says visibility or normal confidentiality alone, or ""."""
    codings = label.get("coding", [])
    systems = {labels.VISIBILITY, *labels.CONFIDENTIALITY_SYSTEMS}
    code = str(codings[0].get("code", "")) if len(codings) == 1 and codings[0].get("system") in systems else ""
    return code if code in NAMED_CODES else ""


def _plain_label(label: dict[str, Any]) -> bool:
    """Whether a label says no more than its code, in the words of its terminology."""
    coding = label["coding"][0]
    name = NAMED_CODES[_code(label)]
    known = coding.keys() <= {"system", "code", "display"} and label.keys() == {"coding"}
    return known and coding.get("display", name).casefold() == name.casefold()


def _rest(tree: Resource) -> Resource:
    """Elements that may change, less what an act of its own changes. `N` counts beside another confidentiality."""
    others = [one for one in tree.get("securityLabel", []) if not _code(one)]
    normal = [labels.NORMAL for one in tree.get("securityLabel", []) if _code(one) == labels.NORMAL]
    return {
        "labels": others + normal if others else [],
        "meta": {name: value for name, value in tree.get("meta", {}).items() if name not in SERVERS_META},
        "description": tree.get("description"),
        "text": tree.get("text"),
    }


def _revised(before: State, after: State) -> bool:
    """Whether anything changed that is not a label of visibility, a mark or a status."""
    return before.rest != after.rest or any(one not in before.wording for one in after.wording)


def differ_in_normal(before: Resource, after: Resource) -> bool:
    """Whether two trees that no act leads between differ only in `N` beside other labels, where it says nothing."""
    one, other = (
        tree
        | {
            "id": "",
            "meta": None,
            "securityLabel": [o for o in tree.get("securityLabel", []) if _code(o) != labels.NORMAL],
        }
        for tree in (before, after)
    )
    return one == other


def acts(before: State, after: State) -> Iterator[Act]:
    """The acts that lead from one state to another."""
    old, new = before.labels, after.labels
    changes = (
        (new.masked, old.masked, Act.MASK, Act.UNMASK),
        (new.announcement, old.announcement, Act.SET_ANNOUNCEMENT, Act.ANNOUNCE),
        (new.hidden_from_representatives, old.hidden_from_representatives, Act.HIDE, Act.SHOW),
    )
    for now, was, gained, lost in changes:
        if now != was:
            yield gained if now else lost
    if after.archived != before.archived:
        yield Act.ARCHIVE
    withdrawn = after.withdrawn and not before.withdrawn
    if withdrawn:
        yield Act.WITHDRAW
    marked = (after.status, after.deleted) != (before.status, before.deleted)
    if (marked and not withdrawn) or _revised(before, after):
        yield Act.REVISE


def becomes(tree: Resource, found: Labels, *, pending: bool) -> dict[str, bool]:
    """Parameters of a judgement: what the document would be."""
    return NOTHING | {
        "becomes_masked": found.masked,
        "becomes_pending": pending,
        "becomes_hidden": found.hidden_from_representatives,
        "reimbursement": terminology.is_remb(tree),
        "holder_type": terminology.is_holder_type(tree),
    }


async def end_of(link: Link, settings: Settings, deposited_at: datetime) -> datetime:
    """When the announcement of what was deposited at that moment ends."""
    months = settings.announcement_months
    end: datetime = await END.value(link, deposited_at=deposited_at, announcement_months=months)
    return end


def refuse_changes(before: Resource, after: Resource, base: str, *, patched: bool) -> None:
    """Refuse a change of any element that is settled at deposit, and name it.

    `patched` changes are fewer (PDSm). The end of an announcement may be sent as it stands, or be left out, since it
    follows the label.
    """
    allowed = PATCHABLE if patched else CHANGEABLE
    names = sorted(
        name for name in before.keys() | after.keys() if name not in allowed and before.get(name) != after.get(name)
    )
    if names and patched:
        message = f"only status, securityLabel and the archive and deleted extensions change this way, not `{names[0]}`"
        raise NotAllowed(message, reason="element-settled", headers={"Allow": "GET, HEAD, PUT, DELETE"})
    if names:
        message = f"`{names[0]}` is settled at deposit"
        raise BrokenRule(message, reason="element-settled", expression=(f"DocumentReference.{names[0]}",))
    end = base + labels.ANNOUNCEMENT_END
    marks = OWN_EXTENSIONS if any(e.get("url") == end for e in after.get("extension", [])) else OWN_EXTENSIONS | {end}
    kept = [[e for e in tree.get("extension", []) if e.get("url") not in marks] for tree in (before, after)]
    if kept[0] != kept[1]:
        message = "of the extensions only archived and deleted change after deposit"
        raise BrokenRule(message, reason="element-settled", expression=("DocumentReference.extension",))


STRUCTURES = frozenset({Kind.DESK, Kind.SOFTWARE, Kind.INSURER})
"""Who deposits for a structure, which answers for its authors."""
PRACTICES = Statement(
    select(ROLES.c.id)
    .where(
        ROLES.c.p_practitioner.overlap(_addresses("Practitioner", "person")),
        ROLES.c.p_organization.overlap(_addresses("Organization", "structure")),
    )
    .limit(1)
)
"""Whether the directory says that a person works in a structure."""


async def check_author(link: Link, tree: Resource, access: Access) -> None:
    """An author who is a professional is the caller or of his acting structure; the custodian is that structure."""
    for index, author in enumerate(tree.get("author", [])):
        for subject, within in await subjects(link, author, tree):
            if subject.startswith("person|") and not await _is_own(link, subject, within, access):
                message = "an author who is a professional must be the caller or of his acting structure"
                raise BrokenRule(message, reason="author-mismatch", expression=(f"DocumentReference.author[{index}]",))
    custodian = tree.get("custodian")
    if not custodian or access.kind in {Kind.HOLDER, Kind.REPRESENTATIVE}:
        return
    if access.structure not in {subject for subject, _ in await subjects(link, custodian, tree)}:
        message = "the custodian must be the acting structure"
        raise BrokenRule(message, reason="custodian-mismatch", expression=("DocumentReference.custodian",))


async def _is_own(link: Link, person: str, within: str, access: Access) -> bool:
    """Whether an author, named as working in `within` ("" where that is not said), may be the caller's to name."""
    if person == access.subject:
        return True
    if within or not access.structure:
        return bool(within) and within == access.structure
    return (
        access.kind in STRUCTURES or await PRACTICES.value(link, person=person, structure=access.structure) is not None
    )


def replaced(tree: Resource) -> list[str]:
    """Ids of the documents that this one replaces."""
    return [
        str(one["target"].get("reference", "")).removeprefix("DocumentReference/")
        for one in tree.get("relatesTo", [])
        if one.get("code") == "replaces"
    ]


def inherited(found: Labels, old: Record) -> Labels:
    """What a new version takes over from the one it replaces: mask and hiding."""
    return Labels(found.masked or old["masked"], found.announcement, found.hidden_from_representatives or old["hidden"])


def label_facts(found: Labels, end: datetime | None) -> dict[str, Any]:
    """Policy columns of the labels."""
    return {
        "masked": found.masked,
        "hidden": found.hidden_from_representatives,
        "announce_at": end or PAST,
    }


def sent_digest(tree: Resource, contents: dict[int, str]) -> str:
    """Digest of a deposit as it was sent."""
    return hashlib.sha256(sent(tree, contents)).hexdigest()


def sent(tree: Resource, contents: dict[int, str]) -> bytes:
    """A deposit as it was sent, less id and meta, with the digest of each content in the place of its url."""
    bare = {name: value for name, value in tree.items() if name not in {"id", "meta", "text"}}
    bare["content"] = [
        {**one, "attachment": {**one["attachment"], "url": contents[index], "data": None}} if index in contents else one
        for index, one in enumerate(tree.get("content", []))
    ]
    return orjson.dumps(bare, default=str, option=orjson.OPT_SORT_KEYS)


def single_label(tree: Resource) -> None:
    """Refuse a patch that counts labels where two visibility labels stand: nobody could say which is meant."""
    if len(labels.read(tree).codes) > 1:
        raise BrokenRule("two visibility labels stand there: name them by PUT", reason="ambiguous-label")
