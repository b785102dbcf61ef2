"""Changing a tree at places that FHIRPath found. A primitive and its siblings (`_name`) change together.

What a change leaves empty goes with it, since FHIR has neither empty objects nor empty lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from app.resources.definition import Resource
    from app.resources.fhirpath.evaluation import Place

Node = dict[str, Any]


class Slot(NamedTuple):
    """One value with its siblings: those of a primitive, None of anything else."""

    value: Any
    more: Any = None

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return self.value in (None, {}) and self.more in (None, {})


def node(tree: Resource, place: Place) -> Node:
    """The object at a place; made, where it is the `_name` of a primitive that has none yet."""
    found: Any = tree
    for number, step in enumerate(place):
        parent = found
        found = parent[step] if isinstance(step, int) else parent.get(step)
        if found is None and isinstance(step, str):
            listed = number + 1 < len(place) and isinstance(place[number + 1], int)
            found = parent[step] = [None] * len(parent[step[1:]]) if listed else {}
        elif found is None:
            found = parent[step] = {}
    result: Node = found
    return result


def slots(holder: Node, name: str) -> list[Slot]:
    """The values of a member that repeats."""
    values, more = holder.get(name) or [], holder.get(f"_{name}") or []
    size = max(len(values), len(more))
    values, more = [*values, *[None] * (size - len(values))], [*more, *[None] * (size - len(more))]
    return [Slot(*pair) for pair in zip(values, more, strict=True)]


def keep(holder: Node, name: str, kept: list[Slot]) -> None:
    """Write the values of a member that repeats, less those that say nothing."""
    full = [one for one in kept if not one.empty]
    for member, values in ((name, [one.value for one in full]), (f"_{name}", [one.more for one in full])):
        if any(value is not None for value in values):
            holder[member] = values
        else:
            holder.pop(member, None)


def put(holder: Node, name: str, slot: Slot) -> None:
    """Write the value of a member that does not repeat."""
    for member, value in ((name, slot.value), (f"_{name}", slot.more)):
        if value is None:
            holder.pop(member, None)
        else:
            holder[member] = value


def drop(tree: Resource, place: Place) -> None:
    """Remove the value at a place, and what is empty then."""
    *above, last = place
    if isinstance(last, int):
        name = str(above.pop())
        holder = node(tree, tuple(above))
        keep(holder, name, [one for n, one in enumerate(slots(holder, name)) if n != last])
    else:
        holder = node(tree, tuple(above))
        put(holder, last, Slot(None))
    if not holder and above:
        _prune(tree, tuple(above))


def _prune(tree: Resource, place: Place) -> None:
    """Remove an object that became empty: that of a primitive leaves the primitive's value."""
    name = place[-1] if isinstance(place[-1], str) else place[-2]
    if not str(name).startswith("_"):
        drop(tree, place)
    elif isinstance(place[-1], int):
        holder = node(tree, place[:-2])
        holder[str(name)][place[-1]] = None
        keep(holder, str(name)[1:], slots(holder, str(name)[1:]))
    else:
        node(tree, place[:-1]).pop(str(name))
