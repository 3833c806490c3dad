"""The subscriptions door over a store in memory, a small memory of notices, and partners on real sockets."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx
import uvicorn
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.chassis.asking import Asking, Limits
from aanwezig.chassis.nowhere import handlers, told_nowhere
from aanwezig.chassis.serving import Server
from aanwezig.contracts.envelope import Event, type_of
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier.channels.addresses import Addresses
from aanwezig.notifier.channels.doors import Way
from aanwezig.notifier.channels.webhook import WebhookDoor
from aanwezig.notifier.describing import routes as description
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.handshake import Handshake, Pace
from aanwezig.notifier.history import Attempt, Delivery, Preview, Would
from aanwezig.notifier.recalling import RecallDoor
from aanwezig.notifier.subscribing import SubscriptionDoor
from aanwezig.notifier.subscriptions import Subscriptions
from aanwezig.notifier.table import Domain
from aanwezig.notifier.validating import ValidationDoor
from support.memory import MemoryCollection
from support.notifying import SEAL_KEY

NOW = datetime(2024, 10, 14, 6, tzinfo=UTC)
PUBLIC_URL = "http://notifier.example"
ESCALATED = type_of("case-escalated")
STAGNATED = type_of("case-stagnated")
WITHDRAWN = type_of("case-withdrawn")


class UniqueCollection(MemoryCollection):
    """Documents in a dictionary that also holds to unique indexes, and forgets."""

    def __init__(self) -> None:
        super().__init__()
        self._unique: list[tuple[str, ...]] = []

    async def index(self, *keys: Any, **options: Any) -> None:
        if options.get("unique"):
            self._unique.append(tuple(name for name, _ in keys[0]))

    async def insert_new(self, documents: Sequence[dict[str, Any]]) -> set[Any]:
        lost = {one["_id"] for one in documents if self._is_taken(one)}
        return lost | await super().insert_new([one for one in documents if one["_id"] not in lost])

    async def replace_if(self, documents: Sequence[dict[str, Any]], *, seen: Mapping[Any, int]) -> set[Any]:
        lost = {one["_id"] for one in documents if self._is_taken(one)}
        return lost | await super().replace_if(
            [one for one in documents if one["_id"] not in lost], seen=seen
        )

    async def delete(self, query: Mapping[str, Any]) -> int:
        found = await self.find(query)
        for one in found:
            del self.documents[one["_id"]]
        return len(found)

    def _is_taken(self, one: Mapping[str, Any]) -> bool:
        return any(
            other["_id"] != one["_id"] and all(other[name] == one[name] for name in names)
            for names in self._unique
            for other in self.documents.values()
        )


class Now:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, **more: float) -> None:
        """Moves it."""
        self.at += timedelta(**more)


@dataclass
class Memory:
    """A memory of notices: what was told to whom, in a list. It notes what it was asked."""

    told: list[tuple[str, Delivery]] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, recipient: str, number: int, *, via: str = "", time: datetime = NOW) -> str:
        """Tells somebody something; its id."""
        identity = derived_id("notice", recipient, str(number))
        tries = [Attempt(time, "answered-503"), Attempt(time + timedelta(seconds=25), "delivered")]
        said = Delivery(identity, time, ESCALATED, "new-home-sitter", "sent", via, tries)
        self.told.append((recipient, said))
        return identity

    async def preview(
        self, recipient: RecipientRegistered, wanted: Filter, since: datetime, until: datetime
    ) -> Preview:
        """All that was told to it and is wanted."""
        self.asked.append(("preview", recipient.recipient, wanted, since, until))
        would = [
            Would(one.time, one.happened, one.word, "0637", None)
            for who, one in self.told
            if who == recipient.recipient and wanted.matches(one.happened, None, "0637")
        ]
        return Preview(len(would), {ESCALATED: len(would)} if would else {}, would)

    async def history(
        self, recipient: str, via: str, since: datetime, until: datetime, limit: int
    ) -> list[Delivery]:
        """By one subscription."""
        found = await self.heard(recipient, since, until, len(self.told))
        return [one for one in found if one.via == via][:limit]

    async def again(
        self,
        recipient: RecipientRegistered,
        way: Way,
        *,
        since: datetime | None = None,
        notice: str | None = None,
    ) -> int:
        """How many there are."""
        self.asked.append(("again", recipient.recipient, way.via, since, notice))
        return sum(
            who == recipient.recipient and (one.time >= since if since else one.id == notice)
            for who, one in self.told
        )

    async def notice(self, identity: str, recipient: str) -> Event | None:
        """One of its own."""
        for who, one in self.told:
            if (who, one.id) == (recipient, identity):
                data = {
                    "notice": one.id, "recipient": {"role": "chain-director", "organisation": "x"}, "about": "a",
                    "channel": "webhook", "cause": "c", "happened": one.happened, "subject": one.word, "urgency": "normal",
                }  # fmt: skip
                return Event(one.id, "urn:nld:oin:x", "notice-sent", one.time, data)
        return None

    async def heard(self, recipient: str, since: datetime, until: datetime, limit: int) -> list[Delivery]:
        """By any way."""
        return [one for who, one in self.told if who == recipient and since <= one.time <= until][:limit]


def a_director(
    name: str = "director", municipality: str | None = None, role: str = "chain-director"
) -> RecipientRegistered:
    """A recipient whose key is made of its name."""
    return RecipientRegistered(
        recipient=name, role=role, organisation=name, municipality=municipality, channel="topic",
        keys=[hashlib.sha256(f"key-of-{name}".encode()).hexdigest()],
    )  # fmt: skip


@dataclass
class SubscribersDoor:
    """A notifier's door with its parts; `asks` sends a request of a recipient."""

    domain: Domain = "chain"
    allow_private: bool = True
    public: str = "93.184.216.34"
    collection: Any = field(default_factory=UniqueCollection)
    tries: int = 100
    now: Now = field(default_factory=Now)
    memory: Memory = field(default_factory=Memory)
    ready: bool = True
    recipients: list[RecipientRegistered] = field(
        default_factory=lambda: [
            a_director(), a_director("other"), a_director("town", "0637"), a_director("halt", role="halt"),
        ]
    )  # fmt: skip

    def __post_init__(self) -> None:
        self.subscriptions = Subscriptions(self.collection, seal_key=SEAL_KEY, now=self.now)
        asking = Asking(self._by_key, Limits(0.3, 5), clock=self.now, is_ready=lambda: self.ready)
        self.handshake = Handshake(
            public_url=PUBLIC_URL,
            addresses=self._addresses(),
            timeout_seconds=2,
            allow_http=self.allow_private,
        )
        self.webhook = WebhookDoor(
            seal_key=SEAL_KEY, public_url=PUBLIC_URL, addresses=self._addresses(), timeout_seconds=2
        )
        pace = Pace(self.tries)
        common = (self.domain, asking, self.subscriptions)
        self.routes = [
            *RecallDoor(*common, self.memory, PUBLIC_URL).routes(),
            *SubscriptionDoor(*common, self.handshake, pace).routes(),
            *ValidationDoor(*common, self.handshake, pace, self.webhook).routes(),
            *description(),
        ]
        self.app = Starlette(routes=self.routes, exception_handlers=handlers(self.routes, told_nowhere))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=PUBLIC_URL)

    async def __aenter__(self) -> Self:
        await self.subscriptions.start()
        await self.webhook.__aenter__()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.webhook.__aexit__(None, None, None)
        await self.handshake.close()
        await self.client.aclose()

    async def asks(
        self, method: str, path: str = "", said: Any = None, who: str = "director", **headers: str
    ) -> httpx.Response:
        """A request to `/v1/subscriptions` and what follows; a path that begins with `/` is one of its own."""
        address = path if path.startswith("/v1") else f"/v1/subscriptions{path}"
        sent = {"authorization": f"Bearer key-of-{who}", "accept-language": "en", **headers}
        body = {} if said is None else {"json": said}
        return await self.client.request(method, address, headers=sent, **body)

    async def subscribes(self, address: str, who: str = "director", **more: Any) -> dict[str, Any]:
        """A subscription that is made."""
        answer = await self.asks("POST", said=wanted(address, **more), who=who)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def _by_key(self, key: str) -> RecipientRegistered | None:
        hashed = hashlib.sha256(key.encode()).hexdigest()
        return next((one for one in self.recipients if hashed in one.keys), None)

    def _addresses(self) -> Addresses:
        async def resolve(host: str, _port: int) -> list[str]:
            if host.endswith(".invalid"):
                raise OSError("no such name")
            return [host if host[0].isdigit() else self.public]

        return Addresses(allow_private=self.allow_private, resolve=resolve)


def wanted(address: str, *types: str, **more: Any) -> dict[str, Any]:
    """The body that asks for a subscription."""
    return {"address": address, "filter": {"types": list(types or (ESCALATED,))}, **more}


@dataclass
class Partner:
    """A receiver that can be asked for permission. `allows`: its answer to OPTIONS, status and headers."""

    status: int = 204
    allows: dict[str, str] = field(default_factory=lambda: {"WebHook-Allowed-Origin": "notifier.example"})
    answers: int = 204
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """One request."""
        body = await request.body()
        if request.method == "OPTIONS":
            self.asked.append(dict(request.headers))
            return Response(status_code=self.status, headers=self.allows)
        self.posted.append((dict(request.headers), body))
        return Response(status_code=self.answers)

    @property
    def callback(self) -> str:
        """The path of the callback it was given last."""
        return self.asked[-1]["webhook-request-callback"].removeprefix(PUBLIC_URL)

    def verified(self, secret: str, place: int = -1) -> dict[str, Any]:
        """A webhook it got, if this secret signed it."""
        headers, body = self.posted[place]
        # Not `verify`: the clock of the door stands still, and an old message would be refused.
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        signature = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
        assert signature in headers["webhook-signature"].split()
        said: dict[str, Any] = json.loads(body)
        return said


@asynccontextmanager
async def a_partner(**said: Any) -> AsyncIterator[Partner]:
    """A partner that listens on 127.0.0.1 for the length of the block."""
    partner = Partner(**said)
    app = Starlette(routes=[Route("/{rest:path}", partner.take, methods=["POST", "OPTIONS"])])
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none"))
    listening = server.config.bind_socket()
    partner.url = f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield partner
    finally:
        server.should_exit = True
        await serving
        with contextlib.suppress(OSError):
            listening.close()
