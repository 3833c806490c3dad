"""Agendas and digests on a real MongoDB: the queries find what memory finds, and the first content stands."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from aanwezig.chassis.store import Store
from aanwezig.contracts.messages import DayClosed
from aanwezig.contracts.topics import CASES
from aanwezig.notifier.documents import Documents
from support.agendas import TO_TABLE, a_recipient, case_event, case_id, case_said
from support.memory import MemoryPublisher

pytestmark = pytest.mark.engines

SUNDAY, FRIDAY = date(2024, 10, 6), date(2024, 10, 11)
TABLE, DIRECTOR = a_recipient(), a_recipient("chain-director", "regisseur")


@pytest.fixture
async def store(engines):
    made = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}-documents")
    yield made
    await made.drop()
    await made.close()


def closes(day):
    """A date closed in every partition of the cases."""
    said = DayClosed(date=day, origin=0, origins=1)
    return [(case_event("x", case_said()), said, number) for number in range(CASES.partitions)]


async def test_a_week_of_a_table_and_a_director_in_the_database(store):
    def instance():
        return Documents(store.collection, MemoryPublisher(), [TABLE, DIRECTOR])

    documents = instance()
    await documents.start()
    told = [
        ("escalated", "a", TO_TABLE),
        ("stagnated", "b", {"timer": "meeting", "due": SUNDAY}),
        ("opened", "c", {}),
    ]
    events = [(what, case_said(name, **more)) for what, name, more in told]
    await documents.hear(
        [*closes(SUNDAY - timedelta(1)), *((case_event(what, said), said, 3) for what, said in events)]
    )
    (agenda,) = await documents.hear(closes(SUNDAY))
    assert [one.case for one in agenda.content.at_home] == [case_id("a")]
    back = case_said("a", 2, home_since=None, news="returned")
    await documents.hear([(case_event("finding-joined", back), back, 3)])
    now = await instance().current(TABLE, FRIDAY)
    assert (now.at_home, [one.case for one in now.gone]) == ((), [case_id("a")])
    both = await instance().hear(closes(FRIDAY))
    assert {one.kind for one in both} == {"agenda", "digest"}
    (digest,) = (one for one in both if one.kind == "digest")
    assert [one.case for one in digest.content.earlier or digest.content.stagnated] == [case_id("b")]
    await documents.told(both)
    assert await instance().make() == []
    assert await documents.get(agenda.id) == agenda
    assert await documents.listed("regisseur") == [digest]
