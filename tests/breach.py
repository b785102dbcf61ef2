"""Fences taken away, for the tests of those that are left: the guard's verdicts, the tripwire, the database's own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import true

from app.policy import guard
from app.policy.guard import JUDGES, OLDER, Binding, Judgement
from app.records import asking, events, statements
from app.storage import fence
from app.storage.embedded import Urls
from app.storage.session import Database
from app.storage.statement import constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import FromClause

YES = Judgement(constant("holder"), true())


def _forget_statements() -> None:
    """Those that were made are made anew."""
    statements._statements.clear()  # noqa: SLF001 - nothing else needs it
    for name, module in list(sys.modules.items()):
        if name.startswith("app.records"):
            for made in vars(module).values():
                if hasattr(made, "cache_clear"):
                    made.cache_clear()


@contextmanager
def forgotten(*, tripwire: bool) -> Iterator[None]:
    """A while in which every verdict is yes, and no search is kept to what is in reach.

    With the `tripwire` the verdicts lack the guard's mark; without, whatever is asked is let through.
    """

    def judge(row: FromClause, _: object, binding: Binding) -> Judgement:
        return YES if tripwire else YES.on("Patient", row, binding)

    _forget_statements()
    with pytest.MonkeyPatch.context() as patch:
        for table in (JUDGES, OLDER):
            for kind in table:
                patch.setitem(table, kind, judge)
        for module, name in ((guard, "reached"), (asking, "reached"), (asking, "led"), (events, "in_reach")):
            patch.setattr(module, name, lambda *_: true())
        patch.setattr(asking, "across", lambda _: Binding.MANY)
        if not tripwire:
            patch.setattr(fence, "check", lambda *_: None)
            patch.setattr(fence, "admit", lambda *_: None)
        yield
    _forget_statements()


@contextmanager
def open_database(urls: Urls) -> Iterator[Urls]:
    """A while in which the server may serve as the owner, past the database's fence."""

    async def allow(_: Database) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fence, "SEARCH_PATH", "public")
        patch.setattr(Database, "refuse_privilege", allow)
        yield Urls(urls.owner, urls.owner)
