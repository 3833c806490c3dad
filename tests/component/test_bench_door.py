"""The benchmark of the door runs: every way brings every row, and is told beside the bare loop."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "door.py"


@pytest.mark.engines
@pytest.mark.slow
def test_it_prints_each_way_beside_the_bare_loop(engines):
    where = ["--engines", engines.kafka_bootstrap, engines.mongo_uri]
    argv = [sys.executable, str(BENCH), "--rows", "120", "--batch", "30", "--abreast", "2", *where]
    first, *out = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    assert first.startswith("120 rows, 30 in a request, 2 requests at once; load ")
    measured = r"(\w+) +[\d,]+ rows/s +\d+\.\d{4} CPU s per 1,000 rows +\d+ MiB"
    assert [re.fullmatch(measured, line)[1] for line in out[:4]] == ["bare", "HTTP", "again", "file"]
    ratio = r"(\w+) / bare: (\d+\.\d{3}) of the rate, \d+\.\d times the CPU"
    ratios = [re.fullmatch(ratio, line) for line in out[4:]]
    assert [one[1] for one in ratios] == ["HTTP", "again", "file"]
    assert all(float(one[2]) > 0 for one in ratios)
