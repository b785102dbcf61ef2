"""The published examples under `tests/data/examples`, and what sends them: references follow what was sent before."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.access import Access, Kind
from app.records import Entry, RequestFacts
from app.resources import DEFINITIONS
from app.resources.definition import Scope
from app.resources.validation import dump, parse

if TYPE_CHECKING:
    import httpx

    from tests.serving import Caller, Carnet, Tree

FOLDER = Path(__file__).parent / "data" / "examples"
FHIR_JSON = {"Content-Type": "application/fhir+json"}
OPERATOR = Access(kind=Kind.OPERATOR, subject="software|operator")


def names(pattern: str) -> list[str]:
    """Names of examples, as `hl7-r4/Patient-example`."""
    return sorted(str(path.relative_to(FOLDER))[: -len(".json")] for path in FOLDER.glob(f"{pattern}.json"))


def read(name: str) -> Tree:
    """One example, decimals as they are written."""
    return parse((FOLDER / f"{name}.json").read_bytes())


def in_directory(tree: Tree) -> bool:
    """Whether the operator enters it: practitioners, roles, structures."""
    definition = DEFINITIONS.get(tree["resourceType"])
    return definition is not None and definition.scope is Scope.DIRECTORY


@dataclass
class Sender:
    """Sends examples as they are, but for references to what was sent before: those follow it to its new address."""

    carnet: Carnet
    addresses: dict[str, str] = field(default_factory=dict)

    def relinked(self, tree: Any) -> Any:
        """A tree whose references lead to where the server keeps what they mean."""
        if isinstance(tree, list):
            return [self.relinked(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        return {k: self.addresses.get(v, v) if k in ("reference", "url") and isinstance(v, str) else self.relinked(v)
            for k, v in tree.items()}  # fmt: skip

    async def enter(self, *trees: Tree) -> None:
        """Enter directory resources as the operator does, all at once: no token can."""
        records = self.carnet.app.state.server.door.open(OPERATOR, RequestFacts("load", "", ""))
        entries = [Entry("POST", tree["resourceType"], deepcopy(tree)) for tree in trees]
        for tree, answer in zip(trees, await records.transaction(entries), strict=True):
            self.addresses[f"{tree['resourceType']}/{tree['id']}"] = answer.location.partition("/_history")[0]

    async def together(self, caller: Caller, *names: str) -> None:
        """POST examples that point at each other in one transaction."""
        trees = [read(name) for name in names]
        entries = [{"resource": t, "request": {"method": "POST", "url": t["resourceType"]}} for t in trees]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": self.relinked(entries)}
        answer = await caller.send("POST", "", content=dump(bundle), headers=FHIR_JSON)
        assert answer.status_code == 200, answer.text
        for tree, entry in zip(trees, answer.json()["entry"], strict=True):
            address = entry["response"]["location"].partition("/_history")[0]
            self.addresses[f"{tree['resourceType']}/{tree['id']}"] = address

    async def send(self, caller: Caller, name: str) -> httpx.Response:
        """POST one example; its address is known from now on."""
        tree = read(name)
        kind = tree["resourceType"]
        body = dump(self.relinked(tree))
        answer = await caller.send("POST", "" if kind == "Bundle" else kind, content=body, headers=FHIR_JSON)
        if answer.status_code in (200, 201) and "location" in answer.headers:
            self.addresses[f"{kind}/{tree['id']}"] = "/".join(answer.headers["location"].split("/")[-4:-2])
        return answer
