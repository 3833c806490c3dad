"""Cases that are told, recipients that hear, and a receiver of webhooks on a real socket."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.sealing import seal
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import CaseSaid, Channel, NoticeSaid, RecipientRegistered, Word
from aanwezig.notifier.channels.doors import Parcel, Way
from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.subscriptions import Subscription
from aanwezig.notifier.table import Domain
from aanwezig.notifier.ways import KnownWays, way_of

SEAL_KEY = bytes(range(32))
ZOETERMEER = "0637"
MORNING = datetime(2024, 10, 14, 6, 0, tzinfo=UTC)


def a_case(number: str = "one", **said: Any) -> CaseSaid:
    """A case in prevention at a school in Zoetermeer; `number` tells cases apart."""
    return CaseSaid.model_validate({
        "case": derived_id("case", number), "revision": 1, "pupil": derived_id("pupil", number),
        "school": "25PL00", "municipality": ZOETERMEER, "track": "prevention", "status": "in-progress",
        "findings": [derived_id("finding", number)], "actor": {"kind": "rule", "id": "first"}, **said,
    })  # fmt: skip


def an_event(name: str, case: CaseSaid, *, at: datetime = MORNING, nth: int = 1) -> Event:
    """The case's `nth` event of this name."""
    return Event(
        id=derived_id("test", name, case.case, str(nth)), source=f"{PLATFORM_SOURCE}-case-router", name=name,
        time=at, data=case.said(), traceparent=f"00-{derived_id('trace', case.case)}-00f067aa0ba902b7-01",
    )  # fmt: skip


def a_home_sitter(number: str = "one", **said: Any) -> Event:
    """The event by which a case reaches the home-sitter table."""
    return an_event("case-escalated", a_case(number, track="care-meeting", to="home-sitter-table", **said))


def a_recipient(
    recipient: str, role: str, *, municipality: str | None = None, channel: Channel = "topic",
    address: str | None = None, secret: str | None = None, **more: Any,
) -> RecipientRegistered:  # fmt: skip
    """A recipient; its `secret` in plain text, sealed here."""
    return RecipientRegistered(
        recipient=recipient, role=role, organisation=f"organisation of {recipient}", municipality=municipality,
        channel=channel, address=address, secret=None if secret is None else seal(SEAL_KEY, secret), **more,
    )  # fmt: skip


def known_ways(
    *registered: RecipientRegistered, domain: Domain = "chain", subscriptions: Sequence[Subscription] = ()
) -> KnownWays:
    """The ways of these recipients."""
    view = Recipients()
    for one in registered:
        with contextlib.suppress(StopIteration):
            view.on_register(f"recipient/{one.recipient}", registration(one)).send(None)
    return KnownWays(domain, view, subscriptions)


def a_way(recipient: RecipientRegistered) -> Way:
    """The way to a recipient by the channel of the register."""
    return way_of(recipient)


def a_parcel(word: Word = "new-home-sitter", nth: int = 1, **data: Any) -> Parcel:
    """A notice about a case in Zoetermeer, with the event that says it."""
    notice = derived_id("test", "notice", word, str(nth))
    said = NoticeSaid.model_validate({
        "notice": notice, "recipient": {"role": "home-sitter-table", "organisation": "the table"},
        "about": derived_id("case", str(nth)), "channel": "webhook", "cause": derived_id("cause", str(nth)),
        "happened": "nl.attendance.case-escalated.v1", "subject": word, "urgency": "same-day",
        "municipality": ZOETERMEER, **data,
    })  # fmt: skip
    event = Event(
        derived_id("notice-sent", notice), f"{PLATFORM_SOURCE}-notifier", "notice-sent", MORNING, said.said()
    )
    return Parcel(notice, event)


def registration(recipient: RecipientRegistered, *, nth: int = 1) -> Event:
    """The register's record of a recipient."""
    return Event(
        id=derived_id("test", "registered", recipient.recipient, str(nth)), source=f"{PLATFORM_SOURCE}-cli",
        name="recipient-registered", time=MORNING, data=recipient.said(),
    )  # fmt: skip


class Said(Publisher):
    """A publisher whose topics are lists in memory."""

    def __init__(self) -> None:
        super().__init__(["127.0.0.1:1"], "test")
        self.records: list[Outgoing] = []
        self._more = asyncio.Condition()

    async def say(self, records: Iterable[Outgoing], *, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Takes all of them."""
        assert not headers
        async with self._more:
            self.records.extend(records)
            self._more.notify_all()

    @property
    def events(self) -> list[Event]:
        """What was said, as events."""
        return [event_from(record.value) for record in self.records]

    async def until(self, enough: Callable[["Said"], bool]) -> None:
        """Returns when enough was said."""
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: enough(self))


@dataclass(frozen=True)
class Taken:
    """One request whose signature is good."""

    webhook_id: str
    event: dict[str, Any]
    content_type: str
    body: bytes


Answer = Callable[["Receiver", Taken], Awaitable[int]]


async def agree(_receiver: "Receiver", _taken: Taken) -> int:
    """Takes it."""
    return 204


async def fail(_receiver: "Receiver", _taken: Taken) -> int:
    """Answers 500."""
    return 500


async def hang(receiver: "Receiver", _taken: Taken) -> int:
    """Answers when the receiver ends, or the caller has left."""
    await receiver.ended.wait()
    return 204


@dataclass
class Receiver:
    """A receiver of webhooks: counts, and refuses with 401 what is not signed with its secret."""

    secret: str
    answer: Answer = agree
    headers: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    url: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: Request) -> Response:
        """One request."""
        body = await request.body()
        Webhook(self.secret).verify(body, dict(request.headers))
        taken = Taken(request.headers["webhook-id"], json.loads(body), request.headers["content-type"], body)
        async with self._more:
            self.taken.append(taken)
            self._more.notify_all()
        return Response(status_code=await self.answer(self, taken), headers=self.headers)

    async def until(self, count: int) -> None:
        """Returns when this many requests have come."""
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: len(self.taken) >= count)

    @property
    def ids(self) -> list[str]:
        """The webhook ids, in the order they came."""
        return [one.webhook_id for one in self.taken]


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test runner's."""
        yield


@asynccontextmanager
async def a_receiver(name: str, answer: Answer = agree, **headers: str) -> AsyncIterator[Receiver]:
    """A receiver that listens on 127.0.0.1 for the length of the block."""
    receiver = Receiver("whsec_" + base64.b64encode(f"secret of {name}".encode()).decode(), answer, headers)
    app = Starlette(routes=[Route("/hook", receiver.take, methods=["POST", "GET"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = _Server(config)
    listening = config.bind_socket()
    receiver.url = f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.should_exit = True
        await serving
        with contextlib.suppress(OSError):
            listening.close()
