import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import get_args

import pytest

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import Blocked, NoticeSaid, Recipient, Urgency, Word
from aanwezig.notifier.channels.doors import Parcel, Way
from aanwezig.notifier.channels.letters import (
    HASTE,
    OVER,
    RETRACTED,
    SENTENCES,
    UNKNOWN,
    Letter,
    digest_of,
    letter_of,
)
from aanwezig.notifier.channels.mail import MailDoor
from aanwezig.notifier.table import TABLES

LINK = "https://console.example/"
MADE = datetime(2024, 10, 14, 6, 0, tzinfo=UTC)
WORDS = get_args(Word)


def a_parcel(subject="stagnated", *, number=1, urgency="normal", takes_back=False, **more):
    notice = derived_id("notice of a letter", str(number))
    data = {"notice": notice, "subject": subject, "urgency": urgency, "takes_back": takes_back} | more
    return Parcel(
        notice, Event(derived_id("e", notice), f"{PLATFORM_SOURCE}-notifier", "notice-sent", MADE, data)
    )


class Page(HTMLParser):
    """What a reader of the HTML sees, where its links go, and what else it would fetch."""

    def __init__(self, html):
        super().__init__()
        self.seen, self.links, self.fetched, self.tags = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "a":
            self.links.append(given["href"])
        elif {"src", "href", "background", "srcset"} & set(given):
            self.fetched.append(tag)

    def handle_data(self, data):
        self.seen.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.seen).split())


def test_every_word_of_the_contract_has_its_sentence_and_no_other_word_has():
    assert set(SENTENCES) == set(WORDS)
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("urgency", get_args(Urgency))
def test_a_letter_says_what_waits_and_where_in_text_and_html_alike(word, urgency):
    parcel = a_parcel(word, urgency=urgency)
    letter = letter_of(parcel, LINK)
    page = Page(letter.html)
    where = f"{LINK}notices/{parcel.notice}"
    assert SENTENCES[word].startswith(letter.subject)
    assert 10 < len(letter.subject) <= 78
    assert not letter.subject.endswith(".")
    for said in (letter.text, page.text):
        assert SENTENCES[word] in said
        assert where in said
        assert [haste for haste in HASTE.values() if haste in said] == (
            [HASTE[urgency]] if urgency != "normal" else []
        )
    assert page.links == [where]


@pytest.mark.parametrize("word", sorted(set(WORDS) - OVER))
def test_what_takes_back_says_that_and_nothing_of_what_was_said(word):
    letter = letter_of(a_parcel(word, urgency="same-day", takes_back=True), LINK)
    assert letter.subject == "Een eerder bericht is ingetrokken"
    assert letter == letter_of(a_parcel("withdrawn"), LINK)
    assert RETRACTED in letter.text


def test_what_is_over_is_said_in_its_own_words_and_hurries_nobody():
    for word in OVER:
        letter = letter_of(a_parcel(word, urgency="same-day", takes_back=True), LINK)
        assert letter == letter_of(a_parcel(word), LINK)
        assert SENTENCES[word] in letter.text


def test_every_word_that_takes_back_in_the_tables_has_words_of_its_own():
    assert {row.word for rows in TABLES.values() for row in rows if row.ends} == OVER


def test_a_word_of_another_version_is_still_a_letter():
    letter = letter_of(a_parcel("something-new", urgency="whenever"), LINK)
    assert letter.subject == "Er is een nieuw bericht voor u"
    assert UNKNOWN in digest_of([a_parcel("something-new")], LINK).text


@pytest.mark.parametrize("sentence", [*SENTENCES.values(), *HASTE.values(), UNKNOWN])
def test_sentences_are_short_and_whole(sentence):
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert all(len(part.split()) <= 15 for part in re.split(r"[.:] ", sentence))


@pytest.mark.parametrize("letter", [letter_of(a_parcel(), LINK), digest_of([a_parcel()], LINK)])
def test_the_html_is_plain_and_fetches_nothing(letter):
    page = Page(letter.html)
    assert page.fetched == []
    assert not {"img", "script", "link", "iframe", "style", "form"} & set(page.tags)
    assert "url(" not in letter.html
    assert 'lang="nl"' in letter.html


def test_the_text_of_a_notice_fits_any_screen():
    lines = [line for word in WORDS for line in letter_of(a_parcel(word), LINK).text.splitlines()]
    assert max(len(line) for line in lines) <= 998
    assert all(line == line.rstrip() for line in lines)


def test_a_digest_counts_each_kind_and_has_one_link_to_the_list():
    parcels = [
        a_parcel("returned", number=1), a_parcel("stagnated", number=2), a_parcel("stagnated", number=3),
        a_parcel("stagnated", number=4, takes_back=True), a_parcel("withdrawn", number=5),
    ]  # fmt: skip
    digest = digest_of(parcels, LINK)
    page = Page(digest.html)
    assert digest.subject == "5 nieuwe berichten"
    assert page.links == [f"{LINK}notices"]
    counted = re.findall(r"^ *(\d+) x  (.+)$", digest.text, re.MULTILINE)
    assert counted == [
        ("2", SENTENCES["stagnated"]), ("1", SENTENCES["returned"]), ("2", RETRACTED),
    ]  # fmt: skip
    for count, sentence in counted:
        assert f"{count} \N{MULTIPLICATION SIGN} {sentence}" in page.text
    assert digest_of(parcels[::-1], LINK) == digest
    assert digest_of(parcels[:1], LINK).subject == "1 nieuw bericht"


FULL = NoticeSaid(
    notice=derived_id("a full notice"), recipient=Recipient(role="chain-director-q", organisation="Gemeente Qwerty"),
    about=derived_id("the case"), channel="mail", cause=derived_id("the cause"), happened="case-stagnated",
    subject="stagnated", urgency="normal", municipality="0637", school="25PL00", track="police-report",
    step="halt-completed", timer="halt-result", due=date(2024, 11, 21), home_since=date(2024, 9, 3),
    blocked=Blocked(by="waiting-for-research", since=date(2024, 9, 17)), pupil=derived_id("the pupil"),
    kind="sickness", at=date(2024, 10, 8), on=date(2024, 10, 9), month="2024-08", presence="93.17", reason="a reason",
)  # fmt: skip
SAID_IN_A_MAIL = {"notice", "subject", "urgency", "takes_back"}
NAMED_FOR_WHAT_IT_IS = {"channel"}
"""`mail` stands in every mail."""


def _values(value):
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _values(inner)]
    return [value]


def a_door():
    return MailDoor(
        host="mail.test", port=25, tls="none", sender="Aanwezig <bericht@example.nl>", link=LINK, timeout_seconds=1, at_once=1
    )  # fmt: skip


def _bytes_of(said, made=MADE):
    """Each mail that could tell this notice: alone, and in a digest; as bytes, and as its parts read."""
    door = a_door()
    parcel = Parcel(said.notice, Event(derived_id("e"), PLATFORM_SOURCE, "notice-sent", made, said.said()))
    to = Way(recipient="director", channel="mail", address="desk@example.nl")
    letters = [letter_of(parcel, LINK), digest_of([parcel, parcel], LINK)]
    mails = [door.message(to.address, said.notice, made, letter) for letter in letters]
    return [mail.as_bytes() for mail in mails], [
        part.get_content() for mail in mails for part in mail.iter_parts()
    ] + [str(header) for mail in mails for header in mail.values()]


def test_nothing_a_notice_knows_is_in_its_mail():
    assert set(NoticeSaid.model_fields) == set(FULL.model_fields_set) | {"takes_back"}, (
        "a new field is tried as well"
    )
    raw, read = _bytes_of(FULL)
    hidden = {
        name: _values(value)
        for name, value in FULL.said().items()
        if name not in SAID_IN_A_MAIL | NAMED_FOR_WHAT_IT_IS
    }
    assert hidden
    for values in hidden.values():
        for value in values:
            assert not any(value.encode() in one for one in raw)
            assert not any(value in one for one in read)


@pytest.mark.parametrize("name", sorted(set(NoticeSaid.model_fields) - SAID_IN_A_MAIL))
def test_a_mail_is_the_same_bytes_whatever_else_the_notice_says(name):
    if NoticeSaid.model_fields[name].is_required():
        other = {"recipient": Recipient(role="another", organisation="other"), "channel": "topic"}.get(
            name, "other"
        )
    else:
        other = None
    assert getattr(FULL, name) != other
    assert _bytes_of(FULL.model_copy(update={name: other}))[0] == _bytes_of(FULL)[0]


def test_a_mail_says_its_own_id_and_moment():
    one, _ = _bytes_of(FULL)
    another, _ = _bytes_of(FULL, MADE + timedelta(seconds=1))
    assert one != another
    assert FULL.notice.encode() in one[0]


def test_a_mail_goes_through_any_server_whatever_its_letters():
    letter = Letter("Eén bericht", "Eén bericht.\n" + "é" * 2_000, "<p>Eén bericht.</p>")
    mail = a_door().message("desk@example.nl", FULL.notice, MADE, letter)
    raw = mail.as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == letter.subject
    assert [part.get_content().replace("\r\n", "\n").rstrip("\n") for part in read.iter_parts()] == [
        letter.text,
        letter.html,
    ]
