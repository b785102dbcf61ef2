"""The profiles that are known, by canonical and version, each compiled when it is first asked for.

A profile is an object of `url`, `version`, `type`, perhaps `base` (another profile, whose rules it takes and sharpens),
and `rules` by element, named as in a StructureDefinition (`identifier:entryUUID.system`). A rule may hold:

    min, max      how many there are; of a slice, how many are in it
    fixed         the value, exactly
    pattern       what the value has at least
    from          value set that its codes are of; one whose codes are not in the file is not judged
    codes         the codes that a code may be
    among         the codes, each as `system|code`, that it or one coding of it may be
    set           value set that it is published as bound to
    starts        what the text begins with
    types         types of a choice, or of a resource
    as            profiles of which it follows one
    to, contained types that a reference may lead to; and that these are contained
    by, closed    discriminators of its slices, as `value use`; and that each item is in a slice
    keys          invariants (`app.resources.profiles.invariants`)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import orjson

from app.resources.profiles import ours

FILES = ("guides.json", "ihe.json")

Rule = dict[str, Any]


@dataclass(slots=True)
class Node:
    """An element of a profile: its rule, the elements below it, and its slices, by name."""

    rule: Rule = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    slices: dict[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a profile."""

    url: str
    version: str
    type: str
    root: Node

    @property
    def name(self) -> str:
        """The last part of its canonical."""
        return self.url.rpartition("/")[2]


@cache
def _lines() -> dict[str, dict[str, bytes]]:
    """The line of each profile, unread, by canonical and version: most of them are never asked for."""
    found: dict[str, dict[str, bytes]] = {}
    for name in FILES:
        for line in _content(name).splitlines():
            if line.startswith(b'{"url":'):
                url, version = line.split(b'"', 8)[3:8:4]
                found.setdefault(url.decode(), {})[version.decode()] = line.rstrip(b",")
    return found


def _content(name: str) -> bytes:
    return files("app.resources").joinpath("data", name).read_bytes()


@cache
def values(url: str) -> frozenset[str] | None:
    """The codes of a value set, each as `system|code`; None where they are not known."""
    for name in FILES:
        first = _content(name).partition(b"\n")[0]
        codes = orjson.loads(first.rstrip(b",") + b"}")["values"].get(url)
        if codes is not None:
            return frozenset(codes)
    return None


def known(url: str, base: str, near: str = "") -> list[Profile]:
    """The versions of a profile that are known: the one that the canonical names (`url|version`), or each of them.

    Without a version, that of the guide `near` alone where it has one: a guide means its own.
    """
    plain, _, version = url.partition("|")
    mine = ours.rules(plain, base) if plain.startswith(base) else None
    if mine:
        return [_ours(plain, base)]
    versions = _lines().get(plain, {})
    wanted = version or near
    if wanted in versions:
        return [_compiled(plain, wanted)]
    return [] if version and "" not in versions else [_compiled(plain, one) for one in versions]


def of_guides(type: str) -> list[str]:
    """Canonicals of the profiles of the guides on a type, with their version where it is known."""
    mark = f'"type":"{type}"'.encode()
    lines = [(u, v, line) for u, versions in _lines().items() for v, line in versions.items()]
    return sorted(f"{url}|{version}" if version else url for url, version, line in lines if mark in line[:LONGEST_HEAD])


LONGEST_HEAD = 400
"""Bytes of a line that its canonical, version, type and base are within."""


def all_known() -> list[tuple[str, str]]:
    """Canonical and version of every profile of the guides."""
    return [(url, version) for url, versions in _lines().items() for version in versions]


@lru_cache(maxsize=64)
def _compiled(url: str, version: str) -> Profile:
    """Profiles in use are kept compiled, 64 of them: some 50 kB for a long one."""
    tree = orjson.loads(_lines()[url][version])
    return Profile(url, version, tree["type"], _grown(_inherited(tree)))


@lru_cache(maxsize=16)
def _ours(url: str, base: str) -> Profile:
    found = ours.rules(url, base)
    if found is None:
        raise LookupError
    return Profile(url, "", found[0], _grown(found[1]))


def _inherited(tree: Rule) -> dict[str, Rule]:
    """The rules of a profile laid over those of its base."""
    rules: dict[str, Rule] = {}
    if "base" in tree:
        rules = _inherited(orjson.loads(_lines()[tree["base"]][tree["version"]]))
    for name, rule in tree["rules"].items():
        rules[name] = rules.get(name, {}) | rule
    return rules


def _grown(rules: dict[str, Rule]) -> Node:
    """The tree of elements that rules by name describe."""
    root = Node()
    for name, rule in rules.items():
        node = root
        for part in name.split(".") if name else ():
            plain, _, one = part.partition(":")
            node = node.children.setdefault(plain, Node())
            node = node.slices.setdefault(one, Node()) if one else node
        node.rule |= rule
    return root
