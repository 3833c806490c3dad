"""Whose turn it is after a refusal, and what a school system's program does about it: for its maker, beside the sentences.

The sentences of `refusals` speak to a clerk. These speak to who makes the program, and are told in `docs/schools/errors.md`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from aanwezig.contracts.refusals import Code


class Turn(StrEnum):
    """Who can set it right; the text is the heading of the page."""

    CLERK = "A clerk corrects the data"
    PROGRAM = "You correct the program"
    FIRST = "Send something else first"
    OTHER = "Somebody else must say it, or allow it"
    FILE = "The file or body is made anew"


AFTERWARDS: Final[Mapping[Turn, str]] = {
    Turn.CLERK: "Show the sentence to the clerk with the field. When it is corrected, send the row again under the same id.",
    Turn.PROGRAM: "A clerk can do nothing here. Look for the same mistake in all rows, then send them again under the same ids (after `id-reused` under new ones).",
    Turn.FIRST: "The row itself may be right. Send it again, unchanged, when the other is there.",
    Turn.OTHER: "The row itself may be right. Tell the person that is named; send it again, unchanged, when it is settled.",
    Turn.FILE: "Nothing of it was taken, and nothing is in quarantine. These are answers with status 400 or 413, or of `aanwezig send`.",
}

REMEDIES: Final[Mapping[Turn, Mapping[Code, str]]] = {
    Turn.CLERK: {
        Code.NOT_A_DATE: "Check dates where they are typed; 31 February does not exist.",
        Code.YEAR_TOO_EARLY: "Check the year where it is typed: from 2000 on, of a birth date from 1900.",
        Code.DATE_IN_FUTURE: "Offer no days ahead; and see that `time` is when it was recorded.",
        Code.OUT_OF_RANGE: "Check numbers where they are typed.",
        Code.UNTIL_BEFORE_FROM: "Check both dates together where they are typed.",
        Code.MISSED_ABOVE_MINUTES: "Offer no more minutes than the lesson has.",
        Code.NUMBER_FAILS_TEST: "Check the eleven-test where the number is typed; keep its leading zero.",
        Code.DAY_PART_UNKNOWN: "Fill in when the pupil came or left.",
        Code.TOLD_TWICE: "Export one word for each pupil, day and slot.",
    },
    Turn.PROGRAM: {
        Code.NOT_JSON: "Write JSON with a library, in UTF-8; in NDJSON one event a line.",
        Code.TOO_LARGE: "An event has at most 64 KiB; an id 1,000 characters, a local id 200.",
        Code.REQUIRED: "Fill in the field; ask for it on your screen where a clerk must know it.",
        Code.UNKNOWN_FIELD: "Send only fields that are on the page of facts.",
        Code.WRONG_TYPE: "Minutes are numbers, not text; the number of a pupil is text, in quotes; true and false are without.",
        Code.UNKNOWN_WORD: "Translate your own words into ours before you send.",
        Code.UNKNOWN_TYPE: "Write the type as `nl.attendance.<fact>.v1`, of a fact on the page of facts.",
        Code.NOT_A_TIME: "Write RFC 3339 with seconds and a time zone.",
        Code.TIME_IN_FUTURE: "Set the clock of your server, and check its time zone.",
        Code.PUPIL_FORM: "Send one of `number` and `local`.",
        Code.SCHOOL_FORM: "Send BRIN and two digits, in capitals.",
        Code.SOURCE_FORM: "Send the `source` that `GET /v1/system` tells.",
        Code.SOURCE_NOT_YOURS: "Send the `source` that `GET /v1/system` tells, with the key that belongs to it.",
        Code.SCHOOL_NOT_YOURS: "See that `school`, `source` and key belong together; ask the operator to add a school that is yours.",
        Code.RESIDENT_FROM_MISSING: "Send both, or neither.",
        Code.ID_REUSED: "Give each event, and each correction, an id of its own; never number anew.",
        Code.CELLS: "Write tables with a library, which puts quotes around text with a separator in it.",
    },
    Turn.FIRST: {
        Code.PUPIL_NOT_YOURS: "Send `enrolment-recorded` of this pupil, alone or in the same request.",
        Code.ID_UNCONFIRMED: "Send the first event with this id once more, unchanged; or give this one another id.",
        Code.QUARANTINE_FULL: "Correct, resubmit or discard what waits in quarantine; this row is not kept there.",
    },
    Turn.OTHER: {
        Code.SCHOOL_UNKNOWN: "The operator registers the school.",
        Code.SCHOOL_NOT_MAPPED: "The operator maps the number of the school.",
        Code.TYPE_NOT_YOURS: "Do not send this type; the organisation that is named says it.",
        Code.LEAVE_OF_OFFICER: "The municipality changes it, or takes it back.",
    },
    Turn.FILE: {
        Code.EMPTY_FILE: "Look why your export wrote nothing.",
        Code.HTML_PAGE: "Look at the status before you keep what you downloaded: this is an error page or a login.",
        Code.SPREADSHEET: "Export CSV, not a workbook.",
        Code.PDF_DOCUMENT: "Export CSV or NDJSON.",
        Code.ZIP_ARCHIVE: "Pack with gzip, not with ZIP.",
        Code.BINARY_FILE: "Check that this is the right file.",
        Code.UNKNOWN_FILE: "Check that this is the right file.",
        Code.BROKEN_GZIP: "Send the whole file; close it before you send it.",
        Code.UNPACKS_TOO_LARGE: "Send it in smaller parts.",
        Code.NOT_TEXT: "Write UTF-8.",
        Code.BROKEN_QUOTES: "Write tables with a library, which doubles quotes inside text.",
        Code.HEADER_MISSING: "Write the names of the columns as the first row.",
        Code.COLUMN_MISSING: "Add the column.",
        Code.COLUMN_UNKNOWN: "Leave the column out, or give it the name of a field.",
        Code.COLUMN_TWICE: "Write each column once.",
        Code.BROKEN_XML: "Send the whole file; write XML with a library.",
        Code.XML_DOCTYPE: "Write no DOCTYPE and no entities of your own.",
        Code.UNKNOWN_XML: "Export an Ed-Fi interchange.",
    },
}
"""Whose turn it is, and what the program does. Every code is here once."""
