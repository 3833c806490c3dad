import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.contracts.messages import Word
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Delivered, NotDelivered
from aanwezig.notifier.channels.thin import pushed, pushed_bytes
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.table import IMPERSONAL_WORDS, PERSONAL, TABLES
from support.notifying import SEAL_KEY, a_parcel, a_receiver, a_recipient, a_way, fail, hang

SECRET = "whsec_AAAA"
PARCEL = a_parcel("stagnated", about="a" * 32, school="25PL00", due="2024-10-21", urgency="normal")


def a_door(*, allow_private=True, timeout=5.0, key=SEAL_KEY):
    return WebhookDoor(
        seal_key=key, public_url="https://notifier.example/", addresses=Addresses(allow_private=allow_private),
        timeout_seconds=timeout,
    )  # fmt: skip


def partner(address, secret=SECRET):
    return a_way(a_recipient("partner", "care-team", channel="webhook", address=address, secret=secret))


async def test_a_notice_arrives_signed_under_its_id():
    async with a_receiver("partner") as receiver, a_door() as door:
        outcome = await door.send(partner(receiver.url, receiver.secret), PARCEL, datetime.now(UTC))
        assert outcome == Delivered()
        (taken,) = receiver.taken
        assert (taken.webhook_id, taken.content_type) == (PARCEL.notice, CONTENT_TYPE)
        assert taken.event == {
            "specversion": "1.0", "id": PARCEL.event.id, "source": PARCEL.event.source, "type": "nl.attendance.notice-sent.v1",
            "time": "2024-10-14T06:00:00Z", "happened": "nl.attendance.case-escalated.v1", "word": "stagnated",
            "urgency": "normal", "municipality": "0637", "dataref": f"https://notifier.example/v1/notices/{PARCEL.notice}",
        }  # fmt: skip


@pytest.mark.parametrize("word", get_args(Word))
def test_nothing_of_a_child_is_pushed(word):
    """Every field a notice can have is filled; of what is about a child no value is in the bytes, but for the place it may name."""
    personal = {
        "about": "a" * 32, "school": "99ZZ99", "track": "police-report", "step": "verdict", "timer": "halt-result",
        "due": "2031-01-02", "home_since": "2031-02-03", "blocked": {"by": "housing", "since": "2031-04-05"},
        "pupil": "the-pupil", "kind": "the-kind", "at": "2031-06-07", "reason": "the-reason",
    }  # fmt: skip
    assert set(personal) >= PERSONAL
    if word in IMPERSONAL_WORDS:
        whole = pushed(a_parcel(word, on="2031-08-09"), "https://notifier.example")
        assert whole["data"]["on"] == "2031-08-09"
        assert "dataref" not in whole
        return
    sent = pushed_bytes(a_parcel(word, **personal), "https://notifier.example").decode()
    for value in [
        one for field in personal.values() for one in (field.values() if isinstance(field, dict) else [field])
    ]:
        assert value not in sent
    assert "data" not in json.loads(sent)


def test_no_row_of_a_word_that_is_pushed_whole_lists_what_is_about_a_child():
    rows = [row for table in TABLES.values() for row in table if row.word in IMPERSONAL_WORDS]
    assert rows
    assert not [row for row in rows if set(row.fields) & PERSONAL]


async def test_while_a_secret_is_replaced_both_sign():
    async with a_receiver("partner") as receiver, a_door() as door:
        new, old = partner(receiver.url, "whsec_BBBB"), partner(receiver.url, receiver.secret)
        both = replace(new, secrets=new.secrets + old.secrets)
        assert await door.send(both, PARCEL, datetime.now(UTC)) == Delivered()
        assert isinstance(await door.send(new, PARCEL, datetime.now(UTC)), NotDelivered)


async def test_a_receiver_with_another_secret_does_not_take_it():
    async with a_receiver("partner") as receiver, a_door() as door:
        outcome = await door.send(partner(receiver.url, "whsec_BBBB"), PARCEL, datetime.now(UTC))
        assert isinstance(outcome, NotDelivered)
        assert receiver.taken == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Delivered()),
        (299, Delivered()),
        (302, NotDelivered("answered-302")),
        (404, NotDelivered("answered-404")),
        (410, NotDelivered("answered-410", final=True)),
        (429, NotDelivered("answered-429")),
        (503, NotDelivered("answered-503")),
    ],
)
async def test_the_status_alone_counts_and_redirects_are_not_followed(status, outcome):
    async def answer(_receiver, _taken):
        return status

    async with a_receiver("partner", answer, location="/hook") as receiver, a_door() as door:
        to = partner(receiver.url, receiver.secret)
        assert await door.send(to, PARCEL, datetime.now(UTC)) == outcome
        assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        (429, "120", 120),
        (503, "7", 7),
        (500, "120", 0),
        (429, "soon", 0),
        (429, "-5", 0),
        (429, "9" * 5000, 50_400),
    ],
)
async def test_who_asks_us_to_wait_is_waited_for(status, said, seconds):
    async def answer(_receiver, _taken):
        return status

    async with a_receiver("partner", answer, **{"retry-after": said}) as receiver, a_door() as door:
        outcome = await door.send(partner(receiver.url, receiver.secret), PARCEL, datetime.now(UTC))
        assert outcome == NotDelivered(f"answered-{status}", after=timedelta(seconds=seconds))


async def test_a_receiver_that_hangs_is_left_in_time():
    async with a_receiver("partner", hang) as receiver, a_door(timeout=0.3) as door:
        to = partner(receiver.url, receiver.secret)
        assert await door.send(to, PARCEL, datetime.now(UTC)) == NotDelivered("timed-out")


async def _raw_receiver(answer: bytes, *, drip: bytes | None = None):
    """A receiver that says these bytes, and then goes on with `drip` until the caller leaves."""
    sent = 0

    async def on_caller(reader, writer):
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        try:
            while drip is not None:
                writer.write(drip)
                sent += len(drip)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(on_caller, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", lambda: sent


async def test_an_endless_answer_is_not_read():
    server, url, sent = await _raw_receiver(b"HTTP/1.1 200 OK\r\n\r\n", drip=b"x" * 65_536)
    async with server, a_door() as door:
        outcome = await door.send(partner(url), PARCEL, datetime.now(UTC))
        assert outcome == Delivered()
        assert sent() < 50_000_000


async def test_an_answer_that_is_no_http_is_unreachable():
    server, url, _ = await _raw_receiver(b"HELO\r\n\r\n")
    async with server, a_door() as door:
        outcome = await door.send(partner(url), PARCEL, datetime.now(UTC))
        assert outcome == NotDelivered("unreachable")


async def test_nobody_at_the_address_is_unreachable():
    server, url, _ = await _raw_receiver(b"")
    server.close()
    await server.wait_closed()
    async with a_door() as door:
        outcome = await door.send(partner(url), PARCEL, datetime.now(UTC))
        assert outcome == NotDelivered("unreachable")


async def test_the_own_machine_is_no_address_unless_allowed():
    async with a_receiver("partner") as receiver, a_door(allow_private=False) as door:
        for url in (receiver.url, receiver.url.replace("http:", "https:"), "https://localhost/hook"):
            outcome = await door.send(partner(url, receiver.secret), PARCEL, datetime.now(UTC))
            assert outcome == NotDelivered("address-refused", final=True)
        assert receiver.taken == []


async def test_what_an_operator_must_mend_is_named():
    async with a_receiver("partner", fail) as receiver:
        whole = partner(receiver.url, receiver.secret)
        async with a_door() as door:
            now = datetime.now(UTC)
            without = replace(whole, address=None)
            assert await door.send(without, PARCEL, now) == NotDelivered("no-address", final=True)
            without = replace(whole, secrets=())
            assert await door.send(without, PARCEL, now) == NotDelivered("no-secret", final=True)
            for secret in ("", "whsec_", "whsec_x"):
                wrong = partner(receiver.url, secret)
                assert await door.send(wrong, PARCEL, now) == NotDelivered("secret-unreadable")
        async with a_door(key=bytes(32)) as door:
            assert await door.send(whole, PARCEL, now) == NotDelivered("secret-unreadable")
        assert receiver.taken == []
