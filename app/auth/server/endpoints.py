"""The endpoints that software calls: token, introspection, revocation; and those that a token opens."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)

from app.access import Kind
from app.auth.claims import ID
from app.auth.revocations import of_token
from app.auth.scopes import LAUNCHER, OPENID, SESSIONS
from app.auth.server import told
from app.auth.server.asked import MOST_STATE
from app.auth.server.bridge import Request, Server, greenlet_spawn
from app.auth.server.exchange import subject_of
from app.auth.server.flow import back
from app.auth.server.grants import GRANTED, register
from app.auth.server.identify import identify, known
from app.auth.server.party import EXCHANGE
from app.auth.server.sessions import end, end_own, of_person
from app.auth.token import LEEWAY
from app.errors import BadValue, Forbidden, NotFound, Unauthenticated
from app.storage.auth import flows, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.server.office import Asker, Authority
    from app.auth.server.party import Client
    from app.auth.token import Verified

CONTEXT = frozenset({"encounter", "fhirContext", "intent", "need_patient_banner", "smart_style_url", "tenant"})
"""What a launch may say beside the patient (SMART App Launch 2.2, section 2.0.9)."""
MOST_CONTEXT = 4000
RESERVED = re.compile(r"[\x00-\x1f\x7f]")


async def token(authority: Authority, form: Mapping[str, str], asker: Asker) -> dict[str, Any]:
    """The answer of the token endpoint; OAuth2Error. Every token and every refusal is in the trail before it leaves."""
    client: Client | None = None
    try:
        client = await identify(authority, form, asker)
        if form.get("grant_type") not in GRANTED:
            raise UnsupportedGrantTypeError(form.get("grant_type", ""))
        subject = None
        if form["grant_type"] == EXCHANGE:
            subject = await authority.flow.introduced(await subject_of(authority, client, form, asker))
        async with authority.office.database.transaction() as link:
            server = Server(authority, link, asker, client=client, subject=subject)
            register(server)
            answer = await _granted(server, Request("POST", form))
            await authority.office.trail.insert(link, server.acts)
    except OAuth2Error as error:
        await _tell(authority, asker, error, client)
        raise
    if isinstance(answer, OAuth2Error):  # what it ended stays ended
        await _tell(authority, asker, answer, client)
        raise answer
    return answer


async def _granted(server: Server, request: Request) -> dict[str, Any] | OAuth2Error:
    def work() -> dict[str, Any]:
        grant = server.get_token_grant(request)
        grant.validate_token_request()
        _, answer, _ = grant.create_token_response()
        return dict(answer)

    try:
        return await greenlet_spawn(work)
    except OAuth2Error as error:
        return error


async def _tell(authority: Authority, asker: Asker, error: OAuth2Error, client: Client | None) -> None:
    why = str(error.error)
    await authority.office.trail.durable(told.refused(told.TOKEN, asker.facts, why, client=client.id if client else ""))


async def introspect(authority: Authority, form: Mapping[str, str], asker: Asker) -> dict[str, Any]:
    """What a token says (RFC 7662) to software that is registered to ask, or whose own it is: to others, nothing."""
    client = await identify(authority, form, asker)
    if client.public:
        raise UnauthorizedClientError("this client may not introspect tokens")
    text = form.get("token", "")
    await authority.revocations.catch_up()
    said = await _refresh_token(authority, text) if "." not in text else _access_token(authority, text)
    if said is None or not (client.introspects or said["client_id"] == client.id):
        return {"active": False}
    return {"active": True, **said}


def _access_token(authority: Authority, text: str) -> dict[str, Any] | None:
    try:
        claims, verified = authority.verifier.claims(text)
    except Unauthenticated:
        return None
    return {**claims, "client_id": verified.access.client, "token_type": "Bearer"}


async def _refresh_token(authority: Authority, text: str) -> dict[str, Any] | None:
    async with authority.office.database.transaction() as link:
        row = await sessions.token(link, text)
        session = await sessions.find(link, row["session"]) if row else None
    if row is None or session is None or row["used_at"] is not None or not (row["holds"] and session["alive"]):
        return None
    ends = int(row["expires_at"].timestamp())
    return {"client_id": session["client"], "scope": session["scope"], "exp": ends, "token_type": "refresh_token"}


async def revoke(authority: Authority, form: Mapping[str, str], asker: Asker) -> None:
    """Take back a token of the software that asks (RFC 7009): a refresh token with its whole session."""
    client = await identify(authority, form, asker)
    text = form.get("token", "")
    if not text:
        raise InvalidRequestError("the token is missing")
    if "." in text:
        await _revoke_access(authority, client, text, asker)
        return
    async with authority.office.database.transaction() as link:
        row = await sessions.token(link, text)
        session = await sessions.find(link, row["session"]) if row else None
        if session is None:
            return
        if session["client"] != client.id:
            raise InvalidGrantError("the token is another client's")
        await end(link, session["id"], "revoked")
        await authority.office.trail.insert(link, [told.ended(told.REVOKED, asker.facts, session)])


async def _revoke_access(authority: Authority, client: Client, text: str, asker: Asker) -> None:
    await authority.revocations.catch_up()
    try:
        verified = authority.verifier.check(f"Bearer {text}")
    except Unauthenticated:
        return  # what is over or unknown is as good as revoked
    if verified.access.client != client.id:
        raise InvalidGrantError("the token is another client's")
    until = datetime.fromtimestamp(verified.expires, UTC) + timedelta(seconds=2 * LEEWAY)
    async with authority.office.database.transaction() as link:
        await sessions.revoke(link, of_token(verified.access.jti), until)
        act = told.done(told.REVOKED, verified.access, asker.facts, jti=verified.access.jti)
        await authority.office.trail.insert(link, [act])


async def bearer(authority: Authority, authorization: str, asker: Asker, scope: str) -> tuple[dict[str, Any], Verified]:
    """Claims of the access token that opens one of these pages; Unauthenticated, or Forbidden without the scope."""
    await authority.revocations.catch_up()
    shown = asker.certificate.thumbprint if asker.certificate and asker.certificate.current else ""
    authority.verifier.verify(authorization or None, certificate=lambda: shown)
    claims, verified = authority.verifier.claims(authorization.partition(" ")[2].strip(" "))
    if scope not in str(claims.get("scope", "")).split(" "):
        raise Forbidden(f"the token's scope does not hold `{scope}`", reason="insufficient-scope")
    return claims, verified


async def userinfo(authority: Authority, authorization: str, asker: Asker) -> dict[str, Any]:
    """Who the person of a token is (OpenID Connect Core section 5.3)."""
    claims, _ = await bearer(authority, authorization, asker, OPENID)
    return authority.issuer.profile(claims, str(claims["scope"]))


async def own_sessions(authority: Authority, authorization: str, asker: Asker) -> dict[str, Any]:
    """The sessions of the person of a token."""
    _, verified = await bearer(authority, authorization, asker, SESSIONS)
    return {"sessions": await of_person(authority, verified.access.subject)}


async def end_session(authority: Authority, authorization: str, asker: Asker, session: str) -> None:
    """End one of them; NotFound for what is not his."""
    _, verified = await bearer(authority, authorization, asker, SESSIONS)
    if not await end_own(authority, session, verified.access.subject):
        raise NotFound("no such session", reason="not-found")
    act = told.done(told.LOGOUT, verified.access, asker.facts, jti=verified.access.jti)
    await authority.office.trail.durable(act)


async def logout(authority: Authority, pairs: Mapping[str, str], asker: Asker) -> tuple[str, str]:
    """End the session of an identity token (OpenID Connect RP-Initiated Logout).

    Returns where to go then, "" for nowhere, and what the session kept of another provider, which is to be told.
    """
    try:
        claims = authority.issuer.identity.claims(pairs.get("id_token_hint", ""))
    except ValueError:
        raise BadValue("the logout names no session of this server") from None
    session, client = str(claims.get("sid", "")), await known(authority, claims.get("aud"))
    kept = ""
    async with authority.office.database.transaction() as link:
        row = await sessions.find(link, session)
        if row is not None and await end(link, session, "logout"):
            kept = str(row["provider"])
            await authority.office.trail.insert(link, [told.ended(told.LOGOUT, asker.facts, row)])
    wanted = pairs.get("post_logout_redirect_uri", "")
    if client is None or not client.check_redirect_uri(wanted):
        return "", kept
    return back(wanted, "", state=pairs.get("state", "")[:MOST_STATE]), kept


def _written(context: dict[str, Any]) -> str:
    """What a launch says, as it is kept; BadValue for what nests deeper than JSON is written here."""
    try:
        return orjson.dumps(context).decode() if context else ""
    except orjson.JSONEncodeError:
        raise BadValue("the launch says something that is no launch context") from None


async def launch(authority: Authority, authorization: str, asker: Asker, wish: object) -> dict[str, Any]:
    """A launch of an app by health software in which a professional works (SMART App Launch 2.2, EHR launch).

    `wish` names the `client` to be launched, the `patient`, and what CONTEXT lists; BadValue, Forbidden.
    """
    _, verified = await bearer(authority, authorization, asker, LAUNCHER)
    access = verified.access
    if access.kind not in {Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN} or not isinstance(wish, dict):
        raise BadValue("a launch is a JSON object, sent for a professional")
    patient, client = wish.get("patient", ""), await known(authority, wish.get("client"))
    context = {name: value for name, value in wish.items() if name not in {"client", "patient"}}
    text = _written(context)
    if client is None or not isinstance(patient, str) or (patient and not ID.fullmatch(patient)):
        raise BadValue("the launch names no application, or no patient's id")
    if access.record not in {"", patient}:
        raise Forbidden("the token reaches another record", reason="not-yours-to-do")
    if not context.keys() <= CONTEXT or len(text) > MOST_CONTEXT or RESERVED.search(text):
        raise BadValue("the launch says something that is no launch context")
    handle = secrets.token_urlsafe(32)
    values = {"client": client.id, "subject": access.subject, "patient": patient, "context": text}
    async with authority.office.database.link() as link:
        await flows.launched(link, handle, values, secret=access.secret)
    return {"launch": handle, "iss": authority.settings.fhir_base, "expires_in": 600}
