"""A random year as the running classifier meets it, and what the law says offline of the same words at each closed day.

The facts of `support.streams` arrive when they were logged, or much later; days close among them; calendars come on a topic
of their own, and the register changes now and then. What is known at a closed day of a partition is what stood on that
partition before it, with the calendars and the register of then.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from aanwezig.chassis.consuming import Arrived
from aanwezig.classifier.evaluation import happened_on
from aanwezig.classifier.governance import Register
from aanwezig.contracts.dates import AMSTERDAM
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import Word
from aanwezig.contracts.submissions import Submission, examine
from aanwezig.law.calendar import CalendarBook, Calendars
from aanwezig.law.classify import classify
from aanwezig.law.distance import distances
from aanwezig.law.kinds import silent_feed
from aanwezig.law.kinds.silent_feed import Feed, share_of
from aanwezig.law.packs import Governance
from aanwezig.law.seen import Seen
from aanwezig.law.standing import Standing
from support.classifying import PARTITIONS, WAYS, Topic
from support.law import about_calendar
from support.streams import Stream, streams

RegisterRecord = tuple[str, Event | None]
Standings = dict[str, dict[str, Any]]
"""The data of findings by id, without their revision."""
Measures = dict[tuple[str, str], dict[str, Any]]
"""By pupil and school what the school is to know of the distance; only where anything is counted."""
_DELAYS: Final = ((0,), (0, 0, 0, 0, 0, 1, 12, 45, 200))
_LONGEST_DAYS: Final = 400
_REGISTERED: Final = datetime(2025, 1, 1, tzinfo=UTC)


def after_intake(events: Iterable[dict[str, Any]]) -> list[Word]:
    """What intake makes of submitted events: words under a pseudonym, each event once."""
    words: dict[tuple[str, str], Word] = {}
    for event in events:
        said = examine(json.dumps(event).encode())
        assert isinstance(said, Submission), said
        word = said.word(None if said.pupil is None else f"pseudonym-of-{said.pupil.text}")
        words.setdefault((word.source, word.id), word)
    return list(words.values())


@dataclass
class Epoch:
    """A stretch between two changes of what is known beside the facts: what changed, then the records that came."""

    beside: list[Word | RegisterRecord]
    records: list[Arrived] = field(default_factory=list)


class Known(NamedTuple):
    """What stands: of pupils, of schools, and how far pupils are from the threshold."""

    of_pupils: Standings
    of_schools: Standings
    distances: Measures


class Beside:
    """The calendars and the register as they are known at some moment."""

    def __init__(self) -> None:
        self._book = CalendarBook()
        self.register = Register("nl-2024", now=lambda: _REGISTERED)

    async def hear(self, changes: Iterable[Word | RegisterRecord]) -> None:
        """Takes in what changed."""
        for one in changes:
            if isinstance(one, Word):
                self._book.apply(one)
            else:
                await self.register.on_change(*one)

    @property
    def law(self) -> tuple[Calendars, Governance]:
        """What the law is asked with."""
        return self._book.calendars, self.register.governance


@dataclass(repr=False)
class Year:
    """The epochs of a year, in order, and the words of the facts among them."""

    epochs: list[Epoch]
    words: dict[tuple[int, int], Word]

    def __repr__(self) -> str:
        """Short: what happened is told event by event, in the order of arrival, only where it is little."""
        told = [(one.partition, one.offset, one.event.name, one.event.data) for one in self.records]
        beside = [len(epoch.beside) for epoch in self.epochs]
        return f"Year({beside} beside, {len(told)} records: {str(told)[:8_000]})"

    @property
    def records(self) -> list[Arrived]:
        """All records of the facts topic."""
        return [one for epoch in self.epochs for one in epoch.records]

    def until(self, count: int) -> "Year":
        """The year as far as its first so many records, and what was known beside them."""
        epochs: list[Epoch] = []
        for epoch in self.epochs:
            epochs.append(Epoch(epoch.beside, epoch.records[:count]))
            count -= len(epoch.records)
            if count <= 0:
                break
        return Year(epochs, self.words)

    def stretches(self, length: int, first_length: int) -> list[tuple[int, int]]:
        """First place and last (exclusive) of stretches of at most so many records without a change beside them, in order."""
        found, place = [], 0
        for epoch in self.epochs:
            end, size = place + len(epoch.records), first_length
            while place < end:
                found.append((place, min(place + size, end)))
                place, size = found[-1][1], length
        return found

    def partition_of(self, pupil: str) -> int:
        """Where a pupil's words stand."""
        return next(place for (place, _), word in self.words.items() if word.fact.pupil == pupil)

    @property
    def pupils(self) -> list[str]:
        """Everybody anything is told of."""
        return sorted({word.fact.pupil for word in self.words.values()})

    async def expected(self) -> tuple[dict[tuple[int, str], Known], Known]:
        """By partition and closed date what stands then of its pupils; and what stands in the end, of schools too."""
        beside = Beside()
        told: dict[int, dict[str, list[Word]]] = {place: defaultdict(list) for place in range(PARTITIONS)}
        closed: dict[int, date] = {}
        at_closing: dict[tuple[int, str], Known] = {}
        for epoch in self.epochs:
            await beside.hear(epoch.beside)
            for one in epoch.records:
                word = self.words.get((one.partition, one.offset))
                if word is not None:
                    told[one.partition][word.fact.pupil].append(word)
                    continue
                day = date.fromisoformat(one.event.data["date"])
                closed[one.partition] = day
                found, away = _of_pupils(told[one.partition], beside, day)
                at_closing[one.partition, day.isoformat()] = Known(found, {}, away)
        everybody = {pupil: words for part in told.values() for pupil, words in part.items()}
        ends = [closed.get(place) for place in range(PARTITIONS)]
        last = None if None in ends else min(ends)
        found, away = {}, {}
        for place, part in told.items():
            there, far = _of_pupils(part, beside, closed.get(place))
            found |= there
            away |= far
        return at_closing, Known(found, _of_schools(everybody, beside, last), away)


def _of_pupils(
    told: Mapping[str, Sequence[Word]], beside: Beside, closed: date | None
) -> tuple[Standings, Measures]:
    calendars, governance = beside.law
    found: list[dict[str, Any]] = []
    away: Measures = {}
    for pupil, words in told.items():
        happened = [on for word in words if (on := happened_on(word)) is not None]
        as_of = max([*happened, *([closed] if closed else [])], default=None)
        if as_of is None:
            continue
        standing = Standing.of(words)
        said = classify(standing, calendars=calendars, governance=governance, as_of=as_of)
        found += [way.finding(finding) for finding in said for way in WAYS.of(finding.kind, finding.school)]
        for one in distances(standing, calendars=calendars, governance=governance, as_of=as_of):
            away[pupil, one.school] = {
                "pack": one.pack.id,
                "exact": str(one.value),
                "left": str(one.left),
                "leaves": [(on.isoformat(), str(amount)) for on, amount in one.leaves],
            }
    return _by_id(found), away


def _of_schools(told: Mapping[str, Sequence[Word]], beside: Beside, closed: date | None) -> Standings:
    if closed is None:
        return {}
    calendars, governance = beside.law
    feeds: dict[str, Feed] = defaultdict(Feed)
    for words in told.values():
        seen = Seen(Standing.of(words), closed)
        for school in seen.schools_named():
            feeds[school].add(*share_of(seen, school, calendars.of(school)))
    return _by_id(
        WAYS.school.finding(finding)
        for school, feed in feeds.items()
        for finding in silent_feed.found(
            school, feed, calendars=calendars, governance=governance, closed=closed
        )
    )


def _by_id(found: Iterable[Mapping[str, Any]]) -> Standings:
    said = json.loads(json.dumps(list(found)))
    by_id = {one["finding"]: {name: one[name] for name in one if name != "revision"} for one in said}
    assert len(by_id) == len(said), "two findings of one id"
    return by_id


def years(*, closings: st.SearchStrategy[int]) -> st.SearchStrategy[Year]:
    """Random years; `closings` gives how many days lie between two closed ones."""
    return st.builds(
        a_year, streams(), closings, st.integers(0, 2**20), st.sampled_from(_DELAYS), st.lists(_register_records(), max_size=3)
    )  # fmt: skip


def a_year(
    stream: Stream,
    step: int,
    seed: int,
    delays: Sequence[int],
    registered: Sequence[tuple[int, RegisterRecord]],
) -> Year:
    """A stream in the order it arrives, with its closed days. A word comes one of `delays` days after it was logged."""
    chosen = Random(seed)
    arriving: list[tuple[datetime, int, Any]] = []
    for number, word in enumerate(after_intake(stream.events)):
        arriving.append((word.time + timedelta(days=chosen.choice(delays)), number, word))
    start = stream.as_of - timedelta(days=400)
    for number, (days, record) in enumerate(registered):
        on = datetime.combine(start + timedelta(days=days), time(3), UTC)
        arriving.append((on, 1_000_000 + number, record))
    first = min((at.date() for at, _, one in arriving if isinstance(one, Word)), default=stream.as_of)
    back = min((stream.as_of - first).days, _LONGEST_DAYS)
    ends = {stream.as_of - timedelta(days=days) for days in range(0, back, step)}
    for day in ends | {stream.as_of}:
        at = datetime.combine(day + timedelta(days=1), time(6), AMSTERDAM)
        arriving.append((at, 2_000_000, day))
    return told_in_turn([one for *_, one in sorted(arriving, key=lambda row: row[:2])], chosen)


def told_in_turn(arriving: Iterable[Word | RegisterRecord | date], chosen: Random | None = None) -> Year:
    """Words, records of the register and closed days as they come; the partitions at one pace, or at any."""
    topic, words = Topic(), {}
    epochs = [Epoch([])]
    for one in arriving:
        if isinstance(one, date):
            epochs[-1].records += topic.closes(one)
        elif isinstance(one, Word) and not about_calendar(one):
            (record,) = topic.words(one)
            words[record.partition, record.offset] = one
            epochs[-1].records.append(record)
        elif epochs[-1].records:
            epochs.append(Epoch([one]))
        else:
            epochs[-1].beside.append(one)
    if chosen is not None:
        for epoch in epochs:
            epoch.records = _as_read(epoch.records, chosen)
    return Year(epochs, words)


def _as_read(records: Sequence[Arrived], chosen: Random) -> list[Arrived]:
    """The order in which a consumer may meet them: that of each partition, and one may be well ahead of another."""
    ahead = {place: chosen.choice((0, 0, 2, 30, 10_000)) for place in range(PARTITIONS)}
    order = sorted((number - ahead[one.partition], number) for number, one in enumerate(records))
    return [records[number] for _, number in order]


def _register_records() -> st.SearchStrategy[tuple[int, RegisterRecord]]:
    return st.tuples(st.integers(0, 400), st.sampled_from(_RECORDS))


def _chosen(code: str, *rows: tuple[str, str]) -> RegisterRecord:
    packs = [{"pack": pack, "from": start} for pack, start in rows]
    name = f"{code}-{'-'.join(pack + start for pack, start in rows)}"
    return f"municipality/{code}", Event(
        name, "urn:test", "municipality-registered", _REGISTERED, {"municipality": code, "packs": packs}
    )


def _school(school: str, code: str) -> RegisterRecord:
    said = {"school": school, "name": "De Linde", "type": "vo", "municipality": code}
    return f"school/{school}", Event(f"{school}-{code}", "urn:test", "school-registered", _REGISTERED, said)


_RECORDS: Final = (
    _chosen("0637", ("zoetermeer-2024", "2024-08-01")),
    _chosen("0637", ("nl-2024", "2022-08-01"), ("zoetermeer-2024", "2025-01-01")),
    _chosen("0150", ("deventer-2022", "2022-08-01")),
    _chosen("0150", ("deventer-2022", "2022-08-01"), ("nl-2024", "2025-02-10")),
    ("municipality/0150", None),
    _school("25PL00", "0637"),
    _school("25PL00", "0150"),
    _school("25PL01", "0150"),
    _school("17QA02", "0637"),
    ("school/25PL00", None),
)
"""What an operator may say; a school or a municipality may come, change and go."""
