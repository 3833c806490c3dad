"""`aanwezig partner simulate`: a partner's receiver on this machine, which shows what arrives and holds it to the rules."""

import json
import queue
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from http import HTTPStatus
from types import FrameType
from typing import Any, Final
from urllib.parse import urlsplit

import click
import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from aanwezig.cli.asking import Doorway
from aanwezig.cli.delivered import HANDSHAKE, REDIRECT
from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.notices_door import Partner, by_a_partner, filtering
from aanwezig.cli.receiver import Arrived, Asked, Followed, Heard, Manners, Receiver, is_redirect
from aanwezig.cli.rule_card import RuleCard
from aanwezig.cli.subscriptions import PATH
from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.envelope import TYPE_PREFIX

_VARIABLE: Final = "AANWEZIG_WEBHOOK_SECRET"
_CLAIM_SECONDS: Final = 10.0
_FAIL: Final = re.compile(r"([1-5][0-9]{2})(?::([1-9][0-9]{0,5}))?")


class _FailParameter(click.ParamType[tuple[int, int | None]]):
    """A status and how often: `500:3`; without a number always."""

    name = "status"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int | None]:
        """The status, and how many of each notice get it (None: all)."""
        if isinstance(value, tuple):
            return value
        found = _FAIL.fullmatch(str(value))
        if found is None or found[1].startswith("1"):
            self.fail(f"{value!r} is no status with a number of times, such as 500:3.", param, ctx)
        return int(found[1]), None if found[2] is None else int(found[2])


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="Of 127.0.0.1; without it a free one."
)
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    envvar=_VARIABLE,
    show_envvar=True,
    help="The secret of your subscription, whsec_...; twice while it is replaced.",
)
@click.option(
    "--subscribe",
    is_flag=True,
    help="Make a subscription for as long as this runs, of the types that are named.",
)
@filtering
@click.option("--claim", is_flag=True, help="Claim what a dataref points to with your key, and show it.")
@click.option(
    "--count",
    type=click.IntRange(min=1),
    help="End after so many signed deliveries; without it: Ctrl-C ends.",
)
@click.option(
    "--fail",
    type=_FailParameter(),
    metavar="STATUS[:TIMES]",
    help="Answer so, 500:3 to the first three of each.",
)
@click.option("--hang", is_flag=True, help="Never answer.")
@click.option("--gone", is_flag=True, help="Answer 410: this receiver is no more.")
@click.option("--redirect", is_flag=True, help="Answer 307, and see whether it is followed.")
@click.option(
    "--slow",
    type=click.FloatRange(0, 3_600),
    default=0.0,
    metavar="SECONDS",
    help="Wait before every answer.",
)
@click.option("--refuse-handshake", is_flag=True, help="Give no sender leave.")
@click.option(
    "--rate", type=click.IntRange(min=1), help="Allow so many requests a minute; without it what is asked."
)
@click.option("--json", "as_json", is_flag=True, help="For programs: an object a line.")
@by_a_partner
def simulate(
    *, partner: Partner, port: int, secrets: tuple[str, ...], subscribe: bool, wanted: dict[str, Any], claim: bool,
    count: int | None, fail: tuple[int, int | None] | None, hang: bool, gone: bool, redirect: bool, slow: float,
    refuse_handshake: bool, rate: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Start a receiver of webhooks, and tell of every rule whether what arrives keeps it.

    It gives senders leave (CloudEvents HTTP webhooks), checks signatures (Standard Webhooks), and holds each event to
    CloudEvents 1.0 and the NL GOV profile 1.1. Exit code 1 when a rule was broken.
    """
    if sum((fail is not None, hang, gone, redirect)) > 1:
        raise click.UsageError("Choose one of --fail, --hang, --gone and --redirect.")
    _check(secrets)
    status, times = fail or (_always(gone=gone, redirect=redirect), None)
    manners = Manners(status, times, slow, hang, allows=not refuse_handshake, rate=rate)
    heard: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
    showing = _Showing(partner.doorway() if claim else None, as_json=as_json)
    with (
        _ended_by(heard),
        Receiver(*secrets, port=port, manners=manners, hears=heard.put) as receiver,
    ):
        showing.begins(receiver.address, is_trusting=bool(secrets) or subscribe)
        with _subscription(partner, receiver, wanted) if subscribe else nullcontext():
            while (count is None or showing.signed < count) and (one := heard.get()) is not None:
                showing.show(one)
    while not heard.empty():
        if (one := heard.get()) is not None:
            showing.show(one)
    showing.ends()
    if showing.card.broken:
        sys.exit(AT_FAULT)


def _always(*, gone: bool, redirect: bool) -> int:
    if gone:
        return HTTPStatus.GONE
    return HTTPStatus.TEMPORARY_REDIRECT if redirect else HTTPStatus.NO_CONTENT


def _check(secrets: tuple[str, ...]) -> None:
    for secret in secrets:
        try:
            Webhook(secret)
        except (ValueError, EmptyWebhookSecretError):
            # Not repeated: it is a secret.
            raise click.UsageError("A --secret is not one of Standard Webhooks: whsec_ and base64.") from None


@contextmanager
def _ended_by(heard: queue.SimpleQueue[Heard | None]) -> Iterator[None]:
    """Within this block Ctrl-C and SIGTERM are the last thing that is heard: what was answered before is told all the same."""

    def end(_number: int, _frame: FrameType | None) -> None:
        heard.put(None)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _subscription(partner: Partner, receiver: Receiver, wanted: dict[str, Any]) -> Iterator[None]:
    """A subscription of this receiver, whose secret it trusts; it is removed whatever happens."""
    made = partner.says(PATH, {"address": receiver.address, "filter": wanted})
    try:
        receiver.trust(made["secret"])
        click.echo(f"subscription {made['id']} is {made['status']}", err=True)
        yield
    finally:
        partner.removes(f"{PATH}/{made['id']}")


class _Showing:
    """A line for everything that arrives; the table at the end. `door`: where what a dataref points to is claimed."""

    def __init__(self, door: Doorway | None, *, as_json: bool) -> None:
        self.card = RuleCard()
        self.signed = 0
        self._again = 0
        self._unsigned = 0
        self._redirected = False
        self._door = door
        self._as_json = as_json

    def begins(self, address: str, *, is_trusting: bool) -> None:
        """Where it listens, on stderr."""
        if not is_trusting:
            click.echo(
                "without a --secret no signature can be checked: senders are given leave, and what they send is answered 403",
                err=True,
            )
        click.echo(f"listening at {address}; Ctrl-C ends", err=True)

    def show(self, heard: Heard) -> None:
        """One thing that was heard."""
        if isinstance(heard, Arrived):
            self._arrived(heard)
        elif isinstance(heard, Asked):
            self.card.take({HANDSHAKE: heard.fault})
            said = "given" if heard.granted else "not given"
            why = "" if heard.fault is None else f": {heard.fault}"
            self._line(
                heard.at,
                f"leave {said} to {_plain(heard.origin) or '-'}{why}",
                {"handshake": heard.origin, "granted": heard.granted},
            )
        else:
            self._followed(heard)

    def ends(self) -> None:
        """The table."""
        if self._redirected and REDIRECT not in self.card.broken:
            self.card.take({REDIRECT: None})
        if self._as_json:
            told = {"signed": self.signed, "again": self._again, "unsigned": self._unsigned}
            click.echo(
                json.dumps(
                    {**told, "rules": self.card.told(), "broken": self.card.broken}, ensure_ascii=False
                )
            )
            return
        for line in ["", *self.card.lines(), ""]:
            click.echo(line)
        click.echo(
            f"{self.signed} signed deliveries, {self._again} of them again; {self._unsigned} that were not signed"
        )
        click.echo(f"broken: {', '.join(self.card.broken)}" if self.card.broken else "no rule was broken")

    def _arrived(self, one: Arrived) -> None:
        self.card.take(one.verdicts)
        if one.nth:
            self.signed += 1
            self._again += one.nth > 1
        else:
            self._unsigned += 1
        self._redirected |= one.status is not None and is_redirect(one.status)
        broken = {name: why for name, why in one.verdicts.items() if why is not None}
        claimed = self._claimed(one)
        event = one.event or {}
        words = [
            "-" if one.status is None else str(one.status), _plain(one.identity) or "-",
            _plain(str(event.get("type", "-"))).removeprefix(TYPE_PREFIX),
            *(_plain(str(event[name])) for name in ("word", "urgency", "municipality") if name in event),
        ]  # fmt: skip
        if one.nth > 1:
            words.append(f"again ({one.nth})")
        if broken:
            words.append("breaks " + ", ".join(broken))
        self._line(one.at, "  ".join(words), {
            "webhook_id": one.identity, "nth": one.nth, "status": one.status, "signed": one.nth > 0, "event": one.event,
            "broken": broken, **({} if claimed is None else {"claimed": claimed}),
        })  # fmt: skip
        if claimed is not None and not self._as_json:
            click.echo(f"          {json.dumps(claimed, ensure_ascii=False)}")

    def _followed(self, heard: Followed) -> None:
        self.card.take({REDIRECT: "somebody came where a redirect pointed"})
        self._line(heard.at, "a redirect was followed", {"redirect": "followed"})

    def _line(self, at: datetime, text: str, told: dict[str, Any]) -> None:
        if self._as_json:
            click.echo(json.dumps({"at": at.isoformat(), **told}, ensure_ascii=False))
        else:
            click.echo(f"{at.astimezone(AMSTERDAM):%H:%M:%S}  {text}")

    def _claimed(self, one: Arrived) -> Any:
        """What the dataref of a signed event points to, or a sentence why not; None: there is nothing to claim."""
        told = (one.event or {}).get("dataref")
        if self._door is None or not one.nth or not isinstance(told, str):
            return None
        # The key goes to the door whose key it is, and nowhere else an event may point to.
        if urlsplit(told)[:2] != urlsplit(self._door.address)[:2]:
            return f"not claimed: it is not at {self._door.address}"
        try:
            with self._door.client(seconds=_CLAIM_SECONDS) as client:
                answer = client.get(told)
            return answer.json() if answer.is_success else f"not claimed: answered {answer.status_code}"
        except (httpx.HTTPError, ValueError) as wrong:
            return f"not claimed: {type(wrong).__name__}"


def _plain(text: str) -> str:
    """What a stranger wrote, without what a terminal would act upon, and not over long."""
    return "".join(one if one.isprintable() else "?" for one in text)[:200]
