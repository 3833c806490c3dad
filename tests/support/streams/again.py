"""Corrections and retractions of what was said."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from support.streams.notebook import NATURAL_KEY_FIELDS, ZONES, Event, Notebook, chance, written


def corrected(draw: st.DrawFn, event: Event) -> dict[str, Any]:
    """Other words about the same natural key."""
    data = dict(event["data"])
    kind = event["type"].split(".")[2]
    if kind == "mark-recorded":
        data.pop("missed", None)
        data["state"] = draw(st.sampled_from(("absent", "absent", "present", "late", "not-recorded")))
        data["authorised"] = draw(st.sampled_from((False, True, None)))
        if chance(draw, 3):
            data["missed"] = draw(st.integers(0, data["minutes"]))
    elif kind in {
        "sick-reported",
        "enrolment-recorded",
        "leave-granted",
        "exemption-granted",
        "arrangement-set",
    }:
        begins = date.fromisoformat(data["from"])
        data["until"] = str(begins + timedelta(days=draw(st.integers(0, 60))))
    elif kind == "person-recorded":
        data["birth_date"] = str(
            date.fromisoformat(data["birth_date"]) + timedelta(days=draw(st.integers(-2, 2)))
        )
    elif kind == "calendar-recorded":
        begins = date.fromisoformat(data["from"])
        data["extra_free"] = [str(begins + timedelta(days=draw(st.integers(0, 200)))) for _ in range(3)]
    elif kind == "school-reported":
        data["announced"] = draw(st.booleans())
    elif kind == "care-signalled":
        data["help_in_place"] = draw(st.booleans())
    return data


def said_again(book: Notebook) -> None:
    """Corrections and retractions: later, at the same instant, or earlier; with a sequence or without."""
    draw = book.draw
    first_words = list(book.events)
    used = {(event["source"], event["id"]) for event in first_words}
    for number in range(draw(st.integers(0, 6))):
        event = draw(st.sampled_from(first_words))
        data = corrected(draw, event)
        if chance(draw, 3):
            data = {name: value for name, value in event["data"].items() if name in NATURAL_KEY_FIELDS}
            data["retracted"] = True
        hours = draw(st.sampled_from((0, 0, 1, 24, 24 * 9, -1)))
        moment = datetime.fromisoformat(event["time"]) + timedelta(hours=hours)
        source, name = event["source"], draw(st.sampled_from(("g", "a"))) + f"-{number}"
        if ":oin:0000000700" in source and chance(draw, 2):
            source = source.split(":systeem:")[0] + ":systeem:lvs"
            # one id of two senders is two events, and only the source tells which is newer
            name = event["id"] if (source, event["id"]) not in used else name
        used.add((source, name))
        again = {
            **event,
            "id": name,
            "source": source,
            "time": written(moment.astimezone(draw(st.sampled_from(ZONES)))),
            "data": data,
        }
        if chance(draw, 3):
            again["sequence"] = str(draw(st.sampled_from((1, 2, 9, 10))))
        book.events.append(again)
