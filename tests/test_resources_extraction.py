import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resources import DEFINITIONS
from app.resources.definition import Resource
from app.resources.extraction import EXACT, TEXT, extract, fold
from app.resources.guides import AUTHOR_ORGANIZATION, DESIGNATION_TYPE, IS_ARCHIVED, SOURCE_ID
from app.resources.moment import bounds, interval

BASE = "https://carnet.example/fhir"
SPECIAL = "http://terminology.hl7.org/CodeSystem/special-values"


def index(tree: Resource, aliases: dict[str, str] | None = None) -> dict[str, Any]:
    return extract(DEFINITIONS[tree["resourceType"]], tree, aliases or {}, BASE)


def document(**more: object) -> Resource:
    return {"resourceType": "DocumentReference", "status": "current"} | more


def day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_every_column_is_there_even_when_empty() -> None:
    for definition in DEFINITIONS.values():
        columns = extract(definition, {"resourceType": definition.type}, {})
        for parameter in definition.parameters:
            names = (
                [parameter.column]
                if str(parameter.type) != "date"
                else [f"{parameter.column}_lo", f"{parameter.column}_hi"]
            )
            assert all(name in columns for name in names), parameter.name


@pytest.mark.parametrize(
    ("concept", "entries"),
    [
        ({"coding": [{"system": "s", "code": "c"}]}, {"c", "s|c", "s|"}),
        ({"coding": [{"code": "c"}]}, {"c", "|c"}),
        ({"coding": [{"system": "s", "code": "c"}, {"system": "s", "code": "d"}]}, {"c", "s|c", "s|", "d", "s|d"}),
        ({"text": "only words"}, {TEXT + "only words"}),
        ({"coding": [{"display": "Mots  à part"}]}, {TEXT + "mots a part"}),
    ],
)
def test_tokens_of_a_concept(concept: dict[str, Any], entries: set[str]) -> None:
    found = index(document(type=concept))["p_type"]

    assert set(found) == entries
    assert len(found) == len(entries)


def test_tokens_of_identifiers_come_from_both_elements() -> None:
    tree = document(masterIdentifier={"system": "m", "value": "1"}, identifier=[{"value": "2"}])

    assert set(index(tree)["p_identifier"]) == {"1", "m|1", "m|", "2", "|2"}


def test_a_plain_code_is_found_with_and_without_its_system() -> None:
    system = "http://hl7.org/fhir/document-reference-status"

    assert set(index(document())["p_status"]) == {"current", "|current", f"{system}|current", f"{system}|"}


@pytest.mark.parametrize(
    ("more", "value"),
    [
        ({}, "false"),
        ({"deceasedBoolean": False}, "false"),
        ({"deceasedBoolean": True}, "true"),
        ({"deceasedDateTime": "2024-01-01"}, "true"),
    ],
)
def test_deceased_is_one_boolean_of_two_elements(more: dict[str, Any], value: str) -> None:
    assert index({"resourceType": "Patient"} | more)["p_deceased"] == [value, f"{SPECIAL}|{value}", f"{SPECIAL}|"]


def test_telecoms_are_told_apart_by_their_system() -> None:
    telecom = [{"system": "phone", "value": "0102"}, {"system": "email", "value": "a@b.example"}]
    columns = index({"resourceType": "Patient", "telecom": telecom})

    assert set(columns["p_phone"]) == {"0102", "phone|0102", "phone|"}
    assert set(columns["p_email"]) == {"a@b.example", "email|a@b.example", "email|"}
    assert set(columns["p_telecom"]) == {*columns["p_phone"], *columns["p_email"]}


def test_strings_are_kept_folded_and_exact() -> None:
    name = [{"family": "Nuñez  d'Été", "given": ["ZOË", None], "_given": [None, {"id": "x"}], "use": "official"}]
    columns = index({"resourceType": "Patient", "name": name})

    assert columns["p_family"] == ["nunez d ete", EXACT + "Nuñez  d'Été"]
    assert columns["p_given"] == ["zoe", EXACT + "ZOË"]
    assert set(columns["p_name"]) == {*columns["p_family"], *columns["p_given"]}
    assert columns["p_phonetic"] == columns["p_name"]


def test_an_address_is_searched_in_all_its_parts() -> None:
    address = [{"line": ["1 rue de l'Église"], "city": "Orléans", "postalCode": "45000", "use": "home"}]
    columns = index({"resourceType": "Patient", "address": address})

    assert {"1 rue de l eglise", "orleans", "45000"} <= set(columns["p_address"])
    assert "home" not in columns["p_address"]
    assert columns["p_address_city"] == ["orleans", EXACT + "Orléans"]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)

    assert fold(once) == once or unicodedata.normalize("NFKD", once) != once
    assert once == " ".join(once.split())


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("2024", day(2024, 1, 1), day(2025, 1, 1)),
        ("2024-02", day(2024, 2, 1), day(2024, 3, 1)),
        ("2024-12", day(2024, 12, 1), day(2025, 1, 1)),
        ("2024-02-29", day(2024, 2, 29), day(2024, 3, 1)),
        ("2024-01-01T10:00:00Z", day(2024, 1, 1, 10), day(2024, 1, 1, 10, 0, 1)),
        ("2024-01-01T10:00:00+02:00", day(2024, 1, 1, 8), day(2024, 1, 1, 8, 0, 1)),
        ("2024-01-01T23:30:00-02:30", day(2024, 1, 2, 2), day(2024, 1, 2, 2, 0, 1)),
        ("2016-12-31T23:59:60Z", day(2017, 1, 1), day(2017, 1, 1, 0, 0, 1)),
        ("2024-01-01T10:00:00.5Z", day(2024, 1, 1, 10, 0, 0, 500_000), day(2024, 1, 1, 10, 0, 0, 600_000)),
        ("2024-01-01T10:00:00.1234567Z", day(2024, 1, 1, 10, 0, 0, 123_456), day(2024, 1, 1, 10, 0, 0, 123_457)),
    ],
)
def test_a_date_spans_its_precision(value: str, low: datetime, high: datetime) -> None:
    assert interval(value) == (low, high)


@pytest.mark.parametrize("value", ["9999", "9999-12", "9999-12-31"])
def test_time_ends_with_the_last_year(value: str) -> None:
    low, high = interval(value)

    assert low.year == 9999
    assert high == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "24",
        "2024-1",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "0000",
        "2024-01-01T10:00",
        "2024-01-01T10:00:00",
        "2024-01-01T24:00:00Z",
        "2024-01-01T10:60:00Z",
        "2024-01-01T10:00:61Z",
        "2024-01-01T10:00:00+15:00",
        "2024-01-01T10:00:00+14:30",
        "2024-01-01T10:00:00+01:60",
        "2024-01-01 10:00:00Z",
        "\uff12\uff10\uff12\uff14",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_there_are_no_such_dates(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        interval(value)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_an_instant_lies_in_its_day_month_and_year(moment: datetime) -> None:
    text = f"{moment.year:04d}" + moment.strftime("-%m-%dT%H:%M:%S.%f") + "Z"
    inner = interval(text)

    assert inner == (moment, moment + timedelta(microseconds=1))
    for length in (4, 7, 10):
        low, high = interval(text[:length])
        assert low <= inner[0]
        assert inner[1] <= high


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"start": "2024", "end": "2024-06"}, (day(2024, 1, 1), day(2024, 7, 1))),
        ({"start": "2024"}, (day(2024, 1, 1), None)),
        ({"end": "2024"}, (None, day(2025, 1, 1))),
        ({}, (None, None)),
    ],
)
def test_a_period_may_be_open(period: dict[str, str], expected: tuple[datetime | None, datetime | None]) -> None:
    columns = index(document(context={"period": period}))

    assert bounds(period) == expected
    assert (columns["p_period_lo"], columns["p_period_hi"]) == expected


def test_several_dates_are_spanned() -> None:
    contents = [{"attachment": {"creation": value}} for value in ("2024-05-01", "2023")]
    columns = index(document(content=contents))

    assert (columns["p_creation_lo"], columns["p_creation_hi"]) == (day(2023, 1, 1), day(2024, 5, 2))


@pytest.mark.parametrize(
    ("reference", "entries"),
    [
        ({"reference": "Practitioner/a"}, ["Practitioner/a"]),
        ({"reference": "Practitioner/a/_history/3"}, ["Practitioner/a"]),
        ({"reference": f"{BASE}/Practitioner/a"}, ["Practitioner/a"]),
        ({"reference": "https://elsewhere.example/Practitioner/a"}, ["https://elsewhere.example/Practitioner/a"]),
        ({"identifier": {"system": "s", "value": "v"}}, ["identifier|s|v"]),
        ({"identifier": {"value": "v"}}, ["identifier||v"]),
        (
            {"reference": "Practitioner/a", "identifier": {"system": "s", "value": "v"}},
            ["Practitioner/a", "identifier|s|v"],
        ),
        ({"reference": "Medication/a"}, []),
        ({"type": "Medication", "identifier": {"system": "s", "value": "v"}}, []),
        ({"display": "x"}, []),
    ],
)
def test_references_to_their_targets(reference: dict[str, Any], entries: list[str]) -> None:
    assert index(document(author=[reference]))["p_author"] == entries


def test_patient_is_a_subject_that_is_a_patient() -> None:
    columns = index(document(subject={"reference": "Group/a"}))

    assert (columns["p_subject"], columns["p_patient"]) == (["Group/a"], [])


def test_contained_resources_are_known_by_alias_and_identifiers() -> None:
    doctor = {"resourceType": "Practitioner", "id": "p", "identifier": [{"system": "s", "value": "1"}]}
    role = {
        "resourceType": "PractitionerRole",
        "id": "r",
        "identifier": [{"system": "s", "value": "2"}],
        "practitioner": {"reference": "#p"},
    }
    tree = document(contained=[doctor, role], author=[{"reference": "#r"}], authenticator={"reference": "#p"})
    columns = index(tree, {"#p": "Practitioner/a"})

    assert columns["p_author"] == ["identifier|s|2", "identifier|s|1"]
    assert columns["p_authenticator"] == ["identifier|s|1", "Practitioner/a"]


def test_a_relation_and_its_target_are_found_together_in_both_orders() -> None:
    tree = document(
        relatesTo=[
            {"code": "replaces", "target": {"reference": "DocumentReference/x.a"}},
            {"code": "appends", "target": {"reference": "DocumentReference/x.b"}},
        ]
    )
    columns = index(tree)

    assert {"replaces$DocumentReference/x.a", "DocumentReference/x.b$appends"} <= set(columns["p_relationship"])
    assert "replaces$DocumentReference/x.b" not in columns["p_relationship"]
    assert columns["p_relatesto"] == ["DocumentReference/x.a", "DocumentReference/x.b"]


def test_extensions_are_searched_by_their_url() -> None:
    tree = {
        "resourceType": "List",
        "extension": [
            {"url": IS_ARCHIVED, "valueBoolean": True},
            {"url": SOURCE_ID, "valueIdentifier": {"system": "s", "value": "v"}},
            {"url": DESIGNATION_TYPE, "valueCodeableConcept": {"coding": [{"system": "d", "code": "c"}]}},
            {"url": "http://x.example", "valueBoolean": False},
        ],
        "source": {"extension": [{"url": AUTHOR_ORGANIZATION, "valueReference": {"reference": "Organization/o"}}]},
    }
    columns = index(tree)

    assert columns["p_isarchived"] == ["true", f"{SPECIAL}|true", f"{SPECIAL}|"]
    assert columns["p_sourceid"] == ["v", "s|v", "s|"]
    assert columns["p_designationtype"] == ["c", "d|c", "d|"]
    assert columns["p_authororg"] == ["Organization/o"]


def test_meta_is_indexed_for_every_type() -> None:
    meta = {"profile": ["http://p.example"], "tag": [{"system": "s", "code": "t"}], "source": "urn:x:y"}
    columns = index(document(meta=meta))

    assert (columns["p__profile"], columns["p__source"]) == (["http://p.example"], ["urn:x:y"])
    assert columns["p__tag"] == ["t", "s|t", "s|"]
    assert columns["p__security"] == []


def test_the_purpose_of_an_audit_event_is_that_of_the_event_or_of_an_agent() -> None:
    def purpose(code: str) -> list[dict[str, Any]]:
        return [{"coding": [{"system": "s", "code": code}]}]

    tree = {
        "resourceType": "AuditEvent",
        "purposeOfEvent": purpose("BTG"),
        "agent": [{"purposeOfUse": purpose("ETREAT")}, {"who": {"reference": "Patient/x"}}],
        "entity": [{"what": {"reference": "Patient/y"}}, {"what": {"reference": "DocumentReference/y.z"}}],
    }
    columns = index(tree)

    assert set(columns["p_purpose_of_use"]) == {"BTG", "s|BTG", "s|", "ETREAT", "s|ETREAT"}
    assert set(columns["p_patient"]) == {"Patient/x", "Patient/y"}
    assert columns["p_agent"] == ["Patient/x"]
