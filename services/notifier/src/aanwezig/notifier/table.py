"""The notice table: what is told to whom, when, and which fields of it (`domain.md` 3, `rules.md` 4). Data, one table a domain.

Purpose binding: a notice holds those fields of its row's list that its cause has, and no other; a field that is on no list
cannot be sent. A channel narrows that further: what is about a child (`PERSONAL`) is
claimed, never pushed; a mail holds no field at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from aanwezig.contracts.feeds import DistanceMeasured
from aanwezig.contracts.messages import CaseSaid, Channel, FindingSaid, Message, NoticeSaid, Urgency, Word

Domain = Literal["school", "chain", "health", "justice"]
Field = Literal[
    "municipality", "school", "track", "step", "timer", "due", "home_since", "blocked", "pupil", "kind", "at", "on", "month",
    "presence",
]  # fmt: skip
Condition = Callable[[Message], bool]

THOSE_TOLD: Final = "those told"
"""In place of a role: exactly those who were told, by the same ways."""
EVERY_CHANNEL: Final[frozenset[Channel]] = frozenset(get_args(Channel))
NOT_BY_MAIL: Final = EVERY_CHANNEL - {"mail"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: at this event, under this condition, this role hears this word, with these fields of the cause at most.

    `of` (of `THOSE_TOLD`): who was told one of these words; empty: any; `of_role`: of them, those of this
    role. `ends` where it takes those words back, and they are
    told no further about them. `left`: of the role, those of the municipality that a case left; whoever serves the whole
    region hears of it as the one it came to. `arrived`: of the role, those of the municipality that a case came to alone, for whoever
    serves the whole region heard of it before. `channels` are those it may go by. `advice`: that nobody is registered for it
    is no failure.
    """

    event: str
    when: str
    role: str
    word: Word
    urgency: Urgency
    fields: tuple[Field, ...]
    of: tuple[Word, ...] = ()
    of_role: str | None = None
    ends: bool = False
    left: bool = False
    arrived: bool = False
    channels: frozenset[Channel] = EVERY_CHANNEL
    advice: bool = False

    @property
    def takes_back(self) -> bool:
        """Whether it says that an earlier word does not hold any more; a case that is closed, or went on elsewhere, was no mistake."""
        return self.ends and self.word not in _NO_MISTAKE


_NO_MISTAKE: Final[frozenset[Word]] = frozenset({"case-closed", "no-longer-yours"})
_REPORTED: Final = frozenset({"statutory", "eighteen-plus", "long-term", "luxury"})
"""Kinds a school must report at once (LPW 21a, WEB 8.1.8)."""
_NEAR: Final = (3, 4)
"""A school hears of a pupil that is this part of the way to the threshold, or further."""


def _rule(case: CaseSaid) -> str | None:
    """The routing row that sent the case where it is; an actor may carry the rule's version behind `@`."""
    named = case.actor.id if case.actor.kind == "rule" else case.proposed.rule if case.proposed else None
    return None if named is None else named.partition("@")[0]


def _is_adult(case: CaseSaid) -> bool:
    return (
        case.adult is True
        or _rule(case) == "adult"
        or (case.proposed is not None and case.proposed.rule == "adult")
    )


def _case(holds: Callable[[CaseSaid], bool]) -> Condition:
    return lambda said: isinstance(said, CaseSaid) and holds(said)


def _finding(holds: Callable[[FindingSaid], bool]) -> Condition:
    return lambda said: isinstance(said, FindingSaid) and holds(said)


def _is_near(said: Message) -> bool:
    if not isinstance(said, DistanceMeasured) or said.measured.threshold is None:
        return False
    value, limit = float(said.measured.value), float(said.measured.threshold)
    return value * _NEAR[1] >= limit * _NEAR[0]


CONDITIONS: Final[Mapping[str, Condition]] = {
    "always": lambda _said: True,
    "to the home-sitter table": _case(lambda case: case.to == "home-sitter-table"),
    "to the chain director": _case(lambda case: case.to == "chain-director"),
    "to the meldcode desk": _case(lambda case: case.to == "meldcode-desk"),
    "to another municipality": _case(lambda case: case.left is not None),
    "to another municipality, at home": _case(
        lambda case: case.left is not None and case.home_since is not None
    ),
    "to another municipality, in care": _case(
        lambda case: case.left is not None and case.track == "care-meeting" and not _is_adult(case)
    ),
    "to the Doorstroompunt": _case(lambda case: case.to == "doorstroompunt"),
    "of an adult": _case(_is_adult),
    "prevention of a minor": _case(lambda case: case.track == "prevention" and not _is_adult(case)),
    "care meeting of a minor": _case(lambda case: case.track == "care-meeting" and not _is_adult(case)),
    "help is refused": _case(lambda case: case.step == "help-refused" and case.track == "care-meeting"),
    "back at school": _case(lambda case: case.news == "returned"),
    "presence restored": _case(lambda case: case.news == "presence-restored"),
    "for Halt": _case(lambda case: case.track == "halt"),
    "for a police report": _case(lambda case: case.track == "police-report"),
    "the report went out": _case(lambda case: case.step == "report-sent"),
    "to be reported": _finding(lambda one: one.kind in _REPORTED),
    "of a pupil, not to be reported": _finding(
        lambda one: one.kind in {"light", "lateness", "home-sitter"}
    ),
    "reported late": _finding(lambda one: one.kind == "late-report"),
    "silent": _finding(lambda one: one.kind == "silent-feed"),
    "returned": _finding(lambda one: one.kind == "returned"),
    "restored": _finding(lambda one: one.kind == "presence-restored"),
    "bad news": _finding(lambda one: one.kind not in {"returned", "presence-restored"}),
    "near the threshold": _is_near,
}  # fmt: skip

_WHERE: Final[tuple[Field, ...]] = ("municipality", "school")
_CASE_DUE: Final[tuple[Field, ...]] = (*_WHERE, "track", "due")
_STUCK: Final[tuple[Field, ...]] = (*_WHERE, "track", "timer", "due", "blocked")
_HOME: Final[tuple[Field, ...]] = (*_WHERE, "home_since", "due")
_PUPIL: Final[tuple[Field, ...]] = ("school", "pupil", "kind", "at")
_NAMED: Final[tuple[Field, ...]] = ("municipality",)

_OVER: Final[tuple[Row, ...]] = (
    Row("case-closed", "always", THOSE_TOLD, "case-closed", "normal", _NAMED, ends=True),
    Row("case-withdrawn", "always", THOSE_TOLD, "withdrawn", "normal", _NAMED, ends=True),
)
_ENDINGS: Final[tuple[Row, ...]] = (
    Row("case-finding-joined", "back at school", THOSE_TOLD, "returned", "normal", _NAMED),
    Row("case-finding-joined", "presence restored", THOSE_TOLD, "presence-restored", "normal", _NAMED),
    Row("case-finding-left", "back at school", THOSE_TOLD, "good-news-withdrawn", "normal", _NAMED, of=("returned",), ends=True),
    Row("case-finding-left", "presence restored", THOSE_TOLD, "good-news-withdrawn", "normal", _NAMED, of=("presence-restored",), ends=True),
    *_OVER,
)  # fmt: skip
"""What everybody hears who was told of a case: the good news, its retraction, and the end."""

_AT_HOME: Final[tuple[Word, ...]] = ("new-home-sitter", "needs-attention")
_CHAIN: Final[tuple[Row, ...]] = (
    Row("case-escalated", "to the home-sitter table", "home-sitter-table", "new-home-sitter", "same-day", _HOME),
    Row("case-escalated", "to the home-sitter table", "school-partnership", "new-home-sitter", "same-day", _HOME, advice=True),
    Row("case-escalated", "to the chain director", "chain-director", "needs-attention", "normal", (*_STUCK, "home_since")),
    Row("case-escalated", "to the meldcode desk", "meldcode-desk", "meldcode", "at-once", _WHERE),
    Row("case-stagnated", "always", "chain-director", "stagnated", "normal", _STUCK),
    Row("case-track-proposed", "always", "attendance-officer", "decision-asked", "normal", (*_WHERE, "due")),
    Row("case-finding-left", "to the home-sitter table", THOSE_TOLD, "withdrawn", "normal", _NAMED, of=_AT_HOME, ends=True),
    Row("case-proposal-dropped", "always", THOSE_TOLD, "no-longer-asked", "normal", _NAMED, of=("decision-asked",), ends=True),
    Row("case-track-decided", "of an adult", "doorstroompunt", "on-your-track", "normal", _CASE_DUE),
    Row("case-track-decided", "prevention of a minor", "attendance-officer", "on-your-track", "normal", _CASE_DUE),
    Row("case-track-decided", "care meeting of a minor", "care-team", "on-your-track", "normal", _CASE_DUE),
    Row("case-track-decided", "for Halt", THOSE_TOLD, "no-longer-yours", "normal", _NAMED, of=("on-your-track",), of_role="care-team", ends=True),
    Row("case-track-decided", "for a police report", THOSE_TOLD, "no-longer-yours", "normal", _NAMED, of=("on-your-track",), of_role="care-team", ends=True),
    Row("case-step-taken", "help is refused", "youth-protection", "help-refused", "same-day", (*_NAMED, "due"), advice=True),
    Row("case-handed-over", "to another municipality", "attendance-officer", "moved-to-you", "normal", (*_WHERE, "due")),
    Row("case-handed-over", "to another municipality", "attendance-officer", "moved-away", "normal", (), left=True),
    Row("case-handed-over", "to another municipality, at home", "home-sitter-table", "new-home-sitter", "same-day", _HOME, arrived=True, advice=True),
    Row("case-handed-over", "to another municipality, at home", "school-partnership", "new-home-sitter", "same-day", _HOME, arrived=True, advice=True),
    Row("case-handed-over", "to another municipality, in care", "care-team", "on-your-track", "normal", _CASE_DUE, arrived=True, advice=True),
    Row("case-handed-over", "to the Doorstroompunt", "doorstroompunt", "handed-to-you", "normal", (*_WHERE, "due")),
    Row("case-contradicted", "always", "attendance-officer", "look-again", "same-day", _WHERE),
    Row("case-contradicted", "always", THOSE_TOLD, "contradicted", "normal", _NAMED),
    *_ENDINGS,
    Row("agenda-made", "always", "home-sitter-table", "agenda-ready", "same-day", ("municipality", "on")),
    Row("digest-made", "always", "chain-director", "digest-ready", "same-day", ("municipality", "on")),
)  # fmt: skip
_OF_A_PUPIL: Final[tuple[Word, ...]] = ("report-due", "pupil-needs-you")
_SCHOOL: Final[tuple[Row, ...]] = (
    Row("finding-raised", "to be reported", "school", "report-due", "same-day", _PUPIL),
    Row("finding-raised", "of a pupil, not to be reported", "school", "pupil-needs-you", "normal", _PUPIL),
    Row("finding-raised", "reported late", "school", "late-report", "same-day", _PUPIL),
    Row("finding-raised", "reported late", "attendance-officer", "late-report", "normal", ("municipality", "school", "at")),
    Row("finding-raised", "silent", "school", "feed-silent", "same-day", ("school", "at")),
    Row("finding-raised", "silent", "operator", "feed-silent", "same-day", ("school", "at")),
    Row("finding-raised", "returned", THOSE_TOLD, "returned", "normal", ("school",), of=_OF_A_PUPIL),
    Row("finding-raised", "restored", THOSE_TOLD, "presence-restored", "normal", ("school",), of=_OF_A_PUPIL),
    Row("finding-withdrawn", "returned", THOSE_TOLD, "good-news-withdrawn", "normal", ("school",), of=("returned",), ends=True),
    Row("finding-withdrawn", "restored", THOSE_TOLD, "good-news-withdrawn", "normal", ("school",), of=("presence-restored",), ends=True),
    Row("finding-withdrawn", "bad news", THOSE_TOLD, "withdrawn", "normal", ("school",), ends=True),
    Row("distance-measured", "near the threshold", "school", "distance-changed", "normal", ("school", "pupil", "on"), channels=NOT_BY_MAIL, advice=True),
    Row("region-measured", "always", "chain-director", "presence-measured", "normal", ("month", "on", "presence"), advice=True),
)  # fmt: skip
_HEALTH: Final[tuple[Row, ...]] = (
    Row("case-track-decided", "always", "youth-health-care", "on-your-track", "normal", _CASE_DUE),
    Row("case-stagnated", "always", "youth-health-care", "stagnated", "normal", (*_CASE_DUE, "timer")),
    Row("case-contradicted", "always", THOSE_TOLD, "contradicted", "normal", _NAMED),
    *_OVER,
)  # fmt: skip
_TO_HALT: Final[tuple[Word, ...]] = ("referred-to-you",)
_TO_OM: Final[tuple[Word, ...]] = ("report-decided", "report-sent")
_JUSTICE: Final[tuple[Row, ...]] = (
    Row("case-track-decided", "for Halt", "halt", "referred-to-you", "normal", ("municipality", "track", "due")),
    Row("case-track-decided", "for a police report", "officer-of-justice", "report-decided", "normal", ("municipality", "track")),
    Row("case-step-taken", "the report went out", "officer-of-justice", "report-sent", "normal", ("municipality", "track", "step")),
    Row("case-closed", "for Halt", THOSE_TOLD, "case-closed", "normal", _NAMED, of=_TO_HALT, ends=True),
    Row("case-closed", "for a police report", THOSE_TOLD, "case-closed", "normal", _NAMED, of=_TO_OM, ends=True),
    Row("case-withdrawn", "for Halt", THOSE_TOLD, "withdrawn", "normal", _NAMED, of=_TO_HALT, ends=True),
    Row("case-withdrawn", "for a police report", THOSE_TOLD, "withdrawn", "normal", _NAMED, of=_TO_OM, ends=True),
)  # fmt: skip
TABLES: Final[Mapping[Domain, tuple[Row, ...]]] = {
    "school": _SCHOOL, "chain": _CHAIN, "health": _HEALTH, "justice": _JUSTICE,
}  # fmt: skip
ROLES_OF: Final[Mapping[Domain, frozenset[str]]] = {
    domain: frozenset(row.role for row in rows) - {THOSE_TOLD} for domain, rows in TABLES.items()
}
"""By domain, the roles that hear something there."""
ROLES: Final = frozenset().union(*ROLES_OF.values())
"""The roles a recipient can be registered in and hear something."""
ALWAYS_SAID: Final = frozenset({
    "notice", "recipient", "about", "channel", "cause", "happened", "subject", "urgency", "takes_back", "reason",
})  # fmt: skip
"""What every notice says, whatever its row lists."""
FIELDS: Final = frozenset(get_args(Field))
if frozenset(NoticeSaid.model_fields) != ALWAYS_SAID | FIELDS:
    raise RuntimeError("the notice's form and the fields of the table differ")

PERSONAL: Final = frozenset(FIELDS) - {"municipality", "month", "presence", "on"}
"""Fields that are about a child, or few enough of them that a stranger could guess: never pushed, never mailed.

A notice whose row lists one of them is claimed (`dataref`), and so is every notice about a case.
"""
IMPERSONAL_WORDS: Final[frozenset[Word]] = frozenset({"agenda-ready", "digest-ready", "presence-measured"})
"""Notices about no child: their data go along. A day on which a school was silent is the school's own affair: it is claimed."""


def rows_for(domain: Domain, event: str, said: Message) -> list[Row]:
    """The rows of a domain that apply to this event with this data."""
    return [row for row in TABLES[domain] if row.event == event and CONDITIONS[row.when](said)]


def rows_heard(table: Sequence[Row], role: str) -> list[Row]:
    """The rows of a table by which a role can hear something: its own, and those of whoever was told of the same thing."""
    mine = [row for row in table if row.role == role]
    theirs = [row for row in table if row.role == THOSE_TOLD]
    while more := [row for row in theirs if row not in mine and any(_follows(row, one) for one in mine)]:
        mine += more
    return mine


def _follows(row: Row, told: Row) -> bool:
    """Whether who was told by the one row may hear of the other: it is about a case, or a finding, like the first."""
    of_one_kind = row.event.partition("-")[0] == told.event.partition("-")[0]
    return of_one_kind and (not row.of or told.word in row.of)
