"""Attempts: work in one transaction, its acts in the trail with it, begun again when it lost against another."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

import asyncpg

from app.errors import Conflict, Refusal, Unavailable
from app.records.office import NewKind
from app.records.people import AlreadyThere
from app.records.touching import together
from app.records.writing import Unit
from app.resources.validation import dump, parse
from app.storage.audit import Act
from app.storage.held import Held
from app.storage.session import RETRIES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.access import Access
    from app.policy.standing import Caller
    from app.records.answer import RequestFacts
    from app.records.office import Office
    from app.resources.definition import Resource

T = TypeVar("T")
AT_ONCE = 64
"""Objects that are deleted at once."""
ATTEMPTS = 3
"""Times a transaction is begun when it loses against another one."""


class Sent:
    """A tree as it was sent, for one attempt after the other: each of them changes the one that it gets."""

    __slots__ = ("_body", "_tree")

    def __init__(self, tree: Resource) -> None:
        self._body = dump(tree)
        self._tree: Resource | None = tree

    def tree(self) -> Resource:
        """The tree, as nobody has changed it yet."""
        tree, self._tree = self._tree, None
        return parse(self._body) if tree is None else tree


async def commit(
    office: Office, caller: Caller, facts: RequestFacts, work: Callable[[Unit], Awaitable[T]], *, begun: bool = True
) -> T:
    """Do work in one transaction; Conflict when it lost too often, or when a concurrent write took its key.

    With `begun` false the work begins the transaction itself, where it needs one.

    Work changes the trees it is given, so that it takes them from a `Sent` each time. AlreadyThere passes through, in
    the trail.
    """
    await meet(office, caller.access)
    lost = 0
    while True:
        try:
            unit, answer = await _once(office, caller, facts, work, begun=begun)
        except AlreadyThere as known:
            act = Act("create", resource_type="Patient", record=known.written.location.split("/")[1])
            await office.trail.durable(act.by(caller.access, facts))
            raise
        except Refusal as refusal:
            await _file(office, caller, refusal)
            raise
        except RETRIES:
            lost += 1
            if lost == ATTEMPTS:
                raise Conflict("another change came first", reason="concurrent-change") from None
        except NewKind as new:
            async with office.database.link() as link:
                await office.matrix.kind(link, new.codings)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise _violation(error) from None
        else:
            await discard(office, unit.contents_unused)
            for key in unit.bench.changed:
                office.standings.forget(caller.access, key)
            return answer


async def meet(office: Office, access: Access) -> None:
    """Enter a caller in the directory before his transaction: a stub that is rolled back would be remembered."""
    if not office.directory.knows(access):
        async with office.database.link() as link:
            await office.directory.meet(link, access)


async def _once(
    office: Office, caller: Caller, facts: RequestFacts, work: Callable[[Unit], Awaitable[T]], *, begun: bool
) -> tuple[Unit, T]:
    """One attempt: all of it is kept or nothing, the objects that it put included."""
    unit: Unit | None = None
    try:
        async with AsyncExitStack() as stack:
            link = Held(stack.enter_context(office.database.together()))
            unit = Unit(office, caller.within(), facts, link, stack)
            if begun:
                await unit.begin()
            answer = await work(unit)
            await unit.finish()
    except BaseException as error:
        if isinstance(error, Refusal):
            error.record = error.record or (unit.about if unit else "")
            error.documents = error.documents or (together(unit.meant()) if unit else ())
        if unit is not None and undone(error, unit):
            await discard(office, unit.contents)
        raise
    return unit, answer


def undone(error: BaseException, unit: Unit | None) -> bool:
    """Whether an attempt that failed is sure to have kept nothing.

    What may have been committed although nobody heard of it keeps its contents.
    """
    known = isinstance(error, Refusal) and not isinstance(error, Unavailable)
    return unit is None or known or not unit.sent


async def _file(office: Office, caller: Caller, refusal: Refusal) -> None:
    """File a refusal under the record that its write was about, if there is such a record and the caller reaches it."""
    if refusal.record:
        async with office.database.link() as link:
            reached = caller.access.record in {"", refusal.record}
            there = reached and (await caller.standing(link, refusal.record)).status
        refusal.record = refusal.record if there else ""


async def discard(office: Office, contents: list[str]) -> None:
    """Delete objects that no row names, so many at once as a store likes."""
    for start in range(0, len(contents), AT_ONCE):
        await asyncio.gather(*map(office.contents.delete, contents[start : start + AT_ONCE]))


def _violation(error: asyncpg.IntegrityConstraintViolationError) -> Refusal:
    """A key that a concurrent write took first: the same answer as if that write had been seen."""
    if "treating" in (error.constraint_name or ""):
        return Conflict("the record has a treating physician already", reason="second-treating-physician")
    return Conflict("another change came first", reason="concurrent-change")
