"""Messages with every field filled, each with a value that can be recognised: what a notice may not hold is seen in it."""

from typing import Any

from aanwezig.contracts.feeds import DistanceMeasured
from aanwezig.contracts.messages import CaseSaid, FindingSaid, Message
from aanwezig.notifier.made import Made

_RULE = {"id": "the-rule-id", "pack": "the-pack", "version": "the-version", "article": "the-article"}
_MEASURED = {"value": "15.55", "exact": "311/20", "unit": "hours", "operator": ">=", "threshold": "16.66"}
CASE: dict[str, Any] = {
    "case": "c" * 32, "revision": 987654321098, "pupil": "the-pupil-of-the-case", "school": "99ZZ99", "municipality": "9876",
    "track": "halt", "proposed": {"track": "police-report", "rule": "the-rule-word", "subject": "parents"},
    "status": "taken-note", "findings": ["f" * 32], "actor": {"kind": "person", "id": "the-officer"},
    "motive": "the-motive", "step": "verdict", "outcome": "the-outcome", "due": "2031-01-02", "timer": "halt-result",
    "to": "chain-director", "about": "the-cause", "left": "8765", "no_due": "calendar-ends", "not_halt": ["the-condition"],
    "contradiction": {"finding": "e" * 32, "stands": False, "decided": None, "now": None}, "news": "presence-restored",
    "home_since": "2030-11-12", "adult": None, "day": "2031-08-07", "blocked": {"by": "housing", "since": "2030-12-13"}, "journal": "d" * 64,
}  # fmt: skip
"""Every field of a case."""
FINDING: dict[str, Any] = {
    "finding": "f" * 32, "revision": 987654321098, "pupil": "the-pupil", "school": "99ZZ99", "municipality": "9876",
    "kind": "statutory", "ordinal": 7654321, "school_year": "2030-2031", "at": "2031-01-02", "obligation": "leerplichtig",
    "calendar": "assumed", "rule": _RULE, "window": {"from": "2030-10-11", "until": "2030-11-07"}, "measured": _MEASURED,
    "counted": [{"fact": "the-fact", "date": "2030-10-12", "slot": "lesson-1", "hours": "1.23", "exact": "123/100"}],
    "not_counted": [{"fact": "the-other-fact", "date": "2030-10-13", "slot": "lesson-2", "reason": "the-reason"}],
    "contradictions": [{"about": "birth-date", "stands": "the-stands", "against": "the-against"}], "about": "a" * 32,
    "definition": "the-definition", "school_type": "vavo", "age": 918273, "known_at": "2031-01-03T04:05:06Z",
    "context": {"hours_this_year": "77.77", "times_late_this_year": "88.88", "signals": [], "reports": []},
}  # fmt: skip
"""Every field of a finding."""
DISTANCE: dict[str, Any] = {
    "pupil": "the-pupil", "school": "99ZZ99", "revision": 987654321098, "on": "2031-01-02", "rule": _RULE,
    "measured": _MEASURED, "distance": {"value": "1.11", "exact": "111/100"},
    "leaves": [{"on": "2031-02-03", "value": "2.22", "exact": "111/50"}],
}  # fmt: skip
"""Every field of a distance."""
MADE: dict[str, Any] = {
    "about": "a" * 32, "on": "2031-01-02", "municipality": "9876", "month": "2031-01", "presence": "94.31",
}  # fmt: skip
"""Every field of what the notifier makes."""
BY_CONDITION: dict[str, dict[str, Any]] = {
    "to the home-sitter table": {"to": "home-sitter-table"},
    "to the chain director": {"to": "chain-director"},
    "to the meldcode desk": {"to": "meldcode-desk"},
    "to the Doorstroompunt": {"to": "doorstroompunt"},
    "of an adult": {"proposed": {"track": "police-report", "rule": "adult", "subject": "parents"}},
    "to another municipality, in care": {"track": "care-meeting"},
    "prevention of a minor": {"track": "prevention"},
    "care meeting of a minor": {"track": "care-meeting"},
    "help is refused": {"track": "care-meeting", "step": "help-refused"},
    "back at school": {"news": "returned"},
    "presence restored": {"news": "presence-restored"},
    "for a police report": {"track": "police-report"},
    "the report went out": {"step": "report-sent"},
    "of a pupil, not to be reported": {"kind": "lateness"},
    "reported late": {"kind": "late-report"},
    "silent": {"kind": "silent-feed"},
    "returned": {"kind": "returned"},
    "restored": {"kind": "presence-restored"},
}
"""What a condition needs beside; those that are not here hold for the fields above."""


def told_of(event: str, when: str = "always", **more: Any) -> Message:
    """The data of an event for which a condition of the notice table holds, with every field filled."""
    special = BY_CONDITION.get(when, {}) | more
    if event.startswith("case-"):
        return CaseSaid.model_validate(CASE | special)
    if event.startswith("finding-"):
        return FindingSaid.model_validate(FINDING | special)
    if event == "distance-measured":
        return DistanceMeasured.model_validate(DISTANCE | special)
    return Made.model_validate(MADE | special)
