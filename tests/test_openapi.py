"""The OpenAPI document: what it says is what the server does, and generators can read it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest
from fastapi.routing import APIRoute

from app.auth.server import pages
from app.errors import NotAllowed, NotFound, Refusal, Throttled
from app.main import create_app
from app.resources import DEFINITIONS
from app.resources.validation import parse, validate
from app.rest import paths
from app.rest.openapi import BASE, VERSION, document
from app.rest.openapi.components import REFUSALS
from app.settings import Settings
from tests.schema import faults, pointed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

Tree = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "openapi" / "carnet.json"
PUBLISHED = sorted((ROOT / "tests" / "data" / "examples").rglob("*.json"))
CONTENT = {"document", "collection"}
"""Bundles that the server keeps as content and never reads."""
FORM = "application/x-www-form-urlencoded"
METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = document()
OPERATIONS = [
    (method, path, item[method]) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item
]
SCHEMAS: dict[str, Tree] = DOCUMENT["components"]["schemas"]
TYPES = pytest.mark.parametrize("type", DEFINITIONS)
EACH = pytest.mark.parametrize(
    ("method", "path", "told"), OPERATIONS, ids=[told["operationId"] for _, _, told in OPERATIONS]
)


def nodes(tree: object) -> Iterator[Tree]:
    """Every object of a tree."""
    if isinstance(tree, dict):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(child)


def references(tree: object) -> set[str]:
    return {node["$ref"] for node in nodes(tree) if "$ref" in node}


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """The pages that need neither database nor token."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("data")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://carnet.test") as made:
        yield made


async def test_what_is_committed_is_what_is_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    committed = COMMITTED.read_bytes()
    assert answer.content == orjson.dumps(orjson.loads(committed)), "write it again: scripts/openapi"
    assert committed == orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


async def test_the_page_for_people_runs_no_script_and_loads_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", answer.text)
    assert set(re.findall(r'<details id="([^"]+)">', answer.text)) == {told["operationId"] for _, _, told in OPERATIONS}
    assert answer.text.count("<details") == answer.text.count("</details>") == len(OPERATIONS)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION == DOCUMENT["info"]["version"]


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = references(DOCUMENT)
    for reference in used:
        assert pointed(DOCUMENT, reference)
    for section in ("schemas", "parameters", "headers", "responses", "examples"):
        for name in DOCUMENT["components"][section]:
            assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
            assert f"#/components/{section}/{name}" in used, name


def test_names_of_operations_are_unique_and_readable() -> None:
    names = [told["operationId"] for _, _, told in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+[A-Za-z]*", name) and len(name) < 50 for name in names)
    assert {"readPatient", "searchDocumentReference", "askPatientAccess", "postPatientBreakGlass"} <= set(names)


@EACH
def test_an_operation_is_whole(method: str, path: str, told: Tree) -> None:
    assert told["summary"]
    assert set(told["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
    given = [*DOCUMENT["paths"][path].get("parameters", []), *told.get("parameters", [])]
    shown = [pointed(DOCUMENT, one["$ref"]) for one in given]
    keys = [(one["in"], one["name"]) for one in shown]
    assert len(set(keys)) == len(keys)
    assert {name for place, name in keys if place == "path"} == set(re.findall(r"{(\w+)}", path))
    assert all(one["required"] for one in shown if one["in"] == "path")
    assert ("requestBody" in told) is (method in ("post", "put", "patch"))
    assert all(re.fullmatch("[1-5][0-9][0-9]", status) for status in told["responses"])
    answers = [pointed(DOCUMENT, one["$ref"]) if "$ref" in one else one for one in told["responses"].values()]
    assert all(one["description"] for one in answers)


def templates() -> Iterator[str]:
    """Every path that could be one, below the base."""
    yield from (
        "",
        "/metadata",
        "/.well-known/smart-configuration",
        "/Nothing",
        "/_history",
        "/Bundle/$validate",
        "/_search",
        "/$nothing",
        "/Patient/{id}/_search",
        "/DocumentReference/{id}/_search",
    )
    yield from (f"/{type}{end}" for type in paths.PUBLIC_TYPES for end in ("", "/_search", "/{id}", "/{id}/_history"))
    names = {operation.name for definition in DEFINITIONS.values() for operation in definition.acts}
    yield from (f"/${name}" for name in names)
    for type in (*DEFINITIONS, "*"):
        yield from (f"/{holder}/{{id}}/{type}{end}" for holder in ("Patient", "List") for end in ("", "/_search"))
    for type in DEFINITIONS:
        yield from (f"/{type}/${name}" for name in (*names, "nothing"))
        yield from (f"/{type}{end}" for end in ("", "/_search", "/_history", "/{id}", "/{id}/_history"))
        yield f"/{type}/{{id}}/_history/{{vid}}"
        yield from (f"/{type}/$validate", f"/{type}/{{id}}/$validate")
        yield from (f"/{type}{place}/${name}" for place in ("/{id}", "") for name in (*names, "nothing"))


def test_the_document_has_every_route_and_no_other() -> None:
    served = set()
    for template in templates():
        parts = paths.segments(re.sub("[{}]", "", template))
        for method in METHODS:
            try:
                route = paths.resolve(method.upper(), parts)
            except (NotFound, NotAllowed):
                continue
            served.add((method, BASE + template))
            scopes = [f"{route.type}.{letter}" for letter in route.interaction.letters]
            told = DOCUMENT["paths"][BASE + template][method]
            if "requestBody" in told:
                assert told["requestBody"]["required"] is not route.interaction.optional
            public = route.published or route.interaction in (paths.CAPABILITIES, paths.SMART)
            named = [{"bearer": scopes if route.type else []}]
            assert told.get("security", []) == ([] if public else named)
    outside = {("get", "/health/live"), ("get", "/health/ready"), ("get", "/metrics")}
    signing = {
        (m.lower(), one.path) for one in pages.router.routes if isinstance(one, APIRoute) for m in one.methods or ()
    }
    assert served | outside | signing == {(method, path) for method, path, _ in OPERATIONS}


def test_every_route_outside_the_fhir_base_is_told() -> None:
    app = create_app(Settings(data=ROOT / "nowhere"))
    told = {path for _, path, _ in OPERATIONS if not path.startswith(BASE)}
    assert set(app.openapi()["paths"]) <= told


@TYPES
def test_a_search_has_every_parameter_that_is_declared(type: str) -> None:
    definition = DEFINITIONS[type]
    if "search-type" not in definition.interactions:
        return
    asked = [pointed(DOCUMENT, one["$ref"]) for one in DOCUMENT["paths"][f"{BASE}/{type}"]["get"]["parameters"]]
    told = {one["name"]: one["description"] for one in asked}
    for parameter in definition.parameters:
        assert parameter.path in told[parameter.name]
        assert "html" in told[parameter.name]
    assert {"_id", "_lastUpdated", "_include", "_revinclude", "_sort", "_count", "_total", "_cursor"} <= told.keys()


def test_every_refusal_has_its_answer() -> None:
    raised = {int(kind.status) for kind in Refusal.__subclasses__() if kind is not Throttled}
    assert REFUSALS.keys() == raised | {500}
    for name, _, headers in REFUSALS.values():
        answer = DOCUMENT["components"]["responses"][name]
        assert answer["content"]["application/fhir+json"]["schema"] == {"$ref": "#/components/schemas/OperationOutcome"}
        assert set(answer.get("headers", {})) == set(headers)


@TYPES
def test_a_resource_says_its_type_and_lets_everything_else_through(type: str) -> None:
    schema = SCHEMAS[type]
    assert schema["properties"]["resourceType"] == {"type": "string", "const": type}
    assert "resourceType" in schema["required"]
    assert schema["required"] == [name for name in schema["required"] if name in schema["properties"]]
    assert 3 < len(schema["properties"]) < 26


def test_no_schema_is_what_generators_break_on() -> None:
    for node in nodes(SCHEMAS):
        assert not node.keys() & {"oneOf", "anyOf", "allOf", "not", "discriminator"}
        if "properties" in node:
            assert node["additionalProperties"] is True
            assert not any(name.startswith("_") for name in node["properties"])
    for name in SCHEMAS:
        assert name not in reached(name)


def test_every_form_is_the_one_that_generators_can_read() -> None:
    bodies = [told["requestBody"]["content"] for _, _, told in OPERATIONS if "requestBody" in told]
    forms = [content[FORM]["schema"] for content in bodies if FORM in content]
    assert forms
    names = {schema["$ref"].rpartition("/")[2] for schema in forms}
    assert names == {"SearchForm", "OAuthForm"}
    assert all(SCHEMAS[name].keys() == {"type", "description"} for name in names)


def reached(name: str) -> set[str]:
    """Names of all schemas that a schema leads to."""
    found: set[str] = set()
    left = [name]
    while left:
        new = {one.rpartition("/")[2] for one in references(SCHEMAS[left.pop()])} - found
        found |= new
        left += new
    return found


def media() -> Iterator[tuple[str, Tree, object]]:
    """Each example of a body, by its name, with the schema of that body."""
    for node in nodes(DOCUMENT):
        for name in node.get("examples", {}) if "schema" in node else ():
            yield name, node["schema"], DOCUMENT["components"]["examples"][name]["value"]


def test_every_example_is_of_the_schema_beside_it() -> None:
    seen = set()
    for name, schema, value in media():
        assert list(faults(DOCUMENT, schema, value)) == [], name
        seen.add(name)
    assert seen == set(DOCUMENT["components"]["examples"])


@TYPES
def test_an_example_of_each_type_is_taken_by_the_server(type: str) -> None:
    base = Settings(data=ROOT).codesystem_base
    value = DOCUMENT["components"]["examples"][type]["value"]
    validate(DEFINITIONS[type], parse(orjson.dumps(value)), base)
    if "search-type" in DEFINITIONS[type].interactions:
        assert value.keys() <= SCHEMAS[type]["properties"].keys() | {"description", "extension", "policy"}


def test_the_resources_of_the_opening_are_taken_by_the_server() -> None:
    entries = DOCUMENT["components"]["examples"]["Opening"]["value"]["entry"]
    for entry in entries:
        tree = entry["resource"]
        validate(DEFINITIONS[tree["resourceType"]], parse(orjson.dumps(tree)), Settings(data=ROOT).codesystem_base)
    assert len(entries) == 4


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_published_example_is_of_its_schema(path: Path) -> None:
    value = orjson.loads(path.read_bytes())
    if value["resourceType"] == "Bundle" and value["type"] in CONTENT:
        return
    assert list(faults(DOCUMENT, SCHEMAS.get(value["resourceType"], SCHEMAS["Resource"]), value)) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"status": "nope"}, "$.status"),
        ({"status": None}, "$.status"),
        ({"resourceType": "Patient"}, "$.resourceType"),
        ({"content": []}, "$.content"),
        ({"content": [{"attachment": {"size": "12"}}]}, "$.content[0].attachment.size"),
        ({"subject": "Patient/1"}, "$.subject"),
        ({"date": "yesterday"}, "$.date"),
    ],
)
def test_a_wrong_body_is_not_of_its_schema(change: Tree, place: str) -> None:
    value = {**DOCUMENT["components"]["examples"]["DocumentReference"]["value"], **change}
    found = list(faults(DOCUMENT, SCHEMAS["DocumentReference"], value))
    assert {fault.partition(": ")[0] for fault in found} == {place}
