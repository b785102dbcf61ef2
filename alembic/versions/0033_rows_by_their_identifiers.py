"""Which rows have an identifier is found before whose they are: by it the records of a search across records are few.

A view of keys for each type that has identifiers, beside those by which the records of a caller are found (0002): who
asks by an identifier need not gather all records that he reaches. What is entered into an index by identifiers waits in a
list that every search reads through: it is kept to 64 kB (4 MB took a search longer than all else).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0037"
branch_labels = None
depends_on = None

NAMED = ("care_team", "consent", "document_reference", "list", "patient", "related_person", "task")
INDEXES = (*(f"ix_{table}_identifier" for table in NAMED), "ix_consent_names")
WHOLE = sa.text(
    "SELECT c.oid::regclass::text FROM pg_catalog.pg_class c WHERE c.relkind = 'i' AND (c.oid = to_regclass(:name)"
    " OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(to_regclass(:name)) t))"
)
"""An index, or those of its parts: a list belongs to each of these."""


def _waiting(option: str) -> None:
    for index in INDEXES:
        for (name,) in op.get_bind().execute(WHOLE, {"name": f"public.{index}"}):
            op.execute(f"ALTER INDEX {name} {option}")


def upgrade() -> None:
    for table in NAMED:
        keys = f'SELECT record, id, depositor, p_identifier FROM public."{table}"'  # noqa: S608 - our own names
        op.execute(f"CREATE VIEW way.named_{table} AS {keys}")
    _waiting("SET (gin_pending_list_limit = 64)")


def downgrade() -> None:
    _waiting("RESET (gin_pending_list_limit)")
    for table in NAMED:
        op.execute(f"DROP VIEW way.named_{table}")
