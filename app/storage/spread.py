"""What statements say to the coordinator of a Citus cluster, where that is not what one PostgreSQL is told.

A statement that is bound to a record goes to the worker that has it, fence and all: it is the same text. One that
writes names the table itself, since Citus writes through no view. One across records (`Across`) says in a statement of
its own which they are; the settings of the fence, which it would make in passing, are made on every worker before it
runs (`carnet.let`), and the rows of those records are read first and then judged together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import asyncpg

from app.storage.audit import MEMBERS
from app.storage.fence import CLINICAL, UNFENCED, TripError, known
from app.storage.ways import uncited

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncpg import Connection, Record

    from app.storage.fence import Leave

FENCED = frozenset(table.name for table in CLINICAL - {uncited})
"""Tables that the serving role reads through views of the fence, and on a cluster writes itself."""
SPREAD = FENCED | {"record"} | (UNFENCED - {"notice", "message", "care"})
"""What lies on the workers, by the key of the record. Queues, worked off across records, are on the coordinator."""
WHOLE = (
    "practitioner", "practitioner_role", "organization", "identity", "document_kind", "matrix_cell", "matrix_version"
)  # fmt: skip
"""What is whole on each node."""
NAMES = "|".join(sorted(FENCED))
WRITTEN = re.compile(rf'\b(INSERT INTO|UPDATE|DELETE FROM) ("?(?:{NAMES})"?)(?= )')
OTHER = re.compile(r'\b(?:INSERT INTO|(?<!FOR )(?<!KEY )(?<!DO )UPDATE|DELETE FROM) "?(\w+)"?(?= )')
"""Any table that a statement writes to."""
BOUND = re.compile(
    r'WHERE \(?("?\w+"?)\.record = \$(\d+)::VARCHAR(?: OR \1\.record = \$(\d+)::VARCHAR\))?(?= AND | RETURN|$)'
)
"""How the condition of a change begins: with the record whose rows it may change, or with either of two."""
INNER = re.compile(r"\([^()]*\)")
KEY = re.compile(r"record(?:_\d+)?")
"""How the parameter is named that is a record, or the second one."""
GATE = re.compile(r" AND \(SELECT concat\(set_config\('carnet\.\w+', [^()]*\)\) AS concat_\d+\) IS NOT NULL")
SETTING = re.compile(r"set_config\('carnet\.(\w+)', ")
GATHERED = re.compile(r'"?reach_\w+"? AS\s+(?:MATERIALIZED )?\(')
BESIDE = re.compile(r"\bLIMIT \((?=SELECT greatest\()")
"""How many records are looked at beside those that were found (`app.policy.reach`): Citus takes no number that it has
to ask for, and there they are none."""
USED = re.compile(r"\$(\d+)")
LOCKED = re.compile(r"\s+FOR UPDATE OF binary_\d+$")
"""A lock on a row that may lie in either of two shards: what is done to it says whether it was still there."""
OWN = {
    "audit_event": ("subject", "subject = {}"),
    "binary": ("depositor", "record = '' AND depositor = {}"),
}
"""What is found across records by whom it is of, and not by its record."""
EVERYWHERE = re.compile(rf"\b(?:INSERT INTO|UPDATE) (?:{'|'.join(WHOLE)})\b")
LISTS = ("reach", "identity")
"""Settings that hold keys of records, with a space between them."""
TEXTS = 4096
"""Statements whose texts are remembered."""
EVERY = "*"
"""Stands for the keys of all records."""


def _end(text: str, start: int, stop: str) -> int:
    """Where what begins at `start` ends: before the first of these letters outside of parentheses and quotes."""
    depth, quoted = 0, False
    for place in range(start, len(text)):
        letter = text[place]
        if letter == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif depth == 0 and letter in stop:
            return place
        else:
            depth += (letter == "(") - (letter == ")")
    return len(text)


@lru_cache(maxsize=TEXTS)
def said(text: str) -> str:
    """The statement as a cluster is told it.

    Raises:
        TripError: it changes what is not bound to one record.
    """
    if text.startswith("DELETE FROM fence.uncited"):
        text = text.replace("fence.uncited WHERE", "public.binary WHERE document = '' AND", 1)
        text = text.replace("fence.uncited", "public.binary")
    leave, before, made = known.get(text), 0, []
    for write in WRITTEN.finditer(text):
        end = _end(text, write.end(), ")")
        changes = not write[1].startswith("INSERT")
        part = f"{write[1]} public.{write[2]}{text[write.end() : end]}"
        part = GATE.sub("", part) if changes else part
        made += [text[before : write.start()], part]
        before = end
        if changes:
            _check(part, leave)
    text = "".join([*made, text[before:]])
    if leave is not None and "INSERT INTO notice" in text and "contact" in leave.tables:
        text = _first(text, leave, {"contact", "told"}, f"record = ANY(${leave.names.index('record') + 1})")
    return text


def _check(change: str, leave: Leave | None) -> None:
    """Refuse a change that is not bound to one record: the views, which would hold it there, it goes around."""
    if "set_config" in change:
        raise TripError("a change on a cluster makes no setting")
    found = BOUND.search(change)
    named = [leave.names[int(place) - 1] for place in found.groups()[1:] if place] if found and leave else [""]
    while (flat := INNER.sub("", change)) != change:
        change = flat
    if " OR " in flat or not all(map(KEY.fullmatch, named)):
        raise TripError("a change on a cluster is bound to a record")


def _first(text: str, leave: Leave, tables: Iterable[str], condition: str) -> str:
    """The statement over the rows of these tables that meet a condition, which are read before all else."""
    made = []
    for name in sorted(tables):
        whose, own = OWN.get(name, ("", ""))
        more = f" OR ({own.format(f'${leave.names.index(whose) + 1}')})" if whose in leave.names else ""
        key = condition.replace("record", "id", 1) if name == "record" else condition
        made.append(f'"{name}" AS MATERIALIZED (SELECT * FROM "{name}" WHERE {key}{more})')  # noqa: S608 - our own names
    return f"WITH {', '.join(made)}{',' + text.removeprefix('WITH') if text.startswith('WITH') else ' ' + text}"


@lru_cache(maxsize=TEXTS)
def common(text: str) -> bool:
    """Whether a statement changes or locks what is whole on each node: Citus locks the whole of such a table for it."""
    leave = known.get(text)
    tables = leave.tables if leave is not None else frozenset()
    return EVERYWHERE.search(text) is not None or (bool(tables) and tables <= set(WHOLE) and "FOR UPDATE" in text)


@lru_cache(maxsize=TEXTS)
def there(text: str) -> bool:
    """Whether a statement writes what lies on the workers."""
    return not SPREAD.isdisjoint(OTHER.findall(text)) or "carnet.forget(" in text


TWO_PHASES = "DELETE FROM carnet.phase"
"""Has the transaction commit in two phases (an empty table that Citus knows to lie on the coordinator).

Citus by itself commits on a single worker first, and then on the coordinator. Where that worker dies of it, it warns
and goes on: what was never kept is said to be. A fault between the two would keep a deposit of which nobody is told.
"""
TOUCH = "DELETE FROM public.told WHERE record = $1 AND kind = ''"
"""Changes no row, and has Citus know that the transaction changes something in the shard of a record.

It takes many acts to the workers by COPY. Where the transaction has read of the same shard before, it goes on over that
connection and does not note that it is more than read now, so that it would commit there in one phase.
"""
RECORD = MEMBERS.index("record")
IN_TURN = f"SELECT pg_advisory_xact_lock({0x6469726563746F7279 & 0x7FFFFFFFFFFFFFFF})"
"""So that transactions which change more than one such table do it one after another, and not each for the other."""


@lru_cache(maxsize=TEXTS)
def _acts(text: str) -> int | None:
    """Where the acts are among the parameters of a statement that writes many."""
    leave = known.get(text)
    return leave.names.index("acts") if leave is not None and "acts" in leave.names else None


def copied(text: str, values: Sequence[Any]) -> list[tuple[str]]:
    """The records, "" among them, whose acts a statement brings to the workers by COPY; each by itself for `TOUCH`."""
    place = _acts(text)
    return [] if place is None else [(record,) for record in sorted({act[RECORD] for act in values[place]})]


@dataclass(frozen=True, slots=True)
class Across:
    """A statement across records. `keys` says by which settings the fence opens, in the order of `names`.

    `used` are the parameters of it among those of the statement. `some` and `every` are the statement itself, over the
    records whose keys are its last parameter, or over all.
    """

    names: tuple[str, ...]
    keys: str
    used: tuple[int, ...]
    some: str
    every: str

    async def run(self, link: Connection[Record], values: Sequence[Any]) -> list[Record]:
        """Its rows."""
        if not link.is_in_transaction():
            async with link.transaction():
                return await self.run(link, values)
        ask = asyncpg.Connection.fetch
        found = (await ask(link, self.keys, *[values[place - 1] for place in self.used]))[0]
        made: dict[str, str] = {}
        for name, value in zip(self.names, found, strict=True):
            made[name] = (
                f"{made[name]} {value or ''}" if name in made and name in LISTS else value or made.get(name, "")
            )
        keys = " ".join(made.get(name, "") for name in ("record", "reach", "identity")).split()
        if EVERY in keys:
            made["reach"] = EVERY
        for name, value in made.items():
            await ask(link, LET, name, value)
        return await ask(link, self.every if EVERY in keys else self.some, *values, keys)


LET = "SELECT carnet.let($1, $2)"


def _alone(text: str) -> str:
    """The statement that looks at no record beside those that were found."""
    for one in reversed(list(BESIDE.finditer(text))):
        text = f"{text[: one.start()]}LIMIT 0{text[_end(text, one.end(), ')') + 1 :]}"
    return text


@lru_cache(maxsize=TEXTS)
def across(text: str) -> Across | None:
    """What a statement is that looks across records; None for one that is bound to a record, or to none."""
    leave = known.get(text)
    either = LOCKED.search(text) is not None
    if leave is None or ("record" in leave.names and not either) or not SETTING.search(text):
        return None
    text = _alone(LOCKED.sub("", text))
    asked = [(one[1], text[one.end() : _end(text, one.end(), ",")]) for one in SETTING.finditer(text)]
    gathered = [text[one.start() : _end(text, one.end(), ")") + 1] for one in GATHERED.finditer(text)]
    keys = f"WITH {', '.join(gathered)} " if gathered else ""
    keys += "SELECT " + ", ".join(f"({value}) AS v{place}" for place, (_, value) in enumerate(asked))
    used = tuple(sorted({int(one) for one in USED.findall(keys)}))
    keys = USED.sub(lambda one: f"${used.index(int(one[1])) + 1}", keys)
    given = f"${len(leave.names) + 1}::TEXT[]"
    tables = leave.tables & SPREAD
    some = _first(text, leave, tables, f"record = ANY({given})")
    every = _first(text, leave, tables, f"{given} IS NOT NULL")
    return Across(tuple(name for name, _ in asked), keys, used, some, every)
