"""The directory is all of France: its entries are found by names, and by what they point at, without being read through.

Words are found by their trigrams (pg_trgm, which PostgreSQL brings along and the owner of a database may install).
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0015"
branch_labels = None
depends_on = None

JOINED = r"""
CREATE FUNCTION carnet.joined(entries text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.chr(31) || pg_catalog.array_to_string(entries, pg_catalog.chr(31)) || pg_catalog.chr(31) $$
"""
WORDS = {
    "practitioner": (
        "address", "address_city", "address_country", "address_postalcode", "address_state", "name", "phonetic",
        "family", "given",
    ),
    "organization": (
        "address", "address_city", "address_country", "address_postalcode", "address_state", "name", "phonetic",
    ),
}  # fmt: skip
KEYS = {
    "practitioner": ("communication", "email", "phone", "telecom"),
    "organization": ("endpoint", "partof", "type"),
    "practitioner_role": (
        "endpoint", "location", "organization", "practitioner", "role", "service", "specialty", "email", "phone",
        "telecom",
    ),
}  # fmt: skip


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(JOINED)
    for table, names in WORDS.items():
        words = ", ".join(f"carnet.joined(p_{name}) gin_trgm_ops" for name in names)
        op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin ({words})")
    for table, names in KEYS.items():
        op.create_index(f"ix_{table}_keys", table, [f"p_{name}" for name in names], postgresql_using="gin")


def downgrade() -> None:
    for table in KEYS:
        op.drop_index(f"ix_{table}_keys", table_name=table)
    for table in WORDS:
        op.drop_index(f"ix_{table}_words", table_name=table)
    op.execute("DROP FUNCTION carnet.joined(text[])")
