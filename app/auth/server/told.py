"""What the trail says of sign-in: every login, refusal, token and change of software (CSP R.1111-43).

No act of these touches a record: each is its own actor's to read, and names no secret, code or token but by `jti`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.storage.audit import DENIED, FAILED, Act, Circumstances, performed

if TYPE_CHECKING:
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


def done(
    interaction: str, access: Access, facts: Circumstances, *, client: str = "", jti: str = "", detail: str = ""
) -> Act:
    """Something that succeeded, by that person or software."""
    who = replace(access, client=client or access.client, jti=jti)
    return performed(who, _bare(facts), interaction, detail=detail)


def refused(interaction: str, facts: Circumstances, why: str, *, access: Access | None = None, client: str = "") -> Act:
    """Something that was refused; `client` is one that is registered, never what somebody wrote."""
    outcome = DENIED if why in NOT_ALLOWED else FAILED
    who = replace(access, client=client or access.client, jti="") if access else None
    act = performed(who, _bare(facts), interaction, outcome=outcome, reason=why, detail=why)
    return act if who else act._replace(client=client, caller_kind="", subject=f"software|{client}" if client else "")


def _bare(facts: Circumstances) -> Circumstances:
    """Whence a request came, without its query: there codes and states may stand."""
    return Circumstances(facts.request_id, facts.address)
