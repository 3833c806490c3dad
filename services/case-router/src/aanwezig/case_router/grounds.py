"""Why a command is refused: ordered grounds as data, each with its reason and the article behind it; the first that holds answers.

Sources: `rules.md` 4, `domain.md` 2.2 and 2.5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aanwezig.case_router.dossier import DOORSTROOMPUNT, Case
from aanwezig.case_router.journal import decided_on
from aanwezig.case_router.route import HALT_CONDITIONS, Asked, why_not_halt
from aanwezig.contracts.messages import DecisionTaken, Step, StepRecorded, Track

UNKNOWN_CASE: Final = "unknown-case"
CLOSED_CASE: Final = "closed-case"
NOT_THE_CONTRACT: Final = "not-the-contract"
DATE_IN_FUTURE: Final = "date-in-future"
UNKNOWN_OUTCOME: Final = "unknown-outcome"
_FORCE: Final = frozenset({"halt", "police-report"})
_NO_REPORT_UNDER: Final = 12
_PARENTS_CONSENT_UNDER: Final = 16
_OWN_REASON: Final = frozenset({"age-known", "twelve-or-over", "under-eighteen"})
"""Halt conditions that have a ground of their own above."""
_NEEDS_DECISION: Final[dict[Step, Track]] = {"halt-referred": "halt", "report-sent": "police-report"}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision as it is weighed: the case, what the officer decided, and what stands (None: nothing)."""

    case: Case
    said: DecisionTaken
    asked: Asked | None

    @property
    def age(self) -> int | None:
        """The pupil's age at the newest finding."""
        return None if self.asked is None else self.asked.age

    @property
    def asks_force(self) -> bool:
        """Whether it is about Halt or a police report."""
        return self.said.track in _FORCE


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of refusal."""

    reason: str
    holds: Callable[[Weighed], bool]
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and by which article."""

    reason: str
    article: str | None = None


def _is_stale(weighed: Weighed) -> bool:
    return weighed.said.revision != weighed.case.revision


def _has_nothing_to_stand_on(weighed: Weighed) -> bool:
    return weighed.asks_force and weighed.asked is None


def _is_of_unknown_age(weighed: Weighed) -> bool:
    return weighed.asks_force and weighed.age is None


def _sends_a_child_to_halt(weighed: Weighed) -> bool:
    return weighed.said.track == "halt" and weighed.age is not None and weighed.age < _NO_REPORT_UNDER


def _reports_a_child(weighed: Weighed) -> bool:
    return (
        weighed.said.track == "police-report"
        and weighed.said.subject == "pupil"
        and weighed.age is not None
        and weighed.age < _NO_REPORT_UNDER
    )


def _forces_an_adult(weighed: Weighed) -> bool:
    return weighed.asks_force and (
        DOORSTROOMPUNT in weighed.case.told
        or (weighed.asked is not None and weighed.asked.obligation == "eighteen-plus")
    )


def _sends_parents_to_halt(weighed: Weighed) -> bool:
    return weighed.said.track == "halt" and weighed.said.subject == "parents"


def _breaks(condition: str) -> Callable[[Weighed], bool]:
    def holds(weighed: Weighed) -> bool:
        return (
            weighed.said.track == "halt"
            and weighed.asked is not None
            and condition in why_not_halt(weighed.asked)
        )

    return holds


def _lacks_consent(weighed: Weighed) -> bool:
    consent, age = weighed.said.consent, weighed.age
    if weighed.said.track != "halt":
        return False
    parents_too = age is None or age < _PARENTS_CONSENT_UNDER
    return consent is None or not consent.youngster or (parents_too and not consent.parents)


def _deviates_without_motive(weighed: Weighed) -> bool:
    case, said = weighed.case, weighed.said
    laid_before = (
        (case.track, case.subject) if case.proposed is None else (case.proposed.track, case.proposed.subject)
    )
    return (said.track, said.subject) != laid_before and not (said.motive or "").strip()


GROUNDS: Final[tuple[Ground, ...]] = (
    Ground(CLOSED_CASE, lambda weighed: not weighed.case.is_open),
    Ground("stale-revision", _is_stale),
    Ground("nothing-stands", _has_nothing_to_stand_on, "rules 4"),
    Ground("age-unknown", _is_of_unknown_age, "rules 4, Halt conditions"),
    Ground("under-twelve", _sends_a_child_to_halt, "LPW 2(3), 26(2); Halt 12-18"),
    Ground("under-twelve", _reports_a_child, "LPW 2(3), 22(3), 26(2)"),
    Ground("eighteen-or-over", _forces_an_adult, "rules 4, adult; WEB 8.1.8a"),
    Ground("eighteen-or-over", _breaks("under-eighteen"), "Halt 12-18"),
    Ground("halt-is-for-the-pupil", _sends_parents_to_halt, "Halt"),
    *(
        Ground(f"halt-condition:{condition.name}", _breaks(condition.name), condition.article)
        for condition in HALT_CONDITIONS
        if condition.name not in _OWN_REASON
    ),
    Ground("consent-missing", _lacks_consent, "Halt: consent of the youngster, under 16 of the parents"),
    Ground("motive-missing", _deviates_without_motive, "rules 4: pas toe of leg uit"),
)


def refusal_of_decision(case: Case, said: DecisionTaken, asked: Asked | None) -> Refusal | None:
    """Why a decision cannot be carried out; None when it can."""
    weighed = Weighed(case, said, asked)
    return next((Refusal(one.reason, one.article) for one in GROUNDS if one.holds(weighed)), None)


def refusal_of_step(case: Case, said: StepRecorded) -> Refusal | None:
    """Why a step cannot be recorded: the case is closed, or a referral or report without the decision for it."""
    if not case.is_open:
        return Refusal(CLOSED_CASE)
    track = _NEEDS_DECISION.get(said.step)
    if track is not None and not any(decided_on(entry, track) for entry in case.journal):
        return Refusal("no-decision", "rules 4: Halt and police report wait for an officer")
    return None
