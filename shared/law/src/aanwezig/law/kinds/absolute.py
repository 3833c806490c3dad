"""`absolute`: under the law, resident, and enrolled nowhere (`rules.md` 3; LPW art. 19, 22). At no school."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from aanwezig.contracts.findings import Finding, Measured
from aanwezig.law.inquiry import PupilInquiry
from aanwezig.law.obligation import turning_points
from aanwezig.law.packs import least
from aanwezig.law.seen import Span

_LAST = date.max.toordinal()


def found(inquiry: PupilInquiry) -> Iterator[Finding]:
    """Every run of dates that is long enough, in order: those that lie ahead too, if nothing more is told.

    A run lasts however long it lasts; what stands as of a date is for the caller to say.
    """
    rule = inquiry.pack.absolute
    enough = least(rule.operator, rule.threshold)
    for first, last in _runs(inquiry):
        if last - first + 1 >= enough and first + enough <= _LAST:
            yield inquiry.finding(
                "absolute",
                at=date.fromordinal(first + enough),
                article=rule.article,
                measured=Measured(Fraction(enough), rule.unit, rule.operator, rule.threshold),
                window=None,
            )


def _runs(inquiry: PupilInquiry) -> Iterator[tuple[int, int]]:
    """The maximal runs of dates (as ordinals, both included) on which the pupil should be enrolled and is not."""
    seen, rules, rule = inquiry.seen, inquiry.pack.obligation, inquiry.pack.absolute
    resident = _ordinals(seen.residences())
    if seen.born is None or not resident:
        return
    elsewhere = _ordinals(seen.exemptions())
    for school in seen.schools_named():
        elsewhere += _ordinals(seen.enrolments(school, inquiry.calendars.of(school)))
    begin = max(rule.observed_from.toordinal(), min(first for first, _ in resident))
    if any(first <= begin and last == _LAST for first, last in elsewhere):
        return
    turns = turning_points(born=seen.born, qualified=seen.qualified(rules), rules=rules)
    edges = {begin, *(day.toordinal() for day in turns)}
    edges.update(edge for first, last in (*resident, *elsewhere) for edge in (first, last + 1))
    # Between two neighbouring edges every date is like the first.
    starts = sorted(edge for edge in edges if begin <= edge <= _LAST)
    run: tuple[int, int] | None = None
    for start, after in zip(starts, (*starts[1:], _LAST + 1), strict=True):
        obliged = seen.obligation(date.fromordinal(start), rules) in rule.obligations
        if obliged and _covered(resident, start) and not _covered(elsewhere, start):
            run = (start if run is None else run[0], after - 1)
        elif run is not None:
            yield run
            run = None
    if run is not None:
        yield run


def _ordinals(spans: list[Span]) -> list[tuple[int, int]]:
    return [(first.toordinal(), _LAST if last is None else last.toordinal()) for first, last in spans]


def _covered(spans: list[tuple[int, int]], day: int) -> bool:
    return any(first <= day <= last for first, last in spans)
