"""kill -9 at random moments under load: of a worker, of PostgreSQL, of everything."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.faults.stack import Load, Packaged, Stack, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
CALLERS = 6
IMPORT, SOON, GIVEN_UP = 1.2, 5.0, 60.0
"""Seconds of importing Carnet, from a kill to an answer, and until none is waited for: on a machine that is free."""


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder where PostgreSQL's own account can pass."""
    with tempfile.TemporaryDirectory(prefix="carnet-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def slowness() -> float:
    """How many times slower the machine is now than one that has nothing else to do."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import app.main"], check=True)
    return max(1.0, (time.monotonic() - began) / IMPORT)


@pytest.mark.parametrize("make", [Stack, Packaged])
async def test_what_was_acknowledged_survives_kills(
    data: Path, make: type[Stack], request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    if make is Packaged and Packaged.programs() is None:
        pytest.skip("no PostgreSQL of the distribution's")
    rounds = request.config.getoption("--kills")
    seed = random.randrange(1 << 30)
    draw = random.Random(seed)
    stack = make(data)
    first = stack.start()
    took: dict[str, list[float]] = {}
    shares: list[float] = []
    try:
        async with httpx.AsyncClient(base_url=stack.url, timeout=20, trust_env=False) as http:
            load = Load(stack.carnet(http), draw)
            await load.open()
            for number in range(rounds):
                kill = (stack.kill_worker, stack.kill_database, stack.kill_all)[number % 3]
                over = asyncio.Event()
                asking = asyncio.create_task(load.run(CALLERS, over))
                await asyncio.sleep(draw.uniform(0.3, 1.5))
                slow = await asyncio.to_thread(slowness)
                before = len(load.answered)
                died = time.monotonic()
                await asyncio.to_thread(kill, draw)
                if stack.process is not None and stack.process.poll() is not None:
                    await asyncio.to_thread(stack.start)
                while len(load.answered) == before:
                    await asyncio.sleep(0.02)
                    assert time.monotonic() - died < GIVEN_UP * slow, kill.__name__
                await asyncio.to_thread(stack.wait)
                took.setdefault(kill.__name__, []).append(time.monotonic() - died)
                share = time.monotonic() - died
                if share / slow >= SOON:  # has it become slower meanwhile?
                    slow = max(slow, await asyncio.to_thread(slowness))
                shares.append(share / slow)
                over.set()
                await asking
                await verify(stack, load, contents=5)
            await verify(stack, load, contents=100)
            check = [sys.executable, "-P", "-m", "app.cli", "audit", "verify"]
            chain = subprocess.run(check, env=stack.environment(), capture_output=True, text=True, check=False)
            assert chain.returncode == 0, chain.stdout + chain.stderr
    finally:
        stack.stop()
    found = {name: (len(each), round(median(each), 1), round(max(each), 1)) for name, each in took.items()}
    counts = {"documents": len(load.written), "lots": len(load.committed), "answers": len(load.answered)}
    capsys.readouterr()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{make.__name__}: kills, median and longest seconds to an answer {found}, longest on a free machine"
            f" {max(shares):.1f}; first start {first:.1f} s; {counts}, {load.unanswered} unanswered, seed {seed}\n"
        )
    assert len(load.written) > rounds
    assert max(shares) < SOON, took
