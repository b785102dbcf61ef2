from __future__ import annotations

import asyncio
import multiprocessing
import os
import stat
from typing import TYPE_CHECKING

import pytest

from app.storage import keys
from app.storage.keys import DamagedStore, DestroyedKey, KeyStore, Tampered, UnknownKey, unwrap, wrap

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "mzxw6ytboi4dkojqga2q"
OTHER = "nbswy3dpeb3w64tmmq2q"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def folders(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_dir()]


def modes(paths: list[Path]) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in paths}


async def test_a_key_is_made_once_and_kept(folder: Path) -> None:
    made = await KeyStore(folder).get_or_create(RECORD)
    assert len(made) == 32
    assert await KeyStore(folder).get_or_create(RECORD) == made
    assert await KeyStore(folder).get(RECORD) == made


async def test_each_record_has_its_own_key(folder: Path) -> None:
    store = KeyStore(folder)
    assert await store.get_or_create(RECORD) != await store.get_or_create(OTHER)


async def test_no_key_lies_in_clear(folder: Path) -> None:
    made = await KeyStore(folder).get_or_create(RECORD)
    assert all(made not in path.read_bytes() for path in files(folder))


async def test_everything_is_private(folder: Path) -> None:
    await KeyStore(folder).get_or_create(RECORD)
    assert modes(files(folder)) == {0o600}
    assert modes([folder, *folders(folder)]) == {0o700}


def test_a_folder_open_to_others_stops_the_start(folder: Path) -> None:
    KeyStore(folder)
    folder.chmod(0o750)
    with pytest.raises(DamagedStore, match="chmod"):
        KeyStore(folder)


@pytest.mark.parametrize("part", ["master", "destroyed"])
async def test_a_lost_part_stops_the_start(folder: Path, part: str) -> None:
    await KeyStore(folder).get_or_create(RECORD)
    (folder / part).unlink()
    with pytest.raises(DamagedStore, match=part):
        KeyStore(folder)


async def test_a_crash_within_the_first_start_is_made_good(folder: Path) -> None:
    KeyStore(folder)
    (folder / "master").unlink()
    assert len(await KeyStore(folder).get_or_create(RECORD)) == 32


async def test_an_unknown_key_is_told_apart_from_a_destroyed_one(folder: Path) -> None:
    store = KeyStore(folder)
    with pytest.raises(UnknownKey):
        await store.get(RECORD)
    await store.destroy(RECORD)
    with pytest.raises(DestroyedKey):
        await store.get(RECORD)


async def test_a_destroyed_record_never_gets_a_key_again(folder: Path) -> None:
    store = KeyStore(folder)
    await store.get_or_create(RECORD)
    await store.destroy(RECORD)
    for worker in (store, KeyStore(folder)):
        assert worker.destroyed() == {RECORD}
        with pytest.raises(DestroyedKey):
            await worker.get(RECORD)
        with pytest.raises(DestroyedKey):
            await worker.get_or_create(RECORD)


async def test_destroying_again_or_what_never_was_is_listed_once(folder: Path) -> None:
    store = KeyStore(folder)
    await store.destroy(RECORD)
    await store.destroy(RECORD)
    assert (folder / "destroyed").read_text() == f"{RECORD}\n"


async def test_a_destroyed_key_is_overwritten_and_gone(folder: Path, tmp_path: Path) -> None:
    store = KeyStore(folder)
    await store.get_or_create(RECORD)
    path = next(path for path in files(folder) if path.name == RECORD)
    wrapped, link = path.read_bytes(), tmp_path / "link"
    os.link(path, link)
    await store.destroy(RECORD)
    assert not path.exists()
    assert link.stat().st_size == len(wrapped)
    assert link.read_bytes() != wrapped


async def test_another_worker_respects_a_destruction_though_it_holds_the_key(folder: Path) -> None:
    first, second = KeyStore(folder), KeyStore(folder)
    await first.get_or_create(RECORD)
    kept = await first.get_or_create(OTHER)
    await second.destroy(RECORD)
    with pytest.raises(DestroyedKey):
        await first.get(RECORD)
    assert await first.get(OTHER) == kept


async def test_a_key_that_a_restored_folder_brings_back_is_erased(folder: Path) -> None:
    store = KeyStore(folder)
    await store.get_or_create(RECORD)
    path = next(path for path in files(folder) if path.name == RECORD)
    wrapped = path.read_bytes()
    await store.destroy(RECORD)
    path.write_bytes(wrapped)
    with pytest.raises(DestroyedKey):
        await store.get(RECORD)
    KeyStore(folder)
    assert not path.exists()


async def test_a_line_that_a_crash_cut_short_is_no_destruction_and_joins_no_other(folder: Path) -> None:
    store = KeyStore(folder)
    await store.destroy(OTHER)
    with (folder / "destroyed").open("a") as file:
        file.write(RECORD[:7])
    assert store.destroyed() == {OTHER}
    await store.destroy(RECORD)
    assert {OTHER, RECORD} <= KeyStore(folder).destroyed()


async def test_a_list_put_back_forgets_nothing_that_a_worker_saw(folder: Path) -> None:
    store = KeyStore(folder)
    await store.destroy(RECORD)
    assert store.destroyed() == {RECORD}
    (folder / "destroyed").write_text(f"{OTHER}\n{OTHER}\n")
    assert store.destroyed() == {RECORD, OTHER}


async def test_a_missing_list_closes(folder: Path) -> None:
    store = KeyStore(folder)
    await store.get_or_create(RECORD)
    (folder / "destroyed").unlink()
    with pytest.raises(FileNotFoundError):
        await store.get(RECORD)


async def test_every_altered_byte_of_a_key_file_is_seen(folder: Path) -> None:
    await KeyStore(folder).get_or_create(RECORD)
    path = next(path for path in files(folder) if path.name == RECORD)
    wrapped = path.read_bytes()
    store = KeyStore(folder)
    for at in range(len(wrapped)):
        path.write_bytes(wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :])
        with pytest.raises(Tampered):
            await store.get(RECORD)
    for cut in (b"", wrapped[:5], wrapped[:-1]):
        path.write_bytes(cut)
        with pytest.raises(Tampered):
            await store.get(RECORD)


async def test_the_key_file_of_another_record_does_not_open(folder: Path) -> None:
    await KeyStore(folder).get_or_create(RECORD)
    await KeyStore(folder).get_or_create(OTHER)
    paths = {path.name: path for path in files(folder)}
    paths[RECORD].write_bytes(paths[OTHER].read_bytes())
    with pytest.raises(Tampered):
        await KeyStore(folder).get(RECORD)


@pytest.mark.parametrize("name", ["", "a", "../master", "a/b", "ab\ncd", "ABC", "a" * 64, "é" * 5])
async def test_a_name_that_could_leave_the_folder_is_refused(folder: Path, name: str) -> None:
    store = KeyStore(folder)
    for act in (store.get, store.get_or_create, store.destroy):
        with pytest.raises(ValueError, match="lower case"):
            await act(name)
    assert store.destroyed() == frozenset()


async def test_names_by_prefix(folder: Path) -> None:
    store = KeyStore(folder)
    for name in ("unfiled-2", "unfiled-1", "unrelated"):
        await store.get_or_create(name)
    assert store.names("unfiled-") == ["unfiled-1", "unfiled-2"]
    assert store.names("zz") == []


async def test_leftovers_of_a_crash_are_cleared(folder: Path) -> None:
    KeyStore(folder)
    (folder / "new" / "half").write_bytes(b"x")
    KeyStore(folder)
    assert list((folder / "new").iterdir()) == []


async def test_the_cache_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "CACHED", 2)
    store = KeyStore(folder)
    made = {name: await store.get_or_create(name) for name in ("r1", "r2", "r3")}
    assert len(store._cache) == 2  # noqa: SLF001 - memory is what this holds
    assert {name: await store.get(name) for name in made} == made


async def test_making_and_destroying_at_once_leaves_no_key(folder: Path) -> None:
    for turn in range(10):
        name = f"r{turn}"
        workers = [KeyStore(folder) for _ in range(3)]
        makings = [worker.get_or_create(name) for worker in workers]
        await asyncio.gather(*makings, workers[0].destroy(name), return_exceptions=True)
        assert name not in {path.name for path in files(folder)}
        for worker in workers:
            with pytest.raises(DestroyedKey):
                await worker.get_or_create(name)


def _make(folder: Path, barrier: multiprocessing.synchronize.Barrier, answers: multiprocessing.Queue[bytes]) -> None:
    barrier.wait()
    answers.put(asyncio.run(KeyStore(folder).get_or_create(RECORD)))


def test_processes_that_start_at_once_make_one_key(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(3), context.Queue()
    workers = [context.Process(target=_make, args=(folder, barrier, answers)) for _ in range(3)]
    for worker in workers:
        worker.start()
    made = {answers.get(timeout=120) for _ in workers}
    for worker in workers:
        worker.join(30)
    assert len(made) == 1


def test_what_is_wrapped_opens_only_with_its_key_and_context() -> None:
    key, other = b"k" * 32, b"o" * 32
    sealed = wrap(key, b"secret", "a")
    assert unwrap(key, sealed, "a") == b"secret"
    assert wrap(key, b"secret", "a") != sealed
    for bad in ((other, sealed, "a"), (key, sealed, "b"), (key, b"", "a"), (key, sealed[:-1], "a")):
        with pytest.raises(Tampered):
            unwrap(*bad)
