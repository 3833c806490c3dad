"""How fast a system may send, how much at once, and how much all of them hold: so that none slows another.

Counted in this instance. What is refused costs nothing: neither a request that is told to wait nor its rows are counted.
"""

from collections import Counter
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

_MINUTE: Final = 60


class TooManyAtOnce(Exception):
    """The system has as many requests in hand as it may have."""


class NoRoom(Exception):
    """All requests together, or those of one system, hold as many bytes as they may."""


class Pace:
    """The pace of every system.

    `rows_a_minute` and `abreast` (requests in hand) are per system; `bytes_in_hand` is what the bodies of all requests may
    hold together, of which one system may take half.
    """

    def __init__(self, rows_a_minute: int, *, abreast: int, bytes_in_hand: int) -> None:
        self.rows_a_minute = rows_a_minute
        self.abreast = abreast
        self.bytes_in_hand = bytes_in_hand
        self._item = RateLimitItemPerMinute(rows_a_minute)
        self._counts = MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(self._counts)
        self._requests: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._all_bytes = 0

    @property
    def bytes_of_one(self) -> int:
        """The bytes the requests of one system may hold together."""
        return self.bytes_in_hand // 2

    def wait(self, system: str, rows: int) -> float | None:
        """Counts these rows of a system and gives None; or counts nothing and gives the seconds after which they fit.

        More rows than a whole minute holds are counted as a whole minute: they wait for one, not for ever.
        """
        cost = min(rows, self.rows_a_minute)
        if cost <= 0 or self._limiter.hit(self._item, system, cost=cost):
            return None
        return self._until(system, cost)

    def full(self, system: str) -> float | None:
        """The seconds until a system may send a row again, without counting any; None: it may now."""
        if self._limiter.test(self._item, system):
            return None
        return self._until(system, 1)

    def enter(self, system: str) -> None:
        """Takes a request of this system in hand.

        Raises:
            TooManyAtOnce: it has as many in hand as it may have; this one is not counted.
        """
        if self._requests[system] >= self.abreast:
            raise TooManyAtOnce
        self._requests[system] += 1

    def leave(self, system: str) -> None:
        """A request of this system is answered."""
        self._requests[system] -= 1
        if not self._requests[system]:
            del self._requests[system]

    def hold(self, system: str, size: int) -> None:
        """Counts bytes of a body that stay in memory.

        Raises:
            NoRoom: there is no room for them; they are not counted.
        """
        if self._all_bytes + size > self.bytes_in_hand or self._bytes[system] + size > self.bytes_of_one:
            raise NoRoom
        self._bytes[system] += size
        self._all_bytes += size

    def let_go(self, system: str, size: int) -> None:
        """Bytes that were held are no longer in memory."""
        self._bytes[system] -= size
        self._all_bytes -= size
        if not self._bytes[system]:
            del self._bytes[system]

    def _until(self, system: str, cost: int) -> float:
        previous, _, current, current_left = self._counts.get_sliding_window(
            self._item.key_for(system), self._item.get_expiry()
        )
        return seconds_until(
            previous, current, left=current_left - _MINUTE, most=self.rows_a_minute, cost=cost
        )


def seconds_until(previous: int, current: int, *, left: float, most: int, cost: int) -> float:
    """The seconds until `cost` more rows fit in a sliding minute, while nothing else comes.

    `previous` and `current` are the rows of the last whole minute and of the one under way, which has `left` seconds to go;
    the last one counts by the part of it that is still inside the sliding minute. At most two minutes.
    """
    room = most - cost
    if current <= room:
        return max(0.0, left - (room - current) * _MINUTE / previous) if previous else 0.0
    return left + (1 - room / current) * _MINUTE
