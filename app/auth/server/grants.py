"""The grants of the token endpoint: code, refresh, client credentials and exchange, on Authlib's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    grants,
)
from authlib.oauth2.rfc6749.grants.base import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc7636 import CodeChallenge

from app.access import Kind
from app.auth.claims import access_from_claims
from app.auth.scopes import OFFLINE, ONLINE, OPENID, offered
from app.auth.server import told
from app.auth.server.bridge import allowed, waits
from app.auth.server.identify import unknown
from app.auth.server.issuing import acts_alone, own_claims
from app.auth.server.party import ALONE, CODE, EXCHANGE, METHODS, PUBLIC, REFRESH
from app.auth.server.sessions import end, life
from app.records import holders
from app.storage.auth import flows, sessions

if TYPE_CHECKING:
    from asyncpg import Record

    from app.auth.server.bridge import Server
    from app.auth.server.issuing import Issued
    from app.auth.server.party import Client

PROVEN = tuple(method for method in METHODS if method != PUBLIC)
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TYPE = "urn:ietf:params:oauth:token-type:access_token"


@dataclass(frozen=True, slots=True)
class Code:
    """An authorisation code that came for the first time."""

    row: Record
    session: Record

    @property
    def code_challenge(self) -> str:
        """Challenge of PKCE; there is always one."""
        return str(self.row["challenge"])

    @property
    def code_challenge_method(self) -> str:
        """The only method."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return str(self.row["redirect_uri"])

    def get_scope(self) -> str:
        """What was agreed to."""
        return str(self.session["scope"])


class Pkce(CodeChallenge):  # type: ignore[misc]
    """PKCE with S256 and nothing else, for every client (RFC 9700 section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse a request without a challenge, or with a method that is not S256, said or left out."""
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with code_challenge_method S256 is required")
        super().validate_code_challenge(grant, redirect_uri)


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for tokens. One that comes twice was stolen: whatever it gave ends (RFC 6749 section 10.5)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Server

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """The code, from now on used."""
        link = self.server.link
        row = waits(flows.code(link, code))
        if row is None or row["client"] != client.id:
            return None
        if row["used_at"] is not None:
            waits(end(link, row["session"], "code-replay"))
            return None
        waits(flows.spent(link, code))
        session = waits(sessions.find(link, row["session"]))
        return Code(row, session) if row["holds"] and session is not None and session["alive"] else None

    def authenticate_user(self, authorization_code: Code) -> Record:
        """The session that the code is of."""
        return authorization_code.session

    def generate_token(self, user: Record, scope: str, include_refresh_token: bool) -> dict[str, Any]:  # noqa: FBT001 - Authlib's signature
        """The answer of the token endpoint."""
        code: Code = self.request.authorization_code
        renewable = include_refresh_token and bool({OFFLINE, ONLINE} & set(scope.split(" ")))
        answer = session_answer(self.server, user, scope, renewable=renewable, nonce=code.row["nonce"])
        return answer | (orjson.loads(code.row["context"]) if code.row["context"] else {})

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is used already, and stays as such."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token that came for the first time."""

    secret: str
    session: Record

    def check_client(self, client: Client) -> bool:
        """Whether it was given to that software."""
        return bool(self.session["client"] == client.id)

    def get_scope(self) -> str:
        """What was agreed to, and the most that can be asked for."""
        return str(self.session["scope"])


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """A refresh token for new tokens. One that comes twice, or from other software, was stolen: its session ends."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: Server

    def authenticate_refresh_token(self, refresh_token: str) -> Refresh | None:
        """The refresh token, if it may be used."""
        link = self.server.link
        row = waits(sessions.token(link, refresh_token))
        if row is None:
            return None
        session = waits(sessions.find(link, row["session"]))
        client: Client = self.request.client
        if row["used_at"] is not None or (session is not None and session["client"] != client.id):
            waits(end(link, row["session"], "refresh-replay"))
            return None
        if not row["holds"] or session is None or not session["alive"] or not self._same_key(row["thumbprint"]):
            return None
        if not self._stands(session):
            waits(end(link, session["id"], "represents-nobody"))
            return None
        return Refresh(refresh_token, session)

    def _stands(self, session: Record) -> bool:
        """Whether a session of a representative is of one who represents today."""
        if session["kind"] != Kind.REPRESENTATIVE.value:
            return True
        person = str(session["subject"]).removeprefix("related|")
        return bool(waits(holders.represented(self.server.link, [person])))

    def _same_key(self, thumbprint: str) -> bool:
        shown = self.server.asker.certificate
        return not thumbprint or (shown is not None and shown.thumbprint == thumbprint)

    def authenticate_user(self, refresh_token: Refresh) -> Record:
        """The session that the token is of."""
        return refresh_token.session

    def generate_token(self, user: Record, scope: str, include_refresh_token: bool) -> dict[str, Any]:  # noqa: FBT001 - Authlib's signature
        """The answer of the token endpoint."""
        return session_answer(self.server, user, scope, renewable=include_refresh_token)

    def revoke_old_credential(self, refresh_token: Refresh) -> None:
        """It is used."""
        waits(sessions.spend(self.server.link, refresh_token.secret))


class AloneGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """Software for itself (SMART backend services)."""

    TOKEN_ENDPOINT_AUTH_METHODS = PROVEN
    server: Server

    def generate_token(self, scope: str | None, include_refresh_token: bool) -> dict[str, Any]:  # noqa: ARG002, FBT001 - Authlib's signature
        """The answer of the token endpoint; never with a refresh token."""
        client: Client = self.request.client
        if not acts_alone(client):
            raise UnauthorizedClientError("this client acts for persons only")
        said = own_claims(client)
        kept = offered(allowed(client, scope), client.own_kind)
        if not kept:
            raise InvalidScopeError("none of the scopes means anything without a person")
        issued = self.server.authority.issuer.access(said, client, kept, thumbprint=bound_to(self.server, client))
        _tell(self.server, said, client, issued)
        return _answer(issued, kept)


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Token exchange (RFC 8693): registered software acts for a professional whom somebody else vouches for."""

    GRANT_TYPE = EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = PROVEN
    server: Server

    def validate_token_request(self) -> None:
        """Refuse what is not for this server, or nobody's (RFC 8693 section 2.1)."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("this client exchanges no tokens")
        data = self.request.payload.data
        if data.get("requested_token_type", ACCESS_TYPE) != ACCESS_TYPE:
            raise InvalidRequestError("only an access token can be had")
        base = self.server.authority.settings.fhir_base
        if any(data.get(name, base) != base for name in ("resource", "audience")) or "actor_token" in data:
            raise InvalidRequestError("the token would be for another server, or for another actor")
        subject = self.server.subject
        if subject is None:
            raise InvalidGrantError("the subject token does not hold")
        if not client.serves(subject.kind):
            raise UnauthorizedClientError("this client does not serve such a person")
        self.request.client, self.request.user = client, subject

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """The answer of the token endpoint; never with a refresh token: what vouches for him comes again."""
        client, subject = self.request.client, self.request.user
        kept = offered(allowed(client, self.request.payload.scope), subject.kind)
        if not kept:
            raise InvalidScopeError("none of the scopes means anything for this person")
        issued = self.server.authority.issuer.access(
            subject.claims, client, kept, acr=subject.acr, thumbprint=bound_to(self.server, client)
        )
        _tell(self.server, subject.claims, client, issued, acr=subject.acr)
        answer = _answer(issued, kept) | {"issued_token_type": ACCESS_TYPE}
        return 200, answer | _context(subject.claims), self.TOKEN_RESPONSE_HEADER


GRANTED = {CODE: CodeGrant, REFRESH: RefreshGrant, ALONE: AloneGrant, EXCHANGE: ExchangeGrant}


def register(server: Server) -> None:
    """Give a server every grant."""
    server.register_grant(CodeGrant, [Pkce(required=True)])
    for grant in (RefreshGrant, AloneGrant, ExchangeGrant):
        server.register_grant(grant)


def bound_to(server: Server, client: Client) -> str:
    """The certificate that a token of this client is bound to, "" for none; refused where one is needed and missing."""
    shown = server.asker.certificate
    if not client.bound:
        return ""
    if shown is None or not shown.current:
        raise unknown()
    return shown.thumbprint


def session_answer(server: Server, session: Record, scope: str, *, renewable: bool, nonce: str = "") -> dict[str, Any]:
    """Tokens of a session, with what SMART tells beside them."""
    client: Client = server.client  # type: ignore[assignment] # who asked for a token was identified
    kept = orjson.loads(session["claims"])
    said, signed_in, thumbprint = kept["claims"], int(session["signed_in_at"].timestamp()), bound_to(server, client)
    issued = server.authority.issuer.access(
        said, client, scope, acr=session["acr"], session=session["id"], signed_in=signed_in, thumbprint=thumbprint
    )
    lasting = life(server.authority.settings, session["scope"])
    waits(sessions.used(server.link, session["id"], lasting if renewable else timedelta(seconds=issued.life)))
    answer = _answer(issued, scope) | _context(said)
    if OPENID in scope.split(" "):
        more = {"nonce": nonce, "auth_time": signed_in, "acr": session["acr"], "amr": kept["amr"], "sid": session["id"]}
        answer["id_token"] = server.authority.issuer.id_token(said, client, scope, issued.token, more)
    if renewable:
        secret = answer["refresh_token"] = secrets.token_urlsafe(32)
        waits(sessions.give(server.link, secret, session["id"], lasting, thumbprint))
    _tell(server, said, client, issued, acr=session["acr"])
    return answer


def _answer(issued: Issued, scope: str) -> dict[str, Any]:
    return {"access_token": issued.token, "token_type": "Bearer", "expires_in": issued.life, "scope": scope}


def _context(said: Any) -> dict[str, Any]:  # noqa: ANN401 - claims
    return {"patient": said["patient"]} if said.get("patient") else {}


def _tell(server: Server, said: Any, client: Client, issued: Issued, *, acr: str = "") -> None:  # noqa: ANN401 - claims
    access = access_from_claims({**said, "acr": acr, "jti": issued.jti, "client_id": client.id})
    act = told.done(told.TOKEN, access, server.asker.facts, client=client.id, jti=issued.jti)
    server.acts.append(act)
