"""Every call of the officers' door, declared: what it takes, what it answers, and which problems it may have.

A contract test compares this table with the routes that are served and with the problems that the code raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from aanwezig.case_router import answers
from aanwezig.case_router.doors import ID_FORM, IDEMPOTENCY_KEY
from aanwezig.case_router.reading import HASH, MOST_PUPILS
from aanwezig.case_router.refusing import REASONS, status_of
from aanwezig.case_router.roles import NOT_FOR_THIS_ROLE, OTHER_MUNICIPALITY
from aanwezig.chassis import problems
from aanwezig.chassis.describing import Parameter
from aanwezig.chassis.problems import Words
from aanwezig.contracts.messages import Message

Form = Literal["decision-taken", "step-recorded", "outcome-recorded"]


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path. `answer` is what it says when all is well; None: the description itself."""

    method: str
    path: str
    name: str
    about: Words
    answer: type[Message] | None
    parameters: tuple[Parameter, ...] = ()
    body: Form | None = None
    problems: frozenset[str] = frozenset()
    needs_key: bool = True


STATUS_OF: Final[Mapping[str, HTTPStatus]] = {
    **problems.STATUS_OF,
    "another-name": HTTPStatus.FORBIDDEN,
    "no-idempotency-key": HTTPStatus.BAD_REQUEST,
    **{reason: status_of(reason) for reason in REASONS},
}
"""The status of every problem and every refusal of the door."""
_ALWAYS: Final = frozenset({"no-key", "unknown-key", "unknown-parameter", "not-now", "our-fault"})
_WITH_BODY: Final = _ALWAYS | {
    "another-name", "no-idempotency-key", "unknown-format", "not-readable", "not-the-contract", "too-many-bytes", "too-slow",
}  # fmt: skip
_OF_ALL: Final = frozenset(
    {"unknown-case", "closed-case", "unknown-person", OTHER_MUNICIPALITY, NOT_FOR_THIS_ROLE}
)
OF_STEPS: Final = frozenset({"no-decision", "date-in-future"})
OF_OUTCOMES: Final = frozenset({"unknown-outcome"})
_ANY_COMMAND: Final = frozenset({"id-used-for-another"})
_NOT_OURS: Final = frozenset({"unknown-case", OTHER_MUNICIPALITY, NOT_FOR_THIS_ROLE})
_KEY: Final = Parameter(
    IDEMPOTENCY_KEY, {"type": "string", "pattern": ID_FORM, "examples": ["5f0f8f1e-7a3f-4c55-9a52-2f6a51c0c0de"]},
    (
        "Het id van dit verzoek, bij 'application/json'. Hetzelfde id nog eens krijgt hetzelfde antwoord.",
        "The id of this request, with 'application/json'. The same id again gets the same answer.",
    ),
    "header",
)  # fmt: skip
_CASE: Final = Parameter(
    "case", {"type": "string", "pattern": HASH}, ("Het nummer van de zaak.", "The case's number."), "path", is_required=True
)  # fmt: skip
_OPEN: Final = Parameter(
    "open", {"type": "boolean"}, ("'true': alleen open zaken.", "'true': open cases only.")
)
_AFTER: Final = Parameter(
    "after",
    {"type": "string", "pattern": HASH},
    ("'next' van de vorige bladzijde.", "'next' of the page before."),
)
_LIMIT: Final = Parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": MOST_PUPILS},
    ("Over hoeveel leerlingen hoogstens.", "About how many pupils at most."),
)  # fmt: skip

CALLS: Final[tuple[Call, ...]] = (
    Call(
        "POST", "/v1/decisions", "decide",
        ("Besluit over een zaak, op de versie die u zag.", "Decide on a case, on the revision you saw."),
        answers.CommandDone, (_KEY,), "decision-taken",
        _WITH_BODY | (frozenset(REASONS) - OF_STEPS - OF_OUTCOMES),
    ),
    Call(
        "POST", "/v1/steps", "recordStep", ("Leg een stap vast.", "Record a step."), answers.CommandDone, (_KEY,),
        "step-recorded", _WITH_BODY | _OF_ALL | OF_STEPS | _ANY_COMMAND,
    ),
    Call(
        "POST", "/v1/outcomes", "recordOutcome", ("Leg vast hoe een zaak afliep.", "Record how a case ended."),
        answers.CommandDone, (_KEY,), "outcome-recorded", _WITH_BODY | _OF_ALL | OF_OUTCOMES | _ANY_COMMAND,
    ),
    Call(
        "GET", "/v1/cases", "cases",
        ("De zaken van uw gemeente, per leerling.", "The cases of your municipality, by pupil."),
        answers.CasesShown, (_OPEN, _AFTER, _LIMIT), problems=_ALWAYS | {"wrong-parameter"},
    ),
    Call(
        "GET", "/v1/cases/{case}", "case",
        (
            "Een zaak zoals hij nu is, met wat de tabel antwoordt en waarom Halt niet kan.",
            "A case as it stands, with what the table answers and why Halt cannot be.",
        ),
        answers.CaseShown, (_CASE,), problems=_ALWAYS | _NOT_OURS,
    ),
    Call(
        "GET", "/v1/cases/{case}/journal", "journal",
        (
            "Het dossier van een zaak, regel voor regel. Ook met de sleutel van de beheerder.",
            "The journal of a case, line by line. With the operator's key too.",
        ),
        answers.JournalShown, (_CASE,), problems=_ALWAYS | _NOT_OURS,
    ),
    Call(
        "GET", "/v1/openapi.json", "description",
        ("Deze beschrijving; zonder sleutel.", "This description; without a key."),
        None, needs_key=False,
    ),
)  # fmt: skip
