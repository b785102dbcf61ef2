"""The person who opens his own record alone (L.1111-14): NIR and an address, a code within two hours, his wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth.people import person
from tests.people import PASSWORD, Browser, Holder, Post, reached
from tests.serving import actor, patient, permit
from tests.software import App, app
from tests.world import DOCTOR, journal, moved, nir, whats, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from app.storage.embedded import Urls

TREATING, OTHER = "10000000001", "10000000002"
WISHES = {"agreed": "yes", "break-glass": "no", "regulation": "yes", "treating": TREATING, "authorised": OTHER}
TITLE = "Ouvrir votre dossier"
"""The page that opens a record."""


@pytest.fixture(scope="module")
async def post(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with reached(module_database_urls, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a quarter of a second so that its time tells nothing takes less: no test here looks at that."""
    monkeypatch.setattr(person, "EVEN", 0.01)


@pytest.fixture
async def phone(post: Post) -> App:
    return await app(post.carnet)


async def identity(post: Post, **more: str) -> Holder:
    """Somebody whose identity a desk agent entered, with his addresses, and who has no record."""
    number = nir()
    mail, mobile = f"h{number}@example.org", f"+336{number[5:13]}"
    telecom = [{"system": "email", "value": mail}, {"system": "phone", "use": "mobile", "value": mobile}]
    clerk = post.carnet.professional("810000000099", "60", structure="1750000099")
    return Holder(number, await clerk.make({**patient(number, **more), "telecom": telecom}), mail, mobile)


async def asked(phone: App, who: Holder, address: str) -> Browser:
    """He asked for a code, with an address."""
    browser = await Browser(phone).begin()
    browser.page = await browser.http.get("/auth/access")
    await browser.send("ask", "/auth/access", number=who.number, address=address)
    return browser


async def finish(browser: Browser, who: Holder, code: str) -> httpx.Response:
    fields = {"number": who.number, "code": code, "password": PASSWORD, "repeated": PASSWORD}
    return await browser.send("finish", "/auth/access", **fields)


async def status(post: Post, who: Holder) -> dict[str, object]:
    """What `$access` says to a doctor of that RPPS, less what does not matter here."""
    told = await post.carnet.doctor(f"8{OTHER}").get(f"Patient/{who.record}/$access")
    return {one["name"]: next(v for k, v in one.items() if k != "name") for one in told.json()["parameter"]}


@pytest.mark.parametrize("way", ["mail", pytest.param("mobile", marks=pytest.mark.slow)])
async def test_a_person_opens_his_record_alone(post: Post, phone: App, way: str) -> None:
    who = await identity(post)
    typed = who.email.upper() if way == "mail" else f"0{who.mobile[3:]}"
    browser = await asked(phone, who, typed)
    code = await post.code(who.email if way == "mail" else who.mobile)
    assert not await post.code(who.mobile if way == "mail" else who.email), (
        "the code goes where he says, and only there"
    )
    await finish(browser, who, code)
    page = await browser.login(post, who)
    assert TITLE in page.text
    for missing in ("agreed", "break-glass", "regulation"):
        page = await browser.send("open", **{name: value for name, value in WISHES.items() if name != missing})
        assert page.status_code == 400
    assert (await browser.send("open", **{**WISHES, "treating": "12"})).status_code == 400
    assert (await status(post, who))["status"] == "not-opened"
    page = await browser.send("open", **WISHES)
    assert "demande à agir en votre nom" in page.text
    assert (await status(post, who)) == {
        "status": "open", "authorisation": "valide", "treatingPhysician": False, "fullAccess": False,
        "regulation": False, "breakGlass": False,
    }  # fmt: skip
    holder = post.carnet.holder(who.record)
    assert (await holder.get(f"Patient/{who.record}")).json()["active"] is True
    teams = (await holder.get(f"CareTeam?patient={who.record}")).json()["entry"]
    assert teams[0]["resource"]["participant"][0]["member"]["identifier"]["value"] == TREATING
    made = {one.split("/")[0] for event in await journal(holder, who.record) for one in whats(event)}
    assert {"Consent", "CareTeam"} <= made
    again = await browser.send("open", **WISHES)
    assert "demande à agir en votre nom" in again.text, "it opens once"
    assert len((await holder.get(f"Consent?patient={who.record}")).json()["entry"]) == 3
    await browser.agree()


async def test_he_may_open_it_later_or_through_an_application(post: Post, phone: App) -> None:
    who = await identity(post)
    browser = await asked(phone, who, who.email)
    await finish(browser, who, await post.code(who.email))
    await browser.login(post, who)
    page = await browser.send("later")
    assert "demande à agir en votre nom" in page.text
    await browser.agree()
    holder = post.carnet.holder(who.record)
    assert (await holder.get(f"DocumentReference?patient={who.record}")).json().get("total", 0) == 0
    await will(holder, who.record, "opening", {"type": "permit"})
    await will(holder, who.record, "authorisation", permit(actor(DOCTOR)))
    assert (await status(post, who))["status"] == "open"


async def test_nobody_learns_whether_a_number_or_an_address_is_known(post: Post, phone: App) -> None:
    who = await identity(post)
    pages = []
    for number, address in ((who.number, "thief@example.org"), (who.number, ""), (nir(), who.email)):
        browser = await asked(phone, Holder(number, "", "", ""), address)
        pages.append(browser.page.text.replace(number, "").replace(browser.form, ""))
    assert len(set(pages)) == 1
    assert not await post.words("thief@example.org")
    assert not await post.code(who.email)


async def test_a_code_of_somebody_else_and_one_of_two_hours_ago_open_nothing(
    post: Post, phone: App, module_database_urls: Urls
) -> None:
    who, thief = await identity(post), await identity(post)
    browser = await asked(phone, who, who.email)
    code = await post.code(who.email)
    other = await asked(phone, thief, thief.email)
    stolen = await post.code(thief.email)
    assert stolen != code
    assert (await finish(other, who, stolen)).status_code == 400, "his own code is for his own number"
    assert "Le code est faux" in (await finish(browser, who, stolen)).text
    for interval, said in (("2 hours 1 second", "Le code est faux"), ("1 hour 59 minutes", "Votre mot de passe est")):
        async with moved(module_database_urls.owner, interval):
            later = await Browser(phone).begin()
            later.page = await later.http.get("/auth/access")
            await later.send("have", "/auth/access", number=who.number)
            assert said in (await finish(later, who, code)).text
