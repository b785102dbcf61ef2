"""Whose care the insurer's feed is asked for: one row for each record, made with its opening. No exit serves it."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, text

from app.storage.outbox import MOMENT
from app.storage.tables import EMPTY, metadata

care = Table(
    "care",
    metadata,
    Column("record", Text, primary_key=True),
    Column("begun", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    Column("due", DateTime(timezone=True), nullable=False, server_default=MOMENT),
    Column("since", Text, nullable=False, server_default=EMPTY),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("fault", Text, nullable=False, server_default=EMPTY),
)
"""`begun` is the opening: the care of the 24 months before it is asked for. `since` is the newest instant of what the
feed gave, by its own clock and as it wrote it, "" before it gave anything. `due` is when it is asked next; `tries` are
those that failed since it last answered, `fault` what stood against the last, `refused` how much it gave that was not
taken."""
Index("ix_care_due", care.c.due)
