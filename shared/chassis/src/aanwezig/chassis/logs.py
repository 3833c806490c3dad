"""Structured logs: a named event with fields, one JSON line each, on standard output.

The catalogue is `docs/log-events.md`. Fields hold counts, codes, topics and offsets; never what a record says. A value
that looks like a personal number is blanked before it is written, as a last net.
"""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from opentelemetry import trace

_NINE_DIGITS: Final = re.compile(r"(?<!\d)\d{9}(?!\d)")
_AGAIN_SECONDS: Final = 5.0


def setup(service: str, instance: str, level: str) -> None:
    """Logs of this process, and of the libraries in it, as JSON lines with service and instance."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace,
            _blank_numbers,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service, instance=instance)
    handler = _Library()
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def get(name: str) -> Any:
    """A logger for a module; its events are named `<what>.<happened>`."""
    return structlog.get_logger(module=name)


class _Library(logging.Handler):
    """What a library logs, by logger and level only: its sentences may quote a record.

    While an engine is away a client says the same many times a second: one place is heard once in five seconds, with how
    often it spoke unheard before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._heard: dict[tuple[str, int, str | None], float] = {}
        self._unheard: dict[tuple[str, int, str | None], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        place, now = (record.name, record.lineno, error), time.monotonic()
        if now - self._heard.get(place, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            self._unheard[place] = self._unheard.get(place, 0) + 1
            return
        self._heard[place] = now
        structlog.get_logger(module=record.name).warning(
            "library.spoke",
            level_said=record.levelname,
            where=f"{record.module}:{record.lineno}",
            error=error,
            unheard=self._unheard.pop(place, 0),
        )


def _trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


def _blank_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for field, value in event.items():
        if isinstance(value, str) and _NINE_DIGITS.search(value):
            event[field] = _NINE_DIGITS.sub("*********", value)
    return event
