import base64
from typing import Any

import pytest

from app.errors import Invalid
from app.resources import DEFINITIONS, document_reference, terminology
from app.resources.definition import Resource
from app.resources.labels import VISIBILITY
from app.resources.terminology import COMPLEMENTARY, LOINC
from app.resources.validation import validate

CLASSES = "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument"


def concept(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({}, ""),
        ({"type": concept((LOINC, "11490-0"))}, "type:11490-0"),
        ({"type": concept((LOINC, "11490-0")), "category": [concept((CLASSES, "10"))]}, "class:10 type:11490-0"),
        ({"type": concept((LOINC, "34112-3"), (LOINC, "11490-0"), (LOINC, "11490-0"))}, "type:11490-0 type:34112-3"),
        ({"category": [concept((LOINC, "11490-0"))]}, "type:11490-0"),
        ({"type": concept(("urn:oid:2.16.840.1.113883.6.1", "11490-0"))}, "type:11490-0"),
        ({"type": concept((COMPLEMENTARY, "11490-0"))}, ""),
        ({"type": concept((LOINC, "0-0")), "category": [{"text": "Compte rendu"}]}, ""),
    ],
)
def test_the_kind_is_the_sorted_set_of_recognised_codings(tree: Resource, kind: str) -> None:
    assert terminology.document_kind(tree) == kind


def test_what_the_insurer_may_feed() -> None:
    assert terminology.is_remb({"type": concept((COMPLEMENTARY, "REMB"))})
    assert not terminology.is_remb({"type": concept((COMPLEMENTARY, "REMB"), (LOINC, "11490-0"))})
    assert not terminology.is_remb({})


@pytest.mark.parametrize("code", ["DOCPAT01", "DOCPAT09", "EXPPAT_1", "EXPPAT_3"])
def test_what_the_holder_may_deposit(code: str) -> None:
    assert terminology.is_holder_type({"type": concept((COMPLEMENTARY, code))})
    assert terminology.is_holder_type({"type": concept((COMPLEMENTARY, code), (LOINC, "74465-6"))})
    assert not terminology.is_holder_type({"type": concept((COMPLEMENTARY, code), (LOINC, "11490-0"))})


def test_what_the_holder_may_not_deposit() -> None:
    assert not terminology.is_holder_type({"type": concept((LOINC, "11490-0"))})
    assert not terminology.is_holder_type({"type": concept(("http://x.example", "DOCPAT01"))})
    assert not terminology.is_holder_type({})


def test_codes_by_themselves() -> None:
    assert terminology.is_type_code("REMB")
    assert not terminology.is_type_code("10")
    assert terminology.is_class_code("10")
    assert not terminology.is_class_code("REMB")


CONTENT = b"hello"
DATA = base64.b64encode(CONTENT).decode()


def document(attachment: dict[str, Any], **more: object) -> Resource:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/x"},
        "content": [{"attachment": attachment}],
    } | more


@pytest.mark.parametrize(
    "attachment",
    [
        {"contentType": "text/plain", "data": DATA},
        {"contentType": "text/plain", "data": DATA, "size": 5, "hash": document_reference.digest(CONTENT)},
        {
            "contentType": "text/plain; charset=utf-8",
            "url": "Binary/x.y",
            "size": 9,
            "hash": document_reference.digest(b""),
        },
    ],
)
def test_attachments_that_may_be(attachment: dict[str, Any]) -> None:
    validate(DEFINITIONS["DocumentReference"], document(attachment), "")


@pytest.mark.parametrize(
    "attachment",
    [
        {"contentType": "text/plain"},
        {"contentType": "text/plain", "data": DATA, "url": "Binary/x.y"},
        {"url": "Binary/x.y"},
        {"contentType": "text/plain", "data": DATA, "size": 6},
        {"contentType": "text/plain", "data": DATA, "hash": document_reference.digest(b"other")},
        {"contentType": "text/plain", "url": "Binary/x.y", "hash": "aGk="},
        {"contentType": "plain", "url": "Binary/x.y"},
    ],
)
def test_attachments_that_may_not_be(attachment: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        validate(DEFINITIONS["DocumentReference"], document(attachment), "")


def test_a_visibility_that_cannot_be_honoured_is_refused() -> None:
    good = {"contentType": "text/plain", "data": DATA}
    with pytest.raises(Invalid) as caught:
        validate(
            DEFINITIONS["DocumentReference"], document(good, securityLabel=[concept((VISIBILITY, "MASQUE_PT"))]), ""
        )
    assert caught.value.issues[0].code == "code-invalid"


def test_a_master_identifier_has_system_and_value() -> None:
    with pytest.raises(Invalid):
        validate(
            DEFINITIONS["DocumentReference"],
            document({"contentType": "text/plain", "data": DATA}, masterIdentifier={"value": "1"}),
            "",
        )
