"""The process that forks the workers, from outside; how they serve is in test_serve.py."""

from __future__ import annotations

import os
import socket

import pytest

from app.nursery import Nursery


def test_a_nursery_that_is_ended_at_once_is_gone() -> None:
    with socket.socket() as listener:
        for _ in range(20):
            with Nursery(listener, workers=1, drain=1):
                pass  # a signal that came before it could be heard would leave us waiting here
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
