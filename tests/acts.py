"""People and small steps that the tests of writing share."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from app.auth import mint
from tests.serving import VISIBILITY, Caller, Carnet, Tree, consent, open_record, permit

if TYPE_CHECKING:
    from httpx import Response

TREATING = "810000000001"
STRANGER = "810000000002"
PHARMACIST = "810000000003"
HOSPITAL = "1750000001"
ELSEWHERE = "1750000099"
_numbers = count(10_000)


def an_ins() -> str:
    """An INS of the test system that no other test has; its key is wrong, which is a warning there."""
    return f"2790351{next(_numbers):08d}"


def stranger(carnet: Carnet, **more: Any) -> Caller:
    """A doctor without any relation to the record."""
    return carnet.doctor(STRANGER, structure=ELSEWHERE, **more)


def pharmacist(carnet: Carnet) -> Caller:
    return carnet.professional(PHARMACIST, "21", structure="1750000021")


def software(carnet: Carnet, structure: str = HOSPITAL, client: str = "ehr") -> Caller:
    return carnet.caller(mint.software(client, structure))


def desk(carnet: Carnet) -> Caller:
    return carnet.caller(mint.desk(HOSPITAL))


async def a_record(carnet: Carnet, **more: Any) -> str:
    """An open record with a treating physician."""
    return await open_record(carnet.doctor(TREATING), an_ins(), treating=TREATING, **more)


async def grant(by: Caller, record: str, *actors: Tree, **period: str) -> str:
    """An authorisation; its id."""
    base = by.carnet.settings.codesystem_base
    return await by.make(consent(record, "authorisation", permit(*actors, **period), base=base))


def relabel(code: str) -> list[Tree]:
    """The guides' patch of the first label; "" puts it back to normal."""
    coding = {"system": VISIBILITY, "code": code} if code else NORMAL
    return [{"op": "replace", "path": "/securityLabel/0", "value": {"coding": [coding]}}]


def restate(status: str) -> list[Tree]:
    return [{"op": "replace", "path": "/status", "value": status}]


NORMAL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}


def reason(answer: Response) -> tuple[int, str]:
    """Status and reason code of a refusal."""
    issue = answer.json()["issue"][0]
    codings = issue.get("details", {}).get("coding", [])
    return answer.status_code, codings[0]["code"] if codings else issue["code"]


async def sees(caller: Caller, document: str) -> bool:
    """Whether a read by id shows a document."""
    answer = await caller.get(f"DocumentReference/{document}")
    assert answer.status_code in {200, 404}, answer.text
    return answer.status_code == 200
