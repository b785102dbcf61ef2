"""Random bytes by the page: never the same twice, in a forked process neither."""

from __future__ import annotations

import os

from app.storage.entropy import PAGE, random_bytes


def test_no_bytes_come_twice() -> None:
    found = [random_bytes(20) for _ in range(3 * PAGE // 20)]
    assert len(set(found)) == len(found)
    assert {len(one) for one in found} == {20}


def test_more_than_a_page_is_had_at_once() -> None:
    assert len(random_bytes(3 * PAGE)) == 3 * PAGE


def test_a_forked_process_draws_its_own() -> None:
    random_bytes(1)  # a page is begun
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, random_bytes(32))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 32) != random_bytes(32)
