"""What surrounds the marks: calendars, enrolments, persons, decisions, sick reports, words of others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from support.streams.notebook import (
    ARRANGEMENTS,
    MUNICIPALITIES,
    REPORTS,
    SCHOOL_TYPES,
    SIGNALS,
    Notebook,
    Place,
    Pupil,
    chance,
    sender_of,
    town_of,
)


def enrolments(book: Notebook, place: Place) -> None:
    """Open, ending, with a gap, overlapping, or none."""
    draw = book.draw
    shape = draw(st.sampled_from(("open", "open", "open", "none", "ends", "gap", "overlap", "late")))
    if shape == "none":
        return
    first = (
        book.some_date(40, 250) if shape == "late" else book.offset(draw(st.sampled_from((-400, 0, 0, 24))))
    )
    until = None if shape in {"open", "late"} else book.some_date(60, 300)
    pieces = [(first, until)]
    if until is not None and shape in {"gap", "overlap"}:
        days = draw(st.integers(2, 45)) if shape == "gap" else -draw(st.integers(0, 50))
        pieces.append((until + timedelta(days=days), None))
    for begins, ends in pieces:
        data = place.about(school_type=draw(st.sampled_from(SCHOOL_TYPES)), **{"from": str(begins)})
        if ends is not None:
            data["until"] = str(ends)
        book.say(place.source, "enrolment-recorded", data, begins, lag=draw(st.sampled_from((0, 0, 30))))


def calendars(book: Notebook, school: str) -> None:
    """With holidays, free days, short weeks; one, two that overlap or leave a gap; or none."""
    draw = book.draw
    shape = draw(st.sampled_from(("one", "one", "one", "none", "none", "overlap", "gap", "partial")))
    if shape == "none":
        return
    spans = [
        (book.offset(draw(st.integers(0, 45))), book.offset(draw(st.sampled_from((315, 345, 364, 700)))))
    ]
    if shape == "overlap":
        spans.append((book.some_date(60, 250), book.some_date(255, 364)))
    if shape == "gap":
        middle = draw(st.integers(90, 250))
        spans = [
            (spans[0][0], book.offset(middle)),
            (book.offset(middle + draw(st.integers(1, 20))), book.offset(700)),
        ]
    for first, until in spans:
        plan = (1, 2, 4, 5), (1, 2, 3, 4, 5, 6), (2, 3)
        weekdays_told = draw(st.sampled_from(((1, 2, 3, 4, 5), *plan))) if shape != "one" else (1, 2, 3, 4, 5)
        data: dict[str, Any] = {
            "school": school,
            "from": str(first),
            "until": str(until),
            "weekdays": list(weekdays_told),
        }
        holidays = draw(st.lists(st.tuples(st.integers(30, 300), st.integers(0, 16)), max_size=3))
        if holidays:
            data["holidays"] = [
                {"from": str(book.offset(begin)), "until": str(book.offset(begin + length))}
                for begin, length in holidays
            ]
        free = draw(st.lists(st.integers(20, 320), max_size=4, unique=True))
        if free:
            data["extra_free"] = [str(book.offset(day)) for day in free]
        if chance(draw, 3):
            data["usual_slots"] = {"1": 7, "2": 6}
        book.say(sender_of(school), "calendar-recorded", data, first, lag=draw(st.sampled_from((-30, 0, 60))))


def a_birth_date(book: Notebook) -> date:
    """In the middle of an age, or near the birthday or the school year's end that changes the obligation."""
    draw = book.draw
    age = draw(st.sampled_from((12, 8, 14, 15, 17, 19, 20, 21, 22, 4, 5, 16, 17, 18, 18, 23, 27)))
    pivot = book.some_date() if chance(draw, 2) else date(book.year, draw(st.sampled_from((7, 8))), 31)
    if chance(draw, 20):
        return date(2008, 2, 29)
    return date(pivot.year - age, pivot.month, min(pivot.day, 28)) + timedelta(days=draw(st.integers(-3, 4)))


def person(book: Notebook, pupil: Pupil, source: str, *, unschooled: bool) -> None:
    """Birth date by the school, by the municipality with residence, by both, or by nobody."""
    draw = book.draw
    shape = draw(st.sampled_from(("school", "school", "town", "both", "none")))
    if unschooled and "number" in pupil:
        shape = "town"
    born = a_birth_date(book)
    if shape in {"school", "both"}:
        book.say(source, "person-recorded", {"pupil": pupil, "birth_date": str(born)}, book.some_date(0, 60))
    if "number" not in pupil or shape in {"school", "none"}:
        return
    for _ in range(draw(st.integers(1, 2))):
        municipality = draw(st.sampled_from(MUNICIPALITIES))
        begins = (
            book.some_date(-60, 200)
            if unschooled
            else book.offset(draw(st.sampled_from((-900, -30, 10, 100))))
        )
        data = {
            "pupil": pupil,
            "birth_date": str(born + timedelta(days=draw(st.sampled_from((0, 0, 0, 1))))),
            "municipality": municipality,
            "resident_from": str(begins),
        }
        if chance(draw, 3):
            data["resident_until"] = str(begins + timedelta(days=draw(st.integers(26, 90))))
            data["left_because"] = draw(st.sampled_from(("moved", "abroad", "died")))
        book.say(town_of(municipality), "person-recorded", data, begins, lag=draw(st.sampled_from((0, 9))))


def near(book: Notebook, ends: list[date], low: int, high: int) -> date:
    """Near the end of an episode, or anywhere."""
    if not ends or chance(book.draw, 5):
        return book.some_date(-20, 360)
    return book.draw(st.sampled_from(ends)) + timedelta(days=book.draw(st.integers(low, high)))


def decisions(book: Notebook, place: Place, ends: list[date]) -> None:
    """Leave, exemption, arrangement, qualification: each now and then, each about a stretch of days."""
    draw = book.draw
    for kind in draw(
        st.lists(st.sampled_from(("leave", "leave", "exemption", "arrangement", "qualification")), max_size=3)
    ):
        begins = near(book, ends, -25, 2)
        span = {"from": str(begins), "until": str(begins + timedelta(days=draw(st.integers(0, 20))))}
        source = place.source
        if kind == "leave":
            by_officer = "number" in place.pupil and chance(draw, 3)
            ground = draw(st.sampled_from(("11d", "11e", "11f", "11g")))
            decided_by = "officer" if by_officer else "head"
            source = town_of("0637") if by_officer else source
            name, data = "leave-granted", place.about(ground=ground, decided_by=decided_by, **span)
        elif kind == "exemption":
            if "number" not in place.pupil:
                continue
            ground = draw(st.sampled_from(("5a", "5b", "5c", "5a-travel", "15")))
            source = town_of("0637")
            name, data = "exemption-granted", {"pupil": place.pupil, "ground": ground, **span}
        elif kind == "arrangement":
            told = place.about() if chance(draw, 2) else {"pupil": place.pupil}
            if chance(draw, 3):
                del span["until"]
            name, data = "arrangement-set", {**told, "kind": draw(st.sampled_from(ARRANGEMENTS)), **span}
        else:
            level = draw(st.sampled_from(("havo", "vwo", "mbo-2", "mbo-4")))
            name, data = "qualification-obtained", {"pupil": place.pupil, "date": str(begins), "level": level}
        book.say(source, name, data, begins, lag=draw(st.sampled_from((0, 14))))


def sick_spells(book: Notebook, place: Place) -> None:
    """Four or five short ones about twelve lesson weeks apart, and long or open ones."""
    draw = book.draw
    first = book.some_date(0, 250)
    shape = draw(st.sampled_from(("often", "long", "few", "none")))
    if shape == "none":
        return
    offsets = {
        "often": [0, 7, 20, draw(st.integers(77, 100)), draw(st.integers(90, 110)), *range(111, 130, 6)],
        "long": [0],
        "few": [0, 9],
    }[shape][: draw(st.integers(1, 8))]
    length = draw(st.integers(6, 13) if shape == "long" else st.integers(0, 9))
    for number in offsets:
        begins = first + timedelta(days=number)
        data = place.about(**{"from": str(begins)})
        if not chance(draw, 5):
            data["until"] = str(begins + timedelta(days=length))
        book.say(place.source, "sick-reported", data, begins, lag=draw(st.sampled_from((0, 3))))


def words_of_others(book: Notebook, place: Place, ends: list[date]) -> None:
    """Reports of the school and care signals."""
    draw = book.draw
    for _ in range(draw(st.integers(0, 3))):
        on = near(book, ends, -2, 9)
        data = place.about(kind=draw(st.sampled_from(REPORTS)), date=str(on))
        if chance(draw, 3):
            data |= {"announced": True, "actions": "gesprek gevoerd"}
        book.say(place.source, "school-reported", data, on)
    for _ in range(draw(st.integers(0, 2))):
        on = book.some_date(-20, 360)
        data = {"pupil": place.pupil, "signal": draw(st.sampled_from(SIGNALS)), "date": str(on)}
        if chance(draw, 2):
            data |= {"school": place.school, "help_in_place": draw(st.booleans())}
        book.say(place.source, "care-signalled", data, on, lag=draw(st.sampled_from((0, 20))))
