"""Agendas and digests over any course of events: made once, of their date, told until they were told, whatever fails."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import DayClosed
from aanwezig.contracts.topics import CASES
from aanwezig.notifier.documents import Documents
from support.agendas import HOME, TO_DIRECTOR, TO_TABLE, a_recipient, case_event, case_id, case_said
from support.memory import Faults, MemoryCollection, MemoryPublisher

SUNDAY = date(2024, 10, 6)
MONDAY = SUNDAY + timedelta(1)
FRIDAY = SUNDAY + timedelta(5)
WEEK = timedelta(7)
TABLE = a_recipient()
DIRECTOR = a_recipient("chain-director", "regisseur")


@dataclass
class Room:
    """Documents over collections in memory; `again` is another instance over the same."""

    recipients: list = field(default_factory=lambda: [TABLE])
    faults: Faults = field(default_factory=Faults)
    collections: dict = field(default_factory=dict)

    def __post_init__(self):
        self.again()

    def again(self):
        self.documents = Documents(self.collection, MemoryPublisher(), self.recipients)

    def collection(self, name):
        return self.collections.setdefault(name, MemoryCollection(self.faults))

    async def hears(self, what, name="a", partition=3, on=SUNDAY, **more):
        said = case_said(name, **more)
        return await self.documents.hear([(case_event(what, said, on), said, partition)])

    async def closes(self, day, partitions=range(CASES.partitions), origins=1):
        return await self.documents.hear([word(day, number, 0, origins) for number in partitions])


def word(day, partition, origin=0, origins=1):
    """A date closed by an origin, in a partition of the cases."""
    said = DayClosed(date=day, origin=origin, origins=origins)
    return (
        Event(f"{day}-{origin}", "urn:x", "day-closed", case_event("x", case_said()).time, said.said()),
        said,
        partition,
    )


def short(documents):
    return [(one.kind, one.recipient, one.on) for one in documents]


async def test_the_agenda_is_made_when_the_day_before_the_meeting_is_closed_in_every_partition():
    room = Room()
    await room.closes(SUNDAY - timedelta(1))
    await room.hears("escalated", **TO_TABLE)
    assert await room.closes(SUNDAY, range(CASES.partitions - 1)) == []
    (made,) = await room.closes(SUNDAY, [CASES.partitions - 1])
    assert (made.kind, made.recipient, made.on, made.as_of) == ("agenda", "tafel", MONDAY, SUNDAY)
    assert [(one.case, one.days) for one in made.content.at_home] == [(case_id("a"), (SUNDAY - HOME).days)]
    assert 0 <= made.partition(CASES.partitions) < CASES.partitions


async def test_a_document_is_given_until_it_was_told_and_not_made_twice():
    room = Room()
    (made,) = await room.closes(SUNDAY)
    assert await room.closes(SUNDAY) == [made]
    room.again()
    assert await room.documents.make() == [made]
    await room.documents.told([made])
    assert await room.documents.make() == []
    assert await room.closes(MONDAY) == []
    assert await room.documents.get(made.id) == made


async def test_what_was_heard_after_a_date_is_not_in_its_document_and_is_in_the_current_agenda():
    room = Room()
    await room.closes(SUNDAY - timedelta(1))
    await room.hears("escalated", name="a", **TO_TABLE)
    # This partition is a day further: what it hears now belongs to Monday.
    await room.closes(SUNDAY, [3])
    await room.hears("escalated", name="b", **TO_TABLE)
    await room.hears("finding-joined", name="a", revision=2, home_since=None, news="returned")
    (made,) = await room.closes(SUNDAY, [number for number in range(CASES.partitions) if number != 3])
    assert [one.case for one in made.content.at_home] == [case_id("a")]
    now = await room.documents.current(TABLE, MONDAY)
    assert [(one.case, one.mark) for one in now.at_home] == [(case_id("b"), "new")]
    assert [(one.case, one.why, one.on) for one in now.gone] == [(case_id("a"), "returned", MONDAY)]


async def test_what_was_new_last_time_is_not_new_and_who_went_is_told_once():
    room = Room()
    await room.closes(SUNDAY - timedelta(1))
    await room.hears("escalated", **TO_TABLE)
    (first,) = await room.closes(SUNDAY)
    await room.documents.told([first])
    (second,) = await room.closes(SUNDAY + WEEK)
    await room.documents.told([second])
    await room.hears("closed", revision=2, status="closed")
    (third,) = await room.closes(SUNDAY + 2 * WEEK)
    await room.documents.told([third])
    (fourth,) = await room.closes(SUNDAY + 3 * WEEK)
    marks = [[one.mark for one in made.content.at_home] for made in (first, second, third, fourth)]
    assert marks == [["new"], [None], [], []]
    gone = [[one.why for one in made.content.gone] for made in (first, second, third, fourth)]
    assert gone == [[], [], ["closed"], []]
    assert [made.content.since for made in (first, second)] == [None, SUNDAY]


async def test_dates_that_jump_over_meetings_give_one_agenda_of_the_last_and_one_digest_of_all_weeks():
    room = Room([TABLE, DIRECTOR])
    told = await room.closes(FRIDAY)
    assert short(told) == [("digest", "regisseur", FRIDAY)]
    await room.documents.told(told)
    await room.hears("stagnated", timer="meeting", due=FRIDAY)
    made = {one.kind: one for one in await room.closes(FRIDAY + 3 * WEEK)}
    assert sorted(short(made.values())) == [
        ("agenda", "tafel", MONDAY + 3 * WEEK), ("digest", "regisseur", FRIDAY + 3 * WEEK),
    ]  # fmt: skip
    digest = made["digest"].content
    assert (digest.begins, len(digest.stagnated)) == (FRIDAY + timedelta(1), 1)


async def test_the_digest_of_a_friday_holds_its_week_and_what_still_stands():
    room = Room([DIRECTOR])
    await room.closes(FRIDAY - WEEK)
    await room.hears("stagnated", name="a", timer="meeting", due=FRIDAY)
    await room.hears("escalated", name="b", **TO_TABLE)
    await room.hears("escalated", name="b", revision=2, **TO_DIRECTOR)
    made = (await room.closes(FRIDAY))[-1]
    later = (await room.closes(FRIDAY + WEEK))[-1]
    contents = sorted(
        (one.content for one in await room.documents.listed("regisseur")), key=lambda one: one.until
    )
    assert made.kind == later.kind == "digest"
    assert [(len(one.stagnated), len(one.earlier), len(one.long_home)) for one in contents] == [
        (0, 0, 0), (1, 0, 1), (0, 1, 1),
    ]  # fmt: skip
    assert [one.is_new for content in contents for one in content.long_home] == [True, False]


async def test_a_table_of_a_municipality_has_its_own_agenda():
    room = Room([TABLE, a_recipient(name="ver", municipality="0150"), a_recipient("halt", "halt")])
    await room.hears("escalated", **TO_TABLE)
    made = {one.recipient: one for one in await room.closes(SUNDAY)}
    assert {name: len(one.content.at_home) for name, one in made.items()} == {"tafel": 1, "ver": 0}
    assert made["ver"].municipality == "0150"
    assert [one.id for one in await room.documents.listed("ver")] == [made["ver"].id]


async def test_a_table_that_says_when_it_meets_has_its_agenda_that_day():
    meets = {"first": "2024-10-10", "every_weeks": 2}
    room = Room([a_recipient(meets=meets)])
    assert await room.closes(SUNDAY) == []
    assert short(await room.closes(date(2024, 10, 9))) == [("agenda", "tafel", date(2024, 10, 10))]


async def test_the_current_agenda_counts_to_the_last_closed_date_or_today_where_none_is():
    room = Room()
    await room.hears("escalated", **TO_TABLE)
    assert (await room.documents.current(TABLE, FRIDAY)).as_of == FRIDAY
    await room.closes(SUNDAY)
    assert (await room.documents.current(TABLE, FRIDAY)).as_of == SUNDAY
    with pytest.raises(KeyError):
        await room.documents.current(a_recipient("halt"), FRIDAY)


async def test_the_current_digest_holds_what_stagnated_today():
    room = Room([DIRECTOR])
    await room.closes(FRIDAY)
    await room.hears("stagnated", timer="meeting", due=FRIDAY)
    now = await room.documents.current(DIRECTOR, FRIDAY)
    assert (now.begins, now.until, len(now.stagnated)) == (FRIDAY + timedelta(1), FRIDAY + timedelta(1), 1)


async def test_an_event_heard_again_changes_nothing_also_after_its_day_was_closed():
    room = Room()
    await room.hears("escalated", **TO_TABLE)
    await room.closes(SUNDAY)
    before = {name: dict(one.documents) for name, one in room.collections.items()}
    await room.hears("escalated", **TO_TABLE)
    assert {name: dict(one.documents) for name, one in room.collections.items()} == before


async def test_states_that_no_document_can_ask_for_are_let_go():
    room = Room()
    for number in range(30):
        await room.hears("step-taken", revision=number + 1, step="home-visit")
        await room.closes(SUNDAY + timedelta(number))
    (kept,) = room.collections["agenda-rows"].documents.values()
    assert len(kept["state"]["days"]) == 2


async def test_what_two_instances_make_at_the_same_moment_is_one_document():
    room = Room()
    await room.hears("escalated", **TO_TABLE)
    (first,) = await room.closes(SUNDAY)
    # The other had not seen that it was made, and has heard more since.
    del room.collections["case-days"].documents["made"]
    await room.hears("escalated", name="b", revision=1, on=SUNDAY, **TO_TABLE)
    room.again()
    assert await room.documents.make() == [first]


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_failure_before_or_after_any_write_makes_the_same_documents_once(number, when):
    batch = [
        *(word(SUNDAY - timedelta(1), at) for at in range(CASES.partitions)),
        (case_event("escalated", case_said(**TO_TABLE)), case_said(**TO_TABLE), 3),
        *(word(SUNDAY, at) for at in range(CASES.partitions)),
    ]
    calm, rough = Room(), Room(faults=Faults(**{when: {number}}))
    wanted = await calm.documents.hear(batch)
    found: list = []
    for _ in range(3):
        try:
            found = await rough.documents.hear(batch)
        except Unavailable:
            rough.again()
            continue
        break
    assert found == wanted
    assert [one.content.new[0].case for one in found] == [case_id("a")]
