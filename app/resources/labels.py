"""Visibility labels of a document (`DocumentReference.securityLabel`) and its other marks.

The visibility label stands first, so that the guides'
`replace /securityLabel/0` means what it says, and `N` (normal confidentiality) last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.resources.guides import IS_ARCHIVED, IS_DELETED
from app.resources.moment import interval

if TYPE_CHECKING:
    from app.resources.definition import Resource

VISIBILITY = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
MASKED = "MASQUE_PS"
ANNOUNCEMENT = "INVISIBLE_PATIENT"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX"
CODES = (MASKED, ANNOUNCEMENT, HIDDEN)
DISPLAYS = {
    MASKED: "Masqué aux professionnels de santé",
    ANNOUNCEMENT: "Non visible par le patient",
    HIDDEN: "Non visible par les représentants légaux du patient",
}

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CONFIDENTIALITY_SYSTEMS = (
    CONFIDENTIALITY,
    "https://mos.esante.gouv.fr/NOS/TRE_A08-HL7Confidentiality/FHIR/TRE-A08-HL7Confidentiality",
)
NORMAL = "N"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
NOPAT = "NOPAT"
"""v3-ActCode's "no disclosure to patient without attending provider's authorization": taken as INVISIBLE_PATIENT."""

ANNOUNCEMENT_END = "/StructureDefinition/announcement-end"
"""Path, under our canonical base, of the extension that holds the end T of an announcement (`valueDateTime`)."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels of a document say; without the end T a document awaiting announcement is not one for long."""

    masked: bool = False
    announcement: bool = False
    hidden_from_representatives: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The visibility codes that hold, in the order in which they are written."""
        flags = (self.masked, self.announcement, self.hidden_from_representatives)
        return tuple(code for code, held in zip(CODES, flags, strict=True) if held)


def _visibility(coding: dict[str, Any]) -> str:
    """Visibility code of a coding, or ""."""
    system, code = coding.get("system"), coding.get("code")
    if system == ACT_CODE and code == NOPAT:
        return ANNOUNCEMENT
    return str(code) if system == VISIBILITY and code in CODES else ""


def _codings(concept: dict[str, Any]) -> list[dict[str, Any]]:
    codings: list[dict[str, Any]] = concept.get("coding") or []
    return codings


def _confidentiality(concept: dict[str, Any]) -> str:
    """Code of a label that says only how confidential the document is, or ""."""
    codings = _codings(concept)
    if len(codings) != 1 or codings[0].get("system") not in CONFIDENTIALITY_SYSTEMS:
        return ""
    return str(codings[0].get("code", ""))


def unknown(tree: Resource) -> tuple[str, ...]:
    """Codes of the visibility system that are none of ours: a wish that we could not honour, so it is refused."""
    labels = tree.get("securityLabel") or []
    found = [str(c.get("code", "")) for label in labels for c in _codings(label) if c.get("system") == VISIBILITY]
    return tuple(code for code in found if code not in CODES)


def read(tree: Resource) -> Labels:
    """The visibility labels of a DocumentReference, wherever they stand."""
    found = {_visibility(coding) for label in tree.get("securityLabel") or [] for coding in _codings(label)}
    return Labels(MASKED in found, ANNOUNCEMENT in found, HIDDEN in found)


def _label(code: str) -> dict[str, Any]:
    return {"coding": [{"system": VISIBILITY, "code": code, "display": DISPLAYS[code]}]}


def write(tree: Resource, labels: Labels) -> None:
    """Make the visibility labels of a tree these: visibility first, then the other labels as they were, `N` last.

    A visibility label that stands alone in its concept is kept as it was sent. Without one, and without another
    confidentiality (`R`, `V`), the document is `N`.
    """
    given = tree.get("securityLabel") or []
    own = {_visibility(_codings(c)[0]): c for c in given if _says(c, VISIBILITY)}
    visibility = [own.get(code) or _label(code) for code in labels.codes]
    others = [c for c in given if not any(map(_visibility, _codings(c))) and _confidentiality(c) != NORMAL]
    normal = [c for c in given if _confidentiality(c) == NORMAL][:1]
    if not normal and not labels.codes and not any(map(_confidentiality, others)):
        normal = [{"coding": [{"system": CONFIDENTIALITY, "code": NORMAL}]}]
    tree["securityLabel"] = visibility + others + normal


def _says(concept: dict[str, Any], system: str) -> bool:
    """Whether a label is one coding of one system."""
    codings = _codings(concept)
    return len(codings) == 1 and codings[0].get("system") == system


def normalise(tree: Resource) -> Labels:
    """Put the labels of a tree in order, `NOPAT` written as INVISIBLE_PATIENT; returns what they say."""
    labels = read(tree)
    write(tree, labels)
    return labels


def announcement_end(tree: Resource, base: str) -> datetime | None:
    """End T of the announcement, or None. `base` is the canonical base of our extensions."""
    url = base + ANNOUNCEMENT_END
    value = next((e.get("valueDateTime") for e in tree.get("extension") or [] if e.get("url") == url), None)
    return interval(value)[0] if isinstance(value, str) else None


def write_announcement_end(tree: Resource, base: str, end: datetime | None) -> None:
    """Set the end T of the announcement, or take it away. Only the server writes it."""
    url = base + ANNOUNCEMENT_END
    others = [e for e in tree.get("extension") or [] if e.get("url") != url]
    if end is not None:
        text = end.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        others.append({"url": url, "valueDateTime": text})
    tree["extension"] = others
    if not others:
        del tree["extension"]


def _flag(tree: Resource, url: str) -> bool:
    return any(e.get("url") == url and e.get("valueBoolean") is True for e in tree.get("extension") or [])


def is_archived(tree: Resource) -> bool:
    """Whether PDSm's extension says that the document (or submission set) is archived."""
    return _flag(tree, IS_ARCHIVED)


def is_deleted(tree: Resource) -> bool:
    """Whether PDSm's deleted extension says that the depositor withdrew the document."""
    return _flag(tree, IS_DELETED)


def is_withdrawn(tree: Resource) -> bool:
    """Whether the depositor withdrew it: `entered-in-error`, or the deleted extension with `superseded`."""
    status = tree.get("status")
    return status == "entered-in-error" or (status == "superseded" and is_deleted(tree))
