"""Lists on their way in: submission sets and folders, deposited like the documents that they list (IHE MHD).

The same again is answered with the first: by its uniqueId, and a submission set without one where each of its documents
was there already.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Text, bindparam, select

from app.errors import Duplicate, Issue
from app.policy.writes import Act
from app.records.answer import Stored
from app.records.redaction import refer
from app.records.relations import subjects
from app.records.touching import judged_by, together
from app.resources import list_
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, identity

if TYPE_CHECKING:
    from asyncpg import Record

    from app.records.answer import Written
    from app.records.draft import Draft
    from app.records.writing import Unit
    from app.resources.definition import Resource

LIST = TABLES["List"]
OWN = (LIST.c.record == bindparam("record", type_=Text), LIST.c.depositor == bindparam("depositor", type_=Text))
_columns = [LIST.c[name] for name in ("id", "version_id", "last_updated", "digest", "body")]
FIRST = Statement(
    select(*_columns).where(*OWN, LIST.c.master_identifier == bindparam("name", type_=Text)), Unjudged.OWN
)
"""What the same depositor deposited under a uniqueId."""
ALIKE = Statement(
    select(*_columns).where(*OWN, LIST.c.digest == bindparam("digest", type_=Text)).order_by(LIST.c.id).limit(1),
    Unjudged.OWN,
)
"""What the same depositor deposited with the same words."""
LISTED = Statement(select(identity.c.id).where(identity.c.key == bindparam("key", type_=Text), identity.c.listed))
"""Whether the directory knows a key."""


async def deposit(unit: Unit, draft: Draft) -> Written:
    """Keep a List, or answer with the first."""
    refer(draft)
    draft.becomes |= {"holder_type": True, "reimbursement": True, "becomes_hidden": unit.access.secret}
    draft.facts |= {"master_identifier": list_.unique_id(draft.tree), "digest": _digest(draft.tree)}
    draft.warnings += tuple(await _unreached(unit, draft.tree))
    moment = await unit.judge_new(draft, [Act.DEPOSIT])
    known = await _known(unit, draft)
    written = None if known else await unit.insert(draft, moment)
    return written or await _repeated(unit, draft, known)


async def change(unit: Unit, draft: Draft, row: Record, interaction: str) -> Written:
    """A new version, which is known by the name of the first."""
    refer(draft)
    draft.carried = ("master_identifier", "digest")
    moment = await unit.judge_row(draft, row, [Act.REVISE])
    return await unit.replace(draft, row, moment, interaction)


def _digest(tree: Resource) -> str:
    """Digest of a List as it was sent, its references resolved, less id, meta and narrative."""
    bare = {name: value for name, value in tree.items() if name not in {"id", "meta", "text"}}
    return hashlib.sha256(orjson.dumps(bare, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def _known(unit: Unit, draft: Draft) -> Record | None:
    """The first of a submission set without a uniqueId whose documents this transaction found there already."""
    items = {str(one["item"].get("reference", "")).partition("/")[2] for one in draft.tree.get("entry", [])}
    again = items and items <= set(unit.repeated.values())
    if draft.facts["master_identifier"] or not again or not list_.is_submission_set(draft.tree):
        return None
    depositor, digest = unit.access.depositor, draft.facts["digest"]
    return await ALIKE.row(unit.link, record=draft.record, depositor=depositor, digest=digest)


async def _repeated(unit: Unit, draft: Draft, known: Record | None) -> Written:
    """The first deposit, when it said the same; Duplicate otherwise."""
    name = draft.facts["master_identifier"]
    row = known or await FIRST.row(unit.link, record=draft.record, depositor=unit.access.depositor, name=name)
    if row is None or row["digest"] != draft.facts["digest"]:
        message = "another list has this uniqueId already"
        reason = "XDSDuplicateUniqueIdInRegistry"
        first = together([judged_by("List", row["id"], row["body"], draft.record)]) if row else ()
        raise Duplicate(message, reason=reason, expression=("List.identifier",)).about(draft.record, documents=first)
    unit.repeated[draft.id] = row["id"]
    unit.note("create", "List", row["id"], row["version_id"], draft.record, draft.documents)
    written = unit.written(Stored("List", row["id"], row["version_id"], row["last_updated"], row["body"]), 200)
    now = await unit.bench.row("List", draft.record, row["id"], exclusive=False)
    return written if now is not None and now["visible"] else replace(written, stored=None)


async def _unreached(unit: Unit, tree: Resource) -> list[Issue]:
    """What is to be said of recipients: this server tells the holder of a deposit, and nobody else (ITI-65)."""
    found = []
    for place, recipient in list_.recipients(tree):
        known = await _is_listed(unit, tree, recipient)
        reason = "UnavailableRecipient" if known else "UnknownRecipient"
        message = "a recipient is not told of the deposit" if known else "a recipient is not known here"
        found.append(Issue("informational", message, reason, (f"List.extension[{place}]",), severity="warning"))
    return found


async def _is_listed(unit: Unit, tree: Resource, recipient: dict[str, Any]) -> bool:
    for key, _ in await subjects(unit.link, recipient, tree):
        if await LISTED.value(unit.link, key=key) is not None:
            return True
    return False
