"""What a caller is, from the claims of a token; every doubt is a refusal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import DOCTOR, FINESS, IDNPS, PHARMACIST, PROFESSION_SYSTEM, RPPS, SPECIALTY_SYSTEM, Access, Kind
from app.auth import mint
from app.auth.claims import ACT_REASON, access_from_claims
from app.errors import Unauthenticated

RECORD = "abcdefghij2345672345"
IDNAT = "899700218896"
BASE = "https://carnet.example/fhir"
JTI = {"jti": "j1"}
DOCTOR_CODING = {"system": PROFESSION_SYSTEM, "code": "10"}
SPECIALTY_CODING = {"system": SPECIALTY_SYSTEM, "code": "SM54"}
CALLERS: dict[str, dict[str, Any]] = {
    "professional": mint.professional(IDNAT, specialty="SM54", structure="1750000001", purpose="ETREAT", name="Dr A"),
    "occupational-physician": mint.occupational_physician(IDNAT),
    "holder": mint.holder(RECORD),
    "representative": mint.representative(f"{RECORD}.r1", RECORD),
    "desk": mint.desk("1750000001"),
    "insurer": mint.insurer("1750000002"),
    "software": mint.software("gateway", "1750000001"),
}


def access(claims: dict[str, Any], **changes: object) -> Access:
    return access_from_claims(JTI | claims | changes, BASE)


def person(**changes: object) -> dict[str, Any]:
    iua = {"person_id": IDNAT, "subject_role": [DOCTOR_CODING]} | changes
    return CALLERS["professional"] | {"extensions": {"ihe_iua": iua}}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.OPERATOR])
def test_every_kind_of_caller_can_be_minted(kind: Kind) -> None:
    assert access(CALLERS[kind]).kind is kind


def test_a_professional() -> None:
    claims = mint.professional(
        IDNAT, specialty="SM54", structure="1750000001", purpose="ETREAT", regulator=True, secret=True, name="Dr  Ann A"
    )
    assert access(claims) == Access(
        kind=Kind.PROFESSIONAL,
        subject=f"person|{IDNAT}",
        name="Dr Ann A",
        structure="structure|1750000001",
        profession=DOCTOR,
        specialty=f"specialty|{SPECIALTY_SYSTEM}|SM54",
        purpose="ETREAT",
        regulator=True,
        secret=True,
        acr="eidas1",
        client="carnet-token",
        jti="j1",
        scopes=frozenset(f"*.{letter}" for letter in "cruds"),
    )


def test_a_holder_and_his_representative_are_held_to_one_record() -> None:
    holder, related = access(CALLERS["holder"]), access(CALLERS["representative"])
    assert (holder.subject, holder.record, holder.purpose) == (f"holder|{RECORD}", RECORD, "PATRQT")
    assert (related.subject, related.record, related.purpose) == (f"related|{RECORD}.r1", RECORD, "FAMRQT")
    assert holder.allows("Consent", "c")


def test_callers_without_a_person() -> None:
    desk, insurer, software = (access(CALLERS[kind]) for kind in ("desk", "insurer", "software"))
    assert (desk.subject, desk.structure) == ("structure|1750000001", "structure|1750000001")
    assert (insurer.subject, insurer.depositor) == ("structure|1750000002", "structure|1750000002")
    assert (software.subject, software.depositor) == ("software|gateway", "structure|1750000001")
    assert access(mint.software("gateway")).depositor == "software|gateway"


def test_minted_codings_may_name_their_system() -> None:
    claims = mint.professional(IDNAT, profession="https://example.org/roles|93")
    assert access(claims).profession == "profession|https://example.org/roles|93"
    assert access(mint.professional(IDNAT, profession="21")).profession == PHARMACIST


@pytest.mark.parametrize("spelling", [IDNAT, f"{IDNPS}|{IDNAT}", f"{RPPS}|99700218896"])
def test_one_person_in_every_spelling(spelling: str) -> None:
    assert access(person(person_id=spelling)).subject == f"person|{IDNAT}"


@pytest.mark.parametrize("spelling", ["1750000001", f"{FINESS}|750000001"])
def test_one_structure_in_every_spelling(spelling: str) -> None:
    assert access(person(subject_organization_id=spelling)).structure == "structure|1750000001"
    assert access(mint.desk(spelling)).subject == "structure|1750000001"


@pytest.mark.parametrize("prefix", ["", f"{BASE}/"])
def test_fhir_user_may_be_absolute_below_the_base(prefix: str) -> None:
    claims = CALLERS["representative"]
    assert access(claims, fhirUser=f"{prefix}RelatedPerson/{RECORD}.r1").subject == f"related|{RECORD}.r1"


@pytest.mark.parametrize("kind", ["holder", "representative", "desk", "insurer", "software", "occupational-physician"])
def test_only_a_professional_is_a_regulator(kind: str) -> None:
    assert not access(CALLERS[kind], regulator=True).regulator


@pytest.mark.parametrize("kind", ["holder", "representative", "desk", "insurer", "software"])
def test_only_professionals_have_a_profession(kind: str) -> None:
    claims = CALLERS[kind]
    iua = claims.get("extensions", {}).get("ihe_iua", {}) | {"subject_role": [DOCTOR_CODING, SPECIALTY_CODING]}
    caller = access(claims, extensions={"ihe_iua": iua})
    assert (caller.profession, caller.specialty) == ("", "")


@pytest.mark.parametrize("kind", ["holder", "representative"])
def test_a_holder_acts_for_no_structure(kind: str) -> None:
    caller = access(CALLERS[kind], extensions={"ihe_iua": {"subject_organization_id": "1750000001"}})
    assert caller.groups == ()


def test_without_scope_nothing_is_allowed() -> None:
    assert access(CALLERS["professional"], scope=None).scopes == frozenset()


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("professional", {"kind": None}),
        ("professional", {"kind": ""}),
        ("professional", {"kind": "Professional"}),
        ("professional", {"kind": "operator"}),
        ("professional", {"kind": "administrator"}),
        ("professional", {"kind": ["professional"]}),
        ("professional", {"sub": None}),
        ("professional", {"sub": 1}),
        ("professional", {"jti": None}),
        ("professional", {"jti": "a b"}),
        ("professional", {"extensions": None}),
        ("professional", {"extensions": []}),
        ("professional", {"extensions": {"ihe_iua": "x"}}),
        ("professional", {"regulator": "true"}),
        ("professional", {"regulator": 1}),
        ("professional", {"secret": "false"}),
        ("professional", {"scope": ["user/*.r"]}),
        ("professional", {"patient": "../Patient/x"}),
        ("professional", {"client_id": "a\u0000b"}),
        ("holder", {"patient": None}),
        ("holder", {"patient": f"Patient/{RECORD}"}),
        ("holder", {"fhirUser": "Patient/another"}),
        ("holder", {"fhirUser": f"https://elsewhere.example/fhir/Patient/{RECORD}"}),
        ("representative", {"patient": None}),
        ("representative", {"fhirUser": None}),
        ("representative", {"fhirUser": f"Patient/{RECORD}"}),
        ("representative", {"fhirUser": "RelatedPerson/a/b"}),
        ("representative", {"fhirUser": "https://elsewhere.example/fhir/RelatedPerson/r1"}),
        ("desk", {"extensions": None}),
        ("insurer", {"extensions": {"ihe_iua": {}}}),
        ("software", {"client_id": None}),
    ],
)
def test_a_doubtful_claim_is_refused(kind: str, change: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        access(CALLERS[kind], **change)


@pytest.mark.parametrize(
    "change",
    [
        {"person_id": None},
        {"person_id": int(IDNAT)},
        {"person_id": f"{IDNAT}|"},
        {"person_id": f"|{IDNAT}"},
        {"person_id": f"a|b|{IDNAT}"},
        {"person_id": f"{IDNAT} "},
        {"person_id": f"{IDNAT}\n"},
        {"subject_organization_id": "a|b|c"},
        {"subject_organization_id": ["1750000001"]},
        {"subject_role": None},
        {"subject_role": []},
        {"subject_role": DOCTOR_CODING},
        {"subject_role": [SPECIALTY_CODING]},
        {"subject_role": [DOCTOR_CODING, DOCTOR_CODING]},
        {"subject_role": [DOCTOR_CODING, {"system": PROFESSION_SYSTEM, "code": "21"}]},
        {"subject_role": [DOCTOR_CODING, {"system": "https://example.org", "code": "1"}]},
        {"subject_role": [DOCTOR_CODING, SPECIALTY_CODING, SPECIALTY_CODING]},
        {"subject_role": [{"code": "10"}]},
        {"subject_role": [{"system": PROFESSION_SYSTEM, "code": 10}]},
        {"subject_role": [{"system": f"{PROFESSION_SYSTEM}|10", "code": "x"}]},
        {"subject_role": ["10"]},
        {"purpose_of_use": {"system": ACT_REASON, "code": "TREAT"}},
        {"purpose_of_use": [{"system": ACT_REASON, "code": "TREAT"}, {"system": ACT_REASON, "code": "ETREAT"}]},
        {"purpose_of_use": [{"system": "https://example.org", "code": "ETREAT"}]},
        {"purpose_of_use": [{"system": ACT_REASON, "code": "etreat"}]},
        {"subject_name": "A\u0000B"},
        {"subject_name": "A" * 300},
        {"subject_name": 7},
    ],
)
def test_a_doubtful_person_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        access(person(**change))


def test_a_refusal_says_which_claim_and_never_its_value() -> None:
    with pytest.raises(Unauthenticated) as refusal:
        access(CALLERS["holder"], patient='secret"value')
    challenge = refusal.value.headers["WWW-Authenticate"]
    assert challenge == (
        'Bearer realm="carnet", error="invalid_token", error_description="claim `patient` is not a FHIR id"'
    )


LEAF = st.sampled_from(
    [None, True, 0, -1, 1e308, "", " ", "TREAT", "10", IDNAT, BASE, "a|b", "\0", "é", "a" * 300, RECORD]
)
CODING = st.fixed_dictionaries({}, optional={"system": LEAF | st.just(ACT_REASON), "code": LEAF})
JSON = (
    LEAF | st.text(max_size=8) | CODING | st.lists(LEAF | CODING, max_size=3) | st.fixed_dictionaries({"ihe_iua": LEAF})
)
CLAIMS = ["kind", "sub", "jti", "acr", "client_id", "scope", "patient", "fhirUser", "regulator", "secret", "extensions"]
PERSON = ["person_id", "subject_name", "subject_role", "subject_organization_id", "purpose_of_use"]


@given(
    st.sampled_from(sorted(CALLERS)),
    st.dictionaries(st.sampled_from(CLAIMS), JSON, max_size=3),
    st.dictionaries(st.sampled_from(PERSON), JSON, max_size=3),
)
def test_any_claims_make_a_sound_caller_or_none(kind: str, top: dict[str, Any], inner: dict[str, Any]) -> None:
    claims = CALLERS[kind]
    iua = claims.get("extensions", {}).get("ihe_iua", {}) | inner
    try:
        caller = access(claims | {"extensions": {"ihe_iua": iua}} | top)
    except Unauthenticated:
        return
    keys = [caller.subject, caller.structure, caller.profession, caller.specialty, caller.record, caller.jti]
    words = [*keys, caller.purpose, caller.acr, caller.client, caller.fhir_user]
    assert all(value.isprintable() and " " not in value for value in words)
    assert caller.name.isprintable()
    assert caller.subject.partition("|")[2]
    assert bool(caller.profession) == (caller.kind in {Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN})
