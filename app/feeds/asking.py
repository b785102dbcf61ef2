"""Asking, holder after holder: those whose record was opened a moment ago, and those who were asked about yesterday.

What it gives is deposited through the one door as the insurer's own, type REMB only; it reads nothing. A deposit has a
master identifier and is kept once, so that what is asked again, after a crash or an outage, adds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from app.access import IDNST, Access, Kind, structure_key
from app.errors import Conflict, Refusal, Unavailable
from app.feeds.source import Down, Feed, reach
from app.records import Door, RequestFacts, care
from app.resources.moment import interval
from app.storage.keys import Unreadable
from app.storage.rows import PAST

if TYPE_CHECKING:
    from datetime import datetime

    from app.records import Records
    from app.records.care import Question
    from app.records.office import Office
    from app.resources.definition import Resource

IDLE = 1.0
"""Seconds until it is looked again whether somebody is to be asked about."""
GONE = frozenset({"record-not-open", "destroyed"})
"""Reasons against a deposit that are the record's and not the document's."""
SCOPES = frozenset({"DocumentReference.c"})
PURPOSE = "HPAYMT"
OWN = ("id", "meta", "subject", "text")
"""What of a document is not the feed's to say: whose it is above all."""

_log = logging.getLogger(__name__)


async def keep(office: Office) -> None:
    """Ask until cancelled."""
    await _catch_up(office)
    async with reach(office.settings) as feed:
        while True:
            try:
                asked = await ask_next(office, feed)
            except (Refusal, Unreadable, OSError) as error:
                _log.warning("the feed is not asked: %s", type(error).__name__)
                asked = False
            if not asked:
                await asyncio.sleep(IDLE)


async def _catch_up(office: Office) -> None:
    """The records that were opened before there was a feed; the database may not be there yet."""
    while True:
        try:
            return await care.catch_up(office)
        except Refusal:
            await asyncio.sleep(IDLE)


async def ask_next(office: Office, feed: Feed) -> bool:
    """Ask for the care of the next holder whose time has come, and keep it; false where there is nobody."""
    key, question = await care.claim(office)
    if question is None:
        if key:
            await care.answered(office, key)
        return bool(key)
    try:
        since, refused = await _take(office, feed, question)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is about this one, and the others are asked about
        fault = str(error) if isinstance(error, Down) else type(error).__name__
        _log.warning("the feed is asked again later: %s", fault)
        await care.failed(office, key, fault)
    else:
        await care.answered(office, key, since, refused)
    return True


async def _take(office: Office, feed: Feed, question: Question) -> tuple[str, int]:
    """Keep all that the feed gives; its newest instant as the feed wrote it, and how much of it was refused."""
    insurer = structure_key(IDNST, office.settings.feed_structure)
    access = Access(Kind.INSURER, insurer, structure=insurer, client="feed", purpose=PURPOSE, scopes=SCOPES)
    records = Door(office).open(access, RequestFacts())
    newest, refused = question.since, 0
    async for page in feed.pages(question):
        for tree in page:
            reason = await _deposit(records, question, tree)
            if reason:
                _log.warning("the feed gave what is not taken: %s", reason)
                refused += 1
            newest = max(newest, _written(tree), key=_moment)
    return newest, refused


async def _deposit(records: Records, question: Question, tree: Resource) -> str:
    """Keep one document; the reason code of what refused it, "" where it is kept or was before. Down, to ask again."""
    reason = _fault(question, tree)
    if reason:
        return reason
    mine = {name: value for name, value in tree.items() if name not in OWN}
    try:
        await records.create("DocumentReference", mine | {"subject": {"reference": f"Patient/{question.record}"}})
    except (Unavailable, Conflict):
        raise
    except Refusal as refusal:
        if refusal.reason in GONE:  # closed, or destroyed meanwhile: not lost, for it is asked again
            raise Down(refusal.reason) from None
        return refusal.reason or refusal.code
    return ""


def _fault(question: Question, tree: Resource) -> str:
    """What of a document stands against it before the policy is asked, "" for nothing."""
    if tree.get("resourceType") != "DocumentReference":
        return "not-a-document"
    if not isinstance(tree.get("masterIdentifier"), dict):
        return "no-master-identifier"  # without a name nobody could say that it was taken before
    subject = tree.get("subject")
    named = subject.get("identifier") if isinstance(subject, dict) else None
    if isinstance(named, dict) and f"{named.get('system')}|{named.get('value')}" != question.ins:
        return "another-person"
    return ""


def _written(tree: Resource) -> str:
    """When the feed wrote a document, by its own clock and in its own words; "" where it does not say."""
    meta = tree.get("meta")
    said = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return said if isinstance(said, str) and _moment(said) != PAST else ""


def _moment(said: str) -> datetime:
    try:
        return interval(said)[0]
    except ValueError:
        return PAST
