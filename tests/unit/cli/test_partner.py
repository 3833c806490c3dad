"""A partner's commands, against a small door that answers as the notifier does."""

import json

import pytest
from click.testing import CliRunner

from aanwezig.cli.homes import Home, Running
from aanwezig.cli.partner import partner
from support.answering import an_answering_door

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
TYPE = "nl.attendance.case-escalated.v1"
HOOK = "https://partner.example/hook"
SHOWN = {
    "id": ONE, "status": "active", "reason": None, "address": HOOK, "validation": None, "digest": None, "quiet": None,
    "filter": {"types": [TYPE], "tracks": [], "municipalities": ["0637"]}, "per_minute": None, "secrets": 1,
}  # fmt: skip
PENDING = {
    **SHOWN, "id": TWO, "status": "pending", "address": None,
    "validation": {"address": HOOK, "reason": "no-allowed-origin", "until": "2024-10-15T06:00:00Z"},
}  # fmt: skip


def run(address, *words, key="the-key", **environment):
    env = {"AANWEZIG_NOTICES_DOOR": address, "AANWEZIG_PARTNER_KEY": key, **environment}
    return CliRunner().invoke(partner, list(words), env=env)


def asked_of(asked):
    return [(method, path, said) for method, path, said, _ in asked]


def test_all_own_subscriptions_are_delivered_again_but_what_nobody_agreed_to():
    listed = {"subscriptions": [SHOWN, PENDING, {**SHOWN, "id": THREE, "status": "paused"}]}
    with an_answering_door((200, listed), (202, {"notices": 4}), (202, {"notices": 0})) as (address, asked):
        told = run(address, "replay", "--since", "2024-10-01")
    assert asked_of(asked) == [
        ("GET", "/v1/subscriptions", None),
        ("POST", f"/v1/subscriptions/{ONE}/redeliver", {"since": "2024-09-30T22:00:00Z"}),
        ("POST", f"/v1/subscriptions/{THREE}/redeliver", {"since": "2024-09-30T22:00:00Z"}),
    ]
    assert {headers["authorization"] for *_, headers in asked} == {"Bearer the-key"}
    assert (told.exit_code, told.stdout) == (0, (
        f"{ONE}\t4 notices since 2024-09-30T22:00:00Z are delivered once more\n"
        f"{THREE}\t0 notices since 2024-09-30T22:00:00Z are delivered once more\n"
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2024-12-01", "2024-11-30T23:00:00Z"),
        ("2024-10-01T08:00:00+02:00", "2024-10-01T06:00:00Z"),
        ("2024-10-01t06:00:00z", "2024-10-01T06:00:00Z"),
    ],
)
def test_one_subscription_from_a_date_or_a_moment(since, said):
    with an_answering_door((202, {"notices": 1})) as (address, asked):
        assert run(address, "replay", "--since", since, "--subscription", ONE).exit_code == 0
    assert asked_of(asked) == [("POST", f"/v1/subscriptions/{ONE}/redeliver", {"since": said})]


@pytest.mark.parametrize("since", ["yesterday", "2024-02-30", "2024-10-01T08:00:00"])
def test_what_is_no_date_is_wrong_usage(since):
    with an_answering_door() as (address, asked):
        told = run(address, "replay", "--since", since)
    assert (told.exit_code, asked) == (2, [])


def test_where_there_are_no_subscriptions_it_says_so():
    with an_answering_door((200, {"subscriptions": []})) as (address, _):
        told = run(address, "replay", "--since", "2024-10-01")
    assert (told.exit_code, told.stderr) == (0, "there are no subscriptions\n")


def test_a_refusal_is_told_with_its_hint():
    problem = {"detail": "The period is longer than 31 days.", "hint": "Ask for a shorter period."}
    with an_answering_door((422, problem)) as (address, _):
        told = run(address, "replay", "--since", "2024-10-01", "--subscription", ONE)
    assert told.exit_code == 1
    assert "The period is longer than 31 days. (422) Ask for a shorter period." in told.stderr


def test_the_fields_that_are_wrong_are_told():
    problem = {"detail": "Wrong.", "errors": [{"field": "address", "message": "The address is too long."}]}
    with an_answering_door((400, problem)) as (address, _):
        told = run(address, "subscriptions", "add", HOOK)
    assert told.exit_code == 1
    assert "Wrong. (400) The address is too long." in told.stderr


def test_a_subscription_is_made_and_its_secret_shown():
    with an_answering_door((201, {**SHOWN, "secret": "whsec_AAAA"})) as (address, asked):
        told = run(
            address, "subscriptions", "add", HOOK, "--type", TYPE, "--type", "nl.attendance.case-closed.v1",
            "--track", "halt", "--municipality", "0637", "--digest", "daily", "--quiet", "18:00-08:00",
        )  # fmt: skip
    assert asked_of(asked) == [("POST", "/v1/subscriptions", {
        "address": HOOK, "digest": "daily", "quiet": {"from": "18:00", "until": "08:00"},
        "filter": {"types": [TYPE, "nl.attendance.case-closed.v1"], "tracks": ["halt"], "municipalities": ["0637"]},
    })]  # fmt: skip
    assert (told.exit_code, told.stdout) == (
        0, f"subscription {ONE} of {HOOK} is active\nits secret, shown this once: whsec_AAAA\n",
    )  # fmt: skip


def test_a_receiver_that_has_not_agreed_is_told_with_what_to_do():
    with an_answering_door((201, {**PENDING, "secret": "whsec_AAAA"}), (200, PENDING), (200, SHOWN)) as (
        address,
        _,
    ):
        made = run(address, "subscriptions", "add", HOOK, "--type", TYPE).stdout
        again = run(address, "subscriptions", "validate", TWO).stdout
        agreed = run(address, "subscriptions", "validate", ONE).stdout
    assert "has not agreed yet (no-allowed-origin)" in made
    assert f"aanwezig partner subscriptions validate {TWO}" in again
    assert agreed == f"subscription {ONE} is active\n"


def test_subscriptions_are_listed():
    with an_answering_door(*[(200, {"subscriptions": [SHOWN, PENDING]})] * 2) as (address, _):
        told = run(address, "subscriptions", "list")
        for_machines = run(address, "subscriptions", "list", "--json")
    assert told.stdout.splitlines() == [
        f"{ONE}\tactive\t{HOOK}\t{TYPE}\t-\t0637", f"{TWO}\tpending\t{HOOK}\t{TYPE}\t-\t0637",
    ]  # fmt: skip
    assert [json.loads(line) for line in for_machines.stdout.splitlines()] == [SHOWN, PENDING]


@pytest.mark.parametrize(
    ("words", "asked_for", "answer", "shown"),
    [
        (["pause", ONE], ("POST", f"/{ONE}/pause", None), SHOWN, f"paused {ONE}; its notices wait"),
        (["resume", ONE], ("POST", f"/{ONE}/resume", None), SHOWN, f"resumed {ONE}"),
        (["rotate", ONE], ("POST", f"/{ONE}/rotate", None), {"secret": "whsec_B"}, f"of {ONE}, shown this once: whsec_B"),
        (["remove", ONE], ("DELETE", f"/{ONE}", None), None, f"removed {ONE}"),
        (["test", ONE], ("POST", f"/{ONE}/test", None), {"test": "t", "delivered": True, "reason": None}, "t was taken"),
        (
            ["preview", "--type", TYPE, "--since", "2024-10-01"],
            ("POST", "/preview", {
                "filter": {"types": [TYPE], "tracks": [], "municipalities": []}, "since": "2024-09-30T22:00:00Z",
            }),
            {"count": 3}, '"count": 3',
        ),
    ],
)  # fmt: skip
def test_a_command_asks_the_door_for_just_that(words, asked_for, answer, shown):
    with an_answering_door((200, answer)) as (address, asked):
        told = run(address, "subscriptions", *words)
    method, path, said = asked_for
    assert asked_of(asked) == [(method, f"/v1/subscriptions{path}", said)]
    assert told.exit_code == 0
    assert shown in told.stdout


def test_a_test_message_that_is_not_taken_is_at_fault():
    with an_answering_door((200, {"test": "t", "delivered": False, "reason": "answered-503"})) as (
        address,
        _,
    ):
        told = run(address, "subscriptions", "test", ONE)
    assert told.exit_code == 1
    assert "the test message t was not taken: answered-503" in told.stderr


def test_deliveries_are_read_to_the_end_each_once():
    first, second, third = ({"id": f"n{n}", "time": f"2024-10-0{n}T06:00:00Z"} for n in (1, 2, 3))
    pages = [{"notices": [first, second], "more": True}, {"notices": [second, third], "more": False}]
    with an_answering_door(*[(200, page) for page in pages]) as (address, asked):
        told = run(address, "subscriptions", "deliveries", ONE)
    assert [json.loads(line) for line in told.stdout.splitlines()] == [first, second, third]
    assert [path.partition("?")[2] for _, path, _, _ in asked] == [
        "limit=500", "limit=500&since=2024-10-02T06%3A00%3A00Z",
    ]  # fmt: skip


def test_a_page_that_holds_nothing_new_is_the_last():
    page = {"notices": [{"id": "n1", "time": "2024-10-01T06:00:00Z"}], "more": True}
    with an_answering_door((200, page), (200, page)) as (address, asked):
        assert run(address, "subscriptions", "deliveries", ONE).exit_code == 0
    assert len(asked) == 2


def test_a_try_that_was_turned_away_is_made_again_under_the_same_key():
    with an_answering_door((503, {"detail": "Not now."}), (202, {"notices": 0})) as (address, asked):
        assert run(address, "replay", "--since", "2024-10-01", "--subscription", ONE).exit_code == 0
    assert len({headers["idempotency-key"] for *_, headers in asked}) == 1


@pytest.mark.parametrize(("domain", "name"), [("chain", "notifier"), ("school", "notifier-school")])
def test_without_an_address_the_notifier_of_the_stack_is_asked(domain, name, tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    with an_answering_door((200, {"subscriptions": []})) as (address, asked):
        Home.found().remember(
            Running(kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", services={name: address})
        )
        told = CliRunner().invoke(
            partner, ["subscriptions", "list", "--domain", domain], env={"AANWEZIG_PARTNER_KEY": "k"}
        )
    assert (told.exit_code, len(asked)) == (0, 1)


def test_a_stack_without_that_notifier_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path))
    Home.found().remember(Running(kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1", services={}))
    told = CliRunner().invoke(partner, ["subscriptions", "list", "--domain", "health"])
    assert told.exit_code == 3
    assert "notifier-health" in told.stderr


def test_without_a_key_nothing_is_asked():
    with an_answering_door() as (address, asked):
        told = run(address, "subscriptions", "list", key="")
    assert (told.exit_code, asked) == (2, [])
    assert "AANWEZIG_PARTNER_KEY" in told.stderr
