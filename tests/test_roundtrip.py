"""What was sent comes back: id, meta, resolved references, order of labels, contents and Patient.active apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app.resources.validation import dump, parse
from tests.examples import FHIR_JSON, Sender, in_directory, names, read
from tests.serving import NORMAL, TEST_INS, Carnet, document, open_record, patient, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a  b">é &amp; 😀</p></div>'
LANGUAGE = "http://hl7.org/fhir/StructureDefinition/language"


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    data = tmp_path_factory.mktemp("data")
    with make_database() as urls:
        async with serving(
            urls, data, ins_required=False, opening="automatic", ins_key="warn", profiles="warn"
        ) as made:
            yield made


@pytest.fixture(scope="module")
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor()


@pytest.fixture(scope="module")
async def record(doctor: Caller) -> str:
    return await open_record(doctor, treating="810000000001")


def bare(tree: Tree, *names: str) -> Tree:
    """A tree less its id, meta and what the server decides on."""
    return {name: value for name, value in tree.items() if name not in {"id", "meta", *names}}


async def there_and_back(caller: Caller, tree: Tree, reader: Caller | None = None) -> tuple[bytes, bytes]:
    """The bytes sent and the bytes read, both in compact form, less id and meta."""
    answer = await caller.send("POST", tree["resourceType"], content=dump(tree), headers=FHIR_JSON)
    assert answer.status_code == 201, answer.text
    place = "/".join(answer.headers["location"].split("/")[-4:-2])
    read_back = await (reader or caller).get(place)
    assert read_back.status_code == 200, read_back.text
    without = ("active",) if tree["resourceType"] == "Patient" else ()
    return dump(bare(tree, *without)), dump(bare(parse(read_back.content), *without))


def with_decimals(body: bytes) -> Tree:
    """A body whose decimals stand in quotes, as no Python number could write them."""
    return parse(re.sub(rb'"valueDecimal":"([^"]+)"', rb'"valueDecimal":\1', body))


async def test_a_document_comes_back_as_it_was_sent(doctor: Caller, record: str) -> None:
    """Decimals, order of elements, extensions of primitives, contained resources, narrative, empty strings, Unicode."""
    tree = with_decimals(
        dump(
            {
                "resourceType": "DocumentReference",
                "status": "current",
                "language": "fr-FR",
                "text": {"status": "generated", "div": NARRATIVE},
                "extension": [
                    {"url": "urn:example:decimal", "valueDecimal": "1.00"},
                    {"url": "urn:example:small", "valueDecimal": "1E-7"},
                    {"url": "urn:example:long", "valueDecimal": "0.12345678901234567890"},
                    {"url": "urn:example:zero", "valueDecimal": "-0.0"},
                    {"url": "urn:example:empty", "valueString": ""},
                ],
                "contained": [
                    {
                        "resourceType": "Device",
                        "id": "d",
                        "deviceName": [{"name": "\u00c5ngstr\u00f6m e\u0301", "type": "other"}],
                    }
                ],
                "_status": {"id": "s"},
                "description": "ligne\nsuivante\t\u2028fin",
                "_description": {"extension": [{"url": LANGUAGE, "valueCode": "fr"}]},
                "identifier": [{"value": "2", "system": "urn:b"}, {"system": "urn:a", "value": "1"}],
                "author": [{"reference": "#d"}],
                "date": "2026-06-12T10:00:00.120+02:00",
                "subject": {"reference": f"Patient/{record}", "display": "elle"},
                "content": [{"attachment": {"contentType": "text/plain", "url": "https://elsewhere.example/a"}}],
                "securityLabel": [{"coding": [{"system": NORMAL, "code": "N"}]}],
            }
        )
    )
    sent, back = await there_and_back(doctor, tree)
    for number in (b":1.00}", b":1E-7}", b":0.12345678901234567890}", b":-0.0}"):
        assert number in back
    assert back == sent


async def test_what_was_sent_in_meta_stays(doctor: Caller, record: str) -> None:
    meta = {
        "versionId": "9",
        "lastUpdated": "2001-01-01T00:00:00Z",
        "source": "urn:x",
        "profile": ["urn:p"],
        "tag": [{"code": "t"}],
    }
    tree = (await doctor.post("DocumentReference", document(record) | {"meta": meta})).json()
    assert {name: tree["meta"][name] for name in ("source", "profile", "tag")} == {
        name: meta[name] for name in ("source", "profile", "tag")
    }
    assert tree["meta"]["versionId"] != "9"
    assert not tree["meta"]["lastUpdated"].startswith("2001")


async def test_references_are_resolved_and_nothing_else_changes(carnet: Carnet, doctor: Caller, record: str) -> None:
    subject = {"reference": f"Patient?identifier={TEST_INS}|279035121518989", "type": "Patient", "display": "elle"}
    made = (await doctor.post("DocumentReference", document(record) | {"subject": subject})).json()
    assert made["subject"] == subject | {"reference": f"Patient/{record}"}
    absolute = {"reference": f"{carnet.settings.fhir_base}/Patient/{record}"}
    made = (await doctor.post("DocumentReference", document(record) | {"subject": absolute})).json()
    assert made["subject"]["reference"] == f"Patient/{record}"
    logical = {"identifier": {"system": TEST_INS, "value": "279035121518989"}}
    made = (await doctor.post("DocumentReference", document(record) | {"subject": logical})).json()
    assert made["subject"] == logical | {"reference": f"Patient/{record}"}


async def test_a_contained_patient_may_be_the_subject(doctor: Caller, record: str) -> None:
    inner = {"resourceType": "Patient", "id": "p", "identifier": [{"system": TEST_INS, "value": "279035121518989"}]}
    tree = document(record) | {
        "contained": [inner],
        "subject": {"reference": "#p"},
        "description": "By contained patient",
    }
    sent, back = await there_and_back(
        doctor, bare(tree) | {"content": [{"attachment": {"contentType": "text/plain", "url": "urn:oid:1.2"}}]}
    )
    assert parse(back)["subject"] == parse(sent)["subject"]
    assert len(await doctor.found(f"DocumentReference?patient={record}&description=By%20contained")) == 1
    stranger = [inner | {"identifier": [{"system": TEST_INS, "value": "255081416802538"}]}]
    refused = await doctor.post("DocumentReference", tree | {"contained": stranger})
    assert refused.status_code == 422


EXAMPLES = [
    name
    for name in names("*/Patient-*")
    + names("*/RelatedPerson-*")
    + names("hl7-r4/List-example*")
    + names("hl7-r4/List-f201")
    if name
    not in {
        "hl7-r4/Patient-infant-mom",
        "hl7-r4/Patient-mom",
        "hl7-r4/Patient-pat1",
        "hl7-r4/Patient-pat2",
        "fr-core-2.2.0/Patient-FRCorePatientExample",
        "hl7-r4/List-example-empty",
        "hl7-r4/List-example-simple-empty",
    }
]
"""Examples that a server takes alone (`tests/test_examples.py` says why the others are not)."""


@pytest.fixture(scope="module")
async def sender(carnet: Carnet) -> Sender:
    made = Sender(carnet)
    await made.enter(*[read(name) for name in names("*/*") if in_directory(read(name))])
    return made


@pytest.mark.parametrize("name", EXAMPLES)
async def test_examples_come_back(carnet: Carnet, sender: Sender, doctor: Caller, name: str) -> None:
    tree: Any = read(name)
    about = (tree.get("patient") or tree.get("subject") or {}).get("reference", "")
    if about and about not in sender.addresses:
        assert (
            await sender.send(doctor, next(n for n in names("*/Patient-*") if n.endswith(about.replace("/", "-"))))
        ).status_code < 300
    linked = sender.relinked(tree)
    if tree["resourceType"] == "Patient":
        if f"Patient/{tree['id']}" in sender.addresses:
            holder = carnet.holder(sender.addresses[f"Patient/{tree['id']}"].removeprefix("Patient/"))
            back = await holder.get(sender.addresses[f"Patient/{tree['id']}"])
        else:
            answer = await sender.send(doctor, name)
            assert answer.status_code == 201, answer.text
            place = sender.addresses[f"Patient/{tree['id']}"]
            # The record of who has died is not opened: what was kept is in the answer to who entered it.
            died = tree.get("deceasedBoolean") or "deceasedDateTime" in tree
            back = answer if died else await carnet.holder(place.removeprefix("Patient/")).get(place)
        assert dump(bare(parse(back.content), "active")) == dump(bare(linked, "active"))
        return
    holder = carnet.holder(sender.addresses[about].removeprefix("Patient/"))
    writer = doctor if tree["resourceType"] == "List" else holder
    sent, returned = await there_and_back(writer, linked, holder)
    assert returned == sent


@pytest.mark.parametrize(
    "name",
    # f004 and f005 have one identifier and so are one person: the operator's second file is his new version
    [name for name in names("*/*") if in_directory(read(name)) and name != "hl7-r4/Practitioner-f004"],
)
async def test_directory_examples_come_back(sender: Sender, doctor: Caller, name: str) -> None:
    tree = read(name)
    back = await doctor.get(sender.addresses[f"{tree['resourceType']}/{tree['id']}"])
    assert dump(bare(parse(back.content))) == dump(bare(sender.relinked(tree)))


async def test_patient_active_is_the_servers(doctor: Caller) -> None:
    made = (await doctor.post("Patient", patient("255081416802538") | {"active": False})).json()
    assert made["active"] is True
