from typing import Any

import pytest

from app.resources import ins
from app.resources.ins import DEMO, NIA, NIR, TEST, check_ins
from app.settings import InsKey

RIGHT = ["279035121518989", "180127512345642", "255081416802538", "186022A21532523"]
WRONG = "123456789012345"


def identifier(value: str, system: str = NIR, **more: object) -> dict[str, Any]:
    return {"system": system, "value": value} | more


@pytest.mark.parametrize("value", RIGHT)
def test_right_keys(value: str) -> None:
    assert check_ins([identifier(value)], InsKey.REFUSE) == (f"{NIR}|{value}", ())


@pytest.mark.parametrize(
    "value", [WRONG, RIGHT[0][:13], "2790351215189890", "27903512151898X", "186022B21532523", "x" * 15]
)
@pytest.mark.parametrize(
    ("system", "setting", "severity"),
    [
        (NIR, InsKey.REFUSE, "error"),
        (NIA, InsKey.REFUSE, "error"),
        (NIR, InsKey.WARN, "warning"),
        (TEST, InsKey.REFUSE, "warning"),
        (DEMO, InsKey.REFUSE, "warning"),
    ],
)
def test_wrong_keys(value: str, system: str, setting: InsKey, severity: str) -> None:
    found, issues = check_ins([identifier(value, system)], setting)

    assert found == f"{system}|{value}"
    assert [issue.severity for issue in issues] == [severity]
    assert value not in issues[0].diagnostics


def test_other_identifiers_are_no_ins() -> None:
    others = [
        identifier("1", "urn:oid:1.2.250.1.213.1.4.13"),
        identifier(RIGHT[0], use="old"),
        identifier(RIGHT[0], type={"coding": [{"code": "NH"}]}),
        {"system": NIR},
        {"value": RIGHT[0]},
    ]

    assert check_ins(others, InsKey.REFUSE) == (None, ())


def test_a_nir_stands_before_a_nia() -> None:
    found, issues = check_ins([identifier(RIGHT[1], NIA), identifier(RIGHT[0])], InsKey.REFUSE)

    assert (found, issues) == (f"{NIR}|{RIGHT[0]}", ())


def test_two_of_one_system_are_refused_and_the_same_twice_is_not() -> None:
    assert check_ins([identifier(RIGHT[0]), identifier(RIGHT[0])], InsKey.WARN)[1] == ()
    assert [i.reason for i in check_ins([identifier(v) for v in RIGHT[:2]], InsKey.WARN)[1]] == ["ins-twice"]


def test_corsica() -> None:
    assert ins.key_is_right("186022A21532523")
    assert not ins.key_is_right("186022A21532524")
