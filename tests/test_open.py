"""The server without a policy that the benchmark measures against: open indeed, and nowhere in the product."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILED = """
{opened}
from app.policy.writes import Act
from app.records.asking import in_one
from app.records.judging import on_record, on_row, row_of, shows
from app.records.reading import by_id, versions
from benchmarks.statements import ask
kinds = ("Patient", "Consent", "DocumentReference", "List", "Task")
found = [*map(by_id, kinds), *map(row_of, kinds), *map(versions, kinds), shows()]
found += [on_record(Act.DEPOSIT, exclusive=False), on_row("DocumentReference", Act.MASK)]
found.append(in_one(ask("DocumentReference", "", "one")))
print("\\n".join(one.sql for one in found))
"""
MARKS = (
    "'record-not-open'",
    "'not-yours-to-do'",
    "'masked'",
    "policy_version",
    "get_bit",
    "announce_at >",
)


def compiled(opened: str) -> str:
    program = [sys.executable, "-c", COMPILED.format(opened=opened)]
    return subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_an_open_server_asks_nothing_of_the_policy() -> None:
    closed, free = compiled(""), compiled("import benchmarks.open")
    for mark in MARKS:
        assert mark in closed, mark
        assert mark not in free, mark


def test_the_product_knows_no_benchmark() -> None:
    knowing = [path for path in (ROOT / "app").rglob("*.py") if "benchmarks" in path.read_text(encoding="utf-8")]
    assert knowing == []
