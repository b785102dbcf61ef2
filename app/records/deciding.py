"""The decision behind an act, as IHE BALP tells one (AuthZconsent): made of the act's own row when it is asked for.

So an access writes one act and not two. Who may read the act may read its decision, and learns of it what the act shows
him; of the Consents that it rests on those are named that he may read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import Text, any_, bindparam, func, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.guard import RECORD
from app.records import events
from app.records.answer import Stored
from app.records.reading import Seen, not_found
from app.records.redaction import visible_ids
from app.resources.consent import Category
from app.storage.fence import Unjudged
from app.storage.statement import Statement, constant
from app.storage.tables import INSTANT, TABLES, relation

if TYPE_CHECKING:
    from asyncpg import Record

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.resources.definition import Resource
    from app.storage.session import Link

PREFIX = "Consent/"
AT = bindparam("at", type_=INSTANT)


@cache
def _consents() -> Statement:
    """Ids of the Consents that bore on a subject at a moment, as far as they still stand, and of the opening."""
    consent = TABLES["Consent"].alias()
    opening = select(consent.c.id).where(
        consent.c.record == RECORD, consent.c.category == constant(Category.OPENING.value)
    )
    bearing = select(func.substr(relation.c.source, len(PREFIX) + 1)).where(
        relation.c.record == RECORD,
        relation.c.source.like(f"{PREFIX}%"),
        or_(
            relation.c.subject == any_(bindparam("subjects", type_=ARRAY(Text))),
            relation.c.kind == constant("opposed"),
        ),
        relation.c.starts <= AT,
        relation.c.ends > AT,
    )
    found = union(opening, bearing).subquery()
    return Statement(select(*found.c), Unjudged.FACT)


async def decision(office: Office, link: Link, caller: Caller, identifier: str) -> tuple[Seen, Resource]:
    """The decision behind one act that the caller may see; NotFound where there is no such act, or none behind it."""
    row = await events.visible(office, link, caller.reaching("AuditEvent", "r"), identifier)
    consents = await _seen(link, caller, row) if row["record"] else []
    body = office.renderer.decision(dict(row), consents, own=row["own"])
    if body is None:
        raise not_found("", row["record"])
    stored = Stored("AuditEvent", row["id"], row["version_id"], row["last_updated"], body)
    return await events.shown(link, row, stored), orjson.loads(body)


async def _seen(link: Link, caller: Caller, row: Record) -> list[str]:
    """Ids of the Consents behind an act that the caller may read, in their order."""
    subjects = [row[name] for name in ("subject", "structure", "profession", "specialty") if row[name]]
    key = row["record"]
    found = await _consents().rows(link, record=key, subjects=subjects, at=row["recorded"])
    reader = caller.reaching("Consent", "r")
    standing = await reader.standing(link, key)
    shown = await visible_ids("Consent").rows(link, **reader.one(key, standing), ids=[one["id"] for one in found])
    return sorted(one["id"] for one in shown)
