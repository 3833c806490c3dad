from dataclasses import replace
from secrets import token_hex

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.topics import CALENDARS, FACTS


@pytest.mark.engines
async def test_missing_topics_are_made_as_the_registry_has_them_and_others_left(engines):
    bootstrap = engines.kafka_bootstrap.split(",")
    facts = replace(FACTS, name=f"facts-{token_hex(4)}", partitions=3)
    calendars = replace(CALENDARS, name=f"calendars-{token_hex(4)}")
    assert await ensure_topics(bootstrap, [facts]) == [facts.name]
    assert await ensure_topics(bootstrap, [replace(facts, partitions=9), calendars]) == [calendars.name]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = {
            one["topic"]: len(one["partitions"]) for one in await admin.describe_topics([facts.name])
        }
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, calendars.name)])
        policy = [entry[1] for entry in answer.resources[0][4] if entry[0] == "cleanup.policy"]
    finally:
        await admin.delete_topics([facts.name, calendars.name])
        await admin.close()
    assert described == {facts.name: 3}
    assert policy == ["compact"]


async def test_no_broker_is_not_now():
    with pytest.raises(Unavailable):
        await ensure_topics(["127.0.0.1:1"], [FACTS])
