"""One resource on its way in: what is known of it before it becomes a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.errors import Forbidden
from app.policy.ceiling import BEYOND, reaches
from app.records.judging import NOTHING
from app.records.naming import new_key, new_version
from app.resources.extraction import extract
from app.resources.validation import dump
from app.storage.rows import blank, stamp
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from datetime import datetime

    from app.access import Access
    from app.errors import Issue
    from app.records.references import Resolved
    from app.resources.definition import Definition, Resource
    from app.resources.structure import Survey


NAMELESS = "identifier||"
"""What a column of references holds for one that names nobody: it is left in every answer, and no search finds it."""


@dataclass(slots=True)
class Draft:
    """A valid resource with resolved references.

    `facts` become policy columns of its row, `becomes` parameters of the judgement, `documents` what the trail says it
    concerns. `carried` columns keep the value that the row has. `unaddressed` is the column of listed references of
    which one has no address. `notice` is the kind of notice that its writing is told by.
    """

    definition: Definition
    tree: Resource
    survey: Survey
    resolved: Resolved
    record: str
    id: str
    facts: dict[str, Any] = field(default_factory=dict)
    becomes: dict[str, bool] = field(default_factory=lambda: dict(NOTHING))
    documents: tuple[str, ...] = ()
    warnings: tuple[Issue, ...] = ()
    carried: tuple[str, ...] = ()
    unaddressed: str = ""
    notice: str = ""

    @property
    def type(self) -> str:
        """Resource type."""
        return self.definition.type

    def row(self, access: Access, moment: datetime, method: str) -> dict[str, Any]:
        """The row, every column; gives the tree its id and meta. Forbidden where the token may not make such a one."""
        version_id = new_version()
        stamp(self.tree, self.id, version_id, moment)
        values = blank(TABLES[self.type])
        values |= extract(self.definition, self.tree, self.resolved.aliases)
        if self.unaddressed:
            values[self.unaddressed] = [*values[self.unaddressed], NAMELESS]
        values |= {
            "record": self.record,
            "id": self.id,
            "version_id": version_id,
            "last_updated": moment,
            "method": method,
            "depositor": access.depositor,
            "depositor_structure": access.structure,
            "secret": access.secret,
            "body": dump(self.tree),
        }
        if not reaches(access, self.type, "c" if method == "POST" else "u", values):
            raise Forbidden("the token's scope does not reach such a resource", reason=BEYOND)
        return values | self.facts


def new_id(record: str) -> str:
    """A new id inside a record, or of the directory for ""."""
    return f"{record}.{new_key()}" if record else new_key()
