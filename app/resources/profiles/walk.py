"""A resource judged by a profile: one walk over the elements that the profile has rules for."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.errors import Issue
from app.resources.profiles.declared import known, values
from app.resources.profiles.invariants import INVARIANTS
from app.resources.profiles.slices import Context, Item, covers, is_of, members, test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from app.resources.definition import Resource
    from app.resources.profiles.declared import Node, Profile

MOST_ISSUES = 50
BY_PROFILE = "profile "
PLACE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?")
CONDITION = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)\?")


def broken(tree: Resource, profile: Profile, base: str, path: str) -> list[Issue]:
    """What a resource breaks of a profile, in the order of its rules; at most `MOST_ISSUES`. `path` leads to it."""
    if tree.get("resourceType") != profile.type:
        message = f"{profile.name}: is a profile of {profile.type}"
        return [Issue("invariant", message, "profile", (f"{path}.meta.profile",))]
    return _Walk(profile, tree, base).of(Item(path, tree))


def weight(issues: Iterable[Issue]) -> int:
    """How many errors there are: of several profiles or versions, the one that a resource was made for counts."""
    return sum(issue.severity == "error" for issue in issues)


class _Walk:
    """One walk by one profile. `root` is the resource that contains what references name by `#id`."""

    def __init__(self, profile: Profile, root: Any, base: str) -> None:  # noqa: ANN401 - any JSON value
        self.profile = profile
        self.root = root
        self.context = Context(base, profile.version)
        self.issues: list[Issue] = []

    def of(self, item: Item) -> list[Issue]:
        """Everything that an item breaks."""
        self.element(self.profile.root, item)
        return self.issues[:MOST_ISSUES]

    def report(self, path: str, message: str, severity: str = "error") -> None:
        """Add an issue."""
        self.issues.append(Issue("invariant", f"{self.profile.name}: {message}", "profile", (path,), severity))

    def element(self, node: Node, item: Item) -> None:
        """One item by the rule of its element, then what is below it."""
        if len(self.issues) >= MOST_ISSUES:
            return
        if item.value is not None:
            self.value(node.rule, item)
        for name, child in node.children.items():
            self.items(child, name, item)

    def value(self, rule: dict[str, Any], item: Item) -> None:
        """One value by the rule of its element."""
        for name, check in CHECKS.items():
            if name in rule and (message := check(rule[name], item)):
                self.report(item.path, message)
        if "to" in rule or "contained" in rule:
            self.reference(rule, item)
        if "as" in rule:
            self.profiles(rule["as"], item)
        for key in rule.get("keys", ()):
            holds, severity, message = INVARIANTS[key]
            with suppress(TypeError, AttributeError):  # a value of the wrong type was told where it stands
                if not holds(item.value):
                    self.report(item.path, f"{message} ({key})", severity)

    def reference(self, rule: dict[str, Any], item: Item) -> None:
        """Where a reference leads, as far as it says so itself."""
        node = item.value if isinstance(item.value, dict) else {}
        local = str(node.get("reference", "")).startswith("#")
        if "contained" in rule and "reference" in node and not local:
            self.report(item.path, "must lead to a contained resource")
        kind = self.target(node)
        if kind and "to" in rule and kind not in rule["to"]:
            self.report(item.path, f"leads to none of: {', '.join(rule['to'])}")

    def target(self, node: dict[str, Any]) -> str:
        """The type that a reference leads to, "" where it does not say."""
        reference = str(node.get("reference", ""))
        if reference.startswith("#"):
            return self.inside.get(reference[1:], "")
        match = PLACE.search(reference) or CONDITION.search(reference)
        return match[1] if match else str(node.get("type", ""))

    @cached_property
    def inside(self) -> dict[str, str]:
        """The types of what the root contains, by id."""
        contained = self.root.get("contained", []) if isinstance(self.root, dict) else []
        found = [one for one in contained if isinstance(one, dict)] if isinstance(contained, list) else []
        return {str(one.get("id")): str(one.get("resourceType", "")) for one in reversed(found)}

    def profiles(self, urls: list[str], item: Item) -> None:
        """An item by the profiles of which it follows one; those that are not known ask nothing."""
        found = [one for url in urls for one in known(url, self.context.base, self.context.version)]
        if found and len(found) >= len(urls):
            self.issues += min((self.by(one, item) for one in found), key=weight)

    def by(self, profile: Profile, item: Item) -> list[Issue]:
        """What an item breaks of another profile."""
        resource = isinstance(item.value, dict) and "resourceType" in item.value
        if resource and item.value["resourceType"] != profile.type:
            return [Issue("invariant", f"{profile.name}: is a profile of {profile.type}", "profile", (item.path,))]
        walk = _Walk(profile, item.value if resource else self.root, self.context.base)
        if not resource:
            walk.inside = self.inside
        return walk.of(item)

    def items(self, node: Node, name: str, parent: Item) -> None:
        """All items of an element: how many, each of them, and those of each slice."""
        items = list(_items(name, parent))
        self.count(node.rule, len(items), f"{parent.path}.{name.removesuffix('[x]')}")
        if node.slices:
            self.slices(node, items, f"{parent.path}.{name.removesuffix('[x]')}")
        for item in items:
            self.element(node, item)

    def count(self, rule: dict[str, Any], count: int, path: str, part: str = "") -> None:
        """How many there are of an element, or in a slice of it."""
        which = f" of `{part}`" if part else ""
        if count < rule.get("min", 0):
            self.report(path, f"needs at least {rule['min']}{which}" if which or rule["min"] > 1 else "is missing")
        elif count > rule.get("max", count):
            self.report(path, f"has at most {rule['max']}{which}" if rule["max"] else f"must not stand here{which}")

    def slices(self, node: Node, items: list[Item], path: str) -> None:
        """The items of each slice; one whose discriminator says nothing that we know is passed over."""
        tests = {name: test for name, one in node.slices.items() if (test := self.tests(node.rule.get("by", ()), one))}
        placed: dict[str, list[Item]] = {name: [] for name in tests}
        for item in items:
            fitting = [name for name, fits in tests.items() if fits(item)]
            chosen = self.choose(node, fitting, item) if len(fitting) > 1 else fitting[0] if fitting else ""
            if chosen:
                placed[chosen].append(item)
            elif node.rule.get("closed") and len(tests) == len(node.slices):
                self.report(item.path, f"is none of: {', '.join(node.slices)}")
        for name, own in placed.items():
            self.count(node.slices[name].rule, len(own), path, name)
            for item in own:
                self.element(node.slices[name], item)

    def tests(self, by: list[str], one: Node) -> Callable[[Item], bool] | None:
        """Whether an item may be in a slice; by profile, whether its resource is of a type of it."""
        found = [self.typed(one, d) if d.startswith(BY_PROFILE) else test(one, d, self.context) for d in by]
        told = [fits for fits in found if fits is not None]
        enough = len(told) == len(found) or (by[0].startswith(BY_PROFILE) and found[0] is not None)
        return (lambda item: all(fits(item) for fits in told)) if told and enough else None

    def typed(self, one: Node, discriminator: str) -> Callable[[Item], bool] | None:
        """Whether the resource at the path of a profile discriminator is of a type that the slice takes."""
        name = discriminator.removeprefix(BY_PROFILE)
        types = one.children[name].rule.get("types") if name in one.children else None

        def fits(item: Item) -> bool:
            inner = item.value.get(name) if isinstance(item.value, dict) else None
            return isinstance(inner, dict) and inner.get("resourceType") in (types or ())

        return fits if types else None

    def choose(self, node: Node, names: list[str], item: Item) -> str:
        """Of several slices by profile, the one whose rules the item breaks least."""

        def breaks(name: str) -> int:
            walk = _Walk(self.profile, self.root, self.context.base)
            walk.element(node.slices[name], item)
            return len(walk.issues)

        return min(names, key=breaks)


def _items(name: str, parent: Item) -> Iterator[Item]:
    """The items that an element name means under a parent, one by one."""
    for key, value, kind in members(parent.value, name):
        path = f"{parent.path}.{key}"
        if not isinstance(value, list):
            yield Item(path, value, kind)
        else:
            yield from (Item(f"{path}[{index}]", one, kind) for index, one in enumerate(value))


def _fixed(wanted: object, item: Item) -> str:
    return "" if item.value == wanted else f"is not {_shown(wanted)}"


def _pattern(wanted: object, item: Item) -> str:
    return "" if covers(wanted, item.value) else f"is not {_shown(wanted)}"


def _from(url: str, item: Item) -> str:
    codes = values(url)
    return "" if codes is None or is_of(codes, item.value) else f"has no code of {url}"


def _codes(wanted: list[str], item: Item) -> str:
    return "" if item.value in wanted else f"is none of: {', '.join(wanted)}"


def _among(codes: list[str], item: Item) -> str:
    return "" if is_of(frozenset(codes), item.value) else f"is none of: {', '.join(codes)}"


def _starts(wanted: str, item: Item) -> str:
    return "" if str(item.value).startswith(wanted) else f"does not begin with `{wanted}`"


def _types(wanted: list[str], item: Item) -> str:
    kind = item.type or (item.value.get("resourceType", "") if isinstance(item.value, dict) else "")
    return "" if not kind or kind.lower() in {one.lower() for one in wanted} else f"is none of: {', '.join(wanted)}"


CHECKS: dict[str, Callable[[Any, Item], str]] = {
    "fixed": _fixed,
    "pattern": _pattern,
    "from": _from,
    "codes": _codes,
    "among": _among,
    "starts": _starts,
    "types": _types,
}
"""The rules of a single value: what is said against it, or ""."""


def _shown(wanted: object) -> str:
    """A wanted value in a message: the code of a concept, or the text."""
    if isinstance(wanted, dict):
        codings = wanted.get("coding") or [wanted]
        return ", ".join(f"`{one.get('code', one.get('system', ''))}`" for one in codings)
    return f"`{wanted}`"
