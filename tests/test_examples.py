"""Every published example is taken as it is, sent by a caller whom it fits; what is refused stands in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.resources.guides import IS_ARCHIVED
from app.resources.ins import NIR
from app.resources.labels import VISIBILITY
from tests.examples import Sender, in_directory, names, read
from tests.serving import NORMAL, Carnet, patient, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager

    from app.storage.embedded import Urls
    from tests.serving import Caller, Tree

INS = "123456789012345"
"""The INS of the DMP guide's examples, under the real system and with a wrong key."""
AUTHOR = "899700218896"
TOGETHER = ("hl7-r4/Patient-pat1", "hl7-r4/Patient-pat2")
"""They link to each other."""
ORDER = (
    "Patient",
    "RelatedPerson",
    "CareTeam",
    "Binary",
    "DocumentReference",
    "List",
    "Consent",
    "Provenance",
    "Bundle",
)
LATE = ("hl7-r4/Patient-mom",)

TAKEN = (201, "")
REFUSED: dict[str, tuple[int, str]] = {
    # the trail is written by the server alone
    **dict.fromkeys(names("*/AuditEvent-*"), (405, "")),
    # a privacy wish in words that the rules do not know is refused, not ignored
    **dict.fromkeys(names("hl7-r4/Consent-*"), (422, "consent-not-understood")),
    # they do not say whose they are
    "hl7-r4/List-current-allergies": (422, "no-record"),
    "hl7-r4/List-example-empty": (422, "no-record"),
    "hl7-r4/List-example-simple-empty": (422, "no-record"),
    "hl7-r4/List-long": (422, "no-record"),
    "hl7-r4/List-med-list": (422, "no-record"),
    # a general practitioner who is nowhere; a mother who is in another record, which a stranger does not see
    "hl7-r4/Patient-infant-mom": (422, "unresolved-reference"),
    "hl7-r4/Patient-mom": (422, "unresolved-reference"),
    # it says of itself that it appends itself
    "hl7-r4/DocumentReference-example": (422, "unresolved-reference"),
    # their subject is `Patient?identifier=` with a system and no value
    "pdsm4dmp/DocumentReference-example-td3-1a-cr-consultation": (422, "unresolved-reference"),
    "pdsm4dmp/DocumentReference-example-td3-1a-fhir-document": (422, "unresolved-reference"),
    "pdsm4dmp/DocumentReference-example-td3-1a-ordonnance": (422, "unresolved-reference"),
    # it says 128 octets of a content that has 80
    "pdsm4dmp/DocumentReference-example-annexe-docref-cda": (422, "XDSNonIdenticalSize"),
    # of what was refused above, or of what is in no record
    "hl7-r4/Provenance-consent-signature": (422, "unresolved-reference"),
    "hl7-r4/Provenance-example": (422, "unresolved-reference"),
    "hl7-r4/Provenance-example-biocompute-object": (422, "unresolved-reference"),
    "hl7-r4/Provenance-signature": (422, "unresolved-reference"),
    # structures are the operator's: see the test of the care circle
    "cercle-de-soins/Bundle-cds-bundle-transaction-creation-example": (405, ""),
    # answers of a server, and a document without its DocumentReference
    "pdsm4dmp/Bundle-example-annexe-fhir-document": (400, ""),
    "pdsm4dmp/Bundle-example-annexe-searchset-documentreferences": (400, ""),
    "tracabilite-evenements/Bundle-TDEBundleResultatReponseRechercheTracesExample": (400, ""),
    "tracabilite-evenements/Device-DeviceExample": (404, ""),
}
KNOWN: dict[str, tuple[int, str]] = {
    # two guides give one INS to two persons: the second is told of the first
    "fr-core-2.2.0/Patient-FRCorePatientExample": (200, ""),
    **dict.fromkeys(names("pdsm4dmp/Bundle-example-td2*"), (200, "")),
}


async def outcome(sender: Sender, caller: Caller, name: str) -> tuple[int, str]:
    """Status and reason code of one example sent."""
    answer = await sender.send(caller, name)
    if answer.status_code < 300:
        return answer.status_code, ""
    issue = answer.json()["issue"][0]
    return answer.status_code, issue.get("details", {}).get("coding", [{}])[0].get("code", "")


@pytest.fixture(scope="module")
async def carnet(
    make_database: Callable[[], AbstractContextManager[Urls]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    data = tmp_path_factory.mktemp("examples")
    with make_database() as urls:
        async with serving(
            urls, data, ins_required=False, opening="automatic", ins_key="warn", profiles="warn"
        ) as made:
            yield made


@pytest.fixture(scope="module")
def sender(carnet: Carnet) -> Sender:
    return Sender(carnet)


@pytest.fixture(scope="module")
def author(carnet: Carnet) -> Caller:
    """The author of the French documents."""
    return carnet.professional(AUTHOR, "10", structure="1750000001")


def caller_of(sender: Sender, author: Caller, tree: Tree) -> Caller:
    """Who may send it: the holder what is about himself, a professional the rest."""
    about = tree.get("patient") or tree.get("subject") or {}
    record = sender.addresses.get(about.get("reference", ""), "").removeprefix("Patient/")
    own = tree["resourceType"] in {"RelatedPerson", "CareTeam", "Consent"} and record
    return sender.carnet.holder(record) if own else author


@pytest.fixture(scope="module")
async def outcomes(sender: Sender, author: Caller) -> dict[str, tuple[int, str]]:
    """What was answered to each example, sent in the order of what they point at."""
    everything = {name: read(name) for name in names("*/*")}
    entered = [tree for tree in everything.values() if in_directory(tree)]
    await sender.enter(*entered)
    await author.make(patient(INS, system=NIR))
    rest = [name for name, tree in everything.items() if not in_directory(tree)]
    ranks = {kind: rank for rank, kind in enumerate(ORDER)}
    rest.sort(key=lambda name: (2 if name in LATE else ranks.get(everything[name]["resourceType"], 99), name))
    await sender.together(author, *TOGETHER)
    found = {}
    for name in rest:
        if name not in TOGETHER:
            found[name] = await outcome(sender, caller_of(sender, author, everything[name]), name)
    return found


@pytest.mark.parametrize("name", [n for n in names("*/*") if n not in TOGETHER and not in_directory(read(n))])
async def test_an_example_is_taken_or_refused_for_a_known_reason(
    outcomes: dict[str, tuple[int, str]], name: str
) -> None:
    assert outcomes[name] == (REFUSED.get(name) or KNOWN.get(name) or TAKEN)


async def test_directory_examples_are_entered_by_the_operator_alone(
    outcomes: dict[str, tuple[int, str]], sender: Sender, author: Caller
) -> None:
    assert outcomes
    for name in names("*/*"):
        tree = read(name)
        if in_directory(tree):
            place = sender.addresses[f"{tree['resourceType']}/{tree['id']}"]
            assert (await author.get(place)).status_code == 200, name
            assert (await author.post(tree["resourceType"], {})).status_code == 405


async def test_the_care_circle_in_one_transaction(carnet: Carnet, sender: Sender, author: Caller) -> None:
    """The official Bundle as it is, but for its structure, which the operator enters first.

    Its references are the ids of its own entries, under full URLs that nothing names; its translations are empty.
    """
    await sender.enter(read("cercle-de-soins/Organization-cds-organization-example"))
    whole = read("cercle-de-soins/Bundle-cds-bundle-transaction-creation-example")
    fresh = Sender(carnet, {k: v for k, v in sender.addresses.items() if k.startswith("Organization/")})
    entries = [e for e in whole["entry"] if e["resource"]["resourceType"] != "Organization"]
    for entry in entries:  # the INS of the example is in use already in this database
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"]["identifier"][0]["value"] = "123456789012246"
    answer = await author.post("", fresh.relinked(whole | {"entry": entries}))
    assert answer.status_code == 200, answer.text
    kinds = [e["resource"]["resourceType"] for e in entries]
    places = {
        k: e["response"]["location"].partition("/_history")[0]
        for k, e in zip(kinds, answer.json()["entry"], strict=True)
    }
    holder = carnet.holder(places["Patient"].removeprefix("Patient/"))
    team = (await holder.get(places["CareTeam"])).json()
    assert team["subject"]["reference"] == places["Patient"]
    assert team["participant"][0]["member"]["reference"] == places["RelatedPerson"]
    assert team["_name"]["extension"][0]["extension"][1] == {"url": "content", "valueString": ""}
    outcome = next(
        e["response"]["outcome"] for k, e in zip(kinds, answer.json()["entry"], strict=True) if k == "CareTeam"
    )
    assert outcome["issue"][0]["severity"] == "warning"


async def test_the_guides_updates(outcomes: dict[str, tuple[int, str]], author: Caller) -> None:
    """Mask, announce, archive, withdraw: the patches of the DMP guide as it writes them, by identifier."""
    assert outcomes
    where = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.250.1.213.1.4.8.99999.1"
    labels = [(VISIBILITY, "MASQUE_PS"), (NORMAL, "N"), (VISIBILITY, "INVISIBLE_PATIENT"), (NORMAL, "N")]
    for system, code in labels:
        coding = {"system": system, "code": code}
        patch = [{"op": "replace", "path": "/securityLabel/0", "value": {"coding": [coding]}}]
        answer = await author.patch(where, patch)
        assert answer.status_code == 200, answer.text
        assert [one["coding"][0]["code"] for one in answer.json()["securityLabel"]] == [code]
    for flag in (True, False, True):
        archive: Tree = {"op": "replace", "path": f"/extension[url:'{IS_ARCHIVED}']/valueBoolean", "value": flag}
        answer = await author.patch(where, [archive])
        assert answer.status_code == 200, answer.text
        assert {"url": IS_ARCHIVED, "valueBoolean": flag} in answer.json()["extension"]
    archived = await author.found(f"{where}&isArchived=true")
    assert len(archived) == 1
    withdrawn = await author.patch(where, [{"op": "replace", "path": "/status", "value": "entered-in-error"}])
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "entered-in-error")


async def test_the_replacement_supersedes(outcomes: dict[str, tuple[int, str]], sender: Sender, author: Caller) -> None:
    assert outcomes
    old = await author.get(sender.addresses["DocumentReference/doc-x-id"])
    assert old.json()["status"] == "superseded"
    query = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.250.1.213.1.4.8.99999.3"
    [new] = [e["resource"] for e in (await author.get(query)).json()["entry"] if e["search"]["mode"] == "match"]
    assert new["relatesTo"][0]["target"]["reference"] == sender.addresses["DocumentReference/doc-x-id"]
    content = await author.get(new["content"][0]["attachment"]["url"], headers={"Accept": "application/xml"})
    assert (content.status_code, len(content.content)) == (200, new["content"][0]["attachment"]["size"])
    lists = await author.get(f"List?patient.identifier={NIR}|{INS}&code=submissionset&status=current")
    assert lists.status_code == 200


async def test_the_simplified_publication_is_complete(outcomes: dict[str, tuple[int, str]], author: Caller) -> None:
    """ITI-105: what the server adds to a deposit that carries its content."""
    assert outcomes
    query = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.250.1.213.1.4.8.99999.1"
    [tree] = [e["resource"] for e in (await author.get(query)).json()["entry"] if e["search"]["mode"] == "match"]
    attachment = tree["content"][0]["attachment"]
    assert "data" not in attachment
    assert attachment["url"].startswith("Binary/")
    assert (attachment["size"], attachment["hash"]) == (80, "A/hMRrv6Y15BjSM8kMLidrz+mHc=")
