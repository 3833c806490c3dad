"""The registers: what is refused before anything is said, and what is the same as elsewhere."""

import pytest
from click.testing import CliRunner

from aanwezig.cli.exits import AtFault
from aanwezig.cli.homes import KEYS, Home, Running
from aanwezig.cli.main import main
from aanwezig.cli.parameters import MEETS, QUIET
from aanwezig.cli.recipients import ROLES, SEALED_WITH, Asked, meets_text, quiet_text
from aanwezig.cli.registering import REGISTERS, a_key, registered, removed
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.messages import SchoolRegistered, SystemRegistered
from aanwezig.contracts.topics import TOPICS
from aanwezig.notifier import table

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
        (["officers", "add", "jan"], "--municipality"),
    ],
)
def test_wrong_usage_is_a_sentence(arguments, said):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.stderr


WEBHOOK, MAIL, ZGW = (("--channel", channel, "--address") for channel in ("webhook", "mail", "zgw"))
API = (*ZGW, "https://zgw.example/api/v1", "--client", "aanwezig")


@pytest.mark.parametrize(
    ("role", "options", "said"),
    [
        ("school", (), "Say it in --school"),
        ("school", ("--school", "25PL0"), "BRIN and two digits"),
        ("school", ("--school", "25PL00", "--municipality", "0637"), "leave --municipality out"),
        ("care-team", ("--school", "25PL00"), "say --role school"),
        ("care-team", ("--address", "http://x.example"), "say its --channel"),
        ("care-team", (*WEBHOOK, "ftp://x.example/"), "an http or https URL"),
        ("care-team", (*WEBHOOK, "https:///notices"), "an http or https URL"),
        ("care-team", (*WEBHOOK, "https://x.example:0/"), "an http or https URL"),
        ("care-team", (*WEBHOOK, "https://x.example:many/"), "an http or https URL"),
        ("care-team", (*WEBHOOK, "https://me:secret@x.example/"), "without a name, a password"),
        ("care-team", (*WEBHOOK, "https://x.example/#here"), "a fragment"),
        ("care-team", ("--channel", "mail"), "a mailbox such as"),
        *(
            ("care-team", (*MAIL, mailbox), "a mailbox such as")
            for mailbox in (
                "team", "team@", "@x.example", "team@example", "Team <team@x.example>", "a@x.example,b@x.example",
                "a b@x.example", "a@x.example\nBcc: b@x.example", "a..b@x.example", "a@-x.example", "a@x..example",
                f"{'a' * 65}@x.example", "https://x.example", "a@x.example ",
            )
        ),
        ("care-team", ("--channel", "zgw", "--client", "aanwezig"), "needs --address"),
        ("care-team", (*ZGW, "https://zgw.example/api/v1"), "say it in --client"),
        ("care-team", (*ZGW, "zgw.example", "--client", "aanwezig"), "an http or https URL"),
        ("care-team", (*WEBHOOK, "https://x.example/", "--client", "us"), "add --channel zgw"),
        ("care-team", ("--secret-file", "-"), "add --channel zgw"),
        ("care-team", (*API, "--secret-file", "/nowhere"), "There is no file"),
        ("care-team", (*API, "--secret-file", "-"), "There is no secret in"),
        ("care-team", API, "name its --secret-file"),
        ("care-team", ("--channel", "fax"), "zgw"),
        ("care-team", ("--digest", "monthly"), "weekly"),
        *(
            ("care-team", ("--quiet", hours), "times of a day")
            for hours in ("night", "18:00", "18:00-", "24:00-08:00", "18:60-08:00", "8:00-9:00", "18:00-08:00-09:00")
        ),
        ("care-team", ("--quiet", "08:00-08:00"), "two different times"),
        ("care-team", ("--meets", "2024-09-02/2"), "no other role has an agenda"),
        *(
            ("home-sitter-table", ("--meets", meets), "every how many weeks")
            for meets in ("mondays", "2024-09-31", "2024-09-02/", "2024-09-02/0", "2024-09-02/27", "2024-09-02/two")
        ),
    ],
)  # fmt: skip
def test_a_recipient_that_cannot_be_is_a_sentence(role, options, said):
    result = CliRunner().invoke(
        main, ["recipients", "add", "r", "--role", role, "--organisation", "O", *options], input=""
    )
    assert result.exit_code == 2
    assert said in result.stderr


def asked(role="care-team", channel="topic", **how):
    return Asked(recipient="r", role=role, organisation="O", channel=channel, **how)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (asked(), {}),
        (asked("school", school="25PL00"), {"school": "25PL00"}),
        (asked(channel="webhook"), {}),
        (asked(channel="webhook", address="https://x.example:8443/in?of=us"), {"address": "https://x.example:8443/in?of=us"}),
        (asked(channel="webhook", address="http://127.0.0.1:9/"), {"address": "http://127.0.0.1:9/"}),
        (asked(channel="mail", address="o'neil+verzuim@zorg.example"), {"address": "o'neil+verzuim@zorg.example"}),
        (
            asked(channel="zgw", address="https://zgw.example/api/v1", client="us", secret_file=True),
            {"address": "https://zgw.example/api/v1", "client": "us"},
        ),
        (
            asked(
                "home-sitter-table", municipality="0637", digest="weekly", quiet=QUIET.convert("18:00-08:00", None, None),
                meets=MEETS.convert("2024-09-02/2", None, None),
            ),
            {
                "municipality": "0637", "digest": "weekly", "quiet": {"from": "18:00", "until": "08:00"},
                "meets": {"first": "2024-09-02", "every_weeks": 2},
            },
        ),
    ],
)  # fmt: skip
def test_what_a_recipient_may_be_is_said_and_nothing_else(one, said):
    one.check()
    always = {
        "recipient": "r",
        "role": one.role,
        "organisation": "O",
        "channel": one.channel,
        "keys": ["ab" * 32],
    }
    assert one.message(secret=None, keys=["ab" * 32]).said() == always | said


def test_a_table_meets_every_week_unless_it_says_otherwise():
    assert meets_text(MEETS.convert("2024-09-02", None, None).said()) == "2024-09-02/1"
    assert quiet_text(QUIET.convert("00:00-23:59", None, None).said()) == "00:00-23:59"


def test_only_a_webhook_with_an_address_is_signed_and_its_secret_stays():
    by_hook = asked(channel="webhook", address="https://x.example/")
    stands = by_hook.message(secret="s1.x", keys=[])
    assert [asked().signs, asked(channel="webhook").signs, by_hook.signs] == [False, False, True]
    assert by_hook.keeps_secret_of(stands)
    assert not by_hook.keeps_secret_of(asked(channel="webhook").message(secret=None, keys=[]))
    assert not by_hook.keeps_secret_of(asked().message(secret=None, keys=[]))
    assert not asked(channel="webhook").keeps_secret_of(stands)
    assert not by_hook.keeps_secret_of(
        asked(channel="zgw", address="https://x.example/", client="us").message(secret="s1.x", keys=[])
    )


def test_who_is_registered_keeps_its_role():
    asked(channel="mail", address="a@x.example").follows(asked().message(secret=None, keys=[]))
    with pytest.raises(AtFault, match="recipients remove r"):
        asked("chain-director").follows(asked().message(secret=None, keys=[]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["systems", "list"],
        ["recipients", "rotate", "r"],
        ["recipients", "add", "r", "--role", "halt", "--organisation", "O", "--channel", "webhook"],
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


def test_the_roles_are_those_of_the_notifiers_tables():
    assert set(ROLES) == table.ROLES


@pytest.mark.parametrize("role", ROLES)
def test_a_secret_is_sealed_for_every_notifier_that_tells_the_role_something_and_no_other(role):
    domains = [{"seal_key": "chain"}.get(key, key.removesuffix("_seal_key")) for key in SEALED_WITH[role]]
    assert {domain for domain, roles in table.ROLES_OF.items() if role in roles} == set(domains)
    assert set(SEALED_WITH[role]) <= set(KEYS)
