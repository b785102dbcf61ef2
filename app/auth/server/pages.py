"""The addresses of the authorisation server, below `/auth` and `/.well-known`: HTTP in, JSON or an address out.

Answers are never kept by a cache. A form holds each parameter once; its size is bounded before it is read.
"""

from __future__ import annotations

import logging
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.auth import certificate, proxy
from app.auth.server import discovery, endpoints
from app.auth.server.office import Asker
from app.errors import Refusal, TooLarge, Unavailable, WrongMediaType
from app.storage.audit import Circumstances
from app.storage.session import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.auth.server.office import Authority

    Page = Callable[[Authority, Request, Asker], Awaitable[Response]]

FORM = "application/x-www-form-urlencoded"
LIMIT = 64 << 10
"""Bytes of a body."""
MOST_PARAMETERS = 50
PRIVATE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=300"}
COOKIE = "carnet-sign-in"
"""Cookie with the handle of a sign-in under way."""
LOGIN = "/auth/login"
"""The page that signs somebody in, and asks for his consent after it."""
REQUEST_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)


def asker(authority: Authority, request: Request) -> Asker:
    """Whence a request comes, and with which certificate."""
    peer = request.client.host if request.client else ""
    given = request.headers.get("x-request-id", "")
    name = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    headers = request.headers.getlist("client-cert")
    shown = certificate.of_request(peer, headers[0] if len(headers) == 1 else "", authority.settings.proxies)
    settings = authority.settings
    said = ",".join(request.headers.getlist(settings.forwarded.value))
    return Asker(Circumstances(name, proxy.whence(peer, said, settings.proxies)), shown)


def page(path: str, *methods: str) -> Callable[[Page], Page]:
    """Serve a function at an address; whatever it refuses becomes the answer that its norm has for it."""

    def served(work: Page) -> Page:
        async def answer(request: Request) -> Response:
            authority: Authority = request.app.state.authority
            try:
                return await work(authority, request, asker(authority, request))
            except OAuth2Error as error:
                return refused(error)
            except (Unavailable, *LOST) as fault:
                _log.warning("no answer from a part below: %s", type(fault).__name__)
                return said({"error": "temporarily_unavailable"}, 503, {"Retry-After": "1"})
            except (WrongMediaType, TooLarge) as refusal:  # what RFC 6749 section 5.2 has a name for
                return said({"error": "invalid_request", "error_description": str(refusal)}, refusal.status)
            except Refusal as refusal:
                issue = refusal.issues[0]
                body = {"error": issue.reason or issue.code, "error_description": issue.diagnostics}
                return said(body, refusal.status, refusal.headers)

        router.add_api_route(path, answer, methods=list(methods), response_model=None)
        return work

    return served


def said(tree: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that nobody keeps."""
    return Response(orjson.dumps(tree), status, {**PRIVATE, **(headers or {})}, "application/json")


def refused(error: OAuth2Error) -> Response:
    """A refusal of RFC 6749 section 5.2."""
    status = int(error.status_code or 400)
    headers = {"WWW-Authenticate": 'Bearer realm="carnet"'} if status == 401 else {}  # noqa: PLR2004
    body = {"error": error.error} | ({"error_description": error.description} if error.description else {})
    return said(body, status, headers)


async def body(request: Request) -> bytes:
    """A body of bounded size; TooLarge."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > LIMIT:
            raise TooLarge(f"the body may have at most {LIMIT} bytes")
    return data


def pairs(text: str) -> dict[str, str]:
    """Parameters, each given once (RFC 6749 section 3.1); InvalidRequestError. One without a value was left out."""
    try:
        found = parse_qsl(text, errors="strict", max_num_fields=MOST_PARAMETERS)
    except (ValueError, UnicodeError):
        raise InvalidRequestError("the parameters are not url-encoded utf-8, or too many") from None
    if len(dict(found)) != len(found) or any("\0" in value for _, value in found):
        raise InvalidRequestError("a parameter is given twice, or holds a control character")
    return dict(found)


async def form(request: Request) -> dict[str, str]:
    """Parameters of a form; WrongMediaType, InvalidRequestError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise WrongMediaType(f"the body must be {FORM}")
    data = await body(request)
    if not data.isascii() or request.url.query:
        raise InvalidRequestError("the parameters stand in the body, url-encoded")
    return pairs(data.decode())


def to(address: str) -> Response:
    """Send the browser to an address that was made or registered here, and let it say nothing of where it was."""
    headers = {**PRIVATE, "Referrer-Policy": "no-referrer"}
    return RedirectResponse(address, 303, headers)


def keep_handle(authority: Authority, answer: Response, handle: str) -> None:
    """Give the browser the handle of a sign-in, for ten minutes; no script and no other site reads or sends it."""
    secure = authority.settings.public_url.startswith("https://")
    answer.set_cookie(
        f"__Secure-{COOKIE}" if secure else COOKIE,
        handle,
        max_age=600,
        path="/auth",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_handle(authority: Authority, answer: Response) -> Response:
    """Take the handle away from the browser."""
    secure = authority.settings.public_url.startswith("https://")
    name = f"__Secure-{COOKIE}" if secure else COOKIE
    answer.delete_cookie(name, path="/auth", secure=secure, httponly=True, samesite="lax")
    return answer


def handle_of(authority: Authority, request: Request) -> str:
    """The handle that a browser shows, "" for none."""
    secure = authority.settings.public_url.startswith("https://")
    return request.cookies.get(f"__Secure-{COOKIE}" if secure else COOKIE, "")


@page("/auth/token", "POST")
async def to_token(authority: Authority, request: Request, who: Asker) -> Response:
    """Tokens for a code, a refresh token, an assertion or a certificate."""
    return said(await endpoints.token(authority, await form(request), who))


@page("/auth/introspect", "POST")
async def to_introspect(authority: Authority, request: Request, who: Asker) -> Response:
    """What a token says."""
    return said(await endpoints.introspect(authority, await form(request), who))


@page("/auth/revoke", "POST")
async def to_revoke(authority: Authority, request: Request, who: Asker) -> Response:
    """Take a token back."""
    await endpoints.revoke(authority, await form(request), who)
    return said({})


@page("/auth/userinfo", "GET", "POST")
async def to_userinfo(authority: Authority, request: Request, who: Asker) -> Response:
    """Who the person of a token is."""
    return said(await endpoints.userinfo(authority, request.headers.get("authorization", ""), who))


@page("/auth/sessions", "GET")
async def to_sessions(authority: Authority, request: Request, who: Asker) -> Response:
    """The sessions of the person of a token."""
    return said(await endpoints.own_sessions(authority, request.headers.get("authorization", ""), who))


@page("/auth/sessions/{session}", "DELETE")
async def to_end_session(authority: Authority, request: Request, who: Asker) -> Response:
    """End one of them."""
    session = request.path_params["session"]
    await endpoints.end_session(authority, request.headers.get("authorization", ""), who, session)
    return Response(status_code=204, headers=PRIVATE)


@page("/auth/launch", "POST")
async def to_launch(authority: Authority, request: Request, who: Asker) -> Response:
    """Open a launch for an app."""
    try:
        wish = orjson.loads(await body(request))
    except orjson.JSONDecodeError:
        wish = None
    return said(await endpoints.launch(authority, request.headers.get("authorization", ""), who, wish))


@page("/auth/jwks", "GET")
async def to_jwks(authority: Authority, _: Request, __: Asker) -> Response:
    """The public keys: of access tokens, and of identity tokens."""
    keys = authority.issuer.keys.jwks()
    keys["keys"].append(authority.issuer.identity.jwk())
    return said(keys, headers=OPEN)


@page("/.well-known/openid-configuration", "GET")
async def to_openid(authority: Authority, _: Request, __: Asker) -> Response:
    """Metadata of the OpenID provider."""
    return said(discovery.server(authority.settings), headers=OPEN)


@page("/.well-known/oauth-authorization-server", "GET")
async def to_server(authority: Authority, _: Request, __: Asker) -> Response:
    """The same by RFC 8414."""
    return said(discovery.server(authority.settings), headers=OPEN)
