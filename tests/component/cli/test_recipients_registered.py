"""Recipients on a real register: what is printed once, what stays when more is said of one, and keys that are replaced."""

import asyncio
import hashlib
import json
import re

import pytest
from click.testing import CliRunner

from aanwezig.chassis.sealing import unseal
from aanwezig.chassis.topics import ensure_topics
from aanwezig.cli.homes import Home, Running
from aanwezig.cli.main import main
from aanwezig.cli.registering import REGISTERS, registered, removed, say, standing
from aanwezig.contracts.messages import RecipientRegistered, SchoolRegistered
from aanwezig.contracts.topics import CHAIN_REGISTER, SCHOOL_REGISTER

pytestmark = [pytest.mark.engines, pytest.mark.slow]
REGISTER, SCHOOLS = REGISTERS[RecipientRegistered], REGISTERS[SchoolRegistered]
HOOK = ("--channel", "webhook", "--address", "https://keten.example/notices")


@pytest.fixture
def home(engines, tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    kafka = engines.kafka_bootstrap
    asyncio.run(ensure_topics([kafka], [CHAIN_REGISTER, SCHOOL_REGISTER]))
    found = Home.found()
    found.remember(Running(kafka=kafka, mongo="", services={"intake": "http://127.0.0.1:9"}))
    before = {register.kind: set(standing(kafka, register)) for register in (REGISTER, SCHOOLS)}
    yield found
    for register in (REGISTER, SCHOOLS):
        say(
            kafka,
            [removed(register, name) for name in set(standing(kafka, register)) - before[register.kind]],
        )


def recipients(*arguments, stdin=None):
    done = CliRunner().invoke(main, ["recipients", *arguments], input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def add(name, role, *options, stdin=None):
    return recipients("add", name, "--role", role, "--organisation", "O", *options, stdin=stdin)


def kept(home, name):
    return RecipientRegistered.model_validate(standing(home.running().kafka, REGISTER)[name])


def key_in(text):
    [key] = re.findall(r"shown this once: ([\w-]{43})$", text, re.MULTILINE)
    return key


def hashed(key):
    return hashlib.sha256(key.encode()).hexdigest()


def test_a_key_is_printed_once_and_rotates_as_those_of_officers(home):
    first = key_in(add("team", "care-team").stdout)
    assert kept(home, "team").keys == [hashed(first)]
    second = key_in(recipients("rotate", "team").stdout)
    assert kept(home, "team").keys == [hashed(first), hashed(second)]
    assert recipients("rotate", "team").exit_code == 1
    assert recipients("retire-key", "team").exit_code == 0
    assert kept(home, "team").keys == [hashed(second)]
    refused = recipients("retire-key", "team")
    assert (refused.exit_code, "recipients rotate team" in refused.stderr) == (1, True)
    assert recipients("rotate", "nobody").exit_code == 1
    shown = recipients("list", "--json").stdout
    [said] = [one for line in shown.splitlines() if (one := json.loads(line))["recipient"] == "team"]
    assert said["valid_keys"] == 1
    assert not any(secret in shown for secret in (second, hashed(second)))


def test_who_was_registered_without_a_key_is_given_one(home):
    said = {"recipient": "old", "role": "care-team", "organisation": "O", "channel": "topic"}
    say(home.running().kafka, [registered(RecipientRegistered.model_validate(said))])
    refused = recipients("retire-key", "old")
    assert (refused.exit_code, "no key yet" in refused.stderr) == (1, True)
    given = recipients("rotate", "old").stdout
    assert given == f"the key of old, shown this once: {key_in(given)}\n"
    assert kept(home, "old").keys == [hashed(key_in(given))]


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("chain-director", ["seal_key", "school_seal_key"]),
        ("youth-health-care", ["health_seal_key"]),
        ("halt", ["justice_seal_key"]),
    ],
)
def test_a_secret_is_sealed_for_each_domain_of_the_role(home, role, keys):
    said = add("partner", role, *HOOK).stdout
    [secret] = re.findall(r"whsec_\S+", said)
    sealed = kept(home, "partner").secret.split()
    assert [unseal(bytes.fromhex(home.keys()[key]), one) for key, one in zip(keys, sealed, strict=True)] == [
        secret for _ in keys
    ]
    listed = recipients("list").stdout
    assert f"partner\t{role}\tO\t-\twebhook\thttps://keten.example/notices\t-\t-\t-\t-\t-\t1\n" in listed
    assert secret not in listed + recipients("list", "--json").stdout


def test_of_one_that_stands_more_is_said_and_its_key_and_secret_stay(home):
    add("table", "home-sitter-table", *HOOK)
    before = kept(home, "table")
    again = add("table", "home-sitter-table", *HOOK, "--quiet", "18:00-08:00", "--meets", "2024-09-02/2")
    assert (again.exit_code, "its keys are as they were" in again.stdout) == (0, True)
    assert "whsec_" not in again.stdout
    now = kept(home, "table")
    assert (now.keys, now.secret) == (before.keys, before.secret)
    assert "\t18:00-08:00\t2024-09-02/2\t1\n" in recipients("list").stdout
    assert add("table", "chain-director").exit_code == 1
    assert kept(home, "table") == now


def test_the_secret_of_a_notificaties_api_is_the_one_it_gave(home, tmp_path):
    file = tmp_path / "secret"
    file.write_text("in-a-file\n")
    api = ("--channel", "zgw", "--address", "https://zgw.example/api/v1", "--client", "aanwezig")
    seal_key = bytes.fromhex(home.keys()["seal_key"])
    for options, stdin, secret in (
        (("--secret-file", str(file)), None, "in-a-file"),
        ((), "typed\n", "typed"),
    ):
        done = add("gemeente", "attendance-officer", *api, *options, stdin=stdin)
        assert done.exit_code == 0, done.stderr
        assert secret not in done.output
        assert unseal(seal_key, kept(home, "gemeente").secret.split()[0]) == secret


def test_a_school_must_be_known_and_a_webhook_may_have_no_address(home):
    refused = add("plein", "school", "--school", "25PL07", "--channel", "webhook")
    assert (refused.exit_code, "schools add '25PL07" in refused.stderr) == (1, True)
    school = CliRunner().invoke(main, ["schools", "add", "25PL07=Het Plein,vo,0637"])
    assert school.exit_code == 0
    done = add("plein", "school", "--school", "25PL07", "--channel", "webhook")
    assert (done.exit_code, "whsec_" in done.stdout) == (0, False)
    said = kept(home, "plein")
    assert (said.school, said.address, said.secret, len(said.keys)) == ("25PL07", None, None, 1)
