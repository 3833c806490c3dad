"""How a refused command is told over HTTP: the status and the sentence of each reason, for officers, in Dutch and English."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aanwezig.chassis.languages import Language

_HALT: Final = "halt-condition:"
OF_ANOTHER: Final = "id-used-for-another"
_STATUS: Final[Mapping[str, HTTPStatus]] = {
    "unknown-case": HTTPStatus.NOT_FOUND,
    "closed-case": HTTPStatus.CONFLICT,
    "stale-revision": HTTPStatus.CONFLICT,
    "unknown-person": HTTPStatus.FORBIDDEN,
    "other-municipality": HTTPStatus.FORBIDDEN,
    "not-for-this-role": HTTPStatus.FORBIDDEN,
}

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown-case": (
        "Deze zaak kennen wij niet. Controleer het nummer.",
        "We do not know this case. Check its number.",
    ),
    "closed-case": (
        "Deze zaak is al gesloten. Er is niets veranderd.",
        "This case is closed already. Nothing was changed.",
    ),
    "stale-revision": (
        "De zaak is intussen veranderd. Bekijk de zaak opnieuw en besluit dan.",
        "The case has changed since. Look at it again, then decide.",
    ),
    "unknown-person": (
        "Deze persoon staat niet in het register. Vraag de beheerder om aanmelding.",
        "This person is not in the register. Ask the operator to be registered.",
    ),
    "other-municipality": (
        "Deze zaak hoort bij een andere gemeente: die waar de leerling woont. Alleen een ambtenaar van die gemeente mag hier iets doen.",
        "This case belongs to another municipality: the one the pupil lives in. Only an officer of that municipality may act in it.",
    ),
    "not-for-this-role": (
        "Dit hoort niet bij uw rol. Laat het doen door wie ervoor is aangewezen.",
        "This is not for your role. Leave it to whoever is appointed for it.",
    ),
    "nothing-stands": (
        "Er staat geen melding meer in deze zaak waarop dit besluit kan rusten.",
        "No finding stands in this case that the decision could rest on.",
    ),
    "age-unknown": (
        "De leeftijd van de leerling is niet bekend. Dan kan er geen Halt-verwijzing of proces-verbaal zijn.",
        "The pupil's age is not known. Then there can be no referral to Halt and no police report.",
    ),
    "under-twelve": (
        "De leerling is jonger dan 12 jaar. Halt of een proces-verbaal tegen de leerling kan dan niet.",
        "The pupil is younger than 12. Halt, or a police report about the pupil, is not possible.",
    ),
    "eighteen-or-over": (
        "De leerling is 18 jaar of ouder. Halt of een proces-verbaal kan dan niet.",
        "The pupil is 18 or older. Halt or a police report is not possible.",
    ),
    "halt-is-for-the-pupil": (
        "Halt is voor de leerling, niet voor de ouders. Kies de leerling als onderwerp.",
        "Halt is for the pupil, not for the parents. Choose the pupil as the subject.",
    ),
    f"{_HALT}enough-absence": (
        "Er is te weinig verzuim voor Halt: minstens 9 uur of 12 keer te laat in dit schooljaar.",
        "There is too little absence for Halt: at least 9 hours or 12 times late in this school year.",
    ),
    f"{_HALT}at-most-60-hours": (
        "Er is te veel verzuim voor Halt: hoogstens 60 uur in dit schooljaar. Overleg met de officier van justitie.",
        "There is too much absence for Halt: at most 60 hours in this school year. Consult the officer of justice.",
    ),
    f"{_HALT}at-most-60-times": (
        "De leerling was te vaak te laat voor Halt: hoogstens 60 keer in dit schooljaar. Overleg met de officier van justitie.",
        "The pupil was late too often for Halt: at most 60 times in this school year. Consult the officer of justice.",
    ),
    f"{_HALT}own-initiative": (
        "Er is twijfel of de leerling uit eigen beweging wegbleef. Dan past Halt niet.",
        "It is doubted that the pupil stayed away on its own initiative. Then Halt does not fit.",
    ),
    f"{_HALT}no-psychological-need": (
        "Er zijn psychische problemen zonder hulp. Regel eerst hulp; daarna kan Halt weer.",
        "There are psychological problems without help. Arrange help first; after that Halt is possible again.",
    ),
    f"{_HALT}first-halt": (
        "De leerling is al eerder voor verzuim naar Halt verwezen. Een tweede keer kan niet.",
        "The pupil was referred to Halt for absence before. A second time is not possible.",
    ),
    "consent-missing": (
        "De toestemming voor Halt ontbreekt: van de jongere, en onder 16 jaar ook van de ouders.",
        "The consent for Halt is missing: of the youngster, and under 16 of the parents too.",
    ),
    "motive-missing": (
        "U wijkt af van het voorstel. Geef daarvoor een motivering (pas toe of leg uit).",
        "You depart from what was proposed. Give a motive for that (apply or explain).",
    ),
    "no-decision": (
        "Voor deze stap is eerst een besluit van een ambtenaar nodig.",
        "This step needs an officer's decision first.",
    ),
    "date-in-future": (
        "De datum van deze stap ligt in de toekomst. Leg de stap vast als hij gezet is.",
        "The date of this step lies in the future. Record the step when it has been taken.",
    ),
    "unknown-outcome": (
        "Deze uitkomst kennen wij niet. Kies een van de uitkomsten uit de handleiding.",
        "We do not know this outcome. Choose one of those in the guide.",
    ),
    OF_ANOTHER: (
        "Dit id is al gebruikt voor iets anders. Geef elk nieuw verzoek een eigen id.",
        "This id was used for something else before. Give every new request an id of its own.",
    ),
}
"""The sentence of each reason in Dutch and English. A test compares them with the grounds."""


def status_of(reason: str) -> HTTPStatus:
    """The status of a refusal."""
    return _STATUS.get(reason, HTTPStatus.UNPROCESSABLE_ENTITY)


def sentence_of(reason: str, language: Language) -> str:
    """Why it is refused and what to do."""
    dutch, english = REASONS[reason]
    return english if language == "en" else dutch


def sentence_of_condition(condition: str, language: Language) -> str:
    """Why a condition of Halt fails."""
    return sentence_of(_OWN.get(condition, f"{_HALT}{condition}"), language)


_OWN: Final[Mapping[str, str]] = {
    "age-known": "age-unknown", "twelve-or-over": "under-twelve", "under-eighteen": "eighteen-or-over",
}  # fmt: skip
"""Conditions of Halt that are refused under a word of their own."""
