"""Who stands behind a number or an account: for the pages that sign people in, which show none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy.facts import NOW, Relation
from app.records import contacts
from app.resources.ins import SYSTEMS
from app.storage.statement import Statement
from app.storage.tables import relation
from app.storage.ways import patient_way

if TYPE_CHECKING:
    from app.records.office import Office
    from app.storage.session import Link

OF_INS = Statement(
    select(patient_way.c.record).where(patient_way.c.ins == func.any(bindparam("ins", type_=ARRAY(Text))))
)
REPRESENTS = Statement(
    select(relation.c.record, relation.c.subject).where(
        relation.c.kind == Relation.REPRESENTS.value,
        relation.c.subject == func.any(bindparam("subjects", type_=ARRAY(Text))),
        relation.c.starts <= NOW,
        relation.c.ends > NOW,
    )
)


async def of_ins(link: Link, number: str) -> str:
    """The record of an INS, whichever system it stands in; "" for none, or where two systems have it."""
    found = await OF_INS.rows(link, ins=[f"{system}|{number}" for system in SYSTEMS])
    return str(found[0]["record"]) if len(found) == 1 else ""


async def represented(link: Link, people: list[str]) -> list[tuple[str, str]]:
    """Of these RelatedPersons, those that represent today: RelatedPerson id, and Patient id."""
    found = await REPRESENTS.rows(link, subjects=[f"related|{person}" for person in people])
    return sorted((str(row["subject"]).removeprefix("related|"), str(row["record"])) for row in found)


async def reached(office: Office, link: Link, patient: str) -> tuple[str, str]:
    """E-mail address and mobile number that the record has of its holder, "" for what it has not."""
    found = await contacts.kept(office, link, patient, "")
    return (found.email, found.mobile) if found else ("", "")
