"""Our own profiles and extensions, made from what the types say of themselves; published as StructureDefinitions too.

Names are paths under the canonical base of a server, `StructureDefinition/<name>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from app.resources import consent, labels
from app.resources.consent import CATEGORY_SYSTEM, SHAPES, Category

Rule = dict[str, Any]
Rules = dict[str, Rule]

PLACE = "/StructureDefinition/"
FORBIDDEN: Rule = {"max": 0}
NEEDED: Rule = {"min": 1}
OTHERS = ("action", "class", "code", "data", "dataPeriod", "provision", "securityLabel")
"""Members of a provision that no category knows."""
VISIBILITY_SET = "/ValueSet/document-visibility"
"""Path of the value set of the labels that decide who sees a document."""
EMERGENCY_SET = "/ValueSet/emergency-purpose"
"""Path of the value set of the purposes that a holder may oppose."""


@dataclass(frozen=True, slots=True)
class Own:
    """One of ours: its type, what it is for, and its rules by element (`app.resources.profiles.declared`)."""

    type: str
    title: str
    description: str
    rules: Rules


def own(base: str) -> dict[str, Own]:
    """Every profile and extension of ours, by name."""
    found = {"announcement-end": _announcement_end(base), "document": _document()}
    return found | {f"consent-{category}": _consent(category, base) for category in Category}


@cache
def _by_url(base: str) -> dict[str, Own]:
    return {f"{base}{PLACE}{name}": one for name, one in own(base).items()}


def rules(url: str, base: str) -> tuple[str, Rules] | None:
    """Type and rules of one of ours; None for a canonical that is not."""
    one = _by_url(base).get(url)
    return (one.type, one.rules) if one else None


def _announcement_end(base: str) -> Own:
    return Own(
        "Extension",
        "End of an announcement",
        "Instant from which a document that awaits its announcement shows itself to the holder; the server writes it.",
        {
            "extension": FORBIDDEN,
            "url": {"fixed": base + labels.ANNOUNCEMENT_END},
            "value[x]": {"min": 1, "types": ["dateTime"]},
        },
    )


def _document() -> Own:
    return Own(
        "DocumentReference",
        "Document of the record",
        "What every deposit needs: whose it is, and one content of a known media type, as data or at a url.",
        {
            "subject": {"min": 1, "to": ["Patient"]},
            "securityLabel": {"set": VISIBILITY_SET},
            "content.attachment": NEEDED,
            "content.attachment.contentType": NEEDED,
        },
    )


def _consent(category: Category, base: str) -> Own:
    shape = SHAPES[category]
    scope, recipient = ({"coding": [{"system": s, "code": c}]} for s, c in (consent.SCOPE, consent.RECIPIENT))
    found: Rules = dict.fromkeys(("modifierExtension", "verification"), FORBIDDEN)
    found |= {
        "scope": {"pattern": scope},
        "category": {"min": 1, "by": ["pattern $this"]},
        "category:kind": {
            "min": 1,
            "max": 1,
            "pattern": {"coding": [{"system": base + CATEGORY_SYSTEM, "code": category.value}]},
        },
        "patient": NEEDED,
        "dateTime": NEEDED,
        "performer": NEEDED,
        "provision": {} if category is Category.OPENING else NEEDED,
        "provision.type": {"min": 1, "pattern": shape.type},
    }
    for name in ("actor", "period", "purpose"):
        if name not in shape.members:
            found[f"provision.{name}"] = FORBIDDEN
    if shape.actors:
        types = sorted({one.partition("/")[0] for one in shape.actors})
        found["provision.actor"] = {"min": 1, "max": 1} if shape.single else NEEDED
        found |= {"provision.actor.role": {"pattern": recipient}, "provision.actor.reference": {"to": types}}
    if "purpose" in shape.members:
        codes = [f"{consent.ACT_REASON}|{code}" for code in sorted(consent.OPPOSABLE)]
        found["provision.purpose"] = {"min": 1, "among": codes, "set": EMERGENCY_SET}
    found |= {f"provision.{name}": FORBIDDEN for name in OTHERS}
    return Own("Consent", TITLES[category], DESCRIPTIONS[category], {k: v for k, v in found.items() if v})


TITLES = {
    Category.OPENING: "Opening of the record",
    Category.AUTHORISATION: "Authorisation",
    Category.FULL_ACCESS: "Full access",
    Category.BLOCK: "Block",
    Category.EMERGENCY_OPPOSITION: "Opposition to emergency access",
    Category.REPRESENTATION: "Representation",
}
DESCRIPTIONS = {
    Category.OPENING: "The record is open while this is active, and closed when it is inactive.",
    Category.AUTHORISATION: "The holder's permission to a professional, a structure, a care team, a profession or a "
    "specialty, usually with an end.",
    Category.FULL_ACCESS: "The reading right of a treating physician, given to a professional whom the holder chooses.",
    Category.BLOCK: "The holder's refusal of a professional, or of a whole profession or specialty.",
    Category.EMERGENCY_OPPOSITION: "The holder's prior refusal of break-glass, of regulation, or of both.",
    Category.REPRESENTATION: "A RelatedPerson represents the holder.",
}
