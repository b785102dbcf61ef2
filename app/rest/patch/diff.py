"""XML Patch (RFC 5261): add, replace and remove on the XML form of a resource, which is then read back.

Both documents are parsed without network, DTD or entities; a DOCTYPE is refused before any of it is read.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from app.errors import BadValue, Invalid, Malformed, Refusal, TooCostly, Unsupported, WrongMediaType
from app.records.patching import Patch, Said
from app.resources.structure import DEEPEST
from app.resources.validation import dump
from app.rest import xml
from app.rest.patch import selector

if TYPE_CHECKING:
    from lxml.etree import _Element

    from app.resources.definition import Resource
    from app.rest.patch.selector import Selector

MOST = 200
"""Operations of a patch."""
MOST_STEPS = 5_000_000
"""Elements of the document, for each part of each selector: half a second of libxml2 at worst."""
ATTRIBUTES = {"add": {"sel", "pos", "type"}, "replace": {"sel"}, "remove": {"sel", "ws"}}
POSITIONS = frozenset({"", "prepend", "before", "after"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its element, and its selector read."""

    type: str
    element: _Element
    selector: Selector
    number: int

    def option(self, name: str) -> str:
        """An attribute of it, "" where it is not said."""
        return str(self.element.get(name, ""))


def read(body: bytes) -> Patch:
    """The patch that a `diff` document is. Malformed (400) for what is none, BadValue for a selector that is none."""
    _check(body)
    root = _parse(body)
    space, name = _named(root)
    if name != "diff":
        raise Malformed("an xml patch is an element `diff`")
    found = [one for one in root if _is_element(one)]
    if len(found) > MOST:
        raise TooCostly(f"an xml patch has at most {MOST} operations", reason="patch-too-costly")
    if any((one.tail or "").strip() for one in root) or (root.text or "").strip():
        raise Malformed("a `diff` holds operations, and no text")
    operations = [_operation(number, one, space) for number, one in enumerate(found)]
    return Patch(lambda tree: _apply(tree, operations), tuple(map(_said, operations)))


def _check(body: bytes) -> None:
    """Refuse a DOCTYPE where it begins, another encoding than UTF-8, and what nests too deep."""
    depth = 0

    def start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Malformed(f"nested deeper than {DEEPEST} levels")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise Malformed("a DOCTYPE is not allowed")

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise WrongMediaType("the body must be utf-8")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler, parser.XmlDeclHandler = doctype, declaration
    try:
        parser.Parse(body, True)  # noqa: FBT003 - takes no keyword
    except expat.ExpatError as error:
        raise Malformed(f"the body is not XML, at line {error.lineno} column {error.offset + 1}") from None
    except UnicodeError:
        raise Malformed("the body is not utf-8") from None


def _parse(body: bytes) -> _Element:
    """The document of some XML that has no DOCTYPE."""
    from lxml import etree  # noqa: PLC0415 - 5 MB that a worker without such patches does without

    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Malformed("the body is not XML with namespaces") from None


def _named(element: _Element) -> tuple[str, str]:
    """Namespace and name of an element."""
    space, _, name = str(element.tag).rpartition("}")
    return space.removeprefix("{"), name


def _operation(number: int, element: _Element, space: str) -> Operation:
    found, name = _named(element)
    known = ATTRIBUTES.get(name)
    if known is None or found not in (space, ""):
        raise Malformed(f"operation {number} of the patch is `add`, `replace` or `remove`")
    if "sel" not in element.attrib or not known >= {str(one) for one in element.attrib}:
        raise Malformed(f"operation {number} of the patch has `sel`, and nothing that `{name}` does not have")
    if element.get("pos", "") not in POSITIONS:
        raise Malformed(f"`pos` of operation {number} is `prepend`, `before` or `after`")
    try:
        read = selector.read(str(element.get("sel")), element.nsmap)
    except BadValue as wrong:
        raise BadValue(f"operation {number} of the patch: {wrong}", reason="patch-malformed") from None
    made = Operation(name, element, read, number)
    if made.option("type") and (made.option("pos") or not made.option("type").startswith("@")):
        raise Unsupported(f"`type` of operation {number} may only be an attribute", reason="selector-unsupported")
    return made


def _said(one: Operation) -> Said:
    verb = one.type if one.type in ("replace", "remove") else ""
    set_instead = [_named(child)[1] for child in one.element if _is_element(child)]
    if any(name not in one.selector.pointer.split("/") for name in set_instead):
        verb = ""
    return Said(verb, one.selector.pointer, counted=one.selector.counted)


def _apply(tree: Resource, operations: list[Operation]) -> Resource:
    root = _parse(xml.write(dump(tree)))
    same = zip(_narratives(xml.read(_bytes(root))), _narratives(tree), strict=True)
    kept = {passed["div"]: sent["div"] for passed, sent in same}
    size = sum(1 for _ in root.iter()) + sum(1 for one in operations for _ in one.element.iter())
    if size * sum(one.selector.parts for one in operations) > MOST_STEPS:
        raise TooCostly("the patch looks at too much", reason="patch-too-costly")
    for one in operations:
        try:
            DOES[one.type](root, one)
        except Refusal as wrong:
            raise type(wrong)(f"operation {one.number} of the patch: {wrong}", reason=wrong.reason) from None
    patched = xml.read(_bytes(root))
    for narrative in _narratives(patched):
        # a narrative that the patch leaves alone stays as it was sent, whatever the parser made of its white space
        narrative["div"] = kept.get(narrative["div"], narrative["div"])
    return patched


def _bytes(root: _Element) -> bytes:
    from lxml import etree  # noqa: PLC0415 - see `_parse`

    return etree.tostring(root, encoding="utf-8")


def _narratives(tree: Resource) -> list[dict[str, Any]]:
    """The objects that hold a narrative: of the resource, and of those that it contains."""
    found = [one.get("text") for one in (tree, *tree.get("contained", []))]
    return [one for one in found if isinstance(one, dict) and "div" in one]


def _located(root: _Element, one: Operation) -> Any:  # noqa: ANN401 - an element, or a text that knows its parent
    """The one node of the selector."""
    from lxml import etree  # noqa: PLC0415 - see `_parse`

    find = etree.XPath(one.selector.xpath, namespaces=one.selector.prefixes, regexp=False)
    found = find(root)
    if not isinstance(found, list) or len(found) != 1:
        raise Invalid(f"the selector leads to {'no' if not found else 'more than one'} node", reason="patch-path")
    return found[0]


def _is_element(node: Any) -> bool:  # noqa: ANN401 - a comment has a function for its tag
    return isinstance(getattr(node, "tag", None), str)


def _element(node: Any) -> _Element:  # noqa: ANN401 - see `_located`
    """A node that is an element."""
    if not _is_element(node):
        raise BadValue("the selector must lead to an element", reason="patch-malformed")
    found: _Element = node
    return found


def _parent(element: _Element) -> _Element:
    """What holds an element; BadValue for the resource itself."""
    parent = element.getparent()
    if parent is None:
        raise BadValue("the whole resource is not replaced, removed or set beside by a patch", reason="patch-malformed")
    return parent


def _given(one: Operation, parent: _Element) -> list[_Element]:
    """The elements and comments to set; those in no namespace are in that of what will hold them."""
    found = [copy.deepcopy(child) for child in one.element]
    space = _named(parent)[0]
    for child in found:
        for part in child.iter():
            if _is_element(part) and not part.tag.startswith("{"):
                part.tag = f"{{{space}}}{part.tag}"
    return found


def _add(root: _Element, one: Operation) -> None:
    target, position = _element(_located(root, one)), one.option("pos")
    if one.option("type"):
        _add_attribute(target, one)
        return
    parent = _parent(target) if position in ("before", "after") else target
    at = {"": len(parent), "prepend": 0}.get(position, -1)
    if at < 0:
        at = parent.index(target) + (position == "after")
    _insert(parent, at, one.element.text or "", _given(one, parent), first=position in ("prepend", "after"))


def _insert(parent: _Element, at: int, text: str, given: list[_Element], *, first: bool) -> None:
    """Set a text and elements at an index of the children: `first` before the text that stands there, else after it."""
    before = parent[at - 1] if at else None
    there = (parent.text if before is None else before.tail) or ""
    head, rest = (text, there) if first else (there + text, "")
    if given:
        given[-1].tail = (given[-1].tail or "") + rest
    else:
        head += rest
    if before is None:
        parent.text = head
    else:
        before.tail = head
    parent[at:at] = given


def _add_attribute(target: _Element, one: Operation) -> None:
    name = one.option("type").removeprefix("@")
    if target.get(name) is not None:
        raise Invalid("the attribute that the patch adds is there already", reason="patch-path")
    try:
        target.set(name, _plain(one))
    except ValueError:
        raise BadValue("the attribute cannot have that name or value", reason="patch-malformed") from None


def _plain(one: Operation) -> str:
    """The text of an operation that sets one."""
    if len(one.element):
        raise BadValue("an attribute or a text is replaced by a text", reason="patch-malformed")
    return one.element.text or ""


def _replace(root: _Element, one: Operation) -> None:
    found = _located(root, one)
    if isinstance(found, str):
        _set_text(found, _plain(one))
        return
    target = _element(found)
    parent = _parent(target)
    given = _given(one, parent)
    texts = [one.element.text, *(child.tail for child in given)]
    if len(given) != 1 or not _is_element(given[0]) or any((text or "").strip() for text in texts):
        raise BadValue("an element is replaced by one element", reason="patch-malformed")
    given[0].tail, target.tail = target.tail, None
    parent.replace(target, given[0])


def _set_text(found: Any, text: str | None) -> None:  # noqa: ANN401 - see `_located`
    """Change an attribute or a text, or take it away for None."""
    parent = found.getparent()
    if found.is_attribute and text is None:
        del parent.attrib[found.attrname]
    elif found.is_attribute:
        parent.set(found.attrname, text)
    elif found.is_tail:
        parent.tail = text
    else:
        parent.text = text


def _remove(root: _Element, one: Operation) -> None:
    """Take a node away. `ws` asks for the white space around it, of which the form that is patched has none."""
    found = _located(root, one)
    if isinstance(found, str):
        _set_text(found, None)
        return
    parent = _parent(found)
    before = found.getprevious()
    if found.tail and before is not None:
        before.tail = (before.tail or "") + found.tail
    elif found.tail:
        parent.text = (parent.text or "") + found.tail
    parent.remove(found)


DOES = {"add": _add, "replace": _replace, "remove": _remove}
