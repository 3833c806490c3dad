"""The subscriptions door (`contract.md` 5): `/v1/subscriptions`, for recipients of the register, each for its own alone.

A subscription is another way by which a recipient hears what its role hears. Trying an address out is in `validating`, what was
told and would have been told in `recalling`.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs
from aanwezig.chassis.asking import JSON, Asked, Asking
from aanwezig.chassis.languages import Language
from aanwezig.chassis.problems import Words, WrongFields, in_language, wrong_fields
from aanwezig.contracts.messages import Message, QuietHours, RecipientRegistered
from aanwezig.notifier import answers
from aanwezig.notifier.filters import Filter, domains_of, refusal, types_heard
from aanwezig.notifier.handshake import Agreed, Handshake, Pace
from aanwezig.notifier.problems import Problem
from aanwezig.notifier.subscriptions import OLD_SECRET, Subscription, Subscriptions
from aanwezig.notifier.table import Domain

MERGE: Final = "application/merge-patch+json"
PATH: Final = "/v1/subscriptions"
Ask = Asked[RecipientRegistered]
M = TypeVar("M", bound=Message)
_NOTE: Final[Words] = (
    "Dat iets wordt ingetrokken, hoort u altijd, wat het filter ook zegt, als het u verteld was.",
    "You always hear that something is taken back, whatever the filter says, if you were told it.",
)
_log = logs.get(__name__)


class SubscriptionDoor:
    """What a recipient does with its subscriptions. `pace` bounds how often it lets us try an address."""

    def __init__(
        self, domain: Domain, asking: Asking[RecipientRegistered], subscriptions: Subscriptions, handshake: Handshake,
        pace: Pace,
    ) -> None:  # fmt: skip
        self._domain: Final = domain
        self._asking = asking
        self._subscriptions = subscriptions
        self._handshake = handshake
        self._pace = pace

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        route = self._asking.route
        one = f"{PATH}/{{subscription}}"
        return [
            route(PATH, self._make, "POST"),
            route(PATH, self._list),
            route(one, self._show),
            route(one, self._change, "PATCH"),
            route(one, self._delete, "DELETE"),
            route(f"{one}/rotate", self._rotate, "POST"),
            route(f"{one}/pause", self._pause, "POST"),
            route(f"{one}/resume", self._resume, "POST"),
        ]

    async def _make(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        asked.media_type(JSON)
        wanted = read(answers.SubscriptionWanted, await asked.json())
        _require_hours(wanted.quiet)
        chosen = filter_of(wanted.filter, who, self._domain)
        await self._require_address(asked, who, wanted.address)
        async with asked.in_time():
            made, secret, token = await self._subscriptions.make(
                who.recipient, wanted.address, chosen, wanted.digest, wanted.quiet
            )
        _log.info("subscription.made", recipient=who.recipient, subscription=made.id)
        made = await hand_shaken(self._subscriptions, self._handshake, made, token)
        said = {**shown(made, asked.language), "secret": secret}
        return asked.answer(said, HTTPStatus.CREATED, location=f"{PATH}/{made.id}")

    async def _list(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        async with asked.in_time():
            found = await self._subscriptions.of(who.recipient)
        types = list(types_heard(self._domain, who.role))
        return asked.answer({"subscriptions": [shown(one, asked.language) for one in found], "types": types})

    async def _show(self, asked: Ask) -> Response:
        async with asked.in_time():
            found = await own(asked, self._domain, self._subscriptions)
        return asked.answer(shown(found, asked.language))

    async def _change(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        asked.media_type(JSON, MERGE)
        wanted = read(answers.SubscriptionChange, await asked.json())
        said = wanted.model_fields_set
        empty = sorted(name for name in said & {"address", "filter"} if getattr(wanted, name) is None)
        if empty:
            raise WrongFields([(name, "wrong-value") for name in empty])
        _require_hours(wanted.quiet)
        chosen = None if wanted.filter is None else filter_of(wanted.filter, who, self._domain)
        async with asked.in_time():
            found = await own(asked, self._domain, self._subscriptions)
        if wanted.address is not None and wanted.address != found.wanted_address:
            await self._require_address(asked, who, wanted.address)

        def changed(one: Subscription) -> Subscription:
            validation = None if wanted.address == one.address is not None else one.validation
            return replace(
                one, filter=chosen or one.filter, digest=wanted.digest if "digest" in said else one.digest,
                quiet=wanted.quiet if "quiet" in said else one.quiet, validation=validation,
            )  # fmt: skip

        token = None
        async with asked.in_time():
            found = await self._subscriptions.change(found.id, changed, recipient=who.recipient)
            if wanted.address is not None and wanted.address != found.wanted_address:
                found, token = await self._subscriptions.propose(found.id, who.recipient, wanted.address)
        if token is not None:
            found = await hand_shaken(self._subscriptions, self._handshake, found, token)
        return asked.answer(shown(found, asked.language))

    async def _delete(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        async with asked.in_time():
            await self._subscriptions.delete(wanted_id(asked), who.recipient)
        _log.info("subscription.ended", recipient=who.recipient, subscription=wanted_id(asked))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"cache-control": "no-store"})

    async def _rotate(self, asked: Ask) -> Response:
        who = member(asked, self._domain)
        async with asked.in_time():
            secret = await self._subscriptions.rotate(wanted_id(asked), who.recipient)
        return asked.answer({"secret": secret, "old_until": (asked.now + OLD_SECRET).isoformat()})

    async def _pause(self, asked: Ask) -> Response:
        return await self._changed(asked, paused=True)

    async def _resume(self, asked: Ask) -> Response:
        return await self._changed(asked, paused=False)

    async def _changed(self, asked: Ask, *, paused: bool) -> Response:
        """Pauses, or resumes, also where it was parked: what waited goes on."""
        who = member(asked, self._domain)

        def changed(one: Subscription) -> Subscription:
            return replace(one, paused=paused, reason=one.reason if paused else None)

        async with asked.in_time():
            found = await self._subscriptions.change(wanted_id(asked), changed, recipient=who.recipient)
        return asked.answer(shown(found, asked.language))

    async def _require_address(self, asked: Ask, who: RecipientRegistered, address: str) -> None:
        """Refuses an address no webhook may go to; looking one up counts as a try."""
        self._pace.enter(who.recipient, asked.now)
        refused = await self._handshake.refusal(address)
        if refused is not None:
            raise refused


def member(asked: Ask, domain: Domain) -> RecipientRegistered:
    """Who asks, where its role hears something in this domain.

    Raises:
        Problem: 403, it hears nothing here; the hint names the domains where it does.
    """
    elsewhere = domains_of(asked.who.role)
    if domain not in elsewhere:
        raise Problem("another-domain", ", ".join(elsewhere) or "-", known=elsewhere)
    return asked.who


def wanted_id(asked: Ask) -> str:
    """The subscription that the address names."""
    return str(asked.request.path_params["subscription"])


async def own(asked: Ask, domain: Domain, subscriptions: Subscriptions) -> Subscription:
    """The subscription that is asked for.

    Raises:
        Problem: 404, who asks has none of this id.
    """
    who = member(asked, domain)
    found = await subscriptions.get(wanted_id(asked))
    if found is None or found.recipient != who.recipient:
        raise Problem("unknown-subscription")
    return found


def read(form: type[M], said: dict[str, Any]) -> M:
    """What was sent, in this form.

    Raises:
        Problem: 400, with an error for each field.
    """
    try:
        return form.model_validate(said)
    except ValidationError as wrong:
        raise wrong_fields(wrong.errors(include_url=False, include_input=False)) from None


def filter_of(said: answers.FilterSaid, who: RecipientRegistered, domain: Domain) -> Filter:
    """The filter, each word once.

    Raises:
        Problem: 422, who asks cannot have it.
    """
    wanted = Filter(tuple(said.types), tuple(said.tracks), tuple(said.municipalities))
    refused = refusal(wanted, who.role, who.municipality, domain)
    if refused is not None:
        raise refused
    return wanted.folded()


async def hand_shaken(
    subscriptions: Subscriptions, handshake: Handshake, one: Subscription, token: str
) -> Subscription:
    """The subscription after its receiver was asked; where it does not agree it waits for the callback."""
    heard = await handshake.ask(one.id, one.wanted_address, token)
    if not isinstance(heard, Agreed):
        return await subscriptions.refused(one.id, token, heard.reason)
    try:
        return await subscriptions.confirm(one.id, token, heard.per_minute)
    except Problem:
        # Meanwhile the receiver was asked anew, or all is over: that is what stands.
        found = await subscriptions.get(one.id)
        if found is None:
            raise Problem("unknown-subscription") from None
        return found


def shown(one: Subscription, language: Language) -> dict[str, Any]:
    """A subscription as the door tells it."""
    awaited = one.validation
    said = answers.SubscriptionShown(
        id=one.id, status=one.status, reason=one.reason, address=one.address,
        validation=None if awaited is None else answers.ValidationShown(
            address=awaited.address, reason=awaited.reason, until=awaited.until
        ),
        filter=answers.FilterSaid(
            types=list(one.filter.types), tracks=list(one.filter.tracks), municipalities=list(one.filter.municipalities)
        ),
        digest=one.digest, quiet=one.quiet, per_minute=one.per_minute, secrets=len(one.secrets), created=one.created,
        changed=one.changed, note=in_language(_NOTE, language),
    )  # fmt: skip
    return said.model_dump(mode="json", by_alias=True)


def note(language: Language) -> str:
    """What holds whatever a filter says."""
    return in_language(_NOTE, language)


def _require_hours(quiet: QuietHours | None) -> None:
    """Refuses quiet hours that begin when they end: they are none, or all day."""
    if quiet is not None and quiet.from_ == quiet.until:
        raise WrongFields([("quiet.until", "wrong-value")])
