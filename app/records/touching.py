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
from app.records.redaction import LISTS, listed, versionless
from app.resources import DEFINITIONS, labels
from app.storage.audit import AWAITING, AWAITING_HIDDEN, BESIDE, HIDDEN

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable

    from app.records.including import Found
    from app.resources.definition import Resource

DOCUMENT = "DocumentReference"
KEEPING = frozenset({*SECRET, "AuditEvent"})
"""Types that keep for themselves that they come of a secret connection."""

UNSAID: tuple[tuple[str, ...], bool] = ((), False)
"""No documents, and no secret connection."""


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
    matches: list[Found],
    included: Iterable[Found] = (),
    about: str = "",
    reason: str = "",
    ids: Collection[str] = (),
    stands: tuple[tuple[str, ...], bool] = UNSAID,
) -> list[Touched]:
    """The acts of a search: on the record that was asked `about`, and on each that something was shown of.

    Why the rows of that record were shown is told by `reason`, the caller's relation to it, and not by the rows: some
    of them may be hidden from who reads the journal, who must not learn by it that there are any. Where nothing but the
    `ids` of rows led to it, it was not asked about; where none of them is shown, `stands` says what they stand for
    (`app.records.judged`).
    """
    shown = [one for one in (*matches, *included) if one.record]
    told = []
    if about and not ids:
        own = [one.stored.id for one in shown if one.record == about and one.stored.type == DOCUMENT]
        told = [Touched(about, reason, tuple(own))]
        shown = [one for one in shown if one.record != about]
    elif about and not shown:
        told = [Touched(about, reason, _beside(stands[0]), apart=True, secret=stands[1])]
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
    if one.stored.type == "AuditEvent":
        return one.about
    return judged_by(one.stored.type, one.stored.id, one.stored.body, one.record)


def judged_by(type: str, id: str, body: bytes, record: str) -> frozenset[str] | None:
    """The documents by which it is judged whether a resource may be known of; None for what anybody may know of.

    A list is what stands in it; nothing tells of one that is gone.
    """
    if type == DOCUMENT:
        return frozenset([id])
    if type not in LISTS:
        return None
    if not body:
        return frozenset()
    return _listed_in(type, jiter.from_json(body), record)


def _listed_in(type: str, tree: Resource, record: str, new: Container[str] = ()) -> frozenset[str] | None:
    """The documents of a record that a list holds, less `new` ones; None where there are none, or it holds others."""
    names = [versionless(reference) for *_, reference in listed(tree, (LISTS[type][1],))]
    inside = [one.removeprefix(f"{DOCUMENT}/") for one in names if one.startswith(f"{DOCUMENT}/{record}.")]
    old = [one for one in inside if f"{DOCUMENT}/{one}" not in new]
    return frozenset(old) if inside and len(inside) == len(names) else None


def meant_by(tree: Resource, record: str, new: Container[str]) -> frozenset[str] | None:
    """The documents by which the refusal of a new resource is judged: None where anybody may know that it was sent.

    Of a document that was to be kept from somebody it is the mark that says so; else those that it refers to. `new` are
    resources (`Type/id`) that were refused with it, and speak for themselves.
    """
    type = tree["resourceType"]
    if type in LISTS:
        return _listed_in(type, tree, record, new)
    if type != DOCUMENT:
        return None
    found = labels.read(tree)
    mark = {(True, False): AWAITING, (False, True): HIDDEN, (True, True): AWAITING_HIDDEN}.get(
        (found.announcement, found.hidden_from_representatives)
    )
    names = [versionless(reference) for *_, reference in listed(tree, DEFINITIONS[DOCUMENT].filtered)]
    inside = [one.removeprefix(f"{DOCUMENT}/") for one in names if one.startswith(f"{DOCUMENT}/{record}.")]
    return frozenset([mark] if mark else inside) or None


def together(meant: Iterable[frozenset[str] | None]) -> tuple[str, ...]:
    """The documents by which an act on all of these is judged; none where anybody may know of one of them."""
    names = list(meant)
    return () if None in names else tuple(sorted(frozenset().union(*(one for one in names if one))))
