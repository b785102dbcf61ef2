"""The three forms of a patch on a tree: what each makes, what each refuses, and that each ends."""

from __future__ import annotations

import copy
import json
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BadValue, BrokenRule, Invalid, Malformed, Refusal, TooCostly, Unsupported
from app.records.patching import Said
from app.resources.validation import dump, parse
from app.rest.patch import diff, path, pointer
from tests import examples
from tests.patches import FHIR, at, replace, steps
from tests.patches import diff as xml

if TYPE_CHECKING:
    from app.records.patching import Patch
    from tests.serving import Tree

PATIENT: Tree = {
    "resourceType": "Patient",
    "id": "a",
    "identifier": [{"value": "1"}, {"value": "2"}, {"value": "3"}, {"value": "4"}],
    "name": [{"given": ["A", "B"], "_given": [None, {"id": "x"}]}],
    "birthDate": "1920-01-01",
    "deceasedBoolean": False,
    "contact": [{"name": {"text": "n"}, "gender": "male"}],
}
ADDED = {"valueExtension": {"url": "u", "valueString": "z"}}
REACHED = [{"name": "telecom", "valueContactPoint": {"rank": n}} for n in (1, 2)]
NAMED = {"part": [{"name": "name", "valueHumanName": {"text": "q"}}, *REACHED]}
NUMBERED = [{"value": n} for n in "1234"]


def made(patch: Patch, tree: Tree = PATIENT) -> Tree:
    """What a patch makes; it makes the same again, and leaves the tree alone."""
    before = copy.deepcopy(tree)
    found = patch(parse(dump(tree)))
    assert patch(tree) == found
    assert tree == before
    return found


def order(*numbers: int) -> Tree:
    return {"identifier": [NUMBERED[n - 1] for n in numbers]}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (at("replace", "Patient.birthDate", value={"valueDate": "1930-01-01"}), {"birthDate": "1930-01-01"}),
        (at("replace", "Patient.contact[0].gender", value={"valueCode": "female"}),
            {"contact": [{"name": {"text": "n"}, "gender": "female"}]}),
        (at("replace", "Patient.name.given[1]", value={"valueString": "C"}), {"name": [{"given": ["A", "C"]}]}),
        (at("replace", "Patient.deceased", value={"valueDateTime": "2020"}),
            {"deceasedBoolean": None, "deceasedDateTime": "2020"}),
        (at("replace", "Patient.identifier.where(value='2')", value={"valueIdentifier": {"value": "4"}}),
            order(1, 4, 3, 4)),
        (at("replace", "Patient.contact[0]", value=NAMED),
            {"contact": [{"name": {"text": "q"}, "telecom": [{"rank": 1}, {"rank": 2}]}]}),
        (at("replace", "Patient.birthDate", value={"valueDate": "1930", "_valueDate": {"id": "i"}}),
            {"birthDate": "1930", "_birthDate": {"id": "i"}}),
        (at("delete", "Patient.birthDate"), {"birthDate": None}),
        (at("delete", "Patient.maritalStatus"), {}),
        (at("delete", "Patient.contact[0].name.text"), {"contact": [{"gender": "male"}]}),
        (at("delete", "Patient.contact[0]"), {"contact": None}),
        (at("delete", "Patient.name.given[0]"), {"name": [{"given": ["B"], "_given": [{"id": "x"}]}]}),
        (at("delete", "Patient.name.given[1].id"), {"name": [{"given": ["A", "B"]}]}),
        (at("delete", "Patient.identifier.last()"), order(1, 2, 3)),
        (at("add", "Patient", name="gender", value={"valueCode": "male"}), {"gender": "male"}),
        (at("add", "Patient", name="identifier", value={"valueIdentifier": {"value": "1"}}), order(1, 2, 3, 4, 1)),
        (at("add", "Patient", name="multipleBirth", value={"valueInteger": 2}), {"multipleBirthInteger": 2}),
        (at("add", "Patient.contact[0].name", name="family", value={"valueString": "f"}),
            {"contact": [{"name": {"text": "n", "family": "f"}, "gender": "male"}]}),
        (at("add", "Patient", name="contact", value=NAMED),
            {"contact": [*PATIENT["contact"], {"name": {"text": "q"}, "telecom": [{"rank": 1}, {"rank": 2}]}]}),
        (at("add", "Patient.birthDate", name="extension", value=ADDED),
            {"_birthDate": {"extension": [ADDED["valueExtension"]]}}),
        (at("add", "Patient.name.given[0]", name="extension", value=ADDED),
            {"name": [{"given": ["A", "B"], "_given": [{"extension": [ADDED["valueExtension"]]}, {"id": "x"}]}]}),
        (at("add", "Patient", name="contained", value={"resource": {"resourceType": "Basic", "id": "b"}}),
            {"contained": [{"resourceType": "Basic", "id": "b"}]}),
        (at("insert", "Patient.identifier", index=0, value={"valueIdentifier": {"value": "4"}}), order(4, 1, 2, 3, 4)),
        (at("insert", "Patient.identifier", index=4, value={"valueIdentifier": {"value": "1"}}), order(1, 2, 3, 4, 1)),
        (at("insert", "Patient.telecom", index=0, value={"valueContactPoint": {"rank": 1}}),
            {"telecom": [{"rank": 1}]}),
        (at("insert", "Patient.name[0].given", index=1, value={"valueString": "M"}),
            {"name": [{"given": ["A", "M", "B"], "_given": [None, None, {"id": "x"}]}]}),
        (at("move", "Patient.identifier", source=3, destination=0), order(4, 1, 2, 3)),
        (at("move", "Patient.identifier", source=0, destination=3), order(2, 3, 4, 1)),
        (at("move", "Patient.identifier", source=1, destination=1), order(1, 2, 3, 4)),
        (at("move", "Patient.name.given", source=1, destination=0),
            {"name": [{"given": ["B", "A"], "_given": [{"id": "x"}, None]}]}),
    ],
)  # fmt: skip
def test_a_fhirpath_patch(operation: Tree, expected: Tree) -> None:
    wanted = {name: value for name, value in (PATIENT | expected).items() if value is not None}
    assert made(path.read(steps(operation), "Patient")) == wanted


def test_operations_follow_each_other_and_none_is_no_change() -> None:
    first = at("insert", "Patient.identifier", index=0, value={"valueIdentifier": {"value": "2"}})
    then = at("delete", "Patient.identifier.where(value = '2').last()")
    assert made(path.read(steps(first, then), "Patient"))["identifier"] == [NUMBERED[n] for n in (1, 0, 2, 3)]
    on_birth = at("add", "Patient.birthDate", name="extension", value=ADDED)
    off = at("delete", "Patient.birthDate.extension('u')")
    for operations in ([on_birth, off], []):
        assert made(path.read(steps(*operations), "Patient")) == PATIENT


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        (at("replace", "Patient.gender", value={"valueCode": "male"}), Invalid),
        (at("replace", "Patient.identifier", value={"valueIdentifier": {}}), Invalid),
        (at("replace", "Patient", value={"valueString": "x"}), BadValue),
        (at("replace", "'x'", value={"valueString": "x"}), BadValue),
        (at("replace", "Patient.deceased", value={"valueString": "x"}), BadValue),
        (at("replace", "Patient.birthDate", value=NAMED), BadValue),
        (at("delete", "Patient.identifier"), Invalid),
        (at("delete", "Patient"), BadValue),
        (at("delete", "Patient.identifier.count()"), BadValue),
        (at("add", "Patient", name="birthDate", value={"valueDate": "2000"}), Invalid),
        (at("add", "Patient", name="deceased", value={"valueDateTime": "2000"}), Invalid),
        (at("add", "Patient.maritalStatus", name="text", value={"valueString": "x"}), Invalid),
        (at("add", "Patient", name="nothing", value={"valueString": "x"}), BadValue),
        (at("add", "Patient", name="contact", value={"part": [{"name": "nothing", "valueString": "x"}]}), BadValue),
        (at("insert", "Patient.identifier", index=5, value={"valueIdentifier": {"value": "x"}}), Invalid),
        (at("insert", "Patient.birthDate", index=0, value={"valueDate": "2000"}), BadValue),
        (at("insert", "Patient.identifier.first()", index=0, value={"valueIdentifier": {"value": "x"}}), BadValue),
        (at("insert", "Patient.identifier.type", index=0, value={"valueString": "x"}), Invalid),
        (at("move", "Patient.identifier", source=4, destination=0), Invalid),
        (at("move", "Patient.identifier", source=0, destination=4), Invalid),
        (at("move", "Patient.telecom", source=0, destination=0), Invalid),
    ],
)
def test_a_fhirpath_patch_that_does_not_fit(operation: Tree, refusal: type[Refusal]) -> None:
    fitting = at("delete", "Patient.contact")
    patch = path.read(steps(fitting, operation), "Patient")
    with pytest.raises(refusal) as caught:
        patch(PATIENT)
    assert caught.value.issues[0].expression == ("Parameters.parameter[1]",)
    assert caught.value.reason in ("patch-path", "patch-malformed")


@pytest.mark.parametrize(
    "operation",
    [
        {"type": "replace", "value": {"valueString": "x"}}, at("replace", "Patient.id"), at("erase", "Patient.id"),
        at("delete", "Patient.id", index=1), at("insert", "Patient.name", index=-1, value={"valueString": "x"}),
        at("move", "Patient.name", source=1), at("add", "Patient", value={"valueString": "x"}), {"path": "Patient.id"},
        at("replace", "Patient.id", value={"valueString": "x", "valueCode": "y"}), at("delete", "Patient..id"),
        at("replace", "Patient.id", value={"part": []}), at("delete", "Patient.name.resolve()"), at("delete", ""),
    ],
)  # fmt: skip
def test_parameters_that_are_no_patch(operation: Tree) -> None:
    with pytest.raises(Refusal) as caught:
        path.read(steps(operation), "Patient")
    assert caught.value.status == 400


def test_a_part_stands_once_and_operations_are_bounded() -> None:
    twice = steps(at("delete", "Patient.id"))
    twice["parameter"][0]["part"].append({"name": "path", "valueString": "Patient.name"})
    with pytest.raises(BadValue):
        path.read(twice, "Patient")
    with pytest.raises(TooCostly):
        path.read(steps(*[at("delete", "Patient.id")] * 201), "Patient")
    with pytest.raises(TooCostly):
        diff.read(xml(*['<remove sel="Patient/id"/>'] * 201))
    with pytest.raises(TooCostly):
        pointer.read(json.dumps([{"op": "remove", "path": "/id"}] * 1001).encode())


# XML Patch


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (replace("/Patient/birthDate/@value", "1930-01-01"), {"birthDate": "1930-01-01"}),
        (replace("Patient/birthDate", '<birthDate value="1930"/>'), {"birthDate": "1930"}),
        (replace("Patient/deceasedBoolean", ' <deceasedDateTime value="2020"/> '),
            {"deceasedBoolean": None, "deceasedDateTime": "2020"}),
        ('<remove sel="Patient/birthDate"/>', {"birthDate": None}),
        ('<remove sel="Patient/identifier[2]"/>', order(1, 3, 4)),
        ('<remove sel="/Patient/identifier[value/@value=\'2\']" ws="both"/>', order(1, 3, 4)),
        ('<remove sel="Patient/identifier[value/@value=&quot;2&quot;]"/>', order(1, 3, 4)),
        ('<remove sel="Patient/*[value/@value=\'9\' or value/@value=\'2\' and value]"/>', order(1, 3, 4)),
        ('<remove sel="child::Patient/contact/name"/>', {"contact": [{"gender": "male"}]}),
        ('<remove sel="Patient/name/given[2]/@id"/>', {"name": [{"given": ["A", "B"]}]}),
        ('<add sel="Patient/birthDate" type="@id">i</add>', {"_birthDate": {"id": "i"}}),
        ('<add sel="Patient/name"> <given value="C"/> </add>',
            {"name": [{"given": ["A", "B", "C"], "_given": [None, {"id": "x"}, None]}]}),
        ('<add sel="Patient/contact"><period><start value="2020"/></period></add>',
            {"contact": [PATIENT["contact"][0] | {"period": {"start": "2020"}}]}),
        ('<add sel="Patient/identifier[4]" pos="after"><active value="true"/></add>', {"active": True}),
        ('<add sel="Patient/name" pos="before"><identifier><value value="1"/></identifier></add>',
            order(1, 2, 3, 4, 1)),
        ('<add sel="Patient/contact/name" pos="prepend"><use value="usual"/></add>',
            {"contact": [{"name": {"use": "usual", "text": "n"}, "gender": "male"}]}),
    ],
)  # fmt: skip
def test_an_xml_patch(operation: str, expected: Tree) -> None:
    wanted = {name: value for name, value in (PATIENT | expected).items() if value is not None}
    assert made(diff.read(xml(operation))) == wanted


def test_prefixes_of_the_patch_decide_and_names_without_are_fhirs() -> None:
    told = (
        b"""<p:diff xmlns:p="urn:diff" xmlns:f="http://hl7.org/fhir">
        <p:replace sel="/f:Patient/f:birthDate"><f:birthDate value="1930"/></p:replace></p:diff>""",
        b'<diff><replace sel="Patient/birthDate"><birthDate value="1930"/></replace></diff>',
        b'<diff><replace sel="f:Patient/f:birthDate/@value" xmlns:f="http://hl7.org/fhir">1930</replace></diff>',
    )
    for body in told:
        assert made(diff.read(body))["birthDate"] == "1930", body
    for body in (told[0].replace(b"hl7.org", b"hl7.example"), told[2].replace(b' xmlns:f="http://hl7.org/fhir"', b"")):
        with pytest.raises(Refusal):
            diff.read(body)(PATIENT)


def test_a_narrative_that_the_patch_leaves_alone_stays_to_the_byte() -> None:
    div = (
        "<div xmlns='http://www.w3.org/1999/xhtml' >\n<p>a &amp; é<br></br>b</p><p class='x'>two<b>!</b>tail</p></div>"
    )
    tree = PATIENT | {"text": {"status": "generated", "div": div}}
    assert made(diff.read(xml('<remove sel="Patient/contact"/>')), tree)["text"]["div"] == div
    changed = made(diff.read(xml(replace("Patient/text/h:div/h:p[1]/text()[2]", "c &lt;"))), tree)["text"]["div"]
    assert "é<br/>c &lt;</p><p" in changed
    operations = (
        '<remove sel="Patient/text/h:div/h:p[2]/h:b"/>', replace("Patient/text/h:div/h:p[2]/@class", "y"),
        '<add sel="Patient/text/h:div/h:p[2]" pos="prepend">so <h:i>it</h:i> </add>',
        '<add sel="Patient/text/h:div" ><h:p>end</h:p> of it</add>', '<remove sel="Patient/text/h:div/h:p[1]"/>',
        '<add sel="Patient/text/h:div/h:p[1]" pos="after">A</add>',
    )  # fmt: skip
    changed = made(diff.read(xml(*operations)), tree)["text"]["div"]
    assert '<p class="y">so <i>it</i> twotail</p>A<' in changed.replace(' xmlns="http://www.w3.org/1999/xhtml"', "")
    assert changed.endswith("</div>")


def test_every_example_survives_an_xml_patch_that_changes_nothing() -> None:
    for name in examples.names("*.json"):
        tree = examples.read(name)
        if tree.get("resourceType") not in ("Bundle", "Binary"):
            assert diff.read(xml())(tree) == tree, name


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        ('<remove sel="Patient/gender"/>', Invalid),
        ('<remove sel="Patient/identifier"/>', Invalid),
        ('<remove sel="Patient"/>', BadValue),
        (replace("Patient", "<Patient/>"), BadValue),
        ('<add sel="Patient" pos="after"><Patient/></add>', BadValue),
        ('<add sel="Patient/birthDate" type="@value">1930</add>', Invalid),
        ('<add sel="Patient/birthDate/@value">1930</add>', BadValue),
        (replace("Patient/birthDate/@value", "<a/>"), BadValue),
        (replace("Patient/birthDate", "text"), BadValue),
        (replace("Patient/birthDate", '<birthDate value="1"/><birthDate value="2"/>'), BadValue),
        ('<add sel="Patient"><identifier><value value="5"/></identifier></add>', Malformed),
        ('<add sel="Patient"><nothing/></add>', Malformed),
        ('<remove sel="Patient/birthDate/@value"/>', Malformed),
        ('<add sel="Patient/birthDate" type="@xmlns:a b">x</add>', BadValue),
    ],
)
def test_an_xml_patch_that_does_not_fit(operation: str, refusal: type[Refusal]) -> None:
    patch = diff.read(xml(operation))
    with pytest.raises(refusal):
        patch(PATIENT)


@pytest.mark.parametrize(
    "selector",
    [
        "Patient//given", "//given", "Patient/..", "Patient/given[position()=1]", "Patient/name[last()]", "id('x')",
        "Patient/name[contains(text/@value,'x')]", "Patient/descendant::given", "Patient/ancestor::node()", "$x",
        "Patient/name | Patient/contact", "Patient/name[1 + 1]", "document('http://example.org/')", "Patient[",
        "", "Patient/@", "Patient/name[0]", "Patient/name[.]", "Patient/g:name", "Patient/name/text()/@x", "/",
        "Patient/", "x" * 1001,
        "Patient/namespace::f", "Patient/processing-instruction()", "Patient/name[.=1]", "Patient/@*",
    ],
)  # fmt: skip
def test_selectors_that_are_not_taken(selector: str) -> None:
    with pytest.raises((BadValue, Unsupported)) as caught:
        diff.read(xml(f'<remove sel="{selector}"/>'))
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<diff>", b"<patch/>", b"<diff>text</diff>", b"<diff><move sel='a'/></diff>", b"<diff><remove/></diff>",
        b"<diff><remove sel='a' pos='before'/></diff>", b"<diff><add sel='a' pos='inside'/></diff>", b"<a:diff/>",
        b'<!DOCTYPE d [<!ENTITY a "x">]><diff><remove sel="a"/></diff>', b"<diff>\xff</diff>",
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><diff/>', b"<diff>&a;</diff>", b"<a>" * 65 + b"</a>" * 65,
        f'<diff><add sel="{"a"}" type="namespace::x">urn</add></diff>'.encode(),
        '<?xml version="1.0" encoding="UTF-16"?><diff/>'.encode("utf-16"),
    ],
)  # fmt: skip
def test_documents_that_are_no_xml_patch(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        diff.read(body)
    assert caught.value.status in (400, 415)


def test_a_selector_over_much_is_refused() -> None:
    tree = PATIENT | {"identifier": [{"value": str(n), "system": "urn:x"} for n in range(20_000)]}
    slow = [f"<remove sel=\"Patient/identifier[value/@value='{n}']\"/>" for n in range(200)]
    started = process_time()
    with pytest.raises(TooCostly):
        diff.read(xml(*slow))(tree)
    assert process_time() - started < 3


# JSON Patch


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "add", "path": "/identifier/1", "value": {"value": "4"}}], order(1, 4, 2, 3, 4)),
        ([{"op": "add", "path": "/identifier/-", "value": {"value": "1"}}], order(1, 2, 3, 4, 1)),
        ([{"op": "add", "path": "/identifier/4", "value": {"value": "1"}}], order(1, 2, 3, 4, 1)),
        ([{"op": "remove", "path": "/identifier/0"}], order(2, 3, 4)),
        ([{"op": "replace", "path": "/identifier/0", "value": {"value": "4"}}], order(4, 2, 3, 4)),
        ([{"op": "move", "from": "/identifier/3", "path": "/identifier/0"}], order(4, 1, 2, 3)),
        ([{"op": "move", "from": "/identifier/0", "path": "/identifier/0"}], {}),
        ([{"op": "copy", "from": "/identifier/3", "path": "/identifier/0"}], order(4, 1, 2, 3, 4)),
        ([{"op": "test", "path": "/name/0/given/1", "value": "B"}], {}),
        ([{"op": "test", "path": "/identifier/0", "value": {"value": "1"}}], {}),
        ([{"op": "add", "path": "/a~1b", "value": {"~": 1}}, {"op": "test", "path": "/a~1b/~0", "value": 1.0},
            {"op": "remove", "path": "/a~1b"}], {}),
        ([{"op": "add", "path": "/x", "value": [1]}, {"op": "add", "path": "/x/-", "value": 2},
            {"op": "test", "path": "/x", "value": [1, 2]}, {"op": "remove", "path": "/x"}], {}),
        ([{"op": "add", "path": "/extension[url:'u']/valueBoolean", "value": True}],
            {"extension": [{"url": "u", "valueBoolean": True}]}),
        ([], {}),
    ],
)  # fmt: skip
def test_a_json_patch(operations: list[Tree], expected: Tree) -> None:
    assert made(pointer.read(json.dumps(operations).encode())) == PATIENT | expected


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        ({"op": "test", "path": "/deceasedBoolean", "value": 0}, BrokenRule),
        ({"op": "test", "path": "/birthDate", "value": "1930"}, BrokenRule),
        ({"op": "test", "path": "/gender", "value": None}, Invalid),
        ({"op": "remove", "path": "/identifier/4"}, Invalid),
        ({"op": "remove", "path": "/identifier/-"}, Invalid),
        ({"op": "remove", "path": "/identifier/00"}, Invalid),
        ({"op": "remove", "path": "/identifier/+1"}, Invalid),
        ({"op": "remove", "path": "/birthDate/0"}, Invalid),
        ({"op": "replace", "path": "/gender", "value": "male"}, Invalid),
        ({"op": "add", "path": "/identifier/5", "value": {}}, Invalid),
        ({"op": "add", "path": "/gender/x", "value": {}}, Invalid),
        ({"op": "add", "path": "/birthDate/x", "value": {}}, Invalid),
        ({"op": "move", "from": "/contact", "path": "/contact/0/x"}, BadValue),
        ({"op": "move", "from": "/gender", "path": "/gender"}, Invalid),
        ({"op": "remove", "path": ""}, BadValue),
        ({"op": "replace", "path": "", "value": [1]}, BadValue),
    ],
)
def test_a_json_patch_that_does_not_fit(operation: Tree, refusal: type[Refusal]) -> None:
    patch = pointer.read(json.dumps([operation]).encode())
    with pytest.raises(refusal):
        patch(PATIENT)


@pytest.mark.parametrize("path", ["/a~2", "/a~", "a/b"])
def test_a_path_that_is_no_pointer(path: str) -> None:
    with pytest.raises(Malformed):
        pointer.read(json.dumps([{"op": "remove", "path": path}]).encode())


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "copy", "from": "/identifier", "path": "/identifier/-"}] * 60,
        [{"op": "copy", "from": "", "path": "/x"}] * 100,
        [{"op": "add", "path": "/x", "value": "y" * 100_000}, *[{"op": "copy", "from": "/x", "path": "/z"}] * 20],
        [{"op": "add", "path": "/x" * depth, "value": {}} for depth in range(1, 100)],
    ],
)
def test_a_patch_that_doubles_what_is_there_is_refused(operations: list[Any]) -> None:
    started = process_time()
    with pytest.raises((TooCostly, Invalid)):
        pointer.read(json.dumps(operations).encode())(PATIENT)
    assert process_time() - started < 1


# What a patch says before the resource is looked at


def test_what_an_operation_says_of_itself() -> None:
    """By it the records know whether one who does not see the resource may ask for it."""
    status, label = Said("replace", "/status"), Said("replace", "/securityLabel/0", counted=True)
    code, coded = {"valueCode": "current"}, {"valueCodeableConcept": {"text": "x"}}

    def by_path(*operations: Tree) -> tuple[Said, ...]:
        return path.read(steps(*operations), "DocumentReference").said

    assert by_path(at("replace", "DocumentReference.status", value=code)) == (status,)
    assert by_path(at("replace", "DocumentReference.securityLabel[0]", value=coded)) == (label,)
    assert by_path(at("add", "DocumentReference", name="securityLabel", value=coded)) == (
        Said("add", "/securityLabel/-"),
    )
    for asking in ("DocumentReference.status.where($this = 'current')", "status", "(DocumentReference.status)",
                   "DocumentReference.status.first()"):  # fmt: skip
        assert by_path(at("replace", asking, value=code)) == (Said("replace", ""),), asking
    assert by_path(at("delete", "DocumentReference.status")) == (Said("", "/status"),)
    for counting in ("securityLabel.first()", "securityLabel[1].text", "securityLabel.skip(1)"):
        (said,) = by_path(at("replace", f"DocumentReference.{counting}", value=code))
        assert said.counted, counting
    assert not by_path(at("delete", "DocumentReference.securityLabel.where(text = 'x')"))[0].counted

    def by_xml(*operations: str) -> tuple[Said, ...]:
        return diff.read(xml(*operations)).said

    assert by_xml(replace("/DocumentReference/status/@value", "current")) == (status,)
    assert by_xml(replace("DocumentReference/status", '<status value="current"/>')) == (status,)
    assert by_xml(replace("DocumentReference/securityLabel[1]", "<securityLabel/>")) == (label,)
    for asking in ("DocumentReference/status[@value='current']", "DocumentReference[1]/status",
                   "DocumentReference/status/@id", "DocumentReference[status/@value='current']/status"):  # fmt: skip
        assert by_xml(replace(asking, "x"))[0].place == "", asking
    assert by_xml(replace("DocumentReference/status", "<docStatus/>"))[0].verb == ""
    assert not by_xml(replace("DocumentReference/securityLabel[text/@value='x']/text/@value", "y"))[0].counted
    assert FHIR in xml().decode()
