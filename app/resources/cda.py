"""The header of a CDA R2 document: everything before its body, as a light tree.

expat reads it, as it reads our XML (decision 8): it fetches nothing, and a DOCTYPE ends the reading where it begins,
so that no entity is ever declared. The body is only looked at for whether it is XML to the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError, ParserCreate

from app.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = "urn:hl7-org:v3"
ROOT = f"{NAMESPACE} ClinicalDocument"
BODY = f"{NAMESPACE} component"
TYPE_ID = ("2.16.840.1.113883.1.3", "POCD_HD000040")
"""Root and extension of `typeId`, the same in every CDA R2 (CDA R2 section 4.1.2)."""
DEEPEST = 64
MOST_PARTS = 20_000
"""Elements of a header; real ones have some hundreds."""


@dataclass(slots=True)
class Part:
    """One element of CDA's namespace: its local name, its attributes, what is in it."""

    name: str
    attributes: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    """in pieces: a text that grows by each of them would be copied as often"""

    def all(self, path: str) -> Iterator[Part]:
        """Every element at a path of local names, `/` between them, in the order of the document."""
        name, _, rest = path.partition("/")
        for part in self.parts:
            if part.name == name:
                yield from part.all(rest) if rest else (part,)

    def first(self, path: str) -> Part | None:
        """The first element at a path."""
        return next(self.all(path), None)

    def get(self, path: str, name: str) -> str:
        """An attribute of the first element at a path, or ""."""
        found = self.first(path)
        return found.attributes.get(name, "").strip() if found else ""

    def said(self, path: str = "") -> str:
        """The text of the first element at a path (of this one for ""), white space put in order, or ""."""
        found = self.first(path) if path else self
        return " ".join("".join(found.text).split()) if found else ""


def no_cda(message: str, path: str = "") -> Invalid:
    """The one refusal of a content that is not a CDA, or says too little (ITI TF-3 table 4.2.4.1-2)."""
    return Invalid(message, reason="InvalidDocumentContent", expression=(path,) if path else ())


def header(content: bytes) -> Part:
    """The root element with all that stands before the body; `Invalid` for what is no CDA R2."""
    found = _Reader().read(content)
    if (found.get("typeId", "root"), found.get("typeId", "extension")) != TYPE_ID:
        raise no_cda("the content is no CDA R2: its `typeId` is not that of one")
    return found


class _Reader:
    """Builds the tree of a header."""

    def __init__(self) -> None:
        self._parser = ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[Part] = []
        self._root: Part | None = None
        self._met = 0

    def read(self, content: bytes) -> Part:
        try:
            self._parser.Parse(content, True)  # noqa: FBT003 - the last chunk, says expat
        except (ExpatError, ValueError, LookupError):
            raise no_cda("the content is not XML") from None
        if self._root is None:
            raise no_cda("the content is not XML")
        return self._root

    def _doctype(self, *_: object) -> None:
        raise no_cda("a CDA has no DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._met += 1
        if self._met > MOST_PARTS or len(self._open) >= DEEPEST:
            raise no_cda("the header of the document is too large")
        if self._root is None and name != ROOT:
            raise no_cda("the content is no CDA: its root is not `ClinicalDocument`")
        if name == BODY and len(self._open) == 1:
            self._close()
            return
        space, _, local = name.rpartition(" ")
        part = Part(local if space == NAMESPACE else name, attributes)
        if self._open:
            self._open[-1].parts.append(part)
        else:
            self._root = part
        self._open.append(part)

    def _close(self) -> None:
        """The header ends: from here on only expat looks."""
        self._parser.StartElementHandler = None
        self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None

    def _end(self, _: str) -> None:
        self._open.pop()

    def _data(self, text: str) -> None:
        self._open[-1].text.append(text)
