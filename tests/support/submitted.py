"""Rows as senders submit them, and the register they are judged by. Each builder says only what matters."""

import hashlib
from datetime import UTC, datetime

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, municipality_source, school_source
from aanwezig.contracts.messages import SchoolRegistered, SystemRegistered

NOW = datetime(2024, 9, 3, 8, tzinfo=UTC)
SCHOOL = "25PL00"
SCHOOL_SOURCE = school_source("25PL", "test")
MUNICIPALITY_SOURCE = municipality_source("0637")
NUMBER = "123456782"
"""A number that passes the eleven-test and belongs to nobody: the one of every example."""


def said(name, data, *, id="row-1", source=SCHOOL_SOURCE, time="2024-09-02T14:00:00Z", **envelope):  # noqa: A002
    """A row: an event of a school, told in the afternoon of Monday 2 September 2024."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": f"nl.attendance.{name}.v1",
        "time": time,
        "data": data,
        **envelope,
    }


def a_mark_said(
    *, number=NUMBER, school=SCHOOL, minutes=50, state="absent", slot="lesson-1", more=None, **envelope
):
    data = {
        "pupil": {"number": number},
        "school": school,
        "date": "2024-09-02",
        "slot": slot,
        "minutes": minutes,
        "state": state,
        **(more or {}),
    }
    return said("mark-recorded", data, **envelope)


def a_calendar_said(*, until="2025-07-31", **envelope):
    data = {"school": SCHOOL, "from": "2024-08-01", "until": until, "weekdays": [1, 2, 3, 4, 5]}
    return said("calendar-recorded", data, **envelope)


def hashed(key):
    return hashlib.sha256(key.encode()).hexdigest()


def registered(name, data):
    """A record of the register, as an operator's command says it."""
    return Event(id=f"{name}-1", source=PLATFORM_SOURCE, name=name, time=NOW, data=data)


def a_system_event(name="test", *, keys=("key-1",), schools=(SCHOOL,), source=SCHOOL_SOURCE, rights=()):
    oin = source.split(":")[3]
    more = {"rights": list(rights)} if rights else {}
    message = SystemRegistered(
        system=name, oin=oin, keys=[hashed(key) for key in keys], schools=list(schools), **more
    )
    return registered("system-registered", message.said())


def a_school_event(school=SCHOOL):
    message = SchoolRegistered(school=school, name="De Proef", type="vo", municipality="0637")
    return registered("school-registered", message.said())


async def fill_register(on_change):
    """A school with its system (`key-1`), a second school of another BRIN, and a municipality's system (`key-0637`)."""
    await on_change("school/25PL00", a_school_event())
    await on_change("school/16QW01", a_school_event("16QW01"))
    await on_change("system/test", a_system_event())
    await on_change(
        "system/gemeente",
        a_system_event("gemeente", keys=("key-0637",), schools=(), source=MUNICIPALITY_SOURCE),
    )
