"""The sample record of a sandbox: made through the API by real callers, with lines to paste that show who sees what.

Its holder is a test identity (INS test system, right key). It is found again by its INS; each step of its making is one
that may be done twice, so that a making that was cut short is finished by the next.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.access import IDNPS
from app.auth import mint
from app.auth.keys import SigningKeys
from app.loading import reason
from app.resources import ins, labels

if TYPE_CHECKING:
    import httpx

    from app.resources.definition import Resource
    from app.settings import Settings

NIR = "279035121518989"
TTL = 8 * 3600
"""Seconds that the tokens of the printed lines live: a day's work."""
LOINC = "http://loinc.org"
CLASSES = "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument"
IRCP = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}
CALLERS: dict[str, mint.Claims] = {
    "DOCTOR": mint.professional("899700218896", specialty="SM54", structure="1750000001", name="Dominique Médecin"),
    "PHARMACIST": mint.professional("899700218904", profession="21", structure="1750000002", name="Camille Officine"),
    "DENTIST": mint.professional("899700218912", profession="40", structure="1750000003", name="Claude Dentiste"),
    "NURSE": mint.professional("899700218920", profession="60", structure="1750000004", name="Alix Infirmier"),
    "REGULATOR": mint.professional(
        "899700218938", structure="1750000015", purpose="ETREAT", regulator=True, name="Maxime Régulateur"
    ),
}
"""Everybody but the holder, by the name of the shell variable that carries his token."""


class NotMadeError(RuntimeError):
    """A step of the sample was refused; the message says which, with status and reason."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the sample: LOINC type, class (TRE_A03), title, visibility code or "" and a last number."""

    type: str
    klass: str
    title: str
    label: str
    number: int


DOCUMENTS = (
    Document("11488-4", "10", "Compte rendu de consultation", "", 1),
    Document("57833-6", "42", "Prescription de médicaments", "", 2),
    Document("11502-2", "31", "Résultat d'examen, à annoncer", labels.ANNOUNCEMENT, 3),
    Document("34133-9", "10", "Synthèse de suivi, masquée", labels.MASKED, 4),
)
"""The last one is deposited last: where it is, the sample is whole."""


@dataclass
class Maker:
    """Speaks HTTP as one caller after another."""

    settings: Settings
    http: httpx.Client
    keys: SigningKeys

    def ask(self, claims: mint.Claims, method: str, path: str, tree: Resource | None = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """One request; the JSON of its answer, or NotMadeError."""
        token = mint.mint(self.keys, self.settings, claims, TTL)
        given = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"} | headers
        answer = self.http.request(method, f"/fhir/{path}".rstrip("/"), json=tree, headers=given)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            step = f"{method} {path.partition('?')[0] or 'transaction'}"
            raise NotMadeError(f"{step} was answered {answer.status_code} {_reason(answer)}")
        return answer.json() if answer.content else {}


def _reason(answer: httpx.Response) -> str:
    return reason(answer.json()) if answer.headers.get("content-type", "").startswith("application/fhir") else ""


def make(settings: Settings, http: httpx.Client) -> str:
    """Make the sample record unless it is there; returns its Patient id. `http` reaches the running server.

    Raises:
        NotMadeError: the server refused a step.
    """
    maker = Maker(settings, http, SigningKeys.load(settings.data))
    record = _record(maker)
    if not _is_whole(maker, record):
        _relations(maker, record)
        for document in DOCUMENTS:
            maker.ask(CALLERS["DOCTOR"], "POST", "DocumentReference", _document(record, document))
    return record


def _record(maker: Maker) -> str:
    found = maker.ask(CALLERS["DOCTOR"], "GET", f"Patient?identifier={quote(f'{ins.TEST}|{NIR}')}")
    matches = [one["resource"] for one in found.get("entry", []) if one["search"]["mode"] == "match"]
    if matches:
        return str(matches[0]["id"])
    answer = maker.ask(CALLERS["DOCTOR"], "POST", "", opening(maker.settings.codesystem_base))
    return str(answer["entry"][0]["response"]["location"].split("/")[1])


def _is_whole(maker: Maker, record: str) -> bool:
    last = f"DocumentReference?patient={record}&identifier={quote(_master(DOCUMENTS[-1])['value'])}"
    found = maker.ask(CALLERS["DOCTOR"], "GET", last)
    return any(one["search"]["mode"] == "match" for one in found.get("entry", []))


def _relations(maker: Maker, record: str) -> None:
    """The treating physician, the pharmacist whom the holder authorises, the dentist whom he blocks."""
    doctor, holder = CALLERS["DOCTOR"], mint.holder(record)
    state = maker.ask(doctor, "GET", f"Patient/{record}/$access")
    if not any(one["name"] == "treatingPhysician" and one["valueBoolean"] for one in state["parameter"]):
        maker.ask(doctor, "POST", f"Patient/{record}/$declare-treating-physician")
    base = maker.settings.codesystem_base
    for category, kind, name in (("authorisation", "permit", "PHARMACIST"), ("block", "deny", "DENTIST")):
        number = _number(CALLERS[name])
        tree = consent(f"Patient/{record}", category, base, {"type": kind, "actor": [_actor(number)]})
        tree["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": _urn(f"{category}.{number}")}]
        condition = f"identifier={quote(tree['identifier'][0]['value'])}"
        maker.ask(holder, "POST", "Consent", tree, **{"If-None-Exist": condition})


def _number(claims: mint.Claims) -> str:
    return str(claims["sub"])


def _actor(number: str) -> Resource:
    """A professional by his national number, as an actor of a provision."""
    reference = {"type": "Practitioner", "identifier": {"system": IDNPS, "value": number}}
    return {"role": {"coding": [IRCP]}, "reference": reference}


def opening(base: str) -> Resource:
    """The transaction that opens a record: the Patient, and his express consent."""
    holder = "urn:uuid:00000000-0000-4000-8000-000000000001"
    patient: Resource = {
        "resourceType": "Patient",
        "identifier": [{"use": "official", "system": ins.TEST, "value": NIR}],
        "name": [{"use": "official", "family": "PAT-TROIS", "given": ["DOMINIQUE"]}],
        "gender": "female",
        "birthDate": "1979-03-05",
    }
    trees = ((holder, patient), ("urn:uuid:00000000-0000-4000-8000-000000000002", consent(holder, "opening", base)))
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": tree, "request": {"method": "POST", "url": tree["resourceType"]}}
            for url, tree in trees
        ],
    }


def consent(holder: str, category: str, base: str, provision: Resource | None = None) -> Resource:
    """A Consent of a category of ours; `base` is the canonical base of our CodeSystems."""
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    tree: Resource = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [scope]},
        "category": [{"coding": [{"system": f"{base}/CodeSystem/record-consent", "code": category}]}],
        "patient": {"reference": holder},
        "performer": [{"reference": holder}],
        "dateTime": "2026-01-05",
        "policy": [{"uri": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000043497489"}],
    }
    return tree | ({"provision": provision} if provision else {})


def _document(record: str, document: Document) -> Resource:
    coding = {"system": labels.CONFIDENTIALITY, "code": labels.NORMAL}
    if document.label:
        coding = {"system": labels.VISIBILITY, "code": document.label}
    text = f"{document.title}. Document d'exemple, sans donnée réelle.\n"
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": _master(document),
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": document.type}]},
        "category": [{"coding": [{"system": CLASSES, "code": document.klass}]}],
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-01-05T10:00:00+01:00",
        "description": document.title,
        "securityLabel": [{"coding": [coding]}],
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(text.encode()).decode()}}],
    }


def _master(document: Document) -> dict[str, str]:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:5a3d1e00-0000-4000-8000-{document.number:012d}"}


def _urn(name: str) -> str:
    return f"urn:carnet:sample:{name}"


def lines(settings: Settings, record: str) -> str:
    """Shell lines to paste: a token for each caller, and what each may ask."""
    keys = SigningKeys.load(settings.data)
    callers = CALLERS | {"HOLDER": mint.holder(record)}
    tokens = [f"{name}={mint.mint(keys, settings, claims, TTL)}" for name, claims in callers.items()]
    base = settings.fhir_base
    documents = f"{base}/DocumentReference?patient={record}"
    counted, breaking = f"{documents}&_total=accurate", f"{base}/Patient/{record}/$break-glass"
    asked = (
        ("the treating physician reads every document, the masked one too", "DOCTOR", documents),
        ("the pharmacist, authorised, does not see the masked one, nor does his total count it", "PHARMACIST", counted),
        ("the dentist whom the holder blocked sees nothing", "DENTIST", documents),
        ("the regulator of the SAMU reads without an authorisation", "REGULATOR", documents),
        (
            f"the nurse has none, and may break the glass: with a reason, for {settings.window_hours} hours",
            "NURSE",
            breaking,
        ),
        ("now the nurse reads", "NURSE", documents),
        ("the holder does not see what awaits its announcement", "HOLDER", documents),
        ("and reads the journal of all of it", "HOLDER", f"{base}/AuditEvent?patient={record}&_sort=-date"),
    )
    said = [f"# {what}\n{_curl(name, url)}" for what, name, url in asked]
    head = f"Sample record Patient/{record}. Paste these lines; the tokens live for {TTL // 3600} hours.\n"
    return "\n".join([head, *tokens, "", *said])


def _curl(name: str, url: str) -> str:
    line = f"curl -s -H \"Authorization: Bearer ${name}\" '{url}'"
    if not url.endswith("$break-glass"):
        return line
    body = '{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"inconsciente, risque immédiat"}]}'
    return f"{line} -H 'Content-Type: application/fhir+json' -d '{body}'"
