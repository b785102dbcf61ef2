"""Somebody before the pages of sign-in, for tests: a browser of his own, and his mailbox and mobile."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx

from app.storage.auth import clients
from tests.post import empty, mailbox, phones
from tests.serving import serving
from tests.software import BLANK, App, authority
from tests.world import nir, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.records.office import Office
    from app.storage.embedded import Urls
    from tests.post import Mailbox, Phones
    from tests.serving import Carnet, Tree

PASSWORD = "Trois-Bateaux-Verts"
HIDDEN = re.compile(r'name="form" value="([0-9a-f]*)"')
CODE = re.compile(r"\b(\d{6})\b")
INVITED = re.compile(r"code est (\d{6}), pour l'identifiant de représentant ([\d ]{14}|… \d{4})\.")


@dataclass
class Post:
    """Where messages arrive."""

    carnet: Carnet
    mails: Mailbox
    phones: Phones
    office: Office | None = None
    """what sends the messages, where that is not the server's own"""

    async def words(self, address: str) -> list[str]:
        """All that an address was told."""
        await empty(self.office or authority(self.carnet).office)
        return self.mails.to(address) + self.phones.to(address)

    async def code(self, address: str) -> str:
        """The last code that an address was sent, "" for none."""
        found = [CODE.search(text) for text in await self.words(address)]
        return next((one[1] for one in reversed(found) if one), "")


@asynccontextmanager
async def reached(urls: Urls, data: Path) -> AsyncIterator[Post]:
    """A server whose messages arrive; they are sent where a test looks for them, and not beside it."""
    async with mailbox() as mails:
        with phones() as gateway:
            said = {"smtp_url": f"smtp://127.0.0.1:{mails.port}", "sms_url": gateway.url, "notices": False}
            async with serving(urls, data, **said) as carnet:
                yield Post(carnet, mails, gateway)


async def registered(office: Office, carnet: Carnet, address: str) -> App:
    """An application for holders, on a server that runs elsewhere."""
    name = nir()
    row = BLANK | {"id": name, "scope": "openid patient/*.rs", "kinds": ["holder"], "redirect_uris": [address]}
    async with office.database.link() as link:
        await clients.add(link, row)
    return App(carnet, name)


@dataclass
class Holder:
    """A record's holder whom the record reaches."""

    number: str
    record: str
    email: str
    mobile: str


async def holder(carnet: Carnet, *, email: bool = True, mobile: bool = True) -> Holder:
    """A new record with addresses of its holder."""
    number = nir()
    mail = f"h{number}@example.org" if email else ""
    phone = f"+336{number[5:13]}" if mobile else ""
    telecom = [{"system": "email", "value": mail}] if email else []
    telecom += [{"system": "phone", "use": "mobile", "value": phone}] if mobile else []
    return Holder(number, await opened(carnet, ins=number, telecom=telecom), mail, phone)


@dataclass
class Browser:
    """A browser that goes through a sign-in for an application."""

    app: App
    address: str = "192.0.2.1"
    headers: dict[str, str] = field(default_factory=dict)
    http: httpx.AsyncClient = field(init=False)
    page: httpx.Response = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=self.app.carnet.app, client=(self.address, 1234))
        url = self.app.carnet.settings.public_url
        self.http = httpx.AsyncClient(transport=transport, base_url=url, headers=self.headers)

    async def begin(self, **changes: str) -> Browser:
        """Come from the application to the page that signs in."""
        self.page = await self.http.get("/auth/authorize", params=self.app.asked(**changes))
        return await self.follow()

    async def follow(self) -> Browser:
        """Go where the answer leads, within this server."""
        while self.page.status_code == 303 and self.page.headers["location"].startswith("/"):
            self.page = await self.http.get(self.page.headers["location"])
        return self

    @property
    def form(self) -> str:
        """The secret of the forms of the page."""
        found = HIDDEN.search(self.page.text)
        return found[1] if found else ""

    async def send(self, step: str, path: str = "/auth/login", **fields: str) -> httpx.Response:
        """Send a form of the page, and follow."""
        data = {"form": self.form, "step": step, **fields}
        self.page = await self.http.post(path, data=data)
        await self.follow()
        return self.page

    async def open(self, post: Post, who: Holder, password: str = PASSWORD) -> httpx.Response:
        """Open the account of somebody, with the code that his record's address is sent."""
        self.page = await self.http.get("/auth/access")
        await self.send("ask", "/auth/access", number=who.number)
        code = await post.code(who.email or who.mobile)
        return await self.send(
            "finish", "/auth/access", number=who.number, code=code, password=password, repeated=password
        )

    async def login(self, post: Post, who: Holder, password: str = PASSWORD) -> httpx.Response:
        """Password and code: up to the page that asks for consent."""
        await self.send("password", number=who.number, password=password)
        return await self.send("code", code=await post.code(who.mobile or who.email))

    async def consent(self, **more: str) -> httpx.Response:
        """Agree to everything, and fill in more of the form."""
        boxes = re.findall(r'name="(scope-\d+)"', self.page.text)
        return await self.send("agree", **dict.fromkeys(boxes, "1"), **more)

    async def agree(self, **more: str) -> str:
        """Agree to everything; the code that the application gets."""
        await self.consent(**more)
        return parse_qs(urlsplit(self.page.headers["location"]).query)["code"][0]


@dataclass
class Parent:
    """Somebody who represents a child and has no record."""

    child: str
    born: str
    email: str
    mobile: str
    password: str = PASSWORD
    number: str = ""


def telecom(email: str, mobile: str) -> list[Tree]:
    mails = [{"system": "email", "value": email}] if email else []
    return mails + ([{"system": "phone", "use": "mobile", "value": mobile}] if mobile else [])


def addresses() -> tuple[str, str]:
    number = nir()
    return f"p{number}@example.org", f"+336{number[5:13]}"


async def asks(browser: Browser, who: Parent, **changes: str) -> httpx.Response:
    """Ask for an account, on the page for it."""
    browser.page = await browser.http.get("/auth/access")
    fields = {"whom": who.child, "born": who.born, "address": who.email} | changes
    return await browser.send("represent", "/auth/access", invited="1", **fields)


async def invited(post: Post, address: str) -> tuple[str, str]:
    """The last code that an address was sent for a representative's account, and the number of that; "" for none."""
    found = [INVITED.search(text) for text in await post.words(address)]
    one = next((found for found in reversed(found) if found), None)
    return (one[1], one[2].replace(" ", "")) if one else ("", "")


async def finishes(browser: Browser, number: str, code: str, password: str) -> httpx.Response:
    fields = {"number": number, "code": code, "password": password, "repeated": password}
    return await browser.send("finish", "/auth/access", invited="1", **fields)


async def enrols(post: Post, phone: App, who: Parent) -> None:
    """Open the account of somebody: ask, read the message, choose a password."""
    browser = await Browser(phone, "203.0.113.20").begin()
    await asks(browser, who)
    code, who.number = await invited(post, who.email)
    page = await finishes(browser, who.number, code, who.password)
    assert "Votre mot de passe est enregistré" in page.text, page.text


async def signs_in(post: Post, phone: App, who: Parent, **asked: str) -> Browser:
    """The browser of somebody who has an account, after his password and his code."""
    browser = await Browser(phone, "203.0.113.21").begin(**asked)
    await browser.send("password", number=who.number, password=who.password)
    await browser.send("code", code=(await invited(post, who.mobile))[0])
    return browser
