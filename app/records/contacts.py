"""Where the holder and his representatives are told of what happens in a record (policy.md section 6).

An address is sealed under the record's own key: who has the database alone reads none, and it is gone with the key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.access import Kind
from app.errors import BrokenRule
from app.policy.facts import NOW
from app.records.relations import BUMP
from app.resources.validation import parse
from app.storage.fence import Unjudged
from app.storage.keys import Unreadable, unwrap, wrap
from app.storage.outbox import ACCESS, contact
from app.storage.statement import Statement
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from asyncpg import Record

    from app.access import Access
    from app.records.office import Office
    from app.records.writing import Unit
    from app.storage.session import Link

MAIL, SMS, SECURE = "mail", "sms", "secure"
"""Ways to a person; the last is MSSanté, the secure messaging of professionals."""
LANGUAGES = ("fr", "en")
CHOSEN = ("new-document", "document-visible", "first-access")
OPTIONAL = (*CHOSEN, ACCESS)
"""Notices that may be chosen, the first of them unless told otherwise; all the others are the law's."""
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
MOBILE = re.compile(r"\+[1-9][0-9]{7,14}")
NATIONAL = re.compile(r"0[67][0-9]{8}")
"""A mobile number as it is written in France."""
SEPARATORS = str.maketrans("", "", " .-()")

GIVEN = ("record", "party", "sealed", "way", "language", "choices")
RECORD = contact.c.record == bindparam("record", type_=Text)
PARTY = contact.c.party == bindparam("party", type_=Text)
_given = {name: bindparam(name, type_=contact.c[name].type) for name in GIVEN}
_row = insert(contact).values({**_given, "changed_at": NOW})
KEEP = Statement(
    _row.on_conflict_do_update(
        index_elements=["record", "party"],
        set_={name: _row.excluded[name] for name in ("sealed", "way", "language", "choices", "changed_at")},
    )
)
FIRST = Statement(_row.on_conflict_do_nothing(index_elements=["record", "party"]))
KEPT = Statement(select(*contact.c).where(RECORD, PARTY))
FORGET = Statement(delete(contact).where(RECORD, PARTY))
OF = Statement(select(*contact.c).where(contact.c.record == func.any(bindparam("records", type_=ARRAY(Text)))))
PEOPLE = {
    kind: Statement(
        select(TABLES[kind].c.id, TABLES[kind].c.body).where(TABLES[kind].c.record == bindparam("record", type_=Text)),
        Unjudged.LOCKED,
    )
    for kind in ("Patient", "RelatedPerson")
}


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody's addresses, "" for what he has not; the `way` that he is told by, the language, and his choices."""

    email: str = ""
    mobile: str = ""
    way: str = MAIL
    language: str = LANGUAGES[0]
    choices: tuple[str, ...] = CHOSEN

    @property
    def address(self) -> str:
        """Where he is told."""
        return self.email if self.way == MAIL else self.mobile


def made(email: str, mobile: str, way: str, language: str, choices: tuple[str, ...]) -> Contact:
    """A contact as somebody gives it; BrokenRule for an address that is none, or a way without one."""
    number = _number(mobile)
    if email and not ADDRESS.fullmatch(email):
        raise _unusable("the e-mail address is none that a message reaches", "email")
    if mobile and not number:
        raise _unusable("the mobile number is none that a message reaches", "mobile")
    found = Contact(email, number, way or (MAIL if email else SMS), language or LANGUAGES[0], choices)
    if not found.address:
        raise _unusable("no address is given for the way", "way")
    return found


def _unusable(message: str, name: str) -> BrokenRule:
    return BrokenRule(message, reason="contact", expression=(f"Parameters.parameter.where(name = '{name}')",))


def _number(mobile: str) -> str:
    """A mobile number in the form of E.164, "" for what is none."""
    plain = mobile.translate(SEPARATORS)
    if NATIONAL.fullmatch(plain):
        return f"+33{plain[1:]}"
    return plain if MOBILE.fullmatch(plain) else ""


def way_of(typed: str, email: str, mobile: str) -> str:
    """By which of two addresses somebody is reached who typed one of them, "" where he typed neither."""
    plain = typed.strip()
    if email and plain.casefold() == email.casefold():
        return MAIL
    return SMS if mobile and _number(plain) == mobile else ""


def party_of(access: Access) -> str:
    """Whose contact a caller's own is: "" for the holder's, else his RelatedPerson id."""
    return "" if access.kind is Kind.HOLDER else access.subject.removeprefix("related|")


def _context(key: str, party: str) -> str:
    return f"contact|{key}|{party}"


async def _values(office: Office, key: str, party: str, given: Contact) -> dict[str, Any]:
    secret = orjson.dumps({"email": given.email, "mobile": given.mobile})
    sealed = wrap(await office.keys.get_or_create(key), secret, _context(key, party))
    said = {"way": given.way, "language": given.language, "choices": list(given.choices)}
    return {"record": key, "party": party, "sealed": sealed, **said}


async def keep(unit: Unit, key: str, given: Contact) -> None:
    """Keep the caller's own contact in a record, in the place of the former."""
    await KEEP.run(unit.link, **await _values(unit.office, key, party_of(unit.access), given))
    await _listens(unit, key)


async def put(office: Office, link: Link, key: str, party: str, given: Contact) -> None:
    """Keep somebody's contact, for who runs the server and knows who he is."""
    await KEEP.run(link, **await _values(office, key, party, given))
    await BUMP.run(link, record=key)


async def forget(unit: Unit, key: str) -> None:
    """Keep no contact of the caller's any more."""
    await FORGET.run(unit.link, record=key, party=party_of(unit.access))
    await _listens(unit, key)


async def _listens(unit: Unit, key: str) -> None:
    """Who listens is part of every standing: none that is remembered holds any more."""
    await unit.relations.bump(key)
    unit.bench.change(key)


async def kept(office: Office, link: Link, key: str, party: str) -> Contact | None:
    """A contact, None where there is none or its record's key is gone."""
    row = await KEPT.row(link, record=key, party=party)
    return None if row is None else await opened(office, row)


async def opened(office: Office, row: Record) -> Contact | None:
    """The contact of a row; None when its record's key is gone."""
    email, mobile = await addresses(office, row["record"], row["party"], row["sealed"])
    if not email and not mobile:
        return None
    return Contact(email, mobile, row["way"], row["language"], tuple(row["choices"]))


async def addresses(office: Office, key: str, party: str, sealed: bytes | None) -> tuple[str, str]:
    """E-mail address and mobile number of a contact, "" for both where there is none or its record's key is gone."""
    if sealed is None:
        return "", ""
    try:
        said = orjson.loads(unwrap(await office.keys.get(key), sealed, _context(key, party)))
    except Unreadable:
        return "", ""
    return said["email"], said["mobile"]


async def first(unit: Unit, key: str, *people: str) -> None:
    """At opening: the holder, or these RelatedPersons, are told where the resource says that they are reached."""
    made = [unit.made[key]] if key in unit.made and not people else None
    for row in made or await PEOPLE["RelatedPerson" if people else "Patient"].rows(unit.link, record=key):
        found = said(parse(row["body"]))
        if found and (not people or row["id"] in people):
            party = row["id"] if people else ""
            await FIRST.run(unit.link, **await _values(unit.office, key, party, found))
            await _listens(unit, key)


def said(tree: dict[str, Any]) -> Contact | None:
    """What the `telecom` of a person gives: its first e-mail address and mobile number that messages reach."""
    email = mobile = ""
    for one in tree.get("telecom", []):
        value, system = str(one.get("value", "")), one.get("system")
        if one.get("use") == "old":
            continue
        if system == "email" and ADDRESS.fullmatch(value):
            email = email or value
        if system in {"phone", "sms"} and (system == "sms" or one.get("use") == "mobile"):
            mobile = mobile or _number(value)
    spoken = [c.get("code", "") for one in tree.get("communication", []) for c in one["language"].get("coding", [])]
    language = next((one[:2] for one in spoken if one[:2] in LANGUAGES), LANGUAGES[0])
    return Contact(email, mobile, MAIL if email else SMS, language) if email or mobile else None
