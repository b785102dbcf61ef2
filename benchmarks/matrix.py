"""Every workload at every concurrency, on one and two workers, beside the bare application and the database alone.

    python -m benchmarks.matrix [--quick] [--crowd 1000] [--keep FOLDER] [--write]

Rounds are interleaved: each is one worker count after the other, and in it every load at every concurrency, Carnet's
beside those of the bare application and of pgbench. At two workers and 16 connections the same loads run on Carnet
without its policy (`open.py`) and without its trail (`silent.py`). `--crowd` is how many records of a sample
(`carnet sample`) lie around those that are asked for. `--write` puts the report into `benchmarks/matrix.md` and its
plot beside it. `--quick` measures one second each, not eight: a quarter of an hour in all.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from benchmarks import bodies, cpu, grid, pgbench
from benchmarks.__main__ import WRITTEN_RECORDS, bare_loads, carnet_loads, marked, say, seeded, tokens, workplace
from benchmarks.check import check
from benchmarks.load import NoAnswersError, WrongAnswersError, measure
from benchmarks.price import opened
from benchmarks.servers import ROOT, Bare

if TYPE_CHECKING:
    from benchmarks.__main__ import Work
    from benchmarks.grid import Cells
    from benchmarks.load import Load, Measure
    from benchmarks.seed import Seeded
    from benchmarks.servers import Server

CONNECTIONS = (1, 16, 64)
WORKERS = (1, 2)
SIDES = {"without policy": "policy", "without trail": "trail"}
BESIDE = (2, 16)
"""Workers and connections at which the sides are measured."""
PATCHED = 4
"""Documents of each record that is written to whose label is patched."""
LABEL = (
    '[{"op":"replace","path":"/securityLabel/0","value":{"coding":[{"system":"https://mos.esante.gouv.fr/NOS/'
    'TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument","code":"MASQUE_PS",'
    '"display":"Masqué NUMBER"}]}}]'
)


def arguments() -> argparse.Namespace:
    """What the caller may choose."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matrix", description=__doc__)
    parser.add_argument("--records", type=int, default=300, help="records of twenty documents that are asked for")
    parser.add_argument("--crowd", type=int, default=1000, help="records of a sample around them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="length of each measured load")
    parser.add_argument("--quick", action="store_true", help="one second each: a quarter of an hour")
    parser.add_argument("--only", default="", help="workloads, by comma")
    parser.add_argument("--keep", type=Path, help="folder to keep the data in, and to use again if it has any")
    parser.add_argument("--write", action="store_true", help="write benchmarks/matrix.md and matrix.svg")
    options = parser.parse_args()
    options.documents, options.workers = 20, WORKERS[-1]
    options.seconds = 1 if options.quick else options.seconds
    return options


@dataclass
class Run:
    """One run: what there is to ask for, where the bare application is, and what was measured so far."""

    work: Work
    made: Seeded
    options: argparse.Namespace
    bare: Bare
    rows: int
    number: int
    cells: Cells = field(default_factory=dict)
    memory: dict[int, int] = field(default_factory=dict)

    def keep(self, side: str, workers: int, connections: int, one: Measure) -> None:
        """Add one measure to its cell."""
        self.cells.setdefault((side, one.name, workers, connections), []).append(one)

    def measure(self, side: str, workers: int, load: Load, connections: int) -> None:
        """Measure one load, and keep it; longer where nothing at all was answered, as on a machine that others use."""
        chosen = replace(load, connections=connections)
        for seconds in (self.options.seconds, 4 * self.options.seconds):
            self.number += 1
            with suppress(NoAnswersError):
                self.keep(side, workers, connections, measure(chosen, seconds, self.number, warm_up=1))
                return
        raise NoAnswersError(f"{load.name}: nothing is answered")

    def round(self, workers: int) -> None:
        """Every load once on so many workers."""
        with ExitStack() as stack:
            self.work.carnet.workers = workers
            server = self.work.carnet.start()
            stack.callback(server.stop)
            loads = workloads(self.work, self.made, server, self.number, self.options.only)
            self.number += 1
            sides = {side: opened(self.work, server, of) for side, of in SIDES.items()} if workers == BESIDE[0] else {}
            for other in sides.values():
                stack.callback(other.stop)
            with self.bare as bare:
                beside = bare.start(workers, 8)
                stack.callback(beside.stop)
                self.all(workers, loads, beside, sides)
                beside.stop()
            resident = max(cpu.memory(server.process.pid, server.postmaster).values())
            self.memory[workers] = max(resident, self.memory.get(workers, 0))

    def all(self, workers: int, loads: dict[str, Load], beside: Server, sides: dict[str, Server]) -> None:
        """Each load at each concurrency; on each side right after it, since what loads write makes others dearer."""
        bare = bare_loads(self.work, beside, self.made, self.rows)
        for connections in CONNECTIONS:
            for load in (*bare.values(), *loads.values()):
                self.measure("", workers, load, connections)
                for side, other in sides.items() if connections == BESIDE[1] and load.name in loads else ():
                    self.measure(side, workers, replace(load, server=other), connections)
            for name in pgbench.SCRIPTS if workers == WORKERS[0] else ():
                about = {"connections": connections, "seconds": self.options.seconds, "postmaster": beside.postmaster}
                self.keep("", workers, connections, pgbench.measure(self.bare, name, self.rows, **about))
            say(f"  {workers} workers, {connections} connections")


def workloads(work: Work, made: Seeded, server: Server, number: int, only: str = "") -> dict[str, Load]:
    """The seven workloads on a server, after one answer of each kind was read through; `number` is no other's."""
    callers = tokens(work.carnet, made.read[0].id)
    document = bodies.document("elsewhere")
    check(f"{server.url}/fhir", callers, made.read[0], made.written[0], str(number), document)
    found = carnet_loads(work, server, made, callers, document)
    found |= others(work, len(made.read), found)
    return {name: found[name] for name in (only.split(",") if only else found)}


def others(work: Work, first: int, loads: dict[str, Load]) -> dict[str, Load]:
    """The workloads beside the four of `benchmarks/run`; `first` is the index of the first record to write to."""
    read, create = loads["read"], loads["create"]
    mine = work.write("mine.txt", [f"/fhir/DocumentReference?category={one}&_count=20" for one in ("11", "11,10")])
    numbers = [f"{first + record}.{each}" for record in range(WRITTEN_RECORDS) for each in range(PATCHED)]
    names = [quote(f"urn:ietf:rfc:3986|urn:oid:1.2.250.1.213.1.4.8.99999.{bodies.PATCHED}.{one}") for one in numbers]
    patch = {
        "token": create.plan["token"], "targets": work.write("patched.txt", names), "status": "200", "body": LABEL,
        "path": "/fhir/DocumentReference?identifier=", "type": "application/json-patch+json",
    } | marked('"versionId":', 1)  # fmt: skip
    mixed = {
        "status": "200", "type": create.plan["type"], "read": read.plan["targets"], "readtoken": read.plan["token"],
        "search": loads["search"].plan["targets"], "searchtoken": read.plan["token"],
        "create": create.plan["targets"], "createtoken": create.plan["token"], "createbody": create.plan["template"],
        "transaction": create.plan["targets"], "transactiontoken": create.plan["token"],
        "transactionbody": loads["transaction"].plan["template"],
    } | marked("", 0)  # fmt: skip
    return {
        "my patients": replace(
            read, name="my patients", plan=read.plan | {"targets": mine} | marked('"mode":"match"', 20)
        ),
        "patch": replace(create, name="patch", script="patch.lua", plan=patch),
        "mixed": replace(create, name="mixed", script="mixed.lua", plan=mixed),
    }


def crowd(work: Work, records: int) -> None:
    """A sample around what is asked for."""
    if records:
        say(f"a sample of {records} records")
        command = [
            sys.executable,
            "-m",
            "app.cli",
            "sample",
            "--records",
            str(records),
            "--data",
            str(work.carnet.data),
        ]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - our own
        if done.returncode:
            raise RuntimeError(f"no sample: {done.stderr[-500:]}")
        say(done.stdout.strip())


def run(options: argparse.Namespace) -> None:
    """Everything in order."""
    with workplace(options) as work:
        new = not work.seeded.exists()
        made, _ = seeded(work, options, patched=PATCHED)
        if new:
            crowd(work, options.crowd)
        rows = sum(len(record.documents) for record in made.read)
        bare = Bare(work.folder / "bare")
        with bare:
            bare.fill(rows, bodies.template("document").encode())
        one = Run(work, made, options, bare, rows, int(time.time()))
        for each in range(options.rounds):
            for workers in WORKERS:
                say(f"round {each + 1} of {options.rounds}, {workers} workers")
                one.round(workers)
    report = grid.Report(
        one.cells, one.memory, {name: getattr(options, name) for name in ("records", "crowd", "rounds", "seconds")}
    )
    print(f"\n{report.markdown()}\n")
    if options.write:
        say(f"written: {report.save(Path(__file__).parent)}")


def main() -> None:
    """Run, and say plainly why where it cannot."""
    try:
        run(arguments())
    except (RuntimeError, WrongAnswersError) as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
