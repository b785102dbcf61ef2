"""Generated worlds: the product and the oracle agree on every caller and document (policy.md section 8).

Hypothesis draws worlds (`tests/drawn.py`), which are played through the API (`tests/stage.py`) and read by each of
their callers through every way out. What is expected is the oracle's verdict on facts that plain Python works out from
the description. `WORLDS=2000 pytest tests/test_worlds.py` draws so many instead of the few of the suite, by chance.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from tests import oracle
from tests.drawn import worlds
from tests.serving import serving
from tests.stage import Built, Stage
from tests.worlds import (
    DAY,
    DOCTOR,
    HOUR,
    NURSE,
    REGULATOR,
    WINDOW,
    Caller,
    Doc,
    Holder,
    Member,
    Professional,
    Record,
    Relative,
    Representative,
    Span,
    Team,
    Will,
    Window,
    World,
    asked,
    document,
    relations,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.storage.embedded import Urls
    from tests.serving import Tree

QUICK = 30
"""Worlds of a run of the suite."""
DRAWN = int(os.environ.get("WORLDS", QUICK))
SHARES = {
    "record-not-open": 0.005,
    "excluded-party": 0.02,
    "withdrawn": 0.005,
    "announcement-pending": 0.002,
    "holder": 0.02,
    "hidden-from-representatives": 0.001,
    "representative": 0.002,
    "not-a-professional": 0.02,
    "treating-physician": 0.005,
    "blocked": 0.005,
    "full-access": 0.002,
    "depositor": 0.02,
    "masked": 0.02,
    "outside-profession": 0.005,
    "authorised": 0.01,
    "break-glass": 0.0015,
    "regulation": 0.005,
    "emergency-opposed": 0.002,
    "not-authorised": 0.02,
}
"""The least share of all verdicts that each rule of the table of documents decides, or the run proves too little."""
PERMITS = ("holder", "representative", "treating-physician", "full-access", "depositor", "authorised", "break-glass",
    "regulation")  # fmt: skip
WAYS = ("read", "history", "search", "across", "list")
LEAST_SHOWN = 3
"""Times that each permit has shown a document in each way."""


class Server(Protocol):
    """The test cluster, as the fixture of that name gives it."""

    admin: str


@dataclass
class Played:
    """A stage, the loop on which it stands, how often each rule decided, and what it showed in each way."""

    runner: asyncio.Runner
    stage: Stage
    worlds: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)

    def compare(self, world: World) -> None:
        """Play a world and hold every answer against the oracle."""
        self.runner.run(self._compare(world))

    async def _compare(self, world: World) -> None:
        self.worlds += 1
        await self.stage.play(world)
        for at in (0, world.later):
            await self.stage.turn(at)
            readings = [
                Reading(self.stage, world, who, at, f"{self.worlds}-{at}-{number}")
                for number, who in enumerate(world.callers)
            ]
            await asyncio.gather(*(reading.compare() for reading in readings))
            known = await self.stage.reasons()
            for reading in readings:
                reading.explain(known)
                self.verdicts += reading.verdicts
                self.ways += reading.ways

    def summary(self) -> str:
        """What was reached."""
        total = self.verdicts.total()
        lines = [f"{rule:28}{times:7}{100 * times / total:7.2f} %" for rule, times in self.verdicts.most_common()]
        return "\n".join(["", f"{self.worlds} worlds, {total} verdicts on documents", *lines, ""])


@dataclass
class Reading:
    """One caller reads a whole world at one moment: at NOW in every way, later in those that a standing may spoil."""

    stage: Stage
    world: World
    who: Caller
    at: int
    name: str
    verdicts: Counter[str] = field(default_factory=Counter)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)
    expected: dict[str, oracle.Verdict] = field(default_factory=dict)
    """By document: but not where a token is limited to another record, of which the trail is told nothing."""
    shown: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Documents that an answer showed, by the way."""

    async def compare(self) -> None:
        """Ask in one batch; each answer is the oracle's."""
        built = self.stage.built
        urls = ["DocumentReference?_count=200"]
        for one in built:
            urls += [f"DocumentReference/{there}" for there in one.documents]
            urls.append(f"DocumentReference?patient={one.key}&_count=200")
            if self.at == 0:
                urls += [f"DocumentReference/{there}/_history" for there in one.documents]
                urls += [f"{kind}?patient={one.key}&_count=200" for kind in ("CareTeam", "Consent")]
                urls += [f"List/{one.list}", f"Patient/{one.key}"]
        answers = iter(await self.stage.ask(self.who, urls, self.name))
        self.shown["across"] = _ids(next(answers))
        permitted: set[str] = set()
        for place, one in enumerate(built):
            permitted |= self._documents(place, one, answers)
        self._equal(self.shown["across"], permitted, "DocumentReference across records")

    def _equal(self, got: object, expected: object, what: str) -> None:
        assert got == expected, f"{self.who} at {self.at}: {what}"

    def _judge(self, place: int) -> list[list[oracle.Verdict]]:
        """The verdict on each version of each document of a record."""
        record, caller = self.world.records[place], asked(self.who)
        rel = relations(self.world, place, self.who, self.at)
        return [
            [oracle.document(record.status, caller, rel, document(doc, one, self.who, self.at)) for one in each]
            for doc, each in zip(record.documents, versions(record), strict=True)
        ]

    def _documents(self, place: int, one: Built, answers: Iterator[tuple[int, Tree]]) -> set[str]:
        """Compare what is shown of one record; returns the documents that the oracle permits."""
        judged = self._judge(place)
        verdicts = {there: each[-1] for there, each in zip(one.documents, judged, strict=True)}
        permitted = {there for there, (permit, _) in verdicts.items() if permit}
        reads = [next(answers)[0] for _ in one.documents]
        self._equal(reads, [200 if v[0] else 404 for v in verdicts.values()], f"read in record {place}: {judged}")
        self.shown["read"] |= {there for there, status in zip(one.documents, reads, strict=True) if status == 200}
        found = _ids(next(answers))
        self._equal(found, permitted, f"search in record {place}: {judged}")
        self.shown["search"] |= found
        if self.at == 0:
            self._history(place, one, judged, answers)
            self._rest(place, one, permitted, answers)
        self._count(place, verdicts)
        return permitted

    def _history(
        self, place: int, one: Built, judged: list[list[oracle.Verdict]], answers: Iterator[tuple[int, Tree]]
    ) -> None:
        """As many versions as the current one and their own facts permit."""
        given = [next(answers) for _ in one.documents]
        counts = [len(body["entry"]) if status == 200 else 0 for status, body in given]
        seen = [sum(permit for permit, _ in each) if each[-1][0] else 0 for each in judged]
        self._equal(counts, seen, f"history in record {place}: {judged}")
        self.shown["history"] |= {there for there, count in zip(one.documents, counts, strict=True) if count}

    def _rest(self, place: int, one: Built, permitted: set[str], answers: Iterator[tuple[int, Tree]]) -> None:
        """Care teams, Consents, the List of all documents, the Patient."""
        record, caller = self.world.records[place], asked(self.who)
        rel = relations(self.world, place, self.who, self.at)
        teams = len(record.teams) + bool(record.treating)
        permit, _ = oracle.related(record.status, caller, rel)
        self._equal(len(_ids(next(answers))), teams if permit else 0, f"care teams of record {place}")
        self._equal(len(_ids(next(answers))), self._consents(record, one, rel), f"Consents of record {place}")
        status, body = next(answers)
        listed = {entry["item"]["reference"].partition("/")[2] for entry in body.get("entry", []) if status == 200}
        permit, _ = oracle.listing(
            record.status, caller, rel, secret=False, filtered=True, seen=bool(permitted), deposited=False
        )
        self._equal((status, listed), (200, permitted) if permit else (404, set()), f"List of record {place}")
        self.shown["list"] |= listed
        status, body = next(answers)
        sight = "absent" if status == 404 else "reduced" if "tag" in body["meta"] else "whole"
        if record.state != "destroyed":  # only the row says so: the rest of it is still there
            self._equal(sight, oracle.patient(record.status, caller, rel)[0], f"Patient of record {place}")

    def _consents(self, record: Record, one: Built, rel: oracle.Relations) -> int:
        """How many Consents the caller may see: the named ones, and the others."""
        named = [isinstance(self.who, Professional) and _names(will, self.who) for will in record.wills]
        every = [*named, *([False] * one.consents)]
        return sum(oracle.consent(record.status, asked(self.who), rel, secret=False, named=one)[0] for one in every)

    def _count(self, place: int, verdicts: dict[str, oracle.Verdict]) -> None:
        for there, (_, rule) in verdicts.items():
            self.verdicts[rule] += 1
            for way, shown in self.shown.items():
                self.ways[way, rule] += there in shown
        if not (isinstance(self.who, Holder | Representative) and self.who.record != place):
            self.expected |= verdicts

    def explain(self, known: dict[tuple[str, str, str], str]) -> None:
        """The trail gives the oracle's reason for each read."""
        for there, (_, reason) in self.expected.items():
            self._equal(known[self.name, "read", there], reason, "reason of a read")


def _names(will: Will, who: Professional) -> bool:
    """Whether a Consent names a person, wherever he acts."""
    return will.whom.split()[:2] in (["person", who.person], ["role", who.person])


def _ids(answer: tuple[int, Tree]) -> set[str]:
    """Ids of the matches of a search; none where the caller may not search."""
    status, bundle = answer
    assert status in {200, 403}, bundle
    found = [entry for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"]
    return {entry["resource"]["id"] for entry in found}


@pytest.fixture(scope="module")
def played(module_database_urls: Urls, cluster: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A server with a loop of its own, since Hypothesis runs its examples outside of any."""
    name = urlsplit(module_database_urls.owner).path
    admin = urlsplit(cluster.admin)._replace(path=name).geturl()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> Stage:
            data = tmp_path_factory.mktemp("worlds")
            # two connections: each has to plan every statement once
            made = serving(module_database_urls, data, visibility_cumulation=True, pool_size=2)
            carnet = await stack.enter_async_context(made)
            stage = await Stage.set(carnet, admin)
            stack.push_async_callback(stage.owner.close)
            return stage

        try:
            yield Played(runner, runner.run(begin()))
        finally:
            runner.run(stack.aclose())


PLAIN = Doc(by=Professional("cyd"))
TOLD = {
    "who left a care team and came back": Record(
        teams=(Team((Member("person ann", Span(ends=-DAY)), Member("person ann", Span(starts=0)))),),
        wills=(Will("authorisation", "team 0"),),
        documents=(PLAIN,),
    ),
    "who is about to leave it and comes back in two days": Record(
        teams=(Team((Member("role ann north", Span(ends=0)), Member("role ann north", Span(starts=2 * DAY)))),),
        wills=(Will("authorisation", "team 0"),),
        documents=(PLAIN,),
    ),
    "a mother and a document hidden from her": Record(
        born="2015-04-01",
        relatives=(Relative(),),
        documents=(PLAIN, Doc(by=Professional("cyd"), hidden=True)),
    ),
    "a holder who comes of age": Record(
        born="2008-06-16", relatives=(Relative(), Relative("TUTEUR")), documents=(PLAIN,)
    ),
    "a window in its last second, and one that is opposed": Record(
        windows=(Window("ann", WINDOW - 1), Window("bob", HOUR)), documents=(PLAIN,)
    ),
    "a treating physician, and a block of his profession": Record(
        treating="ann",
        wills=(Will("block", "profession 10"), Will("authorisation", "specialty SM54")),
        documents=(PLAIN, Doc(by=Professional("bob"), masked=True)),
    ),
    "a block, a full access, and emergencies opposed": Record(
        windows=(Window("ann", HOUR),),
        wills=(
            Will("block", "person bob", Span(ends=0)),
            Will("full-access", "person ann", Span(starts=1)),
            Will("emergency-opposition", "BTG"),
            Will("emergency-opposition", "ETREAT"),
        ),
        documents=(PLAIN, Doc(by=Professional("cyd"), age=31 * DAY - 1, announced=True)),
    ),
    "what is replaced by a masked one, and by a hidden one": Record(
        born="2015-04-01",
        relatives=(Relative(),),
        wills=(Will("authorisation", "structure north"),),
        documents=(
            Doc(by=Professional("cyd")),
            Doc(by=Professional("cyd"), age=HOUR, masked=True, replaces=0),
            Doc(by=Professional("cyd")),
            Doc(by=Professional("cyd"), age=HOUR, hidden=True, replaces=2),
        ),
    ),
    "what was masked, awaited its announcement, and is shown now": Record(
        wills=(Will("authorisation", "structure north"),),
        documents=(
            Doc(by=Professional("cyd"), masked=True, unmasked=True),
            Doc(by=Professional("cyd"), announced=True, told=True, archived=True),
        ),
    ),
    "what is replaced, and withdrawn": Record(
        treating="bob",
        documents=(
            PLAIN,
            Doc(by=Professional("cyd"), age=HOUR, masked=True, replaces=0),
            Doc(by=Professional("cyd"), age=HOUR, replaces=1, withdrawn="holder"),
        ),
    ),
    "an opposition after the window": Record(
        windows=(Window("ann", HOUR),), wills=(Will("emergency-opposition", "BTG"),), documents=(PLAIN,)
    ),
    "a nurse's profession blocked, she by name authorised": Record(
        wills=(
            Will("authorisation", "structure north"),
            Will("authorisation", "person bob"),
            Will("block", f"profession {NURSE}"),
        ),
        documents=(PLAIN,),
    ),
}


def told(record: Record) -> World:
    """A record that is told by hand, read by doctors and nurses, a regulator, the holder and who represents him."""
    professionals = [Professional(person, code) for person in ("ann", "bob") for code in (DOCTOR, NURSE)]
    regulator = Professional(REGULATOR, regulator=True, purpose="ETREAT")
    relatives = [Representative(0, number) for number in range(len(record.relatives))]
    return World((record,), (*professionals, regulator, Holder(), *relatives), later=DAY)


def compared(played: Played) -> Callable[[], None]:
    """The comparison of every world: those told by hand, and those drawn."""

    @settings(
        max_examples=DRAWN,
        derandomize=DRAWN == QUICK,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def hold(world: World) -> None:
        played.compare(world)

    for record in TOLD.values():
        hold = example(told(record))(hold)
    return hold


def test_worlds(played: Played) -> None:
    compared(played)()
    sys.stdout.write(played.summary())
    total = played.verdicts.total()
    few = {rule: played.verdicts[rule] for rule, share in SHARES.items() if played.verdicts[rule] < share * total}
    assert not few, f"of {total} verdicts too few: {few}"
    assert set(played.verdicts) == set(SHARES)
    rare = {(way, rule): played.ways[way, rule] for way in WAYS for rule in PERMITS}
    assert not {name: times for name, times in rare.items() if times < LEAST_SHOWN}
