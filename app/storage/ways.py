"""Views of keys and nothing else: by them the records of a caller, of an INS, an identifier or a content are found.

The fence lets a statement at the rows of the records that it names (`app.storage.fence`); which these are has to be
found first. The schema `way` tells of no row more than the keys it is found by. `uncited` is the sweep's view.
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

_ways = MetaData(schema="way")


def _way(name: str, *columns: str, **arrays: str) -> Table:
    made = [Column(column, Text) for column in ("record", *columns)]
    return Table(name, _ways, *made, *[Column(column, ARRAY(Text)) for column in arrays.values()])


relation_way = _way("relation", "subject", "kind")
deposit_ways = {
    name: _way(f"deposit_{name}", "depositor") for name in ("document_reference", "binary", "list", "provenance")
}
"""By the table of what was deposited."""
consent_way = _way("consent", names="names")
task_way = _way("task", "requester", "owner")
patient_way = _way("patient", "id", "ins", tokens="p_identifier")
binary_way = _way("binary", "id")
named_ways = {
    name: _way(f"named_{name}", "id", "depositor", tokens="p_identifier")
    for name in ("care_team", "consent", "document_reference", "list", "patient", "related_person", "task")
}
"""By the table of what has identifiers."""

uncited = Table(
    "uncited",
    MetaData(schema="fence"),
    Column("record", Text),
    Column("id", Text),
    Column("content", Text),
    Column("last_updated", DateTime(timezone=True)),
)
"""The contents that no document cites, of every record; the sweep deletes from it."""
