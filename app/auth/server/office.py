"""What the authorisation server of one worker is made of: built in the lifespan and handed down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from app.auth.keys import IdentityKey, SigningKeys, changed
from app.auth.people.passwords import Hasher
from app.auth.people.psc import ProSanteConnect
from app.auth.server.flow import Flow
from app.auth.server.issuing import Issuer
from app.auth.server.jwks import KeyRing
from app.storage.auth import clients

if TYPE_CHECKING:
    from asyncpg import Connection, Record

    from app.auth.certificate import Certificate
    from app.auth.revocations import Revocations
    from app.auth.server.party import Client
    from app.auth.server.subject import Subject
    from app.auth.token import Verifier
    from app.records import Door
    from app.records.office import Office
    from app.settings import Settings
    from app.storage.audit import Circumstances


class Provider(Protocol):
    """Another provider of identities, whose tokens registered software may exchange (RFC 8693): Pro Santé Connect."""

    async def subject(self, token: str, client: Client) -> Subject | None:
        """The professional of a token that this provider made and that holds; None for any other token."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who makes a request to the authorisation server: whence, and with which certificate."""

    facts: Circumstances
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """The authorisation server of one worker.

    `origins` are those of web pages that may call it (CORS), `secret` keys what is kept of codes, alike on all workers.
    """

    settings: Settings
    office: Office
    door: Door
    issuer: Issuer
    verifier: Verifier
    revocations: Revocations
    flow: Flow
    secret: bytes
    hasher: Hasher = field(default_factory=Hasher)
    providers: list[Provider] = field(default_factory=list)
    ring: KeyRing = field(default_factory=KeyRing)
    origins: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, office: Office, door: Door, keys: SigningKeys, verifier: Verifier, revocations: Revocations, forms: bytes
    ) -> Authority:
        """The authorisation server on a worker's office; `forms` is the secret of the pages' forms."""
        settings = office.settings
        issuer = Issuer(settings, keys, IdentityKey(settings.data))
        flow = Flow(settings, office.database, office.trail, forms, office.directory)
        providers: list[Provider] = [ProSanteConnect(settings)] if settings.psc_issuer else []
        ring = KeyRing(private=settings.private_keys)
        return cls(settings, office, door, issuer, verifier, revocations, flow, forms, providers=providers, ring=ring)

    async def keep(self) -> None:
        """Until cancelled: know what is revoked, which keys sign, and whose web pages may call."""
        known = changed(self.settings.data)

        async def also(link: Connection[Record]) -> None:
            nonlocal known
            named = await clients.origins(link)
            self.origins.intersection_update(named)
            self.origins.update(named)
            await self.office.standings.mind_the_clock(link)
            found = changed(self.settings.data)
            if found != known:
                keys = await asyncio.to_thread(SigningKeys.load, self.settings.data)
                self.verifier.use(keys)
                self.issuer.keys = keys
                known = found

        await self.revocations.watch(also)

    @property
    def base(self) -> str:
        """Where the pages of the authorisation server are."""
        return f"{self.settings.public_url}/auth"

    @property
    def audiences(self) -> frozenset[str]:
        """Whom an assertion may be for: this token endpoint, or this issuer."""
        return frozenset({f"{self.base}/token", self.settings.token_issuer})
