import asyncio
from datetime import UTC, datetime

import pytest

from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Delivered, NotDelivered
from aanwezig.notifier.channels.webhook import WebhookDoor
from support.notifying import SEAL_KEY, a_receiver, a_recipient, fail, hang

SECRET = "whsec_AAAA"
BODY = b'{"specversion":"1.0","data":{"subject":"stagnated"}}'


def a_door(*, allow_private=True, timeout=5.0, key=SEAL_KEY):
    return WebhookDoor(
        seal_key=key, addresses=Addresses(allow_private=allow_private), timeout_seconds=timeout
    )


def partner(address, secret=SECRET):
    return a_recipient("partner", "care-team", channel="webhook", address=address, secret=secret)


async def test_a_notice_arrives_signed_under_its_id():
    async with a_receiver("partner") as receiver, a_door() as door:
        outcome = await door.send(partner(receiver.url, receiver.secret), "n" * 32, BODY, datetime.now(UTC))
        assert outcome == Delivered()
        (taken,) = receiver.taken
        assert (taken.webhook_id, taken.content_type, taken.body) == ("n" * 32, CONTENT_TYPE, BODY)


async def test_a_receiver_with_another_secret_does_not_take_it():
    async with a_receiver("partner") as receiver, a_door() as door:
        outcome = await door.send(partner(receiver.url, "whsec_BBBB"), "n" * 32, BODY, datetime.now(UTC))
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
        assert await door.send(to, "n" * 32, BODY, datetime.now(UTC)) == outcome
        assert len(receiver.taken) == 1


async def test_a_receiver_that_hangs_is_left_in_time():
    async with a_receiver("partner", hang) as receiver, a_door(timeout=0.3) as door:
        to = partner(receiver.url, receiver.secret)
        assert await door.send(to, "n" * 32, BODY, datetime.now(UTC)) == NotDelivered("timed-out")


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
        outcome = await door.send(partner(url), "n" * 32, BODY, datetime.now(UTC))
        assert outcome == Delivered()
        assert sent() < 50_000_000


async def test_an_answer_that_is_no_http_is_unreachable():
    server, url, _ = await _raw_receiver(b"HELO\r\n\r\n")
    async with server, a_door() as door:
        outcome = await door.send(partner(url), "n" * 32, BODY, datetime.now(UTC))
        assert outcome == NotDelivered("unreachable")


async def test_nobody_at_the_address_is_unreachable():
    server, url, _ = await _raw_receiver(b"")
    server.close()
    await server.wait_closed()
    async with a_door() as door:
        outcome = await door.send(partner(url), "n" * 32, BODY, datetime.now(UTC))
        assert outcome == NotDelivered("unreachable")


async def test_the_own_machine_is_no_address_unless_allowed():
    async with a_receiver("partner") as receiver, a_door(allow_private=False) as door:
        for url in (receiver.url, receiver.url.replace("http:", "https:"), "https://localhost/hook"):
            outcome = await door.send(partner(url, receiver.secret), "n" * 32, BODY, datetime.now(UTC))
            assert outcome == NotDelivered("address-refused", final=True)
        assert receiver.taken == []


async def test_what_an_operator_must_mend_is_named():
    async with a_receiver("partner", fail) as receiver:
        whole = partner(receiver.url, receiver.secret)
        async with a_door() as door:
            now = datetime.now(UTC)
            without = whole.model_copy(update={"address": None})
            assert await door.send(without, "n", BODY, now) == NotDelivered("no-address", final=True)
            without = whole.model_copy(update={"secret": None})
            assert await door.send(without, "n", BODY, now) == NotDelivered("no-secret", final=True)
            for secret in ("", "whsec_", "whsec_x"):
                wrong = partner(receiver.url, secret)
                assert await door.send(wrong, "n", BODY, now) == NotDelivered("secret-unreadable")
        async with a_door(key=bytes(32)) as door:
            assert await door.send(whole, "n", BODY, now) == NotDelivered("secret-unreadable")
        assert receiver.taken == []
