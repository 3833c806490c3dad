"""Agendas and digests on paper: every row is there, what is said is escaped, and the PDF is whole."""

import io
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import get_args

import pytest
from pypdf import PdfReader

from aanwezig.contracts.messages import Blocker, Step, Timer
from aanwezig.notifier import wording
from aanwezig.notifier.agenda import Why, agenda
from aanwezig.notifier.digest import digest
from aanwezig.notifier.paper import html_of, pdf_of
from support.agendas import TO_DIRECTOR, TO_TABLE, case_id, row_of

CAME, SINCE, AS_OF = date(2024, 10, 7), date(2024, 10, 6), date(2024, 10, 13)
MEETING = AS_OF + timedelta(1)


class Outline(HTMLParser):
    """What a page is made of: its tags in order with attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, text):
        self.text += f" {text}"

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def rows(many):
    """So many children at home, and one that is back."""
    home = [row_of(("escalated", CAME, TO_TABLE), name=str(number)) for number in range(many)]
    back = {"home_since": None, "news": "returned"}
    return [*home, row_of(("escalated", CAME, TO_TABLE), ("finding-joined", AS_OF, back), name="back")]


def stuck(**more):
    """A case of a child at home in which a term passed, long open."""
    return row_of(("escalated", CAME, TO_TABLE | more), ("stagnated", CAME, {"timer": "meeting", "due": CAME, **more}),
                  ("escalated", CAME, TO_DIRECTOR | {"due": CAME, **more}))  # fmt: skip


@pytest.mark.parametrize("many", [0, 1, 60])
async def test_the_pdf_of_an_agenda_holds_every_child_on_numbered_pages_under_its_title(many):
    made = agenda(rows(many), AS_OF, SINCE)
    paper = PdfReader(io.BytesIO(await pdf_of(made, MEETING)))
    text = "\n".join(page.extract_text() for page in paper.pages)
    assert paper.metadata.title == "Agenda thuiszitterstafel, de regio, maandag 14 oktober 2024"
    assert f"Pagina 1 van {len(paper.pages)}" in text
    assert len(paper.pages) >= 1 + (many > 1) * 2
    assert [name for name in map(str, range(many)) if case_id(name) not in text] == []
    assert text.count("Geen termijn") == many
    assert "Weer op school" in text
    width, height = (float(side) for side in paper.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (842, 595)
    assert paper.trailer["/Root"]["/Lang"] == "nl"


async def test_the_pdf_of_a_digest_holds_what_stagnated_and_the_counts():
    made = digest([stuck()], AS_OF - timedelta(8), AS_OF - timedelta(2))
    paper = PdfReader(io.BytesIO(await pdf_of(made, made.until)))
    text = "\n".join(page.extract_text() for page in paper.pages)
    assert paper.metadata.title == "Weekoverzicht ketenregisseur, de regio, vrijdag 11 oktober 2024"
    assert text.count(case_id("a")) == 2
    assert "Termijn voorbij: overleg" in text


@pytest.mark.parametrize("content", [agenda(rows(2), AS_OF, SINCE), digest([stuck()], SINCE, AS_OF)])
def test_a_page_can_be_read_by_who_does_not_see_it(content):
    page = Outline(html_of(content, MEETING))
    assert page.all("html") == [{"lang": "nl"}]
    assert [tag for tag, _ in page.tags if tag in {"h1", "main", "title"}] == ["title", "h1", "main"]
    assert {one.get("scope") for one in page.all("th")} == {"col", "row"}
    assert len(page.all("caption")) == len(page.all("table"))
    names = {one["id"] for one in page.all("h2")}
    assert {one["aria-labelledby"] for one in page.all("section")} == names
    assert not {tag for tag, _ in page.tags} & {"img", "script", "link", "iframe"}


def test_the_numbers_above_are_those_of_the_lists():
    made = agenda(rows(3), AS_OF, SINCE)
    text = " ".join(Outline(html_of(made, MEETING)).text.split())
    assert "leerlingen thuis 3 nieuw op de lijst 3 weer op school 1" in text
    assert "leerling thuis 1" in " ".join(Outline(html_of(agenda(rows(1), AS_OF, SINCE))).text.split())


def test_what_is_said_is_escaped():
    row = row_of(("escalated", CAME, TO_TABLE | {"school": "<script>alert(1)</script>"}))
    page = html_of(agenda([row], AS_OF, SINCE))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_term_is_over_on_its_last_closed_day_and_not_before():
    over, on = (
        html_of(agenda([row_of(("escalated", CAME, TO_TABLE | {"due": due}))], AS_OF, SINCE))
        for due in (AS_OF, MEETING)
    )
    assert ('class="late"' in over, 'class="late"' in on) == (True, False)


def test_a_table_of_a_municipality_has_no_column_for_it_and_hears_who_moved_away():
    moved = row_of(
        ("escalated", CAME, TO_TABLE), ("handed-over", AS_OF, {"municipality": "0150"}), name="moved"
    )
    own = html_of(agenda([*rows(1), moved], AS_OF, SINCE, "0637"))
    whole = html_of(agenda([*rows(1), moved], AS_OF, SINCE))
    assert ("Gemeente</th>" in own, "Gemeente</th>" in whole) == (False, True)
    assert ("Naar een andere gemeente" in own, "Naar een andere gemeente" in whole) == (True, False)
    assert "0150" not in own


@pytest.mark.parametrize(
    ("words", "known"),
    [(Step, wording.STEPS), (Timer, wording.TIMERS), (Blocker, wording.BLOCKERS), (Why, wording.WHY_GONE)],
)
def test_every_word_has_a_sentence_in_dutch(words, known):
    assert set(known) == set(get_args(words))
    assert len(set(known.values())) == len(known)
