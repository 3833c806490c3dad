"""`aanwezig partner simulate`: senders on a real socket, and what it tells of them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from click.testing import CliRunner
from standardwebhooks.webhooks import Webhook

from aanwezig.cli.partner import partner
from aanwezig.contracts.envelope import CONTENT_TYPE
from support.answering import an_answering_door

SECRET = "whsec_" + "QUFB" * 8
OTHER = "whsec_" + "QkJC" * 8
SENDER = "notices.example.nl"
TYPE = "nl.attendance.case-escalated.v1"
SUBSCRIPTION = "5" * 32
_ROW = re.compile(r"^([a-z0-9-]+) +([0-9]+|-) +([0-9]+|-)  [A-Za-z]", re.MULTILINE)


def an_event(number=1, **said):
    event = {
        "specversion": "1.0", "id": f"e{number}", "type": "nl.attendance.notice-sent.v1",
        "source": "urn:nld:oin:00000099000000000000:systeem:aanwezig-notifier", "time": "2024-10-14T06:00:00Z",
        "word": "look-again", "urgency": "normal", "dataref": f"https://{SENDER}/v1/notices/{number}", **said,
    }  # fmt: skip
    return json.dumps(event).encode()


class Sender:
    """Somebody who sends to a receiver, as soon as it listens."""

    def __init__(self, port):
        transport = httpx.HTTPTransport(retries=8)
        self._client = httpx.Client(transport=transport, trust_env=False, timeout=10)
        self.address = f"http://127.0.0.1:{port}/notices"

    def asks(self, origin=SENDER, **headers):
        said = {"webhook-request-origin": origin, "webhook-request-rate": "600", **headers}
        return self._client.options(self.address, headers=said)

    def sends(self, identity="n1", body=None, *, secret=SECRET, at=None, **headers):
        body, at = an_event() if body is None else body, at or datetime.now(UTC)
        said = {
            "content-type": CONTENT_TYPE, "webhook-id": identity, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(identity, at, body.decode()), **headers,
        }  # fmt: skip
        return self._client.post(self.address, content=body, headers=said)

    def goes(self, path):
        return self._client.post(self.address.replace("/notices", path))


def simulated(acts, *words, secret=SECRET, environment=None):
    """What the command told, and what the acts of a sender gave; it has to end by itself."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {"AANWEZIG_WEBHOOK_SECRET": secret, **(environment or {})}

    def acted():
        try:
            return acts(Sender(port))
        except BaseException:
            # What it waits for does not come any more.
            os.kill(os.getpid(), signal.SIGINT)
            raise

    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(acted)
        told = CliRunner().invoke(partner, ["simulate", "--port", str(port), *words], env=env)
        return told, done.result(30)


def rows(told):
    """The numbers of each rule, from the table."""
    return {found[1]: (found[2], found[3]) for found in _ROW.finditer(told.stdout)}


def test_a_good_sender_breaks_no_rule():
    def acts(sender):
        agreed = sender.asks()
        origin = {"webhook-request-origin": SENDER}
        return agreed, [
            sender.sends(**origin),
            sender.sends(**origin),
            sender.sends("n2", an_event(2), **origin),
        ]

    told, (agreed, answers) = simulated(acts, "--count", "3")
    assert (agreed.status_code, agreed.headers["webhook-allowed-origin"]) == (200, SENDER)
    assert (agreed.headers["webhook-allowed-rate"], agreed.headers["allow"]) == ("600", "POST")
    assert [one.status_code for one in answers] == [204, 204, 204]
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0].endswith(f"leave given to {SENDER}")
    assert lines[1].endswith("204  n1  notice-sent.v1  look-again  normal")
    assert lines[2].endswith("204  n1  notice-sent.v1  look-again  normal  again (2)")
    assert rows(told)["handshake"] == ("1", "-")
    assert rows(told)["webhook-signature"] == rows(told)["request-origin"] == ("3", "-")
    assert rows(told)["webhook-same-again"] == ("1", "-")
    assert "3 signed deliveries, 1 of them again; 0 that were not signed" in told.stdout


def test_what_is_wrong_is_told_by_rule_and_ends_with_1():
    def acts(sender):
        return [
            sender.sends(secret=OTHER), sender.sends(at=datetime.now(UTC) - timedelta(minutes=6)),
            sender.sends("n2", an_event(2, source="https://example.nl", bad_name="1")), sender.sends("n2", an_event(3)),
            sender.sends("n3", an_event(3, word="another")),
        ]  # fmt: skip

    told, answers = simulated(acts, "--count", "3")
    assert [one.status_code for one in answers] == [403, 403, 204, 204, 204]
    assert told.exit_code == 1
    broken = ["webhook-timestamp", "webhook-signature", "webhook-same-again", "names", "unique", "source"]
    assert f"broken: {', '.join(broken)}" in told.stdout
    assert {name: row[1] for name, row in rows(told).items() if row[1] != "-"} == dict.fromkeys(broken, "1")
    assert "breaks webhook-signature" in told.stdout


def test_it_tells_machines_an_object_a_line():
    told, _ = simulated(lambda sender: [sender.asks("not a host"), sender.sends()], "--count", "1", "--json")
    asked, arrived, table = (json.loads(line) for line in told.stdout.splitlines())
    assert (asked["handshake"], asked["granted"]) == ("not a host", False)
    assert (arrived["webhook_id"], arrived["nth"], arrived["status"], arrived["broken"]) == ("n1", 1, 204, {})
    assert arrived["event"]["id"] == "e1"
    assert (table["signed"], table["broken"]) == (1, ["handshake"])
    assert {"id", "what", "passed", "failed", "reason"} == set(table["rules"][0])
    assert told.exit_code == 1


def test_two_secrets_are_good_while_one_is_replaced():
    told, answers = simulated(
        lambda sender: [sender.sends(), sender.sends("n2", an_event(2), secret=OTHER)], "--count", "2",
        secret=f"{OTHER} {SECRET}",
    )  # fmt: skip
    assert [one.status_code for one in answers] == [204, 204]
    assert told.exit_code == 0


def test_it_can_fail_the_first_of_each():
    def acts(sender):
        return [
            sender.sends(identity, an_event(identity)).status_code
            for identity in ("n1", "n1", "n2", "n1", "n2")
        ]

    told, answers = simulated(acts, "--fail", "503:2", "--count", "5")
    assert answers == [503, 503, 503, 204, 503]
    assert told.exit_code == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [(["--gone"], 410), (["--fail", "500"], 500), (["--slow", "0.2"], 204), (["--redirect"], 307)],
)
def test_it_can_be_a_bad_receiver(words, status):
    told, answers = simulated(lambda sender: [sender.sends(), sender.sends()], *words, "--count", "2")
    assert [one.status_code for one in answers] == [status] * 2
    assert told.exit_code == 0
    assert rows(told)["redirect"] == (("1", "-") if words == ["--redirect"] else ("-", "-"))


def test_a_redirect_that_is_followed_breaks_a_rule():
    def acts(sender):
        where = sender.sends().headers["location"]
        return where, sender.goes(where), sender.sends("n2", an_event(2))

    told, _ = simulated(acts, "--redirect", "--count", "2")
    assert rows(told)["redirect"] == ("-", "1")
    assert told.exit_code == 1


def test_one_that_hangs_is_let_go_at_the_end():
    told, answer = simulated(lambda sender: sender.sends(), "--hang", "--count", "1")
    assert answer.status_code == 503
    assert "  -  n1  notice-sent.v1" in told.stdout


def test_it_can_refuse_leave():
    def acts(sender):
        return sender.asks(), sender.sends()

    told, (asked, _) = simulated(acts, "--refuse-handshake", "--count", "1")
    assert asked.status_code == 405
    assert not {name for name in asked.headers if name.startswith("webhook-")}
    assert f"leave not given to {SENDER}" in told.stdout
    assert told.exit_code == 0


def test_it_allows_a_rate_of_its_own():
    told, (asked, _) = simulated(
        lambda sender: (sender.asks(), sender.sends()), "--rate", "60", "--count", "1"
    )
    assert asked.headers["webhook-allowed-rate"] == "60"
    assert told.exit_code == 1
    assert "broken: request-origin" in told.stdout


def interrupted(acts, secret):
    """The exit code, what was told and what on stderr, of a process that is ended by Ctrl-C after these acts."""
    command = [sys.executable, "-c", "from aanwezig.cli.partner import partner; partner()", "simulate"]
    env = {**os.environ, "AANWEZIG_WEBHOOK_SECRET": secret}
    with subprocess.Popen(
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            warned = ""
            while (port := re.search(r"listening at http://127.0.0.1:([0-9]+)/", warned)) is None:
                warned += process.stderr.readline()
            answers = acts(Sender(port[1]))
            process.send_signal(signal.SIGINT)
            told, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, told, warned, answers


def test_without_a_secret_it_gives_leave_and_takes_nothing():
    code, told, warned, (asked, sent) = interrupted(lambda sender: (sender.asks(), sender.sends()), "")
    assert (asked.status_code, sent.status_code) == (200, 403)
    assert "without a --secret" in warned
    assert code == 1
    assert "0 signed deliveries, 0 of them again; 1 that were not signed" in told


def test_ctrl_c_ends_it_with_its_table():
    code, told, _, _ = interrupted(lambda sender: sender.sends(), SECRET)
    assert code == 0
    assert "1 signed deliveries" in told
    assert "no rule was broken" in told


def test_a_thousand_deliveries_are_told_one_by_one():
    def acts(sender):
        return {sender.sends(f"n{number}", an_event(number)).status_code for number in range(1_000)}

    told, answers = simulated(acts, "--count", "1000")
    assert answers == {204}
    assert told.exit_code == 0
    assert sum("  204  n" in line for line in told.stdout.splitlines()) == 1_000
    assert rows(told)["json"] == ("1000", "-")


def test_what_is_too_big_is_not_read():
    def acts(sender):
        return sender.sends("n1", b'"' + b"x" * 2_000_000 + b'"').status_code, sender.sends("n2").status_code

    told, answers = simulated(acts, "--count", "1")
    assert answers == (413, 204)
    assert told.exit_code == 0


def test_what_a_dataref_points_to_is_claimed_with_the_key_at_its_own_door_alone():
    notice = {"id": "e1", "data": {"word": "look-again"}}
    with an_answering_door((200, notice), (404, {"detail": "gone"})) as (door, asked):

        def acts(sender):
            datarefs = [f"{door}/v1/notices/1", f"{door}/v1/notices/2", "http://127.0.0.1:9/v1/notices/3"]
            for number, dataref in enumerate(datarefs):
                sender.sends(f"n{number}", an_event(number, dataref=dataref))
            sender.sends("forged", an_event(9, dataref=f"{door}/v1/notices/9"), secret=OTHER)

        environment = {"AANWEZIG_NOTICES_DOOR": door, "AANWEZIG_PARTNER_KEY": "the-key"}
        told, _ = simulated(acts, "--claim", "--count", "3", "--json", environment=environment)
    assert [(path, headers["authorization"]) for _, path, _, headers in asked] == [
        ("/v1/notices/1", "Bearer the-key"), ("/v1/notices/2", "Bearer the-key"),
    ]  # fmt: skip
    claimed = [json.loads(line).get("claimed") for line in told.stdout.splitlines()]
    assert claimed[:3] == [notice, "not claimed: answered 404", f"not claimed: it is not at {door}"]


def test_it_can_subscribe_for_as_long_as_it_runs():
    made = {"id": SUBSCRIPTION, "status": "active", "secret": OTHER}
    with an_answering_door((201, made), (204, None)) as (door, asked):
        environment = {"AANWEZIG_NOTICES_DOOR": door, "AANWEZIG_PARTNER_KEY": "the-key"}

        def acts(sender):
            # Until it has its subscription it knows no secret.
            assert any(sender.sends(secret=OTHER).status_code == 204 for _ in range(1_000))
            return sender.address

        told, address = simulated(
            acts, "--subscribe", "--type", TYPE, "--count", "1", secret="", environment=environment
        )
    wanted = {"types": [TYPE], "tracks": [], "municipalities": []}
    assert [(method, path, said) for method, path, said, _ in asked] == [
        ("POST", "/v1/subscriptions", {"address": address, "filter": wanted}),
        ("DELETE", f"/v1/subscriptions/{SUBSCRIPTION}", None),
    ]
    assert f"subscription {SUBSCRIPTION} is active" in told.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--gone", "--hang"], "Choose one"),
        (["--fail", "600"], "no status"),
        (["--fail", "500:0"], "no status"),
        (["--fail", "100"], "no status"),
        (["--secret", "whsec_"], "not one of Standard Webhooks"),
        (["--claim"], "AANWEZIG_PARTNER_KEY"),
    ],
)
def test_what_does_not_belong_together_is_wrong_usage(words, says):
    env = {"AANWEZIG_NOTICES_DOOR": "http://127.0.0.1:9"} if words == ["--claim"] else {}
    told = CliRunner().invoke(partner, ["simulate", *words], env=env)
    assert told.exit_code == 2
    assert says in told.stderr
    assert "whsec_" not in told.stderr.replace("whsec_ and base64", "")


def test_a_port_that_is_taken_is_not_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = CliRunner().invoke(partner, ["simulate", "--port", str(taken.getsockname()[1])])
    assert told.exit_code == 3
    assert "--port" in told.stderr
