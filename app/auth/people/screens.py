"""The pages that sign somebody in and ask for his consent: HTML without JavaScript, one step a request.

Every form holds the secret of its sign-in (CSRF); no other site may frame a page, and no page runs a script or fetches
anything but its stylesheet. A page names neither a record nor whether one exists.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc6749 import InvalidRequestError
from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from app.auth.people import holder, wording
from app.auth.server import pages
from app.auth.server.pages import LOGIN, handle_of, keep_handle, to
from app.errors import BadValue, Refusal, Unavailable
from app.records import RequestFacts
from app.resources.ins import LENGTH, SYSTEMS
from app.storage.session import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.auth.server.flow import Pending
    from app.auth.server.office import Asker, Authority

ACCESS, STYLE = "/auth/access", "/auth/style.css"
"""Where an account is opened or had back; the stylesheet."""
DEVICE = "carnet-device"
"""Cookie of a browser that signed in before."""
FINDING = frozenset({"Patient.r", "Patient.s"})
"""What finding a record by its number takes."""
YEAR = 365 * 24 * 3600
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)


class Visit:
    """One request for a page: who asks, in which language, for which sign-in."""

    def __init__(self, authority: Authority, request: Request, who: Asker, form: dict[str, str]) -> None:
        self.authority, self.request, self.who, self.form = authority, request, who, form
        self.handle = handle_of(authority, request)
        self.pending: Pending | None = None
        self.wish = form.get("lang") or request.query_params.get("lang", "")
        self.site = request.headers.get("accept-language", "")

    async def enter(self) -> Pending:
        """The sign-in under way; a form that was not made for it is refused. BadValue."""
        self.pending = await self.authority.flow.pending(self.handle)
        if self.request.method == "POST":
            self.authority.flow.check(self.handle, self.form.get("form", ""))
        return self.pending

    @property
    def language(self) -> str:
        """The language of the answer: what he chose, what the application says, what his browser says."""
        return wording.language(self.wish, self.pending.asked.language if self.pending else "", self.site)

    def show(self, name: str, status: int = 200, *, also: str = "", **said: Any) -> Response:  # noqa: ANN401
        """A page; `also` is where else its form may lead."""
        fault = said.pop("fault", "")
        texts = wording.sentences(self.language)
        shown = {
            "form": self.pending.form if self.pending else "",
            "client": self.pending.client.name if self.pending else "",
            "fault": texts["faults"].get(fault, texts["faults"]["other"]) if fault else "",
            "provider": bool(self.authority.providers),
        }
        text = wording.page(name, self.language, **shown, **said)
        policy = f"{POLICY} {also}" if also else POLICY
        return HTMLResponse(text, status, {**HEADERS, "Content-Security-Policy": policy})


def screen(path: str, *methods: str) -> Callable[[Callable[[Visit], Awaitable[Response]]], None]:
    """Serve a page at an address; what it refuses becomes a page as well."""

    def served(work: Callable[[Visit], Awaitable[Response]]) -> None:
        async def answer(request: Request) -> Response:
            authority: Authority = request.app.state.authority
            who = pages.asker(authority, request)
            visit = Visit(authority, request, who, {})
            try:
                if request.method == "POST":
                    visit = Visit(authority, request, who, await pages.form(request))
                return await work(visit)
            except (Unavailable, *LOST) as error:
                _log.warning("no answer from a part below: %s", type(error).__name__)
                return visit.show("over", 503, fault="busy")
            except InvalidRequestError:
                return visit.show("over", 400, fault="other")
            except Refusal as refusal:
                answered = visit.show("over", refusal.status, fault=refusal.reason or "other")
                answered.headers.update(refusal.headers)
                return answered

        router.add_api_route(path, answer, methods=list(methods), response_model=None)

    return served


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
        return consent(visit)
    if await holder.awaits_code(visit.authority, visit.handle):
        return visit.show("code")
    return visit.show("login", done=visit.request.query_params.get("done") == "1")


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
        return visit.show("login", 400, fault=refusal.reason, done=False)
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
    return visit.show("choose", ticket=proven.ticket, choices=[one.key for one in proven.choices])


async def _choose(visit: Visit, _: Pending) -> Response:
    return await _enter(visit, visit.form.get("ticket", ""), visit.form.get("as", ""))


async def _enter(visit: Visit, ticket: str, key: str) -> Response:
    """He is known: the sign-in has another handle from here on, and the browser is remembered."""
    browser = visit.request.cookies.get(_device(visit.authority), "") or secrets.token_urlsafe(24)
    handle = await holder.choose(visit.authority, visit.who, visit.handle, ticket, key, browser)
    answer = to(f"{LOGIN}?lang={visit.language}")
    keep_handle(visit.authority, answer, handle)
    secure = _secure(visit.authority)
    name = _device(visit.authority)
    answer.set_cookie(name, browser, max_age=YEAR, path="/auth", secure=secure, httponly=True, samesite="lax")
    return answer


def _secure(authority: Authority) -> bool:
    return authority.settings.public_url.startswith("https://")


def _device(authority: Authority) -> str:
    return f"__Secure-{DEVICE}" if _secure(authority) else DEVICE


def consent(visit: Visit, fault: str = "") -> Response:
    """Which application wants what, to agree to all of it, to some, or to nothing."""
    pending = visit.pending
    if pending is None or pending.subject is None:
        raise BadValue("nobody signed in", reason="sign-in-over")
    scopes = [(scope, wording.meaning(scope, visit.language)) for scope in pending.scopes]
    person = pending.subject.access.name
    return visit.show(
        "consent", also=_beyond(pending.asked.redirect_uri), scopes=scopes, person=person,
        kind=pending.subject.kind.value, needs_record=pending.needs_record, fault=fault,
    )  # fmt: skip


def _beyond(address: str) -> str:
    """A redirect address as a source of a content security policy: browsers hold what a form leads to, to it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


async def _agree(visit: Visit, pending: Pending) -> Response:
    chosen = tuple(scope for number, scope in enumerate(pending.scopes) if f"scope-{number}" in visit.form)
    patient = await _patient(visit, pending)
    if patient is None:
        return consent(visit, "no-patient")
    where = await visit.authority.flow.agree(
        visit.handle, visit.form.get("form", ""), chosen, patient=patient, address=visit.who.facts.address
    )
    return _leave(visit, where)


async def _patient(visit: Visit, pending: Pending) -> str | None:
    """The record that a professional names for the application, "" for none; None where he finds none by that number.

    He finds it as he would by a search, which is in the trail.
    """
    number = "".join(visit.form.get("ins", "").split()).upper()
    if not number or not pending.needs_record or pending.subject is None:
        return ""
    if len(number) > LENGTH or not (number.isascii() and number.isalnum()):
        return None
    token = ",".join(f"{system}|{number}" for system in SYSTEMS)
    asked = RequestFacts(visit.who.facts.request_id, visit.who.facts.address, urlencode({"identifier": token}))
    access = replace(pending.subject.access, client=pending.client.id, scopes=FINDING)
    page = await visit.authority.door.open(access, asked).search("Patient", [("identifier", token)], strict=True)
    return page.matches[0].id if page.matches else None


async def _deny(visit: Visit, _: Pending) -> Response:
    return _leave(visit, await visit.authority.flow.deny(visit.handle, visit.form.get("form", ""), visit.who.facts))


def _leave(visit: Visit, where: str) -> Response:
    """Back to the application: the sign-in is over."""
    answer = to(where)
    name = f"__Secure-{pages.COOKIE}" if _secure(visit.authority) else pages.COOKIE
    answer.delete_cookie(name, path="/auth", secure=_secure(visit.authority), httponly=True, samesite="lax")
    return answer


PROVING: dict[str, Callable[[Visit, Pending], Awaitable[Response]]] = {
    "password": _password, "again": _again, "code": _code, "choose": _choose,
}  # fmt: skip
AGREEING: dict[str, Callable[[Visit, Pending], Awaitable[Response]]] = {"agree": _agree, "deny": _deny}


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
    if form.get("step") == "ask":
        await holder.ask(visit.authority, visit.who, number, visit.language)
        return visit.show("proof", number=number)
    try:
        if form.get("password") != form.get("repeated"):
            raise BadValue("the passwords differ", reason="passwords-differ")
        code = "".join(form.get("code", "").split())
        await holder.finish(visit.authority, visit.who, number, code, form.get("password", ""))
    except Refusal as refusal:
        if refusal.reason not in RETRIED:
            raise
        return visit.show("proof", 400, number=number, fault=refusal.reason)
    return to(f"{LOGIN}?done=1&lang={visit.language}")


RETRIED = frozenset({"bad-code", "password-length", "password-common", "passwords-differ"})
