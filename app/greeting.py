"""What who typed `carnet serve` is told: that it answers, and how to ask the sample record."""

from __future__ import annotations

import sys
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from app.settings import Settings

PATIENCE = 60.0
"""Seconds until a server that does not answer is no longer waited for."""
POLL = 0.02
ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a wildcard is reached from here


def greet(settings: Settings, *, with_sample: bool) -> None:
    """Wait until the server answers, make the sample record, and say how to ask."""
    host = ANYWHERE.get(settings.host, settings.host)
    local = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    with httpx.Client(base_url=local, timeout=PATIENCE, trust_env=False) as http:
        if not _answers(http):
            _say(f"the server did not answer within {PATIENCE:.0f} s")
            return
        _say(f"Carnet answers at {settings.fhir_base}")
        if with_sample:
            _show(settings, http)


def _show(settings: Settings, http: httpx.Client) -> None:
    from app import sample  # noqa: PLC0415 - what it needs of Carnet takes longer to import than a server to start

    try:
        _say(sample.lines(settings, sample.make(settings, http)))
    except (httpx.HTTPError, sample.NotMadeError) as error:
        print(f"no sample record: {error}", file=sys.stderr, flush=True)  # noqa: T201 - a command line


def _answers(http: httpx.Client) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if http.get("/health/ready").status_code == HTTPStatus.OK:
                return True
        except httpx.TransportError:
            pass
        time.sleep(POLL)
    return False


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command line
