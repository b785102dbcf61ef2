"""Strategies that draw worlds (`tests/worlds.py`), such as the rules of writing allow.

Hypothesis prefers the ends of a list to its middle: what is to be common stands at both of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st

from tests.worlds import (
    ALWAYS,
    DAY,
    DOCTOR,
    HOUR,
    NURSE,
    OSTEOPATH,
    PEOPLE,
    PHARMACIST,
    REGULATOR,
    STRUCTURES,
    UNKNOWN_TYPE,
    WINDOW,
    Caller,
    Doc,
    Holder,
    Member,
    Office,
    Professional,
    Record,
    Relative,
    Representative,
    Span,
    Team,
    Will,
    Window,
    World,
    moment,
    month_after,
    represents,
)

T = TypeVar("T")

SPANS = st.sampled_from(
    [
        ALWAYS, ALWAYS, ALWAYS, Span(ends=-1), Span(ends=0), Span(ends=1), Span(starts=0), Span(starts=1),
        Span(starts=2, ends=DAY), Span(starts=-DAY, ends=30 * DAY), Span(starts=-2 * DAY, ends=-DAY),
        ALWAYS, ALWAYS, ALWAYS,
    ]
)  # fmt: skip
"""Open, over since this second, in its last one or last but one, begun in this second, about to begin, long over."""
NAMED = st.builds("person {}".format, st.sampled_from(PEOPLE))
ROLES = st.builds("role {} {}".format, st.sampled_from(PEOPLE), st.sampled_from(STRUCTURES))
GROUPS = st.sampled_from([f"profession {DOCTOR}", f"profession {NURSE}", "specialty SM54", "specialty SM26"])
PROFESSIONALS = st.builds(
    Professional,
    person=st.sampled_from(PEOPLE),
    profession=st.sampled_from([DOCTOR, DOCTOR, PHARMACIST, NURSE, OSTEOPATH, DOCTOR, DOCTOR]),
    specialty=st.sampled_from(["SM54", "SM26", ""]),
    structure=st.sampled_from(STRUCTURES),
)
OCCUPATIONAL = st.builds(
    Professional, st.sampled_from(PEOPLE), structure=st.sampled_from(STRUCTURES), occupational=st.just(value=True)
)
REGULATORS = st.builds(
    Professional, st.sampled_from((*PEOPLE, REGULATOR)), specialty=st.just("SM26"), regulator=st.just(value=True),
    purpose=st.sampled_from(["ETREAT", "TREAT", "ETREAT"]),
)  # fmt: skip
WINDOWS = st.builds(Window, st.sampled_from(PEOPLE), st.sampled_from([HOUR, WINDOW - 1, WINDOW, DAY, HOUR]))
OFFICES = st.builds(Office, st.sampled_from(["desk", "insurer", "software"]), st.sampled_from(STRUCTURES))
RELATIVES = st.builds(
    Relative,
    st.sampled_from(["MTH", "MTH", "FTH", "TUTEUR", "SIS"]),
    st.sampled_from([ALWAYS, ALWAYS, Span(ends=0), Span(ends=-1)]),
    st.one_of(st.just((ALWAYS,)), st.lists(SPANS, max_size=2).map(tuple)),
)


def a_few(elements: st.SearchStrategy[T], most: int = 2, *, least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    """Up to two of something: absence, one and several of it make a difference."""
    return st.lists(elements, min_size=least, max_size=most).map(tuple)


@st.composite
def wills(draw: st.DrawFn, teams: int, treating: str) -> tuple[Will, ...]:
    """What a holder wants; nobody may block his treating physician."""
    team = [st.builds("team {}".format, st.integers(0, teams - 1))] if teams else []
    whom = st.one_of(NAMED, ROLES, st.builds("structure {}".format, st.sampled_from(STRUCTURES)), GROUPS, *team)
    ended = st.sampled_from([False, False, True, False])
    blocked = st.one_of(NAMED, GROUPS).filter(lambda one: not treating or one.split()[1] != treating)
    return (
        *draw(a_few(st.builds(Will, st.just("authorisation"), whom, SPANS, ended), 4)),
        *draw(a_few(st.builds(Will, st.just("block"), blocked, SPANS, ended))),
        *draw(a_few(st.builds(Will, st.just("full-access"), NAMED, SPANS, ended), 1)),
        *draw(
            a_few(
                st.builds(
                    Will, st.just("emergency-opposition"), st.sampled_from(["BTG", "ETREAT"]), st.just(ALWAYS), ended
                )
            )
        ),
    )


AGES = st.sampled_from([DAY, 31 * DAY, 31 * DAY - 1, 31 * DAY + 1, 8 * HOUR])
"""A month before NOW is 31 days: T is to come, is in this second, or is over."""


@st.composite
def documents(draw: st.DrawFn, record: Record, place: int) -> tuple[Doc, ...]:
    """Up to four documents, such as the rules of deposit allow."""
    made: list[Doc] = []
    own: list[Caller] = [Holder(place)]
    for number, relative in enumerate(record.relatives):
        if represents(record, relative, -31 * DAY - 1):  # at each moment of a deposit, though maybe not at NOW
            own.append(Representative(place, number))
    depositors = st.one_of(PROFESSIONALS, PROFESSIONALS, PROFESSIONALS, OCCUPATIONAL, OFFICES, st.sampled_from(own))
    plain = draw(st.booleans())  # what no mask, no matrix and no withdrawal decides leaves it to the relations
    for _ in range(draw(st.sampled_from([4, 1, 2, 3, 3]))):
        made.append(draw(_document(record, made, depositors, plain=plain)))
    replaced = {one.replaces for one in made}
    return tuple(_settled(one) if n in replaced else one for n, one in enumerate(made))


def _settled(doc: Doc) -> Doc:
    """A document that is replaced: its labels follow the new one's."""
    return replace(doc, masked_later=False, told=False, unmasked=False)


@st.composite
def _document(
    draw: st.DrawFn, record: Record, others: list[Doc], depositors: st.SearchStrategy[Caller], *, plain: bool
) -> Doc:
    replaceable = [
        place
        for place, one in enumerate(others)
        if isinstance(one.by, Professional) and place not in {other.replaces for other in others}
    ]
    replaces = draw(st.sampled_from([None, *replaceable]))
    by = draw(depositors) if replaces is None else others[replaces].by
    age = draw(AGES) if replaces is None else min(others[replaces].age, draw(AGES))
    doc = Doc(by, age, replaces=replaces)
    if isinstance(by, Holder | Representative):
        return replace(doc, type="74465-6", masked=draw(st.booleans()))
    types = ["11488-4"] if plain else ["11488-4", "68599-0", UNKNOWN_TYPE, "11488-4"]
    insurer = isinstance(by, Office) and by.kind == "insurer"
    may_await = replaces is None or (others[replaces].announced and _awaits(others, replaces, age))
    doc = replace(
        doc,
        type="REMB" if insurer else draw(st.sampled_from(types)),
        masked=not plain and draw(st.sampled_from([False, True, False])),
        announced=may_await and draw(st.sampled_from([False, True])),
        hidden=record.minor(-age) and draw(st.booleans()),
    )
    if plain or not isinstance(by, Professional):
        return doc
    first = replaces is None
    return replace(
        doc,
        masked_later=first and not doc.masked and draw(st.sampled_from([False, True, False])),
        told=first and doc.announced and draw(st.booleans()),
        unmasked=first and doc.masked and not doc.announced and draw(st.booleans()),
        archived=draw(st.sampled_from([False, False, True, False])),
        withdrawn=draw(st.sampled_from(["", "", "depositor", "" if doc.announced else "holder", "", ""])),
    )


def _awaits(others: list[Doc], place: int, age: int) -> bool:
    """Whether a document still awaits its announcement when it is replaced, `age` seconds before NOW."""
    first = others[place]
    while first.replaces is not None:
        first = others[first.replaces]
    return moment(-age) < month_after(moment(-first.age))


@st.composite
def records(draw: st.DrawFn, place: int) -> Record:
    """One record, and all that was written in it."""
    members = st.one_of(NAMED, ROLES)
    treating = draw(st.sampled_from(["", "", *PEOPLE, "", ""]))
    bare = Record(
        born=draw(st.sampled_from(["1979-03-05", "2008-06-15", "2008-06-16", "2015-04-01", "2015-04-01"])),
        state=draw(st.sampled_from(["open"] * 9 + ["closed", "reopened", "not-opened", "destroyed"] + ["open"] * 9)),
        treating=treating,
        treating_span=draw(SPANS.filter(lambda span: span.ends is None)) if treating else ALWAYS,
        teams=draw(a_few(st.builds(Team, a_few(st.builds(Member, members, SPANS), least=1), SPANS))),
        relatives=draw(a_few(RELATIVES)),
        windows=draw(st.one_of(a_few(WINDOWS), a_few(WINDOWS, least=1))),
    )
    made = replace(bare, wills=draw(wills(len(bare.teams), treating)))
    return replace(made, documents=draw(documents(made, place)))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One or two records, and everybody around them."""
    made = tuple(draw(records(place)) for place in range(draw(st.sampled_from([2, 1, 2]))))
    callers: list[Caller] = [
        *draw(st.lists(PROFESSIONALS, min_size=4, max_size=4)),
        draw(REGULATORS),
        draw(OCCUPATIONAL),
        draw(OFFICES),
    ]
    for place, record in enumerate(made):
        callers.append(Holder(place, secret=draw(st.booleans())))
        callers += [Representative(place, number) for number in range(len(record.relatives))]
    return World(made, tuple(callers), draw(st.sampled_from([1, 2, DAY, 31 * DAY])))
