"""The habilitation matrix in force: which profession reads which kind of document (R.1111-46, arrêté of 26 Oct 2023).

The matrix is data, replaceable at run time. A document's kind is the set of its recognised type and class codings,
numbered in `document_kind`. A profession's column is handed to a statement as bits by kind number, so that a verdict
costs one bit test. Type beats class beats any; every recognised coding must permit; no recognised coding, or an unnamed
profession: no.
"""

from __future__ import annotations

import csv
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.errors import Invalid
from app.resources.terminology import is_class_code, is_type_code
from app.storage.statement import Statement
from app.storage.tables import document_kind, matrix_cell, matrix_version

if TYPE_CHECKING:
    from app.storage.statement import Connected, Link

Cells = dict[tuple[str, str], bool]
"""One profession's column: (type, class or any; code or *) → may read."""

COLUMNS = ["profession_system", "profession", "target_kind", "target", "read", "basis", "source"]

VERSION = Statement(select(func.coalesce(func.max(matrix_version.c.version), 0)))
KINDS = Statement(select(document_kind.c.id, document_kind.c.codings))
CELLS = Statement(select(matrix_cell))
NEW_KIND = Statement(upsert(document_kind).values(codings=bindparam("codings")).on_conflict_do_nothing())
NEW_VERSION = Statement(insert(matrix_version))
NEW_CELL = Statement(insert(matrix_cell))
NO_CELLS = Statement(delete(matrix_cell))
NOW = Statement(select(func.carnet.now()))
DIGEST = Statement(select(matrix_version.c.digest).order_by(matrix_version.c.version.desc()).limit(1))


def permits(cells: Cells, codings: str) -> bool:
    """Whether a column permits a kind: `codings` is `type:<code>` and `class:<code>` words, sorted."""
    words = [word.partition(":")[::2] for word in codings.split()]
    types = [code for kind, code in words if kind == "type"]
    classes = [code for kind, code in words if kind == "class"]
    if not words:
        return False
    anything = cells.get(("any", "*"), False)
    by_class = [cells.get(("class", code), anything) for code in classes] or [anything]
    by_type = [cells.get(("type", code)) for code in types] or [None]
    return all(all(by_class) if one is None else one for one in by_type)


class Matrix:
    """The matrix as one worker holds it. `refresh` reads it again when a statement found it stale."""

    def __init__(self) -> None:
        self.version = 0
        self.kinds: dict[str, int] = {}
        self._columns: dict[str, Cells] = {}
        self._bits: dict[str, dict[str, Any]] = {}

    async def refresh(self, link: Link) -> None:
        """Read it again: the version first, so that what is held is never older than it says."""
        version = await VERSION.value(link)
        kinds = {row["codings"]: row["id"] for row in await KINDS.rows(link)}
        columns: dict[str, Cells] = {}
        for cell in await CELLS.rows(link):
            columns.setdefault(cell["profession"], {})[cell["target_kind"], cell["target"]] = cell["read"]
        self.version, self.kinds, self._columns = version, kinds, columns
        self._bits = {}

    def values(self, profession: str) -> dict[str, Any]:
        """Parameters `matrix` (bits, the bit of kind n is bit n mod 8 of byte n div 8), `kinds`, `matrix_version`."""
        known = self._bits.get(profession)
        if known is None:
            known = self._bits[profession] = self._column(profession)
        return known

    @property
    def professions(self) -> frozenset[str]:
        """Keys of the professions that have a column."""
        return frozenset(self._columns)

    def _column(self, profession: str) -> dict[str, Any]:
        cells = self._columns.get(profession, {})
        size = max(self.kinds.values(), default=0) + 1
        bits = bytearray((size + 7) // 8)
        for codings, number in self.kinds.items():
            if permits(cells, codings):
                bits[number >> 3] |= 1 << (number & 7)
        return {"matrix": bytes(bits), "kinds": size, "matrix_version": self.version}

    async def kind(self, link: Connected, codings: str) -> int:
        """Number of a kind, made when it is new: then every worker's matrix is stale. 0 for a kind without codings."""
        if not codings:
            return 0
        if codings not in self.kinds:
            async with link.transaction():
                await _next_version(link, await DIGEST.value(link) or "")
                await NEW_KIND.run(link, codings=codings)
            await self.refresh(link)
        return self.kinds[codings]


async def _next_version(link: Link, digest: str) -> int:
    await link.execute("LOCK TABLE matrix_version IN SHARE ROW EXCLUSIVE MODE")
    number = await VERSION.value(link) + 1
    await NEW_VERSION.run(link, version=number, loaded_at=await NOW.value(link), digest=digest)
    return int(number)


def parse(text: str) -> list[dict[str, Any]]:
    """Cells of a matrix file (CSV, the columns of `COLUMNS`); Invalid says what is wrong, and nothing is loaded."""
    lines = csv.DictReader(text.splitlines())
    _check_head(list(lines.fieldnames or []))
    cells = [_cell(number, line) for number, line in enumerate(lines, start=2)]
    if not cells:
        message = "the matrix has no cell"
        raise Invalid(message)
    seen: set[tuple[str, str, str]] = set()
    for number, cell in enumerate(cells, start=2):
        name = (cell["profession"], cell["target_kind"], cell["target"])
        if name in seen:
            message = f"line {number} of the matrix repeats a cell"
            raise Invalid(message)
        seen.add(name)
    return cells


def _check_head(names: list[str]) -> None:
    """Every column once and none beside: what a column of their own would have said is not to be passed over."""
    faults = {
        "lacks the columns": [name for name in COLUMNS if name not in names],
        "has twice the columns": [name for name in COLUMNS if names.count(name) > 1],
        "has unknown columns beside": COLUMNS if set(names) - set(COLUMNS) else [],
    }
    for fault, columns in faults.items():
        if columns:
            message = f"the matrix {fault} {', '.join(columns)}"
            raise Invalid(message)


def _cell(number: int, line: dict[str, Any]) -> dict[str, Any]:
    """One cell; a line cut short has None, one too long a list under the name None, and no text holds a NUL."""
    words = list(line.values())
    if not all(isinstance(word, str) and "\0" not in word for word in words):
        raise Invalid(f"line {number} of the matrix is not complete")
    if not (line["profession"] and line["profession_system"]):
        raise Invalid(f"line {number} of the matrix names no profession")
    if line["read"] not in {"yes", "no"}:
        raise Invalid(f"line {number} of the matrix says neither yes nor no")
    kind, target = line["target_kind"], line["target"]
    known = {"type": is_type_code, "class": is_class_code, "any": "*".__eq__}.get(kind)
    if known is None or not known(target):
        raise Invalid(f"line {number} of the matrix names an unknown target")
    return {
        "profession": f"profession|{line['profession_system']}|{line['profession']}",
        "target_kind": kind,
        "target": target,
        "read": line["read"] == "yes",
        "basis": line["basis"],
        "source": line["source"],
    }


async def load(link: Connected, text: str) -> int:
    """Replace the matrix in force by that of a file, in one transaction; returns its version."""
    cells = parse(text)
    async with link.transaction():
        number = await _next_version(link, hashlib.sha256(text.encode()).hexdigest())
        await NO_CELLS.run(link)
        for cell in cells:
            await NEW_CELL.run(link, **cell)
    return number


async def seed(link: Connected) -> None:
    """Put the default matrix in force where there is none yet; two servers that start at once put it once."""
    async with link.transaction():
        await link.execute("LOCK TABLE matrix_version IN SHARE ROW EXCLUSIVE MODE")
        if await VERSION.value(link) == 0:
            await load(link, files("app.policy").joinpath("data/habilitation_matrix.csv").read_text("utf-8"))
