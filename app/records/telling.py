"""From what happened to whom it is told (policy.md section 6): of each notice one message for each who may know of it.

Who may know of an act is who may read it in the journal of the record, by the same rules under the same guard: so
nothing is told of what awaits its announcement, and nothing of a secret connection or a hidden document to
representatives. A message says that something happened and never what: no document, no person, no detail of an act.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, Text, all_, and_, bindparam, cast, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, array, distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from app.access import DOCTOR, Access, Kind
from app.policy import trail
from app.policy.facts import NOW, Relation
from app.policy.guard import JUDGES, RECORD, Binding
from app.policy.standing import Caller, fresh, newest_matrix
from app.records import contacts, reading
from app.records.naming import new_key
from app.resources import terminology
from app.storage.audit import BESIDE
from app.storage.fence import Unjudged
from app.storage.outbox import ACCESS, FIRST, message, notice, told
from app.storage.statement import Statement, constant
from app.storage.tables import INSTANT, TABLES, audit_event, record, relation

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg import Record
    from sqlalchemy import Insert, Table

    from app.records.office import Office
    from app.storage.session import Link

    Since = dict[int, list[tuple[str, datetime]]]

NEW, VISIBLE, REMINDER, REGULATION = "new-document", "document-visible", "reminder", "regulation"
HEARD_ONCE = frozenset({ACCESS, FIRST, REGULATION})
ENDED, RECTIFICATION, SYNTHESIS = "treating-ended", "rectification", "synthesis"
PHYSICIAN = frozenset({"break-glass", REGULATION, "treating"})
"""What the treating physician is told of as well (R.1111-48; policy.md section 5)."""
YEAR = timedelta(days=365)
ACCESSES = 200
"""Acts of one professional that are looked at for one that a listener may know of."""
DOCUMENT = TABLES["DocumentReference"]
RECORDS = bindparam("records", type_=ARRAY(Text))
ID = bindparam("id", type_=Text)


def _new(table: Table, *names: str) -> Insert:
    made: Insert = insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in names})
    return made


ADD = Statement(_new(notice, "record", "kind", "document", "also", "due"))
AGAIN = Statement(_new(notice, "record", "kind", "event", "recorded", "subject", "document", "only", "due", "made_at"))
CLAIM = Statement(
    select(*notice.c)
    .where(notice.c.due <= NOW)
    .order_by(notice.c.due, notice.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
DONE = Statement(delete(notice).where(notice.c.id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))))
LIFT = Statement(
    delete(notice).where(notice.c.record == RECORD, notice.c.document == bindparam("document", type_=Text))
)
AWAITED = Statement(update(notice).where(notice.c.record == RECORD, notice.c.only != "").values(due=NOW))
"""An announcement was lifted: what waited for its end may be told, or waits for the next one."""
CURRENT = Statement(
    select(relation.c.record, relation.c.kind, relation.c.subject).where(
        relation.c.record == func.any(RECORDS),
        or_(*[relation.c.kind == kind.value for kind in (Relation.REPRESENTS, Relation.TREATING)]),
        relation.c.starts <= NOW,
        relation.c.ends > NOW,
    )
)
HEARD = Statement(
    select(told.c.party, told.c.kind, told.c.subject).where(
        told.c.record == RECORD,
        or_(told.c.kind == ACCESS, told.c.at > NOW - func.make_interval(0, 0, 0, 0, bindparam("hours", type_=Integer))),
    )
)
"""What each listener has heard once: the first access of somebody, and regulation within the length of a window."""
ONE_AT_A_TIME = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(func.concat("told ", func.unnest(RECORDS, type_=Text)), 0)))
)
"""Two who tell of the same record what is heard once: the second waits, and finds what the first one told."""
_key = {column.name: bindparam(column.name, type_=column.type) for column in told.primary_key}
_heard = upsert(told).values({**_key, "at": NOW})
REMEMBER = Statement(_heard.on_conflict_do_update(index_elements=list(_key), set_={"at": _heard.excluded.at}))
TELL = Statement(_new(message, "id", "record", "party", "kind", "count", "way", "language"))
PENDING = Statement(
    select(DOCUMENT.c.hidden).where(
        DOCUMENT.c.record == RECORD, DOCUMENT.c.id == ID, DOCUMENT.c.announce_at > NOW, DOCUMENT.c.withdrawn.is_(False)
    ),
    Unjudged.SWEPT,
)
NEXT = Statement(
    select(func.min(DOCUMENT.c.announce_at)).where(DOCUMENT.c.record == RECORD, DOCUMENT.c.announce_at > NOW),
    Unjudged.SWEPT,
)
"""When the next of a record's announcements ends: what betrays it may be told from then on."""
REMINDED = Statement(
    select(bindparam("deposited_at", type_=INSTANT) + func.make_interval(0, 0, 0, bindparam("days", type_=Integer)))
)


DESTRUCTION = "destruction"
UNSAID = Statement(delete(notice).where(notice.c.record == RECORD, notice.c.kind == DESTRUCTION))
_last = func.least(record.c.closed_at, record.c.died_at) + func.make_interval(bindparam("years", type_=Integer))
FORETOLD = Statement(
    insert(notice).from_select(
        ["record", "kind", "due", "made_at"],
        select(
            record.c.id,
            constant(DESTRUCTION),
            _last - func.make_interval(0, 0, 0, bindparam("days", type_=Integer)),
            NOW,
        ).where(record.c.id == RECORD, _last.is_not(None)),
    )
)


_unasked = delete(notice).where(notice.c.record == RECORD, notice.c.kind == SYNTHESIS).cte("unasked")
ASK = Statement(_new(notice, "record", "kind", "document", "also", "due").add_cte(_unasked))
_type = cast(array([terminology.SYNTHESIS]), ARRAY(Text))
SYNTHESES = Statement(
    select(NOW.label("now"), func.max(DOCUMENT.c.deposited_at).label("last")).where(
        DOCUMENT.c.record == RECORD,
        DOCUMENT.c.depositor == bindparam("depositor", type_=Text),
        DOCUMENT.c.withdrawn.is_(False),
        DOCUMENT.c.p_type.contains(_type),
    ),
    Unjudged.SWEPT,
)
"""When a professional deposited his last synthesis in a record."""


_event = audit_event.alias()
_accesses = (
    select(_event.c.id, _event.c.recorded)
    .where(
        _event.c.record == RECORD,
        _event.c.subject == bindparam("subject", type_=Text),
        _event.c.recorded >= bindparam("since", type_=INSTANT) - func.make_interval(0, 0, 0, 0, 0, 0, 1),
        _event.c.documents != cast(array([]), ARRAY(Text)),
    )
    .ext(distinct_on(_event.c.documents))
    .order_by(_event.c.documents, _event.c.recorded)
    .limit(constant(ACCESSES))
)
SINCE = Statement(_accesses, Unjudged.SWEPT)
"""What a professional was shown in a record since a notice of his access: one act for each set of documents."""


@cache
def _readable() -> Statement:
    """Which acts of a record the caller may read in its journal, and know of one of the documents that they showed."""
    event = audit_event.alias()
    concealed = func.array(trail.concealed(event, RECORD).scalar_subquery(), type_=ARRAY(Text))
    name = func.unnest(event.c.documents, type_=Text).column_valued("name")
    known = select(name).where(name.not_like(f"{BESIDE}%"), name != all_(concealed)).correlate(event).exists()
    verdict = JUDGES["AuditEvent"](event, record.c.status, Binding.ONE)
    these = and_(
        event.c.record == RECORD,  # and not that of the row: so one part of the trail is looked into
        event.c.recorded >= bindparam("first", type_=INSTANT),  # so that no month but theirs is looked into
        event.c.recorded <= bindparam("last", type_=INSTANT),
        event.c.id == func.any(bindparam("ids", type_=ARRAY(Text))),
        verdict.visible,
        or_(event.c.documents == cast(array([]), ARRAY(Text)), known),
    )
    found = func.array(select(event.c.id).where(these).correlate(record).scalar_subquery(), type_=ARRAY(Text))
    head: list[Any] = [fresh().label("fresh"), newest_matrix().label("matrix_version"), found.label("found")]
    return Statement(select(*head).where(record.c.id == RECORD))


async def schedule(office: Office, link: Link, key: str, document: str, deposited_at: datetime, end: datetime) -> None:
    """What will be told of a document that awaits its announcement: a reminder after two weeks, and its end."""
    await lift(link, key, document)
    at = await REMINDED.value(link, deposited_at=deposited_at, days=office.settings.reminder_days)
    if at < end:
        await ADD.run(link, record=key, kind=REMINDER, document=document, also="", due=at)
    await ADD.run(link, record=key, kind=VISIBLE, document=document, also="", due=end)


async def ask_synthesis(link: Link, key: str, whom: str, moment: datetime) -> None:
    """Ask the treating physician for his synthesis: when he is declared, and each year (policy.md section 6)."""
    await ASK.run(link, record=key, kind=SYNTHESIS, document="", also=whom, due=moment)


async def foretell(office: Office, link: Link, key: str) -> None:
    """When it will be told that a record is about to be destroyed: one that is closed, or whose holder died."""
    await UNSAID.run(link, record=key)
    await FORETOLD.run(link, record=key, years=office.settings.term_years, days=office.settings.farewell_days)


async def lift(link: Link, key: str, document: str) -> None:
    """Nothing is to be told of the announcement of a document any more; who waited for its end need not."""
    await LIFT.run(link, record=key, document=document)
    await AWAITED.run(link, record=key)


async def tell(link: Link, key: str, kind: str, whom: str, due: datetime) -> None:
    """Tell a professional of what he has no journal to read in: `whom` is his key."""
    await ADD.run(link, record=key, kind=kind, document="", also=whom, due=due)


@dataclass
class Listener:
    """Somebody who may be told: his party, who he is to the policy, the way to him, what he chose.

    `readable` are the acts of the batch that he may read in the journal, `since` the notices of a first access that
    stand for one of them.
    """

    party: str
    caller: Caller
    way: str
    language: str = ""
    choices: frozenset[str] = frozenset(contacts.OPTIONAL)
    readable: frozenset[str] = frozenset()
    since: set[int] = field(default_factory=set)

    def may_know(self, row: Record) -> bool:
        """Whether he may know of what a notice is of: its act, or another access that it stands for."""
        return not row["event"] or row["event"] in self.readable or row["id"] in self.since

    @property
    def access(self) -> Access:
        """Who he is."""
        return self.caller.access


@dataclass
class Spread:
    """What became of one batch: counted messages, what is heard once, what waits."""

    messages: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)
    heard: set[tuple[str, str, str, str]] = field(default_factory=set)
    again: list[dict[str, Any]] = field(default_factory=list)
    later: list[dict[str, Any]] = field(default_factory=list)


async def spread(office: Office, most: int = 200) -> int:
    """Make messages of the notices whose time has come, at most so many; returns how many notices are done.

    Claimed rows are locked, and skipped by whoever else spreads: all of it is one transaction, or nothing.

    Raises:
        Unavailable: a record was erased meanwhile; the next call finds nobody who listens to it.
    """
    async with office.database.transaction() as link:
        claimed = await CLAIM.rows(link, most=most)
        if not claimed:
            return 0
        await office.listening.mind_the_clock(link)
        made, records = Spread(), defaultdict(list)
        for row in claimed:
            records[row["record"]].append(row)
        listeners = await _listeners(office, link, list(records))
        if once := {row["record"] for row in claimed if row["kind"] in HEARD_ONCE}:
            await ONE_AT_A_TIME.run(link, records=sorted(once))
        await _judge(link, records, listeners, await _accesses_since(link, claimed))
        for key, rows in records.items():
            await _spread_record(office, link, key, rows, listeners[key], made)
        await _keep(link, made)
        await DONE.run(link, ids=[row["id"] for row in claimed])
    return len(claimed)


async def _listeners(office: Office, link: Link, keys: list[str]) -> dict[str, list[Listener]]:
    """Who may be told of something in each record today: the holder, who represents him, his treating physician."""
    found: dict[str, list[Listener]] = {key: [] for key in keys}
    current = {(row["record"], row["subject"]): row["kind"] for row in await CURRENT.rows(link, records=keys)}
    for row in await contacts.OF.rows(link, records=keys):
        key, party = row["record"], row["party"]
        access = Access(Kind.HOLDER, f"holder|{key}", record=key)
        if party:
            access = Access(Kind.REPRESENTATIVE, f"related|{party}", record=key)
            if current.get((key, access.subject)) != Relation.REPRESENTS:
                continue
        caller = Caller(access, office.settings, office.matrix, office.listening)
        found[key].append(Listener(party, caller, row["way"], row["language"], frozenset(row["choices"])))
    for (key, subject), kind in current.items():
        if kind == Relation.TREATING:
            access = Access(Kind.PROFESSIONAL, subject, profession=DOCTOR)
            caller = Caller(access, office.settings, office.matrix, office.listening)
            found[key].append(Listener(subject, caller, contacts.SECURE))
    return found


async def _accesses_since(link: Link, rows: list[Record]) -> Since:
    """The acts that each notice of a first access stands for, by its id: those of the same professional since then."""
    found: Since = {}
    for row in rows:
        if row["kind"] == FIRST and row["event"]:
            acts = await SINCE.rows(link, record=row["record"], subject=row["subject"], since=row["recorded"])
            found[row["id"]] = [(act["id"], act["recorded"]) for act in acts]
    return found


async def _judge(
    link: Link, records: dict[str, list[Record]], listeners: dict[str, list[Listener]], since: Since
) -> None:
    """Settle which acts each listener may read in the journal: those of a whole batch in two exchanges."""
    asked: list[tuple[Listener, str, dict[str, Any]]] = []
    for key, rows in records.items():
        for one in listeners[key]:
            mine = [row for row in rows if row["event"] and _concerns(row, one)]
            if mine:
                acts = {(row["event"], row["recorded"]) for row in mine}
                acts.update(*[since.get(row["id"], ()) for row in mine])
                moments = [moment for _, moment in acts]
                these = {"ids": [name for name, _ in acts], "first": min(moments), "last": max(moments)}
                asked.append((one, key, these))
    standings = await Caller.read_each(link, [(one.caller, key) for one, key, _ in asked])
    given = [one.caller.one(key, now) | these for (one, key, these), now in zip(asked, standings, strict=True)]
    found = await _readable().row_each(link, given)
    for (one, key, these), judged in zip(asked, found, strict=True):
        row = judged if judged["fresh"] else await reading.confirmed(link, one.caller, key, _readable(), **these)
        one.readable = frozenset(row["found"] if row else ())
        one.since = {name for name, acts in since.items() if any(act in one.readable for act, _ in acts)}


async def _spread_record(
    office: Office, link: Link, key: str, rows: list[Record], listeners: list[Listener], made: Spread
) -> None:
    """Tell each listener of one record what he may know and wants to hear."""
    known: set[tuple[str, str, str]] = set()
    if any(row["kind"] in HEARD_ONCE for row in rows):
        found = await HEARD.rows(link, record=key, hours=office.settings.window_hours)
        known = {(row["party"], row["kind"], row["subject"]) for row in found}
    heard = set(known)
    for one in listeners:
        mine = [row for row in rows if _concerns(row, one)]
        waits = [row for row in mine if not one.may_know(row)]
        for row in mine:
            kind = await _kind(link, one, row, heard)
            if kind:
                made.messages[key, one.party, kind, one.way, one.language] += 1
        await _wait(link, key, one, waits, made)
    made.heard |= {(key, *fact) for fact in heard - known}
    for row in rows:
        if row["also"] and await _asked(link, row, listeners, made):
            made.messages[key, row["also"], row["kind"], contacts.SECURE, ""] += 1


async def _asked(link: Link, row: Record, listeners: list[Listener], made: Spread) -> bool:
    """Whether a professional is told of what is for him alone.

    A synthesis is asked of the treating physician of today, if his last one is a year old, and a year later again.
    """
    if row["kind"] != SYNTHESIS:
        return True
    if row["also"] not in {one.party for one in listeners}:
        return False
    found = await SYNTHESES.row(link, record=row["record"], depositor=row["also"])
    now, last = (found["now"], found["last"]) if found else (row["due"], None)
    since = now if last is None or last <= now - YEAR else last
    made.later.append({"record": row["record"], "whom": row["also"], "due": since + YEAR})
    return since is now


def _concerns(row: Record, one: Listener) -> bool:
    """Whether a notice may be for somebody: it is not of his own act, not for another alone, and of his kind."""
    if row["also"] or row["subject"] == one.access.subject or (row["only"] and row["only"] != one.access.subject):
        return False
    return one.way != contacts.SECURE or row["kind"] in PHYSICIAN


async def _kind(link: Link, one: Listener, row: Record, heard: set[tuple[str, str, str]]) -> str:
    """What a listener is told of one notice, "" for nothing."""
    kind, key = str(row["kind"]), row["record"]
    if not one.may_know(row):
        return ""
    if kind == REMINDER:
        hidden = await PENDING.value(link, record=key, id=row["document"])
        return kind if hidden is False or (hidden and not one.party) else ""
    if kind == VISIBLE and row["document"]:
        shown = await reading.confirmed(link, one.caller, key, reading.by_id("DocumentReference"), id=row["document"])
        kind = kind if shown is not None and shown["body"] is not None else ""
    if kind in HEARD_ONCE:  # whoever hears of it for the first time need not want to hear of it
        fact = (one.party, REGULATION if kind == REGULATION else ACCESS, row["subject"])
        new = fact not in heard
        heard.add(fact)
        if kind == REGULATION:
            return kind if new else ""
        kind = FIRST if new and FIRST in one.choices else ACCESS if row["event"] in one.readable else ""
    return kind if kind not in contacts.OPTIONAL or kind in one.choices else ""


async def _wait(link: Link, key: str, one: Listener, rows: list[Record], made: Spread) -> None:
    """What he may not know yet is looked at again when the next announcement of the record ends; else it is dropped."""
    if not rows or one.way == contacts.SECURE:
        return
    due = await NEXT.value(link, record=key)
    if due is not None:
        names = ("kind", "event", "recorded", "subject", "document", "made_at")
        made.again += [
            {**{name: row[name] for name in names}, "record": key, "only": one.access.subject, "due": due}
            for row in rows
        ]


async def _keep(link: Link, made: Spread) -> None:
    """Keep what came of a batch."""
    names = ("record", "party", "kind", "way", "language")
    told_of = made.messages.items()
    messages = [{"id": new_key(26), "count": count, **dict(zip(names, said, strict=True))} for said, count in told_of]
    once = [dict(zip(("record", "party", "kind", "subject"), one, strict=True)) for one in sorted(made.heard)]
    for statement, rows in ((TELL, messages), (REMEMBER, once), (AGAIN, made.again)):
        if rows:
            await statement.many(link, rows)
    for one in made.later:
        await tell(link, one["record"], SYNTHESIS, one["whom"], one["due"])
