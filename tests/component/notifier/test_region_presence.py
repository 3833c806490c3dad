"""The region's presence of a week, told once by the school's notifier (`rules.md` 5, ADR 11), on a real database."""

from datetime import date
from uuid import uuid4

import pytest

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.chassis.shelf import Shelf
from aanwezig.chassis.store import Store
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.law import packs
from aanwezig.notifier.presence import RegionPresence
from support.notifying import MORNING, Said

pytestmark = pytest.mark.engines
SMALL = packs.load("nl-2024").presence
FRIDAY, MONDAY = date(2024, 10, 11), date(2024, 10, 14)


def measured(
    as_of, *, attended=940, recorded=1000, pupils=50, school="25PL00", month="2024-10", revision=1, origin=0
):
    counts = {"here": pupils, "school": pupils, "municipality": pupils, "region": pupils}
    row = {
        "municipality": "0637", "attended_minutes": attended, "recorded_minutes": recorded, "recorded_slots": 20,
        "recorded_days": 20, "scheduled_slots": 20, "in_month": counts, "in_year": counts,
    }  # fmt: skip
    data = {
        "school": school, "month": month, "origin": origin, "revision": revision, "as_of": as_of.isoformat(),
        "rows": [row],
    }  # fmt: skip
    identity = derived_id("test", school, month, str(origin), str(revision), as_of.isoformat())
    return Event(identity, f"{PLATFORM_SOURCE}-classifier", "presence-measured", MORNING, data)


@pytest.fixture
async def world(engines):
    store = Store(engines.mongo_uri, f"test-presence-{uuid4().hex[:8]}")
    yield World(store)
    await store.drop()
    await store.close()


class World:
    """The part of the school's notifier that hears of presence; what it tells is a list."""

    def __init__(self, store):
        self.told = []
        collection = store.collection("measures")
        self.region = RegionPresence(Shelf(collection, Said()), collection, self._tell, SMALL)

    async def _tell(self, causes):
        self.told += [
            (one.event.id, one.said.month, one.said.on, one.said.presence, one.event.name) for one in causes
        ]

    async def hears(self, *events):
        await self.region.on_batch(
            [
                Arrived("school.presence.v1", 0, n, event.data["school"], None, event)
                for n, event in enumerate(events)
            ]
        )

    @property
    def figures(self):
        return [one[1:4] for one in self.told]


async def test_the_figure_of_a_week_is_told_when_the_next_begins_and_once(world):
    await world.hears(measured(FRIDAY), measured(FRIDAY, school="26PL00", attended=500))
    assert world.told == []
    newer = measured(MONDAY, revision=2, attended=0)
    await world.hears(newer)
    # (940 + 500) of 2,000 minutes: what Monday brought is not in it.
    assert world.figures == [("2024-10", FRIDAY, "72.00")]
    await world.hears(newer, measured(MONDAY, school="27PL00"))
    assert len(world.told) == 1
    await world.hears(measured(date(2024, 10, 21), school="26PL00", revision=2, attended=500))
    assert [on for _, on, _ in world.figures] == [FRIDAY, date(2024, 10, 18)]
    assert len({one[0] for one in world.told}) == 2


async def test_an_older_revision_changes_nothing(world):
    await world.hears(measured(FRIDAY, revision=2, attended=1000))
    await world.hears(measured(FRIDAY, revision=1, attended=0))
    await world.hears(measured(MONDAY, school="26PL00"))
    assert world.figures == [("2024-10", FRIDAY, "100.00")]


@pytest.mark.parametrize(("pupils", "told"), [(SMALL.group_pupils - 1, False), (SMALL.group_pupils, True)])
async def test_nothing_is_told_about_few_pupils(world, pupils, told):
    await world.hears(measured(FRIDAY, pupils=pupils))
    await world.hears(measured(MONDAY, pupils=pupils, revision=2))
    assert bool(world.told) is told


async def test_what_is_no_measure_is_never(world):
    event = measured(FRIDAY)
    event.data["school"] = 25
    with pytest.raises(Unprocessable):
        await world.hears(event)
