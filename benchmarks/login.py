"""What twenty logins at once cost those who read: the p99 of reads, alone and beside logins that never stop.

    python -m benchmarks.login

One worker on a socket and, in another process, eight readers of a record and twenty who send passwords. The p99 beside
the logins must not be more than half above the p99 without. The rounds alternate, and the medians are compared: a
machine that does something else now and then does it to both.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from app.storage.embedded import Embedded
from app.storage.migrate import upgrade
from tests.people import HIDDEN, registered
from tests.post import office
from tests.running import listening
from tests.software import BACK
from tests.world import opened

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tests.serving import Tree

READERS, LOGINS, SECONDS, ROUNDS = 8, 20, 5.0, 5
LIMIT = 1.5


async def read(http: httpx.AsyncClient, path: str, token: str, until: float, took: list[float]) -> None:
    """Read until then; seconds of each read."""
    while time.perf_counter() < until:
        start = time.perf_counter()
        answer = await http.get(path, headers={"Authorization": f"Bearer {token}"})
        took.append(time.perf_counter() - start)
        answer.raise_for_status()


async def log_in(base: str, asked: Tree, number: int, until: float) -> int:
    """Send passwords until then, each from another address for another number; how many."""
    done = 0
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as http:
        page = (await http.get("/auth/authorize", params=asked, follow_redirects=True)).text
        found = HIDDEN.search(page)
        form = found[1] if found else ""
        while time.perf_counter() < until:
            typed, whence = f"{number:07d}{time.time_ns() % 10**8:08d}", f"10.{number}.{done >> 8}.{done & 255}"
            data = {"form": form, "step": "password", "number": typed, "password": "not the one"}
            answer = await http.post("/auth/login", data=data, headers={"X-Forwarded-For": whence})
            if answer.status_code != httpx.codes.BAD_REQUEST:  # what a wrong password is answered
                raise RuntimeError(answer.text)
            done += 1
    return done


async def rounds(base: str, path: str, token: str, asked: Tree) -> tuple[list[float], list[float], int]:
    """The p99 of each round alone, and beside logins; how many logins there were."""
    found: tuple[list[float], list[float]] = ([], [])
    logins = 0
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as http:
        for _ in range(ROUNDS):
            for beside in (False, True):
                until, took = time.perf_counter() + SECONDS, list[float]()
                people = [log_in(base, asked, one, until) for one in range(LOGINS if beside else 0)]
                readers = [read(http, path, token, until, took) for _ in range(READERS)]
                logins += sum((await asyncio.gather(asyncio.gather(*people), asyncio.gather(*readers)))[0])
                found[beside].append(statistics.quantiles(took, n=100)[98])
    return *found, logins


def callers(pipe: Connection, base: str, path: str, token: str, asked: Tree) -> None:
    """In a process of its own."""
    pipe.send(asyncio.run(rounds(base, path, token, asked)))


async def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder), durable=True) as server:
        await upgrade(server.urls.owner)
        async with listening(server.urls, Path(folder) / "data", proxies=["127.0.0.1/32"]) as carnet:
            record = await opened(carnet)
            async with office(carnet.settings) as made:  # on this loop
                phone = await registered(made, carnet, BACK)
            token = carnet.holder(record).headers["Authorization"].partition(" ")[2]
            ours, theirs = multiprocessing.Pipe()
            given = (theirs, carnet.settings.public_url, f"/fhir/Patient/{record}", token, phone.asked())
            process = multiprocessing.get_context("spawn").Process(target=callers, args=given)
            process.start()
            alone, beside, logins = await asyncio.to_thread(ours.recv)
            process.join()
    first, second = statistics.median(alone) * 1000, statistics.median(beside) * 1000
    print(f"p99 of reads: {first:.1f} ms alone, {second:.1f} ms beside {LOGINS} logins at once: {second / first:.2f}x")
    print(f"{logins} logins in {ROUNDS * SECONDS:.0f} s; the limit is {LIMIT}x")


if __name__ == "__main__":
    asyncio.run(main())
