"""Does any mark of a school stand on a date, in one partition of the facts? Said when the answer changes (ADR 7, 1).

Of each date one *witness* is known: a slot of a pupil that stands as a mark. Later marks of the date cost a look into a
dictionary. Where a witness is unsaid, or a mark comes in a slot that was unsaid before, a *census* is taken from the ledger:
what stands of that date, as of that record. It is kept up to date from there on.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.publishing import Outgoing, Publisher
from aanwezig.chassis.shelf import Kept, Shelf
from aanwezig.chassis.store import Store
from aanwezig.classifier.ledger import Ledger, Said, end_of
from aanwezig.classifier.signals import event_of
from aanwezig.contracts.facts import MarkRecorded, Retraction, Word, natural_key
from aanwezig.contracts.topics import FEEDS
from aanwezig.law.calendar import Calendars
from aanwezig.law.shares import Share

_MONTHS: Final = 40_000
_CENSUSES: Final = 200
Slot = tuple[str, str]
"""A pupil, and the slot of a date."""


class About(NamedTuple):
    """What a word about a mark is about, and whether it says that there is one."""

    school: str
    day: date
    slot: str
    mark: bool


class Month:
    """What is known of the dates of a school in one month: its document, and the witness of each date that has one."""

    __slots__ = ("kept", "witnesses")

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        rows: Mapping[str, list[Any]] = kept.state["dates"]
        self.witnesses: dict[date, Slot] = {
            date.fromisoformat(day): (pupil, slot) for day, (_, pupil, slot) in rows.items() if pupil is not None
        }  # fmt: skip

    def changes(self, day: date, witness: Slot | None) -> int | None:
        """Takes in the witness of a date, or that there is none; the number of this answer where it is another one."""
        rows: dict[str, list[Any]] = self.kept.state["dates"]
        revision = rows.get(day.isoformat(), (0, None, None))[0]
        had = self.witnesses.pop(day, None)
        if witness is not None:
            self.witnesses[day] = witness
        differs = (had is None) != (witness is None)
        pupil, slot = witness or (None, None)
        rows[day.isoformat()] = [revision + differs, pupil, slot]
        return revision + 1 if differs else None


class Census:
    """The newest word about each slot of one date of one school in one partition."""

    def __init__(self, words: Iterable[Word], school: str) -> None:
        self._newest: dict[Slot, Word] = {}
        for word in words:
            about = about_mark(word)
            if about is not None and about.school == school:
                self.apply(word, about.slot)

    def apply(self, word: Word, slot: str) -> None:
        """Takes in one word about a slot of this date; in whatever order they come."""
        key = (getattr(word.fact, "pupil", None) or "", slot)
        known = self._newest.get(key)
        if known is None or known.rank < word.rank:
            self._newest[key] = word

    def stands(self, slot: Slot) -> bool:
        """Whether this slot is a mark."""
        word = self._newest.get(slot)
        return word is not None and _is_mark(word)

    def witness(self) -> Slot | None:
        """One slot that is a mark; always the same of the same words."""
        return min((slot for slot, word in self._newest.items() if _is_mark(word)), default=None)


_Date = tuple[int, str, date]
_Month = tuple[int, str, int]


class Witnesses:
    """Of every partition owned: whether a mark stands, per school and date."""

    def __init__(self, store: Store, publisher: Publisher, ledger: Ledger) -> None:
        self._shelf = Shelf(store.collection("witnesses"), publisher)
        self._pupils = store.collection("pupils")
        self._ledger = ledger
        self._months: OrderedDict[_Month, Month] = OrderedDict()
        self._censuses: OrderedDict[_Date, Census] = OrderedDict()

    async def start(self) -> None:
        """Makes the indexes."""
        await self._shelf.start()
        await self._pupils.index([("x.shares", 1), ("part", 1)])

    async def settle(self, partitions: Iterable[int]) -> None:
        """Says what is owed of newly owned partitions."""
        await self._shelf.settle(partitions)

    def clear(self) -> None:
        """Forgets everything."""
        self._months.clear()
        self._censuses.clear()

    async def look_at(
        self, words: Sequence[Said], unsaid: Callable[[str], set[tuple[str, date, str]]]
    ) -> None:
        """Looks at words in order, and keeps and says what they change. Every pupil of theirs has its document by now.

        `unsaid` tells of a pupil of which slots a word ever said that there is no mark; later words included.
        """
        wanted = {key for one in words if (key := self._asks(one)) is not None}
        if not wanted:
            return
        await self._load(wanted)
        changed: dict[str, Kept] = {}
        for one in words:
            about = about_mark(one.word)
            if about is None:
                continue
            place, number = one.arrived.partition, _number(about.day)
            month = self._months.get((place, about.school, number))
            if month is None or _looked_at_before(month.kept, one.arrived):
                continue
            if await self._look(one, about, month, unsaid(one.pupil)):
                changed[month.kept.id] = month.kept
        await self._shelf.keep_and_say(changed.values())
        while len(self._months) > _MONTHS:
            self._months.popitem(last=False)

    def _asks(self, one: Said) -> _Month | None:
        """The month a word may change something of; None: a mark of a date that has a witness, or no word about a mark."""
        fact = one.word.fact
        if isinstance(fact, MarkRecorded):
            day, school = fact.date, fact.school
            key = (one.arrived.partition, school, day.year * 12 + day.month)
            if fact.state == "not-recorded":
                return key
            month = self._months.get(key)
            if month is None or day not in month.witnesses:
                return key
            return key if self._censuses and (key[0], school, day) in self._censuses else None
        about = about_mark(one.word)
        return None if about is None else (one.arrived.partition, about.school, _number(about.day))

    async def _look(self, one: Said, about: About, month: Month, unsaid: set[tuple[str, date, str]]) -> bool:
        """Takes in one word; whether the month's document changed."""
        slot = (one.pupil, about.slot)
        witness = month.witnesses.get(about.day)
        key = (one.arrived.partition, about.school, about.day)
        census = self._censuses.get(key)
        if census is None:
            if about.mark == (witness is not None) or (not about.mark and witness != slot):
                return False  # one more mark; or what is unsaid is nothing, or not the witness
            if about.mark and (about.school, about.day, about.slot) not in unsaid:
                return self._answer(one, about, month, slot)
            census = await self._census(one, about, key)
        census.apply(one.word, about.slot)
        if witness is not None and census.stands(witness):
            return False
        other = census.witness()
        return other != witness and self._answer(one, about, month, other)

    def _answer(self, one: Said, about: About, month: Month, witness: Slot | None) -> bool:
        revision = month.changes(about.day, witness)
        kept = month.kept
        kept.state["offset"] = one.arrived.offset
        if revision is not None:
            origin = one.arrived.partition
            data = {
                "school": about.school, "date": about.day.isoformat(), "origin": origin, "revision": revision,
                "marks": witness is not None,
            }  # fmt: skip
            # What caused it is no business of whoever adds up: a sender may have put anything into an id.
            event = event_of("feed-marked", data, one.arrived.event, None)
            kept.owed = [*kept.owed, Outgoing.event(FEEDS.name, about.school, event)]
        return True

    async def _census(self, one: Said, about: About, key: _Date) -> Census:
        """What stood of a date before a record: the words of every pupil of the school in its partition."""
        place, before = one.arrived.partition, end_of(one.arrived)
        rows = await self._pupils.find({"x.shares": about.school, "part": place}, fields=[])
        pupils = {one.pupil, *(row["_id"] for row in rows)}
        words = await self._ledger.marks_of(pupils, about.day, partition=place, before=before)
        census = self._censuses[key] = Census(words, about.school)
        while len(self._censuses) > _CENSUSES:
            self._censuses.popitem(last=False)
        return census

    async def _load(self, wanted: Iterable[_Month]) -> None:
        missing = {_id(key): key for key in wanted if key not in self._months}
        documents = await self._shelf.load(missing)
        for name, key in missing.items():
            kept = documents.get(name)
            if kept is None:
                kept = Kept(name, key[0], state={"dates": {}, "offset": -1})
            self._months[key] = Month(kept)


def about_mark(word: Word) -> About | None:
    """What a word says of a mark; None: it is about something else."""
    fact = word.fact
    if isinstance(fact, MarkRecorded):
        return About(fact.school, fact.date, fact.slot, fact.state != "not-recorded")
    if isinstance(fact, Retraction) and fact.name == "mark-recorded":
        _, _, school, day, slot = natural_key(word)
        return About(school, day, slot, mark=False)
    return None


def unsaid_in(word: Word) -> tuple[str, date, str] | None:
    """The slot (school, date, slot) of which a word says that there is no mark."""
    fact = word.fact
    if isinstance(fact, MarkRecorded) and fact.state != "not-recorded":
        return None
    about = about_mark(word)
    return None if about is None else (about.school, about.day, about.slot)


def moves_share(shares: Mapping[str, Share], word: Word, calendars: Calendars) -> bool:
    """Whether a word about a mark may change what a school is expected to tell of the pupil (`law.shares`)."""
    fact = word.fact
    if isinstance(fact, MarkRecorded) and fact.state != "not-recorded":
        share = shares.get(fact.school)
        if share is None:
            return True
        return share.moves_with(fact.date) and calendars.of(fact.school).is_lesson_day(fact.date)
    about = about_mark(word)
    if about is None:
        return False
    share = shares.get(about.school)
    return share is not None and share.rests_on(about.day)


def _is_mark(word: Word) -> bool:
    fact = word.fact
    return isinstance(fact, MarkRecorded) and fact.state != "not-recorded"


def _number(day: date) -> int:
    return day.year * 12 + day.month


def _id(key: _Month) -> str:
    place, school, number = key
    return f"{place}:{school}:{number}"


def _looked_at_before(kept: Kept, arrived: Arrived) -> bool:
    if arrived.retried_at is not None:
        return False
    return kept.partition == arrived.partition and arrived.offset <= int(kept.state["offset"])
