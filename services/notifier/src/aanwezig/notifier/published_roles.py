"""What the pages for partners say of each role and of each word, beside what is computed from the notice table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aanwezig.contracts.messages import Word


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its name for people (Dutch behind it), what its notices are for and on what basis, and how it answers."""

    name: str
    purpose: str
    basis: str
    answer: str


_STEPS: Final = (
    "Record what you did with `step-recorded` on `{topic}`, in the name you are registered under: {steps}. "
    "[The README](README.md#what-you-tell-back) shows how; what cannot be carried out is answered with `decision-refused`."
)
_OFFICER: Final = (
    "By the officers' door: read the case, decide, record steps, conclude ([officers](../officers.md)); or the same as commands "
    "on `chain.decisions.v1`."
)
_NOTHING: Final = "Nothing is asked back by this way. Speak with the attendance officer of the municipality that the notice names."

ROLES: Final[Mapping[str, Role]] = {
    "school": Role(
        "School (leerplichtfunctionaris, verzuimcoördinator)",
        "To report at once what must be reported, to see a pupil before that, and to mend a feed that is silent.",
        "LPW 21 and 21a; WEB 8.1.8 for eighteen and older",
        "Report as you always do, and send the report as a `school-reported` fact "
        "([the guide for schools](../schools/README.md)). A correction of a mark takes back what it caused.",
    ),
    "attendance-officer": Role(
        "Attendance officer (leerplichtambtenaar)",
        "To decide where a decision is asked for, to know what is on your desk, and what moved to or from it.",
        "LPW 16, 21a(4) and 22",
        _OFFICER,
    ),
    "care-team": Role(
        "Care team (ZAT, SOT, MDO)",
        "To hold the care meeting in time, and to know when the case has ended.",
        "AVG 6(1)(e): the task of the municipality; the agreements of the region (MAS)",
        _STEPS.format(
            topic="chain.decisions.v1",
            steps="`first-contact`, `talk-held`, `home-visit`, `meeting-held`, `plan-agreed`, `plan-evaluated`, `help-accepted`, `help-refused`",
        ),
    ),
    "youth-health-care": Role(
        "Youth health care (JGZ, jeugdarts)",
        "To see a pupil who is ill often or long. These notices come from the health domain, under its own pseudonyms.",
        "Wet publieke gezondheid 5; absence records of the municipality and health records are not linked (AVG 9)",
        _STEPS.format(
            topic="health.decisions.v1",
            steps="`first-contact`, `talk-held`, `home-visit`, `meeting-held`, `plan-agreed`, `plan-evaluated`, `help-accepted`, `help-refused`",
        ),
    ),
    "halt": Role(
        "Halt desk",
        "To take a referral in, and to know when it is taken back. These notices come from the justice domain.",
        "Wet politiegegevens 8: after an officer's decision alone",
        _STEPS.format(topic="chain.decisions.v1", steps="`halt-completed`, `halt-failed`, `halt-refused`"),
    ),
    "officer-of-justice": Role(
        "Officer of justice (OM)",
        "To know of a police report that is coming, and of one that went out. These notices come from the justice domain.",
        "LPW 22 and 26; Wet politiegegevens 16",
        _STEPS.format(topic="chain.decisions.v1", steps="`verdict`"),
    ),
    "youth-protection": Role(
        "Youth protection table (JBT)",
        "To know that voluntary help was refused in a care case, before the next step is weighed.",
        "LPW 22(5); Jeugdwet 3.1",
        _NOTHING,
    ),
    "school-partnership": Role(
        "Partnership of schools for fitting education (samenwerkingsverband, SWV)",
        "To know of each home-sitter in its schools on the day: places, declarations, and the quarterly overview.",
        "WVO 2020 2.47; the agreements of the region",
        _NOTHING,
    ),
    "doorstroompunt": Role(
        "Doorstroompunt (RMC)",
        "To know of youngsters of eighteen and older, and of who is handed over at eighteen.",
        "WEB 8.1.8a",
        _STEPS.format(
            topic="chain.decisions.v1",
            steps="`first-contact`, `talk-held`, `home-visit`, `meeting-held`, `plan-agreed`, `plan-evaluated`, `help-accepted`, `help-refused`, `letter-sent`",
        )
        + " An officer of the Doorstroompunt decides by [the officers' door](../officers.md).",
    ),
    "home-sitter-table": Role(
        "Home-sitter table (thuiszitterstafel)",
        "To know of a child that sits at home on the day itself, and to have the agenda before each meeting: who, since when, "
        "what was done last, what blocks, what is due, who is new, who is back.",
        "LPW 22; the agreements of the region (Thuiszitterspact)",
        _STEPS.format(topic="chain.decisions.v1", steps="`meeting-held`, `plan-agreed`, `plan-evaluated`")
        + " Say what blocks with `blocked_by`. The agenda as it stands is at `GET /v1/agenda`, earlier ones at "
        "`GET /v1/documents`, as a page, a PDF or JSON, with your key.",
    ),
    "chain-director": Role(
        "Regional chain director (ketenregisseur thuiszitters)",
        "To know what stands still, for which timer and by what bottleneck, once per cause; a digest of the week; and how present "
        "the region's pupils are.",
        "the agreements of the region (MAS, Thuiszitterspact)",
        "The digest as it stands is at `GET /v1/agenda`, earlier ones at `GET /v1/documents`, as a page, a PDF or JSON, with your key. " + _NOTHING,
    ),
    "meldcode-desk": Role(
        "Meldcode desk (aandachtsfunctionaris)",
        "To act on a signal about a child's safety by the steps of the meldcode.",
        "LPW 16(4)e; Wet verplichte meldcode",
        _NOTHING,
    ),
    "operator": Role(
        "Operator on call",
        "To find out with the school why its system says nothing: no child is in it.",
        "the agreement with the school system",
        "Mend the feed; the notice is taken back when the marks come in.",
    ),
}  # fmt: skip

WORDS: Final[Mapping[Word, str]] = {
    "agenda-ready": "The agenda of your meeting is ready.",
    "case-closed": "A case you were told of has ended. It is not your task any more.",
    "contradicted": "New facts contradict what was decided in a case you were told of. The officer looks at it; wait.",
    "decision-asked": "A track is proposed that needs your decision, within the term.",
    "digest-ready": "The digest of your week is ready.",
    "distance-changed": "A pupil is at three quarters of the threshold or beyond. Never by mail.",
    "feed-silent": "On this school day nothing was recorded by this school.",
    "good-news-withdrawn": "The good news you were told does not hold: the facts were corrected.",
    "handed-to-you": "A youngster is handed over to you.",
    "help-refused": "Voluntary help was refused in a care case.",
    "late-report": "Absence that must be reported at once was reported late.",
    "look-again": "New facts contradict what you decided. Both sides are in the case.",
    "meldcode": "There is a signal about a child's safety.",
    "moved-away": "A case has left your municipality.",
    "moved-to-you": "A case has come to your municipality.",
    "needs-attention": "A case of a child at home has been open for 91 days.",
    "new-home-sitter": "A child qualifies as a home-sitter, as of today.",
    "no-longer-asked": "The proposal you were asked about is dropped: nothing is asked of you any more.",
    "no-longer-yours": "A case you were told of goes on by another track: it is not your task any more.",
    "on-your-track": "A case is on your track.",
    "presence-measured": "How present the region's pupils were.",
    "presence-restored": "Good news: the presence of a pupil you were told of is restored.",
    "pupil-needs-you": "A pupil is often late, absent now and then, or at home: see it before it grows.",
    "referred-to-you": "An officer referred a youngster to you.",
    "report-decided": "An officer decided on a police report.",
    "report-due": "This absence must be reported, at once.",
    "report-sent": "The police report went out.",
    "returned": "Good news: a pupil you were told of is back at school.",
    "stagnated": "A term passed without the step it waits for.",
    "withdrawn": "What you were told does not hold any more: what you keep of it has to go.",
}
"""What each word says, for a reader."""
