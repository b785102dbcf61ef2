"""kill -9 of the nodes of a Citus cluster under load, at random moments: of a worker, and of the coordinator.

On the cluster that `CARNET_TEST_CITUS_URL` names, when its nodes run on this machine and are ours to start again.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest

from app.auth import mint
from app.storage.embedded import ADMIN
from tests.faults.stack import DOCTOR, PATIENCE, Load, Stack, verify
from tests.serving import NIRS, document, open_record, serving
from tests.test_citus import linked

if TYPE_CHECKING:
    from app.storage.embedded import Urls
    from tests.citus import Nodes

VARIABLE = "CARNET_TEST_CITUS_URL"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no cluster")]
CALLERS = 6
SOON = 20
"""Tenths of a second after which it is started once more."""
EMAIL = [{"system": "email", "value": "one@mail.example"}]
HALVES = """
SELECT count(*) FILTER (WHERE n.event IS NULL) AS untold, count(*) FILTER (WHERE a.id IS NULL) AS undone
FROM (SELECT id FROM public.audit_event
      WHERE record = $1 AND interaction = 'create' AND resource_type = 'DocumentReference' AND outcome = '0') a
FULL JOIN (SELECT event FROM public.notice WHERE record = $1 AND kind = 'new-document') n ON n.event = a.id
"""
"""Deposits on a worker of which the coordinator has no notice, and notices of what no worker has."""
PREPARED = "SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()"


@dataclass(frozen=True, slots=True)
class Node:
    """The server of one node: how it was started, and by whom."""

    url: str
    process: psutil.Process
    command: list[str]
    environment: dict[str, str]
    user: int
    group: int
    folder: str

    @classmethod
    async def at(cls, url: str) -> Node | None:
        """The one that answers there; None where it is on another machine."""
        link = await asyncpg.connect(url)
        folder = await link.fetchval("SHOW data_directory")
        await link.close()
        file = Path(folder) / "postmaster.pid"
        if not file.exists():
            return None
        one = psutil.Process(int(file.read_text(encoding="utf-8").split("\n", 1)[0]))
        command = [one.exe(), *one.cmdline()[1:]]
        return cls(url, one, command, one.environ(), one.uids().real, one.gids().real, folder)

    def kill(self) -> None:
        """Kill -9 of its first process."""
        self.process.kill()

    async def start(self, log: Path) -> Node:
        """Start it again, until it does: not beside what is left of the one before."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with log.open("ab") as output:
                await asyncio.to_thread(
                    subprocess.run, ["sh", "-c", 'setsid "$0" "$@" &', *self.command], env=self.environment,
                    user=self.user, group=self.group, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=output, check=True,
                )  # fmt: skip
            for _ in range(SOON):
                await asyncio.sleep(0.1)
                with suppress(OSError, asyncpg.PostgresError):
                    found = await Node.at(self.url)
                    assert found is not None
                    return found
        raise TimeoutError(self.url)


class Clustered(Stack):
    """The server on the coordinator of a cluster, in a database of its own."""

    def __init__(self, data: Path, urls: Urls, admin: str) -> None:
        super().__init__(data, DATABASE_URL=urls.serve, DATABASE_OWNER_URL=urls.owner, NOTICES="false")
        self._admin = admin

    @property
    def admin(self) -> str:
        """URL of its superuser."""
        return self._admin


class Told(Load):
    """A load upon a record whose holder is told of each deposit."""

    async def open(self) -> None:
        """Make it, and a first document."""
        self.record = await open_record(self.doctor, NIRS[0], treating=DOCTOR, telecom=EMAIL)
        await self._create()


async def settled(nodes: list[Node], database: str) -> int:
    """Have what a death left between the two phases ended, as Citus does each minute; how much there was."""
    urls = [urlsplit(node.url)._replace(path=f"/{database}").geturl() for node in nodes]
    left = 0
    for url in urls[1:]:
        link = await asyncpg.connect(url)
        left += await link.fetchval(PREPARED)
        await link.close()
    link = await asyncpg.connect(urls[0])
    await link.execute("SELECT recover_prepared_transactions()")
    await link.close()
    return left


STALL = (
    """
    CREATE FUNCTION public.stall() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.request_id = 'stalled' THEN PERFORM pg_sleep(60); END IF;
        RETURN NULL;
    END $$
    """,
    """
    DO $$ DECLARE shard regclass; BEGIN
        FOR shard IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relname ~ '^audit_event_.*_[0-9]+$' LOOP
            EXECUTE format('CREATE CONSTRAINT TRIGGER stall AFTER INSERT ON %s DEFERRABLE INITIALLY DEFERRED'
                ' FOR EACH ROW EXECUTE FUNCTION public.stall()', shard);
        END LOOP;
    END $$
    """,
)
"""Holds up whoever is about to commit such an act on a worker, in whichever phase."""
ALONE = {"citus.enable_ddl_propagation": "off", "citus.override_table_visibility": "off"}
"""Shows a worker's shards and lets triggers be made on them."""
STALLED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
ACTS = "SELECT count(*) FROM public.audit_event WHERE request_id = 'stalled'"


async def _stalled(urls: list[str], over: asyncio.Task[httpx.Response]) -> int:
    """The place of the node where somebody is held up."""
    while not over.done():
        for place, url in enumerate(urls[1:], 1):
            async with linked(url) as link:
                if await link.fetchval(STALLED):
                    return place
    raise AssertionError(over.result().text)


async def test_nothing_is_answered_whose_act_dies_with_its_worker(
    cluster: Nodes, database_urls: Urls, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Killed at the very moment of the commit there: of a read that the holder is to be told of, and of a deposit."""
    found = [await Node.at(node.admin) for node in cluster.nodes]
    nodes = [node for node in found if node is not None]
    if len(nodes) < len(found):
        pytest.skip("the nodes are on other machines")
    database = urlsplit(database_urls.owner).path.removeprefix("/")
    urls = [urlsplit(node.url)._replace(path=f"/{database}").geturl() for node in nodes]
    seen = []
    async with serving(database_urls, tmp_path / "data", notices=False, statement_timeout=60_000) as carnet:
        record = await open_record(carnet.doctor(), NIRS[0], treating=DOCTOR, telecom=EMAIL)
        doctor = carnet.caller(mint.professional(DOCTOR, specialty="SM54", structure="1750000001"))
        made = await doctor.make(document(record))
        while (await doctor.get(f"DocumentReference/{made}")).status_code != 200:
            pass  # the first act that is told takes long to be planned
        for url in urls[1:]:
            async with linked(url, **ALONE) as link:
                for text in STALL:
                    await link.execute(text)
        for method, path, more in (
            ("GET", f"DocumentReference/{made}", {}),
            ("POST", "DocumentReference", {"json": document(record)}),
        ):
            asked = asyncio.create_task(doctor.send(method, path, headers={"X-Request-Id": "stalled"}, **more))
            place = await _stalled(urls, asked)
            nodes[place].kill()
            answer = await asked
            nodes[place] = await nodes[place].start(tmp_path / "nodes")
            await settled(nodes, database)
            async with linked(urls[0]) as link:
                seen.append((method, answer.status_code, await link.fetchval(ACTS)))
    assert seen == [("GET", 503, 0), ("POST", 503, 0)]
    assert "internal error" not in caplog.text


async def test_what_was_acknowledged_survives_the_death_of_a_node(
    cluster: Nodes,
    database_urls: Urls,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [await Node.at(node.admin) for node in cluster.nodes]
    nodes = [node for node in found if node is not None]
    if len(nodes) < len(found):
        pytest.skip("the nodes are on other machines")
    rounds, seed = request.config.getoption("--kills"), random.randrange(1 << 30)
    draw = random.Random(seed)
    database = urlsplit(database_urls.owner).path.removeprefix("/")
    stack = Clustered(tmp_path / "data", database_urls, cluster.url(ADMIN, database))
    stack.start()
    between, longest = 0, 0.0
    try:
        async with httpx.AsyncClient(base_url=stack.url, timeout=60, trust_env=False) as http:
            load = Told(stack.carnet(http), draw)
            await load.open()
            for number in range(rounds):
                place = (1 + number % (len(nodes) - 1)) if number % 3 else 0
                over = asyncio.Event()
                asking = asyncio.create_task(load.run(CALLERS, over))
                await asyncio.sleep(draw.uniform(0.5, 2))
                died = time.monotonic()
                nodes[place].kill()
                nodes[place] = await nodes[place].start(tmp_path / "nodes")
                between += await settled(nodes, database)
                before = len(load.answered)
                while len(load.answered) == before:
                    await asyncio.sleep(0.02)
                    assert time.monotonic() - died < 60
                longest = max(longest, time.monotonic() - died)
                over.set()
                await asking
                await settled(nodes, database)
                await verify(stack, load, contents=5)
                [halves] = await stack.rows(HALVES, load.record)
                assert (halves["untold"], halves["undone"]) == (0, 0), halves
            await verify(stack, load, contents=50)
            check = [sys.executable, "-P", "-m", "app.cli", "audit", "verify"]
            chain = subprocess.run(check, env=stack.environment(), capture_output=True, text=True, check=False)
            assert chain.returncode == 0, chain.stdout + chain.stderr
    finally:
        stack.stop()
    counts = {"documents": len(load.written), "lots": len(load.committed), "answers": len(load.answered)}
    capsys.readouterr()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{rounds} nodes killed, {between} transactions between their phases, longest {longest:.1f} s to an"
            f" answer; {counts}, {load.unanswered} unanswered, seed {seed}\n"
        )
    assert len(load.written) > rounds
