"""The real server as a process: started, asked by the lines it prints and those of the README, stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
CARNET = [sys.executable, "-P", "-m", "app.cli"]
PATIENCE = 180.0
DRAIN: dict[str, str] = {}
pytestmark = pytest.mark.slow


@dataclass
class Server:
    """A running `carnet serve`."""

    process: subprocess.Popen[bytes]
    output: Path
    url: str
    first_answer: float

    def said(self, words: str) -> str:
        """What it printed, once these words are among it."""
        deadline = time.monotonic() + PATIENCE
        while words not in (text := self.output.read_text(encoding="utf-8")):
            assert time.monotonic() < deadline, text
            time.sleep(0.02)
        return text

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment(data: Path, port: int) -> dict[str, str]:
    """Ours without its settings; PYTHONPATH finds the checkout from any folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | DRAIN | {"CARNET_DATA": str(data), "CARNET_PORT": str(port), "PYTHONPATH": str(ROOT), "PATH": path}


@contextmanager
def served(data: Path, *options: str, port: int = 0) -> Iterator[Server]:
    port = port or free_port()
    output, url = data.parent / f"out-{port}", f"http://127.0.0.1:{port}"
    started = time.monotonic()
    with output.open("wb") as out:
        command = [*CARNET, "serve", *options]
        process = subprocess.Popen(
            command, cwd=data.parent, env=environment(data, port), stdout=out, stderr=subprocess.STDOUT
        )
    try:
        while True:
            assert process.poll() is None, output.read_text(encoding="utf-8")
            assert time.monotonic() - started < PATIENCE
            try:
                if httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        yield Server(process, output, url, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder of this module, where PostgreSQL's own account can pass."""
    with tempfile.TemporaryDirectory(prefix="carnet-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def sh(text: str, server: Server, data: Path) -> str:
    """What a shell prints for lines to paste."""
    port = int(server.url.rpartition(":")[2])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=ROOT,
        env=environment(data, port),
        capture_output=True,
        text=True,
        timeout=len(text.splitlines()) * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def readme(server: Server) -> tuple[str, list[tuple[str, str, str]]]:
    """The README's shell lines: what sets the variables, and for each claim its sentence, its proof and its command."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[0]
    block = block.replace("http://127.0.0.1:8080", server.url).replace(".venv/bin/carnet", " ".join(CARNET))
    head, *claims = re.split(r"(?m)^# ", block)
    cut = [claim.partition("\n") for claim in claims]
    return head, [(said, said.rpartition(": ")[2], command) for said, _, command in cut]


def test_the_lines_of_the_readme_are_true(data: Path) -> None:
    with served(data, "--sample") as server:
        server.said("AuditEvent")
        head, claims = readme(server)
        script = head + "".join(f"echo; echo '@@@'\n{command}" for _, _, command in claims)
        answers = sh(script, server, data).split("@@@")[1:]
        assert len(answers) == len(claims) == 9
        for (said, proof, _), answer in zip(claims, answers, strict=True):
            assert proof in answer, (said, answer[:2000])


def test_the_printed_lines_answer_and_a_second_start_finds_the_sample(data: Path) -> None:
    records = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with served(data, "--sample") as server:
            printed = server.said("AuditEvent").split("hours.\n", 1)
            records.append(re.findall(r"Patient/([a-z2-9]{20})", printed[0]))
            answers = sh(printed[1].replace("\ncurl ", "\necho; curl "), server, data)
            assert '"OperationOutcome","issue":[{"severity":"error"' not in answers
            assert answers.count('"resourceType":"Bundle"') == 7
            assert server.stop(number) == 0
            assert "Traceback" not in server.output.read_text(encoding="utf-8")
        assert not (data / "postgres" / "cluster" / "postmaster.pid").exists()
    assert records[0] == records[1]


def crew(server: Server) -> tuple[psutil.Process, list[psutil.Process]]:
    """The nursery and its workers."""
    (nursery,) = [p for p in psutil.Process(server.process.pid).children() if "postgres" not in p.name()]
    return nursery, nursery.children()


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them end within some seconds."""
    return not psutil.wait_procs(processes, timeout=PATIENCE)[1]


def test_every_worker_answers_and_a_dead_one_is_replaced(data: Path) -> None:
    with served(data, "--workers", "2") as server:
        nursery, workers = crew(server)
        assert len(workers) == 2
        for silent in workers:
            silent.suspend()
            try:
                assert httpx.get(f"{server.url}/fhir/metadata", trust_env=False, timeout=PATIENCE).status_code == 200
            finally:
                silent.resume()
        workers[0].kill()
        assert httpx.get(f"{server.url}/fhir/metadata", trust_env=False, timeout=PATIENCE).status_code == 200
        deadline = time.monotonic() + PATIENCE
        while len(now := [p for p in nursery.children() if p.status() != psutil.STATUS_ZOMBIE]) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert server.stop() == 0
        assert gone([nursery, *workers, *now])


@pytest.mark.parametrize("which", ["nursery", "first"])
def test_nobody_is_left_serving_where_the_process_above_is_killed(data: Path, which: str) -> None:
    with served(data, "--workers", "2") as server:
        nursery, workers = crew(server)
        (nursery if which == "nursery" else psutil.Process(server.process.pid)).kill()
        assert gone([nursery, *workers])
        assert server.process.wait(PATIENCE) != 0 or which == "nursery"


def test_a_worker_that_cannot_start_ends_the_server(data: Path) -> None:
    with served(data):
        pass  # the folder is furnished
    keys = data / "keys"
    kept = keys.stat().st_mode
    hidden = keys.rename(data / "elsewhere")
    try:
        keys.write_text("no folder of keys")
        done = subprocess.run(
            [*CARNET, "serve"], env=environment(data, free_port()), capture_output=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 3
    finally:
        keys.unlink()
        hidden.rename(keys).chmod(kept)


def test_a_server_that_is_to_stop_says_so_first_and_ends_what_it_has_begun(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "DRAIN", {"CARNET_DRAIN": "5"})
    with served(data, "--workers", "2") as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as begun:
            begun.sendall(b"POST /auth/token HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\n")
            server.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 5
            while (ready := http.get("/health/ready")).status_code == 200:
                assert time.monotonic() < deadline
            assert ready.json() == {"status": "not ready", "missing": ["draining"]}
            assert ready.headers["connection"] == "close"
            assert http.get("/fhir/metadata").status_code == 200
            while connects(port):
                time.sleep(0.05)
                assert time.monotonic() < deadline + PATIENCE
            begun.sendall(b"a=b")
            assert begun.recv(1000).startswith(b"HTTP/1.1 415 ")
        assert server.process.wait(PATIENCE) == 0


def test_connections_that_come_at_once_are_shared(data: Path) -> None:
    with served(data, "--workers", "2") as server:
        port = int(server.url.rpartition(":")[2])
        workers = listening(server, port, 2)
        for _ in range(5):
            with connected(port, 40):
                counts = settled(workers, port, 40)
                assert min(counts) >= 18, counts
            settled(workers, port, 0)


def test_a_worker_that_hangs_is_not_waited_for(data: Path) -> None:
    with served(data, "--workers", "2") as server:
        port = int(server.url.rpartition(":")[2])
        hanging, other = listening(server, port, 2)
        with connected(port, 200) as opened:
            free = answered(opened)
        settled([hanging, other], port, 0)
        hanging.suspend()
        try:
            with connected(port, 200) as opened:
                assert answered(opened) < 3 * max(1.0, free)  # a wait for each would be four seconds
                assert held(other, port) == 200
                hanging.resume()
                deadline, taken = time.monotonic() + PATIENCE, 0
                while not taken and time.monotonic() < deadline:
                    with connected(port, 1):
                        time.sleep(0.1)
                        taken = held(hanging, port)
                with connected(port, 40):  # it came: it is waited for again
                    assert settled([hanging, other], port, 240)[0] >= 20
        finally:
            hanging.resume()


def answered(opened: list[socket.socket]) -> float:
    """Seconds in which each connection was answered, one after the other."""
    began = time.monotonic()
    for one in opened:
        one.sendall(b"GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 200 ")
    return time.monotonic() - began


@contextmanager
def connected(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Connections that say nothing yet."""
    with ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(count)]


def listening(server: Server, port: int, count: int) -> list[psutil.Process]:
    """The workers, once each of them takes connections."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        nursery = psutil.Process(server.process.pid).children()
        workers = [worker for one in nursery for worker in one.children()]
        with connected(port, 8):
            time.sleep(0.2)
            taken = [held(worker, port) for worker in workers]
        if len(workers) == count and all(taken):
            settled(workers, port, 0)
            return workers
    raise AssertionError(workers)


def settled(workers: list[psutil.Process], port: int, count: int) -> list[int]:
    """Connections of each worker, once they are so many together."""
    deadline = time.monotonic() + PATIENCE
    while sum(counts := [held(worker, port) for worker in workers]) != count:
        assert time.monotonic() < deadline, counts
        time.sleep(0.05)
    return counts


def held(worker: psutil.Process, port: int) -> int:
    """Connections of a worker."""
    return sum(one.laddr.port == port and one.status == "ESTABLISHED" for one in worker.net_connections("tcp"))


def connects(port: int) -> bool:
    """Whether somebody listens."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_taken_port_is_told_in_one_line(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*CARNET, "serve"],
            env=environment(data, port),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr
