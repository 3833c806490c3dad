"""Asking the law in a test: the words in, the findings out, with the national pack and no calendar but those given."""

from datetime import date

from aanwezig.contracts.facts import CalendarRecorded, Retraction, Word
from aanwezig.contracts.findings import Finding, decimal_text
from aanwezig.law import packs
from aanwezig.law.calendar import CalendarBook
from aanwezig.law.classify import classify
from aanwezig.law.packs import Governance, OnePack
from aanwezig.law.standing import Standing
from support.facts import day

NL_2024 = OnePack(packs.load("nl-2024"))


def about_calendar(said: Word) -> bool:
    fact = said.fact
    return isinstance(fact, CalendarRecorded) or (
        isinstance(fact, Retraction) and fact.name == "calendar-recorded"
    )


def book_of(words) -> CalendarBook:
    book = CalendarBook()
    for said in words:
        if about_calendar(said):
            book.apply(said)
    return book


def found(
    *words: Word | list[Word],
    as_of: date | str = "2030-12-31",
    governance: Governance = NL_2024,
    definition: str | None = None,
) -> tuple[Finding, ...]:
    """The findings about the one pupil of these words (lists of words are taken apart)."""
    flat = [said for item in words for said in (item if isinstance(item, list) else [item])]
    standing = Standing.of(said for said in flat if not about_calendar(said))
    return classify(
        standing,
        calendars=book_of(flat).calendars,
        governance=governance,
        as_of=day(as_of),
        definition=definition,
    )


def told(findings, kind: str) -> list[tuple[str, str]]:
    """Of the findings of one kind, date and value: `("2024-09-27", "16.00")`."""
    return [(one.at.isoformat(), decimal_text(one.measured.value)) for one in findings if one.kind == kind]
