"""A minor's secret connection: only a professional's sign-in makes one, and his representatives feel nothing of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.people import Browser
from tests.provider import CLIENT, SECRET, Provider, activity, person, provider
from tests.serving import Carnet, Tree, document, serving
from tests.software import App, app, bearer, claims, told
from tests.world import nir, opened, opened_for_minor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.storage.embedded import Urls

NUMBER = "810000000711"
SCOPE = "openid offline_access online_access user/*.cruds __launch"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX"
REFUSED = "Une connexion secrète porte sur le dossier ouvert"


@pytest.fixture(scope="module")
def psc() -> Iterator[Provider]:
    with ExitStack() as stack:
        made = stack.enter_context(provider())
        made.who = person(NUMBER, activity("750000001", "Hôpital Nord"))
        yield made


@pytest.fixture(scope="module")
async def carnet(
    psc: Provider, module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Carnet]:
    said: dict[str, Any] = {"psc_issuer": psc.issuer, "psc_client_id": CLIENT, "psc_client_secret": SECRET}
    async with serving(module_database_urls, tmp_path_factory.mktemp("data"), **said, notices=False) as made:
        yield made


@pytest.fixture
async def software(carnet: Carnet) -> App:
    return await app(carnet, scope=SCOPE)


async def at_consent(software: App, psc: Provider, **asked: str) -> Browser:
    """A professional who signed in and is asked for his consent."""
    browser = await Browser(software).begin(**{"scope": SCOPE, **asked})
    away = (await browser.http.get("/auth/psc")).headers["location"]
    browser.page = await browser.http.get(psc.authorize(dict(parse_qsl(urlsplit(away).query))))
    return await browser.follow()


async def number_of(carnet: Carnet, record: str) -> str:
    identity: Tree = (await carnet.doctor().get(f"Patient/{record}")).json()
    return str(identity["identifier"][0]["value"])


async def secret_tokens(software: App, psc: Provider, number: str) -> Tree:
    browser = await at_consent(software, psc)
    tokens: Tree = (await software.redeem(await browser.agree(secret="1", ins=number))).json()
    return tokens


async def test_nothing_of_it_is_shown_to_representatives(carnet: Carnet, software: App, psc: Provider) -> None:
    (child, related), other = await opened_for_minor(carnet), await opened(carnet, treating=NUMBER)
    number = await number_of(carnet, child)
    mother = carnet.representative(related, child)
    tokens = await secret_tokens(software, psc, number)
    token, said = tokens["access_token"], claims(tokens["access_token"])
    assert (said["secret"], said["patient"], tokens["patient"]) == (True, child, child)
    assert (await software.get(token, f"Patient/{child}")).status_code == 200
    assert (await software.get(token, f"Patient/{other}")).status_code == 404  # about one minor, and nobody else
    headers = {**bearer(token), "Content-Type": "application/fhir+json"}
    answers = [
        await carnet.http.post("/fhir/DocumentReference", json=document(child, label=label), headers=headers)
        for label in ("", HIDDEN)
    ]
    assert [answer.status_code for answer in answers] == [422, 201]
    paper = answers[1].headers["location"].split("/")[-3]
    assert (await software.get(token, f"DocumentReference/{paper}")).status_code == 200
    for path in (f"AuditEvent?patient={child}&_count=100", f"DocumentReference?patient={child}", f"Patient/{child}"):
        page = (await mother.get(path)).text
        assert NUMBER not in page, path
        assert paper not in page
    assert (await mother.get(f"DocumentReference/{paper}")).status_code == 404
    journal = (await carnet.holder(child).get(f"AuditEvent?patient={child}&_count=100")).text
    assert journal.count(f'"value":"{NUMBER}"') >= 4  # found him by his number, read, deposited: he sees it all
    assert paper in journal


async def test_it_lasts_while_its_professional_is_there(carnet: Carnet, software: App, psc: Provider) -> None:
    child, _ = await opened_for_minor(carnet)
    tokens = await secret_tokens(software, psc, await number_of(carnet, child))
    assert set(tokens["scope"].split()) == {"openid", "online_access", "user/*.cruds", "__launch"}
    again = (await software.refresh(tokens["refresh_token"])).json()
    assert claims(again["access_token"])["secret"] is True
    # an application that is launched within it stays in it, whoever forgets to say so
    phone = await app(carnet)
    wish = {"client": phone.id, "patient": child}
    made = await carnet.http.post("/auth/launch", json=wish, headers=bearer(again["access_token"]))
    browser = await at_consent(phone, psc, scope="launch user/*.cruds", launch=made.json()["launch"])
    assert "elle s&#39;y poursuit" in browser.page.text
    assert claims((await phone.redeem(await browser.agree())).json()["access_token"])["secret"] is True


async def test_it_is_had_with_a_minor_and_by_no_other_way(carnet: Carnet, software: App, psc: Provider) -> None:
    adult, closed = await opened(carnet), (await opened_for_minor(carnet))[0]
    reason: Tree = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "holder-request"}]}
    numbers = [await number_of(carnet, one) for one in (adult, closed)]
    assert (await carnet.holder(closed).post(f"Patient/{closed}/$close", reason)).status_code == 200
    pages = set()
    for number in (*numbers, nir(), ""):
        browser = await at_consent(software, psc)
        page = await browser.consent(secret="1", ins=number)
        assert REFUSED in page.text
        pages.add(page.text.replace(browser.form, ""))
    assert len(pages) == 1  # an adult, a record that is closed, nobody: not told apart
    journal = (await carnet.holder(adult).get(f"AuditEvent?patient={adult}&_count=100")).text
    assert NUMBER not in journal  # nothing was looked at, and so nothing is hidden from whoever represents him
    assert ("login", "4", "not-a-minor") in await told(carnet, software.id)
    plain = await at_consent(software, psc, secret="1")
    tokens = (await software.redeem(await plain.agree(), secret="true")).json()
    again = (await software.refresh(tokens["refresh_token"], secret="true")).json()
    assert not {"secret", "patient"} & {*claims(tokens["access_token"]), *claims(again["access_token"])}
