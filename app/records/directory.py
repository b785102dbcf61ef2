"""Who is who: keys of professionals and structures, and the directory ids that stand for them.

A professional or structure first met in a verified token enters the directory as a stub. One that is only named in
content gets an id that no exit serves, so that what he wrote can be found by him once he is in the directory (api.md
section 1).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from app.access import IDNPS, IDNST, Access, Kind, person_key, structure_key
from app.records.answer import Stored
from app.records.naming import new_key, new_version
from app.resources import DEFINITIONS
from app.resources.extraction import extract
from app.resources.validation import dump
from app.storage.rows import CLOCK, PAST, blank, changed, kept, later, stamp
from app.storage.statement import Statement
from app.storage.tables import TABLES, identity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncpg import Record

    from app.resources.definition import Resource
    from app.storage.session import Link

KEY = bindparam("key", type_=Text)
KEYED = {"Practitioner": person_key, "Organization": structure_key}
"""Types whose identifiers are keys."""

FIND = Statement(select(identity.c.type, identity.c.id, identity.c.listed).where(identity.c.key == KEY))
KEYS = Statement(select(identity.c.key).where(identity.c.id == bindparam("id", type_=Text)))
RESERVE = Statement(upsert(identity).on_conflict_do_nothing())
LIST = Statement(update(identity).where(identity.c.key == KEY).values(listed=True))


@cache
def added(resource_type: str) -> Statement:
    """Adds one directory row, unless its id is there."""
    return Statement(upsert(TABLES[resource_type]).on_conflict_do_nothing())


@cache
def _listed(resource_type: str) -> Statement:
    row = TABLES[resource_type]
    return Statement(select(row).where(row.c.id == bindparam("id", type_=Text)).with_for_update())


@cache
def _alike(resource_type: str) -> Statement:
    row = TABLES[resource_type]
    tokens = bindparam("tokens", type_=ARRAY(Text))
    return Statement(select(row).where(row.c.p_identifier.overlap(tokens)).limit(1).with_for_update())


def keys(resource_type: str, identifiers: Iterable[dict[str, Any]]) -> list[str]:
    """Keys that the identifiers of a directory resource amount to."""
    key = KEYED.get(resource_type)
    found = [(one.get("system"), one.get("value")) for one in identifiers]
    return [key(system, value) for system, value in found if system and value] if key else []


class Directory:
    """The identities that one worker has met. An identity never changes its id, so that it is remembered for good."""

    def __init__(self, limit: int = 50_000) -> None:
        self._ids: dict[str, str] = {}
        self._new: dict[str, object] = {}
        self._met: set[tuple[str, str]] = set()
        self._limit = limit

    def has(self, key: str) -> bool:
        """Whether the id that stands for a key is remembered: having it writes nothing."""
        return key in self._ids

    async def id_of(self, link: Link, resource_type: str, key: str) -> str:
        """The id that stands for a key, reserved when it is met for the first time."""
        known = self._ids.get(key)
        if known is None:
            row = await FIND.row(link, key=key)
            if row is None:
                await RESERVE.run(link, key=key, type=resource_type, id=new_key(), listed=False)
                self._reserved(link, key)
                row = await FIND.row(link, key=key)
            known = str(row["id"]) if row else ""
            self._remember(link, key, known)
        return known

    def _reserved(self, link: Link, key: str) -> None:
        """Keep who reserved an id, until it is remembered; the oldest goes first, whose transaction ended long ago."""
        self._new[key] = link
        if len(self._new) > self._limit:
            del self._new[next(iter(self._new))]

    def _remember(self, link: Link, key: str, known: str) -> None:
        """Remember an id that is sure to last: not one that this very link reserved, whose transaction may yet fail."""
        if known and self._new.get(key) is not link and len(self._ids) < self._limit:
            self._new.pop(key, None)
            self._ids[key] = known

    def knows(self, access: Access) -> bool:
        """Whether the person and the structure of a token were met."""
        return (access.subject, access.structure) in self._met

    async def meet(self, link: Link, access: Access) -> None:
        """Enter the person and the structure of a verified token in the directory, once; outside any transaction."""
        name = (access.subject, access.structure)
        if name in self._met:
            return
        if access.kind in {Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN}:
            await self._stub(link, "Practitioner", access.subject, access.name)
        if access.structure:
            await self._stub(link, "Organization", access.structure, "")
        if len(self._met) < self._limit:
            self._met.add(name)

    async def _stub(self, link: Link, resource_type: str, key: str, name: str) -> None:
        row = await FIND.row(link, key=key)
        if row is not None and row["listed"]:
            return
        tree: Resource = {
            "resourceType": resource_type,
            "identifier": [_identifier(resource_type, key)],
            "active": True,
        }
        if resource_type == "Organization":
            tree["name"] = name or "(name not known)"
        elif name:
            tree["name"] = [{"text": name}]
        async with link.transaction():
            await self.enter(link, tree, await self.id_of(link, resource_type, key), None)

    async def known(self, link: Link, tree: Resource) -> Record | None:
        """The directory row that a resource is another version of, by its identifiers, locked; None where it is new."""
        kind, identifiers = tree["resourceType"], tree.get("identifier", [])
        for key in keys(kind, identifiers):
            found = await FIND.row(link, key=key)
            row = await self.row(link, kind, found["id"]) if found else None
            if row is not None:
                return row
        tokens = [f"{one['system']}|{one['value']}" for one in identifiers if one.get("system") and one.get("value")]
        return await _alike(kind).row(link, tokens=tokens)

    async def row(self, link: Link, resource_type: str, identifier: str) -> Record | None:
        """The directory row of an id, locked."""
        return await _listed(resource_type).row(link, id=identifier)

    async def enter(self, link: Link, tree: Resource, identifier: str, row: Record | None) -> Stored:
        """Keep a directory resource under an id, in the place of `row` if there is one, and list its keys."""
        kind, version_id = tree["resourceType"], new_version()
        moment = later(await CLOCK.value(link), row["last_updated"] if row else PAST)
        stamp(tree, identifier, version_id, moment)
        values = blank(TABLES[kind]) | extract(DEFINITIONS[kind], tree, {})
        values |= {"id": identifier, "version_id": version_id, "last_updated": moment, "body": dump(tree)}
        if row is None:
            await added(kind).run(link, **values | {"method": "POST"})
        else:
            await kept(kind).run(link, id=identifier)
            new = {f"new_{name}": value for name, value in (values | {"method": "PUT"}).items()}
            await changed(kind).run(link, id=identifier, **new)
        for key in keys(kind, tree.get("identifier", [])):
            await RESERVE.run(link, key=key, type=kind, id=identifier, listed=True)
            await LIST.run(link, key=key)
        return Stored(kind, identifier, version_id, moment, values["body"])


def _identifier(resource_type: str, key: str) -> dict[str, str]:
    value = key.partition("|")[2]
    system, bar, rest = value.rpartition("|")
    if bar:
        return {"system": system, "value": rest}
    return {"system": IDNPS if resource_type == "Practitioner" else IDNST, "value": value}
