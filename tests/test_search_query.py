"""Reading a query string: what is asked, what is refused, what the self link says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from app.errors import BadValue, Refusal, TooCostly, Unsupported
from app.resources import DEFINITIONS
from app.settings import Settings
from app.storage.search import (
    Chain,
    Include,
    Match,
    Query,
    Summary,
    Total,
    next_query,
    parse,
    seal,
    self_query,
    shape,
    unseal,
    values,
)
from app.storage.search.piece import plain, split

if TYPE_CHECKING:
    from app.storage.search.match import Test

SETTINGS = Settings(data=Path("unused"), base_url="https://carnet.example")
BASE = "https://carnet.example/fhir"
SECRET = b"s" * 32
RPPS = "https://rpps.esante.gouv.fr"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"


def read(query: str, kind: str = "DocumentReference", *, strict: bool | None = None) -> Query:
    pairs = parse_qsl(query, keep_blank_values=True)
    return parse(DEFINITIONS[kind], pairs, strict=strict, settings=SETTINGS)


def match(query: str, kind: str = "DocumentReference") -> Match:
    (term,) = read(query, kind).terms
    assert isinstance(term.test, Match)
    return term.test


def chain(query: str, kind: str = "DocumentReference") -> dict[str, Test]:
    (term,) = read(query, kind).terms
    assert isinstance(term.test, Chain)
    return dict(term.test.branches)


@pytest.mark.parametrize(
    ("text", "mark", "parts"),
    [
        ("a,b", ",", ["a", "b"]),
        (r"a\,b,c", ",", [r"a\,b", "c"]),
        (r"a\\,b", ",", [r"a\\", "b"]),
        (r"a\\\,b", ",", [r"a\\\,b"]),
        ("", ",", [""]),
        ("a,,b,", ",", ["a", "", "b", ""]),
        (r"s\|x|y", "|", [r"s\|x", "y"]),
    ],
)
def test_a_mark_parts_unless_it_is_escaped(text: str, mark: str, parts: list[str]) -> None:
    assert split(text, mark) == parts


def test_the_four_escapes_are_resolved_and_no_other() -> None:
    assert plain(r"\,\$\|\\\n\,") == r",$|\\n,"
    assert plain("end\\") == "end\\"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=current", ["current"]),
        ("status=current,superseded", ["current", "superseded"]),
        ("type=http://loinc.org|60591-5", ["http://loinc.org|60591-5"]),
        ("type=|60591-5", ["|60591-5"]),
        ("type=http://loinc.org|", ["http://loinc.org|"]),
        ("status=,current,,", ["current"]),
        (r"type=a\,b\|c", ["a,b|c"]),
        ("patient=abc", ["Patient/abc"]),
        ("patient=Patient/abc", ["Patient/abc"]),
        (f"patient={BASE}/Patient/abc", ["Patient/abc"]),
        ("patient=Patient/abc/_history/1", ["Patient/abc"]),
        ("patient=https://other.example/Patient/abc", ["https://other.example/Patient/abc"]),
        ("custodian=urn:uuid:1f5b", ["urn:uuid:1f5b"]),
        ("author:Practitioner=a,b", ["Practitioner/a", "Practitioner/b"]),
        ("subject=a", ["Practitioner/a", "Group/a", "Device/a", "Patient/a"]),
        ("patient:identifier=urn:oid:1.2|1_0", [r"identifier|urn:oid:1.2|1\_0"]),
        ("patient:identifier=10", ["identifier|%|10"]),
        ("patient:identifier=urn:oid:1.2|", ["identifier|urn:oid:1.2|%"]),
        ("patient:identifier=|10", ["identifier||10"]),
        ("description=Hôpital  100%", ["hopital 100\\%%"]),
        ("description:contains=É_", ["%e\\_%"]),
        ("description:exact=Été", ["\x1eÉté"]),
        ("location=https://x.example/a", ["https://x.example/a"]),
        ("location=Binary/1", ["Binary/1", f"{BASE}/Binary/1"]),
        (f"location={BASE}/Binary/1", ["Binary/1", f"{BASE}/Binary/1"]),
        (
            "relationship=replaces$1",
            ["replaces$DocumentReference/1", "DocumentReference/replaces$1"],
        ),
        ("relationship=x|replaces$DocumentReference/1", ["x|replaces$DocumentReference/1"]),
        (f"relationship={BASE}/DocumentReference/1$x|replaces", ["DocumentReference/1$x|replaces"]),
        ("_id=a,B", ["a", "B"]),
        ("_tag=x|y", ["x|y"]),
    ],
)
def test_values_are_read_into_what_the_column_holds(query: str, found: list[str]) -> None:
    assert match(query).values == (found,)


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        (f"{RPPS}|10001234567", f"{IDNPS}|810001234567"),
        ("https://finess.esante.gouv.fr|750000001", "urn:oid:1.2.250.1.71.4.2.2|1750000001"),
        ("https://sirene.fr|123456789", "urn:oid:1.2.250.1.71.4.2.2|2123456789"),
        ("https://sirene.fr|12345678901234", "urn:oid:1.2.250.1.71.4.2.2|312345678901234"),
    ],
)
def test_a_national_identifier_is_found_by_either_spelling(asked: str, other: str) -> None:
    assert match(f"identifier={asked}", "Practitioner").values == ([asked, other],)
    assert match(f"identifier={other}", "Practitioner").values == ([other, asked],)


@pytest.mark.parametrize(
    ("text", "prefix", "start", "end"),
    [
        ("2024", "eq", datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
        ("ge2024-12", "ge", datetime(2024, 12, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
        ("lt2024-02-29", "lt", datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024-01-01T10:30", "eq", datetime(2024, 1, 1, 10, 30, tzinfo=UTC), datetime(2024, 1, 1, 10, 31, tzinfo=UTC)),
        (
            "2024-01-01T10:30:05%2B02:00",
            "eq",
            datetime(2024, 1, 1, 8, 30, 5, tzinfo=UTC),
            datetime(2024, 1, 1, 8, 30, 6, tzinfo=UTC),
        ),
        (
            "2024-01-01T10:30:05.25+02:00",
            "eq",
            datetime(2024, 1, 1, 8, 30, 5, 250_000, tzinfo=UTC),
            datetime(2024, 1, 1, 8, 30, 5, 260_000, tzinfo=UTC),
        ),
    ],
)
def test_a_date_is_the_range_of_its_precision(text: str, prefix: str, start: datetime, end: datetime) -> None:
    found = match(f"date={text}")
    assert found.form == ((prefix, False),)
    assert found.values == (start, end)


def test_dates_are_grouped_by_prefix() -> None:
    found = match("date=2024,ge2026,2022")
    assert found.form == (("eq", True), ("ge", False))
    starts, ends, start, _ = found.values
    assert starts == [datetime(2022, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)]
    assert ends == [datetime(2023, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)]
    assert start == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    [
        "date=2026-02-30",
        "date=2026-13",
        "date=2026-01-01T10",
        "date=2026-01-01T10:61",
        "date=2026T10:00",
        "date=xx2026",
        "date=ge",
        "date=yesterday",
        "date=0000",
        "date=0001-01-01T00:00:00%2B14:00",
        "patient=a b",
        "patient=Patient/a/b",
        "author:Practitioner=Organization/1",
        "type=|",
        "relationship=replaces",
        "relationship=replaces$1$2",
        "relationship=$1",
        "relationship=|$1 2",
        "status:missing=yes",
        "status:missing=true,false",
        "_count=-1",
        "_count=ten",
        "_count=²",
        "_count=1&_count=2",
        "_sort=date&_sort=type",
        "_summary=most",
        "_total=many",
        "_elements=a.b",
        "_summary=text&_include=DocumentReference:subject",
        "description=a%00b",
        "de%00scription=a",
    ],
)
def test_a_malformed_value_is_refused(query: str) -> None:
    with pytest.raises(BadValue):
        read(query)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("status:exact=current", ":exact"),
        ("description:not=x", ":not"),
        ("description:text=x", ":text"),
        ("date:above=2024", ":above"),
        ("type:in=x", ":in"),
        ("status:of=x", ":of"),
        ("type:not-in=https://somewhere.example/ValueSet/x", ":not-in"),
        ("type:below=http://loinc.org|11488-4", ":below"),
        ("event:above=x", ":above"),
        ("_id:text=x", ":text"),
        ("encounter.status=finished", "encounter"),
        ("encounter:Encounter.status=finished", "encounter"),
        ("related:AuditEvent.action=R", "related"),
        ("_has:AuditEvent:entity:action=R", "AuditEvent"),
        ("_has:Binary:x:y=z", "Binary"),
        ("_has:Observation:subject:code=x", "Observation"),
        ("_has:List:title:code=x", "title"),
        ("_has:List:source:code=x", "source"),
        ("_has:List=x", "List"),
        ("_has:List:item:title:not=x", ":not"),
        ("_contained=true", "_contained"),
        ("_contained=both", "_contained"),
        ("_containedType=contained", "_containedType"),
        ("_filter:exact=x", "_filter"),
        ("_sort=_score", "_score"),
        ("_sort=relationship", "relationship"),
        ("patient:Observation=1", ":Observation"),
        ("relationship:missing=true", ":missing"),
        ("patient:identifier.family=x", ":identifier"),
        ("_count:exact=1", ":exact"),
        ("_include:recurse=DocumentReference:subject", ":recurse"),
        ("_id:exact=1", ":exact"),
        ("status.code=x", "status"),
        ("related.type=x", "related"),
        ("_sort=nothing", "nothing"),
        ("_filter=x", "_filter"),
        ("_content=x", "_content"),
        ("_text=x", "_text"),
        ("_list=x", "_list"),
        ("_query=x", "_query"),
        ("_include=DocumentReference:status", "status"),
        ("_include=DocumentReference", "DocumentReference"),
        ("_include=List:subject", "List:subject"),
        ("_include=Observation:subject", "Observation"),
        ("_include=DocumentReference:patient:Group", "Group"),
        ("_revinclude=Consent:patient", "Consent:patient"),
        ("_revinclude=AuditEvent:entity", "_revinclude"),
        ("_revinclude:iterate=AuditEvent:entity", "_revinclude"),
        ("_include=DocumentReference:related:AuditEvent", "_include"),
        ("_include=DocumentReference:related:Observation", "Observation"),
    ],
)
@pytest.mark.parametrize("strict", [None, False, True])
def test_what_is_not_served_is_refused_by_name_however_lenient(query: str, named: str, strict: bool | None) -> None:  # noqa: FBT001
    with pytest.raises(Unsupported, match=named):
        read(query, strict=strict)


@pytest.mark.parametrize(
    ("kind", "strict", "refused"),
    [
        ("DocumentReference", None, False),
        ("List", None, False),
        ("Patient", None, True),
        ("DocumentReference", True, True),
        ("Patient", False, False),
    ],
)
def test_an_unknown_parameter_is_refused_or_named(kind: str, strict: bool | None, refused: bool) -> None:  # noqa: FBT001
    query = "colour=red&colour=blue&identifier=a|b&patient.colour=x"
    if refused:
        with pytest.raises(Unsupported, match="colour"):
            read(query, kind, strict=strict)
        return
    found = read(query, kind, strict=strict)
    assert found.ignored == ("colour", "patient.colour")
    assert [term.name for term in found.terms] == ["identifier"]
    assert self_query(found) == "identifier=a%7Cb&_count=20"


def test_an_empty_value_and_the_format_ask_nothing() -> None:
    found = read("status=&_sort=&_count=&_format=json&_pretty=true&_include=&date=,")
    assert found == Query("DocumentReference")


def test_a_chain_asks_each_type_of_target_that_has_the_parameter() -> None:
    branches = chain("author.family=Durand")
    assert list(branches) == ["Practitioner", "Patient"]
    patterns = [test.values for test in branches.values() if isinstance(test, Match)]
    assert patterns == [(["%\x1fdurand%"],), (["durand%"],)]  # the directory's entries are one text
    assert list(chain("author:Practitioner.family:exact=Durand")) == ["Practitioner"]
    assert list(chain("patient.identifier=urn:oid:1|2")) == ["Patient"]
    assert list(chain("subject:Patient._id=abc")) == ["Patient"]


def test_a_chain_may_follow_several_references() -> None:
    first = chain("author:PractitionerRole.practitioner.family=Durand")["PractitionerRole"]
    assert isinstance(first, Chain)
    ((kind, second),) = first.branches
    assert kind == "Practitioner"
    assert isinstance(second, Match)


def test_a_search_has_a_price_limit() -> None:
    too_costly = (
        "status=" + ",".join("x" * 101),
        "&".join(f"status=s{n}" for n in range(41)),
        "&".join(["_include=DocumentReference:subject"] * 41),
        "status=" + ",".join("x" * 2000),
        "custodian." + "partof." * 6 + "name=x",
        "_has:List:item:" * 7 + "code=x",
        "_has:List:item:" * 3 + "item:List." * 4 + "code=x",
        "&".join(["author.name=x"] * 9),
        "_sort=" + ",".join(["date"] * 9),
    )
    for query in too_costly:
        with pytest.raises(TooCostly):
            read(query)
    assert len(read("status=" + ",".join("x" * 100)).terms) == 1
    assert len(read("&".join(f"status=s{n}" for n in range(40))).terms) == 40


def test_the_answer_is_shaped_as_asked() -> None:
    found = read("_sort=-date,_id&_summary=data&_elements=status,type&_total=accurate&_count=5&_cursor=abc")
    assert [str(key) for key in found.sort] == ["-date", "_id"]
    assert (found.summary, found.elements, found.total) == (Summary.DATA, ("status", "type"), Total.ACCURATE)
    assert (found.count, found.cursor) == (5, "abc")


def test_a_page_is_no_larger_than_the_setting() -> None:
    assert read("").count == SETTINGS.page_size
    assert read("_count=99999999999999").count == SETTINGS.page_limit
    assert self_query(read("_count=100000")) == f"_count={SETTINGS.page_limit}"


@pytest.mark.parametrize("query", ["_count=0", "_summary=count", "_summary=count&_count=7", "_count=0&_summary=true"])
def test_a_count_of_zero_is_a_summary_of_the_count(query: str) -> None:
    found = read(query)
    assert (found.count, found.summary, self_query(found)) == (0, Summary.COUNT, "_summary=count")


def test_includes_name_source_parameter_and_target() -> None:
    found = read(
        "_include=DocumentReference:subject:Patient&_include=*&_include:iterate=PractitionerRole:practitioner"
        "&_revinclude=Provenance:target&_revinclude=List:*&_revinclude=*"
    )
    assert found.includes == (
        Include("DocumentReference", "subject", "Patient"),
        Include("DocumentReference", "*"),
        Include("PractitionerRole", "practitioner", iterate=True),
    )
    assert found.revincludes == (Include("Provenance", "target"), Include("List", "*"), Include("*", "*"))


def test_the_self_link_says_the_same_search_again() -> None:
    query = (
        r"patient.identifier=urn:oid:1.2|3&status=a,b&description=caf%C3%A9\,%20noir&date=ge2024-01-01T10:00%2B02:00"
        "&_include:iterate=PractitionerRole:practitioner&_revinclude=Provenance:target"
        "&_sort=-date&_summary=true&_elements=status&_total=none&_count=7&_cursor=x"
    )
    found = read(query)
    assert read(self_query(found)) == found
    assert read(next_query(found, "y")).cursor == "y"


def test_queries_of_one_shape_differ_in_values_only() -> None:
    one = read("patient.identifier=a|b&status=current&date=ge2024&_sort=date")
    other = read("patient.identifier=c|d&status=current,superseded&date=ge2025-02&_sort=date&_count=3")
    assert shape(one) == shape(other)
    assert values(one).keys() == values(other).keys() == {"v0", "v1", "v2", "v3"}
    different = (
        "patient.identifier=a|b&status:not=current&date=ge2024&_sort=date",
        "patient.identifier=a|b&status=current&date=lt2024&_sort=date",
        "patient.identifier=a|b&status=current&date=ge2024&_sort=-date",
        "patient.identifier=a|b&status=current&date=ge2024&_sort=date&_cursor=x",
        "patient:identifier=a|b&status=current&date=ge2024&_sort=date",
    )
    assert len({shape(read(query)) for query in different} | {shape(one)}) == 6


def test_a_cursor_comes_back_to_its_caller_and_search() -> None:
    query = read("status=current&_sort=-date,description")
    keys = (datetime(2024, 1, 1, 1, 2, 3, 456, tzinfo=UTC), None, "r", "r.1")
    token = seal(query, keys, secret=SECRET, subject="person|1")
    again = read(next_query(query, token))
    assert unseal(again, secret=SECRET, subject="person|1") == keys


def test_a_cursor_of_another_caller_search_or_hand_is_refused() -> None:
    query = read("status=current")
    token = seal(query, ("r", "r.1"), secret=SECRET, subject="person|1")
    altered = [token[:5] + ("A" if token[5] != "A" else "B") + token[6:], token[:-4], token + "AAAA", token + "\n"]
    attempts = [
        (read(f"status=current&_cursor={token}"), SECRET, "person|2"),
        (read(f"status=current&_cursor={token}"), b"t" * 32, "person|1"),
        (read(f"status=superseded&_cursor={token}"), SECRET, "person|1"),
        (read(f"status=current&_sort=date&_cursor={token}"), SECRET, "person|1"),
        (read(f"status=current&_cursor={token}", "List"), SECRET, "person|1"),
        *((Query("DocumentReference", query.terms, cursor=text), SECRET, "person|1") for text in altered),
        *((Query("DocumentReference", cursor=text), SECRET, "person|1") for text in ("é", "x", "====", "AAAA")),
    ]
    messages = set()
    for attempt, secret, subject in attempts:
        with pytest.raises(BadValue) as refusal:
            unseal(attempt, secret=secret, subject=subject)
        messages.add(str(refusal.value))
    assert messages == {"`_cursor` is not the page token of this search"}


def test_no_refusal_repeats_a_value_of_a_person() -> None:
    for query in ("birthdate=19801301secret", "general-practitioner=secret person", "family:not=secret"):
        with pytest.raises(Refusal) as refusal:
            read(query, "Patient")
        assert "secret" not in str(refusal.value)
