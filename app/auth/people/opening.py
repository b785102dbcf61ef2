"""The person who opens his own record (L.1111-14, P4D TD1.1): after his sign-in, on one page and in one transaction.

Somebody made his identity before, with an address at which he is reached: a code sent there proved that it is he. What
he says is written as any application would write it, through the one door and by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.access import RPPS, Kind
from app.errors import BadValue
from app.records import holders
from app.records.answer import Entry
from app.resources.care_team import PARTICIPATION, TREATING
from app.resources.consent import ACT_REASON, CATEGORY_SYSTEM, RECIPIENT, SCOPE, Category

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.server.office import Asker, Authority
    from app.auth.server.subject import Subject
    from app.resources.definition import Resource

SCOPES = frozenset({"Consent.c", "CareTeam.c"})
OPPOSED = {"break-glass": "BTG", "regulation": "ETREAT"}
"""The two ways of emergency access, each to be answered with yes or no, and what opposes it."""
MOST = 10
"""Professionals who may be authorised on the page."""
RPPS_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Wishes:
    """What he says on the page: purposes opposed, and RPPS numbers of the treating physician ("") and of others."""

    opposed: tuple[str, ...]
    treating: str
    authorised: tuple[str, ...]


def read(form: Mapping[str, str]) -> Wishes:
    """The page as it was filled in; BadValue without express consent, or with a question left open."""
    if form.get("agreed") != "yes":
        raise BadValue("a record opens with express consent", reason="consent-missing")
    answers = {name: form.get(name, "") for name in OPPOSED}
    if not set(answers.values()) <= {"yes", "no"}:
        raise BadValue("both questions want an answer", reason="opposition-unanswered")
    treating, others = form.get("treating", "").split(), form.get("authorised", "").replace(",", " ").split()
    numbers = [*treating, *others]
    if len(treating) > 1 or len(others) > MOST or not all(map(_is_rpps, numbers)):
        raise BadValue("a professional is named by the eleven digits of his RPPS number", reason="not-an-rpps")
    opposed = tuple(OPPOSED[name] for name, answer in answers.items() if answer == "no")
    return Wishes(opposed, "".join(treating), tuple(dict.fromkeys(others)))


def _is_rpps(text: str) -> bool:
    return len(text) == RPPS_DIGITS and text.isascii() and text.isdecimal()


async def awaited(authority: Authority, person: Subject) -> bool:
    """Whether he is the holder of an identity whose record was never opened."""
    if person.kind is not Kind.HOLDER:
        return False
    async with authority.office.database.link() as link:
        return await holders.unopened(link, person.access.record)


async def open_record(authority: Authority, who: Asker, person: Subject, client: str, wishes: Wishes) -> None:
    """Open his record: consent, oppositions, treating physician and first authorisations, or nothing of it."""
    base = authority.settings.codesystem_base
    holder = f"Patient/{person.access.record}"
    trees = [_consent(holder, Category.OPENING, base)]
    if wishes.opposed:
        purposes = [{"system": ACT_REASON, "code": code} for code in wishes.opposed]
        trees.append(_consent(holder, Category.EMERGENCY_OPPOSITION, base, {"type": "deny", "purpose": purposes}))
    if wishes.treating:
        trees.append(_team(holder, wishes.treating))
    given = [{"type": "permit", "actor": [_actor(number)]} for number in wishes.authorised]
    trees += [_consent(holder, Category.AUTHORISATION, base, provision) for provision in given]
    access = replace(person.access, client=client, scopes=SCOPES)
    entries = [Entry("POST", tree["resourceType"], tree) for tree in trees]
    await authority.door.open(access, who.facts).transaction(entries)


def _consent(holder: str, category: Category, base: str, provision: Resource | None = None) -> Resource:
    tree: Resource = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [dict(zip(("system", "code"), SCOPE, strict=True))]},
        "category": [{"coding": [{"system": f"{base}{CATEGORY_SYSTEM}", "code": category.value}]}],
        "patient": {"reference": holder},
        "dateTime": datetime.now(UTC).date().isoformat(),
        "performer": [{"reference": holder}],
        "policy": [{"uri": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000043497489"}],
    }
    return tree | ({"provision": provision} if provision else {})


def _professional(number: str) -> dict[str, Any]:
    return {"type": "Practitioner", "identifier": {"system": RPPS, "value": number}}


def _actor(number: str) -> dict[str, Any]:
    role = {"coding": [dict(zip(("system", "code"), RECIPIENT, strict=True))]}
    return {"role": role, "reference": _professional(number)}


def _team(holder: str, number: str) -> Resource:
    role = [{"coding": [{"system": PARTICIPATION, "code": TREATING}]}]
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": holder},
        "participant": [{"role": role, "member": _professional(number)}],
    }
