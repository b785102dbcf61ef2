"""The FHIR surface: one ASGI application that turns every request into one answer.

The order of answers is fixed: path 404, method 405, Accept 406, token 401, media type 415, size 413, scope 403,
syntax 400; then the record decides. Every refusal becomes an OperationOutcome here, and is in the trail before it
leaves.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from app.auth import cors
from app.errors import Refusal, Throttled, Unavailable
from app.logs import REQUEST, places
from app.rest import (
    batch,
    binary,
    capabilities,
    create,
    delete,
    history,
    operations,
    patch,
    read,
    search,
    update,
    validate,
)
from app.rest.answer import Answer, in_format, of_issues
from app.rest.conformance import Catalogue
from app.rest.conformance import search as publishing
from app.rest.paths import CAPABILITIES, CONTENT, ID, SMART, is_public, methods, segments
from app.rest.request import Disconnected, Request
from app.storage import audit
from app.storage.session import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from app.rest.paths import Interaction
    from app.rest.server import Server

logger = logging.getLogger(__name__)

HANDLERS: dict[str, Callable[[Request], Awaitable[Answer]]] = {
    "read": read.read,
    "vread": read.vread,
    "history": history.history,
    "search": search.search,
    "search-form": search.search_form,
    "search-several": search.several,
    "search-several-form": search.several_form,
    "create": create.create,
    "update": update.update,
    "update-where": update.update_where,
    "patch": patch.patch,
    "patch-where": patch.patch_where,
    "delete": delete.delete,
    "delete-where": delete.delete_where,
    "operation": operations.operation,
    "validate": validate.validate,
    "validate-change": validate.validate,
    "validate-kept": validate.validate,
    "validate-bundle": validate.validate,
    "content": binary.content,
    "whole": binary.whole,
    "deposit": binary.deposit,
    "bundle": batch.post,
}
"""The code of each interaction, by its name."""


PUBLIC = {CAPABILITIES: capabilities.statement, SMART: capabilities.smart}
"""What is answered without a token, the same to everybody."""


class Fhir:
    """The FHIR surface of one worker, at the path `base`."""

    def __init__(self, server: Server, base: str = "/fhir") -> None:
        self.server = server
        self.base = base
        self.public: dict[Interaction, capabilities.Known] = {}
        self.catalogue = Catalogue(server.settings, capabilities.version())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = perf_counter()
        request = Request.of(scope, receive, self.server, self.base, self.answer)
        REQUEST.set(request.id)
        try:
            answer = await self._formed(request)
        except Disconnected:
            return
        try:
            await answer.send(send, request)
        except Exception as fault:  # noqa: BLE001 - a stream that breaks off; the server closes the connection
            _fault(request, fault)
        name = request.route.interaction.code if request.route else "unknown"
        took = perf_counter() - started
        self.server.metrics.observe(name, answer.status, took)
        if self.server.settings.access_log:
            told = {"interaction": name, "status": int(answer.status), "ms": round(took * 1000, 1)}
            logger.info("answered", extra=told)

    async def _formed(self, request: Request) -> Answer:
        """The answer in the format that is asked for; where it cannot be told in it, that is a fault like any other."""
        answer = await self._timely(request)
        try:
            return in_format(request, answer)
        except Exception as fault:  # noqa: BLE001 - the last wall before the client
            return in_format(request, await self._refuse(request, _fault(request, fault)))

    async def _timely(self, request: Request) -> Answer:
        """The answer within its time; what was being done is stopped after it, and may have been done."""
        try:
            async with asyncio.timeout(self.server.settings.request_timeout / 1000) as request.patience:
                return await self.answer(request)
        except TimeoutError:
            logger.warning("no answer in time")
            self.server.metrics.turn_away("late")
            return await self._refuse(request, Unavailable("the request took too long", reason="request-timeout"))

    async def answer(self, request: Request) -> Answer:
        """The answer, whatever happens; a refusal or a fault is one as well."""
        try:
            return await self._serve(request)
        except Refusal as refusal:
            found = refusal
        except Disconnected:
            raise
        except LOST as fault:
            found = _outage(request, fault)
        except (MemoryError, ImportError) as fault:  # without memory, a module cannot be loaded either
            found = _outage(request, fault)
            self.server.exhausted()
        except Exception as fault:  # noqa: BLE001 - the last wall before the client
            found = _fault(request, fault)
        return await self._refuse(request, found)

    async def _serve(self, request: Request) -> Answer:
        if request.fault:
            raise request.fault
        if request.method == "OPTIONS" and not request.in_bundle:
            return _methods(request)
        route = request.find()
        if route.published:
            return await publishing.answer(request, self.catalogue)
        if route.interaction in PUBLIC:
            return capabilities.asked(request, self._known(route.interaction), self.server.settings)
        if route.definition is not None and route.definition.raw:
            route = request.route = replace(route, interaction=binary.instead(request, route.interaction))
        if route.interaction is not CONTENT:
            request.check_format()
        if request.access is None:
            if self.server.authority is not None and self.server.authority.revocations.old:
                await self.server.authority.revocations.catch_up()
            shown = request.certificate
            request.access = self.server.verifier.verify(request.header(b"authorization") or None, certificate=shown)
            self.server.pace.take(request.access)
        request.check_body()
        request.check_scope()
        request.check_id()
        request.check_prefer()
        if request.in_bundle:  # whoever sent the Bundle is under way already
            return await HANDLERS[route.interaction.name](request)
        self.server.trail.enter()
        try:
            return await HANDLERS[route.interaction.name](request)
        finally:
            self.server.trail.leave()

    def _known(self, interaction: Interaction) -> capabilities.Known:
        """A public answer, made when it is first asked for."""
        known = self.public.get(interaction)
        if known is None:
            known = self.public[interaction] = PUBLIC[interaction](self.server.settings)
        return known

    async def _refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Put a refusal in the trail, then answer it; an outage is not one, and the trail is in it too."""
        if isinstance(refusal, Throttled):
            self.server.metrics.turn_away("rate")
        if not isinstance(refusal, Unavailable) and not (isinstance(refusal, Throttled) and not refusal.first):
            try:
                await self._record(request, refusal)
            except (Unavailable, *LOST) as fault:
                refusal = _outage(request, fault)
        headers = refusal.headers
        if isinstance(refusal, Unavailable):
            headers = {"Retry-After": "1"} | headers
        return of_issues(request, refusal.status, refusal.issues, headers)

    async def _record(self, request: Request, refusal: Refusal) -> None:
        route = request.route
        code = (route.operation or route.interaction.code) if route else ""
        type, id = (route.type, route.id) if route else ("", "")
        # An id that cannot be one may hold what the database does not keep (NUL).
        act = audit.refusal(request.access, request.facts, code, type, id if ID.fullmatch(id) else "", refusal)
        if request.access is not None and act.record:
            act = await request.records.refused(act)
        await self.server.trail.durable(act)


def _methods(request: Request) -> Answer:
    """What a path knows; where anybody may read, that any page may ask."""
    parts = segments(request.path)
    headers = {"Allow": methods(parts)}
    return Answer(HTTPStatus.NO_CONTENT, headers=headers | (cors.PUBLIC if is_public(parts) else {}))


def _outage(request: Request, fault: BaseException) -> Unavailable:
    logger.warning("no answer from a part below: request %s, %s", request.id, type(fault).__name__)
    return Unavailable("the service cannot answer now, try again")


def _fault(request: Request, fault: Exception) -> Refusal:
    """An error of ours. Its message may hold a person's data, so that only its class and places are logged."""
    logger.error("internal error: request %s, %s at %s", request.id, type(fault).__name__, places(fault.__traceback__))
    return Refusal("internal error")
