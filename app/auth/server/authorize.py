"""The authorisation endpoint (RFC 6749 section 3.1, PKCE, SMART App Launch 2.2): which requests become a sign-in.

A request whose software or redirect address is not registered goes nowhere: it is answered here. Everything else that
is wrong is told to the software, at its own address.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, OAuth2Error, UnauthorizedClientError
from authlib.oidc.core.errors import LoginRequiredError, RequestNotSupportedError, RequestURINotSupportedError

from app.auth.scopes import LAUNCH
from app.auth.server.asked import MOST_STATE, Asked
from app.auth.server.bridge import Request, Server, greenlet_spawn
from app.auth.server.flow import back
from app.auth.server.grants import CodeGrant, register
from app.auth.server.identify import known
from app.storage.auth import flows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.server.office import Asker, Authority
    from app.auth.server.party import Client
    from app.storage.session import Link

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
AGE = re.compile(r"[0-9]{1,9}")
NUMBER = re.compile(r"[12][0-9 ]{4}[0-9AB ][0-9 ]{6,}")
"""The begin of a NIR, with the letters of Corsica."""
MOST_HINT = 256


class Astray(Exception):  # noqa: N818 - where the request would have gone
    """A request that nobody may be sent back for: what is told to software of it, and by which `reason` to a person."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


async def begin(authority: Authority, pairs: Mapping[str, str], asker: Asker) -> str:
    """The handle of a new sign-in. Astray where nobody may be told; OAuth2Error, with `redirect_uri`, elsewhere."""
    client = await known(authority, pairs.get("client_id"))
    if client is None:
        raise Astray("this application is not known here", "unknown-application")
    if not client.check_redirect_uri(pairs.get("redirect_uri", "")):
        raise Astray("this application may not send you back to that address", "unknown-address")
    try:
        async with authority.office.database.link() as link:
            server = Server(authority, link, asker, client=client)
            register(server)
            grant: CodeGrant = await greenlet_spawn(server.get_consent_grant, Request("GET", pairs))
            asked = await _asked(authority, link, client, pairs, str(grant.request.scope))
    except OAuth2Error as error:
        error.redirect_uri = pairs["redirect_uri"]
        raise
    return await authority.flow.begin(asked)


async def _asked(authority: Authority, link: Link, client: Client, pairs: Mapping[str, str], scope: str) -> Asked:
    """What is asked, beyond what Authlib looks at."""
    if "request" in pairs:
        raise RequestNotSupportedError
    if "request_uri" in pairs:
        raise RequestURINotSupportedError
    if pairs.get("aud", "").rstrip("/") != authority.settings.fhir_base:
        raise InvalidRequestError("aud must be the FHIR base of this server")
    _check_prompt(pairs.get("prompt", ""), pairs.get("max_age", ""))
    if pairs.get("response_mode", "query") != "query":
        raise InvalidRequestError("the only response mode is query")
    if max(len(pairs.get(name, "")) for name in ("state", "nonce")) > MOST_STATE:
        raise InvalidRequestError("state or nonce is too long")
    if not scope:
        raise InvalidScopeError("none of the scopes may be given to this client")
    asked = Asked(
        client=client.id,
        redirect_uri=pairs["redirect_uri"],
        scope=scope,
        challenge=pairs["code_challenge"],
        state=pairs.get("state", ""),
        nonce=pairs.get("nonce", ""),
        language=pairs.get("ui_locales", "")[:64],
        hint=_hint(pairs.get("login_hint", "")),
        person=_expected(authority, client, pairs.get("id_token_hint", "")),
        max_age=pairs.get("max_age", ""),
        prompt="login" if "login" in pairs.get("prompt", "").split(" ") else "",
    )
    return await _launched(link, asked, pairs.get("launch", ""))


def _check_prompt(prompt: str, max_age: str) -> None:
    """What OpenID Connect Core section 3.1.2.1 says of both: everybody signs in anew here, so that most is done anyway.

    `none` wants somebody who is signed in already, and nobody stays so from one application to the next.
    """
    asked = set(prompt.split(" ")) - {""}
    if not asked <= PROMPTS or ("none" in asked and len(asked) > 1):
        raise InvalidRequestError("prompt is `none` alone, or some of login, consent and select_account")
    if "none" in asked:
        raise LoginRequiredError
    if max_age and not AGE.fullmatch(max_age):
        raise InvalidRequestError("max_age is a number of seconds")


def _hint(hint: str) -> str:
    """Whom another provider is asked to sign in. A person's number stands in no address, whoever writes it."""
    if len(hint) > MOST_HINT or not hint.isprintable() or NUMBER.search(hint):
        raise InvalidRequestError("login_hint is too long, or a person's number, which no address may hold")
    return hint


def _expected(authority: Authority, client: Client, token: str) -> str:
    """Whom an identity token of ours names, given to this software before; over or not. "" for no token."""
    if not token:
        return ""
    try:
        claims = authority.issuer.identity.claims(token)
    except ValueError:
        raise InvalidRequestError("id_token_hint is no identity token of this server") from None
    if claims.get("aud") != client.id:
        raise InvalidRequestError("id_token_hint was given to another application")
    return str(claims["sub"])


async def _launched(link: Link, asked: Asked, launch: str) -> Asked:
    """The same with the context of an EHR launch, where there is one."""
    wanted = LAUNCH in asked.scope.split(" ")
    if not launch and not wanted:
        return asked
    if not wanted:
        raise UnauthorizedClientError("a launch needs the scope launch")
    row = await flows.launching(link, launch, asked.client)
    if row is None:
        raise InvalidRequestError("the launch is not known, or over")
    return replace(asked, launch=launch, patient=row["patient"], context=row["context"],
                   launcher=row["subject"], secret=row["secret"])  # fmt: skip


def refusal(authority: Authority, error: OAuth2Error, state: str) -> str:
    """Where the browser goes with a refusal: the address of the software, which is registered."""
    said = {"error": error.error, "error_description": error.description or "", "state": state[:MOST_STATE]}
    return back(str(error.redirect_uri), authority.settings.token_issuer, **said)
