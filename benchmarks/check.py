"""Before anything is measured: is each answer the right one, is the policy in force, is the trail written?

The scripts count statuses and markers of every answer; here one answer of each kind is read through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from benchmarks import bodies
from benchmarks.seed import FHIR_JSON, created

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.seed import Record

TIMEOUT = 30
LOT_ENTRIES = 10
Tree = dict[str, Any]


class Checker:
    """Sends as each caller of `tokens` (depositor, reader, stranger, holder) to the FHIR base."""

    def __init__(self, base: str, tokens: Mapping[str, str]) -> None:
        self.client = httpx.Client(timeout=TIMEOUT)
        self.base = base
        self.tokens = tokens

    def send(self, caller: str, method: str, path: str, body: str = "") -> httpx.Response:
        """One request."""
        headers = {"Authorization": f"Bearer {self.tokens[caller]}", "Content-Type": FHIR_JSON}
        return self.client.request(method, self.base + path, headers=headers, content=body.encode() or None)

    def get(self, caller: str, path: str) -> Tree:
        """The body of a GET that must be 200."""
        answer = self.send(caller, "GET", path)
        must(answer.status_code == httpx.codes.OK, f"GET {path} as {caller}: {answer.status_code} {answer.text[:500]}")
        tree: Tree = answer.json()
        return tree

    def read(self, record: Record) -> None:
        """The document that was asked for; to a stranger it does not exist."""
        path = f"/DocumentReference/{record.documents[0]}"
        tree = self.get("reader", path)
        must(tree["id"] == record.documents[0], "a read shows the document asked for")
        must(tree["subject"]["reference"] == f"Patient/{record.id}", "a read shows the right record")
        must(self.send("stranger", "GET", path).status_code == httpx.codes.NOT_FOUND, "a stranger's read is 404")

    def search(self, record: Record) -> None:
        """Every document of the record on one page, whole; none for a stranger."""
        path = f"/DocumentReference?patient={record.id}"
        tree = self.get("reader", path)
        must(matches(tree) == set(record.documents), "a search shows every document of the record")
        full = all(
            len(entry["resource"]) > LOT_ENTRIES for entry in tree["entry"] if entry["search"]["mode"] == "match"
        )
        must(full, "a search shows whole documents")
        must(not matches(self.get("stranger", path)), "a stranger's search shows nothing")

    def create(self, record: Record, number: str, document: str) -> None:
        """201, and what was sent can be read back."""
        body = bodies.filled(document, record=record.id, ins=record.ins, number=number)
        answer = self.send("depositor", "POST", "/DocumentReference", body)
        must(answer.status_code == httpx.codes.CREATED, f"a create is 201: {answer.status_code} {answer.text[:500]}")
        _, id = created({"status": "201", "location": answer.headers["location"]})
        kept = self.get("depositor", f"/DocumentReference/{id}")
        must(kept["masterIdentifier"]["value"].endswith(number), "a create keeps what was sent")

    def transaction(self, record: Record, number: str) -> None:
        """Ten entries made, the List pointing at the documents and these at their Binaries."""
        body = bodies.filled(bodies.template("lot"), record=record.id, ins=record.ins, number=number)
        answer = self.send("depositor", "POST", "", body)
        must(answer.status_code == httpx.codes.OK, f"a transaction is 200: {answer.status_code} {answer.text[:500]}")
        made = [created(entry["response"]) for entry in answer.json()["entry"]]
        must(len(made) == LOT_ENTRIES, "a transaction makes ten resources")
        entries = self.get("depositor", f"/List/{made[0][1]}")["entry"]
        documents = {f"DocumentReference/{id}" for type, id in made if type == "DocumentReference"}
        must({entry["item"]["reference"] for entry in entries} == documents, "the List names the documents made")
        url = self.get("depositor", f"/DocumentReference/{made[1][1]}")["content"][0]["attachment"]["url"]
        must("Binary/" in url, "a document names its Binary")

    def trail(self, record: Record) -> None:
        """The holder's journal names the document that was read."""
        events = self.get("holder", f"/AuditEvent?patient={record.id}&_sort=-date")
        named = f"DocumentReference/{record.documents[0]}"
        must(named in str(events), "the trail holds the read")


def must(holds: object, sentence: str) -> None:
    """RuntimeError with the sentence where it does not hold."""
    if not holds:
        raise RuntimeError(f"wrong answer: {sentence}")


def matches(bundle: Tree) -> set[str]:
    """Ids of the matches of a searchset."""
    return {entry["resource"]["id"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"}


def check(base: str, tokens: Mapping[str, str], read: Record, written: Record, number: str, document: str) -> None:
    """Every workload once, read through; `document` is the template of a create. RuntimeError where one is wrong."""
    checker = Checker(base, tokens)
    with checker.client:
        checker.read(read)
        checker.search(read)
        checker.trail(read)
        checker.create(written, f"{number}.1", document)
        checker.transaction(written, f"{number}.2")
