"""The chain with real servers: a worker killed under load, a restored dump, a time-stamp authority."""

from __future__ import annotations

import asyncio
import http.server
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import asyncpg
import httpx
import psutil
import pytest

from app.auth import mint
from app.auth.keys import SigningKeys
from app.lifecycle import sealing
from app.settings import Settings
from app.storage.anchors import AnchorError, anchor, attests
from app.storage.embedded import Embedded
from app.storage.sealing import Head
from tests.serving import patient, serving
from tests.test_serve import CARNET, environment, served
from tests.world import nir, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.storage.embedded import Urls

pytestmark = pytest.mark.slow


def verified(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CARNET, "audit", "verify"], env=environment(data, port), capture_output=True, text=True, check=False
    )


async def load(url: str, token: str, answered: list[str], until: asyncio.Event) -> None:
    """Reads and creates until told to end; keeps the request ids of those that were answered."""
    async with httpx.AsyncClient(base_url=f"{url}/fhir", headers={"Authorization": f"Bearer {token}"}) as client:
        number = 0
        while not until.is_set():
            number += 1
            name = f"{id(client)}-{number}"
            try:
                if number % 3:
                    answer = await client.get("Organization?_id=x", headers={"X-Request-Id": name})
                else:
                    sent = {"json": patient(nir()), "headers": {"X-Request-Id": name}}
                    answer = await client.post("Patient", **sent)  # type: ignore[arg-type]
            except httpx.TransportError:
                continue
            if answer.is_success:
                answered.append(name)


async def test_workers_killed_under_load_leave_a_chain_that_holds(tmp_path: Path) -> None:
    """What was answered is in the trail and in a block; the server is stopped, killed and started again meanwhile."""
    tmp_path.chmod(0o711)  # noqa: ASYNC240
    data, answered = tmp_path / "data", list[str]()
    for kill in (True, False):
        with served(data, "--workers", "2") as server:
            port = int(server.url.rpartition(":")[2])
            settings = Settings(data=data, port=port)
            token = mint.mint(SigningKeys.load(data), settings, mint.professional("810000000001"), 3600)
            end = asyncio.Event()
            tasks = [asyncio.create_task(load(server.url, token, answered, end)) for _ in range(8)]
            for _ in range(3):
                await asyncio.sleep(1.5)
                children = psutil.Process(server.process.pid).children(recursive=True)
                workers = [one for one in children if "postgres" not in one.name() and not one.children()]
                if kill and workers:
                    workers[0].kill()
            end.set()
            await asyncio.gather(*tasks)
            await asyncio.to_thread(os.kill, server.process.pid, signal.SIGTERM)
            await asyncio.to_thread(server.process.wait, 30)
    done = await asyncio.to_thread(verified, data, port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was changed" in done.stdout
    assert "in no block" not in done.stdout
    assert len(answered) > 50
    said = await asyncio.to_thread(_request_ids, data)
    assert not set(answered) - said


def _request_ids(data: Path) -> set[str]:
    async def ids(url: str) -> set[str]:
        link = await asyncpg.connect(url)
        rows = await link.fetch("SELECT request_id FROM audit_event")
        await link.close()
        return {row["request_id"] for row in rows}

    with Embedded(data) as server:
        return asyncio.run(ids(server.urls.owner))


CONFIGURATION = """
[ tsa ]
default_tsa = one
[ one ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


def openssl(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A time-stamp authority of `openssl ts`: its URL, and the folder with its certificates."""
    folder = tmp_path / "tsa"
    folder.mkdir()
    (folder / "serial").write_text("01")
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder))
    (folder / "ext").write_text("extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n")
    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA", folder=folder)
    openssl("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA", folder=folder)
    issue = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext", "-out", "tsa.pem")
    openssl("x509", "-req", "-in", "tsa.csr", *issue, folder=folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            (folder / "asked").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl("ts", "-reply", "-config", "conf", "-queryfile", "asked", "-out", "answer", folder=folder)
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "answer").read_bytes())

        def log_message(self, *_: object) -> None:
            """Not in the output of the tests."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", folder
    server.shutdown()
    thread.join()
    server.server_close()


async def test_an_authority_attests_the_newest_block(
    database_urls: Urls, tmp_path: Path, authority: tuple[str, Path]
) -> None:
    url, folder = authority
    elsewhere = tmp_path / "elsewhere" / "lines"
    places = (f"tsp+{url}", f"file://{elsewhere}")
    async with serving(database_urls, tmp_path / "data", notices=False, anchors=places) as carnet:
        await opened(carnet)
        office = carnet.app.state.server.door._office  # noqa: SLF001
        await office.sealer.all()
        (sealing.own(office).path).unlink(missing_ok=True)
        assert await sealing.keep(office, sealing.anchors(office)) == 3
        assert await sealing.keep(office, sealing.anchors(office)) == 0
        newest = await office.sealer.newest()
    stamp = tmp_path / "data" / "trail" / "stamps" / f"{newest.number}.tsr"
    assert attests(stamp.read_bytes(), newest)
    wanted = ("ts", "-verify", "-in", str(stamp), "-CAfile", "ca.pem", "-untrusted", "tsa.pem", "-digest")
    assert openssl(*wanted, newest.digest, folder=folder).returncode == 0
    assert openssl(*wanted, "00" * 32, folder=folder).returncode == 1
    head = Head(tmp_path / "data" / "trail" / "head").read()
    assert head is not None
    assert head.number >= newest.number
    assert elsewhere.read_bytes() == newest.line()
    (folder / "answer").write_bytes(b"")
    stranger = anchor(f"tsp+{url}none", tmp_path)
    (folder / "conf").unlink()
    with pytest.raises(AnchorError):
        await stranger.keep(newest)
