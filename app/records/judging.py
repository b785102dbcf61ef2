"""Statements that lock, read and judge what a write is about, in the transaction that writes.

The record's row is locked first: shared by deposits, alone by whatever changes a relation. So two writes that would be
allowed one by one and break a rule together come one after the other (policy.md section 5).
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, and_, bindparam, literal, or_, select
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.sql.visitors import replacement_traverse

from app.errors import Unavailable
from app.policy.facts import FLAGS, NOW, Flag, bit, standing_select
from app.policy.guard import JUDGES, RECORD, Binding, reduced
from app.policy.standing import fresh, newest_matrix
from app.policy.writes import Act, refusal, refused, situation
from app.records.reading import confirmed, document_of, not_found
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES, record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from asyncpg import Record
    from sqlalchemy import ColumnElement, Select

    from app.policy.standing import Caller, Standing
    from app.storage.session import Link

ID = bindparam("id", type_=Text)
TRIES = 16
"""A relation cannot change under the record's lock, but other writes may add document kinds meanwhile."""
NOTHING: dict[str, bool] = {
    "becomes_masked": False,
    "becomes_pending": False,
    "becomes_hidden": False,
    "beyond_persons": False,
    "reimbursement": False,
    "holder_type": False,
    "erases_own_only": False,
}
BLIND = frozenset({Act.WITHDRAW, Act.ANNOUNCE})
"""Acts that a depositor whom a block names may still do on what he no longer sees."""
OPERATED = frozenset({"Patient", "RelatedPerson", "Consent"})
"""Types that the operator writes and does not read: identities and representatives (policy.md section 5)."""


def _lock(statement: Select[Any], *, exclusive: bool) -> Select[Any]:
    return statement.with_for_update(of=record, read=not exclusive, key_share=exclusive)


def judged(act: Act, *, exclusive: bool = False) -> Select[Any]:
    """Locks a record's row and judges an act that makes something new in it."""
    why = refusal(act, situation(record.c.status, None))
    columns: list[Any] = [
        fresh().label("fresh"),
        newest_matrix().label("matrix_version"),
        record.c.status,
        NOW.label("now"),
    ]
    return _lock(select(*columns, why.label("refusal")).where(record.c.id == RECORD), exclusive=exclusive)


@cache
def on_record(act: Act, *, exclusive: bool) -> Statement:
    """`judged` as a statement of its own."""
    return Statement(judged(act, exclusive=exclusive))


@cache
def anew(act: Act) -> Statement:
    """`judged` in a record that this transaction has changed: the caller's standing is found, and the act judged by it.

    The columns of the standing come with it. The record's row is locked alone already.
    """
    found = standing_select().add_columns(NOW.label("now"))
    toward = _lock(found, exclusive=True).subquery("toward")
    flags = Grouping(FLAGS.op("|", return_type=Integer)(toward.c.relations))
    why = refusal(act, situation(toward.c.status, None))
    why = replacement_traverse(why, {}, partial(_instead, flags))
    return Statement(select(*toward.c, why.label("refusal")), Unjudged.FACT)


def _instead(flags: ColumnElement[int], element: Any, **_: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own
    """Flags that a statement finds, in the place of those that it is given."""
    return flags if element is FLAGS else None


@cache
def on_nothing(act: Act) -> Statement:
    """Judges an act that needs no record: an identity, a directory resource."""
    return Statement(select(refusal(act, situation(literal("not-opened"), None)).label("refusal"), NOW.label("now")))


@cache
def lock(*, exclusive: bool) -> Statement:
    """Locks a record's row and says its state."""
    columns: list[Any] = [record.c.status, record.c.policy_version, NOW.label("now")]
    return Statement(_lock(select(*columns).where(record.c.id == RECORD), exclusive=exclusive))


@cache
def row_of(resource_type: str) -> Statement:
    """Locks and reads one row of a locked record: whether the caller sees it, or may act on it unseen."""
    row = TABLES[resource_type].alias()
    verdict = JUDGES[resource_type](row, record.c.status, Binding.ONE)
    shown = reduced(row, record.c.status, Binding.ONE) if resource_type == "Patient" else verdict.visible
    mine = row.c.depositor == bindparam("depositor", type_=Text)
    blind = and_(record.c.status == "open", mine, or_(bit(Flag.SOFTWARE | Flag.INSURER), bit(Flag.BLOCKED)))
    if resource_type in OPERATED:
        blind = or_(blind, bit(Flag.OPERATOR))
    columns: list[Any] = [fresh().label("fresh"), newest_matrix().label("matrix_version"), NOW.label("now")]
    judged: list[Any] = [shown.label("visible"), verdict.reason.label("reason"), blind.label("blind")]
    joined = record.join(row, row.c.record == record.c.id)
    found = select(*columns, *judged, *row.c).select_from(joined).where(record.c.id == RECORD, row.c.id == ID)
    return Statement(found.with_for_update(of=row), Unjudged.ACT)


@cache
def on_row(resource_type: str, act: Act) -> Statement:
    """Judges an act on one row, as it is before and would be after."""
    row = TABLES[resource_type].alias()
    why = refusal(act, situation(record.c.status, row))
    joined = record.join(row, row.c.record == record.c.id)
    judged = select(why.label("refusal")).select_from(joined).where(record.c.id == RECORD, row.c.id == ID)
    return Statement(judged, Unjudged.ACT)


@cache
def shows() -> Statement:
    """Whether a record's Patient may be shown to the caller at least by its identifier."""
    row = TABLES["Patient"].alias()
    columns: list[Any] = [fresh().label("fresh"), newest_matrix().label("matrix_version")]
    shown = reduced(row, record.c.status, Binding.ONE).label("shown")
    joined = record.join(row, row.c.record == record.c.id)
    return Statement(select(*columns, shown).select_from(joined).where(record.c.id == RECORD))


class Bench:
    """Judges the acts of one caller within one transaction.

    `opened` are the records that it opens: what belongs to an opening is allowed in them.
    """

    def __init__(self, link: Link, caller: Caller, settings: dict[str, bool]) -> None:
        self.link = link
        self.caller = caller
        self.opened: set[str] = set()
        self._settings = settings
        self._alone: dict[Act, Record] = {}
        self._judged: dict[tuple[Act, str, bool, bool, frozenset[tuple[str, bool]]], Record] = {}

    @property
    def changed(self) -> Collection[str]:
        """The records whose relations this transaction changed."""
        return self.caller.changed

    def change(self, key: str) -> None:
        """Nothing that was judged in a record holds any more: what it was judged by is another."""
        self.caller.change(key)
        self._judged = {name: row for name, row in self._judged.items() if name[1] != key}

    async def standing(self, key: str, *, again: bool = False) -> Standing:
        """The caller's standing as this transaction sees it."""
        return await self.caller.standing(self.link, key, again=again)

    async def values(self, key: str, standing: Standing | None = None) -> dict[str, Any]:
        """Parameters of a statement bound to a record."""
        bound = self.caller.one(key, standing or await self.standing(key))
        if key in self.opened:
            bound["flags"] |= int(Flag.OPENING)
        return bound

    async def confirmed(
        self, key: str, statement: Statement | Callable[[Standing], Statement], **values: object
    ) -> Record | None:
        """The row of a statement that found standing and matrix fresh; it may depend on the standing."""
        again = False
        for _ in range(TRIES):
            standing = await self.standing(key, again=again)
            chosen = statement if isinstance(statement, Statement) else statement(standing)
            row = await chosen.row(self.link, **await self.values(key, standing), **self._settings, **values)
            if row is None or row["fresh"]:
                return row
            if row["matrix_version"] != self.caller.matrix.version:
                await self.caller.matrix.refresh(self.link)
            again = True
        message = "the record is changing too fast"
        raise Unavailable(message, headers={"Retry-After": "1"})

    async def new(self, act: Act, key: str, *, exclusive: bool, becomes: dict[str, bool] | None = None) -> Record:
        """Lock a record and judge an act that makes something new in it; raises the refusal. Returns status and now.

        A locked record stays as it is: the same act is judged once, until this transaction changes relations there.
        """
        becomes = becomes or NOTHING
        name = (act, key, exclusive, key in self.opened, frozenset(becomes.items()))
        row = self._judged.get(name)
        if row is None and key in self.changed:
            row = self._permitted(act, key, await self._anew(act, key, becomes))
        elif row is None:
            row = await self.allowed(act, key, on_record(act, exclusive=exclusive), **becomes)
        self._judged[name] = row
        return row

    async def _anew(self, act: Act, key: str, becomes: dict[str, bool]) -> Record | None:
        """Judge by the standing that the caller has now in a record that this transaction changed, and keep it."""
        given = self.caller.asked(key) | self._settings | becomes
        if key in self.opened:
            given["flags"] |= int(Flag.OPENING)
        row = await anew(act).row(self.link, **given)
        self.caller.changed[key] = self.caller.standing_of(row)
        return row

    async def allowed(
        self, act: Act, key: str, statement: Statement | Callable[[Standing], Statement], **values: object
    ) -> Record:
        """The row of a statement that judges an act; raises the refusal."""
        return self._permitted(act, key, await self.confirmed(key, statement, **values))

    def _permitted(self, act: Act, key: str, row: Record | None) -> Record:
        """The row that judged an act; raises the refusal."""
        if row is None:
            raise refused(act, "record-not-open").about("", "record-not-open")
        if row["refusal"]:
            raise refused(act, row["refusal"]).about(key, row["refusal"])
        return row

    async def alone(self, act: Act) -> Record:
        """Judge an act that needs no record; raises the refusal. Returns now."""
        row = self._alone.get(act)
        if row is None:
            flags = int(self.caller.flags)
            row = await on_nothing(act).row(self.link, **self.caller.values, **self._settings, **NOTHING, flags=flags)
        if row is None or row["refusal"]:
            raise refused(act, row["refusal"] if row else "")
        self._alone[act] = row
        return row

    async def meant(self, key: str) -> None:
        """Refuse an act on a record of which the caller may not know, or that his token may not change; NotFound."""
        caller = self.caller.reaching("Patient", "u")
        row = await confirmed(self.link, caller, key, shows()) if caller.access.record in {"", key} else None
        if row is None or not row["shown"]:
            raise not_found()

    async def row(self, resource_type: str, key: str, identifier: str, *, exclusive: bool) -> Record | None:
        """Lock a record and one row in it; None when there is no such row."""
        if await lock(exclusive=exclusive).row(self.link, record=key) is None:
            return None
        return await self.confirmed(key, row_of(resource_type), id=identifier)

    async def act(self, act: Act, resource_type: str, key: str, identifier: str, becomes: dict[str, bool]) -> None:
        """Judge an act on a locked row; raises the refusal."""
        statement = on_row(resource_type, act)
        bound = await self.values(key)
        why = await statement.value(self.link, **bound, **self._settings, **becomes, id=identifier)
        if why:
            document = document_of(resource_type, identifier)
            raise refused(act, why).about(key, why, (document,) if document else ())
