"""The text of mails: what kind of thing waits, in Dutch (B1), and a link to it. Pure.

A mail lies in mailboxes that are not ours. So nothing of what a notice says is in it but its word, how urgent it is, and
its id in the link: no case, school, municipality, child or date (ADR 11).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from aanwezig.notifier.channels.doors import Parcel

# What asks something of the reader stands first, then news, then good news: the order of a digest as well.
SENTENCES: Final[Mapping[str, str]] = {
    "meldcode": "Er wacht een signaal voor de meldcode.",
    "decision-asked": "Een voorstel wacht op uw besluit.",
    "look-again": "Nieuwe gegevens passen niet bij een besluit. Kijk opnieuw naar de zaak.",
    "report-due": "Uw school moet het verzuim van een leerling melden.",
    "pupil-needs-you": "Een leerling van uw school heeft uw aandacht nodig.",
    "needs-attention": "Een zaak heeft uw aandacht nodig.",
    "stagnated": "Een zaak staat stil. Een afgesproken termijn is voorbij.",
    "new-home-sitter": "Er staat een nieuwe thuiszitter op de agenda van de thuiszitterstafel.",
    "on-your-track": "Er is een zaak voor u.",
    "referred-to-you": "Er is een verwijzing voor u.",
    "handed-to-you": "Er is een zaak aan u overgedragen.",
    "moved-to-you": "Er is een zaak uit een andere gemeente naar u gekomen.",
    "agenda-ready": "De agenda voor de volgende thuiszitterstafel staat klaar.",
    "digest-ready": "Het weekoverzicht staat klaar.",
    "presence-measured": "De cijfers over aanwezigheid in uw regio staan klaar.",
    "feed-silent": "Een school gaf op een schooldag geen aanwezigheid door.",
    "late-report": "Verzuim van een leerling is te laat gemeld.",
    "distance-changed": "Een leerling van uw school komt dicht bij de grens voor verzuim.",
    "help-refused": "In een zaak is hulp geweigerd.",
    "contradicted": "Er zijn nieuwe gegevens in een zaak waarover u bericht kreeg. Iemand kijkt er opnieuw naar.",
    "report-decided": "Er is besloten om een proces-verbaal op te maken.",
    "report-sent": "Een proces-verbaal is verstuurd.",
    "no-longer-asked": "Een voorstel wacht niet meer op uw besluit.",
    "no-longer-yours": "Een zaak waarover u bericht kreeg, gaat langs een andere weg verder. U hoeft niets meer te doen.",
    "moved-away": "Een zaak is naar een andere gemeente gegaan.",
    "case-closed": "Een zaak waarover u bericht kreeg, is afgesloten.",
    "returned": "Goed nieuws: een leerling over wie u bericht kreeg, is weer op school.",
    "presence-restored": "Goed nieuws: een leerling over wie u bericht kreeg, komt weer elke schooldag.",
    "good-news-withdrawn": "Een eerder bericht met goed nieuws is ingetrokken.",
    "withdrawn": "Een eerder bericht is ingetrokken.",
}
"""What each word (`contracts.messages.Word`) is in a mail: one or two sentences, the first of which is the subject too."""

RETRACTED: Final = SENTENCES["withdrawn"]
OVER: Final = frozenset(
    {"case-closed", "good-news-withdrawn", "no-longer-asked", "no-longer-yours", "withdrawn"}
)
"""Words whose own sentence says that something is over; any other word that takes back is just `RETRACTED`."""

UNKNOWN: Final = "Er is een nieuw bericht voor u."
"""For a word of another version than this one."""

HASTE: Final[Mapping[str, str]] = {
    "at-once": "Bekijk dit meteen.",
    "same-day": "Bekijk dit vandaag nog.",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its envelope: the subject, and the same said as plain text and as HTML."""

    subject: str
    text: str
    html: str


def letter_of(parcel: Parcel, link: str) -> Letter:
    """The mail about one notice; `link` is the console's address, ending in a slash."""
    sentence = sentence_of(parcel)
    haste = None if parcel.event.data.get("takes_back") else HASTE.get(parcel.event.data["urgency"])
    return _written(
        subject=sentence.split(". ")[0].removesuffix("."),
        opening=[sentence] if haste is None else [sentence, haste],
        rows=[], link=f"{link}notices/{parcel.notice}", invitation="Bekijk het bericht",
    )  # fmt: skip


def digest_of(parcels: Sequence[Parcel], link: str) -> Letter:
    """The mail about several notices: how many there are of each kind. Their order makes no difference."""
    counted = Counter(sentence_of(parcel) for parcel in parcels)
    known = list(dict.fromkeys((*SENTENCES.values(), UNKNOWN)))
    total = len(parcels)
    return _written(
        subject=f"{total} nieuwe berichten" if total != 1 else "1 nieuw bericht",
        opening=["Dit is nieuw voor u:"],
        rows=[(counted[sentence], sentence) for sentence in known if sentence in counted],
        link=f"{link}notices", invitation="Bekijk uw berichten",
    )  # fmt: skip


def sentence_of(parcel: Parcel) -> str:
    """What a mail says of one notice."""
    word = parcel.event.data["subject"]
    taken_back = parcel.event.data.get("takes_back", False) and word not in OVER
    return RETRACTED if taken_back else SENTENCES.get(word, UNKNOWN)


def _written(
    *, subject: str, opening: Sequence[str], rows: Sequence[tuple[int, str]], link: str, invitation: str
) -> Letter:
    said = {"subject": subject, "opening": opening, "rows": rows, "link": link, "invitation": invitation}
    pages = _pages()
    return Letter(
        subject, pages.get_template("letter.txt").render(said), pages.get_template("letter.html").render(said)
    )


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("aanwezig.notifier.channels", "templates"),
        autoescape=select_autoescape(["html"]), undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
