import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from lxml import etree

from app.resources import DEFINITIONS
from app.resources.validation import parse, validate
from app.settings import Settings
from benchmarks import bodies, cpu, grid, growth, soak
from benchmarks.load import Measure
from benchmarks.report import Report, Start
from benchmarks.seed import created

BUSY = "import time\nwhile time.process_time() < {seconds}: pass"
CHILD = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', {code!r}])"
WAIT = "import sys\nprint(flush=True)\nsys.stdin.read()"
TOLERANCE = 0.15


@contextmanager
def running(code: str) -> Iterator[int]:
    """A program that does its work, prints a line, and waits."""
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}\n{WAIT}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


def test_a_busy_loop_is_counted() -> None:
    with running(BUSY.format(seconds=0.4)) as server, running("") as database:
        spent = cpu.spent(server, database)
    assert spent.server == pytest.approx(0.4, abs=TOLERANCE)
    assert spent.database < TOLERANCE
    assert spent.total == spent.server + spent.database


def test_a_child_that_has_ended_is_counted() -> None:
    with running("") as server, running(CHILD.format(code=BUSY.format(seconds=0.4))) as database:
        spent = cpu.spent(server, database)
    assert spent.database == pytest.approx(0.4, abs=2 * TOLERANCE)


def test_a_database_below_the_server_counts_once() -> None:
    busy = BUSY.format(seconds=0.4) + "\nimport time; time.sleep(20)"
    code = f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {busy!r}])"
    with running(code) as server:
        database = next(pid for pid, process in cpu.processes().items() if process.parent == server)
        deadline = time.monotonic() + 30
        while cpu.spent(server, database).database < 0.38 and time.monotonic() < deadline:
            time.sleep(0.02)
        spent = cpu.spent(server, database)
        assert set(cpu.memory(server, database)) == {server}
        subprocess.run(["kill", str(database)], check=True)
    assert spent.database == pytest.approx(0.4, abs=TOLERANCE)
    assert spent.server < 2 * TOLERANCE  # it imports more, and does no work


def test_the_difference_of_two_readings() -> None:
    assert cpu.Spent(3, 5) - cpu.Spent(1, 2) == cpu.Spent(2, 3)


def test_every_holder_has_an_ins_of_his_own_with_a_right_key() -> None:
    people = [bodies.person(index) for index in range(3000)]
    assert len({each.ins for each in people}) == len(people)
    assert all(97 - int(each.ins[:13]) % 97 == int(each.ins[13:]) for each in people)


@pytest.mark.parametrize("content", ["elsewhere", "inline"])
def test_a_document_is_two_kilobytes(content: str) -> None:
    text = bodies.filled(bodies.document(content), record="r" * 20, ins="1" * 15, number="1")
    assert 1900 <= len(text.encode()) <= 2100
    assert "{{" not in text


def texts() -> list[str]:
    """Every resource that is sent."""
    values = {"record": "r" * 20, "ins": "1" * 15, "number": "1.2"}
    lots = (bodies.opening(bodies.person(1), 1), bodies.filled(bodies.template("lot"), **values))
    entries = [json.dumps(entry["resource"]) for lot in lots for entry in json.loads(lot)["entry"]]
    return entries + [bodies.filled(bodies.document(content), **values) for content in ("inline", "elsewhere")]


@pytest.mark.parametrize("text", texts())
def test_what_is_sent_is_valid(text: str) -> None:
    tree = parse(text.encode())
    validate(DEFINITIONS[tree["resourceType"]], tree, Settings.model_fields["codesystem_base"].default)


def test_a_lot_has_ten_entries() -> None:
    assert bodies.template("lot").count('"fullUrl"') == 10


def test_what_a_transaction_made() -> None:
    location = "http://127.0.0.1/fhir/List/abc.def/_history/1"
    assert created({"status": "201 Created", "location": location}) == ("List", "abc.def")
    with pytest.raises(RuntimeError, match="not created"):
        created({"status": "200 OK", "location": location})


def test_ratios_are_of_the_same_round() -> None:
    bare = Measure("bare read", 1, 60, 40, 1, 1, 1)
    rounds = [
        {"bare read": bare, "read": replace(bare, name="read", server_us=260)},
        {"bare read": replace(bare, server_us=160), "read": replace(bare, name="read", server_us=960)},
        {"bare read": bare, "read": replace(bare, name="read", server_us=160)},
    ]
    text = Report(rounds, Start(0, 1.5, 200 << 20), {}).markdown()
    assert "| read | 300 | 260 | 40 | 3.00 | 2.0 to 5.0 | ≤ 4 | held |" in text
    assert "1.50 s (target < 3 s, held)" in text
    assert "200 MiB (target < 150 MiB, missed)" in text
    assert "folder empty" not in text


def test_a_matrix_says_medians_prices_and_times_bare() -> None:
    def cell(*spent: float) -> list[Measure]:
        return [Measure("", 100, one, one, 1e6 / one, 1.0, 4.0) for one in spent]

    cells = {
        ("", "bare read", 2, 16): cell(100, 200, 50),
        ("", "read", 2, 16): cell(200, 600, 100),
        ("without policy", "read", 2, 16): cell(150, 150, 300),
        ("without trail", "read", 2, 16): cell(100, 90, 110),
    }
    report = grid.Report(cells, {2: 1 << 27}, {"rounds": 3})
    text = report.markdown()
    assert "| read | 2 | 16 | 5000 | 1.0 | 4.0 | 400 | 200 | 200 | 2.0 |" in text
    assert "| read | 400 | 300 | 25% | 200 | 50% |" in text
    assert "128 MiB of 2" in text
    drawn = etree.fromstring(report.svg().encode())
    assert [one.text for one in drawn.iter("{*}text") if one.get("text-anchor") == "end"] == ["bare read", "read"]


def test_growth_is_judged_within_rounds_and_keeps_its_place() -> None:
    def measure(spent: float) -> Measure:
        return Measure("read", 100, spent / 2, spent / 2, 1.0, 1.0, 1.0)

    pairs = [(measure(few), measure(many)) for few, many in ((100, 110), (200, 260), (100, 90))]
    options = argparse.Namespace(few=10, many=1000, records=3, rounds=3, seconds=1)
    section = growth.page({"read": pairs}, options)
    assert "| read | 100 | 50 | 50 | 110 | 55 | 55 | 1.10 | 0.90 to 1.30 | held |" in section
    page = growth.placed("# Scale\n\n## Parts\n\ntext\n\n## One record\n\nlast\n", section)
    assert [line for line in page.splitlines() if line[:2] == "##"] == ["## Parts", growth.HEAD, "## One record"]
    assert growth.placed(page, section) == page


def test_memory_that_rises_is_not_flat() -> None:
    def minutes(step: int, wrong: dict[str, int]) -> list[soak.Minute]:
        sizes = [100_000_000 + step * max(0, number - 15) for number in range(60)]
        return [soak.Minute(100, wrong, 1.0, 2.0, (size, size), (size, size)) for size in sizes]

    assert soak.verdict(minutes(0, {soak.UNSENT: 3}))[0]
    assert soak.verdict(minutes(40_000, {}))[0]
    assert "not flat: +5." in soak.verdict(minutes(90_000, {}))[1]
    assert not soak.verdict(minutes(90_000, {}))[0]
    assert not soak.verdict(minutes(0, {"500": 1}))[0]
