"""The kinds that follow another finding, and the one about a feed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from support.oracle.draft import Draft, at_desk, counting
from support.oracle.facts import Fact
from support.oracle.pupil import Desk
from support.oracle.school import School, dates

REPORT_WORKING_DAYS = 5
RESTORED_DAYS = 10
RESTORED_AFTER = {"statutory", "eighteen-plus", "long-term", "home-sitter"}
RETURNED_AFTER = {"home-sitter", "long-term"}


def newest(findings: list[Draft]) -> Draft:
    """The last in order of at, kind and ordinal."""
    return max(findings, key=lambda draft: (draft.at, draft.kind, draft.ordinal))


def _first_said_unauthorised(mark: Fact, said: list[Fact]) -> date:
    # reading: words since superseded or taken back count as said; a retraction itself says nothing about a state
    return min(
        fact.recorded
        for fact in said
        if fact.key == mark.key
        and not fact.retracted
        and fact.data["state"] == "absent"
        and fact.data.get("authorised") is False
    )


def late_report(desk: Desk, findings: list[Draft], said: list[Fact]) -> list[Draft]:
    """
    A statutory finding that the school could tell only long after it arose.

    reading: it keeps the pupil ("per pupil and school, unless said otherwise"), though it is about the school.
    """
    found = []
    for finding in findings:
        if finding.kind != "statutory":
            continue
        known = max(_first_said_unauthorised(mark, said) for mark in finding.counted)
        working_days = [
            on
            for on in dates(finding.at, known)
            if on > finding.at and on.isoweekday() <= 5 and desk.school.lesson_day(on)
        ]
        if len(working_days) > REPORT_WORKING_DAYS:
            draft = at_desk(desk, "late-report", known, (len(working_days), "days", ">", REPORT_WORKING_DAYS))
            draft.about = finding
            found.append(draft)
    return found


def returned(desk: Desk, findings: list[Draft]) -> list[Draft]:
    """
    The first attended mark after each finding of a streak.

    reading: any attended mark on a lesson day, enrolled or not; the length is the named finding's value.
    """
    found = []
    for finding in findings:
        attended = [
            mark
            for mark in desk.marks
            if mark.data["state"] in {"present", "late"} and mark.dated > finding.at
        ]
        if finding.kind in RETURNED_AFTER and attended:
            draft = at_desk(desk, "returned", attended[0].dated, (finding.value, "days", None, None))
            draft.about = finding
            found.append(counting(draft, attended[:1]))
    return found


def presence_restored(desk: Desk, findings: list[Draft]) -> list[Draft]:
    """Ten recorded lesson days of presence after the newest finding."""
    found: list[Draft] = []
    recorded = desk.recorded_days()
    for number, on in enumerate(recorded):
        before = [finding for finding in findings if finding.kind in RESTORED_AFTER and finding.at < on]
        if not before:
            continue
        finding = newest(before)
        ten = recorded[max(0, number - RESTORED_DAYS + 1) : number + 1]
        good = [day for day in ten if day > finding.at and _good_day(desk, day)]
        if len(good) == RESTORED_DAYS and not any(draft.about is finding for draft in found):
            draft = at_desk(desk, "presence-restored", on, (RESTORED_DAYS, "days", ">=", RESTORED_DAYS))
            draft.about = finding
            found.append(draft)
    return found


def _good_day(desk: Desk, on: date) -> bool:
    marks = desk.marks_on(on)
    attended = any(mark.data["state"] in {"present", "late"} for mark in marks)
    return attended and not any(mark in desk.counted for mark in marks)


def silent_feed(name: str, school: School, desks: list[Desk], as_of: date) -> list[Draft]:
    """Runs of lesson days on which a school with pupils said nothing."""
    begins = [fact.dated for desk in desks for fact in [*desk.enrolments, *desk.marks]]
    if school.assumed or not begins:
        return []
    spoken = {mark.dated for desk in desks for mark in desk.marks}
    runs: list[list[date]] = [[]]
    for on in dates(min(begins), as_of):
        if not school.lesson_day(on):
            continue
        if on not in spoken and any(desk.enrolled(on) for desk in desks):
            runs[-1].append(on)
        elif runs[-1]:
            runs.append([])
    return [
        Draft(
            kind="silent-feed",
            at=run[0],
            value=Fraction(len(run)),
            unit="days",
            operator=">=",
            threshold=Fraction(1),
            pupil=None,
            school=name,
        )
        for run in runs
        if run
    ]
