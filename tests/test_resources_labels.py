from datetime import UTC, datetime
from typing import Any

import pytest

from app.resources import labels
from app.resources.definition import Resource
from app.resources.guides import IS_ARCHIVED, IS_DELETED
from app.resources.labels import ACT_CODE, ANNOUNCEMENT, CONFIDENTIALITY, HIDDEN, MASKED, VISIBILITY, Labels

BASE = "https://carnet.example/fhir"


def label(code: str, system: str = VISIBILITY) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


NORMAL = label("N", CONFIDENTIALITY)
RESTRICTED = label("R", CONFIDENTIALITY)
OTHER = label("HIV", "http://terminology.hl7.org/CodeSystem/v3-ActCode")


def tree(*given: dict[str, Any]) -> Resource:
    return {"resourceType": "DocumentReference", "securityLabel": list(given)} if given else {}


def codes(document: Resource) -> list[str]:
    return [coding["code"] for concept in document["securityLabel"] for coding in concept["coding"]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], Labels()),
        ([NORMAL], Labels()),
        ([label(MASKED)], Labels(masked=True)),
        ([NORMAL, label(ANNOUNCEMENT)], Labels(announcement=True)),
        ([label("NOPAT", ACT_CODE)], Labels(announcement=True)),
        ([label(HIDDEN), label(MASKED)], Labels(masked=True, hidden_from_representatives=True)),
        (
            [{"coding": [*label(MASKED)["coding"], *label(HIDDEN)["coding"]]}],
            Labels(masked=True, hidden_from_representatives=True),
        ),
        ([label(MASKED, "http://elsewhere.example")], Labels()),
        ([{"text": "MASQUE_PS"}], Labels()),
    ],
)
def test_labels_are_read_wherever_they_stand(given: list[dict[str, Any]], expected: Labels) -> None:
    assert labels.read(tree(*given)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ["N"]),
        ([NORMAL, label(MASKED)], [MASKED, "N"]),
        ([OTHER, NORMAL, label(ANNOUNCEMENT)], [ANNOUNCEMENT, "HIV", "N"]),
        ([label("NOPAT", ACT_CODE)], [ANNOUNCEMENT]),
        ([label("NOPAT", ACT_CODE), label(ANNOUNCEMENT)], [ANNOUNCEMENT]),
        ([label(HIDDEN), label(MASKED), NORMAL, NORMAL], [MASKED, HIDDEN, "N"]),
        ([RESTRICTED], ["R"]),
        ([{"coding": [*label(MASKED)["coding"], *label(HIDDEN)["coding"]]}], [MASKED, HIDDEN]),
    ],
)
def test_visibility_stands_first_and_normal_last(given: list[dict[str, Any]], expected: list[str]) -> None:
    document = tree(*given)
    before = labels.read(document)

    assert labels.normalise(document) == before
    assert codes(document) == expected
    labels.normalise(document)
    assert codes(document) == expected


def test_a_label_is_kept_as_it_was_sent() -> None:
    sent = {"coding": [{"system": VISIBILITY, "code": MASKED, "version": "1", "display": "masqué"}]}
    document = tree(NORMAL, sent)

    labels.normalise(document)
    assert document["securityLabel"] == [sent, NORMAL]


def test_the_first_label_replaced_by_normal_unmasks() -> None:
    document = tree(label(MASKED), NORMAL)
    document["securityLabel"][0] = NORMAL

    assert labels.normalise(document) == Labels()
    assert codes(document) == ["N"]


def test_visibility_codes_that_we_do_not_know_are_named() -> None:
    assert labels.unknown(tree(label("MASQUE_PSOCIAL"), label(MASKED), OTHER)) == ("MASQUE_PSOCIAL",)


def test_the_end_of_an_announcement_is_an_extension() -> None:
    end = datetime(2024, 3, 1, 10, 30, 15, 250000, tzinfo=UTC)
    document = tree(label(ANNOUNCEMENT)) | {"extension": [{"url": IS_ARCHIVED, "valueBoolean": True}]}

    labels.write_announcement_end(document, BASE, end)
    labels.write_announcement_end(document, BASE, end)
    assert labels.announcement_end(document, BASE) == end
    assert [e["url"] for e in document["extension"]] == [IS_ARCHIVED, f"{BASE}/StructureDefinition/announcement-end"]
    labels.write_announcement_end(document, BASE, None)
    assert labels.announcement_end(document, BASE) is None
    assert labels.is_archived(document)


def test_without_extensions_no_empty_list_is_left() -> None:
    document = tree(NORMAL)

    labels.write_announcement_end(document, BASE, None)
    assert "extension" not in document


@pytest.mark.parametrize(
    ("status", "deleted", "withdrawn"),
    [
        ("current", False, False),
        ("entered-in-error", False, True),
        ("superseded", False, False),
        ("superseded", True, True),
        ("current", True, False),
    ],
)
def test_what_withdraws(status: str, deleted: bool, withdrawn: bool) -> None:  # noqa: FBT001 - a table of cases
    document = {"status": status, "extension": [{"url": IS_DELETED, "valueBoolean": deleted}]}

    assert labels.is_withdrawn(document) is withdrawn
