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
    PUPIL_NOT_YOURS = "pupil-not-yours"
    LEAVE_OF_OFFICER = "leave-of-officer"
    RESIDENT_FROM_MISSING = "resident-from-missing"
    ID_REUSED = "id-reused"
    ID_UNCONFIRMED = "id-unconfirmed"
    QUARANTINE_FULL = "quarantine-full"
    CELLS = "cells"
    SCHOOL_NOT_MAPPED = "school-not-mapped"
    DAY_PART_UNKNOWN = "day-part-unknown"
    TOLD_TWICE = "told-twice"
    EMPTY_FILE = "empty-file"
    HTML_PAGE = "html-page"
    SPREADSHEET = "spreadsheet"
    PDF_DOCUMENT = "pdf-document"
    ZIP_ARCHIVE = "zip-archive"
    BINARY_FILE = "binary-file"
    UNKNOWN_FILE = "unknown-file"
    BROKEN_GZIP = "broken-gzip"
    UNPACKS_TOO_LARGE = "unpacks-too-large"
    NOT_TEXT = "not-text"
    BROKEN_QUOTES = "broken-quotes"
    HEADER_MISSING = "header-missing"
    COLUMN_MISSING = "column-missing"
    COLUMN_UNKNOWN = "column-unknown"
    COLUMN_TWICE = "column-twice"
    BROKEN_XML = "broken-xml"
    XML_DOCTYPE = "xml-doctype"
    UNKNOWN_XML = "unknown-xml"


OF_A_FORMAT: Final = frozenset({Code.CELLS, Code.SCHOOL_NOT_MAPPED, Code.DAY_PART_UNKNOWN, Code.TOLD_TWICE})
"""Codes of a row of CSV or Ed-Fi that never became a record: the file around it shows what is wrong."""

OF_A_WHOLE_FILE: Final = frozenset(
    {
        Code.EMPTY_FILE, Code.HTML_PAGE, Code.SPREADSHEET, Code.PDF_DOCUMENT, Code.ZIP_ARCHIVE, Code.BINARY_FILE,
        Code.UNKNOWN_FILE, Code.BROKEN_GZIP, Code.UNPACKS_TOO_LARGE, Code.NOT_TEXT, Code.BROKEN_QUOTES,
        Code.HEADER_MISSING, Code.COLUMN_MISSING, Code.COLUMN_UNKNOWN, Code.COLUMN_TWICE, Code.BROKEN_XML,
        Code.XML_DOCTYPE, Code.UNKNOWN_XML,
    }
)  # fmt: skip
"""Codes of a file that is refused as a whole: nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a record: the field by its dotted name (empty: the record itself), and why.

    `detail` is one text for both languages, or the Dutch and the English with ` / ` between them.
    """

    field: str
    code: Code
    detail: str = ""

    def message(self, language: str = "nl") -> str:
        """A sentence a clerk understands; `language` is `nl` or `en`."""
        dutch, english = _WORDS[self.code]
        if not self.field:
            dutch, english = dutch.replace(*_RECORD_ITSELF[0]), english.replace(*_RECORD_ITSELF[1])
        in_dutch, _, in_english = self.detail.partition(" / ")
        if language == "en":
            return english.format(field=self.field, detail=in_english or in_dutch)
        return dutch.format(field=self.field, detail=in_dutch)


_RECORD_ITSELF: Final = (("Het veld '{field}'", "Dit record"), ("The field '{field}'", "This record"))
"""What a sentence says where no field can be named."""

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
    Code.PUPIL_NOT_YOURS: (
        "Deze leerling staat bij ons niet bij u ingeschreven, en andere scholen melden over deze leerling. Stuur eerst de inschrijving, en daarna dit record opnieuw.",
        "We do not know this pupil as enrolled with you, and other schools report on this pupil. Send the enrolment first, and then this record again.",
    ),
    Code.LEAVE_OF_OFFICER: (
        "Over dit verlof heeft de leerplichtambtenaar beslist. Alleen de gemeente kan het veranderen of intrekken; vraag het aan de gemeente.",
        "The attendance officer decided on this leave. Only the municipality can change it or take it back; ask the municipality.",
    ),
    Code.RESIDENT_FROM_MISSING: (
        "Bij 'resident_until' hoort ook 'resident_from'. Vul de begindatum van het verblijf in.",
        "'resident_until' needs 'resident_from' as well. Fill in when the residence began.",
    ),
    Code.ID_REUSED: (
        "Dit id is al gebruikt voor een ander bericht. Geef elk bericht een eigen id.",
        "This id was used before for another message. Give each message an id of its own.",
    ),
    Code.ID_UNCONFIRMED: (
        "Onder dit id kwam eerder een ander bericht binnen, en dat is nog niet bevestigd. Stuur dat eerste bericht ongewijzigd opnieuw, of geef dit bericht een eigen id.",
        "Another message came in under this id before, and is not confirmed yet. Send that first message again unchanged, or give this one an id of its own.",
    ),
    Code.QUARANTINE_FULL: (
        "Er staan te veel geweigerde records van uw systeem open. Verbeter die eerst.",
        "Too many refused records of your system are waiting. Correct those first.",
    ),
    Code.CELLS: (
        "Deze rij heeft niet evenveel cellen als de eerste rij; dat zijn er {detail}. Zet tekst met een scheidingsteken tussen aanhalingstekens.",
        "This row does not have as many cells as the first row; that has {detail}. Put text that holds a separator between quotes.",
    ),
    Code.SCHOOL_NOT_MAPPED: (
        "Het nummer van deze school is nog niet aan een BRIN gekoppeld. Koppel het met 'aanwezig systems add --map NUMMER=BRIN00'.",
        "The number of this school is not mapped to a BRIN yet. Map it with 'aanwezig systems add --map NUMBER=BRIN00'.",
    ),
    Code.DAY_PART_UNKNOWN: (
        "Uit dit record blijkt niet welk dagdeel het is. Vul '{field}' in, of meld de hele dag.",
        "This record does not tell which part of the day it is about. Fill in '{field}', or report the whole day.",
    ),
    Code.TOLD_TWICE: (
        "Eerder in dit bestand staat iets anders over dezelfde leerling, dag en plek. Laat er een van staan.",
        "Earlier in this file something else is said about the same pupil, day and slot. Keep one of them.",
    ),
    Code.EMPTY_FILE: (
        "Het bestand is leeg. Er is niets verwerkt; maak het opnieuw en stuur het nog eens.",
        "The file is empty. Nothing was taken; make it again and send it once more.",
    ),
    Code.HTML_PAGE: (
        "Dit is een webpagina, vaak een foutmelding of een inlogscherm. Er is niets verwerkt; haal het bestand opnieuw op.",
        "This is a web page, often an error message or a login screen. Nothing was taken; fetch the file again.",
    ),
    Code.SPREADSHEET: (
        "Dit is een werkmap van Excel of een ander rekenblad. Er is niets verwerkt; kies 'Opslaan als', 'CSV UTF-8', en stuur dat bestand.",
        "This is a workbook of Excel or another spreadsheet. Nothing was taken; choose 'Save as', 'CSV UTF-8', and send that file.",
    ),
    Code.PDF_DOCUMENT: (
        "Dit is een PDF-document. Er is niets verwerkt; stuur de gegevens als NDJSON, CSV of Ed-Fi XML.",
        "This is a PDF document. Nothing was taken; send the data as NDJSON, CSV or Ed-Fi XML.",
    ),
    Code.ZIP_ARCHIVE: (
        "Dit is een zipbestand. Er is niets verwerkt; pak het uit en stuur de bestanden erin, of gebruik gzip.",
        "This is a ZIP archive. Nothing was taken; unpack it and send the files in it, or use gzip.",
    ),
    Code.BINARY_FILE: (
        "Dit is geen tekst maar een ander soort bestand. Er is niets verwerkt; stuur NDJSON, CSV of Ed-Fi XML.",
        "This is no text but another kind of file. Nothing was taken; send NDJSON, CSV or Ed-Fi XML.",
    ),
    Code.UNKNOWN_FILE: (
        "Dit is tekst, maar geen NDJSON, CSV of Ed-Fi XML. Er is niets verwerkt; controleer of dit het goede bestand is.",
        "This is text, but no NDJSON, CSV or Ed-Fi XML. Nothing was taken; check whether this is the right file.",
    ),
    Code.BROKEN_GZIP: (
        "Het gzip-bestand is afgebroken of beschadigd. Er is niets verwerkt; stuur het hele bestand opnieuw.",
        "The gzip file was cut off or is damaged. Nothing was taken; send the whole file again.",
    ),
    Code.UNPACKS_TOO_LARGE: (
        "Uitgepakt is dit bestand te groot: {detail}. Er is niets verwerkt; verdeel het over meer bestanden.",
        "Unpacked, this file is too large: {detail}. Nothing was taken; split it over more files.",
    ),
    Code.NOT_TEXT: (
        "De tekens van dit bestand zijn geen UTF-8, UTF-16 of Windows-1252. Er is niets verwerkt; sla het op als 'CSV UTF-8'.",
        "The characters of this file are no UTF-8, UTF-16 or Windows-1252. Nothing was taken; save it as 'CSV UTF-8'.",
    ),
    Code.BROKEN_QUOTES: (
        "In of voor rij {detail} kloppen de aanhalingstekens niet. Er is niets verwerkt; sluit elk aanhalingsteken en stuur het bestand opnieuw.",
        "In or before row {detail} the quotes do not match. Nothing was taken; close every quote and send the file again.",
    ),
    Code.HEADER_MISSING: (
        "De eerste rij moet de namen van de kolommen bevatten, met in elk geval {detail}. Er is niets verwerkt; zet die rij erboven.",
        "The first row must hold the names of the columns, at least {detail}. Nothing was taken; put that row on top.",
    ),
    Code.COLUMN_MISSING: (
        "De kolom '{field}' ontbreekt. Er is niets verwerkt; voeg haar toe en stuur het bestand opnieuw.",
        "The column '{field}' is missing. Nothing was taken; add it and send the file again.",
    ),
    Code.COLUMN_UNKNOWN: (
        "De kolom '{field}' kennen wij niet. Er is niets verwerkt; haal haar weg of verbeter de naam.",
        "We do not know the column '{field}'. Nothing was taken; remove it or correct its name.",
    ),
    Code.COLUMN_TWICE: (
        "De kolom '{field}' staat er twee keer. Er is niets verwerkt; laat er een van staan.",
        "The column '{field}' is there twice. Nothing was taken; keep one of them.",
    ),
    Code.BROKEN_XML: (
        "Dit XML-bestand is afgebroken of niet goed gevormd. Er is niets verwerkt; laat de leverancier het opnieuw maken.",
        "This XML file was cut off or is not well-formed. Nothing was taken; ask the supplier to produce it again.",
    ),
    Code.XML_DOCTYPE: (
        "Dit XML-bestand heeft een DOCTYPE of eigen entiteiten, en die lezen wij niet. Er is niets verwerkt; laat ze weg.",
        "This XML file has a DOCTYPE or entities of its own, and those we do not read. Nothing was taken; leave them out.",
    ),
    Code.UNKNOWN_XML: (
        "Dit is XML, maar geen Ed-Fi Interchange. Er is niets verwerkt; stuur aanwezigheid, leerlingen of kalender als Ed-Fi XML.",
        "This is XML, but no Ed-Fi Interchange. Nothing was taken; send attendance, students or calendar as Ed-Fi XML.",
    ),
}
