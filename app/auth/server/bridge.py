"""Authlib's authorisation server, asked from asyncio.

Authlib decides what a norm says of a request, in plain functions that call back for what is kept. Each request has a
server of its own, with one connection and one transaction; a call back that waits for the database does so in a
greenlet (`waits`), as SQLAlchemy's own asyncio does, so that nothing here blocks the event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidScopeError, OAuth2Payload, OAuth2Request
from sqlalchemy.util import await_only, greenlet_spawn

from app.auth.server.identify import unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from app.auth.server.office import Asker, Authority
    from app.auth.server.party import Client
    from app.auth.server.subject import Subject
    from app.storage.audit import Act
    from app.storage.session import Link

T = TypeVar("T")


def waits(for_: Awaitable[T]) -> T:
    """Wait, within a function that Authlib calls."""
    return await_only(for_)


class Payload(OAuth2Payload):  # type: ignore[misc] # Authlib is published without types
    """Parameters of a request, each given once."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self._pairs = dict(pairs)

    @property
    def data(self) -> dict[str, str]:
        """Name and value."""
        return self._pairs

    @property
    def datalist(self) -> dict[str, list[str]]:
        """The same as lists."""
        return {name: [value] for name, value in self._pairs.items()}


class Request(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib reads one. Its address is not looked at: TLS ends before this server."""

    def __init__(self, method: str, pairs: Mapping[str, str]) -> None:
        super().__init__(method, "https://localhost/")
        self.payload = Payload(pairs)

    @property
    def form(self) -> dict[str, str]:
        """Parameters of a form."""
        data: dict[str, str] = self.payload.data
        return data

    @property
    def args(self) -> dict[str, str]:
        """Parameters of an address."""
        return self.form


class Server(AuthorizationServer):  # type: ignore[misc]
    """One request to the authorisation server. `client` proved who it is before, `subject` is whom it exchanges for.

    `acts` are what the trail will say of it.
    """

    def __init__(
        self,
        authority: Authority,
        link: Link,
        asker: Asker,
        *,
        client: Client | None = None,
        subject: Subject | None = None,
    ) -> None:
        super().__init__()
        self.authority = authority
        self.link = link
        self.asker = asker
        self.client = client
        self.subject = subject
        self.acts: list[Act] = []

    def query_client(self, client_id: str) -> Client | None:
        """The client of this request and no other."""
        return self.client if self.client is not None and self.client.id == client_id else None

    def authenticate_client(self, request: Request, methods: tuple[str, ...], endpoint: str = "token") -> Client:
        """The client that proved who it is (`app.auth.server.identify`), by a method that is good for this."""
        client = self.client
        if (
            client is None
            or client.method not in methods
            or not client.check_endpoint_auth_method(client.method, endpoint)
        ):
            raise unknown()
        request.auth_method = client.method
        return client

    def validate_requested_scope(self, scope: str | None) -> None:
        """Scopes are cut to what is allowed, each where it is known who signs in; none left is refused there."""

    def send_signal(self, name: str, *_: object, **__: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Request) -> Request:
        """The request as it is."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> tuple[int, Any, Any]:  # noqa: ANN401
        """The answer as it is."""
        return status, body, headers

    def handle_error_response(self, request: Request, error: Exception) -> Any:  # noqa: ANN401, ARG002 - Authlib's signature
        """Raised: what a refusal changes in the database and says in the trail is the caller's."""
        raise error

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """Tokens are kept where they are made."""


def allowed(client: Client, scope: str | None) -> str:
    """Of scopes asked for, those that a client is registered for; InvalidScopeError where none is left."""
    kept = client.get_allowed_scope(scope if scope is not None else client.scope)
    if not kept:
        raise InvalidScopeError("none of the scopes may be given to this client")
    return kept


__all__ = ["Request", "Server", "allowed", "greenlet_spawn", "waits"]
