"""The registers: what is refused before anything is said, and what is the same as elsewhere."""

import pytest
from click.testing import CliRunner

from aanwezig.cli.homes import Home, Running
from aanwezig.cli.main import main
from aanwezig.cli.registering import REGISTERS, a_key, registered, removed
from aanwezig.cli.registers import ROLES
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.messages import SchoolRegistered, SystemRegistered
from aanwezig.contracts.topics import TOPICS
from aanwezig.notifier.whom import TABLE, THOSE_TOLD

SCHOOL = {"school": "25PL00", "name": "De Linde, noord", "type": "vo", "municipality": "0637"}


@pytest.fixture(autouse=True)
def nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    running = Running(kafka="127.0.0.1:9", mongo="", services={"intake": "http://127.0.0.1:9"})
    Home.found().remember(running)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["systems", "add", "vo"], "one of --oin, --brin and --municipality"),
        (["systems", "add", "vo", "--brin", "25PL", "--oin", "0" * 20], "one of --oin"),
        (["systems", "add", "vo", "--brin", "25pl", "--school", "25PL00"], "is no BRIN"),
        (["systems", "add", "vo", "--oin", "12", "--school", "25PL00"], "is no OIN"),
        (["systems", "add", "vo", "--brin", "25PL"], "at least one school"),
        (["systems", "add", "vo", "--brin", "25PL", "--school", "16QW00"], "no school of BRIN 25PL"),
        (["systems", "add", "vo", "--brin", "25PL", "--school", "25PL0"], "BRIN and two digits"),
        (["systems", "add", "vo", "--brin", "25PL", "--school", "25PL00=De Linde"], "id, name, type"),
        (["systems", "add", "vo", "--brin", "25PL", "--school", "25PL00=L,hbo,0637"], "not a type of school"),
        (["systems", "add", "vo", "--brin", "25PL", "--school", "25PL00=L,vo,637"], "four digits"),
        (["systems", "add", "g", "--municipality", "0637", "--school", "25PL00"], "leave --school out"),
        (["systems", "add", "Vo", "--municipality", "0637"], "small letters"),
        (["schools", "add", "25PL00"], "name, type and municipality"),
        (["municipalities", "add", "637"], "four digits"),
        (["municipalities", "add", "0637", "--pack", "nl-1901"], "There is no pack 'nl-1901'. Known: "),
        (["municipalities", "add", "0637", "--pack", "nl-2024=2024-13-01"], "not an existing date"),
        (["recipients", "add", "r", "--role", "king", "--organisation", "O"], "chain-director"),
        (
            ["recipients", "add", "r", "--role", "care-team", "--organisation", "O", "--channel", "webhook"],
            "--address",
        ),
        (
            ["recipients", "add", "r", "--role", "care-team", "--organisation", "O", "--address", "http://x"],
            "webhook",
        ),
        (["officers", "add", "jan"], "--municipality"),
    ],
)
def test_wrong_usage_is_a_sentence(arguments, said):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["systems", "list"],
        ["systems", "add", "g", "--municipality", "0637"],
        ["officers", "remove", "jan"],
        ["schools", "add", "25PL00=De Linde,vo,0637"],
    ],
)
def test_without_kafka_the_answer_is_a_sentence_at_once(arguments):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 3
    assert "Kafka does not answer at 127.0.0.1:9" in result.stderr


def test_a_registration_is_an_event_under_the_key_of_its_register():
    record = registered(SchoolRegistered(**SCHOOL))
    event = event_from(record.value)
    assert (record.topic, record.key) == ("school.register.v1", "school/25PL00")
    assert (event.name, event.data) == ("school-registered", SCHOOL)
    gone = removed(REGISTERS[SchoolRegistered], "25PL00")
    assert (gone.topic, gone.key, gone.value) == (record.topic, record.key, None)


def test_every_register_says_an_event_its_topic_knows():
    assert all(register.event in register.topic.events for register in REGISTERS.values())
    assert all(register.topic in TOPICS for register in REGISTERS.values())


def test_a_key_is_never_given_twice_and_only_its_hash_is_registered():
    key, hashed = a_key()
    assert a_key()[0] != key
    record = registered(SystemRegistered(system="vo", oin="0" * 20, keys=[hashed]))
    assert hashed.encode() in record.value
    assert key.encode() not in record.value


def test_the_roles_are_those_of_the_notifiers_table():
    assert set(ROLES) == {row.role for row in TABLE} - {THOSE_TOLD}
