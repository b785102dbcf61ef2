"""Leaks to plant in the product, for the proof that the twin worlds see one."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import or_

from app.errors import Forbidden
from app.policy import entries
from app.policy.guard import JUDGES, Binding, Judgement, guarded
from app.records import asking, including, reading, searching, statements
from app.storage import balp
from app.storage.statement import Statement, constant
from app.storage.tables import record
from tests.twins import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.grammar import Sight

NOT_FOUND = reading.not_found


def _unjudged(ask: asking.Ask, row: Any, condition: Any) -> tuple[Any, Any]:
    """A search that forgot the verdict."""
    return JUDGES[ask.type](row, record.c.status, ask.binding).reason, condition


def _blindly(make: Callable[..., Any], kind: str, *given: Any) -> Any:
    """What is made while the verdict on a type permits whatever it finds; the fences still see a verdict."""
    judge = JUDGES[kind]

    def permits(*about: Any) -> Judgement:
        found = judge(*about)
        return Judgement(found.reason, or_(found.visible, constant(1) == constant(1)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(JUDGES, kind, permits)
        return make(*given)


COUNTED, GUARDED, BROUGHT = asking.counted, guarded, vars(including)["_statement"]


def _counted(ask: asking.Ask) -> Any:
    """A total of every row that matches."""
    return _blindly(COUNTED, ask.type, ask)


def _unguarded(kind: str, binding: Binding, row: Any = None) -> Any:
    """Rows for a chain, whoever may see them."""
    return _blindly(GUARDED, kind, kind, binding, row)


def _brought(kind: str, column: str, binding: Binding) -> Any:
    """What an include brings along, whoever may see it."""
    return _blindly(BROUGHT, kind, kind, column, binding)


def _forbidding(verdict: str = "", key: str = "", document: str = "") -> Any:
    """A refusal that says that there is something to refuse."""
    return Forbidden("this is not yours to read") if verdict else NOT_FOUND(verdict, key, document)


def _candid(row: Any, *, own: bool) -> tuple[str, str]:
    """A journal that tells who acted the true reason of a refusal."""
    assert own in {True, False}
    return row["outcome"], row["reason"]


async def _whole(*given: Any) -> bytes:
    """A body with all its references."""
    body: bytes = given[-1]
    return body


def _unbounded(statement: Statement, values: dict[str, Any]) -> tuple[str, list[Any]]:
    """The text for callers whose tokens are not restricted, for everybody."""
    return statement.sql, statement.arguments(values)


@dataclass(frozen=True, slots=True)
class Leak:
    """What is replaced, by what, and requests that go through it."""

    name: str
    module: Any
    attribute: str
    instead: Any
    ask: Callable[[Sight], list[Request]]
    role: str = "authorised by name"
    """who asks; somebody else than for the others, where what they left in their journal would show"""
    beside: tuple[tuple[Any, str, Any], ...] = ()
    """what stands behind the fault and would still hide it"""


def _get(*paths: str) -> Callable[[Sight], list[Request]]:
    """Requests about the record and a document of it that is kept from who asks: no other is in its journal."""

    def ask(sight: Sight) -> list[Request]:
        kept = min(one for one in sight.hidden["DocumentReference"] if one.startswith(sight.record))
        return [Request.of("GET", path.format(key=sight.record, kept=kept)) for path in paths]

    return ask


LEAKS = (
    Leak("a search without its verdict", asking, "_guarded", _unjudged,
         _get("DocumentReference?patient={key}&_sort=_lastUpdated&_total=none")),
    Leak("a total without its verdict", searching, "counted", _counted,
         _get("DocumentReference?patient={key}&_count=0")),
    Leak("a total across records", searching, "counted", _counted, _get("DocumentReference?_summary=count")),
    Leak("403 instead of 404", reading, "not_found", _forbidding, _get("DocumentReference/{kept}")),
    Leak("an unguarded chain", asking, "guarded", _unguarded,
         _get("List?patient={key}&item:DocumentReference.identifier=urn:oid:1.2.250.7.100"),
         beside=((entries, "wanted", lambda _: False),)),
    Leak("an unguarded include", including, "_statement", _brought, _get("List?patient={key}&_include=List:item")),
    Leak("a body with all its references", searching, "redact", _whole, _get("List?patient={key}&_count=50")),
    Leak("the true reason in the journal", balp, "_shown_outcome", _candid,
         _get("DocumentReference/{kept}", "AuditEvent?patient={key}&entity=DocumentReference/{kept}"),
         "authorised by structure"),
    Leak("a token without its ceiling", Statement, "said", _unbounded,
         _get("DocumentReference?patient={key}&_count=50"), "by a restricted application"),
)  # fmt: skip


@contextmanager
def planted(leak: Leak) -> Iterator[None]:
    """The product with a leak, and without the statements that it remembers."""
    with pytest.MonkeyPatch.context() as patch:
        for module, attribute, instead in ((leak.module, leak.attribute, leak.instead), *leak.beside):
            patch.setattr(module, attribute, instead)
        patch.setattr(statements, "_statements", OrderedDict())
        yield
