"""A day closes: when, in which order, and always with the same words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aanwezig.chassis.publishing import Outgoing
from aanwezig.classifier.days import Clock, TooFarAhead, day_closed, day_closed_by
from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.topics import FACTS
from support.classifying import PARTITIONS, RecordingPublisher
from support.pens import PenStore


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


class Desk:
    """A clock, its publisher, and the moment it takes for now."""

    def __init__(self, now="2024-09-10T12:00", *, wall=True, store=None, holder="one"):
        self.now = at(now)
        self.publisher = RecordingPublisher()
        self.store = store or PenStore()
        self.clock = Clock(self.store, self.publisher, holder=holder, wall=wall, now=lambda: self.now)

    async def turn(self):
        """One look of the writer."""
        if await self.clock._lease.hold():
            await self.clock._close_due()

    def said(self) -> list[str]:
        """The dates said, once per partition."""
        dates = [event_from(one.value).data["date"] for one in self.publisher.said]
        assert dates == [on for on in dict.fromkeys(dates) for _ in range(PARTITIONS)]
        return list(dict.fromkeys(dates))


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2024-09-10T05:59", "2024-09-08"),
        ("2024-09-10T06:00", "2024-09-09"),
        ("2024-09-10T23:59", "2024-09-09"),
        ("2024-09-11T00:00", "2024-09-09"),
        # the clocks go forward in the night of 31 March 2024, and back in that of 27 October
        ("2024-03-31T05:59", "2024-03-29"),
        ("2024-03-31T06:00", "2024-03-30"),
        ("2024-10-27T05:59", "2024-10-25"),
        ("2024-10-27T06:00", "2024-10-26"),
    ],
)
async def test_the_wall_clock_closes_a_day_at_six_the_next_morning_in_amsterdam(now, last):
    desk = Desk(now)
    await desk.turn()
    assert desk.said() == [last]
    assert await desk.clock.closed() == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2024-09-09", "2024-09-10T04:00:00Z"),
        ("2024-01-09", "2024-01-10T05:00:00Z"),
        ("2024-03-30", "2024-03-31T04:00:00Z"),
        ("2024-10-26", "2024-10-27T05:00:00Z"),
    ],
)
def test_the_event_of_a_day_is_a_function_of_the_day(day, moment):
    event = day_closed(date.fromisoformat(day))
    assert event.time == datetime.fromisoformat(moment).astimezone(UTC)
    assert event.as_bytes() == day_closed(date.fromisoformat(day)).as_bytes()
    assert event.id != day_closed(date.fromisoformat(day) + timedelta(days=1)).id


def test_what_the_chain_hears_of_a_day_names_its_origin():
    cause = day_closed(date(2024, 9, 9))
    ids = {day_closed_by(cause, date(2024, 9, 9), origin, 12).id for origin in range(12)}
    assert len(ids | {cause.id}) == 13
    said = day_closed_by(cause, date(2024, 9, 9), 3, 12)
    assert (said.time, said.causation) == (cause.time, cause.id)
    assert said.data == {"date": "2024-09-09", "origin": 3, "origins": 12}


async def test_no_day_is_left_out_and_none_is_closed_twice():
    desk = Desk("2024-09-10T07:00")
    await desk.turn()
    await desk.turn()
    desk.now = at("2024-09-13T06:00")
    await desk.turn()
    assert desk.said() == ["2024-09-09", "2024-09-10", "2024-09-11", "2024-09-12"]


async def test_every_partition_of_the_facts_hears_the_day():
    desk = Desk()
    await desk.turn()
    event = day_closed(date(2024, 9, 9))
    assert desk.publisher.said == [
        Outgoing.event(FACTS.name, None, event, number) for number in range(PARTITIONS)
    ]


async def test_a_commanded_clock_waits_for_the_command_and_closes_the_days_between():
    desk = Desk("2030-01-01T12:00", wall=False)
    assert desk.clock.commanded
    await desk.turn()
    assert desk.said() == []
    for day in ("2024-09-09", "2024-09-12", "2024-09-10"):
        await desk.clock.command(date.fromisoformat(day))
        await desk.turn()
    assert desk.said() == ["2024-09-09", "2024-09-10", "2024-09-11", "2024-09-12"]


async def test_a_date_more_than_400_days_ahead_is_a_slip_of_the_pen():
    desk = Desk(wall=False)
    await desk.clock.command(date(2024, 9, 9))
    await desk.turn()
    await desk.clock.command(date(2024, 9, 9) + timedelta(days=400))
    with pytest.raises(TooFarAhead):
        await desk.clock.command(date(2024, 9, 9) + timedelta(days=401))


async def test_one_pen_and_the_next_holder_goes_on_where_the_first_stopped():
    store = PenStore()
    one, two = Desk("2024-09-10T07:00", store=store), Desk("2024-09-11T07:00", store=store, holder="two")
    await one.turn()
    await two.turn()
    assert two.said() == []
    await one.clock._lease.release()
    await two.turn()
    assert (one.said(), two.said()) == (["2024-09-09"], ["2024-09-10"])


async def test_a_day_said_but_not_noted_is_said_again_in_the_same_words():
    store = PenStore()
    one, two = Desk(store=store), Desk(store=store)
    await one.turn()
    store.collections["clock"].documents.clear()
    await two.turn()
    assert [said.value for said in one.publisher.said] == [said.value for said in two.publisher.said]
