"""The facts that rules read are what token, tables and clock say (policy.md section 2), around every edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Boolean, Date, Integer, Text, bindparam, case, insert, literal, select, true

from app.access import DOCTOR, Access, Kind
from app.policy.facts import (
    NOW,
    Flag,
    announcement_end,
    caller_flags,
    caller_values,
    facts,
    in_matrix,
    relation_facts,
    relations_toward,
    standing_select,
)
from app.policy.guard import JUDGES, Binding
from app.policy.matrix import Matrix
from app.settings import Settings
from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import INSTANT, TABLES, record
from tests import oracle, relation_cases
from tests.cells import (
    CALLERS,
    CLOCK,
    DOCUMENT_NAMES,
    DOCUMENTS,
    FEW_RELATIONS,
    ME,
    READERS,
    RELATION_FLAGS,
    SELF,
    TICK,
    axis,
    blank,
    document_columns,
    stopped,
    substituted,
)
from tests.relation_cases import CASES, EVER, edge, meaning, name, put_cases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.cells import Link
    from tests.conftest import Cluster

SETTINGS = Settings(data=Path())


@pytest.fixture(scope="module")
async def link(module_database_urls: Urls, cluster: Cluster) -> AsyncIterator[Link]:
    async with stopped(module_database_urls, cluster) as made:
        await put_cases(made)
        yield made


# of the caller

KIND_OF = {
    "professional": Flag.PROFESSIONAL,
    "occupational-physician": Flag.OCCUPATIONAL,
    "desk": Flag.DESK,
    "insurer": Flag.INSURER,
    "software": Flag.SOFTWARE,
    "operator": Flag.OPERATOR,
    "holder": Flag(0),
    "representative": Flag(0),
}


def test_what_a_token_says_is_what_the_flags_say() -> None:
    for caller, flags in CALLERS.items():
        person = caller.kind == "professional"
        expected = KIND_OF[caller.kind]
        expected |= Flag.DOCTOR if person and caller.doctor else Flag(0)
        expected |= Flag.REGULATOR if person and caller.regulator and caller.purpose == "ETREAT" else Flag(0)
        expected |= Flag.STRONG if person and caller.strong else Flag(0)
        expected |= Flag.SECRET if caller.secret else Flag(0)
        assert flags == expected, caller
    assert len(CALLERS) == len(Kind) * 2**5


@pytest.mark.parametrize("profession", ["", "profession|https://example.org/professions|10", f"{DOCTOR}0", "10"])
def test_profession_10_of_the_french_professions_alone_is_a_doctor(profession: str) -> None:
    assert Flag.DOCTOR not in caller_flags(Access(Kind.PROFESSIONAL, ME, profession=profession), SETTINGS)


@pytest.mark.parametrize("purpose", ["TREAT", "PATRQT", "BTG", "etreat", ""])
def test_no_other_purpose_makes_a_regulator(purpose: str) -> None:
    access = Access(Kind.PROFESSIONAL, ME, regulator=True, purpose=purpose)
    assert Flag.REGULATOR not in caller_flags(access, SETTINGS)


def test_only_a_holder_s_token_makes_a_holder() -> None:
    for kind in Kind:
        of = caller_values(Access(kind, ME, record="case-0"))["holder_of"]
        assert of == ("case-0" if kind is Kind.HOLDER else "-")


# of his relations


def reader_values(reader: Access) -> dict[str, object]:
    return {**SELF, **caller_values(reader), "flags": int(caller_flags(reader, SETTINGS))}


def all_records(of: str) -> Statement:
    """The relations of one caller toward every record: as flags of one standing or one look, or fact by fact."""
    if of == "standing":
        return Statement(substituted(standing_select().add_columns(record.c.id), record=record.c.id), Unjudged.FACT)
    if of == "together":
        toward = relations_toward(record.c.id)
        return Statement(select(record.c.id, toward.c.relations).select_from(record.join(toward, true())))
    live = relation_facts(record.c.id)
    return Statement(select(record.c.id, *[fact.label(flag.name) for flag, fact in live.items()]))


@pytest.mark.parametrize("who", relation_cases.READERS)
async def test_a_relation_is_what_its_rows_say(link: Link, who: str) -> None:
    """Absent, current, expired, not begun, another subject, record or structure, ending or starting exactly now."""
    reader = relation_cases.READERS[who]
    rows = await all_records("facts").rows(link, **reader_values(reader))
    live = {row["id"]: row for row in rows}
    rows = await all_records("together").rows(link, **reader_values(reader))
    together = {row["id"]: row["relations"] for row in rows}
    reached = Flag(0)
    for number, rows_of in enumerate(CASES):
        expected = meaning(rows_of, reader)
        found = Flag(sum(Flag[key] for key, holds in live[name(number)].items() if holds is True))
        assert found == expected, rows_of
        assert Flag(together[name(number)]) == expected, rows_of
        reached |= expected
    print(f"\nrelations of {who}: {len(CASES)} sets of rows", end="")  # noqa: T201 - the proof says its size
    assert reached == sum(RELATION_FLAGS.values(), Flag.GROUP_BLOCKED) & ~Flag.HOLDER


@pytest.mark.parametrize("who", relation_cases.READERS)
async def test_a_standing_says_the_same_and_ends_at_the_next_edge(link: Link, who: str) -> None:
    reader = relation_cases.READERS[who]
    rows = await all_records("standing").rows(link, **reader_values(reader))
    kept = {row["id"]: row for row in rows}
    for number, rows_of in enumerate(CASES):
        row = kept[name(number)]
        assert Flag(row["relations"]) == meaning(rows_of, reader), rows_of
        assert (row["expiry"] or EVER).replace(tzinfo=UTC) == edge(rows_of), (
            rows_of
        )  # the driver's infinity has no zone
        assert row["status"] == "open"


async def test_the_holder_is_the_holder_of_his_record_alone(link: Link) -> None:
    holder = Access(Kind.HOLDER, "holder|case-0", record="case-0")
    rows = await all_records("facts").rows(link, **reader_values(holder))
    assert {row["id"] for row in rows if row["HOLDER"]} == {"case-0"}


async def test_live_relations_and_bound_ones_decide_alike(link: Link) -> None:
    """Across records relations are looked up row by row: no relation, each, each pair and all, for every document."""
    records = list(FEW_RELATIONS)
    await put_related(link, list(FEW_RELATIONS.values()))
    table = TABLES["DocumentReference"].alias()
    judged = JUDGES["DocumentReference"](table, record.c.status, Binding.MANY)
    his = case((record.c.policy_version == literal(2), record.c.id), else_=literal("-"))
    columns = [record.c.id, table.c.id.label("document"), judged.visible.label("visible"), judged.reason.label("why")]
    query = select(*[substituted(one, holder_of=his) for one in columns]).join_from(
        table, record, record.c.id == table.c.record
    )
    count = 0
    for flags, callers in READERS.items():
        rows = await Statement(query).rows(link, **SELF, flags=flags)
        count += len(rows)
        for row in rows:
            rel = records[int(row["id"].removeprefix("related-"))]
            expected = oracle.document("open", callers[-1], rel, DOCUMENTS[int(row["document"])])
            assert (row["visible"], row["why"]) == expected, (callers[-1], rel, row)
    print(f"\nlive relations: {count} cells", end="")  # noqa: T201
    assert count == len(READERS) * len(FEW_RELATIONS) * len(DOCUMENTS)


async def put_related(link: Link, relations: list[Flag]) -> None:
    """A record for each set of relations, by rows (its holder by policy version 2), with every document."""
    means = {
        Flag.REPRESENTS: ("represents", ME), Flag.TREATING: ("treating", ME), Flag.FULL_ACCESS: ("full-access", ME),
        Flag.AUTHORISED: ("authorised", ME), Flag.BLOCKED: ("blocked", ME), Flag.WINDOW: ("window", ME),
        Flag.BREAK_GLASS_OPPOSED: ("opposed", "BTG"), Flag.REGULATION_OPPOSED: ("opposed", "ETREAT"),
    }  # fmt: skip
    made = [(f"related-{n}", "open", 2 if Flag.HOLDER in flags else 1) for n, flags in enumerate(relations)]
    rows = [
        (f"related-{n}", f"Consent/{flag.name}", kind, subject)
        for n, flags in enumerate(relations)
        for flag, (kind, subject) in means.items()
        if flag in flags
    ]
    await link.copy_records_to_table("record", columns=["id", "status", "policy_version"], records=made)
    await link.copy_records_to_table("relation", columns=["record", "source", "kind", "subject"], records=rows)
    documents = [(str(n), *[getattr(one, key) for key in DOCUMENT_NAMES]) for n, one in enumerate(DOCUMENTS)]
    row = axis("facts", {"id": Text, **dict.fromkeys(DOCUMENT_NAMES, Boolean)}, documents)
    columns = {"record": record.c.id, "id": row.c.id, **blank(), **document_columns(row)}
    chosen = select(*columns.values()).select_from(record.join(row, true())).where(record.c.id.like("related-%"))
    await Statement(insert(TABLES["DocumentReference"]).from_select(list(columns), chosen), Unjudged.ADDED).run(link)


# of a document


async def test_a_document_awaits_its_announcement_until_t_and_not_at_t(link: Link) -> None:
    ends = axis("ends", {"shift": Integer}, [(-1,), (0,), (1,)])
    row = select(
        ends.c.shift,
        (NOW + TICK * ends.c.shift).label("announce_at"),
        *[literal(0).label(key) for key in ("withdrawn", "hidden", "masked", "depositor", "kind")],
    ).subquery()
    found = await Statement(select(row.c.shift, facts(literal("open"), row).pending.label("pending"))).rows(link)
    assert {one["shift"]: one["pending"] for one in found} == {-1: False, 0: False, 1: True}


async def test_every_kind_is_read_from_its_own_bit_of_the_matrix(link: Link) -> None:
    """A kind that the worker does not know yet is not in the column."""
    matrix = Matrix()
    matrix.kinds = {f"type:{n}": n for n in range(1, 20)}
    matrix._columns = {"p": {("type", str(n)): n % 3 == 0 for n in range(1, 20)}}  # noqa: SLF001 - as a refresh fills it
    kind = axis("kinds_", {"kind": Integer}, [(n,) for n in range(30)])
    found = await Statement(select(kind.c.kind, in_matrix(kind.c.kind).label("permits"))).rows(
        link, **matrix.values("p")
    )
    assert {row["kind"] for row in found if row["permits"]} == {n for n in range(1, 20) if n % 3 == 0}
    assert not [row for row in found if row["permits"] is None]


@pytest.mark.parametrize(
    ("deposited", "over"),
    [
        ("2026-05-12T10:00:00.000001+00:00", False),
        ("2026-05-12T10:00:00+00:00", True),
        ("2026-05-12T09:00:00+00:00", True),
    ],
)
async def test_the_month_of_an_announcement_is_over_at_its_end(link: Link, deposited: str, *, over: bool) -> None:
    end = announcement_end(bindparam("deposited_at", type_=INSTANT)) <= NOW
    values = {**SELF, "deposited_at": datetime.fromisoformat(deposited)}
    assert await Statement(select(end)).value(link, **values) is over


BIRTHS = {
    "unknown": (None, False),
    "of age since today": (date(2008, 6, 12), False),
    "of age tomorrow": (date(2008, 6, 13), True),
    "of age since yesterday": (date(2008, 6, 11), False),
}


async def put_births(link: Link) -> None:
    """A Patient in a case's record for each of them."""
    rows = [
        {"record": literal(name(n)), "id": literal(name(n)), **blank(), "birth_date": literal(born, Date)}
        for n, (born, _) in enumerate(BIRTHS.values())
    ]
    for row in rows:
        await Statement(insert(TABLES["Patient"]).values(row), Unjudged.ADDED).run(link)


async def test_a_minor_is_one_until_the_day_of_majority(link: Link) -> None:
    await put_births(link)
    reader = relation_cases.READERS["a pharmacist"]
    for number, (_, minor) in enumerate(BIRTHS.values()):
        row = await Statement(standing_select(), Unjudged.FACT).row(link, **reader_values(reader), record=name(number))
        assert row is not None
        assert (Flag.MINOR in Flag(row["relations"])) is minor
        if minor:
            assert row["expiry"] <= datetime.fromisoformat(CLOCK) + timedelta(days=1)
