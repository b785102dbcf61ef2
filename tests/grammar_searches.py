"""The searches of the grammar: every parameter of every type, with its modifiers, chains, includes and orders.

A statement is compiled for each shape of a search, which costs more than to run it: a run draws its shapes first and
then asks each of them for many values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Parameter, Search
from app.storage.search.match import ID, LAST_UPDATED
from tests.grammar import DIRECTORY, Sight, production, queried
from tests.serving import CLASSES, LOINC
from tests.twin_people import BASE, OUTSIDE, TYPES, ins
from tests.twins import IN_RECORDS, Request

if TYPE_CHECKING:
    from random import Random

TEST_INS = "urn:oid:1.2.250.1.213.1.4.10"
MODIFIERS = {
    Search.TOKEN: ("not", "missing", "text", "of-type", "in", "not-in", "below", "above"),
    Search.STRING: ("exact", "contains", "missing"),
    Search.DATE: ("missing",),
    Search.REFERENCE: ("missing", "identifier"),
    Search.URI: ("below", "above", "missing"),
    Search.COMPOSITE: (),
}
NOS = "https://mos.esante.gouv.fr/NOS"
JDV_J07 = f"{NOS}/JDV_J07-XdsTypeCode-CISIS/FHIR/JDV-J07-XdsTypeCode-CISIS"
JDV_J57 = f"{NOS}/JDV_J57-ClassCode-DMP/FHIR/JDV-J57-ClassCode-DMP"
PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
DATES = ("2026-06-03", "2026-06", "2026", "2026-05-02", "2026-06-15", "2026-06-15T08:01:00Z", "2026-05-04")
WORDS = ("compte", "Compte rendu", "rendu oncologie 102", "lot", "pat", "ete", "autre", "cardiologie 1")
CODES = {
    "status": ("current", "superseded", "entered-in-error", "active", "requested", "accepted"),
    "type": (*(f"{LOINC}|{one}" for one in TYPES), *TYPES, OUTSIDE),
    "category": (f"{CLASSES}|10", "10", "authorisation", "block", "full-access"),
    "identifier": (*(f"{BASE}/paper|{n}" for n in range(6)), *(f"urn:oid:1.2.250.7.{n}" for n in (1, 2, 100, 102, 140)),
                   f"{BASE}/list|1", f"{TEST_INS}|{ins(3)}"),
    "security-label": ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "N"),
    "_tag": (f"{BASE}/tag|t0", "t1"),
    "contenttype": ("application/xml", "application/pdf"),
    "event": ("ev0", "ev1", "ev2"),
    "facility": ("SA00", "SA01", "SA02"),
    "setting": ("AMBULATOIRE", "ETABLISSEMENT"),
    "format": ("urn:ihe:0", f"{BASE}/format|urn:ihe:1"),
    "language": ("fr-FR", "en"),
    "isArchived": ("true", "false"),
    "relation": ("appends", "transforms", "replaces"),
    "code": ("lot", "secret", f"{BASE}/list|lot"),
    "agent-type": ("author", f"{BASE}/agent|author"),
    "intent": ("order",),
    "action": ("C", "R", "U", "D", "E"),
    "outcome": ("0", "4", "8"),
    "subtype": ("read", "search-type", "create", "update", "$access", "vread"),
    "purpose": ("BTG", "ETREAT"),
    "purpose-of-use": ("TREAT", "ETREAT", "PATRQT"),
    "relationship": ("MTH", "FRND"),
    "scope": ("patient-privacy",),
    "gender": ("female",),
    "active": ("true", "false"),
}  # fmt: skip
SAID = {
    "missing": ("true", "false"),
    "text": ("lot", "secret", "compte", "papier", "oncologie"),
    "of-type": tuple(f"{BASE}/kind|paper|{n}" for n in range(6)),
    "in": (JDV_J07, JDV_J57),
    "not-in": (JDV_J07, JDV_J57),
}
"""Values of the modifiers that have values of their own."""
TARGETS = ("DocumentReference", "DocumentReference", "Binary", "Consent", "Patient", "Practitioner", "List")


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition of a shape: the parameter as it is written, and that whose values it takes."""

    name: str
    parameter: Parameter


@dataclass(frozen=True, slots=True)
class Shape:
    """A search less its values; `within` says that it names its record."""

    type: str
    asked: tuple[Asked, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    within: bool = True
    exits: tuple[int, ...] = ()


def value(sight: Sight, asked: Asked) -> str:
    """A value for a condition: of what he sees, of what is kept from him, of nothing."""
    parameter, modifier = asked.parameter, asked.name.partition(".")[0].partition(":")[2]
    said = asked.name.rpartition(":")[2]
    if said in SAID:
        return sight.draw.choice(SAID[said])
    if parameter is ID:
        return sight.any(sight.kind())
    if parameter.type is Search.REFERENCE:
        return _reference(sight, parameter, modifier)
    return sight.draw.choice(_words(sight, parameter))


def _words(sight: Sight, parameter: Parameter) -> tuple[str, ...]:
    """Values for a parameter that is no reference."""
    target = f"DocumentReference/{sight.any('DocumentReference')}"
    return {
        Search.TOKEN: CODES.get(parameter.name, ("x", f"{BASE}|team", "true")),
        Search.STRING: WORDS,
        Search.DATE: (sight.draw.choice(PREFIXES) + sight.draw.choice(DATES),),
        Search.URI: (f"{BASE}/source/0", f"{BASE}/source/1", f"Binary/{sight.any('Binary')}"),
        Search.COMPOSITE: (f"{target}$appends", f"appends${target}", f"transforms${target}"),
    }[parameter.type]


def _reference(sight: Sight, parameter: Parameter, modifier: str) -> str:
    if modifier == "identifier":
        return sight.draw.choice((f"{TEST_INS}|{ins(3)}", "urn:oid:1.2.250.1.71.4.2.1|810000000002"))
    kinds = [kind for kind in TARGETS if not parameter.targets or kind in parameter.targets]
    kind = modifier or sight.draw.choice(kinds or [next(iter(parameter.targets), "Patient")])
    if kind == "Patient":
        return sight.spelt(kind, sight.subject())
    return sight.spelt(kind, sight.any(kind) if kind in IN_RECORDS else sight.visible(kind))


def _parameters(kind: str) -> list[Parameter]:
    return [*DEFINITIONS[kind].parameters, *COMMON, ID, LAST_UPDATED]


def shapes(draw: Random, rounds: int = 1) -> list[Shape]:
    """The shapes of a run: each parameter at least once for each round, by itself and with a modifier or a partner."""
    found: list[Shape] = []
    for kind in (*IN_RECORDS, *DIRECTORY):
        if kind == "Binary":
            continue
        for _ in range(rounds):
            found += _plain(draw, kind)
            found += _reaching(draw, kind)
        found += _shaped(draw, kind)
    return found


def _plain(draw: Random, kind: str) -> list[Shape]:
    found = []
    for one in _parameters(kind):
        exits = (1, 24) if one.type is not Search.REFERENCE else (1, 17, 21)
        if kind == "AuditEvent":
            exits = (*exits, 22)
        modifiers = MODIFIERS[one.type]
        written = [one.name]
        if modifiers and draw.random() < 0.5:
            written.append(f"{one.name}:{draw.choice(modifiers)}")
        asked: list[tuple[Asked, ...]] = [(Asked(name, one),) for name in written]
        if draw.random() < 0.2:
            other = draw.choice(_parameters(kind))
            asked.append((Asked(one.name, one), Asked(other.name, other)))
        found += [Shape(kind, some, within=draw.random() < 0.75, exits=exits) for some in asked]
    return found


def _reaching(draw: Random, kind: str) -> list[Shape]:
    """Chains, `_has`, includes."""
    found = []
    for one in (p for p in DEFINITIONS[kind].parameters if p.type is Search.REFERENCE):
        targets = [t for t in one.targets or ("DocumentReference", "Consent") if t in DEFINITIONS and t != "AuditEvent"]
        if not targets:
            continue
        target = draw.choice(targets)
        inner = draw.choice(_parameters(target))
        chain = Asked(f"{one.name}:{target}.{inner.name}", inner)
        within = draw.random() < 0.75
        found.append(Shape(kind, (chain,), within=within, exits=(5,)))
        found.append(Shape(kind, (), (("_include", f"{kind}:{one.name}"),), within=within, exits=(4,)))
        found.append(
            Shape(target, (), (("_revinclude", f"{kind}:{one.name}"),), within=target != "Patient", exits=(4,))
        )
    found += [Shape(kind, (_has(draw, kind),), within=draw.random() < 0.75, exits=(5,)) for _ in range(3)]
    found.append(Shape(kind, (), (("_revinclude", "*"),), within=True, exits=(4,)))
    return found


def _has(draw: Random, kind: str, more: float = 0.3) -> Asked:
    """What points at a row of a type, asked for one of its parameters, or for what points at it in turn."""
    pointing = [
        (other, one)
        for other in IN_RECORDS
        if other not in {"AuditEvent", "Binary"}
        for one in DEFINITIONS[other].parameters
        if one.type is Search.REFERENCE and (not one.targets or kind in one.targets)
    ]
    other, one = draw.choice(pointing or [("List", Parameter("item", Search.REFERENCE, ""))])
    if draw.random() < more:
        inner = _has(draw, other, 0)
        return Asked(f"_has:{other}:{one.name}:{inner.name}", inner.parameter)
    parameter = draw.choice(_parameters(other))
    return Asked(f"_has:{other}:{one.name}:{parameter.name}", parameter)


def _shaped(draw: Random, kind: str) -> list[Shape]:
    """Orders, totals, parts, everything that shapes the answer and not the matches."""
    sorts = [p.name for p in _parameters(kind) if p.type is not Search.COMPOSITE]
    more: list[tuple[tuple[str, str], ...]] = [
        (("_sort", draw.choice(("", "-")) + draw.choice(sorts)), ("_count", "2")),
        (("_sort", f"{draw.choice(sorts)},-_lastUpdated"), ("_total", "accurate")),
        (("_summary", "count"),),
        (("_summary", draw.choice(("true", "text", "data"))),),
        (("_total", "estimate"), ("_count", "1")),
        (("_total", "none"),),
        (("_count", "0"),),
        (("_elements", "id,status"), ("_count", "3")),
        (("_include", "*"),),
        (("_revinclude:iterate", "List:item"), ("_include:iterate", "DocumentReference:related")),
    ]
    return [Shape(kind, (), some, within=w, exits=(1, 2, 4, 25)) for some in more for w in (True, False)]


HOLDERS = {"Patient": "_id", "Practitioner": "", "PractitionerRole": "", "Organization": ""}


def search(sight: Sight, shape: Shape) -> Request:
    """A search of a shape, with values."""
    pairs = [(one.name, value(sight, one)) for one in shape.asked] + list(shape.more)
    holder = HOLDERS.get(shape.type, "patient")
    if shape.within and holder:
        key = sight.subject()
        pairs.insert(0, (holder, sight.spelt("Patient", key) if holder == "patient" else key))
    if sight.draw.random() < 0.1:
        form = queried(pairs).encode()
        lines = (("content-type", "application/x-www-form-urlencoded"),)
        return Request("", (), "POST", f"{shape.type}/_search", form, lines)
    return Request.of("GET", f"{shape.type}?{queried(pairs)}")


@production(18, 24)
def rare_parameters(sight: Sight) -> Request:
    kind = sight.draw.choice(IN_RECORDS)
    name = sight.draw.choice(("_list", "_filter", "_content", "_text", "_query", "_has:List:item:code", "_type"))
    said = sight.draw.choice(("oncologie", f"{sight.kept('List')}", "description co autre"))
    more = "" if sight.draw.random() < 0.7 else f"&_source={BASE}/source/{sight.draw.randrange(2)}"
    line = sight.draw.choice(({}, {}, {"prefer": "handling=lenient"}))
    return Request.of("GET", f"{kind}?{queried([(name, said)])}{more}", None, **line)


@production(24)
def unknown_parameter(sight: Sight) -> Request:
    kind = sight.draw.choice(("DocumentReference", "List", "Task", "Consent"))
    line = sight.draw.choice(({}, {"prefer": "handling=lenient"}, {"prefer": "handling=strict"}))
    return Request.of("GET", f"{kind}?patient={sight.subject()}&nonsense={sight.kept(kind)}", None, **line)


@production(1, 6, 17, weight=3)
def search_by_id(sight: Sight) -> Request:
    kind = sight.draw.choice([one for one in IN_RECORDS if one != "Binary"])
    ids = ",".join(sight.any(kind) for _ in range(sight.draw.randint(1, 3)))
    return Request.of("GET", f"{kind}?_id={ids}")


@production(22, weight=3)
def journal(sight: Sight) -> Request:
    about = sight.draw.choice((
        "", "&_count=3", f"&entity=DocumentReference/{sight.any('DocumentReference')}", "&_sort=-date&_count=20",
        "&_summary=count", "&outcome=8", "&_total=accurate&_count=1", f"&_id={sight.kept('AuditEvent')}",
    ))  # fmt: skip
    return Request.of("GET", f"AuditEvent?patient={sight.subject()}{about}")


@production(1, 2, weight=4)
def pages(sight: Sight) -> Request:
    kind = sight.draw.choice(("DocumentReference", "DocumentReference", "List", "AuditEvent"))
    within = f"patient={sight.record}&" if sight.draw.random() < 0.7 else ""
    total = sight.draw.choice(("", "&_total=accurate", "&_sort=_id", "&_sort=-date"))
    return Request.of("GET", f"{kind}?{within}_count={sight.draw.randint(1, 3)}{total}")


POINTING = (
    ("DocumentReference", "_has:List:item:title", ("lot", "autre", "secret")),
    ("DocumentReference", "_has:DocumentReference:relatesto:description", ("oncologie", "compte", "cardiologie")),
    ("Patient", "_has:DocumentReference:patient:type:text", ("compte", "papier", "oncologie")),
    ("Practitioner", "_has:Consent:actor:category", ("authorisation", "block", "full-access")),
    ("List", "item:DocumentReference._has:Provenance:target:recorded", ("ge2026-01-01", "lt2026-06-10")),
)


@production(5, 21, weight=4)
def pointed_at(sight: Sight) -> Request:
    kind, name, values = sight.draw.choice(POINTING)
    return Request.of("GET", f"{kind}?{queried([(name, sight.draw.choice(values))])}")


@production(1, 5, 25, weight=3)
def contained_names(sight: Sight) -> Request:
    """What a contained signatory is called: of what may be seen, of what may not; here and through a list."""
    number = sight.draw.choice((*range(0, 6, 2), *range(100, 106, 2)))
    way = sight.draw.choice(("", "", ":exact", ":contains"))
    asked = [(f"authenticator.family{way}", f"Signataire {number}")]
    if sight.draw.random() < 0.3:
        asked = [("item:DocumentReference.authenticator.family", f"signataire {number}")]
        return Request.of("GET", f"List?patient={sight.record}&{queried(asked)}")
    more = sight.draw.choice(("", f"&patient={sight.record}", f"&patient={sight.record}&_sort=authenticator"))
    return Request.of("GET", f"DocumentReference?{queried(asked)}{more}")


@production(17, 21, weight=3)
def spelling(sight: Sight) -> Request:
    kind, name = sight.draw.choice((("List", "item"), ("Provenance", "target"), ("DocumentReference", "relatesto"),
                                    ("DocumentReference", "related"), ("Task", "focus")))  # fmt: skip
    spelt = sight.spelt("DocumentReference", sight.any("DocumentReference"))
    return Request.of("GET", f"{kind}?patient={sight.record}&{queried([(name, spelt)])}")


COMPARTMENT = ("DocumentReference", "List", "Consent", "CareTeam", "RelatedPerson", "Provenance", "AuditEvent")
SEVERAL = ("", "_count=3", "_count=1&_sort=_id", "_total=accurate&_count=2", "_summary=count", "_sort=-_lastUpdated",
           "_lastUpdated=ge2026-06-15", "_tag=t1", "_include=List:item&_count=4", "_revinclude=Provenance:target",
           "_elements=id,status&_count=5", "_source:missing=false", "nonsense=1")  # fmt: skip


@production(1, 2, 17, weight=4)
def compartment(sight: Sight) -> Request:
    """Within a record, by the address of its Patient."""
    place, more = f"Patient/{sight.subject()}", sight.draw.choice(SEVERAL)
    kind = sight.draw.choice((*COMPARTMENT, "DocumentReference", "*", "*", "Task"))
    if sight.draw.random() < 0.2:
        form = (("content-type", "application/x-www-form-urlencoded"),)
        return Request("", (), "POST", f"{place}/{kind}/_search", more.encode(), form)
    return Request.of("GET", f"{place}/{kind}?{more}")


@production(1, 2, 5, 25, weight=3)
def several(sight: Sight) -> Request:
    """A search of the system: of the types that it names, or of all."""
    kinds = sight.draw.sample((*COMPARTMENT, "Patient", "Practitioner", "Task"), sight.draw.randint(0, 3))
    ids = f"_id={','.join(sight.any(sight.kind()) for _ in range(3))}&" if sight.draw.random() < 0.3 else ""
    named = f"_type={','.join(kinds)}&" if kinds else ""
    within = f"patient={sight.subject()}&" if kinds and sight.draw.random() < 0.4 else ""
    more = f"{ids}{named}{within}{sight.draw.choice(SEVERAL)}"
    line = sight.draw.choice(({}, {}, {"prefer": "handling=lenient"}))
    return Request.of("GET", f"?{more}", None, **line)


@production(5, 17)
def identities(sight: Sight) -> Request:
    query = sight.draw.choice((
        "family=pat", "birthdate=lt2027", "name=dominique&_summary=count", f"_id={sight.subject()}", "",
        queried([("identifier", f"{TEST_INS}|{ins(sight.draw.randrange(8))}")]), "gender=female&_sort=birthdate",
    ))  # fmt: skip
    return Request.of("GET", f"Patient?{query}")
