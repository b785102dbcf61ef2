"""Search type `date`: a date is the range that its precision spans (search.html sections 3.1.1.4.5 and 3.1.1.4.7).

Columns: `…_lo`, the first instant, and `…_hi`, the first instant after it. One null is a Period that is open on that
side, two are no value. A time without a zone, and a date, are read as UTC.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, cast

from sqlalchemy import DateTime, Interval, and_, column, exists, func, literal_column, or_
from sqlalchemy.dialects.postgresql import ARRAY

from app.errors import BadValue
from app.resources.moment import interval
from app.storage.search.match import LAST_UPDATED
from app.storage.search.piece import plain

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from app.resources.definition import Parameter
    from app.storage.search.match import Bind, Match, Question

    Instant = ColumnElement[datetime]

MODIFIERS = frozenset({""})
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
INSTANT = DateTime(timezone=True)
PAST = literal_column("'-infinity'::timestamptz", INSTANT)
FUTURE = literal_column("'infinity'::timestamptz", INSTANT)
TICK = literal_column("interval '1 microsecond'", Interval)
MINUTE = timedelta(minutes=1)
VALUE = re.compile(
    r"(?P<prefix>[a-z]{2})?(?P<day>\d{4}(-\d\d){0,2})"
    r"((?P<minute>T\d\d:\d\d)(?P<second>:\d\d(\.\d{1,18})?)?(?P<zone>Z|[+ -]\d\d:\d\d)?)?",
    re.ASCII,
)


def _interval(found: re.Match[str]) -> tuple[datetime, datetime]:
    """A search may leave out seconds and zone; a `+` that a form decoded to a space is still a `+`."""
    if not found["minute"]:
        return interval(found["day"])
    zone = (found["zone"] or "Z").replace(" ", "+")
    start, end = interval(f"{found['day']}{found['minute']}{found['second'] or ':00'}{zone}")
    return start, end if found["second"] else start + MINUTE


def span(name: str, text: str) -> tuple[str, datetime, datetime]:
    """Prefix, first instant and first instant after of one alternative.

    Raises:
        BadValue: not a FHIR date or dateTime, a date that does not exist, or an unknown prefix.
    """
    found = VALUE.fullmatch(text)
    if not found:
        raise BadValue(f"a value of `{name}` is no date (YYYY[-MM[-DD[Thh:mm[:ss[.s]][Z|±hh:mm]]]])")
    prefix = found["prefix"] or "eq"
    if prefix not in PREFIXES:
        raise BadValue(f"prefix `{prefix}` of `{name}` is none of {', '.join(PREFIXES)}")
    try:
        return prefix, *_interval(found)
    except (ValueError, OverflowError):
        raise BadValue(f"a value of `{name}` is a date that does not exist") from None


def match(question: Question) -> Match:
    """Read the alternatives, grouped by prefix: `form` holds each prefix and whether it has more than one value."""
    spans = sorted(span(question.parameter.name, plain(piece)) for piece in question.pieces)
    form: list[tuple[str, bool]] = []
    values: list[object] = []
    for prefix, same in groupby(spans, key=lambda each: each[0]):
        starts, ends = zip(*((start, end) for _, start, end in same), strict=True)
        many = len(starts) > 1
        form.append((prefix, many))
        values += [list(starts), list(ends)] if many else [starts[0], ends[0]]
    return question.match(*values, form=tuple(form))


def bounds(table: FromClause, parameter: Parameter) -> tuple[Instant, Instant]:
    """The two columns of a parameter; a row was updated at one microsecond."""
    if parameter is LAST_UPDATED:
        return table.c.last_updated, table.c.last_updated + TICK
    return table.c[f"{parameter.column}_lo"], table.c[f"{parameter.column}_hi"]


def condition(table: FromClause, match: Match, bind: Bind) -> ColumnElement[bool]:
    """One alternative holds."""
    low, high = bounds(table, match.parameter)
    form = cast("tuple[tuple[str, bool], ...]", match.form)
    return or_(*(_alternatives(prefix, low, high, bind, many=many) for prefix, many in form))


def _alternatives(prefix: str, low: Instant, high: Instant, bind: Bind, *, many: bool) -> ColumnElement[bool]:
    if not many:
        return _compare(prefix, low, high, bind(INSTANT), bind(INSTANT))
    pairs = func.unnest(bind(ARRAY(INSTANT)), bind(ARRAY(INSTANT)))
    rows = pairs.table_valued(column("start", INSTANT), column("stop", INSTANT)).render_derived("span")
    return exists().where(_compare(prefix, low, high, rows.c.start, rows.c.stop))


def _compare(prefix: str, low: Instant, high: Instant, start: Instant, end: Instant) -> ColumnElement[bool]:
    """The prefix table of search.html section 3.1.1.4.5 on half-open ranges: [low, high) of the row, [start, end)."""
    within = and_(low >= start, high <= end)
    after = or_(high > end, and_(high.is_(None), low.is_not(None)))
    before = or_(low < start, and_(low.is_(None), high.is_not(None)))
    return {
        "eq": within,
        "ne": or_(before, after),
        "gt": after,
        "lt": before,
        "ge": or_(after, within),
        "le": or_(before, within),
        "sa": low >= end,
        "eb": high <= start,
        "ap": _near(low, high, start, end),
    }[prefix]


def _near(low: Instant, high: Instant, start: Instant, end: Instant) -> ColumnElement[bool]:
    """`ap`: overlaps the value widened by a tenth of its distance from now, the page's own recommendation.

    Years 1 and 9999 reach the infinities, which PostgreSQL before 17 cannot subtract: the distance never holds one.
    """
    now = func.carnet.now(type_=INSTANT)
    gap = func.greatest(now - func.least(end, now), func.greatest(start, now) - now)
    touches = and_(func.coalesce(low, PAST) < end + gap / 10, func.coalesce(high, FUTURE) > start - gap / 10)
    return and_(or_(low.is_not(None), high.is_not(None)), touches)
