"""The application around the FHIR surface: health, metrics, and the pages that are not FHIR."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from app.main import create_app
from tests.serving import keys_of
from tests.shelf import Site, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.auth.keys import SigningKeys
    from app.main import Carnet
    from app.rest.server import Server
    from app.settings import Settings


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return keys_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def site(tmp_path: Path, keys: SigningKeys) -> AsyncIterator[Site]:
    async with opened(tmp_path, keys) as made:
        yield made


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    @asynccontextmanager
    async def build(_: Settings) -> AsyncIterator[Server]:
        yield site.server

    app: Carnet = create_app(site.server.settings, build)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://carnet.test") as made,
    ):
        yield made


async def test_live_and_ready(client: httpx.AsyncClient, site: Site) -> None:
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/ready")).status_code == 200
    site.journal.broken = True
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/ready")).status_code == 503


async def test_metrics(client: httpx.AsyncClient) -> None:
    await client.get("/fhir/metadata")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'carnet_requests_total{interaction="capabilities",status="2xx"} 1.0' in answer.text


@pytest.mark.parametrize(
    ("path", "fhir"), [("/fhir", True), ("/fhir/Nothing", True), ("/fhirx", False), ("/nothing", False)]
)
async def test_only_the_fhir_surface_answers_with_outcomes(client: httpx.AsyncClient, path: str, *, fhir: bool) -> None:
    answer = await client.get(path)
    assert answer.status_code in (401, 404, 405)
    assert ("resourceType" in answer.json()) is fhir


async def test_openapi_is_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")
