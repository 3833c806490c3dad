"""The benchmark of the offline law runs, and every line it makes is a fact."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "classify.py"


def test_it_prints_sizes_beside_the_yardstick_and_what_one_more_mark_costs():
    argv = [sys.executable, str(BENCH), "--sizes", "2,4", "--marks", "250"]
    out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [line.partition(" marks")[0] for line in out[:2]] == ["2 pupils, 500", "4 pupils, 1000"]
    assert all("times validating them" in line for line in out[:2])
    assert [line.partition(" (")[0] for line in out[2:]] == ["one more present mark", "one more absent mark"]
