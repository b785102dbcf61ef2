"""Rows of the table `relation` around every edge, one case a record, and what they mean, said naively.

A case holds one row (every kind, subject, structure and period), or what an authorisation by a care team needs, or
several ways to be authorised together with blocks. The clock of the policy stands still while they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

from app.access import DOCTOR, PHARMACIST, SPECIALTY_SYSTEM, Access, Kind
from app.policy.facts import Flag
from tests import oracle
from tests.cells import CLOCK, ME, OTHER, STRUCTURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cells import Link

NOW = datetime.fromisoformat(CLOCK)
TICK = timedelta(microseconds=1)
EVER = datetime.max.replace(tzinfo=UTC)
PERIODS = {
    "always": (datetime.min.replace(tzinfo=UTC), EVER),
    "current": (NOW - timedelta(days=1), NOW + timedelta(days=1)),
    "expired": (NOW - timedelta(days=2), NOW - timedelta(days=1)),
    "not begun": (NOW + timedelta(days=1), NOW + timedelta(days=2)),
    "ends now": (NOW - timedelta(days=1), NOW),
    "ends a tick after now": (NOW - timedelta(days=1), NOW + TICK),
    "starts now": (NOW, NOW + timedelta(days=1)),
    "starts a tick after now": (NOW + TICK, NOW + timedelta(days=1)),
}
"""A relation holds from its start on, and no more at its end."""
CURRENT = {"always", "current", "ends a tick after now", "starts now"}

SPECIALTY, OTHER_SPECIALTY = f"specialty|{SPECIALTY_SYSTEM}|SM54", f"specialty|{SPECIALTY_SYSTEM}|SM01"
ELSEWHERE = "structure|1750000002"
TEAM, OTHER_TEAM = "team|red", "team|blue"
KINDS = ("represents", "treating", "full-access", "authorised", "blocked", "member", "opposed", "window")
SUBJECTS = (
    ME, OTHER, STRUCTURE, ELSEWHERE, DOCTOR, PHARMACIST, SPECIALTY, OTHER_SPECIALTY, TEAM, OTHER_TEAM, "BTG", "ETREAT",
)  # fmt: skip

READERS = {
    "a doctor in his structure": Access(
        Kind.PROFESSIONAL, ME, structure=STRUCTURE, profession=DOCTOR, specialty=SPECIALTY
    ),
    "a doctor in none": Access(Kind.PROFESSIONAL, ME, profession=DOCTOR, specialty=SPECIALTY),
    "a pharmacist": Access(Kind.PROFESSIONAL, ME, structure=STRUCTURE, profession=PHARMACIST),
    "an occupational physician": Access(
        Kind.OCCUPATIONAL_PHYSICIAN, ME, structure=STRUCTURE, profession=DOCTOR, specialty=SPECIALTY
    ),
}


@dataclass(frozen=True)
class Row:
    """One row: `source` is the resource that it comes from; `period` a name in `PERIODS`."""

    kind: str
    subject: str
    within: str = ""
    period: str = "always"
    source: str = "Consent/one"

    @property
    def current(self) -> bool:
        return self.period in CURRENT


Case = tuple[Row, ...]


def single() -> Iterator[Case]:
    """Every row alone, and none."""
    yield ()
    for kind, subject, within, period in product(KINDS, SUBJECTS, ("", STRUCTURE, ELSEWHERE), PERIODS):
        yield (Row(kind, subject, within, period),)


def by_team() -> Iterator[Case]:
    """An authorisation of a care team, beside a member of this or of another team."""
    yield (Row("authorised", TEAM), Row("treating", ME, source="CareTeam/red"))
    members = product(("CareTeam/red", "CareTeam/blue"), (ME, OTHER, STRUCTURE), ("", STRUCTURE, ELSEWHERE), PERIODS)
    for (source, subject, within, period), until in product(members, PERIODS):
        yield (
            Row("authorised", TEAM, period=until),
            Row("member", subject, within, period, source),
        )


def together() -> Iterator[Case]:
    """Every set of ways to be authorised, with a block in force, ended, or about to begin."""
    ways = [
        Row("authorised", subject, source=f"Consent/{n}")
        for n, subject in enumerate((ME, STRUCTURE, DOCTOR, SPECIALTY, TEAM))
    ]
    for chosen in product((False, True), repeat=len(ways)):
        rows = [row for row, taken in zip(ways, chosen, strict=True) if taken]
        for blocked, period in product(
            (ME, DOCTOR, SPECIALTY, PHARMACIST, OTHER), ("always", "ends now", "starts now", "starts a tick after now")
        ):
            yield (
                *rows,
                Row("member", ME, source="CareTeam/red"),
                Row("blocked", blocked, period=period, source="Consent/b"),
            )


CASES: list[Case] = [*single(), *by_team(), *together()]


def meaning(case: Case, reader: Access) -> Flag:
    """The relations that hold now, said naively from policy.md sections 1 and 3 (rule 15)."""
    rows = [row for row in case if row.current]

    def any_of(kind: str, *subjects: str) -> bool:
        return any(row.kind == kind and row.subject in subjects for row in rows)

    def named(row: Row) -> bool:
        return row.subject == reader.subject and row.within in {"", reader.structure}

    groups = [key for key in (reader.structure, reader.profession, reader.specialty) if key]
    teams = [f"team|{row.source.removeprefix('CareTeam/')}" for row in rows if row.kind == "member" and named(row)]
    group_blocked = any_of("blocked", *groups)  # a structure that a block names is taken as a group is
    authorised = oracle.authorised(
        by_name=any(row.kind == "authorised" and named(row) for row in rows),
        by_group=any_of("authorised", *groups),
        by_team=any_of("authorised", *teams),
        group_blocked=group_blocked,
        occupational=reader.kind is Kind.OCCUPATIONAL_PHYSICIAN,
    )
    holding = {
        Flag.REPRESENTS: any_of("represents", reader.subject),
        Flag.TREATING: any_of("treating", reader.subject),
        Flag.BLOCKED: any_of("blocked", reader.subject),
        Flag.GROUP_BLOCKED: group_blocked,
        Flag.FULL_ACCESS: any_of("full-access", reader.subject),
        Flag.AUTHORISED: authorised,
        Flag.WINDOW: any_of("window", reader.subject),
        Flag.BREAK_GLASS_OPPOSED: any_of("opposed", "BTG"),
        Flag.REGULATION_OPPOSED: any_of("opposed", "ETREAT"),
    }
    return Flag(sum(flag for flag, holds in holding.items() if holds))


def edge(case: Case) -> datetime:
    """When one of the rows next begins or ends."""
    return min((edge for row in case for edge in PERIODS[row.period] if edge > NOW), default=EVER)


def name(number: int) -> str:
    """Id of the record of a case."""
    return f"case-{number}"


async def put_cases(link: Link) -> None:
    """An open record for each case."""
    await link.copy_records_to_table(
        "record", columns=["id", "status"], records=[(name(n), "open") for n in range(len(CASES))]
    )
    rows = [
        (name(n), row.source, row.kind, row.subject, row.within, *PERIODS[row.period])
        for n, case in enumerate(CASES)
        for row in case
    ]
    columns = ["record", "source", "kind", "subject", "within", "starts", "ends"]
    await link.copy_records_to_table("relation", columns=columns, records=rows)
    await link.execute("ANALYZE relation")
