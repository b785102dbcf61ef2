"""What the server can do: CapabilityStatement and SMART configuration, the same for every caller and made once."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Any

import orjson

from app.auth.server import discovery
from app.errors import BadValue, Unsupported
from app.resources import DEFINITIONS
from app.resources.guides import MHD, PDSM
from app.resources.profiles import of_guides
from app.resources.profiles.ours import PLACE, own
from app.rest.answer import Answer
from app.rest.conditions import TAG
from app.rest.conformance import REVISED, asking, codes
from app.rest.conformance.search import parameters
from app.rest.formats import FHIR_XML, Format
from app.rest.paths import CAPABILITIES, JSON_PATCH, PUBLIC_TYPES, SYSTEM_OPERATIONS, XML_PATCH
from app.rest.xml import write

if TYPE_CHECKING:
    from app.resources.definition import Definition, Operation
    from app.rest.request import Request
    from app.settings import Settings

Tree = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
MODES = ("full", "normative", "terminology")
"""What `mode` may ask of the statement (http.html section 3.1.0.12); the normative part is not told apart."""
RECIPIENTS = ("", ".Comprehensive", ".UnContained", ".Simplified", ".Generate")
INSTANTIATED = (
    *(f"{MHD}/CapabilityStatement/IHE.MHD.DocumentRecipient{option}" for option in RECIPIENTS),
    f"{MHD}/CapabilityStatement/IHE.MHD.DocumentResponder",
    f"{PDSM}/CapabilityStatement/PDSm-GestionnaireDePartageDeDocuments",
)
"""What the guides ask of a server of its kind, in their own statements."""
GUIDES = (
    f"{MHD}/ImplementationGuide/ihe.iti.mhd|4.2.3",
    f"{PDSM}/ImplementationGuide/ans.fhir.fr.pdsm|3.1.1",
    "http://hl7.org/fhir/smart-app-launch/ImplementationGuide/hl7.fhir.uv.smart-app-launch|2.2.0",
)
"""SMART App Launch has no statement for an authorisation server: its guide is named instead."""
VALIDATE = {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"}
SYSTEM = ("transaction", "batch", "search-system", "history-system")
COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/patient"
TYPES = {"name": "_type", "type": "special", "documentation": "types of a search of the system, joined by commas"}
OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
"""Where tokens are had, as clients read it that know the statement and not `.well-known/smart-configuration`."""
SECURITY: Tree = {
    "cors": True,
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
    "description": "what the server says of itself is for anybody; all else needs a bearer token (SMART 2.2)",
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
            "version": version(),
            "name": "Carnet",
            "title": "Carnet",
            "status": "active",
            "date": REVISED,
            "kind": "instance",
            "instantiates": list(INSTANTIATED),
            "software": {"name": "Carnet", "version": version()},
            "implementation": {"description": "shared health record", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["json", "application/fhir+json", "xml", "application/fhir+xml"],
            "patchFormat": [JSON_PATCH, XML_PATCH, "application/fhir+json", "application/fhir+xml"],
            "implementationGuide": list(GUIDES),
            "rest": [
                {
                    "mode": "server",
                    "security": _security(settings),
                    "resource": [
                        *(_resource(d, settings) for d in DEFINITIONS.values()),
                        {"type": "Bundle", "profile": f"{CORE}Bundle", "operation": [VALIDATE]} | _supported("Bundle"),
                        *(_published(type) for type in PUBLIC_TYPES),
                    ],
                    "interaction": [{"code": code} for code in SYSTEM],
                    "searchParam": [TYPES, *(asking.told("", one, settings) for one in asking.SHARED)],
                    "operation": [_operation("System", one, settings) for one in SYSTEM_OPERATIONS],
                    "compartment": [COMPARTMENT],
                }
            ],
        }
    )


def _security(settings: Settings) -> Tree:
    told = discovery.smart(settings)
    names = ("token", "authorize", "introspect", "revoke")
    members = ("token_endpoint", "authorization_endpoint", "introspection_endpoint", "revocation_endpoint")
    places = [{"url": n, "valueUri": told[member]} for n, member in zip(names, members, strict=True) if member in told]
    return {"extension": [{"url": OAUTH, "extension": places}], **SECURITY}


def terminology(settings: Settings) -> Known:
    """TerminologyCapabilities: the code systems that we publish, and no service on codes."""
    return Known.of(
        {
            "resourceType": "TerminologyCapabilities",
            "id": "carnet",
            "url": f"{settings.fhir_base}/metadata?mode=terminology",
            "version": version(),
            "name": "CarnetTerminology",
            "title": "Carnet",
            "status": "active",
            "date": REVISED,
            "kind": "instance",
            "software": {"name": "Carnet", "version": version()},
            "implementation": {"description": "shared health record", "url": settings.fhir_base},
            "codeSystem": [
                {"uri": tree["url"], "version": [{"code": version(), "isDefault": True}]}
                for tree in codes.systems(settings).values()
            ],
            "codeSearch": "explicit",
        }
    )


def asked(request: Request, known: Known, settings: Settings) -> Answer:
    """The statement, or the SMART configuration; with `mode=terminology` what is said of codes."""
    if request.in_bundle and known.content_type:
        raise Unsupported("a Bundle holds resources, and this is none")
    mode = request.parameter("mode") if request.here.interaction is CAPABILITIES else ""
    if mode and mode not in MODES:
        raise BadValue(f"`mode` must be one of: {', '.join(MODES)}")
    return shown(request, terminology(settings) if mode == "terminology" else known)


def version() -> str:
    """Version of the build."""
    try:
        return installed("carnet")
    except PackageNotFoundError:
        return "0"


def _published(type: str) -> Tree:
    """A type of what is published: read and searched, by anybody."""
    return {
        "type": type,
        "profile": f"{CORE}{type}",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "readHistory": False,
        "updateCreate": False,
        "conditionalCreate": False,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [{"name": name, "type": kind} for name, kind in parameters(type).items()],
    }


def _profiles(definition: Definition, settings: Settings) -> Tree:
    """The profiles by which a resource of a type is judged where it names them: ours, then those of the guides."""
    base = settings.codesystem_base
    return _supported(
        definition.type, *[f"{base}{PLACE}{n}" for n, one in own(base).items() if one.type == definition.type]
    )


def _supported(type: str, *ours: str) -> Tree:
    found = [*ours, *of_guides(type)]
    return {"supportedProfile": found} if found else {}


def _resource(definition: Definition, settings: Settings) -> Tree:
    served = definition.interactions
    tree: Tree = {
        "type": definition.type,
        "profile": f"{CORE}{definition.type}",
        **_profiles(definition, settings),
        "interaction": [{"code": code} for code in served],
        "versioning": "versioned-update" if "update" in served or "patch" in served else "versioned",
        "readHistory": "vread" in served,
        "updateCreate": False,
        "conditionalCreate": "create" in served and "search-type" in served,
        "conditionalRead": "full-support",
        "conditionalUpdate": "update" in served and "search-type" in served,
        "conditionalDelete": "single" if "delete" in served and "search-type" in served else "not-supported",
        "referencePolicy": ["literal", "logical", "resolves", "enforced", "local"],
    }
    if "search-type" in served:
        tree |= asking.of_type(definition, settings)
    tree["operation"] = [*(_operation(definition.type, one, settings) for one in definition.acts), VALIDATE]
    return tree


def _operation(type: str, operation: Operation, settings: Settings) -> Tree:
    url = operation.url or f"OperationDefinition/{type}-{operation.name}"
    return {"name": operation.name, "definition": asking.canonical(url, settings)}


def smart(settings: Settings) -> Known:
    """SMART configuration (SMART App Launch 2.2)."""
    return Known.of(discovery.smart(settings), "application/json")
