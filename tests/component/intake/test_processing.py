"""The processing log as an operator reads it: by date, without subjects unless asked, and that reading is a line too."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from click.testing import CliRunner

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.store import Store
from aanwezig.cli.homes import Home, Running
from aanwezig.cli.processing import processing
from aanwezig.intake.processing import Line, ProcessingLog
from support.submitted import NUMBER

pytestmark = pytest.mark.engines
NOON = datetime(2124, 9, 3, 12, tzinfo=UTC)
"""In a century: the database ends lines by its own clock."""


@pytest.fixture
async def home(engines, tmp_path, monkeypatch):
    """The home of a stack whose database is this test's own, with its log."""
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    found, prefix = Home.found(), f"test-{token_hex(6)}"
    found.remember(
        Running(
            kafka=engines.kafka_bootstrap, mongo=engines.mongo_uri, services={},
            settings={"AANWEZIG_DATABASE_PREFIX": prefix},
        )
    )  # fmt: skip
    store = Store(engines.mongo_uri, f"{prefix}-intake")
    seal = Seal(bytes.fromhex(found.keys()["number_key"]))
    found_log = ProcessingLog(store.collection("processing"), seal, days=10)
    await found_log.start()
    try:
        yield found_log
    finally:
        await store.drop()
        await store.close()


def a_line(begun=NOON, **how):
    return Line(
        bytes(range(16)),
        "identities.tell",
        begun,
        begun + timedelta(milliseconds=3),
        "urn:a:b",
        "told",
        **how,
    )


async def run(*words):
    ran = await asyncio.to_thread(CliRunner().invoke, processing, ["list", *words])
    return ran.exit_code, [json.loads(line) for line in ran.stdout.splitlines()] if not ran.exit_code else ran


async def test_lines_are_listed_by_date_in_amsterdam_and_name_nobody_unless_asked(home):
    subject = f'{{"number":"{NUMBER}"}}'.encode()
    midnight = NOON.replace(hour=22)  # already the 4th in Amsterdam
    await home.keep([a_line(midnight), a_line(subject=subject, operation_id=b"8 bytes.")])
    code, (line,) = await run("--from", "2124-09-03", "--until", "2124-09-03")
    assert (code, line["trace_id"]) == (0, bytes(range(16)).hex())
    assert (line["operation_id"], line["status_code"]) == (b"8 bytes.".hex(), 1)
    assert NUMBER not in json.dumps(line)
    _, (told, _) = await run("--from", "2124-09-03", "--until", "2124-09-04", "--subjects")
    assert {"key": "dpl.core.data_subject_id", "value": subject.decode()} in told["attributes"]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    _, read = await run("--from", today, "--until", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}")
    assert [one["name"] for one in read] == ["processing-log.read"]


async def test_a_line_is_never_written_over(home):
    line = a_line()
    await home.keep([line])
    with pytest.raises(Unavailable):
        await home.keep([line])


def lose_the_key(keys: Path):
    keys.write_text(json.dumps(json.loads(keys.read_text()) | {"number_key": "00" * 32}))


async def test_lines_under_another_key_are_listed_and_not_opened(home, tmp_path):
    await home.keep([a_line(subject=b"who")])
    lose_the_key(tmp_path / "keys.json")
    dates = ("--from", "2124-09-03", "--until", "2124-09-03")
    assert (await run(*dates))[0] == 0
    code, ran = await run(*dates, "--subjects")
    assert code == 1
    assert "another key" in ran.stderr
