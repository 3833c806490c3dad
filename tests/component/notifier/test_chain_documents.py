"""From closed days to a table that is told its agenda is ready: the chain's handler on a real database."""

from datetime import date
from uuid import uuid4

import pytest

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unavailable, Unprocessable
from aanwezig.chassis.store import Store
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.topics import CASES
from aanwezig.notifier.chain import ChainHandler
from aanwezig.notifier.documents import Documents
from support.memory import MemoryPublisher
from support.notifying import MORNING, Said, a_home_sitter, a_recipient
from support.notifying_desk import OWNED, Desk

pytestmark = pytest.mark.engines
SUNDAY = date(2024, 10, 20)


@pytest.fixture
async def world(engines):
    store = Store(engines.mongo_uri, f"test-chain-{uuid4().hex[:8]}")
    world = World(store)
    await world.desk.deliveries.start()
    await world.documents.start()
    await world.desk.register(
        a_recipient("table", "home-sitter-table"), a_recipient("director", "chain-director"),
        a_recipient("other-table", "home-sitter-table", municipality="0150"),
    )  # fmt: skip
    yield world
    await store.drop()
    await store.close()


class World:
    """A notifier of the chain without a broker: its notices, and its documents."""

    def __init__(self, store):
        self.desk = Desk(store, Said())
        self.documents = Documents(store.collection, MemoryPublisher(), self.desk.recipients)
        self.handler = ChainHandler(self.desk.handler, self.documents)

    async def hears(self, *events):
        await self.handler.on_batch(
            [
                Arrived(CASES.name, n % CASES.partitions, n, "key", None, event)
                for n, event in enumerate(events)
            ]
        )

    async def closes(self, day):
        data = {"date": day.isoformat(), "origin": 0, "origins": 1}
        name = "day-closed"
        event = Event(
            derived_id(name, day.isoformat()), f"{PLATFORM_SOURCE}-case-router", name, MORNING, data
        )
        await self.hears(*[event] * CASES.partitions)

    @property
    def told(self):
        return [
            (record.key, event.data["subject"], event.data.get("on"))
            for record, event in zip(self.desk.said.records, self.desk.said.events, strict=True)
        ]


async def test_before_a_meeting_each_table_is_told_of_its_own_agenda_once(world):
    await world.closes(date(2024, 10, 19))
    await world.hears(a_home_sitter(home_since="2024-09-23"))
    before = len(world.told)
    await world.closes(SUNDAY)
    ready = {("table", "agenda-ready", "2024-10-21"), ("other-table", "agenda-ready", "2024-10-21")}
    assert set(world.told[before:]) == ready
    await world.closes(SUNDAY)
    assert len(world.told) == before + 2
    agendas = {
        one.recipient: [row.case for row in one.content.at_home]
        for name in ("table", "other-table")
        for one in await world.documents.listed(name)
    }
    assert agendas == {"table": [a_home_sitter().data["case"]], "other-table": []}


async def test_killed_between_making_an_agenda_and_telling_it_the_next_owner_tells_it(world):
    await world.closes(date(2024, 10, 19))
    telling = world.desk.deliveries.tell

    async def killed(*_causes):
        raise Unavailable("killed")

    world.desk.deliveries.tell = killed
    with pytest.raises(Unavailable):
        await world.closes(SUNDAY)
    world.desk.deliveries.tell = telling
    assert not [one for one in world.told if one[1] == "agenda-ready"]
    await world.handler.on_assigned(OWNED)
    await world.handler.on_assigned(OWNED)
    assert sorted(one for one in world.told if one[1] == "agenda-ready") == [
        ("other-table", "agenda-ready", "2024-10-21"), ("table", "agenda-ready", "2024-10-21"),
    ]  # fmt: skip


async def test_on_friday_the_director_is_told_that_the_week_is_ready(world):
    await world.closes(date(2024, 10, 17))
    before = len(world.told)
    await world.closes(date(2024, 10, 18))
    assert world.told[before:] == [("director", "digest-ready", "2024-10-18")]


async def test_a_day_that_is_none_is_never(world):
    event = Event("x", "urn:x", "day-closed", MORNING, {"date": "yesterday"})
    with pytest.raises(Unprocessable):
        await world.hears(event)
