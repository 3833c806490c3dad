"""A record that was parked and is tried again: it counts from now on, and undoes nothing of what came since."""

import pytest

from support.classifying import (
    EVERYWHERE,
    RecordingPublisher,
    Topic,
    a_classifier,
    calendars_of,
    contents,
    event_of,
    standing,
)
from support.facts import PUPIL, SCHOOL, a_calendar, absences, an_absence, retracted

pytestmark = pytest.mark.engines
SIXTEEN = absences("2024-09-02", 16)
END = 100


def again(record, at=END):
    return record._replace(retried_at=at)


@pytest.mark.parametrize("forgets", [False, True])
async def test_it_counts_although_its_pupil_was_looked_at_further_on(store, forgets):
    topic, publisher = Topic(), RecordingPublisher()
    calendars = await calendars_of(a_calendar(said=2))
    classifier = await a_classifier(store, publisher, calendars)
    (parked,) = topic.words(SIXTEEN[0])
    await classifier.on_batch(topic.words(SIXTEEN[1:]))
    await classifier.on_batch(topic.closes("2024-09-20"))
    await calendars.on_change("", event_of(a_calendar(extra_free=["2025-07-01"], said=3)))
    await classifier.refresh(EVERYWHERE)
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    assert document["state"]["offset"] > parked.offset
    if forgets:
        classifier.forget()
    assert publisher.told() == []
    at = topic.closes("2024-09-21")[parked.partition].offset
    for _ in range(2):
        await classifier.on_batch([again(parked, at)])
        assert [row[:2] for row in publisher.told()] == [("raised", "statutory")]
    # The next one in its turn is looked at: it does not pass for one that was said before.
    await classifier.on_batch(topic.words(retracted(SIXTEEN[4])))
    assert [row[0] for row in publisher.told()] == ["raised", "withdrawn"]
    contents(publisher.said)


async def test_it_takes_back_nothing_that_rests_on_later_words(store):
    topic, publisher = Topic(), RecordingPublisher()
    calendars = await calendars_of(a_calendar(said=2))
    classifier = await a_classifier(store, publisher, calendars)
    words = topic.words(SIXTEEN)
    await classifier.on_batch(words)
    classifier.forget()
    await classifier.on_batch([again(words[3], len(words))])
    await classifier.on_batch([again(words[3], 5)])
    # Who asks for another reason stands where we stand, and sees what we saw.
    await calendars.on_change("", event_of(a_calendar(extra_free=["2025-07-01"], said=3)))
    classifier.forget()
    await classifier.refresh(EVERYWHERE)
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    assert document["x"]["calendars"] == {SCHOOL: calendars.calendars.of(SCHOOL).fingerprint}
    assert [row[0] for row in publisher.told()] == ["raised"]
    assert len(standing(publisher.said)) == 2  # to the chain and to its school


async def test_two_after_each_other_both_count_whatever_is_forgotten_in_between(store):
    topic, publisher = Topic(), RecordingPublisher()
    classifier = await a_classifier(store, publisher)
    first, second, *others = topic.words(SIXTEEN)
    await classifier.on_batch(others)
    await classifier.on_batch([again(first, others[-1].offset + 1)])
    classifier.forget()
    await classifier.on_batch([again(second, others[-1].offset + 1)])
    assert [row[0] for row in publisher.told()] == ["raised"]


async def test_a_closed_day_closes_and_wakes_with_all_that_was_said(store):
    topic, publisher = Topic(), RecordingPublisher()
    classifier = await a_classifier(store, publisher)
    days = topic.closes("2024-09-20")
    await classifier.on_batch(topic.words(SIXTEEN, an_absence("2024-09-10", slot="lesson-1")))
    told = publisher.told()
    classifier.forget()
    await classifier.on_batch([again(day) for day in days])
    await classifier.on_batch(topic.words(an_absence("2024-09-11", slot="lesson-1")))
    assert publisher.told()[: len(told)] == told
    assert "withdrawn" not in {row[0] for row in publisher.told()}
    kept = await store.collection("days").count({})
    assert kept == len(days)
