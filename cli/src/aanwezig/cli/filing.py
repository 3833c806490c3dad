"""The watched folder: what lies there, what is done with it, and files put away so that a crash loses and doubles nothing.

`done/NAME`, `done/NAME.receipts.ndjson`, and `done/NAME.refused.csv` (or `.ndjson`, `.xml`) where rows were refused;
`refused/NAME` and its receipts for a file of which nothing was taken. Nothing is ever overwritten: a second file of one
name gets a number. What is to be moved is written down first, as one list; a list that is found is carried out to its end.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from aanwezig.cli.exits import AtFault
from aanwezig.local.failures import BusyError
from aanwezig.local.locking import exclusive

DONE: Final = "done"
REFUSED: Final = "refused"
_WORK: Final = ".aanwezig-watch"
_UNFINISHED: Final = (".part", ".tmp", ".crdownload")
_QUIET_SECONDS: Final = 30
_LONGEST_NAME: Final = 200

Signature = tuple[int, int, int]
"""What tells that a file is still the same: size, time of the last change in nanoseconds, inode."""


@dataclass(frozen=True, slots=True)
class Move:
    """A file to be moved within the folder. `signature`: only while it is still this file; None: whatever it is."""

    source: str
    target: str
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """Ed-Fi files that are being sent together, and the moment they are said to be of: the same again after a crash."""

    files: Mapping[str, Signature]
    time: datetime


def is_meant(name: str) -> bool:
    """Whether a file of this name is to be sent: hidden ones and those that are still being brought are not."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED)


def settled(before: Mapping[str, Signature], now: Mapping[str, Signature], moment: float) -> list[str]:
    """The names of the files that are the same in two looks, in order.

    An empty one must have been so for thirty seconds at `moment` (since 1970): whoever made it may be about to write.
    """
    return sorted(
        name
        for name, signature in now.items()
        if before.get(name) == signature and (signature[0] or moment - signature[1] / 1e9 >= _QUIET_SECONDS)
    )


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name under which a file can be put away where these names are taken: `a.csv`, else `a-2.csv`, and so on.

    Names that only stand beside a file (`a.csv.receipts.ndjson`) take its name too. A very long one is cut, so that there
    is room for theirs.
    """
    taken = set(taken)
    stem, dot, endings = name.partition(".")
    while stem and len(os.fsencode(f"{stem}{dot}{endings}")) > _LONGEST_NAME:
        stem = stem[:-1]
    found = f"{stem}{dot}{endings}"
    number = 1
    while any(one == found or one.startswith((f"{found}.receipts.", f"{found}.refused.")) for one in taken):
        number += 1
        found = f"{stem}-{number}{dot}{endings}"
    return found


class Folder:
    """A watched folder. What it is about to do, and what it writes before it stands in its place, is in a hidden folder in it.

    Each method may raise `OSError`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._work = path / _WORK
        self._moves = self._work / "moves.json"
        self._begun = self._work / "begun.json"

    @contextmanager
    def watched(self) -> Iterator[None]:
        """For the length of the block no other command watches this folder.

        Raises:
            AtFault: another one does already.
        """
        with suppress(FileExistsError):
            self._work.mkdir()
        try:
            with exclusive(self._work / "lock", limit=0):
                yield
        except BusyError:
            raise AtFault(f"Another command is watching {self.path} already. One is enough.") from None

    def look(self) -> dict[str, Signature]:
        """The files that lie there and are to be sent, by name; links, folders and what is in them are passed over."""
        found: dict[str, Signature] = {}
        with os.scandir(self.path) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    if is_meant(entry.name) and entry.is_file(follow_symlinks=False):
                        found[entry.name] = _signature(entry.stat(follow_symlinks=False))
        return found

    def signature(self, name: str) -> Signature | None:
        """What a file is now; None: it is gone."""
        try:
            return _signature(os.lstat(self.path / name))
        except FileNotFoundError:
            return None

    def scratch(self, name: str) -> Path:
        """Where something may be written before it stands in its place; what an earlier run left there is overwritten."""
        return self._work / name

    def begin(self, begun: Begun) -> None:
        """Writes down which Ed-Fi files are being sent together."""
        _write(self._begun, {"files": begun.files, "time": begun.time.isoformat()})

    def begun(self) -> Begun | None:
        """The Ed-Fi files that were being sent together; None: there were none, or they were put away."""
        said = _read(self._begun)
        if said is None:
            return None
        files = {name: (size, changed, inode) for name, (size, changed, inode) in said["files"].items()}
        return Begun(files, datetime.fromisoformat(said["time"]))

    def taken(self, place: str) -> set[str]:
        """The names in `done` or `refused`."""
        folder = self.path / place
        folder.mkdir(exist_ok=True)
        return {entry.name for entry in os.scandir(folder)}

    def put_away(self, moves: list[Move]) -> None:
        """Moves files to their places, all of them, even where this is cut off in the middle and done again."""
        for move in moves:
            if move.signature is None:
                _sync(self.path / move.source)
        _write(self._moves, [[move.source, move.target, move.signature] for move in moves])
        self.finish()

    def finish(self) -> None:
        """Carries out what was written down to be moved, and forgets it."""
        moves = _read(self._moves)
        if moves is None:
            return
        for source, target, signature in moves:
            here, there = self.path / source, self.path / target
            now = self.signature(source)
            same = now is not None and (signature is None or now == tuple(signature))
            if same and not os.path.lexists(there):
                here.rename(there)
        for place in {Path(target).parent for _, target, _ in moves}:
            _sync(self.path / place)
        _sync(self.path)
        begun = self.begun()
        if begun is not None and any(source in begun.files for source, _, _ in moves):
            self._begun.unlink()
        self._moves.unlink()
        _sync(self._work)


def moment_of(signatures: Iterable[Signature]) -> datetime:
    """The latest change of some files, UTC."""
    return datetime.fromtimestamp(max(changed for _, changed, _ in signatures) // 1_000_000_000, UTC)


def _signature(status: os.stat_result) -> Signature:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None


def _write(path: Path, said: Any) -> None:
    """Writes a small file whole: a crash leaves the old one, or none, or this one."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(said), "utf-8")
    _sync(fresh)
    fresh.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
