"""The arrows of the design hold, and the machine that checks them does say no."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aanwezig.contracts.generate import ROOT

COMMAND = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
DOWN = "Services and the command line stand on law, chassis, region and local; these on contracts"
APART = "Services never import each other"
PURE = "The law imports no framework, and nothing that waits"
ONE_DOOR = "Only the chassis' store knows the driver of the database"


def lint(path=""):
    environment = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run(
        [*COMMAND, "--config", str(ROOT / ".importlinter")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, " ".join(done.stdout.split())


def test_the_arrows_point_down():
    code, said = lint()
    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize(
    ("room", "line", "broken"),
    [
        ("law", "import pydantic", PURE),
        ("law", "import asyncio", PURE),
        ("law", "from faststream.kafka import KafkaBroker", PURE),
        ("law", "from aanwezig.chassis import logs", DOWN),
        ("law", "from aanwezig.region import synthetic", DOWN),
        ("region", "from aanwezig.law import classify", DOWN),
        ("contracts", "from aanwezig.law import classify", DOWN),
        ("notifier", "from aanwezig.intake import admit", APART),
        ("intake", "from aanwezig.cli import main", DOWN),
        ("notifier", "import pymongo", ONE_DOOR),
        ("region", "from motor import motor_asyncio", ONE_DOOR),
    ],
)
def test_an_import_against_the_arrows_is_refused(tmp_path, room, line, broken):
    """A room of this name stands before the real one on the path, with one module that does what it may not."""
    stand_in = tmp_path / "aanwezig" / room
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    (stand_in / "against_the_arrows.py").write_text(f"{line}\n")
    code, said = lint(tmp_path)
    assert code == 1
    assert f"{broken} BROKEN" in said
