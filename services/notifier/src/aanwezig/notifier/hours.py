"""When what is not urgent is delivered: at the recipient's digest, and out of its quiet hours. Pure.

Both go by the clock on the wall in Amsterdam, also in the nights in which that clock is changed. What is urgent
(`at-once`, `same-day`) waits for neither.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.messages import QuietHours, Urgency
from aanwezig.notifier.channels.doors import Hours

DIGEST_AT: Final = time(7, 30)
"""On the wall in Amsterdam; a weekly digest goes on Monday."""

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def first_moment(now: datetime, urgency: Urgency, hours: Hours) -> datetime:
    """The first moment (UTC) at which a notice that is made `now` (aware) may go."""
    slot = slot_of(now, urgency, hours)
    goes = now if slot is None else datetime.combine(slot, DIGEST_AT, AMSTERDAM)
    return out_of_quiet(goes, urgency, hours)


def slot_of(now: datetime, urgency: Urgency, hours: Hours) -> date | None:
    """The date (Amsterdam) of the digest that a notice made `now` waits for; None: it waits for none.

    Notices of one recipient with one slot are one mail. What is made at 07:30 or later waits for the next digest.
    """
    if urgency != "normal" or hours.digest is None:
        return None
    wall = now.astimezone(AMSTERDAM)
    slot = wall.date() if wall.time() < DIGEST_AT else wall.date() + _DAY
    return slot if hours.digest == "daily" else slot + (-slot.weekday() % 7) * _DAY


def out_of_quiet(moment: datetime, urgency: Urgency, hours: Hours) -> datetime:
    """The first moment (UTC) from `moment` (aware) on that is not in the quiet hours; for a next attempt as well."""
    since = moment.astimezone(UTC)
    if urgency != "normal" or hours.quiet is None or not _is_quiet(since, hours.quiet):
        return since
    return _end(since, hours.quiet)


def _is_quiet(moment: datetime, quiet: QuietHours) -> bool:
    """Whether the clock on the wall is within the hours; from and until the same time are no hours at all."""
    wall = moment.astimezone(AMSTERDAM).time()
    begin, end = time.fromisoformat(quiet.from_), time.fromisoformat(quiet.until)
    return begin <= wall < end if begin <= end else wall >= begin or wall < end


def _end(moment: datetime, quiet: QuietHours) -> datetime:
    """When quiet hours end that `moment` lies in.

    That is when the clock shows their end, once or twice a night, or when it is changed from before their end to
    behind it, which is on a whole hour.
    """
    today = moment.astimezone(AMSTERDAM).date()
    end = time.fromisoformat(quiet.until)
    shown = [
        datetime.combine(day, end.replace(fold=fold), AMSTERDAM).astimezone(UTC)
        for day in (today, today + _DAY)
        for fold in (0, 1)
    ]
    whole = moment.replace(minute=0, second=0, microsecond=0)
    changed = [whole + number * _HOUR for number in range(1, 26)]
    return min(one for one in (*shown, *changed) if one > moment and not _is_quiet(one, quiet))
