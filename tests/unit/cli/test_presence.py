import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from aanwezig.cli.following import Said
from aanwezig.cli.presence import _table, measures_of, presence
from aanwezig.contracts.envelope import Event
from aanwezig.law import packs
from support.submitted import SCHOOL, a_calendar_said, a_mark_said

DAYS = [
    f"2024-09-{day:02}"
    for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30)
]


def told(number, day, state="present"):
    more = {"pupil": {"local": f"p{number}"}, "date": day}
    row = a_mark_said(id=f"{number}/{day}", state=state, more=more)
    return {**row, "time": "2024-10-02T10:00:00Z"}


def asked(tmp_path, rows, *options, period=("2024-09-01", "2024-09-30")):
    file = tmp_path / "facts.ndjson"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = [str(file), "--pack", "nl-2024", "--from", period[0], "--until", period[1], *options]
    return CliRunner().invoke(presence, arguments)


def rows_of(out):
    assert out.exit_code == 0, out.output
    return [json.loads(line) for line in out.stdout.splitlines()]


def test_ten_pupils_have_a_rate_with_its_coverage(tmp_path):
    calendar = a_calendar_said(id="c")
    calendar["data"]["usual_slots"] = {"1": 2}
    told_ = [told(n, "2024-09-02", "present" if n else "absent") for n in range(10)]
    (row,) = rows_of(asked(tmp_path, [calendar, *told_], "--by", "school"))
    # Scheduled: five Mondays of two slots for each of ten pupils; implied enrolment runs from the first mark.
    assert row == {
        "school": SCHOOL, "suppressed": False, "pupils": 10, "days": 10, "attended_minutes": 450,
        "recorded_minutes": 500, "rate": "0.9000", "coverage": "0.1000",
    }  # fmt: skip


def test_nine_pupils_have_none(tmp_path):
    (row,) = rows_of(asked(tmp_path, [told(n, "2024-09-02") for n in range(9)]))
    assert row == {"suppressed": True}


def test_without_usual_slots_coverage_is_unknown(tmp_path):
    (row,) = rows_of(asked(tmp_path, [told(n, "2024-09-02") for n in range(10)], "--by", "month"))
    assert (row["month"], row["coverage"]) == ("2024-09", None)


def test_a_pupil_has_a_rate_from_twenty_days(tmp_path):
    facts = [told(1, day) for day in DAYS[:19]] + [told(2, day) for day in DAYS[:20]]
    one, two = rows_of(asked(tmp_path, facts, "--by", "pupil"))
    assert one == {"pupil": {"local": "p1"}, "suppressed": True}
    assert (two["pupil"], two["rate"], two["days"]) == ({"local": "p2"}, "1.0000", 20)


def test_pupil_and_month_stand_in_the_order_asked(tmp_path):
    (row,) = rows_of(asked(tmp_path, [told(1, day) for day in DAYS], "--by", "month", "--by", "pupil"))
    assert list(row)[:2] == ["month", "pupil"]
    assert row["month"] == "2024-09"


def test_refused_rows_are_told_and_the_rest_is_measured(tmp_path):
    out = asked(tmp_path, [{"nothing": 1}, *(told(n, "2024-09-02") for n in range(10))])
    assert out.exit_code == 1
    assert json.loads(out.stdout)["pupils"] == 10
    assert "required" in out.stderr


@pytest.mark.parametrize("period", [("2024-09-30", "2024-09-01"), ("2024-02-30", "2024-09-01")])
def test_a_period_that_is_none_is_wrong_usage(tmp_path, period):
    assert asked(tmp_path, [], period=period).exit_code == 2


def test_what_the_stack_measured_is_suppressed_as_files_are():
    said = [
        Said("school.presence.v1", school, event_of_measure(school, origin, pupils))
        for school, origin, pupils in ((SCHOOL, 0, 6), (SCHOOL, 1, 6), ("16QW01", 0, 9), ("16QW02", 1, 30))
    ]
    rows = list(
        _table(measures_of(said).groups(("school",), "2024-2025"), ("school",), packs.load("nl-2024"))
    )
    told = {row["school"]: row.get("pupils") for row in rows}
    # One small school; the next smallest goes with it, for the sum would tell.
    assert told == {SCHOOL: None, "16QW01": None, "16QW02": 30}
    (whole,) = _table(measures_of(said).groups((), "2024-09"), (), packs.load("nl-2024"))
    assert (whole["pupils"], whole["rate"], whole["coverage"]) == (51, "0.8000", None)


def event_of_measure(school, origin, pupils):
    counted = dict.fromkeys(("here", "school", "municipality", "region"), pupils)
    row = {
        "municipality": None, "attended_minutes": 40 * pupils, "recorded_minutes": 50 * pupils, "recorded_slots": pupils,
        "recorded_days": pupils, "scheduled_slots": None, "in_month": counted, "in_year": counted,
    }  # fmt: skip
    data = {
        "school": school, "month": "2024-09", "origin": origin, "revision": 1, "as_of": "2024-09-30", "rows": [row],
    }  # fmt: skip
    return Event("x", "urn:x", "presence-measured", datetime(2024, 10, 1, tzinfo=UTC), data)


@pytest.mark.parametrize("options", [[], ["--live", "2024"], ["--live", "2024-2026"], ["--live", "2024-13"],
                                     ["--live", "2024-09", "--by", "pupil"], ["--live", "2024-09", "--as-of", "2024-09-30"]])  # fmt: skip
def test_files_with_dates_or_a_period_of_the_stack(options):
    assert CliRunner().invoke(presence, ["--pack", "nl-2024", *options]).exit_code == 2
