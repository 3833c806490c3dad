import re

import pytest

from aanwezig.contracts.findings import KINDS, finding_data
from aanwezig.law.explain import day_text, explained, number_text
from support.facts import a_birth, a_mark, absences, an_absence
from support.law import found


def a_statutory_finding():
    told = [
        a_birth("2010-03-15"), *absences("2024-09-02", 8), *absences("2024-09-03", 7),
        an_absence("2024-09-04", minutes=60, missed=20, slot="lesson-1"), an_absence("2024-09-05", slot="lesson-2"),
        a_mark("2024-09-03", "absent", slot="lesson-9", authorised=True),
        a_mark("2024-09-03", "late", slot="lesson-10"), a_mark("2024-09-05", "late", slot="lesson-10"),
    ]  # fmt: skip
    (finding,) = [one for one in found(*told) if one.kind == "statutory"]
    return finding_data(finding, revision=1, pupil="p")


def test_the_paragraph_tells_hours_dates_limit_and_what_was_not_counted_in_dutch():
    told = explained(a_statutory_finding(), "nl").paragraph
    assert "miste 16,33 uur les zonder toestemming" in told
    assert "van 9 augustus 2024 tot en met 5 september 2024" in told
    assert "Op 5 september 2024 was de grens van 16 uur bereikt." in told
    assert "Niet meegeteld zijn: 1 keer afwezig met toestemming, 2 keer te laat." in told
    assert "gerekend met maandag tot en met vrijdag" in told
    assert "Regel: statutory van nl-2024, versie 1 (Leerplichtwet 1969, art. 21a)." in told


def test_the_table_shows_each_row_the_exact_part_and_the_sum():
    table = explained(a_statutory_finding(), "nl").table
    assert table[0] == ("datum", "les", "uren")
    assert table[1] == ("2 september 2024", "les 1", "1")
    assert table[-3] == ("4 september 2024", "les 1", "0,33 (1/3)")
    assert table[-1] == ("samen", "", "16,33")
    assert len(table) == 1 + 17 + 1


def test_english_is_told_in_english():
    explanation = explained(a_statutory_finding(), "en")
    assert "The limit of 16 hours was reached on 5 September 2024." in explanation.paragraph
    assert explanation.table[-1] == ("together", "", "16.33")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_has_whole_sentences(kind, language):
    said = {**a_statutory_finding(), "kind": kind, "ordinal": 2, "definition": "thuiszitter@zoetermeer-2024"}
    told = explained(said, language).paragraph
    assert told.endswith(").")
    assert not re.search(r"[{}]|  |None|\\.\\.", told)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "nl",
            {
                "birth-date": "Over deze leerling zijn verschillende geboortedata doorgegeven; de datum die het laatst is "
                "doorgegeven, geldt.",
                "school-type": "De school gaf voor dezelfde dagen verschillende soorten onderwijs door; de inschrijving die "
                "het laatst begon, geldt.",
                "enrolment": "De leerling stond op dezelfde dagen ook bij een andere school ingeschreven; beide "
                "inschrijvingen gelden.",
            },
        ),
        (
            "en",
            {
                "birth-date": "Different birth dates were told of this pupil; the one that was told last holds.",
                "school-type": "The school told different types of education for the same days; the enrolment that began "
                "last holds.",
                "enrolment": "The pupil was also enrolled at another school on the same days; both enrolments hold.",
            },
        ),
    ],
)
def test_each_sort_of_contradiction_is_told_once(language, sentences):
    calm = a_statutory_finding()
    for about, sentence in sentences.items():
        said = {**calm, "contradictions": [{"about": about, "stands": "a", "against": b} for b in "bc"]}
        told = explained(said, language).paragraph
        assert told.count(sentence) == 1
        assert told.replace(f"{sentence} ", "") == explained(calm, language).paragraph
    rows = [{"about": about, "stands": "a", "against": "b"} for about in sentences]
    told = explained({**calm, "contradictions": rows}, language).paragraph
    assert " ".join(sentences.values()) in told


def test_a_finding_of_the_chain_tells_only_how_many_were_excused():
    said = {**a_statutory_finding(), "not_counted": [{"reason": "on-leave", "count": 4}]}
    assert "Niet meegeteld zijn: 4 keer tijdens verlof." in explained(said, "nl").paragraph


@pytest.mark.parametrize(
    ("operator", "limit"), [(">", "De grens is meer dan 28 dagen."), (">=", "De grens is 28 dagen.")]
)
def test_the_limit_of_a_definition_is_told_as_it_is(operator, limit):
    said = a_statutory_finding()
    measured = {"value": "30.00", "exact": "30", "unit": "days", "operator": operator, "threshold": "28.00"}
    said = {**said, "kind": "home-sitter", "definition": "thuiszitter@deventer-2022", "measured": measured}
    assert limit in explained(said, "nl").paragraph


def test_a_finding_without_marks_has_no_table():
    said = {**a_statutory_finding(), "kind": "absolute", "counted": [], "window": None}
    assert explained(said, "nl").table == ()


def test_dates_and_numbers_are_written_as_people_do():
    assert day_text("2024-03-01", "nl") == "1 maart 2024"
    assert number_text("16.00", "nl") == "16"
    assert number_text("16.50", "nl") == "16,50"
    assert number_text("16.50", "en") == "16.50"
