"""Professionals sign in through Pro Santé Connect: a real provider over HTTP, and what an attacker tries between."""

from __future__ import annotations

import base64
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import pytest

from app.auth.server.party import ALONE, EXCHANGE
from tests.people import Browser
from tests.provider import CLIENT, SECRET, Provider, activity, person, provider
from tests.serving import Carnet, Tree, actor, document, permit, serving
from tests.software import BACK, App, app, backend, bearer, claims, told
from tests.world import nir, opened, opened_for_minor, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx

    from app.storage.embedded import Urls

DOCTOR = "810000000001"
HOSPITAL, PRACTICE = activity("750000001", "Hôpital Nord"), activity("750000002", "Cabinet du Port")
MINORS = "810000000711"
SCOPE = "openid offline_access online_access user/*.cruds __launch"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX"
REFUSED = "Une connexion secrète porte sur le dossier ouvert"
FAILED = "Pro Santé Connect n'a pas abouti"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture(scope="module")
def psc() -> Iterator[Provider]:
    with ExitStack() as stack:
        yield stack.enter_context(provider())


@pytest.fixture(scope="module")
async def carnet(
    psc: Provider, module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    data: Path = tmp_path_factory.mktemp("data")
    said: dict[str, Any] = {"psc_issuer": psc.issuer, "psc_client_id": CLIENT, "psc_client_secret": SECRET}
    said |= {"psc_exchange": ["a-known-client"], "samu_structures": ["1750000001"]}
    async with serving(module_database_urls, data, **said, notices=False) as made:
        yield made


@pytest.fixture
async def software(carnet: Carnet, psc: Provider) -> App:
    psc.who, psc.changes, psc.signed, psc.sub = person(DOCTOR, HOSPITAL), {}, "RS256", ""
    return await app(carnet)


async def away(software: App, ask: str = "openid user/*.cruds") -> tuple[Browser, dict[str, str]]:
    """A browser that goes to the provider, and what it is to ask there."""
    browser = await Browser(software).begin(scope=ask)
    answer = await browser.http.get("/auth/psc")
    return browser, dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def back(browser: Browser, where: str) -> httpx.Response:
    browser.page = await browser.http.get(where)
    await browser.follow()
    return browser.page


async def sign_in(software: App, psc: Provider) -> Browser:
    browser, asked = await away(software)
    await back(browser, psc.authorize(asked))
    return browser


async def test_a_professional_signs_in_with_what_the_provider_says(
    carnet: Carnet, software: App, psc: Provider
) -> None:
    browser = await sign_in(software, psc)
    asked = psc.asked[-1]
    assert (asked["acr_values"], asked["code_challenge_method"], asked["client_id"]) == ("eidas1", "S256", CLIENT)
    assert "professionnel de santé, Anne Dur" in browser.page.text
    tokens = (await software.redeem(await browser.agree())).json()
    said = claims(tokens["access_token"])
    who = said["extensions"]["ihe_iua"]
    assert (who["person_id"], who["subject_organization_id"], said["acr"]) == (DOCTOR, "1750000001", "eidas1")
    assert [one["code"] for one in who["subject_role"]] == ["10", "SM54"]
    assert (said["kind"], said.get("regulator"), who.get("purpose_of_use")) == ("professional", None, None)
    record = await opened(carnet, treating=DOCTOR)
    assert (await software.get(tokens["access_token"], f"Patient/{record}")).status_code == 200
    assert ("login", "0", "") in await told(carnet, software.id)


async def test_who_practises_in_two_places_chooses_one(software: App, psc: Provider) -> None:
    psc.who = person(DOCTOR, HOSPITAL, PRACTICE)
    browser = await sign_in(software, psc)
    assert "Cabinet du Port" in browser.page.text
    ticket = browser.page.text.split('name="ticket" value="')[1].split('"')[0]
    fields = {"form": browser.form, "ticket": ticket}
    other = await sign_in(software, psc)  # another browser shows that ticket
    stolen = await other.http.post("/auth/psc/place", data={"form": other.form, "ticket": ticket, "place": "1"})
    assert stolen.status_code == 400
    assert (await browser.http.post("/auth/psc/place", data={**fields, "place": "1"})).status_code == 400  # it is used
    again = await sign_in(software, psc)
    ticket = again.page.text.split('name="ticket" value="')[1].split('"')[0]
    await again.send("place", "/auth/psc/place", ticket=ticket, place="1")
    tokens = (await software.redeem(await again.agree())).json()
    assert claims(tokens["access_token"])["extensions"]["ihe_iua"]["subject_organization_id"] == "1750000002"


async def test_an_application_learns_his_practitioner_if_it_asks_for_it(
    carnet: Carnet, software: App, psc: Provider
) -> None:
    base, found = carnet.settings.fhir_base, []
    for ask in ("openid fhirUser user/*.cruds", "openid fhirUser user/*.cruds", "openid user/*.cruds"):
        browser, asked = await away(software, ask)
        await back(browser, psc.authorize(asked))
        tokens = (await software.redeem(await browser.agree())).json()
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        info = (await carnet.http.get("/auth/userinfo", headers=headers)).json()
        found.append((claims(tokens["id_token"]).get("fhirUser"), info.get("fhirUser")))
    who = str(found[0][0])
    assert found == [(who, who), (who, who), (None, None)]
    path = who.removeprefix(f"{base}/")
    entry = (await software.get(tokens["access_token"], path)).json()
    assert (path.split("/")[0], entry["identifier"][0]["value"]) == ("Practitioner", DOCTOR)
    made = await backend(carnet, structure="1750000001")
    given = {"grant_type": EXCHANGE, "subject_token": psc.token(), "subject_token_type": ACCESS_TOKEN}
    psc.client = "a-known-client"
    exchanged = (await made.ask(**given, scope="user/*.rs")).json()
    psc.client = CLIENT
    assert claims(exchanged["access_token"])["fhirUser"] == path


async def test_who_leaves_an_application_leaves_the_provider_too(carnet: Carnet, software: App, psc: Provider) -> None:
    browser = await sign_in(software, psc)
    tokens = (await software.redeem(await browser.agree())).json()
    link = await asyncpg.connect(carnet.settings.database_owner_url)
    kept = await link.fetchval("SELECT provider FROM session ORDER BY signed_in_at DESC LIMIT 1")
    await link.close()
    assert kept
    assert b"eyJ" not in base64.b64decode(kept)  # it names a person
    given = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK, "state": "a state"}
    answer = await browser.http.get("/auth/logout", params=given)
    place = urlsplit(answer.headers["location"])
    asked = dict(parse_qsl(place.query))
    assert answer.headers["location"].startswith(f"{psc.issuer}/end_session?")
    assert claims(asked["id_token_hint"])["aud"] == CLIENT
    assert asked["post_logout_redirect_uri"] == f"{carnet.settings.public_url}/auth/psc/out"
    outs = [await browser.http.get("/auth/psc/out", params={"state": one}) for one in ("x", asked["state"]) * 2]
    assert [one.status_code for one in outs] == [400, 303, 400, 400]
    assert outs[1].headers["location"] == f"{BACK}?state=a+state"
    again = await browser.http.get("/auth/logout", params={**given, "post_logout_redirect_uri": "https://evil.example"},
                                  headers={"Accept": "text/html"})  # fmt: skip
    assert "Vous êtes déconnecté" in again.text  # it was over, and nobody is sent elsewhere
    _, under_way = await away(software)
    stolen = await browser.http.get("/auth/psc/out", params={"state": under_way["state"]})
    assert stolen.status_code == 400  # a state of a sign-in leads nowhere


@pytest.mark.parametrize(("seconds", "status"), [(None, 400), (3600, 400), (5, 200)])
async def test_how_somebody_signs_in_is_for_the_provider_too(
    software: App, psc: Provider, seconds: int | None, status: int
) -> None:
    browser = await Browser(software).begin(
        scope="user/*.cruds", max_age="60", prompt="login", login_hint="anne@example.org"
    )
    where = (await browser.http.get("/auth/psc")).headers["location"]
    asked = dict(parse_qsl(urlsplit(where).query))
    assert (asked["max_age"], asked["prompt"], asked["login_hint"]) == ("60", "login", "anne@example.org")
    psc.changes = {} if seconds is None else {"auth_time": int(time.time()) - seconds}
    assert (await back(browser, psc.authorize(asked))).status_code == status


@pytest.mark.parametrize(
    ("flag", "place", "choices"), [("VRAI", HOSPITAL, 2), ("VRAI", PRACTICE, 1), ("FAUX", HOSPITAL, 1)]
)
async def test_a_regulator_is_one_in_a_samu_alone(
    software: App, psc: Provider, flag: str, place: dict[str, Any], choices: int
) -> None:
    psc.who = person(DOCTOR, place, Acces_Regulation_Medicale=flag)
    browser = await sign_in(software, psc)
    if choices == 2:
        assert "régulation" in browser.page.text
        ticket = browser.page.text.split('name="ticket" value="')[1].split('"')[0]
        await browser.send("place", "/auth/psc/place", ticket=ticket, place="1")
    said = claims((await software.redeem(await browser.agree())).json()["access_token"])
    assert said.get("regulator") is (True if choices == 2 else None)
    assert bool(said["extensions"]["ihe_iua"].get("purpose_of_use")) is (choices == 2)


@pytest.mark.parametrize(("profession", "status"), [("10", 200), ("ZZ9", 404)])
async def test_an_unknown_profession_reads_nothing(
    carnet: Carnet, software: App, psc: Provider, profession: str, status: int
) -> None:
    record = await opened(carnet)
    paper = await carnet.doctor().make(document(record))
    await will(carnet.holder(record), record, "authorisation", permit(actor("810000000077")))
    psc.who = person("810000000077", PRACTICE, profession=profession)
    browser = await sign_in(software, psc)
    token = (await software.redeem(await browser.agree())).json()["access_token"]
    assert (await software.get(token, f"DocumentReference/{paper}")).status_code == status


@pytest.mark.parametrize("said", [{}, {"SubjectRefPro": {}}, {"SubjectNameID": "x|y"}, {"SubjectRefPro": [1]}])
async def test_claims_that_name_no_professional_sign_nobody_in(
    software: App, psc: Provider, said: dict[str, Any]
) -> None:
    psc.who = {"sub": "f:1:2"} if not said else person(DOCTOR, HOSPITAL) | said
    browser = await sign_in(software, psc)
    assert browser.page.status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"}, {"nonce": "né"}, {"nonce": None}, {"iss": "https://evil.example"}, {"aud": "another"},
        {"aud": [CLIENT, "another"]}, {"exp": 1}, {"exp": None}, {"acr": "eidas0"}, {"acr": None}, {"azp": "another"},
        {"sub": "f:1:another"},
    ],
)  # fmt: skip
async def test_an_identity_token_that_is_not_of_this_sign_in_is_refused(
    software: App, psc: Provider, changes: dict[str, Any]
) -> None:
    psc.changes = changes
    browser = await sign_in(software, psc)
    assert browser.page.status_code == 400
    assert "abouti" in browser.page.text


@pytest.mark.parametrize(("signed", "status"), [("HS256", 200), ("confused", 400), ("other", 400)])
async def test_an_identity_token_is_verified_by_the_key_of_its_algorithm(
    software: App, psc: Provider, signed: str, status: int
) -> None:
    psc.signed = signed
    assert (await sign_in(software, psc)).page.status_code == status


async def test_an_answer_is_for_the_browser_that_asked_and_once(software: App, psc: Provider) -> None:
    """Login CSRF, replay, and mix-up between providers."""
    browser, asked = await away(software)
    other, _ = await away(software)
    where = psc.authorize(asked)
    assert (await back(other, where)).status_code == 400  # the answer to another's question
    assert (await back(browser, where)).status_code == 400  # and it is used by that
    for change in ("&state=another", "&iss=https%3A%2F%2Fevil.example", "&error=access_denied"):
        browser, asked = await away(software)
        parts = dict(parse_qsl(urlsplit(psc.authorize(asked)).query)) | dict(parse_qsl(change))
        browser.page = await browser.http.get("/auth/psc/back", params=parts)
        assert browser.page.status_code == 400
    browser, asked = await away(software)
    where = psc.authorize(asked)
    assert (await back(browser, where)).status_code == 200
    assert (await back(browser, where)).status_code == 400


async def test_a_token_of_the_provider_is_exchanged_by_software_that_may(carnet: Carnet, psc: Provider) -> None:
    made = await backend(
        carnet, grants=[ALONE, EXCHANGE], kinds=["professional"], scope="user/*.cruds", structure="1750000002"
    )
    psc.who, psc.client = person(DOCTOR, HOSPITAL, PRACTICE), "a-known-client"
    form = {"grant_type": EXCHANGE, "subject_token": psc.token(), "subject_token_type": ACCESS_TOKEN}
    answer = await made.ask(**form, scope="user/*.cruds")
    assert answer.status_code == 200, answer.text
    who = claims(answer.json()["access_token"])["extensions"]["ihe_iua"]
    assert (who["person_id"], who["subject_organization_id"]) == (DOCTOR, "1750000002")
    psc.client = "another-application"  # whose token this is
    assert (await made.ask(**form, scope="user/*.cruds")).status_code == 400
    psc.client = "a-known-client"
    assert (await made.ask(**{**form, "subject_token": "unknown"}, scope="user/*.cruds")).status_code == 400
    psc.who = person(DOCTOR, HOSPITAL)  # he does not practise where this software is
    form["subject_token"] = psc.token()
    assert (await made.ask(**form, scope="user/*.cruds")).status_code == 400


async def test_a_professional_says_whose_record_the_application_may_reach(
    carnet: Carnet, software: App, psc: Provider
) -> None:
    number = nir()
    record = await opened(carnet, treating=DOCTOR, ins=number)
    browser, asked = await away(software, ask="launch/patient patient/*.rs")
    await back(browser, psc.authorize(asked))
    boxes = {"scope-0": "1", "scope-1": "1"}
    page = await browser.send("agree", ins="299999999999999", **boxes)
    assert "Aucun dossier" in page.text
    await browser.send("agree", ins=number, **boxes)
    code = dict(parse_qsl(urlsplit(browser.page.headers["location"]).query))["code"]
    assert (await software.redeem(code)).json()["patient"] == record


# a minor's secret connection: only a sign-in makes one, and his representatives feel nothing of it


@pytest.fixture
async def doctors(carnet: Carnet) -> App:
    return await app(carnet, scope=SCOPE)


async def at_consent(software: App, psc: Provider, **asked: str) -> Browser:
    """A professional who signed in and is asked for his consent."""
    psc.who = person(MINORS, HOSPITAL)
    browser = await Browser(software).begin(**{"scope": SCOPE, **asked})
    place = (await browser.http.get("/auth/psc")).headers["location"]
    browser.page = await browser.http.get(psc.authorize(dict(parse_qsl(urlsplit(place).query))))
    return await browser.follow()


async def number_of(carnet: Carnet, record: str) -> str:
    identity: Tree = (await carnet.doctor().get(f"Patient/{record}")).json()
    return str(identity["identifier"][0]["value"])


async def secret_tokens(software: App, psc: Provider, number: str) -> Tree:
    browser = await at_consent(software, psc)
    tokens: Tree = (await software.redeem(await browser.agree(secret="1", ins=number))).json()
    return tokens


async def test_nothing_of_a_secret_connection_is_shown_to_representatives(
    carnet: Carnet, doctors: App, psc: Provider
) -> None:
    (child, related), other = await opened_for_minor(carnet), await opened(carnet, treating=MINORS)
    number = await number_of(carnet, child)
    mother = carnet.representative(related, child)
    tokens = await secret_tokens(doctors, psc, number)
    token, said = tokens["access_token"], claims(tokens["access_token"])
    assert (said["secret"], said["patient"], tokens["patient"]) == (True, child, child)
    assert (await doctors.get(token, f"Patient/{child}")).status_code == 200
    assert (await doctors.get(token, f"Patient/{other}")).status_code == 404  # about one minor, and nobody else
    headers = {**bearer(token), "Content-Type": "application/fhir+json"}
    answers = [
        await carnet.http.post("/fhir/DocumentReference", json=document(child, label=label), headers=headers)
        for label in ("", HIDDEN)
    ]
    assert [answer.status_code for answer in answers] == [422, 201]
    paper = answers[1].headers["location"].split("/")[-3]
    assert (await doctors.get(token, f"DocumentReference/{paper}")).status_code == 200
    for path in (f"AuditEvent?patient={child}&_count=100", f"DocumentReference?patient={child}", f"Patient/{child}"):
        page = (await mother.get(path)).text
        assert MINORS not in page, path
        assert paper not in page
    assert (await mother.get(f"DocumentReference/{paper}")).status_code == 404
    journal = (await carnet.holder(child).get(f"AuditEvent?patient={child}&_count=100")).text
    assert journal.count(f'"value":"{MINORS}"') >= 4  # found him by his number, read, deposited: he sees it all
    assert paper in journal


@pytest.mark.slow
async def test_a_secret_connection_lasts_while_its_professional_is_there(
    carnet: Carnet, doctors: App, psc: Provider
) -> None:
    child, _ = await opened_for_minor(carnet)
    tokens = await secret_tokens(doctors, psc, await number_of(carnet, child))
    assert set(tokens["scope"].split()) == {"openid", "online_access", "user/*.cruds", "__launch"}
    again = (await doctors.refresh(tokens["refresh_token"])).json()
    assert claims(again["access_token"])["secret"] is True
    # an application that is launched within it stays in it, whoever forgets to say so
    phone = await app(carnet)
    wish = {"client": phone.id, "patient": child}
    made = await carnet.http.post("/auth/launch", json=wish, headers=bearer(again["access_token"]))
    browser = await at_consent(phone, psc, scope="launch user/*.cruds", launch=made.json()["launch"])
    assert "elle s&#39;y poursuit" in browser.page.text
    assert claims((await phone.redeem(await browser.agree())).json()["access_token"])["secret"] is True


async def test_a_secret_connection_is_had_with_a_minor_and_by_no_other_way(
    carnet: Carnet, doctors: App, psc: Provider
) -> None:
    adult, closed = await opened(carnet), (await opened_for_minor(carnet))[0]
    reason: Tree = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "holder-request"}]}
    numbers = [await number_of(carnet, one) for one in (adult, closed)]
    assert (await carnet.holder(closed).post(f"Patient/{closed}/$close", reason)).status_code == 200
    pages = set()
    for number in (*numbers, nir(), ""):
        browser = await at_consent(doctors, psc)
        page = await browser.consent(secret="1", ins=number)
        assert REFUSED in page.text
        pages.add(page.text.replace(browser.form, ""))
    assert len(pages) == 1  # an adult, a record that is closed, nobody: not told apart
    journal = (await carnet.holder(adult).get(f"AuditEvent?patient={adult}&_count=100")).text
    assert MINORS not in journal  # nothing was looked at, and so nothing is hidden from whoever represents him
    assert ("login", "4", "not-a-minor") in await told(carnet, doctors.id)
    plain = await at_consent(doctors, psc, secret="1")
    tokens = (await doctors.redeem(await plain.agree(), secret="true")).json()
    again = (await doctors.refresh(tokens["refresh_token"], secret="true")).json()
    assert not {"secret", "patient"} & {*claims(tokens["access_token"]), *claims(again["access_token"])}
