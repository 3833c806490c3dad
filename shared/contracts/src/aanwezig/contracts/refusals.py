"""Why a record is refused, in words a school clerk understands, Dutch and English (`contract.md` 3).

A code is stable; its sentences may improve. `{detail}` is filled from the contract (a limit, a list of allowed
words), never from the record: what a sender wrote may be personal.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """Every reason for a refusal at a door."""

    NOT_JSON = "not-json"
    TOO_LARGE = "too-large"
    REQUIRED = "required"
    UNKNOWN_FIELD = "unknown-field"
    WRONG_TYPE = "wrong-type"
    UNKNOWN_WORD = "unknown-word"
    UNKNOWN_TYPE = "unknown-type"
    NOT_A_DATE = "not-a-date"
    NOT_A_TIME = "not-a-time"
    YEAR_TOO_EARLY = "year-too-early"
    DATE_IN_FUTURE = "date-in-future"
    TIME_IN_FUTURE = "time-in-future"
    OUT_OF_RANGE = "out-of-range"
    UNTIL_BEFORE_FROM = "until-before-from"
    MISSED_ABOVE_MINUTES = "missed-above-minutes"
    NUMBER_FAILS_TEST = "number-fails-test"
    PUPIL_FORM = "pupil-form"
    SCHOOL_FORM = "school-form"
    SCHOOL_UNKNOWN = "school-unknown"
    SCHOOL_NOT_YOURS = "school-not-yours"
    SOURCE_FORM = "source-form"
    SOURCE_NOT_YOURS = "source-not-yours"
    TYPE_NOT_YOURS = "type-not-yours"
    RESIDENT_FROM_MISSING = "resident-from-missing"
    ID_REUSED = "id-reused"
    QUARANTINE_FULL = "quarantine-full"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a record: the field by its dotted name (empty: the record itself), and why."""

    field: str
    code: Code
    detail: str = ""

    def message(self, language: str = "nl") -> str:
        """A sentence a clerk understands; `language` is `nl` or `en`."""
        dutch, english = _WORDS[self.code]
        return (english if language == "en" else dutch).format(field=self.field, detail=self.detail)


_WORDS: Final[dict[Code, tuple[str, str]]] = {
    Code.NOT_JSON: (
        "Dit record is geen geldige JSON. Laat de leverancier het bericht opnieuw maken.",
        "This record is not valid JSON. Ask the supplier to produce the message again.",
    ),
    Code.TOO_LARGE: (
        "Te groot: {detail}. Verdeel het over meer berichten.",
        "Too large: {detail}. Split it over more messages.",
    ),
    Code.REQUIRED: (
        "Het veld '{field}' ontbreekt of is leeg. Vul het in en stuur het record opnieuw.",
        "The field '{field}' is missing or empty. Fill it in and send the record again.",
    ),
    Code.UNKNOWN_FIELD: (
        "Het veld '{field}' kennen wij niet. Haal het weg of verbeter de naam.",
        "We do not know the field '{field}'. Remove it or correct its name.",
    ),
    Code.WRONG_TYPE: (
        "Het veld '{field}' heeft niet de goede vorm: verwacht wordt {detail}.",
        "The field '{field}' has the wrong form: expected is {detail}.",
    ),
    Code.UNKNOWN_WORD: (
        "De waarde van '{field}' staat niet in de lijst. Toegestaan: {detail}.",
        "The value of '{field}' is not on the list. Allowed: {detail}.",
    ),
    Code.UNKNOWN_TYPE: (
        "Dit soort bericht kennen wij niet. Zie de lijst van soorten in de handleiding.",
        "We do not know this kind of message. See the list of kinds in the guide.",
    ),
    Code.NOT_A_DATE: (
        "'{field}' is geen bestaande datum. Schrijf JJJJ-MM-DD, bijvoorbeeld 2024-09-02.",
        "'{field}' is not an existing date. Write YYYY-MM-DD, for example 2024-09-02.",
    ),
    Code.NOT_A_TIME: (
        "'{field}' is geen tijdstip met tijdzone, zoals 2024-09-02T09:05:00+02:00.",
        "'{field}' is not a moment with a time zone, such as 2024-09-02T09:05:00+02:00.",
    ),
    Code.YEAR_TOO_EARLY: (
        "Het jaar in '{field}' ligt voor {detail}. Controleer de datum.",
        "The year in '{field}' is before {detail}. Check the date.",
    ),
    Code.DATE_IN_FUTURE: (
        "'{field}' ligt meer dan een dag na het moment van vastleggen. Controleer de datum.",
        "'{field}' lies more than a day after the moment it was recorded. Check the date.",
    ),
    Code.TIME_IN_FUTURE: (
        "Het tijdstip van vastleggen ligt meer dan een dag in de toekomst. Controleer de klok van het systeem.",
        "The time of recording lies more than a day in the future. Check the clock of the system.",
    ),
    Code.OUT_OF_RANGE: (
        "De waarde van '{field}' moet {detail} zijn.",
        "The value of '{field}' must be {detail}.",
    ),
    Code.UNTIL_BEFORE_FROM: (
        "De einddatum '{field}' ligt voor de begindatum. Verbeter een van beide.",
        "The end date '{field}' lies before the start date. Correct one of them.",
    ),
    Code.MISSED_ABOVE_MINUTES: (
        "Er zijn meer minuten gemist dan de les duurt. Verbeter 'missed' of 'minutes'.",
        "More minutes were missed than the lesson lasts. Correct 'missed' or 'minutes'.",
    ),
    Code.NUMBER_FAILS_TEST: (
        "Dit is geen geldig BSN of onderwijsnummer (elfproef). Controleer het nummer van de leerling.",
        "This is no valid BSN or education number (eleven-test). Check the number of the pupil.",
    ),
    Code.PUPIL_FORM: (
        "Noem de leerling met een 'number' van negen cijfers of met een eigen 'local' nummer, niet beide.",
        "Name the pupil by a 'number' of nine digits or by your own 'local' id, not both.",
    ),
    Code.SCHOOL_FORM: (
        "De school in '{field}' moet BRIN plus twee cijfers zijn, bijvoorbeeld 25PL00.",
        "The school in '{field}' must be BRIN plus two digits, for example 25PL00.",
    ),
    Code.SCHOOL_UNKNOWN: (
        "Deze school is niet bij ons aangemeld. Vraag de beheerder om de school toe te voegen.",
        "This school is not registered with us. Ask the operator to add the school.",
    ),
    Code.SCHOOL_NOT_YOURS: (
        "Uw systeem mag niet voor deze school spreken. Controleer de BRIN of de sleutel.",
        "Your system may not speak for this school. Check the BRIN or the key.",
    ),
    Code.SOURCE_FORM: (
        "De afzender ('source') moet urn:nld:oin:<20 tekens> zijn, met eventueel :systeem:<naam>.",
        "The sender ('source') must be urn:nld:oin:<20 characters>, with an optional :systeem:<name>.",
    ),
    Code.SOURCE_NOT_YOURS: (
        "De afzender in dit record hoort niet bij uw sleutel.",
        "The sender named in this record does not belong to your key.",
    ),
    Code.TYPE_NOT_YOURS: (
        "Dit gegeven mag alleen {detail} doorgeven.",
        "Only {detail} may tell us this.",
    ),
    Code.RESIDENT_FROM_MISSING: (
        "Bij 'resident_until' hoort ook 'resident_from'. Vul de begindatum van het verblijf in.",
        "'resident_until' needs 'resident_from' as well. Fill in when the residence began.",
    ),
    Code.ID_REUSED: (
        "Dit id is al gebruikt voor een ander bericht. Geef elk bericht een eigen id.",
        "This id was used before for another message. Give each message an id of its own.",
    ),
    Code.QUARANTINE_FULL: (
        "Er staan te veel geweigerde records van uw systeem open. Verbeter die eerst.",
        "Too many refused records of your system are waiting. Correct those first.",
    ),
}
