"""By which documents it is judged whether somebody may know of rows that were named, where an act showed none of them.

A search by id that shows nothing, or a look at one act of the trail, names a list, a Provenance, a Consent or an act.
Who must not know of that must not read in his journal that somebody else asked for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.trail import ALONE, LISTED, SHOWING
from app.records.touching import judged_by, together
from app.storage.audit import BESIDE, BY_THE_WAY, SUCCESS
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, audit_event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from app.storage.statement import Link

    Meant = tuple[frozenset[str] | None, bool]
    """Documents, None for what anybody may know of; and whether it comes of a secret connection."""

KEY, IDS = bindparam("record", type_=Text), bindparam("ids", type_=ARRAY(Text))
ROWS = {
    kind: Statement(
        select(table.c.id, table.c.body, table.c.secret).where(table.c.record == KEY, table.c.id == func.any(IDS)),
        Unjudged.FACT,
    )
    for kind, table in ((kind, TABLES[kind]) for kind in (*LISTED, "Consent"))
}
_its = ("id", "resource_type", "resource_id", "documents", "interaction", "detail", "outcome", "secret")
ACTS = Statement(
    select(*(audit_event.c[name] for name in _its)).where(
        audit_event.c.record == KEY, audit_event.c.id == func.any(IDS)
    ),
    Unjudged.FACT,
)

ENDS = Statement(
    select(audit_event.c.documents).where(
        audit_event.c.record == KEY,
        audit_event.c.resource_type == "List",
        audit_event.c.resource_id == bindparam("id", type_=Text),
        audit_event.c.interaction == "delete",
        audit_event.c.outcome == SUCCESS,
    ),
    Unjudged.FACT,
)
"""What a List that is gone listed."""
ABOUT = frozenset({"DocumentReference", "Binary", *LISTED})
"""Types whose acts are about documents."""


def about(row: Mapping[str, Any]) -> frozenset[str] | None:
    """The documents that an act was about, None where it was about none: by them it is judged who may know of it."""
    its = frozenset(one.removeprefix(BESIDE) for one in row["documents"])
    if row["resource_id"] and row["resource_type"] in ABOUT:
        if row["resource_type"] == "DocumentReference":
            return its | {row["resource_id"]}
        # on what was not there an act is about no document, and its doer must not tell that from one on what is hidden
        return its if its or row["outcome"] == SUCCESS else None
    asked = row["interaction"] in SHOWING and row["detail"] != BY_THE_WAY
    return None if asked or row["resource_type"] in ALONE or not its else its


async def by_ids(link: Link, types: Iterable[str], key: str, ids: Collection[str]) -> tuple[tuple[str, ...], bool]:
    """The documents by which rows of a record are judged that a search of these types asked for and did not show.

    Of a document, and of what is nowhere, that is its own id.
    """
    known: dict[str, Meant] = {}
    for type in types:
        known |= await _known(link, type, key, ids)
    found = [known.get(one, (frozenset([one]), False)) for one in ids]
    return together(names for names, _ in found), bool(found) and all(secret for _, secret in found)


async def _known(link: Link, type: str, key: str, ids: Collection[str]) -> dict[str, Meant]:
    if type == "AuditEvent":
        acts = await ACTS.rows(link, record=key, ids=list(ids))
        return {row["id"]: await by_act(link, dict(row), key) for row in acts}
    if type not in ROWS:
        return {}
    rows = await ROWS[type].rows(link, record=key, ids=list(ids))
    return {row["id"]: (judged_by(type, row["id"], row["body"], key), row["secret"]) for row in rows}


async def by_act(link: Link, row: Mapping[str, Any], key: str) -> Meant:
    """The same of an act of the trail: it stands for what it is about."""
    names, type, id = about(row), row["resource_type"], row["resource_id"]
    if names or not id or type not in ROWS:
        return names, row["secret"]
    found = await _known(link, type, key, [id])
    if id not in found and names is not None:
        return frozenset(await ENDS.value(link, record=key, id=id) or ()) or None, row["secret"]
    names, secret = found.get(id, (None, False))
    return names, secret or row["secret"]
