"""A real PostgreSQL for the tests: one server a run, one migrated template, one fresh database a test or a module.

The server is the embedded one, shared by the workers of a parallel run; or, for a run against another version, the one
that `CARNET_TEST_DATABASE_URL` names, by a URL of a superuser. A run that a test starts uses the server and the
template of the run that the test is of, whose folder `CARNET_TEST_RUN` names. With `CARNET_TEST_PARTS` the tables of
records are in so many hash partitions, whatever is tested; with `CARNET_TEST_CITUS_URL` they lie on that cluster
(`tests.citus`).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from app.storage.embedded import ADMIN, OWNER, SERVE, Embedded, Urls, binaries
from app.storage.migrate import upgrade
from app.storage.parts import distribute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIABLE = "CARNET_TEST_DATABASE_URL"
PARTS = "CARNET_TEST_PARTS"
NODES = "CARNET_TEST_CITUS_URL"
RUN = "CARNET_TEST_RUN"
LONGEST = frozenset({"test_twins.py", "test_exhaustive.py", "test_worlds.py", "test_what_if.py"})

# how fast a machine draws values says nothing of them
settings.register_profile("carnet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("carnet"), derandomize=True)
settings.load_profile("carnet")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden` writes the golden files anew; `--fuzz` asks more, `--kills` kills more."""
    parser.addoption("--golden", action="store_true", help="write tests/golden anew")
    parser.addoption(
        "--fuzz", type=int, default=0, metavar="N", help="tests/test_fuzz.py asks N odd requests of each kind"
    )
    parser.addoption("--kills", type=int, default=5, metavar="N", help="tests/faults kills something N times")


def pytest_configure(config: pytest.Config) -> None:
    """The quick run draws the same values each time; who runs all there is, or a part, draws others."""
    if config.getoption("-m") == "not slow":
        settings.load_profile("quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest go first: at the end of a parallel run nobody waits for one of them."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """What was imported stays: looked through again and again it took a fifth of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL server, reached as its superuser."""

    admin: str

    def url(self, role: str, database: str) -> str:
        """URL of a database for a role; the roles have no password, or that of the superuser."""
        parts = urlsplit(self.admin)
        password = f":{parts.password}" if parts.password else ""
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{role}{password}@{place}", path=f"/{database}").geturl()

    def run(self, *statements: str, database: str = "postgres") -> str:
        """Run statements, each in its own transaction, as the superuser; returns what psql prints."""
        commands = [argument for statement in statements for argument in ("-c", statement)]
        url = urlsplit(self.admin)._replace(path=f"/{database}").geturl()
        program = [str(binaries() / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", url, *commands]
        return subprocess.run(program, check=True, capture_output=True, text=True).stdout

    def make(self, database: str, template: str = "template1") -> None:
        """Create a database of the owning role, which the serving role may enter."""
        self.run(
            f'CREATE DATABASE "{database}" TEMPLATE "{template}" OWNER {OWNER} STRATEGY FILE_COPY',
            f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
            f'GRANT CONNECT ON DATABASE "{database}" TO {SERVE}',
        )

    def migrate(self, database: str) -> None:
        """Create a database with the newest schema, of which others are copies."""
        self.make(database)
        asyncio.run(upgrade(self.url(OWNER, database)))
        if parts := int(os.environ.get(PARTS, "0")):
            asyncio.run(distribute(self.url(OWNER, database), parts))

    def dump(self, database: str, file: Path) -> None:
        """A backup of a database, from which `restore` makes another one."""
        self._program("pg_dump", "-Fc", "-f", str(file), self.url(ADMIN, database))

    def restore(self, file: Path, database: str) -> None:
        """Create a database as a backup has it."""
        self.make(database)
        # as a script: the programs here may be newer than the server, and set what it does not know; psql goes on then
        script = file.with_suffix(".sql")
        self._program("pg_restore", "--no-owner", f"--role={OWNER}", "-f", str(script), str(file))
        self._program("psql", "-Xqf", str(script), self.url(ADMIN, database))

    def _program(self, name: str, *arguments: str) -> None:
        subprocess.run([str(binaries() / name), *arguments], check=True, capture_output=True)

    def drop(self, database: str) -> None:
        """Drop a database, and whoever is still connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold a lock against the other workers of this run."""
    with (folder / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A short private folder shared by the workers of this run, and by runs that its tests start.

    Not pytest's own temporary folder, which another account (root's PostgreSQL) cannot pass.
    """
    if outer := os.environ.get(RUN):
        yield Path(outer)
        return
    # Not the variables of the same: a run within a worker has them too, and would take the folder with it at its end.
    worker = getattr(pytestconfig, "workerinput", None)
    if worker is None:
        with tempfile.TemporaryDirectory(prefix="carnet-") as name:
            yield Path(name)
        return
    folder = Path(tempfile.gettempdir()) / f"carnet-{os.geteuid()}-{worker['testrunuid'][:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    yield folder
    with one_at_a_time(folder):
        done = folder / "done"
        done.write_text((done.read_text(encoding="ascii") if done.exists() else "") + ".", encoding="ascii")
        finished = len(done.read_text(encoding="ascii")) == worker["workercount"]
    if finished:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The PostgreSQL server of this run, with the two roles."""
    if nodes := os.environ.get(NODES):
        yield _with_roles(_spread(nodes))
        return
    given = os.environ.get(VARIABLE)
    if given:
        yield _with_roles(Cluster(given))
        return
    with Embedded(request.getfixturevalue("run_folder"), durable=False) as server:
        yield Cluster(server.url(ADMIN, "postgres"))


def _spread(url: str) -> Cluster:
    from tests.citus import Nodes  # noqa: PLC0415 - it is made of what is above

    return Nodes(url)


@pytest.fixture
def inner_run(run_folder: Path, template: str) -> dict[str, str]:  # noqa: ARG001 - the template is there for it
    """The environment of a run of pytest that a test starts: it uses the server and the template of this one."""
    return os.environ | {RUN: str(run_folder)}


def _with_roles(cluster: Cluster) -> Cluster:
    password = urlsplit(cluster.admin).password
    login = f"LOGIN PASSWORD '{password}'" if password else "LOGIN"
    for role in (OWNER, SERVE):
        if not cluster.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):
            cluster.run(f"CREATE ROLE {role} {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    return cluster


@pytest.fixture(scope="session")
def template(cluster: Cluster, run_folder: Path) -> str:
    """Name of a migrated database that nobody is connected to."""
    name, made = "carnet_template", run_folder / "template"
    with one_at_a_time(run_folder):
        if not made.exists():
            cluster.drop(name)  # of an earlier run, where the server outlives the runs
            cluster.migrate(name)
            made.touch()
    return name


@pytest.fixture(scope="session")
def make_database(cluster: Cluster, template: str) -> Callable[[], contextlib.AbstractContextManager[Urls]]:
    """Factory of fresh, migrated databases, each the context of a `with`, which drops it at its end."""

    @contextlib.contextmanager
    def make() -> Iterator[Urls]:
        name = f"test_{secrets.token_hex(8)}"
        cluster.make(name, template)
        try:
            yield Urls(cluster.url(OWNER, name), cluster.url(SERVE, name))
        finally:
            cluster.drop(name)

    return make


@pytest.fixture
def database_urls(make_database: Callable[[], contextlib.AbstractContextManager[Urls]]) -> Iterator[Urls]:
    """A fresh, migrated database for one test: URLs of its owner and of the serving role."""
    with make_database() as urls:
        yield urls


@pytest.fixture(scope="module")
def module_database_urls(make_database: Callable[[], contextlib.AbstractContextManager[Urls]]) -> Iterator[Urls]:
    """The same, shared by the tests of one module: for tests that do not disturb each other."""
    with make_database() as urls:
        yield urls
