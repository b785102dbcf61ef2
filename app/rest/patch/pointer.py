"""JSON Patch (RFC 6902), with the archive path that PDSm writes (`/extension[url:'…']`)."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from app.errors import BadValue, BrokenRule, Invalid, Malformed, TooCostly
from app.records.patching import Patch, Said
from app.resources.equality import same
from app.resources.structure import DEEPEST
from app.resources.validation import dump, is_deeper, parse_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.resources.definition import Resource

Tokens = tuple[str, ...]

NEEDS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": ""}
MOST = 1000
"""Operations of a patch."""
MOST_COPIED = 1 << 18
"""Bytes that the `copy` operations of one patch may add."""
FILTERED = re.compile(r"/extension\[url\s*[:=]\s*'(?P<url>[^']+)'\](?P<rest>/.*)?", re.DOTALL)
INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
ESCAPE = re.compile(r"~[01]?")
COUNTED = re.compile(r"/securityLabel/[0-9].*", re.DOTALL)
BRANCH = (dict, list)


class Operation(NamedTuple):
    """One operation, its paths as they were sent."""

    op: str
    path: str
    origin: str = ""
    value: Any = None


def read(body: bytes) -> Patch:
    """The patch that a JSON Patch document is; Malformed (400) when it is none."""
    found = parse_json(body)
    if not isinstance(found, list):
        raise Malformed("a json patch is an array of operations")
    if len(found) > MOST:
        raise TooCostly(f"a patch has at most {MOST} operations", reason="patch-too-costly")
    operations = [_operation(number, one) for number, one in enumerate(found)]
    return Patch(lambda tree: _apply(tree, operations), tuple(map(_said, operations)))


def _operation(number: int, found: object) -> Operation:
    """One operation (RFC 6902 section 4). Its path may hold PDSm's filter."""
    if not isinstance(found, dict):
        raise Malformed(f"operation {number} of the patch is not an object")
    op = str(found.get("op"))
    needed = NEEDS.get(op)
    if needed is None:
        raise Malformed(f"operation {number} of the patch needs an `op` of RFC 6902")
    for name in ("path", "from") if needed == "from" else ("path",):
        pointer = found.get(name)
        if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
            raise Malformed(f"operation {number} of the patch needs a `{name}` that starts with `/`")
        if not FILTERED.fullmatch(pointer):
            _tokens(pointer)
    if needed and needed not in found:
        raise Malformed(f"operation {number} of the patch needs `{needed}`")
    return Operation(op, found["path"], found["from"] if needed == "from" else "", found.get("value"))


def _said(one: Operation) -> Said:
    filtered = FILTERED.fullmatch(one.path)
    counted = any(COUNTED.fullmatch(path) for path in (one.path, one.origin))
    verb = one.op if one.op in ("add", "replace", "remove") else ""
    return Said(verb, one.path, filtered["url"] if filtered else "", counted)


def _tokens(pointer: str) -> Tokens:
    """The names and numbers of a JSON pointer (RFC 6901)."""
    return tuple(ESCAPE.sub(_unescaped, part) for part in pointer.split("/")[1:])


def _unescaped(found: re.Match[str]) -> str:
    if found[0] == "~":
        raise Malformed("a path of the patch has a `~` that escapes nothing")
    return "~" if found[0] == "~0" else "/"


def _apply(tree: Resource, operations: Sequence[Operation]) -> Resource:
    document = _Document(tree)
    for one in operations:
        document.do(_plain(document.tree, one))
    if not isinstance(document.tree, dict):
        raise BadValue("a patch leaves a resource", reason="patch-malformed")
    return document.tree


class _Document:
    """A tree under change. `copied` counts the bytes that copies add: each may double what is there."""

    def __init__(self, tree: Any) -> None:  # noqa: ANN401 - any JSON value
        self.tree = tree
        self.copied = 0

    def do(self, one: Operation) -> None:
        """Do one operation."""
        at = _tokens(one.path)
        match one.op:
            case "test":
                if not same(self.get(at), one.value):
                    raise BrokenRule("the test of the patch fails", reason="patch-test-failed")
            case "remove":
                self.take(at)
            case "replace":
                self.replace(at, copy.deepcopy(one.value))
            case "add":
                self.put(at, copy.deepcopy(one.value))
            case "move":
                self.move(_tokens(one.origin), at)
            case _:
                self.copy(_tokens(one.origin), at)

    def move(self, origin: Tokens, at: Tokens) -> None:
        """Take a value from one place to another that is not within it."""
        if at[: len(origin)] == origin and at != origin:
            raise BadValue("a patch moves nothing into itself", reason="patch-malformed")
        if at == origin:
            self.get(at)
        else:
            self.put(at, self.take(origin))

    def copy(self, origin: Tokens, at: Tokens) -> None:
        """Put a value at a second place."""
        value = self.get(origin)
        self.copied += len(dump(value))
        if self.copied > MOST_COPIED:
            raise TooCostly("the patch copies too much", reason="patch-too-costly")
        self.put(at, copy.deepcopy(value))

    def holder(self, at: Tokens) -> Any:  # noqa: ANN401 - any JSON value
        """What holds a place; Invalid where there is nothing."""
        node = self.tree
        for token in at[:-1]:
            node = _child(node, token)
        return node

    def get(self, at: Tokens) -> Any:  # noqa: ANN401 - any JSON value
        """The value at a place."""
        return _child(self.holder(at), at[-1]) if at else self.tree

    def put(self, at: Tokens, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Add a value."""
        if isinstance(value, BRANCH) and (len(at) > DEEPEST or is_deeper(value, DEEPEST - len(at))):
            raise Invalid(f"nested deeper than {DEEPEST} levels", reason="patch-path")
        holder = self.holder(at) if at else None
        if not at:
            self.tree = value
        elif isinstance(holder, list):
            holder.insert(len(holder) if at[-1] == "-" else _index(at[-1], len(holder)), value)
        elif isinstance(holder, dict):
            holder[at[-1]] = value
        else:
            raise _missing()

    def replace(self, at: Tokens, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Put a value in the place of another: a member keeps its place in the order."""
        self.get(at)
        holder = self.holder(at) if at else None
        if isinstance(holder, list):
            del holder[int(at[-1])]
        self.put(at, value)

    def take(self, at: Tokens) -> Any:  # noqa: ANN401 - any JSON value
        """Remove a value, and give it."""
        value = self.get(at)
        holder = self.holder(at) if at else None
        if isinstance(holder, list):
            del holder[int(at[-1])]
        elif isinstance(holder, dict):
            del holder[at[-1]]
        else:
            self.tree = None
        return value


def _missing() -> Invalid:
    return Invalid("the patch names an element that is not there", reason="patch-path")


def _index(token: str, most: int) -> int:
    """An index that is at most so much."""
    if not INDEX.fullmatch(token):
        raise Invalid("the patch names an element that is not there", reason="patch-path")
    if int(token) > most:
        raise _missing()
    return int(token)


def _child(node: Any, token: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, list) and node:
        return node[_index(token, len(node) - 1)]
    if isinstance(node, dict) and token in node:
        return node[token]
    raise _missing()


def _plain(tree: Any, one: Operation) -> Operation:  # noqa: ANN401 - any JSON value
    """The operation with a pointer in the place of a path that picks an extension by its url.

    `add` and `replace` set the extension whether or not it is there; a bare value is its `valueBoolean`.
    """
    found = FILTERED.fullmatch(one.path)
    if found is None:
        return one
    extensions = tree.get("extension", []) if isinstance(tree, dict) else []
    if not isinstance(extensions, list):
        raise _missing()
    place = next((i for i, e in enumerate(extensions) if isinstance(e, dict) and e.get("url") == found["url"]), None)
    rest = found["rest"] or ""
    whole = isinstance(one.value, dict) and not rest
    if place is not None:
        bare = not rest and one.op in ("add", "replace") and not whole
        return one._replace(path=f"/extension/{place}{'/valueBoolean' if bare else rest}")
    if one.op not in ("add", "replace"):
        raise Invalid("the patch names an extension that is not there", reason="patch-path")
    made = one.value if whole else {"url": found["url"], rest.lstrip("/") or "valueBoolean": one.value}
    if not extensions:
        return Operation("add", "/extension", value=[made])
    return Operation("add", "/extension/-", value=made)
