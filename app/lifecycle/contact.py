"""`$contact`: where the holder, or who represents him, is told of what happens in a record, and what he chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.errors import BadValue
from app.lifecycle import parameters
from app.policy.writes import Act
from app.records import contacts, messages

if TYPE_CHECKING:
    from app.records import Records
    from app.records.contacts import Contact
    from app.records.writing import Unit
    from app.resources.definition import Resource

GIVEN = frozenset({"email", "mobile", "way", "language", "choice", "none"})
NO_CHOICE = "none"


async def contact(records: Records, _: str, key: str, given: Resource | None) -> Resource:
    """The caller's own contact: as it stands where nothing is given, else replaced as a whole; `none` takes it away."""
    asked = parameters.named(given, GIVEN)

    async def work(unit: Unit, _: object) -> Contact | None:
        party = contacts.party_of(unit.access)
        before = await contacts.kept(unit.office, unit.link, key, party)
        if "none" in asked:
            await contacts.forget(unit, key)
        elif asked:
            await contacts.keep(unit, key, _given(given, asked))
        now = await contacts.kept(unit.office, unit.link, key, party)
        await messages.farewell(unit.office, unit.link, key, before, now)
        return now

    return _told(await records.act(Act.CONTACT, key, work))


def _given(given: Resource | None, asked: dict[str, list[dict[str, Any]]]) -> Contact:
    """The contact that the Parameters say; BadValue, or BrokenRule for an address that reaches nobody."""
    email, mobile, way, language = (parameters.text(given, name) for name in ("email", "mobile", "way", "language"))
    chosen = [parameters.text_of(one, "choice") for one in asked.get("choice", [])]
    _one_of("way", way, ("", contacts.MAIL, contacts.SMS))
    _one_of("language", language, ("", *contacts.LANGUAGES))
    for one in chosen:
        _one_of("choice", one, (*contacts.OPTIONAL, NO_CHOICE))
    choices = tuple(sorted(set(chosen) - {NO_CHOICE})) if chosen else contacts.CHOSEN
    return contacts.made(email, mobile, way, language, choices)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        path = (f"Parameters.parameter.where(name = '{name}')",)
        raise BadValue(f"`{name}` is one of: {', '.join(filter(None, known))}", expression=path)


def _told(found: Contact | None) -> Resource:
    tree = parameters.of()
    if found is not None:
        said = {"email": found.email, "mobile": found.mobile}
        texts = [{"name": name, "valueString": value} for name, value in said.items() if value]
        codes = [("way", found.way), ("language", found.language), *[("choice", one) for one in found.choices]]
        tree["parameter"] = texts + [{"name": name, "valueCode": value} for name, value in codes]
    if not tree["parameter"]:
        del tree["parameter"]
    return tree
