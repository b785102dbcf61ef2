"""Rows of the trail as FHIR AuditEvents, in the shape of IHE BALP 1.1.4.

What conforms to a BALP profile says so: a success of an interaction that has one. Refusals follow the same pattern with
another outcome. BALP slices entities by type and allows one of type 2 (system object): documents that a search showed
are entities of type `http://hl7.org/fhir/resource-types#DocumentReference` beside it.

What is searched (`app.storage.journal`) is told by the same functions and tables as what is shown.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus, urlsplit

import orjson

from app.access import IDNPS, IDNST
from app.errors import BadValue
from app.storage.audit import BESIDE, BY_THE_WAY, DENIED, FAILED, SUCCESS
from app.storage.search import token
from app.storage.search.piece import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

    Row = Mapping[str, Any]
    Tree = dict[str, Any]

BALP = "https://profiles.ihe.net/ITI/BALP"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
RESTFUL = "http://hl7.org/fhir/restful-interaction"
EVENT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PURPOSE = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
TRANSACTION_TYPE = f"{BALP}/CodeSystem/BasicAuditEntityType"
URI = "urn:ietf:rfc:3986"
LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
TOKEN_ID = "urn:ietf:params:oauth:jti:"  # noqa: S105 - the name of a claim
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class Code(NamedTuple):
    """One coding."""

    system: str
    code: str
    display: str = ""

    def coding(self) -> Tree:
        """The FHIR Coding."""
        return {"system": self.system, "code": self.code} | ({"display": self.display} if self.display else {})

    def concept(self) -> Tree:
        """A CodeableConcept of this one coding."""
        return {"coding": [self.coding()]}


REST = Code(EVENT_TYPE, "rest", "RESTful Operation")
OPERATION = Code(RESTFUL, "operation")
_AUTHENTICATION = Code(DCM, "110114", "User Authentication")
SPECIAL: dict[str, tuple[Code, Code]] = {
    "$break-glass": (Code(DCM, "110113", "Security Alert"), Code(DCM, "110127", "Emergency Override Started")),
    "login": (_AUTHENTICATION, Code(DCM, "110122", "Login")),
    "logout": (_AUTHENTICATION, Code(DCM, "110123", "Logout")),
    "token": (_AUTHENTICATION, Code("urn:ihe:event-type-code", "ITI-71", "Get Access Token")),
    "revoke": (_AUTHENTICATION, Code(DCM, "110123", "Logout")),
    "$end-break-glass": (Code(DCM, "110113", "Security Alert"), Code(DCM, "110138", "Emergency Override Stopped")),
    "$journal": (Code(DCM, "110106", "Export"), Code(LIFECYCLE, "disclose", "Disclose")),
    "account": (Code(DCM, "110113", "Security Alert"), Code(DCM, "110137", "User security Attributes Changed")),
    "software": (Code(DCM, "110113", "Security Alert"), Code(DCM, "110129", "Security Configuration")),
}
"""Type and subtype of the acts that are not plain REST."""

HISTORIES = frozenset({"history-type", "history-system"})
SEARCHES = frozenset({"search-type", "search-system", *HISTORIES})
VERSIONED = frozenset({"vread", "create", "update", "patch"})
"""Interactions whose data entity names the version (BALP Update)."""

PROFILES = {
    "create": "Create",
    "read": "Read",
    "vread": "Read",
    "update": "Update",
    "patch": "Update",
    "delete": "Delete",
    "search-type": "Query",
    "search-system": "Query",
}

_SOURCE = Code(DCM, "110153", "Source Role ID")
_DESTINATION = Code(DCM, "110152", "Destination Role ID")
_APPLICATION = Code(DCM, "110150", "Application")
_CUSTODIAN = Code("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "custodian", "Custodian")
_RECIPIENT = Code(PARTICIPATION, "IRCP", "information recipient")
_AUTHOR = Code(PARTICIPATION, "AUT", "author (originator)")
_PROVIDER = Code("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PROV", "healthcare provider")

_ALERT = Code(DCM, "110113", "Security Alert")
_AUTHZ = Code(f"{BALP}/CodeSystem/AuthZsubType", "AuthZ-Consent")
_DECIDER = Code("http://terminology.hl7.org/CodeSystem/extra-security-role-type", "authserver", "authorization server")
WHOLE = 4
"""Agents of a decision: client, person, structure, and who decided."""

PATIENT_TYPE = Code(ENTITY_TYPE, "1", "Person")
PATIENT_ROLE = Code(ENTITY_ROLE, "1", "Patient")
DATA_TYPE = Code(ENTITY_TYPE, "2", "System Object")
QUERY_ROLE = Code(ENTITY_ROLE, "24", "Query")
OTHER_TYPE = Code(ENTITY_TYPE, "4", "Other")
REPORT_ROLE = Code(ENTITY_ROLE, "3", "Report")
RESOURCE_ROLE = Code(ENTITY_ROLE, "4", "Domain Resource")
DOCUMENT_TYPE = Code(RESOURCE_TYPES, "DocumentReference", "DocumentReference")
REQUEST_TYPE = Code(TRANSACTION_TYPE, "XrequestId")
REPORTS = frozenset({"DocumentReference", "Binary"})

BREAK_GLASS = Code(PURPOSE, "BTG", "break the glass")
EMERGENCY = Code(PURPOSE, "ETREAT", "Emergency Treatment")


def who(key: str, clients: str) -> Tree:
    """Reference to the subject of an `app.access` key; `clients` is the system of client ids.

    A key of three parts holds the system of its identifier.
    """
    kind, _, rest = key.partition("|")
    if kind == "holder":
        return {"reference": f"Patient/{rest}"}
    if kind == "related":
        return {"reference": f"RelatedPerson/{rest}"}
    named, _, value = rest.rpartition("|")
    system = named or {"person": IDNPS, "structure": IDNST}.get(kind, clients)
    return {"identifier": {"system": system, "value": value}}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


LOGICAL = "identifier:"
"""Stands before a name that is no id: an entry of the search column of identifiers."""


def _names(pair: str, hidden: frozenset[str]) -> bool:
    """Whether one parameter names something hidden: an id anywhere in it, or an identifier that it looks for."""
    plain = unquote_plus(pair)
    if any(name in pair or name in plain for name in hidden if not name.startswith(LOGICAL)):
        return True
    parameter, _, value = plain.partition("=")
    if "identifier" not in parameter:
        return False
    return any(LOGICAL + key in hidden for piece in split(value, ",") for key in _keys(parameter, piece))


def _keys(parameter: str, piece: str) -> list[str]:
    with suppress(BadValue):  # a query that was refused
        if parameter.endswith(":of-type"):
            return [token.typed(parameter, piece)]
        return [key for key in token.keys(parameter, piece) if not key.endswith("|")]
    return []


def cleaned(query: str, hidden: frozenset[str]) -> str:
    """The query string without the parameters that name something hidden."""
    if not hidden:
        return query
    return "&".join(pair for pair in query.split("&") if not _names(pair, hidden))


def _shown_outcome(row: Row, *, own: bool) -> tuple[str, str]:
    """Outcome and reason code of a refusal; who looks at his own act learns what he was told, and no more."""
    outcome: str = row["outcome"]
    if not own or outcome == SUCCESS:
        return outcome, row["reason"]
    return (FAILED if outcome == DENIED and row["detail"] != row["reason"] else outcome), row["detail"]


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes AuditEvents for one server: `base` is its FHIR base URL, `codes` the canonical base of our code systems."""

    base: str
    codes: str

    @property
    def clients(self) -> str:
        """System of OAuth client ids."""
        return f"{self.codes}/NamingSystem/client"

    @property
    def operations(self) -> str:
        """CodeSystem of operation names."""
        return f"{self.codes}/CodeSystem/operation"

    @property
    def kinds(self) -> str:
        """CodeSystem of kinds of caller (`app.access.Kind`)."""
        return f"{self.codes}/CodeSystem/caller-kind"

    def render(self, row: Row, hidden: frozenset[str] = frozenset(), *, own: bool = False) -> bytes:
        """The AuditEvent of a row of `app.storage.journal`, or of `audit_event`, as compact JSON.

        `hidden` are the ids of documents that the reader may not know of, and their identifiers, each after `LOGICAL`:
        they are left out of what was shown and of the query. That the act itself may be known is for the caller to
        judge. `own`: the reader is who acted, and is told of a refusal what he was told then; his query is what he
        asked, whatever it names: were it cleaned, it would tell him which names are those of something hidden.
        """
        outcome, reason = _shown_outcome(row, own=own)
        patient = "Patient" if row["record"] else ""
        profile = PROFILES.get(row["interaction"], "") if outcome == SUCCESS else ""
        event: Tree = {"resourceType": "AuditEvent", "id": row["id"]}
        event["meta"] = {"versionId": "1", "lastUpdated": _instant(row["recorded"])}
        if profile:
            event["meta"]["profile"] = [f"{BALP}/StructureDefinition/IHE.BasicAudit.{patient}{profile}"]
        event |= self._kind(row["interaction"])
        event |= {"action": row["action"], "recorded": _instant(row["recorded"]), "outcome": outcome}
        if outcome != SUCCESS and reason:
            event["outcomeDesc"] = reason
        if purposes := list(_purposes(row)):
            event["purposeOfEvent"] = [purpose.concept() for purpose in purposes]
        event["agent"] = list(self._agents(row))
        event["source"] = {"observer": self._server()}
        if entities := list(_entities(row, outcome, hidden, own=own)):
            event["entity"] = entities
        return orjson.dumps(event)

    def decision(self, row: Row, consents: list[str], *, own: bool = False) -> bytes | None:
        """The decision behind an act (BALP AuthZconsent), on these Consents; None where none was made, or none shown.

        The profile is claimed where all is there that it wants: client, person, structure, and a Consent.
        """
        outcome, reason = _shown_outcome(row, own=own)
        if not row["record"] or not row["caller_kind"] or outcome not in {SUCCESS, DENIED}:
            return None
        agents = list(self._deciders(row))
        event: Tree = {"resourceType": "AuditEvent"}
        if consents and len(agents) == WHOLE:
            event["meta"] = {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.AuthZconsent"]}
        event |= {"type": _ALERT.coding(), "subtype": [_AUTHZ.coding()], "action": "E"}
        event |= {"recorded": _instant(row["recorded"]), "outcome": outcome}
        event |= {"outcomeDesc": reason} if reason else {}
        if purposes := list(_purposes(row)):
            event["purposeOfEvent"] = [purpose.concept() for purpose in purposes]
        patient = {"what": {"reference": f"Patient/{row['record']}"}, "type": PATIENT_TYPE.coding()}
        said = [
            {"what": {"reference": f"Consent/{one}"}, "type": Code(RESOURCE_TYPES, "Consent", "Consent").coding()}
            for one in consents
        ]
        event |= {"agent": agents, "source": {"observer": self._server()}}
        return orjson.dumps(event | {"entity": [patient | {"role": PATIENT_ROLE.coding()}, *said]})

    def _deciders(self, row: Row) -> Iterator[Tree]:
        """Who asked, by what software and in which structure, and who decided."""
        if row["client"]:
            client = {"identifier": {"system": self.clients, "value": row["client"]}}
            yield {"type": _APPLICATION.concept(), "who": client, "requestor": False}
        if row["subject"] and not row["subject"].startswith("software|"):
            yield {"type": _RECIPIENT.concept(), **self._person(row), "requestor": True, **_claims(row)}
        if row["structure"] and row["structure"] != row["subject"]:
            structure = _reference(row.get("structure_reference")) | who(row["structure"], self.clients)
            yield {"type": _PROVIDER.concept(), "who": structure, "requestor": False}
        yield {"type": _DECIDER.concept(), "who": self._server(), "requestor": False}

    def _kind(self, interaction: str) -> Tree:
        if interaction in SPECIAL:
            kind, subtype = SPECIAL[interaction]
            return {"type": kind.coding(), "subtype": [subtype.coding()]}
        if interaction.startswith("$"):
            name = Code(self.operations, interaction[1:])
            return {"type": REST.coding(), "subtype": [OPERATION.coding(), name.coding()]}
        return {"type": REST.coding(), "subtype": [Code(RESTFUL, interaction).coding()]}

    def _server(self) -> Tree:
        return {"identifier": {"system": URI, "value": self.base}, "display": "Carnet"}

    def _agents(self, row: Row) -> Iterator[Tree]:
        client, server, user = _roles(row)
        person = bool(row["subject"]) and not row["subject"].startswith("software|")
        yield {
            "type": client.concept(),
            "who": {"identifier": {"system": self.clients, "value": row["client"]}} if row["client"] else _unknown(),
            "requestor": not person,
            "network": {"address": row["address"], "type": "2"} if row["address"] else _unknown(),
        } | ({} if person else _claims(row))
        yield {
            "type": server.concept(),
            "who": self._server(),
            "requestor": False,
            "network": {"address": host(self.base), "type": "1"},
        }
        if person:
            yield {"type": user.concept(), **self._person(row), "requestor": True, **_claims(row)}
        if row["structure"] and row["structure"] != row["subject"]:
            yield {
                "type": _PROVIDER.concept(),
                "who": _reference(row.get("structure_reference")) | who(row["structure"], self.clients),
                "requestor": False,
            }

    def _person(self, row: Row) -> Tree:
        person: Tree = {"role": [role.concept() for role in self._person_roles(row)]}
        person["who"] = _reference(row.get("subject_reference")) | who(row["subject"], self.clients)
        return person | ({"name": row["name"]} if row["name"] else {})

    def _person_roles(self, row: Row) -> Iterator[Code]:
        yield Code(self.kinds, row["caller_kind"])
        for key in (row["profession"], row["specialty"]):
            if key:
                system, _, code = key.partition("|")[2].rpartition("|")
                yield Code(system, code)


def host(base: str) -> str:
    """The name of the server in its base URL."""
    return urlsplit(base).hostname or base


def _reference(reference: str | None) -> Tree:
    return {"reference": reference} if reference else {}


def _unknown() -> Tree:
    return {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}


def _claims(row: Row) -> Tree:
    claims: Tree = {"policy": [TOKEN_ID + row["jti"]]} if row["jti"] else {}
    return claims | ({"purposeOfUse": [Code(PURPOSE, row["purpose"]).concept()]} if row["purpose"] else {})


def _purposes(row: Row) -> Iterator[Code]:
    if row["interaction"] == "$break-glass" or (row["emergency"] and row["reason"] != "regulation"):
        yield BREAK_GLASS
    elif row["emergency"]:
        yield EMERGENCY
    elif row["purpose"]:
        yield Code(PURPOSE, row["purpose"])


def _roles(row: Row) -> tuple[Code, Code, Code]:
    """Types of the client, the server and the user: data flow out of the server on a read, into it otherwise."""
    if row["action"] == "R":
        return _DESTINATION, _SOURCE, _RECIPIENT
    if row["action"] == "D":
        return _APPLICATION, _CUSTODIAN, _AUTHOR
    return _SOURCE, _DESTINATION, (_RECIPIENT if row["interaction"] in SEARCHES else _AUTHOR)


def _entities(row: Row, outcome: str, hidden: frozenset[str], *, own: bool) -> Iterator[Tree]:
    if row["record"]:
        yield _patient(row, outcome)
    yield from _data(row, frozenset() if own else hidden)
    if outcome == SUCCESS:
        for document in row["documents"]:
            if document not in hidden and document != row["resource_id"] and document[:1] != BESIDE:
                what = {"reference": f"DocumentReference/{document}"}
                yield {"what": what, "type": DOCUMENT_TYPE.coding(), "role": REPORT_ROLE.coding()}
    if row["request_id"]:
        yield {"what": {"identifier": {"value": row["request_id"]}}, "type": REQUEST_TYPE.coding()}


def _patient(row: Row, outcome: str) -> Tree:
    what = {"reference": f"Patient/{row['record']}"}
    entity: Tree = {"what": what, "type": PATIENT_TYPE.coding(), "role": PATIENT_ROLE.coding()}
    given = "" if row["detail"] == BY_THE_WAY else row["detail"]
    said = {"rule": row["reason"], "reason": given} if outcome == SUCCESS else {}
    if detail := [{"type": name, "valueString": value} for name, value in said.items() if value]:
        entity["detail"] = detail
    return entity


def _data(row: Row, hidden: frozenset[str]) -> Iterator[Tree]:
    kind: str = row["resource_type"]
    searched = row["interaction"] in SEARCHES
    if kind and not searched:
        role = REPORT_ROLE if kind in REPORTS else RESOURCE_ROLE
        yield {"what": _what(row), "type": DATA_TYPE.coding(), "role": role.coding()}
    if searched or row["query"]:
        place = "/".join(one for one in (kind, "_history" if row["interaction"] in HISTORIES else "") if one)
        asked = f"{place}?{cleaned(row['query'], hidden)}"
        query_type = DATA_TYPE if searched else OTHER_TYPE
        query = base64.b64encode(asked.encode()).decode()
        yield {"type": query_type.coding(), "role": QUERY_ROLE.coding(), "query": query}


def _what(row: Row) -> Tree:
    if not row["resource_id"]:
        return {"type": row["resource_type"]}
    reference = f"{row['resource_type']}/{row['resource_id']}"
    if row["resource_version"] and row["interaction"] in VERSIONED:
        reference += f"/_history/{row['resource_version']}"
    return {"reference": reference}
