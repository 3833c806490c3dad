"""`aanwezig why`: the explanation of a finding or a case, for people (`contract.md` 6)."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import click
import orjson

from aanwezig.cli.case_course import Event, course, track_name
from aanwezig.cli.classify import opened
from aanwezig.cli.exits import AtFault
from aanwezig.cli.following import Follower
from aanwezig.cli.homes import Home
from aanwezig.cli.offline import rows_of
from aanwezig.cli.parameters import FILE
from aanwezig.cli.running import quietly
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.topics import CASES, FINDINGS, HEALTH_CASES, HEALTH_FINDINGS, KEPT_DAYS, SIGNALS
from aanwezig.law.explain import Explanation, Language, explained

_TOPICS: Final = (FINDINGS, HEALTH_FINDINGS, SIGNALS, CASES, HEALTH_CASES)


@dataclass(slots=True)
class _Told:
    """The newest word about each finding and each case, by id."""

    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    courses: dict[str, dict[int, Event]] = field(default_factory=dict)
    """Per case, what happened at each of its revisions."""

    def take(self, name: str, data: Mapping[str, Any], day: str = "") -> None:
        """Takes in the data of an event by its short name and the date it was said; what is neither is passed over."""
        kind = "finding" if name.startswith("finding-") else "case" if name.startswith("case-") else None
        if kind is None or not isinstance(identity := data.get(kind), str):
            return
        if kind == "case" and isinstance(revision := data.get("revision"), int):
            self.courses.setdefault(identity, {})[revision] = (name, day, data)
        kept = self.findings if kind == "finding" else self.cases
        if data.get("revision", 0) >= kept.get(identity, {}).get("revision", 0):
            kept[identity] = dict(data)
            (self.withdrawn.add if name == "finding-withdrawn" else self.withdrawn.discard)(identity)

    def without(self, identity: str, *, in_files: bool) -> str:
        """That nothing was said of this id here, and where something may be."""
        if not in_files:
            return (
                f"The running stack said nothing of a finding or case {identity} in the last {KEPT_DAYS} days. "
                "The ids that aanwezig classify prints are others: name its file with --from."
            )
        nothing = f"Nothing is said of a finding or case {identity} in these files."
        if not (self.findings or self.cases):
            return f"{nothing} There is no finding in them: aanwezig classify tells what follows from facts."
        if not self.cases:
            return (
                f"{nothing} There is no case in them: cases are opened by the running stack alone, and its ids of "
                "findings are others than those of aanwezig classify. Without --from the stack is asked."
            )
        return nothing


@click.command()
@click.argument("identity", metavar="FINDING|CASE")
@click.option(
    "--from", "files", multiple=True, type=FILE,
    help="A file with findings, as `aanwezig classify` prints them, or with events; repeatable. - is stdin. "
    f"Without it, what the running stack said in the last {KEPT_DAYS} days.",
)  # fmt: skip
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
def why(identity: str, files: tuple[str, ...], language: Language) -> None:
    """Explain a finding or a case by its id: a paragraph in plain words, and what was summed as a table.

    Of several words about it the one with the highest revision is explained. Cases are opened by the running stack
    alone: of a file, one is explained where its case events are in it. Exit code 1: nothing was said of it.
    """
    told = _in_files(files) if files else _on_the_stack()
    try:
        if identity in told.cases:
            _show_case(told.cases[identity], told, language)
        elif identity in told.findings:
            _show_finding(identity, told, language)
        else:
            raise AtFault(told.without(identity, in_files=bool(files)))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AtFault(f"What was said of {identity} has not the form of the contract.") from None


def show(explanation: Explanation) -> None:
    """Writes an explanation: its paragraph, then its table in columns."""
    click.echo(explanation.paragraph)
    if not explanation.table:
        return
    click.echo()
    widths = [max(len(cell) for cell in column) for column in zip(*explanation.table, strict=True)]
    for row in explanation.table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  " + "  ".join(cells).rstrip())


def _show_finding(identity: str, told: _Told, language: Language) -> None:
    if identity in told.withdrawn:
        click.echo(_WORDS[language]["withdrawn"])
    show(explained(told.findings[identity], language))


def _show_case(case: Mapping[str, Any], told: _Told, language: Language) -> None:
    words = _WORDS[language]
    click.echo(words["case"].format(status=_STATUSES[language][case["status"]]))
    if case["track"] is not None:
        click.echo(words["track"].format(track=track_name(case["track"], language)))
    proposed = case.get("proposed")
    if proposed is not None:
        track = track_name(proposed["track"], language)
        click.echo(words["proposed"].format(track=track, rule=proposed["rule"]))
    click.echo()
    for line in course((event for _, event in sorted(told.courses[case["case"]].items())), language):
        click.echo(line)
    for identity in case["findings"]:
        click.echo()
        if identity in told.findings:
            _show_finding(identity, told, language)
        else:
            click.echo(words["unknown"].format(finding=identity))


def _in_files(files: tuple[str, ...]) -> _Told:
    told = _Told()
    for said in _rows(files):
        if "specversion" in said:
            name = str(said.get("type")).removeprefix("nl.attendance.").removesuffix(".v1")
            data, day = said.get("data"), str(said.get("time", ""))[:10]
        else:
            name, data, day = "finding-raised", said, ""
        if isinstance(data, dict):
            told.take(name, data, day)
    return told


def _rows(files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for name in files:
        with opened(name) as file:
            for _, raw in rows_of(file):
                try:
                    said = orjson.loads(raw)
                except orjson.JSONDecodeError:
                    continue
                if isinstance(said, dict):
                    yield said


def _on_the_stack() -> _Told:
    kafka = Home.found().reachable().kafka
    told = _Told()

    async def read() -> None:
        async with Follower(kafka, _TOPICS) as follower:
            for said in await follower.catch_up():
                told.take(said.event.name, said.event.data, amsterdam_date(said.event.time).isoformat())

    with quietly():
        asyncio.run(read())
    return told


_STATUSES: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "registered": "geregistreerd", "in-progress": "in behandeling", "closed": "afgesloten",
        "taken-note": "ter kennisgeving aangenomen", "withdrawn": "ingetrokken",
    },
    "en": {
        "registered": "registered", "in-progress": "in progress", "closed": "closed", "taken-note": "noted",
        "withdrawn": "withdrawn",
    },
}  # fmt: skip
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "withdrawn": "Dit geldt niet meer: de gegevens zijn verbeterd.",
        "case": "Deze zaak is {status}.",
        "track": "Het spoor is {track}.",
        "proposed": "Voorgesteld is {track}, volgens regel {rule}. Een leerplichtambtenaar beslist.",
        "unknown": "Over bevinding {finding} staat hier niets meer.",
    },
    "en": {
        "withdrawn": "This holds no more: the facts were corrected.",
        "case": "This case is {status}.",
        "track": "The track is {track}.",
        "proposed": "Proposed is {track}, by rule {rule}. An attendance officer decides.",
        "unknown": "Nothing is left here about finding {finding}.",
    },
}
