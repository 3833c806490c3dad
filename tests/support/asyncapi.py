"""AsyncAPI's own parser, installed once for each lock: its packages lie beside the environment, not in the tree."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from aanwezig.contracts.generate import ROOT

CHECK = ROOT / "docs/asyncapi/check"
_FILES = ("package.json", "package-lock.json", ".npmrc", "validate.mjs")
_SECONDS = 120


def validated(*documents: Path) -> tuple[int, str]:
    """The exit code and the lines of `validate.mjs` for these files."""
    there = _installed()
    done = subprocess.run(
        [_program("node"), there / "validate.mjs", *documents],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@cache
def _installed() -> Path:
    kept = hashlib.sha256(b"".join((CHECK / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    there = Path(sys.prefix) / "asyncapi-check" / kept
    if there.exists():
        return there
    there.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=there.parent) as room:
        beginning = Path(room) / "check"
        beginning.mkdir()
        for name in _FILES:
            shutil.copy(CHECK / name, beginning / name)
        done = subprocess.run(
            [_program("npm"), "ci"],
            cwd=beginning, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.fail(f"npm could not install AsyncAPI's parser: {done.stderr[-1000:]}")
        try:
            beginning.rename(there)
        except OSError:
            assert there.exists()  # somebody else was first
    return there


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.fail(
            f"{name} is missing: AsyncAPI's own parser needs Node 18 or later (apt install nodejs npm)"
        )
    return found
