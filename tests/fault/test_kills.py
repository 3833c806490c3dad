"""Each service is killed with `kill -9` at random moments under load; then everything is compared with a quiet year."""

import pytest

from aanwezig.contracts.topics import (
    CASES,
    CASES_CARE_MEETING,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CASES_PREVENTION,
    CROSSINGS,
    DECISIONS,
    FACTS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_FINDINGS,
    NOTICES,
    SIGNALS,
    TOPICS,
)
from support.lived import Lived, Trouble, live_through
from support.living import standing_now
from support.road import SERVICES

pytestmark = [
    pytest.mark.long,  # four minutes: a year lived twice, once among kills
    pytest.mark.engines,
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(1500),
]


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory, the_region, request) -> Lived:
    kills = request.config.getoption("--kills")
    trouble = Trouble(kills=kills, seed=kills)
    lived = live_through(tmp_path_factory.mktemp("disturbed"), the_region, trouble)
    assert sorted(trouble.done) == sorted(trouble.planned)
    return lived


def by_id(lived, topic):
    """The events of a topic by what they are deduplicated on; the same id with other words is caught here."""
    events = {}
    for _, event in lived.topics[topic]:
        known = events.setdefault((event["source"], event["id"]), event)
        assert known == event
    return events


def without_paths(events):
    """Events without the trace, which a door makes anew where the sender gave none."""
    return {
        key: {name: value for name, value in event.items() if name != "traceparent"}
        for key, event in events.items()
    }


@pytest.mark.parametrize(
    "topic",
    [
        FACTS,
        FINDINGS,
        HEALTH_FINDINGS,
        DECISIONS,
        CASES,
        CASES_PREVENTION,
        CASES_CARE_MEETING,
        HEALTH_CASES,
        CROSSINGS,
        CASES_HALT,
        CASES_POLICE_REPORT,
        NOTICES,
    ],
    ids=lambda topic: topic.name,
)
def test_no_event_is_lost_and_none_has_another_content(disturbed, lived, topic):
    quiet, after = without_paths(by_id(lived, topic.name)), without_paths(by_id(disturbed, topic.name))
    assert quiet.keys() - after.keys() == set()
    assert after.keys() - quiet.keys() == set()
    assert after == quiet
    assert after


def test_of_schools_the_same_stands_in_the_end(disturbed, lived):
    """How often a silent run is raised and withdrawn on the way depends on which partition is ahead: what stands does not."""
    quiet, after = (standing_now(one.topics[SIGNALS.name]) for one in (lived, disturbed))
    assert after.keys() == quiet.keys()
    for name, one in quiet.items():
        assert {**after[name], "revision": 0} == {**one, "revision": 0}
    # In this region no school is silent for good; that its signals were said at all is what the kills could have cost.
    assert by_id(disturbed, SIGNALS.name)


def test_a_receiver_that_looks_at_the_id_hears_each_notice_once(disturbed, lived):
    for year in (disturbed, lived):
        told = {
            event["data"]["notice"]
            for _, event in year.topics[NOTICES.name]
            if event["data"]["channel"] == "webhook"
        }
        assert {one.webhook_id for one in year.received} == told
        assert len({(one.webhook_id, one.body) for one in year.received}) == len(told) > 0
    assert {one.webhook_id for one in disturbed.received} == {one.webhook_id for one in lived.received}


def test_every_row_got_its_receipt_all_the_same(disturbed, lived):
    assert disturbed.outcomes.keys() == lived.outcomes.keys()
    refusals = {key: count for key, count in lived.outcomes.items() if key not in {"accepted", "duplicate"}}
    assert {key: disturbed.outcomes[key] for key in refusals} == refusals
    assert disturbed.outcomes["accepted"] + disturbed.outcomes["duplicate"] == (
        lived.outcomes["accepted"] + lived.outcomes["duplicate"]
    )


def test_nothing_was_parked(disturbed):
    parked = {
        topic.name: disturbed.topics[topic.name] for topic in TOPICS if topic.name.endswith(".parked.v1")
    }
    assert len(parked) == len(SERVICES)
    assert not any(parked.values())
    assert all(disturbed.ready[service]["ready"] for service in disturbed.ready)
