"""What the server says of itself: one line of JSON for each event, with the request that it is about, and nobody in it.

A log is read by more people than the records are. So an exception is told by its class and its places, never by its
words, which may quote a row; and what a library says is told by its template, without the values that it puts in.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from app.settings import Logs

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import TracebackType
    from typing import TextIO

    from app.settings import Settings

    Event = MutableMapping[str, Any]

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request that is being answered, "" outside of one."""
OURS = "app"
TOP = f"{Path(__file__).parent}/"
LEVELS = ("app", "uvicorn", "uvicorn.error", "asyncio")
"""Loggers whose words are known to hold no values of people."""


class Plain(structlog.stdlib.ProcessorFormatter):
    """Turns a record of the standard library into a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one event; one that cannot be made is told by its template."""
        if record.name.partition(".")[0] != OURS and record.name not in LEVELS:
            record.args = ()
        return super().format(record)


def configure(settings: Settings, stream: TextIO | None = None) -> logging.Handler:
    """Send what every logger says to a stream, stderr unless told otherwise, as the settings ask."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.logs is Logs.TEXT:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
    said = (structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder())
    chain: list[Any] = [*said, stamp]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        Plain(
            foreign_pre_chain=[*chain, _about, _without_words],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if settings.access_log else logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return handler


def _about(_: object, __: str, event: Event) -> Event:
    """Name the request."""
    if request := REQUEST.get():
        event["request"] = request
    return event


def _without_words(_: object, __: str, event: Event) -> Event:
    """Replace an exception by its class and the places that it went through."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if given and error is not None:
        event["error"] = type(error).__name__
        event["at"] = places(error.__traceback__)
    return event


def places(trace: TracebackType | None) -> str:
    """Files and lines of ours that an exception went through, the innermost first."""
    found = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(TOP)]
    return " < ".join(f"{frame.filename[len(TOP) :]}:{frame.lineno}" for frame in reversed(found))
