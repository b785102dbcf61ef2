"""Is the server alive, is it ready, and what has it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from app.rest.server import Server

router = APIRouter(tags=["operation"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get("/health/ready", responses={503: {"description": "a part does not answer, or the server is to stop"}})
async def ready(request: Request, response: Response) -> dict[str, str | list[str]]:
    """Database, trail, key store and contents are there and can be written to; else 503, and which of them is not."""
    server: Server = request.app.state.server
    missing = ["draining"] if request.app.state.entrance.draining else list(await server.missing())
    if not missing:
        return {"status": "ready"}
    response.status_code = 503
    return {"status": "not ready", "missing": missing}


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Counts and durations of this worker, for Prometheus."""
    server: Server = request.app.state.server
    return Response(server.metrics.text(), media_type=CONTENT_TYPE_LATEST)
