"""What a patch of any form may do to a resource (policy.md sections 4 and 5); its form is read in `app.rest.patch`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Forbidden
from app.records.documents import OWN_EXTENSIONS, single_label
from app.resources.validation import dump, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.resources.definition import Resource

LABELS = frozenset({"/securityLabel", "/securityLabel/0", "/securityLabel/-"})
ALWAYS_THERE = LABELS | {"/status", "/extension"}
"""Places of a document where a change succeeds whatever the document says."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one operation of a patch says before the resource is looked at.

    `verb` is add, replace or remove, "" for one that asks something of the resource. `place` is a JSON pointer, ""
    where the resource must be searched for it; `url` the extension that is set there, present or not. `counted` says
    that it picks a security label by its number.
    """

    verb: str
    place: str = ""
    url: str = ""
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch: `make` gives the patched tree of a tree, which it may spoil; `said` is what each operation says.

    `make` raises BadValue for a patch that cannot be, Invalid for one that does not fit the resource, BrokenRule for a
    test that fails. It may be called again: a transaction that lost against another is begun anew.
    """

    make: Callable[[Resource], Resource]
    said: tuple[Said, ...]

    def __call__(self, tree: Resource) -> Resource:
        """The patched tree."""
        if tree["resourceType"] == "DocumentReference" and any(one.counted for one in self.said):
            single_label(tree)
        return self.make(parse(dump(tree)))

    def check_unseen(self, resource_type: str, *, alone: bool) -> None:
        """Refuse to who does not see the resource what would tell him of it: a test, a copy, a place that may miss.

        `alone` asks for labels or for status and marks, not for both: one would test the other.
        """
        document = resource_type == "DocumentReference"
        allowed = {"add", "replace"} if document else {"add", "replace", "remove"}
        if (
            any(one.verb not in allowed or not one.place for one in self.said)
            or (document and not all(map(_is_always_there, self.said)))
            or (document and alone and len({one.place in LABELS for one in self.said}) > 1)
        ):
            raise Forbidden("a patch of what you do not read says what becomes of it", reason="patch-unseen")


def _is_always_there(said: Said) -> bool:
    return said.url in OWN_EXTENSIONS if said.url else said.place in ALWAYS_THERE
