from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import psutil
import pytest

from app.storage.embedded import ADMIN, OWNER, SERVE, Embedded, StartError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="carnet-") as name:
        yield Path(name) / "data"


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """One that nobody stops."""
    with tempfile.TemporaryDirectory(prefix="carnet-") as name, Embedded(Path(name) / "data", durable=False) as started:
        yield started


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def runs(number: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent does not."""
    return psutil.pid_exists(number) and bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)


def postmaster(server: Embedded) -> int:
    return int((server.cluster / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])


async def test_the_two_roles_can_do_no_more_than_they_must(server: Embedded) -> None:
    owner, serve = server.urls
    able = "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    owns = "SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = 'carnet'"

    assert await ask(owner, "SELECT current_user || current_database()") == f"{OWNER}carnet"
    assert await ask(serve, "SELECT current_user || current_database()") == f"{SERVE}carnet"
    assert not await ask(owner, able)
    assert not await ask(serve, able)
    assert await ask(owner, owns)
    assert not await ask(serve, owns)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(serve, "CREATE TABLE public.mine ()")


def test_nobody_else_can_enter_its_folders(server: Embedded) -> None:
    for folder in (server.home, server.cluster, server.socket):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not (server.home.parent.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IRWXG))


def spent() -> float:
    """Seconds of CPU of the programs that we ran and waited for: no matter what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def test_data_outlives_a_stop_and_the_second_start_is_fast(data: Path) -> None:
    began = spent()
    with Embedded(data, durable=False) as server:
        first = spent() - began
        await ask(server.urls.owner, "CREATE TABLE kept AS SELECT 42 AS answer")

    began = spent()
    with Embedded(data, durable=False) as server:
        assert spent() - began < first / 2
        assert await ask(server.urls.owner, "SELECT answer FROM kept") == 42


async def test_the_last_user_stops_it(data: Path) -> None:
    first, second = Embedded(data, durable=False), Embedded(data, durable=False)
    first.start()
    number = postmaster(first)
    second.start()
    second.start()

    assert postmaster(second) == number
    first.stop()
    assert await ask(second.urls.serve, "SELECT 1") == 1
    second.stop()
    assert not runs(number)
    second.stop()


def test_two_processes_that_start_at_once_share_one_server(data: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.storage.embedded import Embedded\n"
        "with Embedded(Path(sys.argv[1]), durable=False) as s:\n"
        "    print((s.cluster / 'postmaster.pid').read_text().split()[0], flush=True); sys.stdin.read()"
    )
    run = [sys.executable, "-c", program, str(data)]
    processes = [subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    numbers = {process.stdout.readline() for process in processes if process.stdout}
    for process in processes:
        process.communicate("", timeout=120)

    assert len(numbers) == 1
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert not runs(int(numbers.pop()))


@pytest.mark.slow
async def test_it_starts_again_after_postgresql_was_killed(data: Path) -> None:
    server = Embedded(data)
    await ask(server.start().owner, "CREATE TABLE kept AS SELECT 42 AS answer")
    victim = psutil.Process(postmaster(server))
    victim.send_signal(signal.SIGKILL)
    psutil.wait_procs([victim], timeout=60)

    with Embedded(data) as again:
        assert await ask(again.urls.owner, "SELECT answer FROM kept") == 42
        server.stop()
        assert await ask(again.urls.owner, "SELECT answer FROM kept") == 42


@pytest.mark.slow
async def test_what_a_killed_server_left_holds_nobody_up(data: Path) -> None:
    server = Embedded(data)
    link = await asyncpg.connect(server.start().owner)
    await link.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    left = psutil.Process(await link.fetchval("SELECT pg_backend_pid()"))
    first = psutil.Process(postmaster(server))
    left.suspend()
    first.kill()
    psutil.wait_procs([first], timeout=60)
    assert runs(left.pid)

    with Embedded(data) as again:
        assert await ask(again.urls.owner, "SELECT answer FROM kept") == 42
        server.stop()
    assert not runs(left.pid)
    link.terminate()


@pytest.mark.slow
def test_files_whose_number_is_now_another_process_are_forgotten(data: Path) -> None:
    server = Embedded(data, durable=False)
    server.start()
    files = (server.cluster / "postmaster.pid", server.socket / ".s.PGSQL.5432.lock")
    kept = [file.read_text(encoding="ascii") for file in files]
    server.stop()
    for file, text in zip(files, kept, strict=True):
        file.write_text(text.replace(text.split("\n", 1)[0], str(os.getpid()), 1), encoding="ascii")

    with Embedded(data, durable=False) as again:
        assert postmaster(again) != os.getpid()


@pytest.mark.slow
async def test_a_long_path_has_its_socket_in_a_short_private_folder(data: Path) -> None:
    with Embedded(data / ("long" * 30), durable=False) as server:
        assert await ask(server.urls.serve, "SELECT 1") == 1
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert server.socket != server.cluster
    server.socket.rmdir()


def test_a_socket_folder_that_another_made_is_refused(data: Path) -> None:
    server = Embedded(data / ("long" * 30), durable=False)
    server.socket.mkdir(mode=0o755)
    try:
        with pytest.raises(StartError, match="not a private folder"):
            server.start()
    finally:
        server.socket.rmdir()


async def test_one_that_was_killed_is_stopped(data: Path) -> None:
    """And whoever leaves it is told nothing else."""
    with Embedded(data, durable=False) as server:
        number = postmaster(server)
        psutil.Process(number).kill()
    assert not runs(number)


async def test_durable_unless_told_otherwise(data: Path) -> None:
    settings = (
        "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN ('fsync', 'full_page_writes')"
    )
    with Embedded(data, durable=False) as server:
        assert await ask(server.urls.serve, settings) == "off off"
    with Embedded(data) as durable:
        assert await ask(durable.urls.serve, settings) == "on on"


async def test_the_log_quotes_no_row(server: Embedded) -> None:
    connection = await asyncpg.connect(server.url(ADMIN))
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("CREATE TABLE t (n text UNIQUE); INSERT INTO t VALUES ('secret'), ('secret')")
    await connection.close()

    log = (server.home / "log").read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "secret" not in log
