"""`$generate-metadata` (IHE MHD ITI-106): what a document says of itself becomes its DocumentReference."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from app.errors import Invalid
from app.lifecycle.generating import metadata
from app.resources import DEFINITIONS
from app.resources.generated import from_cda, moment
from app.resources.validation import validate
from tests.acts import reason
from tests.cda import ROOT, asked, cda, composed, given, replacing
from tests.serving import NIRS, Carnet, actor, document, permit, serving
from tests.world import NURSE, OTHER, journal, nir, opened, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

PLACE = "DocumentReference/$generate-metadata"
DOCTOR = "810000000001"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


async def place(by: Caller, content: bytes, **more: str) -> str:
    """Generate, and give the address that is answered."""
    answer = await by.post(PLACE, given(content, **more))
    assert answer.status_code == 200, answer.text
    assert [one["name"] for one in answer.json()["parameter"]] == ["DocumentReference"]
    return str(answer.json()["parameter"][0]["valueReference"]["reference"])


# The header


def test_everything_that_a_header_says_is_taken() -> None:
    tree = from_cda(cda(NIRS[0]), "text/xml")
    inside = {one["id"]: one for one in tree["contained"]}
    assert tree["masterIdentifier"] == {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{ROOT}.1"}
    assert tree["type"]["coding"][0] == {
        "system": "http://loinc.org", "code": "11490-0", "display": "Lettre de liaison",
    }  # fmt: skip
    assert tree["category"][0]["coding"][0]["code"] == "10"
    assert tree["subject"]["identifier"]["value"] == NIRS[0]
    assert tree["date"] == "2026-06-12T10:30:00+02:00"
    assert tree["description"] == "Lettre de liaison à la sortie"
    assert tree["content"][0]["attachment"] == {
        "contentType": "text/xml", "language": "fr-FR", "title": "Lettre de liaison à la sortie",
        "creation": "2026-06-12T10:30:00+02:00",
    }  # fmt: skip
    role = inside[tree["author"][0]["reference"][1:]]
    assert inside[role["practitioner"]["reference"][1:]]["name"][0]["family"] == "David"
    assert inside[role["organization"]["reference"][1:]]["identifier"][0]["value"] == "1750000001"
    assert role["code"][0]["coding"][0]["code"] == "G15_10/SM27"
    assert inside[tree["authenticator"]["reference"][1:]]["name"][0]["suffix"] == ["PR"]
    assert inside[tree["custodian"]["reference"][1:]]["name"] == "Hôpital des Lilas"
    source = inside[tree["context"]["sourcePatientInfo"]["reference"][1:]]
    assert source["name"] == [
        {"use": "official", "family": "PAT-TROIS", "given": ["DOMINIQUE"]}, {"use": "usual", "family": "DURAND"},
    ]  # fmt: skip
    assert (source["gender"], source["birthDate"], len(source["identifier"])) == ("female", "1979-03-28", 2)
    context = tree["context"]
    assert context["period"] == {"start": "2026-06-01", "end": "2026-06-12T10:30:00+02:00"}
    assert context["event"][0]["coding"][0]["system"] == "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    assert context["facilityType"]["coding"][0]["code"] == "SA01"
    assert context["practiceSetting"]["coding"][0]["system"].endswith("TRE-A01-CadreExercice")
    assert context["related"][0]["identifier"] == {"system": "urn:oid:1.2.250.1.213.1.1.9", "value": "2026123"}


def test_what_a_header_says_of_several_is_kept_apart() -> None:
    person = "<author><assignedAuthor><id root='1.2.250.1.71.4.2.1' extension='{}'/></assignedAuthor></author>"
    device = (
        "<author><assignedAuthor><id root='1.2.3'/><assignedAuthoringDevice><manufacturerModelName>Automate X"
        "</manufacturerModelName></assignedAuthoringDevice></assignedAuthor></author>"
    )
    holder = (
        f"<author><assignedAuthor><id root='1.2.250.1.213.1.4.10' extension='{NIRS[0]}'/></assignedAuthor></author>"
    )
    tree = from_cda(cda(NIRS[0], authors=person.format("81") + device + person.format("82") + holder), "text/xml")
    inside = {f"#{one['id']}": one for one in tree["contained"]}
    kinds = [inside.get(one.get("reference", ""), {}).get("resourceType") for one in tree["author"]]
    assert kinds == ["Practitioner", "Device", "Practitioner", None]
    assert tree["author"][3]["type"] == "Patient"
    assert len(inside) == len(tree["contained"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("20260612103015.123+0200", "2026-06-12T10:30:15+02:00"),
        ("202606121030-0100", "2026-06-12T10:30:00-01:00"),
        ("20260612103015", "2026-06-12"),
        ("2026061210+0200", "2026-06-12"),
        ("202606", "2026-06"),
        ("2026", "2026"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_a_time_is_as_precise_as_it_was_said(value: str, said: str) -> None:
    assert moment(value) == said


@pytest.mark.parametrize(
    "label", ["MASQUE_PS' codeSystem='1.2.250.1.213.1.1.4.13", "R' codeSystem='2.16.840.1.113883.5.25"]
)
def test_confidentiality_is_taken(label: str) -> None:
    tree = from_cda(cda(NIRS[0], label=f"<confidentialityCode code='{label}'/>"), "text/xml")
    assert tree["securityLabel"][0]["coding"][0]["code"] == label.partition("'")[0]


ENTITY = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
LAUGHS = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(12)
)
NO_CDA = {
    "nothing": b"",
    "text": b"bonjour",
    "another root": b"<x/>",
    "another namespace": b"<ClinicalDocument/>",
    "empty": b'<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>',
    "cut": cda(NIRS[0])[:-30],
    "cut in the body": cda(NIRS[0], body="<component><nonXMLBody>"),
    "an entity": cda(NIRS[0], head=ENTITY),
    "laughs": cda(NIRS[0], head=LAUGHS + "]>"),
    "laughs in an attribute": cda(NIRS[0], head=LAUGHS + "]>", id="<id root='&m;'/>"),
    "unknown encoding": cda(NIRS[0], head="<?xml version='1.0' encoding='klingon'?>"),
    "no id": cda(NIRS[0], id=""),
    "an id without a root": cda(NIRS[0], id="<id nullFlavor='UNK'/>"),
    "no type": cda(NIRS[0], code="<code nullFlavor='UNK'/>"),
    "no INS": cda(NIRS[0], target="<id extension='IPP-7' root='1.2.3.4.567'/>"),
    "two INS": cda(NIRS[0], target="".join(f"<id extension='{n}' root='1.2.250.1.213.1.4.10'/>" for n in NIRS[:2])),
    "deep": cda(NIRS[0], related="<relatedDocument>" * 100 + "</relatedDocument>" * 100),
    "wide": cda(NIRS[0], related="<relatedDocument/>" * 30_000),
}


@pytest.mark.parametrize("content", NO_CDA.values(), ids=NO_CDA)
def test_what_is_no_cda_is_refused(content: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Invalid) as refused:
        metadata(given(content)["parameter"][0]["resource"])
    assert [one.reason for one in refused.value.issues] == ["InvalidDocumentContent"]
    assert NIRS[0] not in str(refused.value)
    assert time.process_time() - started < 1


def test_a_large_body_is_looked_at_and_not_kept() -> None:
    body = f"<component><nonXMLBody><text>{'QUJD' * 2_500_000}</text></nonXMLBody></component>"
    started = time.process_time()
    assert from_cda(cda(NIRS[0], body=body), "text/xml")["type"]
    assert time.process_time() - started < 2


def test_other_encodings_are_read() -> None:
    letter = cda(NIRS[0], head="<?xml version='1.0' encoding='ISO-8859-1'?>").decode().encode("iso-8859-1")
    assert from_cda(letter, "text/xml")["description"] == "Lettre de liaison à la sortie"


def test_a_fhir_document_says_the_same() -> None:
    tree = metadata(composed(NIRS[0]))
    inside = {f"#{one['id']}": one for one in tree["contained"]}
    role = inside[tree["author"][0]["reference"]]
    assert inside[role["practitioner"]["reference"]]["name"] == [{"family": "David"}]
    assert inside[tree["custodian"]["reference"]]["resourceType"] == "Organization"
    assert tree["authenticator"] == role["practitioner"]
    assert tree["masterIdentifier"]["value"] == f"urn:oid:{ROOT}.9.1"
    assert tree["subject"]["identifier"]["value"] == NIRS[0]
    assert tree["securityLabel"][0]["coding"][0]["code"] == "N"
    assert tree["context"]["period"] == {"start": "2026-06-01"}
    validate(DEFINITIONS["DocumentReference"], tree, "https://carnet.example")


def _without(*path: str) -> Tree:
    bundle = composed(NIRS[0])
    node = (
        bundle
        if path[0] == "Bundle"
        else next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == path[0])
    )
    del node[path[1]]
    return bundle


@pytest.mark.parametrize(
    "path", [("Bundle", "identifier"), ("Composition", "type"), ("Patient", "identifier"), ("Bundle", "entry")]
)
def test_a_fhir_document_that_says_too_little_is_refused(path: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        metadata(_without(*path))
    assert refused.value.issues[0].reason == "InvalidDocumentContent"


# Over HTTP


async def test_a_cda_becomes_a_document_of_the_record(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, treating=DOCTOR, ins=ins)
    doctor, letter = carnet.doctor(DOCTOR), cda(ins)
    where = await place(doctor, letter)
    tree = (await doctor.get(where)).json()
    attachment = tree["content"][0]["attachment"]
    assert tree["subject"] == {
        "type": "Patient",
        "identifier": tree["subject"]["identifier"],
        "reference": f"Patient/{record}",
    }
    assert attachment["size"] == len(letter)
    raw = await doctor.get(attachment["url"])
    assert (raw.content, raw.headers["content-type"]) == (letter, "text/xml")
    for query in (
        "type=11490-0",
        "category=10",
        "event=IMP",
        "facility=SA01",
        "setting=ETABLISSEMENT",
        "period=gt2026-06-05",
        "creation=2026-06-12",
        "language=fr-FR",
        f"author:identifier={DOCTOR}",
        f"identifier=urn:oid:{ROOT}.1",
    ):
        assert await doctor.found(f"DocumentReference?patient={record}&{query}") == [tree["id"]], query
    told = {event["subtype"][0]["code"] for event in await journal(carnet.holder(record), record)}
    assert "create" in told


async def test_a_submission_set_comes_with_it(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, treating=DOCTOR, ins=ins)
    doctor = carnet.doctor(DOCTOR)
    where = await place(doctor, cda(ins))
    assert where == await place(doctor, cda(ins)), "the same again is the first"
    query = f"List?patient={record}&code=submissionset&status=current&sourceId=1750000001&designationType=10"
    (lot,) = [one["resource"] for one in (await doctor.get(query)).json()["entry"]]
    assert [one["item"]["reference"] for one in lot["entry"]] == [where]
    assert {one["use"]: one["type"]["coding"][0]["code"] for one in lot["identifier"]} == {
        "official": "entryUUID", "usual": "uniqueId",
    }  # fmt: skip
    for one in lot["identifier"]:
        assert await doctor.found(f"List?patient={record}&identifier={one['system']}|{one['value']}") == [lot["id"]]
    inside = {f"#{one['id']}": one["resourceType"] for one in lot["contained"]}
    assert inside[lot["source"]["reference"]] == "PractitionerRole"
    assert sorted(inside.values()) == ["Organization", "Practitioner", "PractitionerRole"]


async def test_the_guides_simplified_publish_makes_one_as_well(carnet: Carnet) -> None:
    """ITI-105; a plain POST does not."""
    record = await opened(carnet, treating=DOCTOR)
    doctor = carnet.doctor(DOCTOR)
    profiles = [
        "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-simplified-publish",
        "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.SimplifiedPublish.DocumentReference",
    ]
    made = []
    for number, profile in enumerate(profiles):
        name = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.3.{number}"}
        author = [{"type": "Practitioner", "identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": DOCTOR}}]
        custodian = {
            "type": "Organization",
            "identifier": {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1750000001"},
        }
        tree = document(record, meta={"profile": [profile]}, masterIdentifier=name, author=author, custodian=custodian)
        answer = await doctor.post("DocumentReference", tree)
        assert (answer.status_code, answer.json()["masterIdentifier"]) == (201, name), answer.text
        made.append(f"DocumentReference/{answer.json()['id']}")
        assert (await doctor.post("DocumentReference", tree)).status_code == 200
    await doctor.make(document(record))
    lots = [one["resource"] for one in (await doctor.get(f"List?patient={record}")).json()["entry"]]
    assert sorted(one["entry"][0]["item"]["reference"] for one in lots) == sorted(made)
    assert {one["source"]["identifier"]["value"] for one in lots} == {DOCTOR}


async def test_a_fhir_document_is_kept_as_it_came(carnet: Carnet) -> None:
    ins = nir()
    await opened(carnet, treating=DOCTOR, ins=ins)
    doctor = carnet.doctor(DOCTOR)
    bundle = composed(ins)
    answer = await doctor.post(PLACE, asked(bundle))
    assert answer.status_code == 200, answer.text
    tree = (await doctor.get(answer.json()["parameter"][0]["valueReference"]["reference"])).json()
    raw = await doctor.get(tree["content"][0]["attachment"]["url"], headers={"Accept": "*/*"})
    assert (raw.json(), raw.headers["content-type"]) == (bundle, "application/fhir+json")


async def test_a_new_version_replaces_the_old_one_by_its_identifier(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, treating=DOCTOR, ins=ins)
    doctor = carnet.doctor(DOCTOR)
    old = await place(doctor, cda(ins, number=1))
    letter = cda(ins, number=2, related=replacing(1))
    new = await place(doctor, letter)
    assert (await doctor.get(old)).json()["status"] == "superseded"
    assert (await doctor.get(new)).json()["relatesTo"][0]["target"]["reference"] == old
    assert await doctor.found(f"DocumentReference?patient={record}&relatesto={old}") == [new.partition("/")[2]]
    assert await place(doctor, letter) == new
    answer = await doctor.post(PLACE, given(cda(ins, number=3, related=replacing(77))))
    assert reason(answer) == (422, "unresolved-reference")


async def test_who_may_not_deposit_so_is_refused(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, treating=DOCTOR, ins=ins)
    nurse = carnet.professional(NURSE, "60", structure="1750000060")
    assert reason(await nurse.post(PLACE, given(cda(ins)))) == (422, "author-mismatch")
    own = cda(ins, author=NURSE, structure="1750000060")
    assert (await nurse.post(PLACE, given(own))).status_code == 200
    assert reason(await carnet.holder(record).post(PLACE, given(cda(ins))))[0] == 422
    limited = carnet.caller({**mint.professional(DOCTOR, profession="10"), "scope": "user/DocumentReference.rs"})
    assert (await limited.post(PLACE, given(cda(ins)))).status_code == 403
    unknown = await carnet.doctor(DOCTOR).post(PLACE, given(cda(nir())))
    assert reason(unknown) == (422, "unresolved-reference")


ODD = {"resourceType": "Composition", "author": 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resourceType": "Parameters"}, 400),
        ({"resourceType": "Parameters", "parameter": [{"name": "other"}]}, 400),
        ({"resourceType": "Parameters", "parameter": [{"name": "document", "valueString": "x"}]}, 400),
        (asked({"resourceType": "Patient"}), 400),
        (asked({"resourceType": "Binary", "contentType": "text/xml", "data": "é"}), 400),
        (asked({"resourceType": "Binary", "contentType": "text/xml", "data": {"x": 1}}), 400),
        (asked({"resourceType": "Binary", "contentType": "application/pdf", "data": "QUJD"}), 422),
        (asked({"resourceType": "Binary", "contentType": "application/fhir+json", "data": "QUJD"}), 400),
        (asked({"resourceType": "Bundle", "type": "document", "entry": [{"resource": "x"}]}), 400),
        (asked({"resourceType": "Bundle", "type": "document", "entry": "x"}), 400),
        (asked({"resourceType": "Bundle", "type": "document", "entry": [{"resource": ODD}]}), 400),
        (asked({"resourceType": "Bundle", "type": "collection"}), 422),
    ],
)
async def test_what_is_asked_amiss_is_refused(carnet: Carnet, body: Tree, status: int) -> None:
    answer = await carnet.doctor(DOCTOR).post(PLACE, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_it_is_asked_by_post_of_the_type_alone(carnet: Carnet) -> None:
    doctor = carnet.doctor(DOCTOR)
    assert (await doctor.get(PLACE)).status_code == 405
    assert (await doctor.post("List/$generate-metadata", given(b""))).status_code == 404
    assert (await doctor.post("DocumentReference/a.b/$generate-metadata", given(b""))).status_code == 404
    assert (await doctor.post("DocumentReference/$explain", given(b""))).status_code == 404
    said = await carnet.http.get("/fhir/OperationDefinition/DocumentReference-generate-metadata")
    assert [said.json()[level] for level in ("system", "type", "instance")] == [False, True, False]


async def test_xml_asks_as_json_does(carnet: Carnet) -> None:
    ins = nir()
    await opened(carnet, treating=DOCTOR, ins=ins)
    data = base64.b64encode(cda(ins)).decode()
    body = (
        "<Parameters xmlns='http://hl7.org/fhir'><parameter><name value='document'/><resource><Binary>"
        f"<contentType value='text/xml'/><data value='{data}'/></Binary></resource></parameter></Parameters>"
    )
    headers = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"}
    answer = await carnet.doctor(DOCTOR).send("POST", PLACE, content=body.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert '<valueReference><reference value="DocumentReference/' in answer.text


async def test_its_visibility_is_what_the_header_says(carnet: Carnet) -> None:
    ins = nir()
    record = await opened(carnet, treating=DOCTOR, ins=ins)
    await will(carnet.holder(record), record, "authorisation", permit(actor(OTHER)))
    label = "<confidentialityCode code='MASQUE_PS' codeSystem='1.2.250.1.213.1.1.4.13'/>"
    where = await place(carnet.doctor(DOCTOR), cda(ins, label=label))
    other = carnet.doctor(OTHER)
    assert (await other.get(where)).status_code == 404
    assert await other.found(f"List?patient={record}") == []
    assert (await carnet.holder(record).get(where)).status_code == 200


async def test_an_identifier_leads_to_nothing_that_is_unseen(carnet: Carnet) -> None:
    ins = nir()
    await opened(carnet, treating=DOCTOR, ins=ins)
    await place(carnet.doctor(DOCTOR), cda(ins, number=1))
    other = carnet.doctor(OTHER, structure="1750000002")

    async def told(number: int, named: int, code: str) -> Tree:
        own = cda(ins, author=OTHER, structure="1750000002", number=number, related=replacing(named, code))
        answer = await other.post(PLACE, given(own))
        if answer.status_code != 200:
            return {"status": answer.status_code, "issue": answer.json()["issue"]}
        where = answer.json()["parameter"][0]["valueReference"]["reference"]
        return {"targets": [one["target"].keys() for one in (await other.get(where)).json()["relatesTo"]]}

    for code in ("RPLC", "APND"):
        hidden, absent = await told(11, 1, code), await told(12, 99, code)
        assert hidden == absent, code
    seen = await told(13, 12, "XFRM")
    assert "reference" in seen["targets"][0]
