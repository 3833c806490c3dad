from datetime import timedelta
from pathlib import Path

import pytest

from aanwezig.notifier.channels import timetable
from aanwezig.notifier.channels.timetable import JITTER, TIMETABLE, wait_after


def test_waits_grow_from_25_seconds_to_14_hours():
    assert (TIMETABLE[0], TIMETABLE[-1]) == (timedelta(seconds=25), timedelta(hours=14))
    assert sorted(set(TIMETABLE)) == list(TIMETABLE)


@pytest.mark.parametrize("attempt", range(1, len(TIMETABLE) + 1))
def test_a_wait_lies_within_the_jitter_and_differs_between_notices(attempt):
    waits = {wait_after(attempt, f"notice {number}") for number in range(50)}
    assert len(waits) > 40
    printed = TIMETABLE[attempt - 1]
    assert all(wait and printed * (1 - JITTER) <= wait <= printed * (1 + JITTER) for wait in waits)
    assert max(waits) > printed > min(waits)


def test_a_wait_is_the_same_each_time_it_is_asked_and_scales_with_the_pace():
    slow, again, quick = (
        wait_after(1, "n"),
        wait_after(1, "n"),
        wait_after(1, "n", pace=0.001),
    )
    assert slow == again
    assert slow is not None
    assert quick is not None
    assert quick.total_seconds() == pytest.approx(slow.total_seconds() / 1000, abs=1e-6)


def test_after_the_last_attempt_there_is_no_wait():
    assert wait_after(len(TIMETABLE), "n") is not None
    assert wait_after(len(TIMETABLE) + 1, "n") is None


def test_the_printed_timetable_is_the_real_one():
    words = {1: "s", 60: "min", 3600: "h"}

    def in_words(wait: timedelta) -> str:
        seconds = int(wait.total_seconds())
        unit = max(unit for unit in words if seconds % unit == 0)
        return f"{seconds // unit} {words[unit]}"

    row = "| wait | " + " | ".join(in_words(wait) for wait in TIMETABLE) + " |"
    page = Path(__file__).parents[3] / "docs" / "partners" / "webhooks.md"
    assert row in page.read_text()
    assert timetable.__doc__ is not None
    assert row in timetable.__doc__
