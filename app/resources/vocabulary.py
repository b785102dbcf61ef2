"""Value sets and hierarchies of codes that a search may name (`data/vocabulary.json`): `:in`, `:below` and `:above`.

Only what is known whole is here. What is not is refused where it is asked for, and never taken for empty.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPES = "urn:ietf:bcp:13"
LANGUAGES = "urn:ietf:bcp:47"
WRITTEN = {MEDIA_TYPES: ("/", ";"), LANGUAGES: ("-",)}
"""Systems whose codes say themselves what they are below, and the marks that part them: `image/png`, `fr-FR`."""


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(files("app.resources").joinpath("data/vocabulary.json").read_bytes())
    return data


def value_set(url: str) -> list[tuple[str, str]] | None:
    """System and code of everything in the value set of that canonical URL; None where it is not known here."""
    systems: Mapping[str, list[str]] | None = _data()["valueSets"].get(url.partition("|")[0])
    return None if systems is None else [(system, code) for system, codes in systems.items() for code in codes]


def _ancestors(system: str | None) -> dict[str, dict[str, list[str]]]:
    known: dict[str, dict[str, list[str]]] = _data()["ancestors"]
    return known if system is None else {system: known[system]} if system in known else {}


def below(system: str | None, code: str) -> list[tuple[str, str]] | None:
    """A code and what it subsumes, each with its system; None where the hierarchy is not known here.

    Without a system every known one is looked into that has the code.
    """
    trees = _ancestors(system)
    found = [(s, one) for s, tree in trees.items() if code in tree for one in tree if one == code or code in tree[one]]
    return found or (None if system is None or not trees else [(system, code)])


def above(system: str | None, code: str) -> list[tuple[str, str]] | None:
    """A code and what subsumes it, as `below` tells the other way."""
    trees = _ancestors(system)
    found = [(s, one) for s, tree in trees.items() if code in tree for one in (code, *tree[code])]
    return found or (None if system is None or not trees else [(system, code)])
