"""What the operations that explain the policy tell: their Parameters, read for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.serving import IDNPS, IDNST

if TYPE_CHECKING:
    from tests.serving import Caller, Tree


@dataclass(frozen=True)
class Told:
    """One verdict: about whom (a key of the tests: a word, `IDNPS|…`, `profession|…`), and what is said."""

    who: str
    verdict: str
    rule: str
    sentence: str
    source: str
    ways: frozenset[tuple[str, str, str]]
    """profession, specialty (codes) and structure in which he sees, where it depends"""
    until: str
    then: str
    changes: tuple[tuple[str, ...], ...]
    via: tuple[str, ...]

    def sees(self, profession: str = "", specialty: str = "", structure: str = "") -> bool:
        """Whether who comes with that profession and specialty, in that structure, sees."""
        if self.verdict == "depends":
            return (profession, specialty, structure) in self.ways
        return self.verdict == "permit"


def value(parameter: Tree) -> Any:
    return next((parameter[name] for name in parameter if name.startswith("value")), None)


def parts(given: list[Tree], name: str) -> list[Any]:
    """The values of the parameters of a name, or the parts of those that have some."""
    return [one.get("part", value(one)) for one in given if one["name"] == name]


def first(given: list[Tree], name: str) -> Any:
    return next(iter(parts(given, name)), "")


def who(given: list[Tree]) -> str:
    kind, shown = str(first(given, "kind")), first(given, "actor")
    if not shown or kind == "holder":
        return kind
    if "code" in shown:
        return f"{kind}|{shown['code']}"
    return str(shown["identifier"]["value"]) if "identifier" in shown else str(shown["reference"])


def _way(given: list[Tree]) -> tuple[str, str, str]:
    profession, specialty, place = (first(given, name) for name in ("profession", "specialty", "structure"))
    return (
        profession["code"] if profession else "",
        specialty["code"] if specialty else "",
        place["value"] if place else "",
    )


def told(given: list[Tree]) -> Told:
    """One verdict."""
    return Told(
        who=who(given),
        verdict=str(first(given, "verdict")),
        rule=str(first(given, "rule")),
        sentence=str(first(given, "sentence")),
        source=str(first(given, "source")),
        ways=frozenset(_way(one) for one in parts(given, "way")),
        until=str(first(given, "until")),
        then=str(first(given, "then")),
        changes=tuple(tuple(parts(one, "act")) for one in parts(given, "change")),
        via=tuple(one["reference"] for one in parts(given, "via")),
    )


async def explained(asker: Caller, document: str, actor: str = "", language: str = "fr", **narrowed: str) -> Told:
    """`$explain` of a document."""
    query = {**({"actor": actor} if actor else {}), **narrowed}
    headers = {"Accept-Language": language}
    answer = await asker.get(f"DocumentReference/{document}/$explain", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return told(answer.json()["parameter"])


async def readers(asker: Caller, place: str, *, refused: bool = True) -> dict[str, Told]:
    """`$who-can-see` of a document or a record, by whom it is about."""
    answer = await asker.get(f"{place}/$who-can-see", params={"refused": "true"} if refused else {})
    assert answer.status_code == 200, answer.text
    found = [told(one) for one in parts(answer.json().get("parameter", []), "reader")]
    assert len({one.who for one in found}) == len(found)
    return {one.who: one for one in found}


@dataclass(frozen=True)
class Changed:
    """What a trial would change for somebody: verdicts before and after, of the record and of documents by id."""

    record: tuple[Told, Told] | None
    documents: dict[str, tuple[Told, Told]]


def _pair(given: list[Tree]) -> tuple[Told, Told]:
    return told(first(given, "before")), told(first(given, "after"))


def changed(answer: Tree) -> dict[str, Changed]:
    """`$what-if`: the differences, by whom they are about."""
    found: dict[str, Changed] = {}
    for one in parts(answer.get("parameter", []), "difference"):
        record = [_pair(part) for part in parts(one, "record")]
        documents = {
            reference["reference"].removeprefix("DocumentReference/"): _pair(part)
            for part in parts(one, "document")
            for reference in parts(part, "reference")
        }
        found[who(one)] = Changed(record[0] if record else None, documents)
    return found


def trial(*parameters: Tree) -> Tree:
    """The Parameters of a `$what-if`."""
    return {"resourceType": "Parameters", "parameter": list(parameters)}


def beginning(consent: Tree) -> Tree:
    return {"name": "consent", "resource": consent}


def ending(consent: str) -> Tree:
    return {"name": "end", "valueReference": {"reference": f"Consent/{consent}"}}


def labelled(*codes: str) -> list[Tree]:
    """Labels of the document that the path names; none: no visibility label."""
    return [{"name": "label", "valueCode": code} for code in codes or ("N",)]


def relabelled(document: str, *codes: str) -> Tree:
    """Labels of one document of a record."""
    reference = {"name": "reference", "valueReference": {"reference": f"DocumentReference/{document}"}}
    return {"name": "document", "part": [reference, *labelled(*codes)]}


def person(idnps: str) -> str:
    return f"{IDNPS}|{idnps}"


def structure(idnst: str) -> str:
    return f"{IDNST}|{idnst}"
