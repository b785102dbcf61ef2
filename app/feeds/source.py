"""The insurer's feed as we ask it: a FHIR search by POST, so that no INS stands in an address, page after page.

    POST <feed_url>/DocumentReference/_search
    patient.identifier=<system>|<INS>&type=REMB&period-start=ge<day>[&_lastUpdated=ge<instant>]

It answers a searchset of DocumentReferences of type REMB, each with its masterIdentifier, its `meta.lastUpdated` and
its content as `attachment.data`, and a `next` link where there is more.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.records.care import Question
    from app.resources.definition import Resource
    from app.settings import Settings

PATIENCE = 30.0
"""Seconds that the feed has for one page."""
PAGES = 1000
"""Pages of one answer: a feed whose links lead round and round is left."""
PAGE_LIMIT = 64 << 20
"""Bytes of one page."""
ACCEPT = "application/fhir+json"


class Down(Exception):  # noqa: N818 - says how the other side is
    """The feed gives nothing that can be used now. Its text names no person."""


@dataclass(frozen=True)
class Feed:
    """A feed that is there."""

    http: httpx.AsyncClient
    url: str

    async def pages(self, asked: Question) -> AsyncIterator[list[Resource]]:
        """The resources of one page after the other; Down where one of them cannot be had."""
        terms = {"patient.identifier": asked.ins, "type": "REMB", "period-start": f"ge{asked.begins}"}
        if asked.since:
            terms["_lastUpdated"] = f"ge{asked.since}"
        bundle = await self._page("POST", f"{self.url}/DocumentReference/_search", data=terms)
        for _ in range(PAGES):
            yield _resources(bundle)
            following = self._next(bundle)
            if not following:
                return
            bundle = await self._page("GET", following)
        raise Down("too many pages")

    async def _page(self, method: str, url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as httpx takes it
        body = bytearray()
        try:
            async with self.http.stream(method, url, **more) as answer:
                if not answer.is_success:
                    raise Down(str(answer.status_code))
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > PAGE_LIMIT:
                        raise Down("a page is too large")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Down(type(error).__name__) from None
        try:
            bundle = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Down("no JSON") from None
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            raise Down("no Bundle")
        return bundle

    def _next(self, bundle: dict[str, Any]) -> str:
        """Where the next page is, "" after the last; Down for one that is elsewhere, which would get our token."""
        links = bundle.get("link")
        found = [one.get("url") for one in links if isinstance(one, dict) and one.get("relation") == "next"] if (
            isinstance(links, list)
        ) else []  # fmt: skip
        if not found:
            return ""
        url = urljoin(f"{self.url}/", str(found[0]))
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            raise Down("the next page is elsewhere")
        return url


def _resources(bundle: dict[str, Any]) -> list[Resource]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise Down("no Bundle")
    found = [one.get("resource") if isinstance(one, dict) else None for one in entries]
    return [one if isinstance(one, dict) else {} for one in found]


@asynccontextmanager
async def reach(settings: Settings) -> AsyncIterator[Feed]:
    """The feed of the settings."""
    token = settings.feed_token.get_secret_value()
    headers = {"Accept": ACCEPT} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False, headers=headers) as http:
        yield Feed(http, settings.feed_url.rstrip("/"))
