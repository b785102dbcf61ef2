"""Raw content: a resource that is taken and given as the bytes that it carries (binary.html section 2.42.3)."""

from __future__ import annotations

import re
from base64 import b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING

from app.errors import BadValue, Malformed
from app.resources.validation import parse
from app.rest import summary, xml
from app.rest.answer import Answer, of_written
from app.rest.conditions import unchanged
from app.rest.formats import FHIR_JSON, FHIR_NAMES, FHIR_XML, Format, accepts_fhir, media_type
from app.rest.paths import CONTENT, CREATE, DEPOSIT, READ, WHOLE, Interaction
from app.rest.read import check_parameters, read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.records.answer import Stored
    from app.rest.request import Request

MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(?:\s*;\s*[\w.+-]+=(?:[\w.+:/-]+|\"[^\"\\]*\")){0,4}", re.ASCII)
REFERENCE = re.compile(r"(?:https?://[!-~]{1,200}/)?[A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")
SANDBOX = "default-src 'none'; sandbox"


def instead(request: Request, interaction: Interaction) -> Interaction:
    """The raw form of an interaction, where the request asks for it. Inside a Bundle it is always a resource."""
    if request.in_bundle:
        return interaction
    if interaction is READ:
        fhir = accepts_fhir(request.header(b"accept"), request.parameter("_format"))
        return WHOLE if fhir else CONTENT
    if interaction is CREATE:
        name = request.header(b"content-type").partition(";")[0].strip().lower()
        return CREATE if not name or name in FHIR_NAMES else DEPOSIT
    return interaction


async def content(request: Request) -> Answer:
    """The bytes, streamed (ITI-68), whichever other media type `Accept` names (binary.html section 2.42.3).

    What they are is the depositor's word, so that no browser may run them.
    """
    check_parameters(request)
    kind, size, chunks, stored = await request.records.content(request.here.id)
    answer = _streamed(request, stored, chunks, size)
    answer.content_type = kind if MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"
    answer.headers = {"Content-Security-Policy": SANDBOX}
    return answer


async def whole(request: Request) -> Answer:
    """The resource with its data, in flat memory as well: these are coded while they pass, at the end of the body."""
    check_parameters(request)
    if summary.pruning(request.pairs):
        return await read(request)
    _, size, chunks, stored = await request.records.content(request.here.id)
    if request.format is Format.XML:
        kind, body, opening, closing = FHIR_XML, xml.write(stored.body), b'<data value="', b'"/></Binary>'
        start = body.removesuffix(b"</Binary>") + opening
    else:
        kind, body, opening, closing = FHIR_JSON, stored.body, b',"data":"', b'"}'
        start = body.removesuffix(b"}") + opening
    if not size:
        start, closing = body, b""
    length = len(start) + -(-size // 3) * 4 + len(closing)
    answer = _streamed(request, stored, _around(start, _coded(chunks), closing), length)
    answer.content_type = kind
    return answer


async def _around(start: bytes, chunks: AsyncIterator[bytes], end: bytes) -> AsyncIterator[bytes]:
    yield start
    async for chunk in chunks:
        yield chunk
    yield end


async def _coded(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in base64: three bytes become four letters, so that what is over waits for the next chunk."""
    over = b""
    async for chunk in chunks:
        held = over + chunk
        cut = len(held) - len(held) % 3
        yield b64encode(held[:cut])
        over = held[cut:]
    yield b64encode(over)


def _streamed(request: Request, stored: Stored, chunks: AsyncIterator[bytes], size: int) -> Answer:
    """200 with so many bytes of a body that is streamed, or 304."""
    answer = Answer(
        HTTPStatus.OK,
        version_id=stored.version_id,
        last_updated=stored.last_updated,
        chunks=chunks,
        size=size,
    )
    match, since = request.header(b"if-none-match"), request.header(b"if-modified-since")
    if (match or since) and unchanged(match, since, stored.version_id, stored.last_updated):
        answer.status, answer.chunks = HTTPStatus.NOT_MODIFIED, None
    return answer


async def deposit(request: Request) -> Answer:
    """201 with Location for raw bytes, which pass through as they come."""
    check_parameters(request)
    kind = request.header(b"content-type").strip()
    context = request.header(b"x-security-context").strip()
    if not MEDIA_TYPE.fullmatch(kind):
        raise BadValue("`Content-Type` is not a media type")
    if context and not REFERENCE.fullmatch(context):
        raise BadValue("`X-Security-Context` must be a reference, as `Patient/id`")
    if media_type(kind) in ("application/json", "text/json"):
        return await _deposit_json(request, kind, context)
    limit = request.server.settings.binary_limit
    return await _keep(request, kind, request.chunks(limit), context)


async def _deposit_json(request: Request, kind: str, context: str) -> Answer:
    """Plain JSON is either the resource itself, as many clients send it, or content that happens to be JSON."""
    body = await request.body()
    try:
        tree = parse(body)
    except Malformed:
        tree = {}
    type = request.here.type
    if tree.get("resourceType") == type:
        return of_written(request, await request.records.create(type, tree))
    return await _keep(request, kind, _one(body), context)


async def _keep(request: Request, kind: str, chunks: AsyncIterator[bytes], context: str) -> Answer:
    return of_written(request, await request.records.deposit_binary(kind, chunks, context))


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body
