"""Registered software as the authorisation server sees it (RFC 6749 section 2, RFC 7591)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

from app.access import Kind
from app.auth.scopes import is_known, within

if TYPE_CHECKING:
    from asyncpg import Record

PUBLIC = "none"
ASSERTED = "private_key_jwt"
CERTIFIED = "tls_client_auth"
SELF_SIGNED = "self_signed_tls_client_auth"
METHODS = (PUBLIC, ASSERTED, CERTIFIED, SELF_SIGNED)
"""How software proves who it is: names of RFC 7591 and RFC 8705. There is no shared secret."""
CODE, REFRESH, ALONE = "authorization_code", "refresh_token", "client_credentials"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANTS = (CODE, REFRESH, ALONE, EXCHANGE)
LOOPBACK = frozenset({"127.0.0.1", "[::1]"})
OWN_KINDS = (Kind.SOFTWARE, Kind.INSURER, Kind.DESK)
"""What the tokens may say that software is given for itself."""


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):  # type: ignore[misc] # Authlib is published without types
    """One piece of registered software; the fields are those of the table `client`."""

    id: str
    name: str
    method: str
    grants: tuple[str, ...] = ()
    scope: str = ""
    kinds: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    jwks: str = ""
    jwks_uri: str = ""
    subject_dn: str = ""
    thumbprints: tuple[str, ...] = ()
    structure: str = ""
    bound: bool = False
    introspects: bool = False
    disabled: bool = False

    @classmethod
    def of(cls, row: Record) -> Client:
        """The client of a row."""
        values = {name: row[name] for name in cls.__slots__ if name in row}
        values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**values, disabled=row["disabled_at"] is not None)

    @property
    def public(self) -> bool:
        """Whether it cannot keep a secret."""
        return self.method == PUBLIC

    @property
    def own_kind(self) -> Kind:
        """What it is when it acts for nobody: an insurer's feed and a desk say so in their tokens."""
        return next((kind for kind in OWN_KINDS if kind.value in self.kinds), Kind.SOFTWARE)

    def serves(self, kind: Kind) -> bool:
        """Whether persons of that kind may sign in with it."""
        return kind.value in self.kinds

    def get_client_id(self) -> str:
        """Its id."""
        return self.id

    def get_default_redirect_uri(self) -> str:
        """None: a request says where it wants to go back, for what is not said cannot be compared."""
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Of the scopes asked for, those that it was registered for."""
        return " ".join(part for part in (scope or "").split(" ") if part and within(part, self.scope))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly as registered (RFC 9700 section 2.1); an app on this machine is free in its port (RFC 8252)."""
        return redirect_uri in self.redirect_uris or _portless(redirect_uri) in map(_portless, self._loopbacks())

    def _loopbacks(self) -> list[str]:
        return [one for one in self.redirect_uris if self.public and _portless(one)]

    def check_client_secret(self, _: str) -> bool:
        """Never: nobody has a shared secret."""
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it proves itself that way; public software may only ask for tokens and take them back."""
        return method == self.method and (not self.public or endpoint in {"token", "revocation"})

    def check_response_type(self, response_type: str) -> bool:
        """The code flow alone."""
        return response_type == "code" and CODE in self.grants

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it was registered for that grant."""
        return grant_type in self.grants


def _portless(uri: str) -> str | None:
    """A loopback address without its port, None for any other."""
    try:
        parts = urlsplit(uri)
        host, _, port = parts.netloc.rpartition(":") if parts.port is not None else (parts.netloc, "", "")
    except ValueError:
        return None
    if parts.scheme != "http" or host not in LOOPBACK or parts.fragment or not (port.isdigit() or not port):
        return None
    return parts._replace(netloc=host).geturl()


def fault(values: dict[str, Any]) -> str:
    """What is wrong with a registration, "" where nothing is; `values` are fields of `Client`."""
    client = Client(**values)
    checks = {
        "a client proves itself by one of " + ", ".join(METHODS): client.method in METHODS,
        "a client is registered for at least one grant of " + ", ".join(GRANTS): bool(client.grants)
        and set(client.grants) <= set(GRANTS),
        "public software acts for persons only": not client.public or set(client.grants) <= {CODE, REFRESH},
        "a code is sent to a registered address": CODE not in client.grants or bool(client.redirect_uris),
        "a redirect address is https, a loopback address, or the app's own scheme": all(
            map(_is_redirect, client.redirect_uris)
        ),
        "a scope is one that this server knows": bool(client.scope) and all(map(is_known, client.scope.split(" "))),
        "an origin is scheme, host and port": all(map(_is_origin, client.origins)),
        "a client with private_key_jwt has keys, by value or by address": (
            (client.method == ASSERTED) == bool(client.jwks or client.jwks_uri)
            and not (client.jwks and client.jwks_uri)
        ),
        "keys are fetched over https": not client.jwks_uri or _is_key_address(client.jwks_uri),
        "tls_client_auth needs the subject of the certificate": (client.method == CERTIFIED) == bool(client.subject_dn),
        "self_signed_tls_client_auth needs the thumbprint of the certificate": (
            (client.method == SELF_SIGNED) == bool(client.thumbprints)
        ),
        "unknown kind of caller": {*client.kinds} <= {kind.value for kind in Kind if kind is not Kind.OPERATOR},
    }
    return next((said for said, holds in checks.items() if not holds), "")


def _is_redirect(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    if parts.fragment or not uri.isascii() or not uri.isprintable() or " " in uri or "*" in uri:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname) and "@" not in parts.netloc
    # an app's own scheme is a domain name of its maker, reversed (RFC 8252 section 7.1): that leaves javascript: out
    return _portless(uri) is not None or "." in parts.scheme


def _is_key_address(uri: str) -> bool:
    """Encrypted, or on this very machine."""
    return uri.startswith("https://") or (_portless(uri) is not None and uri.isprintable())


def _is_origin(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in {"https", "http"} and bool(parts.netloc) and origin == f"{parts.scheme}://{parts.netloc}"
