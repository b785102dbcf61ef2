"""Every reason that the product gives has a sentence in both languages."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import errors
from app.errors import Issue, Refusal
from app.policy import rules
from app.policy.rules import Rule, Verdict
from app.rest.outcome import ENGLISH, FRENCH, language, sentence
from app.rest.reasons import CODES, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = Path(errors.__file__).parent


def reasons_given() -> Iterator[str]:
    """Every reason code of ours written in the code: a `reason=`, or the third argument of an Issue.

    The names that IHE gives to errors (`XDS…`) speak to software, and have the sentence of their issue code.
    """
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                values = [k.value for k in node.keywords if k.arg == "reason"]
                if isinstance(node.func, ast.Name) and node.func.id == "Issue":
                    values += node.args[2:3]
                yield from (v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))


def test_every_reason_has_a_sentence() -> None:
    ours = {reason for reason in reasons_given() if reason.islower()}
    assert ours - REASONS.keys() == set()


def test_every_denying_rule_has_a_sentence() -> None:
    tables = [value for value in vars(rules).values() if isinstance(value, tuple)]
    denying = {r.name for t in tables for r in t if isinstance(r, Rule) and r.verdict is Verdict.DENY}
    assert "masked" in denying
    assert denying <= REASONS.keys()


def test_every_refusal_has_a_sentence() -> None:
    kinds: list[type[Refusal]] = [Refusal, *Refusal.__subclasses__()]
    assert {kind.code for kind in kinds} <= CODES.keys()


def test_sentences_are_sentences() -> None:
    for french, english in (REASONS | CODES).values():
        assert french.endswith(".")
        assert english.endswith(".")
        assert french != english


def test_a_reason_goes_before_a_code() -> None:
    issue = Issue("not-found", "x", "masked")
    assert sentence(issue, ENGLISH) == "The document is masked."
    assert sentence(Issue("unheard-of", "x"), FRENCH) == ""


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", FRENCH), ("en", ENGLISH), ("fr-FR, en;q=0.8", FRENCH), ("en;q=x", FRENCH), ("EN-us;q=0.1, es", ENGLISH)],
)
def test_language(header: str, expected: int) -> None:
    assert language(header) == expected
