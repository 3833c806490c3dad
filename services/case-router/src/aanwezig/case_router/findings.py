"""What a finding does to a dossier: it opens a case, joins the open one, or leaves it (`rules.md` 4)."""

from dataclasses import replace
from typing import Final

from aanwezig.case_router import contradictions, handovers, journal, route
from aanwezig.case_router.dossier import ABOUT_A_SCHOOL, AT_HOME, JOIN_ONLY, NOT_BLOCKED, Case, Dossier, Known
from aanwezig.case_router.draft import Cause, Draft, Turn, by_rule
from aanwezig.case_router.journal import Details
from aanwezig.contracts.messages import FindingSaid
from aanwezig.law.calendar import Calendars

_NOT_OURS: Final = ABOUT_A_SCHOOL


def heard(dossier: Dossier, said: FindingSaid, cause: Cause, calendars: Calendars, *, stands: bool) -> Turn:
    """What a finding that was raised, amended (`stands`) or withdrawn does.

    A revision not above the known one changes nothing; an amended finding never raised counts as raised; a withdrawal that
    comes first is remembered and opens nothing.
    """
    before = dossier.findings.get(said.finding)
    if said.kind in _NOT_OURS or (before is not None and before.revision >= said.revision):
        return Turn(dossier)
    known = Known.of(said, stands=stands)
    draft = Draft(dossier.with_finding(known), cause, calendars)
    case = draft.dossier.case_of(known.id)
    came_back = stands and before is not None and not before.stands
    if case is None or (came_back and not case.is_open):
        # A closed case is over: what was withdrawn since and stands again is a matter of today.
        _join_or_open(draft, known)
    elif known.kind not in JOIN_ONLY:
        _ask_again(draft, case, known, before)
    elif came_back:
        _join(draft, case, known)
    elif before is not None and before.stands and not stands and case.is_open:
        _leaves(draft, case, known)
    return draft.done()


def _join_or_open(draft: Draft, known: Known) -> None:
    case = draft.dossier.open_case
    if known.is_routed:
        if case is None:
            case = _open(draft, known)
        else:
            case = _join(draft, case, known)
            case = handovers.grown_up(draft, handovers.moved(draft, case, known, None), known)
        _tell_desks(draft, draft.ask_table(case))
    elif known.stands and known.kind in JOIN_ONLY and case is not None:
        _join(draft, case, known)


def _open(draft: Draft, first: Known) -> Case:
    case = replace(draft.dossier.next_case(first, draft.cause.day), findings=(first.id,))
    answered = route.answer(draft.dossier.asked(case, first), first.id)
    return draft.say(case, "case-opened", by_rule(answered.rule), Details(about=first.id))


def _join(draft: Draft, case: Case, known: Known) -> Case:
    joined = case
    if known.id not in case.findings:
        joined = replace(case, findings=(*case.findings, known.id))
    rule = route.answer(draft.dossier.asked(joined, known), known.id).rule if known.is_routed else "joins"
    return draft.say(joined, "case-finding-joined", by_rule(rule), Details(about=known.id))


def _leaves(draft: Draft, case: Case, known: Known) -> Case:
    """A finding leaves a case that goes on; of the last that told of a child at home, who was told hears of it."""
    at_home = any(one.kind in AT_HOME for one in draft.dossier.routed_in(case))
    if known.kind not in AT_HOME:
        return draft.say(case, "case-finding-left", by_rule("withdrawal"), Details(about=known.id))
    forgotten = {f"table:{known.id}", *([] if at_home else ["director"])}
    told = tuple(one for one in case.told if one not in forgotten)
    return draft.say(
        replace(case, told=told), "case-finding-left", by_rule("withdrawal"),
        Details(about=known.id, to=None if at_home else "home-sitter-table"),
    )  # fmt: skip


def _ask_again(draft: Draft, case: Case, known: Known, before: Known | None) -> None:
    was_routed = before is not None and before.is_routed
    if not draft.dossier.routed_in(case):
        if was_routed:
            _nothing_stands(draft, case, known)
        return
    if not case.is_open:
        if was_routed and not known.is_routed:
            contradictions.against_the_decision(draft, case, known)
        return
    if was_routed and not known.is_routed:
        case = _leaves(draft, case, known)
    elif known.is_routed and not was_routed:
        case = _join(draft, case, known)
    case = handovers.grown_up(draft, handovers.moved(draft, case, known, before), known)
    case = contradictions.against_the_decision(draft, case, known)
    _tell_desks(draft, draft.ask_table(case))


def _nothing_stands(draft: Draft, case: Case, last: Known) -> None:
    """All findings are withdrawn: with a human step the officer sees both sides, without one the case is withdrawn too."""
    if journal.person_acted(case.journal):
        contradictions.nothing_stands(draft, case, last)
    else:
        unblocked = case.with_blocker(NOT_BLOCKED, draft.cause.day)
        withdrawn = replace(unblocked, status="withdrawn", proposed=None, terms=())
        draft.say(withdrawn, "case-withdrawn", by_rule("withdrawal"), Details(about=last.id))


def _tell_desks(draft: Draft, case: Case) -> None:
    """The same day: the home-sitter table hears of each child at home, the meldcode desk of each safety signal, once.

    The table hears of a child at home also where a safety signal answers before row `home`: it is at home all the same.
    """
    for known in draft.dossier.routed_in(case):
        if known.kind in AT_HOME and f"table:{known.id}" not in case.told:
            case = draft.say(
                replace(case, told=(*case.told, f"table:{known.id}")),
                "case-escalated", by_rule("home"), Details(to="home-sitter-table", about=known.id),
            )  # fmt: skip
        for signal in known.signals:
            cause = f"meldcode:{signal.date.isoformat()}"
            if signal.signal == "safety" and cause not in case.told:
                case = draft.say(
                    replace(case, told=(*case.told, cause)),
                    "case-escalated", by_rule("safety"), Details(to="meldcode-desk", about=known.id),
                )  # fmt: skip
