"""The second evaluator: who may see what, in plain Python, read off policy.md sections 3 and 4 line by line.

It knows nothing of the product: strings and booleans in, a verdict and its reason code out. It is naive on purpose, so
that whoever knows the law can check it by reading. The rules in force are SQL (``app.policy``): tests hold both equal.
"""

from dataclasses import dataclass
from typing import Literal

OPEN = "open"
PEOPLE_OF_CARE = ("professional", "occupational-physician")
EXCLUDED = ("desk", "insurer", "software", "operator")
"""Rule 2. The operator is in no table of the law: he runs the server, and no token can say so. So he reads nothing."""

Verdict = tuple[bool, str]
"""Whether he reads it, and the name of the rule that decided."""
Sight = Literal["whole", "reduced", "absent"]


@dataclass(frozen=True)
class Caller:
    """What the token says.

    ``kind`` is one of holder, representative, professional, occupational-physician, desk, insurer, software, operator.
    ``doctor`` is profession 10 of the French professions, ``regulator`` the claim, ``purpose`` a code of v3-ActReason,
    ``secret`` a minor's secret connection, ``strong`` a direct strong authentication.
    """

    kind: str
    doctor: bool = False
    regulator: bool = False
    purpose: str = "TREAT"
    secret: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Relations:
    """What holds today between this caller, by the identity that his token carries, and the record.

    So ``holder`` is never true of a professional who reads his own record with a professional's token, and
    ``represents`` is true of a representative whose link holds today. ``authorised`` is what the function of that name
    says.
    """

    holder: bool = False
    represents: bool = False
    treating: bool = False
    full_access: bool = False
    authorised: bool = False
    blocked: bool = False
    group_blocked: bool = False
    window: bool = False
    break_glass_opposed: bool = False
    regulation_opposed: bool = False


@dataclass(frozen=True)
class Document:
    """What holds of it now. ``pending``: T is to come. ``deposited``: by him. ``in_matrix``: by his column."""

    withdrawn: bool = False
    pending: bool = False
    hidden: bool = False
    deposited: bool = False
    masked: bool = False
    in_matrix: bool = True


def authorised(*, by_name: bool, by_group: bool, by_team: bool, group_blocked: bool, occupational: bool) -> bool:
    """Rule 15. ``by_group``: his structure, profession or specialty. ``group_blocked``: his profession or specialty."""
    if by_name:
        return True
    if occupational:
        return False
    return (by_group or by_team) and not group_blocked


def is_treating(caller: Caller, rel: Relations) -> bool:
    """Rule 9: a doctor, never an occupational physician."""
    return caller.kind == "professional" and caller.doctor and rel.treating


def document(record_status: str, caller: Caller, rel: Relations, doc: Document) -> Verdict:  # noqa: C901, PLR0911, PLR0912 - the law's table
    """Section 3: the first rule that holds decides."""
    occupational = caller.kind == "occupational-physician"
    if record_status != OPEN:
        return False, "record-not-open"
    if caller.kind in EXCLUDED:
        return False, "excluded-party"
    if doc.withdrawn and not (caller.kind in PEOPLE_OF_CARE and doc.deposited):
        return False, "withdrawn"
    if (rel.holder or rel.represents) and doc.pending:
        return False, "announcement-pending"
    if rel.holder:
        return True, "holder"
    if rel.represents and doc.hidden:
        return False, "hidden-from-representatives"
    if rel.represents:
        return True, "representative"
    if caller.kind not in PEOPLE_OF_CARE:
        return False, "not-a-professional"
    if is_treating(caller, rel):
        return True, "treating-physician"
    if rel.blocked:
        return False, "blocked"
    if rel.full_access and not occupational:
        return True, "full-access"
    if doc.deposited:
        return True, "depositor"
    if doc.masked:
        return False, "masked"
    if not doc.in_matrix:
        return False, "outside-profession"
    if rel.authorised:
        return True, "authorised"
    return emergency(caller, rel)


def emergency(caller: Caller, rel: Relations) -> Verdict:
    """Rules 16 to 19, for a professional whom no rule before has decided."""
    if caller.kind == "occupational-physician":  # rules 16 and 17 never hold for him: so nothing is kept from him by 18
        return False, "not-authorised"
    regulating = caller.regulator and caller.purpose == "ETREAT"
    if rel.window and not rel.break_glass_opposed:
        return True, "break-glass"
    if regulating and not rel.regulation_opposed:
        return True, "regulation"
    if rel.window or regulating:
        return False, "emergency-opposed"
    return False, "not-authorised"


def relation(caller: Caller, rel: Relations) -> Verdict:  # noqa: PLR0911
    """Whether a holder, a representative or a professional's permit relation (9, 11, 15, 16, 17) holds, and which.

    It is section 3 without what is of the document, in the same order: a block by name stands before 11 to 17.
    """
    if rel.holder:
        return True, "holder"
    if rel.represents:
        return True, "representative"
    if caller.kind not in PEOPLE_OF_CARE:
        return False, "not-a-professional"
    if is_treating(caller, rel):
        return True, "treating-physician"
    if rel.blocked:
        return False, "blocked"
    if rel.full_access and caller.kind != "occupational-physician":
        return True, "full-access"
    if rel.authorised:
        return True, "authorised"
    return emergency(caller, rel)


def patient(record_status: str, caller: Caller, rel: Relations) -> tuple[Sight, str]:
    """Section 4, Patient. What is reduced is found by exact INS or by id only.

    In a record that is not open there is only the reduced Patient, for its holder and representatives too. The operator
    finds by identifier whom he names a representative for (section 5).
    """
    permit, reason = related(record_status, caller, rel)
    if permit:
        return "whole", reason
    if caller.kind in (*PEOPLE_OF_CARE, "software", "desk", "operator"):
        return "reduced", "identity-only"
    if rel.holder or rel.represents:
        return "reduced", "identity-only"
    return "absent", reason


def related(record_status: str, caller: Caller, rel: Relations) -> Verdict:
    """Section 4, RelatedPerson and CareTeam."""
    if record_status != OPEN:
        return False, "record-not-open"
    if caller.kind in EXCLUDED:
        return False, "excluded-party"
    return relation(caller, rel)


def consent(record_status: str, caller: Caller, rel: Relations, *, secret: bool, named: bool) -> Verdict:  # noqa: PLR0911
    """Section 4, Consent. ``secret``: made in a secret connection. ``named``: it names this caller."""
    if record_status != OPEN:
        return False, "record-not-open"
    if caller.kind in EXCLUDED:
        return False, "excluded-party"
    if rel.holder:
        return True, "holder"
    if rel.represents and secret:
        return False, "secret-connection"
    if rel.represents:
        return True, "representative"
    if is_treating(caller, rel):
        return True, "treating-physician"
    if caller.kind in PEOPLE_OF_CARE and named:
        return True, "named"
    return False, "not-authorised"


def audit_event(  # noqa: PLR0911
    record_status: str, caller: Caller, rel: Relations, *, own: bool, secret: bool, pending: bool, hidden: bool
) -> Verdict:
    """Section 4, AuditEvent. The holder's and representatives' stay when the record is not open: so they come first.

    ``own``: the act is this caller's. ``secret``: it comes of a secret connection. ``pending``, ``hidden``: what of a
    document that it would betray (awaiting announcement, hidden from representatives).
    """
    if (rel.holder or rel.represents) and pending:
        return False, "announcement-pending"
    if rel.holder:
        return True, "holder"
    if rel.represents and secret:
        return False, "secret-connection"
    if rel.represents and hidden:
        return False, "hidden-from-representatives"
    if rel.represents:
        return True, "representative"
    if record_status != OPEN:
        return False, "record-not-open"
    if caller.kind in EXCLUDED:
        return False, "excluded-party"
    if is_treating(caller, rel):
        return True, "treating-physician"
    if caller.kind in PEOPLE_OF_CARE and own:
        return True, "own-act"
    return False, "not-authorised"


def is_party(caller: Caller, rel: Relations) -> bool:
    """Who may have anything of his own here: who represents no more is nobody."""
    return caller.kind in PEOPLE_OF_CARE or rel.holder or rel.represents


def listing(  # noqa: PLR0911
    record_status: str,
    caller: Caller,
    rel: Relations,
    *,
    secret: bool,
    filtered: bool,
    seen: bool,
    elsewhere: bool = False,
    deposited: bool,
) -> Verdict:
    """Section 4, List and Provenance.

    ``seen``: the caller sees an entry (a target). ``elsewhere``: one leads out of the record; that one is never left
    out, and is seen by whom a RelatedPerson is. Where nothing in it can be hidden (not ``filtered``), the whole is.
    ``secret``: written in a secret connection. Why he sees it is his relation, where he has one: an emergency is marked
    as one. A depositor whom a block names reads nothing of what he only deposited.
    """
    permit, reason = related(record_status, caller, rel)
    if record_status != OPEN or caller.kind in EXCLUDED:
        return False, reason
    if rel.represents and secret:
        return False, "secret-connection"
    left = seen or (elsewhere and permit) if filtered else permit
    if left and permit:
        return True, reason
    if left:
        return True, "depositor" if deposited else "entries"
    if rel.blocked:
        return False, "blocked"
    if deposited and is_party(caller, rel):
        return True, "depositor"
    return False, "nothing-visible"


def task(record_status: str, caller: Caller, rel: Relations, *, requester: bool, owner: bool) -> Verdict:
    """Section 4 by way of section 5, rectification: read by its requester and its owner."""
    if record_status != OPEN:
        return False, "record-not-open"
    if caller.kind in EXCLUDED:
        return False, "excluded-party"
    if (requester or owner) and is_party(caller, rel):
        return True, "named"
    return False, "not-authorised"


def binary(
    record_status: str, caller: Caller, rel: Relations, *, cited_by: Document | None, deposited: bool = False
) -> Verdict:
    """Section 4, Binary: as the document that first cited it; not cited yet: its depositor.

    One in no record yet counts as in an open one. A depositor whom a block names reads nothing.
    """
    if cited_by is not None:
        return document(record_status, caller, rel, cited_by)
    if record_status != OPEN:
        return False, "record-not-open"
    if caller.kind in EXCLUDED:
        return False, "excluded-party"
    if rel.blocked:
        return False, "blocked"
    if deposited and is_party(caller, rel):
        return True, "depositor"
    return False, "not-authorised"
