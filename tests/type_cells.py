"""The cells of each type of policy.md section 4, and what the law says of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Integer, Text, case, cast, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.policy.facts import NOW, Flag
from app.policy.guard import JUDGES, Judgement, reduced
from app.storage.audit import BY_THE_WAY
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, record
from tests import oracle
from tests.cells import (
    DOCUMENT_NAMES,
    DOCUMENTS,
    FEW_RELATIONS,
    ME,
    NOISE,
    OTHER,
    RELATION_FLAGS,
    RELATIONS,
    STATUSES,
    STRUCTURE,
    blank,
    document_columns,
    grid,
    id_of,
    put_documents,
    some_documents,
    truths,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, FromClause

    from app.policy.guard import Binding, Judge
    from tests.cells import Grid, Link
    from tests.oracle import Caller, Relations, Verdict

    Say = Callable[[str, Caller, Relations, int], Verdict]

SOME = some_documents()
"""The documents that lists, contents and events are about, in the record of each status."""
NO_RECORD = ("", *STATUSES)


@dataclass(frozen=True)
class TypeCells:
    """One grid, how production judges it, and what the law says: `say(status, caller, relations, row)`."""

    name: str
    cells: Grid
    judge: Judge
    say: Say
    rows: int
    values: dict[str, object] = field(default_factory=dict)


def document() -> TypeCells:
    """Section 3."""

    def say(status: str, caller: Caller, rel: Relations, place: int) -> Verdict:
        return oracle.document(status, caller, rel, DOCUMENTS[place])

    cells = grid(DOCUMENT_NAMES, document_columns, RELATIONS)
    return TypeCells("DocumentReference", cells, JUDGES["DocumentReference"], say, len(DOCUMENTS))


def _nothing(*_: object) -> dict[str, ColumnElement[Any]]:
    return {}


def related(kind: str) -> TypeCells:
    """RelatedPerson and CareTeam."""

    def say(status: str, caller: Caller, rel: Relations, _: int) -> Verdict:
        return oracle.related(status, caller, rel)

    return TypeCells(kind, grid((), _nothing, RELATIONS), JUDGES[kind], say, 1)


def patient_whole() -> TypeCells:
    """Who sees all of a Patient."""

    def say(status: str, caller: Caller, rel: Relations, _: int) -> Verdict:
        sight, reason = oracle.patient(status, caller, rel)
        return sight == "whole", reason

    return TypeCells("Patient, whole", grid((), _nothing, RELATIONS), JUDGES["Patient"], say, 1)


def patient_reduced() -> TypeCells:
    """Who sees at least the identifier of a Patient."""

    def judge(row: FromClause, status: ColumnElement[str], binding: Binding) -> Judgement:
        return Judgement(JUDGES["Patient"](row, status, binding).reason, reduced(row, status, binding))

    def say(status: str, caller: Caller, rel: Relations, _: int) -> Verdict:
        sight, reason = oracle.patient(status, caller, rel)
        return sight != "absent", reason

    return TypeCells("Patient, at least reduced", grid((), _nothing, RELATIONS), judge, say, 1)


def consent() -> TypeCells:
    """A Consent that names nobody, another, him beside another."""
    rows = list(product((False, True), ("", OTHER, ME)))

    def columns(row: FromClause, _: ColumnElement[str]) -> dict[str, ColumnElement[Any]]:
        several = array([literal("person|0"), row.c.named])
        nobody = _texts([])
        return {"secret": row.c.secret, "names": case((row.c.named == literal(""), nobody), else_=several)}

    def say(status: str, caller: Caller, rel: Relations, place: int) -> Verdict:
        secret, name = rows[place]
        return oracle.consent(status, caller, rel, secret=secret, named=name == ME)

    cells = grid(("secret", "named"), columns, RELATIONS, rows, {"secret": Boolean, "named": Text})
    return TypeCells("Consent", cells, JUDGES["Consent"], say, len(rows))


def task(structure: str = STRUCTURE) -> TypeCells:
    """A Task between nobody, another, him and his structure; he acts in that structure, or in none."""
    keys = ("", OTHER, ME, STRUCTURE)
    rows = list(product(keys, keys))

    def columns(row: FromClause, _: ColumnElement[str]) -> dict[str, ColumnElement[Any]]:
        return {"requester": row.c.requester, "owner": row.c.owner}

    def say(status: str, caller: Caller, rel: Relations, place: int) -> Verdict:
        mine = [key in {ME, structure} and key != "" for key in rows[place]]
        return oracle.task(status, caller, rel, requester=mine[0], owner=mine[1])

    cells = grid(("requester", "owner"), columns, RELATIONS, rows, {"requester": Text, "owner": Text})
    return TypeCells("Task", cells, JUDGES["Task"], say, len(rows), {"structure": structure})


def binary() -> TypeCells:
    """A content as the document that cites it; without one its depositor's; one whose document is gone nobody's."""
    rows = [("", False), ("", True), ("gone", True), *[(name, False) for name in SOME]]

    def columns(row: FromClause, key: ColumnElement[str]) -> dict[str, ColumnElement[Any]]:
        cited = case((row.c.document == literal(""), literal("")), else_=id_of(key, row.c.document))
        return {"document": cited, "depositor": _depositor(row)}

    def say(status: str, caller: Caller, rel: Relations, place: int) -> Verdict:
        name, deposited = rows[place]
        if name and (name == "gone" or not status):
            return False, "not-authorised"
        return oracle.binary(status or oracle.OPEN, caller, rel, cited_by=SOME.get(name), deposited=deposited)

    types = {"document": Text, "deposited": Boolean}
    cells = grid(("document", "deposited"), columns, FEW_RELATIONS, rows, types, NO_RECORD)
    return TypeCells("Binary", cells, JUDGES["Binary"], say, len(rows))


def listing(kind: str = "List", column: str = "p_item") -> TypeCells:
    """A List or Provenance of no entry, of each document, of some together, of what is nowhere or elsewhere."""
    entries = [
        (),
        *[(name,) for name in SOME],
        ("withdrawn", "plain"),
        ("nowhere",),
        ("elsewhere",),
        ("masked", "elsewhere"),
    ]
    rows = [(a, b, c, n) for a, b, c in truths(("secret", "filtered", "deposited")) for n in range(len(entries))]

    def columns(row: FromClause, key: ColumnElement[str]) -> dict[str, ColumnElement[Any]]:
        def entry(name: str) -> ColumnElement[str]:
            return literal("DocumentReference/") + id_of(literal("another") if name == "elsewhere" else key, name)

        lists = [(row.c.listed == literal(n), _texts([entry(one) for one in names])) for n, names in enumerate(entries)]
        own = {"secret": row.c.secret, "filtered": row.c.filtered, "depositor": _depositor(row)}
        return own | {column: case(*lists)}

    def say(status: str, caller: Caller, rel: Relations, place: int) -> Verdict:
        secret, filtered, deposited, number = rows[place]
        seen = any(oracle.document(status, caller, rel, SOME[name])[0] for name in entries[number] if name in SOME)
        return oracle.listing(
            status,
            caller,
            rel,
            secret=secret,
            filtered=filtered,
            seen=seen,
            elsewhere="elsewhere" in entries[number],
            deposited=deposited,
        )

    types = {"secret": Boolean, "filtered": Boolean, "deposited": Boolean, "listed": Integer}
    cells = grid(tuple(types), columns, FEW_RELATIONS, rows, types)
    return TypeCells(kind, cells, JUDGES[kind], say, len(rows))


SEARCHES = ("search", "across")
PLACES = ("resource", "documents", *SEARCHES, "binary", "list")
"""Where an event names what it is about. What a search of the record showed is left out of it."""
TYPES = {"binary": "Binary", "list": "List", "consent": "Consent"}
AUDITED = Flag.HOLDER | Flag.REPRESENTS | Flag.TREATING
"""The relations that rules of events may read: all others are noise."""


def event() -> TypeCells:  # long: an event names what it is about in six places
    """An event about nothing, a Consent of a secret connection, or a document, named in each place.

    Or one that refused a deposit which was to await its announcement: for the month that the next one may take.
    """
    wanted = [("wanted", "lately"), ("wanted", "long ago")]
    abouts = [("nothing", ""), ("consent", ""), *wanted, *product(PLACES, ("plain", "pending", "hidden", "all"))]
    rows = [(a, b, c, n) for a, b, c in truths(("own", "success", "secret")) for n in range(len(abouts))]

    def columns(row: FromClause, key: ColumnElement[str]) -> dict[str, ColumnElement[Any]]:
        def chosen(of: Callable[[str, str], Any]) -> ColumnElement[Any]:
            return case(*[(row.c.about == literal(n), of(*about)) for n, about in enumerate(abouts)])

        def named(place: str, name: str) -> Any:
            begins = {"resource": "", "binary": "b-", "list": "l-"}.get(place)
            other = literal("secret" if place == "consent" else "")
            return other if begins is None else literal(begins) + id_of(key, name)

        return {
            "subject": case((row.c.own, literal(ME)), else_=literal(OTHER)),
            "outcome": case((row.c.success, literal("0")), else_=literal("8")),
            "detail": chosen(lambda place, _: literal(BY_THE_WAY if place == "across" else "")),
            "secret": row.c.secret,
            "reason": chosen(lambda place, _: literal("visibility-cumulation" if place == "wanted" else "masked")),
            "recorded": chosen(lambda _, name: NOW if name != "long ago" else NOW - literal(timedelta(days=32))),
            "interaction": chosen(lambda place, _: literal("search-type" if place in SEARCHES else "read")),
            "resource_type": chosen(lambda place, _: literal(TYPES.get(place, "DocumentReference"))),
            "resource_id": chosen(named),
            "documents": chosen(
                lambda place, name: _texts([id_of(key, name)] if place in {"documents", *SEARCHES} else [])
            ),
        }

    def say(status: str, caller: Caller, rel: Relations, place: int) -> Verdict:
        own, success, secret, number = rows[place]
        where, name = abouts[number]
        betrays = status != "" and where not in {"nothing", "search", "wanted"} and (success or not own)
        about = oracle.Document(pending=True) if name == "lately" else SOME.get(name, oracle.Document())
        betrays = betrays or (name == "lately" and (success or not own))
        return oracle.audit_event(
            status or oracle.OPEN,
            caller,
            rel,
            own=own,
            secret=secret or (betrays and where == "consent"),
            pending=betrays and about.pending,
            hidden=betrays and about.hidden,
        )

    few = {rel: flags for rel, flags in RELATIONS.items() if not flags & ~AUDITED}
    types = {"own": Boolean, "success": Boolean, "secret": Boolean, "about": Integer}
    unread = NOISE | ~AUDITED & sum(RELATION_FLAGS.values(), Flag(0))
    cells = grid(tuple(types), columns, few, rows, types, NO_RECORD, unread)
    return TypeCells("AuditEvent", cells, JUDGES["AuditEvent"], say, len(rows))


def _texts(names: Sequence[ColumnElement[str]]) -> ColumnElement[Any]:
    return cast(array(names, type_=Text), ARRAY(Text))


def _depositor(row: FromClause) -> ColumnElement[Any]:
    return case((row.c.deposited, literal(ME)), else_=literal(OTHER))


async def put_rows(link: Link) -> None:
    """The documents, a content and a list of each, and a Consent of a secret connection, in each record."""
    await put_documents(link, SOME)
    documents = TABLES["DocumentReference"]
    yes = literal(value=True)
    entry = array([literal("DocumentReference/") + documents.c.id])
    made: dict[str, tuple[FromClause, dict[str, ColumnElement[Any]]]] = {
        "Binary": (documents, {"id": literal("b-") + documents.c.id, "document": documents.c.id}),
        "List": (documents, {"id": literal("l-") + documents.c.id, "filtered": yes, "p_item": entry}),
        "Consent": (record, {"id": literal("secret"), "secret": yes}),
    }
    for kind, (source, own) in made.items():
        key = record.c.id if source is record else documents.c.record
        columns = {"record": key, **blank(), **own}
        rows = insert(TABLES[kind]).from_select(list(columns), select(*columns.values()))
        await Statement(rows, Unjudged.ADDED).run(link)
