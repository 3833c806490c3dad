"""What is seen of a pupil as of a date: facts about later dates are not."""

from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing
from support.facts import SCHOOL, a_presence, a_sick_report, day
from support.law import book_of

CALENDAR = book_of([]).calendars.of(SCHOOL)


def seen(*words, as_of="2024-09-03"):
    return Seen(Standing.of(words), day(as_of))


def test_a_spell_that_begins_later_is_not_seen():
    spells = seen(a_sick_report("2024-09-03"), a_sick_report("2024-09-04")).sick_reports(SCHOOL)
    assert [str(spell.from_) for _, spell in spells] == ["2024-09-03"]


def test_recorded_days_after_a_date_end_with_the_day_it_is():
    days = [a_presence(f"2024-09-{number:02}") for number in (2, 3, 4)]
    recorded = seen(*days).recorded(SCHOOL, day("2024-09-01"), CALENDAR)
    assert [str(on) for on in recorded] == ["2024-09-02", "2024-09-03"]
