"""The policy explained to a person: `$explain`, `$who-can-see` and `$what-if` (api.md section 3, docs/explain.md).

Here is what each takes from its Parameters and what it answers. Sentences are added where the language is known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.access import FINESS, IDNST, PROFESSION_SYSTEM, SIRENE, SPECIALTY_SYSTEM, structure_key
from app.errors import BadValue
from app.lifecycle import parameters
from app.records import deciding, explaining
from app.records.actors import WORDS, Asked
from app.records.explaining import SOURCES, Trial
from app.records.practice import Practice
from app.resources import labels
from app.storage.rows import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.records import Records
    from app.records.actors import Actor
    from app.records.explaining import Difference, Sight
    from app.resources.definition import Resource

Part = dict[str, Any]

MOST = 20
"""Documents, Consents and labels of one trial."""
EXPLAINED = frozenset({"actor", "profession", "specialty", "structure"})
LISTED = frozenset({"refused"})
TRIED = frozenset({"label", "consent", "end", "document"})
TYPES = ("Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Patient")
"""Types that an actor may be named by."""
STRUCTURES = (IDNST, FINESS, SIRENE)
TRUTHS = {"true": True, "false": False, True: True, False: False}


async def explain(records: Records, _: str, id: str, given: Resource | None) -> Resource:
    """`$explain`: why the caller sees a document, or whether and why an `actor` does."""
    base = records.office.settings.fhir_base
    asked = _asked(parameters.named(given, EXPLAINED), base)
    told = await records.question(
        "explain", lambda link: explaining.why(records.office, link, records.caller, id, asked)
    )
    parts = _actor(told.actor) if told.actor else []
    parts += _sight(told.sight)
    if told.sight.verdict == explaining.DENY and told.sight.until:
        parts.append({"name": "change", "part": [_code("act", "wait")]})
    for name, sources in told.changes:
        acts = [_code("act", one) for one in name.split()]
        parts.append({"name": "change", "part": acts + [_reference("via", {"reference": one}) for one in sources]})
    return _parameters(parts)


async def who_can_see(records: Records, type: str, id: str, given: Resource | None) -> Resource:
    """`$who-can-see`: everybody whom the record names, with the rule; with `refused` those who do not see as well."""
    asked = parameters.named(given, LISTED)
    refused = _truth(asked.get("refused", []))
    found = await records.question(
        "who-can-see", lambda link: explaining.who_can_see(records.office, link, records.caller, type, id)
    )
    shown = [(actor, sight) for actor, sight in found if refused or {sight.verdict, sight.then} - {explaining.DENY, ""}]
    return _parameters([{"name": "reader", "part": [*_actor(a), *_sight(s), *_via(a)]} for a, s in shown])


async def decision(records: Records, _: str, id: str, given: Resource | None) -> Resource:
    """`$decision`: the decision behind an act of the trail, as an AuditEvent of BALP's AuthZconsent."""
    parameters.named(given, frozenset())
    return await records.question("decision", lambda link: deciding.decision(records.office, link, records.caller, id))


async def what_if(records: Records, type: str, id: str, given: Resource | None) -> Resource:
    """`$what-if`: what labels and Consents would change, for whom, without keeping them."""
    trial = _trial(parameters.named(given, TRIED), type, id)
    about = tuple(trial.labels) if type == "Patient" else (id,)
    found = await records.suppose(
        "what-if", type, id, about, lambda unit: explaining.what_if(unit, type, id, _again(trial))
    )
    return _parameters([{"name": "difference", "part": list(_difference(one))} for one in found])


def _again(trial: Trial) -> Trial:
    """The trial with trees of its own: a transaction that lost against another is begun again."""
    return replace(trial, begins=tuple(parameters.copied(one) for one in trial.begins))


def _asked(given: dict[str, list[Part]], base: str) -> Asked | None:
    """The actor that a question names; None where it names nobody."""
    narrowed = Practice(
        profession=_coded(given, "profession", PROFESSION_SYSTEM),
        specialty=_coded(given, "specialty", SPECIALTY_SYSTEM),
        structure=_structure(given),
    )
    if "actor" not in given:
        if given:
            raise BadValue("what narrows an actor down needs an `actor`", expression=_path("actor"))
        return None
    name = _name(given["actor"]).removeprefix(f"{base}/")
    if "|" not in name and name not in WORDS and name.partition("/")[0] not in TYPES:
        told = ", ".join((*(f"{one}/<id>" for one in TYPES), "<system>|<value>", *WORDS))
        raise BadValue(f"an actor is one of: {told}", expression=_path("actor"))
    return Asked(name, narrowed)


def _name(given: list[Part]) -> str:
    """How the one actor is named: as a text, a code, a Reference, an Identifier or a Coding."""
    one = parameters.single(given, "actor")
    reference = one.get("valueReference", {})
    if "reference" in reference:
        return str(reference["reference"])
    token = one.get("valueIdentifier") or one.get("valueCoding") or reference.get("identifier")
    if isinstance(token, dict):
        return f"{token.get('system', '')}|{token.get('value') or token.get('code', '')}"
    return parameters.text_of(one, "actor")


def _coded(given: dict[str, list[Part]], name: str, system: str) -> str:
    """Key of a profession or specialty: a Coding, `system|code`, or a code of the national system."""
    if name not in given:
        return ""
    one = parameters.single(given[name], name)
    coding = one.get("valueCoding")
    text = f"{coding.get('system', system)}|{coding.get('code', '')}" if coding else parameters.text_of(one, name)
    return f"{name}|{text if '|' in text else f'{system}|{text}'}"


def _structure(given: dict[str, list[Part]]) -> str:
    if "structure" not in given:
        return ""
    one = parameters.single(given["structure"], "structure")
    token = one.get("valueIdentifier")
    text = f"{token.get('system', '')}|{token.get('value', '')}" if token else parameters.text_of(one, "structure")
    system, bar, value = text.rpartition("|")
    if bar and system not in STRUCTURES:
        raise BadValue(f"a structure is of one of: {', '.join(STRUCTURES)}", expression=_path("structure"))
    return structure_key(system if bar else IDNST, value)


def _truth(given: list[Part]) -> bool:
    if not given:
        return False
    one = parameters.single(given, "refused")
    value = TRUTHS.get(one.get("valueBoolean", one.get("valueString", one.get("valueCode"))))
    if value is None:
        raise BadValue("`refused` is true or false", expression=_path("refused"))
    return value


def _trial(given: dict[str, list[Part]], type: str, id: str) -> Trial:
    if not given or sum(map(len, given.values())) > MOST:
        raise BadValue(f"a trial has 1 to {MOST} labels, Consents and documents", expression=("Parameters.parameter",))
    tried: dict[str, labels.Labels] = {}
    if type == "DocumentReference":
        if "document" in given:
            raise BadValue("the document is the one that the path names", expression=_path("document"))
        if "label" in given:
            tried[id] = _labels(given["label"])
    elif "label" in given:
        raise BadValue("a label stands in the part `document`", expression=_path("label"))
    for one in given.get("document", []):
        parts = parameters.parts(one, frozenset({"reference", "label"}), "document")
        tried[_id(parts.get("reference", []), "DocumentReference", "document")] = _labels(parts.get("label", []))
    begins = tuple(_consent(one) for one in given.get("consent", []))
    return Trial(tried, begins, tuple(_id([one], "Consent", "end") for one in given.get("end", [])))


def _consent(given: Part) -> Resource:
    tree: Resource = given.get("resource", {})
    if tree.get("resourceType") != "Consent":
        raise BadValue("`consent` is a resource of type `Consent`", expression=_path("consent"))
    return tree


def _id(given: list[Part], type: str, name: str) -> str:
    """The id that the one Reference leads to."""
    one = parameters.single(given, name)
    reference = one.get("valueReference", {}).get("reference") or parameters.text_of(one, name)
    kind, _, identifier = str(reference).rpartition("/")
    if kind.rpartition("/")[2] != type or not identifier:
        raise BadValue(f"`{name}` is a reference to a `{type}`", expression=_path(name))
    return identifier


def _labels(given: list[Part]) -> labels.Labels:
    """The visibility labels of a document that is tried: `N` alone for none of them."""
    codes = {str(one.get("valueCoding", {}).get("code") or parameters.text_of(one, "label")) for one in given}
    if not codes or codes - {*labels.CODES, labels.NORMAL}:
        told = ", ".join((*labels.CODES, labels.NORMAL))
        raise BadValue(f"a label is one of: {told}", expression=_path("label"))
    return labels.Labels(*(code in codes for code in labels.CODES))


def _path(name: str) -> tuple[str, ...]:
    return (f"Parameters.parameter.where(name = '{name}')",)


def _parameters(parts: list[Part]) -> Resource:
    return {"resourceType": "Parameters", **({"parameter": parts} if parts else {})}


def _code(name: str, code: str) -> Part:
    return {"name": name, "valueCode": code}


def _reference(name: str, reference: Resource) -> Part:
    return {"name": name, "valueReference": reference}


def _actor(actor: Actor) -> list[Part]:
    kind = _code("kind", actor.kind)
    if not actor.shown:
        return [kind]
    return [kind, {"name": "actor", "valueCoding" if "code" in actor.shown else "valueReference": actor.shown}]


def _via(actor: Actor) -> list[Part]:
    return [_reference("via", {"reference": one}) for one in actor.sources]


def _sight(sight: Sight, name: str = "verdict") -> list[Part]:
    parts = [
        _code(name, sight.verdict),
        _code("rule", sight.rule),
        {"name": "source", "valueString": SOURCES[sight.rule]},
    ]
    parts += [{"name": "way", "part": list(_way(one))} for one in sight.ways]
    if sight.until:
        parts += [{"name": "until", "valueInstant": instant(sight.until)}, _code("then", sight.then)]
    return parts


def _way(way: Practice) -> Iterator[Part]:
    """How an actor who sees would act: profession, specialty, structure; nothing for any other."""
    for name, key in (("profession", way.profession), ("specialty", way.specialty)):
        if key:
            _, system, code = key.split("|", 2)
            yield {"name": name, "valueCoding": {"system": system, "code": code}}
    if way.structure:
        system, bar, value = way.structure.partition("|")[2].rpartition("|")
        yield {"name": "structure", "valueIdentifier": {"system": system if bar else IDNST, "value": value}}


def _difference(one: Difference) -> Iterator[Part]:
    """What would change for one actor: as a whole, and for single documents."""
    yield from _actor(one.actor)
    if one.relation:
        yield _change("record", *one.relation)
    alike: dict[tuple[Sight, Sight], list[str]] = {}
    for id, sights in one.documents.items():
        alike.setdefault(sights, []).append(f"DocumentReference/{id}")
    for sights, references in alike.items():
        yield _change("document", *sights, references)


def _change(name: str, before: Sight, after: Sight, references: Iterable[str] = ()) -> Part:
    """The verdicts before and after, of the record or of each of the documents."""
    parts = [_reference("reference", {"reference": one}) for one in references]
    parts += [{"name": "before", "part": _sight(before)}, {"name": "after", "part": _sight(after)}]
    return {"name": name, "part": parts}
