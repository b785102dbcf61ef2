"""The fence: the serving role reaches clinical rows through views that hold those of the record a statement names.

A statement says what it may have by settings that end with its transaction, and without them the views are empty:
`carnet.record`, one record; `carnet.reach`, those within its caller's reach (keys with a space between them, `*` for a
regulator). A caller without a relation to the record that he names (`carnet.identity`) has its identity, what he
deposited (`carnet.depositor`) and what names him (`carnet.subject`, `carnet.structure`); the journal of his own acts is
his wherever they are. The schema `way` holds no more than keys: where the records of a caller are found.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FENCED = (
    "audit_event",
    "binary",
    "care_team",
    "consent",
    "document_reference",
    "list",
    "patient",
    "provenance",
    "related_person",
    "task",
    "version",
)
# ORs, so that they filter and never lead the plan: a statement's own conditions stay what its indexes are searched by
WITHIN = """
    record = nullif(current_setting('carnet.record', true), '')
    OR record IN (SELECT unnest(string_to_array(current_setting('carnet.reach', true), ' ')))
    OR current_setting('carnet.reach', true) = '*'"""
ASKED = "record = ANY(string_to_array(current_setting('carnet.identity', true), ' '))"
OWN = f"depositor = nullif(current_setting('carnet.depositor', true), '') AND (record = '' OR {ASKED})"
SUBJECT = "nullif(current_setting('carnet.subject', true), '')"
NAMED = f"{SUBJECT} = ANY(names) AND {ASKED}"
STRUCTURE = "nullif(current_setting('carnet.structure', true), '')"
PARTY = f"{SUBJECT} IN (requester, owner) OR {STRUCTURE} IN (requester, owner)"
ITS_TASK = "t.record = version.record AND t.id = version.id"
TASK = f"type = 'Task' AND EXISTS (SELECT FROM public.task t WHERE {ITS_TASK} AND ({PARTY}))"
BESIDES = {
    "audit_event": [f"subject = {SUBJECT}"],
    "consent": [NAMED],
    "patient": [ASKED],
    "task": [f"({PARTY}) AND {ASKED}"],
    "version": [NAMED, "record = ''", f"{ASKED} AND {TASK}"],
}
LISTING = ("binary", "list", "provenance", "version")
"""Seen for what they are of or list: by who deposited something in the record, or whom a Consent there names."""


def listed(table: str) -> str:
    """Whether the record asked about has a document of the caller's, or a Consent that names him."""
    document = f"d.record = \"{table}\".record AND d.depositor = nullif(current_setting('carnet.depositor', true), '')"
    consent = f'c.record = "{table}".record AND {SUBJECT} = ANY(c.names)'
    his = f"EXISTS (SELECT FROM public.document_reference d WHERE {document})"
    return f"{ASKED} AND ({his} OR EXISTS (SELECT FROM public.consent c WHERE {consent}))"


def rows(table: str) -> str:
    """What a view holds of a table."""
    own = [] if table == "audit_event" else [OWN]
    more = [listed(table)] if table in LISTING else []
    return "".join([WITHIN, *[f"\n    OR {way}" for way in (*own, *BESIDES.get(table, ()), *more)]])


WAYS = {
    "relation": "SELECT record, subject, kind FROM public.relation",
    "deposit_document_reference": "SELECT record, depositor FROM public.document_reference",
    "deposit_binary": "SELECT record, depositor FROM public.binary",
    "deposit_list": "SELECT record, depositor FROM public.list",
    "deposit_provenance": "SELECT record, depositor FROM public.provenance",
    "consent": "SELECT record, names FROM public.consent",
    "task": "SELECT record, requester, owner FROM public.task",
    "patient": "SELECT record, id, ins, p_identifier FROM public.patient",
    "binary": "SELECT record, id FROM public.binary",
}
UNCITED = "SELECT record, id, content, last_updated FROM public.binary WHERE document = ''"


def upgrade() -> None:
    op.execute("CREATE SCHEMA fence")
    for table in FENCED:
        op.execute(f"CREATE VIEW fence.{table} AS SELECT * FROM public.{table} WHERE {rows(table)}")  # noqa: S608 - ours
    op.execute(f"CREATE VIEW fence.uncited AS {UNCITED}")
    op.execute("CREATE SCHEMA way")
    for name, keys in WAYS.items():
        op.execute(f"CREATE VIEW way.{name} AS {keys}")


def downgrade() -> None:
    op.execute("DROP SCHEMA way CASCADE")
    op.execute("DROP SCHEMA fence CASCADE")
