"""Worlds: records, the people around them and what they wrote, as small frozen descriptions that a person can read.

A world says what was done and when; `tests/drawn.py` draws such worlds, `tests/stage.py` does it all through the API.
Here are the descriptions and naive facts: what holds between a caller and a record or document at a moment, worked out
from the description alone, in plain Python (policy.md sections 2 and 3). No SQL, nothing of the product.

Moments are seconds from NOW. A period is told by its first second and its last one, both of which belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests import oracle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.vendor.pretty import RepresentationPrinter

NOW = datetime(2026, 6, 15, tzinfo=UTC)
"""The moment at which every world is read first: a midnight, so that somebody can come of age at it."""
HOUR, DAY = 3600, 86400
WINDOW = 4 * HOUR
"""Seconds that an emergency window is open (setting `window_hours`)."""
MAJORITY = 18

PEOPLE = ("ann", "bob", "cyd")
REGULATOR = "dan"
"""A regulator to whom no record has another relation."""
STRUCTURES = ("north", "south")
DOCTOR, PHARMACIST, NURSE, OSTEOPATH = "10", "21", "60", "70"
MATRIX = {DOCTOR: ("11488-4", "68599-0", "REMB", "74465-6"), PHARMACIST: ("11488-4", "REMB"), NURSE: ("11488-4",)}
"""Types of document that a profession may read, in the matrix that the worlds are read under. Others may read none."""
UNKNOWN_TYPE = "made-up"
"""A type that no matrix knows, in a document without a class."""


class Told:
    """A description whose repr tells what is not as usual."""

    def said(self) -> list[tuple[str, object]]:
        """The fields that are not at their default."""
        found = [(one.name, getattr(self, one.name), one.default) for one in fields(self)]  # type: ignore[arg-type]
        return [(name, value) for name, value, usual in found if value != usual]

    def __repr__(self) -> str:
        """On one line."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.said())})"

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:  # noqa: FBT001, ARG002 - as IPython has it
        """Over several lines, where Hypothesis tells of a world that fails."""
        with printer.group(4, f"{type(self).__name__}(", ")"):
            for number, (name, value) in enumerate(self.said()):
                if number:
                    printer.text(",")
                    printer.breakable()
                printer.text(f"{name}=")
                printer.pretty(value)


@dataclass(frozen=True, repr=False)
class Span(Told):
    """From its first second to its last one; None is open."""

    starts: int | None = None
    ends: int | None = None

    def holds(self, at: int) -> bool:
        """Whether it holds at that moment."""
        return (self.starts is None or self.starts <= at) and (self.ends is None or at <= self.ends)


ALWAYS = Span()


@dataclass(frozen=True, repr=False)
class Professional(Told):
    """A professional, or an occupational physician, as one token says. One person may come in several of them."""

    person: str
    profession: str = DOCTOR
    specialty: str = "SM54"
    structure: str = "north"
    occupational: bool = False
    regulator: bool = False
    purpose: str = "TREAT"


@dataclass(frozen=True, repr=False)
class Holder(Told):
    """The holder of a record of the world, by its place."""

    record: int = 0
    secret: bool = False


@dataclass(frozen=True, repr=False)
class Representative(Told):
    """A relative of a record, by his place, with a token of a representative."""

    record: int = 0
    relative: int = 0


@dataclass(frozen=True, repr=False)
class Office(Told):
    """A caller without a person: desk, insurer or software, in a structure."""

    kind: str
    structure: str = "north"


Caller = Professional | Holder | Representative | Office


@dataclass(frozen=True, repr=False)
class Will(Told):
    """A Consent of the holder. `kind` is its category.

    `whom` is `person ann`, `role ann north` (ann in that structure), `structure north`, `profession 60`, `specialty
    SM26` or `team 0` (a care team of the record), and `BTG` or `ETREAT` for an opposition. `ended`: taken back since.
    """

    kind: str
    whom: str
    span: Span = ALWAYS
    ended: bool = False


@dataclass(frozen=True, repr=False)
class Member(Told):
    """Somebody in a care team: `person ann` or `role ann north`."""

    whom: str
    span: Span = ALWAYS


@dataclass(frozen=True, repr=False)
class Team(Told):
    """A care team without a treating physician."""

    members: tuple[Member, ...]
    span: Span = ALWAYS


@dataclass(frozen=True, repr=False)
class Relative(Told):
    """A RelatedPerson: relationship code, period, and the periods of the Consents by which he represents."""

    code: str = "MTH"
    span: Span = ALWAYS
    links: tuple[Span, ...] = (ALWAYS,)


@dataclass(frozen=True, repr=False)
class Window(Told):
    """A professional broke the glass, `age` seconds before NOW."""

    person: str
    age: int


@dataclass(frozen=True, repr=False)
class Doc(Told):
    """A document, deposited `age` seconds before NOW.

    Labels at its deposit are `masked`, `announced` and `hidden`. Afterwards, in this order, its depositor may have
    masked it or lifted the announcement (`told`), the holder unmasked it, the depositor archived it, and `depositor` or
    `holder` withdrawn it. `replaces` is the place of an older one.
    """

    by: Caller
    age: int = DAY
    type: str = "11488-4"
    masked: bool = False
    announced: bool = False
    hidden: bool = False
    masked_later: bool = False
    told: bool = False
    unmasked: bool = False
    archived: bool = False
    withdrawn: str = ""
    replaces: int | None = None


@dataclass(frozen=True, repr=False)
class Record(Told):
    """A record: open, closed, reopened; or not-opened, destroyed, which its row is made to say afterwards."""

    born: str = "1979-03-05"
    state: str = "open"
    treating: str = ""
    treating_span: Span = ALWAYS
    teams: tuple[Team, ...] = ()
    relatives: tuple[Relative, ...] = ()
    wills: tuple[Will, ...] = ()
    windows: tuple[Window, ...] = ()
    documents: tuple[Doc, ...] = ()

    @property
    def status(self) -> str:
        """What the rules read of its state."""
        return "open" if self.state == "reopened" else self.state

    def minor(self, at: int) -> bool:
        """Whether the holder is a minor at that moment."""
        born = datetime.fromisoformat(self.born).replace(tzinfo=UTC)
        return moment(at) < born.replace(year=born.year + MAJORITY)


@dataclass(frozen=True, repr=False)
class World(Told):
    """Records, the callers who read them at NOW, and how many seconds later they read again."""

    records: tuple[Record, ...]
    callers: tuple[Caller, ...]
    later: int = 1


def moment(at: int) -> datetime:
    """The instant of a moment."""
    return NOW + timedelta(seconds=at)


# Facts


def identity(caller: Caller) -> str:
    """Who a deposit by this caller is kept as: the person, else the structure."""
    match caller:
        case Professional(person=person):
            return person
        case Holder(record=own):
            return f"holder {own}"
        case Representative(record=own, relative=place):
            return f"relative {own} {place}"
        case Office(structure=structure):
            return f"structure {structure}"


def asked(caller: Caller) -> oracle.Caller:
    """What the oracle is told of a caller."""
    match caller:
        case Professional():
            kind = "occupational-physician" if caller.occupational else "professional"
            return oracle.Caller(kind, caller.profession == DOCTOR, caller.regulator, caller.purpose, strong=True)
        case Holder():
            return oracle.Caller("holder", secret=caller.secret)
        case Representative():
            return oracle.Caller("representative")
        case Office():
            return oracle.Caller(caller.kind)


def is_person(whom: str, caller: Professional) -> bool:
    """Whether `person ann` or `role ann north` means this caller as he comes."""
    kind, name, *within = whom.split()
    return kind in {"person", "role"} and name == caller.person and (not within or within[0] == caller.structure)


def is_group(whom: str, caller: Professional, kinds: Sequence[str]) -> bool:
    """Whether `structure north`, `profession 60` or `specialty SM26` covers this caller, if it is of those kinds."""
    kind, _, name = whom.partition(" ")
    mine = {"structure": caller.structure, "profession": caller.profession, "specialty": caller.specialty}
    return kind in kinds and mine[kind] == name


def is_member(record: Record, whom: str, caller: Professional, at: int) -> bool:
    """Whether `team 0` names a team that this caller is in today."""
    kind, _, place = whom.partition(" ")
    if kind != "team":
        return False
    team = record.teams[int(place)]
    return team.span.holds(at) and any(is_person(m.whom, caller) and m.span.holds(at) for m in team.members)


def represents(record: Record, relative: Relative, at: int) -> bool:
    """Whether a relative represents the holder at that moment."""
    if relative.code not in {"MTH", "FTH", "TUTEUR", "MSVG"}:
        return False
    if relative.code in {"MTH", "FTH"} and not record.minor(at):
        return False
    return relative.span.holds(at) and any(link.holds(at) for link in relative.links)


def relations(world: World, place: int, caller: Caller, at: int) -> oracle.Relations:
    """What holds between a caller and the record at that place."""
    record = world.records[place]
    if isinstance(caller, Holder):
        return oracle.Relations(holder=caller.record == place)
    if isinstance(caller, Representative):
        here = caller.record == place
        return oracle.Relations(represents=here and represents(record, record.relatives[caller.relative], at))
    opposed = {will.whom for will in record.wills if will.kind == "emergency-opposition" and not will.ended}
    opposition = oracle.Relations(break_glass_opposed="BTG" in opposed, regulation_opposed="ETREAT" in opposed)
    return _of_professional(record, caller, at, opposition) if isinstance(caller, Professional) else opposition


def _of_professional(record: Record, caller: Professional, at: int, opposition: oracle.Relations) -> oracle.Relations:
    def any_will(kind: str, covers: Callable[[str], bool]) -> bool:
        return any(w.kind == kind and not w.ended and w.span.holds(at) and covers(w.whom) for w in record.wills)

    group_blocked = any_will("block", lambda whom: is_group(whom, caller, ("profession", "specialty")))
    return replace(
        opposition,
        treating=record.treating == caller.person and record.treating_span.holds(at),
        full_access=any_will("full-access", lambda whom: is_person(whom, caller)),
        blocked=any_will("block", lambda whom: whom == f"person {caller.person}"),
        group_blocked=group_blocked,
        authorised=oracle.authorised(
            by_name=any_will("authorisation", lambda whom: is_person(whom, caller)),
            by_group=any_will(
                "authorisation", lambda whom: is_group(whom, caller, ("structure", "profession", "specialty"))
            ),
            by_team=any_will("authorisation", lambda whom: is_member(record, whom, caller, at)),
            group_blocked=group_blocked,
            occupational=caller.occupational,
        ),
        window=any(one.person == caller.person and at < WINDOW - one.age for one in record.windows),
    )


@dataclass(frozen=True)
class Version:
    """What one version of a document says. `until`: the end T of its announcement, if it awaits one."""

    masked: bool = False
    hidden: bool = False
    until: datetime | None = None
    withdrawn: bool = False


def month_after(instant: datetime) -> datetime:
    """One month of the calendar later; the days drawn here are in each month."""
    year, month = (instant.year + 1, 1) if instant.month == 12 else (instant.year, instant.month + 1)
    return instant.replace(year=year, month=month)


def versions(record: Record) -> list[list[Version]]:
    """The versions that each document of a record has had, the current one last (policy.md section 5)."""
    made: list[list[Version]] = []
    began: list[datetime] = []
    for doc in record.documents:
        began.append(moment(-doc.age) if doc.replaces is None else began[doc.replaces])
        old = made[doc.replaces][-1] if doc.replaces is not None else Version()
        masked, hidden = doc.masked or old.masked, doc.hidden or old.hidden
        if doc.replaces is not None:
            made[doc.replaces].append(replace(old, masked=masked, hidden=hidden))
        made.append([Version(masked, hidden, month_after(began[-1]) if doc.announced else None)])
    for place, doc in enumerate(record.documents):
        if doc.masked_later:
            made[place].append(replace(made[place][-1], masked=True))
        if doc.told:
            made[place].append(replace(made[place][-1], until=None))
        if doc.unmasked:
            made[place].append(replace(made[place][-1], masked=False))
        if doc.archived:
            made[place].append(made[place][-1])
    for place, doc in enumerate(record.documents):
        if doc.withdrawn and not made[place][-1].withdrawn:
            made[place].append(replace(made[place][-1], withdrawn=True))
            _take_along(record, made, place)
    return made


def _take_along(record: Record, made: list[list[Version]], place: int) -> None:
    """What a withdrawn document replaced is withdrawn with it, without a version of its own."""
    older = record.documents[place].replaces
    while older is not None:
        made[older][-1] = replace(made[older][-1], withdrawn=True)
        older = record.documents[older].replaces


def document(doc: Doc, version: Version, caller: Caller, at: int) -> oracle.Document:
    """Facts of one version of a document, for a caller at a moment."""
    profession = caller.profession if isinstance(caller, Professional) else ""
    return oracle.Document(
        withdrawn=version.withdrawn,
        pending=version.until is not None and moment(at) < version.until,
        hidden=version.hidden,
        deposited=identity(doc.by) == identity(caller),
        masked=version.masked,
        in_matrix=doc.type in MATRIX.get(profession, ()),
    )
