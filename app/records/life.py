"""The life of a record: opened, closed and reopened; what its row, its Patient and its opening Consent say of it.

A closed record is read and written by nobody, kept ten years, and comes back as it was (policy.md section 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, func, select, update

from app.errors import BrokenRule
from app.policy.facts import NOW
from app.records import care, contacts, death, telling
from app.records.people import activate
from app.resources.consent import Category
from app.resources.validation import parse
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, record

if TYPE_CHECKING:
    from app.records.writing import Unit

OPENED = "opened"
"""What an opening is told by."""
CONSENT = TABLES["Consent"]
THIS = record.c.id == bindparam("record", type_=Text)
BUMPED = record.c.policy_version + 1
OPEN = Statement(update(record).where(THIS).values(status="open", opened_at=NOW, closed_at=None, policy_version=BUMPED))
NOT_OPEN = Statement(update(record).where(THIS).values(status="not-opened", opened_at=None, policy_version=BUMPED))
CLOSE = Statement(
    update(record)
    .where(THIS)
    .values(
        status="closed",
        closed_at=NOW,
        closed_reason=bindparam("reason", type_=Text),
        closed_comment=bindparam("comment", type_=Text),
        policy_version=BUMPED,
    )
)
OPENING = Statement(
    select(*CONSENT.c)
    .where(CONSENT.c.record == bindparam("record", type_=Text), CONSENT.c.category == Category.OPENING.value)
    .order_by(CONSENT.c.last_updated.desc())
    .limit(1)
    .with_for_update(),
    Unjudged.LOCKED,
)
DAY = Statement(select(func.to_char(NOW, "YYYY-MM-DD")))


async def begin(unit: Unit, key: str) -> None:
    """Open a record; a Consent said so. BrokenRule where its holder has died."""
    await death.refuse_dead(unit, key)
    await OPEN.run(unit.link, record=key)
    if key not in unit.made:
        await telling.foretell(unit.office, unit.link, key)
    unit.bench.change(key)
    await contacts.first(unit, key)
    await care.begin(unit, key)
    await activate(unit, key, active=True)


async def object_to(unit: Unit, key: str) -> None:
    """Take back the opening of a record that the law opened in this transaction (L.1111-14)."""
    await NOT_OPEN.run(unit.link, record=key)
    unit.bench.opened.discard(key)
    unit.bench.change(key)
    await activate(unit, key, active=False)


async def close(unit: Unit, key: str, reason: str = "", comment: str = "") -> None:
    """Close a record: nobody reads or writes it until it is reopened. `reason` is a code, `comment` a text."""
    await _settle(unit, key, active=False)
    await CLOSE.run(unit.link, record=key, reason=reason, comment=comment)
    await telling.foretell(unit.office, unit.link, key)
    unit.bench.change(key)
    await activate(unit, key, active=False, closing=await _closing(unit, reason, comment))


async def reopen(unit: Unit, key: str) -> None:
    """Reopen a closed record, with everything in it as it was (TD1.2); BrokenRule for one that is not closed."""
    if (await unit.bench.standing(key)).status != "closed":
        raise BrokenRule("only a closed record is reopened", reason="record-not-closed").about(key)
    await _settle(unit, key, active=True)
    await begin(unit, key)


async def _settle(unit: Unit, key: str, *, active: bool) -> None:
    """Make the opening Consent say what the record is, unless the write that closed it does already."""
    row = await OPENING.row(unit.link, record=key)
    if row is None or row["active"] is active:
        return
    tree = parse(row["body"])
    tree["status"] = "active" if active else "inactive"
    await unit.rewrite("Consent", row, tree, {"active": active})


async def _closing(unit: Unit, reason: str, comment: str) -> dict[str, object]:
    """The closing extension of the DMP's draft guide: date, reason code, comment."""
    base = "https://interop.esante.gouv.fr/ig/fhir/dmp"
    parts: list[dict[str, object]] = [{"url": "dateFermeture", "valueDate": await DAY.value(unit.link)}]
    if reason:
        coding = {"system": f"{base}/CodeSystem/dmp-motif-fermeture", "code": reason}
        parts.append({"url": "motifFermeture", "valueCodeableConcept": {"coding": [coding]}})
    if comment:
        parts.append({"url": "raisonFermeture", "valueString": comment})
    return {"url": f"{base}/StructureDefinition/dmp-fermeture", "extension": parts}
