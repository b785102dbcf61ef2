"""A holder's journal with proofs: each act that he may see, what it is made of, and the way to a signed block.

The digest of an act is made of three parts, and where a part may hold what he may not know its digest stands for it. He
may not know which documents an act named that await their announcement, nor why he himself was refused beyond what he
was told. That a part is kept back must not betray that there is something in it: so the part that names documents is
kept back of every act, and the second of all his own that were refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from app.access import Access, Kind
from app.errors import NotFound
from app.records import events, searching
from app.resources import DEFINITIONS
from app.storage.audit import SUCCESS, Act, Circumstances
from app.storage.chain import DIGEST, JUDGED, SHOWN, path
from app.storage.sealing import BLOCK, EVIDENCE, HOLDING
from app.storage.search import parse

if TYPE_CHECKING:
    from asyncpg import Record

    from app.policy.standing import Caller
    from app.records.office import Office
    from app.storage.session import Link

    Tree = dict[str, Any]

ACT = "$journal"
"""Its interaction in the trail."""
PAGE = 200
"""Events of one page."""


async def journal(office: Office, key: str, by: Access) -> Tree:
    """The journal of a record as its holder may read it, with proofs; NotFound where he may read none.

    The act is in the trail before this returns, as that of `by`. An act that is in no block yet has no proof.
    """
    caller = office.caller(Access(Kind.HOLDER, f"holder|{key}", record=key))
    made = _Journal(office, caller, key)
    async with office.database.link() as link:
        for ids in await made.pages(link):
            await made.add(link, ids)
    if not made.acts:
        raise NotFound("no such record has a journal")
    await office.trail.durable(Act(ACT, key, resource_type="Patient", resource_id=key).by(by, Circumstances()))
    keys = office.sealer.ring.public_keys
    return {
        "server": office.settings.fhir_base,
        "record": key,
        "public_key": keys[-1],
        "public_keys": keys,
        "acts": made.acts,
        "blocks": made.blocks,
    }


class _Journal:
    """A journal in the making."""

    def __init__(self, office: Office, caller: Caller, key: str) -> None:
        self.acts: list[Tree] = []
        self.blocks: dict[str, Tree] = {}
        self._office, self._caller, self._key = office, caller, key

    async def pages(self, link: Link) -> list[list[str]]:
        """Ids of the events that he may see, the oldest first."""
        found: list[list[str]] = []
        cursor: str | None = ""
        while cursor is not None:
            pairs = [("patient", f"Patient/{self._key}"), ("_sort", "date"), ("_count", str(PAGE))]
            more = [("_cursor", cursor)] if cursor else []
            query = parse(DEFINITIONS["AuditEvent"], [*pairs, *more], strict=True, settings=self._office.settings)
            page, _ = await searching.find(self._office, link, self._caller, query)
            found.append([one.id for one in page.matches])
            cursor = page.next_cursor
        return found

    async def add(self, link: Link, ids: list[str]) -> None:
        """Events with their proofs."""
        known = {row["id"]: row for row in await EVIDENCE.rows(link, record=self._key, ids=ids)}
        for identifier in ids:
            row = await events.visible(self._office, link, self._caller, identifier)
            event = (await events.render(self._office, link, self._caller, row)).body
            act = {"event": orjson.loads(event), **_made_of(row, known[identifier])}
            self.acts.append(act | await self._proof(link, known[identifier]))

    async def _proof(self, link: Link, known: Record) -> Tree:
        """The block that an act is in, and the way there."""
        past = 0
        while rows := await HOLDING.rows(link, month=known["month"], recorded=known["recorded"], past=past):
            for row in rows:
                place = row["leaves"].find(known["leaf"])
                if place >= 0 and place % DIGEST == 0:
                    await self._keep(link, row["number"])
                    return {"block": row["number"], "path": path(row["leaves"], place // DIGEST)}
            past += len(rows)
        return {}

    async def _keep(self, link: Link, number: int) -> None:
        if str(number) not in self.blocks and (row := await BLOCK.row(link, number=number)):
            self.blocks[str(number)] = {"header": row["header"], "signature": row["signature"].hex()}


def _made_of(row: Record, known: Record) -> Tree:
    """What the digest of an act is made of, as far as its holder may know it."""
    made: Tree = {"shown": {name: _plain(row[name]) for name in SHOWN}, "shown_salt": known["shown_salt"].hex()}
    if row["own"] and row["outcome"] != SUCCESS:
        made["judged_digest"] = known["judged"].hex()
    else:
        made |= {"judged": {name: row[name] for name in JUDGED}, "judged_salt": known["judged_salt"].hex()}
    made["named_digest"] = known["named"].hex()
    return made | ({"was": known["was"].hex()} if known["was"] else {})


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
