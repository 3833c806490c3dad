"""Numbers that can be read and still make no sense: a ladder that falls, a threshold of nothing, ages out of order.

Each check gives the path of a value and why it cannot be meant.
"""

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from aanwezig.contracts.facts import SLOT_ORDER
from aanwezig.contracts.findings import KINDS
from aanwezig.law.pack import Definition, Pack
from aanwezig.law.toml_lines import Path

Doubt = tuple[Path, str]
_FIRST_FACT: Final = date(2000, 1, 1)
"""The earliest date a fact may be about (`contract.md` 3)."""
_CBS_DIGITS: Final = 4
_LESSON_MINUTES: Final = 480
"""The longest lesson there may be (`contract.md` 3)."""


def senseless(pack: Pack, *, definitions: Collection[str]) -> Iterator[Doubt]:
    """What in a pack makes no sense; `definitions` are the names of those of a home-sitter, without `thuiszitter@`."""
    yield from _numbers(pack, ())
    yield from _identity(pack)
    yield from _obligation(pack)
    yield from _hours(pack)
    yield from _sums(pack)
    if "light" in pack.kinds:
        yield from _light(pack)
    if "lateness" in pack.kinds:
        yield from _lateness(pack)
    if pack.home_sitter.definition.removeprefix("thuiszitter@") not in definitions:
        known = ", ".join(f"thuiszitter@{name}" for name in definitions)
        yield ("home_sitter", "definition"), f"no such definition; known: {known}"


def senseless_definition(definition: Definition) -> Iterator[Doubt]:
    """What in a definition of a home-sitter makes no sense."""
    yield from _numbers(definition, ())
    if (definition.streak is None) == (not definition.beside):
        yield ("beside",), "a definition has a streak of its own or stands beside other kinds: one of the two"


def _numbers(rule: Any, at: Path) -> Iterator[Doubt]:
    """Of every rule, whatever it is about: numbers are above zero, and whole where what is counted is whole."""
    whole = getattr(rule, "unit", "hours") != "hours"
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        path = (*at, field.name.rstrip("_"))
        for place, item in [(path, value)] if not isinstance(value, tuple) else _placed(value, path):
            if dataclasses.is_dataclass(item):
                yield from _numbers(item, place)
            elif isinstance(item, int | Fraction) and not isinstance(item, bool):
                if item <= 0:
                    yield place, f"{item} makes no sense: above zero"
                elif whole and isinstance(item, Fraction) and item.denominator != 1:
                    yield place, f"{item} makes no sense: {rule.unit} are counted whole"
            elif isinstance(item, str) and not item.strip():
                yield place, "empty"
        if isinstance(value, tuple) and len(set(value)) != len(value):
            yield path, "says something twice"


def _placed(values: Sequence[Any], at: Path) -> list[tuple[Path, Any]]:
    return [((*at, place), value) for place, value in enumerate(values)]


def _identity(pack: Pack) -> Iterator[Doubt]:
    code = pack.municipality
    if code is not None and not (len(code) == _CBS_DIGITS and code.isascii() and code.isdigit()):
        yield ("municipality",), f'{code!r} is no CBS code: four digits, or "any"'
    if pack.valid_until is not None and pack.valid_until < pack.valid_from:
        yield ("valid_until",), f"{pack.valid_until} is before valid_from {pack.valid_from}"
    if not pack.kinds:
        yield ("kinds",), "a pack that finds nothing"
    for place, kind in enumerate(pack.kinds):
        if kind not in KINDS:
            yield ("kinds", place), f"no such kind: {kind}; known: {', '.join(KINDS)}"


def _obligation(pack: Pack) -> Iterator[Doubt]:
    rules = pack.obligation
    ages = rules.eighteen_plus_until_birthday
    at = ("obligation", "eighteen_plus_until_birthday")
    if rules.ends_after_school_year_of_birthday <= rules.starts_after_birthday:
        yield ("obligation", "ends_after_school_year_of_birthday"), "ends before it starts"
    if rules.qualification_until_birthday < rules.ends_after_school_year_of_birthday:
        yield ("obligation", "qualification_until_birthday"), "ends before the obligation it follows"
    if not ages or ages[0].from_ > _FIRST_FACT:
        yield at, f"says nothing of {_FIRST_FACT}, the earliest date a fact may be about"
    for place, (one, other) in enumerate(pairwise(ages), start=1):
        if other.from_ <= one.from_:
            yield (*at, place, "from"), f"{other.from_} is not after {one.from_}"
    for place, row in enumerate(ages):
        if row.age < rules.qualification_until_birthday:
            yield (*at, place, "age"), f"{row.age} is below qualification_until_birthday"


def _hours(pack: Pack) -> Iterator[Doubt]:
    if pack.hours.longest_lesson_hour > _LESSON_MINUTES:
        yield ("hours", "longest_lesson_hour"), f"no lesson is longer than {_LESSON_MINUTES} minutes"
    for place, slot in enumerate(pack.hours.counted_slots or ()):
        if slot not in SLOT_ORDER:
            yield ("hours", "counted_slots", place), f"no such slot: {slot}"
    if pack.hours.counted_slots == ():
        yield ("hours", "counted_slots"), 'no mark would count: name slots, or "any"'


def _sums(pack: Pack) -> Iterator[Doubt]:
    rule = pack.crossing
    if rule.operator == "<":
        yield ("crossing", "operator"), "a threshold is reached from below: >= or >"
    if rule.further and rule.starts_anew:
        yield ("crossing", "further"), "a sum that starts anew never reaches a further threshold"
    if not rule.starts_anew and rule.window_days is not None:
        yield ("crossing", "starts_anew"), 'a sum that goes on asks window_days = "school-year"'
    if rule.window_days is None and not rule.same_school_year:
        yield ("crossing", "same_school_year"), 'false, with window_days = "school-year"'
    yield from _ascending((rule.threshold, *rule.further), ("crossing", "further"), shift=1)


def _light(pack: Pack) -> Iterator[Doubt]:
    light, crossing = pack.light, pack.crossing
    if light.operator != "<":
        yield ("light", "operator"), "what is light lies below a threshold: <"
    if light.unit != crossing.unit:
        yield ("light", "unit"), f"{light.unit}, and the crossing is in {crossing.unit}"
    elif light.threshold > crossing.threshold:
        yield (
            ("light", "threshold"),
            f"{light.threshold} would call light what has crossed {crossing.threshold}",
        )


def _lateness(pack: Pack) -> Iterator[Doubt]:
    rule = pack.lateness
    if not rule.rungs:
        yield ("lateness", "rungs"), 'a ladder without rungs: leave "lateness" out of kinds instead'
    yield from _ascending(rule.rungs, ("lateness", "rungs"))
    if rule.operator != ">=":
        yield ("lateness", "operator"), "a rung is reached at its number: >="


def _ascending(numbers: Sequence[int | Fraction], at: Path, *, shift: int = 0) -> Iterator[Doubt]:
    for place, (one, other) in enumerate(pairwise(numbers), start=1):
        if other <= one:
            yield (*at, place - shift), f"{other} does not rise above {one}"
