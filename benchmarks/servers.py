"""The two servers under load, each with a PostgreSQL cluster of its own, on the same settings.

Carnet is started as anyone starts it, `python -m app.cli serve`, with its embedded PostgreSQL. The bare application
runs under the same uvicorn (uvloop, httptools, as many workers) on a second cluster that the same code sets up; the
settings of the two are compared, not supposed.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import asyncpg

from app.storage.embedded import ADMIN, OWNER, Embedded
from benchmarks import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
LIMIT_START = 60.0
LIMIT_STOP = 20.0
POLL = 0.005

# Where a cluster is differs, and is left out.
SETTINGS = """SELECT name, setting FROM pg_settings WHERE source NOT IN ('client', 'session') AND name NOT IN
('config_file', 'data_directory', 'hba_file', 'ident_file', 'unix_socket_directories')"""
BY_ROLE = "SELECT unnest(setconfig) FROM pg_db_role_setting ORDER BY 1"


@dataclass(slots=True)
class Server:
    """One running server: process, port, process id of its postmaster, seconds to its first answer."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    first_answer: float
    postmaster: int = 0

    @property
    def url(self) -> str:
        """`http://host:port`."""
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        """End the server, politely first."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT_STOP)
        except subprocess.TimeoutExpired:
            print(f"{self.name} does not stop, it is killed")
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=LIMIT_START)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Program:
    """How a server is started: the command, what it adds to the environment, a port and a path that answers 200."""

    name: str
    command: list[str]
    environment: dict[str, str]
    port: int
    path: str

    def start(self, log: Path) -> Server:
        """Start it and wait for its first answer; RuntimeError with the end of its log where none comes."""
        started = time.monotonic()
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                self.command, cwd=ROOT, env=os.environ | self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        while not answers(self.port, self.path):
            if process.poll() is not None or time.monotonic() - started > LIMIT_START:
                process.terminate()
                raise RuntimeError(f"{self.name} did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(POLL)
        return Server(self.name, process, self.port, time.monotonic() - started)


def postmaster(cluster: Embedded) -> int:
    """Process id of a running cluster."""
    return int((cluster.cluster / "postmaster.pid").read_text().split("\n", 1)[0])


class Carnet:
    """Carnet on a data folder, and the tokens that its operator makes."""

    def __init__(self, data: Path, workers: int) -> None:
        self.data = data
        self.cluster = Embedded(data)  # to ask where it is; Carnet starts and stops it
        self.port = free_port()
        self.workers = workers
        # No database address: the embedded cluster, whatever the caller's environment says.
        embedded = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "BASE_URL": "", "ISSUER": ""}
        # The guide's own lot breaks the profile that it names: judged all the same, and told as warnings.
        values = embedded | {"DATA": data, "PORT": self.port, "WORKERS": workers, "PROFILES": "warn"}
        self.environment = {f"CARNET_{name}": str(value) for name, value in values.items()}

    def start(self) -> Server:
        """Start it and wait for its first answer."""
        options = ["--workers", self.workers, "--data", self.data, "--port", self.port, "--no-sample"]
        command = [sys.executable, "-m", "app.cli", "serve", *map(str, options)]
        program = Program("Carnet", command, self.environment, self.port, "/fhir/metadata")
        server = program.start(self.data.parent / "carnet.log")
        server.postmaster = postmaster(self.cluster)
        return server

    def analyse(self) -> None:
        """Have the statistics that a database has which lived a day: the bare one is analysed as well."""
        asyncio.run(_analyse(self.cluster.urls.owner))

    def token(self, *caller: str) -> str:
        """A bearer token of one day: the last line that `carnet token` prints."""
        command = [sys.executable, "-m", "app.cli", "token", *caller, "--ttl", "86400"]
        made = subprocess.run(  # noqa: S603 - our own command
            command, cwd=ROOT, env=os.environ | self.environment, check=False, capture_output=True, text=True
        )
        if made.returncode:
            raise RuntimeError(f"no token: {made.stderr}")
        return made.stdout.strip().splitlines()[-1]

    def professional(self, number: str, structure: str) -> str:
        """Token of a doctor (profession 10) acting in a structure."""
        return self.token("--professional", number, "--profession", "10", "--structure", structure)


class Bare:
    """The bare application on a cluster of its own, which lives as long as the `with` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = Embedded(folder)

    def __enter__(self) -> Self:
        self.cluster.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.stop()

    def fill(self, rows: int, body: bytes) -> None:
        """The table that it reads: as many rows of the same body as Carnet has documents, under ids from "0" on."""
        asyncio.run(_fill(self.cluster.url(OWNER), rows, body))

    def start(self, workers: int, pool: int) -> Server:
        """Start it with so many workers, and connections of each."""
        port = free_port()
        options = {"host": HOST, "port": port, "workers": workers, "loop": "uvloop", "http": "httptools"}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "uvicorn", "benchmarks.bare:app", "--no-access-log", "--log-level=warning"]
        environment = {"BARE_DATABASE_URL": self.cluster.url(OWNER), "BARE_POOL_SIZE": str(pool)}
        server = Program("bare", command + words, environment, port, "/row/0").start(self.folder / "server.log")
        server.postmaster = postmaster(self.cluster)
        return server


async def _fill(url: str, rows: int, body: bytes) -> None:
    def records() -> Iterator[tuple[str, bytes]]:
        return ((str(index), body) for index in range(rows))

    connection = await asyncpg.connect(url)
    await connection.execute(f"DROP TABLE IF EXISTS row; {bare.TABLE}")
    await connection.copy_records_to_table("row", records=records())
    await connection.execute("VACUUM ANALYZE row")
    await connection.close()


async def _analyse(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _settings(cluster: Embedded) -> tuple[dict[str, str], list[str]]:
    connection = await asyncpg.connect(cluster.url(ADMIN, ADMIN))
    found = {name: setting for name, setting in await connection.fetch(SETTINGS)}  # noqa: C416 - rows, not pairs
    by_role = [line for (line,) in await connection.fetch(BY_ROLE)]
    await connection.close()
    return found, by_role


def differences(carnet: Carnet, beside: Bare) -> list[str]:
    """Every setting in which the two clusters differ, and every one that Carnet sets for a role or a database."""
    theirs, by_role = asyncio.run(_settings(carnet.cluster))
    ours, _ = asyncio.run(_settings(beside.cluster))
    unequal = sorted(name for name in theirs if theirs[name] != ours[name])
    return [f"{name}: Carnet {theirs[name]}, bare {ours[name]}" for name in unequal] + [
        f"by role: {x}" for x in by_role
    ]
