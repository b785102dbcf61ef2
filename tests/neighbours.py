"""Small worlds drawn at random, alike for the same seed: a record, its documents, and the people around it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.access import SPECIALTY_SYSTEM
from tests.acts import grant
from tests.serving import actor, consent, deny, document, opposition, permit
from tests.world import base, group, grouped, opened_for_minor, team, will, window

if TYPE_CHECKING:
    from tests.serving import Caller, Carnet, Tree

TREATING = "810000000001"
PEOPLE = tuple(f"8100000011{number:02d}" for number in range(6))
STRUCTURES = ("1750000071", "1750000072")
PROFESSIONS = ("10", "21", "40", "96")
GROUPS = ("21", "60")
SPECIALTY = "SM54"
TYPES = ("11488-4", "80788-3", "68599-0", "51969-4")
LABELS = ((), (), (), ("MASQUE_PS",), ("INVISIBLE_REPRESENTANTS_LEGAUX",), ("INVISIBLE_PATIENT",))


@dataclass
class Neighbours:
    """One world: the record, its representative, its documents in order, and the Consents in order."""

    carnet: Carnet
    record: str
    mother: str
    documents: list[str]
    consents: list[str]

    @property
    def holder(self) -> Caller:
        return self.carnet.holder(self.record)

    @property
    def treating(self) -> Caller:
        return self.carnet.doctor(TREATING)


def professional(carnet: Carnet, idnps: str, profession: str, specialty: str = "", structure: str = "") -> Caller:
    """A real caller, with just this in his token."""
    return carnet.professional(idnps, profession, specialty=specialty, structure=structure)


def _named(draw: random.Random) -> Tree:
    """An actor of a Consent that names somebody: a professional, or one within a structure, or a structure."""
    return draw.choice([actor(draw.choice(PEOPLE)), actor(structure=draw.choice(STRUCTURES))])


async def _wills(world: Neighbours, draw: random.Random) -> None:
    """Some Consents of each kind."""
    holder, record = world.holder, world.record
    for _ in range(draw.randrange(1, 4)):
        period = draw.choice([{}, {"end": "2030-01-01"}, {"start": "2029-01-01"}])
        world.consents.append(await grant(holder, record, _named(draw), **period))
    for idnps in draw.sample(PEOPLE, 2):
        kind = draw.choice(["block", "full-access"])
        provision = deny(actor(idnps)) if kind == "block" else permit(actor(idnps))
        world.consents.append(await will(holder, record, kind, provision))
    if draw.random() < 0.5:
        kind, verb = draw.choice([("block", "deny"), ("authorisation", "permit")])
        role = group(draw.choice(GROUPS))
        if draw.random() < 0.3:
            role = group(SPECIALTY, system=SPECIALTY_SYSTEM, element="specialty")
        world.consents.append(await grouped(holder, record, kind, role, verb))
    if draw.random() < 0.5:
        members = await holder.make(team(record, *draw.sample(PEOPLE, 2)))
        world.consents.append(await grant(holder, record, actor(reference=f"CareTeam/{members}")))
    purposes = [one for one in ("BTG", "ETREAT") if draw.random() < 0.3]
    if purposes:
        world.consents.append(await will(holder, record, "emergency-opposition", opposition(*purposes)))


async def settle(carnet: Carnet, seed: int) -> Neighbours:
    """The world of a seed, in a new record."""
    draw = random.Random(seed)
    record, mother = await opened_for_minor(carnet, treating=TREATING)
    world = Neighbours(carnet, record, mother, [], [])
    glass = draw.choice(PEOPLE)
    if draw.random() < 0.5:
        await window(carnet.doctor(glass), record)
    for _ in range(4):
        depositor = draw.choice([TREATING, *PEOPLE])
        by = carnet.doctor(depositor)
        codes, type_ = draw.choice(LABELS), draw.choice(TYPES)
        one = await by.make(document(record, type_=type_, label=codes[0] if codes else ""))
        world.documents.append(one)
    await _wills(world, draw)
    return world


def wishes(world: Neighbours, draw: random.Random) -> list[Tree]:
    """Consents to try in a world, which its holder may write."""
    record, code_base = world.record, base(world.carnet)
    kind = draw.choice(["authorisation", "full-access", "block", "emergency-opposition", "group"])
    if kind == "group":
        role = group(draw.choice(GROUPS))
        provision = {"type": "deny", "actor": [{"role": actor("0")["role"], "reference": {"reference": "#group"}}]}
        return [consent(record, "block", provision, base=code_base, contained=[role])]
    if kind == "authorisation":
        return [consent(record, kind, permit(_named(draw)), base=code_base)]
    if kind == "emergency-opposition":
        return [consent(record, kind, opposition("BTG", "ETREAT"), base=code_base)]
    provision = permit(actor(draw.choice(PEOPLE))) if kind == "full-access" else deny(actor(draw.choice(PEOPLE)))
    return [consent(record, kind, provision, base=code_base)]
