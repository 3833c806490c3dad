"""Rule packs on the command line: by name, those of this installation; or a file of one that is not in use yet."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from aanwezig.cli.exits import AtFault
from aanwezig.law import shelf
from aanwezig.law.data_files import NoSuchRule, UnreadableRule, files_of
from aanwezig.law.pack import Pack
from aanwezig.law.shelf import Shelf

FOLDER: Final = "AANWEZIG_PACKS"
ENDING: Final = ".toml"


def installed() -> Shelf:
    """The packs that are shipped and those in the folder that the classifier reads, if there is one."""
    folder = os.environ.get(FOLDER)
    return shelf.shelved(_files()) if folder else shelf.built_in()


def beside(files: Iterable[Path]) -> Shelf:
    """The installed packs, these files in the place of those of the same name."""
    given = {click.format_filename(path): read(path) for path in files}
    named = {shelf.name_of(file) for file in given}
    others = {file: raw for file, raw in _files().items() if shelf.name_of(file) not in named}
    return shelf.shelved(others | given)


def read(path: Path) -> bytes:
    """A file; one that cannot be read is wrong usage."""
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise click.UsageError(f"{click.format_filename(path)} cannot be read: {wrong.strerror}.") from None


def _files() -> Mapping[str, bytes]:
    folder = os.environ.get(FOLDER)
    if not folder:
        return shelf.built_in_files()
    try:
        return {**shelf.built_in_files(), **files_of(Path(folder))}
    except OSError as wrong:
        raise click.UsageError(f"{FOLDER}: {folder} cannot be read: {wrong.strerror}.") from None


class PackParameter(click.ParamType[Pack]):
    """An installed pack by name, or the file of another one."""

    name = "pack"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Pack:
        """The pack; one that is refused is at fault (1), an unknown name or a file that is not there wrong usage (2)."""
        if isinstance(value, Pack):
            return value
        text = str(value)
        try:
            if text.endswith(ENDING):
                return beside([Path(text)]).pack(Path(text).stem)
            return installed().pack(text)
        except UnreadableRule as refused:
            raise AtFault(str(refused)) from refused
        except NoSuchRule:
            known = ", ".join(installed().names())
            self.fail(f"There is no pack {text!r}. Known: {known}; or name a {ENDING} file.", param, ctx)


PACK: Final = PackParameter()
