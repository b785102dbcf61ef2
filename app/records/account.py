"""What the trail is told of what was shown (policy.md section 4, AuditEvent)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.policy.rules import EMERGENCY
from app.storage.audit import Act

if TYPE_CHECKING:
    from app.records.reading import Seen
    from app.records.searching import Touched


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
        documents=(seen.document,) if seen.document else (),
        emergency=seen.reason in EMERGENCY,
    )


def found(type: str, touched: list[Touched]) -> list[Act]:
    """What the trail says of a search, one act for each record that it touched."""
    return [
        Act(
            interaction="search-type",
            record=key,
            resource_type=type,
            reason=reasons[0] if reasons else "",
            documents=documents,
            emergency=any(reason in EMERGENCY for reason in reasons),
        )
        for key, reasons, documents in touched
    ]
