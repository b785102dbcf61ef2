"""The people of the twin worlds, and what they write: callers, the others around, documents, acts between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.serving import IDNPS, LOINC, document

if TYPE_CHECKING:
    from tests.serving import Tree

DEPOSITOR, SECOND, PHYSICIAN, OUTSIDER = "810000000002", "810000000003", "810000000001", "810000000090"
NURSE, MIDWIFE, DENTIST, PHARMACIST, TEAMMATE, ADMITTED = (
    "810000000060", "810000000050", "810000000040", "810000000021", "810000000061", "810000000062",
)  # fmt: skip
SPECIALIST, REGULATOR, OCCUPATIONAL, STRANGER, BLOCKED, THERAPIST, TRUSTED, LATE, LIMITED = (
    "810000000010", "810000000015", "810000000017", "810000000041", "810000000042", "810000000070", "810000000063",
    "810000000064", "810000000066",
)  # fmt: skip
AGREED, CONFIDANT, GROUPED, REFUSED = (f"81000000010{number}" for number in range(1, 5))
HOSPITAL, SECOND_HOUSE, PHARMACY, CLINIC, PRACTICE = (
    "1750000001", "1750000003", "1750000021", "1750000041", "1750000070",
)  # fmt: skip
TYPES = ("11488-4", "34133-9", "60591-5", "18842-5")
OUTSIDE = "68599-0"
"""A type that the matrix gives to no nurse."""
BEYOND = "11502-2"
"""A type that the restricted application is not for, though its person sees it."""
SCOPE = " ".join(
    (
        f"user/DocumentReference.cruds?type={','.join(f'{LOINC}|{one}' for one in TYPES)}",
        "user/Consent.cruds?category=authorisation,opening,emergency-opposition,full-access",
        "user/List.cruds?status=current",
        *(f"user/{one}.cruds" for one in ("Patient", "Provenance", "Task", "Binary", "AuditEvent", "CareTeam")),
        *(f"user/{one}.rs" for one in ("RelatedPerson", "Practitioner", "PractitionerRole", "Organization")),
    )
)
"""What the restricted application may do."""
AWAITING, MASKED, HIDDEN = "INVISIBLE_PATIENT", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"
BASE = "https://example.org"
REIMBURSEMENT = "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"


@dataclass(frozen=True)
class Role:
    """One caller of the twin worlds: his record, and what he may do there without seeing more than before.

    `attests`: he may authorise himself, break the glass and close, as what is kept from him stays so.
    """

    name: str
    record: str
    attests: bool = False
    journal: bool = False
    """he reads the whole journal of his record"""
    looks_up: bool = True
    """he may look anybody up by INS, so that a record that only one world has is none of his business"""


ROLES = (
    Role("holder", "adult", journal=True, looks_up=False),
    Role("representative", "minor", journal=True, looks_up=False),
    Role("treating physician", "family", journal=True),
    Role("authorised by name", "bedside", attests=True),
    Role("authorised by structure", "ward", attests=True),
    Role("authorised by profession", "ward", attests=True),
    Role("authorised by specialty", "ward", attests=True),
    Role("authorised by care team", "ward", attests=True),
    Role("occupational physician", "ward"),
    Role("regulator", "ward", attests=True),
    Role("with a window", "ward", attests=True),
    Role("depositor", "ward", attests=True),
    Role("full access", "trusted"),
    Role("unauthorised", "closet"),
    Role("blocked", "closet"),
    Role("profession blocked", "closet"),
    Role("window opposed", "closet"),
    Role("desk agent", "closet"),
    Role("insurer", "closet", looks_up=False),
    Role("software", "closet"),
    Role("no representative any more", "closet", looks_up=False),
    Role("of a closed record", "shut"),
    Role("by a restricted application", "cabinet"),
)
PROFESSIONALS: dict[str, dict[str, Any]] = {
    "treating physician": {"idnps": PHYSICIAN, "specialty": "SM54", "structure": "1750000011"},
    "authorised by name": {"idnps": NURSE, "profession": "60", "structure": "1750000060"},
    "authorised by structure": {"idnps": PHARMACIST, "profession": "21", "structure": PHARMACY},
    "authorised by profession": {"idnps": MIDWIFE, "profession": "50", "structure": "1750000050"},
    "authorised by specialty": {"idnps": SPECIALIST, "specialty": "SM05", "structure": "1750000010"},
    "authorised by care team": {"idnps": TEAMMATE, "profession": "60", "structure": "1750000061"},
    "regulator": {"idnps": REGULATOR, "structure": "1750000015", "purpose": "ETREAT", "regulator": True},
    "with a window": {"idnps": DENTIST, "profession": "40", "structure": "1750000040"},
    "depositor": {"idnps": ADMITTED, "profession": "60", "structure": "1750000062"},
    "full access": {"idnps": TRUSTED, "profession": "60", "structure": "1750000063"},
    "unauthorised": {"idnps": STRANGER, "structure": CLINIC},
    "blocked": {"idnps": BLOCKED, "structure": CLINIC},
    "profession blocked": {"idnps": THERAPIST, "profession": "70", "structure": PRACTICE},
    "window opposed": {"idnps": LATE, "profession": "60", "structure": "1750000064"},
    "by a restricted application": {"idnps": LIMITED, "specialty": "SM54", "structure": "1750000066"},
    "of a closed record": {"idnps": "810000000065", "profession": "60", "structure": "1750000065"},
    "a depositor": {"idnps": DEPOSITOR, "specialty": "SM54", "structure": HOSPITAL},
    "a second": {"idnps": SECOND, "structure": SECOND_HOUSE},
    "a physician": {"idnps": "810000000004", "structure": "1750000004"},
    "an outsider": {"idnps": OUTSIDER, "profession": "60", "structure": "1750000090"},
    "a clerk": {"idnps": "810000000099", "profession": "60", "structure": "1750000099"},
    "in secret": {"idnps": DEPOSITOR, "specialty": "SM54", "structure": HOSPITAL, "secret": True},
    "authorised in secret": {"idnps": AGREED, "structure": "1750000101"},
    "full access in secret": {"idnps": CONFIDANT, "structure": "1750000102"},
    "of a structure in secret": {"idnps": GROUPED, "structure": "1750000103"},
    "blocked in secret": {"idnps": REFUSED, "structure": "1750000104"},
}
"""Professionals by their tokens; those of no role are the people around."""
IN_SECRET = tuple(name for name in PROFESSIONALS if name.endswith(" in secret") and name != "in secret")
"""Those about whom a minor agreed on something in a secret connection: what representatives do not know of."""
RECORDS = ("adult", "minor", "family", "ward", "bedside", "trusted", "closet", "shut", "cabinet")


def ins(number: int) -> str:
    """INS of a record, with its key."""
    body = f"2800175{number:06d}"
    return f"{body}{97 - int(body) % 97:02d}"


def paper(record: str, number: int, *, label: str = "", **more: Any) -> Tree:
    """A document that says something to every search parameter."""
    identifier = {"system": f"{BASE}/paper", "value": str(number % 100)}
    context = {
        "encounter": [{"reference": f"Encounter/e{number % 3}"}],
        "event": [concept("event", f"ev{number % 3}")],
        "facilityType": concept("facility", f"SA0{number % 3}"),
        "practiceSetting": concept("setting", ("AMBULATOIRE", "ETABLISSEMENT")[number % 2]),
        "period": {"start": f"2026-05-{number % 9 + 1:02d}", "end": f"2026-05-{number % 9 + 11:02d}"},
    }
    said = {"description": f"Compte rendu {('cardiologie', 'été', 'oncologie')[number % 3]} {number}", **more}
    tree = document(
        record,
        type_=TYPES[number % len(TYPES)],
        label=label,
        content=f"<paper n='{number}'/>".encode(),
        meta={"tag": [{"system": f"{BASE}/tag", "code": f"t{number % 2}"}], "source": f"{BASE}/source/{number % 2}"},
        masterIdentifier={"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.250.7.{number}"},
        identifier=[identifier],
        date=f"2026-06-{number % 9 + 1:02d}T10:00:00+02:00",
        **{**said, "context": {**context, **said.get("context", {})}},
    )
    attachment = tree["content"][0]["attachment"]
    attachment |= {"creation": f"2026-05-0{number % 9 + 1}", "language": ("fr-FR", "en")[number % 2]}
    if number % 2 == 0:
        name = {"family": f"Signataire {number}", "given": ["Zoé"]}
        tree["contained"] = [{"resourceType": "Practitioner", "id": "signer", "name": [name]}]
        tree["authenticator"] = {"reference": "#signer"}
    tree["content"][0]["format"] = {"system": f"{BASE}/format", "code": f"urn:ihe:{number % 2}"}
    return tree


def concept(kind: str, code: str) -> Tree:
    return {"coding": [{"system": f"{BASE}/{kind}", "code": code}]}


def provenance(targets: list[str], entities: list[str], who: str = DEPOSITOR) -> Tree:
    """Where documents come from."""
    entity = [{"role": "source", "what": {"reference": f"DocumentReference/{one}"}} for one in entities]
    agent = {"type": concept("agent", "author"), "who": {"reference": f"Practitioner?identifier={IDNPS}|{who}"}}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"DocumentReference/{one}"} for one in targets],
        "recorded": "2026-06-12T10:00:00+02:00",
        "agent": [agent],
        **({"entity": entity} if entity else {}),
    }


def task(record: str, focus: str, **more: Any) -> Tree:
    """The holder asks the depositor to rectify a document."""
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": f"Patient/{record}"},
        "requester": {"reference": f"Patient/{record}"},
        "owner": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": DEPOSITOR}},
        "focus": {"reference": f"DocumentReference/{focus}"},
        "authoredOn": "2026-06-13",
        **more,
    }
