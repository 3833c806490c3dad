"""One school, as the owners of its facts tell of it: what is expected of its feed, what came, and what was found (ADR 7, 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept
from aanwezig.classifier.crossing import Way
from aanwezig.classifier.evaluation import Cause, finding_event
from aanwezig.classifier.governance import Register
from aanwezig.classifier.signals import from_rows
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.feeds import FeedEnrolled, FeedMarked
from aanwezig.law.calendar import Calendars
from aanwezig.law.difference import Change, difference
from aanwezig.law.kinds import silent_feed
from aanwezig.law.kinds.silent_feed import Feed
from aanwezig.law.shares import Share

_AT_ONCE: Final = date.min


@dataclass(frozen=True, slots=True)
class SchoolLaw:
    """What the law is asked with about a school: calendars, the register, and the way its findings go."""

    calendars: Calendars
    register: Register
    way: Way


class School:
    """A school's document, and what it adds up to up to a closed date."""

    def __init__(self, school: str, kept: Kept) -> None:
        self.name = school
        self.kept = kept
        state = kept.state
        state.setdefault("shares", {})
        state.setdefault("marks", {})
        state.setdefault("said", {})
        self._shares: dict[str, Share] = {
            pupil: from_rows(enrolments, firsts) for pupil, (_, enrolments, firsts) in state["shares"].items()
        }
        self._feed = Feed()
        self._seen: date | None = None
        self._next_share: date | None = None

    def __len__(self) -> int:
        return len(self._shares)

    def enrolled(self, said: FeedEnrolled) -> bool:
        """Takes in a pupil's share; False: it was known."""
        row = self.kept.state["shares"].get(said.pupil)
        if row is not None and row[0] >= said.revision:
            return False
        data = said.said()
        enrolments = [[one["from"], one["until"]] for one in data["enrolments"]]
        share = from_rows([(first, last) for first, last in enrolments], data["firsts"])
        self.kept.state["shares"][said.pupil] = [said.revision, enrolments, data["firsts"]]
        if self._seen is not None:
            self._feed.add((), self._shares.get(said.pupil, Share()).spans(self._seen), -1)
            self._feed.add((), share.spans(self._seen))
            upcoming = (self._next_share, share.next_after(self._seen))
            self._next_share = min((day for day in upcoming if day is not None), default=None)
        self._shares[said.pupil] = share
        return True

    def marked(self, said: FeedMarked) -> bool:
        """Takes in whether marks of a date stand in one partition; False: it was known."""
        rows = self.kept.state["marks"].setdefault(said.date.isoformat(), {})
        known = rows.get(str(said.origin), 0)
        if known >= said.revision:
            return False
        rows[str(said.origin)] = said.revision
        if self._seen is not None:
            # An odd number says that there are marks, the even one after it that there are none any more.
            self._feed.marks[said.date] += said.revision % 2 - known % 2
        return True

    def evaluate(self, closed: date | None, law: SchoolLaw, cause: Cause) -> list[Event]:
        """Computes the school's findings up to a closed date, and what the document owes from now on; gives those events."""
        self._see(closed)
        found = silent_feed.found(
            self.name, self._feed, calendars=law.calendars, governance=law.register.governance,
            closed=closed or date.min,
        ) if closed is not None else ()  # fmt: skip
        said: dict[str, list[Any]] = self.kept.state["said"]
        changes = difference({key: (row[0], row[1], row[2]) for key, row in said.items()}, found)
        events = [_event(change, said, cause, law.way) for change in changes]
        for change, event in zip(changes, events, strict=True):
            said[change.finding_id] = [
                change.revision,
                change.content_hash,
                change.finding is not None,
                event.data,
            ]
        self.kept.owed = [
            *self.kept.owed,
            *(Outgoing.event(law.way.topic.name, self.name, event) for event in events),
        ]
        look = self._next_look(closed, law.calendars)
        self.kept.index = {
            "look": None if look is None else look.isoformat(),
            "calendar": law.calendars.of(self.name).fingerprint,
            "grounds": law.register.grounds_of_school(self.name),
        }
        return events

    def _see(self, closed: date | None) -> None:
        """What is seen up to a closed date: shares as they are on it."""
        if closed is None or closed == self._seen:
            return
        self._feed = Feed()
        for day, rows in self.kept.state["marks"].items():
            self._feed.marks[date.fromisoformat(day)] = sum(revision % 2 for revision in rows.values())
        for share in self._shares.values():
            self._feed.add((), share.spans(closed))
        upcoming = (share.next_after(closed) for share in self._shares.values())
        self._next_share = min((day for day in upcoming if day is not None), default=None)
        self._seen = closed

    def _next_look(self, closed: date | None, calendars: Calendars) -> date | None:
        """The next date whose closing may change what is found although nothing is told; None: none does."""
        if closed is None:
            return _AT_ONCE
        calendar = calendars.of(self.name)
        if calendar.assumed:
            return None
        day = calendar.next_lesson_day(closed)
        while day is not None and self._feed.marks[day] > 0:
            day = calendar.next_lesson_day(day)
        return min((on for on in (day, self._next_share) if on is not None), default=None)


def _event(change: Change, said: Mapping[str, list[Any]], cause: Cause, way: Way) -> Event:
    data = said[change.finding_id][3] if change.finding is None else way.finding(change.finding)
    return finding_event(change, {**data, "revision": change.revision}, cause, way)
