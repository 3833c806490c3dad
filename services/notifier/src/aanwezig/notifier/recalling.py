"""What was told, would have been told, and is told once more: of who asks, and of nobody else."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs, problems
from aanwezig.chassis.asking import JSON, Asking
from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier import answers
from aanwezig.notifier.channels.thin import NOTICES_PATH, claim_at
from aanwezig.notifier.history import SHOWN, Delivery, Told
from aanwezig.notifier.problems import MOST_DAYS, Problem
from aanwezig.notifier.subscribing import PATH, Ask, filter_of, member, note, own, read
from aanwezig.notifier.subscriptions import Subscriptions
from aanwezig.notifier.table import Domain

LIMIT: Final = 100
MOST_AT_ONCE: Final = 500
"""How many notices one answer holds: unless said otherwise, and at most."""
_WINDOW: Final = timedelta(days=MOST_DAYS)
_PERIOD: Final = ("since", "until")
_SPACE_FOR_PLUS: Final = re.compile(r" ([0-9]{2}:?[0-9]{2})$")
_log = logs.get(__name__)


class RecallDoor:
    """The routes by which a recipient looks back. `told` is the core's memory of notices."""

    def __init__(
        self, domain: Domain, asking: Asking[RecipientRegistered], subscriptions: Subscriptions, told: Told,
        public_url: str,
    ) -> None:  # fmt: skip
        self._domain: Final = domain
        self._asking = asking
        self._subscriptions = subscriptions
        self._told = told
        self._public_url = public_url

    def routes(self) -> list[BaseRoute]:
        """The routes of this door; the preview stands before the subscriptions, whose ids it could be taken for."""
        route = self._asking.route
        one = f"{PATH}/{{subscription}}"
        return [
            route(f"{PATH}/preview", self._preview, "POST"),
            route(f"{one}/deliveries", self._deliveries, takes=(*_PERIOD, "limit")),
            route(f"{one}/redeliver", self._again, "POST"),
            route(NOTICES_PATH.rstrip("/"), self._heard, takes=(*_PERIOD, "limit")),
            route(f"{NOTICES_PATH}{{notice}}", self._claim),
        ]

    async def _preview(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        asked.media_type(JSON)
        wanted = read(answers.PreviewWanted, await asked.json())
        chosen = filter_of(wanted.filter, who, self._domain)
        since, until = _period(wanted.since, wanted.until, asked.now)
        async with asked.in_time():
            would = await self._told.preview(who, chosen, since, until)
        shown = answers.PreviewShown(
            since=since, until=until, count=would.count, per_type=dict(sorted(would.per_type.items())),
            notices=[
                answers.WouldShown(
                    time=one.time, happened=one.happened, word=one.word, municipality=one.municipality, track=one.track
                )
                for one in would.notices[:SHOWN]
            ],
            note=note(asked.language),
        )  # fmt: skip
        return asked.answer(shown.model_dump(mode="json"))

    async def _deliveries(self, asked: Ask) -> Response:
        since, until, limit = _asked_period(asked)
        async with asked.in_time():
            found = await own(asked, self._domain, self._subscriptions)
            told = await self._told.history(found.recipient, found.id, since, until, limit)
        return asked.answer(self._shown(told, since, until, limit))

    async def _heard(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        since, until, limit = _asked_period(asked)
        async with asked.in_time():
            told = await self._told.heard(who.recipient, since, until, limit)
        return asked.answer(self._shown(told, since, until, limit))

    async def _again(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        asked.media_type(JSON)
        wanted = read(answers.AgainWanted, await asked.json())
        if (wanted.since is None) == (wanted.notice is None):
            raise Problem("one-of-both")
        if wanted.since is not None and wanted.since > asked.now:
            raise Problem("wrong-period")
        async with asked.in_time():
            found = await own(asked, self._domain, self._subscriptions)
            if found.address is None:
                raise Problem("not-validated", subscription=found.id)
            count = await self._told.again(who, found.way(), since=wanted.since, notice=wanted.notice)
        if wanted.notice is not None and not count:
            raise Problem("unknown-notice")
        _log.info("notices.sent-again", subscription=found.id, notices=count)
        return asked.answer({"notices": count}, HTTPStatus.ACCEPTED)

    async def _claim(self, asked: Ask) -> Response:
        """The whole of one notice: what a webhook and a mail leave out."""
        who = member(asked, self._domain)
        async with asked.in_time():
            event = await self._told.notice(str(asked.request.path_params["notice"]), who.recipient)
        if event is None:
            raise Problem("unknown-notice")
        _log.info("notice.claimed", recipient=who.recipient)
        return asked.answer(event.as_bytes(), media_type=CONTENT_TYPE)

    def _shown(
        self, told: Sequence[Delivery], since: datetime, until: datetime, limit: int
    ) -> dict[str, Any]:
        notices = [
            answers.DeliveryShown(
                id=one.id, time=one.time, happened=one.happened, word=one.word, status=one.status,
                subscription=one.via or None, next=one.next, claim=claim_at(self._public_url, one.id),
                attempts=[answers.AttemptShown(at=attempt.at, outcome=attempt.outcome) for attempt in one.attempts],
            )
            for one in told[:limit]
        ]  # fmt: skip
        shown = answers.DeliveriesShown(since=since, until=until, notices=notices, more=len(told) >= limit)
        return shown.model_dump(mode="json")


def _asked_period(asked: Ask) -> tuple[datetime, datetime, int]:
    since, until = (_moment(asked, name) for name in _PERIOD)
    return *_period(since, until, asked.now), asked.number("limit", LIMIT, most=MOST_AT_ONCE)


def _moment(asked: Ask, name: str) -> datetime | None:
    said = asked.parameter(name)
    if said is None:
        return None
    try:
        # A plus that was not escaped arrives as a space.
        moment = datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"+\1", said))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise problems.Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", name)
    return moment


def _period(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The period that is asked about.

    Raises:
        Problem: 422, it ends before it begins, or is too long.
    """
    try:
        # Who asks on from a moment that has not come hears that there is nothing yet.
        last = until if until is not None else max(now, since or now)
        first = since if since is not None else last - _WINDOW
        is_wrong = not first <= last <= first + _WINDOW
    except OverflowError:
        is_wrong = True
    if is_wrong:
        raise Problem("wrong-period")
    return first, last
