"""Filling the server through its own HTTP interface (api.md sections 3 and 4), and what was made, for the load.

Each record is one opening transaction and, where it is to be read, one transaction of its documents. The depositor is
one professional and the reader another, whom an authorisation names: so a read is decided by the relation and the
matrix, not by the deposit.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import httpx

from benchmarks import bodies

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

IN_FLIGHT = 8
TIMEOUT = 60
FHIR_JSON = "application/fhir+json"
LOCATION = re.compile(r"(?P<type>[A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(/_history/|$)")


@dataclass(frozen=True, slots=True)
class Record:
    """One seeded record: its id, its holder's INS and the ids of its documents (none in a record kept for writing)."""

    id: str
    ins: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seeded:
    """Everything that the load draws from."""

    read: tuple[Record, ...]
    written: tuple[Record, ...]

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> Seeded:
        """Read what `save` wrote."""
        kept = json.loads(path.read_text())
        return cls(
            *(
                tuple(Record(r["id"], r["ins"], tuple(r["documents"])) for r in kept[name])
                for name in ("read", "written")
            )
        )


class Seeder:
    """Seeds one server: `base` is its FHIR base, `token` the depositor's."""

    def __init__(self, base: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR_JSON}
        self.client = httpx.AsyncClient(headers=headers, timeout=TIMEOUT)
        self.base = base
        self.free = asyncio.Semaphore(IN_FLIGHT)

    async def record(self, index: int, documents: int, patched: int = 0) -> Record:
        """Open the record of holder `index` and deposit so many documents in it; and `patched` that are to change."""
        async with self.free:
            holder = bodies.person(index)
            reader = bodies.READER if documents else bodies.OTHER
            created = await self._transaction(bodies.opening(holder, index, reader))
            record = created[0][1]
            if patched:
                await self._transaction(bodies.deposits(record, holder.ins, f"{bodies.PATCHED}.{index}", patched))
            if not documents:
                return Record(record, holder.ins)
            created = await self._transaction(bodies.deposits(record, holder.ins, f"1.{index}", documents))
            return Record(record, holder.ins, tuple(id for _, id in created))

    async def _transaction(self, body: str) -> list[tuple[str, str]]:
        answer = await self.client.post(self.base, content=body.encode())
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"seeding: {answer.status_code} {answer.text[:2000]}")
        return [created(entry["response"]) for entry in answer.json()["entry"]]


def created(response: dict[str, str]) -> tuple[str, str]:
    """Type and id that a transaction's entry was given; RuntimeError where it was not created."""
    found = LOCATION.search(response.get("location", ""))
    if not found or not response["status"].startswith("201"):
        raise RuntimeError(f"not created: {response}")
    return found["type"], found["id"]


async def _all(seeder: Seeder, tasks: list[Coroutine[None, None, Record]]) -> tuple[Record, ...]:
    async with seeder.client:
        return tuple(await asyncio.gather(*tasks))


def seed(base: str, token: str, *, records: int, documents: int, written: int, patched: int = 0) -> Seeded:
    """`records` records of `documents` documents each, and `written` open ones; RuntimeError if refused.

    These have `patched` documents each, whose labels are there to be changed.
    """
    seeder = Seeder(base, token)
    tasks = [seeder.record(index, documents) for index in range(records)]
    tasks += [seeder.record(index, 0, patched) for index in range(records, records + written)]
    made = asyncio.run(_all(seeder, tasks))
    return Seeded(made[:records], made[records:])
