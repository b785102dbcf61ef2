"""The process that forks the workers, from outside; how they serve is in test_serve.py."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from app.nursery import Nursery
from app.serve import _leave


def test_a_nursery_that_is_ended_at_once_is_gone() -> None:
    pids: list[int] = []
    kept = signal.signal(signal.SIGTERM, _leave)  # as `carnet serve` does: it raises, also where that is swallowed
    try:
        with socket.socket() as listener:
            for _ in range(40):
                with Nursery(listener, workers=1, drain=1) as nursery:
                    pids.append(nursery._pid)  # noqa: SLF001
                # a signal that came before it could be heard would leave us waiting here
    finally:
        signal.signal(signal.SIGTERM, kept)
    for pid in pids:  # waited for: other tests of this process may have children of theirs
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
