import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from aanwezig.chassis.store import Store
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.notifier.channels.doors import Parcel
from aanwezig.notifier.mail_digests import MailDigests

pytestmark = pytest.mark.engines

SLOT = date(2024, 10, 14)


def a_parcel(number):
    notice = derived_id("notice kept", str(number))
    data = {"notice": notice, "subject": "stagnated", "urgency": "normal", "takes_back": False}
    made = datetime(2024, 10, 14, 5, 0, 0, number + 1, tzinfo=UTC)
    return Parcel(
        notice, Event(derived_id("e", notice), f"{PLATFORM_SOURCE}-notifier", "notice-sent", made, data)
    )


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_many_who_freeze_at_once_put_each_notice_into_one_digest(engines, driver):
    store = Store(engines.mongo_uri, f"test-{uuid4().hex[:8]}", driver)
    collection = store.collection("mail-digests")
    digests = MailDigests(collection, now=lambda: datetime.now(UTC))
    await digests.start()
    asked = [[a_parcel(number) for number in range(first, first + 3)] for first in range(6)]
    made = await asyncio.gather(*(digests.freeze("desk", SLOT, parcels) for parcels in asked))
    assert all(
        one.notices & {parcel.notice for parcel in parcels} for one, parcels in zip(made, asked, strict=True)
    )
    kept = await digests.open("desk")
    assert [one.number for one in kept] == list(range(1, len(kept) + 1))
    notices = [notice for one in kept for notice in one.notices]
    assert len(notices) == len(set(notices))
    await digests.done(kept[0].id)
    assert await digests.open("desk") == kept[1:]
    times = {parcel.event.time for one in kept for parcel in one.parcels}
    assert times <= {parcel.event.time for parcels in asked for parcel in parcels}
    rows = await collection.find({"made": {"$gt": datetime.now(UTC) - timedelta(minutes=5)}})
    assert len(rows) == len(kept)
    await store.drop()
    await store.close()
