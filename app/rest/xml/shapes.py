"""What each member of a type is in XML, and in which order: the declarations of R4, read for XML."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import NamedTuple

from app.resources.structure import INNER, elements, resource_types

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"


class Form(Enum):
    """What a member is in XML."""

    ATTRIBUTE = "attribute"
    """The id of an element, the url of an extension."""
    PRIMITIVE = "primitive"
    """An element with the attribute `value`, and what JSON writes as `_name`."""
    OBJECT = "object"
    WRAPPED = "wrapped"
    """An element around a resource: `contained`, `Bundle.entry.resource`."""
    RESOURCE = "resource"
    NARRATIVE = "narrative"
    """The XHTML of a narrative, as it is."""


class Shape(NamedTuple):
    """One member: its place in the order of its type, its name, its type, whether it repeats, what it is."""

    rank: int
    name: str
    kind: str
    many: bool
    form: Form


@cache
def shapes(kind: str) -> dict[str, Shape]:
    """Members of a type by name, in the order that R4 has them in."""
    is_resource = kind in resource_types()
    return {
        name: Shape(rank, name, element.kind, element.many, _form(kind, name, element.kind, is_resource=is_resource))
        for rank, (name, element) in enumerate(elements(kind).items())
    }


def _form(owner: str, name: str, kind: str, *, is_resource: bool) -> Form:
    if (name == "id" and not is_resource) or (owner == "Extension" and name == "url"):
        return Form.ATTRIBUTE
    if kind == INNER:
        return Form.WRAPPED
    if kind == "xhtml":
        return Form.NARRATIVE
    return Form.PRIMITIVE if kind[0].islower() else Form.OBJECT
