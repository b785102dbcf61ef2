"""What an answer in XML costs beside the same in JSON, and a body in XML beside one in JSON.

    python -m benchmarks.formats [--rounds 5] [--times 200]

CPU time of the process for the whole ASGI application, without HTTP and without the database's own: one worker in this
process, a record of twenty documents. The formats take turns in each round, and the least of the rounds counts. XML may
cost six times JSON: more fails the run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.resources.validation import dump
from app.rest import xml
from app.storage.embedded import Embedded
from app.storage.migrate import upgrade
from tests.serving import document, serving
from tests.world import DOCTOR, opened

if TYPE_CHECKING:
    from tests.serving import Carnet

    Sample = tuple[str, str, bytes, int]
    """Method, path below /fhir, body in JSON, expected status."""

DOCUMENTS, LIMIT = 20, 6.0
JSON, XML = "application/fhir+json", "application/fhir+xml"


async def ask(carnet: Carnet, token: str, sample: Sample, kind: str) -> int:
    """One request to the application itself; how many bytes it answered."""
    method, path, body, status = sample
    address, _, query = path.partition("?")
    lines = {"authorization": token, "accept": kind, "content-type": kind, "content-length": str(len(body))}
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": f"/fhir/{address}",
        "raw_path": f"/fhir/{address}".encode(), "query_string": query.encode(), "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "headers": [(n.encode(), v.encode()) for n, v in lines.items()],
    }  # fmt: skip
    size = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal size
        if message["type"] == "http.response.start" and message["status"] != status:
            raise RuntimeError(message)
        size += len(message.get("body", b""))  # type: ignore[arg-type] # bytes, as ASGI says

    await carnet.app(scope, receive, send)  # type: ignore[arg-type] # dicts, as ASGI takes them
    return size


async def spent(carnet: Carnet, token: str, sample: Sample, kind: str, times: int) -> tuple[float, int]:
    """Microseconds of CPU of one request, and its bytes."""
    given = sample if kind == JSON or not sample[2] else (*sample[:2], xml.write(sample[2]), sample[3])
    size = await ask(carnet, token, given, kind)
    start = time.process_time()
    for _ in range(times):
        await ask(carnet, token, given, kind)
    return (time.process_time() - start) / times * 1e6, size


async def measured(carnet: Carnet, rounds: int, times: int) -> list[tuple[str, dict[str, tuple[float, int]]]]:
    """The least of the rounds, for each sample and format."""
    record = await opened(carnet)
    doctor = carnet.doctor(DOCTOR)
    made = [await doctor.make(document(record, content=b"<x%d/>" % n)) for n in range(DOCUMENTS)]
    samples: dict[str, Sample] = {
        "read by id": ("GET", f"DocumentReference/{made[0]}", b"", 200),
        f"search of {DOCUMENTS} documents": ("GET", f"DocumentReference?patient={record}&_count={DOCUMENTS}", b"", 200),
        "history of a document": ("GET", f"DocumentReference/{made[0]}/_history", b"", 200),
        "`$validate` of a document": ("POST", "DocumentReference/$validate", dump(document(record)), 200),
        "metadata": ("GET", "metadata", b"", 200),
    }
    found = []
    for name, sample in samples.items():
        turns = [
            {kind: await spent(carnet, doctor.headers["Authorization"], sample, kind, times) for kind in (JSON, XML)}
            for _ in range(rounds)
        ]
        found.append((name, {kind: min(turn[kind] for turn in turns) for kind in (JSON, XML)}))
    return found


async def main() -> None:
    """Measure and print; exit status 1 where XML costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formats", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder)) as cluster:
        await upgrade(cluster.urls.owner)
        async with serving(cluster.urls, Path(folder) / "data") as carnet:
            found = await measured(carnet, options.rounds, options.times)
    print("| | JSON, µs | bytes | XML, µs | bytes | times |\n|---|---:|---:|---:|---:|---:|")
    for name, said in found:
        (plain, few), (marked, many) = said[JSON], said[XML]
        print(f"| {name} | {plain:.0f} | {few} | {marked:.0f} | {many} | {marked / plain:.1f} |")
    sys.exit(1 if any(said[XML][0] > LIMIT * said[JSON][0] for _, said in found) else 0)


if __name__ == "__main__":
    asyncio.run(main())
