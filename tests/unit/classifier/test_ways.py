"""Nothing that is for a school or for health alone can reach a topic of the chain (`contract.md` 2; design.md, *The rooms*)."""

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.calendars import CalendarDesk
from aanwezig.classifier.evaluation import Cause, Law, evaluate
from aanwezig.classifier.governance import Register
from aanwezig.classifier.memory import Pupil
from aanwezig.classifier.school import School, SchoolLaw
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.feeds import FeedEnrolled, FeedMarked
from aanwezig.contracts.findings import KINDS, NOT_OF_THE_CHAIN
from aanwezig.contracts.submissions import examine
from aanwezig.contracts.topics import (
    FEED_EVENTS,
    FINDING_EVENTS,
    FINDINGS,
    HEALTH_FINDINGS,
    SIGNALS,
    TOPICS,
    Domain,
)
from aanwezig.law.attention import UNKNOWN_PUPIL
from aanwezig.law.standing import Standing
from support.classifying import CROSSING, TO_HEALTH, WAYS, event_of
from support.facts import (
    PUPIL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_late_arrival,
    a_presence,
    a_report,
    a_residence,
    a_sick_report,
    a_signal,
    absences,
    an_absence,
    an_enrolment,
    day,
    retracted,
    weekdays_between,
)
from support.law import NL_2024, about_calendar, book_of
from support.streams import streams

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
DOMAIN = {topic.name: topic.domain for topic in TOPICS}
NOTED = datetime(2024, 11, 1, tzinfo=UTC)
TOPICS_OF = {"sickness": (HEALTH_FINDINGS,), "late-report": (SIGNALS,), "silent-feed": (SIGNALS,)}
OF_THE_CHAIN = set(KINDS) - {"sickness", "late-report", "silent-feed"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_ways_and_three_never_lead_to_the_chain(kind):
    expected = TOPICS_OF.get(kind, (FINDINGS, SIGNALS))
    assert tuple(way.topic for way in WAYS.of(kind, SCHOOL)) == expected
    assert (FINDINGS in expected) == (kind not in NOT_OF_THE_CHAIN)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - NOT_OF_THE_CHAIN))
def test_of_what_has_no_school_no_school_hears(kind):
    assert [way.topic for way in WAYS.of(kind)] == [FINDINGS]


def test_no_topic_of_the_chain_or_justice_knows_the_events_of_a_school():
    of_a_school = {"distance-measured", *FEED_EVENTS}
    carrying = {topic.name for topic in TOPICS if of_a_school & {*topic.events}}
    assert carrying == {"school.signals.v1", "school.feeds.v1"}
    spoken = {
        topic.name
        for topic in TOPICS
        if "classifier" in topic.speakers and topic.domain is not Domain.OPERATIONS
    }
    assert spoken == {
        "school.facts.v1", "school.feeds.v1", "school.signals.v1", "school.presence.v1", "chain.findings.v1",
        "health.findings.v1",
    }  # fmt: skip


def test_a_schools_own_findings_have_the_one_way_to_the_school():
    assert WAYS.of("silent-feed", SCHOOL) == (WAYS.school,)
    assert SchoolLaw.__annotations__["way"]
    assert School.evaluate.__annotations__["law"] is SchoolLaw


def everything_said(events, ends):
    """All that the evaluations of a stream owe, looked at on each of these dates, and the pupils it is about."""
    words, calendars, seen = defaultdict(list), [], set()
    for event in events:
        said = examine(json.dumps(event).encode())
        if (said.source, said.id) in seen:
            continue
        seen.add((said.source, said.id))
        word = said.word(None if said.pupil is None else f"in-the-school-{said.pupil.text}")
        calendars.append(word) if about_calendar(word) else words[word.fact.pupil].append(word)
    law = Law(book_of(calendars).calendars, NL_2024, lambda *_: [])
    owed = []
    for name, told in words.items():
        pupil = Pupil(UNKNOWN_PUPIL, standing=Standing.of(told))
        for offset, closed in enumerate(ends):
            cause = Cause(event_of(told[-1]), of_a_school=True)
            evaluate(name, pupil, partition=0, offset=offset, closed=closed, law=law, cause=cause, ways=WAYS)
        owed += pupil.kept.owed if pupil.kept else []
    return owed, set(words)


@settings(CALM, max_examples=60)
@given(stream=streams(), before=st.lists(st.integers(0, 400), max_size=3))
def test_of_everything_said_in_a_random_year_the_chain_and_health_hear_their_kinds_alone(stream, before):
    ends = sorted({stream.as_of, *(stream.as_of - timedelta(days=days) for days in before)})
    owed, pupils = everything_said(stream.events, ends)
    ids = {event["id"] for event in stream.events}
    for one in owed:
        event, domain = event_from(one.value), DOMAIN[one.topic]
        if domain is Domain.SCHOOL:
            assert (event.data.get("kind") or event.name) in {
                *(OF_THE_CHAIN - {"absolute"}),
                "late-report",
                "distance-measured",
                "feed-enrolled",
            }
            assert (one.key, event.data["pupil"] in pupils) == (event.data["school"], True)
            continue
        crossing, kinds = (CROSSING, OF_THE_CHAIN) if domain is Domain.CHAIN else (TO_HEALTH, {"sickness"})
        assert event.name in FINDING_EVENTS
        assert event.data["kind"] in kinds
        assert one.key in {crossing.pupil(pupil) for pupil in pupils}
        assert not any(pupil in one.value.decode() for pupil in pupils)
        assert event.causation not in ids


HOME = [an_absence(on, at=NOTED) for on in weekdays_between("2024-09-02", "2024-10-11")]
BACK = [a_presence(on) for on in weekdays_between("2024-10-14", "2024-11-01")]
EVERY_KIND = {
    "statutory": [a_birth(), an_enrolment(), *absences("2024-09-02", 16)],
    "late-report": [a_birth(), an_enrolment(), *absences("2024-09-02", 16, at=NOTED)],
    "eighteen-plus": [a_birth("2005-03-15"), an_enrolment(), *absences("2024-09-02", 16)],
    "lateness": [a_late_arrival(f"2024-09-0{number}") for number in (2, 3, 4)],
    "luxury": [an_absence("2024-09-02", reason="luxury")],
    "light": [an_absence("2024-09-02"), a_report("2024-09-03")],
    "long-term": HOME,
    "home-sitter": HOME,
    "returned": [*HOME, *BACK],
    "presence-restored": [*HOME, *BACK],
    "absolute": [a_residence("2020-01-01")],
    "sickness": [a_sick_report("2024-09-02")],
}
"""The facts of one pupil by which each kind arises."""


def raised_amended_and_withdrawn(facts, closed):
    """All that is owed of a pupil: when these facts are told, when a signal joins them, and when all is taken back."""
    law = Law(book_of([]).calendars, NL_2024, lambda *_: [])
    pupil, told = Pupil(UNKNOWN_PUPIL, standing=Standing()), [*facts, a_signal("2024-09-03")]
    for offset, words in enumerate(
        (facts, told[-1:], [retracted(one, at=NOTED + timedelta(days=99)) for one in told])
    ):
        for one in words:
            pupil.standing.apply(one)
        pupil.latest = closed
        evaluate(
            PUPIL, pupil, partition=0, offset=offset, closed=closed, law=law, cause=Cause(event_of(words[-1]), of_a_school=True),
            ways=WAYS,
        )  # fmt: skip
    return pupil.kept.owed


def a_school_that_was_silent():
    """All that is owed of a school: a day of silence, another, and a mark on both."""
    desk, register = CalendarDesk(), Register("nl-2024")
    asyncio.run(desk.on_change("", event_of(a_calendar())))
    school = School(SCHOOL, Kept(SCHOOL, 0))
    law = SchoolLaw(desk.calendars, register, WAYS.school)
    cause = Cause(event_of(a_calendar()), of_a_school=False)
    spans = [{"from": "2024-09-02", "until": None}]
    share = {"school": SCHOOL, "pupil": PUPIL, "revision": 1, "enrolments": spans, "firsts": []}
    school.enrolled(FeedEnrolled.model_validate(share))
    for on in ("2024-09-02", "2024-09-03"):
        school.evaluate(day(on), law, cause)
    for on in ("2024-09-02", "2024-09-03"):
        marked = {"school": SCHOOL, "date": on, "origin": 0, "revision": 1, "marks": True}
        school.marked(FeedMarked.model_validate(marked))
    school.evaluate(day("2024-09-03"), law, cause)
    return school.kept.owed


def test_each_kind_is_walked():
    assert {*EVERY_KIND, "silent-feed"} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happens_to_a_finding_is_said_on_its_ways_alone(kind):
    owed = (
        raised_amended_and_withdrawn(EVERY_KIND[kind], day("2024-12-01"))
        if kind in EVERY_KIND
        else a_school_that_was_silent()
    )
    events = [(one, event_from(one.value)) for one in owed]
    happened = {(one.topic, event.name) for one, event in events if event.data.get("kind") == kind}
    ways = WAYS.of(kind, None if kind == "absolute" else SCHOOL)
    assert happened == {(way.topic.name, name) for way in ways for name in FINDING_EVENTS}
    for one, event in events:
        topic = next(topic for topic in TOPICS if topic.name == one.topic)
        assert event.name in topic.events
        if DOMAIN[one.topic] is not Domain.SCHOOL:
            assert (event.data["kind"] in NOT_OF_THE_CHAIN) == (topic is HEALTH_FINDINGS)
            assert (one.key, event.name in FINDING_EVENTS) == (event.data["pupil"], True)
            assert PUPIL not in one.value.decode()
        else:
            assert one.key == event.data["school"]
