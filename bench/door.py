"""What a receipt costs: intake's door, by HTTP batches and by a file, beside a loop that only produces the same bytes.

    python bench/door.py [--rows 100000] [--batch 1000] [--abreast 4] [--runs 1]

On a Kafka and a MongoDB of its own, marks of 2,000 pupils of one school, as its system sends them, are said to Kafka:

* bare: aiokafka, batches of as many rows, each line as it is, keyed by its pupil; a batch is done when the broker has
  acknowledged all of it, and so many batches are under way at once. Nothing is read, checked, kept or answered.
* HTTP: the same rows to intake as it runs, as a process: NDJSON, as many rows in a request, as many requests at once. A row
  counts when its receipt has come back.
* again: the same requests once more; every receipt says `duplicate`.
* file: the same rows under other ids in one file, by `aanwezig send`: the whole command, one request at a time.

All run on uvloop. Rows a second are those from the first request to the last answer; of the file, from the start of the
command to its end. CPU seconds and the most memory are those of the bare loop and of intake alone, never of who sends.

Not measured: MongoDB's and Kafka's own work and the sender's (they share the cores: of a rate only the ratio means
something), refused rows, other formats, more than one system or instance, a quarantine or a store that is full.
"""

import argparse
import asyncio
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
import orjson
import psutil
import uvloop
from aiokafka import AIOKafkaProducer

from aanwezig.chassis import logs
from aanwezig.chassis.topics import ensure_topics
from aanwezig.cli.homes import Home, Running
from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, school_source
from aanwezig.contracts.messages import SchoolRegistered, SystemRegistered
from aanwezig.contracts.topics import FACTS, SCHOOL_REGISTER, TOPICS
from aanwezig.local.ports import free_port
from aanwezig.local.stack import running_engines

ENGINES_SHELF = Path(__file__).parents[1] / ".aanwezig" / "engines"
SYSTEM, KEY, SCHOOL = "bench", "key-of-bench", "25PL00"
SOURCE = school_source("25PL", SYSTEM)
PUPILS, LESSONS = 2_000, 8
FIRST_DAY = date(2024, 9, 2)
NDJSON = {"content-type": "application/x-ndjson", "authorization": f"Bearer {KEY}"}


@dataclass(frozen=True)
class Measured:
    """How fast rows were acknowledged, the CPU seconds that took for 1,000 of them, and the most memory in MiB."""

    rate: float
    cpu: float
    memory: float

    def told(self, name: str) -> str:
        """One line."""
        return f"{name:5} {self.rate:9,.0f} rows/s   {self.cpu:.4f} CPU s per 1,000 rows   {self.memory:5.0f} MiB"


@dataclass(frozen=True)
class Asked:
    """How much, and in which portions."""

    rows: int
    batch: int
    abreast: int


def rows(count: int, name: str) -> Iterator[bytes]:
    """Marks as a school's system writes them, lesson by lesson; every 33rd is an absence."""
    for number in range(count):
        lesson, pupil = divmod(number, PUPILS)
        day = FIRST_DAY + timedelta(days=lesson // LESSONS)
        event = {
            "specversion": "1.0",
            "id": f"{name}-{number:08d}",
            "source": SOURCE,
            "type": "nl.attendance.mark-recorded.v1",
            "time": utc_text(datetime(day.year, day.month, day.day, 16, tzinfo=UTC)),
            "data": {
                "pupil": {"local": f"pupil-{pupil}"},
                "school": SCHOOL,
                "date": day.isoformat(),
                "slot": f"lesson-{lesson % LESSONS + 1}",
                "minutes": 50,
                "state": "absent" if number % 33 == 0 else "present",
            },
        }
        yield orjson.dumps(event)


def batches(asked: Asked, name: str) -> list[list[bytes]]:
    """The rows in portions; one more than asked comes first, to warm up."""
    told = list(rows(asked.rows + asked.batch, name))
    return [told[place : place + asked.batch] for place in range(0, len(told), asked.batch)]


def usage(process: psutil.Process) -> tuple[float, float]:
    """CPU seconds so far, and the most memory so far in MiB.

    Of this process itself to the nanosecond: the kernel tells of others in hundredths, in which a short loop takes none.
    """
    cpu = process.cpu_times()
    spent = time.process_time() if process.pid == os.getpid() else cpu.user + cpu.system
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0])
    return spent, peak / 1024


async def bare(bootstrap: str, asked: Asked) -> Measured:
    """The bare loop."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()

    async def say(batch: Sequence[bytes]) -> None:
        # The key stands in the row: nothing has to be read to find it.
        waiting = [
            await producer.send(FACTS.name, row, key=row.partition(b'"pupil-')[2][:5]) for row in batch
        ]
        await asyncio.gather(*waiting)

    try:
        return await measured(psutil.Process(), batches(asked, "bare"), asked, say)
    finally:
        await producer.stop()


async def measured(worker: psutil.Process, portions: list[list[bytes]], asked: Asked, act) -> Measured:
    """How an act takes all portions but the first, so many at once."""
    await act(portions[0])
    left = iter(portions[1:])

    async def take() -> None:
        for portion in left:
            await act(portion)

    cpu, _ = usage(worker)
    begun = time.perf_counter()
    await asyncio.gather(*(take() for _ in range(asked.abreast)))
    took = time.perf_counter() - begun
    done, memory = usage(worker)
    return Measured(asked.rows / took, (done - cpu) / asked.rows * 1000, memory)


async def by_http(door: str, worker: psutil.Process, asked: Asked) -> list[Measured]:
    """Rows by HTTP, and the same again."""
    portions = batches(asked, "http")
    found = []
    async with httpx.AsyncClient(base_url=door, headers=NDJSON, timeout=60, trust_env=False) as client:
        for outcome in ("accepted", "duplicate"):

            async def post(portion: Sequence[bytes], outcome: str = outcome) -> None:
                answer = await client.post("/v1/facts", content=b"\n".join(portion))
                while answer.status_code == 503:  # as a sender does: it waits and says the same again
                    await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
                    answer = await client.post("/v1/facts", content=b"\n".join(portion))
                if answer.status_code != 202:
                    raise SystemExit(answer.text)
                receipts = orjson.loads(answer.content)["receipts"]
                if len(receipts) != len(portion) or any(one["outcome"] != outcome for one in receipts):
                    raise SystemExit(f"not every row was {outcome}")

            found.append(await measured(worker, portions, asked, post))
    return found


def by_file(home: Path, worker: psutil.Process, asked: Asked) -> Measured:
    """Rows in a file, by the command."""
    file = home / "marks.ndjson"
    file.write_bytes(b"\n".join(rows(asked.rows, "file")) + b"\n")
    cpu, _ = usage(worker)
    begun = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("aanwezig"), "send", str(file), "--batch", str(asked.batch)],
        env={**os.environ, "AANWEZIG_HOME": str(home)}, check=True, stdout=sys.stderr,
    )  # fmt: skip
    took = time.perf_counter() - begun
    done, memory = usage(worker)
    return Measured(asked.rows / took, (done - cpu) / asked.rows * 1000, memory)


async def register(bootstrap: str) -> None:
    """The school and its system, as an operator's commands say them."""
    school = SchoolRegistered(school=SCHOOL, name="Bench", type="vo", municipality="0637").said()
    system = SystemRegistered(
        system=SYSTEM, oin=SOURCE.split(":")[3], keys=[hashlib.sha256(KEY.encode()).hexdigest()],
        schools=[SCHOOL],
    ).said()  # fmt: skip
    await ensure_topics([bootstrap], TOPICS)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for key, name, data in (
            (f"school/{SCHOOL}", "school-registered", school),
            (f"system/{SYSTEM}", "system-registered", system),
        ):
            event = Event(f"bench-{name}", PLATFORM_SOURCE, name, datetime(2024, 8, 1, tzinfo=UTC), data)
            await producer.send_and_wait(SCHOOL_REGISTER.name, event.as_bytes(), key=key.encode())
    finally:
        await producer.stop()


def knows_the_system(client: httpx.Client) -> bool:
    """Whether the service answers, and to this key."""
    try:
        return client.get("/v1/system").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def an_intake(home: Path, kafka: str, mongo: str) -> Iterator[tuple[psutil.Process, str]]:
    """The service as a process that knows the system, and the address of its door."""
    port = free_port()
    door = f"http://127.0.0.1:{port}"
    settings = {
        "AANWEZIG_KAFKA": kafka, "AANWEZIG_MONGO": mongo, "AANWEZIG_PORT": str(port),
        "AANWEZIG_PSEUDONYM_KEY": "17" * 32, "AANWEZIG_NUMBER_KEY": "18" * 32, "AANWEZIG_LOG_LEVEL": "WARNING",
        "AANWEZIG_ROWS_A_MINUTE": "1000000000", "AANWEZIG_DATABASE_PREFIX": f"bench-{os.getpid()}-{port}",
    }  # fmt: skip
    with (home / "intake.log").open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "aanwezig.intake"], stdout=out, stderr=out, env={**os.environ, **settings}
        )
    try:
        with httpx.Client(base_url=door, headers=NDJSON, trust_env=False, timeout=60) as client:
            until = time.monotonic() + 120
            while not knows_the_system(client):
                if worker.poll() is not None or time.monotonic() > until:
                    raise SystemExit((home / "intake.log").read_text("utf-8"))
                time.sleep(0.1)
        yield psutil.Process(worker.pid), door
    finally:
        worker.terminate()
        worker.wait(120)


def measure(home: Path, kafka: str, mongo: str, asked: Asked) -> dict[str, Measured]:
    """Bare loop, HTTP, the same again, and a file, one after the other, on the same engines."""
    uvloop.run(register(kafka))
    portions = ["--rows", str(asked.rows), "--batch", str(asked.batch), "--abreast", str(asked.abreast)]
    told = subprocess.run(
        [sys.executable, __file__, "--bare", kafka, *portions], check=True, stdout=subprocess.PIPE
    )
    floor = Measured(**json.loads(told.stdout))
    with an_intake(home, kafka, mongo) as (worker, door):
        kept = Home.found(home)
        kept.remember(Running(kafka=kafka, mongo=mongo, services={"intake": door}))
        kept.change_senders(lambda senders: senders.update({SYSTEM: KEY}))
        http, again = uvloop.run(by_http(door, worker, asked))
        file = by_file(home, worker, asked)
    return {"bare": floor, "HTTP": http, "again": again, "file": file}


def told(found: dict[str, Measured]) -> dict[str, float]:
    """Prints what was measured and gives each rate as a part of the bare loop's."""
    floor = found["bare"]
    for name, one in found.items():
        print(one.told(name))
    ratios = {name: one.rate / floor.rate for name, one in found.items() if name != "bare"}
    for name, ratio in ratios.items():
        print(
            f"{name} / bare: {ratio:.3f} of the rate, {found[name].cpu / floor.cpu:.1f} times the CPU",
            flush=True,
        )
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="rows of each way")
    parser.add_argument("--batch", type=int, default=1_000, help="rows in a request")
    parser.add_argument("--abreast", type=int, default=4, help="requests under way at once")
    parser.add_argument(
        "--runs", type=int, default=1, help="how often all is measured, each time on new engines"
    )
    parser.add_argument(
        "--engines",
        nargs=2,
        metavar=("KAFKA", "MONGO"),
        help="measure on these instead, which keep what is said",
    )
    parser.add_argument("--bare", metavar="KAFKA", help=argparse.SUPPRESS)
    given = parser.parse_args()
    asked = Asked(given.rows, given.batch, given.abreast)
    logs.setup("bench", "0", "ERROR")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if given.bare:
        print(json.dumps(vars(uvloop.run(bare(given.bare, asked)))))
        return
    print(
        f"{asked.rows:,} rows, {asked.batch:,} in a request, {asked.abreast} requests at once; load {os.getloadavg()[0]:.1f}"
    )
    ratios = []
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            if given.engines:
                ratios.append(told(measure(home, *given.engines, asked)))
            else:
                with running_engines(home / "engines", engines_dir=ENGINES_SHELF) as engines:
                    ratios.append(told(measure(home, engines.kafka_bootstrap, engines.mongo_uri, asked)))
    if given.runs > 1:
        for name in ratios[0]:
            print(f"median of {given.runs}: {name} {median(one[name] for one in ratios):.3f} of the rate")


if __name__ == "__main__":
    main()
