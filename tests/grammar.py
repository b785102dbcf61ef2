"""The grammar of requests to the twin worlds: productions that together go through every exit of policy.md section 7.

A production draws one request for one caller: about what he sees, about what only the fuller world has, and about what
neither has. What he was shown feeds what he asks next.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.resources import DEFINITIONS
from tests.patches import JSON_PATCH, XML_PATCH, at, diff, steps
from tests.patches import replace as swap
from tests.twins import IN_RECORDS, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.serving import Tree
    from tests.twin_people import Role
    from tests.twins import Answer

    Make = Callable[["Sight"], Request]

KEPT = 80
"""Resources of a type that a caller remembers."""
DIRECTORY = tuple(name for name in DEFINITIONS if name not in IN_RECORDS)
PLACED = 2
"""Parts of `Type/id`."""


@dataclass
class Sight:
    """One caller as the grammar knows him: what he saw, what is kept from him, whom he may ask about."""

    role: Role
    record: str
    base: str
    codes: str
    draw: Random
    hidden: dict[str, list[str]]
    records: list[str]
    """keys of the records that he may name"""
    related: str = ""
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    trees: dict[str, Tree] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    stolen: list[str] = field(default_factory=list)
    """next links of other callers"""
    made: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """what he wrote himself within the grammar"""
    number: int = 1000

    def learn(self, request: Request, answer: Answer) -> None:
        """Remember what an answer showed."""
        place = answer.header(b"location").split("/fhir/")[-1].partition("/_history")[0]
        if place and answer.status == 201:
            kind, _, identifier = place.partition("/")
            self.made[kind].append(identifier)
        if request.method != "HEAD" and answer.status == 200 and answer.body[:1] == b"{":
            self._see(answer.tree())

    def _see(self, tree: Tree) -> None:
        kind, identifier = tree.get("resourceType", ""), tree.get("id", "")
        for entry in tree.get("entry", []):
            self._see(entry.get("resource") or {})
        self.pages += [
            link["url"].split("/fhir")[1].lstrip("/") for link in tree.get("link", []) if link["relation"] == "next"
        ]
        if kind not in DEFINITIONS or not identifier:
            return
        version = tree.get("meta", {}).get("versionId", "")
        self.versions = [*self.versions[-KEPT:], f"{kind}/{identifier}/_history/{version}"]
        self.trees[f"{kind}/{identifier}"] = tree
        if identifier not in self.seen[kind]:
            self.seen[kind] = [*self.seen[kind][-KEPT:], identifier]
        for content in tree.get("content", []) if kind == "DocumentReference" else []:
            place, _, name = content["attachment"].get("url", "").partition("/")
            if place == "Binary" and name not in self.seen["Binary"]:
                self.seen["Binary"].append(name)

    def absent(self) -> str:
        """An id of his record that neither world has."""
        return f"{self.record}.{''.join(self.draw.choices('abcdefghjkmn23456789', k=20))}"

    def kept(self, kind: str) -> str:
        """An id that only the fuller world has; one that is nowhere, where it has none."""
        own = self.hidden.get(kind, [])
        return self.draw.choice(own) if own else self.absent()

    def visible(self, kind: str) -> str:
        """An id that he saw, if he saw any."""
        own = self.seen[kind]
        return self.draw.choice(own) if own else self.kept(kind)

    def any(self, kind: str) -> str:
        """An id that he saw, one that is kept from him, or one that is nowhere."""
        chosen = self.draw.random()
        return self.visible(kind) if chosen < 0.45 else self.kept(kind) if chosen < 0.9 else self.absent()

    def kind(self) -> str:
        """A type of a record, documents more often than others."""
        return self.draw.choice((*IN_RECORDS, "DocumentReference", "DocumentReference", "List"))

    def subject(self) -> str:
        """The key of his record, or of another one that he may name."""
        return self.record if self.draw.random() < 0.85 else self.draw.choice(self.records)

    def spelt(self, kind: str, identifier: str) -> str:
        """A reference, spelt in one of its ways."""
        place = f"{kind}/{identifier}"
        ways = (place, identifier, f"{self.base}/{place}", f"{place}/_history/1")
        return self.draw.choice(ways)


@dataclass(frozen=True)
class Production:
    """One rule of the grammar."""

    name: str
    exits: tuple[int, ...]
    weight: int
    make: Make
    when: Callable[[Role], bool]

    def of(self, sight: Sight) -> Request:
        """One request, with the name and the exits of the production."""
        made = self.make(sight)
        return Request(self.name, self.exits, made.method, made.path, made.content, made.headers)


PRODUCTIONS: list[Production] = []


def _everybody(_: Role) -> bool:
    return True


def production(*exits: int, weight: int = 2, when: Callable[[Role], bool] = _everybody) -> Callable[[Make], Make]:
    """Add a rule to the grammar: the exits that it goes through, its weight, and who may follow it."""

    def add(make: Make) -> Make:
        PRODUCTIONS.append(Production(make.__name__, exits, weight, make, when))
        return make

    return add


def drawn(sight: Sight) -> Request:
    """One request of the grammar."""
    possible = [one for one in PRODUCTIONS if one.when(sight.role)]
    chosen = sight.draw.choices(possible, weights=[one.weight for one in possible])[0]
    return chosen.of(sight)


# Reading by id


@production(6, 9, 26, weight=8)
def read(sight: Sight) -> Request:
    kind = sight.kind()
    return Request.of("GET", f"{kind}/{sight.any(kind)}")


@production(6, weight=1)
def read_as_another_type(sight: Sight) -> Request:
    return Request.of("GET", f"{sight.kind()}/{sight.any(sight.kind())}")


@production(6, weight=1)
def head(sight: Sight) -> Request:
    kind = sight.kind()
    return Request.of("HEAD", f"{kind}/{sight.any(kind)}")


@production(6, 25)
def read_a_part(sight: Sight) -> Request:
    kind = sight.kind()
    part = sight.draw.choice(("_summary=true", "_summary=text", "_elements=id,status", "_summary=data", "_pretty=true"))
    return Request.of("GET", f"{kind}/{sight.any(kind)}?{part}")


@production(6, 24, weight=1)
def read_with_more(sight: Sight) -> Request:
    kind = sight.kind()
    return Request.of("GET", f"{kind}/{sight.any(kind)}?{sight.draw.choice(('_format=json', 'nonsense=1'))}")


@production(7, weight=5)
def vread(sight: Sight) -> Request:
    versions = (sight.versions, sight.hidden.get("version", []))[sight.draw.random() < 0.4]
    place = sight.draw.choice(versions) if versions else f"DocumentReference/{sight.absent()}/_history/abc"
    kind, _, rest = place.partition("/")
    identifier, _, version = rest.partition("/_history/")
    if sight.draw.random() < 0.3:
        identifier = sight.any(kind)
    return Request.of("GET", f"{kind}/{identifier}/_history/{version}")


@production(7, 19, weight=5)
def history(sight: Sight) -> Request:
    kind = sight.kind()
    more = sight.draw.choice(("", "?_count=0", "?_since=2026-01-01", *PAST))
    return Request.of("GET", f"{kind}/{sight.any(kind)}/_history{more}")


PAST = ("", "?_count=2", "?_since=2026-05-03", "?_at=2026-06-15", "?_at=2026&_count=3", "?_count=5&_since=2026-06")


@production(8, weight=3)
def type_history(sight: Sight) -> Request:
    return Request.of("GET", f"{sight.kind()}/_history{sight.draw.choice(PAST)}")


@production(8, 28, weight=1)
def system_history(sight: Sight) -> Request:
    return Request.of("GET", f"_history{sight.draw.choice(PAST)}")


@production(8, 28, weight=1)
def directory_history(sight: Sight) -> Request:
    return Request.of("GET", f"{sight.draw.choice(DIRECTORY)}/_history{sight.draw.choice(PAST)}")


@production(19)
def validators(sight: Sight) -> Request:
    kind = sight.kind()
    tag = f'W/"{sight.draw.choice(sight.versions).rpartition("/")[2]}"' if sight.versions else 'W/"1"'
    when = ("Sat, 01 Jan 2050 00:00:00 GMT", "Mon, 15 Jun 2026 08:00:00 GMT")
    line = sight.draw.choice((("if-none-match", tag), ("if-none-match", "*"), ("if-modified-since", when[0]),
                              ("if-modified-since", when[1])))  # fmt: skip
    return Request.of("GET", f"{kind}/{sight.any(kind)}", None, **{line[0]: line[1]})


@production(15, weight=4)
def content(sight: Sight) -> Request:
    lines: tuple[dict[str, str], ...] = (
        {},
        {"accept": "application/xml"},
        {"accept": "*/*"},
        {"accept": "application/fhir+json"},
        {"accept": "application/pdf"},
        {"accept": "application/xml", "range": "bytes=0-3"},
        {"accept": "application/xml", "if-none-match": 'W/"1"'},
    )
    return Request.of("GET", f"Binary/{sight.any('Binary')}", None, **sight.draw.choice(lines))


# Changing what may not be there


def _changed(sight: Sight, kind: str, identifier: str) -> Tree:
    """A body for a PUT: what he saw, a little changed, or something like it."""
    tree = dict(sight.trees.get(f"{kind}/{identifier}") or {"resourceType": kind, "status": "current"})
    name = "title" if kind == "List" else "description"
    return {**tree, "id": identifier, name: f"autre {sight.number}"}


def _place(sight: Sight) -> tuple[str, str]:
    """What to change: a document or a list that he sees or not; of the wills, his own and those kept from him."""
    kind, own = sight.kind(), sight.draw.random() < 0.4
    if own and sight.made[kind]:
        return kind, sight.draw.choice(sight.made[kind])
    return kind, sight.any(kind) if kind in {"DocumentReference", "List"} else sight.kept(kind)


def _if_match(sight: Sight) -> dict[str, str]:
    tag = f'W/"{sight.draw.choice(sight.versions).rpartition("/")[2]}"' if sight.versions else 'W/"1"'
    return sight.draw.choice(({}, {}, {"if_match": 'W/"1"'}, {"if_match": tag}))


@production(9, 19, weight=4)
def put(sight: Sight) -> Request:
    kind, identifier = _place(sight)
    return Request.of("PUT", f"{kind}/{identifier}", _changed(sight, kind, identifier), **_if_match(sight))


def patches(sight: Sight) -> list[Any]:
    """Changes of a document, sound or not."""
    archived = {"url": ARCHIVED, "valueBoolean": True}
    labels = [{"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}, {"coding": [{"system": NORMAL, "code": "N"}]}]
    return sight.draw.choice((
        [{"op": "replace", "path": "/status", "value": "superseded"}],
        [{"op": "add", "path": "/extension", "value": [archived]}],
        [{"op": "replace", "path": "/securityLabel", "value": labels}],
        [{"op": "replace", "path": "/securityLabel", "value": labels[1:]}],
        [{"op": "remove", "path": "/nothing/there"}],
        [{"op": "test", "path": "/relatesTo/0/code", "value": "appends"}],
        [{"op": "test", "path": "/status", "value": "current"}],
        [{"op": "replace", "path": "/description", "value": "x"}],
    ))  # fmt: skip


ARCHIVED = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/PDSm_isArchived"
VISIBILITY = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
NORMAL = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def path_patches(sight: Sight, kind: str) -> Tree:
    """FHIRPath patches of a document or a list, sound or not: most of them ask something first."""
    many = "DocumentReference.relatesTo" if kind == "DocumentReference" else "List.entry"
    mask = {"valueCodeableConcept": {"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}}
    first, second = sight.any("DocumentReference"), sight.kept("DocumentReference")
    return steps(
        *sight.draw.choice(
            (
                [at("replace", f"{kind}.status", value={"valueCode": "superseded"})],
                [at("replace", f"{kind}.where({many}.exists()).status", value={"valueCode": "current"})],
                [at("delete", f"{many}.where(target.reference.contains('{second}') or true)")],
                [at("delete", f"{many}.last()")],
                [at("delete", f"{many}.where(item.reference = 'DocumentReference/{first}')")],
                [at("move", many, source=sight.draw.randrange(3), destination=0)],
                [at("add", f"{many}[{sight.draw.randrange(3)}]", name="id", value={"valueString": "x"})],
                [at("add", "DocumentReference", name="securityLabel", value=mask)],
                [at("replace", "DocumentReference.securityLabel[0]", value=mask)],
                [at("replace", f"{kind}.description.where($this = 'x').resolve()", value={"valueString": "y"})],
                [],
            )
        )
    )


def xml_patches(sight: Sight, kind: str) -> bytes:
    """XML patches of the same, with predicates."""
    many = "relatesTo/target" if kind == "DocumentReference" else "entry/item"
    reference = f"DocumentReference/{sight.any('DocumentReference')}"
    return diff(
        *sight.draw.choice(
            (
                [swap(f"{kind}/status/@value", "superseded")],
                [swap(f"{kind}[{many}]/status/@value", "current")],
                [f'<remove sel="{kind}/{many.partition("/")[0]}[{sight.draw.randint(1, 3)}]"/>'],
                [f"<remove sel=\"{kind}/{many}[reference/@value='{reference}']/reference\"/>"],
                [f"<add sel='{kind}/{many.partition('/')[0]}' type='@id'>x</add>"],
                [f"<remove sel='{kind}/securityLabel[coding/code/@value=\"MASQUE_PS\"]'/>"],
                [f"<remove sel='{kind}//reference'/>"],
                [],
            )
        )
    )


@production(9, 19, weight=5)
def patch(sight: Sight) -> Request:
    kind, identifier = _place(sight)
    return Request.of("PATCH", f"{kind}/{identifier}", patches(sight), content_type=JSON_PATCH, **_if_match(sight))


@production(9, 19, 25, weight=3)
def fhirpath_patch(sight: Sight) -> Request:
    kind, identifier = _place(sight)
    return Request.of("PATCH", f"{kind}/{identifier}", path_patches(sight, kind), **_if_match(sight))


@production(9, 19, 25, weight=3)
def xml_patch(sight: Sight) -> Request:
    kind, identifier = _place(sight)
    made = Request.of("PATCH", f"{kind}/{identifier}", None, content_type=XML_PATCH, **_if_match(sight))
    return Request("", (), made.method, made.path, xml_patches(sight, kind), made.headers)


@production(9, 19, weight=3)
def delete(sight: Sight) -> Request:
    kind, identifier = _place(sight)
    if kind == "DocumentReference" and sight.draw.random() < 0.5:
        identifier = sight.kept(kind)
    return Request.of("DELETE", f"{kind}/{identifier}", None, **_if_match(sight))


@production(9, 28, weight=1)
def a_method_or_media_type_that_is_not_served(sight: Sight) -> Request:
    place = f"DocumentReference/{sight.any('DocumentReference')}"
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        ("TRACE", {}), ("POST", {}), ("PUT", {"content_type": "text/plain"}), ("GET", {"accept": "image/png"}),
    )  # fmt: skip
    method, lines = sight.draw.choice(asked)
    return Request.of(method, place, {} if method == "PUT" else None, **lines)


# Operations, subscriptions, exports, other interfaces


def reason(name: str = "reason", value: str = "inconscient") -> Tree:
    """Parameters of an operation."""
    return {"resourceType": "Parameters", "parameter": [{"name": name, "valueString": value}]}


@production(11, weight=3)
def access(sight: Sight) -> Request:
    key = sight.subject()
    return Request.of("GET", f"Patient/{key}/$access")


@production(11, 27)
def break_the_glass(sight: Sight) -> Request:
    """Where it is opposed, or where it shows nothing that is kept from him."""
    return Request.of("POST", f"Patient/{sight.record}/$break-glass", reason(value=sight.draw.choice(("grave", ""))))


@production(11, 9, weight=1, when=lambda role: role.name != "holder")
def destroy(sight: Sight) -> Request:
    """By whoever may not: what a record holds is nothing to the refusal."""
    return Request.of("POST", f"Patient/{sight.subject()}/$destroy", reason(value="fraud"))


@production(11, weight=1)
def end_the_window(sight: Sight) -> Request:
    """Of a record in which he has none."""
    key = sight.draw.choice([one for one in sight.records if one != sight.record])
    return Request.of("POST", f"Patient/{key}/$end-break-glass")


@production(11, 23, weight=1)
def contact(sight: Sight) -> Request:
    """Where somebody is told; from then on what happens in the record leaves notices."""
    given = sight.draw.choice((reason("email", "holder@mail.example"), reason("mobile", "0611223344"), {}))
    return Request.of("POST", f"Patient/{sight.subject()}/$contact", given or None)


ASKED = (
    *("$explain", "$decision", "$who-can-see", "$what-if", "$everything", "$summary", "$docref", "$meta", "$lastn"),
    *("$validate", "$export", "$export-copy", "$graphql", "$match", "$document", "$generate-metadata"),
)


@production(11, 13, 14, weight=4)
def operation(sight: Sight) -> Request:
    kind = sight.draw.choice(("DocumentReference", "Patient", "List", "Consent", "Binary", "AuditEvent"))
    identifier = sight.record if kind == "Patient" else sight.any(kind)
    name = sight.draw.choice(ASKED)
    about = sight.draw.choice(("", f"?actor=Practitioner/{sight.visible('Practitioner')}", f"?resource={identifier}"))
    if sight.draw.random() < 0.3:
        return Request.of("POST", f"{kind}/{identifier}/{name}", reason("actor", sight.visible("Practitioner")))
    return Request.of("GET", f"{kind}/{identifier}/{name}{about}")


@production(11, weight=4)
def explain(sight: Sight) -> Request:
    """Who can see a document, and why (policy.md section 7: what is unseen is not explained)."""
    place = f"DocumentReference/{sight.any('DocumentReference')}"
    named = f"?actor=Practitioner/{sight.visible('Practitioner')}" if sight.draw.random() < 0.7 else ""
    return Request.of("GET", f"{place}/{sight.draw.choice(('$explain', '$who-can-see'))}{named}")


@production(11, 22, weight=1)
def decision(sight: Sight) -> Request:
    """The decision behind an act that he sees, with the Consents that he sees."""
    return Request.of("GET", f"AuditEvent/{sight.any('AuditEvent')}/$decision")


@production(11, 13, 25, weight=5)
def everything(sight: Sight) -> Request:
    """A copy of a record, as a whole or in part (policy.md section 5)."""
    more = sight.draw.choice((
        "", "?_count=3", "?_count=50", "?_type=DocumentReference,List", "?_since=2026-06-15", "?start=2026-06-03",
        "?end=2026-06-04&_count=2", "?_type=Provenance,Practitioner", "?_type=AuditEvent&_count=20", "?_count=0",
    ))  # fmt: skip
    return Request.of("GET", f"Patient/{sight.subject()}/$everything{more}")


@production(11, 25, weight=3)
def meta(sight: Sight) -> Request:
    """Profiles, labels and tags: of a resource, of a type, of the system."""
    kind = sight.draw.choice((*IN_RECORDS, *DIRECTORY))
    identifier = sight.any(kind) if kind in IN_RECORDS else sight.visible(kind)
    places = (f"{kind}/{identifier}/$meta", f"{kind}/$meta", f"{kind}/{identifier}/$meta-add")
    return Request.of("GET", sight.draw.choices((*places, "$meta"), weights=(6, 3, 1, 1))[0])


@production(11, 13, 14, weight=1)
def operation_on_a_type(sight: Sight) -> Request:
    where = sight.draw.choice((f"{sight.kind()}/", ""))
    return Request.of("GET", f"{where}{sight.draw.choice(ASKED)}?patient={sight.record}")


@production(12, 23, weight=1)
def subscriptions_and_notices(sight: Sight) -> Request:
    kind = sight.draw.choice(("Subscription", "SubscriptionTopic", "Communication", "CommunicationRequest"))
    criteria = f"DocumentReference?_id={sight.kept('DocumentReference')}"
    if sight.draw.random() < 0.5:
        return Request.of("POST", kind, {"resourceType": kind, "status": "requested", "criteria": criteria})
    return Request.of("GET", f"{kind}?patient={sight.record}")


@production(14, 28, weight=1)
def descriptions(sight: Sight) -> Request:
    about = ("metadata", "metadata?mode=terminology", ".well-known/smart-configuration", "/openapi.json", "/docs",
             "/health/ready", "/health/live", f"/DocumentReference/{sight.kept('DocumentReference')}")  # fmt: skip
    return Request.of("GET", sight.draw.choice(about))


@production(16, weight=1)
def document_bundle(sight: Sight) -> Request:
    target = {"reference": f"DocumentReference/{sight.any('DocumentReference')}"}
    composition = {"resourceType": "Composition", "status": "final", "section": [{"entry": [target]}]}
    bundle = {"resourceType": "Bundle", "type": "document", "entry": [{"resource": composition}]}
    where = sight.draw.choice(("", "Bundle", "DocumentReference"))
    return Request.of("POST", where, bundle)


# Several at once


SOMETHING_ELSE = 0.4
IN_BUNDLES = frozenset({
    "vread", "history", "type_history", "system_history", "directory_history", "everything", "meta", "access",
    "explain", "operation", "several", "compartment", "content", "read_a_part",
})  # fmt: skip


def entry(sight: Sight) -> Tree:
    """A reading entry of a Bundle: of one resource, or of whatever else the grammar asks by GET."""
    if sight.draw.random() < SOMETHING_ELSE:
        asked = sight.draw.choice([one for one in PRODUCTIONS if one.name in IN_BUNDLES]).make(sight)
        if asked.method == "GET":
            return {"request": {"method": "GET", "url": asked.path}}
    kind = sight.draw.choice(("DocumentReference", "List", "Consent", "Task", "Patient"))
    identifier = sight.record if kind == "Patient" else sight.any(kind)
    url = sight.draw.choice((
        f"{kind}/{identifier}",
        f"{kind}?_id={identifier}",
        f"DocumentReference?patient={sight.record}&_count=3",
        f"{sight.base}/{kind}/{identifier}",
    ))  # fmt: skip
    return {"request": {"method": "GET", "url": url}}


def removal(sight: Sight) -> Tree:
    """An entry that changes what is not there for him."""
    place = f"DocumentReference/{sight.kept('DocumentReference')}"
    if sight.draw.random() < 0.5:
        return {"request": {"method": "DELETE", "url": place}}
    tree = {"resourceType": "DocumentReference", "id": place.partition("/")[2], "status": "current"}
    return {"resource": tree, "request": {"method": "PUT", "url": place}}


@production(6, 10, 17, weight=3)
def batch(sight: Sight) -> Request:
    entries = [entry(sight) for _ in range(sight.draw.randint(1, 4))]
    if sight.draw.random() < 0.4:
        entries.append(removal(sight))
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})


@production(6, 10, 17)
def reading_transaction(sight: Sight) -> Request:
    entries = [entry(sight) for _ in range(sight.draw.randint(1, 2))]
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})


# Pages


@production(2, 3, weight=6)
def next_page(sight: Sight) -> Request:
    if not sight.pages:
        return Request.of("GET", f"DocumentReference?patient={sight.record}&_count=2")
    return Request.of("GET", sight.pages.pop(sight.draw.randrange(len(sight.pages))))


@production(3, weight=1)
def page_of_another(sight: Sight) -> Request:
    if not sight.stolen:
        return Request.of("GET", f"DocumentReference?patient={sight.record}&_cursor={'A' * 60}")
    return Request.of("GET", sight.draw.choice(sight.stolen))


@production(3, weight=1)
def page_of_another_search(sight: Sight) -> Request:
    url = sight.draw.choice(sight.pages) if sight.pages else "x?_cursor=AAAA"
    return Request.of("GET", f"List?patient={sight.record}&_cursor={url.partition('_cursor=')[2]}")


def queried(pairs: list[tuple[str, str]]) -> str:
    """A query string."""
    return "&".join(f"{quote(name, safe=':._')}={quote(value, safe='')}" for name, value in pairs)


def dumped(body: Any) -> bytes:
    """A body as it is sent."""
    return json.dumps(body, ensure_ascii=False).encode()
