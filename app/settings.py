"""Every setting, read from `CARNET_…` environment variables; an unknown one stops the start."""

from __future__ import annotations

import os
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network  # noqa: TC003 - pydantic reads the annotation
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CARNET_"


class InsKey(StrEnum):
    """What happens to an INS whose key is wrong (policy.md section 5)."""

    REFUSE = "refuse"
    WARN = "warn"


class Profiles(StrEnum):
    """What happens to a resource that breaks a profile which it names in `meta.profile`."""

    WARN = "warn"
    REFUSE = "refuse"


class Opening(StrEnum):
    """How a record opens: by express consent, or with its Patient unless an objection comes along (L.1111-14)."""

    EXPRESS = "express"
    AUTOMATIC = "automatic"


class HolderDeletion(StrEnum):
    """What a holder's DELETE reaches: every document (S004), or only his own deposits (R.1111-51)."""

    ALL = "all"
    OWN = "own"


class Forwarded(StrEnum):
    """The header in which reverse proxies say whose request they pass on."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"


class Logs(StrEnum):
    """How a line of the log is written."""

    JSON = "json"
    TEXT = "text"


OF_TESTS = frozenset(f"CARNET_TEST_{name}" for name in ("DATABASE_URL", "CITUS_URL", "CONTENTS", "PARTS", "RUN"))
"""Variables of the tests, which are no settings."""


class Settings(BaseSettings):
    """Frozen settings of one server."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(description="private folder: signing key, record keys, contents, embedded PostgreSQL")
    database_url: str = Field("", description="PostgreSQL 15 or later, serving role; empty: the embedded one")
    database_owner_url: str = Field("", description="the role that owns the tables and migrates; empty: embedded")
    replica_url: str = Field("", description="a standby of it that searches may use, by the serving role; empty: none")
    replica_lag: float = Field(
        5, ge=1, le=3600, description="seconds by which the standby may lag; it is not used while it lags more"
    )
    contents_url: str = Field(
        "", description="object store of contents: s3://bucket/prefix, gs://, az://; empty: a folder in data"
    )
    contents_options: dict[str, SecretStr] = Field(
        {}, description="JSON object of the store's options and credentials, such as region, endpoint, access_key_id"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on")
    workers: int = Field(1, ge=1, le=64, description="server processes")
    base_url: str = Field("", description="public URL without /fhir; empty: http://host:port")
    pooler: bool = Field(
        default=False, description="a PgBouncer in transaction mode stands before the database (docs/operating.md)"
    )
    pool_size: int = Field(8, ge=1, le=200, description="database connections of one worker")
    issuer: str = Field("", description="`iss` of accepted tokens; empty: base_url")
    sandbox_tokens: bool = Field(default=True, description="accept tokens of `carnet token`; false in production")
    proxies: frozenset[IPv4Network | IPv6Network] = Field(
        frozenset(),
        description="addresses of reverse proxies whose `Client-Cert` (RFC 9440) and `forwarded` headers are believed",
    )
    forwarded: Forwarded = Field(
        Forwarded.X_FORWARDED_FOR, description="header that these proxies write the caller's address in, always"
    )
    psc_issuer: str = Field("", description="issuer of Pro Santé Connect; empty: professionals do not sign in here")
    psc_discovery: str = Field("", description="its discovery document; empty: issuer/.well-known/openid-configuration")
    psc_client_id: str = Field("", description="our client id at Pro Santé Connect")
    psc_client_secret: SecretStr = Field(SecretStr(""), description="our secret there")
    psc_acr: str = Field("eidas1", description="`acr_values` asked of it, and the `acr` that its tokens must say")
    psc_exchange: frozenset[str] = Field(
        frozenset(), description="client ids at Pro Santé Connect whose access tokens may be exchanged (RFC 8693)"
    )
    samu_structures: frozenset[str] = Field(
        frozenset(), description="IDNST of the structures whose regulators may be such, if their identity says so"
    )
    private_keys: bool = Field(
        default=False, description="keys of software may be fetched from private networks and by http"
    )
    session_hours: int = Field(8, ge=1, le=24, description="hours that a sign-in without `offline_access` lasts unused")
    offline_days: int = Field(30, ge=1, le=90, description="days that a sign-in with `offline_access` lasts unused")
    ins_key: InsKey = Field(InsKey.REFUSE, description="an INS with a wrong key is refused, or taken with a warning")
    profiles: Profiles = Field(
        Profiles.WARN,
        description="what breaks a profile that it names is taken, with warnings for who asks, or refused",
    )
    ins_required: bool = Field(default=True, description="only a Patient with an INS may have a record")
    opening: Opening = Field(Opening.EXPRESS, description="how a record opens")
    visibility_cumulation: bool = Field(default=False, description="a document may be masked and await announcement")
    holder_deletion: HolderDeletion = Field(HolderDeletion.ALL, description="what the holder's DELETE reaches")
    minors_represented: bool = Field(
        default=True, description="the record of a minor opens with somebody who represents him, and not without"
    )
    majority_years: int = Field(18, ge=1, le=30, description="age of majority in years")
    window_hours: int = Field(4, ge=1, le=168, description="length of an emergency window in hours")
    authorisation_days: int = Field(0, ge=0, description="days of an authorisation that names no end; 0: no end")
    full_access_days: int = Field(0, ge=0, description="days of a full access that names no end; 0: no end")
    announcement_months: int = Field(1, ge=1, le=12, description="months until an unannounced document shows itself")
    strong_acr: frozenset[str] = Field(
        frozenset({"eidas1", "eidas2", "eidas3"}), description="acr of direct strong authentication"
    )
    codesystem_base: str = Field(
        "https://carnet.example/fhir", description="canonical base of our CodeSystems and extensions"
    )
    body_limit: int = Field(16 << 20, ge=1024, description="bytes of a JSON body")
    resource_limit: int = Field(2 << 20, ge=1024, description="bytes of a resource, less the contents that it brings")
    binary_limit: int = Field(25 << 20, ge=1024, description="bytes of a raw Binary")
    bundle_limit: int = Field(1000, ge=1, description="entries of a batch or transaction")
    page_size: int = Field(20, ge=1, le=1000, description="default `_count`")
    page_limit: int = Field(200, ge=1, le=1000, description="largest `_count`")
    term_years: int = Field(
        10, ge=1, le=100, description="years that a record is kept after it closed or its holder died"
    )
    trail_years: int = Field(
        0, ge=0, le=100, description="years that the trail is kept after the month of an act; 0: for ever"
    )
    anchors: tuple[str, ...] = Field(
        (), description="JSON list of places that blocks of the trail's chain are kept at: file:///path, tsp+https://…"
    )
    anchor_minutes: int = Field(60, ge=1, le=1440, description="minutes between two blocks that are kept elsewhere")
    farewell_days: int = Field(30, ge=1, le=365, description="days before the end of the term that its holder is told")
    notices: bool = Field(
        default=True, description="tell people, and ask the feed, from within the server; false beside `carnet worker`"
    )
    notice_senders: int = Field(
        4, ge=1, le=32, description="messages of one way on their way at once, for each process"
    )
    notice_rate: int = Field(600, ge=1, description="messages a second at most, for each process: others go on reading")
    notice_days: int = Field(7, ge=1, le=60, description="days until a message that is not taken is given up")
    reminder_days: int = Field(
        14, ge=1, le=60, description="days until the holder is reminded of an update not announced"
    )
    smtp_url: str = Field(
        "", description="mail server: smtp:// or smtps://[user:password@]host[:port]; empty: mails wait"
    )
    mail_from: str = Field("carnet@localhost", description="sender of mails to holders and representatives")
    mssante_url: str = Field("", description="MSSanté operator's mail server, as smtp_url; empty: these mails wait")
    mssante_from: str = Field("carnet@localhost", description="sender of mails to professionals")
    sms_url: str = Field("", description="SMS gateway: POST of `to` and `text` as JSON; empty: text messages wait")
    sms_token: str = Field("", description="bearer token for the SMS gateway")
    feed_url: str = Field("", description="FHIR base of the insurer's feed of care; empty: nobody is asked for it")
    feed_token: SecretStr = Field(SecretStr(""), description="bearer token for the feed")
    feed_structure: str = Field("", description="IDNST of the insurer whose feed it is: the depositor of what it gives")
    feed_months: int = Field(
        24, ge=1, le=120, description="months of care before the opening that the feed is asked for"
    )
    feed_hours: int = Field(24, ge=1, le=720, description="hours until the feed is asked for what came since")
    cursor_hours: int = Field(24, ge=1, le=720, description="hours in which the next page of a search may be asked for")
    statement_timeout: int = Field(10_000, ge=100, description="milliseconds until a statement is given up")
    request_timeout: int = Field(
        30_000, ge=100, description="milliseconds until a request, once its body is there, is given up (503)"
    )
    logs: Logs = Field(Logs.JSON, description="how a line of the log is written, to stderr")
    access_log: bool = Field(
        default=False, description="a line for each answer: interaction, status, milliseconds; no address, no person"
    )
    traces_url: str = Field(
        "",
        description="OTLP/HTTP address for OpenTelemetry traces, such as http://host:4318/v1/traces; empty: none",
    )
    traces_share: float = Field(1.0, ge=0, le=1, description="share of the requests that are traced")
    queue: int = Field(
        128, ge=1, le=100_000, description="requests of one worker at work or waiting; one more is 503 at once"
    )
    connections: int = Field(1000, ge=1, le=100_000, description="open client connections of one worker")
    header_timeout: int = Field(10, ge=1, le=3600, description="seconds that a client has for the head of a request")
    body_timeout: int = Field(
        20, ge=1, le=3600, description="seconds that a client has for a body, and one more for each 8 KiB that came"
    )
    send_timeout: int = Field(30, ge=1, le=3600, description="seconds that a client may take nothing of its answer")
    rate: int = Field(
        0, ge=0, description="requests a second of one caller of one software, for each worker; 0: no limit"
    )
    burst: int = Field(200, ge=1, description="requests that such a caller may make at once, beyond his rate")
    drain: int = Field(
        0, ge=0, le=600, description="seconds in which a server that is to stop still serves, and says it is not ready"
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, values: dict[str, object]) -> dict[str, object]:
        known = {PREFIX + name.upper() for name in cls.model_fields} | OF_TESTS
        unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
        if unknown:
            message = f"unknown settings: {', '.join(unknown)}"
            raise ValueError(message)
        return values

    @model_validator(mode="after")
    def _name_the_insurer(self) -> Settings:
        if self.feed_url and not self.feed_structure:
            message = "feed_url needs feed_structure: what the feed gives has a depositor"
            raise ValueError(message)
        return self

    @cached_property
    def public_url(self) -> str:
        """Public URL of the server, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def fhir_base(self) -> str:
        """FHIR base URL: `aud` of every token."""
        return f"{self.public_url}/fhir"

    @cached_property
    def token_issuer(self) -> str:
        """`iss` of every accepted token."""
        return self.issuer or self.public_url
