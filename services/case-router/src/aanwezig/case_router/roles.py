"""What each role may do in a case, and why a person is refused: ordered grounds as data; the first that holds answers (ADR 9).

Roles are those of `chain.register.v1`: an officer's own, a partner's as a recipient.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aanwezig.case_router.dossier import Case, Dossier
from aanwezig.case_router.grounds import Refusal
from aanwezig.case_router.people import Speaker
from aanwezig.contracts.messages import (
    Actor,
    DecisionTaken,
    OfficerRole,
    OutcomeRecorded,
    Step,
    StepRecorded,
    Track,
)

UNKNOWN_PERSON: Final = "unknown-person"
OTHER_MUNICIPALITY: Final = "other-municipality"
NOT_FOR_THIS_ROLE: Final = "not-for-this-role"

_TALKS: Final[frozenset[Step]] = frozenset({"first-contact", "talk-held", "home-visit"})
_HELPS: Final[frozenset[Step]] = _TALKS | {
    "meeting-held", "plan-agreed", "plan-evaluated", "help-accepted", "help-refused",
}  # fmt: skip
_WRITES: Final[frozenset[Step]] = frozenset({"letter-sent", "warning-given"})
_HALT_ENDS: Final[frozenset[Step]] = frozenset({"halt-completed", "halt-failed", "halt-refused"})
_HELP_TRACKS: Final[frozenset[Track]] = frozenset({"prevention", "care-meeting"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may do: the steps it records, the tracks it decides for, and whether it says how a case ends."""

    steps: frozenset[Step] = frozenset()
    tracks: frozenset[Track] = frozenset()
    concludes: bool = False


OFFICERS: Final[Mapping[OfficerRole, Rights]] = {
    "attendance-officer": Rights(
        _HELPS | _WRITES | _HALT_ENDS
        | {"enrolment-refused", "halt-referred", "report-sent", "verdict", "handed-over"},
        _HELP_TRACKS | {"halt", "police-report"},
        concludes=True,
    ),
    # From eighteen on nobody is forced (rules 4, `adult`), and a Doorstroompunt sees no minor.
    "doorstroompunt": Rights(_HELPS | _WRITES | {"handed-over"}, _HELP_TRACKS, concludes=True),
    "youth-health-care": Rights(_HELPS | {"letter-sent", "handed-over"}, _HELP_TRACKS, concludes=True),
}  # fmt: skip
PARTNERS: Final[Mapping[str, Rights]] = {
    "halt": Rights(_HALT_ENDS),
    "officer-of-justice": Rights(frozenset({"verdict"})),
    "care-team": Rights(_HELPS),
    "doorstroompunt": Rights(_HELPS | {"letter-sent"}),
    "youth-health-care": Rights(_HELPS),
    "home-sitter-table": Rights(frozenset({"meeting-held", "plan-agreed", "plan-evaluated"})),
}
"""Partners record; whoever is not here hears of cases and records nothing."""
OUTSIDE_RULE: Final = Rights(frozenset({"letter-sent"}))
"""What a rule that is not ours may do: a system may tell that its letter went out."""
_NOTHING: Final = Rights()
_OF_ADULTS: Final = frozenset({"doorstroompunt"})

Said = DecisionTaken | StepRecorded | OutcomeRecorded


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command as its speaker is weighed: what is said, of which case, by whom (None: nobody we know)."""

    dossier: Dossier
    case: Case
    said: Said
    speaker: Speaker | None

    @property
    def rights(self) -> Rights:
        """What whoever speaks may do."""
        if self.speaker is None:
            return OUTSIDE_RULE
        if self.speaker.decides:
            return next((rights for role, rights in OFFICERS.items() if role == self.speaker.role), _NOTHING)
        return PARTNERS.get(self.speaker.role, _NOTHING)


@dataclass(frozen=True, slots=True)
class PersonGround:
    """One ground on which a person is refused."""

    reason: str
    holds: Callable[[Spoken], bool]
    article: str


def actor_of(said: Said) -> Actor:
    """Who says a command, by its own word."""
    return Actor(kind="person", id=said.officer) if isinstance(said, DecisionTaken) else said.actor


def is_served_by(dossier: Dossier, case: Case, speaker: Speaker) -> bool:
    """Whether this case is of the people a role is there for: the Doorstroompunt's from eighteen on, or handed to it."""
    return speaker.role not in _OF_ADULTS or dossier.is_of_an_adult(case)


def _is_unknown(spoken: Spoken) -> bool:
    return actor_of(spoken.said).kind == "person" and spoken.speaker is None


def _is_of_another_municipality(spoken: Spoken) -> bool:
    return spoken.speaker is not None and not spoken.speaker.may_see(spoken.case.municipality)


def _is_beyond_the_role(spoken: Spoken) -> bool:
    said, rights = spoken.said, spoken.rights
    if isinstance(said, DecisionTaken):
        return said.track not in rights.tracks
    if isinstance(said, StepRecorded):
        # What blocks a case is a person's word.
        by_a_machine = spoken.speaker is None and said.blocked_by is not None
        return said.step not in rights.steps or by_a_machine
    return not rights.concludes


def _is_about_a_minor(spoken: Spoken) -> bool:
    return spoken.speaker is not None and not is_served_by(spoken.dossier, spoken.case, spoken.speaker)


PERSON_GROUNDS: Final[tuple[PersonGround, ...]] = (
    PersonGround(UNKNOWN_PERSON, _is_unknown, "LPW 16: officers are appointed; chain.register.v1"),
    PersonGround(
        OTHER_MUNICIPALITY, _is_of_another_municipality,
        "LPW 16, 21a; contract 3: a case belongs to the municipality of residence",
    ),
    PersonGround(NOT_FOR_THIS_ROLE, _is_beyond_the_role, "LPW 16; AVG 5(1)(b): what the role is for"),
    PersonGround(NOT_FOR_THIS_ROLE, _is_about_a_minor, "WEB 8.1.8a; AVG 5(1)(b): from eighteen on"),
)  # fmt: skip


def refusal_of_person(dossier: Dossier, case: Case, said: Said, speaker: Speaker | None) -> Refusal | None:
    """Why this person may not say this about this case; None when it may."""
    spoken = Spoken(dossier, case, said, speaker)
    return next((Refusal(one.reason, one.article) for one in PERSON_GROUNDS if one.holds(spoken)), None)
