"""The course of a case in plain words: what happened, by which rule or person, why, and why not Halt (`contract.md` 6)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aanwezig.law.explain import Language

Event = tuple[str, str, Mapping[str, Any]]
"""Its short name, the date on which it was said, and its data."""


def course(events: Iterable[Event], language: Language) -> Iterator[str]:
    """A line for each event of one case, given in the order of their revisions; notes stand below the line they are about."""
    words = _WORDS[language]
    for name, day, data in events:
        template = words.get(name)
        if template is None:
            continue
        yield f"{day}  {template.format_map(_parts(data, language))}"
        yield from (f"{'':12}{note}" for note in _notes(data, language))


def _parts(data: Mapping[str, Any], language: Language) -> dict[str, str]:
    proposed = data.get("proposed") or {}
    return {
        "who": _who(data["actor"], language),
        "track": track_name(data.get("track"), language),
        "proposed": track_name(proposed.get("track"), language),
        "subject": _SUBJECTS[language].get(proposed.get("subject", ""), ""),
        "about": str(data.get("about") or "-")[:8],
        "step": str(data.get("step")),
        "timer": _TIMERS[language].get(data.get("timer") or "", str(data.get("timer"))),
        "due": str(data.get("due") or "-"),
        "to": _DESKS[language].get(data.get("to") or "", _moved(data, language)),
        "outcome": str(data.get("outcome")),
    }


def _who(actor: Mapping[str, Any], language: Language) -> str:
    if actor["kind"] == "person":
        return str(actor["id"])
    return f"{_RULE[language]} {actor['id']}"


def _moved(data: Mapping[str, Any], language: Language) -> str:
    return f"{_TOWN[language]} {data.get('municipality') or '-'}"


def _notes(data: Mapping[str, Any], language: Language) -> Iterator[str]:
    words = _NOTES[language]
    if data.get("motive"):
        yield f"{words['motive']}: {data['motive']}"
    if data.get("not_halt"):
        conditions = (halt_condition(one, language) for one in data["not_halt"])
        yield f"{words['not_halt']}: {'; '.join(conditions)}"
    both = data.get("contradiction")
    if both is not None:
        decided, now = both.get("decided"), both.get("now")
        told = words["steps"] if decided is None else track_name(decided["track"], language)
        yield f"{words['decided']}: {told}{'' if decided is None else ', ' + str(decided['officer'])}"
        yield f"{words['now']}: {words['nothing'] if now is None else track_name(now['track'], language)}"


def track_name(track: str | None, language: Language) -> str:
    """A track in words; one that is not known as it is written."""
    return _TRACKS[language].get(track or "", track or _NONE[language])


def halt_condition(name: str, language: Language) -> str:
    """Why Halt cannot be, for the name of a condition or of a row (`row:care-first`)."""
    if name.startswith("row:"):
        return f"{_FIRST[language]} {name.removeprefix('row:')}"
    return _CONDITIONS[language].get(name, name)


_RULE: Final = {"nl": "regel", "en": "rule"}
_TOWN: Final = {"nl": "gemeente", "en": "municipality"}
_NONE: Final = {"nl": "nog geen", "en": "none yet"}
_FIRST: Final = {"nl": "eerder geldt regel", "en": "an earlier rule answers:"}
_TRACKS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "prevention": "preventie", "care-meeting": "zorgoverleg", "halt": "Halt", "police-report": "proces-verbaal",
    },
    "en": {
        "prevention": "prevention", "care-meeting": "care meeting", "halt": "Halt", "police-report": "police report",
    },
}  # fmt: skip
_SUBJECTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {"pupil": " voor de leerling", "parents": " voor de ouders"},
    "en": {"pupil": " for the pupil", "parents": " for the parents"},
}
_TIMERS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "first-contact": "het eerste contact", "meeting": "het overleg", "evaluation": "de evaluatie",
        "decision": "de beslissing", "halt-result": "de uitslag van Halt",
    },
    "en": {
        "first-contact": "the first contact", "meeting": "the meeting", "evaluation": "the evaluation",
        "decision": "the decision", "halt-result": "the result of Halt",
    },
}  # fmt: skip
_DESKS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "home-sitter-table": "de thuiszitterstafel", "chain-director": "de ketenregisseur",
        "meldcode-desk": "het meldpunt van de meldcode", "doorstroompunt": "het Doorstroompunt",
    },
    "en": {
        "home-sitter-table": "the home-sitter table", "chain-director": "the chain director",
        "meldcode-desk": "the meldcode desk", "doorstroompunt": "the Doorstroompunt",
    },
}  # fmt: skip
_CONDITIONS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "age-known": "de leeftijd is niet bekend", "twelve-or-over": "de leerling is jonger dan 12",
        "under-eighteen": "de leerling is 18 of ouder",
        "enough-absence": "minder dan 9 uur afwezig en minder dan 12 keer te laat",
        "at-most-60-hours": "meer dan 60 uur afwezig", "at-most-60-times": "meer dan 60 keer te laat",
        "own-initiative": "het is niet zeker dat de leerling uit zichzelf wegbleef",
        "no-psychological-need": "er is een psychisch probleem waar nog geen hulp voor is",
        "first-halt": "de leerling is al eens naar Halt verwezen voor verzuim",
    },
    "en": {
        "age-known": "the age is not known", "twelve-or-over": "the pupil is under 12",
        "under-eighteen": "the pupil is 18 or over",
        "enough-absence": "less than 9 hours absent and less than 12 times late",
        "at-most-60-hours": "more than 60 hours absent", "at-most-60-times": "more than 60 times late",
        "own-initiative": "it is doubted that the pupil stayed away on its own initiative",
        "no-psychological-need": "there is a psychological problem without help in place",
        "first-halt": "the pupil was referred to Halt for absence before",
    },
}  # fmt: skip
_NOTES: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "motive": "Reden", "not_halt": "Waarom geen Halt", "decided": "Besloten was", "steps": "niets, wel stappen gezet",
        "now": "Wat er nu uit de gegevens volgt", "nothing": "niets meer",
    },
    "en": {
        "motive": "Motive", "not_halt": "Why not Halt", "decided": "Decided was", "steps": "nothing, but steps were taken",
        "now": "What follows from the facts now", "nothing": "nothing any more",
    },
}  # fmt: skip
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "case-opened": "De zaak is geopend om bevinding {about} ({who}).",
        "case-finding-joined": "Bevinding {about} is erbij gekomen ({who}).",
        "case-finding-left": "Bevinding {about} geldt niet meer: de gegevens zijn verbeterd.",
        "case-track-proposed": "Voorgesteld: {proposed}{subject} ({who}). Een mens beslist.",
        "case-proposal-dropped": "Het voorstel is vervallen ({who}).",
        "case-track-decided": "Het spoor is {track} ({who}).",
        "case-step-taken": "Stap gezet: {step} ({who}).",
        "case-stagnated": "De termijn voor {timer} is voorbij sinds {due}.",
        "case-escalated": "Gemeld bij {to} ({who}).",
        "case-handed-over": "Overgedragen aan {to} ({who}).",
        "case-contradicted": "De gegevens spreken nu tegen wat een mens besloot of deed.",
        "case-outcome-recorded": "Uitkomst: {outcome} ({who}).",
        "case-closed": "De zaak is gesloten.",
        "case-withdrawn": "De zaak is ingetrokken: er is niets van over.",
    },
    "en": {
        "case-opened": "The case was opened for finding {about} ({who}).",
        "case-finding-joined": "Finding {about} joined ({who}).",
        "case-finding-left": "Finding {about} holds no more: the facts were corrected.",
        "case-track-proposed": "Proposed: {proposed}{subject} ({who}). A person decides.",
        "case-proposal-dropped": "The proposal fell away ({who}).",
        "case-track-decided": "The track is {track} ({who}).",
        "case-step-taken": "Step taken: {step} ({who}).",
        "case-stagnated": "The term for {timer} passed on {due}.",
        "case-escalated": "Told to {to} ({who}).",
        "case-handed-over": "Handed over to {to} ({who}).",
        "case-contradicted": "The facts now contradict what a person decided or did.",
        "case-outcome-recorded": "Outcome: {outcome} ({who}).",
        "case-closed": "The case was closed.",
        "case-withdrawn": "The case was withdrawn: nothing of it is left.",
    },
}
