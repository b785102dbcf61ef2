"""OperationOutcome: every refusal and every warning, in the caller's language (api.md section 7)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from app.resources import xds
from app.rest.reasons import CODES, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.errors import Issue

FRENCH, ENGLISH = 0, 1


@lru_cache(maxsize=128)
def language(header: str) -> int:
    """FRENCH or ENGLISH, by Accept-Language; French unless told otherwise (RFC 9110 section 12.5.4)."""
    best = (0.0, FRENCH)
    for part in header[:256].split(","):
        tag, _, weight = part.strip().lower().partition(";q=")
        found = {"fr": FRENCH, "en": ENGLISH}.get(tag.split("-")[0])
        if found is None:
            continue
        try:
            value = float(weight or "1")
        except ValueError:
            continue
        if value > best[0]:
            best = (value, found)
    return best[1]


def sentence(issue: Issue, tongue: int) -> str:
    """Sentence for people: of the reason code, else of the issue code; "" when neither has one."""
    found = REASONS.get(issue.reason) or CODES.get(issue.code)
    return found[tongue] if found else ""


def render(issues: Iterable[Issue], tongue: int, base: str) -> bytes:
    """OperationOutcome as JSON bytes; `base` is the canonical base of our CodeSystems."""
    tree = {"resourceType": "OperationOutcome", "issue": [_issue(i, tongue, base) for i in issues]}
    return orjson.dumps(tree)


def _issue(issue: Issue, tongue: int, base: str) -> dict[str, Any]:
    details: dict[str, Any] = {}
    codes = [code for code in (issue.reason, issue.also or xds.name_of(issue)) if code]
    if codes:
        details["coding"] = [{"system": f"{base}/CodeSystem/reason", "code": code} for code in codes]
    if text := sentence(issue, tongue):
        details["text"] = text
    tree: dict[str, Any] = {"severity": issue.severity, "code": issue.code}
    if details:
        tree["details"] = details
    if issue.diagnostics:
        tree["diagnostics"] = issue.diagnostics
    if issue.expression:
        tree["expression"] = list(issue.expression)
    return tree
