"""Profiles: what published guides, and we, ask of a resource beyond R4; judged where `meta.profile` names one.

`data/guides.json` holds those of the French guides, written by `scripts/profiles` from their StructureDefinitions;
`data/ihe.json` those of IHE, written by hand from the published profiles; `ours` makes our own. `declared` reads them,
`walk` judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.errors import Issue
from app.resources.profiles.declared import Profile, known, of_guides
from app.resources.profiles.walk import broken, weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.resources.definition import Resource

__all__ = ["Profile", "check", "judge", "known", "named", "of_guides"]

MOST = 20
"""Profiles of one resource that are looked at."""
LONGEST_ECHO = 200
"""Characters of a canonical that a message repeats."""
CORE = "http://hl7.org/fhir/StructureDefinition/"
"""R4's own: every body is judged by them."""


def named(tree: Resource) -> list[str]:
    """The profiles that a resource says it conforms to."""
    meta: Any = tree.get("meta")
    urls: Any = meta.get("profile") if isinstance(meta, dict) else None
    return [url for url in urls if isinstance(url, str)] if isinstance(urls, list) else []


def judge(tree: Resource, urls: Iterable[str], base: str, *, asked: bool = False) -> list[Issue]:
    """What stands against each of these profiles, for a body that is well-formed.

    A profile that is not known is told as information: a guide that we do not know harms nobody. Where somebody
    `asked` for it by name, it is an error, since nothing was judged. `base` is the canonical base of our own.
    """
    kind = str(tree["resourceType"])
    found: list[Issue] = []
    for url in list(dict.fromkeys(urls))[:MOST]:
        if versions := known(url, base):
            found += min((broken(tree, one, base, kind) for one in versions), key=weight)
        elif not _is_core(url, tree):
            found.append(_unknown(url, kind, asked=asked))
    return found


def check(tree: Resource, base: str, before: Resource | None = None) -> list[Issue]:
    """What stands against the profiles that a resource and those that it contains name.

    Of a change, those that stood there `before` are not judged again: a profile says what is sent, and what becomes of
    it is the record's (a document that is withdrawn, a content that is now at a url). What is contained is judged by
    the profiles that are known, and nothing is said of others.
    """
    already = named(before) if before else []
    found = judge(tree, [url for url in named(tree) if url not in already], base)
    if before:
        return found
    for index, inner in enumerate(tree.get("contained", [])):
        path = f"{tree['resourceType']}.contained[{index}]"
        for url in named(inner)[:MOST]:
            found += min((broken(inner, one, base, path) for one in known(url, base)), key=weight, default=[])
    return found


def _is_core(url: str, tree: Resource) -> bool:
    return url.partition("|")[0] == f"{CORE}{tree['resourceType']}"


def _unknown(url: str, kind: str, *, asked: bool) -> Issue:
    shown = f"`{url}`" if len(url) <= LONGEST_ECHO else "of that name"
    severity = "error" if asked else "information"
    path = () if asked else (f"{kind}.meta.profile",)
    return Issue("not-found", f"the profile {shown} is not known here", "unknown-profile", path, severity)
