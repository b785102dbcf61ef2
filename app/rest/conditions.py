"""Conditions and preferences in headers: If-Match, If-None-Match, If-Modified-Since, If-None-Exist, Prefer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from app.errors import BadValue

TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')
PREFERENCE = re.compile(r'\s*([A-Za-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;,"]*)))?\s*(?:[,;]|$)')
RETURNS = {name.lower(): name for name in ("minimal", "representation", "OperationOutcome")}
LONGEST_HEADER = 1024


@dataclass(frozen=True, slots=True)
class Prefer:
    """What a client prefers: the body of a write's answer ("" when not said), and how parameters are taken.

    `strict` is True for `handling=strict`, False for `handling=lenient`, None when not said (RFC 7240). `later` asks
    for an answer that comes another time (`respond-async`), which nobody gives here.
    """

    returns: str = ""
    strict: bool | None = None
    later: bool = False


@lru_cache(maxsize=128)
def prefer(header: str) -> Prefer:
    """The Prefer header; what it says beyond FHIR's words is ignored, as RFC 7240 asks."""
    said: dict[str, str] = {}
    for name, quoted, plain in PREFERENCE.findall(header[:LONGEST_HEADER]):
        said.setdefault(name.lower(), (quoted or plain).strip().lower())  # of two the first counts
    handling = said.get("handling")
    return Prefer(
        RETURNS.get(said.get("return", ""), ""),
        None if handling not in ("strict", "lenient") else handling == "strict",
        "respond-async" in said,
    )


def etag(version_id: str) -> str:
    """Weak entity tag of a version (http.html section 3.1.0.1.3)."""
    return f'W/"{version_id}"'


def if_match(header: str) -> str | None:
    """Version id that If-Match names; None when absent or `*`. BadValue when it is no single entity tag."""
    if not header or header.strip() == "*":
        return None
    found = TAG.fullmatch(header)
    if found is None:
        raise BadValue('`If-Match` must be one entity tag, as `W/"version"`')
    return found[1]


def if_none_exist(header: str, type: str) -> str | None:
    """Query of a conditional create; None when the header is absent. BadValue when it asks nothing."""
    if not header:
        return None
    query = header.removeprefix(type).removeprefix("?").strip()
    if "=" not in query:
        raise BadValue("`If-None-Exist` must hold search parameters")
    return query


def unchanged(if_none_match: str, if_modified_since: str, version_id: str, last_updated: datetime) -> bool:
    """Whether a read may be answered 304: If-None-Match goes before If-Modified-Since (RFC 9110 section 13.2.2)."""
    if if_none_match:
        return if_none_match.strip() == "*" or version_id in TAG.findall(if_none_match)
    since = _moment(if_modified_since) if if_modified_since else None
    return since is not None and last_updated.replace(microsecond=0) <= since


def _moment(text: str) -> datetime | None:
    """An HTTP date, or the instant of a Bundle entry; None when it is neither (the condition is then ignored)."""
    for reader in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = reader(text)
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def http_date(moment: datetime) -> str:
    """IMF-fixdate of RFC 9110 section 5.6.7."""
    return _date(int(moment.timestamp()))


@lru_cache(maxsize=1024)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def instant(moment: datetime) -> str:
    """FHIR instant in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
