"""The page on which somebody says for whom he acts: for himself, or for somebody whom he represents today."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.auth.people import holder
from app.auth.server import pages
from app.errors import BadValue, Refusal
from app.resources.validation import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Response

    from app.auth.people.visit import Visit
    from app.auth.server.asked import Pending
    from app.auth.server.subject import Subject

SHOWN = frozenset({"Patient.r"})
"""What naming somebody takes."""
MOST_NAME = 40


async def shown(visit: Visit, pending: Pending, choices: Sequence[Subject], ticket: str = "") -> Response:
    """Whom he may act for. `ticket` is of who signs in; one who signed in before needs none."""
    said = [
        {"key": one.key, "own": one.kind is Kind.HOLDER, "name": await name_of(visit, pending, one)} for one in choices
    ]
    return visit.show("choose", ticket=ticket, choices=said)


async def name_of(visit: Visit, pending: Pending, one: Subject) -> str:
    """The first given name of somebody represented, as his representative reads it; "" where that shows none."""
    if one.kind is not Kind.REPRESENTATIVE:
        return ""
    access = replace(one.access, client=pending.client.id, scopes=SHOWN)
    try:
        stored = await visit.authority.door.open(access, visit.who.facts).read("Patient", access.record)
    except Refusal:
        return ""
    names: list[dict[str, Any]] = parse(stored.body).get("name", [])
    given = next((name["given"][0] for name in names if name.get("given")), "")
    return str(given)[:MOST_NAME]


async def switch(visit: Visit, pending: Pending) -> Response:
    """Somebody who represents others asks whom he may act for instead."""
    return await shown(visit, pending, await holder.stands_for(visit.authority, _person(pending)))


async def choose(visit: Visit, pending: Pending) -> Response:
    """He acts for another from here on: for himself, or for somebody whom he represents today."""
    choices = await holder.stands_for(visit.authority, _person(pending))
    chosen = next((one for one in choices if one.key == visit.form.get("as", "")), None)
    if chosen is None:
        raise BadValue("nobody whom he may act for", reason="sign-in-over")
    handle = await visit.authority.flow.signed_in(visit.handle, chosen, visit.who.facts, instead=True)
    answer = pages.to(f"{pages.LOGIN}?lang={visit.language}")
    pages.keep_handle(visit.authority, answer, handle)
    return answer


def _person(pending: Pending) -> Subject:
    if pending.subject is None:
        raise BadValue("nobody signed in", reason="sign-in-over")
    return pending.subject
