"""The writes of the grammar: deposits, wills and conditions, about what may be seen and what may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.records.submissions import SIMPLIFIED
from app.resources.guides import LIST_TYPES
from tests.cda import ROOT, cda, given, replacing
from tests.grammar import Sight, _if_match, dumped, patches, path_patches, production, queried, reason, xml_patches
from tests.patches import JSON_PATCH, XML_PATCH, packed
from tests.serving import actor, consent, document, permit
from tests.twin_people import (
    BASE,
    DEPOSITOR,
    HOSPITAL,
    OUTSIDER,
    PROFESSIONALS,
    RECORDS,
    REIMBURSEMENT,
    ins,
    paper,
    provenance,
    task,
)
from tests.twins import Request
from tests.world import listing, team

if TYPE_CHECKING:
    from tests.serving import Tree
    from tests.twin_people import Role

HOLDERS = frozenset({"holder", "representative"})
NO_DEPOSITS = frozenset({"desk agent", "no representative any more"})
DOCTORS = frozenset(
    {"treating physician", "authorised by specialty", "regulator", "unauthorised", "by a restricted application"}
)
"""Those who would become treating physician by declaring themselves; a block forbids it to one more."""
MASTERS = (*range(6), *range(100, 106), 120, 121, 140, 141, 150, 160)
"""Numbers of papers, whose identifiers others gave to what may be seen and to what may not."""


def writes_documents(role: Role) -> bool:
    return role.name not in NO_DEPOSITS


def _paper(sight: Sight, number: int, **more: Any) -> Tree:
    """A document that the caller may deposit."""
    tree = paper(sight.record, number, **more)
    code = {"insurer": "REMB"}.get(sight.role.name, "EXPPAT_1" if sight.role.name in HOLDERS else "")
    if code:
        tree["type"] = {"coding": [{"system": REIMBURSEMENT, "code": code}]}
    return tree


def _new(sight: Sight) -> int:
    sight.number += 1
    return sight.number


def referred(sight: Sight, kind: str = "DocumentReference") -> Tree:
    """A reference to what he sees, what is kept from him, or what is nowhere; spelt in one of its ways."""
    place = f"{kind}/{sight.any(kind)}"
    return {"reference": sight.draw.choice((place, place, f"{sight.base}/{place}", f"{place}/_history/1"))}


@production(20, 26, weight=5, when=writes_documents)
def deposit(sight: Sight) -> Request:
    """Under a number of its own, or under one that others used for what is kept from him."""
    number = sight.draw.choice(MASTERS) if sight.draw.random() < 0.7 else _new(sight)
    said = {} if sight.draw.random() < 0.7 else {"description": f"autre {sight.draw.randrange(3)}"}
    line = sight.draw.choice(({}, {}, {"prefer": "return=minimal"}, {"prefer": "return=OperationOutcome"}))
    label = {"label": "MASQUE_PS"} if sight.role.name == "depositor" and sight.draw.random() < 0.3 else {}
    return Request.of("POST", "DocumentReference", _paper(sight, number, **said, **label), **line)


@production(21, 17, weight=5, when=writes_documents)
def deposit_that_refers(sight: Sight) -> Request:
    code = sight.draw.choice(("appends", "transforms", "replaces", "signs"))
    more: Tree = {"relatesTo": [{"code": code, "target": referred(sight)}]}
    if sight.draw.random() < 0.4:
        more = {"context": {"related": [referred(sight, sight.draw.choice(("DocumentReference", "List", "Consent")))]}}
    return Request.of("POST", "DocumentReference", _paper(sight, _new(sight), **more))


@production(11, 17, 21, weight=4)
def validate(sight: Sight) -> Request:
    """What would stand against a resource that refers to what he sees, to what is kept from him, or to nothing."""
    if sight.draw.random() < 0.3:
        items = [sight.any("DocumentReference") for _ in range(2)]
        made = sight.draw.choice((listing(sight.record, *items), provenance(items[:1], items[1:])))
    elif sight.draw.random() < 0.5:
        code = sight.draw.choice(("appends", "replaces"))
        made = _paper(sight, _new(sight), relatesTo=[{"code": code, "target": referred(sight)}])
    else:
        kind = sight.draw.choice(("DocumentReference", "List", "Consent", "Binary"))
        made = _paper(sight, _new(sight), context={"related": [referred(sight, kind)]})
    place = sight.draw.choice((made["resourceType"], made["resourceType"], "Bundle"))
    if place == "Bundle":
        entry = {"resource": made, "request": {"method": "POST", "url": made["resourceType"]}}
        made = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    return Request.of("POST", f"{place}/$validate", made)


@production(6, 11, 26, weight=3)
def validate_what_stands_there(sight: Sight) -> Request:
    kind = sight.kind()
    identifier = sight.any(kind)
    place = f"{kind}/{identifier}/$validate{sight.draw.choice(('', '?mode=delete', '?profile=urn:x'))}"
    if sight.draw.random() < 0.5:
        return Request.of("GET", place)
    changed = {**_paper(sight, _new(sight)), "id": identifier, "resourceType": kind}
    return Request.of("POST", place, changed)


@production(15, 20, weight=3, when=writes_documents)
def deposit_that_cites(sight: Sight) -> Request:
    """A content that is his, another's, unseen, or nowhere."""
    tree = _paper(sight, _new(sight))
    url = f"Binary/{sight.draw.choice(sight.made['Binary'] or [sight.any('Binary')])}"
    if sight.draw.random() < 0.7:
        url = f"Binary/{sight.any('Binary')}"
    tree["content"][0]["attachment"] = {"contentType": "application/xml", "url": url}
    return Request.of("POST", "DocumentReference", tree)


@production(15, weight=2, when=writes_documents)
def deposit_content(sight: Sight) -> Request:
    one = sight.any("DocumentReference")  # of a record of his: whoever may deposit learns that a record is there
    one = one if one.startswith(sight.record) else sight.absent()
    context = sight.draw.choice((f"Patient/{sight.record}", f"DocumentReference/{one}", ""))
    lines = {"content_type": "application/xml"} | ({"x_security_context": context} if context else {})
    made = Request.of("POST", "Binary", None, **lines)
    return Request("", (), "POST", "Binary", b"<x/>", made.headers)


@production(11, 20, 21, weight=3, when=lambda role: role.name in PROFESSIONALS)
def generate_metadata(sight: Sight) -> Request:
    """A CDA of his own (ITI-106), that replaces by identifier what he sees, what is kept from him, or nothing."""
    own = PROFESSIONALS[sight.role.name]
    by = {"author": own["idnps"], "structure": own.get("structure", HOSPITAL)}
    number = RECORDS.index(sight.role.record)
    related = replacing(sight.draw.choice(MASTERS), sight.draw.choice(("RPLC", "APND"))).replace(ROOT, "1.2.250.7")
    letter = cda(ins(number), number=_new(sight), related=sight.draw.choice(("", related)), **by)
    return Request.of("POST", "DocumentReference/$generate-metadata", given(letter))


@production(20, 21, weight=3, when=writes_documents)
def simplified_publish(sight: Sight) -> Request:
    """ITI-105, with a submission set that the server makes; what it relates to is named by identifier."""
    number = sight.draw.choice(MASTERS) if sight.draw.random() < 0.5 else _new(sight)
    name = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.250.7.{sight.draw.choice(MASTERS)}"}
    more: Tree = {"meta": {"profile": [min(SIMPLIFIED)]}}
    if sight.draw.random() < 0.6:
        code = sight.draw.choice(("appends", "replaces", "transforms"))
        more["relatesTo"] = [{"code": code, "target": {"identifier": name}}]
    return Request.of("POST", "DocumentReference", {**_paper(sight, number), **more})


@production(21, 17, weight=4)
def list_or_provenance(sight: Sight) -> Request:
    items = [sight.any("DocumentReference") for _ in range(sight.draw.randint(1, 3))]
    if sight.draw.random() < 0.6:
        items = [sight.visible("DocumentReference") for _ in items]
    if sight.draw.random() < 0.5:
        name = {"system": f"{BASE}/list", "value": str(sight.draw.randrange(4))}
        mark = {"identifier": [{**sight.draw.choice(({}, {"use": "usual"})), **name}]}
        tree: Tree = {**listing(sight.record, *items), **mark}
        if sight.draw.random() < 0.3:
            tree["entry"].append({"item": {"display": "une lettre"}})
        return Request.of("POST", "List", tree)
    return Request.of("POST", "Provenance", provenance(items, items[:1]))


def _asked(sight: Sight) -> Request:
    focus = sight.any("DocumentReference") if sight.draw.random() < 0.3 else sight.visible("DocumentReference")
    more: Tree = {} if sight.draw.random() < 0.6 else {"basedOn": [referred(sight)]}
    if sight.related:
        more["requester"] = {"reference": f"RelatedPerson/{sight.related}"}
    return Request.of("POST", "Task", task(sight.record, focus, **more))


@production(21, weight=1)
def rectification(sight: Sight) -> Request:
    """By anybody."""
    return _asked(sight)


@production(21, weight=4, when=lambda role: role.name in HOLDERS)
def own_rectification(sight: Sight) -> Request:
    """By who may ask it."""
    return _asked(sight)


@production(21, 9, weight=3, when=lambda role: role.attests or role.name in {"holder", "representative", "blocked"})
def authorisation(sight: Sight) -> Request:
    """For himself or somebody who never asks; about something that he may not know of."""
    own = PROFESSIONALS.get(sight.role.name, {}).get("idnps", OUTSIDER)
    provision = permit(actor(sight.draw.choice((own, OUTSIDER))), start="2026-01-01", end="2027-01-01")
    source = {"sourceReference": referred(sight)} if sight.draw.random() < 0.6 else {}
    return Request.of("POST", "Consent", consent(sight.record, "authorisation", provision, base=sight.codes, **source))


@production(9, 21, weight=4, when=lambda role: role.name in HOLDERS | {"treating physician"})
def block(sight: Sight) -> Request:
    provision = {"type": "deny", "actor": [actor(OUTSIDER)]}
    source = {"sourceReference": referred(sight)} if sight.draw.random() < 0.6 else {}
    return Request.of("POST", "Consent", consent(sight.record, "block", provision, base=sight.codes, **source))


@production(9, weight=1)
def people(sight: Sight) -> Request:
    """A care team or a related person, where the caller may make one."""
    tree: Tree = team(sight.record, OUTSIDER, DEPOSITOR)
    if sight.draw.random() < 0.5:
        friend = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "FRND"}]}
        patient = {"reference": f"Patient/{sight.record}"}
        tree = {"resourceType": "RelatedPerson", "patient": patient, "relationship": [friend]}
    return Request.of("POST", tree["resourceType"], tree)


@production(21, 7, weight=3, when=writes_documents)
def replace(sight: Sight) -> Request:
    """What he deposited, or what is another's or not there for him."""
    own = sight.made["DocumentReference"]
    one = sight.draw.choice(own) if own and sight.draw.random() < 0.6 else sight.any("DocumentReference")
    relates = [{"code": "replaces", "target": {"reference": f"DocumentReference/{one}"}}]
    return Request.of("POST", "DocumentReference", _paper(sight, _new(sight), relatesTo=relates))


@production(9, weight=1, when=lambda role: role.attests)
def close_and_reopen(sight: Sight) -> Request:
    """As a record that is closed hides everything, it is open again before anybody else asks."""
    acts = [{"request": {"method": "POST", "url": f"Patient/{sight.record}/{name}"}} for name in ("$close", "$reopen")]
    for act in acts:
        act["resource"] = reason(value="wish")
    between = [{"request": {"method": "GET", "url": f"DocumentReference?patient={sight.record}"}}]
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [acts[0], *between, acts[1]]})


@production(11, weight=1, when=lambda role: role.name not in DOCTORS)
def declare_himself(sight: Sight) -> Request:
    """By whoever is refused: by others it would change what they see."""
    return Request.of("POST", f"Patient/{sight.record}/$declare-treating-physician")


@production(11, 9, weight=2, when=lambda role: not role.looks_up or role.name == "blocked")
def close(sight: Sight) -> Request:
    """Of a record that is none of his."""
    key = sight.draw.choice([one for one in sight.records if one != sight.record])
    return Request.of("POST", f"Patient/{key}/$close", reason(value="wish"))


# Conditions


def condition(sight: Sight, kind: str = "DocumentReference") -> str:
    """What a conditional interaction looks for."""
    number = sight.draw.choice(MASTERS)
    if kind == "List":
        return queried([("identifier", f"{BASE}/list|{sight.draw.randrange(3)}"), ("patient", sight.record)])
    return queried([
        sight.draw.choice((
            ("identifier", f"{BASE}/paper|{number % 100}"),
            ("identifier", f"urn:ietf:rfc:3986|urn:oid:1.2.250.7.{number}"),
            ("_id", sight.any("DocumentReference")),
            ("description", f"compte rendu oncologie {number}"),
            ("relatesto", f"DocumentReference/{sight.any('DocumentReference')}"),
        )),
        ("patient", sight.record),
    ])  # fmt: skip


@production(10, weight=3, when=writes_documents)
def conditional_create(sight: Sight) -> Request:
    tree = _paper(sight, _new(sight))
    return Request.of("POST", "DocumentReference", tree, if_none_exist=condition(sight))


@production(10, weight=2)
def conditional_create_of_a_list(sight: Sight) -> Request:
    tree = listing(sight.record, sight.visible("DocumentReference"))
    return Request.of("POST", "List", tree, if_none_exist=condition(sight, "List"))


@production(10, weight=2)
def conditional_update(sight: Sight) -> Request:
    kind = sight.draw.choice(("List", "DocumentReference"))
    tree = listing(sight.record, sight.visible("DocumentReference"))
    if kind == "DocumentReference":
        tree = _paper(sight, _new(sight))
    return Request.of("PUT", f"{kind}?{condition(sight, kind)}", tree)


@production(10, weight=3)
def conditional_patch(sight: Sight) -> Request:
    """In one record; or by what names the document alone, wherever it is."""
    query = condition(sight)
    if query.startswith("identifier="):
        query = query.partition("&patient=")[0]
    path = f"DocumentReference?{query}"
    return Request.of("PATCH", path, patches(sight), content_type=JSON_PATCH, **_if_match(sight))


@production(10, weight=2)
def conditional_patch_that_asks(sight: Sight) -> Request:
    """In FHIRPath, of a document or a list."""
    kind = sight.draw.choice(("List", "DocumentReference"))
    return Request.of("PATCH", f"{kind}?{condition(sight, kind)}", path_patches(sight, kind), **_if_match(sight))


@production(10, weight=2)
def conditional_delete(sight: Sight) -> Request:
    kind = sight.draw.choice(("List", "DocumentReference", "Consent"))
    return Request.of("DELETE", f"{kind}?{condition(sight, 'List' if kind == 'List' else 'DocumentReference')}")


# Transactions


def _made(sight: Sight) -> list[Tree]:
    """A document and a list of it, as ITI-65 sends them."""
    name = "urn:uuid:00000000-0000-4000-8000-0000000000aa"
    lot = listing(sight.record)
    lot["entry"] = [{"item": {"reference": name}}, {"item": referred(sight)}][: sight.draw.randint(1, 2)]
    first = {"method": "POST", "url": "DocumentReference"}
    return [
        {"fullUrl": name, "resource": _paper(sight, _new(sight)), "request": first},
        {"resource": lot, "request": {"method": "POST", "url": "List"}},
    ]


@production(10, 21, weight=3, when=writes_documents)
def transaction(sight: Sight) -> Request:
    entries = _made(sight)
    place = f"DocumentReference/{sight.any('DocumentReference')}"
    more: Tree = {"request": {"method": "GET", "url": place}}
    if sight.draw.random() < 0.3:
        more = {"request": {"method": "DELETE", "url": f"List/{sight.kept('List')}"}}
    if sight.draw.random() < 0.3:
        entries[0]["request"]["ifNoneExist"] = condition(sight)
    entries += [more] if sight.draw.random() < 0.4 else []
    line = sight.draw.choice(({}, {"prefer": "return=representation"}))
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries}, **line)


@production(10, 9, 25)
def patching_bundle(sight: Sight) -> Request:
    """Entries that patch in the three forms, alone or all or none."""
    entries: list[Tree] = []
    for _ in range(sight.draw.randint(1, 3)):
        kind = sight.draw.choice(("DocumentReference", "DocumentReference", "List"))
        given = sight.draw.choice((
            packed(dumped(patches(sight)), JSON_PATCH), packed(xml_patches(sight, kind), XML_PATCH),
            path_patches(sight, kind),
        ))  # fmt: skip
        entries.append({"resource": given, "request": {"method": "PATCH", "url": f"{kind}/{sight.any(kind)}"}})
    kind = sight.draw.choice(("batch", "batch", "transaction"))
    return Request.of("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries})


@production(20, 21, weight=3, when=writes_documents)
def a_lot_again(sight: Sight) -> Request:
    """A submission set (ITI-65) of a document that may be there already, for him or for others."""
    entries = _made(sight)
    entries[0]["resource"] = _paper(sight, sight.draw.choice((*MASTERS, 900, 901)))
    if sight.draw.random() < 0.5:
        entries[1]["resource"]["entry"] = entries[1]["resource"]["entry"][:1]
    entries[1]["resource"]["code"] = {"coding": [{"system": LIST_TYPES, "code": "submissionset"}]}
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})


@production(10, 9)
def writing_batch(sight: Sight) -> Request:
    entries: list[Tree] = []
    for _ in range(sight.draw.randint(1, 3)):
        place = f"DocumentReference/{sight.any('DocumentReference')}"
        tree = {**document(sight.record), "id": place.partition("/")[2]}
        entries.append({"resource": tree, "request": {"method": "PUT", "url": place}})
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
