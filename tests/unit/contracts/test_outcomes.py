"""How a case ends: codes, and the words of the reports."""

import pytest

from aanwezig.contracts.outcomes import OUTCOMES, TAKEN_NOTE, code_of


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("(Terug) naar school", "back-to-school"), ("naar-school", "back-to-school"), ("HULPVERLENING", "help"),
        ("Ter kennisname dossier", TAKEN_NOTE), ("proces-verbaal", "police-report"), ("halt", "halt"),
        ("Overdracht Doorstroompunt i.v.m. bereiken 18 jaar", "handed-to-doorstroompunt"),
        (" Niet opgelost  einde schooljaar ", "unresolved"), ("all is well", None), ("", None),
    ],
)  # fmt: skip
def test_the_words_of_the_reports_are_understood(words, code):
    assert code_of(words) == code


def test_every_code_is_its_own_and_no_words_mean_two_things():
    printed = [words for code, all_words in OUTCOMES.items() for words in (code, *all_words)]
    assert all(code_of(code) == code for code in OUTCOMES)
    assert len({code_of(words) for words in printed}) == len(OUTCOMES)
