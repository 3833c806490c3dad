"""What keeping every mark costs: the classifier beside a bare loop that does the least one could do.

    python bench/ledger.py [--marks 200000] [--present 0.97] [--runs 1]

On a Kafka and a MongoDB of its own, marks of 2,000 pupils at 8 schools stand on the facts topic, 12 partitions, told as
schools tell them: day by day, lesson by lesson, a school at a time. Then, from the same topic and with the same engines:

* bare: aiokafka `getmany`, `orjson.loads`, one `insert_many` of all marks of a batch (id, pupil, the whole event; one index,
  on the pupil), one commit, and so on. It knows no law, finds nothing and could not go on after a crash in the middle.
* classifier: the service as it runs, as a process, on an empty database: ledger, law, findings, commits.

Both take batches of 2,000, run on uvloop, and tune Python's collector alike. The rate is taken between the first and the
last commit, so the start of a process is left out. CPU seconds are those of the worker alone, per 1,000 marks.

Not measured: MongoDB's and Kafka's own work (they share the cores: of a rate only the ratio means something), days that
close, corrections, pupils read back from a cold ledger, more than one instance, a topic that is written meanwhile. All
evaluations of the absent and late (`--present` says how many are not) are in the classifier's time: with `--present 1`
every mark is quiet, and what remains is the append.
"""

import argparse
import asyncio
import gc
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from random import Random
from statistics import median

import orjson
import psutil
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient

from aanwezig.chassis import logs
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import MarkRecorded
from aanwezig.contracts.identifiers import derived_id, school_source
from aanwezig.contracts.topics import FACTS, TOPICS
from aanwezig.contracts.writing import data_of
from aanwezig.local.ports import free_port
from aanwezig.local.stack import Engines, running_engines

ENGINES_SHELF = Path(__file__).parents[1] / ".aanwezig" / "engines"
BATCH = 2_000
SCHOOLS, PUPILS, LESSONS = 8, 2_000, 5
FIRST_DAY = date(2024, 9, 2)
BARE, CLASSIFIER = "bench-bare", f"aanwezig-classifier-{FACTS.name}"


@dataclass(frozen=True)
class Measured:
    """How fast a worker came through the topic, and the CPU seconds it took for 1,000 marks."""

    rate: float
    cpu: float


def marks(count: int, present: float) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of marks in the order schools tell them. The absences of a day fall on few pupils, as they do."""
    random = Random(2024)
    pupils = [derived_id("bench", str(number)) for number in range(PUPILS)]
    day, told = FIRST_DAY, 0
    while True:
        away = {pupil for pupil in pupils if random.random() > present}
        for lesson in range(1, LESSONS + 1):
            for school in range(SCHOOLS):
                brin = f"{10 + school}PL"
                for pupil in pupils[school::SCHOOLS]:
                    if told == count:
                        return
                    told += 1
                    state = "present" if pupil not in away else random.choice(("absent", "absent", "late"))
                    fact = MarkRecorded(
                        pupil, f"{brin}00", day, f"lesson-{lesson}", 50, state,
                        authorised=random.random() < 0.5 if state == "absent" else None,
                    )  # fmt: skip
                    logged = datetime.combine(day, clock(8 + lesson), UTC)
                    event = Event(
                        f"{told:012d}", school_source(brin, "bench"), "mark-recorded", logged, data_of(fact)
                    )
                    yield pupil.encode(), event.as_bytes()
        day += timedelta(days=3 if day.isoweekday() == 5 else 1)


async def produce(bootstrap: str, count: int, present: float) -> None:
    """Fills the topic."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=256 * 1024)
    await producer.start()
    try:
        for key, value in marks(count, present):
            await producer.send(FACTS.name, value, key=key)
        await producer.flush()
    finally:
        await producer.stop()


async def bare(bootstrap: str, mongo: str, count: int) -> None:
    """The bare loop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(mongo)
    collection = client["bench-bare"]["marks"]
    await collection.create_index("pupil")
    consumer = AIOKafkaConsumer(
        FACTS.name, bootstrap_servers=bootstrap, group_id=BARE, enable_auto_commit=False,
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    left = count
    while left:
        polled = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        events = [orjson.loads(record.value) for records in polled.values() for record in records]
        if events:
            await collection.insert_many(
                [
                    {
                        "_id": f"{event['source']}/{event['id']}",
                        "pupil": event["data"]["pupil"],
                        "event": event,
                    }
                    for event in events
                ],
                ordered=False,
            )
            await consumer.commit()
            left -= len(events)
    await consumer.stop()
    await client.close()


async def followed(bootstrap: str, group: str, worker: psutil.Process, count: int) -> Measured:
    """Watches a group until it has committed everything."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    begun: tuple[float, float, int] | None = None
    try:
        while True:
            await asyncio.sleep(0.02)
            if not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE:
                raise SystemExit(f"{group} ended before it was through")
            try:
                offsets = await admin.list_consumer_group_offsets(group)
            except KafkaError:  # the broker has not made its topic of groups yet
                continue
            done = sum(max(0, row.offset) for row in offsets.values())
            cpu = worker.cpu_times()
            now = time.perf_counter(), cpu.user + cpu.system
            if begun is None and done:
                begun = (*now, done)
            if begun is not None and done >= count:
                handled = done - begun[2]
                return Measured(handled / (now[0] - begun[0]), (now[1] - begun[1]) / handled * 1000)
    finally:
        await admin.close()


@contextmanager
def a_process(log: Path, *argv: str, **environment: str) -> Iterator[psutil.Process]:
    """A Python process for the length of the block."""
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, *argv], stdout=out, stderr=out, env={**os.environ, **environment}
        )
    try:
        yield psutil.Process(worker.pid)
    finally:
        worker.terminate()
        worker.wait(30)


def measure(home: Path, engines: Engines, count: int) -> tuple[Measured, Measured]:
    """Bare loop and classifier, one after the other, from the same topic."""
    kafka, mongo = engines.kafka_bootstrap, engines.mongo_uri
    with a_process(home / "bare.log", __file__, "--bare", kafka, mongo, "--marks", str(count)) as worker:
        floor = asyncio.run(followed(kafka, BARE, worker, count))
    settings = {
        "AANWEZIG_KAFKA": kafka, "AANWEZIG_MONGO": mongo, "AANWEZIG_PORT": str(free_port()),
        "AANWEZIG_CHAIN_KEY": "17" * 32, "AANWEZIG_HEALTH_KEY": "18" * 32, "AANWEZIG_OPERATOR_KEY": "bench", "AANWEZIG_CLOCK": "commanded",
        "AANWEZIG_BATCH_RECORDS": str(BATCH), "AANWEZIG_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    with a_process(home / "classifier.log", "-m", "aanwezig.classifier", **settings) as worker:
        return floor, asyncio.run(followed(kafka, CLASSIFIER, worker, count))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--marks", type=int, default=200_000, help="marks on the topic")
    parser.add_argument("--present", type=float, default=0.97, help="share of pupils present on a day")
    parser.add_argument(
        "--runs", type=int, default=1, help="how often both are measured, each time on new engines"
    )
    parser.add_argument("--bare", nargs=2, metavar=("KAFKA", "MONGO"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        uvloop.run(bare(*asked.bare, asked.marks))
        return
    logs.setup("bench", "0", "ERROR")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    print(f"{asked.marks:,} marks, {asked.present:.0%} of pupils present")
    ratios = []
    for _ in range(asked.runs):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            with running_engines(home, engines_dir=ENGINES_SHELF) as engines:
                asyncio.run(ensure_topics([engines.kafka_bootstrap], TOPICS))
                asyncio.run(produce(engines.kafka_bootstrap, asked.marks, asked.present))
                floor, ours = measure(home, engines, asked.marks)
        ratios.append(ours.rate / floor.rate)
        print(f"bare loop   {floor.rate:9,.0f} marks/s   {floor.cpu:.4f} CPU s per 1,000 marks")
        print(f"classifier  {ours.rate:9,.0f} marks/s   {ours.cpu:.4f} CPU s per 1,000 marks")
        print(
            f"classifier / bare: {ratios[-1]:.2f} of the rate, {ours.cpu / floor.cpu:.2f} of the CPU",
            flush=True,
        )
    if asked.runs > 1:
        print(f"median of {asked.runs}: {median(ratios):.2f} of the rate")


if __name__ == "__main__":
    main()
