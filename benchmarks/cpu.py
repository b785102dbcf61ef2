"""CPU time that a server and its database have spent, read from `/proc` (proc(5), `/proc/pid/stat`).

The time of a tree of processes is utime + stime of every living member and cutime + cstime, which hold the children
that have ended and were waited for. So a backend that lived for a moment is counted through the postmaster. The kernel
counts in ticks of 10 ms a process: measure over seconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK = 1 / os.sysconf("SC_CLK_TCK")
KIB = 1024
SCANS = 20


@dataclass(frozen=True, slots=True)
class Process:
    """One living process: its parent, and the seconds of itself and of its ended children."""

    parent: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of the server's processes and of the database's."""

    server: float
    database: float

    @property
    def total(self) -> float:
        """Both, in seconds."""
        return self.server + self.database

    def __sub__(self, earlier: Spent) -> Spent:
        """What was spent since `earlier`."""
        return Spent(self.server - earlier.server, self.database - earlier.database)


def _process(stat: str) -> Process:
    # The name, in parentheses, may hold spaces; what follows it is state, ppid, ...
    fields = stat.rpartition(")")[2].split()
    return Process(int(fields[1]), sum(map(int, fields[11:15])) * TICK)


def processes() -> dict[int, Process]:
    """Every living process by its id."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            try:
                found[int(entry.name)] = _process((entry / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def tree(root: int, living: dict[int, Process]) -> set[int]:
    """Process ids of `root` and all below it, among the `living`."""
    members = {root} & living.keys()
    grown = members
    while grown:
        grown = {pid for pid, process in living.items() if process.parent in grown} - members
        members |= grown
    return members


def spent(server: int, postmaster: int) -> Spent:
    """CPU time so far of the trees under two process ids; a database started by the server counts once, as database.

    A child that ends between the reading of its parent and its own would be lost, so the reading is taken again until
    the same processes live before and after it. RuntimeError where they never settle.
    """
    for _ in range(SCANS):
        living = processes()
        database = tree(postmaster, living)
        serving = tree(server, living) - database
        after = processes()
        if tree(postmaster, after) == database and tree(server, after) - database == serving:
            return Spent(*(sum(living[pid].seconds for pid in pids) for pids in (serving, database)))
    message = "the processes do not settle: some come and go at every reading"
    raise RuntimeError(message)


def memory(server: int, postmaster: int) -> dict[int, int]:
    """Resident bytes (VmRSS) of each of the server's processes, by process id; the database's are left out."""
    living = processes()
    return {pid: _resident(pid) for pid in tree(server, living) - tree(postmaster, living)}


def _resident(pid: int) -> int:
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return next((int(line.split()[1]) * KIB for line in lines if line.startswith("VmRSS:")), 0)
