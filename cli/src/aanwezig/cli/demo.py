"""`aanwezig demo`: a synthetic region lives a school year on the real engines, and three counts of it are compared."""

import asyncio
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import click

from aanwezig.cli.asking import a_client
from aanwezig.cli.comparing import (
    live_against_offline,
    live_findings,
    offline_against_truth,
    receipts_against_truth,
    rows_against_truth,
)
from aanwezig.cli.exits import AT_FAULT, NeededIsAway
from aanwezig.cli.following import ROAD, Follower
from aanwezig.cli.homes import Home, Running
from aanwezig.cli.offline import Facts, rows_of
from aanwezig.cli.page import Outcome, agreement, page
from aanwezig.cli.receiver import Receiver
from aanwezig.cli.registers import a_secret
from aanwezig.cli.running import quietly, stack_of, start
from aanwezig.cli.sending import known_at
from aanwezig.cli.stack import rows_of as status_rows
from aanwezig.cli.year import Year
from aanwezig.contracts.findings import NOT_OF_THE_CHAIN
from aanwezig.contracts.topics import (
    DECISIONS,
    FINDINGS,
    HEALTH_NOTICES,
    JUSTICE_NOTICES,
    NOTICES,
    SCHOOL_NOTICES,
)
from aanwezig.law import packs
from aanwezig.local.failures import BusyError
from aanwezig.local.locking import exclusive
from aanwezig.region import Region, build
from aanwezig.region.truth import AS_OF

_PACK: Final = "nl-2024"
_NOTICES_TOPICS: Final = (NOTICES, SCHOOL_NOTICES, HEALTH_NOTICES, JUSTICE_NOTICES)
_NOTIFIERS: Final = ("notifier", "notifier-school", "notifier-health", "notifier-justice")
_WEBHOOK_SECONDS: Final = 30.0
_TELL_SECONDS: Final = 10.0
_NOTICES: Final = re.compile(r'aanwezig_notices_total\{channel="webhook",outcome="(\w+)"\} ([0-9.e+]+)')


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another number, another region.")
@click.option("--pupils", type=click.IntRange(1, 5_000), default=300, show_default=True)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it runs; by default `demo` in the home of the stack, which itself is never touched.",
)
@click.option("--keep", is_flag=True, help="Leave the stack running at the end, to look around.")
def demo(*, seed: int, pupils: int, home: Path | None, keep: bool) -> None:
    """Let a synthetic region live a school year on a real Kafka and a real MongoDB, and tell what happened.

    Exit code 1 when the live findings, `aanwezig classify` over the accepted facts, and the region's own count differ.
    """
    places = Home.found().places
    here = Home.found(home or places.home / "demo", places.engines)
    try:
        region = build(seed, pupils)
    except ValueError as wrong:
        raise click.UsageError(f"--pupils {pupils}: {wrong}.") from None
    began = time.monotonic()
    click.echo(
        f"A region of {pupils} pupils, {len(region.schools)} schools, {len(region.systems)} systems (seed {seed})."
    )
    with _interruptible(), _stack(here, keep=keep) as running:
        click.echo(f"everything is up after {time.monotonic() - began:.0f} s; the year begins")
        with quietly():
            outcome = asyncio.run(_play(here, running, region))
        for line in [
            *page(outcome),
            "",
            *agreement(outcome.differences),
            "",
            *_where(here, running, keep=keep),
        ]:
            click.echo(line)
        click.echo(f"It took {time.monotonic() - began:.0f} s in all.")
    if outcome.differences:
        sys.exit(AT_FAULT)


async def _play(home: Home, running: Running, region: Region) -> Outcome:
    keys = home.keys()
    secret = a_secret()
    accepted = home.places.home / "accepted.ndjson"
    with Receiver(secret) as receiver:
        async with Year(region, running, keys, accepted, (receiver.address, secret), _Progress()) as year:
            senders = await year.register()
            home.change_senders(lambda kept: kept.update(senders))
            last = region.systems[-1].name
            await asyncio.to_thread(known_at, running.services["intake"], senders[last])
            await year.live(senders)
            await _webhooks_done(running)
            return await _told(home, running, region, year, receiver, accepted)


async def _told(
    home: Home, running: Running, region: Region, year: Year, receiver: Receiver, accepted: Path
) -> Outcome:
    async with Follower(running.kafka, [FINDINGS, DECISIONS, *_NOTICES_TOPICS]) as follower:
        said = await follower.catch_up()
    live = live_findings(one.event for one in said if one.topic == FINDINGS.name)
    told_on = {topic.name for topic in _NOTICES_TOPICS}
    notices = [one.event for one in said if one.topic in told_on]
    facts = Facts()
    with accepted.open("rb") as rows:
        refused = sum(bool(facts.take(raw)) for _, raw in rows_of(rows))
    offline = [(ref.text, finding) for ref, finding in facts.standing(packs.load(_PACK), AS_OF)]
    of_the_chain = [(text, each) for text, each in offline if each.kind not in NOT_OF_THE_CHAIN]
    crossed = {
        one["finding"]: one for one in (year.crossing.finding(text, each) for text, each in of_the_chain)
    }
    truth = region.truth()
    rows_by_pupil: dict[str, set[str]] = {}
    for case in year.desk.cases.values():
        rows_by_pupil.setdefault(case.pupil, set()).update(case.rows)
    by_webhook = [one for one in notices if one.data["channel"] == "webhook" and one.name == "notice-sent"]
    differences = [
        *year.receipts.unexpected,
        *receipts_against_truth(year.receipts.outcomes, year.receipts.refused, truth),
        *([f"classify refused {refused} accepted rows"] if refused else []),
        *live_against_offline(live, crossed),
        *offline_against_truth(offline, truth),
        *rows_against_truth(rows_by_pupil, truth, year.crossing),
    ]
    if {one.data["notice"] for one in by_webhook} != set(receiver.arrived) or receiver.unsigned:
        differences.append(
            f"{len(by_webhook)} notices were said to be sent by webhook, {len(receiver.arrived)} arrived signed"
        )
    behind = [await year.lag.behind(topic) for topic in ROAD]
    parked = await asyncio.to_thread(lambda: sum(row.parked or 0 for row in status_rows(home)))
    return Outcome(
        receipts=year.receipts, seconds=year.seconds, findings=live.values(), cases=year.desk.cases.values(),
        notices=notices, refused_commands=sum(one.event.name == "decision-refused" for one in said),
        webhooks=len(receiver.arrived), lag=sum(behind), parked=parked, differences=differences,
    )  # fmt: skip


async def _webhooks_done(running: Running) -> None:
    """Returns when no notifier has a webhook under way any more; what is not done in half a minute is told later."""
    deadline = time.monotonic() + _WEBHOOK_SECONDS
    with a_client(seconds=5) as client:
        for name in _NOTIFIERS:
            while time.monotonic() < deadline:
                said = await asyncio.to_thread(client.get, f"{running.services[name]}/metrics")
                counts = {outcome: float(count) for outcome, count in _NOTICES.findall(said.text)}
                if counts.get("pending", 0) <= counts.get("sent", 0) + counts.get("failed", 0):
                    break
                await asyncio.sleep(0.1)


class _Progress:
    """A line that changes on a terminal; elsewhere a line every ten seconds."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, year: Year) -> None:
        now = time.monotonic()
        on_terminal = sys.stdout.isatty()
        if not on_terminal and now - self._told < _TELL_SECONDS and year.day != AS_OF:
            return
        self._told = now
        rate = year.facts / year.seconds if year.seconds else 0.0
        line = f"{year.day}  facts {year.facts:,} ({rate:,.0f}/s)  cases {len(year.desk.cases)}"
        ends = year.day == AS_OF or not on_terminal
        click.echo(f"\r{line:<70}" if on_terminal else line, nl=ends)


@contextmanager
def _stack(home: Home, *, keep: bool) -> Iterator[Running]:
    """A fresh stack of its own on free ports; it is stopped whatever happens, unless it is to be kept."""
    finished = False
    with _alone(home):
        stack_of(home).reset(home.files)
        try:
            start(home, free_ports=True, clock="commanded", settings={}, say=click.echo)
            yield home.reachable()
            finished = True
        finally:
            if not (keep and finished):
                with _undisturbed():
                    stack_of(home).down()


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Two demos in one home would begin by ending each other's stack."""
    lock = home.places.home / "demo.lock"
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(lock, limit=0))
        except BusyError:
            raise NeededIsAway(
                f"A demo is running in {home.places.home} already. Wait for it, or give this one a --home of its own."
            ) from None
        yield


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends a demo as Ctrl-C does: with everything it started stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not interrupt the cleaning up."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _where(home: Home, running: Running, *, keep: bool) -> list[str]:
    lines = ["Look at next:"]
    command = f"{Path(sys.prefix) / 'bin' / 'aanwezig'}"
    here = f"AANWEZIG_HOME={home.places.home} AANWEZIG_ENGINES={home.places.engines} {command}"
    if not keep:
        lines.append(f"  {here} up    starts this stack again; then:")
    lines += [f"  {address}/metrics    {name}" for name, address in running.services.items()]
    lines += [
        f"  {home.places.log}    logs, and traces as OTLP lines",
        f"  {home.places.home / 'accepted.ndjson'}    the accepted facts; try:",
        f"  {command} classify {home.places.home / 'accepted.ndjson'} --pack {_PACK} --as-of {AS_OF}",
    ]
    if keep:
        lines += [f"  {here} status    the stack is still running", f"  {here} down    stops it"]
    return lines
