"""One request for a page of sign-in, and the page that answers it: HTML without JavaScript, one step a request.

Every form holds the secret of its sign-in (CSRF); no other site may frame a page, and no page runs a script or fetches
anything but its stylesheet. A page names neither a record nor whether one exists.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from app.auth.people import wording
from app.auth.server import pages
from app.auth.server.pages import handle_of
from app.errors import Refusal, Unavailable
from app.storage.session import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.auth.server.asked import Pending
    from app.auth.server.office import Asker, Authority

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
            "client": (self.pending.client.name if self.pending else "") or texts["account"]["title"],
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


def is_person(request: Request) -> bool:
    """Whether a browser that shows pages asks, and no software."""
    return "text/html" in request.headers.get("accept", "")


def is_secure(authority: Authority) -> bool:
    """Whether cookies are for https alone: everywhere but on a laptop."""
    return authority.settings.public_url.startswith("https://")
