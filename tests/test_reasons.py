"""Every reason code that is raised anywhere has its sentence in French and in English."""

from __future__ import annotations

import ast
from pathlib import Path

from app.policy.rules import DENY, DOCUMENT
from app.policy.writes import ACTS
from app.rest.reasons import REASONS

APP = Path(__file__).parents[1] / "app"


def raised() -> dict[str, str]:
    """Each `reason="…"` of a call, with the file that says it; and the fourth argument of an Issue."""
    found = {}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            values = [k.value for k in node.keywords if k.arg == "reason"]
            if isinstance(node.func, ast.Name) and node.func.id == "Issue" and len(node.args) > 2:
                values.append(node.args[2])
            for value in values:
                if isinstance(value, ast.Constant) and value.value:
                    found[str(value.value)] = path.name
    return found


def test_every_reason_has_its_sentences() -> None:
    codes = raised()
    assert len(codes) > 30
    missing = {code: file for code, file in codes.items() if code not in REASONS}
    assert missing == {}


def test_every_rule_that_refuses_has_its_sentences() -> None:
    names = {one.name for refusals in ACTS.values() for one in refusals}
    names |= {rule.name for rule in DOCUMENT if rule.verdict is DENY}
    assert sorted(names - REASONS.keys()) == []


def test_sentences_are_sentences() -> None:
    for french, english in REASONS.values():
        assert french.endswith(".")
        assert english.endswith(".")
