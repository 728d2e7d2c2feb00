"""Structured logs: a line of JSON per event (or readable ones on a terminal), our own and the libraries' alike."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Belt and braces: nothing under a name that has one of these in it is ever written.
SECRET = ("authorization", "cookie", "password", "secret", "token", "totp", "variables", "private_key")

# Without the frames' variables, among which are passwords, tokens and people's data.
TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure(form: Literal["json", "console"], level: str = "INFO") -> None:
    """Send all logging of this process to standard error in the given form, from ``level`` on."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    renderer: list[Processor] = (
        [TRACEBACKS, structlog.processors.JSONRenderer(serializer=_json)]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    # Our own events do not pass through the standard library's logging: that would take as long as a small request.
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    foreign: list[Processor] = [structlog.stdlib.add_logger_name, *shared]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(threshold)
    # uvicorn tells of each start and stop of a worker; short of a warning that is for developers.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, threshold))


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=repr).decode()


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _shown(key, value) for key, value in event.items()}


def _shown(key: str, value: Any) -> Any:
    if any(part in str(key).lower() for part in SECRET):
        return "…"
    return {name: _shown(name, inner) for name, inner in value.items()} if isinstance(value, dict) else value
