"""What the law came to over the earlier days of a pupil, so that one more mark costs the same in June as in September.

A rule that walks the days of a pupil at a school in order comes to the same over the earlier ones, as long as nothing is
said of them. A day is *settled* once a later one was told of and is seen. What was come to over settled days, with the same
calendar, pack, home and other facts, is taken up where it was left; anything else is forgotten and computed anew. So
nothing that is remembered ever changes an answer: a test holds evaluations that remember to ones that do not.
"""

from collections.abc import Callable, Hashable
from datetime import date
from fractions import Fraction
from typing import Any, Final, TypeVar

from aanwezig.contracts.findings import Finding, Identity

_Made = TypeVar("_Made")


class Settled:
    """What one pack came to over the settled days of a pupil at one school: those before `until`."""

    __slots__ = ("_made", "_reached", "_stands_on", "hours", "marks", "until")

    def __init__(self, until: date = date.min, stands_on: tuple[Any, ...] = ()) -> None:
        self.until = until
        self._stands_on: Final = stands_on
        self._reached: Final[dict[Hashable, Any]] = {}
        self._made: Final[dict[Hashable, tuple[object, Any]]] = {}
        self.marks: tuple[Any, ...] = ()
        """The weighed marks of settled days (`counting.Mark`), in order."""
        self.hours: tuple[Fraction, ...] = (Fraction(0),)
        """The hours of the first none, one, two, ... of them together."""

    def stands(self, until: date, stands_on: tuple[Any, ...]) -> bool:
        """Whether this holds where days before `until` are settled. The same rests on the same objects."""
        return self.until <= until and self._stands_on == stands_on

    def reached(self, walk: Hashable, start: _Made) -> _Made:
        """Where a walk was left, or else its start."""
        state: _Made = self._reached.get(walk, start)
        return state

    def leave(self, walk: Hashable, day: date, state: object) -> None:
        """Leaves a walk after a day, to be taken up from there if that day is settled. `state` is never changed."""
        if day < self.until:
            self._reached[walk] = state

    def made(self, name: Hashable, of: object, last: date, make: Callable[[], _Made]) -> _Made:
        """What is made of `of` and of no day after `last`: once, if that is settled."""
        if last >= self.until:
            return make()
        before = self._made.get(name)
        if before is None or before[0] != of:
            before = self._made[name] = (of, make())
        made: _Made = before[1]
        return made


class Remembered:
    """What is remembered of one pupil: per school, pack and definition what is settled.

    `hashes` holds the findings that stood last, each with its id and its content hash (`difference`).
    """

    __slots__ = ("_settled", "hashes")

    def __init__(self) -> None:
        self._settled: Final[dict[tuple[str, ...], Settled]] = {}
        self.hashes: dict[Identity, tuple[Finding, str, str]] = {}

    def settled(self, key: tuple[str, ...], until: date, stands_on: tuple[Any, ...]) -> Settled:
        """What is settled before a date and still stands: all of it, or nothing yet."""
        settled = self._settled.get(key)
        if settled is None or not settled.stands(until, stands_on):
            settled = self._settled[key] = Settled(until, stands_on)
        settled.until = until
        return settled
