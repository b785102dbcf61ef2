"""What the server publishes of itself, beside its statement: our operations, search parameters, codes and profiles.

Public, the same for every caller, made from the declarations when the first client of a worker asks, and kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from app.errors import NotFound
from app.records.answer import Stored
from app.rest.conformance import codes, parameters, structures
from app.rest.definitions import definitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings import Settings

Tree = dict[str, Any]

REVISED = "2026-11-22"
"""Date of the last change to what is published."""
TYPES: dict[str, Callable[[Settings], dict[str, Tree]]] = {
    "CodeSystem": codes.systems,
    "OperationDefinition": definitions,
    "SearchParameter": parameters.parameters,
    "StructureDefinition": structures.structures,
    "ValueSet": codes.sets,
}
"""What makes the resources of each published type, by id."""


@dataclass(frozen=True)
class Catalogue:
    """Everything that one server publishes; `version` is that of the build."""

    settings: Settings
    version: str

    @cached_property
    def held(self) -> dict[str, dict[str, Stored]]:
        """Every resource, by type and id."""
        return {type: {id: self._kept(type, tree) for id, tree in TYPES[type](self.settings).items()} for type in TYPES}

    def one(self, type: str, id: str) -> Stored:
        """One resource; NotFound where there is none of that id."""
        found = self.held[type].get(id)
        if found is None:
            raise NotFound("no such resource", reason="not-found")
        return found

    def _kept(self, type: str, tree: Tree) -> Stored:
        told = {"version": self.version, "date": REVISED, "publisher": "Carnet", "experimental": False}
        whole = {"resourceType": type, **tree, **told}
        tag = blake2b(orjson.dumps(whole), digest_size=12).hexdigest()
        moment = datetime.fromisoformat(f"{REVISED}T00:00:00+00:00")
        whole["meta"] = {"versionId": tag, "lastUpdated": f"{REVISED}T00:00:00.000Z"}
        first = {name: whole.pop(name) for name in ("resourceType", "id", "meta")}
        return Stored(type, str(tree["id"]), tag, moment, orjson.dumps(first | whole))
