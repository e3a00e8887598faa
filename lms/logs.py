"""Structured logs: one JSON object a line, with the request's id; nothing about persons but their ids."""

import logging
import sys
from typing import Any

import structlog

_SECRET = {"password", "token", "identity_number", "licence_number", "code", "secret"}


def configure(form: str) -> None:
    """Send our own and the libraries' logs to standard error, as `json` or for reading on a `console`."""
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traceback(form),
            _hide,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # looked up anew: it may have been replaced
        cache_logger_on_first_use=False,
    )


def _traceback(form: str) -> Any:
    """How an exception is written down: never with the values of local variables, which may be a person's."""
    if form == "json":
        return structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
    return structlog.processors.ExceptionRenderer()


def _hide(_logger: Any, _name: str, words: Any) -> Any:
    return {key: "…" if key in _SECRET else value for key, value in words.items()}
