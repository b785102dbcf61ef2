"""What the server publishes of itself: public, FHIR's own, found by what it says, and true of the build."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BadValue, Unsupported
from app.resources import DEFINITIONS, consent, profiles
from app.resources.structure import survey
from app.resources.validation import parse
from app.rest import xml
from app.rest.conformance.parameters import expression
from app.rest.conformance.search import COMMON, MORE, parameters
from app.rest.paths import PUBLIC_TYPES
from app.rest.reasons import REASONS
from app.rest.summary import known_types
from app.settings import Settings
from app.storage import search
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from app.storage.embedded import Urls
    from tests.serving import Carnet, Tree

BASE = "https://carnet.example/fhir"
EACH = pytest.mark.parametrize("type", PUBLIC_TYPES)


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("conformance")) as made:
        yield made


@pytest.fixture(scope="module")
def client(carnet: Carnet) -> httpx.AsyncClient:
    """Whoever asks: no token goes along."""
    return carnet.http


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.get(f"/fhir/{path}", headers=lines)


async def found(client: httpx.AsyncClient, path: str) -> list[Tree]:
    answer = await get(client, path)
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json().get("entry", []) if one["search"]["mode"] == "match"]


def model(tree: Tree) -> Any:
    kind = tree["resourceType"]
    return getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)


@EACH
async def test_everything_published_is_fhir(client: httpx.AsyncClient, type: str) -> None:
    held = await found(client, f"{type}?_count=200")
    assert held
    for tree in held:
        alone = await get(client, f"{type}/{tree['id']}")
        assert alone.json() == tree
        assert survey(parse(alone.content)).issues == []
        model(tree).model_validate(tree)
        assert (tree["resourceType"], tree["status"], tree["url"]) == (type, "active", f"{BASE}/{type}/{tree['id']}")
        assert alone.headers["etag"] == f'W/"{tree["meta"]["versionId"]}"'


@EACH
async def test_it_is_told_in_xml_as_well(client: httpx.AsyncClient, type: str) -> None:
    one = (await found(client, f"{type}?_count=1"))[0]
    answer = await get(client, f"{type}/{one['id']}", accept="application/fhir+xml")
    assert answer.headers["content-type"] == "application/fhir+xml; charset=utf-8"
    assert xml.read(answer.content) == one
    answer = await get(client, f"{type}?_format=xml")
    assert xml.read(answer.content)["resourceType"] == "Bundle"


@EACH
async def test_a_client_that_has_it_is_not_told_again(client: httpx.AsyncClient, type: str) -> None:
    one = (await found(client, f"{type}?_count=1"))[0]
    first = await get(client, f"{type}/{one['id']}")
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cache-control"] == "no-cache"
    again = await get(client, f"{type}/{one['id']}", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert (await get(client, f"{type}/{one['id']}", if_none_match='W/"other"')).status_code == 200
    head = await client.head(f"/fhir/{type}/{one['id']}")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


@EACH
async def test_it_is_found_by_what_it_says(client: httpx.AsyncClient, type: str) -> None:
    held = await found(client, f"{type}?_count=200")
    for name, element in (COMMON | MORE[type]).items():
        for tree in held:
            values = tree.get(element, [])
            for value in values if isinstance(values, list) else [values]:
                matches = await found(client, f"{type}?{name}={value}&_count=200")
                assert tree in matches, (name, value)
                assert all(value.casefold() in str(one[element]).casefold() for one in matches)
        assert await found(client, f"{type}?{name}=nothing-of-that-kind") == []
    assert await found(client, f"{type}?status=active,draft&_count=200") == held
    assert await found(client, f"{type}?status:not=active") == []
    assert await found(client, f"{type}?status=active&name=nothing") == []


async def test_modifiers_of_each_type_of_parameter(client: httpx.AsyncClient) -> None:
    assert [one["id"] for one in await found(client, "CodeSystem?name:contains=KIND")] == ["caller-kind"]
    assert [one["id"] for one in await found(client, "CodeSystem?name=rec")] == ["record-consent"]
    assert await found(client, "CodeSystem?name:exact=recordconsent") == []
    assert len(await found(client, f"CodeSystem?url:below={BASE}")) == 5
    assert [one["id"] for one in await found(client, f"CodeSystem?url:above={BASE}/CodeSystem/reason/x")] == ["reason"]
    for wrong in ("name:below=x", "url:exact=x", "status:text=x", "_id:missing=true"):
        assert (await get(client, f"CodeSystem?{wrong}")).status_code == 400


@EACH
async def test_pages_hold_each_resource_once(client: httpx.AsyncClient, type: str) -> None:
    whole = await found(client, f"{type}?_count=200")
    pages, url = [], f"{type}?status=active&_count=2"
    while url:
        bundle = (await get(client, url)).json()
        assert bundle["total"] == len(whole)
        pages += [one["resource"] for one in bundle["entry"]]
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        assert links["self"].endswith(url.partition("/fhir/")[2] or url)
        url = links.get("next", "").partition("/fhir/")[2]
    assert pages == whole
    counted = (await get(client, f"{type}?_summary=count")).json()
    assert (counted["total"], counted.get("entry")) == (len(whole), None)


@pytest.mark.parametrize("query", ["nothing=1", "_cursor=x", "_count=-1", "_sort=name", "_summary=all", "name=%00"])
async def test_an_impossible_search_is_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await get(client, f"ValueSet?{query}")
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_an_unknown_parameter_is_left_out_for_the_lenient(client: httpx.AsyncClient) -> None:
    bundle = (await get(client, "ValueSet?nothing=1&status=active", prefer="handling=lenient")).json()
    assert bundle["link"][0]["url"].endswith("/fhir/ValueSet?status=active")
    assert [one["search"]["mode"] for one in bundle["entry"]][-1] == "outcome"
    assert "nothing" in bundle["entry"][-1]["resource"]["issue"][0]["diagnostics"]


async def test_a_part_of_it(client: httpx.AsyncClient) -> None:
    short = (await get(client, "CodeSystem/reason?_summary=true")).json()
    assert "concept" not in short
    assert short["meta"]["tag"][0]["code"] == "SUBSETTED"
    some = (await get(client, "CodeSystem/reason?_elements=url")).json()
    assert {"url", "status", "content"} <= some.keys()
    assert set(PUBLIC_TYPES) <= known_types().keys()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "CodeSystem/nothing", 404),
        ("GET", "CodeSystem/reason/_history", 404),
        ("GET", "ConceptMap/x", 404),
        ("POST", "CodeSystem", 405),
        ("PUT", "CodeSystem/reason", 405),
        ("PATCH", "CodeSystem/reason", 405),
        ("DELETE", "CodeSystem/reason", 405),
        ("GET", "CodeSystem?_format=html", 406),
        ("GET", "metadata?mode=all", 400),
    ],
)
async def test_what_is_not_served(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await client.request(method, f"/fhir/{path}", headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_the_codes_are_those_that_the_server_says(client: httpx.AsyncClient) -> None:
    codes = {one["id"]: {c["code"] for c in one["concept"]} for one in await found(client, "CodeSystem")}
    assert REASONS.keys() <= codes["reason"]
    assert codes["record-consent"] == set(consent.Category)
    assert codes["operation"] == {"validate", *(o.name for d in DEFINITIONS.values() for o in d.acts)}
    refused = (await get(client, "ValueSet?nothing=1")).json()
    system = (
        refused["issue"][0].get("details", {}).get("coding", [{"system": f"{BASE}/CodeSystem/reason"}])[0]["system"]
    )
    assert system == f"{BASE}/CodeSystem/reason"


async def test_the_bindings_of_our_profiles_are_published(client: httpx.AsyncClient) -> None:
    sets = {one["url"] for one in await found(client, "ValueSet?_count=200")}
    bound = set()
    for tree in await found(client, "StructureDefinition?_count=200"):
        own = profiles.known(tree["url"], BASE)[0]
        assert own.type == tree["type"]
        bound |= {e["binding"]["valueSet"] for e in tree["differential"]["element"] if "binding" in e}
    assert bound
    assert bound <= sets


async def test_our_search_parameters_are_those_that_the_statement_names(client: httpx.AsyncClient) -> None:
    statement = (await get(client, "metadata")).json()
    named = {
        one["definition"]
        for resource in statement["rest"][0]["resource"]
        for one in resource.get("searchParam", [])
        if one.get("definition", "").startswith(BASE)
    }
    published = await found(client, "SearchParameter?_count=200")
    assert named == {one["url"] for one in published}
    told = {one["code"]: one["expression"] for one in published}
    assert told["purpose-of-use"] == "AuditEvent.purposeOfEvent | AuditEvent.agent.purposeOfUse"


def test_a_path_as_fhirpath() -> None:
    assert expression("Patient", "exists(deceased)") == "Patient.deceased.exists()"
    assert expression("Patient", "telecom[system=phone]") == "Patient.telecom.where(system='phone')"
    assert expression("List", "extension[url=https://a.b/c].valueBoolean") == (
        "List.extension.where(url='https://a.b/c').valueBoolean"
    )


async def test_the_statement_names_guides_and_profiles(client: httpx.AsyncClient) -> None:
    statement = (await get(client, "metadata")).json()
    model(statement).model_validate(statement)
    assert {one.rpartition("/")[2] for one in statement["instantiates"]} >= {
        "IHE.MHD.DocumentResponder",
        "IHE.MHD.DocumentRecipient.Comprehensive",
        "PDSm-GestionnaireDePartageDeDocuments",
    }
    assert any("smart-app-launch" in one for one in statement["implementationGuide"])
    for resource in statement["rest"][0]["resource"]:
        for url in resource.get("supportedProfile", []):
            assert [one.type for one in profiles.known(url, BASE)] == [resource["type"]]
    types = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert f"{BASE}/StructureDefinition/consent-block" in types["Consent"]["supportedProfile"]
    for type in PUBLIC_TYPES:
        assert [one["code"] for one in types[type]["interaction"]] == ["read", "search-type"]
        assert {one["name"]: one["type"] for one in types[type]["searchParam"]} == parameters(type)


R4 = json.loads((Path(__file__).parent / "data" / "search_urls.json").read_text(encoding="utf-8"))
MODIFIERS = ("missing", "exact", "contains", "text", "not", "above", "below", "in", "not-in", "of-type", "identifier")
IMAGE = "image/png"
JDV = "https://mos.esante.gouv.fr/NOS/JDV_J07-XdsTypeCode-CISIS/FHIR/JDV-J07-XdsTypeCode-CISIS"
SAID = {"missing": "true", "of-type": "s|c|v", "in": JDV, "not-in": JDV, "identifier": "s|v"}
SETTINGS = Settings(data=Path("unused"))
OF_ALL = ("_id", "_lastUpdated", "_profile", "_security", "_source", "_tag")


async def resources_of(client: httpx.AsyncClient) -> dict[str, Tree]:
    statement = (await get(client, "metadata")).json()
    return {one["type"]: one for one in statement["rest"][0]["resource"] if one["type"] in DEFINITIONS}


def parts(documentation: str) -> dict[str, list[str]]:
    """What is said of a parameter: its modifiers, prefixes and chains."""
    pairs = [one.partition(": ") for one in documentation.split("; ") if one]
    return {name: value.split(", ") for name, _, value in pairs}


def taken(type: str, name: str, value: str) -> bool:
    """Whether the search of a type takes a parameter."""
    try:
        search.parse(DEFINITIONS[type], [(name, value)], strict=True, settings=SETTINGS)
    except BadValue:
        return True  # the parameter is known, and that is no value of it
    except Unsupported as refusal:
        return "value set" in str(refusal) or "not known of that code system" in str(refusal)
    return True


async def test_the_statement_says_what_a_search_takes_and_nothing_else(client: httpx.AsyncClient) -> None:
    """Every parameter, modifier, prefix and chain that the search itself knows is named, and no other."""
    for type, told in (await resources_of(client)).items():
        own = {one["name"]: one for one in told.get("searchParam", [])}
        assert not own or own.keys() >= {*R4[type], *OF_ALL}, type
        for name, one in own.items():
            if name in R4[type]:
                assert one["definition"] == f"http://hl7.org/fhir/SearchParameter/{R4[type][name]}"
            said = parts(one.get("documentation", ""))
            value = "a$b" if one["type"] == "composite" else IMAGE
            assert taken(type, name, value), (type, name)
            known = [m for m in MODIFIERS if taken(type, f"{name}:{m}", SAID.get(m, value))]
            types = [kind for kind in (*DEFINITIONS, "Device", "Group") if taken(type, f"{name}:{kind}", f"{kind}/x")]
            assert {m for m in said.get("modifiers", []) if m[:1].islower()} == set(known), (type, name)
            assert {*types} <= {*said.get("modifiers", [])}, (type, name)
            through = [kind for kind in DEFINITIONS if taken(type, f"{name}:{kind}._id", "x")]
            assert set(said.get("chains through", [])) == set(through), (type, name)
            assert ("prefixes" in said) == (one["type"] == "date")


async def test_the_statement_says_what_a_search_brings_along(client: httpx.AsyncClient) -> None:
    every = [f"{type}:{one.name}" for type, definition in DEFINITIONS.items() for one in definition.parameters]
    for type, told in (await resources_of(client)).items():
        if "search-type" not in {one["code"] for one in told["interaction"]}:
            assert not {"searchParam", "searchInclude", "searchRevInclude"} & told.keys()
            continue
        assert {one for one in every if taken(type, "_include", one)} == {*told.get("searchInclude", []), "*"} - {"*"}
        assert {one for one in every if taken(type, "_revinclude", one)} == {*told["searchRevInclude"]} - {"*"}
        assert taken(type, "_include", "*")
        assert taken(type, "_revinclude", "*")


async def test_the_statement_says_where_conditions_are_taken(carnet: Carnet) -> None:
    """A flag is true where the condition is looked at: what it then says of the caller or of no match is no 405."""
    doctor = carnet.doctor()
    statement = (await doctor.get("metadata")).json()["rest"][0]
    for told in (one for one in statement["resource"] if one["type"] in DEFINITIONS):
        type = told["type"]
        put = await doctor.put(f"{type}?_id=x", {})
        assert (put.status_code != 405) == told["conditionalUpdate"], type
        delete = await doctor.delete(f"{type}?_id=none-such")
        assert (delete.status_code != 405) == (told["conditionalDelete"] == "single"), type
        post = await doctor.post(type, {}, headers={"If-None-Exist": "_id=x"})
        assert (post.status_code != 405) == ("create" in {one["code"] for one in told["interaction"]})
        assert told["conditionalCreate"] == ("create" in {o["code"] for o in told["interaction"]} and type != "Binary")
    ways = {one["url"]: one["valueUri"] for one in statement["security"]["extension"][0]["extension"]}
    smart = (await doctor.get(".well-known/smart-configuration")).json()
    assert (ways["token"], ways["authorize"]) == (smart["token_endpoint"], smart["authorization_endpoint"])
    assert statement["security"]["cors"] is True


def test_the_checklist_names_tests_that_are_there() -> None:
    root = Path(__file__).parents[1]
    text = (root / "docs" / "checklist.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)::(test_\w+)`", text)
    assert len(named) > 80
    for module, test in named:
        assert f"def {test}(" in (root / "tests" / f"test_{module}.py").read_text(encoding="utf-8"), (module, test)
    assert all((root / path).exists() for path in re.findall(r"`(tests/\w+\.py)`", text))


async def test_the_statement_of_terminology(client: httpx.AsyncClient) -> None:
    plain = await get(client, "metadata")
    for mode in ("full", "normative"):
        assert (await get(client, f"metadata?mode={mode}")).content == plain.content
    answer = await get(client, "metadata?mode=terminology")
    told = answer.json()
    model(told).model_validate(told)
    assert survey(parse(answer.content)).issues == []
    systems = {one["url"] for one in await found(client, "CodeSystem")}
    assert {one["uri"] for one in told["codeSystem"]} == systems
    assert (await get(client, "metadata?mode=terminology", if_none_match=answer.headers["etag"])).status_code == 304
    in_xml = await get(client, "metadata?mode=terminology", accept="application/fhir+xml")
    assert xml.read(in_xml.content) == told
