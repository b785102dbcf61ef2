"""Representatives who have no record of their own: their accounts, until they represent nobody any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app import enrolment
from app.access import Access, Kind
from app.auth.people import person
from app.records import destroying
from app.records.answer import RequestFacts
from tests.people import (
    INVITED,
    Browser,
    Parent,
    Post,
    addresses,
    asks,
    enrols,
    finishes,
    holder,
    invited,
    reached,
    signs_in,
    telecom,
)
from tests.software import App, app, claims, gone
from tests.world import moved, nir, opened_for_minor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

pytestmark = pytest.mark.slow
DAYS = ("1985-02-03", "1984-11-30")
OTHER_PASSWORD = "Quatre-Bateaux-Bleus"
WRONG, BAD_CODE, NOBODY = "Le numéro ou le mot de passe est faux.", "Le code est faux", "Vous ne représentez aujourd"
OFFLINE = "patient/*.rs offline_access"


@pytest.fixture(scope="module")
async def post(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with reached(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture
async def phone(post: Post, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setattr(person, "EVEN", 0.01)
    return await app(post.carnet)


async def parent(post: Post, phone: App, born: str = "2015-04-01") -> tuple[Parent, str, str]:
    """A mother with an account, her child's record, and her RelatedPerson id."""
    number, (email, mobile) = nir(), addresses()
    child, related = await opened_for_minor(
        post.carnet, ins=number, mother=telecom(email, mobile), days=DAYS, born=born
    )
    her = Parent(number, DAYS[0], email, mobile)
    await enrols(post, phone, her)
    return her, child, related


async def ends(post: Post, record: str, related: str) -> None:
    """The operator ends a representation."""
    operator = Access(kind=Kind.OPERATOR, subject="software|operator")
    door = post.carnet.app.state.server.door
    for one in await post.carnet.holder(record).found(f"Consent?patient={record}&category=representation"):
        tree = (await post.carnet.holder(record).get(f"Consent/{one}")).json()
        if tree["provision"]["actor"][0]["reference"]["reference"].endswith(related):
            changed = {**tree, "status": "inactive"}
            await door.open(operator, RequestFacts()).update("Consent", one, changed, if_match=None)


async def refused(post: Post, phone: App, who: Parent) -> bool:
    """Whether he proves who he is, and is told that he represents nobody."""
    page = (await signs_in(post, phone, who)).page
    return page.status_code == 403 and NOBODY in page.text


async def test_a_representation_that_is_withdrawn_or_over_opens_nothing(
    post: Post, phone: App, module_database_urls: Urls
) -> None:
    her, child, related = await parent(post, phone)
    tokens = (await phone.redeem(await (await signs_in(post, phone, her, scope=OFFLINE)).agree())).json()
    assert (await phone.get(tokens["access_token"], f"Patient/{child}")).status_code == 200
    tokens |= (await phone.refresh(tokens["refresh_token"])).json()
    await ends(post, child, related)
    assert (await phone.get(tokens["access_token"], f"Patient/{child}")).status_code == 404
    assert (await phone.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await gone(phone, tokens["access_token"], child)
    assert await refused(post, phone, her)
    before = len(await post.words(her.email))
    browser = await Browser(phone, "203.0.113.25").begin()
    await asks(browser, her)
    await browser.send("ask", "/auth/access", number=her.number)
    assert len(await post.words(her.email)) == before  # nor has who represents nobody any account given back
    him, child, _ = await parent(post, phone, born="2010-01-15")
    async with moved(module_database_urls.owner, "2 years"):  # the child is of age
        assert await refused(post, phone, him)


async def test_lost_access_is_had_back_by_a_mailbox_that_is_hers_alone(post: Post, phone: App) -> None:
    her, child, _ = await parent(post, phone)
    token = (await phone.redeem(await (await signs_in(post, phone, her)).agree())).json()["access_token"]
    browser = await Browser(phone, "203.0.113.26").begin()
    await asks(browser, her)
    code, number = await invited(post, her.email)
    assert number == her.number
    assert "est enregistré" in (await finishes(browser, number, code, OTHER_PASSWORD)).text
    assert any("a été changé" in text for text in await post.words(her.mobile))
    assert await gone(phone, token, child)
    await browser.begin()
    assert WRONG in (await browser.send("password", number=number, password=her.password)).text
    her.password = OTHER_PASSWORD
    assert "agir en votre nom" in (await signs_in(post, phone, her)).page.text
    browser.page = await browser.http.get("/auth/access")
    await browser.send("ask", "/auth/access", number=her.number)  # by her number, on the holders' form
    code = (await invited(post, her.email))[0]
    assert "est enregistré" in (await finishes(browser, number, code, OTHER_PASSWORD)).text


async def test_a_shared_mailbox_gives_nothing_back_and_the_operator_does(post: Post, phone: App) -> None:
    number, (email, mobile) = nir(), addresses()
    shared = telecom(email, mobile)
    child, _ = await opened_for_minor(post.carnet, ins=number, mother=shared, father=shared, days=DAYS)
    her = Parent(number, DAYS[0], email, mobile)
    await enrols(post, phone, her)
    browser = await Browser(phone, "203.0.113.27").begin()
    await asks(browser, her)
    last = (await post.words(email))[-1]
    assert not INVITED.search(last)
    assert " ".join(re.findall("....", her.number)) in last
    page = await finishes(browser, her.number, "000000", OTHER_PASSWORD)
    assert BAD_CODE in page.text
    token = (await phone.redeem(await (await signs_in(post, phone, her)).agree())).json()["access_token"]
    assert await enrolment.reset(post.carnet.settings, her.number) == 1
    assert await gone(phone, token, child)
    await browser.begin()
    assert WRONG in (await browser.send("password", number=her.number, password=her.password)).text
    await enrols(post, phone, her)
    assert "agir en votre nom" in (await signs_in(post, phone, her)).page.text


async def test_a_code_that_opens_an_account_goes_where_nobody_else_reads(post: Post, phone: App) -> None:
    """He reads her mailbox and knows her birthday: the code goes to the telephone that is hers alone."""
    number, (email, mobile), (_, other) = nir(), addresses(), addresses()
    both = telecom(email, mobile), telecom(email, other)
    await opened_for_minor(post.carnet, ins=number, mother=both[0], father=both[1], days=DAYS)
    her = Parent(number, DAYS[0], email, mobile)
    browser = await Browser(phone, "203.0.113.29").begin()
    await asks(browser, her)
    code, her.number = await invited(post, mobile)
    browser.page = await browser.http.get("/auth/access")
    await browser.send("ask", "/auth/access", number=her.number)
    again, _ = await invited(post, mobile)
    assert code != again, "asked for by the number of the account"
    assert await invited(post, email) == ("", "")
    assert "est enregistré" in (await finishes(browser, her.number, again, her.password)).text
    assert "agir en votre nom" in (await signs_in(post, phone, her)).page.text


async def test_she_switches_between_the_records_she_represents_and_no_other(post: Post, phone: App) -> None:
    her, first, one = await parent(post, phone)
    mine, shared = telecom(her.email, her.mobile), nir()
    second, other = await opened_for_minor(post.carnet, ins=shared, mother=mine, father=mine, days=DAYS)
    foreign, stranger = await opened_for_minor(post.carnet, mother=telecom(*addresses()), days=DAYS)
    page = Browser(phone, "203.0.113.28")
    page.page = await page.http.get("/auth/account")
    await page.follow()
    await page.send("password", number=her.number, password=her.password)
    await page.send("code", code=(await invited(post, her.mobile))[0])
    assert "Dossiers que vous pouvez choisir aujourd&#39;hui : 1." in page.page.text.replace("'", "&#39;")
    await page.send("enrol", "/auth/account", number=shared)
    code, tail = await invited(post, her.mobile)
    assert tail == f"…{her.number[-4:]}"
    await page.send("prove", "/auth/account", number=shared, code=code)
    assert "Vous pourrez choisir ce dossier" in page.page.text  # as the mother, by her birthday, not the father
    browser = await signs_in(post, phone, her)
    assert browser.page.text.count("le dossier de Dominique") == 2
    assert "mon dossier" not in browser.page.text
    ticket = browser.page.text.split('name="ticket" value="')[1].split('"')[0]
    data = {"form": browser.form, "step": "choose", "ticket": ticket}
    for key in (f"related|{stranger}", f"holder|{first}", f"holder|{foreign}", ""):
        assert (await browser.http.post("/auth/login", data={**data, "as": key})).status_code == 400
    again = await signs_in(post, phone, her)
    ticket = again.page.text.split('name="ticket" value="')[1].split('"')[0]
    await again.send("choose", ticket=ticket, **{"as": f"related|{one}"})
    await again.send("switch")
    await again.send("choose", **{"as": f"related|{other}"})
    tokens = (await phone.redeem(await again.agree())).json()
    assert (tokens["patient"], claims(tokens["access_token"])["sub"]) == (second, other)
    assert (await phone.get(tokens["access_token"], f"Patient/{second}")).status_code == 200
    for record in (first, foreign):
        assert (await phone.get(tokens["access_token"], f"Patient/{record}")).status_code == 404


async def test_an_account_goes_with_the_record_that_it_was_made_by(post: Post, phone: App) -> None:
    her, child, _ = await parent(post, phone)
    other = await holder(post.carnet)
    operator = Access(kind=Kind.OPERATOR, subject="software|operator")
    await destroying.destroy(post.carnet.app.state.server.door.open(operator, RequestFacts()), child, "fraud")
    link = await asyncpg.connect(post.carnet.settings.database_owner_url)
    left = [await link.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", child) for table, column in (
        ("account", "represented"), ("account_relation", "patient"))]  # fmt: skip
    await link.close()
    assert left == [0, 0]
    browser = await Browser(phone, "203.0.113.29").begin()
    assert WRONG in (await browser.send("password", number=her.number, password=her.password)).text
    assert (await post.carnet.holder(other.record).get(f"Patient/{other.record}")).status_code == 200
