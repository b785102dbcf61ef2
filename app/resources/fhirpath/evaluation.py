"""Evaluating: an expression on the tree of one resource gives items, each with the place where it stands.

A primitive is one item whose value and siblings (`_name`, its id and extensions) go together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, TooCostly
from app.resources.equality import number, same
from app.resources.fhirpath.syntax import ECHO, At, Binary, Call, Expression, Focus, Literal, Member
from app.resources.moment import interval
from app.resources.structure import INNER, elements, resource_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from app.resources.definition import Resource

Place = tuple[str | int, ...]
"""Members and indexes that lead from the resource to a value."""

MOST_STEPS = 50_000
"""Items looked at for all expressions of one patch: some tens of milliseconds."""
LETTERS = 128
"""Characters of a text that are read in the time of one item."""
MOMENTS = frozenset({"date", "dateTime", "instant"})


class Steps:
    """What a patch may still look at; TooCostly when it is spent."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.left = most

    def spend(self, count: int) -> None:
        """Look at so many items more."""
        self.left -= count
        if self.left < 0:
            raise TooCostly("the FHIRPath of the patch looks at too much", reason="patch-too-costly")

    def read(self, *texts: str) -> None:
        """Read texts to their end: a long one is as much work as many items."""
        self.spend(sum(map(len, texts)) // LETTERS)


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its type, its value, the siblings of a primitive, its place (None of a literal).

    `owner` is the type of what holds it.
    """

    kind: str
    value: Any
    more: dict[str, Any] | None = None
    place: Place | None = None
    owner: str = ""

    @property
    def primitive(self) -> bool:
        """Whether it is of a primitive type."""
        return self.kind[:1].islower()

    @property
    def inside(self) -> Place:
        """Where its children stand: those of a primitive in `_name`."""
        place = self.place or ()
        if not self.primitive or not place:
            return place
        if isinstance(place[-1], int):
            return (*place[:-2], f"_{place[-2]}", place[-1])
        return (*place[:-1], f"_{place[-1]}")


Items = list[Item]


@cache
def choices(kind: str, name: str) -> tuple[str, ...]:
    """Members of a type that are `name[x]`: `deceasedBoolean` and `deceasedDateTime` for `deceased`."""
    found = [
        one
        for one, element in elements(kind).items()
        if one.startswith(name) and one[len(name) :].lower() == element.kind.lower() and one[len(name) :][:1].isupper()
    ]
    return tuple(found) if len(found) > 1 else ()


def members(kind: str, name: str) -> tuple[str, ...]:
    """Members of a type that a name stands for; BadValue where there is none."""
    found = (name,) if name in elements(kind) else choices(kind, name)
    if not found:
        shown = name[:ECHO] if name.isalnum() else ""
        raise BadValue(f"there is no element `{shown}` of {kind.replace('_', '.')}", reason="patch-malformed")
    return found


class Evaluation:
    """Evaluates expressions on one tree, which may change between two of them."""

    def __init__(self, tree: Resource, steps: Steps) -> None:
        self.root = Item(str(tree["resourceType"]), tree, place=())
        self.steps = steps

    def of(self, expression: Expression) -> Items:
        """The items that an expression gives of the resource."""
        return self.on(expression, [self.root])

    def on(self, expression: Expression, focus: Items) -> Items:
        """The items that an expression gives of a focus."""
        self.steps.spend(1)
        match expression:
            case Literal() | Focus():
                return self.leaf(expression, focus)
            case Member(Focus(root=False), self.root.kind) if len(focus) == 1 and focus[0] is self.root:
                return focus
            case Member(source, name):
                return self.children(self.on(source, focus), name)
            case At(source, index):
                return self.at(self.on(source, focus), self.on(index, focus))
            case Call(source):
                return self.call(expression, self.on(source, focus), focus)
            case Binary(operator, left, right):
                return self.binary(operator, self.on(left, focus), self.on(right, focus))

    def leaf(self, expression: Literal | Focus, focus: Items) -> Items:
        """A value, or where the expression stands."""
        if isinstance(expression, Focus):
            return [self.root] if expression.root else focus
        return [Item(expression.kind, expression.value)] if expression.kind else []

    def children(self, items: Items, name: str) -> Items:
        """The children of that name, in their order."""
        found = [child for item in items for child in self.below(item, name)]
        self.steps.spend(len(found))
        return found

    def below(self, item: Item, name: str) -> Iterable[Item]:
        """The children of one item."""
        kind = "Element" if item.primitive else item.kind
        node = (item.more if item.primitive else item.value) or {}
        for member in members(kind, name):
            element = elements(kind)[member]
            value, more, place = node.get(member), node.get(f"_{member}"), (*item.inside, member)
            if not element.many and (value is not None or more is not None):
                yield self.child(element.kind, value, more, place, kind)
            elif element.many:
                values, others = value or [], more or []
                for n in range(max(len(values), len(others))):
                    one = values[n] if n < len(values) else None
                    other = others[n] if n < len(others) else None
                    yield self.child(element.kind, one, other, (*place, n), kind)

    def child(self, kind: str, value: Any, more: Any, place: Place, owner: str) -> Item:  # noqa: ANN401 - JSON
        """A child; of a resource inside another its own type."""
        own = str(value.get("resourceType")) if kind == INNER else kind
        return Item(own, value, more, place, owner)

    def at(self, items: Items, index: Items) -> Items:
        """The item at an index that counts from 0."""
        place = self.whole(index)
        return items[place : place + 1]

    def whole(self, items: Items) -> int:
        """The one number that is not negative."""
        if len(items) != 1 or type(items[0].value) is not int:
            raise BadValue("an index of the FHIRPath is a number", reason="patch-malformed")
        return items[0].value

    def call(self, call: Call, source: Items, focus: Items) -> Items:
        """The value of a function."""
        self.steps.spend(len(source))
        if call.name in PLAIN:
            return PLAIN[call.name](source)
        if call.name in ("where", "all", "exists"):
            return self.filtered(call, source)
        if call.name == "not":
            return [_truth(not self.holds(source))] if source else []
        if call.name == "ofType":
            return [one for one in source if _is_of(one.kind, call.type)]
        return self.asked(call.name, source, self.on(call.arguments[0], focus))

    def asked(self, name: str, source: Items, argument: Items) -> Items:
        """A function of a value: `extension`, `skip`, `take`, and tests of a text."""
        if name == "extension":
            url = self.text(argument)
            return [one for one in self.children(source, "extension") if one.value.get("url") == url]
        if name in ("skip", "take"):
            count = self.whole(argument)
            return source[count:] if name == "skip" else source[:count]
        return self.matched(name, source, argument)

    def filtered(self, call: Call, source: Items) -> Items:
        """`where`, `all`, `exists`: a condition on each item."""
        if not call.arguments:
            return [_truth(bool(source))]
        held = [one for one in source if self.holds(self.on(call.arguments[0], [one]))]
        if call.name == "where":
            return held
        return [_truth(bool(held) if call.name == "exists" else len(held) == len(source))]

    def matched(self, name: str, source: Items, argument: Items) -> Items:
        """A test of a text."""
        if not source:
            return []
        text, part = self.text(source), self.text(argument)
        self.steps.read(text, part)
        return [_truth({"startsWith": text.startswith, "endsWith": text.endswith}.get(name, text.__contains__)(part))]

    def text(self, items: Items) -> str:
        """The one text."""
        if len(items) != 1 or not isinstance(items[0].value, str):
            raise BadValue("the FHIRPath needs one text there", reason="patch-malformed")
        return items[0].value

    def holds(self, items: Items) -> bool:
        """Whether a condition holds: nothing does not, one item that is no truth does."""
        if len(items) > 1:
            raise BadValue("a condition of the FHIRPath is one truth", reason="patch-malformed")
        return bool(items) and items[0].value is not False

    def binary(self, operator: str, left: Items, right: Items) -> Items:
        """The value of an operator. Nothing compares to nothing, but by `~`."""
        if operator in ("and", "or"):
            return self.joined(operator, left, right)
        if operator == "|":
            return self.union(left, right)
        if operator in ("~", "!~"):
            return [_truth(self.alike(left, right) is (operator == "~"))]
        if not left or not right:
            return []
        if operator in ("=", "!="):
            found = self.equal(left, right)
            return [] if found is None else [_truth(found is (operator == "="))]
        return _ordered(operator, left, right)

    def joined(self, operator: str, left: Items, right: Items) -> Items:
        """`and` and `or`, where nothing may be either."""
        known = [self.holds(side) for side in (left, right) if side]
        decides = operator == "or"
        if decides in known:
            return [_truth(decides)]
        return [_truth(not decides)] if len(known) == len((left, right)) else []

    def union(self, left: Items, right: Items) -> Items:
        """Both, each value once."""
        found: Items = []
        for item in (*left, *right):
            if not any(same(item.value, one.value, self.steps.spend) for one in found):
                found.append(item)
        return found

    def equal(self, left: Items, right: Items) -> bool | None:
        """Whether two collections say the same in the same order; None where dates of two precisions cannot tell."""
        if len(left) != len(right):
            return False
        told = [self.one_equal(a, b) for a, b in zip(left, right, strict=True)]
        return False if False in told else None if None in told else True

    def one_equal(self, one: Item, other: Item) -> bool | None:
        """Whether two items say the same."""
        if MOMENTS & {one.kind, other.kind} and isinstance(one.value, str) and isinstance(other.value, str):
            ours, theirs = _moment(one.value), _moment(other.value)
            return True if ours == theirs else False if ours[1] <= theirs[0] or theirs[1] <= ours[0] else None
        return same(one.value, other.value, self.steps.spend)

    def alike(self, left: Items, right: Items) -> bool:
        """`~`: whatever the order, and of texts whatever their case and white space."""
        rest = list(right)
        for item in left:
            found = next((n for n, one in enumerate(rest) if self.one_alike(item, one)), None)
            if found is None:
                return False
            del rest[found]
        return not rest

    def one_alike(self, one: Item, other: Item) -> bool:
        """`~` of two items."""
        self.steps.spend(1)
        if isinstance(one.value, str) and isinstance(other.value, str):
            self.steps.read(one.value, other.value)
            return " ".join(one.value.split()).casefold() == " ".join(other.value.split()).casefold()
        return self.one_equal(one, other) is True


def _truth(value: bool) -> Item:  # noqa: FBT001 - it is what the item is
    return Item("boolean", value)


def _single(items: Items) -> Items:
    if len(items) > 1:
        raise BadValue("`single` of the FHIRPath meets more than one item", reason="patch-malformed")
    return items


PLAIN: dict[str, Callable[[Items], Items]] = {
    "count": lambda items: [Item("integer", len(items))],
    "empty": lambda items: [_truth(not items)],
    "first": lambda items: items[:1],
    "hasValue": lambda items: [_truth(len(items) == 1 and items[0].primitive and items[0].value is not None)],
    "last": lambda items: items[-1:],
    "single": _single,
    "tail": lambda items: items[1:],
}
"""Functions that take nothing but their source."""


def _is_of(kind: str, wanted: str) -> bool:
    """Whether a type is the one that is named; `String` of FHIRPath is FHIR's `string`."""
    return wanted in (kind, kind[:1].upper() + kind[1:]) or (wanted == "DomainResource" and kind in resource_types())


def _moment(text: str) -> tuple[datetime, datetime]:
    try:
        return interval(text)
    except ValueError:
        raise BadValue("a date of the FHIRPath is none, or has no time zone", reason="patch-malformed") from None


def _ordered(operator: str, left: Items, right: Items) -> Items:
    """`<` and its like, of two numbers, texts or dates."""
    if len(left) != 1 or len(right) != 1:
        raise BadValue("the FHIRPath compares one value with one", reason="patch-malformed")
    one, other = left[0], right[0]
    ours, theirs = number(one.value), number(other.value)
    if ours is not None and theirs is not None:
        order = (ours > theirs) - (ours < theirs)
    elif isinstance(one.value, str) and isinstance(other.value, str):
        if MOMENTS & {one.kind, other.kind}:
            return _dated(operator, one.value, other.value)
        order = (one.value > other.value) - (one.value < other.value)
    else:
        raise BadValue("the FHIRPath compares what has no order", reason="patch-malformed")
    return [_truth(_says(operator, order))]


def _dated(operator: str, one: str, other: str) -> Items:
    """Two dates, of which one may be less exact: then only what is the same for all of it is said."""
    (low, high), (begin, end) = _moment(one), _moment(other)
    if (low, high) == (begin, end):
        return [_truth(_says(operator, 0))]
    if high <= begin or end <= low:
        return [_truth(_says(operator, -1 if high <= begin else 1))]
    return []


def _says(operator: str, order: int) -> bool:
    return (order < 0 and "<" in operator) or (order > 0 and ">" in operator) or (order == 0 and "=" in operator)
