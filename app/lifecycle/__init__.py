"""The acts on a record that are more than a write: what may I do, break the glass, close, reopen, declare, explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.lifecycle import acts, contact, explaining, generating

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.records import Records
    from app.resources.definition import Resource

    Operation = Callable[[Records, str, str, Resource | None], Awaitable[Resource]]

OPERATIONS: dict[str, Operation] = {
    "access": acts.access,
    "break-glass": acts.break_glass,
    "end-break-glass": acts.end_break_glass,
    "close": acts.close,
    "contact": contact.contact,
    "reopen": acts.reopen,
    "declare-treating-physician": acts.declare_treating_physician,
    "destroy": acts.destroy,
    "decision": explaining.decision,
    "explain": explaining.explain,
    "who-can-see": explaining.who_can_see,
    "what-if": explaining.what_if,
    "generate-metadata": generating.generate_metadata,
}
"""Operations on one resource, by name: records, type, id and Parameters in, a resource out."""
