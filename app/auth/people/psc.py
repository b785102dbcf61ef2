"""Pro Santé Connect as a relying party (OpenID Connect Core 1.0; facts of the ANS): who a professional is.

Discovery, the code flow with PKCE, `state`, `nonce` and `acr_values`; an identity token is verified by the provider's
keys, `userinfo` has to be about the same person. An answer that is not of the sign-in of that browser, or of another
provider (RFC 9207), is refused. What the claims do not say is not guessed: a profession that this server does not know
is a key that no rule names, so that it reads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from app.access import SPECIALTY_SYSTEM
from app.auth import mint
from app.auth.server.subject import Subject, professional
from app.errors import BadValue, Forbidden, Unauthenticated
from app.storage.auth import flows
from app.storage.keys import Unreadable, unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from app.auth.server.asked import Asked
    from app.auth.server.office import Authority
    from app.auth.server.party import Client
    from app.settings import Settings

BACK, OUT = "/auth/psc/back", "/auth/psc/out"
GONE, SEALED = "gone", "provider"
"""In the place of an issuer: the row holds where somebody goes who left; what an identity token is sealed for."""
LONGEST = 6000
"""Characters of an identity token that goes back in an address."""
SCOPE = "openid scope_all"
PATIENCE, SIZE = 5.0, 256 << 10
KEPT = 300.0
"""Seconds that discovery and keys are kept."""
LEEWAY = 30
KEYED = ("RS256", "PS256", "ES256")
"""Algorithms of identity tokens that are verified by the provider's keys; HS256 by the client's secret alone."""
IDNPS = re.compile(r"[0-9A-Za-z/.-]{8,40}")
CODE = re.compile(r"[0-9A-Za-z]{1,8}")
SPECIALIST = "S"
"""`codeTypeSavoirFaire` of an ordinal specialty (TRE_R04)."""
TRUE = "VRAI"
MOST_PLACES = 30
REGULATION = "ETREAT"
"""Purpose of who regulates a call; it is his, and no request's, to have."""


def failed() -> BadValue:
    """The one answer to whatever went wrong with the provider; it repeats nothing of what came."""
    return BadValue("the sign-in with the provider failed", reason="provider-failed")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a professional practises: the claims that he would sign in with, and its name."""

    name: str
    subject: Subject
    regulates: bool = False


@dataclass(slots=True)
class Known:
    """What the provider says of itself."""

    discovery: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    until: float = float("-inf")


class ProSanteConnect:
    """The provider, as one worker knows it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known = Known()
        self.issuer = settings.psc_issuer

    async def begin(self, authority: Authority, handle: str, request: Asked) -> str:
        """Where the browser of a sign-in goes; the application's wishes for how somebody signs in go with it."""
        known = await self._look()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with authority.office.database.link() as link:
            values = {"sign_in": flows.digest(handle), "issuer": self.issuer, "nonce": nonce, "verifier": verifier}
            await flows.sent_away(link, state, values)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code", "client_id": self._settings.psc_client_id, "redirect_uri": self._back,
            "scope": SCOPE, "state": state, "nonce": nonce, "acr_values": self._settings.psc_acr,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        wishes = {"login_hint": request.hint, "max_age": request.max_age, "prompt": request.prompt}
        asked |= {name: value for name, value in wishes.items() if value}
        return f"{known.discovery['authorization_endpoint']}?{urlencode(asked)}"

    @property
    def _back(self) -> str:
        return f"{self._settings.public_url}{BACK}"

    async def answered(
        self, authority: Authority, handle: str, said: Mapping[str, str], max_age: str = ""
    ) -> list[Place]:
        """Where somebody practises who comes back from the provider; BadValue for an answer that does not hold."""
        async with authority.office.database.link() as link:
            row = await flows.came_back(link, said.get("state", ""))
        mine = row is not None and hmac.compare_digest(row["sign_in"], flows.digest(handle))
        if row is None or not mine or row["issuer"] != self.issuer or said.get("iss", self.issuer) != self.issuer:
            raise failed()
        if "error" in said or not said.get("code"):
            raise failed()
        tokens = await self._redeem(said["code"], row["verifier"])
        token = str(tokens.get("id_token", ""))
        identity = await self._identity(token, row["nonce"])
        if max_age and not _recent(identity, int(max_age)):
            raise failed()
        person = await self._userinfo(str(tokens.get("access_token", "")))
        if person.get("sub") != identity["sub"]:
            raise failed()
        places, kept = self.places(person, str(identity["acr"])), _sealed(authority, token)
        return [replace(one, subject=replace(one.subject, provider=kept)) for one in places]

    async def leave(self, authority: Authority, sealed: str, where: str) -> str:
        """Where a browser goes to end its session at the provider, and `where` then; "" where there is no such way.

        OpenID Connect RP-Initiated Logout 1.0; `sealed` is what the subject kept.
        """
        try:
            known = await self._look()
            token = unwrap(authority.secret, base64.b64decode(sealed), SEALED).decode()
        except (BadValue, Unreadable):
            return ""
        address, state = known.discovery.get("end_session_endpoint"), secrets.token_urlsafe(32)
        if not isinstance(address, str):
            return ""
        async with authority.office.database.link() as link:
            await flows.sent_away(link, state, {"sign_in": "", "issuer": GONE, "nonce": "", "verifier": where})
        asked = {"id_token_hint": token, "client_id": self._settings.psc_client_id, "state": state}
        asked["post_logout_redirect_uri"] = f"{self._settings.public_url}{OUT}"
        return f"{address}?{urlencode(asked)}"

    async def _redeem(self, code: str, verifier: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier}
        return await self._post("token_endpoint", form)

    async def _post(self, name: str, form: dict[str, str]) -> dict[str, Any]:
        known = await self._look()
        secret = self._settings.psc_client_secret.get_secret_value()
        said = form | {"client_id": self._settings.psc_client_id, "client_secret": secret}
        return await self._fetch("POST", str(known.discovery.get(name, "")), data=said)

    async def _userinfo(self, token: str) -> dict[str, Any]:
        known = await self._look()
        headers = {"Authorization": f"Bearer {token}"}
        return await self._fetch("GET", str(known.discovery["userinfo_endpoint"]), headers=headers)

    async def _identity(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an identity token that is for us, of now, of this sign-in, and strong enough."""
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet, OctKey  # noqa: PLC0415

        known = await self._look()
        try:
            claims = _unverified(token)
            if claims["alg"] == "HS256":
                secret = OctKey.import_key(self._settings.psc_client_secret.get_secret_value())
                said = jwt.decode(token, secret, algorithms=["HS256"]).claims
            else:
                keys = KeySet.import_key_set(known.keys)  # type: ignore[arg-type]
                said = jwt.decode(token, keys, algorithms=list(KEYED)).claims
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise failed() from error
        if not self._ours(said, nonce):
            raise failed()
        return dict(said)

    def _ours(self, said: Mapping[str, Any], nonce: str) -> bool:
        mine = self._settings.psc_client_id
        audience = said.get("aud")
        exp, iat, now = said.get("exp"), said.get("iat"), time.time()
        timed = isinstance(exp, int) and isinstance(iat, int) and exp > now - LEEWAY and iat < now + LEEWAY
        return (
            said.get("iss") == self.issuer
            and audience in (mine, [mine])
            and said.get("azp", mine) == mine
            and timed
            and hmac.compare_digest(str(said.get("nonce", "")).encode(), nonce.encode())
            and said.get("acr") == self._settings.psc_acr
            and isinstance(said.get("sub"), str)
        )

    async def subject(self, token: str, client: Client) -> Subject | None:
        """The professional of an access token of this provider, which software exchanges; None for any other token.

        It must have been given to software that the settings name: a token that another application was given is not
        for this one to use. With several structures, that of the software decides.
        """
        try:
            said = await self._post("introspection_endpoint", {"token": token})
            whose = said.get("azp") or said.get("client_id")
            if said.get("active") is not True or whose not in self._settings.psc_exchange:
                return None
            person = await self._userinfo(token)
            if person.get("sub") != said.get("sub"):
                return None
            places = self.places(person, str(said.get("acr", "")))
        except (BadValue, Forbidden):
            return None
        fitting = [one.subject for one in places if not one.regulates and _at(one.subject, client.structure)]
        return fitting[0] if len(fitting) == 1 else None

    def places(self, person: Mapping[str, Any], acr: str) -> list[Place]:
        """Where the person of a `userinfo` practises; Forbidden where it describes no professional."""
        number = str(person.get("SubjectNameID", ""))
        name = " ".join(str(person.get(part, "")) for part in ("given_name", "family_name")).strip()
        practices = _objects(_object(person, "SubjectRefPro"), "exercices")
        found: dict[tuple[str, str, str], Place] = {}
        regulator = person.get("Acces_Regulation_Medicale") == TRUE
        for practice in practices[:MOST_PLACES]:
            for activity in _objects(practice, "activities")[:MOST_PLACES] or [{}]:
                self._add(found, number, name, practice, activity, acr, regulator=regulator)
        if not IDNPS.fullmatch(number) or not found:
            raise Forbidden("the provider does not say that you are a health professional", reason="no-professional")
        return list(found.values())

    def _add(
        self, found: dict[tuple[str, str, str], Place], number: str, name: str, practice: Mapping[str, Any],
        activity: Mapping[str, Any], acr: str, *, regulator: bool,
    ) -> None:  # fmt: skip
        profession, structure = str(practice.get("codeProfession", "")), structure_of(activity)
        skill = str(practice.get("codeSavoirFaire", ""))
        special = practice.get("codeTypeSavoirFaire") == SPECIALIST and bool(CODE.fullmatch(skill))
        specialty = f"{SPECIALTY_SYSTEM}|{skill}" if special else ""
        key = (profession, specialty, structure)
        if not CODE.fullmatch(profession) or not IDNPS.fullmatch(number) or key in found:
            return
        said: dict[str, Any] = {"profession": profession, "specialty": specialty, "structure": structure}
        said["name"] = name
        where = " ".join(str(activity.get("raisonSocialeSite", "")).split())[:120]
        try:
            subject = professional(mint.professional(number, **said), acr=acr, amr=("sc",))
            found[key] = Place(where, subject)
            if regulator and structure in self._settings.samu_structures:
                claims = mint.professional(number, **said, purpose=REGULATION, regulator=True)
                found[(*key[:2], f"{structure}|SAMU")] = Place(where, professional(claims, acr=acr, amr=("sc",)), True)  # noqa: FBT003
        except Unauthenticated:
            return

    async def _look(self) -> Known:
        """Discovery and keys, fetched anew now and then; an issuer that is not the one of the settings is refused."""
        if time.monotonic() < self._known.until:
            return self._known
        address = self._settings.psc_discovery or f"{self.issuer}/.well-known/openid-configuration"
        discovery = await self._fetch("GET", address)
        needed = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        if discovery.get("issuer") != self.issuer or not all(isinstance(discovery.get(one), str) for one in needed):
            raise failed()
        keys = await self._fetch("GET", discovery["jwks_uri"])
        self._known = Known(discovery, keys, time.monotonic() + KEPT)
        return self._known

    async def _fetch(self, method: str, address: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's
        import httpx  # noqa: PLC0415 - a server without a provider needs none

        try:
            async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=PATIENCE) as http:
                answer = await http.request(method, address, **more)
            return _tree(answer)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise failed() from error


def _recent(identity: Mapping[str, Any], max_age: int) -> bool:
    """Whether somebody signed in at the provider within so many seconds; one that does not say when did not."""
    moment = identity.get("auth_time")
    return isinstance(moment, int) and moment >= time.time() - max_age - LEEWAY


def _sealed(authority: Authority, token: str) -> str:
    """An identity token as it is kept: it names a person. One that is too long for an address is not kept."""
    if len(token) > LONGEST:
        return ""
    return base64.b64encode(wrap(authority.secret, token.encode(), SEALED)).decode()


def _tree(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200 or len(answer.content) > SIZE:  # noqa: PLR2004
        raise ValueError("not answered")
    tree = orjson.loads(answer.content)
    if not isinstance(tree, dict):
        raise ValueError("no object")  # noqa: TRY004 - as all that is wrong with an answer
    return tree


def _unverified(token: str) -> dict[str, Any]:
    """The header of a token, to choose what verifies it."""
    head = token.partition(".")[0]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return found


def structure_of(activity: Mapping[str, Any]) -> str:
    """The IDNST of a place: 1 and its FINESS, else 3 and its SIRET, else ""."""
    for prefix, name in (("1", "numeroFinessSite"), ("3", "numeroSiretSite")):
        value = str(activity.get(name) or "")
        if re.fullmatch(r"[0-9A-Z]{9,14}", value):
            return prefix + value
    return ""


def _at(subject: Subject, structure: str) -> bool:
    return not structure or subject.access.structure.endswith(f"|{structure.rpartition('|')[2]}")


def _object(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def _objects(tree: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = tree.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
