"""What agendas and digests say in Dutch (B1): steps, terms, what blocks, why a child is off the list."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from aanwezig.contracts.messages import Blocker, Step, Timer
from aanwezig.notifier.agenda import Why

STEPS: Final[Mapping[Step, str]] = {
    "letter-sent": "Brief verstuurd",
    "first-contact": "Eerste contact",
    "talk-held": "Gesprek gevoerd",
    "home-visit": "Huisbezoek",
    "warning-given": "Waarschuwing gegeven",
    "meeting-held": "Overleg gehouden",
    "plan-agreed": "Plan afgesproken",
    "plan-evaluated": "Plan geëvalueerd",
    "help-accepted": "Hulp aangenomen",
    "help-refused": "Hulp geweigerd",
    "enrolment-refused": "Inschrijving geweigerd",
    "halt-referred": "Verwezen naar Halt",
    "halt-completed": "Halt afgerond",
    "halt-failed": "Halt niet gelukt",
    "halt-refused": "Halt geweigerd",
    "report-sent": "Proces-verbaal verstuurd",
    "verdict": "Uitspraak van de rechter",
    "handed-over": "Zaak overgedragen",
}
TIMERS: Final[Mapping[Timer, str]] = {
    "first-contact": "Eerste contact",
    "meeting": "Overleg",
    "evaluation": "Evaluatie van het plan",
    "decision": "Besluit",
    "halt-result": "Uitslag van Halt",
}
BLOCKERS: Final[Mapping[Blocker, str]] = {
    "no-place": "Geen passende plek",
    "no-declaration": "Geen toelaatbaarheidsverklaring",
    "waiting-for-help": "Wacht op hulp",
    "waiting-for-research": "Wacht op onderzoek",
    "health": "Gezondheid",
    "parents-disagree": "Ouders zijn het er niet mee eens",
    "no-consent": "Geen toestemming",
    "no-transport": "Geen vervoer",
    "funding": "Geen geld",
    "housing": "Geen vaste woonplek",
    "nobody-leads": "Niemand heeft de regie",
    "nothing": "Niets",
}
WHY_GONE: Final[Mapping[Why, str]] = {
    "returned": "Weer op school",
    "closed": "Zaak gesloten",
    "taken-note": "Zaak gesloten: er is nu niets nodig",
    "withdrawn": "Zaak ingetrokken: de gegevens zijn verbeterd",
    "corrected": "Niet (meer) thuis: de gegevens zijn verbeterd",
}
_MONTHS: Final = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
_WEEKDAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


def long_date(day: date) -> str:
    """A date with its weekday: `maandag 7 oktober 2024`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """A date in a table: `07-10-2024`."""
    return f"{day:%d-%m-%Y}"


def bottleneck(name: str) -> str:
    """What stands in the way: what was said to block, or the term that passed."""
    blockers: Mapping[str, str] = {str(key): text for key, text in BLOCKERS.items()}
    timers: Mapping[str, str] = {str(key): text for key, text in TIMERS.items()}
    return blockers[name] if name in blockers else f"Termijn voorbij: {timers[name].lower()}"
