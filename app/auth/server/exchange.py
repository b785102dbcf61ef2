"""For whom software acts when it exchanges a token: what vouches for the professional, read and verified.

Two things may: the token of another provider of identities (Pro Santé Connect), which that provider's `Provider` reads;
or an assertion that the software itself signs, with the fields of the VIHF of today's interfaces (facts/dmp.md section
1.5). An assertion is worth what the software is: it never gives direct strong authentication, and so no break-glass,
nor a purpose beyond care, nor the regulator's rights (api.md section 6).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError

from app.access import Kind
from app.auth import mint
from app.auth.claims import ACT_REASON
from app.auth.server.assertion import BadAssertion
from app.auth.server.grants import ACCESS_TYPE, JWT_TYPE
from app.auth.server.identify import checked
from app.auth.server.jwks import KeysError
from app.auth.server.subject import Subject, professional
from app.errors import Refusal, Unauthenticated
from app.records import RequestFacts, holders
from app.resources.ins import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.server.office import Asker, Authority
    from app.auth.server.party import Client

MODES = {"INDIRECTE": "indirecte", "INDIRECTE_RENFORCEE": "indirecte-renforcee"}
"""Modes of authentication that software may vouch for, and the `acr` of its tokens: none is direct."""
TARGET = "urn:dmp"
PURPOSE = "normal"
"""The mode of access that an assertion may ask for; emergencies are not software's to say."""
CONCEALED = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
PERSON = re.compile(r"([0-9A-Za-z]{1,40})\^\^\^&(?:amp;)?([0-9.]{1,64})&(?:amp;)?ISO\^NH")
"""An INS as HL7 v2 writes it: number, OID of its system."""
FIELDS = frozenset(
    {
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "VIHF_Version", "Ressource_URN", "purposeofuse", "subject-id",
        "subject-role", "Identifiant_Structure", "Secteur_Activite", "Authentification_Mode", "confidentiality-code",
        "resource-id", "LPS_ID", "LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP",
    }
)  # fmt: skip
"""What an assertion may say. Another field may restrict what this server would then give: it is refused."""


async def subject_of(authority: Authority, client: Client, form: Mapping[str, str], asker: Asker) -> Subject:
    """The professional whom a request for an exchange names; InvalidRequestError or InvalidGrantError."""
    text, kind = form.get("subject_token", ""), form.get("subject_token_type")
    if kind == JWT_TYPE:
        return await _vouched(authority, client, text, asker)
    if kind != ACCESS_TYPE:
        raise InvalidRequestError("the subject token is a signed assertion or an access token")
    for provider in authority.providers:
        found = await provider.subject(text, client)
        if found is not None:
            return found
    raise InvalidGrantError("the subject token does not hold")


async def _vouched(authority: Authority, client: Client, text: str, asker: Asker) -> Subject:
    if not (client.jwks or client.jwks_uri):
        raise InvalidGrantError("this client has no key to sign an assertion with")
    try:
        claims = await checked(authority, client, text)
        found = read(claims, client)
        return await _about(authority, client, found, claims, asker)
    except (BadAssertion, KeysError, ValueError) as error:
        raise InvalidGrantError("the subject token does not hold") from error
    except Unauthenticated as refusal:
        raise InvalidGrantError("the subject token names no professional") from refusal


def read(claims: Mapping[str, Any], client: Client) -> Subject:
    """The professional that an assertion describes; BadAssertion, Unauthenticated."""
    if not claims.keys() <= FIELDS:
        raise BadAssertion("the assertion says what this server does not know")
    said: dict[str, str] = {name: value for name, value in claims.items() if isinstance(value, str)}
    structure, mode = said.get("Identifiant_Structure", ""), said.get("Authentification_Mode", "")
    if said.get("Ressource_URN") != TARGET or claims.get("purposeofuse", PURPOSE) != PURPOSE or mode not in MODES:
        raise BadAssertion("the assertion asks for what no software may vouch for")
    if not structure or (client.structure and structure != client.structure):
        raise BadAssertion("the assertion names no structure, or not that of the client")
    confidentiality = claims.get("confidentiality-code", CONCEALED)
    if confidentiality != CONCEALED:
        raise BadAssertion("the assertion has a confidentiality that is not known")
    made = mint.professional(said.get("sub", ""), structure=structure, name=said.get("subject-id", ""))
    person: dict[str, Any] = made["extensions"]["ihe_iua"]  # type: ignore[index] # as mint makes it
    person["subject_role"] = claims.get("subject-role")
    person["purpose_of_use"] = [{"system": ACT_REASON, "code": "TREAT"}]
    made |= {"secret": True} if "confidentiality-code" in claims else {}
    return professional(made, acr=MODES[mode], amr=("swk",))


async def _about(
    authority: Authority, client: Client, found: Subject, claims: Mapping[str, Any], asker: Asker
) -> Subject:
    """The same, held to the one record that the assertion is about, if it names one that he may know of.

    He finds it as he would by a search, which is in the trail; software is told no more than its professional.
    """
    if "resource-id" not in claims:
        if found.access.secret:
            raise BadAssertion("a secret connection is about one person")
        return found
    match = PERSON.fullmatch(str(claims["resource-id"]))
    system = f"urn:oid:{match[2]}" if match else ""
    if match is None or system not in SYSTEMS or found.kind is not Kind.PROFESSIONAL:
        raise BadAssertion("the assertion is about no person")
    if found.access.secret and not await holders.minor_has(authority.office, match[1]):
        raise BadAssertion("a secret connection is about a minor's record")
    token = f"{system}|{match[1]}"
    asked = RequestFacts(asker.facts.request_id, asker.facts.address, urlencode({"identifier": token}))
    records = authority.door.open(replace(found.access, client=client.id), asked)
    try:
        page = await records.search("Patient", [("identifier", token)], strict=True)
    except Refusal as refusal:
        raise BadAssertion("the assertion is about no person") from refusal
    if not page.matches:
        raise BadAssertion("the assertion is about no person")
    return Subject({**found.claims, "patient": page.matches[0].id}, found.acr, found.amr)
