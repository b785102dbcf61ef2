"""The seam of sign-in: what a page may do with a sign-in under way, and what nobody may."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from app.access import Kind
from app.auth import mint
from app.auth.server import subject
from app.auth.server.asked import Asked
from app.auth.server.flow import Flow
from app.errors import BadValue, Forbidden
from app.main import furnish
from app.settings import Settings
from app.storage.audit import Circumstances
from app.storage.auth import clients, flows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.records.office import Office
    from app.storage.embedded import Urls

BACK = "https://app.example/back"
RECORD = "abcdefghij2345672345"
WHENCE = Circumstances("request-1", "192.0.2.1")
APP: dict[str, Any] = {
    "id": "app", "name": "An app", "method": "none", "grants": ["authorization_code", "refresh_token"],
    "scope": "openid launch/patient patient/*.rs user/*.rs", "kinds": ["holder", "professional"],
    "redirect_uris": [BACK], "origins": [], "jwks": "", "jwks_uri": "", "subject_dn": "", "thumbprints": [],
    "structure": "", "bound": False, "introspects": False,
}  # fmt: skip
ASKED = Asked("app", BACK, "openid patient/DocumentReference.rs user/List.rs", "c" * 43, state="s")
HOLDER = subject.holder(RECORD, account="a1", acr="eidas1", amr=("pwd", "otp"))
DOCTOR = subject.professional(mint.professional("810000000001"), acr="eidas1")


@pytest.fixture
async def office(database_urls: Urls, tmp_path: Path) -> AsyncIterator[Office]:
    async with furnish(Settings(data=tmp_path, database_url=database_urls.serve)) as made:
        async with made.database.link() as link:
            await clients.add(link, APP)
        yield made


@pytest.fixture
def flow(office: Office) -> Flow:
    return Flow(office.settings, office.database, office.trail, b"secret")


async def told(urls: Urls) -> list[tuple[str, str, str, str]]:
    link = await asyncpg.connect(urls.owner)
    try:
        rows = await link.fetch("SELECT interaction, outcome, subject, reason FROM audit_event ORDER BY recorded")
        return [tuple(row) for row in rows]
    finally:
        await link.close()


async def test_a_sign_in_goes_from_request_to_code(flow: Flow, database_urls: Urls) -> None:
    first = await flow.begin(ASKED)
    assert (await flow.pending(first)).subject is None
    second = await flow.signed_in(first, HOLDER, WHENCE)
    pending = await flow.pending(second)
    assert pending.subject is not None
    assert (pending.subject.key, pending.needs_record) == (f"holder|{RECORD}", False)
    where = await flow.agree(second, pending.form, ("openid", "patient/DocumentReference.rs"))
    said = parse_qs(urlsplit(where).query)
    assert where.startswith(BACK)
    assert (said["state"], said["iss"], "code" in said) == (["s"], ["http://127.0.0.1:8080"], True)
    assert await told(database_urls) == [("login", "0", f"holder|{RECORD}", "")]


async def test_a_handle_is_worth_nothing_once_somebody_signed_in(flow: Flow) -> None:
    planted = await flow.begin(ASKED)
    new = await flow.signed_in(planted, HOLDER, WHENCE)
    for dead in (planted, "", "unknown"):
        with pytest.raises(BadValue, match="over"):
            await flow.pending(dead)
    with pytest.raises(BadValue):
        await flow.signed_in(new, DOCTOR, WHENCE)


async def test_a_form_belongs_to_its_handle(flow: Flow) -> None:
    mine, other = [await flow.signed_in(await flow.begin(ASKED), HOLDER, WHENCE) for _ in range(2)]
    foreign = (await flow.pending(other)).form
    for form in (foreign, "", "é"):
        with pytest.raises(BadValue):
            await flow.agree(mine, form, ())
        with pytest.raises(BadValue):
            await flow.deny(mine, form, WHENCE)


async def test_nothing_is_agreed_to_that_was_not_offered(flow: Flow) -> None:
    handle = await flow.signed_in(await flow.begin(ASKED), HOLDER, WHENCE)
    form = (await flow.pending(handle)).form
    for scope in ("user/*.cruds", "patient/DocumentReference.cruds", "system/*.rs"):
        with pytest.raises(BadValue):
            await flow.agree(handle, form, (scope,))


async def test_a_secret_connection_is_a_professionals_with_a_minor(flow: Flow) -> None:
    """Not a holder's, not with nobody, and not about a record that is nobody's (more: test_people_professional.py)."""
    for who, patient in ((HOLDER, ""), (DOCTOR, ""), (DOCTOR, RECORD)):
        handle = await flow.signed_in(await flow.begin(ASKED), who, WHENCE)
        form = (await flow.pending(handle)).form
        with pytest.raises(BadValue, match="minor"):
            await flow.agree(handle, form, (), patient=patient, secret=True)
        assert "code=" in await flow.agree(handle, form, (), patient=patient)


async def test_nobody_agrees_before_he_is_known(flow: Flow) -> None:
    handle = await flow.begin(ASKED)
    with pytest.raises(BadValue):
        await flow.agree(handle, (await flow.pending(handle)).form, ())


async def test_a_sign_in_ends_once(flow: Flow) -> None:
    handle = await flow.signed_in(await flow.begin(ASKED), HOLDER, WHENCE)
    form = (await flow.pending(handle)).form
    ends = await asyncio.gather(*[flow.agree(handle, form, ()) for _ in range(5)], return_exceptions=True)
    assert sum(isinstance(end, str) for end in ends) == 1
    with pytest.raises(BadValue):
        await flow.deny(handle, form, WHENCE)


async def test_who_does_not_consent_is_sent_back_with_that(flow: Flow, database_urls: Urls) -> None:
    handle = await flow.signed_in(await flow.begin(ASKED), HOLDER, WHENCE)
    where = await flow.deny(handle, (await flow.pending(handle)).form, WHENCE)
    assert parse_qs(urlsplit(where).query)["error"] == ["access_denied"]
    assert (await told(database_urls))[-1] == ("token", "8", f"holder|{RECORD}", "access_denied")


async def test_an_app_serves_those_that_it_is_registered_for(flow: Flow, database_urls: Urls) -> None:
    desk = subject.Subject({"kind": "desk", "sub": "1", "extensions": _structure("1750000001")}, "eidas1")
    with pytest.raises(Forbidden, match="not for you"):
        await flow.signed_in(await flow.begin(ASKED), desk, WHENCE)
    assert (await told(database_urls))[-1][1:] == ("8", "structure|1750000001", "not-served")


async def test_only_who_launched_an_app_signs_in_for_it(flow: Flow, office: Office) -> None:
    async with office.database.link() as link:
        values = {"client": "app", "subject": DOCTOR.key, "patient": RECORD, "context": ""}
        await flows.launched(link, "launch-secret", values)
    launched = Asked("app", BACK, "launch patient/*.rs", "c" * 43, launch="launch-secret", patient=RECORD,
                     launcher=DOCTOR.key)  # fmt: skip
    other = subject.professional(mint.professional("810000000002"), acr="eidas1")
    with pytest.raises(Forbidden, match="launched"):
        await flow.signed_in(await flow.begin(launched), other, WHENCE)
    handles = [await flow.signed_in(await flow.begin(launched), DOCTOR, WHENCE) for _ in range(2)]
    await flow.agree(handles[0], (await flow.pending(handles[0])).form, ("patient/*.rs",))
    with pytest.raises(BadValue):  # a launch serves once
        await flow.agree(handles[1], (await flow.pending(handles[1])).form, ("patient/*.rs",))


async def test_a_disabled_app_signs_nobody_in(flow: Flow, office: Office) -> None:
    handle = await flow.begin(ASKED)
    async with office.database.link() as link:
        await clients.disable(link, "app")
    with pytest.raises(BadValue):
        await flow.signed_in(handle, HOLDER, WHENCE)


def test_a_subject_is_what_the_verifier_would_take() -> None:
    assert subject.Subject.load(DOCTOR.dump()) == DOCTOR
    for claims in (
        {**DOCTOR.claims, "scope": "user/*.cruds"},
        {**DOCTOR.claims, "sandbox": True},
        {"kind": Kind.SOFTWARE.value, "sub": "x"},
        {"kind": "operator", "sub": "x"},
        {"kind": "professional", "sub": "x"},
    ):
        with pytest.raises(Exception, match=r"subject to say|persons|claim"):
            subject.Subject(claims, "eidas1")


def _structure(value: str) -> dict[str, Any]:
    return {"ihe_iua": {"subject_organization_id": value}}
