"""Structured logs: one line of JSON per event (or readable lines on a terminal), our own and the libraries' alike."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Belt and braces: nothing under these names is ever written.
SECRET = frozenset({"authorization", "password", "secret", "token", "variables"})


def configure(form: Literal["json", "console"], level: str = "INFO") -> None:
    """Send all logging of this process to standard error in the given form, from ``level`` on."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    renderer: list[Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # uvicorn tells of each start and stop of a worker; below a warning that is for developers.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, root.level))


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: "…" if key.lower() in SECRET else value for key, value in event.items()}
