"""Search, end to end: every declared parameter finds the row that holds its value, and only where it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Search
from tests.searched import NO_VALUE, Shelf, filled
from tests.serving import (
    IDNPS,
    TEST_INS,
    Carnet,
    document,
    serving,
)
from tests.world import DOCTOR, OTHER, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.serving import Tree


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("search")
    async with serving(module_database_urls, folder) as made:
        yield made


@pytest.fixture(scope="module")
async def shelf(carnet: Carnet) -> Shelf:
    return await filled(carnet)


KINDS = sorted(kind for kind, definition in DEFINITIONS.items() if "search-type" in definition.interactions)
TRAIL_LESS = {"_security", "_source", "_tag", "source"}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_declared_parameter_is_asked_here(shelf: Shelf, kind: str) -> None:
    declared = {p.name for p in (*DEFINITIONS[kind].parameters, *COMMON)}
    missing = declared - set(shelf.queries[kind]) - NO_VALUE.get(kind, set())
    missing -= TRAIL_LESS if kind == "AuditEvent" else set()
    assert missing <= {"empty-reason"}


LONG = pytest.mark.slow
"""Each new question takes a while to compile, longest where many rules are one, as in a journal or a List."""
SOME = [pytest.param(kind, marks=LONG) if kind not in {"DocumentReference", "Patient"} else kind for kind in KINDS]


@pytest.mark.parametrize("kind", SOME)
async def test_every_parameter_finds_its_row_and_only_with_its_value(shelf: Shelf, kind: str) -> None:
    one = shelf.ids[kind]
    types = {p.name: p.type for p in (*DEFINITIONS[kind].parameters, *COMMON)}
    for name, value in shelf.queries[kind].items():
        assert one in await shelf.holder.found(f"{kind}?_id={one}&{name}={quoted(value)}"), (kind, name)
        assert one in await shelf.holder.found(f"{kind}?{name}={quoted(value)}&_count=200"), (kind, name)
        if types[name] is not Search.COMPOSITE:
            assert await shelf.holder.found(f"{kind}?_id={one}&{name}:missing=true") == [], (kind, name)
            assert await shelf.holder.found(f"{kind}?_id={one}&{name}:missing=false") == [one], (kind, name)
        wrong = {Search.DATE: "1950", Search.REFERENCE: "Patient/none"}.get(
            types[name], "zzz$zzz" if types[name] is Search.COMPOSITE else "zzz"
        )
        if not (
            types[name] is Search.REFERENCE
            and "Patient" not in (DEFINITIONS[kind].parameter(name) or COMMON[0]).targets
        ):
            answer = await shelf.holder.get(f"{kind}?_id={one}&{name}={wrong}")
            assert answer.status_code in {200, 400}
            assert one not in [e["resource"].get("id") for e in answer.json().get("entry", [])], (kind, name)


def quoted(value: str) -> str:
    return value.replace("+", "%2B").replace("$", "%24")


@pytest.mark.parametrize("kind", KINDS)
async def test_parameters_without_a_value_answer(shelf: Shelf, kind: str) -> None:
    for name in NO_VALUE.get(kind, set()):
        value = "2020" if name in {"death-date", "period"} else "x"
        answer = await shelf.holder.get(f"{kind}?{name}={value}")
        assert answer.status_code == 200, (kind, name, answer.text)


SORTED = [kind if kind == "DocumentReference" else pytest.param(kind, marks=LONG) for kind in KINDS]


@pytest.mark.parametrize("kind", SORTED)
async def test_every_sort_key_orders_and_pages(shelf: Shelf, kind: str) -> None:
    keys = [p.name for p in DEFINITIONS[kind].parameters if p.type in {Search.DATE, Search.STRING, Search.TOKEN}]
    for key in [*keys, "_lastUpdated", "_id"]:
        for sign in ("", "-"):
            answer = await shelf.holder.get(f"{kind}?_sort={sign}{key}&_count=1")
            assert answer.status_code == 200, (kind, key, answer.text)
            following = [link["url"] for link in answer.json().get("link", []) if link["relation"] == "next"]
            if following:
                second = await shelf.holder.get(following[0].partition("/fhir/")[2])
                assert second.status_code == 200, (kind, key, second.text)


def shown(bundle: Tree) -> list[str]:
    return [e["resource"]["id"] for e in bundle.get("entry", []) if e["search"]["mode"] == "match"]


async def test_pages_are_complete_in_any_order(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor("810000000502")
    made = {await depositor.make(document(record, description=f"n{number % 3}")) for number in range(7)}
    for sort in (
        "",
        "_sort=date",
        "_sort=-date,description",
        "_sort=description",
        "_sort=-description,_id",
        "_sort=_id",
    ):
        seen: list[str] = []
        url = f"DocumentReference?patient={record}&_count=2&{sort}"
        while url:
            bundle = (await depositor.get(url)).json()
            assert bundle["total"] == 7
            seen += shown(bundle)
            following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
            url = following[0].partition("/fhir/")[2] if following else ""
        assert len(seen) == 7
        assert set(seen) == made


async def test_a_page_that_may_be_too_large_for_one_row_comes_row_by_row(
    carnet: Carnet, module_database_urls: Urls, tmp_path: Path
) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor("810000000502")
    for number in range(5):
        await depositor.make(document(record, description=f"n{number}"))
    async with serving(module_database_urls, tmp_path, resource_limit=1 << 29, notices=False) as other:
        for asked in ("_count=2&_sort=description", "_count=2", "_count=0", "_summary=count", "_count=9&_sort=-date"):
            urls = [f"DocumentReference?patient={record}&{asked}"] * 2
            while urls[0]:
                said = [
                    (await one.doctor("810000000502").get(url)).json()
                    for one, url in zip((carnet, other), urls, strict=True)
                ]
                assert shown(said[0]) == shown(said[1])
                nexts = [
                    [link["url"] for link in bundle.get("link", []) if link["relation"] == "next"] for bundle in said
                ]
                assert len(nexts[0]) == len(nexts[1])
                urls = [url[0].partition("/fhir/")[2] if url else "" for url in nexts]


async def test_what_is_deposited_between_two_pages_does_not_shift_them(carnet: Carnet) -> None:
    record = await opened(carnet)
    depositor = carnet.doctor("810000000503")
    made = [await depositor.make(document(record)) for _ in range(4)]
    bundle = (await depositor.get(f"DocumentReference?patient={record}&_count=2")).json()
    assert shown(bundle) == [made[3], made[2]]
    await depositor.make(document(record))
    url = next(link["url"] for link in bundle["link"] if link["relation"] == "next").partition("/fhir/")[2]
    second = (await depositor.get(url)).json()
    assert shown(second) == [made[1], made[0]]


async def test_summaries_and_elements_leave_out_the_rest(shelf: Shelf) -> None:
    one = shelf.ids["DocumentReference"]
    part = (await shelf.holder.get(f"DocumentReference?_id={one}&_elements=type,date")).json()["entry"][0]["resource"]
    assert {"type", "date", "id", "meta"} <= set(part)
    assert "content" not in (set(part) - {"content"} if "content" in part else set(part))
    assert "author" not in part
    short = (await shelf.holder.get(f"DocumentReference?_id={one}&_summary=text")).json()["entry"][0]["resource"]
    assert "author" not in short
    count = (await shelf.holder.get(f"DocumentReference?_id={one}&_summary=count")).json()
    assert (count["total"], "entry" in count) == (1, False)


async def test_post_search_is_the_same(shelf: Shelf) -> None:
    one = shelf.ids["DocumentReference"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await shelf.holder.send(
        "POST", "DocumentReference/_search", content=f"_id={one}&status=current", headers=form
    )
    assert answer.status_code == 200, answer.text
    assert [e["resource"]["id"] for e in answer.json()["entry"]] == [one]
    link = next(link["url"] for link in answer.json()["link"] if link["relation"] == "self")
    assert "status=current" in link


@pytest.mark.slow
async def test_every_reference_can_be_included_and_asked_backwards(shelf: Shelf) -> None:
    for kind in KINDS:
        references = [p for p in DEFINITIONS[kind].parameters if p.type is Search.REFERENCE]
        for parameter in references:
            answer = await shelf.holder.get(f"{kind}?_id={shelf.ids[kind]}&_include={kind}:{parameter.name}")
            assert answer.status_code == 200, (kind, parameter.name, answer.text)
            value = shelf.queries[kind].get(parameter.name, "")
            brought = {e["resource"]["id"] for e in answer.json()["entry"] if e["search"]["mode"] == "include"}
            target = value.rpartition("/")[2]
            if target in shelf.ids.values() and target != shelf.ids[kind]:
                assert target in brought, (kind, parameter.name)
                owner = next(k for k, v in shelf.ids.items() if v == target).replace("parent", "Organization")
                back = await shelf.holder.get(f"{owner}?_id={target}&_revinclude={kind}:{parameter.name}")
                assert back.status_code == (400 if kind == "AuditEvent" else 200), back.text
                if kind != "AuditEvent":
                    assert shelf.ids[kind] in {e["resource"]["id"] for e in back.json()["entry"]}, (
                        kind,
                        parameter.name,
                    )


async def test_chains_through_the_holder_and_the_author(shelf: Shelf, carnet: Carnet) -> None:
    one = shelf.ids["DocumentReference"]
    ins = (await shelf.holder.get(f"Patient/{shelf.record}")).json()["identifier"][0]["value"]
    doctor = carnet.doctor(DOCTOR)
    for chain in (
        f"patient.identifier={TEST_INS}|{ins}",
        "patient.family=pat",
        f"subject:Patient.identifier={TEST_INS}|{ins}",
        f"patient={shelf.record}&author:Practitioner.identifier={IDNPS}|{OTHER}",
        f"patient={shelf.record}&custodian.name=cabinet",
        f"patient={shelf.record}&patient.birthdate=1979-03-05",
    ):
        assert one in await doctor.found(f"DocumentReference?{chain}&_count=200"), chain
    assert await doctor.found(f"DocumentReference?patient={shelf.record}&custodian.name=nobody") == []
    assert await doctor.found("PractitionerRole?practitioner.name=alix&organization.name=cabinet") == [
        shelf.ids["PractitionerRole"]
    ]


async def test_totals_of_the_directory(shelf: Shelf) -> None:
    answer = (await shelf.holder.get("Organization?_summary=count")).json()
    assert answer["total"] >= 2
    assert (await shelf.holder.get("Organization?_count=1&_total=accurate")).json()["total"] == answer["total"]


async def test_alternatives_and_repetitions(shelf: Shelf) -> None:
    one = shelf.ids["DocumentReference"]
    assert one in await shelf.holder.found("DocumentReference?type=34133-9,11488-4")
    assert await shelf.holder.found("DocumentReference?type=34133-9&type=11488-4") == []
    assert await shelf.holder.found(f"DocumentReference?_id={one}&date=ge2026-06-01&date=lt2026-07-01") == [one]
    assert await shelf.holder.found(f"DocumentReference?_id={one}&date=ge2026-07-01") == []
