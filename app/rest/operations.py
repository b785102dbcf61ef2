"""Operations, `[type]/[id]/$name`; some of a type or of the system as well (operations.html section 3.2)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.resources import DEFINITIONS
from app.resources.validation import dump
from app.rest import everything
from app.rest.answer import Answer
from app.rest.read import check_parameters
from app.rest.reasons import SAID

if TYPE_CHECKING:
    from app.resources.definition import Resource
    from app.rest.request import Request

LANGUAGES = ("fr", "en")


async def meta(request: Request) -> Answer:
    """`$meta`, of a resource, a type or the system: 200 with Parameters (resource-operation-meta.html)."""
    check_parameters(request)
    await request.parameters()
    route = request.here
    types = () if route.type else tuple(request.allowed([], list(DEFINITIONS), "r"))
    return Answer(HTTPStatus.OK, dump(await request.records.meta(route.type, route.id, types)))


OWN = {"$everything": everything.everything, "$meta": meta}
"""Operations that the surface itself knows; every other one is told by `app.lifecycle`."""


async def operation(request: Request) -> Answer:
    """200 with what the operation returns."""
    own = OWN.get(request.here.operation)
    if own is not None:
        return await own(request)
    parameters = await request.parameters()
    route = request.here
    name = route.operation.removeprefix("$")
    result = await request.records.operation(name, route.type, route.id, parameters)
    said = worded(result, "parameter", request.tongue)
    return Answer(HTTPStatus.OK, dump(result), headers={"Content-Language": LANGUAGES[request.tongue]} if said else {})


def worded(tree: Resource, name: str, tongue: int) -> bool:
    """Add to each code that people read its sentence, right after it; says whether there was one.

    `name` is the member that holds parameters: `parameter` of a resource, `part` of a parameter.
    """
    told: list[Resource] = []
    for one in tree.get(name, []):
        told.append(one)
        sentence = SAID.get(one["name"], {}).get(one.get("valueCode"))
        if sentence:
            told.append({"name": "sentence", "valueString": sentence[tongue]})
    if told:
        tree[name] = told
    inside = [worded(one, "part", tongue) for one in told]
    return any(inside) or any(one["name"] == "sentence" for one in told)
