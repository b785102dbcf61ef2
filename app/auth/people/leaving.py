"""Leaving: the logout that an application asks for, at another provider too, and the page that says that it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.people.psc import GONE, OUT, ProSanteConnect
from app.auth.people.visit import Visit, is_person, screen
from app.auth.server import endpoints
from app.auth.server.pages import form, page, pairs, said, to
from app.errors import BadValue
from app.storage.auth import flows

if TYPE_CHECKING:
    from fastapi import Request, Response

    from app.auth.server.office import Asker, Authority

LOGOUT = "/auth/logout"


@page(LOGOUT, "GET", "POST")
async def logout(authority: Authority, request: Request, who: Asker) -> Response:
    """End a session, tell the provider that its person came from, and go where its application wants."""
    given = await form(request) if request.method == "POST" else pairs(request.url.query)
    try:
        where, kept = await endpoints.logout(authority, given, who)
    except BadValue:
        if is_person(request):
            return Visit(authority, request, who, {}).show("over", 400, fault="unknown-session")
        raise
    for one in authority.providers:
        if kept and isinstance(one, ProSanteConnect) and (onward := await one.leave(authority, kept, where)):
            return to(onward)
    if where:
        return to(where)
    return Visit(authority, request, who, {}).show("out") if is_person(request) else said({"logged_out": True})


@screen(OUT, "GET")
async def left(visit: Visit) -> Response:
    """Back from the provider, which ended its session; BadValue where nobody was sent there."""
    async with visit.authority.office.database.link() as link:
        row = await flows.came_back(link, pairs(visit.request.url.query).get("state", ""))
    if row is None or row["issuer"] != GONE:
        raise BadValue("nobody left", reason="sign-in-over")
    return to(row["verifier"]) if row["verifier"] else visit.show("out")
