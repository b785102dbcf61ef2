"""Requests of every kind that is asked much, of one record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.serving import document, transaction
from tests.world import listing

if TYPE_CHECKING:
    from tests.serving import Caller


async def work(doctor: Caller, record: str) -> None:
    """Every kind of request that is asked much."""
    made = await doctor.make(document(record))
    other = await doctor.make(document(record))
    listed = await doctor.make(listing(record, made, other))
    read = await doctor.get(f"DocumentReference/{made}")
    place = read.json()["content"][0]["attachment"]["url"]
    answers = [
        read,
        await doctor.get(f"Binary/{place.rpartition('/')[2]}"),
        await doctor.get(f"List/{listed}"),
        await doctor.get(f"DocumentReference?patient={record}&type=11488-4&_sort=-date&_total=accurate"),
        await doctor.get(f"DocumentReference?patient={record}&_revinclude=List:item"),
        *[
            await doctor.get(f"{kind}?patient={record}")
            for kind in ("Consent", "CareTeam", "List", "Provenance", "Task")
        ],
        await doctor.get(f"AuditEvent?patient={record}"),
        await doctor.carnet.holder(record).get(f"AuditEvent?patient={record}"),
        await doctor.get(f"Patient/{record}"),
        await doctor.get(f"DocumentReference/{made}/_history"),
        await doctor.put(f"DocumentReference/{made}", {**read.json(), "description": "compte rendu"}),
        await doctor.post(
            "", transaction(*[(f"urn:uuid:{n:08}-0000-4000-8000-000000000000", document(record)) for n in range(10)])
        ),
        await doctor.carnet.holder(record).get(f"Patient/{record}/$everything"),
        await doctor.carnet.doctor().get(f"DocumentReference/{made}"),
        await doctor.delete(f"List/{listed}"),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 400] == [404]
