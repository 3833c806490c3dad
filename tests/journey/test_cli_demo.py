"""The demo on the real engines: a small region's whole year, and three counts that agree."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from support.engines import engines_shelf

pytestmark = [pytest.mark.long, pytest.mark.engines, pytest.mark.slow, pytest.mark.timeout(900)]

PROGRAM = [sys.executable, "-c", "from aanwezig.cli.main import main; main(prog_name='aanwezig')", "demo"]


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "AANWEZIG_HOME": str(tmp_path / "home"), "AANWEZIG_ENGINES": str(engines_shelf())}


def processes_of(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("AANWEZIG_STACK", "").startswith(str(home)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_small_region_lives_its_year_and_the_counts_agree(environment, tmp_path):
    done = subprocess.run(
        [*PROGRAM, "--pupils", "40"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    page = done.stdout
    assert "agree in every finding" in page
    assert re.search(r"Lag 0, parked 0, [\d,]+ facts per second", page)
    for track in ("prevention", "care-meeting", "halt", "police-report"):
        assert f"  {track}, " in page
    for recipient in ("home-sitter-table", "chain-director"):
        assert f"  {recipient} (" in page
    assert processes_of(tmp_path) == []


def test_an_interrupted_demo_leaves_no_process_behind(environment, tmp_path):
    with subprocess.Popen(
        [*PROGRAM, "--pupils", "40"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as demo:
        assert demo.stdout is not None
        assert any("the year begins" in line for line in demo.stdout)
        assert processes_of(tmp_path)
        demo.send_signal(signal.SIGINT)
        _, said = demo.communicate(timeout=120)
    assert (demo.returncode, said.strip()) == (1, "Aborted!")
    assert processes_of(tmp_path) == []
