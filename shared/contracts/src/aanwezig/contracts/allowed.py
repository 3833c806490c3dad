"""What may be said where, beyond the school: the events of each topic, and every field they may hold, nested ones too.

An allow-list as data, in this one place. What is not here is not said: a field that somebody adds to a model does not reach
a partner, Halt or youth health care by itself. Tests walk every event of a lived year and of the narrated cases along it.
Inside the school domain the facts are the school's own; registers and dead letters are nobody's but ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aanwezig.contracts import topics
from aanwezig.contracts.envelope import name_of
from aanwezig.contracts.topics import (
    CASE_EVENTS,
    COMMAND_EVENTS,
    FINDING_EVENTS,
    JUSTICE_EVENTS,
    NOTICE_EVENTS,
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be said on one topic: `events` by short name, `around` the envelope's attributes, `within` its `data`.

    Paths have a dot where an object begins and `[]` behind a list: `counted[].fact`.
    """

    events: frozenset[str]
    around: frozenset[str]
    within: frozenset[str]

    @property
    def fields(self) -> frozenset[str]:
        """The names that `data` itself may have, without what is nested in them."""
        return frozenset(path.partition(".")[0].removesuffix("[]") for path in self.within)


_ENVELOPE: Final = frozenset({"specversion", "id", "source", "type", "time", "datacontenttype"})
_IN_ORDER: Final = _ENVELOPE | {"sequence"}
_CAUSED: Final = _ENVELOPE | {"causationid"}
_TRACED: Final = _CAUSED | {"traceparent"}
_TRACED_IN_ORDER: Final = _TRACED | {"sequence"}

_DAY: Final = frozenset({"date", "origin", "origins"})
_FINDING: Final = frozenset({
    "finding", "revision", "pupil", "school", "municipality", "kind", "ordinal", "school_year", "at", "obligation",
    "calendar", "rule.id", "rule.pack", "rule.version", "rule.article", "window.from", "window.until", "measured.value",
    "measured.exact", "measured.unit", "measured.operator", "measured.threshold", "counted[].fact", "counted[].date",
    "counted[].slot", "counted[].hours", "counted[].exact", "not_counted[].fact", "not_counted[].date",
    "not_counted[].slot", "not_counted[].reason", "not_counted[].count", "contradictions[].about",
    "contradictions[].stands", "contradictions[].against", "about", "definition", "school_type", "age", "known_at",
    "context.hours_this_year", "context.times_late_this_year", "context.signals[].signal", "context.signals[].date",
    "context.signals[].help_in_place", "context.reports[].kind", "context.reports[].date", "context.reports[].announced",
})  # fmt: skip
_FOR_PARTNERS: Final = frozenset({
    "case", "revision", "pupil", "school", "municipality", "track", "status", "findings[]", "actor.kind", "actor.id", "step",
    "due", "timer", "to",
})  # fmt: skip
_CASE: Final = _FOR_PARTNERS | {
    "proposed.track", "proposed.rule", "proposed.subject", "motive", "outcome", "about", "left", "no_due", "not_halt[]",
    "contradiction.finding", "contradiction.stands", "contradiction.decided.track", "contradiction.decided.subject",
    "contradiction.decided.officer", "contradiction.decided.time", "contradiction.decided.motive", "contradiction.now.track",
    "contradiction.now.rule", "contradiction.now.subject", "news", "home_since", "blocked.by", "blocked.since", "adult", "day", "journal",
}  # fmt: skip
_FOR_JUSTICE: Final = frozenset({
    "case", "revision", "pupil", "school", "municipality", "track", "proposed.track", "proposed.rule", "proposed.subject",
    "status", "findings[]", "actor.kind", "actor.id", "step", "due",
})  # fmt: skip
_COMMAND: Final = frozenset({
    "case", "revision", "track", "subject", "officer", "motive", "consent.youngster", "consent.parents", "step", "date",
    "blocked_by", "actor.kind", "actor.id", "note_code", "to", "outcome", "command", "reason", "article",
})  # fmt: skip
_NOTICE: Final = frozenset({
    "notice", "recipient.role", "recipient.organisation", "about", "channel", "cause", "happened", "subject", "urgency",
    "takes_back", "municipality", "reason",
})  # fmt: skip
_OF_A_CASE: Final = _NOTICE | {"track", "due"}
_OF_THE_CHAIN: Final = _OF_A_CASE | {
    "school",
    "step",
    "timer",
    "home_since",
    "blocked.by",
    "blocked.since",
    "on",
}
_TO_SCHOOLS: Final = _NOTICE | {"school", "pupil", "kind", "at", "on", "month", "presence"}

FOR_OFFICERS: Final = frozenset({"case-track-proposed", "case-proposal-dropped", "case-contradicted"})
"""Case events that are an officer's alone: what is proposed, what is no longer, and what speaks against a decision."""
_FINDINGS: Final = frozenset({*FINDING_EVENTS, "day-closed"})
_NOTICES: Final = frozenset(NOTICE_EVENTS)
_COMMANDS: Final = frozenset({*COMMAND_EVENTS, "decision-refused"})
_TO_PARTNERS: Final = Allowed(frozenset(CASE_EVENTS) - FOR_OFFICERS, _TRACED_IN_ORDER, _FOR_PARTNERS)
_IN_JUSTICE: Final = Allowed(frozenset(JUSTICE_EVENTS), _IN_ORDER, _FOR_JUSTICE)

ALLOWED: Final[dict[str, Allowed]] = {
    topics.FINDINGS.name: Allowed(_FINDINGS, _TRACED, _FINDING | _DAY),
    # No trace leads from youth health care to what the municipality knows (`domain.md` 5, P-15).
    topics.HEALTH_FINDINGS.name: Allowed(_FINDINGS, _CAUSED, _FINDING | _DAY),
    topics.DECISIONS.name: Allowed(_COMMANDS, _TRACED, _COMMAND),
    topics.HEALTH_DECISIONS.name: Allowed(_COMMANDS, _TRACED, _COMMAND),
    topics.CASES.name: Allowed(frozenset({*CASE_EVENTS, "day-closed"}), _TRACED_IN_ORDER, _CASE | _DAY),
    topics.CASES_PREVENTION.name: _TO_PARTNERS,
    topics.CASES_CARE_MEETING.name: _TO_PARTNERS,
    topics.HEALTH_CASES.name: Allowed(frozenset(CASE_EVENTS), _TRACED_IN_ORDER, _CASE),
    topics.CROSSINGS.name: _IN_JUSTICE,
    topics.CASES_HALT.name: _IN_JUSTICE,
    topics.CASES_POLICE_REPORT.name: _IN_JUSTICE,
    topics.NOTICES.name: Allowed(_NOTICES, _TRACED, _OF_THE_CHAIN),
    topics.SCHOOL_NOTICES.name: Allowed(_NOTICES, _TRACED, _TO_SCHOOLS),
    topics.HEALTH_NOTICES.name: Allowed(_NOTICES, _TRACED, _OF_A_CASE | {"school", "step", "timer"}),
    topics.JUSTICE_NOTICES.name: Allowed(_NOTICES, _CAUSED, _OF_A_CASE | {"step"}),
}
"""By topic: each of the chain, of health and of justice that is no register."""


def not_allowed(topic: str, event: Mapping[str, Any]) -> list[str]:
    """What an event (its structured form) says that may not be said on this topic: its type, or paths, in order.

    Raises:
        KeyError: there is no list for this topic.
    """
    allowed = ALLOWED[topic]
    name = name_of(event["type"])
    wrong = [] if name in allowed.events else [name]
    wrong += sorted(set(event) - allowed.around - {"data"})
    known = {path for one in allowed.within for path in _beginnings(one)}
    return wrong + sorted({path for path in paths_of(event["data"]) if path not in known})


def paths_of(value: Any, path: str = "") -> Iterator[str]:
    """The paths of what a JSON value holds; of an empty list or object, and of null, its own."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from paths_of(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from paths_of(inner, f"{path}[]")
    elif path:
        yield f"{path}[]" if isinstance(value, list) else path


def _beginnings(path: str) -> Iterator[str]:
    """A path, and those of the objects and lists it lies in: they may be null or empty."""
    yield path
    while "." in path or path.endswith("[]"):
        path = path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
        yield path
