"""Who stands behind a number or an account: for the pages that sign people in, which show none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.policy import facts
from app.policy.facts import NOW, Relation
from app.records import contacts
from app.resources.ins import SYSTEMS
from app.resources.related_person import is_parent_or_guardian
from app.resources.validation import parse
from app.storage.fence import Unjudged
from app.storage.statement import Statement, constant
from app.storage.tables import TABLES, record, relation
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
REPRESENTING = Statement(
    select(relation.c.subject).where(
        relation.c.record == bindparam("patient", type_=Text),
        relation.c.kind == Relation.REPRESENTS.value,
        relation.c.starts <= NOW,
        relation.c.ends > NOW,
    )
)
MINOR = Statement(
    select(record.c.id).where(
        record.c.id == bindparam("record", type_=Text), record.c.status == constant("open"), facts.is_minor(record.c.id)
    ),
    Unjudged.FACT,
)
UNOPENED = Statement(
    select(record.c.status == constant("not-opened")).where(record.c.id == bindparam("record", type_=Text))
)
IDENTITY = Statement(
    select(TABLES["Patient"].c.body).where(TABLES["Patient"].c.record == bindparam("record", type_=Text)),
    Unjudged.SWEPT,
)

RELATED = Statement(
    select(TABLES["RelatedPerson"].c.id, TABLES["RelatedPerson"].c.body).where(
        TABLES["RelatedPerson"].c.record == bindparam("record", type_=Text),
        TABLES["RelatedPerson"].c.id == func.any(bindparam("people", type_=ARRAY(Text))),
    ),
    Unjudged.FACT,
)
CLOSE = Statement(
    select(TABLES["RelatedPerson"].c.id, TABLES["RelatedPerson"].c.body).where(
        TABLES["RelatedPerson"].c.record == bindparam("record", type_=Text)
    ),
    Unjudged.FACT,
)
YOUNG = Statement(
    select(record.c.id).where(record.c.id == bindparam("record", type_=Text), facts.is_minor(record.c.id)),
    Unjudged.FACT,
)
DAY = len("2000-01-01")


async def is_minor(link: Link, patient: str, majority_years: int) -> bool:
    """Whether a record is open and its holder a minor today: a secret connection is for nobody else."""
    return await MINOR.value(link, record=patient, majority_years=majority_years) is not None


async def of_ins(link: Link, number: str) -> str:
    """The record of an INS, whichever system it stands in; "" for none, or where two systems have it."""
    found = await OF_INS.rows(link, ins=[f"{system}|{number}" for system in SYSTEMS])
    return str(found[0]["record"]) if len(found) == 1 else ""


async def minor_has(office: Office, number: str) -> bool:
    """Whether a number is that of a minor whose record is open."""
    async with office.database.link() as link:
        patient = await of_ins(link, number)
        return bool(patient) and await is_minor(link, patient, office.settings.majority_years)


async def represented(link: Link, people: list[str]) -> list[tuple[str, str]]:
    """Of these RelatedPersons, those that represent today: RelatedPerson id, and Patient id."""
    found = await REPRESENTS.rows(link, subjects=[f"related|{person}" for person in people])
    return sorted((str(row["subject"]).removeprefix("related|"), str(row["record"])) for row in found)


class Representative(NamedTuple):
    """A RelatedPerson that represents today: his date of birth and where he is reached, "" for what is not known."""

    id: str
    born: str
    email: str
    mobile: str


async def representatives(office: Office, link: Link, patient: str) -> list[Representative]:
    """Those who represent the holder of a record today."""
    found = await REPRESENTING.rows(link, patient=patient)
    people = sorted({str(row["subject"]).removeprefix("related|") for row in found})
    bodies = await RELATED.rows(link, record=patient, people=people) if people else []
    days = {row["id"]: _born(row["body"]) for row in bodies}
    return [Representative(one, days.get(one, ""), *await told_at(office, link, patient, one)) for one in people]


async def born(link: Link, patient: str, related_person: str = "") -> str:
    """The date of birth of a record's holder, or of one of its RelatedPersons; "" where it is not known to the day."""
    if related_person:
        rows = await RELATED.rows(link, record=patient, people=[related_person])
        return _born(rows[0]["body"]) if rows else ""
    return _born(await IDENTITY.value(link, record=patient))


def _born(body: bytes) -> str:
    day = str(parse(body).get("birthDate", ""))
    return day if len(day) == DAY else ""


async def told_at(office: Office, link: Link, patient: str, person: str) -> tuple[str, str]:
    """E-mail address and mobile number that the record has of a RelatedPerson, "" for what it has not."""
    found = await contacts.kept(office, link, patient, person)
    return (found.email, found.mobile) if found else ("", "")


async def unopened(link: Link, patient: str) -> bool:
    """Whether this is an identity whose record was never opened."""
    return bool(await UNOPENED.value(link, record=patient))


async def reached(office: Office, link: Link, patient: str) -> tuple[str, str]:
    """E-mail address and mobile number that the record has of its holder alone, "" for what it has not.

    One that a parent or a guardian has is not his alone: who reads it there would be the holder, from whom nothing
    is hidden. An identity whose record was never opened has those that it was made with; a minor's has none.
    """
    if await contacts.kept(office, link, patient, "") is None and await unopened(link, patient):
        if await YOUNG.value(link, record=patient, majority_years=office.settings.majority_years) is not None:
            return "", ""
        found = contacts.said(parse(await IDENTITY.value(link, record=patient)))
        email, mobile = (found.email, found.mobile) if found else ("", "")
    else:
        email, mobile = await told_at(office, link, patient, "")
    others = await _of_parents(office, link, patient)
    return "" if email.casefold() in others else email, "" if mobile in others else mobile


async def _of_parents(office: Office, link: Link, patient: str) -> set[str]:
    """Addresses of all who may represent the holder, do, or did: as the record was given them, and as they stand."""
    found: set[str] = set()
    for row in await CLOSE.rows(link, record=patient):
        tree = parse(row["body"])
        if is_parent_or_guardian(tree):
            given = contacts.said(tree)
            found |= {given.email.casefold(), given.mobile} if given else set()
            email, mobile = await told_at(office, link, patient, row["id"])
            found |= {email.casefold(), mobile}
    return found - {""}
