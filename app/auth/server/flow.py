"""The seam between an app that wants a token and the pages that sign somebody in and ask for his consent.

An authorisation request that holds (`app.auth.server.authorize`) becomes a sign-in under way, known to the browser by a
handle in a cookie. The pages then call, in this order and no other:

    pending(handle)                 what stands there: the software, what it wants, who signed in so far
    signed_in(handle, subject)      somebody is known; gives the handle of the next step
    agree(handle, form, scopes)     he consents: gives the address with the code, and the sign-in is over
    deny(handle, form)              he does not: gives the address with `access_denied`

A handle holds ten minutes. It changes when somebody signs in, so that one which another planted before is worth
nothing after (session fixation); `form` is bound to the handle, so that no other page can send a form (CSRF). Whatever
a page may get wrong is refused here: an unknown kind of person for that software, scopes that were not offered, a
record that is not his.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import orjson

from app.access import Kind
from app.auth.claims import PROFESSIONALS
from app.auth.scopes import OFFLINE, names_record, offered
from app.auth.server import told
from app.auth.server.asked import OWN, Asked, Pending, record_of, sign_in_over
from app.auth.server.party import Client
from app.auth.server.subject import Subject
from app.errors import BadValue, Forbidden
from app.records import holders
from app.records.directory import Directory
from app.storage.auth import clients, flows, sessions

if TYPE_CHECKING:
    from app.settings import Settings
    from app.storage.audit import Circumstances, Trail
    from app.storage.session import Database, Link

CODE_LIFE = timedelta(minutes=2)
"""How long a session waits for its code to come back."""


class Flow:
    """Sign-ins under way. `secret` makes forms, alike on all workers."""

    def __init__(
        self, settings: Settings, database: Database, trail: Trail, secret: bytes, directory: Directory | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._trail = trail
        self._secret = secret
        self._directory = directory or Directory()

    async def begin(self, asked: Asked) -> str:
        """Keep an authorisation request that holds; gives its handle."""
        handle = secrets.token_urlsafe(32)
        async with self._database.link() as link:
            await flows.begin(link, handle, asked.client, asked.dump())
        return handle

    async def pending(self, handle: str) -> Pending:
        """What stands under a handle; BadValue where nothing does."""
        async with self._database.link() as link:
            return await self._pending(link, handle)

    async def _pending(self, link: Link, handle: str) -> Pending:
        row = await flows.pending(link, handle)
        client = await _software(link, row["client"]) if row else None
        if row is None or client is None:
            raise sign_in_over()
        asked = Asked.load(row["request"])
        subject = Subject.load(row["subject"]) if row["subject"] else None
        scopes = offered(asked.scope, subject.kind).split() if subject else ()
        return Pending(client, asked, subject, tuple(scopes), self._form(handle))

    def _form(self, handle: str) -> str:
        return hmac.digest(self._secret, handle.encode(), "sha256").hex()

    def check(self, handle: str, form: str) -> None:
        """Refuse a form that was not made for that handle (CSRF); BadValue."""
        if not hmac.compare_digest(self._form(handle).encode(), form.encode()):
            raise sign_in_over()

    async def signed_in(self, handle: str, subject: Subject, facts: Circumstances, *, instead: bool = False) -> str:
        """Say who signed in; gives the handle of what follows, and the former is worth nothing any more.

        `instead` puts another that his account stands for in the place of who signed in before.

        BadValue for a sign-in that is over; Forbidden for somebody whom that software does not serve, or who is not who
        launched it.
        """
        new = secrets.token_urlsafe(32)
        subject = await self.introduced(subject)
        async with self._database.transaction() as link:
            pending = await self._pending(link, handle)
            refusal = _unfit(pending, subject, instead=instead)
            if refusal is None:
                if not await flows.known(link, handle, new, subject.dump(), subject.account):
                    raise sign_in_over()
                act = told.done(told.LOGIN, subject.access, facts, client=pending.client.id)
                await self._trail.insert(link, [act])
        if refusal is not None:
            why = refusal.reason
            act = told.refused(told.LOGIN, facts, why, access=subject.access, client=pending.client.id)
            await self._trail.durable(act)
            raise refusal
        return new

    async def introduced(self, subject: Subject) -> Subject:
        """The same person with his Practitioner of the directory as `fhirUser`; one who is new there enters it."""
        if subject.kind not in PROFESSIONALS:
            return subject
        async with self._database.link() as link:
            await self._directory.meet(link, subject.access)
            found = await self._directory.id_of(link, "Practitioner", subject.key)
        return replace(subject, claims={**subject.claims, "fhirUser": f"Practitioner/{found}"})

    async def failed(self, facts: Circumstances, why: str, *, client: str = "", subject: Subject | None = None) -> None:
        """Tell the trail of a sign-in that failed; `why` is a reason code and names nobody."""
        access = subject.access if subject else None
        await self._trail.durable(told.refused(told.LOGIN, facts, why, access=access, client=client))

    async def agree(
        self,
        handle: str,
        form: str,
        scopes: tuple[str, ...],
        *,
        patient: str = "",
        secret: bool = False,
        address: str = "",
    ) -> str:
        """He consents to some of the scopes that were offered; gives where the browser goes with its code.

        `patient` is the record that a professional chose for the software, where neither launch nor person says it.
        `secret` makes it a minor's secret connection, held to that record. BadValue for a sign-in that is over, scopes
        that were not offered, or a secret connection with anybody but a minor.
        """
        self.check(handle, form)
        code = secrets.token_urlsafe(32)
        async with self._database.transaction() as link:
            pending = await self._pending(link, handle)
            subject = pending.subject
            if (
                subject is None
                or pending.own
                or not set(scopes) <= set(pending.scopes)
                or await flows.finish(link, handle) is None
            ):
                raise sign_in_over()
            asked = pending.asked
            if asked.launch and not await flows.landed(link, asked.launch):
                raise sign_in_over()
            record = record_of(asked, subject) or (patient if subject.kind in PROFESSIONALS else "")
            secret = secret or asked.secret
            if secret and not await self._may_be_secret(link, subject, record):
                raise BadValue("a secret connection is about a minor's record", reason="not-a-minor")
            kept = tuple(one for one in scopes if _given(one, record, secret=secret))
            said: dict[str, object] = {"patient": record} if record else {}
            said |= {"secret": True} if secret else {}
            session = await self._start(link, pending, subject, kept, said, address)
            values = {"session": session, "client": asked.client, "redirect_uri": asked.redirect_uri}
            values |= {"challenge": asked.challenge, "nonce": asked.nonce, "context": asked.context}
            await flows.coded(link, code, values)
        return self._back(asked, code=code)

    async def _may_be_secret(self, link: Link, subject: Subject, record: str) -> bool:
        """Whether somebody may have a secret connection with the holder of a record."""
        if subject.kind is not Kind.PROFESSIONAL or not record:
            return False
        return await holders.is_minor(link, record, self._settings.majority_years)

    async def _start(
        self,
        link: Link,
        pending: Pending,
        subject: Subject,
        scopes: tuple[str, ...],
        said: dict[str, object],
        address: str,
    ) -> str:
        session = secrets.token_urlsafe(16)
        claims = {**subject.claims, **said}
        await sessions.start(
            link,
            CODE_LIFE,
            id=session,
            client=pending.client.id,
            account=subject.account,
            subject=subject.key,
            kind=subject.kind.value,
            patient=str(claims.get("patient", "")),
            claims=orjson.dumps({"claims": claims, "amr": subject.amr}).decode(),
            scope=" ".join(scopes),
            acr=subject.acr,
            device=subject.device,
            address=address,
            thumbprint="",
            provider=subject.provider,
        )
        return session

    async def leave(self, handle: str) -> None:
        """He leaves the account pages."""
        async with self._database.link() as link:
            await flows.finish(link, handle)

    async def deny(self, handle: str, form: str, facts: Circumstances) -> str:
        """He does not consent; gives where the browser goes with that."""
        self.check(handle, form)
        async with self._database.transaction() as link:
            pending = await self._pending(link, handle)
            if pending.own or await flows.finish(link, handle) is None:
                raise sign_in_over()
        access = pending.subject.access if pending.subject else None
        await self._trail.durable(
            told.refused(told.TOKEN, facts, "access_denied", access=access, client=pending.client.id)
        )
        return self._back(pending.asked, error="access_denied")

    def _back(self, asked: Asked, **said: str) -> str:
        return back(asked.redirect_uri, self._settings.token_issuer, state=asked.state, **said)


def back(redirect_uri: str, issuer: str, **said: str) -> str:
    """A redirect address with what it is to be told, and who tells it (RFC 9207: no mix-up between servers)."""
    values = {name: value for name, value in (said | {"iss": issuer}).items() if value}
    mark = "&" if urlsplit(redirect_uri).query else "?"
    return redirect_uri + mark + urlencode(values) if values else redirect_uri


async def _software(link: Link, identifier: str) -> Client | None:
    if identifier == OWN.id:
        return OWN
    found = await clients.find(link, identifier)
    return Client.of(found) if found is not None and found["disabled_at"] is None else None


def _given(scope: str, record: str, *, secret: bool) -> bool:
    """Whether a scope that somebody agreed to is given: not without the record that it means.

    A secret connection lasts as long as the care: nobody acts in it when its professional is away.
    """
    return bool(record or not names_record(scope)) and not (secret and scope == OFFLINE)


def _unfit(pending: Pending, subject: Subject, *, instead: bool) -> Forbidden | None:
    """Why somebody may not sign in here, if so."""
    before = pending.subject
    if (before is not None) != instead or (before and (not before.account or before.account != subject.account)):
        raise sign_in_over()
    asked = pending.asked
    other = asked.launcher and asked.launcher != subject.key
    foreign = asked.patient and subject.access.record not in {"", asked.patient}
    if other or foreign:
        return Forbidden("another person launched this application", reason="launched-by-another")
    if asked.person not in {"", subject.claims["sub"]}:
        return Forbidden("the application expects another person", reason="another-person")
    if not pending.client.serves(subject.kind) or subject.kind is Kind.OPERATOR:
        return Forbidden("this application is not for you", reason="not-served")
    return None
