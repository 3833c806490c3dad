"""The metrics page: every metric has a meaning, and labels hold our own words only."""

from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families

from aanwezig.chassis import metrics

OUR_WORDS = {"topic", "outcome", "reason", "code", "kind", "what", "cause", "event", "channel", "le"}


def test_the_page_is_what_prometheus_reads():
    metrics.RECORDS.labels("a.topic", "handled").inc(3)
    metrics.LAG.labels("a.topic").set(4)
    read = {
        (sample.name, sample.labels.get("topic")): sample.value
        for family in text_string_to_metric_families(metrics.page().decode())
        for sample in family.samples
    }
    assert read["aanwezig_records_total", "a.topic"] >= 3
    assert read["aanwezig_lag", "a.topic"] == 4


def test_every_metric_is_ours_and_says_what_it_is():
    families = list(text_string_to_metric_families(metrics.page().decode()))
    assert len(families) > 10
    for family in families:
        assert family.name.startswith("aanwezig_")
        assert family.documentation
        assert {label for sample in family.samples for label in sample.labels} <= OUR_WORDS


def test_no_label_could_hold_a_key_a_school_or_a_pupil():
    declared = [
        one for one in vars(metrics).values() if isinstance(one, Counter) or hasattr(one, "_labelnames")
    ]
    assert len(declared) > 10
    for metric in declared:
        assert set(metric._labelnames) <= OUR_WORDS
