"""Who is asking, read from the claims of a verified token (api.md section 6).

A claim that is missing where it is needed, of the wrong JSON type, or ambiguous (two professions, two purposes) makes
the token invalid: nothing is guessed. Values become keys joined by `|` and go into the database and the trail, so a
value with a bar, a blank or a control character is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.access import IDNPS, IDNST, SPECIALTY_SYSTEM, Access, Kind, person_key, structure_key
from app.auth.scopes import granted, limited
from app.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping

    Claims = Mapping[str, object]

REALM = 'Bearer realm="carnet"'
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
NAME_LIMIT = 256
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # FHIR datatype id
WORD = re.compile(r"[^\s|]{1,256}")
PURPOSE = re.compile(r"[A-Z]{2,32}")
PROFESSIONALS = frozenset({Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN})
STRUCTURED = PROFESSIONALS | {Kind.DESK, Kind.INSURER, Kind.SOFTWARE}
CLAIMED = STRUCTURED | {Kind.HOLDER, Kind.REPRESENTATIVE}
"""The kinds that a token may claim, named one by one: a kind added later (the operator is one) is refused here."""

PURPOSES = {
    Kind.HOLDER: "PATRQT",
    Kind.REPRESENTATIVE: "FAMRQT",
    Kind.DESK: "PATADMIN",
    Kind.INSURER: "HPAYMT",
}
"""Purpose of a token that names none; TREAT for the kinds not listed."""


def invalid(description: str) -> Unauthenticated:
    """Refusal of a bad token, with the challenge of RFC 6750 section 3.1; `description` holds no value of the token."""
    challenge = f'{REALM}, error="invalid_token", error_description="{description}"'
    return Unauthenticated(description, reason="invalid-token", headers={"WWW-Authenticate": challenge})


def access_from_claims(claims: Claims, base: str = "") -> Access:
    """Return the caller that the claims describe; Unauthenticated if they describe none.

    `base` is the server's FHIR base URL: `fhirUser` may be relative, or absolute below it.
    """
    kind = _kind(claims)
    person = _extension(claims)
    record = _id(claims, "patient")
    profession, specialty = _roles(person) if kind in PROFESSIONALS else ("", "")
    structure = _structure(person) if kind in STRUCTURED else ""
    regulator = flag(claims, "regulator")
    return Access(
        kind=kind,
        subject=_subject(kind, claims, base),
        name=_name(person),
        record=record,
        structure=structure,
        profession=profession,
        specialty=specialty,
        purpose=_purpose(person) or PURPOSES.get(kind, "TREAT"),
        regulator=regulator and kind is Kind.PROFESSIONAL,
        secret=flag(claims, "secret"),
        acr=word(claims, "acr"),
        client=word(claims, "client_id"),
        jti=_required(claims, "jti"),
        fhir_user=_fhir_user(claims, base),
        scopes=granted(_text(claims, "scope"), kind, record),
        limits=limited(_text(claims, "scope"), kind, record),
    )


def flag(claims: Claims, name: str) -> bool:
    """Return a boolean claim, false when absent."""
    value = claims.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(f"claim `{name}` is not a boolean")
    return bool(value)


def word(claims: Claims, name: str) -> str:
    """Return a claim that is one word without bar, blank or control character, "" when absent."""
    value = _text(claims, name)
    if value and not (WORD.fullmatch(value) and value.isprintable()):
        raise invalid(f"claim `{name}` is too long or holds a blank, a bar or a control character")
    return value


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"claim `{name}` is not a string")
    return value or ""


def _required(claims: Claims, name: str) -> str:
    value = word(claims, name)
    if not value:
        raise invalid(f"claim `{name}` is missing")
    return value


def _id(claims: Claims, name: str) -> str:
    value = _text(claims, name)
    if value and not ID.fullmatch(value):
        raise invalid(f"claim `{name}` is not a FHIR id")
    return value


def _kind(claims: Claims) -> Kind:
    value = _text(claims, "kind")
    kind = next((kind for kind in CLAIMED if kind == value), None)
    if kind is None:
        raise invalid("claim `kind` is missing or unknown")
    return kind


def _object(claims: Claims, name: str) -> Claims:
    value = claims.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"claim `{name}` is not an object")
    return value


def _extension(claims: Claims) -> Claims:
    return _object(_object(claims, "extensions"), "ihe_iua")


def _name(person: Claims) -> str:
    name = " ".join(_text(person, "subject_name").split())
    if len(name) > NAME_LIMIT or not name.isprintable():
        raise invalid("claim `subject_name` is too long or holds a control character")
    return name


def _fhir_user(claims: Claims, base: str) -> str:
    value = word(claims, "fhirUser")
    return value.removeprefix(f"{base}/") if base else value


def _subject(kind: Kind, claims: Claims, base: str) -> str:
    _required(claims, "sub")
    if kind in PROFESSIONALS:
        return person_key(*_identifier(_extension(claims), "person_id", IDNPS))
    if kind is Kind.HOLDER:
        return _holder(claims, base)
    if kind is Kind.REPRESENTATIVE:
        return _representative(claims, base)
    if kind is Kind.SOFTWARE:
        return f"software|{_required(claims, 'client_id')}"
    return structure_key(*_identifier(_extension(claims), "subject_organization_id", IDNST))


def _holder(claims: Claims, base: str) -> str:
    record = _needed_record(claims)
    if _fhir_user(claims, base) not in {"", f"Patient/{record}"}:
        raise invalid("claims `fhirUser` and `patient` name different holders")
    return f"holder|{record}"


def _representative(claims: Claims, base: str) -> str:
    _needed_record(claims)
    resource_type, _, resource_id = _fhir_user(claims, base).partition("/")
    if resource_type != "RelatedPerson" or not ID.fullmatch(resource_id):
        raise invalid("claim `fhirUser` does not name a RelatedPerson")
    return f"related|{resource_id}"


def _needed_record(claims: Claims) -> str:
    record = _id(claims, "patient")
    if not record:
        raise invalid("claim `patient` is missing")
    return record


def _identifier(person: Claims, name: str, default: str) -> tuple[str, str]:
    """System and value of an identifier claim: `value` in the system `default`, or `system|value`."""
    system, bar, value = _text(person, name).rpartition("|")
    system = system if bar else default
    if not (_is_word(system) and _is_word(value)):
        raise invalid(f"claim `{name}` is missing or no identifier")
    return system, value


def _structure(person: Claims) -> str:
    if not _text(person, "subject_organization_id"):
        return ""
    return structure_key(*_identifier(person, "subject_organization_id", IDNST))


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and WORD.fullmatch(value) is not None


def _codings(person: Claims, name: str) -> list[tuple[str, str]]:
    value = person.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(f"claim `{name}` is not a list")
    return [_coding(item, name) for item in value]


def _coding(item: object, name: str) -> tuple[str, str]:
    if isinstance(item, dict):
        system, code = item.get("system"), item.get("code")
        if isinstance(system, str) and isinstance(code, str) and _is_word(system) and _is_word(code):
            return system, code
    raise invalid(f"claim `{name}` holds something else than codings with system and code")


def _roles(person: Claims) -> tuple[str, str]:
    """Keys of the one profession and of its specialty, or ""."""
    codings = _codings(person, "subject_role")
    specialties = [code for system, code in codings if system == SPECIALTY_SYSTEM]
    professions = [(system, code) for system, code in codings if system != SPECIALTY_SYSTEM]
    if len(professions) != 1 or len(specialties) > 1:
        raise invalid("claim `subject_role` must hold one profession and at most one specialty")
    system, code = professions[0]
    specialty = f"specialty|{SPECIALTY_SYSTEM}|{specialties[0]}" if specialties else ""
    return f"profession|{system}|{code}", specialty


def _purpose(person: Claims) -> str:
    codings = _codings(person, "purpose_of_use")
    if not codings:
        return ""
    system, code = codings[0]
    if len(codings) > 1 or system != ACT_REASON or not PURPOSE.fullmatch(code):
        raise invalid("claim `purpose_of_use` must hold one code of v3-ActReason")
    return code
