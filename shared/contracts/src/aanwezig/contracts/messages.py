"""The events between our own services and to partners, as models of their `data` (`contract.md` 2 and 4).

Every model refuses unknown fields: a drift between two services is seen at the first record, not after a year.
Dates are calendar dates in Amsterdam. Nothing here holds a name, an address or a personal number.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aanwezig.contracts.facts import SchoolType
from aanwezig.contracts.findings import Contradicted

Track = Literal["prevention", "care-meeting", "halt", "police-report"]
Subject = Literal["pupil", "parents"]
Status = Literal["registered", "in-progress", "closed", "taken-note", "withdrawn"]
Step = Literal[
    "letter-sent", "first-contact", "talk-held", "home-visit", "warning-given", "meeting-held", "plan-agreed",
    "plan-evaluated", "help-accepted", "help-refused", "enrolment-refused", "halt-referred", "halt-completed",
    "halt-failed", "halt-refused", "report-sent", "verdict", "handed-over",
]  # fmt: skip
Timer = Literal["first-contact", "meeting", "evaluation", "decision", "halt-result"]
Desk = Literal["home-sitter-table", "chain-director", "meldcode-desk", "doorstroompunt"]
NoDue = Literal["calendar-ends", "first-contact-made", "halt-ended", "no-term-on-this-track", "not-routed"]
Channel = Literal["topic", "webhook", "mail", "zgw"]
Urgency = Literal["at-once", "same-day", "normal"]
GoodNews = Literal["returned", "presence-restored"]
Blocker = Literal[
    "no-place", "no-declaration", "waiting-for-help", "waiting-for-research", "health", "parents-disagree", "no-consent",
    "no-transport", "funding", "housing", "nobody-leads", "nothing",
]  # fmt: skip
Word = Literal[
    "agenda-ready", "case-closed", "contradicted", "decision-asked", "digest-ready", "distance-changed", "feed-silent",
    "good-news-withdrawn", "handed-to-you", "help-refused", "late-report", "look-again", "meldcode", "moved-away",
    "moved-to-you", "needs-attention", "new-home-sitter", "no-longer-asked", "no-longer-yours", "on-your-track",
    "presence-measured", "presence-restored", "pupil-needs-you", "referred-to-you", "report-decided", "report-due", "report-sent", "returned",
    "stagnated", "withdrawn",
]  # fmt: skip
OfficerRole = Literal["attendance-officer", "doorstroompunt", "youth-health-care"]
Digits = Annotated[str, Field(pattern=r"^-?\d+\.\d{2}$")]
Exact = Annotated[str, Field(pattern=r"^-?\d+(/\d+)?$")]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class Message(BaseModel):
    """The data of one event."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def said(self) -> dict[str, Any]:
        """The JSON object of this data: by contract names; what is not there is left out, what is null said."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class DayClosed(Message):
    """A date is closed. On the facts topic for its partition; on topics of findings for one origin of `origins`."""

    date: date
    origin: int | None = None
    origins: int | None = None


class RuleNamed(Message):
    """The rule behind a finding."""

    id: str
    pack: str
    version: str
    article: str


class Window(Message):
    """First and last date, both included."""

    from_: date = Field(alias="from")
    until: date


class MeasuredSaid(Message):
    """What was measured: decimal text to read, `exact` as a fraction to sum."""

    value: Digits
    exact: Exact
    unit: Literal["hours", "times", "days"]
    operator: Literal[">=", ">", "<"] | None
    threshold: Digits | None


class CountedRow(Message):
    """A fact that counts."""

    fact: str
    date: date
    slot: str | None
    hours: Digits | None
    exact: Exact | None


class NotCountedRow(Message):
    """A mark that does not count, and why."""

    fact: str
    date: date
    slot: str
    reason: str


class NotCountedTotal(Message):
    """How many marks did not count for a reason that the chain may only see as a number."""

    reason: Literal["authorised", "on-leave", "exempt"]
    count: int


class ContradictionRow(Message):
    """Two facts that say different things: the finding goes by the one that `stands`, `against` the other. Both are ids."""

    about: Contradicted
    stands: str
    against: str


class SignalRow(Message):
    """The latest word of one care signal."""

    signal: str
    date: date
    help_in_place: bool


class ReportRow(Message):
    """A report of the school."""

    kind: str
    date: date
    announced: bool


class ContextSaid(Message):
    """What the router may know beside the finding, and no more."""

    hours_this_year: Digits
    times_late_this_year: Digits
    signals: list[SignalRow]
    reports: list[ReportRow]


class FindingSaid(Message):
    """The data of `finding-raised`, `finding-amended` and `finding-withdrawn`."""

    finding: Hash
    revision: Annotated[int, Field(ge=1)]
    pupil: str | None
    school: str | None
    municipality: str | None
    kind: str
    ordinal: Annotated[int, Field(ge=1)]
    school_year: Annotated[str, Field(pattern=r"^\d{4}-\d{4}$")]
    at: date
    obligation: Literal["leerplichtig", "kwalificatieplichtig", "eighteen-plus", "none", "unknown"] | None
    calendar: Literal["assumed"] | None = None
    rule: RuleNamed
    window: Window | None
    measured: MeasuredSaid
    counted: list[CountedRow]
    not_counted: list[NotCountedRow | NotCountedTotal]
    contradictions: Annotated[list[ContradictionRow], Field(min_length=1)] | None = None
    about: Hash | None = None
    definition: str | None = None
    school_type: SchoolType | None
    age: int | None
    known_at: datetime | None
    context: ContextSaid | None


class Actor(Message):
    """Who did it: a rule (id with its version) or a person (an officer's id)."""

    kind: Literal["rule", "person"]
    id: str


class Proposal(Message):
    """A track that a rule proposes; for `halt` and `police-report` a person decides."""

    track: Track
    rule: str
    subject: Subject


class Decided(Message):
    """What an officer decided, when, and why where a motive was given."""

    track: Track
    subject: Subject
    officer: str
    time: datetime
    motive: str | None = None


class Contradiction(Message):
    """Both sides where the facts left what a person decided: the decision (null: steps only), and the table now.

    `finding` is the one that was withdrawn or changed; `now` what the table answers for what stands, null for nothing.
    """

    finding: Hash
    stands: bool
    decided: Decided | None
    now: Proposal | None


class Blocked(Message):
    """What blocks a case, and since which date: the last word of whoever took a step in it."""

    by: Blocker
    since: date


class CaseSaid(Message):
    """The data of every `case-*` event: the case as it stands after the event.

    `news` is the good news a finding brings that joined or left; `home_since` the first date of a child that is at home,
    while it is; `blocked` what blocks, and since when; `adult` that the case is of somebody of eighteen or older, or was handed
    to the Doorstroompunt; `day` the date on which it took effect. `to` of `case-finding-left` is the desk that was told of what
    left. `timer` names the term that passed (`case-stagnated`), `to` and `about` the desk and the cause of an escalation,
    `left` the municipality a case was handed over from. `no_due` says why nothing is due in an open case, `not_halt` which
    conditions of Halt fail. `journal` is the hash of the line in the case's journal that says the same (ADR 9).
    """

    case: Hash
    revision: Annotated[int, Field(ge=1)]
    pupil: str
    school: str | None
    municipality: str | None
    track: Track | None
    proposed: Proposal | None = None
    status: Status
    findings: list[Hash]
    actor: Actor
    motive: str | None = None
    step: Step | None = None
    outcome: str | None = None
    due: date | None = None
    timer: Timer | None = None
    to: Desk | None = None
    about: str | None = None
    left: str | None = None
    no_due: NoDue | None = None
    not_halt: list[str] | None = None
    contradiction: Contradiction | None = None
    news: GoodNews | None = None
    home_since: date | None = None
    blocked: Blocked | None = None
    adult: Literal[True] | None = None
    day: date | None = None
    journal: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class Consent(Message):
    """Who agreed to Halt: the youngster, and under 16 the parents."""

    youngster: bool
    parents: bool


class DecisionTaken(Message):
    """An officer's decision on a case, made on one revision of it."""

    case: Hash
    revision: Annotated[int, Field(ge=1)]
    track: Track
    subject: Subject
    officer: str
    motive: Annotated[str, Field(max_length=4000)] | None = None
    consent: Consent | None = None


class StepRecorded(Message):
    """A step someone took in a case. `to`, of `handed-over` alone: a municipality (CBS code), or the Doorstroompunt.

    `blocked_by` is what blocks the case now, `nothing` that it is not blocked any more; left out: as it was.
    """

    case: Hash
    step: Step
    date: date
    actor: Actor
    note_code: str | None = None
    to: Annotated[str, Field(pattern=r"^([0-9]{4}|doorstroompunt)$")] | None = None
    blocked_by: Blocker | None = None


class OutcomeRecorded(Message):
    """How a case ended."""

    case: Hash
    outcome: str
    actor: Actor


class DecisionRefused(Message):
    """Why a command was not carried out; `article` where a law or a rule stands behind it."""

    case: str
    command: str
    reason: str
    article: str | None = None
    revision: int | None = None


class Recipient(Message):
    """Who a notice is for."""

    role: str
    organisation: str


class NoticeSaid(Message):
    """The data of `notice-sent` and `notice-failed`.

    `about` is the case, finding, agenda or digest; `cause` the event that made the notice and `happened` its `type`;
    `subject` what the notice says, in one word; `takes_back` where it takes back what was told before; `reason` why it
    failed. The others are those fields of what happened that the notice table allows its role.
    """

    notice: Hash
    recipient: Recipient
    about: str
    channel: Channel
    cause: str
    happened: str
    subject: Word
    urgency: Urgency
    takes_back: bool = False
    municipality: str | None = None
    school: str | None = None
    track: Track | None = None
    step: Step | None = None
    timer: Timer | None = None
    due: date | None = None
    home_since: date | None = None
    blocked: Blocked | None = None
    pupil: str | None = None
    kind: str | None = None
    at: date | None = None
    on: date | None = None
    month: str | None = None
    presence: Digits | None = None
    reason: str | None = None


class SystemRegistered(Message):
    """A school's or municipality's system: its OIN, the SHA-256 of its keys, and the schools it speaks for.

    `rights` are what it may beside submitting facts: `identities`, to ask who a pseudonym is (a municipality's alone).
    """

    system: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
    oin: Annotated[str, Field(pattern="^[0-9A-Z]{20}$")]
    keys: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]
    schools: list[str] = []
    map: dict[str, str] = {}
    rights: list[Literal["identities"]] = []


class SchoolRegistered(Message):
    """A school: where it lies and how to reach its own people."""

    school: str
    name: str
    type: SchoolType
    municipality: Annotated[str, Field(pattern="^[0-9]{4}$")]
    contact: str | None = None


class PackChosen(Message):
    """The rule pack a municipality uses from a date on."""

    pack: str
    from_: date = Field(alias="from")


class MunicipalityRegistered(Message):
    """A municipality and the rule packs it chose."""

    municipality: Annotated[str, Field(pattern="^[0-9]{4}$")]
    packs: list[PackChosen]


class QuietHours(Message):
    """Hours of each day (Amsterdam, `HH:MM`) in which nothing normal is delivered; `from` after `until` spans midnight."""

    from_: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", alias="from")]
    until: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Meetings(Message):
    """When a table meets: the first time, and then every so many weeks on the same day."""

    first: date
    every_weeks: Annotated[int, Field(ge=1, le=26)] = 1


class RecipientRegistered(Message):
    """Who hears, in which role and by which channel.

    `school` only for role `school`; `municipality` narrows what is heard to that municipality. `address` is that of the
    webhook, of the mailbox, or of the Notificaties API (with the name of its `client`). `secret` is sealed for the notifier
    alone, once for each domain in which its role hears something, with a space between. `keys` are the SHA-256 of its keys for the subscriptions door. What is not urgent waits for the `digest` (07:30;
    weekly: Monday) and out of `quiet` hours.
    """

    recipient: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
    role: str
    organisation: str
    municipality: str | None = None
    school: str | None = None
    channel: Channel
    address: str | None = None
    client: str | None = None
    secret: str | None = None
    keys: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = []
    digest: Literal["daily", "weekly"] | None = None
    quiet: QuietHours | None = None
    meets: Meetings | None = None


class OfficerRegistered(Message):
    """Who decides in cases of one municipality: an attendance officer, or one of the Doorstroompunt or of youth health care.

    `keys` are the SHA-256 of its keys.
    """

    officer: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
    municipality: str
    keys: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]
    role: OfficerRole = "attendance-officer"
