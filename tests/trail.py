"""One act of every kind, for the tests of the trail and of what is made of it."""

from __future__ import annotations

from typing import Any

from app.access import DOCTOR, SPECIALTY_SYSTEM, Access, Kind
from app.errors import BrokenRule, Forbidden, NotFound, Unavailable
from app.storage.audit import Act, Circumstances, refusal
from app.storage.balp import Renderer

RECORD = "k3v6q2m7x5b4n8c9d0f1"
DOCUMENT = f"{RECORD}.aaaaaaaaaaaaaaaaaaaa"
PENDING = f"{RECORD}.bbbbbbbbbbbbbbbbbbbb"
RENDERER = Renderer("https://carnet.example/fhir", "https://carnet.example/fhir/codes")
ASKED = Circumstances("request-1", "192.0.2.7", f"patient=Patient/{RECORD}&type=a%7Cb")
READ = Circumstances("request-2", "192.0.2.7")
PHARMACIST = Access(
    kind=Kind.PROFESSIONAL,
    subject="person|899700218896",
    name="  Élodie  Prévôt",
    structure="structure|1750000001",
    profession=DOCTOR,
    specialty=f"specialty|{SPECIALTY_SYSTEM}|SM54",
    client="ehr-1",
    jti="token-1",
)
HOLDER = Access(kind=Kind.HOLDER, subject=f"holder|{RECORD}", record=RECORD, purpose="PATRQT", client="app")
RELATED = Access(kind=Kind.REPRESENTATIVE, subject=f"related|{RECORD}.r", record=RECORD, purpose="FAMRQT", secret=True)
DESK = Access(kind=Kind.DESK, subject="structure|1750000001", structure="structure|1750000001", client="desk")
SOFTWARE = Access(
    kind=Kind.SOFTWARE, subject="software|ehr-1", structure="structure|1750000001", client="ehr-1", jti="t"
)
OPERATOR = Access(kind=Kind.OPERATOR, subject="software|operator")
FOREIGN = Access(kind=Kind.PROFESSIONAL, subject="person|https://elsewhere.example|x", name="Strauß", profession=DOCTOR)


def hidden_reason() -> NotFound:
    cause = NotFound("absent or unseen")
    cause.record, cause.verdict = RECORD, "masked"
    return cause


def plain_absence() -> NotFound:
    cause = NotFound("absent or unseen")
    cause.record = RECORD
    return cause


def document(interaction: str, **fields: Any) -> Act:
    given = {"record": RECORD, "resource_type": "DocumentReference", "resource_id": DOCUMENT, "reason": "authorised"}
    return Act(interaction, **(given | fields))


SEARCH = Act(
    "search-type", RECORD, resource_type="DocumentReference", reason="authorised", documents=(DOCUMENT, PENDING)
)
ACTS: dict[str, Act] = {
    "read": document("read").by(PHARMACIST, READ),
    "vread": document("vread", resource_version="v1").by(HOLDER, READ),
    "read Binary": document("read", resource_type="Binary", documents=(DOCUMENT,)).by(RELATED, READ),
    "read Patient": document("read", resource_type="Patient", resource_id=RECORD).by(DESK, READ),
    "read Practitioner": Act("read", resource_type="Practitioner", resource_id="abc").by(FOREIGN, READ),
    "history": document("history-instance").by(PHARMACIST, READ),
    "create": document("create", resource_version="v1").by(SOFTWARE, READ),
    "update": document("update", resource_version="v2").by(PHARMACIST, READ),
    "patch": document("patch", resource_version="v3").by(PHARMACIST, READ),
    "conditional patch": document("patch", resource_version="v3").by(PHARMACIST, ASKED),
    "delete": document("delete").by(HOLDER, READ),
    "search": SEARCH.by(PHARMACIST, ASKED),
    "search nothing": Act("search-type", resource_type="Organization").by(PHARMACIST, READ),
    "emergency": SEARCH._replace(emergency=True, reason="break-glass").by(PHARMACIST, ASKED),
    "regulation": document("read", emergency=True, reason="regulation").by(PHARMACIST, READ),
    "break-glass": Act(
        "$break-glass", RECORD, resource_type="Patient", resource_id=RECORD, detail="inconscient", emergency=True
    ).by(PHARMACIST, READ),
    "close": Act("$close", RECORD, resource_type="Patient", resource_id=RECORD).by(HOLDER, READ),
    "end of break-glass": Act("$end-break-glass", RECORD, resource_type="Patient", resource_id=RECORD).by(
        PHARMACIST, READ
    ),
    "journal": Act("$journal", RECORD, resource_type="Patient", resource_id=RECORD).by(OPERATOR, Circumstances()),
    "login": Act("login").by(HOLDER, READ),
    "unseen": refusal(PHARMACIST, READ, "read", "DocumentReference", DOCUMENT, hidden_reason()),
    "absent": refusal(PHARMACIST, READ, "read", "DocumentReference", DOCUMENT, plain_absence()),
    "forbidden": refusal(SOFTWARE, Circumstances(), "search-type", "Patient", "", Forbidden("no", reason="scope")),
    "refused create": refusal(PHARMACIST, READ, "create", "DocumentReference", "", BrokenRule("no", reason="rule")),
    "broken": refusal(None, Circumstances(), "read", "Patient", RECORD, Unavailable("gone")),
}
