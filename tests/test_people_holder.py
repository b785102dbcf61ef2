"""Holders sign in: the account, password and code, consent; and what an attacker tries with each."""

from __future__ import annotations

import asyncio
import re
import time
from statistics import median
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app import enrolment
from app.auth.people import passwords, person, regaining
from app.errors import BrokenRule, NotFound
from tests.people import (
    PASSWORD,
    Browser,
    Holder,
    Parent,
    Post,
    addresses,
    asks,
    finishes,
    holder,
    invited,
    reached,
    signs_in,
    telecom,
)
from tests.serving import patient
from tests.software import BACK, App, app, claims, gone, told
from tests.world import moved, nir, opened_for_minor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls

EVEN = person.EVEN
WRONG = "Le numéro ou le mot de passe est faux."
BAD_CODE = "Le code est faux"


@pytest.fixture(scope="module")
async def post(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with reached(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture
async def phone(post: Post) -> App:
    return await app(post.carnet)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a quarter of a second so that its time tells nothing takes less where no test looks at that."""
    monkeypatch.setattr(person, "EVEN", 0.01)


@pytest.fixture
def even(hurry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time as it is served."""
    del hurry
    monkeypatch.setattr(person, "EVEN", EVEN)


async def fresh(phone: App, address: str = "192.0.2.1") -> Browser:
    return await Browser(phone, address).begin()


async def test_a_holder_opens_his_account_signs_in_and_reads(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    assert 'lang="fr"' in browser.page.text
    done = await browser.open(post, who)
    assert "Votre mot de passe est enregistré" in done.text
    await browser.send("password", number=who.number, password="not the one")
    page = await browser.login(post, who)
    assert "demande à agir en votre nom" in page.text
    answer = await phone.redeem(await browser.agree())
    tokens = answer.json()
    assert (tokens["patient"], claims(tokens["access_token"])["acr"]) == (who.record, "eidas1")
    assert (await phone.get(tokens["access_token"], f"Patient/{who.record}")).status_code == 200
    journal = (await phone.get(tokens["access_token"], f"AuditEvent?patient={who.record}&type=110114,110113")).json()
    said = [(one["resource"]["subtype"][0]["code"], one["resource"]["outcome"]) for one in journal["entry"]]
    assert sorted(said) == [("110122", "0"), ("110122", "4"), ("110137", "0")]  # signed in, failed to, account opened
    # the code that opens goes by mail, those that follow the password by the other channel
    assert len([one for one in await post.words(who.email) if "Votre code" in one]) == 1
    assert ("login", "0", "") in await told(post.carnet, phone.id)


@pytest.mark.usefixtures("even")
async def test_nobody_learns_whether_a_number_has_a_record(post: Post, phone: App) -> None:
    """By words or by time: of a number with an account, with a record alone, and of nobody."""
    known, unopened = await holder(post.carnet), await holder(post.carnet)
    await (await fresh(phone)).open(post, known)
    pages, times = [], []
    for number in (known.number, unopened.number, "299999999999999"):
        browser = await fresh(phone)
        await browser.send("password", number=number, password="something else")
        first = browser.page.text.replace(browser.form, "").replace(number, "")
        browser.page = await browser.http.get("/auth/access")
        start = time.monotonic()
        await browser.send("ask", "/auth/access", number=number)
        times.append(time.monotonic() - start)
        second = browser.page.text.replace(browser.form, "").replace(number, "")
        await browser.send("finish", "/auth/access", number=number, code="000000", password=PASSWORD, repeated=PASSWORD)
        third = browser.page.text.replace(browser.form, "").replace(number, "")
        assert WRONG in first
        assert BAD_CODE in third
        pages.append((first, second, third))
    assert pages[0] == pages[1] == pages[2]
    assert min(times) > 0.24  # none is answered before the others could be


async def test_a_password_is_looked_at_for_as_long_where_there_is_none() -> None:
    hasher = passwords.Hasher()
    known = await hasher.hash(PASSWORD)
    assert await hasher.verify(known, PASSWORD)
    assert not await hasher.verify(known, "another")
    assert not await hasher.verify("", PASSWORD)

    async def takes(known: str) -> float:
        start = time.process_time()  # no matter what else the machine does
        await hasher.verify(known, "another")
        return time.process_time() - start

    pairs = [(await takes(known), await takes("")) for _ in range(7)]
    some, none = (median(each) for each in zip(*pairs, strict=True))
    assert 0.1 < some / none < 10  # without a hash it is some thousand times as quick


async def test_a_code_is_guessed_five_times_and_no_more_at_once_or_not(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    await browser.open(post, who)
    await browser.send("password", number=who.number, password=PASSWORD)
    code = await post.code(who.mobile)
    form = browser.form
    guesses = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 13)]

    async def guess(one: str) -> str:
        return (await browser.http.post("/auth/login", data={"form": form, "step": "code", "code": one})).text

    assert all(BAD_CODE in text for text in await asyncio.gather(*map(guess, guesses)))
    assert BAD_CODE in await guess(code)  # right, and too late
    link = await asyncpg.connect(post.carnet.settings.database_owner_url)
    assert await link.fetchval("SELECT max(tries) FROM one_time_code") == 5
    await link.close()


async def test_a_code_is_used_once_and_for_ten_minutes(post: Post, phone: App, module_database_urls: Urls) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    await browser.open(post, who)
    await browser.send("password", number=who.number, password=PASSWORD)
    code, form = await post.code(who.mobile), browser.form
    sends = [browser.http.post("/auth/login", data={"form": form, "step": "code", "code": code}) for _ in range(4)]
    answers = await asyncio.gather(*sends)
    assert sorted(one.status_code for one in answers) == [303, 400, 400, 400]
    late = await fresh(phone)
    await late.send("password", number=who.number, password=PASSWORD)
    code = await post.code(who.mobile)
    form = late.form
    async with moved(module_database_urls.owner, "9 minutes 59 seconds"):
        pass
    async with moved(module_database_urls.owner, "10 minutes 1 second"):
        answer = await late.http.post("/auth/login", data={"form": form, "step": "code", "code": code})
        assert answer.status_code == 400


async def test_too_many_passwords_for_one_number_are_refused_from_everywhere(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    await browser.open(post, who)
    seen = []
    for number in range(11):
        other = await fresh(phone, address=f"198.51.100.{number}")
        seen.append((await other.send("password", number=who.number, password="not the one")).status_code)
    assert seen == [400] * 10 + [429]
    last = await fresh(phone)
    page = await last.send("password", number=who.number, password=PASSWORD)
    assert (page.status_code, "retry-after" in page.headers) == (429, True)


async def test_forms_of_another_page_and_handles_of_before_are_worth_nothing(post: Post, phone: App) -> None:
    """CSRF, and a sign-in that an attacker began and planted (session fixation)."""
    who = await holder(post.carnet)
    victim = await fresh(phone)
    await victim.open(post, who)
    attacker = await fresh(phone)
    for form in (attacker.form, "", "x"):
        data = {"form": form, "step": "password", "number": who.number, "password": PASSWORD}
        assert (await victim.http.post("/auth/login", data=data)).status_code == 400
    planted = victim.http.cookies["carnet-sign-in"]
    await victim.login(post, who)
    assert victim.http.cookies["carnet-sign-in"] != planted
    attacker.http.cookies.set("carnet-sign-in", planted, path="/auth")
    assert (await attacker.http.get("/auth/login")).status_code == 400
    consent = {"form": attacker.form, "step": "agree", "scope-0": "1"}
    assert (await victim.http.post("/auth/login", data=consent)).status_code == 400


async def test_pages_are_framed_by_nobody_and_lead_nowhere_else(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    policy = browser.page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")
    assert policy.endswith("form-action 'self'")
    names = ("x-frame-options", "referrer-policy", "x-content-type-options", "cache-control")
    assert [browser.page.headers[name] for name in names] == ["DENY", "no-referrer", "nosniff", "no-store"]
    await browser.open(post, who)
    page = await browser.login(post, who)
    assert page.headers["content-security-policy"].endswith("form-action 'self' https://app.example")
    assert "<script" not in page.text
    moved_on = await browser.http.get("/auth/login?lang=en&next=https://evil.example")
    assert "evil" not in moved_on.text
    await browser.send("deny")
    assert browser.page.headers["location"].startswith(f"{BACK}?")
    assert "error=access_denied" in browser.page.headers["location"]


async def test_lost_access_is_had_back_by_the_other_channel_and_ends_every_session(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    await browser.open(post, who)
    await browser.login(post, who)
    old = (await phone.redeem(await browser.agree())).json()["access_token"]
    again = await fresh(phone)
    await again.open(post, who, "Quatre-Bateaux-Bleus")
    assert any("a été changé" in text for text in await post.words(who.mobile))
    assert await gone(phone, old, who.record)
    assert WRONG in (await again.send("password", number=who.number, password=PASSWORD)).text
    assert "agir" in (await again.login(post, who, "Quatre-Bateaux-Bleus")).text


async def test_with_one_channel_alone_nothing_is_had_back_by_it(post: Post, phone: App) -> None:
    who = await holder(post.carnet, mobile=False)
    browser = await fresh(phone)
    await browser.open(post, who)
    before = len(await post.words(who.email))
    again = await fresh(phone)
    await again.open(post, who, "Quatre-Bateaux-Bleus")
    assert BAD_CODE in again.page.text
    assert len(await post.words(who.email)) == before


async def test_a_login_from_another_browser_is_told(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    first = await fresh(phone)
    await first.open(post, who)
    await first.login(post, who)
    await first.begin()
    await first.login(post, who)
    assert not any("nouvel appareil" in text for text in await post.words(who.email))
    second = await fresh(phone)
    await second.login(post, who)
    assert [text for text in await post.words(who.email) if "nouvel appareil" in text]


async def test_a_representative_chooses_for_whom_he_signs_in(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    child, related = await opened_for_minor(post.carnet)
    browser = await fresh(phone)
    await browser.open(post, who)
    link = await asyncpg.connect(post.carnet.settings.database_owner_url)
    account = await link.fetchval("SELECT id FROM account WHERE patient = $1", who.record)
    await link.executemany(
        "INSERT INTO account_relation VALUES ($1, $2, $3)",
        [(account, related, child), (account, f"{child}.ghost", child)],
    )
    await link.close()
    page = await browser.login(post, who)
    assert "le dossier de Dominique" in page.text
    assert "ghost" not in page.text
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    for fields in ({"ticket": "x", "as": f"related|{related}"}, {"ticket": "", "as": f"related|{related}"}):
        assert (await browser.http.post("/auth/login", data={"form": browser.form, "step": "choose", **fields})
                ).status_code == 400  # fmt: skip
    await browser.send("choose", ticket=ticket, **{"as": f"related|{related}"})
    tokens = (await phone.redeem(await browser.agree())).json()
    assert (tokens["patient"], claims(tokens["access_token"])["kind"]) == (child, "representative")


async def at_account(post: Post, phone: App, who: Holder, address: str = "203.0.113.1") -> Browser:
    """A browser of somebody who signed in to the account pages."""
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    browser = Browser(phone, address, agent)
    browser.page = await browser.http.get("/auth/account")
    await browser.follow()
    assert "Mes connexions" in browser.page.text
    await browser.login(post, who)
    assert "Applications où vous êtes connecté" in browser.page.text
    return browser


async def signed_in(post: Post, phone: App, who: Holder, address: str = "203.0.113.1") -> tuple[Browser, str]:
    """A browser that signed in for an application, and the access token of that."""
    browser = await fresh(phone, address)
    await browser.login(post, who)
    return browser, (await phone.redeem(await browser.agree())).json()["access_token"]


@pytest.mark.slow
async def test_a_holder_sees_where_he_is_signed_in_and_ends_it(post: Post, phone: App) -> None:
    who, other = await holder(post.carnet), await holder(post.carnet)
    for one in (who, other):
        await (await fresh(phone, "203.0.113.2")).open(post, one)
    (_, mine), (_, second), (_, foreign) = [await signed_in(post, phone, one) for one in (who, who, other)]
    sid, theirs = (str(claims(token)["sid"]) for token in (mine, foreign))
    page = await at_account(post, phone, who)
    assert page.page.text.count('name="session"') == 2
    assert theirs not in page.page.text
    assert "Firefox, Linux</strong> (celui-ci)" in page.page.text
    form = page.form
    for data in (
        {"form": "x", "step": "end", "session": sid},
        {"step": "end-all"},
        {"form": form, "step": "end", "session": theirs},
        {"form": form, "step": "forget", "device": "x"},
        {"form": form, "step": "nonsense"},
    ):
        assert (await page.http.post("/auth/account", data=data)).status_code == 400
    agreed = await page.http.post("/auth/login", data={"form": form, "step": "agree"})
    assert agreed.status_code == 400  # these pages give no code
    page.page = await page.http.get("/auth/account")
    await page.send("end", "/auth/account", session=sid)
    assert page.page.text.count('name="session"') == 1
    assert await gone(phone, mine, who.record)
    assert (await phone.get(second, f"Patient/{who.record}")).status_code == 200
    thief = await at_account(post, phone, who)  # somebody else at his page
    await page.send("end-all", "/auth/account")
    assert await gone(phone, second, who.record)
    assert (await phone.get(foreign, f"Patient/{other.record}")).status_code == 200
    assert (await thief.http.get("/auth/account")).status_code == 303
    await page.send("leave", "/auth/account")
    assert "Vous êtes déconnecté" in page.page.text
    assert (await page.http.get("/auth/account")).status_code == 303


@pytest.mark.slow
async def test_a_browser_that_is_forgotten_is_signed_out_and_new_again(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    await (await fresh(phone, "203.0.113.3")).open(post, who)
    browser, token = await signed_in(post, phone, who, "203.0.113.3")
    page = await at_account(post, phone, who, "203.0.113.4")
    before = len([text for text in await post.words(who.email) if "nouvel appareil" in text])
    devices = re.findall(r'name="device" value="([0-9a-f]+)"', page.page.text)
    assert len(devices) == 2
    await page.send("forget", "/auth/account", device=devices[1])
    assert page.page.text.count('name="device"') == 1
    assert await gone(phone, token, who.record)
    await browser.begin()
    await browser.login(post, who)
    assert len([text for text in await post.words(who.email) if "nouvel appareil" in text]) == before + 1


@pytest.mark.slow
@pytest.mark.usefixtures("even")
async def test_a_representative_enrols_and_switches(post: Post, phone: App) -> None:
    who, stranger, number = await holder(post.carnet), await holder(post.carnet), nir()
    telecom = [{"system": "phone", "use": "mobile", "value": who.mobile}]
    child, related = await opened_for_minor(post.carnet, ins=number, mother=telecom)
    shared = nir()  # a record whose two representatives have one telephone
    await opened_for_minor(post.carnet, ins=shared, mother=telecom, father=telecom)
    for one in (who, stranger):
        await (await fresh(phone, "203.0.113.5")).open(post, one)
    pages, codes = [], []
    for one, asked in ((who, number), (stranger, number), (stranger, nir()), (who, shared)):
        page = await at_account(post, phone, one, "203.0.113.6")
        before = len(await post.words(one.mobile))
        start = time.monotonic()
        text = (await page.send("enrol", "/auth/account", number=asked)).text
        assert time.monotonic() - start > 0.24
        codes.append(len(await post.words(one.mobile)) - before)
        pages.append(text.replace(page.form, "").replace(asked, ""))
        wrong = await page.send("prove", "/auth/account", number=asked, code="000000")
        assert (wrong.status_code, BAD_CODE in wrong.text) == (400, True)
    assert len(set(pages)) == 1  # nobody learns by it whose child has a record
    assert codes == [1, 0, 0, 0]
    right = await at_account(post, phone, who, "203.0.113.7")
    await right.send("enrol", "/auth/account", number=number)
    await right.send("prove", "/auth/account", number=number, code=await post.code(who.mobile))
    assert "Vous pourrez choisir ce dossier" in right.page.text
    browser = await fresh(phone, "203.0.113.8")
    page_of = await browser.login(post, who)
    ticket = page_of.text.split('name="ticket" value="')[1].split('"')[0]
    await browser.send("choose", ticket=ticket, **{"as": f"holder|{who.record}"})
    before_switch = browser.http.cookies["carnet-sign-in"]
    await browser.send("switch")
    assert "le dossier de Dominique" in browser.page.text
    form = browser.form
    foreign = {"form": form, "step": "choose", "as": f"holder|{stranger.record}"}
    assert (await browser.http.post("/auth/login", data=foreign)).status_code == 400
    await browser.send("choose", **{"as": f"related|{related}"})
    assert browser.http.cookies["carnet-sign-in"] != before_switch
    tokens = (await phone.redeem(await browser.agree())).json()
    assert (tokens["patient"], claims(tokens["access_token"])["kind"]) == (child, "representative")


async def test_two_parents_who_share_their_addresses_have_an_account_each(post: Post, phone: App) -> None:
    """They have no record of their own, and one telephone: neither signs in as the other, by password or by code."""
    number, (email, mobile) = nir(), addresses()
    shared, days = telecom(email, mobile), ("1985-02-03", "1984-11-30")
    child, mother = await opened_for_minor(post.carnet, ins=number, mother=shared, father=shared, days=days)
    her = Parent(number, "1985-02-03", email, mobile)
    him = Parent(number, "30/11/1984", "0" + mobile.removeprefix("+33"), mobile, "Quatre-Bateaux-Bleus")
    browser = await Browser(phone, "203.0.113.22").begin()
    pages, codes = [], []
    for one, asked in ((her, {"born": "1985-02-04"}), (her, {"whom": nir()}), (her, {}), (him, {})):
        pages.append((await asks(browser, one, **asked)).text.replace(browser.form, ""))
        found = await invited(post, email)
        codes.append(found[0])
        one.number = found[1]
    assert len(set(pages)) == 1  # nobody learns by it who represents whom
    assert (codes[:2], her.number == him.number) == (["", ""], False)
    for account, wrong in ((him.number, codes[2]), (her.number, codes[3])):
        assert BAD_CODE in (await finishes(browser, account, wrong, PASSWORD)).text
    for one, right in ((her, codes[2]), (him, codes[3])):
        assert "est enregistré" in (await finishes(browser, one.number, right, one.password)).text
    await browser.begin()
    assert WRONG in (await browser.send("password", number=her.number, password=him.password)).text
    people = []
    for one in (her, him):
        tokens = (await phone.redeem(await (await signs_in(post, phone, one)).agree())).json()
        said = claims(tokens["access_token"])
        assert (tokens["patient"], said["kind"], said["acr"]) == (child, "representative", "eidas1")
        people.append(said["sub"])
    assert people[0] == mother != people[1]
    assert (await phone.get(tokens["access_token"], f"Patient/{child}")).status_code == 200


async def test_an_address_of_a_parent_opens_no_account_of_the_child(post: Post, phone: App) -> None:
    """Who reads there would be the holder, from whom nothing is hidden: not today, nor when the child is of age."""
    number, (email, mobile) = nir(), addresses()
    child = telecom(email.upper(), mobile)
    record, mother = await opened_for_minor(
        post.carnet, ins=number, mother=telecom(email, ""), father=telecom("", mobile), telecom=child
    )
    said = {"resourceType": "Parameters", "parameter": [{"name": "email", "valueString": addresses()[0]}]}
    assert (
        await post.carnet.representative(mother, record).post(f"Patient/{record}/$contact", said)
    ).status_code == 200
    browser = await fresh(phone, "203.0.113.30")
    browser.page = await browser.http.get("/auth/access")
    before = len(await post.words(email)) + len(await post.words(mobile)) + len(await post.words(email.upper()))
    await browser.send("ask", "/auth/access", number=number, address=email)
    after = len(await post.words(email)) + len(await post.words(mobile)) + len(await post.words(email.upper()))
    assert after == before
    own = addresses()[0]
    await enrolment.reach(post.carnet.settings, number, own, "")  # the child's own, said to who runs the server
    browser.page = await browser.http.get("/auth/access")
    await browser.send("ask", "/auth/access", number=number)
    assert await post.code(own)
    assert any("n'est plus celle" in text for text in await post.words(mobile))
    unopened, (email, _) = nir(), addresses()
    young = patient(unopened, birthDate="2015-04-01", telecom=telecom(email, ""))
    assert (await post.carnet.doctor().post("Patient", young)).status_code == 201
    browser.page = await browser.http.get("/auth/access")
    await browser.send("ask", "/auth/access", number=unopened, address=email)
    assert not await post.code(email)


def test_a_day_of_birth_is_read_as_it_is_typed() -> None:
    for typed in ("1985-02-03", "03/02/1985", " 03.02.1985 ", "03021985", "3/2/1985", "3 02 1985"):
        assert regaining.day_of(typed) == "1985-02-03"
    for typed in ("", "1985", "1985-02", "3021985", "3/2-1985", "31/02/1985", "00/00/0000", "x", "٠٣٠٢١٩٨٥"):
        assert regaining.day_of(typed) == "", typed


@pytest.mark.parametrize(
    "password",
    ["court", "motdepasse123", "Password2024!", "P@ssw0rd!!", "aaaaaaaaaaaa", "azertyazerty", "x2790351215189"],
)
def test_passwords_that_are_tried_first_are_refused(password: str) -> None:
    with pytest.raises(BrokenRule):
        passwords.check(password, number="279035121518989")
    passwords.check(PASSWORD, number="279035121518989")


async def test_nothing_that_opens_a_door_stands_in_the_database(post: Post, phone: App) -> None:
    who = await holder(post.carnet)
    browser = await fresh(phone)
    await browser.open(post, who)
    await browser.send("password", number=who.number, password=PASSWORD)
    code = await post.code(who.mobile)
    link = await asyncpg.connect(post.carnet.settings.database_owner_url)
    rows = []
    for table in ("account", "one_time_code", "device", "attempt", "sign_in"):
        rows += [str(dict(row)) for row in await link.fetch(f"SELECT * FROM {table}")]
    kept = [str(row["code"]) for row in await link.fetch("SELECT code FROM one_time_code")]
    await link.close()
    text = "".join(rows)
    assert code not in kept
    for secret in (PASSWORD, who.email, who.mobile, who.number):
        assert secret not in text


async def test_what_leads_nowhere_is_a_page_for_a_person(phone: App) -> None:
    """And JSON for software; the address that every message names leads to the account."""
    http, html = phone.carnet.http, {"Accept": "text/html", "Accept-Language": "fr"}
    http.cookies.clear()
    for path, words in (
        ("/auth/authorize", "pas connue ici"),
        (f"/auth/authorize?client_id={phone.id}&redirect_uri=https://evil.example", "rien n&#39;a été commencé"),
        ("/auth/logout", "quelle session terminer"),
        ("/auth/login", "La connexion est terminée"),
    ):
        answer = await http.get(path, headers=html)
        assert (answer.status_code, words in answer.text, "location" in answer.headers) == (400, True, False), path
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert (await http.get("/auth/authorize")).json()["error"] == "invalid_request"
    assert (await http.get("/")).headers["location"] == "/auth/account"


async def test_english_is_spoken(phone: App) -> None:
    browser = await Browser(phone, headers={"Accept-Language": "en-GB, fr;q=0.5"}).begin()
    assert "Social security number" in browser.page.text
    assert "Numéro" in (await browser.http.get("/auth/login?lang=fr")).text


@pytest.mark.slow
async def test_the_operator_says_whom_somebody_represents_and_gives_access_back(post: Post, phone: App) -> None:
    who = await holder(post.carnet, mobile=False)
    child, related = await opened_for_minor(post.carnet)
    settings = post.carnet.settings
    for act in (enrolment.represent(settings, who.number, related), enrolment.reset(settings, who.number)):
        with pytest.raises(NotFound):  # he has no account yet
            await act
    browser = await fresh(phone)
    await browser.open(post, who)
    with pytest.raises(NotFound):
        await enrolment.represent(settings, who.number, f"{child}.ghost")
    await enrolment.represent(settings, who.number, related)
    assert "le dossier de Dominique" in (await browser.login(post, who)).text
    ticket = browser.page.text.split('name="ticket" value="')[1].split('"')[0]
    await browser.send("choose", ticket=ticket, **{"as": f"holder|{who.record}"})
    token = (await phone.redeem(await browser.agree())).json()["access_token"]
    assert await enrolment.reset(settings, who.number) == 1
    assert await gone(phone, token, who.record)
    again = await fresh(phone)
    assert WRONG in (await again.send("password", number=who.number, password=PASSWORD)).text
    await again.open(post, who, "Quatre-Bateaux-Bleus")
    assert "Quel dossier" in (await again.login(post, who, "Quatre-Bateaux-Bleus")).text
