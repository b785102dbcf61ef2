"""`$validate`: what would stand against a resource, told and not refused; nothing is written (R4, Resource-validate).

A body is judged by R4, by the rules of its type, by profiles, and by where its references lead this caller. An unseen
target reads exactly like an absent one, as it does in a write.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.errors import BrokenRule, Issue, Refusal
from app.records.references import Resolved, Resolver
from app.resources import DEFINITIONS, profiles
from app.resources.validation import as_warning, is_format, judged, parse
from app.settings import Profiles

if TYPE_CHECKING:
    from app.policy.standing import Caller
    from app.records.office import Office
    from app.records.reading import Seen
    from app.resources.definition import Definition, Resource
    from app.resources.structure import Survey
    from app.storage.session import Link


class Mode(StrEnum):
    """What a resource is validated for."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. Without a `tree` it is about what stands there; `profiles` are asked for beside those it names."""

    tree: Resource | None
    mode: Mode | None = None
    profiles: tuple[str, ...] = ()


async def validate(
    office: Office, link: Link, caller: Caller, type: str, asked: Asked, seen: Seen | None
) -> tuple[list[Issue], str]:
    """Every issue, and the record that the question is about ("" for none that the caller reaches).

    `seen` is what stands there, as the caller sees it.
    """
    definition = DEFINITIONS.get(type)
    key = seen.record if seen else ""
    if asked.mode is Mode.DELETE:
        return _deleted(definition), key
    stored = parse(seen.stored.body) if seen else None
    tree = asked.tree or stored or {}
    survey, issues = _judged(definition, tree, asked, stored if asked.tree else None, office)
    if asked.tree is None or is_format(issues) or definition is None:
        return issues, key
    if seen and tree.get("id") != seen.stored.id:
        issues.append(Issue("value", "the id must be that of the url", expression=(f"{type}.id",)))
    found, about = await _led(office, link, caller, definition, tree, survey)
    return issues + found, key or about


def _judged(
    definition: Definition | None, tree: Resource, asked: Asked, before: Resource | None, office: Office
) -> tuple[Survey, list[Issue]]:
    """What R4, the rules of the type and the profiles hold against a tree, without asking the database."""
    base = office.settings.codesystem_base
    survey, issues = judged(definition, tree, base)
    issues += survey.warnings
    if is_format(issues):
        return survey, issues
    if definition is None:
        issues += _inside(tree, base)
    named = profiles.check(tree, base, before)
    if office.settings.profiles is Profiles.WARN:
        named = [as_warning(one) for one in named]
    return survey, [*issues, *named, *profiles.judge(tree, asked.profiles, base, asked=True)]


def _inside(bundle: Resource, base: str) -> list[Issue]:
    """What stands against each resource of a Bundle, beyond its shape, which was judged with the Bundle's."""
    found: list[Issue] = []
    for number, entry in enumerate(bundle.get("entry", [])):
        inner = entry.get("resource", {})
        definition = DEFINITIONS.get(inner.get("resourceType", ""))
        if definition is not None:
            issues = [*definition.check(inner, base), *profiles.check(inner, base)]
            found += [_placed(one, f"Bundle.entry[{number}].resource") for one in issues]
    return found


def _placed(issue: Issue, place: str) -> Issue:
    """The same issue, with its path from the Bundle on."""
    paths = tuple(f"{place}.{path.partition('.')[2]}".rstrip(".") for path in issue.expression)
    return replace(issue, expression=paths or (place,))


def _deleted(definition: Definition | None) -> list[Issue]:
    if definition is not None and "delete" in definition.interactions:
        return []
    return [Issue("not-supported", "this is not deleted", "not-deleted")]


async def _led(
    office: Office, link: Link, caller: Caller, definition: Definition, tree: Resource, survey: Survey
) -> tuple[list[Issue], str]:
    """What is wrong with where the references lead, and the record that the resource is about."""
    resolver = Resolver(link, caller, office.directory, office.settings.fhir_base, _nothing_is_written)
    found = Resolved()
    issues: list[Issue] = []
    try:
        await resolver.lead(definition, tree, survey, found)
    except BrokenRule as refusal:
        issues = list(refusal.issues)
    key = found.record or await _meant(resolver, definition, tree, survey)
    reached = key and caller.access.record in {"", key} and (await caller.standing(link, key)).status
    return issues, key if reached else ""


async def _meant(resolver: Resolver, definition: Definition, tree: Resource, survey: Survey) -> str:
    """The record that a compartment names, where its reference leads nowhere."""
    with suppress(Refusal):
        for one in survey.references:
            if definition.compartment and one.path == definition.compartment:
                return await resolver.record_meant(tree, one)
    return ""


async def _nothing_is_written() -> Any:  # noqa: ANN401 - it never answers
    raise RuntimeError
