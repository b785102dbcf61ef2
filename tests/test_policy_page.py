"""The page that a lawyer reads beside the law: made from the tables, complete, and true of the tests that it names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.policy import rules
from app.policy.writes import ACTS, Act
from tests import held

if TYPE_CHECKING:
    from app.policy.rules import Rule
    from app.policy.writes import Refuse

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = re.compile(r"\b[LR]\.1111-\d+|\bL\.1110-12\b|\bS00[0-4]\b|\bP4D \S")
TABLES: dict[str, tuple[tuple[Rule, ...], dict[str, held.Nodes]]] = {
    "document": (rules.DOCUMENT, held.DOCUMENT),
    "patient": ((rules.PATIENT_REDUCED,), held.PATIENT),
    "consent": (rules.CONSENT, held.CONSENT),
    "audit": (rules.AUDIT, held.AUDIT),
    "listing": (rules.LISTING, held.LISTING),
    "task": (rules.TASK, held.TASK),
    "uncited": (rules.UNCITED, held.UNCITED),
}
LINES: list[tuple[str, Rule | Refuse]] = [
    *((f"{name}/{rule.name}", rule) for name, (table, _) in TABLES.items() for rule in table),
    *((f"{act}/{one.name}", one) for act, refusals in ACTS.items() for one in refusals),
]


def test_the_page_is_made_from_the_tables() -> None:
    """Where it is not: `.venv/bin/python scripts/policy >docs/policy.md`."""
    made = subprocess.run([sys.executable, ROOT / "scripts" / "policy"], check=True, capture_output=True, text=True)
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    assert page == made.stdout
    assert all(f"`{one.name}`" in page and one.source in page for _, one in LINES)


@pytest.mark.parametrize(("name", "one"), LINES, ids=[name for name, _ in LINES])
def test_every_rule_says_its_condition_in_words_and_names_an_article(name: str, one: Rule | Refuse) -> None:
    assert len(one.words.split()) > 1 or one.words == "otherwise", name
    assert one.words[0].islower() or one.words.startswith("T "), name
    assert not one.words.endswith((".", ",", " ")), name
    assert "  " not in one.words, name
    assert ARTICLE.search(one.source), name


@pytest.mark.parametrize("table", [*(table for table, _ in TABLES.values()), *ACTS.values()])
def test_a_name_stands_once_in_a_table(table: tuple[Rule | Refuse, ...]) -> None:
    names = [one.name for one in table]
    assert len(set(names)) == len(names) > 0


def test_only_the_last_rule_holds_otherwise() -> None:
    for table, _ in TABLES.values():
        assert [rule.words == "otherwise" for rule in table[:-1]] == [False] * (len(table) - 1)
        assert (table[-1].words == "otherwise") is (table[-1] is not rules.PATIENT_REDUCED)


def test_every_act_says_first_who_may_do_it() -> None:
    assert set(ACTS) == set(Act)
    for act, refusals in ACTS.items():
        assert refusals[0].words.startswith("he is not "), act


@cache
def nodes_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def test_the_tests_that_it_names_are_there() -> None:
    named = [nodes for _, table in TABLES.values() for nodes in table.values()]
    named += [*held.ACTS.values(), *held.ANY_ACT.values()]
    for node in {node for nodes in named for node in nodes}:
        path, _, name = node.partition("::")
        assert name in nodes_of(path), node
    assert all(named)


def test_every_rule_is_held_by_a_test_and_nothing_else_is_said_to_be() -> None:
    for name, (table, nodes) in TABLES.items():
        assert list(nodes) == [rule.name for rule in table], name
    pairs = {(act, one.name) for act, refusals in ACTS.items() for one in refusals}
    assert held.ACTS.keys() <= pairs
    assert {name for act, name in pairs - held.ACTS.keys()} == held.ANY_ACT.keys()
