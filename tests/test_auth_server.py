"""The authorisation server over HTTP: codes, refresh, software, exchange, and what an attacker tries with each."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from app.auth import mint
from app.auth.server import subject
from app.errors import Forbidden
from tests.serving import Carnet, serving
from tests.software import BACK, App, app, backend, bearer, claims, error, gone, pair, register, told
from tests.world import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.auth.server.subject import Subject
    from app.storage.embedded import Urls

DOCTOR = subject.professional(mint.professional("810000000001", structure="1750000001", name="Anne Dur"), acr="eidas1")
OTHER_DOCTOR = subject.professional(mint.professional("810000000002"), acr="eidas1")
BOTH = "offline_access openid fhirUser patient/*.rs"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    data: Path = tmp_path_factory.mktemp("data")
    async with serving(module_database_urls, data) as made:
        yield made


@pytest.fixture(scope="module")
async def record(carnet: Carnet) -> str:
    return await opened(carnet)


@pytest.fixture
def holder(record: str) -> Subject:
    return subject.holder(record, account="account-1", acr="eidas1", amr=("pwd", "otp"))


@pytest.fixture
async def phone(carnet: Carnet) -> App:
    return await app(carnet)


# the code flow


async def test_a_holder_signs_in_and_reads_his_record(phone: App, holder: Subject, record: str) -> None:
    tokens = await phone.tokens(holder, scope=BOTH)
    assert (tokens["token_type"], tokens["expires_in"], tokens["patient"]) == ("Bearer", 600, record)
    assert (await phone.get(tokens["access_token"], f"Patient/{record}")).status_code == 200
    said = claims(tokens["access_token"])
    assert (said["kind"], said["scope"], said["client_id"], said["acr"]) == ("holder", BOTH, phone.id, "eidas1")
    acts = await told(phone.carnet, phone.id)
    assert acts[:2] == [("login", "0", ""), ("token", "0", "")]


async def test_a_professional_has_five_minutes_and_no_more_than_he_agreed_to(phone: App) -> None:
    tokens = await phone.tokens(DOCTOR, scope="user/Patient.rs user/List.rs", leave=("user/List.rs",))
    assert (tokens["expires_in"], tokens["scope"]) == (300, "user/Patient.rs")
    assert "refresh_token" not in tokens
    assert "id_token" not in tokens
    assert (await phone.get(tokens["access_token"], "List?_id=x")).status_code == 403


async def test_an_identity_token_says_who_signed_in(phone: App, holder: Subject, record: str) -> None:
    tokens = await phone.tokens(holder, scope=BOTH, nonce="n-1")
    keys = (await phone.carnet.http.get("/auth/jwks")).json()["keys"]
    key = RSAKey.import_key(next(key for key in keys if key["alg"] == "RS256"))
    found = jws.deserialize_compact(tokens["id_token"], key, algorithms=["RS256"])
    said = json.loads(found.payload)
    assert (said["aud"], said["nonce"], said["sub"], said["amr"]) == (phone.id, "n-1", record, ["pwd", "otp"])
    assert said["fhirUser"] == f"{phone.carnet.settings.fhir_base}/Patient/{record}"
    answer = await phone.get(tokens["id_token"], f"Patient/{record}")
    assert answer.status_code == 401  # an identity token opens nothing
    info = await phone.carnet.http.get("/auth/userinfo", headers=bearer(tokens["access_token"]))
    assert info.json() == {"sub": record, "fhirUser": said["fhirUser"]}


async def test_prompt_max_age_and_hints_are_heard(phone: App, holder: Subject) -> None:
    async def answered(**asked: str) -> str:
        place = urlsplit((await phone.authorize(**asked)).headers["location"])
        return parse_qs(place.query).get("error", [place.path])[0]

    assert await answered(prompt="none") == "login_required"
    assert await answered(prompt="login consent", max_age="0", login_hint="anne@example.org") == "/auth/login"
    tokens = await phone.tokens(holder, scope=BOTH)
    again = await phone.code(holder, scope=BOTH, id_token_hint=tokens["id_token"])
    assert (await phone.redeem(again)).status_code == 200
    with pytest.raises(Forbidden, match="another person"):
        await phone.code(DOCTOR, scope="user/*.rs", id_token_hint=tokens["id_token"])
    assert ("login", "8", "another-person") in await told(phone.carnet, phone.id)
    other = await app(phone.carnet)
    location = (await other.authorize(id_token_hint=tokens["id_token"])).headers["location"]
    assert parse_qs(urlsplit(location).query)["error"] == ["invalid_request"]


async def test_a_code_that_comes_twice_ends_what_it_gave(phone: App, holder: Subject, record: str) -> None:
    code = await phone.code(holder, scope=BOTH)
    tokens = (await phone.redeem(code)).json()
    assert error(await phone.redeem(code)) == "invalid_grant"
    assert error(await phone.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert await gone(phone, tokens["access_token"], record)


async def test_of_many_that_bring_one_code_one_has_tokens_at_most(phone: App, holder: Subject) -> None:
    code = await phone.code(holder)
    answers = await asyncio.gather(*[phone.redeem(code) for _ in range(6)])
    assert sum(answer.status_code == 200 for answer in answers) <= 1


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": pair()[0]},
        {"code_verifier": ""},
        {"redirect_uri": "https://app.example/other"},
        {"client_id": "another"},
    ],
)
async def test_a_code_is_worth_nothing_without_all_that_belongs_to_it(
    phone: App, holder: Subject, changes: dict[str, str]
) -> None:
    other = await app(phone.carnet)
    changes = changes | ({"client_id": other.id} if "client_id" in changes else {})
    answer = await phone.redeem(await phone.code(holder), **changes)
    assert error(answer) in {"invalid_grant", "invalid_request"}
    assert error(await phone.redeem("guessed")) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"response_type": "token"},
        {"response_type": "code id_token"},
        {"aud": None},
        {"aud": "https://other.example/fhir"},
        {"scope": "user/*.cruds patient/*.cruds system/*.rs"},
        {"scope": None},
        {"prompt": "none"},
        {"prompt": "none login"},
        {"prompt": "create"},
        {"max_age": "soon"},
        {"login_hint": "2 80 01 75 000 001 50"},
        {"login_hint": "x" * 300},
        {"id_token_hint": "a.b.c"},
        {"request": "eyJ"},
        {"request_uri": "https://app.example/request"},
        {"response_mode": "fragment"},
        {"launch": "unknown", "scope": "launch patient/*.rs"},
        {"launch": "unknown"},
    ],
)
async def test_a_request_that_does_not_hold_goes_back_with_that(carnet: Carnet, changes: dict[str, str]) -> None:
    phone = await app(carnet, scope="launch patient/*.rs")
    answer = await phone.authorize(**changes)
    assert answer.status_code == 303, answer.text
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(f"{BACK}?")
    assert said["error"][0], said
    assert (said["state"], said["iss"]) == (["a state"], [carnet.settings.token_issuer])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/back", "https://app.example/back/", "https://app.example/back?x=1", BACK.upper(),
        "https://app.example/back#f", "https://app.example.evil.example/back", "https://user@app.example/back",
        "https://app.example/../back", "//app.example/back", "javascript:alert(1)", "", None, f"{BACK}\r\nX: y",
        "http://app.example/back", "https://app.example:443/back", "https://app.example/bac%6b",
    ],
)  # fmt: skip
async def test_nobody_is_sent_to_an_address_that_is_not_registered(phone: App, address: str | None) -> None:
    answer = await phone.authorize(redirect_uri=address)
    assert error(answer) == "invalid_request"
    assert "location" not in answer.headers


async def test_an_unknown_or_disabled_application_is_told_nothing(phone: App) -> None:
    for client in ("unknown", "", "a\0b", "x" * 5000):
        assert error(await phone.authorize(client_id=client)) == "invalid_request"


async def test_a_parameter_that_is_given_twice_is_refused(phone: App) -> None:
    query = "&".join(f"{name}={value}" for name, value in phone.asked(state="s").items()) + "&scope=user/*.cruds"
    assert error(await phone.carnet.http.get(f"/auth/authorize?{query}")) == "invalid_request"
    body = "grant_type=authorization_code&grant_type=client_credentials"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert error(await phone.carnet.http.post("/auth/token", content=body, headers=headers)) == "invalid_request"


async def test_an_app_on_this_machine_is_free_in_its_port(carnet: Carnet) -> None:
    phone = await app(carnet, redirect_uris=["http://127.0.0.1/back"])
    assert (await phone.authorize(redirect_uri="http://127.0.0.1:51004/back")).headers["location"] == "/auth/login"
    for address in (
        "http://127.0.0.1:51004/other",
        "http://localhost:51004/back",
        "http://127.0.0.1:1@evil.example/back",
    ):
        assert error(await phone.authorize(redirect_uri=address)) == "invalid_request"


async def test_the_handle_is_kept_from_scripts_and_other_sites(phone: App) -> None:
    cookie = (await phone.authorize()).headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/auth", "max-age=600"))


async def test_the_request_may_come_as_a_form(phone: App) -> None:
    answer = await phone.carnet.http.post("/auth/authorize", data=phone.asked())
    assert answer.headers["location"] == "/auth/login"


# refresh


async def test_a_refresh_token_is_used_once_and_its_theft_ends_the_session(
    phone: App, holder: Subject, record: str
) -> None:
    first = await phone.tokens(holder, scope=BOTH)
    second = (await phone.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await phone.get(second["access_token"], f"Patient/{record}")).status_code == 200
    assert error(await phone.refresh(first["refresh_token"])) == "invalid_grant"
    assert error(await phone.refresh(second["refresh_token"])) == "invalid_grant"
    assert await gone(phone, second["access_token"], record)


async def test_of_two_that_bring_one_refresh_token_none_keeps_the_session(phone: App, holder: Subject) -> None:
    first = await phone.tokens(holder, scope=BOTH)
    answers = await asyncio.gather(*[phone.refresh(first["refresh_token"]) for _ in range(4)])
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) <= 1
    for tokens in good:
        assert error(await phone.refresh(tokens["refresh_token"])) == "invalid_grant"


async def test_scope_never_grows_at_refresh(phone: App, holder: Subject) -> None:
    tokens = await phone.tokens(holder, scope="offline_access patient/List.rs")
    for more in ("offline_access patient/*.rs", "patient/List.cruds", "user/*.rs", "openid patient/List.rs"):
        assert error(await phone.refresh(tokens["refresh_token"], scope=more)) == "invalid_scope"
    less = (await phone.refresh(tokens["refresh_token"], scope="patient/List.rs")).json()
    assert less["scope"] == "patient/List.rs"
    again = (await phone.refresh(less["refresh_token"])).json()
    assert again["scope"] == "offline_access patient/List.rs"


async def test_a_refresh_token_is_of_one_software(phone: App, holder: Subject) -> None:
    tokens = await phone.tokens(holder, scope=BOTH)
    other = await app(phone.carnet)
    assert error(await other.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert error(await phone.refresh(tokens["refresh_token"])) == "invalid_grant"  # it was stolen


# what a token says, and its end


async def test_introspection_is_for_who_is_registered_for_it(phone: App, holder: Subject) -> None:
    tokens = await phone.tokens(holder, scope=BOTH)
    watcher = await backend(phone.carnet, introspects=True)
    other = await backend(phone.carnet)
    said = (await watcher.post("/auth/introspect", token=tokens["access_token"])).json()
    assert (said["active"], said["client_id"], said["scope"]) == (True, phone.id, BOTH)
    refresh = (await watcher.post("/auth/introspect", token=tokens["refresh_token"])).json()
    assert (refresh["active"], refresh["scope"]) == (True, BOTH)
    for token in (tokens["access_token"], tokens["refresh_token"], "unknown", "a.b.c", ""):
        assert (await other.post("/auth/introspect", token=token)).json() == {"active": False}
    public = await phone.carnet.http.post("/auth/introspect", data={"client_id": phone.id, "token": "x"})
    assert error(public) == "unauthorized_client"


async def test_a_revoked_token_ends_within_a_second(phone: App, holder: Subject, record: str) -> None:
    tokens = await phone.tokens(holder, scope=BOTH)
    path, form = "/auth/revoke", {"client_id": phone.id, "token": tokens["access_token"]}
    other = await app(phone.carnet)
    assert error(await phone.carnet.http.post(path, data=form | {"client_id": other.id})) == "invalid_grant"
    assert (await phone.carnet.http.post(path, data=form)).status_code == 200
    assert await gone(phone, tokens["access_token"], record)
    again = (await phone.refresh(tokens["refresh_token"])).json()
    revoked = await phone.carnet.http.post(path, data=form | {"token": again["refresh_token"]})
    assert revoked.status_code == 200
    assert await gone(phone, again["access_token"], record)
    assert error(await phone.refresh(again["refresh_token"])) == "invalid_grant"
    assert (await phone.carnet.http.post(path, data=form | {"token": "unknown"})).status_code == 200


async def test_a_person_sees_his_sessions_and_ends_them(phone: App, holder: Subject, record: str) -> None:
    mine = await phone.tokens(holder, scope=f"{BOTH} __sessions")
    lost = await phone.tokens(holder, scope=BOTH)
    foreign = await phone.tokens(DOCTOR, scope="__sessions user/*.rs")
    listed = await phone.carnet.http.get("/auth/sessions", headers=bearer(mine["access_token"]))
    ids = [one["id"] for one in listed.json()["sessions"]]
    session = claims(lost["access_token"])["sid"]
    assert session in ids
    assert claims(foreign["access_token"])["sid"] not in ids
    path = f"/auth/sessions/{session}"
    assert (await phone.carnet.http.delete(path, headers=bearer(lost["access_token"]))).status_code == 403
    assert (await phone.carnet.http.delete(path, headers=bearer(foreign["access_token"]))).status_code == 404
    assert (await phone.carnet.http.delete(path, headers=bearer(mine["access_token"]))).status_code == 204
    assert await gone(phone, lost["access_token"], record)
    assert (await phone.get(mine["access_token"], f"Patient/{record}")).status_code == 200


async def test_logout_ends_the_session_of_its_identity_token(phone: App, holder: Subject, record: str) -> None:
    tokens = await phone.tokens(holder, scope=BOTH)
    given = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK, "state": "x"}
    for forged in ("", "a.b.c", tokens["access_token"], tokens["id_token"][:-4] + "AAAA"):
        assert (
            await phone.carnet.http.get("/auth/logout", params=given | {"id_token_hint": forged})
        ).status_code == 400
    away = given | {"post_logout_redirect_uri": "https://evil.example"}
    assert "location" not in (await phone.carnet.http.get("/auth/logout", params=away)).headers
    answer = await phone.carnet.http.get("/auth/logout", params=given)
    assert answer.headers["location"] == f"{BACK}?state=x"
    assert await gone(phone, tokens["access_token"], record)


async def test_a_disabled_client_ends_with_its_tokens(phone: App, holder: Subject, record: str) -> None:
    from app import registry  # noqa: PLC0415

    tokens = await phone.tokens(holder, scope=BOTH)
    await registry.disable(phone.carnet.settings, phone.id)
    assert await gone(phone, tokens["access_token"], record)
    assert error(await phone.refresh(tokens["refresh_token"])) == "invalid_client"
    assert error(await phone.authorize()) == "invalid_request"


# launch


async def test_health_software_launches_an_app_for_its_doctor(phone: App, record: str) -> None:
    scope = "__launch user/*.rs"
    ehr = await app(phone.carnet, scope=scope)
    token = (await ehr.tokens(DOCTOR, scope=scope))["access_token"]
    wish = {"client": phone.id, "patient": record, "encounter": "e-1", "need_patient_banner": False}
    made = await phone.carnet.http.post("/auth/launch", json=wish, headers=bearer(token))
    launch = made.json()["launch"]
    tokens = await phone.tokens(DOCTOR, scope="launch patient/*.rs", launch=launch)
    assert (tokens["patient"], tokens["encounter"], tokens["need_patient_banner"]) == (record, "e-1", False)
    assert claims(tokens["access_token"])["patient"] == record
    again = await phone.authorize(scope="launch patient/*.rs", launch=launch)
    assert parse_qs(urlsplit(again.headers["location"]).query)["error"] == ["invalid_request"]
    bad: Any
    for bad in ({**wish, "access_token": "x"}, {**wish, "client": "unknown"}, {**wish, "patient": "a b"}, [], "x"):
        assert (await phone.carnet.http.post("/auth/launch", json=bad, headers=bearer(token))).status_code == 400
    plain = (await ehr.tokens(DOCTOR, scope="user/*.rs"))["access_token"]
    assert (await phone.carnet.http.post("/auth/launch", json=wish, headers=bearer(plain))).status_code == 403


async def test_a_professional_says_whose_record_an_app_may_reach(phone: App, record: str) -> None:
    tokens = await phone.tokens(DOCTOR, scope="launch/patient patient/*.rs user/List.rs", patient=record)
    assert tokens["patient"] == record
    without = await phone.tokens(DOCTOR, scope="launch/patient patient/*.rs user/List.rs")
    assert ("patient" in without, without["scope"]) == (False, "user/List.rs")


# what the server says of itself


async def test_the_documents_say_what_is_served(carnet: Carnet) -> None:
    base = carnet.settings.public_url
    smart = (await carnet.http.get("/fhir/.well-known/smart-configuration")).json()
    for name in ("openid-configuration", "oauth-authorization-server"):
        answer = await carnet.http.get(f"/.well-known/{name}")
        found = answer.json()
        assert answer.headers["access-control-allow-origin"] == "*"
        for key in (
            "issuer",
            "token_endpoint",
            "authorization_endpoint",
            "jwks_uri",
            "code_challenge_methods_supported",
        ):
            assert found[key] == smart[key]
    assert smart["code_challenge_methods_supported"] == ["S256"]
    assert smart["token_endpoint"] == f"{base}/auth/token"
    assert set(smart["capabilities"]) == {  # what is served, and nothing of SMART App Launch 2.2 that is not
        "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-asymmetric",
        "sso-openid-connect", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient",
        "context-banner", "context-style", "permission-offline", "permission-online", "permission-patient",
        "permission-user", "permission-v1", "permission-v2",
    }  # fmt: skip
    page = await carnet.http.get(smart["management_endpoint"].removeprefix(base))
    assert page.headers["location"].startswith("/auth/login")
    keys = (await carnet.http.get("/auth/jwks")).json()["keys"]
    assert {key["alg"] for key in keys} == {"RS384", "RS256"}
    assert not any({"d", "p", "q"} & key.keys() for key in keys)


async def test_pages_of_registered_origins_may_call(carnet: Carnet) -> None:
    await register(carnet, origins=["https://web.example"])
    asked = {"Origin": "https://web.example", "Access-Control-Request-Method": "POST"}
    async with asyncio.timeout(30):
        while (await carnet.http.options("/auth/token", headers=asked)).status_code != 204:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    for path in ("/auth/token", "/fhir/Patient"):
        answer = await carnet.http.options(path, headers=asked)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "https://web.example"
        foreign = await carnet.http.options(path, headers=asked | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in foreign.headers
    answer = await carnet.http.get("/fhir/Patient", headers={"Origin": "https://web.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "https://web.example")
    assert "access-control-allow-credentials" not in answer.headers
    shown = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"etag", "location", "last-modified", "x-request-id"} <= shown


async def test_any_page_may_ask_for_what_anybody_may_read(carnet: Carnet) -> None:
    asked = {"Origin": "https://any.example", "Access-Control-Request-Method": "GET"}
    for path in ("metadata", ".well-known/smart-configuration", "StructureDefinition", "CodeSystem/reason"):
        answer = await carnet.http.options(f"/fhir/{path}", headers=asked)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
        assert "authorization" not in answer.headers["access-control-allow-headers"]
        read = await carnet.http.get(f"/fhir/{path}", headers={"Origin": "https://any.example"})
        assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, "*")
    private = await carnet.http.options("/fhir/Patient", headers=asked)
    assert "access-control-allow-origin" not in private.headers
