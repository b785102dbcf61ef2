"""Attestations: who wrote down a holder's will for him, in a Provenance that the server writes (api.md section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.access import Kind
from app.records.draft import Draft, new_id
from app.records.references import Resolved
from app.resources import DEFINITIONS
from app.resources.structure import Survey
from app.storage.rows import instant

if TYPE_CHECKING:
    from datetime import datetime

    from app.records.writing import Unit
    from app.resources.definition import Resource

OWN_WILL = frozenset({Kind.HOLDER, Kind.REPRESENTATIVE})
"""Who says his own will, or that of whom he represents: nothing is attested."""
ATTESTER = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "attester"}


async def attest(unit: Unit, attested: Draft, moment: datetime) -> None:
    """Keep who attested that the holder wants what `attested` says, unless the holder said it himself."""
    if unit.access.kind in OWN_WILL:
        return
    tree: Resource = {
        "resourceType": "Provenance",
        "target": [{"reference": f"{attested.type}/{attested.id}"}],
        "recorded": instant(moment),
        "agent": [{
            "type": {"coding": [ATTESTER]},
            "who": await _who(unit),
            "onBehalfOf": {"reference": f"Patient/{attested.record}"},
        }],
    }  # fmt: skip
    definition = DEFINITIONS["Provenance"]
    draft = Draft(definition, tree, Survey(), Resolved(attested.record), attested.record, new_id(attested.record))
    draft.facts["filtered"] = True
    values = draft.row(unit.access, moment, "POST")
    unit.link.hold("Provenance", values)


async def _who(unit: Unit) -> dict[str, Any]:
    """The caller as the directory names him; the operator by a name of his own."""
    kind, _, _ = unit.access.subject.partition("|")
    types = {"person": "Practitioner", "structure": "Organization"}
    if kind in types:
        identifier = await unit.office.directory.id_of(unit.link, types[kind], unit.access.subject)
        return {"reference": f"{types[kind]}/{identifier}"}
    return {"display": unit.access.name or unit.access.subject}
