"""From a pupil's facts to what is said of it: one cause, one set of changes, ids that come from both."""

import hashlib
import json
from datetime import timedelta

import pytest

from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.evaluation import Cause, Law, as_of, evaluate, happened_on
from aanwezig.classifier.memory import Pupil
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.topics import FINDING_EVENTS, FINDINGS, SIGNALS
from aanwezig.law.attention import UNKNOWN_PUPIL
from aanwezig.law.standing import Standing
from support.classifying import CROSSING, TO_HEALTH, WAYS, event_of
from support.facts import (
    PUPIL,
    SCHOOL,
    a_birth,
    a_calendar,
    a_leave,
    a_mark,
    a_presence,
    a_report,
    a_sick_report,
    a_signal,
    absences,
    an_absence,
    an_enrolment,
    day,
    retracted,
)
from support.law import NL_2024, book_of

SIXTEEN = absences("2024-09-02", 16)
CAUSE = SIXTEEN[-1]


def a_pupil(*words, kept=None) -> Pupil:
    flat = [one for item in words for one in (item if isinstance(item, list) else [item])]
    latest = max((on for one in flat if (on := happened_on(one)) is not None), default=None)
    return Pupil(UNKNOWN_PUPIL, kept, Standing.of(flat), latest=latest)


def evaluated(pupil, *, cause=CAUSE, of_a_school=True, calendars=(), closed=None, offset=7):
    return evaluate(
        PUPIL, pupil, partition=2, offset=offset, closed=closed,
        law=Law(book_of(calendars).calendars, NL_2024, lambda *_: ["+school/25PL00=0637"]), cause=Cause(event_of(cause), of_a_school), ways=WAYS,
    )  # fmt: skip


def findings_owed(kept) -> list[tuple]:
    """Topic, key and event of each finding that is owed, in order."""
    owed = [(one.topic, one.key, event_from(one.value)) for one in kept.owed]
    return [row for row in owed if row[2].name in FINDING_EVENTS]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (a_presence("2024-09-02"), "2024-09-02"),
        (a_mark("2024-09-02", "not-recorded"), "2024-09-02"),
        (a_report("2024-09-03"), "2024-09-03"),
        (a_signal("2024-09-04"), "2024-09-04"),
        (a_sick_report("2024-09-05"), "2024-09-05"),
        (retracted(a_presence("2024-09-02")), "2024-09-02"),
        (retracted(a_sick_report("2024-09-05")), "2024-09-05"),
        (an_enrolment(), None),
        (a_leave("2024-09-02", "2024-09-03"), None),
        (a_birth(), None),
        (retracted(a_leave("2024-09-02", "2024-09-03")), None),
    ],
)
def test_only_what_happened_moves_the_date_up_to_which_facts_are_seen(word, expected):
    assert happened_on(word) == (None if expected is None else day(expected))


@pytest.mark.parametrize(
    ("latest", "closed", "expected"),
    [
        (None, None, None),
        ("2024-09-02", None, "2024-09-02"),
        (None, "2024-09-02", "2024-09-02"),
        ("2024-09-02", "2024-09-03", "2024-09-03"),
        ("2024-09-04", "2024-09-03", "2024-09-04"),
    ],
)
def test_facts_are_seen_up_to_the_later_of_both(latest, closed, expected):
    pupil = Pupil(UNKNOWN_PUPIL, latest=latest and day(latest))
    assert as_of(pupil, closed and day(closed)) == (expected and day(expected))


def test_a_finding_is_raised_by_the_word_that_makes_it():
    pupil = a_pupil(a_birth(), an_enrolment(), SIXTEEN)
    (event,) = evaluated(pupil)
    assert (event.name, event.time) == ("finding-raised", CAUSE.time)
    assert event.causation == CROSSING.fact(CAUSE.id)
    assert event.data["revision"] == 1
    kept = pupil.kept
    assert (kept.id, kept.partition, kept.state["offset"]) == (PUPIL, 2, 7)
    own, (topic, key, to_school) = findings_owed(kept)
    assert own == (FINDINGS.name, CROSSING.pupil(PUPIL), event)
    assert (topic, key, to_school.data["pupil"]) == (SIGNALS.name, SCHOOL, PUPIL)
    assert {row["fact"] for row in to_school.data["counted"]} == {one.id for one in SIXTEEN}
    assert kept.index["schools"] == [SCHOOL]
    assert kept.index["calendars"] == {SCHOOL: "assumed"}


def test_every_kind_goes_its_own_way():
    late = [*SIXTEEN[:-1], an_absence("2024-09-02", slot="lesson-16", at=CAUSE.time + timedelta(days=30))]
    pupil = a_pupil(a_sick_report("2024-09-02"), late)
    evaluated(pupil, closed=day("2024-12-31"))
    assert {
        (topic, key, event.data["kind"], event.data["pupil"]) for topic, key, event in findings_owed(pupil.kept)
    } == {
        ("chain.findings.v1", CROSSING.pupil(PUPIL), "statutory", CROSSING.pupil(PUPIL)),
        ("school.signals.v1", SCHOOL, "statutory", PUPIL),
        ("health.findings.v1", TO_HEALTH.pupil(PUPIL), "sickness", TO_HEALTH.pupil(PUPIL)),
        ("school.signals.v1", SCHOOL, "late-report", PUPIL),
    }  # fmt: skip
    assert len({CROSSING.pupil(PUPIL), TO_HEALTH.pupil(PUPIL), PUPIL}) == 3


def test_a_cause_of_all_such_as_a_closed_day_has_a_name_of_its_own_in_health():
    pupil = a_pupil(a_sick_report("2024-09-02"), SIXTEEN)
    evaluated(pupil, closed=day("2024-12-31"), of_a_school=False)
    causes = {topic: event.causation for topic, _, event in findings_owed(pupil.kept)}
    assert causes == {
        "chain.findings.v1": CAUSE.id, "school.signals.v1": CAUSE.id, "health.findings.v1": TO_HEALTH.fact(CAUSE.id),
    }  # fmt: skip


def test_causes_cannot_be_laid_side_by_side_across_domains():
    late = [*SIXTEEN[:-1], an_absence("2024-09-02", slot="lesson-16", at=CAUSE.time + timedelta(days=30))]
    pupil = a_pupil(a_sick_report("2024-09-02"), late)
    evaluated(pupil, closed=day("2024-12-31"))
    causes = {topic: event.causation for topic, _, event in findings_owed(pupil.kept)}
    assert len({*causes.values(), CAUSE.id}) == 4


def test_what_is_no_fact_of_a_pupil_is_named_by_its_own_id():
    (event,) = evaluated(a_pupil(SIXTEEN), cause=a_calendar(), of_a_school=False)
    assert event.causation == a_calendar().id


def test_the_same_again_changes_nothing_and_owes_nothing():
    pupil = a_pupil(SIXTEEN)
    evaluated(pupil)
    state = pupil.kept.state
    assert evaluated(pupil, offset=8) == []
    assert pupil.kept.state is state


def test_revisions_go_on_and_ids_differ_by_what_they_say():
    pupil = a_pupil(SIXTEEN)
    (raised,) = evaluated(pupil)
    away = retracted(SIXTEEN[0])
    pupil.standing.apply(away)
    (withdrawn,) = evaluated(pupil, cause=away)
    again = an_absence("2024-09-02", slot="lesson-1", said=3)
    pupil.standing.apply(again)
    (back,) = evaluated(pupil, cause=again)
    assert [event.name for event in (raised, withdrawn, back)] == [
        "finding-raised",
        "finding-withdrawn",
        "finding-raised",
    ]
    assert [event.data["revision"] for event in (raised, withdrawn, back)] == [1, 2, 3]
    assert withdrawn.data | {"revision": 1} == raised.data
    assert len({raised.id, withdrawn.id, back.id}) == 3
    owed = findings_owed(pupil.kept)
    assert [event for topic, _, event in owed if topic == FINDINGS.name] == [raised, withdrawn, back]
    in_school = [event for topic, _, event in owed if topic == SIGNALS.name]
    assert [event.name for event in in_school] == [event.name for event in (raised, withdrawn, back)]
    assert in_school[1].data | {"revision": 1} == in_school[0].data


def test_no_id_joins_what_a_school_hears_to_what_the_chain_hears():
    """Not by being the same, and not by being computed from what both may read."""
    pupil = a_pupil(SIXTEEN)
    evaluated(pupil)
    (_, _, there), (_, _, here) = findings_owed(pupil.kept)
    names = [
        {event.id, event.causation, event.data["finding"], event.data["pupil"], *(row["fact"] for row in event.data["counted"])}
        for event in (there, here)
    ]  # fmt: skip
    assert not names[0] & names[1]
    _, content, *_ = pupil.kept.state["said"][here.data["finding"]]
    for guessed in (content, content_hash_of(here.data)):
        assert derived_id("finding-event", there.data["finding"], "1", "raised", guessed) != there.id


def content_hash_of(said):
    """The hash of what a school was told, as whoever reads it may compute it."""
    text = json.dumps({**said, "revision": 0}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def test_a_finding_that_a_school_was_never_told_of_is_not_taken_back_there():
    pupil = a_pupil(SIXTEEN)
    (raised,) = evaluated(pupil)
    del pupil.kept.state["said"][next(iter(pupil.kept.state["said"]))][4:]
    kept = pupil.kept
    kept.owed = []
    away = retracted(SIXTEEN[0])
    pupil.standing.apply(away)
    (withdrawn,) = evaluated(pupil, cause=away)
    assert withdrawn.data["finding"] == raised.data["finding"]
    assert findings_owed(kept) == [(FINDINGS.name, CROSSING.pupil(PUPIL), withdrawn)]


def test_who_says_the_same_as_before_the_last_time_says_it_under_another_id():
    births = [
        a_birth(f"{year}-03-15", said=said) for said, year in enumerate((2010, 2008, 2010, 2008), start=1)
    ]
    pupil = a_pupil(births[0], SIXTEEN)
    events = evaluated(pupil)
    for born in births[1:]:
        pupil.standing.apply(born)
        events += evaluated(pupil, cause=born)
    assert [event.data["age"] for event in events] == [14, 16, 14, 16]
    assert events[1].data | {"revision": 4} == events[3].data
    assert len({event.id for event in events}) == 4


def test_an_id_does_not_depend_on_where_or_when_it_was_found():
    (here,) = evaluated(a_pupil(SIXTEEN))
    (there,) = evaluated(a_pupil(list(reversed(SIXTEEN))), offset=99)
    assert here == there


def test_a_pupil_of_whom_nothing_can_be_found_has_no_document():
    pupil = a_pupil(a_birth())
    assert evaluated(pupil, closed=day("2024-09-02")) == []
    assert pupil.kept is None


def test_a_fact_of_later_leaves_a_document_that_wakes():
    pupil = a_pupil(an_enrolment("2024-10-01"))
    assert evaluated(pupil, closed=day("2024-09-30")) == []
    assert pupil.kept.index["wake"] == "2024-10-01"
    assert evaluated(pupil, closed=day("2024-10-01")) == []
    assert pupil.kept.index["wake"] is None


def test_a_school_that_only_reported_is_one_whose_calendar_matters():
    pupil = a_pupil(a_report("2024-09-20"))
    (raised,) = evaluated(pupil)
    assert raised.data["kind"] == "light"
    assert pupil.kept.index["schools"] == [SCHOOL]
    calendar = a_calendar(holidays=[("2024-09-02", "2024-09-06")])
    (amended,) = evaluated(pupil, cause=calendar, calendars=[calendar])
    assert amended.name == "finding-amended"


def test_a_pupil_whose_facts_come_by_another_partition_belongs_to_its_owner():
    pupil = a_pupil(SIXTEEN, kept=Kept(PUPIL, 0, state={"said": {}, "offset": 4_000}, index={}))
    evaluated(pupil, offset=3)
    assert (pupil.kept.partition, pupil.kept.state["offset"]) == (2, 3)


def test_what_is_seen_ends_at_the_last_closed_day():
    told_before = an_enrolment("2024-08-01", until=str(day("2024-09-02") - timedelta(days=1)))
    pupil = a_pupil(told_before, SIXTEEN)
    assert evaluated(pupil) == []  # not enrolled that day
    assert evaluated(a_pupil(an_enrolment("2024-09-02"), SIXTEEN), closed=day("2024-08-30")) != []
