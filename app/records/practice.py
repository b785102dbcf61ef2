"""Who practises where, as what: what the directory says of a professional, for questions about somebody not here.

Of a caller who is here his token says it, and nothing else (policy.md section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import PROFESSION_SYSTEM, SPECIALTY_SYSTEM
from app.resources.validation import parse
from app.storage.statement import Statement
from app.storage.tables import TABLES, identity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.definition import Resource
    from app.storage.session import Link

NAMES = bindparam("names", type_=ARRAY(Text))
LISTED = Statement(
    select(identity.c.key, identity.c.type, identity.c.id).where(
        identity.c.listed, (identity.c.key == func.any(NAMES)) | (identity.c.id == func.any(NAMES))
    )
)
"""Keys and ids of those whom the directory lists. Who is only named in content is not told of (api.md section 1)."""
ROLES = Statement(
    select(TABLES["PractitionerRole"].c.body).where(TABLES["PractitionerRole"].c.p_practitioner.overlap(NAMES))
)
BODIES = {
    kind: Statement(select(TABLES[kind].c.id, TABLES[kind].c.body).where(TABLES[kind].c.id == func.any(NAMES)))
    for kind in ("Practitioner", "Organization", "PractitionerRole")
}


@dataclass(frozen=True, slots=True)
class Practice:
    """One way in which a professional may act: keys of profession, specialty and structure, or ""."""

    profession: str = ""
    specialty: str = ""
    structure: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory lists under a key: its address (`Practitioner/<id>`) and its name."""

    key: str
    address: str
    name: str = ""


async def listed(link: Link, names: Iterable[str]) -> list[Entry]:
    """What the directory lists under these keys or ids."""
    rows = await LISTED.rows(link, names=sorted(set(names)))
    called: dict[str, str] = {}
    for kind in ("Practitioner", "Organization"):
        ids = [row["id"] for row in rows if row["type"] == kind]
        found = await BODIES[kind].rows(link, names=ids) if ids else []
        called |= {f"{kind}/{row['id']}": _name(parse(row["body"])) for row in found}
    places = [(row["key"], f"{row['type']}/{row['id']}") for row in rows]
    return [Entry(key, place, called[place]) for key, place in places if place in called]


def _name(tree: Resource) -> str:
    if isinstance(tree.get("name"), str):
        return str(tree["name"])
    for name in tree.get("name", []):
        parts = [*name.get("prefix", []), *name.get("given", []), name.get("family", "")]
        return str(name.get("text") or " ".join(part for part in parts if part))
    return ""


async def practices(link: Link, entries: Iterable[Entry]) -> dict[str, list[Practice]]:
    """How each professional practises, by key; nothing for whom the directory knows no role."""
    people = {one.address: one.key for one in entries if one.address.startswith("Practitioner/")}
    found: dict[str, list[Practice]] = {}
    if people:
        for row in await ROLES.rows(link, names=sorted(people)):
            tree = parse(row["body"])
            person = people.get(str(tree.get("practitioner", {}).get("reference", "")))
            if person and tree.get("active") is not False:
                found.setdefault(person, []).append(await practice(link, tree))
    return found


async def practice(link: Link, role: Resource) -> Practice:
    """What a PractitionerRole says of profession, specialty and structure."""
    place = str(role.get("organization", {}).get("reference", "")).removeprefix("Organization/")
    structures = [one.key for one in await listed(link, [place])] if place else []
    return Practice(
        _key("profession", role.get("code", []), PROFESSION_SYSTEM),
        _key("specialty", role.get("specialty", []), SPECIALTY_SYSTEM),
        structures[0] if structures else "",
    )


def _key(kind: str, concepts: list[dict[str, Any]], system: str) -> str:
    """The first coding of the national system, else the first one."""
    codings = [
        one for concept in concepts for one in concept.get("coding", []) if one.get("system") and one.get("code")
    ]
    national = [one for one in codings if one["system"] == system]
    chosen = (national or codings)[:1]
    return f"{kind}|{chosen[0]['system']}|{chosen[0]['code']}" if chosen else ""
