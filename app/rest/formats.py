"""Which format goes out, which comes in (http.html section 3.1.0.1.11).

JSON and XML are both read and answered (`app.rest.xml`); JSON where the client says nothing, or likes both as well.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import jiter
import orjson

from app.errors import BadValue, NotAcceptable, TooLarge, WrongMediaType

FHIR_JSON = "application/fhir+json; charset=utf-8"
FHIR_XML = "application/fhir+xml; charset=utf-8"
FHIR_VERSIONS = frozenset({"4.0", "4.0.1"})
JSON_NAMES = frozenset({"json", "application/json", "application/fhir+json", "text/json"})
XML_NAMES = frozenset({"xml", "text/xml", "application/xml", "application/fhir+xml"})
FHIR_NAMES = frozenset({"application/fhir+json", "application/fhir+xml"})
WILDCARDS = (frozenset({"application/*"}), frozenset({"*/*"}))
"""Names that mean any format, the narrower first (RFC 9110 section 12.5.1)."""
LONGEST_HEADER = 1024


class Format(Enum):
    """A format of resources: its media type in an answer, and the names that it is asked for by."""

    JSON = (FHIR_JSON, JSON_NAMES)
    XML = (FHIR_XML, XML_NAMES)

    def __init__(self, media_type: str, names: frozenset[str]) -> None:
        self.media_type = media_type
        self.names = names


class Range(NamedTuple):
    """One media range of an Accept header: its name, FHIR version ("" when not said) and weight."""

    name: str
    version: str
    weight: float


@lru_cache(maxsize=256)
def ranges(accept: str) -> tuple[Range, ...]:
    """Media ranges of an Accept header, heaviest first (RFC 9110 section 12.5.1)."""
    found = [_range(part) for part in accept.split(",") if part.strip()]
    return tuple(sorted(found, key=lambda r: -r.weight))


def _range(text: str) -> Range:
    name, *parameters = (part.strip() for part in text.split(";"))
    values = dict(_pair(p) for p in parameters)
    try:
        weight = float(values.get("q", "1"))
    except ValueError:
        weight = 0.0
    return Range(name.lower(), values.get("fhirversion", ""), weight if 0 <= weight <= 1 else 0.0)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


@lru_cache(maxsize=256)
def negotiate(accept: str, asked: str) -> Format:
    """Format that a client likes best; `asked` is `_format` and overrides the header. NotAcceptable for neither."""
    # A blank in _format is the plus sign of `application/fhir+json`, sent without its percent-encoding.
    wanted = ranges(asked.replace(" ", "+") if asked else accept[:LONGEST_HEADER] or "*/*")
    served = [(place, r) for place, r in enumerate(wanted) if not r.version or r.version in FHIR_VERSIONS]
    best = max(Format, key=lambda one: _liking(one, served))
    if _liking(best, served)[0] > 0:
        return best
    raise NotAcceptable("ask for `application/fhir+json` or `application/fhir+xml`, with `fhirVersion=4.0`")


def _liking(one: Format, served: list[tuple[int, Range]]) -> tuple[float, int, int]:
    """How much a format is liked: by the narrowest range that means it, its weight, then its place in the header."""
    for width, names in enumerate((one.names, *WILDCARDS)):
        found = [(r.weight, -width, -place) for place, r in served if r.name in names]
        if found:
            return max(found)
    return (0.0, 0, 0)


def accepts_fhir(accept: str, asked: str) -> bool:
    """Whether a client prefers the FHIR form of a Binary over its bytes (binary.html section 2.42.3)."""
    if asked:
        return True
    wanted = ranges(accept[:LONGEST_HEADER])
    return bool(wanted) and wanted[0].name in FHIR_NAMES


def is_xml(header: str) -> bool:
    """Whether a Content-Type says that a body is XML."""
    return media_type(header[:LONGEST_HEADER]) in XML_NAMES


@lru_cache(maxsize=256)
def media_type(header: str) -> str:
    """Name of the media type of a body; raises WrongMediaType for another charset or FHIR version."""
    name, *parameters = header.split(";")
    values = dict(_pair(p) for p in parameters)
    if values.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise WrongMediaType("the body must be utf-8")
    if values.get("fhirversion", "4.0") not in FHIR_VERSIONS:
        raise WrongMediaType("the body must be of `fhirVersion=4.0`")
    return name.strip().lower()


def check_media(header: str, allowed: frozenset[str], encoding: str, told: tuple[str, ...] = ("Accept",)) -> None:
    """Refuse with WrongMediaType a body that is not of an allowed type, or is compressed.

    The headers that are `told` name what is allowed.
    """
    if encoding and encoding.lower() != "identity":
        raise WrongMediaType("a compressed body is not supported", headers={"Accept-Encoding": "identity"})
    name = media_type(header[:LONGEST_HEADER])
    if name not in allowed and not (name and "*/*" in allowed):
        missing = f"media type `{name[:80]}` is not supported" if name else "the body needs a `Content-Type`"
        raise WrongMediaType(missing, headers=dict.fromkeys(told, ", ".join(sorted(allowed))))


def check_length(header: str, limit: int) -> None:
    """Refuse a declared Content-Length past `limit` bytes, before anything is read (413)."""
    if not header:
        return
    if not header.isascii() or not header.isdigit():
        raise BadValue("`Content-Length` is not a number")
    if int(header[:20]) > limit:
        raise TooLarge(f"the body may have at most {limit} bytes")


def pretty(body: bytes) -> bytes:
    """The same JSON with line breaks, decimals as they were written."""
    tree = jiter.from_json(body, float_mode="lossless-float")
    return orjson.dumps(tree, default=_fragment, option=orjson.OPT_INDENT_2)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, jiter.LosslessFloat):
        return orjson.Fragment(bytes(value))
    raise TypeError
