"""The allow-list itself: every topic beyond the school has one, and what is not on it is found."""

import pytest

from aanwezig.contracts.allowed import ALLOWED, FOR_OFFICERS, not_allowed, paths_of
from aanwezig.contracts.topics import CASES, CASES_HALT, CASES_PREVENTION, FINDINGS, TOPICS, Domain

EVENT = {
    "specversion": "1.0", "id": "x", "source": "s", "type": "nl.attendance.case-step-taken.v1",
    "time": "2024-09-02T10:00:00Z", "datacontenttype": "application/json", "sequence": "3",
    "data": {
        "case": "c", "revision": 3, "pupil": "p", "school": None, "municipality": "0637", "track": "halt",
        "proposed": {"track": "halt", "rule": "decision", "subject": "pupil"}, "status": "in-progress", "findings": [],
        "actor": {"kind": "person", "id": "officer"}, "step": "halt-referred", "due": "2024-12-02",
    },
}  # fmt: skip


def with_data(**more):
    return {**EVENT, "data": {**EVENT["data"], **more}}


def test_every_topic_beyond_the_school_has_a_list():
    theirs = {topic.name for topic in TOPICS if topic.domain not in {Domain.SCHOOL, Domain.OPERATIONS}}
    # Notices to schools go out by webhook and mail as those of the other domains do.
    assert set(ALLOWED) == (theirs | {"school.notices.v1"}) - {"chain.register.v1"}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_no_more_than_the_registry_says(name):
    (topic,) = (topic for topic in TOPICS if topic.name == name)
    left_out = set(topic.events) - ALLOWED[name].events
    assert ALLOWED[name].events <= set(topic.events)
    assert left_out == (FOR_OFFICERS if name.startswith("chain.cases.") and topic is not CASES else set())


def test_what_is_on_the_list_may_be_said():
    assert not_allowed(CASES_HALT.name, EVENT) == []
    assert not_allowed(CASES_HALT.name, with_data(proposed=None)) == []


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        (with_data(motive="because"), ["motive"]),
        (with_data(motive=None), ["motive"]),
        (with_data(actor={"kind": "person", "id": "officer", "name": "Jansen"}), ["actor.name"]),
        (with_data(proposed={"track": "halt", "rule": {"id": "x"}}), ["proposed.rule.id"]),
        (with_data(findings=[{"kind": "statutory"}]), ["findings[].kind"]),
        ({**EVENT, "traceparent": "00-1-2-01"}, ["traceparent"]),
        ({**EVENT, "causationid": "x", "subject": "p"}, ["causationid", "subject"]),
        ({**EVENT, "type": "nl.attendance.case-opened.v1"}, ["case-opened"]),
    ],
)
def test_what_is_not_on_the_list_is_named(event, wrong):
    assert not_allowed(CASES_HALT.name, event) == wrong


def test_the_same_word_is_allowed_on_one_topic_and_not_on_another():
    proposed = {**EVENT, "type": "nl.attendance.case-track-proposed.v1", "traceparent": "00-1-2-01"}
    assert not_allowed(CASES.name, proposed) == []
    assert not_allowed(CASES_PREVENTION.name, proposed) == [
        "case-track-proposed", "proposed.rule", "proposed.subject", "proposed.track",
    ]  # fmt: skip


def test_a_topic_without_a_list_is_no_topic_where_everything_may_be_said():
    with pytest.raises(KeyError):
        not_allowed("school.facts.v1", EVENT)


def test_paths_lead_into_objects_and_lists():
    value = {"a": 1, "b": {"c": [{"d": 1}, {"e": []}]}, "f": {}, "g": [[1]], "h": None}
    assert list(paths_of(value)) == ["a", "b.c[].d", "b.c[].e[]", "f", "g[][]", "h"]
    assert not_allowed(FINDINGS.name, {**EVENT, "type": "nl.attendance.day-closed.v1", "data": {}}) == [
        "sequence"
    ]
