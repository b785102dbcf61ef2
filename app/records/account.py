"""What the trail is told of what was shown (policy.md section 4, AuditEvent)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.access import Kind
from app.policy.rules import EMERGENCY
from app.records.telling import REGULATION
from app.storage.audit import BESIDE, BY_THE_WAY, Act
from app.storage.outbox import ACCESS, EACH, UNMET

if TYPE_CHECKING:
    from app.policy.standing import Caller
    from app.records.reading import Seen
    from app.records.touching import Touched

ACROSS = frozenset({"search-type", "search-system", "history-type", "history-system"})
"""Interactions that may show rows of records which they do not name."""
SOON = 1.0
"""Seconds after which it is looked again whether somebody has heard meanwhile; until then the database knows."""
PROFESSIONALS = frozenset({Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN})


def shown(interaction: str, seen: Seen) -> Act:
    """What the trail says of one resource that was shown."""
    stored = seen.stored
    return Act(
        interaction=interaction,
        record=seen.record,
        reason=seen.reason,
        resource_type=stored.type,
        resource_id=stored.id,
        resource_version=stored.version_id,
        documents=(seen.document,) if seen.document else tuple(BESIDE + one for one in seen.beside),
        emergency=seen.reason in EMERGENCY,
        secret=seen.secret,
    )


def heard(caller: Caller, act: Act, query: str = "") -> Act:
    """The act with the notice that it is told by: a professional saw documents, and somebody wants to hear of that.

    Who listens is known of a record that the request was bound to, by the standing that its statement confirmed; of one
    that a search over many found, the database looks again. A first access is one until it is told.
    """
    if not any(one[:1] != BESIDE for one in act.documents) or caller.access.kind not in PROFESSIONALS:
        return act
    if act.reason == REGULATION:
        return act._replace(notice=REGULATION)
    bound = act.interaction not in ACROSS or act.record in query
    if bound and not caller.listening(act.record) & (UNMET | EACH):
        return act
    caller.forget(act.record, SOON)
    return act._replace(notice=ACCESS)


def found(type: str, touched: list[Touched], interaction: str = "search-type", id: str = "") -> list[Act]:
    """What the trail says of a search, or of what else shows many."""
    return [
        Act(
            interaction=interaction,
            record=one.record,
            resource_type=type,
            resource_id=id,
            reason=one.reason,
            documents=one.documents,
            emergency=one.reason in EMERGENCY,
            detail=BY_THE_WAY if one.apart else "",
            secret=one.secret,
        )
        for one in touched
    ]
