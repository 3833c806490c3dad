"""A case that goes to others: the pupil moved, or turned eighteen (`rules.md` 4). A step in the case, never a new case."""

from dataclasses import replace
from typing import Final

from aanwezig.case_router import journal, terms
from aanwezig.case_router.dossier import DOORSTROOMPUNT, Case, Known
from aanwezig.case_router.draft import Draft, by_rule
from aanwezig.case_router.journal import Details
from aanwezig.contracts.messages import Actor, StepRecorded

_FORCE: Final = frozenset({"halt", "police-report"})
_ADULT: Final = "eighteen-plus"


def moved(draft: Draft, case: Case, known: Known, before: Known | None) -> Case:
    """The case after a finding told where the pupil lives: another municipality takes it over, with its journal.

    Only the newest finding that knows is believed, when it says something new, and no older one than a hand-over by a person.
    """
    place = known.municipality
    if place is None or place == case.municipality or (before is not None and before.municipality == place):
        return case
    if case.municipality is None:
        return draft.note(replace(case, municipality=place), "municipality-known", by_rule("residence"))
    knowing = [one for one in draft.dossier.routed_in(case) if one.municipality is not None]
    by_hand = journal.handed_over_on(case.journal)
    if not knowing or knowing[-1].id != known.id or (by_hand is not None and by_hand > known.at):
        return case
    details = Details(step="handed-over", about=known.id, left=case.municipality)
    return draft.say(replace(case, municipality=place), journal.HANDED_OVER, by_rule("moved"), details)


def grown_up(draft: Draft, case: Case, known: Known) -> Case:
    """The case after a finding at which the pupil is eighteen-plus: a case of a minor goes to the Doorstroompunt, once."""
    was_minor = any(
        draft.dossier.findings[one].obligation != _ADULT for one in case.findings if one != known.id
    )
    if known.obligation != _ADULT or not known.stands or DOORSTROOMPUNT in case.told or not was_minor:
        return case
    return to_doorstroompunt(draft, case, "adult")


def to_doorstroompunt(draft: Draft, case: Case, rule: str) -> Case:
    """Hands a case to the Doorstroompunt; a proposal of force falls away, for nobody of eighteen is forced."""
    return _handed(draft, case, by_rule(rule), Details(step="handed-over", to=DOORSTROOMPUNT))


def by_person(draft: Draft, case: Case, said: StepRecorded) -> Case:
    """Hands a case over because a person said so: to a municipality, to the Doorstroompunt, or as agreed elsewhere."""
    details = Details(step=said.step, on=said.date, note_code=said.note_code)
    if said.to == DOORSTROOMPUNT:
        return _handed(draft, case, said.actor, replace(details, to=DOORSTROOMPUNT))
    if said.to is not None and said.to != case.municipality:
        details, case = replace(details, left=case.municipality), replace(case, municipality=said.to)
    return draft.say(case, journal.HANDED_OVER, said.actor, details)


def _handed(draft: Draft, case: Case, actor: Actor, details: Details) -> Case:
    given = replace(case, told=(*case.told, DOORSTROOMPUNT))
    if given.proposed is not None and given.proposed.track in _FORCE:
        given = replace(
            given, proposed=None, terms=terms.on_proposal(given.terms, None, draft.calendar(case))
        )
    return draft.say(given, journal.HANDED_OVER, actor, details)
