"""The why of a finding in words: a paragraph in plain Dutch (B1) or English, and its sum as a small table. Pure.

Everything comes from the data of the finding (`contract.md` 4), full form or chain form; nothing is computed here.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

Language = Literal["nl", "en"]
_MONTHS_NL: Final = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
_MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_HOURS: Final = frozenset({"statutory", "eighteen-plus", "light"})


@dataclass(frozen=True, slots=True)
class Explanation:
    """`paragraph`: whole sentences. `table`: rows of equal length, the first the heading, the last of a sum its total."""

    paragraph: str
    table: tuple[tuple[str, ...], ...]


def explained(said: Mapping[str, Any], language: Language) -> Explanation:
    """The explanation of the data of one finding event.

    Raises:
        KeyError: the data have not the form of the contract, or the kind is unknown.
    """
    words = _WORDS[language]
    fields = _fields(said, language)
    sentences = [words.kinds[said["kind"]].format(**fields)]
    if said["kind"] in _HOURS and said["ordinal"] > 1 and said["kind"] != "light":
        sentences.append(words.again.format(**fields))
    if said["not_counted"]:
        sentences.append(words.not_counted.format(reasons=_reasons(said["not_counted"], words)))
    if said.get("calendar") == "assumed":
        sentences.append(words.assumed)
    about = {row["about"] for row in said.get("contradictions") or ()}
    sentences += (sentence for sort, sentence in words.contradictions.items() if sort in about)
    if said["obligation"] == "unknown":
        sentences.append(words.birth_unknown)
    sentences.append(words.rule.format(**fields))
    return Explanation(" ".join(sentences), tuple(_table(said, words, language)))


def day_text(text: str, language: Language) -> str:
    """A date as people write it: 2 september 2024, 2 September 2024."""
    day = date.fromisoformat(text)
    return f"{day.day} {_WORDS[language].months[day.month - 1]} {day.year}"


def number_text(text: str, language: Language) -> str:
    """A decimal as people write it: without an empty fraction, with the comma of Dutch."""
    short = text.removesuffix(".00")
    return short.replace(".", ",") if language == "nl" else short


def _fields(said: Mapping[str, Any], language: Language) -> dict[str, str]:
    measured, window, rule = said["measured"], said["window"], said["rule"]
    threshold, value = measured["threshold"], number_text(measured["value"], language)
    unit = _WORDS[language].units[measured["unit"]]
    definition = (said.get("definition") or "").removeprefix("thuiszitter@")
    return {
        "at": day_text(said["at"], language),
        "value": value,
        "amount": f"{value} {unit}",
        "limit": "-" if threshold is None else f"{number_text(threshold, language)} {unit}",
        "more_than": _WORDS[language].more_than if measured["operator"] == ">" else "",
        "first": day_text(window["from"], language) if window else "-",
        "last": day_text(window["until"], language) if window else "-",
        "ordinal": str(said["ordinal"]),
        "school": said["school"] or "-",
        "school_year": said["school_year"],
        "definition": definition,
        "article": rule["article"],
        "pack": rule["pack"],
        "version": rule["version"],
        "rule": rule["id"],
    }


def _reasons(rows: list[Mapping[str, Any]], words: "_Words") -> str:
    counts: Counter[str] = Counter()
    for row in rows:
        # On the chain some reasons are only a number (`contract.md` 4).
        counts[row["reason"]] += row.get("count", 1)
    return ", ".join(
        f"{count} {words.reasons.get(reason, reason)}" for reason, count in sorted(counts.items())
    )


def _table(said: Mapping[str, Any], words: "_Words", language: Language) -> list[tuple[str, ...]]:
    rows: list[Mapping[str, Any]] = said["counted"]
    if not rows:
        return []
    if any(row["hours"] is not None for row in rows):
        body = [
            (day_text(row["date"], language), _slot(row["slot"], words), _hours(row, language))
            for row in rows
        ]
        total = number_text(said["measured"]["value"], language)
        return [words.heading, *body, (words.together, "", total)]
    return [
        words.heading[:2],
        *((day_text(row["date"], language), _slot(row["slot"], words)) for row in rows),
    ]


def _hours(row: Mapping[str, Any], language: Language) -> str:
    text = number_text(row["hours"], language)
    exact = row["exact"]
    return f"{text} ({exact})" if "/" in exact else text


def _slot(slot: str | None, words: "_Words") -> str:
    if slot is None:
        return ""
    name, _, number = slot.partition("-")
    return f"{words.slots[name]} {number}".strip()


@dataclass(frozen=True, slots=True)
class _Words:
    months: tuple[str, ...]
    units: Mapping[str, str]
    more_than: str
    kinds: Mapping[str, str]
    again: str
    not_counted: str
    reasons: Mapping[str, str]
    assumed: str
    contradictions: Mapping[str, str]
    birth_unknown: str
    rule: str
    heading: tuple[str, str, str]
    together: str
    slots: Mapping[str, str]


_WORDS: Final[Mapping[Language, _Words]] = {
    "nl": _Words(
        months=_MONTHS_NL,
        units={"hours": "uur", "times": "keer", "days": "dagen"},
        more_than="meer dan ",
        kinds={
            "statutory": "Deze leerling miste {amount} les zonder toestemming in de lesweken van {first} tot en met {last}. "
            "Op {at} was de grens van {limit} bereikt. Dan moet de school het melden.",
            "eighteen-plus": "Deze jongere van 18 jaar of ouder miste {amount} les zonder toestemming in de lesweken van "
            "{first} tot en met {last}. Op {at} was de grens van {limit} bereikt.",
            "lateness": "Deze leerling kwam in schooljaar {school_year} {amount} te laat. Op {at} was de trede van {limit} "
            "bereikt.",
            "luxury": "Deze leerling was zonder verlof weg op {value} lesdag(en) achter elkaar, en de school gaf als reden: "
            "vrij buiten de vakantie. Het begon op {at}.",
            "light": "De school meldde op {at} licht verzuim. De leerling miste {amount} les zonder toestemming in de "
            "lesweken van {first} tot en met {last}. Dat is minder dan {limit}.",
            "long-term": "Deze leerling was {amount} weg zonder toestemming, van {first} tot en met {last}. De grens is "
            "{more_than}{limit}. Die was op {at} bereikt.",
            "home-sitter": "Deze leerling zit thuis volgens de definitie {definition}: {amount} niet naar school. De grens "
            "is {more_than}{limit}. Die was op {at} bereikt.",
            "absolute": "Deze leerling moet naar school, maar staat nergens ingeschreven. Op {at} duurde dat {amount}.",
            "sickness": "Deze leerling was vaak of lang ziek: {amount}. De grens is {limit}. Die was op {at} bereikt. Dit is "
            "een signaal voor zorg. Het is geen verzuim zonder toestemming.",
            "late-report": "De school liet dit verzuim laat weten: na {value} werkdagen, op {at}. De grens is {limit}.",
            "silent-feed": "De school gaf vanaf {at} op {value} lesdag(en) niets door, terwijl er leerlingen staan "
            "ingeschreven. Dit gaat over de gegevens van de school en niet over een leerling.",
            "returned": "Deze leerling is terug. Op {at} volgde de leerling weer een les, na {amount}.",
            "presence-restored": "Het gaat weer goed. Op {at} was de leerling {amount} achter elkaar op school zonder een "
            "uur te missen zonder toestemming.",
        },
        again="Dit is de {ordinal}e keer in schooljaar {school_year}.",
        not_counted="Niet meegeteld zijn: {reasons}.",
        reasons={
            "authorised": "keer afwezig met toestemming",
            "undetermined": "keer afwezig waarover de school nog niet heeft beslist",
            "late": "keer te laat",
            "no-lesson-day": "keer op een dag zonder les",
            "not-enrolled": "keer toen de leerling er niet stond ingeschreven",
            "on-leave": "keer tijdens verlof",
            "exempt": "keer tijdens een vrijstelling",
            "other-slot": "keer in een les, waar deze regels dagdelen tellen",
        },
        assumed="De school gaf geen rooster van vakanties door; er is gerekend met maandag tot en met vrijdag.",
        contradictions={
            "birth-date": "Over deze leerling zijn verschillende geboortedata doorgegeven; de datum die het laatst is "
            "doorgegeven, geldt.",
            "school-type": "De school gaf voor dezelfde dagen verschillende soorten onderwijs door; de inschrijving die het "
            "laatst begon, geldt.",
            "enrolment": "De leerling stond op dezelfde dagen ook bij een andere school ingeschreven; beide inschrijvingen "
            "gelden.",
        },
        birth_unknown="De geboortedatum is niet bekend; er is gerekend alsof de leerling leerplichtig is.",
        rule="Regel: {rule} van {pack}, versie {version} ({article}).",
        heading=("datum", "les", "uren"),
        together="samen",
        slots={"lesson": "les", "morning": "ochtend", "afternoon": "middag"},
    ),
    "en": _Words(
        months=_MONTHS_EN,
        units={"hours": "hours", "times": "times", "days": "days"},
        more_than="more than ",
        kinds={
            "statutory": "This pupil missed lessons without permission in the lesson weeks from {first} to {last}: {amount}. "
            "The limit of {limit} was reached on {at}. The school then has to report it.",
            "eighteen-plus": "This youngster of 18 or over missed lessons without permission in the lesson weeks from "
            "{first} to {last}: {amount}. The limit of {limit} was reached on {at}.",
            "lateness": "This pupil was late {amount} in school year {school_year}. The step of {limit} was reached on {at}.",
            "luxury": "This pupil was away without leave on {value} lesson day(s) in a row, and the school gave as the "
            "reason: time off outside the holidays. It began on {at}.",
            "light": "The school reported light absence on {at}. The pupil missed lessons without permission in the lesson "
            "weeks from {first} to {last}: {amount}. That is less than {limit}.",
            "long-term": "This pupil was away without permission for {amount}, from {first} to {last}. The limit is "
            "{more_than}{limit}. It was reached on {at}.",
            "home-sitter": "This pupil is at home by the definition {definition}: {amount} without school. The limit is "
            "{more_than}{limit}. It was reached on {at}.",
            "absolute": "This pupil has to be at school but is enrolled nowhere. On {at} that had lasted {amount}.",
            "sickness": "This pupil was ill often or for long: {amount}. The limit is {limit}. It was reached on {at}. This "
            "is a sign for care. It is not absence without permission.",
            "late-report": "The school told of this absence late: after {value} working days, on {at}. The limit is {limit}.",
            "silent-feed": "The school sent nothing on {value} lesson day(s) from {at} on, although pupils are enrolled. "
            "This is about the data of the school and not about a pupil.",
            "returned": "This pupil is back. On {at} a lesson was attended again, after {amount}.",
            "presence-restored": "It goes well again. On {at} the pupil had been at school for {amount} in a row without "
            "missing an hour without permission.",
        },
        again="This is time {ordinal} in school year {school_year}.",
        not_counted="Not counted are: {reasons}.",
        reasons={
            "authorised": "times absent with permission",
            "undetermined": "times absent that the school has not judged yet",
            "late": "times late",
            "no-lesson-day": "times on a day without lessons",
            "not-enrolled": "times when the pupil was not enrolled there",
            "on-leave": "times during leave",
            "exempt": "times during an exemption",
            "other-slot": "times in a lesson, where these rules count parts of the day",
        },
        assumed="The school told no calendar of holidays; Monday to Friday was assumed.",
        contradictions={
            "birth-date": "Different birth dates were told of this pupil; the one that was told last holds.",
            "school-type": "The school told different types of education for the same days; the enrolment that began last "
            "holds.",
            "enrolment": "The pupil was also enrolled at another school on the same days; both enrolments hold.",
        },
        birth_unknown="The birth date is not known; the pupil was treated as one who has to be at school.",
        rule="Rule: {rule} of {pack}, version {version} ({article}).",
        heading=("date", "lesson", "hours"),
        together="together",
        slots={"lesson": "lesson", "morning": "morning", "afternoon": "afternoon"},
    ),
}
