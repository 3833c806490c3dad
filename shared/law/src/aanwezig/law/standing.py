"""Which facts of one pupil stand (`rules.md` 1, *natural key*).

Of the words about one thing only the newest is remembered, a retraction while it is the newest too; and of each mark
when it was first said to be an unauthorised absence (`rules.md` 3, `late-report`). The order in which words arrive
makes no difference, and a word told twice changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from aanwezig.contracts.facts import (
    SLOT_ORDER,
    MarkRecorded,
    Retraction,
    SchoolReported,
    SickReported,
    Word,
    about_of,
    natural_key,
)
from aanwezig.law.remembered import Remembered

_Fact = TypeVar("_Fact")

_NOTABLE: Final = frozenset({"absent", "late"})
_ATTENDED: Final = frozenset({"present", "late"})
_FINDABLE: Final = (SchoolReported, SickReported)


class SchoolMarks:
    """The marks of one pupil at one school, kept so that nobody has to walk over those that say `present`."""

    __slots__ = (
        "_attended", "_days", "_first_unauthorised", "_newest", "_notable", "_ordered", "_recorded", "latest", "rewritten",
    )  # fmt: skip

    def __init__(self) -> None:
        self._newest: dict[tuple[date, str], Word] = {}
        self._recorded: dict[date, int] = {}
        self._attended: dict[date, int] = {}
        self._days: list[date] | None = []
        self._notable: dict[tuple[date, str], Word] = {}
        self._ordered: list[Word] | None = None
        self._first_unauthorised: dict[tuple[date, str], datetime] = {}
        self.latest = date.min
        """The latest date anything was ever said of; not to be changed."""
        self.rewritten = 0
        """How often something was said of a date before the latest one; not to be changed."""

    def apply(self, key: tuple[date, str], word: Word) -> bool:
        """Takes in one word about a slot; True if what stands changed, or when it was first said to be unauthorised."""
        day = key[0]
        if day > self.latest:
            self.latest = day
        elif day < self.latest:
            self.rewritten += 1
        told_earlier = self._told_earlier(key, word)
        old = self._newest.get(key)
        if old is not None and old.rank >= word.rank:
            return told_earlier
        self._newest[key] = word
        before = None if old is None else _state(old)
        after = _state(word)
        self._count(day, before, -1)
        self._count(day, after, +1)
        if before in _NOTABLE:
            del self._notable[key]
            self._ordered = None
        if after in _NOTABLE:
            self._notable[key] = word
            if self._ordered and _place(self._ordered[-1]) < _place(word):
                self._ordered.append(word)
            else:
                self._ordered = None
        return before is not None or after is not None

    def notable(self) -> list[Word]:
        """The marks that say `absent` or `late`, in order of date and slot. Not to be changed."""
        if self._ordered is None:
            self._ordered = sorted(self._notable.values(), key=_place)
        return self._ordered

    def days(self) -> list[date]:
        """The dates with at least one mark, in order. Not to be changed."""
        if self._days is None:
            self._days = sorted(self._recorded)
        return self._days

    def attended(self, day: date) -> bool:
        """Whether any mark of this date says `present` or `late`."""
        return day in self._attended

    def recorded(self, day: date) -> int:
        """How many marks there are on this date."""
        return self._recorded.get(day, 0)

    def first_attended(self, day: date) -> Word | None:
        """The first mark of this date, by slot, that says `present` or `late`."""
        if day not in self._attended:
            return None
        words = (self._newest.get((day, slot)) for slot in SLOT_ORDER)
        return next(word for word in words if word is not None and _state(word) in _ATTENDED)

    def first_unauthorised(self, day: date, slot: str) -> datetime | None:
        """When a mark was first said to be absent and not authorised, whatever was said of it since; None: never."""
        return self._first_unauthorised.get((day, slot))

    def __iter__(self) -> Iterator[Word]:
        """The marks that stand, in no order."""
        return (word for word in self._newest.values() if _state(word) is not None)

    def _told_earlier(self, key: tuple[date, str], word: Word) -> bool:
        fact = word.fact
        if not isinstance(fact, MarkRecorded) or fact.state != "absent" or fact.authorised is not False:
            return False
        before = self._first_unauthorised.get(key)
        if before is not None and before <= word.time:
            return False
        self._first_unauthorised[key] = word.time
        return True

    def _count(self, day: date, state: str | None, step: int) -> None:
        if state is None:
            return
        if _stepped(self._recorded, day, step):
            if step > 0 and self._days and self._days[-1] < day:
                self._days.append(day)
            else:
                self._days = None
        if state in _ATTENDED:
            _stepped(self._attended, day, step)


class Standing:
    """The facts of one pupil that stand."""

    __slots__ = ("_abouts", "_marks", "_others", "_pupil", "_told", "remembered")

    def __init__(self) -> None:
        self._pupil: str | None = None
        self._marks: dict[str, SchoolMarks] = {}
        self._others: dict[tuple[Any, ...], Word] = {}
        self._told = 0
        self._abouts: list[date] | None = None
        self.remembered: Remembered | None = None
        """What evaluations of these facts came to, for the next one; None: there is no next one (`remembered`)."""

    @classmethod
    def of(cls, words: Iterable[Word]) -> "Standing":
        """What stands of these words, in whatever order they come."""
        standing = cls()
        for word in words:
            standing.apply(word)
        return standing

    @property
    def pupil(self) -> str | None:
        """The pupil as the facts name it; None before the first word."""
        return self._pupil

    def apply(self, word: Word) -> bool:
        """Takes in one word about this pupil; True if what stands changed.

        Raises:
            ValueError: the word is about another pupil, or about none.
        """
        fact = word.fact
        pupil = getattr(fact, "pupil", None)
        if pupil is None or self._pupil not in {None, pupil}:
            raise ValueError(f"a {word.name} of another pupil")
        self._pupil = pupil
        if isinstance(fact, MarkRecorded):
            return self._at(fact.school).apply(_slot(fact.date, fact.slot), word)
        key = natural_key(word)
        if key[0] == "mark-recorded":
            _, _, school, day, slot = key
            return self._at(school).apply(_slot(day, slot), word)
        old = self._others.get(key)
        if old is not None and old.rank >= word.rank:
            return False
        self._others[key] = word
        self._told += 1
        self._abouts = None
        return not (isinstance(fact, Retraction) and (old is None or isinstance(old.fact, Retraction)))

    def marks(self) -> dict[str, SchoolMarks]:
        """The marks by school. Not to be changed."""
        return self._marks

    def schools(self) -> set[str]:
        """The schools at which anything can be found: with a mark, a report or a sick report."""
        told = (word.fact for word in self._others.values())
        return {*self._marks, *(fact.school for fact in told if isinstance(fact, _FINDABLE))}

    def words(self, kind: type[Any]) -> Iterator[Word]:
        """The standing words of a type of fact, marks excepted, in no order."""
        return (word for word in self._others.values() if type(word.fact) is kind)

    def facts(self, kind: type[_Fact]) -> Iterator[_Fact]:
        """The standing facts of a type, marks excepted, in no order."""
        return (word.fact for word in self._others.values() if type(word.fact) is kind)

    def next_after(self, day: date) -> date | None:
        """The earliest date after this one that a standing fact is about."""
        abouts = self._about_dates()
        place = bisect_right(abouts, day)
        about = abouts[place : place + 1]
        for marks in self._marks.values():
            days = marks.days()
            place = bisect_right(days, day)
            about += days[place : place + 1]
        return min(about, default=None)

    def others_seen(self, as_of: date) -> tuple[int, int]:
        """Equal at two moments and dates only if the same facts, marks excepted, stand and are seen."""
        return self._told, bisect_right(self._about_dates(), as_of)

    def _about_dates(self) -> list[date]:
        """The dates that standing facts are about, marks excepted, in order."""
        if self._abouts is None:
            told = (
                about_of(key) for key, word in self._others.items() if not isinstance(word.fact, Retraction)
            )
            self._abouts = sorted(day for day in told if day is not None)
        return self._abouts

    def _at(self, school: str) -> SchoolMarks:
        marks = self._marks.get(school)
        if marks is None:
            marks = self._marks[school] = SchoolMarks()
        return marks


@lru_cache(maxsize=16_384)
def _slot(day: date, slot: str) -> tuple[date, str]:
    """A slot of a date: one object in memory for all pupils."""
    return day, slot


def _state(word: Word) -> str | None:
    """What a word says about its slot; None where it leaves the slot without a mark."""
    fact = word.fact
    return fact.state if isinstance(fact, MarkRecorded) and fact.state != "not-recorded" else None


def _place(word: Word) -> tuple[date, int]:
    """Of a mark, among the marks of a pupil at a school."""
    fact = word.fact
    if not isinstance(fact, MarkRecorded):
        raise TypeError(f"not a mark: {word.name}")
    return fact.date, SLOT_ORDER[fact.slot]


def _stepped(counts: dict[date, int], day: date, step: int) -> bool:
    """Counts a day up or down; True if it came or went."""
    before = counts.get(day, 0)
    if before + step:
        counts[day] = before + step
    else:
        del counts[day]
    return not (before and before + step)
