"""Who sees, why, and what if: the questions about the policy of one record, asked by who may know its Consents.

PostgreSQL alone decides (`app.policy.explain`): here its reason codes are gathered, for the one or several ways in
which each actor may come. What is tried is written by the same door as any write, under a savepoint that is always
rolled back.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from app.errors import BadValue, BrokenRule, Forbidden, Unavailable
from app.policy import explain
from app.policy.explain import CLOSING_DOWN, NOTHING_CHANGED, OPENING_UP, TELLERS, Change
from app.policy.facts import BREAK_GLASS, EMERGENCY_TREATMENT, Flag
from app.policy.rules import DOCUMENT, permits
from app.records import reading
from app.records.actors import Actor, Asked, Cast, source_of, ways
from app.records.judging import lock
from app.records.naming import record_of
from app.records.patching import Patch, Said
from app.resources import labels
from app.resources.validation import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from asyncpg import Record

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.records.practice import Practice
    from app.records.reading import Seen
    from app.records.writing import Unit
    from app.resources.definition import Resource
    from app.resources.labels import Labels
    from app.storage.session import Link

PERMITS = permits(DOCUMENT)
ORDER = {rule.name: place for place, rule in enumerate(DOCUMENT)}
SOURCES = {rule.name: rule.source for rule in DOCUMENT}
"""Where each rule comes from."""
ENDED = {one.name: one.kind for one in (*OPENING_UP, *CLOSING_DOWN)}
OPPOSED = {"allow-break-glass": BREAK_GLASS, "allow-regulation": EMERGENCY_TREATMENT}
MOST_WAYS = 100
"""Hypotheses that one statement judges."""
PERMIT, DENY, DEPENDS = "permit", "deny", "depends"
UNTOLD = "this is told to the holder, his representatives and the treating physician"


@dataclass(frozen=True, slots=True)
class Sight:
    """What is decided about one actor.

    `verdict` is permit, deny or depends: then `ways` are those in which he sees. `rule` is a reason code. `until` is
    when the answer will be another by time alone, and `then` what it will be; None where it will not.
    """

    verdict: str
    rule: str
    ways: tuple[Practice, ...] = ()
    until: datetime | None = None
    then: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer about one actor, with the changes that would turn it: each one or two names, and what they end."""

    sight: Sight
    actor: Actor | None = None
    changes: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: labels of documents, Consents that begin, and ids of Consents that end."""

    labels: dict[str, Labels] = field(default_factory=dict)
    begins: tuple[Resource, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a trial would change for one actor: his relation to the record (None: nothing), and single documents."""

    actor: Actor
    relation: tuple[Sight, Sight] | None
    documents: dict[str, tuple[Sight, Sight]]


async def seen_by_teller(link: Link, caller: Caller, type: str, id: str) -> Seen:
    """What the question is about, as the caller sees it; Forbidden for whoever may not know who else sees it."""
    seen = await reading.read(link, caller, type, id)
    if seen.reason in TELLERS:
        return seen
    if (await caller.standing(link, seen.record)).status != "open":
        raise BrokenRule("the record is not open", reason="record-not-open").about(seen.record)
    documents = (seen.document,) if seen.document else ()
    raise Forbidden(UNTOLD, reason="not-yours-to-do").about(seen.record, documents=documents)


class Court:
    """Asks PostgreSQL what the rules say of actors, for one caller and one record."""

    def __init__(self, office: Office, link: Link, caller: Caller, key: str) -> None:
        self._office = office
        self._link = link
        self._caller = caller
        self._key = key

    async def _rows(self, actors: Sequence[Actor], **asked: Any) -> list[Record]:  # noqa: ANN401 - parameters
        """Rows under a standing and a matrix that the statement found fresh."""
        statement = explain.verdicts(documents="documents" in asked)
        hypotheses = [one for actor in actors for one in actor.hypotheses]
        caller = self._caller
        for attempt in range(reading.TRIES):
            standing = await caller.standing(self._link, self._key, again=attempt > 0)
            callers = explain.callers(hypotheses, self._office.settings, caller.matrix)
            bound = caller.one(self._key, standing)
            rows = await statement.rows(self._link, **bound, callers=callers, **asked)
            if rows and rows[0]["fresh"]:
                return [row for row in rows if row["place"] is not None]
            if rows and rows[0]["matrix_version"] != caller.matrix.version:
                await caller.matrix.refresh(self._link)
        raise Unavailable("the record is changing too fast", headers={"Retry-After": "1"})

    async def relations(self, actors: Sequence[Actor], *, later: bool = False) -> list[Sight]:
        """What each actor sees of a document that nothing keeps from anyone."""
        found: list[Sight] = []
        for some in _few(actors):
            rows = await self._rows(some, later=later)
            found += [_sight(actor, reasons) for actor, reasons in zip(some, _apart(some, rows), strict=True)]
        return found

    async def documents(
        self, actors: Sequence[Actor], ids: Iterable[str] | None, *, later: bool = False
    ) -> dict[str, list[Sight]]:
        """What each actor sees of each document, of all that the caller sees for None; by id, in their order."""
        wanted = list(ids or ())
        asked = {"documents": wanted, "every": ids is None, "changes": explain.changes([NOTHING_CHANGED])}
        found: dict[str, list[Sight]] = {}
        for some in _few(actors):
            alike: dict[tuple[str, ...], list[Record]] = {}
            for row in await self._rows(some, later=later, **asked):
                alike.setdefault(tuple(row["ids"]), []).append(row)
            for names, those in alike.items():
                sights = [_sight(a, reasons) for a, reasons in zip(some, _apart(some, those), strict=True)]
                for name in names:
                    found.setdefault(name, []).extend(sights)
        return found

    async def turning(self, actor: Actor, id: str) -> tuple[Sight, list[Change]]:
        """What an actor sees of one document, and what would turn it: one change, else two at once."""
        singles = [one for one in (*OPENING_UP, *CLOSING_DOWN) if _applies(one, actor)]
        pairs = [one & other for one, other in combinations(singles, 2) if _go_together(one, other)]
        tried = [NOTHING_CHANGED, *singles, *pairs]
        asked = {"documents": [id], "every": False, "changes": explain.changes(tried)}
        rows = await self._rows([actor], later=True, **asked)
        if not rows:
            raise reading.not_found("", self._key)
        by_change = [[row for row in rows if row["change"] == place] for place in range(len(tried))]
        sight = _sight(actor, _apart([actor], by_change[0])[0])
        minor = any(row["flags"] & Flag.MINOR for row in rows)
        turned = [
            change
            for change, those in zip(tried, by_change, strict=True)
            if _turns(sight, change, _sight(actor, _apart([actor], those)[0])) and (minor or change.name != "hide")
        ]
        alone = [one for one in turned if one in singles]
        barred = any(row["flags"] & Flag.GROUP_BLOCKED for row in rows) and not actor.named
        return sight, [_unbarred(one) if barred else one for one in alone or turned]


def _few(actors: Sequence[Actor]) -> Iterator[Sequence[Actor]]:
    """The actors, in groups that one statement judges: each reads the relations of all that are with it."""
    some: list[Actor] = []
    ways = 0
    for actor in actors:
        if some and ways + len(actor.hypotheses) > MOST_WAYS:
            yield some
            some, ways = [], 0
        some.append(actor)
        ways += len(actor.hypotheses)
    if some:
        yield some


def _applies(change: Change, actor: Actor) -> bool:
    """Whether a change can be made about an actor: nobody in particular is not authorised, nor blocked by name."""
    if actor.kind in {"emergency", "regulator"} and change.name == "authorise":
        return False
    return actor.named or not change.by_name


def _go_together(one: Change, other: Change) -> bool:
    """Whether two changes that open may be needed at once; an emergency is no way around a block or a mask."""
    glass = other.name == "break-glass"
    return one in OPENING_UP and other in OPENING_UP and (not glass or one.name == "allow-break-glass")


def _turns(before: Sight, change: Change, after: Sight) -> bool:
    if before.verdict == DENY:
        return change not in CLOSING_DOWN and after.verdict != DENY
    return change in CLOSING_DOWN and after.verdict == DENY


def _unbarred(change: Change) -> Change:
    """A profession that is blocked is not authorised by an authorisation alone."""
    return Change("unblock-group authorise") if change.name == "authorise" else change


Reasons = dict["datetime", list[str]]
"""Reason codes by moment, one for each way in which an actor comes."""


def _apart(actors: Sequence[Actor], rows: list[Record]) -> list[Reasons]:
    """The rows of each actor, whose hypotheses are numbered one actor after the other."""
    whose = [(number, place) for number, actor in enumerate(actors) for place in range(len(actor.hypotheses))]
    found: list[dict[int, dict[datetime, str]]] = [{} for _ in actors]
    for row in rows:
        number, place = whose[row["place"]]
        found[number].setdefault(place, {})[row["at"]] = row["reason"]
    return [_together(one) for one in found]


def _together(ways: dict[int, dict[datetime, str]]) -> Reasons:
    """At each moment of any way, what holds for each of them: what it was at the last moment of its own."""
    moments = sorted({at for told in ways.values() for at in told})
    held: Reasons = {}
    last: dict[int, str] = {}
    for at in moments:
        last |= {place: told[at] for place, told in ways.items() if at in told}
        held[at] = [last[place] for place in sorted(last)]
    return held


def _fold(reasons: Sequence[str]) -> tuple[str, str, frozenset[int]]:
    """Verdict, the rule to name, and the ways in which it permits where it depends on them.

    The rule is the one by which most ways permit, or the last that denies: the nearest to a permit.
    """
    permitted = [place for place, reason in enumerate(reasons) if reason in PERMITS]
    if not permitted:
        return DENY, max(reasons, key=ORDER.__getitem__), frozenset()
    rules = sorted((reasons[place] for place in permitted), key=ORDER.__getitem__)
    rule = max(rules, key=rules.count)
    if len(permitted) == len(reasons):
        return PERMIT, rule, frozenset()
    return DEPENDS, rule, frozenset(permitted)


def _sight(actor: Actor, reasons: Reasons) -> Sight:
    moments = iter(reasons.items())
    _, now = next(moments)
    held = _fold(now)
    for at, later in moments:
        then = _fold(later)
        if then != held:
            return Sight(held[0], held[1], tuple(ways(actor, held[2])), at, then[0])
    return Sight(held[0], held[1], tuple(ways(actor, held[2])))


async def why(office: Office, link: Link, caller: Caller, id: str, asked: Asked | None) -> tuple[Seen, Explained]:
    """Why the caller sees a document; or whether and why an actor does, for who may know."""
    if asked is None:
        seen = await reading.read(link, caller, "DocumentReference", id)
        return seen, Explained(Sight(PERMIT, seen.reason))
    seen = await seen_by_teller(link, caller, "DocumentReference", id)
    cast = await Cast.of(link, caller, seen.record)
    actor = await cast.named(link, caller, asked)
    sight, turning = await Court(office, link, caller, seen.record).turning(actor, id)
    return seen, Explained(sight, actor, tuple((one.name, _ending(cast, actor, one)) for one in turning))


def _ending(cast: Cast, actor: Actor, change: Change) -> tuple[str, ...]:
    """The Consents or care teams that a change would end."""
    ended: list[str] = []
    for name in change.name.split():
        kind, purpose = ENDED.get(name), OPPOSED.get(name)
        if kind is None:
            continue
        ended += [
            source_of(tie)
            for tie in cast.ties
            if tie["kind"] == kind and (tie["subject"] == purpose if purpose else source_of(tie) in actor.sources)
        ]
    return tuple(dict.fromkeys(ended))


async def who_can_see(
    office: Office, link: Link, caller: Caller, type: str, id: str
) -> tuple[Seen, list[tuple[Actor, Sight]]]:
    """Everybody whom the record's relations name, and what they see of a document, or of the record as a whole.

    They are judged by several statements, on one snapshot; within a transaction, on what stands there with each.
    """
    alone = link.transaction(isolation="repeatable_read", readonly=True)
    async with nullcontext() if link.is_in_transaction() else alone:
        seen = await seen_by_teller(link, caller, type, id)
        court = Court(office, link, caller, seen.record)
        cast = await Cast.of(link, caller, seen.record)
        if type == "Patient":
            actors = await cast.everybody(link)
            return seen, list(zip(actors, await court.relations(actors, later=True), strict=True))
        bound = caller.one(seen.record, await caller.standing(link, seen.record))
        depositors = [row["depositor"] for row in await explain.depositors().rows(link, **bound, documents=[id])]
        actors = await cast.everybody(link, depositors)
        found = await court.documents(actors, [id], later=True)
    if id not in found:
        raise reading.not_found("", seen.record)
    return seen, list(zip(actors, found[id], strict=True))


async def what_if(unit: Unit, type: str, id: str, trial: Trial) -> list[Difference]:
    """What a trial would change, for whom: nothing of it is kept.

    The record is locked like for a write of the same, so that no other write comes between before and after.
    """
    seen = await seen_by_teller(unit.link, unit.caller, type, id)
    key = unit.about = seen.record
    await lock(exclusive=bool(trial.begins or trial.ends)).row(unit.link, record=key)
    ids = None if type == "Patient" else [id]
    before = await Cast.of(unit.link, unit.caller, key)
    office = unit.office
    async with unit.aside() as tried:
        await _try(tried, key, trial)
        actors = await _both(tried, before, await Cast.of(tried.link, tried.caller, key))
        then = await _all(Court(office, tried.link, tried.caller, key), actors, ids)
    now = await _all(Court(office, unit.link, unit.caller, key), actors, ids)
    return _differences(actors, now, then)


All = tuple[list[Sight], dict[str, list[Sight]]]


async def _all(court: Court, actors: list[Actor], ids: list[str] | None) -> All:
    return await court.relations(actors), await court.documents(actors, ids)


async def _both(tried: Unit, before: Cast, after: Cast) -> list[Actor]:
    """Everybody whom the record names before or after, once."""
    found: dict[tuple[str, str], Actor] = {}
    for cast in (before, after):
        for actor in await cast.everybody(tried.link):
            known = found.get((actor.kind, actor.key))
            if known is None or len(actor.hypotheses) > len(known.hypotheses):
                found[actor.kind, actor.key] = actor
    return list(found.values())


async def _try(tried: Unit, key: str, trial: Trial) -> None:
    """Write what is tried, by the door of every write: judged and refused as it would be."""
    for id, wanted in trial.labels.items():
        await _relabel(tried, key, id, wanted)
    for id in trial.ends:
        if record_of("Consent", id) != key:
            raise reading.not_found("", key)
        await tried.delete("Consent", id, None)
    for tree in trial.begins:
        written = await tried.create(tree)
        if record_of("Consent", written.location.split("/")[1]) != key:
            raise BadValue("the Consent is of another record", expression=("Parameters.parameter",))


async def _relabel(tried: Unit, key: str, id: str, wanted: Labels) -> None:
    if record_of("DocumentReference", id) != key:
        raise reading.not_found("", key)
    seen = await reading.read(tried.link, tried.caller, "DocumentReference", id)
    tree = parse(seen.stored.body)
    labels.write(tree, wanted)
    told = {"securityLabel": tree["securityLabel"]}
    await tried.patch("DocumentReference", id, Patch(lambda one: one | told, (Said("add", "/securityLabel"),)), None)


def _differences(actors: list[Actor], now: All, then: All) -> list[Difference]:
    found = []
    for place, actor in enumerate(actors):
        relation = (now[0][place], then[0][place])
        documents = {
            id: (sights[place], then[1][id][place])
            for id, sights in sorted(now[1].items())
            if id in then[1] and _differ(sights[place], then[1][id][place])
        }
        if documents or _differ(*relation):
            found.append(Difference(actor, relation if _differ(*relation) else None, documents))
    return found


def _differ(before: Sight, after: Sight) -> bool:
    """Whether an actor sees what he did not see, or no longer what he saw."""
    return (before.verdict, set(before.ways)) != (after.verdict, set(after.ways))
