"""Software that asks for tokens, for tests: registered at a server, with keys of its own, and a person before it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson
from joserfc import jws
from joserfc.jwk import ECKey

from app.auth.keys import Key, algorithm
from app.auth.server.assertion import TYPE
from app.auth.server.pages import COOKIE
from app.auth.server.party import ALONE, ASSERTED, CODE, EXCHANGE, PUBLIC, REFRESH
from app.storage.audit import Circumstances
from app.storage.auth import clients

if TYPE_CHECKING:
    import httpx

    from app.auth.server.office import Authority
    from app.auth.server.subject import Subject
    from tests.serving import Carnet, Tree

BACK = "https://app.example/back"
WHENCE = Circumstances("request-1", "192.0.2.1")
BLANK: dict[str, Any] = {
    "name": "An app", "method": PUBLIC, "grants": [CODE, REFRESH], "scope": "", "kinds": [], "redirect_uris": [BACK],
    "origins": [], "jwks": "", "jwks_uri": "", "subject_dn": "", "thumbprints": [], "structure": "", "bound": False,
    "introspects": False,
}  # fmt: skip


def authority(carnet: Carnet) -> Authority:
    """The authorisation server behind an application."""
    found: Authority = carnet.app.state.authority
    return found


async def register(carnet: Carnet, **values: Any) -> str:
    """Register software as `carnet client add` does; returns its id."""
    row = BLANK | {"id": secrets.token_urlsafe(6)} | values
    async with authority(carnet).office.database.link() as link:
        await clients.add(link, row)
    return str(row["id"])


def pair() -> tuple[str, str]:
    """A verifier of PKCE and its challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class App:
    """An app for persons."""

    carnet: Carnet
    id: str
    verifier: str = ""
    challenge: str = ""

    def __post_init__(self) -> None:
        self.verifier, self.challenge = pair()

    def asked(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorisation request; None leaves one out."""
        given = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": BACK,
            "scope": "patient/*.rs",
            "state": "a state",
            "aud": self.carnet.settings.fhir_base,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (given | changes).items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx.Response:
        """Go to the authorisation endpoint."""
        self.carnet.http.cookies.clear()
        return await self.carnet.http.get("/auth/authorize", params=self.asked(**changes))

    async def code(self, subject: Subject, *, patient: str = "", leave: tuple[str, ...] = (), **changes: str) -> str:
        """The code that somebody gives who signs in and agrees to all but what he leaves out."""
        answer = await self.authorize(**changes)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/auth/login", answer.headers["location"]
        flow = authority(self.carnet).flow
        handle = await flow.signed_in(answer.cookies[COOKIE], subject, WHENCE)
        pending = await flow.pending(handle)
        scopes = tuple(scope for scope in pending.scopes if scope not in leave)
        where = await flow.agree(handle, pending.form, scopes, patient=patient, address="192.0.2.1")
        return parse_qs(urlsplit(where).query)["code"][0]

    async def redeem(self, code: str, **changes: str) -> httpx.Response:
        """Ask for the tokens of a code."""
        given = {"grant_type": CODE, "code": code, "redirect_uri": BACK, "client_id": self.id}
        return await self.ask(**{**given, "code_verifier": self.verifier, **changes})

    async def refresh(self, token: str, **more: str) -> httpx.Response:
        """Ask for new tokens."""
        return await self.ask(grant_type=REFRESH, refresh_token=token, client_id=self.id, **more)

    async def ask(self, **form: str) -> httpx.Response:
        """Go to the token endpoint."""
        return await self.carnet.http.post("/auth/token", data=form)

    async def tokens(self, subject: Subject, **more: Any) -> Tree:
        """Tokens of somebody who signs in and agrees."""
        answer = await self.redeem(await self.code(subject, **more))
        assert answer.status_code == 200, answer.text
        tree: Tree = answer.json()
        return tree

    async def get(self, token: str, path: str) -> httpx.Response:
        """Read at the FHIR base."""
        return await self.carnet.http.get(f"/fhir/{path}", headers={"Authorization": f"Bearer {token}"})


@dataclass
class Backend:
    """Software with a key of its own."""

    carnet: Carnet
    id: str
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-384"))
    kid: str = "key-1"

    def jwks(self) -> str:
        """Its public keys."""
        return jwks(self.key, self.kid)

    def assertion(self, key: Key | None = None, header: Tree | None = None, **changes: object) -> str:
        """An assertion that says who it is; None takes a claim away."""
        now = int(time.time())
        claims = {"iss": self.id, "sub": self.id, "aud": f"{self.carnet.settings.public_url}/auth/token"}
        given = claims | {"iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(8)} | changes
        body = orjson.dumps({name: value for name, value in given.items() if value is not None})
        signing = key or self.key
        said: Tree = {"alg": algorithm(signing), "kid": self.kid, "typ": "JWT", **(header or {})}
        head = {name: value for name, value in said.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=[head["alg"]], strict_check_header=False)
        return jws.serialize_compact(head, body, signing, registry=registry)

    async def ask(self, assertion: str = "", **form: str) -> httpx.Response:
        """Go to the token endpoint, for itself unless told otherwise."""
        given = {"grant_type": ALONE, "client_assertion_type": TYPE}
        given["client_assertion"] = assertion or self.assertion()
        return await self.carnet.http.post("/auth/token", data=given | form)

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Go to another endpoint, and say who it is."""
        given = {"client_assertion_type": TYPE, "client_assertion": self.assertion()}
        return await self.carnet.http.post(path, data=given | form)


def jwks(key: Key, kid: str) -> str:
    """A JWK Set of one key."""
    return orjson.dumps({"keys": [{**key.as_dict(private=False), "kid": kid}]}).decode()


async def backend(carnet: Carnet, key: Key | None = None, **values: Any) -> Backend:
    """Register software that deposits for a structure, or exchanges tokens."""
    made = Backend(carnet, secrets.token_urlsafe(6), key or ECKey.generate_key("P-384"))
    given = {"grants": [ALONE, EXCHANGE], "kinds": ["software", "professional"], "structure": "1750000001"}
    given |= {"scope": "system/*.cruds user/*.cruds", "redirect_uris": [], "method": ASSERTED, "jwks": made.jwks()}
    await register(carnet, id=made.id, **{**given, **values})
    return made


async def app(carnet: Carnet, **values: Any) -> App:
    """Register an app that holders and professionals sign in with."""
    scope = "openid fhirUser launch launch/patient offline_access online_access __sessions patient/*.rs user/*.cruds"
    given = {"scope": scope, "kinds": ["holder", "representative", "professional"]}
    return App(carnet, await register(carnet, **{**given, **values}))


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def error(answer: Any) -> str:
    assert answer.status_code in {400, 401}, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["error"])


async def told(carnet: Carnet, client: str) -> list[tuple[str, str, str]]:
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    try:
        query = "SELECT interaction, outcome, reason FROM audit_event WHERE client = $1 ORDER BY recorded"
        return [tuple(row) for row in await link.fetch(query, client)]
    finally:
        await link.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def gone(phone: App, token: str, record: str) -> bool:
    """Whether a token is refused to whoever comes with it a second from now, if not before."""
    limit = time.monotonic() + 1
    while True:
        asked = time.monotonic()
        if (await phone.get(token, f"Patient/{record}")).status_code == 401:
            return True
        if asked > limit:
            return False
        await asyncio.sleep(0.02)
