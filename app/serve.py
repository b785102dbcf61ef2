"""`carnet serve`: the database and its schema, the workers, and what is printed once they answer.

This process imports little: the workers import Carnet in the nursery, at the same time.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from app.nursery import Nursery
from app.settings import PREFIX, Settings
from app.storage.embedded import SERVE, Embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Misuse(ValueError):  # noqa: N818 - what the user did
    """A setting or option that cannot be followed; its message is one line for whoever typed it."""


def settings_of(**options: Any) -> Settings:  # noqa: ANN401 - an option of any type
    """The settings of the environment with options on top; Misuse says what is wrong, without any value."""
    given = {name: value for name, value in options.items() if value not in {None, ""}}
    if f"{PREFIX}DATA" not in os.environ:
        given.setdefault("data", Path("data"))
    if "data" in given:
        given["data"] = given["data"].absolute()
    try:
        return Settings(**given)
    except ValidationError as error:
        raise Misuse("; ".join(_fault(one["loc"], one["msg"]) for one in error.errors())) from None


def _fault(place: tuple[int | str, ...], message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(place[0]).upper()}: {said}" if place else said


@contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """Settings whose database answers: the one that they name, or the embedded PostgreSQL, started if it is not."""
    if settings.database_url:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield settings
        return
    if settings.database_owner_url:
        raise Misuse(f"{PREFIX}DATABASE_URL is missing beside {PREFIX}DATABASE_OWNER_URL")
    with Embedded(settings.data) as server, server.tended():
        urls = {"database_url": server.urls.serve, "database_owner_url": server.urls.owner}
        yield settings.model_copy(update=urls)


def owner(settings: Settings) -> str:
    """URL of the role that owns the tables; Misuse where there is none."""
    if not settings.database_owner_url:
        raise Misuse(f"{PREFIX}DATABASE_OWNER_URL is missing: only the owner of the tables migrates and compares")
    return settings.database_owner_url


def role(settings: Settings) -> str:
    """Name of the role that serves."""
    return unquote(urlsplit(settings.database_url).username or SERVE)


async def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, and give the serving role its rights."""
    from app.storage.migrate import upgrade  # noqa: PLC0415 - while the nursery imports the rest

    await upgrade(owner(settings), role(settings))


def serve(settings: Settings, *, with_sample: bool) -> int:
    """Serve until a signal ends it; returns the exit status of the process."""
    if with_sample and not settings.sandbox_tokens:
        raise Misuse(f"the sample record needs sandbox tokens: {PREFIX}SANDBOX_TOKENS is false")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with (
        _listening(settings) as listener,
        Nursery(listener, settings.workers, settings.drain) as nursery,
        database(_at(settings, listener)) as ready,
    ):
        if ready.database_owner_url:
            asyncio.run(migrate(ready))
        threading.Thread(target=_greet, args=(ready,), kwargs={"with_sample": with_sample}, daemon=True).start()
        return nursery.serve(_environment(ready))


def _leave(_: int, __: FrameType | None) -> NoReturn:
    raise SystemExit(0)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise Misuse(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}") from None
        listener.set_inheritable(True)
        yield listener


def _at(settings: Settings, listener: socket.socket) -> Settings:
    """The settings with the port that the system chose, where it was to choose."""
    port: int = listener.getsockname()[1]
    return settings if port == settings.port else settings.model_copy(update={"port": port})


def _environment(settings: Settings) -> dict[str, str]:
    """What the workers read: the place, and the serving role's address alone, for they never migrate."""
    given = {"data": settings.data, "host": settings.host, "port": settings.port, "workers": settings.workers}
    given |= {"database_url": settings.database_url, "database_owner_url": ""}
    return {PREFIX + name.upper(): str(value) for name, value in given.items()}


def _greet(settings: Settings, *, with_sample: bool) -> None:
    from app import greeting  # noqa: PLC0415 - while the workers start

    greeting.greet(settings, with_sample=with_sample)
