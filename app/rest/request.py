"""One request on the FHIR surface: an HTTP one, or one entry of a batch."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from app.auth import certificate, proxy
from app.errors import BadValue, Forbidden, Malformed, NotAcceptable, Refusal, TooLarge, Unsupported
from app.records.answer import RequestFacts
from app.resources.validation import parse
from app.rest import conditions, formats, outcome, xml
from app.rest.paths import CONTENT, CREATE, DEPOSIT, ID, Route, resolve, segments

if TYPE_CHECKING:
    from asyncio import Timeout
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope

    from app.access import Access
    from app.resources.definition import Resource
    from app.rest.answer import Answer
    from app.rest.server import Records, Server
    from app.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
SAFE = re.compile(r"[\x21-\x7e]{1,200}")
MOST_PARAMETERS = 1000


class Disconnected(Exception):  # noqa: N818 - nothing is wrong, nobody is there
    """The client went away before its body was read: there is nobody to answer."""


@dataclass(slots=True)
class Request:
    """A request and what is known of it so far.

    `given` is the resource of a Bundle's entry, which has no bytes of its own; `fault` a refusal that was found while
    the entry was read. `peer` is the other end of the connection, `address` the caller's. `route` and `access` are None
    until the dispatcher knows them. `inside` are the records as a transaction finds them, whose question this is.
    `patience` is when the request is given up.
    """

    server: Server
    method: str
    path: str
    query: str
    headers: dict[bytes, bytes]
    id: str
    peer: str = ""
    address: str = ""
    correlation: str = ""
    receive: Receive | None = None
    serve: Callable[[Request], Awaitable[Answer]] | None = None
    in_bundle: bool = False
    given: Resource | None = None
    fault: Refusal | None = None
    access: Access | None = None
    route: Route | None = None
    inside: Records | None = None
    patience: Timeout | None = None
    _pairs: list[tuple[str, str]] | None = field(default=None)

    @classmethod
    def of(
        cls, scope: Scope, receive: Receive, server: Server, base: str, serve: Callable[[Request], Awaitable[Answer]]
    ) -> Request:
        """The request of an ASGI scope whose path starts with `base`."""
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            headers = _joined(scope["headers"])
        asked = headers.get(b"x-request-id", b"").decode("latin-1")
        known = REQUEST_ID.fullmatch(asked) is not None
        client = scope.get("client")
        peer = client[0] if client else ""
        return cls(
            server=server,
            method=scope["method"],
            path=scope["path"][len(base) :],
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            id=asked if known else secrets.token_hex(8),
            peer=peer,
            address=whence(peer, headers, server.settings),
            correlation=asked if not known and SAFE.fullmatch(asked) else "",
            receive=receive,
            serve=serve,
        )

    def entry(self, method: str, url: str, headers: dict[bytes, bytes], given: Resource | None) -> Request:
        """One entry of this Bundle as a request of its own, by the same caller."""
        path, _, query = url.partition("?")
        kept = {k: v for k, v in self.headers.items() if k in (b"prefer", b"accept-language")}
        return Request(
            server=self.server,
            method=method,
            path=path,
            query=query,
            headers={**kept, **headers, b"content-type": b"application/fhir+json"},
            id=self.id,
            peer=self.peer,
            address=self.address,
            serve=self.serve,
            in_bundle=True,
            given=given,
            access=self.access,
        )

    def header(self, name: bytes) -> str:
        """Value of a header, lower-case name, or ""."""
        value = self.headers.get(name)
        return value.decode("latin-1") if value else ""

    def certificate(self) -> str:
        """Thumbprint of the certificate that the client has shown to a proxy of ours, "" for none."""
        found = certificate.of_request(self.peer, self.header(certificate.HEADER), self.server.settings.proxies)
        return found.thumbprint if found is not None and found.current else ""

    def find(self) -> Route:
        """Resolve and keep the route of the request."""
        self.route = resolve(self.method, segments(self.path))
        return self.route

    @property
    def here(self) -> Route:
        """The route, once it is known."""
        if self.route is None:
            raise RuntimeError
        return self.route

    @property
    def facts(self) -> RequestFacts:
        """What the trail keeps of the request."""
        return RequestFacts(self.id, self.address, self.query, self.prefer.returns == "OperationOutcome")

    @property
    def prefer(self) -> conditions.Prefer:
        """What the client prefers."""
        return conditions.prefer(self.header(b"prefer"))

    @property
    def tongue(self) -> int:
        """Language of the sentences in the answer."""
        return outcome.language(self.header(b"accept-language"))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of the query, decoded, in order; BadValue when they are not readable."""
        if self._pairs is None:
            self._pairs = parse_pairs(self.query) if self.query else []
        return self._pairs

    def named(self, name: str) -> list[str]:
        """Every value of a parameter, its alternatives parted."""
        return [one for n, v in self.pairs if n == name for one in v.split(",") if one]

    def parameter(self, name: str) -> str:
        """First value of a parameter, or ""."""
        return next((v for n, v in self.pairs if n == name), "") if name in self.query else ""

    @property
    def records(self) -> Records:
        """The records as the caller may see and change them."""
        if self.inside is not None:
            return self.inside
        if self.access is None:
            raise RuntimeError
        return self.server.door.open(self.access, self.facts)

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """Bytes of the body as they come; TooLarge past `limit` bytes, Disconnected when the client goes."""
        size = 0
        more = self.receive is not None
        while more and self.receive is not None:
            self._wait(forever=True)
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"the body may have at most {limit} bytes")
            more = message.get("more_body", False)
            self._wait(forever=False)
            if chunk:
                yield chunk

    def _wait(self, *, forever: bool) -> None:
        """Stop the time of the request, or begin it anew: how long its body takes is the client's affair."""
        if self.patience is not None:
            now, limit = asyncio.get_running_loop().time(), self.server.settings.request_timeout / 1000
            self.patience.reschedule(None if forever else now + limit)

    async def body(self) -> bytes:
        """The whole body, at most `settings.body_limit` bytes."""
        return b"".join([chunk async for chunk in self.chunks(self.server.settings.body_limit)])

    async def tree(self) -> Resource:
        """The resource of the body; Malformed or BadValue when it is not of the type that the path names."""
        return self.checked(self.given if self.given is not None else self.parsed(await self.body()))

    def parsed(self, body: bytes) -> Resource:
        """The tree of a body in the format that `Content-Type` names; Malformed when it is not a resource in it."""
        return xml.read(body) if formats.is_xml(self.header(b"content-type")) else parse(body)

    def checked(self, tree: Resource) -> Resource:
        """The same resource, if it is of the type that the path names."""
        expected = self.here.type
        if expected and tree.get("resourceType") != expected:
            raise BadValue(f"the body must be of resource type `{expected}`", expression=("resourceType",))
        return tree

    async def parameters(self) -> Resource | None:
        """Parameters of an operation: its body, or its query; None when it has neither."""
        if self.method == "POST":
            body = b"" if self.given is not None else await self.body()
            tree = self.parsed(body) if body else self.given
            if tree is not None and tree.get("resourceType") != "Parameters":
                raise BadValue("the body must be of resource type `Parameters`", expression=("resourceType",))
            return tree
        named = [{"name": n, "valueString": v} for n, v in self.pairs if not n.startswith("_")]
        return {"resourceType": "Parameters", "parameter": named} if named else None

    async def form(self) -> None:
        """Add the parameters of a `_search` body to those of the URL (http.html section 3.1.0.9)."""
        body = await self.body()
        text = body.decode("latin-1").strip()
        if not text.isascii() or not text.isprintable():
            raise Malformed("the form is not url-encoded")
        self.query = "&".join(part for part in (self.query, text) if part)
        self._pairs = None

    @property
    def format(self) -> formats.Format:
        """Format of the answer: JSON where none that is served is asked for, or the question cannot be read.

        An entry of a Bundle is JSON until the Bundle is told. Where the bytes of a Binary are asked for, `Accept` names
        what they are and not how a refusal is told.
        """
        if self.in_bundle or (self.route is not None and self.route.interaction is CONTENT):
            return formats.Format.JSON
        try:
            asked = self.parameter("_format")
        except BadValue:
            asked = ""
        try:
            return formats.negotiate(self.header(b"accept"), asked)
        except NotAcceptable:
            return formats.Format.JSON

    @property
    def pretty(self) -> bool:
        """Whether the answer is broken into lines."""
        try:
            return self.parameter("_pretty") == "true"
        except BadValue:
            return False

    def check_format(self) -> None:
        """Refuse a format that is not served (406)."""
        formats.negotiate(self.header(b"accept"), self.parameter("_format"))

    def check_prefer(self) -> None:
        """Refuse to answer another time, unless handling is lenient (async.html is not served)."""
        preferred = self.prefer
        if preferred.later and preferred.strict is not False:
            raise Unsupported("`Prefer: respond-async` is not supported: the answer comes at once")

    def check_scope(self) -> None:
        """Refuse what the scopes of the token do not allow (403). What names no type is left to who names types.

        A condition is a search, and a match is answered: `c` alone does not create conditionally.
        """
        route = self.here
        conditional = route.interaction is CREATE and b"if-none-exist" in self.headers
        for letter in route.interaction.letters + "s" * conditional if route.type else "":
            if not self.allows(route.type, letter):
                raise out_of_scope(route.type, letter)

    def allows(self, type: str, letter: str) -> bool:
        """Whether the scopes of the token allow a right on a type."""
        if self.access is None:
            raise RuntimeError
        return self.access.allows(type, letter)

    def allowed(self, asked: list[str], among: list[str], letter: str) -> list[str]:
        """Types of a request about several: those that it names, each of which must be allowed; else what is allowed.

        Forbidden where that is none.
        """
        for type in asked:
            if type not in among:
                raise BadValue(f"`_type` names `{type[:64]}`, which is not one of: {', '.join(among)}")
            if not self.allows(type, letter):
                raise out_of_scope(type, letter)
        found = list(dict.fromkeys(asked)) or [type for type in among if self.allows(type, letter)]
        if not found:
            raise out_of_scope("*", letter)
        return found

    def check_id(self) -> None:
        """Refuse an id that FHIR does not allow (400); nothing of that name can be kept."""
        route = self.here
        for value in (route.id, route.version_id, route.within):
            if value and not ID.fullmatch(value):
                raise BadValue("an id has 1 to 64 letters, digits, `-` and `.`")

    def check_body(self) -> None:
        """Refuse a body by its declared media type (415) and size (413), before it is read."""
        interaction = self.here.interaction
        if self.given is not None or not interaction.media or self.method in ("GET", "HEAD"):
            return
        declared = self.header(b"content-type")
        if declared or not interaction.optional:
            told = ("Accept", "Accept-Patch") if interaction.code == "patch" else ("Accept",)  # RFC 5789 section 2.2
            formats.check_media(declared, interaction.media, self.header(b"content-encoding"), told)
        settings = self.server.settings
        limit = settings.binary_limit if interaction is DEPOSIT else settings.body_limit
        formats.check_length(self.header(b"content-length"), limit)


def out_of_scope(type: str, letter: str) -> Forbidden:
    """The refusal of what the token is not for."""
    return Forbidden(
        f"the token's scope does not allow `{type}.{letter}`",
        reason="insufficient-scope",
        headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
    )


def parse_pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query string; BadValue for wrong escapes, control characters, or far too many."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except (ValueError, UnicodeError):
        raise BadValue("the parameters are not url-encoded utf-8, or too many") from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise BadValue("a parameter holds a control character")
    return pairs


def whence(peer: str, headers: dict[bytes, bytes], settings: Settings) -> str:
    """The caller's address, of which a proxy of the settings tells where one stands between."""
    if not settings.proxies:
        return peer
    return proxy.whence(peer, headers.get(settings.forwarded.encode(), b"").decode("latin-1"), settings.proxies)


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers that came more than once as one, which RFC 9110 section 5.3 says is the same."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined
