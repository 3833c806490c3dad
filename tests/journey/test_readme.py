"""The README's commands, run in order as a newcomer would, and what it promises that they print.

A block of commands (```sh) is one shell. The block of text (```text) behind it is promised: each of its lines appears, in
this order; `...` stands for anything, and process and port numbers are those of the machine. A sentence "the exit code is
1" before the commands is a promise too. A block of `make` is not run here: the demo has a journey of its own, and
the suite cannot run itself.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aanwezig.cli import demo, page
from aanwezig.cli.homes import Home, Running
from aanwezig.local.stack import Stack
from support.engines import engines_shelf
from support.pages import missing, steps

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND_SECONDS = 150
LOOKS_AGAIN_SECONDS = 60
LOOKS = ("python read_topic.py", "aanwezig status")
"""What a newcomer does again when the answer is not there yet: a fact needs a moment on its way."""


STEPS = steps(README)


class Newcomer:
    """Somebody with this checkout on the path, in a folder and on ports of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.home = Home.found(folder / ".aanwezig", engines_shelf())
        # The usual ports may be taken by a stack of whoever runs the tests.
        self.home.remember(Running(kafka="", mongo="", services={}, free_ports=True))

    def run(self, commands):
        running = self.home.running()
        if running is not None and running.kafka:
            commands = commands.replace("127.0.0.1:19092", running.kafka)
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "AANWEZIG_HOME": str(self.home.places.home),
            "AANWEZIG_ENGINES": str(self.home.places.engines),
        }
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def follow(self, step):
        deadline = time.monotonic() + LOOKS_AGAIN_SECONDS
        while True:
            code, printed = self.run(step.commands)
            gone = missing(step.promised, printed)
            if (code, gone) == (step.exit_code, None):
                return
            looks = step.commands.strip().splitlines()[-1].startswith(LOOKS)
            assert looks and time.monotonic() < deadline, (  # noqa: PT018 - one sentence about one step
                f"{step.commands}\nended with {code}, promised {step.exit_code}; "
                f"not printed: {gone!r}\n--- printed:\n{printed}"
            )
            time.sleep(1)


@pytest.fixture
def newcomer(tmp_path):
    newcomer = Newcomer(tmp_path)
    yield newcomer
    Stack(newcomer.home.places, kafka_port=0, mongo_port=0).down()


@pytest.mark.engines
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_newcomer_follows_the_readme_to_its_end(newcomer):
    followed = [step for step in STEPS if not step.is_make]
    assert len(followed) >= 10
    for step in followed:
        newcomer.follow(step)
    assert not newcomer.home.places.run.exists() or not list(newcomer.home.places.run.glob("*.json"))
    assert sorted(path.name for path in newcomer.folder.iterdir()) == [".aanwezig"]


def test_what_is_only_made_is_a_target_of_the_makefile():
    made = [line.split()[1] for step in STEPS if step.is_make for line in step.commands.strip().splitlines()]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert made == ["demo", "test"]
    assert set(made) <= set(targets)


def test_the_page_of_the_demo_is_told_in_the_words_of_the_code():
    """The numbers are those of one run; the sentences around them must be those that are printed."""
    code = "".join(Path(module.__file__).read_text("utf-8") for module in (page, demo))
    promised = next(step.promised for step in STEPS if step.is_make and "demo" in step.commands)
    sentences = [line for line in promised if line and not line.startswith(" ")]
    assert len(sentences) > 6
    for line in sentences:
        for words in re.split(r"[\d,.]*\d[\d,.]*", line):
            assert words.strip(" :,") in code, f"the demo does not print {words!r}"


def test_every_command_the_readme_speaks_of_is_run():
    """A command in a sentence is a promise like one in a block."""
    spoken = set(re.findall(r"`aanwezig ([a-z]+)", README))
    run = {word for step in STEPS for word in re.findall(r"^aanwezig ([a-z]+)", step.commands, re.MULTILINE)}
    assert spoken - run <= {"demo"}
    assert {
        "up",
        "schools",
        "systems",
        "recipients",
        "send",
        "day",
        "classify",
        "status",
        "down",
        "reset",
    } <= run


def test_a_line_that_was_not_printed_is_noticed():
    assert missing(["rows 6", "accepted 6"], "rows       6\naccepted   6\n") is None
    assert missing(["accepted 6", "rows 6"], "rows       6\naccepted   6\n") == "rows 6"
    assert missing(["accepted 6"], "accepted   5\n") == "accepted 6"
    assert missing(["its key: ..."], "its key: abc\n") is None
    assert (
        missing(["kafka running yes yes - - 1 19092"], "kafka  running  yes  yes  -  -  77  24497\n") is None
    )
    assert missing(["intake running yes yes 0 0 1 2"], "intake running yes yes 3 0 77 24497\n") is not None


def test_a_promise_belongs_to_the_commands_before_it():
    text = "Exit: the exit code is 1.\n```sh\nfalse\n```\n```text\na\n```\n# New\n```text\nb\n```\n```sh\ntrue\n```\n"
    assert [(step.commands, step.exit_code, step.promised) for step in steps(text)] == [
        ("false\n", 1, ["a"]),
        ("true\n", 0, []),
    ]
