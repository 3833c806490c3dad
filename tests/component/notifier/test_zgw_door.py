"""The ZGW bridge: real bytes to a receiver that asks of them what Open Notificaties asks."""

import asyncio
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from aanwezig.chassis.sealing import seal
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import NoticeSaid
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Parcel, Way
from aanwezig.notifier.channels.zgw import KENMERKEN, ZgwDoor, message_of, token_of
from support.notifying import MORNING, SEAL_KEY
from support.open_notificaties import CLIENT, OURS, SECRET, faults_of, open_notificaties

NOTICE = derived_id("notice", "one")
PUBLIC = "https://notices.example.nl"
PERSONAL = {
    "pupil": derived_id("pupil", "one"), "school": "25PL00", "about": derived_id("case", "one"),
    "home_since": "2024-09-02", "step": "home-visit", "due": "2024-11-01", "track": "care-meeting",
    "blocked": {"by": "health", "since": "2024-10-01"}, "timer": "first-contact", "kind": "home-sitter",
    "at": "2024-10-02", "presence": "82.10",
}  # fmt: skip


def a_parcel(**said):
    """A notice with every field a notice can have."""
    data = {
        "notice": NOTICE, "recipient": {"role": "care-team", "organisation": "Team North"}, "channel": "zgw",
        "cause": derived_id("cause"), "happened": "nl.attendance.case-escalated.v1",
        "subject": "new-home-sitter", "urgency": "same-day", "municipality": "0637", **PERSONAL, **said,
    }  # fmt: skip
    event = Event(
        id=derived_id("sent", "one"), source=f"{PLATFORM_SOURCE}-notifier", name="notice-sent", time=MORNING,
        data=NoticeSaid.model_validate(data).said(),
    )  # fmt: skip
    return Parcel(NOTICE, event)


def a_way(address, *, secret=SECRET, **more):
    sealed = (seal(SEAL_KEY, secret),)
    return Way("town", "zgw", address=address, **{"client": CLIENT, "secrets": sealed, **more})


def a_door(*, allow_private=True, key=SEAL_KEY, timeout=5.0):
    return ZgwDoor(
        seal_key=key, addresses=Addresses(allow_private=allow_private), timeout_seconds=timeout,
        public_url=PUBLIC,
    )  # fmt: skip


async def test_a_notice_is_taken_with_the_words_a_subscriber_filters_by():
    async with open_notificaties() as town, a_door() as door:
        assert await door.send(a_way(town.url), a_parcel(), datetime.now(UTC)) == Delivered()
    assert town.taken == [{
        "kanaal": "leerplicht", "source": f"{PLATFORM_SOURCE}-notifier", "resource": "notice", "actie": "create",
        "hoofdObject": f"{PUBLIC}/v1/notices/{NOTICE}", "resourceUrl": f"{PUBLIC}/v1/notices/{NOTICE}",
        "aanmaakdatum": "2024-10-14T06:00:00Z",
        "kenmerken": {
            "role": "care-team", "word": "new-home-sitter", "urgency": "same-day", "municipality": "0637",
            "happened": "nl.attendance.case-escalated.v1",
        },
    }]  # fmt: skip


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_nothing_personal_is_in_a_message(name):
    """Two notices that differ in such a field alone are one and the same message."""
    bare = {other: None for other in PERSONAL if other != "about"} | {"about": derived_id("case", "two")}
    without = message_of(a_parcel(**bare), public_url=PUBLIC)
    assert message_of(a_parcel(**bare | {name: PERSONAL[name]}), public_url=PUBLIC) == without


@pytest.mark.parametrize(
    ("said", "actie"),
    [
        ({}, "create"),
        ({"subject": "contradicted"}, "update"),
        ({"subject": "withdrawn", "takes_back": True}, "destroy"),
        ({"subject": "contradicted", "takes_back": True}, "destroy"),
        ({"subject": "withdrawn"}, "create"),
    ],
)
async def test_the_actie_is_what_the_notice_does(said, actie):
    async with open_notificaties() as town, a_door() as door:
        await door.send(a_way(f"{town.url}/"), a_parcel(**said), datetime.now(UTC))
    assert [one["actie"] for one in town.taken] == [actie]


async def test_where_it_is_about_no_municipality_it_says_so():
    """A message that lacked the key would pass every filter on a municipality."""
    async with open_notificaties() as town, a_door() as door:
        await door.send(a_way(town.url), a_parcel(municipality=None), datetime.now(UTC))
    assert town.taken[0]["kenmerken"]["municipality"] == "none"


async def test_every_attempt_says_the_same_with_a_token_of_its_own():
    first, second = datetime.now(UTC) - timedelta(minutes=30), datetime.now(UTC)
    async with open_notificaties() as town, a_door() as door:
        for at in (first, second):
            await door.send(a_way(town.url), a_parcel(), at)
    assert town.taken[0] == town.taken[1]
    assert [one["iat"] for one in town.tokens] == [int(at.timestamp()) - 30 for at in (first, second)]
    assert {
        (one["iss"], one["client_id"], one["user_id"], one["user_representation"]) for one in town.tokens
    } == {(CLIENT, CLIENT, "aanwezig-notifier", "aanwezig-notifier")}


def test_a_token_is_signed_with_the_secret():
    token = token_of(CLIENT, SECRET, datetime.now(UTC))
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, SECRET + "x", algorithms=["HS256"])


@pytest.mark.parametrize("secret", ["short", "", "another secret, but one of a good length"])
async def test_a_secret_of_any_length_but_the_right_one(secret):
    """A short one is the other side's choice; a wrong one is refused, and can be mended."""
    async with open_notificaties(secret="short") as town, a_door() as door:
        outcome = await door.send(a_way(town.url, secret=secret), a_parcel(), datetime.now(UTC))
    wanted = {"short": Delivered(), "": NotDelivered("secret-unreadable")}
    assert outcome == wanted.get(secret, NotDelivered("login-refused"))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, NotDelivered("answered-200")),
        (302, NotDelivered("answered-302")),
        (400, NotDelivered("answered-400", final=True)),
        (401, NotDelivered("login-refused")),
        (403, NotDelivered("login-refused")),
        (404, NotDelivered("answered-404")),
        (410, NotDelivered("answered-410", final=True)),
        (429, NotDelivered("answered-429")),
        (500, NotDelivered("answered-500")),
    ],
)
async def test_any_other_answer_than_201_is_no_delivery(status, outcome):
    async with open_notificaties(status=status) as town, a_door() as door:
        assert await door.send(a_way(town.url), a_parcel(), datetime.now(UTC)) == outcome
        assert len(town.tokens) == 1


@pytest.mark.parametrize(
    "kanalen",
    [{}, {"leerplicht": (*OURS[:4], "case")}],
    ids=["not registered", "other filters"],
)
async def test_a_channel_an_operator_has_not_registered_as_the_page_says_is_refused_for_good(kanalen):
    async with open_notificaties(kanalen=kanalen) as town, a_door() as door:
        outcome = await door.send(a_way(town.url), a_parcel(), datetime.now(UTC))
    assert outcome == NotDelivered("answered-400", final=True)


async def test_what_an_operator_must_mend_is_named():
    async with open_notificaties() as town, a_door() as door, a_door(key=bytes(32)) as stranger:
        now = datetime.now(UTC)
        for gone, reason in (
            (a_way(None), "no-address"), (a_way(town.url, client=None), "no-client"),
            (a_way(town.url, secrets=()), "no-secret"),
        ):  # fmt: skip
            assert await door.send(gone, a_parcel(), now) == NotDelivered(reason, final=True)
        assert await stranger.send(a_way(town.url), a_parcel(), now) == NotDelivered("secret-unreadable")
    assert town.tokens == []


async def test_the_own_network_is_no_address_unless_allowed():
    async with open_notificaties() as town, a_door(allow_private=False) as door:
        outcome = await door.send(a_way(town.url), a_parcel(), datetime.now(UTC))
    assert (outcome, town.tokens) == (NotDelivered("address-refused", final=True), [])


async def test_one_that_hangs_is_left_in_time():
    async def hang(_reader, writer):
        await left.wait()
        writer.close()

    left = asyncio.Event()
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with a_door(timeout=0.3) as door:
        assert await door.send(a_way(address), a_parcel(), datetime.now(UTC)) == NotDelivered("timed-out")
    left.set()
    server.close()
    await server.wait_closed()


def test_the_kenmerken_are_those_of_the_shape():
    assert KENMERKEN == OURS
    assert faults_of(message_of(a_parcel(), public_url=PUBLIC)) == []


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kanaal": "k" * 51}, "kanaal"),
        ({"source": "s" * 101}, "source"),
        ({"hoofdObject": f"{PUBLIC}/v1/cases/{NOTICE}"}, "hoofdObject"),
        ({"hoofdObject": "notice"}, "hoofdObject"),
        ({"resourceUrl": f"{PUBLIC}/v1/notices/{NOTICE}?pupil=1"}, "resourceUrl"),
        ({"resourceUrl": f"http://notices.example.nl/v1/notices/{NOTICE}"}, "resourceUrl"),
        ({"actie": "notify"}, "actie"),
        ({"aanmaakdatum": "yesterday"}, "aanmaakdatum"),
        ({"aanmaakdatum": "2024-10-14T06:00:00"}, "aanmaakdatum"),
        ({"kenmerken": {"role": "halt"}}, "kenmerken"),
        ({"pupil": "1"}, "."),
    ],
)
def test_the_shape_finds_what_is_wrong(wrong, where):
    message = {**message_of(a_parcel(), public_url=PUBLIC), **wrong}
    assert where in faults_of(message)


@pytest.mark.parametrize(
    "name", ["kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum"]
)
def test_the_shape_finds_what_is_missing(name):
    message = message_of(a_parcel(), public_url=PUBLIC)
    del message[name]
    assert faults_of(message) == ["."]


@pytest.mark.parametrize(
    ("kenmerk", "value"),
    [("word", ""), ("word", None), ("municipality", ""), ("pupil", "1"), ("role", "r" * 1001)],
)
def test_the_shape_finds_wrong_kenmerken(kenmerk, value):
    message = message_of(a_parcel(), public_url=PUBLIC)
    kenmerken = message["kenmerken"]
    assert isinstance(kenmerken, dict)
    message["kenmerken"] = {**kenmerken, kenmerk: value}
    assert faults_of(message)[0].startswith("kenmerken")
