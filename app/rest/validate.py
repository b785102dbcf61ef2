"""`$validate` (R4, Resource-validate): of a type, of what stands there, and of a Bundle that would be sent.

The answer is 200 with an OperationOutcome, whatever is wrong with the resource. What is no resource at all is refused
as in a write.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, Issue
from app.records.validating import Asked, Mode
from app.rest.answer import Answer, of_issues
from app.rest.read import check_parameters

if TYPE_CHECKING:
    from app.resources.definition import Resource
    from app.rest.request import Request

BUNDLE = "Bundle"
KNOWN = frozenset({"mode", "profile", "_format", "_pretty"})
MOST_PROFILES = 20
VALUES = ("valueUri", "valueCanonical", "valueUrl", "valueCode", "valueString")
FINE = Issue("informational", "nothing stands against it", severity="information")
WEIGHTS = ("fatal", "error", "warning", "information")


async def validate(request: Request) -> Answer:
    """200 with everything that stands against a resource, the worst first."""
    check_parameters(request, KNOWN)
    route = request.here
    asked = await _asked(request)
    issues = await request.records.validate(route.type or BUNDLE, route.id, asked)
    ordered = sorted(issues, key=lambda one: WEIGHTS.index(one.severity))
    return of_issues(request, HTTPStatus.OK, tuple(ordered) or (FINE,))


async def _asked(request: Request) -> Asked:
    """The question: a Parameters resource, or the resource itself with `mode` and `profile` in the URL."""
    given = await _body(request)
    told: list[tuple[str, Any]] = [(name, value) for name, value in request.pairs if name in ("mode", "profile")]
    tree = given
    if given is not None and given.get("resourceType") == "Parameters":
        parts = _parts(given)
        told += [(str(one["name"]), _value(one)) for one in parts if one["name"] != "resource"]
        inner = [one.get("resource") for one in parts if one["name"] == "resource"]
        if len(inner) > 1 or not all(isinstance(one, dict) for one in inner):
            raise BadValue("`resource` is one resource", expression=("Parameters.parameter",))
        tree = inner[0] if inner else None
    return _checked(request, tree, told)


async def _body(request: Request) -> Resource | None:
    """The body, where there is one."""
    if request.method != "POST":
        return None
    if request.given is not None:
        return request.given
    body = await request.body()
    return request.parsed(body) if body else None


def _parts(given: Resource) -> list[dict[str, Any]]:
    parts = given.get("parameter", [])
    known = ("resource", "mode", "profile")
    if not isinstance(parts, list) or not all(isinstance(one, dict) and one.get("name") in known for one in parts):
        raise BadValue(f"a parameter is one of: {', '.join(known)}", expression=("Parameters.parameter",))
    return parts


def _value(part: dict[str, Any]) -> object:
    return next((part[name] for name in VALUES if name in part), None)


def _checked(request: Request, tree: Resource | None, told: list[tuple[str, Any]]) -> Asked:
    """The question, if it can be asked of this path."""
    modes = [value for name, value in told if name == "mode"]
    profiles = [value for name, value in told if name == "profile"]
    if not all(isinstance(one, str) and one in set(Mode) for one in modes) or len(set(modes)) > 1:
        raise BadValue(f"`mode` is one of: {', '.join(Mode)}")
    if len(profiles) > MOST_PROFILES or not all(isinstance(one, str) and one for one in profiles):
        raise BadValue(f"`profile` is the canonical of a profile, at most {MOST_PROFILES} times")
    mode = Mode(modes.pop()) if modes else None
    route = request.here
    if mode is Mode.PROFILE and not profiles:
        raise BadValue("`mode=profile` needs a `profile`")
    if mode is Mode.DELETE and not route.id:
        raise BadValue("`mode=delete` is asked of what stands there")
    if tree is None and not (route.id and (mode is Mode.DELETE or request.method != "POST")):
        raise BadValue("a resource is needed", expression=("Parameters.parameter",))
    expected = route.type or BUNDLE
    if tree is not None and tree.get("resourceType") != expected:
        raise BadValue(f"the resource must be of type `{expected}`", expression=("resourceType",))
    return Asked(tree, mode, tuple(profiles))
