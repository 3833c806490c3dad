"""The Kafka door (`contract.md` 2 and 5): `school.submissions.v1.<system>` in, `school.receipts.v1` out.

The topic names the sender: only that system may write there, and nothing in a record is believed about who speaks. Rows go
through the same `Admission` as at the HTTP door. A record is answered once: the answer is kept, then said, then the record
is committed; whoever meets it again says the kept answer.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from aanwezig.chassis import logs
from aanwezig.chassis.errors import BudgetSpent
from aanwezig.chassis.lanes import Submitted, Taken
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.topics import KEPT_DAYS, RECEIPTS, system_of
from aanwezig.intake.admit import Admission
from aanwezig.intake.answers import Answers, answer_of, place_of
from aanwezig.intake.origins import Origin
from aanwezig.intake.pace import Pace
from aanwezig.intake.problems import Problem
from aanwezig.intake.receipts import Receipt
from aanwezig.intake.records import Bounds, Read, asked_by, read
from aanwezig.intake.senders import Senders, System

_WAITS_FOR_THE_REGISTER: Final = timedelta(days=KEPT_DAYS / 2)
_LOOKS_AGAIN_SECONDS: Final = 2.0
_MOST_RECORDS: Final = 500
_LARGE: Final = 64 * 1024
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Aside:
    """A record put aside for a mistake of ours: sealed, and without its key, which is its sender's word."""

    topic: str
    partition: int
    offset: int
    value: bytes
    key: None = None


class KafkaDoor:
    """What intake does with the records of one submissions topic after another."""

    def __init__(
        self, admission: Admission, senders: Senders, answers: Answers, publisher: Publisher, parking: Parking,
        pace: Pace, seal: Seal, tracing: Tracing, bounds: Bounds, *, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._admission = admission
        self._senders = senders
        self._answers = answers
        self._publisher = publisher
        self._parking = parking
        self._pace = pace
        self._seal = seal
        self._tracing = tracing
        self._bounds = bounds
        self._clock = clock
        self._paced: dict[tuple[str, int], int] = {}
        self._strangers: set[str] = set()

    async def on_records(self, records: Sequence[Submitted]) -> Taken:
        """Takes in as many records from the start as one request may hold rows, and answers them."""
        name = system_of(records[0].topic)
        system = self._senders.by_name(name)
        if system is None:
            return await self._of_nobody(name, records)
        self._strangers.discard(name)
        reads = await self._stroke(records, system)
        standing = await self._answers.standing(place_of(one.record) for one in reads)
        fresh = [one for one in reads if place_of(one.record) not in standing]
        wait = self._wait(system, fresh)
        if wait is not None:
            return Taken(0, wait)
        if fresh:
            standing |= await self._admitted(system, fresh)
        await self._say(name, [event for one in reads for event in standing[place_of(one.record)]])
        return Taken(len(reads))

    async def on_hopeless(self, record: Submitted, error: str) -> None:
        """Parks a record that three times met a mistake of ours, sealed; its sender hears that it was ours."""
        place = place_of(record)
        aside = _Aside(
            record.topic, record.partition, record.offset, self._seal.seal(record.value or b"", place)
        )
        spent = False
        try:
            await self._parking.park(aside, "unexpected", error)
        except BudgetSpent:
            spent = True
        ours = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault")
        await self._refuse(system_of(record.topic), [record], ours)
        if spent:
            raise BudgetSpent

    async def _stroke(self, records: Sequence[Submitted], system: System) -> list[Read]:
        """The records from the start that go through admission together: as many as fit one request, of one trace.

        A record of some kilobytes may unpack to megabytes: without its weight hundreds of them would be in memory at once.
        """
        found: list[Read] = []
        rows = weight = 0
        for record in records[:_MOST_RECORDS]:
            one = await self._read(record, system)
            rows += len(one.rows)
            weight += one.weight
            too_much = rows > self._bounds.rows or weight > self._bounds.weight
            if found and (too_much or one.asked.traceparent != found[0].asked.traceparent):
                break
            found.append(one)
        return found

    async def _read(self, record: Submitted, system: System) -> Read:
        if not system.schools and not system.is_municipality:
            return Read(record, asked_by(record), problem=Problem(HTTPStatus.FORBIDDEN, "no-school"))
        if len(record.value or b"") <= _LARGE:
            return read(record, self._bounds, source=system.source)
        # Beside the event loop, so that nobody waits for what one sender packed into a record.
        return await asyncio.to_thread(read, record, self._bounds, source=system.source)

    def _wait(self, system: System, fresh: Sequence[Read]) -> float | None:
        """How long these rows must wait for their system's pace; each record is counted once, however often it comes."""
        if not fresh:
            return None
        last = fresh[-1].record
        counted = self._paced.get((last.topic, last.partition), -1)
        rows = sum(len(one.rows) for one in fresh if one.record.offset > counted)
        wait = self._pace.wait(system.id, rows)
        if wait is None:
            self._paced[last.topic, last.partition] = max(counted, last.offset)
        return wait

    async def _admitted(self, system: System, fresh: Sequence[Read]) -> dict[str, list[bytes]]:
        """Admits the rows of these records together and keeps the answer to each; gives the answers that stand."""
        started = time.monotonic()
        rows = [row for one in fresh for row in one.rows]
        now = self._clock()
        with self._tracing.step("admit", fresh[0].asked.traceparent) as traceparent:
            receipts: list[Receipt] = []
            if rows:
                receipts = await self._admission.admit(
                    system, rows, now=now, traceparent=traceparent, origin=Origin("kafka")
                )
            answers, taken = {}, 0
            for one in fresh:
                outcome = one.problem or receipts[taken : taken + len(one.rows)]
                taken += len(one.rows)
                answers[place_of(one.record)] = answer_of(
                    one.record, system.id, outcome, one.asked, now=now, traceparent=traceparent
                )
            kept = await self._answers.keep(answers, now)
        _log_taken(system, fresh, receipts, time.monotonic() - started)
        return kept

    async def _of_nobody(self, name: str, records: Sequence[Submitted]) -> Taken:
        """Records of a system that is not in the register: removed, refused at once; not there yet, they wait a while."""
        if not self._senders.was_removed(name):
            young = self._clock() - _WAITS_FOR_THE_REGISTER
            if datetime.fromtimestamp(records[0].at / 1000, UTC) > young:
                if name not in self._strangers:
                    self._strangers.add(name)
                    _log.warning("sender.unknown", system=name)
                return Taken(0, _LOOKS_AGAIN_SECONDS)
            records = records[:1]
        stroke = records[:_MOST_RECORDS]
        await self._refuse(name, stroke, Problem(HTTPStatus.FORBIDDEN, "no-longer-known"))
        return Taken(len(stroke))

    async def _refuse(self, name: str, records: Sequence[Submitted], problem: Problem) -> None:
        """Answers each of these records with one problem, unless it was answered before."""
        now = self._clock()
        answers = {
            place_of(record): answer_of(record, name, problem, asked_by(record), now=now)
            for record in records
        }
        kept = await self._answers.keep(answers, now)
        await self._say(name, [event for place in answers for event in kept[place]])
        _log.info("records.refused", system=name, code=problem.code, records=len(records))

    async def _say(self, name: str, events: Sequence[bytes]) -> None:
        await self._publisher.say(Outgoing(RECEIPTS.name, name, event) for event in events)


def _log_taken(system: System, fresh: Sequence[Read], receipts: Sequence[Receipt], seconds: float) -> None:
    outcomes = Counter(receipt.outcome for receipt in receipts)
    codes = Counter(error.code.value for receipt in receipts for error in receipt.errors)
    problems = Counter(one.problem.code for one in fresh if one.problem is not None)
    _log.info(
        "rows.taken", door="kafka", system=system.id, records=len(fresh), rows=len(receipts),
        accepted=outcomes["accepted"], duplicate=outcomes["duplicate"], refused=outcomes["refused"],
        codes=dict(codes + problems), milliseconds=round(seconds * 1000),
    )  # fmt: skip
