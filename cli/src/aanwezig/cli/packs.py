"""`aanwezig packs`: are rule packs sound, and what would another one find (`contract.md` 6, docs/packs.md)."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
import orjson

from aanwezig.cli.classify import Shipped, take_files, without_collections
from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.offline import Facts
from aanwezig.cli.pack_names import ENDING, PACK, beside, read
from aanwezig.cli.parameters import DATE, FILE, STDIN
from aanwezig.law import data_files, shelf
from aanwezig.law.data_files import Document, UnreadableRule
from aanwezig.law.pack import Pack

_HERE: Final = ZoneInfo("Europe/Amsterdam")
_ALWAYS_OTHER: Final = frozenset({"revision", "rule"})
"""A finding names the pack that made it: between two packs that alone is no change. The article is looked at."""


class _PackFile(click.ParamType[Path]):
    """A file of a rule pack or of a definition: its name says which one it is."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, if it can be read and ends in `.toml`."""
        text = FILE.convert(value, param, ctx)
        if text == STDIN or not text.endswith(ENDING):
            self.fail(
                f"{text!r}: name a file that ends in {ENDING}; a pack has the name of its file.", param, ctx
            )
        return Path(text)


_PACK_FILE: Final = _PackFile()


@click.group()
def packs() -> None:
    """Rule packs are data: check them, and see what another one would find."""


@packs.command("lint")
@click.argument("files", metavar="[FILE...]", nargs=-1, type=_PACK_FILE)
def lint(files: tuple[Path, ...]) -> None:
    """Check rule packs and definitions: every one that is installed, or these files beside those.

    A FILE with the name of an installed pack is looked at in its place. Each fault is one line, file:line: reason, and
    the exit code is 1.
    """
    documents, faults = _definitions(files)
    shelved = beside(path for path in files if path not in documents)
    faults += [str(fault) for fault in shelved.faults]
    for line in faults:
        click.echo(line)
    if faults:
        sys.exit(AT_FAULT)
    definitions = len(documents) if files else len(data_files.names("definitions"))
    sound = len(files) - definitions if files else len(shelved.packs)
    click.echo(f"sound: packs {sound}, definitions {definitions}")


@packs.command("diff")
@click.argument("before", metavar="A", type=PACK)
@click.argument("after", metavar="B", type=PACK)
@click.option(
    "--facts", "files", multiple=True, required=True, type=FILE, help="Facts as submitted; repeatable."
)
@click.option(
    "--as-of", type=DATE, help="Facts about later dates are not seen. YYYY-MM-DD; without it: today."
)
@click.option(
    "--definition",
    type=Shipped("definition", "definitions"),
    help="Whose definition of a home-sitter under both, instead of the packs'.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object per difference instead of a line.")
def diff(
    *,
    before: Pack,
    after: Pack,
    files: tuple[str, ...],
    as_of: date | None,
    definition: str | None,
    as_json: bool,
) -> None:
    """Print which findings appear, vanish or change when pack B rules instead of A. Differences are no fault: exit 0.

    A and B are names of installed packs, or .toml files. Findings are compared by identity; which pack made them is no
    change. Refused rows go to stderr, as of `classify`, and then the exit code is 1.
    """
    day = as_of or datetime.now(_HERE).date()
    with without_collections():
        facts = Facts()
        refused = take_files(facts, files)
        old = {said["finding"]: said for said in facts.findings(before, day, definition)}
        new = {said["finding"]: said for said in facts.findings(after, day, definition)}
    differences = list(_differences(old, new))
    for found in differences:
        click.echo(orjson.dumps(found.said()) if as_json else found.line())
    if not as_json:
        click.echo(_summary(differences, len(new), f"{_named(before)} > {_named(after)}, as of {day}"))
    if refused:
        sys.exit(AT_FAULT)


@dataclass(frozen=True, slots=True)
class _Difference:
    """One finding that is not the same under both packs; `changed` are the fields that differ."""

    what: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    changed: tuple[str, ...] = ()

    def said(self) -> dict[str, Any]:
        """As JSON."""
        told = self.after or self.before or {}
        return {
            "difference": self.what, "finding": told["finding"], "changed": list(self.changed), "before": self.before,
            "after": self.after,
        }  # fmt: skip

    def line(self) -> str:
        """As a line to read."""
        told = self.after or self.before or {}
        who = "-" if told["pupil"] is None else orjson.dumps(told["pupil"]).decode()
        named = f" by {told['definition']}" if "definition" in told else ""
        place = told["school"] or "no school"
        text = f"{self.what:<8}  {told['kind']} {told['ordinal']}{named}, {told['school_year']}, {place}, {who}: "
        if self.before is None or self.after is None:
            return text + _shown(told)
        if _shown(self.before) != _shown(self.after):
            return f"{text}{_shown(self.before)} > {_shown(self.after)}"
        return f"{text}{_shown(told)}; other {', '.join(self.changed)}"


def _differences(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Difference]:
    """First what appears and what changes, in the order of the new findings; then what vanishes."""
    for identity, after in new.items():
        before = old.get(identity)
        if before is None:
            yield _Difference("appears", None, after)
            continue
        keys = [
            key
            for key in {**before, **after}
            if key not in _ALWAYS_OTHER and before.get(key) != after.get(key)
        ]
        if before["rule"]["article"] != after["rule"]["article"]:
            keys.append("article")
        if keys:
            yield _Difference("changes", before, after, tuple(keys))
    for identity, before in old.items():
        if identity not in new:
            yield _Difference("vanishes", before, None)


def _shown(said: Mapping[str, Any]) -> str:
    """When, and what was measured against what."""
    measured = said["measured"]
    against = "" if measured["operator"] is None else f" {measured['operator']} {measured['threshold']}"
    return f"{said['at']} {measured['value']}{against} {measured['unit']}"


def _summary(differences: list[_Difference], findings: int, between: str) -> str:
    counts = {
        what: sum(found.what == what for found in differences) for what in ("appears", "vanishes", "changes")
    }
    same = findings - counts["appears"] - counts["changes"]
    told = ", ".join(f"{what} {count}" for what, count in counts.items())
    return f"{between}: {told}, the same {same}"


def _named(pack: Pack) -> str:
    return f"{pack.id} version {pack.version}"


def _definitions(files: tuple[Path, ...]) -> tuple[list[Path], list[str]]:
    """Which of the files are definitions, and the faults of those; without files, the faults of the shipped ones."""
    found: list[Path] = []
    faults: list[str] = []
    named: list[tuple[str, Document]] = []
    for path in files:
        try:
            said = data_files.document(read(path), click.format_filename(path))
        except UnreadableRule:
            continue  # told as a pack: what it was meant to be cannot be seen
        if "name" in said.table and "id" not in said.table:
            found.append(path)
            named.append((path.stem, said))
    if not files:
        named = [(name, data_files.shipped("definitions", name)) for name in data_files.names("definitions")]
    for name, said in named:
        try:
            shelf.read_definition(said, name)
        except UnreadableRule as refused:
            faults += map(str, refused.faults)
    return found, faults
