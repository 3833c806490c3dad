"""What is said of the narrated cases, in all three domains: nothing that is not on the list, and no bridge between domains."""

import asyncio
from collections import defaultdict
from datetime import date, timedelta

import orjson
import pytest

from aanwezig.contracts.allowed import ALLOWED
from aanwezig.contracts.identifiers import crossed, keyed_hash
from aanwezig.contracts.submissions import examine_object
from aanwezig.contracts.topics import (
    CASES,
    CASES_CARE_MEETING,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CASES_PREVENTION,
    CROSSINGS,
    DECISIONS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_FINDINGS,
)
from aanwezig.law.calendar import CalendarBook
from support.apart import beyond_the_list, bridges
from support.chain_events import a_decision, a_step
from support.narrated import SCENARIOS
from support.narrated.story import Decided, Ended
from support.rooms import CHAIN_KEY, HALT, Children, Rooms

BY_CASE = [pytest.param(one, id=one.case) for one in SCENARIOS]
TO_PARTNERS = (CASES_PREVENTION.name, CASES_CARE_MEETING.name)
TO_JUSTICE = (CROSSINGS.name, CASES_HALT.name, CASES_POLICE_REPORT.name)


def school_pseudonym(text):
    return keyed_hash(CHAIN_KEY, "school", text)


async def lived(scenario) -> Rooms:
    """A story told to the rooms: its facts week by week, and what people did, on the day they did it."""
    book, words = CalendarBook(), []
    for event in scenario.events:
        submission = examine_object(event)
        if submission.pupil is None:
            book.apply(submission.word(None))
        else:
            pupil = school_pseudonym(submission.pupil.text)
            words.append((pupil, submission.word(pupil)))
    towns = {word.fact.municipality for _, word in words if getattr(word.fact, "municipality", None)}
    rooms = Rooms(book.calendars, places=sorted({*towns, "0637"}))
    children = Children(rooms, book.calendars)
    done = sorted(scenario.done, key=lambda one: one.on)
    days = {one.day for one in scenario.concluded} | {date.fromisoformat(one.on) for one in done}
    first = min(*days, max(days) - timedelta(days=500))
    sundays = (first + timedelta(days=number) for number in range((max(days) - first).days))
    for day in sorted(days | {one for one in sundays if one.isoweekday() == 7}):
        while words and words[0][1].time.date() <= day:
            children.take(*words.pop(0))
        await children.close(day)
        for one in done:
            if one.on == day.isoformat():
                await act(rooms, one)
    return rooms


async def act(rooms, one) -> None:
    """A decision or a step of a story, by whoever may: Halt speaks under the id it knows."""
    pupil = crossed(school_pseudonym(f"number:{one.child.ref['number']}"), "chain", CHAIN_KEY)
    dossier = next((known for known in rooms.dossiers() if known.pupil == pupil and known.cases), None)
    if dossier is None:
        return  # somebody acted before there was anything to find
    case, day = dossier.cases[-1], date.fromisoformat(one.on)
    officer = f"officer-{case.municipality or '0637'}"
    if isinstance(one, Decided):
        said = a_decision(
            case.id, case.revision, one.track, subject=one.subject, motive=one.motive, consent=one.consent
        )
        await rooms.command("decision-taken", {**said, "officer": officer}, day)
        return
    if isinstance(one, Ended):
        actor = {"kind": "person", "id": officer}
        said = {"case": case.id, "outcome": one.outcome, "actor": actor}
        await rooms.command("outcome-recorded", said, day)
        return
    by_halt = one.who == "Halt"
    (known,) = rooms.known_to_halt() if by_halt else [case.id]
    person = HALT if by_halt else officer
    await rooms.command(
        "step-recorded", {**a_step(known, one.step, day), "actor": {"kind": "person", "id": person}}, day
    )


@pytest.fixture(scope="module")
def told():
    """By story, all that was said of it: by topic, key and event of each record."""
    known = {}

    def of(scenario):
        if scenario.case not in known:
            rooms = asyncio.run(lived(scenario))
            known[scenario.case] = said = defaultdict(list)
            for one in rooms.said:
                said[one.topic].append((one.key, orjson.loads(one.value)))
        return known[scenario.case]

    return of


@pytest.mark.parametrize("scenario", BY_CASE)
def test_nothing_is_said_that_is_not_on_the_list_of_its_topic(told, scenario):
    said = told(scenario)
    assert said[FINDINGS.name]
    assert beyond_the_list(said) == []


@pytest.mark.parametrize("scenario", BY_CASE)
def test_no_mark_leads_from_one_domain_to_another(told, scenario):
    assert bridges(told(scenario)) == {}


@pytest.mark.parametrize("scenario", BY_CASE)
def test_partners_and_justice_hear_of_no_motive_no_signal_no_reason_and_no_finding(told, scenario):
    said = told(scenario)
    motives = {known.motive or "" for known in scenario.done if isinstance(known, Decided)}
    never = {motive for motive in motives if len(motive) > 3}
    never |= {"psychological", "family", "safety", "illness", "own-initiative-doubted", "luxury", "truancy"}
    never |= {event["data"]["finding"] for _, event in said[FINDINGS.name] if "finding" in event["data"]}
    for topic in (*TO_PARTNERS, *TO_JUSTICE):
        for _, event in said[topic]:
            text = orjson.dumps(event["data"]).decode()
            assert not [word for word in never if word in text]


def test_the_stories_reach_every_topic_there_is_a_list_for(told):
    reached = {topic for one in SCENARIOS for topic, records in told(one).items() if records}
    # Notices are the notifier's; no story has youth health care decide.
    notices = {f"{domain}.notices.v1" for domain in ("school", "chain", "health", "justice")}
    assert {*ALLOWED} - reached == notices | {"health.decisions.v1"}


def test_halt_hears_and_answers_under_its_own_id_and_the_chain_hears_what_became_of_it(told):
    (halt,) = (one for one in SCENARIOS if one.case == "C6")
    said = told(halt)
    (known,) = {event["data"]["case"] for _, event in said[CASES_HALT.name]}
    steps = [event["data"]["step"] for _, event in said[CASES_HALT.name] if "step" in event["data"]]
    assert steps == ["halt-referred", "halt-completed"]
    asked = [
        event["data"] for _, event in said[DECISIONS.name] if event["data"].get("step") == "halt-completed"
    ]
    assert [one["case"] for one in asked] == [known]
    heard = [event["data"] for _, event in said[CASES.name] if event["data"].get("step") == "halt-completed"]
    assert [one["case"] == known for one in heard] == [False]


def test_who_is_often_ill_has_a_case_with_youth_health_care_and_none_in_the_chain_for_that(told):
    (ill,) = (one for one in SCENARIOS if one.case == "C15")
    said = told(ill)
    opened = {event["data"]["case"] for _, event in said[HEALTH_CASES.name] if "opened" in event["type"]}
    raised = {event["data"]["pupil"] for _, event in said[HEALTH_FINDINGS.name] if "raised" in event["type"]}
    assert len(opened) == len(raised) == 2
    assert {event["data"]["track"] for _, event in said[HEALTH_CASES.name]} <= {None, "care-meeting"}
    assert {event["data"]["status"] for _, event in said[CASES.name] if "case-" in event["type"]} == {
        "registered"
    }
