"""What a resource type is: one declaration from which tables, search, conformance and documentation come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.errors import Issue

Resource = dict[str, Any]
"""A FHIR resource as parsed JSON, element order kept."""


class Search(StrEnum):
    """FHIR search parameter types that our types use (search.html section 3.1.1.4)."""

    TOKEN = "token"  # noqa: S105 - a FHIR search type
    STRING = "string"
    DATE = "date"
    REFERENCE = "reference"
    URI = "uri"
    COMPOSITE = "composite"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter.

    `path` names the elements it reads, relative to the resource, dotted, alternatives separated by ` | `
    (`content.attachment.contentType`, `masterIdentifier | identifier`). `[name=value]` after an element keeps the
    items whose member says so (`telecom[system=phone]`, `extension[url=https://…].valueBoolean`), and `exists(…)`
    around a whole path makes it one boolean: is there a value that is not false (`Patient.deceased`). `targets` are
    the types a reference may point to, none meaning any; a path whose reference points elsewhere is not indexed by
    this parameter (`patient` of a `subject`). `url` is the canonical of a parameter that R4 does not define. A
    composite names its two parts in `parts`, relative to `path`. `system` is the code system that codes of a plain
    `code` element are implicitly of (search.html section 3.1.1.4.10).
    """

    name: str
    type: Search
    path: str
    targets: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    url: str = ""
    system: str = ""

    @property
    def column(self) -> str:
        """Name of its column: `p_` and the parameter's name; a date has two, ending in `_lo` and `_hi`."""
        return "p_" + self.name.replace("-", "_").lower()


COMMON: tuple[Parameter, ...] = (
    Parameter("_profile", Search.URI, "meta.profile"),
    Parameter("_security", Search.TOKEN, "meta.security"),
    Parameter("_source", Search.URI, "meta.source"),
    Parameter("_tag", Search.TOKEN, "meta.tag"),
)
"""Parameters of every type that are read from `meta`; `_id` and `_lastUpdated` are columns of their own."""


def _no_issues(_: Resource, __: str) -> Iterable[Issue]:
    return ()


class Scope(StrEnum):
    """Where the rows of a type live."""

    RECORD = "record"
    """inside one record: keyed (record, id)"""
    DIRECTORY = "directory"
    """the national directory: keyed by id"""


class Level(StrEnum):
    """What an operation is asked of (operations.html section 3.2)."""

    SYSTEM = "system"
    TYPE = "type"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, `$name`, of one instance unless `levels` say otherwise.

    One that `changes` nothing may also be asked by GET. One that `creates` needs the right to create its type. `url` is
    the canonical URL of its OperationDefinition where it is R4's own, "" where it is ours.
    """

    name: str
    changes: bool = True
    levels: tuple[Level, ...] = (Level.INSTANCE,)
    creates: bool = False
    url: str = ""


META = Operation(
    "meta", changes=False, levels=tuple(Level), url="http://hl7.org/fhir/OperationDefinition/Resource-meta"
)
SHARED: tuple[Operation, ...] = (META,)
"""Operations of every type."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One resource type. There is one of each, told apart by identity: what is kept by it is found without hashing.

    `compartment` names the reference element that leads to the Patient whose record the resource lives in (`subject`);
    "" where the type finds its record another way (Patient itself, Binary) or is in the directory. `check` gives the
    type's own rules on a body that already passed the structure check, and is given the canonical base of our
    CodeSystems and extensions. `filtered` are the reference paths from which a target that the caller may not see is
    left out. `interactions` are the REST interactions served, `operations` those beyond them that the type has for
    itself. A `raw` type is also taken and given as the bytes that it carries (Binary).
    """

    type: str
    scope: Scope
    compartment: str
    parameters: tuple[Parameter, ...]
    check: Callable[[Resource, str], Iterable[Issue]] = _no_issues
    filtered: tuple[str, ...] = ()
    interactions: tuple[str, ...] = (
        "read",
        "vread",
        "create",
        "update",
        "patch",
        "delete",
        "history-instance",
        "history-type",
        "search-type",
    )
    operations: tuple[Operation, ...] = ()
    raw: bool = False

    @property
    def table(self) -> str:
        """Name of its table: `DocumentReference` is kept in `document_reference`."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in self.type).lstrip("_")

    @property
    def acts(self) -> tuple[Operation, ...]:
        """Every operation of the type."""
        return (*self.operations, *SHARED)

    def parameter(self, name: str) -> Parameter | None:
        """The declared parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)
