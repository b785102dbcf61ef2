"""Bodies in and out: parsing JSON, writing it, and judging whether a tree is a valid FHIR resource.

Two kinds of fault (facts of the FHIR http page): what is not FHIR R4 JSON at all (unknown elements, wrong JSON types,
impossible dates, missing elements) is `Malformed`, 400; a well-formed resource that breaks a required binding, an
invariant or a rule of its type is `Invalid`, 422. Messages name elements, codes and URLs, never other content.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any

import orjson
from jiter import LosslessFloat, from_json
from pydantic import BaseModel, ValidationError

from app.errors import Invalid, Issue, Malformed
from app.resources.structure import DEEPEST, Survey, survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.definition import Definition, Resource

FORMAT = frozenset({"structure", "value", "required"})
"""Issue codes of what is not FHIR JSON: answered 400."""
SHAPES_KEPT = 4096
"""Shapes of bodies that a worker remembers, 16 bytes each."""
POSITION = re.compile(r"at line \d+ column \d+$")
MODEL_ISSUES = {"missing": "required", "model_field_validation.missing": "required"}
MESSAGES = {"required": "is missing", "structure": "is not what FHIR R4 expects here"}


def parse(body: bytes) -> Resource:
    """The tree of one resource, decimals kept as they were written (`jiter.LosslessFloat`).

    `Malformed` for anything that is not one JSON object with a `resourceType`, has a key twice, or nests too deep.
    """
    tree = parse_json(body)
    if not isinstance(tree, dict):
        message = "a resource is a JSON object"
        raise Malformed(message)
    if not isinstance(tree.get("resourceType"), str):
        message = "resourceType is missing"
        raise Malformed(message)
    return tree


def parse_json(body: bytes) -> object:
    """Any JSON value (RFC 8259) without duplicate keys; `Malformed` otherwise. A JSON Patch is such a value."""
    try:
        tree: object = from_json(body, catch_duplicate_keys=True, float_mode="lossless-float", allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(_reason(body, str(error))) from None
    if body.count(b"{") + body.count(b"[") > DEEPEST and is_deeper(tree, DEEPEST):
        message = f"nested deeper than {DEEPEST} levels"
        raise Malformed(message)
    return tree


def _reason(body: bytes, error: str) -> str:
    """What is wrong, without a word of the body."""
    if body.startswith(b"\xef\xbb\xbf"):
        return "the body starts with a byte order mark"
    if not body.strip():
        return "the body is empty"
    position = POSITION.search(error)
    what = "a key stands twice in an object" if error.startswith("Detected duplicate key") else "the body is not JSON"
    return f"{what}, {position[0]}" if position else what


def is_deeper(tree: object, levels: int) -> bool:
    """Whether a tree nests deeper than so many levels, looked at level by level."""
    level: list[Any] = [tree]
    for _ in range(levels):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _as_sent(value: object) -> orjson.Fragment:
    if isinstance(value, LosslessFloat):
        return orjson.Fragment(bytes(value))
    message = f"cannot be JSON: {type(value).__name__}"
    raise TypeError(message)


def dump(tree: object) -> bytes:
    """Compact JSON in UTF-8, in the order of the tree; decimals as they were sent.

    `Malformed` for an integer of more than 64 bits, which may have come in: no reader of JSON is held to understand it
    (RFC 8259 section 6).
    """
    try:
        return orjson.dumps(tree, default=_as_sent)
    except orjson.JSONEncodeError as error:
        if str(error).startswith("Integer exceeds"):
            raise Malformed("a number has more than 64 bits") from None
        raise


def validate(definition: Definition, tree: Resource, base: str) -> Survey:
    """Judge a tree as a resource of its type; `base` is the canonical base of our CodeSystems.

    Returns what the walk found: references, attachments and links in the very tree. Raises `Malformed` (400) or
    `Invalid` (422) with every issue.
    """
    if tree.get("resourceType") != definition.type:
        message = f"a {definition.type} was expected"
        raise Malformed(message)
    found, issues = judged(definition, tree, base)
    refuse(issues)
    return found


def judged(definition: Definition | None, tree: Resource, base: str) -> tuple[Survey, list[Issue]]:
    """What the walk found, and every issue of a tree as a resource of a type; None for one that nobody keeps alone."""
    found = survey(tree)
    return found, [*found.issues, *_later_issues(definition, tree, base, found.issues)]


def is_format(issues: Iterable[Issue]) -> bool:
    """Whether an issue says that this is no FHIR at all, so that nobody reads on."""
    return any(issue.code in FORMAT for issue in issues)


def _later_issues(definition: Definition | None, tree: Resource, base: str, issues: list[Issue]) -> Iterable[Issue]:
    """Each judge reads only what the one before found well-formed: the models, then the rules of the type."""
    if is_format(issues):
        return []
    if (issues := _model_issues(tree)) or definition is None:
        return issues
    return [*_subject_issues(definition, tree), *definition.check(tree, base)]


def _subject_issues(definition: Definition, tree: Resource) -> list[Issue]:
    """What lives in a record says whose."""
    name = definition.compartment
    if not name or tree.get(name):
        return []
    path = f"{definition.type}.{name}"
    return [Issue("business-rule", f"`{name}` is missing: whose record is it?", "no-record", (path,))]


def refuse(issues: list[Issue]) -> None:
    """Raise what the issues ask for: 400 when one says that this is not FHIR JSON, 422 when one is an error."""
    errors = tuple(issue for issue in issues if issue.severity == "error")
    if not errors:
        return
    kind = Malformed if any(issue.code in FORMAT for issue in errors) else Invalid
    raise kind(errors[0].diagnostics, issues=errors)


def as_warning(issue: Issue) -> Issue:
    """The same issue as one that refuses nothing."""
    return replace(issue, severity="warning") if issue.severity == "error" else issue


@cache
def _model(kind: str) -> type[BaseModel]:
    """Model of a type, imported when it is first met: all of them would cost a worker its memory."""
    module = import_module(f"fhir.resources.R4B.{kind.lower()}")
    model: type[BaseModel] = getattr(module, kind)
    return model


def _model_issues(tree: Resource) -> list[Issue]:
    """What `fhir.resources` holds against a tree whose values the walk found well-formed.

    Of such a tree the models judge only the shape: which elements stand where, how many, of which JSON type. A shape
    that they accepted is not judged again, which spares a deposit 0.3 ms; a test holds that no value makes them refuse
    what the walk let pass.
    """
    shape = _shape(tree)
    if shape in _accepted:
        _accepted.move_to_end(shape)
        return []
    issues = _judged_by_models(tree)
    if not issues:
        _accepted[shape] = None
        if len(_accepted) > SHAPES_KEPT:
            _accepted.popitem(last=False)
    return issues


_accepted: OrderedDict[bytes, None] = OrderedDict()


def _shape(tree: Resource) -> bytes:
    parts: list[str] = []
    _trace(tree, parts)
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def _trace(tree: Any, parts: list[str]) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(tree, dict):
        parts.append("{")
        for name, value in tree.items():
            parts.append(name)
            if type(value) is str:
                parts.append(value if name == "resourceType" else "s")
            else:
                _trace(value, parts)
        parts.append("}")
    elif isinstance(tree, list):
        parts.append("[")
        for item in tree:
            _trace(item, parts)
        parts.append("]")
    else:
        parts.append(type(tree).__name__)


def _judged_by_models(tree: Resource) -> list[Issue]:
    kind: str = tree["resourceType"]
    try:
        _model(kind).model_validate(_for_models(tree))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return [_issue(kind, detail["loc"], detail["type"]) for detail in details]
    except KeyError:
        # the models are R4B: a few types of R4 that nobody uses are not among them
        return [Issue("not-supported", "a contained resource of this type is not supported", expression=(kind,))]
    return []


def _issue(kind: str, location: tuple[int | str, ...], fault: str) -> Issue:
    code = MODEL_ISSUES.get(fault, "structure")
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return Issue(code, f"{kind}{path} {MESSAGES[code]}", expression=(f"{kind}{path}",))


def _for_models(tree: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The tree with Decimals in the place of `LosslessFloat`; branches without any are kept as they are.

    An empty string that the walk let pass stands in an extension: the models would refuse it, so they see a dash.
    """
    if tree == "":
        return "-"
    if isinstance(tree, dict):
        changed = {name: new for name, old in tree.items() if (new := _for_models(old)) is not old}
        return {**tree, **changed} if changed else tree
    if isinstance(tree, list):
        items = [_for_models(item) for item in tree]
        return items if any(new is not old for new, old in zip(items, tree, strict=True)) else tree
    return tree.as_decimal() if isinstance(tree, LosslessFloat) else tree
