"""Acts come to the trail as one array of a type of their own, and no longer as an array for each of their columns."""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TEXTS = (
    "id", "action", "interaction", "record", "outcome", "reason", "detail", "caller_kind", "subject", "name",
    "profession", "specialty", "structure", "purpose", "client", "jti", "acr",
    "resource_type", "resource_id", "resource_version",
)  # fmt: skip
MEMBERS = [
    *(f'"{name}" text' for name in TEXTS), "documents text[]", "query text", "secret boolean", "emergency boolean",
    "request_id text", "address text", "notice text",
]  # fmt: skip


def upgrade() -> None:
    op.execute(f"CREATE TYPE carnet.act AS ({', '.join(MEMBERS)})")


def downgrade() -> None:
    op.execute("DROP TYPE carnet.act")
