"""The tables: one for each resource type, made from its declaration, and the few that the server keeps beside them.

Every clinical table is keyed `(record, id)`; `record` is the distribution key. The body is kept as the JSON bytes that
leave on a read. Search parameters are typed columns beside it, policy facts are `NOT NULL` (policy.md section 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Definition, Parameter, Scope, Search

if TYPE_CHECKING:
    from collections.abc import Callable

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

INSTANT = DateTime(timezone=True)
PAST = text("'-infinity'::timestamptz")
FUTURE = text("'infinity'::timestamptz")
NONE = text("'{}'::text[]")
EMPTY = text("''")
FALSE = text("false")


def _fact(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default=FALSE)


def _key(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default=EMPTY)


def _keys(name: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False, server_default=NONE)


def _document_facts() -> list[Column[Any]]:
    return [
        _fact("masked"),
        _key("masked_by"),
        Column("announce_at", INSTANT, nullable=False, server_default=PAST),
        Column("deposited_at", INSTANT, nullable=False, server_default=PAST),
        _fact("hidden"),
        _fact("withdrawn"),
        _fact("seen_by_holder"),
        Column("kind", Integer, nullable=False, server_default=text("0")),
        *_deposit_facts(),
    ]


def _deposit_facts() -> list[Column[Any]]:
    """By what a deposit that comes again is known: the name that its depositor gave it, and what it said."""
    return [Column("master_identifier", Text), _key("digest")]


FACTS: dict[str, Callable[[], list[Column[Any]]]] = {
    "DocumentReference": _document_facts,
    "Patient": lambda: [Column("ins", Text, unique=True), Column("birth_date", Date)],
    "Consent": lambda: [_key("category"), _fact("active"), _keys("names")],
    "Binary": lambda: [
        _key("document"),
        _key("content"),
        _key("content_type"),
        Column("size", BigInteger, nullable=False, server_default=text("0")),
        _key("sha1"),
        _key("sha256"),
        _key("security_context"),
    ],
    "List": _deposit_facts,
    "Task": lambda: [_key("requester"), _key("owner")],
}
"""Columns that the policy or the record's life reads, for the types that have more than the common ones."""


def _search_columns(definition: Definition) -> list[Column[Any]]:
    columns: list[Column[Any]] = []
    for parameter in (*definition.parameters, *COMMON):
        if parameter.type is Search.DATE:
            columns += [Column(f"{parameter.column}_lo", INSTANT), Column(f"{parameter.column}_hi", INSTANT)]
        else:
            columns.append(_keys(parameter.column))
    return columns


def _table(definition: Definition) -> Table:
    clinical = definition.scope is Scope.RECORD
    table = Table(
        definition.table,
        metadata,
        *([Column("record", Text, nullable=False)] if clinical else []),
        Column("id", Text, nullable=False),
        Column("version_id", Text, nullable=False),
        Column("last_updated", INSTANT, nullable=False),
        Column("method", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        _key("depositor"),
        _key("depositor_structure"),
        _fact("secret"),
        _fact("filtered"),
        *(FACTS[definition.type]() if definition.type in FACTS else []),
        *_search_columns(definition),
        PrimaryKeyConstraint(*(["record", "id"] if clinical else ["id"])),
    )
    if definition.parameter("identifier"):
        waiting = BRIEF if clinical else {}
        Index(f"ix_{table.name}_identifier", table.c.p_identifier, postgresql_using="gin", postgresql_with=waiting)
    return table


BRIEF = {"gin_pending_list_limit": 64}
"""What is entered waits in a list that each search reads through: at most so many kB of it."""
TABLES: dict[str, Table] = {d.type: _table(d) for d in DEFINITIONS.values() if d.type != "AuditEvent"}
"""Table of each stored type. AuditEvents live in `audit_event`, written by the trail alone."""

ALIKE = frozenset({"active", "address-use", "gender", "identifier"})
"""Parameters of the directory that most entries share, which no index leads by, and the one that has its own."""


def _index_directory(definition: Definition) -> None:
    """Indexes by which the directory is searched without being read through: words by their trigrams, and keys."""
    table = TABLES[definition.type]
    words = [func.carnet.joined(table.c[p.column]).label(p.column) for p in _asked(definition, Search.STRING)]
    if words:
        kinds = dict.fromkeys((word.name for word in words), "gin_trgm_ops")
        Index(f"ix_{table.name}_words", *words, postgresql_using="gin", postgresql_ops=kinds)
    keys = [table.c[p.column] for p in _asked(definition, Search.TOKEN, Search.REFERENCE)]
    Index(f"ix_{table.name}_keys", *keys, postgresql_using="gin")


def _asked(definition: Definition, *kinds: Search) -> list[Parameter]:
    return [one for one in definition.parameters if one.type in kinds and one.name not in ALIKE]


for _definition in DEFINITIONS.values():
    if _definition.scope is Scope.DIRECTORY:
        _index_directory(_definition)
for _deposited in (TABLES["DocumentReference"], TABLES["List"]):
    UniqueConstraint(_deposited.c.record, _deposited.c.depositor, _deposited.c.master_identifier)
for _type in ("DocumentReference", "Binary", "List", "Provenance"):
    Index(f"ix_{TABLES[_type].name}_depositor", TABLES[_type].c.depositor)
Index("ix_consent_names", TABLES["Consent"].c.names, postgresql_using="gin", postgresql_with=BRIEF)
Index("ix_binary_id", TABLES["Binary"].c.id)
for _key_name in ("requester", "owner"):
    Index(f"ix_task_{_key_name}", TABLES["Task"].c[_key_name])

record = Table(
    "record",
    metadata,
    Column("id", Text, primary_key=True),
    Column("status", Text, nullable=False, server_default=text("'not-opened'")),
    Column("policy_version", BigInteger, nullable=False, server_default=text("1")),
    Column("opened_at", INSTANT),
    Column("closed_at", INSTANT),
    _key("closed_reason"),
    _key("closed_comment"),
    Column("died_at", INSTANT),
    Column("destroyed_at", INSTANT),
    _key("held"),
)
"""One row a record: `status` is not-opened, open, closed or destroyed; `policy_version` grows with every write that a
relation depends on. `died_at` is the holder's death, `held` why the record is kept from every destruction."""

relation = Table(
    "relation",
    metadata,
    Column("record", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    _key("within"),
    Column("starts", INSTANT, nullable=False, server_default=PAST),
    Column("ends", INSTANT, nullable=False, server_default=FUTURE),
    PrimaryKeyConstraint("record", "source", "kind", "subject", "within"),
)
"""The relations between subjects and a record, projected from Consents, care teams and representatives in the
transaction that writes them. `kind` is one of `app.policy.facts.Relation`; `source` is the resource (`Consent/<id>`) or
`window/<id>`; `subject` a key of `app.access`; `within` a structure the permit is limited to, or ""."""
Index("ix_relation_subject", relation.c.subject, relation.c.record)
Index(
    "uq_relation_treating",
    relation.c.record,
    unique=True,
    postgresql_where=text("kind = 'treating'"),
)

window = Table(
    "window",
    metadata,
    Column("record", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    _key("structure"),
    Column("reason", Text, nullable=False),
    _key("motive"),
    Column("opened_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("record", "id"),
)
"""Emergency windows opened by break-glass, with the reason given."""

version = Table(
    "version",
    metadata,
    Column("record", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("version_id", Text, nullable=False),
    Column("last_updated", INSTANT, nullable=False),
    Column("method", Text, nullable=False),
    Column("body", LargeBinary),
    _key("depositor"),
    _key("depositor_structure"),
    _fact("secret"),
    _fact("filtered"),
    *_document_facts()[:-2],
    _keys("names"),
    PrimaryKeyConstraint("record", "type", "id", "version_id"),
)
"""Older versions and deletions (`method` DELETE, `body` null), each with the policy facts it had. `record` is "" for
the directory."""

identity = Table(
    "identity",
    metadata,
    Column("key", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("id", Text, nullable=False),
    _fact("listed"),
)
"""Every professional and structure ever met, by key. `listed` ones have a directory row; the others are only named in
content and no exit serves them."""

Index("ix_identity_id", identity.c.id)

document_kind = Table(
    "document_kind",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("codings", Text, nullable=False, unique=True),
)
"""Each distinct set of recognised type and class codings of documents: the row of the habilitation matrix."""

matrix_cell = Table(
    "matrix_cell",
    metadata,
    Column("profession", Text, nullable=False),
    Column("target_kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("read", Boolean, nullable=False),
    Column("basis", Text, nullable=False),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("profession", "target_kind", "target"),
)
"""The habilitation matrix in force: may `profession` read documents of a type, a class, or any."""

matrix_version = Table(
    "matrix_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("loaded_at", INSTANT, nullable=False),
    Column("digest", Text, nullable=False),
)
"""One row a matrix ever loaded; the greatest version is in force, and a new document kind counts as one."""

audit_event = Table(
    "audit_event",
    metadata,
    Column("record", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("recorded", INSTANT, nullable=False),
    Column("action", Text, nullable=False),
    Column("interaction", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    _key("reason"),
    Column("caller_kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    _key("name"),
    _key("profession"),
    _key("specialty"),
    _key("structure"),
    _key("purpose"),
    _key("client"),
    _key("jti"),
    _key("acr"),
    _key("resource_type"),
    _key("resource_id"),
    _key("resource_version"),
    _keys("documents"),
    _key("query"),
    _key("detail"),
    _fact("secret"),
    _fact("emergency"),
    _key("request_id"),
    _key("address"),
    Column("salt", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("was", LargeBinary, nullable=False, server_default=text("'\\x'::bytea")),
    Column("xact", BigInteger, nullable=False, server_default=text("((pg_current_xact_id())::text)::bigint")),
    PrimaryKeyConstraint("record", "recorded", "id"),
    postgresql_partition_by="RANGE (recorded)",
)
"""The trail, partitioned by month: what an AuditEvent is made of when it is read. `record` is "" when no record was
touched. `documents` are the ids of the documents that the act concerned or showed; `emergency` marks acts under
break-glass or regulation."""
Index("ix_audit_event_subject", audit_event.c.subject, audit_event.c.recorded)
Index("ix_audit_event_xact", audit_event.c.xact)
SEALED = frozenset({"salt", "was", "xact"})
"""Columns of the trail for the chain over it (`app.storage.chain`), which no view of the fence holds: what makes the
digest of a row say nothing to who has not got the row, the digest from before the trail forgot what it held, and the
transaction that wrote it."""

audit_block = Table(
    "audit_block",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("header", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""The chain over the trail: what each block says, letter by letter as it was signed."""

audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("month", Date, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("earliest", INSTANT, nullable=False),
    Column("latest", INSTANT, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    PrimaryKeyConstraint("month", "number"),
    postgresql_partition_by="RANGE (month)",
)
"""The digests that a block is over, 32 bytes each, by the month of their rows, with which they go."""
Index("ix_audit_leaf_latest", audit_leaf.c.latest)
