import asyncio
import base64
import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from aanwezig.local.daemon import Daemon
from aanwezig.local.failures import StartFailedError
from aanwezig.local.locking import Say, silent
from aanwezig.local.obtain import Programs
from aanwezig.local.places import Places
from aanwezig.local.ports import HOST
from aanwezig.local.processes import Launch, fingerprint

KAFKA_PORT = 19092
CONTROLLER_PORT = 19093

# Settled on a machine of two cores that also runs everything else.
_JVM = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xms256m",
    "-Xmx512m",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    # Kafka's compression libraries use what newer Java versions warn about, a line for each.
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


class KafkaEngine(Daemon):
    """One Apache Kafka node (KRaft: broker and controller in one process), reachable from this machine only."""

    def __init__(
        self,
        places: Places,
        programs: Callable[[], Programs],
        *,
        port: int = KAFKA_PORT,
        controller_port: int = CONTROLLER_PORT,
        say: Say = silent,
    ) -> None:
        super().__init__(places, "kafka", {"broker": port, "controller": controller_port}, say=say)
        self._programs = programs
        self._data = places.kafka / "data"
        self._properties = places.kafka / "server.properties"

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.ports['broker']}"

    def launch(self) -> Launch:
        """Writes the configuration and formats the log directory, once; raises `StartFailedError` if that fails."""
        programs = self._programs()
        self._places.prepare(self._places.kafka)
        properties = _properties(self.ports["broker"], self.ports["controller"], self._data)
        self._properties.write_text(properties, "utf-8")
        if not (self._data / "meta.properties").exists():
            self._format(programs)
        argv = [*_java(programs), *_JVM, "kafka.Kafka", str(self._properties)]
        return Launch(argv, {}, fingerprint(*argv, properties))

    def ready_now(self) -> bool:
        """Whether the node answers a request for metadata and names itself as a broker there."""
        try:
            socket.create_connection((HOST, self.ports["broker"]), timeout=1).close()
        except OSError:
            # Cheaper, and quieter in the logs, than letting a client find out.
            return False
        # In a thread of its own: the caller may itself be inside an event loop.
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(asyncio.run, _has_broker(self.bootstrap)).result()

    def _format(self, programs: Programs) -> None:
        """Formats beside the real place and moves the result there: a formatted directory is always a whole one."""
        part = self._places.kafka / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        config = self._places.kafka / "format.properties"
        config.write_text(_properties(self.ports["broker"], self.ports["controller"], part), "utf-8")
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        argv = [
            *_java(programs),
            *_JVM,
            "kafka.tools.StorageTool",
            "format",
            "-t",
            cluster,
            "-c",
            str(config),
        ]
        result = subprocess.run(  # noqa: S603 - the argument list is ours
            argv, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL
        )
        if result.returncode != 0:
            raise StartFailedError(f"kafka's directory cannot be formatted:\n{result.stdout}{result.stderr}")
        config.unlink()
        shutil.rmtree(self._data, ignore_errors=True)
        part.replace(self._data)


def _java(programs: Programs) -> list[str]:
    return [str(programs.java), "-cp", os.pathsep.join(str(jar) for jar in programs.jars)]


def _properties(port: int, controller_port: int, data: Path) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"BROKER://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"BROKER://{HOST}:{port}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        # A topic is what the registry says it is, never what a misspelt name brings about.
        "auto.create.topics.enable": "false",
        # One node: every internal topic has one copy. Few partitions: a group's first join creates them all.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "4",
        # A first member need not wait for others, and a killed one is missed soon.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # After kill -9 the node is let in again only when its former self counts as gone: 9 seconds by default.
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "500",
        # The default sets aside a quarter of the whole heap.
        "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "4",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


async def _has_broker(bootstrap: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
    return bool(cluster["brokers"])
