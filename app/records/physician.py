"""The treating physician who declares himself, in the place of the former one (policy.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, select

from app.policy.facts import Relation
from app.records import telling
from app.records.attesting import attest
from app.records.draft import new_id
from app.resources.care_team import PARTICIPATION, TREATING
from app.resources.validation import parse
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, relation

if TYPE_CHECKING:
    from datetime import datetime

    from app.records.writing import Unit
    from app.resources.definition import Resource

NOTICE = "treating"
"""What a change of the treating physician is told by."""
FORMER = Statement(
    select(relation.c.source, relation.c.subject).where(
        relation.c.record == bindparam("record", type_=Text), relation.c.kind == Relation.TREATING.value
    )
)
TEAM = Statement(select(*TABLES["CareTeam"].c).where(TABLES["CareTeam"].c.record == bindparam("record", type_=Text),
    TABLES["CareTeam"].c.id == bindparam("id", type_=Text)).with_for_update(), Unjudged.LOCKED)  # fmt: skip


async def declare(unit: Unit, key: str, moment: datetime) -> None:
    """Make the caller the treating physician of a record that is locked and judged; the former one is it no longer."""
    former = await FORMER.row(unit.link, record=key)
    if former is not None:
        await tell_former(unit, key, moment)
        await _end(unit, key, former["source"].partition("/")[2])
    await _begin(unit, key, moment)
    await ask(unit, key, moment)


async def ask(unit: Unit, key: str, moment: datetime) -> None:
    """Ask who is the treating physician now for his synthesis."""
    treating = unit.relations.treating(key)
    if treating:
        await telling.ask_synthesis(unit.link, key, treating, moment)


async def tell_former(unit: Unit, key: str, moment: datetime) -> None:
    """Who was the treating physician until this change is told that he is not, unless it is he who makes it."""
    former = await FORMER.row(unit.link, record=key)
    if former is not None and former["subject"] != unit.access.subject:
        await telling.tell(unit.link, key, telling.ENDED, former["subject"], moment)


async def _end(unit: Unit, key: str, identifier: str) -> None:
    """Take the former treating physician out of his care team."""
    row = await TEAM.row(unit.link, record=key, id=identifier)
    if row is None:
        return
    tree = parse(row["body"])
    tree["participant"] = [one for one in tree["participant"] if not _is_treating(one)]
    if not tree["participant"]:
        del tree["participant"]
        tree["status"] = "inactive"
    version_id = await unit.rewrite("CareTeam", row, tree)
    unit.note("update", "CareTeam", identifier, version_id, key)


def _is_treating(participant: dict[str, object]) -> bool:
    roles = participant.get("role")
    codings = [c for role in roles for c in role.get("coding", [])] if isinstance(roles, list) else []
    return any(c.get("system") == PARTICIPATION and c.get("code") == TREATING for c in codings)


async def _begin(unit: Unit, key: str, moment: datetime) -> None:
    """A care team that names the caller as treating physician, and who attested that the holder wants it."""
    identifier = await unit.office.directory.id_of(unit.link, "Practitioner", unit.access.subject)
    role = {"coding": [{"system": PARTICIPATION, "code": TREATING}]}
    member = {"reference": f"Practitioner/{identifier}"}
    tree: Resource = {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": f"Patient/{key}"},
        "participant": [{"role": [role], "member": member}],
    }
    draft = await unit.draft(tree, new_id(key))
    draft.record, draft.notice = key, NOTICE
    await unit.insert(draft, moment)
    await attest(unit, draft, moment)
