"""What stands of presence after all that was said, beside what `aanwezig presence` measures of the same facts."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain, combinations

from aanwezig.chassis.publishing import Outgoing
from aanwezig.cli.offline import Facts
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.facts import Word
from aanwezig.contracts.identifiers import municipality_source, school_source
from aanwezig.contracts.presence import PresenceMeasured
from aanwezig.contracts.topics import PRESENCE
from aanwezig.law import packs
from aanwezig.law.measures import Measures, months_of
from aanwezig.law.presence import Amounts, Groups
from support.classifying import event_of

SIDES = ("school", "municipality", "month")
EVERY_TABLE = list(chain.from_iterable(combinations(SIDES, size) for size in range(4)))
Tables = dict[tuple[str, tuple[str, ...]], dict[tuple, Amounts]]


def measured_of(said: Iterable[Outgoing]) -> list[PresenceMeasured]:
    """The measures said, in order."""
    return [
        PresenceMeasured.model_validate(event_from(one.value).data)
        for one in said
        if one.topic == PRESENCE.name
    ]


def standing(said: Iterable[Outgoing], periods: Iterable[str]) -> Tables:
    """Every table over these periods that follows from what was said."""
    measures = Measures()
    for one in measured_of(said):
        measures.take(one)
    return {(period, sides): measures.groups(sides, period) for period in periods for sides in EVERY_TABLE}


def offline(words: Iterable[Word], periods: Iterable[str], as_of: date) -> Tables:
    """The same tables, as the offline command measures them."""
    facts = Facts()
    for word in words:
        said = event_of(word).as_json()
        data = said["data"]
        if pupil := data.get("pupil"):
            data["pupil"] = {"number": _number(pupil)}
        said["source"] = (
            school_source(data["school"][:4]) if "school" in data else municipality_source("0637")
        )
        assert facts.take(json.dumps(said).encode()) == [], said
    tables: Tables = {}
    for period in periods:
        first, last = _dates(period)
        measured = [cells for _, cells in facts.presence(packs.load("nl-2024"), first, last, as_of)]
        for sides in EVERY_TABLE:
            groups = Groups(lambda place, sides=sides: tuple(getattr(place, side) for side in sides))
            for cells in measured:
                groups.add(cells)
            tables[period, sides] = dict(groups)
    return tables


def _number(pupil: str) -> str:
    """A personal number that passes the eleven-test and belongs to nobody, of a pupil named `...-<n>`."""
    start = 12_000_000 + int(pupil.rpartition("-")[2]) * 10
    for stem in range(start, start + 10):
        weights = zip(str(stem), range(9, 1, -1), strict=True)
        if (check := sum(int(digit) * weight for digit, weight in weights) % 11) < 10:
            return f"{stem}{check}"
    raise AssertionError("one of ten stems has a check digit")


def _dates(period: str) -> tuple[date, date]:
    if len(period) == len("2024-2025"):
        return date(int(period[:4]), 8, 1), date(int(period[5:]), 7, 31)
    first = date.fromisoformat(f"{period}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


PERIODS = ["2024-2025", "2023-2024", *months_of("2024-2025")[:4]]
