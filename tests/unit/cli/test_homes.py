"""What a home keeps: keys made once, files for their owner alone, and clear words when one cannot be read."""

import stat

import pytest
from click.testing import CliRunner

from aanwezig.cli.homes import KEYS, Home, Running
from aanwezig.cli.main import main
from aanwezig.cli.running import MEMBERS, specs_of

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "home"))
    return Home.found()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_once_and_are_for_their_owner_alone(home):
    first = home.keys()
    assert home.keys() == first
    assert set(first) == set(KEYS)
    assert len({*first.values()}) == len(KEYS)
    assert all(len(bytes.fromhex(key)) == 32 for key in first.values())
    assert {mode(path) for path in home.files if path.exists()} == {0o600}


def test_what_was_remembered_is_found_again(home):
    assert home.running() is None
    running = Running(kafka="k", mongo="m", services={"intake": "i"}, clock="wall", free_ports=True)
    home.remember(running)
    assert home.running() == running


def test_keys_that_cannot_be_read_are_never_replaced(home):
    kept = home.keys()
    [file] = [path for path in home.files if path.exists()]
    file.write_text("{")
    result = CliRunner().invoke(main, ["day", "close", "2024-09-02"])
    assert result.exit_code == 3
    home.remember(Running(kafka="k", mongo="m", services={"classifier": "http://127.0.0.1:9"}))
    result = CliRunner().invoke(main, ["day", "close", "2024-09-02"])
    assert (result.exit_code, "reset" in result.stderr) == (3, True)
    assert file.read_text() == "{"
    assert kept


def test_each_service_gets_its_own_keys_and_no_other(home):
    running = Running(
        kafka="127.0.0.1:1",
        mongo="mongodb://x",
        services={member.name: "http://127.0.0.1:2" for member in MEMBERS},
    )
    keys = home.keys()
    for member, spec in zip(MEMBERS, specs_of(home, running), strict=True):
        given = {name for name, key in keys.items() if key in spec.env.values()}
        assert given == set(member.keys.values())
        assert not any(key in part for key in keys.values() for part in spec.argv)


def test_each_notifier_has_its_domain_its_seal_and_its_own_address(home):
    services = {member.name: f"http://127.0.0.1:{member.port}" for member in MEMBERS}
    running = Running(kafka="127.0.0.1:1", mongo="mongodb://x", services=services)
    keys = home.keys()
    found = {
        spec.name: (
            spec.env["AANWEZIG_DOMAIN"],
            spec.env["AANWEZIG_SEAL_KEY"],
            spec.env["AANWEZIG_PUBLIC_URL"],
        )
        for spec in specs_of(home, running)
        if spec.argv[-1] == "aanwezig.notifier"
    }
    assert found == {
        "notifier": ("chain", keys["seal_key"], services["notifier"]),
        "notifier-school": ("school", keys["school_seal_key"], services["notifier-school"]),
        "notifier-health": ("health", keys["health_seal_key"], services["notifier-health"]),
        "notifier-justice": ("justice", keys["justice_seal_key"], services["notifier-justice"]),
    }


@pytest.mark.parametrize("command", [["status"], ["status", "--json"]])
def test_status_of_nothing_is_exit_code_three(command):
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 3
    assert "aanwezig up" in result.stderr
    assert "Traceback" not in result.output


def test_down_of_nothing_is_fine():
    result = CliRunner().invoke(main, ["down"])
    assert (result.exit_code, result.stdout) == (0, "nothing ran\n")


def test_reset_asks_first(home):
    keys = home.keys()
    result = CliRunner().invoke(main, ["reset"], input="n\n")
    assert (result.exit_code, home.keys()) == (1, keys)
    assert CliRunner().invoke(main, ["reset", "--yes"]).exit_code == 0
    assert not any(path.exists() for path in home.files)
