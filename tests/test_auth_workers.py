"""What several workers know of each other: revocations and signing keys; and keys that software keeps elsewhere."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey

from app.auth import keys as signing
from app.auth import mint, revocations
from app.auth.people import pace
from app.auth.server import fetching, subject
from app.auth.server import jwks as rings
from app.errors import Throttled
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
    """Seconds from now to the last question that a worker answered otherwise, 9 for ever.

    How long it takes to answer does not count.
    """
    begun, last = time.monotonic(), 0.0
    while (asked := time.monotonic() - begun) < 9:
        if await status(carnet, token) == wanted:
            return last
        last = asked
        await asyncio.sleep(0.01)
    return 9


async def test_a_revocation_is_felt_by_another_worker_within_a_second_and_attempts_are_counted_together(
    database_urls: Urls, tmp_path: Path
) -> None:
    async with two(database_urls, tmp_path) as (one, other):
        phone: App = await app(one)
        record = await opened(one)
        holder = subject.holder(record, account="a", acr="eidas1", amr=("pwd", "otp"))
        for _ in range(3):
            token = (await phone.tokens(holder, scope="patient/*.rs user/*.rs"))["access_token"]
            assert await status(other, token) == 200
            await one.http.post("/auth/revoke", data={"client_id": phone.id, "token": token})
            assert await until(other, token, 401) < 1
        await _count((one, other))


async def test_a_worker_that_looks_late_asks_before_it_trusts(
    database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits in vain for the poll of a starved worker, and nobody's revoked token is good because of it."""
    monkeypatch.setattr(revocations, "PAUSE", 3600.0)
    async with serving(database_urls, tmp_path) as carnet:
        phone, listed = await app(carnet), authority(carnet).revocations
        doctor = subject.professional(_doctor(), acr="eidas1")
        monkeypatch.setattr(revocations, "FRESH", 30.0)  # what is asked here takes less, on a busy machine too
        await listed.look()
        good, bad = [(await phone.tokens(doctor, scope="user/*.rs"))["access_token"] for _ in range(2)]
        await carnet.http.post("/auth/revoke", data={"client_id": phone.id, "token": bad})
        assert await status(carnet, bad) == 200  # nobody has looked since
        looks, listed.read_at = listed.looks, time.monotonic() - 60
        answers = await asyncio.gather(*[status(carnet, one) for one in [good, bad] * 10])
        assert answers == [200, 401] * 10
        assert listed.looks - looks == 1  # one look served them all
        info = await carnet.http.get("/fhir/Practitioner?_id=x", headers=bearer(bad))
        assert "revoked" in info.headers["www-authenticate"]


async def test_a_worker_that_cannot_read_revocations_trusts_nobody(
    database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "PAUSE", 3600.0)
    async with serving(database_urls, tmp_path) as carnet:
        token = carnet.token({**_doctor(), "scope": "user/*.rs"})
        listed = authority(carnet).revocations
        reach = listed.connect

        async def nowhere() -> Any:
            raise OSError

        for pages in (False, True):
            listed.drop()
            listed.connect, listed.read_at = nowhere, time.monotonic() - 60
            if pages:
                answer = await carnet.http.get("/auth/userinfo", headers=bearer(token))
                assert answer.status_code == 503
            else:
                assert [await status(carnet, token) for _ in range(2)] == [503, 503]
            listed.connect = reach
            assert await status(carnet, token) == 200


async def _count(workers: tuple[Carnet, Carnet]) -> None:
    """What is tried at one worker is counted by the other as well."""
    for number in range(pace.PASSWORD.most):
        await pace.keep(authority(workers[number % 2]), pace.PASSWORD, "a number")
    for worker in workers:
        with pytest.raises(Throttled):
            await pace.keep(authority(worker), pace.PASSWORD, "a number")


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
        async with asyncio.timeout(30):
            while {authority(worker).issuer.keys.kid for worker in (one, other)} != {kid}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        new = (await made.ask()).json()["access_token"]
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
        async with serving(database_urls, tmp_path, private_keys=True) as carnet:
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
            made.kid = "key-3"
            authority(carnet).ring.private = False  # as it is unless the operator says otherwise
            assert error(await made.ask()) == "invalid_client"
            assert answer["asked"] == 2


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/jwks", "https://127.0.0.1/jwks", "https://localhost/jwks", "https://[::1]/jwks",
        "https://10.0.0.1/jwks", "https://169.254.169.254/latest", "https://[::ffff:127.0.0.1]/jwks",
        "https://[64:ff9b::7f00:1]/jwks", "https://0x7f.1/jwks", "https://user@192.168.0.1/jwks", "https:///jwks",
        "https://224.0.0.1/jwks", "file:///etc/passwd", "https://[fe80::1]/jwks",
    ],
)  # fmt: skip
async def test_software_has_nothing_fetched_that_only_this_server_reaches(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *whom: reached.append(whom))
    with pytest.raises(fetching.UnreachableError):
        await fetching.got(address, private=False)
    assert reached == []


async def test_a_public_name_is_reached_at_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it stands for the next moment (DNS rebinding), and its certificate is that of the name."""
    monkeypatch.setattr(fetching, "numbers", _public_numbers)
    where, host, extensions = await fetching.pinned("https://keys.example:8443/a/jwks?x=1")
    assert where == "https://9.9.9.9:8443/a/jwks?x=1"
    assert (host, extensions) == ("keys.example:8443", {"sni_hostname": "keys.example"})


async def _public_numbers(_: str, __: int) -> list[str]:
    return ["9.9.9.9"]


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
    async with serving(module_database_urls, tmp_path_factory.mktemp("data"), private_keys=True) as made:
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
