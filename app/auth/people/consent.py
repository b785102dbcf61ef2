"""The page that asks for consent: which application wants what, in whose name, about whose record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from app.auth.people import choosing, holder, wording
from app.auth.server import pages
from app.auth.server.pages import to
from app.errors import BadValue
from app.records import RequestFacts, holders
from app.resources.ins import LENGTH, SYSTEMS

if TYPE_CHECKING:
    from fastapi import Response

    from app.auth.people.visit import Visit
    from app.auth.server.asked import Pending

FINDING = frozenset({"Patient.r", "Patient.s"})
"""What finding a record by its number takes."""
NO_PATIENT, NOT_A_MINOR = "no-patient", "not-a-minor"


async def shown(visit: Visit, fault: str = "") -> Response:
    """Which application wants what, to agree to all of it, to some, or to nothing."""
    pending = visit.pending
    if pending is None or pending.subject is None:
        raise BadValue("nobody signed in", reason="sign-in-over")
    scopes = [(scope, wording.meaning(scope, visit.language)) for scope in pending.scopes]
    person, choices = pending.subject, await holder.stands_for(visit.authority, pending.subject)
    others = any(one.key != person.key for one in choices)
    return visit.show(
        "consent", also=_beyond(pending.asked.redirect_uri), scopes=scopes, person=person.access.name,
        whom=await choosing.name_of(visit, pending, person),
        kind=person.kind.value, needs_record=pending.needs_record, takes_record=pending.takes_record,
        may_be_secret=pending.may_be_secret, secret=pending.asked.secret, others=others, fault=fault,
    )  # fmt: skip


def _beyond(address: str) -> str:
    """A redirect address as a source of a content security policy: browsers hold what a form leads to, to it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


async def agree(visit: Visit, pending: Pending) -> Response:
    """He agrees, to some of it or all."""
    chosen = tuple(scope for number, scope in enumerate(pending.scopes) if f"scope-{number}" in visit.form)
    secret, form = "secret" in visit.form and pending.may_be_secret, visit.form.get("form", "")
    try:
        patient = await _patient(visit, pending, secret=secret)
        where = await visit.authority.flow.agree(
            visit.handle, form, chosen, patient=patient, secret=secret, address=visit.who.facts.address
        )
    except BadValue as refusal:
        if refusal.reason not in {NO_PATIENT, NOT_A_MINOR}:
            raise
        await visit.authority.flow.failed(
            visit.who.facts, refusal.reason, client=pending.client.id, subject=pending.subject
        )
        return await shown(visit, refusal.reason)
    return _leave(visit, where)


async def _patient(visit: Visit, pending: Pending, *, secret: bool) -> str:
    """The record that a professional names for the application, "" for none; BadValue where no record has that number.

    He finds it as he would by a search, which is in the trail: within a secret connection as such, and where there can
    be none, not at all.
    """
    number = "".join(visit.form.get("ins", "").split()).upper()
    if not number or not pending.takes_record or not (secret or pending.needs_record):
        return ""
    if len(number) > LENGTH or not (number.isascii() and number.isalnum()):
        raise BadValue("no record has this number", reason=NO_PATIENT)
    if secret and not await holders.minor_has(visit.authority.office, number):
        raise BadValue("a secret connection is about a minor's record", reason=NOT_A_MINOR)
    found = await _found(visit, pending, number, secret=secret)
    if not found:
        raise BadValue("no record has this number", reason=NO_PATIENT)
    return found


async def _found(visit: Visit, pending: Pending, number: str, *, secret: bool) -> str:
    if pending.subject is None:
        return ""
    token = ",".join(f"{system}|{number}" for system in SYSTEMS)
    asked = RequestFacts(visit.who.facts.request_id, visit.who.facts.address, urlencode({"identifier": token}))
    access = replace(pending.subject.access, client=pending.client.id, scopes=FINDING, secret=secret)
    page = await visit.authority.door.open(access, asked).search("Patient", [("identifier", token)], strict=True)
    return page.matches[0].id if page.matches else ""


async def deny(visit: Visit, _: Pending) -> Response:
    """He does not."""
    return _leave(visit, await visit.authority.flow.deny(visit.handle, visit.form.get("form", ""), visit.who.facts))


def _leave(visit: Visit, where: str) -> Response:
    """Back to the application: the sign-in is over."""
    return pages.drop_handle(visit.authority, to(where))
