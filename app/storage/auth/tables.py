"""The tables of sign-in. None has a column `record`: none is clinical, and no exit of FHIR serves them.

Whatever opens a door (a code, a refresh token, a handle in a cookie) is kept as its SHA-256 and never as itself: who
reads these tables can open nothing. Every moment is the database's own (`carnet.now()`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.tables import metadata

INSTANT = DateTime(timezone=True)
NONE = text("'{}'::text[]")
EMPTY = text("''")
FALSE = text("false")


def _id() -> Column[Any]:
    return Column("id", Text, primary_key=True)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default=EMPTY)


def _texts(name: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False, server_default=NONE)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default=FALSE)


def _at(name: str) -> Column[Any]:
    return Column(name, INSTANT, nullable=False)


client = Table(
    "client",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("method", Text, nullable=False),
    _texts("grants"),
    _text("scope"),
    _texts("kinds"),
    _texts("redirect_uris"),
    _texts("origins"),
    _text("jwks"),
    _text("jwks_uri"),
    _text("subject_dn"),
    _texts("thumbprints"),
    _text("structure"),
    _flag("bound"),
    _flag("introspects"),
    _at("created_at"),
    _at("changed_at"),
    Column("disabled_at", INSTANT),
)
"""Registered software. `method` is how it proves who it is (RFC 7591 `token_endpoint_auth_method`), `kinds` are the
callers whose tokens it may be given, `scope` the most that these may say. `jwks` holds its public keys as a JWK Set,
`jwks_uri` where they are; `subject_dn` and `thumbprints` name its certificate (RFC 8705). `structure` is the IDNST of
the structure that it deposits for; `bound` tokens need its certificate."""

sign_in = Table(
    "sign_in",
    metadata,
    _id(),
    Column("client", Text, nullable=False),
    Column("request", Text, nullable=False),
    _text("subject"),
    _text("account"),
    _at("created_at"),
    _at("expires_at"),
)
"""An authorisation request on its way through login and consent; `request` and `subject` are JSON (`app.auth`)."""

provider_state = Table(
    "provider_state",
    metadata,
    _id(),
    Column("sign_in", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    _at("expires_at"),
)
"""A sign-in that waits for another provider's answer (OpenID Connect Core section 3.1.2): `id` is the digest of the
`state` sent there, `verifier` the secret of its PKCE. One whose `issuer` is `choice` waits for its person to choose of
what stands in `verifier`."""

launch = Table(
    "launch",
    metadata,
    _id(),
    Column("client", Text, nullable=False),
    Column("subject", Text, nullable=False),
    _text("patient"),
    _text("context"),
    _flag("secret"),
    _at("expires_at"),
)
"""A context that health software opened for an app (SMART App Launch 2.2, EHR launch): whoever launches it is
`subject`, and nobody else can use it; `secret` where that was within a minor's secret connection."""

authorisation_code = Table(
    "authorisation_code",
    metadata,
    _id(),
    Column("session", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    _text("nonce"),
    _text("context"),
    _at("expires_at"),
    Column("used_at", INSTANT),
)
"""Codes of RFC 6749 section 4.1; one that was used stays until it ends, so that its second use is known for a theft."""

session = Table(
    "session",
    metadata,
    _id(),
    Column("client", Text, nullable=False),
    _text("account"),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _text("patient"),
    Column("claims", Text, nullable=False),
    _text("scope"),
    _text("acr"),
    _text("device"),
    _text("address"),
    _text("thumbprint"),
    _text("provider"),
    _at("signed_in_at"),
    _at("used_at"),
    _at("ends_at"),
    Column("ended_at", INSTANT),
    _text("reason"),
)
"""One sign-in of one person with one piece of software: the family of all tokens that come of it. `subject` is a key of
`app.access`, `claims` (JSON) is what its tokens say of him; `provider` (sealed) is the identity token by which another
provider is told that he leaves."""
Index("ix_session_account", session.c.account)
Index("ix_session_subject", session.c.subject)

refresh_token = Table(
    "refresh_token",
    metadata,
    _id(),
    Column("session", Text, nullable=False),
    _text("thumbprint"),
    _at("expires_at"),
    Column("used_at", INSTANT),
)
"""Refresh tokens: each is used once, and one that comes back ends its session (RFC 9700 section 4.14)."""
Index("ix_refresh_token_session", refresh_token.c.session)

replay = Table("replay", metadata, _id(), _at("expires_at"))
"""Digests of what may come once: the `jti` of assertions (RFC 7523 section 3)."""
Index("ix_replay_expires_at", replay.c.expires_at)

revocation = Table("revocation", metadata, _id(), _at("revoked_at"), _at("ends_at"))
"""What is revoked until its last token ends: `jti|…`, `session|…`, or `client|…` (its tokens of before)."""
Index("ix_revocation_revoked_at", revocation.c.revoked_at)

account = Table(
    "account",
    metadata,
    _id(),
    Column("patient", Text, unique=True),
    Column("related_person", Text, unique=True),
    _text("represented"),
    Column("number", Text, unique=True),
    _text("email"),
    _text("mobile"),
    _text("password"),
    _text("language"),
    _at("created_at"),
    Column("opened_at", INSTANT),
    Column("disabled_at", INSTANT),
)
"""Who signs in with a password: a holder (`patient` is his record), or a representative without a record of his own:
`related_person` is who he is in the record `represented`, `number` what he types to sign in. `password` is an argon2id
hash, `email` both addresses, sealed under that record's key (`mobile` is not used); `opened_at` is when a one-time code
proved who he is."""
Index("ix_account_represented", account.c.represented)

account_relation = Table(
    "account_relation",
    metadata,
    Column("account", Text, primary_key=True),
    Column("related_person", Text, primary_key=True),
    Column("patient", Text, nullable=False),
)
"""The RelatedPersons that an account stands for: whether one represents today is the record's to say."""
Index("ix_account_relation_patient", account_relation.c.patient)

one_time_code = Table(
    "one_time_code",
    metadata,
    _id(),
    Column("account", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    _at("created_at"),
    _at("expires_at"),
    Column("used_at", INSTANT),
)
"""One-time codes sent to a person. `purpose` is `open`, `login` or `recover`; `code` is keyed by a secret of the
server, for six digits are soon tried."""
Index("ix_one_time_code_account", one_time_code.c.account)

device = Table(
    "device",
    metadata,
    _id(),
    Column("account", Text, nullable=False),
    _text("label"),
    _at("first_seen_at"),
    _at("last_seen_at"),
)
"""Browsers that an account signed in from, by the digest of their cookie."""
Index("ix_device_account", device.c.account)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    Column("times", Integer, nullable=False),
    _at("resets_at"),
)
"""How often something was tried, by the digest of what is limited (an account, an address): one count for all
workers."""

EXPIRING = (sign_in, provider_state, launch, authorisation_code, refresh_token, replay, one_time_code)
"""Tables whose rows are nothing any more after `expires_at`."""
