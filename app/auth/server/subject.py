"""Who signed in: what a login page, another provider or a signed assertion says of a person, once it is verified.

This is all that the authorisation server knows of people. A page that signs somebody in makes a `Subject` of him and
hands it to `app.auth.server.flow.Flow.signed_in`; it never touches a token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from app.access import Kind
from app.auth import mint
from app.auth.claims import PROFESSIONALS, access_from_claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.access import Access

SAID = frozenset({"kind", "sub", "patient", "fhirUser", "extensions", "regulator", "secret"})
"""Claims that say who somebody is (api.md section 6); those of the token itself are the server's own."""
PERSONS = PROFESSIONALS | {Kind.HOLDER, Kind.REPRESENTATIVE, Kind.DESK}
"""Kinds of callers that are persons: software alone and the insurer's feed never sign in."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One person, verified.

    `claims` are those of `SAID`; `acr` how strongly he was identified, `amr` by what (RFC 8176). `account` is his row
    in the table of accounts, "" for who has none; `device` the digest that stands for his browser. `provider` is
    the identity token of another provider (sealed) where he came from one.
    """

    claims: Mapping[str, object]
    acr: str = ""
    amr: tuple[str, ...] = ()
    account: str = ""
    device: str = ""
    provider: str = ""
    access: Access = field(init=False)

    def __post_init__(self) -> None:
        """Read the claims with the verifier's own reader: what no token may say, nobody signs in with."""
        foreign = self.claims.keys() - SAID
        if foreign:
            raise ValueError(f"not for a subject to say: {', '.join(sorted(foreign))}")
        access = access_from_claims({**self.claims, "acr": self.acr, "jti": "-", "client_id": "-"})
        if access.kind not in PERSONS:
            raise ValueError("only persons sign in")
        object.__setattr__(self, "access", access)

    @property
    def kind(self) -> Kind:
        """What kind of caller he is."""
        return self.access.kind

    @property
    def key(self) -> str:
        """His key of `app.access`."""
        return self.access.subject

    def dump(self) -> str:
        """The subject as JSON."""
        said = {"claims": dict(self.claims), "acr": self.acr, "amr": self.amr}
        return orjson.dumps(said | {"account": self.account, "device": self.device, "provider": self.provider}).decode()

    @classmethod
    def load(cls, text: str) -> Subject:
        """The subject that `dump` made."""
        said = orjson.loads(text)
        return cls(
            said["claims"], said["acr"], tuple(said["amr"]), said["account"], said["device"], said.get("provider", "")
        )


def holder(patient: str, *, account: str, acr: str, amr: tuple[str, ...], device: str = "") -> Subject:
    """The holder of a record (a Patient id)."""
    return Subject(_said(mint.holder(patient)), acr, amr, account, device)


def representative(
    related_person: str, patient: str, *, account: str, acr: str, amr: tuple[str, ...], device: str = ""
) -> Subject:
    """Who represents the holder of a record: RelatedPerson id, and Patient id."""
    return Subject(_said(mint.representative(related_person, patient)), acr, amr, account, device)


def professional(claims: mint.Claims, *, acr: str, amr: tuple[str, ...] = ()) -> Subject:
    """A professional, by the claims that `app.auth.mint.professional` or `occupational_physician` makes."""
    return Subject(_said(claims), acr, amr)


def _said(claims: mint.Claims) -> dict[str, object]:
    return {name: value for name, value in claims.items() if name in SAID}
