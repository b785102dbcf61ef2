"""The application: the only file that knows everyone. Dependencies are built in the lifespan and handed down."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from app import logs
from app.auth import cors
from app.auth.keys import SigningKeys
from app.auth.people import doors
from app.auth.revocations import Revocations
from app.auth.server import pages
from app.auth.server.office import Authority
from app.auth.token import Verifier
from app.feeds import keep_asking
from app.lifecycle import OPERATIONS
from app.lifecycle.comparing import keep_comparing
from app.lifecycle.sealing import keep_sealing
from app.lifecycle.sweeping import keep_sweeping
from app.notices import keep_telling
from app.policy.matrix import Matrix, seed
from app.records import Door
from app.records.destroying import finish
from app.records.office import Office
from app.records.soundness import Soundness
from app.rest import health, openapi
from app.rest.doorman import Doorman
from app.rest.entrance import Entrance
from app.rest.pace import Pace
from app.rest.router import Fhir
from app.rest.server import Server
from app.rest.wire import Protocol
from app.settings import Settings
from app.storage import session
from app.storage.audit import Trail
from app.storage.contents import Contents, local, remote
from app.storage.keys import KeyStore
from app.storage.replica import Replica
from app.storage.sealing import FAULTS, Sealer
from app.storage.session import Database

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Coroutine
    from collections.abc import Set as AbstractSet

    from asyncpg import Connection, Record
    from obstore.store import ObjectStore
    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.tracing import Tracing

_log = logging.getLogger(__name__)
FHIR = "/fhir"
BREATH = 1.0
"""Seconds between the end of what is done beside the requests and its next beginning."""


@asynccontextmanager
async def furnish(settings: Settings, tracing: Tracing | None = None) -> AsyncIterator[Office]:
    """Database, trail, contents and matrix of one worker, on `settings.database_url`; taken down in reverse order."""
    async with AsyncExitStack() as stack:
        database = await (tracing.database if tracing else Database).connect(settings.database_url, settings)
        stack.push_async_callback(database.close)
        await database.refuse_privilege()
        if settings.pooler:
            await database.refuse_other(settings)
        keys = KeyStore(settings.data / "keys")
        sealer = Sealer(database, keys, settings.data / "trail")
        await sealer.start()
        stack.push_async_callback(_seal, sealer)
        trail = await _trail(settings, stack, tracing.trail if tracing else Trail)
        replica = await _replica(settings, stack, spread=database.spread)
        matrix = Matrix()
        async with database.link() as link:
            await seed(link)
            await matrix.refresh(link)
        office = Office(
            settings=settings,
            database=database,
            trail=trail,
            contents=Contents(store(settings), keys),
            matrix=matrix,
            keys=keys,
            secret=await keys.get_or_create("pages"),
            sealer=sealer,
            replica=replica,
        )
        await finish(office)  # before anything is served: a restored backup may hold what was destroyed
        yield office


async def _replica(settings: Settings, stack: AsyncExitStack, *, spread: bool) -> Replica | None:
    """The standby that searches may use, where there is one."""
    if not settings.replica_url:
        return None
    if spread:
        message = "the tables lie on a cluster, which has no replica: leave CARNET_REPLICA_URL empty"
        raise RuntimeError(message)
    replica = await Replica.connect(settings)
    stack.push_async_callback(replica.close)
    return replica


async def _seal(sealer: Sealer) -> None:
    """Seal what a clean stop leaves."""
    with suppress(*FAULTS):
        await sealer.all()


def store(settings: Settings) -> ObjectStore:
    """Where contents are kept."""
    if not settings.contents_url:
        return local(settings.data / "contents")
    options = {name: value.get_secret_value() for name, value in settings.contents_options.items()}
    return remote(settings.contents_url, options)


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Server]:
    """What one worker serves with."""
    async with _traced(settings) as tracing, furnish(settings, tracing) as office, _beside(_background(office)):
        authority = await _authority(office)
        async with _beside(authority.keep()):
            server = Server(
                *(settings, authority.verifier, authority.door, office.trail, Soundness(office).missing),
                authority=authority,
                exhausted=_end,
                pace=Pace(settings.rate, settings.burst),
            )
            if tracing:
                server = replace(server, metrics=tracing.metrics, around=tracing.around)
            server.metrics.watch(office.sealer.age)
            yield server


@asynccontextmanager
async def _traced(settings: Settings) -> AsyncIterator[Tracing | None]:
    """The traces of one worker; None where nobody wants any, and nothing of them is imported."""
    if not settings.traces_url:
        yield None
        return
    from app.tracing import Tracing  # noqa: PLC0415 - where traces are wanted

    tracing = Tracing(settings, _version())
    try:
        yield tracing
    finally:
        await tracing.close()


def _end() -> None:
    """End the worker as a signal would, after what is under way: without memory nothing it does can be relied upon."""
    signal.raise_signal(signal.SIGTERM)  # another is started in its place


async def _authority(office: Office) -> Authority:
    """The authorisation server of one worker, which knows what is revoked before the first token comes."""
    settings = office.settings

    async def connect() -> Connection[Record]:
        return await session.connect(settings.database_url, settings)

    revocations = Revocations(connect)
    await revocations.look()
    keys = SigningKeys.load(settings.data)
    verifier = Verifier(settings, keys, revocations.holds)
    forms = await KeyStore(settings.data / "keys").get_or_create("forms")
    return Authority.of(office, Door(office, OPERATIONS), keys, verifier, revocations, forms)


async def _background(office: Office) -> None:
    """What is done beside the requests."""
    compared = [keep_comparing] if office.replica else []
    kept = [keep_sweeping, keep_sealing, *compared, *((keep_telling, keep_asking) if office.settings.notices else ())]
    async with asyncio.TaskGroup() as tasks:
        for keep in kept:
            tasks.create_task(_again(keep, office))


async def _again(keep: Callable[[Office], Coroutine[object, object, None]], office: Office) -> None:
    """Begin it anew whenever it ends: a fault of one must not end the others, nor be found out at the next start."""
    while True:
        try:
            await keep(office)
        except Exception:  # noqa: BLE001 - whatever it is, it is told and the rest goes on
            _log.exception("%s ended, and is begun again", keep.__name__)
        await asyncio.sleep(BREATH)


@asynccontextmanager
async def _beside(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Work in the background for as long as the worker serves."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _entered(entrance: Entrance) -> AsyncIterator[Entrance]:
    """The entrance of a worker, watched for as long as it serves."""
    with entrance.leaving():
        async with _beside(entrance.watch()):
            yield entrance


async def _trail(settings: Settings, stack: AsyncExitStack, made: type[Trail]) -> Trail:
    """The trail, on a connection of its own, which no other request can hold up."""

    async def connect() -> Connection[Record]:
        return await session.connect(settings.database_url, settings)

    trail = made(connect)
    await trail.start()
    stack.push_async_callback(trail.stop)
    return trail


class Carnet(FastAPI):
    """FastAPI, but the FHIR surface stands before its middleware and routing, which cost more than a read."""

    fhir: ASGIApp | None = None
    origins: AbstractSet[str] = frozenset()
    """Origins of web pages that may call, which any registered software has."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the FHIR surface or to the other pages."""
        if self.origins and scope["type"] == "http" and (origin := cors.of(scope, self.origins)):
            if cors.is_question(scope):
                await cors.answer(send, origin)
                return
            send = cors.telling(send, origin)
        if self.fhir is not None and scope["type"] == "http" and _is_fhir(scope["path"]):
            await self.fhir(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _is_fhir(path: str) -> bool:
    return path.startswith(FHIR) and path[len(FHIR) : len(FHIR) + 1] in ("", "/")


def create_app(settings: Settings, build: Callable[[Settings], AbstractAsyncContextManager[Server]] = build) -> Carnet:
    """The application of one worker. `build` makes what it is made of, and takes it down at the end."""

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[dict[str, Entrance]]:
        async with (
            build(settings) as server,
            _entered(Entrance(settings, server.metrics, server.exhausted)) as entrance,
        ):
            application.state.server, application.state.entrance = server, entrance
            app.fhir = server.around(Fhir(server, FHIR))
            if server.authority is not None:
                application.state.authority = server.authority
                app.origins = server.authority.origins
            yield {"entrance": entrance}
            app.fhir, app.origins = None, frozenset()

    app = Carnet(title="Carnet", version=_version(), openapi_url=None, lifespan=lifespan)
    app.include_router(health.router)
    app.include_router(openapi.router)
    app.include_router(pages.router)
    app.include_router(doors.router)
    return app


YOUNG = (10_000, 20, 50)
"""Collections of the worker: a request makes thousands of objects and next to no cycles. 3 % of a transaction."""


def settle() -> None:
    """Before a process is forked into workers: what is here lives as long as they do.

    It is not looked through again and again (6 % of a create), and its pages stay shared.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)


def work(listener: socket.socket, grace: int, counts: memoryview[int], own: int) -> int:
    """Serve as one worker, which has nothing but its environment, until a signal; the exit status.

    `grace` is how many seconds requests under way have to end; `counts` are the connections of all workers, those of
    this one at `own`.
    """
    settings = Settings()
    logs.configure(settings)
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http=Protocol,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace,
    )
    server = Doorman(config, counts, own)
    server.run([listener])
    return 0 if server.started else STARTUP_FAILURE


def _version() -> str:
    try:
        return version("carnet")
    except PackageNotFoundError:
        return "0"
