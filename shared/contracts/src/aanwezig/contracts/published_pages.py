"""The pages on topics and refusals, computed from the registry and the words: they cannot drift from either."""

from typing import Final

from aanwezig.contracts.refusals import OF_A_FORMAT, OF_A_WHOLE_FILE, Code, Refusal
from aanwezig.contracts.remedies import AFTERWARDS, REMEDIES, Turn
from aanwezig.contracts.topics import KEPT_DAYS, REGISTRY, Topic

_WRITTEN: Final = (
    "<!-- Written by `python -m aanwezig.contracts.generate`; change the code, not this page. -->"
)
AT_THE_DOOR: Final = (
    frozenset(
        {
            Code.SCHOOL_UNKNOWN,
            Code.SOURCE_NOT_YOURS,
            Code.TIME_IN_FUTURE,
            Code.PUPIL_NOT_YOURS,
            Code.LEAVE_OF_OFFICER,
            Code.ID_REUSED,
            Code.ID_UNCONFIRMED,
            Code.QUARANTINE_FULL,
        }
    )
    | OF_A_FORMAT
    | OF_A_WHOLE_FILE
)
"""Codes that need more than the record: the register, the clock, what was said before, or the file it stood in.

Only the live doors give them.
"""


def topics_page() -> str:
    """The table of topics, and who says what to whom as a picture."""
    rows = [
        "| topic | domain | key | who says | who listens | owner | partitions | kept |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(topic) for topic in REGISTRY),
    ]
    about = [f"* `{topic.name}`: {topic.about} {_events(topic)}".rstrip() for topic in REGISTRY]
    return _page("Topics", rows, "## What is said on each", about, "## Who speaks to whom", _graph())


def refusals_page() -> str:
    """Every code of a refusal with its sentences; what is between angle brackets is filled in."""
    intro = (
        "A refused record is answered with a field, a code and a sentence in Dutch or English. A code is stable; its"
        " sentences may improve. `<detail>` is a limit or a list from the contract, never what the record holds."
        " *Form* is what the record shows by itself, the same offline and live; *door* needs the register, the clock or"
        " what was said before; *format* is a row of CSV or Ed-Fi that never became a record; *file* refuses a file as a"
        " whole: nothing of it was taken."
    )
    rows = [
        "| code | asked of | Nederlands | English |",
        "|---|---|---|---|",
        *(f"| `{code.value}` | {_asked_of(code)} | {_sentences(code)} |" for code in Code),
    ]
    return _page("Refusals", [intro, "", *rows])


def errors_page() -> str:
    """Every code of a refusal for the maker of a school system: whose turn it is, what the program does, the sentences."""
    intro = (
        "What the `code` in a receipt means for your program. [The guide](README.md#4-read-the-receipt) shows a receipt;"
        " answers about a request as a whole (401, 429, 503, ...) are on [the page of limits](limits.md#the-answers)."
        " A code never changes. The sentences are for a clerk, in Dutch or English; they may improve. `<detail>` is a limit"
        " or a list of ours, never what you sent. A refused row waits in the quarantine (but not one of Ed-Fi that never"
        " became a record); when the same id is sent correctly, it is closed there."
    )
    parts: list[str | list[str]] = [intro]
    for turn in Turn:
        remedies = REMEDIES[turn]
        parts += [f"## {turn}", AFTERWARDS[turn]]
        parts.append(
            [
                "| code | your program | Nederlands | English |",
                "|---|---|---|---|",
                *(
                    f"| `{code.value}` | {remedies[code]} | {_sentences(code)} |"
                    for code in Code
                    if code in remedies
                ),
            ]
        )
    return _page("Errors", *parts)


def _sentences(code: Code) -> str:
    """Both sentences of a code as two cells of a table."""
    refusal = Refusal("<field>", code, "<detail>")
    return " | ".join(
        refusal.message(language).replace("<", "&lt;").replace(">", "&gt;") for language in ("nl", "en")
    )


def _asked_of(code: Code) -> str:
    if code in OF_A_FORMAT:
        return "format"
    if code in OF_A_WHOLE_FILE:
        return "file"
    return "door" if code in AT_THE_DOOR else "form"


def _page(title: str, *parts: str | list[str]) -> str:
    texts = [part if isinstance(part, str) else "\n".join(part) for part in parts]
    return "\n\n".join([f"# {title}", _WRITTEN, *texts]) + "\n"


def _row(topic: Topic) -> str:
    kept = "the last word of each key" if topic.compacted else f"{KEPT_DAYS} days"
    cells = (
        f"`{topic.name}`", topic.domain.value, topic.key, ", ".join(topic.speakers), ", ".join(topic.listeners),
        topic.owner, str(topic.partitions), kept,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _events(topic: Topic) -> str:
    return ", ".join(f"`{event}`" for event in topic.events)


def _graph() -> list[str]:
    """A node for everyone who speaks or listens, an arrow for each topic between two of them."""
    names = sorted({name for topic in REGISTRY for name in (*topic.speakers, *topic.listeners)})
    nodes = [f'    {_node(name)}["{name}"]' for name in names]
    arrows = [
        f"    {_node(speaker)} -->|{_label(topic)}| {_node(listener)}"
        for topic in REGISTRY
        for speaker in topic.speakers
        for listener in topic.listeners
    ]
    return ["```mermaid", "flowchart LR", *nodes, *arrows, "```"]


def _label(topic: Topic) -> str:
    return topic.name.replace("<", "#lt;").replace(">", "#gt;")


def _node(name: str) -> str:
    return name.replace(" ", "-").lower()
