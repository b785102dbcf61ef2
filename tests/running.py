"""A Carnet that listens on a real socket, for clients that speak HTTP themselves."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from uvicorn import Config, Server

from app.main import create_app
from app.rest.wire import Protocol
from app.settings import Settings
from tests.serving import Carnet, keys_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.storage.embedded import Urls

PATIENCE = 60.0
"""Seconds that are waited for what does happen: only a test that fails takes them."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def listening(urls: Urls, data: Path, **settings: Any) -> AsyncIterator[Carnet]:
    """A server as `carnet serve` runs it, in a thread of its own, on a port that the system chose."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = {"port": listener.getsockname()[1], "database_url": urls.serve, "database_owner_url": urls.owner}
        made = Settings(data=data, **address, **settings)
        keys = keys_of(data)
        app = create_app(made)
        server = Server(Config(app, loop="uvloop", http=Protocol, log_level="warning", proxy_headers=False))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            async with asyncio.timeout(PATIENCE):
                while not server.started:
                    assert thread.is_alive()
                    await asyncio.sleep(0.01)
            async with httpx.AsyncClient(base_url=made.public_url, trust_env=False, timeout=PATIENCE) as http:
                yield Carnet(http, made, keys, app)
        finally:
            server.should_exit = True
            await asyncio.to_thread(thread.join, PATIENCE)
