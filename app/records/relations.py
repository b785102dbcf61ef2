"""The relations of a record, made anew from its Consents, care teams and representatives.

They are the only source (policy.md section 2): whatever writes one of them has them derived in its own transaction,
which replaces every row but the emergency windows and raises the record's policy version. A transaction that adds one
after the other to a record reads them once, or not at all where it made the record: it has the record to itself, and
knows what it added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
    update,
)

from app.access import person_key, structure_key
from app.errors import BrokenRule
from app.policy.facts import NOW, Relation, known, majority
from app.resources import care_team, consent, related_person
from app.resources.consent import Category, group_key
from app.resources.reference import contained, target_type
from app.resources.validation import parse
from app.storage.fence import Unjudged
from app.storage.rows import FUTURE, PAST
from app.storage.statement import Statement
from app.storage.tables import INSTANT, TABLES, identity, record, relation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause

    from app.resources.consent import ConsentRule
    from app.resources.definition import Resource
    from app.settings import Settings
    from app.storage.session import Link

KEYED = {"Practitioner": person_key, "Organization": structure_key}
"""Types whose identifiers are keys."""
KEY = bindparam("record", type_=Text)
ID = bindparam("id", type_=Text)
SOURCE_TYPES = ("Consent", "CareTeam", "RelatedPerson")
WINDOWS = relation.c.source.like("window/%")


def _sources() -> Any:  # noqa: ANN401 - a select of many columns
    """What a record's relations are made of, in one statement: `body` of each Consent in force, team and person."""
    told = [
        select(
            literal(kind).label("kind"),
            table.c.id,
            table.c.body,
            (table.c.secret if kind == "Consent" else false()).label("secret"),
            cast(null(), INSTANT).label("of_age"),
        ).where(table.c.record == KEY, *([table.c.active] if kind == "Consent" else []))
        for kind, table in ((kind, TABLES[kind]) for kind in SOURCE_TYPES)
    ]
    holder = TABLES["Patient"]
    mine = [literal("Patient"), holder.c.id, null(), false(), majority(holder.c.birth_date)]
    found = union_all(*told, select(*mine).where(holder.c.record == KEY)).subquery()
    return select(*found.c, NOW.label("now"))


SOURCES = Statement(_sources(), Unjudged.FACT)
KEYS = Statement(select(identity.c.key).where(identity.c.id == ID))
ROLE = Statement(select(TABLES["PractitionerRole"].c.body).where(TABLES["PractitionerRole"].c.id == ID))
OF_AGE = Statement(
    select(majority(TABLES["Patient"].c.birth_date)).where(TABLES["Patient"].c.record == KEY), Unjudged.FACT
)
CLEAR = Statement(delete(relation).where(relation.c.record == KEY, not_(WINDOWS)))
ADD = Statement(insert(relation))
BUMP = Statement(update(record).where(record.c.id == KEY).values(policy_version=record.c.policy_version + 1))


def _barred(*conditions: Callable[[FromClause], ColumnElement[bool]]) -> Any:  # noqa: ANN401 - a select of one boolean
    block, listed, practice = relation.alias(), identity.alias(), TABLES["PractitionerRole"].alias()
    his = and_(
        listed.c.key == bindparam("subject", type_=Text),
        func.concat("Practitioner/", listed.c.id) == func.any(practice.c.p_practitioner),
    )
    covers = [
        exists().where(
            his,
            func.split_part(block.c.subject, "|", 1) == kind,
            _rest(block.c.subject)
            == any_(tokens),  # `func.any` of a function would stand on the left, where SQL wants none
        )
        for kind, tokens in (("profession", practice.c.p_role), ("specialty", practice.c.p_specialty))
    ]
    group = or_(block.c.subject.like("profession|%"), block.c.subject.like("specialty|%"))
    unknown = and_(bindparam("colleague", type_=Boolean), group, not_(exists().where(his)))
    in_force = [
        block.c.record == KEY,
        block.c.kind == Relation.BLOCKED.value,
        block.c.starts <= NOW,
        block.c.ends > NOW,
        *(condition(block) for condition in conditions),
    ]
    return select(exists().where(*in_force, or_(block.c.subject == bindparam("subject", type_=Text), *covers, unknown)))


def _rest(key: ColumnElement[str]) -> ColumnElement[str]:
    """A key without its kind."""
    return func.substr(key, func.strpos(key, "|") + 1)


BARRED_KNOWN = Statement(_barred(lambda block: known(block, KEY)), Unjudged.FACT)
"""The same as the next, by blocks alone that were not made in a secret connection."""
BARRED = Statement(_barred())
"""Whether a block in force covers a subject: by its key, or by the profession or specialty that the directory says a
`colleague` practises. Where the directory says nothing of him, any blocked profession or specialty does: what cannot be
established denies."""


@dataclass(frozen=True, slots=True)
class Row:
    """One relation: a row of the table, less its record."""

    source: str
    kind: Relation
    subject: str
    within: str = ""
    starts: datetime = PAST
    ends: datetime = FUTURE


@dataclass(slots=True)
class Sources:
    """What the relations of one record are made of, and the rows that they are.

    `bodies` are Consents in force, care teams and related people by type and id; `of_age` is when the holder is, which
    nobody has asked yet where `asked` is false. `said` are the rows of each Consent and team whose rows depend on
    nothing else. `untold` are the Consents of secret connections.
    """

    bodies: dict[str, dict[str, Resource]] = field(default_factory=lambda: {kind: {} for kind in SOURCE_TYPES})
    of_age: datetime | None = None
    asked: bool = False
    rows: frozenset[Row] = frozenset()
    said: dict[str, list[Row]] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)


class Relations:
    """The relations of the records that one transaction has to itself and changes."""

    def __init__(self, link: Link, settings: Settings) -> None:
        self._link = link
        self._settings = settings
        self._known: dict[str, Sources] = {}
        self._bumped: set[str] = set()

    def begin(self, key: str) -> None:
        """The transaction made this record: nothing is in it yet, and nobody else knows of it."""
        self._known[key] = Sources()
        self._bumped.add(key)

    async def derive(self, key: str, written: str = "") -> None:
        """Make the relations of a record anew after `written`; BrokenRule when it contradicts what is there."""
        found, now = await self._read(key)
        rows = await self._rows(key, found, now, written)
        await CLEAR.run(self._link, record=key)
        await self._keep(key, found, rows, rows)

    async def add(self, resource_type: str, key: str, identifier: str, tree: Resource, moment: datetime) -> None:
        """The same after a Consent in force, a care team or a related person was added to a record at that moment."""
        found = self._known.get(key)
        written = f"{resource_type}/{identifier}"
        if found is None:
            await self.derive(key, written)
            return
        found.bodies[resource_type][identifier] = tree
        rows = await self._rows(key, found, moment, written)
        if found.rows - rows:
            await CLEAR.run(self._link, record=key)
            await self._keep(key, found, rows, rows)
        else:
            await self._keep(key, found, rows, rows - found.rows)

    def blocks(self, key: str) -> bool:
        """Whether a block may stand in a record: surely none where its relations are known and none of them is one."""
        found = self._known.get(key)
        return found is None or any(row.kind is Relation.BLOCKED for row in found.rows)

    def treating(self, key: str) -> str:
        """Who is the treating physician of a record whose relations were derived, "" where nobody is."""
        return next((row.subject for row in self._known[key].rows if row.kind is Relation.TREATING), "")

    async def bump(self, key: str) -> None:
        """Raise the policy version of a record, once: what it becomes is nobody's to see before all of it is done."""
        if key not in self._bumped:
            self._bumped.add(key)
            await BUMP.run(self._link, record=key)

    async def _read(self, key: str) -> tuple[Sources, datetime]:
        """What a record's relations are made of today, and now."""
        found, now = Sources(asked=True), PAST
        for row in await SOURCES.rows(self._link, record=key, majority_years=self._settings.majority_years):
            now = row["now"]
            if row["kind"] == "Patient":
                found.of_age = row["of_age"]
            else:
                found.bodies[row["kind"]][row["id"]] = parse(row["body"])
                found.untold |= {f"Consent/{row['id']}"} if row["secret"] else set()
        return found, now

    async def _rows(self, key: str, found: Sources, now: datetime, written: str) -> frozenset[Row]:
        """The relations as they are said today; BrokenRule when they contradict each other.

        A second treating physician, or a treating physician whom a block names, cannot be. Only the block of a secret
        connection that is `written` now is refused for that: one that is there would be told by what it stands against,
        and stops no treating physician.
        """
        rows: set[Row] = set()
        for identifier, tree in found.bodies["Consent"].items():
            source = f"Consent/{identifier}"
            if source not in found.said:
                rule = consent.read(tree, self._settings.codesystem_base)
                if rule.category is Category.REPRESENTATION:
                    of_age = await self._of_age(key, found)
                    rows |= set(_representation(source, rule, found.bodies["RelatedPerson"], of_age))
                    continue
                found.said[source] = [one async for one in _consent(self._link, source, rule, tree)]
            rows |= set(found.said[source])
        for identifier, tree in found.bodies["CareTeam"].items():
            source = f"CareTeam/{identifier}"
            if source not in found.said:
                found.said[source] = [one async for one in _team(self._link, source, tree)]
            rows |= set(found.said[source])
        past_treating = [row for row in rows if row.kind is Relation.TREATING and row.ends <= now]
        kept = frozenset(row for row in rows.difference(past_treating) if row.ends > row.starts)
        _check(kept, now, found.untold - {written})
        return kept

    async def _of_age(self, key: str, found: Sources) -> datetime | None:
        if not found.asked:
            years = self._settings.majority_years
            found.of_age = await OF_AGE.value(self._link, record=key, majority_years=years)
            found.asked = True
        return found.of_age

    async def _keep(self, key: str, found: Sources, rows: frozenset[Row], new: frozenset[Row]) -> None:
        names = ("source", "subject", "within", "starts", "ends")
        said = [{name: getattr(row, name) for name in names} | {"kind": row.kind.value, "record": key} for row in new]
        if len(said) == 1:
            await ADD.run(self._link, **said[0])
        elif said:
            await ADD.many(self._link, said)
        found.rows = rows
        self._known[key] = found
        await self.bump(key)


def _check(rows: frozenset[Row], now: datetime, untold: set[str]) -> None:
    treating = {row.subject for row in rows if row.kind is Relation.TREATING}
    if len({row.source for row in rows if row.kind is Relation.TREATING}) > 1 or len(treating) > 1:
        raise BrokenRule("the record has a treating physician already", reason="second-treating-physician")
    blocks = [row for row in rows if row.kind is Relation.BLOCKED and row.source not in untold]
    if treating & {row.subject for row in blocks if row.ends > now}:
        raise BrokenRule("the treating physician cannot be blocked", reason="treating-physician-blocked")


KINDS = {
    Category.AUTHORISATION: Relation.AUTHORISED,
    Category.FULL_ACCESS: Relation.FULL_ACCESS,
    Category.BLOCK: Relation.BLOCKED,
}


async def _consent(link: Link, source: str, rule: ConsentRule, tree: Resource) -> AsyncIterator[Row]:
    starts, ends = rule.starts or PAST, rule.ends or FUTURE
    if rule.category is Category.EMERGENCY_OPPOSITION:
        for purpose in rule.purposes:
            yield Row(source, Relation.OPPOSED, purpose)
        return
    kind = KINDS.get(rule.category)
    if kind is None:
        return
    for actor in rule.actors:
        named = [(actor.group, "")] if actor.group else await subjects(link, actor.reference, tree)
        for subject, within in named:
            yield Row(source, kind, subject, "" if kind is Relation.BLOCKED else within, starts, ends)


def _representation(
    source: str, rule: ConsentRule, people: dict[str, Resource], of_age: datetime | None
) -> Iterator[Row]:
    """The representative while his relation to the holder represents: a parent until majority (policy.md section 5)."""
    for actor in rule.actors:
        identifier = str(actor.reference.get("reference", "")).removeprefix("RelatedPerson/")
        link = related_person.representation(people.get(identifier, {}))
        if link is None:
            continue
        limits = [one for one in (rule.ends, link.ends) if one]
        if not link.guardian:
            limits.append(of_age or PAST)
        yield Row(
            source,
            Relation.REPRESENTS,
            f"related|{identifier}",
            starts=max([one for one in (rule.starts, link.starts) if one], default=PAST),
            ends=min(limits, default=FUTURE),
        )


async def _team(link: Link, source: str, tree: Resource) -> AsyncIterator[Row]:
    """Members, with a row for each period of one who left and came back: a repeated one's number ends its source."""
    met: set[tuple[str, str]] = set()
    for number, member in enumerate(care_team.members(tree)):
        starts, ends = member.starts or PAST, member.ends or FUTURE
        for subject, within in await subjects(link, member.reference, tree):
            if not subject.startswith("person|"):
                continue
            again = f"/{number}" if (subject, within) in met else ""
            met.add((subject, within))
            yield Row(source + again, Relation.MEMBER, subject, within, starts, ends)
            if member.treating:
                yield Row(source, Relation.TREATING, subject, "", starts, ends)


async def subjects(link: Link, reference: dict[str, Any], tree: Resource | None = None) -> list[tuple[str, str]]:
    """Keys that a Reference names, each with the structure that it is limited to or "".

    A PractitionerRole of the directory names its professional within its structure; without a professional it names the
    structure, or the one profession or specialty that it holds. A logical reference names whoever has that identifier,
    and so does a contained resource of `tree`.
    """
    target = reference.get("reference")
    inner = contained(tree or {}, reference)
    if inner is not None:
        return await _inside(link, inner, tree or {})
    if not target:
        return _logical(target_type(reference), reference.get("identifier", {}))
    kind, _, identifier = str(target).partition("/")
    if kind == "CareTeam":
        return [(f"team|{identifier}", "")]
    if kind in {"Practitioner", "Organization"}:
        return [(row["key"], "") for row in await KEYS.rows(link, id=identifier)]
    if kind == "PractitionerRole":
        return await _role(link, identifier)
    return []


def _logical(kind: str, token: dict[str, Any]) -> list[tuple[str, str]]:
    """The professional or structure of an identifier; nobody, where the identifier does not tell which it is."""
    make = KEYED.get(kind)
    system, value = token.get("system"), token.get("value")
    return [(make(system, value), "")] if make and system and value else []


async def _inside(link: Link, inner: Resource, tree: Resource) -> list[tuple[str, str]]:
    kind = inner["resourceType"]
    if kind == "PractitionerRole":
        return await _parts(link, inner, tree)
    return [found for token in inner.get("identifier", []) for found in _logical(kind, token)]


async def _role(link: Link, identifier: str) -> list[tuple[str, str]]:
    body = await ROLE.value(link, id=identifier)
    return await _parts(link, parse(body), {}) if body is not None else []


async def _parts(link: Link, role: Resource, tree: Resource) -> list[tuple[str, str]]:
    structures = [key for key, _ in await subjects(link, role["organization"], tree)] if "organization" in role else []
    if "practitioner" in role:
        people = [key for key, _ in await subjects(link, role["practitioner"], tree)]
        return [(person, structure) for person in people for structure in (structures or [""])]
    if structures:
        return [(structure, "") for structure in structures]
    only: Resource = {name: role[name] for name in ("resourceType", "code", "specialty") if name in role}
    group = group_key(only)
    return [(group, "")] if group else []


async def refuse_blocked(link: Link, key: str, rule: ConsentRule, tree: Resource, attester: str) -> None:
    """Nobody whom a block covers is authorised by attestation (policy.md section 5).

    The attester's own profession is in his token, and was judged with the act.
    """
    for actor in rule.actors:
        for subject, _ in [(actor.group, "")] if actor.group else await subjects(link, actor.reference, tree):
            colleague = subject.startswith("person|") and subject != attester
            if await BARRED.value(link, record=key, subject=subject, colleague=colleague):
                refusal = BrokenRule("whom the holder blocked is not authorised by attestation", reason="blocked")
                told = await BARRED_KNOWN.value(link, record=key, subject=subject, colleague=colleague)
                refusal.secret = not told
                raise refusal
