"""What the officers of the region do, as data: they follow a script, case by case and rule by rule."""

from dataclasses import dataclass
from typing import Final, Literal

from aanwezig.region.people import Pupil


@dataclass(frozen=True, slots=True)
class OfficerAct:
    """One act, done once in each case that a rule answers for, so many lesson days after it first does.

    Lesson days are those of the school of the case's first finding. `pupil` (`PupilRef.text`): only in that pupil's
    cases; None: in every pupil's but those in `excepted`. An act is left out when the case is closed, or another
    rule answers for it by then. `command` `decision` has `track`, `subject`, for Halt `consent` (youngster,
    parents), and a `motive` where it differs from the proposal; `step` has `step`; `outcome` has `outcome`
    (an outcome of the yearly reports, `domain.md` 4.2).
    """

    rule: str
    after_lesson_days: int
    command: Literal["decision", "step", "outcome"]
    pupil: str | None = None
    track: str | None = None
    subject: str | None = None
    consent: tuple[bool, bool] | None = None
    motive: str | None = None
    step: str | None = None
    outcome: str | None = None
    excepted: frozenset[str] = frozenset()


OFFICERS: Final = {"9901": "mw-van-dijk", "9902": "dhr-bakker"}
"""The attendance officer of each municipality: nobody acts in another's cases."""
_WHERE_NOBODY_KNOWS: Final = "9901"
_NEVER_ACTED_ON: Final = ("stagnating",)
_OWN_HALT: Final = ("undecided", "force", "halt-otherwise", "halt-over-hours", "halt-over-late")


def officer_of(municipality: str | None) -> str:
    """Who acts in a case of this municipality; where nobody knows it, that of the first town."""
    return OFFICERS[municipality or _WHERE_NOBODY_KNOWS]


def script(pupils: list[Pupil]) -> tuple[OfficerAct, ...]:
    """The acts for all cases and those for the pupils whose case takes a course of its own."""
    named = {pupil.character: pupil.ref.text for pupil in pupils}
    nobody = frozenset(named[name] for name in _NEVER_ACTED_ON)
    own_halt = nobody | {named[name] for name in _OWN_HALT}
    return (
        *_prevention(nobody),
        *_care(nobody),
        *_home(nobody),
        *_halt(None, own_halt, "halt-completed"),
        OfficerAct("halt", 32, "outcome", outcome="halt", excepted=own_halt),
        *_halt(named["force"], frozenset(), "halt-failed"),
        OfficerAct(
            "halt",
            4,
            "decision",
            pupil=named["halt-otherwise"],
            track="care-meeting",
            subject="pupil",
            motive="Thuis is er hulp begonnen; een gesprek met school en ouders past nu beter dan Halt.",
        ),
        OfficerAct("halt", 9, "step", pupil=named["halt-otherwise"], step="meeting-held"),
        *_police("halt-over", nobody),
        *_police("force", nobody),
    )


def _prevention(excepted: frozenset[str]) -> tuple[OfficerAct, ...]:
    return (
        OfficerAct("first", 2, "step", step="first-contact", excepted=excepted),
        OfficerAct("first", 6, "step", step="talk-held", excepted=excepted),
        OfficerAct("adult", 2, "step", step="first-contact", excepted=excepted),
        OfficerAct("adult", 12, "step", step="meeting-held", excepted=excepted),
    )


def _care(excepted: frozenset[str]) -> tuple[OfficerAct, ...]:
    return tuple(
        act
        for rule in ("safety", "care-first", "young", "else")
        for act in (
            OfficerAct(rule, 6, "step", step="meeting-held", excepted=excepted),
            OfficerAct(rule, 8, "step", step="plan-agreed", excepted=excepted),
            OfficerAct(rule, 30, "step", step="plan-evaluated", excepted=excepted),
            OfficerAct(rule, 45, "outcome", outcome="hulpverlening", excepted=excepted),
        )
    )


def _home(excepted: frozenset[str]) -> tuple[OfficerAct, ...]:
    evaluated = (30, 55, 80, 105, 130, 155)
    return (
        OfficerAct("home", 4, "step", step="home-visit", excepted=excepted),
        OfficerAct("home", 6, "step", step="meeting-held", excepted=excepted),
        OfficerAct("home", 8, "step", step="plan-agreed", excepted=excepted),
        *(OfficerAct("home", after, "step", step="plan-evaluated", excepted=excepted) for after in evaluated),
    )


def _halt(pupil: str | None, excepted: frozenset[str], end: str) -> tuple[OfficerAct, ...]:
    agreed = (True, True)
    return (
        OfficerAct(
            "halt",
            3,
            "decision",
            pupil=pupil,
            track="halt",
            subject="pupil",
            consent=agreed,
            excepted=excepted,
        ),
        OfficerAct("halt", 5, "step", pupil=pupil, step="halt-referred", excepted=excepted),
        OfficerAct("halt", 30, "step", pupil=pupil, step=end, excepted=excepted),
    )


def _police(rule: str, excepted: frozenset[str]) -> tuple[OfficerAct, ...]:
    return (
        OfficerAct(rule, 4, "decision", track="police-report", subject="pupil", excepted=excepted),
        OfficerAct(rule, 8, "step", step="report-sent", excepted=excepted),
        OfficerAct(rule, 25, "outcome", outcome="proces-verbaal", excepted=excepted),
    )
