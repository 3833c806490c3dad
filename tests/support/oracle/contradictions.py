"""What the facts say against each other on the dates of a finding, date by date."""

from __future__ import annotations

from support.oracle.draft import Draft
from support.oracle.facts import Fact
from support.oracle.pupil import Pupil
from support.oracle.school import dates

SAID_OF_A_SCHOOL = {"late-report", "silent-feed"}


def contradictions(draft: Draft) -> list[dict[str, str]]:
    """
    Birth dates, then types of this school, then other schools; within each the newest fact against is the last.

    reading: the dates of a finding run without a gap from the first to the last of its window and its `at`, weeks
    without lessons included. A fact that was told against by several in turn is listed with the last of them.
    """
    if draft.pupil is None or draft.kind in SAID_OF_A_SCHOOL:
        return []
    against = {"birth-date": _births(draft.pupil), "school-type": {}, "enrolment": {}}
    first, last = draft.window or (draft.at, draft.at)
    enrolments = draft.pupil.of_type("enrolment-recorded")
    if draft.school is not None and len(enrolments) > 1:
        for on in dates(min(first, draft.at), max(last, draft.at)):
            covering = [fact for fact in enrolments if fact.covers(on)]
            here = _latest(covering, draft.school)
            if here is None:
                continue
            for other in covering:
                if other.data["school"] == draft.school:
                    if other.data["school_type"] != here.data["school_type"]:
                        against["school-type"][other] = here
                elif other is _latest(covering, other.data["school"]):
                    against["enrolment"][other] = here
    return [
        {"about": about, "stands": told[other].id, "against": other.id}
        for about, told in against.items()
        for other in sorted(told, key=lambda fact: fact.age_rank)
    ]


def _births(pupil: Pupil) -> dict[Fact, Fact]:
    people = pupil.of_type("person-recorded")
    return {
        other: newest
        for other in people
        for newest in [max(people, key=lambda fact: fact.age_rank)]
        if other.data["birth_date"] != newest.data["birth_date"]
    }


def _latest(covering: list[Fact], school: str) -> Fact | None:
    here = [fact for fact in covering if fact.data["school"] == school]
    return max(here, key=lambda fact: fact.dated, default=None)
