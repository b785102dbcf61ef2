"""A sample of many records: what is entered at once is what the server would have written, row by row."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app import population
from app.auth import mint
from app.population import Multitude, Plan
from app.settings import Settings
from app.shapes import SHAPES, Said, who
from app.storage import copying
from app.storage.rows import instant
from tests.serving import serving

if TYPE_CHECKING:
    from app.population import Copied, Sender
    from app.storage.copying import Link
    from app.storage.embedded import Urls
    from app.storage.stencil import Row, Rows

ROOT = Path(__file__).parents[1] / "app"
SEED = 5
SOME = (1, 3, 5)
"""Shapes that say most: a block, a structure that is authorised, a minor with his mother, contents."""
LETTERS = re.compile("#[0-9]+")


def settings_for(urls: Urls, data: Path) -> Settings:
    return Settings(data=data, database_url=urls.serve, database_owner_url=urls.owner)


async def generated(link: Link, copied: Copied, key: str, columns: dict[str, tuple[str, ...]]) -> tuple[Rows, Rows]:
    """The rows of a record as requests left them, and as they are where it is filled in and entered instead."""
    theirs = await copying.rows_of(link, key)
    for _, values in copied.units:
        values.setdefault("content", "kept elsewhere")
    whole = link.transaction()
    await whole.start()
    for name in columns:
        await link.execute(f'DELETE FROM "{name}" WHERE {"id" if name == "record" else "record"} = $1', key)
    texts: dict[str, list[str]] = {}
    for name, text in copied.texts():
        texts.setdefault(name, []).append(text)
    await copying.copy(link, texts, columns)
    mine = await copying.rows_of(link, key)
    await whole.rollback()
    return mine, theirs


async def replayed(send: Sender, copied: Copied) -> str:
    """Make the same record by the requests that it stands for; returns its key."""
    shape, holder = copied.kind.shape, copied.holder
    record = dict(await send.send(shape.opening(holder)))["Patient"]
    for request in shape.wills(record):
        await send.send(request)
    for place, values in copied.units:
        what, ids = Said(values["day"], (values["name.0"], values["name.1"])), list[str]()
        for step in shape.units()[place].steps:
            ids += [made for _, made in await send.send(step(record, holder, what, ids))]
    return record


def told(record: str, rows: Rows) -> list[tuple[str, ...]]:
    """What rows say, without the names that were drawn, the moments of the writing, tokens and keys of contents."""
    slots, _ = population.drawn(record, rows)
    written = min(row["last_updated"] for some in rows.values() for row in some if "last_updated" in row)
    names = {name: f"#{len(name)}" for name in slots} | {record: "#R"}
    found = {value for some in rows.values() for row in some for value in row.values() if isinstance(value, datetime)}
    near = {one for one in found if abs((one - written).days) < 500 and one.year > 2025 and not of_a_day(one)}
    names |= {instant(one): f"#M{since(one, written)}" for one in near}
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))

    def said(name: str, value: Any, row: Row) -> str:
        if name in {"jti", "content"} or (name == "digest" and row.get("p_relatesto")):
            return str(bool(value))  # what replaces another names it, by an id that was drawn
        if isinstance(value, datetime) and value in near:
            return f"#M{since(value, written)}"
        text = value.decode() if isinstance(value, bytes) else str(value)
        return pattern.sub(lambda one: names[one[0]], text)

    return sorted(
        (table, *(f"{one}={said(one, row[one], row)}" for one in sorted(row)))
        for table, some in rows.items()
        for row in some
    )


def of_a_day(moment: datetime) -> bool:
    """Whether it begins or ends a day, or the first second of an hour: drawn as such, not counted from the writing."""
    return round(moment.timestamp(), 2) % 3600 in {0, 1}


def since(moment: datetime, written: datetime) -> int:
    """Days since the writing: what is counted by the calendar from it."""
    return round((moment - written).total_seconds() / 3600)


def different(mine: list[tuple[str, ...]], theirs: list[tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """The columns in which two lists of rows differ, each as the one has it and as the other."""
    pairs = zip(mine, theirs, strict=len(mine) == len(theirs))
    columns = [(one[0], *both) for one, other in pairs for both in zip(one, other, strict=False) if both[0] != both[1]]
    return columns or [("rows", str(len(mine)), str(len(theirs)))] * (len(mine) != len(theirs))


async def compare(urls: Urls, data: Path, plan: Plan) -> Counter[str]:
    """Fill in the records of a plan, make the same by requests, compare all rows; how many of each table there were."""
    settings, counted = settings_for(urls, data), Counter[str]()
    link = await copying.connect(urls.owner)
    kinds, columns = await population.patterns(settings, plan, link)
    multitude = Multitude(kinds, plan.seed, datetime.now(UTC))
    async with population.sender(settings) as send:
        for place in plan.copies:
            copied = multitude.record(place)
            key = await replayed(send, copied)
            for values in (copied.head, *(values for _, values in copied.units)):
                values["record"] = key  # a digest is over the record's name as well
            mine, theirs = [told(key, rows) for rows in await generated(link, copied, key, columns)]
            assert different(mine, theirs) == []
            counted.update(one[0] for one in mine)
    await link.close()
    return counted


def test_no_request_reaches_whole_rows() -> None:
    """They come without a verdict: for the command line alone."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in ROOT.rglob("*.py")}
    assert [name for name, text in texts.items() if "copying" in text and name != "storage/copying.py"] == [
        "population.py"
    ]
    users = [name for name, text in texts.items() if re.search("import.*population", text)]
    assert users == ["commands.py"]


async def test_what_is_filled_in_is_what_the_server_writes(database_urls: Urls, tmp_path: Path) -> None:
    counted = await compare(database_urls, tmp_path, Plan(len(SOME) + 3, SEED, kinds=SOME))
    assert counted["document_reference"] > 30
    assert not {"binary", "version", "relation", "audit_event", "related_person"} - counted.keys()


@pytest.mark.slow
async def test_a_sample_is_read_by_whom_its_holders_let(database_urls: Urls, tmp_path: Path) -> None:
    settings = settings_for(database_urls, tmp_path)
    documents = await population.make(settings, Plan(5, SEED, kinds=SOME[:2]))
    link = await copying.connect(database_urls.owner)
    rows = await link.fetch("SELECT record, count(*) AS n FROM document_reference GROUP BY 1")
    assert sum(row["n"] for row in rows) == documents
    key = await link.fetchval(
        "SELECT record FROM patient WHERE p_family && ARRAY['pat wyverne'] IS FALSE ORDER BY ins LIMIT 1"
    )
    async with serving(database_urls, tmp_path) as carnet:
        mine = next(row["n"] for row in rows if row["record"] == key)
        found = await carnet.caller(mint.holder(key)).get(f"DocumentReference?patient={key}&_total=accurate")
        assert 0 < found.json()["total"] <= mine
        acts = await carnet.caller(mint.holder(key)).get(f"AuditEvent?patient={key}&_summary=count")
        assert acts.json()["total"] > mine
        stranger = await carnet.caller(who(31)).get(f"DocumentReference?patient={key}")
        assert not [one for one in stranger.json()["entry"] if one["search"]["mode"] == "match"]
    await link.close()
    with pytest.raises(population.NotMadeError, match="another seed"):
        await population.make(settings, Plan(2, SEED, kinds=SOME[:2]))


@pytest.mark.slow
async def test_every_shape(database_urls: Urls, tmp_path: Path) -> None:
    counted = await compare(database_urls, tmp_path, Plan(2 * SHAPES, SEED))
    assert counted["patient"] == SHAPES


@pytest.mark.slow
async def test_a_seed_draws_the_same_again(database_urls: Urls, tmp_path: Path) -> None:
    settings, link = settings_for(database_urls, tmp_path), await copying.connect(database_urls.owner)
    plan, drawn = Plan(10, SEED, kinds=SOME), []
    for seed in (SEED, SEED + 1):  # the first records of two samples, of which the same multitude is drawn
        kinds, _ = await population.patterns(settings, Plan(3, seed, kinds=SOME), link)
        multitude = Multitude(kinds, SEED, datetime(2026, 11, 1, tzinfo=UTC))
        values = [filled for place in plan.copies for _, filled in multitude.record(place).units]
        drawn.append([filled["fresh.0"] + filled["name.0"] + filled["day"] for filled in values])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) > 50
    await link.close()
