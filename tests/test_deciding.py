"""The decision behind an act, in the shape of IHE BALP AuthZconsent: to whom, and what of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fhir.resources.R4B.auditevent import AuditEvent

from app.storage.balp import BALP
from tests.acts import grant
from tests.serving import actor, document, serving
from tests.world import DOCTOR, OTHER, opened

if TYPE_CHECKING:
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Caller

PROFILE = f"{BALP}/StructureDefinition/IHE.BasicAudit.AuthZconsent"


async def acts(caller: Caller, record: str, about: str) -> list[str]:
    """Ids of the acts on something, the newest first."""
    return await caller.found(f"AuditEvent?patient={record}&entity={about}&_sort=-date")


def consents(event: dict[str, Any]) -> set[str]:
    return {one["what"]["reference"] for one in event["entity"] if one["type"]["code"] == "Consent"}


async def test_a_decision_is_told_to_who_may_read_its_act(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path, notices=False) as carnet:
        record = await opened(carnet, treating=DOCTOR)
        holder, doctor, other = carnet.holder(record), carnet.doctor(), carnet.doctor(OTHER)
        named = await grant(holder, record, actor(OTHER))
        seen = await doctor.make(document(record))
        masked = await doctor.make(document(record, label="MASQUE_PS"))
        absent = f"{masked[:-1]}{'a' if masked[-1] != 'a' else 'b'}"
        [opening] = await holder.found(f"Consent?patient={record}&category=opening")

        assert (await other.get(f"DocumentReference/{seen}")).status_code == 200
        [permitted, *_] = await acts(holder, record, f"DocumentReference/{seen}")
        answer = await holder.get(f"AuditEvent/{permitted}/$decision")
        event = answer.json()
        AuditEvent.model_validate(event)
        assert event["meta"]["profile"] == [PROFILE]
        assert (event["outcome"], event["outcomeDesc"], event["subtype"][0]["code"]) == (
            "0",
            "authorised",
            "AuthZ-Consent",
        )
        assert consents(event) == {f"Consent/{named}", f"Consent/{opening}"}
        assert [agent["requestor"] for agent in event["agent"]] == [False, True, False, False]
        own = (await other.get(f"AuditEvent/{permitted}/$decision")).json()
        assert consents(own) == {f"Consent/{named}"}, "of the Consents he learns those that he may read"

        refusals = []
        for one in (masked, absent):
            assert (await other.get(f"DocumentReference/{one}")).status_code == 404
            [act, *_] = await acts(other, record, f"DocumentReference/{one}")
            refused = await other.get(f"AuditEvent/{act}/$decision")
            refusals.append((refused.status_code, refused.text))
        assert refusals[0] == refusals[1], "who was told that nothing is there learns of no decision"
        assert refusals[0][0] == 404
        [denied, *_] = await acts(holder, record, f"DocumentReference/{masked}")
        event = (await holder.get(f"AuditEvent/{denied}/$decision")).json()
        assert (event["outcome"], event["outcomeDesc"]) == ("8", "masked")
        assert event["meta"]["profile"] == [PROFILE]

        stranger = carnet.doctor("810000000077")
        for act in (permitted, denied, f"{permitted[:-1]}x"):
            assert (await stranger.get(f"AuditEvent/{act}/$decision")).status_code == 404
        last = (await holder.get(f"AuditEvent?patient={record}&_sort=-date&_count=5&subtype=decision")).json()
        assert last["entry"], "who asked for a decision is in the trail"
