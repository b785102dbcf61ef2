"""What several workers know of each other: revocations and signing keys; and keys that software keeps elsewhere."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey

from app.auth import keys as signing
from app.auth import mint, revocations
from app.auth.server import jwks as rings
from app.auth.server import subject
from tests.serving import Carnet, serving
from tests.software import App, app, authority, backend, bearer, error, jwks
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from app.storage.embedded import Urls


@asynccontextmanager
async def two(urls: Urls, data: Path) -> AsyncIterator[tuple[Carnet, Carnet]]:
    """Two workers on one database and one data folder."""
    async with serving(urls, data) as one, serving(urls, data) as other:
        yield one, other


async def status(carnet: Carnet, token: str) -> int:
    return (await carnet.http.get("/fhir/Practitioner?_id=x", headers=bearer(token))).status_code


async def until(carnet: Carnet, token: str, wanted: int) -> float:
    """Seconds until a worker answers a token so, 9 for never."""
    begun = time.monotonic()
    while time.monotonic() < begun + 3:
        if await status(carnet, token) == wanted:
            return time.monotonic() - begun
        await asyncio.sleep(0.01)
    return 9


async def test_a_revocation_is_felt_by_another_worker_within_a_second(database_urls: Urls, tmp_path: Path) -> None:
    async with two(database_urls, tmp_path) as (one, other):
        phone: App = await app(one)
        record = await opened(one)
        holder = subject.holder(record, account="a", acr="eidas1", amr=("pwd", "otp"))
        for _ in range(3):
            token = (await phone.tokens(holder, scope="patient/*.rs user/*.rs"))["access_token"]
            assert await status(other, token) == 200
            await one.http.post("/auth/revoke", data={"client_id": phone.id, "token": token})
            assert await until(other, token, 401) < 1


async def test_a_worker_that_cannot_read_revocations_trusts_nobody(
    database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        token = carnet.token({**_doctor(), "scope": "user/*.rs"})
        assert await status(carnet, token) == 200
        monkeypatch.setattr(revocations, "PATIENCE", -1.0)
        assert await status(carnet, token) == 503


def _doctor() -> dict[str, Any]:
    return mint.professional("810000000001", structure="1750000001")


@pytest.mark.slow
async def test_a_new_key_signs_and_the_old_one_verifies_until_its_last_token_ended(
    database_urls: Urls, tmp_path: Path
) -> None:
    async with two(database_urls, tmp_path) as (one, other):
        old = one.token(_doctor())
        made = await backend(one)
        kid = await asyncio.to_thread(signing.rotate, tmp_path, lambda: time.sleep(1), 3600)
        await asyncio.sleep(2 * revocations.PAUSE)
        new = (await made.ask()).json()["access_token"]
        assert authority(one).issuer.keys.kid == kid
        for worker in (one, other):
            assert await status(worker, old) == 200
            assert await status(worker, new) == 200
        published = (await one.http.get("/auth/jwks")).json()["keys"]
        assert len([key for key in published if key["alg"] == "RS384"]) == 2
        await asyncio.to_thread(signing.rotate, tmp_path, lambda: None, -1)
        assert await until(other, old, 401) < 2


@contextmanager
def elsewhere(answer: dict[str, Any]) -> Iterator[str]:
    """A server that answers with `status`, `headers` and `body`, and counts in `asked`."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer["asked"] = answer.get("asked", 0) + 1
            self.send_response(answer.get("status", 200))
            for name, value in answer.get("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks"
        server.shutdown()


async def test_keys_by_address_are_fetched_kept_and_fetched_again(
    database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ECKey.generate_key("P-384"), ECKey.generate_key("P-384")
    answer: dict[str, Any] = {"body": jwks(first, "key-1").encode(), "headers": {"Cache-Control": "max-age=600"}}
    with elsewhere(answer) as address:
        async with serving(database_urls, tmp_path) as carnet:
            made = await backend(carnet, first, jwks="", jwks_uri=address)
            for _ in range(3):
                assert (await made.ask()).status_code == 200
            assert answer["asked"] == 1
            answer["body"] = jwks(second, "key-2").encode()
            made.key, made.kid = second, "key-2"
            for _ in range(5):
                assert error(await made.ask()) == "invalid_client"  # kids that nobody has are no load on another
            assert answer["asked"] == 1
            monkeypatch.setattr(rings, "AGAIN", 0.0)
            assert (await made.ask()).status_code == 200
            assert answer["asked"] == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": b"{}"},
        {"status": 302, "headers": {"Location": "/other"}, "body": b""},
        {"body": b"{" * 70_000},
        {"body": b"no JSON"},
        {"body": b'{"keys":[{"kty":"EC","kid":"key-1"}]}'},
        {"body": b'{"keys":"x"}'},
        {"body": b"[]"},
    ],
)
async def test_keys_that_cannot_be_had_are_nobodys(module_carnet: Carnet, answer: dict[str, Any]) -> None:
    with elsewhere(answer) as address:
        made = await backend(module_carnet, jwks="", jwks_uri=address)
        assert error(await made.ask()) == "invalid_client"


@pytest.fixture(scope="module")
async def module_carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


def test_a_private_key_is_no_public_one() -> None:
    key = ECKey.generate_key("P-384")
    text = f'{{"keys":[{{"kid":"a",{_members(key)}}}]}}'
    with pytest.raises(rings.KeysError, match="not public"):
        rings.read(text.encode())
    twice = f'{{"keys":[{_public(key)},{_public(key)}]}}'
    with pytest.raises(rings.KeysError, match="twice"):
        rings.read(twice.encode())


def _members(key: ECKey) -> str:
    return ",".join(f'"{name}":"{value}"' for name, value in key.as_dict(private=True).items() if name != "kid")


def _public(key: ECKey) -> str:
    members = {**key.as_dict(private=False), "kid": "a"}
    return "{" + ",".join(f'"{name}":"{value}"' for name, value in members.items()) + "}"
