"""The whole server as its processes, a load upon it, and what must be true after whatever was done to them."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import httpx
import orjson
import psutil

from app.auth import mint
from app.auth.keys import SigningKeys
from app.settings import Settings
from app.storage.embedded import ADMIN, DATABASE, OWNER, ROLES, SERVE, Embedded
from tests.running import free_port
from tests.serving import NIRS, Caller, Carnet, document, open_record, transaction

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
DOCTOR = "810000000001"
KINDS = ("11488-4", "34133-9", "60591-5")


class Stack:
    """One data folder, and the processes of `carnet serve` on it while they run."""

    def __init__(self, data: Path, workers: int = 2, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.workers = workers
        self.settings = settings
        self.log = data.parent / f"log-{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Ours without its settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
        given = {"DATA": str(self.data), "PORT": str(self.port), "WORKERS": str(self.workers), **self.settings}
        return kept | {f"CARNET_{name}": value for name, value in given.items()} | {"PYTHONPATH": str(ROOT)}

    def start(self) -> float:
        """Start it; seconds until it was ready."""
        started = time.monotonic()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.cli", "serve"],
                cwd=self.data.parent, env=self.environment(), stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.wait()
        return time.monotonic() - started

    def wait(self) -> float:
        """Wait until it is ready; the seconds that it took."""
        started = time.monotonic()
        while not self.is_ready():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-3000:]
            assert time.monotonic() - started < PATIENCE, self.log.read_text(encoding="utf-8")[-3000:]
            time.sleep(0.05)
        return time.monotonic() - started

    def is_ready(self) -> bool:
        """Whether it says so."""
        try:
            return httpx.get(f"{self.url}/health/ready", trust_env=False, timeout=3).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End it politely, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def children(self) -> list[psutil.Process]:
        """The workers."""
        assert self.process is not None
        nursery = psutil.Process(self.process.pid).children()
        return [worker for one in nursery for worker in one.children()]

    @property
    def cluster(self) -> Path:
        """Folder of PostgreSQL's files."""
        return self.data / "postgres" / "cluster"

    @property
    def admin(self) -> str:
        """URL of its superuser."""
        return Embedded(self.data).url(ADMIN)

    def postmaster(self) -> psutil.Process:
        """PostgreSQL's first process."""
        file = self.cluster / "postmaster.pid"
        return psutil.Process(int(file.read_text(encoding="utf-8").split("\n", 1)[0]))

    def kill_worker(self, draw: random.Random) -> None:
        """Kill -9 of one worker."""
        draw.choice(self.children()).kill()

    def kill_database(self, _: random.Random) -> None:
        """Kill -9 of PostgreSQL: of its first process, or of one that serves somebody, after which it recovers."""
        self.postmaster().kill()

    def kill_all(self, _: random.Random) -> None:
        """Kill -9 of everything at once, as when the power fails; and a start anew."""
        assert self.process is not None
        postmaster = self.postmaster()
        for one in (*psutil.Process(self.process.pid).children(recursive=True), *postmaster.children(), postmaster):
            if one.is_running():
                os.kill(one.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def carnet(self, http: httpx.AsyncClient) -> Carnet:
        """What tests speak to a server by; the application is in other processes."""
        made = Settings(data=self.data, port=self.port)
        return Carnet(http, made, SigningKeys.load(self.data), None)  # type: ignore[arg-type]

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """What the database holds, asked as its superuser."""
        link = await asyncpg.connect(self.admin)
        try:
            return list(await link.fetch(query, *values))
        finally:
            await link.close()


class Packaged(Stack):
    """The same on a PostgreSQL of the distribution's, which is not Carnet's to start: it is started here."""

    def __init__(self, data: Path, workers: int = 2) -> None:
        home = data.parent / "packaged"
        home.mkdir()
        shutil.chown(home, ADMIN)
        self.home = home
        urls = {name: f"postgresql://{role}@/{DATABASE}?host={home}" for name, role in (("", SERVE), ("_OWNER", OWNER))}
        super().__init__(data, workers, **{f"DATABASE{name}_URL": url for name, url in urls.items()})
        self._run("initdb", "-D", str(self.cluster), "-U", ADMIN, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        with (self.cluster / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{home}'\n")
        self._begin()
        for role in ROLES:
            self._run("psql", "-h", str(home), "-U", ADMIN, "-c", role)

    @staticmethod
    def programs() -> Path | None:
        """Folder of its programs, where it is installed and we may run them as its account."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        return found[-1] if found and os.geteuid() == 0 else None

    @property
    def cluster(self) -> Path:
        """Folder of PostgreSQL's files."""
        return self.home / "cluster"

    @property
    def admin(self) -> str:
        """URL of its superuser."""
        return f"postgresql://{ADMIN}@/{DATABASE}?host={self.home}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str((self.programs() or Path()) / program), *arguments]
        done = subprocess.run(command, user=ADMIN, cwd=self.home, capture_output=True, check=check)
        return done.returncode

    def _begin(self) -> None:
        """Start it, and again until it does: not beside what is left of the one before."""
        deadline = time.monotonic() + PATIENCE
        log = str(self.home / "log")
        while self._run("pg_ctl", "start", "-D", str(self.cluster), "-l", log, "-w", check=False):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def kill_database(self, draw: random.Random) -> None:
        """Kill -9 of PostgreSQL."""
        super().kill_database(draw)
        self._begin()

    def kill_all(self, draw: random.Random) -> None:
        """Kill -9 of everything at once."""
        super().kill_all(draw)
        self._begin()

    def stop(self) -> None:
        """End it politely, if it runs."""
        super().stop()
        self._run("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast")


@dataclass
class Load:
    """Requests of many kinds by several callers at once, and what was answered.

    `written` has the content of each document whose deposit was acknowledged, `answered` the ids of requests that were
    answered with a person's data, `sent` the names of transactions. What else is answered than success or 503 is wrong.
    """

    carnet: Carnet
    draw: random.Random
    record: str = ""
    written: dict[str, bytes] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    committed: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    unanswered: int = 0
    count: int = 0

    async def open(self) -> None:
        """Make the record that everything is about, and a first document."""
        self.record = await open_record(self.doctor, NIRS[0], treating=DOCTOR)
        await self._create()

    @property
    def doctor(self) -> Caller:
        """Who asks: his token is of now."""
        return self.carnet.caller(mint.professional(DOCTOR, specialty="SM54", structure="1750000001"))

    async def run(self, callers: int, over: asyncio.Event) -> None:
        """Ask until it is over."""
        acts = (self._create, self._read, self._search, self._lot, self._read, self._search)

        async def ask() -> None:
            while not over.is_set():
                await self._attempt(self.draw.choice(acts))

        await asyncio.gather(*(ask() for _ in range(callers)))

    async def _attempt(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except httpx.TransportError:
            self.unanswered += 1
            await asyncio.sleep(0.02)

    def _name(self) -> str:
        self.count += 1
        return f"fault-{os.getpid()}-{self.draw.getrandbits(60):x}-{self.count}"

    async def _ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        name = self._name()
        answer = await self.doctor.send(method, path, headers={"X-Request-Id": name}, **more)
        if answer.status_code == 503:
            self.unanswered += 1
            await asyncio.sleep(0.02)
            return None
        if answer.status_code not in (200, 201):
            self.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return None
        self.answered.append(name)
        return answer

    def _document(self, name: str) -> tuple[dict[str, object], bytes]:
        content = f"<ClinicalDocument>{name}</ClinicalDocument>".encode() * self.draw.choice((1, 40, 3000))
        unique = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.3.{int(name.split('-')[2], 16)}"}
        made = document(self.record, type_=self.draw.choice(KINDS), content=content, masterIdentifier=unique)
        return made | {"description": name}, content

    async def _create(self) -> None:
        made, content = self._document(self._name())
        answer = await self._ask("POST", "DocumentReference", json=made)
        if answer is not None:
            self.written[answer.json()["id"]] = content

    async def _read(self) -> None:
        await self._ask("GET", f"DocumentReference/{self.draw.choice(list(self.written))}")

    async def _search(self) -> None:
        await self._ask("GET", f"DocumentReference?patient={self.record}&_count=5&type={self.draw.choice(KINDS)}")

    async def _lot(self) -> None:
        """A transaction of three documents, each of which names it."""
        lot = self._name()
        made = [self._document(self._name()) for _ in range(3)]
        entries = [(f"urn:uuid:{i:08}-0000-4000-8000-000000000000", {**one, "description": f"{lot} {i}"})
                   for i, (one, _) in enumerate(made)]  # fmt: skip
        answer = await self._ask("POST", "", json=transaction(*entries))
        if answer is not None:
            self.committed.add(lot)
            for entry, (_, content) in zip(answer.json()["entry"], made, strict=True):
                self.written[entry["response"]["location"].split("/")[1]] = content


async def verify(stack: Stack, load: Load, contents: int = 40) -> None:
    """Everything that was promised: nothing acknowledged is lost, nothing was read untold, nothing is there by half."""
    assert load.wrong == [], stack.log.read_text(encoding="utf-8")[-3000:]
    rows = await stack.rows("SELECT id, body FROM public.document_reference WHERE record = $1", load.record)
    kept = {row["id"]: orjson.loads(row["body"]) for row in rows}
    assert load.written.keys() <= kept.keys()
    lots: dict[str, int] = {}
    for body in kept.values():
        lot, _, place = body["description"].partition(" ")
        if place:
            lots[lot] = lots.get(lot, 0) + 1
    assert set(lots.values()) <= {3}
    assert load.committed <= lots.keys()
    told = await stack.rows(
        "SELECT DISTINCT request_id FROM public.audit_event WHERE request_id = ANY($1)", load.answered
    )
    assert {row["request_id"] for row in told} == set(load.answered)
    for id in load.draw.sample(sorted(kept), min(contents, len(kept))):  # what was not acknowledged but is there, too
        attachment = kept[id]["content"][0]["attachment"]
        answer = await load.doctor.get(attachment["url"].partition("/fhir/")[2] or attachment["url"],
                                       headers={"Accept": attachment["contentType"]})  # fmt: skip
        assert answer.status_code == 200, answer.text
        assert id not in load.written or answer.content == load.written[id]
        assert base64.b64decode(attachment["hash"]) if "hash" in attachment else True
