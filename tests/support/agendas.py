"""Cases as table and director hear of them, in a few words: events of one case, and the rows they add up to."""

from datetime import UTC, date, datetime, time
from typing import Any

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import CaseSaid, RecipientRegistered
from aanwezig.notifier.agenda import CaseRow, heard

HOME = date(2024, 9, 2)
"""The first day at home, where nothing else is said."""
TO_TABLE = {"to": "home-sitter-table"}
TO_DIRECTOR = {"to": "chain-director"}


def case_id(name: str) -> str:
    """The id of a case that a test calls by a name."""
    return derived_id("case", name)


def case_said(name: str = "a", revision: int = 1, **more: Any) -> CaseSaid:
    """What an event says of a case whose child is at home; `home_since=None`: it is not."""
    said = {
        "case": case_id(name), "revision": revision, "pupil": derived_id("pupil", name), "school": "25PL00",
        "municipality": "0637", "track": "care-meeting", "status": "in-progress", "findings": [],
        "actor": {"kind": "rule", "id": "home@1"}, "home_since": HOME, **more,
    }  # fmt: skip
    return CaseSaid.model_validate(said)


def case_event(what: str, said: CaseSaid, on: date = date(2024, 10, 1)) -> Event:
    """An event of a case, by its name without `case-`."""
    at = datetime.combine(on, time(10), UTC)
    return Event(derived_id(said.case, str(said.revision)), "urn:x", f"case-{what}", at, said.said())


def row_of(*told: tuple[str, date, dict[str, Any]], name: str = "a") -> CaseRow:
    """The row after these events of one case: what happened, the day that was open, and what it says."""
    row: CaseRow | None = None
    for number, (what, on, more) in enumerate(told, 1):
        row = heard(row, f"case-{what}", case_said(name, number, **more), on)
    assert row is not None
    return row


def a_recipient(role: str = "home-sitter-table", name: str = "tafel", **more: Any) -> RecipientRegistered:
    """A table or a director, reached on the topic."""
    said = {"recipient": name, "role": role, "organisation": "Regio", "channel": "topic", **more}
    return RecipientRegistered.model_validate(said)
