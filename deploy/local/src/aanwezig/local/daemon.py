import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from aanwezig.local.failures import StartFailedError
from aanwezig.local.locking import Say, silent
from aanwezig.local.places import Places
from aanwezig.local.ports import require_free
from aanwezig.local.processes import Launch, Process, Record, State

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to say about one process; `since` is ISO 8601 in UTC, null when nothing runs."""

    name: str
    state: State
    pid: int | None
    ports: dict[str, int]
    since: str | None
    log: str


def status_of(process: Process, ports: Mapping[str, int] | None = None) -> Status:
    """The status of a process by its record and the machine; `ports` stand in where there is no record."""
    record: Record | None = process.record()
    state = process.state()
    lives = record is not None and state in {State.RUNNING, State.PAUSED}
    return Status(
        name=process.name,
        state=state,
        pid=record.pid if record is not None and lives else None,
        ports=dict(record.ports if record is not None else ports or {}),
        since=record.started if record is not None and lives else None,
        log=str(process.log),
    )


class Daemon(ABC):
    """
    A process of the stack that stays: an engine or a service. Subclasses say how it starts and when it is ready.

    `ports` names its ports by purpose; all are on 127.0.0.1.
    """

    start_limit = 60.0
    """Seconds from start to ready."""
    stop_grace = 20.0
    """Seconds between SIGTERM and SIGKILL."""

    def __init__(self, places: Places, name: str, ports: Mapping[str, int], *, say: Say = silent) -> None:
        self.name = name
        self.ports = dict(ports)
        self.process = Process(places, name)
        self._places = places
        self._say = say

    @abstractmethod
    def launch(self) -> Launch:
        """How to start it now; whatever has to lie ready for that is put there."""

    @abstractmethod
    def ready_now(self) -> bool:
        """Whether it answers a real request at this moment; an attempt takes at most a few seconds."""

    def start(self) -> bool:
        """`spawn`, then `wait_ready`; whether a new process was started. Raises what those raise."""
        spawned = self.spawn()
        self.wait_ready()
        return spawned

    def spawn(self) -> bool:
        """
        Starts it without waiting; does nothing (false) where it runs as it would be started now.

        One that runs with other settings is stopped first, a paused one is resumed. Raises `PortTakenError`,
        `StartFailedError`, and `EngineUnavailableError` for an engine that cannot be had.
        """
        launch = self.launch()
        record = self.process.record()
        state = self.process.state()
        if record is not None and state in {State.RUNNING, State.PAUSED}:
            if record.fingerprint == launch.fingerprint:
                self.resume()
                return False
            self._say(f"{self.name}: its settings changed, starting it again")
            self.stop()
        elif state is State.STALE:
            self._say(f"{self.name}: it ended without being stopped, starting it again")
        for purpose, port in self.ports.items():
            require_free(port, f"{self.name}, {purpose}")
        self.process.spawn(launch, self.ports)
        return True

    def wait_ready(self, limit: float | None = None) -> None:
        """
        Returns when it answers; raises `StartFailedError` when it dies first or the seconds are over.

        In the latter case it is left running, to be looked at.
        """
        seconds = self.start_limit if limit is None else limit
        deadline = time.monotonic() + seconds
        while True:
            if self.process.found() is None:
                raise StartFailedError(f"{self.name} ended while starting. {self._last_words()}")
            if self.ready_now():
                return
            if time.monotonic() > deadline:
                raise StartFailedError(
                    f"{self.name} was not ready after {seconds:.0f} seconds. {self._last_words()}"
                )
            # Another process's readiness cannot be awaited, only asked for.
            time.sleep(_POLL)

    def stop(self) -> None:
        """Ends it in order, by force after `stop_grace`; nothing happens where it does not run."""
        if not self.process.stop(grace=self.stop_grace):
            self._say(f"{self.name}: did not stop within {self.stop_grace:.0f} seconds and was killed")

    def kill(self) -> bool:
        """`kill -9`, and waits for its end; whether it ran. Its record stays, as after any crash."""
        return self.process.send(signal.SIGKILL)

    def pause(self) -> bool:
        """SIGSTOP: it keeps its connections and answers nothing; whether it ran."""
        return self.process.send(signal.SIGSTOP)

    def resume(self) -> bool:
        """SIGCONT; whether it ran."""
        return self.process.send(signal.SIGCONT)

    def status(self) -> Status:
        """Its state, pid, ports, since when, and its log file."""
        return status_of(self.process, self.ports)

    def _last_words(self) -> str:
        return f"The end of {self.process.log}:\n{self.process.last_words()}"
