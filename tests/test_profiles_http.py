"""Profiles on the wire: a resource or a Bundle that breaks what it names is refused, or taken with a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests import deposits
from tests.deposits import AUTHOR, MHD
from tests.serving import Carnet, Tree, document, serving
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller

PROFILE = f"{MHD}IHE.MHD.Comprehensive."
MINIMAL = f"{MHD}IHE.MHD.Minimal.DocumentReference"
UNKNOWN = "https://example.org/StructureDefinition/theirs"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("profiles")
    async with serving(module_database_urls, folder, profiles="refuse") as made:
        yield made


@pytest.fixture
def author(carnet: Carnet) -> Caller:
    return carnet.doctor(AUTHOR)


def claiming(tree: Tree, *profiles: str) -> Tree:
    return tree | {"meta": {"profile": list(profiles)}}


def iti65(record: str) -> Tree:
    parts = [f"{PROFILE}{part}" for part in ("ProvideBundle", "SubmissionSet", "DocumentReference")]
    tree = deposits.provided(record, *parts)
    for number, entry in enumerate(tree["entry"][:2]):
        for one in entry["resource"].get("identifier", []):
            one["value"] = deposits.uuid(f"{record}{number}{one['use']}") if one["use"] == "official" else one["value"]
    return tree


def told(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Severity, reason code and place of each issue."""
    issues = answer.json()["issue"]
    return [(i["severity"], i["details"]["coding"][0]["code"], i.get("expression", [""])[0]) for i in issues]


async def test_a_deposit_that_breaks_its_profile_is_refused(carnet: Carnet, author: Caller) -> None:
    record = await opened(carnet)
    answer = await author.post("DocumentReference", claiming(document(record), MINIMAL))
    assert answer.status_code == 422
    assert ("error", "profile", "DocumentReference.masterIdentifier") in told(answer)
    assert await author.found(f"DocumentReference?patient={record}") == []
    assert (await author.post("DocumentReference", document(record))).status_code == 201


async def test_an_unknown_profile_is_taken_and_said(carnet: Carnet, author: Caller) -> None:
    record = await opened(carnet)
    prefer = {"Prefer": "return=OperationOutcome"}
    answer = await author.post("DocumentReference", claiming(document(record), UNKNOWN), headers=prefer)
    assert answer.status_code == 201
    assert told(answer) == [("information", "unknown-profile", "DocumentReference.meta.profile")]


async def test_iti_65_keeps_its_profile_or_is_refused_whole(carnet: Carnet, author: Caller) -> None:
    record = await opened(carnet)
    broken = iti65(record)
    del broken["entry"][0]["resource"]["extension"][1]
    answer = await author.post("", broken)
    assert answer.status_code == 422
    assert {place for _, _, place in told(answer)} == {"Bundle.entry[0].resource.extension"}
    assert (
        await author.found(f"List?patient={record}") == await author.found(f"DocumentReference?patient={record}") == []
    )
    answer = await author.post("", iti65(record))
    assert answer.status_code == 200, answer.text
    assert len(await author.found(f"DocumentReference?patient={record}")) == 1


async def test_what_is_no_fhir_is_told_before_a_profile(carnet: Carnet, author: Caller) -> None:
    record = await opened(carnet)
    broken = iti65(record)
    broken["entry"][0]["resource"]["date"] = "2026-02-30"
    del broken["entry"][0]["resource"]["mode"]
    answer = await author.post("", broken)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, "value")
    claims = mint.professional(AUTHOR, profession="10", structure="1750000001", specialty="SM54")
    narrow = carnet.caller({**claims, "scope": "system/DocumentReference.c"})
    assert (await narrow.post("", broken)).status_code == 403


async def test_a_deposit_under_a_profile_may_be_withdrawn_and_masked(carnet: Carnet, author: Caller) -> None:
    """What becomes of a document is the record's: its profile says what a deposit is."""
    record = await opened(carnet)
    answer = await author.post("", iti65(record))
    assert answer.status_code == 200, answer.text
    name = (await author.found(f"DocumentReference?patient={record}"))[0]
    patch = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    assert (await author.patch(f"DocumentReference/{name}", patch)).status_code == 200


async def test_it_is_taken_unless_the_setting_refuses_and_who_asks_is_warned(
    database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> None:
    prefer = {"Prefer": "return=OperationOutcome"}
    async with serving(database_urls, tmp_path_factory.mktemp("warned")) as lenient:
        author = lenient.doctor(AUTHOR)
        record = await opened(lenient)
        tree = claiming(document(record), MINIMAL)
        answer = await author.post("DocumentReference", tree)
        assert (answer.status_code, answer.json()["resourceType"]) == (201, "DocumentReference")
        answer = await author.post("DocumentReference", tree, headers=prefer)
        assert answer.status_code == 201
        assert ("warning", "profile", "DocumentReference.masterIdentifier") in told(answer)
        broken = iti65(record)
        del broken["entry"][0]["resource"]["extension"][1]
        answer = await author.post("", broken, headers=prefer)
        assert answer.status_code == 200
        assert told_of_entry(answer, 0) == {
            ("warning", "Bundle.entry[0].resource.extension"),
            ("warning", "List.extension"),
        }
        again = await author.post("", iti65(record) | {"entry": [*broken["entry"]]})
        assert again.status_code == 200
        assert not any("outcome" in one["response"] for one in again.json()["entry"])


def told_of_entry(answer: httpx.Response, place: int) -> set[tuple[str, str]]:
    issues = answer.json()["entry"][place]["response"]["outcome"]["issue"]
    return {(one["severity"], one.get("expression", [""])[0]) for one in issues}
