"""What it takes to tell 100 000 people something, and what that costs those who read meanwhile.

    python -m benchmarks.notices [--pending 100000] [--records 1000]

A server on a socket, `carnet worker` beside it, and in processes of their own a mail server and an SMS gateway that
take everything, and readers who ask for a document at a steady pace. Half of the holders are told by mail, half by text
message. The notices pending are so ordered that no two of a batch are of one record: each becomes a message of its own.
The worker may be no slower than 500 messages a second, and a read no slower than a fifth over what it takes alone.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import httpx

from app.storage.embedded import Embedded
from app.storage.migrate import upgrade
from benchmarks.cpu import Spent, spent
from benchmarks.servers import postmaster
from tests.running import listening
from tests.serving import document
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from multiprocessing.connection import Connection

    from tests.serving import Carnet

T = TypeVar("T")
READERS, PACE, ALONE = 8, 0.05, 20.0
"""Readers at once, seconds from one read of each to his next, seconds that they are measured alone."""
AT_ONCE = 8
LEAST, MOST = 500.0, 1.2
CLONE = """INSERT INTO notice (record, kind, event, recorded, subject)
SELECT record, kind, event, recorded, subject FROM notice n, generate_series(2, $1) g WHERE kind = 'new-document'
ORDER BY g, n.id"""
LEFT = "SELECT (SELECT count(*) FROM notice), (SELECT count(*) FROM message)"


class Mail(asyncio.Protocol):
    """The least of a mail server: takes every mail, and counts it."""

    taken = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Greet."""
        self.wire, self.data, self.waiting = transport, False, b""
        self.wire.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each line, or the end of a mail."""
        self.waiting += data
        while True:
            end = b"\r\n.\r\n" if self.data else b"\r\n"
            line, found, rest = self.waiting.partition(end)
            if not found:
                return
            self.waiting = rest
            if self.data:
                Mail.taken += 1
                self.data = False
            elif line.upper() == b"DATA":
                self.data = True
                self.wire.write(b"354 go on\r\n")
                continue
            self.wire.write(b"250 OK\r\n")


class Phone(asyncio.Protocol):
    """The least of an SMS gateway: answers every request with 202, and counts it."""

    taken = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        self.wire, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each request whose body is there."""
        self.waiting += data
        head, found, body = self.waiting.partition(b"\r\n\r\n")
        length = next((int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")), 0)
        if found and len(body) >= length:
            self.waiting = body[length:]
            Phone.taken += 1
            self.wire.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")


async def take(pipe: Connection) -> None:
    """Both of them, until told to end; then how much each took."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(kind, "127.0.0.1", 0) for kind in (Mail, Phone)]
    pipe.send([one.sockets[0].getsockname()[1] for one in servers])
    await asyncio.to_thread(pipe.recv)
    pipe.send((Mail.taken, Phone.taken))


def sinks(pipe: Connection) -> None:
    """In a process of its own."""
    asyncio.run(take(pipe))


async def read(http: httpx.AsyncClient, path: str, number: int, pipe: Connection, took: list[float]) -> None:
    """Read at a steady pace until told to end."""
    await asyncio.sleep(PACE * number / READERS)
    until = time.perf_counter()
    while not pipe.poll():
        until += PACE
        start = time.perf_counter()
        (await http.get(path)).raise_for_status()
        took.append(time.perf_counter() - start)
        await asyncio.sleep(max(0.0, until - time.perf_counter()))


async def rounds(pipe: Connection, base: str, path: str, token: str) -> None:
    """One round of reads after the other, each from a word to the next."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=60) as http:
        while await asyncio.to_thread(pipe.recv):
            took: list[float] = []
            await asyncio.gather(*(read(http, path, number, pipe, took) for number in range(READERS)))
            pipe.recv()
            pipe.send(took)


def readers(pipe: Connection, *given: str) -> None:
    """In a process of its own."""
    asyncio.run(rounds(pipe, *given))


async def fill(carnet: Carnet, records: int, pending: int) -> str:
    """Records whose holders are told of a document each, and as many notices more as there are to be.

    The document that is read is of another record, where nobody is told: a read would leave a notice of its own.
    """
    gate, doctor = asyncio.Semaphore(AT_ONCE), carnet.doctor()

    async def one(number: int) -> None:
        mail = {"system": "email", "value": f"holder{number}@mail.example"}
        phone = {"system": "phone", "use": "mobile", "value": f"+336{number:08d}"}
        async with gate:
            record = await opened(carnet, telecom=[phone if number % 2 else mail])
            await doctor.make(document(record))

    await asyncio.gather(*map(one, range(records)))
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    await link.execute(CLONE, pending // records)
    await link.execute("VACUUM ANALYZE")
    await link.close()
    return await doctor.make(document(await opened(carnet)))


async def drained(carnet: Carnet, ports: list[int], postmaster: int) -> tuple[float, Spent]:
    """Seconds that a worker takes from its start until nothing waits, and the CPU time of it and of the database."""
    settings = carnet.settings
    mail, phone = ports
    values = {
        "DATA": settings.data, "DATABASE_URL": settings.database_url, "BASE_URL": settings.public_url,
        "DATABASE_OWNER_URL": settings.database_owner_url, "SMTP_URL": f"smtp://127.0.0.1:{mail}",
        "SMS_URL": f"http://127.0.0.1:{phone}/messages",
    }  # fmt: skip
    environment = os.environ | {f"CARNET_{name}": str(value) for name, value in values.items()}
    link = await asyncpg.connect(settings.database_owner_url)
    start = time.perf_counter()
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.cli", "worker", env=environment)
    told, before = 0, spent(worker.pid, postmaster)
    while any(left := await link.fetchrow(LEFT)):
        seconds = int(time.perf_counter() - start)
        if seconds // 20 > told:
            told = seconds // 20
            print(f"{seconds} s: {left[0]} notices and {left[1]} messages wait", flush=True)
        await asyncio.sleep(0.5)
    took, cost = time.perf_counter() - start, spent(worker.pid, postmaster) - before
    worker.send_signal(signal.SIGTERM)
    await worker.wait()
    await link.close()
    return took, cost


async def main(pending: int, records: int) -> bool:
    """Measure, print, and say whether both limits hold."""
    context = multiprocessing.get_context("spawn")
    sink, theirs = multiprocessing.Pipe()
    taking = context.Process(target=sinks, args=(theirs,))
    taking.start()
    ports = sink.recv()
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder), durable=True) as server:
        await upgrade(server.urls.owner)
        async with listening(server.urls, Path(folder) / "data", notices=False) as carnet:
            there = await fill(carnet, records, pending)
            token = carnet.doctor().headers["Authorization"].partition(" ")[2]
            ours, theirs = multiprocessing.Pipe()
            address = (carnet.settings.public_url, f"/fhir/DocumentReference/{there}", token)
            reading = context.Process(target=readers, args=(theirs, *address))
            reading.start()

            async def beside(work: Awaitable[T]) -> tuple[T, list[float]]:
                ours.send("read")
                took = await work
                ours.send("enough")
                return took, await asyncio.to_thread(ours.recv)

            await beside(asyncio.sleep(ALONE))  # to warm up
            master = postmaster(server)
            idle = spent(os.getpid(), master).database
            _, alone = await beside(asyncio.sleep(ALONE))
            idle = (spent(os.getpid(), master).database - idle) / ALONE
            (took, cost), busy = await beside(drained(carnet, ports, master))
            _, after = await beside(asyncio.sleep(ALONE))
            ours.send("")
            reading.join()
    sink.send(None)
    mails, texts = sink.recv()
    taking.join()
    each = 1000 / (mails + texts)
    print(
        f"CPU of a message: {cost.server * each:.2f} ms, and {(cost.database - idle * took) * each:.2f} of the database"
    )
    return report(took, mails, texts, alone + after, busy)


def report(took: float, mails: int, texts: int, alone: list[float], busy: list[float]) -> bool:
    """Print what was measured."""
    rate = (mails + texts) / took
    print(f"{mails} mails and {texts} text messages in {took:.0f} s: {rate:.0f} a second; at least {LEAST:.0f}")
    first, second = statistics.median(alone) * 1000, statistics.median(busy) * 1000
    print(f"a read: {first:.2f} ms alone, {second:.2f} ms beside: {second / first:.2f}x; at most {MOST}x")
    tails = [statistics.quantiles(one, n=100)[98] * 1000 for one in (alone, busy)]
    print(f"p99: {tails[0]:.1f} ms alone, {tails[1]:.1f} ms beside; {READERS / PACE:.0f} reads a second")
    return rate >= LEAST and second / first <= MOST


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pending", type=int, default=100_000)
    parser.add_argument("--records", type=int, default=1000)
    asked = parser.parse_args()
    sys.exit(not asyncio.run(main(asked.pending, asked.records)))
