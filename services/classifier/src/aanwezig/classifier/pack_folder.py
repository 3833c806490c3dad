"""The rule packs of this installation: those that are shipped, and those in the operator's folder (docs/packs.md).

The folder is read again and again; what is in it is parsed only when a file changed. A pack that is refused changes
nothing: what was read last stays, and the log says file, line and reason, once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from aanwezig.chassis import logs
from aanwezig.law import shelf
from aanwezig.law.data_files import Fault, files_of
from aanwezig.law.pack import Pack

LOOK_AGAIN_SECONDS: Final = 5.0
_log = logs.get(__name__)


class PackFolder:
    """What packs there are now. Without a folder: the shipped ones, for good."""

    def __init__(self, folder: Path | None) -> None:
        self._folder: Final = folder
        self._files: dict[str, bytes] = {}
        self._told: tuple[Fault, ...] = ()
        self._away = False
        self._shelf = shelf.built_in()
        self.read()

    def versions(self, name: str) -> Sequence[Pack]:
        """The versions of a pack, in order of validity.

        Raises:
            NoSuchRule: there is none of that name.
            UnreadableRule: there is a file of that name, it is refused, and no good one was read before.
        """
        return self._shelf.versions(name)

    def read(self) -> bool:
        """Reads the folder; whether other packs may be there now."""
        files = self._contents()
        if files is None or files == self._files:
            return False
        self._files = files
        before = self._shelf
        self._shelf = shelf.shelved({**shelf.built_in_files(), **files}, before=before)
        faults = self._shelf.faults
        for fault in faults:
            if fault not in self._told:
                _log.error("pack.refused", file=fault.file, line=fault.line, reason=fault.what)
        self._told = faults
        _log.info("pack.read", packs=len(self._shelf.packs), refused=len(self._shelf.refused))
        return dict(before.packs) != dict(self._shelf.packs)

    async def watch(self, on_change: Callable[[], Awaitable[None]]) -> None:
        """Looks every few seconds, until cancelled, and tells when other packs may be there."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            if await asyncio.to_thread(self.read):
                await on_change()

    def _contents(self) -> dict[str, bytes] | None:
        """The files of the folder; None: there is none, or it cannot be read now."""
        if self._folder is None:
            return None
        try:
            files = files_of(self._folder)
        except OSError as away:
            if not self._away:
                _log.error("pack.folder-away", error=type(away).__name__)
            self._away = True
            return None
        self._away = False
        return files
