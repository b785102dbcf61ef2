"""Twin worlds: what a caller may not see changes no byte of what he is answered (policy.md sections 7 and 8)."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import Refusal
from app.records import attempt, judged, secrecy
from tests.grammar import PRODUCTIONS
from tests.grammar_searches import shapes
from tests.leaks import LEAKS, Leak, planted
from tests.twin_company import Company
from tests.twin_people import ROLES
from tests.twin_runs import BY_ITSELF, Run, opened, ratios, refused, silent, untouched
from tests.twins import Chance

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Cluster
    from tests.twin_worlds import Worlds
    from tests.twins import Difference

SEED = 20_260_615
PAIRS = 5000
SHAPES = 50
"""Shapes of searches in the quick run, as each is compiled and planned; scripts/twins asks them all."""
MOST_REFUSED = 0.2
"""Share of the productions that may have got nothing but errors."""
MOST_ERRORS = 0.5
"""Share of the pairs that may be errors."""
APART = 10
"""No order of magnitude between the times of the two worlds (policy.md section 7, exit 27)."""
GROUPS = 300
"""Questions that many callers ask at once."""


@pytest.fixture(scope="module")
async def worlds(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worlds]:
    async with opened(cluster, template, tmp_path_factory.mktemp("twins"), SEED) as made:
        yield made


async def test_twin_worlds_answer_alike_to_the_byte(worlds: Worlds) -> None:
    run = Run(worlds, SEED, most=SHAPES)
    tally = await run.all(PAIRS)
    assert not tally.differences, tally.report()
    assert tally.pairs >= PAIRS
    assert not tally.statuses[500], "a fault is alike in both worlds, and still one"
    assert untouched(tally) == []
    assert silent(tally) == []
    assert len(refused(tally)) <= MOST_REFUSED * len(tally.asked), refused(tally)
    assert sum(tally.done.values()) >= (1 - MOST_ERRORS) * tally.pairs, tally.statuses
    assert max(ratios(tally).values()) < APART, ratios(tally)
    assert run.deeds[True] > run.deeds[False] > 0, run.deeds
    print(f"{tally.pairs} pairs by {len(ROLES)} callers, exits {sorted(tally.exits.items())}")  # noqa: T201


def test_every_exit_has_a_production_and_every_caller_a_part() -> None:
    exits = {number for one in PRODUCTIONS for number in one.exits}
    exits |= {number for one in shapes(Random(SEED)) for number in one.exits}
    assert exits | {BY_ITSELF} == set(range(1, 29))
    for role in ROLES:
        assert len([one for one in PRODUCTIONS if one.when(role)]) > len(PRODUCTIONS) / 2, role


async def test_each_caller_has_something_that_is_kept_from_him(worlds: Worlds) -> None:
    run = Run(worlds, SEED, most=1)
    for role in ROLES:
        sight = run.sight(role)
        assert sight.hidden.get("DocumentReference"), role
        own = worlds.hidden.get(sight.record, {})
        assert own or role.journal, role  # a treating physician reads it all: what was withdrawn differs there


# The harness sees leaks


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
async def test_a_planted_leak_is_seen(worlds: Worlds, leak: Leak) -> None:
    role = next(role for role in ROLES if role.name == leak.role)

    async def differences() -> list[Difference]:
        run = Run(worlds, SEED, most=1)
        sight = run.sight(role)
        for request in leak.ask(sight):
            await run.pair(sight, request)
        return run.tally.differences

    assert await differences() == []
    with planted(leak):
        found = await differences()
    assert found, "the leak was not seen"
    shown = str(found[0])
    assert leak.role in shown
    assert "--- without" in shown
    assert "+++ with" in shown


async def _kept(_linked: Any, _caller: Any, acts: Any, _asked: str = "") -> Any:
    """Acts as they are, whatever they come of."""
    return acts


async def _by_itself(*_: Any) -> tuple[tuple[str, ...], bool]:
    """Nothing that a row which is not shown stands for."""
    return (), False


ONCE = vars(attempt)["_once"]


async def _half(office: Any, caller: Any, facts: Any, work: Any, *, begun: bool) -> Any:
    """A transaction that keeps what came before its refusal."""
    refused: list[Refusal] = []

    async def done(unit: Any) -> Any:
        try:
            return await work(unit)
        except Refusal as refusal:
            refused.append(refusal)

    made = await ONCE(office, caller, facts, done, begun=begun)
    if refused:
        raise refused[0]
    return made


PLANTED = {
    "an act that comes of a secret right": (secrecy, "kept", _kept, "representative", "differ"),
    "a refusal about what is hidden": (attempt, "together", lambda _: (), "holder", "differ"),
    "a search that showed nothing": (judged, "by_ids", _by_itself, "holder", "differ"),
    "half of a transaction that was refused": (attempt, "_once", _half, "holder", "kept"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
async def test_what_others_do_beside_is_seen_where_it_tells(
    worlds: Worlds, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, attribute, instead, caller, seen = PLANTED[name]
    role = next(role for role in ROLES if role.name == caller)
    run = Run(worlds, SEED + 2, most=1)
    monkeypatch.setattr(module, attribute, instead)
    if seen == "kept":
        with pytest.raises(AssertionError, match="transaction"):
            await run.beside(run.sight(role), 10)
    else:
        await run.beside(run.sight(role), 2)
        assert run.tally.differences


async def test_the_grammar_finds_a_leak_by_itself(worlds: Worlds) -> None:
    nurse = next(role for role in ROLES if role.name == "authorised by name")
    with planted(LEAKS[0]):
        run = Run(worlds, SEED + 1, most=12)
        await run.role(nurse, 40)
    assert run.tally.differences
    assert f"of {run.tally.pairs} pairs differ" in run.tally.report()


def test_chance_is_the_same_in_a_step_whatever_happened_in_others() -> None:
    one, other = Chance(1), Chance(1)
    one.begin("only here")
    one.take(20)
    drawn = []
    for chance in (one, other):
        chance.begin("step")
        drawn.append([chance.take(20), chance.take(20), chance.take(300)])
    assert drawn[0] == drawn[1]
    assert len({*drawn[0]}) == 3
    assert [len(each) for each in drawn[0]] == [20, 20, 300]
    other.begin("step")
    assert other.take(20) == drawn[0][0]


# From here on the names of acts are no more the same in both worlds: those that are written together come in any order


async def test_company_changes_no_byte_of_an_answer(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Company(worlds, SEED, monkeypatch, most=1)
    await run.plain()
    assert not run.tally.differences, run.tally.report()
    assert run.shared > run.alone / 2, "half of what went alone was asked one after the other"
    assert run.tally.statuses.keys() >= {200, 201, 404, 422}


@pytest.mark.slow
async def test_company_of_all_sorts_changes_no_byte(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Company(worlds, SEED, monkeypatch)
    await run.groups(GROUPS)
    assert not run.tally.differences, run.tally.report()
    assert not run.tally.statuses[500]
    assert run.tally.pairs > 8 * GROUPS
    assert run.shared > GROUPS
