"""A caller's standing toward one record: his flags, kept in the worker and checked by the statement that uses them.

The standing holds for one policy version of the record and until the next instant at which a relation begins or ends.
A statement that takes it as parameters compares both, and says `fresh = false` when it is stale: nothing stale is used.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Integer, Text, and_, bindparam, func, select

from app.policy.ceiling import ceilings
from app.policy.facts import (
    NOW,
    SECRETIVE,
    Condition,
    Flag,
    caller_flags,
    caller_values,
    known_relations,
    standing_select,
)
from app.storage.fence import Unjudged
from app.storage.outbox import EACH, HEARD, UNMET
from app.storage.statement import Statement
from app.storage.tables import matrix_version, record

if TYPE_CHECKING:
    from asyncpg import Record
    from sqlalchemy import ScalarSelect

    from app.access import Access
    from app.policy.matrix import Matrix
    from app.settings import Settings
    from app.storage.statement import Link

NEVER = datetime.max.replace(tzinfo=UTC)
KEPT = 20_000
STANDING = Statement(
    standing_select().add_columns(known_relations(bindparam("record", type_=Text)).label("known")), Unjudged.FACT
)
UNKNOWN_RECORD = -1
NOTHING = Flag(0)
MADE = reduce(or_, SECRETIVE)
OPPOSED = Flag.BREAK_GLASS_OPPOSED | Flag.REGULATION_OPPOSED


@dataclass(frozen=True, slots=True)
class Standing:
    """Flags of one caller toward one record, with what the next statement checks them by.

    `secretly` are the flags that are otherwise than without the Consents of secret connections; no rule reads them.
    `status` is not-opened, open, closed, destroyed, or "" for a record that does not exist. `ears` says who listens to
    what the caller does there (`app.storage.outbox`); no rule reads it. `read_at` is when it was read, in seconds
    that no clock moves.
    """

    flags: Flag
    status: str
    policy_version: int
    expiry: datetime
    ears: int = 0
    secretly: Flag = NOTHING
    read_at: float = field(default_factory=monotonic, compare=False)

    def rests_secretly(self, reason: str) -> bool:
        """Whether a reason to be shown or refused something comes of what was agreed on in a secret connection.

        An opposition bears on who comes in an emergency, and on nobody else.
        """
        found, flags = self.secretly, self.flags
        return bool(
            found & (Flag.AUTHORISED | Flag.FULL_ACCESS | Flag.BLOCKED)
            or (found & Flag.BREAK_GLASS_OPPOSED and flags & Flag.WINDOW)
            or (found & Flag.REGULATION_OPPOSED and flags & Flag.REGULATOR)
            or (found & OPPOSED and reason == "emergency-opposed")
            or (found & Flag.GROUP_BLOCKED and reason == "blocked")
        )

    def values(self) -> dict[str, Any]:
        """Parameters of a statement bound to this standing."""
        return {"flags": int(self.flags), "policy_version": self.policy_version, "expiry": self.expiry}


def newest_matrix() -> ScalarSelect[int]:
    """Version of the matrix in force."""
    return select(func.max(matrix_version.c.version)).scalar_subquery()


def fresh() -> Condition:
    """Whether the bound standing and matrix are those in force, now."""
    return and_(
        record.c.policy_version == bindparam("policy_version", type_=BigInteger),
        bindparam("matrix_version", type_=Integer) == newest_matrix(),
        bindparam("expiry", type_=DateTime(timezone=True)) > NOW,
    )


class Caller:
    """One caller and everything that statements need to know of him: parameters, flags, standings."""

    __slots__ = ("_standings", "access", "changed", "flags", "matrix", "values")

    def __init__(self, access: Access, settings: Settings, matrix: Matrix, standings: Standings) -> None:
        self.access = access
        self.matrix = matrix
        self.flags = caller_flags(access, settings)
        self.values: dict[str, Any] = {
            **caller_values(access),
            "majority_years": settings.majority_years,
            "announcement_months": settings.announcement_months,
        }
        if access.limits:
            self.values["ceilings"] = ceilings(access)
        self._standings = standings
        self.changed: dict[str, Standing | None] = {}

    def reaching(self, resource_type: str, letters: str) -> Caller:
        """The same caller in a request for some letters of SMART on a type, which a restricted token tells apart."""
        if not self.access.limits:
            return self
        made = copy.copy(self)
        made.values = {**self.values, "ceilings": ceilings(self.access, resource_type, letters)}
        return made

    async def standing(self, link: Link, key: str, *, again: bool = False) -> Standing:
        """His standing toward the record `key`, from the worker's memory unless it was found stale (`again`)."""
        if key in self.changed:
            own = self.changed[key]
            if own is None or again:
                own = self.changed[key] = await self.read(link, key)
            return own
        if again:
            self._standings.forget(self.access, key)
        known = self._standings.get(self.access, key)
        if known is None:
            known = await self.read(link, key)
            self._standings.put(self.access, key, known)
        return known

    async def read(self, link: Link, key: str) -> Standing:
        """His standing toward the record `key` as the link sees it now."""
        return self.standing_of(await STANDING.row(link, **self.asked(key)))

    @staticmethod
    async def read_each(link: Link, asked: list[tuple[Caller, str]]) -> list[Standing]:
        """The standing of each caller toward a record, in one exchange what is not remembered.

        Unavailable where one of those records is gone.
        """
        known = [caller._standings.get(caller.access, key) for caller, key in asked]  # noqa: SLF001 - our own
        wanted = [one for one, found in zip(asked, known, strict=True) if found is None]
        rows = iter(await STANDING.row_each(link, [caller.asked(key) for caller, key in wanted]) if wanted else ())
        return [found or caller.keep(key, next(rows)) for (caller, key), found in zip(asked, known, strict=True)]

    def keep(self, key: str, row: Record) -> Standing:
        """Remember what a row of `STANDING` says."""
        found = self.standing_of(row)
        self._standings.put(self.access, key, found)
        return found

    def asked(self, key: str) -> dict[str, Any]:
        """What `STANDING` is asked with."""
        return {**self.values, "record": key, "flags": int(self.flags)}

    def standing_of(self, row: Record | None) -> Standing:
        """What a row of `STANDING` says, None where there is no such record."""
        if row is None:
            return Standing(self.flags, "", UNKNOWN_RECORD, NEVER)
        flags = self.flags | Flag(row["relations"])
        known = row.get("known", -1)
        secretly = MADE & Flag(row["relations"] ^ known) if known >= 0 else NOTHING
        return Standing(flags, row["status"], row["policy_version"], row["expiry"] or NEVER, row["ears"], secretly)

    def listening(self, key: str) -> int:
        """Who listens to what he does in a record, as far as the worker remembers: else whoever may."""
        known = self._standings.get(self.access, key)
        return HEARD | UNMET | EACH if known is None else known.ears

    def remembered(self, key: str) -> Standing | None:
        """His standing toward a record, if the worker remembers it."""
        return self._standings.get(self.access, key)

    def forget(self, key: str, age: float) -> None:
        """Read his standing toward the record anew when it is next wanted, if it was read so many seconds ago."""
        known = self._standings.get(self.access, key)
        if known is not None and monotonic() - known.read_at >= age:
            self._standings.forget(self.access, key)

    def within(self) -> Caller:
        """The same caller within one transaction.

        His standing toward a record whose relations the transaction `changed` is read again after each change and never
        remembered beyond it: the change may yet be given up, and its policy version be given to another one.
        """
        made = copy.copy(self)
        made.changed = {}
        return made

    def change(self, key: str) -> None:
        """The transaction changed what his standing toward a record is made of."""
        self.changed[key] = None

    def one(self, key: str, standing: Standing) -> dict[str, Any]:
        """Parameters of a statement bound to one record."""
        return {**self.values, **standing.values(), **self.matrix.values(self.access.profession), "record": key}

    def many(self) -> dict[str, Any]:
        """Parameters of a statement across records."""
        reach = [self.access.subject, *self.access.groups]
        matrix = self.matrix.values(self.access.profession)
        return {**self.values, **matrix, "flags": int(self.flags), "reach": reach, "limit": self.access.record}


CLOCK = Statement(select(NOW))


class Standings:
    """The standings that a worker remembers; the least recently used are forgotten."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._known: OrderedDict[tuple[object, ...], Standing] = OrderedDict()
        self._seen: datetime | None = None

    @staticmethod
    def _name(access: Access, key: str) -> tuple[object, ...]:
        return (
            access.kind, access.subject, access.structure, access.profession, access.specialty, access.record,
            access.regulator, access.purpose, access.acr, access.secret, key,
        )  # fmt: skip

    def get(self, access: Access, key: str) -> Standing | None:
        """What is remembered, if anything."""
        return self._known.get(self._name(access, key))

    def put(self, access: Access, key: str, standing: Standing) -> None:
        """Remember; a record that does not exist is not remembered, since it may soon."""
        if standing.policy_version == UNKNOWN_RECORD:
            return
        self._known[self._name(access, key)] = standing
        if len(self._known) > self._kept:
            self._known.popitem(last=False)

    async def mind_the_clock(self, link: Link) -> None:
        """Drop all where the clock went back: what began meanwhile, and has not begun now, is in no statement's sight.

        What ends or begins as time goes by is seen by each statement itself; to be called some times a second.
        """
        now: datetime = await CLOCK.value(link)
        if self._seen is not None and now < self._seen:
            self._known.clear()
        self._seen = now

    def forget(self, access: Access, key: str) -> None:
        """Drop what was found stale."""
        self._known.pop(self._name(access, key), None)
