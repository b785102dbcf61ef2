"""Traces: what leaves for a collector says what was asked, in which time, and nobody's anything."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.tracing import KEYS
from tests.serving import NIRS, document, open_record, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.storage.embedded import Urls

ROOT = Path(__file__).parents[1] / "app"
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Sink(BaseHTTPRequestHandler):
    """A collector: keeps what it is sent."""

    kept: list[bytes]

    def do_POST(self) -> None:
        self.kept.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and what it was sent."""
    kept: list[bytes] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Sink,), {"kept": kept})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", kept
        server.shutdown()


async def test_a_span_says_what_was_asked_and_of_nobody(
    database_urls: Urls, tmp_path: Path, collector: tuple[str, list[bytes]]
) -> None:
    url, kept = collector
    async with serving(database_urls, tmp_path, traces_url=url) as carnet:
        doctor = carnet.doctor()
        record = await open_record(doctor, treating="810000000001")
        made = await doctor.make(document(record, content=b"secret words"))
        odd = {"traceparent": PARENT, "tracestate": f"nir={NIRS[0]}", "baggage": f"name=Dupont,nir={NIRS[0]}"}
        await doctor.get(f"DocumentReference/{made}?_elements=Jeanne", headers=odd)
        await doctor.get(f"Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|{NIRS[0]}", headers=odd)
        await doctor.send(NIRS[1], f"Dupont/{NIRS[0]}")
        await doctor.get(f"DocumentReference/{record}.{NIRS[0]}", headers={"Authorization": "Bearer eyJ.Dupont"})
        ours = (*NIRS, "Dupont", "Jeanne", "Pat-Trois", "secret words", record, made, "810000000001", "eyJ", "Bearer")
    spans = [
        span
        for body in kept
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {"read", "search-type", "create", "transaction", "unknown", "database", "trail"} <= {s.name for s in spans}
    assert {one.key for span in spans for one in span.attributes} <= KEYS
    assert not [span.name for span in spans if span.events or span.status.message or span.trace_state]
    assert not [one for one in ours for body in kept if one.encode() in body]
    asked = next(span for span in spans if span.name == "search-type")
    assert asked.trace_id.hex() == PARENT.split("-")[1]
    parts = [span.name for span in spans if span.parent_span_id == asked.span_id]
    assert {"database", "trail"} == set(parts)


def test_without_a_collector_nothing_of_it_is_imported() -> None:
    lines = [
        line
        for path in ROOT.rglob("*.py")
        if path.name != "tracing.py"
        for line in path.read_text("utf-8").splitlines()
    ]
    found = [line for line in lines if re.search(r"^\s*(from|import) .*(opentelemetry|app\.tracing)", line)]
    assert sorted({len(line) - len(line.lstrip()) for line in found}) == [4]  # within a function, or for the checker
