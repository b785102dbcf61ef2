"""What the database itself can do: pgbench on the row that the bare application reads and inserts."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from app.storage.embedded import OWNER, binaries
from benchmarks import cpu
from benchmarks.load import MICRO, Measure

if TYPE_CHECKING:
    from benchmarks.servers import Bare

FEWEST = 10
"""Transactions that a run must have come to."""
SCRIPTS = {
    "pgbench read": "\\set id random(0, {last})\nSELECT body FROM row WHERE id = (:id)::text;\n",
    "pgbench insert": "INSERT INTO row (id, body) SELECT gen_random_uuid()::text, body FROM row WHERE id = '0';\n",
}


def measure(bare: Bare, name: str, rows: int, *, connections: int, seconds: int, postmaster: int) -> Measure:
    """One run over its socket, with prepared statements, of two seconds at least; RuntimeError where it fails."""
    seconds = max(seconds, 2)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        script.write_text(SCRIPTS[name].format(last=rows - 1))
        options = ["-n", "-M", "prepared", "-c", str(connections), "-T", str(seconds), "-f", str(script), "-l"]
        command = [str(binaries() / "pgbench"), *options, bare.cluster.url(OWNER)]
        before = cpu.spent(0, postmaster)
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603 - our own
        used = cpu.spent(0, postmaster) - before
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr[-500:]}")
        logs = [line for path in Path(folder).glob("pgbench_log.*") for line in path.read_text().splitlines()]
    took = [int(line.split()[2]) / 1000 for line in logs]
    count = len(took)
    if count < FEWEST:
        raise RuntimeError(f"{name}: {count} transactions in {seconds} s say nothing")
    cuts = quantiles(took, n=100)
    return Measure(name, count, 0.0, used.database / count * MICRO, count / seconds, cuts[49], cuts[98])
