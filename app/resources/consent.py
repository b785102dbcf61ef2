"""Consent: the holder's will. Authorisations, blocks, oppositions, and the opening of the record itself.

`check` and `read` follow the wire contract to the letter. A Consent that says something these rules do not know is
refused: a privacy wish silently ignored is worse than an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.errors import Issue
from app.resources.definition import Definition, Parameter, Resource, Scope, Search
from app.resources.moment import bounds
from app.resources.reference import contained, target_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

CATEGORY_SYSTEM = "/CodeSystem/record-consent"
"""Path of our CodeSystem under the canonical base."""
SCOPE = ("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
RECIPIENT = ("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
OPPOSABLE = frozenset({"BTG", "ETREAT"})
"""Purposes that a holder may oppose: break-glass and regulation (L.1111-17 I)."""

GROUP = "PractitionerRole/group"
"""Stands for a contained PractitionerRole that holds only a profession or a specialty."""


class Category(StrEnum):
    """What a Consent is for: the codes of `record-consent`."""

    OPENING = "opening"
    AUTHORISATION = "authorisation"
    FULL_ACCESS = "full-access"
    BLOCK = "block"
    EMERGENCY_OPPOSITION = "emergency-opposition"
    REPRESENTATION = "representation"


@dataclass(frozen=True, slots=True)
class Shape:
    """The provision of a category: its type, the types of its actors (none: no actor), and what else it may say."""

    type: str
    actors: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    single: bool = False


SHAPES = {
    Category.OPENING: Shape("permit"),
    Category.AUTHORISATION: Shape(
        "permit",
        frozenset({"Practitioner", "PractitionerRole", "Organization", "CareTeam", GROUP}),
        frozenset({"actor", "period"}),
    ),
    Category.FULL_ACCESS: Shape("permit", frozenset({"Practitioner"}), frozenset({"actor", "period"})),
    Category.BLOCK: Shape("deny", frozenset({"Practitioner", GROUP}), frozenset({"actor", "period"})),
    Category.EMERGENCY_OPPOSITION: Shape("deny", members=frozenset({"purpose"})),
    Category.REPRESENTATION: Shape("permit", frozenset({"RelatedPerson"}), frozenset({"actor", "period"}), single=True),
}

PLAIN = frozenset({"id", "extension", "type"})
ELEMENTS = """
    resourceType id meta text language contained extension identifier status scope category patient dateTime performer
    organization sourceAttachment sourceReference policy policyRule provision
"""
KNOWN = frozenset(ELEMENTS.split())
ACTOR_MEMBERS = frozenset({"id", "extension", "role", "reference"})
ROLE_MEMBERS = frozenset({"resourceType", "id", "code", "specialty"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Whom a Consent names: a Reference to resolve, or a whole profession or specialty by its key (`app.access`)."""

    reference: dict[str, Any]
    group: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """What a valid Consent says. `starts` and `ends` (first instant after) are None where it is open."""

    category: Category
    active: bool
    deny: bool
    actors: tuple[Actor, ...]
    starts: datetime | None
    ends: datetime | None
    purposes: frozenset[str]


def _codings(concepts: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    found = [coding for concept in concepts for coding in concept.get("coding") or []]
    return [(coding.get("system", ""), coding.get("code", "")) for coding in found]


def categories(tree: Resource, base: str) -> list[str]:
    """Codes of our CodeSystem among the categories."""
    return [code for system, code in _codings(tree.get("category") or []) if system == base + CATEGORY_SYSTEM]


def group_key(role: dict[str, Any]) -> str:
    """Key of the profession or specialty that a contained PractitionerRole holds alone, or "" when it holds more."""
    professions, specialties = _codings(role.get("code") or []), _codings(role.get("specialty") or [])
    if role.get("resourceType") != "PractitionerRole" or role.keys() - ROLE_MEMBERS:
        return ""
    if len(professions) + len(specialties) != 1:
        return ""
    kind, (system, code) = ("profession", professions[0]) if professions else ("specialty", specialties[0])
    return f"{kind}|{system}|{code}" if system and code else ""


def _actor(tree: Resource, reference: dict[str, Any]) -> Actor:
    role = contained(tree, reference)
    return Actor(reference, group_key(role) if role else "")


def read(tree: Resource, base: str) -> ConsentRule:
    """What a Consent says, once `check` found nothing wrong with it."""
    provision = tree.get("provision") or {}
    starts, ends = bounds(provision.get("period"))
    return ConsentRule(
        category=Category(categories(tree, base)[0]),
        active=tree.get("status") == "active",
        deny=provision.get("type") == "deny",
        actors=tuple(_actor(tree, actor["reference"]) for actor in provision.get("actor") or []),
        starts=starts,
        ends=ends,
        purposes=frozenset(purpose.get("code", "") for purpose in provision.get("purpose") or []),
    )


def _refuse(path: str, message: str) -> Issue:
    return Issue("business-rule", message, reason="consent-not-understood", expression=(f"Consent{path}",))


def check(tree: Resource, base: str) -> Iterator[Issue]:
    """Everything in a Consent that is not as the wire contract says."""
    for name in sorted(name for name in tree.keys() - KNOWN if name.lstrip("_") not in KNOWN):
        yield _refuse(f".{name}", f"`{name}` is not understood in a Consent of a record")
    if SCOPE not in _codings([tree.get("scope") or {}]):
        yield _refuse(".scope", "the scope must be `patient-privacy`")
    for name in ("performer", "dateTime"):
        if name not in tree:
            yield _refuse(f".{name}", f"`{name}` says who expressed the consent and when: it must be there")
    if "policyRule" not in tree and not any("uri" in policy for policy in tree.get("policy") or []):
        yield _refuse(".policy", "either policy.uri or policyRule must be there (ppc-1)")
    yield from _check_category(tree, base)


def _check_category(tree: Resource, base: str) -> Iterator[Issue]:
    codes = categories(tree, base)
    if len(codes) != 1:
        yield _refuse(".category", f"exactly one category must be of `{base}{CATEGORY_SYSTEM}`")
    elif codes[0] not in set(Category):
        known = ", ".join(Category)
        yield Issue("code-invalid", f"the category is not one of: {known}", expression=("Consent.category",))
    else:
        yield from _check_provision(tree, Category(codes[0]))


def _check_provision(tree: Resource, category: Category) -> Iterator[Issue]:
    shape, provision = SHAPES[category], tree.get("provision")
    if provision is None:
        if category is not Category.OPENING:
            yield _refuse(".provision", f"a Consent of category `{category}` needs a provision")
        return
    if provision.get("type") != shape.type:
        yield _refuse(".provision.type", f"the type must be `{shape.type}` in category `{category}`")
    for name in sorted(provision.keys() - PLAIN - shape.members):
        yield _refuse(f".provision.{name}", f"`{name}` is not understood in category `{category}`")
    if "purpose" in shape.members:
        yield from _check_purposes(provision)
    if shape.actors:
        yield from _check_actors(tree, shape)


def _check_purposes(provision: dict[str, Any]) -> Iterator[Issue]:
    purposes = provision.get("purpose") or []
    if not purposes:
        yield _refuse(".provision.purpose", "an opposition names what it opposes: `BTG`, `ETREAT` or both")
    for index, purpose in enumerate(purposes):
        if purpose.get("system") != ACT_REASON or purpose.get("code") not in OPPOSABLE:
            yield _refuse(f".provision.purpose[{index}]", "only `BTG` and `ETREAT` of v3-ActReason can be opposed")


def _check_actors(tree: Resource, shape: Shape) -> Iterator[Issue]:
    actors = tree["provision"].get("actor") or []
    if not actors or (shape.single and len(actors) > 1):
        yield _refuse(".provision.actor", "exactly one actor is needed" if shape.single else "an actor is needed")
    for index, actor in enumerate(actors):
        path = f".provision.actor[{index}]"
        if RECIPIENT not in _codings([actor.get("role") or {}]) or actor.keys() - ACTOR_MEMBERS:
            yield _refuse(f"{path}.role", "an actor has a reference and the role `IRCP` of v3-ParticipationType")
        if not _is_named(tree, actor.get("reference") or {}, shape.actors):
            names = ", ".join(sorted(shape.actors - {GROUP}))
            more = ", or a contained PractitionerRole that holds only one profession or specialty"
            message = f"the actor must be one of: {names}{more if GROUP in shape.actors else ''}"
            yield _refuse(f"{path}.reference", message)


def _is_named(tree: Resource, reference: dict[str, Any], allowed: frozenset[str]) -> bool:
    """Whether an actor is of an allowed type; what only resolving tells (`urn:uuid:…`) passes here."""
    if str(reference.get("reference") or "").startswith("#"):
        role = contained(tree, reference)
        return GROUP in allowed and role is not None and group_key(role) != ""
    if "reference" not in reference and "identifier" not in reference:
        return False
    kind = target_type(reference)
    return kind in allowed or not kind


CONSENT = Definition(
    type="Consent",
    scope=Scope.RECORD,
    compartment="patient",
    parameters=(
        Parameter("action", Search.TOKEN, "provision.action"),
        Parameter(
            "actor",
            Search.REFERENCE,
            "provision.actor.reference",
            targets=(
                "Practitioner",
                "Group",
                "Organization",
                "CareTeam",
                "Device",
                "Patient",
                "PractitionerRole",
                "RelatedPerson",
            ),
        ),
        Parameter("category", Search.TOKEN, "category"),
        Parameter(
            "consentor",
            Search.REFERENCE,
            "performer",
            targets=("Practitioner", "Organization", "Patient", "PractitionerRole", "RelatedPerson"),
        ),
        Parameter("data", Search.REFERENCE, "provision.data.reference"),
        Parameter("date", Search.DATE, "dateTime"),
        Parameter("identifier", Search.TOKEN, "identifier"),
        Parameter("organization", Search.REFERENCE, "organization", targets=("Organization",)),
        Parameter("patient", Search.REFERENCE, "patient", targets=("Patient",)),
        Parameter("period", Search.DATE, "provision.period"),
        Parameter("purpose", Search.TOKEN, "provision.purpose"),
        Parameter("scope", Search.TOKEN, "scope"),
        Parameter("security-label", Search.TOKEN, "provision.securityLabel"),
        Parameter(
            "source-reference",
            Search.REFERENCE,
            "sourceReference",
            targets=("Consent", "Contract", "QuestionnaireResponse", "DocumentReference"),
        ),
        Parameter("status", Search.TOKEN, "status", system="http://hl7.org/fhir/consent-state-codes"),
    ),
    check=check,
    filtered=("sourceReference",),
)
