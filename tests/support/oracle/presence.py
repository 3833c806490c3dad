"""How present a pupil was, by the text of `rules.md` 5."""

from __future__ import annotations

from datetime import date
from typing import Any

from support.oracle.answer import _pupils, _schools
from support.oracle.facts import Fact, each_once, standing
from support.oracle.pupil import Desk
from support.oracle.school import dates


def presence(
    events: list[dict[str, Any]], *, first: date, last: date, as_of: date
) -> dict[tuple[str, str, str | None, str], tuple[int, int, int, int, int | None]]:
    """
    Per pupil as given (its JSON text), school, municipality and month what was measured.

    That is attended minutes, recorded minutes, recorded slots, recorded lesson days, scheduled slots (None: unknown).
    Places without any enrolled lesson day are left out.
    """
    said = each_once(events)
    facts = standing(said, as_of)
    schools = _schools(facts)
    rows: dict[tuple[str, str, str | None, str], list[Any]] = {}
    for who, pupil in _pupils(said, facts).items():
        for name in sorted(pupil.schools()):
            desk = Desk(pupil, name, schools[name])
            for on in dates(first, min(last, as_of)):
                if not (schools[name].lesson_day(on) and desk.enrolled(on)):
                    continue
                place = (repr(who), name, pupil.municipality(on), f"{on:%Y-%m}")
                row = rows.setdefault(place, [0, 0, 0, 0, 0])
                slots = _scheduled(schools[name].calendars, on)
                row[4] = None if slots is None or row[4] is None else row[4] + slots
                marks = [] if pupil.exempt(on) else desk.marks_on(on)
                row[0] += sum(_attended(mark.data) for mark in marks)
                row[1] += sum(mark.data["minutes"] for mark in marks)
                row[2] += len(marks)
                row[3] += bool(marks)
    return {place: (row[0], row[1], row[2], row[3], row[4]) for place, row in rows.items()}


def _attended(mark: dict[str, Any]) -> int:
    minutes: int = mark["minutes"]
    if mark["state"] == "present":
        return minutes
    missed: int = mark.get("missed", 0 if mark["state"] == "late" else minutes)
    return minutes - missed


def _scheduled(calendars: list[Fact], on: date) -> int | None:
    covering = [calendar for calendar in calendars if calendar.covers(on)]
    if not covering:
        return None
    usual = max(covering, key=lambda fact: fact.dated).data.get("usual_slots")
    if usual is None:
        return None
    slots: int = usual.get(str(on.isoweekday()), 0)
    return slots
