"""A command of a person whose key was seen, carried out at once: by compare-and-set, and answered when it is kept and said.

The same command again gets the same answer; the same id may not ask for something else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aanwezig.case_router import commands, terms
from aanwezig.case_router.commands import Command
from aanwezig.case_router.dossier import Handled
from aanwezig.case_router.draft import Cause
from aanwezig.case_router.grounds import UNKNOWN_CASE, Refusal
from aanwezig.case_router.handlers import Shelves
from aanwezig.case_router.in_hand import InHand
from aanwezig.case_router.people import Speaker
from aanwezig.case_router.refusing import OF_ANOTHER
from aanwezig.case_router.saying import Voice
from aanwezig.chassis.errors import OwnershipLost, Unavailable
from aanwezig.chassis.shelf import Kept
from aanwezig.chassis.store import Collection
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.law.calendar import Calendars

_ATTEMPTS: Final = 20
"""Every attempt that is lost was won by another: so many writers of one dossier at once there are not."""
_ID_SECONDS: Final = 366 * 24 * 60 * 60
"""How long an id is remembered across cases; in its own case it is never forgotten."""
_NOBODYS: Final = 0
"""The partition of refusals about no case: any owner will do."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """A command with its speaker, the moment it was said, and the trace it belongs to."""

    command: Command
    speaker: Speaker
    now: datetime
    traceparent: str | None


class DirectCommands:
    """Carries out commands beside the topic. `ids` remembers which id asked for what."""

    def __init__(self, shelves: Shelves, calendars: Calendars, voice: Voice, ids: Collection) -> None:
        self._shelves = shelves
        self._calendars = calendars
        self._voice = voice
        self._ids = ids

    async def start(self) -> None:
        """Makes the index by which ids are forgotten."""
        await self._ids.index([("at", 1)], expire=_ID_SECONDS)

    async def carry_out(self, given: Instruction) -> Handled:
        """What became of a command, now or when it first came.

        Raises:
            Unavailable: the store or the broker is away, or too many write the same dossier; the same again is harmless.
        """
        command = given.command
        if not await self._is_one(given):
            return Handled(command.said.case, 0, command.asked, OF_ANOTHER)
        for _ in range(_ATTEMPTS):
            try:
                return await self._once(given)
            except OwnershipLost:
                continue
        raise Unavailable("too many write one dossier")

    async def _is_one(self, given: Instruction) -> bool:
        """Whether this id asks for what it always asked for."""
        command = given.command
        new = {"_id": command.key, "asked": command.asked, "at": given.now}
        if not await self._ids.insert_new([new]):
            return True
        known = await self._ids.find_one({"_id": command.key})
        return known is None or known["asked"] == command.asked

    async def _once(self, given: Instruction) -> Handled:
        command = given.command
        refused = await self._shelves.refusals.load([command.key])
        if refused:
            return _about_no_case(command)
        found = await self._shelves.dossiers.search({"x.cases": command.said.case})
        in_hand = InHand(self._voice)
        in_hand.take(found)
        dossier = in_hand.dossier(found[0].id, found[0].partition) if found else None
        # A dossier is also found under the id by which justice knows a case; officers do not know that one.
        if dossier is None or dossier.case(command.said.case) is None:
            return await self._refuse(given)
        before = dossier.handled.get(command.key)
        if before is not None:
            same = before.asked == command.asked
            return before if same else Handled(command.said.case, 0, command.asked, OF_ANOTHER)
        closed = await self._shelves.closed_date(found[0].partition)
        day = terms.day_of_command(amsterdam_date(given.now), closed)
        cause = Cause(command.key, given.now, given.traceparent, day)
        turn = commands.carried_out(dossier, command, cause, self._calendars, given.speaker)
        answers = [] if turn.refused is None else [self._voice.refusal(turn.refused, command.key, cause)]
        in_hand.apply(turn, answers)
        await in_hand.keep_and_say(self._shelves.dossiers)
        return turn.dossier.handled[command.key]

    async def _refuse(self, given: Instruction) -> Handled:
        """A command about no case of ours is refused for good, and that is said."""
        command = given.command
        answer = commands.refused(command, Refusal(UNKNOWN_CASE))
        cause = Cause(command.key, given.now, given.traceparent, amsterdam_date(given.now))
        owed = [self._voice.refusal(answer, command.key, cause)]
        state = {"reason": answer.reason}
        await self._shelves.refusals.keep_and_say([Kept(command.key, _NOBODYS, state=state, owed=owed)])
        return _about_no_case(command)


def _about_no_case(command: Command) -> Handled:
    return Handled(command.said.case, 0, command.asked, UNKNOWN_CASE)
