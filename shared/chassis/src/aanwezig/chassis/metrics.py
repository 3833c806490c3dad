"""Every metric of every service, in one place: a misspelt name does not type-check.

Labels hold service-side words only (topic, outcome, reason class): never a key, a school or a pupil.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

RECORDS = Counter(
    "aanwezig_records",
    "Records taken from a topic, by what became of them.",
    ("topic", "outcome"),
    registry=REGISTRY,
)
BATCH_SECONDS = Histogram(
    "aanwezig_batch_seconds", "Seconds to keep, say and commit one batch.", ("topic",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30), registry=REGISTRY,
)  # fmt: skip
SAID = Counter("aanwezig_said", "Events published and acknowledged.", ("topic",), registry=REGISTRY)
LAG = Gauge(
    "aanwezig_lag", "Records not yet committed, over the partitions owned.", ("topic",), registry=REGISTRY
)
HELD = Gauge(
    "aanwezig_held",
    "Submission topics that wait on purpose: too fast a sender, or one not registered yet.",
    ("topic",),
    registry=REGISTRY,
)
PARKED = Counter(
    "aanwezig_parked", "Records parked, by reason class.", ("topic", "reason"), registry=REGISTRY
)
WAITS = Counter(
    "aanwezig_waits",
    "Times a batch waited because something it needs was away.",
    ("topic",),
    registry=REGISTRY,
)
REBALANCES = Counter(
    "aanwezig_rebalances", "Assignments of partitions taken over.", ("topic",), registry=REGISTRY
)
ROWS = Counter(
    "aanwezig_rows", "Submitted rows, by outcome and refusal code.", ("outcome", "code"), registry=REGISTRY
)
IDENTITIES = Counter(
    "aanwezig_identities",
    "Pseudonyms somebody asked about, by whether it was told who that is.",
    ("outcome",),
    registry=REGISTRY,
)
CONNECTIONS_LET_GO = Counter(
    "aanwezig_connections_let_go",
    "Connections the HTTP door hung up on: slow, answer (not read), head or rest (too large), pipeline, room.",
    ("reason",),
    registry=REGISTRY,
)
FINDINGS = Counter(
    "aanwezig_findings", "Findings said, by kind and what happened.", ("kind", "what"), registry=REGISTRY
)
EVALUATIONS = Counter(
    "aanwezig_evaluations", "Pupils whose findings were computed again, by what asked for it.", ("cause",),
    registry=REGISTRY,
)  # fmt: skip
CASES = Counter("aanwezig_case_events", "Case events said, by name.", ("event",), registry=REGISTRY)
NOTICES = Counter(
    "aanwezig_notices", "Notices, by channel and outcome.", ("channel", "outcome"), registry=REGISTRY
)
CLOSED_DAY = Gauge(
    "aanwezig_closed_day", "The last closed date, as days since 1970-01-01.", (), registry=REGISTRY
)


def page() -> bytes:
    """All metrics in Prometheus' text form."""
    return generate_latest(REGISTRY)
