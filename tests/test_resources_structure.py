from collections.abc import Callable
from typing import Any

import pytest

from app.errors import Invalid, Malformed, Refusal
from app.resources import DEFINITIONS
from app.resources.definition import Resource
from app.resources.structure import DEEPEST, survey
from app.resources.validation import dump, parse, parse_json, validate

BASE = "https://carnet.example/fhir"


def document(**more: object) -> Resource:
    """A small valid DocumentReference; None takes an element away."""
    tree: Resource = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/x"},
        "content": [{"attachment": {"contentType": "text/plain", "data": "aGk="}}],
    } | more
    return {name: value for name, value in tree.items() if value is not None}


def refusal(tree: Resource) -> Refusal:
    with pytest.raises(Refusal) as caught:
        validate(DEFINITIONS[tree["resourceType"]], tree, BASE)
    return caught.value


def test_a_valid_document_passes() -> None:
    found = validate(DEFINITIONS["DocumentReference"], document(), BASE)

    assert [r.path for r in found.references] == ["subject"]
    assert [a.expression for a in found.attachments] == ["DocumentReference.content[0].attachment"]


@pytest.mark.parametrize(
    ("more", "code", "expression"),
    [
        ({"colour": "red"}, "structure", "DocumentReference"),
        ({"status": None}, "required", "DocumentReference.status"),
        ({"content": None}, "required", "DocumentReference.content"),
        ({"content": [{}]}, "structure", "DocumentReference.content[0]"),
        ({"content": []}, "structure", "DocumentReference.content"),
        ({"type": {}}, "structure", "DocumentReference.type"),
        ({"type": "text"}, "structure", "DocumentReference.type"),
        ({"type": '{"text": "hidden in a string"}'}, "structure", "DocumentReference.type"),
        ({"author": {"display": "x"}}, "structure", "DocumentReference.author"),
        ({"author": [None]}, "structure", "DocumentReference.author[0]"),
        ({"description": None, "_description": {}}, "structure", "DocumentReference._description"),
        ({"description": 5}, "structure", "DocumentReference.description"),
        ({"description": ""}, "value", "DocumentReference.description"),
        ({"description": " \n"}, "value", "DocumentReference.description"),
        ({"description": "a\x00b"}, "value", "DocumentReference.description"),
        ({"description": "a\x0bb"}, "value", "DocumentReference.description"),
        ({"description": "x" * (1 << 20) + "x"}, "value", "DocumentReference.description"),
        ({"date": 5}, "structure", "DocumentReference.date"),
        ({"date": "2024-01-01"}, "value", "DocumentReference.date"),
        ({"date": "2024-02-30T10:00:00Z"}, "value", "DocumentReference.date"),
        ({"date": "2024-02-01T10:00:00"}, "value", "DocumentReference.date"),
        ({"date": "2024-02-01T25:00:00Z"}, "value", "DocumentReference.date"),
        ({"context": {"period": {"start": "2023-02-29"}}}, "value", "DocumentReference.context.period.start"),
        ({"context": {"period": {"start": "2023-13"}}}, "value", "DocumentReference.context.period.start"),
        ({"id": "a b"}, "value", "DocumentReference.id"),
        ({"id": "x" * 65}, "value", "DocumentReference.id"),
        ({"implicitRules": "a b"}, "value", "DocumentReference.implicitRules"),
        (
            {"extension": [{"url": "u", "valueBoolean": "true"}]},
            "structure",
            "DocumentReference.extension[0].valueBoolean",
        ),
        (
            {"extension": [{"url": "u", "valueInteger": True}]},
            "structure",
            "DocumentReference.extension[0].valueInteger",
        ),
        (
            {"extension": [{"url": "u", "valueInteger": 1 << 31}]},
            "value",
            "DocumentReference.extension[0].valueInteger",
        ),
        (
            {"extension": [{"url": "u", "valueDecimal": "3.0"}]},
            "structure",
            "DocumentReference.extension[0].valueDecimal",
        ),
        (
            {"extension": [{"url": "u", "valueBase64Binary": "$$$"}]},
            "value",
            "DocumentReference.extension[0].valueBase64Binary",
        ),
        ({"contained": [{"resourceType": "Nope", "id": "a"}]}, "structure", "DocumentReference.contained[0]"),
        ({"contained": [{"resourceType": "Patient"}]}, "structure", "DocumentReference.contained[0]"),
        ({"contained": [{"id": "a"}]}, "structure", "DocumentReference.contained[0]"),
        ({"fhir_comments": ["x"]}, "structure", "DocumentReference"),
    ],
)
def test_what_is_not_fhir_json_is_400(more: dict[str, Any], code: str, expression: str) -> None:
    refused = refusal(document(**more))

    assert isinstance(refused, Malformed)
    assert (refused.issues[0].code, refused.issues[0].expression) == (code, (expression,))


@pytest.mark.parametrize(
    ("more", "code", "expression"),
    [
        ({"status": "nope"}, "code-invalid", "DocumentReference.status"),
        ({"docStatus": "nope"}, "code-invalid", "DocumentReference.docStatus"),
        ({"identifier": [{"use": "nope"}]}, "code-invalid", "DocumentReference.identifier[0].use"),
        (
            {"contained": [{"resourceType": "Patient", "id": "p", "gender": "m"}]},
            "code-invalid",
            "DocumentReference.contained[0].gender",
        ),
        ({"author": [{"reference": "#who"}]}, "invariant", "DocumentReference.author[0]"),
        ({"extension": [{"url": "u"}]}, "invariant", "DocumentReference.extension[0]"),
        (
            {"context": {"period": {"start": "2024-02", "end": "2024-01"}}},
            "invariant",
            "DocumentReference.context.period",
        ),
        (
            {"content": [{"attachment": {"contentType": "text/html;\nX=y", "url": "u:v"}}]},
            "invariant",
            "DocumentReference.content[0].attachment",
        ),
        ({"subject": None}, "business-rule", "DocumentReference.subject"),
    ],
)
def test_what_breaks_a_rule_is_422(more: dict[str, Any], code: str, expression: str) -> None:
    refused = refusal(document(**more))

    assert isinstance(refused, Invalid)
    assert (refused.issues[0].code, refused.issues[0].expression) == (code, (expression,))


def test_every_issue_is_told_at_once() -> None:
    refused = refusal(document(status="nope", docStatus="nope", colour="red", date="yesterday"))

    assert isinstance(refused, Malformed)
    assert [issue.code for issue in refused.issues].count("code-invalid") == 2
    assert {"structure", "value"} <= {issue.code for issue in refused.issues}


def test_rules_of_the_type_never_meet_a_missing_element() -> None:
    assert refusal(document(status="nope", content=None)).status == 400


def test_messages_hold_no_content() -> None:
    tree = document(description="Durand\x00", date="Durand", subject={"reference": "Durand Jean"}, author=["Durand"])

    assert "Durand" not in str([issue.diagnostics for issue in refusal(tree).issues])


def test_a_primitive_may_be_only_extensions() -> None:
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
    }
    person = {
        "resourceType": "Patient",
        "_birthDate": absent,
        "name": [{"given": ["Anne", None], "_given": [None, absent]}],
    }

    assert validate(DEFINITIONS["Patient"], person, BASE).issues == []


@pytest.mark.parametrize(
    "name",
    [
        {"given": ["Anne", None]},
        {"given": ["Anne", None], "_given": [None, None]},
        {"given": ["Anne", "Marie"], "_given": [{"id": "a"}]},
        {"given": ["Anne"], "_given": {"id": "a"}},
        {"_period": {"id": "a"}},
        {"family": None},
    ],
)
def test_null_stands_only_for_extensions(name: dict[str, Any]) -> None:
    assert isinstance(refusal({"resourceType": "Patient", "name": [name]}), Malformed)


def test_contained_resources_do_not_nest() -> None:
    inner = {"resourceType": "Patient", "id": "a", "contained": [{"resourceType": "Patient", "id": "b"}]}

    assert refusal(document(contained=[inner])).issues[0].diagnostics.endswith("(dom-2)")


def test_contained_ids_are_distinct() -> None:
    twins = [{"resourceType": "Patient", "id": "a", "active": True}] * 2

    assert refusal(document(contained=twins)).issues[0].code == "invariant"


def test_a_contained_type_without_a_model_is_refused() -> None:
    refused = refusal(
        document(contained=[{"resourceType": "MedicinalProduct", "id": "a", "name": [{"productName": "x"}]}])
    )

    assert refused.status == 422


def test_references_and_links_are_the_very_objects_of_the_tree() -> None:
    author = {"reference": "#doctor"}
    attachment = {"contentType": "text/plain", "url": "urn:uuid:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"}
    doctor = {
        "resourceType": "PractitionerRole",
        "id": "doctor",
        "practitioner": {"identifier": {"system": "s", "value": "v"}},
    }
    found = survey(document(author=[author], contained=[doctor], content=[{"attachment": attachment}]))

    by_path = {reference.path: reference.node for reference in found.references}
    assert by_path["author"] is author
    assert by_path["contained.practitioner"] is doctor["practitioner"]
    assert found.links == [(attachment, "url")]
    assert found.links[0][0] is attachment


def test_narratives_hold_no_active_content() -> None:
    def text(inner: str) -> Resource:
        div = f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'
        return document(text={"status": "generated", "div": div})

    for safe in ("<p>a <b>b</b></p>", '<a href="https://example.org/x">x</a>', '<img src="#a" alt="a"/>'):
        validate(DEFINITIONS["DocumentReference"], text(safe), BASE)
    for unsafe in (
        "<script>1</script>",
        '<p onclick="x()">a</p>',
        '<a href="javascript:x()">a</a>',
        '<a href=" JAVAscript:x()">a</a>',
        "<iframe>a</iframe>",
        '<p style="background:url(x)">a</p>',
        "<p>a",
        " ",
    ):
        assert isinstance(refusal(text(unsafe)), Malformed), unsafe
    refused = refusal(document(text={"status": "generated", "div": "<!DOCTYPE x [<!ENTITY e 'e'>]><div>&e;</div>"}))
    assert isinstance(refused, Malformed)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b'{"resourceType":5}',
        b'\xef\xbb\xbf{"resourceType":"Patient"}',
        b'{"resourceType":"Patient","resourceType":"Patient"}',
        b'{"resourceType":"Patient","name":[{"family":"Durand","family":"Durand"}]}',
        b'{"resourceType":"Patient","id":"\\ud800"}',
        b'{"resourceType":"Patient","id":"\xff"}',
        b'{"resourceType":"Patient","x":NaN}',
        b'{"resourceType":"Patient"} Durand',
        b'{"resourceType":"Patient","x":' + b"[" * 65 + b"]" * 65 + b"}",
        b'{"resourceType":"Patient","x":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    ],
)
def test_bodies_that_are_no_json_of_a_resource(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert "Durand" not in str(caught.value)
    assert "family" not in str(caught.value)


def test_the_deepest_body_is_parsed() -> None:
    parse_json(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(Malformed):
        parse_json(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_a_tree_that_was_not_parsed_is_bounded_as_well() -> None:
    extension: dict[str, Any] = {"url": "u", "valueBoolean": True}
    for _ in range(2 * DEEPEST):
        extension = {"url": "u", "extension": [extension]}

    assert isinstance(refusal(document(extension=[extension])), Malformed)
    assert isinstance(refusal(document(_description={"extension": [extension]})), Malformed)


@pytest.mark.parametrize("number", ["1.00", "0.10", "1e5", "12345678901234567890.123456789", "-0.0"])
def test_decimals_leave_as_they_came(number: str) -> None:
    body = f'{{"resourceType":"Patient","extension":[{{"url":"u","valueDecimal":{number}}}]}}'.encode()
    tree = parse(body)

    validate(DEFINITIONS["Patient"], tree, BASE)
    assert dump(tree) == body


def test_the_type_must_be_the_one_expected() -> None:
    with pytest.raises(Malformed):
        validate(DEFINITIONS["Patient"], document(), BASE)


def test_another_object_is_no_json() -> None:
    with pytest.raises(TypeError):
        dump({"a": object()})


@pytest.mark.parametrize(
    "broken", [lambda t: t | {"content": 5}, lambda t: t | {"context": {"event": [{"coding": 1}]}}]
)
def test_no_wrong_shape_is_an_exception_of_ours(broken: Callable[[Resource], Resource]) -> None:
    assert isinstance(refusal(broken(document())), Malformed)
