"""The Kafka and the MongoDB the suite runs on: processes of this machine, containers, or given addresses."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import psutil

from aanwezig.local.places import ENGINES_VARIABLE, Places
from aanwezig.local.stack import Engines, Stack, running_engines

KAFKA_VARIABLE = "AANWEZIG_TEST_KAFKA"
MONGO_VARIABLE = "AANWEZIG_TEST_MONGO"
KAFKA_IMAGE = os.environ.get("AANWEZIG_TEST_KAFKA_IMAGE", "confluentinc/cp-kafka:8.1.0")
MONGO_IMAGE = os.environ.get("AANWEZIG_TEST_MONGO_IMAGE", "mongo:8.0")
KINDS = ("local", "containers", "given")


@dataclass(frozen=True)
class SessionEngines:
    """Where the engines answer; `local` is there only for processes of this machine, which faults can be done to."""

    kafka_bootstrap: str
    mongo_uri: str
    local: Engines | None = None


def default_kind() -> str:
    """`given` where the environment gives both addresses, else `local`."""
    return "given" if KAFKA_VARIABLE in os.environ and MONGO_VARIABLE in os.environ else "local"


def engines_shelf() -> Path:
    """The programs are shared with the checkout's own stack: downloaded once for both."""
    given = os.environ.get(ENGINES_VARIABLE)
    return Path(given) if given else Path(__file__).parents[2] / ".aanwezig" / "engines"


@contextmanager
def session_engines(kind: str | None = None) -> Iterator[SessionEngines]:
    """Both engines for the length of the block, empty at its start unless they were given."""
    chosen = kind or default_kind()
    if chosen == "given":
        yield SessionEngines(os.environ[KAFKA_VARIABLE], os.environ[MONGO_VARIABLE])
    elif chosen == "containers":
        with _containers() as engines:
            yield engines
    else:
        with _processes() as engines:
            yield engines


@contextmanager
def _processes() -> Iterator[SessionEngines]:
    homes = Path(tempfile.gettempdir()) / f"aanwezig-tests-{os.getuid()}"
    sweep(homes)
    home = session_home(homes)
    try:
        with running_engines(home, engines_dir=engines_shelf(), say=print) as local:
            yield SessionEngines(local.kafka_bootstrap, local.mongo_uri, local)
    finally:
        rmtree(home, ignore_errors=True)


def session_home(homes: Path) -> Path:
    """The directory of this session's engines: it names the process that will clean it up."""
    me = psutil.Process()
    return homes / f"{me.pid}-{int(me.create_time())}"


def sweep(homes: Path) -> None:
    """Ends what earlier sessions left that were killed before they could clean up; running sessions keep theirs."""
    for home in homes.glob("*-*"):
        pid, created = home.name.split("-")
        try:
            lives = abs(psutil.Process(int(pid)).create_time() - int(created)) < 3
        except psutil.NoSuchProcess:
            lives = False
        if not lives:
            Stack(Places.found(home=home, engines=engines_shelf())).down()
            rmtree(home, ignore_errors=True)


@contextmanager
def _containers() -> Iterator[SessionEngines]:
    from pymongo import MongoClient  # noqa: PLC0415 - with the next two, only this kind needs them
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415
    from testcontainers.kafka import KafkaContainer  # noqa: PLC0415

    mongod = (
        DockerContainer(MONGO_IMAGE)
        .with_command("mongod --replSet rs0 --bind_ip_all")
        .with_exposed_ports(27017)
    )
    with KafkaContainer(KAFKA_IMAGE).with_kraft() as kafka, mongod:
        address = f"{mongod.get_container_host_ip()}:{mongod.get_exposed_port(27017)}"
        fresh: MongoClient[dict[str, Any]] = MongoClient(address, directConnection=True)
        with fresh as client:
            client.admin.command(
                "replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": "127.0.0.1:27017"}]}
            )
        uri = f"mongodb://{address}/?replicaSet=rs0&directConnection=true"
        # Opened after the initiation: it waits until there is a primary to write to.
        member: MongoClient[dict[str, Any]] = MongoClient(uri)
        with member as client:
            client.admin.command("ping")
        yield SessionEngines(kafka.get_bootstrap_server(), uri)
