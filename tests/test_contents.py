from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import random
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore

from app.errors import TooLarge, Unavailable
from app.storage.contents import SEALED, SEGMENT, Content, Contents, MissingContent, local, remote
from app.storage.keys import DestroyedKey, KeyStore, Tampered, UnknownKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parent.parent
RECORD = "mzxw6ytboi4dkojqga2q"
OTHER = "nbswy3dpeb3w64tmmq2q"
LIMIT = 25 << 20


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    return worker(tmp_path)


def worker(folder: Path) -> Contents:
    return Contents(local(folder / "contents"), KeyStore(folder / "keys"))


def some_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


async def pieces(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def put(contents: Contents, data: bytes, record: str = RECORD) -> Content:
    kept = await contents.put(record, pieces(data), limit=LIMIT)
    await contents.settle([kept.key])
    return kept


def objects(folder: Path) -> list[Path]:
    return [path for path in (folder / "contents").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, SEALED, 2 * SEALED + 1, (5 << 20) + 12_345]
)
async def test_what_is_put_comes_back(contents: Contents, size: int) -> None:
    data = some_bytes(size)
    kept = await put(contents, data)
    assert await contents.read(RECORD, kept.key) == data
    assert kept.size == size
    assert kept.sha1 == hashlib.sha1(data, usedforsecurity=False).digest()
    assert kept.hash == base64.b64encode(kept.sha1).decode()
    assert kept.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [1, 7, SEGMENT, 1 << 20])
async def test_the_cut_of_what_arrives_changes_nothing(contents: Contents, size: int) -> None:
    data = some_bytes(2000 if size < SEGMENT else 300_000)
    kept = await contents.put(RECORD, pieces(data, size), limit=LIMIT)
    await contents.settle([kept.key])
    assert await contents.read(RECORD, kept.key) == data


async def test_another_kind_of_store_serves_as_well(tmp_path: Path) -> None:
    contents = Contents(MemoryStore(), KeyStore(tmp_path / "keys"))
    data = some_bytes(11 << 20)
    kept = await put(contents, data)
    assert await contents.read(RECORD, kept.key) == data
    await contents.delete(kept.key)
    await contents.delete(kept.key)
    with pytest.raises(MissingContent):
        await contents.read(RECORD, kept.key)


@pytest.mark.parametrize("tail", [[], [5]])
async def test_it_opens_segment_by_segment(contents: Contents, tail: list[int]) -> None:
    kept = await put(contents, some_bytes(3 * SEGMENT + sum(tail)))
    assert [len(piece) async for piece in await contents.open(RECORD, kept.key)] == [SEGMENT] * 3 + tail


async def test_nothing_lies_in_clear_and_no_name_tells_the_record(contents: Contents, tmp_path: Path) -> None:
    data = b"health data " * 10_000
    await put(contents, data)
    (path,) = objects(tmp_path)
    assert b"health data" not in path.read_bytes()
    assert RECORD not in str(path.relative_to(tmp_path))
    assert (tmp_path / "contents").stat().st_mode & 0o077 == 0


async def test_the_same_content_twice_is_two_objects_that_look_unlike(contents: Contents, tmp_path: Path) -> None:
    first, second = await put(contents, b"same"), await put(contents, b"same")
    assert first.sha256 == second.sha256
    assert len({path.read_bytes() for path in objects(tmp_path)}) == 2
    await contents.delete(first.key)
    assert await contents.read(RECORD, second.key) == b"same"


async def test_every_altered_byte_of_an_object_is_seen(contents: Contents, tmp_path: Path) -> None:
    kept = await put(contents, b"short content")
    (path,) = objects(tmp_path)
    sealed = path.read_bytes()
    for at in range(len(sealed)):
        path.write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        with pytest.raises(Tampered):
            await contents.read(RECORD, kept.key)


async def test_every_altered_character_of_the_key_is_seen(contents: Contents) -> None:
    kept = await put(contents, b"short content")
    for at, old in enumerate(kept.key):
        changed = kept.key[:at] + ("1" if old != "1" else "2") + kept.key[at + 1 :]
        with pytest.raises(Tampered):
            await contents.read(RECORD, changed)
    for changed in ("", kept.key + "A", kept.key[:-1], kept.key + "\n", f"../{kept.key}"):
        with pytest.raises(Tampered):
            await contents.read(RECORD, changed)
        with pytest.raises(Tampered):
            await contents.delete(changed)


@pytest.mark.parametrize("tail", [0, 5])
async def test_truncation_is_seen_wherever_it_falls(contents: Contents, tmp_path: Path, tail: int) -> None:
    kept = await put(contents, some_bytes(3 * SEGMENT + tail))
    (path,) = objects(tmp_path)
    sealed = path.read_bytes()
    for size in (1, 15, 16, SEALED - 1, SEALED, SEALED + 1, 2 * SEALED, 2 * SEALED + 16, len(sealed) - 1):
        path.write_bytes(sealed[:size])
        with pytest.raises(Tampered):
            await contents.read(RECORD, kept.key)


async def test_an_emptied_object_is_refused(contents: Contents, tmp_path: Path) -> None:
    kept = await put(contents, b"content")
    (path,) = objects(tmp_path)
    path.write_bytes(b"")
    with pytest.raises((Tampered, Unavailable)):  # stores refuse a range of nothing each in its own way
        await contents.read(RECORD, kept.key)


async def test_an_object_that_is_cut_or_goes_while_it_is_read_never_seems_whole(
    contents: Contents, tmp_path: Path
) -> None:
    kept = await put(contents, some_bytes(3 << 20))
    (path,) = objects(tmp_path)
    cut, gone = await contents.open(RECORD, kept.key), await contents.open(RECORD, kept.key)
    assert len(await anext(cut)) == len(await anext(gone)) == SEGMENT
    os.truncate(path, 2 << 20)
    with pytest.raises((Tampered, Unavailable)):
        [piece async for piece in cut]
    path.unlink()
    with pytest.raises(MissingContent):
        [piece async for piece in gone]


async def test_what_is_added_is_seen(contents: Contents, tmp_path: Path) -> None:
    kept = await put(contents, some_bytes(2 * SEGMENT))
    (path,) = objects(tmp_path)
    sealed = path.read_bytes()
    for more in (b"x", sealed[-SEALED:], sealed):
        path.write_bytes(sealed + more)
        with pytest.raises(Tampered):
            await contents.read(RECORD, kept.key)


async def test_swapped_repeated_and_missing_segments_are_seen(contents: Contents, tmp_path: Path) -> None:
    kept = await put(contents, some_bytes(3 * SEGMENT))
    (path,) = objects(tmp_path)
    sealed = path.read_bytes()
    one, two, three = (sealed[start : start + SEALED] for start in range(0, 3 * SEALED, SEALED))
    for order in ((two, one, three), (one, one, three), (one, three), (two, three), (one, three, two)):
        path.write_bytes(b"".join(order))
        with pytest.raises(Tampered):
            await contents.read(RECORD, kept.key)


async def test_one_object_in_the_place_of_another_is_seen(contents: Contents, tmp_path: Path) -> None:
    first, second = await put(contents, b"first"), await put(contents, b"other")
    store = tmp_path / "contents"
    names = [store / kept.key.partition(".")[0] for kept in (first, second)]
    names[0].write_bytes(names[1].read_bytes())
    with pytest.raises(Tampered):
        await contents.read(RECORD, first.key)
    mixed = first.key.partition(".")[0] + "." + second.key.partition(".")[2]
    with pytest.raises(Tampered):
        await contents.read(RECORD, mixed)


async def test_another_record_cannot_open_it(contents: Contents) -> None:
    kept = await put(contents, b"content")
    with pytest.raises(UnknownKey):
        await contents.read(OTHER, kept.key)
    await put(contents, b"content", OTHER)
    with pytest.raises(Tampered):
        await contents.read(OTHER, kept.key)


async def test_a_destroyed_record_is_unreadable_at_once_at_every_worker(tmp_path: Path) -> None:
    first, second = worker(tmp_path), worker(tmp_path)
    kept = await put(first, b"content")
    assert await second.read(RECORD, kept.key) == b"content"
    await KeyStore(tmp_path / "keys").destroy(RECORD)
    for contents in (first, second, worker(tmp_path)):
        with pytest.raises(DestroyedKey):
            await contents.open(RECORD, kept.key)
        with pytest.raises(DestroyedKey):
            await put(contents, b"more")


async def test_past_the_limit_nothing_more_is_read_and_nothing_stays(contents: Contents, tmp_path: Path) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield bytes(1000)

    with pytest.raises(TooLarge, match="3000000"):
        await contents.put(RECORD, endless(), limit=3_000_000)
    assert read == 3001
    assert objects(tmp_path) == []


async def test_exactly_the_limit_is_taken(contents: Contents) -> None:
    kept = await contents.put(RECORD, pieces(bytes(1000)), limit=1000)
    assert kept.size == 1000


@pytest.mark.parametrize("size", [10, 3 << 20])
async def test_a_put_whose_sender_breaks_off_leaves_nothing(contents: Contents, tmp_path: Path, size: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(size)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await contents.put(RECORD, broken(), limit=LIMIT)
    assert objects(tmp_path) == []


@pytest.mark.parametrize("size", [10, 3 << 20])
async def test_a_cancelled_put_leaves_nothing(contents: Contents, tmp_path: Path, size: int) -> None:
    started = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield bytes(size)
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(contents.put(RECORD, stuck(), limit=LIMIT))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert objects(tmp_path) == []


async def test_refiling_moves_the_right_to_open_and_not_the_object(contents: Contents, tmp_path: Path) -> None:
    data = some_bytes(100_000)
    kept = await put(contents, data, "")
    before = {path: path.stat().st_mtime_ns for path in objects(tmp_path)}
    filed = await contents.refile(kept.key, "", RECORD)
    assert {path: path.stat().st_mtime_ns for path in objects(tmp_path)} == before
    assert await contents.read(RECORD, filed) == data
    with pytest.raises(Tampered):
        await contents.read("", filed)
    with pytest.raises(UnknownKey):
        await contents.refile(kept.key, OTHER, RECORD)


async def test_retiring_makes_the_unfiled_text_of_a_filed_content_worthless(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "keys")
    contents = Contents(local(tmp_path / "contents"), keys)
    kept = await put(contents, b"content", "")
    filed = await contents.refile(kept.key, "", RECORD)
    today = datetime.now(UTC).date()
    assert await contents.retire(today + timedelta(days=2)) == 0
    assert await contents.read("", kept.key) == b"content"
    assert await contents.retire(today + timedelta(days=3)) == 1
    with pytest.raises(DestroyedKey):
        await contents.read("", kept.key)
    assert await contents.read(RECORD, filed) == b"content"
    assert await contents.retire(today + timedelta(days=3)) == 0


async def test_what_is_deleted_is_missing_and_deleting_again_is_no_error(contents: Contents, tmp_path: Path) -> None:
    kept = await put(contents, b"content")
    await contents.delete(kept.key)
    await contents.delete(kept.key)
    assert objects(tmp_path) == []
    with pytest.raises(MissingContent):
        await contents.open(RECORD, kept.key)


async def test_a_store_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    contents = worker(tmp_path)
    (tmp_path / "contents" / f"{datetime.now(UTC):%Y%m%d}").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unavailable) as refusal:
        await put(contents, b"content")
    assert str(tmp_path) not in str(refusal.value)


async def test_many_at_once(contents: Contents) -> None:
    datas = [some_bytes(100_000 + n) for n in range(16)]
    kept = await asyncio.gather(*(put(contents, data) for data in datas))
    assert await asyncio.gather(*(contents.read(RECORD, content.key) for content in kept)) == datas


LEAVE = "\nsys.stdout.flush()\n__import__('os')._exit(0)\n"
"""As workers do: the store's own threads may abort an interpreter that takes itself down."""


def run(program: str, *arguments: object) -> str:
    command = [sys.executable, "-c", program + LEAVE, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


READER = """
import asyncio, sys
from pathlib import Path
from app.storage.contents import Contents, local
from app.storage.keys import KeyStore
folder, record, key, act = Path(sys.argv[1]), *sys.argv[2:]
keys = KeyStore(folder / "keys")
if act == "destroy":
    asyncio.run(keys.destroy(record))
else:
    print(asyncio.run(Contents(local(folder / "contents"), keys).read(record, key)).decode())
"""


async def test_two_processes_share_contents_and_destructions(contents: Contents, tmp_path: Path) -> None:
    kept = await put(contents, b"from another process")
    assert await asyncio.to_thread(run, READER, tmp_path, RECORD, kept.key, "read") == "from another process"
    await asyncio.to_thread(run, READER, tmp_path, RECORD, kept.key, "destroy")
    with pytest.raises(DestroyedKey):
        await contents.read(RECORD, kept.key)


PEAK = """
import asyncio, resource, sys
from pathlib import Path
from app.storage.contents import Contents, local
from app.storage.keys import KeyStore

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform != "darwin" else 1024)

async def chunks(count):
    for _ in range(count):
        yield bytes(65536)

async def through(contents, count):
    kept = await contents.put("r1", chunks(count), limit=26214400)
    size = 0
    async for piece in await contents.open("r1", kept.key):
        size += len(piece)
    assert size == kept.size == count * 65536

async def main(folder):
    contents = Contents(local(folder / "contents"), KeyStore(folder / "keys"))
    await through(contents, 32)
    before = peak()
    await through(contents, 400)
    print(peak() - before)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_25_mib_pass_in_flat_memory(tmp_path: Path) -> None:
    kibibytes = int(run(PEAK, tmp_path))
    assert kibibytes < 6 << 10


async def test_contents_of_requests_in_flight_settle_together(contents: Contents, tmp_path: Path) -> None:
    async def kept(size: int) -> Content:
        one = await contents.put(RECORD, pieces(some_bytes(size)), limit=LIMIT)
        await contents.settle([one.key])
        return one

    made = await asyncio.gather(*[kept(size) for size in range(40)])
    assert len(objects(tmp_path)) == 40
    assert [await contents.read(RECORD, one.key) for one in made] == [some_bytes(size) for size in range(40)]
    await contents.settle([one.key for one in made])


async def test_what_is_deleted_before_it_is_settled_is_never_written(contents: Contents, tmp_path: Path) -> None:
    one = await contents.put(RECORD, pieces(b"x"), limit=LIMIT)
    await contents.delete(one.key)
    assert objects(tmp_path) == []


@pytest.mark.parametrize(
    ("url", "options"),
    [("ftp://x", {}), ("s3://bucket", {"nonsense": "x"}), ("s3://bucket", {"secret_key_x": "s3cret"})],
)
def test_an_unknown_object_store_is_refused_without_its_credentials(url: str, options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="object store") as refused:
        remote(url, options)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.skipif("CARNET_TEST_CONTENTS" not in os.environ, reason="CARNET_TEST_CONTENTS names no bucket")
@pytest.mark.parametrize("size", [0, 2_000, 2 * SEALED + 1, (6 << 20) + 12_345])
async def test_a_remote_store_keeps_and_drops(tmp_path: Path, size: int) -> None:
    """`CARNET_TEST_CONTENTS` is a JSON object: `url`, and what `CARNET_CONTENTS_OPTIONS` takes."""
    options = json.loads(os.environ["CARNET_TEST_CONTENTS"])
    contents = Contents(remote(options.pop("url"), options), KeyStore(tmp_path / "keys"))
    data = some_bytes(size)
    kept = await put(contents, data)
    assert await contents.read(RECORD, kept.key) == data
    await contents.delete(kept.key)
    with pytest.raises(MissingContent):
        await contents.read(RECORD, kept.key)


async def test_a_store_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    nowhere = {"region": "x", "endpoint": "http://127.0.0.1:9", "access_key_id": "x", "secret_access_key": "y"}
    store = remote("s3://bucket", nowhere)
    with pytest.raises(Unavailable):
        await put(Contents(store, KeyStore(tmp_path / "keys")), b"x")
