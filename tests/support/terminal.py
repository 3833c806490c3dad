"""Somebody who follows a page of commands at one terminal: what was exported stays, and printed keys are copied by hand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support import curl
from support.pages import missing

COMMAND_SECONDS = 150
_PRINTED_KEYS = {
    "the-key-that-was-printed": re.compile(r"^its key, shown this once: (\S+)$", re.MULTILINE),
    "the-second-key-that-was-printed": re.compile(
        r"^the second key of \S+, shown this once: (\S+)$", re.MULTILINE
    ),
}
"""What a page writes where its reader writes a key, and the line that showed it."""


class Terminal:
    """A shell in a folder of its own, with the commands of this checkout and `curl` on its path.

    `instead`: what a page names, and what it is here (`127.0.0.1:19092`: the Kafka of this test).
    """

    def __init__(self, folder: Path, environment: dict[str, str], instead: dict[str, str]) -> None:
        self.folder = folder
        self._instead = dict(instead)
        programs = folder / ".bin"
        programs.mkdir()
        if shutil.which("curl") is None:
            stand_in(programs)
        paths = (programs, Path(sys.executable).parent, os.environ["PATH"])
        self._environment = {**os.environ, **environment, "PATH": os.pathsep.join(map(str, paths))}
        self._exports = folder / ".exports"
        self._exports.touch()

    def run(self, commands: str) -> tuple[int, str]:
        """The exit code of a block of commands, and what it printed."""
        for named, here in self._instead.items():
            commands = commands.replace(named, here)
        script = f"source {self._exports}; trap 'export -p > {self._exports}' EXIT\n{commands}"
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        for named, line in _PRINTED_KEYS.items():
            shown = line.search(done.stdout)
            if shown is not None:
                self._instead[named] = shown[1]
        return done.returncode, done.stdout

    def follow(self, step):
        """Runs a step and holds it to its promises."""
        code, printed = self.run(step.commands)
        gone = missing(step.promised, printed)
        assert (code, gone) == (step.exit_code, None), (
            f"{step.commands}\nended with {code}, promised {step.exit_code}; not printed: {gone!r}\n--- printed:\n{printed}"
        )


def stand_in(folder: Path) -> Path:
    """Puts the stand-in for `curl` into a folder."""
    program = folder / "curl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{curl.__file__}" "$@"\n', "utf-8")
    program.chmod(0o755)
    return program
