import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.notifier.channels.doors import Parcel
from aanwezig.notifier.channels.letters import digest_of
from aanwezig.notifier.mail_digests import MailDigests
from support.memory import Faults, MemoryCollection

MONDAY = date(2024, 10, 14)
TUESDAY = MONDAY + timedelta(days=1)
NOW = datetime(2024, 10, 14, 5, 30, tzinfo=UTC)


def a_parcel(number=1, **more):
    notice = derived_id("notice in a digest", str(number))
    data = {
        "notice": notice,
        "subject": "stagnated",
        "urgency": "normal",
        "school": "25PL00",
        "pupil": "ff" * 16,
    }
    made = NOW - timedelta(minutes=number, microseconds=number)
    return Parcel(
        notice,
        Event(derived_id("e", notice), f"{PLATFORM_SOURCE}-notifier", "notice-sent", made, data | more),
    )


def the_digests(collection=None):
    return MailDigests(collection if collection is not None else MemoryCollection(), now=lambda: NOW)


async def test_what_was_frozen_first_stands_whatever_is_asked_for_later():
    digests = the_digests()
    first = await digests.freeze("desk", MONDAY, [a_parcel(2), a_parcel(1)])
    for asked in (
        [a_parcel(1)],
        [a_parcel(1), a_parcel(2), a_parcel(3)],
        [a_parcel(3), a_parcel(2, subject="returned")],
    ):
        assert await digests.freeze("desk", MONDAY, asked) == first
    assert first.id == derived_id("mail-digest", "desk", "2024-10-14")
    assert first.notices == {a_parcel(1).notice, a_parcel(2).notice}
    assert not first.taken


async def test_the_order_in_which_notices_come_makes_no_difference():
    one = await the_digests().freeze("desk", MONDAY, [a_parcel(number) for number in range(5)])
    two = await the_digests().freeze("desk", MONDAY, [a_parcel(number) for number in (3, 1, 0, 4, 2, 3)])
    assert one == two


async def test_what_came_too_late_is_in_the_next_number():
    digests = the_digests()
    first = await digests.freeze("desk", MONDAY, [a_parcel(1)])
    second = await digests.freeze("desk", MONDAY, [a_parcel(2), a_parcel(3)])
    third = await digests.freeze("desk", MONDAY, [a_parcel(4)])
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert second.id == derived_id("mail-digest", "desk", "2024-10-14", "2")
    assert second.notices == {a_parcel(2).notice, a_parcel(3).notice}
    assert await digests.freeze("desk", MONDAY, [a_parcel(3), a_parcel(5)]) == second
    # Who asks with notices of several digests is given them one by one.
    assert await digests.freeze("desk", MONDAY, [a_parcel(4), a_parcel(1)]) == first


async def test_recipients_and_slots_have_digests_of_their_own():
    digests = the_digests()
    asked = [("desk", MONDAY), ("desk", TUESDAY), ("other", MONDAY)]
    made = [await digests.freeze(recipient, slot, [a_parcel(1)]) for recipient, slot in asked]
    assert len({one.id for one in made}) == 3
    assert [(one.recipient, one.slot, one.number) for one in made] == [(*one, 1) for one in asked]


async def test_who_was_taken_stays_taken_and_is_open_no_more():
    digests = the_digests()
    late = await digests.freeze("desk", TUESDAY, [a_parcel(3)])
    first = await digests.freeze("desk", MONDAY, [a_parcel(1)])
    second = await digests.freeze("desk", MONDAY, [a_parcel(2)])
    await digests.freeze("other", MONDAY, [a_parcel(4)])
    assert await digests.open("desk") == [first, second, late]
    for _ in range(2):
        await digests.done(first.id)
        assert await digests.open("desk") == [second, late]
    assert await digests.freeze("desk", MONDAY, [a_parcel(1)]) == replace(first, taken=True)


async def test_what_is_kept_is_enough_for_the_same_mail_and_nothing_of_a_child():
    collection = MemoryCollection()
    parcels = [a_parcel(1), a_parcel(2, takes_back=True), a_parcel(3, subject="returned")]
    frozen = await the_digests(collection).freeze("desk", MONDAY, parcels)
    link = "https://console.example/"
    assert digest_of(frozen.parcels, link) == digest_of(parcels, link)
    assert {parcel.event.time for parcel in frozen.parcels} == {parcel.event.time for parcel in parcels}
    assert "25PL00" not in str(collection.documents)
    assert "ff" * 16 not in str(collection.documents)


class Racing(MemoryCollection):
    """A store in which two always look before either writes."""

    def __init__(self, parties):
        super().__init__()
        self._parties, self._looked, self._all = parties, 0, asyncio.Event()

    async def find(self, *query, **more):
        found = await super().find(*query, **more)
        self._looked += 1
        if self._looked >= self._parties:
            self._all.set()
        await self._all.wait()
        return found


async def test_of_two_who_freeze_at_once_each_notice_is_in_one_mail():
    digests = the_digests(Racing(2))
    one, other = await asyncio.gather(
        digests.freeze("desk", MONDAY, [a_parcel(1), a_parcel(2)]),
        digests.freeze("desk", MONDAY, [a_parcel(2), a_parcel(3)]),
    )
    assert one == other
    assert one.number == 1
    apart = the_digests(Racing(2))
    one, other = await asyncio.gather(
        apart.freeze("desk", MONDAY, [a_parcel(1)]), apart.freeze("desk", MONDAY, [a_parcel(2)])
    )
    assert {one.number, other.number} == {1, 2}
    assert (one.notices, other.notices) == ({a_parcel(1).notice}, {a_parcel(2).notice})


async def test_a_write_that_nobody_heard_of_stands():
    collection = MemoryCollection(Faults(after=[1]))
    digests = the_digests(collection)
    with pytest.raises(Unavailable):
        await digests.freeze("desk", MONDAY, [a_parcel(1)])
    frozen = await digests.freeze("desk", MONDAY, [a_parcel(1), a_parcel(2)])
    assert frozen.notices == {a_parcel(1).notice}


async def test_a_digest_of_nothing_is_a_mistake():
    with pytest.raises(ValueError, match="nothing"):
        await the_digests().freeze("desk", MONDAY, [])
