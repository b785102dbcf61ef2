"""An insurer's feed for tests: a real server that gives the care of people page by page, and may be down or wrong."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.serving import CLASSES, NORMAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving import Tree

KINDS = "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"
TOKEN = "feed-secret"


@dataclass
class Insurer:
    """What the feed has, by INS (`system|value`); `status` is what it answers, `following` what its links say."""

    url: str = ""
    status: int = 200
    size: int = 2
    following: str = ""
    care: dict[str, list[Tree]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """the request lines, which a log of addresses would keep"""

    def page(self, asked: dict[str, str], start: int) -> Tree:
        """The page of an answer that begins there."""
        since, begins = asked.get("_lastUpdated", "").removeprefix("ge"), asked["period-start"].removeprefix("ge")
        found = [
            one
            for one in self.care.get(asked["patient.identifier"], [])
            if one["meta"]["lastUpdated"] >= since and one["context"]["period"]["start"] >= begins
        ]
        token = base64.urlsafe_b64encode(json.dumps([asked, start + self.size]).encode()).decode()
        more = self.following or f"{self.url}?page={token}"
        links = [{"relation": "next", "url": more}] if start + self.size < len(found) or self.following else []
        entries = [{"resource": one} for one in found[start : start + self.size]]
        return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def reimbursement(number: int, day: str, *, written: str = "2026-01-01T00:00:00Z", **more: Any) -> Tree:
    """Care of a day, under a master identifier of its own."""
    content = base64.b64encode(f"<soin n='{number}'/>".encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": f"feed-{number}",
        "meta": {"lastUpdated": written},
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.250.1.999.{number}"},
        "status": "current",
        "type": {"coding": [{"system": KINDS, "code": "REMB"}]},
        "category": [{"coding": [{"system": CLASSES, "code": "60"}]}],
        "securityLabel": [{"coding": [{"system": NORMAL, "code": "N"}]}],
        "date": f"{day}T12:00:00Z",
        "context": {"period": {"start": day}},
        "content": [{"attachment": {"contentType": "application/xml", "data": content, "title": "Remboursement"}}],
        **more,
    }


@contextmanager
def insurer() -> Iterator[Insurer]:
    """A feed on a free port."""
    made = Insurer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            made.asked.append(asked)
            self._answer(asked, 0)

        def do_GET(self) -> None:
            asked, start = json.loads(base64.urlsafe_b64decode(parse_qs(urlsplit(self.path).query)["page"][0]))
            self._answer(asked, start)

        def _answer(self, asked: dict[str, str], start: int) -> None:
            made.lines.append(self.path)
            allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
            body = json.dumps(made.page(asked, start)).encode() if allowed and made.status == 200 else b"{}"
            self.send_response(made.status if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/fhir"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join()
