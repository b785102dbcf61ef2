"""Arriving: where an application sends a browser (the authorisation endpoint), and the page for what leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import OAuth2Error

from app.auth.people.visit import Visit, is_person
from app.auth.server import authorize
from app.auth.server.authorize import Astray
from app.auth.server.pages import LOGIN, form, keep_handle, page, pairs, said, to

if TYPE_CHECKING:
    from fastapi import Request, Response

    from app.auth.server.office import Asker, Authority

AUTHORIZE = "/auth/authorize"


@page(AUTHORIZE, "GET", "POST")
async def arrive(authority: Authority, request: Request, who: Asker) -> Response:
    """Begin a sign-in, and go to the page for it."""
    given = await form(request) if request.method == "POST" else pairs(request.url.query)
    try:
        handle = await authorize.begin(authority, given, who)
    except Astray as nowhere:
        if is_person(request):
            return Visit(authority, request, who, {}).show("over", 400, fault=nowhere.reason)
        return said({"error": "invalid_request", "error_description": str(nowhere)}, 400)
    except OAuth2Error as error:
        return to(authorize.refusal(authority, error, given.get("state", "")))
    answer = to(LOGIN)
    keep_handle(authority, answer, handle)
    return answer
