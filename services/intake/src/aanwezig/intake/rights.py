"""Who may say what about which pupil (`contract.md` 3): pupils by enrolment, an officer's leave by the municipality.

A school speaks of pupils enrolled with it, or of whom it is the only school that spoke; a municipality of any. What is
noted here is noted before a row's id is reserved, so a row that was reserved was allowed, and is not asked about again.
Notes are changed by `$addToSet` and `$max` alone: instances lose nothing of each other's, and any order ends the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.store import Collection, Document
from aanwezig.contracts.facts import PersonRecorded, Retraction
from aanwezig.contracts.identifiers import keyed_hash
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import PupilRef, Submission
from aanwezig.intake.reservations import Claim, Reserved
from aanwezig.intake.senders import Senders, System

_ATTEMPTS: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ENROLMENT: Final = "enrolment-recorded"
_LEAVE: Final = "leave-granted"
MOST_NOTED: Final = 200
"""Most enrolments of one pupil at one school, and residences, noted: a careless feed must make no document too large."""

Refusals = tuple[Refusal, ...]
Noted = dict[str, Any]
"""The newest word under a natural key, its fields in the order of their weight: the database compares them in that order.

Of two words of one `time` and `sequence` the one that stands is kept, whatever their ids: in doubt a school may speak.
"""


def noted(said: Submission, **more: Any) -> Noted:
    """What is kept of a word: when (microseconds since 1970), its sequence, and whether it is no retraction."""
    return {
        "at": (said.time - _EPOCH) // timedelta(microseconds=1),
        "numbered": said.sequence is not None,
        "sequence": said.sequence or 0,
        "stands": not isinstance(said.fact, Retraction),
        **more,
    }


def _weight(word: Noted) -> tuple[Any, ...]:
    return (word["at"], word["numbered"], word["sequence"], word["stands"], word.get("home") or "")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one pupil: which organisations spoke (OINs, the first one first), at which schools, and where it lives.

    `enrolled` is by `<school>/<from>`, `homes` by `resident_from`; each holds the newest word.
    """

    senders: tuple[str, ...] = ()
    schools: frozenset[str] = frozenset()
    enrolled: Mapping[str, Noted] = field(default_factory=dict)
    homes: Mapping[str, Noted] = field(default_factory=dict)

    @property
    def municipalities(self) -> set[str]:
        """The municipalities of residence that were told and not taken back, of whatever time."""
        return {home["home"] for home in self.homes.values() if home["stands"] and home["home"]}

    def enrolled_at(self, is_theirs: Callable[[str], bool]) -> bool:
        """Whether an enrolment at one of these schools stands; of which dates it is does not matter."""
        return any(one["stands"] and is_theirs(_school_of(key)) for key, one in self.enrolled.items())


@dataclass(frozen=True, slots=True)
class Decision:
    """What rows about one pupil come to: the places of those refused, and what is to be noted.

    `claims`: their sender may speak only if it proves to be the first that does.
    """

    refused: frozenset[int]
    notes: Known
    claims: bool


def decide(
    oin: str, is_theirs: Callable[[str], bool], known: Known, rows: Sequence[Submission], *, was_first: bool = False
) -> Decision:  # fmt: skip
    """What a school's sender may say of one pupil. `was_first`: it claimed to be the first, and may have become so.

    An enrolment of its own school may always be told: a transfer begins with it. What is said of its own school may
    always be taken back: a mistake must not stay with a child. Everything else asks for an enrolment that stands when
    all rows are taken in, or that nobody else spoke: of a local id, nobody else can.
    """
    enrolled = _merged(known.enrolled, (pair for said in rows for pair in _enrolment(said)))
    alone = set(known.senders) <= {oin} or (was_first and known.senders[0] == oin)
    is_enrolled = Known(enrolled=enrolled).enrolled_at(is_theirs)
    refused, schools, speaks, claims = set(), set(), False, False
    for place, said in enumerate(rows):
        if isinstance(said.fact, Retraction):
            if said.school is None and known.senders and oin not in known.senders and not is_enrolled:
                refused.add(place)
            continue
        if said.name != _ENROLMENT and not is_enrolled:
            if not alone:
                refused.add(place)
                continue
            claims = claims or oin not in known.senders
        speaks = True
        if said.school is not None:
            schools.add(said.school)
    notes = Known((oin,) if speaks else (), frozenset(schools), enrolled)
    return Decision(frozenset(refused), notes, claims)


def of_municipality(known: Known, rows: Sequence[Submission]) -> Decision:
    """What is noted of a municipality's rows: it may name any pupil, and says where they live."""
    homes = _merged(known.homes, (pair for said in rows for pair in _home(said)))
    return Decision(frozenset(), Known(homes=homes), claims=False)


def _merged(known: Mapping[str, Noted], more: Iterable[tuple[str, Noted]]) -> dict[str, Noted]:
    newest = dict(known)
    room = Counter(_school_of(key) for key in known)
    for key, word in more:
        if key not in newest:
            room[_school_of(key)] += 1
            if room[_school_of(key)] <= MOST_NOTED:
                newest[key] = word
        elif _weight(word) > _weight(newest[key]):
            newest[key] = word
    return newest


def _school_of(key: str) -> str:
    """The school in the key of an enrolment; nothing in that of a residence, which is a date alone."""
    return key.rpartition("/")[0]


def _enrolment(said: Submission) -> Iterable[tuple[str, Noted]]:
    if said.name == _ENROLMENT:
        yield f"{said.school}/{_from(said)}", noted(said)


def _home(said: Submission) -> Iterable[tuple[str, Noted]]:
    if said.name != "person-recorded":
        return
    fact = said.fact
    since = fact.key[1] if isinstance(fact, Retraction) else getattr(fact, "resident_from", None)
    if since is not None:
        home = fact.municipality if isinstance(fact, PersonRecorded) else None
        yield since.isoformat(), noted(said, home=home or "")


def _from(said: Submission) -> str:
    fact = said.fact
    # The natural keys of an enrolment and of a leave both end with their first date.
    since = fact.key[-1] if isinstance(fact, Retraction) else fact.from_  # type: ignore[union-attr]
    return str(since.isoformat())


class Rights:
    """The rights of all senders, as far as they depend on what was said before. One for all doors of an instance."""

    def __init__(
        self, pupils: Collection, leaves: Collection, senders: Senders, *,
        key: bytes, pseudonym: Callable[[PupilRef], str],
    ) -> None:  # fmt: skip
        self._pupils = pupils
        self._leaves = leaves
        self._senders = senders
        self._key = key
        self._pseudonym = pseudonym

    async def refused(
        self, system: System, told: Sequence[Submission], claims: Sequence[Claim], reserved: Mapping[str, Reserved]
    ) -> list[Refusals]:  # fmt: skip
        """For each row, in order, why this system may not say it (empty: it may), given the ids reserved already.

        What may be said is noted when this returns. Call it before the ids are reserved, and reserve none of a refused row.

        Raises:
            Unavailable: not now: nothing was told; the same rows may be asked about again.
        """
        answers: list[Refusals] = [()] * len(told)
        first: dict[str, int] = {}
        named: dict[PupilRef, list[int]] = {}
        for place, (said, claim) in enumerate(zip(told, claims, strict=True)):
            if claim.key in reserved:
                continue
            if first.setdefault(claim.key, place) != place:
                if claims[first[claim.key]].content != claim.content:
                    answers[place] = (Refusal("id", Code.ID_REUSED),)
            elif said.pupil is not None:
                named.setdefault(said.pupil, []).append(place)
        asked = {self._pseudonym(pupil): places for pupil, places in named.items()}
        await self._leaves_settled(system, told, asked, answers)
        await self._pupils_settled(system, told, asked, answers)
        for place, claim in enumerate(claims):
            if claim.key not in reserved and first[claim.key] != place and not answers[place]:
                answers[place] = answers[first[claim.key]]
        return answers

    async def of(self, pseudonyms: Iterable[str]) -> dict[str, Known]:
        """What is known of these pupils (pseudonyms of the school domain), those of whom something is."""
        found = await self._pupils.find({"_id": {"$in": list(pseudonyms)}})
        return {one["_id"]: _known(one) for one in found}

    async def _pupils_settled(
        self, system: System, told: Sequence[Submission], asked: Mapping[str, list[int]], answers: list[Refusals]
    ) -> None:  # fmt: skip
        is_theirs = partial(self._senders.is_of, system.oin)
        open_, claimed = dict(asked), set[str]()
        for _ in range(_ATTEMPTS):
            if not open_:
                return
            standing = await self.of(open_)
            decided = {}
            for pupil, places in open_.items():
                left = [place for place in places if not answers[place]]
                known, rows = standing.get(pupil, Known()), [told[place] for place in left]
                if system.is_municipality:
                    one = of_municipality(known, rows)
                else:
                    one = decide(system.oin, is_theirs, known, rows, was_first=pupil in claimed)
                for refused in one.refused:
                    answers[left[refused]] = (Refusal("pupil", Code.PUPIL_NOT_YOURS),)
                decided[pupil] = one
            lost = await self._note(decided, standing)
            # Whether a claim to be the first came true is seen by asking again.
            claimed = {pupil for pupil, one in decided.items() if one.claims and pupil in standing}
            open_ = {pupil: asked[pupil] for pupil in open_ if pupil in lost or pupil in claimed}
        raise OwnershipLost("what is known of a pupil changes too often")

    async def _note(self, decided: Mapping[str, Decision], standing: Mapping[str, Known]) -> set[str]:
        """Notes what is new; gives the pupils of whom another instance made the first note in this moment."""
        fresh = [_document(pupil, one.notes) for pupil, one in decided.items() if pupil not in standing]
        lost = await self._pupils.insert_new([one for one in fresh if _says_something(one)])
        await self._pupils.update_each(
            ({"_id": pupil, "senders": []} if one.claims else {"_id": pupil}, change)
            for pupil, one in decided.items()
            if pupil in standing and (change := _change(standing[pupil], one.notes))
        )
        return lost

    async def _leaves_settled(
        self, system: System, told: Sequence[Submission], asked: Mapping[str, list[int]], answers: list[Refusals]
    ) -> None:  # fmt: skip
        """An officer's leave is the municipality's: no school may retract it, or replace it under its natural key."""
        leaves: dict[str, list[int]] = {}
        for pupil, places in asked.items():
            for place in places:
                said = told[place]
                if said.name == _LEAVE:
                    key = keyed_hash(self._key, "leave", pupil, said.school or "", _from(said))
                    leaves.setdefault(key, []).append(place)
        if not leaves:
            return
        if not system.is_municipality:
            query = {"_id": {"$in": list(leaves)}, "word.stands": True}
            for one in await self._leaves.find(query, fields=["_id"]):
                for place in leaves[one["_id"]]:
                    answers[place] = (Refusal("from", Code.LEAVE_OF_OFFICER),)
            return
        newest = {
            key: max((noted(told[place]) for place in places), key=_weight) for key, places in leaves.items()
        }
        there = await self._leaves.insert_new([{"_id": key, "word": word} for key, word in newest.items()])
        await self._leaves.update_each(({"_id": key}, {"$max": {"word": newest[key]}}) for key in there)


def _known(one: Document) -> Known:
    return Known(tuple(one["senders"]), frozenset(one["schools"]), one["enrolled"], one["homes"])


def _document(pupil: str, notes: Known) -> Document:
    return {
        "_id": pupil, "senders": list(notes.senders), "schools": sorted(notes.schools),
        "enrolled": dict(notes.enrolled), "homes": dict(notes.homes),
    }  # fmt: skip


def _says_something(document: Document) -> bool:
    return any(value for name, value in document.items() if name != "_id")


def _change(known: Known, notes: Known) -> dict[str, Any]:
    """What makes the notes part of what is known; empty where they are already."""
    sets: dict[str, Any] = {}
    if senders := [one for one in notes.senders if one not in known.senders]:
        sets["senders"] = {"$each": senders}
    if schools := sorted(notes.schools - known.schools):
        sets["schools"] = {"$each": schools}
    newer = {
        f"{name}.{key}": word
        for name, there, told in (("enrolled", known.enrolled, notes.enrolled), ("homes", known.homes, notes.homes))
        for key, word in told.items()
        if key not in there or _weight(word) > _weight(there[key])
    }  # fmt: skip
    return ({"$addToSet": sets} if sets else {}) | ({"$max": newer} if newer else {})
