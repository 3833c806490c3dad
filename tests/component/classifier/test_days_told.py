"""The classifier over a real store: how a closed day goes on to the chain and to health, over restarts and crashes."""

import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.topics import FINDINGS, HEALTH_FINDINGS
from support.classifying import (
    PARTITIONS,
    a_classifier,
)
from support.facts import (
    PUPIL,
    a_mark,
    a_sick_report,
    absences,
    an_enrolment,
)
from support.memory import Faults

pytestmark = pytest.mark.engines
SIXTEEN = absences("2024-09-02", 16)


async def test_a_day_is_told_to_the_chain_after_its_findings_in_every_partition(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    pupils = [f"pupil-{number}" for number in range(6)]
    for on in ("2024-09-02", "2024-09-03"):
        words = topic.words(*(absences(on, 8, pupil=pupil) for pupil in pupils))
        await classifier.on_batch([*words, *topic.closes(on)])
    said = [(one.partition, event_from(one.value)) for one in publisher.said if one.topic == FINDINGS.name]
    names = [event.data["date"] if event.name == "day-closed" else event.data["kind"] for _, event in said]
    a_day = PARTITIONS * PARTITIONS
    assert names == ["2024-09-02"] * a_day + ["statutory"] * 6 + ["2024-09-03"] * a_day
    told = [(where, event.data["origin"]) for where, event in said if event.data.get("date") == "2024-09-03"]
    assert sorted(told) == [(where, origin) for where in range(PARTITIONS) for origin in range(PARTITIONS)]
    assert {event.data["origins"] for _, event in said if event.name == "day-closed"} == {PARTITIONS}


async def test_a_day_is_told_to_health_too_in_every_partition_under_ids_of_its_own(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch([*topic.words(a_sick_report("2024-09-02")), *topic.closes("2024-09-13")])
    said = [
        (one.partition, event_from(one.value)) for one in publisher.said if one.topic == HEALTH_FINDINGS.name
    ]
    names = [event.name for _, event in said]
    assert names == ["finding-raised"] + ["day-closed"] * PARTITIONS**2
    places = sorted((where, event.data["origin"]) for where, event in said[1:])
    assert places == [(where, origin) for where in range(PARTITIONS) for origin in range(PARTITIONS)]
    chain = [event_from(one.value) for one in publisher.said if one.topic == FINDINGS.name]
    assert [event.data for event in chain] == [event.data for _, event in said[1:]]
    marks = {mark for event in chain for mark in (event.id, event.causation)}
    assert not marks & {mark for _, event in said for mark in (event.id, event.causation)}
    # Origins of one day have one cause, as in the chain: whoever closes it says the same whichever speaks last.
    assert len({event.causation for _, event in said[1:]}) == 1
    assert {event.traceparent for _, event in said} == {None}


async def test_words_after_a_day_are_looked_at_after_it(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch(
        [*topic.words(SIXTEEN[:8]), *topic.closes("2024-09-02"), *topic.words(SIXTEEN[8:])]
    )
    names = [event_from(one.value).name for one in publisher.said if one.topic == FINDINGS.name]
    assert names == ["day-closed"] * PARTITIONS**2 + ["finding-raised"]


async def test_after_a_restart_the_closed_days_are_those_of_before(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch([*topic.words(a_mark("2024-09-02", "present")), *topic.closes("2024-10-01")])
    again = await a_classifier(store, publisher)
    await again.on_batch(topic.words(an_enrolment("2024-10-01"), an_enrolment("2024-10-02")))
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    assert document["x"]["wake"] == "2024-10-02"


async def test_after_a_crash_a_word_does_not_see_a_day_that_closed_after_it(store, topic, publisher):
    told_before = an_enrolment("2024-09-10")  # seen from then on: on the 2nd the pupil was not enrolled
    records = [*topic.words(told_before, SIXTEEN), *topic.closes("2024-09-10")]
    classifier = await a_classifier(store, publisher)
    store.faults = Faults(before=[3])  # words and days are in the ledger, and nothing else
    classifier.shelf._collection._faults = classifier.ledger._words._faults = store.faults
    classifier.ledger._days._faults = store.faults
    with pytest.raises(Unavailable):
        await classifier.on_batch(records)
    assert publisher.said == []
    await (await a_classifier(store, publisher)).on_batch(records)
    assert [row[0] for row in publisher.told()] == ["raised", "withdrawn"]
