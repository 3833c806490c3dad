"""The data of the examples that are no facts and no findings: cases, commands, notices, the registers, receipts."""

from typing import Any, Final

from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.topics import CASE_EVENTS

_CASE: Final = derived_id("example", "case")
_FINDING: Final = derived_id("example", "finding")
_RULE: Final = {"kind": "rule", "id": "first@nl-2024/1"}
_OFFICER: Final = {"kind": "person", "id": "officer-12"}
_KEY: Final = derived_id("example", "key") + derived_id("example", "more of the key")


def _case(**more: Any) -> dict[str, Any]:
    return {
        "case": _CASE,
        "revision": 1,
        "pupil": derived_id("example", "pupil in the chain"),
        "school": "25PL00",
        "municipality": "0637",
        "track": "prevention",
        "status": "registered",
        "findings": [_FINDING],
        "actor": _RULE,
        **more,
    }


_HALT: Final = {"track": "halt", "rule": "halt", "subject": "pupil"}
_ANOTHER: Final = derived_id("example", "another finding")
_MOTIVE: Final = "Eerdere gesprekken hielpen niet; leerling en ouders stemmen in."
_DECIDED: Final = {
    "track": "halt", "subject": "pupil", "officer": "officer-12", "time": "2024-09-12T09:30:00Z", "motive": _MOTIVE,
}  # fmt: skip
CASES: Final[dict[str, dict[str, Any]]] = {
    "case-opened": _case(journal=_KEY),
    "case-finding-joined": _case(revision=2, findings=[_FINDING, _ANOTHER]),
    "case-finding-left": _case(revision=5, about=_ANOTHER),
    "case-track-proposed": _case(revision=3, proposed=_HALT, due="2024-09-24", about=_ANOTHER),
    "case-proposal-dropped": _case(revision=6, due="2024-10-08"),
    "case-track-decided": _case(revision=4, track="halt", status="in-progress", actor=_OFFICER, motive=_MOTIVE),
    "case-step-taken": _case(revision=5, status="in-progress", actor=_OFFICER, step="halt-referred", due="2024-12-10"),
    "case-stagnated": _case(revision=6, status="in-progress", timer="halt-result", due="2024-12-10"),
    "case-escalated": _case(revision=7, status="in-progress", to="chain-director", about=_FINDING),
    "case-outcome-recorded": _case(revision=8, status="in-progress", actor=_OFFICER, outcome="halt"),
    "case-contradicted": _case(
        revision=9, track="halt", status="in-progress", about=_ANOTHER, no_due="halt-ended",
        contradiction={
            "finding": _ANOTHER, "stands": False, "decided": _DECIDED,
            "now": {"track": "prevention", "rule": "first", "subject": "pupil"},
        },
    ),
    "case-handed-over": _case(
        revision=10, status="in-progress", actor=_OFFICER, municipality="1916", left="0637", step="handed-over",
    ),
    "case-closed": _case(revision=11, status="closed", actor=_OFFICER, outcome="back-to-school"),
    "case-withdrawn": _case(revision=2, status="withdrawn", track=None, school=None, municipality=None, findings=[]),
}  # fmt: skip
assert tuple(CASES) == CASE_EVENTS  # noqa: S101 - an example of each, in the order of a case's life

FEEDS: Final[dict[str, dict[str, Any]]] = {
    "distance-measured": {
        "pupil": derived_id("example", "pupil"), "school": "25PL00", "revision": 2, "on": "2024-09-10",
        "rule": {"id": "statutory", "pack": "nl-2024", "version": "1", "article": "Leerplichtwet 1969, art. 21a"},
        "measured": {"value": "13.67", "exact": "41/3", "unit": "hours", "operator": ">=", "threshold": "16.00"},
        "distance": {"value": "2.33", "exact": "7/3"},
        "leaves": [
            {"on": "2024-09-30", "value": "5.67", "exact": "17/3"}, {"on": "2024-10-08", "value": "8.00", "exact": "8"},
        ],
    },
    "feed-marked": {"school": "25PL00", "date": "2024-09-02", "origin": 3, "revision": 1, "marks": True},
    "feed-enrolled": {
        "school": "25PL00", "pupil": derived_id("example", "pupil"), "revision": 1,
        "enrolments": [{"from": "2024-08-26", "until": None}], "firsts": ["2024-08-22"],
    },
    "feed-day-closed": {"date": "2024-09-02", "origin": 3, "origins": 12},
    "presence-measured": {
        "school": "25PL00", "month": "2024-09", "origin": 3, "revision": 2, "as_of": "2024-09-03",
        "rows": [
            {
                "municipality": "0637", "attended_minutes": 3900, "recorded_minutes": 4200, "recorded_slots": 84,
                "recorded_days": 12, "scheduled_slots": 98,
                "in_month": {"here": 6, "school": 6, "municipality": 6, "region": 6},
                "in_year": {"here": 1, "school": 1, "municipality": 0, "region": 0},
            },
        ],
    },
}  # fmt: skip
COMMANDS: Final[dict[str, dict[str, Any]]] = {
    "decision-taken": {
        "case": _CASE, "revision": 3, "track": "halt", "subject": "pupil", "officer": "officer-12",
        "motive": "Leerling en ouders stemmen in.", "consent": {"youngster": True, "parents": True},
    },
    "step-recorded": {
        "case": _CASE, "step": "talk-held", "date": "2024-09-12", "actor": _OFFICER, "note_code": "school",
        "blocked_by": "no-place",
    },
    "outcome-recorded": {"case": _CASE, "outcome": "back-to-school", "actor": _OFFICER},
    "decision-refused": {
        "case": _CASE, "command": derived_id("example", "command"), "reason": "no-motive",
        "article": "MAS 2017", "revision": 4,
    },
}  # fmt: skip
NOTICES: Final[dict[str, dict[str, Any]]] = {
    "notice-sent": {
        "notice": derived_id("example", "notice"), "about": _CASE, "channel": "topic", "subject": "new-home-sitter",
        "happened": "nl.attendance.case-escalated.v1", "urgency": "same-day", "home_since": "2024-09-02",
        "recipient": {"role": "home-sitter-table", "organisation": "thuiszitterstafel-0637"},
        "cause": derived_id("example", "cause"), "municipality": "0637", "school": "25PL00",
    },
    "notice-failed": {
        "notice": derived_id("example", "another notice"), "about": _CASE, "channel": "webhook",
        "recipient": {"role": "chain-director", "organisation": "regio"}, "subject": "stagnated",
        "happened": "nl.attendance.case-stagnated.v1", "urgency": "normal",
        "cause": derived_id("example", "cause"), "timer": "meeting", "due": "2024-09-24", "reason": "answered-410",
    },
}  # fmt: skip
REGISTER: Final[dict[str, dict[str, Any]]] = {
    "system-registered": {
        "system": "voorbeeld", "oin": "000000070000000025PL", "keys": [_KEY], "schools": ["25PL00"],
        "map": {"255901001": "25PL00"},
    },
    "school-registered": {
        "school": "25PL00", "name": "De Proef", "type": "vo", "municipality": "0637", "contact": "verzuim@school.example",
    },
    "municipality-registered": {"municipality": "0637", "packs": [{"pack": "nl-2024", "from": "2024-08-01"}]},
    "recipient-registered": {
        "recipient": "stafel", "role": "home-sitter-table", "organisation": "thuiszitterstafel-0637",
        "municipality": "0637", "channel": "webhook", "address": "https://stafel.example/aanwezig", "secret": "c2VhbGVk",
    },
    "officer-registered": {"officer": "officer-12", "municipality": "0637", "keys": [_KEY]},
}  # fmt: skip


def _refused() -> dict[str, Any]:
    wrong = [Refusal("pupil.number", Code.NUMBER_FAILS_TEST), Refusal("minutes", Code.OUT_OF_RANGE, "<= 480")]
    said = [{"field": one.field, "code": one.code.value, "message": one.message("nl")} for one in wrong]
    return {"id": "voorbeeld-2", "outcome": "refused", "errors": said}


RECEIPTS: Final[dict[str, Any]] = {
    "receipts": {
        "receipts": [
            {"id": "voorbeeld-1", "outcome": "accepted", "errors": []},
            _refused(),
            {"id": "voorbeeld-1", "outcome": "duplicate", "errors": []},
            {
                "id": None,
                "outcome": "refused",
                "errors": [
                    {"field": "id", "code": "required", "message": Refusal("id", Code.REQUIRED).message("nl")}
                ],
            },
        ]
    },
    "receipt": _refused(),
}
_SUBMITTED_AT: Final = {"topic": "school.submissions.v1.voorbeeld", "partition": 0, "offset": 41}
RECEIPTS_GIVEN: Final[dict[str, dict[str, Any]]] = {
    "receipts-given": {
        "system": "voorbeeld", "record": _SUBMITTED_AT, "part": 1, "parts": 1,
        "receipts": [{"id": "voorbeeld-1", "outcome": "accepted", "errors": []}, _refused()],
    },
    "receipts-given-of-a-problem": {
        "system": "voorbeeld", "record": {**_SUBMITTED_AT, "offset": 42}, "part": 1, "parts": 1, "receipts": [],
        "problem": {
            "code": "too-many-rows",
            "detail": "Het bericht heeft te veel rijen; het mogen er 5000 zijn. Er is niets verwerkt; verdeel het over meer"
            " berichten.",
        },
    },
}  # fmt: skip
