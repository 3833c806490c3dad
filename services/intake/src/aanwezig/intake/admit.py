"""Admission: from rows to receipts, the same behind every door.

Judge each row (pure), reserve its id, keep who the pupil is, say the fact, mark it done, keep what was refused. Each step is
one call for the whole request, and each may be the last before a crash: a retry of the same rows loses and doubles nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from aanwezig.chassis import metrics
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.contracts.admissible import not_of_this_kind
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import data_of
from aanwezig.contracts.identifiers import SenderKind, keyed_hash
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import PupilRef, Submission, examine_object
from aanwezig.contracts.topics import CALENDARS, FACTS
from aanwezig.intake.calendars import Calendars, calendar_key
from aanwezig.intake.formats import Row
from aanwezig.intake.identities import Identities
from aanwezig.intake.quarantine import Quarantine, Refused
from aanwezig.intake.reservations import Claim, Reservations, Reserved, Verdict, verdicts
from aanwezig.intake.senders import Senders, System

Outcome = Literal["accepted", "duplicate", "refused"]
_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one row; `id` as the sender gave it, None where it gave none."""

    id: str | None
    outcome: Outcome
    errors: tuple[Refusal, ...] = ()

    def said(self, language: str) -> dict[str, Any]:
        """The receipt as the contract writes it, with sentences in `nl` or `en`."""
        return {
            "id": self.id,
            "outcome": self.outcome,
            "errors": [
                {"field": error.field, "code": error.code.value, "message": error.message(language)}
                for error in self.errors
            ],
        }


def judge(row: Row, system: System, senders: Senders, now: datetime) -> Submission | tuple[Refusal, ...]:
    """What a row says when this system may say it at this moment (aware); else everything that is wrong with it."""
    if row.unread is not None:
        return (row.unread,)
    said = examine_object(row.said)
    if not isinstance(said, Submission):
        return tuple(said)
    wrong = []
    if said.sender.oin != system.oin:
        wrong.append(Refusal("source", Code.SOURCE_NOT_YOURS))
    elif said.sender.kind is SenderKind.UNKNOWN:
        wrong.extend(not_of_this_kind(said.name, said.fact, municipality=system.is_municipality))
    if said.school is not None:
        if not senders.knows_school(said.school):
            wrong.append(Refusal("school", Code.SCHOOL_UNKNOWN))
        elif not system.is_municipality and said.school not in system.schools:
            wrong.append(Refusal("school", Code.SCHOOL_NOT_YOURS))
    if said.time > now + _AHEAD:
        wrong.append(Refusal("time", Code.TIME_IN_FUTURE))
    return tuple(wrong) or said


class Keyring:
    """The keyed hashes of the school domain: what stands in topics and stores instead of what a sender wrote."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def pseudonym(self, pupil: PupilRef) -> str:
        """The pupil's pseudonym in the school domain."""
        return keyed_hash(self._key, "school", pupil.text)

    def receipt(self, system: System, row_id: str) -> str:
        """What a receipt of a system is found by."""
        return keyed_hash(self._key, "receipt", system.id, row_id)

    def claim(self, system: System, said: Submission, traceparent: str) -> Claim:
        """The claim of a row to its id."""
        return Claim(
            key=keyed_hash(self._key, "reservation", said.source, said.id),
            content=keyed_hash(self._key, "content", said.content_hash),
            receipt=self.receipt(system, said.id),
            traceparent=said.traceparent or traceparent,
        )


class Admission:
    """Takes rows in. One for all doors of an instance."""

    def __init__(
        self, senders: Senders, keyring: Keyring, reservations: Reservations, identities: Identities,
        calendars: Calendars, quarantine: Quarantine, publisher: Publisher,
    ) -> None:  # fmt: skip
        self._senders = senders
        self._keyring = keyring
        self._reservations = reservations
        self._identities = identities
        self._calendars = calendars
        self._quarantine = quarantine
        self._publisher = publisher

    async def admit(
        self, system: System, rows: Sequence[Row], *, now: datetime, traceparent: str
    ) -> list[Receipt]:
        """Takes the rows in and gives a receipt for each, in order, when Kafka has acknowledged what is accepted.

        `traceparent` is carried by events whose sender gave none.

        Raises:
            Unavailable: not now: nothing was told; the same rows may be sent again.
        """
        judged = [judge(row, system, self._senders, now) for row in rows]
        told = [said for said in judged if isinstance(said, Submission)]
        claims = [self._keyring.claim(system, said, traceparent) for said in told]
        kept = await self._reservations.reserve(claims) if claims else {}
        decided = verdicts(claims, kept)
        saying = [
            (said, kept[claim.key])
            for said, claim, verdict in zip(told, claims, decided, strict=True)
            if verdict is Verdict.SAY
        ]
        if saying:
            await self._say(saying, now)
        fits = [
            claim for claim, verdict in zip(claims, decided, strict=True) if verdict is not Verdict.REUSED
        ]
        await self._reservations.done(
            claim.key for claim, verdict in zip(claims, decided, strict=True) if verdict is Verdict.SAY
        )
        await self._quarantine.settle(claim.receipt for claim in fits)
        outcomes = iter(decided)
        receipts = [
            _receipt(row, next(outcomes) if isinstance(said, Submission) else said)
            for row, said in zip(rows, judged, strict=True)
        ]
        receipts = await self._keep_refused(system, rows, receipts, now)
        _count(receipts)
        return receipts

    async def receipt(self, system: System, row_id: str) -> Receipt | None:
        """What became of the row this system gave this id; None: it is not known (any more), or not decided."""
        receipt = self._keyring.receipt(system, row_id)
        if await self._reservations.accepted(receipt):
            return Receipt(row_id, "accepted")
        errors = await self._quarantine.why(receipt)
        return None if errors is None else Receipt(row_id, "refused", errors)

    async def _say(self, saying: Sequence[tuple[Submission, Reserved]], now: datetime) -> None:
        pupils: dict[str, PupilRef] = {}
        pseudonyms: dict[PupilRef, str] = {}
        facts, calendars = [], []
        for said, reserved in saying:
            if said.pupil is None:
                calendars.append(_record(CALENDARS.name, calendar_key(said.fact), said, None, reserved))
                continue
            pseudonym = pseudonyms.get(said.pupil)
            if pseudonym is None:
                pseudonym = pseudonyms[said.pupil] = self._keyring.pseudonym(said.pupil)
                pupils[pseudonym] = said.pupil
            facts.append(_record(FACTS.name, pseudonym, said, pseudonym, reserved))
        await self._identities.keep(pupils, now)
        await self._calendars.keep(calendars)
        await self._publisher.say([*calendars, *facts])
        await self._calendars.settle(calendars)

    async def _keep_refused(
        self, system: System, rows: Sequence[Row], receipts: list[Receipt], now: datetime
    ) -> list[Receipt]:
        places = [place for place, receipt in enumerate(receipts) if receipt.outcome == "refused"]
        refused = [self._refused(system, rows[place], receipts[place]) for place in places]
        for place, kept in zip(places, await self._quarantine.keep(system.id, refused, now), strict=True):
            if not kept:
                receipt = receipts[place]
                full = (*receipt.errors, Refusal("", Code.QUARANTINE_FULL))
                receipts[place] = Receipt(receipt.id, "refused", full)
        return receipts

    def _refused(self, system: System, row: Row, receipt: Receipt) -> Refused:
        data = row.said.get("data") if isinstance(row.said, dict) else None
        school = data.get("school") if isinstance(data, dict) else None
        known = isinstance(school, str) and self._senders.knows_school(school)
        return Refused(
            raw=row.as_bytes,
            errors=receipt.errors,
            receipt=None if row.id is None else self._keyring.receipt(system, row.id),
            school=school if known else None,
        )


def _record(topic: str, key: str, said: Submission, pseudonym: str | None, reserved: Reserved) -> Outgoing:
    data = data_of(said.fact)
    if pseudonym is not None:
        data["pupil"] = pseudonym
    event = Event(
        id=said.id,
        source=said.source,
        name=said.name,
        time=said.time,
        data=data,
        sequence=said.sequence,
        traceparent=reserved.traceparent,
    )
    return Outgoing.event(topic, key, event)


def _receipt(row: Row, decided: Verdict | tuple[Refusal, ...]) -> Receipt:
    match decided:
        case Verdict.SAY:
            return Receipt(row.id, "accepted")
        case Verdict.DUPLICATE:
            return Receipt(row.id, "duplicate")
        case Verdict.REUSED:
            return Receipt(row.id, "refused", (Refusal("id", Code.ID_REUSED),))
        case errors:
            return Receipt(row.id, "refused", errors)


def _count(receipts: Sequence[Receipt]) -> None:
    counts = Counter(
        (str(receipt.outcome), receipt.errors[0].code.value if receipt.errors else "") for receipt in receipts
    )
    for label, count in counts.items():
        metrics.ROWS.labels(*label).inc(count)
