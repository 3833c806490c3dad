from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.identifiers import school_source
from aanwezig.contracts.submissions import Submission
from aanwezig.intake.admit import judge
from aanwezig.intake.formats import Row
from aanwezig.intake.senders import Senders
from support.submitted import (
    MUNICIPALITY_SOURCE,
    NOW,
    a_calendar_said,
    a_mark_said,
    a_school_event,
    fill_register,
    said,
)

PUPIL = {"number": "123456782"}


@dataclass
class Case:
    says: str
    row: object
    errors: list = field(default_factory=list)
    key: str = "key-1"


CASES = [
    Case("a school's own mark", a_mark_said()),
    Case("without a system's name in the source", a_mark_said(source=school_source("25PL"))),
    Case("another school's source", a_mark_said(source=school_source("16QW"), school="16QW01"),
         [("source", "source-not-yours"), ("school", "school-not-yours")]),
    Case("another school's source, of a school of its own", a_mark_said(source=school_source("16QW")),
         [("source", "source-not-yours")]),
    Case("another's source, and a fault of form besides", a_mark_said(source=school_source("16QW"), minutes=1800),
         [("source", "source-not-yours"), ("minutes", "out-of-range")]),
    Case("a municipality's source, under a school's key", a_mark_said(source=MUNICIPALITY_SOURCE),
         [("source", "source-not-yours")]),
    Case("a source that is none", a_mark_said(source="urn:nld:oin:1"), [("source", "source-form")]),
    Case("a school that is not registered, of the same BRIN", a_mark_said(school="25PL07"), [("school", "school-unknown")]),
    Case("a registered school of the same BRIN that is not the system's", a_mark_said(school="25PL01"),
         [("school", "school-not-yours")]),
    Case("a school of another BRIN", a_mark_said(school="16QW01"), [("school", "school-not-yours")]),
    Case("a school with no school in the row", said("person-recorded", {"pupil": PUPIL, "birth_date": "2010-03-15"})),
    Case("exactly one day ahead", a_calendar_said(time=utc_text(NOW + timedelta(days=1)))),
    Case("a second more than a day ahead", a_calendar_said(time=utc_text(NOW + timedelta(days=1, seconds=1))),
         [("time", "time-in-future")]),
    Case("a municipality of any registered school",
         said("leave-granted", {"pupil": PUPIL, "school": "16QW01", "ground": "11g", "from": "2024-09-02",
                                "until": "2024-09-03", "decided_by": "officer"}, source=MUNICIPALITY_SOURCE), key="key-0637"),
    Case("a municipality of a school that is not registered",
         said("leave-granted", {"pupil": PUPIL, "school": "99ZZ00", "ground": "11g", "from": "2024-09-02",
                                "until": "2024-09-03", "decided_by": "officer"}, source=MUNICIPALITY_SOURCE),
         [("school", "school-unknown")], key="key-0637"),
    Case("a school as a municipality", said("exemption-granted", {"pupil": PUPIL, "ground": "5a", "from": "2024-09-02",
                                                                   "until": "2025-07-31"}), [("type", "type-not-yours")]),
    Case("no object", 7, [("", "wrong-type")]),
    Case("two faults of form, each by its field", a_mark_said(minutes=1800, number="123456789"),
         [("pupil.number", "number-fails-test"), ("minutes", "out-of-range")]),
]  # fmt: skip


@pytest.fixture
async def senders():
    register = Senders()
    await fill_register(register.on_change)
    await register.on_change("school/25PL01", a_school_event("25PL01"))
    return register


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
async def test_a_row_is_judged_by_who_sends_it_and_when(case, senders):
    judged = judge(Row(case.row), senders.by_key(case.key), senders, NOW)
    if case.errors:
        assert [(error.field, error.code.value) for error in judged] == case.errors
    else:
        assert isinstance(judged, Submission)


async def test_a_row_nested_without_end_is_refused_and_stops_nothing(senders):
    deep = {}
    inner = deep
    for _ in range(900):
        inner["a"] = {}
        inner = inner["a"]
    judged = judge(Row(said("mark-recorded", deep)), senders.by_key("key-1"), senders, NOW)
    assert [(error.field, error.code.value) for error in judged] == [("data", "wrong-type")]
