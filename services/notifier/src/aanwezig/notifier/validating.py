"""Trying out where a subscription goes: the handshake once more, the receiver's own confirmation, and a test message."""

from datetime import datetime
from http import HTTPStatus
from typing import Final, Protocol
from uuid import uuid4

from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs
from aanwezig.chassis.asking import Asked, Asking
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier.channels.doors import Delivered, Outcome, Way
from aanwezig.notifier.handshake import ALLOWED_ORIGIN, ALLOWED_RATE, Handshake, Pace, rate_of
from aanwezig.notifier.problems import Problem
from aanwezig.notifier.subscribing import PATH, Ask, hand_shaken, member, own, shown, wanted_id
from aanwezig.notifier.subscriptions import Subscriptions
from aanwezig.notifier.table import Domain

TESTED: Final = "subscription-tested"
_SOURCE: Final = f"{PLATFORM_SOURCE}-notifier"
_log = logs.get(__name__)


class Posts(Protocol):
    """The webhook door, open: posts a signed CloudEvent under an id, once."""

    async def post(self, to: Way, identity: str, body: bytes, at: datetime) -> Outcome:
        """How it went; raises nothing."""


class ValidationDoor:
    """The routes by which a receiver is tried out. `pace` bounds how often a recipient lets us."""

    def __init__(
        self, domain: Domain, asking: Asking[RecipientRegistered], subscriptions: Subscriptions, handshake: Handshake,
        pace: Pace, webhook: Posts,
    ) -> None:  # fmt: skip
        self._domain: Final = domain
        self._asking = asking
        self._subscriptions = subscriptions
        self._handshake = handshake
        self._pace = pace
        self._webhook = webhook

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        one = f"{PATH}/{{subscription}}"
        return [
            self._asking.route(f"{one}/validate", self._validate, "POST"),
            self._asking.route(f"{one}/test", self._test, "POST"),
            self._asking.open_route(f"{one}/validation/{{token}}", self._confirm, ("GET", "POST")),
        ]

    async def _validate(self, asked: Ask) -> Response:
        """Asks the receiver once more: of the candidate, or of the address that stands."""
        who = member(asked, self._domain)
        self._pace.enter(who.recipient, asked.now)
        async with asked.in_time():
            found, token = await self._subscriptions.propose(wanted_id(asked), who.recipient)
        found = await hand_shaken(self._subscriptions, self._handshake, found, token)
        return asked.answer(shown(found, asked.language))

    async def _test(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        async with asked.in_time():
            found = await own(asked, self._domain, self._subscriptions)
        if found.address is None:
            raise Problem("not-validated", subscription=found.id)
        self._pace.enter(who.recipient, asked.now)
        ping = Event(
            id=uuid4().hex, source=_SOURCE, name=TESTED, time=asked.now, data={"subscription": found.id},
            traceparent=asked.traceparent,
        )  # fmt: skip
        outcome = await self._webhook.post(found.way(), ping.id, ping.as_bytes(), asked.now)
        reason = None if isinstance(outcome, Delivered) else outcome.reason
        _log.info("subscription.tested", subscription=found.id, reason=reason)
        return asked.answer({"test": ping.id, "delivered": reason is None, "reason": reason})

    async def _confirm(self, asked: Asked[None]) -> Response:
        """The receiver, or a person who saw the address in its log, says that messages are wanted."""
        request = asked.request
        origin = request.headers.get(ALLOWED_ORIGIN)
        if origin is not None and not self._handshake.allows_origin(origin):
            raise Problem("unknown-validation")
        try:
            per_minute = rate_of(request.headers.get(ALLOWED_RATE))
        except ValueError:
            raise Problem("unknown-validation") from None
        identity, token = (str(request.path_params[name]) for name in ("subscription", "token"))
        # HEAD is asked by whoever looks whether a link is alive: it says nothing.
        if request.method != "HEAD":
            async with asked.in_time():
                await self._subscriptions.confirm(identity, token, per_minute)
            _log.info("subscription.validated", subscription=identity)
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"cache-control": "no-store"})
