"""The credential of a service reaches Kafka with every client it opens, and nobody reads it elsewhere."""

import asyncio
import ssl
import struct

import pytest
from pydantic import ValidationError

from aanwezig.chassis.access import Access, Credential
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.chassis.topics import ensure_topics
from aanwezig.contracts.topics import CALENDARS, FACTS

API_VERSIONS, SASL_HANDSHAKE = 18, 17
SHOWN = ("PLAIN", "case-router-health", "hush")


class Doorkeeper:
    """Asks whoever comes for a name and a password as a broker does, notes them, and shuts the door."""

    def __init__(self):
        self.asked = asyncio.Queue()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _greet(self, reader, writer):
        try:
            key, number, _ = await _request(reader)
            assert key == API_VERSIONS
            known = b"".join(
                struct.pack(">hhh", api, 0, 0) for api in (SASL_HANDSHAKE, API_VERSIONS, 3, 0, 1)
            )
            writer.write(_answer(number, struct.pack(">hi", 0, 5) + known))
            key, number, said = await _request(reader)
            if key != SASL_HANDSHAKE:
                await self.asked.put(None)
                return
            mechanism = said[2:]
            writer.write(_answer(number, struct.pack(">hih", 0, 1, len(mechanism)) + mechanism))
            (length,) = struct.unpack(">i", await reader.readexactly(4))
            _, user, password = (await reader.readexactly(length)).split(b"\0")
            await self.asked.put((mechanism.decode(), user.decode(), password.decode()))
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


async def _request(reader):
    (length,) = struct.unpack(">i", await reader.readexactly(4))
    whole = await reader.readexactly(length)
    key, _, number, name = struct.unpack(">hhih", whole[:10])
    return key, number, whole[10 + max(name, 0) :]


def _answer(number, body):
    return struct.pack(">ii", len(body) + 4, number) + body


def the_settings(kafka, **more):
    asked = {"kafka_protocol": "SASL_PLAINTEXT", "kafka_user": SHOWN[1], "kafka_password": SHOWN[2]}
    return ServiceSettings(
        kafka=kafka, mongo="mongodb://127.0.0.1:9", port=9, **{**asked, "kafka_mechanism": "PLAIN", **more}
    )


def a_service(kafka, **more):
    return Service("test", the_settings(kafka, **more), "test.parked.v1")


async def _publishes(service):
    with pytest.raises(Unavailable):
        await service.publisher.start()


async def _reads_a_table(service):
    async def on_change(*_):
        """Nothing is ever told."""

    await service.table(CALENDARS.name, on_change).start()


async def _makes_topics(service):
    with pytest.raises(Unavailable):
        await ensure_topics(service.settings.access, [FACTS])


@pytest.mark.parametrize("opens", [_publishes, _reads_a_table, _makes_topics])
async def test_every_client_shows_the_credential_of_its_service(opens):
    async with Doorkeeper() as door:
        service = a_service(door.address)
        opening = asyncio.create_task(opens(service))
        assert await asyncio.wait_for(door.asked.get(), 20) == SHOWN
        await opening
        for table in service.tables:
            await table.stop()
        await service.publisher.stop()
        await service.store.close()


async def test_consumers_are_opened_with_it_too():
    service = a_service("127.0.0.1:9")
    given = service.broker.config.broker_config.builder.keywords
    assert {name: given[name] for name in given if name.startswith(("sasl_plain", "sasl_mech", "security"))} == {
        "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "sasl_plain_username": SHOWN[1],
        "sasl_plain_password": SHOWN[2],
    }  # fmt: skip
    await service.store.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_both_libraries_hear_the_same(mechanism, encrypted):
    context = ssl.create_default_context() if encrypted else None
    access = Access(["a:1", "b:2"], context, Credential("me", "hush", mechanism))
    asked, told = access.for_aiokafka(), access.for_faststream()
    assert asked["bootstrap_servers"] == ["a:1", "b:2"]
    assert asked["security_protocol"] == ("SASL_SSL" if encrypted else "SASL_PLAINTEXT")
    assert (asked["sasl_mechanism"], asked["sasl_plain_username"], asked["sasl_plain_password"]) == (
        mechanism, "me", "hush",
    )  # fmt: skip
    assert (told.username, told.password, told.use_ssl) == ("me", "hush", encrypted)
    assert told.ssl_context is asked.get("ssl_context")
    assert type(told).__name__ == {"PLAIN": "SASLPlaintext"}.get(
        mechanism, f"SASLScram{mechanism.rpartition('-')[2]}"
    )


def test_without_a_credential_nothing_is_shown():
    assert Access.of(["a:1"]).for_aiokafka() == {
        "bootstrap_servers": ["a:1"],
        "security_protocol": "PLAINTEXT",
    }
    assert type(Access.of(["a:1"]).for_faststream()).__name__ == "BaseSecurity"
    assert (
        the_settings("a:1", kafka_protocol="SSL", kafka_user=None, kafka_password=None).access.protocol
        == "SSL"
    )


def test_the_certificate_of_a_broker_is_verified():
    context = the_settings("a:1", kafka_protocol="SASL_SSL").access.encryption
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"kafka_user": None}, "AANWEZIG_KAFKA_USER"),
        ({"kafka_password": None}, "AANWEZIG_KAFKA_PASSWORD"),
        ({"kafka_protocol": "PLAINTEXT"}, "does not show"),
        ({"kafka_protocol": "SSL"}, "does not show"),
        ({"kafka_protocol": "sasl"}, "kafka_protocol"),
        ({"kafka_mechanism": "GSSAPI"}, "kafka_mechanism"),
        ({"kafka_ca": "/nowhere/ca.pem"}, "kafka_ca"),
    ],
)
def test_half_a_credential_stops_the_start(wrong, named):
    with pytest.raises(ValidationError, match=named) as refused:
        the_settings("a:1", **wrong)
    assert SHOWN[2] not in str(refused.value)


def test_the_password_is_not_shown():
    access = the_settings("a:1").access
    assert SHOWN[2] not in f"{access} {access!r} {the_settings('a:1')!r}"
