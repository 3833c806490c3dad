"""When a notice that was not taken is tried again: from 25 seconds to 14 hours, then it has failed.

| after attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
|---|---|---|---|---|---|---|---|---|
| wait | 25 s | 2 min | 10 min | 30 min | 1 h | 3 h | 7 h | 14 h |

Each wait is made up to a tenth shorter or longer, so that many waits do not end at once; by how much follows from the
notice and the attempt. Nine attempts, over a day and an hour or so.
"""

from datetime import timedelta
from typing import Final

from aanwezig.contracts.identifiers import derived_id

TIMETABLE: Final = tuple(
    timedelta(seconds=seconds) for seconds in (25, 120, 600, 1_800, 3_600, 10_800, 25_200, 50_400)
)
JITTER: Final = 0.1
"""The part of a wait by which it may be shorter or longer."""


def wait_after(attempt: int, notice: str, pace: float = 1.0) -> timedelta | None:
    """How long to wait after this attempt (the first is 1); None: there is no next one."""
    if attempt > len(TIMETABLE):
        return None
    share = int(derived_id("wait", notice, str(attempt))[:8], 16) / 0xFFFFFFFF
    return TIMETABLE[attempt - 1] * pace * (1 - JITTER + 2 * JITTER * share)
