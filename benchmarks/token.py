"""What it costs to check a bearer token: one that was seen, and one that comes for the first time.

    python -m benchmarks.token

Prints medians of the verifier alone, with the revocations of a busy hour in its memory. It must stay below 20 µs for a
token that was seen and below 400 µs for a new one.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from joserfc.jwk import ECKey, RSAKey

from app.auth import mint
from app.auth.keys import Key, SigningKeys
from app.auth.revocations import Revocations, of_session
from app.auth.token import Verifier
from app.settings import Settings

SEEN, NEW = 20_000, 400
REVOKED = 10_000
MICRO = 1e6


async def nowhere() -> None:
    """No database: the list is filled by hand."""


def revocations() -> Revocations:
    """A list that was just read, with many sessions in it."""
    made = Revocations(nowhere)  # type: ignore[arg-type] # never connected
    now = time.time()
    made._known = {of_session(str(number)): (now, now + 3600) for number in range(REVOKED)}  # noqa: SLF001
    made.read_at = float("inf")
    return made


def measure(name: str, key: Key) -> bool:
    """Print both medians for one kind of key; whether they are what they must be."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), base_url="https://carnet.example")
    keys = SigningKeys.of(key)
    claims = mint.professional("810000000001", structure="1750000001", specialty="SM54")
    tokens = [f"Bearer {mint.mint(keys, settings, claims)}" for _ in range(NEW)]
    verifier = Verifier(settings, keys, revocations().holds)
    new = statistics.median(timed(verifier, token) for token in tokens) * MICRO
    seen = statistics.median(timed(verifier, tokens[number % NEW]) for number in range(SEEN)) * MICRO
    print(f"{name}: seen {seen:.1f} µs, new {new:.0f} µs")
    return seen < 20 and new < 400  # noqa: PLR2004 - what must be reached


def timed(verifier: Verifier, token: str) -> float:
    """Seconds of one check."""
    start = time.perf_counter()
    verifier.verify(token)
    return time.perf_counter() - start


def main() -> int:
    """Measure both algorithms; 1 where one is too slow."""
    kinds = (("RS384, 3072 bits", RSAKey.generate_key(3072)), ("ES384", ECKey.generate_key("P-384")))
    return int(not min([measure(name, key) for name, key in kinds]))


if __name__ == "__main__":
    raise SystemExit(main())
