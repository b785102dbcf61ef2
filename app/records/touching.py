"""What a search touched of each record, as acts of the trail tell it (policy.md section 4, AuditEvent).

Of the record that was asked about there is one act, whatever was found. Of a record that was not asked about there are
acts for what was shown of it: one for each rule by which something was, so that a rule is told with what it showed and
with nothing else. Such an act is for who may know of one thing that it showed, so that it says by which documents it is
to be judged: those that it showed, and those that a list, or an act, was about which it showed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jiter

from app.policy.trail import SECRET
from app.records.redaction import LISTS, listed
from app.storage.audit import BESIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from app.records.including import Found

DOCUMENT = "DocumentReference"
KEEPING = frozenset({*SECRET, "AuditEvent"})
"""Types that keep for themselves that they come of a secret connection."""


class Touched(NamedTuple):
    """One act on a record, "" for none: by which rule, what it showed, whether it is told for that alone (`apart`).

    `documents` are the ids of those that it showed, and of others, each after `BESIDE`, that it is to be judged by.
    """

    record: str
    reason: str = ""
    documents: tuple[str, ...] = ()
    apart: bool = False
    secret: bool = False


def gathered(
    matches: list[Found], included: Iterable[Found] = (), about: str = "", reason: str = "", ids: Collection[str] = ()
) -> list[Touched]:
    """The acts of a search: on the record that was asked `about`, and on each that something was shown of.

    Why the rows of that record were shown is told by `reason`, the caller's relation to it, and not by the rows: some
    of them may be hidden from who reads the journal, who must not learn by it that there are any. Where nothing but the
    `ids` of rows led to it, it was not asked about.
    """
    shown = [one for one in (*matches, *included) if one.record]
    told = []
    if about and not ids:
        own = [one.stored.id for one in shown if one.record == about and one.stored.type == DOCUMENT]
        told = [Touched(about, reason, tuple(own))]
        shown = [one for one in shown if one.record != about]
    elif about and not shown:
        told = [Touched(about, reason, _beside(ids), apart=True)]
    first = {one.name for one in matches}
    for key in dict.fromkeys(one.record for one in shown):
        its = [one for one in shown if one.record == key]
        brought = [one for one in its if one.name not in first]
        told += _by_the_way(key, [one for one in its if one.name in first], brought)
    return told or [Touched("")]


def _by_the_way(key: str, matches: list[Found], included: list[Found]) -> list[Touched]:
    """The acts on a record that was not asked about, one for each rule, and for what comes of a secret connection.

    What anybody may know who reads the journal makes its act one for all of them. What was only brought along by
    others, in this record, is no more for him to know of than these are.
    """
    stands = {one.name: _stands_for(one) for one in (*matches, *included)}
    everything = frozenset().union(*(names for names in stands.values() if names))
    known = not everything or any(stands[one.name] is None for one in matches)
    groups: dict[tuple[str, bool], list[Found]] = {}
    for one in (*matches, *included):
        groups.setdefault((one.verdict, one.secret and one.stored.type in KEEPING), []).append(one)
    told = []
    for (reason, secret), some in groups.items():
        names = [stands[one.name] for one in some]
        free = known and None in names
        judged = frozenset().union(*(everything if one is None else one for one in names))
        shown = dict.fromkeys(one.stored.id for one in some if one.stored.type == DOCUMENT)
        if judged or free:
            beside = () if free else _beside(sorted(judged - shown.keys()))
            told.append(Touched(key, reason, (*shown, *beside), not free, secret))
    return told


def _beside(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(BESIDE + one for one in ids)


def _stands_for(one: Found) -> frozenset[str] | None:
    """The documents by which it is judged whether something may be known of; None for what anybody may know of.

    A list is what its caller was shown of it; nothing tells of one that is gone.
    """
    stored = one.stored
    if stored.type == DOCUMENT:
        return frozenset([stored.id])
    if stored.type == "AuditEvent":
        return one.about
    if stored.type not in LISTS:
        return None
    if not stored.body:
        return frozenset()
    references = [reference for *_, reference in listed(jiter.from_json(stored.body), (LISTS[stored.type][1],))]
    names = [reference.split("/") for reference in references]
    inside = [name[1] for name in names if name[0] == DOCUMENT and name[1:] and name[1].startswith(f"{one.record}.")]
    return frozenset(inside) if inside and len(inside) == len(names) else None
