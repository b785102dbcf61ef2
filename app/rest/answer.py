"""One answer: status, headers and body, sent as ASGI messages or kept as the response of a Bundle's entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from app.errors import Issue
from app.rest import conditions, formats, outcome, xml

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from starlette.types import Send

    from app.records.answer import Stored, Written
    from app.rest.request import Request

CONTENT_TYPE = (b"content-type", formats.FHIR_JSON.encode())
NO_STORE = (b"cache-control", b"no-store")
NO_SNIFF = (b"x-content-type-options", b"nosniff")
VARY = (b"vary", b"Accept")


@dataclass(slots=True)
class Answer:
    """What is answered.

    `location` is relative to the FHIR base. `headers` come beside those that the other fields make. `chunks` are the
    bytes of a streamed body of `size` bytes; such a body has a `content_type` of its own.
    """

    status: int
    body: bytes = b""
    version_id: str = ""
    last_updated: datetime | None = None
    location: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    chunks: AsyncIterator[bytes] | None = None
    size: int = 0
    is_outcome: bool = False
    cacheable: bool = False

    def lines(self, request: Request) -> list[tuple[bytes, bytes]]:
        """Header lines of the answer."""
        lines = [NO_SNIFF, VARY, (b"x-request-id", request.id.encode())]
        if not self.cacheable:
            lines.append(NO_STORE)
        if self.version_id:
            lines.append((b"etag", conditions.etag(self.version_id).encode()))
        if self.last_updated:
            lines.append((b"last-modified", conditions.http_date(self.last_updated).encode()))
        if self.location:
            lines += self._places(request)
        if request.correlation:
            lines.append((b"x-correlation-id", request.correlation.encode()))
        if self.headers:
            lines += [(n.lower().encode(), v.encode("latin-1", "replace")) for n, v in self.headers.items()]
        return lines + self._about_body()

    def _places(self, request: Request) -> list[tuple[bytes, bytes]]:
        place = f"{request.server.settings.fhir_base}/{self.location}".encode()
        shown = self.body and not self.is_outcome  # what is said of a write is at no place
        return [(b"location", place), (b"content-location", place)] if shown else [(b"location", place)]

    def _about_body(self) -> list[tuple[bytes, bytes]]:
        if self.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            return []
        length = (b"content-length", str(self.size if self.chunks else len(self.body)).encode())
        if not self.body and self.chunks is None:
            return [length]
        return [(b"content-type", self.content_type.encode("latin-1")) if self.content_type else CONTENT_TYPE, length]

    async def send(self, send: Send, request: Request) -> None:
        """Send everything; the body stays out of an answer to HEAD."""
        head = request.method == "HEAD"
        await send({"type": "http.response.start", "status": int(self.status), "headers": self.lines(request)})
        if self.chunks is not None and not head:
            async for chunk in self.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        body = b"" if head or self.chunks is not None else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})


def in_format(request: Request, answer: Answer) -> Answer:
    """The same answer in the format that the client likes; what has a media type of its own keeps it.

    Every answer is made in JSON, and turned into XML here. ETags are weak, and name the version in either format.
    """
    if not answer.body or answer.content_type == formats.FHIR_XML:
        return answer
    if not answer.content_type and request.format is formats.Format.XML:
        answer.body = xml.write(answer.body, pretty=request.pretty)
        answer.content_type = formats.FHIR_XML
    elif request.pretty:
        answer.body = formats.pretty(answer.body)
    return answer


def of_stored(stored: Stored, body: bytes | None = None) -> Answer:
    """200 with one version; `body` replaces its bytes."""
    return Answer(
        HTTPStatus.OK,
        stored.body if body is None else body,
        version_id=stored.version_id,
        last_updated=stored.last_updated,
    )


def of_issues(
    request: Request, status: int, issues: tuple[Issue, ...], headers: dict[str, str] | None = None
) -> Answer:
    """An OperationOutcome in the language of the caller."""
    base = request.server.settings.codesystem_base
    body = outcome.render(issues, request.tongue, base)
    return Answer(status, body, headers=headers or {}, is_outcome=True)


def of_written(request: Request, written: Written) -> Answer:
    """Answer of a write, with the body that the client prefers (http.html section 3.1.0.1.8).

    A write alone is answered with the resource unless told otherwise, a write inside a Bundle without. Where the
    caller may not read what he wrote, there is no body in either case.
    """
    stored = written.stored
    returns = request.prefer.returns or ("minimal" if request.in_bundle else "representation")
    answer = Answer(written.status, location=written.location)
    answer.version_id = stored.version_id if stored else written.version_id
    answer.last_updated = stored.last_updated if stored else written.last_updated
    if returns == "OperationOutcome" or (written.warnings and request.in_bundle):
        _explain(request, written, answer)
    elif returns == "representation" and stored and written.status != HTTPStatus.NO_CONTENT:
        answer.body = stored.body
    return answer


def _explain(request: Request, written: Written, answer: Answer) -> None:
    done = Issue("informational", "done", severity="information")
    answer.body = of_issues(request, written.status, written.warnings or (done,)).body
    answer.is_outcome = True
    if answer.status == HTTPStatus.NO_CONTENT:
        answer.status = HTTPStatus.OK
