"""The XHTML of a narrative: formatting only, nothing that runs (narrative.html, invariants txt-1 and txt-2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
ELEMENTS = """
    a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5
    h6 hr i img ins kbd li map area ol p pre q samp small span strike strong sub sup table tbody td tfoot th thead tr tt
    u ul var
"""
ATTRIBUTES = """
    {http://www.w3.org/XML/1998/namespace}lang abbr accesskey align alt axis bgcolor border cellhalign cellpadding
    cellspacing cellvalign char charoff charset cite class colspan compact coords dir frame headers height href hreflang
    hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title
    type usemap valign value vspace width
"""
TAGS = frozenset(NAMESPACE + name for name in ELEMENTS.split())
KEYS = frozenset(ATTRIBUTES.split())
LINKS = ("href", "src", "cite", "longdesc")
LINK = re.compile(r"""(\b(?:href|src)\s*=\s*)(["'])([^"'<>]*)\2""")
SAFE = ("http:", "https:", "mailto:", "tel:", "urn:", "data:image/")


def _safe_link(value: str) -> bool:
    scheme, colon, _ = value.strip().lower().partition(":")
    return not colon or "/" in scheme or scheme.startswith("#") or value.strip().lower().startswith(SAFE)


def _allowed(element: ET.Element) -> bool:
    style = element.get("style", "").lower()
    return (
        element.tag in TAGS
        and KEYS.issuperset(element.keys())
        and all(_safe_link(element.get(name, "")) for name in LINKS)
        and not any(word in style for word in ("expression", "javascript", "url(", "\\"))
    )


def relinked(text: str, names: Mapping[str, str]) -> str:
    """The same, with each `href` and `src` that is one of these names led where it leads (http.html 3.1.0.11.2)."""
    return LINK.sub(lambda found: f"{found[1]}{found[2]}{names.get(found[3], found[3])}{found[2]}", text)


def is_safe(text: str) -> bool:
    """Whether `text` is one well-formed, non-empty `div` of allowed elements, attributes and links."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "<?" in text:
        return False
    try:
        root = ET.fromstring(text)  # noqa: S314 - a document without DOCTYPE has no entities to expand
    except ET.ParseError:
        return False
    if root.tag != f"{NAMESPACE}div" or not all(_allowed(element) for element in root.iter()):
        return False
    return any(part.strip() for part in root.itertext()) or root.find(f".//{NAMESPACE}img") is not None
