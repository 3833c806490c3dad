"""`aanwezig verify`: whether findings prove what they say (`contract.md` 4 and 6)."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
import orjson
from pydantic import ValidationError

from aanwezig.cli.case_journals import verify_journal
from aanwezig.cli.classify import opened, take_files, without_collections
from aanwezig.cli.exits import AT_FAULT, AtFault
from aanwezig.cli.offline import Facts, rows_of
from aanwezig.cli.pack_names import installed
from aanwezig.cli.parameters import DATE, FILE, FileParameter
from aanwezig.contracts.envelope import TYPE_PREFIX, TYPE_SUFFIX
from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.identifiers import school_source, sender_of
from aanwezig.contracts.messages import FindingSaid
from aanwezig.contracts.submissions import PupilRef
from aanwezig.contracts.topics import CASE_EVENTS
from aanwezig.law import packs
from aanwezig.law.data_files import NoSuchRule
from aanwezig.law.pack import Definition, Pack
from aanwezig.law.verify import Disagreement, against, from_itself

_ID: Final = re.compile(r"[0-9a-f]{32}")
_CLAIMS_NOTHING: Final = frozenset({"finding-withdrawn", "day-closed", "distance-measured", *CASE_EVENTS})
"""What else stands on the topics of findings and of cases."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A finding as it stands in a file: where, and its data."""

    file: str
    row: int
    said: dict[str, Any]
    name: str | None = None
    """Of an event, the short name of its type."""

    def line(self, verdict: str) -> str:
        kind = self.said.get("kind", "-")
        return f"{click.format_filename(self.file)}\t{self.row}\t{self.said.get('finding', '-')}\t{kind}\t{verdict}"


class _ClaimsFile(FileParameter):
    """A file; of an id of a finding or a case it is said that it is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if _ID.fullmatch(text) and not Path(text).exists():
            self.fail(
                f"{text} is the id of a finding or a case. A file is checked; an id is explained by aanwezig why {text}.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=_ClaimsFile())
@click.option(
    "--journal", "journal", metavar="CASE",
    help="Instead of files: check the journal of a case of the running stack, line by line.",
)  # fmt: skip
@click.option(
    "--facts", "facts_files", multiple=True, type=FILE, help="Facts as submitted, to compute it all again; repeatable."
)  # fmt: skip
@click.option(
    "--as-of",
    type=DATE,
    help="With --facts: facts about later dates are not seen. Without it, each finding is looked at as of the last date it tells of.",
)
@click.option(
    "--sender", help="The OIN behind pupils that are named by a local id, where it is not the school's own."
)
def verify(
    *,
    files: tuple[str, ...],
    journal: str | None,
    facts_files: tuple[str, ...],
    as_of: date | None,
    sender: str | None,
) -> None:
    """Check findings (NDJSON: their data, or their events) from the evidence they carry; with --facts, all they say.

    One line for each: file, row, finding, kind, then `holds`, or the first part that disagrees with what it says and
    what was expected. A withdrawn finding claims nothing. Events of cases and of closed days are passed over: what
    people decide is not computed; a case is checked by its findings. Exit code 1: a finding does not hold, or is none.

    With --journal CASE: that no line of its journal was changed or left out, that the case as it is kept is the sum of
    its lines, and that the events said of it told the same. Exit code 1: the first line that disagrees is named.
    """
    if (journal is None) == (not files):
        raise click.UsageError("Name files with findings, or a case with --journal.")
    if journal is not None:
        verify_journal(journal)
        return
    facts = Facts()
    with without_collections():
        refused = take_files(facts, facts_files)
    computed = _Computed(facts, as_of)
    checked = failed = 0
    passed: Counter[str] = Counter()
    for claim in _claims(files, passed):
        checked += 1
        found = _checked(claim, sender) or (computed.differs(claim) if facts_files else None)
        failed += found is not None
        click.echo(claim.line("holds" if found is None else _words(found)))
    cases = sum(number for name, number in passed.items() if name.startswith("case-"))
    if cases and not checked:
        raise AtFault(
            "There are only cases in these files. A case is checked by its findings: give their events."
        )
    if cases:
        click.echo(f"Events of cases, passed over: {cases}. A case is checked by its findings.", err=True)
    if failed or refused:
        sys.exit(AT_FAULT)


def _words(found: Disagreement) -> str:
    return f"{found.part}\tsays {found.said}\texpected {found.expected}"


def _claims(files: tuple[str, ...], passed: Counter[str]) -> Iterator[_Claim]:
    """What the files claim, row by row; events that claim no finding are counted in `passed`, by name."""
    for name in files:
        with opened(name) as file:
            for row, raw in rows_of(file):
                try:
                    said = orjson.loads(raw)
                except orjson.JSONDecodeError:
                    said = None
                kind = None
                if isinstance(said, dict) and "specversion" in said:
                    kind = str(said.get("type")).removeprefix(TYPE_PREFIX).removesuffix(TYPE_SUFFIX)
                    if kind in _CLAIMS_NOTHING:
                        passed[kind] += 1
                        continue
                    said = said.get("data")
                yield _Claim(name, row, said if isinstance(said, dict) else {}, kind)


def _checked(claim: _Claim, sender: str | None) -> Disagreement | None:
    said = claim.said
    if claim.name is not None and claim.name in FACT_TYPES:
        return Disagreement("type", claim.name, "a finding: facts are named behind --facts")
    pupil = said.get("pupil")
    try:
        # Offline a pupil stands as it was submitted, live under its pseudonym: only that differs in form.
        FindingSaid.model_validate({**said, "pupil": None if pupil is None else str(pupil)})
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return Disagreement(place or "row", "-", f"the form of a finding: {first['msg']}")
    try:
        pack, definition = _rules_of(said)
    except NoSuchRule as unknown:
        return Disagreement("rule.pack", said["rule"]["pack"], f"a pack and a definition there is: {unknown}")
    return from_itself(said, pack=pack, definition=definition, pupils=_pupils(said, sender))


def _rules_of(said: Mapping[str, Any]) -> tuple[Pack, Definition | None]:
    named = said.get("definition")
    pack = installed().version(said["rule"]["pack"], said["rule"]["version"])
    return pack, None if named is None else packs.definition(named)


def _pupils(said: Mapping[str, Any], sender: str | None) -> list[str | None]:
    """What the pupil may be called where its id was derived."""
    pupil = said["pupil"]
    if not isinstance(pupil, dict):
        return [pupil]
    if "number" in pupil:
        return [PupilRef(number=str(pupil["number"])).text]
    own = sender_of(school_source(str(said["school"])[:4])) if said["school"] else None
    oins = [sender] if sender else [own.oin] if own else []
    return [PupilRef(local=str(pupil.get("local")), oin=oin).text for oin in oins]


class _Computed:
    """What the facts give; what was computed last is remembered, for findings that are looked at as of one date."""

    def __init__(self, facts: Facts, as_of: date | None) -> None:
        self._facts = facts
        self._as_of = as_of
        self._asked: tuple[Any, ...] | None = None
        self._found: dict[str, dict[str, Any]] = {}

    def differs(self, claim: _Claim) -> Disagreement | None:
        """The first part in which a finding is not what the facts give."""
        pack, definition = _rules_of(claim.said)
        named = None if definition is None else definition.name
        asked = (pack, self._as_of or _last_date(claim.said), named)
        if asked != self._asked:
            self._found = {row["finding"]: row for row in self._facts.findings(*asked)}
            self._asked = asked
        return against(claim.said, self._found.get(claim.said["finding"]))


def _last_date(said: Mapping[str, Any]) -> date:
    """The last date a finding tells of: up to then at least its facts were seen."""
    context = said["context"] or {"signals": [], "reports": []}
    rows = [*said["counted"], *said["not_counted"], *context["signals"], *context["reports"]]
    return date.fromisoformat(max([said["at"], *(row["date"] for row in rows if "date" in row)]))
