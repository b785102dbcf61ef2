"""Writing: the JSON of a resource as XML, straight into a list of strings.

What is written was validated when it came in, or made here, so nothing is judged again. A member that R4 does not know
is an error of ours: XML would have to leave it out.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple, cast

from jiter import from_json

from app.rest.xml.shapes import FHIR, Form, shapes

Node = dict[str, Any]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
SPECIAL = re.compile('[&<>"\x00-\x1f\ufffe\uffff]')
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
UNKNOWN = "\ufffd"
"""In the place of a character that XML cannot hold; only a refusal that repeats what was asked may have one."""
NEWLINE, INDENT = "\n", "  "


class Member(NamedTuple):
    """How a member of JSON is written: its place, its form (None: not at all here), and the name of its sibling."""

    rank: int
    form: Form | None
    name: str
    kind: str
    many: bool
    sibling: str


@cache
def members(kind: str) -> dict[str, Member]:
    """Members that JSON has for a type, siblings and `resourceType` included."""
    found = {"resourceType": Member(-1, None, "resourceType", "", many=False, sibling="")}
    for rank, name, element, many, form in shapes(kind).values():
        if form is Form.ATTRIBUTE:
            found[name] = Member(rank, None, name, element, many, "")
            continue
        found[name] = Member(rank, form, name, element, many, f"_{name}")
        if form is Form.PRIMITIVE:
            found[f"_{name}"] = Member(rank, None, name, element, many, f"_{name}")
    return found


@cache
def ranks(kind: str) -> dict[str, int]:
    """Place of each member in the order of its type."""
    return {name: member.rank for name, member in members(kind).items()}


def write(body: bytes, *, pretty: bool = False) -> bytes:
    """A resource in JSON as XML in UTF-8; `pretty` breaks it into lines. KeyError for a member that R4 does not have.

    Decimals keep their text, narratives are passed on as they are.
    """
    out = [DECLARATION]
    _resource(out, from_json(body, float_mode="lossless-float"), NEWLINE if pretty else "", f' xmlns="{FHIR}"')
    return "".join(out).encode()


def _resource(out: list[str], tree: Node, pad: str, namespace: str = "") -> None:
    kind = tree["resourceType"]
    out.append(f"{pad}<{kind}{namespace}>")
    _members(out, kind, tree, pad and pad + INDENT)
    out.append(f"{pad}</{kind}>")


def _members(out: list[str], kind: str, node: Node, pad: str) -> None:
    """The children of an element, in the order of its type."""
    known = members(kind)
    for name in sorted(node, key=ranks(kind).__getitem__):
        _, form, tag, inner, many, sibling = known[name]
        value = node[name]
        if form is Form.PRIMITIVE and sibling not in node:
            if many:
                out += [f'{pad}<{tag} value="{_text(item)}"/>' for item in value]
            else:
                out.append(f'{pad}<{tag} value="{_text(value)}"/>')
        elif form is Form.OBJECT:
            for item in value if many else (value,):
                _object(out, f"{pad}<{tag}", inner, item, pad, tag)
        elif form is Form.PRIMITIVE:
            _siblings(out, tag, value, node[sibling], pad, many=many)
        elif form is None and name[0] == "_" and tag not in node:
            _siblings(out, tag, None, value, pad, many=many)
        elif form is Form.WRAPPED:
            _wrapped(out, tag, value if many else [value], pad)
        elif form is Form.NARRATIVE:
            out.append(pad + _xhtml(value))


def _object(out: list[str], head: str, kind: str, node: Node, pad: str, tag: str) -> None:
    """One element, whose start tag begins with `head`."""
    if "id" in node:
        head += f' id="{_text(node["id"])}"'
    if kind == "Extension" and "url" in node:
        head += f' url="{_text(node["url"])}"'
    at = len(out)
    out.append(head + ">")
    _members(out, kind, node, pad and pad + INDENT)
    if len(out) == at + 1:
        out[at] = head + "/>"
    else:
        out.append(f"{pad}</{tag}>")


def _siblings(out: list[str], tag: str, value: object, sibling: object, pad: str, *, many: bool) -> None:
    """A primitive, or a list of them, of which some have an id or extensions; a null has only these."""
    if not many:
        _primitive(out, tag, value, cast("Node | None", sibling), pad)
        return
    held = cast("list[Node | None]", sibling)
    values = cast("list[object]", value if value is not None else [None] * len(held))
    for item, more in zip(values, held, strict=True):
        _primitive(out, tag, item, more, pad)


def _primitive(out: list[str], tag: str, value: object, more: Node | None, pad: str) -> None:
    head = f"{pad}<{tag}" if value is None else f'{pad}<{tag} value="{_text(value)}"'
    _object(out, head, "Element", more or {}, pad, tag)


def _wrapped(out: list[str], tag: str, resources: list[Node], pad: str) -> None:
    for resource in resources:
        out.append(f"{pad}<{tag}>")
        _resource(out, resource, pad and pad + INDENT)
        out.append(f"{pad}</{tag}>")


def _xhtml(text: str) -> str:
    """The one element of a narrative, without the white space that may stand around it."""
    return text[text.index("<") : text.rindex(">") + 1]


def _text(value: object) -> str:
    """A primitive value as the text of an attribute."""
    if isinstance(value, str):
        return SPECIAL.sub(_escape, value) if SPECIAL.search(value) else value
    if value is True or value is False:
        return "true" if value else "false"
    return str(value)


def _escape(found: re.Match[str]) -> str:
    return ESCAPES.get(found[0], UNKNOWN)
