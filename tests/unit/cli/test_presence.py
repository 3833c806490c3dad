import json

import pytest
from click.testing import CliRunner

from aanwezig.cli.presence import presence
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
