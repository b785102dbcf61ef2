"""Full and read-only disks, bodies that break off, contents without rows, clocks that jump, two starts at once."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import httpx
import psutil
import pytest

from app.main import furnish
from app.records import orphans
from app.storage.embedded import OWNER, SERVE
from tests.faults.stack import Load, Stack, verify
from tests.running import listening
from tests.serving import actor, document, open_record, permit, serving
from tests.world import OTHER, moved, opened, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.storage.embedded import Urls
    from tests.conftest import Cluster
    from tests.serving import Caller, Carnet

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
DOCTOR = "810000000001"


def mounted(folder: Path, *options: str) -> None:
    """Mount a small disk in memory, or mount it anew; skips where that may not be done."""
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this account may not mount a disk")


@contextmanager
def small_disk(folder: Path, size: str, mode: str = "0700") -> Iterator[None]:
    """A disk of that size, as long as it lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted(folder, "-o", f"size={size},mode={mode}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Take all the room that a disk has left."""
    with ballast.open("wb") as file:
        while True:
            file.write(b"\0" * (1 << 16))
            file.flush()


async def rows(urls: Urls) -> tuple[int, int]:
    """How many documents and contents there are."""
    link = await asyncpg.connect(urls.owner)
    try:
        counted = [
            await link.fetchval(f"SELECT count(*) FROM public.{name}") for name in ("document_reference", "binary")
        ]
        return counted[0], counted[1]
    finally:
        await link.close()


async def says_missing(carnet: Carnet, *parts: str) -> None:
    """Return once the server says that it misses these parts and no other."""
    async with asyncio.timeout(60):
        while (await carnet.http.get("/health/ready")).json().get("missing", []) != [*parts]:
            await asyncio.sleep(0.05)


async def test_contents_on_a_full_and_on_a_read_only_disk(database_urls: Urls, tmp_path: Path) -> None:
    folder = tmp_path / "contents"
    with small_disk(folder, "80m"):
        async with serving(database_urls, tmp_path) as carnet:
            doctor = carnet.doctor()
            record = await open_record(doctor, treating=DOCTOR)
            first = await doctor.make(document(record, content=b"first"))
            await says_missing(carnet)
            for way in ("size=80m", "ro"):
                if way != "ro":
                    (folder / "ballast").write_bytes(b"\0" * (79 << 20))
                    with pytest.raises(OSError, match="No space"):
                        (folder / "more").write_bytes(b"\0" * (8 << 20))
                else:
                    mounted(folder, "-o", "remount,ro")
                before = await rows(database_urls)
                for size in (20_000, 3 << 20):
                    answer = await doctor.post("DocumentReference", document(record, content=b"x" * size))
                    assert answer.status_code == 503, answer.text[:300]
                    assert answer.json()["issue"][0]["code"] == "transient"
                raw = await doctor.send(
                    "POST", "Binary", content=b"x" * 900_000, headers={"Content-Type": "text/plain"}
                )
                assert raw.status_code == 503
                assert await rows(database_urls) == before
                await says_missing(carnet, "contents")
                assert (await doctor.get(f"DocumentReference/{first}")).status_code == 200
                if way == "ro":
                    mounted(folder, "-o", "remount,rw")
                for left in (folder / "ballast", folder / "more"):
                    left.unlink(missing_ok=True)
                await says_missing(carnet)
                assert (await doctor.post("DocumentReference", document(record, content=b"again"))).status_code == 201


async def test_the_database_on_a_full_disk() -> None:
    with tempfile.TemporaryDirectory(prefix="carnet-") as name:
        place = Path(name)
        place.chmod(0o711)
        with small_disk(place / "disk", "260m", "0711"):
            stack = Stack(place / "disk" / "data", workers=1)
            ballast = place / "disk" / "ballast"
            try:
                stack.start()
                async with httpx.AsyncClient(base_url=stack.url, timeout=30, trust_env=False) as http:
                    load = Load(stack.carnet(http), random.Random(1))
                    await load.open()
                    over = asyncio.Event()
                    asking = asyncio.create_task(load.run(4, over))
                    await asyncio.sleep(1)
                    with pytest.raises(OSError, match="No space"):
                        fill(ballast)
                    await asyncio.sleep(1)
                    async with asyncio.timeout(60):
                        while not load.unanswered:
                            await asyncio.sleep(0.02)
                    over.set()
                    await asking
                    ballast.unlink()
                    await asyncio.to_thread(stack.wait)
                    answered = len(load.answered)
                    over.clear()
                    asking = asyncio.create_task(load.run(4, over))
                    async with asyncio.timeout(60):
                        while len(load.answered) < answered + 20:
                            await asyncio.sleep(0.02)
                    over.set()
                    await asking
                    await verify(stack, load)
            finally:
                stack.stop()


async def test_bodies_that_break_off_leave_nothing(database_urls: Urls, tmp_path: Path) -> None:
    async with listening(database_urls, tmp_path) as carnet:
        doctor = carnet.doctor()
        record = await open_record(doctor, treating=DOCTOR)
        await doctor.make(document(record))
        before, files = await rows(database_urls), objects(carnet)
        for number in range(40):
            kind = ("DocumentReference", "application/fhir+json") if number % 2 else ("Binary", "application/pdf")
            await asyncio.to_thread(break_off, carnet, doctor, *kind, (100, 70_000, 900_000)[number % 3])
        async with asyncio.timeout(60):
            while objects(carnet) != files:
                await asyncio.sleep(0.05)
        assert await rows(database_urls) == before
        assert (await doctor.post("DocumentReference", document(record))).status_code == 201


def objects(carnet: Carnet) -> int:
    """Files of the store, unfinished ones too."""
    return sum(path.is_file() for path in (carnet.settings.data / "contents").rglob("*"))


def break_off(carnet: Carnet, caller: Caller, type: str, media: str, sent: int) -> None:
    """Send some of a body, and reset the connection."""
    head = f"POST /fhir/{type} HTTP/1.1\r\nHost: here\r\nContent-Type: {media}\r\nContent-Length: 1000000\r\n"
    with socket.create_connection(("127.0.0.1", carnet.settings.port)) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.sendall(f"{head}Authorization: {caller.headers['Authorization']}\r\n\r\n".encode() + b"{" * sent)
        time.sleep(0.02)


async def test_contents_of_no_row_are_found_and_dropped(database_urls: Urls, tmp_path: Path) -> None:
    async def three() -> AsyncIterator[bytes]:
        yield b"orphan" * 3

    async with serving(database_urls, tmp_path) as carnet:
        doctor = carnet.doctor()
        record = await open_record(doctor, treating=DOCTOR)
        kept = await doctor.make(document(record, content=b"kept"))
        held = await doctor.send("POST", "Binary", content=b"held", headers={"Content-Type": "text/plain"})
        async with furnish(carnet.settings) as office:
            made = [await office.contents.put(record, three(), limit=100) for _ in range(3)]
            await office.contents.settle([one.key for one in made])
            assert (await orphans.look(office)).orphans == []  # they are young: their rows may be on the way
            folder = tmp_path / "contents"
            today = next(folder.iterdir())
            names = [one.key.partition(".")[0].partition("/")[2] for one in made]
            (folder / "20250101").mkdir()
            for name in names[:2]:
                (today / name).rename(folder / "20250101" / name)
            found = await orphans.look(office)
            assert (found.orphans, found.missing) == (sorted(f"20250101/{name}" for name in names[:2]), 0)
            await orphans.drop(office, found.orphans)
            assert (await orphans.look(office)).orphans == []
            await office.database.pool.expire_connections()
        body = (await doctor.get(f"DocumentReference/{kept}")).json()["content"][0]["attachment"]["url"]
        assert (
            await doctor.get(body.rpartition("/fhir/")[2], headers={"Accept": "application/xml"})
        ).content == b"kept"
        assert held.status_code == 201
        link = await asyncpg.connect(database_urls.owner)
        await link.execute("UPDATE public.binary SET content = '20250101' || substr(content, 9) WHERE document <> ''")
        await link.close()
        done = subprocess.run(
            [sys.executable, "-P", "-m", "app.cli", "contents"], capture_output=True, text=True, check=False,
            env=environment(tmp_path) | {"CARNET_DATABASE_URL": database_urls.serve},
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert "1 missing" in done.stdout


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    return kept | {"CARNET_DATA": str(data), "PYTHONPATH": str(ROOT)}


async def test_a_clock_that_jumps(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        doctor, other = carnet.doctor(), carnet.doctor(OTHER)
        record = await opened(carnet, treating=DOCTOR)
        one = await doctor.make(document(record))
        await will(
            carnet.holder(record), record, "authorisation", permit(actor(OTHER), start="2026-01-01", end="2099-01-01")
        )
        path = f"DocumentReference/{one}"
        for by, status in (("0 days", 200), ("100 years", 404), ("0 days", 200), ("-10 years", 404), ("1 hour", 200)):
            async with moved(database_urls.owner, by):
                await asyncio.sleep(0.6)  # a clock that goes back is noticed four times a second
                assert (await other.get(path)).status_code == status, by
                body = (await doctor.get(path)).json() if status == 200 else None
                if body is not None:
                    changed = await doctor.put(path, body | {"description": f"at {by}"})
                    assert changed.status_code == 200, changed.text
        history = await doctor.get(f"{path}/_history?_count=2")
        seen = []
        while True:
            seen += [entry["resource"]["meta"]["versionId"] for entry in history.json()["entry"]]
            after = [link["url"] for link in history.json()["link"] if link["relation"] == "next"]
            if not after:
                break
            history = await doctor.get(after[0].partition("/fhir/")[2])
        assert len(seen) == len(set(seen)) == 3  # the second time at `0 days` changed nothing
        assert (await carnet.http.get("/health/ready")).status_code == 200


def test_two_servers_migrate_at_once(cluster: Cluster) -> None:
    name = f"test_{random.randrange(1 << 40):x}"
    cluster.make(name)
    try:
        urls = {"CARNET_DATABASE_URL": cluster.url(SERVE, name), "CARNET_DATABASE_OWNER_URL": cluster.url(OWNER, name)}
        with tempfile.TemporaryDirectory() as data:
            command = [sys.executable, "-P", "-m", "app.cli", "db", "upgrade"]
            both = [
                subprocess.Popen(
                    command, env=environment(Path(data)) | urls, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                )
                for _ in range(3)
            ]
            for one in both:
                said, _ = one.communicate(timeout=120)
                assert one.returncode == 0, said.decode()
            check = [*command[:-1], "check"]
            assert (
                subprocess.run(check, env=environment(Path(data)) | urls, check=False, capture_output=True).returncode
                == 0
            )
    finally:
        cluster.drop(name)


@asynccontextmanager
async def running(workers: int) -> AsyncIterator[tuple[Stack, Load]]:
    """A server, and a load that has begun its record."""
    with tempfile.TemporaryDirectory(prefix="carnet-") as name:
        Path(name).chmod(0o711)
        stack = Stack(Path(name) / "data", workers=workers)
        try:
            await asyncio.to_thread(stack.start)
            async with httpx.AsyncClient(base_url=stack.url, timeout=30, trust_env=False) as http:
                load = Load(stack.carnet(http), random.Random(2))
                await load.open()
                yield stack, load
        finally:
            stack.stop()


async def test_a_worker_without_memory_is_replaced() -> None:
    async with running(2) as (stack, load):
        async with asyncio.timeout(60):
            while len(stack.children()) < 2 or any(one.memory_info().rss < 100 << 20 for one in stack.children()):
                await asyncio.sleep(0.1)
        poor = stack.children()[0]
        now = poor.memory_info().vms
        poor.rlimit(psutil.RLIMIT_AS, (now + (2 << 20), now + (2 << 20)))
        over = asyncio.Event()
        asking = asyncio.create_task(load.run(6, over))
        try:
            async with asyncio.timeout(60):
                while poor.is_running() and poor.status() != psutil.STATUS_ZOMBIE:
                    large = document(load.record, content=os.urandom(6 << 20), description="large")
                    with suppress(httpx.TransportError):  # a connection of its own each time: the worker is drawn anew
                        answer = await load.doctor.post("DocumentReference", large, headers={"Connection": "close"})
                        assert answer.status_code in (201, 503), answer.text[:300]
        finally:
            over.set()
            await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(60):
            while len(stack.children()) < 2:
                await asyncio.sleep(0.1)
        await verify(stack, load)


async def test_one_orphaned_worker_lets_go_of_the_address() -> None:
    async with running(2) as (stack, load):
        workers = stack.children()
        assert stack.process is not None
        stack.process.kill()
        stack.process.wait()
        gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, 60)
        assert not alive
        assert len(gone) == 2
        await asyncio.to_thread(stack.start)
        await verify(stack, load)


def test_a_folder_that_is_gone_stops_the_start(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data", workers=1)
    (tmp_path / "data").write_text("no folder")
    command = [sys.executable, "-P", "-m", "app.cli", "serve"]
    done = subprocess.run(
        command, env=stack.environment(), capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
