"""Refused transactions of the grammar: entries that would be kept, and one that is refused, wherever it stands.

Nothing may be left of such a transaction, in either world, and its answer may not tell of what only one of them has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.grammar import ARCHIVED, Sight, dumped, production
from tests.grammar_writes import DOCTORS, HOLDERS, NO_DEPOSITS, _new, _paper
from tests.patches import JSON_PATCH, packed
from tests.serving import actor, care_team, consent, deny, permit
from tests.twin_people import DEPOSITOR, OUTSIDER, PROFESSIONALS, provenance
from tests.twins import Request
from tests.world import listing

if TYPE_CHECKING:
    from tests.serving import Tree

STALE = {"ifMatch": 'W/"other"'}
NEW = "urn:uuid:00000000-0000-4000-8000-0000000000b"
GONE = [{"op": "add", "path": "/extension", "value": [{"url": ARCHIVED, "valueBoolean": True}]}]


def transacted(*entries: Tree) -> Request:
    """A transaction, each entry under a name of its own."""
    named = [{"fullUrl": f"{NEW}{place:x}", **one} for place, one in enumerate(entries)]
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": named})


def entry(method: str, url: str, tree: Any = None, **more: Any) -> Tree:
    """One entry; a list is a patch."""
    given = packed(dumped(tree), JSON_PATCH) if isinstance(tree, list) else tree
    return ({"resource": given} if given else {}) | {"request": {"method": method, "url": url, **more}}


def sound(sight: Sight) -> Tree:
    """An entry that would be kept, for most who ask."""
    name, seen = sight.role.name, sight.visible("DocumentReference")
    own = sight.made["DocumentReference"]
    possible = [
        entry("POST", "List", listing(sight.record, seen)),
        entry("POST", "Provenance", provenance([seen], [])),
        entry("POST", "Binary", {"resourceType": "Binary", "contentType": "text/plain", "data": "eA=="}),
        entry("GET", f"DocumentReference/{seen}"),
    ]
    if name not in NO_DEPOSITS:
        possible += [entry("POST", "DocumentReference", _paper(sight, _new(sight)))] * 3
    if own:
        possible.append(entry("PATCH", f"DocumentReference/{sight.draw.choice(own)}", GONE))
    if sight.role.attests or name in HOLDERS:
        subject = PROFESSIONALS.get(name, {}).get("idnps", OUTSIDER)
        category, provision = sight.draw.choice((
            ("authorisation", permit(actor(subject))), ("authorisation", permit(actor(OUTSIDER))),
            ("block", deny(actor(DEPOSITOR))),
        ))  # fmt: skip
        possible.append(entry("POST", "Consent", consent(sight.record, category, provision, base=sight.codes)))
    return sight.draw.choice(possible)


def unsound(sight: Sight) -> Tree:
    """An entry that is refused: for what it is about, which is there or not, or for itself."""
    kept, one = sight.kept("DocumentReference"), sight.any("DocumentReference")
    there = {"relatesTo": [{"code": "appends", "target": {"reference": f"DocumentReference/{kept}"}}]}
    cites = _paper(sight, _new(sight))
    cites["content"][0]["attachment"] = {"contentType": "application/xml", "url": f"Binary/{sight.kept('Binary')}"}
    return sight.draw.choice((
        entry("PUT", f"DocumentReference/{one}", {**_paper(sight, _new(sight)), "id": one}, **STALE),
        entry("PATCH", f"DocumentReference/{one}", GONE, **STALE),
        entry("PATCH", f"DocumentReference/{kept}", GONE),
        entry("DELETE", f"List/{sight.kept('List')}", **STALE),
        entry("DELETE", f"Consent/{sight.kept('Consent')}"),
        entry("PATCH", f"DocumentReference?_id={kept}", GONE),
        entry("POST", "DocumentReference", _paper(sight, _new(sight), **there)),
        entry("POST", "DocumentReference", cites),
        entry("POST", "DocumentReference", {**_paper(sight, _new(sight)), "status": "nope"}),
        entry("POST", "List", listing(sight.record, kept), ifNoneExist=f"patient={sight.record}"),
    ))  # fmt: skip


@production(9, 10, 17, 21, 26, weight=5)
def refused_transaction(sight: Sight) -> Request:
    entries = [sound(sight) for _ in range(sight.draw.randint(1, 3))]
    entries.insert(sight.draw.randint(0, len(entries)), unsound(sight))
    return transacted(*entries)


@production(9, 21, weight=4, when=lambda role: role.name in HOLDERS or role.name in DOCTORS)
def another_treating_physician(sight: Sight) -> Request:
    """In a transaction that is refused afterwards: who is named may be blocked, which not everybody may know of."""
    teams = [sight.trees[f"CareTeam/{one}"] for one in sight.seen["CareTeam"]]
    own = [one["id"] for one in teams if "treating" in str(one).lower() or one.get("identifier")]
    change = {**care_team(sight.record, OUTSIDER), "id": own[0]} if own else care_team(sight.record, OUTSIDER)
    named = entry("PUT", f"CareTeam/{own[0]}", change) if own else entry("POST", "CareTeam", change)
    return transacted(named, entry("PATCH", f"DocumentReference/{sight.kept('DocumentReference')}", GONE))


@production(11, 13, 21, weight=3, when=lambda role: role.name in HOLDERS or role.name == "treating physician")
def what_if(sight: Sight) -> Request:
    """What another will, or another label, would change for whom: tried, and never kept."""
    somebody = actor(sight.draw.choice((OUTSIDER, DEPOSITOR)))
    category, provision = sight.draw.choice((("authorisation", permit(somebody)), ("block", deny(somebody))))
    begins = {"name": "consent", "resource": consent(sight.record, category, provision, base=sight.codes)}
    ends = {"name": "end", "valueReference": {"reference": f"Consent/{sight.any('Consent')}"}}
    tried = {"resourceType": "Parameters", "parameter": sight.draw.choice(([begins], [ends], [begins, ends]))}
    place = sight.draw.choice((f"Patient/{sight.record}", f"DocumentReference/{sight.any('DocumentReference')}"))
    return Request.of("POST", f"{place}/$what-if", tried)
