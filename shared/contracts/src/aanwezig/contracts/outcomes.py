"""How a case can end: the outcomes that the yearly reports count (`domain.md` 4.1 and the tables behind it), by code.

The words of the reports are understood as well, in any case and with hyphens for spaces.
"""

import re
from typing import Final

OUTCOMES: Final[dict[str, tuple[str, ...]]] = {
    "back-to-school": ("back at school", "(terug) naar school", "terug naar school", "naar school", "naar (andere) school", "naar andere school"),
    "help": ("hulpverlening", "zorgtraject"),
    "warning": ("formele waarschuwing", "waarschuwing"),
    "replacement-programme": ("schoolvervangend traject",),
    "care-education-arrangement": ("onderwijszorgarrangement",),
    "still-guided": ("nog in begeleiding",),
    "moved": ("verhuisd",),
    "unresolved": ("niet opgelost einde schooljaar", "niet opgelost"),
    "not-culpable": ("niet verwijtbaar",),
    "handed-to-doorstroompunt": (
        "overdracht doorstroompunt", "overdracht doorstroompunt i.v.m. einde leerplicht",
        "overdracht doorstroompunt 18+", "overdracht doorstroompunt i.v.m. bereiken 18 jaar",
    ),
    "unauthorised-after-all": ("alsnog ongeoorloofd verzuim", "verzuim (absoluut en relatief)"),
    "home-sitter": ("thuiszitter",),
    "no-longer-worrying": ("niet langer zorgelijk", "niet zorgelijk"),
    "police-report": ("proces-verbaal",),
    "exemption": ("vrijstelling", "vrijstellingen"),
    "halt": ("haltverwijzing", "halt positive"),
    "work": ("werk", "aan het werk"),
    "taken-note": ("ter kennisname dossier", "ter kennisname"),
    "registration-delay": ("registratie vertraagd",),
    "enrolment-ended": ("inschrijving beëindigd",),
    "legitimately-absent": ("legitiem afwezig", "langdurig ziek"),
    "died": ("overleden",),
}  # fmt: skip
"""Each code with the words printed in reports. `registration-delay`, `enrolment-ended`, `legitimately-absent` and `died` are
the reasons of closing that DUO and the stories know beside them (`domain.md` 6.3 and C12)."""

TAKEN_NOTE: Final = "taken-note"
"""The outcome that means: nothing needed now. The case ends as *taken note*, not as *closed*."""


def _plain(words: str) -> str:
    return re.sub(r"[\s_-]+", "-", words.strip().lower())


_CODES: Final = {_plain(words): code for code, printed in OUTCOMES.items() for words in (code, *printed)}


def code_of(words: str) -> str | None:
    """The code of an outcome as somebody wrote it; None where the reports count no such outcome."""
    return _CODES.get(_plain(words))
