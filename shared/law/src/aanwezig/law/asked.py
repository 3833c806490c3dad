"""What a pack asks of each kind of finding: article, unit, operator, threshold, and of whom (`rules.md` 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from aanwezig.contracts.findings import Obligation, decimal_text
from aanwezig.law.pack import Definition, Pack, StreakRule


@dataclass(frozen=True, slots=True)
class Asked:
    """One threshold of one rule, as a finding writes it. `obligations` None: of everybody."""

    rule: str
    article: str
    unit: str
    operator: str | None
    threshold: str | None
    obligations: tuple[Obligation, ...] | None = None


def asked(kind: str, pack: Pack, definition: Definition | None) -> list[Asked]:
    """A row for each threshold this pack has for a kind; none where it does not know the kind.

    `definition` is that of a `home-sitter`; None: no row for it.
    """
    if kind not in pack.kinds:
        return []
    if kind == "home-sitter":
        return [] if definition is None else _home_sitter(pack, definition)
    return _ROWS[kind](pack)


def _crossing(rule: str, pack: Pack, article: str, obligations: tuple[Obligation, ...]) -> list[Asked]:
    crossing = pack.crossing
    return [
        Asked(rule, article, crossing.unit, crossing.operator, decimal_text(threshold), obligations)
        for threshold in (crossing.threshold, *crossing.further)
    ]


def _ladder(pack: Pack) -> list[Asked]:
    rule = pack.lateness
    return [
        Asked("lateness", rule.article, rule.unit, rule.operator, decimal_text(Fraction(rung)))
        for rung in rule.rungs
    ]


def _one(name: str, rule: Any) -> list[Asked]:
    return [Asked(name, rule.article, rule.unit, rule.operator, decimal_text(rule.threshold))]


def _streak(name: str, article: str, streak: StreakRule, obligations: tuple[Obligation, ...]) -> Asked:
    threshold = decimal_text(streak.threshold)
    return Asked(name, article, streak.unit, streak.operator, threshold, obligations)


def _home_sitter(pack: Pack, definition: Definition) -> list[Asked]:
    obligations, article = pack.home_sitter.obligations, definition.article
    rows = []
    if definition.streak is not None:
        rows.append(_streak("home-sitter", article, definition.streak, obligations))
    if "long-term" in definition.beside:
        rows.append(_streak("home-sitter", article, pack.long_term.streak, obligations))
    if "absolute" in definition.beside:
        rule = pack.absolute
        rows.append(Asked("home-sitter", article, rule.unit, rule.operator, decimal_text(rule.threshold)))
    return rows


_ROWS: Final[Mapping[str, Callable[[Pack], list[Asked]]]] = {
    "statutory": lambda pack: _crossing(
        "statutory", pack, pack.statutory.article, pack.statutory.obligations
    ),
    "eighteen-plus": lambda pack: _crossing(
        "eighteen-plus", pack, pack.eighteen_plus.article, pack.eighteen_plus.obligations
    ),
    "lateness": _ladder,
    "luxury": lambda pack: _one("luxury", pack.luxury),
    "light": lambda pack: _one("light", pack.light),
    "long-term": lambda pack: [
        _streak("long-term", pack.long_term.article, pack.long_term.streak, pack.long_term.obligations)
    ],
    # Of whom it is asked on the dates of the run; on the date it arises, the day after, that may be over.
    "absolute": lambda pack: _one("absolute", pack.absolute),
    "sickness": lambda pack: [
        *_one("sickness-frequent", pack.sickness_frequent),
        *_one("sickness-long", pack.sickness_long),
    ],
    "late-report": lambda pack: _one("late-report", pack.late_report),
    "silent-feed": lambda pack: _one("silent-feed", pack.silent_feed),
    "returned": lambda pack: [Asked("returned", pack.returned.article, pack.returned.unit, None, None)],
    "presence-restored": lambda pack: _one("presence-restored", pack.presence_restored),
}
