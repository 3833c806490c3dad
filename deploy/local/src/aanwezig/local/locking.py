import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aanwezig.local.failures import BusyError

Say = Callable[[str], None]
"""Where progress is told, a line at a time: `print`, a command's echo, or `silent`."""


def silent(_line: str) -> None:
    """Tells nobody."""


@contextmanager
def exclusive(path: Path, *, say: Say = silent, limit: float = 300.0) -> Iterator[None]:
    """
    Holds the lock file at `path` for the length of the block; waits at most `limit` seconds for it.

    The kernel releases it when its holder ends, however it ends; the file itself stays.
    Raises `BusyError` when the time is over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as held:
        _acquire(held.fileno(), path, say, limit)
        try:
            yield
        finally:
            fcntl.flock(held, fcntl.LOCK_UN)


def _acquire(descriptor: int, path: Path, say: Say, limit: float) -> None:
    deadline = time.monotonic() + limit
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BusyError(f"another run still holds {path} after {limit:.0f} seconds") from None
            if not told:
                say(f"waiting for another run that holds {path}")
                told = True
            # flock has no time limit of its own, and a blocking call could not be given up.
            time.sleep(0.1)
        else:
            return
