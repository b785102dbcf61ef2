"""A holder signs in with a real browser: Chromium, its scripts switched off, driven over its debugging pipe."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.people import PASSWORD, Post, addresses, holder, invited, registered, telecom
from tests.post import mailbox, office, phones
from tests.running import listening
from tests.world import nir, opened_for_minor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.records.office import Office
    from app.storage.embedded import Urls

pytestmark = pytest.mark.slow
PATIENCE = 30


@dataclass
class Chromium:
    """One tab of it. Our own expressions run in it; the scripts of a page do not."""

    out: int
    lines: asyncio.StreamReader
    session: str = ""
    asked: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask something of the browser."""
        self.asked += 1
        said = {"id": self.asked, "method": method, "params": params}
        os.write(self.out, json.dumps(said | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        async with asyncio.timeout(PATIENCE):
            while True:
                answer: dict[str, Any] = json.loads((await self.lines.readuntil(b"\0"))[:-1])
                if answer.get("id") == self.asked:
                    assert "error" not in answer, answer
                    return dict(answer["result"])
                self.events.append(answer)

    async def look(self, expression: str) -> Any:
        """The value of an expression on the page."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds."""
        for _ in range(PATIENCE * 10):
            if await self.look(f"Boolean({expression})"):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{expression}: {await self.look('location.href + document.body.innerText')}")

    async def go(self, address: str) -> None:
        await self.call("Page.navigate", url=address)

    async def fill(self, **fields: str) -> None:
        """Type into fields, each found by its label."""
        for name, value in fields.items():
            assert await self.look(f"document.getElementById('{name}').labels.length") == 1
            await self.look(f"document.getElementById('{name}').focus()")
            await self.call("Input.insertText", text=value)

    async def press(self, step: str) -> None:
        """Press a button with a mouse."""
        place = f"document.querySelector('button[value={step}]')"
        await self.look(f"{place}.scrollIntoView()")
        box = await self.look(f"(() => {{ const r = {place}.getBoundingClientRect(); return [r.x + 9, r.y + 9] }})()")
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Chromium]:
    """A browser without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is missing: scripts/extras installs it")
    theirs, out = os.pipe()
    back, given = os.pipe()

    def wire() -> None:
        """Its descriptors 3 and 4."""
        first, second = os.dup(theirs), os.dup(given)
        os.dup2(first, 3)
        os.dup2(second, 4)

    process = await asyncio.create_subprocess_exec(
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
        f"--user-data-dir={folder}", "about:blank", preexec_fn=wire, close_fds=False, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    os.close(given)
    lines = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(back, "rb"))
    tab = Chromium(out, lines)
    try:
        target = await tab.call("Target.createTarget", url="about:blank")
        found = await tab.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab.session = found["sessionId"]
        await tab.call("Page.enable")
        await tab.call("Log.enable")
        await tab.call("Emulation.setScriptExecutionDisabled", value=True)
        yield tab
    finally:
        process.terminate()
        await process.wait()
        transport.close()
        os.close(out)


async def test_a_holder_opens_his_account_and_consents_in_a_browser(module_database_urls: Urls, tmp_path: Path) -> None:
    with ExitStack() as stack:
        gateway = stack.enter_context(phones())
        async with mailbox() as mails:
            said = {"smtp_url": f"smtp://127.0.0.1:{mails.port}", "sms_url": gateway.url, "notices": False}
            async with (
                listening(module_database_urls, tmp_path / "data", **said) as carnet,
                office(carnet.settings) as made,  # on this loop
            ):
                await _through(Post(carnet, mails, gateway, made), made, tmp_path)


async def test_a_representative_without_a_record_opens_his_account_in_a_browser(
    module_database_urls: Urls, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        gateway = stack.enter_context(phones())
        async with mailbox() as mails:
            said = {"smtp_url": f"smtp://127.0.0.1:{mails.port}", "sms_url": gateway.url, "notices": False}
            async with (
                listening(module_database_urls, tmp_path / "data", **said) as carnet,
                office(carnet.settings) as made,  # on this loop
            ):
                await _represents(Post(carnet, mails, gateway, made), tmp_path)


async def _represents(post: Post, folder: Path) -> None:
    number, (email, mobile), url = nir(), addresses(), post.carnet.settings.public_url
    await opened_for_minor(post.carnet, ins=number, mother=telecom(email, mobile), days=("1985-02-03", ""))
    async with chromium(folder / "browser") as tab:
        await tab.go(f"{url}/?lang=fr")
        await tab.until("document.querySelector('a[href^=\"/auth/access\"]')")
        await tab.go(f"{url}/auth/access?lang=fr")
        await tab.until("document.getElementById('whom')")
        assert await tab.look("document.querySelectorAll('h1').length") == 1
        await tab.fill(whom=number, born="03/02/1985", reached=email)
        await tab.press("represent")
        await tab.until("document.getElementById('repeated')")
        code, account = await invited(post, email)
        await tab.fill(number=account, code=code, password=PASSWORD, repeated=PASSWORD)
        await tab.press("finish")
        await tab.until("document.querySelector('button[value=password]')")
        await tab.fill(number=account, password=PASSWORD)
        await tab.press("password")
        await tab.until("document.querySelector('button[value=again]')")
        await tab.fill(code=(await invited(post, mobile))[0])
        await tab.press("code")
        await tab.until("document.querySelector('button[value=enrol]')")
        assert "choisir aujourd'hui : 1." in await tab.look("document.body.innerText")
        await tab.press("leave")
        await tab.until("document.querySelector('a[href^=\"/auth/account\"]')")
        assert [event for event in tab.events if "Content Security Policy" in json.dumps(event)] == []


async def _through(post: Post, made: Office, folder: Path) -> None:
    carnet = post.carnet
    who, url = await holder(carnet), carnet.settings.public_url
    back = f"http://localhost:{carnet.settings.port}/health/live"
    phone = await registered(made, carnet, back)
    async with chromium(folder / "browser") as tab:
        asked = urlencode(phone.asked(redirect_uri=back))
        await tab.go(f"{url}/auth/authorize?{asked}")
        await tab.until("document.getElementById('password')")
        assert await tab.look("document.documentElement.lang") in {"fr", "en"}
        assert await tab.look("getComputedStyle(document.querySelector('button')).backgroundColor") == "rgb(0, 0, 145)"
        await tab.go(f"{url}/auth/access?lang=fr")
        await tab.until("document.querySelector('button[value=ask]')")
        await tab.fill(number=who.number)
        await tab.press("ask")
        await tab.until("document.getElementById('repeated')")
        await tab.fill(code=await post.code(who.email), password=PASSWORD, repeated=PASSWORD)
        await tab.press("finish")
        await tab.until("document.querySelector('button[value=password]')")
        await tab.fill(number=who.number, password=PASSWORD)
        await tab.press("password")
        await tab.until("document.querySelector('button[value=again]')")
        await tab.fill(code=await post.code(who.mobile))
        await tab.press("code")
        await tab.until("document.querySelector('button[value=agree]')")
        assert await tab.look("document.querySelectorAll('input:not([type=hidden])').length") == await tab.look(
            "[...document.querySelectorAll('input:not([type=hidden])')].filter(i => i.labels.length === 1).length"
        )
        await tab.press("agree")
        await tab.until(f"location.href.startsWith('{back}?code=') || location.search.includes('code=')")
        await tab.go(f"{url}/auth/account?lang=fr")
        await tab.until("document.getElementById('password')")
        await tab.fill(number=who.number, password=PASSWORD)
        await tab.press("password")
        await tab.until("document.querySelector('button[value=again]')")
        await tab.fill(code=await post.code(who.mobile))
        await tab.press("code")
        await tab.until("document.querySelector('button[value=end]')")
        assert await tab.look("document.getElementById('number').labels.length") == 1
        assert await tab.look("[...document.querySelectorAll('[aria-describedby]')].every("
                              "e => document.getElementById(e.getAttribute('aria-describedby')))")  # fmt: skip
        await tab.press("end-all")
        await tab.until("document.querySelector('[role=status]') && !document.querySelector('button[value=end]')")
        await tab.press("leave")
        await tab.until("document.querySelector('a[href^=\"/auth/account\"]')")
        refused = [event for event in tab.events if "Content Security Policy" in json.dumps(event)]
        assert refused == []
