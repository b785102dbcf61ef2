"""`carnet doctor`: is everything as it should be where this server runs? Nothing is changed by asking."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import asyncpg
import typer
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from app import serve as serving
from app.errors import Unavailable
from app.main import store
from app.serve import Misuse, settings_of
from app.storage.contents import Contents
from app.storage.embedded import StartError
from app.storage.examining import examine
from app.storage.keys import DamagedStore, KeyStore
from app.storage.migrate import SchemaError
from app.storage.session import LOST, Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.settings import Settings
    from app.storage.examining import Seen

OLDEST = 150_000
"""The oldest PostgreSQL that serves, as `server_version_num` has it."""
SKEW = timedelta(seconds=2)
"""How far the clocks of this machine and of the database may be apart."""
ROOM = 1 << 30
"""Bytes that the disk of the data folder should have left."""
AWAY = (*LOST, OSError, SQLAlchemyError, asyncpg.PostgresError, Unavailable)
Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]


class Mark(StrEnum):
    """What is found: as it should be, worth a thought, or wrong."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


class Finding(NamedTuple):
    """One thing that was looked at, and what is to be said of it."""

    mark: Mark
    what: str
    said: str


def doctor(*, data: Data = None) -> None:
    """Look at settings, folders, keys, contents, clock, disk and database; status 1 where something is wrong."""
    found = []
    for finding in examined(data):
        typer.echo(f"{finding.mark:<5} {finding.what:<11} {finding.said}")
        found.append(finding.mark)
    if Mark.FAIL in found:
        raise typer.Exit(1)


def examined(data: Path | None) -> Iterator[Finding]:
    """Every finding, in the order in which one builds upon the other."""
    try:
        settings = settings_of(data=data)
    except Misuse as error:
        yield Finding(Mark.FAIL, "settings", str(error))
        return
    yield from _settings(settings)
    if not settings.data.is_dir():
        yield Finding(Mark.FAIL, "data", f"`{settings.data}` is no folder: `carnet serve` makes it")
        return
    yield from _folder(settings.data)
    yield from asyncio.run(_kept(settings))
    try:
        with serving.database(settings) as ready:
            yield from asyncio.run(_database(ready))
    except StartError as error:
        yield Finding(Mark.FAIL, "database", " ".join(str(error).split()))


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding(Mark.OK, "settings", f"{settings.workers} workers, {settings.pool_size} connections each")
    if settings.sandbox_tokens:
        yield Finding(Mark.WARN, "settings", "sandbox tokens are accepted: CARNET_SANDBOX_TOKENS is not false")
    if not settings.base_url.startswith("https://"):
        yield Finding(Mark.WARN, "settings", f"CARNET_BASE_URL is no https address: {settings.public_url}")
    if not settings.rate:
        yield Finding(Mark.WARN, "settings", "no caller has a rate: CARNET_RATE is 0")


def _folder(folder: Path) -> Iterator[Finding]:
    for path in (folder, *(folder / name for name in ("signing.pem", "identity.pem"))):
        with suppress(FileNotFoundError):
            # Others may pass through the folder to the embedded PostgreSQL, and read nothing.
            open_to_others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~(stat.S_IXGRP | stat.S_IXOTH)
            if open_to_others:
                yield Finding(Mark.FAIL, "data", f"`{path.name}` is open to other accounts")
    left = shutil.disk_usage(folder).free
    yield Finding(Mark.OK if left >= ROOM else Mark.FAIL, "disk", f"{left / ROOM:.1f} GiB left")
    yield Finding(Mark.OK if os.access(folder, os.W_OK) else Mark.FAIL, "data", f"`{folder}`")


async def _kept(settings: Settings) -> list[Finding]:
    """Keys and contents."""
    found: list[Finding] = []
    lost = [name for name in ("master", "destroyed") if not (settings.data / "keys" / name).exists()]
    if lost:  # opening a store that lacks them might make it anew
        return [Finding(Mark.FAIL, "keys", f"the key store has no `{lost[0]}`")]
    try:
        keys = KeyStore(settings.data / "keys")
        await keys.refuse_loss()
    except (DamagedStore, OSError) as error:
        return [Finding(Mark.FAIL, "keys", str(error) or type(error).__name__)]
    found.append(Finding(Mark.OK, "keys", f"{len(keys.destroyed())} destroyed"))
    if not settings.contents_url and not (settings.data / "contents").is_dir():
        return [*found, Finding(Mark.WARN, "contents", "there are none yet")]
    try:
        await Contents(store(settings), keys).refuse_loss()
    except (Unavailable, OSError) as error:
        return [*found, Finding(Mark.FAIL, "contents", f"cannot be written: {error}")]
    return [*found, Finding(Mark.OK, "contents", "elsewhere" if settings.contents_url else "in the data folder")]


async def _database(settings: Settings) -> list[Finding]:
    try:
        serving_role = await Database.connect(settings.database_url, settings)
        try:
            await serving_role.refuse_privilege()
        finally:
            await serving_role.close()
    except RuntimeError as error:
        return [Finding(Mark.FAIL, "roles", str(error))]
    except AWAY as error:
        return [Finding(Mark.FAIL, "database", f"the serving role cannot connect: {type(error).__name__}")]
    found = [Finding(Mark.OK, "roles", "the serving role has no more than it needs")]
    if not settings.database_owner_url:
        return [*found, Finding(Mark.WARN, "database", "CARNET_DATABASE_OWNER_URL is missing: nothing more is seen")]
    try:
        seen = await examine(settings.database_owner_url)
    except (CommandError, SchemaError) as error:
        return [*found, Finding(Mark.FAIL, "schema", f"`carnet db upgrade`: {' '.join(str(error).split())}")]
    except AWAY as error:
        return [*found, Finding(Mark.FAIL, "database", f"the owner cannot connect: {type(error).__name__}")]
    return [*found, *_seen(seen, settings)]


def _seen(seen: Seen, settings: Settings) -> Iterable[Finding]:
    version = int(seen.settings["server_version_num"])
    yield Finding(_mark(version >= OLDEST), "database", f"PostgreSQL {version // 10000}.{version % 10000}")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if seen.settings[name] == "off":
            yield Finding(Mark.FAIL, "database", f"`{name}` is off: what is acknowledged may be lost")
    wanted = settings.workers * (settings.pool_size + OTHERS)
    if int(seen.settings["max_connections"]) < wanted:
        yield Finding(Mark.WARN, "database", f"`max_connections` is below the {wanted} that the workers may ask for")
    if seen.settings["archive_mode"] == "off":
        yield Finding(Mark.WARN, "database", "`archive_mode` is off: a restore goes back to the last whole backup")
    if not seen.lettered:
        said = "its locale knows ASCII letters alone: a search of the trail misses some names; make it with C.UTF-8"
        yield Finding(Mark.WARN, "database", said)
    yield Finding(_mark(seen.away < SKEW), "clock", f"{seen.away.total_seconds():.1f} s beside the database's")
    if seen.moved:
        yield Finding(Mark.FAIL, "clock", "`carnet.now()` is not the database's clock")
    differences = seen.differences
    yield Finding(_mark(not differences), "schema", f"{len(differences)} differences" if differences else "the newest")
    if seen.parts != {1}:
        counts = ", ".join(map(str, sorted(seen.parts)))
        even = "each table of records in as many" if len(seen.parts) == 1 else "`carnet db distribute` evens them out"
        yield Finding(_mark(len(seen.parts) == 1), "parts", f"{counts}: {even}")
    today = datetime.now(UTC)
    months = [f"{today:%Y_%m}", f"{today.replace(day=1) + timedelta(days=32):%Y_%m}"]
    lacking = [month for month in months if month not in seen.months]
    said = f"no partition for {', '.join(lacking)}" if lacking else f"{len(seen.months)} months"
    yield Finding(_mark(months[0] not in lacking), "trail", said)


OTHERS = 3
"""Connections of a worker beside its pool: the trail, revocations, one to spare."""


def _mark(well: bool) -> Mark:  # noqa: FBT001 - a condition, and what it means
    return Mark.OK if well else Mark.FAIL
