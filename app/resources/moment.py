"""FHIR dates as intervals of time (datatypes.html section 2.24.0.1, search.html section 3.1.1.4.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

Bounds = tuple[datetime | None, datetime | None]
"""First instant, and first instant after; None is open."""

DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)
LAST_MONTH = 12
LEAP_SECOND = 60
MICROSECOND = 6
LARGEST_OFFSET = timedelta(hours=14)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    if offset > LARGEST_OFFSET or minutes >= LEAP_SECOND:
        message = "no such time zone"
        raise ValueError(message)
    return timezone(-offset if text[0] == "-" else offset)


def _after(low: datetime, month: str | None, day: str | None) -> datetime:
    """First instant after the day, month or year that begins at `low`."""
    try:
        if day:
            return low + timedelta(days=1)
        if month and low.month < LAST_MONTH:
            return low.replace(month=low.month + 1)
        return low.replace(year=low.year + 1, month=1)
    except (ValueError, OverflowError):
        return END_OF_TIME


def _instant_bounds(match: re.Match[str]) -> tuple[datetime, datetime]:
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    leap, fraction = second == LEAP_SECOND, match[7] or ""
    micro = int(fraction[:MICROSECOND].ljust(MICROSECOND, "0"))
    low = datetime(year, month, day, hour, minute, second - leap, micro, tzinfo=_zone(match[8]))
    try:
        low = low.astimezone(UTC) + timedelta(seconds=leap)
        return low, low + timedelta(microseconds=10 ** max(0, MICROSECOND - len(fraction)))
    except OverflowError as error:
        message = "out of range"
        raise ValueError(message) from error


@lru_cache(maxsize=4096)
def interval(value: str) -> tuple[datetime, datetime]:
    """Interval that a `date`, `dateTime` or `instant` names by its precision: `2024-02` is all of that February.

    The second bound is the first instant after it. Dates without a time are days of UTC, so that the same question has
    the same answer all over the world. A ValueError says that there is no such date.
    """
    match = DATE_TIME.fullmatch(value)
    if not match:
        message = "not a date"
        raise ValueError(message)
    if match[4]:
        return _instant_bounds(match)
    low = datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    return low, _after(low, match[2], match[3])


def bounds(value: object) -> Bounds:
    """Interval of a date, or of a Period with its open sides; (None, None) when there is none."""
    if isinstance(value, str):
        return interval(value)
    if not isinstance(value, dict):
        return None, None
    start, end = value.get("start"), value.get("end")
    return interval(start)[0] if start else None, interval(end)[1] if end else None
