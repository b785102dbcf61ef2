"""The models judge the shape of a body, and the walk its values: what lets a shape be judged once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import Refusal
from app.resources import DEFINITIONS, validation
from app.resources.structure import survey
from app.resources.validation import parse, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.resources.definition import Resource

EXAMPLES = sorted((Path(__file__).parent / "data" / "examples").glob("*/*.json"))
TEXTS = (
    "x", " x", "x ", "a b", "é", "\t", "2020", "2020-01", "2020-01-01", "2020-01-01T00:00:00Z", "9999-12-31",
    "0001-01-01", "2020-06-30T23:59:60Z", "2020-13-01", "2020-01-01T24:00:00Z", "1999-12-31T23:59:59.123456789Z",
    "12:00:00", "urn:oid:1.2.3", "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7", "http://x y", "http://é", "a" * 65,
    "a" * 2000, "QQ==", "Q Q==", "-", "0", "#a", "Patient/1", '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
    "<div>x</div>", "true", "a\nb", "application/x", "en", "en-US", "_", "a|b", "1.5", "1e3", "..", "😀",
)  # fmt: skip
VALUES: dict[type, tuple[Any, ...]] = {
    str: TEXTS,
    int: (0, 1, -1, 2**31 - 1, 2**31, -(2**31), 65536),
    bool: (True, False),
}
Path_ = tuple[str | int, ...]


def leaves(tree: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Each primitive of a tree, with its place."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name != "resourceType":
                yield from leaves(value, (*path, name))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from leaves(value, (*path, index))
    else:
        yield path, tree


def put(tree: Any, path: Path_, value: object) -> None:
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = value


def is_sound(tree: Resource) -> bool:
    return not any(issue.severity == "error" for issue in survey(tree).issues)


def taken() -> Iterator[Resource]:
    """The examples that both judges accept."""
    for path in EXAMPLES:
        tree = parse(path.read_bytes())
        if tree["resourceType"] in DEFINITIONS and is_sound(tree) and not validation._judged_by_models(tree):  # noqa: SLF001
            yield tree


@pytest.mark.slow
def test_no_value_that_the_walk_lets_pass_is_refused_by_the_models() -> None:
    seen: set[tuple[object, ...]] = set()
    tried = 0
    for tree in taken():
        for path, value in list(leaves(tree)):
            place = (tree["resourceType"], *(step for step in path if isinstance(step, str)))
            if place in seen:
                continue
            seen.add(place)
            for other in VALUES.get(type(value), ()):
                put(tree, path, other)
                tried += 1
                if is_sound(tree):
                    assert not validation._judged_by_models(tree), (place, other)  # noqa: SLF001
            put(tree, path, value)
    assert tried > 10_000


@pytest.mark.parametrize("change", [{"status": None}, {"content": []}, {"nope": "x"}, {"content": [{}]}])
def test_a_shape_that_was_never_accepted_is_judged(change: dict[str, Any]) -> None:
    good: Resource = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/a"},
        "content": [{"attachment": {"contentType": "text/plain", "url": "https://documents.example/1"}}],
    }
    validate(DEFINITIONS["DocumentReference"], good, "")
    bad = {name: value for name, value in {**good, **change}.items() if value is not None}
    for _ in range(2):  # a refused shape is not remembered as accepted
        with pytest.raises(Refusal):
            validate(DEFINITIONS["DocumentReference"], bad, "")
