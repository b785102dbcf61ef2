"""Bundles made of stored bytes, which are spliced in and never parsed (bundle.html section 2.36)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import orjson

from app.rest.conditions import etag, instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.records.answer import Page, Stored, Versions
    from app.rest.answer import Answer
    from app.rest.summary import Pruning

READABLE = ":/,"
MATCH, INCLUDE, OUTCOME = (b',"search":{"mode":"%s"}}' % mode for mode in (b"match", b"include", b"outcome"))


def status(code: int) -> str:
    """Status of an entry: `201 Created`."""
    return f"{int(code)} {HTTPStatus(code).phrase}"


def text(value: str) -> bytes:
    """A JSON string."""
    return orjson.dumps(value)


def searchset(page: Page, base: str, path: str, remarks: bytes, pruning: Pruning | None) -> bytes:
    """A page of matches, what they include, and `remarks`, an OperationOutcome or b"". `path` is what was searched."""
    prefix = text(base)[:-1]
    entries = [_found(prefix, s, pruning.apply(s.type, s.body) if pruning else s.body, MATCH) for s in page.matches]
    entries += [_found(prefix, s, s.body, INCLUDE) for s in page.included]
    if remarks:
        entries.append(b'{"fullUrl":"%s","resource":%s%s' % (_remark_url(base), remarks, OUTCOME))
    return _bundle(b"searchset", entries, page.total, _links(page, f"{base}/{path}" if path else base))


def _found(prefix: bytes, stored: Stored, body: bytes, mode: bytes) -> bytes:
    place = f"{stored.type}/{stored.id}".encode()
    return b'{"fullUrl":%s/%s","resource":%s%s' % (prefix, place, body, mode)


def _remark_url(base: str) -> bytes:
    """IHE asks a fullUrl of every entry; an outcome is nowhere, so it has a fixed one."""
    return uuid5(NAMESPACE_URL, f"{base}/OperationOutcome").urn.encode()


def _links(page: Page, address: str) -> dict[str, str]:
    links = {"self": f"{address}?{page.self_query}" if page.self_query else address}
    if page.next_cursor:
        kept = [part for part in page.self_query.split("&") if part and not part.startswith("_cursor=")]
        links["next"] = f"{address}?" + "&".join([*kept, "_cursor=" + quote(page.next_cursor, safe="")])
    return links


def history(versions: Versions, base: str, path: str, query: list[tuple[str, str]]) -> bytes:
    """Versions of resources, each with how it came; a deletion has no resource. `query` is what was asked."""
    kept = [(name, value) for name, value in query if name != "_cursor"]
    links = {"self": _address(base, path, query)}
    if versions.next_cursor:
        links["next"] = _address(base, path, [*kept, ("_cursor", versions.next_cursor)])
    return _bundle(b"history", [_version(v, base) for v in versions.found], versions.total, links)


def _address(base: str, path: str, query: list[tuple[str, str]]) -> str:
    pairs = [f"{quote(name, safe='')}={quote(value, safe=READABLE)}" for name, value in query]
    return f"{base}/{path}?{'&'.join(pairs)}" if pairs else f"{base}/{path}"


def _version(version: Stored, base: str) -> bytes:
    created, deleted = version.method == "POST", version.method == "DELETE"
    url = version.type if created else f"{version.type}/{version.id}"
    resource = b',"resource":' + version.body if version.body and not deleted else b""
    return b'{"fullUrl":%s%s,"request":{"method":%s,"url":%s},"response":%s}' % (
        text(f"{base}/{version.type}/{version.id}"),
        resource,
        text(version.method),
        text(url),
        orjson.dumps(
            {
                "status": status(201 if created else 204 if deleted else 200),
                "etag": etag(version.version_id),
                "lastModified": instant(version.last_updated),
            }
        ),
    )


def responses(type: bytes, answers: Iterable[Answer]) -> bytes:
    """Response of a batch or transaction: one entry for each of the request's, in its order."""
    return _bundle(type, [_response(a) for a in answers], None, {})


def _response(answer: Answer) -> bytes:
    response: dict[str, object] = {"status": status(answer.status)}
    if answer.location:
        response["location"] = answer.location
    if answer.version_id:
        response["etag"] = etag(answer.version_id)
    if answer.last_updated:
        response["lastModified"] = instant(answer.last_updated)
    if answer.body and answer.is_outcome:
        response["outcome"] = orjson.Fragment(answer.body)
    resource = b'"resource":%s,' % answer.body if answer.body and not answer.is_outcome else b""
    return b'{%s"response":%s}' % (resource, orjson.dumps(response))


def _bundle(type: bytes, entries: list[bytes], total: int | None, links: dict[str, str]) -> bytes:
    parts = [b'{"resourceType":"Bundle","type":"%s"' % type]
    if total is not None:
        parts.append(b',"total":%d' % total)
    if links:
        parts.append(b',"link":' + orjson.dumps([{"relation": r, "url": u} for r, u in links.items()]))
    if entries:
        parts.append(b',"entry":[' + b",".join(entries) + b"]")
    parts.append(b"}")
    return b"".join(parts)
