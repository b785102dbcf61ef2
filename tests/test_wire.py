"""What the server reads off a connection, where a client offers HTTP/2."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
import pytest

from tests.running import listening
from tests.serving import NIRS, Carnet, patient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n"
BODY = orjson.dumps(patient(NIRS[0]))
LENGTH = f"Content-Length: {len(BODY)}\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n5;a=b\r\n%s\r\n0\r\n\r\n" % (len(BODY) - 5, BODY[:-5], BODY[-5:])
PAUSE = 0.05


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with listening(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


def head(carnet: Carnet, line: str, *headers: str) -> bytes:
    token = carnet.doctor().headers["Authorization"]
    said = f"Host: carnet.test\r\nAuthorization: {token}\r\nContent-Type: application/fhir+json\r\n"
    return f"{line} HTTP/1.1\r\n{said}{''.join(headers)}\r\n".encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, Any]:
    """Status and body of the next answer."""
    top = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).decode().lower()
    length = next(int(line.split(":")[1]) for line in top.split("\r\n") if line.startswith("content-length:"))
    body = await reader.readexactly(length)
    return int(top.split()[1]), orjson.loads(body) if "json" in top else body


@asynccontextmanager
async def connected(carnet: Carnet) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", carnet.settings.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def spoken(carnet: Carnet, *pieces: bytes, answers: int) -> list[tuple[int, Any]]:
    """The answers to what arrives in these pieces on one connection."""
    async with connected(carnet) as (reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(PAUSE)
        return [await answer(reader) for _ in range(answers)]


@pytest.mark.parametrize(("framing", "body"), [(LENGTH, BODY), (CHUNKED, CHUNKS)], ids=["length", "chunks"])
@pytest.mark.parametrize("cut", [0, -1, 5, 200], ids=["at once", "body behind", "in the line", "in the head"])
async def test_a_body_behind_an_offer_is_read(carnet: Carnet, framing: str, body: bytes, cut: int) -> None:
    top = head(carnet, "POST /fhir/Patient", OFFER, framing)
    after = head(carnet, "GET /fhir/metadata") + head(carnet, "GET /fhir/metadata", OFFER)
    whole, place = top + body + after, cut if cut >= 0 else len(top)
    found = await spoken(carnet, *filter(None, (whole[:place], whole[place:])), answers=3)
    assert found[0][0] in (200, 201), found[0]
    assert found[0][1]["resourceType"] == "Patient"
    assert [(status, body["resourceType"]) for status, body in found[1:]] == [(200, "CapabilityStatement")] * 2


async def test_a_body_in_many_pieces(carnet: Carnet) -> None:
    top = head(carnet, "POST /fhir/Patient", OFFER, CHUNKED)
    pieces = [CHUNKS[at : at + 40] for at in range(0, len(CHUNKS), 40)]
    ((status, _),) = await spoken(carnet, top, *pieces, answers=1)
    assert status in (200, 201)


async def test_a_length_that_is_none_is_refused(carnet: Carnet) -> None:
    for framing in ("Content-Length: x\r\n", LENGTH + CHUNKED, "Transfer-Encoding: nothing\r\n"):
        top = head(carnet, "POST /fhir/Patient", OFFER, framing)
        ((status, said),) = await spoken(carnet, top + BODY, answers=1)
        assert (status, said) == (400, b"Invalid HTTP request received.")


async def test_nothing_is_done_behind_a_length_that_is_none(carnet: Carnet, module_database_urls: Urls) -> None:
    """The trail names no act of such a request."""
    ((_, made),) = await spoken(carnet, head(carnet, "POST /fhir/Patient", OFFER, LENGTH) + BODY, answers=1)
    link = await asyncpg.connect(module_database_urls.owner)
    for place, framing in enumerate(("Transfer-Encoding: nothing\r\n", LENGTH + CHUNKED, "Content-Length: x\r\n", "")):
        name = f"X-Request-Id: behind-{place}\r\n"
        top = head(carnet, f"GET /fhir/Patient/{made['id']}", name, OFFER, framing)
        ((status, _),) = await spoken(carnet, top, answers=1)
        acts = await link.fetchval("SELECT count(*) FROM audit_event WHERE request_id = $1", f"behind-{place}")
        assert (status, acts) == ((400, 0) if framing else (200, 1))
    await link.close()


async def test_many_offers_at_once(carnet: Carnet) -> None:
    reads = b"".join(head(carnet, "HEAD /fhir/metadata", OFFER) for _ in range(100))
    async with connected(carnet) as (reader, writer):
        writer.write(reads)
        for _ in range(100):
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).startswith(b"HTTP/1.1 200")
