"""Facts that left what a person decided: nothing is overturned, both sides go to the officer (`rules.md` 4, *Statuses*)."""

from dataclasses import replace

from aanwezig.case_router import journal, route, terms
from aanwezig.case_router.dossier import Case, Known
from aanwezig.case_router.draft import Draft, by_rule
from aanwezig.case_router.journal import Details
from aanwezig.contracts.messages import Contradiction, Decided, Proposal


def nothing_stands(draft: Draft, case: Case, last: Known) -> Case:
    """No finding of the case stands any more, and a person acted. What was proposed has no ground left."""
    ended = terms.on_proposal(case.terms, None, draft.calendar(case))
    return _said(draft, replace(case, proposed=None, terms=ended), last)


def against_the_decision(draft: Draft, case: Case, known: Known) -> Case:
    """The case after a finding changed that a person weighed: withdrawn, or answered more lightly than was decided.

    Once for each such answer. The case stays as the person left it.
    """
    weighed = {key.partition(":")[2] for key in case.weighed}
    decision = journal.last_decision(case.journal)
    if known.id not in weighed or case.track is None or decision is None:
        return case
    if not known.is_routed:
        return _said(draft, case, known)
    # As it was asked then: that the decision referred to Halt is no reason against it.
    earlier = replace(case, journal=case.journal[: decision.number - 1])
    given = route.answer(draft.dossier.with_case(earlier).asked(earlier, known), known.id)
    told = f"contradicted:{given.key}"
    if given.key in case.weighed or told in case.told:
        return case
    if route.WEIGHT[given.track] >= route.WEIGHT[case.track]:
        return case
    return _said(draft, replace(case, told=(*case.told, told)), known)


def _said(draft: Draft, case: Case, known: Known) -> Case:
    decision, answered = journal.last_decision(case.journal), route.combined(draft.answers(case))
    decided = None
    if decision is not None and decision.track is not None:
        decided = Decided(
            track=decision.track, subject=decision.details.subject or "pupil", officer=decision.actor.id,
            time=decision.time, motive=decision.details.motive,
        )  # fmt: skip
    now = None
    if answered is not None:
        now = Proposal(track=answered.track, rule=answered.rule, subject=answered.subject)
    both = Contradiction(finding=known.id, stands=known.stands, decided=decided, now=now)
    return draft.say(
        case, "case-contradicted", by_rule("withdrawal"), Details(about=known.id, contradiction=both)
    )
