"""The holder's death: its date stops that his record is opened, and begins the term at whose end it is destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from app.errors import BrokenRule
from app.policy.facts import NOW
from app.policy.guard import RECORD
from app.records import telling
from app.resources.moment import bounds
from app.resources.validation import parse
from app.storage.statement import Statement
from app.storage.tables import INSTANT, record

if TYPE_CHECKING:
    from app.records.writing import Unit
    from app.resources.definition import Resource

DIED = Statement(update(record).where(record.c.id == RECORD).values(died_at=bindparam("at", type_=INSTANT)))
DEAD = Statement(select(record.c.died_at.is_not(None)).where(record.c.id == RECORD))
TODAY = Statement(select(NOW))


def said(tree: Resource) -> Any:  # noqa: ANN401 - a date, true, or nothing
    """What a Patient says of the holder's death: a date or time, true, or None where he lives."""
    return tree.get("deceasedDateTime") or tree.get("deceasedBoolean") or None


async def keep(unit: Unit, key: str, tree: Resource) -> None:
    """Keep when the holder died, the end of a day that is named without an hour; today, where no date is told."""
    found = said(tree)
    at = bounds(found)[1] if isinstance(found, str) else await TODAY.value(unit.link) if found else None
    await DIED.run(unit.link, record=key, at=at)
    await telling.foretell(unit.office, unit.link, key)


async def refuse_dead(unit: Unit, key: str) -> None:
    """BrokenRule where the holder has died: his record is not opened any more."""
    made = unit.made.get(key)
    if said(parse(made["body"])) if made else await DEAD.value(unit.link, record=key):
        raise BrokenRule("the holder has died: the record is not opened", reason="deceased").about(key)
