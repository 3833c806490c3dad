"""A case as an officer is shown it: as it stands, what the table answers for each finding, and why Halt cannot be."""

from typing import Any

from aanwezig.case_router import route
from aanwezig.case_router.answers import (
    CaseLine,
    CaseShown,
    ConditionShown,
    FindingShown,
    HaltShown,
    TableSays,
    TermShown,
)
from aanwezig.case_router.dossier import DOORSTROOMPUNT, Case, Dossier, Known
from aanwezig.case_router.refusing import sentence_of_condition
from aanwezig.chassis.languages import Language


def line(dossier: Dossier, case: Case) -> CaseLine:
    """A case in a list."""
    return CaseLine(
        case=case.id, revision=case.revision, pupil=dossier.pupil, school=case.school, municipality=case.municipality,
        opened=case.opened, status=case.status, track=case.track, subject=case.subject, proposed=case.proposed,
        due=case.due, no_due=case.no_due, outcome=case.outcome,
    )  # fmt: skip


def whole(dossier: Dossier, case: Case, language: Language) -> CaseShown:
    """A case with what a decision is weighed by."""
    findings = sorted((dossier.findings[one] for one in case.findings), key=lambda known: known.order)
    return CaseShown(
        **line(dossier, case).model_dump(),
        school_year=case.school_year,
        blocked=case.blocks,
        terms=[
            TermShown(timer=term.timer, began=term.began, due=term.due, told=term.told) for term in case.terms
        ],
        findings=[_finding(dossier, case, known) for known in findings],
        halt=_halt(dossier, case, language),
    )


def stored(case: Case) -> dict[str, Any]:
    """The fields of a case as they are stored, its revision among them: what its journal has to add up to."""
    return {"revision": case.revision, **case.fields()}


def _finding(dossier: Dossier, case: Case, known: Known) -> FindingShown:
    return FindingShown(
        finding=known.id, revision=known.revision, stands=known.stands, kind=known.kind, ordinal=known.ordinal,
        school_year=known.school_year, at=known.at, school=known.school, obligation=known.obligation, age=known.age,
        answer=_table(dossier, case, known) if known.is_routed else None,
    )  # fmt: skip


def _table(dossier: Dossier, case: Case, known: Known) -> TableSays:
    said = route.answer(dossier.asked(case, known), known.id)
    return TableSays(
        rule=said.rule, version=route.VERSION, track=said.track, mode=said.mode, subject=said.subject, note=said.note
    )  # fmt: skip


def _halt(dossier: Dossier, case: Case, language: Language) -> HaltShown:
    asked = dossier.asked_for_decision(case)
    if asked is None:
        return HaltShown(possible=False, conditions=[])
    failing = route.why_not_halt(asked)
    forced = asked.obligation != "eighteen-plus" and DOORSTROOMPUNT not in case.told
    conditions = [
        ConditionShown(
            name=one.name, holds=one.name not in failing, article=one.article,
            why=sentence_of_condition(one.name, language) if one.name in failing else None,
        )
        for one in route.HALT_CONDITIONS
    ]  # fmt: skip
    return HaltShown(possible=case.is_open and forced and not failing, conditions=conditions)
