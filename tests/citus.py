"""A Citus cluster for the tests: each database is made on every node, and its schema distributed by record."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from subprocess import CalledProcessError
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.storage.citus import distribute
from app.storage.embedded import ADMIN, OWNER
from app.storage.migrate import upgrade
from tests.conftest import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VARIABLE = "CARNET_TEST_CITUS_URL"
SHARDS = 8
WORKERS = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY nodeport"
FURNISH = (
    "CREATE EXTENSION citus", "CREATE EXTENSION IF NOT EXISTS pg_trgm", f"GRANT ALL ON SCHEMA public TO {OWNER}",
)  # fmt: skip
CLOSE = 'ALTER DATABASE "{0}" ALLOW_CONNECTIONS false'
OPEN = 'ALTER DATABASE "{0}" ALLOW_CONNECTIONS true'
QUIT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{0}'"


@dataclass(frozen=True, slots=False)
class Nodes(Cluster):
    """The coordinator, and with it the workers that its database knows."""

    @cached_property
    def nodes(self) -> list[Cluster]:
        """Each node by itself, the coordinator first."""
        database, own = urlsplit(self.admin).path[1:], urlsplit(self.admin)
        found = [line.split("|") for line in Cluster(self.admin).run(WORKERS, database=database).split()]
        urls = [own._replace(netloc=f"{own.username}@{host}:{port}").geturl() for host, port in found]
        return [Cluster(url) for url in (self.admin, *urls)]

    def make(self, database: str, template: str = "template1") -> None:
        """Create a database on each node, as a copy of one that is distributed already: shards and all."""
        self._each(lambda node: node.make(database, template))

    def drop(self, database: str) -> None:
        """Drop a database on each node."""
        self._each(lambda node: _gone(node, database))

    def dump(self, database: str, file: Path) -> None:
        """A backup of each node at one moment: a copy of the database there, while nobody uses it."""
        copy = f"{database}_{file.name}"
        self._each(lambda node: node.run(CLOSE.format(database), QUIT.format(database)))
        self.make(copy, database)
        self._each(lambda node: node.run(CLOSE.format(copy), OPEN.format(database)))
        file.write_text(copy, encoding="ascii")

    def restore(self, file: Path, database: str) -> None:
        """Create a database on each node as the backup has it, which is gone then."""
        copy = file.read_text(encoding="ascii")
        self.make(database, copy)
        self.drop(copy)

    def migrate(self, database: str) -> None:
        """Create a database on each node, with the schema distributed, that others are copied from."""
        self.make(database)
        asyncio.run(upgrade(self.url(OWNER, database)))  # before Citus is there, who wants to tell the workers of all
        self.furnish(database)
        asyncio.run(distribute(self.url(ADMIN, database), shards=SHARDS))
        self._each(lambda node: node.run(CLOSE.format(database), QUIT.format(database)))

    def furnish(self, database: str) -> None:
        """Bring Citus into a database of that name on each node, and make the nodes known to the coordinator's."""
        for node in self.nodes:
            node.run(*FURNISH, database=database)
        own, *workers = [urlsplit(node.admin) for node in self.nodes]
        first = f"SELECT citus_set_coordinator_host('{own.hostname}', {own.port})"
        others = [f"SELECT citus_add_node('{one.hostname}', {one.port})" for one in workers]
        self.run(first, *others, database=database)

    def _each(self, act: Callable[[Cluster], object]) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(act, self.nodes))


def _gone(node: Cluster, database: str) -> None:
    """Drop a database: what Citus does beside every one comes back to it for a while."""
    for _ in range(20):
        with suppress(CalledProcessError):
            return node.drop(database)
        time.sleep(0.1)
    raise TimeoutError(database)
