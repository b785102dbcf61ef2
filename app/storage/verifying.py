"""Verifying the trail against its chain, as the owner of the tables: what was changed, taken or added, and where.

Nothing that the database says of itself is believed but what a signature covers: digests of rows are made by a
statement of ours and not by the database's functions. The blocks are walked in order; the rows of each month are
digested by several connections at once, all at one snapshot, and compared with the digests that the blocks are over.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import asyncpg

from app.storage.chain import LEAF, OF_ROWS, START, Block, Kind, root, signed, split

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from asyncpg import Connection, Record
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Link = Connection[Record]

PAGES = 512
"""Pages of a table that one statement digests."""
BATCH = 500
TOLD = 100
"""Rows of one month that are told one by one."""

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
BLOCKS = "SELECT number, header, signature FROM public.audit_block WHERE number > $1 ORDER BY number LIMIT $2"
LEAVES = (
    "SELECT l.number, l.leaves, b.header FROM public.audit_leaf l LEFT JOIN public.audit_block b USING (number)"
    " WHERE l.month = $1 AND l.number > $2 ORDER BY l.number LIMIT $3"
)
PARTITIONS = (
    "SELECT c.relname AS name, c.oid AS id, pg_catalog.pg_relation_size(c.oid) / 8192 AS pages,"
    " pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_catalog.pg_inherits i"
    " JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.audit_event'::regclass"
)
WITHIN = "e.recorded >= $1::date AND e.recorded < $1::date + interval '1 month'"
STRIPE = "e.ctid >= $2::text::tid AND e.ctid < $3::text::tid"
MONTHS = (
    "SELECT DISTINCT date_trunc('month', recorded AT TIME ZONE 'UTC')::date AS month FROM public.audit_event_default"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed: what, a code, and where, a sentence without any person."""

    what: str
    where: str


@dataclass
class Report:
    """What a verification found. `waiting` are rows that are in no block yet; `notes` are known and explained."""

    blocks: int = 0
    rows: int = 0
    waiting: int = 0
    newest: Block | None = None
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, what: str, where: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(what, where))


@dataclass(frozen=True)
class Known:
    """What is known from outside the database: the keys in order, blocks kept elsewhere, the records destroyed."""

    keys: tuple[Ed25519PublicKey, ...]
    anchored: Sequence[Block] = ()
    destroyed: frozenset[str] = frozenset()

    def signed(self, block: Block) -> bool:
        """Whether one of the keys signed a block."""
        return any(signed(key, block) for key in self.keys)

    def key_of(self, block: Block, said: dict[str, Any], last: int, named: str) -> int:
        """Place of the key that a block must be signed with.

        It is that of the block before (`last`), or the one that this names. After a cut it may be a later one, which
        the blocks that are gone had named.
        """
        if named:
            names = [key.public_bytes_raw().hex() for key in self.keys]
            return names.index(named) if named in names[last:] else last
        later = range(last, len(self.keys)) if said.get("kind") == Kind.CUT else ()
        return next((place for place in later if signed(self.keys[place], block)), last)


@dataclass
class Walk:
    """What the walk along the blocks gathers for the rows: numbers of blocks by month, months that were dropped."""

    months: dict[str, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    dropped: dict[str, int] = field(default_factory=dict)
    cuts: list[Block] = field(default_factory=list)
    excused: list[Block] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)


@dataclass
class Tally:
    """Digests of rows and digests of blocks of one month, as long as one has not met the other."""

    rows: set[bytes] = field(default_factory=set)
    leaves: set[bytes] = field(default_factory=set)
    former: set[bytes] = field(default_factory=set)

    def sealed(self, leaves: bytes) -> None:
        """Digests of a block."""
        new = set(split(leaves)) - self.former
        met = new & self.rows
        self.rows -= met
        self.leaves |= new - met

    def there(self, leaves: bytes, former: bytes) -> None:
        """Digests of rows, and those that some had before the trail forgot what they held."""
        before, new = set(split(former)), set(split(leaves))
        self.former |= before
        self.leaves -= before
        met = new & self.leaves
        self.leaves -= met
        self.rows |= new - met


async def verify(url: str, known: Known, jobs: int = 4) -> Report:
    """Compare the whole trail with its chain, over so many connections to the owner's URL."""
    report, links = Report(), []
    try:
        links.append(await _link(url))
        snapshot = await links[0].fetchval("SELECT pg_catalog.pg_export_snapshot()")
        links += [await _link(url, snapshot) for _ in range(jobs - 1)]
        walk = await _walk(links[0], known, report)
        _outside(known, walk, report)
        partitions = await links[0].fetch(PARTITIONS)
        for month in await _months(links[0], walk, partitions):
            await _month(links, month, partitions, walk, report)
    finally:
        for link in links:
            await link.close()
    return report


async def _link(url: str, snapshot: str = "") -> Link:
    link: Link = await asyncpg.connect(url, server_settings={"search_path": "pg_catalog", "timezone": "UTC"})
    await link.execute(BEGIN)
    if snapshot:
        await link.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
    return link


async def _blocks(link: Link) -> AsyncIterator[Block]:
    number = -1
    while rows := await link.fetch(BLOCKS, number, BATCH):
        for row in rows:
            yield Block(row["number"], row["header"], row["signature"])
        number = rows[-1]["number"]


def _place(block: Block) -> str:
    return f"block {block.number}, sealed {_said(block).get('made', 'at no time')}"


def _said(block: Block) -> dict[str, Any]:
    try:
        return block.said
    except ValueError:
        return {}


async def _walk(link: Link, known: Known, report: Report) -> Walk:
    """Walk along the blocks.

    One signature covers all that comes before it, since each block names the one before and is made by who checked its
    signature; so only those are checked that stand at an end, a break, or something other than rows. Where anything is
    wrong, all are.
    """
    walk = Walk()
    last: Block | None = None
    key, named = 0, ""
    wanted = {block.number for block in known.anchored}
    async for block in _blocks(link):
        said, before = _said(block), len(report.findings)
        follows = _follows(last, block, said, report)
        former, key = key, known.key_of(block, said, key, named)
        if not follows or said.get("kind") != Kind.ROWS or key != former:
            for one, place in ((last, former), (block, key)):
                if one is not None and not signed(known.keys[place], one):
                    report.find("block-changed", _place(one))
        if len(report.findings) == before or said:
            _gather(walk, block, said, known, report)
        if block.number in wanted:
            walk.digests[block.number] = block.digest
        named = said.get("public_key", "") if said.get("kind") == Kind.REKEYED else ""
        last, report.blocks = block, report.blocks + 1
    if last is not None:
        _ends(last, known, key, named, report)
    report.newest = last
    if report.findings:
        await _all_signatures(link, known, report)
    return walk


def _ends(last: Block, known: Known, key: int, named: str, report: Report) -> None:
    """Check that the last block is signed, and that the chain came to the newest key."""
    if not signed(known.keys[key], last):
        report.find("block-changed", _place(last))
    newest = known.keys[-1].public_bytes_raw().hex()
    if key < len(known.keys) - 1 and named != newest:
        report.find("key", f"{_place(last)} is the last, and no block names the newest key: cut, or `rotate` broke off")


async def _all_signatures(link: Link, known: Known, report: Report) -> None:
    told = {one.where for one in report.findings if one.what == "block-changed"}
    async for block in _blocks(link):
        if _place(block) not in told and not known.signed(block):
            report.find("block-changed", _place(block))
    report.findings = list(dict.fromkeys(report.findings))


def _follows(last: Block | None, block: Block, said: dict[str, Any], report: Report) -> bool:
    number = last.number + 1 if last else 1
    if block.number != number:
        report.find("block-missing", f"blocks {number} to {block.number - 1}, before {_place(block)}")
        return False
    if said.get("number") != block.number or said.get("previous") != (last.digest if last else ""):
        report.find("block-order", f"{_place(block)} does not follow the one before it")
        return False
    return True


def _gather(walk: Walk, block: Block, said: dict[str, Any], known: Known, report: Report) -> None:
    match said.get("kind"):
        case Kind.ROWS | Kind.FORGOTTEN:
            walk.months[said["month"]].append(block.number)
            kept = sorted(set(said.get("records", ())) - known.destroyed)
            if kept:
                report.find("forgotten", f"{_place(block)}: {len(kept)} records are forgotten and not destroyed")
        case Kind.DROPPED:
            walk.dropped[said["month"]] = block.number
            report.notes.append(f"the trail of {said['month'][:7]} went after its term: {said['rows']} acts")
        case Kind.CUT:
            walk.cuts.append(block)
        case Kind.REKEYED:
            report.notes.append(f"{_place(block)}: another key signs from the next one on")
        case Kind.RESTORED:
            walk.excused += walk.cuts
            report.notes.append(f"{_place(block)}: restored, {said.get('reason', '')}")
            walk.cuts = []


def _outside(known: Known, walk: Walk, report: Report) -> None:
    """Compare with what was kept elsewhere."""
    for cut in walk.cuts:
        lost = cut.said["lost"]
        report.find("cut", f"{_place(cut)}: what was sealed up to block {lost.get('number', '?')} is gone")
    for block in known.anchored:
        if not known.signed(block):
            report.find("anchor", f"what was kept elsewhere as {_place(block)} is not signed")
        elif walk.digests.get(block.number) != block.digest and not _excused(block, walk):
            report.find("anchor", f"{_place(block)}, was kept elsewhere and is gone")


def _excused(block: Block, walk: Walk) -> bool:
    """Whether a block was lost when the database was restored, and who runs the server said so."""
    return any(cut.number <= block.number <= cut.said["lost"].get("number", 0) for cut in walk.excused)


async def _months(link: Link, walk: Walk, partitions: Sequence[Record]) -> list[str]:
    strewn = {row["month"].isoformat() for row in await link.fetch(MONTHS)}
    named = {row["name"].removeprefix("audit_event_").replace("_", "-") + "-01" for row in partitions}
    return sorted(strewn | walk.months.keys() | (named - {"default-01"}))


async def _month(links: list[Link], month: str, partitions: Sequence[Record], walk: Walk, report: Report) -> None:
    """Compare the rows of one month with the blocks over them."""
    tally, names = Tally(), _tables(month, partitions)
    for chunk in _groups(_stripes(names, partitions), len(links)):
        found = await asyncio.gather(*(_digest(link, month, *one) for link, one in zip(links, chunk, strict=False)))
        for row in found:
            report.rows += row["count"]
            tally.there(row["leaves"] or b"", row["former"] or b"")
    gone = walk.dropped.get(month, 0)
    numbers = Counter(one for one in walk.months.get(month, ()) if one > gone)
    async for row in _leaves(links[0], month):
        if _fits(row, report, within=numbers[row["number"]] == 1):
            tally.sealed(row["leaves"])
        del numbers[row["number"]]
    for number in sorted(numbers):
        report.find("leaves-missing", f"what block {number} is over, of {month[:7]}")
    if tally.rows or tally.leaves:
        await _tell(links[0], month, names, tally, report)


def _tables(month: str, partitions: Sequence[Record]) -> list[str]:
    own = f"audit_event_{month[:7].replace('-', '_')}"
    return [row["name"] for row in partitions if row["name"] in {own, "audit_event_default"}]


def _stripes(names: list[str], partitions: Sequence[Record]) -> Iterator[tuple[str, int]]:
    for row in partitions:
        if row["name"] in names:
            yield from ((row["name"], page) for page in range(0, row["pages"] + 1, PAGES))


def _groups(stripes: Iterator[tuple[str, int]], size: int) -> Iterator[list[tuple[str, int]]]:
    every = list(stripes)
    return (every[at : at + size] for at in range(0, len(every), size))


async def _digest(link: Link, month: str, table: str, page: int) -> Record:
    text = (
        f"SELECT count(*) AS count, string_agg({LEAF}, ''::bytea) AS leaves, string_agg(e.was, ''::bytea) AS former"  # noqa: S608 - ours
        f' FROM public."{table}" e WHERE {WITHIN} AND {STRIPE}'
    )
    row = await link.fetchrow(text, date.fromisoformat(month), f"({page},0)", f"({page + PAGES},0)")
    assert row is not None  # noqa: S101 - an aggregate
    return row


async def _leaves(link: Link, month: str) -> AsyncIterator[Record]:
    number = -1
    while rows := await link.fetch(LEAVES, date.fromisoformat(month), number, BATCH):
        for row in rows:
            yield row
        number = rows[-1]["number"]


def _fits(row: Record, report: Report, *, within: bool) -> bool:
    """Whether digests are those that a signed block is over."""
    said = _said(Block(row["number"], row["header"] or "{}", b""))
    if not within:
        report.find("leaves-added", f"digests of block {row['number']}, which is over none")
        return False
    if root(row["leaves"]) != said.get("root"):
        report.find("leaves-changed", f"what block {row['number']} is over, sealed {said.get('made')}")
        return False
    return True


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is in no block as it is."""

    id: str
    recorded: str
    xact: int


async def _tell(link: Link, month: str, names: list[str], tally: Tally, report: Report) -> None:
    """Say what became of which row: changed where its own block lacks one, else added, or not sealed yet."""
    rows, until = await _rows(link, month, names, tally.rows), report.newest.until if report.newest else START
    waiting = [row for row in rows if not visible(row.xact, until)]
    report.waiting += len(waiting)
    missing = await _missing(link, month, tally.leaves)
    rest = [row for row in rows if visible(row.xact, until)]
    for row, numbers in zip(rest, await _sealed_by(link, rest), strict=True):
        place = f"event {row.id}, recorded {row.recorded}"
        number = next((one for one in numbers if missing.get(one)), 0)
        if number:
            missing[number].pop()
            report.find("row-changed", f"{place}, of block {number}")
        else:
            report.find("row-added", place)
    for number, places in sorted(missing.items()):
        for place in places:
            report.find("row-missing", f"{place} of block {number}, of {month[:7]}")


async def _rows(link: Link, month: str, names: list[str], leaves: set[bytes]) -> list[Row]:
    """Rows by their digests: all are digested again."""
    found: list[Row] = []
    for name in names:
        text = (
            f'SELECT e.id, e.recorded, e.xact FROM public."{name}" e'  # noqa: S608 - ours
            f" WHERE {WITHIN} AND {LEAF} = ANY($2) ORDER BY e.recorded"
        )
        rows = await link.fetch(text, date.fromisoformat(month), list(leaves))
        found += [Row(row["id"], row["recorded"].isoformat(), row["xact"]) for row in rows]
    return found


async def _missing(link: Link, month: str, leaves: set[bytes]) -> dict[int, list[str]]:
    """Places, by block, of digests that no row has."""
    found: dict[int, list[str]] = {}
    if not leaves:
        return found
    async for row in _leaves(link, month):
        every = split(row["leaves"])
        places = [f"row {at + 1} of {len(every)}" for at, leaf in enumerate(every) if leaf in leaves]
        if places:
            found[row["number"]] = places
    return found


async def _sealed_by(link: Link, rows: list[Row]) -> list[list[int]]:
    """Numbers of the blocks that were made when each row's transaction was first seen; several where months meet."""
    untils: dict[Row, str] = {}
    blocks: dict[str, list[int]] = {}
    async for block in _blocks(link):
        said = _said(block)
        if said.get("kind") in OF_ROWS:
            until = said["until"]
            if len(untils) == len(rows) and until not in untils.values():
                break
            blocks.setdefault(until, []).append(block.number)
            untils |= {row: until for row in rows if row not in untils and visible(row.xact, until)}
            blocks = {one: blocks[one] for one in {*untils.values(), until}}
    return [blocks.get(untils.get(row, ""), []) for row in rows]


def visible(xact: int, snapshot: str) -> bool:
    """Whether a transaction had ended in a snapshot (`pg_visible_in_snapshot`)."""
    low, high, running = snapshot.split(":")
    return xact < int(low) or (xact < int(high) and str(xact) not in running.split(","))
