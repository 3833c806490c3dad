import sys

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient

from aanwezig.local.daemon import Daemon
from aanwezig.local.places import Places
from aanwezig.local.processes import Launch, Process, State
from support.engines import session_engines, session_home, sweep

SLEEPER = Launch([sys.executable, "-c", "import time; time.sleep(60)"], {}, "sleeper")


@pytest.mark.engines
async def test_the_session_has_a_kafka_and_a_writable_mongodb(engines):
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka_bootstrap)
    await admin.start()
    cluster = await admin.describe_cluster()
    await admin.close()
    with MongoClient(engines.mongo_uri) as client:
        hello = client.admin.command("hello")

    assert cluster["brokers"]
    assert hello["isWritablePrimary"]


def test_given_addresses_are_used_as_they_are(monkeypatch):
    monkeypatch.setenv("AANWEZIG_TEST_KAFKA", "kafka.example:9092")
    monkeypatch.setenv("AANWEZIG_TEST_MONGO", "mongodb://mongo.example")

    with session_engines() as engines:
        assert (engines.kafka_bootstrap, engines.mongo_uri) == (
            "kafka.example:9092",
            "mongodb://mongo.example",
        )
        assert engines.local is None


def test_what_a_killed_session_left_is_ended_and_removed(tmp_path):
    home = tmp_path / "1-1"
    left = Process(Places.found(home=home), "left")
    left.spawn(SLEEPER, {})
    process = left.found()

    sweep(tmp_path)

    assert not process.is_running()
    assert not home.exists()


def test_a_running_session_keeps_what_it_has(tmp_path):
    kept = Process(Places.found(home=session_home(tmp_path)), "kept")
    kept.spawn(SLEEPER, {})

    sweep(tmp_path)

    assert kept.state() is State.RUNNING
    kept.stop(grace=Daemon.stop_grace)
