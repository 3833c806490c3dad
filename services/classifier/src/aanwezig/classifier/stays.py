"""Where a pupil belongs, and which words change it or a mark on a date that is closed: what presence rests on (ADR 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from aanwezig.classifier.signals import from_rows
from aanwezig.contracts.facts import ExemptionGranted, PersonRecorded, Word, natural_key
from aanwezig.law.presence import Stay
from aanwezig.law.schoolyear import starting_year
from aanwezig.law.seen import Span
from aanwezig.law.shares import Share
from aanwezig.law.standing import Standing

Homes = dict[str, list[list[str | None]]]
_DAY = timedelta(days=1)


def stays_of(standing: Standing) -> Homes:
    """As plain values the homes of a pupil (since when, which municipality) and its exemptions, whatever the dates."""
    homes = (
        (fact.resident_from.isoformat(), fact.municipality)
        for fact in standing.facts(PersonRecorded) if fact.resident_from is not None
    )  # fmt: skip
    exempt = ((fact.from_.isoformat(), fact.until.isoformat()) for fact in standing.facts(ExemptionGranted))
    return {
        "homes": [list(row) for row in sorted(homes, key=lambda row: row[0])],
        "exempt": [list(row) for row in sorted(exempt)],
    }


@dataclass(frozen=True, slots=True)
class Stays:
    """One pupil: its shares in schools, its homes in order of the first date, and when it is exempt."""

    shares: Mapping[str, Share]
    homes: tuple[tuple[date, str | None], ...]
    exempt: tuple[tuple[date, date], ...]

    @classmethod
    def read(cls, state: Mapping[str, Any], stays: Homes) -> "Stays":
        """The one in a pupil's document."""
        return cls(
            {school: from_rows(*row[1:]) for school, row in state.get("shares", {}).items()},
            tuple((date.fromisoformat(since or ""), place) for since, place in stays["homes"]),
            tuple(
                (date.fromisoformat(first or ""), date.fromisoformat(last or ""))
                for first, last in stays["exempt"]
            ),
        )

    def at(self, school: str, as_of: date) -> Stay:
        """Its stay at a school, by what is seen on a date."""
        spans = self.shares[school].spans(as_of) if school in self.shares else []
        return Stay(tuple(spans), self._is_exempt, self._municipality)

    def _is_exempt(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.exempt)

    def _municipality(self, day: date) -> str | None:
        return next((place for since, place in reversed(self.homes) if since <= day), None)

    def moved(self, school: str, before: date, now: date) -> date | None:
        """The first closed date on which it is enrolled otherwise, for more is seen now than on the date before."""
        share = self.shares[school]
        was, came = _until(share.spans(before), before), _until(share.spans(now), before)
        if was == came:
            return None
        if was and came and was[:-1] == came[:-1] and was[-1][0] == came[-1][0]:
            return min(was[-1][1], came[-1][1]) + _DAY
        return date.min


class Late(NamedTuple):
    """A word about a date that is closed: about a mark on it, an enrolment from it on, or anything else from it on."""

    what: Literal["mark", "enrolment", "from"]
    school: str | None
    day: date

    def concerns(self, school: str, share: Share) -> tuple[date, date | None] | None:
        """First and last date (None: open) of a school at which it may have changed anything; None: it is of another."""
        if self.school not in {None, school}:
            return None
        if self.what == "mark":
            return (date.min, None) if self._implies(share) else (self.day, self.day)
        if self.what == "enrolment" and (not share.enrolments or self.day <= share.enrolments[0][0]):
            return date.min, None  # marks alone implied an enrolment before, or do so now
        return self.day, None

    def _implies(self, share: Share) -> bool:
        """Whether the mark may be, or have been, one that implies an enrolment."""
        if share.enrolments and share.enrolments[0][0] <= self.day:
            return False
        year = starting_year(self.day)
        return not any(first < self.day and starting_year(first) == year for first in share.firsts)


def late_of(word: Word) -> Late | None:
    """What a word is about, where presence rests on it."""
    name, *key = natural_key(word)
    if name == "mark-recorded":
        _, school, day, _ = key
        return Late("mark", school, day)
    if name == "enrolment-recorded":
        _, school, day = key
        return Late("enrolment", school, day)
    if name in {"person-recorded", "exemption-granted"} and key[-1] is not None:
        return Late("from", None, key[-1])
    return None


def _until(spans: Iterable[Span], last: date) -> list[tuple[date, date]]:
    return [(first, last if until is None else min(until, last)) for first, until in spans if first <= last]
