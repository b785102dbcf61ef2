"""What the records of a sample are like: invented holders, whom they let read, and what is deposited for them.

A shape is a record in words that the server understands: requests of callers, one after another. Its first record is
made by these very requests; the others of its shape say the same of other people on other days (`app.population`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from app.access import IDNPS, IDNST
from app.auth import mint
from app.resources import ins, labels
from app.resources.care_team import PARTICIPATION, TREATING
from app.sample import CLASSES, IRCP, LOINC, consent

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from app.resources.definition import Resource

MOST = 900_000
"""Records of one sample: so many INS of one seed differ."""
SHAPES = 12
PEOPLE, PLACES = 36, 12
MODULUS = 97
WOODS = """ACACIA AUBEPINE BOULEAU BRUYERE CEDRE CHARME CYPRES EGLANTIER ERABLE FOUGERE FRENE GENET GLYCINE HETRE HOUX
JASMIN LAURIER LILAS MELEZE MERISIER MURIER NOISETIER OLIVIER ORME PEUPLIER PRUNELIER SAULE SORBIER"""
FAMILIES = tuple(f"PAT-{name}" for name in WOODS.split())
CALLED = """ALEX ANDREA ANGE CAMILLE CHARLIE CLAUDE DANIELE DOMINIQUE EDEN ELIE FREDERIQUE JOSE LOU MAE MAXIME MICHELE
MORGAN NOA PASCALE SACHA SASHA STEPHANE VALERY YAEL"""
GIVEN = tuple(CALLED.split())
FIRST = ("PAT-WYVERNE", "ZEPHYRIN")
"""Names of the first holder of each shape, which stand nowhere in what his record says besides."""
TYPES = (
    ("11502-2", "10", "CR d'examens biologiques"),
    ("57833-6", "42", "Prescription de produits de santé"),
    ("11488-4", "10", "CR ou fiche de consultation ou de visite"),
    ("18748-4", "31", "CR d'imagerie médicale"),
    ("60593-1", "43", "Dispensation médicamenteuse"),
    ("11490-0", "10", "Lettre de liaison à la sortie d'un établissement de soins"),
    ("11506-3", "10", "CR ou fiche de suivi de soins par auxiliaire médical"),
    ("87273-9", "52", "Note de vaccination"),
    ("34874-8", "10", "CR opératoire"),
    ("60591-5", "11", "Synthèse médicale"),
    ("89601-9", "52", "Certificat médical"),
    ("96349-6", "10", "Lettre d'adressage"),
    ("60568-3", "10", "CR d'anatomie et de cytologie pathologiques"),
    ("15507-7", "10", "CR de passage aux urgences"),
)
"""LOINC types with their classes (TRE_A03) and names, after app/resources/data/document_types.json."""
PRACTICES = (("10", "SM54"), ("10", "SM54"), ("10", "SM20"), ("21", ""), ("60", ""), ("10", "SM04"))
"""Profession and specialty of the people who deposit, in turn."""
PLAIN = 9
"""Units of a shape that say nothing of visibility."""
WEIGHTS = (*(18 - 2 * place for place in range(PLAIN)), 4, 2, 2)
"""How often a record has each unit of its shape."""


class Request(NamedTuple):
    """What one caller sends: to a FHIR path, by POST."""

    claims: mint.Claims
    path: str
    tree: Resource


@dataclass(frozen=True, slots=True)
class Holder:
    """An invented holder: INS of the test system with a right key, names, sex and birth date."""

    number: str
    family: str
    given: str
    gender: str
    birth: str

    @classmethod
    def of(cls, place: int, draw: Random, seed: int, shape: Shape, *, names: tuple[str, ...] = ()) -> Holder:
        """The holder at a place of the sample, of a record of that shape; `names` are what he is called."""
        sex, born = shape.place % 2, shape.born
        year, month, day = draw.randrange(1930, 2004), draw.randrange(1, 13), draw.randrange(1, 29)
        birth = born or f"{year}-{month:02}-{day:02}"
        digits = f"{sex + 1}{birth[2:4]}{birth[5:7]}{1 + seed % 90:02}{1 + place // 999:03}{1 + place % 999:03}"
        key = MODULUS - int(digits) % MODULUS
        family, given = names or (draw.choice(FAMILIES), draw.choice(GIVEN))
        return cls(f"{digits}{key:02}", family, given, ("male", "female")[sex], birth)

    def tree(self) -> Resource:
        """The identity."""
        return {
            "resourceType": "Patient",
            "identifier": [{"use": "official", "system": ins.TEST, "value": self.number}],
            "name": [{"use": "official", "family": self.family, "given": [self.given]}],
            "gender": self.gender,
            "birthDate": self.birth,
        }


class Said(NamedTuple):
    """What is particular to a unit: the day of care, and a UUID for each document."""

    day: str
    names: tuple[str, str]


class Unit(NamedTuple):
    """What is deposited together: requests, each made of the record, its holder, what is said, and the ids made so far.

    `still` units are not moved in time, because their end is counted by the calendar from the moment of the deposit.
    """

    steps: tuple[Callable[[str, Holder, Said, list[str]], Request], ...]
    content: bytes = b""
    still: bool = False


def number(place: int) -> str:
    """IDNPS of one of the people of the sample."""
    return f"8997003{place % PEOPLE:05}"


def who(place: int) -> mint.Claims:
    """Claims of one of them."""
    profession, specialty = PRACTICES[place % len(PRACTICES)]
    return mint.professional(
        number(place), profession=profession, specialty=specialty, structure=house(place), name=f"Dr Exemple {place}"
    )


def house(place: int) -> str:
    """IDNST of the structure that he acts in."""
    return f"17503{place % PLACES:05}"


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of record, by its number. `base` is the canonical base of our CodeSystems."""

    place: int
    base: str

    @property
    def born(self) -> str:
        """Birth date of a minor's record, whose representatives have a right until his majority; "" for the others."""
        return f"{2012 + self.place // 4}-03-14" if self.place % 8 == 3 else ""  # noqa: PLR2004 - one in eight

    @property
    def treating(self) -> int:
        """Place of the treating physician."""
        return self.place * len(PRACTICES) % PEOPLE

    def opening(self, holder: Holder) -> Request:
        """The transaction that opens a record, with who represents its holder, treats him and may read."""
        mine = _urn(0)
        trees = [(mine, holder.tree()), (_urn(1), consent(mine, "opening", self.base))]
        if self.born:
            mother = _related(mine)
            provision = {"type": "permit", "actor": [_actor({"reference": _urn(2)})]}
            trees += [(_urn(2), mother), (_urn(3), consent(mine, "representation", self.base, provision))]
        if self.place % 4:
            trees.append((_urn(4), _team(mine, number(self.treating))))
        provision = {"type": "permit", "actor": [_actor(_person(number(self.treating + 1)))]}
        trees.append((_urn(5), consent(mine, "authorisation", self.base, provision)))
        entries = [
            {"fullUrl": url, "resource": tree, "request": {"method": "POST", "url": tree["resourceType"]}}
            for url, tree in trees
        ]
        return Request(who(self.treating), "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})

    def wills(self, record: str) -> list[Request]:
        """What the holder says himself afterwards."""
        claims, said, mine = mint.holder(record), [], f"Patient/{record}"
        if self.place % 2:
            provision = {"type": "permit", "actor": [_actor(_structure(house(self.place)))]}
            said.append(consent(mine, "authorisation", self.base, provision))
        if self.place % 6 == 1:
            actor = _actor(_person(number(self.treating + 5)))
            said.append(consent(mine, "block", self.base, {"type": "deny", "actor": [actor]}))
        if self.place % 12 == 2:  # noqa: PLR2004 - one in twelve
            purpose = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BTG"}
            said.append(consent(mine, "emergency-opposition", self.base, {"type": "deny", "purpose": [purpose]}))
        return [Request(claims, "Consent", tree) for tree in said]

    def units(self) -> list[Unit]:
        """What its records hold, each as often as `WEIGHTS` says: documents, and what becomes of them."""
        brings = self.place % SHAPES == 5  # noqa: PLR2004 - one shape of all: contents cost more than rows
        units = []
        for place in range(PLAIN):
            content = (
                f"Document d'exemple {self.place}.{place}, sans donnée réelle.\n" * 20 * (brings and place > PLAIN - 3)
            )
            hidden = labels.HIDDEN if self.born and place == PLAIN - 1 else ""
            units.append(Unit((self._step(place, hidden, content),), content.encode()))
        units.append(Unit((self._step(2, labels.MASKED),)))
        units.append(Unit((self._step(3, labels.ANNOUNCEMENT),), still=True))
        return [*units, Unit((self._step(0), self._replacing(0)))]

    def _step(self, place: int, label: str = "", content: str = "") -> Callable[..., Request]:
        depositor = self.treating + place % 4

        def step(record: str, holder: Holder, said: Said, _: list[str]) -> Request:
            kind = TYPES[(self.place + place * 3) % len(TYPES)]
            tree = _document(record, holder, kind, number(depositor), said.day, said.names[0])
            return Request(who(depositor), "DocumentReference", tree | _labelled(label) | _content(tree, content))

        return step

    def _replacing(self, place: int) -> Callable[..., Request]:
        first = self._step(place)

        def step(record: str, holder: Holder, said: Said, made: list[str]) -> Request:
            request = first(record, holder, Said(said.day, (said.names[1], "")), made)
            target = {"reference": f"DocumentReference/{made[0]}"}
            request.tree["relatesTo"] = [{"code": "replaces", "target": target}]
            return request

        return step


def _urn(place: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{place:012d}"


def _person(value: str) -> Resource:
    return {"type": "Practitioner", "identifier": {"system": IDNPS, "value": value}}


def _structure(value: str) -> Resource:
    return {"type": "Organization", "identifier": {"system": IDNST, "value": value}}


def _actor(reference: Resource) -> Resource:
    return {"role": {"coding": [IRCP]}, "reference": reference}


def _related(holder: str) -> Resource:
    role = {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}
    names = [{"family": "PAT-PROCHE", "given": ["CAMILLE"]}]
    patient = {"reference": holder}
    return {"resourceType": "RelatedPerson", "patient": patient, "relationship": [{"coding": [role]}], "name": names}


def _team(holder: str, physician: str) -> Resource:
    member = {"role": [{"coding": [{"system": PARTICIPATION, "code": TREATING}]}], "member": _person(physician)}
    subject = {"reference": holder}
    return {"resourceType": "CareTeam", "status": "active", "subject": subject, "participant": [member]}


def _document(record: str, holder: Holder, kind: tuple[str, str, str], author: str, day: str, name: str) -> Resource:
    """A document whose content is at its producer's, 2 kB."""
    code, klass, title = kind
    inner = [
        {"resourceType": "Patient", "id": "source", "identifier": [{"system": ins.TEST, "value": holder.number}]},
        {"resourceType": "Practitioner", "id": "author", "identifier": [{"system": IDNPS, "value": author}]},
    ]
    place = {"system": "http://snomed.info/sct", "code": "22232009", "display": "Hospital"}
    practice = {"system": "http://snomed.info/sct", "code": "394802001", "display": "General medicine"}
    attachment = {
        "contentType": "application/xml", "language": "fr-FR", "url": f"https://documents.example/{name}",
        "title": title, "creation": day,
    }  # fmt: skip
    tree: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "contained": inner,
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{name}"},
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": code, "display": title}]},
        "category": [{"coding": [{"system": CLASSES, "code": klass}]}],
        "subject": {"reference": f"Patient/{record}"},
        "date": day,
        "author": [{"reference": "#author"}],
        "authenticator": {"reference": "#author"},
        "description": f"{title} : motif, antécédents, examen, conclusion, suite. Exemple, sans donnée réelle.",
        "securityLabel": [{"coding": [{"system": labels.CONFIDENTIALITY, "code": labels.NORMAL}]}],
        "content": [{"attachment": attachment}],
        "context": {
            "period": {"start": day},
            "facilityType": {"coding": [place]},
            "practiceSetting": {"coding": [practice]},
            "sourcePatientInfo": {"reference": "#source"},
        },
    }
    return tree


def _labelled(code: str) -> Resource:
    return {"securityLabel": [{"coding": [{"system": labels.VISIBILITY, "code": code}]}]} if code else {}


def _content(tree: Resource, content: str) -> Resource:
    """The document with its content in it, if it has any."""
    if not content:
        return {}
    sent = {name: value for name, value in tree["content"][0]["attachment"].items() if name != "url"}
    data = {"contentType": "text/plain", "data": base64.b64encode(content.encode()).decode()}
    return {"content": [{"attachment": sent | data}]}
