"""The processes that serve: a nursery that has imported everything once, and the workers that it forks.

    carnet serve ── nursery ─┬─ worker      the first looks after the database and speaks to who typed;
                             └─ worker      the nursery starts another worker where one ends

The nursery is begun before the database is: importing Carnet costs a second, which the start of PostgreSQL and the
migrations then hide. A worker that ends is replaced within half a second, because its code is there already.

Whoever loses the process above goes too: each holds the reading end of a pipe that only its parent can write to.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import mmap
import os
import select
import signal
import socket
import threading
import time
from array import array
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

GRACE = 10
"""Seconds that requests under way have to end."""
PATIENCE = GRACE + 5
"""Seconds that a worker has to end before it is killed."""
BREATH = 0.5
"""Seconds between the ends of a worker that fails at once and its next start."""
CANNOT_START = 3
"""Exit status of a worker whose application did not start (uvicorn's): the next would not either."""
ENDING = (signal.SIGTERM, signal.SIGINT)
"""Signals that end a process of ours."""
ABSENT = 1 << 62
"""What stands for the connections of a worker that takes none (`app.rest.doorman`)."""
ENDED = 70
"""Exit status of a process of ours that an exception ended (EX_SOFTWARE of sysexits.h)."""


class Nursery:
    """The nursery, seen from the process that begins it: a context that ends it, and every worker with it."""

    def __init__(self, listener: socket.socket, workers: int, drain: int = 0) -> None:
        self._listener = listener
        self._workers = workers
        self._drain = drain
        self._pid = 0
        self._word = -1

    def __enter__(self) -> Self:
        read, self._word = os.pipe()
        self._pid = _fork(lambda: _nurse(read, self._word, self._listener, self._workers, self._drain))
        os.close(read)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def serve(self, environment: dict[str, str]) -> int:
        """Let the workers start with these variables, until they or this call are ended; their exit status."""
        try:
            os.write(self._word, json.dumps(environment).encode() + b"\n")
            return self._wait()
        finally:
            self._end()  # before what they stand on, which was begun later than the nursery, is ended

    def _wait(self) -> int:
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return max(0, os.waitstatus_to_exitcode(status))

    def _end(self) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGTERM)
            if self._word >= 0:  # a signal is lost that comes right at its beginning: it notices the end of this too
                os.close(self._word)
                self._word = -1
            self._wait()


def _fork(work: Callable[[], int]) -> int:
    """Start a process that does `work` and ends with what it returns; its process id.

    A signal to end that comes while it is being made waits until it can end by it: a handler of the process above would
    raise where Python swallows what is raised.
    """
    kept = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, kept)
        return pid
    status = ENDED
    try:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, kept)
        status = work()
    except KeyboardInterrupt:
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 0
    finally:
        os._exit(status)  # nothing of the process above is ended twice


def _nurse(word: int, held: int, listener: socket.socket, workers: int, drain: int) -> int:
    os.close(held)
    importlib.import_module("app.main").settle()
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(word, 65536)
        if not more:
            return 0  # there was nothing to serve
        line += more
    os.environ |= json.loads(line)
    return _Ward(word, listener, workers, drain).keep()


class _Ward:
    """The workers of one nursery, by process id, with the moment at which each began."""

    def __init__(self, word: int, listener: socket.socket, workers: int, drain: int) -> None:
        self.word = word
        self.listener = listener
        self.drain = drain
        self.wanted = workers
        self.begun: dict[int, float] = {}
        self.places: dict[int, int] = {}
        self.counts = memoryview(mmap.mmap(-1, 8 * workers)).cast("q")  # connections of each worker, for all to read
        self.counts[:] = array("q", [ABSENT] * workers)
        self.status = 0
        self.read, self.held = os.pipe()
        self.wake, self.bell = socket.socketpair()
        for end in (self.wake, self.bell):
            end.setblocking(False)  # noqa: FBT003 - the standard library's signature

    def keep(self) -> int:
        """Keep as many workers as are wanted until a signal comes or the process above is gone; the exit status."""
        asked: list[int] = []
        for number in ENDING:
            signal.signal(number, lambda number, _: asked.append(number))
        signal.signal(signal.SIGCHLD, lambda _, __: None)  # it rings the bell
        signal.set_wakeup_fd(self.bell.fileno())
        while not asked and not self.status:
            while len(self.begun) < self.wanted:
                self._start()
            readable, _, _ = select.select([self.word, self.wake.fileno()], [], [])
            if self.word in readable:
                break  # nobody is left above
            self._listen()
            self._reap()
        self._end()
        return self.status

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.wake.recv(4096)

    def _start(self) -> None:
        place = min(set(range(self.wanted)).difference(self.places.values()))
        pid = _fork(lambda: self._work(place))
        self.begun[pid], self.places[pid] = time.monotonic(), place

    def _work(self, place: int) -> int:
        """One worker, from its first moment to its last."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self.held)
        for end in (self.wake, self.bell):
            end.close()
        threading.Thread(target=_follow, args=(self.read,), daemon=True).start()
        work: Callable[[socket.socket, int, memoryview[int], int], int] = importlib.import_module("app.main").work
        return work(self.listener, GRACE, self.counts, place)

    def _reap(self) -> None:
        """Forget the workers that ended. One that cannot start ends them all; one that ended at once is not hurried."""
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = found
                lived = time.monotonic() - self.begun.pop(pid, 0.0)
                self.counts[self.places.pop(pid)] = ABSENT
                if os.waitstatus_to_exitcode(status) == CANNOT_START:
                    self.status = CANNOT_START
                elif lived < BREATH:
                    time.sleep(BREATH)

    def _end(self) -> None:
        for pid in self.begun:
            os.kill(pid, signal.SIGTERM)
        time.sleep(self.drain)
        with contextlib.suppress(OSError):  # no process listens from now on: what is taken nobody would answer
            self.listener.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + PATIENCE
        while self.begun and (left := deadline - time.monotonic()) > 0:
            select.select([self.wake], [], [], left)
            self._listen()
            self._reap()
        for pid in self.begun:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _follow(word: int) -> None:
    """End this process as soon as the one above it has ended."""
    os.read(word, 1)
    os.kill(os.getpid(), signal.SIGTERM)
