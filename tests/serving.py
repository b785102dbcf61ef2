"""A whole Carnet over HTTP, for tests: the real application on a real database, and tokens for every caller."""

from __future__ import annotations

import base64
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
from joserfc.jwk import RSAKey

from app.auth import mint
from app.auth.keys import SIGNING, SigningKeys
from app.main import create_app
from app.resources.care_team import PARTICIPATION, TREATING
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

    from app.storage.embedded import Urls

TEST_INS = "urn:oid:1.2.250.1.213.1.4.10"
NIRS = ("279035121518989", "180127512345642", "255081416802538", "186022A21532523")
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
LOINC = "http://loinc.org"
CLASSES = "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument"
VISIBILITY = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
NORMAL = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
IDNST = "urn:oid:1.2.250.1.71.4.2.2"

Tree = dict[str, Any]


@dataclass
class Carnet:
    """A running server: its HTTP client, settings and keys. `send` speaks as the caller of a token."""

    http: httpx.AsyncClient
    settings: Settings
    keys: SigningKeys
    app: FastAPI

    def token(self, claims: Tree, ttl: int = 3600) -> str:
        """A bearer token with these claims (`app.auth.mint`)."""
        return mint.mint(self.keys, self.settings, claims, ttl)

    def caller(self, claims: Tree) -> Caller:
        """Somebody who asks."""
        return Caller(self, {"Authorization": f"Bearer {self.token(claims)}"})

    def doctor(self, idnps: str = "810000000001", *, structure: str = "1750000001", **more: Any) -> Caller:
        """A general practitioner."""
        return self.professional(idnps, "10", structure=structure, **{"specialty": "SM54", **more})

    def professional(self, idnps: str, profession: str, **more: Any) -> Caller:
        """A professional of that profession (TRE_G15)."""
        return self.caller(mint.professional(idnps, profession=profession, **{"structure": "1750000001", **more}))

    def holder(self, record: str) -> Caller:
        """The holder of a record."""
        return self.caller(mint.holder(record))

    def representative(self, related_person: str, record: str) -> Caller:
        """Who represents the holder of a record."""
        return self.caller(mint.representative(related_person, record))


@dataclass
class Caller:
    """One caller, and the requests he makes."""

    carnet: Carnet
    headers: dict[str, str]

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request under /fhir; a `json` body goes out as FHIR JSON."""
        headers = {**self.headers, **more.pop("headers", {})}
        if "json" in more:
            headers.setdefault("Content-Type", "application/fhir+json")
        return await self.carnet.http.request(method, f"/fhir/{path}".rstrip("/"), headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.send("GET", path, **more)

    async def post(self, path: str, tree: Tree, **more: Any) -> httpx.Response:
        return await self.send("POST", path, json=tree, **more)

    async def put(self, path: str, tree: Tree, **more: Any) -> httpx.Response:
        return await self.send("PUT", path, json=tree, **more)

    async def patch(self, path: str, operations: list[Tree], **more: Any) -> httpx.Response:
        headers = {"Content-Type": "application/json-patch+json", **more.pop("headers", {})}
        return await self.send("PATCH", path, json=operations, headers=headers, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.send("DELETE", path, **more)

    async def make(self, tree: Tree) -> str:
        """Create a resource and give its id; an AssertionError says what stood against it."""
        answer = await self.post(tree["resourceType"], tree)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].split("/")[-3]

    async def found(self, query: str) -> list[str]:
        """Ids of the matches of a search."""
        answer = await self.get(query)
        assert answer.status_code == 200, answer.text
        return [e["resource"]["id"] for e in answer.json().get("entry", []) if e["search"]["mode"] == "match"]


@cache
def _key() -> tuple[bytes, SigningKeys]:
    """The signing key of the servers of this process; `test_auth_keys.py` has them make their own."""
    key = RSAKey.generate_key(2048)
    return key.as_pem(private=True), SigningKeys.of(key)


def keys_of(data: Path) -> SigningKeys:
    """The keys of a data folder; one without any gets a key that is there already.

    To make one costs half a second, and to read it, which says that it is sound, a tenth, for each server.
    """
    pem, keys = _key()
    path = data / SIGNING
    if not path.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    return keys if path.read_bytes() == pem else SigningKeys.load(data)


@asynccontextmanager
async def serving(urls: Urls, data: Path, **settings: Any) -> AsyncIterator[Carnet]:
    """A server on a database, with a data folder of its own.

    Minors whom nobody represents may have a record: worlds are full of them. `test_life.py` has the rule on.
    """
    given = {"minors_represented": False} | settings
    made = Settings(data=data, database_url=urls.serve, database_owner_url=urls.owner, **given)
    keys = keys_of(data)
    app = create_app(made)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=made.public_url) as http:
            yield Carnet(http, made, keys, app)


def patient(ins: str = NIRS[0], *, system: str = TEST_INS, **more: Any) -> Tree:
    """An identity."""
    name = [{"use": "official", "family": "Pat-Trois", "given": ["Dominique"]}]
    identifier = [{"use": "official", "system": system, "value": ins}]
    return {
        "resourceType": "Patient",
        "identifier": identifier,
        "name": name,
        "gender": "female",
        "birthDate": "1979-03-05",
        **more,
    }


def consent(record: str, category: str, provision: Tree | None = None, *, base: str, **more: Any) -> Tree:
    """A Consent of api.md section 4; `record` is a Patient id or a `urn:uuid:`."""
    reference = record if ":" in record else f"Patient/{record}"
    tree: Tree = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": f"{base}/CodeSystem/record-consent", "code": category}]}],
        "patient": {"reference": reference},
        "dateTime": "2026-01-05",
        "performer": [{"reference": reference}],
        "policy": [{"uri": "https://carnet.example/policy"}],
    }
    return tree | ({"provision": provision} if provision else {}) | more


def actor(idnps: str = "", *, structure: str = "", reference: str = "") -> Tree:
    """An actor of a provision, by logical reference or by reference."""
    role = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
    if reference:
        return {"role": role, "reference": {"reference": reference}}
    system, value, kind = (IDNST, structure, "Organization") if structure else (IDNPS, idnps, "Practitioner")
    return {"role": role, "reference": {"type": kind, "identifier": {"system": system, "value": value}}}


def permit(*actors: Tree, **period: str) -> Tree:
    """A provision that permits."""
    return {"type": "permit", "actor": list(actors), **({"period": period} if period else {})}


def deny(*actors: Tree) -> Tree:
    """A provision that denies."""
    return {"type": "deny", "actor": list(actors)}


def opposition(*purposes: str) -> Tree:
    """A provision that opposes emergency access: BTG, ETREAT."""
    return {"type": "deny", "purpose": [{"system": ACT_REASON, "code": one} for one in purposes]}


def care_team(record: str, idnps: str, **more: Any) -> Tree:
    """A care team whose only member is the treating physician."""
    member = {"type": "Practitioner", "identifier": {"system": IDNPS, "value": idnps}}
    role = [{"coding": [{"system": PARTICIPATION, "code": TREATING}]}]
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": record if ":" in record else f"Patient/{record}"},
        "participant": [{"role": role, "member": member}],
        **more,
    }


def document(
    record: str, *, type_: Any = "11488-4", label: Any = "", content: Any = b"<ClinicalDocument/>", **more: Any
) -> Tree:
    """A document to deposit; `label` is a visibility code."""
    coding = {"system": VISIBILITY, "code": label} if label else {"system": NORMAL, "code": "N"}
    attachment = {"contentType": "application/xml", "data": base64.b64encode(content).decode(), "title": "Compte rendu"}
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": type_}]},
        "category": [{"coding": [{"system": CLASSES, "code": "10"}]}],
        "subject": {"reference": f"Patient/{record}"},
        "date": "2026-06-12T10:00:00+02:00",
        "securityLabel": [{"coding": [coding]}],
        "content": [{"attachment": attachment}],
        **more,
    }


def transaction(*entries: tuple[str, Tree]) -> Tree:
    """A transaction of POST entries, each with its full URL."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": tree, "request": {"method": "POST", "url": tree["resourceType"]}}
            for url, tree in entries
        ],
    }


async def open_record(by: Caller, ins: str = NIRS[0], *, treating: str = "", **more: Any) -> str:
    """Open a record in one transaction (TD1.1), with a treating physician if one is named; returns its key."""
    base = by.carnet.settings.codesystem_base
    holder = "urn:uuid:00000000-0000-4000-8000-000000000001"
    entries = [
        (holder, patient(ins, **more)),
        ("urn:uuid:00000000-0000-4000-8000-000000000002", consent(holder, "opening", base=base)),
    ]
    if treating:
        entries.append(("urn:uuid:00000000-0000-4000-8000-000000000003", care_team(holder, treating)))
    answer = await by.post("", transaction(*entries))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][0]["response"]["location"].split("/")[1])
