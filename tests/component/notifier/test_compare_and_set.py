from uuid import uuid4

import pytest

from aanwezig.chassis.store import Store

pytestmark = pytest.mark.engines


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_of_two_who_saw_the_same_revision_one_alone_is_told_that_it_wrote(engines, driver):
    store = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}", driver)
    things = store.collection("things")
    await things.replace_if([{"_id": "a", "rev": 1}, {"_id": "b", "rev": 1}], seen={"a": 0, "b": 0})
    assert await things.replace_if([{"_id": "a", "rev": 2, "by": "first"}], seen={"a": 1}) == set()
    lost = await things.replace_if(
        [{"_id": "a", "rev": 2, "by": "second"}, {"_id": "b", "rev": 2, "by": "second"}],
        seen={"a": 1, "b": 1},
    )
    assert lost == {"a"}
    assert {row["_id"]: row["by"] for row in await things.find({})} == {"a": "first", "b": "second"}
    await store.drop()
    await store.close()
