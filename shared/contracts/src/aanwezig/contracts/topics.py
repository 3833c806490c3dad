"""The one registry of topics (`contract.md` 2): who says what to whom, under which key, kept how long.

Broker set-up, JSON Schemas and the topic table in the docs are computed from it.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from aanwezig.contracts.facts import FACT_TYPES

DAY_MS: Final = 24 * 60 * 60 * 1000
KEPT_DAYS: Final = 14
"""How long a topic keeps records; the ledger is the record (design.md, *Facts*)."""


class Domain(StrEnum):
    """Who may see what: each domain has its own topics, databases, credentials and pseudonyms."""

    SCHOOL = "school"
    CHAIN = "chain"
    HEALTH = "health"
    JUSTICE = "justice"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` in words; `events` the short names said on it; partitions of one by default, 12 for the big ones."""

    name: str
    domain: Domain
    key: str
    events: tuple[str, ...]
    speakers: tuple[str, ...]
    listeners: tuple[str, ...]
    owner: str
    about: str
    partitions: int = 1
    compacted: bool = False
    unpacked: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The broker's settings for this topic. `unpacked`: the broker unpacks what strangers compress, and bounds it."""
        if self.compacted:
            return {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1"}
        kept = {"cleanup.policy": "delete", "retention.ms": str(KEPT_DAYS * DAY_MS)}
        return kept | ({"compression.type": "uncompressed"} if self.unpacked else {})


FINDING_EVENTS: Final = ("finding-raised", "finding-amended", "finding-withdrawn")
CASE_EVENTS: Final = (
    "case-opened", "case-finding-joined", "case-finding-left", "case-track-proposed", "case-proposal-dropped",
    "case-track-decided", "case-step-taken", "case-stagnated", "case-escalated", "case-outcome-recorded",
    "case-contradicted", "case-handed-over", "case-closed", "case-withdrawn",
)  # fmt: skip
JUSTICE_EVENTS: Final = (
    "case-track-decided", "case-step-taken", "case-outcome-recorded", "case-closed", "case-withdrawn",
)  # fmt: skip
"""The case events that may cross into justice."""
COMMAND_EVENTS: Final = ("decision-taken", "step-recorded", "outcome-recorded")
NOTICE_EVENTS: Final = ("notice-sent", "notice-failed")
RECEIPT_EVENTS: Final = ("receipts-given",)
SIGNAL_EVENTS: Final = (*FINDING_EVENTS, "distance-measured")
FEED_EVENTS: Final = ("feed-marked", "feed-enrolled", "feed-day-closed")
_PUPIL_FACTS: Final = tuple(name for name in FACT_TYPES if name != "calendar-recorded")

SUBMISSIONS: Final = Topic(
    "school.submissions.v1.<system>", Domain.SCHOOL, "any", tuple(FACT_TYPES),
    ("school systems",), ("intake",), "operators",
    "What one school system submits, as at the HTTP door; a topic per system, whose name says who speaks. The broker keeps it"
    " with `compression.type` `uncompressed`, so that it unpacks, and bounds, whatever a sender packs.",
    unpacked=True,
)  # fmt: skip
"""A family: one topic per system (`submissions_of`), which that system alone may write."""
RECEIPTS: Final = Topic(
    "school.receipts.v1", Domain.SCHOOL, "system", RECEIPT_EVENTS,
    ("intake",), ("school systems",), "intake",
    "What became of each record on a submissions topic, in the order of its rows.",
)  # fmt: skip
FACTS: Final = Topic(
    "school.facts.v1", Domain.SCHOOL, "pupil (school pseudonym)", (*_PUPIL_FACTS, "day-closed"),
    ("intake", "classifier"), ("classifier",), "intake",
    "What schools and municipalities told of each pupil; the classifier says `day-closed` only.", partitions=12,
)  # fmt: skip
CALENDARS: Final = Topic(
    "school.calendars.v1", Domain.SCHOOL, "school/from", ("calendar-recorded",),
    ("intake",), ("classifier", "case-router", "case-router-health"), "intake",
    "The dates on which schools have lessons; read whole by every instance.", compacted=True,
)  # fmt: skip
SCHOOL_REGISTER: Final = Topic(
    "school.register.v1", Domain.SCHOOL, "the id",
    ("system-registered", "school-registered", "municipality-registered"),
    ("cli",), ("intake", "classifier"), "operators",
    "Systems with their hashed keys, schools, and the rule packs of municipalities.", compacted=True,
)  # fmt: skip
CHAIN_REGISTER: Final = Topic(
    "chain.register.v1", Domain.CHAIN, "the id", ("recipient-registered", "officer-registered"),
    ("cli",),
    (
        "case-router", "case-router-health", "notifier", "notifier-school", "notifier-health", "notifier-justice",
    ),
    "operators",
    "Recipients with their channels, and officers with their hashed keys.", compacted=True,
)  # fmt: skip
FEEDS: Final = Topic(
    "school.feeds.v1", Domain.SCHOOL, "school", FEED_EVENTS,
    ("classifier",), ("classifier",), "classifier",
    "What the owners of a school's facts tell each other, to find a school that is silent in all of them (ADR 7).",
    partitions=12,
)  # fmt: skip
SIGNALS: Final = Topic(
    "school.signals.v1", Domain.SCHOOL, "school", SIGNAL_EVENTS,
    ("classifier",), ("schools", "notifier-school"), "classifier",
    "To a school alone, under the school's pseudonyms: how far its pupils are from the threshold, what it has to report,"
    " statutory absence it told of too late, and days on which it told nothing. Never to the chain.", partitions=12,
)  # fmt: skip
PRESENCE: Final = Topic(
    "school.presence.v1", Domain.SCHOOL, "school", ("presence-measured",),
    ("classifier",), ("operators", "notifier-school"), "classifier",
    "How present the pupils of a school were in a month: what each partition of the facts adds to it (ADR 8). No pupil is"
    " named, but small cells are in it: figures are told by whoever adds them up, and suppresses.", partitions=12,
)  # fmt: skip
FINDINGS: Final = Topic(
    "chain.findings.v1", Domain.CHAIN, "pupil (chain pseudonym)", (*FINDING_EVENTS, "day-closed"),
    ("classifier",), ("case-router",), "classifier",
    "What the law says about the facts, as differences; days closed, by origin.", partitions=12,
)  # fmt: skip
HEALTH_FINDINGS: Final = Topic(
    "health.findings.v1", Domain.HEALTH, "pupil (health pseudonym)", (*FINDING_EVENTS, "day-closed"),
    ("classifier",), ("case-router-health",), "classifier",
    "Findings of kind `sickness`, as differences; they are said nowhere else. Days closed, by origin.", partitions=12,
)  # fmt: skip
DECISIONS: Final = Topic(
    "chain.decisions.v1", Domain.CHAIN, "case", (*COMMAND_EVENTS, "decision-refused"),
    ("officers", "partners", "Halt", "officer of justice", "case-router"), ("case-router",), "case-router",
    "What officers decide, record and conclude, what partners record, and the refusals of it. Halt and the officer of justice"
    " name a case by the id they know.", partitions=12,
)  # fmt: skip
HEALTH_DECISIONS: Final = Topic(
    "health.decisions.v1", Domain.HEALTH, "case (health pseudonym)", (*COMMAND_EVENTS, "decision-refused"),
    ("youth health care", "case-router-health"), ("case-router-health",), "case-router-health",
    "What youth health care decides, records and concludes in its own cases, and the refusals of it.",
)  # fmt: skip
CASES: Final = Topic(
    "chain.cases.v1", Domain.CHAIN, "case", (*CASE_EVENTS, "day-closed"),
    ("case-router",), ("notifier",), "case-router",
    "Every step of every case; days closed, by origin: a partition of the findings whose cases have all been said.",
    partitions=12,
)  # fmt: skip
CASES_PREVENTION: Final = Topic(
    "chain.cases.prevention.v1", Domain.CHAIN, "case", CASE_EVENTS,
    ("case-router",), ("partners",), "case-router", "Cases on the prevention track.",
)  # fmt: skip
CASES_CARE_MEETING: Final = Topic(
    "chain.cases.care-meeting.v1", Domain.CHAIN, "case", CASE_EVENTS,
    ("case-router",), ("partners",), "case-router", "Cases on the care-meeting track.",
)  # fmt: skip
HEALTH_CASES: Final = Topic(
    "health.cases.v1", Domain.HEALTH, "case (health pseudonym)", CASE_EVENTS,
    ("case-router-health",), ("youth health care", "notifier-health"), "case-router-health",
    "Every step of every case about sickness, for youth health care only.",
)  # fmt: skip
CROSSINGS: Final = Topic(
    "justice.crossings.v1", Domain.JUSTICE, "case (justice pseudonym)", JUSTICE_EVENTS,
    ("case-router",), ("case-router-justice",), "case-router",
    "What an officer decided for Halt or a police report, and what follows of it, already under the pseudonyms of justice.",
)  # fmt: skip
CASES_HALT: Final = Topic(
    "justice.cases.halt.v1", Domain.JUSTICE, "case (justice pseudonym)", JUSTICE_EVENTS,
    ("case-router-justice",), ("Halt", "notifier-justice"), "case-router-justice", "Cases an officer referred to Halt.",
)  # fmt: skip
CASES_POLICE_REPORT: Final = Topic(
    "justice.cases.police-report.v1", Domain.JUSTICE, "case (justice pseudonym)", JUSTICE_EVENTS,
    ("case-router-justice",), ("officer of justice", "notifier-justice"), "case-router-justice",
    "Cases in which an officer decided on a police report.",
)  # fmt: skip
_TOLD: Final = "Who was told what, by which channel, once per cause."
NOTICES: Final = Topic(
    "chain.notices.v1", Domain.CHAIN, "recipient", NOTICE_EVENTS,
    ("notifier",), ("recipients",), "notifier", _TOLD,
)  # fmt: skip
SCHOOL_NOTICES: Final = Topic(
    "school.notices.v1", Domain.SCHOOL, "recipient", NOTICE_EVENTS,
    ("notifier-school",), ("schools",), "notifier-school", f"To schools, and about them. {_TOLD}",
)  # fmt: skip
HEALTH_NOTICES: Final = Topic(
    "health.notices.v1", Domain.HEALTH, "recipient", NOTICE_EVENTS,
    ("notifier-health",), ("youth health care",), "notifier-health", f"To youth health care alone. {_TOLD}",
)  # fmt: skip
JUSTICE_NOTICES: Final = Topic(
    "justice.notices.v1", Domain.JUSTICE, "recipient", NOTICE_EVENTS,
    ("notifier-justice",), ("Halt", "officer of justice"), "notifier-justice",
    f"To Halt and to the officer of justice. {_TOLD}",
)  # fmt: skip


def _parked(service: str) -> Topic:
    return Topic(
        f"{service}.parked.v1", Domain.OPERATIONS, "as the origin", (),
        (service,), ("operators",), service,
        "Records between our own services that could not be handled, as they came; a budget limits them.",
    )  # fmt: skip


PARKED: Final[dict[str, Topic]] = {
    service: _parked(service)
    for service in (
        "intake", "classifier", "case-router", "case-router-health", "case-router-justice", "notifier",
        "notifier-school", "notifier-health", "notifier-justice",
    )
}  # fmt: skip
"""By service; each instance of the case-router and the notifier is one of its own domain, so that no dead letter meets another's."""

TOPICS: Final[tuple[Topic, ...]] = (
    RECEIPTS, FACTS, CALENDARS, FEEDS, SIGNALS, PRESENCE, SCHOOL_REGISTER, CHAIN_REGISTER, FINDINGS, HEALTH_FINDINGS, DECISIONS,
    HEALTH_DECISIONS, CASES, CASES_PREVENTION, CASES_CARE_MEETING, HEALTH_CASES, CROSSINGS, CASES_HALT, CASES_POLICE_REPORT, NOTICES, SCHOOL_NOTICES,
    HEALTH_NOTICES, JUSTICE_NOTICES, *PARKED.values(),
)  # fmt: skip
"""Every topic there is from the start."""

_PARTITIONS: Final = {topic.name: topic.partitions for topic in TOPICS}
REGISTRY: Final[tuple[Topic, ...]] = (SUBMISSIONS, *TOPICS)
"""Every topic, and the family of which there is one per school system."""

_SUBMITTED_BY: Final = SUBMISSIONS.name.removesuffix("<system>")
SUBMISSIONS_PATTERN: Final = f"^{re.escape(_SUBMITTED_BY)}[a-z0-9][a-z0-9-]*$"
"""The names of the submissions topics: a system's name is the last part."""


async def registered_partitions(topic: str) -> int:
    """How many partitions the registry gives a topic; a broker that has more or fewer is asked itself.

    Raises:
        KeyError: there is no such topic.
    """
    return _PARTITIONS[topic]


def submissions_of(system: str) -> Topic:
    """The topic on which this system submits."""
    return replace(SUBMISSIONS, name=f"{_SUBMITTED_BY}{system}")


def system_of(topic: str) -> str:
    """The system whose submissions topic this is: the topic names the sender, whatever its records say."""
    return topic.removeprefix(_SUBMITTED_BY)
