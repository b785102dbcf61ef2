"""Tokens as the authorisation server makes them: access tokens (RFC 9068), identity tokens (OpenID Connect Core)."""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.auth import mint
from app.auth.scopes import FHIR_USER
from app.auth.server.party import OWN_KINDS
from app.auth.server.subject import SAID
from app.auth.token import BOUND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.keys import IdentityKey, SigningKeys
    from app.auth.server.party import Client
    from app.settings import Settings

SHORT, LONG = 300, 600
"""Seconds that a token lives: of professionals and software, and of a holder or who represents him."""
IDENTITY_LIFE = 300
"""Seconds that an identity token lives: it is read once, when it comes."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An access token, its `jti`, and how many seconds it lives."""

    token: str
    jti: str
    life: int


class Issuer:
    """Makes tokens. `keys` may be changed while it serves."""

    def __init__(self, settings: Settings, keys: SigningKeys, identity: IdentityKey) -> None:
        self._settings = settings
        self.keys = keys
        self.identity = identity

    def access(
        self,
        said: Mapping[str, Any],
        client: Client,
        scope: str,
        *,
        acr: str = "",
        session: str = "",
        signed_in: int = 0,
        thumbprint: str = "",
    ) -> Issued:
        """An access token that says `said` of who it is for: nothing but the claims of `app.auth.server.subject`."""
        life = LONG if said["kind"] in {Kind.HOLDER, Kind.REPRESENTATIVE} else SHORT
        now, jti = int(time.time()), secrets.token_urlsafe(16)
        claims: dict[str, Any] = {name: value for name, value in said.items() if name in SAID}
        claims |= {"iss": self._settings.token_issuer, "aud": self._settings.fhir_base}
        claims |= {"iat": now, "exp": now + life, "jti": jti, "client_id": client.id, "scope": scope}
        more = {"acr": acr, "sid": session, "auth_time": signed_in}
        claims |= {name: value for name, value in more.items() if value}
        if thumbprint:
            claims["cnf"] = {BOUND: thumbprint}
        return Issued(self.keys.sign(claims), jti, life)

    def id_token(
        self, said: Mapping[str, Any], client: Client, scope: str, access_token: str, more: Mapping[str, Any]
    ) -> str:
        """An identity token beside an access token of a scope; `more` are the claims of this sign-in."""
        now = int(time.time())
        half = sha256(access_token.encode()).digest()[:16]  # at_hash of RS256: Core section 3.1.3.6
        claims = {"iss": self._settings.token_issuer, "aud": client.id, "iat": now, "exp": now + IDENTITY_LIFE}
        claims |= {"at_hash": urlsafe_b64encode(half).decode().rstrip("=")}
        return self.identity.sign(claims | self.profile(said, scope) | {k: v for k, v in more.items() if v})

    def profile(self, said: Mapping[str, Any], scope: str) -> dict[str, Any]:
        """What an application learns of the person: who he is, in OpenID's words, and with `fhirUser` in SMART's."""
        person = said.get("extensions", {}).get("ihe_iua", {})
        profile = {"sub": said["sub"], "name": person.get("subject_name", "")}
        if said.get("fhirUser") and FHIR_USER in scope.split(" "):
            profile["fhirUser"] = f"{self._settings.fhir_base}/{said['fhirUser']}"
        return {name: value for name, value in profile.items() if value}


def own_claims(client: Client) -> dict[str, Any]:
    """What a client's token says that acts for nobody: what it is, and the structure that it acts for."""
    kind = client.own_kind
    if kind is Kind.SOFTWARE:
        return _said(mint.software(client.id, client.structure))
    return _said(mint.insurer(client.structure) if kind is Kind.INSURER else mint.desk(client.structure))


def _said(claims: mint.Claims) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name in SAID}


def acts_alone(client: Client) -> bool:
    """Whether a client may have tokens for itself: an insurer and a desk are known by their structure."""
    kind = next((one for one in OWN_KINDS if one.value in client.kinds), None)
    return kind is Kind.SOFTWARE or (kind is not None and bool(client.structure))
