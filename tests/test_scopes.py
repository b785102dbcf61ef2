import pytest

from app.access import Access, Kind
from app.auth.scopes import granted

RECORD = "abcdefghij2345672345"
PERSONS = [Kind.HOLDER, Kind.REPRESENTATIVE, Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN, Kind.DESK]


@pytest.mark.parametrize(
    ("scope", "letters"),
    [
        ("user/DocumentReference.cruds", "cruds"),
        ("user/DocumentReference.rs", "rs"),
        ("user/DocumentReference.c", "c"),
        ("user/DocumentReference.read", "rs"),
        ("user/DocumentReference.write", "cud"),
        ("user/DocumentReference.*", "cruds"),
    ],
)
def test_both_spellings_grant_their_letters(scope: str, letters: str) -> None:
    assert granted(scope, Kind.PROFESSIONAL, "") == {f"DocumentReference.{letter}" for letter in letters}


@pytest.mark.parametrize(
    "scope",
    [
        "",
        " ",
        "openid fhirUser offline_access launch/patient",
        "user/DocumentReference.dus r",
        "user/DocumentReference.sr",
        "user/DocumentReference.rr",
        "user/DocumentReference.",
        "user/DocumentReference",
        "user/DocumentReference.reads",
        "user/DocumentReference.R",
        "user/documentreference.r",
        "user/Document*.r",
        "user/*.r\n",
        "USER/*.r",
        "user//*.r",
        "admin/*.cruds",
        "user/*.cruds,patient/*.cruds",
        "user/*.\N{KELVIN SIGN}",
    ],
)
def test_what_is_not_understood_grants_nothing(scope: str) -> None:
    assert granted(scope, Kind.PROFESSIONAL, RECORD) == frozenset()


@pytest.mark.parametrize("scope", ["user/DocumentReference.rs?type=60591-5", "user/*.cruds?", "user/*.read?_id=1"])
def test_a_restricted_scope_grants_nothing_and_takes_nothing_away(scope: str) -> None:
    assert granted(scope, Kind.PROFESSIONAL, "") == frozenset()
    assert granted(f"{scope} user/List.r", Kind.PROFESSIONAL, "") == {"List.r"}


@pytest.mark.parametrize("kind", PERSONS)
def test_a_person_has_user_scopes_and_patient_scopes_with_a_record(kind: Kind) -> None:
    assert granted("user/List.r", kind, "") == {"List.r"}
    assert granted("patient/List.r", kind, RECORD) == {"List.r"}
    assert granted("patient/List.r system/Task.r", kind, "") == frozenset()


@pytest.mark.parametrize("kind", [Kind.SOFTWARE, Kind.INSURER])
def test_software_has_only_system_scopes(kind: Kind) -> None:
    assert granted("user/List.r patient/List.r system/Task.c", kind, RECORD) == {"Task.c"}


def test_scopes_add_up_to_what_access_allows() -> None:
    scopes = granted("user/*.r user/List.cu nonsense", Kind.PROFESSIONAL, "")
    access = Access(Kind.PROFESSIONAL, "person|899700218896", scopes=scopes)
    assert access.allows("Consent", "r")
    assert access.allows("List", "u")
    assert not access.allows("Consent", "u")
    assert not access.allows("List", "d")


def test_the_operator_has_no_scopes() -> None:
    assert granted("user/*.cruds patient/*.cruds system/*.cruds", Kind.OPERATOR, RECORD) == frozenset()
