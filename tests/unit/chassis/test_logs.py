"""Logs: one JSON line per named event, and nothing of a pupil in it."""

import io
import json
import logging
import sys
import time

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider

from aanwezig.chassis import logs


@pytest.fixture
def lines(monkeypatch):
    """What was logged, as an operator would read it; afterwards logging is as it was."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    logs.setup("intake", "7", "INFO")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_names_event_service_instance_level_and_moment(lines):
    logs.get("somewhere").info("rows.taken", rows=3)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "rows.taken", "rows": 3, "service": "intake", "instance": "7", "module": "somewhere", "level": "info",
    }  # fmt: skip


def test_less_than_the_level_is_not_written(lines):
    logs.get("somewhere").debug("too.small")
    assert lines() == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("123456782", "*********"), ("pupil 123456782, and 987654321.", "pupil *********, and *********."),
        ("offset 1234567890", "offset 1234567890"), ("12345678", "12345678"), ("a123456782b", "a*********b"),
    ],
)  # fmt: skip
def test_what_looks_like_a_number_is_blanked(lines, said, written):
    logs.get("somewhere").warning("something.happened", why=said)
    assert lines()[0]["why"] == written


def fails():
    raise ValueError("Jan de Vries")


def test_of_a_library_only_its_place_is_written_never_its_sentence(lines):
    try:
        fails()
    except ValueError:
        logging.getLogger("aiokafka.somewhere").exception("record of %s refused", "Jan de Vries")
    logging.getLogger("aiokafka").info("connected")
    (line,) = lines()
    assert "Jan" not in json.dumps(line)
    assert (line["event"], line["level_said"], line["error"]) == ("library.spoke", "ERROR", "ValueError")
    assert (line["module"], line["where"].split(":")[0]) == ("aiokafka.somewhere", "test_logs")


def test_a_library_that_says_the_same_without_end_is_heard_now_and_then(lines, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    for moment in (100, 101, 104.9, 105, 105.1):
        clock[0] = moment
        logging.getLogger("aiokafka").error("no broker")
    logging.getLogger("aiokafka").error("another place")
    assert [line["unheard"] for line in lines()] == [0, 2, 0]


def test_a_line_within_a_span_names_its_trace(lines):
    with TracerProvider().get_tracer("test").start_as_current_span("work") as span:
        logs.get("somewhere").info("inside")
    logs.get("somewhere").info("outside")
    inside, outside = lines()
    assert inside["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert "trace_id" not in outside
