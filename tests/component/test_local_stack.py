"""The real engines, started, stopped, killed and moved."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from json import dumps

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError
from pymongo import MongoClient

from aanwezig.local.mongo import MongoEngine
from aanwezig.local.places import Places
from aanwezig.local.ports import free_port
from aanwezig.local.processes import Process, State
from aanwezig.local.stack import Stack
from support.engines import engines_shelf

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    places = Places.found(home=tmp_path_factory.mktemp("stack"), engines=engines_shelf())
    stack = Stack(places, kafka_port=0, mongo_port=0, say=print)
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture(autouse=True)
def _up_again(stack):
    stack.up()


@pytest.fixture
def stranger():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


async def say(stack, word):
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.engines.kafka_bootstrap)
    await admin.start()
    with suppress(TopicAlreadyExistsError):
        await admin.create_topics([NewTopic("words", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=stack.engines.kafka_bootstrap, acks="all") as producer:
        await producer.send_and_wait("words", word)
    with MongoClient(stack.engines.mongo_uri, w="majority", journal=True) as client:
        client.there.words.insert_one({"_id": word})


async def heard(stack, word):
    """Whether both engines still know the word, by consuming from the very beginning."""
    partition = TopicPartition("words", 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.engines.kafka_bootstrap)
    async with consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        values = []
        while await consumer.position(partition) < end:
            values.append((await consumer.getone()).value)
    with MongoClient(stack.engines.mongo_uri) as client:
        kept = client.there.words.find_one({"_id": word})
    return word in values, kept == {"_id": word}


async def test_data_survive_an_orderly_restart(stack):
    await say(stack, b"before the restart")

    assert stack.down() == ["kafka", "mongo"]
    assert [each.state for each in stack.status()] == [State.STOPPED, State.STOPPED]
    assert stack.up() == ["kafka", "mongo"]

    assert await heard(stack, b"before the restart") == (True, True)


async def test_a_second_up_starts_nothing(stack):
    before = stack.status()

    assert stack.up() == []
    assert Stack(stack.places, kafka_port=0, mongo_port=0).up() == []
    assert stack.status() == before
    assert all(each.pid and each.since and each.ports for each in before)


async def test_after_kill_9_of_both_they_start_again_and_a_stranger_with_a_recorded_pid_lives_on(
    stack, stranger
):
    await say(stack, b"before the kill")
    for each in stack.status():
        os.kill(each.pid, signal.SIGKILL)
        psutil.Process(each.pid).wait(10)
    assert [each.state for each in stack.status()] == [State.STALE, State.STALE]

    age = psutil.Process(stranger.pid).create_time()
    record = replace(Process(stack.places, "kafka").record(), pid=stranger.pid, create_time=age)
    (stack.places.run / "kafka.json").write_text(dumps(asdict(record)))

    assert stack.up() == ["kafka", "mongo"]

    assert stranger.poll() is None
    assert await heard(stack, b"before the kill") == (True, True)


async def test_a_paused_engine_answers_nothing_and_goes_on_when_resumed(stack):
    engines = stack.engines
    assert engines.kafka.pause()
    assert engines.mongo.pause()
    assert [each.state for each in stack.status()] == [State.PAUSED, State.PAUSED]
    assert not engines.mongo.ready_now()
    assert not engines.kafka.ready_now()

    assert engines.kafka.resume()
    assert engines.mongo.resume()
    engines.kafka.wait_ready()
    engines.mongo.wait_ready()
    await say(stack, b"after the pause")


def test_mongod_on_another_port_is_a_primary_again(stack):
    stack.engines.mongo.stop()
    moved = MongoEngine(stack.places, stack.engines.programs, port=free_port())
    try:
        assert moved.start()
        with MongoClient(moved.uri) as client:
            assert client.admin.command("replSetGetConfig")["config"]["members"][0]["host"] in moved.uri
    finally:
        moved.stop()


async def test_a_topic_nobody_created_does_not_come_into_being(stack):
    async with AIOKafkaProducer(
        bootstrap_servers=stack.engines.kafka_bootstrap, request_timeout_ms=500
    ) as producer:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait("misspelt", b"a word")


def test_only_this_machine_is_listened_to(stack):
    for status in stack.status():
        listening = {
            each.laddr
            for each in psutil.Process(status.pid).net_connections(kind="tcp")
            if each.status == psutil.CONN_LISTEN
        }

        assert {(address.ip.removeprefix("::ffff:"), address.port) for address in listening} == {
            ("127.0.0.1", port) for port in status.ports.values()
        }


def test_nothing_is_left_in_the_engines_home_but_what_was_meant(stack):
    assert {path.name for path in stack.places.home.iterdir()} <= {
        *("kafka", "mongo", "run", "log", "ports.json", "stack.lock"),
    }
