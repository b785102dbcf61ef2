"""Tokens that the operator mints for sandboxes and tests (api.md section 6): every caller, without a login.

A function for each kind of caller gives its claims; `mint` signs them. Every minted token carries the claim `sandbox`,
which a server with `sandbox_tokens = false` refuses. Only who holds the server's signing key can mint.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from app.access import PROFESSION_SYSTEM, SPECIALTY_SYSTEM, Kind
from app.auth.claims import ACT_REASON

if TYPE_CHECKING:
    from app.auth.keys import SigningKeys
    from app.settings import Settings

TTL = 3600
"""Seconds that a minted token lives unless told otherwise."""

CLIENT = "carnet-token"
STRONG = "eidas1"
USER = "user/*.cruds"
PATIENT = "patient/*.cruds"
SYSTEM = "system/*.cruds"

Claims = dict[str, object]


def mint(keys: SigningKeys, settings: Settings, claims: Claims, ttl: int = TTL) -> str:
    """Sign `claims` as a token for this server that lives `ttl` seconds from now."""
    return keys.sign(complete(settings, claims, ttl))


def complete(settings: Settings, claims: Claims, ttl: int = TTL) -> Claims:
    """Return `claims` with issuer, audience, times, `jti` and the sandbox claim."""
    now = int(time.time())
    return claims | {
        "iss": settings.token_issuer,
        "aud": settings.fhir_base,
        "iat": now,
        "exp": now + ttl,
        "jti": secrets.token_urlsafe(16),
        "sandbox": True,
    }


def professional(  # noqa: PLR0913 - one name for each thing that a token says of him
    idnps: str,
    *,
    profession: str = "10",
    specialty: str = "",
    structure: str = "",
    purpose: str = "",
    regulator: bool = False,
    secret: bool = False,
    acr: str = STRONG,
    name: str = "",
) -> Claims:
    """Claims of a professional: IDNPS, profession (TRE_G15 code or `system|code`), specialty (TRE_R38 code or same).

    `structure` is an IDNST value or `system|value`; `purpose` a code of v3-ActReason.
    """
    roles = [_coding(profession, PROFESSION_SYSTEM)]
    if specialty:
        roles.append(_coding(specialty, SPECIALTY_SYSTEM))
    person: Claims = {"person_id": idnps, "subject_role": roles}
    if structure:
        person["subject_organization_id"] = structure
    if name:
        person["subject_name"] = name
    if purpose:
        person["purpose_of_use"] = [{"system": ACT_REASON, "code": purpose}]
    flags = {claim: True for claim, said in (("regulator", regulator), ("secret", secret)) if said}
    return _claims(Kind.PROFESSIONAL, idnps, USER, person) | {"acr": acr} | flags


def occupational_physician(
    idnps: str, *, structure: str = "", acr: str = STRONG, name: str = "", specialty: str = ""
) -> Claims:
    """Claims of an occupational physician, a doctor (profession 10)."""
    doctor = professional(idnps, structure=structure, acr=acr, name=name, specialty=specialty)
    return doctor | {"kind": Kind.OCCUPATIONAL_PHYSICIAN.value}


def holder(patient: str, *, secret: bool = False) -> Claims:
    """Claims of the holder of the record `patient` (a Patient id)."""
    claims = _claims(Kind.HOLDER, patient, PATIENT, {}) | {"patient": patient, "fhirUser": f"Patient/{patient}"}
    return claims | {"secret": True} if secret else claims


def representative(related_person: str, patient: str) -> Claims:
    """Claims of a representative: RelatedPerson id, and Patient id of the record."""
    claims = _claims(Kind.REPRESENTATIVE, related_person, PATIENT, {})
    return claims | {"patient": patient, "fhirUser": f"RelatedPerson/{related_person}"}


def desk(structure: str) -> Claims:
    """Claims of a desk agent of a structure (IDNST value or `system|value`)."""
    return _claims(Kind.DESK, structure, USER, {"subject_organization_id": structure})


def insurer(structure: str) -> Claims:
    """Claims of the insurer's feed, known by its structure (IDNST value or `system|value`)."""
    return _claims(Kind.INSURER, structure, SYSTEM, {"subject_organization_id": structure})


def software(client: str, structure: str = "") -> Claims:
    """Claims of software without a person, which deposits for a structure (IDNST value or `system|value`)."""
    person: Claims = {"subject_organization_id": structure} if structure else {}
    return _claims(Kind.SOFTWARE, client, SYSTEM, person) | {"client_id": client}


def _coding(code: str, system: str) -> dict[str, str]:
    named, bar, bare = code.rpartition("|")
    return {"system": named if bar else system, "code": bare}


def _claims(kind: Kind, sub: str, scope: str, person: Claims) -> Claims:
    claims: Claims = {"kind": kind.value, "sub": _sub(sub), "client_id": CLIENT, "scope": scope}
    return claims | {"extensions": {"ihe_iua": person}} if person else claims


def _sub(value: str) -> str:
    # A `sub` has no bar: of `system|value` the value is enough, for nothing is decided by it.
    return value.rpartition("|")[2]
