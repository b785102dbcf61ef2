"""The acts on a record that are more than a write: what may I do, break the glass, close, reopen, declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.lifecycle import closing, emergency, status, treating

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.records import Records
    from app.resources.definition import Resource

    Operation = Callable[[Records, str, str, Resource | None], Awaitable[Resource]]

OPERATIONS: dict[str, Operation] = {
    "access": status.access,
    "break-glass": emergency.break_glass,
    "close": closing.close,
    "reopen": closing.reopen,
    "declare-treating-physician": treating.declare,
}
"""Operations on a Patient, by name: records, type, id and Parameters in, a resource out."""
