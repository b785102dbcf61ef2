"""The pages of a professional's sign-in: to Pro Santé Connect and back, and the structure that he acts for."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import orjson

from app.auth.people import account, arriving, leaving, screens, wording
from app.auth.people.psc import BACK, ProSanteConnect, failed
from app.auth.people.visit import Visit, router, screen
from app.auth.server.pages import LOGIN, keep_handle, pairs, to
from app.auth.server.subject import Subject
from app.errors import Forbidden
from app.storage.auth import flows

if TYPE_CHECKING:
    from fastapi import Response

    from app.auth.people.psc import Place

CHOICE = "choice"
"""In the place of an issuer: the row holds what he may choose of."""


def provider(visit: Visit) -> ProSanteConnect:
    """The provider of the settings; BadValue where there is none."""
    found = next((one for one in visit.authority.providers if isinstance(one, ProSanteConnect)), None)
    if found is None:
        raise failed()
    return found


@screen("/auth/psc", "GET")
async def leave(visit: Visit) -> Response:
    """To the provider."""
    pending = await visit.enter()
    return to(await provider(visit).begin(visit.authority, visit.handle, pending.asked))


@screen(BACK, "GET")
async def arrive(visit: Visit) -> Response:
    """Back from it."""
    pending = await visit.enter()
    try:
        places = await provider(visit).answered(
            visit.authority, visit.handle, pairs(visit.request.url.query), pending.asked.max_age
        )
    except (type(failed()), Forbidden) as refusal:
        await visit.authority.flow.failed(visit.who.facts, refusal.reason, client=pending.client.id)
        raise
    if len(places) == 1:
        return await _enter(visit, places[0].subject)
    ticket = secrets.token_urlsafe(32)
    async with visit.authority.office.database.link() as link:
        kept = orjson.dumps([one.subject.dump() for one in places]).decode()
        values = {"sign_in": flows.digest(visit.handle), "issuer": CHOICE, "nonce": "", "verifier": kept}
        await flows.sent_away(link, ticket, values)
    return visit.show("structure", ticket=ticket, places=[_named(one, visit) for one in places])


def _named(place: Place, visit: Visit) -> str:
    texts = wording.sentences(visit.language)["structure"]
    number = place.subject.access.structure.rpartition("|")[2]
    name = place.name or number or texts["none"]
    return f"{name} ({texts['samu']})" if place.regulates else name


@screen("/auth/psc/place", "POST")
async def choose(visit: Visit) -> Response:
    """One of several structures."""
    await visit.enter()
    async with visit.authority.office.database.link() as link:
        row = await flows.came_back(link, visit.form.get("ticket", ""))
    if row is None or row["issuer"] != CHOICE or row["sign_in"] != flows.digest(visit.handle):
        raise failed()
    subjects = [Subject.load(one) for one in orjson.loads(row["verifier"])]
    chosen = visit.form.get("place", "")
    if chosen not in map(str, range(len(subjects))):
        raise failed()
    return await _enter(visit, subjects[int(chosen)])


async def _enter(visit: Visit, person: Subject) -> Response:
    handle = await visit.authority.flow.signed_in(visit.handle, person, visit.who.facts)
    answer = to(f"{LOGIN}?lang={visit.language}")
    keep_handle(visit.authority, answer, handle)
    return answer


__all__ = ["account", "arriving", "leaving", "router", "screens"]
