"""The sentences of what is published for parties outside: what each domain, topic and event is. Plain English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aanwezig.contracts.topics import Domain


@dataclass(frozen=True, slots=True)
class Words:
    """How the document of a domain introduces itself."""

    title: str
    about: str


_ALL: Final = (
    " `send` is what you hear, `receive` is what you say: operations are seen from the platform. Every message is a"
    " CloudEvent 1.0 under the NL GOV profile 1.1, in structured JSON. Act first and commit after; know the ids you have"
    " seen; read fields you do not know as if they were not there, because this language grows by addition."
)
DOMAINS: Final[Mapping[Domain, Words]] = {
    Domain.SCHOOL: Words(
        "the school domain",
        "For schools and the makers of their systems: attendance facts go in, and receipts, signals and notices come"
        " out. Pupils stand under the pseudonyms of the school domain; nothing here goes to the chain."
        + _ALL,
    ),
    Domain.CHAIN: Words(
        "the chain domain",
        "For officers, care teams and other partners of the municipality: cases on a track, notices, and the commands by"
        " which steps, decisions and outcomes are told. You get what your task needs and nothing else."
        + _ALL,
    ),
    Domain.HEALTH: Words(
        "the health domain",
        "For youth health care alone: cases about sickness, under pseudonyms that nobody else has, and the commands of"
        " youth health care about them." + _ALL,
    ),
    Domain.JUSTICE: Words(
        "the justice domain",
        "For Halt and the officer of justice: cases that an attendance officer referred to them, and what they report"
        " back, under pseudonyms that nobody else has." + _ALL,
    ),
}
PUSHING: Final = (
    "Each notice you subscribed to is sent to your address as one `POST` with one CloudEvent, signed by the Standard"
    " Webhooks scheme. Answer any 2xx within ten seconds; redirects are not followed. Anything else, or nothing, is tried"
    " again: after 25 s, 2 min, 10 min, 30 min, 1 h, 3 h, 7 h and 14 h; `410 Gone` is not. The same `webhook-id` is the same"
    " notice. What is about a child is not in the message: `dataref` says where you claim it with your key."
)
NOTICE_POINTED_AT: Final = (
    "Something happened that you have to know. What it is about, you claim at `dataref` with your key."
)
NOTICE_WHOLE: Final = (
    "Something is ready for you, or was measured. It is about no child; its data are in the message."
)
TRIED_OUT: Final = (
    "The test message you asked for at the subscriptions door. It is about nobody, and is not tried again."
)

MEANINGS: Final[Mapping[str, str]] = {
    "school.submissions.v1.<system>": "Submit attendance facts; each record gets receipts.",
    "school.receipts.v1": "Hear what became of each record you submitted.",
    "school.signals.v1": "Hear how far your pupils are from the threshold, what you have to report, and when your feed is silent.",
    "chain.decisions.v1": "Tell steps you took, decisions and outcomes. What is refused changes nothing; nobody outside reads this topic.",
    "health.decisions.v1": "Tell steps you took, decisions and outcomes in cases about sickness. Nobody outside reads this topic.",
    "chain.cases.prevention.v1": "Hear of cases on the prevention track.",
    "chain.cases.care-meeting.v1": "Hear of cases on the care-meeting track.",
    "health.cases.v1": "Hear of cases about sickness.",
    "justice.cases.halt.v1": "Hear of cases that were referred to Halt.",
    "justice.cases.police-report.v1": "Hear of cases in which an officer decided on a police report.",
    "chain.notices.v1": "Hear who was told what of a case, an agenda or a digest.",
    "school.notices.v1": "Hear what schools were told, and what was told about them.",
    "health.notices.v1": "Hear what youth health care was told.",
    "justice.notices.v1": "Hear what Halt and the officer of justice were told.",
    "webhook": "Get the notices you subscribed to at an address of your own.",
    "receipts-given": "What became of one submitted record: a receipt for each row, or one problem with the whole.",
    "finding-raised": "Something was found by the facts: what, by which rule, and what counted.",
    "finding-amended": "A finding that was told stands, with another sum or context.",
    "finding-withdrawn": "A finding that was told does not stand any more.",
    "distance-measured": "How far a pupil is from the threshold, and when hours leave the sum.",
    "case-opened": "A case was opened for a finding.",
    "case-finding-joined": "A finding joined an open case.",
    "case-finding-left": "A finding was withdrawn and left its case.",
    "case-track-proposed": "A rule proposes a track; a person decides.",
    "case-proposal-dropped": "What was proposed is not asked any more.",
    "case-track-decided": "The case came on a track: by a rule, or decided by an officer.",
    "case-step-taken": "Somebody took a step in the case.",
    "case-stagnated": "A term passed without the step it waits for.",
    "case-escalated": "The case was put before a desk, such as the home-sitter table.",
    "case-outcome-recorded": "It was recorded how the case ended.",
    "case-contradicted": "The facts left what a person decided; both sides are told.",
    "case-handed-over": "The case went to another municipality, or to the Doorstroompunt.",
    "case-closed": "The case is closed.",
    "case-withdrawn": "The case is not yours any more: what you keep of it has to go.",
    "decision-taken": "Decide on a case, on the revision you saw.",
    "step-recorded": "Tell a step that was taken in a case, and what blocks it.",
    "outcome-recorded": "Tell how a case ended.",
    "notice-sent": "A recipient was told something.",
    "notice-failed": "A recipient could not be told something, and why.",
}
"""By the name of a topic or an event; submitted facts are described by their schemas."""
