"""Leaving: the logout that an application asks for, at another provider too, and the page that says that it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.people.psc import GONE, OUT, ProSanteConnect
from app.auth.people.visit import screen
from app.auth.server import endpoints
from app.auth.server.pages import pairs, to
from app.errors import BadValue
from app.storage.auth import flows

if TYPE_CHECKING:
    from fastapi import Response

    from app.auth.people.visit import Visit

LOGOUT = "/auth/logout"


@screen(LOGOUT, "GET", "POST")
async def logout(visit: Visit) -> Response:
    """End a session, tell the provider that its person came from, and go where its application wants."""
    given = visit.form if visit.request.method == "POST" else pairs(visit.request.url.query)
    where, kept = await endpoints.logout(visit.authority, given, visit.who)
    for one in visit.authority.providers:
        if kept and isinstance(one, ProSanteConnect) and (onward := await one.leave(visit.authority, kept, where)):
            return to(onward)
    return to(where) if where else visit.show("out")


@screen(OUT, "GET")
async def left(visit: Visit) -> Response:
    """Back from the provider, which ended its session; BadValue where nobody was sent there."""
    async with visit.authority.office.database.link() as link:
        row = await flows.came_back(link, pairs(visit.request.url.query).get("state", ""))
    if row is None or row["issuer"] != GONE:
        raise BadValue("nobody left", reason="sign-in-over")
    return to(row["verifier"]) if row["verifier"] else visit.show("out")
