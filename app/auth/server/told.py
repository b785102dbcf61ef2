"""What the trail says of sign-in: every login, refusal, token and change of software (CSP R.1111-43).

Where a holder or who represents him signs in, fails to, or leaves, it is in the journal of his record. Everything else
touches no record: a professional's sign-in, and each token, are their own actor's to read. None names a secret, a code,
or a token but by `jti`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.access import Kind
from app.storage.audit import DENIED, FAILED, Act, Circumstances, performed

if TYPE_CHECKING:
    from asyncpg import Record

    from app.access import Access

LOGIN, LOGOUT, TOKEN, REVOKED, SOFTWARE, ACCOUNT = "login", "logout", "token", "revoke", "software", "account"
"""Interactions of the trail; `app.storage.balp` says what each is as an AuditEvent."""
NOT_ALLOWED = frozenset(
    {
        "unauthorized_client",
        "access_denied",
        "invalid_client",
        "invalid_scope",
        "not-served",
        "launched-by-another",
        "another-person",
    }
)
"""Refusals that are denials; the others are faults of the request."""
INSIDE = (Kind.HOLDER, Kind.REPRESENTATIVE)
"""Whose sign-ins are acts on one record. Tokens are not: an application has a new one every ten minutes."""


def done(
    interaction: str, access: Access, facts: Circumstances, *, client: str = "", jti: str = "", detail: str = ""
) -> Act:
    """Something that succeeded, by that person or software."""
    who = replace(access, client=client or access.client, jti=jti)
    return performed(who, _bare(facts), interaction, detail=detail, record=_record(interaction, access))


def refused(interaction: str, facts: Circumstances, why: str, *, access: Access | None = None, client: str = "") -> Act:
    """Something that was refused; `client` is one that is registered, never what somebody wrote."""
    outcome = DENIED if why in NOT_ALLOWED else FAILED
    who = replace(access, client=client or access.client, jti="") if access else None
    record = _record(interaction, access)
    act = performed(who, _bare(facts), interaction, outcome=outcome, reason=why, detail=why, record=record)
    return act if who else act._replace(client=client, caller_kind="", subject=f"software|{client}" if client else "")


def ended(interaction: str, facts: Circumstances, session: Record) -> Act:
    """A session that its person or his software ended."""
    act = performed(None, _bare(facts), interaction)
    inside = session["kind"] in {kind.value for kind in INSIDE}
    said = {"client": session["client"], "subject": session["subject"], "caller_kind": session["kind"]}
    return act._replace(**said, record=session["patient"] if inside else "")


def _record(interaction: str, access: Access | None) -> str:
    """The record whose journal tells of it, "" for none."""
    return access.record if access and access.kind in INSIDE and interaction != TOKEN else ""


def _bare(facts: Circumstances) -> Circumstances:
    """Whence a request came, without its query: there codes and states may stand."""
    return Circumstances(facts.request_id, facts.address)
