"""Traces: the path of a school's event is carried unchanged, and a batch is linked to what it holds."""

import json

import pytest
from opentelemetry import trace

from aanwezig.chassis.telemetry import Tracing, context_of

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def tracing(tmp_path):
    made = Tracing("test", "0", str(tmp_path / "deep" / "spans.json"))
    made.read = lambda: (made.close(), (tmp_path / "deep" / "spans.json").read_text())[1]
    return made


def test_what_was_given_is_carried_on_and_else_it_begins_here(tracing):
    with tracing.step("admit", GIVEN) as carried:
        assert carried == GIVEN
        inside = trace.get_current_span().get_span_context().trace_id
    with tracing.step("admit", None) as begun:
        assert begun.startswith(f"00-{trace.get_current_span().get_span_context().trace_id:032x}-")
    assert f"{inside:032x}" == GIVEN.split("-")[1]


def test_a_batch_is_linked_to_its_sampled_events_each_once_and_not_without_end(tracing):
    many = [f"00-{number:032x}-{number:016x}-01" for number in range(1, 100)]
    with tracing.batch("a.topic", 101, [GIVEN, GIVEN, None, "nonsense-01", GIVEN[:-1] + "0", *many]):
        pass
    (line,) = tracing.read().splitlines()
    (span,) = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (span["name"], len(span["links"])) == ("process a.topic", 64)
    assert [one["traceId"] for one in span["links"]].count(GIVEN.split("-")[1]) == 1


@pytest.mark.parametrize(
    "wrong", ["", "00-1-2", "00-zz-11-01", f"00-{'0' * 32}-b7ad6b7169203331-01", "a-b-c-d-e"]
)
def test_what_is_no_traceparent_has_no_context(wrong):
    assert context_of(wrong) is None
    assert context_of(GIVEN).span_id == 0xB7AD6B7169203331
