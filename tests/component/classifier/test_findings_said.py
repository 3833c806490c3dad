"""The classifier over a real store: what is said, what is left alone, and what time passing brings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aanwezig.chassis import metrics
from aanwezig.chassis.errors import OwnershipLost, Unavailable, Unprocessable
from aanwezig.contracts.envelope import event_from
from support.classifying import (
    CROSSING,
    EVERYWHERE,
    RecordingPublisher,
    Topic,
    a_classifier,
    a_store,
    calendars_of,
    contents,
    event_of,
    standing,
)
from support.facts import (
    OTHER_SCHOOL,
    PUPIL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_late_arrival,
    a_leave,
    a_presence,
    a_report,
    a_residence,
    absences,
    absent_on,
    an_absence,
    an_enrolment,
    retracted,
    weekdays_between,
)
from support.memory import Faults

pytestmark = pytest.mark.engines
SIXTEEN = absences("2024-09-02", 16)
HOLIDAY = a_calendar(holidays=[("2024-09-02", "2024-09-02")])
ALWAYS_SCHOOL = a_calendar(said=2)


def evaluations(why="word") -> float:
    return metrics.REGISTRY.get_sample_value("aanwezig_evaluations_total", {"cause": why}) or 0.0


async def test_of_quiet_marks_the_first_is_looked_at_and_all_are_kept(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    before = evaluations()
    await classifier.on_batch(
        topic.words([a_presence(on) for on in weekdays_between("2024-09-02", "2024-09-13")])
    )
    # Without an enrolment the first mark is one: the school is expected to go on.
    assert evaluations() == before + 1
    assert (store.written, publisher.told()) == ([PUPIL], [])
    told = await classifier.ledger.words_of([PUPIL], before={})
    assert len(told[PUPIL]) == 10


async def test_a_quiet_mark_stays_quiet_after_a_restart(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch(topic.words(a_birth(), an_enrolment(), a_presence("2024-09-02")))
    before, written = evaluations(), list(store.written)
    again = await a_classifier(store, publisher)
    await again.on_batch(topic.words(a_presence("2024-09-04"), a_presence("2024-09-05")))
    assert (evaluations(), store.written) == (before, written)


async def test_a_word_that_changes_nothing_leaves_the_document_untouched(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch(topic.words(a_birth(), an_enrolment(), absences("2024-09-02", 3)))
    before, written = evaluations(), list(store.written)
    await classifier.on_batch(topic.words(a_late_arrival("2024-09-03"), a_late_arrival("2024-09-04")))
    assert evaluations() == before + 2
    assert store.written == written


async def test_corrections_and_retractions_withdraw(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch(topic.words(SIXTEEN))
    await classifier.on_batch(topic.words(a_presence("2024-09-02", slot="lesson-1", said=2)))
    await classifier.on_batch(topic.words(an_absence("2024-09-02", slot="lesson-1", said=3)))
    await classifier.on_batch(topic.words(retracted(SIXTEEN[4])))
    assert publisher.told() == [
        ("raised", "statutory", "2024-09-02", 1),
        ("withdrawn", "statutory", "2024-09-02", 2),
        ("raised", "statutory", "2024-09-02", 3),
        ("withdrawn", "statutory", "2024-09-02", 4),
    ]
    assert standing(publisher.said) == {}


async def test_a_fact_that_contradicts_amends_and_its_retraction_amends_back(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    born, other = a_birth(id="school"), a_residence("2024-08-01", born="2010-03-16", id="town")
    await classifier.on_batch(topic.words(born, an_enrolment(), SIXTEEN))
    await classifier.on_batch(topic.words(replace(other, time=born.time + timedelta(days=1))))
    await classifier.on_batch(topic.words(retracted(other, at=born.time + timedelta(days=2))))
    assert publisher.told() == [
        ("raised", "statutory", "2024-09-02", 1),
        ("amended", "statutory", "2024-09-02", 2),
        ("amended", "statutory", "2024-09-02", 3),
    ]
    first, contradicted, last = (event.data for event in publisher.findings()[CROSSING.pupil(PUPIL)])
    assert contradicted["contradictions"] == [
        {"about": "birth-date", "stands": CROSSING.fact("town"), "against": CROSSING.fact("school")}
    ]
    assert {**last, "revision": 1} == first
    assert len(contents(publisher.of_findings())) == 6  # to the chain and to its school


async def test_an_enrolment_of_later_is_looked_at_when_its_day_closes(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    # Enrolled until the 30th of August: the sixteen hours count from the enrolment that is told beforehand on.
    await classifier.on_batch(topic.words(an_enrolment("2024-08-01", until="2024-08-30"), SIXTEEN))
    await classifier.on_batch(topic.words(an_enrolment("2024-09-03", until="2024-09-30")))
    await classifier.on_batch(topic.closes("2024-09-02"))
    before = evaluations("day")
    await classifier.on_batch(topic.closes("2024-09-03"))
    assert evaluations("day") == before + 1
    await classifier.on_batch(topic.closes("2024-09-04"))
    assert evaluations("day") == before + 1


async def test_a_leave_told_beforehand_counts_from_the_day_it_begins(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    at_home = absent_on(weekdays_between("2024-09-02", "2024-10-04"))
    await classifier.on_batch(topic.words(at_home))
    assert "home-sitter" in {row[1] for row in publisher.told()}
    await classifier.on_batch(
        topic.words(a_leave("2024-10-07", "2024-10-11"), an_absence("2024-10-04", said=2))
    )
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    assert document["x"]["wake"] == "2024-10-07"
    await classifier.on_batch(topic.closes("2024-10-07"))
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    # The next is the day on which the first hours after the crossing leave the window.
    assert document["x"]["wake"] == "2024-10-22"


async def test_something_that_happens_on_that_day_is_enough_to_wake(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    await classifier.on_batch(topic.words(a_presence("2024-09-02"), an_enrolment("2024-09-05")))
    before = evaluations()
    await classifier.on_batch(topic.words(a_presence("2024-09-04")))
    assert evaluations() == before
    await classifier.on_batch(topic.words(a_presence("2024-09-05")))
    assert evaluations() == before + 1


async def test_a_calendar_of_later_is_looked_at_for_the_pupils_of_its_school_alone(store, topic, publisher):
    calendars = await calendars_of(ALWAYS_SCHOOL)
    classifier = await a_classifier(store, publisher, calendars)
    elsewhere = absences("2024-09-02", 16, pupil="pupil-2", school=OTHER_SCHOOL)
    await classifier.on_batch(topic.words(SIXTEEN, elsewhere))
    before = evaluations("calendar")
    await calendars.on_change("", event_of(a_calendar(holidays=[("2024-09-02", "2024-09-02")], said=3)))
    await classifier.refresh(EVERYWHERE)
    assert evaluations("calendar") == before + 1
    assert [row[0] for row in publisher.told()] == ["raised", "withdrawn", "raised"]
    stands, to_school = standing(publisher.said).values()
    assert to_school["at"] == stands["at"]
    assert stands["school"] == OTHER_SCHOOL
    await classifier.refresh(EVERYWHERE)
    assert evaluations("calendar") == before + 1


async def test_a_calendar_matters_to_a_school_that_only_reported(store, topic, publisher):
    calendars = await calendars_of()
    classifier = await a_classifier(store, publisher, calendars)
    await classifier.on_batch(topic.words(a_report("2024-09-20")))
    await calendars.on_change("", event_of(HOLIDAY))
    await classifier.refresh(EVERYWHERE)
    assert [row[:2] for row in publisher.told()] == [("raised", "light"), ("amended", "light")]


async def test_a_calendar_that_changed_while_nobody_listened_is_looked_at_on_take_over(
    store, topic, publisher
):
    await (await a_classifier(store, publisher)).on_batch(topic.words(SIXTEEN))
    again = await a_classifier(store, publisher, await calendars_of(HOLIDAY))
    await again.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised", "withdrawn"]


async def test_pupils_of_another_owner_are_looked_at_when_they_are_taken_over(store, topic, publisher):
    calendars = await calendars_of(HOLIDAY)
    classifier = await a_classifier(store, publisher, calendars)
    await classifier.refresh(EVERYWHERE)
    # The other had not read the calendar yet when it looked.
    await (await a_classifier(store, publisher)).on_batch(topic.words(SIXTEEN))
    await classifier.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised"]
    await classifier.on_assigned(EVERYWHERE)
    await classifier.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised", "withdrawn"]


async def test_who_owns_no_partition_looks_at_nothing_and_forgets_no_change(store, topic, publisher):
    calendars = await calendars_of()
    classifier = await a_classifier(store, publisher, calendars)
    await classifier.on_batch(topic.words(SIXTEEN))
    await calendars.on_change("", event_of(HOLIDAY))
    await classifier.refresh(frozenset())
    assert len(publisher.told()) == 1
    await classifier.refresh(EVERYWHERE)
    assert len(publisher.told()) == 2


async def test_who_is_behind_the_document_does_not_take_back_what_another_said(store, topic, publisher):
    calendars = await calendars_of(ALWAYS_SCHOOL)
    was_owner, owner = (
        await a_classifier(store, publisher, calendars),
        await a_classifier(store, publisher, calendars),
    )
    first, rest = topic.words(SIXTEEN[:8]), topic.words(SIXTEEN[8:])
    await was_owner.on_batch(first)
    await owner.on_batch(rest)
    was_owner.forget()
    # A change that leaves the finding as it is: whoever looks with eight marks alone would withdraw it.
    await calendars.on_change("", event_of(a_calendar(extra_free=["2025-07-01"], said=3)))
    await was_owner.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised"]
    await was_owner.on_batch(rest)
    await was_owner.refresh(EVERYWHERE)
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    assert document["x"]["calendars"] == {SCHOOL: calendars.calendars.of(SCHOOL).fingerprint}
    assert len(standing(publisher.said)) == 2  # to the chain and to its school


async def test_a_failed_look_at_a_calendar_is_made_again(store, topic, publisher):
    calendars = await calendars_of()
    classifier = await a_classifier(store, publisher, calendars)
    await classifier.on_batch(topic.words(SIXTEEN))
    await calendars.on_change("", event_of(HOLIDAY))
    store.faults = Faults(before=[1])
    classifier.shelf._collection._faults = store.faults
    with pytest.raises(Unavailable):
        await classifier.refresh(EVERYWHERE)
    await classifier.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised", "withdrawn"]


async def test_little_memory_gives_the_same(store, topic, engines):
    pupils = [f"pupil-{number}" for number in range(120)]
    said = [
        one
        for on in weekdays_between("2024-09-02", "2024-09-13")
        for pupil in pupils
        for one in (
            absences(on, 4, pupil=pupil) if int(pupil[-1]) % 5 == 0 else [a_presence(on, pupil=pupil)] * 2
        )
    ]
    # Under ids of their own: those of the builders do not name the pupil.
    records = topic.words([replace(one, id=f"{one.fact.pupil}/{one.id}") for one in said])
    enough, little = RecordingPublisher(), RecordingPublisher()
    async with a_store(engines) as other:
        for records_store, said_by, bounds in (
            (store, enough, {}),
            (other, little, {"memory_words": 1_000, "memory_pupils": 100}),
        ):
            classifier = await a_classifier(records_store, said_by, **bounds)
            for place in range(0, len(records), 150):
                await classifier.on_batch(records[place : place + 150])
        assert len(list(classifier._memory)) == 100
        assert classifier._memory._words <= 1_000
    assert len(enough.of_findings()) >= 24
    assert little.findings() == enough.findings()


async def test_what_is_owed_is_said_on_take_over(store, topic, publisher):
    classifier = await a_classifier(store, RecordingPublisher(Faults(before=[1])))
    with pytest.raises(Unavailable):
        await classifier.on_batch(topic.words(SIXTEEN))
    await a_classifier(store, publisher)
    assert publisher.told() == [("raised", "statutory", "2024-09-02", 1)]
    await a_classifier(store, publisher)
    assert len(publisher.told()) == 1


async def test_a_word_of_one_pupil_under_the_key_of_another_is_never_kept(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    (good,) = topic.words(an_absence("2024-09-02"))
    with pytest.raises(Unprocessable):
        await classifier.on_batch([good._replace(key="pupil-2")])
    assert await store.collection("words").count({}) == 0


async def test_who_lost_a_document_reads_it_again(store, topic, publisher):
    one, two = await a_classifier(store, publisher), await a_classifier(store, publisher)
    first, rest = topic.words(SIXTEEN[:15]), topic.words(SIXTEEN[15:], an_absence("2024-09-03"))
    await one.on_batch(first)
    await two.on_batch(first)
    await two.on_batch(rest[:1])
    with pytest.raises(OwnershipLost):
        await one.on_batch(rest[:1])
    one.forget()
    await one.on_batch(rest)
    assert publisher.told() == [("raised", "statutory", "2024-09-02", 1)]
    assert len(contents(publisher.of_findings())) == 2  # to the chain and to its school
    assert CROSSING.pupil(PUPIL) in publisher.findings()


async def test_a_pupil_that_moved_to_another_partition_is_looked_at_there(store, topic, publisher):
    classifier = await a_classifier(store, publisher)
    words = topic.words(SIXTEEN)
    await classifier.on_batch([one._replace(offset=one.offset + 100) for one in words[:8]])
    moved = [one._replace(partition=1, offset=place) for place, one in enumerate(words[8:])]
    await classifier.on_batch(moved)
    assert publisher.told() == [("raised", "statutory", "2024-09-02", 1)]
    again = await a_classifier(store, publisher)
    await again.on_batch(moved)
    assert len(publisher.told()) == 1


@pytest.mark.parametrize("together", [1, 2, 5])
async def test_presence_is_restored_by_the_tenth_day_however_many_days_come_at_once(engines, together):
    days = [a_presence(on) for on in weekdays_between("2024-09-03", "2024-09-18")]
    said = []
    for size in (1, together):
        publisher, topic = RecordingPublisher(), Topic()
        async with a_store(engines) as opened:
            classifier = await a_classifier(opened, publisher)
            await classifier.on_batch(topic.words([an_enrolment(), a_birth(), *SIXTEEN]))
            for place in range(0, len(days), size):
                await classifier.on_batch(topic.words(days[place : place + size]))
        said.append(contents(publisher.of_findings()))
    one_by_one, some_at_once = said
    assert [kind for kind in map(kind_of, one_by_one.values()) if kind == "presence-restored"] != []
    assert some_at_once == one_by_one


def kind_of(said: bytes) -> str:
    return event_from(said).data["kind"]
