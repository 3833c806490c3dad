import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "AANWEZIG_HOME"
ENGINES_VARIABLE = "AANWEZIG_ENGINES"


@dataclass(frozen=True, slots=True)
class Places:
    """
    The directories of one local stack, absolute.

    `home` holds what belongs to this stack alone; `engines` the programs, which any number of stacks may share.
    """

    home: Path
    engines: Path

    @classmethod
    def found(
        cls,
        home: Path | None = None,
        engines: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> "Places":
        """
        The places as given, else as `AANWEZIG_HOME` and `AANWEZIG_ENGINES` say, else under the project's root.

        The root is the nearest directory from here upwards with a `.aanwezig` or a `pyproject.toml`; without
        one it is the current directory. Nothing is created.
        """
        given = home or _path_from(environ, HOME_VARIABLE) or _root() / ".aanwezig"
        shelf = engines or _path_from(environ, ENGINES_VARIABLE) or given / "engines"
        return cls(home=given.resolve(), engines=shelf.resolve())

    @property
    def kafka(self) -> Path:
        """Kafka's configuration and its log directories."""
        return self.home / "kafka"

    @property
    def mongo(self) -> Path:
        """MongoDB's data files."""
        return self.home / "mongo"

    @property
    def log(self) -> Path:
        """One file per process: what it printed since its last start, and (`.1`) since the start before."""
        return self.home / "log"

    @property
    def run(self) -> Path:
        """One record per started process."""
        return self.home / "run"

    @property
    def ports(self) -> Path:
        """The ports that were chosen freely, so that a restart finds them again."""
        return self.home / "ports.json"

    @property
    def lock(self) -> Path:
        """Held by whoever starts or stops processes here."""
        return self.home / "stack.lock"

    def prepare(self, *directories: Path) -> None:
        """Creates the home and `directories`, open to their owner alone: they will hold data about pupils."""
        for directory in (self.home, *directories):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def _path_from(environ: Mapping[str, str], variable: str) -> Path | None:
    value = environ.get(variable)
    return Path(value).expanduser() if value else None


def _root() -> Path:
    here = Path.cwd()
    for directory in (here, *here.parents):
        if (directory / ".aanwezig").is_dir() or (directory / "pyproject.toml").is_file():
            return directory
    return here
