"""Traces, set up once per process.

One span per batch, linked to the sampled contexts of its events (at most 64). The `traceparent` of the school's event is
carried unchanged through findings and cases to the notice, so a trace is found from any of them, and a replay says the
same bytes again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.json.file import FileSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_MOST_LINKS: Final = 64
_PROPAGATOR: Final = TraceContextTextMapPropagator()


class Tracing:
    """The tracer of this process. Without a file, spans are made and let go: ids still reach logs and events."""

    def __init__(self, service: str, instance: str, path: str | None) -> None:
        resource = Resource.create({"service.name": f"aanwezig-{service}", "service.instance.id": instance})
        self._provider = TracerProvider(resource=resource)
        if path is not None:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._provider.add_span_processor(BatchSpanProcessor(FileSpanExporter(path=path)))
        self._tracer = self._provider.get_tracer("aanwezig")

    @contextmanager
    def batch(self, topic: str, count: int, traceparents: Iterable[str | None]) -> Iterator[None]:
        """A span over the handling of one batch of a topic."""
        links = []
        for context in {text: None for text in traceparents if text is not None and text.endswith("01")}:
            known = context_of(context)
            if known is not None:
                links.append(Link(known))
            if len(links) == _MOST_LINKS:
                break
        attributes: dict[str, Any] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": topic,
            "messaging.batch.message_count": count,
        }
        with self._tracer.start_as_current_span(
            f"process {topic}", kind=SpanKind.CONSUMER, links=links, attributes=attributes
        ):
            yield

    @contextmanager
    def step(self, name: str, traceparent: str | None) -> Iterator[str]:
        """A span that belongs to the trace of its cause; gives the `traceparent` to carry on."""
        parent = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent is not None else None
        with self._tracer.start_as_current_span(name, context=parent) as span:
            carrier: dict[str, str] = {}
            _PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
            yield traceparent if traceparent is not None else carrier["traceparent"]

    def close(self) -> None:
        """Writes what is still waiting and stops."""
        self._provider.shutdown()


def context_of(traceparent: str) -> SpanContext | None:
    """The span context in a W3C `traceparent`; None when it is not one."""
    parts = traceparent.split("-")
    if len(parts) != 4:
        return None
    try:
        trace_id, span_id, flags = int(parts[1], 16), int(parts[2], 16), int(parts[3], 16)
    except ValueError:
        return None
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return context if context.is_valid else None
