"""A clerk's commands: what is listed and shown, what is sent anew, and how a command ends."""

import json

import pytest
from click.testing import CliRunner

from aanwezig.cli.main import main
from support.small_desk import a_row, a_small_desk
from support.small_door import KEY, a_home

ONE, TWO, THREE, NONE = (f"{number:032x}" for number in (1, 2, 3, 9))


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "home"))
    with a_small_desk() as (small, address):
        small.home = a_home(address)
        small.judge = lambda said: "accepted" if said.get("good") else "refused"
        small.put(
            a_row(1),
            a_row(2, school="25PL01", code="number-fails-test"),
            a_row(3, file=None, said={"good": True}),
        )
        yield small


def quarantine(*arguments, code=0, **how):
    done = CliRunner().invoke(main, ["quarantine", *arguments], **how)
    assert done.exit_code == code, done.output
    return done


def ids_of(done):
    return [line.split()[0] for line in done.stdout.splitlines()[1:]]


def test_every_page_of_the_list_is_read_with_the_systems_own_key(desk):
    done = quarantine("list")
    assert ids_of(done) == [ONE, TWO, THREE]
    assert done.stdout.splitlines()[1].split() == [
        ONE, "25PL00", "september.csv", "1", "data.date", "year-too-early",
    ]  # fmt: skip
    assert done.stdout.splitlines()[3].split()[1:4] == ["25PL00", "-", "3"]
    assert desk.keys == {f"Bearer {KEY}"}
    assert len(desk.asked) == 2


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["--school", "25PL01"], [TWO]),
        (["--code", "year-too-early"], [ONE, THREE]),
        (["--file", "september.csv", "--school", "25PL00"], [ONE]),
        (["--file", "october.csv"], []),
    ],
)
@pytest.mark.usefixtures("desk")
def test_the_list_can_be_of_a_school_a_code_or_a_file(wanted, found):
    done = quarantine("list", *wanted)
    assert ids_of(done) == found
    assert ("nothing is in quarantine" in done.stderr) == (not found)
    rows = [json.loads(line)["id"] for line in quarantine("list", *wanted, "--json").stdout.splitlines()]
    assert rows == found


def test_a_row_is_shown_as_it_came_with_each_error_and_in_the_language_asked_for(desk):
    desk.put(a_row(4, said={"id": "René", "data": {"date": "0209-01-01"}}))
    told = quarantine("show", f"{4:032x}").stdout
    assert "file    september.csv" in told
    assert "data.date: year-too-early\n  Verbeter year-too-early.\n" in told
    assert '"id": "René",\n  "data": {\n    "date": "0209-01-01"' in told
    quarantine("show", f"{4:032x}", "--language", "en")
    assert desk.languages == {"nl", "en"}
    assert json.loads(quarantine("show", f"{4:032x}", "--json").stdout)["said"]["id"] == "René"


def test_what_a_sender_wrote_does_not_steer_the_terminal(desk):
    desk.put(a_row(4, said="not json \x1b[2J\x9b31m", file="a\x1b[2J.csv"))
    told = quarantine("show", f"{4:032x}").stdout + quarantine("list").stdout
    assert "not json \\x1b[2J\\x9b31m" in told
    assert "\x1b" not in told
    assert "\x9b" not in told


def test_a_corrected_row_is_taken_or_still_refused(desk, tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"id": "row-1"}))
    still = quarantine("correct", ONE, str(event), code=1)
    assert still.stdout == "refused\trow-1\n"
    assert "data.date\tyear-too-early\tVerbeter" in still.stderr
    taken = quarantine("correct", ONE, "-", input=json.dumps({"id": "row-1", "good": True}))
    assert taken.stdout == "accepted\trow-1\n"
    assert ONE not in desk.rows


@pytest.mark.parametrize("body", ["", "{", "[1]", '"text"', "{}\n{}"])
def test_only_one_event_can_correct_a_row(desk, body):
    assert "one" in quarantine("correct", ONE, "-", input=body, code=1).stderr
    assert desk.asked == []


def test_rows_are_judged_anew_by_id_by_what_they_have_in_common_or_all(desk):
    done = quarantine("resubmit", ONE, ONE, THREE, code=1)
    assert "accepted   1" in done.stdout
    assert "refused    1" in done.stdout
    assert "1 x data.date year-too-early" in done.stdout
    assert done.stderr.startswith(ONE)
    desk.judge = lambda _said: "duplicate"
    assert "duplicate  1" in quarantine("resubmit", "--school", "25PL01").stdout
    assert "duplicate  1" in quarantine("resubmit", "--all").stdout
    assert desk.rows == {}
    assert "rows       0" in quarantine("resubmit", "--all").stdout


def test_what_cannot_be_judged_anew_is_told(desk):
    desk.judge = lambda _said: "accepted"
    desk.rows[TWO]["opens"] = False
    desk.rows[TWO]["said"] = None
    done = quarantine("resubmit", ONE, TWO, NONE, code=1)
    assert "accepted   1" in done.stdout
    assert f"{TWO} was sealed under a key that is no longer there" in done.stderr
    assert f"{NONE} is not in quarantine" in done.stderr
    shown = quarantine("show", TWO)
    assert "is no longer there" in shown.stderr
    assert "null" not in shown.stdout


@pytest.mark.parametrize("said", [[], [ONE, "--all"], ["--school", "25PL00", "--all"], [ONE, "--code", "x"]])
def test_nothing_is_resubmitted_by_a_slip(desk, said):
    assert "Say which" in quarantine("resubmit", *said, code=2).stderr
    assert desk.asked == []


def test_a_row_is_discarded_for_a_reason_alone(desk):
    assert "--reason" in quarantine("discard", ONE, code=2).stderr
    quarantine("discard", ONE, "--reason", " ", code=2)
    assert ONE in desk.rows
    assert quarantine("discard", ONE, "--reason", "zat dubbel in het bestand").stdout == f"discarded {ONE}\n"
    assert (desk.reasons, ONE in desk.rows) == (["zat dubbel in het bestand"], False)


def test_counts_say_where_it_goes_wrong_and_whether_there_is_room(desk):
    done = quarantine("counts")
    assert done.stdout.splitlines()[0].split() == ["school", "code", "rows", "oldest"]
    assert "3 rows of at most 3" in done.stdout
    assert "There is no room" in done.stderr
    del desk.rows[ONE]
    assert quarantine("counts").stderr == ""
    assert json.loads(quarantine("counts", "--json").stdout)["rows"] == 2


@pytest.mark.parametrize(
    "command", [["show", NONE], ["correct", NONE, "-"], ["discard", NONE, "--reason", "x"]]
)
@pytest.mark.usefixtures("desk")
def test_a_row_that_is_not_there_is_a_sentence(command):
    assert "geen geweigerd record" in quarantine(*command, code=1, input="{}").stderr


def test_who_asks_must_be_known_here(desk):
    assert "no key of a system 'po'" in quarantine("list", "--as", "po", code=2).stderr
    desk.home.change_senders(lambda kept: kept.update({"po": "another"}))
    assert "--as one of po, vo-test" in quarantine("list", code=2).stderr
    assert ids_of(quarantine("list", "--as", "vo-test")) == [ONE, TWO, THREE]
