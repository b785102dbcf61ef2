"""FHIR XML as a pair of functions: what JSON says comes back whole, and what is no FHIR XML is refused and placed."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jiter import LosslessFloat

from app.errors import Malformed, Refusal, WrongMediaType
from app.resources.structure import DEEPEST, elements, resource_types, survey
from app.resources.validation import dump, parse
from app.rest.xml import read, write
from app.rest.xml.shapes import Form, Shape, shapes

Tree = dict[str, Any]
FHIR = 'xmlns="http://hl7.org/fhir"'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
FILES = sorted((Path(__file__).parent / "data" / "examples").glob("*/*.json"))


def plain(value: Any) -> Any:
    """A tree that can be compared: a decimal is its text."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return ("decimal", str(value)) if isinstance(value, LosslessFloat) else value


def there_and_back(tree: Tree, *, pretty: bool = False) -> Tree:
    """A tree by way of XML."""
    return read(write(dump(tree), pretty=pretty))


def canonical(xml: bytes) -> str:
    return ET.canonicalize(xml.decode(), strip_text=True, rewrite_prefixes=True)


def patient(inside: str) -> bytes:
    """A Patient with these elements."""
    return f"<Patient {FHIR}>{inside}</Patient>".encode()


# There and back


def test_there_are_examples() -> None:
    assert len(FILES) > 100


@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_comes_back(path: Path, pretty: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    tree = parse(path.read_bytes())
    xml = write(path.read_bytes(), pretty=pretty)
    back = read(xml)
    assert plain(back) == plain(tree)
    assert write(dump(back), pretty=pretty) == xml


PUBLISHED = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="any.xsl"?>
<!-- a comment before -->
<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">
  <f:id value="a"/> <!-- a comment -->
  <f:text>
    <f:status value='generated'/>
    <h:div title="x &gt; y"><h:p>Jos&#233; &amp; co<!-- kept --></h:p>
      <h:br/></h:div>
  </f:text>
  <f:contained><f:Organization><f:id value="o"/><f:name value="&lt;Hôpital&gt;"/></f:Organization></f:contained>
  <f:extension id="e" url="urn:x"><f:valueDecimal value="1.00"/></f:extension>
  <f:identifier><f:value value="1"/></f:identifier>
  <f:identifier><f:value value="2"/></f:identifier>
  <f:active value="true"/>
  <f:name id="n">
    <f:given value="A"/>
    <f:given><f:extension url="urn:y"><f:valueCode value="z"/></f:extension></f:given>
    <f:given id="g" value="B"/>
  </f:name>
  <f:birthDate value="1979-03-05"><f:extension url="urn:t"><f:valueDateTime value="1979-03-05T01:02:03Z"/>
  </f:extension></f:birthDate>
  <f:multipleBirthInteger value="2"/>
</f:Patient>
"""


def test_xml_says_what_json_says() -> None:
    assert plain(read(PUBLISHED.encode())) == {
        "resourceType": "Patient",
        "id": "a",
        "text": {
            "status": "generated",
            "div": '<h:div xmlns:h="http://www.w3.org/1999/xhtml" title="x &gt; y"><h:p>Jos&#233; &amp; co<!-- kept -->'
            "</h:p>\n      <h:br/></h:div>",
        },
        "contained": [{"resourceType": "Organization", "id": "o", "name": "<Hôpital>"}],
        "extension": [{"id": "e", "url": "urn:x", "valueDecimal": ("decimal", "1.00")}],
        "identifier": [{"value": "1"}, {"value": "2"}],
        "active": True,
        "name": [
            {
                "id": "n",
                "given": ["A", None, "B"],
                "_given": [None, {"extension": [{"url": "urn:y", "valueCode": "z"}]}, {"id": "g"}],
            }
        ],
        "birthDate": "1979-03-05",
        "_birthDate": {"extension": [{"url": "urn:t", "valueDateTime": "1979-03-05T01:02:03Z"}]},
        "multipleBirthInteger": 2,
    }
    assert survey(read(PUBLISHED.encode())).issues == []


def test_xml_comes_back_up_to_canonicalisation() -> None:
    again = write(dump(read(PUBLISHED.encode())))
    assert canonical(again) == canonical(PUBLISHED.replace('<?xml-stylesheet href="any.xsl"?>', "").encode())


def test_what_is_written() -> None:
    tree = {
        "name": [{"given": ["A", None], "_given": [None, {"id": "g"}], "id": "n", "family": 'a<&>"\t\n\r\u2028 '}],
        "resourceType": "Patient",
        "_active": {"extension": [{"valueBoolean": False, "url": "urn:x"}]},
        "text": {"div": f" {DIV}<p>x</p></div>\n", "status": "generated"},
        "id": "p",
    }
    assert write(dump(tree)).decode() == (
        f'<?xml version="1.0" encoding="UTF-8"?><Patient {FHIR}><id value="p"/>'
        f'<text><status value="generated"/>{DIV}<p>x</p></div></text>'
        '<active><extension url="urn:x"><valueBoolean value="false"/></extension></active>'
        '<name id="n"><family value="a&lt;&amp;&gt;&quot;&#9;&#10;&#13;\u2028 "/><given value="A"/><given id="g"/>'
        "</name></Patient>"
    )


def test_a_list_without_any_value_is_left_out() -> None:
    names = [{"_given": [{"id": "a"}, {"id": "b"}]}, {"given": ["c", None], "_given": [None, {"id": "d"}]}]
    assert there_and_back({"resourceType": "Patient", "name": names})["name"] == names


def test_pretty_leaves_the_narrative_alone() -> None:
    div = f"{DIV}<pre>a\n b</pre> <b>c</b></div>"
    body = dump({"resourceType": "Patient", "text": {"status": "generated", "div": div}})
    assert write(body, pretty=True).decode().splitlines()[1:4] == [
        f"<Patient {FHIR}>",
        "  <text>",
        '    <status value="generated"/>',
    ]
    assert read(write(body, pretty=True))["text"]["div"] == div


def test_a_character_that_xml_cannot_hold_is_replaced() -> None:
    body = dump({"resourceType": "OperationOutcome", "issue": [{"diagnostics": "a\x00\x1f\ufffeb"}]})
    assert read(write(body))["issue"][0]["diagnostics"] == "a\ufffd\ufffd\ufffdb"


def test_a_member_that_xml_has_no_place_for_is_an_error() -> None:
    with pytest.raises(KeyError):
        write(b'{"resourceType":"Patient","shoe":1}')


def test_json_refuses_what_xml_has_no_place_for() -> None:
    narrative = {"status": "generated", "div": f"{DIV}x</div>"}
    assert survey({"resourceType": "Patient", "text": narrative}).issues == []
    found = survey({"resourceType": "Patient", "text": narrative | {"_div": {"id": "a"}}}).issues
    assert [(issue.code, issue.expression) for issue in found] == [("structure", ("Patient.text",))]


def test_a_narrative_is_taken_to_the_byte() -> None:
    for inside in ("<br/>", "é<b a='>'/>é", "&#160;<![CDATA[</div>]]>", "<div><div/></div>", "\r\n<p\n>x</p\n>"):
        div = f"{DIV}{inside}</div >"
        whole = patient(f'<text><status value="generated"/>{div}</text><active value="true"/>')
        assert read(b"\xef\xbb\xbf" + whole)["text"]["div"] == div
    for empty in (DIV.replace(">", "/>"), DIV.replace(">", ' title="/>" />')):
        assert read(patient(f"<text>{empty}</text>"))["text"]["div"] == empty


# There and back, of anything

STRINGS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda text: not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
)
DECIMALS = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20}([eE][+-]?[0-9]{1,3})?)", fullmatch=True).map(
    lambda text: LosslessFloat(text.encode())
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-(1 << 31), (1 << 31) - 1),
    "positiveInt": st.integers(1, (1 << 31) - 1),
    "unsignedInt": st.integers(0, (1 << 31) - 1),
    "decimal": DECIMALS | st.integers(-(1 << 60), 1 << 60),
}
NARRATIVES = st.sampled_from(
    [f"{DIV}<p>a &amp; b</p></div>", "<h:div xmlns:h='http://www.w3.org/1999/xhtml'>é</h:div>"]
)
EXTENSIONS = st.fixed_dictionaries({"url": st.just("urn:x"), "valueString": STRINGS})
SIBLINGS = st.fixed_dictionaries({"extension": st.lists(EXTENSIONS, min_size=1, max_size=2)}, optional={"id": STRINGS})


@st.composite
def objects(draw: st.DrawFn, kind: str, depth: int, *, top: bool = False) -> Tree:
    """An object of a type, with some of its members, in any order."""
    known = list(shapes(kind).values())
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=5, unique_by=lambda shape: shape.name))
    tree: Tree = {"resourceType": kind} if top else {}
    for shape in chosen:
        draw_member(draw, tree, shape, depth)
    return tree or {"id": "x"}


def draw_member(draw: st.DrawFn, tree: Tree, shape: Shape, depth: int) -> None:
    if shape.form is Form.PRIMITIVE:
        draw_primitive(draw, tree, shape)
    elif shape.form is Form.ATTRIBUTE:
        tree[shape.name] = draw(STRINGS)
    elif shape.form is Form.NARRATIVE:
        tree[shape.name] = draw(NARRATIVES)
    elif depth:
        kind = draw(st.sampled_from(["Patient", "Parameters"])) if shape.form is Form.WRAPPED else shape.kind
        one = objects(kind, depth - 1, top=shape.form is Form.WRAPPED)
        tree[shape.name] = draw(st.lists(one, min_size=1, max_size=3)) if shape.many else draw(one)


def draw_primitive(draw: st.DrawFn, tree: Tree, shape: Shape) -> None:
    """A primitive with a value, a sibling, or both; in a list a null stands for what is not there."""
    one = st.one_of(
        st.tuples(VALUES.get(shape.kind, STRINGS), st.none()),
        st.tuples(VALUES.get(shape.kind, STRINGS), SIBLINGS),
        st.tuples(st.none(), SIBLINGS),
    )
    drawn = draw(st.lists(one, min_size=1, max_size=3)) if shape.many else [draw(one)]
    values, siblings = [value for value, _ in drawn], [more for _, more in drawn]
    if any(value is not None for value in values):
        tree[shape.name] = values if shape.many else values[0]
    if any(siblings):
        tree[f"_{shape.name}"] = siblings if shape.many else siblings[0]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(sorted(resource_types())).flatmap(lambda kind: objects(kind, 4, top=True)), st.booleans())
def test_any_resource_comes_back(tree: Tree, pretty: bool) -> None:  # noqa: FBT001 - drawn
    assert plain(there_and_back(tree, pretty=pretty)) == plain(tree)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.integers(0, 400), st.integers(0, 400))
def test_anything_is_read_or_refused(noise: bytes, start: int, end: int) -> None:
    """Never another error, whatever takes the place of a part of a good body."""
    whole = PUBLISHED.encode()
    for body in (noise, whole[: start * 3] + noise + whole[(start + end) * 3 :]):
        with suppress(Malformed, WrongMediaType):
            assert canonical(write(dump(read(body))))


def test_every_type_is_told() -> None:
    """Each type of R4, with one value in every primitive: names, order and attributes hold for all of them."""
    for kind in resource_types():
        tree: Tree = {"resourceType": kind}
        for name, element in elements(kind).items():
            if element.kind[0].islower():
                value = {"boolean": True, "decimal": 5, "integer": 6}.get(element.kind, "7")
                value = 7 if element.kind.endswith("Int") else value
                tree[name] = [value] if element.many else value
        assert plain(there_and_back(tree)) == tree


# What is refused, where, and how it is said

DEEP = "<extension url='u'>" * 30_000
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
REFUSED = [
    ("", "the body is empty", ""),
    ("  \n", "the body is empty", ""),
    ("{}", "the body is not XML, at line 1 column 1", ""),
    (f"<Patient {FHIR}>", "the body is not XML, at line 1", "Patient"),
    (f"<Patient {FHIR}/><Patient {FHIR}/>", "the body is not XML", ""),
    (f'<Patient {FHIR}><active value="true" value="true"/></Patient>', "the body is not XML", "Patient"),
    (f'<!DOCTYPE Patient><Patient {FHIR}><active value="true"/></Patient>', "a DOCTYPE is not allowed", ""),
    (f'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Patient {FHIR}/>', "a DOCTYPE is not allowed", ""),
    (
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient {FHIR}><id value="&x;"/></Patient>',
        "a DOCTYPE is not allowed",
        "",
    ),
    (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><Patient {FHIR}><id value="&l9;"/></Patient>', "DOCTYPE", ""),
    (f'<Patient {FHIR}><id value="&x;"/></Patient>', "an entity that XML does not have", "Patient"),
    (
        f"<Patient {FHIR}><text>{DIV}&nbsp;</div></text></Patient>",
        "an entity that XML does not have",
        "Patient.text.div",
    ),
    (f"<Patient {FHIR}>{DEEP}", f"nested deeper than {DEEPEST} levels", "Patient" + ".extension[0]" * 32),
    ("<Patient/>", "must be in the namespace", ""),
    ('<Patient xmlns="urn:hl7-org:v3"/>', "must be in the namespace", ""),
    (f"<Nothing {FHIR}/>", "must be a resource", ""),
    (f'<Patient {FHIR} id="a"/>', "a resource has no attributes", "Patient"),
    (
        f'<Patient {FHIR} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"/>',
        "a resource has no attributes",
        "Patient",
    ),
    (f"<Patient {FHIR}><shoe value='1'/></Patient>", "unknown element `shoe`", "Patient"),
    (f"<Patient {FHIR}><resourceType value='Patient'/></Patient>", "unknown element `resourceType`", "Patient"),
    (f"<Patient {FHIR}><name><id value='1'/></name></Patient>", "unknown element `id`", "Patient.name[0]"),
    (f"<Patient {FHIR}><é value='1'/></Patient>", "unknown element", "Patient"),
    (f"<Patient {FHIR}><active xmlns='urn:x' value='true'/></Patient>", "must be in the namespace", "Patient.active"),
    (f"<Patient {FHIR}><text><div>x</div></text></Patient>", "xhtml", "Patient.text.div"),
    (
        f"<Patient {FHIR}><birthDate value='1979'/><active value='true'/></Patient>",
        "stands after an element that must follow it",
        "Patient.active",
    ),
    (
        f"<Patient {FHIR}><name><text value='a'/></name><active value='true'/></Patient>",
        "stands after an element that must follow it",
        "Patient.active",
    ),
    (
        f"<Patient {FHIR}><identifier/><active value='true'/><identifier/></Patient>",
        "stands after an element that must follow it",
        "Patient.identifier",
    ),
    (f"<Patient {FHIR}><active value='true'/><active value='true'/></Patient>", "more than once", "Patient.active"),
    (f"<Patient {FHIR}><active/></Patient>", "needs a `value` or an extension", "Patient.active"),
    (f"<Patient {FHIR}><name><given/></name></Patient>", "needs a `value`", "Patient.name[0].given[0]"),
    (f"<Patient {FHIR}><active value='true' code='x'/></Patient>", "unknown attribute `code`", "Patient.active"),
    (f"<Patient {FHIR}><name value='x'/></Patient>", "unknown attribute `value`", "Patient.name[0]"),
    (f"<Patient {FHIR}><name xml:lang='fr'/></Patient>", "unknown attribute", "Patient.name[0]"),
    (f"<Patient {FHIR}><identifier/><identifier url='x'/></Patient>", "attribute `url`", "Patient.identifier[1]"),
    (f"<Patient {FHIR}><active value='true'><b/></active></Patient>", "unknown element `b`", "Patient.active"),
    (f"<Patient {FHIR}>text</Patient>", "text may only stand in a narrative", "Patient"),
    (f"<Patient {FHIR}><name>\u00a0</name></Patient>", "text may only stand in a narrative", "Patient.name[0]"),
    (f"<Patient {FHIR}><active value='true'>true</active></Patient>", "text may only", "Patient.active"),
    (f"<Patient {FHIR}><contained/></Patient>", "holds no resource", "Patient.contained[0]"),
    (
        f"<Patient {FHIR}><contained><Device/><Device/></contained></Patient>",
        "holds more than one resource",
        "Patient.contained[0]",
    ),
    (f"<Patient {FHIR}><contained id='a'><Device/></contained></Patient>", "attribute `id`", "Patient.contained[0]"),
    (f"<Patient {FHIR}><contained><shoe/></contained></Patient>", "must be a resource", "Patient.contained[0]"),
    (
        f"<Bundle {FHIR}><entry/><entry><resource><Patient><shoe/></Patient></resource></entry></Bundle>",
        "unknown element `shoe`",
        "Bundle.entry[1].resource",
    ),
    (
        f"<Patient {FHIR} {' '.join(f'xmlns:p{n}=`urn:{n}`' for n in range(100))}/>".replace("`", "'"),
        "more than 64 namespaces",
        "",
    ),
]


@pytest.mark.parametrize(("body", "message", "place"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_fhir_xml(body: str, message: str, place: str) -> None:
    with pytest.raises(Malformed, match=re.escape(message)) as caught:
        read(body.encode())
    assert "passwd" not in str(caught.value)
    if place.endswith("[0]" * 2) or place.count(".extension[0]") > 1:
        assert caught.value.issues[0].expression[0].startswith(place)
    else:
        assert caught.value.issues[0].expression == ((place,) if place else ())


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16"])
def test_another_encoding(encoding: str) -> None:
    said = f'<?xml version="1.0" encoding="{encoding}"?><Patient {FHIR}><active value="true"/></Patient>'
    with pytest.raises(WrongMediaType):
        read(said.encode())
    with pytest.raises(Refusal):
        read(said.encode(encoding))


def test_bytes_that_are_not_utf_8() -> None:
    with pytest.raises(Malformed):
        read(patient("<name><text value='\u00e9'/></name>").replace("\u00e9".encode(), b"\xe9"))


def nested(levels: int) -> Tree:
    """A Patient whose JSON has so many levels: each extension adds two."""
    tree: Tree = {"url": "urn:x", "valueCode": "a"}
    for _ in range((levels - 3) // 2):
        tree = {"url": "urn:x", "extension": [tree]}
    return {"resourceType": "Patient"} | ({"extension": [tree]} if levels % 2 else {"_active": {"extension": [tree]}})


@pytest.mark.parametrize("levels", range(DEEPEST - 3, DEEPEST + 4))
def test_xml_nests_as_deep_as_json(levels: int) -> None:
    body = dump(nested(levels))
    if levels <= DEEPEST:
        assert read(write(body)) == parse(body)
        return
    for reader, told in ((parse, body), (read, write(body))):
        with pytest.raises(Malformed, match=f"nested deeper than {DEEPEST} levels"):
            reader(told)


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<active value='yes'/>", "structure"),
        ("<active value=''/>", "structure"),
        ("<active value='True'/>", "structure"),
        ("<multipleBirthInteger value='1.0'/>", "structure"),
        ("<multipleBirthInteger value='01'/>", "structure"),
        ("<multipleBirthInteger value='99999999999'/>", "value"),
        (f"<multipleBirthInteger value='{'9' * 5000}'/>", "structure"),
        ("<gender value='others'/>", "code-invalid"),
        ("<gender value='other '/>", "value"),
        ("<gender value=''/>", "value"),
        ("<birthDate value='1979-13-01'/>", "value"),
        ("<name/>", "structure"),
        ("<name id=''><text value='a'/></name>", "value"),
        ("<extension url='u'><valueDecimal value='.5'/></extension>", "structure"),
        ("<extension url='u'><valueDecimal value='NaN'/></extension>", "structure"),
        ("<extension url='u'><valueDecimal value='1_0'/></extension>", "structure"),
        ("<extension url='u'><valueDecimal value='\u0661'/></extension>", "structure"),
        (f"<text><status value='generated'/>{DIV}<script>x</script></div></text>", "value"),
        (f"<text><status value='generated'/>{DIV}<?php x ?>x</div></text>", "value"),
        (f"<text><status value='generated'/>{DIV}</div></text>", "value"),
    ],
)
def test_a_wrong_value_is_left_to_the_rules_of_json(element: str, code: str) -> None:
    found = survey(read(patient(element))).issues
    assert [issue.code for issue in found] == [code]
    assert found[0].expression[0].startswith("Patient.")


def test_numbers_keep_their_text() -> None:
    for text in ("1.00", "-0.0", "1E-7", "0.12345678901234567890", "100", "-5", "1e+22"):
        body = patient(f"<extension url='u'><valueDecimal value='{text}'/></extension>")
        assert f'value="{text}"'.encode() in write(dump(read(body)))
    assert read(patient("<multipleBirthInteger value='+5'/>"))["multipleBirthInteger"] == 5
