"""What software asks for when somebody is to sign in, and how far that has come."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from app.access import Kind
from app.auth.claims import PROFESSIONALS
from app.auth.scopes import names_record
from app.auth.server.party import PUBLIC, Client
from app.auth.server.subject import PERSONS
from app.errors import BadValue

if TYPE_CHECKING:
    from app.auth.server.subject import Subject

MOST_STATE = 2000
"""Characters of `state` and `nonce`: they are kept, and come back in an address."""
OWN = Client(id="", name="", method=PUBLIC, kinds=tuple(kind.value for kind in PERSONS))
"""The account pages of this server, to which somebody signs in as to any software: none registered has its id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorisation request that holds (RFC 6749 section 4.1.1, RFC 7636, SMART App Launch 2.2).

    `scope` is what the software asks for, as far as it was registered for it. `launch` is the secret of an EHR launch,
    `patient` and `context` (JSON) what that launch says, `launcher` the only person who may sign in for it; `secret`
    says that he launched it within a minor's secret connection, which goes on in it.
    `person` is the `sub` of the only person whom the software expects (`id_token_hint`); `max_age` (seconds) and
    `prompt` are handed on to another provider, for here everybody signs in anew.
    """

    client: str
    redirect_uri: str
    scope: str
    challenge: str
    state: str = ""
    nonce: str = ""
    launch: str = ""
    patient: str = ""
    context: str = ""
    launcher: str = ""
    secret: bool = False
    language: str = ""
    hint: str = ""
    person: str = ""
    max_age: str = ""
    prompt: str = ""

    def dump(self) -> str:
        """The request as JSON."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, text: str) -> Asked:
        """The request that `dump` made."""
        return cls(**orjson.loads(text))


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in under way, as a page shows it.

    `subject` is None until somebody signed in; then `scopes` are those that may be given to him. `form` goes into each
    form of the page. `needs_record` says that the professional has to say whose record the software may reach.
    """

    client: Client
    asked: Asked
    subject: Subject | None
    scopes: tuple[str, ...]
    form: str

    @property
    def needs_record(self) -> bool:
        """Whether the scopes name a record and neither the launch nor the person says which."""
        return self.subject is not None and not record_of(self.asked, self.subject) and names_record(self.asked.scope)

    @property
    def own(self) -> bool:
        """Whether he signs in to the account pages of this server."""
        return self.client.id == OWN.id

    @property
    def takes_record(self) -> bool:
        """Whether he may say it, needed or not."""
        return (
            self.subject is not None and self.subject.kind in PROFESSIONALS and not record_of(self.asked, self.subject)
        )

    @property
    def may_be_secret(self) -> bool:
        """Whether he is asked whether this is a minor's secret connection: only a professional may have one."""
        return self.subject is not None and self.subject.kind is Kind.PROFESSIONAL and not self.asked.secret


def sign_in_over() -> BadValue:
    """The one answer to a handle that is unknown, used or too old, and to a form that is not of it."""
    return BadValue("the sign-in is over: begin again from the application", reason="sign-in-over")


def record_of(asked: Asked, subject: Subject) -> str:
    """The record that the launch names, or the person's own claims; "" for none."""
    return asked.patient or subject.access.record
