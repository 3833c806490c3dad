"""Events of the chain as tests say them: findings, closed days and commands that hold only what matters."""

from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import Any

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.findings import decimal_text
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id

SCHOOL = "25PL00"
OFFICER = "mw-van-dijk"
"""Who decides in these events: an attendance officer of the municipality of these findings, once registered."""
OFFICER_SOURCE = "urn:nld:oin:00000099000000000637:systeem:officers"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def a_signal(signal: str, on: date | None = None, *, help_in_place: bool = False) -> dict[str, Any]:
    """A care signal in a finding's context."""
    return {
        "signal": signal,
        "date": (on or date(2024, 9, 20)).isoformat(),
        "help_in_place": help_in_place,
    }


def finding_id(pupil: str, kind: str, ordinal: int = 1, school: str | None = SCHOOL) -> str:
    """The id of a finding of the school year 2024-2025."""
    return derived_id("finding", pupil, school or "", kind, "2024-2025", str(ordinal))


def a_finding(
    pupil: str, kind: str = "statutory", *, ordinal: int = 1, revision: int = 1, at: date = date(2024, 10, 1),
    age: int | None = 14, obligation: str | None = "leerplichtig", hours: str = "16.00", times: str = "0.00",
    signals: list[dict[str, Any]] | None = None, reports: list[dict[str, Any]] | None = None,
    school: str | None = SCHOOL, value: int = 16, municipality: str | None = "0637",
) -> dict[str, Any]:  # fmt: skip
    """The data of a finding event."""
    return {
        "finding": finding_id(pupil, kind, ordinal, school), "revision": revision, "pupil": pupil, "school": school,
        "municipality": municipality, "kind": kind, "ordinal": ordinal, "school_year": "2024-2025", "at": at.isoformat(),
        "obligation": obligation,
        "rule": {"id": kind, "pack": "nl-2024", "version": "1", "article": "LPW 21a(1)"},
        "window": {"from": at.isoformat(), "until": at.isoformat()},
        "measured": {
            "value": decimal_text(Fraction(value)), "exact": str(value), "unit": "hours", "operator": ">=",
            "threshold": "16.00",
        },
        "counted": [], "not_counted": [], "school_type": "vo", "age": age, "known_at": None,
        "context": {
            "hours_this_year": hours, "times_late_this_year": times, "signals": signals or [],
            "reports": reports or [],
        },
    }  # fmt: skip


def finding_event(data: dict[str, Any], happened: str = "raised") -> Event:
    """A finding `raised`, `amended` or `withdrawn`, said on the day it arose."""
    at = datetime.combine(date.fromisoformat(data["at"]), time(15), UTC)
    return Event(
        id=derived_id("finding-event", data["finding"], str(data["revision"])),
        source=f"{PLATFORM_SOURCE}-classifier", name=f"finding-{happened}", time=at, data=data, traceparent=TRACE,
    )  # fmt: skip


def day_closed_event(day: date, origin: int = 0, origins: int = 1) -> Event:
    """A date closed by one origin."""
    return Event(
        id=derived_id("day-closed", day.isoformat(), str(origin)), source=f"{PLATFORM_SOURCE}-classifier",
        name="day-closed", time=datetime.combine(day, time(20), UTC),
        data={"date": day.isoformat(), "origin": origin, "origins": origins},
    )  # fmt: skip


def command_event(name: str, data: dict[str, Any], *, command: str, on: date) -> Event:
    """An officer's command."""
    return Event(
        id=command, source=OFFICER_SOURCE, name=name, time=datetime.combine(on, time(10), UTC), data=data,
        traceparent=TRACE,
    )  # fmt: skip


def a_decision(
    case: str, revision: int, track: str, *, subject: str = "pupil", motive: str | None = None,
    consent: tuple[bool, bool] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The data of a `decision-taken`. `consent`: of the youngster, of the parents."""
    data: dict[str, Any] = {
        "case": case,
        "revision": revision,
        "track": track,
        "subject": subject,
        "officer": OFFICER,
    }
    if motive is not None:
        data["motive"] = motive
    if consent is not None:
        data["consent"] = {"youngster": consent[0], "parents": consent[1]}
    return data


def a_step(case: str, step: str, on: date) -> dict[str, Any]:
    """The data of a `step-recorded` by an officer."""
    return {
        "case": case,
        "step": step,
        "date": on.isoformat(),
        "actor": {"kind": "person", "id": OFFICER},
    }


def an_outcome(case: str, outcome: str = "naar-school") -> dict[str, Any]:
    """The data of an `outcome-recorded` by an officer."""
    return {"case": case, "outcome": outcome, "actor": {"kind": "person", "id": OFFICER}}
