"""Sealing the trail: once a second whatever was written since becomes a block of the chain (`app.storage.chain`).

No act waits for it. Of several workers one at a time seals, for all; what a killed one left, the next one finds. What
is new is told by the database: rows that are visible now and were not in the snapshot of the last block, so that a row
is in one block exactly, however late its transaction ended.

The last block is remembered, and kept outside the database as well (`<data>/trail/head`): where it is gone or another
one, the chain goes on with a block that says so.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import Integer, Text, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.errors import Refusal
from app.storage.chain import DIGEST, KEY, START, Block, Kind, Ring, root
from app.storage.statement import Statement
from app.storage.tables import audit_block, audit_leaf

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from asyncpg import Record

    from app.storage.keys import KeyStore
    from app.storage.session import Database, Link

FAULTS = (Refusal, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What stands against sealing now, and may be gone a second later."""
LOCK = 0x636861696E
"""Key of the advisory lock: `chain` in ASCII."""
MONTHS = 2
"""Months to come whose partitions of the trail are there."""
MOST = 10_000
"""Rows of one block; more are the next block's, unless one transaction wrote them."""

_since = bindparam("since", type_=Text)
ALONE = Statement(select(func.pg_try_advisory_xact_lock(bindparam("key"))))
WAIT = Statement(select(func.pg_advisory_xact_lock(bindparam("key"))))
WAITING = Statement(select(func.carnet.waiting(_since)))
_unsealed = func.carnet.unsealed(_since, bindparam("most", type_=Integer)).table_valued(
    "until", "month", "forgotten", "records", "earliest", "latest", "leaves"
)
UNSEALED = Statement(select(_unsealed, func.carnet.now().label("now")))
RENUMBER = Statement(select(func.carnet.renumber(_since)))
NOW = Statement(select(func.carnet.now()))
_columns = (audit_block.c.number, audit_block.c.header, audit_block.c.signature)
LAST = Statement(select(*_columns).order_by(audit_block.c.number.desc()).limit(1))
BLOCK = Statement(select(*_columns).where(audit_block.c.number == bindparam("number")))
ADD = Statement(insert(audit_block).values(**{one.name: bindparam(one.name) for one in _columns}))
KEEP = Statement(insert(audit_leaf).values(**{one.name: bindparam(one.name) for one in audit_leaf.c}))
AHEAD = Statement(select(func.carnet.trail_ahead(bindparam("months", type_=Integer))))
OVER = Statement(
    select(func.carnet.trail_over(bindparam("years", type_=Integer)).table_valued("month", "rows", "blocks"))
)
DROP = Statement(select(func.carnet.trail_drop(bindparam("month"))))
EVIDENT = ("shown_salt", "judged_salt", "judged", "named", "was", "leaf")
_evidence = func.carnet.evidence(bindparam("record", type_=Text), bindparam("ids", type_=ARRAY(Text)))
EVIDENCE = Statement(select(_evidence.table_valued("id", "month", "recorded", *EVIDENT)))
"""What the chain knows of rows of one record: salts and digests of their parts, and their own digest."""
HOLDING = Statement(
    select(audit_leaf.c.number, audit_leaf.c.leaves)
    .where(audit_leaf.c.month == bindparam("month"), audit_leaf.c.latest >= bindparam("recorded"))
    .order_by(audit_leaf.c.latest)
    .offset(bindparam("past", type_=Integer))
    .limit(100)
)

_log = logging.getLogger(__name__)


def of_row(row: Record) -> Block:
    """The block of a row."""
    return Block(row["number"], row["header"], row["signature"])


@dataclass
class Head:
    """A file that holds the last block, beside the database and its backups."""

    path: Path

    def read(self) -> Block | None:
        """The block that it holds, if there is one."""
        try:
            return Block.of_line(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            _log.error("the head of the chain cannot be read")
            return None

    def write(self, block: Block) -> None:
        """Hold another block; a reader finds the one or the other."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self.path.with_suffix(f".{os.getpid()}")
        new.write_bytes(block.line())
        new.replace(self.path)


class Sealer:
    """Seals for one worker, with the keys of the store. `home` is the folder of the head and the anchors."""

    def __init__(self, database: Database, keys: KeyStore, home: Path) -> None:
        self.ring = Ring()
        self.home = home
        self._keys = keys
        self._database = database
        self._head = Head(home / "head")
        self._seen = self._head.read()
        self._whole_at = time.monotonic()

    def age(self) -> float:
        """Seconds since this worker knew every act to be in a block: the oldest that is in none is no older."""
        return time.monotonic() - self._whole_at

    async def start(self) -> None:
        """Before any act is written: make its month, and seal what was left.

        A restored database may number its transactions anew. A month that is made while acts are written to none would
        refuse those that are on their way.
        """
        self.ring = await Ring.load(self._keys)
        async with self._database.transaction() as link:
            await WAIT.run(link, key=LOCK)
            await AHEAD.run(link, months=MONTHS)
            last, _ = await self._rows(link, await self._last(link))
        self._saw(last)

    async def seal(self) -> int:
        """Seal what is new; returns how many rows, 0 where another worker is at it."""
        begun = time.monotonic()
        async with self._database.link() as link:
            if not await WAITING.value(link, since=self._seen.until if self._seen else START):
                self._whole_at = begun
                return 0
        async with self._database.transaction() as link:
            if not await ALONE.value(link, key=LOCK):
                return 0
            last = await self._last(link)
            last, count = await self._rows(link, last)
        self._saw(last)
        self._whole_at = begun if count < MOST else self._whole_at
        return count

    async def all(self) -> None:
        """Seal until nothing is left."""
        while await self.seal():
            pass

    async def enter(self, kind: Kind, **said: Any) -> Block:  # noqa: ANN401 - what JSON holds
        """Say something in the chain that is about no row."""
        async with self._database.transaction() as link:
            await WAIT.run(link, key=LOCK)
            block = await self._add(link, await self._last(link), kind, **said)
        self._saw(block)
        return block

    async def rotate(self) -> Block:
        """Have another key sign from the next block on; the old ones stay, for what they signed.

        The key is made first. Where the server dies before the chain names it, the next rotation takes that one.
        """
        async with self._database.transaction() as link:
            await WAIT.run(link, key=LOCK)
            last = await self._last(link)
            self.ring = await Ring.load(self._keys)
            number = self.ring.signers.index(self.ring.after(last, self._seen)) + 2
            await self._keys.get_or_create(f"{KEY}-{number}")
            self.ring = await Ring.load(self._keys)
            block = await self._add(link, last, Kind.REKEYED, public_key=self.ring.public_keys[number - 1])
        self._saw(block)
        return block

    async def drop(self, years: int) -> list[date]:
        """Drop the months of the trail that ended so many years ago, each after a block that says so; 0 keeps all."""
        if not years:
            return []
        gone = []
        async with self._database.transaction() as link:
            await WAIT.run(link, key=LOCK)
            last = await self._last(link)
            for row in await OVER.rows(link, years=years):
                month = row["month"]
                counted = {"rows": row["rows"], "blocks": row["blocks"], "years": years}
                last = await self._add(link, last, Kind.DROPPED, month=month.isoformat(), **counted)
                await DROP.run(link, month=month)
                gone.append(month)
        self._saw(last)
        return gone

    async def ahead(self) -> None:
        """Make the partitions of the months to come, and of any that has rows and none."""
        async with self._database.transaction() as link:
            await WAIT.run(link, key=LOCK)
            await AHEAD.run(link, months=MONTHS)

    async def newest(self) -> Block | None:
        """The last block there is."""
        async with self._database.link() as link:
            row = await LAST.row(link)
        return of_row(row) if row else None

    async def _last(self, link: Link) -> Block | None:
        """The last block, after one more where what was seen is no longer there."""
        row = await LAST.row(link)
        last = of_row(row) if row else None
        seen = self._seen
        if last is not None and not self.ring.knows(last):
            self.ring = await Ring.load(self._keys)  # another key is in force since it was read
        false = last is not None and not self.ring.made(last)
        if seen is None and not false:
            return await self._renumbered(link, last)
        there = last if last and seen and last.number == seen.number else None
        if there is None and seen and (row := await BLOCK.row(link, number=seen.number)):
            there = of_row(row)
        if false or (seen and (there is None or there.digest != seen.digest)):
            _log.error("the chain over the trail is not what was sealed: run `carnet audit verify`")
            lost = {"number": seen.number, "digest": seen.digest} if seen else {}
            last = await self._add(link, last, Kind.CUT, lost=lost)
        return await self._renumbered(link, last)

    async def _renumbered(self, link: Link, last: Block | None) -> Block | None:
        if last is None:
            return None
        until = await RENUMBER.value(link, since=last.until)
        return last if until == last.until else await self._add(link, last, Kind.RENUMBERED, until)

    async def _rows(self, link: Link, last: Block | None) -> tuple[Block | None, int]:
        """Blocks over what is new."""
        count = 0
        for row in await UNSEALED.rows(link, since=last.until if last else START, most=MOST):
            kind = Kind.FORGOTTEN if row["forgotten"] else Kind.ROWS
            leaves: bytes = row["leaves"]
            said = {"month": row["month"].isoformat(), "count": len(leaves) // DIGEST, "root": root(leaves)}
            said |= {"records": row["records"]} if row["forgotten"] else {}
            last = await self._add(link, last, kind, row["until"], row["now"], **said)
            kept = {name: row[name] for name in ("month", "earliest", "latest", "leaves")}
            await KEEP.run(link, number=last.number, **kept)
            count += said["count"]
        return last, count

    async def _add(
        self,
        link: Link,
        last: Block | None,
        kind: Kind,
        until: str = "",
        made: datetime | None = None,
        **said: Any,  # noqa: ANN401 - what JSON holds
    ) -> Block:
        made = made or await NOW.value(link)
        signer = self.ring.after(last, self._seen if kind is Kind.CUT else None)
        block = signer.next(last, kind, made, until or (last.until if last else START), **said)
        await ADD.run(link, number=block.number, header=block.header, signature=block.signature)
        return block

    def _saw(self, block: Block | None) -> None:
        """Remember a block once it is kept."""
        if block is not None:
            self._seen = block
            with suppress(OSError):
                self._head.write(block)
