"""What a message says: sentences in French and English, without health data, a name, or the name of a document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from jinja2 import Template

    from app.records.messages import Outgoing

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words: a subject and a body for e-mail, one short line for a text message."""

    subject: str
    body: str
    short: str


def word(outgoing: Outgoing, url: str) -> Worded:
    """A message in its language; `url` is where its reader signs in."""
    language = outgoing.language if outgoing.language in LANGUAGES else LANGUAGES[0]
    said = (language, outgoing.kind, outgoing.count, outgoing.about, url)
    return _worded(*said, outgoing.words) if outgoing.words else _common(*said)


def _worded(language: str, kind: str, count: int, about: str, url: str, words: str = "") -> Worded:
    sentences = _sentences(language)
    said = {"count": count, "url": url, "about": about, "words": words}
    subject, text = (_template(language, kind, part).render(said) for part in ("subject", "text"))
    body = _template(language, "frame", "professional" if about else "holder").render(said | {"text": text})
    sender = f"{sentences['frame']['sender']} : {text} {url}".replace(" : ", ": ", language == "en")
    return Worded(subject, body, sender)


_common = lru_cache(maxsize=256)(_worded)
"""What is said to many in the same words; a one-time code is not kept."""


def kinds(language: str) -> frozenset[str]:
    """The kinds of notices that a language has words for."""
    return frozenset(_sentences(language)) - {"frame"}


@cache
def _sentences(language: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = orjson.loads((files(__package__) / "data" / f"{language}.json").read_bytes())
    return found


@cache
def _template(language: str, kind: str, part: str) -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - a worker that tells nobody needs none

    # plain text: there is no markup to escape, and what is filled in is ours
    environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)  # noqa: S701
    return environment.from_string(_sentences(language)[kind][part])
