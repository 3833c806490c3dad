"""Which receipts of a file stand: those of its newest sending, whatever was sent under the same name before.

A system sends a file in parts, one after the other or some at once, a part again when it heard nothing, and a file of the
same name every night, now longer, now shorter. Nothing tells where a sending begins, so it is seen from the numbers of rows:
going back in time they go down, and where they go up again an older sending ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from itertools import pairwise
from typing import Final

from aanwezig.intake.receipts import Part

AT_ONCE: Final = timedelta(seconds=10)
"""Parts that were told within this time of each other may have come in any order: a sender may send several at once."""


@dataclass(frozen=True, slots=True)
class Span:
    """Rows `first` to `last` of a file, of which this part holds the word that stands."""

    first: int
    last: int
    part: Part

    @property
    def is_whole(self) -> bool:
        """Whether all of the part stands."""
        return (self.first, self.last) == (self.part.first, self.part.last)


def standing(parts: Sequence[Part]) -> list[Span]:
    """The rows of the newest sending, each with the newest word about it, in the order of the file.

    `parts` are those of one file, in any order.
    """
    return _painted(_of_newest(parts))


def _of_newest(parts: Sequence[Part]) -> list[Part]:
    """The parts of the newest sending, newest first."""
    going_back = sorted(parts, key=lambda part: (part.at, part.first), reverse=True)
    newest: list[Part] = []
    for part in going_back:
        lowest = min(newest, key=lambda one: (one.first, one.at), default=None)
        if lowest is None or part.first < lowest.first or lowest.at - part.at <= AT_ONCE:
            newest.append(part)
        elif part.first > lowest.first:
            break
        # The same first row again: this part was sent anew, and the newer word about it is there already.
    return newest


def _painted(newest_first: Sequence[Part]) -> list[Span]:
    """Of each row the newest part that tells of it."""
    begins = sorted(range(len(newest_first)), key=lambda age: newest_first[age].first)
    cuts = sorted({cut for part in newest_first for cut in (part.first, part.last + 1)})
    spans: list[Span] = []
    over: list[int] = []
    place = 0
    for cut, after in pairwise(cuts):
        while place < len(begins) and newest_first[begins[place]].first <= cut:
            heappush(over, begins[place])
            place += 1
        while over and newest_first[over[0]].last < cut:
            heappop(over)
        if not over:
            continue
        part = newest_first[over[0]]
        if spans and spans[-1].part is part and spans[-1].last == cut - 1:
            spans[-1] = Span(spans[-1].first, after - 1, part)
        else:
            spans.append(Span(cut, after - 1, part))
    return spans
