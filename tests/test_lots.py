"""Submission sets and folders (IHE MHD ITI-65): every metadata option, sent again, refused with IHE's names."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from app.resources.guides import (
    DESIGNATION_TYPE,
    IDENTIFIER_TYPES,
    INTENDED_RECIPIENT,
    LIST_TYPES,
    MHD,
    PDSM_RECIPIENT,
    SOURCE_ID,
)
from tests.serving import CLASSES, IDNPS, IDNST, LOINC, NORMAL, Carnet, actor, consent, document, permit, serving
from tests.world import DOCTOR, OTHER, base, label, nir, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

URI = "urn:ietf:rfc:3986"
LOT, PAPER, BYTES, FOLDER, OLD = (f"urn:uuid:00000000-0000-4000-8000-00000000020{n}" for n in range(5))
_numbers = count(1)


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


@pytest.fixture(scope="module")
async def record(carnet: Carnet) -> str:
    return await opened(carnet, treating=DOCTOR)


@pytest.fixture(scope="module")
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor(DOCTOR)


def oid() -> Tree:
    return {"system": URI, "value": f"urn:oid:1.2.250.7.5.{next(_numbers)}"}


def paper(record: str, content: bytes = b"<ClinicalDocument/>", **more: Any) -> Tree:
    """A document that meets the comprehensive profile, its author, source patient and custodian contained."""
    attachment = {
        "contentType": "application/xml", "language": "fr-FR", "url": BYTES, "size": len(content),
        "hash": base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode(),
        "title": "Compte rendu", "creation": "2026-06-12T10:00:00+02:00",
    }  # fmt: skip
    concept = {"coding": [{"system": "http://snomed.info/sct", "code": "394802001"}]}
    return {
        "resourceType": "DocumentReference",
        "contained": [
            {"resourceType": "Practitioner", "id": "author", "identifier": [{"system": IDNPS, "value": DOCTOR}],
             "name": [{"family": "Durand", "given": ["Zoé"]}]},
            {"resourceType": "Organization", "id": "house", "identifier": [{"system": IDNST, "value": "1750000001"}]},
            {"resourceType": "Patient", "id": "source", "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]},
        ],
        "masterIdentifier": {"use": "usual", **oid()},
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": "11488-4"}]},
        "category": [{"coding": [{"system": CLASSES, "code": "10"}]}],
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-06-12T10:00:00+02:00",
        "author": [{"reference": "#author"}],
        "custodian": {"reference": "#house"},
        "securityLabel": [{"coding": [{"system": NORMAL, "code": "N"}]}],
        "content": [{"attachment": attachment, "format": {"system": "urn:x", "code": "urn:ihe:pcc:xds-ms:2007"}}],
        "context": {"period": {"start": "2026-06-12"}, "facilityType": concept, "practiceSetting": concept,
                    "sourcePatientInfo": {"reference": "#source"}},
        **more,
    }  # fmt: skip


def binary(content: bytes = b"<ClinicalDocument/>") -> Tree:
    return {"resourceType": "Binary", "contentType": "application/xml", "data": base64.b64encode(content).decode()}


def listed(record: str, code: str, *items: str, **more: Any) -> Tree:
    """A submission set or a folder."""
    concept = {"coding": [{"system": CLASSES, "code": "10"}]}
    marks: list[Tree] = [{"url": DESIGNATION_TYPE, "valueCodeableConcept": concept}]
    if code == "submissionset":
        marks.append({"url": SOURCE_ID, "valueIdentifier": {"system": URI, "value": "urn:oid:1.2.3.4"}})
    return {
        "resourceType": "List",
        "extension": [*marks, *more.pop("marks", [])],
        "status": "current",
        "mode": "working",
        "title": "Lot",
        "code": {"coding": [{"system": LIST_TYPES, "code": code}]},
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-06-12T10:00:00+02:00",
        "entry": [{"item": {"reference": one}} for one in items],
        **more,
    }


def bundle(*entries: tuple[str, Tree], profile: str = "") -> Tree:
    meta = {"meta": {"profile": [f"{MHD}/StructureDefinition/IHE.MHD.{profile}.ProvideBundle"]}} if profile else {}
    return {
        "resourceType": "Bundle",
        **meta,
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": tree, "request": {"method": "POST", "url": tree["resourceType"]}}
            for url, tree in entries
        ],
    }


def lot(record: str, **more: Any) -> Tree:
    """A submission set of one document."""
    return bundle((LOT, listed(record, "submissionset", PAPER, **more)), (PAPER, paper(record)), (BYTES, binary()))


def places(answer: httpx.Response) -> list[str]:
    """Where the entries went, once each of them is there."""
    assert answer.status_code == 200, answer.text
    responses = [one["response"] for one in answer.json()["entry"]]
    assert {one["status"] for one in responses} == {"201 Created"}, responses
    return [one["location"].partition("/_history")[0] for one in responses]


def codes(answer: httpx.Response) -> list[str]:
    return [one["code"] for one in answer.json()["issue"][0].get("details", {}).get("coding", [])]


# The options


def minimal(record: str) -> Tree:
    bare = {name: value for name, value in paper(record).items() if name in
            {"resourceType", "masterIdentifier", "status", "subject", "content"}}  # fmt: skip
    bare["content"] = [{"attachment": {"contentType": "application/xml", "url": BYTES}}]
    source = [{"url": SOURCE_ID, "valueIdentifier": {"system": URI, "value": "urn:oid:1.2.3.4"}}]
    small = {**listed(record, "submissionset", PAPER), "extension": source}
    return bundle((LOT, small), (PAPER, bare), (BYTES, binary()), profile="Minimal")


def comprehensive(record: str) -> Tree:
    whole = listed(record, "submissionset", PAPER, FOLDER, source={"reference": "#author"},
                   contained=[paper(record)["contained"][0]], identifier=[{"use": "usual", **oid()}])  # fmt: skip
    folder = listed(record, "folder", PAPER, title="Suivi", identifier=[{"use": "usual", **oid()}])
    return bundle((LOT, whole), (PAPER, paper(record)), (BYTES, binary()), (FOLDER, folder), profile="Comprehensive")


def uncontained(record: str) -> Tree:
    author = {"reference": f"Practitioner?identifier={IDNPS}|{DOCTOR}"}
    house = {"reference": f"Organization?identifier={IDNST}|1750000001"}
    tree = paper(record, author=[author], custodian=house)
    del tree["contained"]
    tree["context"]["sourcePatientInfo"] = {"reference": f"Patient/{record}"}
    whole = listed(record, "submissionset", PAPER, source=author)
    return bundle((LOT, whole), (PAPER, tree), (BYTES, binary()), profile="UnContained.Comprehensive")


@pytest.mark.parametrize("option", [minimal, comprehensive, uncontained])
async def test_a_lot_of_each_option_is_kept_once(doctor: Caller, record: str, option: Callable[[str], Tree]) -> None:
    sent = option(record)
    first = places(await doctor.post("", sent))
    assert places(await doctor.post("", sent)) == first, "the same again is the first, the lists too"
    found = (await doctor.get(first[0])).json()
    assert first[1] in [one["item"]["reference"] for one in found["entry"]]
    attachment = (await doctor.get(first[1])).json()["content"][0]["attachment"]
    assert attachment["url"] == first[2]
    assert (await doctor.get(attachment["url"])).content == b"<ClinicalDocument/>"
    assert await doctor.found(f"List?patient={record}&item={first[1]}&code=submissionset") == [
        first[0].partition("/")[2]
    ]


async def test_a_lot_goes_in_and_out_in_xml(doctor: Caller, record: str) -> None:
    answer = await doctor.post("", lot(record), headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 200, answer.text
    assert answer.text.count('<status value="201 Created"/>') == 3


async def test_a_lot_without_an_identifier_sent_twice_at_once_is_one(doctor: Caller, record: str) -> None:
    sent = lot(record)
    answers = await asyncio.gather(*[doctor.post("", sent) for _ in range(4)])
    assert len({tuple(places(one)) for one in answers}) == 1


async def test_other_words_about_the_same_documents_are_another_lot(doctor: Caller, record: str) -> None:
    sent = lot(record)
    first = places(await doctor.post("", sent))
    sent["entry"][0]["resource"]["title"] = "Autre lot"
    second = places(await doctor.post("", sent))
    assert second[1:] == first[1:]
    assert second[0] != first[0]


async def test_a_lot_of_documents_deposited_before_is_a_new_one(doctor: Caller, record: str) -> None:
    """Without a uniqueId, what is no repetition of a submission is no repetition at all."""
    one = await doctor.make(document(record))
    tree = listed(record, "submissionset", f"DocumentReference/{one}")
    assert await doctor.make(tree) != await doctor.make(tree)


@pytest.mark.parametrize(
    "mark", [{"use": "usual"}, {"type": {"coding": [{"system": IDENTIFIER_TYPES, "code": "uniqueId"}]}}]
)
async def test_a_list_is_known_by_its_unique_id(carnet: Carnet, doctor: Caller, record: str, mark: Tree) -> None:
    """Both ways in which MHD tells it from an entryUUID; unique within record and depositor."""
    one = await doctor.make(document(record))
    name = {**mark, **oid()}
    tree = listed(record, "folder", f"DocumentReference/{one}", identifier=[{"use": "official", **oid()}, name])
    first = await doctor.post("List", tree)
    again = await doctor.post("List", tree)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["location"] == again.headers["location"]
    other = await doctor.post("List", {**tree, "title": "Autre"})
    assert (other.status_code, codes(other)) == (409, ["XDSDuplicateUniqueIdInRegistry"])
    stranger = carnet.doctor(OTHER, structure="1750000002")
    own = await stranger.make(document(record))
    await stranger.make(listed(record, "folder", f"DocumentReference/{own}", identifier=[name]))
    found = await doctor.found(f"List?patient={record}&identifier={URI}|{name['value']}")
    assert first.json()["id"] in found


async def test_a_folder_grows(doctor: Caller, record: str) -> None:
    sent = comprehensive(record)
    first = places(await doctor.post("", sent))
    folder = (await doctor.get(first[3])).json()
    one = await doctor.make(document(record))
    folder["entry"].append({"item": {"reference": f"DocumentReference/{one}"}})
    changed = bundle()
    changed["entry"] = [{"resource": folder, "request": {"method": "PUT", "url": first[3]}}]
    assert (await doctor.post("", changed)).status_code == 200
    assert places(await doctor.post("", sent)) == first, "what it became since does not matter"
    assert len((await doctor.get(first[3])).json()["entry"]) == 2


async def test_a_lot_that_replaces(doctor: Caller, record: str) -> None:
    """UpdateDocumentRefs: the old one is superseded by the new one, and by the PATCH that says so; sent again too."""
    old = places(await doctor.post("", lot(record)))[1]
    operation = [{"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "DocumentReference.status"},
                 {"name": "value", "valueCode": "superseded"}]  # fmt: skip
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": operation}]}
    sent = lot(record)
    sent["entry"][1]["resource"]["relatesTo"] = [{"code": "replaces", "target": {"reference": old}}]
    sent["entry"].append({"fullUrl": OLD, "resource": patch, "request": {"method": "PATCH", "url": old}})
    for _ in range(2):
        answer = await doctor.post("", sent)
        assert answer.status_code == 200, answer.text
    assert (await doctor.get(old)).json()["status"] == "superseded"
    assert await doctor.found(
        f"DocumentReference?patient={record}&relatesto={old}&relation=replaces&status=current"
    ) == [answer.json()["entry"][1]["response"]["location"].split("/")[1]]
    third = lot(record)
    third["entry"][1]["resource"]["relatesTo"] = [{"code": "replaces", "target": {"reference": old}}]
    refused = await doctor.post("", third)
    assert (refused.status_code, codes(refused)) == (422, ["XDSRegistryDeprecatedDocumentError"])


async def test_who_no_longer_sees_his_lot_hears_where_it_is(carnet: Carnet, record: str) -> None:
    """A repeated lot is the depositor's own: its place, and no more than he may see."""
    other = carnet.doctor(OTHER, structure="1750000001")
    sent = lot(record)
    sent["entry"][1]["resource"] |= {
        "contained": [],
        "author": [],
        "context": {},
        "custodian": {"identifier": {"system": IDNST, "value": "1750000001"}},
    }
    for name in ("contained", "author", "context"):
        del sent["entry"][1]["resource"][name]
    first = places(await other.post("", sent))
    await label(carnet.holder(record), first[1].partition("/")[2], "MASQUE_PS")
    assert places(await other.post("", sent)) == first


# Refusals, by IHE's names


async def test_recipients_are_not_told_and_the_sender_hears_it(doctor: Caller, record: str) -> None:
    known = {
        "url": INTENDED_RECIPIENT,
        "valueReference": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": DOCTOR}},
    }
    unknown = {
        "url": PDSM_RECIPIENT,
        "valueReference": {"type": "Practitioner", "identifier": {"system": IDNPS, "value": "810000009999"}},
    }
    answer = await doctor.post("", lot(record, marks=[known, unknown]))
    first = answer.json()["entry"][0]["response"]
    assert first["status"] == "201 Created"
    told = [one["details"]["coding"][0]["code"] for one in first["outcome"]["issue"]]
    assert told == ["UnavailableRecipient", "UnknownRecipient"]
    assert {one["severity"] for one in first["outcome"]["issue"]} == {"warning"}


def _in_document(**more: Any) -> Callable[[Tree], None]:
    return lambda sent: sent["entry"][1]["resource"].update(more)


def _in_attachment(**more: Any) -> Callable[[Tree], None]:
    return lambda sent: sent["entry"][1]["resource"]["content"][0]["attachment"].update(more)


NOBODY, NOWHERE = "Patient/abcdefghjkmnpqrstuvw", {"reference": "DocumentReference/abcdefghjkmnpqrstuvw.x"}


def _of_nobody(sent: Tree) -> None:
    for one in sent["entry"][:2]:
        one["resource"]["subject"] = {"reference": NOBODY}


def _uncited(sent: Tree) -> None:
    sent["entry"].append({"fullUrl": OLD, "resource": binary(b"x"), "request": {"method": "POST", "url": "Binary"}})


def _fhir_document(sent: Tree) -> None:
    inner = {"resourceType": "Bundle", "type": "document"}
    sent["entry"].append({"fullUrl": OLD, "resource": inner, "request": {"method": "POST", "url": "Bundle"}})


def _twice(sent: Tree) -> None:
    again = json.loads(json.dumps(sent["entry"][1]))
    again["resource"] |= {"description": "another"}
    sent["entry"].append({**again, "fullUrl": OLD})


REFUSED: dict[str, tuple[Callable[[Tree], None], int, list[str]]] = {
    "unknown patient": (_of_nobody, 422,
                        ["unresolved-reference", "XDSUnknownPatientId"]),
    "a document that is not there": (lambda sent: sent["entry"].pop(),
        422, ["unresolved-reference", "XDSMissingDocument"]),
    "a relation to nothing": (
        _in_document(relatesTo=[{"code": "appends", "target": NOWHERE}]),
        422, ["unresolved-reference", "UnresolvedReferenceException"]),
    "another size": (_in_attachment(size=1), 422, ["XDSNonIdenticalSize"]),
    "another hash": (_in_attachment(hash="2jmj7l5rSw0yVb/vlWAYkK/YBwk="), 422, ["XDSNonIdenticalHash"]),
    "no status of a document": (_in_document(status="nope"), 422, ["XDSRepositoryMetadataError"]),
    "no element of a document": (_in_document(nope=1), 400, ["XDSRepositoryMetadataError"]),
    "a content that no document is about": (_uncited, 422, ["XDSMissingDocumentMetadata"]),
    "a FHIR document": (_fhir_document, 400, ["FHIRDocumentNotSupported"]),
    "two documents of one name": (_twice, 409, ["XDSRepositoryDuplicateUniqueIdInMessage"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_a_lot_is_refused_whole_and_by_name(doctor: Caller, record: str, name: str) -> None:
    spoil, status, told = REFUSED[name]
    sent = lot(record)
    spoil(sent)
    before = (await doctor.get(f"List?patient={record}&_summary=count")).json()["total"]
    answer = await doctor.post("", sent)
    assert (answer.status_code, codes(answer)) == (status, told), answer.text
    assert (await doctor.get(f"List?patient={record}&_summary=count")).json()["total"] == before


async def test_a_lot_is_of_one_person(carnet: Carnet, doctor: Caller, record: str) -> None:
    other = await opened(carnet, treating=DOCTOR, ins=nir())
    sent = lot(record)
    sent["entry"][1]["resource"]["subject"] = {"reference": f"Patient/{other}"}
    answer = await doctor.post("", sent)
    assert (answer.status_code, codes(answer)) == (422, ["XDSPatientIdDoesNotMatch"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[0].resource.entry[0].item"]


async def test_a_plain_deposit_is_refused_by_the_same_names(doctor: Caller, record: str) -> None:
    tree = document(record)
    for change, told in (
        ({"subject": {"reference": "Patient/abcdefghjkmnpqrstuvw"}}, ["unresolved-reference", "XDSUnknownPatientId"]),
        ({"status": "nope"}, ["XDSRepositoryMetadataError"]),
        ({"content": [{"attachment": {**tree["content"][0]["attachment"], "size": 1}}]}, ["XDSNonIdenticalSize"]),
    ):
        answer = await doctor.post("DocumentReference", {**tree, **change})
        assert codes(answer) == told, answer.text


async def attempts(send: Callable[[], Awaitable[httpx.Response]], number: int) -> set[int]:
    return {one.status_code for one in await asyncio.gather(*[send() for _ in range(number)])}


async def test_one_unique_id_with_two_words_at_once_is_one_and_a_duplicate(doctor: Caller, record: str) -> None:
    one = await doctor.make(document(record))
    name = [{"use": "usual", **oid()}]
    trees = [listed(record, "folder", f"DocumentReference/{one}", identifier=name, title=title) for title in ("a", "b")]
    answers = await asyncio.gather(*[doctor.post("List", tree) for tree in trees])
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_list_answered_again_names_nothing_that_is_unseen(carnet: Carnet, doctor: Caller, record: str) -> None:
    """What was masked since is left out of the answer, as out of every other."""
    other = carnet.doctor(OTHER, structure="1750000002")
    permission = consent(record, "authorisation", permit(actor(OTHER)), base=base(carnet))
    await carnet.holder(record).make(permission)
    seen, masked = [await doctor.make(document(record)) for _ in range(2)]
    items = [f"DocumentReference/{one}" for one in (seen, masked)]
    tree = listed(record, "folder", *items, identifier=[{"use": "usual", **oid()}])
    first = await other.post("List", tree)
    assert (first.status_code, masked in first.text) == (201, True), first.text
    await label(carnet.holder(record), masked, "MASQUE_PS")
    gone = await other.post("List", tree)
    assert (gone.status_code, masked in gone.text) == (422, False), gone.text
    again = await other.get(f"List/{first.json()['id']}")
    assert masked not in again.text
