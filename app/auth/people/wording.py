"""The pages in French and English: templates without JavaScript, and the sentences that go into them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

from app.auth.scopes import SCOPE, VERSION_1

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("fr", "en")
ACTS = {"read": set("rs"), "write": set("cu"), "delete": set("d")}
"""Letters of scopes for each word."""
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
MACHINES = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
"""Marks in a `User-Agent`, the more telling first, and their names."""
SPOKEN = re.compile(r"(?:^|[\s,])(fr|en)\b", re.IGNORECASE)


def language(*wishes: str) -> str:
    """The first language that one of these asks for (a code, `ui_locales`, Accept-Language), else French."""
    for wish in wishes:
        found = SPOKEN.search(wish)
        if found:
            return found[1].lower()
    return LANGUAGES[0]


def page(name: str, spoken: str, **said: Any) -> str:  # noqa: ANN401 - whatever its template shows
    """A page as HTML; what is put into it is escaped."""
    return _templates().get_template(f"{name}.html").render(t=sentences(spoken), language=spoken, **said)


def style() -> bytes:
    """The one stylesheet."""
    return (files(__package__) / "data" / "style.css").read_bytes()


@cache
def sentences(spoken: str) -> dict[str, Any]:
    """The sentences of a language."""
    found: dict[str, Any] = orjson.loads((files(__package__) / "data" / f"{spoken}.json").read_bytes())
    return found


def browser(agent: str) -> str:
    """What somebody knows a browser by, "" for one that says nothing known of itself (`User-Agent`)."""
    found = (next((name for mark, name in kinds if mark in agent), "") for kinds in (BROWSERS, MACHINES))
    return ", ".join(name for name in found if name)


def meaning(scope: str, spoken: str) -> str:
    """What a scope lets an application do, in words."""
    words = sentences(spoken)
    found = SCOPE.fullmatch(scope)
    if found is None:
        return str(words["scopes"].get(scope, scope))
    type, letters, limit = found[2], VERSION_1.get(found[3], found[3]), found[4]
    acts = ", ".join(words["acts"][act] for act, of in ACTS.items() if of & set(letters))
    colon = ": " if spoken == "en" else " : "
    return f"{acts}{colon}{words['types'].get(type, type)}" + (f" ({limit})" if limit else "")


@cache
def _templates() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined  # noqa: PLC0415 - first when a page is shown

    folder = files(__package__) / "data"
    texts = {one.name: one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".html")}
    return Environment(loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
