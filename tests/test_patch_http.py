"""Patches over HTTP in their three forms: conditions, versions, Bundles, and what a patch tells of what is not seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.resources.guides import IS_ARCHIVED
from tests.acts import STRANGER, TREATING, a_record, pharmacist, reason, relabel, software, stranger
from tests.patches import JSON_PATCH, XML_PATCH, at, diff, packed, path_patch, replace, steps, xml_patch
from tests.serving import NORMAL, VISIBILITY, Carnet, actor, consent, deny, document, serving
from tests.world import NURSE, listing, opened, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

ROOT = "DocumentReference"
MASK = {"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}
CODE = f"{ROOT}.securityLabel[0].coding[0]"
FORMS = ("json", "path", "xml")


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


def status_as(form: str, value: str) -> tuple[bytes, str]:
    """A patch that sets the status of a document: its bytes and its media type."""
    if form == "json":
        return json.dumps([{"op": "replace", "path": "/status", "value": value}]).encode(), JSON_PATCH
    if form == "xml":
        return diff(replace(f"/{ROOT}/status/@value", value)), XML_PATCH
    tree = steps(at("replace", f"{ROOT}.status", value={"valueCode": value}))
    return json.dumps(tree).encode(), "application/fhir+json"


async def restate(by: Caller, place: str, form: str, value: str, **headers: str) -> httpx.Response:
    content, kind = status_as(form, value)
    lines = {"Content-Type": kind, **{name.replace("_", "-"): said for name, said in headers.items()}}
    return await by.send("PATCH", place, content=content, headers=lines)


@pytest.mark.parametrize("form", FORMS)
async def test_a_patch_with_its_version_and_its_condition(carnet: Carnet, form: str) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    own = [{"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.3.{FORMS.index(form)}"}]
    one = await depositor.make(document(record, identifier=own))
    place, where = f"{ROOT}/{one}", f"{ROOT}?identifier={own[0]['value']}&patient={record}"
    tag = (await depositor.get(place)).headers["etag"]
    answer = await restate(depositor, place, form, "superseded", If_Match=tag)
    assert (answer.status_code, answer.json()["status"]) == (200, "superseded"), answer.text
    assert answer.headers["etag"] == (await depositor.get(place)).headers["etag"] != tag
    stale = await restate(depositor, place, form, "current", If_Match=tag)
    assert reason(stale) == (412, "stale-version")
    assert (await restate(depositor, where, form, "current")).json()["status"] == "current"
    same = await restate(depositor, where, form, "current", If_Match=answer.headers["etag"])
    assert same.status_code == 412
    assert (await restate(depositor, f"{where}9", form, "current")).status_code == 404
    await depositor.make(document(record, identifier=own, description="another"))
    assert (await restate(depositor, where, form, "superseded")).status_code == 412
    assert (await restate(pharmacist(carnet), where, form, "superseded")).status_code == 404
    assert (await restate(pharmacist(carnet), place, form, "superseded")).status_code == 404


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_all_three_forms_in_a_bundle(carnet: Carnet, kind: str) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    made = [await depositor.make(document(record, description=form)) for form in FORMS]
    entries: list[Tree] = []
    for one, form in zip(made, FORMS, strict=True):
        content, media = status_as(form, "superseded")
        tree = json.loads(content) if form == "path" else packed(content, media)
        entries.append({"resource": tree, "request": {"method": "PATCH", "url": f"{ROOT}/{one}"}})
    answer = await depositor.post("", {"resourceType": "Bundle", "type": kind, "entry": entries})
    assert answer.status_code == 200, answer.text
    assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["200"] * 3, answer.text
    for one in made:
        assert (await depositor.get(f"{ROOT}/{one}")).json()["status"] == "superseded"
    broken = {"resource": packed(b"<diff>", XML_PATCH), "request": {"method": "PATCH", "url": f"{ROOT}/{made[0]}"}}
    back, _ = status_as("json", "current")
    entries = [{**entries[1], "resource": packed(back, JSON_PATCH)}, broken]
    answer = await depositor.post("", {"resourceType": "Bundle", "type": kind, "entry": entries})
    now = (await depositor.get(f"{ROOT}/{made[1]}")).json()["status"]
    assert (answer.status_code, now) == ((200, "current") if kind == "batch" else (400, "superseded"))
    for odd in (packed(b"[]", "text/plain"), {**packed(b"", JSON_PATCH), "data": "*"}):
        entries = [{"resource": odd, "request": {"method": "PATCH", "url": f"{ROOT}/{made[0]}"}}]
        answer = await depositor.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code in (400, 415)


async def test_masking_in_each_form(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    holder = carnet.holder(record)
    masked = '<securityLabel><coding><system value="{}"/><code value="{}"/></coding></securityLabel>'
    changes: list[Any] = [
        [at("replace", f"{ROOT}.securityLabel[0]", value={"valueCodeableConcept": MASK})],
        [at("add", ROOT, name="securityLabel", value={"valueCodeableConcept": MASK})],
        [at("replace", f"{CODE}.system", value={"valueUri": VISIBILITY}),
         at("replace", f"{CODE}.code", value={"valueCode": "MASQUE_PS"})],
        replace(f"{ROOT}/securityLabel[1]", masked.format(VISIBILITY, "MASQUE_PS")),
        f'<add sel="{ROOT}/securityLabel" pos="before">{masked.format(VISIBILITY, "MASQUE_PS")}</add>',
    ]  # fmt: skip
    for change in changes:
        place = f"{ROOT}/{await depositor.make(document(record))}"
        answer = await (
            xml_patch(holder, place, change) if isinstance(change, str) else path_patch(holder, place, *change)
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["securityLabel"][0]["coding"][0]["code"] == "MASQUE_PS"
        lifted = replace(f"{ROOT}/securityLabel[coding/code/@value='MASQUE_PS']", masked.format(NORMAL, "N"))
        assert (await xml_patch(holder, place, lifted)).status_code == 200
        assert [one["coding"][0]["code"] for one in (await holder.get(place)).json()["securityLabel"]] == ["N"]


async def test_a_label_by_its_number_where_two_stand(carnet: Carnet) -> None:
    """Nobody could say which of them a number means; by what it says it can be named."""
    minor = await opened(carnet, birthDate="2015-04-01")
    depositor, holder = carnet.doctor("810000000002"), carnet.holder(minor)
    one = await depositor.make(document(minor, label="INVISIBLE_REPRESENTANTS_LEGAUX"))
    assert (await holder.patch(f"{ROOT}/{one}", [{"op": "add", "path": "/securityLabel/-", "value": MASK}])).is_success
    place = f"{ROOT}/{one}"
    normal = {"valueCodeableConcept": {"coding": [{"system": NORMAL, "code": "N"}]}}
    numbered = [
        await holder.patch(place, [{"op": "remove", "path": "/securityLabel/0"}]),
        await holder.patch(place, [{"op": "move", "from": "/securityLabel/0", "path": "/securityLabel/-"}]),
        await path_patch(holder, place, at("replace", f"{ROOT}.securityLabel[0]", value=normal)),
        await path_patch(holder, place, at("delete", f"{ROOT}.securityLabel.first()")),
        await xml_patch(holder, place, f'<remove sel="{ROOT}/securityLabel[1]"/>'),
    ]
    assert {reason(answer) for answer in numbered} == {(422, "ambiguous-label")}
    named = at("delete", f"{ROOT}.securityLabel.where(coding.code = 'MASQUE_PS')")
    answer = await path_patch(holder, place, named)
    assert answer.status_code == 200, answer.text
    codes = [label["coding"][0]["code"] for label in answer.json()["securityLabel"]]
    assert "MASQUE_PS" not in codes
    assert "INVISIBLE_REPRESENTANTS_LEGAUX" in codes


async def test_what_a_patch_may_not_change(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    one = await depositor.make(document(record, description="kept"))
    place = f"{ROOT}/{one}"
    before = (await depositor.get(place)).json()
    refused = [
        await path_patch(depositor, place, at("replace", f"{ROOT}.description", value={"valueString": "x"})),
        await path_patch(depositor, place, at("delete", f"{ROOT}.subject")),
        await path_patch(depositor, place, at("replace", f"{ROOT}.id", value={"valueId": "b"})),
        await xml_patch(depositor, place, replace(f"{ROOT}/description/@value", "x")),
        await xml_patch(depositor, place, replace(f"{ROOT}/id/@value", "b")),
        await xml_patch(depositor, place, f'<remove sel="{ROOT}/content"/>'),
        await path_patch(depositor, place, at("replace", f"{ROOT}.status", value={"valueCode": "nope"})),
    ]
    assert [answer.status_code for answer in refused][:5] == [405, 422, 405, 405, 405], [a.text for a in refused]
    assert all(answer.status_code in (400, 405, 422) for answer in refused)
    assert all("allow" in answer.headers for answer in refused if answer.status_code == 405)
    assert (await depositor.get(place)).json() == before
    for own in ("versionId", "lastUpdated"):  # the server's, whatever a patch says
        answer = await path_patch(depositor, place, at("delete", f"{ROOT}.meta.{own}"))
        assert (answer.status_code, answer.json()["meta"]) == (200, before["meta"])
    assert (await path_patch(depositor, "Binary/a.b", at("delete", "Binary.data"))).status_code == 405


async def test_an_empty_patch_changes_nothing_and_tells_nothing(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    place = f"{ROOT}/{await depositor.make(document(record))}"
    before = await depositor.get(place)
    for by in (depositor, carnet.holder(record)):
        for answer in (await by.patch(place, []), await path_patch(by, place), await xml_patch(by, place)):
            assert (answer.status_code, answer.headers["etag"]) == (200, before.headers["etag"]), answer.text
    for by in (pharmacist(carnet), carnet.doctor("810000000077")):
        for answer in (await by.patch(place, []), await path_patch(by, place), await xml_patch(by, place)):
            assert answer.status_code == 404


PROBES = (
    at("delete", f"{ROOT}.relatesTo.where(code = 'appends')"),
    at("replace", f"{ROOT}.relatesTo.where(target.reference.exists()).code", value={"valueCode": "signs"}),
    at("replace", f"{ROOT}.where(relatesTo.exists()).status", value={"valueCode": "current"}),
)


async def test_a_condition_asks_nothing_of_what_its_caller_does_not_see(carnet: Carnet) -> None:
    """A document that points at another which is kept from the holder answers him as one that points at nothing."""
    record, depositor = await a_record(carnet), stranger(carnet)
    holder = carnet.holder(record)
    awaiting = await depositor.make(document(record, label="INVISIBLE_PATIENT"))
    link = [{"code": "appends", "target": {"reference": f"{ROOT}/{awaiting}"}}]
    pointing, plain = await depositor.make(document(record, relatesTo=link)), await depositor.make(document(record))

    def told(answer: httpx.Response) -> Any:
        tree = answer.json()
        differs = ("id", "meta", "content")
        return answer.status_code, {name: value for name, value in tree.items() if name not in differs}

    for probe in PROBES:
        first, second = [told(await path_patch(holder, f"{ROOT}/{one}", probe)) for one in (pointing, plain)]
        assert first == second, probe
    for asking in ("/relatesTo", "/relatesTo[code/@value='appends']/code/@value", "[relatesTo]/status"):
        remove = f'<remove sel="{ROOT}{asking}"/>'
        first, second = [told(await xml_patch(holder, f"{ROOT}/{one}", remove)) for one in (pointing, plain)]
        assert first == second, asking
    assert awaiting in (await depositor.get(f"{ROOT}/{pointing}")).text


async def test_a_list_is_patched_as_its_caller_sees_it(carnet: Carnet) -> None:
    """The entries that he does not see are neither counted nor lost."""
    record, depositor = await a_record(carnet), stranger(carnet)
    treating = carnet.doctor(TREATING)
    hidden = await treating.make(document(record))
    shown = [await depositor.make(document(record)) for _ in range(2)]
    one = await depositor.make(listing(record, *shown))
    place = f"List/{one}"
    first = await path_patch(depositor, place, at("move", "List.entry", source=1, destination=0))
    assert first.status_code == 200, first.text
    found = [entry["item"]["reference"] for entry in first.json()["entry"]]
    assert found == [f"{ROOT}/{shown[1]}", f"{ROOT}/{shown[0]}"]
    over = await path_patch(depositor, place, at("move", "List.entry", source=2, destination=0))
    assert reason(over) == (422, "patch-path")
    assert hidden not in first.text


async def test_a_reduced_patient_answers_no_condition(carnet: Carnet) -> None:
    record, clerk = await a_record(carnet), carnet.professional("810000000098", "60")
    place = f"Patient/{record}"
    known = (await carnet.holder(record).get(place)).json()
    answers = [
        await path_patch(clerk, place, at("delete", f"Patient.name.where(family = '{name}')"))
        for name in (known["name"][0]["family"], "Nobody")
    ]
    answers += [
        await xml_patch(clerk, place, f"<remove sel=\"Patient/birthDate[@value='{date}']\"/>")
        for date in (known["birthDate"], "1900-01-01")
    ]
    assert reason(answers[0]) == reason(answers[1])
    assert reason(answers[2]) == reason(answers[3]) == (422, "patch-path")
    assert (await carnet.holder(record).get(place)).json() == known


async def test_software_says_what_becomes_and_asks_nothing(carnet: Carnet) -> None:
    record, writer = await a_record(carnet), software(carnet)
    place = f"{ROOT}/{await writer.make(document(record))}"
    for form in FORMS:
        for value in ("superseded", "current"):
            answer = await restate(writer, place, form, value)
            assert (answer.status_code, answer.content) == (200, b""), answer.text
    gone = {"valueCode": "entered-in-error"}
    probes = [
        await path_patch(writer, place, at("replace", f"{ROOT}.status.where($this = '{value}')", value=gone))
        for value in ("current", "superseded")
    ]
    probes += [
        await xml_patch(writer, place, replace(f"{ROOT}/status[@value='{value}']/@value", "entered-in-error"))
        for value in ("current", "superseded")
    ]
    probes += [
        await path_patch(writer, place, at("delete", f"{ROOT}.description")),
        await path_patch(writer, place, at("replace", f"{ROOT}.type.text", value={"valueString": "x"})),
        await xml_patch(writer, place, f'<remove sel="{ROOT}/description"/>'),
        await xml_patch(writer, place, f'<add sel="{ROOT}/status" type="@id">x</add>'),
    ]
    assert {reason(answer) for answer in probes} == {(403, "patch-unseen")}
    mark = [{"op": "add", "path": f"/extension[url:'{IS_ARCHIVED}']/valueBoolean", "value": True}]
    assert (await writer.patch(place, mark)).status_code == 200
    assert (await carnet.holder(record).get(place)).json()["status"] == "current"


async def test_a_blocked_depositor_withdraws_in_each_form_and_asks_nothing(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    made = [await depositor.make(document(record, description=form)) for form in FORMS]
    blocking = consent(record, "block", deny(actor(STRANGER)), base=carnet.settings.codesystem_base)
    await carnet.holder(record).make(blocking)
    gone = {"valueCode": "entered-in-error"}
    for one, form in zip(made, FORMS, strict=True):
        place = f"{ROOT}/{one}"
        probes = [
            await path_patch(depositor, place, at("replace", f"{ROOT}.status.where($this='current')", value=gone)),
            await xml_patch(depositor, place, replace(f"{ROOT}/status[@value='current']/@value", "entered-in-error")),
            await xml_patch(depositor, place, f'<remove sel="{ROOT}/nothing"/>'),
            await path_patch(depositor, place),
            await depositor.patch(place, []),
        ]
        assert {reason(answer) for answer in probes} == {(404, "not-found")}
        answer = await restate(depositor, place, form, "entered-in-error", Prefer="return=representation")
        assert (answer.status_code, answer.content) == (200, b""), answer.text
        assert (await carnet.holder(record).get(place)).status_code == 404


async def test_hostile_patches_are_refused_soon(carnet: Carnet) -> None:
    record, depositor = await a_record(carnet), stranger(carnet)
    place = f"{ROOT}/{await depositor.make(document(record))}"
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><diff><remove sel="&b;"/></diff>'
    outside = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><diff><remove sel="&x;"/></diff>'
    kind = {"Content-Type": XML_PATCH}
    for body in (bomb, outside, b"<diff><remove sel='//*[//*[//*]]'/></diff>", b"<diff>" * 5000):
        refused = await depositor.send("PATCH", place, content=body, headers=kind)
        assert refused.status_code == 400, refused.text
    nested = "(" * 400 + "1" + ")" * 400
    for path in (f"{ROOT}.repeat(content)", nested, f"{ROOT}.content.where(" * 30, f"{ROOT}.resolve()"):
        refused = await path_patch(depositor, place, at("delete", path))
        assert refused.status_code == 400, refused.text
        assert refused.json()["issue"][0]["expression"] == ["Parameters.parameter[0]"]


async def test_a_nurses_will_is_patched_by_the_holder_in_each_form(carnet: Carnet) -> None:
    """Types other than documents change by their own rules, whatever the form."""
    record = await a_record(carnet)
    holder = carnet.holder(record)
    provision = {"type": "permit", "actor": [actor(NURSE)], "period": {"start": "2026-01-01", "end": "2030-01-01"}}
    one = await will(holder, record, "authorisation", provision)
    place = f"Consent/{one}"
    end = at("replace", "Consent.provision.period.end", value={"valueDateTime": "2031-01-01"})
    answer = await path_patch(holder, place, end)
    assert (answer.status_code, answer.json()["provision"]["period"]["end"]) == (200, "2031-01-01"), answer.text
    answer = await xml_patch(holder, place, replace("Consent/provision/period/end/@value", "2032-01-01"))
    assert (answer.status_code, answer.json()["provision"]["period"]["end"]) == (200, "2032-01-01"), answer.text
    wrong = await xml_patch(
        holder, place, '<add sel="Consent/provision"><provision><type value="deny"/></provision></add>'
    )
    assert wrong.status_code == 422
    assert (await holder.patch(place, [*relabel("")])).status_code in (400, 422)
