"""Admission: from rows to receipts, the same behind every door.

Judge each row (pure), ask whether its sender may speak of its pupil, reserve its id, keep who the pupil is, say the fact,
mark it done, keep what was refused, keep the receipts. Each step is one call for the whole request, and each may be the
last before a crash: a retry of the same rows loses and doubles nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aanwezig.chassis import metrics
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.contracts.admissible import not_of_this_kind
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import SenderKind, keyed_hash, sender_of
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import MAX_REFUSALS, PupilRef, Submission, examine_object
from aanwezig.contracts.topics import CALENDARS, FACTS
from aanwezig.contracts.writing import data_of
from aanwezig.intake.calendars import Calendars, calendar_key
from aanwezig.intake.formats import Row
from aanwezig.intake.identities import Identities
from aanwezig.intake.origins import Origin
from aanwezig.intake.pieces import each, one_by_one
from aanwezig.intake.quarantine import Quarantine, Refused
from aanwezig.intake.receipts import Outcome, Receipt, Receipts, Told
from aanwezig.intake.reservations import Claim, Reservations, Reserved, Verdict, verdicts
from aanwezig.intake.rights import Rights
from aanwezig.intake.senders import Senders, System

__all__ = ["Admission", "Keyring", "Outcome", "Receipt", "judge"]
_AHEAD: Final = timedelta(days=1)
_NOWHERE: Final = Origin("http")
_BY_THE_SOURCE: Final = frozenset({Code.SCHOOL_NOT_YOURS, Code.TYPE_NOT_YOURS})


@dataclass(frozen=True, slots=True)
class Anew:
    """An open row of the quarantine and what is to be judged in its place: a correction, or the row as it came."""

    entry: str
    row: Row


def judge(row: Row, system: System, senders: Senders, now: datetime) -> Submission | tuple[Refusal, ...]:
    """What a row says when this system may say it at this moment (aware); else everything that is wrong with it."""
    if row.unread is not None:
        return (row.unread,)
    said = examine_object(row.said)
    if not isinstance(said, Submission):
        return _faults(row.said, said, system)
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


def _faults(row: Any, said: list[Refusal], system: System) -> tuple[Refusal, ...]:
    """The faults of a row's form. A source that is another's comes first: what its form says of who may say it follows from it."""
    source = row.get("source") if isinstance(row, dict) else None
    sender = sender_of(source) if isinstance(source, str) else None
    if sender is None or sender.oin == system.oin:
        return tuple(said)
    others = [one for one in said if one.code not in _BY_THE_SOURCE]
    return (Refusal("source", Code.SOURCE_NOT_YOURS), *others)[:MAX_REFUSALS]


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
        self, senders: Senders, keyring: Keyring, rights: Rights, reservations: Reservations, identities: Identities,
        calendars: Calendars, quarantine: Quarantine, receipts: Receipts, publisher: Publisher,
    ) -> None:  # fmt: skip
        self._senders = senders
        self._keyring = keyring
        self._rights = rights
        self._reservations = reservations
        self._identities = identities
        self._calendars = calendars
        self._quarantine = quarantine
        self._receipts = receipts
        self._publisher = publisher

    async def admit(
        self, system: System, rows: Sequence[Row], *, now: datetime, traceparent: str, origin: Origin = _NOWHERE
    ) -> list[Receipt]:  # fmt: skip
        """Takes the rows in and gives a receipt for each, in order, when Kafka has acknowledged what is accepted.

        `traceparent` is carried by events whose sender gave none.

        Raises:
            Unavailable: not now: nothing was told; the same rows may be sent again.
        """
        receipts = await self._decided(system, rows, now, traceparent)
        places = [place for place, receipt in enumerate(receipts) if receipt.outcome == "refused"]
        refused = [self._refused(system, rows[place], receipts[place], origin, place) for place in places]
        kept = dict(zip(places, await self._quarantine.keep(system.id, refused, now), strict=True))
        for place, entry in kept.items():
            if entry is None:
                full = (*receipts[place].errors, Refusal("", Code.QUARANTINE_FULL))
                receipts[place] = Receipt(receipts[place].id, "refused", full)
        keys = {place: one.receipt for place, one in zip(places, refused, strict=True)}
        told = [
            Told(origin.number(place), receipt, keys.get(place), kept.get(place))
            for place, receipt in enumerate(receipts)
        ]
        await self._receipts.keep(system.id, origin, told, now)
        _count(receipts)
        return receipts

    async def readmit(
        self, system: System, anew: Sequence[Anew], *, now: datetime, traceparent: str
    ) -> list[Receipt]:
        """Takes in what stands in the place of open rows of the quarantine; a receipt for each, in order.

        What is accepted now or was accepted before closes its row. What is refused leaves it open and is not kept beside it:
        its receipt tells why. After a crash the row may still be open; the same again is a duplicate, and closes it.

        Raises:
            Unavailable: not now: nothing was told; the same may be asked again.
        """
        receipts = await self._decided(system, [one.row for one in anew], now, traceparent)
        pairs = list(zip(anew, receipts, strict=True))
        settled = [one.entry for one, receipt in pairs if receipt.outcome != "refused"]
        await self._quarantine.close(system.id, settled, now)
        keys = [self._key(system, one.row) for one in anew]
        told = [
            Told(place, receipt, keys[place - 1], one.entry)
            for place, (one, receipt) in enumerate(pairs, start=1)
        ]
        await self._receipts.keep(system.id, _NOWHERE, told, now)
        _count(receipts)
        return receipts

    async def _decided(
        self, system: System, rows: Sequence[Row], now: datetime, traceparent: str
    ) -> list[Receipt]:
        judged = await each(lambda row: judge(row, system, self._senders, now), rows)
        told = [said for said in judged if isinstance(said, Submission)]
        claims = await each(lambda said: self._keyring.claim(system, said, traceparent), told)
        standing = await self._reservations.standing(claims) if claims else {}
        judged, told, claims = await self._allowed(system, judged, told, claims, standing)
        kept = await self._reservations.reserve(claims, standing) if claims else {}
        decided = verdicts(claims, kept)
        saying = [
            (said, kept[claim.key])
            for said, claim, verdict in zip(told, claims, decided, strict=True)
            if verdict is Verdict.SAY
        ]
        if saying:
            await self._say(saying, now)
        pairs = list(zip(claims, decided, strict=True))
        await self._reservations.done(claim.key for claim, verdict in pairs if verdict is Verdict.SAY)
        fits = [claim.receipt for claim, verdict in pairs if verdict in {Verdict.SAY, Verdict.DUPLICATE}]
        await self._quarantine.settle(system.id, fits, now)
        outcomes = iter(decided)
        return [
            _receipt(row, next(outcomes) if isinstance(said, Submission) else said)
            for row, said in zip(rows, judged, strict=True)
        ]

    async def _allowed(
        self, system: System, judged: Sequence[Submission | tuple[Refusal, ...]], told: Sequence[Submission],
        claims: Sequence[Claim], standing: Mapping[str, Reserved],
    ) -> tuple[list[Submission | tuple[Refusal, ...]], list[Submission], list[Claim]]:  # fmt: skip
        """The same without the rows about pupils this system may not speak of, which become refusals."""
        refused = await self._rights.refused(system, told, claims, standing)
        answers = iter(refused)
        judged = [(next(answers) or said) if isinstance(said, Submission) else said for said in judged]
        left = [place for place, why in enumerate(refused) if not why]
        return judged, [told[place] for place in left], [claims[place] for place in left]

    async def _say(self, saying: Sequence[tuple[Submission, Reserved]], now: datetime) -> None:
        pupils: dict[str, PupilRef] = {}
        pseudonyms: dict[PupilRef, str] = {}
        facts, calendars = [], []
        async for said, reserved in one_by_one(saying):
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

    def _refused(self, system: System, row: Row, receipt: Receipt, origin: Origin, place: int) -> Refused:
        data = row.said.get("data") if isinstance(row.said, dict) else None
        school = data.get("school") if isinstance(data, dict) else None
        known = isinstance(school, str) and self._senders.knows_school(school)
        return Refused(
            row=row,
            errors=receipt.errors,
            receipt=self._key(system, row),
            school=school if known else None,
            file=origin.file,
            number=origin.number(place),
        )

    def _key(self, system: System, row: Row) -> str | None:
        return None if row.id is None else self._keyring.receipt(system, row.id)


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
        case Verdict.UNCONFIRMED:
            return Receipt(row.id, "refused", (Refusal("id", Code.ID_UNCONFIRMED),))
        case errors:
            return Receipt(row.id, "refused", errors)


def _count(receipts: Sequence[Receipt]) -> None:
    counts = Counter(
        (str(receipt.outcome), receipt.errors[0].code.value if receipt.errors else "") for receipt in receipts
    )
    for label, count in counts.items():
        metrics.ROWS.labels(*label).inc(count)
