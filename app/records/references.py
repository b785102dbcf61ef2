"""References of a resource on its way in: resolved, held inside one record, or refused.

A conditional reference by identifier is resolved in every create and update (api.md section 1). What is absent, unseen,
another record's or ambiguous gets the same refusal. A reference to a type that is not served, or to another server, is
kept as it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sqlalchemy import Text, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import FINESS, IDNPS, IDNST, RPPS, SIREN_DIGITS, SIRENE
from app.errors import BrokenRule
from app.policy.facts import Flag, bit
from app.policy.guard import JUDGES, RECORD, Binding, guarded, reached_by_token, visible
from app.policy.standing import fresh, newest_matrix
from app.records.directory import KEYED
from app.records.judging import OPERATED
from app.records.naming import record_of
from app.records.reading import confirmed
from app.resources import DEFINITIONS, ins
from app.resources.definition import Scope
from app.resources.reference import contained
from app.storage.statement import Statement
from app.storage.tables import TABLES, record
from app.storage.ways import patient_way

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.policy.standing import Caller
    from app.records.directory import Directory
    from app.resources.definition import Definition, Resource
    from app.resources.structure import Found, Survey
    from app.storage.session import Link

TOKENS = bindparam("tokens", type_=ARRAY(Text))
INS = bindparam("ins", type_=Text)


def unresolved(expression: str) -> BrokenRule:
    """The one refusal of a reference that leads nowhere the caller may go."""
    return BrokenRule("the reference cannot be resolved", reason="unresolved-reference", expression=(expression,))


@dataclass(slots=True)
class Resolved:
    """What the references of one resource lead to.

    `record` is the record of its compartment ("" if it names none); `aliases` give each contained resource the
    reference that stands for it; `inside` lists expression, type and id of each reference into a record; `known` are
    the references that were looked up, each once.
    """

    record: str = ""
    aliases: dict[str, str] = field(default_factory=dict)
    inside: list[tuple[str, str, str]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)


BY_INS = Statement(select(patient_way.c.id).where(patient_way.c.ins == INS))


@cache
def _patients() -> Statement:
    rows = guarded("Patient", Binding.MANY)
    return Statement(select(rows.c.id).where(rows.c.p_identifier.overlap(TOKENS)).limit(2))


@cache
def _listed(resource_type: str) -> Statement:
    row, rows = visible(resource_type, Binding.ONE)
    return Statement(rows.with_only_columns(row.c.id).where(row.c.p_identifier.overlap(TOKENS)).limit(2))


@cache
def _there(resource_type: str) -> Statement:
    table = TABLES[resource_type]
    return Statement(select(table.c.id).where(table.c.id == bindparam("id", type_=Text)))


@cache
def _seen(resource_type: str) -> Statement:
    """Whether the caller sees a row, deposited it, or operates what it is; checks the standing that it was given."""
    row = TABLES[resource_type].alias()
    sight = JUDGES[resource_type](row, record.c.status, Binding.ONE).visible
    deposited = row.c.depositor == bindparam("depositor", type_=Text)
    mine = reached_by_token(deposited, resource_type, row, Binding.ONE)
    known = [sight, mine, *([bit(Flag.OPERATOR)] if resource_type in OPERATED else [])]
    there = exists().where(row.c.record == RECORD, row.c.id == bindparam("id", type_=Text), or_(*known))
    ok, newest = fresh().label("fresh"), newest_matrix().label("matrix_version")
    return Statement(select(ok, newest, there.label("there")).where(record.c.id == RECORD))


class Resolver:
    """Resolves the references of one caller's resources, within one link.

    `new` holds the ids that this transaction gives to its entries: they exist, though no row says so yet. `begin` is
    awaited before anything is written.
    """

    def __init__(
        self, link: Link, caller: Caller, directory: Directory, base: str, begin: Callable[[], Awaitable[None]]
    ) -> None:
        self.link = link
        self.begin = begin
        self.caller = caller
        self.directory = directory
        self.base = f"{base}/"
        self.new: set[str] = set()

    async def resolve(self, definition: Definition, tree: Resource, survey: Survey) -> Resolved:
        """Rewrite the references of a tree in place and say where they lead; BrokenRule for one that leads nowhere."""
        found = Resolved()
        for inner in tree.get("contained", []):
            await self._contained(inner, found)
        await self.lead(definition, tree, survey, found)
        return found

    async def lead(self, definition: Definition, tree: Resource, survey: Survey, found: Resolved) -> None:
        """Follow the references of a tree, and add to `found` where they lead; nothing is written."""
        for one in survey.references:
            if one.path == definition.compartment and str(one.node.get("reference", "")).startswith("#"):
                await self._local(tree, one, found)
            else:
                await self._reference(definition, one, found)
        if tree["resourceType"] == "Patient":
            return
        keys = [found.record or record_of(kind, identifier) for _, kind, identifier in found.inside[:1]]
        for expression, kind, identifier in found.inside:
            if record_of(kind, identifier) not in keys:  # without a compartment, the first one says whose it is
                raise unresolved(expression)

    async def aliases(self, tree: Resource) -> dict[str, str]:
        """The references that stand for the contained professionals and structures of a stored tree."""
        found = Resolved()
        for inner in tree.get("contained", []):
            await self._contained(inner, found)
        return found.aliases

    async def record_meant(self, tree: Resource, one: Found) -> str:
        """The record that a reference of a new resource leads to, before it is resolved; "" where it names none."""
        if one.path == DEFINITIONS[tree["resourceType"]].compartment and contained(tree, one.node):
            return await self.patient_inside(tree, one)
        reference = str(one.node.get("reference", "")).removeprefix(self.base)
        kind, query, rest = reference.partition("?")
        if query and kind == "Patient":
            return await self._conditional(kind, rest, one.expression)
        if not reference and ins.is_ins(one.node.get("identifier") or {}):
            token = one.node["identifier"]
            return await self._by_ins(token["system"], token["value"], one.expression)
        kind, slash, rest = reference.partition("/")
        known = slash and kind in DEFINITIONS and DEFINITIONS[kind].scope is Scope.RECORD
        return record_of(kind, rest.partition("/")[0]) if known else ""

    async def _contained(self, inner: dict[str, Any], found: Resolved) -> None:
        """A contained professional or structure stands for the one of that identifier."""
        kind = inner.get("resourceType", "")
        key = KEYED.get(kind)
        if key is None:
            return
        for one in inner.get("identifier", []):
            if one.get("system") and one.get("value"):
                if not self.directory.has(key(one["system"], one["value"])):
                    await self.begin()
                identifier = await self.directory.id_of(self.link, kind, key(one["system"], one["value"]))
                found.aliases[f"#{inner['id']}"] = f"{kind}/{identifier}"
                return

    async def _local(self, tree: Resource, one: Found, found: Resolved) -> None:
        """A compartment that is a contained Patient is the record of his INS (api.md section 1)."""
        found.record = await self.patient_inside(tree, one)
        found.aliases[one.node["reference"]] = f"Patient/{found.record}"

    async def patient_inside(self, tree: Resource, one: Found) -> str:
        """Id of the Patient whose INS the contained one has that a reference names."""
        inner = contained(tree, one.node) or {}
        tokens = [token for token in inner.get("identifier", []) if ins.is_ins(token)]
        if inner.get("resourceType") != "Patient" or len(tokens) != 1:
            raise unresolved(one.expression)
        return await self._by_ins(tokens[0]["system"], tokens[0]["value"], one.expression)

    async def _reference(self, definition: Definition, one: Found, found: Resolved) -> None:
        node = one.node
        reference = node.get("reference")
        compartment = one.path == definition.compartment
        if reference is None:
            if compartment:
                await self._logical(one, found)
            return
        if reference.startswith("#"):
            return
        if reference.startswith(self.base):
            reference = node["reference"] = reference[len(self.base) :]
        kind, query, rest = reference.partition("?")
        if query and kind in DEFINITIONS:
            reference = node["reference"] = f"{kind}/{await self._conditional(kind, rest, one.expression)}"
        elif reference.startswith("urn:uuid:") or (compartment and ":" in reference):
            raise unresolved(one.expression)
        await self._target(one, reference, found, compartment=compartment)

    async def _target(self, one: Found, reference: str, found: Resolved, *, compartment: bool) -> None:
        kind, slash, rest = reference.partition("/")
        if not slash or kind not in DEFINITIONS or ":" in kind:
            if compartment:
                raise unresolved(one.expression)
            return
        identifier = rest.partition("/")[0]
        if reference not in found.known and not await self.exists(kind, identifier):
            raise unresolved(one.expression)
        found.known.add(reference)
        if compartment:
            if kind != "Patient":
                raise unresolved(one.expression)
            found.record = identifier
        elif DEFINITIONS[kind].scope is Scope.RECORD:
            found.inside.append((one.expression, kind, identifier))

    async def _logical(self, one: Found, found: Resolved) -> None:
        """A compartment named by INS alone gets its reference."""
        token = one.node.get("identifier", {})
        if not ins.is_ins(token):
            raise unresolved(one.expression)
        found.record = await self._by_ins(token["system"], token["value"], one.expression)
        one.node["reference"] = f"Patient/{found.record}"

    async def _conditional(self, kind: str, query: str, expression: str) -> str:
        """The id that `Type?identifier=system|value` names, and nothing else (api.md section 1)."""
        pairs = parse_qsl(query, keep_blank_values=True)
        if len(pairs) != 1 or pairs[0][0] != "identifier":
            raise unresolved(expression)
        system, bar, value = pairs[0][1].partition("|")
        if not (system and bar and value):
            raise unresolved(expression)
        if kind == "Patient":
            return await self._by_ins(system, value, expression)
        if DEFINITIONS[kind].scope is not Scope.DIRECTORY:
            raise unresolved(expression)
        return await self._listed(kind, system, value, expression)

    async def _listed(self, kind: str, system: str, value: str, expression: str) -> str:
        tokens = [f"{system}|{value}"]
        if kind in KEYED:
            tokens += spellings(kind, system, value)
        rows = await _listed(kind).rows(self.link, tokens=tokens)
        if len(rows) != 1:
            raise unresolved(expression)
        return str(rows[0]["id"])

    async def _by_ins(self, system: str, value: str, expression: str) -> str:
        """A Patient by identifier: by exact INS for whoever may look one up, else among those that he sees."""
        if ins.is_ins({"system": system, "value": value}):
            rows = await BY_INS.rows(self.link, ins=f"{system}|{value}")
        else:
            rows = await _patients().rows(self.link, **self.caller.many(), tokens=[f"{system}|{value}"])
        limit = self.caller.access.record
        if len(rows) != 1 or (limit and rows[0]["id"] != limit):
            raise unresolved(expression)
        return str(rows[0]["id"])

    async def exists(self, kind: str, identifier: str) -> bool:
        """Whether a served type has that id for this caller: visible, his own, or made by this transaction."""
        if f"{kind}/{identifier}" in self.new:
            return True
        if kind == "AuditEvent":
            return False
        if DEFINITIONS[kind].scope is Scope.DIRECTORY:
            return await _there(kind).row(self.link, id=identifier) is not None
        key = record_of(kind, identifier)
        if self.caller.access.record not in {"", key}:
            return False
        if kind == "Patient":
            return bool((await self.caller.standing(self.link, key)).status)
        row = await confirmed(self.link, self.caller, key, _seen(kind), id=identifier)
        return row is not None and bool(row["there"])


def spellings(kind: str, system: str, value: str) -> list[str]:
    """Other identifiers that name the same person or structure: RPPS and IDNPS; FINESS, SIREN, SIRET and IDNST."""
    digit, rest = value[:1], value[1:]
    other: tuple[str, str] | None = None
    if kind == "Practitioner":
        if system == RPPS:
            other = (IDNPS, f"8{value}")
        elif system == IDNPS and digit == "8":
            other = (RPPS, rest)
    elif system in (FINESS, SIRENE):
        other = (IDNST, f"{_idnst_prefix(system, value)}{value}")
    elif system == IDNST and digit in ("1", "2", "3"):
        other = (FINESS if digit == "1" else SIRENE, rest)
    return [f"{other[0]}|{other[1]}"] if other else []


def _idnst_prefix(system: str, value: str) -> str:
    """First digit of an IDNST: 1 before a FINESS, 2 before a SIREN, 3 before a SIRET."""
    if system == FINESS:
        return "1"
    return "2" if len(value) == SIREN_DIGITS else "3"
