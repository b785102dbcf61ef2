"""The pages that sign a holder or a representative in, and those by which he opens his account or has it back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from fastapi import Response

from app.auth.people import choosing, consent, holder, opening, regaining, wording
from app.auth.people.visit import is_secure, screen
from app.auth.server.pages import LOGIN, keep_handle, to
from app.errors import BadValue, BrokenRule, Invalid, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.auth.people.visit import Visit
    from app.auth.server.asked import Pending
    from app.auth.server.office import Authority

ACCESS, ACCOUNT, STYLE = "/auth/access", "/auth/account", "/auth/style.css"
"""Where an account is opened or had back; what is in it; the stylesheet."""
DEVICE = "carnet-device"
"""Cookie of a browser that signed in before."""
YEAR = 365 * 24 * 3600
ANSWER = 200
"""Characters of an answer that is shown again."""


@screen(STYLE, "GET")
async def style(_: Visit) -> Response:
    """The stylesheet."""
    headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(wording.style(), 200, headers, "text/css; charset=utf-8")


@screen(LOGIN, "GET")
async def shown(visit: Visit) -> Response:
    """What a sign-in waits for: a number and a password, a code, or consent."""
    pending = await visit.enter()
    if pending.subject is not None:
        if pending.own:
            return to(f"{ACCOUNT}?lang={visit.language}")
        asked = await opening.awaited(visit.authority, pending.subject)
        return _opening(visit) if asked else await consent.shown(visit)
    if await holder.awaits_code(visit.authority, visit.handle):
        return visit.show("code")
    return visit.show("login", number="", done=visit.request.query_params.get("done") == "1")


@screen(LOGIN, "POST")
async def step(visit: Visit) -> Response:
    """One step of it."""
    pending = await visit.enter()
    name = visit.form.get("step", "")
    steps = AGREEING if pending.subject is not None else PROVING
    if name not in steps:
        raise BadValue("the sign-in is over: begin again from the application", reason="sign-in-over")
    return await steps[name](visit, pending)


async def _password(visit: Visit, pending: Pending) -> Response:
    form = visit.form
    try:
        await holder.begin(
            visit.authority,
            visit.who,
            visit.handle,
            form.get("number", ""),
            form.get("password", ""),
            pending.client.id,
        )
    except BadValue as refusal:
        return visit.show("login", 400, fault=refusal.reason, number=form.get("number", "")[:30], done=False)
    return to(f"{LOGIN}?lang={visit.language}")


async def _again(visit: Visit, _: Pending) -> Response:
    await holder.again(visit.authority, visit.handle)
    return to(f"{LOGIN}?lang={visit.language}")


async def _code(visit: Visit, pending: Pending) -> Response:
    code = "".join(visit.form.get("code", "").split())
    try:
        proven = await holder.prove(visit.authority, visit.who, visit.handle, code, pending.client.id)
    except BadValue as refusal:
        return visit.show("code", 400, fault=refusal.reason)
    if len(proven.choices) == 1:
        return await _enter(visit, proven.ticket, proven.choices[0].key)
    return await choosing.shown(visit, pending, proven.choices, proven.ticket)


async def _choose(visit: Visit, _: Pending) -> Response:
    return await _enter(visit, visit.form.get("ticket", ""), visit.form.get("as", ""))


async def _enter(visit: Visit, ticket: str, key: str) -> Response:
    """He is known: the sign-in has another handle from here on, and the browser is remembered."""
    secret = visit.request.cookies.get(_device(visit.authority), "") or secrets.token_urlsafe(24)
    browser = holder.Browser(secret, wording.browser(visit.request.headers.get("user-agent", "")))
    handle = await holder.choose(visit.authority, visit.who, visit.handle, ticket, key, browser)
    answer = to(f"{LOGIN}?lang={visit.language}")
    keep_handle(visit.authority, answer, handle)
    secure = is_secure(visit.authority)
    name = _device(visit.authority)
    answer.set_cookie(name, secret, max_age=YEAR, path="/auth", secure=secure, httponly=True, samesite="lax")
    return answer


def _device(authority: Authority) -> str:
    return f"__Secure-{DEVICE}" if is_secure(authority) else DEVICE


async def _open(visit: Visit, pending: Pending) -> Response:
    """He opens his record; what is refused is said on the same page."""
    if pending.subject is None or not await opening.awaited(visit.authority, pending.subject):
        return await consent.shown(visit)
    try:
        wishes = opening.read(visit.form)
        await opening.open_record(visit.authority, visit.who, pending.subject, pending.client.id, wishes)
    except (BadValue, BrokenRule, Invalid) as refusal:
        return _opening(visit, refusal.status, refusal.reason)
    return to(f"{LOGIN}?lang={visit.language}")


def _opening(visit: Visit, status: int = 200, fault: str = "") -> Response:
    """The page on which he opens it, with what he answered before."""
    answers = {
        name: visit.form.get(name, "")[:ANSWER] for name in ("agreed", "treating", "authorised", *opening.OPPOSED)
    }
    return visit.show("open", status, fault=fault, answers=answers)


async def _later(visit: Visit, _: Pending) -> Response:
    return await consent.shown(visit)


PROVING: dict[str, Callable[[Visit, Pending], Awaitable[Response]]] = {
    "password": _password, "again": _again, "code": _code, "choose": _choose,
}  # fmt: skip
AGREEING: dict[str, Callable[[Visit, Pending], Awaitable[Response]]] = {
    "agree": consent.agree, "deny": consent.deny, "switch": choosing.switch, "choose": choosing.choose,
    "open": _open, "later": _later,
}  # fmt: skip


@screen(ACCESS, "GET")
async def access(visit: Visit) -> Response:
    """Open an account, or have it back."""
    await visit.enter()
    return visit.show("ask")


@screen(ACCESS, "POST")
async def regain(visit: Visit) -> Response:
    """Ask for a code, or use it; whoever asks is told the same."""
    await visit.enter()
    form, number = visit.form, visit.form.get("number", "")
    step, address, invited = form.get("step"), form.get("address", ""), "invited" in form
    if step == "ask":
        await regaining.ask(visit.authority, visit.who, number, address, visit.language)
    elif step == "represent":
        born = form.get("born", "")
        await regaining.represent(visit.authority, visit.who, form.get("whom", ""), born, address, visit.language)
    if step in {"ask", "have", "represent"}:
        return visit.show("proof", number=number, code="", invited=invited)
    code = "".join(form.get("code", "").split())[:ANSWER]
    try:
        if form.get("password") != form.get("repeated"):
            raise BadValue("the passwords differ", reason="passwords-differ")
        await regaining.finish(visit.authority, visit.who, number, code, form.get("password", ""))
    except Refusal as refusal:
        if refusal.reason not in RETRIED:
            raise
        kept = "" if refusal.reason == "bad-code" else code
        return visit.show("proof", 400, number=number, code=kept, invited=invited, fault=refusal.reason)
    return to(f"{LOGIN}?done=1&lang={visit.language}")


RETRIED = frozenset({"bad-code", "password-length", "password-common", "passwords-differ"})
