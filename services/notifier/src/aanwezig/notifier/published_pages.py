"""The page for each role in `docs/partners/`: what it gets, when, an example of each message, how it answers.

Computed from the notice table. `python -m aanwezig.notifier.published_pages` writes them; with `--check` it writes nothing and
ends with 1 where a page differs.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from aanwezig.contracts.envelope import Event, type_of
from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import NoticeSaid
from aanwezig.notifier.channels.doors import Parcel
from aanwezig.notifier.channels.thin import pushed
from aanwezig.notifier.filters import types_heard
from aanwezig.notifier.published_roles import ROLES, WORDS, Role
from aanwezig.notifier.rows import SOURCE
from aanwezig.notifier.table import ROLES_OF, TABLES, Domain, Row, rows_heard

PAGES: Final = ROOT / "docs" / "partners"
_WRITTEN: Final = (
    "<!-- Written by `python -m aanwezig.notifier.published_pages`; change the code, not this page. -->"
)
_PUBLIC: Final = "https://notifier.example"
_WHEN: Final = {
    "at-once": "at once",
    "same-day": "at once",
    "normal": "at once, or with your digest and out of your quiet hours",
}
_TOPICS: Final = {
    "school": "school.notices.v1", "chain": "chain.notices.v1", "health": "health.notices.v1", "justice": "justice.notices.v1",
}  # fmt: skip
SAMPLE: Final[dict[str, Any]] = {
    "municipality": "0637", "school": "25PL00", "track": "care-meeting", "step": "report-sent", "timer": "meeting",
    "due": "2024-11-04", "home_since": "2024-09-23", "blocked": {"by": "no-place", "since": "2024-10-07"},
    "pupil": derived_id("example", "pupil"), "kind": "statutory", "at": "2024-10-18", "on": "2024-10-18", "month": "2024-10",
    "presence": "94.31",
}  # fmt: skip
_OF_TRACK: Final = {
    "halt": "halt", "officer-of-justice": "police-report", "attendance-officer": "prevention", "doorstroompunt": "prevention",
}  # fmt: skip


def pages() -> dict[Path, str]:
    """Each page by its file."""
    return {PAGES / f"{role}.md": page(role) for role in ROLES}


def page(role: str) -> str:
    """The page of one role."""
    about = ROLES[role]
    domains = [domain for domain, roles in ROLES_OF.items() if role in roles]
    lines = [
        _WRITTEN, "", f"# {about.name}", "", about.purpose, "", f"Basis: {about.basis}.", "",
        *_what(role, domains), *_how(role, domains, about), *_examples(role, domains),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _what(role: str, domains: Sequence[Domain]) -> Iterator[str]:
    yield from ("## What you get, and when", "", "| word | says | when | with it |", "|---|---|---|---|")
    for domain in domains:
        for row in _rows(role, domain):
            fields = ", ".join(f"`{name}`" for name in row.fields) or "nothing more"
            yield f"| `{row.word}` | {WORDS[row.word]} | {_WHEN[row.urgency]} | {fields} |"
    yield ""
    yield (
        "Each thing is told once. *With it* is what you read when you claim the notice, or on the topic; a push or a mail says none"
        " of what is about a child. What takes back an earlier word says `takes_back: true`, and comes by the way the earlier"
        " word came."
    )
    yield ""


def _how(role: str, domains: Sequence[Domain], about: Role) -> Iterator[str]:
    names = " and ".join(f"`{_TOPICS[domain]}`" for domain in domains)
    yield from ("## How it reaches you", "")
    yield (
        f"By the channel you are registered with (`aanwezig recipients add ... --role {role}`): the topic {names} (key: your id), a"
        " webhook, a mail with a link, or a Notificaties API ([ZGW](zgw.md)). With your key you make subscriptions of your own"
        " ([webhooks](webhooks.md)). The types you can ask for:"
    )
    yield ""
    for domain in domains:
        yield from (f"* `{one}`" for one in types_heard(domain, role))
    yield from ("", "## How you answer", "", about.answer, "")


def _examples(role: str, domains: Sequence[Domain]) -> Iterator[str]:
    yield from ("## An example of each message", "")
    for domain in domains:
        for number, row in enumerate(_rows(role, domain)):
            parcel = example(role, domain, row)
            if number == 0:
                yield from (f"What is pushed (`{row.word}`):", "", *_block(pushed(parcel, _PUBLIC)), "")
                yield from ("What is claimed, and what stands on the topic, word by word:", "")
            yield from (f"`{row.word}`", "", *_block(parcel.event.data), "")


def example(role: str, domain: Domain, row: Row) -> Parcel:
    """A notice to this role by this row, with every field that the row lists."""
    cause = derived_id("example", "cause", domain, row.event)
    notice = derived_id("example", "notice", domain, role, row.event, row.word)
    track = {"track": _OF_TRACK.get(role, "care-meeting")}
    data = NoticeSaid.model_validate({
        "notice": notice, "recipient": {"role": role, "organisation": f"voorbeeld-{role}"},
        "about": derived_id("example", "about", domain), "channel": "webhook", "cause": cause,
        "happened": type_of(row.event), "subject": row.word, "urgency": row.urgency,
        **({"takes_back": True} if row.takes_back else {}),
        **{name: value for name, value in (SAMPLE | track).items() if name in row.fields},
    })  # fmt: skip
    event = Event(
        derived_id("notice-sent", notice), SOURCE, "notice-sent", datetime(2024, 10, 18, 14, 5, tzinfo=UTC), data.said(),
        causation=cause,
    )  # fmt: skip
    return Parcel(notice, event)


def _rows(role: str, domain: Domain) -> list[Row]:
    """The rows by which a role hears something, each word once."""
    return list({row.word: row for row in reversed(rows_heard(TABLES[domain], role))}.values())[::-1]


def _block(value: Any) -> list[str]:
    return ["```json", *json.dumps(value, ensure_ascii=False, indent=2).splitlines(), "```"]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. 0: nothing differs, or it was written; 1: `--check` found that a page differs."""
    parser = argparse.ArgumentParser(prog="python -m aanwezig.notifier.published_pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where a page differs")
    chosen = parser.parse_args(arguments)
    differs = {
        file: text for file, text in pages().items() if not file.is_file() or file.read_text("utf-8") != text
    }
    for file, text in differs.items():
        sys.stdout.write(f"{file.relative_to(ROOT)}\n")
        if not chosen.check:
            file.write_text(text, "utf-8")
    return 1 if chosen.check and differs else 0


if __name__ == "__main__":
    raise SystemExit(main())
