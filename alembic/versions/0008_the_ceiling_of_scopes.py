"""What a restricted SMART scope lets an application at: asked of each row by statements for such callers alone."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

# `ceilings` holds for each restricted type its alternatives, each a list of tests that hold together, each a column and
# the entries of which a row must hold one. `held` are the row's columns; one that is not there meets no test.
WITHIN = """
CREATE FUNCTION carnet.within(ceilings jsonb, kind text, held jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ceilings -> kind IS NULL OR EXISTS (
    SELECT FROM jsonb_array_elements(ceilings -> kind) AS a(tests)
    WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(a.tests) AS t(test)
        WHERE NOT coalesce(
            (held -> (t.test ->> 0)) ?| ARRAY(SELECT jsonb_array_elements_text(t.test -> 1)), false
        )
    )
)
"""


def upgrade() -> None:
    op.execute(WITHIN)


def downgrade() -> None:
    op.execute("DROP FUNCTION carnet.within(jsonb, text, jsonb)")
