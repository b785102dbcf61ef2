"""The conditions of a search: which parameter a name means, on this type or through references on another.

`author:Practitioner.family:exact` is a chain (search.html section 3.1.1.5): the parameter `author`, limited to one
type of target, whose `family` is asked with the modifier `exact`. `_has:List:item:code` asks the other way (section
3.1.1.5.1): rows of type List point at this one by `item`, and one of them has that `code`. Either may go on in the
other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.errors import BadValue, TooCostly, Unsupported
from app.resources import COMMON, DEFINITIONS
from app.resources.definition import Scope, Search
from app.storage.search import composite, date, reference, string, token, uri
from app.storage.search.match import ID, LAST_UPDATED, Chain, Has, Match, Question
from app.storage.search.piece import split

if TYPE_CHECKING:
    from app.resources.definition import Definition, Parameter
    from app.storage.search.match import Kind, Test

KINDS: dict[Search, Kind] = {
    Search.TOKEN: token,
    Search.STRING: string,
    Search.DATE: date,
    Search.REFERENCE: reference,
    Search.URI: uri,
    Search.COMPOSITE: composite,
}
"""The module of each search type: its modifiers, how its values are read, what they compile to."""
MISSING = "missing"
HAS = "_has"
UNCHAINED = frozenset({"AuditEvent", "Binary"})
"""Types that no chain goes through: the trail is no part of a record, and a Binary has no parameters."""
MOST_ALTERNATIVES = 100
MOST_LINKS = 6
"""References that one condition follows: the longest way between our types is shorter."""
NAME_SHOWN = 64
NAMES = ("family", "given", "name")
CALLED = frozenset({*NAMES, *(f"practitioner.{name}" for name in NAMES), "organization.name"})
"""Chains that look at a contained target as well: those that ask what he is called (ITI-66, ITI-67)."""
TYPES = re.compile(r":[A-Z][A-Za-z]*(?=\.)")
HAS_PARTS = 4


class Unknown(Unsupported):
    """A parameter that the type does not have: refused, or left out and named (api.md section 2)."""


@dataclass(frozen=True, slots=True)
class Term:
    """One parameter of the query as sent, and what it asks."""

    name: str
    value: str
    test: Test


def find(definition: Definition, code: str) -> Parameter | None:
    """The parameter of that name, be it of the type or of all types."""
    own = definition.parameter(code)
    return own or next((p for p in (ID, LAST_UPDATED, *COMMON) if p.name == code), None)


def modifiers(parameter: Parameter) -> list[str]:
    """The modifiers that a parameter knows."""
    if parameter.type is Search.COMPOSITE:
        return []
    if parameter is ID:
        return [MISSING, "not"]
    typed = reference.targets(parameter) if parameter.type is Search.REFERENCE else ()
    return [MISSING, *sorted(KINDS[parameter.type].MODIFIERS - {""}), *typed]


def chained(parameter: Parameter) -> list[str]:
    """The types that a chain goes through from a reference."""
    if parameter.type is not Search.REFERENCE:
        return []
    return [kind for kind in reference.targets(parameter) if _is_chained(kind)]


def read(definition: Definition, name: str, value: str, base: str) -> Term | None:
    """The condition that a parameter asks, or None where its value is empty.

    Raises:
        Unknown: the type has no such parameter.
        Unsupported: a modifier or a chain that the parameter does not know, or that leads to a type not served.
        BadValue: a value that its type does not allow.
        TooCostly: more than 100 alternatives, or a chain of more than six references.
    """
    pieces = tuple(piece for piece in split(value, ",") if piece)
    if len(pieces) > MOST_ALTERNATIVES:
        raise TooCostly(f"`{name}` has more than {MOST_ALTERNATIVES} values")
    if name.count(".") + name.count(f"{HAS}:") > MOST_LINKS:
        raise TooCostly(f"`{name}` follows more than {MOST_LINKS} references")
    if not pieces and (name.startswith(f"{HAS}:") or find(definition, re.split(r"[.:]", name)[0])):
        return None
    test = _test(definition, name, pieces, base)
    if test is None:
        raise Unknown(f"`{definition.type}` has no search parameter `{name[:NAME_SHOWN]}`")
    return Term(name, value, test)


def _test(definition: Definition, name: str, pieces: tuple[str, ...], base: str) -> Test | None:
    if name.startswith(f"{HAS}:"):
        return _has(definition, name, pieces, base)
    head, dot, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    parameter = find(definition, code)
    if parameter is None:
        return None
    if dot:
        chain = _chain(parameter, modifier, rest, pieces, base)
        # entries of the directory point at others, and contain nobody
        return replace(chain, inside=None) if chain and definition.scope is Scope.DIRECTORY else chain
    return _match(Question(definition, parameter, modifier, pieces, base))


def _chain(parameter: Parameter, modifier: str, rest: str, pieces: tuple[str, ...], base: str) -> Chain | None:
    """Every type of target that has the next parameter is tried; where any type may stand, one must be named."""
    if parameter.type is not Search.REFERENCE:
        raise Unsupported(f"`{parameter.name}` is no reference: `{parameter.name}.{rest}` cannot be followed")
    if modifier and modifier not in reference.targets(parameter):
        raise Unsupported(f"modifier `:{modifier}` of `{parameter.name}` is not supported")
    if not modifier and not parameter.targets:
        raise Unsupported(f"name the type of the target: `{parameter.name}:Type.{rest}`")
    kinds = [modifier] if modifier else list(parameter.targets)
    served = [kind for kind in kinds if _is_chained(kind)]
    if not served:
        raise Unsupported(f"`{parameter.name}.{rest[:NAME_SHOWN]}` leads to no type that a chain goes through here")
    tests = ((kind, _test(DEFINITIONS[kind], rest, pieces, base)) for kind in served)
    branches = tuple((kind, test) for kind, test in tests if test)
    return Chain(parameter, branches, _inside(parameter, kinds, rest, pieces)) if branches else None


def _inside(parameter: Parameter, kinds: list[str], rest: str, pieces: tuple[str, ...]) -> Match | None:
    """The same asked of a contained target, where it is asked what he is called; None for anything else."""
    path, _, modifier = TYPES.sub("", rest).partition(":")
    if path not in CALLED or modifier not in string.MODIFIERS:
        return None
    asked = Question(DEFINITIONS[kinds[0]], replace(parameter, type=Search.STRING), modifier, pieces, "")
    return string.inside(asked, [f"{kind}.{path}" for kind in kinds])


def _has(definition: Definition, name: str, pieces: tuple[str, ...], base: str) -> Has | None:
    """`_has:Type:reference:parameter`, whose last part may be a chain, a parameter with a modifier or `_has` again."""
    _, kind, code, rest = (*name.split(":", HAS_PARTS - 1), "", "", "")[:HAS_PARTS]
    if not _is_chained(kind):
        raise Unsupported(f"`{HAS}` of type `{kind[:NAME_SHOWN]}` is not supported")
    parameter = DEFINITIONS[kind].parameter(code)
    if parameter is None or parameter.type is not Search.REFERENCE:
        raise Unsupported(f"`{kind}` has no reference parameter `{code[:NAME_SHOWN]}` to be found by")
    if definition.type not in reference.targets(parameter):
        raise Unsupported(f"`{code}` of `{kind}` never points at `{definition.type}`")
    test = _test(DEFINITIONS[kind], rest, pieces, base)
    return Has(parameter, kind, definition.type, test) if test else None


def links(test: Test) -> int:
    """How many times a condition looks at rows of another kind: the branches of its chains, and what points at it."""
    if isinstance(test, Chain):
        return sum(1 + links(inner) for _, inner in test.branches)
    return 1 + links(test.test) if isinstance(test, Has) else 0


def _is_chained(kind: str) -> bool:
    return kind in DEFINITIONS and kind not in UNCHAINED


def _match(question: Question) -> Match:
    parameter, modifier = question.parameter, question.modifier
    if modifier == MISSING and parameter.type is not Search.COMPOSITE:
        return _missing(question)
    kind = KINDS[parameter.type]
    typed = parameter.type is Search.REFERENCE and modifier in reference.targets(parameter)
    if modifier not in kind.MODIFIERS and not typed:
        raise question.unsupported()
    return kind.match(question)


def _missing(question: Question) -> Match:
    if question.pieces not in {("true",), ("false",)}:
        raise BadValue(f"`{question.parameter.name}:missing` is either `true` or `false`")
    return question.match(form=question.pieces == ("true",))
