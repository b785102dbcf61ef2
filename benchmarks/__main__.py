"""The whole run: start, seed, start again, check, measure in turns, report."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import Settings
from benchmarks import bodies, cpu
from benchmarks.check import check
from benchmarks.load import CONNECTIONS, Load, WrongAnswersError, measure
from benchmarks.report import TARGETS, Report, Start, machine
from benchmarks.seed import FHIR_JSON, Seeded, seed
from benchmarks.servers import Bare, Carnet, differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.report import Round
    from benchmarks.servers import Server

RESULTS = Path(__file__).parent / "results"
LOT_ENTRIES = 10
WRITTEN_RECORDS = 50
PROFILE_RATE = 250


def arguments() -> argparse.Namespace:
    """What the caller of `benchmarks/run` may choose."""
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
    parser.add_argument("--records", type=int, default=1000, help="records to read from")
    parser.add_argument("--documents", type=int, default=20, help="documents of each")
    parser.add_argument("--workers", type=int, default=2, help="server processes, of both applications")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="length of each measured load")
    parser.add_argument("--only", default="", help="workloads, by comma: read,search,create,transaction")
    parser.add_argument("--content", choices=["elsewhere", "inline"], default="elsewhere", help="of a created document")
    parser.add_argument("--keep", type=Path, help="folder to keep the seeded data in, and to use again if it has any")
    parser.add_argument(
        "--profile", choices=[target.name for target in TARGETS], help="no measures: py-spy on one load"
    )
    return parser.parse_args()


def say(sentence: str) -> None:
    """One line of what is being done."""
    print(f"[{time.strftime('%H:%M:%S')}] {sentence}", flush=True)


@dataclass(frozen=True, slots=True)
class Work:
    """The folder of one run: Carnet's data, the bare cluster, and the files that the scripts read."""

    folder: Path
    carnet: Carnet

    @property
    def seeded(self) -> Path:
        """Where the ids that were seeded are kept."""
        return self.folder / "seeded.json"

    def write(self, name: str, lines: list[str]) -> str:
        """A file of the folder, private; returns its path."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)


@contextmanager
def workplace(options: argparse.Namespace) -> Iterator[Work]:
    """The folder to work in: the one to keep, or one that is removed at the end."""
    kept: Path | None = options.keep
    folder = kept.resolve() if kept else Path(tempfile.mkdtemp(prefix="carnet-benchmark-"))
    (folder / "carnet").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield Work(folder, Carnet(folder / "carnet", options.workers))
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def seeded(work: Work, options: argparse.Namespace, *, patched: int = 0) -> tuple[Seeded, float]:
    """What there is to ask for, made now unless it was kept; and the seconds of the start on an empty folder.

    Of the records that are written to each has `patched` documents.
    """
    if work.seeded.exists():
        say(f"using the data of {work.folder}")
        return Seeded.load(work.seeded), 0.0
    server = work.carnet.start()
    try:
        total = options.records * (options.documents + 1)
        say(f"Carnet answers after {server.first_answer:.2f} s on an empty folder; seeding {total} resources")
        started = time.monotonic()
        token = work.carnet.professional(bodies.DEPOSITOR, bodies.STRUCTURE)
        base = f"{server.url}/fhir"
        sizes = {"records": options.records, "documents": options.documents, "written": WRITTEN_RECORDS}
        made = seed(base, token, **sizes, patched=patched)
        work.carnet.analyse()
        say(f"seeded in {time.monotonic() - started:.0f} s")
    finally:
        server.stop()
    made.save(work.seeded)
    return made, server.first_answer


def tokens(carnet: Carnet, holder: str) -> dict[str, str]:
    """One token of each caller that the run needs."""
    return {
        "depositor": carnet.professional(bodies.DEPOSITOR, bodies.STRUCTURE),
        "reader": carnet.professional(bodies.READER, "1750000002"),
        "stranger": carnet.professional(bodies.STRANGER, "1750000003"),
        "holder": carnet.token("--holder", holder),
    }


def carnet_loads(work: Work, server: Server, made: Seeded, callers: dict[str, str], document: str) -> dict[str, Load]:
    """The four workloads; the marker of each is what a right answer, or each of its entries, has once."""
    documents = [f"/fhir/DocumentReference/{id}" for record in made.read for id in record.documents]
    searches = [f"/fhir/DocumentReference?patient={record.id}" for record in made.read]
    created, lot = work.write("document.json", [document]), work.write("lot.json", [bodies.template("lot")])
    reader = {"status": "200", "token": work.write("reader.token", [callers["reader"]])}
    writer = {
        "token": work.write("depositor.token", [callers["depositor"]]),
        "targets": work.write("written.txt", [f"{record.id} {record.ins}" for record in made.written]),
        "type": FHIR_JSON,
    }
    plans = {
        "read": reader | {"targets": work.write("documents.txt", documents)} | marked('"masterIdentifier":', 1),
        "search": reader
        | {"targets": work.write("searches.txt", searches)}
        | marked('"mode":"match"', len(made.read[0].documents)),
        "create": writer | {"path": "/fhir/DocumentReference", "template": created, "status": "201"} | marked("", 0),
        "transaction": writer
        | {"path": "/fhir", "template": lot, "status": "200"}
        | marked('"status":"201', LOT_ENTRIES),
    }
    scripts = {"read": "get.lua", "search": "get.lua", "create": "post.lua", "transaction": "post.lua"}
    return {name: Load(name, server, scripts[name], plan) for name, plan in plans.items()}


def marked(marker: str, times: int) -> dict[str, str]:
    """The words of a plan by which a body is judged."""
    return {"marker": marker, "times": str(times)}


def bare_loads(work: Work, server: Server, made: Seeded, rows: int) -> dict[str, Load]:
    """The two loads that are the measure."""
    keys = work.write("rows.txt", [f"/row/{index}" for index in range(rows)])
    read = {"status": "200", "token": "", "targets": keys} | marked('"masterIdentifier":', 1)
    insert = {
        "status": "201",
        "token": "",
        "targets": work.write("rows-written.txt", [f"{record.id} {record.ins}" for record in made.written]),
        "path": "/row",
        "type": "application/json",
        "template": work.write("row.json", [bodies.template("document")]),
    } | marked("", 0)
    return {
        "bare read": Load("bare read", server, "get.lua", read),
        "bare insert": Load("bare insert", server, "post.lua", insert),
    }


def turn(loads: dict[str, Load], options: argparse.Namespace, number: int, each: int) -> Round:
    """One round: every load once, the bare ones between the others."""
    say(f"round {each + 1} of {options.rounds}")
    measured = {}
    for name in order(options.only):
        measured[name] = found = measure(loads[name], options.seconds, number + each)
        parts = f"{found.server_us:.0f} + {found.database_us:.0f}"
        say(f"  {name}: {found.total_us:.0f} µs CPU ({parts}), {found.rate:.0f}/s")
    return measured


def order(only: str) -> list[str]:
    """Names of the loads of a round, in turn: each bare load stands right before what is held against it."""
    chosen = [target for target in TARGETS if not only or target.name in only.split(",")]
    return list(dict.fromkeys(name for target in chosen for name in (target.bare, target.name)))


def profiler() -> str:
    """Path of py-spy; ends the run where it is missing."""
    found = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    return found or sys.exit("py-spy is not installed: `.venv/bin/pip install py-spy`, and call again")


def profile(load: Load, seconds: int, run: int) -> None:
    """py-spy on the server's processes under one load; writes a file for speedscope.app."""
    RESULTS.mkdir(exist_ok=True)
    output = RESULTS / f"{load.name}.speedscope.json"
    options = ["--subprocesses", "--rate", str(PROFILE_RATE), "--duration", str(seconds), "--format", "speedscope"]
    command = [profiler(), "record", *options, "--output", str(output), "--pid", str(load.server.process.pid)]
    with subprocess.Popen(command) as recorder:  # noqa: S603 - our own command
        measured = measure(load, seconds, run)
        recorder.wait()
    say(f"{measured.total_us:.0f} µs CPU a request, the profiler at work; {output}")


def bare_beside(work: Work, stack: ExitStack, workers: int, rows: int) -> tuple[Server, list[str]]:
    """The bare application beside Carnet, and where the settings of the two clusters differ."""
    bare = stack.enter_context(Bare(work.folder / "bare"))
    bare.fill(rows, bodies.template("document").encode())
    pool = os.environ.get("CARNET_POOL_SIZE", Settings.model_fields["pool_size"].default)
    server = bare.start(workers, int(pool))
    stack.callback(server.stop)
    return server, differences(work.carnet, bare)


def setting(options: argparse.Namespace, records: int, rows: int, unequal: list[str]) -> dict[str, object]:
    """What the figures depend on, for the report."""
    chosen = {name: getattr(options, name) for name in ("workers", "seconds", "rounds", "content")}
    sizes = {"records": records, "documents": rows, "connections": CONNECTIONS}
    return machine() | sizes | chosen | {"settings that differ": unequal or "none"}


def run(options: argparse.Namespace) -> None:
    """Everything in order; leaves a report on the screen and in `benchmarks/results`."""
    number = int(time.time())  # draws, and masterIdentifiers that no earlier run on kept data has used
    with workplace(options) as work, ExitStack() as stack:
        made, empty = seeded(work, options)
        server = work.carnet.start()
        stack.callback(server.stop)
        say(f"Carnet answers after {server.first_answer:.2f} s on the full folder")
        document = bodies.document(options.content)
        callers = tokens(work.carnet, made.read[0].id)
        check(f"{server.url}/fhir", callers, made.read[0], made.written[0], str(number), document)
        say("one answer of each kind read through: right; a stranger sees nothing; the trail holds the read")
        loads = carnet_loads(work, server, made, callers, document)
        if options.profile:
            profile(loads[options.profile], options.seconds, number)
            return
        rows = sum(len(record.documents) for record in made.read)
        bare, unequal = bare_beside(work, stack, options.workers, rows)
        loads |= bare_loads(work, bare, made, rows)
        rounds = [turn(loads, options, number, each) for each in range(options.rounds)]
        resident = max(cpu.memory(server.process.pid, server.postmaster).values())
        about = setting(options, len(made.read), rows, unequal)
        report = Report(rounds, Start(empty, server.first_answer, resident), about)
        print(f"\n{report.markdown()}\n")
        say(f"saved {report.save(RESULTS)}")


def main() -> None:
    """Run, and say plainly why where it cannot."""
    options = arguments()
    if options.profile:
        profiler()
    try:
        run(options)
    except (RuntimeError, WrongAnswersError) as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
