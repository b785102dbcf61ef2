"""The account pages: where somebody is signed in, from which browsers, and whom he represents; to end each, or all.

He signs in to them as to any application, with a password and a code or through Pro Santé Connect, and for ten minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.auth.people import enrolling, holder
from app.auth.people.screens import ACCOUNT
from app.auth.people.visit import screen
from app.auth.server import told
from app.auth.server.asked import OWN, Asked, sign_in_over
from app.auth.server.pages import LOGIN, drop_handle, keep_handle, to
from app.auth.server.sessions import end_all, end_own, of_person
from app.errors import BadValue
from app.storage.auth import accounts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from asyncpg import Record
    from fastapi import Response

    from app.auth.people.visit import Visit
    from app.auth.server.subject import Subject


async def _page(visit: Visit, person: Subject, done: str = "") -> Response:
    """The page; `done` is what was just done."""
    sessions = await of_person(visit.authority, person.key, person.account)
    async with visit.authority.office.database.link() as link:
        devices = await accounts.devices(link, person.account) if person.account else []
    said: dict[str, Any] = {
        "sessions": [{**one, "since": _day(one["signed_in_at"]), "last": _day(one["used_at"])} for one in sessions],
        "devices": [_device(row, person) for row in devices],
        "represented": sum(one.kind is Kind.REPRESENTATIVE for one in await holder.stands_for(visit.authority, person)),
    }
    return visit.show("account", owns=bool(person.account), done=done, **said)


def _device(row: Record, person: Subject) -> dict[str, Any]:
    first, last = (_day(row[name].isoformat()) for name in ("first_seen_at", "last_seen_at"))
    return {"id": row["id"], "label": row["label"], "first": first, "last": last, "this": row["id"] == person.device}


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ")


@screen("/", "GET")
async def home(_: Visit) -> Response:
    """Where every message sends its reader: to his account."""
    return to(ACCOUNT)


@screen(ACCOUNT, "GET")
async def show(visit: Visit) -> Response:
    """The page; who is not signed in to it signs in first."""
    try:
        pending = await visit.enter()
    except BadValue:
        return await _begin(visit)
    if not pending.own:
        return await _begin(visit)
    return await _page(visit, pending.subject) if pending.subject else to(f"{LOGIN}?lang={visit.language}")


async def _begin(visit: Visit) -> Response:
    handle = await visit.authority.flow.begin(Asked(OWN.id, "", "", "", language=visit.wish[:64]))
    answer = to(f"{LOGIN}?lang={visit.language}")
    keep_handle(visit.authority, answer, handle)
    return answer


@screen(ACCOUNT, "POST")
async def change(visit: Visit) -> Response:
    """One thing that he does there; what he names and has not is not there."""
    pending = await visit.enter()
    step = STEPS.get(visit.form.get("step", ""))
    if not pending.own or pending.subject is None or step is None:
        raise sign_in_over()
    return await step(visit, pending.subject)


async def _end(visit: Visit, person: Subject) -> Response:
    """End one session."""
    if not await end_own(visit.authority, visit.form.get("session", ""), person.key, person.account):
        raise sign_in_over()
    await _told(visit, person, told.LOGOUT, "session")
    return await _page(visit, person, done="ended")


async def _end_all(visit: Visit, person: Subject) -> Response:
    """End every session."""
    await end_all(visit.authority, person.key, person.account, but=visit.handle)
    await _told(visit, person, told.LOGOUT, "all-sessions")
    return await _page(visit, person, done="all")


async def _forget(visit: Visit, person: Subject) -> Response:
    """Forget a browser: its sessions end, and its next login is told."""
    name = visit.form.get("device", "")
    async with visit.authority.office.database.link() as link:
        if not person.account or not await accounts.forget(link, person.account, name):
            raise sign_in_over()
    for one in await of_person(visit.authority, person.key, person.account):
        if one["device"] == name:
            await end_own(visit.authority, one["id"], person.key, person.account)
    await _told(visit, person, told.LOGOUT, "device")
    return await _page(visit, person, done="forgotten")


async def _enrol(visit: Visit, person: Subject) -> Response:
    """Say whose representative he is: a code goes to where that record reaches him."""
    number = visit.form.get("number", "")
    if not person.account:
        raise sign_in_over()
    await enrolling.ask(visit.authority, visit.who, person, number)
    return visit.show("enrol", number=number[:30])


async def _prove(visit: Visit, person: Subject) -> Response:
    """Prove it."""
    number, code = visit.form.get("number", ""), "".join(visit.form.get("code", "").split())
    try:
        await enrolling.prove(visit.authority, visit.who, person, number, code)
    except BadValue as refusal:
        return visit.show("enrol", 400, number=number[:30], fault=refusal.reason)
    return await _page(visit, person, done="enrolled")


async def _leave(visit: Visit, person: Subject) -> Response:
    """Leave these pages."""
    await visit.authority.flow.leave(visit.handle)
    await _told(visit, person, told.LOGOUT, "account")
    return drop_handle(visit.authority, visit.show("out"))


async def _told(visit: Visit, person: Subject, what: str, detail: str) -> None:
    await visit.authority.office.trail.durable(told.done(what, person.access, visit.who.facts, detail=detail))


STEPS: dict[str, Callable[[Visit, Subject], Awaitable[Response]]] = {
    "end": _end, "end-all": _end_all, "forget": _forget, "enrol": _enrol, "prove": _prove, "leave": _leave,
}  # fmt: skip
