"""Strategies that draw odd requests: bodies that are nearly FHIR, searches that are nearly of R4, anything else.

What they begin with is sound (the examples of the OpenAPI document, the declared parameters), so that what is odd gets
past the first check. Ids are written as `{record}`,
`{document}` and the like: who sends a request puts real ones there.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import strategies as st

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Definition, Search
from app.rest.openapi import document

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = dict[str, Any]

DOCUMENT = document()
EXAMPLES: Tree = DOCUMENT["components"]["examples"]
EXAMPLE_IDS = ("k3v7q2m5x4n6b8c9d2f3",)
"""The record that the examples are in."""
TYPES = tuple(DEFINITIONS)
FHIR = ("application/fhir+json", "application/fhir+xml", "application/json", "application/xml", "text/xml")
RECORD, DOC, OTHER = "{record}", "{document}", "{other}"


@dataclass(frozen=True)
class Odd:
    """A request, below `/fhir/`, and who makes it."""

    method: str
    path: str
    who: str
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None


WHO = st.sampled_from(["doctor", "holder", "software"])
DATES = st.sampled_from(
    [
        "2026", "2026-06", "2026-06-12", "2026-02-30", "2026-13", "0000", "9999-12-31", "9999-12-31T23:59:60Z", "-1",
        "2026-06-12T10:00", "2026-06-12T10:00:00", "2026-06-12T10:00:00Z", "2026-06-12T10:00:00.123456789+14:00",
        "2026-06-12T24:00:00Z", "2026-06-12T10:00:00+99:99", "20260612", "2026-6-1", "0001-01-01", "99999", "gt", "",
    ]
)  # fmt: skip
REFERENCES = st.sampled_from(
    [
        f"Patient/{RECORD}", f"Patient/{OTHER}", f"DocumentReference/{DOC}", f"DocumentReference/{DOC}/_history/1",
        "Patient/../Patient", "Patient/", "/Patient/x", "#", "#x", "urn:uuid:", "urn:uuid:not-one", "urn:oid:1.2.3",
        "http://[::1", "https://elsewhere.example/Patient/x", "Patient?identifier=x|y", "Patient?name=x",
        "javascript:1",
        "Nothing/1", "Patient/x?y=z", f"Patient/{RECORD}#x", "Binary/x", "Group/x", "Patient/" + "x" * 65,
    ]
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(
        ["", " ", "|", "||", "a|", "|b", "a|b|c", "$", "a$b", ",", ",,", "\\", "\\,", "%", "'", '"', "null"]
    ),
    st.sampled_from(["\u0000", "\ufeff", "\u202e", "é", "e\u0301", "ß", "İ", "🩺", "x" * 9_000, "a," * 3_000]),
    st.text(max_size=12),
)
ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1.5, 1e308, 10**40, -(10**18), [], {}, [[]], [None], {"": ""},
                     float("inf")]),
    st.sampled_from(["\ud800", "\u0000", "<script>", "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>", "=" * 5,
                     "A==="]),
    WORDS, DATES, REFERENCES,
)  # fmt: skip


# bodies


def _places(tree: object, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree, as the keys and indexes that lead there; not the root."""
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [one for key, child in children for one in ((*place, key), *_places(child, (*place, key)))]


def _at(tree: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        tree = tree[key]
    return tree


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value] if depth % 2 else {"extension": [value]}
    return value


def _told() -> Tree:
    return {"url": "https://carnet.example/odd", "valueString": "x"}


def _turn(tree: Tree, place: tuple[Any, ...], value: Any, how: str) -> None:
    """One change of a tree, at a place that it has."""
    around, key = _at(tree, place[:-1]), place[-1]
    if how == "replace":
        around[key] = value
    elif how == "drop":
        del around[key]
    elif how == "wrap":
        around[key] = [around[key]]
    elif how == "repeat" and isinstance(around, list):
        around.extend(deepcopy(around[key]) for _ in range(40))
    elif how == "nest":
        around[key] = _nested(around[key], 70)
    elif isinstance(around, dict):
        beside: dict[str, Callable[[], Tree]] = {
            "sibling": lambda: {f"_{key}": {"extension": [_told()]}},
            "extend": lambda: {"extension": [_told(), {"url": "x", "extension": [_told()]}]},
            "rename": lambda: {str(key).upper(): around.pop(key)},
            "contain": lambda: {"contained": [{"resourceType": "List", "id": "x", "contained": [deepcopy(tree)]}]},
        }
        around.update(beside.get(how, dict)())


HOW = st.sampled_from(
    ["replace", "drop", "sibling", "extend", "wrap", "rename", "repeat", "contain", "nest", "replace", "replace"]
)


@st.composite
def trees(draw: st.DrawFn, name: str = "") -> Tree:
    """An example with a few odd changes."""
    name = name or draw(st.sampled_from(TYPES))
    tree: Tree = orjson.loads(orjson.dumps(EXAMPLES[name]["value"]).replace(EXAMPLE_IDS[0].encode(), RECORD.encode()))
    for _ in range(draw(st.integers(0, 3))):
        if places := _places(tree):
            _turn(tree, draw(st.sampled_from(places)), deepcopy(draw(ODD)), draw(HOW))
    return tree


def _text(tree: object) -> bytes:
    """JSON, of what JSON has no words for as well: lone surrogates, infinities."""
    return json.dumps(tree, ensure_ascii=True).encode()


@st.composite
def bodies(draw: st.DrawFn, tree: Tree) -> bytes:
    """The bytes of a tree, sometimes broken."""
    made = _text(tree)
    at = draw(st.integers(0, len(made)))
    spoiled = (
        made, made, made, made, made[:at], made[:at] + b"\xff" + made[at:], b"\xef\xbb\xbf" + made,
        made[:-1] + b',"resourceType":"Patient"}', made.decode().encode("utf-16"), b"[" + made + b"]", b"",
    )  # fmt: skip
    return draw(st.sampled_from(spoiled))


@st.composite
def xml(draw: st.DrawFn) -> bytes:
    """FHIR XML, with odd pieces in it."""
    name = draw(st.sampled_from(TYPES))
    pieces = draw(st.lists(st.sampled_from(XML), max_size=6))
    return f'<{name} xmlns="http://hl7.org/fhir">{"".join(pieces)}</{name}>'.encode()


XML = (
    '<id value="x"/>', '<status value="current"/>', "<status/>", '<status value="current" value="x"/>', "text",
    "<!-- x -->",
    "<?php x ?>", '<extension url="x"><valueString value="y"/></extension>', "<extension/>", "<![CDATA[x]]>", "&#0;",
    "&x;",
    f'<subject><reference value="Patient/{RECORD}"/></subject>', '<text><div xmlns="x"/></text>', '<x xmlns="urn:x"/>',
    "<contained><Patient/></contained>", '<contained><a xmlns=""/></contained>', "<content>" * 80,
    '<date value="2026-02-30"/>',
)  # fmt: skip


# searches


def _values(kind: Search) -> st.SearchStrategy[str]:
    prefixes = st.sampled_from(["", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "zz"])
    own = {
        Search.DATE: st.builds(str.__add__, prefixes, DATES),
        Search.REFERENCE: REFERENCES,
        Search.COMPOSITE: st.builds("{}${}".format, WORDS, WORDS),
        Search.TOKEN: st.sampled_from(["http://loinc.org|11488-4", "|11488-4", "current", "MASQUE_PS", "true"]),
    }
    return st.one_of(own.get(kind, WORDS), own.get(kind, WORDS), WORDS)


MODIFIERS = st.sampled_from(
    ["", "", "", "", ":missing", ":exact", ":contains", ":not", ":text", ":in", ":not-in", ":above", ":below",
     ":of-type",
     ":identifier", ":Patient", ":Nothing", ":", ":missing:not", ":iterate"]
)  # fmt: skip
CONTROLS = {
    "_count": ["0", "1", "-1", "1.5", "99999999999999999999", "a", ""],
    "_summary": ["true", "text", "data", "count", "false", "x"],
    "_elements": ["id", "status,type", "status.x", "_status", ",", "*"],
    "_total": ["none", "accurate", "estimate", "x"],
    "_sort": ["-date", "_id", "-_lastUpdated", "date,date,-date", "x", "-", ",", "patient.name", "_score"],
    "_include": [
        "*",
        "DocumentReference:patient",
        "DocumentReference:*",
        "x:y",
        "List:item:DocumentReference",
        ":",
        "",
    ],
    "_revinclude": ["*", "Provenance:target", "List:item", "AuditEvent:entity", "AuditEvent:patient:Patient", "x"],
    "_include:iterate": ["DocumentReference:related", "List:item", "*"],
    "_revinclude:iterate": ["Provenance:target", "DocumentReference:relatesto"],
    "_cursor": ["x", "AAAA", "e30", "é", "." * 9],
    "_format": ["json", "xml", "ttl", "html", "application/fhir+json", "x"],
    "_pretty": ["true", "x"],
    "_since": ["2026-01-01T00:00:00Z", "2026", "x"],
    "_at": ["2026", "gt2026-01-01", "x"],
    "_list": ["x", "$current-problems", "{record}.x"],
    "_filter": ["status eq current", "(((("],
    "_query": ["x"],
    "_content": ["x"],
    "_text": ["x"],
    "_contained": ["both", "x"],
    "_type": ["Patient,DocumentReference", "x", ""],
    "_id": ["{document}", "{record}", "x,{document}", "x" * 65, ""],
    "_lastUpdated": ["gt2020", "x", "2026-02-30"],
    "_profile": ["x", "http://[::1"],
}


@st.composite
def parameters(draw: st.DrawFn, definition: Definition, depth: int = 0) -> tuple[str, str]:
    """One search parameter, odd or not, with a value; sometimes a chain, or one the other way round."""
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(CONTROLS)))
        return name, draw(st.one_of(st.sampled_from(CONTROLS[name]), WORDS))
    one = draw(st.sampled_from((*definition.parameters, *COMMON)))
    if one.type is Search.REFERENCE and depth < 3 and draw(st.booleans()):
        target = draw(st.sampled_from([*(t for t in one.targets if t in DEFINITIONS), "Patient", "DocumentReference"]))
        name, value = draw(parameters(DEFINITIONS[target], depth + 1))
        typed = draw(st.sampled_from(["", f":{target}", ":Nothing"]))
        return f"{one.name}{typed}.{name}", value
    if depth < 2 and draw(st.integers(0, 9)) == 0:
        source = DEFINITIONS[draw(st.sampled_from(TYPES))]
        through = draw(st.sampled_from([*(p.name for p in source.parameters if p.type is Search.REFERENCE), "x"]))
        name, value = draw(parameters(source, depth + 1))
        return f"_has:{source.type}:{through}:{name}", value
    return one.name + draw(MODIFIERS), draw(_values(one.type))


def _quoted(text: str) -> str:
    """Percent-encoded, but not the names of ids; what is no text goes as it came from a careless client."""
    raw = text.encode("utf-8", "surrogatepass")
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?$*,|{}"
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in raw)


@st.composite
def queries(draw: st.DrawFn, definition: Definition) -> str:
    """The query of a search."""
    pairs = draw(st.lists(parameters(definition), max_size=4))
    if draw(st.booleans()):
        pairs.append(("patient", RECORD))
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


@st.composite
def searches(draw: st.DrawFn) -> Odd:
    """A search by URL or by form, of a type or of anything that might be one."""
    definition = DEFINITIONS[draw(st.sampled_from(TYPES))]
    query, who = draw(queries(definition)), draw(WHO)
    headers = draw(st.sampled_from([{}, {"Prefer": "handling=strict"}, {"Prefer": "handling=lenient"}]))
    if draw(st.integers(0, 5)) == 0:
        form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return Odd("POST", f"{definition.type}/_search", who, form, query.encode("latin-1", "replace"))
    place = draw(
        st.sampled_from([definition.type] * 6 + [f"Patient/{RECORD}/{definition.type}", f"Patient/{RECORD}/*", ""])
    )
    return Odd("GET", f"{place}?{query}", who, headers)


# everything else


HEADERS = {
    "Accept": ["application/fhir+xml", "application/fhir+json;fhirVersion=4.0", "fhirVersion=5.0", "*/*;q=x", "a/b",
               "", "text/html"],
    "If-Match": ['W/"x"', "x", '"', "*", "W/", 'W/"x", W/"y"'],
    "If-None-Match": ['W/"x"', "*", "x"],
    "If-Modified-Since": ["Wed, 21 Oct 2015 07:28:00 GMT", "x", "Wed, 99 Foo 2015"],
    "If-None-Exist": ["identifier=x|y", "x", "_id={document}", "%", "a=b&a=c", "?identifier=x"],
    "Prefer": ["return=minimal", "return=OperationOutcome", "return=x", "handling=strict;respond-async", "=", ";"],
    "X-Security-Context": [f"Patient/{RECORD}", "x", f"Patient/{OTHER}", ""],
    "Accept-Language": ["en", "fr-FR,en;q=0.5", "x" * 99, ";q=", "*"],
    "X-Request-Id": ["x", "x" * 300, ""],
    "Range": ["bytes=0-1"],
    "Content-Encoding": ["gzip"],
    "X-HTTP-Method-Override": ["DELETE"],
}  # fmt: skip
KINDS = (
    *FHIR, "application/json-patch+json", "application/xml-patch+xml", "application/x-www-form-urlencoded",
    "text/plain",
    "application/octet-stream", "application/fhir+json; charset=latin-1", "application/fhir+json; fhirVersion=3.0",
    "x", "",
    *["application/fhir+json"] * 12,
)  # fmt: skip


@st.composite
def headers(draw: st.DrawFn) -> dict[str, str]:
    """Up to two odd headers."""
    names = draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=2, unique=True))
    return {name: draw(st.sampled_from(HEADERS[name])) for name in names}


@st.composite
def writes(draw: st.DrawFn) -> Odd:
    """A body that is sent where one is taken."""
    name = draw(st.sampled_from(TYPES))
    tree = draw(trees(name))
    places = {
        "POST": [name, name, "", f"{name}/$validate", "DocumentReference/$generate-metadata"],
        "PUT": [f"{name}/{RECORD}", f"{name}/{DOC}", f"{name}/x", f"{name}?_id={DOC}", name],
    }
    method = draw(st.sampled_from(["POST", "POST", "PUT"]))
    kind = draw(st.sampled_from(KINDS))
    content = draw(xml()) if "xml" in kind else draw(bodies(tree))
    more = {**draw(headers()), "Content-Type": kind}
    return Odd(method, draw(st.sampled_from(places[method])), draw(WHO), more, content)


POINTERS = st.sampled_from(
    ["/status", "/securityLabel/0", "/securityLabel/-", "/securityLabel", "", "/", "/x", "/content/0/attachment/data",
     "/-1",
     "/securityLabel/01", "/securityLabel/99999999999999999999", "/~2", "/id", "/meta/versionId", "status",
     "/extension/0"]
)  # fmt: skip
PATHS = st.sampled_from(
    ["DocumentReference", "DocumentReference.status", "DocumentReference.securityLabel[0]",
     "DocumentReference.where(", "",
     "DocumentReference.securityLabel.where(coding.code='N')", "(" * 200, "1+1", "DocumentReference.descendants()",
     "$this"]
)  # fmt: skip


def _operation(parts: Tree) -> Tree:
    return {"name": "operation", "part": list(parts.values())}


def _part(name: str, element: str) -> Callable[[Any], Tree]:
    return lambda value: {"name": name, element: value}


VERBS = st.sampled_from(["add", "replace", "remove", "move", "copy", "test", "x"])
JSON_PATCHES = st.one_of(
    st.lists(
        st.fixed_dictionaries({"op": VERBS, "path": POINTERS}, optional={"value": ODD, "from": POINTERS}), max_size=4
    ),
    ODD,
)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["add", "insert", "delete", "replace", "move", "x"]).map(_part("type", "valueCode")),
    "path": PATHS.map(_part("path", "valueString")),
    "value": ODD.map(_part("value", "valueCode")),
    "index": ODD.map(_part("index", "valueInteger")),
}
FHIRPATH_PATCHES = st.lists(st.fixed_dictionaries({}, optional=PARTS).map(_operation), max_size=3)
DIFFS = st.lists(
    st.sampled_from(
        ["<replace/>", '<remove sel="x"/>', '<remove sel="DocumentReference"/>', '<remove sel="//*"/>', "text",
         '<remove sel="DocumentReference/securityLabel[1]"/>', '<remove sel="DocumentReference/securityLabel[99]"/>',
         '<replace sel="DocumentReference/status/@value">superseded</replace>', '<add sel="DocumentReference">x</add>',
         '<replace sel="f:DocumentReference/f:status/@value">nope</replace>', f'<remove sel="{"(" * 99}"/>',
         '<add sel="DocumentReference" type="@x">y</add>', '<add sel="DocumentReference" pos="x"><x/></add>',
         '<remove sel="DocumentReference/*[last()]"/>', '<remove sel="count(//*)"/>', '<remove sel="$x"/>',
         '<replace sel="DocumentReference/id/@value">x</replace>', '<move sel="x"/>', '<x:add xmlns:x="urn:x"/>']
    ), max_size=4,
)  # fmt: skip


@st.composite
def patches(draw: st.DrawFn) -> Odd:
    """A patch in each of the three forms, of what may be patched and of what may not."""
    named = [f"DocumentReference/{DOC}", f"DocumentReference?_id={DOC}", "Binary/x", f"Patient/{RECORD}"]
    kind = draw(st.sampled_from(["application/json-patch+json", "application/fhir+json", "application/xml-patch+xml"]))
    if kind.endswith("xml"):
        content = f"<diff xmlns='http://hl7.org/fhir'>{''.join(draw(DIFFS))}</diff>".encode()
    elif kind.startswith("application/fhir"):
        content = _text({"resourceType": "Parameters", "parameter": draw(FHIRPATH_PATCHES)})
    else:
        content = _text(draw(JSON_PATCHES))
    return Odd("PATCH", draw(st.sampled_from(named)), draw(WHO), {**draw(headers()), "Content-Type": kind}, content)


URLS = (
    "", "x", "Patient", f"Patient/{RECORD}", f"DocumentReference/{DOC}", "Patient?identifier=a|b", "../x", "metadata",
    "http://elsewhere.example/Patient", f"Patient/{RECORD}/$access", "DocumentReference?x=y", "Patient/x/$nothing",
)  # fmt: skip


@st.composite
def bundles(draw: st.DrawFn) -> Odd:
    """A batch or a transaction of odd entries."""
    urls = st.one_of(
        st.sampled_from(
            ["", "x", "Patient", f"Patient/{RECORD}", f"DocumentReference/{DOC}", "Patient?identifier=a|b", "../x"]
        ),
        st.sampled_from(
            ["http://elsewhere.example/Patient", "metadata", f"Patient/{RECORD}/$access", "DocumentReference?x=y"]
        ),
        REFERENCES,
    )
    request = st.fixed_dictionaries(
        {"method": st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "x"]), "url": urls},
        optional={"ifMatch": ODD, "ifNoneExist": WORDS, "ifNoneMatch": WORDS},
    )
    urns = st.sampled_from(["urn:uuid:00000000-0000-4000-8000-000000000001", "urn:uuid:x", "x", ""])
    entry = st.fixed_dictionaries({"request": request}, optional={"fullUrl": urns, "resource": trees()})
    entries = draw(st.lists(st.one_of(entry, ODD) if draw(st.integers(0, 9)) == 0 else entry, max_size=4))
    kind = draw(st.sampled_from(["batch", "transaction", "transaction", "document", "x"]))
    content = draw(bodies({"resourceType": "Bundle", "type": kind, "entry": entries}))
    return Odd("POST", "", draw(WHO), {**draw(headers()), "Content-Type": "application/fhir+json"}, content)


ENDS = ("", "/", "/_history", "/_history/x", "/_history/", "/$access", "/$explain", "/$who-can-see?refused=x",
        "/$what-if?label=x",
        "/$nothing", "/$everything?_count=x", "/*", "/%00", "/..", "//", "?_summary=x", "?_elements=%00",
        "/_history?_since=x",
        "/_history?_count=-1", "/$meta", "/$summary", "/x/y/z")  # fmt: skip


@st.composite
def others(draw: st.DrawFn) -> Odd:
    """Any method on any path."""
    id = draw(st.sampled_from([DOC, RECORD, OTHER, "x", "%2e%2e", "%00", "é", "x" * 65, f"{RECORD}."]))
    place = f"{draw(st.sampled_from((*TYPES, 'Nothing', 'metadata', '_history', '_search')))}/{id}"
    method = draw(st.sampled_from(["GET", "GET", "GET", "HEAD", "DELETE", "POST", "OPTIONS", "TRACE", "PROPFIND"]))
    return Odd(method, place + draw(st.sampled_from(ENDS)), draw(WHO), draw(headers()))


@st.composite
def operations(draw: st.DrawFn) -> Odd:
    """An operation, with odd Parameters."""
    definition = draw(st.sampled_from([one for one in DEFINITIONS.values() if one.operations]))
    operation = draw(st.sampled_from(definition.operations))
    shown = [name for name in EXAMPLES if name.endswith("Request")]
    tree = draw(trees(draw(st.sampled_from(shown))))
    id = draw(st.sampled_from([RECORD, DOC, OTHER]))
    more = {**draw(headers()), "Content-Type": "application/fhir+json"}
    return Odd("POST", f"{definition.type}/{id}/${operation.name}", draw(WHO), more, draw(bodies(tree)))


ANYTHING = st.one_of(searches(), writes(), patches(), bundles(), others(), operations(), searches(), writes())
