"""PgBouncer in transaction mode before the database: each transaction may have another session than the one before."""

from __future__ import annotations

import asyncio
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from app.settings import Settings
from app.storage.embedded import ACCOUNT, SERVE, Urls
from app.storage.session import parameters
from tests.faults.stack import Load, verify
from tests.running import free_port
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
SESSIONS = 3
SETTINGS = {"search_path": "fence, public", "jit": "off", "statement_timeout": "10s", "timezone": "UTC",
            "plan_cache_mode": "force_generic_plan", "synchronous_commit": "on"}  # fmt: skip


@contextmanager
def pooled(urls: Urls, settings: dict[str, str]) -> Iterator[Urls]:
    """The database behind a PgBouncer that has three sessions for everybody; skips where there is no PgBouncer."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    parts, port = urlsplit(urls.serve), free_port()
    given = parse_qs(parts.query)
    sets = "; ".join(f"SET {name} TO {value if ',' in value else repr(value)}" for name, value in settings.items())
    place = {"host": given["host"][0], "port": given["port"][0], "connect_query": sets.replace("'", "''")}
    line = " ".join(f"{name}='{value}'" for name, value in place.items())
    with tempfile.TemporaryDirectory(prefix="carnet-") as name:
        folder = Path(name)
        (folder / "users").write_text(f'"{SERVE}" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = {line}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
            f"unix_socket_dir =\nauth_type = trust\nauth_file = {folder}/users\npool_mode = transaction\n"
            f"default_pool_size = {SESSIONS}\nmax_client_conn = 200\nserver_round_robin = 1\nlogfile = {folder}/log\n"
        )
        who: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL's own account enters its folder, and PgBouncer is not for root
            account = pwd.getpwnam(ACCOUNT)
            who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for path in (folder, *folder.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
        with subprocess.Popen([program, "-q", str(folder / "ini")], **who) as process:
            try:
                _wait(port)
                yield Urls(urls.owner, f"postgresql://{SERVE}@127.0.0.1:{port}{parts.path}")
            finally:
                process.terminate()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError


class Rows:
    """What `verify` asks a stack for, of a database of the tests."""

    def __init__(self, urls: Urls, log: Path) -> None:
        self.urls = urls
        self.log = log

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        link = await asyncpg.connect(self.urls.owner)
        try:
            return list(await link.fetch(query, *values))
        finally:
            await link.close()


async def test_everything_is_right_behind_it(database_urls: Urls, tmp_path: Path) -> None:
    with pooled(database_urls, SETTINGS) as urls:
        async with serving(urls, tmp_path, pooler=True, pool_size=12) as carnet:
            load = Load(carnet, random.Random(4))
            await load.open()
            over = asyncio.Event()
            asking = asyncio.create_task(load.run(16, over))
            await asyncio.sleep(3)
            async with asyncio.timeout(120):
                while len(load.answered) <= 30:  # noqa: ASYNC110 - the load has no event
                    await asyncio.sleep(0.05)
            over.set()
            await asking
            assert (await carnet.http.get("/health/ready")).json() == {"status": "ready"}
            assert load.unanswered == 0
            (tmp_path / "log").touch()
            await verify(Rows(database_urls, tmp_path / "log"), load)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["search_path", "plan_cache_mode", "synchronous_commit", "timezone"])
async def test_sessions_that_are_otherwise_stop_the_start(database_urls: Urls, tmp_path: Path, name: str) -> None:
    other = {"search_path": "public, fence", "plan_cache_mode": "auto", "synchronous_commit": "off", "timezone": "CET"}
    with pooled(database_urls, SETTINGS | {name: other[name]}) as urls:
        with pytest.raises((RuntimeError, asyncpg.PostgresError)) as stopped:
            async with serving(urls, tmp_path, pooler=True):
                pass
        assert name in str(stopped.value) or name == "search_path"


def test_the_settings_are_those_that_a_session_must_have(tmp_path: Path) -> None:
    assert SETTINGS.keys() == parameters(Settings(data=tmp_path)).keys() | {"synchronous_commit"}
