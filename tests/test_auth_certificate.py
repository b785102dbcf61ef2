"""Client certificates (RFC 8705) behind a proxy (RFC 9440): who is believed, what is bound, and a real nginx."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest

from app import registry
from app.auth.certificate import of_request, read
from app.auth.server.party import ALONE, CERTIFIED, SELF_SIGNED
from tests import certificates
from tests.running import listening
from tests.serving import Carnet, document, serving
from tests.software import bearer, claims, error, register
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from app.storage.embedded import Urls

AUTHORITY = certificates.make("AC d'essai", authority=True)
CABINET = certificates.make("cabinet.example", AUTHORITY)
OTHER = certificates.make("autre.example", AUTHORITY)
OVER = certificates.make("cabinet.example", AUTHORITY, days=0)
ALONE_SIGNED = certificates.make("seul.example")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
SUBJECT = CABINET.certificate.subject.rfc4514_string()


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    with make_database() as urls:
        async with serving(urls, tmp_path_factory.mktemp("data"), proxies={"127.0.0.1/32"}) as made:
            yield made


async def software(carnet: Carnet, **values: Any) -> str:
    """A structure's software that its server certificate stands for."""
    given = {"method": CERTIFIED, "subject_dn": SUBJECT, "grants": [ALONE], "kinds": ["software"], "bound": True}
    given |= {"scope": "system/*.cruds", "structure": "1750000001", "redirect_uris": []}
    return await register(carnet, **{**given, **values})


async def token(carnet: Carnet, client: str, header: str = "") -> httpx.Response:
    """Ask for a token, with the header of a proxy."""
    headers = {"Client-Cert": header} if header else {}
    return await carnet.http.post("/auth/token", data={"grant_type": ALONE, "client_id": client}, headers=headers)


async def test_a_server_certificate_deposits_for_its_structure(carnet: Carnet) -> None:
    record, client = await opened(carnet), await software(carnet)
    answer = await token(carnet, client, CABINET.header)
    assert answer.status_code == 200, answer.text
    made = answer.json()["access_token"]
    assert claims(made)["cnf"]["x5t#S256"] == read(CABINET.header).thumbprint  # type: ignore[union-attr] # it is one
    deposit = document(record)
    shown = {"Client-Cert": CABINET.header, "Content-Type": "application/fhir+json", **bearer(made)}
    assert (await carnet.http.post("/fhir/DocumentReference", json=deposit, headers=shown)).status_code == 201
    for stolen in ({}, {"Client-Cert": OTHER.header}, {"Client-Cert": OVER.header}, {"Client-Cert": "nonsense"}):
        headers = {k: v for k, v in shown.items() if k != "Client-Cert"} | stolen
        answer = await carnet.http.post("/fhir/DocumentReference", json=deposit, headers=headers)
        assert answer.status_code == 401
        assert "certificate" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("shown", ["", OTHER.header, OVER.header, ALONE_SIGNED.header, ":bm8=:", ":::", "x" * 9000])
async def test_another_certificate_or_none_is_nobody(carnet: Carnet, shown: str) -> None:
    assert error(await token(carnet, await software(carnet), shown)) == "invalid_client"


async def test_a_pinned_certificate_is_known_by_its_thumbprint(carnet: Carnet) -> None:
    pinned = read(ALONE_SIGNED.header)
    assert pinned is not None
    values = {"method": SELF_SIGNED, "subject_dn": "", "thumbprints": [pinned.thumbprint]}
    client = await software(carnet, **values)
    assert (await token(carnet, client, ALONE_SIGNED.header)).status_code == 200
    twin = certificates.make("seul.example")  # of the same name, with another key
    assert error(await token(carnet, client, twin.header)) == "invalid_client"


async def test_two_headers_are_nobodys(carnet: Carnet) -> None:
    client = await software(carnet)
    headers = [("Client-Cert", OTHER.header), ("Client-Cert", CABINET.header)]
    answer = await carnet.http.post("/auth/token", data={"grant_type": ALONE, "client_id": client}, headers=headers)
    assert error(answer) == "invalid_client"


async def test_a_header_from_elsewhere_than_the_proxy_is_not_read(carnet: Carnet) -> None:
    client = await software(carnet)
    transport = httpx.ASGITransport(app=carnet.app, client=("203.0.113.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url=carnet.settings.public_url) as stranger:
        form = {"grant_type": ALONE, "client_id": client}
        forged = {"Client-Cert": CABINET.header, "X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
        assert error(await stranger.post("/auth/token", data=form, headers=forged)) == "invalid_client"
        made = (await token(carnet, client, CABINET.header)).json()["access_token"]
        answer = await stranger.get("/fhir/Practitioner", headers=forged | bearer(made))
        assert answer.status_code == 401


@pytest.mark.parametrize("peer", ["", "unknown", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_only_the_addresses_of_the_setting_are_believed(carnet: Carnet, peer: str) -> None:
    assert of_request("127.0.0.1", CABINET.header, carnet.settings.proxies) is not None
    assert of_request(peer, CABINET.header, carnet.settings.proxies) is None
    assert of_request("127.0.0.1", CABINET.header, frozenset()) is None


@pytest.mark.parametrize(
    ("peer", "headers", "kept"),
    [
        ("127.0.0.1", [("X-Forwarded-For", "9.9.9.9, 203.0.113.9")], "203.0.113.9"),
        ("127.0.0.1", [("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-For", "203.0.113.9")], "203.0.113.9"),
        ("127.0.0.1", [("Forwarded", "for=9.9.9.9")], "127.0.0.1"),  # this proxy does not write it
        ("192.0.2.7", [("X-Forwarded-For", "9.9.9.9"), ("Forwarded", "for=9.9.9.9")], "192.0.2.7"),
    ],
)
async def test_the_trail_keeps_the_callers_address(
    carnet: Carnet, peer: str, headers: list[tuple[str, str]], kept: str
) -> None:
    request = secrets.token_hex(8)
    made = carnet.professional("810000000001", "10").headers["Authorization"]
    transport = httpx.ASGITransport(app=carnet.app, client=(peer, 5))
    async with httpx.AsyncClient(transport=transport, base_url=carnet.settings.public_url) as http:
        asked = [*headers, ("Authorization", made), ("X-Request-Id", request)]
        await http.get("/fhir/Patient/unknown", headers=asked)
        await http.post("/auth/token", data={"grant_type": "x"}, headers=[*headers, ("X-Request-Id", request)])
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    found = await link.fetch("SELECT address FROM audit_event WHERE request_id = $1", request)
    await link.close()
    assert [row["address"] for row in found] == [kept, kept]


CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  # RFC 9440 wants the DER in base64: that is the PEM without its first and last line and without the breaks.
  map $ssl_client_raw_cert $client_cert {{
    default "";
    "~^-+BEGIN CERTIFICATE-+\\n{groups}-+END CERTIFICATE-+" ":{parts}:";
  }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_client_certificate {authority}; ssl_verify_client optional; ssl_protocols TLSv1.2 TLSv1.3;
    location / {{
      proxy_pass http://127.0.0.1:{server};
      proxy_set_header Client-Cert $client_cert;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""
ELSEWHERE = "127.0.0.9"
"""Whence clients come to the proxy: another address than the one it comes to the server from."""
LINES = 40
"""Lines of base64 that the map takes, 64 characters each: 1.9 kB of DER."""


def configuration(**places: object) -> str:
    """The nginx of `docs/operating.md`."""
    groups = "".join(f"(?:(?<l{number}>[A-Za-z0-9+/=]+)\\n)?" for number in range(LINES))
    return CONFIGURATION.format(groups=groups, parts="".join(f"$l{n}" for n in range(LINES)), **places)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def proxy(folder: Path, port: int) -> Iterator[None]:
    """An nginx that answers, until the end."""
    program = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as running:
        try:
            limit = time.monotonic() + 10
            while time.monotonic() < limit and running.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.02)
            assert running.poll() is None, running.stderr.read() if running.stderr else ""
            yield
        finally:
            running.terminate()


def client_of(authority: str, shown: tuple[str, str] | None) -> httpx.Client:
    """A client of the proxy, which shows a certificate or none."""
    context = ssl.create_default_context(cafile=authority)
    if shown:
        context.load_cert_chain(*shown)
    transport = httpx.HTTPTransport(verify=context, trust_env=False, local_address=ELSEWHERE)
    return httpx.Client(transport=transport, headers={"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=9.9.9.9"})


@pytest.mark.slow
@pytest.mark.skipif(NGINX is None, reason="nginx is not here")
async def test_a_real_nginx_ends_tls_and_hands_the_certificate_on(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path: Path
) -> None:
    port, (own, key) = free_port(), certificates.make("localhost", AUTHORITY).write(tmp_path, "server")
    authority, _ = AUTHORITY.write(tmp_path, "authority")
    with make_database() as urls:
        async with listening(urls, tmp_path / "data", proxies={"127.0.0.1/32"}) as carnet:
            values = {
                "name": "A cabinet",
                "method": CERTIFIED,
                "subject_dn": SUBJECT,
                "grants": (ALONE,),
                "bound": True,
            }
            values |= {"kinds": ("software",), "scope": "system/*.cruds", "structure": "1750000001"}
            client = await registry.add(carnet.settings, values)
            server = carnet.settings.port
            text = configuration(
                folder=tmp_path, port=port, server=server, certificate=own, key=key, authority=authority
            )
            (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
            with proxy(tmp_path, port):
                await asyncio.to_thread(_through, client, f"https://localhost:{port}", authority, tmp_path)
            assert await _addresses(urls) == {"", ELSEWHERE}  # the operator's own acts have none


async def _addresses(urls: Urls) -> set[str]:
    """What the trail holds of whence everything came."""
    link = await asyncpg.connect(urls.owner)
    try:
        return {str(row["address"]) for row in await link.fetch("SELECT DISTINCT address FROM audit_event")}
    finally:
        await link.close()


def _through(client: str, base: str, authority: str, folder: Path) -> None:
    form, mine = {"grant_type": ALONE, "client_id": client}, CABINET.write(folder, "cabinet")
    with client_of(authority, mine) as cabinet, client_of(authority, None) as nobody:
        answer = cabinet.post(f"{base}/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        made = bearer(answer.json()["access_token"])
        assert cabinet.get(f"{base}/fhir/Practitioner", headers=made).status_code == 200
        forged = {"Client-Cert": CABINET.header}
        assert nobody.get(f"{base}/fhir/Practitioner", headers=made | forged).status_code == 401
        assert nobody.post(f"{base}/auth/token", data=form, headers=forged).status_code == 401
        with client_of(authority, OTHER.write(folder, "other")) as other:
            assert other.post(f"{base}/auth/token", data=form, headers=forged).status_code == 401
            assert other.get(f"{base}/fhir/Practitioner", headers=made | forged).status_code == 401
        with client_of(authority, ALONE_SIGNED.write(folder, "alone")) as unsigned:
            assert unsigned.post(f"{base}/auth/token", data=form).status_code == 400  # nginx refuses it
