"""Facts of one pupil that contradict each other, and which of them a finding goes by (`rules.md` 1). Pure.

That is no error of anybody: one fact stands, and the finding lists both, by their ids. A finding goes by

* the birth date told by the newest `person-recorded`, against every other one that stands and tells another date
  (`birth-date`);
* on each of its dates the enrolment at its school that has the latest `from` of those that cover the date: against those
  that cover it there too and tell another school type (`school-type`), and against the one that has the latest `from` at
  each other school (`enrolment`). A pupil enrolled at two schools counts as enrolled at both.

Facts that combine contradict nothing: residences, leave, exemptions, arrangements, spells of illness, enrolments at one
school of one type. Nor does a word that was corrected: of one natural key only the newest stands.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, get_args

from aanwezig.contracts.facts import EnrolmentRecorded, PersonRecorded, Word
from aanwezig.contracts.findings import Contradicted, Contradiction

_ORDER: Final[tuple[Contradicted, ...]] = get_args(Contradicted)
_DAY: Final = timedelta(days=1)

_Enrolled = tuple[Word, EnrolmentRecorded]
_Pair = tuple[Contradicted, Word, Word]
"""What it is about, the word that stands, the word against it."""


class Contradictions:
    """What the facts of one pupil say against each other.

    `persons` and `enrolments` are the words that stand and are seen, in any order; those of other types are passed over.
    """

    def __init__(self, persons: Iterable[Word], enrolments: Iterable[Word]) -> None:
        self._births: Final = tuple(_births(list(persons)))
        told = [(word, word.fact) for word in enrolments if isinstance(word.fact, EnrolmentRecorded)]
        # One enrolment contradicts nothing, nor do several at one school of one type: nearly every pupil.
        clash = len({(fact.school, fact.school_type) for _, fact in told}) > 1
        self._enrolments: Final[list[_Enrolled]] = (
            sorted(told, key=lambda row: row[1].from_, reverse=True) if clash else []
        )

    def on(self, school: str | None, first: date, last: date) -> tuple[Contradiction, ...]:
        """Those that matter to what is found at a school (None: at none) on these dates, both included.

        Each fact that something else stands against is named once about each thing, beside the one that stands on the
        latest of the dates. Ordered by what they are about (birth date, school type, enrolment), then by how new it is.
        """
        if not self._births and not self._enrolments:
            return ()
        pairs = [*self._births, *self._clashes(school, first, last)]
        # One id may be told by two senders: they are two facts.
        latest = {
            (about, against.source, against.id): (about, stands, against) for about, stands, against in pairs
        }
        ordered = sorted(latest.values(), key=lambda pair: (_ORDER.index(pair[0]), pair[2].rank))
        return tuple(Contradiction(about, stands.id, against.id) for about, stands, against in ordered)

    def _clashes(self, school: str | None, first: date, last: date) -> Iterator[_Pair]:
        """The enrolments that contradict the one at this school, in order of date."""
        edges = {first}
        for _, fact in self._enrolments:
            edges.add(fact.from_)
            if fact.until is not None and fact.until < last:
                edges.add(fact.until + _DAY)
        # From one edge to the next every date is like the first.
        for day in sorted(edge for edge in edges if first <= edge <= last):
            yield from self._clashing(school, day)

    def _clashing(self, school: str | None, day: date) -> Iterator[_Pair]:
        holding: dict[str, _Enrolled] = {}
        others: list[_Enrolled] = []
        for word, fact in self._enrolments:
            if fact.from_ <= day and (fact.until is None or day <= fact.until):
                if fact.school not in holding:
                    holding[fact.school] = (word, fact)
                elif fact.school == school:
                    others.append((word, fact))
        if school not in holding:
            return
        stands, here = holding.pop(school)
        for against, fact in others:
            if fact.school_type != here.school_type:
                yield "school-type", stands, against
        for against, _ in holding.values():
            yield "enrolment", stands, against


def _births(persons: list[Word]) -> Iterator[_Pair]:
    told = [(word, word.fact.birth_date) for word in persons if isinstance(word.fact, PersonRecorded)]
    if not told:
        return
    stands, born = max(told, key=lambda row: row[0].rank)
    for against, other in told:
        if other != born:
            yield "birth-date", stands, against
