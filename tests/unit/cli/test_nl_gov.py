"""The rules a delivery is held to: a good one keeps all of them, and of each rule there is one that breaks it alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from aanwezig.cli.delivered import HANDSHAKE, OF_THE_SENDER, REDIRECT, Delivery, handshake_fault, judged
from aanwezig.cli.nl_gov import RULES
from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.contracts.generate import ROOT

NOW = datetime(2024, 10, 14, 6, 0, 1, tzinfo=UTC)
SECRET = "whsec_" + "QUFB" * 8
OLD = "whsec_" + "QkJC" * 8
EVENT = {
    "specversion": "1.0", "id": "86cee7cf8ddf1c1cb23619f2aabbeac2",
    "source": "urn:nld:oin:00000099000000000000:systeem:aanwezig-notifier", "type": "nl.attendance.notice-sent.v1",
    "time": "2024-10-14T06:00:00Z", "causationid": "0123456789abcdef0123456789abcdef",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", "word": "look-again",
    "happened": "nl.attendance.case-opened.v1", "municipality": "0637", "urgency": "normal",
    "dataref": "https://notices.example.nl/v1/notices/86cee7cf8ddf1c1cb23619f2aabbeac2",
}  # fmt: skip
NUMBER = "999990342"
"""The invented number of the profile's own example: it passes the eleven-test."""


def delivered(event=None, *, body=None, secret=SECRET, at=NOW, headers=None, **more):
    body = body if body is not None else json.dumps(event or EVENT).encode()
    signature = Webhook(secret).sign("n1", at, body.decode("utf-8", "replace"))
    sent = {
        "content-type": CONTENT_TYPE, "webhook-id": "n1", "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature, **(headers or {}),
    }  # fmt: skip
    sent = {name: value for name, value in sent.items() if value is not None}
    return Delivery(sent, body, more.pop("secrets", (SECRET,)), NOW, **more)


def with_(**said):
    event = {**EVENT, **said}
    return delivered({name: value for name, value in event.items() if value is not ...})


def broken(delivery):
    return sorted(name for name, why in judged(RULES, delivery).items() if why is not None)


@pytest.mark.parametrize(
    "delivery",
    [
        delivered(),
        delivered(secret=OLD, secrets=(SECRET, OLD)),
        delivered(headers={"webhook-signature": "v1,AAAA " + delivered().headers["webhook-signature"]}),
        delivered(at=NOW - timedelta(minutes=5)),
        delivered(at=NOW + timedelta(minutes=4, seconds=59)),
        delivered(first=json.dumps(EVENT).encode()),
        delivered(headers={"webhook-request-origin": "a.example"}, origin="a.example"),
        delivered(headers={"content-type": "Application/CloudEvents+json; charset=utf-8"}),
        delivered(headers={"content-type": "application/cloudevents+json"}),
        with_(dataref=..., data={"number": NUMBER, "mail": "a@b.nl"}, datacontenttype="application/json"),
        with_(dataref=..., data=1, datacontenttype="application/vnd.x+json; charset=utf-8"),
        with_(dataref="http://127.0.0.1:18083/v1/notices/1"),
        with_(sequence="12"),
        with_(sequence="2147483647", sequencetype="Integer"),
        with_(sequence="-1", sequencetype="Integer"),
        with_(source="urn:nld:kvknr:09220932.burgerzakensysteem", type="nl.brp.persoon-verhuisd"),
        with_(source="urn:nld:gemeente-Bergen%20%28L%29.burgerzakensysteem", type="nl.natuurlijke-personen.overleden"),
        with_(time="2024-10-14T08:00:00.123456+02:00", dataschema="https://x.nl/s/1", subject="a"),
        with_(time=..., type="nl.attendance.case-handed-over.v12"),
        with_(flag=True, count=-5, nothing=None),
        with_(other="123456789"),
        with_(other=f"a{NUMBER}", more=f"0{NUMBER}"),
    ],
)  # fmt: skip
def test_what_is_good_keeps_every_rule(delivery):
    assert judged(RULES, delivery).keys() <= {rule.id for rule in RULES}
    assert broken(delivery) == []


BROKEN = [
    ("webhook-headers", delivered(headers={"webhook-id": ""}), ["webhook-signature"]),
    ("webhook-headers", delivered(headers={"webhook-signature": None}), ["webhook-signature"]),
    ("webhook-timestamp", delivered(at=NOW - timedelta(minutes=5, seconds=1)), []),
    ("webhook-timestamp", delivered(at=NOW + timedelta(minutes=5, seconds=1)), []),
    ("webhook-timestamp", delivered(headers={"webhook-timestamp": "now"}), ["webhook-signature"]),
    ("webhook-timestamp", delivered(headers={"webhook-timestamp": "9" * 30}), ["webhook-signature"]),
    ("webhook-signature", delivered(secret=OLD), []),
    ("webhook-signature", delivered(secrets=()), []),
    ("webhook-signature", delivered(headers={"webhook-id": "n2"}), []),
    ("webhook-signature", delivered(headers={"webhook-signature": "v1"}), []),
    ("webhook-same-again", delivered(first=b"{}"), []),
    ("request-origin", delivered(origin="a.example"), []),
    ("request-origin", delivered(headers={"webhook-request-origin": "b.example"}, origin="a.example"), []),
    ("content-type", delivered(headers={"content-type": "application/json"}), []),
    ("content-type", delivered(headers={"content-type": None}), []),
    ("content-type", delivered(headers={"content-type": f"{CONTENT_TYPE[:29]}charset=latin1"}), []),
    ("json", delivered(body=b"[]"), []),
    ("json", delivered(body=b'{"id": "1", "id": "2"}'), []),
    ("json", delivered(body=b'{"id": NaN}'), []),
    ("json", delivered(body=b"\xff"), ["webhook-signature"]),
    ("size", delivered(body=json.dumps({**EVENT, "x": "x" * 65_536}).encode()), []),
    ("names", with_(causation_id="1"), []),
    ("names", with_(Causation="1"), []),
    ("names", with_(a23456789012345678901="1"), []),
    ("values", with_(more={"a": 1}), []),
    ("values", with_(more=1.5), []),
    ("values", with_(more=2**31), []),
    ("values", with_(more="a\nb"), []),
    ("specversion", with_(specversion="1.1"), []),
    ("specversion", with_(specversion=1), []),
    ("id", with_(id=""), []),
    ("id", with_(id=7), []),
    ("id", with_(id=...), []),
    ("unique", delivered(other=True), []),
    ("source", with_(source="https://notices.example.nl/v1/notices"), []),
    ("source", with_(source="urn:nld:oin:123:systeem:x"), []),
    ("source", with_(source="urn:nld:oin:00000099000000000000"), []),
    ("source", with_(source="urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66"), []),
    ("source", with_(source=...), []),
    ("type", with_(type="notice-sent"), []),
    ("type", with_(type="nl.Attendance.notice-sent"), []),
    ("type", with_(type=...), []),
    ("type-version", with_(type="nl.attendance.v1.notice-sent"), []),
    ("type-version", with_(type="nl.attendance.notice-sent.v1.v2"), []),
    ("type-version", with_(type="nl.attendance.notice-sent.2"), []),
    ("type-past-tense", with_(type="nl.attendance.notice-send.v1"), []),
    ("type-past-tense", with_(type="nl.attendance.case-create.v1"), []),
    ("type-no-organisation", with_(type="nl.halt.case-opened.v1"), []),
    ("type-no-organisation", with_(type="nl.attendance.gemeente-informed.v1"), []),
    ("time", with_(time="2024-10-14 06:00"), []),
    ("time", with_(time="2024-10-14T06:00:00"), []),
    ("time", with_(time="2024-13-14T06:00:00Z"), []),
    ("time", with_(time=5), []),
    ("time-of-logging", with_(time="2024-10-14T06:05:02Z"), []),
    ("subject", with_(subject=""), []),
    ("datacontenttype", with_(dataref=..., data="<a/>", datacontenttype="text/xml"), []),
    ("dataschema", with_(dataschema="/schemas/1"), []),
    ("dataref", with_(dataref="http://notices.example.nl/v1/notices/1"), []),
    ("dataref", with_(dataref="https://me:pass@localhost/1"), []),
    ("dataref", with_(dataref="/v1/notices/1"), []),
    ("dataref", with_(dataref="https://[::1"), []),
    ("data-or-dataref", with_(data={}), []),
    ("data-or-dataref", with_(dataref=..., data={}, data_base64="AA=="), []),
    ("sequence", with_(sequence=12), []),
    ("sequence", with_(sequence="012"), []),
    ("sequence", with_(sequence="2147483648", sequencetype="Integer"), []),
    ("sequence", with_(sequencetype="Integer"), []),
    ("sequencetype", with_(sequence="a", sequencetype="Letters"), []),
    ("no-personal-number", with_(about=NUMBER), []),
    ("no-personal-number", with_(word=f"pupil {NUMBER}."), []),
    ("no-personal-attribute", with_(bsn="1"), []),
    ("no-personal-attribute", with_(about="ouder@example.nl"), []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "delivery", "too"), BROKEN, ids=[f"{row[0]}-{n}" for n, row in enumerate(BROKEN)]
)
def test_what_is_wrong_breaks_its_rule_and_no_other(rule, delivery, too):
    assert broken(delivery) == sorted([rule, *too])


def test_there_is_something_wrong_for_every_rule():
    assert {row[0] for row in BROKEN} == {rule.id for rule in RULES}


def test_the_page_for_partners_lists_the_rules():
    page = (ROOT / "docs/partners/simulate.md").read_text("utf-8").partition("## The rules")[2]
    said = [line for line in page.splitlines() if line.startswith("| `")]
    named = [*OF_THE_SENDER.items(), *((rule.id, rule.what) for rule in RULES)]
    assert said == [f"| `{name}` | {what} |" for name, what in named]


def test_rules_have_names_of_their_own():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert not set(ids) & {HANDSHAKE, REDIRECT}
    assert set(OF_THE_SENDER) == {HANDSHAKE, REDIRECT}


def test_a_reason_never_repeats_a_personal_number():
    for delivery in (with_(about=NUMBER), with_(word=f"x {NUMBER}")):
        assert all(NUMBER not in (why or "") for why in judged(RULES, delivery).values())


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        ({"webhook-request-origin": "notices.example.nl"}, True),
        ({"webhook-request-origin": "127.0.0.1", "webhook-request-rate": "600"}, True),
        ({}, False),
        ({"webhook-request-origin": "https://x.nl/"}, False),
        ({"webhook-request-origin": "x.nl", "webhook-request-rate": "0"}, False),
        ({"webhook-request-origin": "x.nl", "webhook-request-rate": "*"}, False),
    ],
)
def test_a_validation_request_names_its_sender(headers, fine):
    assert (handshake_fault(headers) is None) == fine
