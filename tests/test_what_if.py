"""`$what-if`: what it tells of a change is what happens when that change is really written, and it leaves no trace."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.acts import grant, reason, sees
from tests.neighbours import PEOPLE, Neighbours, professional, settle, wishes
from tests.serving import VISIBILITY, Caller, Carnet, Tree, actor, consent, deny, document, opposition, permit, serving
from tests.told import Changed, Told, beginning, changed, ending, labelled, readers, relabelled, trial
from tests.world import DOCTOR, NURSE, OTHER, base, close, label, opened, opened_for_minor, team, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

SEEDS = range(10)
CODES = ((), ("MASQUE_PS",), ("INVISIBLE_REPRESENTANTS_LEGAUX",), ("MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"))


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet"), notices=False) as made:
        yield made


Sight = tuple[str, frozenset[tuple[str, str, str]]]
Sights = dict[str, dict[str, Sight]]
Turned = set[tuple[str, str, Sight, Sight]]


def sight(told: Told) -> Sight:
    return told.verdict, told.ways


def common(world: Neighbours, name: str) -> str:
    """The name that somebody has in every world of a seed."""
    return name.replace(world.mother, "mother")


async def seen(world: Neighbours) -> Sights:
    """What everybody sees of the record (0) and of each document that the holder sees (1, 2, …), as told."""
    places = {"0": f"Patient/{world.record}"}
    for number, one in enumerate(world.documents, start=1):
        if await sees(world.holder, one):
            places[str(number)] = f"DocumentReference/{one}"
    return {
        number: {common(world, name): sight(told) for name, told in (await readers(world.holder, place)).items()}
        for number, place in places.items()
    }


def really(before: Sights, after: Sights) -> Turned:
    """What became visible or invisible, by place and by whom, of those who are named before and after."""
    return {
        (place, name, before[place][name], after[place][name])
        for place in before
        for name in before[place].keys() & after[place].keys()
        if before[place][name] != after[place][name]
    }


def foretold(world: Neighbours, told: dict[str, Changed], before: Sights, after: Sights) -> Turned:
    """The same as a trial tells it."""
    found: Turned = set()
    for name, one in told.items():
        places = {str(world.documents.index(id) + 1): pair for id, pair in one.documents.items()}
        places |= {"0": one.record} if one.record else {}
        who = common(world, name)
        for place, (was, will_be) in places.items():
            if who in before[place] and who in after[place]:
                found.add((place, who, sight(was), sight(will_be)))
    return found


async def tried(world: Neighbours, *parameters: Tree) -> dict[str, Changed]:
    answer = await world.holder.post(f"Patient/{world.record}/$what-if", trial(*parameters))
    assert answer.status_code == 200, answer.text
    return changed(answer.json())


@pytest.mark.parametrize("seed", SEEDS)
async def test_it_tells_what_really_comes(carnet: Carnet, seed: int) -> None:
    """Tried in one record, written in another one that is alike: the same differences, and the same reads."""
    one, twin = await settle(carnet, seed), await settle(carnet, seed)
    draws = random.Random(1000 + seed), random.Random(1000 + seed)
    visible = [n for n, id in enumerate(one.documents) if await sees(one.holder, id)]
    labels = {n: draws[0].choice(CODES) for n in visible[:2]}
    assert all(draws[1].choice(CODES) == codes for codes in labels.values())
    ended = [n for n in range(len(one.consents)) if n % 3 == seed % 3][:1]
    parameters = [
        *(beginning(tree) for tree in wishes(one, draws[0])),
        *(ending(one.consents[n]) for n in ended),
        *(relabelled(one.documents[n], *codes) for n, codes in labels.items()),
    ]
    before = await seen(twin)
    told = await tried(one, *parameters)
    reads = await read(twin)
    for n, codes in labels.items():
        if codes != await labels_of(twin, n):
            await label(twin.holder, twin.documents[n], *codes)
    for n in ended:
        assert (await twin.holder.delete(f"Consent/{twin.consents[n]}")).status_code == 204
    for tree in wishes(twin, draws[1]):
        await twin.holder.make(tree)
    after = await seen(twin)
    assert foretold(one, told, before, after) == really(before, after)
    assert await seen(one) == before  # nothing of the trial was kept
    turned = {key for key, value in (await read(twin)).items() if value != reads[key]}
    for place, idnps in turned:
        if place in visible and idnps in told:
            assert one.documents[place] in told[idnps].documents


async def labels_of(world: Neighbours, number: int) -> tuple[str, ...]:
    """The visibility labels of a document."""
    tree = (await world.holder.get(f"DocumentReference/{world.documents[number]}")).json()
    found = (one["coding"][0] for one in tree["securityLabel"])
    return tuple(one["code"] for one in found if one["system"] == VISIBILITY)


async def read(world: Neighbours) -> dict[tuple[int, str], bool]:
    """What doctors of the neighbourhood really see."""
    return {
        (place, idnps): await sees(professional(world.carnet, idnps, "10"), id)
        for place, id in enumerate(world.documents)
        for idnps in PEOPLE
    }


async def everything(url: str) -> dict[str, str]:
    """Digests of all rows of all tables but the trail and the table of relations' own order."""
    link = await asyncpg.connect(url)
    try:
        tables = await link.fetch(
            "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = {}
        for row in tables:
            name = row["name"]
            if not name.startswith("audit_"):
                found[name] = str(
                    await link.fetchval(
                        f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
                    )
                )
        return found
    finally:
        await link.close()


async def test_it_leaves_nothing_but_its_own_event(
    database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with serving(database_urls, tmp_path_factory.mktemp("carnet"), notices=False) as carnet:
        record = await opened(carnet, treating=DOCTOR)
        holder = carnet.holder(record)
        one = await carnet.doctor(DOCTOR).make(document(record))
        given = await grant(holder, record, actor(OTHER))
        await holder.get(f"DocumentReference/{one}")
        code_base = base(carnet)
        trials = [
            beginning(consent(record, "block", deny(actor(NURSE)), base=code_base)),
            beginning(consent(record, "emergency-opposition", opposition("BTG"), base=code_base)),
            ending(given),
            relabelled(one, "MASQUE_PS"),
        ]
        before = await everything(database_urls.owner)
        assert len(before) > 15
        answer = await holder.post(f"Patient/{record}/$what-if", trial(*trials))
        assert answer.status_code == 200, answer.text
        assert changed(answer.json())[OTHER].documents.keys() == {one}
        refused = trial(*trials, beginning(consent(record, "block", deny(actor(DOCTOR)), base=code_base)))
        assert reason(await holder.post(f"Patient/{record}/$what-if", refused)) == (422, "treating-physician-blocked")
        assert await everything(database_urls.owner) == before
        link = await asyncpg.connect(database_urls.owner)
        rows = await link.fetch(
            "SELECT interaction, outcome, resource_type FROM audit_event ORDER BY recorded DESC LIMIT 3"
        )
        await link.close()
        assert [tuple(row) for row in rows[:2]] == [("$what-if", "4", "Patient"), ("$what-if", "0", "Patient")]
        assert rows[2]["interaction"] != "$what-if"
        # the record is free for the next write, and what was remembered of it is still true
        assert await sees(carnet.doctor(OTHER), one)
        await will(holder, record, "block", deny(actor(NURSE)))


async def test_labels_of_one_document(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    await grant(holder, record, actor(OTHER))
    one = await carnet.doctor(DOCTOR).make(document(record))
    place = f"DocumentReference/{one}/$what-if"
    masked = changed((await holder.get(place, params={"label": "MASQUE_PS"})).json())
    assert masked.keys() == {OTHER, "emergency", "regulator"}
    before, after = masked[OTHER].documents[one]
    assert (before.rule, after.verdict, after.rule) == ("authorised", "deny", "masked")
    hidden = changed((await holder.get(place, params={"label": "INVISIBLE_REPRESENTANTS_LEGAUX"})).json())
    assert hidden.keys() == {f"RelatedPerson/{mother}"}
    assert hidden[f"RelatedPerson/{mother}"].documents[one][1].rule == "hidden-from-representatives"
    assert changed((await holder.get(place, params={"label": "N"})).json()) == {}
    await label(holder, one, "MASQUE_PS")
    shown = changed((await holder.get(place, params={"label": "N"})).json())
    assert shown[OTHER].documents[one][1].rule == "authorised"
    assert shown.keys() == masked.keys()


async def test_it_is_refused_as_the_write_would_be(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    other = await opened(carnet, treating=DOCTOR)
    holder, treating = carnet.holder(record), carnet.doctor(DOCTOR)
    one = await treating.make(document(record))
    elsewhere = await treating.make(document(other))
    pending = await treating.make(document(record, label="INVISIBLE_PATIENT"))
    given = await grant(holder, record, actor(OTHER))
    opening = (await holder.found(f"Consent?patient={record}&category=opening"))[0]
    theirs = await grant(carnet.holder(other), other, actor(OTHER))
    code_base = base(carnet)
    mine = f"DocumentReference/{one}/$what-if"
    whole = f"Patient/{record}/$what-if"

    async def refused(by: Caller, place: str, *parameters: Tree) -> tuple[int, str]:
        return reason(await by.post(place, trial(*parameters)))

    representative = carnet.representative(mother, record)
    assert await refused(representative, mine, *labelled("INVISIBLE_REPRESENTANTS_LEGAUX")) == (403, "not-yours-to-do")
    assert await refused(holder, mine, *labelled("INVISIBLE_PATIENT")) == (403, "not-yours-to-do")
    assert await refused(treating, whole, ending(given)) == (403, "not-yours-to-do")
    assert await refused(holder, whole, ending(opening)) == (405, "not-deleted")
    nobody = consent(record, "authorisation", permit(actor(reference="Practitioner/nobody")), base=code_base)
    assert await refused(holder, whole, beginning(nobody)) == (422, "unresolved-reference")
    strange = consent(record, "authorisation", {"type": "deny"}, base=code_base)
    assert await refused(holder, whole, beginning(strange)) == (422, "consent-not-understood")
    far = consent(other, "authorisation", permit(actor(NURSE)), base=code_base)
    assert (await refused(treating, whole, beginning(far)))[0] == 400
    assert (await refused(holder, whole, beginning(far)))[0] in {403, 404, 422}
    unseen = (f"{record}.nothing", pending, elsewhere)
    absent = [await refused(holder, whole, relabelled(id, "MASQUE_PS")) for id in unseen]
    absent += [await refused(holder, whole, ending(id)) for id in (f"{record}.nothing", theirs)]
    absent += [await refused(treating, whole, ending(theirs))]
    assert set(absent) == {(404, "not-found")}


@pytest.mark.parametrize(
    "given",
    [
        [],
        [{"name": "label", "valueCode": "SECRET"}],
        [{"name": "consent", "valueString": "x"}],
        [{"name": "consent", "resource": {"resourceType": "Patient"}}],
        [{"name": "consent", "resource": {"resourceType": "Consent", "provision": 1}}],
        [{"name": "end", "valueReference": {"reference": "Patient/x"}}],
        [{"name": "end"}],
        [{"name": "document", "part": [{"name": "label", "valueCode": "N"}]}],
        [{"name": "document", "part": "x"}],
        [{"name": "label", "valueCode": "N"}] * 30,
    ],
)
async def test_what_is_no_trial(carnet: Carnet, given: list[Tree]) -> None:
    record = await opened(carnet, treating=DOCTOR)
    one = await carnet.doctor(DOCTOR).make(document(record))
    for place in (f"DocumentReference/{one}", f"Patient/{record}"):
        answer = await carnet.holder(record).post(f"{place}/$what-if", trial(*given))
        assert answer.status_code in {400, 422}, answer.text


async def test_the_treating_physician_and_representatives_may_try(carnet: Carnet) -> None:
    record, mother = await opened_for_minor(carnet, treating=DOCTOR)
    one = await carnet.doctor(DOCTOR).make(document(record))
    block = consent(record, "block", deny(actor(OTHER)), base=base(carnet))
    await grant(carnet.holder(record), record, actor(OTHER))
    for asker in (carnet.holder(record), carnet.representative(mother, record), carnet.doctor(DOCTOR)):
        answer = await asker.post(f"Patient/{record}/$what-if", trial(beginning(block)))
        assert answer.status_code == 200, answer.text
        found = changed(answer.json())
        assert found.keys() == {OTHER}
        whole, single = found[OTHER].record, found[OTHER].documents[one]
        assert whole is not None
        assert whole[1].rule == single[1].rule == "blocked"
    assert reason(await carnet.doctor(OTHER).post(f"Patient/{record}/$what-if", trial(beginning(block)))) == (
        403,
        "not-yours-to-do",
    )


async def test_a_team_that_comes_in(carnet: Carnet) -> None:
    """Whom nothing names before is told of as well: those whom what is tried would bring in."""
    record = await opened(carnet, treating=DOCTOR)
    holder = carnet.holder(record)
    one = await carnet.doctor(DOCTOR).make(document(record))
    members = await holder.make(team(record, OTHER, NURSE))
    tree = consent(record, "authorisation", permit(actor(reference=f"CareTeam/{members}")), base=base(carnet))
    found = changed((await holder.post(f"Patient/{record}/$what-if", trial(beginning(tree)))).json())
    assert found.keys() == {OTHER, NURSE}
    assert found[OTHER].documents.keys() == {one}


async def test_not_in_a_closed_record(carnet: Carnet) -> None:
    record = await opened(carnet, treating=DOCTOR)
    await close(carnet.holder(record), record)
    tree = consent(record, "block", deny(actor(OTHER)), base=base(carnet))
    answer = await carnet.holder(record).post(f"Patient/{record}/$what-if", trial(beginning(tree)))
    assert reason(answer) == (422, "record-not-open")
