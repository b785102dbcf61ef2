"""How long a record takes to open, and to be destroyed with ten thousand documents in it.

    python -m benchmarks.life [--openings 500] [--documents 10000]

A server on a socket, one worker, its own PostgreSQL, durable. An opening is what a consultation sends in one
transaction: the identity, express consent, both oppositions, the treating physician, a first authorisation, and an
address at which the holder is told. A destruction is `$destroy` by the holder while somebody else reads a document of
the record without pause: seconds until the answer, and until the reader is told that there is nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.main import settle
from app.storage.embedded import Embedded
from app.storage.migrate import upgrade
from tests.running import listening
from tests.serving import actor, care_team, consent, document, opposition, patient, permit, transaction
from tests.world import base, nir, opened

if TYPE_CHECKING:
    from tests.serving import Carnet, Tree

LOT = 500
OPENS, ENDS, UNREADABLE = 0.015, 5.0, 1.0
NAMES = [f"urn:uuid:00000000-0000-4000-8000-00000000000{number}" for number in range(6)]
FRAUD = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "fraud"}]}


def opening(carnet: Carnet) -> Tree:
    """What opens a record in a consultation."""
    holder, mine = NAMES[0], base(carnet)
    telecom = [{"system": "email", "value": "holder@mail.example"}]
    trees = [
        patient(nir(), telecom=telecom),
        consent(holder, "opening", base=mine),
        consent(holder, "emergency-opposition", opposition("BTG"), base=mine),
        consent(holder, "emergency-opposition", opposition("ETREAT"), base=mine),
        consent(holder, "authorisation", permit(actor("810000000001")), base=mine),
        care_team(holder, "810000000001"),
    ]
    return transaction(*zip(NAMES, trees, strict=True))


async def openings(carnet: Carnet, number: int) -> list[float]:
    """Seconds of each, one after the other; the first fifth warms up."""
    doctor, took = carnet.doctor(), []
    for place in range(number + number // 5):
        if place == number // 5:
            settle()  # as `carnet serve` does for its workers
        body = opening(carnet)
        start = time.perf_counter()
        answer = await doctor.post("", body)
        took.append(time.perf_counter() - start)
        answer.raise_for_status()
    return took[number // 5 :]


async def filled(carnet: Carnet, number: int) -> tuple[str, str]:
    """A record of so many documents, each with a content, and one of them."""
    record, doctor, there = await opened(carnet), carnet.doctor(), ""
    for start in range(0, number, LOT):
        trees = [document(record) for _ in range(min(LOT, number - start))]
        entries = [{"request": {"method": "POST", "url": "DocumentReference"}, "resource": tree} for tree in trees]
        answer = await doctor.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries}, timeout=120)
        answer.raise_for_status()
        there = answer.json()["entry"][0]["response"]["location"].split("/")[1]
    return record, there


async def destruction(carnet: Carnet, number: int) -> tuple[float, float]:
    """Seconds until `$destroy` is answered, and until the depositor reads nothing more."""
    record, there = await filled(carnet, number)
    doctor, start, gone = carnet.doctor(), time.perf_counter(), 0.0

    async def until_gone() -> None:
        nonlocal gone
        while (await doctor.get(f"DocumentReference/{there}")).is_success:
            pass
        gone = time.perf_counter() - start

    reader = asyncio.ensure_future(until_gone())
    answer = await carnet.holder(record).post(f"Patient/{record}/$destroy", FRAUD, timeout=60)
    took = time.perf_counter() - start
    answer.raise_for_status()
    await reader
    return took, gone


async def main(number: int, documents: int) -> bool:
    """Measure, print, and say whether all of it is as fast as it has to be."""
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder), durable=True) as server:
        await upgrade(server.urls.owner)
        async with listening(server.urls, Path(folder) / "data", notices=False) as carnet:
            took = await openings(carnet, number)
            ended, gone = await destruction(carnet, documents)
    middle, tail = statistics.median(took), statistics.quantiles(took, n=100)[98]
    print(f"an opening: {middle * 1000:.1f} ms at the median, p99 {tail * 1000:.1f} ms; at most {OPENS * 1000:.0f} ms")
    print(f"{documents} documents destroyed in {ended:.2f} s, at most {ENDS:.0f} s")
    print(f"unreadable after {gone:.2f} s, at most {UNREADABLE:.0f} s")
    return middle <= OPENS and ended <= ENDS and gone <= UNREADABLE


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--openings", type=int, default=500)
    parser.add_argument("--documents", type=int, default=10_000)
    asked = parser.parse_args()
    sys.exit(not asyncio.run(main(asked.openings, asked.documents)))
