"""FHIRPath Patch (fhirpatch.html): add, insert, delete, replace and move, as Parameters."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, Invalid, TooCostly, Unsupported
from app.records.patching import Patch, Said
from app.resources.fhirpath import Evaluation, Expression, Item, Steps, parse
from app.resources.fhirpath.evaluation import members
from app.resources.fhirpath.syntax import At, Binary, Call, Member
from app.resources.structure import elements
from app.rest.patch import edit
from app.rest.patch.edit import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.resources.definition import Resource

Node = dict[str, Any]

MOST = 200
"""Operations of a patch."""
NEEDS = {
    "add": {"name", "value"}, "insert": {"index", "value"}, "delete": set[str](), "replace": {"value"},
    "move": {"source", "destination"},
}  # fmt: skip
"""Parts of each type of operation, beside `type` and `path`."""
TEXTS = frozenset({"type", "path", "name"})
NUMBERS = frozenset({"index", "source", "destination"})
COUNTING = frozenset({"first", "last", "tail", "skip", "take"})
PLAIN = re.compile(r"([A-Za-z]+)((?:\.[A-Za-z]+(?:\[[0-9]{1,4}\])?)*)")
STEP = re.compile(r"\.([A-Za-z]+)(?:\[([0-9]+)\])?")


@dataclass(frozen=True, slots=True)
class Value:
    """A value to set: its type as the end of `value[x]`, and it with its siblings; or parts of a backbone element."""

    type: str
    slot: Slot = Slot(None)  # noqa: RUF009 - a slot never changes
    parts: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `place` is where it stands in the Parameters, to say which one is at fault."""

    type: str
    path: Expression
    text: str
    place: str
    value: Value | None = None
    name: str = ""
    numbers: dict[str, int] = field(default_factory=dict)


def read(tree: Resource, type: str) -> Patch:
    """The patch that a Parameters resource is. BadValue (400) when it is none, Unsupported for a FHIRPath we lack."""
    if tree.get("resourceType") != "Parameters":
        raise BadValue("a patch is a json patch, an xml patch or of type `Parameters`", expression=("resourceType",))
    parameters = tree.get("parameter", [])
    if not isinstance(parameters, list):
        raise BadValue("the operations of a patch are an array", expression=("Parameters.parameter",))
    if len(parameters) > MOST:
        raise TooCostly(f"a FHIRPath patch has at most {MOST} operations", reason="patch-too-costly")
    operations = [_operation(p, f"Parameters.parameter[{n}]") for n, p in enumerate(parameters)]
    return Patch(lambda made: _apply(made, operations), tuple(_said(one, type) for one in operations))


def _operation(parameter: object, place: str) -> Operation:
    if not isinstance(parameter, dict) or parameter.get("name") != "operation":
        raise BadValue("every parameter of a patch is named `operation`", expression=(place,))
    told = list(_parts(parameter.get("part"), place))
    parts = dict(told)
    if len(parts) < len(told):
        raise BadValue("a part of the operation stands twice", expression=(place,))
    for name in parts.keys() & (TEXTS | NUMBERS):
        _check(name, parts[name], place)
    kind = _type(parts, place)
    text = str(parts["path"].slot.value)
    name = str(parts["name"].slot.value) if "name" in parts else ""
    numbers = {one: parts[one].slot.value for one in parts.keys() & NUMBERS}
    return Operation(kind, _path(text, place), text, place, parts.get("value"), name, numbers)


def _type(parts: dict[str, Value], place: str) -> str:
    """Type of an operation that has the parts of its type and no others."""
    kind = str(parts["type"].slot.value) if "type" in parts else ""
    if kind not in NEEDS:
        raise BadValue(f"the `type` of an operation is one of: `{'`, `'.join(NEEDS)}`", expression=(place,))
    needed = {"path", *NEEDS[kind]}
    missing = sorted(needed - parts.keys())
    if missing:
        raise BadValue(f"the operation needs `{missing[0]}`", expression=(place,))
    if parts.keys() - needed - {"type"}:
        raise BadValue(f"the operation has only `type`, `{'`, `'.join(sorted(needed))}`", expression=(place,))
    return kind


def _path(text: str, place: str) -> Expression:
    try:
        return parse(text)
    except (BadValue, Unsupported) as wrong:
        raise type(wrong)(str(wrong), reason=wrong.reason, expression=(place,)) from None


def _check(name: str, given: Value, place: str) -> None:
    """Refuse a part of another type than it has."""
    value = given.slot.value
    if name in TEXTS and not (isinstance(value, str) and value):
        raise BadValue(f"`{name}` is a text", expression=(place,))
    if name in NUMBERS and (type(value) is not int or value < 0):
        raise BadValue(f"`{name}` is a number that is not negative", expression=(place,))


def _parts(parts: object, place: str) -> Iterator[tuple[str, Value]]:
    """Names and values of parts; those of a backbone element may repeat."""
    if not isinstance(parts, list) or not parts:
        raise BadValue("the operation has no parts", expression=(place,))
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise BadValue("a part of the operation has no name", expression=(place,))
        yield part["name"], _value(part, place)


def _value(part: Node, place: str) -> Value:
    """What a part says: `value[x]` with its siblings, a resource, or parts."""
    if "part" in part:
        return Value("", parts=tuple(_parts(part["part"], place)))
    if "resource" in part:
        return Value("", Slot(part["resource"]))
    names = {name.removeprefix("_") for name in part if name.removeprefix("_").startswith("value")}
    if len(names) != 1:
        raise BadValue("a part of the operation has one value", expression=(place,))
    name = names.pop()
    return Value(name.removeprefix("value"), Slot(part.get(name), part.get(f"_{name}")))


# What it says before the resource is looked at


def _said(one: Operation, type: str) -> Said:
    pointer = _pointer(one.text, type)
    counted = any(map(_counts, _within(one.path)))
    if one.type == "replace":
        return Said("replace", pointer, counted=counted)
    if one.type == "add" and one.text == type:
        return Said("add", f"/{one.name}/-", counted=counted)
    return Said("", pointer, counted=counted)


def _pointer(text: str, type: str) -> str:
    """The JSON pointer of a path of plain names and numbers from the resource on; "" of any other."""
    found = PLAIN.fullmatch(text)
    if found is None or found[1] != type:
        return ""
    return "".join(f"/{name}" + (f"/{index}" if index else "") for name, index in STEP.findall(found[2]))


def _within(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    yield expression
    match expression:
        case Member(source):
            yield from _within(source)
        case At(source, index):
            yield from _within(source)
            yield from _within(index)
        case Call(source, _, arguments):
            for one in (source, *arguments):
                yield from _within(one)
        case Binary(_, left, right):
            yield from _within(left)
            yield from _within(right)


def _counts(expression: Expression) -> bool:
    """Whether an expression picks security labels by their number."""
    match expression:
        case At(Member(_, "securityLabel"), _):
            return True
        case Call(Member(_, "securityLabel"), name, _):
            return name in COUNTING
    return False


# Doing it


def _apply(tree: Resource, operations: Sequence[Operation]) -> Resource:
    steps = Steps()
    for one in operations:
        try:
            DOES[one.type](_Work(tree, Evaluation(tree, steps), one))
        except (BadValue, Invalid, TooCostly) as wrong:
            raise type(wrong)(str(wrong), reason=wrong.reason or "patch-malformed", expression=(one.place,)) from None
    return tree


@dataclass(frozen=True, slots=True)
class _Work:
    """One operation on a tree."""

    tree: Resource
    evaluation: Evaluation
    operation: Operation

    def single(self) -> Item:
        """The one element of the path, which stands in the resource."""
        items = self.evaluation.of(self.operation.path)
        if len(items) != 1:
            raise Invalid(f"the path of the patch leads to {'no' if not items else 'more than one'} element",
                reason="patch-path")  # fmt: skip
        return self.standing(items[0])

    def standing(self, item: Item) -> Item:
        """An item that is an element, and no value made by the path."""
        if item.place is None:
            raise BadValue("the path of the patch makes a value and names no element", reason="patch-malformed")
        return item

    def inner(self) -> Item:
        """The one element of the path, which is not the resource itself."""
        item = self.single()
        if not item.place:
            raise BadValue("the whole resource is not replaced or deleted by a patch", reason="patch-malformed")
        return item

    def list(self) -> tuple[Node, str, str]:
        """The list that the path names: its holder, its name, the type of what holds it. It may be empty."""
        path = self.operation.path
        if not isinstance(path, Member):
            raise BadValue("the path of an insert or a move names a list", reason="patch-malformed")
        holders = self.evaluation.of(path.source)
        if len(holders) != 1:
            raise Invalid("the path of the patch leads to no list, or to more than one", reason="patch-path")
        holder = self.standing(holders[0])
        kind = "Element" if holder.primitive else holder.kind
        (name, *others) = members(kind, path.name)
        if others or not elements(kind)[name].many:
            raise BadValue("the path of an insert or a move names a list", reason="patch-malformed")
        return edit.node(self.tree, holder.inside), name, kind


def _add(work: _Work) -> None:
    item, one = work.single(), work.operation
    kind = "Element" if item.primitive else item.kind
    name, slot = _made(kind, one.name, one.value)
    taken = members(kind, one.name) if one.name not in elements(kind) else (name,)
    holder = edit.node(work.tree, item.inside)
    if elements(kind)[name].many:
        edit.keep(holder, name, [*edit.slots(holder, name), slot])
    elif any(f"{mark}{member}" in holder for member in taken for mark in ("", "_")):
        raise Invalid("the element that the patch adds is there already, and does not repeat", reason="patch-path")
    else:
        edit.put(holder, name, slot)


def _insert(work: _Work) -> None:
    holder, name, kind = work.list()
    kept = edit.slots(holder, name)
    index = _within_list(work.operation.numbers["index"], len(kept))
    _, slot = _made(kind, name, work.operation.value)
    edit.keep(holder, name, [*kept[:index], slot, *kept[index:]])


def _delete(work: _Work) -> None:
    """Nothing there is nothing to delete."""
    if work.evaluation.of(work.operation.path):
        edit.drop(work.tree, work.inner().place or ())


def _replace(work: _Work) -> None:
    item = work.inner()
    *above, last = item.place or ()
    if isinstance(last, int):
        name = str(above.pop())
        holder = edit.node(work.tree, tuple(above))
        kept = edit.slots(holder, name)
        kept[last] = _made(item.owner, name, work.operation.value)[1]
        edit.keep(holder, name, kept)
        return
    holder = edit.node(work.tree, tuple(above))
    name, slot = _made(item.owner, _base(item), work.operation.value)
    if name != last:
        edit.put(holder, str(last), Slot(None))
    edit.put(holder, name, slot)


def _base(item: Item) -> str:
    """The name of an element as a path has it: less its type where it is a choice."""
    name = str((item.place or ("",))[-1])
    short = name[: -len(item.kind)]
    return short if short and _is_choice(item.owner, short, name) else name


def _is_choice(owner: str, short: str, name: str) -> bool:
    try:
        return short not in elements(owner) and name in members(owner, short)
    except BadValue:
        return False


def _move(work: _Work) -> None:
    holder, name, _ = work.list()
    kept, numbers = edit.slots(holder, name), work.operation.numbers
    moved = kept.pop(_within_list(numbers["source"], len(kept) - 1))
    kept.insert(_within_list(numbers["destination"], len(kept)), moved)
    edit.keep(holder, name, kept)


DOES: dict[str, Callable[[_Work], None]] = {
    "add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move,
}  # fmt: skip


def _within_list(index: int, most: int) -> int:
    if index > most:
        raise Invalid("the patch names a place that the list does not have", reason="patch-path")
    return index


def _made(kind: str, name: str, value: Value | None) -> tuple[str, Slot]:
    """The member that a value becomes, and what it says there: a choice's name ends in the type of the value."""
    if value is None:
        raise BadValue("the operation needs `value`", reason="patch-malformed")
    named = members(kind, name)
    typed = next((one for one in named if one == name + value.type), named[0])
    if len(named) > 1 and typed != name + value.type:
        raise BadValue("the element is not of that type", reason="patch-malformed")
    if value.parts:
        return typed, Slot(_object(elements(kind)[typed].kind, value))
    return typed, copy.deepcopy(value.slot)


def _object(kind: str, value: Value) -> Node:
    """A backbone element of its parts."""
    if kind[:1].islower():
        raise BadValue("the element has no parts", reason="patch-malformed")
    found: Node = {}
    for part, inner in value.parts:
        name, slot = _made(kind, part, inner)
        if elements(kind)[name].many:
            edit.keep(found, name, [*edit.slots(found, name), slot])
        elif name in found or f"_{name}" in found:
            raise BadValue("a part of the value stands twice", reason="patch-malformed")
        else:
            edit.put(found, name, slot)
    return found
