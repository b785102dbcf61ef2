from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.access import DOCTOR, PROFESSION_SYSTEM, SPECIALTY_SYSTEM
from app.errors import Invalid
from app.resources import DEFINITIONS, care_team, consent, related_person
from app.resources.consent import Category
from app.resources.definition import Resource
from app.resources.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = "https://carnet.example/fhir"
CATEGORY = f"{BASE}/CodeSystem/record-consent"
RECIPIENT = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
GROUP = {"reference": "#group"}


def actor(**reference: object) -> dict[str, Any]:
    return {"role": RECIPIENT, "reference": reference}


def doctors(**more: object) -> dict[str, Any]:
    role = {"coding": [{"system": PROFESSION_SYSTEM, "code": "10"}]}
    return {"resourceType": "PractitionerRole", "id": "group", "code": [role]} | more


def will(category: str, provision: dict[str, Any] | None = None, /, **more: object) -> Resource:
    tree: Resource = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [
            {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]},
            {"coding": [{"system": CATEGORY, "code": category}]},
        ],
        "patient": {"reference": "Patient/x"},
        "dateTime": "2024-01-01",
        "performer": [{"reference": "Patient/x"}],
        "policy": [{"uri": "https://carnet.example/policy"}],
    } | more
    return tree | ({"provision": provision} if provision is not None else {})


GOOD: dict[str, Resource] = {
    "opening": will("opening"),
    "opening with a type": will("opening", {"type": "permit"}),
    "authorisation": will(
        "authorisation",
        {"type": "permit", "actor": [actor(reference="Practitioner/a")], "period": {"start": "2024", "end": "2024-06"}},
    ),
    "authorisation of a team": will("authorisation", {"type": "permit", "actor": [actor(reference="CareTeam/x.y")]}),
    "authorisation of doctors": will(
        "authorisation", {"type": "permit", "actor": [actor(**GROUP)]}, contained=[doctors()]
    ),
    "authorisation by identifier": will(
        "authorisation",
        {"type": "permit", "actor": [actor(identifier={"system": "https://rpps.esante.gouv.fr", "value": "1"})]},
    ),
    "full access": will("full-access", {"type": "permit", "actor": [actor(reference="Practitioner/a")]}),
    "block": will("block", {"type": "deny", "actor": [actor(reference="Practitioner/a")]}),
    "block of doctors": will("block", {"type": "deny", "actor": [actor(**GROUP)]}, contained=[doctors()]),
    "opposition": will(
        "emergency-opposition", {"type": "deny", "purpose": [{"system": REASON, "code": c} for c in ("BTG", "ETREAT")]}
    ),
    "representation": will("representation", {"type": "permit", "actor": [actor(reference="RelatedPerson/x.y")]}),
}


def issues(tree: Resource) -> list[str]:
    with pytest.raises(Invalid) as caught:
        validate(DEFINITIONS["Consent"], tree, BASE)
    return [expression for issue in caught.value.issues for expression in issue.expression]


@pytest.mark.parametrize("tree", GOOD.values(), ids=GOOD)
def test_every_category_has_its_shape(tree: Resource) -> None:
    validate(DEFINITIONS["Consent"], tree, BASE)

    assert consent.read(tree, BASE).category in Category


def permit(**more: object) -> dict[str, Any]:
    return {"type": "permit", "actor": [actor(reference="Practitioner/a")]} | more


@pytest.mark.parametrize(
    ("tree", "expression"),
    [
        (will("opening", scope={"coding": [{"system": "s", "code": "research"}]}), "Consent.scope"),
        (will("opening", category=[{"text": "opening"}]), "Consent.category"),
        (
            will("opening", category=[{"coding": [{"system": CATEGORY, "code": c} for c in ("opening", "block")]}]),
            "Consent.category",
        ),
        (
            will(
                "opening",
                category=[{"coding": [{"system": "https://x.example/CodeSystem/record-consent", "code": "opening"}]}],
            ),
            "Consent.category",
        ),
        (will("whatever"), "Consent.category"),
        (will("opening", {"type": "deny"}), "Consent.provision.type"),
        (will("opening", {"type": "permit", "period": {"start": "2024"}}), "Consent.provision.period"),
        (will("authorisation"), "Consent.provision"),
        (will("authorisation", {"type": "permit"}), "Consent.provision.actor"),
        (will("authorisation", permit(type="deny")), "Consent.provision.type"),
        (will("authorisation", {"actor": permit()["actor"]}), "Consent.provision.type"),
        (will("authorisation", permit(provision=[{"type": "deny"}])), "Consent.provision.provision"),
        (
            will(
                "authorisation",
                permit(data=[{"meaning": "instance", "reference": {"reference": "DocumentReference/x"}}]),
            ),
            "Consent.provision.data",
        ),
        (will("authorisation", permit(code=[{"text": "x"}])), "Consent.provision.code"),
        (will("authorisation", permit(**{"class": [{"code": "x"}]})), "Consent.provision.class"),
        (will("authorisation", permit(securityLabel=[{"code": "R"}])), "Consent.provision.securityLabel"),
        (will("authorisation", permit(action=[{"text": "x"}])), "Consent.provision.action"),
        (will("authorisation", permit(dataPeriod={"start": "2024"})), "Consent.provision.dataPeriod"),
        (will("authorisation", permit(purpose=[{"system": REASON, "code": "TREAT"}])), "Consent.provision.purpose"),
        (
            will("authorisation", permit(modifierExtension=[{"url": "u", "valueBoolean": True}])),
            "Consent.provision.modifierExtension",
        ),
        (
            will("authorisation", permit(), modifierExtension=[{"url": "u", "valueBoolean": True}]),
            "Consent.modifierExtension",
        ),
        (will("authorisation", permit(), verification=[{"verified": False}]), "Consent.verification"),
        (
            will(
                "authorisation", permit(actor=[{"role": {"text": "x"}, "reference": {"reference": "Practitioner/a"}}])
            ),
            "Consent.provision.actor[0].role",
        ),
        (will("authorisation", permit(actor=[actor(reference="Patient/a")])), "Consent.provision.actor[0].reference"),
        (will("authorisation", permit(actor=[actor(display="Durand")])), "Consent.provision.actor[0].reference"),
        (
            will(
                "authorisation",
                permit(actor=[actor(**GROUP)]),
                contained=[doctors(practitioner={"reference": "Practitioner/a"})],
            ),
            "Consent.provision.actor[0].reference",
        ),
        (
            will(
                "authorisation",
                permit(actor=[actor(**GROUP)]),
                contained=[doctors(specialty=[{"coding": [{"system": SPECIALTY_SYSTEM, "code": "SM54"}]}])],
            ),
            "Consent.provision.actor[0].reference",
        ),
        (
            will("full-access", permit(actor=[actor(reference="Organization/a")])),
            "Consent.provision.actor[0].reference",
        ),
        (
            will("block", permit(type="deny", actor=[actor(reference="Organization/a")])),
            "Consent.provision.actor[0].reference",
        ),
        (will("block", permit()), "Consent.provision.type"),
        (will("emergency-opposition", {"type": "deny"}), "Consent.provision.purpose"),
        (
            will("emergency-opposition", {"type": "deny", "purpose": [{"system": REASON, "code": "TREAT"}]}),
            "Consent.provision.purpose[0]",
        ),
        (
            will(
                "emergency-opposition",
                {"type": "deny", "purpose": [{"system": REASON, "code": "BTG"}], "actor": permit()["actor"]},
            ),
            "Consent.provision.actor",
        ),
        (
            will(
                "representation",
                permit(actor=[actor(reference="RelatedPerson/x.y"), actor(reference="RelatedPerson/x.z")]),
            ),
            "Consent.provision.actor",
        ),
        ({k: v for k, v in will("opening").items() if k != "policy"}, "Consent.policy"),
        ({k: v for k, v in will("opening").items() if k != "performer"}, "Consent.performer"),
        ({k: v for k, v in will("opening").items() if k != "dateTime"}, "Consent.dateTime"),
    ],
)
def test_what_is_not_understood_is_refused(tree: Resource, expression: str) -> None:
    assert expression in issues(tree)


def test_what_an_authorisation_says() -> None:
    rule = consent.read(GOOD["authorisation"], BASE)

    assert (rule.category, rule.active, rule.deny) == (Category.AUTHORISATION, True, False)
    assert [a.reference for a in rule.actors] == [{"reference": "Practitioner/a"}]
    assert rule.starts == datetime(2024, 1, 1, tzinfo=UTC)
    assert rule.ends == datetime(2024, 7, 1, tzinfo=UTC)  # the whole of June counts


def test_what_a_block_of_a_profession_says() -> None:
    rule = consent.read(GOOD["block of doctors"] | {"status": "inactive"}, BASE)

    assert (rule.active, rule.deny, rule.starts, rule.ends) == (False, True, None, None)
    assert [a.group for a in rule.actors] == [DOCTOR]


def test_what_an_opposition_says() -> None:
    assert consent.read(GOOD["opposition"], BASE).purposes == {"BTG", "ETREAT"}


def test_a_specialty_is_a_group() -> None:
    role = {
        "resourceType": "PractitionerRole",
        "id": "group",
        "specialty": [{"coding": [{"system": SPECIALTY_SYSTEM, "code": "SM54"}]}],
    }

    assert consent.group_key(role) == f"specialty|{SPECIALTY_SYSTEM}|SM54"


def team(*participants: dict[str, Any], **more: object) -> Resource:
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": "Patient/x"},
        "participant": list(participants),
    } | more


def participant(member: str, *roles: str, **more: object) -> dict[str, Any]:
    role = [{"coding": [{"system": care_team.PARTICIPATION, "code": code}]} for code in roles]
    return {"member": {"reference": member}} | ({"role": role} if roles else {}) | more


def test_members_are_so_within_both_periods() -> None:
    tree = team(
        participant("Practitioner/a", "PCP", period={"start": "2024-02"}),
        participant("Practitioner/b"),
        period={"start": "2024-01-01", "end": "2024-12-31"},
    )
    validate(DEFINITIONS["CareTeam"], tree, BASE)
    first, second = care_team.members(tree)

    assert care_team.treating(tree) == (first,)
    assert (first.starts, first.ends) == (datetime(2024, 2, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    assert (second.starts, second.treating) == (datetime(2024, 1, 1, tzinfo=UTC), False)


def test_an_inactive_team_has_no_members() -> None:
    assert care_team.members(team(participant("Practitioner/a", "PCP"), status="inactive")) == ()


@pytest.mark.parametrize(
    "tree",
    [
        team(participant("Organization/a", "PCP")),
        team(participant("Practitioner/a", "PCP"), participant("Practitioner/b", "PCP")),
        {k: v for k, v in team(participant("Practitioner/a")).items() if k != "status"},
    ],
)
def test_what_a_team_cannot_be(tree: Resource) -> None:
    with pytest.raises(Invalid):
        validate(DEFINITIONS["CareTeam"], tree, BASE)


ROLE_CODE = "https://mos.esante.gouv.fr/NOS/TRE_R216-HL7RoleCode/FHIR/TRE-R216-HL7RoleCode"


@pytest.mark.parametrize(
    ("system", "code", "parent", "guardian"),
    [
        (ROLE_CODE, "MTH", True, False),
        ("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "FTH", True, False),
        (related_person.PROTECTION, "TUTEUR", False, True),
        (related_person.PROTECTION, "MSVG", False, True),
    ],
)
def test_who_represents(system: str, code: str, parent: bool, guardian: bool) -> None:  # noqa: FBT001 - a table
    tree = {"relationship": [{"coding": [{"system": system, "code": code}]}], "period": {"end": "2024"}}
    found = related_person.representation(tree)

    assert found is not None
    assert (found.parent, found.guardian, found.starts) == (parent, guardian, None)
    assert found.ends == datetime(2025, 1, 1, tzinfo=UTC)
    assert related_person.representation(tree | {"active": False}) is None


@pytest.mark.parametrize(
    ("system", "code"),
    [(related_person.PROTECTION, "CURATEUR"), (ROLE_CODE, "BRO"), (ROLE_CODE, "TUTEUR"), ("http://x.example", "MTH")],
)
def test_who_does_not_represent(system: str, code: str) -> None:
    assert related_person.representation({"relationship": [{"coding": [{"system": system, "code": code}]}]}) is None


def test_no_check_fails_on_what_is_valid_fhir() -> None:
    # a group without codings, an actor without a role's codings, purposes without a code
    odd: list[Callable[[], Resource]] = [
        lambda: will("authorisation", permit(actor=[actor(**GROUP)]), contained=[doctors(code=[{"text": "x"}])]),
        lambda: will("emergency-opposition", {"type": "deny", "purpose": [{"display": "x"}]}),
        lambda: will("authorisation", permit(actor=[actor(reference="#nobody")]), contained=[doctors()]),
    ]
    for make in odd:
        assert issues(make())
