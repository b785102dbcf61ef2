"""A worker at its limits: too many requests, too many from one caller, clients that take too long."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest

from app.access import Access, Kind
from app.errors import Throttled
from app.rest import pace
from app.rest.pace import MOST, Pace
from app.rest.server import BUNDLES
from tests.running import listening
from tests.serving import document, open_record, serving, transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.conftest import Cluster
    from tests.serving import Caller, Carnet

QUEUE, PATIENCE = 3, 1
LARGE = b"x" * (12 << 20)
FHIR = {"Content-Type": "application/fhir+json"}


LIMITS = {"queue": QUEUE, "connections": 12, "pool_size": 2}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, data: Path) -> AsyncIterator[Carnet]:
    async with listening(module_database_urls, data, **LIMITS) as made:
        yield made


@pytest.fixture(scope="module")
async def hasty(module_database_urls: Urls, data: Path) -> AsyncIterator[Carnet]:
    """Another worker of the same, that has no patience with its clients."""
    slow = {"header_timeout": PATIENCE, "body_timeout": PATIENCE, "send_timeout": PATIENCE, "request_timeout": 1500}
    async with listening(module_database_urls, data, **LIMITS, **slow) as made:
        yield made


@asynccontextmanager
async def held_up(
    cluster: Cluster, carnet: Carnet, lock: str = "audit_event IN SHARE ROW EXCLUSIVE MODE"
) -> AsyncIterator[None]:
    """By itself, nothing can be written to the trail meanwhile: whoever reads waits."""
    name = carnet.settings.database_url.partition("?")[0].rpartition("/")[2]
    link = await asyncpg.connect(cluster.url("postgres", name))
    try:
        async with link.transaction():
            await link.execute(f"LOCK TABLE {lock}")
            yield
    finally:
        await link.close()


async def until_they_wait(carnet: Carnet, count: int) -> None:
    """Wait until so many requests were let in."""
    async with asyncio.timeout(30):
        while sum(one._let_in for one in [*carnet.app.state.entrance._connections]) < count:  # noqa: ASYNC110, SLF001
            await asyncio.sleep(0.01)


async def test_one_request_too_many_is_told_at_once(carnet: Carnet, cluster: Cluster) -> None:
    doctor = carnet.doctor()
    async with httpx.AsyncClient(base_url=carnet.http.base_url, trust_env=False, timeout=60) as http:
        await asyncio.gather(*(doctor.get("Practitioner/none") for _ in range(QUEUE)), http.get("/health/live"))
        async with held_up(cluster, carnet):
            waiting = [asyncio.create_task(doctor.get("Practitioner/none")) for _ in range(QUEUE)]
            await until_they_wait(carnet, QUEUE)
            english = await http.get("/fhir/Patient", headers={"Accept-Language": "en"})
            french = await http.post("/fhir/Patient?_format=xml", content=b"{" * 100_000)
            head = await http.head("/fhir/Patient")
            token = await http.post("/auth/token", data={"a": "b"})
            live = await http.get("/health/live")
            metrics = await http.get("/metrics")
        answers = await asyncio.gather(*waiting)
    assert (english.status_code, english.headers["retry-after"]) == (503, "1")
    issue = english.json()["issue"][0]
    assert (issue["code"], issue["details"]["coding"][0]["code"]) == ("transient", "overloaded")
    assert issue["details"]["text"] == "The service is at its limit: try again."
    assert french.headers["content-type"].startswith("application/fhir+xml")
    assert "Le service est saturé" in french.text
    assert (head.status_code, head.content) == (503, b"")
    assert (token.status_code, token.json()) == (503, {"error": "temporarily_unavailable"})
    assert live.status_code == 200
    assert 'carnet_turned_away_total{why="full"} 4.0' in metrics.text
    assert [one.status_code for one in answers] == [404] * QUEUE
    assert (await doctor.get("Practitioner/none")).status_code == 404


async def test_a_bundle_waits_as_bytes_while_others_are_at_work(
    module_database_urls: Urls, cluster: Cluster, tmp_path: Path
) -> None:
    """One that cannot even be read is told so only when another is done; nobody else waits for it."""
    entry = {"request": {"method": "GET", "url": "Organization/none"}}
    asked = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    async with serving(module_database_urls, tmp_path) as carnet:
        doctor = carnet.doctor()
        assert (await doctor.post("", asked)).status_code == 200
        async with held_up(cluster, carnet, "organization"):
            slow = [asyncio.create_task(doctor.post("", asked)) for _ in range(BUNDLES)]
            async with asyncio.timeout(30):
                while not carnet.app.state.server.bundles.locked():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            late = asyncio.create_task(doctor.send("POST", "", content=b"{", headers=FHIR))
            assert not (await asyncio.wait({late}, timeout=0.5))[0]
            assert (await doctor.send("POST", "DocumentReference", content=b"{", headers=FHIR)).status_code == 400
        assert [(await one).status_code for one in slow] == [200] * BUNDLES
        assert (await late).status_code == 400
        within = asked | {"entry": [{"request": {"method": "POST", "url": "/"}}]}
        answers = await asyncio.gather(*(doctor.post("", within) for _ in range(BUNDLES)))
        assert {one.json()["entry"][0]["response"]["status"] for one in answers} == {"400 Bad Request"}, "none waits"


async def test_a_request_that_takes_too_long_is_given_up(
    module_database_urls: Urls, cluster: Cluster, tmp_path: Path
) -> None:
    async with serving(module_database_urls, tmp_path, request_timeout=500) as carnet:
        doctor = carnet.doctor()
        async with held_up(cluster, carnet):
            answer = await doctor.get("Practitioner/none")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "request-timeout"
        async with asyncio.timeout(120):  # a busy machine may need some of its short times
            while (await doctor.get("Practitioner/none")).status_code != 404:
                pass


async def said(carnet: Carnet, first: bytes, *, more: bytes = b"", every: float = 0.2) -> bytes:
    """What a client hears who sends something, then a little more now and then, until he is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", carnet.settings.port)
    writer.write(first)

    async def drip() -> None:
        while more:
            await asyncio.sleep(every)
            writer.write(more)

    dripping = asyncio.create_task(drip())
    heard = b""
    try:
        with suppress(ConnectionError):  # what he still sent when he was left resets the connection
            async with asyncio.timeout(60):
                while chunk := await reader.read(1000):
                    heard += chunk
    finally:
        dripping.cancel()
        writer.transport.abort()  # what was not sent is not waited for
    return heard


def head(caller: Caller, line: str, *headers: str) -> bytes:
    lines = (f"{line} HTTP/1.1", "Host: here", f"Authorization: {caller.headers['Authorization']}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n"


@pytest.mark.slow
async def test_clients_that_take_too_long_are_left(carnet: Carnet, hasty: Carnet) -> None:
    patient = carnet.doctor()  # a busy machine takes longer for these than the other has patience
    record = await open_record(patient, treating="810000000001")
    binary = await patient.send("POST", "Binary", content=LARGE, headers={"Content-Type": "application/pdf"})
    place = binary.headers["location"].split("/fhir/")[1].partition("/_history")[0]
    carnet, doctor = hasty, hasty.doctor()
    length = ("Content-Type: application/fhir+json", "Content-Length: 100000", "")
    slow_reader = asyncio.create_task(asyncio.open_connection("127.0.0.1", carnet.settings.port, limit=1024))
    reader, writer = await slow_reader
    writer.write(head(doctor, f"GET /fhir/{place}", "Accept: application/pdf", ""))
    nothing, dripped_head, dripped_body, quiet, endless = await asyncio.gather(
        said(carnet, b""),
        said(carnet, b"GET /fhir/metadata HTTP/1.1\r\nA: ", more=b"b"),
        said(carnet, head(doctor, "POST /fhir/Patient", *length), more=b" "),
        said(carnet, head(doctor, "POST /fhir/Patient", *length)),
        said(carnet, b"GET /fhir/metadata HTTP/1.1\r\nA: ", more=b"b" * (40 << 10), every=0.01),
    )
    late = b"HTTP/1.1 408 Request Timeout"
    assert [one.partition(b"\r\n")[0] for one in (nothing, dripped_head, dripped_body, quiet)] == [late] * 4
    assert endless.startswith(b"HTTP/1.1 431 ") or not endless
    taken = 0
    with suppress(ConnectionError):
        while chunk := await reader.read(1 << 20):
            taken += len(chunk)
    assert taken < len(LARGE)
    writer.close()
    answers = [(await doctor.get(f"Patient/{record}")).status_code for _ in range(5)]  # its own time is short here
    assert 200 in answers


@pytest.mark.slow
async def test_a_body_that_comes_slowly_but_does_come_is_read(hasty: Carnet) -> None:
    doctor = hasty.doctor()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b"y" * (16 << 10)
            await asyncio.sleep(0.4)

    answer = await doctor.send("POST", "Binary", content=pieces(), headers={"Content-Type": "application/pdf"})
    assert answer.status_code == 201, answer.text


async def test_one_connection_too_many_is_told_so(carnet: Carnet) -> None:
    await asyncio.sleep(0)
    opened = [await asyncio.open_connection("127.0.0.1", carnet.settings.port) for _ in range(13)]
    try:
        async with asyncio.timeout(30):
            done, _ = await asyncio.wait(
                [asyncio.ensure_future(reader.readline()) for reader, _ in opened], return_when="FIRST_COMPLETED"
            )
        assert next(iter(done)).result().startswith(b"HTTP/1.1 503 ")
    finally:
        for _, writer in opened:
            writer.close()


async def test_a_caller_past_his_rate(
    module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: 100.0))  # or a slow machine has more to take
    async with serving(module_database_urls, tmp_path_factory.mktemp("rate"), rate=1, burst=3) as carnet:
        doctor, other = carnet.doctor(), carnet.doctor("810000000002")
        answers = [await doctor.get("Practitioner/none") for _ in range(6)]
        assert [one.status_code for one in answers] == [404] * 3 + [429] * 3
        assert answers[-1].headers["retry-after"] == "1"
        assert answers[-1].json()["issue"][0]["details"]["coding"][0]["code"] == "too-many-requests"
        assert (await other.get("Practitioner/none")).status_code == 404
        batch = transaction(*[("", document("x"))] * 30) | {"type": "batch"}
        for entry in batch["entry"]:
            entry.pop("resource")
            entry["request"] = {"method": "GET", "url": "Practitioner/none"}
        assert (await other.post("", batch)).status_code == 200
        refused = await other.get("Practitioner/none")
        assert (refused.status_code, int(refused.headers["retry-after"]) > 20) == (429, True)
        token = doctor.headers["Authorization"]
        own = {"Authorization": token}
        assert (await carnet.http.get("/fhir/Practitioner/none", headers=own)).status_code == 429
        assert 'carnet_turned_away_total{why="rate"} 5.0' in (await carnet.http.get("/metrics")).text


def test_a_bucket_fills_again_and_is_forgotten() -> None:
    made = Pace(10, 5)
    one, other = (Access(Kind.PROFESSIONAL, name, client="ehr") for name in ("1", "2"))
    for _ in range(5):
        made.take(one, 100.0)
    with pytest.raises(Throttled) as first:
        made.take(one, 100.0)
    with pytest.raises(Throttled) as second:
        made.take(one, 100.05)
    assert (first.value.first, second.value.first) == (True, False)
    made.take(other, 100.0)
    made.take(one, 100.11)
    with pytest.raises(Throttled) as again:
        made.take(one, 100.11)
    assert again.value.first
    for number in range(MOST + 1):
        made.take(Access(Kind.PROFESSIONAL, f"x{number}", client="ehr"), 200.0)
        made.take(Access(Kind.PROFESSIONAL, f"y{number}", client="ehr"), 300.0)
    assert len(made) <= MOST
