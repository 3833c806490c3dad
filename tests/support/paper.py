"""
Facts on paper: builders for cases that are computed by hand, all about one child at one school.

Monday 2 September 2024 is the first Monday used; the autumn holiday takes the week of 28 October.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from support.oracle import oracle

SCHOOL = "25PL00"
SENDER = "urn:nld:oin:000000070000000025PL"
TOWN = "urn:nld:oin:00000099000000000637"
MOMENT = "2024-09-30T12:00:00Z"
CHILD = {"number": "100000004"}
numbers = itertools.count(1)

TERM = {
    "school": SCHOOL,
    "from": "2024-08-26",
    "until": "2025-07-11",
    "weekdays": [1, 2, 3, 4, 5],
    "holidays": [{"from": "2024-10-26", "until": "2024-11-03"}],
}


def an_event(
    kind: str, data: dict[str, Any], *, time: str = MOMENT, source: str = SENDER, **more: str
) -> dict[str, Any]:
    """A CloudEvent with an id of its own, greater than those before it."""
    return {
        "specversion": "1.0",
        "id": f"e{next(numbers):05d}",
        "source": source,
        "type": f"nl.attendance.{kind}.v1",
        "time": time,
        "data": data,
        **more,
    }


def told(kind: str, /, *, time: str = MOMENT, source: str = SENDER, **data: Any) -> dict[str, Any]:
    """A fact about the child."""
    return an_event(kind, {"pupil": CHILD, **data}, time=time, source=source)


def a_mark(
    on: date | str,
    slot: str = "lesson-1",
    *,
    minutes: int = 50,
    state: str = "absent",
    authorised: bool | None = False,
    time: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A mark, unauthorised unless said otherwise, logged in the afternoon of its date."""
    data = {
        "pupil": CHILD,
        "school": SCHOOL,
        "date": str(on),
        "slot": slot,
        "minutes": minutes,
        "state": state,
    }
    if state != "present":
        data["authorised"] = authorised
    return an_event("mark-recorded", data | more, time=time or f"{on}T15:00:00Z")


def weekdays(first: str, count: int, *, without: tuple[str, ...] = ()) -> list[date]:
    """So many Mondays to Fridays from a date on."""
    found: list[date] = []
    on = date.fromisoformat(first)
    while len(found) < count:
        if on.isoweekday() <= 5 and str(on) not in without:
            found.append(on)
        on += timedelta(days=1)
    return found


def enrolled(school_type: str = "vo", since: str = "2024-08-01") -> dict[str, Any]:
    """An open enrolment."""
    return told("enrolment-recorded", **{"school": SCHOOL, "school_type": school_type, "from": since})


def born(birth_date: str) -> dict[str, Any]:
    """The birth date, as the school tells it."""
    return told("person-recorded", birth_date=birth_date)


def term() -> dict[str, Any]:
    """The school's calendar."""
    return an_event("calendar-recorded", TERM)


def findings(
    events: list[dict[str, Any]], kind: str, as_of: str = "2025-07-31", definition: str = "zoetermeer-2024"
) -> list[dict[str, Any]]:
    """The oracle's findings of one kind."""
    return oracle(events, as_of=date.fromisoformat(as_of), kinds={kind}, definition=definition)


def ats(found: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """Of each finding: at, ordinal, value."""
    return [(finding["at"], finding["ordinal"], finding["measured"]["value"]) for finding in found]


SIXTEEN = [(on, f"lesson-{n}") for on in weekdays("2024-09-02", 8) for n in (1, 2)]  # 2 to 11 September
