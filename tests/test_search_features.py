"""What a search can ask beyond a parameter and its value: modifiers, `_has`, chains, includes, orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.serving import CLASSES, IDNPS, LOINC, Caller, Carnet, actor, consent, document, permit, serving
from tests.world import DOCTOR, OTHER, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Tree

J07 = "https://mos.esante.gouv.fr/NOS/JDV_J07-XdsTypeCode-CISIS/FHIR/JDV-J07-XdsTypeCode-CISIS"
J57 = "https://mos.esante.gouv.fr/NOS/JDV_J57-ClassCode-DMP/FHIR/JDV-J57-ClassCode-DMP"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ID_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"


class Scene(NamedTuple):
    """A record with three documents, one of them masked, and two lists of them."""

    record: str
    doctor: Caller
    reader: Caller
    holder: Caller
    letter: str
    image: str
    masked: str
    lot: str
    folder: str


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("features")) as made:
        yield made


def _list(record: str, code: str, title: str, *documents: str) -> Tree:
    entries = [{"item": {"reference": f"DocumentReference/{one}"}} for one in documents]
    return {
        "resourceType": "List", "status": "current", "mode": "working", "title": title,
        "code": {"coding": [{"system": "https://x.example/list", "code": code}], "text": f"Liste {code}"},
        "subject": {"reference": f"Patient/{record}"}, "entry": entries,
    }  # fmt: skip


@pytest.fixture(scope="module")
async def scene(carnet: Carnet) -> Scene:
    record = await opened(carnet)
    doctor, reader, holder = carnet.doctor(DOCTOR), carnet.doctor(OTHER, structure="1750000009"), carnet.holder(record)
    base = carnet.settings.codesystem_base
    await holder.make(consent(record, "authorisation", permit(actor(OTHER)), base=base))
    letter = await doctor.make(
        document(
            record,
            description="Lettre du Dr Lœwe à l\u2019Hôtel-Dieu",
            masterIdentifier={"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.9.1"},
            identifier=[
                {
                    "system": "https://x.example/acc",
                    "value": "A-1",
                    "type": {"coding": [{"system": ID_TYPE, "code": "ACSN"}], "text": "Numéro d'accès"},
                }
            ],
            type={"coding": [{"system": LOINC, "code": "11488-4", "display": "Compte rendu de Cœlioscopie"}]},
            meta={"source": "https://ehr.example/app/one#1"},
        )
    )
    image = await doctor.make(
        document(
            record,
            type_="18748-4",
            description="Imagerie",
            content=b"<other/>",
            relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{letter}"}}],
            meta={"source": "https://ehr.example/application"},
        )
    )
    masked = await doctor.make(
        document(
            record,
            label="MASQUE_PS",
            description="Secret",
            content=b"<masked/>",
            relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{letter}"}}],
        )
    )
    lot = await doctor.make(_list(record, "lot", "Lot", letter, image))
    folder = await doctor.make(_list(record, "folder", "Dossier", masked, letter))
    return Scene(record, doctor, reader, holder, letter, image, masked, lot, folder)


def names(scene: Scene, ids: list[str]) -> set[str]:
    return {name for name, value in scene._asdict().items() if value in ids}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type:text=compte rendu de coelio", {"letter"}),
        ("type:text=rendu", set()),
        ("identifier:text=numero d acces", {"letter"}),
        (f"identifier:of-type={ID_TYPE}|ACSN|A-1", {"letter"}),
        (f"identifier:of-type={ID_TYPE}|MR|A-1", set()),
        (f"identifier:of-type={ID_TYPE}|ACSN|A-2", set()),
        (f"type:in={J07}", {"letter", "image", "masked"}),
        (f"type:not-in={J07}", set()),
        (f"category:in={J57}|20230922120000", {"letter", "image", "masked"}),
        (f"category:not-in={J57}", set()),
        (f"setting:not-in={J57}", {"letter", "image", "masked"}),
        ("contenttype:below=application", {"letter", "image", "masked"}),
        ("contenttype:below=application/", {"letter", "image", "masked"}),
        ("contenttype:below=app", set()),
        ("contenttype:above=application/xml;charset=utf-8", {"letter", "image", "masked"}),
        ("status:below=current", {"letter", "image", "masked"}),
        ("_source:below=https://ehr.example/app", {"letter"}),
        ("_source:below=https://ehr.example", {"letter", "image"}),
        ("_source:above=https://ehr.example/app/one#1", {"letter"}),
        ("_source:above=https://ehr.example/application/x/y?z", {"image"}),
        ("type:not=11488-4", {"image"}),
        ("description=lettre du dr loewe a l hotel dieu", {"letter"}),
        ("description:contains=L'HÔTEL-dieu", {"letter"}),
        ("description:contains=œwe", {"letter"}),
        ("description:exact=Lettre du Dr Lœwe à l\u2019Hôtel-Dieu", {"letter"}),
        ("description:exact=Lettre du Dr Loewe a l'Hotel-Dieu", set()),
        ("_has:List:item:code=lot", {"letter", "image"}),
        ("_has:List:item:code=lot&_has:List:item:code=folder", {"letter"}),
        ("_has:List:item:code=lot,folder", {"letter", "image", "masked"}),
        ("_has:List:item:title:exact=Dossier", {"letter", "masked"}),
        ("_has:List:item:code:text=liste f", {"letter", "masked"}),
        ("_has:List:item:_has:List:item:code=lot", set()),
        ("_has:List:item:item:DocumentReference.description=imagerie", {"letter", "image"}),
        ("_has:DocumentReference:relatesto:type=18748-4", {"letter"}),
        ("_has:DocumentReference:relatesto:_has:List:item:code=lot", {"letter"}),
        ("_has:DocumentReference:relatesto:_has:List:item:code=folder", {"letter"}),
        ("_has:DocumentReference:relatesto:description:missing=false", {"letter"}),
        ("relatesto._has:List:item:code=folder", {"image", "masked"}),
        ("patient._has:List:subject:code=lot", {"letter", "image", "masked"}),
        ("patient._has:List:patient:code=none", set()),
        ("_has:List:item:code=", {"letter", "image", "masked"}),
        ("_contained=false", {"letter", "image", "masked"}),
    ],
)
async def test_the_holder_finds_by_every_way_of_asking(scene: Scene, query: str, found: set[str]) -> None:
    quoted = query.replace("#", "%23").replace("?", "%3F").replace(";", "%3B")
    assert names(scene, await scene.holder.found(f"DocumentReference?patient={scene.record}&{quoted}")) == found
    across = await scene.holder.found(f"DocumentReference?{quoted}")
    assert names(scene, across) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("_has:List:item:code=folder", {"letter"}),
        ("_has:DocumentReference:relatesto:_has:List:item:code=folder", set()),
        ("_has:DocumentReference:relatesto:description=secret", set()),
        ("_has:DocumentReference:relatesto:description=imagerie", {"letter"}),
        ("_has:List:item:item:DocumentReference.description=secret", set()),
        ("relatesto._has:DocumentReference:relatesto:description=secret", set()),
    ],
)
@pytest.mark.parametrize("within", [True, False])
async def test_no_hop_looks_at_what_its_caller_may_not_see(
    scene: Scene, query: str, found: set[str], *, within: bool
) -> None:
    place = f"patient={scene.record}&" if within else ""
    assert names(scene, await scene.reader.found(f"DocumentReference?{place}{query}")) == found


async def test_what_points_at_the_directory_is_asked_of_visible_rows(scene: Scene, carnet: Carnet) -> None:
    (known,) = await scene.holder.found(f"Practitioner?identifier={IDNPS}|{OTHER}")
    base = carnet.settings.codesystem_base
    named = permit(actor(reference=f"Practitioner/{known}"))
    await scene.holder.make(consent(scene.record, "full-access", named, base=base))
    for inner in ("category=full-access", f"patient={scene.record}", "patient:Patient._has:List:patient:code=lot"):
        asked = f"Practitioner?_has:Consent:actor:{inner}"
        assert await scene.holder.found(asked) == [known]
        assert await carnet.doctor("810000000077").found(asked) == []


async def test_purposes_are_found_below_another(scene: Scene) -> None:
    base = scene.holder.carnet.settings.codesystem_base
    will = consent(scene.record, "emergency-opposition", {
        "type": "deny", "purpose": [{"system": ACT_REASON, "code": "BTG"}],
    }, base=base)  # fmt: skip
    opposition = await scene.holder.make(will)
    asked = f"Consent?patient={scene.record}&purpose"
    for value in (
        f":below={ACT_REASON}|TREAT",
        ":below=PurposeOfUse",
        ":in=http://terminology.hl7.org/ValueSet/v3-PurposeOfUse",
    ):
        assert await scene.holder.found(f"{asked}{value}") == [opposition], value
    assert await scene.holder.found(f"{asked}:below=HPAYMT") == []
    assert await scene.holder.found(f"{asked}:above={ACT_REASON}|TREAT") == []


async def test_everything_that_points_at_the_matches_is_brought_along(scene: Scene) -> None:
    async def brought(query: str) -> set[str]:
        bundle = (await scene.holder.get(query)).json()
        return names(scene, [e["resource"]["id"] for e in bundle["entry"] if e["search"]["mode"] == "include"])

    place = f"DocumentReference?_id={scene.letter}"
    assert await brought(f"{place}&_revinclude=*") == {"image", "masked", "lot", "folder"}
    assert await brought(f"{place}&_revinclude=List:*") == {"lot", "folder"}
    assert await brought(f"{place}&_include=*") == {"record"}
    assert await brought(f"List?_id={scene.lot}&_include=List:item&_include:iterate=*") >= {"letter", "image", "record"}
    wild = f"{place}&_revinclude=*&_revinclude:iterate=*&_include:iterate=*"
    assert await brought(wild) >= {"image", "masked", "lot", "folder", "record"}
    link = next(one for one in (await scene.holder.get(wild)).json()["link"] if one["relation"] == "self")
    again = await scene.holder.get(link["url"].split("/fhir/")[1])
    assert again.status_code == 200


@pytest.mark.parametrize("key", ["patient", "_source", "relatesto", "author", "location", "type", "-relatesto"])
async def test_references_and_urls_order_and_page(scene: Scene, key: str) -> None:
    query = f"DocumentReference?patient={scene.record}&_sort={key}"
    whole = await scene.holder.found(query)
    paged: list[str] = []
    place: str | None = f"{query}&_count=1"
    while place:
        bundle = (await scene.holder.get(place)).json()
        paged += [entry["resource"]["id"] for entry in bundle.get("entry", [])]
        place = next((one["url"].split("/fhir/")[1] for one in bundle["link"] if one["relation"] == "next"), None)
    assert paged == whole
    assert len(whole) == 3


async def test_classes_known_by_another_name_of_their_system(scene: Scene) -> None:
    assert await scene.holder.found(f"DocumentReference?category:in={J57}&category={CLASSES}|10")
