"""Whom a case event is told to, and what of it: the notice table (`domain.md` 3, `rules.md` 4).

Purpose binding: a notice holds the case's number, one word, and those fields of its row's list that the case has.
A field that is on no list cannot be sent. Other causes (findings, days) and channels are more rows and more words here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import CaseSaid, Channel, NoticeSaid, Recipient, RecipientRegistered

Allowed = Literal["municipality", "school", "timer", "due"]
Urgency = Literal["same-day", "normal"]
Condition = Callable[[CaseSaid], bool]

THOSE_TOLD: Final = "those told"
"""In place of a role: exactly those who were told about this case before."""

UNREGISTERED: Final = "unregistered"
"""The organisation of a notice for a role in which nobody is registered."""

_WHERE: Final[tuple[Allowed, ...]] = ("municipality", "school")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: at this event, under this condition, this role hears this word, and of the case these fields at most.

    `ends` where the notice takes back what was told: who hears it is not told anything further about the past. `left`: of
    the role, those of the municipality that a case left; whoever serves the whole region hears of it as the one it came to.
    """

    event: str
    when: str
    role: str
    subject: str
    urgency: Urgency
    fields: tuple[Allowed, ...]
    ends: bool = False
    left: bool = False


def _rule(case: CaseSaid) -> str | None:
    """The routing row that sent the case where it is; an actor may carry the rule's version behind `@`."""
    named = case.actor.id if case.actor.kind == "rule" else case.proposed.rule if case.proposed else None
    return None if named is None else named.partition("@")[0]


def _is_adult(case: CaseSaid) -> bool:
    return _rule(case) == "adult" or (case.proposed is not None and case.proposed.rule == "adult")


CONDITIONS: Final[Mapping[str, Condition]] = {
    "always": lambda _case: True,
    "to the home-sitter table": lambda case: case.to == "home-sitter-table",
    "to the chain director": lambda case: case.to == "chain-director",
    "to the meldcode desk": lambda case: case.to == "meldcode-desk",
    "to another municipality": lambda case: case.left is not None,
    "to the Doorstroompunt": lambda case: case.to == "doorstroompunt",
    "of an adult": _is_adult,
    "prevention of a minor": lambda case: case.track == "prevention" and not _is_adult(case),
    "care meeting of a minor": lambda case: case.track == "care-meeting" and not _is_adult(case),
}

# Halt and the police report are told in the justice domain, by its own notifier: no row here.
TABLE: Final[tuple[Row, ...]] = (
    Row("case-escalated", "to the home-sitter table", "home-sitter-table", "new-home-sitter", "same-day", (*_WHERE, "due")),
    Row("case-escalated", "to the chain director", "chain-director", "needs-attention", "normal", (*_WHERE, "timer", "due")),
    Row("case-escalated", "to the meldcode desk", "meldcode-desk", "meldcode", "same-day", _WHERE),
    Row("case-stagnated", "always", "chain-director", "stagnated", "normal", (*_WHERE, "timer", "due")),
    Row("case-track-proposed", "always", "attendance-officer", "decision-asked", "normal", (*_WHERE, "due")),
    Row("case-track-decided", "of an adult", "doorstroompunt", "on-your-track", "normal", (*_WHERE, "due")),
    Row("case-track-decided", "prevention of a minor", "attendance-officer", "on-your-track", "normal", (*_WHERE, "due")),
    Row("case-track-decided", "care meeting of a minor", "care-team", "on-your-track", "normal", (*_WHERE, "due")),
    Row("case-handed-over", "to another municipality", "attendance-officer", "moved-to-you", "normal", (*_WHERE, "due")),
    Row("case-handed-over", "to another municipality", "attendance-officer", "moved-away", "normal", (), left=True),
    Row("case-handed-over", "to the Doorstroompunt", "doorstroompunt", "handed-to-you", "normal", (*_WHERE, "due")),
    Row("case-contradicted", "always", "attendance-officer", "look-again", "same-day", _WHERE),
    Row("case-contradicted", "always", THOSE_TOLD, "contradicted", "normal", ("municipality",)),
    Row("case-withdrawn", "always", THOSE_TOLD, "withdrawn", "normal", ("municipality",), ends=True),
)  # fmt: skip

ROLES: Final = tuple(sorted({row.role for row in TABLE} - {THOSE_TOLD}))
"""The roles a recipient can be registered in and hear something."""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was told about a case: a registered recipient by its id, a role nobody is registered in by its name."""

    recipient: str
    role: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: to whom, by which channel, because of what. `missing`: nobody is registered in the role.

    `fields` are those of the case that the row allows.
    """

    id: str
    recipient: str
    role: str
    organisation: str
    channel: Channel
    about: str
    cause: str
    subject: str
    urgency: Urgency
    fields: Mapping[str, Any] = field(hash=False)
    missing: bool = False
    ends: bool = False

    def said(self) -> NoticeSaid:
        """The data of the event that says this notice."""
        return NoticeSaid.model_validate({
            "notice": self.id, "recipient": Recipient(role=self.role, organisation=self.organisation),
            "about": self.about, "channel": self.channel, "cause": self.cause, "subject": self.subject,
            **self.fields,
        })  # fmt: skip


def rows_for(event: str, case: CaseSaid) -> list[Row]:
    """The rows that apply to this event of this case."""
    return [row for row in TABLE if row.event == event and CONDITIONS[row.when](case)]


def notices(
    event: Event, case: CaseSaid, told: Sequence[Told], recipients: Iterable[RecipientRegistered]
) -> list[Notice]:
    """The notices this event causes, one per recipient and channel; `told` is who was told about this case before."""
    registered = {one.recipient: one for one in recipients}
    found: dict[str, Notice] = {}
    for row in rows_for(event.name, case):
        for notice in _of_row(row, event, case, told, registered):
            found.setdefault(notice.id, notice)
    return list(found.values())


def _of_row(
    row: Row,
    event: Event,
    case: CaseSaid,
    told: Sequence[Told],
    registered: Mapping[str, RecipientRegistered],
) -> list[Notice]:
    if row.role == THOSE_TOLD:
        return [_again(row, event, case, one, registered.get(one.recipient)) for one in told]
    place = case.left if row.left else case.municipality
    mine = [one for one in registered.values() if one.role == row.role]
    theirs = [one for one in mine if one.municipality in (None, place)]
    if row.left and any(one.municipality is None for one in theirs):
        return []
    if not theirs:
        nobody = Told(row.role, row.role, UNREGISTERED)
        return [_notice(row, event, case, nobody, "topic", missing=True)]
    return [
        _notice(row, event, case, Told(one.recipient, one.role, one.organisation), one.channel)
        for one in theirs
    ]


def _again(row: Row, event: Event, case: CaseSaid, told: Told, now: RecipientRegistered | None) -> Notice:
    """To one who was told, by the channel it has now; who left the register still finds it on the topic."""
    return _notice(row, event, case, told, "topic" if now is None else now.channel)


def _notice(
    row: Row, event: Event, case: CaseSaid, to: Told, channel: Channel, *, missing: bool = False
) -> Notice:
    values = {name: getattr(case, name) for name in row.fields}
    return Notice(
        id=derived_id("notice", event.id, to.recipient, channel, *(["left"] if row.left else [])),
        recipient=to.recipient, role=to.role, organisation=to.organisation, channel=channel,
        about=case.case, cause=event.id, subject=row.subject, urgency=row.urgency,
        fields={name: value for name, value in values.items() if value is not None},
        missing=missing, ends=row.ends,
    )  # fmt: skip
