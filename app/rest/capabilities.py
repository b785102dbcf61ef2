"""What the server can do: CapabilityStatement and SMART configuration, the same for every caller and made once."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import orjson

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Search
from app.rest.answer import Answer
from app.rest.conditions import TAG
from app.rest.definitions import definitions
from app.rest.formats import FHIR_XML, Format
from app.rest.xml import write

if TYPE_CHECKING:
    from app.resources.definition import Definition, Parameter
    from app.rest.request import Request
    from app.settings import Settings

Tree = dict[str, Any]
REVISED = "2026-11-22"
"""Date of the last change to what the statement says."""
SECURITY = {
    "service": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                    "display": "SMART-on-FHIR",
                }
            ]
        }
    ],
    "description": "every request but this one carries a bearer token of SMART App Launch 2.2",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A public answer made once: its bytes, media type ("" for FHIR), entity tag, and for FHIR the same in XML."""

    body: bytes
    content_type: str
    tag: str
    xml: bytes

    @classmethod
    def of(cls, tree: Tree, content_type: str = "") -> Known:
        """The answer that shows a tree; its tag changes with its content."""
        body = orjson.dumps(tree)
        return cls(body, content_type, blake2b(body, digest_size=12).hexdigest(), b"" if content_type else write(body))


def shown(request: Request, known: Known) -> Answer:
    """200, or 304 when the client has it. Any web page may read it (SMART App Launch 2.2, CORS)."""
    if not known.content_type:
        request.check_format()
    ready = known.xml and not request.pretty and request.format is Format.XML
    answer = Answer(
        HTTPStatus.OK,
        known.xml if ready else known.body,
        version_id=known.tag,
        content_type=FHIR_XML if ready else known.content_type,
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"},
        cacheable=True,
    )
    if known.tag in TAG.findall(request.header(b"if-none-match")):
        answer.status, answer.body = HTTPStatus.NOT_MODIFIED, b""
    return answer


def statement(settings: Settings) -> Known:
    """CapabilityStatement of this server (capabilitystatement.html)."""
    base = settings.fhir_base
    return Known.of(
        {
            "resourceType": "CapabilityStatement",
            "id": "carnet",
            "url": f"{base}/metadata",
            "version": _version(),
            "name": "Carnet",
            "title": "Carnet",
            "status": "active",
            "date": REVISED,
            "kind": "instance",
            "software": {"name": "Carnet", "version": _version()},
            "implementation": {"description": "shared health record", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["json", "application/fhir+json", "xml", "application/fhir+xml"],
            "patchFormat": ["application/json-patch+json", "application/fhir+json", "application/fhir+xml"],
            "rest": [
                {
                    "mode": "server",
                    "security": SECURITY,
                    "resource": [_resource(d, settings) for d in DEFINITIONS.values()],
                    "interaction": [{"code": "transaction"}, {"code": "batch"}],
                }
            ],
        }
    )


def defined(settings: Settings) -> dict[str, Known]:
    """The OperationDefinitions, by id."""
    return {id: Known.of(tree) for id, tree in definitions(settings).items()}


def _version() -> str:
    try:
        return version("carnet")
    except PackageNotFoundError:
        return "0"


def _resource(definition: Definition, settings: Settings) -> Tree:
    served = definition.interactions
    tree: Tree = {
        "type": definition.type,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{definition.type}",
        "interaction": [{"code": code} for code in served],
        "versioning": "versioned-update" if "update" in served or "patch" in served else "versioned",
        "readHistory": "vread" in served,
        "updateCreate": False,
        "conditionalCreate": "create" in served and "search-type" in served,
        "conditionalRead": "full-support",
        "conditionalUpdate": "update" in served,
        "conditionalDelete": "single" if "delete" in served else "not-supported",
    }
    if "search-type" in served:
        tree |= _search(definition, settings)
    if definition.operations:
        tree["operation"] = [_operation(definition, o.name, settings) for o in definition.operations]
    return tree


def _search(definition: Definition, settings: Settings) -> Tree:
    references = [p for p in definition.parameters if p.type is Search.REFERENCE]
    own = [_parameter(p, settings) for p in (*definition.parameters, *COMMON)]
    always = [{"name": "_id", "type": "token"}, {"name": "_lastUpdated", "type": "date"}]
    includes = [f"{definition.type}:{p.name}" for p in references]
    return {"searchParam": [*always, *own]} | ({"searchInclude": includes} if includes else {})


def _parameter(parameter: Parameter, settings: Settings) -> Tree:
    tree = {"name": parameter.name, "type": str(parameter.type)}
    if parameter.url:
        tree["definition"] = _canonical(parameter.url, settings)
    return tree


def _operation(definition: Definition, name: str, settings: Settings) -> Tree:
    return {"name": name, "definition": _canonical(f"OperationDefinition/{definition.type}-{name}", settings)}


def _canonical(url: str, settings: Settings) -> str:
    return url if "://" in url else f"{settings.codesystem_base}/{url}"


def smart(settings: Settings) -> Known:
    """SMART configuration (SMART App Launch 2.2): tokens are checked here and, so far, made by the operator."""
    tree = {
        "issuer": settings.token_issuer,
        "grant_types_supported": [],
        "code_challenge_methods_supported": [],
        "capabilities": ["permission-patient", "permission-user", "permission-v1", "permission-v2"],
    }
    return Known.of(tree, "application/json")
