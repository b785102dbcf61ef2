"""CareTeam: who cares for the holder, the treating physician among them.

Being a member gives no access: an authorisation that names the team does. The treating physician is the participant
with the role `PCP`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.errors import Issue
from app.resources.definition import Definition, Parameter, Resource, Scope, Search
from app.resources.moment import bounds
from app.resources.reference import target_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PARTICIPATION = (
    "https://mos.esante.gouv.fr/NOS/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction"
)
TREATING = "PCP"
PROFESSIONALS = frozenset({"Practitioner", "PractitionerRole", ""})
"""Types that the treating physician may be; "" is a reference that only resolving tells."""


@dataclass(frozen=True, slots=True)
class Member:
    """One participant: a Reference to resolve, and from when until when (first instant after) he is one."""

    reference: dict[str, Any]
    starts: datetime | None
    ends: datetime | None
    treating: bool


def _is_treating(participant: dict[str, Any]) -> bool:
    codings = [coding for role in participant.get("role") or [] for coding in role.get("coding") or []]
    return any(coding.get("system") == PARTICIPATION and coding.get("code") == TREATING for coding in codings)


def _member(team: Resource, participant: dict[str, Any]) -> Member:
    """Within the period of the team and his own."""
    starts, ends = zip(bounds(team.get("period")), bounds(participant.get("period")), strict=True)
    return Member(
        participant["member"],
        max((start for start in starts if start), default=None),
        min((end for end in ends if end), default=None),
        _is_treating(participant),
    )


def members(tree: Resource) -> tuple[Member, ...]:
    """Members of an active team, past and future ones too: their periods say when. Nobody, when it is not active."""
    if tree.get("status") != "active":
        return ()
    return tuple(_member(tree, p) for p in tree.get("participant") or [] if "member" in p)


def treating(tree: Resource) -> tuple[Member, ...]:
    """The participants who are declared treating physician."""
    return tuple(member for member in members(tree) if member.treating)


def check(tree: Resource, _base: str) -> Iterator[Issue]:
    """A team says whether it is active; a treating physician is one professional."""
    if "status" not in tree:
        yield Issue("business-rule", "a care team says whether it is active", expression=("CareTeam.status",))
    found = [(i, p) for i, p in enumerate(tree.get("participant") or []) if _is_treating(p)]
    if len(found) > 1:
        message = "a care team has one treating physician"
        yield Issue("business-rule", message, "treating-physician", ("CareTeam.participant",))
    for index, participant in found:
        if target_type(participant.get("member") or {}) not in PROFESSIONALS or "member" not in participant:
            message = "the treating physician is a Practitioner or a PractitionerRole"
            path = f"CareTeam.participant[{index}].member"
            yield Issue("business-rule", message, "treating-physician", (path,))


CARE_TEAM = Definition(
    type="CareTeam",
    scope=Scope.RECORD,
    compartment="subject",
    parameters=(
        Parameter("category", Search.TOKEN, "category"),
        Parameter("date", Search.DATE, "period"),
        Parameter("encounter", Search.REFERENCE, "encounter", targets=("Encounter",)),
        Parameter("identifier", Search.TOKEN, "identifier"),
        Parameter(
            "participant",
            Search.REFERENCE,
            "participant.member",
            targets=("Practitioner", "Organization", "CareTeam", "Patient", "PractitionerRole", "RelatedPerson"),
        ),
        Parameter("patient", Search.REFERENCE, "subject", targets=("Patient",)),
        Parameter("status", Search.TOKEN, "status", system="http://hl7.org/fhir/care-team-status"),
        Parameter("subject", Search.REFERENCE, "subject", targets=("Group", "Patient")),
    ),
    check=check,
)
