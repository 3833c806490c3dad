"""A school elsewhere, with an address and a key and no home: its commands at the real door."""

import asyncio
import json

import orjson
import pytest
from click.testing import CliRunner

from aanwezig.cli.main import main
from aanwezig.contracts.identifiers import school_source
from support.submitted import a_mark_said

pytestmark = pytest.mark.engines


async def test_a_school_sends_and_corrects_with_an_address_and_a_key(door, register, tmp_path):
    env = {
        "AANWEZIG_HOME": str(tmp_path / "home"), "AANWEZIG_DOOR": str(door.base_url), "AANWEZIG_DOOR_KEY": register.key,
    }  # fmt: skip

    async def does(*words, code=0):
        done = await asyncio.to_thread(CliRunner().invoke, main, words, env=env)
        assert done.exit_code == code, done.output
        return done.stdout

    source = school_source("25PL")
    rows = [
        a_mark_said(id=f"{number}", source=source, minutes=minutes) for number, minutes in ((1, 50), (2, 900))
    ]
    (tmp_path / "facts.ndjson").write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    (tmp_path / "right.json").write_bytes(orjson.dumps(a_mark_said(id="2", source=source, slot="lesson-2")))
    assert "refused    1" in await does("send", str(tmp_path / "facts.ndjson"), code=1)
    (row,) = [json.loads(line) for line in (await does("quarantine", "list", "--json")).splitlines()]
    assert row["row_id"] == "2"
    assert "accepted\t2" in await does("quarantine", "correct", row["id"], str(tmp_path / "right.json"))
    await does("send", str(tmp_path / "facts.ndjson"), code=1)
    await does("send", "--as", "example", str(tmp_path / "facts.ndjson"), code=2)
    env["AANWEZIG_DOOR_KEY"] = "wrong"
    await does("quarantine", "counts", code=1)
    assert not (tmp_path / "home").exists()
