"""Make app/rest/data/summary.json from R4 StructureDefinitions: `python scripts/summary.py FOLDER`.

For every resource type: `mandatory` are the root elements with a minimum of one, `summary` the elements of
`_summary=true`; a backbone element holds its own summary elements, any other element is null (kept whole).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "app" / "rest" / "data" / "summary.json"
SOURCE = "FHIR R4 4.0.1 StructureDefinitions, ElementDefinition.isSummary and min; Task from the R4 page of the type"
EXTRA = {
    "Task": {
        "mandatory": ["status", "intent"],
        "summary": dict.fromkeys(
            [
                *(
                    "id",
                    "meta",
                    "implicitRules",
                    "instantiatesCanonical",
                    "instantiatesUri",
                    "basedOn",
                    "groupIdentifier",
                ),
                *("partOf", "status", "statusReason", "businessStatus", "code", "description", "focus", "for"),
                *("encounter", "executionPeriod", "lastModified", "requester", "owner", "location"),
            ]
        ),
    }
}
"""Types without a StructureDefinition at hand."""


def names(element: dict[str, Any]) -> list[str]:
    """JSON names of an element: a choice has one for each of its types."""
    name = element["path"].rpartition(".")[2]
    if not name.endswith("[x]"):
        return [name]
    return [name[:-3] + code[0].upper() + code[1:] for code in (t["code"] for t in element["type"])]


def summary(elements: list[dict[str, Any]], parent: str) -> dict[str, Any]:
    """Summary elements right below `parent`."""
    found: dict[str, Any] = {}
    for element in elements:
        if element["path"].rpartition(".")[0] != parent or not element.get("isSummary"):
            continue
        backbone = any(e["path"].startswith(element["path"] + ".") for e in elements)
        found |= dict.fromkeys(names(element), summary(elements, element["path"]) if backbone else None)
    return found


def entry(definition: dict[str, Any]) -> dict[str, Any]:
    """What is kept of one StructureDefinition."""
    root = definition["type"]
    elements = definition["snapshot"]["element"]
    mandatory = [n for e in elements if e["path"].count(".") == 1 and e["min"] for n in names(e)]
    return {"mandatory": mandatory, "summary": summary(elements, root)}


def main(folder: Path) -> None:
    """Read every StructureDefinition of `folder` and write the compact file."""
    types = {path.stem: entry(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))}
    types |= EXTRA
    TARGET.write_text(json.dumps({"source": SOURCE, "types": types}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
