"""The page token: when it was made, and the sort keys of the last row shown, signed for one caller and one search.

It holds nothing that the last row did not show. A token of another caller, of another search, or altered is refused,
and nothing in the refusal tells which.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import orjson

from app.errors import BadValue
from app.storage.search.query import self_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.storage.search.query import Query

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SIGNATURE = 32
FORM = 3
"""Counts the forms that a token had: one of another form is refused."""


def seal(query: Query, keys: Sequence[object], *, secret: bytes, subject: str) -> str:
    """Token of the page after a row with these sort keys: text, aware datetimes, None.

    `secret` signs (HMAC-SHA256, RFC 2104), `subject` is the caller's key.
    """
    return sealed(_said(query, subject), keys, secret)


def unseal(query: Query, *, secret: bytes, subject: str) -> tuple[object, ...]:
    """Sort keys held by the token of this query.

    Raises:
        BadValue: the token was not made for this caller and this search.
    """
    return unsealed(_said(query, subject), query.cursor, secret)


def _said(query: Query, subject: str) -> list[str]:
    return [subject, query.type, self_query(replace(query, cursor=""))]


def sealed(said: Sequence[str], keys: Sequence[object], secret: bytes) -> str:
    """Token of a place in an answer, given by its keys; `said` is all that was asked, and by whom."""
    return _token(said, orjson.dumps([_pack(key) for key in keys]), secret)


def unsealed(said: Sequence[str], cursor: str, secret: bytes) -> tuple[object, ...]:
    """Keys of the place that a token was made for; BadValue where it was made for something else, or somebody else."""
    try:
        payload = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[SIGNATURE:]
    except (binascii.Error, ValueError):
        payload = b""
    if not hmac.compare_digest(_token(said, payload, secret).encode(), cursor.encode()):
        raise BadValue("`_cursor` is not the page token of this search")
    return tuple(_unpack(key) for key in orjson.loads(payload))


def _token(said: Sequence[str], payload: bytes, secret: bytes) -> str:
    signature = hmac.digest(secret, orjson.dumps([FORM, *said]) + payload, "sha256")
    return urlsafe_b64encode(signature + payload).decode().rstrip("=")


def _pack(key: object) -> object:
    """An instant as microseconds since 1970; the driver gives the ends of time without a zone, and takes them with."""
    return (key.replace(tzinfo=key.tzinfo or UTC) - EPOCH) // MICROSECOND if isinstance(key, datetime) else key


def _unpack(key: object) -> object:
    return EPOCH + key * MICROSECOND if isinstance(key, int) else key
