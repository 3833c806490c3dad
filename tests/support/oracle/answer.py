"""All findings that stand, in the words of the contract."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date
from fractions import Fraction
from typing import Any

from support.oracle.contradictions import contradictions
from support.oracle.draft import Draft
from support.oracle.facts import Fact, Who, each_once, standing
from support.oracle.follow import late_report, presence_restored, returned, silent_feed
from support.oracle.hours import crossings, hours_and_times, lateness, light, luxury, sickness
from support.oracle.pupil import Desk, Pupil, reports_of, signals_of
from support.oracle.school import School, school_year_name
from support.oracle.streaks import OCW, absolute, beside, home_sitter, long_term

PACK = "nl-2024"


def oracle(
    events: list[dict[str, Any]],
    *,
    as_of: date,
    kinds: set[str] | None = None,
    definition: str = "zoetermeer-2024",
) -> list[dict[str, Any]]:
    """
    The standing findings about the events as of a date, by the pack `nl-2024`.

    `events` are accepted CloudEvents as submitted, in the order received. `kinds` shows only those; everything
    is computed nevertheless. `definition` is that of `home-sitter`, with or without `thuiszitter@`. Given back:
    the full form of the contract without `finding`, `rule.article` and `rule.version`, sorted as `aanwezig
    classify` sorts; `about` is (pupil, school, kind, definition, school year, ordinal). `calendar`, `contradictions`, `about` and
    `definition` are left out where they do not apply.
    """
    said = each_once(events)
    name = definition if definition.startswith("thuiszitter@") else f"thuiszitter@{definition}"
    drafts = [draft for draft in _drafts(said, as_of, name) if kinds is None or draft.kind in kinds]
    drafts.sort(key=_line_order)
    return [_full_form(draft) for draft in drafts]


def _drafts(said: list[Fact], as_of: date, definition: str) -> list[Draft]:
    facts = standing(said, as_of)
    pupils = _pupils(said, facts)
    schools = _schools(facts)
    desks = {
        who: [Desk(pupil, name, schools[name]) for name in sorted(pupil.schools())]
        for who, pupil in pupils.items()
    }
    found: list[Draft] = []
    for who, pupil in pupils.items():
        first = _first_findings(pupil, desks[who], as_of, definition)
        found += first
        for desk in desks[who]:
            here = [draft for draft in first if draft.school == desk.name]
            following = late_report(desk, here, said) + returned(desk, here) + presence_restored(desk, here)
            found += _numbered(following, as_of)
    for name, school in schools.items():
        there = [desk for group in desks.values() for desk in group if desk.name == name]
        found += _numbered(silent_feed(name, school, there, as_of), as_of)
    return found


def _first_findings(pupil: Pupil, desks: list[Desk], as_of: date, definition: str) -> list[Draft]:
    nowhere = absolute(pupil, desks, as_of)
    found = list(nowhere)
    for desk in desks:
        longs = long_term(desk)
        found += crossings(desk) + light(desk) + lateness(desk) + luxury(desk) + sickness(desk, as_of)
        found += longs + home_sitter(desk, definition)
        found += beside(longs) if definition == OCW else []
    found += beside(nowhere) if definition == OCW else []
    return _numbered(found, as_of)


def _numbered(drafts: list[Draft], as_of: date) -> list[Draft]:
    """Those that stand as of the date, each with its ordinal."""
    groups: dict[tuple[Any, ...], list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.at <= as_of:
            groups[(draft.school, draft.kind, draft.definition, school_year_name(draft.at))].append(draft)
    for group in groups.values():
        group.sort(key=lambda draft: draft.place)
        for ordinal, draft in enumerate(group, start=1):
            draft.ordinal = ordinal
    return [draft for group in groups.values() for draft in group]


def _pupils(said: list[Fact], facts: list[Fact]) -> dict[Who, Pupil]:
    pupils: dict[Who, Pupil] = {}
    for fact in said:
        who = fact.who
        if who is not None and who not in pupils:
            pupils[who] = Pupil(who, fact.data["pupil"], [other for other in facts if other.who == who])
    return pupils


def _schools(facts: list[Fact]) -> dict[str, School]:
    names = {fact.data["school"] for fact in facts if "school" in fact.data}
    return {
        name: School(
            [fact for fact in facts if fact.type == "calendar-recorded" and fact.data["school"] == name]
        )
        for name in sorted(names)
    }


def _line_order(draft: Draft) -> tuple[Any, ...]:
    text = None if draft.pupil is None else json.dumps(draft.pupil.as_given)
    return (
        (0, "") if text is None else (1, text),
        (0, "") if draft.school is None else (1, draft.school),
        draft.kind,
        school_year_name(draft.at),
        draft.ordinal,
        # reading: two senders' pupils with one local id share their text; then by the sender
        () if draft.pupil is None else draft.pupil.who,
    )


def two_digits(number: Fraction) -> str:
    """As a decimal string, rounded half up."""
    cents = (number * 100 + Fraction(1, 2)).__floor__()
    return f"{cents // 100}.{cents % 100:02d}"


def _identity(draft: Draft) -> tuple[Any, ...]:
    pupil = None if draft.pupil is None else draft.pupil.as_given
    return (pupil, draft.school, draft.kind, draft.definition, school_year_name(draft.at), draft.ordinal)


def _counted_row(draft: Draft, fact: Fact) -> dict[str, Any]:
    hours = draft.desk.hours(fact) if draft.tells_hours and draft.desk is not None else None
    return {
        # reading: `fact` is the id of the event as submitted
        "fact": fact.id,
        "date": fact.dated.isoformat(),
        "slot": fact.data.get("slot"),
        "hours": None if hours is None else two_digits(hours),
        "exact": None if hours is None else str(hours),
    }


def _not_counted_row(draft: Draft, fact: Fact) -> dict[str, Any]:
    reason = None if draft.desk is None else draft.desk.first_reason(fact)
    return {"fact": fact.id, "date": fact.dated.isoformat(), "slot": fact.data["slot"], "reason": reason}


def _context(draft: Draft) -> dict[str, Any] | None:
    if draft.pupil is None:
        return None
    hours, times = (Fraction(0), Fraction(0)) if draft.desk is None else hours_and_times(draft.desk, draft.at)
    return {
        "hours_this_year": two_digits(hours),
        "times_late_this_year": two_digits(times),
        "signals": signals_of(draft.pupil, draft.at),
        "reports": reports_of(draft.pupil, draft.school, draft.at),
    }


def _known_at(counted: list[Fact]) -> str | None:
    if not counted:
        return None
    # reading: written as ISO 8601 with a Z, the fraction of a second only where there is one
    return max(fact.time for fact in counted).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _full_form(draft: Draft) -> dict[str, Any]:
    pupil, at = draft.pupil, draft.at
    form: dict[str, Any] = {
        "revision": 1,
        "pupil": None if pupil is None else pupil.as_given,
        "school": draft.school,
        "municipality": None if pupil is None else pupil.municipality(at),
        "kind": draft.kind,
        "ordinal": draft.ordinal,
        "school_year": school_year_name(at),
        "at": at.isoformat(),
        "obligation": None if pupil is None else pupil.obligation(at),
        "rule": {"id": draft.rule or draft.kind, "pack": PACK},
        "window": None
        if draft.window is None
        else {"from": draft.window[0].isoformat(), "until": draft.window[1].isoformat()},
        "measured": {
            "value": two_digits(draft.value),
            "exact": str(draft.value),
            "unit": draft.unit,
            "operator": draft.operator,
            "threshold": None if draft.threshold is None else two_digits(draft.threshold),
        },
        "counted": [_counted_row(draft, fact) for fact in draft.counted],
        "not_counted": [_not_counted_row(draft, fact) for fact in draft.not_counted],
        "school_type": None if draft.desk is None else draft.desk.school_type(at),
        "age": None if pupil is None else pupil.age(at),
        "known_at": _known_at(draft.counted),
        "context": _context(draft),
    }
    if draft.assumed:
        form["calendar"] = "assumed"
    if told := contradictions(draft):
        form["contradictions"] = told
    if draft.about is not None:
        form["about"] = _identity(draft.about)
    if draft.definition is not None:
        form["definition"] = draft.definition
    return form
