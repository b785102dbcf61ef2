"""What `carnet load` makes of files: the order of entry, the server's ids, a summary that tells nothing of anybody."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from app import loading, sample
from app.auth import mint
from app.loading import Fate, Loader, read
from app.settings import Settings
from tests.serving import NIRS, actor, consent, document, patient, permit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

BASE = "https://carnet.example/fhir"
DOCTOR = mint.professional("810000000001", specialty="SM54", structure="1750000001")
Tree = dict[str, Any]


@pytest.fixture(scope="module")
async def settings(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("data")
    return Settings(
        data=data,
        database_url=module_database_urls.serve,
        database_owner_url=module_database_urls.owner,
        ins_required=False,
    )


@pytest.fixture(scope="module")
async def loader(settings: Settings) -> AsyncIterator[Loader]:
    async with loading.loader(settings, DOCTOR) as made:
        yield made


async def enter(loader: Loader, *paths: Path) -> Counter[Fate]:
    lot = read(paths)
    fates = Counter(lot.broken)
    for unit in lot.units:
        fates.update(await loader.enter(unit))
    return fates


def written(path: Path, *trees: Tree) -> Path:
    """A file of its suffix's format."""
    lines = [json.dumps(tree) for tree in trees]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def bundle(kind: str, *trees: Tree, method: str = "") -> Tree:
    def entry(tree: Tree) -> Tree:
        url = f"{tree['resourceType']}/{tree['id']}" if method == "PUT" else tree["resourceType"]
        full = (
            {} if method == "PUT" else {"fullUrl": f"https://elsewhere.example/{tree['resourceType']}/{tree.get('id')}"}
        )
        return full | {"resource": tree} | ({"request": {"method": method, "url": url}} if method else {})

    return {"resourceType": "Bundle", "type": kind, "entry": [entry(tree) for tree in trees]}


def anybody(name: str, **more: Any) -> Tree:
    """A Patient without an INS."""
    tree = patient(**more) | {"id": name}
    del tree["identifier"]
    return tree


def an_opening(name: str) -> Tree:
    return consent(name, "opening", base=BASE)


async def shown(loader: Loader, name: str) -> Tree:
    """The resource that the files call so, as the server has it."""
    answer = await loader.http.get(f"/fhir/{loader.known[name]}")
    assert answer.status_code == 200, answer.text
    found: Tree = answer.json()
    return found


async def test_resources_are_entered_in_order_under_the_servers_ids(loader: Loader, tmp_path: Path) -> None:
    new = document("p1") | {
        "id": "d2",
        "relatesTo": [{"code": "appends", "target": {"reference": "DocumentReference/d1"}}],
    }
    trees = [
        new,
        document("p1") | {"id": "d1"},
        consent("p1", "authorisation", permit(actor("810000000002")), base=BASE),
        an_opening("p1"),
        anybody("p1"),
    ]
    fates = await enter(loader, written(tmp_path / "all.ndjson", *trees))
    assert not any(fate.refused for fate in fates), fates
    assert fates.total() == 5
    record = loader.known["Patient/p1"]
    assert record != "Patient/p1"
    found = await shown(loader, "DocumentReference/d2")
    assert found["subject"]["reference"] == record
    assert found["relatesTo"][0]["target"]["reference"] == loader.known["DocumentReference/d1"]


async def test_a_collection_falls_into_its_resources(loader: Loader, tmp_path: Path) -> None:
    by_url = document("p2") | {"id": "c1"}
    by_url["subject"]["reference"] = "https://elsewhere.example/Patient/p2"
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    written(folder / "one.json", bundle("collection", by_url, anybody("p2"), an_opening("p2")))
    written(tmp_path / "left.txt", {"resourceType": "Patient"})
    fates = await enter(loader, tmp_path)
    assert fates == {Fate("Patient", 201): 1, Fate("Consent", 201): 1, Fate("DocumentReference", 201): 1}
    assert (await shown(loader, "DocumentReference/c1"))["subject"]["reference"] == loader.known["Patient/p2"]


async def test_a_transaction_is_one_request_whose_puts_are_posts(loader: Loader, tmp_path: Path) -> None:
    opening = an_opening("p3") | {"id": "o3"}
    fates = await enter(
        loader,
        written(tmp_path / "a.json", bundle("transaction", anybody("p3"), opening, method="PUT")),
        written(tmp_path / "b.json", document("p3") | {"id": "d3"}),
    )
    assert fates == {Fate("Patient", 201): 1, Fate("Consent", 201): 1, Fate("DocumentReference", 201): 1}


async def test_a_refused_transaction_leaves_nothing(loader: Loader, tmp_path: Path) -> None:
    wrong = an_opening("p4") | {"id": "o4", "status": "nope"}
    fates = await enter(loader, written(tmp_path / "a.json", bundle("transaction", anybody("p4"), wrong, method="PUT")))
    assert {fate.type for fate in fates} == {"Patient", "Consent"}
    assert all(fate.refused and fate.reason for fate in fates)
    assert "Patient/p4" not in loader.known


async def test_the_directory_is_entered_by_the_operator(loader: Loader, tmp_path: Path) -> None:
    house: Tree = {"resourceType": "Organization", "id": "h", "name": "Hôpital", "identifier": [
        {"system": "https://finess.esante.gouv.fr", "value": "750000077"}]}  # fmt: skip
    person: Tree = {"resourceType": "Practitioner", "id": "w", "name": [{"family": "Untel"}], "identifier": [
        {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810000000077"}]}  # fmt: skip
    role: Tree = {"resourceType": "PractitionerRole", "id": "r", "active": True,
        "practitioner": {"reference": "Practitioner/w"}, "organization": {"reference": "Organization/h"}}  # fmt: skip
    file = written(tmp_path / "directory.json", bundle("transaction", role, person, house, method="POST"))
    assert await enter(loader, file) == {Fate(kind, 201): 1 for kind in loading.DIRECTORY}
    found = await shown(loader, "PractitionerRole/r")
    assert found["practitioner"]["reference"] == loader.known["Practitioner/w"]
    assert found["organization"]["reference"] == loader.known["Organization/h"]
    again = await enter(loader, written(tmp_path / "again.json", person))
    assert again == {Fate("Practitioner", 200): 1}


async def test_what_is_refused_tells_its_reason(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"resourceType": "Patient", ', encoding="utf-8")
    written(tmp_path / "unknown.json", {"resourceType": "Observation", "status": "final"})
    written(tmp_path / "lost.json", document("nobody"))
    fates = await enter(loader, tmp_path)
    assert fates.total() == 3
    assert {(fate.type, int(fate.status)) for fate in fates if fate.refused and fate.reason} == {
        ("(unread)", 400), ("Observation", 404), ("DocumentReference", 422)}  # fmt: skip


async def test_the_same_again_is_there_already(loader: Loader, tmp_path: Path) -> None:
    file = written(tmp_path / "opening.json", sample.opening(BASE))
    first, second = await enter(loader, file), await enter(loader, file)
    assert first == {Fate("Patient", 201): 1, Fate("Consent", 201): 1}
    assert second == {Fate("Patient", 200): 1, Fate("Consent", 200): 1}


async def test_a_fate_holds_no_value_of_a_resource(loader: Loader, tmp_path: Path) -> None:
    tree = patient(NIRS[0], system="urn:oid:1.2.250.1.213.1.4.8") | {"birthDate": "SECRET-1979", "id": "SECRET-2"}
    tree["identifier"][0]["value"] = "SECRET-3"
    (fate,) = await enter(loader, written(tmp_path / "one.json", tree))
    assert fate.refused
    assert "SECRET" not in repr(fate)
