"""A synthetic region lives its school year on a running stack: its systems submit, days close, an officer decides."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, Final, Self

import orjson

from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.cli.asking import Doorway
from aanwezig.cli.comparing import Crossing
from aanwezig.cli.days import close, operator
from aanwezig.cli.following import ROAD, Follower, Lag
from aanwezig.cli.homes import Running
from aanwezig.cli.officer import Desk
from aanwezig.cli.recipients import sealed_for
from aanwezig.cli.registering import a_key, registered
from aanwezig.cli.sending import BATCH_ROWS, Door
from aanwezig.contracts.messages import (
    MunicipalityRegistered,
    OfficerRegistered,
    RecipientRegistered,
    SchoolRegistered,
    SystemRegistered,
)
from aanwezig.contracts.topics import CASES, DECISIONS, FACTS, FINDINGS
from aanwezig.region import Day, Region, Submission
from aanwezig.region.officer import OFFICERS
from aanwezig.region.truth import AS_OF

_LOOKS_IN_ON: Final = frozenset({3, 5})
"""ISO weekdays on which the officer looks at its cases: often enough to be in time for every term."""

_A_DAY: Final = timedelta(days=1)
_BY_TOPIC: Final[Mapping[str, str]] = {
    "home-sitter-table": "Thuiszitterstafel", "care-team": "Zorgteam", "doorstroompunt": "Doorstroompunt",
    "meldcode-desk": "Veilig Thuis", "school-partnership": "Samenwerkingsverband",
    "youth-protection": "Jeugdbeschermingstafel", "halt": "Halt", "officer-of-justice": "Openbaar Ministerie",
    "youth-health-care": "Jeugdgezondheidszorg", "operator": "Beheer",
}  # fmt: skip
"""Who is there once for the whole region, by role; beside them officers of each municipality, every school and the director."""

Progress = Callable[["Year"], None]


@dataclass(slots=True)
class Receipts:
    """What became of everything that was submitted. `unexpected`: lines about rows with another fate than they should."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    why: dict[str, str] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)

    def take(self, event: Mapping[str, Any], receipt: Mapping[str, Any], expected: str) -> None:
        """Counts one receipt; `expected` is `accepted`, `duplicate` or the code of a refusal."""
        outcome = receipt["outcome"]
        self.outcomes[outcome] += 1
        codes = [error["code"] for error in receipt["errors"]]
        if outcome == "refused":
            code = expected if expected in codes else codes[0]
            self.refused[code] += 1
            self.why.setdefault(code, next(e["message"] for e in receipt["errors"] if e["code"] == code))
        if expected not in {outcome, *codes}:
            told = " ".join([outcome, *codes])
            self.unexpected.append(f"{event.get('type')} of {event.get('time')}: {told}, not {expected}")


class Year:
    """One region's year. A context manager; `live` runs it, the rest tells what has happened so far."""

    def __init__(
        self,
        region: Region,
        running: Running,
        keys: Mapping[str, str],
        accepted: Path,
        webhook: tuple[str, str],
        progress: Progress,
    ) -> None:
        self.receipts = Receipts()
        self.crossing = Crossing(keys)
        self.day: date | None = None
        self.seconds = 0.0
        self.desk = Desk(
            region.officer_script,
            {pupil.ref.text: self.crossing.pupil(pupil.ref.text) for pupil in region.pupils},
            region.schools,
        )
        self._region = region
        self._running = running
        self._keys = keys
        self._accepted = accepted
        self._webhook = webhook
        self._progress = progress
        self._open_since = date.min
        self._keeping = AsyncExitStack()
        self._doors: dict[str, Door] = {}
        self._closing: asyncio.Task[None] | None = None
        self._asked_to_close = date.min

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except BaseException:
            await self._keeping.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._closing is not None:
            self._closing.cancel()
        await self._keeping.aclose()

    async def _begin(self) -> None:
        kafka = self._running.kafka
        self._publisher = Publisher([kafka], "aanwezig-demo")
        self._keeping.push_async_callback(self._publisher.stop)
        self.lag = await self._keeping.enter_async_context(Lag(kafka))
        self._cases = await self._keeping.enter_async_context(Follower(kafka, [CASES]))
        self._operator = self._keeping.enter_context(operator(self._keys))
        self._posting = self._keeping.enter_context(ThreadPoolExecutor(len(self._region.systems)))

    @property
    def facts(self) -> int:
        """Rows submitted so far."""
        return self.receipts.outcomes.total()

    async def register(self) -> dict[str, str]:
        """Registers the region's schools, municipalities, systems, recipients and officers; the systems' keys by name."""
        region = self._region
        keys = {system.name: a_key() for system in region.systems}
        records = [
            *(
                SchoolRegistered.model_validate(
                    {
                        "school": one.id,
                        "name": one.name,
                        "type": one.type,
                        "municipality": one.municipality,
                        "contact": one.contact,
                    }
                )
                for one in region.schools
            ),
            *(
                MunicipalityRegistered.model_validate(
                    {
                        "municipality": one.code,
                        "packs": [{"pack": pack, "from": since} for pack, since in one.packs],
                    }
                )
                for one in region.municipalities
            ),
            *self._recipients(),
            *(
                OfficerRegistered(
                    officer=officer, municipality=municipality, keys=[], role="attendance-officer"
                )
                for municipality, officer in OFFICERS.items()
            ),
            *(
                SystemRegistered(
                    system=one.name, oin=one.oin, keys=[keys[one.name][1]], schools=list(one.schools), map={}
                )
                for one in region.systems
            ),
        ]
        await self._publisher.say([registered(record) for record in records])
        return {name: key for name, (key, _) in keys.items()}

    async def live(self, keys: Mapping[str, str]) -> None:
        """The whole year, day after day. `keys` are those of the systems.

        Raises:
            NeededIsAway, AtFault, Unavailable: a service is away or stands still.
        """
        address = self._running.services["intake"]
        self._doors = {
            name: self._keeping.enter_context(Door(Doorway(address, key))) for name, key in keys.items()
        }
        started = time.monotonic()
        with self._accepted.open("wb") as accepted:
            for day in self._region.days():
                lessons = any(school.has_lessons(day.date) for school in self._region.schools)
                if lessons and self._asked_to_close < day.date - _A_DAY:
                    await self._begin_to_close(day.date - _A_DAY)
                await self._submit(day, accepted)
                if lessons or day.date == AS_OF:
                    await self._begin_to_close(day.date)
                if (lessons and day.date.isoweekday() in _LOOKS_IN_ON) or day.date == AS_OF:
                    await self._closed()
                    await self._officer(day.date)
                self.seconds = time.monotonic() - started
                self.day = day.date
                self._progress(self)
        await self.lag.settled(ROAD)
        self.seconds = time.monotonic() - started

    async def _begin_to_close(self, day: date) -> None:
        """Closes a date, and with it the days off before it, while the next date's records travel already."""
        await self._closed()
        self._asked_to_close = day
        self._closing = asyncio.create_task(self._close(day))

    async def _closed(self) -> None:
        """Returns when the date that is closing, if there is one, is closed."""
        if self._closing is not None:
            closing, self._closing = self._closing, None
            await closing

    async def _submit(self, day: Day, accepted: IO[bytes]) -> None:
        """Every system submits at the same time, each its own records in their order."""
        loop = asyncio.get_running_loop()
        posts = [
            loop.run_in_executor(self._posting, self._post, submission) for submission in day.submissions
        ]
        for submission, receipts in zip(day.submissions, await asyncio.gather(*posts), strict=True):
            for event, receipt, expected in zip(
                submission.events, receipts, submission.expected, strict=True
            ):
                self.receipts.take(event, receipt, expected)
                if receipt["outcome"] == "accepted":
                    accepted.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))

    def _post(self, submission: Submission) -> list[dict[str, Any]]:
        door = self._doors[submission.system]
        rows = [orjson.dumps(event) for event in submission.events]
        receipts: list[dict[str, Any]] = []
        for first in range(0, len(rows), BATCH_ROWS):
            receipts += door.post(rows[first : first + BATCH_ROWS])
        return receipts

    async def _close(self, day: date) -> None:
        await asyncio.to_thread(close, self._operator, self._running.services["classifier"], day)

    async def _officer(self, today: date) -> None:
        """When everything up to now has had its effect, the officer does what is due by its script."""
        await self.lag.settled((FACTS, FINDINGS, DECISIONS))
        await self._hear()
        while acts := self.desk.due(today):
            await self._publisher.say(Outgoing.event(DECISIONS.name, case, act) for case, act in acts)
            await self.lag.settled((DECISIONS,))
            await self._hear()
        self._open_since = today + _A_DAY

    async def _hear(self) -> None:
        for said in await self._cases.catch_up():
            self.desk.hear(said.event, self._open_since)

    def _recipients(self) -> list[RecipientRegistered]:
        address, secret = self._webhook
        sealed = sealed_for("chain-director", secret, self._keys)
        by_topic: list[dict[str, str]] = [
            *(
                {"recipient": role, "role": role, "organisation": organisation}
                for role, organisation in _BY_TOPIC.items()
            ),
            *(
                {
                    "recipient": f"leerplicht-{one.code}", "role": "attendance-officer",
                    "organisation": f"Leerplicht {one.name}", "municipality": one.code,
                }
                for one in self._region.municipalities
            ),
            *(
                {"recipient": one.id.lower(), "role": "school", "organisation": one.name, "school": one.id}
                for one in self._region.schools
            ),
        ]  # fmt: skip
        told = [RecipientRegistered.model_validate({**one, "channel": "topic"}) for one in by_topic]
        director = RecipientRegistered(
            recipient="ketenregisseur", role="chain-director", organisation="Ketenregie", channel="webhook",
            address=address, secret=sealed,
        )  # fmt: skip
        return [*told, director]
