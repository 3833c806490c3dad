"""What is added to a system that stands, and how its keys are replaced: over a register small enough to hold in one hand."""

import hashlib
import json

import pytest
from click.testing import CliRunner

from aanwezig.cli import keys, registers
from aanwezig.cli.homes import Home, Running
from aanwezig.cli.main import main
from aanwezig.contracts.envelope import event_from

LINDE = ("--brin", "25PL", "--school", "25PL00=De Linde,vo,0637")


class Registers:
    """The register topics as a dictionary, and the commands over them."""

    def __init__(self) -> None:
        self.stands: dict[str, dict] = {}
        self.said = 0
        self.topics: list[str] = []

    def say(self, _kafka, records) -> None:
        for record in records:
            self.said += 1
            if record.value is None:
                self.stands.pop(record.key)
            else:
                self.stands[record.key] = event_from(record.value).data

    def standing(self, _kafka, register) -> dict[str, dict]:
        mine = (key for key in self.stands if key.startswith(f"{register.kind}/"))
        return {key.partition("/")[2]: self.stands[key] for key in sorted(mine)}

    def keys_of(self, name: str) -> list[str]:
        return self.stands[name]["keys"]

    def __call__(self, *arguments, code=0):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == code, done.output
        return done


@pytest.fixture
def aanwezig(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    Home.found().remember(Running(kafka="", mongo="", services={"intake": ""}))
    made = Registers()
    monkeypatch.setattr(registers, "made_topic_of", lambda system, _kafka: made.topics.append(system) or True)
    for module in (registers, keys):
        monkeypatch.setattr(module, "say", made.say)
        monkeypatch.setattr(module, "standing", made.standing)
        monkeypatch.setattr(module, "known_at", lambda *_: True)
    return made


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def key_in(done) -> str:
    [line] = [line for line in done.stdout.splitlines() if "shown this once" in line]
    return line.rsplit(" ", 1)[1]


def test_what_is_added_to_a_system_leaves_its_keys_and_the_rest_as_they_were(aanwezig):
    key = key_in(aanwezig("systems", "add", "vo", *LINDE))
    aanwezig(
        "systems", "add", "vo", "--school", "25PL01=De Iep,vo,0637", "--map", "1=25PL01", "--map", "0=25PL00"
    )
    done = aanwezig("systems", "add", "vo", "--brin", "25PL", "--map", "2=25PL01")
    assert "0=25PL00, 1=25PL01, 2=25PL01" in done.stdout
    assert aanwezig.stands["system/vo"] == {
        "system": "vo", "oin": "000000070000000025PL", "keys": [hash_of(key)], "schools": ["25PL00", "25PL01"],
        "map": {"0": "25PL00", "1": "25PL01", "2": "25PL01"}, "rights": [],
    }  # fmt: skip
    assert aanwezig.stands["school/25PL01"]["name"] == "De Iep"
    assert Home.found().senders() == {"vo": key}
    aanwezig("systems", "add", "vo", "--map", "2=")
    assert aanwezig.stands["system/vo"]["map"] == {"0": "25PL00", "1": "25PL01"}


def test_adding_what_is_there_says_nothing(aanwezig):
    aanwezig("systems", "add", "vo", *LINDE, "--map", "0=25PL00")
    said = aanwezig.said
    aanwezig("systems", "add", "vo", "--school", "25PL00", "--map", "0=25PL00")
    assert aanwezig.said == said


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--brin", "16QW", "--school", "16QW00=X,vo,0637"], 1, "that does not change"),
        (["--oin", "0" * 20, "--map", "1=25PL00"], 1, "that does not change"),
        (["--municipality", "0637"], 1, "Add to it with"),
        (["--map", "0=25PL01", "--school", "25PL01=De Iep,vo,0637"], 1, "take it away first: --map 0="),
        (["--map", "1=25PL09"], 2, "none of the schools of this system"),
        (["--map", "=25PL00"], 2, "is no map"),
        (["--map", "1"], 2, "is no map"),
        (["--school", "16QW00=X,vo,0637"], 2, "no school of BRIN 25PL"),
        (["--school", "25PL07"], 1, "There is no school 25PL07 yet"),
        (["--right", "identities"], 2, "for a municipality's system alone"),
        (["--right", "everything"], 2, "identities"),
    ],
)
def test_what_contradicts_a_system_that_stands_is_a_sentence_and_changes_nothing(
    aanwezig, arguments, code, sentence
):
    aanwezig("systems", "add", "vo", *LINDE, "--map", "0=25PL00")
    before = (dict(aanwezig.stands), aanwezig.said)
    done = aanwezig("systems", "add", "vo", *arguments, code=code)
    assert sentence in done.stderr
    assert (aanwezig.stands, aanwezig.said) == before


def test_a_new_system_says_whose_it_is(aanwezig):
    assert "--oin, --brin" in aanwezig("systems", "add", "vo", "--school", "25PL00", code=2).stderr
    assert aanwezig.stands == {}


def test_the_right_to_ask_who_a_pseudonym_is_can_be_given_at_once_or_later(aanwezig):
    aanwezig("systems", "add", "city", "--municipality", "0637", "--right", "identities")
    aanwezig("systems", "add", "town", "--municipality", "0344")
    assert aanwezig.stands["system/town"]["rights"] == []
    aanwezig("systems", "add", "town", "--right", "identities")
    for name in ("city", "town"):
        assert aanwezig.stands[f"system/{name}"]["rights"] == ["identities"]


def test_the_list_tells_of_keys_how_many_are_valid(aanwezig):
    aanwezig("systems", "add", "vo", *LINDE, "--map", "0=25PL00")
    aanwezig("systems", "add", "city", "--municipality", "0637", "--right", "identities")
    aanwezig("systems", "rotate", "vo")
    assert aanwezig("systems", "list").stdout.splitlines() == [
        "city\t00000099000000000637\t-\t1\tidentities\t-",
        "vo\t000000070000000025PL\t25PL00\t2\t-\t0=25PL00",
    ]
    rows = [json.loads(line) for line in aanwezig("systems", "list", "--json").stdout.splitlines()]
    assert [row["valid_keys"] for row in rows] == [1, 2]
    assert not any("keys" in row for row in rows)


def test_a_key_is_replaced_while_two_are_valid(aanwezig):
    first = key_in(aanwezig("systems", "add", "vo", *LINDE, "--map", "0=25PL00"))
    before = dict(aanwezig.stands["system/vo"])
    second = key_in(aanwezig("systems", "rotate", "vo"))
    assert aanwezig.keys_of("system/vo") == [hash_of(first), hash_of(second)]
    assert Home.found().senders() == {"vo": second}
    refused = aanwezig("systems", "rotate", "vo", code=1)
    assert "Two keys of vo are valid already" in refused.stderr
    aanwezig("systems", "retire-key", "vo")
    assert aanwezig.stands["system/vo"] == before | {"keys": [hash_of(second)]}
    assert "it stays" in aanwezig("systems", "retire-key", "vo", code=1).stderr
    assert aanwezig.keys_of("system/vo") == [hash_of(second)]


def test_the_key_that_is_kept_here_is_not_ended_by_accident(aanwezig):
    first = key_in(aanwezig("systems", "add", "vo", *LINDE))
    aanwezig("systems", "rotate", "vo")
    # As after a crash between the register and the file of this home: the newer key is nowhere.
    Home.found().change_senders(lambda kept: kept.update({"vo": first}))
    assert "--newer" in aanwezig("systems", "retire-key", "vo", code=1).stderr
    assert len(aanwezig.keys_of("system/vo")) == 2
    aanwezig("systems", "retire-key", "vo", "--newer")
    assert aanwezig.keys_of("system/vo") == [hash_of(first)]
    assert Home.found().senders() == {"vo": first}


def test_ending_the_key_that_is_kept_here_takes_it_from_here(aanwezig):
    first = key_in(aanwezig("systems", "add", "vo", *LINDE))
    second = key_in(aanwezig("systems", "rotate", "vo"))
    Home.found().change_senders(lambda kept: kept.update({"vo": first}))
    done = aanwezig("systems", "retire-key", "vo", "--older")
    assert "cannot speak as vo" in done.stderr
    assert (aanwezig.keys_of("system/vo"), Home.found().senders()) == ([hash_of(second)], {})


def test_officers_change_keys_in_the_same_way_and_none_is_kept_here(aanwezig):
    first = key_in(aanwezig("officers", "add", "jan", "--municipality", "0637"))
    assert "rotate jan" in aanwezig("officers", "add", "jan", "--municipality", "0637", code=1).stderr
    second = key_in(aanwezig("officers", "rotate", "jan"))
    assert aanwezig.keys_of("officer/jan") == [hash_of(first), hash_of(second)]
    aanwezig("officers", "retire-key", "jan")
    assert aanwezig("officers", "list").stdout == "jan\t0637\tattendance-officer\t1\n"
    assert aanwezig.keys_of("officer/jan") == [hash_of(second)]
    assert Home.found().senders() == {}


@pytest.mark.parametrize("command", ["rotate", "retire-key"])
def test_nobody_has_no_keys(aanwezig, command):
    aanwezig("systems", "add", "vo", *LINDE)
    assert "Registered: vo." in aanwezig("systems", command, "po", code=1).stderr


def test_a_new_system_gets_a_topic_of_its_own_and_is_told_its_name(aanwezig):
    done = aanwezig("systems", "add", "linde", *LINDE)
    assert aanwezig.topics == ["linde"]
    assert "school.submissions.v1.linde" in done.output


def test_a_topic_that_cannot_be_made_here_does_not_undo_the_registration(aanwezig, monkeypatch):
    monkeypatch.setattr(registers, "made_topic_of", lambda *_: False)
    done = aanwezig("systems", "add", "linde", *LINDE)
    assert "school.submissions.v1.linde could not be made here" in done.output
    assert "system/linde" in aanwezig.stands
