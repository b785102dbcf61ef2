"""Transactions over HTTP: every entry or none, in any order, reads last (http.html section 3.1.0.11)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from app.records.attempt import Sent
from app.resources import DEFINITIONS
from tests.serving import (
    NIRS,
    NORMAL,
    TEST_INS,
    VISIBILITY,
    Carnet,
    actor,
    consent,
    document,
    open_record,
    patient,
    permit,
    serving,
    transaction,
)
from tests.world import listing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

DOCUMENT = "urn:uuid:00000000-0000-4000-8000-00000000000d"
BINARY = "urn:uuid:00000000-0000-4000-8000-00000000000b"
HOLDER = "urn:uuid:00000000-0000-4000-8000-00000000000a"
CONTENT = {
    "resourceType": "Binary",
    "contentType": "application/xml",
    "data": base64.b64encode(b"<ClinicalDocument/>").decode(),
}


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    with make_database() as urls:
        async with serving(urls, tmp_path_factory.mktemp("data"), bundle_limit=100, notices=False) as made:
            yield made


@pytest.fixture(scope="module")
def doctor(carnet: Carnet) -> Caller:
    return carnet.doctor()


@pytest.fixture(scope="module")
async def record(doctor: Caller) -> str:
    return await open_record(doctor, treating="810000000001")


def entry(method: str, url: str, tree: Tree | None = None, full_url: str = "", **request: str) -> Tree:
    made: Tree = {"request": {"method": method, "url": url, **request}}
    if tree is not None:
        made["resource"] = tree
    if full_url:
        made["fullUrl"] = full_url
    return made


def bundle(*entries: Tree, kind: str = "transaction") -> Tree:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def citing(record: str, url: str, **more: Any) -> Tree:
    return document(record, **more) | {"content": [{"attachment": {"contentType": "application/xml", "url": url}}]}


def master(number: int) -> Tree:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.3.{number}"}


async def count(doctor: Caller, record: str) -> int:
    answer = await doctor.get(f"DocumentReference?patient={record}&_summary=count")
    return int(answer.json()["total"])


async def test_an_empty_transaction_is_none_the_less_one(doctor: Caller) -> None:
    answer = await doctor.post("", {"resourceType": "Bundle", "type": "transaction"})
    assert (answer.status_code, answer.json()) == (200, {"resourceType": "Bundle", "type": "transaction-response"})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
async def test_entries_point_at_each_other_in_any_order(doctor: Caller, record: str, order: tuple[int, ...]) -> None:
    listed = {"resourceType": "List", "status": "current", "mode": "working",
        "subject": {"reference": f"Patient/{record}"}, "entry": [{"item": {"reference": DOCUMENT}}]}  # fmt: skip
    entries = [
        entry("POST", "List", listed),
        entry("POST", "DocumentReference", citing(record, BINARY), DOCUMENT),
        entry("POST", "Binary", CONTENT, BINARY),
    ]
    answer = await doctor.post("", bundle(*[entries[place] for place in order]))
    assert answer.status_code == 200, answer.text
    made = answer.json()["entry"]
    assert [e["response"]["status"] for e in made] == ["201 Created"] * 3
    places = dict(zip(order, [e["response"]["location"].partition("/_history")[0] for e in made], strict=True))
    assert [places[n].split("/")[0] for n in range(3)] == ["List", "DocumentReference", "Binary"]
    assert (await doctor.get(places[0])).json()["entry"][0]["item"]["reference"] == places[1]
    assert (await doctor.get(places[1])).json()["content"][0]["attachment"]["url"] == places[2]
    raw = await doctor.get(places[2], headers={"Accept": "application/xml"})
    assert (raw.status_code, raw.content) == (200, b"<ClinicalDocument/>")


async def test_links_of_a_narrative_lead_where_the_entry_is(doctor: Caller, record: str) -> None:
    words = (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{DOCUMENT}">one</a> <a href=\'{DOCUMENT}\'>two</a>'
        f' {DOCUMENT} <a href="{DOCUMENT}x">three</a></div>'
    )
    lot = listing(record) | {
        "entry": [{"item": {"reference": DOCUMENT}}],
        "text": {"status": "generated", "div": words},
    }
    answer = await doctor.post(
        "", bundle(entry("POST", "List", lot), entry("POST", "DocumentReference", document(record), DOCUMENT))
    )
    assert answer.status_code == 200, answer.text
    kept, made = (one["response"]["location"].partition("/_history")[0] for one in answer.json()["entry"])
    div = (await doctor.get(kept)).json()["text"]["div"]
    assert div == words.replace(f'"{DOCUMENT}"', f'"{made}"').replace(f"'{DOCUMENT}'", f"'{made}'")


async def test_an_entry_may_be_named_by_its_own_address(doctor: Caller) -> None:
    """As the published care circle does: full URLs that nobody uses, references by the ids of the entries."""
    base = doctor.carnet.settings.codesystem_base
    opening = consent("Patient/own", "opening", base=base) | {
        "patient": {"reference": "Patient/own"},
        "performer": [{"reference": "Patient/own"}],
    }
    answer = await doctor.post("", bundle(entry("POST", "Consent", opening, DOCUMENT),
        entry("POST", "Patient", patient(NIRS[1]) | {"id": "own"}, HOLDER)))  # fmt: skip
    assert answer.status_code == 200, answer.text
    key = answer.json()["entry"][1]["response"]["location"].split("/")[1]
    opened = answer.json()["entry"][0]["response"]["location"].partition("/_history")[0]
    assert (await doctor.carnet.holder(key).get(opened)).json()["patient"]["reference"] == f"Patient/{key}"


async def test_an_address_that_leads_somewhere_means_what_is_there(doctor: Caller, record: str) -> None:
    old = await doctor.make(document(record))
    edited = document(record) | {
        "id": old,
        "relatesTo": [{"code": "replaces", "target": {"reference": f"DocumentReference/{old}"}}],
    }
    answer = await doctor.post("", bundle(entry("POST", "DocumentReference", edited)))
    assert answer.status_code == 200, answer.text
    assert (await doctor.get(f"DocumentReference/{old}")).json()["status"] == "superseded"


async def test_reads_come_last_and_see_what_was_written(doctor: Caller, record: str) -> None:
    kept = await doctor.make(document(record))
    before = await count(doctor, record)
    answer = await doctor.post("", bundle(
        entry("GET", f"DocumentReference?patient={record}&_summary=count"),
        entry("GET", f"DocumentReference/{kept}"),
        entry("HEAD", f"DocumentReference/{kept}"),
        entry("POST", "DocumentReference", document(record)),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    page, one, head, made = answer.json()["entry"]
    assert page["resource"]["total"] == before + 1
    assert one["resource"]["id"] == kept
    assert "resource" not in head
    assert made["response"]["status"] == "201 Created"
    journal = await doctor.carnet.holder(record).get(f"AuditEvent?patient={record}&_sort=-date&_count=8")
    subtypes = [e["resource"]["subtype"][0]["code"] for e in journal.json()["entry"] if e["search"]["mode"] == "match"]
    assert {"read", "search-type", "create"} <= set(subtypes)


async def test_every_question_is_asked_in_a_bundle(doctor: Caller, record: str) -> None:
    """In a transaction it sees what was written, in a batch it is what it is alone; the trail names each."""
    kept = await doctor.make(document(record))
    version = (await doctor.get(f"DocumentReference/{kept}")).json()["meta"]["versionId"]
    paths = [
        f"DocumentReference/{kept}/_history/{version}",
        f"DocumentReference/{kept}/_history",
        "DocumentReference/_history?_count=1",
        "_history?_count=1",
        f"Patient/{record}/DocumentReference?_summary=count",
        f"Patient/{record}/*?_type=DocumentReference,List&_count=2",
        f"?_type=DocumentReference,Patient&_id={kept}",
        f"Patient/{record}/$everything?_type=DocumentReference&_count=200",
        f"DocumentReference/{kept}/$meta",
        f"Patient/{record}/$access",
        f"DocumentReference/{kept}?_elements=status",
    ]
    asked = [entry("GET", path) for path in paths]
    alone = [(await doctor.get(path)).json() for path in paths]
    batch = await doctor.post("", bundle(*asked) | {"type": "batch"})
    assert [one["resource"] for one in batch.json()["entry"]] == alone
    answer = await doctor.post("", bundle(*asked))
    assert [one["resource"] for one in answer.json()["entry"]] == alone
    assert {one["response"]["status"] for one in answer.json()["entry"]} == {"200 OK"}
    written = await doctor.post("", bundle(*asked, entry("POST", "DocumentReference", document(record))))
    made = written.json()["entry"][-1]["response"]["location"].split("/")[1]
    shown = [one["resource"] for one in written.json()["entry"][:-1]]
    assert made in json.dumps(shown[2])
    assert made in json.dumps(shown[3])
    assert shown[4]["total"] == alone[4]["total"] + 1
    assert made in [one["resource"].get("id") for one in shown[7]["entry"]]
    journal = await doctor.carnet.holder(record).get(f"AuditEvent?patient={record}&_sort=-date&_count=200")
    events = [e["resource"] for e in journal.json()["entry"]]
    subtypes = [code["code"] for one in events for code in one["subtype"]]
    told = {one: subtypes.count(one) for one in ("vread", "history-instance", "everything", "meta", "access")}
    assert min(told.values()) >= 4, told
    said = [base64.b64decode(e["query"]).decode() for one in events for e in one["entity"] if "query" in e]
    assert sum(one.endswith("DocumentReference?_summary=count") for one in said) >= 3


async def test_who_sees_what_is_asked_in_a_bundle(carnet: Carnet, doctor: Caller, record: str) -> None:
    holder, kept = carnet.holder(record), await doctor.make(document(record))
    asked = [entry("GET", f"DocumentReference/{kept}/{name}") for name in ("$explain", "$who-can-see")]
    for kind in ("transaction", "batch"):
        answer = await holder.post("", bundle(*asked) | {"type": kind})
        assert [one["response"]["status"] for one in answer.json()["entry"]] == ["200 OK"] * 2, answer.text
    for kind, id in (("Patient", record), ("DocumentReference", kept)):
        for name in (one.name for one in DEFINITIONS[kind].acts if not one.changes):
            answer = await holder.post("", bundle(entry("GET", f"{kind}/{id}/${name}")))
            assert answer.status_code in (200, 400, 422), (kind, name, answer.text)


@pytest.mark.parametrize(
    "asked",
    [
        entry("GET", "metadata"),
        entry("GET", "CodeSystem"),
        entry("GET", ".well-known/smart-configuration"),
        entry("POST", "DocumentReference/_search"),
        entry("POST", "Patient/x/$close"),
        entry("GET", "DocumentReference?nonsense=1&_filter=x"),
        entry("GET", "Patient/x/$what-if"),
    ],
    ids=lambda one: one["request"]["url"],
)
async def test_what_a_transaction_does_not_ask(doctor: Caller, record: str, asked: Tree) -> None:
    before = await count(doctor, record)
    answer = await doctor.post("", bundle(entry("POST", "DocumentReference", document(record)), asked))
    assert answer.status_code in (400, 404), answer.text
    assert answer.json()["issue"][0]["expression"][0].startswith("Bundle.entry[1]")
    assert await count(doctor, record) == before
    alone = await doctor.post("", bundle(entry("GET", ".well-known/smart-configuration")) | {"type": "batch"})
    assert alone.json()["entry"][0]["response"]["status"] == "400 Bad Request"


async def test_a_read_of_what_is_not_there_undoes_everything(doctor: Caller, record: str) -> None:
    before = await count(doctor, record)
    answer = await doctor.post("", bundle(entry("POST", "DocumentReference", document(record)),
        entry("GET", f"DocumentReference/{record}.nothere")))  # fmt: skip
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (404, "not-found")
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert await count(doctor, record) == before


async def test_a_failing_tenth_entry_leaves_nothing(carnet: Carnet, doctor: Caller, record: str) -> None:
    before = await tally(carnet)
    files = sorted(p for p in (carnet.settings.data / "contents").rglob("*") if p.is_file())
    entries = [entry("POST", "DocumentReference", document(record)) for _ in range(9)]
    broken = document(record) | {"author": [{"reference": "Practitioner/nobody"}]}
    answer = await doctor.post("", bundle(*entries, entry("POST", "DocumentReference", broken)))
    assert answer.status_code == 422
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[9].resource.author[0]"]
    after = await tally(carnet)
    assert after == before
    assert sorted(p for p in (carnet.settings.data / "contents").rglob("*") if p.is_file()) == files


async def tally(carnet: Carnet) -> dict[str, int]:
    """Rows of every table but the trail."""
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    try:
        names = [r[0] for r in await link.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {n: await link.fetchval(f'SELECT count(*) FROM "{n}"') for n in names if not n.startswith("audit_")}
    finally:
        await link.close()


async def test_the_same_deposit_again_is_answered_with_the_first(doctor: Caller, record: str) -> None:
    listed = {"resourceType": "List", "status": "current", "mode": "working",
        "subject": {"reference": f"Patient/{record}"}, "entry": [{"item": {"reference": DOCUMENT}}]}  # fmt: skip
    lot = bundle(entry("POST", "DocumentReference", citing(record, BINARY, masterIdentifier=master(1)), DOCUMENT),
        entry("POST", "Binary", CONTENT, BINARY), entry("POST", "List", listed))  # fmt: skip
    first, again = await doctor.post("", lot), await doctor.post("", lot)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    one, two = (a.json()["entry"][0]["response"] for a in (first, again))
    assert (one["status"], two["status"]) == ("201 Created", "201 Created")
    assert (one["location"], one["etag"]) == (two["location"], two["etag"])
    places = [a.json()["entry"][1]["response"]["location"].partition("/_history")[0] for a in (first, again)]
    assert places[0] == places[1]
    second = await doctor.get(again.json()["entry"][2]["response"]["location"].partition("/_history")[0])
    assert second.json()["entry"][0]["item"]["reference"] == one["location"].partition("/_history")[0]
    other = bundle(
        entry("POST", "DocumentReference", document(record, content=b"<other/>", masterIdentifier=master(1)))
    )
    refused = await doctor.post("", other)
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (409, "duplicate")


async def test_deposits_that_touch_each_other_and_those_that_do_not(doctor: Caller, record: str) -> None:
    """Four documents, the third of which appends the first; sent again, all of them are the first ones."""
    names = [f"urn:uuid:00000000-0000-4000-8000-0000000001{n:02d}" for n in range(4)]
    trees = [document(record, masterIdentifier=master(9100 + n)) for n in range(4)]
    trees[2]["relatesTo"] = [{"code": "appends", "target": {"reference": names[0]}}]
    sent = bundle(*[entry("POST", "DocumentReference", one, name) for one, name in zip(trees, names, strict=True)])
    first = (await doctor.post("", sent)).json()
    places = [one["response"]["location"].partition("/_history")[0] for one in first["entry"]]
    assert len(set(places)) == 4
    assert (await doctor.get(places[2])).json()["relatesTo"][0]["target"]["reference"] == places[0]
    again = (await doctor.post("", sent)).json()
    assert [one["response"]["location"].partition("/_history")[0] for one in again["entry"]] == places
    assert {one["response"]["status"] for one in again["entry"]} == {"201 Created"}


async def test_one_master_identifier_twice_in_a_transaction(doctor: Caller, record: str) -> None:
    """The same document twice is one; with another content the second is refused, and nothing is kept."""
    one, other, last = (document(record, masterIdentifier=master(number)) for number in (9201, 9201, 9202))
    made = await doctor.post("", bundle(*[entry("POST", "DocumentReference", tree) for tree in (one, other)]))
    assert len({each["response"]["location"] for each in made.json()["entry"]}) == 1, made.text
    tree = document(record, masterIdentifier=master(9203))
    twice = document(record, content=b"<other/>", masterIdentifier=master(9203))
    sent = bundle(*[entry("POST", "DocumentReference", each) for each in (last, tree, twice)])
    response = await doctor.post("", sent)
    assert response.status_code == 409
    assert response.json()["issue"][0]["expression"] == ["Bundle.entry[2].resource.masterIdentifier"]
    found = (await doctor.get(f"DocumentReference?patient={record}&_count=100")).json()
    assert last["masterIdentifier"] not in [each["resource"].get("masterIdentifier") for each in found["entry"]]


async def test_conditions_are_looked_up_before_anything_is_named(doctor: Caller) -> None:
    """What points at an entry whose condition found something points at what was found."""
    known = await open_record(doctor, NIRS[2], treating="810000000001")
    answer = await doctor.post("", bundle(
        entry("POST", "DocumentReference", document("x") | {"subject": {"reference": HOLDER}}),
        entry("POST", "Patient", patient(NIRS[2]), HOLDER, ifNoneExist=f"identifier={TEST_INS}|{NIRS[2]}"),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    made, found = (e["response"] for e in answer.json()["entry"])
    assert made["location"].startswith(f"DocumentReference/{known}.")
    assert found["status"] == "200 OK"
    assert found["location"].startswith(f"Patient/{known}/")


async def test_one_ins_twice_is_one_patient(doctor: Caller) -> None:
    """The second is answered with the first, and what points at either points at the one that there is."""
    other = "urn:uuid:00000000-0000-4000-8000-0000000000aa"
    base = doctor.carnet.settings.codesystem_base
    answer = await doctor.post("", transaction((HOLDER, patient(NIRS[3])), (other, patient(NIRS[3])),
        (DOCUMENT, consent(other, "opening", base=base))))  # fmt: skip
    assert answer.status_code == 200, answer.text
    first, second, opened = (e["response"] for e in answer.json()["entry"])
    assert (first["status"], second["status"]) == ("201 Created", "200 OK")
    key = first["location"].split("/")[1]
    assert second["location"].split("/")[1] == key
    assert opened["location"].startswith(f"Consent/{key}.")


async def test_conditional_references_are_resolved(doctor: Caller, record: str) -> None:
    tree = document(record) | {"subject": {"reference": f"Patient?identifier={TEST_INS}|{NIRS[0]}"}}
    answer = await doctor.post("", bundle(entry("POST", "DocumentReference", tree)))
    assert answer.status_code == 200, answer.text
    assert answer.json()["entry"][0]["response"]["location"].startswith(f"DocumentReference/{record}.")


async def test_a_conditional_put_makes_or_changes(doctor: Caller, record: str) -> None:
    where = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.3.7"
    tree = document(record, masterIdentifier=master(7))
    made = await doctor.post("", bundle(entry("PUT", where, tree)))
    assert made.json()["entry"][0]["response"]["status"] == "201 Created", made.text
    place = made.json()["entry"][0]["response"]["location"].partition("/_history")[0]
    kept = (await doctor.get(place)).json()
    changed = await doctor.post("", bundle(entry("PUT", where, kept | {"description": "new"})))
    assert changed.json()["entry"][0]["response"]["status"] == "200 OK", changed.text
    assert (await doctor.get(place)).json()["description"] == "new"


async def test_patch_delete_and_if_match(doctor: Caller, record: str) -> None:
    one = await doctor.make(document(record, masterIdentifier=master(8)))
    etag = (await doctor.get(f"DocumentReference/{one}")).headers["etag"]
    coding = {"system": VISIBILITY, "code": "MASQUE_PS"}
    patch = json.dumps([{"op": "replace", "path": "/securityLabel/0/coding/0", "value": coding}]).encode()
    mask = {
        "resourceType": "Binary",
        "contentType": "application/json-patch+json",
        "data": base64.b64encode(patch).decode(),
    }
    where = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.3.8"
    answer = await doctor.post("", bundle(entry("PATCH", where, mask, ifMatch=etag)))
    assert answer.status_code == 200, answer.text
    assert (await doctor.get(f"DocumentReference/{one}")).json()["securityLabel"][0]["coding"][0]["code"] == "MASQUE_PS"
    stale = await doctor.post("", bundle(entry("PATCH", f"DocumentReference/{one}", mask, ifMatch=etag)))
    assert (stale.status_code, stale.json()["issue"][0]["code"]) == (412, "conflict")
    none = await doctor.post("", bundle(entry("PATCH", f"{where}9", mask)))
    assert none.status_code == 404
    holder = doctor.carnet.holder(record)
    gone = await holder.post("", bundle(entry("DELETE", f"DocumentReference/{one}")))
    assert gone.json()["entry"][0]["response"]["status"] == "204 No Content", gone.text
    again = await holder.post("", bundle(entry("DELETE", where)))
    assert again.json()["entry"][0]["response"]["status"] == "204 No Content", again.text


async def test_nothing_is_changed_twice(doctor: Caller, record: str) -> None:
    one = await doctor.make(document(record, masterIdentifier=master(9)))
    tree = (await doctor.get(f"DocumentReference/{one}")).json()
    where = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.3.9"
    answer = await doctor.post("", bundle(entry("PUT", f"DocumentReference/{one}", tree), entry("PUT", where, tree)))
    assert (answer.status_code, answer.json()["issue"][0]["expression"]) == (400, ["Bundle.entry[1]"])


async def test_an_unseen_and_an_absent_put_are_alike(doctor: Caller, record: str) -> None:
    hidden = await doctor.make(document(record, label="MASQUE_PS"))
    nurse = doctor.carnet.professional("810000000060", "60", structure="1750000060")
    answers = []
    for identifier in (hidden, f"{record}.nothere"):
        tree = document(record) | {"id": identifier}
        answers.append(await nurse.post("", bundle(entry("PUT", f"DocumentReference/{identifier}", tree))))
    assert answers[0].status_code == answers[1].status_code == 405
    assert answers[0].json() == answers[1].json()


async def test_syntax_is_told_before_anything_else(doctor: Caller, record: str) -> None:
    tree = document(record) | {"subject": 5}
    answer = await doctor.post(
        "", bundle(entry("POST", "DocumentReference", document(record)), entry("POST", "DocumentReference", tree))
    )
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.subject"]


async def test_a_binary_must_be_one(doctor: Caller, record: str) -> None:
    broken = {"resourceType": "Binary", "data": "AAAA"}
    answer = await doctor.post(
        "", bundle(entry("POST", "DocumentReference", citing(record, BINARY)), entry("POST", "Binary", broken, BINARY))
    )
    assert answer.status_code == 400, answer.text


async def test_a_binary_that_nobody_cites_keeps_the_id_that_it_was_given(doctor: Caller, record: str) -> None:
    answer = await doctor.post("", bundle(entry("POST", "Binary", CONTENT, BINARY)))
    assert answer.json()["entry"][0]["response"]["status"] == "201 Created", answer.text
    place = answer.json()["entry"][0]["response"]["location"].partition("/_history")[0]
    made = await doctor.post("DocumentReference", citing(record, place))
    assert made.status_code == 201, made.text


async def test_two_documents_cite_one_binary_of_theirs(doctor: Caller, record: str) -> None:
    """The first of them is whose content it is; the other, deposited in the same breath, shows it as well."""
    answer = await doctor.post(
        "",
        bundle(
            entry("POST", "DocumentReference", citing(record, BINARY)),
            entry("POST", "DocumentReference", citing(record, BINARY)),
            entry("POST", "Binary", CONTENT, BINARY),
        ),
    )
    assert answer.status_code == 200, answer.text


async def test_an_unknown_urn_is_refused(doctor: Caller, record: str) -> None:
    for tree in (
        citing(record, BINARY),
        document(record) | {"relatesTo": [{"code": "appends", "target": {"reference": DOCUMENT}}]},
    ):
        answer = await doctor.post("", bundle(entry("POST", "DocumentReference", tree)))
        assert (answer.status_code, answer.json()["issue"][0]["details"]["coding"][0]["code"]) == (
            422,
            "unresolved-reference",
        )


async def test_a_known_ins_answers_with_the_record_that_is_there(carnet: Carnet, doctor: Caller, record: str) -> None:
    base = carnet.settings.codesystem_base
    before = await tally(carnet)
    entries = [(DOCUMENT, consent(HOLDER, "opening", base=base)), (HOLDER, patient())]
    answer = await doctor.post("", transaction(*entries))
    assert answer.status_code == 200, answer.text
    told, known = answer.json()["entry"]
    assert known["response"]["status"] == "200 OK"
    assert known["response"]["location"].split("/")[1] == record
    assert told["response"]["outcome"]["issue"][0]["details"]["coding"][0]["code"] == "record-open"
    after = await tally(carnet)
    assert after == before


async def test_the_next_request_sees_a_relation_made_in_a_transaction_and_not_one_given_up(
    doctor: Caller, record: str
) -> None:
    base = doctor.carnet.settings.codesystem_base
    one = await doctor.make(document(record))
    pharmacist = doctor.carnet.professional("810000000021", "21", structure="1750000021")
    holder = doctor.carnet.holder(record)
    assert (await pharmacist.get(f"DocumentReference/{one}")).status_code == 404
    wish = entry("POST", "Consent", consent(record, "authorisation", permit(actor("810000000021")), base=base))
    given_up = await holder.post("", bundle(wish, entry("GET", f"DocumentReference/{record}.nothere")))
    assert given_up.status_code == 404
    assert (await pharmacist.get(f"DocumentReference/{one}")).status_code == 404
    assert (await holder.post("", bundle(wish))).status_code == 200
    assert (await pharmacist.get(f"DocumentReference/{one}")).status_code == 200


def test_an_attempt_begins_with_what_was_sent() -> None:
    """Whatever an attempt that lost against another transaction did to its tree."""
    sent = Sent({"resourceType": "DocumentReference", "content": [{"attachment": {"data": "AAAA"}}]})
    first = sent.tree()
    first["content"][0]["attachment"].pop("data")
    again = sent.tree()
    assert again["content"][0]["attachment"] == {"data": "AAAA"}
    again["content"].clear()
    assert sent.tree()["content"]


async def test_a_patch_that_changes_nothing_makes_no_version(doctor: Caller, record: str) -> None:
    """Nobody need be allowed what is not done: a client that repeats its patch is answered with what is there."""
    one = await doctor.make(document(record))
    before = await doctor.get(f"DocumentReference/{one}")
    same = [{"op": "replace", "path": "/status", "value": "current"}]
    answer = await doctor.carnet.holder(record).patch(f"DocumentReference/{one}", same)
    assert (answer.status_code, answer.headers["etag"]) == (200, before.headers["etag"]), answer.text
    assert len((await doctor.get(f"DocumentReference/{one}/_history")).json()["entry"]) == 1
    relabelled = [{"op": "add", "path": "/securityLabel/0/text", "value": "normal"}]
    refused = await doctor.carnet.holder(record).patch(f"DocumentReference/{one}", relabelled)
    assert refused.status_code == 403, refused.text


async def test_normal_beside_a_visibility_label_says_nothing(doctor: Caller, record: str) -> None:
    """Whoever keeps the labels and adds or leaves out `N` changes nothing, so that nobody need be allowed it."""
    normal = {"coding": [{"system": NORMAL, "code": "N"}]}
    one = await doctor.make(document(record, label="MASQUE_PS"))
    place, holder = f"DocumentReference/{one}", doctor.carnet.holder(record)
    before = await doctor.get(place)
    for by in (holder, doctor):
        answer = await by.patch(place, [{"op": "add", "path": "/securityLabel/-", "value": normal}])
        assert (answer.status_code, answer.headers["etag"]) == (200, before.headers["etag"]), answer.text
    tree = before.json()
    assert (await holder.put(place, {**tree, "securityLabel": [*tree["securityLabel"], normal]})).status_code == 200
    worded = {"coding": [{**normal["coding"][0], "display": "rien de secret"}]}
    for refused in (worded, {"coding": [{"system": NORMAL, "code": "R"}]}):
        answer = await holder.patch(place, [{"op": "add", "path": "/securityLabel/-", "value": refused}])
        assert answer.status_code == 403, answer.text
    assert len((await doctor.get(f"{place}/_history")).json()["entry"]) == 1
    lifted = await holder.patch(place, [{"op": "replace", "path": "/securityLabel", "value": [normal]}])
    assert lifted.json()["securityLabel"][0]["coding"][0]["code"] == "N"


async def test_the_answer_of_a_write_holds_no_reference_that_its_caller_may_not_see(
    doctor: Caller, record: str
) -> None:
    awaiting = await doctor.make(document(record, label="INVISIBLE_PATIENT"))
    tree = document(record, relatesTo=[{"code": "appends", "target": {"reference": f"DocumentReference/{awaiting}"}}])
    one = await doctor.make(tree)
    holder, mask = doctor.carnet.holder(record), {"system": VISIBILITY, "code": "MASQUE_PS"}
    patch = [{"op": "replace", "path": "/securityLabel/0/coding/0", "value": mask}]
    answer = await holder.patch(f"DocumentReference/{one}", patch)
    assert answer.status_code == 200, answer.text
    assert awaiting not in answer.text
    assert awaiting in (await doctor.get(f"DocumentReference/{one}")).text
