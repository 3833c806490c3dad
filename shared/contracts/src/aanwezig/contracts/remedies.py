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

REMEDIES: Final[Mapping[Code, tuple[Turn, str]]] = {
    Code.NOT_A_DATE: (Turn.CLERK, "Check dates where they are typed; 31 February does not exist."),
    Code.YEAR_TOO_EARLY: (
        Turn.CLERK,
        "Check the year where it is typed: from 2000 on, of a birth date from 1900.",
    ),
    Code.DATE_IN_FUTURE: (Turn.CLERK, "Offer no days ahead; and see that `time` is when it was recorded."),
    Code.OUT_OF_RANGE: (Turn.CLERK, "Check numbers where they are typed."),
    Code.UNTIL_BEFORE_FROM: (Turn.CLERK, "Check both dates together where they are typed."),
    Code.MISSED_ABOVE_MINUTES: (Turn.CLERK, "Offer no more minutes than the lesson has."),
    Code.NUMBER_FAILS_TEST: (
        Turn.CLERK,
        "Check the eleven-test where the number is typed; keep its leading zero.",
    ),
    Code.DAY_PART_UNKNOWN: (Turn.CLERK, "Fill in when the pupil came or left."),
    Code.TOLD_TWICE: (Turn.CLERK, "Export one word for each pupil, day and slot."),
    Code.NOT_JSON: (Turn.PROGRAM, "Write JSON with a library, in UTF-8; in NDJSON one event a line."),
    Code.TOO_LARGE: (Turn.PROGRAM, "An event has at most 64 KiB; an id 1,000 characters, a local id 200."),
    Code.REQUIRED: (Turn.PROGRAM, "Fill in the field; ask for it on your screen where a clerk must know it."),
    Code.UNKNOWN_FIELD: (Turn.PROGRAM, "Send only fields that are on the page of facts."),
    Code.WRONG_TYPE: (
        Turn.PROGRAM,
        "Minutes are numbers, not text; the number of a pupil is text, in quotes; true and false are without.",
    ),
    Code.UNKNOWN_WORD: (Turn.PROGRAM, "Translate your own words into ours before you send."),
    Code.UNKNOWN_TYPE: (
        Turn.PROGRAM,
        "Write the type as `nl.attendance.<fact>.v1`, of a fact on the page of facts.",
    ),
    Code.NOT_A_TIME: (Turn.PROGRAM, "Write RFC 3339 with seconds and a time zone."),
    Code.TIME_IN_FUTURE: (Turn.PROGRAM, "Set the clock of your server, and check its time zone."),
    Code.PUPIL_FORM: (Turn.PROGRAM, "Send one of `number` and `local`."),
    Code.SCHOOL_FORM: (Turn.PROGRAM, "Send BRIN and two digits, in capitals."),
    Code.SOURCE_FORM: (Turn.PROGRAM, "Send the `source` that `GET /v1/system` tells."),
    Code.SOURCE_NOT_YOURS: (
        Turn.PROGRAM,
        "Send the `source` that `GET /v1/system` tells, with the key that belongs to it.",
    ),
    Code.SCHOOL_NOT_YOURS: (
        Turn.PROGRAM,
        "See that `school`, `source` and key belong together; ask the operator to add a school that is yours.",
    ),
    Code.RESIDENT_FROM_MISSING: (Turn.PROGRAM, "Send both, or neither."),
    Code.ID_REUSED: (
        Turn.PROGRAM,
        "Give each event, and each correction, an id of its own; never number anew.",
    ),
    Code.CELLS: (
        Turn.PROGRAM,
        "Write tables with a library, which puts quotes around text with a separator in it.",
    ),
    Code.PUPIL_NOT_YOURS: (
        Turn.FIRST,
        "Send `enrolment-recorded` of this pupil, alone or in the same request.",
    ),
    Code.ID_UNCONFIRMED: (
        Turn.FIRST,
        "Send the first event with this id once more, unchanged; or give this one another id.",
    ),
    Code.QUARANTINE_FULL: (
        Turn.FIRST,
        "Correct, resubmit or discard what waits in quarantine; this row is not kept there.",
    ),
    Code.SCHOOL_UNKNOWN: (Turn.OTHER, "The operator registers the school."),
    Code.SCHOOL_NOT_MAPPED: (Turn.OTHER, "The operator maps the number of the school."),
    Code.TYPE_NOT_YOURS: (Turn.OTHER, "Do not send this type; the organisation that is named says it."),
    Code.LEAVE_OF_OFFICER: (Turn.OTHER, "The municipality changes it, or takes it back."),
    Code.EMPTY_FILE: (Turn.FILE, "Look why your export wrote nothing."),
    Code.HTML_PAGE: (
        Turn.FILE,
        "Look at the status before you keep what you downloaded: this is an error page or a login.",
    ),
    Code.SPREADSHEET: (Turn.FILE, "Export CSV, not a workbook."),
    Code.PDF_DOCUMENT: (Turn.FILE, "Export CSV or NDJSON."),
    Code.ZIP_ARCHIVE: (Turn.FILE, "Pack with gzip, not with ZIP."),
    Code.BINARY_FILE: (Turn.FILE, "Check that this is the right file."),
    Code.UNKNOWN_FILE: (Turn.FILE, "Check that this is the right file."),
    Code.BROKEN_GZIP: (Turn.FILE, "Send the whole file; close it before you send it."),
    Code.UNPACKS_TOO_LARGE: (Turn.FILE, "Send it in smaller parts."),
    Code.NOT_TEXT: (Turn.FILE, "Write UTF-8."),
    Code.BROKEN_QUOTES: (Turn.FILE, "Write tables with a library, which doubles quotes inside text."),
    Code.HEADER_MISSING: (Turn.FILE, "Write the names of the columns as the first row."),
    Code.COLUMN_MISSING: (Turn.FILE, "Add the column."),
    Code.COLUMN_UNKNOWN: (Turn.FILE, "Leave the column out, or give it the name of a field."),
    Code.COLUMN_TWICE: (Turn.FILE, "Write each column once."),
    Code.BROKEN_XML: (Turn.FILE, "Send the whole file; write XML with a library."),
    Code.XML_DOCTYPE: (Turn.FILE, "Write no DOCTYPE and no entities of your own."),
    Code.UNKNOWN_XML: (Turn.FILE, "Export an Ed-Fi interchange."),
}
"""Whose turn it is, and what the program does. Every code is here once."""
