"""OpenTelemetry traces of the FHIR surface, for a collector of the operator's (`CARNET_TRACES_URL`); off otherwise.

A span is read by more people than the records are. So it holds nothing but what `KEYS` names: a method, a status, an
interaction. No address, id, query, token or word of an error is ever put into one. Of what a client sends only its
`traceparent` counts: a `tracestate` or baggage could hold anything, and would leave with the span.

This module is imported where traces are on, and OpenTelemetry with it (`requirements/traces.lock`).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import SpanKind, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.rest.metrics import Metrics
from app.storage.audit import Trail
from app.storage.session import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.settings import Settings
    from app.storage.audit import Act

PATIENCE = 2.0
"""Seconds that the collector has for what one worker sends it."""
KEYS = frozenset({"http.request.method", "http.response.status_code", "fhir.interaction", "db.system.name"})
"""Everything that a span may say."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_parent = TraceContextTextMapPropagator()


@contextmanager
def _span(tracer: Tracer, name: str, kind: SpanKind = SpanKind.INTERNAL, **more: Any) -> Iterator[None]:  # noqa: ANN401
    """One span, which never tells of an exception: its words may quote a row."""
    with tracer.start_as_current_span(name, kind=kind, record_exception=False, set_status_on_exception=False, **more):
        yield


@contextmanager
def _part(tracer: Tracer, name: str) -> Iterator[None]:
    """A part of a request that is traced; what is done beside the requests is not."""
    if not get_current_span().is_recording():
        yield
        return
    with _span(tracer, name, SpanKind.CLIENT, attributes={"db.system.name": "postgresql"}):
        yield


class Counted(Metrics):
    """Metrics that tell the span of a request what it was."""

    def observe(self, interaction: str, status: int, seconds: float) -> None:
        """Count one answered request, and name its span."""
        super().observe(interaction, status, seconds)
        span = get_current_span()
        span.update_name(interaction)
        span.set_attributes({"fhir.interaction": interaction, "http.response.status_code": int(status)})


class Tracing:
    """The traces of one worker."""

    def __init__(self, settings: Settings, version: str) -> None:
        resource = Resource.create({"service.name": "carnet", "service.version": version})
        self._provider = TracerProvider(TraceIdRatioBased(settings.traces_share), resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(settings.traces_url, timeout=PATIENCE)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer = tracer = self._provider.get_tracer("carnet")

        class Timed(Database):
            """A database that tells how long it was used."""

            @asynccontextmanager
            async def link(self) -> AsyncIterator[Any]:
                with _part(tracer, "database"):
                    async with super().link() as link:
                        yield link

            @contextmanager
            def together(self) -> Iterator[Any]:
                with _part(tracer, "database"), super().together() as pipeline:
                    yield pipeline

            @asynccontextmanager
            async def transaction(self) -> AsyncIterator[Any]:
                with _part(tracer, "database"):
                    async with super().transaction() as link:
                        yield link

        class Awaited(Trail):
            """A trail that tells how long an act took to be durable."""

            async def durable(self, *acts: Act) -> None:
                with _part(tracer, "trail"):
                    await super().durable(*acts)

        self.database: type[Database] = Timed
        self.trail: type[Trail] = Awaited
        self.metrics = Counted()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with a span for each request."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            method = scope["method"] if scope["method"] in METHODS else "_OTHER"
            sent = {name: value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"}
            context = _parent.extract({name.decode(): value for name, value in sent.items()})
            said = {"http.request.method": method}
            with _span(self.tracer, "request", SpanKind.SERVER, context=context, attributes=said):
                await app(scope, receive, send)

        return traced

    async def close(self) -> None:
        """Send what is left."""
        await asyncio.to_thread(self._provider.shutdown)
