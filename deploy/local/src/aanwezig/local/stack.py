"""The local stack as a whole: what the commands `up`, `down`, `status` and `reset` do."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aanwezig.local.daemon import Daemon, Status, status_of
from aanwezig.local.kafka import CONTROLLER_PORT, KAFKA_PORT, KafkaEngine
from aanwezig.local.locking import Say, exclusive, silent
from aanwezig.local.mongo import MONGO_PORT, MongoEngine
from aanwezig.local.obtain import Programs, obtain, remove
from aanwezig.local.places import Places
from aanwezig.local.ports import ANY, PortBook
from aanwezig.local.processes import Process, recorded
from aanwezig.local.services import Services, ServiceSpec


class Engines:
    """
    Kafka and MongoDB of one stack. A port 0 is any free one, the same at every start.

    The addresses are known before the engines run.
    """

    def __init__(
        self,
        places: Places,
        *,
        kafka_port: int = KAFKA_PORT,
        controller_port: int | None = None,
        mongo_port: int = MONGO_PORT,
        say: Say = silent,
    ) -> None:
        if controller_port is None:
            controller_port = CONTROLLER_PORT if kafka_port == KAFKA_PORT else ANY
        book = PortBook(places.ports)
        kafka_runs = Process(places, "kafka").found() is not None
        mongo_runs = Process(places, "mongo").found() is not None
        self._places = places
        self._say = say
        self._had: Programs | None = None
        self.kafka = KafkaEngine(
            places,
            self.programs,
            port=book.port("kafka", kafka_port, ours=kafka_runs),
            controller_port=book.port("kafka-controller", controller_port, ours=kafka_runs),
            say=say,
        )
        self.mongo = MongoEngine(
            places, self.programs, port=book.port("mongo", mongo_port, ours=mongo_runs), say=say
        )

    @property
    def kafka_bootstrap(self) -> str:
        """`127.0.0.1:<port>`."""
        return self.kafka.bootstrap

    @property
    def mongo_uri(self) -> str:
        """`mongodb://127.0.0.1:<port>/?replicaSet=rs0&directConnection=true`."""
        return self.mongo.uri

    def programs(self) -> Programs:
        """What they are started from, fetched and checked at the first call."""
        if self._had is None:
            self._had = obtain(self._places.engines, say=self._say)
        return self._had

    def start(self) -> list[str]:
        """
        Starts both side by side and waits until both answer; the names of those that did not run yet.

        Raises `EngineUnavailableError`, `PortTakenError` or `StartFailedError`.
        """
        both: tuple[Daemon, ...] = (self.kafka, self.mongo)
        spawned = [engine.name for engine in both if engine.spawn()]
        for engine in reversed(both):
            engine.wait_ready()
        return spawned

    def stop(self) -> None:
        """Stops both in order; the data stay."""
        self.kafka.stop()
        self.mongo.stop()


class Stack:
    """
    Engines and services under one home. Its methods exclude each other across processes.

    Every method may raise `LocalStackError`; the message is for people.
    """

    def __init__(
        self,
        places: Places,
        *,
        kafka_port: int = KAFKA_PORT,
        controller_port: int | None = None,
        mongo_port: int = MONGO_PORT,
        say: Say = silent,
    ) -> None:
        self.places = places
        self.engines = Engines(
            places, kafka_port=kafka_port, controller_port=controller_port, mongo_port=mongo_port, say=say
        )
        self._say = say

    def up(
        self,
        specs: Sequence[ServiceSpec] = (),
        *,
        before_services: Callable[[Engines], None] | None = None,
    ) -> list[str]:
        """
        Engines, then `before_services` (topics, say), then the services; the names that did not run yet.

        What already runs as wanted is left alone: a second `up` starts nothing.
        """
        with self._alone():
            started = self.engines.start()
            if before_services is not None:
                before_services(self.engines)
            return started + Services(self.places, specs, say=self._say).start()

    def services(self, specs: Sequence[ServiceSpec]) -> Services:
        """A handle on services of this stack, to restart or kill one."""
        return Services(self.places, specs, say=self._say)

    def down(self) -> list[str]:
        """Stops everything this stack ever started and that still runs, the last started first; their names."""
        with self._alone():
            return self._down()

    def status(self, names: Iterable[str] = ()) -> list[Status]:
        """The engines, every process with a record, and the services called `names`, whether they run or not."""
        engines: dict[str, Daemon] = {each.name: each for each in (self.engines.kafka, self.engines.mongo)}
        others = dict.fromkeys([*names, *(each.name for each in recorded(self.places))])
        shown = [each.status() for each in engines.values()]
        return shown + [status_of(Process(self.places, name)) for name in others if name not in engines]

    def reset(self, also: Iterable[Path] = (), *, engines: bool = False) -> None:
        """
        Stops everything and removes data, records, logs and the chosen ports, and what `also` names.

        `also` are paths inside the home, absolute or relative to it; others raise `ValueError` before anything
        is touched. The downloaded engines stay unless `engines`.
        """
        extra = [self._inside(path) for path in also]
        with self._alone():
            self._down()
            places = self.places
            for path in (places.kafka, places.mongo, places.run, places.log, places.ports, *extra):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            if engines:
                remove(places.engines)

    def _down(self) -> list[str]:
        known: dict[str, Daemon] = {each.name: each for each in (self.engines.kafka, self.engines.mongo)}
        stopped = []
        # By their records and not by today's settings: a service that is no longer wanted is stopped too.
        services = [each for each in recorded(self.places) if each.name not in known]
        for process in reversed(services):
            stopped += _stopped(process, Daemon.stop_grace, self._say)
        for engine in known.values():
            stopped += _stopped(engine.process, engine.stop_grace, self._say)
        return stopped

    def _inside(self, path: Path) -> Path:
        whole = Path(self.places.home, path).resolve()
        if self.places.home not in whole.parents:
            raise ValueError(f"{path} does not lie inside {self.places.home}")
        return whole

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.places.prepare()
        with exclusive(self.places.lock, say=self._say):
            yield


def _stopped(process: Process, grace: float, say: Say) -> list[str]:
    ran = process.found() is not None
    if not process.stop(grace=grace):
        say(f"{process.name}: did not stop within {grace:.0f} seconds and was killed")
    return [process.name] if ran else []


@contextmanager
def running_engines(
    data_dir: Path,
    *,
    engines_dir: Path | None = None,
    kafka_port: int = ANY,
    mongo_port: int = ANY,
    say: Say = silent,
) -> Iterator[Engines]:
    """
    Both engines under `data_dir` for the length of the block; afterwards they are stopped and the data stay.

    `engines_dir` defaults to what `AANWEZIG_ENGINES` says, else to `engines` in `data_dir`.
    """
    places = Places.found(home=data_dir, engines=engines_dir)
    stack = Stack(places, kafka_port=kafka_port, mongo_port=mongo_port, say=say)
    try:
        stack.up()
        yield stack.engines
    finally:
        stack.down()
