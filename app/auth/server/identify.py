"""Which software asks, and its proof: an assertion (RFC 7523), a certificate (RFC 8705), or none of a public app."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from app.auth.server import assertion
from app.auth.server.jwks import KeysError
from app.auth.server.party import ASSERTED, CERTIFIED, PUBLIC, SELF_SIGNED, Client
from app.storage.auth import clients, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.auth.server.office import Asker, Authority

MOST_ID = 256


def unknown() -> InvalidClientError:
    """The one refusal of software that does not prove who it is, whatever is wrong."""
    return InvalidClientError(status_code=401, description="client authentication failed")


async def known(authority: Authority, identifier: object) -> Client | None:
    """The registered client of an id; None for one that is disabled, too."""
    if not isinstance(identifier, str) or not 0 < len(identifier) <= MOST_ID or not identifier.isprintable():
        return None
    async with authority.office.database.link() as link:
        row = await clients.find(link, identifier)
    return Client.of(row) if row is not None and row["disabled_at"] is None else None


async def identify(authority: Authority, form: Mapping[str, str], asker: Asker) -> Client:
    """The software that sent a form, once it proved itself by its own method and no other.

    Raises Authlib's InvalidClientError, the same for every fault of a proof.
    """
    if "client_secret" in form:
        raise InvalidRequestError("no client has a secret here")
    if "client_assertion" in form or "client_assertion_type" in form:
        return await _by_assertion(authority, form)
    client = await known(authority, form.get("client_id"))
    if client is None or not _proven(client, asker):
        raise unknown()
    return client


def _proven(client: Client, asker: Asker) -> bool:
    if client.method == PUBLIC:
        return True
    shown = asker.certificate
    if shown is None or not shown.current:
        return False
    if client.method == CERTIFIED:
        return hmac.compare_digest(shown.subject.encode(), client.subject_dn.encode())
    return client.method == SELF_SIGNED and shown.thumbprint in client.thumbprints


async def _by_assertion(authority: Authority, form: Mapping[str, str]) -> Client:
    text = form.get("client_assertion", "")
    if form.get("client_assertion_type") != assertion.TYPE:
        raise unknown()
    try:
        claims = assertion.body(text)
        client = await known(authority, claims.get("sub"))
        if client is None or client.method != ASSERTED or form.get("client_id", client.id) != client.id:
            raise unknown()
        if not await signed(authority, client, text):
            raise unknown()
    except (assertion.BadAssertion, KeysError):
        raise unknown() from None
    return client


async def signed(authority: Authority, client: Client, text: str) -> bool:
    """Whether an assertion holds that a client makes of itself, and comes for the first time; BadAssertion, KeysError.

    RFC 7523 section 3: issuer and subject are the client.
    """
    claims = await checked(authority, client, text)
    return claims.get("sub") == client.id


async def checked(authority: Authority, client: Client, text: str) -> Mapping[str, object]:
    """The claims of an assertion that a client signed, once; BadAssertion, KeysError."""
    header = assertion.head(text)
    if "jku" in header and header["jku"] != client.jwks_uri:
        raise assertion.BadAssertion("the assertion names other keys than the client's")
    key = await authority.ring.find(client, str(header["kid"]))
    if key is None:
        raise assertion.BadAssertion("the assertion is signed with an unknown key")
    claims, ends = assertion.check(text, key, client.id, authority.audiences)
    async with authority.office.database.link() as link:
        if not await sessions.once(link, f"{client.id}|{claims['jti']}", ends):
            raise assertion.BadAssertion("the assertion has come before")
    return claims
