"""Files as they were given: what each is by its bytes, and its content within bounds, unpacked where it is gzip.

A file can be read as often as is needed; stdin and pipes once, so what was looked at of them is kept.
"""

import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

from aanwezig.cli.parameters import STDIN
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.unpacking import TAKEN, Bounds, Kind, kind_of, opened, unpacked

WHOLE_BYTES: Final = 64 * 1024 * 1024
"""Most bytes of a file that is read as a whole: CSV, Ed-Fi, a JSON array."""
_GZIP: Final = b"\x1f\x8b"
_PACKED_ZIP: Final = b"PK"
_HEAD: Final = 256 * 1024
_ZIP_HEAD: Final = 16 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_LONGEST_NAME: Final = 200
_WHOLE: Final = Bounds(bytes=WHOLE_BYTES)
_STREAMED: Final = Bounds()


class Given:
    """One file. Each method may raise `OSError` where the file cannot be read, `NotTaken` where it is no format of ours."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._kept = bytearray()
        self._pipe: IO[bytes] | None = None

    @property
    def shown(self) -> str:
        """The path as it can be printed."""
        return click.format_filename(self.path)

    @property
    def name(self) -> str | None:
        """The file's own name as the door may be told it: no folders, at most 200 printable characters; None: it has none."""
        if self.path == STDIN:
            return None
        name = click.format_filename(self.path, shorten=True)
        plain = "".join(one if one.isprintable() else "?" for one in name)
        return plain[:_LONGEST_NAME] or None

    def kind(self) -> Kind:
        """What the file is, one of `TAKEN`, by its first bytes."""
        head = self.peek(_HEAD)
        if head.startswith(_PACKED_ZIP):
            head = self.peek(_ZIP_HEAD)
        kind = kind_of(head)
        if kind not in TAKEN:
            opened(head)  # it raises, with the sentence for this kind
        return kind

    def peek(self, size: int) -> bytes:
        """The first bytes of the content, at most `size`."""
        if not self._is_gzip():
            return b"".join(_first(self._chunks(), size))
        return b"".join(_first(unpacked(self._chunks(), _STREAMED), size))

    def body(self) -> bytes:
        """The whole content; one larger than `WHOLE_BYTES` is not taken."""
        if self._is_gzip():
            return b"".join(unpacked(self._chunks(), _WHOLE))
        found = b"".join(_first(self._chunks(), WHOLE_BYTES + 1))
        if len(found) > WHOLE_BYTES:
            raise NotTaken(Refusal("", Code.TOO_LARGE, f"{WHOLE_BYTES // (1024 * 1024)} MiB"))
        return found

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The content from its beginning for the length of the block, in bounded memory.

        A gzip is unpacked once to its end before anything is given, so that nothing is taken of half a one.
        """
        if self._is_gzip():
            for _ in unpacked(self._chunks(), _STREAMED):
                pass
            chunks = unpacked(self._chunks(), _STREAMED)
        elif not self._is_pipe():
            with Path(self.path).open("rb") as file:
                yield file
            return
        else:
            chunks = self._chunks(keep=False)
        with io.BufferedReader(_Joined(chunks), _CHUNK) as file:
            yield file

    def _is_gzip(self) -> bool:
        return b"".join(_first(self._chunks(), len(_GZIP))) == _GZIP

    def _is_pipe(self) -> bool:
        return self.path == STDIN or not stat.S_ISREG(os.stat(self.path).st_mode)  # noqa: PTH116 - a path of any bytes

    def _chunks(self, *, keep: bool = True) -> Iterator[bytes]:
        """The bytes as they stand there. Of a pipe, what is read is kept for the next time, unless nobody will ask again."""
        if not self._is_pipe():
            with Path(self.path).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
            return
        if self._pipe is None:
            self._pipe = sys.stdin.buffer if self.path == STDIN else Path(self.path).open("rb")  # noqa: SIM115 - once
        yield bytes(self._kept)
        while chunk := self._pipe.read(_CHUNK):
            if keep:
                self._kept += chunk
            if len(self._kept) > _STREAMED.bytes:
                raise NotTaken(Refusal("", Code.TOO_LARGE, f"{_STREAMED.bytes // (1024 * 1024)} MiB"))
            yield chunk


class _Joined(io.RawIOBase):
    """Chunks as one file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _first(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The beginning of chunks, `size` bytes together."""
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
