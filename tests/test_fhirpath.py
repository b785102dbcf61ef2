"""The FHIRPath of patches: what it finds, what it refuses by name, and that it always ends."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BadValue, Refusal, TooCostly, Unsupported
from app.resources.fhirpath import Evaluation, Steps, parse

if TYPE_CHECKING:
    from tests.serving import Tree

PATIENT: Tree = {
    "resourceType": "Patient",
    "id": "a",
    "extension": [{"url": "urn:x", "valueString": "one"}, {"url": "urn:y", "valueBoolean": True}],
    "identifier": [{"system": "s", "value": "1", "use": "official"}, {"system": "s", "value": "2"}],
    "active": True,
    "name": [
        {"family": "Pat-Trois", "given": ["Dominique", "Alex"], "_given": [None, {"id": "g"}]},
        {"text": "it's `x`"},
    ],
    "birthDate": "1979-03-05",
    "_birthDate": {"extension": [{"url": "urn:t", "valueDateTime": "1979-03-05T10:00:00+01:00"}]},
    "deceasedBoolean": False,
    "multipleBirthInteger": 2,
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Org"}],
}


def found(expression: str, tree: Tree = PATIENT) -> list[Any]:
    """Values of the items of an expression."""
    return [one.value for one in Evaluation(tree, Steps()).of(parse(expression))]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Patient.birthDate", ["1979-03-05"]),
        ("birthDate", ["1979-03-05"]),
        ("%resource.active", [True]),
        ("$this.active", [True]),
        ("Patient.identifier.value", ["1", "2"]),
        ("Patient.identifier[1].value", ["2"]),
        ("Patient.identifier[7].value", []),
        ("Patient.identifier.first().value", ["1"]),
        ("Patient.identifier.last().value", ["2"]),
        ("Patient.identifier.tail().value", ["2"]),
        ("Patient.identifier.skip(1).value", ["2"]),
        ("Patient.identifier.take(1).value", ["1"]),
        ("Patient.identifier.where(value = '2').system", ["s"]),
        ("Patient.identifier.where(use = 'official' and system = 's').value", ["1"]),
        ("Patient.identifier.where(use = 'official' or value = '2').value", ["1", "2"]),
        ("Patient.identifier.where(use.exists()).value", ["1"]),
        ("Patient.identifier.where(use.empty()).value", ["2"]),
        ("Patient.identifier.where(use.exists().not()).value", ["2"]),
        ("Patient.identifier.where($this.value != '1').value", ["2"]),
        ("Patient.identifier.exists(value = '3')", [False]),
        ("Patient.identifier.all(system = 's')", [True]),
        ("Patient.identifier.count()", [2]),
        ("Patient.name.given", ["Dominique", "Alex"]),
        ("Patient.name.given[1].id", ["g"]),
        ("Patient.name.where(family ~ 'pat-trois').given[0]", ["Dominique"]),
        ("Patient.name.where(family !~ 'x').exists()", [True]),
        ("Patient.name.where(family.startsWith('Pat') and family.endsWith('Trois')).count()", [1]),
        ("Patient.name.where(family.contains('-')).count()", [1]),
        (r"Patient.name.where(text = 'it\'s \u0060x`').count()", [1]),
        ("Patient.`active`", [True]),
        ("Patient.extension('urn:x').value", ["one"]),
        ("Patient.extension.where(url='urn:y').value.ofType(boolean)", [True]),
        ("Patient.extension.value.ofType(String)", ["one"]),
        ("Patient.extension.value.ofType(FHIR.integer)", []),
        ("Patient.birthDate.extension('urn:t').value", ["1979-03-05T10:00:00+01:00"]),
        ("Patient.birthDate.hasValue()", [True]),
        ("Patient.birthDate = @1979-03-05", [True]),
        ("Patient.birthDate = @1979", []),
        ("Patient.birthDate = @1980", [False]),
        ("Patient.birthDate < @1980", [True]),
        ("Patient.birthDate > @1979", []),
        ("Patient.birthDate.extension.value = @1979-03-05T09:00:00Z", [True]),
        ("Patient.multipleBirth > 1 and Patient.multipleBirth <= 2.0", [True]),
        ("Patient.multipleBirth = 2.00", [True]),
        ("Patient.active = 1", [False]),
        ("Patient.deceased", [False]),
        ("Patient.telecom.value = 'x'", []),
        ("Patient.telecom.value = 'x' or true", [True]),
        ("Patient.telecom.value = 'x' and false", [False]),
        ("Patient.telecom.value ~ {}", [True]),
        ("(Patient.identifier | Patient.identifier).count()", [2]),
        ("Patient.identifier.value = ('1' | '2')", [True]),
        ("Patient.contained.where(id = 'o').name", ["Org"]),
        ("Patient.identifier.single()", None),
        ("'a' < 'b'", [True]),
    ],
)
def test_what_an_expression_finds(expression: str, expected: list[Any] | None) -> None:
    if expected is None:
        with pytest.raises(BadValue):
            found(expression)
    else:
        assert found(expression) == expected


def test_an_item_knows_its_place() -> None:
    told = {
        "Patient": (),
        "Patient.name[0].given[1]": ("name", 0, "given", 1),
        "Patient.birthDate.extension": ("_birthDate", "extension", 0),
        "Patient.name.given.id": ("name", 0, "_given", 1, "id"),
        "Patient.deceased": ("deceasedBoolean",),
        "'x'": None,
    }
    for expression, place in told.items():
        (item,) = Evaluation(PATIENT, Steps()).of(parse(expression))
        assert item.place == place, expression


@pytest.mark.parametrize(
    "expression",
    [
        "Patient.repeat(contact)", "Patient.name.resolve()", "Patient.name.family.matches('(a+)+')", "today()", "now()",
        "Patient.descendants()", "Patient.children()", "iif(true, 1, 2)", "Patient.name.trace('x')", "1 + 1",
        "Patient is Patient", "Patient.active as boolean", "Patient.name.aggregate(1)", "%ext", "5 'mg'", "1 'kg'",
        "Patient.memberOf('x')", "a implies b", "a xor b", "'a' in b", "@T10:00", "Patient.name.select(given)", "-1",
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused_by_its_name(expression: str) -> None:
    with pytest.raises((Unsupported, BadValue)) as caught:
        parse(expression)
    assert caught.value.status == 400
    assert "`" in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "", " ", "Patient.", "Patient..name", "Patient[", "Patient[0", "where(", "first(1)", "where()", "'open", ")",
        "a b", "Patient.name.ofType('x')", r"'\q'", "a.'b'", "x" * 1001, "(" * 17 + "1" + ")" * 17, "a" + ".a" * 300,
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises((BadValue, Unsupported)):
        parse(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "Patient.nothing", "Patient.birth", "Patient.name.given.family", "Patient.name[family]", "Patient.name['a']",
        "Patient.identifier.where(system | value)", "Patient.name < 1", "Patient.identifier.value < '3'",
        "Patient.birthDate = @2026-02-30", "Patient.birthDate = @2026-02-01T10:00:00", "Patient.name.extension(1)",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_the_tree_is_refused(expression: str) -> None:
    with pytest.raises(BadValue):
        found(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "identifier.where(%resource.identifier.where(%resource.identifier.where(%resource.identifier.empty()).empty()))",
        "identifier.where((%resource.identifier | %resource.identifier | %resource.identifier).count() = 0)",
        "identifier.all(%resource.identifier ~ %resource.identifier)",
    ],
)
def test_an_expression_that_never_ends_ends_soon(expression: str) -> None:
    tree = {"resourceType": "Patient", "identifier": [{"value": str(n)} for n in range(3000)]}
    started = process_time()
    with pytest.raises(TooCostly):
        Evaluation(tree, Steps()).of(parse(expression))
    assert process_time() - started < 1


def test_a_faulty_expression_says_nothing_of_the_resource() -> None:
    for expression in ("Patient.name < 1", "Patient.identifier.where(system | value)", "Patient.name.where(a)"):
        with pytest.raises(Refusal) as caught:
            found(expression)
        assert not any(word in str(caught.value) for word in ("Pat-Trois", "Dominique", "1979"))
