"""An example of each body and each answer of the officers' door, for its description (`published_api`).

The case is made by the router's own code: what is shown is what it would answer.
"""

from datetime import UTC, date, datetime
from typing import Any, Final

from aanwezig.case_router import shown
from aanwezig.case_router.dossier import Dossier, Known
from aanwezig.case_router.draft import Cause, Draft, by_rule
from aanwezig.contracts.identifiers import derived_id
from aanwezig.law.calendar import Calendars

_PUPIL: Final = derived_id("example", "pupil in the chain")
_AT: Final = date(2024, 10, 1)
_CAUSE: Final = Cause(derived_id("example", "cause"), datetime(2024, 10, 1, 14, tzinfo=UTC), None, _AT)


def _dossier() -> Dossier:
    known = Known(
        id=derived_id("example", "finding"), revision=1, stands=True, kind="statutory", ordinal=1,
        school_year="2024-2025", at=_AT, school="25PL00", municipality="0637", obligation="leerplichtig", age=14,
        days="16", run=None, hours="16.00", times="0.00", signals=(), reports=(),
    )  # fmt: skip
    empty = Dossier(_PUPIL).with_finding(known)
    draft = Draft(empty, _CAUSE, Calendars())
    case = draft.say(empty.next_case(known, _AT), "case-opened", by_rule("first"))
    draft.ask_table(case)
    return draft.dossier


_OF: Final = _dossier()
_CASE: Final = _OF.cases[-1]
_DONE: Final = {"outcome": "carried-out", "command": "besluit-1", "case": _CASE.id, "revision": 3}

BODIES: Final[dict[str, dict[str, Any]]] = {
    "decision-taken": {
        "case": _CASE.id, "revision": _CASE.revision, "track": "care-meeting", "subject": "pupil",
        "motive": "Er speelt meer dan verzuim; school en wijkteam komen samen.",
    },
    "step-recorded": {"case": _CASE.id, "step": "talk-held", "date": "2024-10-04"},
    "outcome-recorded": {"case": _CASE.id, "outcome": "back-to-school"},
}  # fmt: skip
ANSWERS: Final[dict[str, Any]] = {
    "decide": _DONE,
    "recordStep": _DONE,
    "recordOutcome": _DONE,
    "cases": {"cases": [shown.line(_OF, _CASE).model_dump(mode="json")], "next": None},
    "case": shown.whole(_OF, _CASE, "nl").model_dump(mode="json"),
    "journal": {
        "case": _CASE.id, "revision": _CASE.revision, "state": shown.stored(_CASE), "lines": [entry.as_line() for entry in _CASE.journal],
    },
}  # fmt: skip
