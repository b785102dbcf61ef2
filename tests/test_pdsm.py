"""What the French guides ask of a document after its deposit (PDSm st_maj, PDSm for the DMP TD3.3a to d)."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from app.resources.guides import IS_ARCHIVED, IS_DELETED
from tests.serving import NORMAL, VISIBILITY, Carnet, document, serving
from tests.world import DOCTOR, OTHER, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

FHIR = {"Content-Type": "application/fhir+json"}
_numbers = count(1)


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


@pytest.fixture(scope="module")
async def record(carnet: Carnet) -> str:
    return await opened(carnet, treating=DOCTOR)


@pytest.fixture
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor(OTHER)


async def named(doctor: Caller, record: str, **more: Any) -> tuple[str, str]:
    """A document: its address, and the address by its identifier that the guide patches."""
    value = f"urn:oid:1.2.250.7.8.{next(_numbers)}"
    name = {"system": "urn:ietf:rfc:3986", "value": value}
    made = await doctor.make(document(record, masterIdentifier=name, **more))
    return f"DocumentReference/{made}", f"DocumentReference?identifier=urn:ietf:rfc:3986|{value}"


def fhirpath(path: str, **value: Any) -> Tree:
    part = [{"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": path}, {"name": "value", **value}]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": part}]}


def label(code: str) -> Tree:
    coding = {"system": VISIBILITY, "code": code} if code != "N" else {"system": NORMAL, "code": "N"}
    return {"coding": [coding]}


async def test_masked_and_unmasked_by_its_identifier(doctor: Caller, record: str) -> None:
    """TD3.3a, TD3.3b: `/securityLabel/0`."""
    where, named_so = await named(doctor, record)
    for code in ("MASQUE_PS", "N", "INVISIBLE_PATIENT", "N"):
        change = [{"op": "replace", "path": "/securityLabel/0", "value": label(code)}]
        answer = await doctor.patch(named_so, change)
        assert answer.status_code == 200, answer.text
        first = (await doctor.get(where)).json()["securityLabel"][0]["coding"][0]["code"]
        assert first == code
        assert answer.headers["etag"] == (await doctor.get(where)).headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        f"/extension[url:'{IS_ARCHIVED}']/valueBoolean",
        f"/extension[url='{IS_ARCHIVED}']/valueBoolean",
        f"/extension[url:'{IS_ARCHIVED}']",
    ],
)
async def test_archived_and_taken_out_again(doctor: Caller, record: str, path: str) -> None:
    """TD3.3d, with the guide's path that picks an extension by its url, whether or not it is there."""
    where, named_so = await named(doctor, record)
    for value in (True, False):
        answer = await doctor.patch(named_so, [{"op": "replace", "path": path, "value": value}])
        assert answer.status_code == 200, answer.text
        assert (await doctor.get(where)).json()["extension"] == [{"url": IS_ARCHIVED, "valueBoolean": value}]
        found = await doctor.found(f"DocumentReference?patient={record}&isArchived={str(value).lower()}")
        assert where.partition("/")[2] in found


async def test_withdrawn_by_status(carnet: Carnet, doctor: Caller, record: str) -> None:
    """TD3.3c as the guide's page reads: `entered-in-error`, by FHIRPath Patch and by its identifier."""
    where, named_so = await named(doctor, record)
    change = fhirpath("DocumentReference.status", valueCode="entered-in-error")
    assert (await doctor.send("PATCH", named_so, json=change, headers=FHIR)).status_code == 200
    assert (await carnet.holder(record).get(where)).status_code in {404, 410}
    assert (await doctor.get(where)).json()["status"] == "entered-in-error"


async def test_withdrawn_by_the_deleted_extension(carnet: Carnet, doctor: Caller, record: str) -> None:
    """TD3.3c, its other reading: `superseded` with PDSm's deleted extension; alone, `superseded` withdraws nothing."""
    where, named_so = await named(doctor, record)
    old = [{"op": "replace", "path": "/status", "value": "superseded"}]
    assert (await doctor.patch(named_so, old)).status_code == 200
    assert (await carnet.holder(record).get(where)).status_code == 200
    mark = [{"op": "add", "path": "/extension", "value": [{"url": IS_DELETED, "valueBoolean": True}]}]
    assert (await doctor.patch(named_so, mark)).status_code == 200
    assert (await carnet.holder(record).get(where)).status_code in {404, 410}


async def test_deleted_by_the_holder_and_not_by_another(carnet: Carnet, doctor: Caller, record: str) -> None:
    where, _ = await named(doctor, record)
    assert (await carnet.doctor(DOCTOR).delete(where)).status_code == 403
    assert (await carnet.holder(record).delete(where)).status_code == 204
    assert (await carnet.doctor(DOCTOR).get(where)).status_code in {404, 410}


@pytest.mark.parametrize("element", ["type", "description", "date", "content"])
async def test_other_elements_are_settled(doctor: Caller, record: str, element: str) -> None:
    """405, as PDSm says; nothing is changed."""
    where, named_so = await named(doctor, record, description="avant")
    tree = (await doctor.get(where)).json()
    value = {"type": {"text": "x"}, "description": "après", "date": "2020-01-01T00:00:00Z", "content": []}[element]
    answer = await doctor.patch(named_so, [{"op": "replace", "path": f"/{element}", "value": value}])
    assert answer.status_code == (400 if element == "content" else 405), answer.text
    assert (await doctor.get(where)).json() == tree


async def test_one_match_is_needed(doctor: Caller, record: str) -> None:
    _, named_so = await named(doctor, record)
    change = [{"op": "replace", "path": "/status", "value": "superseded"}]
    assert (await doctor.patch(f"{named_so}9999", change)).status_code == 404
    await doctor.make(document(record, identifier=[{"system": "urn:x", "value": "two"}]))
    await doctor.make(document(record, identifier=[{"system": "urn:x", "value": "two"}]))
    assert (await doctor.patch("DocumentReference?identifier=urn:x|two", change)).status_code == 412
    assert (await doctor.patch(f"{named_so}&nonsense=1", change)).status_code == 400
