"""The journal beside one of a record in which nothing awaits: what its reader may not know of leaves no act in it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from app.auth import mint
from tests.serving import IDNPS, IDNST, Carnet, actor, consent, deny, document, opposition, permit, serving
from tests.world import asked, base, journal, label, listing, opened, opened_for_minor, provenance, why, will, window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

AWAITING = "INVISIBLE_PATIENT"
MARK = "https://example.org/mark"
NEW = "urn:uuid:00000000-0000-4000-8000-00000000000"
BY, OTHER = "810000000191", "810000000192"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("journal")) as made:
        yield made


async def told(reader: Caller, record: str) -> list[Tree]:
    """What professionals did in a record, as somebody reads it, the newest first."""
    return [one for one in await journal(reader, record) if IDNPS in str(one["agent"])]


class Kept:
    """A record that holds nothing but what awaits: a document, another, a list and a Provenance of the first."""

    def __init__(self, carnet: Carnet, record: str, number: str) -> None:
        self.record, self.number = record, number
        self.by = carnet.doctor(number, structure=f"1750000{number[-3:]}")
        self.holder = carnet.holder(record)
        self.document = self.list = self.origin = ""

    @classmethod
    async def made(cls, carnet: Carnet, number: str) -> Kept:
        """Deposited by somebody who has nothing in any other record."""
        kept = cls(carnet, await opened(carnet), number)
        mark = [{"system": MARK, "value": number}]
        kept.document = await kept.by.make(document(kept.record, label=AWAITING, identifier=mark))
        kept.list = await kept.by.make({**listing(kept.record, kept.document), "identifier": mark})
        kept.origin = await kept.by.make(provenance(kept.document))
        return kept


ACROSS = ("List?_count=50", "Provenance?_count=50", "AuditEvent?_count=50", "DocumentReference?_id={0.document}")
FARTHER = (
    "List?_include=List:item",
    "List?item=DocumentReference/{0.document}",
    "List?_id={0.list}",
    "DocumentReference?_include=*&_revinclude=*",
    "?_type=DocumentReference,List,AuditEvent",
    "?_id={0.document}",
    "List/_history",
    "_history",
)


@pytest.mark.parametrize("paths", [ACROSS, pytest.param(FARTHER, marks=pytest.mark.slow)], ids=["near", "far"])
async def test_a_search_that_showed_nothing_to_know_of_is_not_told_until_it_may_be(
    carnet: Carnet, paths: tuple[str, ...]
) -> None:
    kept = await Kept.made(carnet, BY if paths is ACROSS else "810000000196")
    assert (await kept.by.get(f"List/{kept.list}")).status_code == 200
    before = await told(kept.holder, kept.record)
    for path in paths:
        answer = await kept.by.get(path.format(kept))
        assert answer.status_code == 200, answer.text
        assert answer.json()["entry"], path
    assert await told(kept.holder, kept.record) == before

    await label(kept.by, kept.document)
    found = [one for one in await told(kept.holder, kept.record) if one["subtype"][0]["code"] != "patch"]
    assert len(found) >= len(before) + len(paths)
    assert {asked(one).partition("?")[0] for one in found} >= {one.partition("?")[0] for one in paths}
    assert ":" + kept.document not in json.dumps(found)


UNSHOWN = ("List?_id={0.list}", "Provenance?_id={0.origin}", "AuditEvent?_id={1}", "DocumentReference?_id={0.document}")


async def test_what_is_asked_for_by_its_id_and_not_shown_is_not_told_until_it_may_be(carnet: Carnet) -> None:
    """A list, a Provenance and an act stand for what they are about, whether they are shown or counted."""
    kept = await Kept.made(carnet, "810000000198")
    for place in (f"DocumentReference/{kept.document}", f"List/{kept.list}", f"Provenance/{kept.origin}"):
        assert (await kept.by.get(place)).status_code == 200
    acts = await kept.by.found(f"AuditEvent?patient={kept.record}")
    before = await told(kept.holder, kept.record)
    read = [f"AuditEvent/{one}" for one in acts]
    counted = [f"{one}{more}" for one in UNSHOWN for more in ("&_count=0", "&_summary=count", "&_lastUpdated=lt2020")]
    several = ["?_type=DocumentReference,List,AuditEvent&_count=0&_id={0.list},{1}", "AuditEvent/{1}/$decision"]
    for path in (*read, *counted, *several):
        answer = await kept.by.get(path.format(kept, acts[1]))
        assert answer.status_code in {200, 404}, answer.text
        new = (await told(kept.holder, kept.record))[: -len(before)]
        assert not new, path
    nowhere = kept.document[:-3] + "zzz"
    await kept.by.get(f"List?_id={nowhere}&_count=0")
    assert len(await told(kept.holder, kept.record)) == len(before) + 1, "nothing is there to betray"
    await label(kept.by, kept.document)
    assert len(await told(kept.holder, kept.record)) > len(before) + len(read) + len(counted)


async def test_what_anybody_may_know_of_is_told_of_a_search_that_showed_more(carnet: Carnet) -> None:
    kept = await Kept.made(carnet, OTHER)
    seen = await kept.by.make(document(kept.record))
    both = await kept.by.make(listing(kept.record, kept.document, seen))
    before = await told(kept.holder, kept.record)
    paths = (f"List?_id={both}", "List?_count=9", "DocumentReference?_count=9", f"Patient?_id={kept.record}")
    for path in paths:
        await kept.by.found(path)
    new = (await told(kept.holder, kept.record))[: -len(before)]
    assert [asked(one).partition("?")[0] for one in new] == ["Patient", "DocumentReference", "List", "List"]
    assert kept.document not in json.dumps(new)


@pytest.mark.parametrize("breaks", [False, True])
async def test_a_rule_is_told_with_what_it_showed_and_with_nothing_else(carnet: Carnet, *, breaks: bool) -> None:
    """Beside a document of his own, a reader sees by another rule one that awaits: no more is told than without it."""
    found = []
    number = "810000000194" if breaks else "810000000193"
    for full in (True, False):
        record = await opened(carnet)
        reader = carnet.doctor(number, structure="1750000194")
        if breaks:
            await window(reader, record)
        else:
            await will(carnet.holder(record), record, "authorisation", permit(actor(number)))
        await reader.make(document(record))
        if full:
            await carnet.doctor("810000000195").make(document(record, label=AWAITING))
        for path in ("DocumentReference?_count=50", "DocumentReference/_history", "?_type=DocumentReference,List"):
            answer = await reader.get(path)
            assert len([one for one in answer.json()["entry"] if f"{record}." in str(one)]) == 1 + full
        acts = await told(carnet.holder(record), record)
        found.append([[asked(one), why(one), one.get("purposeOfEvent")] for one in acts])
    assert found[0] == found[1]
    assert [one for one in found[0] if str(one[0]).startswith("DocumentReference?")]


def transacted(*entries: tuple[str, str, Tree | None, Tree]) -> Tree:
    """A transaction of entries: method, URL, resource, and what else the request says."""
    made = []
    for number, (method, url, tree, more) in enumerate(entries):
        entry: Tree = {"fullUrl": f"{NEW}{number}", "request": {"method": method, "url": url, **more}}
        made.append(entry | ({"resource": tree} if tree else {}))
    return {"resourceType": "Bundle", "type": "transaction", "entry": made}


async def refused(kept: Kept) -> list[int]:
    """Writes about what awaits, and deposits that were to await, each of which is refused: statuses of the answers."""
    by, stale, patch = kept.by, {"ifMatch": 'W/"other"'}, [{"op": "test", "path": "/status", "value": "current"}]
    mine = f"DocumentReference?identifier={MARK}|{kept.number}"
    here, lot = f"DocumentReference/{kept.document}", f"List/{kept.list}"
    data = base64.b64encode(json.dumps(patch).encode()).decode()
    patching = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    named = {"masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.250.9.1"}}
    await by.make(document(kept.record, label=AWAITING, **named))
    others = {"custodian": {"type": "Organization", "identifier": {"system": IDNST, "value": "1750000666"}}}
    replacing = {"relatesTo": [{"code": "replaces", "target": {"reference": here}}]}
    lots = {**listing(kept.record), "entry": [{"item": {"reference": f"{NEW}0"}}]}
    deposit = document(kept.record, label=AWAITING, **others)
    answers = [
        await by.patch(mine, patch, headers={"If-Match": 'W/"other"'}),
        await by.patch("DocumentReference?status=current", patch),
        await by.put(f"List?identifier={MARK}|{kept.number}", listing(kept.record), headers={"If-Match": 'W/"other"'}),
        await by.post("", transacted(("PATCH", here, patching, stale))),
        await by.post("", transacted(("PATCH", mine, patching, stale))),
        await by.post("", transacted(("DELETE", lot, None, stale))),
        await by.post("", transacted(("POST", "DocumentReference", deposit, {}), ("POST", "List", lots, {}))),
        await by.post("DocumentReference", document(kept.record, description="other", **named)),
        await by.post("DocumentReference", document(kept.record, **others, **replacing)),
    ]
    return [one.status_code for one in answers]


async def test_a_refusal_about_what_awaits_is_not_told_until_it_may_be(carnet: Carnet) -> None:
    kept = await Kept.made(carnet, "810000000197")
    before = await told(kept.holder, kept.record)
    assert await refused(kept) == [412, 412, 412, 412, 412, 412, 422, 409, 422]
    assert await told(kept.holder, kept.record) == before
    assert len(await journal(kept.by, kept.record, "outcome:not=0")) == 9, "his own are his to read"

    seen = await kept.by.make(document(kept.record))
    patch = [{"op": "replace", "path": "/status", "value": "nope"}]
    assert (await kept.by.patch(f"DocumentReference?_id={seen}", patch)).status_code == 422
    found = [one for one in await told(kept.holder, kept.record) if one["outcome"] != "0"]
    assert [why(one) for one in found] == ["invariant"]
    await label(kept.by, kept.document)
    found = [one for one in await told(kept.holder, kept.record) if one["outcome"] != "0"]
    assert len(found) > 5
    assert ":awaiting" not in json.dumps(found)


LATE = "810000000207"
READ_BY, FULL, GROUPED, BARRED_BY, CALLED = (f"81000000020{number}" for number in range(1, 6))


async def test_what_was_agreed_on_in_secret_is_not_told_by_what_comes_of_it(carnet: Carnet) -> None:
    """Who sees or is refused something by a Consent that his representative does not know of leaves her no act."""
    record, related = await opened_for_minor(carnet)
    mother, minor = carnet.representative(related, record), carnet.caller(mint.holder(record, secret=True))
    depositor = carnet.doctor("810000000200", structure="1750000200")
    seen = await depositor.make(document(record))
    place = f"DocumentReference/{seen}"
    await will(mother, record, "authorisation", permit(actor(BARRED_BY)))
    late = carnet.doctor(LATE, structure="1750000207")
    assert (await late.get(place)).status_code == 404, "he is remembered as somebody who sees nothing"
    before = await told(mother, record)
    for category, provision in (
        ("authorisation", permit(actor(READ_BY), actor(LATE))),
        ("full-access", permit(actor(FULL))),
        ("authorisation", permit(actor(structure="1750000203"))),
        ("block", deny(actor(BARRED_BY))),
        ("emergency-opposition", opposition("BTG", "ETREAT")),
    ):
        await will(minor, record, category, provision)
    assert await late.found("DocumentReference?_count=9") == [seen]
    assert await told(mother, record) == before, "a search across records does not ask what is remembered of him"
    for number in (READ_BY, FULL, GROUPED, BARRED_BY):
        by = carnet.doctor(number, structure=f"1750000{number[-3:]}")
        for path in (place, f"DocumentReference?patient={record}", "DocumentReference?_count=9", f"Patient/{record}"):
            answer = await by.get(path)
            assert (seen in answer.text) is (number != BARRED_BY and "Reference" in path), answer.text
        asks = transacted(("GET", place, None, {}))
        assert (await by.post("", asks)).status_code == (404 if number == BARRED_BY else 200)
        assert (await by.patch(place, [])).status_code == (404 if number == BARRED_BY else 200)
    colleague = carnet.doctor("810000000206", structure="1750000206")
    attested = consent(record, "authorisation", permit(actor(BARRED_BY)), base=base(carnet))
    assert (await colleague.post("Consent", attested)).status_code == 422
    stated = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "inconscient"}]}
    assert (await colleague.post(f"Patient/{record}/$break-glass", stated)).status_code == 403
    called = carnet.doctor(CALLED, structure="1750000205", purpose="ETREAT", regulator=True)
    for path in (place, f"DocumentReference?patient={record}"):
        assert seen not in (await called.get(path)).text
    assert await told(mother, record) == before
    whole = await told(carnet.holder(record), record)
    assert len(whole) > len(before) + 20
    empty = [why(one) for one in whole if one["action"] == "U"]
    assert empty == ["blocked", "authorised", "full-access", "authorised"], "a change of nothing shows it all"

    await depositor.found(f"DocumentReference?patient={record}")
    await colleague.get(place)
    await carnet.doctor(READ_BY, structure="1750000201").make(document(record))
    new = (await told(mother, record))[: -len(before)]
    codes = [one["subtype"][0]["code"] for one in new]
    assert codes == ["create", "read", "search-type"], "what does not come of it is told"
