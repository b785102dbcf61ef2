"""Who a question about the policy is about: the holder, people, structures, professions, emergency callers.

An actor is one or several hypothetical callers. Of a professional the directory knows in which structures he works, as
what; where it does not, each profession is tried, and the answer may be that it depends on his.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.access import (
    DOCTOR,
    FINESS,
    IDNPS,
    IDNST,
    RPPS,
    SIRENE,
    SPECIALTY_SYSTEM,
    Access,
    Kind,
    person_key,
    structure_key,
)
from app.errors import BrokenRule, NotFound
from app.policy.explain import NONE, SOMEBODY, TIES, Hypothesis
from app.policy.facts import EMERGENCY_TREATMENT, Flag, Relation
from app.records import reading
from app.records.naming import record_of
from app.records.practice import BODIES, Entry, Practice, listed, practice, practices
from app.resources.validation import parse
from app.storage.balp import who

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncpg import Record

    from app.policy.matrix import Matrix
    from app.policy.standing import Caller
    from app.resources.definition import Resource
    from app.storage.session import Link

NAMING = frozenset(
    {Relation.TREATING, Relation.FULL_ACCESS, Relation.AUTHORISED, Relation.BLOCKED, Relation.WINDOW, Relation.MEMBER}
)
"""Relations whose subject is a professional, or a group of them."""
GROUPS = ("structure", "profession", "specialty")
WORDS = ("holder", "professional", "emergency", "regulator")
"""Actors that are named by a word: the last three are nobody in particular."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question names its actor: a word, an address `Type/id`, or `system|value`; the rest narrows it down."""

    name: str
    practice: Practice = field(default_factory=Practice)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody whom a question is about, as his possible tokens would say.

    `kind` is holder, representative, person, structure, profession, specialty, professional, emergency or regulator;
    `key` a key of `app.access`, "" for nobody in particular. `shown` is a Reference, or a Coding of a group. `sources`
    are the Consents and care teams that name him.
    """

    kind: str
    key: str
    hypotheses: tuple[Hypothesis, ...]
    shown: Resource = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """One person, whom a Consent can name."""
        return self.kind in {"person", "representative"}


class Cast:
    """Everybody whom the relations of a record name, as far as the caller may know of them."""

    def __init__(self, key: str, ties: list[Record], matrix: Matrix) -> None:
        self.key = key
        self.ties = ties
        self._matrix = matrix
        self._entries: dict[str, Entry] = {}
        self._practices: dict[str, list[Practice]] = {}

    @classmethod
    async def of(cls, link: Link, caller: Caller, key: str) -> Cast:
        """Those of one record."""
        standing = await caller.standing(link, key)
        return cls(key, await TIES.rows(link, record=key, flags=int(standing.flags)), caller.matrix)

    @property
    def keys(self) -> set[str]:
        """Keys of those named."""
        return {tie["subject"] for tie in self.ties if tie["kind"] in NAMING}

    async def meet(self, link: Link, keys: Iterable[str]) -> None:
        """Look people and structures up in the directory."""
        new = [key for key in keys if key.partition("|")[0] in {"person", "structure"} and key not in self._entries]
        found = await listed(link, new)
        self._entries |= {one.key: one for one in found}
        self._practices |= await practices(link, found)

    async def everybody(self, link: Link, depositors: Iterable[str] = ()) -> list[Actor]:
        """The holder, whoever the relations name, who deposited, and those who come in an emergency."""
        found = {"holder": self.holder()}
        teams = {tie["subject"] for tie in self.ties if tie["kind"] == Relation.AUTHORISED}
        keys = [one for one in depositors if one.startswith("person|")]
        for tie in self.ties:
            if tie["kind"] == Relation.REPRESENTS:
                found[tie["subject"]] = self.representative(tie["subject"])
            elif tie["kind"] == Relation.MEMBER and team_of(source_of(tie)) not in teams:
                continue
            elif tie["kind"] in NAMING:
                keys.append(tie["subject"])
        await self.meet(link, keys)
        found |= {key: self.actor(key) for key in sorted(set(keys), key=_rank) if not key.startswith("team|")}
        return [*found.values(), self.emergency(), self.regulator()]

    async def named(self, link: Link, caller: Caller, asked: Asked) -> Actor:
        """The actor that a question names; BrokenRule (`unknown-actor`) for somebody whom nobody knows."""
        word = asked.name
        if word == "holder":
            return self.holder()
        if word in {"emergency", "professional"}:
            return self.emergency(asked.practice) if word == "emergency" else self.professional(asked.practice)
        if word == "regulator":
            return self.regulator()
        found = await (self._token(link, asked) if "|" in word else self._address(link, caller, asked))
        if found is None:
            raise BrokenRule("the actor is not known", reason="unknown-actor").about(self.key)
        return found

    async def _token(self, link: Link, asked: Asked) -> Actor | None:
        system, _, value = asked.name.rpartition("|")
        for kind in ("profession", "specialty"):
            key = f"{kind}|{asked.name}"
            known = key in self.keys or key in self._matrix.professions
            if known or (kind == "specialty" and system == SPECIALTY_SYSTEM):
                return self.actor(key)
        if system in {IDNPS, RPPS}:
            return await self._known(link, person_key(system, value), asked.practice)
        if system in {IDNST, FINESS, SIRENE}:
            return await self._known(link, structure_key(system, value), asked.practice)
        return None

    async def _known(self, link: Link, key: str, narrowed: Practice) -> Actor | None:
        """Somebody whom the directory lists, or a relation that the caller may know of names."""
        await self.meet(link, [key])
        return self.actor(key, narrowed) if key in self._entries or key in self.keys else None

    async def _address(self, link: Link, caller: Caller, asked: Asked) -> Actor | None:
        kind, _, identifier = asked.name.partition("/")
        if kind == "Patient" and identifier == self.key:
            return self.holder()
        if kind == "RelatedPerson" and record_of(kind, identifier) == self.key:
            try:
                await reading.read(link, caller, kind, identifier)
            except NotFound:
                return None
            return self.representative(f"related|{identifier}")
        if kind == "PractitionerRole":
            return await self._role(link, identifier)
        found = [one for one in await listed(link, [identifier]) if one.address == asked.name]
        return await self._known(link, found[0].key, asked.practice) if found else None

    async def _role(self, link: Link, identifier: str) -> Actor | None:
        rows = await BODIES["PractitionerRole"].rows(link, names=[identifier])
        if not rows:
            return None
        tree = parse(rows[0]["body"])
        said = await practice(link, tree)
        person = str(tree.get("practitioner", {}).get("reference", "")).removeprefix("Practitioner/")
        entries = await listed(link, [person]) if person else []
        if entries:
            return await self._known(link, entries[0].key, said)
        return self.professional(said) if not person else None

    def holder(self) -> Actor:
        """The holder."""
        access = Access(Kind.HOLDER, f"holder|{self.key}", record=self.key)
        return Actor("holder", access.subject, (Hypothesis(access),), who(access.subject, ""))

    def representative(self, key: str) -> Actor:
        """Somebody close to the holder, who represents him or does not."""
        hypothesis = Hypothesis(Access(Kind.REPRESENTATIVE, key, record=self.key))
        return Actor("representative", key, (hypothesis,), who(key, ""), self._sources(key))

    def actor(self, key: str, narrowed: Practice = Practice()) -> Actor:  # noqa: B008 - it is frozen
        """The professional or the group of a key."""
        kind = key.partition("|")[0]
        if kind in GROUPS:
            made = self._group(kind, replace(narrowed, **{kind: key}))
            return replace(made, key=key, shown=self._shown(key), sources=self._sources(key))
        hypotheses = tuple(_acting(key, one) for one in self._ways(key, narrowed))
        return Actor("person", key, hypotheses, self._shown(key), self._sources(key))

    def professional(self, narrowed: Practice) -> Actor:
        """A professional whom nothing names but his profession, his specialty or his structure."""
        return self._group("professional", narrowed)

    def emergency(self, narrowed: Practice = Practice()) -> Actor:  # noqa: B008 - it is frozen
        """A professional who has broken the glass."""
        return self._group("emergency", narrowed, Flag.WINDOW)

    def regulator(self) -> Actor:
        """The regulator of a SAMU: a doctor, who comes for an emergency."""
        access = Access(Kind.PROFESSIONAL, SOMEBODY, profession=DOCTOR, regulator=True, purpose=EMERGENCY_TREATMENT)
        return Actor("regulator", "", (Hypothesis(access),))

    def _group(self, kind: str, narrowed: Practice, gains: Flag = NONE) -> Actor:
        ways = [narrowed] if narrowed.profession else self._narrowed(narrowed)
        return Actor(kind, "", tuple(replace(_acting(SOMEBODY, way), gains=gains) for way in ways))

    def _narrowed(self, known: Practice) -> list[Practice]:
        """Every profession, where it is not known; every specialty that a relation names, where that is not known."""
        professions = sorted({*self._matrix.professions, *self._named("profession")})
        ways = [replace(known, profession=one) for one in professions]
        if not known.specialty:
            ways += [replace(known, profession=DOCTOR, specialty=one) for one in sorted(self._named("specialty"))]
        return [*ways, known]

    def _named(self, kind: str) -> set[str]:
        return {key for key in self.keys if key.startswith(f"{kind}|")}

    def _ways(self, key: str, narrowed: Practice) -> list[Practice]:
        """How a professional may act: as asked, else as the directory knows, else as anybody might."""
        ways = [one for one in self._practices.get(key, []) if _agree(one, narrowed)]
        if not ways:
            treats = any(tie["kind"] == Relation.TREATING and tie["subject"] == key for tie in self.ties)
            known = replace(narrowed, profession=DOCTOR) if treats and not narrowed.profession else narrowed
            ways = [known] if known.profession else self._narrowed(known)
        within = {tie["within"] for tie in self.ties if tie["subject"] == key and tie["within"]}
        if not narrowed.structure:
            ways += [replace(one, structure=place) for place in sorted(within) for one in ways]
        return list(dict.fromkeys(ways))

    def _sources(self, key: str) -> tuple[str, ...]:
        """The Consents and care teams that name somebody, and the Consents that name his team."""
        own = {source_of(tie) for tie in self.ties if tie["subject"] == key and tie["kind"] != Relation.OPPOSED}
        teams = {team_of(one) for one in own if one.startswith("CareTeam/")}
        through = {source_of(tie) for tie in self.ties if tie["subject"] in teams}
        return tuple(sorted(one for one in own | through if not one.startswith("window/")))

    def _shown(self, key: str) -> Resource:
        return {"system": key.split("|")[1], "code": key.split("|")[2]} if _coded(key) else self.reference(key)

    def reference(self, key: str) -> Resource:
        """A Reference to somebody, as the directory names him."""
        entry = self._entries.get(key)
        kind = {"person": "Practitioner", "structure": "Organization"}.get(key.partition("|")[0], "")
        told: dict[str, Any] = {"reference": entry.address} if entry else {}
        told |= {"type": kind, **who(key, "")}
        return told | ({"display": entry.name} if entry and entry.name else {})


def source_of(tie: Record) -> str:
    """Address of the resource that a relation comes of; a member who came back has a number after it."""
    kind, _, rest = str(tie["source"]).partition("/")
    return f"{kind}/{rest.partition('/')[0]}"


def team_of(address: str) -> str:
    """Key of the care team at an address."""
    return f"team|{address.partition('/')[2]}"


def _coded(key: str) -> bool:
    return key.partition("|")[0] in {"profession", "specialty"}


def _rank(key: str) -> tuple[int, str]:
    order = ("person", *GROUPS)
    kind = key.partition("|")[0]
    return (order.index(kind) if kind in order else len(order), key)


def _agree(one: Practice, asked: Practice) -> bool:
    """Whether what the directory knows is what was asked about."""
    pairs = ((one.profession, asked.profession), (one.specialty, asked.specialty), (one.structure, asked.structure))
    return all(not wanted or known == wanted for known, wanted in pairs)


def _acting(subject: str, way: Practice) -> Hypothesis:
    access = Access(
        Kind.PROFESSIONAL, subject, structure=way.structure, profession=way.profession, specialty=way.specialty
    )
    return Hypothesis(access)


def ways(actor: Actor, places: Iterable[int]) -> Iterator[Practice]:
    """How the actor acts in some of his hypotheses."""
    for place in sorted(places):
        access = actor.hypotheses[place].access
        yield Practice(access.profession, access.specialty, access.structure)
