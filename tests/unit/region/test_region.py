"""The synthetic region: that it is always the same, that its labels hold, and that everyone has a part in it."""

import time
from collections import Counter
from datetime import date
from itertools import pairwise

import orjson
import pytest

from aanwezig import region as rooms
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.facts import MarkRecorded, natural_key
from aanwezig.contracts.identifiers import is_personal_number
from aanwezig.contracts.submissions import Submission, examine_object
from aanwezig.region.characters import CHARACTERS, FEWEST_PUPILS
from aanwezig.region.places import FIRST, LAST

_PUPILS = 120


@pytest.fixture(scope="module")
def region():
    return rooms.build(seed=2024, pupils=_PUPILS)


@pytest.fixture(scope="module")
def labelled(region):
    """Every record of the year with the day, the system and the label that stands beside it."""
    return [
        (day.date, submission.system, event, expected)
        for day in region.days()
        for submission in day.submissions
        for event, expected in zip(submission.events, submission.expected, strict=True)
    ]


@pytest.fixture(scope="module")
def accepted(region):
    return [examine_object(event) for event in region.accepted_events()]


def _bytes(region):
    return b"\n".join(
        orjson.dumps([day.date, submission.system, submission.events, submission.expected])
        for day in region.days()
        for submission in day.submissions
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    one, same, other = (rooms.build(seed, pupils=45) for seed in (5, 5, 6))

    assert _bytes(one) == _bytes(same) == _bytes(one)
    assert one.truth() == same.truth()
    assert one.officer_script == same.officer_script
    assert _bytes(one) != _bytes(other)


def test_a_region_of_300_pupils_is_there_within_six_seconds():
    begin = time.process_time()
    region = rooms.build(seed=1)
    elapsed = time.process_time() - begin

    assert elapsed < 6
    assert len(region.pupils) == 300
    assert 105_000 < region.truth().accepted < 120_000


def test_fewer_pupils_than_parts_are_refused():
    with pytest.raises(ValueError, match=str(FEWEST_PUPILS)):
        rooms.build(seed=1, pupils=FEWEST_PUPILS - 1)


def test_every_date_of_the_year_comes_once_and_in_order(region):
    days = [day.date for day in region.days()]

    assert (days[0], days[-1], len(days)) == (date(2024, 8, 1), date(2025, 7, 31), 365)
    assert days == sorted(set(days))


def test_good_records_have_the_form_of_the_contract_and_bad_ones_exactly_their_fault(labelled):
    for _, _, event, expected in labelled:
        found = examine_object(event)
        if expected in {"accepted", "duplicate"}:
            assert isinstance(found, Submission), (event, found)
        else:
            assert [refusal.code.value for refusal in found] == [expected], event


def test_the_truth_counts_what_the_labels_say(region, labelled):
    truth = region.truth()
    labels = Counter(expected for _, _, _, expected in labelled)

    assert labels.pop("accepted") == truth.accepted == sum(1 for _ in region.accepted_events())
    assert labels.pop("duplicate") == truth.duplicates > 50
    assert labels == truth.refused
    assert len(truth.refused) == 12


def test_a_duplicate_repeats_an_identical_earlier_record(labelled):
    first = {}
    for _, system, event, expected in labelled:
        key = (system, event["id"])
        if expected == "duplicate":
            assert first[key] == event
        else:
            assert key not in first
            first[key] = event


def test_no_record_is_logged_after_the_date_of_its_submission(labelled):
    for day, _, event, _ in labelled:
        assert event["time"][:10] <= day.isoformat()
        assert event["time"][-6:] in {"+01:00", "+02:00"}


def test_every_system_speaks_under_its_own_source_and_of_its_own_schools(region, labelled):
    sources = {system.name: system.source for system in region.systems}
    schools = {system.name: set(system.schools) for system in region.systems}

    for _, system, event, expected in labelled:
        assert event["source"] == sources[system]
        if expected == "accepted" and schools[system] and "school" in event["data"]:
            assert event["data"]["school"] in schools[system]


def test_pupils_have_invented_numbers_or_their_senders_own_ids(region):
    numbers = [pupil.ref.number for pupil in region.pupils if pupil.ref.number]

    assert all(is_personal_number(number) for number in numbers)
    assert all(number.startswith(("9999", "1000")) for number in numbers)
    assert len({pupil.ref.text for pupil in region.pupils}) == _PUPILS
    assert any(number.startswith("1000") for number in numbers)
    assert any(pupil.ref.local for pupil in region.pupils if pupil.character == "ordinary")


def test_the_words_that_stand_in_the_end_are_the_regions_records(region, accepted):
    """However late, doubled, corrected or taken back: the newest word for each slot is what the region holds true."""
    newest = {}
    for submission in accepted:
        if submission.name == "mark-recorded":
            word = submission.word(submission.pupil.text)
            key = natural_key(word)
            if key not in newest or word.rank > newest[key].rank:
                newest[key] = word
    told = {
        key[1:]: (fact.state, fact.minutes, fact.authorised, fact.reason, fact.missed)
        for key, word in newest.items()
        if isinstance(fact := word.fact, MarkRecorded) and fact.state != "not-recorded"
    }
    held = {
        (pupil.ref.text, school, day, slot): tuple(standing)
        for pupil in region.pupils
        for school, days in pupil.marks.items()
        for day, slots in days.items()
        for slot, standing in slots.items()
    }

    assert told == held


def test_marks_are_late_corrected_overtaken_and_taken_back(labelled):
    marks = [
        (day, event)
        for day, _, event, expected in labelled
        if expected == "accepted" and event["type"] == "nl.attendance.mark-recorded.v1"
    ]
    late = [event for day, event in marks if (day - date.fromisoformat(event["data"]["date"])).days > 14]
    said = Counter(
        tuple(map(str, (e["data"]["pupil"], e["data"]["date"], e["data"]["slot"]))) for _, e in marks
    )
    last_time = {}
    overtaken = 0
    for _, event in marks:
        key = tuple(map(str, (event["data"]["pupil"], event["data"]["date"], event["data"]["slot"])))
        overtaken += last_time.get(key, "") > event["time"]
        last_time[key] = event["time"]

    assert len(late) > 2
    assert sum(times > 1 for times in said.values()) > 50
    assert overtaken > 5
    assert sum(event["data"].get("retracted", False) for _, event in marks) > 2
    assert sum(event["data"].get("state") == "not-recorded" for _, event in marks) > 2
    assert sum("sequence" in event for _, event in marks) > 2


def test_a_day_is_told_in_no_order(region):
    day = next(day for day in region.days() if day.date == date(2024, 9, 3))
    places = {str(pupil.ref.as_given()): place for place, pupil in enumerate(region.pupils)}
    told = [places[str(event["data"]["pupil"])] for event in day.submissions[0].events]

    steps_back = sum(later < earlier for earlier, later in pairwise(told))
    assert steps_back > len(told) / 4


def test_everyone_with_a_part_is_there_once(region):
    cast = Counter(pupil.character for pupil in region.pupils)
    truth = region.truth()

    assert all(cast[part.name] == 1 for part in CHARACTERS)
    assert set(truth.characters) == set(truth.cases_expected) == {part.name for part in CHARACTERS}
    rules = set().union(*truth.cases_expected.values())
    assert rules == {
        "safety", "adult", "home", "care-first", "young", "force", "first", "halt", "halt-over", "else",
    }  # fmt: skip


def test_of_the_withdrawn_one_sixteen_hours_stand_until_they_are_corrected_weeks_later(region, labelled):
    pupil = region.truth().characters["withdrawn"].removeprefix("number:")
    words = [
        (day, event["data"]["authorised"])
        for day, _, event, expected in labelled
        if expected == "accepted"
        and event["type"] == "nl.attendance.mark-recorded.v1"
        and event["data"]["pupil"].get("number") == pupil
        and event["data"]["state"] == "absent"
    ]
    wrong = [day for day, authorised in words if authorised is False]
    right = [day for day, authorised in words if authorised is True]

    assert len(wrong) == len(right) == 16
    assert (min(right) - max(wrong)).days > 10


def test_the_officer_speaks_of_pupils_that_exist_and_never_acts_for_the_stagnating_one(region):
    known = {pupil.ref.text for pupil in region.pupils}
    stagnating = region.truth().characters["stagnating"]

    for act in region.officer_script:
        assert act.pupil is None or act.pupil in known
        assert act.excepted <= known
        assert act.pupil != stagnating
        assert act.pupil is not None or stagnating in act.excepted
        fields = {"decision": act.track, "step": act.step, "outcome": act.outcome}
        assert [name for name, value in fields.items() if value is not None] == [act.command]
    assert {act.step for act in region.officer_script} >= {"first-contact", "halt-failed", "halt-completed"}


def test_accepted_events_are_written_one_a_line(region, tmp_path):
    path = tmp_path / "year.ndjson"

    rows = region.write_ndjson(path)

    lines = path.read_bytes().splitlines()
    assert rows == len(lines) == region.truth().accepted
    assert [orjson.loads(line) for line in lines[:500]] == [
        event for event, _ in zip(region.accepted_events(), range(500), strict=False)
    ]


def test_facts_lie_within_the_year(accepted):
    marks = [submission.fact for submission in accepted if isinstance(submission.fact, MarkRecorded)]

    assert min(mark.date for mark in marks) >= FIRST
    assert max(mark.date for mark in marks) <= LAST
    assert all(FIRST <= amsterdam_date(submission.time) <= LAST for submission in accepted)
