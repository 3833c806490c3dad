"""Events in, dossiers changed, events out: one handler for what the law found, one for what officers decide."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pydantic import ValidationError

from aanwezig.case_router import commands, days, findings, terms
from aanwezig.case_router.commands import Command
from aanwezig.case_router.days import ClosedDays
from aanwezig.case_router.draft import Cause
from aanwezig.case_router.grounds import NOT_THE_CONTRACT, UNKNOWN_CASE, Refusal
from aanwezig.case_router.in_hand import InHand
from aanwezig.case_router.people import People
from aanwezig.case_router.roles import actor_of
from aanwezig.case_router.saying import DAY_CLOSED, REFUSED, Voice
from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Collection
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import (
    DayClosed,
    DecisionRefused,
    DecisionTaken,
    FindingSaid,
    OutcomeRecorded,
    StepRecorded,
)
from aanwezig.contracts.topics import FINDING_EVENTS, registered_partitions
from aanwezig.law.calendar import Calendars

_WITHDRAWN: Final = "finding-withdrawn"
_COMMANDS: Final[dict[str, type[DecisionTaken | StepRecorded | OutcomeRecorded]]] = {
    "decision-taken": DecisionTaken,
    "step-recorded": StepRecorded,
    "outcome-recorded": OutcomeRecorded,
}


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the case-router keeps what it knows: dossiers, closed days, and refusals of commands about no case."""

    dossiers: Shelf
    closed_days: Shelf
    refusals: Shelf
    collection: Collection
    """That of the dossiers, for its indexes."""

    async def start(self) -> None:
        """Makes the indexes: debts, a dossier by its cases, and by the date it is looked at."""
        for shelf in (self.dossiers, self.closed_days, self.refusals):
            await shelf.start()
        await self.collection.index([("x.cases", 1)])
        await self.collection.index([("part", 1), ("x.due", 1)])
        await self.collection.index([("x.open", 1), ("_id", 1)])
        await self.collection.index([("x.places", 1), ("_id", 1)])

    async def closed_date(self, partition: int) -> date | None:
        """The date up to which this partition of the findings is closed; None: none yet."""
        return _closed_in((await self.closed({partition}))[partition]).closed

    async def closed(self, partitions: set[int]) -> dict[int, Kept]:
        """What is closed in these partitions of the findings, as it is kept."""
        kept = await self.closed_days.load(_days_id(partition) for partition in partitions)
        return {
            partition: kept.get(_days_id(partition)) or Kept(_days_id(partition), partition)
            for partition in partitions
        }


def _days_id(partition: int) -> str:
    return f"findings-{partition}"


def _closed_in(kept: Kept) -> ClosedDays:
    return ClosedDays.from_state(kept.state) if kept.state else ClosedDays()


class FindingsHandler:
    """Findings and closed days: they open, join, route, escalate and withdraw cases."""

    def __init__(
        self, shelves: Shelves, calendars: Calendars, voice: Voice,
        partitions_of: Callable[[str], Awaitable[int]] = registered_partitions,
    ) -> None:  # fmt: skip
        self._shelves = shelves
        self._calendars = calendars
        self._voice = voice
        self._partitions_of = partitions_of

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """Dossiers are written, and what they owe is said, before the closed days are written and told to the cases' topic.

        So a day whose effects are lost is looked at again, and whoever hears that it is closed has heard its cases before.
        """
        said = [(one, self._read(one.event)) for one in batch]
        in_hand = InHand(self._voice)
        in_hand.take(
            (
                await self._shelves.dossiers.load(
                    {
                        word.pupil
                        for _, word in said
                        if isinstance(word, FindingSaid) and word.pupil is not None
                    }
                )
            ).values()
        )
        kept = await self._shelves.closed({one.partition for one in batch})
        closed = {partition: _closed_in(one) for partition, one in kept.items()}
        for one, word in said:
            if isinstance(word, FindingSaid):
                self._hear(in_hand, one, word, closed[one.partition].closed)
            elif word is not None:
                before, after = closed[one.partition], closed[one.partition].with_word(word)
                closed[one.partition] = after
                if after.closed is not None and after.closed != before.closed:
                    cause = _cause_of_close(one.event, after.closed)
                    await self._close(in_hand, one.partition, after.closed, cause)
                    if self._voice.says_days:
                        kept[one.partition].owed.extend(
                            await self._say_day(after.closed, one.partition, cause)
                        )
        await in_hand.keep_and_say(self._shelves.dossiers)
        await self._keep_closed(kept, closed)

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says what dossiers of these partitions still owe, and after them their closed days."""
        await self._shelves.dossiers.settle(partitions)
        await self._shelves.closed_days.settle(partitions)

    def forget(self) -> None:
        """Nothing is remembered between two batches."""

    def _read(self, event: Event) -> FindingSaid | DayClosed | None:
        word = _finding_or_day(event)
        return self._voice.domain.reads(word) if isinstance(word, FindingSaid) else word

    def _hear(self, in_hand: InHand, one: Arrived, said: FindingSaid, closed: date | None) -> None:
        if said.pupil is None:
            return
        dossier = in_hand.dossier(said.pupil, one.partition)
        cause = _cause(one.event, terms.day_of_finding(said.at, closed))
        stands = one.event.name != _WITHDRAWN
        in_hand.apply(findings.heard(dossier, said, cause, self._calendars, stands=stands))

    async def _close(self, in_hand: InHand, partition: int, closed: date, cause: Cause) -> None:
        due = {"part": partition, "x.due": {"$lte": closed.isoformat()}}
        in_hand.take(await self._shelves.dossiers.search(due))
        for dossier in in_hand.waiting(partition, closed):
            in_hand.apply(days.day_closed(dossier, closed, cause, self._calendars))

    async def _say_day(self, closed: date, origin: int, cause: Cause) -> list[Outgoing]:
        domain = self._voice.domain
        origins = await self._partitions_of(domain.findings.name)
        partitions = await self._partitions_of(domain.cases.name)
        return self._voice.day(closed, origin, cause, origins=origins, partitions=partitions)

    async def _keep_closed(self, kept: dict[int, Kept], closed: dict[int, ClosedDays]) -> None:
        changed = []
        for partition, one in kept.items():
            state = closed[partition].as_state()
            if closed[partition].dates and state != one.state:
                one.state = state
                changed.append(one)
        await self._shelves.closed_days.keep_and_say(changed)


class DecisionsHandler:
    """Decisions, steps and outcomes of officers and partners; a refusal is answered on the same topic."""

    def __init__(self, shelves: Shelves, calendars: Calendars, voice: Voice, people: People) -> None:
        self._shelves = shelves
        self._calendars = calendars
        self._voice = voice
        self._people = people

    async def on_batch(self, batch: Sequence[Arrived]) -> None:
        """A command about no case of ours has its refusal kept apart, so that it is refused for good."""
        asked = [(one, _command(one)) for one in batch if one.event.name != REFUSED]
        refused = await self._shelves.refusals.load({_key(one.event) for one, _ in asked})
        cases = {command.said.case for _, command in asked if isinstance(command, Command)}
        found = await self._shelves.dossiers.search({"x.cases": {"$in": sorted(cases)}}) if cases else []
        pupil_of = {case: kept for kept in found for case in kept.index["cases"]}
        closed = await self._shelves.closed({kept.partition for kept in found})
        in_hand = InHand(self._voice)
        in_hand.take(found)
        for one, command in asked:
            if _key(one.event) in refused:
                continue
            kept = pupil_of.get(command.said.case) if isinstance(command, Command) else None
            if kept is None or not isinstance(command, Command):
                refused[_key(one.event)] = self._refusal(one, command)
                continue
            self._carry_out(in_hand, kept, one.event, command, _closed_in(closed[kept.partition]).closed)
        await in_hand.keep_and_say(self._shelves.dossiers)
        await self._shelves.refusals.keep_and_say(one for one in refused.values() if one.revision == 0)

    async def on_assigned(self, partitions: frozenset[int]) -> None:
        """Says the refusals still owed; what dossiers owe is said when their commands come again."""
        await self._shelves.refusals.settle(partitions)

    def forget(self) -> None:
        """Nothing is remembered between two batches."""

    def _carry_out(
        self, in_hand: InHand, kept: Kept, event: Event, command: Command, closed: date | None
    ) -> None:
        cause = _cause(event, terms.day_of_command(amsterdam_date(event.time), closed))
        actor = actor_of(command.said)
        speaker = self._people.named(actor.id) if actor.kind == "person" else None
        dossier = in_hand.dossier(kept.id, kept.partition)
        here, ground = self._voice.resolved(dossier, command.said)
        turn = commands.carried_out(
            dossier, replace(command, said=here), cause, self._calendars, speaker, ground
        )
        answers = []
        if turn.refused is not None:
            # Under the id it was asked: who knows only the one of justice does not learn another.
            answer = turn.refused.model_copy(update={"case": command.said.case})
            answers.append(self._voice.refusal(answer, command.key, cause))
        in_hand.apply(turn, answers)

    def _refusal(self, one: Arrived, command: Command | DecisionRefused) -> Kept:
        answer = commands.refused(command, Refusal(UNKNOWN_CASE)) if isinstance(command, Command) else command
        cause = _cause(one.event, amsterdam_date(one.event.time))
        owed = [self._voice.refusal(answer, _key(one.event), cause)]
        return Kept(_key(one.event), one.partition, state={"reason": answer.reason}, owed=owed)


def _cause(event: Event, day: date) -> Cause:
    return Cause(event.id, event.time, event.traceparent, day)


def _cause_of_close(event: Event, closed: date) -> Cause:
    """Which origin speaks last is chance; the close of the day itself is what all of them name as their cause."""
    return replace(_cause(event, closed), id=event.causation or event.id)


def _key(event: Event) -> str:
    """What tells a command from every other: its id is unique per source only."""
    return derived_id("command", event.source, event.id)


def _finding_or_day(event: Event) -> FindingSaid | DayClosed:
    try:
        if event.name in FINDING_EVENTS:
            return FindingSaid.model_validate(event.data)
        if event.name == DAY_CLOSED:
            return DayClosed.model_validate(event.data)
    except ValidationError:
        raise Unprocessable("not-the-contract") from None
    raise Unprocessable("not-a-finding")


def _command(one: Arrived) -> Command | DecisionRefused:
    """The command in an event; what is not one is refused, so that its sender hears of it and the case goes on."""
    event, form = one.event, _COMMANDS.get(one.event.name)
    try:
        if form is not None:
            return Command(_key(event), event.id, form.model_validate(event.data))
    except ValidationError:
        pass
    named = event.data.get("case")
    case = named if isinstance(named, str) else one.key or ""
    return DecisionRefused(case=case, command=event.id, reason=NOT_THE_CONTRACT)
