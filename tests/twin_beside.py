"""What others do beside somebody who reads a journal, in the fuller world alone: none of it may be in his journal.

They do it about what is kept from him, by id, by identifier, across records, in transactions that are refused; or by
what was agreed on in a secret connection, about anything in the record. Nothing of it is kept, but that it was done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.grammar import PRODUCTIONS, Sight, queried
from tests.grammar_refused import GONE, STALE, entry, transacted
from tests.patches import JSON_PATCH
from tests.serving import IDNST
from tests.twin_people import AWAITING, HIDDEN, IN_SECRET, Role, paper, provenance
from tests.twins import Request
from tests.world import listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Deed = Callable[[Sight], Request]

SEERS = ("a physician", "a depositor")
"""They see what is kept from the holder, and from his representatives."""
LISTED = ("DocumentReference", "DocumentReference", "List", "Provenance", "AuditEvent")
MARKS = {"adult": AWAITING, "minor": HIDDEN}
"""How what is kept from the reader of a record's journal is marked."""
OPEN = frozenset({
    "read", "head", "read_a_part", "vread", "history", "validators", "content", "search_by_id", "everything", "access",
    "explain", "operation", "meta", "reading_transaction", "batch", "compartment", "pages", "several", "journal",
    "pointed_at", "spelling", "type_history", "system_history", "refused_transaction", "validate_what_stands_there",
    "decision",
})  # fmt: skip
"""What who has a secret right may do: read whatever there is, and be refused."""


class Doer(Sight):
    """Somebody who asks about nothing but what is kept from the reader of a journal."""

    def kind(self) -> str:
        return self.draw.choice(LISTED)

    def absent(self) -> str:
        return self.kept("DocumentReference")

    def any(self, kind: str) -> str:
        return self.kept(kind)

    def visible(self, kind: str) -> str:
        return self.kept(kind)


def _kept(sight: Sight) -> str:
    return f"DocumentReference/{sight.kept('DocumentReference')}"


def by_id(sight: Sight) -> Request:
    kind = sight.kind()
    ids = {sight.kept(kind) for _ in range(sight.draw.randint(1, 3))}
    more = {"List": "&_include=List:item", "Provenance": "&_include=*"}.get(kind, "&_revinclude=AuditEvent:entity")
    return Request.of("GET", f"{kind}?_id={','.join(sorted(ids))}{sight.draw.choice(('', more, '&_count=0'))}")


def by_identifier(sight: Sight) -> Request:
    number = sight.draw.randint(100, 105)
    asked = [("identifier", f"urn:ietf:rfc:3986|urn:oid:1.2.250.7.{number}")]
    return Request.of("GET", f"DocumentReference?{queried(asked)}{sight.draw.choice(('', '&_total=accurate'))}")


def what_is_told_of_it(sight: Sight) -> Request:
    asked = ("", "/$explain", "/$who-can-see", "/$meta", "/$validate", "/_history", "?_summary=true")
    return Request.of("GET", f"{_kept(sight)}{sight.draw.choice(asked)}")


def of_another_version(sight: Sight) -> Request:
    """A change that is refused, of one that is named or found."""
    number = sight.draw.randint(100, 105)
    where = sight.draw.choice((_kept(sight), f"DocumentReference?_id={sight.kept('DocumentReference')}",
        f"DocumentReference?identifier=urn:oid:1.2.250.7.{number}"))  # fmt: skip
    return Request.of("PATCH", where, GONE, content_type=JSON_PATCH, if_match=STALE["ifMatch"])


def a_deposit_that_is_refused(sight: Sight) -> Request:
    other = {"type": "Organization", "identifier": {"system": IDNST, "value": "1750000666"}}
    tree = paper(sight.record, 199, label=MARKS[sight.role.record], custodian=other)
    return Request.of("POST", "DocumentReference", tree)


def a_transaction_that_is_refused(sight: Sight) -> Request:
    """All that its entries are about is kept from the reader, what would be new in it as well."""
    kept, mark = sight.kept("DocumentReference"), MARKS[sight.role.record]
    possible = (
        entry("POST", "DocumentReference", paper(sight.record, 198, label=mark)),
        entry("POST", "List", listing(sight.record, kept)),
        entry("POST", "Provenance", provenance([kept], [])),
        entry("PATCH", f"DocumentReference?_id={kept}", GONE),
        entry("GET", f"List/{sight.kept('List')}"),
        entry("DELETE", f"List/{sight.kept('List')}"),
    )
    entries = sight.draw.sample(possible, sight.draw.randint(0, 3))
    wrong = (
        entry("PATCH", f"DocumentReference/{sight.kept('DocumentReference')}", GONE, **STALE),
        entry("DELETE", f"List/{sight.kept('List')}", **STALE),
    )
    return transacted(*entries, sight.draw.choice(wrong))


def several_at_once(sight: Sight) -> Request:
    entries = [entry("GET", made(sight).path) for made in (by_id, by_identifier, what_is_told_of_it)]
    return Request.of("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})


NAMED = {one.name: one.of for one in PRODUCTIONS}
ABOUT: tuple[Deed, ...] = (
    by_id, by_identifier, what_is_told_of_it, of_another_version, a_deposit_that_is_refused,
    a_transaction_that_is_refused, several_at_once, *(NAMED[one] for one in ("read", "vread", "history", "content")),
)  # fmt: skip
SECRETLY: tuple[Deed, ...] = tuple(NAMED[name] for name in sorted(OPEN))


def deeds(reader: Sight, each: int) -> Iterator[tuple[str, Deed, Sight]]:
    """Who does what about the record whose journal somebody reads: each of the deeds in turn, so often."""
    name, key = reader.role.record, reader.record
    hidden = {kind: [one for one in names if f"{key}." in one] for kind, names in reader.hidden.items()}

    def doing(make: type[Sight], by: str, **more: Any) -> Sight:
        role = Role(by, name)
        return make(role, key, reader.base, reader.codes, reader.draw, hidden, [key], **more)

    for number in range(each * len(ABOUT)):
        yield (by := SEERS[number % 2]), ABOUT[number % len(ABOUT)], doing(Doer, by)
    seen = {"seen": reader.seen, "trees": reader.trees, "versions": reader.versions}
    for number in range(each * len(SECRETLY) if name == "minor" else 0):
        yield (by := IN_SECRET[number % len(IN_SECRET)]), SECRETLY[number % len(SECRETLY)], doing(Sight, by, **seen)
