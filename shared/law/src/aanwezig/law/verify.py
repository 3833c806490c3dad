"""Does a finding say what it can prove? Checked from the evidence it carries, or against the facts again. Pure.

From the finding alone (`contract.md` 4): identity, the rule's own numbers, value against threshold; and of `statutory`,
`eighteen-plus` and `light` also order, hours, sum and window. With the facts, everything it says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from aanwezig.contracts.facts import SLOT_ORDER
from aanwezig.contracts.findings import Identity, decimal_text
from aanwezig.law.asked import asked
from aanwezig.law.pack import Definition, Pack, concerns, holds
from aanwezig.law.schoolyear import first_day, school_year

SUMS: Final = frozenset({"statutory", "eighteen-plus", "light"})
"""The kinds that carry the hours they sum."""
_COUNTS: Final = frozenset({"lateness", "statutory", "eighteen-plus", "light"})
_ABOUT_ANOTHER: Final = frozenset({"returned", "presence-restored", "late-report"})
_PARTS: Final = (
    "finding", "school", "municipality", "kind", "ordinal", "school_year", "at", "obligation", "calendar", "rule",
    "window", "measured", "counted", "not_counted", "contradictions", "about", "definition", "school_type", "age",
    "known_at", "context",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One part of a finding (its name in the contract) that is not what it should be: what it says, what it should say."""

    part: str
    said: str
    expected: str


class _Differs(Exception):
    def __init__(self, part: str, said: object, expected: object) -> None:
        super().__init__(part)
        self.found = Disagreement(part, str(said), str(expected))


def from_itself(
    said: Mapping[str, Any], *, pack: Pack, definition: Definition | None, pupils: Sequence[str | None]
) -> Disagreement | None:
    """The first thing in the data of a finding event that its own evidence contradicts; None: it holds.

    `said` has the form of the contract. `pupils` are the texts its pupil may be known by: the pseudonym, or of a pupil as
    submitted one for each sender it may belong to. `definition` is the one it names.
    """
    checks: tuple[Callable[[], None], ...] = (
        lambda: _identity(said, pupils),
        lambda: _rule(said, pack, definition),
        lambda: _rows(said),
        lambda: _sum(said),
        lambda: _threshold(said),
        lambda: _window(said, pack),
    )
    for check in checks:
        try:
            check()
        except _Differs as differs:
            return differs.found
    return None


def against(said: Mapping[str, Any], computed: Mapping[str, Any] | None) -> Disagreement | None:
    """The first part in which a finding differs from the one that the facts give; None: they are the same.

    `computed` None: the facts give no finding of this identity. The revision is not compared: it counts what was said.
    """
    if computed is None:
        return Disagreement("finding", said["finding"], "no such finding from these facts")
    for part in _PARTS:
        if said.get(part) == computed.get(part):
            continue
        if isinstance(said.get(part), list) and isinstance(computed.get(part), list):
            return _first_row(part, said[part], computed[part])
        return Disagreement(part, str(said.get(part)), str(computed.get(part)))
    return None


def _first_row(part: str, said: Sequence[Any], computed: Sequence[Any]) -> Disagreement:
    for number, (row, expected) in enumerate(zip(said, computed, strict=False), start=1):
        if row != expected:
            return Disagreement(f"{part}, row {number}", str(row), str(expected))
    return Disagreement(f"{part}, number of rows", str(len(said)), str(len(computed)))


def _identity(said: Mapping[str, Any], pupils: Sequence[str | None]) -> None:
    year = school_year(date.fromisoformat(said["at"]))
    _same("school_year", said["school_year"], year)
    ids = [
        Identity(pupil, said["school"], said["kind"], said.get("definition"), year, said["ordinal"]).id
        for pupil in pupils
    ]
    if said["finding"] not in ids:
        raise _Differs("finding", said["finding"], " or ".join(ids))
    if (said.get("about") is None) is (said["kind"] in _ABOUT_ANOTHER):
        raise _Differs(
            "about", said.get("about"), "the finding it is about, for just the kinds that have one"
        )


def _rule(said: Mapping[str, Any], pack: Pack, definition: Definition | None) -> None:
    rule, measured = said["rule"], said["measured"]
    _same("rule.version", rule["version"], pack.version)
    known = asked(said["kind"], pack, definition)
    rows = [row for row in known if row.rule == rule["id"]]
    if not rows:
        names = sorted({row.rule for row in known})
        raise _Differs("rule.id", rule["id"], " or ".join(names) or "none of this pack")
    told = {
        "rule.article": (rule["article"], "article"),
        "measured.unit": (measured["unit"], "unit"),
        "measured.operator": (measured["operator"], "operator"),
        "measured.threshold": (measured["threshold"], "threshold"),
    }
    for part, (value, name) in told.items():
        expected = dict.fromkeys(str(getattr(row, name)) for row in rows)
        rows = [row for row in rows if getattr(row, name) == value]
        if not rows:
            raise _Differs(part, value, " or ".join(expected))
    obligations = next((row.obligations for row in rows if row.obligations is not None), None)
    if obligations is not None and not concerns(obligations, said["obligation"]):
        raise _Differs("obligation", said["obligation"], " or ".join(obligations))


def _rows(said: Mapping[str, Any]) -> None:
    rows = said["counted"]
    places = [(date.fromisoformat(row["date"]), _slot(row["slot"])) for row in rows]
    for number, (before, after) in enumerate(pairwise(places), start=2):
        if not before < after:
            raise _Differs(f"counted, row {number}", rows[number - 1]["date"], "a later date or slot")
    for number, row in enumerate(rows, start=1):
        if (row["exact"] is None) != (row["hours"] is None):
            raise _Differs(f"counted, row {number}, exact", row["exact"], row["hours"])
        if row["exact"] is not None:
            _same(f"counted, row {number}, hours", row["hours"], decimal_text(Fraction(row["exact"])))
    counted = {(row["date"], row["slot"]) for row in rows}
    for number, row in enumerate(said["not_counted"], start=1):
        if "date" in row and (row["date"], row["slot"]) in counted:
            raise _Differs(f"not_counted, row {number}", row["date"], "a mark that is not counted")


def _sum(said: Mapping[str, Any]) -> None:
    measured, kind = said["measured"], said["kind"]
    value = Fraction(measured["exact"])
    if kind in SUMS and measured["unit"] == "hours":
        missing = next((n for n, row in enumerate(said["counted"], start=1) if row["exact"] is None), None)
        if missing is not None:
            raise _Differs(f"counted, row {missing}, exact", None, "hours")
        _same("measured.exact", value, sum((Fraction(row["exact"]) for row in said["counted"]), Fraction(0)))
    elif kind in _COUNTS:
        _same("measured.exact", value, len(said["counted"]))
    _same("measured.value", measured["value"], decimal_text(value))


def _threshold(said: Mapping[str, Any]) -> None:
    measured = said["measured"]
    if measured["operator"] is None:
        return
    value, threshold = Fraction(measured["exact"]), Fraction(measured["threshold"])
    if not holds(value, measured["operator"], threshold):
        raise _Differs("measured.value", value, f"{measured['operator']} {measured['threshold']}")
    if said["kind"] not in {"statutory", "eighteen-plus"}:
        return
    last = said["counted"][-1] if said["counted"] else None
    if last is None or last["date"] != said["at"]:
        raise _Differs("at", said["at"], last["date"] if last else "the date of a counted mark")
    before = value - (Fraction(last["exact"]) if last["exact"] is not None else 1)
    if holds(before, measured["operator"], threshold):
        raise _Differs("at", said["at"], "an earlier date: the sum was reached before its last mark")


def _window(said: Mapping[str, Any], pack: Pack) -> None:
    window, counted = said["window"], said["counted"]
    if said["kind"] not in SUMS:
        ends = {"from": counted[0]["date"], "until": counted[-1]["date"]} if counted else None
        _same("window", window, ends)
        return
    days = pack.light.window_days if said["kind"] == "light" else pack.crossing.window_days
    if window is None:
        if said["kind"] != "light" or counted:
            raise _Differs("window", None, "the dates that were looked at")
        return
    first, last = date.fromisoformat(window["from"]), date.fromisoformat(window["until"])
    at = date.fromisoformat(said["at"])
    if last > at or (said["kind"] != "light" and last != at):
        raise _Differs("window.until", window["until"], said["at"])
    if days is None:
        _same("window.from", window["from"], first_day(at).isoformat())
        _same("window.until", window["until"], said["at"])
    elif said.get("calendar") == "assumed" and (last - first).days + 1 != days:
        raise _Differs("window.from", window["from"], last - timedelta(days=days - 1))
    same_year = pack.crossing.same_school_year and said["kind"] != "light"
    for part in ("counted", "not_counted"):
        for number, row in enumerate(said[part], start=1):
            if "date" not in row:
                continue
            if not window["from"] <= row["date"] <= window["until"]:
                raise _Differs(f"{part}, row {number}", row["date"], f"{window['from']} to {window['until']}")
            if part == "counted" and same_year:
                _same(
                    f"counted, row {number}",
                    school_year(date.fromisoformat(row["date"])),
                    said["school_year"],
                )


def _same(part: str, said: object, expected: object) -> None:
    if said != expected:
        raise _Differs(part, said, expected)


def _slot(slot: str | None) -> int:
    return -1 if slot is None else SLOT_ORDER[slot]
