"""Software that acts for itself, or for a professional whom it vouches for; and how each is forged."""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from app.access import PROFESSION_SYSTEM, SPECIALTY_SYSTEM
from app.auth.server.party import ALONE, CODE, EXCHANGE
from tests.serving import Carnet, document, serving
from tests.software import BACK, app, backend, bearer, claims, error, told
from tests.world import opened, opened_for_minor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    data: Path = tmp_path_factory.mktemp("data")
    async with serving(module_database_urls, data) as made:
        yield made


@pytest.fixture(scope="module")
async def record(carnet: Carnet) -> str:
    return await opened(carnet)


async def test_software_deposits_for_its_structure(carnet: Carnet, record: str) -> None:
    for key in (ECKey.generate_key("P-384"), RSAKey.generate_key(2048)):
        made = await backend(carnet, key)
        answer = await made.ask(scope="system/DocumentReference.c")
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        assert (tokens["scope"], tokens["expires_in"]) == ("system/DocumentReference.c", 300)
        assert "refresh_token" not in tokens
        headers = {**bearer(tokens["access_token"]), "Content-Type": "application/fhir+json"}
        deposit = await carnet.http.post("/fhir/DocumentReference", json=document(record), headers=headers)
        assert deposit.status_code == 201, deposit.text
        assert (await carnet.http.get("/fhir/DocumentReference", headers=headers)).status_code == 403


@pytest.mark.parametrize(("kind", "claim"), [("insurer", "insurer"), ("desk", "desk")])
async def test_who_may_never_read_has_a_token_that_says_so(carnet: Carnet, kind: str, claim: str) -> None:
    made = await backend(carnet, kinds=[kind], grants=[ALONE])
    tokens = (await made.ask()).json()
    said = claims(tokens["access_token"])
    assert said["kind"] == claim
    assert said["extensions"]["ihe_iua"] == {"subject_organization_id": "1750000001"}
    patient = await carnet.http.get("/fhir/DocumentReference?patient=x", headers=bearer(tokens["access_token"]))
    assert patient.status_code == 200
    assert patient.json()["total"] == 0


def _unsigned(made: Any) -> str:
    body = made.assertion().split(".")[1]
    return ".".join((base64.urlsafe_b64encode(b'{"alg":"none","kid":"key-1"}').decode().rstrip("="), body, ""))


def _by_public_key(made: Any) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"HS384","kid":"key-1"}').decode().rstrip("=")
    text = f"{header}.{made.assertion().split('.')[1]}"
    mac = hmac.digest(made.key.as_pem(private=False), text.encode(), "sha384")
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


FORGERIES: dict[str, Any] = {
    "another key": lambda made: made.assertion(ECKey.generate_key("P-384")),
    "unsigned": _unsigned,
    "public key as secret": _by_public_key,
    "unknown kid": lambda made: made.assertion(header={"kid": "key-2"}),
    "no kid": lambda made: made.assertion(header={"kid": None}),
    "own key in the header": lambda made: made.assertion(header={"jwk": made.key.as_dict(private=False)}),
    "keys elsewhere": lambda made: made.assertion(header={"jku": "https://evil.example/jwks"}),
    "an access token": lambda made: made.assertion(header={"typ": "at+jwt"}),
    "another issuer": lambda made: made.assertion(iss="other"),
    "another subject": lambda made: made.assertion(sub="other"),
    "another audience": lambda made: made.assertion(aud="https://other.example/auth/token"),
    "several audiences": lambda made: made.assertion(
        aud=[f"{made.carnet.settings.public_url}/auth/token", "https://other.example"]
    ),
    "the resource server": lambda made: made.assertion(aud=made.carnet.settings.fhir_base),
    "over": lambda made: made.assertion(exp=int(time.time()) - 60),
    "too long": lambda made: made.assertion(exp=int(time.time()) + 3600),
    "not yet": lambda made: made.assertion(nbf=int(time.time()) + 60),
    "no end": lambda made: made.assertion(exp=None),
    "no jti": lambda made: made.assertion(jti=None),
    "no JWS": lambda _: "a.b",
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_an_assertion_that_does_not_hold_is_refused(carnet: Carnet, forgery: str) -> None:
    made = await backend(carnet)
    answer = await made.ask(FORGERIES[forgery](made))
    assert error(answer) == "invalid_client"
    assert answer.status_code == 401
    assert answer.json()["error_description"] == "client authentication failed"


async def test_an_assertion_comes_once(carnet: Carnet) -> None:
    made = await backend(carnet)
    assertion = made.assertion()
    answers = await asyncio.gather(*[made.ask(assertion) for _ in range(5)])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_software_with_a_key_is_not_taken_at_its_word(carnet: Carnet) -> None:
    made = await backend(carnet, grants=[ALONE, CODE], redirect_uris=[BACK])
    for form in ({"client_id": made.id}, {"client_id": made.id, "client_secret": "x"}):
        answer = await carnet.http.post("/auth/token", data={"grant_type": ALONE, **form})
        assert error(answer) in {"invalid_client", "invalid_request"}


async def test_public_software_has_no_token_for_itself(carnet: Carnet) -> None:
    phone = await app(carnet, grants=[CODE, ALONE, EXCHANGE])
    assert error(await phone.ask(grant_type=ALONE, client_id=phone.id)) == "invalid_client"
    assert error(await phone.ask(grant_type=EXCHANGE, client_id=phone.id)) in {"invalid_client", "invalid_request"}
    assert error(await phone.ask(grant_type="password", client_id=phone.id)) == "unsupported_grant_type"


# exchange


def vouched(made: Any, **changes: object) -> str:
    """What software signs of a professional, with the fields of VIHF."""
    role = [{"system": PROFESSION_SYSTEM, "code": "10"}, {"system": SPECIALTY_SYSTEM, "code": "SM54"}]
    said: dict[str, object] = {
        "sub": "810000000001",
        "subject-id": "Anne Dur",
        "subject-role": role,
        "Identifiant_Structure": "1750000001",
        "Ressource_URN": "urn:dmp",
        "purposeofuse": "normal",
        "Authentification_Mode": "INDIRECTE_RENFORCEE",
    }
    text: str = made.assertion(**(said | changes))
    return text


async def exchanged(made: Any, text: str, **form: str) -> Any:
    kind = "urn:ietf:params:oauth:token-type:jwt"
    given = {"grant_type": EXCHANGE, "subject_token": text, "subject_token_type": kind, "scope": "user/*.rs", **form}
    return await made.ask(**given)


async def test_software_acts_for_a_professional_whom_it_vouches_for(carnet: Carnet) -> None:
    made = await backend(carnet)
    answer = await exchanged(made, vouched(made))
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert tokens["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    said = claims(tokens["access_token"])
    assert (said["kind"], said["acr"], said["scope"]) == ("professional", "indirecte-renforcee", "user/*.rs")
    found = await carnet.http.get("/fhir/Practitioner?identifier=810000000001", headers=bearer(tokens["access_token"]))
    assert found.status_code == 200
    assert (await told(carnet, made.id))[0][0] == "token"


async def test_an_assertion_about_a_person_holds_the_token_to_his_record(carnet: Carnet, record: str) -> None:
    made = await backend(carnet)
    doctor = carnet.doctor()
    ins = (await doctor.get(f"Patient/{record}")).json()["identifier"][0]
    number, oid = ins["value"], ins["system"].removeprefix("urn:oid:")
    tokens = (await exchanged(made, vouched(made, **{"resource-id": f"{number}^^^&{oid}&ISO^NH"}))).json()
    assert tokens["patient"] == claims(tokens["access_token"])["patient"] == record
    other = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    for person in (f"{other}^^^&{oid}&ISO^NH", f"{number}^^^&1.2.3&ISO^NH", "x", 1):
        assert error(await exchanged(made, vouched(made, **{"resource-id": person}))) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"Authentification_Mode": "DIRECTE"},
        {"Authentification_Mode": None},
        {"purposeofuse": "bris_de_glace"},
        {"purposeofuse": "centre_15"},
        {"purposeofuse": {"code": "ETREAT"}},
        {"Identifiant_Structure": "1750000002"},
        {"Identifiant_Structure": None},
        {"Ressource_URN": "urn:other"},
        {"subject-role": None},
        {"subject-role": []},
        {"subject-role": "10"},
        {"sub": ""},
        {"regulator": True},
        {"kind": "holder"},
        {"scope": "user/*.cruds"},
        {"acr": "eidas1"},
        {"extensions": {}},
        {"confidentiality-code": "other"},
        {"exp": 1},
        {"aud": "https://other.example"},
        {"iss": "other"},
    ],
)
async def test_software_vouches_for_nothing_more(carnet: Carnet, changes: dict[str, object]) -> None:
    made = await backend(carnet)
    assert error(await exchanged(made, vouched(made, **changes))) == "invalid_grant"


@pytest.mark.parametrize(
    "form",
    [
        {"purpose_of_use": "ETREAT"},
        {"regulator": "true"},
        {"kind": "professional"},
        {"claims": '{"regulator":true}'},
        {"acr": "eidas1"},
        {"acr_values": "eidas1"},
    ],
)
async def test_no_parameter_or_header_says_a_purpose(carnet: Carnet, form: dict[str, str]) -> None:
    made = await backend(carnet)
    tokens = (await exchanged(made, vouched(made), **form)).json()
    said = claims(tokens["access_token"])
    assert said["extensions"]["ihe_iua"]["purpose_of_use"][0]["code"] == "TREAT"
    assert ("regulator" in said, said["acr"]) == (False, "indirecte-renforcee")
    headers = {**bearer(tokens["access_token"]), "X-Purpose-Of-Use": "ETREAT", "Purpose-Of-Use": "ETREAT"}
    access = await carnet.http.get("/fhir/Patient?identifier=x&purpose_of_use=ETREAT", headers=headers)
    assert access.status_code == 400  # an unknown parameter


async def test_an_exchange_is_for_this_server_and_by_who_may(carnet: Carnet) -> None:
    made = await backend(carnet)
    for form in (
        {"audience": "https://other.example"},
        {"resource": "https://other.example"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": "x"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"},
    ):
        assert error(await exchanged(made, vouched(made), **form)) == "invalid_request"
    other = await backend(carnet)
    assert error(await exchanged(other, vouched(made))) == "invalid_grant"  # another's assertion
    alone = await backend(carnet, grants=[ALONE])
    assert error(await exchanged(alone, vouched(alone))) == "unauthorized_client"
    unserved = await backend(carnet, kinds=["software"])
    assert error(await exchanged(unserved, vouched(unserved))) == "unauthorized_client"
    text = vouched(made)
    assert (await exchanged(made, text)).status_code == 200
    assert error(await exchanged(made, text)) == "invalid_grant"  # it comes once


async def test_an_assertion_of_a_secret_connection_says_so(carnet: Carnet) -> None:
    made = await backend(carnet)
    code = {"confidentiality-code": "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"}
    child, _ = await opened_for_minor(carnet)
    about = {name: await person(carnet, one) for name, one in (("child", child), ("adult", await opened(carnet)))}
    answer = await exchanged(made, vouched(made, **code, **{"resource-id": about["child"]}))
    said = claims(answer.json()["access_token"])
    assert (said["secret"], said["patient"]) == (True, child)
    for more in ({}, {"resource-id": about["adult"]}):  # of everybody, and of an adult with a guardian, nothing is kept
        assert error(await exchanged(made, vouched(made, **code, **more))) == "invalid_grant"


async def person(carnet: Carnet, record: str) -> str:
    """The holder of a record, as an assertion names him."""
    ins = (await carnet.doctor().get(f"Patient/{record}")).json()["identifier"][0]
    return f"{ins['value']}^^^&{ins['system'].removeprefix('urn:oid:')}&ISO^NH"
