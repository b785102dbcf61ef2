"""The authorisation endpoint (RFC 6749 section 3.1, PKCE, SMART App Launch 2.2): which requests become a sign-in.

A request whose software or redirect address is not registered goes nowhere: it is answered here. Everything else that
is wrong is told to the software, at its own address.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, OAuth2Error, UnauthorizedClientError
from authlib.oidc.core.errors import LoginRequiredError, RequestNotSupportedError, RequestURINotSupportedError

from app.auth.scopes import LAUNCH
from app.auth.server.bridge import Request, Server, greenlet_spawn
from app.auth.server.flow import Asked, back
from app.auth.server.grants import CodeGrant, register
from app.auth.server.identify import known
from app.storage.auth import flows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.server.office import Asker, Authority
    from app.auth.server.party import Client
    from app.storage.session import Link

MOST_STATE = 2000
"""Characters of `state` and `nonce`: they are kept, and come back in an address."""


class Astray(Exception):  # noqa: N818 - where the request would have gone
    """A request that nobody may be sent back for; its message is for whoever sits at the browser."""


async def begin(authority: Authority, pairs: Mapping[str, str], asker: Asker) -> str:
    """The handle of a new sign-in. Astray where nobody may be told; OAuth2Error, with `redirect_uri`, elsewhere."""
    client = await known(authority, pairs.get("client_id"))
    if client is None:
        raise Astray("this application is not known here")
    if not client.check_redirect_uri(pairs.get("redirect_uri", "")):
        raise Astray("this application may not send you back to that address")
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
    if pairs.get("prompt") == "none":  # nobody stays signed in here from one application to the next
        raise LoginRequiredError
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
        hint=pairs.get("login_hint", "")[:256],
    )
    return await _launched(link, asked, pairs.get("launch", ""))


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
