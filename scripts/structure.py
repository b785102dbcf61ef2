#!/usr/bin/env python3
"""Make `app/resources/data/structure.json` from the JSON schema of FHIR R4.

    scripts/structure.py fhir.schema.json.zip > app/resources/data/structure.json

The file keeps, for each type, its elements: `Reference` (one), `*Reference` (a list), `code` (a primitive), `=3` (a
code of the required binding `codes[3]`). Siblings `_element` follow from the primitives, so they are not written.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
SOURCE = "HL7 FHIR 4.0.1 fhir.schema.json (https://hl7.org/fhir/R4/fhir.schema.json.zip, 1 November 2019)"
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
BINDINGS = {
    ("DocumentReference", "docStatus"): ["preliminary", "final", "amended", "entered-in-error"],
    ("PractitionerRole_AvailableTime", "daysOfWeek"): DAYS,
    ("Location_HoursOfOperation", "daysOfWeek"): DAYS,
    ("Timing_Repeat", "dayOfWeek"): DAYS,
}
"""Required bindings of the R4 definitions that the schema leaves out."""


def definitions(path: Path) -> Schema:
    """The `definitions` of the schema in a ZIP archive."""
    with zipfile.ZipFile(path) as archive:
        schema: Schema = json.loads(archive.read("fhir.schema.json"))
    found: Schema = schema["definitions"]
    return found


class Writer:
    """Writes each element in the short form, and numbers the sets of codes."""

    def __init__(self, types: Schema) -> None:
        self.types = types
        self.primitives = sorted((n for n in types if n[0].islower()), key=len, reverse=True)
        self.codes: list[list[str]] = []

    def enum(self, values: list[str]) -> str:
        """Short form of a required binding."""
        if values not in self.codes:
            self.codes.append(values)
        return f"={self.codes.index(values)}"

    def primitive(self, name: str) -> str:
        """Primitive type of a choice element, which the schema writes in place: `valueDateTime` is a `dateTime`."""
        return next(p for p in self.primitives if name.endswith(p[0].upper() + p[1:]))

    def element(self, name: str, schema: Schema) -> str:
        """Short form of one element."""
        if schema.get("type") == "array":
            return "*" + self.element(name, schema["items"])
        if "$ref" in schema:
            return str(schema["$ref"]).rsplit("/", 1)[1]
        return self.enum(schema["enum"]) if "enum" in schema else self.primitive(name)

    def type(self, name: str, schema: Schema) -> dict[str, str]:
        """Elements of one type, without `resourceType` and the siblings of primitives."""
        elements = schema["properties"].items()
        found = {n: self.element(n, s) for n, s in elements if n[0] != "_" and n != "resourceType"}
        bound = {element: codes for (kind, element), codes in BINDINGS.items() if kind == name}
        return found | {e: found[e].replace("code", self.enum(codes)) for e, codes in bound.items()}

    def document(self) -> Schema:
        """The whole file."""
        types = {name: self.type(name, schema) for name, schema in sorted(self.types.items()) if "properties" in schema}
        resources = [reference["$ref"].rsplit("/", 1)[1] for reference in self.types["ResourceList"]["oneOf"]]
        return {"source": SOURCE, "codes": self.codes, "resources": sorted(resources), "types": types}


def main() -> None:
    """Print the file made of the archive named on the command line."""
    document = Writer(definitions(Path(sys.argv[1]))).document()
    sys.stdout.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
