"""The caller's address behind reverse proxies: who is believed, and what the trail keeps."""

from __future__ import annotations

import secrets
from ipaddress import ip_network
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest

from app.auth.proxy import whence
from tests.serving import Carnet, serving
from tests.software import app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

OURS = frozenset({ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")})
CLIENT, PROXY = "203.0.113.9", "10.0.0.1"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}:4711", CLIENT),
        (f"1.1.1.1, {CLIENT}", CLIENT),  # what stands before the last stranger was said by him
        (f"{CLIENT}, 10.9.9.9", CLIENT),  # one of ours passed it on to another
        ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
        ("2a01:cb00::1", "2a01:cb00::1"),
        ("[2a01:cb00::1]:443", "2a01:cb00::1"),
        (f"for={CLIENT};proto=https;by=10.0.0.1", CLIENT),
        (f'for=1.1.1.1, For="[2a01:cb00::1]:4711";host="{CLIENT}"', "2a01:cb00::1"),
        ('for="a, for=1.1.1.1', "1.1.1.1"),
        ("for=unknown", PROXY),
        (f"{CLIENT}, _hidden", PROXY),
        (f"{CLIENT}, unknown, 10.9.9.9", "10.9.9.9"),
        ("", PROXY),
        (", ", PROXY),
        ("fe80::1%" + "x" * 5000, PROXY),
        ("1.1.1.1," * 5000 + CLIENT, CLIENT),
        (f"{CLIENT}<script>", PROXY),
    ],
)
def test_the_nearest_that_is_no_proxy_of_ours_is_the_caller(said: str, found: str) -> None:
    assert whence(PROXY, said, OURS) == found
    assert whence("192.0.2.7", said, OURS) == "192.0.2.7"  # a stranger says it of himself
    assert whence(PROXY, said, frozenset()) == PROXY


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    data = tmp_path_factory.mktemp("data")
    async with serving(module_database_urls, data, proxies={"10.0.0.0/8"}, forwarded="forwarded") as made:
        yield made


@pytest.mark.parametrize(
    ("peer", "headers", "kept"),
    [
        (PROXY, [("Forwarded", f"for=9.9.9.9, for={CLIENT}")], CLIENT),
        (PROXY, [("Forwarded", "for=9.9.9.9"), ("Forwarded", f"for={CLIENT}")], CLIENT),
        (PROXY, [("X-Forwarded-For", "9.9.9.9"), ("Forwarded", f"for={CLIENT}")], CLIENT),
        (PROXY, [("X-Forwarded-For", "9.9.9.9")], PROXY),  # a header that this proxy does not write is the client's
        ("192.0.2.7", [("Forwarded", "for=10.0.0.1"), ("X-Forwarded-For", "9.9.9.9")], "192.0.2.7"),
    ],
)
async def test_the_trail_keeps_the_callers_address(
    carnet: Carnet, peer: str, headers: list[tuple[str, str]], kept: str
) -> None:
    phone = await app(carnet)
    token = carnet.professional("810000000001", "10").headers["Authorization"]
    transport = httpx.ASGITransport(app=carnet.app, client=(peer, 5))
    async with httpx.AsyncClient(transport=transport, base_url=carnet.settings.public_url) as http:
        asked = [*headers, ("Authorization", token), ("X-Request-Id", secrets.token_hex(8))]
        await http.get("/fhir/Patient/unknown", headers=asked)
        await http.post("/auth/token", data={"grant_type": "x", "client_id": phone.id}, headers=headers)
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    query = "SELECT address FROM audit_event WHERE client = $1 OR (request_id = $2)"
    found = [row["address"] for row in await link.fetch(query, phone.id, asked[-1][1])]
    await link.close()
    assert found == [kept, kept]
