"""Episodes of marks around the boundaries of the rules."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from support.streams.notebook import LAGS, LESSON_MINUTES, REASONS, Notebook, Place, chance, mark, weekdays


def truancy(book: Notebook, place: Place, first: date) -> date:
    """Unauthorised marks whose sum is about sixteen hours, maybe more than once."""
    draw = book.draw
    minutes = draw(st.sampled_from(LESSON_MINUTES))
    by_clock = -(-16 * 60 // minutes)
    count = draw(st.sampled_from((16, 16, by_clock, 33))) + draw(st.integers(-1, 1))
    per_day = draw(st.sampled_from((1, 2, 4, 8)))
    first_slot = draw(st.integers(1, 8))
    days = weekdays(first, -(-count // per_day), step=draw(st.sampled_from((1, 1, 2))))
    gap_after, gap = draw(st.integers(0, len(days))), draw(st.sampled_from((0, 0, 7, 14, 21, 28)))
    lag, last_lag = draw(st.sampled_from(LAGS)), draw(st.sampled_from(LAGS))
    missed = draw(st.sampled_from((None, None, minutes - 1, minutes // 2, 0)))
    partly = draw(st.integers(0, 3))
    reason = draw(st.sampled_from((None, *REASONS)))
    on = days[0]
    for number in range(count):
        on = days[number // per_day]
        on += timedelta(days=gap if number // per_day >= gap_after else 0)
        mark(
            book,
            place,
            on,
            f"lesson-{first_slot + number % per_day}",
            minutes=minutes,
            lag=last_lag if number == count - 1 else lag,
            authorised=False,
            reason=reason,
            missed=missed if number < partly else None,
        )
    return on


def edge(book: Notebook, place: Place, first: date) -> date:
    """Two eight-hour days four lesson weeks apart, give or take."""
    apart = 7 * book.draw(st.integers(3, 6)) + book.draw(st.integers(-2, 2))
    last = first + timedelta(days=apart)
    slot = book.draw(st.sampled_from(("morning", "afternoon", "lesson-1", "lesson-10")))
    for on in (first, last):
        mark(
            book,
            place,
            on,
            slot,
            minutes=480,
            lag=book.draw(st.sampled_from(LAGS)),
            authorised=False,
            missed=book.draw(st.sampled_from((None, None, 479))),
        )
    return last


def at_home(book: Notebook, place: Place, first: date) -> date:
    """A run of absent days of about four weeks, with silent days, unrecorded slots and other words inside."""
    draw = book.draw
    days = weekdays(first, draw(st.integers(19, 32)))
    silent = draw(st.sets(st.integers(1, 25), max_size=3))
    odd_day = draw(st.sampled_from((None, None, 2, 9, 20, 21)))
    authorised = draw(st.sampled_from((False, False, False, True, None)))
    odd = draw(st.sampled_from(("authorised", "present", "late", "not-recorded", "undetermined", "half")))
    slots = draw(st.sampled_from((("morning",), ("morning", "afternoon"), ("lesson-2",))))
    lag = draw(st.sampled_from(LAGS))
    for number, on in enumerate(days):
        if number in silent:
            continue
        for slot in slots:
            state, word = "absent", authorised
            if number == odd_day:
                state = odd if odd in {"present", "late", "not-recorded"} else "absent"
                word = {"authorised": True, "undetermined": None}.get(odd, authorised)
            mark(book, place, on, slot, minutes=180, state=state, authorised=word, lag=lag)
        if number == odd_day and odd == "half":
            mark(book, place, on, "lesson-16", state="present", lag=lag)
    return days[-1]


def late(book: Notebook, place: Place, first: date) -> date:
    """Late again and again."""
    draw = book.draw
    count = draw(st.sampled_from((2, 3, 3, 6, 7, 9, 12, 15, 16, 30, 61)))
    per_day = draw(st.sampled_from((1, 2, 3)))
    days = weekdays(first, -(-count // per_day))
    authorised = draw(st.sampled_from((None, False, False, True)))
    for number in range(count):
        slot = f"lesson-{1 + 5 * (number % per_day)}"
        mark(
            book,
            place,
            days[number // per_day],
            slot,
            state="late",
            authorised=authorised,
            missed=number % 40,
        )
    return days[-1]


def luxury(book: Notebook, place: Place, first: date) -> date:
    """Some days of luxury, one of them with something else beside it."""
    draw = book.draw
    days = weekdays(first, draw(st.integers(1, 6)), step=draw(st.sampled_from((1, 1, 1, 2))))
    other_day = draw(st.integers(0, 8))
    other = draw(st.sampled_from(("truancy-beside", "present-beside", "truancy-only", "authorised")))
    for number, on in enumerate(days):
        is_other = number == other_day
        mark(
            book,
            place,
            on,
            "morning",
            minutes=200,
            authorised=is_other and other == "authorised",
            reason="truancy" if is_other and other == "truancy-only" else "luxury",
        )
        if is_other and other.endswith("beside"):
            state = "present" if other.startswith("present") else "absent"
            mark(book, place, on, "afternoon", minutes=100, state=state, authorised=False, reason="truancy")
    return days[-1]


def scattered(book: Notebook, place: Place, first: date) -> date:
    """A few words of any kind, weekends included."""
    draw = book.draw
    on = first
    for _ in range(draw(st.integers(1, 8))):
        on = first + timedelta(days=draw(st.integers(0, 30)))
        minutes = draw(st.sampled_from(LESSON_MINUTES))
        mark(
            book,
            place,
            on,
            draw(st.sampled_from(("morning", "lesson-1", "lesson-2", "lesson-9", "lesson-10", "afternoon"))),
            minutes=minutes,
            state=draw(st.sampled_from(("present", "absent", "late", "not-recorded"))),
            authorised=draw(st.sampled_from((None, False, True))),
            missed=draw(st.one_of(st.none(), st.integers(0, minutes))),
            lag=draw(st.sampled_from((-1, 0, 3))),
        )
    return on


def back_at_school(book: Notebook, place: Place, after: date) -> None:
    """About ten days of presence, some of them not so good."""
    draw = book.draw
    days = weekdays(after + timedelta(days=draw(st.integers(1, 6))), draw(st.integers(8, 14)))
    odd_day, odd = (
        draw(st.integers(0, 40)),
        draw(st.sampled_from(("silent", "late", "excused", "absent", "both"))),
    )
    for number, on in enumerate(days):
        is_odd = number == odd_day
        if is_odd and odd == "silent":
            continue
        state = (
            {"late": "late", "excused": "absent", "absent": "absent"}.get(odd, "present")
            if is_odd
            else "present"
        )
        mark(
            book,
            place,
            on,
            "lesson-1",
            state=state,
            authorised=odd == "excused" if state == "absent" else None,
        )
        if is_odd and odd == "both":
            mark(book, place, on, "lesson-2", authorised=False)


EPISODES = (truancy, truancy, edge, at_home, at_home, at_home, late, luxury, scattered)


def episodes(book: Notebook, place: Place) -> list[date]:
    """One to three, one after the other or across each other, each with or without a way back; their last dates."""
    ends: list[date] = []
    for episode in book.draw(st.lists(st.sampled_from(EPISODES), min_size=1, max_size=3)):
        first = book.some_date(0, 280)
        if ends and ends[-1] < book.offset(200) and chance(book.draw, 2):
            first = ends[-1] + timedelta(days=book.draw(st.integers(0, 30)))
        ends.append(episode(book, place, first))
        if chance(book.draw, 2):
            back_at_school(book, place, ends[-1])
    return ends
