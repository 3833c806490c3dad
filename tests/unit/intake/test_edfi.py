"""Ed-Fi interchanges become facts: counted on the public sample where it lies beside the checkout, and on small fragments."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.refusals import OF_A_WHOLE_FILE, Code
from aanwezig.contracts.submissions import Submission, examine_object
from aanwezig.intake.edfi import Setting, read_edfi
from aanwezig.intake.edfi_marks import CATEGORIES
from aanwezig.intake.formats import TooManyRows
from aanwezig.intake.readings import NotTaken
from support.submitted import SCHOOL_SOURCE

SAMPLE = ROOT.parent / "shared/data/edfi"
MAPPED = {"255901001": "25PL00", "255901044": "25PL01", "255901107": "25PL02"}
RECORDED = datetime(2022, 6, 1, 16, tzinfo=UTC)
on_the_sample = pytest.mark.skipif(
    not SAMPLE.is_dir(), reason="the public Ed-Fi sample lies beside the checkout"
)


def interchange(*records, kind="StudentAttendance"):
    return (
        f'<Interchange{kind} xmlns="http://ed-fi.org/5.2.0">{"".join(records)}</Interchange{kind}>'.encode()
    )


def element(name, **values):
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in values.items() if value is not None)
    return f"<{name}>{inner}</{name}>"


def event(category, *, student="17", date="2022-03-07", school="901", section=None, **more):
    kind = "StudentSectionAttendanceEvent" if section else "StudentSchoolAttendanceEvent"
    uri = f"uri://ed-fi.org/AttendanceEventCategoryDescriptor#{category}"
    about = element(
        "AttendanceEvent", EventDate=date, AttendanceEventCategory=uri, EventDuration=more.pop("days", None)
    )
    return element(
        kind, StudentReference=element("StudentIdentity", StudentUniqueId=student) + about,
        SchoolReference=element("SchoolIdentity", SchoolId=school), SectionIdentifier=section, **more,
    )  # fmt: skip


def session(begin="2021-08-23", until="2021-12-17", school="901"):
    return element(
        "Session",
        SessionName="Fall",
        BeginDate=begin,
        EndDate=until,
        SchoolReference=element("x", SchoolId=school),
    )


def calendar_date(day, *what, code="all", school="901"):
    events = "".join(f"<CalendarEvent>uri://x#{one}</CalendarEvent>" for one in what or ("Holiday",))
    return f"<CalendarDate><Date>{day}</Date>{events}{element('Ref', CalendarCode=code, SchoolId=school)}</CalendarDate>"


def read(*bodies, schools=None, recorded_at=RECORDED, most=100):
    setting = Setting(SCHOOL_SOURCE, recorded_at, {"901": "25PL00"} if schools is None else schools)
    return read_edfi(bodies, setting, most)


def rows(*records, **more):
    return [one.row for one in read(interchange(*records), **more).files[0].rows]


def marks(*records):
    """Slot, state, authorised and missed of each row that the validator takes; the code of each that was refused."""
    told = []
    for row in rows(*records):
        if row.unread is not None:
            told.append((row.unread.field, row.unread.code))
            continue
        said = examine_object(row.said)
        assert isinstance(said, Submission), said
        told.append((said.fact.slot, said.fact.state, said.fact.authorised, said.fact.missed))
    return told


def becoming(files):
    """What becomes of each row at a door that has met none of them: file by file, by the number of its record."""
    met, of_files = {}, []
    for file in files:
        outcomes = {}
        for one in file.rows:
            said = one.row.said if one.row.unread else examine_object(one.row.said)
            if one.row.unread:
                outcome = one.row.unread.code
            elif not isinstance(said, Submission):
                outcome = [refusal.code for refusal in said]
            else:
                outcome = "duplicate" if said.id in met else "accepted"
                assert met.setdefault(said.id, said.content_hash) == said.content_hash
            outcomes.setdefault(one.number, []).append(outcome)
        of_files.append(list(outcomes.values()))
    return of_files


def sample(*names):
    return [(SAMPLE / f"{name}.xml").read_bytes() for name in names]


@on_the_sample
def test_of_1917_events_all_are_taken_but_one_that_does_not_say_which_part_of_the_day():
    told = read(*sample("StudentSchoolAttendance"), schools=MAPPED, most=10_000)
    (events,) = becoming(told.files)
    assert len(events) == 1917
    assert Counter(map(str, events)) == {
        str(["accepted", "accepted"]): 1850,
        str(["accepted"]): 66,
        str([Code.DAY_PART_UNKNOWN]): 1,
    }
    (refused,) = [one for one in told.files[0].rows if one.row.unread]
    assert (refused.number, refused.row.unread.field) == (4, "ArrivalTime")
    states = Counter(
        (one.row.said["data"].get("state"), one.row.said["data"].get("authorised"))
        for one in told.files[0].rows
    )
    assert states == {("absent", True): 2154, ("absent", False): 1546, ("late", None): 66, (None, None): 1}


@on_the_sample
@pytest.mark.parametrize("names", [["StudentSchoolAttendance", "StudentSectionAttendance-Tardy"],
                                   ["StudentSectionAttendance-Tardy", "StudentSchoolAttendance"]])  # fmt: skip
def test_66_tardies_of_sections_are_those_of_the_school_read_together_or_apart(names):
    together = read(*sample(*names), schools=MAPPED, most=10_000).files
    apart = [read(body, schools=MAPPED, most=10_000).files[0] for body in sample(*names)]
    assert [one.rows for one in together] == [one.rows for one in apart]
    first, second = (Counter(map(str, events)) for events in becoming(together))
    assert (first + second)[str(["duplicate"])] == 66
    assert (first + second)[str(["accepted"])] == 66


@on_the_sample
def test_calendars_and_students_of_the_sample():
    calendars, students = read(*sample("EducationOrgCalendar", "Student"), schools=MAPPED, most=10_000).files
    assert becoming([calendars, students]) == [[["accepted"]] * 6, [["accepted"]] * 960]
    assert calendars.passed_over == {"GradingPeriod": 18, "Calendar": 1, "CalendarDate": 2}
    assert students.passed_over == {"Person": 3}
    spans = {
        (one.row.said["data"]["school"], one.row.said["data"]["from"], one.row.said["data"]["until"])
        for one in calendars.rows
    }
    assert spans == {
        (school, *span)
        for school in MAPPED.values()
        for span in (("2021-08-23", "2021-12-17"), ("2022-01-04", "2022-05-27"))
    }
    assert all(set(one.row.said["data"]) == {"pupil", "birth_date"} for one in students.rows)


@on_the_sample
def test_without_a_mapping_each_school_is_named_once_and_ids_stay():
    body = sample("StudentSchoolAttendance")
    told, mapped = (read(*body, schools=schools, most=10_000) for schools in ({}, MAPPED))
    assert sorted(told.unmapped) == sorted(MAPPED)
    assert {one.row.unread.code for one in told.files[0].rows} == {
        Code.SCHOOL_NOT_MAPPED,
        Code.DAY_PART_UNKNOWN,
    }
    assert [one.row.id for one in told.files[0].rows] == [one.row.id for one in mapped.files[0].rows]
    assert mapped.unmapped == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (event("Excused Absence"), [("morning", "absent", True, None), ("afternoon", "absent", True, None)]),
        (event("Unexcused Absence", days="1"), [("morning", "absent", False, None), ("afternoon", "absent", False, None)]),
        (event("In Attendance"), [("morning", "present", None, None), ("afternoon", "present", None, None)]),
        (event("unexcused  absence", days=".5", ArrivalTime="11:59:00"), [("morning", "absent", False, None)]),
        (event("Unexcused Absence", days="0.25", ArrivalTime="10:00:00"), [("morning", "absent", False, 90)]),
        (event("Excused Absence", days="0.75", ArrivalTime="14:00:00"),
         [("morning", "absent", True, None), ("afternoon", "absent", True, 90)]),
        (event("Excused Absence", days="0.5"), [("ArrivalTime", Code.DAY_PART_UNKNOWN)]),
        (event("Excused Absence", days="2"), [("EventDuration", Code.OUT_OF_RANGE)]),
        (event("Excused Absence", days="0"), [("EventDuration", Code.OUT_OF_RANGE)]),
        (event("Excused Absence", days="a day"), [("EventDuration", Code.WRONG_TYPE)]),
        (event("Tardy", SchoolAttendanceDuration="5", ArrivalTime="12:04:00"), [("morning", "late", None, 5)]),
        (event("Tardy", SchoolAttendanceDuration="5", ArrivalTime="12:05:00"), [("afternoon", "late", None, 5)]),
        (event("Tardy", days="1"), [("morning", "late", None, None)]),
        (event("Early departure", SchoolAttendanceDuration="60", DepartureTime="14:30:00"), [("afternoon", "absent", None, 60)]),
        (event("Early departure", DepartureTime="14:30:00"), [("SchoolAttendanceDuration", Code.REQUIRED)]),
        (event("Partial", SchoolAttendanceDuration="ten"), [("SchoolAttendanceDuration", Code.WRONG_TYPE)]),
        (event("Tardy", ArrivalTime="half ten"), [("ArrivalTime", Code.WRONG_TYPE)]),
        (event("On the moon"), [("AttendanceEventCategory", Code.UNKNOWN_WORD)]),
        (event("Tardy", section="MATH", SectionAttendanceDuration="5"), [("ArrivalTime", Code.DAY_PART_UNKNOWN)]),
        (event("Excused Absence", section="MATH", ArrivalTime="10:00:00"), [("SectionAttendanceDuration", Code.REQUIRED)]),
        (event("Excused Absence", section="MATH", SectionAttendanceDuration="50", DepartureTime="10:00:00"),
         [("morning", "absent", True, 50)]),
    ],
)  # fmt: skip
def test_an_event_is_what_it_says_of_the_parts_of_its_day(said, told):
    assert marks(said) == told


def test_older_descriptors_hold_their_word_in_an_element():
    said = event("Tardy").replace(
        "uri://ed-fi.org/AttendanceEventCategoryDescriptor#Tardy", "<CodeValue>Tardy</CodeValue>"
    )
    assert marks(said) == [("morning", "late", None, None)]


@pytest.mark.parametrize(
    ("own", "section", "told"),
    [
        (event("Tardy", SchoolAttendanceDuration="5", ArrivalTime="09:35:00"), {"SectionAttendanceDuration": "9", "ArrivalTime": "09:39:00"},
         [("morning", "late", None, 5)]),
        (event("Tardy", SchoolAttendanceDuration="5", ArrivalTime="09:35:00"), {}, [("morning", "late", None, 5)]),
        (event("Tardy", SchoolAttendanceDuration="5", ArrivalTime="14:35:00"), {}, [("afternoon", "late", None, 5)]),
        (event("Excused Absence"), {"ArrivalTime": "14:00:00"}, [("afternoon", "absent", True, None)]),
        (event("Tardy", SchoolAttendanceDuration="5", ArrivalTime="09:35:00"), {"ArrivalTime": "14:00:00"},
         [("afternoon", "late", None, None)]),
        (event("Tardy", date="2022-03-08"), {"ArrivalTime": "14:00:00"}, [("afternoon", "late", None, None)]),
        (event("Tardy", student="18"), {"ArrivalTime": "14:00:00"}, [("afternoon", "late", None, None)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", ["own", "section"])
def test_a_section_says_what_the_school_says_where_it_says_something(own, section, told, first):
    of_section = event("Tardy", section="MATH", **section)
    if first == "own":
        assert marks(own, of_section)[len(marks(own)) :] == told
    else:
        assert marks(of_section, own)[: len(told)] == told


def test_two_sections_in_one_part_of_a_day_are_one_mark_with_their_minutes_together():
    late = [
        event("Tardy", section=name, SectionAttendanceDuration="5", ArrivalTime="09:35:00")
        for name in ("MATH", "ART", "ART")
    ]
    assert marks(*late) == [("morning", "late", None, 10)] * 3
    there = event("In Attendance", section="PE", ArrivalTime="11:00:00")
    assert marks(there, late[0]) == [("morning", "late", None, 5)] * 2
    away = event("Excused Absence", section="PE", SectionAttendanceDuration="50", ArrivalTime="11:00:00")
    assert marks(away, late[0]) == [("morning", "absent", True, 50), ("", Code.TOLD_TWICE)]
    assert len({row.id for row in rows(*late)}) == 1


def test_two_words_of_the_school_about_one_part_of_a_day_are_not_guessed_between():
    assert marks(event("Excused Absence"), event("Unexcused Absence")) == [
        ("morning", "absent", True, None), ("afternoon", "absent", True, None), ("", Code.TOLD_TWICE), ("", Code.TOLD_TWICE),
    ]  # fmt: skip
    assert marks(event("Tardy"), event("Tardy")) == [("morning", "late", None, None)] * 2


def test_an_id_is_the_same_again_and_another_when_recorded_later():
    said = event("Tardy")
    again, later = rows(said)[0], rows(said, recorded_at=datetime(2022, 6, 2, tzinfo=UTC))[0]
    assert rows(said)[0] == again
    assert later.id != again.id
    assert again.said["time"] == "2022-06-01T16:00:00Z"
    assert again.said["data"]["pupil"] == {"local": "17"}


@pytest.mark.parametrize(
    ("lacking", "field"),
    [({"student": None}, "pupil"), ({"school": None}, "school"), ({"date": None}, "date")],
)
def test_what_an_event_lacks_the_validator_names(lacking, field):
    (row,) = rows(event("Tardy", **lacking))
    assert [(one.field, one.code) for one in examine_object(row.said)] == [(field, Code.REQUIRED)]
    two = rows(event("Tardy", **lacking), event("Tardy", **lacking, ArrivalTime="14:00:00"))
    assert len({one.id for one in two}) == 2


def test_a_school_of_ours_needs_no_mapping():
    assert rows(event("Tardy", school="25PL03"), schools={})[0].said["data"]["school"] == "25PL03"
    told = read(interchange(event("Tardy"), event("Tardy", student="18"), session()), schools={})
    assert told.unmapped == ("901",)
    assert [one.row.unread.code for one in told.files[0].rows] == [Code.SCHOOL_NOT_MAPPED] * 3


def test_a_session_is_a_calendar_with_the_free_days_of_the_school():
    body = interchange(
        "<Calendar><CalendarCode>one</CalendarCode><CalendarType>uri://x#Student Specific</CalendarType><SchoolId>901</SchoolId></Calendar>",
        session(), session(until="2022-05-27"), session(),
        calendar_date("2021-11-25"), calendar_date("2021-11-24", "Instructional day"), calendar_date("2021-11-26", code="one"), calendar_date("2021-11-22", "Holiday", "Make-up day"),
        calendar_date("2022-12-24"), calendar_date("2021-11-31"), calendar_date("2021-11-23", school="902"),
        kind="EducationOrgCalendar",
    )  # fmt: skip
    (file,) = read(body).files
    said = {
        "school": "25PL00",
        "from": "2021-08-23",
        "until": "2022-05-27",
        "weekdays": [1, 2, 3, 4, 5],
        "extra_free": ["2021-11-25"],
    }
    assert [one.row.said["data"] for one in file.rows] == [said] * 3
    assert len({one.row.id for one in file.rows}) == 1
    assert file.passed_over == {"Calendar": 1, "CalendarDate": 4}
    assert isinstance(examine_object(file.rows[0].row.said), Submission)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (interchange(event("Tardy"))[:-5], Code.BROKEN_XML),
        (interchange(event("Tardy")).replace(b"</Interchange", b"</interchange"), Code.BROKEN_XML),
        (b"", Code.BROKEN_XML),
        (b'<?xml version="1.0" encoding="klingon"?><Interchange/>', Code.BROKEN_XML),
        (b'<?xml version="1.0" encoding="utf-7"?><Interchange/>', Code.BROKEN_XML),
        (b"<note/>", Code.UNKNOWN_XML),
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Interchange>&b;</Interchange>',
            Code.XML_DOCTYPE,
        ),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Interchange/>', Code.XML_DOCTYPE),
    ],
)
def test_what_is_no_whole_interchange_is_refused_whole(body, code):
    with pytest.raises(NotTaken) as caught:
        read(interchange(event("Tardy")), body)
    assert caught.value.refusal.code is code
    assert code in OF_A_WHOLE_FILE


@pytest.mark.parametrize("count", [3, 4])
def test_more_records_or_rows_than_allowed_on_both_sides_of_the_limit(count):
    tardies = [event("Tardy", student=str(number)) for number in range(count)]
    if count > 3:
        with pytest.raises(TooManyRows):
            rows(*tardies, most=3)
        with pytest.raises(TooManyRows):
            rows(event("Excused Absence"), event("Excused Absence", student="2"), most=3)
        with pytest.raises(TooManyRows):
            rows(*[calendar_date("2021-11-25")] * count, most=3)
    else:
        assert len(rows(*tardies, most=3)) == 3


def test_a_record_with_endless_text_is_refused_alone():
    told = rows(event("Tardy", student="x" * 5000), event("Tardy"))
    assert [one.unread and one.unread.code for one in told] == [Code.TOO_LARGE, None]


TEXTS = (
    st.none()
    | st.text("0123456789:-.T Zab#", max_size=12)
    | st.sampled_from(["1", "0.5", "09:30:00", "15:00:00", "5"])
)
EVENTS = st.builds(
    lambda category, student, date, school, section, more: event(
        category, student=student, date=date, school=school, section=section, **more
    ),
    st.sampled_from([*CATEGORIES, "other", ""]),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([None, "2022-03-07", "x"]),
    st.sampled_from([None, "901", "902"]),
    st.sampled_from([None, "MATH", "ART"]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(
        ("days", "ArrivalTime", "DepartureTime", "SchoolAttendanceDuration", "SectionAttendanceDuration"), TEXTS
    )),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=6))
def test_every_event_has_an_outcome_and_no_id_has_two_contents(events):
    (file,) = read(interchange(*events)).files
    assert {one.number for one in file.rows} == set(range(1, len(events) + 1))
    contents = {}
    for one in file.rows:
        assert isinstance(one.row.id, str)
        said = examine_object(one.row.said)
        if one.row.unread is None and isinstance(said, Submission):
            assert contents.setdefault(said.id, said.content_hash) == said.content_hash


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 600))
def test_no_bytes_make_it_raise_anything_else(noise, place):
    body = interchange(event("Tardy"), event("Excused Absence", student="18"), session())
    for damaged in (noise, body[:place] + noise + body[place:], body[:place]):
        try:
            (file,) = read(damaged).files
        except (NotTaken, TooManyRows):
            continue
        assert len(file.rows) <= 100
