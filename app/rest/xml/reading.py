"""Reading: XML into the tree that JSON would have given.

The reader holds an element against the declarations as it opens: namespace, name, order, number, attributes. The
first fault ends the reading. Values are not judged here: a text that is no JSON value of its type stays a string, which
the rules for JSON then refuse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn
from xml.parsers import expat

from jiter import LosslessFloat

from app.errors import Malformed, TooLarge, WrongMediaType
from app.resources.structure import DEEPEST, NAME, resource_types
from app.rest.xml.shapes import FHIR, XHTML, Form, Shape, shapes

if TYPE_CHECKING:
    from app.resources.definition import Resource

MARK = b"\xef\xbb\xbf"
"""UTF-8's byte order mark, which XML allows."""
WHITE = " \t\r\n"
MOST_PREFIXES = 64
"""Prefixes bound at one place outside a narrative; each narrative looks through them."""
MOST_ELEMENTS = 200_000
"""Elements of a body, those of narratives aside: a Bundle of a thousand documents has half of them."""
SEPARATOR = " "
"""Between namespace and name: no namespace can hold one."""
BOOLEANS = {"true": True, "false": False}
INTEGERS = frozenset({"integer", "positiveInt", "unsignedInt"})
INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,4000})", re.ASCII)
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,4000})", re.ASCII)
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
START_TAG = re.compile(rb"<([^\s/>]+)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
UNDEFINED_ENTITY = 11
"""XML_ERROR_UNDEFINED_ENTITY of expat."""


class Frame:
    """An element that is open: what it is, and the object that it becomes. `value` is the text of a primitive."""

    __slots__ = ("at", "depth", "many", "node", "rank", "shape", "sparse", "value")

    def __init__(self, shape: Shape, depth: int, at: int = 0) -> None:
        self.shape = shape
        self.depth = depth
        self.at = at
        self.node: dict[str, Any] = {}
        self.rank = -1
        self.many = 0
        self.value: str | None = None
        self.sparse: set[str] = set()

    @property
    def step(self) -> str:
        """How a path names the element; the resource inside another element is not named again."""
        if self.shape.form is Form.RESOURCE:
            return ""
        return f".{self.shape.name}[{self.at}]" if self.shape.many else f".{self.shape.name}"


def read(body: bytes) -> Resource:
    """The tree of one resource in XML, as JSON would have given it, decimals as they were written.

    `Malformed` (400) with the path of the element for what is not well-formed, has a DOCTYPE, nests too deep, or is not
    what R4 has there; `WrongMediaType` (415) for a declared encoding that is not UTF-8.
    """
    if not body.strip():
        raise Malformed("the body is empty")
    return _Reader(body.removeprefix(MARK)).read()


class _Reader:
    """One reading. `inside` is the depth within a narrative, whose bytes are taken as they stand."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.stack: list[Frame] = []
        self.root: Resource = {}
        self.inside = 0
        self.began = 0
        self.left = MOST_ELEMENTS
        self.prefixes: list[tuple[str | None, str]] = []
        self.parser = expat.ParserCreate("utf-8", SEPARATOR)

    def read(self) -> Resource:
        """The tree."""
        parser = self.parser
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self.doctype
        parser.XmlDeclHandler = self.declaration
        parser.StartNamespaceDeclHandler = self.bind
        parser.EndNamespaceDeclHandler = self.unbind
        try:
            parser.Parse(self.body, True)  # noqa: FBT003 - takes no keyword
        except expat.ExpatError as error:
            what = "names an entity that XML does not have" if error.code == UNDEFINED_ENTITY else "is not XML"
            self.refuse(f"the body {what}, at line {error.lineno} column {error.offset + 1}")
        except UnicodeError:
            self.refuse("the body is not utf-8")
        return self.root

    @property
    def path(self) -> str:
        """FHIRPath of the innermost open element."""
        return str(self.stack[0].node["resourceType"]) + "".join(f.step for f in self.stack) if self.stack else ""

    def refuse(self, message: str, step: str = "") -> NoReturn:
        """End the reading at the innermost open element, or at a child of it."""
        place = self.path + step
        raise Malformed(message, expression=(place,) if place else ()) from None

    def doctype(self, *_: object) -> None:
        """A document type: FHIR has none, and entities are declared there."""
        self.refuse("a DOCTYPE is not allowed")

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        """The XML declaration."""
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise WrongMediaType("the body must be utf-8")

    def bind(self, prefix: str | None, uri: str) -> None:
        """A prefix begins to name a namespace."""
        self.prefixes.append((prefix, uri))
        if len(self.prefixes) > MOST_PREFIXES and not self.inside:
            self.refuse(f"more than {MOST_PREFIXES} namespaces are declared")

    def unbind(self, _prefix: str | None) -> None:
        """The last prefix ends."""
        self.prefixes.pop()

    def text(self, data: str) -> None:
        """Text, which only a narrative may have."""
        if not self.inside and data.strip(WHITE):
            self.refuse("text may only stand in a narrative")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        if self.inside:
            self.inside += 1
            return
        self.left -= 1
        if self.left < 0:
            raise TooLarge(f"the body may have at most {MOST_ELEMENTS} elements")
        space, _, local = name.rpartition(SEPARATOR)
        parent = self.stack[-1] if self.stack else None
        if parent is None or parent.shape.form is Form.WRAPPED:
            self.resource(parent, space, local, attributes)
            return
        frame = self.child(parent, space, local)
        if frame.shape.form is Form.NARRATIVE:
            self.inside = 1
            self.began = self.parser.CurrentByteIndex
            return
        self.keep(frame, attributes)
        if frame.depth > DEEPEST and (frame.node or frame.shape.form is not Form.PRIMITIVE):
            self.refuse(f"nested deeper than {DEEPEST} levels")

    def resource(self, parent: Frame | None, space: str, local: str, attributes: dict[str, str]) -> None:
        """A resource opens: the body, or the one inside `contained` or `resource`."""
        if space != FHIR:
            self.refuse(f"a resource must be in the namespace `{FHIR}`")
        if local not in resource_types():
            self.refuse("must be a resource of a type of FHIR R4")
        if parent and parent.node:
            self.refuse("holds more than one resource")
        frame = Frame(Shape(0, "", local, many=False, form=Form.RESOURCE), parent.depth if parent else 1)
        frame.node["resourceType"] = local
        self.stack.append(frame)
        if attributes:
            self.refuse("a resource has no attributes")

    def child(self, parent: Frame, space: str, local: str) -> Frame:
        """An element opens inside another; its frame is on the stack."""
        kind = "Element" if parent.shape.form is Form.PRIMITIVE else parent.shape.kind
        shape = shapes(kind).get(local)
        if shape is None or shape.form is Form.ATTRIBUTE:
            self.refuse(f"unknown element `{local}`" if NAME.fullmatch(local) else "unknown element")
        expected = XHTML if shape.form is Form.NARRATIVE else FHIR
        if space != expected:
            self.refuse(f"must be in the namespace `{expected}`", f".{local}")
        if shape.rank < parent.rank:
            self.refuse("stands after an element that must follow it", f".{local}")
        if shape.rank == parent.rank and not shape.many:
            self.refuse("stands more than once", f".{local}")
        parent.many = parent.many + 1 if shape.rank == parent.rank else 0
        parent.rank = shape.rank
        frame = Frame(shape, parent.depth + 1 + shape.many, parent.many)
        self.stack.append(frame)
        return frame

    def keep(self, frame: Frame, attributes: dict[str, str]) -> None:
        """Keep the attributes of an element."""
        form = frame.shape.form
        known = {} if form is Form.WRAPPED else shapes("Element" if form is Form.PRIMITIVE else frame.shape.kind)
        for name, value in attributes.items():
            shape = known.get(name)
            if name == "value" and form is Form.PRIMITIVE:
                frame.value = value
            elif shape is not None and shape.form is Form.ATTRIBUTE:
                frame.node[name] = value
            else:
                self.refuse(f"unknown attribute `{name}`" if NAME.fullmatch(name) else "unknown attribute")

    def end(self, _name: str) -> None:
        """An element closes: it becomes a member of the one around it."""
        if self.inside > 1:
            self.inside -= 1
            return
        frame = self.stack[-1]
        value = self.closed(frame)
        self.stack.pop()
        if not self.stack:
            self.root = frame.node
        elif frame.shape.form is Form.RESOURCE:
            self.stack[-1].node = frame.node
        elif frame.shape.form is Form.PRIMITIVE and (frame.shape.many or frame.node):
            _add_primitive(self.stack[-1], frame, value)
        elif frame.shape.many:
            self.stack[-1].node.setdefault(frame.shape.name, []).append(value)
        else:
            self.stack[-1].node[frame.shape.name] = value

    def closed(self, frame: Frame) -> object:
        """The value of an element that closes."""
        for name in frame.sparse:
            if all(item is None for item in frame.node[name]):
                del frame.node[name]
        form = frame.shape.form
        if form is Form.NARRATIVE:
            return self.narrative()
        if form is Form.WRAPPED and not frame.node:
            self.refuse("holds no resource")
        if form is Form.PRIMITIVE:
            if frame.value is None and not frame.node:
                self.refuse("needs a `value` or an extension")
            return None if frame.value is None else _value(frame.shape.kind, frame.value)
        return frame.node

    def narrative(self) -> str:
        """The narrative as it stands, with the prefixes that it uses and that were bound outside."""
        self.inside = 0
        tag = START_TAG.match(self.body, self.began)
        if tag is None:
            self.refuse("is not XML")
        end = tag.end()
        if not tag[0].endswith(b"/>"):
            end = self.body.index(b">", self.parser.CurrentByteIndex) + 1
        text = self.body[self.began : end].decode()
        missing = "".join(
            f' xmlns:{prefix}="{uri}"'
            for prefix, uri in dict(self.prefixes).items()
            if prefix and f"{prefix}:" in text and not re.search(rf"\sxmlns:{re.escape(prefix)}\s*=", tag[0].decode())
        )
        at = 1 + len(tag[1].decode())
        return text[:at] + missing + text[at:]


def _add_primitive(parent: Frame, frame: Frame, value: object) -> None:
    """Add a primitive that repeats, or has an id or extensions: these go into `_name` (json.html section 2.6.2.1)."""
    name, more = frame.shape.name, frame.node
    if not frame.shape.many:
        if value is not None:
            parent.node[name] = value
        parent.node[f"_{name}"] = more
        return
    values = parent.node.setdefault(name, [])
    values.append(value)
    if value is None:
        parent.sparse.add(name)
    held = parent.node.get(f"_{name}")
    if held is not None or more:
        held = parent.node.setdefault(f"_{name}", [None] * (len(values) - 1))
        held.append(more or None)


def _value(kind: str, text: str) -> object:
    """The JSON value that a text stands for; the text itself where it is none."""
    if kind == "boolean":
        return BOOLEANS.get(text, text)
    if kind in INTEGERS and INTEGER.fullmatch(text):
        return int(text)
    if kind == "decimal":
        if WHOLE.fullmatch(text):
            return int(text)
        if DECIMAL.fullmatch(text):
            return LosslessFloat(text.encode())
    return text
