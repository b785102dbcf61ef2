"""A provider of identities over HTTP, for tests: OpenID Connect, claims of Pro Santé Connect, and faults."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving import Tree

CLIENT, SECRET = "carnet-at-psc", "a secret of thirty-two characters"
MOST = 1 << 16


def activity(finess: str, name: str) -> Tree:
    return {"numeroFinessSite": finess, "raisonSocialeSite": name, "codeSecteurDactivite": "SA01"}


def person(number: str, *activities: Tree, profession: str = "10", skill: str = "SM54", **more: Any) -> Tree:
    """What `userinfo` says of a professional."""
    practice = {
        "codeProfession": profession, "codeCategorieProfessionnelle": "C", "codeTypeSavoirFaire": "S",
        "codeSavoirFaire": skill, "activities": list(activities),
    }  # fmt: skip
    said = {"sub": f"f:1234:{number}", "SubjectNameID": number, "given_name": "Anne", "family_name": "Dur"}
    return said | {"Acces_Regulation_Medicale": "FAUX", "SubjectRefPro": {"exercices": [practice]}} | more


@dataclass
class Provider:
    """The provider: who signs in next, and what it says wrong of purpose."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "psc"}))
    who: Tree = field(default_factory=dict)
    changes: Tree = field(default_factory=dict)
    """claims of identity tokens that differ; None takes one away"""
    signed: str = "RS256"
    sub: str = ""
    client: str = CLIENT
    codes: dict[str, Tree] = field(default_factory=dict)
    tokens: dict[str, Tree] = field(default_factory=dict)
    asked: list[Tree] = field(default_factory=list)

    def discovery(self) -> Tree:
        names = ("authorization", "token", "userinfo", "introspection", "end_session")
        ends = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in names}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **ends}

    def authorize(self, asked: Tree) -> str:
        """The person signs in at once; gives where his browser goes."""
        self.asked.append(asked)
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self) -> str:
        """An access token of who signs in next."""
        made = secrets.token_urlsafe(12)
        self.tokens[made] = self.who
        return made

    def redeem(self, form: Tree) -> Tree | None:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        proven = form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
        if asked is None or not proven or asked["code_challenge"] != challenge:
            return None
        now = int(time.time())
        said: Tree = {"iss": self.issuer, "aud": CLIENT, "sub": self.who["sub"], "iat": now, "exp": now + 60}
        said |= {"nonce": asked["nonce"], "acr": asked["acr_values"], **self.changes}
        claims = {name: value for name, value in said.items() if value is not None}
        return {"access_token": self.token(), "token_type": "Bearer", "id_token": self.sign(claims)}

    def sign(self, claims: Tree) -> str:
        if self.signed == "HS256":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        if self.signed == "confused":  # the public key as if it were the secret
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(self.key.as_pem(private=False)))
        other = RSAKey.generate_key(2048, {"kid": "psc"}) if self.signed == "other" else self.key
        return jwt.encode({"alg": "RS256", "kid": "psc"}, claims, other)

    def answer(self, path: str, form: Tree, bearer: str) -> Tree | None:
        if path == "/.well-known/openid-configuration":
            return self.discovery()
        if path == "/jwks":
            return {"keys": [{**self.key.as_dict(private=False), "kid": "psc", "use": "sig"}]}
        if path == "/token":
            return self.redeem(form)
        if path == "/userinfo":
            found = self.tokens.get(bearer)
            return found and {**found, **({"sub": self.sub} if self.sub else {})}
        if path == "/introspection":
            found = self.tokens.get(form.get("token", ""))
            said = {"active": True, "azp": self.client, "acr": "eidas1"}
            return {**said, "sub": found["sub"]} if found else {"active": False}
        return None


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider on a free port."""
    made = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()))
            bearer = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            tree = made.answer(urlsplit(self.path).path, form, bearer)
            body = json.dumps(tree if tree is not None else {"error": "invalid_request"}).encode()
            self.send_response(200 if tree is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server's own

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        made.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        server.shutdown()
        thread.join()
