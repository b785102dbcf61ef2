"""Which format goes out, which comes in (http.html section 3.1.0.1.11).

JSON is served. XML is answered 406 and 415 until its reader and writer stand here beside JSON's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import jiter
import orjson

from app.errors import BadValue, NotAcceptable, TooLarge, WrongMediaType

FHIR_JSON = "application/fhir+json; charset=utf-8"
FHIR_VERSIONS = frozenset({"4.0", "4.0.1"})
JSON_NAMES = frozenset({"json", "application/json", "application/fhir+json", "text/json"})
XML_NAMES = frozenset({"xml", "text/xml", "application/xml", "application/fhir+xml"})
FHIR_NAMES = frozenset({"application/fhir+json", "application/fhir+xml"})
WILDCARDS = frozenset({"*/*", "application/*"})
LONGEST_HEADER = 1024


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
    return Range(name.lower(), values.get("fhirversion", ""), weight)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


@lru_cache(maxsize=256)
def negotiate(accept: str, asked: str) -> None:
    """Refuse with NotAcceptable what we cannot answer in; `asked` is `_format` and overrides the header."""
    # A blank in _format is the plus sign of `application/fhir+json`, sent without its percent-encoding.
    wanted = ranges(asked.replace(" ", "+") if asked else accept[:LONGEST_HEADER] or "*/*")
    if any(_served(r) for r in wanted if r.weight > 0):
        return
    if any(r.name in XML_NAMES for r in wanted):
        raise NotAcceptable("xml is not served yet, ask for `application/fhir+json`")
    raise NotAcceptable("ask for `application/fhir+json` with `fhirVersion=4.0`")


def _served(wanted: Range) -> bool:
    return (wanted.name in JSON_NAMES or wanted.name in WILDCARDS) and (
        not wanted.version or wanted.version in FHIR_VERSIONS
    )


def accepts_fhir(accept: str, asked: str) -> bool:
    """Whether a client prefers the FHIR form of a Binary over its bytes (binary.html section 2.42.3)."""
    if asked:
        return True
    wanted = ranges(accept[:LONGEST_HEADER])
    return bool(wanted) and wanted[0].name in FHIR_NAMES


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


def check_media(header: str, allowed: frozenset[str], encoding: str) -> None:
    """Refuse with WrongMediaType a body that is not of an allowed type, or is compressed."""
    if encoding and encoding.lower() != "identity":
        raise WrongMediaType("a compressed body is not supported", headers={"Accept-Encoding": "identity"})
    name = media_type(header[:LONGEST_HEADER])
    if name not in allowed and not (name and "*/*" in allowed):
        missing = f"media type `{name[:80]}` is not supported" if name else "the body needs a `Content-Type`"
        raise WrongMediaType(missing, headers={"Accept": ", ".join(sorted(allowed))})


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
