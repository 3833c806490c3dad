"""One process of this machine, found again later by its record, and never mistaken for another."""

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

import psutil

from aanwezig.local.failures import StartFailedError
from aanwezig.local.places import Places

INSTANCE_VARIABLE = "AANWEZIG_STACK"
TOKEN_VARIABLE = "AANWEZIG_START"  # noqa: S105 - the name of a variable

# The kernel counts a process's age since boot; as a moment it may shift a little when the clock is set.
_CREATE_TIME_TOLERANCE = 2.0
_KILL_LIMIT = 10.0
_KERNEL_LIMIT = 5.0
_LOOK_SECONDS = 0.02

# Our own children must be collected after their end, or they stay as zombies while this process lives.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


class State(StrEnum):
    """
    What a name's record and the machine say together.

    `stale`: a record without its process (it crashed, was killed, or the machine restarted).
    """

    RUNNING = "running"
    PAUSED = "paused"
    STALE = "stale"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Record:
    """
    What `run/<name>.json` holds. `started` is ISO 8601 in UTC; `create_time` seconds since 1970.

    It is written before the process starts (no pid yet) and again after: a crash in between loses nothing,
    because the process carries the same random token in its environment.
    """

    name: str
    token: str
    fingerprint: str
    ports: dict[str, int]
    log: str
    started: str
    pid: int | None = None
    create_time: float | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a process. `fingerprint` differs when anything it depends on differs."""

    argv: Sequence[str]
    env: Mapping[str, str]
    fingerprint: str


class Process:
    """A named process of one stack: at most one runs at a time."""

    def __init__(self, places: Places, name: str) -> None:
        self.name = name
        self._places = places
        self._file = places.run / f"{name}.json"
        self.log = places.log / f"{name}.log"

    def record(self) -> Record | None:
        """The record of the last start; none when it was never started, or was stopped in order."""
        try:
            return Record(**json.loads(self._file.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            # Half written or of another version: it proves nothing, so no process is ours by it.
            return Record(self.name, token="", fingerprint="", ports={}, log=str(self.log), started="")

    def found(self) -> psutil.Process | None:
        """
        The running process, if it is ours beyond doubt: pid, moment of creation and the token in its environment.

        Anything else, such as a stranger that was given the recorded pid, is not ours.
        """
        record = self.record()
        if record is None or not record.token:
            return None
        if record.pid is None or record.create_time is None:
            return self._found_by_token(record)
        try:
            process = psutil.Process(record.pid)
            same_age = abs(process.create_time() - record.create_time) < _CREATE_TIME_TOLERANCE
            ours = same_age and _is_alive(process) and self._carries(process, record.token)
        except psutil.Error:
            return None
        return process if ours else None

    def state(self) -> State:
        """Running, paused, stale or stopped; never running for a process that is not ours."""
        if self.record() is None:
            return State.STOPPED
        process = self.found()
        if process is None:
            return State.STALE
        try:
            return State.PAUSED if process.status() == psutil.STATUS_STOPPED else State.RUNNING
        except psutil.NoSuchProcess:
            return State.STALE

    def spawn(self, launch: Launch, ports: Mapping[str, int]) -> None:
        """
        Starts it in a session of its own, its output in `log`; raises `StartFailedError` if that is impossible.

        A Ctrl-C in the terminal therefore does not reach it.
        """
        self._places.prepare(self._places.run, self._places.log)
        if self.log.exists():
            self.log.replace(f"{self.log}.1")
        token = secrets.token_hex(16)
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = Record(self.name, token, launch.fingerprint, dict(ports), str(self.log), started)
        self._write(record)
        marks = {INSTANCE_VARIABLE: str(self._places.home), TOKEN_VARIABLE: token}
        try:
            with self.log.open("ab") as output:
                child = subprocess.Popen(  # noqa: S603 - the argument list is the caller's own program
                    launch.argv,
                    env={**os.environ, **launch.env, **marks},
                    cwd=self._places.home,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as failure:
            self.forget()
            raise StartFailedError(f"{self.name} cannot be started: {failure}") from failure
        _CHILDREN[child.pid] = child
        self._write(replace(record, pid=child.pid, create_time=_born(child)))

    def stop(self, *, grace: float) -> bool:
        """SIGTERM, at most `grace` seconds, then SIGKILL; whether it ended by itself (or was not running)."""
        process = self.found()
        in_time = True
        if process is not None:
            _signal(process, signal.SIGTERM)
            # A paused process would meet its SIGTERM only when it is resumed.
            _signal(process, signal.SIGCONT)
            in_time = _ended(process, grace)
            if not in_time:
                _signal(process, signal.SIGKILL)
                _ended(process, _KILL_LIMIT)
        self.forget()
        return in_time

    def send(self, number: signal.Signals) -> bool:
        """
        Sends a signal to it, if it is running and ours; whether it was.

        After SIGKILL its end is awaited, after SIGSTOP that it stands still.
        """
        process = self.found()
        if process is None:
            return False
        _signal(process, number)
        if number == signal.SIGKILL:
            _ended(process, _KILL_LIMIT)
        elif number == signal.SIGSTOP:
            _halted(process)
        return True

    def forget(self) -> None:
        """Removes the record; the log stays."""
        self._file.unlink(missing_ok=True)
        _collect()

    def last_words(self, lines: int = 15) -> str:
        """The end of what it printed since its last start."""
        try:
            text = self.log.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return "(it printed nothing)"
        return "\n".join(text.splitlines()[-lines:]) or "(it printed nothing)"

    def _write(self, record: Record) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(record), indent=1), "utf-8")
        fresh.replace(self._file)

    def _carries(self, process: psutil.Process, token: str) -> bool:
        environment = process.environ()
        return (
            environment.get(INSTANCE_VARIABLE) == str(self._places.home)
            and environment.get(TOKEN_VARIABLE) == token
        )

    def _found_by_token(self, record: Record) -> psutil.Process | None:
        """The oldest bearer of the token (children inherit it): for a record that never learnt its pid."""
        bearers: list[tuple[float, psutil.Process]] = []
        for process in psutil.process_iter():
            try:
                if _is_alive(process) and self._carries(process, record.token):
                    bearers.append((process.create_time(), process))
            except psutil.Error:
                continue
        return min(bearers, key=lambda each: each[0])[1] if bearers else None


def recorded(places: Places) -> list[Process]:
    """Every process of the stack that has a record, in the order in which they were started."""
    found = [(record.started, each) for each in _all(places) if (record := each.record()) is not None]
    return [each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].name))]


def _all(places: Places) -> list[Process]:
    return [Process(places, file.stem) for file in sorted(places.run.glob("*.json"))]


def _collect() -> None:
    """Lets go of children that have ended, also where somebody else noticed it, or a newer start took their record."""
    for pid, child in list(_CHILDREN.items()):
        if child.poll() is not None:
            _CHILDREN.pop(pid, None)


def _is_alive(process: psutil.Process) -> bool:
    child = _CHILDREN.get(process.pid)
    if child is not None and child.poll() is not None:
        _CHILDREN.pop(process.pid, None)
        return False
    return bool(process.status() != psutil.STATUS_ZOMBIE)


def _born(child: subprocess.Popen[bytes]) -> float:
    """
    Its moment of creation, once its environment can be read; 0 when it is gone already.

    `Popen` returns a moment before the kernel has laid out the new program's environment: until then it reads
    as empty, and the process would not be recognised as ours.
    """
    deadline = time.monotonic() + _KERNEL_LIMIT
    try:
        process = psutil.Process(child.pid)
        while not process.environ() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        return process.create_time()
    except psutil.Error:
        return 0.0


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        # psutil looks again whether the pid still belongs to the process it found.
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _halted(process: psutil.Process) -> None:
    """Waits, for a bounded time, until every thread has noticed: on a busy machine that takes a moment."""
    deadline = time.monotonic() + _KERNEL_LIMIT
    try:
        while process.status() != psutil.STATUS_STOPPED and time.monotonic() < deadline:
            time.sleep(0.001)
    except psutil.NoSuchProcess:
        return


def _ended(process: psutil.Process, limit: float) -> bool:
    child = _CHILDREN.get(process.pid)
    try:
        if child is not None:
            child.wait(limit)
            _CHILDREN.pop(process.pid, None)
        else:
            # Somebody else's child stays a zombie until its parent looks after it: it has ended all the same.
            deadline = time.monotonic() + limit
            while _is_alive(process):
                if time.monotonic() > deadline:
                    return False
                time.sleep(_LOOK_SECONDS)
    except psutil.NoSuchProcess:
        return True
    except subprocess.TimeoutExpired:
        return False
    return True


def fingerprint(*parts: str) -> str:
    """The sha256 (hex) of texts that decide how a process behaves; used to notice that they changed."""
    return sha256("\0".join(parts).encode()).hexdigest()
