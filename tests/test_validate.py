"""`$validate`: everything that stands against a resource is told, nothing is written, nothing unseen is betrayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth import mint
from app.rest import xml
from tests import deposits
from tests.deposits import MHD
from tests.serving import VISIBILITY, Carnet, Tree, actor, document, patient, permit, serving
from tests.world import DOCTOR, NURSE, OTHER, journal, nir, opened, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller

MINIMAL = f"{MHD}IHE.MHD.Minimal.DocumentReference"
FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
Told = list[tuple[str, str, str]]


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("validate")
    async with serving(module_database_urls, folder, profiles="refuse") as made:
        yield made


class Scene:
    """A record with a document that a nurse sees, and one that is masked from her."""

    record: str
    plain: str
    masked: str

    def __init__(self, carnet: Carnet) -> None:
        self.carnet = carnet
        self.depositor, self.doctor = carnet.doctor(OTHER), carnet.doctor(DOCTOR)
        self.nurse = carnet.professional(NURSE, "60")

    @property
    def holder(self) -> Caller:
        return self.carnet.holder(self.record)

    @property
    def absent(self) -> str:
        """An id of the record that nothing has."""
        return f"{self.record}.{'a' * len(self.masked.partition('.')[2])}"


@pytest.fixture(scope="module")
async def scene(carnet: Carnet) -> Scene:
    made = Scene(carnet)
    made.record = await opened(carnet, treating=DOCTOR)
    await will(made.holder, made.record, "authorisation", permit(actor(NURSE)))
    made.plain = await made.depositor.make(document(made.record))
    made.masked = await made.depositor.make(document(made.record, label="MASQUE_PS", content=b"<masked/>"))
    return made


def told(answer: httpx.Response) -> Told:
    """Severity, code and first path of each issue."""
    assert answer.status_code == 200, answer.text
    tree = answer.json()
    assert tree["resourceType"] == "OperationOutcome"
    return [(i["severity"], i["code"], i.get("expression", [""])[0]) for i in tree["issue"]]


FINE: Told = [("information", "informational", "")]


async def validate(caller: Caller, tree: Tree, path: str = "", **parameters: str) -> Told:
    """What is told of a bare resource."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    place = path or tree["resourceType"]
    return told(await caller.post(f"{place}/$validate{f'?{query}' if query else ''}", tree))


def parameters(tree: Tree | None, **others: str) -> Tree:
    given: list[Tree] = [{"name": "resource", "resource": tree}] if tree else []
    kinds = {"mode": "valueCode", "profile": "valueUri"}
    given += [{"name": name, kinds[name]: value} for name, value in others.items()]
    return {"resourceType": "Parameters", "parameter": given}


async def test_what_is_fine_is_said_to_be(scene: Scene) -> None:
    assert await validate(scene.doctor, document(scene.record)) == FINE
    assert await validate(scene.doctor, patient(nir())) == FINE
    whole = parameters(document(scene.record), mode="create")
    assert told(await scene.doctor.post("DocumentReference/$validate", whole)) == FINE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "nope"}, ("error", "code-invalid", "DocumentReference.status")),
        ({"date": "2026-02-30"}, ("error", "value", "DocumentReference.date")),
        ({"unknown": 1}, ("error", "structure", "DocumentReference")),
        ({"content": []}, ("error", "structure", "DocumentReference.content")),
        ({"subject": {"reference": "Patient/nobody"}}, ("error", "business-rule", "DocumentReference.subject")),
        ({"masterIdentifier": {"value": "x"}}, ("error", "invariant", "DocumentReference.masterIdentifier")),
        ({"meta": {"profile": [MINIMAL]}}, ("error", "invariant", "DocumentReference.masterIdentifier")),
        (
            {"meta": {"profile": ["https://x.example/p"]}},
            ("information", "not-found", "DocumentReference.meta.profile"),
        ),
    ],
)
async def test_each_kind_of_fault_is_told(scene: Scene, change: Tree, said: tuple[str, str, str]) -> None:
    assert said in await validate(scene.doctor, document(scene.record) | change)


async def test_faults_are_told_together_and_the_worst_first(scene: Scene) -> None:
    tree = document(scene.record, relatesTo=[{"code": "appends", "target": {"reference": "DocumentReference/nothing"}}])
    tree |= {"masterIdentifier": {"value": "x"}, "meta": {"profile": ["https://x.example/p"]}}
    found = await validate(scene.doctor, tree)
    assert [severity for severity, _, _ in found] == ["error", "error", "information"]


async def test_a_profile_that_is_asked_for(scene: Scene) -> None:
    tree = document(scene.record)
    found = await validate(scene.doctor, tree, profile=MINIMAL)
    assert ("error", "invariant", "DocumentReference.masterIdentifier") in found
    whole = parameters(tree, mode="profile", profile=MINIMAL)
    assert told(await scene.doctor.post("DocumentReference/$validate", whole)) == found
    assert ("error", "not-found", "") in await validate(scene.doctor, tree, profile="https://x.example/p")
    kept = deposits.document(scene.record, f"Binary/{scene.absent}")
    assert not any(code == "invariant" for _, code, _ in await validate(scene.doctor, kept, profile=MINIMAL))


async def test_an_instance_is_validated_as_the_caller_sees_it(scene: Scene) -> None:
    path = f"DocumentReference/{scene.plain}"
    assert told(await scene.nurse.get(f"{path}/$validate")) == FINE
    asked = await scene.nurse.get(f"{path}/$validate?profile={MINIMAL}&mode=profile")
    assert ("error", "invariant", "DocumentReference.masterIdentifier") in told(asked)
    assert told(await scene.nurse.get(f"{path}/$validate?mode=delete")) == FINE
    assert told(await scene.nurse.post(f"{path}/$validate", parameters(None, mode="delete"))) == FINE
    binary = (await scene.doctor.get(path)).json()["content"][0]["attachment"]["url"]
    assert told(await scene.doctor.get(f"{binary}/$validate?mode=delete")) == [("error", "not-supported", "")]
    assert told(await scene.doctor.get(f"{binary}/$validate")) == FINE
    stranger = scene.carnet.doctor("810000000077")
    assert (await stranger.get(f"{path}/$validate")).status_code == 404


async def test_a_new_version_is_validated_against_what_stands_there(scene: Scene) -> None:
    path = f"DocumentReference/{scene.plain}"
    tree = (await scene.depositor.get(path)).json()
    assert await validate(scene.depositor, tree, path) == FINE
    assert ("error", "value", "DocumentReference.id") in await validate(scene.depositor, tree | {"id": "other"}, path)
    before = (await scene.depositor.get(path)).headers["etag"]
    await validate(scene.depositor, tree | {"description": "changed"}, path)
    after = await scene.depositor.get(path)
    assert (after.headers["etag"], "description" in after.json()) == (before, False)


async def test_nothing_is_written_but_the_act(scene: Scene) -> None:
    about = f"DocumentReference?patient={scene.record}&_summary=count"
    directory = "Practitioner?_summary=count"
    before = [(await scene.doctor.get(path)).json()["total"] for path in (about, directory)]
    author = {
        "resourceType": "Practitioner",
        "id": "a",
        "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": "10009999991"}],
    }
    tree = document(scene.record, contained=[author], author=[{"reference": "#a"}])
    assert await validate(scene.doctor, tree) == FINE
    assert await validate(scene.doctor, patient("279035121518989"), profile=f"{FR_CORE}fr-core-patient") != []
    assert [(await scene.doctor.get(path)).json()["total"] for path in (about, directory)] == before
    events = await journal(scene.holder, scene.record)
    acts = [s["code"] for event in events for s in event["subtype"]]
    assert "validate" in acts


async def alike(caller: Caller, *names: str, method: str, path: str, tree: Tree | None = None) -> int:
    """The same asked of each name is answered the same, the name aside."""
    answers = []
    for name in names:
        body = {"json": _named(tree, name)} if tree else {}
        answer = await caller.send(method, path.format(id=name), **body)
        kept = {k: v.replace(name, "ID") for k, v in answer.headers.items() if k not in {"date", "x-request-id"}}
        answers.append((answer.status_code, kept, answer.text.replace(name, "ID")))
    assert all(one == answers[0] for one in answers), answers
    return answers[0][0]


def _named(tree: Any, name: str) -> Any:
    if isinstance(tree, dict):
        return {key: _named(value, name) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_named(value, name) for value in tree]
    return tree.replace("{id}", name) if isinstance(tree, str) else tree


@pytest.mark.parametrize("code", ["appends", "replaces"])
async def test_a_reference_to_the_unseen_reads_like_one_to_the_absent(scene: Scene, code: str) -> None:
    tree = document(scene.record, relatesTo=[{"code": code, "target": {"reference": "DocumentReference/{id}"}}])
    names = (scene.masked, scene.absent)
    assert await alike(scene.nurse, *names, method="POST", path="DocumentReference/$validate", tree=tree) == 200
    seen = _named(tree, scene.masked)
    assert await validate(scene.doctor, seen) == FINE
    assert ("error", "business-rule", "DocumentReference.relatesTo[0].target") in await validate(scene.nurse, seen)


@pytest.mark.parametrize("path", ["DocumentReference/{id}/$validate", "DocumentReference/{id}/$validate?mode=delete"])
async def test_an_unseen_instance_is_like_an_absent_one(scene: Scene, path: str) -> None:
    names = (scene.masked, scene.absent)
    tree = {**document(scene.record), "id": "{id}"}
    assert await alike(scene.nurse, *names, method="GET", path=path) == 404
    assert await alike(scene.nurse, *names, method="HEAD", path=path) == 404
    assert await alike(scene.nurse, *names, method="POST", path=path, tree=tree) == 404


async def test_the_holder_does_not_open_a_document_by_it(scene: Scene) -> None:
    """A depositor may still keep it from him: what was validated was not read."""
    made = await scene.depositor.make(document(scene.record))
    assert told(await scene.holder.get(f"DocumentReference/{made}/$validate")) == FINE
    coding = {"system": VISIBILITY, "code": "INVISIBLE_PATIENT"}
    patch = [{"op": "replace", "path": "/securityLabel/0", "value": {"coding": [coding]}}]
    assert (await scene.depositor.patch(f"DocumentReference/{made}", patch)).status_code == 200
    assert (await scene.holder.get(f"DocumentReference/{made}/$validate")).status_code == 404


async def test_a_token_says_what_may_be_validated(scene: Scene) -> None:
    claims = mint.professional(DOCTOR, profession="10", structure="1750000001", specialty="SM54")
    reading = scene.carnet.caller({**claims, "scope": "user/DocumentReference.rs"})
    tree, path = document(scene.record), f"DocumentReference/{scene.plain}/$validate"
    assert (await reading.post("DocumentReference/$validate", tree)).status_code == 403
    assert (await reading.post(path, tree | {"id": scene.plain})).status_code == 403
    assert (await reading.get(path)).status_code == 200
    making = scene.carnet.caller({**claims, "scope": "user/DocumentReference.c"})
    assert (await making.post("DocumentReference/$validate", tree)).status_code == 200
    nobody = await scene.carnet.http.post("/fhir/DocumentReference/$validate", json=tree)
    assert nobody.status_code == 401


async def test_a_bundle_is_validated_with_what_is_in_it(scene: Scene) -> None:
    parts = [f"{MHD}IHE.MHD.Comprehensive.{part}" for part in ("ProvideBundle", "SubmissionSet", "DocumentReference")]
    tree = deposits.provided(scene.record, *parts)
    assert await validate(scene.doctor, tree) == FINE
    tree["entry"][1]["resource"]["masterIdentifier"].pop("system")
    del tree["entry"][0]["resource"]["mode"]
    assert ("error", "required", "Bundle.entry[0].resource.mode") in await validate(scene.doctor, tree)
    tree["entry"][0]["resource"]["mode"] = "snapshot"
    found = {place for severity, _, place in await validate(scene.doctor, tree) if severity == "error"}
    assert found == {
        "Bundle.entry[0].resource.mode",
        "Bundle.entry[1].resource.masterIdentifier",
        "Bundle.entry[1].resource.masterIdentifier.system",
    }


async def test_in_a_batch_and_in_xml(scene: Scene) -> None:
    asked = {"method": "POST", "url": "DocumentReference/$validate"}
    entry = {"resource": document(scene.record) | {"status": "x"}, "request": asked}
    answer = await scene.doctor.post("", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    response = answer.json()["entry"][0]["response"]
    assert (response["status"], response["outcome"]["issue"][0]["code"]) == ("200 OK", "code-invalid")
    body = xml.write(b'{"resourceType":"Organization"}')
    lines = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"}
    answer = await scene.doctor.send("POST", "Organization/$validate", content=body, headers=lines)
    assert answer.status_code == 200
    assert xml.read(answer.content)["resourceType"] == "OperationOutcome"


WRONG: list[tuple[str, Any]] = [
    ("DocumentReference/$validate", {"resourceType": "Patient"}),
    ("DocumentReference/$validate", parameters(None)),
    ("DocumentReference/$validate", parameters(None, mode="delete")),
    ("DocumentReference/$validate?mode=never", {"resourceType": "DocumentReference"}),
    ("DocumentReference/$validate?mode=profile", {"resourceType": "DocumentReference"}),
    ("DocumentReference/$validate?other=1", {"resourceType": "DocumentReference"}),
    ("DocumentReference/$validate", {"resourceType": "Parameters", "parameter": [{"name": "other"}]}),
    ("DocumentReference/$validate", {"resourceType": "Parameters", "parameter": {"name": "resource"}}),
    ("DocumentReference/$validate", {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": 1}]}),
    ("DocumentReference/$validate", {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueInteger": 1}]}),
    ("Bundle/$validate", {"resourceType": "Patient"}),
]


@pytest.mark.parametrize(("path", "tree"), WRONG)
async def test_a_question_that_cannot_be_asked(scene: Scene, path: str, tree: Tree) -> None:
    answer = await scene.doctor.post(path, tree)
    assert answer.status_code == 400, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_what_is_no_resource_and_what_is_not_served(scene: Scene) -> None:
    lines = {"Content-Type": "application/fhir+json"}
    for content, status in ((b"{", 400), (b"", 400), (b"[]", 400)):
        answer = await scene.doctor.send("POST", "DocumentReference/$validate", content=content, headers=lines)
        assert answer.status_code == status
    plain = {"Content-Type": "text/plain"}
    assert (await scene.doctor.send("POST", "Patient/$validate", content=b"x", headers=plain)).status_code == 415
    assert (await scene.doctor.get("DocumentReference/$validate")).status_code == 405
    assert (await scene.doctor.get("Bundle/$validate")).status_code == 405
    assert (await scene.doctor.post("Observation/$validate", {"resourceType": "Observation"})).status_code == 404
